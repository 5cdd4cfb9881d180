/* plot.c: follows a session and redraws on what its class names. */
#include "app/viewer/timeline/plot.h"

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

static void dispose(GObject *object)
{
    drop_session(WEFT_PLOT(object));
    G_OBJECT_CLASS(weft_plot_parent_class)->dispose(object);
}

static void weft_plot_class_init(WeftPlotClass *class)
{
    G_OBJECT_CLASS(class)->dispose = dispose;
}

static void weft_plot_init(WeftPlot *plot)
{
    gtk_widget_set_overflow(GTK_WIDGET(plot), GTK_OVERFLOW_HIDDEN);
}
