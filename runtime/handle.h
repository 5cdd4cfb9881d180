/* handle.h: callbacks that programs schedule: call_soon, call_later, call_at, and from threads. */
#ifndef WEFT_HANDLE_H
#define WEFT_HANDLE_H

#include "runtime/loop.h"
#include "runtime/object.h"

struct weft_handle {
    struct weft__object object;
    struct weft__timer timer; /* its entry is the handle's; the heap's part is call_later's */
    weft_loop *loop;          /* NULL: not the loop's yet, in its mailbox at most */
    weft_callback *fn;
    void *arg;
    struct weft__context *context;
    uint8_t kind;      /* enum weft_handle_kind: CALL_SOON, TIMER or ASYNC */
    uint64_t from;     /* who posted it: a foreign thread, in the trace */
    weft_handle *next; /* in the mailbox */
};

/* A handle inside something larger, zeroed, for the mailbox: destroy ends with handle_finish. The
 * callback runs before the queue gives its reference back. */
void weft__handle_init(weft_handle *handle, weft_site *site, weft_callback *fn, void *arg,
                       void (*destroy)(void *));
void weft__handle_finish(weft_handle *handle);
/* If it is a handle that a closed loop will not run: lets go of it. */
bool weft__drop_handle(struct weft__entry *entry);

#endif
