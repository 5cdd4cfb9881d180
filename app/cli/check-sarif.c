/* check-sarif.c: findings as SARIF 2.1.0, which code hosts show beside the lines they are about. */
#include "app/cli/check.h"
#include "app/cli/jsontext.h"

static const char *level_of(enum weft_severity severity)
{
    static const char *const levels[WEFT_SEVERITIES] = { "none", "note", "warning", "error" };
    return levels[severity];
}

/* "KEY": {"text": TEXT} */
static void add_message(JsonBuilder *json, const char *key, const char *text)
{
    jsontext_begin_object(json, key);
    jsontext_add_text(json, "text", text);
    json_builder_end_object(json);
}

static void add_rules(JsonBuilder *json, const struct check *check)
{
    jsontext_begin_list(json, "rules");
    for (guint i = 0; i < check->n_rules; i++) {
        json_builder_begin_object(json);
        jsontext_add_text(json, "id", check->rules[i].id);
        add_message(json, "shortDescription", check->rules[i].meaning);
        jsontext_begin_object(json, "defaultConfiguration");
        jsontext_add_text(json, "level", level_of(check->rules[i].severity));
        json_builder_end_object(json);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}

static void add_location(JsonBuilder *json, const struct weft_trace_site *site)
{
    g_autofree char *uri = g_uri_escape_string(site->file, "/", TRUE);
    json_builder_begin_object(json);
    jsontext_begin_object(json, "physicalLocation");
    jsontext_begin_object(json, "artifactLocation");
    jsontext_add_text(json, "uri", uri);
    json_builder_end_object(json);
    jsontext_begin_object(json, "region");
    jsontext_add_number(json, "startLine", site->line);
    json_builder_end_object(json);
    json_builder_end_object(json);
    if (site->func && *site->func) {
        jsontext_begin_list(json, "logicalLocations");
        json_builder_begin_object(json);
        jsontext_add_text(json, "name", site->func);
        jsontext_add_text(json, "kind", "function");
        json_builder_end_object(json);
        json_builder_end_array(json);
    }
    json_builder_end_object(json);
}

static void add_result(JsonBuilder *json, const struct check *check,
                       const struct weft_finding *finding)
{
    const struct weft_trace_site *site = weft_trace_site(check->trace, finding->site);
    g_autofree char *likeness = findings_likeness(check->model, finding);
    g_autofree char *text = finding->fix
                                ? g_strdup_printf("%s Fix: %s", finding->message, finding->fix)
                                : g_strdup(finding->message);
    json_builder_begin_object(json);
    jsontext_add_text(json, "ruleId", finding->rule->id);
    jsontext_add_number(json, "ruleIndex", check_rule(check, finding));
    jsontext_add_text(json, "level", level_of(finding->severity));
    add_message(json, "message", text);
    jsontext_begin_list(json, "locations");
    if (site && site->line != 0)
        add_location(json, site);
    json_builder_end_array(json);
    jsontext_begin_object(json, "partialFingerprints");
    jsontext_add_text(json, "weftFault/v1", likeness);
    json_builder_end_object(json);
    jsontext_begin_object(json, "properties");
    jsontext_add_number(json, "from_ns", finding->from_ns);
    jsontext_add_number(json, "to_ns", finding->to_ns);
    jsontext_add_number(json, "count", finding->count);
    jsontext_add_flag(json, "proved", finding->proved);
    json_builder_end_object(json);
    json_builder_end_object(json);
}

void check_print_sarif(const struct check *check)
{
    JsonBuilder *json = json_builder_new();
    json_builder_begin_object(json);
    jsontext_add_text(json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    jsontext_add_text(json, "version", "2.1.0");
    jsontext_begin_list(json, "runs");
    json_builder_begin_object(json);
    jsontext_begin_object(json, "tool");
    jsontext_begin_object(json, "driver");
    jsontext_add_text(json, "name", "weft");
    jsontext_add_text(json, "semanticVersion", WEFT_VERSION);
    add_rules(json, check);
    json_builder_end_object(json);
    json_builder_end_object(json);
    jsontext_begin_list(json, "results");
    for (guint i = 0; i < check->shown->len; i++)
        add_result(json, check, check->shown->pdata[i]);
    json_builder_end_array(json);
    json_builder_end_object(json);
    json_builder_end_array(json);
    json_builder_end_object(json);
    jsontext_print(json);
}
