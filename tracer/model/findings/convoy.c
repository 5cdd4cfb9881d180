/* convoy.c: lock-convoy: a lock that many tasks wait for, much of the time.
 *
 *   waiters:   1 2 3 4 5 4 3 4 6 5 4 2 1 . . . . 1 2 4 5
 *                    |crowd|  |crowd |             |crowd
 *                    |---- window ---|             |---- the next
 *
 * A window goes on with the next crowd if it is crowded for half of the time then still. One that
 * never saw the lock given back is no convoy: whoever holds it hangs, which others judge. */
#include "tracer/model/findings/found.h"
#include "tracer/trace/idtable.h"

struct use {
    guint held; /* how often it was given back */
    gint64 held_ns;
    gint64 waited_ns; /* by all waiters together */
};

struct wanted { /* a lock that tasks wait for, or did */
    uint64_t id;
    guint waiters, most;
    gint64 from_ns, to_ns; /* the window; G_MININT64: there is none */
    gint64 crowd_ns;       /* since when there is a crowd; G_MININT64: there is none */
    gint64 crowded_ns;     /* of the window, up to the last crowd's end */
    gint64 counted_ns;     /* its waiters' time, up to here */
    gint64 taken_ns;       /* since when it is held, as far as seen; G_MININT64: it is not */
    struct use use, at_crowds_end; /* in the window */
};

struct convoy {
    weft_findings *f;
    struct weft_idtable locks; /* of struct wanted */
    guint waiters;             /* of all of them */
};

enum { CROWDED_NS, WINDOW_NS, MOST, HELD, HELD_NS };

static char *tell(const weft_findings *f, const struct found *found, struct weft_sentence *s)
{
    say_entity(s, f->model, found->others[0]);
    say(s, " had %" G_GINT64_FORMAT " and more waiters for ",
        findings_threshold(f, WEFT_THRESHOLD_CONVOY_WAITERS));
    say_duration(s, found->numbers[CROWDED_NS]);
    say(s, " of ");
    say_duration(s, found->numbers[WINDOW_NS]);
    say(s, ", up to %" G_GINT64_FORMAT "; they waited ", found->numbers[MOST]);
    say_duration(s, found->worst_ns);
    say(s, " in all, while it was held %" G_GINT64_FORMAT " time%s, ", found->numbers[HELD],
        found->numbers[HELD] == 1 ? "" : "s");
    say_duration(s, found->numbers[HELD_NS] / found->numbers[HELD]);
    say(s, " each on average");
    say_more(s, found, "convoys");
    return g_strdup("Hold it for less: what needs not be under it, awaits first, goes before or "
                    "behind it; or make several locks of it, one for each thing it guards");
}

static void judge(struct convoy *convoy, const struct wanted *w, gint64 now_ns, gboolean lasts)
{
    weft_findings *f = convoy->f;
    const struct watched_ring *ring = findings_ring(f, weft_id_ring(w->id));
    gboolean crowd = w->crowd_ns != G_MININT64;
    const struct use *use = crowd ? &w->use : &w->at_crowds_end;
    if (!ring || w->from_ns == G_MININT64 || use->held == 0)
        return;
    gint64 to_ns = crowd ? MAX(now_ns, w->counted_ns) : w->to_ns;
    gint64 crowded_ns = w->crowded_ns + (crowd ? findings_span(ring, w->crowd_ns, to_ns) : 0);
    gint64 ns = findings_span(ring, w->from_ns, to_ns);
    if (ns < findings_threshold(f, WEFT_THRESHOLD_CONVOY_WINDOW) ||
        crowded_ns / 100.0 < (double)ns / 1e4 * findings_threshold(f, WEFT_THRESHOLD_CONVOY_SHARE))
        return;
    const struct weft_object_at *lock = weft_state_object(f->state, w->id);
    guint32 site = lock ? lock->site : 0;
    gboolean worst;
    struct alike alike = { RULE_LOCK_CONVOY, { site ? site : w->id, site != 0 } };
    struct found *found = found_add(f, alike, w->id, w->from_ns, use->waited_ns,
                                    WEFT_SEVERITY_WARNING, &worst);
    found->tell = tell;
    if (!worst)
        return;
    found->pub.subject = 0; /* no task's fault */
    found->pub.lasts = lasts && crowd;
    found->pub.site = site;
    found->pub.from_ns = w->from_ns;
    found->pub.to_ns = to_ns;
    found->others[0] = w->id;
    found->numbers[CROWDED_NS] = crowded_ns;
    found->numbers[WINDOW_NS] = to_ns - w->from_ns;
    found->numbers[MOST] = w->most;
    found->numbers[HELD] = use->held;
    found->numbers[HELD_NS] = use->held_ns;
}

