/* gather.c: a future of several: asyncio's gather and _GatheringFuture (Lib/asyncio/tasks.py).
 *
 *      gather -> members: [ child | callback ] [ child | callback ] ...
 *
 * A child given twice is one: only its first place has a callback. The gather keeps itself alive
 * until the last callback has run, or the loop is closed. */
#include "runtime/gather.h"
#include "runtime/error.h"
#include "runtime/task.h"
#include <stdlib.h>
#include <string.h>

struct member {
    struct weft__callback callback;
    weft_future *child; /* a reference */
    struct gather *gather;
    bool first, was_done; /* its child's first place; done before the gather was made */
};

struct gather {
    weft_future future;
    size_t n, unique, finished;
    size_t pending;          /* callbacks that have not run */
    struct weft__entry kept; /* in the loop's list while there are any */
    bool return_errors, cancel_requested;
    struct member members[];
};

static struct gather *as_gather(weft_future *future)
{
    return future && future->object.type == WEFT__GATHER ? (struct gather *)future : NULL;
}

static void destroy(void *object)
{
    struct gather *gather = object;
    for (size_t i = 0; i < gather->n; i++)
        weft_unref(gather->members[i].child);
    weft_loop *loop = gather->future.loop;
    weft__future_finish(&gather->future);
    free(gather);
    weft__loop_unref(loop);
}

/* Failures that are results count as looked at when there is somebody to look: at the end. Of a
 * gather that was cancelled the last child has the message. */
static void all_done(struct gather *gather, weft_future *last)
{
    weft_error *error = last->state == WEFT__CANCELLED ? last->error : NULL;
    for (size_t i = 0; i < gather->n; i++)
        gather->members[i].child->looked_at = true;
    if (gather->cancel_requested)
        weft__complete(&gather->future, WEFT__CANCELLED, WEFT_ECANCELED, weft_ref(error));
    else
        weft__complete(&gather->future, WEFT__RESULT, 0, NULL);
}

/* What asyncio's _done_callback does. */
static void child_done(struct gather *gather, weft_future *child)
{
    gather->finished++;
    if (!gather->return_errors || weft__is_done(&gather->future))
        child->looked_at = true;
    if (weft__is_done(&gather->future))
        return;
    if (child->state != WEFT__RESULT && !gather->return_errors)
        weft__complete(&gather->future,
                       child->state == WEFT__CANCELLED ? WEFT__CANCELLED : WEFT__FAILED,
                       child->code, weft_ref(child->error));
    else if (gather->finished == gather->unique)
        all_done(gather, child);
}

static void run(struct weft__entry *entry)
{
    struct member *member = weft__container(entry, struct member, callback.entry);
    struct gather *gather = member->gather;
    weft_loop *loop = gather->future.loop;
    uint64_t id = gather->future.id;
    weft__callback_begin(loop, WEFT_HANDLE_DONE, member->callback.site, id, member->child->id);
    child_done(gather, member->child);
    weft__callback_end(loop, WEFT_HANDLE_DONE, id);
    if (--gather->pending == 0) {
        weft__unlink(&gather->kept);
        weft_unref(gather);
    }
}

/* The loop is closed: the children still pending never will be done. */
static void let_go(struct weft__entry *entry)
{
    struct gather *gather = weft__container(entry, struct gather, kept);
    for (size_t i = 0; i < gather->n; i++)
        if (gather->members[i].first && !gather->members[i].was_done)
            weft__not_when_done(&gather->members[i].callback);
    weft_unref(gather);
}

static struct gather *gather_new(weft_loop *loop, weft_site *site, size_t n,
                                 weft_gather_options options)
{
    struct gather *gather = calloc(1, sizeof *gather + n * sizeof gather->members[0]);
    if (!gather)
        return NULL;
    weft__object_init(&gather->future.object, WEFT__GATHER, destroy);
    weft__future_init(&gather->future, loop, WEFT_ENTITY_GROUP, site);
    gather->n = n;
    gather->return_errors = options.return_errors;
    gather->future.announced = true;
    gather->future.name = options.name ? strdup(options.name) : NULL;
    uint64_t id = gather->future.id;
    weft__trace(loop, WEFT_RECORD_OBJECT_NEW, 0, site, id, n);
    weft__trace_name(loop, WEFT_RECORD_OBJECT_NAME, id, gather->future.name);
    return gather;
}

