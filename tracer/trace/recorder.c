/* recorder.c: see recorder.h.
 *
 *      ring 0 --read--> condition --> pending 0 --full, a second old, or a loss--> EVENTS
 *      ring 1 --read--> condition --> pending 1 ...          heap --> STRINGS, SITES
 *      clock  --once a second--> CLOCK
 *
 * The anchors are the recorder's own, of the same hardware counter, since the program's may be
 * anything; the first is taken before the program starts, so that even a short run has two that are
 * far enough apart. */
#include "tracer/trace/recorder.h"
#include "tracer/probe/session.h"
#include "tracer/probe/stale.h"
#include "tracer/trace/attach.h"
#include "tracer/trace/writer.h"
#include <string.h>
#include <unistd.h>

#define SECOND UINT64_C(1000000000)
#define LEASE  (5 * SECOND)
#define FIT    (SECOND / 10) /* what the clock needs between two anchors */

enum { CHUNKS_A_ROUND = 64 }; /* of one ring, before the others have their turn */

struct pending { /* one ring's events on their way into a chunk */
    struct weft_record *records;
    guint n;
    uint64_t current_task;
    guint64 since; /* CLOCK_MONOTONIC of the first */
};

struct weft_recorder {
    char *session, *path;
    weft_filewriter *writer;
    weft_condition *condition;
    guint hits; /* since they were asked for */
    struct weft_condition_hit first_hit;
    struct weft_attachment *attachment;
    GHashTable *rejected; /* paths of segments that are others' */
    GPtrArray *pending;   /* of struct pending *, by ring; or NULL */
    struct weft_clock_anchor first_anchor;
    guint64 last_anchor, last_lease; /* CLOCK_MONOTONIC */
    gboolean failed, gone;           /* the file; the segment */
    gboolean finished;
    struct weft_recorder_stats stats;
};

static void free_pending(gpointer data)
{
    struct pending *pending = data;
    if (pending)
        g_free(pending->records);
    g_free(pending);
}

/* A window's file is written at the end: whether it can be is seen now. */
static weft_filewriter *new_window(const struct weft_recorder_options *options, GError **error)
{
    weft_chunkfile *attempt = weft_chunkfile_new(options->path, WEFT_CHUNKFILE_WHOLE, error);
    weft_chunkfile_free(attempt);
    return attempt ? weft_filewriter_new_window(&options->window) : NULL;
}

static weft_filewriter *new_writer(const struct weft_recorder_options *options, GError **error)
{
    weft_filewriter *writer;
    if (options->window.ns || options->window.bytes)
        writer = new_window(options, error);
    else if (options->max_size)
        writer = weft_filewriter_new_segments(options->path, options->max_size, options->keep,
                                              error);
    else
        writer = weft_filewriter_new(options->path, error);
    if (writer)
        weft_filewriter_set_sync(writer, options->sync_ns);
    return writer;
}

weft_recorder *weft_recorder_new(const struct weft_recorder_options *options, GError **error)
{
    char directory[512];
    int rc = weft_probe_directory(directory, sizeof directory);
    if (rc < 0) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO,
                    "cannot use the runtime directory for rings, %s: %s (XDG_RUNTIME_DIR names "
                    "its parent)",
                    directory, g_strerror(-rc));
        return NULL;
    }
    weft_filewriter *writer = new_writer(options, error);
    if (!writer)
        return NULL;
    weft_recorder *r = g_new0(weft_recorder, 1);
    r->session = g_strdup(options->session);
    r->path = g_strdup(options->path);
    r->condition = options->condition;
    r->writer = writer;
    r->rejected = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    r->pending = g_ptr_array_new_with_free_func(free_pending);
    weft_clock_init();
    r->first_anchor = weft_clock_anchor_now();
    return r;
}

void weft_recorder_free(weft_recorder *r)
{
    if (!r)
        return;
    weft_attachment_free(r->attachment);
    weft_filewriter_free(r->writer);
    g_hash_table_unref(r->rejected);
    g_ptr_array_unref(r->pending);
    g_free(r->session);
    g_free(r->path);
    g_free(r);
}

/* ---- The condition ---- */

static void count_hits(weft_recorder *r, guint hits, const struct weft_condition_hit *first)
{
    if (hits && !r->hits)
        r->first_hit = *first;
    r->hits += hits;
}

