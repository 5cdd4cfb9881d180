/* readyqueue.h: a loop's ready queue as the replayer keeps it: FIFO, with removal from the middle.
 *
 *      ids:  | (done) | id | 0 | id | id | (room) |      0: removed from the middle
 *                      ^head             ^tail
 *
 * A position counts from the queue's beginning of time: position `base` is ids[0]. Thread: one. */
#ifndef WEFT_TRACE_READYQUEUE_H
#define WEFT_TRACE_READYQUEUE_H

#include "tracer/probe/event.h"
#include <glib.h>
#include <stdint.h>

struct weft_readyqueue {
    uint64_t *ids;
    guint head, tail, capacity;
    guint holes;     /* zeros between head and tail */
    guint callbacks; /* entries that are no tasks   */
    guint64 base;
};

void weft_readyqueue_finish(struct weft_readyqueue *queue);
void weft_readyqueue_copy(struct weft_readyqueue *to, const struct weft_readyqueue *from);
void weft_readyqueue_clear(struct weft_readyqueue *queue);

void weft_readyqueue_make_room(struct weft_readyqueue *queue);
/* Of an entry between head and tail. */
void weft_readyqueue_remove_at(struct weft_readyqueue *queue, guint i);

static inline gboolean weft_readyqueue_is_callback(uint64_t id)
{
    return weft_id_kind(id) != WEFT_ENTITY_TASK;
}

/* Appends and returns the position. */
static inline guint64 weft_readyqueue_push(struct weft_readyqueue *queue, uint64_t id)
{
    if (G_UNLIKELY(queue->tail == queue->capacity))
        weft_readyqueue_make_room(queue);
    queue->ids[queue->tail] = id;
    queue->callbacks += weft_readyqueue_is_callback(id);
    return queue->base + queue->tail++;
}

/* Removes what is at this position; nothing when it is not `id`. */
static inline void weft_readyqueue_remove(struct weft_readyqueue *queue, guint64 position,
                                          uint64_t id)
{
    guint64 i = position - queue->base;
    if (i < queue->head || i >= queue->tail || queue->ids[i] != id)
        return;
    if (i == queue->head && !queue->holes && !queue->callbacks)
        queue->head++;
    else
        weft_readyqueue_remove_at(queue, (guint)i);
}

/* Removes the first entry that is this callback's. */
void weft_readyqueue_remove_callback(struct weft_readyqueue *queue, uint64_t id);

#endif
