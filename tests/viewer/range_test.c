/* range_test.c: stretches of time in a whole tab: a range that is marked, the ruler's origin, the
 * lengths chosen in the histogram. */
#include "app/viewer/panels/histogram.h"
#include "app/viewer/panels/inspector.h"
#include "app/viewer/panels/range-card.h"
#include "app/viewer/timeline/legend.h"
#include "tests/viewer/sample.h"
#include "tests/viewer/sample_page.h"
#include "tests/viewer/widgets.h"

static void test_range(void)
{
    struct page page;
    page_open(&page, FALSE);
    weft_session_mark(page.session, 100 * MS, 200 * MS);
    act(&page, "timeline.zoom-range");
    g_assert_cmpint(ABS(view_of(&page)->viewport.from_ns - 100 * MS), <=, MS);
    g_assert_cmpint(ABS(span_of(&page) - 100 * MS), <=, MS);
    g_assert_cmpint(view_of(&page)->range_from, ==, view_of(&page)->range_to);
    page_close(&page);
}

/* A marked range is summed up in the inspector: who ran most comes first. */
static void test_range_is_summed_up(void)
{
    struct page page;
    page_open(&page, FALSE);
    GtkWidget *legend = widget_of(page.window, WEFT_TYPE_LEGEND, TRUE);
    int height = gtk_widget_get_height(legend);
    weft_session_mark(page.session, 130 * MS, 230 * MS);
    settle(page.window);
    g_assert_cmpint(gtk_widget_get_height(legend), ==, height);
    GtkWidget *card = widget_of(page.window, WEFT_TYPE_RANGE_CARD, FALSE);
    while (!gtk_widget_get_visible(card))
        g_main_context_iteration(NULL, TRUE);
    GtkWidget *words = gtk_widget_get_last_child(gtk_widget_get_first_child(card));
    while (g_str_equal(gtk_label_get_text(GTK_LABEL(words)), "Adding up…"))
        g_main_context_iteration(NULL, TRUE);
    /* fetch-1 holds the loop through all of it. */
    g_assert_cmpstr(gtk_label_get_text(GTK_LABEL(words)), ==,
                    "5 tasks   100 ms\302\240run   400 ms\302\240wait\n"
                    "1 slice: half up to 110 ms, 99\302\240% up to 110 ms, the longest 110 ms\n"
                    "loop was busy 100 ms, 100\302\240%\nfetch-1 ran 100 ms, 100\302\240%");
    weft_session_filter(page.session, "fetch-2"); /* only what is looked for */
    while (!g_str_has_prefix(gtk_label_get_text(GTK_LABEL(words)), "1 task with “fetch-2”"))
        g_main_context_iteration(NULL, TRUE);
    act(&page, "timeline.clear");
    while (gtk_widget_get_visible(card))
        g_main_context_iteration(NULL, TRUE);
    page_close(&page);
}

static void test_clear_one_thing_at_a_time(void)
{
    struct page page;
    page_open(&page, FALSE);
    weft_session_select(page.session, page_lane(&page, "main"), 10 * MS);
    weft_session_mark(page.session, 100 * MS, 200 * MS);
    act(&page, "timeline.clear");
    g_assert_cmpint(view_of(&page)->range_from, ==, view_of(&page)->range_to);
    g_assert_cmpuint(view_of(&page)->selected_lane, !=, WEFT_NO_LANE);
    act(&page, "timeline.clear");
    g_assert_cmpuint(view_of(&page)->selected_lane, ==, WEFT_NO_LANE);
    page_close(&page);
}

static void test_origin(void)
{
    struct page page;
    page_open(&page, FALSE);
    weft_session_set_playhead(page.session, 250 * MS);
    act(&page, "timeline.origin-playhead");
    g_assert_cmpint(view_of(&page)->origin_ns, ==, 250 * MS);
    act(&page, "timeline.origin-start");
    g_assert_cmpint(view_of(&page)->origin_ns, ==, 0);
    page_close(&page);
}

/* Where the trace says when it was recorded, the ruler, the story and the notes say the time of the
 * day; T goes there and back. */
