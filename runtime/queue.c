/* queue.c: asyncio's Queue, PriorityQueue and LifoQueue (Lib/asyncio/queues.py, 3.13).
 *
 *      putters -> [ items ] -> getters                 joiners wait until unfinished is 0
 *
 * Nothing is handed over: who is woken looks again when it runs, and if another was faster it
 * queues again, at the back. So an item is always in the queue or taken, however a cancellation
 * races. */
#include "runtime/items.h"
#include "runtime/waiters.h"

struct queue { /* behind weft_queue */
    struct weft__resource resource;
    struct weft__waiters getters, putters, joiners;
    struct weft__items items;
    size_t maxsize;    /* 0: no limit */
    size_t unfinished; /* put, and task_done not called yet */
    void (*free_item)(void *item);
    bool shut_down;
};
_Static_assert(sizeof(struct queue) <= sizeof(weft_queue), "weft.h: weft_queue is too small");

static int check(weft_queue *queue, struct queue **inside)
{
    *inside = (struct queue *)queue;
    return weft__resource_check((struct weft__resource *)queue, WEFT_ENTITY_QUEUE);
}

/* The same for what brings or takes an item. */
static int check_item(weft_queue *queue, struct queue **inside, const void *item, size_t size)
{
    int rc = check(queue, inside);
    return rc < 0 ? rc : item && size == (*inside)->items.size ? 0 : UV_EINVAL;
}

int weft_queue_init_at(weft_site *site, weft_queue *queue, size_t item_size,
                       weft_queue_options options)
{
    if (!queue || item_size == 0 || (options.compare && options.lifo) ||
        (options.free_item && item_size != sizeof(void *)))
        return UV_EINVAL;
    struct queue *q = (struct queue *)queue;
    weft__resource_init(&q->resource, WEFT_ENTITY_QUEUE, options.name, options.maxsize, site);
    weft__waiters_init(&q->getters, WEFT_AWAIT_QUEUE_GET);
    weft__waiters_init(&q->putters, WEFT_AWAIT_QUEUE_PUT);
    weft__waiters_init(&q->joiners, WEFT_AWAIT_QUEUE_JOIN);
    weft__items_init(&q->items, item_size, options.compare, options.lifo);
    q->maxsize = options.maxsize;
    q->unfinished = 0;
    q->free_item = options.free_item;
    q->shut_down = false;
    return 0;
}

/* In the order in which they would have been taken. */
static void drop_items(struct queue *q)
{
    void *item;
    if (!q->free_item)
        q->items.count = 0;
    while (q->items.count > 0) {
        weft__items_get(&q->items, &item);
        if (item)
            q->free_item(item);
    }
}

void weft_queue_finish(weft_queue *queue)
{
    struct queue *q;
    if (check(queue, &q) < 0)
        return;
    size_t waiting = weft__waiters_orphan(&q->getters) + q->getters.woken;
    waiting += weft__waiters_orphan(&q->putters) + q->putters.woken;
    waiting += weft__waiters_orphan(&q->joiners);
    drop_items(q);
    weft__items_finish(&q->items);
    weft__resource_finish(&q->resource, waiting);
}

static bool is_full(const struct queue *q)
{
    return q->maxsize > 0 && q->items.count >= q->maxsize;
}

/* ---- Putting and getting ---- */

static int put_now(struct queue *q, const void *item, weft_site *site)
{
    if (q->shut_down)
        return WEFT_ESHUTDOWN;
    if (is_full(q))
        return WEFT_EFULL;
    int rc = weft__items_put(&q->items, item);
    if (rc < 0)
        return rc;
    q->unfinished++;
    weft__resource_trace(&q->resource, WEFT_RESOURCE_PUT, site, (int64_t)q->items.count);
    weft__waiters_wake_first(&q->getters);
    return 0;
}

static int get_now(struct queue *q, void *item, weft_site *site)
{
    if (q->items.count == 0)
        return q->shut_down ? WEFT_ESHUTDOWN : WEFT_EEMPTY;
    weft__items_get(&q->items, item);
    weft__resource_trace(&q->resource, WEFT_RESOURCE_GET, site, (int64_t)q->items.count);
    weft__waiters_wake_first(&q->putters);
    return 0;
}

