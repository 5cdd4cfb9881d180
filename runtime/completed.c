/* completed.c: futures in the order in which they are done: asyncio's as_completed (3.13's
 * _AsCompletedIterator, Lib/asyncio/tasks.py).
 *
 *      todo: listeners whose future is not done        done: [ listener ] -> [ listener ] -> NULL
 *
 * A listener goes from the one to the other when its future's callback runs, and is handed out from
 * there. When the time is up nothing goes over any more: each that is missing is a timeout. */
#include "runtime/scope.h"
#include <math.h>
#include <stdlib.h>

struct listener {
    struct weft__callback callback;
    struct completed *completed;
    struct listener *next;
};

struct completed { /* behind weft_as_completed */
    struct weft__scope scope;
    weft_loop *loop; /* NULL: not in use */
    weft_site *site;
    uint64_t id; /* the group's, in the trace */
    struct listener *listeners;
    struct listener *done, **done_end;
    size_t n;            /* futures, each once */
    size_t todo, handed; /* not done; handed out */
    struct weft__task *waiter;
    struct weft__timer timer;
    bool time_is_up;
};
_Static_assert(sizeof(struct completed) <= sizeof(weft_as_completed),
               "weft.h: weft_as_completed is too small");

static void run_listener(struct weft__entry *entry)
{
    struct listener *listener = weft__container(entry, struct listener, callback.entry);
    struct completed *completed = listener->completed;
    weft_loop *loop = completed->loop;
    uint64_t id = completed->id;
    weft__callback_begin(loop, WEFT_HANDLE_DONE, listener->callback.site, id,
                         listener->callback.future->id);
    *completed->done_end = listener;
    completed->done_end = &listener->next;
    if (--completed->todo == 0)
        weft__timer_cancel(loop, &completed->timer);
    if (completed->waiter)
        weft__wake(completed->waiter, WEFT_WAKE_GROUP, id);
    weft__callback_end(loop, WEFT_HANDLE_DONE, id);
}

static void stop_listening(struct completed *completed)
{
    for (size_t i = 0; i < completed->n; i++)
        weft__not_when_done(&completed->listeners[i].callback);
}

static void run_timer(struct weft__entry *entry)
{
    struct completed *completed = weft__container(entry, struct completed, timer.entry);
    weft_loop *loop = completed->loop;
    uint64_t id = completed->timer.id;
    weft__callback_begin(loop, WEFT_HANDLE_TIMER, completed->site, id, 0);
    completed->time_is_up = true;
    stop_listening(completed);
    if (completed->waiter)
        weft__wake(completed->waiter, WEFT_WAKE_TIMER, id);
    weft__callback_end(loop, WEFT_HANDLE_TIMER, id);
}

/* ---- Beginning ---- */

static int check(weft_loop *loop, weft_future *const *futures, size_t n, double timeout)
{
    if (!loop || loop->closing)
        return WEFT_ENOLOOP;
    if ((n > 0 && !futures) || isnan(timeout))
        return UV_EINVAL;
    for (size_t i = 0; i < n; i++) {
        if (!futures[i])
            return UV_EINVAL;
        if (futures[i]->loop != loop)
            return WEFT_ELOOP;
    }
    return 0;
}

/* Each future once: see gather.c. */
static void listen_to_all(struct completed *completed, weft_future *const *futures, size_t n)
{
    weft_loop *loop = completed->loop;
    uint32_t mark = ++loop->gathers;
    weft__trace(loop, WEFT_RECORD_OBJECT_NEW, 0, completed->site, completed->id, n);
    weft__trace_name(loop, WEFT_RECORD_OBJECT_NAME, completed->id, "as_completed");
    for (size_t i = 0; i < n; i++) {
        if (futures[i]->mark == mark)
            continue;
        futures[i]->mark = mark;
        struct listener *listener = &completed->listeners[completed->n++];
        listener->completed = completed;
        listener->callback.entry.run = run_listener;
        weft__trace(loop, WEFT_RECORD_GROUP_ADD, 0, completed->site, completed->id, futures[i]->id);
        weft__when_done(weft_ref(futures[i]), &listener->callback, completed->id, completed->site);
    }
    completed->todo = completed->n;
}

