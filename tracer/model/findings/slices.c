/* slices.c: see slices.h. blocking-call: one slice that held its loop for long, and what it
 * delayed: the tasks that were ready meanwhile, the timers that were due.
 *
 * A slice within another (an eager start) is told of alone, when it is long by itself; the one
 * around it then counts without it. */
#include "tracer/model/findings/slices.h"
#include <string.h>

struct dispatch *slices_of(struct slices *slices, uint32_t ring)
{
    if (ring >= slices->loops->len)
        g_ptr_array_set_size(slices->loops, (gint)ring + 1);
    if (!slices->loops->pdata[ring]) {
        struct dispatch *d = slices->loops->pdata[ring] = g_new(struct dispatch, 1);
        dispatch_init(d, 0);
    }
    return slices->loops->pdata[ring];
}

/* ---- What is said of a slice ---- */

enum { READY, TIMERS, LATEST_NS };

static char *tell(const weft_findings *f, const struct found *found, struct weft_sentence *s)
{
    say_subject(s, f->model, found->others[0]);
    if (!found->pub.proved)
        say(s, " may have run for ");
    else
        say(s, found->pub.lasts ? " has run for " : " ran for ");
    say_duration(s, found->worst_ns);
    say(s, " without letting the loop go on");
    say_way(s, f, found->sites[0], found->sites[1]);
    gint64 ready = found->numbers[READY], timers = found->numbers[TIMERS];
    if (ready > 0) {
        const uint64_t *victims = (const uint64_t *)(void *)found->entities->data;
        guint own = found->entities->len && victims[0] == found->others[0];
        say(s, "; meanwhile ");
        say_some_entities(s, f->model, victims + own, (guint)MIN(ready, found->entities->len - own),
                          ready);
        say(s, ready == 1 ? " was ready and did not run" : " were ready and did not run");
    }
    if (timers > 0) {
        say(s, ready > 0 ? ", and " : "; meanwhile ");
        say(s, timers == 1 ? "a timer" : "%" G_GINT64_FORMAT " timers", timers);
        say(s, timers == 1 ? " was late by " : " were late, by up to ");
        say_duration(s, found->numbers[LATEST_NS]);
    }
    say_more(s, found, "slices");
    return g_strdup("Let a thread do it: await weft_to_thread() (Python: asyncio.to_thread()); or "
                    "cut it in pieces, with weft_sleep(0) between them");
}

/* The timers of the ring that became due in the slice. */
static void count_timers(const struct slices *slices, const struct watched_ring *ring,
                         struct found *found, gint64 from_ns, gint64 to_ns)
{
    guint i = 0;
    const weft_findings *f = slices->f;
    for (const struct weft_object_at *o; (o = weft_state_next_object(f->state, &i));) {
        unsigned kind = weft_id_kind(o->id);
        if ((kind != WEFT_ENTITY_TIMER && kind != WEFT_ENTITY_TIMEOUT) ||
            weft_id_ring(o->id) != ring->index || o->done || o->deadline_mono_ns == G_MAXINT64)
            continue;
        gint64 due = findings_due(f, o);
        if (due < from_ns || due >= to_ns || weft_idtable_find(&slices->past_due, o->id))
            continue;
        found->numbers[TIMERS]++;
        found->numbers[LATEST_NS] = MAX(found->numbers[LATEST_NS], to_ns - due);
    }
}

static void name_victims(const struct slices *slices, const struct watched_ring *ring,
                         struct found *found, const struct slice *slice)
{
    guint n;
    memset(found->numbers, 0, sizeof found->numbers);
    const uint64_t *ready = weft_state_ready(slices->f->state, ring->index, &n);
    for (guint i = 0; i < n; i++) {
        if (ready[i] == slice->id || weft_id_kind(ready[i]) != WEFT_ENTITY_TASK)
            continue;
        found->numbers[READY]++;
        found_name(found, ready[i]);
    }
    count_timers(slices, ring, found, slice->from_ns, slice->to_ns);
}

