/* waitsfor.c: see waitsfor.h.
 *
 *      nodes: what can be reached from where one begins --> edges, forward and backward
 *      from each end backward: those that may go on     --> the rest never will
 *      the rest: along first edges until one comes back --> a circle */
#include "tracer/model/waitsfor.h"

/* ---- The relation ---- */

static const struct weft_waits_for not = { .how = WEFT_WAITS_NOT },
                                   anybody = { .how = WEFT_WAITS_ANYBODY },
                                   unknown = { .how = WEFT_WAITS_UNKNOWN };

static struct weft_waits_for for_one(uint64_t id)
{
    return (struct weft_waits_for){ .how = WEFT_WAITS_FOR, .n = 1, .one = id };
}

static gboolean waits(const struct weft_task_at *task)
{
    return task->state == WEFT_STATE_WAITING ||
           (task->state == WEFT_STATE_CANCELLING && task->detail != WEFT_AWAIT_NONE);
}

static struct weft_waits_for task_waits(const weft_state *state, uint64_t id)
{
    const struct weft_task_at *task = weft_state_task(state, id);
    if (!task || task->state == WEFT_STATE_UNKNOWN)
        return unknown;
    if (!waits(task))
        return not ;
    switch (task->detail) {
    case WEFT_AWAIT_TIMER:
    case WEFT_AWAIT_READ:
    case WEFT_AWAIT_WRITE:
    case WEFT_AWAIT_CONNECT:
    case WEFT_AWAIT_ACCEPT:
    case WEFT_AWAIT_DNS:
    case WEFT_AWAIT_FILE:
    case WEFT_AWAIT_CHILD:
    case WEFT_AWAIT_JOB:
    case WEFT_AWAIT_SIGNAL:
        return (struct weft_waits_for){ .how = WEFT_WAITS_OUTSIDE };
    default:
        return task->other ? for_one(task->other) : anybody;
    }
}

/* Who holds it, and is there to give it back. */
static gboolean lives(const weft_state *state, uint64_t id)
{
    const struct weft_task_at *task = weft_state_task(state, id);
    return task && task->state != WEFT_STATE_DONE;
}

static struct weft_waits_for lock_waits(const weft_state *state, const struct weft_object_at *lock)
{
    if (lock->owner)
        return lives(state, lock->owner) ? for_one(lock->owner) : anybody;
    return lock->value || lock->stale ? unknown : not ;
}

static struct weft_waits_for parties_wait(const weft_state *state,
                                          const struct weft_object_at *object)
{
    struct weft_waits_for waits = { .how = WEFT_WAITS_FOR };
    gboolean all;
    waits.parties = weft_state_parties(state, object->id, &waits.n, &all);
    if (!all)
        return unknown;
    return waits.n ? waits : anybody;
}

static struct weft_waits_for semaphore_waits(const weft_state *state,
                                             const struct weft_object_at *semaphore)
{
    if (semaphore->value > 0 && !semaphore->stale)
        return not ;
    struct weft_waits_for waits = parties_wait(state, semaphore);
    for (guint i = 0; i < waits.n; i++)
        if (!lives(state, waits.parties[i].id))
            return anybody;
    return waits;
}

/* Tasks and groups are known until they end. Of a future that is not known, nobody says whether it
 * is done: it may be yet. */
static gboolean has_ended(const weft_state *state, uint64_t id)
{
    unsigned kind = weft_id_kind(id);
    return kind == WEFT_ENTITY_TASK ? !lives(state, id)
                                    : kind == WEFT_ENTITY_GROUP && !weft_state_object(state, id);
}

gboolean weft_waits_counts(const weft_state *state, const struct weft_waits_for *waits, guint i)
{
    uint64_t id = weft_waits_on(waits, i);
    uint32_t ring = weft_id_ring(id);
    guint ready;
    if (!waits->parties || !has_ended(state, id) || !weft_state_polling(state, ring, NULL))
        return TRUE;
    weft_state_ready(state, ring, &ready);
    return ready > 0;
}

struct weft_waits_for weft_waits_for(const weft_state *state, uint64_t id)
{
    if (weft_id_kind(id) == WEFT_ENTITY_TASK)
        return task_waits(state, id);
    const struct weft_object_at *object = weft_state_object(state, id);
    switch (weft_id_kind(id)) {
    case WEFT_ENTITY_LOCK:
        return object ? lock_waits(state, object) : unknown;
    case WEFT_ENTITY_SEMAPHORE:
        return object ? semaphore_waits(state, object) : unknown;
    case WEFT_ENTITY_GROUP:
        return object ? parties_wait(state, object) : unknown;
    default:
        return anybody;
    }
}

