/* ps.c: `weft ps`: the traced processes; or a process's tasks, from its live tables.
 *
 *      runtime directory --> a row for each process: what hangs in it, in a word
 *      PID --> look.c --> loops that are held, circles, tasks (tasklist.c)
 *
 * Nothing is asked of a program: one whose loop is held is told of like any other. */
#include "app/cli/crowd.h"
#include "app/cli/failure.h"
#include "app/cli/input.h"
#include "app/cli/jsontext.h"
#include "app/cli/look.h"
#include "app/cli/output.h"
#include "app/cli/quantity.h"
#include "app/cli/table.h"
#include "app/cli/tasklist.h"
#include "tracer/model/model.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINES_AROUND = 8, CIRCLES_SHOWN = 5, CROWDS_SHOWN = 5 };

struct settings {
    gboolean json;
    gint64 watch_ns; /* 0: once */
    const char *sort, *state, *color;
    guint64 top;
};
static const struct settings defaults = { .color = "auto", .top = G_MAXUINT64 };

static const struct option options[] = {
    { "watch", 'w', OPTION_SECONDS, "[=SECONDS]", "again and again (default: every 2 seconds)",
      G_STRUCT_OFFSET(struct settings, watch_ns), .positive = TRUE, .otherwise = "2" },
    { "state", 0, OPTION_TEXT, "STATE[,STATE…]", "only tasks in these states",
      G_STRUCT_OFFSET(struct settings, state) },
    { "sort", 's', OPTION_CHOICE, "state|since|name|created", "in this order (default: state)",
      G_STRUCT_OFFSET(struct settings, sort) },
    { "top", 'n', OPTION_COUNT, "N", "at most N tasks, 0 for all (default: 40; all with --json)",
      G_STRUCT_OFFSET(struct settings, top) },
    { "json", 0, OPTION_FLAG, NULL, "print a JSON object instead, on a line",
      G_STRUCT_OFFSET(struct settings, json) },
    OPTION_COLOR(struct settings),
    { 0 },
};

struct view { /* what a sample is printed with */
    const struct settings *settings;
    guint states;
    guint64 top;
    gboolean colour, on_screen; /* over and over, at the same place of a terminal */
};

/* ---- All processes ---- */

static char *age_text(gint64 age_ns)
{
    return age_ns < 0 ? g_strdup("–") : weft_format_duration(age_ns);
}

static void add_process_row(table *t, guint64 pid)
{
    struct weft_look look;
    GError *error = NULL;
    table_add(t, g_strdup_printf("%" G_GUINT64_FORMAT, pid));
    if (!weft_look_at(pid, &look, &error)) { /* it has ended since it was found */
        table_add(t, g_strdup("gone"));
        for (guint i = 0; i < 2; i++)
            table_add(t, g_strdup("–"));
        table_add(t, g_strdup(""));
        table_add(t, g_strdup(error->message));
        g_error_free(error);
        return;
    }
    char *why;
    guint n;
    weft_state_tasks(look.moment.state, &n);
    table_add(t, g_strdup(look_word(&look, &why)));
    table_add(t, age_text(look_age_ns(&look)));
    table_add(t, quantity_format_count(n));
    table_add(t, look_program_text(look_source(&look)->program));
    table_add(t, why ? why : g_strdup(""));
    weft_look_clear(&look);
}

static void add_process_json(GString *json, guint64 pid)
{
    struct weft_look look;
    jsontext_open(json, NULL, '{');
    jsontext_number(json, "pid", (gint64)pid);
    GError *error = NULL;
    if (!weft_look_at(pid, &look, &error)) {
        jsontext_text(json, "state", "gone");
        jsontext_text(json, "why", error->message);
        jsontext_close(json, '}');
        g_error_free(error);
        return;
    }
    char *why;
    guint64 counts[WEFT_STATES];
    gint64 age = look_age_ns(&look);
    jsontext_text(json, "program", look_source(&look)->program);
    jsontext_text(json, "state", look_word(&look, &why));
    jsontext_text(json, "why", why);
    jsontext_number_or_null(json, "age_ns", age, age >= 0);
    tasklist_count(look.moment.state, counts);
    jsontext_open(json, "tasks", '{');
    for (guint i = 0; i < WEFT_STATES; i++)
        jsontext_number(json, weft_task_state_name(i), (gint64)counts[i]);
    jsontext_close(json, '}');
    jsontext_close(json, '}');
    g_free(why);
    weft_look_clear(&look);
}

