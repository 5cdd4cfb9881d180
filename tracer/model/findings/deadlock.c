/* deadlock.c: deadlock: tasks that wait for each other in a circle, so that none of them will ever
 * go on. What waits for what is waitsfor.h's to say, and with it that a circle from which a way
 * leads out (somebody else may release a unit, a member may fail, a timeout is armed within) is
 * none.
 *
 *   SUSPEND --> along first edges: an end? (nearly always) --> no : circles() --> active
 *   WAKE of one that is in an active circle --> it is over: cancelled, from outside
 *
 * A circle that closes without a SUSPEND (a group whose other members end) is seen by `now`. */
#include "tracer/model/findings/found.h"
#include "tracer/model/waitsfor.h"
#include <string.h>

struct deadlocks {
    weft_findings *f;
    GPtrArray *active; /* of struct circle * */
    GPtrArray *unseen; /* the same: the last that a loss hid */
    GHashTable *of;    /* id → the active circle that it is in */
};

struct circle {
    GArray *ids;         /* as waitsfor.h has them */
    struct found *found; /* whose latest it is */
    gint64 moment_ns;    /* when it closed */
    gint64 unseen_ns;    /* when it was hidden */
};

enum { STEPS = 256, TOLD = 4, UNSEEN = 64 };
/* numbers: how many of the entities are the circle, when it closed, that events hide its end, and
 * how many entities behind the circle hold units of its semaphores, too */
enum { LENGTH, MOMENT_NS, LOST, HOLDERS };

/* ---- Words ---- */

/* `n` in the circle, and behind them those that hold units of its semaphore: 0 if it has several of
 * them, for then nobody knows who is whose. */
static void say_link(const weft_findings *f, struct weft_sentence *s, const uint64_t *ids, guint n,
                     guint at, guint holders, gboolean lasts)
{
    uint64_t task = ids[at], thing = ids[(at + 1) % n];
    say_entity(s, f->model, task);
    say(s, " for ");
    say_entity(s, f->model, thing);
    if (weft_id_kind(thing) == WEFT_ENTITY_TASK)
        return;
    uint64_t held_by[ENTITIES_MAX] = { ids[(at + 2) % n] };
    guint n_held_by = 1;
    for (guint i = 0; weft_id_kind(thing) == WEFT_ENTITY_SEMAPHORE && i < holders; i++)
        held_by[n_held_by++] = ids[n + i];
    say(s, weft_id_kind(thing) == WEFT_ENTITY_GROUP ? ", of which " : ", which ");
    say_entities(s, f->model, held_by, n_held_by);
    if (weft_id_kind(thing) == WEFT_ENTITY_GROUP)
        say(s, lasts ? " is one" : " was one");
    else
        say(s, !lasts ? " held" : n_held_by == 1 ? " holds" : " hold");
}

static char *fix_of(gboolean resources, gboolean of_one)
{
    if (resources && of_one)
        return g_strdup("Give it back before it is taken again, or take as much at once as is "
                        "needed; a timeout around the wait (weft_wait_for(), Python: "
                        "asyncio.timeout()) makes an error of the hang");
    return g_strdup(resources ? "Take them in the same order everywhere, or only one at a time; a "
                                "timeout around the waits (weft_wait_for(), Python: "
                                "asyncio.timeout()) makes an error of the hang"
                              : "No task may await one that waits for it: have one of them return "
                                "its result to the other");
}

/* The circle itself lies at the beginning of the entities, then who else holds its semaphore. */
static char *tell(const weft_findings *f, const struct found *found, struct weft_sentence *s)
{
    const uint64_t *ids = (const uint64_t *)(void *)found->entities->data;
    uint64_t tasks[ENTITIES_MAX] = { 0 };
    guint n = (guint)found->numbers[LENGTH], holders = (guint)found->numbers[HOLDERS], n_tasks = 0;
    gboolean lasts = found->pub.lasts, resources = FALSE;
    for (guint i = 0; i < n + holders; i++) {
        resources |= weft_id_kind(ids[i]) == WEFT_ENTITY_LOCK ||
                     weft_id_kind(ids[i]) == WEFT_ENTITY_SEMAPHORE;
        if (weft_id_kind(ids[i]) == WEFT_ENTITY_TASK)
            tasks[n_tasks++] = ids[i];
    }
    say_entities(s, f->model, tasks, n_tasks);
    say(s, "%s", !lasts ? " waited" : n_tasks == 1 ? " waits" : " wait");
    say(s, n_tasks == 1 ? " for itself" : " for each other");
    if (found->numbers[LOST]) {
        say(s, ", until events were lost");
    } else if (!lasts) {
        say(s, " for ");
        say_duration(s, found->pub.to_ns - found->numbers[MOMENT_NS]);
        say(s, ", until they were woken from outside");
    }
    const char *separator = ": ";
    for (guint i = 0, told = 0; i < n && told < TOLD; i++) {
        if (weft_id_kind(ids[i]) != WEFT_ENTITY_TASK)
            continue;
        say(s, "%s", separator);
        say_link(f, s, ids, n, i, holders, lasts);
        separator = "; ";
        told++;
    }
    guint behind = found->entities->len - n - holders;
    if (behind > 0) {
        say(s, n_tasks == 1 ? "; behind it " : "; behind them ");
        say(s, "%s ", !lasts ? "waited" : behind == 1 ? "waits" : "wait");
        say_entities(s, f->model, ids + n + holders, behind);
    }
    if (found->pub.count > 1)
        say(s, "; %u such deadlocks", found->pub.count);
    return fix_of(resources, n_tasks - holders == 1);
}

