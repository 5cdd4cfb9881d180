/* herd.c: thundering-herd: many tasks are woken at once, and all but one wait again for the same.
 *
 *   woken:  A B C D E F G H            one after the other, with no slice between
 *   then:   A goes on; B ... H wait again, having done nothing that shows but to take a lock
 *
 * Who waits for a lock, a semaphore or a queue again got nothing: that is proof. After an event or
 * a condition each may have done its work in its slice, so it takes one that visibly went on, and
 * it "may" be. Of each loop the last such wave is watched. */
#include "tracer/model/findings/found.h"
#include "tracer/trace/idtable.h"

enum fate { UNDECIDED, AGAIN, WENT_ON };

struct woken {
    uint64_t id;
    guint64 fate;
};

struct wave {
    uint64_t entity, by;
    gint64 from_ns;
};

struct loop_waves {
    struct wave grows; /* while `ids` has any: of the slice that runs */
    GArray *ids;       /* of uint64_t */
    struct wave watched;
    struct weft_idtable woken; /* of struct woken; none: no wave is watched */
    guint n, again, went_on;
    uint64_t lucky; /* who went on */
};

struct herd {
    weft_findings *f;
    GPtrArray *loops; /* by ring; of struct loop_waves *, NULL */
    guint active;     /* those with a wave that grows or is watched */
};

static char *tell(const weft_findings *f, const struct found *found, struct weft_sentence *s)
{
    say(s, "%" G_GINT64_FORMAT " tasks were woken at once", found->numbers[0]);
    if (found->others[1]) {
        say(s, " by ");
        say_entity(s, f->model, found->others[1]);
    }
    say(s, " for ");
    say_entity(s, f->model, found->others[0]);
    if (found->pub.subject) {
        say(s, "; only ");
        say_subject(s, f->model, found->pub.subject);
        say(s, " went on");
    }
    say(s, ", and %" G_GINT64_FORMAT " waited for it again%s", found->numbers[1],
        found->pub.proved ? "" : ": they may have been woken for nothing");
    say_more(s, found, "herds");
    return g_strdup("Wake as many as can go on: notify one for each item instead of all, or hand "
                    "the items out through a queue or a semaphore, which do so");
}

static gboolean is_proof(uint64_t entity)
{
    unsigned kind = weft_id_kind(entity);
    return kind == WEFT_ENTITY_LOCK || kind == WEFT_ENTITY_SEMAPHORE || kind == WEFT_ENTITY_QUEUE;
}

static gboolean may_herd(uint64_t entity)
{
    unsigned kind = weft_id_kind(entity);
    return is_proof(entity) || kind == WEFT_ENTITY_EVENT || kind == WEFT_ENTITY_CONDITION;
}

static void judge(struct herd *herd, const struct loop_waves *loop, const struct happening *h)
{
    weft_findings *f = herd->f;
    const struct wave *wave = &loop->watched;
    gboolean proof = is_proof(wave->entity);
    if (!proof && loop->went_on == 0)
        return;
    const struct weft_object_at *object = weft_state_object(f->state, wave->entity);
    guint32 site = object ? object->site : 0;
    struct alike alike = { RULE_THUNDERING_HERD, { site ? site : wave->entity, site != 0 } };
    gboolean worst;
    struct found *found = found_add(f, alike, loop->lucky, wave->from_ns,
                                    findings_span(h->ring, wave->from_ns, h->time_ns),
                                    WEFT_SEVERITY_WARNING, &worst);
    found->tell = tell;
    if (!worst)
        return;
    found->pub.proved = proof;
    found->pub.site = site;
    found->pub.from_ns = wave->from_ns;
    found->pub.to_ns = h->time_ns;
    found->others[0] = wave->entity;
    found->others[1] = wave->by;
    found->numbers[0] = loop->n;
    found->numbers[1] = loop->again;
    found_name(found, wave->entity);
    for (guint i = 0; i < weft_idtable_n(&loop->woken); i++) {
        const struct woken *woken = weft_idtable_at(&loop->woken, i);
        found_name(found, woken ? woken->id : 0);
    }
}

/* ---- The wave ---- */

static struct loop_waves *loop_of(struct herd *herd, uint32_t ring)
{
    if (ring >= herd->loops->len)
        g_ptr_array_set_size(herd->loops, (gint)ring + 1);
    struct loop_waves *loop = herd->loops->pdata[ring];
    if (!loop) {
        loop = herd->loops->pdata[ring] = g_new0(struct loop_waves, 1);
        loop->ids = g_array_new(FALSE, FALSE, sizeof(uint64_t));
        weft_idtable_init(&loop->woken, sizeof(struct woken));
    }
    return loop;
}

static void watch_no_more(struct loop_waves *loop)
{
    weft_idtable_finish(&loop->woken);
    weft_idtable_init(&loop->woken, sizeof(struct woken));
    loop->n = loop->again = loop->went_on = 0;
    loop->lucky = 0;
}

static void wakes(struct herd *herd, struct loop_waves *loop, const struct happening *h)
{
    const struct weft_task_at *task = weft_state_task(herd->f->state, h->record->subject);
    if (!task || !may_herd(task->other) ||
        (task->state != WEFT_STATE_WAITING && task->state != WEFT_STATE_CANCELLING))
        return;
    if (loop->ids->len > 0 &&
        (loop->grows.entity != task->other || loop->grows.by != h->record->object))
        g_array_set_size(loop->ids, 0);
    if (loop->ids->len == 0)
        loop->grows = (struct wave){ task->other, h->record->object, h->time_ns };
    g_array_append_val(loop->ids, task->id);
}

