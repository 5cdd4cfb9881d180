/* wait.c: waiting for some of several futures (asyncio.wait), and shield. */
#include "runtime/error.h"
#include "runtime/task.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- wait ---- */

struct waiter;

struct listener {
    struct weft__callback callback;
    struct waiter *waiter;
};

struct waiter {
    struct weft__task *task;
    size_t left;
    enum weft_return_when return_when;
    struct weft__timer timer;
    struct listener *listeners;
    size_t n;
    uint64_t group; /* in the trace */
};

/* What asyncio's _on_completion does. */
static void future_done(struct waiter *waiter, weft_future *future)
{
    bool enough = --waiter->left == 0 || waiter->return_when == WEFT_FIRST_COMPLETED;
    if (!enough && waiter->return_when == WEFT_FIRST_EXCEPTION && future->state == WEFT__FAILED) {
        future->looked_at = true;
        enough = true;
    }
    if (!enough)
        return;
    weft__timer_cancel(waiter->task->future.loop, &waiter->timer);
    weft__wake(waiter->task, WEFT_WAKE_GROUP, waiter->group);
}

static void run_listener(struct weft__entry *entry)
{
    struct listener *listener = weft__container(entry, struct listener, callback.entry);
    weft_future *future = listener->callback.future;
    weft_loop *loop = future->loop;
    uint64_t group = listener->waiter->group;
    weft__callback_begin(loop, WEFT_HANDLE_DONE, listener->callback.site, group, future->id);
    future_done(listener->waiter, future);
    weft__callback_end(loop, WEFT_HANDLE_DONE, group);
}

static void time_is_up(struct weft__entry *entry)
{
    struct waiter *waiter = weft__container(entry, struct waiter, timer.entry);
    weft_loop *loop = waiter->task->future.loop;
    uint64_t id = waiter->timer.id;
    weft__callback_begin(loop, WEFT_HANDLE_TIMER, waiter->timer.site, id, 0);
    weft__wake(waiter->task, WEFT_WAKE_TIMER, id);
    weft__callback_end(loop, WEFT_HANDLE_TIMER, id);
}

static void listen_to_all(struct waiter *waiter, weft_future **futures, weft_site *site)
{
    weft_loop *loop = waiter->task->future.loop;
    waiter->group = weft_new_id(loop->writer, WEFT_ENTITY_GROUP);
    weft__trace(loop, WEFT_RECORD_OBJECT_NEW, 0, site, waiter->group, waiter->n);
    weft__trace_name(loop, WEFT_RECORD_OBJECT_NAME, waiter->group, "wait");
    for (size_t i = 0; i < waiter->n; i++) {
        struct listener *listener = &waiter->listeners[i];
        listener->waiter = waiter;
        listener->callback.entry.run = run_listener;
        listener->callback.awaiter = &waiter->task->future;
        weft_ref(futures[i]);
        weft__trace(loop, WEFT_RECORD_GROUP_ADD, 0, site, waiter->group, futures[i]->id);
        weft__when_done(futures[i], &listener->callback, waiter->group, site);
    }
}

static void stop_listening(struct waiter *waiter)
{
    weft_loop *loop = waiter->task->future.loop;
    size_t done = 0;
    for (size_t i = 0; i < waiter->n; i++) {
        weft_future *future = waiter->listeners[i].callback.future;
        done += weft__is_done(future);
        weft__not_when_done(&waiter->listeners[i].callback);
        weft_unref(future);
    }
    weft__trace(loop, WEFT_RECORD_GROUP_DONE, WEFT_OUTCOME_RESULT, NULL, waiter->group, done);
}

/* Stable: the done ones first. Without memory for the others nothing is sorted. */
static ssize_t sort_done_first(weft_future **futures, size_t n)
{
    weft_future **pending = malloc(n * sizeof *pending);
    if (!pending)
        return UV_ENOMEM;
    size_t done = 0, others = 0;
    for (size_t i = 0; i < n; i++) {
        if (weft__is_done(futures[i]))
            futures[done++] = futures[i];
        else
            pending[others++] = futures[i];
    }
    memcpy(futures + done, pending, others * sizeof *pending);
    free(pending);
    return (ssize_t)done;
}

static int check(const struct weft__task *task, weft_future *const *futures, size_t n,
                 const weft_wait_options *options)
{
    if (!task)
        return WEFT_ENOTASK;
    if (n == 0 || !futures || (options->has_timeout && isnan(options->timeout)))
        return UV_EINVAL;
    for (size_t i = 0; i < n; i++) {
        if (!futures[i])
            return UV_EINVAL;
        if (futures[i]->loop != task->future.loop)
            return WEFT_ELOOP;
    }
    return 0;
}

ssize_t weft_wait_at(weft_site *site, weft_future **futures, size_t n, weft_wait_options options)
{
    struct weft__task *task = weft__current();
    int rc = check(task, futures, n, &options);
    if (rc < 0)
        return rc;
    struct waiter waiter = { .task = task, .left = n, .return_when = options.return_when, .n = n };
    waiter.listeners = calloc(n, sizeof *waiter.listeners);
    if (!waiter.listeners)
        return UV_ENOMEM;
    weft_loop *loop = task->future.loop;
    if (options.has_timeout) {
        waiter.timer.entry.run = time_is_up;
        waiter.timer.id = weft_new_id(loop->writer, WEFT_ENTITY_TIMER);
        waiter.timer.site = site;
        rc = weft__timer_set(loop, &waiter.timer, weft__deadline_in(options.timeout));
    }
    if (rc == 0) {
        listen_to_all(&waiter, futures, site);
        rc = weft__wait(task, WEFT_AWAIT_GROUP, waiter.group, site);
        weft__timer_cancel(loop, &waiter.timer);
        stop_listening(&waiter);
    }
    free(waiter.listeners);
    return rc < 0 ? rc : sort_done_first(futures, n);
}

