/* livesave.c: what a live has seen, as a trace file. See live.h. */
#include "tracer/trace/live.h"
#include "tracer/trace/replayer.h"
#include "tracer/trace/store.h"
#include "tracer/trace/writer.h"
#include <string.h>

static void save_definitions(const weft_trace *trace, weft_filewriter *writer)
{
    GHashTableIter iter;
    gpointer key, value;
    g_hash_table_iter_init(&iter, trace->strings);
    while (g_hash_table_iter_next(&iter, &key, &value))
        weft_filewriter_string(writer, GPOINTER_TO_UINT(key), value, strlen(value));
    /* A site keeps no ids of its texts: they get new ones, which no string of a segment has. */
    guint32 next = G_MAXUINT32 - 1;
    g_hash_table_iter_init(&iter, trace->sites);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        const struct weft_trace_site *site = value;
        weft_filewriter_string(writer, next, site->file, strlen(site->file));
        weft_filewriter_string(writer, next - 1, site->func, strlen(site->func));
        weft_filewriter_site(writer, GPOINTER_TO_UINT(key), site->line, next, next - 1);
        next -= 2;
    }
}

static gint64 add_start(gint64 time, const void *start)
{
    return time + (gint64) * (const guint64 *)start;
}

/* A ring that had events before the trace began. */
static void save_ordinals(const weft_trace *trace, weft_filewriter *writer)
{
    g_autoptr(GArray) begun = g_array_new(FALSE, TRUE, sizeof(gboolean));
    g_array_set_size(begun, trace->rings->len);
    for (guint i = 0; i < weft_trace_n_chunks(trace); i++) {
        const struct weft_trace_chunk *chunk = weft_trace_chunk(trace, i);
        if (g_array_index(begun, gboolean, chunk->ring))
            continue;
        g_array_index(begun, gboolean, chunk->ring) = TRUE;
        weft_filewriter_begin_ring(writer, chunk->ring, chunk->first_ordinal - chunk->lost_before);
    }
}

/* What was known when it began. */
static gboolean save_beginning(const weft_trace *trace, weft_filewriter *writer, GError **error)
{
    if (!weft_trace_begins_with_state(trace))
        return TRUE;
    guint from;
    save_ordinals(trace, writer);
    g_autoptr(weft_state) state = weft_trace_state_before(trace, 0, &from);
    weft_state_convert_times(state, add_start, &trace->clock.start_mono_ns);
    return weft_filewriter_state(writer, state, error);
}

static gboolean save_chunk(const weft_trace *trace, guint index, struct weft_record *records,
                           weft_filewriter *writer, GError **error)
{
    const struct weft_trace_chunk *chunk = weft_trace_chunk(trace, index);
    guint n = weft_trace_decode(trace, index, records, error);
    if (n == 0)
        return FALSE;
    for (guint i = 0; i < n; i++) {
        records[i].time += trace->clock.start_mono_ns;
        i += records[i].flags & WEFT_RECORD_EXT;
    }
    if (chunk->gap && !weft_filewriter_loss(writer, chunk->ring, 0, 0, error))
        return FALSE;
    if (chunk->lost_before &&
        !weft_filewriter_loss(writer, chunk->ring, chunk->lost_before, 0, error))
        return FALSE;
    return weft_filewriter_events(writer, chunk->ring, records, n, chunk->current_task, error);
}

gboolean weft_live_save(weft_live *live, const char *path, GError **error)
{
    g_return_val_if_fail(!weft_live_is_file(live), FALSE);
    const weft_trace *trace = weft_live_trace(live);
    g_autoptr(weft_filewriter) writer = weft_filewriter_new_whole(path, error);
    if (!writer)
        return FALSE;
    guint64 start = trace->clock.start_mono_ns;
    struct weft_file_process process = {
        .pid = trace->source->pid,
        .start_time = trace->source->start_time,
        .clock_kind = WEFT_CLOCK_MONOTONIC, /* the times were converted already */
        .start = { start, start, (uint64_t)trace->source->start_realtime_ns },
        .until = start + (guint64)weft_live_seen_ns(live),
        .program = trace->source->program,
        .executable = trace->source->executable,
        .host = trace->source->host,
        .ended = trace->source->ended,
        .exit_code = trace->source->exit_code,
        .exit_signal = trace->source->exit_signal,
    };
    memcpy(process.boot_id, trace->source->boot_id, sizeof process.boot_id);
    if (!weft_filewriter_process(writer, &process, error))
        return FALSE;
    save_definitions(trace, writer);
    if (!save_beginning(trace, writer, error))
        return FALSE;
    g_autofree struct weft_record *records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    for (guint i = 0; i < weft_trace_n_chunks(trace); i++)
        if (!save_chunk(trace, i, records, writer, error))
            return FALSE;
    for (guint ring = 0; ring < trace->rings->len; ring++) {
        guint64 lost = weft_trace_lost_at_end(trace, ring);
        if (lost && !weft_filewriter_loss(writer, ring, lost, 0, error))
            return FALSE;
    }
    return weft_filewriter_finish(writer, error);
}
