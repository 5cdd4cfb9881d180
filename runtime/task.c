/* task.c: tasks: a future with a stack that fulfils it.
 *
 *      created -> ready -> running -> waiting -> ready -> ... -> running -> done
 *
 * The block, its arguments and its result live off-stack, so a task that has not begun has no
 * stack, and one that has ended gives it back. The loop holds a reference until the task is done.
 *
 * Cancellation is asyncio's, word for word (Lib/asyncio/tasks.py): `awaited` or a private wait is
 * cancelled if there is one, else must_cancel makes the next suspension fail. */
#include "runtime/task.h"
#include "runtime/error.h"
#include "runtime/scope.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REFUSALS = 100 }; /* awaits after which a task that ignores the closed loop is abandoned */

__thread weft__frame *weft__top;

/* ---- Slices ---- */

/* Out of line: inline, its registers would be saved in every suspension that is not recorded. */
static __attribute__((noinline)) void emit_suspend(weft_loop *loop, struct weft__task *task,
                                                   enum weft_await_kind kind, uint64_t what,
                                                   weft_site *site)
{
    loop->stamp = weft_emit_shared(loop->writer, weft_clock_now(), WEFT_RECORD_SUSPEND, kind,
                                   weft_site_id(site), task->future.id, what);
}

static inline void trace_suspend(weft_loop *loop, struct weft__task *task,
                                 enum weft_await_kind kind, uint64_t what, weft_site *site)
{
    if (weft_probe_on())
        emit_suspend(loop, task, kind, what, site);
}

static void look_at_canary(struct weft__task *task)
{
    if (weft__stack_intact(task->co.stack))
        return;
    weft_log("stack overflow in task %s: its stack has %zu bytes (.stack_size gives it more)",
             weft_get_name(&task->future), task->co.stack->size);
    abort();
}

/* Back to whoever resumed; returns at the next resume, with weft__resume_value. */
static inline int leave(struct weft__task *task)
{
    if (__builtin_expect(task->flags & WEFT__CANARY, 0))
        look_at_canary(task);
    return weft__coroutine_leave(&task->co);
}

static void body(void *arg)
{
    struct weft__task *task = arg;
    weft__coroutine_began(&task->co);
    void *result = task->future.result;
    if (task->future.result_size > WEFT_RESULT_INLINE)
        memcpy(&result, task->future.result, sizeof result);
    task->rc = task->body(task->args, result);
    task->flags |= WEFT__ENDED;
    weft__coroutine_end(&task->co);
}

/* Runs the task inside whatever runs now: its first step, from the loop or, eager, from its parent.
 */
static void step_nested(struct weft__task *task)
{
    weft_loop *loop = task->future.loop;
    struct weft__task *outer = loop->current;
    weft__frame *outer_top = weft__top;
    weft__trace_resume(loop, task);
    int value = weft__resume_value(task);
    loop->current = task;
    weft__top = task->frames;
    weft__coroutine_enter(&task->co, weft__fp_control(), value);
    task->frames = weft__top;
    weft__top = outer_top;
    loop->current = outer;
    if (task->flags & WEFT__ENDED)
        weft__task_finish(task);
    else
        weft_set_current_task(loop->writer, outer ? outer->future.id : 0);
}

/* The first step; a task that is cancelled before it, or for which there is no stack, has none. */
void weft__task_begin(struct weft__task *task)
{
    weft_loop *loop = task->future.loop;
    struct weft__stack *stack = NULL;
    if (!(task->flags & WEFT__MUST_CANCEL)) {
        stack = weft__stack_take(&loop->stacks, task->stack_size);
        task->rc = UV_ENOMEM;
    }
    if (stack) {
        if (stack->canary)
            task->flags |= WEFT__CANARY;
        weft__coroutine_start(&task->co, stack, body, task);
        step_nested(task);
        return;
    }
    weft__trace_resume(loop, task);
    if (task->flags & WEFT__MUST_CANCEL) {
        task->flags &= (uint8_t) ~(WEFT__MUST_CANCEL | WEFT__UNDELIVERED);
        task->rc = WEFT_ECANCELED;
        weft__trace(loop, WEFT_RECORD_CANCEL_DELIVER, 0, task->cancel_site, task->future.id, 0);
    }
    task->flags |= WEFT__ENDED;
    weft__task_finish(task);
}

