/* ctl.c: `weft ctl`: tells a recording, or a program, what to do.
 *
 *      dump: PID of weft record, or of the program that one records --> its socket
 *            PID of a program with WEFT_TRACE=flight ----------------> its rings are read, and stay
 *      the others: PID of a program on libweft --> ctl-pace.c */
#include "app/cli/ctl.h"
#include "app/cli/newfile.h"
#include "app/cli/output.h"
#include "app/cli/quantity.h"
#include "app/cli/recordsocket.h"
#include "tracer/trace/attach.h"
#include "tracer/trace/live.h"
#include "tracer/trace/numbering.h"

#include <stdio.h>
#include <string.h>

struct settings {
    const char *output;
    guint64 loop;
};
static const struct settings defaults = { .loop = G_MAXUINT64 };

static const struct option options[] = {
    { "output", 'o', OPTION_TEXT, "FILE", "the trace to write (default: what the recording names)",
      G_STRUCT_OFFSET(struct settings, output) },
    { "loop", 0, OPTION_COUNT, "N", "this loop only: N is the number in its tasks' ids",
      G_STRUCT_OFFSET(struct settings, loop) },
    { 0 },
};

static int ask_recorder(guint64 recorder, const char *output)
{
    char *absolute = output ? g_canonicalize_filename(output, NULL) : NULL;
    char *command = absolute ? g_strconcat("dump ", absolute, NULL) : g_strdup("dump");
    char *path = NULL;
    GError *error = NULL;
    int code = EXIT_DONE;
    if (recordsocket_ask(recorder, command, &path, &error))
        puts(path);
    else
        code = failure_error(error);
    g_free(path);
    g_free(command);
    g_free(absolute);
    return code;
}

/* "server.4711.weft", or with a number behind it when there is one. */
static char *unused_path(const struct weft_attachment *attachment)
{
    char *base = g_path_get_basename(attachment->executable);
    char *name = g_strdup_printf("%s.%" G_GUINT64_FORMAT ".weft", base, attachment->pid);
    char *path = NULL;
    for (guint n = 1; !path || g_file_test(path, G_FILE_TEST_EXISTS); n++) {
        g_free(path);
        path = weft_numbered_path(name, n);
    }
    g_free(name);
    g_free(base);
    return path;
}

/* All that its rings hold now, without taking anything out of them; what a program that runs goes
 * on to emit is not waited for. */
static int dump_rings(guint64 pid, gboolean ended, const char *path)
{
    GError *error = NULL;
    weft_live *live = weft_live_look(pid, &error);
    if (!live)
        return failure_error(error);
    if (ended)
        weft_live_poll(live);
    gboolean saved = weft_live_save(live, path, &error);
    weft_live_free(live);
    if (!saved)
        return failure_error(error);
    char *absolute = g_canonicalize_filename(path, NULL);
    puts(absolute);
    g_free(absolute);
    return EXIT_DONE;
}

static int dump_attached(const struct weft_attachment *attachment, const struct settings *settings)
{
    guint64 recorder = weft_attachment_recorder(attachment);
    if (recorder && recordsocket_exists(recorder))
        return ask_recorder(recorder, settings->output);
    if (atomic_load_explicit(&attachment->segment->mode, memory_order_relaxed) < WEFT_MODE_FLIGHT) {
        output_message("process %" G_GUINT64_FORMAT " is in standby, it keeps no events: start it "
                       "with WEFT_TRACE=flight, or with weft record --flight",
                       attachment->pid);
        return EXIT_SYSTEM;
    }
    char *path = settings->output ? g_strdup(settings->output) : unused_path(attachment);
    gboolean ended = weft_process_ended(attachment->pid, attachment->start_time);
    int code = dump_rings(attachment->pid, ended, path);
    g_free(path);
    return code;
}

