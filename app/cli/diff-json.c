/* diff-json.c: two runs as one JSON object. Its keys are stable: man weft-diff lists them. */
#include "app/cli/diff.h"
#include "app/cli/input.h"
#include "app/cli/jsontext.h"

static const char *const runs[DIFF_RUNS] = { [DIFF_A] = "a", [DIFF_B] = "b" };
static const char *const measures[DIFF_MEASURES + 1] = {
    [DIFF_RUNNING] = "running_ns", [DIFF_READY] = "ready_ns", [DIFF_WAITING] = "waiting_ns",
    [DIFF_SLICE] = "slice_ns",     [DIFF_MEASURES] = "tasks",
};

static void add_run(GString *json, const struct diff *diff, guint run)
{
    weft_model *model = diff->models[run];
    weft_trace *trace = weft_model_trace(model);
    jsontext_open(json, runs[run], '{');
    jsontext_text(json, "file", weft_trace_path(trace));
    jsontext_text(json, "program", weft_trace_source(trace)->program);
    jsontext_number(json, "events", (gint64)weft_model_events(model));
    jsontext_number(json, "lost", (gint64)weft_model_lost(model));
    jsontext_number(json, "duration_ns", weft_model_end_ns(model) - weft_trace_begin_ns(trace));
    jsontext_flag(json, "part", diff->part[run]);
    g_autofree char *damage = input_damage(model);
    jsontext_text(json, "damage", damage);
    jsontext_close(json, '}');
}

static void add_subject(GString *json, const struct diff_row *row)
{
    jsontext_text(json, "name", row->name);
    jsontext_text(json, "file", row->file);
    jsontext_text(json, "function", row->function);
    jsontext_open(json, "line", '{');
    for (guint run = 0; run < DIFF_RUNS; run++)
        jsontext_number_or_null(json, runs[run], row->sides[run].line, row->sides[run].line != 0);
    jsontext_close(json, '}');
}

static void add_change(GString *json, const struct diff_change *change)
{
    static const char *const kinds[] = {
        [DIFF_MORE] = "more",
        [DIFF_LESS] = "less",
        [DIFF_NEW] = "new",
        [DIFF_GONE] = "gone",
    };
    jsontext_open(json, NULL, '{');
    jsontext_text(json, "change", kinds[change->kind]);
    jsontext_text(json, "of", measures[change->measure]);
    add_subject(json, change->row);
    jsontext_number_or_null(json, "quantile", change->quantile, change->quantile != 0);
    jsontext_number(json, "was", change->was);
    jsontext_number(json, "is", change->is);
    jsontext_open(json, "tasks", '{');
    for (guint run = 0; run < DIFF_RUNS; run++)
        jsontext_number(json, runs[run], (gint64)change->of[run]);
    jsontext_close(json, '}');
    if (change->p < 0)
        jsontext_null(json, "p");
    else
        jsontext_fraction(json, "p", change->p);
    jsontext_close(json, '}');
}

static void add_row(GString *json, const struct diff_row *row)
{
    jsontext_open(json, NULL, '{');
    add_subject(json, row);
    jsontext_open(json, "tasks", '{');
    for (guint run = 0; run < DIFF_RUNS; run++)
        jsontext_number(json, runs[run], (gint64)row->sides[run].tasks);
    jsontext_close(json, '}');
    for (guint measure = 0; measure < DIFF_MEASURES; measure++) {
        jsontext_open(json, measures[measure], '{');
        for (guint run = 0; run < DIFF_RUNS; run++)
            jsontext_number(json, runs[run], row->sides[run].sums[measure]);
        jsontext_close(json, '}');
    }
    jsontext_close(json, '}');
}

static void add_rows(GString *json, const char *key, GPtrArray *rows)
{
    jsontext_open(json, key, '[');
    for (guint i = 0; i < rows->len; i++)
        add_row(json, rows->pdata[i]);
    jsontext_close(json, ']');
}

static void add_findings(GString *json, const char *key, const struct diff *diff, guint run)
{
    jsontext_open(json, key, '[');
    for (guint i = 0; i < diff->only[run]->len; i++) {
        const struct weft_finding *finding = diff->only[run]->pdata[i];
        jsontext_open(json, NULL, '{');
        jsontext_text(json, "id", finding->rule->id);
        jsontext_text(json, "severity", weft_severity_name(finding->severity));
        jsontext_text(json, "message", finding->message);
        jsontext_site(json, "site",
                      weft_trace_site(weft_model_trace(diff->models[run]), finding->site));
        jsontext_number(json, "from_ns", finding->from_ns);
        jsontext_number(json, "to_ns", finding->to_ns);
        jsontext_close(json, '}');
    }
    jsontext_close(json, ']');
}

void diff_print_json(const struct diff *diff)
{
    GString *json = g_string_new(NULL);
    jsontext_open(json, NULL, '{');
    for (guint run = 0; run < DIFF_RUNS; run++)
        add_run(json, diff, run);
    jsontext_number(json, "unknown_tasks", (gint64)diff->unknown);
    jsontext_open(json, "significant", '[');
    for (guint i = 0; i < diff->changes->len; i++)
        add_change(json, &g_array_index(diff->changes, struct diff_change, i));
    jsontext_close(json, ']');
    jsontext_open(json, "findings", '{');
    add_findings(json, "new", diff, DIFF_B);
    add_findings(json, "vanished", diff, DIFF_A);
    jsontext_close(json, '}');
    add_rows(json, "sites", diff->sites);
    add_rows(json, "tasks", diff->tasks);
    jsontext_close(json, '}');
    jsontext_print_indented(json);
}
