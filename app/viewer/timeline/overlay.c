/* overlay.c: see overlay.h. */
#include "app/viewer/timeline/overlay.h"

#include "app/viewer/accessible.h"

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

static void changed(WeftPlot *plot, guint what)
{
    if (!(what & WEFT_CHANGE_HOVER))
        return;
    WeftSession *session = weft_plot_session(plot);
    g_autofree char *tip = weft_session_view(session)->hover_tip
                               ? weft_render_tip(weft_session_scene(session))
                               : NULL;
    gtk_accessible_update_property(GTK_ACCESSIBLE(plot), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                   tip ? tip : "", -1);
}

static void weft_overlay_class_init(WeftOverlayClass *class)
{
    gtk_widget_class_set_css_name(GTK_WIDGET_CLASS(class), "overlay");
    gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(class), GTK_ACCESSIBLE_ROLE_TOOLTIP);
    WEFT_PLOT_CLASS(class)->draw = draw;
    WEFT_PLOT_CLASS(class)->changed = changed;
    WEFT_PLOT_CLASS(class)->redraw_on = WEFT_CHANGE_ALL | WEFT_CHANGE_EXACT;
}

static void weft_overlay_init(WeftOverlay *overlay)
{
    weft_accessible_name(GTK_WIDGET(overlay), "Under the pointer");
    gtk_widget_set_can_target(GTK_WIDGET(overlay), FALSE);
}
