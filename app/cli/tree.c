/* tree.c: `weft tree`: who awaits whom, or who created whom: of a live process, of a dead one's
 * tables, or at a moment of a trace. What the tree is: tree.h. */
#include "app/cli/tree.h"
#include "app/cli/failure.h"
#include "app/cli/input.h"
#include "app/cli/jsontext.h"
#include "app/cli/look.h"
#include "app/cli/output.h"
#include "app/cli/quantity.h"
#include "app/cli/range.h"
#include "app/cli/table.h"
#include "app/cli/tasklist.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_DEPTH = 40, TEXT_TOP = 40 };

struct settings {
    gint64 at_ns; /* less than 0: at the end */
    const char *by, *color;
    guint64 depth, top;
    gboolean json;
};
static const struct settings defaults = {
    .at_ns = -1, .by = "await", .color = "auto", .depth = G_MAXUINT64, .top = G_MAXUINT64
};

static const struct option options[] = {
    { "at", 0, OPTION_MOMENT, "T", "at this moment of the trace (default: its end)",
      G_STRUCT_OFFSET(struct settings, at_ns) },
    { "by", 0, OPTION_CHOICE, "await|parent", "below a task what it awaits, or created",
      G_STRUCT_OFFSET(struct settings, by) },
    { "depth", 'd', OPTION_COUNT, "N", "at most N levels, 0 for all (default: 40; all with --json)",
      G_STRUCT_OFFSET(struct settings, depth) },
    { "top", 'n', OPTION_COUNT, "N", "at most N tasks below one, 0 for all (default: as --depth)",
      G_STRUCT_OFFSET(struct settings, top) },
    { "json", 0, OPTION_FLAG, NULL, "print a JSON object instead, on a line",
      G_STRUCT_OFFSET(struct settings, json) },
    OPTION_COLOR(struct settings),
    { 0 },
};

/* ---- Text ---- */

enum { BELOW = 2, NARROWEST = 20 }; /* columns: of what goes on below a line */

struct text {
    const struct weft_moment *moment;
    guint columns;
    gboolean colour, in_circle;
};

/* Where a line with these rails goes on below: its own rails, and those of what is above it. */
static char *rails_below(const GArray *rails)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < rails->len; i++)
        g_string_append(text, g_array_index(rails, gboolean, i) ? "│   " : "    ");
    return g_string_free(text, FALSE);
}

/* Takes `line`, which begins with its rails. What does not fit goes on below, behind them. */
static void print_line(const struct text *t, char *line, const GArray *rails)
{
    g_autofree char *safe = output_escape(line), *below = rails_below(rails);
    guint width = 4 * rails->len + BELOW;
    guint room = t->columns == 0 ? 0 : MAX(t->columns, width + NARROWEST) - width;
    g_auto(GStrv) lines = output_lines(safe, t->columns ? room + width : 0, room);
    for (char **l = lines; *l; l++)
        printf("%s%*s%s\n", l > lines ? below : "", l > lines ? BELOW : 0, "", *l);
    g_free(line);
}

static GString *rails_text(const GArray *rails)
{
    GString *line = g_string_new(NULL);
    for (guint i = 0; i < rails->len; i++) {
        gboolean more = g_array_index(rails, gboolean, i);
        gboolean last = i + 1 == rails->len;
        g_string_append(line, last ? (more ? "├── " : "└── ") : (more ? "│   " : "    "));
    }
    return line;
}

static void append_task(GString *line, const struct weft_moment *m, const struct weft_task_at *task)
{
    char *awaited = tasklist_awaited(m, task),
         *since = weft_format_duration(m->now_ns - task->since_ns);
    char *site = weft_site_text(weft_moment_site(m, task));
    gboolean waits = task->state == WEFT_STATE_WAITING && *awaited;
    g_string_append_printf(line, ": %s%s%s, for %s", waits ? "" : weft_task_state_name(task->state),
                           !waits && *awaited ? ", " : "", awaited, since);
    if (*site)
        g_string_append_printf(line, ", at %s", site);
    g_free(site);
    g_free(since);
    g_free(awaited);
}

static void enter_text(gpointer data, uint64_t id, gboolean above, const GArray *rails)
{
    const struct text *t = data;
    const struct weft_task_at *task = weft_state_task(t->moment->state, id);
    GString *line = rails_text(rails);
    char *name = weft_moment_name(t->moment, id);
    g_string_append(line, name);
    g_free(name);
    if (above)
        g_string_append(line, " (above)");
    else if (task)
        append_task(line, t->moment, task);
    print_line(t, g_string_free(line, FALSE), rails);
}

