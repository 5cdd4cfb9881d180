/* lanes-pointer.c: what the pointer does over the lanes (lanes.h lists it). */
#include "app/viewer/timeline/lanes-private.h"

#include "app/viewer/task-menu.h"
#include <math.h>

enum { REST_MS = 300 };
static const double DRAG_THRESHOLD = 4;   /* px: less is a click */
static const double WHEEL_SCROLL = 54;    /* px a notch: a full lane */
static const double WHEEL_PAN = 60;       /* px a notch */
static const double WHEEL_ZOOM = 1.25;    /* a notch */
static const double SURFACE_ZOOM = 1.005; /* a px of a touchpad */

static const struct weft_viewport *viewport_of(WeftLanes *lanes)
{
    return &weft_session_view(lanes->session)->viewport;
}

static gboolean hit(WeftLanes *lanes, double x, double y, struct weft_hit *what)
{
    return weft_scene_hit(weft_session_scene(lanes->session), x, y, what);
}

/* ---- Hover ---- */

/* Of the selected segment, its tag, or else its lane, says what its tip would. */
static gboolean is_selected(WeftLanes *lanes, const struct weft_hit *what)
{
    const struct weft_view *view = weft_session_view(lanes->session);
    return what->lane == view->selected_lane && view->selected_ns >= what->segment.from_ns &&
           view->selected_ns < what->segment.to_ns;
}

static void hover(WeftLanes *lanes, gboolean tip)
{
    struct weft_hit what;
    if (!hit(lanes, lanes->pointer_x, lanes->pointer_y, &what))
        weft_session_hover(lanes->session, WEFT_NO_LANE, WEFT_NO_TIME, FALSE);
    else if (what.track != WEFT_NO_LANE || what.crowd != WEFT_NO_LANE)
        weft_session_hover(lanes->session, what.track != WEFT_NO_LANE ? what.track : what.crowd,
                           what.ns, tip);
    else if (what.on_segment)
        weft_session_hover(lanes->session, what.lane, what.ns, tip && !is_selected(lanes, &what));
    else
        weft_session_hover(lanes->session, WEFT_NO_LANE, WEFT_NO_TIME, FALSE);
}

static gboolean rested(gpointer data)
{
    WeftLanes *lanes = data;
    lanes->rest_timer = 0;
    if (lanes->session && lanes->pointer_inside && !lanes->dragging)
        hover(lanes, TRUE);
    return G_SOURCE_REMOVE;
}

static void motion(GtkEventControllerMotion *controller, double x, double y, WeftLanes *lanes)
{
    gboolean moved = !lanes->pointer_inside || x != lanes->pointer_x || y != lanes->pointer_y;
    lanes->pointer_inside = TRUE;
    lanes->pointer_x = x;
    lanes->pointer_y = y;
    if (!lanes->session || !moved)
        return;
    g_clear_handle_id(&lanes->rest_timer, g_source_remove);
    if (!lanes->dragging) {
        hover(lanes, FALSE);
        lanes->rest_timer = g_timeout_add(REST_MS, rested, lanes);
    }
    (void)controller;
}

static void leave(GtkEventControllerMotion *controller, WeftLanes *lanes)
{
    lanes->pointer_inside = FALSE;
    g_clear_handle_id(&lanes->rest_timer, g_source_remove);
    if (lanes->session)
        weft_session_hover(lanes->session, WEFT_NO_LANE, WEFT_NO_TIME, FALSE);
    (void)controller;
}

/* ---- Wheel and pinch ---- */

static gboolean scroll(GtkEventControllerScroll *controller, double dx, double dy, WeftLanes *lanes)
{
    if (!lanes->session)
        return GDK_EVENT_PROPAGATE;
    GdkModifierType state = gtk_event_controller_get_current_event_state(
        GTK_EVENT_CONTROLLER(controller));
    gboolean surface = gtk_event_controller_scroll_get_unit(controller) == GDK_SCROLL_UNIT_SURFACE;
    if (state & GDK_CONTROL_MASK) {
        weft_session_zoom(lanes->session, pow(surface ? SURFACE_ZOOM : WHEEL_ZOOM, -dy),
                          weft_lanes_pointer_x(lanes));
        return GDK_EVENT_STOP;
    }
    double pan = state & GDK_SHIFT_MASK ? dx + dy : dx;
    double down = state & GDK_SHIFT_MASK ? 0 : dy;
    if (pan != 0)
        weft_session_pan(lanes->session, pan * (surface ? 1 : WHEEL_PAN));
    if (down != 0)
        weft_session_scroll(lanes->session,
                            viewport_of(lanes)->scroll_y + down * (surface ? 1 : WHEEL_SCROLL));
    return GDK_EVENT_STOP;
}

static void pinch_begin(GtkGesture *gesture, GdkEventSequence *sequence, WeftLanes *lanes)
{
    lanes->pinch_scale = 1;
    (void)gesture, (void)sequence;
}

static void pinch(GtkGestureZoom *gesture, double scale, WeftLanes *lanes)
{
    double x = weft_lanes_pointer_x(lanes), y;
    gtk_gesture_get_bounding_box_center(GTK_GESTURE(gesture), &x, &y);
    if (lanes->session && scale > 0)
        weft_session_zoom(lanes->session, scale / lanes->pinch_scale, x);
    lanes->pinch_scale = scale;
}

/* ---- Click and drag ---- */

