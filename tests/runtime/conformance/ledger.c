/* ledger.c: see ledger.h. */
#include "ledger.h"
#include <string.h>

static void broken(struct run *run, const struct object *object, const char *what)
{
    for (guint i = 0; i < run->lines->len; i++)
        g_printerr("  %s\n", (char *)run->lines->pdata[i]);
    g_error("scenario %s: %s: %s\n%s", run->scenario->name, object ? object->name : "tasks", what,
            run->scenario->text->str);
}

/* ---- Locks, semaphores, events ---- */

long ledger_ask(struct object *object)
{
    object->books.waiting[GETTERS]++;
    return ++object->books.asked;
}

void ledger_answer(struct run *run, struct object *object, long ticket, int rc)
{
    struct books *books = &object->books;
    books->waiting[GETTERS]--;
    if (rc < 0)
        return;
    if (object->kind == LOCK && books->held > 0)
        broken(run, object, "two hold it");
    bool in_turn = object->kind == LOCK || object->kind == SEMAPHORE;
    if (in_turn && ticket < books->served)
        broken(run, object, "served out of turn");
    books->served = ticket;
    books->held++;
}

void ledger_release(struct object *object)
{
    object->books.held--;
}

/* ---- Queues ---- */

void ledger_wait(struct object *queue, enum side side)
{
    queue->books.waiting[side]++;
}

/* Where in the model the item is that comes out next. */
static guint next_out(const struct object *queue)
{
    const GArray *items = queue->books.items;
    guint at = 0;
    if (queue->books.order == LAST_FIRST)
        return items->len - 1;
    if (queue->books.order == LEAST_FIRST)
        for (guint i = 1; i < items->len; i++)
            if (g_array_index(items, long, i) < g_array_index(items, long, at))
                at = i;
    return at;
}

void ledger_moved(struct run *run, struct object *queue, enum side side, int rc, long item)
{
    GArray *items = queue->books.items;
    queue->books.waiting[side]--;
    if (rc < 0)
        return;
    if (side == PUTTERS) {
        g_array_append_val(items, item);
        return;
    }
    if (items->len == 0)
        broken(run, queue, "an item that nobody put");
    guint at = next_out(queue);
    if (g_array_index(items, long, at) != item)
        broken(run, queue, "an item out of order");
    g_array_remove_index(items, at);
}

void ledger_empty(struct object *queue)
{
    g_array_set_size(queue->books.items, 0);
}

/* ---- The end ---- */

static bool waits_in_vain(const struct object *object)
{
    const long *waiting = object->books.waiting;
    switch (object->kind) {
    case LOCK:
        return waiting[GETTERS] > 0 && !weft_lock_locked(object->lock);
    case SEMAPHORE:
        return waiting[GETTERS] > 0 && weft_semaphore_value(object->semaphore) > 0;
    case EVENT:
        return waiting[GETTERS] > 0 && weft_event_is_set(object->event);
    case QUEUE:
        return (waiting[GETTERS] > 0 && !weft_queue_empty(object->queue)) ||
               (waiting[PUTTERS] > 0 && !weft_queue_full(object->queue));
    default:
        return false;
    }
}

void ledger_stuck(struct run *run)
{
    for (guint i = 0; i < run->objects->len; i++)
        if (waits_in_vain(run->objects->pdata[i]))
            broken(run, run->objects->pdata[i], "somebody waits for what is there");
}

void ledger_close(struct run *run)
{
    if (weft_all_tasks(run->loop, NULL, 0) > 0)
        return; /* made while all were being cancelled */
    for (guint i = 0; i < run->bodies->len; i++) {
        const struct body *body = run->bodies->pdata[i];
        if (body->began != body->ended)
            broken(run, NULL, "one that began has not ended");
    }
    for (guint i = 0; i < run->objects->len; i++) {
        const struct object *object = run->objects->pdata[i];
        if (object->kind == QUEUE && !object->gone &&
            weft_queue_size(object->queue) != object->books.items->len)
            broken(run, object, "items were lost");
    }
}
