/* report-json.c: the report as one JSON object. Its keys are stable: man weft-report lists them. */
#include "app/cli/entity.h"
#include "app/cli/input.h"
#include "app/cli/report.h"
#include "tracer/export/export.h"

#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

static void add_number(JsonBuilder *json, const char *key, gint64 value)
{
    json_builder_set_member_name(json, key);
    json_builder_add_int_value(json, value);
}

/* NULL becomes null. */
static void add_text(JsonBuilder *json, const char *key, const char *value)
{
    json_builder_set_member_name(json, key);
    if (value)
        json_builder_add_string_value(json, value);
    else
        json_builder_add_null_value(json);
}

static void add_number_or_null(JsonBuilder *json, const char *key, gint64 value, gboolean known)
{
    if (known)
        add_number(json, key, value);
    else
        add_text(json, key, NULL);
}

static void add_id(JsonBuilder *json, const char *key, guint64 id)
{
    char text[48];
    entity_format(id, text);
    add_text(json, key, id != 0 ? text : NULL);
}

static void add_site(JsonBuilder *json, const struct report *report, guint32 id)
{
    const struct weft_trace_site *site = weft_trace_site(report->trace, id);
    gboolean known = site && site->line != 0;
    char *place = known ? g_strdup_printf("%s:%u", site->file, site->line) : NULL;
    add_text(json, "site", place);
    add_text(json, "function", known ? site->func : NULL);
    g_free(place);
}

static void add_source(JsonBuilder *json, const struct weft_trace_source *source)
{
    json_builder_begin_object(json);
    add_number(json, "pid", (gint64)source->pid);
    add_text(json, "program", source->program);
    add_text(json, "host", source->host);
    add_number_or_null(json, "start_realtime_ns", source->start_realtime_ns,
                       source->start_realtime_ns != 0);
    add_number(json, "start_ns", source->start_ns);
    json_builder_set_member_name(json, "ended");
    json_builder_add_boolean_value(json, source->ended);
    add_number_or_null(json, "exit_code", source->exit_code,
                       source->ended && source->exit_signal == 0 &&
                           source->exit_code != WEFT_EXIT_UNKNOWN);
    add_number_or_null(json, "exit_signal", source->exit_signal,
                       source->ended && source->exit_signal != 0);
    json_builder_end_object(json);
}

static void add_loop(JsonBuilder *json, const struct report *report, const struct report_loop *loop)
{
    json_builder_begin_object(json);
    add_id(json, "id", loop->id);
    add_text(json, "name", loop->name);
    add_number(json, "source", weft_trace_source_of(report->trace, weft_id_ring(loop->id)));
    add_number(json, "iterations", (gint64)loop->iterations);
    add_number(json, "busy_ns", loop->busy_ns);
    add_number(json, "poll_ns", loop->poll_ns);
    add_number(json, "unknown_ns", loop->unknown_ns);
    add_number(json, "max_iteration_ns", loop->max_iteration_ns);
    json_builder_end_object(json);
}

static void add_spread(JsonBuilder *json, const char *key, const struct spread *spread)
{
    json_builder_set_member_name(json, key);
    json_builder_begin_object(json);
    add_number(json, "count", (gint64)spread->count);
    add_number(json, "p50_ns", spread_percentile(spread, 50));
    add_number(json, "p90_ns", spread_percentile(spread, 90));
    add_number(json, "p99_ns", spread_percentile(spread, 99));
    add_number(json, "max_ns", spread->greatest);
    json_builder_end_object(json);
}

static void add_waits(JsonBuilder *json, const struct weft_totals *totals)
{
    static const char *const classes[WEFT_WAIT_CLASSES] = {
        [WEFT_WAIT_TIMER] = "timer", [WEFT_WAIT_IO] = "io",         [WEFT_WAIT_SYNC] = "sync",
        [WEFT_WAIT_TASK] = "task",   [WEFT_WAIT_THREAD] = "thread",
    };
    json_builder_set_member_name(json, "waiting_by_ns");
    json_builder_begin_object(json);
    for (guint i = 0; i < WEFT_WAIT_CLASSES; i++)
        add_number(json, classes[i], totals->waiting_ns[i]);
    json_builder_end_object(json);
}

