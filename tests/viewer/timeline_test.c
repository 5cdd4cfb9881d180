/* timeline_test.c: one tab, whole, in a window under a real X server: what keys' actions do to the
 * session, and how the lanes and the names beside them keep up. */
#include "app/viewer/timeline/canvas.h"
#include "app/viewer/timeline/lane-header.h"
#include "app/viewer/timeline/lanes.h"
#include "app/viewer/timeline/names.h"
#include "tests/viewer/sample.h"
#include "tests/viewer/sample_page.h"
#include "tests/viewer/sample_tracks.h"
#include "tests/viewer/widgets.h"

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

static void count(GdkToplevel *toplevel, GdkToplevelSize *size, guint *times)
{
    ++*times;
    (void)toplevel, (void)size;
}

/* Neither those nor the playhead have anything measured anew, though what is said of the range and
 * of the tasks changes: it would take as long as drawing, in a dozen questions to the X server. */
static void test_nothing_is_measured(void)
{
    static const char *const acts[] = { "timeline.zoom-in", "timeline.pan-right",
                                        "timeline.zoom-out", "timeline.pan-left" };
    struct page page;
    guint times = 1;
    page_open(&page, FALSE);
    GdkSurface *surface = gtk_native_get_surface(GTK_NATIVE(page.window));
    gulong counting = g_signal_connect(surface, "compute-size", G_CALLBACK(count), &times);
    /* What came with opening may be under way at first. */
    for (guint round = 0; times > 0 && round < 20; round++) {
        times = 0;
        for (guint i = 0; i < G_N_ELEMENTS(acts); i++) {
            gint64 from = view_of(&page)->viewport.from_ns;
            act(&page, acts[i]);
            weft_session_set_playhead(page.session, i * 100 * MS);
            settle(page.window);
            g_assert_cmpint(view_of(&page)->viewport.from_ns, !=, from);
        }
    }
    g_assert_cmpuint(times, ==, 0);
    g_signal_handler_disconnect(surface, counting);
    page_close(&page);
}

static void test_lanes_by_keyboard(void)
{
    struct page page;
    page_open(&page, FALSE);
    weft_session_select(page.session, page_lane(&page, "main"), 10 * MS);
    act(&page, "timeline.lane-down");
    g_assert_cmpuint(view_of(&page)->selected_lane, ==, page_lane(&page, "fetch-1"));
    act(&page, "timeline.lane-down");
    g_assert_cmpuint(view_of(&page)->selected_lane, ==, page_lane(&page, "fetch-2"));
    act(&page, "timeline.lane-up");
    g_assert_cmpuint(view_of(&page)->selected_lane, ==, page_lane(&page, "fetch-1"));
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
    weft_session_select(page.session, page_lane(&page, "fetch-2"), 300 * MS);
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
    guint fetch = page_lane(&page, "fetch-1");
    const struct weft_lane *lane = weft_model_lane(weft_session_model(page.session), fetch);
    weft_session_set_playhead(page.session, lane->first_ns);
    weft_session_select(page.session, fetch, lane->first_ns);
    act(&page, "timeline.follow-from"); /* its parent made it */
    g_assert_cmpuint(view_of(&page)->selected_lane, ==, page_lane(&page, "main"));
    page_close(&page);
}

