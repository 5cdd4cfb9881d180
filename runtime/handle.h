/* handle.h: callbacks that programs schedule: call_soon, call_later, call_at, and from threads. */
#ifndef WEFT_HANDLE_H
#define WEFT_HANDLE_H

#include "runtime/loop.h"
#include "runtime/object.h"

struct weft_handle {
    struct weft__object object;
    struct weft__timer timer; /* its entry is the handle's; the heap's part is call_later's */
    weft_loop *loop;
    weft_callback *fn;
    void *arg;
    uint8_t kind;      /* enum weft_handle_kind: CALL_SOON, TIMER or ASYNC */
    uint64_t from;     /* who posted it: a foreign thread, in the trace */
    weft_handle *next; /* in the posts */
};

/* Moves what other threads posted to the ready queue. */
void weft__take_posts(weft_loop *loop);
/* From now on posting fails; what was posted is dropped. */
void weft__close_posts(weft_loop *loop);
/* If it is a handle that a closed loop will not run: lets go of it. */
bool weft__drop_handle(struct weft__entry *entry);

#endif
