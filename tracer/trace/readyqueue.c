/* readyqueue.c: see readyqueue.h. */
#include "tracer/trace/readyqueue.h"
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

void weft_readyqueue_make_room(struct weft_readyqueue *queue)
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

void weft_readyqueue_remove_at(struct weft_readyqueue *queue, guint i)
{
    queue->callbacks -= weft_readyqueue_is_callback(queue->ids[i]);
    queue->ids[i] = 0;
    queue->holes++;
    while (queue->head < queue->tail && !queue->ids[queue->head]) {
        queue->head++;
        queue->holes--;
    }
}

void weft_readyqueue_remove_callback(struct weft_readyqueue *queue, uint64_t id)
{
    if (!weft_readyqueue_is_callback(id))
        return;
    guint seen = 0;
    for (guint i = queue->head; i < queue->tail && seen < queue->callbacks; i++) {
        if (queue->ids[i] == id) {
            weft_readyqueue_remove_at(queue, i);
            return;
        }
        seen += queue->ids[i] && weft_readyqueue_is_callback(queue->ids[i]);
    }
}
