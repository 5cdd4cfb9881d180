/* append.c: a trace in memory: chunks are compressed as in a file, and states kept as in one. Ticks
 * are nanoseconds here. */
#include "tracer/trace/store.h"
#include <string.h>

enum { STATE_EVERY = 8, STATE_WEIGHT = 2 }; /* as in a file: writer.c */

weft_trace *weft_trace_new(void)
{
    weft_trace *trace = weft_trace_alloc();
    weft_clockmap_init_identity(&trace->clock, 0);
    trace->encoder = weft_encoder_new();
    trace->state = weft_state_new();
    return trace;
}

static void follow_source(weft_trace *trace, const struct weft_record *record)
{
    if (record->kind == WEFT_RECORD_PROCESS && !*trace->source->program) {
        const char *program = weft_trace_string(trace, (uint32_t)record->object);
        trace->source->program = program ? program : "";
    } else if (record->kind == WEFT_RECORD_PROCESS_EXIT) {
        trace->source->ended = TRUE;
        trace->source->end_ns = (gint64)record->time;
        if (record->detail == WEFT_EXIT_SIGNAL)
            trace->source->exit_signal = (int)record->object;
        else
            trace->source->exit_code = (int)record->object;
    }
}

static void store_state(weft_trace *trace)
{
    gsize size;
    GBytes *bytes = weft_state_serialize(trace->state);
    gpointer data = g_bytes_unref_to_data(bytes, &size);
    g_ptr_array_add(trace->owned, data);
    struct weft_stored_state stored = {
        .chunk = trace->chunks->len, .payload = data, .stored = (guint32)size, .raw = (guint32)size
    };
    g_array_append_val(trace->states, stored);
    trace->state_bytes = size;
    trace->bytes_since_state = trace->chunks_since_state = 0;
}

static void replay(weft_trace *trace, uint32_t ring, const struct weft_record *records, size_t n,
                   int64_t not_before)
{
    for (size_t i = 0; i < n; i++) {
        gboolean ext = (records[i].flags & WEFT_RECORD_EXT) && i + 1 < n;
        struct weft_record record = records[i];
        not_before = MAX((int64_t)record.time, not_before); /* one that goes back is held */
        record.time = (uint64_t)not_before;
        follow_source(trace, &record);
        weft_state_apply(trace->state, ring, &record, ext ? &records[i + 1] : NULL);
        i += ext;
    }
}

void weft_trace_append_chunk(weft_trace *trace, uint32_t ring, const struct weft_record *records,
                             size_t n, uint64_t current_task)
{
    g_return_if_fail(trace->encoder && n <= WEFT_TRACE_CHUNK_SLOTS && ring < WEFT_TRACE_RINGS);
    if (n == 0)
        return;
    struct weft_stored_ring *of = weft_trace_ring(trace, ring);
    gint64 first = MAX((gint64)records[0].time, of->last_ns);
    weft_state_apply_chunk(trace->state, ring, current_task, first);
    struct weft_encoded encoded = weft_encode(trace->encoder, records, (guint)n, (uint64_t)first,
                                              current_task);
    guint8 *payload = g_memdup2(encoded.payload, encoded.stored);
    g_ptr_array_add(trace->owned, payload);
    struct weft_stored_chunk chunk = {
        .info = { .ring = ring,
                  .slots = (uint32_t)n,
                  .first_ns = first,
                  .last_ns = (gint64)encoded.last_time,
                  .first_ordinal = of->next_ordinal,
                  .lost_before = of->lost,
                  .gap = of->gap,
                  .current_task = current_task },
        .payload = payload,
        .stored = encoded.stored,
        .raw = encoded.raw,
        .events = encoded.events,
        .first_time = (uint64_t)first,
    };
    g_array_append_val(trace->chunks, chunk);
    of->next_ordinal += n;
    of->lost = 0;
    of->gap = FALSE;
    of->last_ns = chunk.info.last_ns;
    trace->events += chunk.events;
    trace->end_ns = MAX(trace->end_ns, chunk.info.last_ns);
    replay(trace, ring, records, n, first);
    if (trace->source->ended) /* other rings may tell of what was later */
        trace->source->end_ns = MAX(trace->source->end_ns, chunk.info.last_ns);
    trace->bytes_since_state += chunk.stored;
    if (++trace->chunks_since_state >= STATE_EVERY &&
        trace->bytes_since_state >= STATE_WEIGHT * trace->state_bytes)
        store_state(trace);
}

