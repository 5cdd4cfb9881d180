/* mailbox.h: how other threads reach a loop.
 *
 *      thread --post--> mailbox -> handle -> handle -> NULL        loop takes all, in every
 * iteration thread --post------^
 *
 * A mailbox outlives its loop: who holds a reference may post at any time, and is refused once the
 * loop is closed. The first post since the loop looked wakes it; those that follow join it.
 *
 * Thread: any, except for taking and closing, which are the loop's. */
#ifndef WEFT_MAILBOX_H
#define WEFT_MAILBOX_H

#include "runtime/handle.h"

struct weft__mailbox {
    _Atomic uint32_t refs;
    _Atomic bool posted; /* something is in it: read without the lock */
    pthread_mutex_t lock;
    weft_handle *first, **end;
    uv_async_t *wake; /* the loop's; NULL: it is closed */
    uint64_t loop_id; /* in the trace */
};

/* Yours; NULL: out of memory. */
struct weft__mailbox *weft__mailbox_new(uv_async_t *wake);
struct weft__mailbox *weft__mailbox_ref(struct weft__mailbox *mailbox);
void weft__mailbox_unref(struct weft__mailbox *mailbox);

/* Hands a handle of kind ASYNC, and the reference to it, to the loop: its callback will run there.
 * 0, or WEFT_ECLOSED: the handle is still yours. id: what the trace calls it, 0 for a new one. */
int weft__mailbox_post(struct weft__mailbox *mailbox, weft_handle *handle, uint64_t id);

/* Moves what was posted to the ready queue. */
void weft__mailbox_take(weft_loop *loop);
/* From now on posting is refused; what was posted is dropped. */
void weft__mailbox_close(struct weft__mailbox *mailbox);

static inline bool weft__mailbox_full(const struct weft__mailbox *mailbox)
{
    return __builtin_expect(atomic_load_explicit(&mailbox->posted, memory_order_acquire), 0);
}

#endif
