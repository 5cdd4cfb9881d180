/* record.c: `weft record`: runs a program, or joins one that runs, and drains its rings into a
 * trace file until it ends.
 *
 *      check PROGRAM and FILE -> weft_recorder_new() -> program_start(), or program_adopt()
 *        -> { drain, show, wait 1-2 ms }* -> weft_recorder_finish() -> summary
 *
 * The program is never held up: when the recording ends early (a full disk), it goes on, and weft
 * waits for it to pass on its exit code. */
#include "app/cli/failure.h"
#include "app/cli/newfile.h"
#include "app/cli/output.h"
#include "app/cli/program.h"
#include "app/cli/progress.h"
#include "app/cli/quantity.h"
#include "app/cli/recordjoin.h"
#include "app/cli/recordoptions.h"
#include "app/cli/recordroom.h"
#include "app/cli/recordsession.h"
#include "app/cli/recordsocket.h"
#include "app/cli/recordwatch.h"
#include "app/cli/summarise.h"
#include "tracer/trace/recorder.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

enum {
    BEHIND = 32768,    /* slots in one drain: more than 1 ms brings, so go on at once */
    BUSY_US = 1000,    /* between two drains when events come: a faster reader slows the writer */
    IDLE_US = 2000,    /* when none come: a full ring of 16 MiB takes at least 5 ms */
    OVER_US = 100000,  /* when nothing is recorded any more */
    COUNT_US = 100000, /* between two looks for children that are not recorded */
};
static const gint64 kill_after_ns = G_GINT64_CONSTANT(5000000000);

struct recording {
    const struct record_settings *settings;
    struct record_wanted wanted;
    char *path;
    char *session;
    char *name; /* of the program, as given; of one that runs already, "process 12 (server)" */
    weft_recorder *recorder;
    struct recordwatch *watch; /* NULL: no condition is about findings */
    struct flight *flight;     /* NULL: everything goes to the file */
    struct recordsocket *socket;
    struct program program;
    struct progress progress;
    gint64 start_us;
    int signals_sent;                   /* by --duration: 0, 1 = SIGTERM, 2 = SIGKILL too */
    gboolean looked_again, said_others; /* since the program has ended */
    guint unrecorded;                   /* of its children, when they were counted last */
    gint64 next_count_us;
    gboolean failed; /* the file could not be written: that was said */
};

/* ---- Before ---- */

/* Who is recorded, and where to. FALSE and an error when there is no such program. */
static gboolean name_it(struct recording *r, const char *program, GError **error)
{
    char *base = NULL;
    if (!r->settings->pid) {
        r->name = g_strdup(program);
        base = g_path_get_basename(program);
    } else if ((base = recordjoin_program(r->settings->pid, error))) {
        r->name = g_strdup_printf("process %" G_GUINT64_FORMAT " (%s)", r->settings->pid, base);
    }
    r->path = r->settings->output ? g_strdup(r->settings->output)
                                  : g_strconcat(base ? base : "", ".weft", NULL);
    gboolean named = base != NULL;
    g_free(base);
    return named;
}

/* -1: it can begin. */
static int check(struct recording *r, const char *program)
{
    GError *error = NULL;
    int code = recordoptions_check(r->settings, program, &r->wanted);
    if (code >= 0)
        return code;
    if (!name_it(r, program, &error))
        return failure_error(error);
    code = newfile_check(&record_verb, r->path);
    if (code >= 0)
        return code;
    if (!r->settings->pid && !program_check(program, &error))
        return failure_error(error);
    return recordroom_check(r->settings->ring_size) ? -1 : EXIT_SYSTEM;
}

static char **program_environment(const struct recording *r)
{
    char **environment = g_get_environ();
    environment = g_environ_setenv(environment, "WEFT_TRACE", "stream", TRUE);
    environment = g_environ_setenv(environment, "WEFT_SESSION", r->session, TRUE);
    if (r->settings->ring_size != 0) {
        char *size = g_strdup_printf("%" G_GUINT64_FORMAT, r->settings->ring_size);
        environment = g_environ_setenv(environment, "WEFT_RING_SIZE", size, TRUE);
        g_free(size);
    }
    return environment;
}

/* Takes back a file in which there is no recording. */
static void remove_file(const char *path)
{
    GStatBuf status;
    if (g_stat(path, &status) == 0 && S_ISREG(status.st_mode))
        g_unlink(path);
}

