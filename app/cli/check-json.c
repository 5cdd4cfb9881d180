/* check-json.c: findings as one JSON object. Its keys are stable: man weft-check lists them. */
#include "app/cli/check.h"
#include "app/cli/input.h"
#include "app/cli/jsontext.h"

static void add_entities(JsonBuilder *json, const struct check *check,
                         const struct weft_finding *finding)
{
    jsontext_begin_list(json, "entities");
    for (guint i = 0; i < finding->n_entities; i++) {
        g_autofree char *name = weft_model_name(check->model, finding->entities[i]);
        json_builder_begin_object(json);
        jsontext_add_id(json, "id", finding->entities[i]);
        jsontext_add_text(json, "name", name);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}

static void add_finding(JsonBuilder *json, const struct check *check,
                        const struct weft_finding *finding)
{
    gboolean is_task = weft_id_kind(finding->subject) == WEFT_ENTITY_TASK;
    json_builder_begin_object(json);
    jsontext_add_text(json, "id", finding->rule->id);
    jsontext_add_text(json, "severity", weft_severity_name(finding->severity));
    jsontext_add_flag(json, "proved", finding->proved);
    jsontext_add_flag(json, "lasts", finding->lasts);
    jsontext_add_flag(json, "fails", check_fails(check, finding));
    jsontext_add_text(json, "message", finding->message);
    jsontext_add_text(json, "fix", finding->fix);
    jsontext_add_id(json, "task", is_task ? finding->subject : 0);
    jsontext_add_number(json, "count", finding->count);
    jsontext_add_site(json, check->trace, finding->site);
    jsontext_add_number(json, "from_ns", finding->from_ns);
    jsontext_add_number(json, "to_ns", finding->to_ns);
    jsontext_add_text(json, "key", finding->key);
    add_entities(json, check, finding);
    json_builder_end_object(json);
}

void check_print_json(const struct check *check)
{
    JsonBuilder *json = json_builder_new();
    json_builder_begin_object(json);
    jsontext_begin_list(json, "findings");
    for (guint i = 0; i < check->shown->len; i++)
        add_finding(json, check, check->shown->pdata[i]);
    json_builder_end_array(json);
    jsontext_begin_list(json, "rules");
    for (guint i = 0; i < check->n_rules; i++)
        if (!check->ignored[i])
            json_builder_add_string_value(json, check->rules[i].id);
    json_builder_end_array(json);
    g_autofree char *damage = input_damage(check->model);
    jsontext_add_text(json, "damage", damage);
    json_builder_end_object(json);
    jsontext_print(json);
}
