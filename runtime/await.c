/* await.c: how tasks wait: suspending, waking, and what an await returns. See task.h.
 *
 * asyncio's rules of cancellation (Lib/asyncio/tasks.py, __step and __wakeup) are here where they
 * concern a task that suspends: a wait is cancelled if it is still waiting, else the request stays
 * and makes the next resume, or the next suspension, fail. */
#include "runtime/debug.h"
#include "runtime/error.h"
#include "runtime/scope.h"
#include "runtime/task.h"
#include <stdlib.h>

enum { REFUSALS = 100 }; /* awaits after which a task that ignores the closed loop is abandoned */

/* ---- Leaving the stack ---- */

static __attribute__((noinline)) void emit_suspend(weft_loop *loop, struct weft__task *task,
                                                   enum weft_await_kind kind, uint64_t what,
                                                   weft_site *site)
{
    loop->stamp = weft_emit_suspend(loop->writer, task->slot, weft_clock_now(), kind,
                                    weft_site_id(site), task->future.id, what);
    const struct weft__stack *stack = task->co.stack;
    size_t depth = (size_t)(stack->low + stack->size - (char *)__builtin_frame_address(0));
    if (depth > task->stack_used && depth <= stack->size) /* else a generator's: on its own stack */
        task->stack_used = (uint32_t)depth;
}

/* Out of line: inline, its registers would be saved in every suspension that nobody hears of. */
static __attribute__((noinline)) void tell_suspend(weft_loop *loop, struct weft__task *task,
                                                   enum weft_await_kind kind, uint64_t what,
                                                   weft_site *site)
{
    if (weft_probe_recording())
        emit_suspend(loop, task, kind, what, site);
    else
        weft_table_suspend(task->slot, loop->writer->coarse_ticks, kind, weft_site_id(site),
                           task->future.id, what);
}

/* The same of a yield, which is told most often of all. */
static __attribute__((noinline)) void tell_yield(weft_loop *loop, struct weft__task *task,
                                                 weft_site *site)
{
    if (weft_probe_recording())
        emit_suspend(loop, task, WEFT_AWAIT_YIELD, 0, site);
    else
        weft_table_suspend(task->slot, loop->writer->coarse_ticks, WEFT_AWAIT_YIELD,
                           weft_site_id(site), task->future.id, 0);
}

