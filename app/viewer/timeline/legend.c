/* legend.c: see legend.h. */
#include "app/viewer/timeline/legend.h"

#include <math.h>

struct _WeftLegend {
    WeftPlot parent_instance;
};
G_DEFINE_FINAL_TYPE(WeftLegend, weft_legend, WEFT_TYPE_PLOT)

static void draw(WeftPlot *plot, GtkSnapshot *snapshot, struct weft_render *render,
                 const struct weft_scene *scene)
{
    int width = gtk_widget_get_width(GTK_WIDGET(plot)),
        height = gtk_widget_get_height(GTK_WIDGET(plot));
    guint lines = weft_render_legend(render, NULL, 0, 0, width, 0);
    weft_render_legend(render, snapshot, 0, 0, width, floor((double)height / lines));
    (void)scene;
}

static GtkSizeRequestMode request_mode(GtkWidget *widget)
{
    (void)widget;
    return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

/* In one line where there is room for it, else in as many as it takes. */
static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                    int *natural, int *minimum_baseline, int *natural_baseline)
{
    struct weft_render *render = weft_plot_render(WEFT_PLOT(widget));
    double least = 0, one_line = 0;
    if (render)
        weft_render_legend_width(render, &least, &one_line);
    if (orientation == GTK_ORIENTATION_HORIZONTAL) {
        *minimum = (int)ceil(least);
        *natural = (int)ceil(one_line);
    } else {
        guint lines = render && for_size >= 0 ? weft_render_legend(render, NULL, 0, 0, for_size, 0)
                                              : 1;
        *minimum = *natural = MAX(WEFT_METRIC_BOTTOM, (int)lines * WEFT_METRIC_LEGEND_LINE);
    }
    (void)minimum_baseline, (void)natural_baseline;
}

/* Other fonts are of other sizes. */
static void forget(WeftPlot *plot)
{
    gtk_widget_queue_resize(GTK_WIDGET(plot));
}

static void weft_legend_class_init(WeftLegendClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    WEFT_PLOT_CLASS(class)->draw = draw;
    WEFT_PLOT_CLASS(class)->forget = forget;
    widget->get_request_mode = request_mode;
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
