/* trace-page-actions.c: what keys, buttons and menus do to the timeline, as actions: one table
 * names them, so the shortcuts window, the buttons and assistive technology use the same.
 *
 * A key is one of the views it does something in: elsewhere it is passed on. An action that is
 * asked for by another way (a command, a button) is seen: the timeline is shown first. */
#include "app/viewer/trace-page-private.h"

static const double KEY_ZOOM = 1.5;
static const double KEY_PAN = 0.15;  /* of the visible range */
static const double KEY_EXTEND = 20; /* px */
static const double FRAME_AIR = 0.25;

static const struct weft_view *view_of(WeftTracePage *page)
{
    return weft_session_view(page->session);
}

static void zoom_in(WeftTracePage *page)
{
    weft_session_zoom(page->session, KEY_ZOOM, weft_lanes_pointer_x(page->lanes));
}

static void zoom_out(WeftTracePage *page)
{
    weft_session_zoom(page->session, 1 / KEY_ZOOM, weft_lanes_pointer_x(page->lanes));
}

static void fit(WeftTracePage *page)
{
    weft_session_fit(page->session);
}

static void pan_left(WeftTracePage *page)
{
    weft_session_pan(page->session, -KEY_PAN * view_of(page)->viewport.width);
}

static void pan_right(WeftTracePage *page)
{
    weft_session_pan(page->session, KEY_PAN * view_of(page)->viewport.width);
}

static void page_up(WeftTracePage *page)
{
    const struct weft_viewport *viewport = &view_of(page)->viewport;
    weft_session_scroll(page->session, viewport->scroll_y - viewport->height * 0.9);
}

static void page_down(WeftTracePage *page)
{
    const struct weft_viewport *viewport = &view_of(page)->viewport;
    weft_session_scroll(page->session, viewport->scroll_y + viewport->height * 0.9);
}

static void go_start(WeftTracePage *page)
{
    weft_session_set_playhead(page->session, 0);
    weft_session_reveal(page->session, 0);
}

static void go_end(WeftTracePage *page)
{
    gint64 end = weft_session_end_ns(page->session);
    weft_session_set_playhead(page->session, end);
    weft_session_reveal(page->session, end);
}

/* The lane above (-1) or below (+1) the selected one. */
static void step_lane(WeftTracePage *page, int by)
{
    const struct weft_scene *scene = weft_session_scene(page->session);
    const struct weft_view *view = view_of(page);
    guint selected = view->selected_track == WEFT_NO_LANE ? view->selected_lane
                                                          : view->selected_track;
    guint row = selected == WEFT_NO_LANE ? WEFT_NO_LANE : weft_scene_row_of(scene, selected);
    if (row == WEFT_NO_LANE)
        row = by > 0 ? scene->first : scene->first + scene->n_visible - 1;
    else if (by < 0 ? row == 0 : row + 1 >= scene->rows->len)
        return;
    else
        row = (guint)((int)row + by);
    while (row < scene->rows->len && weft_is_crowd_lane(weft_scene_row(scene, row)->lane))
        row = (guint)((int)row + by); /* below 0 is beyond the last, too */
    if (row >= scene->rows->len)
        return;
    guint lane = weft_scene_row(scene, row)->lane;
    weft_session_select(page->session, lane, view_of(page)->playhead_ns);
    weft_session_scroll_to(page->session, lane);
}

static void lane_up(WeftTracePage *page)
{
    step_lane(page, -1);
}

static void lane_down(WeftTracePage *page)
{
    step_lane(page, 1);
}

/* Shows from … to with some air around. */
static void frame_span(WeftTracePage *page, gint64 from, gint64 to)
{
    gint64 air = MAX((gint64)((double)(to - from) * FRAME_AIR), 50);
    weft_session_show(page->session, from - air, to + air, WEFT_MOVE_JUMP);
}

static void frame(WeftTracePage *page)
{
    struct weft_segment_view segment;
    guint lane = view_of(page)->selected_lane;
    if (weft_session_selected_segment(page->session, &segment)) {
        frame_span(page, segment.from_ns, segment.to_ns);
    } else if (lane != WEFT_NO_LANE) {
        const struct weft_lane *life = weft_model_lane(weft_session_model(page->session), lane);
        frame_span(page, life->first_ns, life->last_ns);
    }
}

