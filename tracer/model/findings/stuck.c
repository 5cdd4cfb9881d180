/* stuck.c: stuck: a task awaits what nothing live can bring about any more. It is judged at the end
 * of what was read, since before that something did go on.
 *
 *   proved:  its loop polls for ever and has nothing left: no ready task, timer, handle, operation
 *            or job; no other thread ever handed it anything, nor could another loop
 *   may:     what it awaits is held by tasks that ended; somebody else might yet give it back. Or
 *            a lock's holder has itself waited as long for what only somebody might bring about
 *
 * A program's own libuv handles are an object while any is active (runtime/foreign.h). What a loss,
 * or a beginning amid the run, hides, is not judged: a handle might be there. A circle is
 * deadlock.c's. */
#include "tracer/model/awaitchain.h"
#include "tracer/model/findings/found.h"
#include "tracer/model/waitsfor.h"
#include <string.h>

struct stuck {
    weft_findings *f;
    GArray *whole;   /* by ring, of gboolean: its loop's beginning was seen */
    gboolean others; /* a thread handed something to a loop, or, events being lost, may have */
};

static gboolean *whole(struct stuck *stuck, uint32_t ring)
{
    if (ring >= stuck->whole->len)
        g_array_set_size(stuck->whole, ring + 1);
    return &g_array_index(stuck->whole, gboolean, ring);
}

/* ---- Held by those that are gone ---- */

static char *tell_held(const weft_findings *f, const struct found *found, struct weft_sentence *s)
{
    say_subject(s, f->model, found->pub.subject);
    say(s, " may wait in vain for ");
    say_entity(s, f->model, found->others[0]);
    say_site(s, f->model, " at ", found->pub.site);
    say(s, ": ");
    say_entity(s, f->model, found->others[1]);
    say(s, ", which holds it, has ended");
    if (found->pub.count > 1)
        say(s, "; %u more wait for it likewise", found->pub.count - 1);
    return g_strdup("Give it back on every way out: WEFT_WITH_LOCK() and its like do (Python: "
                    "async with)");
}

/* The task that took it and ended; 0: one is there, or nobody is known. */
static uint64_t gone_holder(const weft_state *state, uint64_t id)
{
    const struct weft_object_at *object = weft_state_object(state, id);
    unsigned kind = weft_id_kind(id);
    uint64_t holder = 0;
    guint n = 0;
    gboolean all = TRUE;
    const struct weft_party *parties = NULL;
    if (!object)
        return 0;
    if (kind == WEFT_ENTITY_LOCK)
        holder = object->owner;
    else if (kind == WEFT_ENTITY_SEMAPHORE && object->value <= 0)
        parties = weft_state_parties(state, id, &n, &all);
    for (guint i = 0; i < n || (i == 0 && holder); i++) {
        holder = parties ? parties[i].id : holder;
        const struct weft_task_at *task = weft_state_task(state, holder);
        if (!all || (task && task->state != WEFT_STATE_DONE))
            return 0;
    }
    return holder;
}

/* Without pauses of its loop. */
static gint64 waited_ns(const weft_findings *f, const struct weft_task_at *task, gint64 now_ns)
{
    const struct watched_ring *ring = findings_ring(f, weft_id_ring(task->id));
    gint64 since_ns = findings_time(task->since_ns);
    return ring ? findings_span(ring, since_ns, now_ns) : now_ns - since_ns;
}

/* Like ones are one: told of is the task that waits longest. */
static struct found *add(weft_findings *f, struct alike alike, const struct weft_task_at *task,
                         gint64 now_ns, enum weft_severity severity, found_tell *tell)
{
    gboolean longest;
    gint64 since_ns = findings_time(task->since_ns);
    struct found *found = found_add(f, alike, task->id, since_ns, waited_ns(f, task, now_ns),
                                    severity, &longest);
    found->tell = tell;
    found_name(found, task->id);
    if (!longest)
        return NULL;
    found->pub.lasts = TRUE;
    found->pub.site = task->site;
    found->pub.from_ns = since_ns;
    found->pub.to_ns = now_ns;
    found->others[0] = task->other;
    return found;
}

static void judge_held(struct stuck *stuck, const struct weft_task_at *task, gint64 now_ns)
{
    weft_findings *f = stuck->f;
    uint64_t holder = gone_holder(f->state, task->other);
    if (!holder || waited_ns(f, task, now_ns) < findings_threshold(f, WEFT_THRESHOLD_STUCK_WAIT))
        return;
    struct found *found = add(f, (struct alike){ RULE_STUCK, { task->other, 1 } }, task, now_ns,
                              WEFT_SEVERITY_WARNING, tell_held);
    if (!found)
        return;
    found->pub.proved = FALSE;
    found->others[1] = holder;
}

