/* lanes.c: the widget: its layers, its size, its words. The gestures are in lanes-pointer.c. */
#include "app/viewer/timeline/lanes-private.h"

#include "app/viewer/timeline/canvas.h"
#include "app/viewer/timeline/overlay.h"

G_DEFINE_FINAL_TYPE(WeftLanes, weft_lanes, GTK_TYPE_WIDGET)

static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                    int *natural, int *minimum_baseline, int *natural_baseline)
{
    *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 360 : 60;
    *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 600 : 300;
    (void)widget, (void)for_size, (void)minimum_baseline, (void)natural_baseline;
}

static void size_allocate(GtkWidget *widget, int width, int height, int baseline)
{
    WeftLanes *lanes = WEFT_LANES(widget);
    gtk_widget_size_allocate(lanes->canvas, &(GtkAllocation){ 0, 0, width, height }, baseline);
    gtk_widget_size_allocate(lanes->overlay, &(GtkAllocation){ 0, 0, width, height }, baseline);
    if (lanes->session && lanes->render) /* lanes are as high as their words ask for */
        weft_session_set_size(lanes->session, width, height, weft_render_scale(lanes->render));
}

/* Tells assistive technology what is selected, in words. */
static void describe_selection(WeftLanes *lanes)
{
    g_autofree char *description = weft_session_selection_text(lanes->session);
    gtk_accessible_update_property(GTK_ACCESSIBLE(lanes), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                   description ? description : "Nothing is selected", -1);
}

static void session_changed(WeftSession *session, guint what, WeftLanes *lanes)
{
    if (what & WEFT_CHANGE_SELECTION)
        describe_selection(lanes);
    (void)session;
}

static void drop_session(WeftLanes *lanes)
{
    if (lanes->session)
        g_signal_handlers_disconnect_by_func(lanes->session, session_changed, lanes);
    g_clear_object(&lanes->session);
}

void weft_lanes_set(WeftLanes *lanes, WeftSession *session, struct weft_render *render)
{
    if (session != lanes->session) {
        drop_session(lanes);
        if (session) {
            lanes->session = g_object_ref(session);
            g_signal_connect(session, "changed", G_CALLBACK(session_changed), lanes);
            describe_selection(lanes);
        }
    }
    lanes->render = render;
    weft_plot_set(WEFT_PLOT(lanes->canvas), session, render);
    weft_plot_set(WEFT_PLOT(lanes->overlay), session, render);
    gtk_widget_queue_allocate(GTK_WIDGET(lanes));
}

double weft_lanes_pointer_x(WeftLanes *lanes)
{
    return lanes->pointer_inside ? lanes->pointer_x : gtk_widget_get_width(GTK_WIDGET(lanes)) / 2.0;
}

static void dispose(GObject *object)
{
    WeftLanes *lanes = WEFT_LANES(object);
    g_clear_handle_id(&lanes->rest_timer, g_source_remove);
    drop_session(lanes);
    g_clear_pointer(&lanes->canvas, gtk_widget_unparent);
    g_clear_pointer(&lanes->overlay, gtk_widget_unparent);
    G_OBJECT_CLASS(weft_lanes_parent_class)->dispose(object);
}

static void weft_lanes_class_init(WeftLanesClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    G_OBJECT_CLASS(class)->dispose = dispose;
    widget->measure = measure;
    widget->size_allocate = size_allocate;
    gtk_widget_class_set_css_name(widget, "lanes");
    gtk_widget_class_set_accessible_role(widget, GTK_ACCESSIBLE_ROLE_IMG);
}

static void weft_lanes_init(WeftLanes *lanes)
{
    GtkWidget *widget = GTK_WIDGET(lanes);
    lanes->canvas = g_object_new(WEFT_TYPE_CANVAS, NULL);
    lanes->overlay = g_object_new(WEFT_TYPE_OVERLAY, NULL);
    gtk_widget_set_parent(lanes->canvas, widget);
    gtk_widget_set_parent(lanes->overlay, widget);
    gtk_widget_set_focusable(widget, TRUE);
    gtk_widget_set_overflow(widget, GTK_OVERFLOW_HIDDEN);
    gtk_accessible_update_property(GTK_ACCESSIBLE(lanes), GTK_ACCESSIBLE_PROPERTY_LABEL, "Timeline",
                                   -1);
    weft_lanes_add_gestures(lanes);
}