/* ---- The graph ---- */

struct graph {
    const weft_state *state;
    GHashTable *numbers; /* id -> number + 1 */
    GArray *ids;         /* of uint64_t, by number */
    GArray *first;       /* of guint, by number: where its edges begin in `to`; and their end */
    GArray *to;          /* of guint: numbers */
    guint8 *lost;        /* by number: it can never go on */
};

static struct graph graph_new(const weft_state *state)
{
    return (struct graph){
        .state = state,
        .numbers = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL),
        .ids = g_array_new(FALSE, FALSE, sizeof(uint64_t)),
        .first = g_array_new(FALSE, FALSE, sizeof(guint)),
        .to = g_array_new(FALSE, FALSE, sizeof(guint)),
    };
}

static void graph_finish(struct graph *g)
{
    g_hash_table_unref(g->numbers);
    g_array_unref(g->ids);
    g_array_unref(g->first);
    g_array_unref(g->to);
    g_free(g->lost);
}

static guint number_of(struct graph *g, uint64_t id)
{
    guint number = GPOINTER_TO_UINT(g_hash_table_lookup(g->numbers, &id));
    if (number)
        return number - 1;
    g_array_append_val(g->ids, id);
    g_hash_table_insert(g->numbers, g_memdup2(&id, sizeof id), GUINT_TO_POINTER(g->ids->len));
    return g->ids->len - 1;
}

/* All that can be reached from those that are in already. */
static void explore(struct graph *g)
{
    for (guint i = 0; i < g->ids->len; i++) {
        struct weft_waits_for waits = weft_waits_for(g->state, g_array_index(g->ids, uint64_t, i));
        g_array_append_val(g->first, g->to->len);
        for (guint e = 0; e < waits.n; e++) {
            if (!weft_waits_counts(g->state, &waits, e))
                continue;
            guint to = number_of(g, weft_waits_on(&waits, e));
            g_array_append_val(g->to, to);
        }
    }
    g_array_append_val(g->first, g->to->len);
}

static const guint *edges(const struct graph *g, guint number, guint *n)
{
    guint from = g_array_index(g->first, guint, number);
    *n = g_array_index(g->first, guint, number + 1) - from;
    return (const guint *)(void *)g->to->data + from;
}

/* Backward from the ends; what is not reached can never go on. */
static void find_lost(struct graph *g)
{
    guint n = g->ids->len, n_edges = g->to->len;
    g_autofree guint *begin = g_new0(guint, n + 1), *from = g_new(guint, n_edges);
    for (guint e = 0; e < n_edges; e++)
        begin[g_array_index(g->to, guint, e)]++;
    for (guint i = 1; i <= n; i++)
        begin[i] += begin[i - 1];
    for (guint i = n; i > 0; i--) {
        guint count;
        const guint *to = edges(g, i - 1, &count);
        for (guint e = 0; e < count; e++)
            from[--begin[to[e]]] = i - 1;
    }
    g_autoptr(GArray) queue = g_array_new(FALSE, FALSE, sizeof(guint));
    g->lost = g_malloc(n + 1);
    for (guint i = 0; i < n; i++) {
        guint count;
        edges(g, i, &count);
        g->lost[i] = count > 0;
        if (count == 0)
            g_array_append_val(queue, i);
    }
    for (guint q = 0; q < queue->len; q++) {
        guint at = g_array_index(queue, guint, q);
        for (guint e = begin[at]; e < begin[at + 1]; e++)
            if (g->lost[from[e]]) {
                g->lost[from[e]] = FALSE;
                g_array_append_val(queue, from[e]);
            }
    }
}

/* ---- Circles ---- */

static void free_circle(gpointer data)
{
    struct weft_waits_circle *circle = data;
    g_array_unref(circle->ids);
    g_free(circle);
}

/* Those of `ids` from `begin` on, turned so that the least task is first. */
static struct weft_waits_circle *circle_of(const GArray *path, guint begin, const struct graph *g)
{
    struct weft_waits_circle *circle = g_new0(struct weft_waits_circle, 1);
    circle->ids = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    guint n = path->len - begin, least = 0;
    uint64_t least_id = G_MAXUINT64;
    for (guint i = 0; i < n; i++) {
        uint64_t id = g_array_index(g->ids, uint64_t, g_array_index(path, guint, begin + i));
        if (weft_id_kind(id) == WEFT_ENTITY_TASK && id < least_id) {
            least_id = id;
            least = i;
        }
    }
    for (guint i = 0; i < n; i++) {
        guint number = g_array_index(path, guint, begin + (least + i) % n);
        g_array_append_val(circle->ids, g_array_index(g->ids, uint64_t, number));
    }
    return circle;
}