static int dump(guint64 pid, const struct settings *settings)
{
    if (recordsocket_exists(pid))
        return ask_recorder(pid, settings->output);
    GError *error = NULL;
    struct weft_attachment *attachment = weft_attach_pid(pid, &error);
    if (!attachment)
        return failure_error(error);
    int code = dump_attached(attachment, settings);
    weft_attachment_free(attachment);
    return code;
}

/* ---- Commands ---- */

static int run_dump(const struct ctl_request *request, const void *settings)
{
    const struct settings *s = settings;
    int code = s->output ? newfile_check(&ctl_verb, s->output) : -1;
    return code >= 0 ? code : dump(request->pid, s);
}

static int run_pace(const struct ctl_request *request, const void *settings)
{
    (void)settings;
    return ctl_pace(request);
}

static int run_cancel(const struct ctl_request *request, const void *settings)
{
    (void)settings;
    return ctl_cancel(request);
}

static const struct {
    const char *name, *argument; /* argument: what it needs, NULL: none */
    gboolean of_loop;
    int (*run)(const struct ctl_request *request, const void *settings);
} commands[] = {
    { "dump", NULL, FALSE, run_dump },      { "pause", NULL, TRUE, run_pace },
    { "resume", NULL, TRUE, run_pace },     { "step", NULL, TRUE, run_pace },
    { "slow", "a FACTOR", TRUE, run_pace }, { "cancel", "a TASK", FALSE, run_cancel },
};

static int run(const void *given, char **operands)
{
    const struct settings *settings = given;
    struct ctl_request request = { .command = operands[1], .argument = operands[2], .loop = -1 };
    if (!quantity_parse_count(operands[0], &request.pid) || request.pid == 0)
        return failure_usage(&ctl_verb, "'%s' is no process: its number is needed", operands[0]);
    guint i = 0;
    while (i < G_N_ELEMENTS(commands) && strcmp(commands[i].name, request.command) != 0)
        i++;
    if (i == G_N_ELEMENTS(commands))
        return failure_usage(&ctl_verb,
                             "there is no command '%s': dump, pause, resume, step, slow and cancel "
                             "are some",
                             request.command);
    if (commands[i].argument && !request.argument)
        return failure_usage(&ctl_verb, "%s needs %s", request.command, commands[i].argument);
    if (!commands[i].argument && request.argument)
        return failure_usage(&ctl_verb, "%s takes nothing: what is '%s'?", request.command,
                             request.argument);
    if (settings->output && commands[i].run != run_dump)
        return failure_usage(&ctl_verb, "--output is for dump");
    if (settings->loop != G_MAXUINT64) {
        if (!commands[i].of_loop)
            return failure_usage(&ctl_verb, "--loop is for pause, resume, step and slow");
        request.loop = (gint64)MIN(settings->loop, G_MAXINT32);
    }
    return commands[i].run(&request, settings);
}

const struct verb ctl_verb = {
    .name = "ctl",
    .usage = "PID dump [-o FILE] | pause | resume | step | slow FACTOR | cancel TASK",
    .summary = "Tell a recording, or a program, what to do",
    .details = "dump writes what a flight recording holds now, and prints where. PID: of\n"
               "weft record, of the program that it records, or of a program that was started\n"
               "with WEFT_TRACE=flight and keeps its last events itself.\n"
               "pause has the loops of the program PID, which is on libweft, run nothing, and\n"
               "slow has each dispatch last FACTOR times as long, until Ctrl+C: a program goes on\n"
               "when whoever paused or slowed it has gone, however he went. step, from another\n"
               "terminal, lets a paused one do one dispatch; resume, or slow 1, ends what others\n"
               "asked for. cancel asks a task, by its name or id, to end: as task.cancel() does.",
    .options = options,
    .settings_size = sizeof(struct settings),
    .defaults = &defaults,
    .min_operands = 2,
    .max_operands = 3,
    .missing = "whom to tell what? PID and a command are needed",
    .run = run,
};
