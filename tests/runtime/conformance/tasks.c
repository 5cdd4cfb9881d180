/* tasks.c: verbs of tasks, futures and callbacks. */
#include "interpreter.h"
#include "runtime/future.h"
#include <limits.h>
#include <string.h>

static const char *said_bool(bool value)
{
    return value ? "true" : "false";
}

/* ---- Tasks ---- */

/* task [work()] [name "…"] [eager]: what of it there is to create. */
static struct body *read_task(struct step *step, weft_task_options *options)
{
    struct statement *block = step->statement->body;
    for (char **word = step->word + 1; *word; word++) {
        if (strcmp(*word, "eager") == 0)
            options->eager = true;
        else if (strcmp(*word, "name") == 0)
            options->name = *++word;
        else
            block = scenario_find(step->run->scenario, *word)->body;
    }
    return body_new(step->run, step->statement->target, block);
}

/* NAME = task … */
static int task(struct step *step)
{
    weft_task_options options = { 0 };
    struct body *body = read_task(step, &options);
    weft_task *made = weft_create_task_at(WEFT_HERE, weft_coro(run_body(body)), options);
    put_object(step->run, step->statement->target, FUTURE)->future = made;
    return 0;
}

/* NAME = GROUP.task …: one that cannot be made has failed already. */
static int group_task(struct step *step)
{
    weft_task_options options = { 0 };
    weft_task_group *group = step->object->group;
    struct body *body = read_task(step, &options);
    weft_task *made = weft_group_create_task_at(WEFT_HERE, group, weft_coro(run_body(body)),
                                                options);
    if (weft_done(made) && weft_status(made) == WEFT_ECLOSED)
        return UV_EINVAL; /* RuntimeError */
    put_object(step->run, step->statement->target, FUTURE)->future = weft_ref(made);
    return 0;
}

static int cancel(struct step *step)
{
    bool asked = weft_cancel_at(WEFT_HERE, step->object->future, step->word[1]);
    g_string_append(step->said, said_bool(asked));
    return 0;
}

static int uncancel(struct step *step)
{
    g_string_append_printf(step->said, "%d", weft_uncancel(step->object->future));
    return 0;
}

static int cancelling(struct step *step)
{
    g_string_append_printf(step->said, "%d", weft_cancelling(step->object->future));
    return 0;
}

static int get_name(struct step *step)
{
    g_string_append(step->said, weft_get_name(step->object->future));
    return 0;
}

static int set_name(struct step *step)
{
    weft_set_name(step->object->future, step->word[1]);
    return 0;
}

/* ---- Futures ---- */

static int done(struct step *step)
{
    g_string_append(step->said, said_bool(weft_done(step->object->future)));
    return 0;
}

static int cancelled(struct step *step)
{
    g_string_append(step->said, said_bool(weft_cancelled(step->object->future)));
    return 0;
}

static int result(struct step *step)
{
    if (weft_status(step->object->future) == WEFT_EINVALSTATE)
        return WEFT_EINVALSTATE;
    if (weft_status(step->object->future) < 0)
        write_failure(step->said, weft_status(step->object->future), step->object->future->error);
    else
        write_state(step->said, step->object->future);
    return 0;
}

static int set_result(struct step *step)
{
    return weft_set_result(step->object->future, number(step->run, step->word[1]));
}

static int set_error(struct step *step)
{
    return weft_set_error(step->object->future, code_of(step->word[1]));
}

/* ---- Callbacks ---- */

static void run_done_callback(weft_future *future, void *body)
{
    (void)future;
    run_callback(body);
}

static int add_done_callback(struct step *step)
{
    struct body *body = body_new(step->run, step->statement->target, step->statement->body);
    put_object(step->run, step->statement->target, CALLBACK)->callback = body;
    return weft_add_done_callback(step->object->future, run_done_callback, body);
}

static int remove_done_callback(struct step *step)
{
    struct body *body = need_object(step->run, step->word[1], CALLBACK)->callback;
    int removed = weft_remove_done_callback(step->object->future, run_done_callback, body);
    g_string_append_printf(step->said, "%d", removed);
    return 0;
}

static int keep_handle(struct step *step, weft_handle *handle)
{
    put_object(step->run, step->statement->target, HANDLE)->handle = weft_ref(handle);
    return 0;
}

static struct body *callback_of(struct step *step)
{
    return body_new(step->run, step->statement->target, step->statement->body);
}

static int call_soon(struct step *step)
{
    struct body *body = callback_of(step);
    return keep_handle(step, weft_call_soon(run_callback, body));
}

static int call_soon_threadsafe(struct step *step)
{
    return weft_call_soon_threadsafe(step->run->loop, run_callback, callback_of(step));
}

static int call_later(struct step *step)
{
    struct body *body = callback_of(step);
    double seconds = duration(step->run, step->word[1]);
    return keep_handle(step, weft_call_later(seconds, run_callback, body));
}

static int call_at(struct step *step)
{
    struct body *body = callback_of(step);
    double when = moment(step->run, step->word[1]);
    return keep_handle(step, weft_call_at(when, run_callback, body));
}

static int cancel_handle(struct step *step)
{
    weft_handle_cancel(step->object->handle);
    return 0;
}

/* ---- Timeouts ---- */

static int expired(struct step *step)
{
    g_string_append(step->said, said_bool(weft_timeout_expired(step->object->timeout)));
    return 0;
}

static int when(struct step *step)
{
    write_moment(step->run, step->said, weft_timeout_when(step->object->timeout));
    return 0;
}

/* libweft's timeout is gone with its body; Python's says that it is over. */
static int reschedule(struct step *step)
{
    if (step->object->timeout == &step->object->left)
        return WEFT_EINVALSTATE;
    return weft_timeout_reschedule(step->object->timeout, moment(step->run, step->word[1]));
}

const struct function task_functions[] = {
    { "task", task },
    { "call_soon", call_soon },
    { "call_soon_threadsafe", call_soon_threadsafe },
    { "call_later", call_later },
    { "call_at", call_at },
    { NULL, NULL },
};

const struct method task_methods[] = {
    { FUTURE, "cancel", cancel },
    { FUTURE, "uncancel", uncancel },
    { FUTURE, "cancelling", cancelling },
    { FUTURE, "get_name", get_name },
    { FUTURE, "set_name", set_name },
    { FUTURE, "done", done },
    { FUTURE, "cancelled", cancelled },
    { FUTURE, "result", result },
    { FUTURE, "set_result", set_result },
    { FUTURE, "set_error", set_error },
    { FUTURE, "add_done_callback", add_done_callback },
    { FUTURE, "remove_done_callback", remove_done_callback },
    { HANDLE, "cancel", cancel_handle },
    { GROUP, "task", group_task },
    { TIMEOUT, "expired", expired },
    { TIMEOUT, "when", when },
    { TIMEOUT, "reschedule", reschedule },
    { 0, NULL, NULL },
};
