/* progress.h: how a recording goes, on one line of a terminal that rewrites itself. */
#ifndef WEFT_CLI_PROGRESS_H
#define WEFT_CLI_PROGRESS_H

#include "tracer/trace/recorder.h"

struct progress {
    gboolean shown;  /* whether there is a line at all */
    gint64 start_us; /* monotonic */
    gint64 last_us;  /* when the line was last written */
    guint64 last_events;
    struct weft_tracewindow_limits window; /* of a flight recording */
};

/* Shows a line when stderr is a terminal and `quiet` is FALSE. */
void progress_start(struct progress *progress, gboolean quiet,
                    const struct weft_tracewindow_limits *window);

/* The line, at most `columns` wide: what does not fit of it is left out. g_free it. */
char *progress_line(const struct progress *progress, const struct weft_recorder_stats *stats,
                    gint64 now_us, guint columns);

/* Rewrites the line, twice a second at most. */
void progress_update(struct progress *progress, const struct weft_recorder_stats *stats);

/* Takes the line away until it is written again: a message comes. */
void progress_clear(struct progress *progress);

/* Takes the line away. */
void progress_finish(struct progress *progress);

#endif
