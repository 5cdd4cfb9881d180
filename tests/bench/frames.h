/* frames.h: how long the main loop, or a frame, kept its thread busy: by the clock on the wall, and
 * by the thread's own, which does not tell of what else the machine does. */
#ifndef WEFT_BENCH_FRAMES_H
#define WEFT_BENCH_FRAMES_H

#include <gtk/gtk.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline double wall_ms(void)
{
    return (double)g_get_monotonic_time() / 1000.0;
}

static inline double own_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

struct frames { /* ms */
    GArray *wall, *own;
};

static inline void frames_init(struct frames *frames)
{
    frames->wall = g_array_new(FALSE, FALSE, sizeof(double));
    frames->own = g_array_new(FALSE, FALSE, sizeof(double));
}

static inline void frames_clear(struct frames *frames)
{
    g_array_set_size(frames->wall, 0);
    g_array_set_size(frames->own, 0);
}

static inline void frames_finish(struct frames *frames)
{
    g_array_unref(frames->wall);
    g_array_unref(frames->own);
}

static inline void frames_add(struct frames *frames, double wall, double own)
{
    g_array_append_val(frames->wall, wall);
    g_array_append_val(frames->own, own);
}

static inline int frames_by_length(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts them. 0: the shortest; 1: the longest. */
static inline double frames_quantile(GArray *times, double q)
{
    qsort(times->data, times->len, sizeof(double), frames_by_length);
    return times->len ? g_array_index(times, double, (guint)(q * (times->len - 1))) : 0;
}

/* ---- Frames of a window: all that the main thread does from the frame clock's beginning to its
 * end */

static double frames_began_wall, frames_began_own;

static inline void frames_begin(GdkFrameClock *clock, gpointer data)
{
    frames_began_wall = wall_ms();
    frames_began_own = own_ms();
    (void)clock, (void)data;
}

static inline void frames_end(GdkFrameClock *clock, gpointer frames)
{
    frames_add(frames, wall_ms() - frames_began_wall, own_ms() - frames_began_own);
    (void)clock;
}

/* Adds those of a window that is shown, from now on. */
static inline void frames_follow(struct frames *frames, GtkWidget *window)
{
    GdkFrameClock *clock = gtk_widget_get_frame_clock(window);
    g_signal_connect(clock, "before-paint", G_CALLBACK(frames_begin), NULL);
    g_signal_connect(clock, "after-paint", G_CALLBACK(frames_end), frames);
}

/* ---- What came of it ---- */

/* How many took how long: a line, to stderr. */
static inline void frames_show(const struct frames *frames, const char *name)
{
    static const double bounds[] = { 1, 2, 4, 8, 12, 16.7, 33.3, 50, 1e9 };
    guint counts[G_N_ELEMENTS(bounds)] = { 0 };
    for (guint i = 0; i < frames->own->len; i++) {
        guint at = 0;
        while (g_array_index(frames->own, double, i) > bounds[at])
            at++;
        counts[at]++;
    }
    fprintf(stderr,
            "%-14s own ms: p50 %5.1f p95 %5.1f max %6.1f; wall: p50 %5.1f p95 %5.1f max %6.1f\n",
            name, frames_quantile(frames->own, 0.5), frames_quantile(frames->own, 0.95),
            frames_quantile(frames->own, 1), frames_quantile(frames->wall, 0.5),
            frames_quantile(frames->wall, 0.95), frames_quantile(frames->wall, 1));
    fprintf(stderr, "%14s", "");
    for (guint i = 0; i + 1 < G_N_ELEMENTS(bounds); i++)
        fprintf(stderr, " ≤%g: %u", bounds[i], counts[i]);
    fprintf(stderr, " more: %u\n", counts[G_N_ELEMENTS(bounds) - 1]);
}

#endif
