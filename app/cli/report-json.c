/* report-json.c: the report as one JSON object. Its keys are stable: man weft-report lists them. */
#include "app/cli/input.h"
#include "app/cli/jsontext.h"
#include "app/cli/report.h"

static void add_source(GString *json, const struct weft_trace_source *source)
{
    jsontext_open(json, NULL, '{');
    jsontext_number(json, "pid", (gint64)source->pid);
    jsontext_text(json, "program", source->program);
    jsontext_text(json, "host", source->host);
    jsontext_number_or_null(json, "start_realtime_ns", source->start_realtime_ns + source->start_ns,
                            source->start_realtime_ns != 0);
    jsontext_number(json, "start_ns", source->start_ns);
    jsontext_number(json, "begin_ns", source->begin_ns);
    jsontext_number_or_null(json, "end_ns", source->end_ns, source->end_ns != G_MAXINT64);
    jsontext_flag(json, "ended", source->ended);
    jsontext_flag(json, "ended_unseen", source->ended_unseen);
    jsontext_flag(json, "stopped", source->stopped);
    jsontext_number_or_null(json, "exit_code", source->exit_code,
                            source->ended && source->exit_signal == 0 &&
                                source->exit_code != WEFT_EXIT_UNKNOWN);
    jsontext_number_or_null(json, "exit_signal", source->exit_signal,
                            source->ended && source->exit_signal != 0);
    jsontext_close(json, '}');
}

static void add_loop(GString *json, const struct report *report, const struct report_loop *loop)
{
    jsontext_open(json, NULL, '{');
    jsontext_id(json, "id", loop->id);
    jsontext_text(json, "name", loop->name);
    jsontext_number(json, "source", weft_trace_source_of(report->trace, weft_id_ring(loop->id)));
    jsontext_number_or_null(json, "iterations", (gint64)loop->iterations, loop->recorded);
    jsontext_number_or_null(json, "busy_ns", loop->busy_ns, loop->known);
    jsontext_number_or_null(json, "poll_ns", loop->poll_ns, loop->known);
    jsontext_number_or_null(json, "unknown_ns", loop->unknown_ns, loop->known);
    jsontext_number_or_null(json, "max_iteration_ns", loop->max_iteration_ns, loop->recorded);
    jsontext_close(json, '}');
}

static void add_bucket(GString *json, const struct spread *spread, guint step)
{
    if (spread->steps[step] == 0)
        return;
    jsontext_open(json, NULL, '{');
    jsontext_number(json, "from_ns", spread_step_from(step));
    jsontext_number(json, "to_ns", spread_step_from(step + 1));
    jsontext_number(json, "count", (gint64)spread->steps[step]);
    jsontext_close(json, '}');
}

static void add_spread(GString *json, const char *key, const struct spread *spread)
{
    jsontext_open(json, key, '{');
    jsontext_number(json, "count", (gint64)spread->count);
    jsontext_number(json, "p50_ns", spread_percentile(spread, 50));
    jsontext_number(json, "p90_ns", spread_percentile(spread, 90));
    jsontext_number(json, "p99_ns", spread_percentile(spread, 99));
    jsontext_number(json, "max_ns", spread->greatest);
    jsontext_open(json, "buckets", '[');
    for (guint step = 0; step < SPREAD_STEPS; step++)
        add_bucket(json, spread, step);
    jsontext_close(json, ']');
    jsontext_close(json, '}');
}

static const char *const classes[WEFT_WAIT_CLASSES] = {
    [WEFT_WAIT_TIMER] = "timer", [WEFT_WAIT_IO] = "io",         [WEFT_WAIT_SYNC] = "sync",
    [WEFT_WAIT_TASK] = "task",   [WEFT_WAIT_THREAD] = "thread",
};

static void add_waits(GString *json, const struct report_task *task)
{
    jsontext_open(json, "waiting_by_ns", '{');
    for (guint i = 0; i < WEFT_WAIT_CLASSES; i++)
        jsontext_number(json, classes[i], task->totals.waiting_ns[i]);
    jsontext_close(json, '}');
}