/* The arrow keys go on from the last task to what is no task, and back. */
static void test_lane_down(void)
{
    struct page page;
    page_open_trace(&page, weft_sample_tracks(FALSE));
    page_lock_lane(&page);
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

/* Lanes are as high as their words ask for: before a class, too. */
static void test_lane_heights(void)
{
    struct page page;
    page_open(&page, FALSE);
    WeftLanes *lanes = WEFT_LANES(widget_of(page.window, WEFT_TYPE_LANES, TRUE));
    PangoContext *context = weft_render_context_new();
    struct weft_render *render = weft_render_new(weft_palette(WEFT_PALETTE_PRESENTER), context, 2);
    weft_lanes_set(lanes, page.session, render);
    settle(page.window);
    g_assert_cmpfloat(view_of(&page)->text_scale, ==, 2);
    g_assert_cmpfloat(weft_scene_row(weft_session_scene(page.session), 0)->height, >=, 120);
    page_close(&page);
    weft_render_free(render);
    g_object_unref(context);
}

static gboolean word_is(GtkWidget *button, const char *text)
{
    GtkWidget *word = widget_of(button, GTK_TYPE_INSCRIPTION, FALSE);
    return g_strcmp0(gtk_inscription_get_text(GTK_INSCRIPTION(word)), text) == 0;
}

/* Where the column of names is narrow, what stands in it is said in fewer words. */
static void test_narrow(void)
{
    struct page page;
    page_open(&page, FALSE);
    weft_session_set_playhead(page.session, 0);
    settle(page.window);
    GtkWidget *queue = header_button(page.window, "ready queue");
    g_assert_nonnull(label_shown(page.window, "Time from start"));
    g_assert_true(word_is(queue, "0 ready"));
    GtkPaned *columns = GTK_PANED(gtk_widget_get_ancestor(queue, GTK_TYPE_PANED));
    int wide = gtk_paned_get_position(columns);
    gtk_paned_set_position(columns, 150);
    while (!label_shown(page.window, "From start") || !word_is(queue, "0"))
        g_main_context_iteration(NULL, TRUE);
    gtk_test_accessible_assert_property(queue, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "0 ready");
    gtk_paned_set_position(columns, wide);
    while (!label_shown(page.window, "Time from start") || !word_is(queue, "0 ready"))
        g_main_context_iteration(NULL, TRUE);
    page_close(&page);
}

/* The menu of a header, by key. */
static GtkWidget *open_menu(GtkWidget *header)
{
    GtkWidget *menu;
    g_assert_true(key_taken(header, GDK_KEY_Menu, 0));
    while (!(menu = widget_of(header, GTK_TYPE_POPOVER_MENU, TRUE)))
        g_main_context_iteration(NULL, TRUE);
    return menu;
}

static void close_menu(GtkWidget *header)
{
    gtk_popover_popdown(GTK_POPOVER(widget_of(header, GTK_TYPE_POPOVER_MENU, TRUE)));
    while (widget_of(header, GTK_TYPE_POPOVER_MENU, FALSE))
        g_main_context_iteration(NULL, TRUE);
}

/* Its entries say what they would do now; and no tooltip lies on it. */
static void test_menu(void)
{
    struct page page;
    page_open(&page, FALSE);
    GtkWidget *button = header_button(page.window, "fetch-3"), *menu;
    GtkWidget *header = gtk_widget_get_ancestor(button, WEFT_TYPE_LANE_HEADER);
    menu = open_menu(header);
    g_assert_nonnull(label_shown(menu, "Pin to the Top"));
    g_assert_null(label_shown(menu, "Let Go"));
    g_assert_false(gtk_widget_get_has_tooltip(button));
    close_menu(header);
    g_assert_true(gtk_widget_get_has_tooltip(button));
    g_assert_cmpstr(gtk_widget_get_tooltip_text(button), ==, "fetch-3");
    act(&page, "timeline.pin");
    settle(page.window);
    button = header_button(page.window, "fetch-3");
    header = gtk_widget_get_ancestor(button, WEFT_TYPE_LANE_HEADER);
    menu = open_menu(header);
    g_assert_nonnull(label_shown(menu, "Let Go"));
    g_assert_null(label_shown(menu, "Pin to the Top"));
    close_menu(header);
    page_close(&page);
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
    g_assert_cmpuint(view_of(&page)->selected_lane, ==, page_lane(&page, "fetch-3"));
    settle(page.window);
    g_assert_true(gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(button)));
    /* Its menu, by key: of its own task, whatever was selected. */
    weft_session_select(page.session, page_lane(&page, "main"), 0);
    GtkWidget *header = gtk_widget_get_ancestor(button, WEFT_TYPE_LANE_HEADER);
    open_menu(header);
    g_assert_cmpuint(view_of(&page)->selected_lane, ==, page_lane(&page, "fetch-3"));
    close_menu(header);
    /* The name has the width that it needs; its state is one line, in what is left. */
    GtkWidget *name = widget_of(button, GTK_TYPE_LABEL, FALSE);
    GtkWidget *word = widget_of(button, GTK_TYPE_INSCRIPTION, FALSE);
    g_assert_false(pango_layout_is_ellipsized(gtk_label_get_layout(GTK_LABEL(name))));
    g_assert_cmpint(gtk_widget_get_height(word), <, 2 * gtk_widget_get_height(name));
    g_assert_cmpint(gtk_widget_get_height(word), <, gtk_widget_get_height(button) / 2);
    /* Folding main takes its children's headers away; its own says that there are some. */
    button = header_button(page.window, "main");
    weft_session_fold(page.session, page_lane(&page, "main"), TRUE);
    settle(page.window);
    g_assert_null(header_button(page.window, "fetch-3"));
    g_assert_nonnull(strstr(gtk_widget_get_tooltip_text(button), "folded)"));
    gtk_test_accessible_assert_property(button, GTK_ACCESSIBLE_PROPERTY_LABEL, "main");
    page_close(&page);
}

