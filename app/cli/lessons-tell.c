/* lessons-tell.c: `weft lessons tell`: a lesson's run, step by step, a sentence a step. */
#include "app/cli/failure.h"
#include "app/cli/input.h"
#include "app/cli/jsontext.h"
#include "app/cli/lessons.h"
#include "app/cli/output.h"
#include "app/cli/range.h"
#include "app/lessons/learned.h"
#include "tracer/model/replay.h"

#include <stdio.h>

enum {
    INDENT = 18,     /* where sentences begin: number, moment, sentence */
    LINES_MAX = 1000 /* of one step */
};

struct step {
    guint64 number; /* from 1 */
    gint64 from_ns, to_ns;
    gboolean terse;
    const struct weft_replay_telling *telling;
};

/* ---- Text ---- */

static void print_line(const char *text)
{
    printf("%*s- ", INDENT, "");
    output_wrapped(text, INDENT + 2, INDENT + 4);
}

static void print_step(const struct step *step)
{
    const struct weft_replay_telling *telling = step->telling;
    if (telling->headline) {
        g_autofree char *when = weft_format_time(telling->headline->time_ns);
        g_autofree char *text = weft_sentence_text(telling->headline);
        guint wide = MIN(output_width(when), 11); /* its bytes are more: "µs" */
        printf("%4" G_GUINT64_FORMAT " %*s%s  ", step->number, (int)(11 - wide), "", when);
        output_wrapped(text, INDENT, INDENT + 2);
    }
    if (telling->left_out && !step->terse) {
        g_autofree char *more = g_strdup_printf("%u events before these", telling->left_out);
        print_line(more);
    }
    for (guint i = 0; i < telling->lines->len; i++) {
        g_autofree char *text = weft_sentence_text(telling->lines->pdata[i]);
        print_line(text);
    }
}

/* ---- JSON ---- */

static void add_step(GString *json, const struct step *step)
{
    const struct weft_replay_telling *telling = step->telling;
    g_autofree char *headline = telling->headline ? weft_sentence_text(telling->headline) : NULL;
    jsontext_open(json, NULL, '{');
    jsontext_number(json, "step", (gint64)step->number);
    jsontext_number(json, "from_ns", step->from_ns);
    jsontext_number(json, "to_ns", step->to_ns);
    jsontext_number(json, "lost", (gint64)telling->lost);
    jsontext_text(json, "text", headline);
    jsontext_open(json, "lines", '[');
    for (guint i = 0; i < telling->lines->len; i++) {
        const struct weft_sentence *line = telling->lines->pdata[i];
        g_autofree char *text = weft_sentence_text(line);
        jsontext_open(json, NULL, '{');
        jsontext_number(json, "t_ns", line->time_ns);
        jsontext_text(json, "text", text);
        jsontext_close(json, '}');
    }
    jsontext_close(json, ']');
    jsontext_close(json, '}');
}

/* ---- Both ---- */

/* Into `json`, or prints it. */
static void tell_step(weft_replay *replay, struct step *step, GString *json)
{
    const struct weft_replay_place place = { step->to_ns, WEFT_WHOLE_MOMENT };
    guint lines = step->terse ? 0 : LINES_MAX;
    struct weft_replay_telling *telling = weft_replay_tell(
        replay, place, step->terse ? WEFT_REPLAY_GIST : WEFT_REPLAY_WHOLE, lines);
    step->telling = telling;
    if (json)
        add_step(json, step);
    else if (telling->headline || telling->lines->len)
        print_step(step);
    weft_replay_telling_free(telling);
}

/* Every step; or the last that had ended at_ns, the first where none had. */
static void tell_loop(weft_replay *replay, gint64 begin_ns, const struct lessons_settings *settings,
                      GString *json)
{
    gint64 at_ns = settings->at_ns;
    struct weft_replay_place place = { begin_ns - 1, WEFT_WHOLE_MOMENT };
    struct step step = { .to_ns = begin_ns, .terse = settings->terse };
    while (!output_is_broken() && weft_replay_step(replay, place, WEFT_REPLAY_STEP, 1, &place)) {
        if (at_ns >= 0 && step.number > 0 && place.time_ns > at_ns)
            break;
        step = (struct step){ step.number + 1, step.to_ns, place.time_ns, step.terse, NULL };
        if (at_ns < 0)
            tell_step(replay, &step, json);
    }
    if (at_ns >= 0 && step.number > 0)
        tell_step(replay, &step, json);
}

static guint count_loops(const weft_model *model)
{
    guint loops = 0;
    for (guint i = 0; i < weft_model_n_lanes(model); i++)
        loops += weft_model_lane(model, i)->kind == WEFT_LANE_LOOP;
    return loops;
}

static void tell_loops(weft_model *model, const struct lessons_settings *settings, GString *json)
{
    guint loops = count_loops(model);
    for (guint i = 0; i < weft_model_n_lanes(model); i++) {
        g_autoptr(weft_replay) replay = weft_replay_new(model, i);
        if (!replay)
            continue;
        g_autofree char *name = weft_model_name(model, weft_model_lane(model, i)->id);
        if (json) {
            jsontext_open(json, NULL, '{');
            jsontext_text(json, "loop", name);
            jsontext_open(json, "steps", '[');
        } else if (loops > 1) {
            output_sentence("\n", name, NULL);
        }
        tell_loop(replay, weft_trace_begin_ns(weft_model_trace(model)), settings, json);
        if (json) {
            jsontext_close(json, ']');
            jsontext_close(json, '}');
        }
    }
    if (!json && loops == 0)
        puts("Nothing happened: the trace has no loop.");
}

static void tell_json(weft_model *model, const struct lesson *lesson, const char *path,
                      const struct lessons_settings *settings)
{
    GString *json = g_string_new(NULL);
    jsontext_open(json, NULL, '{');
    jsontext_text(json, "lesson", lesson->name);
    jsontext_text(json, "variant", settings->variant);
    jsontext_text(json, "title", lesson->title);
    jsontext_text(json, "file", path);
    jsontext_open(json, "loops", '[');
    tell_loops(model, settings, json);
    jsontext_close(json, ']');
    jsontext_close(json, '}');
    jsontext_print_indented(json);
}

static void tell(weft_model *model, const struct lesson *lesson, const char *path,
                 const struct lessons_settings *settings)
{
    if (settings->json) {
        tell_json(model, lesson, path, settings);
        return;
    }
    if (settings->at_ns < 0)
        output_sentence("", lesson->title, NULL);
    tell_loops(model, settings, NULL);
}

int lessons_tell(const struct lesson *lesson, const struct lessons_settings *settings,
                 const char *path)
{
    g_autofree char *own = lesson_file(lesson, settings->variant, ".weft");
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
        tell(model, lesson, path, settings);
        struct learned learned = learned_load(lesson->name);
        learned.told = TRUE;
        lessons_keep(lesson, &learned);
    }
    weft_model_free(model);
    return refused >= 0 ? refused : code;
}
