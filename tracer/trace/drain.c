/* drain.c: see drain.h. */
#include "tracer/trace/drain.h"
#include "tracer/probe/stale.h"
#include <string.h>
#include <sys/wait.h>

#define SECOND UINT64_C(1000000000)
#define LEASE  (5 * SECOND)

enum { CHUNKS_A_ROUND = 64 }; /* of one ring, before the others have their turn */

struct pending { /* one ring's events on their way into a chunk */
    struct weft_record *records;
    guint n;
    uint64_t current_task;
    guint64 since; /* CLOCK_MONOTONIC of the first */
};

static void free_pending(gpointer data)
{
    struct pending *pending = data;
    if (pending)
        g_free(pending->records);
    g_free(pending);
}

/* ---- The sink ---- */

void weft_sink_count_hits(struct weft_sink *sink, guint hits,
                          const struct weft_condition_hit *first)
{
    if (hits && !sink->hits)
        sink->first_hit = *first;
    sink->hits += hits;
}

void weft_sink_finish(struct weft_sink *sink)
{
    weft_clockmap_finish(&sink->clock);
}

void weft_sink_add_anchor(struct weft_sink *sink, const struct weft_clock_anchor *anchor)
{
    if (!sink->clock.knots)
        weft_clockmap_init(&sink->clock, WEFT_CLOCK_COUNTER, anchor);
    weft_clockmap_add(&sink->clock, anchor, sink->published);
    weft_feed_anchor(sink->feed, anchor);
}

uint64_t weft_sink_now(const struct weft_sink *sink)
{
    if (sink->clock_kind == WEFT_CLOCK_MONOTONIC)
        return weft_clock_monotonic_ns();
    return weft_clock_kind == WEFT_CLOCK_COUNTER ? weft_clock_now() : 0;
}

/* A counter's ticks in a file of nanoseconds. */
static uint64_t ticks_to_mono(uint64_t ticks, const void *data)
{
    struct weft_sink *sink = (struct weft_sink *)(gsize)data;
    sink->published = MAX(sink->published, ticks);
    return sink->clock.start_mono_ns + weft_clockmap_ns(&sink->clock, ticks);
}

/* Nanoseconds in a file of a counter's ticks. */
static uint64_t mono_to_ticks(uint64_t mono_ns, const void *data)
{
    struct weft_sink *sink = (struct weft_sink *)(gsize)data;
    uint64_t ticks = weft_clockmap_ticks(&sink->clock,
                                         (gint64)(mono_ns - sink->clock.start_mono_ns));
    sink->published = MAX(sink->published, ticks);
    return ticks;
}

/* ---- The process ---- */

static guint32 file_ring(struct weft_drain *d, guint32 ring)
{
    return d->relocation ? weft_relocate_ring(d->relocation, ring) : ring;
}

static struct weft_clock_anchor start_in_file(const struct weft_drain *d)
{
    struct weft_clock_anchor start = d->attachment->start;
    struct weft_sink *sink = d->sink;
    if (d->attachment->clock_kind != sink->clock_kind)
        start.ticks = sink->clock_kind == WEFT_CLOCK_COUNTER ? mono_to_ticks(start.mono_ns, sink)
                                                             : start.mono_ns;
    return start;
}

static gboolean write_process(struct weft_drain *d, guint32 ring, const struct weft_drain_end *end,
                              uint64_t until, GError **error)
{
    const struct weft_attachment *a = d->attachment;
    struct weft_file_process process = { .first_ring = ring,
                                         .pid = a->pid,
                                         .start_time = a->start_time,
                                         .clock_kind = d->sink->clock_kind,
                                         .start = start_in_file(d),
                                         .until = until,
                                         .program = a->program,
                                         .executable = a->executable,
                                         .host = g_get_host_name(),
                                         .ended = end->ended,
                                         .ended_unseen = d->died_unseen && !d->exit_time,
                                         .stopped = end->stopped,
                                         .exit_code = end->exit_code,
                                         .exit_signal = end->exit_signal };
    memcpy(process.boot_id, a->boot_id, sizeof process.boot_id);
    return weft_filewriter_process(d->sink->writer, &process, error);
}

