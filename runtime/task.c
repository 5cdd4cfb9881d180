/* task.c: tasks: a future with a stack that fulfils it.
 *
 *      created -> ready -> running -> waiting -> ready -> ... -> running -> done
 *
 * The block, its arguments and its result live off-stack, so a task that has not begun has no
 * stack, and one that has ended gives it back. The loop holds a reference until the task is done.
 *
 * Cancellation is asyncio's, word for word (Lib/asyncio/tasks.py): what the task waits for is
 * cancelled if it waits, else MUST_CANCEL makes its next suspension fail (await.c). */
#include "runtime/task.h"
#include "runtime/context.h"
#include "runtime/error.h"
#include <stdlib.h>
#include <string.h>

__thread weft__frame *weft__top;

/* ---- Slices ---- */

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

/* Runs the task inside whatever runs now: its first step when it is eager, its last when the loop
 * is being closed. */
static void step_nested(struct weft__task *task)
{
    weft_loop *loop = task->future.loop;
    struct weft__task *outer = loop->current;
    weft__frame *outer_top = weft__top;
    weft__trace_resume(loop, task);
    loop->current = task;
    weft__top = task->frames;
    int value = weft__resume_value(task);
    weft__coroutine_enter(&task->co, weft__fp_control(), value);
    task->frames = weft__top;
    weft__top = outer_top;
    loop->current = outer;
    if (task->flags & WEFT__ENDED)
        weft__task_finish(task);
    else
        weft_set_current_task(loop->writer, outer ? outer->future.id : 0);
}

bool weft__task_begin(struct weft__task *task)
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
        return true;
    }
    weft__trace_resume(loop, task);
    if (task->flags & WEFT__MUST_CANCEL) {
        task->flags &= (uint8_t) ~(WEFT__MUST_CANCEL | WEFT__UNDELIVERED);
        task->rc = WEFT_ECANCELED;
        weft__put_cancel_error(task);
        weft__trace(loop, WEFT_RECORD_CANCEL_DELIVER, 0, task->cancel_site, task->future.id, 0);
    }
    task->flags |= WEFT__ENDED;
    weft__task_finish(task);
    return false;
}

/* ---- Life ---- */

static void destroy(void *object)
{
    struct weft__task *task = object;
    weft_loop *loop = task->future.loop;
    if (!loop->closed)
        weft__trace(loop, WEFT_RECORD_TASK_FREE, 0, NULL, task->future.id, task->stack_used);
    weft__unref(task->error);
    free(task->cancel_message);
    weft__future_finish(&task->future); /* which may report it: with its values */
    weft__context_drop(task->context);
    weft__block_free(&loop->task_blocks, task);
    weft__loop_unref(loop);
}

static void join(struct weft__links *list, struct weft__task *task)
{
    task->all = (struct weft__links){ list, list->prev };
    list->prev->next = &task->all;
    list->prev = &task->all;
}

