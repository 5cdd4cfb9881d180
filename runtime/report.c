/* report.c: failures that nobody can be told otherwise: to the loop's exception handler, or the
 * log.
 */
#include "runtime/context.h"
#include "runtime/error.h"
#include "runtime/task.h"
#include <stdio.h>

void weft_loop_set_exception_handler(weft_loop *loop, weft_exception_handler *handler, void *arg)
{
    if (!loop)
        return;
    loop->handler = handler;
    loop->handler_arg = arg;
}

static void report_by_log(const char *message, const weft_error *error, weft_future *future)
{
    weft_site *site = future ? weft__future_site(future) : NULL;
    char created[512] = "";
    if (site)
        snprintf(created, sizeof created, " (created at %s:%u, in %s)", site->file, site->line,
                 site->func);
    if (error)
        weft_log("%s: %s: %s: %s%s", message, future ? weft_get_name(future) : "loop",
                 weft_err_name(weft_error_code(error)), weft_error_message(error), created);
    else
        weft_log("%s: %s%s", message, future ? weft_get_name(future) : "loop", created);
}

/* The handler runs outside any task, whosever stack it is on, so that it cannot suspend; but as in
 * asyncio with the values of the task that it is about. */
void weft__report(weft_loop *loop, const char *message, const weft_error *error,
                  weft_future *future)
{
    if (!loop->handler || loop->reporting) {
        report_by_log(message, error, future);
        return;
    }
    struct weft__task *current = loop->current;
    bool about_task = future && future->object.type == WEFT__TASK;
    struct weft__task *whose = about_task ? (struct weft__task *)future : current;
    struct weft__context **outer = whose ? weft__context_enter(&whose->context) : NULL;
    loop->current = NULL;
    loop->reporting = true;
    loop->handler(loop, message, error, future, loop->handler_arg);
    loop->reporting = false;
    loop->current = current;
    if (whose)
        weft__context_leave(outer);
}

void weft_loop_call_exception_handler(weft_loop *loop, const char *message, const weft_error *error,
                                      weft_future *future)
{
    if (loop)
        weft__report(loop, message ? message : "unhandled failure", error, future);
}