static void add_task(JsonBuilder *json, const struct report *report, const struct report_task *task)
{
    json_builder_begin_object(json);
    add_id(json, "id", task->id);
    add_text(json, "name", task->name);
    add_id(json, "parent", task->parent);
    add_text(json, "state", task->state);
    add_number(json, "created_ns", task->created_ns);
    add_number_or_null(json, "done_ns", task->done_ns, task->outcome != NULL);
    add_text(json, "outcome", task->outcome);
    add_number(json, "running_ns", task->totals.running_ns);
    add_number(json, "ready_ns", task->totals.ready_ns);
    add_number(json, "waiting_ns", task->waiting_ns);
    add_waits(json, &task->totals);
    add_number(json, "cancelling_ns", task->totals.cancelling_ns);
    add_number(json, "unknown_ns", task->totals.unknown_ns);
    add_number(json, "resumes", task->resumes);
    add_number(json, "longest_slice_ns", task->totals.longest_slice_ns);
    add_site(json, report, task->site);
    json_builder_end_object(json);
}

static void add_place(JsonBuilder *json, const struct report *report,
                      const struct report_site *place)
{
    json_builder_begin_object(json);
    add_site(json, report, place->site);
    add_number(json, "tasks", (gint64)place->tasks);
    add_number(json, "running_ns", place->running_ns);
    add_number(json, "ready_ns", place->ready_ns);
    add_number(json, "waiting_ns", place->waiting_ns);
    add_number(json, "resumes", (gint64)place->resumes);
    add_number(json, "longest_slice_ns", place->longest_slice_ns);
    json_builder_end_object(json);
}

static void begin_list(JsonBuilder *json, const char *key)
{
    json_builder_set_member_name(json, key);
    json_builder_begin_array(json);
}

static void build(JsonBuilder *json, const struct report *report)
{
    json_builder_begin_object(json);
    add_number(json, "events", (gint64)weft_model_events(report->model));
    add_number(json, "lost", (gint64)weft_model_lost(report->model));
    add_number(json, "duration_ns",
               weft_model_end_ns(report->model) - weft_trace_begin_ns(report->trace));
    char *damage = input_damage(report->model);
    add_text(json, "damage", damage);
    g_free(damage);
    begin_list(json, "sources");
    for (guint i = 0; i < weft_trace_n_sources(report->trace); i++)
        add_source(json, weft_trace_source_at(report->trace, i));
    json_builder_end_array(json);
    begin_list(json, "loops");
    for (guint i = 0; i < report->loops->len; i++)
        add_loop(json, report, &g_array_index(report->loops, struct report_loop, i));
    json_builder_end_array(json);
    json_builder_set_member_name(json, "times");
    json_builder_begin_object(json);
    add_spread(json, "slice", &report->slices);
    add_spread(json, "ready", &report->ready);
    add_spread(json, "iteration", &report->iterations);
    json_builder_end_object(json);
    begin_list(json, "tasks");
    for (guint i = 0; i < report->tasks->len; i++)
        add_task(json, report, &g_array_index(report->tasks, struct report_task, i));
    json_builder_end_array(json);
    begin_list(json, "sites");
    for (guint i = 0; i < report->sites->len; i++)
        add_place(json, report, &g_array_index(report->sites, struct report_site, i));
    json_builder_end_array(json);
    json_builder_end_object(json);
}

/* json-glib escapes what JSON must have escaped; a terminal needs more. */
static void print_safely(const char *text)
{
    GString *safe = g_string_sized_new(strlen(text) + 1);
    for (; *text; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);
        if (c != '\n' && weft_export_is_unsafe(c))
            g_string_append_printf(safe, "\\u%04x", c);
        else
            g_string_append_len(safe, text, g_utf8_next_char(text) - text);
    }
    puts(safe->str);
    g_string_free(safe, TRUE);
}

void report_print_json(const struct report *report)
{
    JsonBuilder *builder = json_builder_new();
    build(builder, report);
    JsonNode *root = json_builder_get_root(builder);
    JsonGenerator *generator = json_generator_new();
    json_generator_set_pretty(generator, TRUE);
    json_generator_set_root(generator, root);
    char *text = json_generator_to_data(generator, NULL);
    print_safely(text);
    g_free(text);
    g_object_unref(generator);
    json_node_unref(root);
    g_object_unref(builder);
}