static void part(struct weft__task *task)
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
    if (stack && (task->flags & WEFT__ENDED)) {
        size_t used = weft__stack_give(&loop->stacks, stack);
        if (used > task->stack_used)
            task->stack_used = (uint32_t)used;
    }
    if (task->on_free)
        task->on_free(task->on_free_arg);
    part(task);
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
        weft__put_cancel_error(task);
    }
    weft_error *error = rc < 0 ? weft__error_claim(&task->error, rc) : NULL;
    weft__complete(future, state, rc, error);
    weft__unref(future); /* the loop's */
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
    struct weft__task *task = weft__block_new(&loop->task_blocks, sizeof *task);
    if (!task)
        return weft__failed(loop, site, UV_ENOMEM);
    weft_future *future = &task->future;
    weft__object_init(&future->object, WEFT__TASK, destroy);
    weft__future_init(future, loop, WEFT_ENTITY_TASK, site);
    if (!weft__result_room(future, coro.result_size)) {
        weft__block_free(&loop->task_blocks, task);
        weft__loop_unref(loop);
        return weft__failed(loop, site, UV_ENOMEM);
    }
    future->free_result = options.free_result;
    task->body = coro.entry;
    task->on_free = options.on_free;
    task->on_free_arg = options.on_free_arg;
    task->stack_size = (uint32_t)options.stack_size;
    memcpy(task->args, coro.args, sizeof task->args);
    task->context = weft__context_copy();
    if (options.name)
        future->name = strdup(options.name);
    future->object.refs++; /* the loop's */
    join(&loop->tasks, task);
    uint64_t time = weft__trace(loop, WEFT_RECORD_TASK_NEW, 0, site, future->id,
                                loop->writer->current_task);
    if (weft_probe_on())
        task->slot = weft_table_task(loop->writer, future->id);
    if (future->name) {
        weft__trace_name(loop, WEFT_RECORD_TASK_NAME, future->id, future->name);
        time = 0; /* that took a while */
    }
    if ((options.eager || loop->eager) && loop->running) {
        if (weft__task_begin(task))
            step_nested(task);
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

size_t weft_all_tasks(weft_loop *loop, weft_task **tasks, size_t room)
{
    loop = loop ? loop : weft__loop;
    size_t n = 0;
    if (!loop || loop->closed)
        return 0;
    for (struct weft__links *at = loop->tasks.next; at != &loop->tasks; at = at->next, n++)
        if (n < room && tasks)
            tasks[n] = weft_ref(weft__container(at, struct weft__task, all));
    return n;
}

void weft_loop_set_eager_tasks(weft_loop *loop, bool eager)
{
    if (loop)
        loop->eager = eager;
}

/* ---- Cancelling ---- */

static void trace_request(weft_loop *loop, weft_site *site, uint64_t task, uint64_t by,
                          const char *message)
{
    if (!weft_probe_on())
        return;
    if (!message || !*message || !weft_probe_recording()) {
        weft__emit(loop, 0, WEFT_RECORD_CANCEL_REQUEST, 0, site, task, by);
        return;
    }
    weft__emit_request(loop, site, task, by, message);
}

static void request(struct weft__task *task, weft_site *site, const char *message,
                    enum weft_wake_cause cause, uint64_t by)
{
    task->cancels++;
    task->flags |= WEFT__UNDELIVERED | WEFT__ASKED;
    task->cancel_cause = (uint8_t)cause;
    task->cancel_by = by;
    task->cancel_site = site;
    char *copy = message && *message ? strdup(message) : NULL;
    free(task->cancel_message);
    task->cancel_message = copy;
    trace_request(task->future.loop, site, task->future.id, by, copy);
}

/* The pending task that it waits for; NULL: none. */
static struct weft__task *awaited_task(const struct weft__task *task)
{
    weft_future *awaited = task->awaited;
    return awaited && awaited->object.type == WEFT__TASK && !weft__is_done(awaited)
               ? (struct weft__task *)awaited
               : NULL;
}

/* It awaits, through others, itself: nobody else will ever wake it. */
static void cut_cycle(struct weft__task *task, enum weft_wake_cause cause, uint64_t by)
{
    weft__unlink(&task->entry);
    weft__unref(task->awaited); /* it is pending: its loop holds it */
    task->awaited = NULL;
    task->wait = WEFT__NOT_WAITING;
    task->flags |= WEFT__MUST_CANCEL;
    weft__ready(task->future.loop, &task->entry);
    weft__trace(task->future.loop, WEFT_RECORD_WAKE, cause, NULL, task->future.id, by);
}

/* The request goes from task to awaited task to what the last one waits for: a loop, for chains of
 * tasks are longer than stacks are deep. */
bool weft__task_cancel(weft_future *future, weft_site *site, const char *message,
                       enum weft_wake_cause cause, uint64_t by)
{
    struct weft__task *first = (struct weft__task *)future, *task = first, *next;
    for (;; task = next) {
        request(task, site, message, cause, by);
        next = awaited_task(task);
        if (!next)
            break;
        if (next->flags & WEFT__ASKED) {
            cut_cycle(task, cause, by);
            break;
        }
    }
    if (!next) {
        if (task->awaited ? !weft__cancel(task->awaited, site, message, cause, by)
                          : !weft__wake(task, cause, by))
            task->flags |= WEFT__MUST_CANCEL;
        else if (!task->awaited)
            task->wait = WEFT__WAIT_CANCELLED;
    }
    for (task = first; task && task->flags & WEFT__ASKED; task = awaited_task(task))
        task->flags &= (uint8_t)~WEFT__ASKED;
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
    if (task->cancels > 0 && !future->loop->closed) {
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
    bool abandoned = task->co.stack != NULL;
    if (!abandoned)
        weft__trace(loop, WEFT_RECORD_RESUME, 0, NULL, task->future.id, 0);
    weft__task_finish(task);
    if (abandoned)
        join(&loop->abandoned, weft_ref(task));
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

void weft__tasks_forget(weft_loop *loop)
{
    while (!weft__list_empty(&loop->abandoned)) {
        struct weft__task *task = weft__container(loop->abandoned.next, struct weft__task, all);
        part(task);
        weft_unref(task);
    }
}
