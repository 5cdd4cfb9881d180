/* clang-format off */
/* weft.h: asyncio's meaning, in C, on libuv.
 *
 *      Python                                    C
 *      async def fetch(url, delay): ...          WEFT_ASYNC(char *, fetch, const char *, url, double, delay) { ... }
 *      data = await fetch("a", 1)                WEFT_TRY(fetch("a", 1, &data));          a coroutine is a C function
 *      t = asyncio.create_task(fetch("a", 1))    weft_own weft_task *t = weft_create_task(fetch("a", 1));
 *      await t                                   WEFT_TRY(t);
 *      asyncio.run(main())                       weft_run(hello());
 *
 * Rules, all of them:
 *  - A coroutine returns int: 0, or a negative code. Its value goes through `result`, typed.
 *  - Cancelled means exactly one thing: an await returned WEFT_ECANCELED. Clean up, then return it.
 *    libuv's own UV_ECANCELED never reaches you: it is reported as UV_ECONNABORTED.
 *  - Everything made by new/create/open is a reference you own; `weft_own` gives it back at the end
 *    of the block. Awaiting borrows: the value stays in the future. weft_take() moves it out.
 *  - lower_case() is an expression. UPPER_CASE() may change control flow.
 *  - Every weft_ call that can suspend, create or wake is a macro that passes WEFT_HERE to the
 *    function of the same name with _at: take that one for a pointer, a binding, or your own wrapper.
 *  - Everything here belongs to its loop's thread, except what says otherwise.
 *  - Misuse is an error code where a function has one to return: UV_EINVAL for NULL or a future that
 *    is no task, WEFT_ENOTASK for awaiting outside a task, WEFT_ELOOP for another loop's object.
 *  - The fork of a task has no loop: weft_ calls there return WEFT_ENOLOOP or WEFT_ENOTASK.
 */
/* clang-format on */
#ifndef WEFT_H
#define WEFT_H

#include "tracer/probe/log.h"        /* weft_set_log_function */
#include "tracer/probe/site.h"       /* weft_site, WEFT_HERE */
#include "tracer/probe/weft-probe.h" /* weft_mark, WEFT_SPAN, weft_counter */
#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <uv.h>

#pragma GCC visibility push(default)

/* ---- Errors ------------------------------------------------------------------------------------
 * libuv's codes, and these. Numbers are stored in traces: they never change. */

/* clang-format off */
#define WEFT_ERRORS(X)                                                        /* asyncio           */ \
    X(ECANCELED,   -20001, "the task was cancelled")                          /* CancelledError    */ \
    X(EINVALSTATE, -20002, "the future is already done, or not done yet")     /* InvalidStateError */ \
    X(EGROUP,      -20003, "one or more tasks of the group failed")           /* ExceptionGroup    */ \
    X(ESHUTDOWN,   -20004, "the queue is shut down")                          /* QueueShutDown     */ \
    X(EFULL,       -20005, "the queue is full")                               /* QueueFull         */ \
    X(EEMPTY,      -20006, "the queue is empty")                              /* QueueEmpty        */ \
    X(EINCOMPLETE, -20007, "the stream ended before everything was read")     /* IncompleteReadError */ \
    X(ELIMIT,      -20008, "separator not found within the stream's limit")   /* LimitOverrunError */ \
    X(EBROKEN,     -20009, "the barrier is broken")                           /* BrokenBarrierError */ \
    X(ENOTASK,     -20010, "awaited outside a task")                          /* RuntimeError      */ \
    X(EDEADLOCK,   -20011, "the task awaits itself, or a cycle of tasks")     /* RuntimeError      */ \
    X(ELOOP,       -20012, "the object belongs to another loop or thread")    /* RuntimeError      */ \
    X(ENOTHELD,    -20013, "released what is not held")                       /* RuntimeError      */ \
    X(ECLOSED,     -20014, "the loop, stream or generator is closed")         /* RuntimeError      */ \
    X(ESTOPITER,   -20015, "there is nothing more to iterate over")           /* StopAsyncIteration */ \
    X(EINTERRUPTED,-20016, "interrupted by SIGINT")                           /* KeyboardInterrupt */ \
    X(ENOLOOP,     -20017, "this thread has no loop")                         /* RuntimeError      */
/* clang-format on */
#define X(name, code, text) WEFT_##name = code,
enum weft_error_code { WEFT_ERRORS(X) };
#undef X
#define WEFT_ETIMEDOUT UV_ETIMEDOUT /* TimeoutError is an OSError, since 3.11 */

/* The message of Weft's and libuv's codes, "no error" for 0. Static. Any thread. */
const char *weft_strerror(int code);
/* Its name, "ETIMEDOUT"; "UNKNOWN" for a code that is neither's. Static. Any thread. */
const char *weft_err_name(int code);

#include "runtime/plumbing.h"

/* ---- Coroutines --------------------------------------------------------------------------------
 * A coroutine object: what `fetch("a", 1)` is in Python before somebody awaits it. A plain value:
 * nothing to free. Made by WEFT_ASYNC's constructor, used up by create_task, gather and run. */

enum {
    WEFT_ARGS_MAX = 64,      /* bytes of arguments that a call can have                         */
    WEFT_RESULT_INLINE = 32, /* larger results are kept in memory of their own                  */
};
typedef int weft_entry_fn(void *args, void *result);
typedef struct weft_coro {
    weft_entry_fn *entry;
    const char *name; /* __qualname__ */
    uint32_t args_size, result_size;
    _Alignas(16) unsigned char args[WEFT_ARGS_MAX]; /* copied into the task: outlives the caller */
} weft_coro;

/* WEFT_ASYNC(result type or void, name, type, argument, … up to 6) { body }
 * defines, file-local:   int name(arguments…, result type *result)      call it = await it, on this
 * stack and what create_task(name(arguments…)) and the others need to run it elsewhere. Across
 * files: WEFT_ASYNC_DECLARE in the header, WEFT_ASYNC_DEFINE in the source. */
