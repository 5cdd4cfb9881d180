/* run.c: asyncio.run: a loop for one coroutine, SIGINT, and Runner's order of ending it all
 * (Lib/asyncio/runners.py). */
#include "runtime/error.h"
#include "runtime/generator.h"
#include "runtime/pool.h"
#include "runtime/signals.h"
#include "runtime/task.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* ---- The end ---- */

void weft__see_ended(weft_loop *loop, weft_task **tasks, size_t n, const char *message)
{
    if (n > 0) {
        weft_future *all = weft_gather_all(tasks, n, .return_errors = true);
        weft_loop_run_until_complete(loop, all);
        weft_unref(all);
    }
    for (size_t i = 0; i < n; i++) {
        if (tasks[i]->state == WEFT__FAILED)
            weft__report(loop, message, weft_future_error(tasks[i]), tasks[i]);
        weft_unref(tasks[i]);
    }
}

static void cancel_all_tasks(weft_loop *loop)
{
    size_t n = weft_all_tasks(loop, NULL, 0);
    weft_task **tasks = n > 0 ? calloc(n, sizeof *tasks) : NULL;
    if (!tasks)
        return;
    weft_all_tasks(loop, tasks, n);
    for (size_t i = 0; i < n; i++)
        weft_cancel(tasks[i]);
    weft__see_ended(loop, tasks, n, "unhandled failure during shutdown");
    free(tasks);
}

/* Runner.close's order: tasks, then what only they could use, then threads. Each step runs the loop
 * for as long as it needs. */
void weft_loop_shutdown(weft_loop *loop)
{
    if (!loop || loop->running || loop->closed)
        return;
    weft_loop *before = weft__loop;
    weft__loop = loop;
    cancel_all_tasks(loop);
    weft__generators_shutdown(loop);
    weft__pool_shutdown_running(loop);
    weft__loop = before;
}

/* ---- SIGINT ---- */

struct interrupt {
    weft_task *task;
    weft_site *site;
    bool delivered;
};

static void on_sigint(void *arg)
{
    struct interrupt *interrupt = arg;
    weft_task *task = interrupt->task;
    interrupt->delivered = weft__cancel(task, interrupt->site, NULL, WEFT_WAKE_CANCEL,
                                        weft__sigint_id(task->loop));
}

/* What run() returns after a SIGINT. Python's handler cancels a running task at once; here a task
 * that runs to its end without the loop is not asked any more, but is cancelled all the same: a
 * cancelled task's result is discarded, its failure is not. */
static int interrupted(const struct interrupt *interrupt, int rc)
{
    if (rc == WEFT_ECANCELED)
        return weft_uncancel_at(interrupt->site, interrupt->task) == 0 ? WEFT_EINTERRUPTED : rc;
    return rc == 0 && !interrupt->delivered ? WEFT_EINTERRUPTED : rc;
}

/* As the interpreter does after a KeyboardInterrupt that nobody caught: whoever started the program
 * sees that SIGINT ended it; a shell then stops its script. */
static int die_of_sigint(void)
{
    sigset_t sigint;
    sigemptyset(&sigint);
    sigaddset(&sigint, SIGINT);
    fflush(NULL);
    weft_probe_stop_by_signal(SIGINT);
    sigaction(SIGINT, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
    pthread_sigmask(SIG_UNBLOCK, &sigint, NULL);
    raise(SIGINT);
    return 128 + SIGINT;
}

/* ---- Running ---- */

/* weft_run, which also hands out the error object: a reference, or NULL. */
static int run(weft_site *site, weft_coro coro, void *result, weft_run_options options,
               weft_error **error)
{
    if (weft_running_loop())
        return UV_EBUSY;
    weft_loop *loop = weft_loop_new(options);
    if (!loop)
        return UV_ENOMEM;
    weft_task *task = weft__task_new(loop, site, coro, (weft_task_options){ 0 });
    struct interrupt interrupt = { .task = task, .site = site };
    weft__sigint_watch(loop, site, on_sigint, &interrupt);
    int rc = weft_loop_run_until_complete(loop, task);
    if (weft__sigint_unwatch(loop))
        rc = interrupted(&interrupt, rc);
    if (rc == 0 && result && coro.result_size > 0)
        memcpy(result, weft_take_ptr(task, coro.result_size), coro.result_size);
    if (error && rc != WEFT_EINTERRUPTED)
        *error = weft_ref(task->error);
    weft_loop_shutdown(loop);
    weft_unref(task);
    weft_loop_close(loop);
    return rc;
}

int weft_run_coro(weft_site *site, weft_coro coro, void *result, weft_run_options options)
{
    return run(site, coro, result, options, NULL);
}

int weft_main_coro(weft_site *site, weft_coro coro, weft_run_options options)
{
    weft_error *error = NULL;
    int rc = run(site, coro, NULL, options, &error);
    if (rc < 0 && error)
        weft_error_print(error, stderr);
    else if (rc < 0)
        fprintf(stderr, "%s: %s\n", weft_err_name(rc), weft_strerror(rc));
    weft_unref(error);
    if (rc == WEFT_EINTERRUPTED)
        return die_of_sigint();
    return rc < 0 ? 1 : 0;
}
