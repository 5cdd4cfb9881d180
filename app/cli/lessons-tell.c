/* lessons-tell.c: `weft lessons tell`: a lesson's run, step by step, a sentence a step. */
#include "app/cli/failure.h"
#include "app/cli/input.h"
#include "app/cli/jsontext.h"
#include "app/cli/lessons.h"
#include "app/cli/output.h"
#include "app/cli/range.h"
#include "app/lessons/learned.h"
#include "app/lessons/steps.h"

#include <stdio.h>

enum { INDENT = 18 }; /* where sentences begin: number, moment, sentence */

struct telling {
    const struct lessons_settings *settings;
    GString *json;
    guint64 told;
};

/* ---- Text ---- */

static gboolean print_step(const struct step *step, gpointer data)
{
    struct telling *t = data;
    g_autofree char *when = weft_format_time(step->headline.time_ns);
    g_autofree char *headline = output_escape(step->headline.text);
    /* Digits take one column each, but "µs" takes a byte more. */
    guint pad = 11 - MIN(output_width(when), 11);
    printf("%4" G_GUINT64_FORMAT " %*s%s  ", step->number, (int)pad, "", when);
    output_wrapped(headline, INDENT, INDENT + 2);
    for (guint i = 0; i < step->lines->len; i++) {
        const struct step_line *line = step->lines->pdata[i];
        g_autofree char *text = output_escape(line->text);
        printf("%*s- ", INDENT, "");
        output_wrapped(text, INDENT + 2, INDENT + 4);
    }
    t->told++;
    return t->settings->at_ns < 0 && !output_is_broken();
}

/* ---- JSON ---- */

static gboolean add_step(const struct step *step, gpointer data)
{
    struct telling *t = data;
    jsontext_open(t->json, NULL, '{');
    jsontext_number(t->json, "step", (gint64)step->number);
    jsontext_number(t->json, "from_ns", step->from_ns);
    jsontext_number(t->json, "to_ns", step->to_ns);
    jsontext_text(t->json, "text", step->headline.text);
    jsontext_open(t->json, "lines", '[');
    for (guint i = 0; i < step->lines->len; i++) {
        const struct step_line *line = step->lines->pdata[i];
        jsontext_open(t->json, NULL, '{');
        jsontext_number(t->json, "t_ns", line->time_ns);
        jsontext_text(t->json, "text", line->text);
        jsontext_close(t->json, '}');
    }
    jsontext_close(t->json, ']');
    jsontext_close(t->json, '}');
    return t->settings->at_ns < 0;
}

static void tell_json(weft_model *model, const struct lesson *lesson, const char *path,
                      struct telling *t)
{
    t->json = g_string_new(NULL);
    jsontext_open(t->json, NULL, '{');
    jsontext_text(t->json, "lesson", lesson->name);
    jsontext_text(t->json, "variant", t->settings->variant);
    jsontext_text(t->json, "title", lesson->title);
    jsontext_text(t->json, "file", path);
    jsontext_open(t->json, "steps", '[');
    steps_tell(model, t->settings->at_ns, add_step, t);
    jsontext_close(t->json, ']');
    jsontext_close(t->json, '}');
    jsontext_print_indented(t->json);
}

/* ---- Both ---- */

static void tell(weft_model *model, const struct lesson *lesson, const char *path,
                 struct telling *t)
{
    if (t->settings->json) {
        tell_json(model, lesson, path, t);
        return;
    }
    if (t->settings->at_ns < 0)
        output_sentence("", lesson->title, NULL);
    steps_tell(model, t->settings->at_ns, print_step, t);
    if (t->told == 0)
        puts("Nothing happened: the trace has no events.");
}

int lessons_tell(const struct lesson *lesson, const struct lessons_settings *settings,
                 const char *path)
{
    g_autofree char *own = lesson_file(lesson, settings->variant, ".weft");
    struct telling t = { .settings = settings };
    int code;
    path = path ? path : own;
    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        output_message("lesson '%s' has no trace: '%s' is no file; weft lessons run makes one",
                       lesson->name, path);
        return EXIT_SYSTEM;
    }
    weft_model *model = input_open(path, &code);
    if (!model)
        return code;
    const weft_trace *trace = weft_model_trace(model);
    int refused = settings->at_ns < 0
                      ? -1
                      : range_check(&lessons_verb, trace, settings->at_ns, settings->at_ns, "--at");
    if (refused < 0) {
        tell(model, lesson, path, &t);
        struct learned learned = learned_load(lesson->name);
        learned.told = TRUE;
        lessons_keep(lesson, &learned);
    }
    weft_model_free(model);
    return refused >= 0 ? refused : code;
}