/* ---- Waiting ---- */

static void put_cancel_error(struct weft__task *task)
{
    weft_error *error = NULL;
    if (task->cancel_message)
        error = weft__error_new(WEFT_ECANCELED, task->cancel_message, task->cancel_site, NULL);
    weft__error_put(&task->error, error);
}

static int delivered(struct weft__task *task, weft_site *site)
{
    put_cancel_error(task);
    if (task->flags & WEFT__UNDELIVERED) {
        task->flags &= (uint8_t)~WEFT__UNDELIVERED;
        weft__trace(task->future.loop, WEFT_RECORD_CANCEL_DELIVER, 0, site, task->future.id, 0);
    }
    return WEFT_ECANCELED;
}

/* What to do instead of suspending, once the loop is being closed. */
static int refuse(struct weft__task *task)
{
    if (++task->refused >= REFUSALS)
        leave(task);
    return WEFT_ECLOSED;
}

/* Asked before it waited: the operation has begun, and is cancelled at once. */
static void cancel_at_once(struct weft__task *task)
{
    if (!task->awaited) {
        weft__wake(task, task->cancel_cause, task->cancel_by);
        task->wait = WEFT__WAIT_CANCELLED;
    } else if (!weft__cancel(task->awaited, task->cancel_site, task->cancel_message,
                             task->cancel_cause, task->cancel_by)) {
        return;
    }
    task->flags &= (uint8_t)~WEFT__MUST_CANCEL;
}

int weft__task_resumed(struct weft__task *task)
{
    if (task->error)
        weft__error_put(&task->error, NULL); /* an earlier await's: this is the next one */
    if (task->flags & WEFT__CLOSING)
        return WEFT_ECLOSED;
    if (task->flags & WEFT__MUST_CANCEL) {
        task->flags &= (uint8_t)~WEFT__MUST_CANCEL;
        return delivered(task, weft__await_site(task));
    }
    return 0;
}

int weft__wait(struct weft__task *task, enum weft_await_kind kind, uint64_t what, weft_site *site)
{
    if (task->flags & WEFT__CLOSING)
        return refuse(task);
    weft__scopes_check(task);
    trace_suspend(task->future.loop, task, kind, what, site);
    weft_set_current_task(task->future.loop->writer, 0);
    task->wait = WEFT__WAITING;
    if (task->flags & WEFT__MUST_CANCEL)
        cancel_at_once(task);
    int rc = leave(task);
    if (rc == 0 && task->wait == WEFT__WAIT_CANCELLED)
        rc = delivered(task, site);
    task->wait = WEFT__NOT_WAITING;
    return rc;
}

bool weft__wake(struct weft__task *task, enum weft_wake_cause cause, uint64_t by)
{
    if (task->wait != WEFT__WAITING || task->awaited)
        return false;
    task->wait = WEFT__NOT_WAITING;
    weft__ready(task->future.loop, &task->entry);
    weft__trace(task->future.loop, WEFT_RECORD_WAKE, cause, NULL, task->future.id, by);
    return true;
}

int weft__yield(struct weft__task *task, weft_site *site)
{
    weft_loop *loop = task->future.loop;
    if (__builtin_expect(task->flags & WEFT__CLOSING, 0))
        return refuse(task);
    weft__scopes_check(task);
    trace_suspend(loop, task, WEFT_AWAIT_YIELD, 0, site);
    weft__ready(loop, &task->entry);
    return leave(task);
}

static const uint8_t await_kinds[] = { [WEFT__FUTURE] = WEFT_AWAIT_FUTURE,
                                       [WEFT__TASK] = WEFT_AWAIT_TASK,
                                       [WEFT__GATHER] = WEFT_AWAIT_GROUP };
static const uint8_t wake_causes[] = { [WEFT__FUTURE] = WEFT_WAKE_FUTURE,
                                       [WEFT__TASK] = WEFT_WAKE_TASK,
                                       [WEFT__GATHER] = WEFT_WAKE_GROUP };