/* Along first edges from each that is lost; `seen` says in which walk it was first come by. */
static GPtrArray *find_circles(const struct graph *g)
{
    GPtrArray *circles = g_ptr_array_new_with_free_func(free_circle);
    g_autofree guint *seen = g_new0(guint, g->ids->len + 1);
    g_autoptr(GArray) path = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 0; i < g->ids->len; i++) {
        guint at = i;
        g_array_set_size(path, 0);
        while (g->lost[at] && !seen[at]) {
            guint n;
            seen[at] = i + 1;
            g_array_append_val(path, at);
            at = edges(g, at, &n)[0];
        }
        if (path->len == 0 || seen[at] != i + 1)
            continue;
        guint begin = 0;
        while (g_array_index(path, guint, begin) != at)
            begin++;
        g_ptr_array_add(circles, circle_of(path, begin, g));
    }
    return circles;
}

/* ---- Timeouts ---- */

struct armed {
    uint64_t task;
    gint64 until_mono_ns;
};

/* A timeout, or the timer of somebody who waits for a group, but not for longer. */
static gboolean ends_waits(const weft_state *state, const struct weft_object_at *object)
{
    const struct weft_task_at *task = weft_state_task(state, object->owner);
    unsigned kind = weft_id_kind(object->id);
    if (kind == WEFT_ENTITY_TIMER && task && task->detail == WEFT_AWAIT_GROUP)
        return TRUE;
    return kind == WEFT_ENTITY_TIMEOUT && !object->done;
}

static GArray *armed_timeouts(const weft_state *state)
{
    GArray *armed = g_array_new(FALSE, FALSE, sizeof(struct armed));
    guint n;
    const struct weft_object_at **objects = weft_state_objects(state, &n);
    for (guint i = 0; i < n; i++) {
        struct armed timeout = { objects[i]->owner, objects[i]->deadline_mono_ns };
        if (ends_waits(state, objects[i]) && timeout.until_mono_ns > 0 &&
            timeout.until_mono_ns < G_MAXINT64)
            g_array_append_val(armed, timeout);
    }
    return armed;
}

/* Of all that the circle's fate hangs on: whom it waits for, however indirectly. */
static void find_timeout(const weft_state *state, const GArray *armed,
                         struct weft_waits_circle *circle)
{
    struct graph g = graph_new(state);
    number_of(&g, g_array_index(circle->ids, uint64_t, 0));
    explore(&g);
    for (guint i = 0; i < armed->len; i++) {
        const struct armed *timeout = &g_array_index(armed, struct armed, i);
        if (g_hash_table_contains(g.numbers, &timeout->task) &&
            (!circle->until_mono_ns || timeout->until_mono_ns < circle->until_mono_ns))
            circle->until_mono_ns = timeout->until_mono_ns;
    }
    graph_finish(&g);
}

static gint by_first_id(gconstpointer a, gconstpointer b)
{
    const struct weft_waits_circle *x = *(const struct weft_waits_circle *const *)a;
    const struct weft_waits_circle *y = *(const struct weft_waits_circle *const *)b;
    uint64_t i = g_array_index(x->ids, uint64_t, 0), j = g_array_index(y->ids, uint64_t, 0);
    return i < j ? -1 : i > j;
}

GPtrArray *weft_waits_circles(const weft_state *state, uint64_t from)
{
    struct graph g = graph_new(state);
    guint n = 0;
    const struct weft_task_at **tasks = from ? NULL : weft_state_tasks(state, &n);
    if (from)
        number_of(&g, from);
    for (guint i = 0; i < n; i++)
        if (weft_waits_for(state, tasks[i]->id).how == WEFT_WAITS_FOR)
            number_of(&g, tasks[i]->id);
    explore(&g);
    find_lost(&g);
    GPtrArray *circles = find_circles(&g);
    graph_finish(&g);
    g_autoptr(GArray) armed = circles->len ? armed_timeouts(state) : NULL;
    for (guint i = 0; i < circles->len; i++)
        find_timeout(state, armed, circles->pdata[i]);
    g_ptr_array_sort(circles, by_first_id);
    return circles;
}