/* Opens the file, starts the program. FALSE: neither is left behind. */
static gboolean start(struct recording *r, char **argv, GError **error)
{
    GError *problem = NULL;
    r->session = g_uuid_string_random();
    r->watch = recordwatch_new(r->wanted.condition, &problem);
    if (problem) {
        g_propagate_error(error, problem);
        return FALSE;
    }
    struct weft_recorder_options recorder_options = {
        .path = r->path,
        .session = r->settings->pid ? NULL : r->session,
        .pid = r->settings->pid,
        .ring_size = r->settings->ring_size,
        .max_size = r->settings->max_size,
        .keep = (guint)r->settings->keep,
        .sync_ns = r->wanted.sync_ns,
        .window = r->wanted.window,
        .condition = r->wanted.condition,
        .feed = recordwatch_feed(r->watch),
        .children = r->settings->children,
    };
    r->recorder = weft_recorder_new(&recorder_options, error);
    gboolean started = FALSE;
    if (r->recorder && r->settings->pid) {
        program_adopt(&r->program, (pid_t)r->settings->pid);
        started = TRUE;
    } else if (r->recorder) {
        char **environment = program_environment(r);
        started = program_start(&r->program, argv, environment, error);
        weft_recorder_set_program(r->recorder, (guint64)r->program.pid);
        g_strfreev(environment);
    }
    if (r->recorder && !started && !r->settings->flight)
        remove_file(r->path);
    return started;
}

/* A recording that weft ctl cannot find is a recording all the same. */
static void start_commands(struct recording *r)
{
    const struct flight_settings flight = { .path = r->path,
                                            .after_ns = r->wanted.after_ns,
                                            .sync_ns = r->wanted.sync_ns,
                                            .keep = (guint)r->settings->keep,
                                            .quiet = r->settings->quiet };
    if (r->settings->flight)
        r->flight = flight_new(&flight, r->recorder, &r->progress);
    GError *error = NULL;
    r->socket = recordsocket_new(&error);
    if (!r->socket && r->flight)
        output_message("%s", error->message);
    g_clear_error(&error);
}

/* ---- While it runs ---- */

/* Sends SIGTERM when the duration is over, and SIGKILL to who ignores it. */
static void end_in_time(struct recording *r)
{
    gint64 over_ns = (g_get_monotonic_time() - r->start_us) * 1000 - r->settings->duration_ns;
    if (r->settings->duration_ns == 0 || over_ns < 0)
        return;
    if (r->program.ended || r->settings->pid) {
        r->program.interrupted = TRUE; /* its children too have had their time */
    } else if (r->signals_sent == 0) {
        kill(r->program.pid, SIGTERM);
        weft_recorder_stop(r->recorder);
        r->signals_sent = 1;
    } else if (r->signals_sent == 1 && over_ns >= kill_after_ns) {
        output_message("%s ignores SIGTERM: it gets SIGKILL", r->name);
        kill(r->program.pid, SIGKILL);
        r->signals_sent = 2;
    }
}

/* What was asked for by a signal or through the socket. */
static void take_commands(struct recording *r)
{
    if (r->socket)
        recordsocket_round(r->socket, r->flight, r->path);
    for (; r->program.dumps_asked > 0; r->program.dumps_asked--) {
        if (r->flight) {
            flight_ask(r->flight, NULL, "SIGUSR2 came", NULL, NULL);
            continue;
        }
        progress_clear(&r->progress);
        output_message("SIGUSR2 is for --flight: all of this recording is in '%s'", r->path);
    }
    recordwatch_round(r->watch, r->flight);
    if (r->flight && !r->failed)
        flight_round(r->flight);
}

/* Returns how long to wait until the next round. */
static gint64 drain(struct recording *r)
{
    guint drained = 0;
    GError *error = NULL;
    if (r->failed)
        return OVER_US;
    if (!weft_recorder_drain(r->recorder, &drained, &error)) {
        progress_finish(&r->progress);
        output_message("%s: the recording ends here, %s goes on", error->message, r->name);
        g_error_free(error);
        r->failed = TRUE;
        return OVER_US;
    }
    for (char *note; (note = weft_recorder_note(r->recorder)); g_free(note)) {
        progress_clear(&r->progress);
        output_message(r->settings->pid ? "%s" : "a child is not recorded: %s", note);
    }
    struct weft_recorder_stats stats = weft_recorder_stats(r->recorder);
    progress_update(&r->progress, &stats);
    return drained >= BEHIND ? 0 : drained > 0 ? BUSY_US : IDLE_US;
}