/* Says of all its rings how it is, or ended, and until when it was seen. */
static gboolean write_all_places(struct weft_drain *d, const struct weft_drain_end *end,
                                 GError **error)
{
    uint64_t until = end->ended && d->exit_time ? d->exit_time : d->seen;
    for (guint i = 0; i < d->places->len; i++)
        if (!write_process(d, g_array_index(d->places, guint32, i), end, until, error))
            return FALSE;
    return TRUE;
}

/* Says of the rings found since whose they are. */
static gboolean write_places(struct weft_drain *d, GError **error)
{
    guint32 theirs, ring;
    while (d->relocation && weft_relocation_next_place(d->relocation, &theirs, &ring)) {
        g_array_append_val(d->places, ring);
        if (!write_process(d, ring, &(struct weft_drain_end){ 0 }, 0, error))
            return FALSE;
    }
    return TRUE;
}

static void set_clock(struct weft_drain *d)
{
    enum weft_clock_kind theirs = d->attachment->clock_kind;
    d->number = d->sink->drains++;
    if (d->number == 0)
        d->sink->clock_kind = theirs;
    if (d->relocation && theirs != d->sink->clock_kind)
        weft_relocation_set_clock(d->relocation,
                                  theirs == WEFT_CLOCK_COUNTER ? ticks_to_mono : mono_to_ticks,
                                  d->sink, 0);
}

struct weft_drain *weft_drain_new(struct weft_sink *sink, struct weft_attachment *attachment,
                                  GError **error)
{
    struct weft_drain *d = g_new0(struct weft_drain, 1);
    d->sink = sink;
    d->attachment = attachment;
    d->pending = g_ptr_array_new_with_free_func(free_pending);
    d->places = g_array_new(FALSE, FALSE, sizeof(guint32));
    d->relocation = sink->several ? weft_relocation_new(&sink->numbers, NULL) : NULL;
    set_clock(d);
    struct weft_clock_anchor start = start_in_file(d);
    weft_feed_process(sink->feed, d->number, sink->clock_kind, &start);
    weft_attachment_lease(attachment, LEASE);
    d->last_lease = d->seen_mono_ns = weft_clock_monotonic_ns();
    d->seen = weft_sink_now(sink);
    guint32 first = 0;
    if (!d->relocation)
        g_array_append_val(d->places, first);
    else
        weft_relocate_ring(d->relocation, 0); /* one that writes nothing is in the file too */
    if (d->relocation ? write_places(d, error)
                      : write_process(d, 0, &(struct weft_drain_end){ 0 }, 0, error))
        return d;
    weft_drain_free(d);
    return NULL;
}

void weft_drain_stop(struct weft_drain *d)
{
    if (!d->gone && !d->ended)
        weft_attachment_lease(d->attachment, 0);
}

void weft_drain_free(struct weft_drain *d)
{
    if (!d)
        return;
    weft_attachment_free(d->attachment);
    weft_relocation_free(d->relocation);
    g_array_unref(d->places);
    g_ptr_array_unref(d->pending);
    g_free(d);
}

gboolean weft_drain_describe(struct weft_drain *d, GError **error)
{
    return write_all_places(d, &(struct weft_drain_end){ 0 }, error);
}

/* ---- Definitions ---- */

static void add_string(void *drain, guint32 id, const char *text, gsize size)
{
    struct weft_drain *d = drain;
    if (d->relocation)
        id = weft_relocate_string(d->relocation, id);
    weft_filewriter_string(d->sink->writer, id, text, size);
    if (d->sink->condition)
        weft_condition_string(d->sink->condition, id, text, size);
    weft_feed_string(d->sink->feed, d->number, id, text, size);
}

static void add_site(void *drain, guint32 id, guint32 line, guint32 file, guint32 func)
{
    struct weft_drain *d = drain;
    if (d->relocation) {
        id = weft_relocate_site(d->relocation, id);
        file = weft_relocate_string(d->relocation, file);
        func = weft_relocate_string(d->relocation, func);
    }
    weft_filewriter_site(d->sink->writer, id, line, file, func);
    weft_feed_site(d->sink->feed, d->number, id, line, file, func);
}