static inline void trace_suspend(weft_loop *loop, struct weft__task *task,
                                 enum weft_await_kind kind, uint64_t what, weft_site *site)
{
    if (weft_probe_on())
        tell_suspend(loop, task, kind, what, site);
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

/* ---- Waiting ---- */

void weft__put_cancel_error(struct weft__task *task)
{
    weft_error *error = NULL;
    if (task->cancel_message)
        error = weft__error_new(WEFT_ECANCELED, task->cancel_message, task->cancel_site, NULL);
    weft__error_put(&task->error, error);
}

static int delivered(struct weft__task *task, weft_site *site)
{
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

/* The future that it waited for is done, or it is made to give up: what its await returns. */
static int stop_awaiting(struct weft__task *task, int rc)
{
    weft_future *future = task->awaited;
    task->awaited = NULL;
    task->wait = WEFT__NOT_WAITING;
    if (rc == 0)
        rc = weft__outcome(future);
    if (rc == WEFT_ECANCELED && (task->flags & WEFT__UNDELIVERED))
        rc = delivered(task, weft__await_site(task));
    weft__unref(future);
    return rc;
}

int weft__task_resumed(struct weft__task *task)
{
    int rc = 0;
    if (task->error)
        weft__error_put(&task->error, NULL); /* an earlier await's: this is the next one */
    if (task->flags & WEFT__CLOSING) {
        rc = WEFT_ECLOSED;
    } else if (task->flags & WEFT__MUST_CANCEL) {
        task->flags &= (uint8_t)~WEFT__MUST_CANCEL;
        if (!task->awaited || task->awaited->state != WEFT__CANCELLED) {
            if (task->awaited)
                task->awaited->looked_at = true; /* asyncio looks before it decides */
            weft__put_cancel_error(task);
            rc = delivered(task, weft__await_site(task));
        }
    }
    return task->awaited ? stop_awaiting(task, rc) : rc;
}

int weft__wait_begin(struct weft__task *task, enum weft_await_kind kind, uint64_t what,
                     weft_site *site)
{
    if (task->flags & WEFT__CLOSING)
        return refuse(task);
    weft__scopes_check(task);
    trace_suspend(task->future.loop, task, kind, what, site);
    weft_set_current_task(task->future.loop->writer, 0);
    task->wait = WEFT__WAITING;
    if (task->flags & WEFT__MUST_CANCEL)
        cancel_at_once(task);
    if (__builtin_expect(task->flags & WEFT__CANARY, 0))
        look_at_canary(task);
    return 0;
}

int weft__wait_cancelled(struct weft__task *task, weft_site *site)
{
    weft__put_cancel_error(task);
    return delivered(task, site);
}

int weft__wait(struct weft__task *task, enum weft_await_kind kind, uint64_t what, weft_site *site)
{
    int rc = weft__wait_begin(task, kind, what, site);
    return rc < 0 ? rc : weft__wait_end(task, site);
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
    if (weft_probe_on())
        tell_yield(loop, task, site);
    weft__ready(loop, &task->entry);
    return leave(task);
}

static const uint8_t await_kinds[] = { [WEFT__FUTURE] = WEFT_AWAIT_FUTURE,
                                       [WEFT__TASK] = WEFT_AWAIT_TASK,
                                       [WEFT__GATHER] = WEFT_AWAIT_GROUP,
                                       [WEFT__JOB] = WEFT_AWAIT_JOB };
static const uint8_t wake_causes[] = { [WEFT__FUTURE] = WEFT_WAKE_FUTURE,
                                       [WEFT__TASK] = WEFT_WAKE_TASK,
                                       [WEFT__GATHER] = WEFT_WAKE_GROUP,
                                       [WEFT__JOB] = WEFT_WAKE_THREAD };

static inline unsigned await_kind(const weft_future *future)
{
    return weft__is_shield(future) ? WEFT_AWAIT_GROUP : await_kinds[future->object.type];
}

static int wait_for_future(struct weft__task *task, weft_future *future, weft_site *site)
{
    if (task->flags & WEFT__CLOSING)
        return refuse(task);
    weft__scopes_check(task);
    if (__builtin_expect(task->future.loop->debug, 0)) {
        int cycle = weft__look_for_cycle(task, future, site);
        if (cycle < 0)
            return cycle;
    }
    if (future->object.type == WEFT__FUTURE)
        weft__announce(future);
    trace_suspend(task->future.loop, task, await_kind(future), future->id, site);
    weft_set_current_task(task->future.loop->writer, 0);
    weft__ref(future);
    weft__list_append(&future->callbacks, &task->entry);
    task->awaited = future;
    task->wait = WEFT__WAITING;
    if (task->flags & WEFT__MUST_CANCEL)
        cancel_at_once(task);
    return leave(task); /* stop_awaiting has the rest done before */
}

void weft__task_woken_by(struct weft__task *task, weft_future *future)
{
    unsigned cause = wake_causes[future->object.type];
    uint64_t by = future->id;
    /* Its own cancellation ended what it waits for, and did it at once. */
    if ((task->flags & WEFT__UNDELIVERED) && future->state == WEFT__CANCELLED &&
        (future->object.type == WEFT__FUTURE || future->object.type == WEFT__JOB)) {
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
    struct until_done until = {
        .callback = { .entry.run = until_done_run, .awaiter = &task->future }, .task = task
    };
    weft_ref(future);
    weft__when_done(future, &until.callback,
                    weft_new_id(task->future.loop->writer, WEFT_ENTITY_CALLBACK), site);
    int rc = weft__wait(task, await_kind(future), future->id, site);
    weft__not_when_done(&until.callback);
    weft_unref(future);
    return rc;
}