/* ---- shield ---- */

/* Between the outer future, which the caller may cancel, and the inner, which goes on. While inner
 * is pending it holds both; who cancels outer, or closes the loop, lets go of it. */
struct shield {
    struct weft__entry kept; /* in the loop's list */
    struct weft__callback inner_done, outer_done;
    weft_future *inner, *outer;
    uint8_t callbacks; /* that may still run: at 0 it is freed */
};

static void shield_let_go(struct shield *shield)
{
    if (--shield->callbacks > 0)
        return;
    if (weft__linked(&shield->kept))
        weft__unlink(&shield->kept);
    weft_unref(shield->inner);
    weft_unref(shield->outer);
    free(shield);
}

/* The loop is closed: inner never will be done. */
static void let_go(struct weft__entry *entry)
{
    struct shield *shield = weft__container(entry, struct shield, kept);
    weft__not_when_done(&shield->inner_done);
    weft__not_when_done(&shield->outer_done);
    shield->callbacks = 1;
    shield_let_go(shield);
}

static void inner_is_done(struct shield *shield)
{
    weft_future *inner = shield->inner, *outer = shield->outer;
    if (weft__is_done(outer)) {
        inner->looked_at = true;
        return;
    }
    inner->looked_at = true;
    if (inner->state == WEFT__RESULT && inner->result_size > 0) {
        void *room = weft__result_room(outer, inner->result_size);
        if (!room) {
            weft__complete(outer, WEFT__FAILED, UV_ENOMEM, NULL);
            return;
        }
        memcpy(room, weft_result_ptr(inner, inner->result_size), inner->result_size);
    }
    /* asyncio's outer.cancel(): without inner's message. */
    weft_error *error = inner->state == WEFT__CANCELLED ? NULL : weft_ref(inner->error);
    weft__complete(outer, inner->state, inner->code, error);
}

static void run_inner_done(struct weft__entry *entry)
{
    struct shield *shield = weft__container(entry, struct shield, inner_done.entry);
    weft_loop *loop = shield->outer->loop;
    uint64_t id = shield->inner_done.id;
    weft__callback_begin(loop, WEFT_HANDLE_DONE, shield->inner_done.site, id, shield->inner->id);
    inner_is_done(shield);
    weft__callback_end(loop, WEFT_HANDLE_DONE, id);
    shield_let_go(shield);
}

static void run_outer_done(struct weft__entry *entry)
{
    struct shield *shield = weft__container(entry, struct shield, outer_done.entry);
    weft_loop *loop = shield->outer->loop;
    uint64_t id = shield->outer_done.id;
    weft__callback_begin(loop, WEFT_HANDLE_DONE, shield->outer_done.site, id, shield->outer->id);
    if (!weft__is_done(shield->inner)) {
        weft__not_when_done(&shield->inner_done);
        shield->callbacks--;
    }
    weft__callback_end(loop, WEFT_HANDLE_DONE, id);
    shield_let_go(shield);
}

/* In the trace it is a group of one: what waits for it waits for inner. */
static void announce_shield(weft_future *outer, const weft_future *inner, weft_site *site)
{
    weft_loop *loop = outer->loop;
    outer->id = weft_new_id(loop->writer, WEFT_ENTITY_GROUP);
    outer->announced = true;
    weft__trace(loop, WEFT_RECORD_OBJECT_NEW, 0, site, outer->id, 1);
    weft__trace_name(loop, WEFT_RECORD_OBJECT_NAME, outer->id, "shield");
    weft__trace(loop, WEFT_RECORD_GROUP_ADD, 0, site, outer->id, inner->id);
}

weft_future *weft_shield_at(weft_site *site, weft_future *inner)
{
    weft_loop *loop = weft__loop;
    if (!inner || !loop)
        return weft__failed(NULL, site, inner ? WEFT_ENOLOOP : UV_EINVAL);
    if (weft__is_done(inner))
        return weft_ref(inner);
    if (inner->loop != loop)
        return weft__failed(loop, site, WEFT_ELOOP);
    struct shield *shield = calloc(1, sizeof *shield);
    weft_future *outer = shield ? weft_future_new_at(site, (weft_future_options){ 0 }) : NULL;
    if (!outer) {
        free(shield);
        return weft__failed(loop, site, UV_ENOMEM);
    }
    announce_shield(outer, inner, site);
    shield->inner = weft_ref(inner);
    shield->outer = weft_ref(outer);
    shield->callbacks = 2;
    shield->kept.run = let_go;
    weft__list_append(&loop->kept, &shield->kept);
    shield->inner_done.entry.run = run_inner_done;
    shield->inner_done.awaiter = outer;
    shield->outer_done.entry.run = run_outer_done;
    weft__when_done(inner, &shield->inner_done, weft_new_id(loop->writer, WEFT_ENTITY_CALLBACK),
                    site);
    weft__when_done(outer, &shield->outer_done, weft_new_id(loop->writer, WEFT_ENTITY_CALLBACK),
                    site);
    return outer;
}