static void test_time_of_day(void)
{
    struct page page;
    weft_trace *trace = weft_sample_fetch_three(FALSE);
    struct weft_trace_source *source = (struct weft_trace_source *)weft_trace_source(trace);
    page_open_trace(&page, trace);
    act(&page, "timeline.time-of-day");
    g_assert_false(view_of(&page)->of_day); /* the sample does not say when */
    source->start_realtime_ns = (12 * 3600 + 3 * 60 + 7) * 1000 * MS + 250 * MS;
    weft_session_select(page.session, page_lane(&page, "fetch-2"), 10 * MS);
    weft_session_set_playhead(page.session, 315 * MS);
    act(&page, "timeline.time-of-day");
    g_assert_true(view_of(&page)->of_day);
    g_autofree char *selected = weft_session_selection_text(page.session);
    g_assert_nonnull(strstr(selected, ", from 14:03:07."));
    GtkWidget *inspector = widget_of(GTK_WIDGET(page.page), WEFT_TYPE_INSPECTOR, FALSE);
    g_autofree char *why = NULL;
    while (!why || !strstr(why, "at 14:03:07.565000?")) {
        g_main_context_iteration(NULL, TRUE);
        g_free(why);
        why = weft_inspector_why(WEFT_INSPECTOR(inspector));
    }
    act(&page, "timeline.time-of-day");
    g_assert_false(view_of(&page)->of_day);
    g_assert_cmpint(view_of(&page)->origin_ns, ==, 0);
    page_close(&page);
}

/* Shift and an arrow mark a range from the playhead, which stays; and back. */
static void test_range_by_keys(void)
{
    struct page page;
    page_open(&page, FALSE);
    const struct weft_view *view = view_of(&page);
    weft_session_set_playhead(page.session, 200 * MS);
    g_assert_true(press(&page, GDK_KEY_Right, GDK_SHIFT_MASK));
    g_assert_cmpint(view->range_from, ==, 200 * MS);
    gint64 once = view->range_to;
    g_assert_cmpint(once, >, 200 * MS);
    g_assert_true(press(&page, GDK_KEY_Right, GDK_SHIFT_MASK));
    g_assert_cmpint(view->range_to, >, once);
    for (guint i = 0; i < 3; i++) /* to nothing, and on to the other side */
        g_assert_true(press(&page, GDK_KEY_Left, GDK_SHIFT_MASK));
    g_assert_cmpint(view->range_to, ==, 200 * MS);
    g_assert_cmpint(view->range_from, <, 200 * MS);
    g_assert_cmpint(view->playhead_ns, ==, 200 * MS);
    for (guint i = 0; i < 200; i++)
        g_assert_true(press(&page, GDK_KEY_Left, GDK_SHIFT_MASK));
    g_assert_cmpint(view->range_from, ==, 0);
    weft_trace_page_set_view(page.page, "tasks");
    g_assert_false(press(&page, GDK_KEY_Right, GDK_SHIFT_MASK));
    page_close(&page);
}

/* The controller of a widget, which has one of the type. */
static GtkEventController *controller_of(GtkWidget *widget, GType type)
{
    g_autoptr(GListModel) all = gtk_widget_observe_controllers(widget);
    for (guint i = 0; i < g_list_model_get_n_items(all); i++) {
        g_autoptr(GtkEventController) controller = g_list_model_get_item(all, i);
        if (G_TYPE_CHECK_INSTANCE_TYPE(controller, type))
            return controller;
    }
    g_assert_not_reached();
}

static gboolean press_on(GtkWidget *widget, guint key, GdkModifierType modifiers)
{
    gboolean taken = FALSE;
    g_signal_emit_by_name(controller_of(widget, GTK_TYPE_EVENT_CONTROLLER_KEY), "key-pressed", key,
                          0, modifiers, &taken);
    return taken;
}

/* Selects fetch-2; returns the histogram, once it is that of its slices. */
static GtkWidget *histogram_of_fetch(struct page *page)
{
    GtkWidget *inspector = widget_of(page->window, WEFT_TYPE_INSPECTOR, FALSE), *name, *histogram;
    gint64 longest;
    weft_session_select(page->session, page_lane(page, "fetch-2"), 10 * MS);
    weft_session_set_playhead(page->session, 0);
    while (!(name = label_shown(inspector, "fetch-2")) ||
           !g_str_equal(gtk_label_get_text(GTK_LABEL(name)), "fetch-2"))
        g_main_context_iteration(NULL, TRUE);
    while (!(histogram = widget_of(inspector, WEFT_TYPE_HISTOGRAM, TRUE)) ||
           gtk_widget_get_width(histogram) == 0 ||
           weft_histogram_counted(WEFT_HISTOGRAM(histogram), &longest) == 0)
        g_main_context_iteration(NULL, TRUE);
    return histogram;
}

/* A drag over the histogram chooses lengths: the slices of these alone are gone to; a click lets go
 * of them. */