void weft_drain_heap(struct weft_drain *d, gboolean ended)
{
    struct weft_heap_definitions to = { add_string, add_site, d };
    if (d->gone)
        return;
    weft_heapreader_read(&d->attachment->heap, ended, &to);
    d->sink->damaged |= d->attachment->heap.corrupt;
}

/* ---- Events ---- */

static struct pending *pending_of(struct weft_drain *d, guint32 ring)
{
    if (ring >= d->pending->len)
        g_ptr_array_set_size(d->pending, (gint)ring + 1);
    struct pending *pending = d->pending->pdata[ring];
    if (!pending) {
        pending = d->pending->pdata[ring] = g_new0(struct pending, 1);
        pending->records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    }
    return pending;
}

static gboolean flush(struct weft_drain *d, guint32 ring, GError **error)
{
    struct pending *pending = pending_of(d, ring);
    if (pending->n == 0)
        return TRUE;
    weft_drain_heap(d, FALSE); /* what the events name was defined before they were emitted */
    guint n = pending->n;
    pending->n = 0;
    return write_places(d, error) &&
           weft_filewriter_events(d->sink->writer, file_ring(d, ring), pending->records, n,
                                  pending->current_task, error);
}

gboolean weft_drain_flush(struct weft_drain *d, guint64 age, GError **error)
{
    guint64 now = weft_clock_monotonic_ns();
    for (guint ring = 0; ring < d->pending->len; ring++) {
        const struct pending *pending = d->pending->pdata[ring];
        if (pending && pending->n && now - pending->since >= age && !flush(d, ring, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean add_loss(struct weft_drain *d, guint32 ring, guint64 unread, guint64 dropped,
                         GError **error)
{
    struct weft_sink *sink = d->sink;
    if (unread + dropped == 0)
        return TRUE;
    if (!flush(d, ring, error) || !write_places(d, error))
        return FALSE;
    struct weft_condition_hit hit;
    if (sink->condition) {
        guint hits = weft_condition_loss(sink->condition, file_ring(d, ring), unread + dropped,
                                         weft_sink_now(sink), &hit);
        weft_sink_count_hits(sink, hits, &hit);
    }
    weft_feed_hole(sink->feed, d->number, file_ring(d, ring), unread + dropped);
    sink->lost += unread + dropped;
    sink->dropped += dropped;
    return weft_filewriter_loss(sink->writer, file_ring(d, ring), unread, dropped, error);
}

static void ask_of_events(struct weft_drain *d, guint32 ring, const struct weft_record *records,
                          guint n)
{
    struct weft_sink *sink = d->sink;
    struct weft_condition_hit hit;
    if (!sink->condition)
        return;
    if (weft_condition_needs_strings(sink->condition))
        weft_drain_heap(d, FALSE);
    guint hits = weft_condition_events(sink->condition, file_ring(d, ring), records, n, &hit);
    weft_sink_count_hits(sink, hits, &hit);
}

/* Who runs when a chunk of these events begins, in the file's numbers. */
static uint64_t actor_of(struct weft_drain *d, guint32 ring, const struct weft_ring_read *read)
{
    if (!read->actor_known)
        return weft_filewriter_running(d->sink->writer, file_ring(d, ring));
    return d->relocation ? weft_relocate_id(d->relocation, read->actor) : read->actor;
}

static void feed_events(struct weft_drain *d, guint32 ring, const struct weft_record *records,
                        const struct weft_ring_read *read)
{
    uint64_t actor = d->sink->feed && read->actor_known ? actor_of(d, ring, read) : 0;
    weft_feed_events(d->sink->feed, d->number, file_ring(d, ring),
                     read->actor_known ? &actor : NULL, records, read->slots);
}

/* Here the ring was not recorded for a while. */
static gboolean add_gap(struct weft_drain *d, guint32 ring, GError **error)
{
    weft_feed_hole(d->sink->feed, d->number, file_ring(d, ring), 0);
    return flush(d, ring, error) && write_places(d, error) &&
           weft_filewriter_loss(d->sink->writer, file_ring(d, ring), 0, 0, error);
}

/* A ring that begins to record amid its life, or again. */
static gboolean begins_amid(struct weft_drain *d, guint32 ring, const struct weft_ring_read *read)
{
    const struct pending *pending = pending_of(d, ring);
    return read->slots > 0 && pending->records[pending->n].kind == WEFT_RECORD_SNAPSHOT;
}

/* What the program says of its end is the last event of a ring. */
static void note_exit(struct weft_drain *d, const struct weft_record *last)
{
    if (last->kind != WEFT_RECORD_PROCESS_EXIT)
        return;
    gboolean by_signal = last->detail == WEFT_EXIT_SIGNAL;
    d->exit_time = last->time;
    d->said.exit_code = by_signal ? 0 : (int)last->object;
    d->said.exit_signal = by_signal ? (int)last->object : 0;
}

/* Takes in what was read behind the pending events: after a loss they begin a chunk of their own.
 */
static gboolean take(struct weft_drain *d, guint32 ring, const struct weft_ring_read *read,
                     gboolean gap, GError **error)
{
    struct pending *pending = pending_of(d, ring);
    struct weft_record *records = pending->records + pending->n;
    if (!add_loss(d, ring, read->unread, read->dropped, error) || (gap && !add_gap(d, ring, error)))
        return FALSE;
    if (read->slots == 0)
        return TRUE;
    if (d->relocation)
        weft_relocate_records(d->relocation, records, read->slots);
    ask_of_events(d, ring, records, read->slots);
    feed_events(d, ring, records, read);
    note_exit(d, &records[read->slots - 1]);
    if (pending->n == 0) {
        memmove(pending->records, records, read->slots * sizeof *records);
        pending->current_task = actor_of(d, ring, read);
        pending->since = weft_clock_monotonic_ns();
    }
    pending->n += read->slots;
    d->sink->events += read->events;
    return TRUE;
}

gboolean weft_drain_take(struct weft_drain *d, guint32 ring, const struct weft_record *records,
                         const struct weft_ring_read *read, GError **error)
{
    struct pending *pending = pending_of(d, ring);
    if (pending->n + WEFT_CHUNK_SLOTS > WEFT_TRACE_CHUNK_SLOTS && !flush(d, ring, error))
        return FALSE;
    if (read->slots)
        memcpy(pending->records + pending->n, records, read->slots * sizeof *records);
    return take(d, ring, read, FALSE, error);
}

/* *behind: more is in the ring. */
static gboolean drain_ring(struct weft_drain *d, guint32 ring, guint *drained, gboolean *behind,
                           GError **error)
{
    struct weft_attached_ring *attached = d->attachment->rings->pdata[ring];
    struct weft_ring_read read;
    if (file_ring(d, ring) == WEFT_NO_RING) {
        d->sink->no_rings = TRUE;
        return TRUE;
    }
    guint i = 0;
    for (; i < CHUNKS_A_ROUND; i++) {
        struct pending *pending = pending_of(d, ring);
        if (pending->n + WEFT_CHUNK_SLOTS > WEFT_TRACE_CHUNK_SLOTS && !flush(d, ring, error))
            return FALSE;
        if (!weft_ringreader_read(&attached->reader, pending->records + pending->n, &read))
            break;
        *drained += read.slots;
        if (!take(d, ring, &read, begins_amid(d, ring, &read), error))
            return FALSE;
    }
    *behind |= i == CHUNKS_A_ROUND;
    d->sink->damaged |= attached->reader.corrupt;
    return TRUE;
}

static gboolean drain_rings(struct weft_drain *d, guint *drained, gboolean *behind, GError **error)
{
    if (d->gone)
        return TRUE;
    if (!weft_attachment_update(d->attachment)) {
        d->gone = d->sink->damaged = TRUE;
        return TRUE;
    }
    for (guint ring = 0; ring < d->attachment->rings->len; ring++)
        if (d->attachment->rings->pdata[ring] && !drain_ring(d, ring, drained, behind, error))
            return FALSE;
    return TRUE;
}

/* It lived at `mono_ns`, `now` in the file's ticks, unless it is dead; all that it did before then
 * has been read. */
static void look_whether_it_lives(struct weft_drain *d, guint64 mono_ns, uint64_t now)
{
    d->dead = d->dead || !weft_segment_is_held(d->attachment->fd);
    if (d->dead)
        return;
    d->seen = now;
    d->seen_mono_ns = mono_ns;
}

gboolean weft_drain_round(struct weft_drain *d, guint *drained, GError **error)
{
    guint64 now = weft_clock_monotonic_ns();
    if (!d->gone && now - d->last_lease >= SECOND) {
        weft_attachment_lease(d->attachment, LEASE);
        d->last_lease = now;
    }
    gboolean behind = FALSE, dead = d->dead;
    uint64_t ticks = weft_sink_now(d->sink);
    if (!drain_rings(d, drained, &behind, error))
        return FALSE;
    if (!behind)
        look_whether_it_lives(d, now, ticks);
    d->died_unseen |= d->dead && !dead && now - d->seen_mono_ns > SECOND / 10;
    return weft_drain_flush(d, SECOND / 2, error);
}

/* ---- The end ---- */

/* Of a program that goes on to record, a second's worth at most: it may be faster. */
static gboolean drain_rest(struct weft_drain *d, gboolean ended, GError **error)
{
    guint64 until = weft_clock_monotonic_ns() + SECOND;
    gboolean behind = FALSE;
    guint drained;
    do {
        drained = 0;
        if (!drain_rings(d, &drained, &behind, error))
            return FALSE;
    } while (drained && (ended || weft_clock_monotonic_ns() < until));
    for (guint ring = 0; !d->gone && ring < d->attachment->rings->len; ring++) {
        struct weft_attached_ring *attached = d->attachment->rings->pdata[ring];
        if (attached && file_ring(d, ring) != WEFT_NO_RING &&
            !add_loss(d, ring, 0, weft_ringreader_dropped_at_end(&attached->reader), error))
            return FALSE;
    }
    return TRUE;
}

gboolean weft_drain_end(struct weft_drain *d, const struct weft_drain_end *end, GError **error)
{
    struct weft_drain_end known = *end;
    if (!drain_rest(d, end->ended, error))
        return FALSE;
    if (end->ended && end->exit_code == WEFT_EXIT_UNKNOWN && d->exit_time) {
        known.exit_code = d->said.exit_code;
        known.exit_signal = d->said.exit_signal;
    }
    weft_drain_heap(d, end->ended);
    weft_feed_end(d->sink->feed, d->number, end->ended, d->seen);
    return weft_drain_flush(d, 0, error) && write_all_places(d, &known, error);
}

/* How a process that nobody has waited for yet has ended: field 52 of /proc/PID/stat. */
static gboolean read_wait_status(guint64 pid, int *status)
{
    g_autofree char *path = g_strdup_printf("/proc/%" G_GUINT64_FORMAT "/stat", pid);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return FALSE;
    const char *at = strrchr(text, ')');
    gboolean zombie = at && strncmp(at, ") Z", 3) == 0;
    for (int field = 2; at && field < 52; field++)
        at = strchr(at + 1, ' ');
    if (!zombie || !at)
        return FALSE;
    *status = (int)g_ascii_strtoll(at + 1, NULL, 10);
    return TRUE;
}

gboolean weft_drain_has_ended(const struct weft_drain *d, struct weft_drain_end *end)
{
    const struct weft_attachment *a = d->attachment;
    if (weft_segment_is_held(a->fd))
        return FALSE;
    int status;
    *end = (struct weft_drain_end){ .ended = TRUE, .exit_code = WEFT_EXIT_UNKNOWN };
    if (d->replaced || !weft_process_ended(a->pid, a->start_time) ||
        !read_wait_status(a->pid, &status))
        return TRUE;
    end->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    end->exit_signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return TRUE;
}
