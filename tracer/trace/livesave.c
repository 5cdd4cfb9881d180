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

struct weft_livesaver {
    const weft_trace *trace;
    char *path;
    weft_filewriter *writer; /* NULL: nothing was written yet */
    /* What was seen when it was made, all of which is written. */
    struct weft_file_process process;
    guint64 events;
    guint next, n_chunks;
    GArray *lost; /* of guint64: of each ring, after them */
    struct weft_record *records;
};

static void init_process(struct weft_file_process *process, const weft_trace *trace, gint64 seen_ns)
{
    guint64 start = trace->clock.start_mono_ns;
    *process = (struct weft_file_process){
        .pid = trace->source->pid,
        .start_time = trace->source->start_time,
        .clock_kind = WEFT_CLOCK_MONOTONIC, /* the times were converted already */
        .start = { start, start, (uint64_t)trace->source->start_realtime_ns },
        .until = start + (guint64)seen_ns,
        .program = trace->source->program,
        .executable = trace->source->executable,
        .host = trace->source->host,
        .ended = trace->source->ended,
        .exit_code = trace->source->exit_code,
        .exit_signal = trace->source->exit_signal,
    };
    memcpy(process->boot_id, trace->source->boot_id, sizeof process->boot_id);
}

weft_livesaver *weft_livesaver_new(weft_live *live, const char *path)
{
    g_return_val_if_fail(!weft_live_is_file(live), NULL);
    weft_livesaver *saver = g_new0(weft_livesaver, 1);
    saver->trace = weft_live_trace(live);
    saver->path = g_strdup(path);
    init_process(&saver->process, saver->trace, weft_live_seen_ns(live));
    saver->events = weft_trace_events(saver->trace);
    saver->n_chunks = weft_trace_n_chunks(saver->trace);
    saver->lost = g_array_new(FALSE, FALSE, sizeof(guint64));
    for (guint ring = 0; ring < saver->trace->rings->len; ring++) {
        guint64 lost = weft_trace_lost_at_end(saver->trace, ring);
        g_array_append_val(saver->lost, lost);
    }
    saver->records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    return saver;
}

/* All that comes before the chunks. */
static gboolean begin(weft_livesaver *saver, GError **error)
{
    const weft_trace *trace = saver->trace;
    saver->writer = weft_filewriter_new_whole(saver->path, error);
    if (!saver->writer)
        return FALSE;
    if (!weft_filewriter_process(saver->writer, &saver->process, error))
        return FALSE;
    save_definitions(trace, saver->writer);
    return save_beginning(trace, saver->writer, error);
}

gboolean weft_livesaver_advance(weft_livesaver *saver, guint max_chunks, GError **error)
{
    if (!saver->writer && !begin(saver, error))
        return FALSE;
    guint until = max_chunks ? MIN(saver->next + max_chunks, saver->n_chunks) : saver->n_chunks;
    for (; saver->next < until; saver->next++)
        if (!save_chunk(saver->trace, saver->next, saver->records, saver->writer, error))
            return FALSE;
    return saver->next < saver->n_chunks;
}

gboolean weft_livesaver_finish(weft_livesaver *saver, GError **error)
{
    for (guint ring = 0; ring < saver->lost->len; ring++) {
        guint64 lost = g_array_index(saver->lost, guint64, ring);
        if (lost && !weft_filewriter_loss(saver->writer, ring, lost, 0, error))
            return FALSE;
    }
    return weft_filewriter_finish(saver->writer, error);
}

double weft_livesaver_progress(const weft_livesaver *saver)
{
    return saver->n_chunks ? (double)saver->next / saver->n_chunks : 1;
}

guint64 weft_livesaver_events(const weft_livesaver *saver)
{
    return saver->events;
}

void weft_livesaver_free(weft_livesaver *saver)
{
    if (!saver)
        return;
    weft_filewriter_free(saver->writer);
    g_array_unref(saver->lost);
    g_free(saver->records);
    g_free(saver->path);
    g_free(saver);
}

gboolean weft_live_save(weft_live *live, const char *path, GError **error)
{
    g_autoptr(weft_livesaver) saver = weft_livesaver_new(live, path);
    GError *problem = NULL;
    weft_livesaver_advance(saver, 0, &problem);
    if (!problem)
        return weft_livesaver_finish(saver, error);
    g_propagate_error(error, problem);
    return FALSE;
}
