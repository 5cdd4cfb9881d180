/* How soon something is seen: weft-bench-start ROW [TRACE.weft], under an X server. Executes itself
 * anew, as a command is, runs the viewer's application until its window has drawn the start page,
 * or the first lanes of the trace, and prints NAME VALUE UNIT: ROW, the seconds that took; ROW.cpu,
 * how much of the processor. */
#include "app/viewer/application.h"
#include "app/viewer/trace-page.h"
#include "app/viewer/window.h"
#include "tests/bench/frames.h"

#include <unistd.h>

#define BEGIN "WEFT_BENCH_BEGIN" /* environment: when it was executed anew, ms */

static const char *row, *trace;
static double begin_ms;
static gboolean shown;

static double cpu_s(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

static gboolean has_lanes(WeftTracePage *page)
{
    return page && gtk_widget_get_mapped(GTK_WIDGET(page)) &&
           weft_session_scene(weft_trace_page_session(page))->n_visible > 0;
}

static void frame_ends(GdkFrameClock *clock, GtkWindow *window)
{
    if (shown || (trace && !has_lanes(weft_window_page(WEFT_WINDOW(window)))))
        return;
    shown = TRUE;
    printf("%s %.3f s\n", row, (wall_ms() - begin_ms) / 1000);
    printf("%s.cpu %.3f s\n", row, cpu_s());
    g_application_quit(G_APPLICATION(gtk_window_get_application(window)));
    (void)clock;
}

static void realized(GtkWidget *window)
{
    g_signal_connect(gtk_widget_get_frame_clock(window), "after-paint", G_CALLBACK(frame_ends),
                     window);
}

static void window_added(GtkApplication *application, GtkWindow *window)
{
    if (WEFT_IS_WINDOW(window))
        g_signal_connect(window, "realize", G_CALLBACK(realized), NULL);
    (void)application;
}

static int execute_anew(char **argv)
{
    char now[G_ASCII_DTOSTR_BUF_SIZE];
    g_setenv(BEGIN, g_ascii_dtostr(now, sizeof now, wall_ms()), TRUE);
    execv("/proc/self/exe", argv);
    perror("weft-bench-start");
    return 1;
}

int main(int argc, char **argv)
{
    const char *begin = g_getenv(BEGIN);
    if (argc < 2) {
        fprintf(stderr, "usage: weft-bench-start ROW [TRACE.weft]\n");
        return 2;
    }
    if (!begin)
        return execute_anew(argv);
    begin_ms = g_ascii_strtod(begin, NULL);
    row = argv[1];
    trace = argv[2];
    char *arguments[] = { argv[0], (char *)"--standalone", argv[2], NULL };
    g_autoptr(WeftApplication) application = weft_application_new();
    g_signal_connect(application, "window-added", G_CALLBACK(window_added), NULL);
    return g_application_run(G_APPLICATION(application), trace ? 3 : 2, arguments);
}
