/* report-json.c: the report as one JSON object. Its keys are stable: man weft-report lists them. */
#include "app/cli/input.h"
#include "app/cli/jsontext.h"
#include "app/cli/report.h"

static void add_source(JsonBuilder *json, const struct weft_trace_source *source)
{
    json_builder_begin_object(json);
    jsontext_add_number(json, "pid", (gint64)source->pid);
    jsontext_add_text(json, "program", source->program);
    jsontext_add_text(json, "host", source->host);
    jsontext_add_number_or_null(json, "start_realtime_ns", source->start_realtime_ns,
                                source->start_realtime_ns != 0);
    jsontext_add_number(json, "start_ns", source->start_ns);
    jsontext_add_number(json, "begin_ns", source->begin_ns);
    jsontext_add_number_or_null(json, "end_ns", source->end_ns, source->end_ns != G_MAXINT64);
    jsontext_add_flag(json, "ended", source->ended);
    jsontext_add_flag(json, "ended_unseen", source->ended_unseen);
    jsontext_add_number_or_null(json, "exit_code", source->exit_code,
                                source->ended && source->exit_signal == 0 &&
                                    source->exit_code != WEFT_EXIT_UNKNOWN);
    jsontext_add_number_or_null(json, "exit_signal", source->exit_signal,
                                source->ended && source->exit_signal != 0);
    json_builder_end_object(json);
}

static void add_loop(JsonBuilder *json, const struct report *report, const struct report_loop *loop)
{
    json_builder_begin_object(json);
    jsontext_add_id(json, "id", loop->id);
    jsontext_add_text(json, "name", loop->name);
    jsontext_add_number(json, "source",
                        weft_trace_source_of(report->trace, weft_id_ring(loop->id)));
    jsontext_add_number(json, "iterations", (gint64)loop->iterations);
    jsontext_add_number(json, "busy_ns", loop->busy_ns);
    jsontext_add_number(json, "poll_ns", loop->poll_ns);
    jsontext_add_number(json, "unknown_ns", loop->unknown_ns);
    jsontext_add_number(json, "max_iteration_ns", loop->max_iteration_ns);
    json_builder_end_object(json);
}

static void add_bucket(JsonBuilder *json, const struct spread *spread, guint step)
{
    if (spread->steps[step] == 0)
        return;
    json_builder_begin_object(json);
    jsontext_add_number(json, "from_ns", spread_step_from(step));
    jsontext_add_number(json, "to_ns", spread_step_from(step + 1));
    jsontext_add_number(json, "count", (gint64)spread->steps[step]);
    json_builder_end_object(json);
}

static void add_spread(JsonBuilder *json, const char *key, const struct spread *spread)
{
    jsontext_begin_object(json, key);
    jsontext_add_number(json, "count", (gint64)spread->count);
    jsontext_add_number(json, "p50_ns", spread_percentile(spread, 50));
    jsontext_add_number(json, "p90_ns", spread_percentile(spread, 90));
    jsontext_add_number(json, "p99_ns", spread_percentile(spread, 99));
    jsontext_add_number(json, "max_ns", spread->greatest);
    jsontext_begin_list(json, "buckets");
    for (guint step = 0; step < SPREAD_STEPS; step++)
        add_bucket(json, spread, step);
    json_builder_end_array(json);
    json_builder_end_object(json);
}

static const char *const classes[WEFT_WAIT_CLASSES] = {
    [WEFT_WAIT_TIMER] = "timer", [WEFT_WAIT_IO] = "io",         [WEFT_WAIT_SYNC] = "sync",
    [WEFT_WAIT_TASK] = "task",   [WEFT_WAIT_THREAD] = "thread",
};

static void add_waits(JsonBuilder *json, const struct weft_totals *totals)
{
    jsontext_begin_object(json, "waiting_by_ns");
    for (guint i = 0; i < WEFT_WAIT_CLASSES; i++)
        jsontext_add_number(json, classes[i], totals->waiting_ns[i]);
    json_builder_end_object(json);
}