/* The state is that of the slice's end. */
static void judge_slice(struct slices *slices, const struct watched_ring *ring,
                        const struct slice *slice, gint64 ns, gboolean lasts)
{
    weft_findings *f = slices->f;
    enum weft_severity severity = WEFT_SEVERITY_HINT;
    if (ns >= findings_threshold(f, WEFT_THRESHOLD_BLOCKING_SLICE))
        severity = WEFT_SEVERITY_WARNING;
    else if (ns < findings_threshold(f, WEFT_THRESHOLD_BLOCKING_HINT))
        return;
    gboolean worst, task = weft_id_kind(slice->id) == WEFT_ENTITY_TASK;
    /* Alike: those that go on from one place. */
    struct alike fold = { RULE_BLOCKING_CALL,
                          { slice->from ? slice->from : slice->id, slice->from != 0 } };
    struct found *found = found_add(f, fold, slice->id, slice->from_ns, ns, severity, &worst);
    found->tell = tell;
    if (!worst)
        return;
    found->pub.subject = task ? slice->id : 0;
    found->pub.site = slice->from ? slice->from : slice->to;
    found->pub.from_ns = slice->from_ns;
    found->pub.to_ns = slice->to_ns;
    found->pub.lasts = lasts;
    found->pub.proved = !slice->guess;
    found->others[0] = slice->id;
    found->sites[0] = slice->from;
    found->sites[1] = slice->to;
    name_victims(slices, ring, found, slice);
}

/* ---- Following ---- */

static guint32 site_before(const weft_findings *f, const struct open_slice *frame)
{
    const struct weft_task_at *task = frame->task ? weft_state_task(f->state, frame->id) : NULL;
    if (!task)
        return frame->site;
    return task->site ? task->site : task->created_site;
}

static void ended(struct slices *slices, struct dispatch *d, const struct happening *h,
                  const struct open_slice *frame)
{
    weft_findings *f = slices->f;
    gint64 ns = h->time_ns - frame->since_ns;
    struct open_slice *outer = d->depth ? &d->frames[d->depth - 1] : NULL;
    if (outer) {
        outer->nested_ns = MAX(outer->nested_ns, MAX(ns, frame->nested_ns));
        outer->nested_all_ns += ns;
    }
    gint64 hint_ns = findings_threshold(f, WEFT_THRESHOLD_BLOCKING_HINT);
    if (ns < MIN(1000000, hint_ns))
        return;
    struct slice slice = { .id = frame->id,
                           .from = site_before(f, frame),
                           .to = frame->task ? h->record->site : 0,
                           .from_ns = frame->since_ns,
                           .to_ns = h->time_ns,
                           .guess = frame->guess };
    ns = findings_span(h->ring, frame->since_ns, h->time_ns);
    if (frame->nested_ns >= hint_ns)
        ns -= frame->nested_all_ns; /* what is inside was told of */
    if (!outer)
        dispatch_held(d, &slice);
    judge_slice(slices, h->ring, &slice, ns, FALSE);
}

static void on_record(gpointer self, const struct happening *h)
{
    struct slices *slices = self;
    struct dispatch *d = slices_of(slices, h->ring->index);
    const struct weft_record *r = h->record;
    struct open_slice frame;
    switch (r->kind) {
    case WEFT_RECORD_RESUME:
        starved_resumed(slices, d, h);
        dispatch_push(d, r->subject, h->time_ns, 0, TRUE);
        break;
    case WEFT_RECORD_SUSPEND:
    case WEFT_RECORD_TASK_DONE:
        if (dispatch_pop(d, r->subject, h->time_ns, &frame))
            ended(slices, d, h, &frame);
        break;
    case WEFT_RECORD_CALLBACK_BEGIN:
        dispatch_push(d, r->subject, h->time_ns, r->site, FALSE);
        break;
    case WEFT_RECORD_CALLBACK_END:
        if (dispatch_pop(d, 0, h->time_ns, &frame))
            ended(slices, d, h, &frame);
        break;
    case WEFT_RECORD_LOOP_OPEN: /* a ring may be used again, by another loop */
        dispatch_init(d, h->time_ns);
        break;
    case WEFT_RECORD_ITERATION:
        d->last_iteration_ns = d->iteration_ns;
        d->iteration_ns = h->time_ns;
        /* fallthrough */
    case WEFT_RECORD_POLL_BEGIN:
    case WEFT_RECORD_POLL_END:
    case WEFT_RECORD_LOOP_CLOSE:
        d->depth = d->deeper = 0; /* nobody's slice goes across the loop's own */
        break;
    default:
        late_look(slices, h);
    }
}

/* Those that ran when the trace began. A program that stands by looks at its clock now and then
 * only: since when they ran is a guess, and so is which of several slices it was. */
static void begin(gpointer self)
{
    struct slices *slices = self;
    const weft_state *state = slices->f->state;
    slices->began_ns = weft_trace_begins_with_state(slices->f->trace) ? weft_state_latest(state)
                                                                      : G_MININT64;
    for (uint32_t ring = 0; ring < weft_state_n_rings(state); ring++) {
        guint n;
        const uint64_t *running = weft_state_all_running(state, ring, &n);
        for (guint i = 0; i < n; i++) {
            const struct weft_task_at *task = weft_state_task(state, running[i]);
            struct dispatch *d = slices_of(slices, ring);
            if (!task || d->depth == FRAMES)
                continue;
            dispatch_push(d, task->id, findings_time(task->since_ns), 0, TRUE);
            d->frames[d->depth - 1].guess = TRUE;
        }
    }
}