/* ---- Finding ---- */

static gint64 closed_at(const weft_findings *f, const GArray *ids, gint64 *from_ns)
{
    gint64 moment = G_MININT64;
    *from_ns = G_MAXINT64;
    for (guint i = 0; i < ids->len; i++) {
        const struct weft_task_at *task = weft_state_task(f->state,
                                                          g_array_index(ids, uint64_t, i));
        if (!task)
            continue;
        *from_ns = MIN(*from_ns, findings_time(task->since_ns));
        moment = MAX(moment, findings_time(task->since_ns));
    }
    return moment;
}

/* Alike: those whose tasks stand at the same places. */
static struct alike alike_of(const weft_findings *f, const GArray *ids)
{
    struct alike alike = { .rule = RULE_DEADLOCK };
    for (guint i = 0; i < ids->len; i++) {
        const struct weft_task_at *task = weft_state_task(f->state,
                                                          g_array_index(ids, uint64_t, i));
        uint64_t site = task && task->site ? task->site : g_array_index(ids, uint64_t, i);
        alike.by[0] += site * UINT64_C(0x9e3779b97f4a7c15);
        alike.by[1] ^= site;
    }
    return alike;
}

static struct found *add(weft_findings *f, const GArray *ids, gint64 *moment_ns)
{
    gboolean latest;
    gint64 from_ns;
    uint64_t first = g_array_index(ids, uint64_t, 0);
    *moment_ns = closed_at(f, ids, &from_ns);
    struct found *found = found_add(f, alike_of(f, ids), first, *moment_ns, *moment_ns,
                                    WEFT_SEVERITY_ERROR, &latest);
    const struct weft_task_at *task = weft_state_task(f->state, first);
    found->tell = tell;
    found->pub.site = task ? task->site : 0;
    found->pub.from_ns = from_ns;
    found->pub.to_ns = *moment_ns;
    found->pub.lasts = TRUE;
    found->pub.subject = first;
    g_array_set_size(found->entities, 0);
    g_array_append_vals(found->entities, ids->data, MIN(ids->len, ENTITIES_MAX));
    found->numbers[LENGTH] = MIN(ids->len, ENTITIES_MAX);
    found->numbers[MOMENT_NS] = *moment_ns;
    found->numbers[LOST] = FALSE;
    found->numbers[HOLDERS] = 0;
    return found;
}

/* Whether what is said is about this one, and not about a later one like it. */
static gboolean is_told(const struct circle *circle)
{
    return circle->found->numbers[MOMENT_NS] == circle->moment_ns;
}

static void suffer(struct circle *circle, uint64_t task)
{
    if (is_told(circle))
        found_name(circle->found, task);
}

/* The other holders of its semaphores can't go on either. */
static void add_holders(const weft_state *state, struct circle *circle)
{
    guint semaphores = 0;
    for (guint i = 0; i < circle->ids->len; i++) {
        guint n = 0;
        gboolean all;
        uint64_t id = g_array_index(circle->ids, uint64_t, i);
        semaphores += weft_id_kind(id) == WEFT_ENTITY_SEMAPHORE;
        const struct weft_party *parties = weft_id_kind(id) == WEFT_ENTITY_SEMAPHORE
                                               ? weft_state_parties(state, id, &n, &all)
                                               : NULL;
        for (guint k = 0; k < MIN(n, ENTITIES_MAX); k++)
            suffer(circle, parties[k].id);
    }
    if (semaphores == 1)
        circle->found->numbers[HOLDERS] = circle->found->entities->len -
                                          circle->found->numbers[LENGTH];
}

/* Whether it is one that was there before a loss, and has lasted all the time: it is counted once.
 */
