/* What a frame of the window costs while one looks around a trace: weft-bench-frame TRACE.weft
 * SIZE, under an X server of 1920×1080. Pans at several zooms across the trace, zooms from the
 * whole of it to single events and back, moves the playhead; a frame is all that the main thread
 * does from the frame clock's beginning to its end. Prints NAME VALUE UNIT, the names ending in
 * _SIZE: the 95th percentile of frames by the wall's clock and by the thread's own, and how much
 * more memory the process ever had than the file is large. A histogram of each goes to stderr. */
#include "app/viewer/gpu.h"
#include "app/viewer/trace-page.h"
#include "tests/bench/frames.h"

#include <glib/gstdio.h>
#include <string.h>

enum { FRAMES = 100, PAN_PX = 24, REST_MS = 300, ZOOM_STEPS = 150 };

static const double zooms[] = { 0, 5e6, 1e6, 200e3, 20e3, 2e3 }; /* ns per px; 0: the whole */

static WeftSession *session;
static struct frames frames;
static gboolean over(gpointer flag)
{
    *(gboolean *)flag = TRUE;
    return G_SOURCE_REMOVE;
}

/* What was drawn coarsely is drawn finely: those frames count, too. */
static void rest(void)
{
    gboolean done = FALSE;
    g_timeout_add(REST_MS, over, &done);
    while (!done)
        g_main_context_iteration(NULL, TRUE);
}

/* ---- What is done in a frame, as by a tick of the wheel ---- */

struct moves {
    void (*move)(guint i);
    guint i, n;
};

static gboolean next_move(GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
    struct moves *moves = data;
    if (moves->i == moves->n)
        return G_SOURCE_REMOVE;
    moves->move(moves->i++);
    (void)widget, (void)clock;
    return G_SOURCE_CONTINUE;
}

static void move(GtkWidget *window, void (*how)(guint i), guint n)
{
    struct moves moves = { how, 0, n };
    gtk_widget_add_tick_callback(window, next_move, &moves, NULL);
    while (moves.i < n)
        g_main_context_iteration(NULL, TRUE);
    rest();
}

static void pan(guint i)
{
    weft_session_pan(session, PAN_PX);
    (void)i;
}

static void zoom(guint i)
{
    double x = weft_session_view(session)->viewport.width / 3;
    weft_session_zoom(session, i < ZOOM_STEPS ? 1.1 : 1 / 1.1, x);
}

static void move_playhead(guint i)
{
    const struct weft_viewport *viewport = &weft_session_view(session)->viewport;
    weft_session_set_playhead(session, weft_viewport_ns(viewport, 100 + 7.0 * i));
}

/* ---- The whole ---- */

static void show(double ns_per_px)
{
    const struct weft_viewport *viewport = &weft_session_view(session)->viewport;
    gint64 from = weft_session_end_ns(session) / 3;
    if (ns_per_px > 0)
        weft_session_show(session, from, from + (gint64)(ns_per_px * viewport->width),
                          WEFT_MOVE_JUMP);
    else
        weft_session_fit(session);
    rest();
}

static void print(const char *name, const char *size)
{
    frames_show(&frames, name);
    printf("frame.%s_%s %.1f ms\n", name, size, frames_quantile(frames.wall, 0.95));
    printf("frame.%s.cpu_%s %.1f ms\n", name, size, frames_quantile(frames.own, 0.95));
    frames_clear(&frames);
}

static void look_around(GtkWidget *window, const char *size)
{
    for (guint i = 0; i < G_N_ELEMENTS(zooms); i++) {
        show(zooms[i]);
        move(window, pan, FRAMES);
    }
    print("pan", size);
    show(0);
    move(window, zoom, 2 * ZOOM_STEPS);
    print("zoom", size);
    show(1e6);
    frames_clear(&frames); /* those of getting there are not the playhead's */
    move(window, move_playhead, FRAMES);
    print("playhead", size);
}

/* MiB of all the memory that the process ever had. */
static double peak_memory(void)
{
    g_autofree char *status = NULL;
    g_file_get_contents("/proc/self/status", &status, NULL, NULL);
    const char *peak = status ? strstr(status, "VmHWM:") : NULL;
    return peak ? g_ascii_strtod(peak + strlen("VmHWM:"), NULL) / 1024 : 0;
}

static void look_at(weft_trace *trace, const char *size)
{
    GtkWidget *window = adw_window_new();
    session = weft_session_new(trace);
    gtk_window_set_default_size(GTK_WINDOW(window), 1920, 1080);
    adw_window_set_content(ADW_WINDOW(window), GTK_WIDGET(weft_trace_page_new(session)));
    gtk_window_present(GTK_WINDOW(window));
    frames_follow(&frames, window);
    while (!weft_session_loaded(session) || !weft_session_looked(session))
        g_main_context_iteration(NULL, TRUE);
    frames_clear(&frames);
    look_around(window, size);
    gtk_window_destroy(GTK_WINDOW(window));
    g_object_unref(session);
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    GStatBuf file;
    weft_trace *trace = argc == 3 ? weft_trace_open(argv[1], &error) : NULL;
    if (!trace || g_stat(argv[1], &file) != 0) {
        fprintf(stderr, "weft-bench-frame: %s\n",
                error ? error->message : "usage: weft-bench-frame TRACE.weft SIZE");
        return 2;
    }
    weft_gpu_choose(); /* as the viewer does */
    adw_init();
    frames_init(&frames);
    look_at(trace, argv[2]);
    weft_trace_unref(trace);
    frames_finish(&frames);
    printf("viewer.memory_%s %.0f MiB\n", argv[2],
           peak_memory() - (double)file.st_size / (1024 * 1024));
    return 0;
}
