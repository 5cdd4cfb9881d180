/* examine.c: see examine.h. */
#include "app/lessons/examine.h"
#include "app/lessons/fact.h"

#include <string.h>

struct look {
    const weft_trace *trace;
    char *source; /* "lesson.c" */
    guint last;   /* line of it at which something happened; 0: none */
    gboolean tasks;
};

static gboolean look_at(const struct weft_event_view *event, gpointer data)
{
    struct look *look = data;
    const struct weft_trace_site *site = weft_trace_site(look->trace, event->record.site);
    look->tasks |= event->record.kind == WEFT_RECORD_TASK_NEW;
    if (site && site->file && site->line > look->last) {
        g_autofree char *base = g_path_get_basename(site->file);
        if (strcmp(base, look->source) == 0)
            look->last = site->line;
    }
    return TRUE;
}

static weft_model *read_trace(const char *path, GError **error)
{
    weft_trace *trace = weft_trace_open(path, error);
    if (!trace)
        return NULL;
    weft_model *model = weft_model_new(trace);
    weft_trace_unref(trace);
    weft_model_advance(model, 0);
    return model;
}

static guint count_lines(const char *path)
{
    g_autofree char *text = NULL;
    guint lines = 0;
    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR) || !g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        lines++;
    return lines + (*text && !g_str_has_suffix(text, "\n"));
}

static void examine_trace(struct lesson *lesson, const char *variant)
{
    g_autofree char *path = lesson_file(lesson, variant, ".weft");
    g_autofree char *base = g_path_get_basename(path);
    g_autoptr(GError) error = NULL;
    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR)) /* that was said */
        return;
    weft_model *model = read_trace(path, &error);
    if (!model) {
        lesson_problem(lesson, base, 0, "it cannot be read: %s", error->message);
        return;
    }
    struct look look = { .trace = weft_model_trace(model),
                         .source = g_strconcat(variant ? variant : "lesson", ".c", NULL) };
    g_autofree char *source = lesson_file(lesson, variant, ".c");
    guint lines = count_lines(source);
    const char *damage = weft_trace_damage(look.trace);
    weft_model_visit(model, G_MININT64, G_MAXINT64, look_at, &look);
    if (damage)
        lesson_problem(lesson, base, 0, "it is damaged: %s", damage);
    else if (weft_model_lost(model) > 0)
        lesson_problem(lesson, base, 0, "%" G_GUINT64_FORMAT " events were lost: record it anew",
                       weft_model_lost(model));
    if (!look.tasks)
        lesson_problem(lesson, base, 0, "no task is in it: is the program linked with libweft?");
    else if (look.last == 0)
        lesson_problem(lesson, base, 0, "nothing in it happened at a line of %s: record it anew",
                       look.source);
    else if (look.last > lines)
        lesson_problem(lesson, base, 0,
                       "something happened at line %u of %s, which has %u: record it anew",
                       look.last, look.source, lines);
    g_free(look.source);
    weft_model_free(model);
}

static void examine_fact(struct lesson *lesson, const struct lesson_fact *said)
{
    if (!said->query)
        return;
    g_autofree char *variant = fact_variant(said->query);
    g_autofree char *path = lesson_file(lesson, variant, ".weft");
    if (variant && !lesson_has_variant(lesson, variant)) {
        lesson_problem(lesson, "lesson.md", said->line, "there is no variant '%s'", variant);
        return;
    }
    weft_model *model = g_file_test(path, G_FILE_TEST_IS_REGULAR) ? read_trace(path, NULL) : NULL;
    if (!model)
        return;
    struct fact fact;
    g_autofree char *problem = fact_compute(model, said->query, &fact);
    if (problem)
        lesson_problem(lesson, "lesson.md", said->line, "%s", problem);
    else if (!fact_is(&fact, said->value))
        lesson_problem(lesson, "lesson.md", said->line, "the trace says %s, not %s", fact.text,
                       said->value);
    fact_clear(&fact);
    weft_model_free(model);
}

void lesson_examine(struct lesson *lesson)
{
    examine_trace(lesson, NULL);
    for (guint i = 0; i < lesson->variants->len; i++)
        examine_trace(lesson, ((struct lesson_variant *)lesson->variants->pdata[i])->name);
    for (guint i = 0; i < lesson->questions->len; i++) {
        const struct lesson_question *question = lesson->questions->pdata[i];
        examine_fact(lesson, &question->said);
        examine_fact(lesson, &question->given);
    }
}
