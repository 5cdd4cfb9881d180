/* lessons.c: `weft lessons`: the classroom in the terminal. What a lesson is: app/lessons. Here the
 * list and the check; telling, running and asking have files of their own. */
#include "app/cli/lessons.h"
#include "app/cli/failure.h"
#include "app/cli/jsontext.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/table.h"
#include "app/lessons/examine.h"
#include "app/lessons/learned.h"

#include <string.h>

static const struct lessons_settings defaults = { .at_ns = -1,
                                                  .limit_ns = G_GINT64_CONSTANT(30000000000) };

static const struct option options[] = {
    { "at", 0, OPTION_MOMENT, "T", "tell: only the step in force at this moment",
      G_STRUCT_OFFSET(struct lessons_settings, at_ns) },
    { "variant", 0, OPTION_TEXT, "NAME", "tell, run, open: this variant of the lesson",
      G_STRUCT_OFFSET(struct lessons_settings, variant) },
    { "limit", 0, OPTION_SECONDS, "T", "run: end a program that takes longer (default: 30s)",
      G_STRUCT_OFFSET(struct lessons_settings, limit_ns), .positive = TRUE },
    { "terse", 0, OPTION_FLAG, NULL, "tell: a sentence a step",
      G_STRUCT_OFFSET(struct lessons_settings, terse) },
    { "json", 0, OPTION_FLAG, NULL, "list, tell, check: print a JSON object instead",
      G_STRUCT_OFFSET(struct lessons_settings, json) },
    { 0 },
};

void lessons_keep(const struct lesson *lesson, const struct learned *learned)
{
    GError *error = NULL;
    if (learned_store(lesson->name, learned, &error))
        return;
    output_message("what you have done is not kept: %s", error->message);
    g_error_free(error);
}

/* ---- list ---- */

static char *done_text(const struct lesson *lesson)
{
    struct learned learned = learned_load(lesson->name);
    char *done = learned_text(&learned);
    if (!lesson->problems->len)
        return done;
    char *text = g_strconcat("not whole: see weft lessons check", *done ? " · " : "", done, NULL);
    g_free(done);
    return text;
}

static void list_text(GPtrArray *lessons)
{
    table *t = table_new(">#|LESSON|TITLE|VARIANTS?1|DONE");
    for (guint i = 0; i < lessons->len; i++) {
        const struct lesson *lesson = lessons->pdata[i];
        GString *variants = g_string_new(NULL);
        for (guint j = 0; j < lesson->variants->len; j++)
            g_string_append_printf(variants, "%s%s", j ? ", " : "",
                                   ((struct lesson_variant *)lesson->variants->pdata[j])->name);
        table_add(t, lesson->number ? g_strdup_printf("%u", lesson->number) : g_strdup(""));
        table_add(t, g_strdup(lesson->name));
        table_add(t, g_strdup(lesson->title));
        table_add(t, g_string_free(variants, FALSE));
        table_add(t, done_text(lesson));
    }
    table_print(t, stdout, FALSE);
    table_free(t);
}

static void add_problems(GString *json, const struct lesson *lesson)
{
    jsontext_open(json, "problems", '[');
    for (guint i = 0; i < lesson->problems->len; i++)
        jsontext_text(json, NULL, lesson->problems->pdata[i]);
    jsontext_close(json, ']');
}

static void add_lesson(GString *json, const struct lesson *lesson)
{
    struct learned learned = learned_load(lesson->name);
    jsontext_open(json, NULL, '{');
    jsontext_number(json, "number", lesson->number);
    jsontext_text(json, "name", lesson->name);
    jsontext_text(json, "title", lesson->title);
    jsontext_text(json, "folder", lesson->folder);
    jsontext_open(json, "variants", '[');
    for (guint i = 0; i < lesson->variants->len; i++)
        jsontext_text(json, NULL, ((struct lesson_variant *)lesson->variants->pdata[i])->name);
    jsontext_close(json, ']');
    jsontext_number(json, "questions", lesson->questions->len);
    jsontext_flag(json, "told", learned.told);
    jsontext_flag(json, "ran", learned.ran);
    jsontext_number(json, "asked", learned.asked);
    jsontext_number(json, "right", learned.right);
    add_problems(json, lesson);
    jsontext_close(json, '}');
}