static int wait_for_future(struct weft__task *task, weft_future *future, weft_site *site)
{
    if (task->flags & WEFT__CLOSING)
        return refuse(task);
    weft__scopes_check(task);
    if (future->object.type == WEFT__FUTURE)
        weft__announce(future);
    trace_suspend(task->future.loop, task, await_kinds[future->object.type], future->id, site);
    weft_set_current_task(task->future.loop->writer, 0);
    weft_ref(future);
    weft__list_append(&future->callbacks, &task->entry);
    task->awaited = future;
    task->wait = WEFT__WAITING;
    if (task->flags & WEFT__MUST_CANCEL)
        cancel_at_once(task);
    int rc = leave(task);
    task->awaited = NULL;
    task->wait = WEFT__NOT_WAITING;
    if (weft__linked(&task->entry)) /* only when the loop is closing */
        weft__unlink(&task->entry);
    if (rc == 0) {
        rc = weft__outcome(future);
        if (rc == WEFT_ECANCELED && (task->flags & WEFT__UNDELIVERED))
            rc = delivered(task, site);
    }
    weft_unref(future);
    return rc;
}

void weft__task_woken_by(struct weft__task *task, weft_future *future)
{
    unsigned cause = wake_causes[future->object.type];
    uint64_t by = future->id;
    /* Its own cancellation ended what it waits for, and did it at once. */
    if ((task->flags & WEFT__UNDELIVERED) && future->state == WEFT__CANCELLED &&
        future->object.type == WEFT__FUTURE) {
        cause = task->cancel_cause;
        by = task->cancel_by;
    }
    weft__ready(task->future.loop, &task->entry);
    weft__trace(task->future.loop, WEFT_RECORD_WAKE, cause, NULL, task->future.id, by);
}

weft_site *weft__await_site(const struct weft__task *task)
{
    weft__frame *frame = task == weft__current() ? weft__top : task->frames;
    return frame ? frame->site : NULL;
}

int weft__await_future(weft_future *future)
{
    struct weft__task *task = weft__current();
    if (!future)
        return UV_EINVAL;
    if (!task)
        return WEFT_ENOTASK;
    if (weft__is_done(future))
        return weft__outcome(future);
    if (future->loop != task->future.loop)
        return WEFT_ELOOP;
    if (future == &task->future)
        return WEFT_EDEADLOCK;
    return wait_for_future(task, future, weft__await_site(task));
}

struct until_done {
    struct weft__callback callback;
    struct weft__task *task;
};

static void until_done_run(struct weft__entry *entry)
{
    struct until_done *until = weft__container(entry, struct until_done, callback.entry);
    weft_future *future = until->callback.future;
    weft_loop *loop = future->loop;
    weft__callback_begin(loop, WEFT_HANDLE_DONE, until->callback.site, until->callback.id,
                         future->id);
    weft__wake(until->task, wake_causes[future->object.type], future->id);
    weft__callback_end(loop, WEFT_HANDLE_DONE, until->callback.id);
}

int weft__wait_until_done(struct weft__task *task, weft_future *future, weft_site *site)
{
    struct until_done until = { .callback.entry.run = until_done_run, .task = task };
    weft_ref(future);
    weft__when_done(future, &until.callback,
                    weft_new_id(task->future.loop->writer, WEFT_ENTITY_CALLBACK), site);
    int rc = weft__wait(task, await_kinds[future->object.type], future->id, site);
    weft__not_when_done(&until.callback);
    weft_unref(future);
    return rc;
}

/* ---- Life ---- */

static void destroy(void *object)
{
    struct weft__task *task = object;
    weft_loop *loop = task->future.loop;
    if (!loop->closed)
        weft__trace(loop, WEFT_RECORD_TASK_FREE, 0, NULL, task->future.id, 0);
    weft_unref(task->error);
    free(task->cancel_message);
    weft__future_finish(&task->future);
    free(task);
}

static void leave_all(struct weft__task *task)
{
    task->all.next->prev = task->all.prev;
    task->all.prev->next = task->all.next;
}

