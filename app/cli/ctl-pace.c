/* ctl-pace.c: `weft ctl PID pause|resume|step|slow FACTOR|cancel TASK`: one connection to the
 * program's control socket (probe/command.h), kept for as long as what it asks for is to hold.
 *
 *      names of tasks --live tables--> an id --"cancel task:0:17"--> the task's loop */
#include "app/cli/ctl.h"
#include "app/cli/entity.h"
#include "app/cli/look.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/quantity.h"
#include "tracer/trace/controller.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { FACTOR_MAX = 10000 };

static const gint64 ANSWER =
    1000000000; /* ns: a loop that polls answers sooner; later, it is said */

/* ---- Asking ---- */

/* Ctrl+C and the like are waited for, not died of. */
static sigset_t hold_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return set;
}

static gboolean told_to_end(const sigset_t *signals, long ms)
{
    struct timespec wait = { ms / 1000, ms % 1000 * 1000000 };
    return sigtimedwait(signals, NULL, &wait) > 0;
}

/* Asks, and waits for the answer for as long as it takes: *ended when the user does not any more.
 */
static gboolean ask(weft_controller *controller, const struct ctl_request *request,
                    const char *command, const sigset_t *signals, char **answer, gboolean *ended,
                    GError **error)
{
    GError *problem = NULL;
    gboolean said = FALSE;
    *ended = FALSE;
    if (weft_controller_command(controller, command, ANSWER, answer, &problem))
        return TRUE;
    while (g_error_matches(problem, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NO_ANSWER)) {
        g_clear_error(&problem);
        if (!said)
            output_message("process %" G_GUINT64_FORMAT
                           " does not answer: none of its loops polls; "
                           "it does as it is told when one does (Ctrl+C: weft waits no longer)",
                           request->pid);
        said = TRUE;
        *ended = told_to_end(signals, 0);
        if (*ended)
            return TRUE;
        if (weft_controller_receive(controller, ANSWER / 4, answer, &problem))
            return TRUE;
    }
    g_propagate_error(error, problem);
    return FALSE;
}

/* ---- Pace ---- */

static char *command_of(const struct ctl_request *request, const char *name, const char *argument)
{
    GString *text = g_string_new(name);
    if (argument)
        g_string_append_printf(text, " %s", argument);
    if (request->loop >= 0)
        g_string_append_printf(text, " %" G_GINT64_FORMAT, request->loop);
    return g_string_free(text, FALSE);
}

/* Until its pace begins with `wanted`; `while_it_is`: until it does not any more. */
static gboolean wait_for_pace(weft_controller *controller, const struct ctl_request *request,
                              const char *wanted, gboolean while_it_is, long ms,
                              const sigset_t *signals, gboolean *ended, GError **error)
{
    g_autofree char *command = command_of(request, "pace", NULL);
    do {
        g_autofree char *pace = NULL;
        if (!ask(controller, request, command, signals, &pace, ended, error))
            return FALSE;
        if (*ended || g_str_has_prefix(pace, wanted) != while_it_is)
            return TRUE;
    } while (!(*ended = told_to_end(signals, ms)));
    return TRUE;
}

/* Keeps the connection until Ctrl+C: it is what holds the program. */
static gboolean hold(weft_controller *controller, const struct ctl_request *request,
                     const sigset_t *signals, GError **error)
{
    gboolean ended, pauses = strcmp(request->command, "pause") == 0;
    if (pauses &&
        (!wait_for_pace(controller, request, "pausing", TRUE, 20, signals, &ended, error) || ended))
        return *error == NULL;
    if (pauses)
        printf("process %" G_GUINT64_FORMAT " is paused until Ctrl+C\n", request->pid);
    else
        printf("process %" G_GUINT64_FORMAT " is slowed %s times until Ctrl+C\n", request->pid,
               request->argument);
    fflush(stdout);
    /* What is slowed and paused is still slowed. */
    if (!wait_for_pace(controller, request, pauses ? "paus" : "running", pauses, 250, signals,
                       &ended, error))
        return FALSE;
    if (!ended)
        output_message("process %" G_GUINT64_FORMAT " goes on: somebody else said so",
                       request->pid);
    return TRUE;
}

static gboolean do_pace(weft_controller *controller, const struct ctl_request *request,
                        gboolean holds, GError **error)
{
    gboolean ended;
    sigset_t signals = hold_signals();
    g_autofree char *command = command_of(request, request->command, request->argument);
    if (!ask(controller, request, command, &signals, NULL, &ended, error))
        return FALSE;
    if (ended)
        return TRUE;
    if (holds)
        return hold(controller, request, &signals, error);
    return strcmp(request->command, "step") != 0 ||
           wait_for_pace(controller, request, "pausing", TRUE, 20, &signals, &ended, error);
}