static gboolean lasted(struct deadlocks *d, const struct circle *circle)
{
    for (guint i = 0; i < d->unseen->len; i++) {
        const struct circle *before = d->unseen->pdata[i];
        guint same = 0;
        for (guint k = 0; k < before->ids->len; k++)
            for (guint n = 0; n < circle->ids->len; n++)
                same += g_array_index(before->ids, uint64_t, k) ==
                        g_array_index(circle->ids, uint64_t, n);
        if (same != before->ids->len || same != circle->ids->len ||
            circle->moment_ns > before->unseen_ns)
            continue;
        g_ptr_array_remove_index(d->unseen, i);
        return TRUE;
    }
    return FALSE;
}

static void keep(struct deadlocks *d, const GArray *ids)
{
    struct circle *circle = g_new0(struct circle, 1);
    circle->ids = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    g_array_append_vals(circle->ids, ids->data, ids->len);
    circle->found = add(d->f, ids, &circle->moment_ns);
    circle->found->pub.count -= lasted(d, circle);
    add_holders(d->f->state, circle);
    g_ptr_array_add(d->active, circle);
    for (guint i = 0; i < circle->ids->len; i++)
        g_hash_table_insert(d->of, &g_array_index(circle->ids, uint64_t, i), circle);
}

static void free_circle(gpointer data)
{
    struct circle *circle = data;
    g_array_unref(circle->ids);
    g_free(circle);
}

/* What the task waits for, in the end, is an active circle: it suffers with them. */
static void look_for(struct deadlocks *d, uint64_t task)
{
    g_autoptr(GPtrArray) circles = weft_waits_circles(d->f->state, task);
    for (guint i = 0; i < circles->len; i++) {
        const struct weft_waits_circle *found = circles->pdata[i];
        struct circle *circle = g_hash_table_lookup(d->of, found->ids->data);
        if (circle) {
            suffer(circle, task);
            found_changed(d->f);
        } else if (!found->until_mono_ns) {
            keep(d, found->ids);
        }
    }
}

/* Whether the first way that leads from it ends nowhere. */
static gboolean goes_round(const weft_state *state, uint64_t id)
{
    for (guint step = 0; step < STEPS; step++) {
        struct weft_waits_for waits = weft_waits_for(state, id);
        guint i = 0;
        while (i < waits.n && !weft_waits_counts(state, &waits, i))
            i++;
        if (waits.how != WEFT_WAITS_FOR || i == waits.n)
            return FALSE;
        id = weft_waits_on(&waits, i);
    }
    return TRUE;
}

static gboolean may_close(unsigned await_kind)
{
    return await_kind == WEFT_AWAIT_LOCK || await_kind == WEFT_AWAIT_SEMAPHORE ||
           await_kind == WEFT_AWAIT_TASK || await_kind == WEFT_AWAIT_GROUP;
}

static void over(struct deadlocks *d, struct circle *circle, gint64 time_ns, gboolean lost)
{
    struct found *found = circle->found;
    guint at = 0;
    if (is_told(circle)) {
        found->numbers[LOST] = lost;
        found->pub.lasts = FALSE;
        found->pub.to_ns = MAX(time_ns, circle->moment_ns);
        found_changed(d->f);
    }
    for (guint i = 0; i < circle->ids->len; i++)
        g_hash_table_remove(d->of, &g_array_index(circle->ids, uint64_t, i));
    circle->unseen_ns = time_ns;
    g_ptr_array_find(d->active, circle, &at);
    g_ptr_array_steal_index_fast(d->active, at);
    if (lost && d->unseen->len == UNSEEN)
        g_ptr_array_remove_index(d->unseen, 0);
    if (lost)
        g_ptr_array_add(d->unseen, circle);
    else
        free_circle(circle);
}

/* It was not known: since when it waits is what it is told to. */
static gboolean is_news(const struct weft_task_at *task, const struct happening *h)
{
    struct weft_ext_task ext = { 0 };
    if (h->ext)
        memcpy(&ext, h->ext, sizeof ext);
    return findings_time(task->since_ns) == h->time_ns - weft_age(&ext);
}

static void on_record(gpointer self, const struct happening *h)
{
    struct deadlocks *d = self;
    const struct weft_record *r = h->record;
    if (r->kind == WEFT_RECORD_TASK_IS) {
        const struct weft_task_at *task = weft_state_task(d->f->state, r->subject);
        if (task && is_news(task, h) && task->state == WEFT_STATE_WAITING &&
            may_close(task->detail) && goes_round(d->f->state, task->other))
            look_for(d, task->id);
        return;
    }
    if (r->kind == WEFT_RECORD_SUSPEND) {
        if (may_close(r->detail) && goes_round(d->f->state, r->object))
            look_for(d, r->subject);
        return;
    }
    struct circle *circle = d->active->len ? g_hash_table_lookup(d->of, &r->subject) : NULL;
    if (circle)
        over(d, circle, h->time_ns, FALSE);
}