/* The body has ended, or never began: decides what came of it, as asyncio's __step does. The stack
 * of one that was abandoned is not used again: timers and the like may still lie on it. */
void weft__task_finish(struct weft__task *task)
{
    weft_future *future = &task->future;
    weft_loop *loop = future->loop;
    struct weft__stack *stack = weft__coroutine_finish(&task->co);
    if (stack && (task->flags & WEFT__ENDED))
        weft__stack_give(&loop->stacks, stack);
    if (task->on_free)
        task->on_free(task->on_free_arg);
    leave_all(task);
    task->frames = NULL;
    int rc = task->rc > 0 ? 0 : task->rc;
    enum weft__future_state state = rc == 0                ? WEFT__RESULT
                                    : rc == WEFT_ECANCELED ? WEFT__CANCELLED
                                                           : WEFT__FAILED;
    if (rc == 0 && (task->flags & WEFT__MUST_CANCEL)) {
        task->flags &= (uint8_t)~WEFT__MUST_CANCEL;
        future->state = WEFT__RESULT;
        weft__discard_result(future);
        state = WEFT__CANCELLED;
        rc = WEFT_ECANCELED;
        put_cancel_error(task);
    }
    weft_error *error = rc < 0 ? weft__error_claim(&task->error, rc) : NULL;
    weft__complete(future, state, rc, error);
    weft_unref(future); /* the loop's */
}

/* The first id of a loop's task is 1: Task-1, as in asyncio. */
weft_task *weft__task_new(weft_loop *loop, weft_site *site, weft_coro coro,
                          weft_task_options options)
{
    if (!loop || loop->closing || !coro.entry)
        return weft__failed(NULL, site, loop ? WEFT_ECLOSED : WEFT_ENOLOOP);
    if (options.stack_size != 0 &&
        (options.stack_size < WEFT__STACK_MIN || options.stack_size > UINT32_MAX / 2))
        return weft__failed(loop, site, UV_EINVAL);
    struct weft__task *task = weft__object_new(sizeof *task);
    if (!task)
        return weft__failed(loop, site, UV_ENOMEM);
    weft_future *future = &task->future;
    weft__object_init(&future->object, WEFT__TASK, destroy);
    weft__future_init(future, loop, WEFT_ENTITY_TASK, site);
    if (!weft__result_room(future, coro.result_size)) {
        weft__loop_unref(loop);
        free(task);
        return weft__failed(loop, site, UV_ENOMEM);
    }
    future->free_result = options.free_result;
    task->body = coro.entry;
    task->on_free = options.on_free;
    task->on_free_arg = options.on_free_arg;
    task->stack_size = (uint32_t)options.stack_size;
    memcpy(task->args, coro.args, coro.args_size);
    if (options.name)
        future->name = strdup(options.name);
    future->object.refs++; /* the loop's */
    task->all = (struct weft__links){ &loop->tasks, loop->tasks.prev };
    loop->tasks.prev->next = &task->all;
    loop->tasks.prev = &task->all;
    uint64_t time = weft__trace(loop, WEFT_RECORD_TASK_NEW, 0, site, future->id,
                                loop->writer->current_task);
    if (future->name) {
        weft__trace_name(loop, WEFT_RECORD_TASK_NAME, future->id, future->name);
        time = 0; /* that took a while */
    }
    if (options.eager) {
        weft__task_begin(task);
    } else {
        weft__ready(loop, &task->entry);
        weft__trace_at(loop, time, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, NULL, future->id, 0);
    }
    return future;
}

weft_task *weft_create_task_at(weft_site *site, weft_coro coro, weft_task_options options)
{
    return weft__task_new(weft__loop, site, coro, options);
}

weft_task *weft_current_task(void)
{
    struct weft__task *task = weft__current();
    return task ? &task->future : NULL;
}

/* ---- Cancelling ---- */

static void trace_request(weft_loop *loop, weft_site *site, uint64_t task, uint64_t by,
                          const char *message)
{
    if (!weft_probe_on())
        return;
    if (!message || !*message) {
        weft__emit(loop, 0, WEFT_RECORD_CANCEL_REQUEST, 0, site, task, by);
        return;
    }
    weft__emit_request(loop, site, task, by, message);
}