int ctl_pace(const struct ctl_request *request)
{
    GError *error = NULL;
    guint64 factor = 0;
    if (strcmp(request->command, "slow") == 0 &&
        (!quantity_parse_count(request->argument, &factor) || factor < 1 || factor > FACTOR_MAX))
        return failure_usage(&ctl_verb, "'%s' is no factor: a number from 1 to %d is needed",
                             request->argument, FACTOR_MAX);
    gboolean holds = strcmp(request->command, "pause") == 0 || factor > 1;
    g_autoptr(weft_controller) controller = weft_controller_open(request->pid, &error);
    if (!controller || !do_pace(controller, request, holds, &error))
        return failure_error(error);
    return EXIT_DONE;
}

/* ---- Cancelling ---- */

/* "task:0:2, task:0:5", of a few. */
static char *list_ids(const GArray *tasks)
{
    enum { SHOWN = 5 };
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < MIN(tasks->len, SHOWN); i++) {
        char id[48];
        entity_format(g_array_index(tasks, guint64, i), id);
        g_string_append_printf(text, "%s%s", i ? ", " : "", id);
    }
    if (tasks->len > SHOWN)
        g_string_append(text, " …");
    return g_string_free(text, FALSE);
}

/* The tasks that live and are called so, or have this id; the names of all, to say which may have
 * been meant; *done: there is one, but it has ended. */
static GArray *find_tasks(const struct weft_moment *m, const char *text, GPtrArray *names,
                          gboolean *done)
{
    guint n;
    guint64 id = 0;
    entity_parse(text, &id);
    GArray *found = g_array_new(FALSE, FALSE, sizeof(guint64));
    const struct weft_task_at *const *tasks = weft_state_tasks(m->state, &n);
    *done = FALSE;
    for (guint i = 0; i < n; i++) {
        char *name = weft_moment_name(m, tasks[i]->id);
        g_ptr_array_add(names, name);
        guint64 at = tasks[i]->id;
        if (at != id && strcmp(name, text) != 0)
            continue;
        if (tasks[i]->state == WEFT_STATE_DONE)
            *done = TRUE;
        else
            g_array_append_val(found, at);
    }
    g_ptr_array_add(names, NULL);
    return found;
}

static int no_such_task(const struct ctl_request *request, const GPtrArray *names, gboolean done,
                        const struct weft_look *look)
{
    const char *text = request->argument;
    if (done)
        return failure_usage(&ctl_verb, "task '%s' has ended already", text);
    const char *nearest = options_nearest(text, (const char *const *)names->pdata);
    if (nearest)
        return failure_usage(&ctl_verb, "the program has no task '%s' just now; did you mean '%s'?",
                             text, nearest);
    g_autofree char *counts = look_counts_text(look);
    return failure_usage(&ctl_verb,
                         "the program has no task '%s' just now: weft ps %" G_GUINT64_FORMAT
                         " lists its tasks (%s)",
                         text, request->pid, counts);
}

/* EXIT_DONE: there is one such task. */
static int resolve(const struct ctl_request *request, guint64 *id)
{
    struct weft_look look;
    gboolean done;
    GError *error = NULL;
    if (!weft_look_at(request->pid, &look, &error))
        return failure_error(error);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) tasks = find_tasks(&look.moment, request->argument, names, &done);
    int code = EXIT_DONE;
    if (look.ended) {
        output_message("process %" G_GUINT64_FORMAT " has ended", request->pid);
        code = EXIT_SYSTEM;
    } else if (tasks->len == 0) {
        code = no_such_task(request, names, done, &look);
    } else if (tasks->len > 1) {
        g_autofree char *ids = list_ids(tasks);
        code = failure_usage(&ctl_verb, "%u tasks are called '%s': say which by its id (%s)",
                             tasks->len, request->argument, ids);
    } else {
        *id = g_array_index(tasks, guint64, 0);
    }
    weft_look_clear(&look);
    return code;
}

int ctl_cancel(const struct ctl_request *request)
{
    guint64 id = 0;
    char text[48];
    gboolean ended;
    GError *error = NULL;
    int code = resolve(request, &id);
    if (code != EXIT_DONE)
        return code;
    entity_format(id, text);
    g_autofree char *command = g_strconcat("cancel ", text, NULL);
    g_autoptr(weft_controller) controller = weft_controller_open(request->pid, &error);
    sigset_t signals = hold_signals();
    if (!controller || !ask(controller, request, command, &signals, NULL, &ended, &error))
        return failure_error(error);
    return EXIT_DONE;
}
