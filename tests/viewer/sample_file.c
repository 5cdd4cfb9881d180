/* sample_file.c: copies the sample, chunk by chunk, into a file. */
#include "tests/viewer/sample_file.h"

#include "tests/viewer/sample.h"

#include <string.h>

enum { STRINGS_MAX = 100, SITES_MAX = 100, SITE_TEXTS = 1000 };

static void write_names(weft_filewriter *writer, weft_trace *trace)
{
    for (guint32 id = 1; id < STRINGS_MAX; id++) {
        const char *text = weft_trace_string(trace, id);
        if (text)
            weft_filewriter_string(writer, id, text, strlen(text));
    }
    for (guint32 id = 1; id < SITES_MAX; id++) {
        const struct weft_trace_site *site = weft_trace_site(trace, id);
        if (!site)
            continue;
        guint32 file = SITE_TEXTS + 2 * id, func = file + 1;
        weft_filewriter_string(writer, file, site->file, strlen(site->file));
        weft_filewriter_string(writer, func, site->func, strlen(site->func));
        weft_filewriter_site(writer, id, site->line, file, func);
    }
}

static gboolean write_chunks(weft_filewriter *writer, weft_trace *trace, GError **error)
{
    g_autofree struct weft_record *records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    for (guint i = 0; i < weft_trace_n_chunks(trace); i++) {
        const struct weft_trace_chunk *chunk = weft_trace_chunk(trace, i);
        guint n = weft_trace_decode(trace, i, records, error);
        if (chunk->lost_before &&
            !weft_filewriter_loss(writer, chunk->ring, chunk->lost_before, 0, error))
            return FALSE;
        if (n == 0 ||
            !weft_filewriter_events(writer, chunk->ring, records, n, chunk->current_task, error))
            return FALSE;
    }
    return TRUE;
}

weft_filewriter *weft_sample_begin(const char *path, gboolean lossy, GError **error)
{
    g_autoptr(weft_trace) trace = weft_sample_fetch_three(lossy);
    g_autoptr(weft_filewriter) writer = weft_filewriter_new(path, error);
    /* Times in it are nanoseconds since its start: a monotonic clock that began at 0. */
    struct weft_file_process process = { .pid = 4711,
                                         .clock_kind = WEFT_CLOCK_MONOTONIC,
                                         .start = { 0, 0, UINT64_C(1790000000000000000) },
                                         .program = "fetch-three",
                                         .host = "sample",
                                         .ended = TRUE };
    if (!writer || !weft_filewriter_process(writer, &process, error))
        return NULL;
    write_names(writer, trace);
    return write_chunks(writer, trace, error) ? g_steal_pointer(&writer) : NULL;
}

gboolean weft_sample_write(const char *path, gboolean lossy, GError **error)
{
    g_autoptr(weft_filewriter) writer = weft_sample_begin(path, lossy, error);
    return writer && weft_filewriter_finish(writer, error);
}
