/* report.c: `weft report`: a trace in numbers. Gathers them; report-text.c and report-json.c print
 * them. */
#include "app/cli/report.h"
#include "app/cli/entity.h"
#include "app/cli/failure.h"
#include "app/cli/findings.h"
#include "app/cli/input.h"
#include "app/cli/output.h"

#include <string.h>

struct settings {
    gboolean json, histogram;
    const char *sort, *task;
    guint64 top;
    const char *color;
};
static const struct settings defaults = { .top = 40, .color = "auto" };

static const struct option options[] = {
    { "json", 0, OPTION_FLAG, NULL, "as one JSON object, with all tasks",
      G_STRUCT_OFFSET(struct settings, json) },
    { "sort", 's', OPTION_CHOICE, REPORT_SORTS, "tasks and sites: most of this first",
      G_STRUCT_OFFSET(struct settings, sort) },
    { "task", 't', OPTION_TEXT, "ID|NAME", "only this task's times, or those of all called so",
      G_STRUCT_OFFSET(struct settings, task) },
    { "histogram", 0, OPTION_FLAG, NULL, "draw how slices, waits and iterations are spread",
      G_STRUCT_OFFSET(struct settings, histogram) },
    { "top", 'n', OPTION_COUNT, "N", "at most N tasks and sites, 0 for all (default: 40)",
      G_STRUCT_OFFSET(struct settings, top) },
    OPTION_COLOR(struct settings),
    { 0 },
};

/* ---- Loops and tasks ---- */

static gboolean is_recorded(const struct report *report, guint64 id)
{
    return report->recorded[weft_trace_source_of(report->trace, weft_id_ring(id))];
}

static void add_loop(struct report *report, guint index, const struct weft_lane *lane)
{
    struct weft_totals totals;
    weft_model_totals(report->model, index, &totals);
    struct report_loop loop = {
        .id = lane->id,
        .name = weft_model_name(report->model, lane->id),
        .busy_ns = totals.running_ns + totals.callback_ns + totals.loop_ns,
        .poll_ns = totals.poll_ns,
        .unknown_ns = totals.unknown_ns,
        .recorded = is_recorded(report, lane->id),
    };
    loop.known = loop.recorded || loop.busy_ns + loop.poll_ns + loop.unknown_ns > 0;
    g_array_append_val(report->loops, loop);
}

static const char *state_name(const struct weft_lane *lane, const struct weft_task_at *at)
{
    static const char *const names[WEFT_STATES] = {
        [WEFT_STATE_UNKNOWN] = "unknown",
        [WEFT_STATE_RUNNING] = "running",
        [WEFT_STATE_READY] = "ready",
        [WEFT_STATE_WAITING] = "waiting",
        [WEFT_STATE_CANCELLING] = "cancelling",
        [WEFT_STATE_DONE] = "done",
        [WEFT_STATE_NEW] = "new",
    };
    if (lane->outcome != WEFT_OUTCOME_NONE)
        return "done";
    return at && at->state < WEFT_STATES ? names[at->state] : "unknown";
}

static void add_task(struct report *report, guint index, const struct weft_lane *lane,
                     const weft_state *end)
{
    struct report_task task = {
        .id = lane->id,
        .name = weft_model_name(report->model, lane->id),
        .state = state_name(lane, weft_state_task(end, lane->id)),
        .created_ns = lane->first_ns,
        .born = lane->flags & WEFT_LANE_BORN,
        .recorded = is_recorded(report, lane->id),
        .done_ns = lane->last_ns,
        .site = lane->site,
        .resumes = lane->resumes,
    };
    if (lane->parent != G_MAXUINT32)
        task.parent = weft_model_lane(report->model, lane->parent)->id;
    if (lane->outcome != WEFT_OUTCOME_NONE)
        task.outcome = weft_detail_name(WEFT_RECORD_TASK_DONE, lane->outcome);
    weft_model_totals(report->model, index, &task.totals);
    for (guint class = 0; class < WEFT_WAIT_CLASSES; class ++)
        task.waiting_ns += task.totals.waiting_ns[class];
    g_array_append_val(report->tasks, task);
}

/* ---- Sites ---- */