static void leave_text(gpointer data, guint64 hidden, const GArray *rails)
{
    if (hidden == 0)
        return;
    GString *line = rails_text(rails);
    g_string_truncate(line, line->len - strlen("└── "));
    gboolean more = g_array_index(rails, gboolean, rails->len - 1);
    char *number = quantity_format_count(hidden);
    g_string_append_printf(line, "%s└── … %s below (--depth 0 shows all)", more ? "│   " : "    ",
                           number);
    g_free(number);
    print_line(data, g_string_free(line, FALSE), rails);
}

static void hidden_text(gpointer data, guint64 n, const GArray *rails)
{
    GString *line = rails_text(rails);
    char *number = quantity_format_count(n);
    g_string_append_printf(line, "… and %s more (--top 0 shows all)", number);
    g_free(number);
    print_line(data, g_string_free(line, FALSE), rails);
}

static GArray *tasks_of(const struct weft_waits_circle *circle)
{
    GArray *tasks = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    for (guint i = 0; i < circle->ids->len; i++) {
        uint64_t id = g_array_index(circle->ids, uint64_t, i);
        if (weft_id_kind(id) == WEFT_ENTITY_TASK)
            g_array_append_val(tasks, id);
    }
    return tasks;
}

static void print_circle(struct tree *tree, const struct weft_waits_circle *circle, struct text *t)
{
    GArray *tasks = tasks_of(circle);
    gboolean deadlock = circle->until_mono_ns == 0;
    const char *colour = deadlock ? "1;31" : "33";
    char *sentence = weft_moment_circle(t->moment, circle);
    output_sentence(deadlock ? "deadlock: " : "until a timeout: ", sentence,
                    t->colour ? colour : NULL);
    struct tree_visitor visitor = { enter_text, leave_text, hidden_text, t };
    if (!tree->by_parent)
        tree_walk(tree, tasks, TRUE, &visitor);
    g_free(sentence);
    g_array_unref(tasks);
}

/* Which processes had ended by then, badly. */
static void print_ends(const struct weft_moment *m, gboolean colour)
{
    for (guint i = 0; i < weft_trace_n_sources(m->trace); i++) {
        const struct weft_trace_source *source = weft_trace_source_at(m->trace, i);
        if (!weft_trace_ended_badly(source) || weft_trace_was_stopped(source) ||
            m->now_ns < source->end_ns)
            continue;
        g_autofree char *how = weft_trace_end_words(source);
        g_autofree char *line = g_strdup_printf("process %" G_GUINT64_FORMAT " %s%s",
                                                (guint64)source->pid,
                                                source->exit_signal ? "was " : "", how);
        output_sentence("", line, colour ? "1;31" : NULL);
    }
}

static void print_text(struct tree *tree, const char *title, gboolean of_file,
                       const struct settings *settings)
{
    guint lines;
    struct text t = { .moment = tree->moment, .colour = output_has_colour(settings->color) };
    output_size(&t.columns, &lines);
    output_sentence("", title, t.colour ? "1" : NULL);
    if (of_file)
        print_ends(tree->moment, t.colour);
    for (guint i = 0; i < tree->circles->len; i++)
        print_circle(tree, tree->circles->pdata[i], &t);
    if (tree->circles->len > 0 && tree->roots->len > 0)
        putchar('\n');
    struct tree_visitor visitor = { enter_text, leave_text, hidden_text, &t };
    tree_walk(tree, tree->roots, FALSE, &visitor);
    if (of_file && tree->circles->len + tree->roots->len == 0)
        puts("No task lives then: --at T shows another moment.");
}

/* ---- JSON ---- */

struct json {
    GString *text;
    const struct weft_moment *moment;
};

static void enter_json(gpointer data, uint64_t id, gboolean above,
                       const GArray *rails G_GNUC_UNUSED)
{
    const struct json *j = data;
    const struct weft_task_at *task = above ? NULL : weft_state_task(j->moment->state, id);
    if (task) {
        tasklist_open_json(j->text, j->moment, task);
    } else {
        char *name = weft_moment_name(j->moment, id);
        jsontext_open(j->text, NULL, '{');
        jsontext_id(j->text, "id", id);
        jsontext_text(j->text, "name", name);
        g_free(name);
    }
    jsontext_flag(j->text, "above", above);
    jsontext_open(j->text, "children", '[');
}

static void leave_json(gpointer data, guint64 hidden, const GArray *rails G_GNUC_UNUSED)
{
    const struct json *j = data;
    if (hidden > 0) {
        jsontext_open(j->text, NULL, '{');
        jsontext_number(j->text, "hidden", (gint64)hidden);
        jsontext_close(j->text, '}');
    }
    jsontext_close(j->text, ']');
    jsontext_close(j->text, '}');
}