static void lose(gpointer self, struct watched_ring *ring, guint64 slots, gint64 from_ns,
                 gint64 to_ns)
{
    (void)slots, (void)from_ns;
    dispatch_init(slices_of(self, ring->index), to_ns);
}

/* A slice that runs. */
static void now(gpointer self, gint64 now_ns, gboolean ended_too)
{
    (void)now_ns, (void)ended_too;
    struct slices *slices = self;
    weft_findings *f = slices->f;
    for (guint i = 0; i < slices->loops->len; i++) {
        const struct dispatch *d = slices->loops->pdata[i];
        const struct watched_ring *ring = findings_ring(f, i);
        if (!d || d->depth == 0 || !findings_end_known(f, ring))
            continue;
        const struct open_slice *frame = &d->frames[d->depth - 1];
        struct slice slice = { frame->id,
                               site_before(f, frame),
                               0,
                               frame->since_ns,
                               MAX(ring->now_ns, frame->since_ns),
                               frame->guess };
        judge_slice(slices, ring, &slice, findings_span(ring, slice.from_ns, slice.to_ns), TRUE);
        starved_now(slices, ring);
    }
}

/* ---- For starved.c and late.c ---- */

gboolean slices_blame(struct slices *slices, const struct watched_ring *ring, gint64 from_ns,
                      gint64 to_ns, struct blame *blame)
{
    const struct dispatch *d = slices_of(slices, ring->index);
    gint64 half = findings_span(ring, from_ns, to_ns) / 2;
    blame->busy_ns = dispatch_busy(d, from_ns, to_ns, &blame->slices);
    if (blame->busy_ns < half)
        return FALSE;
    struct slice *one = &blame->one;
    if (!dispatch_longest(d, from_ns, to_ns, one) ||
        MIN(one->to_ns, to_ns) - MAX(one->from_ns, from_ns) < half)
        *one = (struct slice){ 0 };
    if (one->id && d->depth > 0 && one->from_ns == d->frames[0].since_ns)
        one->from = site_before(slices->f, &d->frames[0]);
    return TRUE;
}

struct alike blamed_alike(enum rule rule, const struct watched_ring *ring,
                          const struct blame *blame)
{
    const struct slice *one = &blame->one;
    if (!one->id)
        return (struct alike){ rule, { ring->index, 2 } };
    return (struct alike){ rule, { one->from ? one->from : one->id, one->from != 0 } };
}

void found_blame(struct found *found, const struct blame *blame)
{
    found->others[0] = blame->one.id;
    found->sites[0] = blame->one.from;
    found->sites[1] = blame->one.to;
    found_name(found, blame->one.id);
}

void say_holder_of_loop(struct weft_sentence *s, const weft_findings *f, const struct found *found)
{
    say_entity(s, f->model, found->others[0]);
    say(s, " held the loop");
    say_way(s, f, found->sites[0], found->sites[1]);
}

/* ---- The family ---- */

static gpointer new_slices(weft_findings *f)
{
    struct slices *slices = g_new0(struct slices, 1);
    slices->f = f;
    slices->loops = g_ptr_array_new_with_free_func(g_free);
    weft_idtable_init(&slices->past_due, WEFT_IDENTRY_MIN);
    return slices;
}

static void free_slices(gpointer self)
{
    struct slices *slices = self;
    g_ptr_array_unref(slices->loops);
    weft_idtable_finish(&slices->past_due);
    g_free(slices);
}

const struct family slices_family = {
    .before = KIND(RESUME) | KIND(SUSPEND) | KIND(TASK_DONE) | KIND(CALLBACK_BEGIN) |
              KIND(CALLBACK_END) | KIND(ITERATION) | KIND(POLL_BEGIN) | KIND(POLL_END) |
              KIND(LOOP_OPEN) | KIND(LOOP_CLOSE) | KIND(TIMER_SET) | KIND(TIMER_FIRE) |
              KIND(TIMER_CANCEL) | KIND(TIMEOUT_ENTER) | KIND(TIMEOUT_RESCHEDULE) |
              KIND(TIMEOUT_EXPIRE) | KIND(TIMEOUT_EXIT),
    .new = new_slices,
    .free = free_slices,
    .begin = begin,
    .before_record = on_record,
    .lose = lose,
    .now = now,
};
