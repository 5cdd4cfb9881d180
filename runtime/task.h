/* task.h: tasks' inside, and the one way in which anything waits.
 *
 * A primitive waits like this, in the waiting task:
 *
 *      register the task with whoever will wake it
 *      rc = weft__wait(task, kind, what, site)         0: woken, WEFT_ECANCELED: cancelled
 *      take the registration back if it is still there
 *
 * and its other side calls weft__wake. This is asyncio's private future: what cancels the task
 * cancels the wait, and whichever came first, the wake or the cancellation, wins. */
#ifndef WEFT_TASK_H
#define WEFT_TASK_H

#include "runtime/coroutine.h"
#include "runtime/future.h"

enum weft__wait_state {
    WEFT__NOT_WAITING, /* running, ready, or woken */
    WEFT__WAITING,
    WEFT__WAIT_CANCELLED,
};

enum weft__task_flag {
    WEFT__MUST_CANCEL = 1, /* its next suspension is to be cancelled        */
    WEFT__UNDELIVERED = 2, /* asked to cancel since the last CANCEL_DELIVER */
    WEFT__ENDED = 4,       /* the body returned                             */
    WEFT__CLOSING = 8,     /* its loop is: awaits return WEFT_ECLOSED       */
    WEFT__CANARY = 16,     /* its stack has no guard                        */
    WEFT__ASKED = 32,      /* by the request to cancel that is on its way   */
};

struct weft__task {
    weft_future future; /* first: a task is a future */
    struct weft__entry entry;
    struct weft__coroutine co;
    weft__frame *frames;           /* its await stack, while it does not run        */
    weft_future *awaited;          /* the future it waits for, if it is one         */
    struct weft__links all;        /* in loop->tasks until it is done               */
    weft_generator *generator;     /* that runs in it just now, innermost: generator.c */
    struct weft__scope *scopes;    /* it is in, innermost first: scope.h        */
    struct weft__context *context; /* its task-local values: context.h       */
    weft_error *error;             /* of the await that just failed                 */
    uint64_t cancel_by;            /* who asked last, for the WAKE                  */
    char *cancel_message;
    weft_site *cancel_site;
    weft_entry_fn *body;
    void (*on_free)(void *);
    void *on_free_arg;
    struct weft_task_slot *slot; /* in the live tables; NULL: none                 */
    int cancels;                 /* requests not taken back                       */
    int rc;                      /* of the body                                   */
    uint32_t stack_size;         /* 0: the loop's                                 */
    uint32_t refused;            /* awaits since its loop was closed              */
    uint32_t stack_used;         /* bytes of it, as far as a recording knows      */
    uint8_t wait;                /* enum weft__wait_state                         */
    uint8_t cancel_cause;        /* enum weft_wake_cause: CANCEL or TIMEOUT       */
    uint8_t flags;               /* enum weft__task_flag                          */
    _Alignas(16) unsigned char args[WEFT_ARGS_MAX];
};

/* NULL outside a task. */
static inline struct weft__task *weft__current(void)
{
    return weft__loop ? weft__loop->current : NULL;
}

/* Suspends the running task until weft__wake or a cancellation. `what` is the awaited entity. */
int weft__wait(struct weft__task *task, enum weft_await_kind kind, uint64_t what, weft_site *site);
/* It in two, for those who count nanoseconds: every return from a function that was called before
 * the stack was left is mispredicted. begin: 0, or what to return instead of suspending. */
int weft__wait_begin(struct weft__task *task, enum weft_await_kind kind, uint64_t what,
                     weft_site *site);
