/* lock.c: asyncio's Lock (Lib/asyncio/locks.py).
 *
 * Released, it is not handed over: the first in line is woken, and takes it when it runs. Until
 * then it is not locked, yet nobody can get ahead of the line. At most one is woken at a time. */
#include "runtime/lock.h"

_Static_assert(sizeof(struct weft__lock) <= sizeof(weft_lock), "weft.h: weft_lock is too small");

/* asyncio's _wake_up_first: if the first in line is done, woken or cancelled, it will see to the
 * next one itself when it runs. */
static void wake_first(struct weft__lock *lock)
{
    struct weft__waiters *waiters = &lock->waiters;
    if (!weft__list_empty(&waiters->leaving) || weft__list_empty(&waiters->waiting))
        return;
    struct weft__waiter *first = (struct weft__waiter *)waiters->waiting.next;
    if (first->task->wait == WEFT__WAITING)
        weft__waiters_wake_first(waiters);
}

void weft__lock_init(struct weft__lock *lock, const char *name, weft_site *site)
{
    weft__resource_init(&lock->resource, WEFT_ENTITY_LOCK, name, 1, site);
    weft__waiters_init(&lock->waiters, WEFT_AWAIT_LOCK);
    lock->locked = false;
}

void weft__lock_finish(struct weft__lock *lock)
{
    size_t waiting = weft__waiters_orphan(&lock->waiters) + lock->waiters.woken;
    weft__resource_finish(&lock->resource, waiting);
}

int weft__lock_acquire(struct weft__lock *lock, weft_site *site, bool *gone)
{
    *gone = false;
    if (lock->locked || weft__waiters_any(&lock->waiters)) {
        struct weft__waiter waiter;
        int rc = weft__waiters_wait(&lock->waiters, &waiter, &lock->resource, site);
        *gone = waiter.orphaned;
        if (*gone)
            return rc;
        if (rc < 0) {
            if (!lock->locked)
                wake_first(lock);
            return rc;
        }
    }
    lock->locked = true;
    lock->holder = weft__current()->future.id;
    weft__resource_trace(&lock->resource, WEFT_RESOURCE_ACQUIRE, site, 1);
    return 0;
}

/* As in asyncio anybody may release it; debug mode says who did not take it. */
static void look_at_holder(const struct weft__lock *lock, weft_site *site)
{
    struct weft__task *task = weft__current();
    if (!weft__loop || !weft__loop->debug || (task && task->future.id == lock->holder))
        return;
    weft_log("%s:%u, in %s: lock%s%s is released by %s, which did not acquire it", site->file,
             site->line, site->func, lock->resource.name ? " " : "",
             lock->resource.name ? lock->resource.name : "",
             task ? weft_get_name(&task->future) : "a callback");
}

int weft__lock_release(struct weft__lock *lock, weft_site *site)
{
    if (!lock->locked)
        return WEFT_ENOTHELD;
    look_at_holder(lock, site);
    lock->locked = false;
    weft__resource_trace(&lock->resource, WEFT_RESOURCE_RELEASE, site, 0);
    wake_first(lock);
    return 0;
}

/* ---- What programs call ---- */

static int check(weft_lock *lock, struct weft__lock **inside)
{
    *inside = (struct weft__lock *)lock;
    return weft__resource_check((struct weft__resource *)lock, WEFT_ENTITY_LOCK);
}

int weft_lock_init_at(weft_site *site, weft_lock *lock, const char *name)
{
    if (!lock)
        return UV_EINVAL;
    weft__lock_init((struct weft__lock *)lock, name, site);
    return 0;
}

void weft_lock_finish(weft_lock *lock)
{
    struct weft__lock *l;
    if (check(lock, &l) == 0)
        weft__lock_finish(l);
}

int weft_lock_acquire_at(weft_site *site, weft_lock *lock)
{
    bool gone;
    struct weft__lock *l;
    int rc = check(lock, &l);
    if (rc < 0)
        return rc;
    return weft__current() ? weft__lock_acquire(l, site, &gone) : WEFT_ENOTASK;
}

int weft_lock_release_at(weft_site *site, weft_lock *lock)
{
    struct weft__lock *l;
    int rc = check(lock, &l);
    return rc < 0 ? rc : weft__lock_release(l, site);
}

bool weft_lock_locked(const weft_lock *lock)
{
    return lock && ((const struct weft__lock *)lock)->locked;
}
