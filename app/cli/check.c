/* check.c: `weft check`: what is wrong with a program, said by its trace; for a person, or for a CI
 * job that fails by it. */
#include "app/cli/check.h"
#include "app/cli/failure.h"
#include "app/cli/input.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/quantity.h"

#include <string.h>

struct settings {
    gboolean json, rules;
    const char *format, *color;
    char *fail_on, *ignore, *thresholds;
};
static const struct settings defaults = { .color = "auto" };

static const struct option options[] = {
    { "fail-on", 0, OPTION_LIST, "ID[:SEVERITY]|SEVERITY[,…]",
      "exit with 1 when one of these is found: error, warning, hint",
      G_STRUCT_OFFSET(struct settings, fail_on) },
    { "ignore", 0, OPTION_LIST, "ID[,ID]", "do not look for these",
      G_STRUCT_OFFSET(struct settings, ignore) },
    { "threshold", 0, OPTION_LIST, "NAME=VALUE[,…]", "blocking-call.slice=50ms, …",
      G_STRUCT_OFFSET(struct settings, thresholds) },
    { "format", 0, OPTION_CHOICE, "text|json|junit|sarif", "of what is printed (default: text)",
      G_STRUCT_OFFSET(struct settings, format) },
    { "json", 0, OPTION_FLAG, NULL, "the same as --format json",
      G_STRUCT_OFFSET(struct settings, json) },
    { "rules", 0, OPTION_FLAG, NULL, "list all rules and thresholds, and check nothing",
      G_STRUCT_OFFSET(struct settings, rules) },
    OPTION_COLOR(struct settings),
    { 0 },
};

/* ---- What is asked for ---- */

static int no_such(const char *option, const char *word, GPtrArray *words)
{
    g_ptr_array_add(words, NULL);
    const char *nearest = options_nearest(word, (const char *const *)words->pdata);
    if (nearest)
        return failure_usage(&check_verb, "%s: there is no '%s'; did you mean '%s'?", option, word,
                             nearest);
    return failure_usage(&check_verb,
                         "%s: there is no '%s'; 'weft check --rules' lists all there are", option,
                         word);
}

static int no_such_rule(const struct check *check, const char *option, const char *word,
                        gboolean or_severity)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    for (guint i = 0; i < check->n_rules; i++)
        g_ptr_array_add(words, (gpointer)check->rules[i].id);
    for (guint i = WEFT_SEVERITY_HINT; or_severity && i < WEFT_SEVERITIES; i++)
        g_ptr_array_add(words, (gpointer)weft_severity_name(i));
    return no_such(option, word, words);
}

/* WEFT_SEVERITIES: it is none. */
static enum weft_severity severity_of(const char *word)
{
    enum weft_severity severity = WEFT_SEVERITY_HINT;
    while (severity < WEFT_SEVERITIES && strcmp(weft_severity_name(severity), word) != 0)
        severity++;
    return severity;
}

/* SEVERITY, ID or ID:SEVERITY; of an ID alone any will do. */
static int fail_on(struct check *check, const char *word)
{
    enum weft_severity severity = severity_of(word);
    if (severity < WEFT_SEVERITIES) {
        check->least = MIN(check->least, severity);
        return -1;
    }
    const char *colon = strchr(word, ':');
    g_autofree char *id = colon ? g_strndup(word, (gsize)(colon - word)) : g_strdup(word);
    const struct weft_finding_rule *rule = weft_finding_rule(id);
    if (!rule)
        return no_such_rule(check, "--fail-on", id, TRUE);
    severity = colon ? severity_of(colon + 1) : WEFT_SEVERITY_HINT;
    if (severity == WEFT_SEVERITIES)
        return failure_usage(&check_verb, "--fail-on '%s': expected %s:hint, warning or error",
                             word, id);
    if (severity > rule->severity)
        return failure_usage(&check_verb, "--fail-on '%s': this rule finds nothing graver than %s",
                             word, weft_severity_name(rule->severity));
    enum weft_severity *least = &check->fails[rule - check->rules];
    *least = MIN(*least, severity);
    return -1;
}

static int ignore(struct check *check, const char *word)
{
    const struct weft_finding_rule *rule = weft_finding_rule(word);
    if (!rule)
        return no_such_rule(check, "--ignore", word, FALSE);
    check->ignored[rule - check->rules] = TRUE;
    return -1;
}

static int select_rules(struct check *check, const struct settings *settings)
{
    g_auto(GStrv) to_fail_on = g_strsplit(settings->fail_on ? settings->fail_on : "", ",", -1);
    g_auto(GStrv) to_ignore = g_strsplit(settings->ignore ? settings->ignore : "", ",", -1);
    int code = -1;
    for (char **word = to_fail_on; *word && code < 0; word++)
        code = fail_on(check, *word);
    for (char **word = to_ignore; *word && code < 0; word++)
        code = ignore(check, *word);
    for (guint i = 0; i < check->n_rules && code < 0; i++)
        if (check->ignored[i] && check->fails[i] < WEFT_SEVERITIES)
            code = failure_usage(&check_verb, "--fail-on and --ignore both name '%s'",
                                 check->rules[i].id);
    return code;
}

static gboolean parse_value(enum weft_threshold_unit unit, const char *text, gint64 *value)
{
    guint64 count;
    if (unit == WEFT_THRESHOLD_NS)
        return quantity_parse_time(text, 1, value);
    if (!quantity_parse_count(text, &count) ||
        count > (unit == WEFT_THRESHOLD_PERCENT ? 100 : G_MAXINT64))
        return FALSE;
    *value = (gint64)count;
    return TRUE;
}