static void crowd_begins(struct convoy *convoy, struct wanted *w, const struct watched_ring *ring,
                         gint64 ns)
{
    gint64 share = findings_threshold(convoy->f, WEFT_THRESHOLD_CONVOY_SHARE);
    w->crowd_ns = ns;
    if (w->from_ns != G_MININT64 &&
        w->crowded_ns / 100.0 >= (double)findings_span(ring, w->from_ns, ns) / 1e4 * share)
        return;
    w->crowd_ns = G_MININT64;
    judge(convoy, w, ns, FALSE);
    w->from_ns = w->to_ns = w->crowd_ns = w->counted_ns = ns;
    w->crowded_ns = 0;
    w->use = (struct use){ 0 };
    w->most = 0;
}

/* One waits more, or one less. */
static void waiters_change(struct convoy *convoy, struct wanted *w, const struct watched_ring *ring,
                           gint64 ns, int change)
{
    guint many = (guint)findings_threshold(convoy->f, WEFT_THRESHOLD_CONVOY_WAITERS);
    w->use.waited_ns += findings_span(ring, w->counted_ns, ns) * w->waiters;
    w->counted_ns = ns;
    w->waiters += (guint)change;
    convoy->waiters += (guint)change;
    if (w->waiters >= many && w->crowd_ns == G_MININT64) {
        crowd_begins(convoy, w, ring, ns);
    } else if (w->waiters < many && w->crowd_ns != G_MININT64) {
        w->crowded_ns += findings_span(ring, w->crowd_ns, ns);
        w->crowd_ns = G_MININT64;
        w->to_ns = ns;
        w->at_crowds_end = w->use;
    }
    w->most = MAX(w->most, w->waiters);
}

static struct wanted *want(struct convoy *convoy, uint64_t lock, gint64 ns)
{
    struct wanted *w = weft_idtable_find(&convoy->locks, lock);
    if (w)
        return w;
    w = weft_idtable_add(&convoy->locks, lock);
    const struct weft_object_at *object = weft_state_object(convoy->f->state, lock);
    w->from_ns = w->to_ns = w->crowd_ns = G_MININT64;
    w->taken_ns = object && object->owner ? ns : G_MININT64;
    w->counted_ns = ns;
    return w;
}

static gboolean is_lock(uint64_t id)
{
    return weft_id_kind(id) == WEFT_ENTITY_LOCK;
}

static void used(struct convoy *convoy, const struct happening *h)
{
    struct wanted *w = weft_idtable_find(&convoy->locks, h->record->subject);
    if (!w)
        return;
    if (h->record->detail == WEFT_RESOURCE_RELEASE && w->taken_ns != G_MININT64) {
        w->use.held_ns += findings_span(h->ring, MAX(w->taken_ns, w->from_ns), h->time_ns);
        w->use.held++;
    }
    w->taken_ns = h->record->detail == WEFT_RESOURCE_ACQUIRE ? h->time_ns : G_MININT64;
}

/* It waits for a lock no more. */
static void leaves(struct convoy *convoy, const struct happening *h)
{
    const struct weft_task_at *task = weft_state_task(convoy->f->state, h->record->subject);
    if (!task || task->detail != WEFT_AWAIT_LOCK ||
        (task->state != WEFT_STATE_WAITING && task->state != WEFT_STATE_CANCELLING))
        return;
    struct wanted *w = weft_idtable_find(&convoy->locks, task->other);
    if (w && w->waiters > 0)
        waiters_change(convoy, w, h->ring, h->time_ns, -1);
}

