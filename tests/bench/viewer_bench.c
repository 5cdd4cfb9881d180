/* How well the window answers: weft-bench-viewer TRACE.weft, under an X server. Opens the trace,
 * looks at tasks all over it, filters them, scrolls and sorts the table of all tasks. Prints NAME
 * VALUE UNIT: the longest time for which the main loop was busy at a stretch, of all that
 * (viewer.stall), and the 95th percentile of a frame while the table is scrolled; by the clock on
 * the wall, and by the thread's own (.cpu). A histogram of each part goes to stderr. */
#include "app/viewer/trace-page.h"
#include "tests/bench/frames.h"
#include "tests/viewer/widgets.h"

enum { LOOKS = 40, SCROLLS = 200, SCROLL_PX = 120, REST_MS = 150 };

static struct frames busy;          /* between two polls, of this part */
static struct frames drawn;         /* of the window, of this part */
static double wall_at, own_at;      /* when the last poll returned, ms */
static double longest, longest_own; /* ms, of all */

static int timed_poll(GPollFD *fds, guint n, int timeout)
{
    if (wall_at > 0)
        frames_add(&busy, wall_ms() - wall_at, own_ms() - own_at);
    int got = g_poll(fds, n, timeout);
    wall_at = wall_ms();
    own_at = own_ms();
    return got;
}

/* The part is over; the next begins. */
static void part(const char *name)
{
    frames_show(&busy, name);
    longest = MAX(longest, frames_quantile(busy.wall, 1));
    longest_own = MAX(longest_own, frames_quantile(busy.own, 1));
    frames_clear(&busy);
    frames_clear(&drawn);
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
    frames_follow(&drawn, window);
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
    double scrolled = frames_quantile(drawn.wall, 0.95);
    double scrolled_own = frames_quantile(drawn.own, 0.95);
    part("scroll");
    sort(GTK_WIDGET(page));
    part("sort");
    printf("viewer.stall %.1f ms\n", longest);
    printf("viewer.stall.cpu %.1f ms\n", longest_own);
    printf("viewer.table_scroll %.1f ms\n", scrolled);
    printf("viewer.table_scroll.cpu %.1f ms\n", scrolled_own);
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
    frames_init(&busy);
    frames_init(&drawn);
    adw_init();
    g_main_context_set_poll_func(NULL, timed_poll);
    look_at(trace);
    weft_trace_unref(trace);
    frames_finish(&busy);
    frames_finish(&drawn);
    return 0;
}
