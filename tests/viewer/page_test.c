/* page_test.c: one tab, whole, in a window under a real X server: what keys' actions do to the
 * session, what widgets say of it, and that light and dark draw. */
#include "app/viewer/trace-page.h"

#include "app/viewer/dispatch/transport.h"
#include "app/viewer/panels/histogram.h"
#include "app/viewer/panels/inspector.h"
#include "app/viewer/panels/range-card.h"
#include "app/viewer/panels/story.h"
#include "app/viewer/panels/track-card.h"
#include "app/viewer/tasks.h"
#include "app/viewer/timeline/canvas.h"
#include "app/viewer/timeline/lane-header.h"
#include "app/viewer/timeline/lanes.h"
#include "app/viewer/timeline/legend.h"
#include "app/viewer/timeline/names.h"
#include "app/viewer/timeline/ruler.h"
#include "tests/viewer/sample.h"
#include "tests/viewer/sample_tracks.h"
#include "tests/viewer/widgets.h"

#define MS INT64_C(1000000)

struct page {
    GtkWidget *window;
    WeftTracePage *page;
    WeftSession *session;
};

static void painted(GdkFrameClock *clock, guint *frames)
{
    ++*frames;
    (void)clock;
}

/* Runs the main loop until two whole frames have been drawn: all that is due now is in the second.
 */
static void settle(GtkWidget *window)
{
    guint frames = 0;
    GdkFrameClock *clock = gtk_widget_get_frame_clock(window);
    gulong handler = g_signal_connect(clock, "after-paint", G_CALLBACK(painted), &frames);
    while (frames < 2) {
        gtk_widget_queue_draw(window);
        g_main_context_iteration(NULL, TRUE);
    }
    g_signal_handler_disconnect(clock, handler);
}

static void page_open_trace(struct page *page, weft_trace *trace)
{
    page->session = weft_session_new(trace);
    weft_trace_unref(trace);
    page->page = weft_trace_page_new(page->session);
    page->window = adw_window_new();
    gtk_window_set_default_size(GTK_WINDOW(page->window), 1200, 700);
    adw_window_set_content(ADW_WINDOW(page->window), GTK_WIDGET(page->page));
    gtk_window_present(GTK_WINDOW(page->window));
    GtkWidget *lanes = widget_of(GTK_WIDGET(page->page), WEFT_TYPE_LANES, FALSE);
    while (!weft_session_loaded(page->session) || gtk_widget_get_width(lanes) == 0 ||
           !widget_of(GTK_WIDGET(page->page), WEFT_TYPE_LANE_HEADER, FALSE))
        g_main_context_iteration(NULL, TRUE);
    settle(page->window);
}

static void page_open(struct page *page, gboolean lossy)
{
    page_open_trace(page, weft_sample_fetch_three(lossy));
}