static void add_task(GString *json, const struct report *report, const struct report_task *task)
{
    jsontext_open(json, NULL, '{');
    jsontext_id(json, "id", task->id);
    jsontext_text(json, "name", task->name);
    jsontext_id(json, "parent", task->parent);
    jsontext_text(json, "state", task->state);
    jsontext_number_or_null(json, "created_ns", task->created_ns, task->born);
    jsontext_number_or_null(json, "done_ns", task->done_ns, task->outcome != NULL);
    jsontext_text(json, "outcome", task->outcome);
    jsontext_number(json, "running_ns", task->totals.running_ns);
    jsontext_number(json, "ready_ns", task->totals.ready_ns);
    jsontext_number(json, "waiting_ns", task->waiting_ns);
    add_waits(json, task);
    jsontext_number(json, "cancelling_ns", task->totals.cancelling_ns);
    jsontext_number(json, "unknown_ns", task->totals.unknown_ns);
    jsontext_number_or_null(json, "resumes", task->resumes, task->recorded);
    jsontext_number(json, "longest_slice_ns", task->totals.longest_slice_ns);
    jsontext_site(json, "site", weft_trace_site(report->trace, task->site));
    jsontext_close(json, '}');
}

static void add_place(GString *json, const struct report *report, const struct report_site *place)
{
    jsontext_open(json, NULL, '{');
    jsontext_site(json, "site", weft_trace_site(report->trace, place->site));
    jsontext_number(json, "tasks", (gint64)place->tasks);
    jsontext_number(json, "running_ns", place->running_ns);
    jsontext_number(json, "ready_ns", place->ready_ns);
    jsontext_number(json, "waiting_ns", place->waiting_ns);
    jsontext_number_or_null(json, "resumes", (gint64)place->resumes, place->recorded);
    jsontext_number(json, "longest_slice_ns", place->longest_slice_ns);
    jsontext_close(json, '}');
}

static void build(GString *json, const struct report *report)
{
    jsontext_open(json, NULL, '{');
    jsontext_number(json, "events", (gint64)weft_model_events(report->model));
    jsontext_number(json, "lost", (gint64)weft_model_lost(report->model));
    jsontext_number(json, "duration_ns",
                    weft_model_end_ns(report->model) - weft_trace_begin_ns(report->trace));
    char *damage = input_damage(report->model);
    jsontext_text(json, "damage", damage);
    g_free(damage);
    jsontext_open(json, "findings", '{');
    for (guint severity = WEFT_SEVERITIES - 1; severity > WEFT_SEVERITY_NONE; severity--)
        jsontext_number(json, weft_severity_name(severity), report->findings[severity]);
    jsontext_close(json, '}');
    jsontext_open(json, "sources", '[');
    for (guint i = 0; i < weft_trace_n_sources(report->trace); i++)
        add_source(json, weft_trace_source_at(report->trace, i));
    jsontext_close(json, ']');
    jsontext_open(json, "loops", '[');
    for (guint i = 0; i < report->loops->len; i++)
        add_loop(json, report, &g_array_index(report->loops, struct report_loop, i));
    jsontext_close(json, ']');
    jsontext_open(json, "times", '{');
    add_spread(json, "slice", &report->slices);
    add_spread(json, "ready", &report->ready);
    add_spread(json, "iteration", &report->iterations);
    jsontext_open(json, "waiting", '{');
    for (guint class = 0; class < WEFT_WAIT_CLASSES; class ++)
        add_spread(json, classes[class], &report->waits[class]);
    jsontext_close(json, '}');
    jsontext_close(json, '}');
    jsontext_open(json, "tasks", '[');
    for (guint i = 0; i < report->tasks->len; i++)
        add_task(json, report, &g_array_index(report->tasks, struct report_task, i));
    jsontext_close(json, ']');
    jsontext_open(json, "sites", '[');
    for (guint i = 0; i < report->sites->len; i++)
        add_place(json, report, &g_array_index(report->sites, struct report_site, i));
    jsontext_close(json, ']');
    jsontext_close(json, '}');
}

void report_print_json(const struct report *report)
{
    GString *json = g_string_new(NULL);
    build(json, report);
    jsontext_print_indented(json);
}
