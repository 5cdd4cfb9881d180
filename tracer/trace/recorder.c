/* recorder.c: see recorder.h.
 *
 *      segments of the session --> a drain each --> sink: condition, numbers, clock --> writer
 *
 * The anchors are the recorder's own, of the same hardware counter, since the program's may be
 * anything; the first is taken before the program starts, so that even a short run has two that are
 * far enough apart. */
#include "tracer/trace/recorder.h"
#include "tracer/probe/segment.h"
#include "tracer/probe/stale.h"
#include "tracer/trace/joining.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define SECOND UINT64_C(1000000000)
#define FIT    (SECOND / 10)  /* what the clock needs between two anchors */
#define LOOK   (SECOND / 100) /* between two looks for children that came or ended */
#define NOW    (SECOND / 10)  /* between two moments that the feed is told */

enum { FEW = 64 * WEFT_CHUNK_SLOTS }; /* drained in a round: nothing is left */

struct weft_recorder {
    char *session, *path;
    gboolean children;
    guint64 program;       /* its pid; 0: not said */
    weft_joining *joining; /* NULL: the program is started for this */
    struct weft_sink sink;
    GHashTable *rejected; /* paths of segments that are others', or attached already */
    GPtrArray *drains;    /* of struct weft_drain *: processes that have not ended */
    GPtrArray *notes;     /* of char * */
    struct weft_clock_anchor first_anchor;
    guint64 last_anchor, last_look, last_now; /* CLOCK_MONOTONIC */
    gboolean stopped;                         /* the program, by us */
    gboolean failed, finished;
};

static void free_drain(gpointer drain)
{
    weft_drain_free(drain);
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

/* Where no program could make a segment, none could be recorded. */
static gboolean check_directory(GError **error)
{
    char path[512];
    int fd = weft_probe_open_directory(path, sizeof path);
    if (fd == -EPERM)
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO,
                    "the runtime directory for rings, %s, must be this user's alone: `chmod 700` "
                    "it, or remove it",
                    path);
    else if (fd < 0)
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO,
                    "cannot use the runtime directory for rings, %s: %s (XDG_RUNTIME_DIR names "
                    "its parent)",
                    path, g_strerror(-fd));
    else
        close(fd);
    return fd >= 0;
}

weft_recorder *weft_recorder_new(const struct weft_recorder_options *options, GError **error)
{
    if (!check_directory(error))
        return NULL;
    weft_joining *joining = NULL;
    if (options->pid && !(joining = weft_joining_new(options->pid, options->ring_size, error)))
        return NULL;
    weft_filewriter *writer = new_writer(options, error);
    if (!writer) {
        weft_joining_free(joining);
        return NULL;
    }
    weft_recorder *r = g_new0(weft_recorder, 1);
    r->session = g_strdup(options->session ? options->session : "");
    r->joining = joining;
    r->path = g_strdup(options->path);
    r->children = options->children;
    r->sink = (struct weft_sink){ .writer = writer,
                                  .condition = options->condition,
                                  .feed = options->feed,
                                  .several = options->children };
    r->rejected = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    r->drains = g_ptr_array_new_with_free_func(free_drain);
    r->notes = g_ptr_array_new_with_free_func(g_free);
    weft_clock_init();
    r->first_anchor = weft_clock_anchor_now();
    if (weft_clock_kind == WEFT_CLOCK_COUNTER)
        weft_sink_add_anchor(&r->sink, &r->first_anchor);
    return r;
}

void weft_recorder_free(weft_recorder *r)
{
    if (!r)
        return;
    g_ptr_array_unref(r->drains);
    weft_joining_free(r->joining);
    weft_filewriter_free(r->sink.writer);
    weft_sink_finish(&r->sink);
    g_hash_table_unref(r->rejected);
    g_ptr_array_unref(r->notes);
    g_free(r->session);
    g_free(r->path);
    g_free(r);
}

void weft_recorder_set_program(weft_recorder *r, guint64 pid)
{
    r->program = pid;
}

void weft_recorder_stop(weft_recorder *r)
{
    r->stopped = TRUE;
}

guint weft_recorder_others(const weft_recorder *r)
{
    guint others = 0;
    for (guint i = 0; i < r->drains->len; i++)
        others += ((struct weft_drain *)r->drains->pdata[i])->attachment->pid != r->program;
    return others;
}

