/* view.c: `weft view`: opens weft-viewer on a file or a running program. What is wrong with either
 * is said here, where it was asked, before a window opens. */
#include "app/cli/failure.h"
#include "app/cli/quantity.h"
#include "app/cli/viewer.h"
#include "tracer/trace/live.h"
#include "tracer/trace/trace.h"

static const struct option options[] = { { 0 } };
static const char defaults;

/* TRUE: there is something to look at. */
static gboolean check(const char *what, GError **error)
{
    guint64 pid;
    if (!g_file_test(what, G_FILE_TEST_EXISTS) && quantity_parse_count(what, &pid)) {
        weft_live *live = weft_live_attach(pid, error);
        weft_live_free(live);
        return live != NULL;
    }
    weft_trace *trace = weft_trace_open(what, error);
    weft_trace_unref(trace);
    return trace != NULL;
}

static int run(const void *settings, char **operands)
{
    (void)settings;
    GError *error = NULL;
    if (operands[0] && !check(operands[0], &error))
        return failure_error(error);
    return viewer_become((const char *const *)operands);
}

const struct verb view_verb = {
    .name = "view",
    .usage = "[FILE|PID]",
    .summary = "Open the viewer on a trace or on a running program",
    .details = "PID: a program started with WEFT_TRACE=flight. Without either: the start page.",
    .options = options,
    .settings_size = sizeof defaults,
    .defaults = &defaults,
    .max_operands = 1,
    .run = run,
};
