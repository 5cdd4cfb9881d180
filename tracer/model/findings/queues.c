/* queues.c: queue-full, queue-empty: one side of a queue waits most of the time for the other.
 *
 *   put  get     put            get                get
 *    |----|-------|--------------|------------------|         life: first use to last
 *                 [ for room    ][    for items    ]          somebody waits, on either side
 *
 * What comes behind the last item counts for nothing: consumers that wait for work that does not
 * come are as they should be. */
#include "tracer/model/findings/found.h"
#include "tracer/trace/idtable.h"

enum side { PRODUCERS, CONSUMERS, SIDES };

struct waiting_side {
    guint waiters;
    gint64 since_ns;            /* when there are any */
    gint64 ns, ns_at_last_item; /* for how long there were any */
};

struct queue {
    uint64_t id;
    gint64 from_ns, last_item_ns;
    guint64 puts, gets;
    struct waiting_side sides[SIDES];
};

struct queues {
    weft_findings *f;
    struct weft_idtable queues; /* of struct queue */
    guint waiters;              /* of all of them */
};

static const struct {
    enum rule rule;
    enum weft_threshold_id share, items;
    const char *said, *slow, *fix;
} rules[SIDES] = {
    [PRODUCERS] = { RULE_QUEUE_FULL, WEFT_THRESHOLD_QUEUE_FULL_SHARE,
                    WEFT_THRESHOLD_QUEUE_FULL_ITEMS, "Producers waited for room in ", "consumers",
                    "Have more consumers, or quicker ones; a larger queue helps over bursts only" },
    [CONSUMERS] = { RULE_QUEUE_EMPTY, WEFT_THRESHOLD_QUEUE_EMPTY_SHARE,
                    WEFT_THRESHOLD_QUEUE_EMPTY_ITEMS, "Consumers waited for items of ", "producers",
                    "Nothing, where work comes as it comes; else have more producers, or quicker "
                    "ones: more consumers would wait as well" },
};

static char *tell(const weft_findings *f, const struct found *found, struct weft_sentence *s)
{
    enum side side = found->pub.rule == weft_finding_rule("queue-full") ? PRODUCERS : CONSUMERS;
    say(s, "%s", rules[side].said);
    say_entity(s, f->model, found->others[0]);
    say(s, " for ");
    say_duration(s, found->worst_ns);
    say(s, " of ");
    say_duration(s, found->numbers[0]);
    say(s, ", over %" G_GINT64_FORMAT " items: its %s are the slow side", found->numbers[1],
        rules[side].slow);
    say_more(s, found, "queues");
    return g_strdup(rules[side].fix);
}

static void judge_side(struct queues *queues, const struct queue *q, enum side side, gboolean lasts)
{
    weft_findings *f = queues->f;
    const struct watched_ring *ring = findings_ring(f, weft_id_ring(q->id));
    if (!ring)
        return;
    gint64 life_ns = findings_span(ring, q->from_ns, q->last_item_ns);
    gint64 ns = q->sides[side].ns_at_last_item;
    if (life_ns == 0 || q->puts == 0 ||
        q->gets < (guint64)findings_threshold(f, rules[side].items) ||
        (double)ns * 100 < (double)life_ns * findings_threshold(f, rules[side].share))
        return;
    const struct weft_object_at *object = weft_state_object(f->state, q->id);
    guint32 site = object ? object->site : 0;
    gboolean worst;
    struct alike alike = { rules[side].rule, { site ? site : q->id, site != 0 } };
    struct found *found = found_add(f, alike, q->id, q->from_ns, ns, WEFT_SEVERITY_HINT, &worst);
    found->tell = tell;
    if (!worst)
        return;
    found->pub.subject = 0; /* no task's fault */
    found->pub.lasts = lasts && q->sides[side].waiters > 0;
    found->pub.site = site;
    found->pub.from_ns = q->from_ns;
    found->pub.to_ns = q->last_item_ns;
    found->others[0] = q->id;
    found->numbers[0] = life_ns;
    found->numbers[1] = (gint64)MIN(q->gets, G_MAXINT64);
}

static void judge(struct queues *queues, const struct queue *q, gboolean lasts)
{
    for (enum side side = 0; side < SIDES; side++)
        judge_side(queues, q, side, lasts);
}

static gboolean is_queue(uint64_t id)
{
    return weft_id_kind(id) == WEFT_ENTITY_QUEUE;
}

static struct queue *queue_of(struct queues *queues, uint64_t id, gint64 ns)
{
    struct queue *q = weft_idtable_find(&queues->queues, id);
    if (q)
        return q;
    q = weft_idtable_add(&queues->queues, id);
    q->from_ns = q->last_item_ns = ns;
    return q;
}

/* FALSE: this waits for no item and no room. */
static gboolean side_of(unsigned await, enum side *side)
{
    *side = await == WEFT_AWAIT_QUEUE_PUT ? PRODUCERS : CONSUMERS;
    return await == WEFT_AWAIT_QUEUE_PUT || await == WEFT_AWAIT_QUEUE_GET;
}

