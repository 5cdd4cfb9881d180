/* check-sarif.c: findings as SARIF 2.1.0, which code hosts show beside the lines they are about. */
#include "app/cli/check.h"
#include "app/cli/input.h"
#include "app/cli/jsontext.h"

static const char *level_of(enum weft_severity severity)
{
    static const char *const levels[WEFT_SEVERITIES] = { "none", "note", "warning", "error" };
    return levels[severity];
}

/* "KEY": {"text": TEXT} */
static void add_message(GString *json, const char *key, const char *text)
{
    jsontext_open(json, key, '{');
    jsontext_text(json, "text", text);
    jsontext_close(json, '}');
}

static void add_rules(GString *json, const struct check *check)
{
    jsontext_open(json, "rules", '[');
    for (guint i = 0; i < check->n_rules; i++) {
        jsontext_open(json, NULL, '{');
        jsontext_text(json, "id", check->rules[i].id);
        add_message(json, "shortDescription", check->rules[i].meaning);
        jsontext_open(json, "defaultConfiguration", '{');
        jsontext_text(json, "level", level_of(check->rules[i].severity));
        jsontext_close(json, '}');
        jsontext_close(json, '}');
    }
    jsontext_close(json, ']');
}

static void add_location(GString *json, const struct weft_trace_site *site)
{
    g_autofree char *uri = g_uri_escape_string(site->file, "/", TRUE);
    jsontext_open(json, NULL, '{');
    jsontext_open(json, "physicalLocation", '{');
    jsontext_open(json, "artifactLocation", '{');
    jsontext_text(json, "uri", uri);
    jsontext_close(json, '}');
    jsontext_open(json, "region", '{');
    jsontext_number(json, "startLine", site->line);
    jsontext_close(json, '}');
    jsontext_close(json, '}');
    if (site->func && *site->func) {
        jsontext_open(json, "logicalLocations", '[');
        jsontext_open(json, NULL, '{');
        jsontext_text(json, "name", site->func);
        jsontext_text(json, "kind", "function");
        jsontext_close(json, '}');
        jsontext_close(json, ']');
    }
    jsontext_close(json, '}');
}

static void add_result(GString *json, const struct check *check, const struct weft_finding *finding)
{
    const struct weft_trace_site *site = weft_trace_site(check->trace, finding->site);
    g_autofree char *likeness = findings_likeness(check->model, finding);
    g_autofree char *text = finding->fix
                                ? g_strdup_printf("%s Fix: %s", finding->message, finding->fix)
                                : g_strdup(finding->message);
    jsontext_open(json, NULL, '{');
    jsontext_text(json, "ruleId", finding->rule->id);
    jsontext_number(json, "ruleIndex", check_rule(check, finding));
    jsontext_text(json, "level", level_of(finding->severity));
    add_message(json, "message", text);
    jsontext_open(json, "locations", '[');
    if (site && site->line != 0)
        add_location(json, site);
    jsontext_close(json, ']');
    jsontext_open(json, "partialFingerprints", '{');
    jsontext_text(json, "weftFault/v1", likeness);
    jsontext_close(json, '}');
    jsontext_open(json, "properties", '{');
    jsontext_number(json, "from_ns", finding->from_ns);
    jsontext_number(json, "to_ns", finding->to_ns);
    jsontext_number(json, "since_ns", finding->since_ns);
    jsontext_number(json, "count", finding->count);
    jsontext_flag(json, "proved", finding->proved);
    jsontext_close(json, '}');
    jsontext_close(json, '}');
}

static void add_notification(GString *json, const char *level, const char *text)
{
    if (!text)
        return;
    jsontext_open(json, NULL, '{');
    jsontext_text(json, "level", level);
    add_message(json, "message", text);
    jsontext_close(json, '}');
}

/* How the check itself went: of what is damaged or lost, it can say nothing. */
static void add_invocation(GString *json, const struct check *check)
{
    g_autofree char *damage = input_damage(check->model), *lost = check_lost_text(check);
    jsontext_open(json, "invocations", '[');
    jsontext_open(json, NULL, '{');
    jsontext_flag(json, "executionSuccessful", damage == NULL);
    jsontext_open(json, "toolExecutionNotifications", '[');
    add_notification(json, "error", damage);
    add_notification(json, "warning", lost);
    jsontext_close(json, ']');
    jsontext_close(json, '}');
    jsontext_close(json, ']');
}

void check_print_sarif(const struct check *check)
{
    GString *json = g_string_new(NULL);
    jsontext_open(json, NULL, '{');
    jsontext_text(json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    jsontext_text(json, "version", "2.1.0");
    jsontext_open(json, "runs", '[');
    jsontext_open(json, NULL, '{');
    jsontext_open(json, "tool", '{');
    jsontext_open(json, "driver", '{');
    jsontext_text(json, "name", "weft");
    jsontext_text(json, "semanticVersion", WEFT_VERSION);
    add_rules(json, check);
    jsontext_close(json, '}');
    jsontext_close(json, '}');
    add_invocation(json, check);
    jsontext_open(json, "results", '[');
    for (guint i = 0; i < check->shown->len; i++)
        add_result(json, check, check->shown->pdata[i]);
    jsontext_close(json, ']');
    jsontext_close(json, '}');
    jsontext_close(json, ']');
    jsontext_close(json, '}');
    jsontext_print_indented(json);
}