/* ---- Held by one that waits ---- */

enum { CHAIN_MAX = 16 };

static char *tell_waiting(const weft_findings *f, const struct found *found,
                          struct weft_sentence *s)
{
    say_subject(s, f->model, found->pub.subject);
    say(s, " holds ");
    say_entity(s, f->model, found->others[1]);
    say(s, " while it waits for ");
    say_awaited(s, f->model, (unsigned)found->numbers[0], found->others[0], 0);
    say_site(s, f->model, " at ", found->pub.site);
    say(s, ", which may never come; ");
    say_entity(s, f->model, g_array_index(found->entities, uint64_t, found->entities->len - 1));
    say(s, " waits for the lock");
    if (found->pub.count > 1)
        say(s, ", and %u more", found->pub.count - 1);
    return g_strdup("Wait before the lock is taken, or after it is given back; a timeout "
                    "(weft_wait_for(), Python: asyncio.timeout()) makes an error of the hang");
}

/* Whether all that could let it go on is that somebody sets, puts or completes something. */
static gboolean waits_for_anybody(const weft_state *state, uint64_t task)
{
    struct weft_await_chain chain = weft_await_chain(state, task, CHAIN_MAX);
    gboolean anybody = chain.end == WEFT_WAITS_ANYBODY;
    weft_await_chain_clear(&chain);
    return anybody;
}

/* `task` has waited for a lock for long enough. Told of is the holder: who waits is his victim. */
static void judge_holder(struct stuck *stuck, const struct weft_task_at *task, gint64 now_ns)
{
    weft_findings *f = stuck->f;
    gint64 least_ns = findings_threshold(f, WEFT_THRESHOLD_STUCK_WAIT);
    const struct weft_object_at *lock = weft_state_object(f->state, task->other);
    const struct weft_task_at *holder = lock && task->detail == WEFT_AWAIT_LOCK
                                            ? weft_state_task(f->state, lock->owner)
                                            : NULL;
    if (!holder || holder->state != WEFT_STATE_WAITING || holder->detail == WEFT_AWAIT_LOCK ||
        waited_ns(f, task, now_ns) < least_ns || waited_ns(f, holder, now_ns) < least_ns ||
        !waits_for_anybody(f->state, holder->id))
        return;
    struct found *found = add(f, (struct alike){ RULE_STUCK, { lock->id, 2 } }, holder, now_ns,
                              WEFT_SEVERITY_WARNING, tell_waiting);
    if (!found)
        return;
    found->pub.proved = FALSE;
    found->others[1] = lock->id;
    found->numbers[0] = holder->detail;
    found_name(found, task->id);
}

/* ---- A loop with nothing left ---- */

static char *tell_idle(const weft_findings *f, const struct found *found, struct weft_sentence *s)
{
    say_subject(s, f->model, found->pub.subject);
    say(s, " waits in vain for ");
    say_awaited(s, f->model, (unsigned)found->numbers[0], found->others[0], 0);
    say_site(s, f->model, " at ", found->pub.site);
    say(s, ": its loop has no ready task, timer, handle, operation or job left that could bring "
           "it about");
    if (found->pub.count > 1)
        say(s, "; %u more wait likewise", found->pub.count - 1);
    return g_strdup("Whoever was to set, put, release or complete it ended without: look at who "
                    "ended last; a timeout (weft_wait_for(), Python: asyncio.timeout()) makes an "
                    "error of the hang");
}

/* run()'s own handle, by which Ctrl-C would cancel the main task. */
static gboolean is_runners(const weft_findings *f, const struct weft_object_at *object)
{
    const char *name = weft_trace_string(f->trace, object->name);
    return weft_id_kind(object->id) == WEFT_ENTITY_HANDLE && weft_id_counter(object->id) == 1 &&
           name && strcmp(name, "SIGINT") == 0;
}

static gboolean may_act(const weft_findings *f, const struct weft_object_at *object)
{
    switch (weft_id_kind(object->id)) {
    case WEFT_ENTITY_TIMER:
    case WEFT_ENTITY_TIMEOUT:
        return !object->done && object->deadline_mono_ns != G_MAXINT64;
    case WEFT_ENTITY_OP:
    case WEFT_ENTITY_JOB:
    case WEFT_ENTITY_STREAM:
    case WEFT_ENTITY_CHILD:
        return TRUE;
    case WEFT_ENTITY_HANDLE:
        return !is_runners(f, object);
    default:
        return FALSE;
    }
}