guint weft_recorder_hits(weft_recorder *r, struct weft_condition_hit *first)
{
    guint hits = r->hits;
    if (hits)
        *first = r->first_hit;
    r->hits = 0;
    return hits;
}

/* Spans of time are given in ns, and times of events in ticks. */
static void set_rate(weft_recorder *r, const struct weft_clock_anchor *now)
{
    if (!r->condition)
        return;
    double rate = 1;
    if (r->attachment->clock_kind == WEFT_CLOCK_COUNTER)
        rate = (double)(now->ticks - r->first_anchor.ticks) /
               (double)MAX(now->mono_ns - r->first_anchor.mono_ns, 1);
    weft_condition_set_rate(r->condition, rate);
}

/* The program's clock now; 0: it cannot be read here. */
static uint64_t program_now(const weft_recorder *r)
{
    if (!r->attachment || r->attachment->clock_kind != weft_clock_kind)
        return 0;
    return weft_clock_now();
}

/* All that happened before `now` has been read: what lasts since then is found, a task that hangs
 * in its slice for one. */
static void ask_of_now(weft_recorder *r, uint64_t now)
{
    struct weft_condition_hit hit;
    if (r->condition && now)
        count_hits(r, weft_condition_now(r->condition, now, &hit), &hit);
}

/* ---- The clock ---- */

static void add_anchor(weft_recorder *r)
{
    const struct weft_attachment *a = r->attachment;
    struct weft_clock_anchor anchor = weft_clock_anchor_now();
    r->last_anchor = anchor.mono_ns;
    set_rate(r, &anchor);
    if (a->clock_kind != WEFT_CLOCK_COUNTER)
        return; /* its ticks are nanoseconds */
    if (weft_clock_kind == WEFT_CLOCK_COUNTER || weft_attachment_anchor(a, &anchor))
        weft_filewriter_anchor(r->writer, &anchor);
}

/* ---- Definitions ---- */

static void add_string(void *recorder, guint32 id, const char *text, gsize size)
{
    weft_recorder *r = recorder;
    weft_filewriter_string(r->writer, id, text, size);
    if (r->condition)
        weft_condition_string(r->condition, id, text, size);
}

static void add_site(void *recorder, guint32 id, guint32 line, guint32 file, guint32 func)
{
    weft_filewriter_site(((weft_recorder *)recorder)->writer, id, line, file, func);
}

static void read_heap(weft_recorder *r, gboolean ended)
{
    struct weft_heap_definitions to = { add_string, add_site, r };
    if (r->gone)
        return;
    weft_heapreader_read(&r->attachment->heap, ended, &to);
    r->stats.damaged |= r->attachment->heap.corrupt;
}

/* ---- Events ---- */

static struct pending *pending_of(weft_recorder *r, guint32 ring)
{
    if (ring >= r->pending->len)
        g_ptr_array_set_size(r->pending, (gint)ring + 1);
    struct pending *pending = r->pending->pdata[ring];
    if (!pending) {
        pending = r->pending->pdata[ring] = g_new0(struct pending, 1);
        pending->records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    }
    return pending;
}

static gboolean flush(weft_recorder *r, guint32 ring, GError **error)
{
    struct pending *pending = pending_of(r, ring);
    if (pending->n == 0)
        return TRUE;
    read_heap(r, FALSE); /* what the events name was defined before they were emitted */
    guint n = pending->n;
    pending->n = 0;
    return weft_filewriter_events(r->writer, ring, pending->records, n, pending->current_task,
                                  error);
}

static gboolean add_loss(weft_recorder *r, guint32 ring, guint64 unread, guint64 dropped,
                         GError **error)
{
    if (unread + dropped == 0)
        return TRUE;
    if (!flush(r, ring, error))
        return FALSE;
    struct weft_condition_hit hit;
    if (r->condition)
        count_hits(r,
                   weft_condition_loss(r->condition, ring, unread + dropped, program_now(r), &hit),
                   &hit);
    r->stats.lost += unread + dropped;
    r->stats.dropped += dropped;
    return weft_filewriter_loss(r->writer, ring, unread, dropped, error);
}

static void ask_of_events(weft_recorder *r, guint32 ring, const struct weft_record *records,
                          guint n)
{
    struct weft_condition_hit hit;
    if (!r->condition)
        return;
    if (weft_condition_needs_strings(r->condition))
        read_heap(r, FALSE);
    count_hits(r, weft_condition_events(r->condition, ring, records, n, &hit), &hit);
}

