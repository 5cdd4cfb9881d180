/* waiters.c: see waiters.h. */
#include "tracer/model/waiters.h"

enum { ALIKE = 64 }; /* who came at the same moment is looked at, to order them by their ids */

void waiters_init(struct waiters *w)
{
    weft_idtable_init(&w->waiters, sizeof(struct waiter));
    weft_idtable_init(&w->lines, sizeof(struct line));
}

void waiters_finish(struct waiters *w)
{
    weft_idtable_finish(&w->waiters);
    weft_idtable_finish(&w->lines);
}

uint64_t waiters_awaited(const struct weft_task_at *task)
{
    gboolean waits = task && (task->state == WEFT_STATE_WAITING ||
                              (task->state == WEFT_STATE_CANCELLING && task->detail));
    return waits ? task->other : 0;
}

static struct waiter *waiter_of(const struct waiters *w, uint64_t id)
{
    return id ? weft_idtable_find(&w->waiters, id) : NULL;
}

static void leave(struct waiters *w, struct waiter *waiter)
{
    struct line *line = weft_idtable_find(&w->lines, waiter->object);
    struct waiter *before = waiter_of(w, waiter->before), *behind = waiter_of(w, waiter->behind);
    if (before)
        before->behind = waiter->behind;
    else
        line->first = waiter->behind;
    if (behind)
        behind->before = waiter->before;
    else
        line->last = waiter->before;
    if (--line->n == 0)
        weft_idtable_remove(&w->lines, line->id);
    weft_idtable_remove(&w->waiters, waiter->id);
}

static void join(struct waiters *w, uint64_t id, uint64_t object, gint64 since_ns)
{
    struct line *line = weft_idtable_add(&w->lines, object);
    struct waiter *waiter = weft_idtable_add(&w->waiters, id);
    struct waiter *before = waiter_of(w, line->last), *behind;
    for (guint i = 0; i < ALIKE && before && before->since_ns == since_ns && before->id > id; i++)
        before = waiter_of(w, before->before);
    behind = waiter_of(w, before ? before->behind : line->first);
    *waiter = (struct waiter){ .id = id,
                               .object = object,
                               .before = before ? before->id : 0,
                               .behind = behind ? behind->id : 0,
                               .since_ns = since_ns };
    if (before)
        before->behind = id;
    else
        line->first = id;
    if (behind)
        behind->before = id;
    else
        line->last = id;
    line->n++;
}

void waiters_update(struct waiters *w, uint64_t id, const struct weft_task_at *task)
{
    uint64_t object = waiters_awaited(task);
    struct waiter *waiter = waiter_of(w, id);
    if (waiter && waiter->object == object)
        return;
    if (waiter)
        leave(w, waiter);
    if (object)
        join(w, id, object, task->since_ns);
}

static gint by_since(gconstpointer a, gconstpointer b)
{
    const struct waiter *x = a, *y = b;
    if (x->since_ns != y->since_ns)
        return x->since_ns < y->since_ns ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

void waiters_take(struct waiters *w, const weft_state *state, uint32_t ring)
{
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(struct waiter));
    const struct weft_task_at *task;
    guint at = 0;
    waiters_finish(w);
    waiters_init(w);
    while ((task = weft_state_next_task(state, &at))) {
        struct waiter waiter = { .id = task->id,
                                 .object = waiters_awaited(task),
                                 .since_ns = task->since_ns };
        if (waiter.object && weft_id_ring(task->id) == ring)
            g_array_append_val(found, waiter);
    }
    g_array_sort(found, by_since);
    for (guint i = 0; i < found->len; i++) {
        const struct waiter *waiter = &g_array_index(found, struct waiter, i);
        join(w, waiter->id, waiter->object, waiter->since_ns);
    }
}

const struct line *waiters_of(const struct waiters *w, uint64_t object)
{
    return object ? weft_idtable_find(&w->lines, object) : NULL;
}

guint waiters_first(const struct waiters *w, uint64_t object, uint64_t *ids, guint max)
{
    const struct line *line = waiters_of(w, object);
    const struct waiter *waiter = line ? waiter_of(w, line->first) : NULL;
    for (guint i = 0; waiter && i < max; i++, waiter = waiter_of(w, waiter->behind))
        ids[i] = waiter->id;
    return line ? line->n : 0;
}