static void print_json(GPtrArray *lessons)
{
    GString *json = g_string_new(NULL);
    jsontext_open(json, NULL, '{');
    jsontext_open(json, "lessons", '[');
    for (guint i = 0; i < lessons->len; i++)
        add_lesson(json, lessons->pdata[i]);
    jsontext_close(json, ']');
    jsontext_close(json, '}');
    jsontext_print_indented(json);
}

static int list(const struct lessons_settings *settings)
{
    g_autoptr(GPtrArray) lessons = catalogue_lessons();
    if (settings->json)
        print_json(lessons);
    else if (lessons->len == 0)
        puts("There are no lessons here: WEFT_LESSONS says where they are, if it is set.");
    else
        list_text(lessons);
    return EXIT_DONE;
}

/* ---- check ---- */

static void check_text(const struct lesson *lesson)
{
    guint computed = 0, rest = 0;
    for (guint i = 0; i < lesson->questions->len; i++) {
        const struct lesson_question *question = lesson->questions->pdata[i];
        computed += question->said.query != NULL;
        rest += !question->said.query && question->given.query;
    }
    for (guint i = 0; i < lesson->problems->len; i++)
        output_sentence("", lesson->problems->pdata[i], NULL);
    if (lesson->problems->len)
        return;
    g_autofree char *line = g_strdup_printf(
        "%s: whole; %u variants, %u questions, %u of them answered by the trace, %u resting on it",
        lesson->folder, lesson->variants->len, lesson->questions->len, computed, rest);
    output_sentence("", line, NULL);
}

static int check(const char *folder, const struct lessons_settings *settings)
{
    if (!g_file_test(folder, G_FILE_TEST_IS_DIR)) {
        output_message("there is no folder '%s'", folder);
        return EXIT_SYSTEM;
    }
    g_autoptr(GPtrArray) lessons = catalogue_in(folder);
    int code = EXIT_DONE;
    for (guint i = 0; i < lessons->len; i++) {
        struct lesson *lesson = lessons->pdata[i];
        lesson_examine(lesson);
        if (lesson->problems->len)
            code = EXIT_FOUND;
        if (!settings->json)
            check_text(lesson);
    }
    if (settings->json)
        print_json(lessons);
    return code;
}

/* ---- All ---- */

static int no_such_lesson(const char *name)
{
    if (strchr(name, '/')) {
        output_message("there is no folder '%s'", name);
        return EXIT_SYSTEM;
    }
    g_autoptr(GPtrArray) lessons = catalogue_lessons();
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (guint i = 0; i < lessons->len; i++)
        g_ptr_array_add(names, ((struct lesson *)lessons->pdata[i])->name);
    g_ptr_array_add(names, NULL);
    const char *nearest = options_nearest(name, (const char *const *)names->pdata);
    if (nearest)
        return failure_usage(&lessons_verb, "there is no lesson '%s'; did you mean '%s'?", name,
                             nearest);
    return failure_usage(&lessons_verb, "there is no lesson '%s': weft lessons lists them", name);
}

static int no_such_variant(const struct lesson *lesson, const char *variant)
{
    if (lesson->variants->len == 0)
        return failure_usage(&lessons_verb, "'%s' has no variants", lesson->name);
    GString *names = g_string_new(NULL);
    for (guint i = 0; i < lesson->variants->len; i++)
        g_string_append_printf(names, "%s%s", i ? ", " : "",
                               ((struct lesson_variant *)lesson->variants->pdata[i])->name);
    int code = failure_usage(&lessons_verb, "'%s' has no variant '%s': %s", lesson->name, variant,
                             names->str);
    g_string_free(names, TRUE);
    return code;
}

