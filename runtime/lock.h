/* lock.h: the lock's inside, for the condition that has one and the barrier that has that. */
#ifndef WEFT_LOCK_H
#define WEFT_LOCK_H

#include "runtime/waiters.h"

struct weft__lock { /* behind weft_lock */
    struct weft__resource resource;
    struct weft__waiters waiters;
    uint64_t holder; /* the task that took it, for debug mode */
    bool locked;
};

/* These are for what is known to be a lock. */
void weft__lock_init(struct weft__lock *lock, const char *name, weft_site *site);
void weft__lock_finish(struct weft__lock *lock);
/* *gone: it was finished meanwhile, do not touch it. */
int weft__lock_acquire(struct weft__lock *lock, weft_site *site, bool *gone);
int weft__lock_release(struct weft__lock *lock, weft_site *site);

#endif
