/* diff.c: `weft diff`: two runs of a program: what is slower, what is new, what is gone. */
#include "app/cli/diff.h"
#include "app/cli/input.h"
#include "app/cli/output.h"
#include "app/cli/verb.h"

#include <string.h>

struct settings {
    gboolean json;
    guint64 top, percent;
    gint64 least_ns;
    const char *fail_on, *color;
};
static const struct settings defaults = {
    .top = 40, .percent = 10, .least_ns = 1000000, .fail_on = "any", .color = "auto"
};

static const struct option options[] = {
    { "json", 0, OPTION_FLAG, NULL, "as one JSON object, with all sites and tasks",
      G_STRUCT_OFFSET(struct settings, json) },
    { "fail-on", 0, OPTION_CHOICE, "any|slower|findings|never",
      "exit with 1 on any change (default), what is slower, new findings",
      G_STRUCT_OFFSET(struct settings, fail_on) },
    { "percent", 0, OPTION_COUNT, "N", "what changed by less is not significant (default: 10)",
      G_STRUCT_OFFSET(struct settings, percent) },
    { "least", 0, OPTION_SECONDS, "TIME",
      "what changed by less altogether is not significant (default: 1ms)",
      G_STRUCT_OFFSET(struct settings, least_ns) },
    { "top", 'n', OPTION_COUNT, "N", "at most N rows of each table, 0 for all (default: 40)",
      G_STRUCT_OFFSET(struct settings, top) },
    OPTION_COLOR(struct settings),
    { 0 },
};

static gboolean is_slower(const struct diff_change *change)
{
    return change->kind == DIFF_MORE && change->measure != DIFF_MEASURES;
}

static int exit_code(const struct diff *diff, const char *fail_on)
{
    guint slower = 0, findings = diff->only[DIFF_B]->len, vanished = diff->only[DIFF_A]->len;
    for (guint i = 0; i < diff->changes->len; i++)
        slower += is_slower(&g_array_index(diff->changes, struct diff_change, i));
    guint found = strcmp(fail_on, "slower") == 0     ? slower
                  : strcmp(fail_on, "findings") == 0 ? findings
                  : strcmp(fail_on, "any") == 0      ? diff->changes->len + findings + vanished
                                                     : 0;
    return found > 0 ? EXIT_FOUND : EXIT_DONE;
}

static int compare(weft_model *a, weft_model *b, const struct settings *settings)
{
    struct diff diff;
    struct diff_limits limits = { (double)settings->percent / 100, settings->least_ns };
    diff_match(&diff, a, b);
    diff_judge(&diff, &limits);
    if (settings->json)
        diff_print_json(&diff);
    else
        diff_print_text(&diff, settings->top, output_has_colour(settings->color));
    int code = exit_code(&diff, settings->fail_on);
    diff_finish(&diff);
    return code;
}

static int run(const void *settings, char **operands)
{
    int codes[2];
    weft_model *a = input_open(operands[0], &codes[0]);
    weft_model *b = a ? input_open(operands[1], &codes[1]) : NULL;
    int found = b ? compare(a, b, settings) : EXIT_DONE;
    int bad = !a ? codes[0] : codes[0] != EXIT_DONE ? codes[0] : codes[1];
    weft_model_free(a);
    weft_model_free(b);
    return bad != EXIT_DONE ? bad : found;
}

const struct verb diff_verb = {
    .name = "diff",
    .usage = "A B [--json] [--top N] [--fail-on WHAT]",
    .summary = "Compare two runs: what is slower, new, or gone",
    .details =
        "A and B are traces of the same program. Tasks are compared by the place that creates\n"
        "them, and by name; the exit code is 1 when something significant has changed.\n"
        "man weft-diff says what is significant.",
    .options = options,
    .settings_size = sizeof(struct settings),
    .defaults = &defaults,
    .min_operands = 2,
    .max_operands = 2,
    .missing = "two traces are needed: A and B",
    .run = run,
};
