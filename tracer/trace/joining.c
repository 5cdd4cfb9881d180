/* joining.c: see joining.h. */
#include "tracer/trace/joining.h"
#include "tracer/probe/stale.h"
#include "tracer/trace/controller.h"
#include "tracer/trace/live.h"
#include "tracer/trace/livebegin.h"
#include "tracer/trace/tableat.h"

#define SECOND UINT64_C(1000000000)
#define LEASE  (5 * SECOND)
#define ANSWER SECOND        /* a loop that polls answers sooner: later, it is said */
#define ADOPT  (SECOND / 4)  /* until all its loops record; and until they do not any more */
#define FIT    (SECOND / 10) /* between two anchors that a clock can be fitted to */

struct weft_joining {
    struct weft_attachment *attachment;
    gboolean begun; /* the attachment is the drain's */
    weft_controller *controller;
    gboolean answered, said;
    gboolean was_recording;           /* before: then no loop says that it begins */
    guint64 asked, heard, last_lease; /* CLOCK_MONOTONIC */
    GArray *passed;                   /* of guint64: each ring's chunk when it was asked */
    struct weft_livebegin begin;
};

/* ---- Asking ---- */

static gboolean ask(weft_joining *j, guint64 ring_size, GError **error)
{
    g_autofree char *command = ring_size
                                   ? g_strdup_printf("mode stream %" G_GUINT64_FORMAT, ring_size)
                                   : g_strdup("mode stream");
    j->controller = weft_controller_open_segment(j->attachment->path, error);
    if (!j->controller)
        return FALSE;
    weft_attachment_lease(j->attachment, LEASE);
    uint64_t mode = atomic_load_explicit(&j->attachment->segment->mode, memory_order_acquire);
    j->was_recording = mode != WEFT_MODE_STANDBY;
    j->passed = weft_livebegin_pass(j->attachment); /* it is not this recording's */
    j->asked = j->last_lease = weft_clock_monotonic_ns();
    return weft_controller_send(j->controller, command, error);
}

weft_joining *weft_joining_new(guint64 pid, guint64 ring_size, GError **error)
{
    weft_clock_init();
    struct weft_attachment *attachment = weft_attach_pid_to_drain(pid, error);
    if (!attachment)
        return NULL;
    weft_joining *j = g_new0(weft_joining, 1);
    j->attachment = attachment;
    weft_attachment_update(attachment);
    if (ask(j, ring_size, error))
        return j;
    weft_joining_free(j);
    return NULL;
}

void weft_joining_free(weft_joining *j)
{
    if (!j)
        return;
    if (!j->begun) {
        weft_joining_leave(j);
        weft_attachment_free(j->attachment);
    }
    weft_controller_close(j->controller);
    if (j->begin.pieces)
        weft_livebegin_clear(&j->begin);
    g_clear_pointer(&j->passed, g_array_unref);
    g_free(j);
}

/* ---- Waiting ---- */

gboolean weft_joining_has_ended(const weft_joining *j)
{
    return !weft_segment_is_held(j->attachment->fd);
}

static void keep_lease(weft_joining *j, guint64 now)
{
    if (now - j->last_lease < SECOND)
        return;
    weft_attachment_lease(j->attachment, LEASE);
    j->last_lease = now;
}

/* "process 12 does not answer: main holds its loop; it is recorded as soon as it does" */
static char *say_no_answer(const weft_joining *j)
{
    guint64 pid = j->attachment->pid;
    if (weft_process_stopped(pid))
        return g_strdup_printf("process %" G_GUINT64_FORMAT " is stopped: it is recorded once it "
                               "goes on (kill -CONT %" G_GUINT64_FORMAT "; Ctrl+C: no longer)",
                               pid, pid);
    weft_live *live = weft_live_look(pid, NULL);
    g_autofree char *why = live ? weft_live_holder(live) : g_strdup("no loop of its polls");
    weft_live_free(live);
    return g_strdup_printf("process %" G_GUINT64_FORMAT " does not answer: %s; it is recorded as "
                           "soon as it does (Ctrl+C: no longer)",
                           pid, why);
}

gboolean weft_joining_ready(weft_joining *j, char **note, GError **error)
{
    GError *problem = NULL;
    guint64 now = weft_clock_monotonic_ns();
    *note = NULL;
    keep_lease(j, now);
    if (!j->answered && weft_controller_receive(j->controller, 0, NULL, &problem)) {
        j->answered = TRUE;
        j->heard = now;
    }
    if (g_error_matches(problem, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_FAILED)) {
        g_propagate_error(error, problem);
        return FALSE;
    }
    gboolean waits = g_error_matches(problem, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NO_ANSWER);
    g_clear_error(&problem);
    if (!j->answered) {
        if (waits && !j->said && now - j->asked >= ANSWER) {
            *note = say_no_answer(j);
            j->said = TRUE;
        }
        return !waits; /* it has ended */
    }
    return !weft_attachment_update(j->attachment) || j->was_recording ||
           weft_livebegin_all_record(j->attachment, j->passed) || now - j->heard >= ADOPT;
}

/* ---- Beginning ---- */

static void add_string(void *data, guint32 id, const char *text, gsize size)
{
    const struct weft_sink *sink = data;
    weft_filewriter_string(sink->writer, id, text, size);
    if (sink->condition)
        weft_condition_string(sink->condition, id, text, size);
    weft_feed_string(sink->feed, sink->drains, id, text, size);
}

