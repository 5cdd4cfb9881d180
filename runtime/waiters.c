/* waiters.c: see waiters.h. */
#include "runtime/waiters.h"

static struct weft__waiter *first_of(struct weft__links *list)
{
    return list->next == list ? NULL : (struct weft__waiter *)list->next;
}

static void append(struct weft__links *list, struct weft__waiter *waiter)
{
    waiter->links = (struct weft__links){ list, list->prev };
    list->prev->next = &waiter->links;
    list->prev = &waiter->links;
}

static void take_out(struct weft__waiter *waiter)
{
    waiter->links.next->prev = waiter->links.prev;
    waiter->links.prev->next = waiter->links.next;
}

void weft__waiters_init(struct weft__waiters *waiters, enum weft_await_kind kind)
{
    weft__list_init(&waiters->leaving);
    weft__list_init(&waiters->waiting);
    waiters->woken = 0;
    waiters->kind = kind;
}

int weft__waiters_join(struct weft__waiters *waiters, struct weft__waiter *waiter,
                       struct weft__resource *resource, weft_site *site)
{
    struct weft__task *task = weft__current();
    waiter->task = task;
    waiter->woken = waiter->orphaned = false;
    int rc = weft__resource_bind(resource);
    if (rc < 0)
        return rc;
    /* While its loop closes it does not wait, and may never come back to take itself out. */
    if (!(task->flags & WEFT__CLOSING))
        append(&waiters->waiting, waiter);
    return weft__wait_begin(task, waiters->kind,
                            weft_probe_on() ? weft__resource_announce(resource) : 0, site);
}

int weft__waiters_part(struct weft__waiters *waiters, struct weft__waiter *waiter, int rc)
{
    if (waiter->orphaned)
        return rc < 0 ? rc : WEFT_ECLOSED;
    take_out(waiter);
    waiters->woken -= waiter->woken;
    return rc;
}

struct weft__waiter *weft__waiters_search(struct weft__waiters *waiters)
{
    for (struct weft__waiter *waiter; (waiter = first_of(&waiters->waiting));) {
        if (waiter->task->wait == WEFT__WAITING)
            return waiter;
        take_out(waiter);
        append(&waiters->leaving, waiter);
    }
    return NULL;
}

static void wake(struct weft__waiter *waiter)
{
    weft__wake(waiter->task, WEFT_WAKE_RESOURCE, waiter->task->future.loop->writer->current_task);
}

bool weft__waiters_wake(struct weft__waiters *waiters)
{
    struct weft__waiter *waiter = weft__waiters_first(waiters);
    if (!waiter)
        return false;
    take_out(waiter);
    append(&waiters->leaving, waiter);
    waiter->woken = true;
    waiters->woken++;
    wake(waiter);
    return true;
}

void weft__waiters_wake_all(struct weft__waiters *waiters)
{
    while (weft__waiters_wake_first(waiters)) {
    }
}

size_t weft__waiters_orphan(struct weft__waiters *waiters)
{
    size_t waiting = 0;
    for (struct weft__waiter *waiter; (waiter = weft__waiters_first(waiters)); waiting++) {
        take_out(waiter);
        waiter->orphaned = true;
        wake(waiter);
    }
    for (struct weft__waiter *waiter; (waiter = first_of(&waiters->leaving));) {
        take_out(waiter);
        waiter->orphaned = true;
    }
    return waiting;
}
