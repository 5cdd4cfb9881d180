/* minimap.c: one gesture, whose meaning is decided where it begins. */
#include "app/viewer/timeline/minimap.h"

struct _WeftMinimap {
    WeftPlot parent_instance;
    enum weft_minimap_part grabbed;
    gint64 from_ns, to_ns; /* the visible range when it was grabbed */
};
G_DEFINE_FINAL_TYPE(WeftMinimap, weft_minimap, WEFT_TYPE_PLOT)

static void snapshot(GtkWidget *widget, GtkSnapshot *into)
{
    struct weft_render *render = weft_plot_render(WEFT_PLOT(widget));
    if (!render)
        return;
    const struct weft_scene *scene = weft_session_scene(weft_plot_session(WEFT_PLOT(widget)));
    weft_render_begin(render, scene);
    weft_render_minimap(render, into, scene, gtk_widget_get_width(widget),
                        gtk_widget_get_height(widget));
}

static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                    int *natural, int *minimum_baseline, int *natural_baseline)
{
    *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? WEFT_METRIC_MINIMAP : 60;
    (void)widget, (void)for_size, (void)minimum_baseline, (void)natural_baseline;
}

static void centre_on(WeftMinimap *map, gint64 t_ns, enum weft_move move)
{
    WeftSession *session = weft_plot_session(WEFT_PLOT(map));
    const struct weft_viewport *viewport = &weft_session_view(session)->viewport;
    gint64 span = weft_viewport_to_ns(viewport) - viewport->from_ns;
    weft_session_show(session, t_ns - span / 2, t_ns + span / 2, move);
}

static gint64 ns_at(WeftMinimap *map, double x)
{
    return weft_minimap_ns(weft_session_scene(weft_plot_session(WEFT_PLOT(map))),
                           gtk_widget_get_width(GTK_WIDGET(map)), x);
}

static void drag_begin(GtkGestureDrag *drag, double x, double y, WeftMinimap *map)
{
    WeftSession *session = weft_plot_session(WEFT_PLOT(map));
    if (!session) {
        gtk_gesture_set_state(GTK_GESTURE(drag), GTK_EVENT_SEQUENCE_DENIED);
        return;
    }
    const struct weft_scene *scene = weft_session_scene(session);
    map->grabbed = weft_minimap_hit(scene, gtk_widget_get_width(GTK_WIDGET(map)), x);
    if (map->grabbed == WEFT_MINIMAP_OUTSIDE) {
        centre_on(map, ns_at(map, x), WEFT_MOVE_JUMP);
        map->grabbed = WEFT_MINIMAP_WINDOW;
    }
    map->from_ns = weft_session_view(session)->viewport.from_ns;
    map->to_ns = weft_viewport_to_ns(&weft_session_view(session)->viewport);
    (void)y;
}

static void drag_update(GtkGestureDrag *drag, double dx, double dy, WeftMinimap *map)
{
    WeftSession *session = weft_plot_session(WEFT_PLOT(map));
    double x, y;
    gtk_gesture_drag_get_start_point(drag, &x, &y);
    gint64 by = ns_at(map, x + dx) - ns_at(map, x);
    gint64 from = map->from_ns, to = map->to_ns;
    if (map->grabbed != WEFT_MINIMAP_TO)
        from += by;
    if (map->grabbed != WEFT_MINIMAP_FROM)
        to += by;
    if (from < to && by != 0)
        weft_session_show(session, from, to, WEFT_MOVE_DRIFT);
    (void)dy;
}

static void motion(GtkEventControllerMotion *controller, double x, double y, WeftMinimap *map)
{
    WeftSession *session = weft_plot_session(WEFT_PLOT(map));
    if (!session)
        return;
    static const char *const cursors[] = { [WEFT_MINIMAP_OUTSIDE] = "pointer",
                                           [WEFT_MINIMAP_WINDOW] = "grab",
                                           [WEFT_MINIMAP_FROM] = "ew-resize",
                                           [WEFT_MINIMAP_TO] = "ew-resize" };
    enum weft_minimap_part part = weft_minimap_hit(weft_session_scene(session),
                                                   gtk_widget_get_width(GTK_WIDGET(map)), x);
    gtk_widget_set_cursor_from_name(GTK_WIDGET(map), cursors[part]);
    (void)controller, (void)y;
}

static void weft_minimap_class_init(WeftMinimapClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    widget->snapshot = snapshot;
    widget->measure = measure;
    gtk_widget_class_set_css_name(widget, "minimap");
    gtk_widget_class_set_accessible_role(widget, GTK_ACCESSIBLE_ROLE_IMG);
    WEFT_PLOT_CLASS(class)->redraw_on = WEFT_CHANGE_MODEL | WEFT_CHANGE_VISIBLE |
                                        WEFT_CHANGE_STATUS | WEFT_CHANGE_PLAYHEAD;
}

static void weft_minimap_init(WeftMinimap *map)
{
    gtk_accessible_update_property(GTK_ACCESSIBLE(map), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   "Whole trace", -1);
    GtkGesture *drag = gtk_gesture_drag_new();
    g_signal_connect(drag, "drag-begin", G_CALLBACK(drag_begin), map);
    g_signal_connect(drag, "drag-update", G_CALLBACK(drag_update), map);
    gtk_widget_add_controller(GTK_WIDGET(map), GTK_EVENT_CONTROLLER(drag));
    GtkEventController *pointer = gtk_event_controller_motion_new();
    g_signal_connect(pointer, "motion", G_CALLBACK(motion), map);
    gtk_widget_add_controller(GTK_WIDGET(map), pointer);
}
