/* seed.c: a state put together from what is known without events: from live tables. See state.h.
 *
 * Nothing that is put is trusted: ids that name no task or object are left out. */
#include "tracer/trace/replayer.h"

static struct weft_task_entry *add_task(weft_state *state, uint64_t id)
{
    struct weft_task_entry *task = weft_idtable_add(&state->tasks, id);
    if (task->at.state == WEFT_STATE_READY && task->position != WEFT_NOT_QUEUED)
        weft_readyqueue_remove(&weft_state_ring(state, (uint32_t)task->ring)->ready, task->position,
                               id);
    task->position = WEFT_NOT_QUEUED;
    return task;
}

void weft_state_put_task(weft_state *state, const struct weft_task_at *at)
{
    if (weft_id_kind(at->id) != WEFT_ENTITY_TASK || at->state >= WEFT_STATES)
        return;
    struct weft_task_entry *task = add_task(state, at->id);
    task->at = *at;
    task->at.delivered = at->delivered != 0;
    if (at->state != WEFT_STATE_READY)
        return;
    uint32_t ring = weft_id_ring(at->id);
    task->ring = ring;
    task->position = weft_readyqueue_push(&weft_state_ring(state, ring)->ready, at->id);
}

void weft_state_put_object(weft_state *state, const struct weft_object_at *at)
{
    if (!at->id || weft_id_kind(at->id) == WEFT_ENTITY_TASK)
        return;
    struct weft_object_at *object = weft_idtable_add(&state->objects, at->id);
    *object = *at;
}

void weft_state_put_running(weft_state *state, uint32_t ring, uint64_t id, gint64 since_ns)
{
    if (ring >= WEFT_STATE_RINGS || weft_id_kind(id) != WEFT_ENTITY_TASK)
        return;
    gboolean known = weft_state_task(state, id) != NULL;
    struct weft_task_entry *task = add_task(state, id);
    if (!known)
        task->at.created_ns = since_ns;
    task->at.state = task->at.delivered ? WEFT_STATE_CANCELLING : WEFT_STATE_RUNNING;
    task->at.since_ns = since_ns;
    task->at.other = 0;
    task->at.detail = 0;
    weft_ring_state_push_running(weft_state_ring(state, ring), id);
}

void weft_state_put_polling(weft_state *state, uint32_t ring_index, gint64 since_ns)
{
    if (ring_index >= WEFT_STATE_RINGS)
        return;
    struct weft_ring_state *ring = weft_state_ring(state, ring_index);
    ring->polling = TRUE;
    ring->poll_since = since_ns;
}