static void add_task(JsonBuilder *json, const struct report *report, const struct report_task *task)
{
    json_builder_begin_object(json);
    jsontext_add_id(json, "id", task->id);
    jsontext_add_text(json, "name", task->name);
    jsontext_add_id(json, "parent", task->parent);
    jsontext_add_text(json, "state", task->state);
    jsontext_add_number_or_null(json, "created_ns", task->created_ns, task->born);
    jsontext_add_number_or_null(json, "done_ns", task->done_ns, task->outcome != NULL);
    jsontext_add_text(json, "outcome", task->outcome);
    jsontext_add_number(json, "running_ns", task->totals.running_ns);
    jsontext_add_number(json, "ready_ns", task->totals.ready_ns);
    jsontext_add_number(json, "waiting_ns", task->waiting_ns);
    add_waits(json, &task->totals);
    jsontext_add_number(json, "cancelling_ns", task->totals.cancelling_ns);
    jsontext_add_number(json, "unknown_ns", task->totals.unknown_ns);
    jsontext_add_number(json, "resumes", task->resumes);
    jsontext_add_number(json, "longest_slice_ns", task->totals.longest_slice_ns);
    jsontext_add_site(json, report->trace, task->site);
    json_builder_end_object(json);
}

static void add_place(JsonBuilder *json, const struct report *report,
                      const struct report_site *place)
{
    json_builder_begin_object(json);
    jsontext_add_site(json, report->trace, place->site);
    jsontext_add_number(json, "tasks", (gint64)place->tasks);
    jsontext_add_number(json, "running_ns", place->running_ns);
    jsontext_add_number(json, "ready_ns", place->ready_ns);
    jsontext_add_number(json, "waiting_ns", place->waiting_ns);
    jsontext_add_number(json, "resumes", (gint64)place->resumes);
    jsontext_add_number(json, "longest_slice_ns", place->longest_slice_ns);
    json_builder_end_object(json);
}

static void build(JsonBuilder *json, const struct report *report)
{
    json_builder_begin_object(json);
    jsontext_add_number(json, "events", (gint64)weft_model_events(report->model));
    jsontext_add_number(json, "lost", (gint64)weft_model_lost(report->model));
    jsontext_add_number(json, "duration_ns",
                        weft_model_end_ns(report->model) - weft_trace_begin_ns(report->trace));
    char *damage = input_damage(report->model);
    jsontext_add_text(json, "damage", damage);
    g_free(damage);
    jsontext_begin_object(json, "findings");
    for (guint severity = WEFT_SEVERITIES - 1; severity > WEFT_SEVERITY_NONE; severity--)
        jsontext_add_number(json, weft_severity_name(severity), report->findings[severity]);
    json_builder_end_object(json);
    jsontext_begin_list(json, "sources");
    for (guint i = 0; i < weft_trace_n_sources(report->trace); i++)
        add_source(json, weft_trace_source_at(report->trace, i));
    json_builder_end_array(json);
    jsontext_begin_list(json, "loops");
    for (guint i = 0; i < report->loops->len; i++)
        add_loop(json, report, &g_array_index(report->loops, struct report_loop, i));
    json_builder_end_array(json);
    jsontext_begin_object(json, "times");
    add_spread(json, "slice", &report->slices);
    add_spread(json, "ready", &report->ready);
    add_spread(json, "iteration", &report->iterations);
    jsontext_begin_object(json, "waiting");
    for (guint class = 0; class < WEFT_WAIT_CLASSES; class ++)
        add_spread(json, classes[class], &report->waits[class]);
    json_builder_end_object(json);
    json_builder_end_object(json);
    jsontext_begin_list(json, "tasks");
    for (guint i = 0; i < report->tasks->len; i++)
        add_task(json, report, &g_array_index(report->tasks, struct report_task, i));
    json_builder_end_array(json);
    jsontext_begin_list(json, "sites");
    for (guint i = 0; i < report->sites->len; i++)
        add_place(json, report, &g_array_index(report->sites, struct report_site, i));
    json_builder_end_array(json);
    json_builder_end_object(json);
}

void report_print_json(const struct report *report)
{
    JsonBuilder *json = json_builder_new();
    build(json, report);
    jsontext_print(json);
}