int weft_as_completed_init_at(weft_site *site, weft_as_completed *pointer,
                              weft_future *const *futures, size_t n,
                              weft_as_completed_options options)
{
    struct completed *completed = (struct completed *)pointer;
    weft_loop *loop = weft__loop;
    if (!completed)
        return UV_EINVAL;
    *completed = (struct completed){ .site = site, .done_end = &completed->done };
    int rc = check(loop, futures, n, options.timeout);
    if (rc < 0)
        return rc;
    completed->listeners = calloc(n ? n : 1, sizeof completed->listeners[0]);
    if (!completed->listeners)
        return UV_ENOMEM;
    if (n > 0 && options.timeout != 0) {
        completed->timer.entry.run = run_timer;
        completed->timer.site = site;
        completed->timer.id = weft_new_id(loop->writer, WEFT_ENTITY_TIMER);
        rc = weft__timer_set(loop, &completed->timer, weft__deadline_in(options.timeout));
    }
    if (rc < 0) {
        free(completed->listeners);
        return rc;
    }
    completed->loop = loop;
    completed->id = weft_new_id(loop->writer, WEFT_ENTITY_GROUP);
    listen_to_all(completed, futures, n);
    return 0;
}

/* ---- One after the other ---- */

static int wait_for_one(struct completed *completed, struct weft__task *task, weft_site *site)
{
    while (!completed->done && !completed->time_is_up) {
        completed->waiter = task;
        int rc = weft__wait(task, WEFT_AWAIT_GROUP, completed->id, site);
        completed->waiter = NULL;
        if (rc < 0)
            return rc;
    }
    return 0;
}

int weft_as_completed_next_at(weft_site *site, weft_as_completed *pointer, weft_future **out)
{
    struct completed *completed = (struct completed *)pointer;
    struct weft__task *task = weft__current();
    if (out)
        *out = NULL;
    if (!completed || !completed->loop || !out)
        return UV_EINVAL;
    if (!task)
        return WEFT_ENOTASK;
    if (task->future.loop != completed->loop)
        return WEFT_ELOOP;
    if (completed->waiter)
        return UV_EBUSY;
    if (completed->handed == completed->n)
        return WEFT_ESTOPITER;
    int rc = wait_for_one(completed, task, site);
    if (rc < 0)
        return rc;
    completed->handed++;
    struct listener *listener = completed->done;
    if (!listener)
        return WEFT_ETIMEDOUT;
    completed->done = listener->next;
    if (!completed->done)
        completed->done_end = &completed->done;
    *out = listener->callback.future;
    return 0;
}

void weft_as_completed_finish(weft_as_completed *pointer)
{
    struct completed *completed = (struct completed *)pointer;
    weft_loop *loop = completed ? completed->loop : NULL;
    if (!loop)
        return;
    completed->loop = NULL;
    weft__timer_cancel(loop, &completed->timer);
    stop_listening(completed);
    weft__trace(loop, WEFT_RECORD_GROUP_DONE, WEFT_OUTCOME_RESULT, NULL, completed->id,
                completed->n - completed->todo);
    for (size_t i = 0; i < completed->n; i++)
        weft_unref(completed->listeners[i].callback.future);
    free(completed->listeners);
}

/* ---- As a scope ---- */

static void leave(struct weft__scope *scope)
{
    weft_as_completed_finish((weft_as_completed *)scope);
}

weft_as_completed *weft__as_completed_enter(weft_as_completed *pointer, weft_site *site,
                                            const char *func, weft_future *const *futures, size_t n,
                                            weft_as_completed_options options, int *rc)
{
    struct weft__task *task = weft__current();
    *rc = task ? weft_as_completed_init_at(site, pointer, futures, n, options) : WEFT_ENOTASK;
    if (*rc < 0)
        return NULL;
    struct completed *completed = (struct completed *)pointer;
    weft__scope_enter(&completed->scope, task, func, rc, leave);
    for (size_t i = 0; i < completed->n; i++)
        completed->listeners[i].callback.awaiter = &task->future;
    return pointer;
}

weft_future *weft__as_completed_advance(weft_as_completed *pointer)
{
    struct completed *completed = (struct completed *)pointer;
    weft_future *future;
    weft__frame frame; /* in print_stack it awaits here */
    weft__enter(&frame, completed->site);
    int rc = weft__leave(&frame, weft_as_completed_next_at(completed->site, pointer, &future));
    if (rc < 0 && rc != WEFT_ESTOPITER)
        *completed->scope.rc = rc;
    return future;
}
