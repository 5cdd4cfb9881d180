/* event.c: asyncio's Event (Lib/asyncio/locks.py). Who was woken has waited long enough: clearing
 * it again, or finishing it, takes nothing back. */
#include "runtime/waiters.h"

struct event { /* behind weft_event */
    struct weft__resource resource;
    struct weft__waiters waiters;
    bool set;
};
_Static_assert(sizeof(struct event) <= sizeof(weft_event), "weft.h: weft_event is too small");

static int check(weft_event *event, struct event **inside)
{
    *inside = (struct event *)event;
    return weft__resource_check((struct weft__resource *)event, WEFT_ENTITY_EVENT);
}

int weft_event_init_at(weft_site *site, weft_event *event, const char *name)
{
    if (!event)
        return UV_EINVAL;
    struct event *e = (struct event *)event;
    weft__resource_init(&e->resource, WEFT_ENTITY_EVENT, name, 0, site);
    weft__waiters_init(&e->waiters, WEFT_AWAIT_EVENT);
    e->set = false;
    return 0;
}

void weft_event_finish(weft_event *event)
{
    struct event *e;
    if (check(event, &e) == 0)
        weft__resource_finish(&e->resource, weft__waiters_orphan(&e->waiters));
}

static int set(weft_site *site, weft_event *event, bool value)
{
    struct event *e;
    int rc = check(event, &e);
    if (rc < 0 || e->set == value)
        return rc;
    e->set = value;
    weft__resource_trace(&e->resource, value ? WEFT_RESOURCE_SET : WEFT_RESOURCE_CLEAR, site,
                         value);
    if (value)
        weft__waiters_wake_all(&e->waiters);
    return 0;
}

int weft_event_set_at(weft_site *site, weft_event *event)
{
    return set(site, event, true);
}

int weft_event_clear_at(weft_site *site, weft_event *event)
{
    return set(site, event, false);
}

bool weft_event_is_set(const weft_event *event)
{
    return event && ((const struct event *)event)->set;
}

int weft_event_wait_at(weft_site *site, weft_event *event)
{
    struct weft__waiter waiter;
    struct event *e;
    int rc = check(event, &e);
    if (rc < 0)
        return rc;
    if (!weft__current())
        return WEFT_ENOTASK;
    if (e->set)
        return 0;
    rc = weft__waiters_wait(&e->waiters, &waiter, &e->resource, site);
    return rc == WEFT_ECLOSED && waiter.woken ? 0 : rc;
}
