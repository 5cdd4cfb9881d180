/* condition.h: the condition's inside, for the barrier that has one. */
#ifndef WEFT_CONDITION_H
#define WEFT_CONDITION_H

#include "runtime/lock.h"

struct weft__condition { /* behind weft_condition */
    struct weft__resource resource;
    struct weft__waiters waiters;
    struct weft__lock *lock; /* its own or the program's */
    struct weft__lock own;
};

/* These are for what is known to be a condition. lock NULL: one of its own. */
void weft__condition_init(struct weft__condition *condition, struct weft__lock *lock,
                          const char *name, weft_site *site);
void weft__condition_finish(struct weft__condition *condition);
/* Returns with the lock held, whatever the code: unless the loop is closing or, *gone, the
 * condition or its lock was finished meanwhile: do not touch it. */
int weft__condition_wait(struct weft__condition *condition, weft_site *site, bool *gone);
/* Wakes so many, whether or not the lock is held. */
void weft__condition_notify(struct weft__condition *condition, weft_site *site, size_t n);

/* Of a condition that may be NULL or none: NULL. */
weft_lock *weft__condition_lock(weft_condition *condition);

#endif
