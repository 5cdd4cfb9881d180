/* replay_test.c: the Dispatch view in its tab under a real X server: keys' actions step, the
 * playhead is the session's, forth and back show the same, play and its end, a trace with losses,
 * one without a loop. */
#include "app/viewer/dispatch/canvas.h"
#include "app/viewer/dispatch/page.h"
#include "app/viewer/dispatch/transport.h"
#include "app/viewer/trace-page.h"
#include "tests/viewer/sample.h"
#include "tests/viewer/widgets.h"

#define MS INT64_C(1000000)

struct page {
    GtkWidget *window;
    WeftTracePage *tab;
    WeftDispatchPage *dispatch;
    WeftSession *session;
};

/* Until no worker reads, and all it found is shown. */
static void settle(struct page *page)
{
    while (weft_dispatch_page_busy(page->dispatch) || g_main_context_pending(NULL))
        g_main_context_iteration(NULL, TRUE);
}

/* Takes the trace. */
static void page_open(struct page *page, weft_trace *trace)
{
    page->session = weft_session_new(trace);
    weft_trace_unref(trace);
    page->tab = weft_trace_page_new(page->session);
    page->window = adw_window_new();
    gtk_window_set_default_size(GTK_WINDOW(page->window), 1200, 700);
    adw_window_set_content(ADW_WINDOW(page->window), GTK_WIDGET(page->tab));
    gtk_window_present(GTK_WINDOW(page->window));
    page->dispatch = WEFT_DISPATCH_PAGE(
        widget_of(GTK_WIDGET(page->tab), WEFT_TYPE_DISPATCH_PAGE, FALSE));
    while (!weft_session_loaded(page->session))
        g_main_context_iteration(NULL, TRUE);
    g_assert_null(weft_dispatch_page_view(page->dispatch)); /* unseen, it reads nothing */
    weft_trace_page_set_view(page->tab, "dispatch");
}

