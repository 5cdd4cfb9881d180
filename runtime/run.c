/* run.c: asyncio.run: a loop for one coroutine, and Runner's order of ending it. */
#include "runtime/error.h"
#include "runtime/generator.h"
#include "runtime/pool.h"
#include <stdlib.h>
#include <string.h>

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

/* Runner.close's order: tasks, then what only they could use, then threads. */
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
    int rc = weft_loop_run_until_complete(loop, task);
    if (rc == 0 && result && coro.result_size > 0)
        memcpy(result, weft_take_ptr(task, coro.result_size), coro.result_size);
    if (error)
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
    return rc < 0 ? 1 : 0;
}