gboolean weft_recorder_program_ended(const weft_recorder *r)
{
    struct weft_drain_end end;
    if (!r->joining)
        return FALSE;
    return r->drains->len ? weft_drain_has_ended(r->drains->pdata[0], &end)
                          : weft_joining_has_ended(r->joining);
}

void weft_recorder_look(weft_recorder *r)
{
    r->last_look = 0;
}

char *weft_recorder_note(weft_recorder *r)
{
    return r->notes->len ? g_ptr_array_steal_index(r->notes, 0) : NULL;
}

/* ---- The condition ---- */

guint weft_recorder_hits(weft_recorder *r, struct weft_condition_hit *first)
{
    guint hits = r->sink.hits;
    if (hits)
        *first = r->sink.first_hit;
    r->sink.hits = 0;
    return hits;
}

/* Spans of time are given in ns, and times of events in ticks. */
static void set_rate(weft_recorder *r, const struct weft_clock_anchor *now)
{
    if (!r->sink.condition)
        return;
    double rate = 1;
    if (r->sink.clock_kind == WEFT_CLOCK_COUNTER)
        rate = (double)(now->ticks - r->first_anchor.ticks) /
               (double)MAX(now->mono_ns - r->first_anchor.mono_ns, 1);
    weft_condition_set_rate(r->sink.condition, rate);
}

/* All that happened before `now` has been read: what lasts since then is found, a task that hangs
 * in its slice for one. */
static void ask_of_now(weft_recorder *r, uint64_t now)
{
    struct weft_condition_hit hit;
    if (!r->sink.condition || !now)
        return;
    guint hits = weft_condition_now(r->sink.condition, now, &hit);
    weft_sink_count_hits(&r->sink, hits, &hit);
}

/* The feed is told how far it is; what its events name goes before. */
static void feed_now(weft_recorder *r, uint64_t now)
{
    guint64 mono_ns = weft_clock_monotonic_ns();
    if (!r->sink.feed || mono_ns - r->last_now < NOW)
        return;
    r->last_now = mono_ns;
    for (guint i = 0; i < r->drains->len; i++)
        weft_drain_heap(r->drains->pdata[i], FALSE);
    weft_feed_now(r->sink.feed, now);
}

/* ---- The clock ---- */

/* The counter now: our own reading of it, else what a program that has one published last. */
static gboolean read_counter(const weft_recorder *r, struct weft_clock_anchor *anchor)
{
    if (weft_clock_kind == WEFT_CLOCK_COUNTER)
        return TRUE;
    for (guint i = 0; i < r->drains->len; i++) {
        const struct weft_attachment *a = ((struct weft_drain *)r->drains->pdata[i])->attachment;
        if (a->clock_kind == WEFT_CLOCK_COUNTER)
            return weft_attachment_anchor(a, anchor);
    }
    return FALSE;
}

static void add_anchor(weft_recorder *r)
{
    struct weft_clock_anchor anchor = weft_clock_anchor_now();
    r->last_anchor = anchor.mono_ns;
    set_rate(r, &anchor);
    if (!read_counter(r, &anchor))
        return;
    weft_sink_add_anchor(&r->sink, &anchor);
    if (r->sink.clock_kind == WEFT_CLOCK_COUNTER) /* else the file's ticks are nanoseconds */
        weft_filewriter_anchor(r->sink.writer, &anchor);
}

/* Whether its times can be told; one without a counter has them already. */
static gboolean clock_fits(const weft_recorder *r)
{
    return r->sink.clock_kind != WEFT_CLOCK_COUNTER || r->sink.clock.fitted;
}

/* ---- Processes ---- */

/* Of two programs that a process was, how it ended is the later one's. */
static void tell_replaced(weft_recorder *r, struct weft_drain *drain)
{
    const struct weft_attachment *a = drain->attachment;
    for (guint i = 0; i < r->drains->len; i++) {
        struct weft_drain *other = r->drains->pdata[i];
        const struct weft_attachment *b = other->attachment;
        if (a->pid != b->pid || a->start_time != b->start_time)
            continue;
        gboolean later = a->start.mono_ns > b->start.mono_ns;
        drain->replaced |= !later;
        other->replaced |= later;
    }
}

