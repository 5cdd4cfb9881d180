/* orphans.c: orphaned-work: a gather or a wait returned while a task of it went on, and nobody
 * awaited that any more.
 *
 *   group: waiter, members --done--> | member left | --> ended --> freed: nobody can have looked
 *                                          |
 *         awaited, cancelled, in another group, somebody called back: it is not orphaned
 *
 * What a shield lets go on is nobody's orphan: somebody wanted that.
 *
 * To look at a task that is done leaves no trace. So it must be freed before the group's waiter and
 * the task's parent ran again, unless they had ended by then; one that never ended is judged at the
 * end of all, likewise one that the ending loop cancelled. */
#include "tracer/model/findings/found.h"
#include "tracer/trace/idtable.h"
#include <string.h>

struct group {
    uint64_t id, waiter; /* the task that made it */
};

struct left {
    uint64_t id;
    uint64_t group, waiter, parent;
    gint64 since_ns; /* the group was done */
    gint64 ended_ns; /* G_MININT64: it goes on */
    guint32 group_site;
    gboolean waiter_gone, parent_gone; /* when it ended */
};

struct orphans {
    weft_findings *f;
    struct weft_idtable groups; /* of struct group */
    struct weft_idtable left;   /* of struct left */
};

static char *tell(const weft_findings *f, const struct found *found, struct weft_sentence *s)
{
    say_subject(s, f->model, found->pub.subject);
    say(s, found->pub.lasts ? " has gone on for " : " went on for ");
    say_duration(s, found->worst_ns);
    say(s, " after ");
    say_entity(s, f->model, found->others[0]);
    say_site(s, f->model, " at ", found->sites[0]);
    say(s, " had returned, and nobody %s it any more", found->pub.lasts ? "awaits" : "awaited");
    say_more(s, found, "tasks");
    return g_strdup("Cancel what is not needed any more, and await its end; or use a task group, "
                    "which does so when one of its tasks fails (Python: asyncio.TaskGroup)");
}

static void orphaned(struct orphans *orphans, const struct left *left, gint64 until_ns,
                     gboolean lasts)
{
    weft_findings *f = orphans->f;
    const struct watched_ring *ring = findings_ring(f, weft_id_ring(left->id));
    if (!ring)
        return;
    gint64 ns = findings_span(ring, left->since_ns, until_ns);
    gboolean worst;
    struct alike alike = { RULE_ORPHANED_WORK,
                           { left->group_site ? left->group_site : left->waiter,
                             left->group_site != 0 } };
    struct found *found = found_add(f, alike, left->id, left->since_ns, ns, WEFT_SEVERITY_WARNING,
                                    &worst);
    found->tell = tell;
    found_name(found, left->id);
    if (!worst)
        return;
    const struct weft_task_at *task = weft_state_task(f->state, left->id);
    found->pub.lasts = lasts;
    found->pub.site = task ? task->created_site : 0;
    found->pub.from_ns = left->since_ns;
    found->pub.to_ns = until_ns;
    found->others[0] = left->group;
    found->sites[0] = left->group_site;
    found_name(found, left->waiter);
}

/* ---- Groups ---- */

static void group_made(struct orphans *orphans, const struct happening *h)
{
    uint64_t waiter = weft_state_running(orphans->f->state, h->ring->index);
    if (weft_id_kind(waiter) != WEFT_ENTITY_TASK)
        return;
    struct group *group = weft_idtable_add(&orphans->groups, h->record->subject);
    group->waiter = waiter;
}

/* Which is there to let its inner go on. */
static gboolean is_shield(const struct orphans *orphans, const struct weft_object_at *group)
{
    const char *name = group ? weft_trace_string(orphans->f->trace, group->name) : NULL;
    return name && strcmp(name, "shield") == 0;
}

static void group_done(struct orphans *orphans, const struct happening *h)
{
    const weft_state *state = orphans->f->state;
    const struct group *group = weft_idtable_find(&orphans->groups, h->record->subject);
    if (!group)
        return;
    guint n = 0;
    gboolean all;
    const struct weft_party *members = weft_state_parties(state, group->id, &n, &all);
    const struct weft_object_at *object = weft_state_object(state, group->id);
    if (is_shield(orphans, object))
        return;
    for (guint i = 0; i < n; i++) {
        const struct weft_task_at *task = weft_state_task(state, members[i].id);
        if (!task || task->state == WEFT_STATE_DONE || task->state == WEFT_STATE_UNKNOWN ||
            task->cancelling)
            continue;
        struct left *left = weft_idtable_add(&orphans->left, task->id);
        left->group = group->id;
        left->waiter = group->waiter;
        left->parent = task->parent;
        left->since_ns = h->time_ns;
        left->ended_ns = G_MININT64;
        left->group_site = object ? object->site : 0;
    }
}

/* ---- Those that were left ---- */

static gboolean is_gone(const struct orphans *orphans, uint64_t id)
{
    const struct weft_task_at *task = weft_state_task(orphans->f->state, id);
    return !task || task->state == WEFT_STATE_DONE;
}

/* Whether this task cannot have run since then. */
static gboolean has_not_run(const struct orphans *orphans, uint64_t id, gint64 ns)
{
    const struct weft_task_at *task = weft_state_task(orphans->f->state, id);
    return task && task->state == WEFT_STATE_WAITING && findings_time(task->since_ns) <= ns;
}

