/* check-text.c: findings for people:
 *
 *      warning blocking-call  at app.c:42 (main), 12.2 ms to 40.0 ms
 *        fetch-1 held the loop for 27.8 ms …
 *        Fix: run it in a thread …  */
#include "app/cli/check.h"
#include "app/cli/entity.h"
#include "app/cli/output.h"
#include "app/cli/quantity.h"
#include "app/cli/table.h"

#include <stdio.h>

static const char *colour_of(enum weft_severity severity)
{
    static const char *const colours[WEFT_SEVERITIES] = {
        [WEFT_SEVERITY_NONE] = "\033[1m",
        [WEFT_SEVERITY_HINT] = "\033[1;36m",
        [WEFT_SEVERITY_WARNING] = "\033[1;33m",
        [WEFT_SEVERITY_ERROR] = "\033[1;31m",
    };
    return colours[severity];
}

static void print_finding(const struct check *check, const struct weft_finding *finding,
                          gboolean colour)
{
    g_autofree char *from = check_since(check, finding);
    g_autofree char *to = weft_format_time(finding->to_ns);
    g_autofree char *place = entity_place(check->trace, finding->site);
    const char *severity = weft_severity_name(finding->severity);
    g_autofree char *text = g_strdup_printf(" %s  %s%s%s%s to %s%s", finding->rule->id,
                                            finding->site ? "at " : "", finding->site ? place : "",
                                            finding->site ? ", " : "", from, to,
                                            finding->lasts ? ", and on" : "");
    printf("%s%s%s", colour ? colour_of(finding->severity) : "", severity, colour ? "\033[0m" : "");
    output_wrapped(text, (guint)strlen(severity), 2);
    output_sentence("  ", finding->message, NULL);
    if (finding->fix)
        output_sentence("  Fix: ", finding->fix, NULL);
    putchar('\n');
}

void check_print_text(const struct check *check, gboolean colour)
{
    guint counts[WEFT_SEVERITIES] = { 0 }, failed = 0, rules = 0;
    for (guint i = 0; i < check->shown->len; i++) {
        const struct weft_finding *finding = check->shown->pdata[i];
        print_finding(check, finding, colour);
        counts[finding->severity]++;
        failed += check_fails(check, finding);
    }
    for (guint i = 0; i < check->n_rules; i++)
        rules += !check->ignored[i];
    g_autofree char *found = findings_describe(counts);
    if (found)
        printf("%s%s%s\n", found, failed ? "; the check fails" : "",
               failed && failed < check->shown->len ? " for some of them" : "");
    else
        printf("Nothing found by %u rules.\n", rules);
    g_autofree char *lost = check_lost_text(check);
    if (lost)
        printf("%s.\n", lost);
}

/* ---- The rules ---- */

static char *format_threshold(const struct weft_threshold *threshold)
{
    switch (threshold->unit) {
    case WEFT_THRESHOLD_NS:
        return weft_format_duration(threshold->value);
    case WEFT_THRESHOLD_PERCENT:
        return g_strdup_printf("%" G_GINT64_FORMAT " %%", threshold->value);
    case WEFT_THRESHOLD_COUNT:
        break;
    }
    return quantity_format_count((guint64)threshold->value);
}

void check_print_rules(void)
{
    guint n;
    const struct weft_finding_rule *rules = weft_finding_rules(&n);
    table *t = table_new("RULE|GRAVEST|FINDS");
    for (guint i = 0; i < n; i++) {
        table_add(t, g_strdup(rules[i].id));
        table_add(t, g_strdup(weft_severity_name(rules[i].severity)));
        table_add(t, g_strdup(rules[i].meaning));
    }
    table_print(t, stdout, FALSE);
    table_free(t);
    const struct weft_threshold *thresholds = weft_thresholds(&n);
    t = table_new("THRESHOLD|>DEFAULT|MEANS");
    for (guint i = 0; i < n; i++) {
        table_add(t, g_strdup(thresholds[i].name));
        table_add(t, format_threshold(&thresholds[i]));
        table_add(t, g_strdup(thresholds[i].meaning));
    }
    putchar('\n');
    table_print(t, stdout, FALSE);
    table_free(t);
}