/* However many come into the window at once, each row gets one, in their order. */
static void test_many_headers(void)
{
    struct page page;
    page_open_trace(&page, weft_sample_many(40));
    weft_session_set_compact(page.session, TRUE); /* all at once */
    const struct weft_scene *scene = weft_session_scene(page.session);
    GtkWidget *names = widget_of(page.window, WEFT_TYPE_NAMES, FALSE);
    guint n = 0, shown = 0;
    while (n == 0 || shown < n) {
        settle(page.window);
        scene = weft_session_scene(page.session);
        n = scene->n_visible;
        shown = 0;
        for (GtkWidget *header = gtk_widget_get_first_child(names); header && shown < n;
             header = gtk_widget_get_next_sibling(header)) {
            guint lane = weft_scene_row(scene, scene->first + shown)->lane;
            if (!gtk_widget_get_child_visible(header) ||
                weft_lane_header_lane(WEFT_LANE_HEADER(header)) != lane)
                break;
            shown++;
        }
    }
    g_assert_cmpuint(n, >, 30);
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
    weft_session_select(page.session, page_lane(&page, "fetch-2"), 300 * MS);
    g_assert_true(gtk_test_accessible_has_property(GTK_ACCESSIBLE(lanes),
                                                   GTK_ACCESSIBLE_PROPERTY_DESCRIPTION));
    page_close(&page);
}