static void hidden_json(gpointer data, guint64 n, const GArray *rails G_GNUC_UNUSED)
{
    const struct json *j = data;
    jsontext_open(j->text, NULL, '{');
    jsontext_number(j->text, "hidden", (gint64)n);
    jsontext_close(j->text, '}');
}

static void print_json(struct tree *tree, const char *path, guint64 pid)
{
    struct json j = { g_string_new(NULL), tree->moment };
    struct tree_visitor visitor = { enter_json, leave_json, hidden_json, &j };
    jsontext_open(j.text, NULL, '{');
    jsontext_text(j.text, "file", path);
    if (pid)
        jsontext_number(j.text, "pid", (gint64)pid);
    else
        jsontext_null(j.text, "pid");
    if (path)
        jsontext_number(j.text, "at_ns", tree->moment->now_ns);
    else
        jsontext_null(j.text, "at_ns");
    jsontext_text(j.text, "by", tree->by_parent ? "parent" : "await");
    jsontext_open(j.text, "circles", '[');
    for (guint i = 0; i < tree->circles->len; i++)
        tasklist_add_circle(j.text, tree->moment, tree->circles->pdata[i]);
    jsontext_close(j.text, ']');
    jsontext_open(j.text, "roots", '[');
    for (guint i = 0; i < tree->circles->len && !tree->by_parent; i++) {
        GArray *tasks = tasks_of(tree->circles->pdata[i]);
        tree_walk(tree, tasks, TRUE, &visitor);
        g_array_unref(tasks);
    }
    tree_walk(tree, tree->roots, FALSE, &visitor);
    jsontext_close(j.text, ']');
    jsontext_close(j.text, '}');
    puts(j.text->str);
    g_string_free(j.text, TRUE);
}

/* ---- Both ---- */

static guint64 limit(guint64 said, guint64 otherwise, gboolean json)
{
    return said != G_MAXUINT64 ? said : json ? 0 : otherwise;
}

/* Takes `title`. */
static void show(const struct weft_moment *m, const struct settings *s, char *title,
                 const char *path, guint64 pid)
{
    struct tree_limits limits = { limit(s->depth, TEXT_DEPTH, s->json),
                                  limit(s->top, TEXT_TOP, s->json) };
    struct tree tree = tree_new(m, strcmp(s->by, "parent") == 0, limits);
    if (s->json)
        print_json(&tree, path, pid);
    else
        print_text(&tree, title, path != NULL, s);
    tree_clear(&tree);
    g_free(title);
}

static int show_process(guint64 pid, const struct settings *settings)
{
    struct weft_look look;
    GError *error = NULL;
    if (settings->at_ns >= 0)
        return failure_usage(&tree_verb, "--at is for a trace: of a process only now is known");
    if (!weft_look_at(pid, &look, &error))
        return failure_error(error);
    show(&look.moment, settings, look_head_text(&look), NULL, pid);
    weft_look_clear(&look);
    return EXIT_DONE;
}

static int show_file(const char *path, const struct settings *settings)
{
    int code;
    weft_model *model = input_open(path, &code);
    if (!model)
        return code;
    weft_trace *trace = weft_model_trace(model);
    gint64 at = settings->at_ns >= 0 ? settings->at_ns : weft_trace_end_ns(trace);
    int refused = settings->at_ns >= 0 ? range_check(&tree_verb, trace, at, at, "--at") : -1;
    if (refused < 0) {
        weft_state *state = weft_model_state_at(model, at);
        struct weft_moment moment = weft_moment_new(trace, state, at);
        g_autofree char *when = quantity_format_moment(at);
        g_autofree char *counts = tasklist_counts_text(state);
        show(&moment, settings, g_strdup_printf("%s at %s: %s", path, when, counts), path, 0);
        weft_moment_clear(&moment);
        weft_state_free(state);
    }
    weft_model_free(model);
    return refused >= 0 ? refused : code;
}

static int run(const void *settings, char **operands)
{
    guint64 pid;
    if (!input_is_pid(operands[0], &pid))
        return show_file(operands[0], settings);
    return pid ? show_process(pid, settings) : input_no_pid(&tree_verb, operands[0]);
}

const struct verb tree_verb = {
    .name = "tree",
    .usage = "PID|FILE [OPTION…]",
    .summary = "Show who awaits whom, in a process or at a moment of a trace",
    .details = "Roots are the tasks that nobody awaits; below each are those that it awaits: the\n"
               "task it joins, who holds its lock, the pending members of its gather. Circles of\n"
               "tasks that wait for each other come first. A process is asked for nothing: one\n"
               "that is stuck, or dead, is shown as well.",
    .options = options,
    .settings_size = sizeof(struct settings),
    .defaults = &defaults,
    .min_operands = 1,
    .max_operands = 1,
    .missing = "of what? PID or FILE is missing",
    .run = run,
};