static void gather_sites(struct report *report)
{
    GHashTable *places = g_hash_table_new(NULL, NULL); /* site id → its index + 1 */
    for (guint i = 0; i < report->tasks->len; i++) {
        const struct report_task *task = &g_array_index(report->tasks, struct report_task, i);
        gpointer key = GUINT_TO_POINTER(task->site);
        guint place = GPOINTER_TO_UINT(g_hash_table_lookup(places, key));
        if (place == 0) {
            struct report_site fresh = { .site = task->site, .first_ns = task->created_ns };
            g_array_append_val(report->sites, fresh);
            place = report->sites->len;
            g_hash_table_insert(places, key, GUINT_TO_POINTER(place));
        }
        struct report_site *site = &g_array_index(report->sites, struct report_site, place - 1);
        site->tasks++;
        site->recorded |= task->recorded;
        site->resumes += task->resumes;
        site->running_ns += task->totals.running_ns;
        site->ready_ns += task->totals.ready_ns;
        site->waiting_ns += task->waiting_ns;
        site->longest_slice_ns = MAX(site->longest_slice_ns, task->totals.longest_slice_ns);
    }
    g_hash_table_destroy(places);
}

/* ---- Gathering ---- */

void report_gather(struct report *report, weft_model *model, GArray *only)
{
    memset(report, 0, sizeof *report);
    report->model = model;
    report->trace = weft_model_trace(model);
    report->only = only;
    report->recorded = weft_model_recorded(model);
    report->loops = g_array_new(FALSE, TRUE, sizeof(struct report_loop));
    report->tasks = g_array_new(FALSE, TRUE, sizeof(struct report_task));
    report->sites = g_array_new(FALSE, TRUE, sizeof(struct report_site));
    weft_state *end = weft_model_state_at(model, weft_model_end_ns(model));
    guint n = weft_model_n_lanes(model);
    for (guint i = 0; i < n; i++) {
        const struct weft_lane *lane = weft_model_lane(model, i);
        if (lane->kind == WEFT_LANE_LOOP)
            add_loop(report, i, lane);
        else if (lane->kind == WEFT_LANE_TASK && (!only || entity_is_in(only, lane->id)))
            add_task(report, i, lane, end);
    }
    weft_state_free(end);
    gather_sites(report);
    report_sort(report, REPORT_AS_FOUND);
    report_measure(report);
    g_autoptr(weft_findings) findings = findings_of(model, NULL);
    findings_count(findings, report->findings);
}

void report_finish(struct report *report)
{
    for (guint i = 0; i < report->loops->len; i++)
        g_free(g_array_index(report->loops, struct report_loop, i).name);
    for (guint i = 0; i < report->tasks->len; i++)
        g_free(g_array_index(report->tasks, struct report_task, i).name);
    g_free(report->recorded);
    g_array_unref(report->loops);
    g_array_unref(report->tasks);
    g_array_unref(report->sites);
    spread_finish(&report->slices);
    spread_finish(&report->ready);
    spread_finish(&report->iterations);
    for (guint class = 0; class < WEFT_WAIT_CLASSES; class ++)
        spread_finish(&report->waits[class]);
    if (report->only)
        g_array_unref(report->only);
}

static enum report_sort sort_of(const char *word)
{
    g_auto(GStrv) words = g_strsplit(REPORT_SORTS, "|", -1);
    guint i = 0;
    while (strcmp(words[i], word) != 0)
        i++;
    return REPORT_BY_RUNNING + i;
}

static int run(const void *given, char **operands)
{
    const struct settings *settings = given;
    int code;
    weft_model *model = input_open(operands[0], &code);
    if (!model)
        return code;
    GArray *only = settings->task ? entity_wanted(&report_verb, model, settings->task) : NULL;
    if (only && weft_id_kind(g_array_index(only, guint64, 0)) != WEFT_ENTITY_TASK) {
        failure_usage(&report_verb,
                      "--task '%s' is no task's id, such as task:0:1: weft dump --task takes any",
                      settings->task);
        g_clear_pointer(&only, g_array_unref);
    }
    if (settings->task && !only) {
        weft_model_free(model);
        return EXIT_USAGE;
    }
    struct report report;
    report_gather(&report, model, only);
    if (settings->sort)
        report_sort(&report, sort_of(settings->sort));
    else if (!settings->json && settings->top != 0 && settings->top < report.tasks->len)
        report_sort(&report, REPORT_BY_RUNNING);
    gboolean colour = output_has_colour(settings->color);
    if (settings->json)
        report_print_json(&report);
    else
        report_print_text(&report, settings->top, colour);
    if (settings->histogram && !settings->json)
        report_print_histograms(&report, colour);
    report_finish(&report);
    weft_model_free(model);
    return code;
}

const struct verb report_verb = {
    .name = "report",
    .usage = "FILE [--json] [--task ID|NAME] [--sort KEY] [--top N] [--histogram]",
    .summary = "Sum a trace up: loops, tasks, where time went",
    .details = "Prints a summary, then tables: loops, times (slices, waits, iterations, with\n"
               "percentiles), tasks, and the places that create tasks.",
    .options = options,
    .settings_size = sizeof(struct settings),
    .defaults = &defaults,
    INPUT_OPERAND,
    .run = run,
};
