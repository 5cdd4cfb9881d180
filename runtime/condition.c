/* condition.c: asyncio's Condition (Lib/asyncio/locks.py, 3.13).
 *
 *      wait: release the lock -- wait to be notified -- acquire it again, held against every cancel
 *
 * A waiter that fails, whether or not it had been notified, notifies another: a spurious wake-up is
 * allowed, a lost one is not. */
#include "runtime/condition.h"
#include "runtime/error.h"

_Static_assert(sizeof(struct weft__condition) <= sizeof(weft_condition),
               "weft.h: weft_condition is too small");

void weft__condition_init(struct weft__condition *condition, struct weft__lock *lock,
                          const char *name, weft_site *site)
{
    weft__resource_init(&condition->resource, WEFT_ENTITY_CONDITION, name, 0, site);
    weft__waiters_init(&condition->waiters, WEFT_AWAIT_CONDITION);
    condition->lock = lock ? lock : &condition->own;
    weft__lock_init(&condition->own, name, site);
}

void weft__condition_finish(struct weft__condition *condition)
{
    size_t waiting = weft__waiters_orphan(&condition->waiters) + condition->waiters.woken;
    weft__lock_finish(&condition->own);
    weft__resource_finish(&condition->resource, waiting);
}

void weft__condition_notify(struct weft__condition *condition, weft_site *site, size_t n)
{
    weft__resource_trace(&condition->resource, WEFT_RESOURCE_NOTIFY, site, (int64_t)n);
    while (n-- > 0 && weft__waiters_wake_first(&condition->waiters)) {
    }
}

/* Acquires it however often it is cancelled meanwhile; then `rc`, or the last such cancellation. */
static int acquire_again(struct weft__lock *lock, int rc, weft_site *site, bool *gone)
{
    struct weft__task *task = weft__current();
    weft_error *error = rc < 0 ? weft__error_claim(&task->error, rc) : NULL;
    int acquired;
    while ((acquired = weft__lock_acquire(lock, site, gone)) == WEFT_ECANCELED && !*gone) {
        weft_unref(error);
        rc = acquired;
        error = weft__error_claim(&task->error, rc);
    }
    if (acquired < 0)
        rc = acquired;
    if (rc < 0)
        weft__error_put(&task->error, error);
    return rc;
}

int weft__condition_wait(struct weft__condition *condition, weft_site *site, bool *gone)
{
    struct weft__waiter waiter;
    *gone = false;
    int rc = weft__resource_bind(&condition->resource);
    if (rc == 0)
        rc = weft__lock_release(condition->lock, site);
    if (rc < 0)
        return rc;
    rc = weft__waiters_wait(&condition->waiters, &waiter, &condition->resource, site);
    *gone = waiter.orphaned;
    if (*gone)
        return rc;
    rc = acquire_again(condition->lock, rc, site, gone);
    if (rc < 0 && !*gone)
        weft__condition_notify(condition, site, 1);
    return rc;
}

/* ---- What programs call ---- */

static int check(weft_condition *condition, struct weft__condition **inside)
{
    *inside = (struct weft__condition *)condition;
    int rc = weft__resource_check((struct weft__resource *)condition, WEFT_ENTITY_CONDITION);
    return rc < 0 ? rc : weft__resource_check(&(*inside)->lock->resource, WEFT_ENTITY_LOCK);
}

int weft_condition_init_at(weft_site *site, weft_condition *condition, weft_lock *lock,
                           const char *name)
{
    struct weft__lock *other = (struct weft__lock *)lock;
    if (!condition || (lock && weft__resource_check(&other->resource, WEFT_ENTITY_LOCK) < 0))
        return UV_EINVAL;
    weft__condition_init((struct weft__condition *)condition, other, name, site);
    return 0;
}

void weft_condition_finish(weft_condition *condition)
{
    struct weft__condition *c = (struct weft__condition *)condition;
    if (weft__resource_check((struct weft__resource *)condition, WEFT_ENTITY_CONDITION) == 0)
        weft__condition_finish(c);
}

weft_lock *weft__condition_lock(weft_condition *condition)
{
    struct weft__condition *c;
    return check(condition, &c) == 0 ? (weft_lock *)c->lock : NULL;
}

int weft_condition_acquire_at(weft_site *site, weft_condition *condition)
{
    struct weft__condition *c;
    int rc = check(condition, &c);
    return rc < 0 ? rc : weft_lock_acquire_at(site, (weft_lock *)c->lock);
}

int weft_condition_release_at(weft_site *site, weft_condition *condition)
{
    struct weft__condition *c;
    int rc = check(condition, &c);
    return rc < 0 ? rc : weft__lock_release(c->lock, site);
}

bool weft_condition_locked(const weft_condition *condition)
{
    return condition && weft_lock_locked(weft__condition_lock((weft_condition *)condition));
}

int weft_condition_wait_at(weft_site *site, weft_condition *condition)
{
    bool gone;
    struct weft__condition *c;
    int rc = check(condition, &c);
    if (rc < 0)
        return rc;
    return weft__current() ? weft__condition_wait(c, site, &gone) : WEFT_ENOTASK;
}

int weft_condition_wait_for_at(weft_site *site, weft_condition *condition,
                               bool (*predicate)(void *arg), void *arg)
{
    bool gone = false;
    struct weft__condition *c;
    int rc = check(condition, &c);
    if (rc < 0 || !predicate)
        return rc < 0 ? rc : UV_EINVAL;
    if (!weft__current())
        return WEFT_ENOTASK;
    while (rc == 0 && !predicate(arg))
        rc = weft__condition_wait(c, site, &gone);
    return rc;
}

int weft_condition_notify_at(weft_site *site, weft_condition *condition, size_t n)
{
    struct weft__condition *c;
    int rc = check(condition, &c);
    if (rc < 0)
        return rc;
    if (!c->lock->locked)
        return WEFT_ENOTHELD;
    weft__condition_notify(c, site, n);
    return 0;
}