/* Whether the loop polls for ever and nothing that belongs to it could end that. */
static gboolean nothing_left(struct stuck *stuck, const struct watched_ring *ring)
{
    const weft_findings *f = stuck->f;
    gint64 since_ns;
    guint n, i = 0;
    if (!ring->open || ring->polling_ns != G_MAXINT64 || !*whole(stuck, ring->index) ||
        !findings_end_known(f, ring) || !weft_state_polling(f->state, ring->index, &since_ns) ||
        findings_span(ring, findings_time(since_ns), ring->now_ns) <
            findings_threshold(f, WEFT_THRESHOLD_STUCK_WAIT))
        return FALSE;
    weft_state_ready(f->state, ring->index, &n);
    if (n > 0)
        return FALSE;
    for (const struct weft_object_at *o; (o = weft_state_next_object(f->state, &i));)
        if (weft_id_ring(o->id) == ring->index && may_act(f, o))
            return FALSE;
    return TRUE;
}

/* Whether it is the root of a wait: what it awaits awaits nobody, but might be brought about. */
static gboolean is_root(const weft_state *state, const struct weft_task_at *task)
{
    struct weft_waits_for waits = weft_waits_for(state, task->id);
    if (waits.how == WEFT_WAITS_FOR && waits.n == 1)
        waits = weft_waits_for(state, weft_waits_on(&waits, 0));
    return waits.how == WEFT_WAITS_ANYBODY;
}

static void judge_idle(struct stuck *stuck, const struct weft_task_at *task,
                       const struct watched_ring *ring)
{
    weft_findings *f = stuck->f;
    gint64 since_ns = findings_time(task->since_ns), now_ns = ring->now_ns;
    if (since_ns > now_ns || !is_root(f->state, task) || gone_holder(f->state, task->other))
        return;
    struct found *found = add(f, (struct alike){ RULE_STUCK, { ring->index, 0 } }, task, now_ns,
                              WEFT_SEVERITY_ERROR, tell_idle);
    if (found)
        found->numbers[0] = task->detail;
}

/* ---- The family ---- */

/* Another loop of the process that lives could do anything; so could what was lost at the end. */
static gboolean alone(const weft_findings *f, const struct watched_ring *ring)
{
    guint source = weft_trace_source_of(f->trace, ring->index);
    for (guint i = 0; i < f->rings->len; i++) {
        const struct watched_ring *other = f->rings->pdata[i];
        if (other && other != ring && weft_trace_source_of(f->trace, i) == source &&
            (other->open || !findings_end_known(f, other)))
            return FALSE;
    }
    return TRUE;
}

static void now(gpointer self, gint64 now_ns, gboolean ended)
{
    (void)now_ns, (void)ended;
    struct stuck *stuck = self;
    weft_findings *f = stuck->f;
    g_autofree gboolean *idle = g_new0(gboolean, f->rings->len + 1);
    for (guint i = 0; i < f->rings->len; i++) {
        const struct watched_ring *ring = f->rings->pdata[i];
        idle[i] = ring && !stuck->others && alone(f, ring) && nothing_left(stuck, ring);
    }
    guint i = 0;
    for (const struct weft_task_at *task; (task = weft_state_next_task(f->state, &i));) {
        const struct watched_ring *ring = findings_ring(f, weft_id_ring(task->id));
        if (task->state != WEFT_STATE_WAITING || !findings_end_known(f, ring))
            continue;
        if (task->detail == WEFT_AWAIT_LOCK || task->detail == WEFT_AWAIT_SEMAPHORE)
            judge_held(stuck, task, ring->now_ns);
        if (idle[ring->index])
            judge_idle(stuck, task, ring);
        else
            judge_holder(stuck, task, ring->now_ns);
    }
}

static void on_record(gpointer self, const struct happening *h)
{
    struct stuck *stuck = self;
    if (h->record->kind == WEFT_RECORD_POST)
        stuck->others = TRUE;
    else
        *whole(stuck, h->ring->index) = TRUE;
}

static void lose(gpointer self, struct watched_ring *ring, guint64 slots, gint64 from_ns,
                 gint64 to_ns)
{
    (void)ring, (void)slots, (void)from_ns, (void)to_ns;
    ((struct stuck *)self)->others = TRUE;
}

static gpointer new_stuck(weft_findings *f)
{
    struct stuck *stuck = g_new0(struct stuck, 1);
    stuck->f = f;
    stuck->whole = g_array_new(FALSE, TRUE, sizeof(gboolean));
    return stuck;
}

static void free_stuck(gpointer self)
{
    g_array_unref(((struct stuck *)self)->whole);
    g_free(self);
}

const struct family stuck_family = {
    .after = KIND(LOOP_OPEN) | KIND(POST),
    .new = new_stuck,
    .free = free_stuck,
    .after_record = on_record,
    .lose = lose,
    .now = now,
};