static void test_histogram_drag(void)
{
    struct page page;
    page_open(&page, FALSE);
    guint chosen;
    gint64 least, most;
    GtkWidget *histogram = histogram_of_fetch(&page);
    GtkEventController *drag = controller_of(histogram, GTK_TYPE_GESTURE_DRAG);
    double width = gtk_widget_get_width(histogram), from = width * 8 / 14; /* 10 ms */
    g_signal_emit_by_name(drag, "drag-begin", from + 1, 10.0);
    g_signal_emit_by_name(drag, "drag-update", width - from - 2, 0.0);
    g_assert_true(weft_histogram_chosen(WEFT_HISTOGRAM(histogram), &least, &most, &chosen));
    g_assert_cmpuint(chosen, >, 0);
    g_assert_cmpint(least, ==, 10 * MS);
    g_assert_cmpint(most, ==, G_MAXINT64);
    for (guint i = 0; i < chosen; i++) {
        struct weft_segment_view slice;
        gint64 before = view_of(&page)->playhead_ns;
        act(&page, "timeline.next-slice");
        while (view_of(&page)->playhead_ns == before)
            g_main_context_iteration(NULL, TRUE);
        g_assert_true(weft_session_selected_segment(page.session, &slice));
        g_assert_cmpint(slice.to_ns - slice.from_ns, >=, 10 * MS);
    }
    g_signal_emit_by_name(drag, "drag-begin", 5.0, 10.0);
    g_signal_emit_by_name(drag, "drag-end", 0.0, 0.0);
    g_assert_false(weft_histogram_chosen(WEFT_HISTOGRAM(histogram), &least, &most, &chosen));
    page_close(&page);
}

/* Times in the ready queue have a histogram, too; and both are told and chosen from without a
 * pointer. */
static void test_histogram_keys(void)
{
    struct page page;
    page_open(&page, FALSE);
    guint chosen;
    gint64 least, most, before, longest;
    GtkWidget *drawn = histogram_of_fetch(&page);
    WeftHistogram *histogram = WEFT_HISTOGRAM(drawn);
    guint slices = weft_histogram_counted(histogram, &longest);
    g_assert_true(gtk_widget_get_focusable(drawn));
    gtk_test_accessible_assert_property(drawn, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                        "Lengths of the slices");
    GtkWidget *ready = gtk_widget_get_ancestor(label_shown(page.window, "Ready"),
                                               GTK_TYPE_TOGGLE_BUTTON);
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(ready), TRUE);
    g_assert_cmpuint(weft_histogram_counted(histogram, &longest), >, 0);
    g_assert_cmpuint(weft_histogram_counted(histogram, &longest), <=, slices);
    gtk_test_accessible_assert_property(drawn, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                        "Times in the ready queue");

    g_assert_false(press_on(drawn, GDK_KEY_Escape, 0)); /* for others */
    g_assert_true(press_on(drawn, GDK_KEY_Left, 0));
    g_assert_true(weft_histogram_chosen(histogram, &least, &most, &chosen));
    g_assert_cmpint(most, ==, G_MAXINT64);
    while (chosen == 0) {
        g_assert_true(press_on(drawn, GDK_KEY_Left, GDK_SHIFT_MASK));
        weft_histogram_chosen(histogram, &least, &most, &chosen);
    }
    g_assert_cmpint(longest, >=, least);
    before = view_of(&page)->playhead_ns;
    act(&page, "timeline.next-slice");
    while (view_of(&page)->playhead_ns == before)
        g_main_context_iteration(NULL, TRUE);
    struct weft_segment_view stay;
    g_assert_true(weft_session_selected_segment(page.session, &stay));
    g_assert_cmpuint(stay.state, ==, WEFT_SEGMENT_READY);
    g_assert_cmpint(stay.to_ns - stay.from_ns, >=, least);
    g_assert_true(press_on(drawn, GDK_KEY_Right, 0)); /* at the end it is: only that */
    g_assert_true(press_on(drawn, GDK_KEY_Escape, 0));
    g_assert_false(weft_histogram_chosen(histogram, &least, &most, &chosen));
    page_close(&page);
}

int main(int argc, char **argv)
{
    page_tests_init(&argc, &argv);
    g_test_add_func("/range/range", test_range);
    g_test_add_func("/range/range-is-summed-up", test_range_is_summed_up);
    g_test_add_func("/range/clear-one-thing-at-a-time", test_clear_one_thing_at_a_time);
    g_test_add_func("/range/origin", test_origin);
    g_test_add_func("/range/time-of-day", test_time_of_day);
    g_test_add_func("/range/by-keys", test_range_by_keys);
    g_test_add_func("/range/histogram-drag", test_histogram_drag);
    g_test_add_func("/range/histogram-keys", test_histogram_keys);
    return g_test_run();
}