bool weft__task_cancel(weft_future *future, weft_site *site, const char *message,
                       enum weft_wake_cause cause, uint64_t by)
{
    struct weft__task *task = (struct weft__task *)future;
    task->cancels++;
    task->flags |= WEFT__UNDELIVERED;
    task->cancel_cause = (uint8_t)cause;
    task->cancel_by = by;
    task->cancel_site = site;
    char *copy = message && *message ? strdup(message) : NULL;
    free(task->cancel_message);
    task->cancel_message = copy;
    trace_request(future->loop, site, future->id, by, copy);
    if (task->awaited) {
        if (weft__cancel(task->awaited, site, copy, cause, by))
            return true;
    } else if (weft__wake(task, cause, by)) {
        task->wait = WEFT__WAIT_CANCELLED;
        return true;
    }
    task->flags |= WEFT__MUST_CANCEL;
    return true;
}

static struct weft__task *as_task(weft_future *future)
{
    return future && future->object.type == WEFT__TASK ? (struct weft__task *)future : NULL;
}

int weft_uncancel_at(weft_site *site, weft_task *future)
{
    struct weft__task *task = as_task(future);
    if (!task)
        return UV_EINVAL;
    if (task->cancels > 0) {
        task->cancels--;
        weft__trace(future->loop, WEFT_RECORD_UNCANCEL, 0, site, future->id,
                    (uint64_t)task->cancels);
        if (task->cancels == 0)
            task->flags &= (uint8_t)~WEFT__MUST_CANCEL;
    }
    return task->cancels;
}

int weft_cancelling(weft_task *future)
{
    struct weft__task *task = as_task(future);
    return task ? task->cancels : UV_EINVAL;
}

void weft_print_stack(weft_task *future, FILE *to)
{
    struct weft__task *task = as_task(future);
    if (!task || !to)
        return;
    fprintf(to, "Stack for %s (most recent await last):\n", weft_get_name(future));
    weft__frame *innermost = task == weft__current() ? weft__top : task->frames;
    size_t depth = 0;
    for (weft__frame *frame = innermost; frame; frame = frame->up)
        depth++;
    for (; depth > 0; depth--) {
        weft__frame *frame = innermost;
        for (size_t i = 1; i < depth; i++)
            frame = frame->up;
        fprintf(to, "  %s:%u, in %s\n", frame->site->file, frame->site->line, frame->site->func);
    }
}

/* ---- Closing ---- */

/* Drives one pending task to its end: each of its awaits fails with WEFT_ECLOSED. One that has not
 * begun never does; one that will not stop awaiting is abandoned where it stands. */
static void close_task(struct weft__task *task)
{
    weft_loop *loop = task->future.loop;
    weft__report(loop,
                 task->co.stack ? "a task was destroyed while pending"
                                : "a task was destroyed before it ever ran",
                 NULL, &task->future);
    task->future.looked_at = true; /* reported once */
    loop->never_done++;
    task->flags |= WEFT__CLOSING;
    task->wait = WEFT__NOT_WAITING;
    if (weft__linked(&task->entry)) {
        /* Waiting for a future that is not done, or ready. */
        if (task->awaited && !weft__is_done(task->awaited))
            weft__unlink(&task->entry);
        else
            weft__unready(loop, &task->entry);
    }
    weft__trace(loop, WEFT_RECORD_WAKE, WEFT_WAKE_CANCEL, NULL, task->future.id, loop->id);
    if (task->co.stack)
        step_nested(task);
    if (task->flags & WEFT__ENDED)
        return;
    task->flags &= (uint8_t)~WEFT__MUST_CANCEL;
    task->rc = WEFT_ECANCELED;
    if (!task->co.stack)
        weft__trace(loop, WEFT_RECORD_RESUME, 0, NULL, task->future.id, 0);
    weft__task_finish(task);
}

void weft__tasks_close(weft_loop *loop)
{
    while (!weft__list_empty(&loop->tasks)) {
        struct weft__task *task = weft__container(loop->tasks.next, struct weft__task, all);
        weft_ref(task);
        close_task(task);
        weft_unref(task);
    }
}
