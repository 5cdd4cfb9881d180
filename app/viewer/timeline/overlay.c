/* overlay.c: see overlay.h. */
#include "app/viewer/timeline/overlay.h"

struct _WeftOverlay {
    WeftPlot parent_instance;
};
G_DEFINE_FINAL_TYPE(WeftOverlay, weft_overlay, WEFT_TYPE_PLOT)

static void draw(WeftPlot *plot, GtkSnapshot *snapshot, struct weft_render *render,
                 const struct weft_scene *scene)
{
    weft_render_overlay(render, snapshot, scene);
    (void)plot;
}

static void weft_overlay_class_init(WeftOverlayClass *class)
{
    gtk_widget_class_set_css_name(GTK_WIDGET_CLASS(class), "overlay");
    gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(class), GTK_ACCESSIBLE_ROLE_PRESENTATION);
    WEFT_PLOT_CLASS(class)->draw = draw;
    WEFT_PLOT_CLASS(class)->redraw_on = WEFT_CHANGE_ALL;
}

static void weft_overlay_init(WeftOverlay *overlay)
{
    gtk_widget_set_can_target(GTK_WIDGET(overlay), FALSE);
}