static void lose(gpointer self, struct watched_ring *ring, guint64 slots, gint64 from_ns,
                 gint64 to_ns)
{
    (void)slots, (void)to_ns;
    struct deadlocks *d = self;
    for (guint i = d->active->len; i > 0; i--) {
        struct circle *circle = d->active->pdata[i - 1];
        if (weft_id_ring(g_array_index(circle->ids, uint64_t, 0)) == ring->index)
            over(d, circle, from_ns, TRUE);
    }
}

static void begin(gpointer self)
{
    struct deadlocks *d = self;
    g_autoptr(GPtrArray) circles = weft_waits_circles(d->f->state, 0);
    for (guint i = 0; i < circles->len; i++) {
        const struct weft_waits_circle *circle = circles->pdata[i];
        if (!circle->until_mono_ns)
            keep(d, circle->ids);
    }
}

static uint64_t first_behind_group(const weft_state *state, const GArray *ids)
{
    for (guint i = 0; i < ids->len; i++) {
        const struct weft_task_at *task = weft_state_task(state, g_array_index(ids, uint64_t, i));
        if (task && task->detail == WEFT_AWAIT_GROUP)
            return task->id;
    }
    return 0;
}

/* The circle that this task, which waits for a group, is in; told of by the first such task in it.
 */
static void look_at_group(struct deadlocks *d, uint64_t task, gint64 now_ns)
{
    gint64 moment_ns;
    g_autoptr(GPtrArray) circles = weft_waits_circles(d->f->state, task);
    for (guint i = 0; i < circles->len; i++) {
        const struct weft_waits_circle *circle = circles->pdata[i];
        if (circle->until_mono_ns || g_hash_table_contains(d->of, circle->ids->data) ||
            first_behind_group(d->f->state, circle->ids) != task)
            continue;
        struct found *found = add(d->f, circle->ids, &moment_ns);
        found->pub.to_ns = MAX(now_ns, moment_ns);
    }
}

/* The ring of this task, when the end of it is known; NULL otherwise. */
static const struct watched_ring *known_ring(const struct deadlocks *d, uint64_t task)
{
    const struct watched_ring *ring = findings_ring(d->f, weft_id_ring(task));
    return findings_end_known(d->f, ring) ? ring : NULL;
}

static void now(gpointer self, gint64 now_ns, gboolean ended)
{
    (void)ended;
    struct deadlocks *d = self;
    for (guint i = 0; i < d->active->len; i++) {
        const struct circle *circle = d->active->pdata[i];
        if (!is_told(circle))
            continue;
        const struct watched_ring *ring = known_ring(d, g_array_index(circle->ids, uint64_t, 0));
        circle->found->pub.lasts = ring != NULL;
        circle->found->pub.to_ns = MAX(ring ? ring->now_ns : now_ns, circle->moment_ns);
    }
    guint i = 0;
    for (const struct weft_task_at *task; (task = weft_state_next_task(d->f->state, &i));) {
        const struct watched_ring *ring = NULL;
        if (task->detail == WEFT_AWAIT_GROUP && task->state == WEFT_STATE_WAITING &&
            goes_round(d->f->state, task->id))
            ring = known_ring(d, task->id);
        if (ring)
            look_at_group(d, task->id, ring->now_ns);
    }
}

static gpointer new_deadlocks(weft_findings *f)
{
    struct deadlocks *d = g_new0(struct deadlocks, 1);
    d->f = f;
    d->active = g_ptr_array_new_with_free_func(free_circle);
    d->unseen = g_ptr_array_new_with_free_func(free_circle);
    d->of = g_hash_table_new(g_int64_hash, g_int64_equal);
    return d;
}

static void free_deadlocks(gpointer self)
{
    struct deadlocks *d = self;
    g_hash_table_unref(d->of);
    g_ptr_array_unref(d->active);
    g_ptr_array_unref(d->unseen);
    g_free(d);
}

const struct family deadlocks_family = {
    .after = KIND(SUSPEND) | KIND(TASK_IS) | KIND(WAKE) | KIND(TASK_DONE) | KIND(TASK_FREE),
    .new = new_deadlocks,
    .free = free_deadlocks,
    .begin = begin,
    .after_record = on_record,
    .lose = lose,
    .now = now,
};