static int open_trace(const struct lesson *lesson, const struct lessons_settings *settings)
{
    g_autofree char *file = lesson_file(lesson, settings->variant, ".weft");
    char *operands[] = { file, NULL };
    return view_verb.run(NULL, operands);
}

static int with_lesson(const char *what, const char *name, const struct lessons_settings *settings)
{
    struct lesson *lesson = catalogue_find(name);
    if (!lesson)
        return no_such_lesson(name);
    int code;
    if (settings->variant && !lesson_has_variant(lesson, settings->variant))
        code = no_such_variant(lesson, settings->variant);
    else if (strcmp(what, "tell") == 0)
        code = lessons_tell(lesson, settings, NULL);
    else if (strcmp(what, "run") == 0)
        code = lessons_run(lesson, settings);
    else if (strcmp(what, "open") == 0)
        code = open_trace(lesson, settings);
    else if (strcmp(what, "show") == 0)
        code = lessons_show(lesson);
    else
        code = lessons_quiz(lesson);
    lesson_free(lesson);
    return code;
}

/* Which options go with what is to be done. -1: these do. */
static int refuse_options(const char *what, const struct lessons_settings *s)
{
    static const char *const of_variants[] = { "tell", "run", "open", NULL };
    static const char *const of_json[] = { "list", "tell", "check", NULL };
    const char *given = NULL;
    if (s->at_ns >= 0 && strcmp(what, "tell") != 0)
        given = "at";
    else if (s->terse && strcmp(what, "tell") != 0)
        given = "terse";
    else if (s->variant && !g_strv_contains(of_variants, what))
        given = "variant";
    else if (s->limit_ns != defaults.limit_ns && strcmp(what, "run") != 0)
        given = "limit";
    else if (s->json && !g_strv_contains(of_json, what))
        given = "json";
    return given ? failure_usage(&lessons_verb, "--%s does not go with '%s'", given, what) : -1;
}

static int run(const void *given, char **operands)
{
    static const char *const verbs[] = { "list", "show", "tell",  "run",
                                         "open", "quiz", "check", NULL };
    const char *what = operands[0] ? operands[0] : "list";
    const char *name = operands[0] ? operands[1] : NULL;
    if (!g_strv_contains(verbs, what)) {
        const char *nearest = options_nearest(what, verbs);
        return nearest ? failure_usage(&lessons_verb, "there is no '%s'; did you mean '%s'?", what,
                                       nearest)
                       : failure_usage(&lessons_verb,
                                       "there is no '%s': list, show, tell, run, open, quiz, check",
                                       what);
    }
    int refused = refuse_options(what, given);
    if (refused >= 0)
        return refused;
    if (strcmp(what, "list") == 0)
        return name ? failure_usage(&lessons_verb, "list needs no name") : list(given);
    if (!name)
        return failure_usage(&lessons_verb, strcmp(what, "check") == 0
                                                ? "check what? DIR is missing"
                                                : "which lesson? NAME is missing");
    return strcmp(what, "check") == 0 ? check(name, given) : with_lesson(what, name, given);
}

const struct verb lessons_verb = {
    .name = "lessons",
    .usage =
        "[list | show NAME | tell NAME | run NAME | open NAME | quiz NAME | check DIR] [OPTION…]",
    .summary = "Learn asyncio from small programs and what they did",
    .details =
        "list: the lessons, and what you have done of them. show: what one is about, and what\n"
        "to watch. tell: tells its recorded run, step by step. run: runs its program, records\n"
        "it and tells what happened. open: opens the viewer on its recorded run. quiz: asks\n"
        "its questions. check: says what is wrong with a lesson, or with all in a folder.\n"
        "NAME is a lesson's name or number, or its folder, with a '/'. Your own are in\n"
        "$XDG_DATA_HOME/weft/lessons: man weft-lessons says what belongs into one.",
    .options = options,
    .settings_size = sizeof(struct lessons_settings),
    .defaults = &defaults,
    .max_operands = 2,
    .run = run,
};