/* From here on it is recorded. */
static void add_drain(weft_recorder *r, struct weft_drain *drain)
{
    tell_replaced(r, drain);
    g_ptr_array_add(r->drains, drain);
    if (r->sink.drains > 1)
        return;
    if (r->sink.clock_kind == WEFT_CLOCK_COUNTER && weft_clock_kind == WEFT_CLOCK_COUNTER)
        weft_filewriter_anchor(r->sink.writer, &r->first_anchor);
    add_anchor(r);
}

static gboolean add_process(weft_recorder *r, struct weft_attachment *attachment, GError **error)
{
    if (r->children)
        g_hash_table_add(r->rejected, g_strdup(attachment->path));
    struct weft_drain *drain = weft_drain_new(&r->sink, attachment, error);
    if (!drain)
        return FALSE;
    add_drain(r, drain);
    return TRUE;
}

/* The program that runs already; as it is, when it cannot be waited for. */
static gboolean join(weft_recorder *r, gboolean wait, GError **error)
{
    GError *problem = NULL;
    char *note = NULL;
    gboolean ready = weft_joining_ready(r->joining, &note, &problem);
    if (note)
        g_ptr_array_add(r->notes, note);
    if (problem) {
        g_propagate_error(error, problem);
        return FALSE;
    }
    if (!ready && wait)
        return TRUE;
    struct weft_drain *drain = weft_joining_begin(r->joining, &r->sink, error);
    if (!drain)
        return FALSE;
    add_drain(r, drain);
    return weft_joining_first_events(r->joining, drain, error);
}

/* A child that cannot be recorded is no reason to end the recording of the others. */
static gboolean is_bearable(weft_recorder *r, GError *problem)
{
    if (!r->children || r->sink.drains == 0)
        return FALSE;
    g_ptr_array_add(r->notes, g_strdup(problem->message));
    g_error_free(problem);
    return TRUE;
}

static gboolean find_processes(weft_recorder *r, GError **error)
{
    for (;;) {
        GError *problem = NULL;
        struct weft_attachment *found = weft_attach_session(r->session, r->rejected, &problem);
        if (problem && is_bearable(r, problem))
            continue;
        if (problem)
            g_propagate_error(error, problem);
        if (!found || !add_process(r, found, error))
            return !found && !problem;
        if (!r->children)
            return TRUE;
    }
}

static gboolean end_process(weft_recorder *r, guint index, const struct weft_drain_end *end,
                            GError **error)
{
    struct weft_drain *drain = r->drains->pdata[index];
    if (!weft_drain_end(drain, end, error))
        return FALSE;
    drain->ended = end->ended;
    weft_drain_stop(drain);
    if (end->ended || (!r->children && !r->joining))
        weft_segment_remove(drain->attachment->path);
    g_ptr_array_remove_index(r->drains, index);
    return TRUE;
}

static gboolean end_processes(weft_recorder *r, GError **error)
{
    struct weft_drain_end end;
    for (guint i = r->drains->len; i-- > 0;) {
        const struct weft_drain *drain = r->drains->pdata[i];
        if (drain->attachment->pid != r->program && weft_drain_has_ended(drain, &end) &&
            !end_process(r, i, &end, error))
            return FALSE;
    }
    return TRUE;
}

/* Those that came and those that went. */
static gboolean look(weft_recorder *r, GError **error)
{
    guint64 now = weft_clock_monotonic_ns();
    if (r->sink.drains == 0)
        return r->joining ? join(r, TRUE, error) : find_processes(r, error);
    if (!r->children || now - r->last_look < LOOK)
        return TRUE;
    r->last_look = now;
    return find_processes(r, error) && end_processes(r, error);
}

/* Nobody drains any more: the programs must not wait for it. */
static void stop_draining(weft_recorder *r)
{
    if (r->joining && r->drains->len)
        weft_joining_leave(r->joining);
    for (guint i = 0; i < r->drains->len; i++)
        weft_drain_stop(r->drains->pdata[i]);
}

/* ---- Rounds ---- */

