/* readyqueue.h: a loop's ready queue as the replayer keeps it: FIFO, with removal from the middle.
 *
 *      ids:  | (done) | id | 0 | id | id | (room) |      0: removed from the middle
 *                      ^head             ^tail
 *
 * A position counts from the queue's beginning of time: position `base` is ids[0]. Thread: one. */
#ifndef WEFT_TRACE_READYQUEUE_H
#define WEFT_TRACE_READYQUEUE_H

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

/* Appends and returns the position. */
guint64 weft_readyqueue_push(struct weft_readyqueue *queue, uint64_t id);
/* Removes what is at this position; nothing when it is not `id`. */
void weft_readyqueue_remove(struct weft_readyqueue *queue, guint64 position, uint64_t id);
/* Removes the first entry that is this callback's. */
void weft_readyqueue_remove_callback(struct weft_readyqueue *queue, uint64_t id);

#endif