/* There is nothing to go to. Who has asked for something else meanwhile hears nothing. */
static void ring_unless_cancelled(WeftTracePage *page, const GError *error)
{
    if (page->session && gtk_widget_get_root(GTK_WIDGET(page)) &&
        !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        gtk_widget_error_bell(GTK_WIDGET(page));
}

static void stepped(GObject *session, GAsyncResult *result, gpointer data)
{
    WeftTracePage *page = data;
    g_autoptr(GError) error = NULL;
    if (!weft_session_step_finish(WEFT_SESSION(session), result, &error))
        ring_unless_cancelled(page, error);
    g_object_unref(page);
}

static void next_slice(WeftTracePage *page)
{
    weft_session_step_slice(page->session, 1, stepped, g_object_ref(page));
}

static void previous_slice(WeftTracePage *page)
{
    weft_session_step_slice(page->session, -1, stepped, g_object_ref(page));
}

static void followed(GObject *session, GAsyncResult *result, gpointer data)
{
    WeftTracePage *page = data;
    g_autoptr(GError) error = NULL;
    if (!weft_session_follow_finish(WEFT_SESSION(session), result, &error))
        ring_unless_cancelled(page, error);
    g_object_unref(page);
}

static void follow_from(WeftTracePage *page)
{
    weft_session_follow_edge(page->session, -1, followed, g_object_ref(page));
}

static void follow_to(WeftTracePage *page)
{
    weft_session_follow_edge(page->session, 1, followed, g_object_ref(page));
}

static void zoom_range(WeftTracePage *page)
{
    const struct weft_view *view = view_of(page);
    if (view->range_to <= view->range_from)
        return;
    weft_session_show(page->session, view->range_from, view->range_to, WEFT_MOVE_JUMP);
    weft_session_mark(page->session, 0, 0);
}

/* Marks a range from the playhead on, or moves the end that is not there: of one that was marked
 * elsewhere, the right end. */
static void extend_range(WeftTracePage *page, int direction)
{
    const struct weft_view *view = view_of(page);
    gint64 from = view->playhead_ns, to = from;
    if (view->range_to > view->range_from) {
        gboolean left = from == view->range_to;
        from = left ? view->range_to : view->range_from;
        to = left ? view->range_from : view->range_to;
    } else if (from == WEFT_NO_TIME) {
        from = to = weft_viewport_ns(&view->viewport, view->viewport.width / 2);
        weft_session_set_playhead(page->session, from); /* that end stays, the next time too */
    }
    to += direction * MAX((gint64)(KEY_EXTEND * view->viewport.ns_per_px), 1);
    weft_session_mark(page->session, from, to);
    weft_session_reveal(page->session, CLAMP(to, 0, weft_session_end_ns(page->session)));
}

static void extend_left(WeftTracePage *page)
{
    extend_range(page, -1);
}

static void extend_right(WeftTracePage *page)
{
    extend_range(page, 1);
}

/* One thing at a time: the search, the presentation, the marked range, then the selection. */
static void clear(WeftTracePage *page)
{
    const struct weft_view *view = view_of(page);
    if (gtk_widget_get_visible(GTK_WIDGET(page->search)) &&
        gtk_search_bar_get_search_mode(page->search)) {
        gtk_search_bar_set_search_mode(page->search, FALSE);
        weft_trace_page_set_view(page, weft_trace_page_view(page)); /* the focus goes there */
    } else if (page->presenting) {
        gtk_widget_activate_action(GTK_WIDGET(page), "win.present", NULL);
    } else if (view->range_to > view->range_from) {
        weft_session_mark(page->session, 0, 0);
    } else {
        weft_session_select(page->session, WEFT_NO_LANE, WEFT_NO_TIME);
    }
}

static void back(WeftTracePage *page)
{
    if (!weft_session_navigate(page->session, -1))
        gtk_widget_error_bell(GTK_WIDGET(page));
}

static void forward(WeftTracePage *page)
{
    if (!weft_session_navigate(page->session, 1))
        gtk_widget_error_bell(GTK_WIDGET(page));
}

static void origin_start(WeftTracePage *page)
{
    weft_session_set_origin(page->session, 0);
}

static void origin_playhead(WeftTracePage *page)
{
    if (view_of(page)->playhead_ns != WEFT_NO_TIME)
        weft_session_set_origin(page->session, view_of(page)->playhead_ns);
}

static void origin_selection(WeftTracePage *page)
{
    struct weft_segment_view segment;
    if (weft_session_selected_segment(page->session, &segment))
        weft_session_set_origin(page->session, segment.from_ns);
}

static void of_day(WeftTracePage *page)
{
    if (view_of(page)->of_day)
        weft_session_set_origin(page->session, 0);
    else if (!weft_session_count_of_day(page->session))
        gtk_widget_activate_action(GTK_WIDGET(page), "win.say", "s",
                                   "The trace does not say when it was recorded");
}

static void follow_live(WeftTracePage *page)
{
    weft_session_follow(page->session, !weft_session_following(page->session));
}

static void bookmark(WeftTracePage *page)
{
    gtk_widget_activate_action(GTK_WIDGET(page), "win.bookmark", NULL);
}

/* The selected segment, and why its task is not running. */
static void copy(WeftTracePage *page)
{
    g_autofree char *selected = weft_session_selection_text(page->session);
    g_autofree char *why = weft_inspector_why(page->inspector);
    if (!selected) {
        gtk_widget_error_bell(GTK_WIDGET(page));
        return;
    }
    g_autofree char *text = g_strjoin("\n", selected, why, NULL);
    gdk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(page)), text);
    gtk_widget_activate_action(GTK_WIDGET(page), "win.say", "s", "Selection copied");
}

