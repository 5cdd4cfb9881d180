/* plot.c: follows a session, redraws on what its class names, and hands it the pointer. */
#include "app/viewer/timeline/plot.h"

#include <math.h>

typedef struct {
    WeftSession *session;
    struct weft_render *render;
} WeftPlotPrivate;
G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE(WeftPlot, weft_plot, GTK_TYPE_WIDGET)

static void session_changed(WeftSession *session, guint what, WeftPlot *plot)
{
    WeftPlotClass *class = WEFT_PLOT_GET_CLASS(plot);
    if (class->changed)
        class->changed(plot, what);
    if (what & class->redraw_on)
        gtk_widget_queue_draw(GTK_WIDGET(plot));
    (void)session;
}

static void drop_session(WeftPlot *plot)
{
    WeftPlotPrivate *private = weft_plot_get_instance_private(plot);
    if (private->session)
        g_signal_handlers_disconnect_by_func(private->session, session_changed, plot);
    g_clear_object(&private->session);
}

void weft_plot_set(WeftPlot *plot, WeftSession *session, struct weft_render *render)
{
    WeftPlotPrivate *private = weft_plot_get_instance_private(plot);
    WeftPlotClass *class = WEFT_PLOT_GET_CLASS(plot);
    if (session != private->session) {
        drop_session(plot);
        if (session) {
            private->session = g_object_ref(session);
            g_signal_connect(session, "changed", G_CALLBACK(session_changed), plot);
        }
    }
    private->render = render;
    if (class->forget)
        class->forget(plot);
    if (session)
        session_changed(session, WEFT_CHANGE_ALL, plot);
}

WeftSession *weft_plot_session(WeftPlot *plot)
{
    return ((WeftPlotPrivate *)weft_plot_get_instance_private(plot))->session;
}

struct weft_render *weft_plot_render(WeftPlot *plot)
{
    return ((WeftPlotPrivate *)weft_plot_get_instance_private(plot))->render;
}

/* ---- Drawing ---- */

static void snapshot(GtkWidget *widget, GtkSnapshot *into)
{
    WeftPlot *plot = WEFT_PLOT(widget);
    WeftPlotPrivate *private = weft_plot_get_instance_private(plot);
    if (!private->render || !private->session)
        return;
    weft_model *model = weft_session_model(private->session);
    weft_model_hold(model); /* it asks for much in little time */
    const struct weft_scene *scene = weft_session_scene(private->session);
    weft_render_begin(private->render, scene);
    WEFT_PLOT_GET_CLASS(plot)->draw(plot, into, private->render, scene);
    weft_model_release(model);
}

/* ---- The pointer ---- */

static void drag_begin(GtkGestureDrag *drag, double x, double y, WeftPlot *plot)
{
    if (weft_plot_session(plot))
        WEFT_PLOT_GET_CLASS(plot)->drag_begin(plot, x);
    else
        gtk_gesture_set_state(GTK_GESTURE(drag), GTK_EVENT_SEQUENCE_DENIED);
    (void)y;
}

static void drag_update(GtkGestureDrag *drag, double dx, double dy, WeftPlot *plot)
{
    double x, y;
    if (weft_plot_session(plot) && gtk_gesture_drag_get_start_point(drag, &x, &y))
        WEFT_PLOT_GET_CLASS(plot)->drag_update(plot, x + dx, dx);
    (void)dy;
}

static void drag_end(GtkGestureDrag *drag, double dx, double dy, WeftPlot *plot)
{
    double x, y;
    WeftPlotClass *class = WEFT_PLOT_GET_CLASS(plot);
    if (class->drag_end && weft_plot_session(plot) &&
        gtk_gesture_drag_get_start_point(drag, &x, &y))
        class->drag_end(plot, x + dx, dx);
    (void)dy;
}

static void motion(GtkEventControllerMotion *controller, double x, double y, WeftPlot *plot)
{
    if (weft_plot_session(plot))
        gtk_widget_set_cursor_from_name(GTK_WIDGET(plot),
                                        WEFT_PLOT_GET_CLASS(plot)->cursor(plot, x));
    (void)controller, (void)y;
}

void weft_plot_take_pointer(WeftPlot *plot)
{
    GtkGesture *drag = gtk_gesture_drag_new();
    g_signal_connect(drag, "drag-begin", G_CALLBACK(drag_begin), plot);
    g_signal_connect(drag, "drag-update", G_CALLBACK(drag_update), plot);
    g_signal_connect(drag, "drag-end", G_CALLBACK(drag_end), plot);
    gtk_widget_add_controller(GTK_WIDGET(plot), GTK_EVENT_CONTROLLER(drag));
    GtkEventController *pointer = gtk_event_controller_motion_new();
    g_signal_connect(pointer, "motion", G_CALLBACK(motion), plot);
    gtk_widget_add_controller(GTK_WIDGET(plot), pointer);
}

/* ---- Notes ---- */

void weft_plot_draw_flags(WeftPlot *plot, GtkSnapshot *snapshot, float top, float bottom,
                          double (*x_of)(WeftPlot *plot, gint64 t_ns))
{
    static const float POLE = 1.5F, LONG = 9, CLOTH = 6;
    guint n;
    const gint64 *times = weft_session_note_times(weft_plot_session(plot), &n);
    double width = gtk_widget_get_width(GTK_WIDGET(plot));
    GdkRGBA color;
    if (!gtk_style_context_lookup_color(gtk_widget_get_style_context(GTK_WIDGET(plot)),
                                        "accent_color", &color))
        return;
    for (guint i = 0; i < n; i++) {
        double at = round(x_of(plot, times[i]));
        if (at < -LONG || at > width)
            continue;
        float x = (float)at;
        gtk_snapshot_append_color(snapshot, &color,
                                  &GRAPHENE_RECT_INIT(x, top, POLE, bottom - top));
        gtk_snapshot_append_color(snapshot, &color, &GRAPHENE_RECT_INIT(x, top, LONG, CLOTH));
    }
}

/* ---- The widget ---- */

static void dispose(GObject *object)
{
    drop_session(WEFT_PLOT(object));
    G_OBJECT_CLASS(weft_plot_parent_class)->dispose(object);
}

static void weft_plot_class_init(WeftPlotClass *class)
{
    G_OBJECT_CLASS(class)->dispose = dispose;
    GTK_WIDGET_CLASS(class)->snapshot = snapshot;
}

static void weft_plot_init(WeftPlot *plot)
{
    gtk_widget_set_overflow(GTK_WIDGET(plot), GTK_OVERFLOW_HIDDEN);
    gtk_widget_set_direction(GTK_WIDGET(plot), GTK_TEXT_DIR_LTR); /* so does time go */
}