/* Those that are recorded, and now and then a look for those that are not, or not yet. */
static guint count_others(struct recording *r)
{
    gint64 now_us = g_get_monotonic_time();
    guint recorded = weft_recorder_others(r->recorder);
    if (recorded == 0 && now_us >= r->next_count_us) {
        r->unrecorded = recordsession_count(r->session);
        r->next_count_us = now_us + COUNT_US;
    }
    return recorded ? recorded : r->unrecorded;
}

/* Whether the program or, with --children, somebody whom it started still runs. */
static gboolean goes_on(struct recording *r)
{
    if (r->settings->pid)
        return !r->failed && !r->program.interrupted && !weft_recorder_program_ended(r->recorder);
    if (!r->program.ended)
        return TRUE;
    if (r->settings->children && !r->looked_again) { /* who came while it ended? */
        weft_recorder_look(r->recorder);
        return r->looked_again = TRUE;
    }
    gboolean over = r->program.interrupted || r->signals_sent > 0 || r->failed;
    guint others = r->settings->children && !over ? count_others(r) : 0;
    if (others > 0 && !r->said_others) {
        progress_clear(&r->progress);
        output_message("%s has ended, %u of its children %s on (Ctrl+C ends the recording)",
                       r->name, others, others == 1 ? "goes" : "go");
        r->said_others = TRUE;
    }
    return others > 0;
}

static void record_until_end(struct recording *r)
{
    r->start_us = g_get_monotonic_time();
    progress_start(&r->progress, r->settings->quiet, &r->wanted.window);
    start_commands(r);
    while (goes_on(r)) {
        gint64 pause_us = drain(r);
        take_commands(r);
        program_wait(&r->program, pause_us);
        end_in_time(r);
    }
    progress_finish(&r->progress);
}

/* ---- After ---- */

/* "'t.2.weft' to 't.4.weft', 1.20 GiB were written; 1 older removed" */
static char *describe_files(const struct recording *r, const struct weft_recorder_stats *stats)
{
    guint n;
    if (r->flight)
        return flight_describe(r->flight);
    const char *const *paths = weft_recorder_paths(r->recorder, &n);
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "'%s'", paths[0]);
    if (n > 1)
        g_string_append_printf(text, n > 2 ? " to '%s'" : " and '%s'", paths[n - 1]);
    GStatBuf status; /* of one file: with the summary that is in it by now */
    gboolean one = !r->settings->max_size && g_stat(paths[0], &status) == 0;
    char *size = quantity_format_size(one ? (guint64)status.st_size : stats->bytes);
    g_string_append_printf(text, stats->removed ? ", %s were written; %u older removed" : ", %s",
                           size, stats->removed);
    g_free(size);
    return g_string_free(text, FALSE);
}

/* "1,234 events in 1.52 s, none lost: 't.weft', 5.63 KiB"; of a flight, what was let go is said. */
static void say_summary(const struct recording *r, const struct weft_recorder_stats *stats)
{
    gint64 elapsed_us = g_get_monotonic_time() - r->start_us;
    char *events = quantity_format_count(stats->events);
    char *lost = quantity_format_count(stats->lost);
    char *files = describe_files(r, stats);
    char *loss = stats->lost == 0 ? g_strdup("none lost")
                                  : g_strdup_printf("%s lost (a larger --ring-size helps)", lost);
    char *let_go = quantity_format_count(stats->window.evicted_events);
    char *whose = r->settings->children ? g_strdup_printf(" of %u process%s", stats->processes,
                                                          stats->processes == 1 ? "" : "es")
                                        : g_strdup("");
    output_message("%s events%s in %.2f s, %s%s%s%s: %s", events, whose, (double)elapsed_us / 1e6,
                   loss, stats->window.evicted_events ? ", " : "",
                   stats->window.evicted_events ? let_go : "",
                   stats->window.evicted_events ? " let go" : "", *files ? files : "not written");
    g_free(whose);
    g_free(let_go);
    g_free(loss);
    g_free(lost);
    g_free(files);
    g_free(events);
}

/* Why there are none. FALSE: the recording has failed. */
static gboolean say_no_events(const struct recording *r, gboolean attached)
{
    if (r->settings->pid) {
        char *files = r->flight ? flight_describe(r->flight) : g_strdup_printf("'%s'", r->path);
        recordjoin_say_no_events(r->settings->pid, r->name, files);
        g_free(files);
        return TRUE;
    }
    if (recordroom_say(r->name))
        return FALSE;
    char *file = r->flight ? g_strdup("nothing was written")
                           : g_strdup_printf("'%s' is an empty trace", r->path);
    output_message("%s wrote no events: %s (%s)", r->name,
                   attached ? "it opened no loop" : "is it linked with libweft?", file);
    g_free(file);
    return TRUE;
}