static void joins(struct queues *queues, uint64_t id, unsigned await, gint64 ns)
{
    enum side side;
    if (!side_of(await, &side) || !is_queue(id))
        return;
    struct waiting_side *waiting = &queue_of(queues, id, ns)->sides[side];
    if (waiting->waiters++ == 0)
        waiting->since_ns = ns;
    queues->waiters++;
}

static void leaves(struct queues *queues, const struct happening *h)
{
    const struct weft_task_at *task = weft_state_task(queues->f->state, h->record->subject);
    enum side side;
    if (!task || !side_of(task->detail, &side) ||
        (task->state != WEFT_STATE_WAITING && task->state != WEFT_STATE_CANCELLING))
        return;
    struct queue *q = weft_idtable_find(&queues->queues, task->other);
    struct waiting_side *waiting = q ? &q->sides[side] : NULL;
    if (!waiting || waiting->waiters == 0)
        return;
    queues->waiters--;
    if (--waiting->waiters == 0)
        waiting->ns += findings_span(h->ring, waiting->since_ns, h->time_ns);
}

static void used(struct queues *queues, const struct happening *h)
{
    const struct weft_record *r = h->record;
    if (!is_queue(r->subject) || (r->detail != WEFT_RESOURCE_PUT && r->detail != WEFT_RESOURCE_GET))
        return;
    struct queue *q = queue_of(queues, r->subject, h->time_ns);
    q->puts += r->detail == WEFT_RESOURCE_PUT;
    q->gets += r->detail == WEFT_RESOURCE_GET;
    q->last_item_ns = h->time_ns;
    for (enum side side = 0; side < SIDES; side++) {
        struct waiting_side *waiting = &q->sides[side];
        if (waiting->waiters > 0) {
            waiting->ns += findings_span(h->ring, waiting->since_ns, h->time_ns);
            waiting->since_ns = h->time_ns;
        }
        waiting->ns_at_last_item = waiting->ns;
    }
}

static void on_record(gpointer self, const struct happening *h)
{
    struct queues *queues = self;
    const struct weft_record *r = h->record;
    switch (r->kind) {
    case WEFT_RECORD_SUSPEND:
        if (r->detail == WEFT_AWAIT_QUEUE_GET || r->detail == WEFT_AWAIT_QUEUE_PUT) {
            leaves(queues, h);
            joins(queues, r->object, r->detail, h->time_ns);
        }
        return;
    case WEFT_RECORD_RESOURCE:
        used(queues, h);
        return;
    case WEFT_RECORD_OBJECT_FREE:
        if (!queues->queues.live || !is_queue(r->subject))
            return;
        struct queue *q = weft_idtable_find(&queues->queues, r->subject);
        if (!q)
            return;
        judge(queues, q, FALSE);
        queues->waiters -= q->sides[PRODUCERS].waiters + q->sides[CONSUMERS].waiters;
        weft_idtable_remove(&queues->queues, r->subject);
        return;
    default:
        leaves(queues, h);
    }
}

static void begin(gpointer self)
{
    struct queues *queues = self;
    gint64 ns = findings_time(weft_trace_begin_ns(queues->f->trace));
    guint i = 0;
    for (const struct weft_task_at *task; (task = weft_state_next_task(queues->f->state, &i));)
        if (task->state == WEFT_STATE_WAITING)
            joins(queues, task->other, task->detail, ns);
}

static void lose(gpointer self, struct watched_ring *ring, guint64 slots, gint64 from_ns,
                 gint64 to_ns)
{
    (void)slots, (void)from_ns, (void)to_ns;
    struct queues *queues = self;
    for (guint i = 0; i < weft_idtable_n(&queues->queues); i++) {
        const struct queue *q = weft_idtable_at(&queues->queues, i);
        if (!q || weft_id_ring(q->id) != ring->index)
            continue;
        queues->waiters -= q->sides[PRODUCERS].waiters + q->sides[CONSUMERS].waiters;
        weft_idtable_remove(&queues->queues, q->id);
    }
}

static void now(gpointer self, gint64 now_ns, gboolean ended)
{
    (void)now_ns, (void)ended;
    struct queues *queues = self;
    for (guint i = 0; i < weft_idtable_n(&queues->queues); i++) {
        const struct queue *q = weft_idtable_at(&queues->queues, i);
        if (q)
            judge(queues, q, TRUE);
    }
}

static gpointer new_queues(weft_findings *f)
{
    struct queues *queues = g_new0(struct queues, 1);
    queues->f = f;
    weft_idtable_init(&queues->queues, sizeof(struct queue));
    return queues;
}

static void free_queues(gpointer self)
{
    weft_idtable_finish(&((struct queues *)self)->queues);
    g_free(self);
}

static const guint *awake(gpointer self)
{
    return &((struct queues *)self)->waiters;
}

const struct family queues_family = {
    .before = KIND(SUSPEND) | KIND(WAKE) | KIND(RESOURCE) | KIND(OBJECT_FREE) | KIND(TASK_DONE) |
              KIND(TASK_FREE),
    .lazy = KIND(WAKE) | KIND(TASK_DONE) | KIND(TASK_FREE),
    .awake = awake,
    .new = new_queues,
    .free = free_queues,
    .begin = begin,
    .before_record = on_record,
    .lose = lose,
    .now = now,
};
