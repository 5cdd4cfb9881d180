/* view.c: `weft view`: opens weft-viewer on a file or a running program. What is wrong with either
 * is said here, where it was asked, before a window opens. */
#include "app/cli/failure.h"
#include "app/cli/input.h"
#include "app/cli/viewer.h"
#include "tracer/trace/live.h"
#include "tracer/trace/trace.h"

static const struct option options[] = { { 0 } };

/* A program that was started a moment ago has not opened its loop yet: it gets a second. */
static weft_live *attach(guint64 pid, GError **error)
{
    char *proc = g_strdup_printf("/proc/%" G_GUINT64_FORMAT, pid);
    weft_live *live = weft_live_look(pid, error);
    for (guint i = 0; !live && i < 100 && g_file_test(proc, G_FILE_TEST_EXISTS); i++) {
        g_usleep(10000);
        g_clear_error(error);
        live = weft_live_look(pid, error);
    }
    g_free(proc);
    return live;
}

static int view_process(guint64 pid)
{
    GError *error = NULL;
    weft_live *live = attach(pid, &error);
    if (!live)
        return failure_error(error);
    weft_live_free(live);
    char *number = g_strdup_printf("%" G_GUINT64_FORMAT, pid);
    int code = viewer_become((const char *const[]){ "--pid", number, NULL });
    g_free(number);
    return code;
}

static int view_file(const char *path)
{
    GError *error = NULL;
    weft_trace *trace = weft_trace_open(path, &error);
    if (!trace)
        return failure_error(error);
    weft_trace_unref(trace);
    /* Absolute: "-x" is no option then, and "a:b" no URI. */
    char *absolute = g_canonicalize_filename(path, NULL);
    int code = viewer_become((const char *const[]){ absolute, NULL });
    g_free(absolute);
    return code;
}

static int run(const void *settings, char **operands)
{
    (void)settings;
    guint64 pid;
    if (!operands[0])
        return viewer_become((const char *const[]){ NULL });
    if (!input_is_pid(operands[0], &pid))
        return view_file(operands[0]);
    return pid ? view_process(pid) : input_no_pid(&view_verb, operands[0]);
}

const struct verb view_verb = {
    .name = "view",
    .usage = "[FILE|PID]",
    .summary = "Open the viewer on a trace or on a running program",
    .details = "PID: any program linked with libweft, prepared for it or not; also one that is\n"
               "stuck, or was killed. Without either: what was open the\n"
               "last time, else the start page.",
    .options = options,
    .max_operands = 1,
    .run = run,
};
