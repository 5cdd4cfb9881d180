/* progress.h: how a recording goes, on one line of a terminal that rewrites itself. */
#ifndef WEFT_CLI_PROGRESS_H
#define WEFT_CLI_PROGRESS_H

#include "tracer/trace/recorder.h"

struct progress {
    gboolean shown;  /* whether there is a line at all */
    gint64 start_us; /* monotonic */
    gint64 last_us;  /* when the line was last written */
    guint64 last_events;
};

/* Shows a line when stderr is a terminal and `quiet` is FALSE. */
void progress_start(struct progress *progress, gboolean quiet);

/* Rewrites the line, twice a second at most. */
void progress_update(struct progress *progress, const struct weft_recorder_stats *stats);

/* Takes the line away. */
void progress_finish(struct progress *progress);

#endif