/* Takes in what was read behind the pending events: after a loss they begin a chunk of their own.
 */
static gboolean take(weft_recorder *r, guint32 ring, const struct weft_ring_read *read,
                     GError **error)
{
    struct pending *pending = pending_of(r, ring);
    struct weft_record *records = pending->records + pending->n;
    if (!add_loss(r, ring, read->unread, read->dropped, error))
        return FALSE;
    if (read->slots == 0)
        return TRUE;
    ask_of_events(r, ring, records, read->slots);
    if (pending->n == 0) {
        memmove(pending->records, records, read->slots * sizeof *records);
        pending->current_task = read->actor_known ? read->actor
                                                  : weft_filewriter_running(r->writer, ring);
        pending->since = weft_clock_monotonic_ns();
    }
    pending->n += read->slots;
    r->stats.events += read->events;
    return TRUE;
}

static gboolean drain_ring(weft_recorder *r, guint32 ring, guint *drained, GError **error)
{
    struct weft_attached_ring *attached = r->attachment->rings->pdata[ring];
    struct weft_ring_read read;
    for (guint i = 0; i < CHUNKS_A_ROUND; i++) {
        struct pending *pending = pending_of(r, ring);
        if (pending->n + WEFT_CHUNK_SLOTS > WEFT_TRACE_CHUNK_SLOTS && !flush(r, ring, error))
            return FALSE;
        if (!weft_ringreader_read(&attached->reader, pending->records + pending->n, &read))
            break;
        *drained += read.slots;
        if (!take(r, ring, &read, error))
            return FALSE;
    }
    r->stats.damaged |= attached->reader.corrupt;
    return TRUE;
}

static gboolean drain_rings(weft_recorder *r, guint *drained, GError **error)
{
    if (r->gone)
        return TRUE;
    if (!weft_attachment_update(r->attachment)) {
        r->gone = r->stats.damaged = TRUE; /* cut short: touching it would be a SIGBUS */
        return TRUE;
    }
    for (guint ring = 0; ring < r->attachment->rings->len; ring++)
        if (r->attachment->rings->pdata[ring] && !drain_ring(r, ring, drained, error))
            return FALSE;
    return TRUE;
}

static gboolean flush_older_than(weft_recorder *r, guint64 age, GError **error)
{
    guint64 now = weft_clock_monotonic_ns();
    for (guint ring = 0; ring < r->pending->len; ring++) {
        const struct pending *pending = r->pending->pdata[ring];
        if (pending && pending->n && now - pending->since >= age && !flush(r, ring, error))
            return FALSE;
    }
    return TRUE;
}

/* ---- The process ---- */

static gboolean write_process(weft_recorder *r, gboolean ended, int exit_code, int exit_signal,
                              GError **error)
{
    const struct weft_attachment *a = r->attachment;
    struct weft_file_process process = { .pid = a->pid,
                                         .start_time = a->start_time,
                                         .clock_kind = a->clock_kind,
                                         .start = a->start,
                                         .program = a->program,
                                         .executable = a->executable,
                                         .host = g_get_host_name(),
                                         .ended = ended,
                                         .exit_code = exit_code,
                                         .exit_signal = exit_signal };
    memcpy(process.boot_id, a->boot_id, sizeof process.boot_id);
    return weft_filewriter_process(r->writer, &process, error);
}

static gboolean find_segment(weft_recorder *r, GError **error)
{
    GError *problem = NULL;
    r->attachment = weft_attach_session(r->session, r->rejected, &problem);
    if (problem) {
        g_propagate_error(error, problem);
        return FALSE;
    }
    if (!r->attachment)
        return TRUE;
    r->stats.attached = TRUE;
    weft_attachment_lease(r->attachment, LEASE);
    r->last_lease = weft_clock_monotonic_ns();
    if (r->attachment->clock_kind == WEFT_CLOCK_COUNTER && weft_clock_kind == WEFT_CLOCK_COUNTER)
        weft_filewriter_anchor(r->writer, &r->first_anchor);
    add_anchor(r);
    return write_process(r, FALSE, 0, 0, error);
}

static void keep_lease(weft_recorder *r)
{
    guint64 now = weft_clock_monotonic_ns();
    if (r->gone || now - r->last_lease < SECOND)
        return;
    weft_attachment_lease(r->attachment, LEASE);
    r->last_lease = now;
}

