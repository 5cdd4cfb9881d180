/* overlay.c: see overlay.h. */
#include "app/viewer/timeline/overlay.h"

struct _WeftOverlay {
    WeftPlot parent_instance;
};
G_DEFINE_FINAL_TYPE(WeftOverlay, weft_overlay, WEFT_TYPE_PLOT)

static void snapshot(GtkWidget *widget, GtkSnapshot *into)
{
    struct weft_render *render = weft_plot_render(WEFT_PLOT(widget));
    if (!render)
        return;
    const struct weft_scene *scene = weft_session_scene(weft_plot_session(WEFT_PLOT(widget)));
    weft_render_begin(render, scene);
    weft_render_overlay(render, into, scene);
}

static void weft_overlay_class_init(WeftOverlayClass *class)
{
    GTK_WIDGET_CLASS(class)->snapshot = snapshot;
    gtk_widget_class_set_css_name(GTK_WIDGET_CLASS(class), "overlay");
    gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(class), GTK_ACCESSIBLE_ROLE_PRESENTATION);
    WEFT_PLOT_CLASS(class)->redraw_on = WEFT_CHANGE_ALL;
}

static void weft_overlay_init(WeftOverlay *overlay)
{
    gtk_widget_set_can_target(GTK_WIDGET(overlay), FALSE);
}
