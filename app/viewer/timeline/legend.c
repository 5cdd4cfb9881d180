/* legend.c: see legend.h. */
#include "app/viewer/timeline/legend.h"

struct _WeftLegend {
    WeftPlot parent_instance;
};
G_DEFINE_FINAL_TYPE(WeftLegend, weft_legend, WEFT_TYPE_PLOT)

static void draw(WeftPlot *plot, GtkSnapshot *snapshot, struct weft_render *render,
                 const struct weft_scene *scene)
{
    weft_render_legend(render, snapshot, 0, 0, gtk_widget_get_height(GTK_WIDGET(plot)));
    (void)scene;
}

static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                    int *natural, int *minimum_baseline, int *natural_baseline)
{
    *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? WEFT_METRIC_BOTTOM : 60;
    (void)widget, (void)for_size, (void)minimum_baseline, (void)natural_baseline;
}

static void weft_legend_class_init(WeftLegendClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    WEFT_PLOT_CLASS(class)->draw = draw;
    widget->measure = measure;
    gtk_widget_class_set_css_name(widget, "legend");
    gtk_widget_class_set_accessible_role(widget, GTK_ACCESSIBLE_ROLE_IMG);
}

static void weft_legend_init(WeftLegend *legend)
{
    gtk_accessible_update_property(
        GTK_ACCESSIBLE(legend), GTK_ACCESSIBLE_PROPERTY_LABEL, "Legend",
        GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
        "Bars: waits for a timer, I/O, a lock or queue, a task, a thread. Boxes: runs, ready, "
        "cancelling.",
        -1);
}