static void page_close(struct page *page)
{
    gtk_window_destroy(GTK_WINDOW(page->window));
    g_object_unref(page->session);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

static void act(struct page *page, const char *action)
{
    g_assert_true(gtk_widget_activate_action(GTK_WIDGET(page->page), action, NULL));
}

static const struct weft_view *view_of(struct page *page)
{
    return weft_session_view(page->session);
}

static gint64 span_of(struct page *page)
{
    return weft_viewport_to_ns(&view_of(page)->viewport) - view_of(page)->viewport.from_ns;
}

static guint lane_named(struct page *page, const char *name)
{
    return weft_sample_lane(weft_session_model(page->session), name);
}

/* The status page that is seen; NULL: none. */
static AdwStatusPage *status_shown(GtkWidget *from)
{
    if (ADW_IS_STATUS_PAGE(from) && gtk_widget_get_mapped(from))
        return ADW_STATUS_PAGE(from);
    for (GtkWidget *child = gtk_widget_get_first_child(from); child;
         child = gtk_widget_get_next_sibling(child)) {
        AdwStatusPage *found = status_shown(child);
        if (found)
            return found;
    }
    return NULL;
}

/* The header whose name button is called so; NULL: none. */
static GtkWidget *header_button(GtkWidget *from, const char *name)
{
    if (GTK_IS_TOGGLE_BUTTON(from) && g_strcmp0(gtk_widget_get_tooltip_text(from), name) == 0)
        return from;
    for (GtkWidget *child = gtk_widget_get_first_child(from); child;
         child = gtk_widget_get_next_sibling(child)) {
        GtkWidget *found = header_button(child, name);
        if (found)
            return found;
    }
    return NULL;
}

static void test_zoom_and_pan(void)
{
    struct page page;
    page_open(&page, FALSE);
    gint64 whole = span_of(&page);
    act(&page, "timeline.zoom-in");
    g_assert_cmpint(span_of(&page), <, whole);
    gint64 from = view_of(&page)->viewport.from_ns;
    act(&page, "timeline.pan-right");
    g_assert_cmpint(view_of(&page)->viewport.from_ns, >, from);
    act(&page, "timeline.pan-left");
    g_assert_cmpint(ABS(view_of(&page)->viewport.from_ns - from), <=, 2);
    act(&page, "timeline.zoom-out");
    act(&page, "timeline.fit");
    g_assert_cmpint(ABS(span_of(&page) - whole), <=, MS);
    act(&page, "timeline.back");
    act(&page, "timeline.forward");
    g_assert_cmpint(ABS(span_of(&page) - whole), <=, MS);
    page_close(&page);
}

static void test_lanes_by_keyboard(void)
{
    struct page page;
    page_open(&page, FALSE);
    weft_session_select(page.session, lane_named(&page, "main"), 10 * MS);
    act(&page, "timeline.lane-down");
    g_assert_cmpuint(view_of(&page)->selected_lane, ==, lane_named(&page, "fetch-1"));
    act(&page, "timeline.lane-down");
    g_assert_cmpuint(view_of(&page)->selected_lane, ==, lane_named(&page, "fetch-2"));
    act(&page, "timeline.lane-up");
    g_assert_cmpuint(view_of(&page)->selected_lane, ==, lane_named(&page, "fetch-1"));
    for (guint i = 0; i < 20; i++)
        act(&page, "timeline.lane-up"); /* stops at the first */
    g_assert_cmpuint(
        weft_scene_row_of(weft_session_scene(page.session), view_of(&page)->selected_lane), ==, 0);
    page_close(&page);
}

static void test_frame_and_slices(void)
{
    struct page page;
    struct weft_segment_view segment;
    page_open(&page, FALSE);
    weft_session_set_playhead(page.session, 300 * MS);
    weft_session_select(page.session, lane_named(&page, "fetch-2"), 300 * MS);
    g_assert_true(weft_session_selected_segment(page.session, &segment));
    act(&page, "timeline.frame");
    g_assert_cmpint(view_of(&page)->viewport.from_ns, <, segment.from_ns);
    g_assert_cmpint(weft_viewport_to_ns(&view_of(&page)->viewport), >, segment.to_ns);
    g_assert_cmpint(span_of(&page), <, 2 * (segment.to_ns - segment.from_ns));
    act(&page, "timeline.next-slice");
    gint64 next = view_of(&page)->playhead_ns;
    g_assert_cmpint(next, >, 300 * MS);
    g_assert_true(weft_session_selected_segment(page.session, &segment));
    g_assert_cmpuint(segment.state, ==, WEFT_SEGMENT_RUNNING);
    act(&page, "timeline.previous-slice");
    g_assert_cmpint(view_of(&page)->playhead_ns, <, next);
    page_close(&page);
}

static void test_follow_an_edge(void)
{
    struct page page;
    page_open(&page, FALSE);
    /* main awaits the group of fetches: nothing woke it yet, it leads to one of them. */
    guint fetch = lane_named(&page, "fetch-1");
    const struct weft_lane *lane = weft_model_lane(weft_session_model(page.session), fetch);
    weft_session_set_playhead(page.session, lane->first_ns);
    weft_session_select(page.session, fetch, lane->first_ns);
    act(&page, "timeline.follow-from"); /* its parent made it */
    g_assert_cmpuint(view_of(&page)->selected_lane, ==, lane_named(&page, "main"));
    page_close(&page);
}

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

/* The row of a lock, once it is read. */
static guint lock_lane(struct page *page)
{
    for (;;) {
        const struct weft_scene *scene = weft_session_scene(page->session);
        for (guint i = 0; i < scene->rows->len; i++) {
            guint lane = weft_scene_row(scene, i)->lane;
            struct weft_track track;
            if (weft_is_track_lane(lane) &&
                weft_tracks_get(scene->view.tracks, lane - WEFT_TRACK_LANE, &track) &&
                weft_id_kind(track.id) == WEFT_ENTITY_LOCK)
                return lane;
        }
        g_main_context_iteration(NULL, TRUE);
    }
}

/* A lock that is selected says who has it, and who waits, as links. */
static void test_lock_is_told(void)
{
    struct page page;
    page_open_trace(&page, weft_sample_tracks(FALSE));
    guint lane = lock_lane(&page);
    weft_tracks *tracks = view_of(&page)->tracks;
    struct weft_track_step held = { 0 };
    for (gint64 t = 0; !held.owner; t += MS)
        weft_tracks_at(tracks, lane - WEFT_TRACK_LANE, t, &held);
    weft_session_set_playhead(page.session, held.from_ns);
    weft_session_select(page.session, lane, held.from_ns);
    GtkWidget *card = widget_of(page.window, WEFT_TYPE_TRACK_CARD, FALSE);
    GtkWidget *parties = gtk_widget_get_last_child(gtk_widget_get_first_child(card));
    while (!gtk_widget_get_visible(card) || !gtk_label_get_text(GTK_LABEL(parties))[0])
        g_main_context_iteration(NULL, TRUE);
    g_autofree char *owner = weft_model_name(weft_session_model(page.session), held.owner);
    g_assert_nonnull(strstr(gtk_label_get_text(GTK_LABEL(parties)), owner));
    g_assert_nonnull(strstr(gtk_label_get_label(GTK_LABEL(parties)), "<a href"));
    act(&page, "timeline.clear");
    while (gtk_widget_get_visible(card))
        g_main_context_iteration(NULL, TRUE);
    page_close(&page);
}

/* The arrow keys go on from the last task to what is no task, and back. */
static void test_lane_down(void)
{
    struct page page;
    page_open_trace(&page, weft_sample_tracks(FALSE));
    lock_lane(&page);
    guint last = weft_session_scene(page.session)->rows->len - 1, first = WEFT_NO_LANE;
    for (guint i = 0; i <= last; i++) {
        act(&page, "timeline.lane-down");
        if (first == WEFT_NO_LANE)
            first = view_of(&page)->selected_track;
    }
    g_assert_cmpuint(view_of(&page)->selected_track, ==,
                     weft_scene_row(weft_session_scene(page.session), last)->lane);
    g_assert_cmpuint(first, !=, view_of(&page)->selected_track);
    while (view_of(&page)->selected_track != WEFT_NO_LANE)
        act(&page, "timeline.lane-up");
    g_assert_cmpuint(view_of(&page)->selected_lane, !=, WEFT_NO_LANE);
    page_close(&page);
}

static void test_clear_one_thing_at_a_time(void)
{
    struct page page;
    page_open(&page, FALSE);
    weft_session_select(page.session, lane_named(&page, "main"), 10 * MS);
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

/* A drag over the histogram chooses lengths: the slices of these alone are gone to; a click lets go
 * of them. */
static void test_histogram_drag(void)
{
    struct page page;
    page_open(&page, FALSE);
    guint lane = lane_named(&page, "fetch-2"), chosen;
    gint64 least, most;
    weft_session_select(page.session, lane, 10 * MS);
    weft_session_set_playhead(page.session, 0);
    GtkWidget *histogram;
    while (!(histogram = widget_of(GTK_WIDGET(page.page), WEFT_TYPE_HISTOGRAM, TRUE)) ||
           gtk_widget_get_width(histogram) == 0)
        g_main_context_iteration(NULL, TRUE);
    g_autoptr(GListModel) controllers = gtk_widget_observe_controllers(histogram);
    g_autoptr(GtkGesture) drag = g_list_model_get_item(controllers, 0);
    g_assert_true(GTK_IS_GESTURE_DRAG(drag));
    double width = gtk_widget_get_width(histogram), from = width * 8 / 14; /* 10 ms */
    for (;;) { /* until its slices are counted */
        g_signal_emit_by_name(drag, "drag-begin", from + 1, 10.0);
        g_signal_emit_by_name(drag, "drag-update", width - from - 2, 0.0);
        if (weft_histogram_chosen(WEFT_HISTOGRAM(histogram), &least, &most, &chosen) && chosen > 0)
            break;
        g_main_context_iteration(NULL, TRUE);
    }
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

/* A story says a time once, and its lines do not break within "0.4 ms" or "fetch.c:41". */
static void test_story(void)
{
    struct page page;
    g_autofree char *path = g_build_filename(g_getenv("WEFT_TEST_LESSONS"), "09-lock", "trace.weft",
                                             NULL);
    page_open_trace(&page, weft_trace_open(path, NULL));
    GtkWidget *story = widget_of(GTK_WIDGET(page.page), WEFT_TYPE_STORY, FALSE), *row = NULL;
    while (!row || !gtk_widget_get_child_visible(story)) {
        g_main_context_iteration(NULL, TRUE);
        row = gtk_widget_get_first_child(gtk_widget_get_first_child(story));
    }
    guint said = 0, blank = 0, joined = 0;
    g_autofree char *before = NULL;
    for (; row; row = gtk_widget_get_next_sibling(row)) {
        GtkWidget *time = gtk_widget_get_first_child(
            gtk_list_box_row_get_child(GTK_LIST_BOX_ROW(row)));
        const char *when = gtk_label_get_text(GTK_LABEL(time));
        const char *text = gtk_label_get_text(GTK_LABEL(gtk_widget_get_next_sibling(time)));
        joined += strstr(text, ":\342\201\240") != NULL;
        g_assert_false(g_regex_match_simple("[0-9] (ns|µs|ms|s)\\b", text, 0, 0));
        if (*when == 0) {
            g_assert_nonnull(before);
            blank++;
            continue;
        }
        said++;
        g_free(before);
        before = g_strdup(when);
    }
    g_assert_cmpuint(said, >, 0);
    g_assert_cmpuint(blank, >, 0);
    g_assert_cmpuint(joined, >, 0);
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
    weft_session_select(page.session, lane_named(&page, "fetch-2"), 10 * MS);
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

static double left_of(GtkWidget *widget, GtkWidget *in)
{
    double x, y;
    g_assert_true(gtk_widget_translate_coordinates(widget, in, 0, 0, &x, &y));
    return x;
}

/* Where words go from right to left, names are right of the lanes and the inspector is left of
 * them; time goes from left to right all the same, and "+3" is drawn as that. */
static void test_right_to_left(void)
{
    struct page page;
    gtk_widget_set_default_direction(GTK_TEXT_DIR_RTL);
    page_open(&page, FALSE);
    GtkWidget *in = GTK_WIDGET(page.page), *lanes = widget_of(in, WEFT_TYPE_LANES, TRUE),
              *names = widget_of(in, WEFT_TYPE_NAMES, TRUE),
              *inspector = widget_of(in, WEFT_TYPE_INSPECTOR, TRUE),
              *ruler = widget_of(in, WEFT_TYPE_RULER, TRUE),
              *slider = widget_of(widget_of(in, WEFT_TYPE_TRANSPORT, FALSE), GTK_TYPE_SCALE, FALSE);
    g_assert_cmpfloat(left_of(names, in), >, left_of(lanes, in));
    g_assert_cmpfloat(left_of(inspector, in), <, left_of(lanes, in));
    g_assert_cmpint(gtk_widget_get_direction(in), ==, GTK_TEXT_DIR_RTL);
    g_assert_cmpint(gtk_widget_get_direction(ruler), ==, GTK_TEXT_DIR_LTR);
    g_assert_cmpint(gtk_widget_get_direction(slider), ==, GTK_TEXT_DIR_LTR);
    g_assert_cmpint(pango_context_get_base_dir(gtk_widget_get_pango_context(ruler)), ==,
                    PANGO_DIRECTION_LTR);
    gint64 before = view_of(&page)->viewport.from_ns;
    act(&page, "timeline.zoom-in");
    act(&page, "timeline.pan-right");
    g_assert_cmpint(view_of(&page)->viewport.from_ns, >, before);
    page_close(&page);
    gtk_widget_set_default_direction(GTK_TEXT_DIR_LTR);
}

/* Lane headers are real widgets: named, described by their state, and a press selects. */
static void test_headers(void)
{
    struct page page;
    page_open(&page, FALSE);
    GtkWidget *button = header_button(page.window, "fetch-3");
    g_assert_nonnull(button);
    gtk_test_accessible_assert_property(button, GTK_ACCESSIBLE_PROPERTY_LABEL, "fetch-3");
    g_signal_emit_by_name(button, "clicked");
    g_assert_cmpuint(view_of(&page)->selected_lane, ==, lane_named(&page, "fetch-3"));
    settle(page.window);
    g_assert_true(gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(button)));
    /* Folding main takes its children's headers away; its own says that there are some. */
    button = header_button(page.window, "main");
    weft_session_fold(page.session, lane_named(&page, "main"), TRUE);
    settle(page.window);
    g_assert_null(header_button(page.window, "fetch-3"));
    g_assert_nonnull(strstr(gtk_widget_get_tooltip_text(button), "folded)"));
    gtk_test_accessible_assert_property(button, GTK_ACCESSIBLE_PROPERTY_LABEL, "main");
    page_close(&page);
}

static void test_canvas_describes_the_selection(void)
{
    struct page page;
    page_open(&page, FALSE);
    GtkWidget *lanes = widget_of(page.window, WEFT_TYPE_LANES, FALSE);
    gtk_test_accessible_assert_property(lanes, GTK_ACCESSIBLE_PROPERTY_LABEL, "Timeline");
    weft_session_select(page.session, WEFT_NO_LANE, WEFT_NO_TIME);
    gtk_test_accessible_assert_property(lanes, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                        "Nothing is selected");
    weft_session_select(page.session, lane_named(&page, "fetch-2"), 300 * MS);
    g_assert_true(gtk_test_accessible_has_property(GTK_ACCESSIBLE(lanes),
                                                   GTK_ACCESSIBLE_PROPERTY_DESCRIPTION));
    page_close(&page);
}

/* Whether anything of it is kept as pixels. */
static gboolean has_pixels(GskRenderNode *node)
{
    switch (gsk_render_node_get_node_type(node)) {
    case GSK_CAIRO_NODE:
        return TRUE;
    case GSK_CLIP_NODE:
        return has_pixels(gsk_clip_node_get_child(node));
    case GSK_TRANSFORM_NODE:
        return has_pixels(gsk_transform_node_get_child(node));
    case GSK_CONTAINER_NODE:
        for (guint i = 0; i < gsk_container_node_get_n_children(node); i++)
            if (has_pixels(gsk_container_node_get_child(node, i)))
                return TRUE;
        return FALSE;
    default:
        return FALSE;
    }
}

/* What the widget draws; NULL: it is about to draw something else. */
static GskRenderNode *node_of(GtkWidget *widget)
{
    g_autoptr(GdkPaintable) paintable = gtk_widget_paintable_new(widget);
    GtkSnapshot *snapshot = gtk_snapshot_new();
    gdk_paintable_snapshot(paintable, GDK_SNAPSHOT(snapshot), gtk_widget_get_width(widget),
                           gtk_widget_get_height(widget));
    return gtk_snapshot_free_to_node(snapshot);
}

static GBytes *pixels_of(GskRenderNode *node)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, 600, 400);
    cairo_t *cr = cairo_create(surface);
    gsk_render_node_draw(node, cr);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    GBytes *bytes = g_bytes_new(cairo_image_surface_get_data(surface),
                                (gsize)cairo_image_surface_get_stride(surface) * 400);
    cairo_surface_destroy(surface);
    return bytes;
}

/* Once it rests, the lanes are drawn from pixels, which are the same; the next move draws anew. */
static void test_canvas_at_rest(void)
{
    struct page page;
    page_open(&page, FALSE);
    GtkWidget *canvas = widget_of(page.window, WEFT_TYPE_CANVAS, FALSE);
    g_autoptr(GskRenderNode) still = NULL;
    while (!(still = node_of(canvas)) || !has_pixels(still)) {
        g_clear_pointer(&still, gsk_render_node_unref);
        g_main_context_iteration(NULL, TRUE);
    }
    g_autoptr(GskRenderNode) moving = NULL;
    while (!moving || has_pixels(moving)) { /* a frame may be late: then it rests again */
        g_clear_pointer(&moving, gsk_render_node_unref);
        weft_session_refine(page.session);
        settle(page.window);
        moving = node_of(canvas);
    }
    g_autoptr(GBytes) rested = pixels_of(still), moved = pixels_of(moving);
    g_assert_true(g_bytes_equal(rested, moved));
    page_close(&page);
}

static void test_find(void)
{
    struct page page;
    page_open(&page, FALSE);
    weft_trace_page_find(page.page);
    GtkWidget *entry = widget_of(page.window, GTK_TYPE_SEARCH_ENTRY, FALSE);
    gtk_editable_set_text(GTK_EDITABLE(entry), "fetch-2");
    g_signal_emit_by_name(entry, "search-changed");
    g_assert_cmpstr(view_of(&page)->filter, ==, "fetch-2");
    g_signal_emit_by_name(entry, "activate");
    g_assert_cmpuint(view_of(&page)->selected_lane, ==, lane_named(&page, "fetch-2"));
    act(&page, "timeline.clear");
    g_assert_null(view_of(&page)->filter);
    page_close(&page);
}

/* The first label that is seen and begins so; NULL: none. */
static GtkWidget *label_shown(GtkWidget *from, const char *text)
{
    if (GTK_IS_LABEL(from) && gtk_widget_get_mapped(from) &&
        g_str_has_prefix(gtk_label_get_text(GTK_LABEL(from)), text))
        return from;
    for (GtkWidget *child = gtk_widget_get_first_child(from); child;
         child = gtk_widget_get_next_sibling(child)) {
        GtkWidget *found = label_shown(child, text);
        if (found)
            return found;
    }
    return NULL;
}

/* The file is not where it was when the program was built: that is said. */
static void test_source_that_moved(void)
{
    struct page page;
    page_open(&page, FALSE);
    weft_session_select(page.session, lane_named(&page, "fetch-2"), 280 * MS);
    while (!label_shown(page.window, "fetch.c:"))
        g_main_context_iteration(NULL, TRUE);
    const char *place = gtk_label_get_text(GTK_LABEL(label_shown(page.window, "fetch.c:")));
    g_assert_true(g_str_has_suffix(place, " (not found here)"));
    page_close(&page);
}

static void named_anew(GtkWidget *name, GParamSpec *what, gboolean *asked)
{
    *asked = label_shown(GTK_WIDGET(gtk_widget_get_root(name)), "Why is it not running") != NULL;
    (void)what;
}

/* Why another task waited is gone before this one's name is there. */
static void test_why_is_of_who_is_selected(void)
{
    struct page page;
    gboolean asked = TRUE;
    page_open(&page, FALSE);
    weft_session_jump(
        page.session,
        weft_model_lane(weft_session_model(page.session), lane_named(&page, "fetch-2"))->id,
        280 * MS);
    GtkWidget *inspector = widget_of(page.window, WEFT_TYPE_INSPECTOR, FALSE), *name;
    while (!label_shown(inspector, "Why is it not running") ||
           !(name = label_shown(inspector, "fetch-2")))
        g_main_context_iteration(NULL, TRUE);
    gulong handler = g_signal_connect(name, "notify::label", G_CALLBACK(named_anew), &asked);
    weft_session_select(page.session, lane_named(&page, "heartbeat"), 280 * MS);
    while (!label_shown(inspector, "heartbeat"))
        g_main_context_iteration(NULL, TRUE);
    g_assert_false(asked);
    while (!label_shown(inspector, "Why is it not running"))
        g_main_context_iteration(NULL, TRUE);
    g_signal_handler_disconnect(name, handler);
    page_close(&page);
}

static void text_read(GObject *clipboard, GAsyncResult *result, gpointer text)
{
    *(char **)text = gdk_clipboard_read_text_finish(GDK_CLIPBOARD(clipboard), result, NULL);
}

/* The selection, and why its task waits, as text. */
static void test_copy(void)
{
    struct page page;
    page_open(&page, FALSE);
    weft_session_select(page.session, lane_named(&page, "fetch-2"), 280 * MS);
    weft_session_set_playhead(page.session, 280 * MS);
    while (!label_shown(page.window, "Why is it not running at 280"))
        g_main_context_iteration(NULL, TRUE);
    act(&page, "timeline.copy");
    char *text = NULL;
    gdk_clipboard_read_text_async(gtk_widget_get_clipboard(page.window), NULL, text_read, &text);
    while (!text)
        g_main_context_iteration(NULL, TRUE);
    g_assert_true(g_str_has_prefix(text, "fetch-2: "));
    g_assert_nonnull(strstr(text, "\nWhy is it not running at 280.0 ms? It "));
    g_free(text);
    page_close(&page);
}

static void test_dark_and_lossy(void)
{
    struct page page;
    page_open(&page, TRUE);
    AdwStyleManager *style = adw_style_manager_get_default();
    adw_style_manager_set_color_scheme(style, ADW_COLOR_SCHEME_FORCE_DARK);
    settle(page.window);
    adw_style_manager_set_color_scheme(style, ADW_COLOR_SCHEME_FORCE_LIGHT);
    settle(page.window);
    g_autofree char *subtitle = weft_trace_page_subtitle(page.page);
    g_assert_nonnull(strstr(subtitle, "1,204 lost"));
    page_close(&page);
}

static void test_large_text(void)
{
    struct page page;
    page_open(&page, FALSE);
    GtkSettings *settings = gtk_widget_get_settings(page.window);
    GtkWidget *table = widget_of(page.window, GTK_TYPE_COLUMN_VIEW, FALSE);
    g_autoptr(GtkColumnViewColumn) waits = g_list_model_get_item(
        gtk_column_view_get_columns(GTK_COLUMN_VIEW(table)), WEFT_TASK_WAITING);
    int width = gtk_column_view_column_get_fixed_width(waits);
    g_object_set(settings, "gtk-xft-dpi", 2 * 96 * 1024, NULL);
    while (view_of(&page)->text_scale != 2)
        g_main_context_iteration(NULL, TRUE);
    settle(page.window);
    /* Names stay beside their lanes, and have room. */
    GtkWidget *names = widget_of(page.window, WEFT_TYPE_NAMES, FALSE);
    GtkWidget *lanes = widget_of(page.window, WEFT_TYPE_LANES, FALSE);
    double x, names_y, lanes_y;
    g_assert_true(gtk_widget_translate_coordinates(names, page.window, 0, 0, &x, &names_y));
    g_assert_true(gtk_widget_translate_coordinates(lanes, page.window, 0, 0, &x, &lanes_y));
    g_assert_cmpfloat(names_y, ==, lanes_y);
    g_assert_cmpint(gtk_widget_get_width(names), >, 300);
    /* Columns have room, and times are above their sentences. */
    g_assert_cmpint(gtk_column_view_column_get_fixed_width(waits), ==, 2 * width);
    GtkWidget *story = widget_of(page.window, WEFT_TYPE_STORY, FALSE), *row = NULL;
    while (!(row = gtk_widget_get_first_child(gtk_widget_get_first_child(story))))
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpint(gtk_orientable_get_orientation(
                        GTK_ORIENTABLE(gtk_list_box_row_get_child(GTK_LIST_BOX_ROW(row)))),
                    ==, GTK_ORIENTATION_VERTICAL);
    g_object_set(settings, "gtk-xft-dpi", 96 * 1024, NULL);
    page_close(&page);
}

static void test_empty_trace(void)
{
    struct page page;
    weft_trace *trace = weft_trace_new();
    page.session = weft_session_new(trace);
    weft_trace_unref(trace);
    page.page = weft_trace_page_new(page.session);
    page.window = adw_window_new();
    adw_window_set_content(ADW_WINDOW(page.window), GTK_WIDGET(page.page));
    gtk_window_present(GTK_WINDOW(page.window));
    settle(page.window);
    AdwStatusPage *status = status_shown(page.window);
    g_assert_nonnull(status);
    g_assert_cmpstr(adw_status_page_get_title(status), ==, "Nothing in This Trace");
    page_close(&page);
}

int main(int argc, char **argv)
{
    g_setenv("TZ", "UTC-2", TRUE);
    g_test_init(&argc, &argv, NULL);
    adw_init();
    g_object_set(gtk_settings_get_default(), "gtk-enable-animations", FALSE, NULL);
    g_test_add_func("/page/zoom-and-pan", test_zoom_and_pan);
    g_test_add_func("/page/lanes-by-keyboard", test_lanes_by_keyboard);
    g_test_add_func("/page/frame-and-slices", test_frame_and_slices);
    g_test_add_func("/page/follow-an-edge", test_follow_an_edge);
    g_test_add_func("/page/range", test_range);
    g_test_add_func("/page/range-is-summed-up", test_range_is_summed_up);
    g_test_add_func("/page/lock-is-told", test_lock_is_told);
    g_test_add_func("/page/lane-down", test_lane_down);
    g_test_add_func("/page/clear-one-thing-at-a-time", test_clear_one_thing_at_a_time);
    g_test_add_func("/page/origin", test_origin);
    g_test_add_func("/page/story", test_story);
    g_test_add_func("/page/time-of-day", test_time_of_day);
    g_test_add_func("/page/right-to-left", test_right_to_left);
    g_test_add_func("/page/histogram-drag", test_histogram_drag);
    g_test_add_func("/page/headers", test_headers);
    g_test_add_func("/page/canvas-describes-the-selection", test_canvas_describes_the_selection);
    g_test_add_func("/page/canvas-at-rest", test_canvas_at_rest);
    g_test_add_func("/page/find", test_find);
    g_test_add_func("/page/why-is-of-who-is-selected", test_why_is_of_who_is_selected);
    g_test_add_func("/page/copy", test_copy);
    g_test_add_func("/page/source-that-moved", test_source_that_moved);
    g_test_add_func("/page/dark-and-lossy", test_dark_and_lossy);
    g_test_add_func("/page/large-text", test_large_text);
    g_test_add_func("/page/empty-trace", test_empty_trace);
    return g_test_run();
}
