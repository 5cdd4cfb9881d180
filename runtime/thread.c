/* thread.c: to_thread and run_in_executor: a call that blocks, in a thread, and its future.
 *
 *      future <----- call: arguments, result     the future may be done, cancelled, before the call
 *             - - ->
 *
 * A call owns a reference to its future until it has ended; a future knows its call until then. */
#include "runtime/thread.h"
#include "runtime/error.h"
#include "runtime/pool.h"
#include <stdlib.h>
#include <string.h>

struct weft_executor {
    struct weft__object object;
    struct weft__pool *pool;
};

struct call {
    struct weft__job job;
    struct job_future *future; /* a reference; NULL: it is not to know any more */
    weft_entry_fn *entry;
    weft_error *error; /* what it raised */
    void *result;
    uint32_t result_size;
    bool has_result; /* and it was not handed to the future */
    void (*free_result)(void *);
    void (*on_free)(void *);
    void *on_free_arg;
    _Alignas(16) unsigned char args[WEFT_ARGS_MAX];
    _Alignas(16) unsigned char room[WEFT_RESULT_INLINE];
};

struct job_future {
    weft_future future;
    struct call *call; /* NULL: it has ended, or was withdrawn */
};

/* ---- The call ---- */

static void work(struct weft__job *job)
{
    struct call *call = (struct call *)job;
    weft_error **slot = weft__error_slot();
    weft__error_put(slot, NULL);
    int rc = call->entry(call->args, call->result);
    job->rc = rc > 0 ? 0 : rc;
    call->has_result = job->rc == 0;
    call->error = weft__error_claim(slot, job->rc);
}

static void free_call(struct weft__job *job)
{
    struct call *call = (struct call *)job;
    if (call->has_result && call->free_result && call->result_size == sizeof(void *)) {
        void *value;
        memcpy(&value, call->result, sizeof value);
        if (value)
            call->free_result(value);
    }
    if (call->on_free)
        call->on_free(call->on_free_arg);
    if (call->result != call->room)
        free(call->result);
    weft__unref(call->error);
    free(call);
}

/* They know each other no more. */
static void part(struct weft__job *job)
{
    struct call *call = (struct call *)job;
    struct job_future *future = call->future;
    call->future = NULL;
    if (future) {
        future->call = NULL;
        weft__unref(&future->future);
    }
}

static void fulfil(weft_future *future, struct call *call)
{
    int rc = call->job.rc;
    void *room = rc == 0 ? weft__result_room(future, call->result_size) : NULL;
    if (room) {
        memcpy(room, call->result, call->result_size);
        future->free_result = call->free_result;
        call->has_result = false;
    } else if (rc == 0) {
        rc = UV_ENOMEM;
    }
    weft_error *error = call->error;
    call->error = NULL;
    weft__complete(future,
                   rc == 0                ? WEFT__RESULT
                   : rc == WEFT_ECANCELED ? WEFT__CANCELLED
                                          : WEFT__FAILED,
                   rc, error);
}

static void ended(struct weft__job *job)
{
    struct call *call = (struct call *)job;
    if (!weft__is_done(&call->future->future))
        fulfil(&call->future->future, call);
    part(job);
}

static struct call *call_new(weft_site *site, weft_coro coro, weft_thread_options options)
{
    struct call *call = weft__job_new(sizeof *call, site, work, free_call);
    if (!call)
        return NULL;
    call->job.ended = ended;
    call->job.let_go = part;
    call->result = call->room;
    if (coro.result_size > WEFT_RESULT_INLINE && !(call->result = calloc(1, coro.result_size))) {
        weft__unref(call);
        return NULL;
    }
    call->entry = coro.entry;
    call->result_size = coro.result_size;
    call->free_result = options.free_result;
    call->on_free = options.on_free;
    call->on_free_arg = options.on_free_arg;
    memcpy(call->args, coro.args, sizeof call->args);
    return call;
}

/* ---- Its future ---- */

static void destroy(void *object)
{
    struct job_future *future = object;
    weft_loop *loop = future->future.loop;
    weft__future_finish(&future->future);
    free(future);
    weft__loop_unref(loop);
}

void weft__job_future_cancelled(weft_future *job_future)
{
    struct job_future *future = (struct job_future *)job_future;
    struct call *call = future->call;
    if (!call || !weft__job_withdraw(&call->job, future->future.loop))
        return;
    part(&call->job);
    weft__unref(call);
}

static struct job_future *future_new(weft_loop *loop, weft_site *site, const char *name)
{
    struct job_future *future = weft__object_new(sizeof *future);
    if (!future)
        return NULL;
    weft__object_init(&future->future.object, WEFT__JOB, destroy);
    weft__future_init(&future->future, loop, WEFT_ENTITY_JOB, site);
    future->future.name = strdup(name);
    return future;
}

/* What the arguments own goes also when the call was not to be had. */
static weft_future *refused(weft_loop *loop, weft_site *site, int code, weft_thread_options options)
{
    if (options.on_free)
        options.on_free(options.on_free_arg);
    return weft__failed(loop, site, code);
}

weft_future *weft_run_in_executor_at(weft_site *site, weft_executor *executor, weft_coro coro,
                                     weft_thread_options options)
{
    weft_loop *loop = weft__loop;
    if (!loop || loop->closing)
        return refused(NULL, site, loop ? WEFT_ECLOSED : WEFT_ENOLOOP, options);
    if (!coro.entry)
        return refused(loop, site, UV_EINVAL, options);
    struct call *call = call_new(site, coro, options);
    if (!call)
        return refused(loop, site, UV_ENOMEM, options);
    const char *name = options.name ? options.name : coro.name;
    struct job_future *future = future_new(loop, site, name);
    if (!future) {
        weft__unref(call);
        return weft__failed(loop, site, UV_ENOMEM);
    }
    future->call = call;
    call->future = weft__ref(future);
    call->job.id = future->future.id;
    struct weft__pool *pool = executor ? executor->pool : weft__pool_of(loop);
    int rc = weft__job_submit(&call->job, loop, pool, name);
    if (rc < 0) {
        part(&call->job);
        weft__unref(call);
        weft__complete(&future->future, WEFT__FAILED, rc, NULL);
    }
    return &future->future;
}

/* ---- Executors ---- */

static void destroy_executor(void *object)
{
    weft_executor *executor = object;
    weft__pool_shutdown(executor->pool);
    weft__pool_unref(executor->pool);
    free(executor);
}

weft_executor *weft_executor_new_with(weft_executor_options options)
{
    weft_executor *executor = weft__object_new(sizeof *executor);
    if (!executor)
        return NULL;
    weft__object_init(&executor->object, WEFT__EXECUTOR, destroy_executor);
    executor->pool = weft__pool_new(options.threads, options.name ? options.name : "thread");
    if (!executor->pool) {
        free(executor);
        return NULL;
    }
    return executor;
}

int weft_executor_shutdown(weft_executor *executor)
{
    return executor ? weft__pool_shutdown(executor->pool) : UV_EINVAL;
}