static void click(WeftLanes *lanes, double x, double y)
{
    WeftSession *session = lanes->session;
    uint64_t entity;
    gint64 ns;
    struct weft_hit what;
    if (lanes->render &&
        weft_render_chevron_at(lanes->render, weft_session_scene(session), x, y, &entity, &ns)) {
        weft_session_jump(session, entity, ns);
        return;
    }
    ns = weft_viewport_ns(viewport_of(lanes), x);
    weft_session_set_playhead(session, ns);
    if (hit(lanes, x, y, &what))
        weft_session_select(session, what.track == WEFT_NO_LANE ? what.lane : what.track, what.ns);
    else
        weft_session_select(session, WEFT_NO_LANE, WEFT_NO_TIME);
}

/* For its menu: the playhead stays. */
static gboolean select_at(GtkWidget *widget, double *x, double *y, gpointer data)
{
    WeftLanes *lanes = WEFT_LANES(widget);
    struct weft_hit what;
    if (*x < 0) /* asked for by a key: what is selected */
        return lanes->session && weft_session_view(lanes->session)->selected_lane != WEFT_NO_LANE;
    gboolean task = lanes->session && hit(lanes, *x, *y, &what) && what.lane != WEFT_NO_LANE;
    if (task)
        weft_session_select(lanes->session, what.lane, what.ns);
    (void)data;
    return task;
}

static void pressed(GtkGestureClick *gesture, int n_press, double x, double y, WeftLanes *lanes)
{
    struct weft_hit what;
    gtk_widget_grab_focus(GTK_WIDGET(lanes));
    if (n_press != 2 || !lanes->session)
        return;
    if (hit(lanes, x, y, &what) && what.crowd != WEFT_NO_LANE)
        weft_session_fold(lanes->session, what.crowd,
                          !weft_scene_row(weft_session_scene(lanes->session), what.row)->folded);
    else
        gtk_widget_activate_action(GTK_WIDGET(lanes), "timeline.frame", NULL);
    (void)gesture;
}

static void drag_begin(GtkGestureDrag *drag, double x, double y, WeftLanes *lanes)
{
    lanes->button = gtk_gesture_single_get_current_button(GTK_GESTURE_SINGLE(drag));
    lanes->dragging = FALSE;
    lanes->panned_x = 0;
    if (!lanes->session ||
        (lanes->button != GDK_BUTTON_PRIMARY && lanes->button != GDK_BUTTON_MIDDLE)) {
        gtk_gesture_set_state(GTK_GESTURE(drag), GTK_EVENT_SEQUENCE_DENIED);
        return;
    }
    lanes->drag_ns = weft_viewport_ns(viewport_of(lanes), x);
    lanes->scrolled_y = viewport_of(lanes)->scroll_y;
    (void)y;
}

static void drag_update(GtkGestureDrag *drag, double dx, double dy, WeftLanes *lanes)
{
    double x, y;
    if (!lanes->session || !gtk_gesture_drag_get_start_point(drag, &x, &y))
        return;
    if (!lanes->dragging && hypot(dx, dy) < DRAG_THRESHOLD)
        return;
    if (!lanes->dragging)
        weft_session_hover(lanes->session, WEFT_NO_LANE, WEFT_NO_TIME, FALSE);
    lanes->dragging = TRUE;
    if (lanes->button == GDK_BUTTON_PRIMARY) {
        weft_session_mark(lanes->session, lanes->drag_ns,
                          weft_viewport_ns(viewport_of(lanes), x + dx));
    } else {
        weft_session_pan(lanes->session, lanes->panned_x - dx);
        weft_session_scroll(lanes->session, lanes->scrolled_y - dy);
        lanes->panned_x = dx;
    }
}

static void drag_end(GtkGestureDrag *drag, double dx, double dy, WeftLanes *lanes)
{
    double x, y;
    if (lanes->session && !lanes->dragging && lanes->button == GDK_BUTTON_PRIMARY &&
        gtk_gesture_drag_get_start_point(drag, &x, &y))
        click(lanes, x + dx, y + dy);
    lanes->dragging = FALSE;
}

void weft_lanes_add_gestures(WeftLanes *lanes)
{
    GtkWidget *widget = GTK_WIDGET(lanes);
    GtkEventController *pointer = gtk_event_controller_motion_new();
    g_signal_connect(pointer, "enter", G_CALLBACK(motion), lanes);
    g_signal_connect(pointer, "motion", G_CALLBACK(motion), lanes);
    g_signal_connect(pointer, "leave", G_CALLBACK(leave), lanes);
    gtk_widget_add_controller(widget, pointer);

    GtkEventController *wheel = gtk_event_controller_scroll_new(
        GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
    g_signal_connect(wheel, "scroll", G_CALLBACK(scroll), lanes);
    gtk_widget_add_controller(widget, wheel);

    GtkGesture *zoom = gtk_gesture_zoom_new();
    g_signal_connect(zoom, "begin", G_CALLBACK(pinch_begin), lanes);
    g_signal_connect(zoom, "scale-changed", G_CALLBACK(pinch), lanes);
    gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(zoom));

    GtkGesture *drag = gtk_gesture_drag_new();
    gtk_gesture_single_set_button(GTK_GESTURE_SINGLE(drag), 0);
    g_signal_connect(drag, "drag-begin", G_CALLBACK(drag_begin), lanes);
    g_signal_connect(drag, "drag-update", G_CALLBACK(drag_update), lanes);
    g_signal_connect(drag, "drag-end", G_CALLBACK(drag_end), lanes);
    gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(drag));

    GtkGesture *press = gtk_gesture_click_new();
    g_signal_connect(press, "pressed", G_CALLBACK(pressed), lanes);
    gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(press));
    weft_task_menu_add(widget, select_at, NULL);
}
