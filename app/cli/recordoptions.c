/* recordoptions.c: see recordoptions.h. */
#include "app/cli/recordoptions.h"
#include "app/cli/failure.h"
#include "app/cli/quantity.h"
#include "tracer/model/watcher.h"

#include <string.h>

const struct record_settings record_defaults = { .sync = "end", .after_ns = -1 };

#define FIELD(name) G_STRUCT_OFFSET(struct record_settings, name)

const struct option record_options[] = {
    { "output", 'o', OPTION_TEXT, "FILE",
      "the trace to write (default: PROGRAM.weft in this directory)", FIELD(output) },
    { "pid", 0, OPTION_COUNT, "PID", "record this program, which runs already, not PROGRAM",
      FIELD(pid), TRUE },
    { "children", 0, OPTION_FLAG, NULL,
      "record the processes that PROGRAM starts too; wait for them", FIELD(children) },
    { "flight", 0, OPTION_FLAG, NULL,
      "keep the last of it in memory; write it at the end, or when asked", FIELD(flight) },
    { "window", 0, OPTION_TEXT, "30s|64M", "how much --flight keeps (default: 30s)",
      FIELD(window) },
    { "when", 0, OPTION_TEXT, "CONDITION", "write it also whenever this holds", FIELD(when) },
    { "after", 0, OPTION_SECONDS, "S", "... and so long after it held (default: 2s)",
      FIELD(after_ns) },
    { "ring-size", 0, OPTION_SIZE, "N", "memory for each loop's events on their way (default: 16M)",
      FIELD(ring_size), TRUE },
    { "duration", 'd', OPTION_SECONDS, "S",
      "end PROGRAM after S seconds, by SIGTERM; with --pid, the recording", FIELD(duration_ns),
      TRUE },
    { "max-size", 0, OPTION_SIZE, "N", "files of at most N bytes: t.weft, t.2.weft, …",
      FIELD(max_size), TRUE },
    { "keep", 0, OPTION_COUNT, "K", "keep only the last K of several files", FIELD(keep), TRUE },
    { "fsync", 0, OPTION_TEXT, "WHEN",
      "bring it to the disk: never, at the end (default), or every N s", FIELD(sync) },
    { "quiet", 'q', OPTION_FLAG, NULL, "say nothing unless something is wrong", FIELD(quiet) },
    { 0 },
};

#define SECOND G_GUINT64_CONSTANT(1000000000)
static const guint64 smallest_ring = 128 << 10; /* two chunks */
static const guint64 largest_ring = G_GUINT64_CONSTANT(64) << 30;
static const guint64 smallest_file = 1 << 20; /* a chunk of events, and all that names them */
static const guint64 smallest_window = 64 << 10;
static const guint64 default_window_ns = 30 * SECOND;
static const guint64 most_memory = 512 << 20; /* of a window of seconds */
static const gint64 default_after_ns = 2 * (gint64)SECOND;

/* "never", "end", "10" or "500ms". */
static gboolean parse_sync(const char *text, gint64 *sync_ns)
{
    *sync_ns = strcmp(text, "never") == 0 ? WEFT_SYNC_NEVER : WEFT_SYNC_END;
    return *sync_ns == WEFT_SYNC_NEVER || strcmp(text, "end") == 0 ||
           (quantity_parse_time(text, (gint64)SECOND, sync_ns) && *sync_ns > 0);
}

/* "30s" or "64M": a size ends with a capital, a time does not. */
static gboolean parse_window(const char *text, struct weft_tracewindow_limits *window)
{
    char last = text[strlen(text) - 1];
    gint64 ns;
    *window = (struct weft_tracewindow_limits){ .ns = 0 };
    if (g_ascii_isupper(last))
        return quantity_parse_size(text, &window->bytes) && window->bytes >= smallest_window;
    if (!g_ascii_islower(last) || !quantity_parse_time(text, 1, &ns) || ns < (gint64)SECOND / 10)
        return FALSE;
    *window = (struct weft_tracewindow_limits){ .ns = (guint64)ns, .bytes = most_memory };
    return TRUE;
}

