/* How well the window answers: weft-bench-viewer TRACE.weft, under an X server. Opens the trace,
 * looks at tasks all over it, filters them, scrolls and sorts the table of all tasks. Prints NAME
 * VALUE UNIT: the longest time for which the main loop was busy at a stretch, of all that
 * (viewer.stall), and the 95th percentile of that while the table is scrolled. What each part took
 * goes to stderr. */
#include "app/viewer/trace-page.h"
#include "tests/viewer/widgets.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LOOKS = 40, SCROLLS = 200, SCROLL_PX = 120, REST_MS = 150 };

static gint64 polled_at; /* when the last poll returned, µs */
static gint64 cpu_at;    /* this thread's time then, µs */
static double most_cpu;  /* ms: between two polls of this part */
static GArray *busy;     /* of double, ms: between two polls, since it was cleared */
static double longest;   /* ms, of all */

static gint64 own_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (gint64)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int timed_poll(GPollFD *fds, guint n, int timeout)
{
    double ms = (double)(g_get_monotonic_time() - polled_at) / 1000.0;
    if (polled_at) {
        g_array_append_val(busy, ms);
        most_cpu = MAX(most_cpu, (double)(own_time() - cpu_at) / 1000.0);
    }
    int got = g_poll(fds, n, timeout);
    polled_at = g_get_monotonic_time();
    cpu_at = own_time();
    return got;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(double q)
{
    qsort(busy->data, busy->len, sizeof(double), by_value);
    return busy->len ? g_array_index(busy, double, (guint)(q * (busy->len - 1))) : 0;
}

/* What the part took; the next begins. */
static void part(const char *name)
{
    double worst = quantile(1);
    fprintf(stderr, "%-10s busy for %6.1f ms at most (%.1f of them its own), p95 %5.1f ms\n", name,
            worst, most_cpu, quantile(0.95));
    longest = MAX(longest, worst);
    most_cpu = 0;
    g_array_set_size(busy, 0);
}

static gboolean over(gpointer flag)
{
    *(gboolean *)flag = TRUE;
    return G_SOURCE_REMOVE;
}

static void rest(guint ms)
{
    gboolean done = FALSE;
    g_timeout_add(ms, over, &done);
    while (!done)
        g_main_context_iteration(NULL, TRUE);
}

static void look_around(WeftSession *session)
{
    weft_model *model = weft_session_model(session);
    for (guint i = 1; i <= LOOKS; i++) {
        guint lane = (guint)((guint64)weft_model_n_lanes(model) * i / (LOOKS + 1));
        gint64 t = weft_session_end_ns(session) * (gint64)(i * 17 % LOOKS) / LOOKS;
        weft_session_jump(session, weft_model_lane(model, lane)->id, t);
        rest(REST_MS);
    }
}

/* The bar of Ctrl+F, a letter at a time: many names have the text, few have, none has. */
static void filter(WeftSession *session)
{
    static const char *const typed[] = { "1", "12", "123", "123 not there", "" };
    for (guint i = 0; i < G_N_ELEMENTS(typed); i++) {
        weft_session_filter(session, typed[i]);
        rest(REST_MS);
    }
}

static void scroll(GtkWidget *page)
{
    GtkWidget *view = widget_of(page, GTK_TYPE_COLUMN_VIEW, FALSE);
    GtkAdjustment *at = gtk_scrollable_get_vadjustment(GTK_SCROLLABLE(view));
    for (guint i = 0; i < SCROLLS; i++) {
        gtk_adjustment_set_value(at, gtk_adjustment_get_value(at) + SCROLL_PX);
        rest(16);
    }
}

static void sort(GtkWidget *page)
{
    GtkColumnView *view = GTK_COLUMN_VIEW(widget_of(page, GTK_TYPE_COLUMN_VIEW, FALSE));
    g_autoptr(GtkColumnViewColumn)
        name = g_list_model_get_item(gtk_column_view_get_columns(view), 0);
    gtk_column_view_sort_by_column(view, name, GTK_SORT_DESCENDING);
    rest(10 * REST_MS);
}

static void look_at(weft_trace *trace)
{
    g_autoptr(WeftSession) session = weft_session_new(trace);
    GtkWidget *window = adw_window_new();
    WeftTracePage *page = weft_trace_page_new(session);
    gtk_window_set_default_size(GTK_WINDOW(window), 1920, 1080);
    adw_window_set_content(ADW_WINDOW(window), GTK_WIDGET(page));
    gtk_window_present(GTK_WINDOW(window));
    while (!weft_session_loaded(session) || !weft_session_looked(session))
        g_main_context_iteration(NULL, TRUE);
    part("open");
    look_around(session);
    part("look");
    filter(session);
    part("filter");
    weft_trace_page_set_view(page, "tasks");
    rest(10 * REST_MS);
    part("table");
    scroll(GTK_WIDGET(page));
    double scrolled = quantile(0.95);
    part("scroll");
    sort(GTK_WIDGET(page));
    part("sort");
    printf("viewer.stall %.1f ms\n", longest);
    printf("viewer.table_scroll %.1f ms\n", scrolled);
    gtk_window_destroy(GTK_WINDOW(window));
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    weft_trace *trace = argc == 2 ? weft_trace_open(argv[1], &error) : NULL;
    if (!trace) {
        fprintf(stderr, "weft-bench-viewer: %s\n",
                error ? error->message : "usage: weft-bench-viewer TRACE.weft");
        return 2;
    }
    busy = g_array_new(FALSE, FALSE, sizeof(double));
    adw_init();
    g_main_context_set_poll_func(NULL, timed_poll);
    look_at(trace);
    weft_trace_unref(trace);
    g_array_unref(busy);
    return 0;
}