#define WEFT_ASYNC(type, name, ...)                                                                \
    WEFT__DECLARE(static __attribute__((unused)), WEFT__HAS_VALUE(WEFT__PROBE_##type), type, name, \
                  ##__VA_ARGS__)                                                                   \
    static WEFT__SIGNATURE(WEFT__HAS_VALUE(WEFT__PROBE_##type), type, name, ##__VA_ARGS__)
#define WEFT_ASYNC_DECLARE(type, name, ...)                                                        \
    WEFT__DECLARE(, WEFT__HAS_VALUE(WEFT__PROBE_##type), type, name, ##__VA_ARGS__)
#define WEFT_ASYNC_DEFINE(type, name, ...)                                                         \
    WEFT__SIGNATURE(WEFT__HAS_VALUE(WEFT__PROBE_##type), type, name, ##__VA_ARGS__)
/* The coroutine object of a call, for the _at functions: weft_coro(fetch("a", 1)). */
#define weft_coro(call) WEFT__CORO(call)

/* ---- Objects ---- */

typedef struct weft_loop weft_loop;
typedef struct weft_future weft_future;
typedef weft_future weft_task; /* every task is a future */
typedef struct weft_handle
    weft_handle; /* of call_soon, call_later, call_at, add_reader, add_writer */
typedef struct weft_stream weft_stream; /* StreamReader and StreamWriter in one */
typedef struct weft_server weft_server;
typedef struct weft_datagram weft_datagram; /* DatagramTransport and its protocol in one */
typedef struct weft_process weft_process;
typedef struct weft_error weft_error;
typedef struct weft_generator weft_generator;
typedef struct weft_file weft_file;
typedef struct weft_executor weft_executor;                   /* a ThreadPoolExecutor */
typedef struct weft_concurrent_future weft_concurrent_future; /* of concurrent.futures */
typedef struct weft_bytes {
    const char *data;
    size_t len;
} weft_bytes;

/* One reference count for all of them but bytes. ref returns its argument; unref of NULL does
 * nothing. The last unref of a pending task does not end it: its loop holds it. */
void *weft_ref(void *object);
void weft_unref(void *object);
static inline void weft__unref_at(void *pointer)
{
    weft_unref(*(void **)pointer);
}
/* A variable that gives its reference back when its block is left, however it is left. */
#define weft_own __attribute__((cleanup(weft__unref_at), unused))
/* The loop keeps a pending task alive: say that you will not look back at it. */
#define weft_detach(task) weft_unref(task)
static inline void weft__free_at(void *pointer)
{
    __builtin_free(*(void **)pointer);
}
/* The same for memory that malloc gave. */
#define weft_free_at_exit __attribute__((cleanup(weft__free_at), unused))

/* ---- Awaiting ---- */

typedef struct weft__frame {
    struct weft__frame *up;
    weft_site *site;
} weft__frame;
extern __thread weft__frame *weft__top __attribute__((tls_model("initial-exec")));
static inline void weft__enter(weft__frame *frame, weft_site *site)
{
    frame->up = weft__top;
    frame->site = site;
    weft__top = frame;
}
static inline int weft__leave(weft__frame *frame, int rc)
{
    weft__top = frame->up;
    return rc;
}
static inline int weft__await_int(int rc)
{
    return rc;
}
int weft__await_future(weft_future *future);
int weft__await_within(weft_future *future);

/* weft_await(x): x is a future or task, or the int of a coroutine called in place. Returns its
 * code: 0 or a negative one. Either way the trace and print_stack know this line as a frame of the
 * task. Awaiting what is done already does not suspend. Borrows x. */
#define weft_await(x) WEFT__AWAIT(x, WEFT__UNIQUE(weft__frame_), WEFT__UNIQUE(weft__value_))
/* Await; on failure leave the scopes that this call of this function has open, converting the code
 * as each would, and return it: an exception. */
#define WEFT_TRY(x) WEFT__TRY(x, WEFT__UNIQUE(weft__rc_))
/* Await inside a scope; on failure go on behind the scope, with rc: try/except. It is a `break`:
 * inside a loop inside the scope it leaves only the loop. An await in the scope after that is
 * reported. */
#define WEFT_BREAK(rc, x) WEFT__BREAK(rc, x)
void weft__scope_leave(void *scope);
int weft__unwind(const char *func, int rc);
void weft__break(const char *func, weft_site *site);

/* ---- Errors with a story: made only where somebody says more than a code ---- */

/* Makes the error object of a failure and returns `code`, so that a coroutine can
 * `return weft_raise(UV_EINVAL, "cannot fetch %s", name)`. The await that fails with it finds it by
 * weft_current_error. */
#define weft_raise(code, ...) weft_raise_at(WEFT_HERE, code, __VA_ARGS__)
int weft_raise_at(weft_site *site, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The error object of the await that just failed in this task; NULL when it had only a code.
 * Borrowed until the next await. */
const weft_error *weft_current_error(void);
/* 0 for NULL. */
int weft_error_code(const weft_error *error);
/* What weft_raise said, else weft_strerror's text. Borrowed from the error; "" for NULL. */
const char *weft_error_message(const weft_error *error);
/* What it was caused by (__cause__); NULL when nothing is known. Borrowed from the error. */
const weft_error *weft_error_cause(const weft_error *error);
/* The errors of a task group's WEFT_EGROUP, in the order in which the tasks ended, the body's last.
 * How many; *children: borrowed from the error, NULL when there are none. */
size_t weft_error_children(const weft_error *error, const weft_error *const **children);
/* One line an error, from the cause to the effect: name, message, where it was raised. Those of a
 * group follow it, indented. */
void weft_error_print(const weft_error *error, FILE *to);

/* ---- Loop ---- */

typedef struct weft_run_options {
    uv_loop_t *uv;     /* run on an existing libuv loop, which is left open; NULL: one of its own */
    bool debug;        /* debug mode, as WEFT_DEBUG=1: weft_loop_set_debug                        */
    size_t stack_size; /* of tasks, in bytes; 0: 256 KiB                                          */
    unsigned threads;  /* of its pool, at most; 0: cores + 4, but no more than 32                 */
} weft_run_options;
/* asyncio.run: a new loop runs the coroutine, then cancels and awaits what is left, and is closed.
 * Returns the coroutine's code; UV_EBUSY in a thread whose loop is running.
 * In the main thread, if SIGINT has its default action: the first SIGINT cancels the coroutine, and
 * WEFT_EINTERRUPTED is returned if it ends cancelled by that. A second ends the process at once,
 * even while a coroutine spins: C cannot unwind it, as Python's KeyboardInterrupt does. */
#define weft_run(call, ...)                                                                        \
    weft_run_coro(WEFT_HERE, WEFT__CORO(call), NULL, (weft_run_options){ __VA_ARGS__ })
/* For main(): runs, prints the error it ended with to stderr; returns main's 0 or 1. Interrupted,
 * the process dies of SIGINT, as one should: streams are flushed, atexit's functions do not run. */
#define weft_main(call, ...)                                                                       \
    weft_main_coro(WEFT_HERE, WEFT__CORO(call), (weft_run_options){ __VA_ARGS__ })
/* `result` gets the value, coro.result_size bytes, when the code is 0; or is NULL. */
int weft_run_coro(weft_site *site, weft_coro coro, void *result, weft_run_options options);
int weft_main_coro(weft_site *site, weft_coro coro, weft_run_options options);

/* new_event_loop and set_event_loop: the loop becomes this thread's, so that tasks and callbacks
 * can be made before it runs. NULL: libuv or memory failed. Close it with weft_loop_close. */
weft_loop *weft_loop_new(weft_run_options options);
/* Runs until the future is done and returns its code; WEFT_EINVALSTATE when the loop was stopped
 * before, WEFT_ELOOP for another loop's, UV_EBUSY when this thread runs a loop already. */
int weft_loop_run_until_complete(weft_loop *loop, weft_future *future);
/* Runs until weft_loop_stop. 0, or UV_EBUSY. */
int weft_loop_run_forever(weft_loop *loop);
/* The loop finishes its current batch, then run_forever returns. Of a loop that is not running: its
 * next run makes one iteration. */
#define weft_loop_stop(loop) weft_loop_stop_at(WEFT_HERE, loop)
void weft_loop_stop_at(weft_site *site, weft_loop *loop);
/* Runner's end: cancels all tasks, runs until they have ended, and reports those that failed. */
void weft_loop_shutdown(weft_loop *loop);
/* Closes and frees. Tasks still pending are reported, each once with where it was created; their
 * awaits return WEFT_ECLOSED so that they can clean up, and they are gone. UV_EBUSY while running.
 */
int weft_loop_close(weft_loop *loop);
/* get_running_loop; NULL when none is running in this thread. */
weft_loop *weft_running_loop(void);
bool weft_loop_is_running(const weft_loop *loop);
/* Also true while it is being closed. The loop must not be freed yet: ask weft_get_loop's. */
bool weft_loop_is_closed(const weft_loop *loop);
/* Future.get_loop: borrowed from the future, which keeps it from being freed. NULL: it has none. */
weft_loop *weft_get_loop(weft_future *future);
/* For your own libuv handles: their callbacks run on the main stack, outside any task. They keep
 * nothing alive: when run returns, the loop stands still. */
uv_loop_t *weft_loop_uv(weft_loop *loop);
/* Debug mode; on from the start with WEFT_DEBUG=1 or the option. It says, through weft_log: which
 * task's slice or which callback kept the loop for longer than the slow callback duration (0.1 s);
 * calls from a thread that is not the loop's, which then fail with WEFT_ELOOP or do nothing; and
 * tasks that await each other in a circle, whose last await fails with WEFT_EDEADLOCK. */
void weft_loop_set_debug(weft_loop *loop, bool on);
bool weft_loop_get_debug(const weft_loop *loop);
/* 0, or UV_EINVAL for NAN or less than 0. */
int weft_loop_set_slow_callback_duration(weft_loop *loop, double seconds);
/* loop.time(): seconds of CLOCK_MONOTONIC. Any thread. */
double weft_time(void);

/* Failures that nobody can be told otherwise: a task destroyed while pending, an error never
 * retrieved. `error` and `future` may be NULL, and are borrowed. NULL
 * restores the default, which says them through weft_log (stderr). */
typedef void weft_exception_handler(weft_loop *loop, const char *message, const weft_error *error,
                                    weft_future *future, void *arg);
void weft_loop_set_exception_handler(weft_loop *loop, weft_exception_handler *handler, void *arg);
/* loop.call_exception_handler: tells it, or the default. A report made by the handler itself goes
 * to the default, and awaits in it return WEFT_ENOTASK. */
void weft_loop_call_exception_handler(weft_loop *loop, const char *message, const weft_error *error,
                                      weft_future *future);

/* ---- Callbacks: run by the loop on the main stack, outside any task ---- */

typedef void weft_callback(void *arg);
/* call_soon: in the next iteration, first in, first out. The handle is borrowed until the callback
 * ran (weft_ref it to cancel later than that). NULL: out of memory, or no loop. */
#define weft_call_soon(fn, arg) weft_call_soon_at(WEFT_HERE, fn, arg)
weft_handle *weft_call_soon_at(weft_site *site, weft_callback *fn, void *arg);
/* call_later, in seconds from now, and call_at, in weft_time's seconds. Equal deadlines run in the
 * order they were set. */
#define weft_call_later(delay, fn, arg) weft_call_later_at(WEFT_HERE, delay, fn, arg)
weft_handle *weft_call_later_at(weft_site *site, double delay, weft_callback *fn, void *arg);
#define weft_call_at(when, fn, arg) weft_call_at_at(WEFT_HERE, when, fn, arg)
weft_handle *weft_call_at_at(weft_site *site, double when, weft_callback *fn, void *arg);
/* Handle.cancel: the callback will not run. Of one that ran or is cancelled: nothing happens. */
void weft_handle_cancel(weft_handle *handle);
/* call_soon_threadsafe: from any thread; takes its place in the queue at once and wakes the loop.
 * 0, UV_ENOMEM, or WEFT_ECLOSED when the loop is being closed (it must not be freed yet). */
#define weft_call_soon_threadsafe(loop, fn, arg)                                                   \
    weft_call_soon_threadsafe_at(WEFT_HERE, loop, fn, arg)
int weft_call_soon_threadsafe_at(weft_site *site, weft_loop *loop, weft_callback *fn, void *arg);

typedef struct weft_watch_options {
    const char *name; /* in the trace, copied: the peer's address, say; default "fd N" */
} weft_watch_options;
/* add_reader, add_writer: the callback runs once in every iteration that finds the descriptor
 * ready. One of each for a descriptor: a second replaces the first. The loop borrows fd: remove
 * before you close it. 0, or libuv's code: UV_EPERM for a regular file. */
#define weft_add_reader(fd, fn, arg, ...)                                                          \
    weft_add_reader_at(WEFT_HERE, fd, fn, arg, (weft_watch_options){ __VA_ARGS__ })
#define weft_add_writer(fd, fn, arg, ...)                                                          \
    weft_add_writer_at(WEFT_HERE, fd, fn, arg, (weft_watch_options){ __VA_ARGS__ })
int weft_add_reader_at(weft_site *site, int fd, weft_callback *fn, void *arg,
                       weft_watch_options options);
int weft_add_writer_at(weft_site *site, int fd, weft_callback *fn, void *arg,
                       weft_watch_options options);
/* remove_reader, remove_writer: whether there was one. It will not run again, even if already due.
 */
bool weft_remove_reader(int fd);
bool weft_remove_writer(int fd);

/* add_signal_handler: the callback runs in the loop, once for each time that the signal was caught.
 * One for a signal: a second replaces the first, and for SIGINT weft_run's own. Any loop may have
 * one, and of several each is called (asyncio: only the main thread's). 0; UV_EINVAL for a number
 * that is no signal's, SIGKILL, SIGSTOP and the faults SIGSEGV, SIGBUS, SIGFPE, SIGILL. */
#define weft_add_signal_handler(number, fn, arg)                                                   \
    weft_add_signal_handler_at(WEFT_HERE, number, fn, arg)
int weft_add_signal_handler_at(weft_site *site, int number, weft_callback *fn, void *arg);
/* remove_signal_handler: whether there was one. It will not run again, even if already due; the
 * signal has its default action again (SIGPIPE, that of a program with a loop: none). */
bool weft_remove_signal_handler(int number);

/* ---- Tasks ---- */

typedef struct weft_task_options {
    const char *name;            /* copied; default "Task-N"                                      */
    size_t stack_size;           /* bytes; 0: the loop's; below 16 KiB: the task fails, UV_EINVAL */
    bool eager;                  /* run to its first suspension inside create_task, if the loop   */
                                 /* runs: eager_task_factory, eager_start                         */
    void (*free_result)(void *); /* of a pointer result that nobody took: free, say               */
    void (*on_free)(void *);     /* what the arguments own: called once the body has ended, and   */
    void *on_free_arg;           /* also when it never began                                      */
} weft_task_options;
/* create_task: the first step is scheduled, not run. Yours to unref; never NULL: out of memory or
 * of loops gives a task that has failed. */
#define weft_create_task(call, ...)                                                                \
    weft_create_task_at(WEFT_HERE, WEFT__CORO(call), (weft_task_options){ __VA_ARGS__ })
weft_task *weft_create_task_at(weft_site *site, weft_coro coro, weft_task_options options)
    __attribute__((warn_unused_result));
/* Borrowed; NULL outside a task. */
weft_task *weft_current_task(void);
/* all_tasks: those of the loop (NULL: this thread's) that are not done, in the order in which they
 * were created. How many there are; the first `room` of them are put into tasks, a reference each:
 * yours to unref. */
size_t weft_all_tasks(weft_loop *loop, weft_task **tasks, size_t room);
/* eager_task_factory: from now on every task of the loop is .eager. */
void weft_loop_set_eager_tasks(weft_loop *loop, bool eager);
/* Task.cancel(msg), Future.cancel(msg): true when it was asked, false when it is done already. The
 * message is a string literal, or left out. */
#define weft_cancel(future, ...) weft_cancel_at(WEFT_HERE, future, "" __VA_ARGS__)
bool weft_cancel_at(weft_site *site, weft_future *future, const char *message);
/* Takes one request back; how many are left. UV_EINVAL for a future that is no task. */
#define weft_uncancel(task) weft_uncancel_at(WEFT_HERE, task)
int weft_uncancel_at(weft_site *site, weft_task *task);
/* Requests not taken back. UV_EINVAL for a future that is no task. */
int weft_cancelling(weft_task *task);
/* The name given, or "Task-N", "Future-N". Borrowed until set_name. */
const char *weft_get_name(weft_future *future);
/* Copied. */
void weft_set_name(weft_future *future, const char *name);
/* The lines at which the task awaits, innermost last. */
void weft_print_stack(weft_task *task, FILE *to);

/* Who awaits whom (capture_call_graph, of Python 3.14): a tree from the future that was asked about
 * to those that await it, each with the lines at which it awaits. */
typedef struct weft_call_graph {
    weft_future *future;
    weft_site **frames; /* of a task, innermost first */
    size_t n_frames;
    struct weft_call_graph **awaited_by; /* tasks, gathers, shields */
    size_t n_awaited_by;
} weft_call_graph;
/* NULL: of the current task. Yours to free. NULL: out of memory, or no current task. */
weft_call_graph *weft_capture_call_graph(weft_future *future);
void weft_call_graph_free(weft_call_graph *graph);
/* print_call_graph. */
void weft_print_call_graph(weft_future *future, FILE *to);

/* ---- Task-local values -------------------------------------------------------------------------
 * contextvars: what a task, a callback or a thread sets, it and what it makes from then on has: a
 * new task, a callback or a job starts with a copy of its maker's values, and what either sets
 * later the other does not see.
 *
 *      static weft_local request_id = WEFT_LOCAL("request id", NULL);            ContextVar(…)   */

typedef struct weft_local { /* static, or longer-lived than every task that sets it */
    const char *name;
    void *fallback; /* what get returns where it is not set */
} weft_local;
#define WEFT_LOCAL(name, fallback)                                                                 \
    {                                                                                              \
        name, fallback                                                                             \
    }
/* Borrowed from the running task's values: until it sets another. */
void *weft_local_get(const weft_local *local);
/* free_value, or NULL, is called when the last of those who have the value has gone, in its thread.
 * 0, UV_ENOMEM, UV_EINVAL for NULL: then the value is still yours. */
int weft_local_set(const weft_local *local, void *value, void (*free_value)(void *));
/* ContextVar.reset: remembers what it is now, set or not, and goes back to that: once, and in the
 * same task, or UV_EINVAL and WEFT_EINVALSTATE. A token that is not
 * reset must be forgotten: it keeps what it remembers. */
typedef struct weft_local_token {
    void *opaque[3];
} weft_local_token;
int weft_local_save(const weft_local *local, weft_local_token *token);
int weft_local_reset(weft_local_token *token);
/* Lets go of a token that is not to be reset any more. Nothing for one that was. Any thread. */
void weft_local_forget(weft_local_token *token);

/* ---- Futures ---- */

typedef struct weft_future_options {
    const char *name; /* in the trace, copied: "GET :9082/slow" */
} weft_future_options;
/* loop.create_future. Yours to unref. NULL: out of memory, or no loop. */
#define weft_future_new(...) weft_future_new_at(WEFT_HERE, (weft_future_options){ __VA_ARGS__ })
weft_future *weft_future_new_at(weft_site *site, weft_future_options options);
/* set_result: copies the value. 0, WEFT_EINVALSTATE when it is done already, UV_EINVAL for a task,
 * WEFT_ECLOSED when its loop is closed. */
#define weft_set_result(future, value) WEFT__SET_RESULT(future, value, WEFT__UNIQUE(weft__copy_))
/* The same; free_result is for a pointer value that nobody takes. value may be NULL with size 0. */
int weft_set_result_at(weft_site *site, weft_future *future, const void *value, size_t size,
                       void (*free_result)(void *));
/* set_exception: a negative code; with the error object when weft_raise just made one of that code.
 * 0, or as set_result; UV_EINVAL also for a code that is not negative. */
#define weft_set_error(future, code) weft_set_error_at(WEFT_HERE, future, code)
int weft_set_error_at(weft_site *site, weft_future *future, int code);
bool weft_done(weft_future *future);
bool weft_cancelled(weft_future *future);
/* 0, its failure, WEFT_ECANCELED, or WEFT_EINVALSTATE: not done. Counts as looking at the failure.
 */
int weft_status(weft_future *future);
/* The error object of a failed future, made from the code if nobody said more; NULL otherwise.
 * Borrowed from the future. Counts as looking at the failure. */
const weft_error *weft_future_error(weft_future *future);
/* The callbacks run through call_soon, in the order they were added; `future` is borrowed. 0,
 * UV_ENOMEM, or WEFT_ECLOSED when its loop is closed. */
typedef void weft_done_callback(weft_future *future, void *arg);
#define weft_add_done_callback(future, fn, arg)                                                    \
    weft_add_done_callback_at(WEFT_HERE, future, fn, arg)
int weft_add_done_callback_at(weft_site *site, weft_future *future, weft_done_callback *fn,
                              void *arg);
/* How many were removed: those with this fn and arg that are not scheduled yet. */
int weft_remove_done_callback(weft_future *future, weft_done_callback *fn, void *arg);
/* The result's bytes. `size` must be its size; a future that has no such result is reported, and
 * zeroes are returned. weft_take moves it out: free_result will not see it. */
void *weft_result_ptr(weft_future *future, size_t size);
void *weft_take_ptr(weft_future *future, size_t size);
#define weft_result(future, type) (*(type *)weft_result_ptr(future, sizeof(type))) /* borrowed */
#define weft_take(future, type)   (*(type *)weft_take_ptr(future, sizeof(type)))   /* yours now */

/* ---- Sleep, gather, wait, wait_for, shield ---- */

/* 0 or WEFT_ECANCELED. <= 0: one iteration. INFINITY: until cancelled. UV_EINVAL for NAN. */
#define weft_sleep(seconds) weft_sleep_at(WEFT_HERE, seconds)
int weft_sleep_at(weft_site *site, double seconds);

typedef struct weft_gather_options {
    bool return_errors;          /* return_exceptions: failures are results             */
    void (*free_result)(void *); /* for the children that gather makes, as in create_task */
    const char *name;            /* in the trace, copied                                */
} weft_gather_options;
/* weft_gather((fetch("a", 1), fetch("b", 2)), .return_errors = true): a future of up to eight tasks
 * that it makes and owns. weft_gather_all(futures, n, …): the same for futures you have; it takes
 * references of its own. Yours to unref; never NULL: out of memory gives one that has failed. */
#define weft_gather(calls, ...) WEFT__GATHER(calls, ##__VA_ARGS__)
#define weft_gather_all(futures, n, ...)                                                           \
    weft_gather_futures(WEFT_HERE, n, futures, (weft_gather_options){ __VA_ARGS__ })
weft_future *weft_gather_coros(weft_site *site, size_t n, const weft_coro *coros,
                               weft_gather_options options);
weft_future *weft_gather_futures(weft_site *site, size_t n, weft_future *const *futures,
                                 weft_gather_options options);
/* Children, in the order given; 0 for a future that is no gather. */
size_t weft_gather_count(weft_future *gather);
/* Borrowed from the gather; NULL past the end. */
weft_future *weft_gather_child(weft_future *gather, size_t i);

enum weft_return_when { WEFT_ALL_COMPLETED, WEFT_FIRST_COMPLETED, WEFT_FIRST_EXCEPTION };
typedef struct weft_wait_options {
    enum weft_return_when return_when;
    double timeout; /* seconds, if has_timeout; its end is no error */
    bool has_timeout;
} weft_wait_options;
/* asyncio.wait. Sorts futures in place: the done ones first, both parts in their given order.
 * Returns how many are done; UV_EINVAL for n = 0, WEFT_ECANCELED, UV_ENOMEM. Cancels nothing. */
#define weft_wait(futures, n, ...)                                                                 \
    weft_wait_at(WEFT_HERE, futures, n, (weft_wait_options){ __VA_ARGS__ })
ssize_t weft_wait_at(weft_site *site, weft_future **futures, size_t n, weft_wait_options options);

/* weft_wait_for(x, seconds): x is a call or a future, awaited here, in this task, for at most so
 * long: rc = weft_wait_for(fetch("a", 1, &data), 0.5); x is evaluated once, after the timeout was
 * armed. <= 0: a call is not entered and a future that is not done is cancelled and waited for:
 * WEFT_ETIMEDOUT, unless it has a result after all. */
#define weft_wait_for(x, seconds)                                                                  \
    WEFT__WAIT_FOR(x, seconds, WEFT__UNIQUE(weft__scope_), WEFT__UNIQUE(weft__rc_),                \
                   WEFT__UNIQUE(weft__frame_), WEFT__UNIQUE(weft__value_))

/* asyncio.shield: a future that ends as inner does; cancelling it leaves inner running, which it
 * keeps referenced. Of a done future: that one. Yours to unref. */
#define weft_shield(inner) weft_shield_at(WEFT_HERE, inner)
weft_future *weft_shield_at(weft_site *site, weft_future *inner);

/* ---- Scopes ------------------------------------------------------------------------------------
 * int rc = 0;                                      rc lives outside: WEFT_BREAK handles behind the
 * WEFT_TIMEOUT(deadline, 10, rc) {                 scope, WEFT_TRY propagates, a bare return is
 *     WEFT_BREAK(rc, weft_sleep(1));               Python's return
 * }
 * if (rc == WEFT_ETIMEDOUT) ... */

typedef struct weft_timeout {
    uint64_t opaque[18];
} weft_timeout;
/* async with asyncio.timeout(seconds) as name; INFINITY: no deadline. timeout_at takes weft_time's
 * seconds. An expired deadline still lets the body run to its first suspension. */
#define WEFT_TIMEOUT(name, seconds, rc) WEFT__TIMEOUT(name, seconds, false, rc)
#define WEFT_TIMEOUT_AT(name, when, rc) WEFT__TIMEOUT(name, when, true, rc)
/* Moves the deadline to weft_time's `when`. 0, or WEFT_EINVALSTATE when it expired or was left. */
#define weft_timeout_reschedule(timeout, when) weft_timeout_reschedule_at(WEFT_HERE, timeout, when)
int weft_timeout_reschedule_at(weft_site *site, weft_timeout *timeout, double when);
/* Timeout.when(): weft_time's seconds, INFINITY for none. */
double weft_timeout_when(const weft_timeout *timeout);
/* Whether the deadline passed, even if the body swallowed the cancellation. Inside the scope. */
bool weft_timeout_expired(const weft_timeout *timeout);
/* What the macros are made of, with weft__scope_leave; `func` is the caller's __func__. NULL: not
 * entered, and *rc says why. When it is left *rc, if WEFT_ECANCELED by this deadline, becomes
 * WEFT_ETIMEDOUT. */
weft_timeout *weft_timeout_enter(weft_timeout *timeout, weft_site *site, const char *func,
                                 double seconds, bool absolute, int *rc);
weft_timeout *weft__wait_for_enter(weft_timeout *timeout, weft_site *site, const char *func,
                                   double seconds, bool is_call, int *rc);

typedef struct weft_task_group {
    uint64_t opaque[20];
} weft_task_group;
/* async with asyncio.TaskGroup() as name: behind the block all its tasks have ended. `name` is a
 * weft_task_group of the block, no pointer: weft_group_create_task(&name, …). The first that
 * fails, but not one that is cancelled, cancels the others and the body, and then rc is
 * WEFT_EGROUP: weft_error_children(weft_current_error(), …) has every failure. A body that fails
 * (WEFT_TRY, WEFT_BREAK, or rc set) cancels all; cancelled it ends as WEFT_ECANCELED unless a task
 * failed. A bare return waits for the tasks and cannot tell of their failure: it is reported. */
#define WEFT_TASK_GROUP(name, rc) WEFT__TASK_GROUP(name, rc, WEFT__UNIQUE(weft__returned_))
/* TaskGroup.create_task: from any task of the loop, also while the group's own waits in its end.
 * Borrowed: the group keeps it until it ends. Never NULL: a group that is being cancelled or is
 * left (WEFT_ECLOSED), or is another loop's (WEFT_ELOOP), or NULL (UV_EINVAL) gives a task that
 * failed. */
#define weft_group_create_task(group, call, ...)                                                   \
    weft_group_create_task_at(WEFT_HERE, group, WEFT__CORO(call),                                  \
                              (weft_task_options){ __VA_ARGS__ })
weft_task *weft_group_create_task_at(weft_site *site, weft_task_group *group, weft_coro coro,
                                     weft_task_options options);
/* The same for a task that nobody will look at: the group lets go of it when it is done, so that
 * one that lives long, a server's, does not keep all it ever had. 0, or what the task would fail
 * with. */
#define weft_group_create_detached(group, call, ...)                                               \
    weft_group_create_detached_at(WEFT_HERE, group, WEFT__CORO(call),                              \
                                  (weft_task_options){ __VA_ARGS__ })
int weft_group_create_detached_at(weft_site *site, weft_task_group *group, weft_coro coro,
                                  weft_task_options options);
/* What the macro is made of, with weft__scope_leave; `name` is static. NULL: not entered, and *rc
 * says why. `lost`, or NULL: gets the code that *rc became though the body did not fail. */
weft_task_group *weft_group_enter(weft_task_group *group, weft_site *site, const char *func,
                                  const char *name, int *rc, int *lost);
typedef struct weft__returned {
    int lost;
    bool came_behind;
} weft__returned;
void weft__group_returned(weft__returned *returned);

typedef struct weft_as_completed {
    uint64_t opaque[32];
} weft_as_completed;
typedef struct weft_as_completed_options {
    double timeout; /* seconds for all of them; 0: no end, negative: over at once */
} weft_as_completed_options;
/* async for name in asyncio.as_completed(futures, …): the futures, each once, in the order in which
 * they are done; borrowed. weft_await(name) in the block does not suspend. When the time is up the
 * loop ends with rc WEFT_ETIMEDOUT. WEFT_BREAK and break leave it. Cancels nothing. */
#define WEFT_AS_COMPLETED(name, futures, n, rc, ...)                                               \
    WEFT__AS_COMPLETED(name, futures, n, rc, WEFT__UNIQUE(weft__completed_), ##__VA_ARGS__)
/* The same by hand. init: 0, UV_EINVAL, UV_ENOMEM, WEFT_ELOOP, WEFT_ENOLOOP. next: 0 and a borrowed
 * future; WEFT_ESTOPITER at the end; WEFT_ETIMEDOUT, once for each that is missing; WEFT_ECANCELED;
 * UV_EBUSY while another task waits for the next. Finish it; not while one waits. */
#define weft_as_completed_init(completed, futures, n, ...)                                         \
    weft_as_completed_init_at(WEFT_HERE, completed, futures, n,                                    \
                              (weft_as_completed_options){ __VA_ARGS__ })
#define weft_as_completed_next(completed, future)                                                  \
    weft_as_completed_next_at(WEFT_HERE, completed, future)
int weft_as_completed_init_at(weft_site *site, weft_as_completed *completed,
                              weft_future *const *futures, size_t n,
                              weft_as_completed_options options);
int weft_as_completed_next_at(weft_site *site, weft_as_completed *completed, weft_future **future);
void weft_as_completed_finish(weft_as_completed *completed);
weft_as_completed *weft__as_completed_enter(weft_as_completed *completed, weft_site *site,
                                            const char *func, weft_future *const *futures, size_t n,
                                            weft_as_completed_options options, int *rc);
weft_future *weft__as_completed_advance(weft_as_completed *completed);

/* ---- Generators ---- */

/* WEFT_GENERATOR(int, ticker, double, delay, int, to) { … WEFT_TRY(weft_yield(i)); … return 0; }
 * An async generator: it has a stack of its own, but runs in the task of whoever asks it for the
 * next value: cancelling that one is delivered inside it. */
#define WEFT_GENERATOR(type, name, ...) WEFT_ASYNC(type, name, ##__VA_ARGS__)
/* Hands the value out and waits to be asked for the next. 0; WEFT_ECLOSED: no more is wanted, clean
 * up and return it; UV_EINVAL outside a generator. */
#define weft_yield(value) (*result = (value), weft_yield_at(WEFT_HERE))
int weft_yield_at(weft_site *site);
/* WEFT_FOR(int, i, ticker(1, 10), rc) { … }: async for, and aclose() however the loop is left: at
 * once, where Python leaves it to the garbage collector. rc: 0 at the end, or what the generator
 * failed with. */
#define WEFT_FOR(type, name, call, rc) WEFT__FOR(type, name, WEFT__CORO(call), rc)
/* The same by hand: weft_generator_new(ticker(1, 10)). Yours to unref; who drops one that is
 * suspended leaves a task behind that closes it. NULL: out of memory, or no loop. */
#define weft_generator_new(call) weft_generator_new_at(WEFT_HERE, WEFT__CORO(call))
weft_generator *weft_generator_new_at(weft_site *site, weft_coro coro);
/* anext(): 0; WEFT_ESTOPITER at the end; what it failed with; UV_EBUSY: it is running already;
 * WEFT_ENOTASK; UV_EINVAL when *out is not of its type's size. */
#define weft_next(generator, out) weft_next_at(WEFT_HERE, generator, out, sizeof *(out))
int weft_next_at(weft_site *site, weft_generator *generator, void *out, size_t size);
/* aclose(): its yield returns WEFT_ECLOSED, and it runs to its end. 0, also when it had ended;
 * what it failed with; UV_EBUSY; WEFT_EINVALSTATE: it yielded once more, and was abandoned. */
#define weft_generator_close(generator) weft_generator_close_at(WEFT_HERE, generator)
int weft_generator_close_at(weft_site *site, weft_generator *generator);
typedef struct weft_iteration {
    uint64_t opaque[10];
} weft_iteration;
weft_iteration *weft__iterate(weft_iteration *iteration, weft_site *site, const char *func,
                              weft_coro coro, int *rc);
bool weft__advance(weft_iteration *iteration, weft_site *site, void *out, size_t size);

/* ---- Synchronisation ---------------------------------------------------------------------------
 * Plain structs of yours with init and finish, usable as members; `name` is for the trace, static,
 * or NULL. They may be made before there is a loop, and belong to the one where somebody first
 * waits for them: WEFT_ELOOP in another, or in another thread. First come, first served. What is
 * not initialised, or finished, is UV_EINVAL. Finish while tasks wait is reported; they get
 * WEFT_ECLOSED. What waits returns 0, WEFT_ECANCELED, or one of these. */

typedef struct weft_lock {
    uint64_t opaque[18];
} weft_lock;
/* asyncio.Lock. 0, or UV_EINVAL for NULL. */
#define weft_lock_init(lock, name) weft_lock_init_at(WEFT_HERE, lock, name)
int weft_lock_init_at(weft_site *site, weft_lock *lock, const char *name);
void weft_lock_finish(weft_lock *lock);
#define weft_lock_acquire(lock) weft_lock_acquire_at(WEFT_HERE, lock)
int weft_lock_acquire_at(weft_site *site, weft_lock *lock);
/* Wakes the first in line, which takes it when it runs. Any task may, but debug mode says when it
 * was another's. WEFT_ENOTHELD: not locked. */
#define weft_lock_release(lock) weft_lock_release_at(WEFT_HERE, lock)
int weft_lock_release_at(weft_site *site, weft_lock *lock);
bool weft_lock_locked(const weft_lock *lock);

typedef struct weft_event {
    uint64_t opaque[17];
} weft_event;
/* asyncio.Event. 0, or UV_EINVAL for NULL. */
#define weft_event_init(event, name) weft_event_init_at(WEFT_HERE, event, name)
int weft_event_init_at(weft_site *site, weft_event *event, const char *name);
/* Who was woken before that returns from its wait as if it were still there. */
void weft_event_finish(weft_event *event);
/* Wakes all that wait; waits return at once until it is cleared. From tasks and callbacks. */
#define weft_event_set(event) weft_event_set_at(WEFT_HERE, event)
int weft_event_set_at(weft_site *site, weft_event *event);
#define weft_event_clear(event) weft_event_clear_at(WEFT_HERE, event)
int weft_event_clear_at(weft_site *site, weft_event *event);
bool weft_event_is_set(const weft_event *event);
#define weft_event_wait(event) weft_event_wait_at(WEFT_HERE, event)
int weft_event_wait_at(weft_site *site, weft_event *event);

typedef struct weft_condition {
    uint64_t opaque[35];
} weft_condition;
/* asyncio.Condition. lock: one that you have, and that outlives it; NULL: one of its own. */
#define weft_condition_init(condition, lock, name)                                                 \
    weft_condition_init_at(WEFT_HERE, condition, lock, name)
int weft_condition_init_at(weft_site *site, weft_condition *condition, weft_lock *lock,
                           const char *name);
void weft_condition_finish(weft_condition *condition);
/* Of its lock. */
#define weft_condition_acquire(condition) weft_condition_acquire_at(WEFT_HERE, condition)
int weft_condition_acquire_at(weft_site *site, weft_condition *condition);
#define weft_condition_release(condition) weft_condition_release_at(WEFT_HERE, condition)
int weft_condition_release_at(weft_site *site, weft_condition *condition);
bool weft_condition_locked(const weft_condition *condition);
/* Releases the lock until it is notified. It has the lock again when it returns, even cancelled;
 * only WEFT_ECLOSED comes without. It may return without having been meant: look again, or take
 * wait_for. WEFT_ENOTHELD: not locked. */
#define weft_condition_wait(condition) weft_condition_wait_at(WEFT_HERE, condition)
int weft_condition_wait_at(weft_site *site, weft_condition *condition);
/* Waits until predicate(arg). */
#define weft_condition_wait_for(condition, predicate, arg)                                         \
    weft_condition_wait_for_at(WEFT_HERE, condition, predicate, arg)
int weft_condition_wait_for_at(weft_site *site, weft_condition *condition,
                               bool (*predicate)(void *arg), void *arg);
/* Wakes n of those that wait; they go on when they have the lock. WEFT_ENOTHELD: not locked. */
#define weft_condition_notify(condition, n) weft_condition_notify_at(WEFT_HERE, condition, n)
#define weft_condition_notify_all(condition)                                                       \
    weft_condition_notify_at(WEFT_HERE, condition, SIZE_MAX)
int weft_condition_notify_at(weft_site *site, weft_condition *condition, size_t n);

typedef struct weft_semaphore {
    uint64_t opaque[18];
} weft_semaphore;
/* asyncio.Semaphore. UV_EINVAL for a value below 0. */
#define weft_semaphore_init(semaphore, value, name)                                                \
    weft_semaphore_init_at(WEFT_HERE, semaphore, value, name)
int weft_semaphore_init_at(weft_site *site, weft_semaphore *semaphore, long value,
                           const char *name);
/* BoundedSemaphore: releasing beyond its first value is WEFT_ENOTHELD. */
#define weft_bounded_semaphore_init(semaphore, value, name)                                        \
    weft_bounded_semaphore_init_at(WEFT_HERE, semaphore, value, name)
int weft_bounded_semaphore_init_at(weft_site *site, weft_semaphore *semaphore, long value,
                                   const char *name);
void weft_semaphore_finish(weft_semaphore *semaphore);
#define weft_semaphore_acquire(semaphore) weft_semaphore_acquire_at(WEFT_HERE, semaphore)
int weft_semaphore_acquire_at(weft_site *site, weft_semaphore *semaphore);
#define weft_semaphore_release(semaphore) weft_semaphore_release_at(WEFT_HERE, semaphore)
int weft_semaphore_release_at(weft_site *site, weft_semaphore *semaphore);
/* Whether acquire would wait: also while somebody is in line for what was released. */
bool weft_semaphore_locked(const weft_semaphore *semaphore);
/* Units that nobody has and nobody was promised. */
long weft_semaphore_value(const weft_semaphore *semaphore);

typedef struct weft_barrier {
    uint64_t opaque[48];
} weft_barrier;
/* asyncio.Barrier. UV_EINVAL for less than one party. */
#define weft_barrier_init(barrier, parties, name)                                                  \
    weft_barrier_init_at(WEFT_HERE, barrier, parties, name)
int weft_barrier_init_at(weft_site *site, weft_barrier *barrier, int parties, const char *name);
void weft_barrier_finish(weft_barrier *barrier);
/* Until all parties wait. *position, if not NULL: which one this was, from 0. WEFT_EBROKEN: it was
 * reset meanwhile, or is broken. */
#define weft_barrier_wait(barrier, position) weft_barrier_wait_at(WEFT_HERE, barrier, position)
int weft_barrier_wait_at(weft_site *site, weft_barrier *barrier, int *position);
/* Those that wait get WEFT_EBROKEN; then it is as new. Awaited, as in asyncio. */
#define weft_barrier_reset(barrier) weft_barrier_reset_at(WEFT_HERE, barrier)
int weft_barrier_reset_at(weft_site *site, weft_barrier *barrier);
/* Breaks it until it is reset. Awaited, as in asyncio. */
#define weft_barrier_abort(barrier) weft_barrier_abort_at(WEFT_HERE, barrier)
int weft_barrier_abort_at(weft_site *site, weft_barrier *barrier);
int weft_barrier_parties(const weft_barrier *barrier);
/* Parties that wait; 0 while it drains. */
int weft_barrier_n_waiting(const weft_barrier *barrier);
bool weft_barrier_broken(const weft_barrier *barrier);

/* async with: held until the block is left, however. Where acquiring fails it is not entered, and
 * rc says why. A release that fails is rc's too, if the body did not fail. */
typedef struct weft_with {
    uint64_t opaque[12];
} weft_with;
#define WEFT_WITH_LOCK(lock, rc)           WEFT__WITH(weft_with_lock_enter, lock, rc)
#define WEFT_WITH_CONDITION(condition, rc) WEFT__WITH(weft_with_condition_enter, condition, rc)
#define WEFT_WITH_SEMAPHORE(semaphore, rc) WEFT__WITH(weft_with_semaphore_enter, semaphore, rc)
/* What the macros are made of; `func` is the caller's __func__. */
weft_with *weft_with_lock_enter(weft_with *with, weft_site *site, const char *func, weft_lock *lock,
                                int *rc);
weft_with *weft_with_condition_enter(weft_with *with, weft_site *site, const char *func,
                                     weft_condition *condition, int *rc);
weft_with *weft_with_semaphore_enter(weft_with *with, weft_site *site, const char *func,
                                     weft_semaphore *semaphore, int *rc);

/* ---- Queues ------------------------------------------------------------------------------------
 * Queue, LifoQueue and PriorityQueue: init, finish and the rules of synchronisation objects. Items
 * are values of one type, copied in and out: what is put is the queue's when put returned 0, and
 * yours again when get did. */

typedef struct weft_queue_options {
    size_t maxsize;                             /* items; 0: no limit                        */
    const char *name;                           /* static                                    */
    int (*compare)(const void *, const void *); /* PriorityQueue: takes an item before those */
                                                /* that are greater, and put after it if equal */
    bool lifo;                                  /* LifoQueue                                 */
    void (*free_item)(void *);                  /* for pointers: of those that are dropped   */
} weft_queue_options;
typedef struct weft_queue {
    uint64_t opaque[41];
} weft_queue;
/* weft_queue_init(&queue, char *, .maxsize = 10, .free_item = free). UV_EINVAL for NULL, compare
 * with lifo, free_item of what is no pointer. */
#define weft_queue_init(queue, type, ...)                                                          \
    weft_queue_init_at(WEFT_HERE, queue, sizeof(type), (weft_queue_options){ __VA_ARGS__ })
int weft_queue_init_at(weft_site *site, weft_queue *queue, size_t item_size,
                       weft_queue_options options);
/* Drops the items that are in it. */
void weft_queue_finish(weft_queue *queue);
/* put(&item) waits while it is full, get(&item) while it is empty. WEFT_ESHUTDOWN, UV_ENOMEM;
 * UV_EINVAL for an item of another size. */
#define weft_queue_put(queue, item) weft_queue_put_at(WEFT_HERE, queue, item, sizeof *(item))
#define weft_queue_get(queue, item) weft_queue_get_at(WEFT_HERE, queue, item, sizeof *(item))
int weft_queue_put_at(weft_site *site, weft_queue *queue, const void *item, size_t size);
int weft_queue_get_at(weft_site *site, weft_queue *queue, void *item, size_t size);
/* The same without waiting, from tasks and callbacks: WEFT_EFULL, WEFT_EEMPTY. */
#define weft_queue_put_nowait(queue, item)                                                         \
    weft_queue_put_nowait_at(WEFT_HERE, queue, item, sizeof *(item))
#define weft_queue_get_nowait(queue, item)                                                         \
    weft_queue_get_nowait_at(WEFT_HERE, queue, item, sizeof *(item))
int weft_queue_put_nowait_at(weft_site *site, weft_queue *queue, const void *item, size_t size);
int weft_queue_get_nowait_at(weft_site *site, weft_queue *queue, void *item, size_t size);
/* The work on an item that was put is done. WEFT_ENOTHELD: called more often than put. */
#define weft_queue_task_done(queue) weft_queue_task_done_at(WEFT_HERE, queue)
int weft_queue_task_done_at(weft_site *site, weft_queue *queue);
/* Until the work on all items is done. */
#define weft_queue_join(queue) weft_queue_join_at(WEFT_HERE, queue)
int weft_queue_join_at(weft_site *site, weft_queue *queue);
/* put is WEFT_ESHUTDOWN from now on, and get when it is empty. immediate: drops what is in it, as
 * if it were done. */
#define weft_queue_shutdown(queue, immediate) weft_queue_shutdown_at(WEFT_HERE, queue, immediate)
int weft_queue_shutdown_at(weft_site *site, weft_queue *queue, bool immediate);
/* qsize: items in it. */
size_t weft_queue_size(const weft_queue *queue);
size_t weft_queue_maxsize(const weft_queue *queue);
bool weft_queue_empty(const weft_queue *queue);
bool weft_queue_full(const weft_queue *queue);

/* ---- Streams -----------------------------------------------------------------------------------
 * One task reads at a time (a second: UV_EBUSY); any number write. A peer's reset is UV_ECONNRESET
 * on the next read or drain. Reading from what one can only write to, and the other way round, is
 * UV_EBADF. The last unref of an open stream closes it. */

typedef struct weft_stream_options {
    size_t limit;           /* of readline and readuntil, bytes; 0: 64 KiB          */
    const char *local_host; /* the own address; NULL: any                           */
    int local_port;         /* 0: any                                               */
} weft_stream_options;
/* open_connection: tries each address that host has. *out is yours. 0, WEFT_ECANCELED, libuv's
 * code, with an error that names the address: UV_ECONNREFUSED, UV_EAI_NONAME, UV_EINVAL for a port
 * out of range, UV_EADDRINUSE for a local one … */
#define weft_open_connection(host, port, out, ...)                                                 \
    weft_open_connection_at(WEFT_HERE, host, port, out, (weft_stream_options){ __VA_ARGS__ })
int weft_open_connection_at(weft_site *site, const char *host, int port, weft_stream **out,
                            weft_stream_options options);

/* open_unix_connection: to a path, or to "@name": an abstract name (in Python "\\0name"). *out is
 * yours. As open_connection; UV_ENOENT, UV_ECONNREFUSED; UV_ENAMETOOLONG from 108 bytes on. The
 * local address has no meaning here. */
#define weft_open_unix_connection(path, out, ...)                                                  \
    weft_open_unix_connection_at(WEFT_HERE, path, out, (weft_stream_options){ __VA_ARGS__ })
int weft_open_unix_connection_at(weft_site *site, const char *path, weft_stream **out,
                                 weft_stream_options options);

typedef struct weft_server_options {
    size_t limit;     /* of the connections' streams; 0: 64 KiB               */
    int backlog;      /* 0: 100                                               */
    const char *name; /* of the clients' tasks, before the peer's address; default: fn_name */
    bool reuse_port;  /* others may listen on the same port, and share it     */
    bool start_later; /* start_serving=False: bound, but not listening yet    */
    bool keep_socket; /* cleanup_socket=False: close leaves a unix socket's file */
} weft_server_options;
/* Runs in a task of its own, one a connection. The stream is borrowed; it is closed when the task
 * ends. A failure is reported to the exception handler. */
typedef int weft_client_fn(weft_stream *stream, void *arg);
/* start_server: listens on every address of host; host NULL is every interface, port 0 any free
 * one, the same for all (weft_server_port). *out is yours; its last unref closes it. Out of
 * descriptors, it tells the exception handler and accepts again after a second. 0, WEFT_ECANCELED,
 * libuv's code, with an error that names the address: UV_EADDRINUSE … */
#define weft_start_server(host, port, fn, arg, out, ...)                                           \
    weft_start_server_at(WEFT_HERE, host, port, fn, #fn, arg, out,                                 \
                         (weft_server_options){ __VA_ARGS__ })
int weft_start_server_at(weft_site *site, const char *host, int port, weft_client_fn *fn,
                         const char *fn_name, void *arg, weft_server **out,
                         weft_server_options options);
/* start_unix_server: on a path, or on "@name". A socket that is there already is replaced, anything
 * else is UV_EADDRINUSE; close removes the file unless it is another by then. */
#define weft_start_unix_server(path, fn, arg, out, ...)                                            \
    weft_start_unix_server_at(WEFT_HERE, path, fn, #fn, arg, out,                                  \
                              (weft_server_options){ __VA_ARGS__ })
int weft_start_unix_server_at(weft_site *site, const char *path, weft_client_fn *fn,
                              const char *fn_name, void *arg, weft_server **out,
                              weft_server_options options);
/* For .start_later; of a server that serves nothing happens. 0, WEFT_ECANCELED, WEFT_ECLOSED,
 * UV_EADDRINUSE … */
#define weft_server_start_serving(server) weft_server_start_serving_at(WEFT_HERE, server)
int weft_server_start_serving_at(weft_site *site, weft_server *server);
/* Until cancelled, or until somebody closes the server: WEFT_ECANCELED either way, when it is
 * closed and its connections have ended. WEFT_ECLOSED when it was closed before, UV_EBUSY for a
 * second. */
#define weft_serve_forever(server) weft_serve_forever_at(WEFT_HERE, server)
int weft_serve_forever_at(weft_site *site, weft_server *server);
bool weft_server_is_serving(weft_server *server);
/* The port of its first socket; 0 when closed, and of a unix socket. */
int weft_server_port(weft_server *server);
/* Its listening descriptors, borrowed: up to `room` go to fds. Returns how many there are; 0 when
 * closed. */
size_t weft_server_sockets(weft_server *server, int *fds, size_t room);
/* Stops listening; connections go on. Idempotent. */
void weft_server_close(weft_server *server);
/* weft_close, weft_stream_abort, of every connection. */
void weft_server_close_clients(weft_server *server);
void weft_server_abort_clients(weft_server *server);
/* Until it is closed and every connection has ended. 0 or WEFT_ECANCELED. */
#define weft_server_wait_closed(server) weft_server_wait_closed_at(WEFT_HERE, server)
int weft_server_wait_closed_at(weft_site *site, weft_server *server);

/* Bytes are borrowed from the stream's buffer until the next read on it, and a NUL lies behind
 * them. Length 0 is the end of the stream. */
/* read(n): up to max bytes, at least one; -1: everything to the end; 0: nothing. */
#define weft_read(stream, max, bytes) weft_read_at(WEFT_HERE, stream, max, bytes)
int weft_read_at(weft_site *site, weft_stream *stream, ssize_t max, weft_bytes *out);
/* A line with its newline; at the end of the stream what there is, without one. WEFT_ELIMIT: the
 * line is longer than the limit, and dropped. */
#define weft_readline(stream, bytes) weft_readline_at(WEFT_HERE, stream, bytes)
int weft_readline_at(weft_site *site, weft_stream *stream, weft_bytes *out);
/* Up to and with the separator. WEFT_EINCOMPLETE: the stream ended, out has what came. WEFT_ELIMIT:
 * not within the limit; everything stays to be read. */
#define weft_readuntil(stream, separator, bytes)                                                   \
    weft_readuntil_at(WEFT_HERE, stream, separator, bytes)
int weft_readuntil_at(weft_site *site, weft_stream *stream, weft_bytes separator, weft_bytes *out);
/* readuntil with a tuple: up to and with the one of n separators that ends first. UV_EINVAL: one is
 * empty, or there are none. */
#define weft_readuntil_any(stream, separators, n, bytes)                                           \
    weft_readuntil_any_at(WEFT_HERE, stream, separators, n, bytes)
int weft_readuntil_any_at(weft_site *site, weft_stream *stream, const weft_bytes *separators,
                          size_t n, weft_bytes *out);
/* n bytes. WEFT_EINCOMPLETE: out has what came. */
#define weft_readexactly(stream, n, bytes) weft_readexactly_at(WEFT_HERE, stream, n, bytes)
int weft_readexactly_at(weft_site *site, weft_stream *stream, size_t n, weft_bytes *out);
/* Whether the stream ended and everything was read. */
bool weft_at_eof(weft_stream *stream);

/* Copies, never waits. What is written to a closed or broken stream is dropped: drain tells. */
void weft_write(weft_stream *stream, const void *data, size_t size);
void weft_writelines(weft_stream *stream, const weft_bytes *lines, size_t n);
void weft_printf(weft_stream *stream, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Waits while more than 64 KiB are unsent, until 16 KiB are. 0, WEFT_ECANCELED, or what broke the
 * connection: UV_ECONNRESET …, which a stream that you closed has too. */
#define weft_drain(stream) weft_drain_at(WEFT_HERE, stream)
int weft_drain_at(weft_site *site, weft_stream *stream);
/* Half-close: the peer reads the end after what was written; reading goes on. A pipe that one only
 * writes to is closed. 0, WEFT_ECLOSED, UV_EBADF for what one only reads from, or UV_ENOTSUP: see
 * weft_can_write_eof. */
int weft_write_eof(weft_stream *stream);
/* Sends what was written, then closes. Who is reading gets what there is, then the end. Idempotent.
 */
void weft_close(weft_stream *stream);
bool weft_is_closing(weft_stream *stream);
/* Until the socket is closed. 0, WEFT_ECANCELED, or what broke the connection. */
#define weft_wait_closed(stream) weft_wait_closed_at(WEFT_HERE, stream)
int weft_wait_closed_at(weft_site *site, weft_stream *stream);
/* transport.abort: closes at once; what was written and not sent yet is dropped. Idempotent. */
void weft_stream_abort(weft_stream *stream);

/* Drain's marks, in unsent bytes: it waits while more than `high` are, until no more than `low`
 * are. 64 and 16 KiB at first; 0, 0: until everything is sent. UV_EINVAL: low > high. */
int weft_set_write_buffer_limits(weft_stream *stream, size_t high, size_t low);
/* get_write_buffer_size: bytes not sent yet. */
size_t weft_write_buffer_size(weft_stream *stream);
/* Whether weft_write_eof can: of what one both reads from and writes to only a socket. */
bool weft_can_write_eof(weft_stream *stream);
/* get_extra_info('peername'): "127.0.0.1:80", "[::1]:80", "/run/app.sock", "@abstract", or what a
 * pipe was called. Borrowed from the stream. */
const char *weft_stream_peer(weft_stream *stream);
/* get_extra_info('sockname'): the own address, in the same words; "" for what is no socket, and if
 * first asked when it is closed. Borrowed from the stream. */
const char *weft_stream_sockname(weft_stream *stream);
/* Its descriptor, borrowed from the stream; -1 once it is closed. */
int weft_stream_fd(weft_stream *stream);

typedef struct weft_pipe_options {
    size_t limit;     /* of readline and readuntil, bytes; 0: 64 KiB                    */
    const char *name; /* in the trace and as its peer, copied; default "fd N", "stdin" … */
} weft_pipe_options;
/* connect_read_pipe, connect_write_pipe: a stream over an open descriptor: a pipe, a socket, a
 * terminal, a device, and a file too. One can read, write, or both, as it was opened. *out is
 * yours, and owns the descriptor, which becomes non-blocking; on failure that stays yours. Does not
 * wait. 0, WEFT_ENOLOOP, UV_EBADF, UV_EINVAL for a datagram socket. */
#define weft_open_pipe(fd, out, ...)                                                               \
    weft_open_pipe_at(WEFT_HERE, fd, out, (weft_pipe_options){ __VA_ARGS__ })
int weft_open_pipe_at(weft_site *site, int fd, weft_stream **out, weft_pipe_options options);
/* The standard streams, whatever they are: terminals, pipes, files, /dev/null. *out is yours;
 * closing it leaves descriptors 0, 1 and 2 open, and as blocking as they were. What is unsent when
 * the loop ends is dropped: weft_close and weft_wait_closed before. As weft_open_pipe. */
#define weft_stdin(out, ...)  weft_stdin_at(WEFT_HERE, out, (weft_pipe_options){ __VA_ARGS__ })
#define weft_stdout(out, ...) weft_stdout_at(WEFT_HERE, out, (weft_pipe_options){ __VA_ARGS__ })
#define weft_stderr(out, ...) weft_stderr_at(WEFT_HERE, out, (weft_pipe_options){ __VA_ARGS__ })
int weft_stdin_at(weft_site *site, weft_stream **out, weft_pipe_options options);
int weft_stdout_at(weft_site *site, weft_stream **out, weft_pipe_options options);
int weft_stderr_at(weft_site *site, weft_stream **out, weft_pipe_options options);

/* ---- Datagrams ---------------------------------------------------------------------------------
 * A socket that one awaits, where asyncio calls a protocol back. Packets are taken in as they
 * arrive and queued until somebody receives them; one task receives at a time (a second: UV_EBUSY),
 * any number send. */

typedef struct weft_address {
    struct sockaddr_storage sockaddr;
    socklen_t length; /* of it, as bind(2) and sendto(2) count; 0: none               */
    char text[128];   /* "127.0.0.1:53", "[::1]:53"                                   */
} weft_address;
/* From a numeric host. 0, or UV_EINVAL. Any thread. */
int weft_address_init(weft_address *address, const char *host, int port);

typedef struct weft_datagram_options {
    const char *local_host;  /* the own address; NULL: every interface, if local_port is not 0 */
    int local_port;          /* 0: any                                                         */
    const char *remote_host; /* the only peer; NULL: packets from and to anybody              */
    int remote_port;
    int family;        /* AF_INET, AF_INET6: only that; needed without any address            */
    bool reuse_port;   /* others may receive on the same port                                 */
    bool broadcast;    /* may send to broadcast addresses; the socket is not connected then   */
    size_t queue_size; /* bytes of packets to keep, about; 0: 1 MiB                           */
    int sock; /* an open datagram socket instead of all this but queue_size; 0: none         */
} weft_datagram_options;
/* create_datagram_endpoint. *out is yours; its last unref closes it; a `sock` is its own unless
 * this fails. 0, WEFT_ECANCELED, libuv's code, with an error that names the addresses: UV_EINVAL
 * when neither addresses nor a family are given, UV_EADDRINUSE … */
#define weft_open_datagram(out, ...)                                                               \
    weft_open_datagram_at(WEFT_HERE, out, (weft_datagram_options){ __VA_ARGS__ })
int weft_open_datagram_at(weft_site *site, weft_datagram **out, weft_datagram_options options);
/* The next packet: borrowed until the next weft_recvfrom, a NUL behind it, whole (only a unix
 * socket's is cut, at 64 KiB); it may be empty. from: who sent it, or NULL. An error is what became
 * of packets sent before, of a socket with one peer: UV_ECONNREFUSED when nobody listens there; the
 * socket goes on. 0, WEFT_ECANCELED, WEFT_ECLOSED. */
#define weft_recvfrom(datagram, bytes, from) weft_recvfrom_at(WEFT_HERE, datagram, bytes, from)
int weft_recvfrom_at(weft_site *site, weft_datagram *datagram, weft_bytes *out, weft_address *from);
/* Sends a packet; waits while the kernel has no room for it. to: NULL for the remote address, and
 * no other if there is one. 0 says that it left, not that it arrived. WEFT_ECANCELED, WEFT_ECLOSED,
 * UV_EINVAL, UV_EDESTADDRREQ, UV_EMSGSIZE for more than 65,507 bytes … */
#define weft_sendto(datagram, data, size, to) weft_sendto_at(WEFT_HERE, datagram, data, size, to)
int weft_sendto_at(weft_site *site, weft_datagram *datagram, const void *data, size_t size,
                   const weft_address *to);
/* Drops what is queued; who receives or sends gets WEFT_ECLOSED. Idempotent. */
void weft_datagram_close(weft_datagram *datagram);
/* The own address. Borrowed from the datagram. */
const weft_address *weft_datagram_sockname(weft_datagram *datagram);
/* Of the own address; 0: none. */
int weft_datagram_port(weft_datagram *datagram);
/* Its descriptor, borrowed; -1 once it is closed. */
int weft_datagram_fd(weft_datagram *datagram);
/* Packets that were dropped because the queue, and then the kernel's buffer, were full. */
unsigned weft_datagram_dropped(weft_datagram *datagram);

/* ---- Processes ---------------------------------------------------------------------------------
 * A child has every signal at its default action, none blocked, and of this process's descriptors
 * only the first three. The last unref of a process that runs closes its pipes, and lets it run:
 * its loop waits for it. A loop that is closed kills those that still run. Their ends are told by
 * SIGCHLD: libuv's handler of it must stay. */

/* What a child's stdin, stdout or stderr is; asyncio.subprocess's PIPE, STDOUT and DEVNULL. Above
 * 0: a descriptor, borrowed while the child is made (of descriptor 0 give a dup). */
enum weft_child_stream {
    WEFT_INHERIT = 0,
    WEFT_PIPE = -1,
    WEFT_STDOUT = -2, /* stderr into stdout */
    WEFT_DEVNULL = -3,
};
typedef struct weft_process_options {
    int in, out, err;       /* not stdin, stdout: macros in some C libraries      */
    const char *cwd;        /* NULL: this process's                               */
    const char *const *env; /* "NAME=value" …, NULL; NULL: this process's         */
    bool start_new_session; /* setsid: with its children it is a group to be killed */
    size_t limit;           /* of the pipes' streams, bytes; 0: 64 KiB            */
} weft_process_options;
/* create_subprocess_exec: weft_create_subprocess_exec(&process, ("ls", "-l"), .out = WEFT_PIPE).
 * argv is a list in parentheses, a NULL is put behind it; an array that you have, with its NULL, is
 * for weft_create_subprocess_exec_at(WEFT_HERE, &process, array, options). A name without a slash
 * is looked for in PATH, .env's if there is one. *process is yours. Does not wait. 0, or why it
 * cannot be executed, with an error object that names the program or .cwd: UV_ENOENT, UV_EACCES …;
 * UV_EINVAL, WEFT_ENOLOOP. */
#define weft_create_subprocess_exec(process, argv, ...)                                            \
    weft_create_subprocess_exec_at(WEFT_HERE, process,                                             \
                                   (const char *[]){ WEFT__UNPAREN argv, NULL },                   \
                                   (weft_process_options){ __VA_ARGS__ })
/* create_subprocess_shell: "/bin/sh -c command". */
#define weft_create_subprocess_shell(process, command, ...)                                        \
    weft_create_subprocess_exec(process, ("/bin/sh", "-c", command), __VA_ARGS__)
int weft_create_subprocess_exec_at(weft_site *site, weft_process **process, const char *const *argv,
                                   weft_process_options options);
/* Process.communicate: writes input to stdin and closes it, reads stdout and stderr to their ends,
 * and waits for the exit, all at once. A child that does not read its input is no failure. out and
 * err are borrowed from the process, empty without a pipe, and may be NULL; input is borrowed, and
 * ignored without a pipe. 0, WEFT_ECANCELED (the child runs on), UV_EBUSY … */
#define weft_communicate(process, input, out, err)                                                 \
    weft_communicate_at(WEFT_HERE, process, input, out, err)
int weft_communicate_at(weft_site *site, weft_process *process, weft_bytes input, weft_bytes *out,
                        weft_bytes *err);
/* Process.wait: until it has exited, whatever its pipes do. A child that fills a pipe which nobody
 * reads does not exit. returncode may be NULL. 0 or WEFT_ECANCELED. */
#define weft_process_wait(process, returncode) weft_process_wait_at(WEFT_HERE, process, returncode)
int weft_process_wait_at(weft_site *site, weft_process *process, int *returncode);
/* The exit status, or −signal if one ended it; WEFT_EINVALSTATE while it runs. 255: somebody else
 * waited for it. */
int weft_process_returncode(const weft_process *process);
pid_t weft_process_pid(const weft_process *process);
/* 0; UV_ESRCH when it has ended (ProcessLookupError), UV_EINVAL for what is no signal, UV_EPERM. */
int weft_process_send_signal(weft_process *process, int number);
int weft_process_terminate(weft_process *process); /* SIGTERM */
int weft_process_kill(weft_process *process);      /* SIGKILL */
/* Its pipes; NULL where there is none. Borrowed from the process. */
weft_stream *weft_process_stdin(const weft_process *process);
weft_stream *weft_process_stdout(const weft_process *process);
weft_stream *weft_process_stderr(const weft_process *process);

/* ---- Threads -----------------------------------------------------------------------------------
 * For what blocks: a call runs in a thread of a pool, and its future is awaited here. The loop's
 * own pool starts threads as they are needed, up to .threads of weft_run, and runs jobs first in,
 * first out. The call has no loop there: it awaits nothing (WEFT_ENOTASK), and other objects of
 * this file are not for it, except for the functions that say "any thread". Signals are blocked in
 * the pool's threads, and so in a program that a call itself starts by fork and exec.
 *
 * Cancelling the future, or the task that awaits it, returns at once: a job that has not begun
 * never does; one that has runs on, and its result is freed. weft_run's end waits for all jobs. */

typedef struct weft_thread_options {
    const char *name;            /* in the trace, copied; default: the call's                  */
    void (*free_result)(void *); /* of a pointer result that nobody took                       */
    void (*on_free)(void *);     /* what the arguments own: called once the call has returned, */
    void *on_free_arg;           /* or when it never began. Both may run in the pool's thread  */
} weft_thread_options;
/* asyncio.to_thread: weft_to_thread(blocking_io(1)). Its arguments are the job's own copy, and so
 * are the caller's task-local values. Yours to unref; never NULL: a future that has failed with
 * UV_ENOMEM, WEFT_ENOLOOP, WEFT_ECLOSED (the loop or the executor is shut down), or UV_EAGAIN when
 * the system has no thread left. */
#define weft_to_thread(call, ...)                                                                  \
    weft_run_in_executor_at(WEFT_HERE, NULL, WEFT__CORO(call), (weft_thread_options){ __VA_ARGS__ })
/* loop.run_in_executor: the same in a pool of your own; NULL: the loop's. */
#define weft_run_in_executor(executor, call, ...)                                                  \
    weft_run_in_executor_at(WEFT_HERE, executor, WEFT__CORO(call),                                 \
                            (weft_thread_options){ __VA_ARGS__ })
weft_future *weft_run_in_executor_at(weft_site *site, weft_executor *executor, weft_coro coro,
                                     weft_thread_options options)
    __attribute__((warn_unused_result));

typedef struct weft_executor_options {
    unsigned threads; /* at most; 0: cores + 4, but no more than 32           */
    const char *name; /* of its threads: "NAME_0" …; copied; default "thread" */
} weft_executor_options;
/* concurrent.futures.ThreadPoolExecutor. Loops of several threads may use it at once, as long as
 * the one that made it keeps it. NULL: out of memory. Its last unref shuts it down. */
#define weft_executor_new(...) weft_executor_new_with((weft_executor_options){ __VA_ARGS__ })
weft_executor *weft_executor_new_with(weft_executor_options options);
/* Takes no more jobs, and blocks the calling thread until those it has have ended. 0, UV_EINVAL for
 * NULL, WEFT_EDEADLOCK from one of its own threads. A loop that is closed leaves the jobs that it
 * has begun in an executor running. */
int weft_executor_shutdown(weft_executor *executor);

/* The other way round: a thread that wants something of a loop. All of these, weft_ref and
 * weft_unref of a concurrent future too: any thread. */

/* asyncio.run_coroutine_threadsafe: makes a task of `loop` (which must not be freed yet) and
 * returns the future by which other threads know it. Options as for weft_create_task. Yours to
 * unref, which leaves the task running. NULL: out of memory, or loop is NULL. A loop that closes
 * before the task has ended ends the future too: WEFT_ECLOSED. */
#define weft_run_coroutine_threadsafe(loop, call, ...)                                             \
    weft_run_coroutine_threadsafe_at(WEFT_HERE, loop, WEFT__CORO(call),                            \
                                     (weft_task_options){ __VA_ARGS__ })
weft_concurrent_future *weft_run_coroutine_threadsafe_at(weft_site *site, weft_loop *loop,
                                                         weft_coro coro, weft_task_options options)
    __attribute__((warn_unused_result));
/* Future.result(timeout): blocks the calling thread until the task has ended, for at most `timeout`
 * seconds, INFINITY for no limit. Returns its code, and with 0 copies the result, of `size` bytes,
 * to `out`, or nowhere if that is NULL. WEFT_ETIMEDOUT: not yet; ask again, or cancel.
 * WEFT_EDEADLOCK: asked by the loop's own thread before it is done. UV_EINVAL: another size. What
 * the result points to stays the future's, as with weft_result. */
int weft_concurrent_result(weft_concurrent_future *future, void *out, size_t size, double timeout);
/* The same, but it is moved out: free_result will not see it. */
int weft_concurrent_take(weft_concurrent_future *future, void *out, size_t size, double timeout);
/* Future.cancel: true when it is cancelled now, and at once; the task is asked to end. false: it
 * has ended already. */
#define weft_concurrent_cancel(future) weft_concurrent_cancel_at(WEFT_HERE, future)
bool weft_concurrent_cancel_at(weft_site *site, weft_concurrent_future *future);
bool weft_concurrent_done(weft_concurrent_future *future);
/* The error object of its failure; NULL if there is none yet, or it has only a code. Borrowed from
 * the future. */
const weft_error *weft_concurrent_error(weft_concurrent_future *future);

/* ---- Names and addresses: jobs of the loop's pool ---- */

typedef struct weft_getaddrinfo_options {
    int family;   /* AF_INET, AF_INET6; 0: both                                */
    int type;     /* SOCK_STREAM, SOCK_DGRAM; 0: each address once for each    */
    int protocol; /* IPPROTO_TCP …; 0: any                                     */
    int flags;    /* AI_PASSIVE, AI_NUMERICHOST, AI_CANONNAME …                */
} weft_getaddrinfo_options;
/* loop.getaddrinfo: host "example.org" or "127.0.0.1", service "80" or "http"; one of them may be
 * NULL. *found is yours to freeaddrinfo. 0, WEFT_ECANCELED, UV_EAI_NONAME and others of libuv's. */
#define weft_getaddrinfo(host, service, found, ...)                                                \
    weft_getaddrinfo_at(WEFT_HERE, host, service, found, (weft_getaddrinfo_options){ __VA_ARGS__ })
int weft_getaddrinfo_at(weft_site *site, const char *host, const char *service,
                        struct addrinfo **found, weft_getaddrinfo_options options);

typedef struct weft_name {
    char host[NI_MAXHOST], service[NI_MAXSERV];
} weft_name;
typedef struct weft_getnameinfo_options {
    int flags; /* NI_NUMERICHOST, NI_NUMERICSERV, NI_NAMEREQD … */
} weft_getnameinfo_options;
/* loop.getnameinfo: what an IPv4 or IPv6 address is called; in figures where it has no name, or the
 * flags say so. 0, WEFT_ECANCELED, UV_EINVAL for another family, UV_EAI_NONAME … */
#define weft_getnameinfo(address, name, ...)                                                       \
    weft_getnameinfo_at(WEFT_HERE, address, name, (weft_getnameinfo_options){ __VA_ARGS__ })
int weft_getnameinfo_at(weft_site *site, const struct sockaddr *address, weft_name *name,
                        weft_getnameinfo_options options);

/* ---- Files -------------------------------------------------------------------------------------
 * What aiofiles is taken for: open, read and write files and directories without blocking the loop.
 * Each operation is a job of the loop's pool, and a task awaits its end. 0, WEFT_ECANCELED, or
 * libuv's code: UV_ENOENT, UV_EISDIR, UV_ENOSPC …, whose error object names the path.
 *
 * One operation at a time on a file: others wait their turn, first come, first served. One that is
 * cancelled before its job has begun does nothing. After that
 *  - a read takes nothing: what its job still reads is there for the next, at the same position;
 *  - a write, a seek, a truncate, a flush, and what is done to paths, happens all the same, in
 * whole, before the next operation on that file begins; weft_file_tell says where that left it. */

/* open(): mode is Python's: "r", "w" (truncates), "a" (appends), "x" (must not exist yet), with "+"
 * for both; a "b" changes nothing: there is no text mode. *out is yours; its last unref closes it,
 * which then may block. UV_EINVAL for another mode. */
#define weft_file_open(path, mode, out) weft_file_open_at(WEFT_HERE, path, mode, out)
int weft_file_open_at(weft_site *site, const char *path, const char *mode, weft_file **out);
/* Bytes are borrowed from the file until the next read or readline on it has returned, and a NUL
 * lies behind them. Length 0 is the end of the file. What is read ahead does not suspend. */
/* read(n): max bytes, fewer only at the end; -1: everything; 0: nothing. */
#define weft_file_read(file, max, bytes) weft_file_read_at(WEFT_HERE, file, max, bytes)
int weft_file_read_at(weft_site *site, weft_file *file, ssize_t max, weft_bytes *out);
/* A line of any length with its newline; at the end of the file what there is, without one. */
#define weft_file_readline(file, bytes) weft_file_readline_at(WEFT_HERE, file, bytes)
int weft_file_readline_at(weft_site *site, weft_file *file, weft_bytes *out);
/* Everything, or an error: then some of it may be written, and the position is behind that. Nothing
 * is kept back in memory. The data is copied. */
#define weft_file_write(file, data, size) weft_file_write_at(WEFT_HERE, file, data, size)
int weft_file_write_at(weft_site *site, weft_file *file, const void *data, size_t size);
/* whence: SEEK_SET, SEEK_CUR, SEEK_END. *position: where it is then; or NULL. UV_ESPIPE for what
 * has no position. */
#define weft_file_seek(file, offset, whence, position)                                             \
    weft_file_seek_at(WEFT_HERE, file, offset, whence, position)
int weft_file_seek_at(weft_site *site, weft_file *file, int64_t offset, int whence,
                      int64_t *position);
#define weft_file_tell(file, position) weft_file_tell_at(WEFT_HERE, file, position)
int weft_file_tell_at(weft_site *site, weft_file *file, int64_t *position);
/* To `size` bytes, -1: to the position, which stays where it is. */
#define weft_file_truncate(file, size) weft_file_truncate_at(WEFT_HERE, file, size)
int weft_file_truncate_at(weft_site *site, weft_file *file, int64_t size);
/* os.fsync: what was written is on the disk. (Python's flush has nothing to do here.) */
#define weft_file_flush(file) weft_file_flush_at(WEFT_HERE, file)
int weft_file_flush_at(weft_site *site, weft_file *file);
/* Behind the operations under way; those that come later fail: WEFT_ECLOSED. Once, however it ends:
 * again it is 0. */
#define weft_file_close(file) weft_file_close_at(WEFT_HERE, file)
int weft_file_close_at(weft_site *site, weft_file *file);
/* Its descriptor, borrowed from the file; -1 once it is closed. */
int weft_file_fd(weft_file *file);
/* What it was opened as. Borrowed from the file. */
const char *weft_file_path(weft_file *file);

/* Everything in a file. *data: yours to free, with a NUL behind it; *size, or size NULL. */
#define weft_read_file(path, data, size) weft_read_file_at(WEFT_HERE, path, data, size)
int weft_read_file_at(weft_site *site, const char *path, char **data, size_t *size);
/* Makes or truncates the file. The data is copied. */
#define weft_write_file(path, data, size) weft_write_file_at(WEFT_HERE, path, data, size)
int weft_write_file_at(weft_site *site, const char *path, const void *data, size_t size);

/* os.stat, which follows symbolic links. */
#define weft_stat(path, status) weft_stat_at(WEFT_HERE, path, status)
int weft_stat_at(weft_site *site, const char *path, struct stat *status);
/* os.listdir: names without "." and "..", in no order, and a NULL behind them. *names: one block,
 * yours to free; *n, or n NULL. */
#define weft_listdir(path, names, n) weft_listdir_at(WEFT_HERE, path, names, n)
int weft_listdir_at(weft_site *site, const char *path, char ***names, size_t *n);
typedef struct weft_mkdir_options {
    mode_t mode; /* 0: 0777; less what the umask forbids */
} weft_mkdir_options;
#define weft_mkdir(path, ...) weft_mkdir_at(WEFT_HERE, path, (weft_mkdir_options){ __VA_ARGS__ })
int weft_mkdir_at(weft_site *site, const char *path, weft_mkdir_options options);
#define weft_rmdir(path) weft_rmdir_at(WEFT_HERE, path)
int weft_rmdir_at(weft_site *site, const char *path);
#define weft_unlink(path) weft_unlink_at(WEFT_HERE, path)
int weft_unlink_at(weft_site *site, const char *path);
/* os.rename: replaces what is called `to`. */
#define weft_rename(from, to) weft_rename_at(WEFT_HERE, from, to)
int weft_rename_at(weft_site *site, const char *from, const char *to);

#pragma GCC visibility pop

#endif
