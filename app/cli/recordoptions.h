/* recordoptions.h: what `weft record` can be told, and whether it goes together. */
#ifndef WEFT_CLI_RECORDOPTIONS_H
#define WEFT_CLI_RECORDOPTIONS_H

#include "app/cli/verb.h"
#include "tracer/trace/condition.h"
#include "tracer/trace/window.h"

struct record_settings {
    const char *output;
    guint64 pid; /* of a program that runs already; 0: not given */
    gboolean children, flight;
    const char *window, *when;
    gint64 after_ns; /* -1: not given */
    guint64 ring_size;
    gint64 duration_ns;
    guint64 max_size, keep;
    const char *sync;
    gboolean quiet;
};
extern const struct option record_options[];
extern const struct record_settings record_defaults;

/* What the texts among them say. */
struct record_wanted {
    gint64 sync_ns; /* a WEFT_SYNC */
    gint64 after_ns;
    struct weft_tracewindow_limits window; /* zeros without --flight */
    weft_condition *condition;             /* NULL: none */
};

/* -1: they go together and with `program` (NULL: not given), and *wanted is filled in; else the
 * exit code: what is wrong was said. */
int recordoptions_check(const struct record_settings *settings, const char *program,
                        struct record_wanted *wanted);

#endif
