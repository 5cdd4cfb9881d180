/* semaphore.c: asyncio's Semaphore and BoundedSemaphore (Lib/asyncio/locks.py).
 *
 * A release with somebody in line hands that one its unit at once: the value stays 0, and until he
 * has run locked() is true. Cancelled instead, he gives it back, and whoever leaves the line wakes
 * as many as there are units for. */
#include "runtime/waiters.h"
#include <limits.h>

struct semaphore { /* behind weft_semaphore */
    struct weft__resource resource;
    struct weft__waiters waiters;
    long value, bound;
};
_Static_assert(sizeof(struct semaphore) <= sizeof(weft_semaphore),
               "weft.h: weft_semaphore is too small");

static int check(weft_semaphore *semaphore, struct semaphore **inside)
{
    *inside = (struct semaphore *)semaphore;
    return weft__resource_check((struct weft__resource *)semaphore, WEFT_ENTITY_SEMAPHORE);
}

static int init(weft_site *site, weft_semaphore *semaphore, long value, long bound,
                const char *name)
{
    struct semaphore *s = (struct semaphore *)semaphore;
    if (!semaphore || value < 0)
        return UV_EINVAL;
    weft__resource_init(&s->resource, WEFT_ENTITY_SEMAPHORE, name, (uint64_t)value, site);
    weft__waiters_init(&s->waiters, WEFT_AWAIT_SEMAPHORE);
    s->value = value;
    s->bound = bound;
    return 0;
}

int weft_semaphore_init_at(weft_site *site, weft_semaphore *semaphore, long value, const char *name)
{
    return init(site, semaphore, value, LONG_MAX, name);
}

int weft_bounded_semaphore_init_at(weft_site *site, weft_semaphore *semaphore, long value,
                                   const char *name)
{
    return init(site, semaphore, value, value, name);
}

void weft_semaphore_finish(weft_semaphore *semaphore)
{
    struct semaphore *s;
    if (check(semaphore, &s) < 0)
        return;
    size_t waiting = weft__waiters_orphan(&s->waiters) + s->waiters.woken;
    weft__resource_finish(&s->resource, waiting);
}

static bool locked(struct semaphore *s)
{
    return s->value == 0 || weft__waiters_any(&s->waiters);
}

static int wait_for_unit(struct semaphore *s, weft_site *site)
{
    struct weft__waiter waiter;
    int rc = weft__waiters_wait(&s->waiters, &waiter, &s->resource, site);
    if (waiter.orphaned)
        return rc;
    if (rc < 0 && waiter.woken)
        s->value++;
    while (s->value > 0 && weft__waiters_wake_first(&s->waiters))
        s->value--;
    return rc;
}

int weft_semaphore_acquire_at(weft_site *site, weft_semaphore *semaphore)
{
    struct semaphore *s;
    int rc = check(semaphore, &s);
    if (rc < 0)
        return rc;
    if (!weft__current())
        return WEFT_ENOTASK;
    if (locked(s))
        rc = wait_for_unit(s, site);
    else
        s->value--;
    if (rc == 0)
        weft__resource_trace(&s->resource, WEFT_RESOURCE_ACQUIRE, site, s->value);
    return rc;
}

int weft_semaphore_release_at(weft_site *site, weft_semaphore *semaphore)
{
    struct semaphore *s;
    int rc = check(semaphore, &s);
    if (rc < 0)
        return rc;
    if (s->value >= s->bound)
        return WEFT_ENOTHELD;
    if (!weft__waiters_first(&s->waiters))
        s->value++;
    weft__resource_trace(&s->resource, WEFT_RESOURCE_RELEASE, site, s->value);
    weft__waiters_wake_first(&s->waiters);
    return 0;
}

bool weft_semaphore_locked(const weft_semaphore *semaphore)
{
    struct semaphore *s;
    return check((weft_semaphore *)(uintptr_t)semaphore, &s) == 0 && locked(s);
}

long weft_semaphore_value(const weft_semaphore *semaphore)
{
    struct semaphore *s;
    return check((weft_semaphore *)(uintptr_t)semaphore, &s) == 0 ? s->value : 0;
}
