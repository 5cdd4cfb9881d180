/* progress.c: the line. The cursor is left at its beginning: what the program prints to the same
 * terminal overwrites it. */
#include "app/cli/progress.h"
#include "app/cli/quantity.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { INTERVAL_US = 500000, COLUMNS = 80 };

void progress_start(struct progress *progress, gboolean quiet,
                    const struct weft_tracewindow_limits *window)
{
    const char *term = g_getenv("TERM");
    gint64 now = g_get_monotonic_time();
    *progress = (struct progress){
        .shown = !quiet && isatty(STDERR_FILENO) && g_strcmp0(term, "dumb") != 0,
        .start_us = now,
        .last_us = now,
        .window = *window,
    };
}

/* "weft: 12 s, 1,234 events", the first thing to know, and so on; NULL behind the last. */
static void describe(const struct progress *progress, const struct weft_recorder_stats *stats,
                     gint64 now_us, char *parts[5])
{
    gint64 elapsed = MAX(now_us - progress->last_us, 1);
    guint64 rate = (stats->events - progress->last_events) * 1000000 / (guint64)elapsed;
    char *events = quantity_format_count(stats->events);
    char *per_second = quantity_format_count(rate);
    char *lost = quantity_format_count(stats->lost);
    char *size = quantity_format_size(stats->bytes);
    const struct weft_tracewindow_limits *window = &progress->window;
    guint n = 0;
    parts[n++] = g_strdup_printf("weft: %.0f s, %s events",
                                 (double)(now_us - progress->start_us) / 1e6, events);
    parts[n++] = g_strdup_printf(", %s/s", per_second);
    parts[n++] = g_strdup_printf(", %s lost", lost);
    if (window->ns)
        parts[n++] = g_strdup_printf(", window: %.0f of %.0f s, %s",
                                     (double)MIN(stats->window.ns, window->ns) / 1e9,
                                     (double)window->ns / 1e9, size);
    else if (window->bytes)
        parts[n++] = g_strdup_printf(", window: %s, %.0f %% full", size,
                                     100.0 * (double)MIN(stats->bytes, window->bytes) /
                                         (double)window->bytes);
    else
        parts[n++] = g_strdup_printf(", %s", size);
    parts[n] = NULL;
    g_free(events);
    g_free(per_second);
    g_free(lost);
    g_free(size);
}

char *progress_line(const struct progress *progress, const struct weft_recorder_stats *stats,
                    gint64 now_us, guint columns)
{
    char *parts[5];
    GString *line = g_string_new(NULL);
    describe(progress, stats, now_us, parts);
    gboolean fits = TRUE; /* all of them are ASCII */
    for (guint i = 0; parts[i]; i++) {
        fits = fits && line->len + strlen(parts[i]) <= columns;
        if (fits)
            g_string_append(line, parts[i]);
        g_free(parts[i]);
    }
    return g_string_free(line, FALSE);
}

/* The last column stays free: some terminals go on to the next line when it is written. */
static guint columns(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return COLUMNS - 1;
    return size.ws_col - 1u;
}

void progress_update(struct progress *progress, const struct weft_recorder_stats *stats)
{
    gint64 now = g_get_monotonic_time();
    if (!progress->shown || now - progress->last_us < INTERVAL_US)
        return;
    char *line = progress_line(progress, stats, now, columns());
    fprintf(stderr, "\r%s\033[K\r", line);
    g_free(line);
    progress->last_us = now;
    progress->last_events = stats->events;
}

void progress_clear(struct progress *progress)
{
    if (progress->shown && progress->last_us != progress->start_us)
        fputs("\r\033[K", stderr);
}

void progress_finish(struct progress *progress)
{
    progress_clear(progress);
    progress->shown = FALSE;
}
