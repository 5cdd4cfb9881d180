/* minimap.c: one gesture, whose meaning is decided where it begins. */
#include "app/viewer/timeline/minimap.h"

struct _WeftMinimap {
    WeftPlot parent_instance;
    enum weft_minimap_part grabbed;
    gint64 from_ns, to_ns; /* the visible range when it was grabbed */
};
G_DEFINE_FINAL_TYPE(WeftMinimap, weft_minimap, WEFT_TYPE_PLOT)

/* Where flags stand: above the columns. */
static const float FLAGS_TOP = 5, FLAGS_BOTTOM = 21;

static double x_of(WeftPlot *plot, gint64 t_ns)
{
    return weft_minimap_x(weft_session_scene(weft_plot_session(plot)),
                          gtk_widget_get_width(GTK_WIDGET(plot)), t_ns);
}

static void draw(WeftPlot *plot, GtkSnapshot *snapshot, struct weft_render *render,
                 const struct weft_scene *scene)
{
    weft_render_minimap(render, snapshot, scene, gtk_widget_get_width(GTK_WIDGET(plot)),
                        gtk_widget_get_height(GTK_WIDGET(plot)));
    weft_plot_draw_flags(plot, snapshot, FLAGS_TOP, FLAGS_BOTTOM, x_of);
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

static enum weft_minimap_part part_at(WeftMinimap *map, double x)
{
    return weft_minimap_hit(weft_session_scene(weft_plot_session(WEFT_PLOT(map))),
                            gtk_widget_get_width(GTK_WIDGET(map)), x);
}

static void drag_begin(WeftPlot *plot, double x)
{
    WeftMinimap *map = WEFT_MINIMAP(plot);
    map->grabbed = part_at(map, x);
    if (map->grabbed == WEFT_MINIMAP_OUTSIDE) {
        centre_on(map, ns_at(map, x), WEFT_MOVE_JUMP);
        map->grabbed = WEFT_MINIMAP_WINDOW;
    }
    const struct weft_viewport *viewport = &weft_session_view(weft_plot_session(plot))->viewport;
    map->from_ns = viewport->from_ns;
    map->to_ns = weft_viewport_to_ns(viewport);
}

static void drag_update(WeftPlot *plot, double x, double dx)
{
    WeftMinimap *map = WEFT_MINIMAP(plot);
    gint64 by = ns_at(map, x) - ns_at(map, x - dx);
    gint64 from = map->from_ns, to = map->to_ns;
    if (map->grabbed != WEFT_MINIMAP_TO)
        from += by;
    if (map->grabbed != WEFT_MINIMAP_FROM)
        to += by;
    if (from < to && by != 0)
        weft_session_show(weft_plot_session(plot), from, to, WEFT_MOVE_DRIFT);
}

static const char *cursor(WeftPlot *plot, double x)
{
    static const char *const cursors[] = { [WEFT_MINIMAP_OUTSIDE] = "pointer",
                                           [WEFT_MINIMAP_WINDOW] = "grab",
                                           [WEFT_MINIMAP_FROM] = "ew-resize",
                                           [WEFT_MINIMAP_TO] = "ew-resize" };
    return cursors[part_at(WEFT_MINIMAP(plot), x)];
}

static void weft_minimap_class_init(WeftMinimapClass *class)
{
    WeftPlotClass *plot = WEFT_PLOT_CLASS(class);
    plot->draw = draw;
    plot->drag_begin = drag_begin;
    plot->drag_update = drag_update;
    plot->cursor = cursor;
    plot->redraw_on = WEFT_CHANGE_MODEL | WEFT_CHANGE_VISIBLE | WEFT_CHANGE_STATUS |
                      WEFT_CHANGE_PLAYHEAD | WEFT_CHANGE_FINDINGS | WEFT_CHANGE_NOTES;
    GTK_WIDGET_CLASS(class)->measure = measure;
    gtk_widget_class_set_css_name(GTK_WIDGET_CLASS(class), "minimap");
    gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(class), GTK_ACCESSIBLE_ROLE_IMG);
}

static void weft_minimap_init(WeftMinimap *map)
{
    gtk_accessible_update_property(GTK_ACCESSIBLE(map), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   "Whole trace", -1);
    weft_plot_take_pointer(WEFT_PLOT(map));
}