/* Of this user, newest first; a process that became another program left a segment for each. */
static GArray *find_pids(void)
{
    GArray *pids = g_array_new(FALSE, FALSE, sizeof(guint64));
    GHashTable *known = g_hash_table_new(g_int64_hash, g_int64_equal);
    GArray *processes = weft_live_processes();
    for (guint i = 0; i < processes->len; i++) {
        struct weft_live_process *process = &g_array_index(processes, struct weft_live_process, i);
        if (g_hash_table_add(known, &process->pid))
            g_array_append_val(pids, process->pid);
    }
    g_hash_table_unref(known);
    g_array_unref(processes);
    return pids;
}

static void list_processes(const struct view *view)
{
    GArray *pids = find_pids();
    if (view->settings->json) {
        GString *json = g_string_new(NULL);
        jsontext_open(json, NULL, '{');
        jsontext_open(json, "processes", '[');
        for (guint i = 0; i < pids->len; i++)
            add_process_json(json, g_array_index(pids, guint64, i));
        jsontext_close(json, ']');
        jsontext_close(json, '}');
        puts(json->str);
        g_string_free(json, TRUE);
    } else if (pids->len == 0) {
        puts("No process is traced: those linked with libweft are, unless WEFT_TRACE=off.");
    } else {
        table *t = table_new(">PID|STATE|>FOR?2|>TASKS?1|PROGRAM|WHY");
        if (view->on_screen)
            table_set_one_line(t);
        for (guint i = 0; i < pids->len; i++)
            add_process_row(t, g_array_index(pids, guint64, i));
        table_print(t, stdout, view->colour);
        table_free(t);
    }
    g_array_unref(pids);
}

/* ---- One process ---- */

/* Takes `text`. */
static void print_sentence(const char *before, char *text, const char *colour,
                           const struct view *view)
{
    output_sentence(before, text, view->colour ? colour : NULL);
    g_free(text);
}

static void print_circles(const struct weft_moment *m, const struct view *view)
{
    GPtrArray *circles = weft_waits_circles(m->state, 0);
    for (guint i = 0; i < MIN(circles->len, CIRCLES_SHOWN); i++) {
        const struct weft_waits_circle *circle = circles->pdata[i];
        gboolean deadlock = circle->until_mono_ns == 0;
        print_sentence(deadlock ? "deadlock: " : "until a timeout: ", weft_moment_circle(m, circle),
                       deadlock ? "1;31" : "33", view);
    }
    if (circles->len > CIRCLES_SHOWN)
        printf("… and %u more circles (weft tree shows all)\n", circles->len - CIRCLES_SHOWN);
    g_ptr_array_unref(circles);
}

static void print_crowds(const struct weft_moment *m, const struct view *view)
{
    g_autoptr(GArray) crowds = crowds_at(m);
    for (guint i = 0; i < MIN(crowds->len, CROWDS_SHOWN); i++)
        print_sentence("", crowd_text(m, &g_array_index(crowds, struct crowd, i)), "33", view);
    if (crowds->len > CROWDS_SHOWN)
        printf("… and %u more that many wait for\n", crowds->len - CROWDS_SHOWN);
}

static void print_head(const struct weft_look *look, const struct view *view)
{
    print_sentence("", look_head_text(look), "1", view);
    for (uint32_t ring = 0; ring < weft_state_n_rings(look->moment.state); ring++) {
        char *text = weft_moment_loop(&look->moment, ring);
        if (text)
            print_sentence("", text, "33", view);
    }
    print_circles(&look->moment, view);
    print_crowds(&look->moment, view);
}

static void add_loops(GString *json, const struct weft_moment *m)
{
    jsontext_open(json, "loops", '[');
    for (uint32_t ring = 0; ring < weft_state_n_rings(m->state); ring++) {
        guint ready;
        gint64 since = 0;
        uint64_t id = weft_state_running(m->state, ring);
        const struct weft_task_at *task = id ? weft_state_task(m->state, id) : NULL;
        gboolean polls = weft_state_polling(m->state, ring, &since);
        weft_state_ready(m->state, ring, &ready);
        if (!task && !polls && ready == 0)
            continue;
        jsontext_open(json, NULL, '{');
        jsontext_number(json, "ring", ring);
        jsontext_text(json, "does", task ? "runs" : polls ? "polls" : "other");
        jsontext_id(json, "task", task ? id : 0);
        since = task ? task->since_ns : since;
        jsontext_number_or_null(json, "for_ns", MAX(0, m->now_ns - since), task || polls);
        jsontext_number(json, "ready", ready);
        jsontext_close(json, '}');
    }
    jsontext_close(json, ']');
}

