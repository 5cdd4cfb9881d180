/* diff-json.c: two runs as one JSON object. Its keys are stable: man weft-diff lists them. */
#include "app/cli/diff.h"
#include "app/cli/input.h"
#include "app/cli/jsontext.h"

static const char *const runs[DIFF_RUNS] = { [DIFF_A] = "a", [DIFF_B] = "b" };
static const char *const measures[DIFF_MEASURES + 1] = {
    [DIFF_RUNNING] = "running_ns", [DIFF_READY] = "ready_ns", [DIFF_WAITING] = "waiting_ns",
    [DIFF_SLICE] = "slice_ns",     [DIFF_MEASURES] = "tasks",
};

static void add_run(JsonBuilder *json, const char *key, weft_model *model)
{
    weft_trace *trace = weft_model_trace(model);
    jsontext_begin_object(json, key);
    jsontext_add_text(json, "file", weft_trace_path(trace));
    jsontext_add_text(json, "program", weft_trace_source(trace)->program);
    jsontext_add_number(json, "events", (gint64)weft_model_events(model));
    jsontext_add_number(json, "lost", (gint64)weft_model_lost(model));
    jsontext_add_number(json, "duration_ns", weft_model_end_ns(model) - weft_trace_begin_ns(trace));
    g_autofree char *damage = input_damage(model);
    jsontext_add_text(json, "damage", damage);
    json_builder_end_object(json);
}

static void add_subject(JsonBuilder *json, const struct diff_row *row)
{
    jsontext_add_text(json, "name", row->name);
    jsontext_add_text(json, "file", row->file);
    jsontext_add_text(json, "function", row->function);
    jsontext_begin_object(json, "line");
    for (guint run = 0; run < DIFF_RUNS; run++)
        jsontext_add_number_or_null(json, runs[run], row->sides[run].line,
                                    row->sides[run].line != 0);
    json_builder_end_object(json);
}

static void add_change(JsonBuilder *json, const struct diff_change *change)
{
    static const char *const kinds[] = {
        [DIFF_MORE] = "more",
        [DIFF_LESS] = "less",
        [DIFF_NEW] = "new",
        [DIFF_GONE] = "gone",
    };
    json_builder_begin_object(json);
    jsontext_add_text(json, "change", kinds[change->kind]);
    jsontext_add_text(json, "of", measures[change->measure]);
    add_subject(json, change->row);
    jsontext_add_number_or_null(json, "quantile", change->quantile, change->quantile != 0);
    jsontext_add_number(json, "was", change->was);
    jsontext_add_number(json, "is", change->is);
    jsontext_begin_object(json, "tasks");
    for (guint run = 0; run < DIFF_RUNS; run++)
        jsontext_add_number(json, runs[run], (gint64)change->of[run]);
    json_builder_end_object(json);
    json_builder_set_member_name(json, "p");
    if (change->p < 0)
        json_builder_add_null_value(json);
    else
        json_builder_add_double_value(json, change->p);
    json_builder_end_object(json);
}

static void add_row(JsonBuilder *json, const struct diff_row *row)
{
    json_builder_begin_object(json);
    add_subject(json, row);
    jsontext_begin_object(json, "tasks");
    for (guint run = 0; run < DIFF_RUNS; run++)
        jsontext_add_number(json, runs[run], (gint64)row->sides[run].tasks);
    json_builder_end_object(json);
    for (guint measure = 0; measure < DIFF_MEASURES; measure++) {
        jsontext_begin_object(json, measures[measure]);
        for (guint run = 0; run < DIFF_RUNS; run++)
            jsontext_add_number(json, runs[run], row->sides[run].sums[measure]);
        json_builder_end_object(json);
    }
    json_builder_end_object(json);
}

static void add_rows(JsonBuilder *json, const char *key, GPtrArray *rows)
{
    jsontext_begin_list(json, key);
    for (guint i = 0; i < rows->len; i++)
        add_row(json, rows->pdata[i]);
    json_builder_end_array(json);
}

static void add_findings(JsonBuilder *json, const char *key, const struct diff *diff, guint run)
{
    jsontext_begin_list(json, key);
    for (guint i = 0; i < diff->only[run]->len; i++) {
        const struct weft_finding *finding = diff->only[run]->pdata[i];
        json_builder_begin_object(json);
        jsontext_add_text(json, "id", finding->rule->id);
        jsontext_add_text(json, "severity", weft_severity_name(finding->severity));
        jsontext_add_text(json, "message", finding->message);
        jsontext_add_site(json, weft_model_trace(diff->models[run]), finding->site);
        jsontext_add_number(json, "from_ns", finding->from_ns);
        jsontext_add_number(json, "to_ns", finding->to_ns);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}

void diff_print_json(const struct diff *diff)
{
    JsonBuilder *json = json_builder_new();
    json_builder_begin_object(json);
    for (guint run = 0; run < DIFF_RUNS; run++)
        add_run(json, runs[run], diff->models[run]);
    jsontext_add_number(json, "unknown_tasks", (gint64)diff->unknown);
    jsontext_begin_list(json, "significant");
    for (guint i = 0; i < diff->changes->len; i++)
        add_change(json, &g_array_index(diff->changes, struct diff_change, i));
    json_builder_end_array(json);
    jsontext_begin_object(json, "findings");
    add_findings(json, "new", diff, DIFF_B);
    add_findings(json, "vanished", diff, DIFF_A);
    json_builder_end_object(json);
    add_rows(json, "sites", diff->sites);
    add_rows(json, "tasks", diff->tasks);
    json_builder_end_object(json);
    jsontext_print(json);
}