/* Says how it went. FALSE: the recording has failed. */
static gboolean say_end(const struct recording *r)
{
    struct weft_recorder_stats stats = weft_recorder_stats(r->recorder);
    if (r->program.exit_signal != 0 && r->signals_sent == 0)
        output_message("%s was killed by signal %d (%s)", r->name, r->program.exit_signal,
                       g_strsignal(r->program.exit_signal));
    if (stats.events == 0 && stats.lost == 0)
        return say_no_events(r, stats.attached);
    if (stats.damaged)
        output_message("%s overwrote its own rings: what was in them is lost", r->name);
    if (stats.lost > 0 || !r->settings->quiet)
        say_summary(r, &stats);
    return TRUE;
}

/* "./server ended with code 0". g_free it. */
static char *describe_end(const struct recording *r)
{
    const struct program *program = &r->program;
    if (r->settings->pid)
        return g_strdup_printf("the recording of %s ended", r->name);
    if (program->exit_signal != 0)
        return g_strdup_printf("signal %d (%s) killed %s", program->exit_signal,
                               g_strsignal(program->exit_signal), r->name);
    return g_strdup_printf("%s ended with code %d", r->name, program->exit_code);
}

/* A program without events leaves no dump; of one that ran already, the state is known. */
static gboolean write_last_dump(struct recording *r)
{
    struct weft_recorder_stats stats = weft_recorder_stats(r->recorder);
    gboolean empty = stats.events + stats.lost == 0 && !(r->settings->pid && stats.attached);
    if (!r->flight || empty)
        return TRUE;
    char *why = describe_end(r);
    gboolean written = flight_finish(r->flight, why);
    g_free(why);
    return written;
}

static int finish(struct recording *r)
{
    GError *error = NULL;
    gboolean finished = weft_recorder_finish(r->recorder, r->program.exit_code,
                                             r->program.exit_signal, &error);
    recordwatch_finish(r->watch, r->flight);
    gboolean dumped = !finished || write_last_dump(r);
    if (finished && !r->flight && !r->settings->max_size) /* else a file is larger than it may be */
        summarise(r->path);
    if (finished && say_end(r)) {
        return dumped ? program_exit_code(&r->program) : EXIT_SYSTEM;
    }
    if (finished && !r->flight)
        remove_file(r->path);
    else if (!r->failed) /* else it was said when it happened */
        output_message("%s", error->message);
    g_clear_error(&error);
    return EXIT_SYSTEM;
}

static int run(const void *given, char **operands)
{
    const struct record_settings *settings = given;
    struct recording r = { .settings = settings };
    int code = check(&r, operands[0]);
    if (code < 0) {
        GError *error = NULL;
        if (start(&r, operands, &error)) {
            record_until_end(&r);
            code = finish(&r);
        } else {
            code = failure_error(error);
        }
    }
    recordsocket_free(r.socket);
    flight_free(r.flight);
    weft_recorder_free(r.recorder);
    recordwatch_free(r.watch);
    weft_condition_free(r.wanted.condition);
    g_free(r.session);
    g_free(r.name);
    g_free(r.path);
    return code;
}

const struct verb record_verb = {
    .name = "record",
    .usage = "[OPTION…] {[--] PROGRAM [ARG…] | --pid PID}",
    .summary = "Run a program and record what its event loops do",
    .details =
        "PROGRAM is linked with libweft. It runs as it would without weft, which exits with\n"
        "PROGRAM's exit code, with 128+N when signal N killed it, or with 4 when it could\n"
        "not be recorded. With --pid, one that runs already is recorded until it ends, or\n"
        "Ctrl+C, and goes on as before; weft exits with 0.\n"
        "CONDITION: slice>100ms ready>50ms wait>5s iteration>100ms tasks>1000 lost>0\n"
        "error mark=TEXT 'counter NAME>N', finding=error or a finding (deadlock\n"
        "blocking-call>200ms …: weft check --rules), joined by 'or'.",
    .options = record_options,
    .settings_size = sizeof(struct record_settings),
    .defaults = &record_defaults,
    .min_operands = 0,
    .max_operands = G_MAXUINT,
    .passes_rest = TRUE,
    .run = run,
};
