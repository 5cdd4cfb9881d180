/* cut.c: `weft cut`: a window of a trace → a trace of its own. */
#include "tracer/trace/cut.h"
#include "app/cli/failure.h"
#include "app/cli/newfile.h"
#include "app/cli/output.h"
#include "app/cli/quantity.h"
#include "app/cli/range.h"

#include <stdio.h>

struct settings {
    const char *output;
    gint64 from_ns, to_ns;
};
static const struct settings defaults = { .to_ns = -1 };

static const struct option options[] = {
    { "output", 'o', OPTION_TEXT, "FILE", "the window goes there",
      G_STRUCT_OFFSET(struct settings, output) },
    { "from", 0, OPTION_MOMENT, "T", "begin there: 1500000 (ns), 1.5ms, 2s since the start",
      G_STRUCT_OFFSET(struct settings, from_ns) },
    { "to", 0, OPTION_MOMENT, "T", "end there; without it: with the trace",
      G_STRUCT_OFFSET(struct settings, to_ns) },
    { 0 },
};

static void print_window(const struct settings *settings, gint64 to_ns,
                         const struct weft_cut_report *report)
{
    g_autofree char *name = output_escape(settings->output);
    g_autofree char *from = quantity_format_moment(settings->from_ns);
    g_autofree char *to = quantity_format_moment(to_ns);
    g_autofree char *events = quantity_format_count(report->events);
    g_autofree char *lost = quantity_format_count(report->lost);
    printf("%s: %s event%s from %s to %s", name, events, report->events == 1 ? "" : "s", from, to);
    if (report->lost)
        printf(", %s lost", lost);
    putchar('\n');
}

static int cut(weft_trace *trace, const struct settings *settings)
{
    gint64 end_ns = weft_trace_end_ns(trace);
    gint64 to_ns = settings->to_ns < 0 ? end_ns : settings->to_ns;
    int code = range_check(&cut_verb, trace, settings->from_ns,
                           settings->to_ns < 0 ? G_MAXINT64 : settings->to_ns, "--to");
    if (code >= 0)
        return code;
    struct weft_cut_report report;
    GError *error = NULL;
    if (!weft_cut(trace, settings->from_ns, to_ns, settings->output, &report, &error))
        return failure_error(error);
    print_window(settings, to_ns, &report);
    if (weft_trace_damage(trace))
        output_message("%s: %s", weft_trace_path(trace), weft_trace_damage(trace));
    if (report.damaged) {
        g_autofree char *damaged = quantity_format_count(report.damaged);
        output_message("%s: %s events of the window are damaged: they count as lost",
                       weft_trace_path(trace), damaged);
    }
    return report.damaged || weft_trace_damage(trace) ? EXIT_INPUT : EXIT_DONE;
}

static int run(const void *given, char **operands)
{
    const struct settings *settings = given;
    GError *error = NULL;
    if (!settings->output)
        return failure_usage(&cut_verb, "where to? -o FILE is missing");
    if (newfile_is(settings->output, operands[0]))
        return failure_usage(&cut_verb, "FILE and -o FILE are the same");
    int code = newfile_check(&cut_verb, settings->output);
    if (code >= 0)
        return code;
    g_autoptr(weft_trace) trace = weft_trace_open(operands[0], &error);
    if (!trace)
        return failure_error(error);
    return cut(trace, settings);
}

const struct verb cut_verb = {
    .name = "cut",
    .usage = "FILE [--from T] [--to T] -o FILE",
    .summary = "Make a trace of a window of another",
    .details = "The window opens alone: it begins with the state that everything was in then.\n"
               "Its times stay what they are in FILE: nanoseconds since its recording began.",
    .options = options,
    .settings_size = sizeof(struct settings),
    .defaults = &defaults,
    .min_operands = 1,
    .max_operands = 1,
    .missing = "which trace? FILE is missing",
    .run = run,
};
