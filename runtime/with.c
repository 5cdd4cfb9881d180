/* with.c: see with.h. */
#include "runtime/with.h"
#include "runtime/condition.h"
#include "runtime/scope.h"

struct with { /* behind weft_with */
    struct weft__scope scope;
    struct weft__links links; /* of the resource's holders; NULL: it was finished */
    void *held;
    int (*release)(weft_site *site, void *held);
    weft_site *site;
};
_Static_assert(sizeof(struct with) <= sizeof(weft_with), "weft.h: weft_with is too small");

void weft__with_let_go(struct weft__links *holders)
{
    while (!weft__list_empty(holders)) {
        struct with *with = weft__container(holders->next, struct with, links);
        holders->next = with->links.next;
        with->links.next = with->links.prev = NULL;
    }
    weft__list_init(holders);
}

static void leave(struct weft__scope *scope)
{
    struct with *with = weft__container(scope, struct with, scope);
    if (!with->links.next)
        return;
    with->links.next->prev = with->links.prev;
    with->links.prev->next = with->links.next;
    int rc = with->release(with->site, with->held);
    if (*scope->rc >= 0 && rc < 0)
        *scope->rc = rc;
}

/* Waits with the scope's own line on the await stack. */
static weft_with *enter(weft_with *place, weft_site *site, const char *func, int *rc,
                        int (*acquire)(weft_site *, void *), int (*release)(weft_site *, void *),
                        void *held)
{
    struct with *with = (struct with *)place;
    weft__frame frame;
    weft__enter(&frame, site);
    *rc = weft__leave(&frame, acquire(site, held));
    if (*rc < 0)
        return NULL;
    struct weft__resource *resource = held; /* it begins with one */
    with->held = held;
    with->release = release;
    with->site = site;
    with->links = (struct weft__links){ &resource->holders, resource->holders.prev };
    resource->holders.prev->next = &with->links;
    resource->holders.prev = &with->links;
    weft__scope_enter(&with->scope, weft__current(), func, rc, leave);
    return place;
}

static int acquire_lock(weft_site *site, void *lock)
{
    return weft_lock_acquire_at(site, lock);
}

static int release_lock(weft_site *site, void *lock)
{
    return weft_lock_release_at(site, lock);
}

static int acquire_semaphore(weft_site *site, void *semaphore)
{
    return weft_semaphore_acquire_at(site, semaphore);
}

static int release_semaphore(weft_site *site, void *semaphore)
{
    return weft_semaphore_release_at(site, semaphore);
}

weft_with *weft_with_lock_enter(weft_with *with, weft_site *site, const char *func, weft_lock *lock,
                                int *rc)
{
    return enter(with, site, func, rc, acquire_lock, release_lock, lock);
}

/* It holds the condition's lock, which may be another object's. */
weft_with *weft_with_condition_enter(weft_with *with, weft_site *site, const char *func,
                                     weft_condition *condition, int *rc)
{
    return enter(with, site, func, rc, acquire_lock, release_lock, weft__condition_lock(condition));
}

weft_with *weft_with_semaphore_enter(weft_with *with, weft_site *site, const char *func,
                                     weft_semaphore *semaphore, int *rc)
{
    return enter(with, site, func, rc, acquire_semaphore, release_semaphore, semaphore);
}