static void print_json(const struct weft_look *look, const struct tasklist *list)
{
    guint64 tasks, objects;
    GString *json = g_string_new(NULL);
    jsontext_open(json, NULL, '{');
    jsontext_number(json, "pid", (gint64)look_source(look)->pid);
    jsontext_text(json, "program", look_source(look)->program);
    char *why;
    jsontext_text(json, "state", look_word(look, &why));
    jsontext_text(json, "why", why);
    g_free(why);
    jsontext_number_or_null(json, "age_ns", look_age_ns(look), !look->ended);
    weft_live_unlisted(look->live, &tasks, &objects);
    jsontext_number(json, "unlisted_tasks", (gint64)tasks);
    add_loops(json, &look->moment);
    jsontext_open(json, "circles", '[');
    GPtrArray *circles = weft_waits_circles(look->moment.state, 0);
    for (guint i = 0; i < circles->len; i++)
        tasklist_add_circle(json, &look->moment, circles->pdata[i]);
    g_ptr_array_unref(circles);
    jsontext_close(json, ']');
    crowds_add_json(json, &look->moment);
    jsontext_number(json, "matching", list->all);
    jsontext_open(json, "tasks", '[');
    for (guint i = 0; i < list->tasks->len; i++) {
        tasklist_open_json(json, &look->moment, list->tasks->pdata[i]);
        jsontext_close(json, '}');
    }
    jsontext_close(json, ']');
    jsontext_close(json, '}');
    puts(json->str);
    g_string_free(json, TRUE);
}

/* *ended: there is no more to see. */
static int list_tasks(guint64 pid, const struct view *view, gboolean *ended)
{
    struct weft_look look;
    GError *error = NULL;
    if (!weft_look_at(pid, &look, &error))
        return failure_error(error);
    *ended = look.ended;
    const char *sort = view->settings->sort ? view->settings->sort : "state";
    struct tasklist list = tasklist_choose(&look.moment, view->states, sort, view->top);
    if (view->settings->json) {
        print_json(&look, &list);
    } else {
        print_head(&look, view);
        tasklist_print(&list, &look.moment, view->on_screen, view->colour);
    }
    tasklist_clear(&list);
    weft_look_clear(&look);
    return EXIT_DONE;
}

/* ---- All ---- */

static guint64 how_many(const struct settings *settings, guint lines)
{
    if (settings->top != G_MAXUINT64)
        return settings->top;
    if (settings->json)
        return 0;
    return settings->watch_ns && lines > LINES_AROUND ? lines - LINES_AROUND : 40;
}

static int show(const struct settings *settings, const guint64 *pid, guint states)
{
    int code;
    gboolean ended = FALSE, colour = output_has_colour(settings->color);
    do {
        guint columns, lines;
        struct view view = { .settings = settings, .states = states, .colour = colour };
        output_size(&columns, &lines);
        view.top = how_many(settings, lines);
        view.on_screen = settings->watch_ns && isatty(STDOUT_FILENO) && !settings->json;
        if (view.on_screen)
            fputs("\033[H\033[J", stdout); /* over what was there */
        code = EXIT_DONE;
        if (pid)
            code = list_tasks(*pid, &view, &ended);
        else
            list_processes(&view);
        fflush(stdout);
        if (!settings->watch_ns || code != EXIT_DONE || ended || output_is_broken())
            break;
        g_usleep((gulong)(settings->watch_ns / 1000));
    } while (TRUE);
    return code;
}

static int run(const void *opaque, char **operands)
{
    const struct settings *settings = opaque;
    guint states = (1u << WEFT_STATES) - 1;
    guint64 pid;
    if (settings->state) {
        char *wrong;
        states = tasklist_parse_states(settings->state, &wrong);
        int code = states ? EXIT_DONE
                          : failure_usage(&ps_verb, "there is no state '%s': there are %s", wrong,
                                          tasklist_states);
        g_free(wrong);
        if (!states)
            return code;
    }
    const char *of_tasks = settings->state                ? "--state"
                           : settings->sort               ? "--sort"
                           : settings->top != G_MAXUINT64 ? "--top"
                                                          : NULL;
    if (!operands[0] && of_tasks)
        return failure_usage(&ps_verb, "%s is for the tasks of a process: PID is missing",
                             of_tasks);
    if (!operands[0])
        return show(settings, NULL, states);
    if (!quantity_parse_count(operands[0], &pid) || pid == 0)
        return input_no_pid(&ps_verb, operands[0]);
    return show(settings, &pid, states);
}

const struct verb ps_verb = {
    .name = "ps",
    .usage = "[PID] [OPTION…]",
    .summary = "List the traced processes, or what each task of one awaits",
    .details = "Without PID: every process of yours that is linked with libweft, and those that\n"
               "died and left their tables. With it: its tasks, what each awaits, who holds that,\n"
               "where, and for how long; and who holds a loop. The program is asked for nothing,\n"
               "so one that is stuck, or dead, answers as well.",
    .options = options,
    .settings_size = sizeof(struct settings),
    .defaults = &defaults,
    .max_operands = 1,
    .run = run,
};