/* The recording's time begins here: at ticks of the program, not at its start. */
static void set_start(struct weft_attachment *a, uint64_t ticks)
{
    struct weft_clockmap clock = { 0 };
    guint64 age = weft_clock_monotonic_ns() - a->start.mono_ns;
    if (a->clock_kind == WEFT_CLOCK_COUNTER && age < FIT)
        g_usleep((FIT - age) / 1000 + 1);
    struct weft_clock_anchor now = weft_clock_anchor_now();
    weft_clockmap_init(&clock, a->clock_kind, &a->start);
    if (a->clock_kind == WEFT_CLOCK_COUNTER) {
        struct weft_clock_anchor anchor = now;
        weft_clockmap_add(&clock, &a->start, 0);
        if (weft_clock_kind == WEFT_CLOCK_COUNTER || weft_attachment_anchor(a, &anchor))
            weft_clockmap_add(&clock, &anchor, 0);
    }
    guint64 mono_ns = a->start.mono_ns + weft_clockmap_ns(&clock, ticks);
    weft_clockmap_finish(&clock);
    a->start = (struct weft_clock_anchor){ ticks, mono_ns, now.real_ns - (now.mono_ns - mono_ns) };
}

/* The program's ticks now. */
static uint64_t now_of(const struct weft_attachment *a)
{
    struct weft_clock_anchor anchor;
    if (a->clock_kind == WEFT_CLOCK_MONOTONIC)
        return weft_clock_monotonic_ns();
    if (a->clock_kind == weft_clock_kind)
        return weft_clock_now();
    return weft_attachment_anchor(a, &anchor) ? anchor.ticks : a->start.ticks;
}

/* The first slot of each ring that is this recording's. */
static void begin_rings(weft_joining *j, weft_filewriter *writer)
{
    const GPtrArray *rings = j->attachment->rings;
    guint64 *first = g_new(guint64, rings->len);
    for (guint i = 0; i < rings->len; i++) {
        const struct weft_attached_ring *attached = rings->pdata[i];
        first[i] = attached ? attached->reader.next : 0;
    }
    for (guint i = j->begin.pieces->len; i-- > 0;) {
        struct weft_livepiece *piece = j->begin.pieces->pdata[i];
        first[piece->ring] = piece->ordinal;
    }
    for (guint i = 0; i < j->begin.pieces->len; i++) {
        struct weft_livepiece *piece = j->begin.pieces->pdata[i];
        if (piece->ordinal == first[piece->ring])
            piece->read.unread = 0; /* before it began */
    }
    for (guint i = 0; i < rings->len; i++)
        if (first[i] > 0)
            weft_filewriter_begin_ring(writer, i, first[i]);
    g_free(first);
}

static void ask_of_beginning(const weft_joining *j, struct weft_sink *sink)
{
    struct weft_condition_hit hit;
    weft_feed_state(sink->feed, 0, j->begin.tables.state);
    if (!sink->condition)
        return;
    guint hits = weft_condition_begin(sink->condition, j->begin.tables.state, j->begin.begin, &hit);
    weft_sink_count_hits(sink, hits, &hit);
}

struct weft_drain *weft_joining_begin(weft_joining *j, struct weft_sink *sink, GError **error)
{
    struct weft_attachment *a = j->attachment;
    struct weft_heap_definitions definitions = { add_string, NULL, sink };
    struct weft_tablenames names;
    weft_tablenames_init(&names, &definitions);
    weft_attachment_update(a);
    j->begin = weft_livebegin_read(a, &names, now_of(a));
    weft_tablenames_finish(&names);
    set_start(a, j->begin.begin);
    j->begun = TRUE;
    struct weft_drain *drain = weft_drain_new(sink, a, error);
    if (!drain)
        return NULL;
    weft_drain_heap(drain, FALSE);
    begin_rings(j, sink->writer);
    if (j->begin.amid)
        ask_of_beginning(j, sink);
    if (!j->begin.amid || weft_filewriter_state(sink->writer, j->begin.tables.state, error))
        return drain;
    weft_drain_stop(drain);
    weft_drain_free(drain);
    return NULL;
}

gboolean weft_joining_first_events(weft_joining *j, struct weft_drain *drain, GError **error)
{
    gboolean ok = TRUE;
    for (guint i = 0; ok && i < j->begin.pieces->len; i++) {
        const struct weft_livepiece *piece = j->begin.pieces->pdata[i];
        ok = weft_drain_take(drain, piece->ring, piece->records, &piece->read, error);
    }
    weft_livebegin_clear(&j->begin);
    j->begin = (struct weft_livebegin){ 0 };
    return ok;
}

/* ---- Leaving ---- */

void weft_joining_leave(weft_joining *j)
{
    if (!j->controller)
        return;
    const struct weft_attachment *a = j->attachment;
    weft_attachment_lease(j->attachment, 0);
    g_clear_pointer(&j->controller, weft_controller_close);
    guint64 until = weft_clock_monotonic_ns() + ADOPT;
    while (j->answered && weft_clock_monotonic_ns() < until && weft_segment_is_held(a->fd) &&
           atomic_load_explicit(&a->segment->mode, memory_order_acquire) == WEFT_MODE_STREAM)
        g_usleep(1000);
}
