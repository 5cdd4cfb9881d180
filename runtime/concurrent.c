/* concurrent.c: run_coroutine_threadsafe: a task of a loop, and the future by which other threads
 * know it.
 *
 *      thread: new --- start ---> mailbox ---> loop: task --- done ---> future ---> thread: result
 *              cancel ----------> mailbox ---> loop: cancels the task
 *
 * The future has memory of its own for everything: of what belongs to the loop it keeps only the
 * task, which none but the loop's thread touches. Its reference count is atomic; each message on
 * its way has a reference, and so has the task's callback.
 *
 * Thread: any; what `lock` guards, by the lock, the rest by what is said above. */
#include "runtime/error.h"
#include "runtime/mailbox.h"
#include "runtime/task.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct message { /* to the loop */
    weft_handle handle;
    weft_concurrent_future *future; /* a reference */
};

struct weft_concurrent_future {
    struct weft__object object;
    struct weft__mailbox *mailbox;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool done, taken;
    bool chained; /* there is a task that a cancellation would reach */
    int code;
    weft_error *error;
    void *result;
    uint32_t result_size;
    void (*free_result)(void *);

    struct message start, cancel;
    weft_site *site, *cancel_site;
    weft_coro coro;
    weft_task_options options;
    bool started;                    /* the loop's: there is a task, or there was */
    weft_task *task;                 /* the loop's: a reference, until it is done */
    struct weft__callback when_done; /* of the task */
};

/* ---- What it knows ---- */

static void destroy(void *object)
{
    weft_concurrent_future *future = object;
    if (future->result && !future->taken && future->free_result &&
        future->result_size == sizeof(void *)) {
        void *value;
        memcpy(&value, future->result, sizeof value);
        if (value)
            future->free_result(value);
    }
    free(future->result);
    weft__unref(future->error);
    weft__mailbox_unref(future->mailbox);
    pthread_cond_destroy(&future->changed);
    pthread_mutex_destroy(&future->lock);
    free((char *)future->options.name);
    free(future);
}

/* Once: false when it was done before. error and result are taken over then. */
static bool complete(weft_concurrent_future *future, int code, weft_error *error, void *result)
{
    pthread_mutex_lock(&future->lock);
    bool first = !future->done;
    if (first) {
        future->done = true;
        future->code = code;
        future->error = error;
        future->result = result;
        pthread_cond_broadcast(&future->changed);
    }
    pthread_mutex_unlock(&future->lock);
    return first;
}

static bool is_done(weft_concurrent_future *future)
{
    pthread_mutex_lock(&future->lock);
    bool done = future->done;
    pthread_mutex_unlock(&future->lock);
    return done;
}

/* ---- In the loop's thread ---- */

/* Moves what came of the task over; if nobody wants it any more it stays the task's. */
static void hand_over(weft_concurrent_future *future, weft_task *task)
{
    if (is_done(future))
        return; /* cancelled, and a failure is the task's to report */
    void *result = NULL;
    int code = weft_status(task);
    if (code == 0 && future->coro.result_size > 0) {
        result = malloc(future->coro.result_size);
        if (!result)
            code = UV_ENOMEM;
        else
            memcpy(result, weft_result_ptr(task, future->coro.result_size),
                   future->coro.result_size);
    }
    weft_error *error = code < 0 ? weft__error_copy(task->error) : NULL;
    if (complete(future, code, error, result)) {
        if (result)
            weft_take_ptr(task, future->coro.result_size);
        return;
    }
    weft__unref(error); /* cancelled in this moment */
    free(result);
}

static void task_done(struct weft__entry *entry)
{
    weft_concurrent_future *future = weft__container(entry, weft_concurrent_future,
                                                     when_done.entry);
    weft_task *task = future->task;
    weft_loop *loop = task->loop;
    uint64_t id = future->when_done.id;
    weft__callback_begin(loop, WEFT_HANDLE_DONE, future->site, id, task->id);
    hand_over(future, task);
    weft__callback_end(loop, WEFT_HANDLE_DONE, id);
    future->task = NULL;
    weft_unref(task);
    weft_unref(future);
}

static void post(weft_concurrent_future *future, struct message *message, weft_callback *fn);

static void cancel(void *arg)
{
    weft_concurrent_future *future = arg;
    if (future->task)
        weft_cancel_at(future->cancel_site, future->task, NULL);
}

/* The task is there: who cancels from now on tells the loop, and who did before is served now. Not
 * by not making the task: as in asyncio its first step is on its way by the time it is asked. */
static void chain(weft_concurrent_future *future)
{
    pthread_mutex_lock(&future->lock);
    future->chained = true;
    bool cancelled = future->done;
    pthread_mutex_unlock(&future->lock);
    if (cancelled)
        post(future, &future->cancel, cancel);
}

