/* report-text.c: the report for people: a summary, then tables, aligned, in units that fit. */
#include "app/cli/entity.h"
#include "app/cli/findings.h"
#include "app/cli/output.h"
#include "app/cli/quantity.h"
#include "app/cli/report.h"
#include "app/cli/table.h"

#include <stdio.h>
#include <string.h>

/* ---- Summary ---- */

/* Takes `value`. */
static void print_fact(const char *name, char *value)
{
    printf("  %-9s ", name);
    output_wrapped(value, 12, 12);
    g_free(value);
}

static char *describe_process(const struct weft_trace_source *source)
{
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "%" G_GUINT64_FORMAT, (guint64)source->pid);
    if (source->host && *source->host)
        g_string_append_printf(text, " on %s", source->host);
    if (source->start_realtime_ns != 0) {
        GDateTime *start = g_date_time_new_from_unix_local(
            (source->start_realtime_ns + source->start_ns) / 1000000000);
        char *date = start ? g_date_time_format(start, ", %F %T") : NULL;
        if (date)
            g_string_append(text, date);
        g_free(date);
        if (start)
            g_date_time_unref(start);
    }
    return g_string_free(text, FALSE);
}

/* `what`; how it ended. Takes `what`. */
static char *describe_end(char *what, const struct weft_trace_source *source)
{
    const char *when = source->ended_unseen             ? ", some time after that"
                       : weft_trace_was_stopped(source) ? ", as its recording's time was over"
                                                        : "";
    g_autofree char *how = weft_trace_end_words(source);
    char *text;
    if (!source->ended)
        text = g_strdup_printf("%s; its end is not in the trace", what);
    else if (!how)
        text = g_strdup_printf("%s; ended%s, and nobody saw how", what, when);
    else
        text = g_strdup_printf("%s; %s%s", what, how, when);
    g_free(what);
    return text;
}

static char *describe_events(const struct report *report)
{
    guint64 lost = weft_model_lost(report->model);
    if (weft_model_events(report->model) + lost == 0 && report->tasks->len > 0)
        return g_strdup("none was recorded: only how its tasks are is known");
    char *events = quantity_format_count(weft_model_events(report->model));
    char *missing = quantity_format_count(lost);
    char *text = lost == 0 ? g_strdup_printf("%s, none lost", events)
                           : g_strdup_printf("%s, %s lost: what happened then is unknown", events,
                                             missing);
    g_free(events);
    g_free(missing);
    return text;
}

static char *describe_file(const struct report *report)
{
    guint64 bytes = weft_trace_file_size(report->trace);
    guint64 events = weft_model_events(report->model);
    const char *path = weft_trace_path(report->trace);
    char *size = quantity_format_size(bytes);
    char *text = events == 0 ? g_strdup_printf("%s, %s", path, size)
                             : g_strdup_printf("%s, %s, %.1f B an event", path, size,
                                               (double)bytes / (double)events);
    g_free(size);
    return text;
}

static void print_program(const struct weft_trace_source *source, gboolean colour)
{
    gboolean named = source->program && *source->program;
    output_sentence("", named ? source->program : "a program without a name", colour ? "1" : NULL);
}

static void print_summary(const struct report *report, gboolean colour)
{
    char *duration = weft_format_duration(weft_model_end_ns(report->model) -
                                          weft_trace_begin_ns(report->trace));
    guint n = weft_trace_n_sources(report->trace);
    for (guint i = 0; i < n; i++) {
        const struct weft_trace_source *source = weft_trace_source_at(report->trace, i);
        print_program(source, colour);
        if (n > 1)
            print_fact("process", describe_end(describe_process(source), source));
        else if (source->pid != 0)
            print_fact("process", describe_process(source));
    }
    if (n > 1)
        printf(colour ? "\033[1m%u processes\033[0m\n" : "%u processes\n", n);
    else
        duration = describe_end(duration, weft_trace_source(report->trace));
    print_fact("lasted", duration);
    print_fact("events", describe_events(report));
    print_fact("file", describe_file(report));
    g_autofree char *found = findings_describe(report->findings);
    if (found)
        print_fact("findings", g_strdup_printf("%s: see weft check", found));
}

/* ---- Tables ---- */

static void add_duration(table *t, gint64 ns)
{
    table_add(t, ns == 0 ? g_strdup("–") : weft_format_duration(ns));
}

/* Of a process that only stood by nobody knows how often anything was. */
static void add_count(table *t, guint64 count, gboolean known)
{
    table_add(t, known ? quantity_format_count(count) : g_strdup("–"));
}

static void print_loops(const struct report *report, gboolean colour)
{
    if (report->loops->len == 0)
        return;
    output_title("Loops", colour);
    gboolean lost = FALSE; /* time of which nothing is known: then there is a column for it */
    for (guint i = 0; i < report->loops->len; i++)
        lost |= g_array_index(report->loops, struct report_loop, i).unknown_ns != 0;
    table *t = table_new(lost ? "LOOP|>ITERATIONS?3|>BUSY|>POLLING?2|>UNKNOWN?4|>BUSY %?1|"
                                ">LONGEST ITERATION"
                              : "LOOP|>ITERATIONS?3|>BUSY|>POLLING?2|>BUSY %?1|"
                                ">LONGEST ITERATION");
    for (guint i = 0; i < report->loops->len; i++) {
        const struct report_loop *loop = &g_array_index(report->loops, struct report_loop, i);
        gint64 known = loop->busy_ns + loop->poll_ns;
        table_add(t, g_strdup(loop->name));
        add_count(t, loop->iterations, loop->recorded);
        add_duration(t, loop->busy_ns);
        add_duration(t, loop->poll_ns);
        if (lost)
            add_duration(t, loop->unknown_ns);
        table_add(t, known == 0
                         ? g_strdup("–")
                         : g_strdup_printf("%.1f", 100 * (double)loop->busy_ns / (double)known));
        add_duration(t, loop->max_iteration_ns);
    }
    table_print(t, stdout, colour);
    table_free(t);
}

