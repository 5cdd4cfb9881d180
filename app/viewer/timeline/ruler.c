/* ruler.c: see ruler.h. */
#include "app/viewer/timeline/ruler.h"

#include <math.h>

/* Half the width of the playhead's chip: where it can be grabbed. */
static const double CHIP_REACH = 32;
/* A press that moves less than this is a click. */
static const double DRAG_THRESHOLD = 4;

struct _WeftRuler {
    WeftPlot parent_instance;
    gboolean on_chip;
};
G_DEFINE_FINAL_TYPE(WeftRuler, weft_ruler, WEFT_TYPE_PLOT)

static void snapshot(GtkWidget *widget, GtkSnapshot *into)
{
    struct weft_render *render = weft_plot_render(WEFT_PLOT(widget));
    if (!render)
        return;
    const struct weft_scene *scene = weft_session_scene(weft_plot_session(WEFT_PLOT(widget)));
    weft_render_begin(render, scene);
    weft_render_ruler(render, into, scene);
}

static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                    int *natural, int *minimum_baseline, int *natural_baseline)
{
    struct weft_render *render = weft_plot_render(WEFT_PLOT(widget));
    int height = render ? (int)weft_render_ruler_height(render) : WEFT_METRIC_RULER;
    *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? height : 60;
    (void)for_size, (void)minimum_baseline, (void)natural_baseline;
}

static gint64 ns_at(WeftRuler *ruler, double x)
{
    WeftSession *session = weft_plot_session(WEFT_PLOT(ruler));
    return weft_viewport_ns(&weft_session_view(session)->viewport, x);
}

static gboolean is_on_chip(WeftRuler *ruler, double x)
{
    const struct weft_view *view = weft_session_view(weft_plot_session(WEFT_PLOT(ruler)));
    return view->playhead_ns != WEFT_NO_TIME &&
           fabs(weft_viewport_x(&view->viewport, view->playhead_ns) - x) <= CHIP_REACH;
}

static void drag_begin(GtkGestureDrag *drag, double x, double y, WeftRuler *ruler)
{
    if (!weft_plot_session(WEFT_PLOT(ruler)))
        gtk_gesture_set_state(GTK_GESTURE(drag), GTK_EVENT_SEQUENCE_DENIED);
    else
        ruler->on_chip = is_on_chip(ruler, x);
    (void)y;
}

static void drag_update(GtkGestureDrag *drag, double dx, double dy, WeftRuler *ruler)
{
    WeftSession *session = weft_plot_session(WEFT_PLOT(ruler));
    double x, y;
    if (fabs(dx) < DRAG_THRESHOLD)
        return;
    gtk_gesture_drag_get_start_point(drag, &x, &y);
    if (ruler->on_chip)
        weft_session_set_playhead(session, ns_at(ruler, x + dx));
    else
        weft_session_set_origin(session, ns_at(ruler, x + dx));
    (void)dy;
}

static void drag_end(GtkGestureDrag *drag, double dx, double dy, WeftRuler *ruler)
{
    double x, y;
    gtk_gesture_drag_get_start_point(drag, &x, &y);
    if (fabs(dx) < DRAG_THRESHOLD)
        weft_session_set_playhead(weft_plot_session(WEFT_PLOT(ruler)), ns_at(ruler, x));
    (void)dy;
}

static void motion(GtkEventControllerMotion *controller, double x, double y, WeftRuler *ruler)
{
    if (weft_plot_session(WEFT_PLOT(ruler)))
        gtk_widget_set_cursor_from_name(GTK_WIDGET(ruler),
                                        is_on_chip(ruler, x) ? "ew-resize" : "default");
    (void)controller, (void)y;
}

static void weft_ruler_class_init(WeftRulerClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    widget->snapshot = snapshot;
    widget->measure = measure;
    gtk_widget_class_set_css_name(widget, "ruler");
    gtk_widget_class_set_accessible_role(widget, GTK_ACCESSIBLE_ROLE_IMG);
    WEFT_PLOT_CLASS(class)->redraw_on = WEFT_CHANGE_VISIBLE | WEFT_CHANGE_PLAYHEAD |
                                        WEFT_CHANGE_ORIGIN | WEFT_CHANGE_MARKED;
}

static void weft_ruler_init(WeftRuler *ruler)
{
    gtk_accessible_update_property(GTK_ACCESSIBLE(ruler), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   "Time ruler", -1);
    GtkGesture *drag = gtk_gesture_drag_new();
    g_signal_connect(drag, "drag-begin", G_CALLBACK(drag_begin), ruler);
    g_signal_connect(drag, "drag-update", G_CALLBACK(drag_update), ruler);
    g_signal_connect(drag, "drag-end", G_CALLBACK(drag_end), ruler);
    gtk_widget_add_controller(GTK_WIDGET(ruler), GTK_EVENT_CONTROLLER(drag));
    GtkEventController *pointer = gtk_event_controller_motion_new();
    g_signal_connect(pointer, "motion", G_CALLBACK(motion), ruler);
    gtk_widget_add_controller(GTK_WIDGET(ruler), pointer);
}