/* Whether this is the child's first place: each gather leaves a mark of its own on its children. */
static bool first_place(weft_future *child, uint32_t mark)
{
    bool first = child->mark != mark;
    child->mark = mark;
    return first;
}

/* Children are in place: listens to each once, then looks at those that were done already. */
static weft_future *start(struct gather *gather, weft_site *site)
{
    weft_loop *loop = gather->future.loop;
    uint32_t mark = ++loop->gathers;
    for (size_t i = 0; i < gather->n; i++) {
        struct member *member = &gather->members[i];
        member->gather = gather;
        member->callback.entry.run = run;
        member->callback.awaiter = &gather->future;
        member->first = first_place(member->child, mark);
        member->was_done = weft__is_done(member->child);
        if (!member->first)
            continue;
        gather->unique++;
        weft__trace(loop, WEFT_RECORD_GROUP_ADD, 0, site, gather->future.id, member->child->id);
        if (member->was_done)
            continue;
        if (gather->pending++ == 0) {
            weft_ref(gather); /* until the last callback has run */
            gather->kept.run = let_go;
            weft__list_append(&loop->kept, &gather->kept);
        }
        weft__when_done(member->child, &member->callback, gather->future.id, site);
    }
    if (gather->n == 0)
        weft__complete(&gather->future, WEFT__RESULT, 0, NULL);
    for (size_t i = 0; i < gather->n; i++)
        if (gather->members[i].first && gather->members[i].was_done)
            child_done(gather, gather->members[i].child);
    return &gather->future;
}

weft_future *weft_gather_coros(weft_site *site, size_t n, const weft_coro *coros,
                               weft_gather_options options)
{
    weft_loop *loop = weft__loop;
    if (!loop || loop->closing || (n > 0 && !coros))
        return weft__failed(NULL, site, loop ? UV_EINVAL : WEFT_ENOLOOP);
    struct gather *gather = gather_new(loop, site, n, options);
    if (!gather)
        return weft__failed(loop, site, UV_ENOMEM);
    for (size_t i = 0; i < n; i++)
        gather->members[i].child = weft__task_new(
            loop, site, coros[i], (weft_task_options){ .free_result = options.free_result });
    return start(gather, site);
}

weft_future *weft_gather_futures(weft_site *site, size_t n, weft_future *const *futures,
                                 weft_gather_options options)
{
    weft_loop *loop = weft__loop;
    int rc = !loop || loop->closing ? WEFT_ENOLOOP : n > 0 && !futures ? UV_EINVAL : 0;
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = !futures[i]                                    ? UV_EINVAL
             : futures[i]->loop && futures[i]->loop != loop ? WEFT_ELOOP
                                                            : 0;
    if (rc < 0)
        return weft__failed(loop, site, rc);
    struct gather *gather = gather_new(loop, site, n, options);
    if (!gather)
        return weft__failed(loop, site, UV_ENOMEM);
    for (size_t i = 0; i < n; i++)
        gather->members[i].child = weft_ref(futures[i]);
    return start(gather, site);
}

bool weft__gather_cancel(weft_future *future, weft_site *site, const char *message,
                         enum weft_wake_cause cause, uint64_t by)
{
    struct gather *gather = as_gather(future);
    bool asked = false;
    for (size_t i = 0; i < gather->n; i++)
        if (weft__cancel(gather->members[i].child, site, message, cause, by))
            asked = true;
    if (asked)
        gather->cancel_requested = true;
    return asked;
}

size_t weft__gather_finished(weft_future *future)
{
    return as_gather(future)->finished;
}

size_t weft_gather_count(weft_future *future)
{
    struct gather *gather = as_gather(future);
    return gather ? gather->n : 0;
}

weft_future *weft_gather_child(weft_future *future, size_t i)
{
    struct gather *gather = as_gather(future);
    return gather && i < gather->n ? gather->members[i].child : NULL;
}