/* Nobody drains any more: the program must not wait for it. */
static void stop_draining(weft_recorder *r)
{
    if (r->attachment && !r->gone)
        weft_attachment_lease(r->attachment, 0);
}

/* ---- Rounds ---- */

static gboolean drain_round(weft_recorder *r, guint *drained, GError **error)
{
    if (!r->attachment && !find_segment(r, error))
        return FALSE;
    if (!r->attachment)
        return TRUE;
    keep_lease(r);
    uint64_t now = program_now(r);
    if (!drain_rings(r, drained, error))
        return FALSE;
    if (*drained < CHUNKS_A_ROUND * WEFT_CHUNK_SLOTS) /* else some may be left */
        ask_of_now(r, now);
    if (weft_clock_monotonic_ns() - r->last_anchor >= SECOND)
        add_anchor(r);
    return flush_older_than(r, SECOND / 2, error);
}

gboolean weft_recorder_drain(weft_recorder *r, guint *drained, GError **error)
{
    *drained = 0;
    if (drain_round(r, drained, error))
        return TRUE;
    r->failed = TRUE;
    stop_draining(r);
    return FALSE;
}

/* ---- The end ---- */

static gboolean drain_rest(weft_recorder *r, GError **error)
{
    guint drained;
    do {
        drained = 0;
        if (!drain_rings(r, &drained, error))
            return FALSE;
    } while (drained);
    for (guint ring = 0; !r->gone && ring < r->attachment->rings->len; ring++) {
        struct weft_attached_ring *attached = r->attachment->rings->pdata[ring];
        if (attached &&
            !add_loss(r, ring, 0, weft_ringreader_dropped_at_end(&attached->reader), error))
            return FALSE;
    }
    return TRUE;
}

/* The last anchor must be far enough from the first, or the clock cannot be fitted. */
static void add_last_anchor(weft_recorder *r)
{
    guint64 apart = weft_clock_monotonic_ns() - r->first_anchor.mono_ns;
    if (apart < FIT)
        g_usleep((FIT - apart) / 1000 + 1);
    add_anchor(r);
}

static gboolean finish_file(weft_recorder *r, int exit_code, int exit_signal, GError **error)
{
    if (!r->attachment)
        return weft_filewriter_finish(r->writer, error);
    gboolean ended = weft_process_ended(r->attachment->pid, r->attachment->start_time);
    if (!drain_rest(r, error))
        return FALSE;
    read_heap(r, ended);
    add_last_anchor(r);
    return flush_older_than(r, 0, error) &&
           write_process(r, ended, exit_code, exit_signal, error) &&
           weft_filewriter_finish(r->writer, error);
}

/* Children of the program inherit its session; nobody else will ever read what dead ones left. */
static void unlink_leftover(void *session, const char *path, const struct weft_segment *page)
{
    if (weft_segment_is_of(page, session) && weft_process_ended(page->pid, page->start_time))
        weft_segment_remove(path);
}

gboolean weft_recorder_finish(weft_recorder *r, int exit_code, int exit_signal, GError **error)
{
    guint drained;
    gboolean ok = (r->attachment || r->failed || drain_round(r, &drained, error)) &&
                  finish_file(r, exit_code, exit_signal, error);
    stop_draining(r);
    r->finished = TRUE;
    if (r->attachment)
        weft_segment_remove(r->attachment->path);
    weft_visit_segments(NULL, unlink_leftover, r->session);
    return ok;
}

weft_tracepicture *weft_recorder_picture(weft_recorder *r, GError **error)
{
    if (!r->finished && r->attachment) {
        read_heap(r, FALSE);
        if (!flush_older_than(r, 0, error))
            return NULL;
        add_anchor(r);
    }
    return weft_filewriter_picture(r->writer);
}

const char *const *weft_recorder_paths(const weft_recorder *r, guint *n)
{
    const struct weft_numbering *segments = weft_filewriter_segments(r->writer);
    if (segments)
        return weft_numbering_paths(segments, n);
    *n = 1;
    return (const char *const *)&r->path;
}

struct weft_recorder_stats weft_recorder_stats(const weft_recorder *r)
{
    const struct weft_numbering *segments = weft_filewriter_segments(r->writer);
    struct weft_recorder_stats stats = r->stats;
    stats.bytes = weft_filewriter_size(r->writer);
    stats.removed = segments ? weft_numbering_removed(segments) : 0;
    stats.window = weft_filewriter_window_stats(r->writer);
    return stats;
}
