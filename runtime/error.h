/* error.h: error objects, and where the last one of a task is kept. */
#ifndef WEFT_ERROR_H
#define WEFT_ERROR_H

#include "runtime/object.h"
#include "runtime/weft.h"

struct weft_error {
    struct weft__object object;
    int code;
    char *message; /* NULL: weft_strerror(code) */
    weft_site *site;
    weft_error *cause;
    const weft_error **children; /* a group's: references */
    size_t n_children;
};

/* NULL when out of memory. message is copied, or NULL; cause is taken over. */
weft_error *weft__error_new(int code, const char *message, weft_site *site, weft_error *cause);
/* One with memory of its own throughout, for another thread; NULL for NULL, or out of memory. */
weft_error *weft__error_copy(const weft_error *error);

/* The slot of the running task, or of the thread outside of any: what weft_raise and failed awaits
 * fill and weft_current_error reads. */
weft_error **weft__error_slot(void);
/* Drops what a slot holds and puts `error` there: a reference taken over, or NULL. */
void weft__error_put(weft_error **slot, weft_error *error);
/* A reference to the slot's error if it is one of this code, else NULL; the slot is emptied. */
weft_error *weft__error_claim(weft_error **slot, int code);

#endif