/* Whether it is one picture, and no more. */
static gboolean is_picture(GskRenderNode *node)
{
    switch (gsk_render_node_get_node_type(node)) {
    case GSK_CAIRO_NODE:
        return TRUE;
    case GSK_CLIP_NODE:
        return is_picture(gsk_clip_node_get_child(node));
    case GSK_TRANSFORM_NODE:
        return is_picture(gsk_transform_node_get_child(node));
    case GSK_CONTAINER_NODE:
        return gsk_container_node_get_n_children(node) == 1 &&
               is_picture(gsk_container_node_get_child(node, 0));
    default:
        return FALSE;
    }
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

/* As the picture of a file has them. */
static GskRenderNode *lanes_of(struct page *page, GtkWidget *canvas)
{
    struct weft_render *render = weft_plot_render(WEFT_PLOT(canvas));
    const struct weft_scene *scene = weft_session_scene(page->session);
    GtkSnapshot *snapshot = gtk_snapshot_new();
    weft_render_begin(render, scene);
    weft_render_lanes(render, snapshot, scene);
    return gtk_snapshot_free_to_node(snapshot);
}

/* No GPU draws here: all lanes are one picture, in which nothing is otherwise but rounded. */
static void test_canvas_is_a_picture(void)
{
    struct page page;
    page_open(&page, FALSE);
    GtkWidget *canvas = widget_of(page.window, WEFT_TYPE_CANVAS, FALSE);
    for (guint i = 0; i < 3; i++) {
        g_autoptr(GskRenderNode) shown = NULL;
        act(&page, "timeline.zoom-in");
        while (!shown) { /* a frame is due */
            settle(page.window);
            shown = node_of(canvas);
        }
        g_autoptr(GskRenderNode) lanes = lanes_of(&page, canvas);
        g_assert_true(is_picture(shown));
        g_autoptr(GBytes) a = pixels_of(shown), b = pixels_of(lanes);
        const guchar *x = g_bytes_get_data(a, NULL), *y = g_bytes_get_data(b, NULL);
        gsize others = 0, n = g_bytes_get_size(a);
        for (gsize k = 0; k < n; k++)
            others += abs(x[k] - y[k]) > 3;
        g_assert_cmpuint(others, <, n / 10000); /* a letter amid two pixels goes either way */
    }
    page_close(&page);
}

/* What is kept as pixels is made anew for a screen of another scale. */
static void test_another_scale(void)
{
    struct page page;
    page_open(&page, FALSE);
    WeftPlot *canvas = WEFT_PLOT(widget_of(page.window, WEFT_TYPE_CANVAS, FALSE));
    const struct weft_render *before = weft_plot_render(canvas);
    g_object_notify(G_OBJECT(page.page), "scale-factor");
    g_assert_true(weft_plot_render(canvas) != before);
    page_close(&page);
}

/* A key of the timeline does nothing where the timeline is not seen; what all views share does. A
 * command shows what it does. */
static void test_keys_are_of_a_view(void)
{
    static const struct {
        guint key;
        GdkModifierType modifiers;
    } everywhere[] = { { GDK_KEY_m, 0 },
                       { GDK_KEY_Escape, 0 },
                       { GDK_KEY_t, 0 },
                       { GDK_KEY_F5, 0 },
                       { GDK_KEY_z, GDK_CONTROL_MASK } };
    static const char *const elsewhere[] = { "tasks", "findings", "dispatch" };
    struct page page;
    page_open(&page, FALSE);
    weft_session_select(page.session, page_lane(&page, "fetch-2"), 10 * MS);
    for (guint i = 0; i < G_N_ELEMENTS(elsewhere); i++) {
        gboolean by_site = view_of(&page)->by_site, list = i < 2;
        gint64 span = span_of(&page), from = view_of(&page)->viewport.from_ns;
        weft_trace_page_set_view(page.page, elsewhere[i]);
        for (const char *key = "wsad0+-gcpf,.[]"; *key; key++)
            g_assert_false(press(&page, gdk_unicode_to_keyval((guint32)*key), 0));
        g_assert_false(press(&page, GDK_KEY_Right, 0));
        g_assert_false(press(&page, GDK_KEY_Return, 0));
        g_assert_cmpint(press(&page, GDK_KEY_F3, 0), ==, !list);
        g_assert_cmpint(view_of(&page)->by_site, ==, by_site);
        g_assert_false(weft_session_compact(page.session));
        g_assert_false(weft_session_pinned(page.session, page_lane(&page, "fetch-2")));
        g_assert_cmpint(span_of(&page), ==, span);
        g_assert_cmpint(view_of(&page)->viewport.from_ns, ==, from);
        for (guint k = 0; k < G_N_ELEMENTS(everywhere); k++)
            g_assert_true(press(&page, everywhere[k].key, everywhere[k].modifiers));
        g_assert_cmpstr(weft_trace_page_view(page.page), ==, elsewhere[i]);
        weft_session_select(page.session, page_lane(&page, "fetch-2"), 10 * MS);
        act(&page, "timeline.pin");
        g_assert_cmpstr(weft_trace_page_view(page.page), ==, "timeline");
        g_assert_true(weft_session_pinned(page.session, page_lane(&page, "fetch-2")));
        g_assert_true(press(&page, GDK_KEY_p, 0));
        g_assert_false(weft_session_pinned(page.session, page_lane(&page, "fetch-2")));
    }
    page_close(&page);
}

int main(int argc, char **argv)
{
    page_tests_init(&argc, &argv);
    g_test_add_func("/timeline/zoom-and-pan", test_zoom_and_pan);
    g_test_add_func("/timeline/nothing-is-measured", test_nothing_is_measured);
    g_test_add_func("/timeline/lanes-by-keyboard", test_lanes_by_keyboard);
    g_test_add_func("/timeline/frame-and-slices", test_frame_and_slices);
    g_test_add_func("/timeline/follow-an-edge", test_follow_an_edge);
    g_test_add_func("/timeline/lane-down", test_lane_down);
    g_test_add_func("/timeline/lane-heights", test_lane_heights);
    g_test_add_func("/timeline/headers", test_headers);
    g_test_add_func("/timeline/many-headers", test_many_headers);
    g_test_add_func("/timeline/narrow", test_narrow);
    g_test_add_func("/timeline/menu", test_menu);
    g_test_add_func("/timeline/canvas-describes-the-selection",
                    test_canvas_describes_the_selection);
    g_test_add_func("/timeline/canvas-is-a-picture", test_canvas_is_a_picture);
    g_test_add_func("/timeline/another-scale", test_another_scale);
    g_test_add_func("/timeline/keys-are-of-a-view", test_keys_are_of_a_view);
    return g_test_run();
}
