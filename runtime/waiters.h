/* waiters.h: the queue of tasks that wait for a synchronisation object, first come, first served.
 *
 *      waiters -> leaving: [woken] <-> [cancelled]          done: their tasks have not resumed yet
 *              -> waiting: [waiter] <-> [waiter] <-> ...    may have cancelled ones in between
 *
 * A waiter is asyncio's private future in a deque. It lies on its task's stack, so that waiting
 * allocates nothing, and takes itself out when the task resumes; until then it is in one of the two
 * lists. Only the first of `waiting` ever moves to `leaving`, when it is woken or found cancelled:
 * so all in `leaving` came before all in `waiting`, and every waiter is looked at once, whatever
 * the number of wake-ups. */
#ifndef WEFT_WAITERS_H
#define WEFT_WAITERS_H

#include "runtime/resource.h"

struct weft__waiter {
    struct weft__links links; /* first */
    struct weft__task *task;
    bool woken;    /* its future has a result, whatever has happened to the task since */
    bool orphaned; /* the object was finished meanwhile, and may be gone: do not touch it */
};

struct weft__waiters {
    struct weft__links leaving, waiting;
    size_t woken;              /* of `leaving` */
    enum weft_await_kind kind; /* what they say they wait for */
};

void weft__waiters_init(struct weft__waiters *waiters, enum weft_await_kind kind);
/* weft__waiters_wait in two halves: up to the suspension, and from it. */
int weft__waiters_join(struct weft__waiters *waiters, struct weft__waiter *waiter,
                       struct weft__resource *resource, weft_site *site);
int weft__waiters_part(struct weft__waiters *waiters, struct weft__waiter *waiter, int rc);
struct weft__waiter *weft__waiters_search(struct weft__waiters *waiters);
bool weft__waiters_wake(struct weft__waiters *waiters);
void weft__waiters_wake_all(struct weft__waiters *waiters);
/* The object is finished: all are woken, and none will touch it again. How many had been neither
 * woken nor cancelled before. */
size_t weft__waiters_orphan(struct weft__waiters *waiters);

/* Waits at the end of the queue until woken: 0, WEFT_ECANCELED, WEFT_ELOOP; WEFT_ECLOSED when the
 * loop is closing or, with waiter->orphaned, the object was finished. */
static inline int weft__waiters_wait(struct weft__waiters *waiters, struct weft__waiter *waiter,
                                     struct weft__resource *resource, weft_site *site)
{
    int rc = weft__waiters_join(waiters, waiter, resource, site);
    return rc < 0 ? rc : weft__waiters_part(waiters, waiter, weft__wait_end(waiter->task, site));
}

/* The first that is neither woken nor cancelled; those cancelled before it step aside. NULL: none.
 */
static inline struct weft__waiter *weft__waiters_first(struct weft__waiters *waiters)
{
    return weft__list_empty(&waiters->waiting) ? NULL : weft__waiters_search(waiters);
}

/* Wakes that one; false: there is none. */
static inline bool weft__waiters_wake_first(struct weft__waiters *waiters)
{
    return !weft__list_empty(&waiters->waiting) && weft__waiters_wake(waiters);
}

/* Whether anybody is in line who has not been cancelled. */
static inline bool weft__waiters_any(struct weft__waiters *waiters)
{
    return waiters->woken > 0 || weft__waiters_first(waiters);
}

#endif
