/* barrier.c: asyncio's Barrier (Lib/asyncio/locks.py).
 *
 *      FILLING --the last party comes--> DRAINING --all have gone--> FILLING
 *         `------reset, somebody waits--> RESETTING --all have gone---^
 *      any of them --abort--> BROKEN --reset--> as above
 *
 * All of it under a condition, word for word as there: so it takes its turns as there too. The
 * condition and its lock show the barrier's face. */
#include "runtime/condition.h"

enum state {
    FILLING,
    DRAINING,
    RESETTING,
    BROKEN,
};

struct barrier { /* behind weft_barrier */
    struct weft__resource resource;
    struct weft__condition condition;
    size_t parties, count;
    enum state state;
};
_Static_assert(sizeof(struct barrier) <= sizeof(weft_barrier), "weft.h: weft_barrier is too small");

static int check(weft_barrier *barrier, struct barrier **inside)
{
    *inside = (struct barrier *)barrier;
    return weft__resource_check((struct weft__resource *)barrier, WEFT_ENTITY_BARRIER);
}

int weft_barrier_init_at(weft_site *site, weft_barrier *barrier, int parties, const char *name)
{
    if (!barrier || parties < 1)
        return UV_EINVAL;
    struct barrier *b = (struct barrier *)barrier;
    weft__resource_init(&b->resource, WEFT_ENTITY_BARRIER, name, (uint64_t)parties, site);
    weft__condition_init(&b->condition, NULL, name, site);
    b->condition.resource.face = b->condition.own.resource.face = &b->resource;
    b->condition.waiters.kind = b->condition.own.waiters.kind = WEFT_AWAIT_BARRIER;
    b->parties = (size_t)parties;
    b->count = 0;
    b->state = FILLING;
    return 0;
}

void weft_barrier_finish(weft_barrier *barrier)
{
    struct barrier *b;
    if (check(barrier, &b) < 0)
        return;
    weft__condition_finish(&b->condition);
    weft__resource_finish(&b->resource, 0);
}

/* ---- Waiting: the lock is held, except where a wait failed with *gone ---- */

static void notify_all(struct barrier *b, weft_site *site)
{
    weft__condition_notify(&b->condition, site, SIZE_MAX);
}

/* Until it takes parties again. */
static int block(struct barrier *b, weft_site *site, bool *gone)
{
    int rc = 0;
    while (rc == 0 && (b->state == DRAINING || b->state == RESETTING))
        rc = weft__condition_wait(&b->condition, site, gone);
    return rc < 0 ? rc : b->state == BROKEN ? WEFT_EBROKEN : 0;
}

/* Until the others have come too. */
static int fill(struct barrier *b, weft_site *site, bool *gone)
{
    int rc = 0;
    if (b->count == b->parties) {
        b->state = DRAINING;
        notify_all(b, site);
        return 0;
    }
    while (rc == 0 && b->state == FILLING)
        rc = weft__condition_wait(&b->condition, site, gone);
    return rc < 0 ? rc : b->state == BROKEN || b->state == RESETTING ? WEFT_EBROKEN : 0;
}

/* The last to go lets the next ones come. */
static void go(struct barrier *b, weft_site *site)
{
    b->count--;
    weft__resource_trace(&b->resource, WEFT_RESOURCE_RELEASE, site, (int64_t)b->count);
    if (b->count > 0)
        return;
    if (b->state == RESETTING || b->state == DRAINING)
        b->state = FILLING;
    notify_all(b, site);
}

static int wait_locked(struct barrier *b, weft_site *site, int *position, bool *gone)
{
    int rc = block(b, site, gone);
    if (rc < 0)
        return rc;
    int index = (int)b->count++;
    weft__resource_trace(&b->resource, WEFT_RESOURCE_ACQUIRE, site, (int64_t)b->count);
    rc = fill(b, site, gone);
    if (*gone)
        return rc;
    go(b, site);
    if (rc == 0 && position)
        *position = index;
    return rc;
}

int weft_barrier_wait_at(weft_site *site, weft_barrier *barrier, int *position)
{
    bool gone;
    struct barrier *b;
    int rc = check(barrier, &b);
    if (rc < 0)
        return rc;
    if (!weft__current())
        return WEFT_ENOTASK;
    rc = weft__lock_acquire(&b->condition.own, site, &gone);
    if (rc < 0)
        return rc;
    rc = wait_locked(b, site, position, &gone);
    if (!gone)
        weft__lock_release(&b->condition.own, site);
    return rc;
}

/* ---- Resetting and breaking ---- */

static int change(weft_site *site, weft_barrier *barrier, bool breaks)
{
    bool gone;
    struct barrier *b;
    int rc = check(barrier, &b);
    if (rc < 0)
        return rc;
    if (!weft__current())
        return WEFT_ENOTASK;
    rc = weft__lock_acquire(&b->condition.own, site, &gone);
    if (rc < 0)
        return rc;
    b->state = breaks ? BROKEN : b->count > 0 ? RESETTING : FILLING;
    weft__resource_trace(&b->resource, breaks ? WEFT_RESOURCE_BREAK : WEFT_RESOURCE_RESET, site,
                         (int64_t)b->count);
    notify_all(b, site);
    return weft__lock_release(&b->condition.own, site);
}

int weft_barrier_reset_at(weft_site *site, weft_barrier *barrier)
{
    return change(site, barrier, false);
}

int weft_barrier_abort_at(weft_site *site, weft_barrier *barrier)
{
    return change(site, barrier, true);
}

/* ---- Looking ---- */

static const struct barrier *look(const weft_barrier *barrier)
{
    static const struct barrier none = { .state = FILLING };
    const struct barrier *b = (const struct barrier *)barrier;
    return weft__resource_check((const struct weft__resource *)b, WEFT_ENTITY_BARRIER) == 0 ? b
                                                                                            : &none;
}

int weft_barrier_parties(const weft_barrier *barrier)
{
    return (int)look(barrier)->parties;
}

int weft_barrier_n_waiting(const weft_barrier *barrier)
{
    const struct barrier *b = look(barrier);
    return b->state == FILLING ? (int)b->count : 0;
}

bool weft_barrier_broken(const weft_barrier *barrier)
{
    return look(barrier)->state == BROKEN;
}