/* The slice that woke them ends. */
static void grows_no_more(struct herd *herd, struct loop_waves *loop)
{
    guint n = loop->ids->len;
    if (n >= findings_threshold(herd->f, WEFT_THRESHOLD_HERD_WOKEN)) {
        watch_no_more(loop);
        loop->watched = loop->grows;
        for (guint i = 0; i < n; i++)
            weft_idtable_add(&loop->woken, g_array_index(loop->ids, uint64_t, i));
        loop->n = loop->woken.live;
    }
    g_array_set_size(loop->ids, 0);
}

static void decide(struct herd *herd, struct loop_waves *loop, uint64_t id, enum fate fate,
                   const struct happening *h)
{
    struct woken *woken = id ? weft_idtable_find(&loop->woken, id) : NULL;
    if (!woken || woken->fate != UNDECIDED)
        return;
    woken->fate = fate;
    loop->again += fate == AGAIN;
    loop->went_on += fate == WENT_ON;
    loop->lucky = fate == WENT_ON ? id : loop->lucky;
    if (loop->went_on <= 1 && loop->again + loop->went_on < loop->n)
        return;
    if (loop->went_on <= 1)
        judge(herd, loop, h);
    watch_no_more(loop);
}

/* What a woken task does shows that it goes on; locks that it takes and gives back do not. */
static void watch(struct herd *herd, struct loop_waves *loop, const struct happening *h)
{
    const struct weft_record *r = h->record;
    uint64_t entity = loop->watched.entity;
    if (r->kind == WEFT_RECORD_SUSPEND) {
        if (r->object == entity)
            decide(herd, loop, r->subject, AGAIN, h);
        else if (r->detail != WEFT_AWAIT_LOCK && r->detail != WEFT_AWAIT_YIELD)
            decide(herd, loop, r->subject, WENT_ON, h);
    } else if (r->kind == WEFT_RECORD_TASK_DONE) {
        decide(herd, loop, r->subject, WENT_ON, h);
    } else if (r->kind != WEFT_RECORD_RESOURCE || weft_id_kind(r->subject) != WEFT_ENTITY_LOCK ||
               r->subject == entity) {
        decide(herd, loop, weft_state_running(herd->f->state, h->ring->index), WENT_ON, h);
    }
}

static gboolean is_active(const struct loop_waves *loop)
{
    return loop->n > 0 || loop->ids->len > 0;
}

static void on_record(gpointer self, const struct happening *h)
{
    struct herd *herd = self;
    const struct weft_record *r = h->record;
    if (r->kind == WEFT_RECORD_WAKE && r->detail != WEFT_WAKE_RESOURCE)
        return;
    struct loop_waves *loop = loop_of(herd, h->ring->index);
    herd->active -= is_active(loop);
    if (r->kind == WEFT_RECORD_WAKE)
        wakes(herd, loop, h);
    else if (loop->ids->len > 0 &&
             (r->kind == WEFT_RECORD_SUSPEND || r->kind == WEFT_RECORD_TASK_DONE))
        grows_no_more(herd, loop);
    if (r->kind != WEFT_RECORD_WAKE && loop->n > 0)
        watch(herd, loop, h);
    herd->active += is_active(loop);
}

static void lose(gpointer self, struct watched_ring *ring, guint64 slots, gint64 from_ns,
                 gint64 to_ns)
{
    (void)slots, (void)from_ns, (void)to_ns;
    struct herd *herd = self;
    struct loop_waves *loop = loop_of(herd, ring->index);
    herd->active -= is_active(loop);
    g_array_set_size(loop->ids, 0);
    watch_no_more(loop);
}

static void free_loop(gpointer data)
{
    struct loop_waves *loop = data;
    if (!loop)
        return;
    g_array_unref(loop->ids);
    weft_idtable_finish(&loop->woken);
    g_free(loop);
}

static gpointer new_herd(weft_findings *f)
{
    struct herd *herd = g_new0(struct herd, 1);
    herd->f = f;
    herd->loops = g_ptr_array_new_with_free_func(free_loop);
    return herd;
}

static void free_herd(gpointer self)
{
    struct herd *herd = self;
    g_ptr_array_unref(herd->loops);
    g_free(herd);
}

static const guint *awake(gpointer self)
{
    return &((struct herd *)self)->active;
}

const struct family herd_family = {
    .before = KIND(WAKE) | KIND(SUSPEND) | KIND(TASK_DONE) | KIND(RESOURCE) | KIND(TASK_NEW) |
              KIND(OP_START) | KIND(WORK_SUBMIT) | KIND(FUTURE_DONE) | KIND(MARK) |
              KIND(SPAN_BEGIN) | KIND(COUNTER),
    .lazy = KIND(SUSPEND) | KIND(TASK_DONE) | KIND(RESOURCE) | KIND(TASK_NEW) | KIND(OP_START) |
            KIND(WORK_SUBMIT) | KIND(FUTURE_DONE) | KIND(MARK) | KIND(SPAN_BEGIN) | KIND(COUNTER),
    .awake = awake,
    .new = new_herd,
    .free = free_herd,
    .before_record = on_record,
    .lose = lose,
};