int weft_queue_put_at(weft_site *site, weft_queue *queue, const void *item, size_t size)
{
    struct queue *q;
    int rc = check_item(queue, &q, item, size);
    if (rc < 0)
        return rc;
    if (!weft__current())
        return WEFT_ENOTASK;
    while (is_full(q)) {
        struct weft__waiter waiter;
        if (q->shut_down)
            return WEFT_ESHUTDOWN;
        rc = weft__waiters_wait(&q->putters, &waiter, &q->resource, site);
        if (waiter.orphaned)
            return rc;
        if (rc < 0) {
            if (waiter.woken && !is_full(q))
                weft__waiters_wake_first(&q->putters);
            return rc;
        }
    }
    return put_now(q, item, site);
}

int weft_queue_get_at(weft_site *site, weft_queue *queue, void *item, size_t size)
{
    struct queue *q;
    int rc = check_item(queue, &q, item, size);
    if (rc < 0)
        return rc;
    if (!weft__current())
        return WEFT_ENOTASK;
    while (q->items.count == 0) {
        struct weft__waiter waiter;
        if (q->shut_down)
            return WEFT_ESHUTDOWN;
        rc = weft__waiters_wait(&q->getters, &waiter, &q->resource, site);
        if (waiter.orphaned)
            return rc;
        if (rc < 0) {
            if (waiter.woken && q->items.count > 0)
                weft__waiters_wake_first(&q->getters);
            return rc;
        }
    }
    return get_now(q, item, site);
}

int weft_queue_put_nowait_at(weft_site *site, weft_queue *queue, const void *item, size_t size)
{
    struct queue *q;
    int rc = check_item(queue, &q, item, size);
    return rc < 0 ? rc : put_now(q, item, site);
}

int weft_queue_get_nowait_at(weft_site *site, weft_queue *queue, void *item, size_t size)
{
    struct queue *q;
    int rc = check_item(queue, &q, item, size);
    return rc < 0 ? rc : get_now(q, item, site);
}

/* ---- Finishing ---- */

int weft_queue_task_done_at(weft_site *site, weft_queue *queue)
{
    struct queue *q;
    int rc = check(queue, &q);
    if (rc < 0)
        return rc;
    if (q->unfinished == 0)
        return WEFT_ENOTHELD;
    q->unfinished--;
    weft__resource_trace(&q->resource, WEFT_RESOURCE_TASK_DONE, site, (int64_t)q->unfinished);
    if (q->unfinished == 0)
        weft__waiters_wake_all(&q->joiners);
    return 0;
}

int weft_queue_join_at(weft_site *site, weft_queue *queue)
{
    struct weft__waiter waiter;
    struct queue *q;
    int rc = check(queue, &q);
    if (rc < 0)
        return rc;
    if (!weft__current())
        return WEFT_ENOTASK;
    if (q->unfinished == 0)
        return 0;
    rc = weft__waiters_wait(&q->joiners, &waiter, &q->resource, site);
    return rc == WEFT_ECLOSED && waiter.woken ? 0 : rc;
}

int weft_queue_shutdown_at(weft_site *site, weft_queue *queue, bool immediate)
{
    struct queue *q;
    int rc = check(queue, &q);
    if (rc < 0)
        return rc;
    q->shut_down = true;
    if (immediate) {
        q->unfinished -= q->unfinished < q->items.count ? q->unfinished : q->items.count;
        drop_items(q);
    }
    weft__resource_trace(&q->resource, WEFT_RESOURCE_SHUTDOWN, site, (int64_t)q->items.count);
    if (q->unfinished == 0)
        weft__waiters_wake_all(&q->joiners);
    weft__waiters_wake_all(&q->getters);
    weft__waiters_wake_all(&q->putters);
    return 0;
}

/* ---- Looking ---- */

static const struct queue *look(const weft_queue *queue)
{
    static const struct queue none = { .maxsize = 0 };
    const struct queue *q = (const struct queue *)queue;
    return weft__resource_check((const struct weft__resource *)q, WEFT_ENTITY_QUEUE) == 0 ? q
                                                                                          : &none;
}

size_t weft_queue_size(const weft_queue *queue)
{
    return look(queue)->items.count;
}

size_t weft_queue_maxsize(const weft_queue *queue)
{
    return look(queue)->maxsize;
}

bool weft_queue_empty(const weft_queue *queue)
{
    return look(queue)->items.count == 0;
}

bool weft_queue_full(const weft_queue *queue)
{
    return is_full(look(queue));
}