void weft_trace_append(weft_trace *trace, uint32_t ring, const struct weft_record *records,
                       size_t n)
{
    weft_trace_append_chunk(trace, ring, records, n, weft_state_running(trace->state, ring));
}

void weft_trace_append_loss(weft_trace *trace, uint32_t ring, uint64_t lost)
{
    g_return_if_fail(trace->encoder && ring < WEFT_TRACE_RINGS);
    struct weft_stored_ring *of = weft_trace_ring(trace, ring);
    of->next_ordinal += lost;
    of->lost += lost;
    trace->lost += lost;
    weft_state_apply_loss(trace->state, ring, of->last_ns);
}

void weft_trace_append_gap(weft_trace *trace, uint32_t ring)
{
    g_return_if_fail(trace->encoder && ring < WEFT_TRACE_RINGS);
    struct weft_stored_ring *of = weft_trace_ring(trace, ring);
    of->gap = TRUE;
    weft_state_apply_loss(trace->state, ring, of->last_ns);
}

void weft_trace_begin_ring(weft_trace *trace, uint32_t ring, uint64_t ordinal)
{
    g_return_if_fail(trace->encoder && ring < WEFT_TRACE_RINGS);
    struct weft_stored_ring *of = weft_trace_ring(trace, ring);
    of->begin_ordinal = of->next_ordinal = ordinal;
}

void weft_trace_append_state(weft_trace *trace, const struct weft_state *state)
{
    g_return_if_fail(trace->encoder && trace->chunks->len == 0 && !trace->begins_with_state);
    weft_state_free(trace->state);
    trace->state = weft_state_copy(state);
    trace->begins_with_state = TRUE;
    trace->end_ns = MAX(trace->end_ns, weft_state_latest(state));
    store_state(trace);
}

weft_trace *weft_trace_continue(const weft_trace *trace)
{
    g_return_val_if_fail(trace->encoder, NULL);
    weft_trace *next = weft_trace_new();
    GHashTableIter iter;
    gpointer id, value;
    next->clock.start_mono_ns = trace->clock.start_mono_ns;
    next->source->end_ns = trace->source->end_ns;
    next->source->begin_ns = trace->end_ns;
    g_hash_table_iter_init(&iter, trace->strings);
    while (g_hash_table_iter_next(&iter, &id, &value))
        weft_trace_define_string(next, GPOINTER_TO_UINT(id), value);
    g_hash_table_iter_init(&iter, trace->sites);
    while (g_hash_table_iter_next(&iter, &id, &value)) {
        const struct weft_trace_site *site = value;
        weft_trace_define_site(next, GPOINTER_TO_UINT(id), site->file, site->func, site->line);
    }
    for (guint32 i = 0; i < trace->rings->len; i++) {
        struct weft_stored_ring *ring = weft_trace_ring(next, i);
        *ring = g_array_index(trace->rings, struct weft_stored_ring, i);
        ring->lost = 0;
    }
    weft_trace_append_state(next, trace->state);
    return next;
}

void weft_trace_define_string(weft_trace *trace, uint32_t id, const char *text)
{
    weft_trace_add_string(trace, id, text, strlen(text));
}

void weft_trace_define_site(weft_trace *trace, uint32_t id, const char *file, const char *func,
                            unsigned line)
{
    if (!id || g_hash_table_contains(trace->sites, GUINT_TO_POINTER(id)))
        return;
    struct weft_trace_site *site = g_new(struct weft_trace_site, 1);
    char *valid_file = g_utf8_make_valid(file, -1), *valid_func = g_utf8_make_valid(func, -1);
    *site = (struct weft_trace_site){ valid_file, valid_func, line };
    g_ptr_array_add(trace->owned, valid_file);
    g_ptr_array_add(trace->owned, valid_func);
    g_hash_table_insert(trace->sites, GUINT_TO_POINTER(id), site);
}