static void pin(WeftTracePage *page)
{
    guint lane = view_of(page)->selected_lane;
    if (lane != WEFT_NO_LANE &&
        weft_model_lane(weft_session_model(page->session), lane)->kind == WEFT_LANE_TASK) {
        weft_session_pin(page->session, lane, !weft_session_pinned(page->session, lane));
        weft_session_scroll_to(page->session, lane);
    } else {
        gtk_widget_error_bell(GTK_WIDGET(page));
    }
}

static void group(WeftTracePage *page)
{
    weft_session_group(page->session, !view_of(page)->by_site);
}

static void compact(WeftTracePage *page)
{
    weft_session_set_compact(page->session, !weft_session_compact(page->session));
}

/* Where it is seen, or what it does is: bits. */
enum { IN_TIMELINE = 1, IN_DISPATCH = 2, IN_LISTS = 4, IN_ALL = 7 };

static const struct {
    const char *action;
    void (*act)(WeftTracePage *page);
    guint in; /* … its keys do it in these views */
    struct {
        guint key;
        GdkModifierType modifiers;
    } keys[4];
} actions[] = {
    { "timeline.zoom-in",
      zoom_in,
      IN_TIMELINE,
      { { GDK_KEY_plus, 0 }, { GDK_KEY_equal, 0 }, { GDK_KEY_w, 0 }, { GDK_KEY_KP_Add, 0 } } },
    { "timeline.zoom-out",
      zoom_out,
      IN_TIMELINE,
      { { GDK_KEY_minus, 0 }, { GDK_KEY_s, 0 }, { GDK_KEY_KP_Subtract, 0 } } },
    { "timeline.fit", fit, IN_TIMELINE, { { GDK_KEY_0, 0 }, { GDK_KEY_KP_0, 0 } } },
    { "timeline.pan-left", pan_left, IN_TIMELINE, { { GDK_KEY_a, 0 }, { GDK_KEY_Left, 0 } } },
    { "timeline.pan-right", pan_right, IN_TIMELINE, { { GDK_KEY_d, 0 }, { GDK_KEY_Right, 0 } } },
    { "timeline.lane-up", lane_up, IN_TIMELINE, { { GDK_KEY_Up, 0 } } },
    { "timeline.lane-down", lane_down, IN_TIMELINE, { { GDK_KEY_Down, 0 } } },
    { "timeline.page-up", page_up, IN_TIMELINE, { { GDK_KEY_Page_Up, 0 } } },
    { "timeline.page-down", page_down, IN_TIMELINE, { { GDK_KEY_Page_Down, 0 } } },
    { "timeline.start", go_start, IN_TIMELINE | IN_DISPATCH, { { GDK_KEY_Home, 0 } } },
    { "timeline.end", go_end, IN_TIMELINE | IN_DISPATCH, { { GDK_KEY_End, 0 } } },
    { "timeline.nearest", weft_trace_page_go_nearest, IN_TIMELINE, { { 0, 0 } } },
    { "timeline.bookmark", bookmark, IN_ALL, { { GDK_KEY_m, 0 } } },
    { "timeline.find-next",
      weft_trace_page_next_match,
      IN_TIMELINE | IN_DISPATCH,
      { { GDK_KEY_g, GDK_CONTROL_MASK }, { GDK_KEY_F3, 0 } } },
    { "timeline.find-previous",
      weft_trace_page_previous_match,
      IN_TIMELINE | IN_DISPATCH,
      { { GDK_KEY_g, GDK_CONTROL_MASK | GDK_SHIFT_MASK }, { GDK_KEY_F3, GDK_SHIFT_MASK } } },
    { "timeline.copy", copy, IN_ALL, { { GDK_KEY_c, GDK_CONTROL_MASK } } },
    { "timeline.pin", pin, IN_TIMELINE, { { GDK_KEY_p, 0 } } },
    { "timeline.group", group, IN_TIMELINE, { { GDK_KEY_g, 0 } } },
    { "timeline.compact", compact, IN_TIMELINE, { { GDK_KEY_c, 0 } } },
    { "timeline.frame", frame, IN_TIMELINE, { { GDK_KEY_f, 0 } } },
    { "timeline.next-slice", next_slice, IN_TIMELINE, { { GDK_KEY_period, 0 } } },
    { "timeline.previous-slice", previous_slice, IN_TIMELINE, { { GDK_KEY_comma, 0 } } },
    { "timeline.follow-from", follow_from, IN_TIMELINE, { { GDK_KEY_bracketleft, 0 } } },
    { "timeline.follow-to", follow_to, IN_TIMELINE, { { GDK_KEY_bracketright, 0 } } },
    { "timeline.zoom-range",
      zoom_range,
      IN_TIMELINE,
      { { GDK_KEY_Return, 0 }, { GDK_KEY_KP_Enter, 0 } } },
    { "timeline.extend-left", extend_left, IN_TIMELINE, { { GDK_KEY_Left, GDK_SHIFT_MASK } } },
    { "timeline.extend-right", extend_right, IN_TIMELINE, { { GDK_KEY_Right, GDK_SHIFT_MASK } } },
    { "timeline.clear", clear, IN_ALL, { { GDK_KEY_Escape, 0 } } },
    { "timeline.back",
      back,
      IN_ALL,
      { { GDK_KEY_z, GDK_CONTROL_MASK }, { GDK_KEY_Left, GDK_ALT_MASK } } },
    { "timeline.forward",
      forward,
      IN_ALL,
      { { GDK_KEY_z, GDK_CONTROL_MASK | GDK_SHIFT_MASK }, { GDK_KEY_Right, GDK_ALT_MASK } } },
    { "timeline.origin-start", origin_start, IN_ALL, { { 0, 0 } } },
    { "timeline.origin-playhead", origin_playhead, IN_ALL, { { 0, 0 } } },
    { "timeline.origin-selection", origin_selection, IN_ALL, { { 0, 0 } } },
    { "timeline.time-of-day", of_day, IN_ALL, { { GDK_KEY_t, 0 } } },
    { "timeline.follow", follow_live, IN_ALL, { { 0, 0 } } },
    { "timeline.pause", weft_trace_page_pause, IN_ALL, { { 0, 0 } } },
    { "timeline.resume", weft_trace_page_resume, IN_ALL, { { 0, 0 } } },
    { "timeline.pause-or-resume", weft_trace_page_pause_or_resume, IN_ALL, { { GDK_KEY_F5, 0 } } },
    { "timeline.step", weft_trace_page_step, IN_ALL, { { GDK_KEY_F7, 0 } } },
    { "timeline.cancel-task",
      weft_trace_page_cancel_task,
      IN_ALL,
      { { GDK_KEY_Delete, GDK_CONTROL_MASK } } },
};

