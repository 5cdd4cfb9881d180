/* slots.h: how many slots a trace holds, as its chunks say, or as they are when decoded. */
#ifndef WEFT_TESTS_TRACE_SLOTS_H
#define WEFT_TESTS_TRACE_SLOTS_H

#include "tracer/trace/trace.h"

static inline guint64 slots_of(const weft_trace *trace)
{
    guint64 slots = 0;
    for (guint i = 0; i < weft_trace_n_chunks(trace); i++)
        slots += weft_trace_chunk(trace, i)->slots;
    return slots;
}

static inline guint64 decoded_slots_of(const weft_trace *trace)
{
    g_autofree struct weft_record *records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    guint64 slots = 0;
    for (guint i = 0; i < weft_trace_n_chunks(trace); i++) {
        g_autoptr(GError) error = NULL;
        slots += weft_trace_decode(trace, i, records, &error);
        g_assert_no_error(error);
    }
    return slots;
}

#endif