/* "NAME=VALUE". */
static int set_threshold(struct weft_threshold_set *set, const char *word)
{
    static const char *const expected[] = {
        [WEFT_THRESHOLD_NS] = "a time such as 10ms",
        [WEFT_THRESHOLD_COUNT] = "a whole number",
        [WEFT_THRESHOLD_PERCENT] = "0 to 100, a percentage",
    };
    guint n;
    const struct weft_threshold *thresholds = weft_thresholds(&n);
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    g_autofree char *name = g_strndup(word, strcspn(word, "="));
    const char *value = strchr(word, '=');
    for (guint i = 0; i < n; i++) {
        g_ptr_array_add(words, (gpointer)thresholds[i].name);
        if (strcmp(thresholds[i].name, name) != 0)
            continue;
        if (value && parse_value(thresholds[i].unit, value + 1, &set->values[i]))
            return -1;
        return failure_usage(&check_verb, "--threshold '%s': expected %s=VALUE, %s", word, name,
                             expected[thresholds[i].unit]);
    }
    return no_such("--threshold", name, words);
}

static int set_thresholds(struct weft_threshold_set *set, const char *list)
{
    g_auto(GStrv) words = g_strsplit(list ? list : "", ",", -1);
    int code = -1;
    weft_threshold_set_defaults(set);
    for (char **word = words; *word && code < 0; word++)
        code = set_threshold(set, *word);
    return code;
}

/* ---- Checking ---- */

guint check_rule(const struct check *check, const struct weft_finding *finding)
{
    return (guint)(finding->rule - check->rules);
}

gboolean check_fails(const struct check *check, const struct weft_finding *finding)
{
    return finding->severity >= MIN(check->least, check->fails[check_rule(check, finding)]);
}

char *check_since(const struct check *check, const struct weft_finding *finding)
{
    return weft_format_since(finding->since_ns, weft_trace_begin_ns(check->trace));
}

char *check_lost_text(const struct check *check)
{
    guint64 lost = weft_model_lost(check->model);
    if (lost == 0)
        return NULL;
    g_autofree char *number = quantity_format_count(lost);
    return g_strdup_printf("%s %s lost: nothing is said of what they hide", number,
                           lost == 1 ? "event was" : "events were");
}

static void print(const struct check *check, const struct settings *settings)
{
    const char *format = settings->json ? "json" : settings->format ? settings->format : "text";
    if (strcmp(format, "json") == 0)
        check_print_json(check);
    else if (strcmp(format, "junit") == 0)
        check_print_junit(check);
    else if (strcmp(format, "sarif") == 0)
        check_print_sarif(check);
    else
        check_print_text(check, output_has_colour(settings->color));
}

static int look(struct check *check, const char *path, const struct settings *settings,
                const struct weft_threshold_set *thresholds)
{
    int code;
    gboolean failed = FALSE;
    check->model = input_open(path, &code);
    if (!check->model)
        return code;
    check->trace = weft_model_trace(check->model);
    g_autoptr(weft_findings) findings = findings_of(check->model, thresholds);
    for (guint i = 0; i < weft_findings_n(findings); i++) {
        const struct weft_finding *finding = weft_findings_get(findings, i);
        if (check->ignored[check_rule(check, finding)])
            continue;
        g_ptr_array_add(check->shown, (gpointer)finding);
        failed |= check_fails(check, finding);
    }
    print(check, settings);
    g_clear_pointer(&findings, weft_findings_free);
    weft_model_free(check->model);
    return code != EXIT_DONE ? code : failed ? EXIT_FOUND : EXIT_DONE;
}

static int run(const void *given, char **operands)
{
    const struct settings *settings = given;
    struct weft_threshold_set thresholds;
    if (settings->rules) {
        if (operands[0] || settings->json || settings->format)
            return failure_usage(&check_verb, "--rules goes without %s: it checks nothing",
                                 operands[0]      ? "FILE"
                                 : settings->json ? "--json"
                                                  : "--format");
        check_print_rules();
        return EXIT_DONE;
    }
    if (!operands[0])
        return failure_usage(&check_verb, "which trace? FILE is missing");
    if (settings->json && settings->format && strcmp(settings->format, "json") != 0)
        return failure_usage(&check_verb, "--json or --format %s, not both", settings->format);
    struct check check = { .least = WEFT_SEVERITIES, .shown = g_ptr_array_new() };
    check.rules = weft_finding_rules(&check.n_rules);
    check.ignored = g_new0(gboolean, check.n_rules);
    check.fails = g_new(enum weft_severity, check.n_rules);
    for (guint i = 0; i < check.n_rules; i++)
        check.fails[i] = WEFT_SEVERITIES;
    int code = select_rules(&check, settings);
    if (code < 0)
        code = set_thresholds(&thresholds, settings->thresholds);
    if (code < 0)
        code = look(&check, operands[0], settings, &thresholds);
    g_ptr_array_unref(check.shown);
    g_free(check.ignored);
    g_free(check.fails);
    return code;
}

const struct verb check_verb = {
    .name = "check",
    .usage = "FILE [--fail-on ID[:SEVERITY]|SEVERITY,…] [--ignore ID,…] [--format FORMAT]",
    .summary = "Say what is wrong: deadlocks, blocked loops, lost failures",
    .details =
        "Each finding has a plain sentence, a fix, and the time that proves it. The exit code is\n"
        "1 only when one is found that --fail-on names: ID is any finding of this rule, hints\n"
        "too; ID:SEVERITY one of this severity or a graver one; SEVERITY such a one of any rule.\n"
        "junit and sarif are for CI servers and code hosts.",
    .options = options,
    .settings_size = sizeof(struct settings),
    .defaults = &defaults,
    .max_operands = 1,
    .run = run,
};