static guint view_shown(WeftTracePage *page)
{
    const char *view = weft_trace_page_view(page);
    return g_str_equal(view, "timeline")   ? IN_TIMELINE
           : g_str_equal(view, "dispatch") ? IN_DISPATCH
                                           : IN_LISTS;
}

static void activated(GtkWidget *widget, const char *name, GVariant *parameter)
{
    WeftTracePage *page = WEFT_TRACE_PAGE(widget);
    guint i = 0;
    while (!g_str_equal(actions[i].action, name))
        i++;
    if (!page->session)
        return;
    if (!(actions[i].in & view_shown(page)))
        weft_trace_page_set_view(page, "timeline");
    actions[i].act(page);
    (void)parameter;
}

static gboolean key_pressed(GtkWidget *widget, GVariant *which, gpointer data)
{
    WeftTracePage *page = WEFT_TRACE_PAGE(widget);
    guint32 i = g_variant_get_uint32(which);
    gboolean here = page->session && (actions[i].in & view_shown(page));
    if (here) /* unless it is disabled now */
        gtk_widget_activate_action(widget, actions[i].action, NULL);
    (void)data;
    return here;
}

/* The loop's own, wherever one is in the tab: it is shown, and does it. */
static void replay_activated(GtkWidget *widget, const char *name, GVariant *parameter)
{
    WeftTracePage *page = WEFT_TRACE_PAGE(widget);
    if (!page->session)
        return;
    if (view_shown(page) != IN_DISPATCH)
        weft_trace_page_set_view(page, "dispatch");
    weft_dispatch_page_act(page->dispatch, name, parameter);
}

void weft_trace_page_install_actions(GtkWidgetClass *class)
{
    weft_dispatch_page_install_actions(class, replay_activated);
    for (guint i = 0; i < G_N_ELEMENTS(actions); i++) {
        gtk_widget_class_install_action(class, actions[i].action, NULL, activated);
        for (guint k = 0; k < G_N_ELEMENTS(actions[i].keys) && actions[i].keys[k].key; k++)
            gtk_widget_class_add_binding(class, actions[i].keys[k].key,
                                         actions[i].keys[k].modifiers, key_pressed, "u", i);
    }
}