static const guint64 largest_ring_of_pid = G_GUINT64_CONSTANT(4) << 30; /* probe/command.c */

static int check_program(const struct record_settings *settings, const char *program)
{
    if (!settings->pid && !program)
        return failure_usage(&record_verb, "what to record? PROGRAM is missing");
    if (settings->pid && program)
        return failure_usage(&record_verb, "--pid is instead of a PROGRAM");
    if (settings->pid && settings->children)
        return failure_usage(&record_verb, "--children is for a PROGRAM, not for --pid");
    if (settings->pid > G_MAXINT32)
        return failure_usage(&record_verb, "--pid: expected the number of a process");
    if (settings->pid && settings->ring_size > largest_ring_of_pid)
        return failure_usage(&record_verb, "--ring-size: expected 128K to 4G, for --pid");
    return -1;
}

static int check_sizes(const struct record_settings *settings)
{
    if (settings->ring_size != 0 &&
        (settings->ring_size < smallest_ring || settings->ring_size > largest_ring))
        return failure_usage(&record_verb, "--ring-size: expected 128K to 64G");
    if (settings->max_size != 0 && settings->max_size < smallest_file)
        return failure_usage(&record_verb, "--max-size: expected at least 1M");
    if (settings->keep != 0 && settings->max_size == 0 && !settings->flight)
        return failure_usage(&record_verb, "--keep is for the files of --max-size or --flight");
    if (settings->keep > G_MAXINT)
        return failure_usage(&record_verb, "--keep: expected a smaller number");
    return -1;
}

static int check_flight(const struct record_settings *settings, struct record_wanted *wanted)
{
    const char *alone = settings->window           ? "--window"
                        : settings->when           ? "--when"
                        : settings->after_ns != -1 ? "--after"
                                                   : NULL;
    if (!settings->flight && alone)
        return failure_usage(&record_verb, "%s is for --flight", alone);
    if (settings->flight && settings->max_size != 0)
        return failure_usage(&record_verb, "--max-size is not for --flight: --window bounds it");
    if (settings->after_ns != -1 && !settings->when)
        return failure_usage(&record_verb, "--after is for --when");
    if (settings->window && !parse_window(settings->window, &wanted->window))
        return failure_usage(
            &record_verb,
            "--window '%s': expected a time such as 30s, 100ms at least, or a size "
            "such as 64M, 64K at least",
            settings->window);
    if (settings->flight && !settings->window)
        wanted->window = (struct weft_tracewindow_limits){ default_window_ns, most_memory };
    gint64 most_after_ns = wanted->window.ns ? (gint64)wanted->window.ns : G_MAXINT64;
    wanted->after_ns = settings->after_ns == -1 ? MIN(default_after_ns, most_after_ns / 2)
                                                : settings->after_ns;
    if (wanted->after_ns > most_after_ns)
        return failure_usage(&record_verb, "--after is longer than the window");
    return -1;
}

static int check_condition(const struct record_settings *settings, struct record_wanted *wanted)
{
    if (!settings->when)
        return -1;
    GError *error = NULL;
    wanted->condition = weft_condition_parse(settings->when, strlen(settings->when),
                                             weft_watcher_rules(), &error);
    if (wanted->condition)
        return -1;
    int code = failure_usage(&record_verb, "--when '%s': %s (weft check --rules lists the rules)",
                             settings->when, error->message);
    g_error_free(error);
    return code;
}

int recordoptions_check(const struct record_settings *settings, const char *program,
                        struct record_wanted *wanted)
{
    int code = check_program(settings, program);
    if (code < 0)
        code = check_sizes(settings);
    if (code < 0)
        code = check_flight(settings, wanted);
    if (code >= 0)
        return code;
    if (!parse_sync(settings->sync, &wanted->sync_ns))
        return failure_usage(&record_verb,
                             "--fsync '%s': expected never, end, or a time such as 10 or 500ms",
                             settings->sync);
    return check_condition(settings, wanted);
}
