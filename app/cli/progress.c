/* progress.c: the line. The cursor is left at its beginning: what the program prints to the same
 * terminal overwrites it. */
#include "app/cli/progress.h"
#include "app/cli/quantity.h"

#include <stdio.h>
#include <unistd.h>

enum { INTERVAL_US = 500000 };

void progress_start(struct progress *progress, gboolean quiet)
{
    const char *term = g_getenv("TERM");
    gint64 now = g_get_monotonic_time();
    *progress = (struct progress){
        .shown = !quiet && isatty(STDERR_FILENO) && g_strcmp0(term, "dumb") != 0,
        .start_us = now,
        .last_us = now,
    };
}

void progress_update(struct progress *progress, const struct weft_recorder_stats *stats)
{
    gint64 now = g_get_monotonic_time();
    gint64 elapsed = now - progress->last_us;
    if (!progress->shown || elapsed < INTERVAL_US)
        return;
    guint64 rate = (stats->events - progress->last_events) * 1000000 / (guint64)elapsed;
    char *events = quantity_format_count(stats->events);
    char *per_second = quantity_format_count(rate);
    char *lost = quantity_format_count(stats->lost);
    char *size = quantity_format_size(stats->bytes);
    fprintf(stderr, "\rweft: %.0f s, %s events, %s/s, %s lost, %s\033[K\r",
            (double)(now - progress->start_us) / 1e6, events, per_second, lost, size);
    g_free(events);
    g_free(per_second);
    g_free(lost);
    g_free(size);
    progress->last_us = now;
    progress->last_events = stats->events;
}

void progress_finish(struct progress *progress)
{
    if (progress->shown && progress->last_us != progress->start_us)
        fputs("\r\033[K", stderr);
    progress->shown = FALSE;
}