static void ended(struct orphans *orphans, struct left *left, gint64 ns)
{
    const struct weft_task_at *waiter = weft_state_task(orphans->f->state, left->waiter);
    if (waiter && (waiter->state == WEFT_STATE_WAITING || waiter->state == WEFT_STATE_READY) &&
        waiter->other == left->group) { /* the group is done, but has not returned yet */
        weft_idtable_remove(&orphans->left, left->id);
        return;
    }
    left->ended_ns = ns;
    left->waiter_gone = is_gone(orphans, left->waiter);
    left->parent_gone = is_gone(orphans, left->parent);
}

static void freed(struct orphans *orphans, const struct left *left)
{
    if (left->ended_ns != G_MININT64 &&
        (left->waiter_gone || has_not_run(orphans, left->waiter, left->ended_ns)) &&
        (left->parent_gone || has_not_run(orphans, left->parent, left->ended_ns)))
        orphaned(orphans, left, left->ended_ns, FALSE);
}

static gboolean nobody_left(const struct orphans *orphans, const struct left *left)
{
    return left->ended_ns == G_MININT64 && is_gone(orphans, left->waiter) &&
           is_gone(orphans, left->parent);
}

static void on_left(struct orphans *orphans, const struct happening *h)
{
    const struct weft_record *r = h->record;
    gboolean by_other = r->kind == WEFT_RECORD_SUSPEND || r->kind == WEFT_RECORD_GROUP_ADD ||
                        r->kind == WEFT_RECORD_CALLBACK_BEGIN;
    uint64_t id = by_other ? r->object : r->subject;
    struct left *left = id ? weft_idtable_find(&orphans->left, id) : NULL;
    if (!left)
        return;
    if (r->kind == WEFT_RECORD_TASK_DONE) {
        ended(orphans, left, h->time_ns);
        return;
    }
    if (r->kind == WEFT_RECORD_CALLBACK_BEGIN && r->subject == left->group)
        return; /* its group's own */
    if (r->kind == WEFT_RECORD_TASK_FREE)
        freed(orphans, left);
    else if (r->kind == WEFT_RECORD_CANCEL_REQUEST && r->object == 0 && nobody_left(orphans, left))
        orphaned(orphans, left, h->time_ns, FALSE);
    weft_idtable_remove(&orphans->left, id);
}

static void on_record(gpointer self, const struct happening *h)
{
    struct orphans *orphans = self;
    const struct weft_record *r = h->record;
    gboolean is_group = weft_id_kind(r->subject) == WEFT_ENTITY_GROUP;
    if (orphans->left.live > 0)
        on_left(orphans, h);
    if (!is_group)
        return;
    if (r->kind == WEFT_RECORD_OBJECT_NEW) {
        group_made(orphans, h);
    } else if (r->kind == WEFT_RECORD_GROUP_DONE || r->kind == WEFT_RECORD_OBJECT_FREE) {
        if (r->kind == WEFT_RECORD_GROUP_DONE)
            group_done(orphans, h);
        weft_idtable_remove(&orphans->groups, r->subject);
    }
}

static void lose(gpointer self, struct watched_ring *ring, guint64 slots, gint64 from_ns,
                 gint64 to_ns)
{
    (void)slots, (void)from_ns, (void)to_ns;
    struct orphans *orphans = self;
    findings_forget(&orphans->groups, ring);
    findings_forget(&orphans->left, ring);
}

static void now(gpointer self, gint64 now_ns, gboolean over)
{
    (void)now_ns;
    struct orphans *orphans = self;
    for (guint i = 0; over && i < weft_idtable_n(&orphans->left); i++) {
        const struct left *left = weft_idtable_at(&orphans->left, i);
        if (!left || !nobody_left(orphans, left))
            continue;
        const struct watched_ring *ring = findings_ring(orphans->f, weft_id_ring(left->id));
        if (ring && findings_end_known(orphans->f, ring))
            orphaned(orphans, left, ring->now_ns, TRUE);
    }
}

static gpointer new_orphans(weft_findings *f)
{
    struct orphans *orphans = g_new0(struct orphans, 1);
    orphans->f = f;
    weft_idtable_init(&orphans->groups, sizeof(struct group));
    weft_idtable_init(&orphans->left, sizeof(struct left));
    return orphans;
}

static void free_orphans(gpointer self)
{
    struct orphans *orphans = self;
    weft_idtable_finish(&orphans->groups);
    weft_idtable_finish(&orphans->left);
    g_free(orphans);
}

static const guint *awake(gpointer self)
{
    return &((struct orphans *)self)->left.live;
}

const struct family orphans_family = {
    .before = KIND(OBJECT_NEW) | KIND(GROUP_DONE) | KIND(OBJECT_FREE) | KIND(GROUP_ADD) |
              KIND(SUSPEND) | KIND(CALLBACK_BEGIN) | KIND(CANCEL_REQUEST) | KIND(TASK_DONE) |
              KIND(TASK_FREE),
    .lazy = KIND(GROUP_ADD) | KIND(SUSPEND) | KIND(CALLBACK_BEGIN) | KIND(CANCEL_REQUEST) |
            KIND(TASK_DONE) | KIND(TASK_FREE),
    .awake = awake,
    .new = new_orphans,
    .free = free_orphans,
    .before_record = on_record,
    .lose = lose,
    .now = now,
};
