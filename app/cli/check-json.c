/* check-json.c: findings as one JSON object. Its keys are stable: man weft-check lists them. */
#include "app/cli/check.h"
#include "app/cli/input.h"
#include "app/cli/jsontext.h"

static void add_entities(GString *json, const struct check *check,
                         const struct weft_finding *finding)
{
    jsontext_open(json, "entities", '[');
    for (guint i = 0; i < finding->n_entities; i++) {
        g_autofree char *name = weft_model_name(check->model, finding->entities[i]);
        jsontext_open(json, NULL, '{');
        jsontext_id(json, "id", finding->entities[i]);
        jsontext_text(json, "name", name);
        jsontext_close(json, '}');
    }
    jsontext_close(json, ']');
}

static void add_finding(GString *json, const struct check *check,
                        const struct weft_finding *finding)
{
    gboolean is_task = weft_id_kind(finding->subject) == WEFT_ENTITY_TASK;
    jsontext_open(json, NULL, '{');
    jsontext_text(json, "id", finding->rule->id);
    jsontext_text(json, "severity", weft_severity_name(finding->severity));
    jsontext_flag(json, "proved", finding->proved);
    jsontext_flag(json, "lasts", finding->lasts);
    jsontext_flag(json, "fails", check_fails(check, finding));
    jsontext_text(json, "message", finding->message);
    jsontext_text(json, "fix", finding->fix);
    jsontext_id(json, "task", is_task ? finding->subject : 0);
    jsontext_number(json, "count", finding->count);
    jsontext_site(json, "site", weft_trace_site(check->trace, finding->site));
    jsontext_number(json, "from_ns", finding->from_ns);
    jsontext_number(json, "to_ns", finding->to_ns);
    jsontext_number(json, "since_ns", finding->since_ns);
    jsontext_text(json, "key", finding->key);
    add_entities(json, check, finding);
    jsontext_close(json, '}');
}

void check_print_json(const struct check *check)
{
    GString *json = g_string_new(NULL);
    jsontext_open(json, NULL, '{');
    jsontext_open(json, "findings", '[');
    for (guint i = 0; i < check->shown->len; i++)
        add_finding(json, check, check->shown->pdata[i]);
    jsontext_close(json, ']');
    jsontext_open(json, "rules", '[');
    for (guint i = 0; i < check->n_rules; i++)
        if (!check->ignored[i])
            jsontext_text(json, NULL, check->rules[i].id);
    jsontext_close(json, ']');
    jsontext_number(json, "lost", (gint64)weft_model_lost(check->model));
    g_autofree char *damage = input_damage(check->model);
    jsontext_text(json, "damage", damage);
    jsontext_close(json, '}');
    jsontext_print_indented(json);
}
