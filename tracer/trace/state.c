/* state.c: the state of everything, held and looked at. What an event does to it is replay.c's. */
#include "tracer/trace/parties.h"
#include "tracer/trace/replayer.h"
#include <string.h>

/* All but its tables. */
static weft_state *state_without_tables(void)
{
    weft_state *state = g_new0(weft_state, 1);
    state->listed = g_ptr_array_new();
    state->listed_objects = g_ptr_array_new();
    state->queued = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    return state;
}

weft_state *weft_state_new(void)
{
    weft_state *state = state_without_tables();
    weft_idtable_init(&state->tasks, sizeof(struct weft_task_entry));
    weft_idtable_init(&state->objects, sizeof(struct weft_object_at));
    weft_idtable_init(&state->parties, sizeof(struct weft_parties));
    return state;
}

static struct weft_ring_state *copy_ring(const struct weft_ring_state *from)
{
    if (!from)
        return NULL;
    struct weft_ring_state *to = g_memdup2(from, sizeof *from);
    weft_readyqueue_copy(&to->ready, &from->ready);
    to->running = g_memdup2(from->running, from->running_capacity * sizeof *from->running);
    return to;
}

weft_state *weft_state_copy(const weft_state *state)
{
    weft_state *copy = state_without_tables();
    weft_idtable_copy(&copy->tasks, &state->tasks);
    weft_idtable_copy(&copy->objects, &state->objects);
    weft_parties_copy(&copy->parties, &state->parties);
    copy->rings = g_new0(struct weft_ring_state *, state->n_rings);
    copy->n_rings = state->n_rings;
    for (guint i = 0; i < state->n_rings; i++)
        copy->rings[i] = copy_ring(state->rings[i]);
    return copy;
}

void weft_state_free(weft_state *state)
{
    if (!state)
        return;
    for (guint i = 0; i < state->n_rings; i++) {
        if (!state->rings[i])
            continue;
        weft_readyqueue_finish(&state->rings[i]->ready);
        g_free(state->rings[i]->running);
        g_free(state->rings[i]);
    }
    g_free(state->rings);
    weft_idtable_finish(&state->tasks);
    weft_idtable_finish(&state->objects);
    weft_parties_finish(&state->parties);
    g_ptr_array_unref(state->listed);
    g_ptr_array_unref(state->listed_objects);
    g_array_unref(state->queued);
    g_free(state);
}

gsize weft_state_memory(const weft_state *state)
{
    gsize bytes = sizeof *state + weft_idtable_memory(&state->tasks) +
                  weft_idtable_memory(&state->objects) + weft_idtable_memory(&state->parties);
    for (guint i = 0; i < weft_idtable_n(&state->parties); i++) {
        const struct weft_parties *parties = weft_idtable_at(&state->parties, i);
        bytes += parties ? parties->capacity * sizeof *parties->at : 0;
    }
    for (guint i = 0; i < state->n_rings; i++)
        if (state->rings[i])
            bytes += sizeof *state->rings[i] +
                     (state->rings[i]->ready.capacity + state->rings[i]->running_capacity) *
                         sizeof(uint64_t);
    return bytes;
}

/* ---- Rings ---- */

struct weft_ring_state *weft_state_add_ring(weft_state *state, uint32_t ring)
{
    if (ring >= state->n_rings) {
        state->rings = g_renew(struct weft_ring_state *, state->rings, ring + 1);
        memset(state->rings + state->n_rings, 0,
               (ring + 1 - state->n_rings) * sizeof *state->rings);
        state->n_rings = ring + 1;
    }
    if (!state->rings[ring]) {
        state->rings[ring] = g_new0(struct weft_ring_state, 1);
        state->rings[ring]->index = ring;
    }
    return state->rings[ring];
}

static const struct weft_ring_state *look_ring(const weft_state *state, uint32_t ring)
{
    return ring < state->n_rings ? state->rings[ring] : NULL;
}

/* ---- Looking ---- */

const struct weft_task_at *weft_state_task(const weft_state *state, uint64_t id)
{
    const struct weft_task_entry *task = weft_idtable_find(&state->tasks, id);
    return task ? &task->at : NULL;
}

const struct weft_object_at *weft_state_object(const weft_state *state, uint64_t id)
{
    return weft_idtable_find(&state->objects, id);
}

static gint compare_ids(gconstpointer a, gconstpointer b)
{
    uint64_t x = (*(const struct weft_task_at *const *)a)->id;
    uint64_t y = (*(const struct weft_task_at *const *)b)->id;
    return x < y ? -1 : x > y;
}

const struct weft_task_at **weft_state_tasks(const weft_state *state, guint *n)
{
    g_ptr_array_set_size(state->listed, 0);
    for (guint i = 0; i < weft_idtable_n(&state->tasks); i++) {
        struct weft_task_entry *task = weft_idtable_at(&state->tasks, i);
        if (task)
            g_ptr_array_add(state->listed, &task->at);
    }
    g_ptr_array_sort(state->listed, compare_ids);
    *n = state->listed->len;
    return (const struct weft_task_at **)state->listed->pdata;
}

static gint compare_objects(gconstpointer a, gconstpointer b)
{
    uint64_t x = (*(const struct weft_object_at *const *)a)->id;
    uint64_t y = (*(const struct weft_object_at *const *)b)->id;
    return x < y ? -1 : x > y;
}