static void start(void *arg)
{
    weft_concurrent_future *future = arg;
    weft_loop *loop = future->start.handle.loop;
    future->started = true;
    weft_task *task = weft__task_new(loop, future->site, future->coro, future->options);
    if (task->object.type != WEFT__TASK) { /* it was not to be made */
        complete(future, weft_status(task), NULL, NULL);
        weft_unref(task);
        return;
    }
    future->task = task;
    weft_ref(future);
    future->when_done.entry.run = task_done;
    weft__when_done(task, &future->when_done, weft_new_id(loop->writer, WEFT_ENTITY_CALLBACK),
                    future->site);
    chain(future);
}

/* ---- Messages ---- */

/* It was taken, or never will be. */
static void message_gone(void *object)
{
    struct message *message = object;
    weft_concurrent_future *future = message->future;
    if (message == &future->start && !future->started) {
        if (future->options.on_free)
            future->options.on_free(future->options.on_free_arg);
        complete(future, WEFT_ECLOSED, NULL, NULL);
    }
    weft__handle_finish(&message->handle);
    weft_unref(future);
}

static void post(weft_concurrent_future *future, struct message *message, weft_callback *fn)
{
    message->future = weft_ref(future);
    weft__handle_init(&message->handle, future->site, fn, future, message_gone);
    if (weft__mailbox_post(future->mailbox, &message->handle, 0) < 0)
        weft__unref(&message->handle);
}

/* ---- In any thread ---- */

weft_concurrent_future *weft_run_coroutine_threadsafe_at(weft_site *site, weft_loop *loop,
                                                         weft_coro coro, weft_task_options options)
{
    weft_concurrent_future *future = loop && coro.entry ? weft__object_new(sizeof *future) : NULL;
    if (!future)
        return NULL;
    weft__object_init(&future->object, WEFT__CONCURRENT, destroy);
    future->mailbox = weft__mailbox_ref(loop->mailbox);
    pthread_mutex_init(&future->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&future->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    future->site = site;
    future->coro = coro;
    future->result_size = coro.result_size;
    future->options = options;
    if (options.name)
        future->options.name = strdup(options.name);
    future->free_result = options.free_result;
    post(future, &future->start, start);
    return future;
}

bool weft_concurrent_cancel_at(weft_site *site, weft_concurrent_future *future)
{
    if (!future)
        return false;
    pthread_mutex_lock(&future->lock);
    bool first = !future->done;
    if (first) {
        future->done = true;
        future->code = WEFT_ECANCELED;
        future->cancel_site = site;
        pthread_cond_broadcast(&future->changed);
    }
    bool tell = first && future->chained, cancelled = future->code == WEFT_ECANCELED;
    pthread_mutex_unlock(&future->lock);
    if (tell)
        post(future, &future->cancel, cancel);
    return cancelled;
}

bool weft_concurrent_done(weft_concurrent_future *future)
{
    return future && is_done(future);
}

const weft_error *weft_concurrent_error(weft_concurrent_future *future)
{
    return future && is_done(future) ? future->error : NULL;
}

/* Under the lock. 0 once it is done, WEFT_ETIMEDOUT. */
static int wait_until_done(weft_concurrent_future *future, double timeout)
{
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    bool for_ever = timeout > 1e9;
    if (!for_ever && timeout > 0) {
        time_t seconds = (time_t)timeout;
        end.tv_sec += seconds;
        end.tv_nsec += (long)((timeout - (double)seconds) * 1e9);
        end.tv_sec += end.tv_nsec / 1000000000;
        end.tv_nsec %= 1000000000;
    }
    int error = 0;
    while (!future->done && error == 0)
        error = for_ever ? pthread_cond_wait(&future->changed, &future->lock)
                         : pthread_cond_timedwait(&future->changed, &future->lock, &end);
    return future->done ? 0 : WEFT_ETIMEDOUT;
}

static int get(weft_concurrent_future *future, void *out, size_t size, double timeout, bool take)
{
    if (!future || isnan(timeout) || (out && size != future->result_size))
        return UV_EINVAL;
    bool own = weft__loop && weft__loop->mailbox == future->mailbox;
    pthread_mutex_lock(&future->lock);
    int rc = 0;
    if (own && !future->done)
        rc = WEFT_EDEADLOCK;
    else
        rc = wait_until_done(future, timeout);
    if (rc == 0)
        rc = future->code;
    if (rc == 0 && out && size > 0)
        memcpy(out, future->result, size);
    if (rc == 0 && take)
        future->taken = true;
    pthread_mutex_unlock(&future->lock);
    return rc;
}

int weft_concurrent_result(weft_concurrent_future *future, void *out, size_t size, double timeout)
{
    return get(future, out, size, timeout, false);
}

int weft_concurrent_take(weft_concurrent_future *future, void *out, size_t size, double timeout)
{
    return get(future, out, size, timeout, true);
}