static void on_record(gpointer self, const struct happening *h)
{
    struct convoy *convoy = self;
    const struct weft_record *r = h->record;
    switch (r->kind) {
    case WEFT_RECORD_SUSPEND:
        if (r->detail != WEFT_AWAIT_LOCK || !is_lock(r->object))
            return;
        leaves(convoy, h);
        struct wanted *w = want(convoy, r->object, h->time_ns);
        waiters_change(convoy, w, h->ring, h->time_ns, 1);
        return;
    case WEFT_RECORD_RESOURCE:
        if (convoy->locks.live && is_lock(r->subject))
            used(convoy, h);
        return;
    case WEFT_RECORD_OBJECT_FREE:
        if (!convoy->locks.live || !is_lock(r->subject))
            return;
        w = weft_idtable_find(&convoy->locks, r->subject);
        if (!w)
            return;
        judge(convoy, w, h->time_ns, FALSE);
        convoy->waiters -= w->waiters;
        weft_idtable_remove(&convoy->locks, r->subject);
        return;
    default:
        leaves(convoy, h);
    }
}

static void begin(gpointer self)
{
    struct convoy *convoy = self;
    gint64 ns = findings_time(weft_trace_begin_ns(convoy->f->trace));
    guint i = 0;
    for (const struct weft_task_at *task; (task = weft_state_next_task(convoy->f->state, &i));)
        if (task->state == WEFT_STATE_WAITING && task->detail == WEFT_AWAIT_LOCK &&
            is_lock(task->other))
            waiters_change(convoy, want(convoy, task->other, ns),
                           findings_ring(convoy->f, weft_id_ring(task->other)), ns, 1);
}

/* Who waits, and who holds it, is not known any more. */
static void lose(gpointer self, struct watched_ring *ring, guint64 slots, gint64 from_ns,
                 gint64 to_ns)
{
    (void)slots, (void)to_ns;
    struct convoy *convoy = self;
    for (guint i = 0; i < weft_idtable_n(&convoy->locks); i++) {
        const struct wanted *w = weft_idtable_at(&convoy->locks, i);
        if (!w || weft_id_ring(w->id) != ring->index)
            continue;
        judge(convoy, w, from_ns, FALSE);
        convoy->waiters -= w->waiters;
        weft_idtable_remove(&convoy->locks, w->id);
    }
}

static void now(gpointer self, gint64 now_ns, gboolean ended)
{
    (void)now_ns, (void)ended;
    struct convoy *convoy = self;
    for (guint i = 0; i < weft_idtable_n(&convoy->locks); i++) {
        const struct wanted *w = weft_idtable_at(&convoy->locks, i);
        const struct watched_ring *ring = w ? findings_ring(convoy->f, weft_id_ring(w->id)) : NULL;
        if (ring)
            judge(convoy, w, ring->now_ns, TRUE);
    }
}

static gpointer new_convoy(weft_findings *f)
{
    struct convoy *convoy = g_new0(struct convoy, 1);
    convoy->f = f;
    weft_idtable_init(&convoy->locks, sizeof(struct wanted));
    return convoy;
}

static void free_convoy(gpointer self)
{
    weft_idtable_finish(&((struct convoy *)self)->locks);
    g_free(self);
}

static const guint *awake(gpointer self)
{
    return &((struct convoy *)self)->waiters;
}

const struct family convoy_family = {
    .before = KIND(SUSPEND) | KIND(WAKE) | KIND(RESOURCE) | KIND(OBJECT_FREE) | KIND(TASK_DONE) |
              KIND(TASK_FREE),
    .lazy = KIND(WAKE) | KIND(TASK_DONE) | KIND(TASK_FREE),
    .awake = awake,
    .new = new_convoy,
    .free = free_convoy,
    .begin = begin,
    .before_record = on_record,
    .lose = lose,
    .now = now,
};
