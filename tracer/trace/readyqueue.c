/* readyqueue.c: see readyqueue.h. */
#include "tracer/trace/readyqueue.h"
#include "tracer/probe/event.h"
#include <string.h>

void weft_readyqueue_finish(struct weft_readyqueue *queue)
{
    g_free(queue->ids);
    *queue = (struct weft_readyqueue){ 0 };
}

void weft_readyqueue_copy(struct weft_readyqueue *to, const struct weft_readyqueue *from)
{
    *to = *from;
    to->ids = g_memdup2(from->ids, from->capacity * sizeof *from->ids);
}

void weft_readyqueue_clear(struct weft_readyqueue *queue)
{
    queue->base += queue->tail;
    queue->head = queue->tail = queue->holes = queue->callbacks = 0;
}

static void make_room(struct weft_readyqueue *queue)
{
    if (queue->head > queue->capacity / 2) {
        queue->tail -= queue->head;
        memmove(queue->ids, queue->ids + queue->head, queue->tail * sizeof *queue->ids);
        queue->base += queue->head;
        queue->head = 0;
        return;
    }
    queue->capacity = MAX(64, queue->capacity * 2);
    queue->ids = g_renew(uint64_t, queue->ids, queue->capacity);
}

static gboolean is_task(uint64_t id)
{
    return weft_id_kind(id) == WEFT_ENTITY_TASK;
}

guint64 weft_readyqueue_push(struct weft_readyqueue *queue, uint64_t id)
{
    if (queue->tail == queue->capacity)
        make_room(queue);
    queue->ids[queue->tail] = id;
    queue->callbacks += !is_task(id);
    return queue->base + queue->tail++;
}

static void remove_at(struct weft_readyqueue *queue, guint i)
{
    queue->callbacks -= !is_task(queue->ids[i]);
    queue->ids[i] = 0;
    queue->holes++;
    while (queue->head < queue->tail && !queue->ids[queue->head]) {
        queue->head++;
        queue->holes--;
    }
}

void weft_readyqueue_remove(struct weft_readyqueue *queue, guint64 position, uint64_t id)
{
    if (position < queue->base + queue->head || position >= queue->base + queue->tail)
        return;
    guint i = (guint)(position - queue->base);
    if (queue->ids[i] == id)
        remove_at(queue, i);
}

void weft_readyqueue_remove_callback(struct weft_readyqueue *queue, uint64_t id)
{
    if (is_task(id))
        return;
    guint seen = 0;
    for (guint i = queue->head; i < queue->tail && seen < queue->callbacks; i++) {
        if (queue->ids[i] == id) {
            remove_at(queue, i);
            return;
        }
        seen += queue->ids[i] && !is_task(queue->ids[i]);
    }
}
