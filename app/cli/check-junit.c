/* check-junit.c: findings as JUnit XML, which CI servers draw: a test case per rule, failed by what
 * --fail-on names; what else was found is its output. A damaged trace is one more, an error. How
 * many events were lost is a property of the suite, and said. */
#include "app/cli/check.h"
#include "app/cli/entity.h"
#include "app/cli/input.h"
#include "tracer/export/export.h"

#include <stdio.h>

/* XML 1.0 has no words for control characters at all. */
static char *escape(const char *text)
{
    g_autoptr(GString) safe = g_string_new(NULL);
    g_autofree char *valid = g_utf8_make_valid(text, -1); /* a path may be anything */
    for (text = valid; *text; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);
        gboolean unsafe = weft_export_is_unsafe(c) || c == 0xfffe || c == 0xffff;
        g_string_append_unichar(safe, unsafe ? 0xfffd : c);
    }
    return g_markup_escape_text(safe->str, (gssize)safe->len);
}

/* "warning: MESSAGE", "at app.c:42 (main), 12.2 ms to 40.0 ms", "Fix: …": a line each. */
static char *describe(const struct check *check, const struct weft_finding *finding)
{
    g_autofree char *from = check_since(check, finding);
    g_autofree char *to = weft_format_time(finding->to_ns);
    g_autofree char *place = entity_place(check->trace, finding->site);
    g_autofree char *safe_place = escape(place);
    g_autofree char *message = escape(finding->message);
    g_autofree char *fix = escape(finding->fix ? finding->fix : "");
    return g_strdup_printf("%s: %s\n%s%s%s%s to %s\n%s%s\n", weft_severity_name(finding->severity),
                           message, finding->site ? "at " : "", finding->site ? safe_place : "",
                           finding->site ? ", " : "", from, to, *fix ? "Fix: " : "", fix);
}

static gboolean is_of(const struct check *check, guint finding, guint rule)
{
    return check_rule(check, check->shown->pdata[finding]) == rule;
}

static void print_rule(const struct check *check, guint rule)
{
    g_autoptr(GString) output = g_string_new(NULL);
    printf("    <testcase classname=\"weft\" name=\"%s\" time=\"0\">\n", check->rules[rule].id);
    if (check->ignored[rule])
        puts("      <skipped message=\"ignored\"/>");
    for (guint i = 0; i < check->shown->len; i++) {
        const struct weft_finding *finding = check->shown->pdata[i];
        if (!is_of(check, i, rule))
            continue;
        g_autofree char *description = describe(check, finding);
        g_autofree char *message = escape(finding->message);
        if (check_fails(check, finding))
            printf("      <failure type=\"%s\" message=\"%s\">%s</failure>\n",
                   weft_severity_name(finding->severity), message, description);
        else
            g_string_append(output, description);
    }
    if (output->len > 0)
        printf("      <system-out>%s</system-out>\n", output->str);
    puts("    </testcase>");
}

void check_print_junit(const struct check *check)
{
    guint failed = 0, skipped = 0;
    for (guint rule = 0; rule < check->n_rules; rule++) {
        gboolean fails = FALSE;
        for (guint i = 0; i < check->shown->len; i++)
            fails |= is_of(check, i, rule) && check_fails(check, check->shown->pdata[i]);
        failed += fails;
        skipped += check->ignored[rule];
    }
    /* A server that looks at the report alone must not take a cut trace for a good one. */
    g_autofree char *damage = input_damage(check->model);
    guint n_cases = check->n_rules + (damage != NULL), broken = damage != NULL;
    g_autofree char *name = escape(weft_trace_path(check->trace));
    puts("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    printf("<testsuites tests=\"%u\" failures=\"%u\" errors=\"%u\">\n", n_cases, failed, broken);
    printf("  <testsuite name=\"weft check %s\" tests=\"%u\" failures=\"%u\" errors=\"%u\" "
           "skipped=\"%u\">\n",
           name, n_cases, failed, broken, skipped);
    printf("    <properties><property name=\"lost\" value=\"%" G_GUINT64_FORMAT
           "\"/></properties>\n",
           weft_model_lost(check->model));
    for (guint rule = 0; rule < check->n_rules; rule++)
        print_rule(check, rule);
    if (damage) {
        g_autofree char *text = escape(damage);
        printf("    <testcase classname=\"weft\" name=\"trace\" time=\"0\">\n"
               "      <error message=\"%s\"/>\n    </testcase>\n",
               text);
    }
    g_autofree char *lost = check_lost_text(check);
    if (lost)
        printf("    <system-err>%s</system-err>\n", lost);
    puts("  </testsuite>\n</testsuites>");
}