static gboolean drain_round(weft_recorder *r, guint *drained, GError **error)
{
    if (!look(r, error))
        return FALSE;
    if (r->drains->len == 0)
        return TRUE;
    uint64_t now = weft_sink_now(&r->sink);
    for (guint i = 0; i < r->drains->len; i++)
        if (!weft_drain_round(r->drains->pdata[i], drained, error))
            return FALSE;
    if (*drained < FEW)
        ask_of_now(r, now);
    feed_now(r, *drained < FEW ? now : 0);
    if (weft_clock_monotonic_ns() - r->last_anchor >= (clock_fits(r) ? SECOND : FIT))
        add_anchor(r);
    return TRUE;
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

/* The last anchor must be far enough from the first, or the clock cannot be fitted. */
static void add_last_anchor(weft_recorder *r)
{
    guint64 apart = weft_clock_monotonic_ns() - r->first_anchor.mono_ns;
    if (apart < FIT)
        g_usleep((FIT - apart) / 1000 + 1);
    add_anchor(r);
}

static void find_end(const weft_recorder *r, const struct weft_drain *drain, int exit_code,
                     int exit_signal, struct weft_drain_end *end)
{
    const struct weft_attachment *a = drain->attachment;
    struct weft_drain_end theirs = { 0 };
    *end = (struct weft_drain_end){ .stopped = r->stopped,
                                    .exit_code = exit_code,
                                    .exit_signal = exit_signal };
    if (!r->joining && (!r->children || (a->pid == r->program && !drain->replaced)))
        end->ended = weft_process_ended(a->pid, a->start_time);
    else if (weft_drain_has_ended(drain, &theirs))
        *end = theirs;
    else
        *end = (struct weft_drain_end){ 0 };
}

static gboolean finish_file(weft_recorder *r, int exit_code, int exit_signal, GError **error)
{
    if (r->sink.drains)
        add_last_anchor(r);
    while (r->drains->len) {
        struct weft_drain_end end;
        find_end(r, r->drains->pdata[0], exit_code, exit_signal, &end);
        if (!end_process(r, 0, &end, error))
            return FALSE;
    }
    return weft_filewriter_finish(r->sink.writer, error);
}

/* Children of the program inherit its session; nobody else will ever read what dead ones left. */
static void unlink_leftover(void *session, const char *path, const struct weft_segment *page)
{
    if (weft_segment_is_of(page, session) && weft_process_ended(page->pid, page->start_time))
        weft_segment_remove(path);
}

gboolean weft_recorder_finish(weft_recorder *r, int exit_code, int exit_signal, GError **error)
{
    guint drained = 0;
    weft_recorder_look(r); /* who came at the last moment is there too */
    gboolean ok = r->failed || drain_round(r, &drained, error);
    if (ok && !r->failed && r->joining && r->sink.drains == 0) {
        ok = join(r, FALSE, error);
        ask_of_now(r, weft_sink_now(&r->sink));
    }
    if (r->joining && r->drains->len)
        weft_joining_leave(r->joining); /* then what is left of its events is read */
    ok = ok && finish_file(r, exit_code, exit_signal, error);
    stop_draining(r);
    r->finished = TRUE;
    weft_visit_segments(NULL, unlink_leftover, r->session);
    return ok;
}

weft_tracepicture *weft_recorder_picture(weft_recorder *r, GError **error)
{
    for (guint i = 0; !r->finished && i < r->drains->len; i++) {
        weft_drain_heap(r->drains->pdata[i], FALSE);
        if (!weft_drain_flush(r->drains->pdata[i], 0, error) ||
            !weft_drain_describe(r->drains->pdata[i], error))
            return NULL;
    }
    if (!r->finished && r->drains->len)
        add_anchor(r);
    return weft_filewriter_picture(r->sink.writer);
}

const char *const *weft_recorder_paths(const weft_recorder *r, guint *n)
{
    const struct weft_numbering *segments = weft_filewriter_segments(r->sink.writer);
    if (segments)
        return weft_numbering_paths(segments, n);
    *n = 1;
    return (const char *const *)&r->path;
}

struct weft_recorder_stats weft_recorder_stats(const weft_recorder *r)
{
    const struct weft_sink *sink = &r->sink;
    const struct weft_numbering *segments = weft_filewriter_segments(sink->writer);
    return (struct weft_recorder_stats){
        .attached = sink->drains > 0,
        .damaged = sink->damaged,
        .events = sink->events,
        .lost = sink->lost,
        .dropped = sink->dropped,
        .bytes = weft_filewriter_size(sink->writer),
        .removed = segments ? weft_numbering_removed(segments) : 0,
        .processes = sink->drains,
        .window = weft_filewriter_window_stats(sink->writer),
    };
}
