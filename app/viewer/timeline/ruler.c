/* ruler.c: see ruler.h. */
#include "app/viewer/timeline/ruler.h"

#include <math.h>

/* Half the width of the playhead's chip: where it can be grabbed. */
static const double CHIP_REACH = 32;
/* A press that moves less than this is a click. */
static const double DRAG_THRESHOLD = 4;

struct _WeftRuler {
    WeftPlot parent_instance;
    gboolean on_chip;
};
G_DEFINE_FINAL_TYPE(WeftRuler, weft_ruler, WEFT_TYPE_PLOT)

/* Flags are below the numbers, and none is on the playhead's chip. */
static const float FLAG = 11;

static double x_of(WeftPlot *plot, gint64 t_ns)
{
    const struct weft_view *view = weft_session_view(weft_plot_session(plot));
    double x = weft_viewport_x(&view->viewport, t_ns);
    gboolean hidden = view->playhead_ns != WEFT_NO_TIME &&
                      fabs(weft_viewport_x(&view->viewport, view->playhead_ns) - x) <= CHIP_REACH;
    return hidden ? -CHIP_REACH : x;
}

/* Where time goes on in nothing: two bars at the end of a program that is paused. */
static void draw_pause(WeftPlot *plot, GtkSnapshot *snapshot, const struct weft_scene *scene)
{
    WeftSession *session = weft_plot_session(plot);
    weft_live *live = weft_session_live(session);
    double end = weft_viewport_x(&scene->view.viewport, weft_session_end_ns(session));
    float x = (float)round(MIN(end + 4, scene->view.viewport.width - 14)), high = 7;
    float y = (float)gtk_widget_get_height(GTK_WIDGET(plot)) - high - 1; /* below the chip */
    GdkRGBA color;
    if (!live || weft_live_ended(live) || !weft_live_paused(live) || end < 0)
        return;
    if (!gtk_style_context_lookup_color(gtk_widget_get_style_context(GTK_WIDGET(plot)),
                                        "warning_color", &color))
        return;
    for (int bar = 0; bar < 2; bar++)
        gtk_snapshot_append_color(snapshot, &color,
                                  &GRAPHENE_RECT_INIT(x + 6 * (float)bar, y, 4, high));
}

static void draw(WeftPlot *plot, GtkSnapshot *snapshot, struct weft_render *render,
                 const struct weft_scene *scene)
{
    weft_render_ruler(render, snapshot, scene);
    float bottom = (float)gtk_widget_get_height(GTK_WIDGET(plot));
    weft_plot_draw_flags(plot, snapshot, bottom - FLAG, bottom, x_of);
    draw_pause(plot, snapshot, scene);
}

static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                    int *natural, int *minimum_baseline, int *natural_baseline)
{
    struct weft_render *render = weft_plot_render(WEFT_PLOT(widget));
    int height = render ? (int)weft_render_ruler_height(render) : WEFT_METRIC_RULER;
    *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? height : 60;
    (void)for_size, (void)minimum_baseline, (void)natural_baseline;
}

static gint64 ns_at(WeftPlot *plot, double x)
{
    return weft_viewport_ns(&weft_session_view(weft_plot_session(plot))->viewport, x);
}

static gboolean is_on_chip(WeftPlot *plot, double x)
{
    const struct weft_view *view = weft_session_view(weft_plot_session(plot));
    return view->playhead_ns != WEFT_NO_TIME &&
           fabs(weft_viewport_x(&view->viewport, view->playhead_ns) - x) <= CHIP_REACH;
}

static void drag_begin(WeftPlot *plot, double x)
{
    WEFT_RULER(plot)->on_chip = is_on_chip(plot, x);
}

static void drag_update(WeftPlot *plot, double x, double dx)
{
    if (fabs(dx) < DRAG_THRESHOLD)
        return;
    if (WEFT_RULER(plot)->on_chip)
        weft_session_set_playhead(weft_plot_session(plot), ns_at(plot, x));
    else
        weft_session_set_origin(weft_plot_session(plot), ns_at(plot, x));
}

static void drag_end(WeftPlot *plot, double x, double dx)
{
    if (fabs(dx) < DRAG_THRESHOLD)
        weft_session_set_playhead(weft_plot_session(plot), ns_at(plot, x - dx));
}

static const char *cursor(WeftPlot *plot, double x)
{
    return is_on_chip(plot, x) ? "ew-resize" : "default";
}

static void weft_ruler_class_init(WeftRulerClass *class)
{
    WeftPlotClass *plot = WEFT_PLOT_CLASS(class);
    plot->draw = draw;
    plot->drag_begin = drag_begin;
    plot->drag_update = drag_update;
    plot->drag_end = drag_end;
    plot->cursor = cursor;
    plot->redraw_on = WEFT_CHANGE_VISIBLE | WEFT_CHANGE_PLAYHEAD | WEFT_CHANGE_ORIGIN |
                      WEFT_CHANGE_MARKED | WEFT_CHANGE_NOTES;
    GTK_WIDGET_CLASS(class)->measure = measure;
    gtk_widget_class_set_css_name(GTK_WIDGET_CLASS(class), "ruler");
    gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(class), GTK_ACCESSIBLE_ROLE_IMG);
}

static void weft_ruler_init(WeftRuler *ruler)
{
    gtk_accessible_update_property(GTK_ACCESSIBLE(ruler), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   "Time ruler", -1);
    weft_plot_take_pointer(WEFT_PLOT(ruler));
}