const struct weft_object_at **weft_state_objects(const weft_state *state, guint *n)
{
    g_ptr_array_set_size(state->listed_objects, 0);
    for (guint i = 0; i < weft_idtable_n(&state->objects); i++) {
        struct weft_object_at *object = weft_idtable_at(&state->objects, i);
        if (object)
            g_ptr_array_add(state->listed_objects, object);
    }
    g_ptr_array_sort(state->listed_objects, compare_objects);
    *n = state->listed_objects->len;
    return (const struct weft_object_at **)state->listed_objects->pdata;
}

static const void *next_entry(const struct weft_idtable *table, guint *at)
{
    const void *entry = NULL;
    while (!entry && *at < weft_idtable_n(table))
        entry = weft_idtable_at(table, (*at)++);
    return entry;
}

const struct weft_task_at *weft_state_next_task(const weft_state *state, guint *at)
{
    const struct weft_task_entry *task = next_entry(&state->tasks, at);
    return task ? &task->at : NULL;
}

const struct weft_object_at *weft_state_next_object(const weft_state *state, guint *at)
{
    return next_entry(&state->objects, at);
}

uint32_t weft_state_n_rings(const weft_state *state)
{
    return state->n_rings;
}

uint64_t weft_state_running(const weft_state *state, uint32_t ring_index)
{
    const struct weft_ring_state *ring = look_ring(state, ring_index);
    return ring && ring->n_running ? ring->running[ring->n_running - 1] : 0;
}

const uint64_t *weft_state_all_running(const weft_state *state, uint32_t ring_index, guint *n)
{
    const struct weft_ring_state *ring = look_ring(state, ring_index);
    *n = ring ? ring->n_running : 0;
    return ring ? ring->running : NULL;
}

const uint64_t *weft_state_ready(const weft_state *state, uint32_t ring_index, guint *n)
{
    const struct weft_ring_state *ring = look_ring(state, ring_index);
    *n = 0;
    if (!ring || !ring->ready.ids)
        return NULL;
    const struct weft_readyqueue *queue = &ring->ready;
    if (!queue->holes) {
        *n = queue->tail - queue->head;
        return queue->ids + queue->head;
    }
    g_array_set_size(state->queued, 0);
    for (guint i = queue->head; i < queue->tail; i++)
        if (queue->ids[i])
            g_array_append_val(state->queued, queue->ids[i]);
    *n = state->queued->len;
    return (const uint64_t *)(void *)state->queued->data;
}

guint weft_state_n_ready(const weft_state *state, uint32_t ring_index)
{
    const struct weft_ring_state *ring = look_ring(state, ring_index);
    return ring ? ring->ready.tail - ring->ready.head - ring->ready.holes : 0;
}

gboolean weft_state_queue_known(const weft_state *state, uint32_t ring_index)
{
    const struct weft_ring_state *ring = look_ring(state, ring_index);
    return !ring || !ring->queue_unknown;
}

uint64_t weft_state_first_ready(const weft_state *state, uint32_t ring_index)
{
    const struct weft_ring_state *ring = look_ring(state, ring_index);
    return ring && ring->ready.head < ring->ready.tail ? ring->ready.ids[ring->ready.head] : 0;
}

gboolean weft_state_polling(const weft_state *state, uint32_t ring_index, gint64 *since_ns)
{
    const struct weft_ring_state *ring = look_ring(state, ring_index);
    if (since_ns)
        *since_ns = ring ? ring->poll_since : 0;
    return ring && ring->polling;
}

gint64 weft_state_latest(const weft_state *state)
{
    gint64 latest = 0;
    for (guint i = 0; i < weft_idtable_n(&state->tasks); i++) {
        const struct weft_task_entry *task = weft_idtable_at(&state->tasks, i);
        if (task)
            latest = MAX(latest, task->at.since_ns);
    }
    for (guint i = 0; i < state->n_rings; i++)
        if (state->rings[i])
            latest = MAX(latest, state->rings[i]->poll_since);
    return latest;
}

gint64 weft_state_earliest(const weft_state *state)
{
    gint64 earliest = G_MAXINT64;
    for (guint i = 0; i < weft_idtable_n(&state->tasks); i++) {
        const struct weft_task_entry *task = weft_idtable_at(&state->tasks, i);
        if (task && task->at.since_ns > 0)
            earliest = MIN(earliest, task->at.since_ns);
    }
    for (guint i = 0; i < state->n_rings; i++)
        if (state->rings[i] && state->rings[i]->polling && state->rings[i]->poll_since > 0)
            earliest = MIN(earliest, state->rings[i]->poll_since);
    return earliest == G_MAXINT64 ? 0 : earliest;
}

/* ---- Another clock ---- */

void weft_state_convert_times(weft_state *state, gint64 (*convert)(gint64 time, const void *data),
                              const void *data)
{
    for (guint i = 0; i < weft_idtable_n(&state->tasks); i++) {
        struct weft_task_entry *task = weft_idtable_at(&state->tasks, i);
        if (!task)
            continue;
        task->at.since_ns = convert(task->at.since_ns, data);
        task->at.created_ns = convert(task->at.created_ns, data);
    }
    for (guint i = 0; i < weft_idtable_n(&state->objects); i++) {
        struct weft_object_at *object = weft_idtable_at(&state->objects, i);
        gint64 since = object && object->since_ns ? convert(object->since_ns, data) : 0;
        if (object && object->since_ns)
            object->since_ns = since ? since : 1; /* 0 says that it is not known */
    }
    for (guint i = 0; i < state->n_rings; i++)
        if (state->rings[i])
            state->rings[i]->poll_since = convert(state->rings[i]->poll_since, data);
}