static void page_close(struct page *page)
{
    gtk_window_destroy(GTK_WINDOW(page->window));
    g_object_unref(page->session);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

static const struct weft_dispatch_view *shown(struct page *page)
{
    while (!weft_dispatch_page_view(page->dispatch))
        g_main_context_iteration(NULL, TRUE);
    settle(page);
    return weft_dispatch_page_view(page->dispatch);
}

static void act(struct page *page, const char *action)
{
    g_assert_true(gtk_widget_activate_action(GTK_WIDGET(page->dispatch), action, NULL));
    settle(page);
}

static gint64 playhead(struct page *page)
{
    return weft_session_view(page->session)->playhead_ns;
}

static void test_steps(void)
{
    struct page page;
    page_open(&page, weft_sample_fetch_three(FALSE));
    g_assert_cmpint(shown(&page)->place.time_ns, ==, playhead(&page));
    act(&page, "dispatch.next");
    gint64 first = playhead(&page);
    g_assert_cmpint(shown(&page)->place.time_ns, ==, first);
    g_autofree char *told = g_strdup(shown(&page)->plain);
    g_assert_cmpstr(told, !=, "");
    for (guint i = 0; i < 5; i++)
        act(&page, "dispatch.next");
    g_assert_cmpint(playhead(&page), >, first);
    for (guint i = 0; i < 5; i++)
        act(&page, "dispatch.previous");
    g_assert_cmpint(playhead(&page), ==, first);
    g_assert_cmpstr(shown(&page)->plain, ==, told);
    act(&page, "dispatch.next-event");
    act(&page, "dispatch.next-event");
    act(&page, "dispatch.previous-event");
    act(&page, "dispatch.previous-event");
    g_assert_cmpint(playhead(&page), ==, first);
    g_assert_cmpstr(shown(&page)->plain, ==, told);
    page_close(&page);
}

/* Steps that are asked for while one is being read add up. */
static void test_fast_keys(void)
{
    struct page page;
    page_open(&page, weft_sample_fetch_three(FALSE));
    act(&page, "dispatch.start");
    shown(&page);
    for (guint i = 0; i < 6; i++)
        act(&page, "dispatch.next");
    gint64 sixth = playhead(&page);
    act(&page, "dispatch.start");
    for (guint i = 0; i < 6; i++)
        gtk_widget_activate_action(GTK_WIDGET(page.dispatch), "dispatch.next", NULL);
    settle(&page);
    g_assert_cmpint(playhead(&page), ==, sixth);
    page_close(&page);
}

/* What moves the playhead elsewhere moves this view, too; before the first event and after the last
 * there is nothing to step to. */
static void test_shared_playhead(void)
{
    struct page page;
    page_open(&page, weft_sample_fetch_three(FALSE));
    shown(&page);
    weft_session_set_playhead(page.session, 100 * MS);
    g_assert_cmpint(shown(&page)->place.time_ns, ==, 100 * MS);
    act(&page, "dispatch.end");
    gint64 end = playhead(&page);
    g_assert_cmpint(end, ==, weft_session_end_ns(page.session));
    act(&page, "dispatch.next");
    g_assert_cmpint(playhead(&page), ==, end);
    act(&page, "dispatch.start");
    act(&page, "dispatch.previous");
    g_assert_cmpint(playhead(&page), ==, 0);
    page_close(&page);
}

static void test_of_task(void)
{
    struct page page;
    page_open(&page, weft_sample_fetch_three(FALSE));
    shown(&page);
    weft_session_set_playhead(page.session, 300 * MS);
    settle(&page);
    weft_session_select(page.session, WEFT_NO_LANE, WEFT_NO_TIME);
    act(&page, "dispatch.next-of-task");
    g_assert_cmpint(playhead(&page), ==, 300 * MS); /* of none */
    guint lane = 0;
    while (weft_model_lane(weft_session_model(page.session), lane)->kind != WEFT_LANE_TASK)
        lane++;
    weft_session_select(page.session, lane + 1, 300 * MS);
    act(&page, "dispatch.next-of-task");
    gint64 next = playhead(&page);
    g_assert_cmpint(next, >, 300 * MS);
    act(&page, "dispatch.next-of-task");
    act(&page, "dispatch.previous-of-task");
    g_assert_cmpint(playhead(&page), ==, next);
    page_close(&page);
}

static guint events_between(struct page *page, unsigned kind, gint64 from, gint64 to)
{
    struct weft_replay_place place = { from, WEFT_WHOLE_MOMENT };
    const struct weft_replay_wanted wanted = { .kinds = UINT64_C(1) << kind };
    weft_model *model = weft_session_model(page->session);
    guint lane = 0, n = 0;
    while (weft_model_lane(model, lane)->kind != WEFT_LANE_LOOP)
        lane++;
    g_autoptr(weft_replay) replay = weft_replay_new(model, lane);
    while (weft_replay_find(replay, place, &wanted, 1, NULL, &place) && place.time_ns <= to)
        n++;
    return n;
}

/* To the next event of a kind, from wherever one is, and on, and back; to none. */
static void test_of_kind(void)
{
    struct page page;
    page_open(&page, weft_sample_fetch_three(FALSE));
    shown(&page);
    act(&page, "dispatch.start");
    weft_trace_page_set_view(page.tab, "timeline");
    gtk_widget_activate_action(GTK_WIDGET(page.tab), "dispatch.of-kind", "s", "done");
    settle(&page);
    g_assert_cmpstr(weft_trace_page_view(page.tab), ==, "dispatch");
    gint64 first = playhead(&page);
    g_assert_cmpuint(events_between(&page, WEFT_RECORD_TASK_DONE, 0, first), ==, 1);
    act(&page, "dispatch.next-of-kind");
    gint64 second = playhead(&page);
    g_assert_cmpuint(events_between(&page, WEFT_RECORD_TASK_DONE, first, second), ==, 1);
    act(&page, "dispatch.previous-of-kind");
    g_assert_cmpint(playhead(&page), ==, first);
    act(&page, "dispatch.previous-of-kind"); /* there is none */
    g_assert_cmpint(playhead(&page), ==, first);
    gtk_widget_activate_action(GTK_WIDGET(page.dispatch), "dispatch.of-kind", "s", "sung");
    settle(&page);
    g_assert_cmpint(playhead(&page), ==, first);
    page_close(&page);
}

/* Steps that are asked for while another moment is on its way begin there. */
static void test_from_there(void)
{
    struct page page;
    page_open(&page, weft_sample_fetch_three(FALSE));
    shown(&page);
    act(&page, "dispatch.start");
    act(&page, "dispatch.next");
    gint64 first = playhead(&page);
    act(&page, "dispatch.end");
    gtk_widget_activate_action(GTK_WIDGET(page.dispatch), "dispatch.previous", NULL);
    gtk_widget_activate_action(GTK_WIDGET(page.dispatch), "dispatch.start", NULL);
    gtk_widget_activate_action(GTK_WIDGET(page.dispatch), "dispatch.next", NULL);
    settle(&page);
    g_assert_cmpint(playhead(&page), ==, first);
    page_close(&page);
}

/* It plays until it is stopped, or the trace ends. */
static void test_play(void)
{
    struct page page;
    page_open(&page, weft_sample_fetch_three(FALSE));
    act(&page, "dispatch.start");
    shown(&page);
    gtk_widget_activate_action(GTK_WIDGET(page.dispatch), "dispatch.play", NULL);
    g_assert_true(weft_dispatch_page_playing(page.dispatch));
    for (guint i = 0; i < 3; i++)
        gtk_widget_activate_action(GTK_WIDGET(page.dispatch), "dispatch.faster", NULL);
    gint64 before = playhead(&page);
    while (playhead(&page) == before)
        g_main_context_iteration(NULL, TRUE);
    gtk_widget_activate_action(GTK_WIDGET(page.dispatch), "dispatch.play", NULL);
    g_assert_false(weft_dispatch_page_playing(page.dispatch));
    act(&page, "dispatch.end");
    gtk_widget_activate_action(GTK_WIDGET(page.dispatch), "dispatch.play", NULL);
    while (weft_dispatch_page_playing(page.dispatch))
        g_main_context_iteration(NULL, TRUE);
    page_close(&page);
}

static void test_losses(void)
{
    struct page page;
    page_open(&page, weft_sample_fetch_three(TRUE));
    act(&page, "dispatch.start");
    shown(&page);
    gboolean unknown = FALSE;
    for (gint64 before = -1; playhead(&page) != before;) {
        before = playhead(&page);
        act(&page, "dispatch.next");
        unknown = unknown || shown(&page)->unknown;
    }
    g_assert_true(unknown);
    page_close(&page);
}

static void put(GArray *records, unsigned kind, unsigned detail, uint64_t subject, uint64_t object)
{
    struct weft_record r = { .time = (uint64_t)(records->len + 1) * MS,
                             .kind = (uint8_t)kind,
                             .detail = (uint8_t)detail,
                             .subject = subject,
                             .object = object };
    g_array_append_val(records, r);
}

/* Two loops, each with a task that runs; there are neither places nor sources. */
static weft_trace *two_loops(void)
{
    weft_trace *trace = weft_trace_new();
    for (guint ring = 0; ring < 2; ring++) {
        g_autoptr(GArray) records = g_array_new(FALSE, FALSE, sizeof(struct weft_record));
        uint64_t task = weft_id(WEFT_ENTITY_TASK, ring, 1 + ring);
        put(records, WEFT_RECORD_LOOP_OPEN, 0, weft_id(WEFT_ENTITY_LOOP, ring, 1), 1 + ring);
        put(records, WEFT_RECORD_TASK_NEW, 0, task, 0);
        put(records, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, task, 0);
        put(records, WEFT_RECORD_RESUME, 0, task, 0);
        put(records, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, task, 0);
        weft_trace_append(trace, ring, &g_array_index(records, struct weft_record, 0),
                          records->len);
    }
    return trace;
}

/* One of several is chosen, and shown at the same moment. */
static void test_loops(void)
{
    struct page page;
    page_open(&page, two_loops());
    weft_session_set_playhead(page.session, 5 * MS);
    g_assert_cmpuint(shown(&page)->waiting[WEFT_WAIT_TIMER].n, ==, 1);
    g_assert_cmpuint(weft_id_ring(shown(&page)->waiting[WEFT_WAIT_TIMER].shown[0].id), ==, 0);
    GtkWidget *transport = widget_of(GTK_WIDGET(page.dispatch), WEFT_TYPE_TRANSPORT, FALSE);
    GtkWidget *loops = gtk_widget_get_last_child(gtk_widget_get_first_child(transport));
    g_assert_true(gtk_widget_get_visible(loops));
    gtk_drop_down_set_selected(GTK_DROP_DOWN(loops), 1);
    settle(&page);
    g_assert_cmpuint(shown(&page)->waiting[WEFT_WAIT_TIMER].n, ==, 1);
    g_assert_cmpuint(weft_id_ring(shown(&page)->waiting[WEFT_WAIT_TIMER].shown[0].id), ==, 1);
    g_assert_cmpint(playhead(&page), ==, 5 * MS);
    g_assert_cmpuint(shown(&page)->n_code, ==, 0); /* nothing says where */
    act(&page, "dispatch.code");
    act(&page, "dispatch.previous");
    page_close(&page);
}

static void test_nothing(void)
{
    struct page page;
    page_open(&page, weft_trace_new());
    settle(&page);
    gtk_widget_activate_action(GTK_WIDGET(page.dispatch), "dispatch.next", NULL);
    gtk_widget_activate_action(GTK_WIDGET(page.dispatch), "dispatch.play", NULL);
    g_assert_false(weft_dispatch_page_playing(page.dispatch));
    g_assert_false(weft_dispatch_page_busy(page.dispatch));
    g_assert_null(weft_dispatch_page_view(page.dispatch));
    page_close(&page);
}

static void set_animations(gboolean enabled)
{
    g_object_set(gtk_settings_get_default(), "gtk-enable-animations", enabled, NULL);
}

static void read_on(struct page *page)
{
    while (weft_dispatch_page_busy(page->dispatch))
        g_main_context_iteration(NULL, TRUE);
}

/* A slow machine may be late for the first of them: then nothing moves. */
static void step_until_moves(struct page *page, WeftDispatchCanvas *canvas)
{
    for (guint i = 0; i < 20 && !weft_dispatch_canvas_moves(canvas); i++) {
        gtk_widget_activate_action(GTK_WIDGET(page->dispatch), "dispatch.next", NULL);
        read_on(page);
    }
    g_assert_true(weft_dispatch_canvas_moves(canvas));
}

/* Tokens go to their places and are there; another moment ends it; none moves where the user wants
 * nothing to move, nor when the playhead is put elsewhere. */
static void test_motion(void)
{
    struct page page;
    page_open(&page, weft_sample_fetch_three(FALSE));
    WeftDispatchCanvas *canvas = WEFT_DISPATCH_CANVAS(
        widget_of(GTK_WIDGET(page.dispatch), WEFT_TYPE_DISPATCH_CANVAS, FALSE));
    shown(&page);
    act(&page, "dispatch.start");
    set_animations(TRUE);
    step_until_moves(&page, canvas);
    weft_session_set_playhead(page.session, 300 * MS);
    read_on(&page);
    g_assert_false(weft_dispatch_canvas_moves(canvas));
    step_until_moves(&page, canvas);
    while (weft_dispatch_canvas_moves(canvas))
        g_main_context_iteration(NULL, TRUE);
    set_animations(FALSE);
    gtk_widget_activate_action(GTK_WIDGET(page.dispatch), "dispatch.previous", NULL);
    read_on(&page);
    g_assert_false(weft_dispatch_canvas_moves(canvas));
    page_close(&page);
}

/* Closed while a worker reads for it, or while tokens move. */
static void test_closed_while_reading(void)
{
    struct page page;
    page_open(&page, weft_sample_fetch_three(FALSE));
    shown(&page);
    set_animations(TRUE);
    gtk_widget_activate_action(GTK_WIDGET(page.dispatch), "dispatch.next", NULL);
    read_on(&page);
    gtk_widget_activate_action(GTK_WIDGET(page.dispatch), "dispatch.next", NULL);
    page_close(&page);
    set_animations(FALSE);
}

static GtkWidget *styled(GtkWidget *from, const char *class)
{
    GtkWidget *found = gtk_widget_has_css_class(from, class) ? from : NULL;
    for (GtkWidget *child = gtk_widget_get_first_child(from); child && !found;
         child = gtk_widget_get_next_sibling(child))
        found = styled(child, class);
    return found;
}

static gboolean all_seen(struct page *page)
{
    GtkAdjustment *down = gtk_scrolled_window_get_vadjustment(
        GTK_SCROLLED_WINDOW(widget_of(GTK_WIDGET(page->dispatch), GTK_TYPE_SCROLLED_WINDOW, TRUE)));
    return gtk_adjustment_get_upper(down) <= gtk_adjustment_get_page_size(down);
}

/* Where the window is low, what was told before gives way to the loop, and comes back. */
static void test_low_window(void)
{
    struct page page;
    page_open(&page, weft_sample_fetch_three(FALSE));
    shown(&page);
    GtkWidget *told = styled(GTK_WIDGET(page.dispatch), "told");
    gtk_widget_set_size_request(told, -1, 84); /* as style.css wants it */
    for (guint i = 0; i < 2; i++) {
        gtk_window_set_default_size(GTK_WINDOW(page.window), 1000, 700);
        while (!gtk_widget_get_mapped(told) || !all_seen(&page))
            g_main_context_iteration(NULL, TRUE);
        gtk_window_set_default_size(GTK_WINDOW(page.window), 1000, 450);
        while (gtk_widget_get_mapped(told) || !all_seen(&page))
            g_main_context_iteration(NULL, TRUE);
    }
    page_close(&page);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    adw_init();
    g_object_set(gtk_settings_get_default(), "gtk-enable-animations", FALSE, NULL);
    g_test_add_func("/replay/steps", test_steps);
    g_test_add_func("/replay/fast-keys", test_fast_keys);
    g_test_add_func("/replay/shared-playhead", test_shared_playhead);
    g_test_add_func("/replay/of-task", test_of_task);
    g_test_add_func("/replay/of-kind", test_of_kind);
    g_test_add_func("/replay/from-there", test_from_there);
    g_test_add_func("/replay/play", test_play);
    g_test_add_func("/replay/losses", test_losses);
    g_test_add_func("/replay/motion", test_motion);
    g_test_add_func("/replay/loops", test_loops);
    g_test_add_func("/replay/nothing", test_nothing);
    g_test_add_func("/replay/low-window", test_low_window);
    g_test_add_func("/replay/closed-while-reading", test_closed_while_reading);
    return g_test_run();
}
