/* findings.c: see findings.h. */
#include "app/cli/findings.h"
#include "app/cli/entity.h"

weft_findings *findings_of(weft_model *model, const struct weft_threshold_set *thresholds)
{
    weft_findings *findings = weft_findings_new(model, thresholds);
    while (weft_findings_advance(findings, 0))
        ;
    weft_findings_now(findings, weft_model_end_ns(model),
                      !weft_trace_growing(weft_model_trace(model)));
    return findings;
}

void findings_count(weft_findings *findings, guint counts[WEFT_SEVERITIES])
{
    for (guint i = 0; i < WEFT_SEVERITIES; i++)
        counts[i] = 0;
    for (guint i = 0; i < weft_findings_n(findings); i++)
        counts[weft_findings_get(findings, i)->severity]++;
}

char *findings_describe(const guint counts[WEFT_SEVERITIES])
{
    GString *text = g_string_new(NULL);
    for (guint severity = WEFT_SEVERITIES - 1; severity > WEFT_SEVERITY_NONE; severity--)
        if (counts[severity] > 0)
            g_string_append_printf(text, "%s%u %s%s", text->len ? ", " : "", counts[severity],
                                   weft_severity_name(severity), counts[severity] == 1 ? "" : "s");
    return g_string_free(text, text->len == 0);
}

char *findings_plain_name(const char *name)
{
    GString *plain = g_string_new(NULL);
    for (; *name; name++)
        if (!g_ascii_isdigit(*name))
            g_string_append_c(plain, *name);
        else if (plain->len == 0 || plain->str[plain->len - 1] != '#')
            g_string_append_c(plain, '#');
    return g_string_free(plain, FALSE);
}

char *findings_likeness(const weft_model *model, const struct weft_finding *finding)
{
    const struct weft_trace_site *site = weft_trace_site(weft_model_trace(model), finding->site);
    g_autofree char *name = finding->subject ? entity_given_name(model, finding->subject) : NULL;
    g_autofree char *plain = findings_plain_name(name ? name : "");
    return g_strdup_printf("%s %s %s %s", finding->rule->id, site ? site->file : "",
                           site && site->func ? site->func : "", plain);
}