int weft__wait_cancelled(struct weft__task *task, weft_site *site);
static inline int weft__wait_end(struct weft__task *task, weft_site *site)
{
    int rc = weft__coroutine_leave(&task->co);
    if (__builtin_expect(rc == 0 && task->wait == WEFT__WAIT_CANCELLED, 0))
        rc = weft__wait_cancelled(task, site);
    task->wait = WEFT__NOT_WAITING;
    return rc;
}
/* Makes a waiting task ready; false when it is not waiting any more. */
bool weft__wake(struct weft__task *task, enum weft_wake_cause cause, uint64_t by);
/* One iteration: sleep(0). */
int weft__yield(struct weft__task *task, weft_site *site);
/* Waits until the future is done, whatever comes of it: it is not cancelled with the waiter. */
int weft__wait_until_done(struct weft__task *task, weft_future *future, weft_site *site);

/* The future it waits for is done. */
void weft__task_woken_by(struct weft__task *task, weft_future *future);
bool weft__task_cancel(weft_future *future, weft_site *site, const char *message,
                       enum weft_wake_cause cause, uint64_t by);
/* Runs the loop until these tasks have ended, and reports those that failed; takes the references.
 */
void weft__see_ended(weft_loop *loop, weft_task **tasks, size_t n, const char *message);
/* At close: ends every task still pending. */
void weft__tasks_close(weft_loop *loop);
/* Lets go of those that would not end, once nothing can call back into their stacks any more. */
void weft__tasks_forget(weft_loop *loop);
/* For create_task on a loop that is not this thread's current one. */
weft_task *weft__task_new(weft_loop *loop, weft_site *site, weft_coro coro,
                          weft_task_options options);
/* The site of the await that it is suspended in or runs; NULL: none. */
weft_site *weft__await_site(const struct weft__task *task);

/* Makes the message of the last request, if it had one, the task's current error. */
void weft__put_cancel_error(struct weft__task *task);

/* ---- A slice ---- */

/* Gives it a stack to begin on. False: cancelled before its first step, or no memory: it has ended.
 */
bool weft__task_begin(struct weft__task *task);
void weft__task_finish(struct weft__task *task);
int weft__task_resumed(struct weft__task *task);

static inline void weft__trace_resume(weft_loop *loop, struct weft__task *task)
{
    struct weft_writer *w = loop->writer;
    if (weft_probe_on()) {
        if (weft_probe_recording()) {
            uint64_t time = loop->stamp ? loop->stamp : weft_clock_now();
            weft_emit_shared(w, time, WEFT_RECORD_RESUME, 0, 0, task->future.id, 0);
            loop->stamp = 0;
        } else {
            weft_table_resume(w, w->coarse_ticks, task->future.id);
        }
    }
    w->current_task = task->future.id;
}

/* What the task's suspension returns: here, on this side of the switch, so that an await has
 * nothing left to do behind it (see switch.h). Nearly always 0. */
static inline int weft__resume_value(struct weft__task *task)
{
    if ((task->flags & (WEFT__MUST_CANCEL | WEFT__CLOSING)) || task->error || task->awaited)
        return weft__task_resumed(task);
    return 0;
}

/* From the loop's batch, outside any task: runs it until it suspends or ends. Inline, so that
 * nothing returns between two switches: see switch.h. */
static inline void weft__task_resume(weft_loop *loop, struct weft__task *task)
{
    if (__builtin_expect(task->co.stack == NULL, 0) && !weft__task_begin(task))
        return;
    weft__trace_resume(loop, task);
    loop->current = task;
    weft__top = task->frames;
    int value = weft__resume_value(task);
    weft__coroutine_enter(&task->co, loop->fp_control, value);
    task->frames = weft__top;
    weft__top = NULL;
    loop->current = NULL;
    if (__builtin_expect(task->flags & WEFT__ENDED, 0))
        weft__task_finish(task);
    else
        loop->writer->current_task = 0; /* whoever looks is told by run_batch: the next one runs */
}

/* An entry of the batch: a callback, or a task. */
static inline void weft__run_entry(weft_loop *loop, struct weft__entry *entry)
{
    if (entry->run) {
        weft_set_current_task(loop->writer, 0);
        entry->run(entry);
        loop->fp_control = weft__fp_control();
    } else {
        weft__task_resume(loop, weft__container(entry, struct weft__task, entry));
    }
}

#endif