static void add_spread(table *t, const char *name, const struct spread *spread)
{
    if (spread->count == 0)
        return;
    table_add(t, g_strdup(name));
    table_add(t, quantity_format_count(spread->count));
    table_add(t, weft_format_duration(spread_percentile(spread, 50)));
    table_add(t, weft_format_duration(spread_percentile(spread, 90)));
    table_add(t, weft_format_duration(spread_percentile(spread, 99)));
    table_add(t, weft_format_duration(spread->greatest));
}

static void print_times(const struct report *report, gboolean colour)
{
    static const char *const waits[WEFT_WAIT_CLASSES] = {
        [WEFT_WAIT_TIMER] = "wait for a timer",          [WEFT_WAIT_IO] = "wait for I/O",
        [WEFT_WAIT_SYNC] = "wait for a lock, a queue …", [WEFT_WAIT_TASK] = "wait for a task",
        [WEFT_WAIT_THREAD] = "wait for a thread",
    };
    if (report->slices.count + report->ready.count + report->iterations.count == 0)
        return;
    output_title("Times", colour);
    table *t = table_new("WHAT|>COUNT?2|>MEDIAN|>90 %?1|>99 %?3|>LONGEST");
    add_spread(t, "slice of a task", &report->slices);
    add_spread(t, "wait in the ready queue", &report->ready);
    for (guint class = 0; class < WEFT_WAIT_CLASSES; class ++)
        add_spread(t, waits[class], &report->waits[class]);
    add_spread(t, "iteration of a loop", &report->iterations);
    table_print(t, stdout, colour);
    table_free(t);
}

static void add_task(table *t, const struct report *report, const struct report_task *task,
                     gboolean cancelling, gboolean unknown)
{
    char id[48];
    entity_format(task->id, id);
    table_add(t, g_strdup(task->name));
    table_add(t, g_strdup(id));
    table_add(t, g_strdup(task->outcome ? task->outcome : task->state));
    add_duration(t, task->totals.running_ns);
    add_duration(t, task->totals.ready_ns);
    add_duration(t, task->waiting_ns);
    if (cancelling)
        add_duration(t, task->totals.cancelling_ns);
    if (unknown)
        add_duration(t, task->totals.unknown_ns);
    add_count(t, task->resumes, task->recorded);
    add_duration(t, task->totals.longest_slice_ns);
    table_add(t, task->born ? weft_format_time(task->created_ns) : g_strdup("–"));
    table_add(t, entity_place(report->trace, task->site));
}

/* "Tasks (40 of 9,812; --top 0 shows all)", or "Tasks (3)". */
static void print_counted_title(const char *what, guint all, guint shown, gboolean colour)
{
    char *count = quantity_format_count(all);
    char *title = shown == all
                      ? g_strdup_printf("%s (%s)", what, count)
                      : g_strdup_printf("%s (%u of %s; --top 0 shows all)", what, shown, count);
    output_title(title, colour);
    g_free(title);
    g_free(count);
}

static void print_tasks(const struct report *report, guint64 top, gboolean colour)
{
    guint all = report->tasks->len;
    guint shown = top == 0 || top > all ? all : (guint)top;
    if (all == 0)
        return;
    gboolean cancelling = FALSE, unknown = FALSE; /* somebody was: then there is a column for it */
    for (guint i = 0; i < all; i++) {
        const struct report_task *task = &g_array_index(report->tasks, struct report_task, i);
        cancelling |= task->totals.cancelling_ns != 0;
        unknown |= task->totals.unknown_ns != 0;
    }
    print_counted_title("Tasks", all, shown, colour);
    g_autofree char *titles = g_strdup_printf("TASK|ID?2|STATE|>RUNNING|>READY?5|>WAITING%s%s|"
                                              ">RESUMES?3|>LONGEST SLICE?4|>CREATED?1|<SITE",
                                              cancelling ? "|>CANCELLING?6" : "",
                                              unknown ? "|>UNKNOWN?7" : "");
    table *t = table_new(titles);
    for (guint i = 0; i < shown; i++)
        add_task(t, report, &g_array_index(report->tasks, struct report_task, i), cancelling,
                 unknown);
    table_print(t, stdout, colour);
    table_free(t);
}

static void print_sites(const struct report *report, guint64 top, gboolean colour)
{
    guint all = report->sites->len;
    guint shown = top == 0 || top > all ? all : (guint)top;
    if (all == 0)
        return;
    print_counted_title("Sites that create tasks", all, shown, colour);
    table *t = table_new(">TASKS|>RUNNING|>READY?3|>WAITING|>RESUMES?1|>LONGEST SLICE?2|<SITE");
    for (guint i = 0; i < shown; i++) {
        const struct report_site *site = &g_array_index(report->sites, struct report_site, i);
        table_add(t, quantity_format_count(site->tasks));
        add_duration(t, site->running_ns);
        add_duration(t, site->ready_ns);
        add_duration(t, site->waiting_ns);
        add_count(t, site->resumes, site->recorded);
        add_duration(t, site->longest_slice_ns);
        table_add(t, entity_place(report->trace, site->site));
    }
    table_print(t, stdout, colour);
    table_free(t);
}

void report_print_text(const struct report *report, guint64 top, gboolean colour)
{
    print_summary(report, colour);
    print_loops(report, colour);
    print_times(report, colour);
    print_tasks(report, top, colour);
    print_sites(report, top, colour);
}
