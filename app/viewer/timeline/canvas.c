/* canvas.c: draws the backdrop, each lane, the losses.
 *
 *     kept: lane -> what it draws, while the visible range, the model and the selection stay:
 *     scrolling, folding and hovering draw no lane anew;
 *     still: all of it as pixels: at once where no GPU draws, else once nothing has changed for a
 *     while: what moves over it, the playhead, then costs what it covers, not the thousands of
 *     nodes below.
 */
#include "app/viewer/timeline/canvas.h"

#include "app/viewer/render/raster.h"

enum { STILL_MS = 200 };

struct kept_lane {
    GskRenderNode *node; /* NULL: it draws nothing */
    double height;
};

struct _WeftCanvas {
    WeftPlot parent_instance;
    GHashTable *kept; /* lane -> struct kept_lane */
    guint refining;   /* the scene is coarse: the next frame shows more; 0: it is not */
    struct weft_raster *raster;
    GskRenderNode *still; /* NULL: it changed */
    guint still_timer;
};
G_DEFINE_FINAL_TYPE(WeftCanvas, weft_canvas, WEFT_TYPE_PLOT)

static void kept_lane_free(gpointer data)
{
    struct kept_lane *kept = data;
    g_clear_pointer(&kept->node, gsk_render_node_unref);
    g_free(kept);
}

/* Whether no GPU draws. */
static gboolean software(WeftCanvas *canvas)
{
    GtkNative *native = gtk_widget_get_native(GTK_WIDGET(canvas));
    return native && GSK_IS_CAIRO_RENDERER(gtk_native_get_renderer(native));
}

static const struct kept_lane *lane_node(WeftCanvas *canvas, const struct weft_scene *scene,
                                         guint index)
{
    const struct weft_row *row = weft_scene_row(scene, index);
    /* A loop's dispatch lane and its ready queue are lanes of their own: one node a lane. */
    gpointer key = GUINT_TO_POINTER(row->lane);
    struct kept_lane *kept = g_hash_table_lookup(canvas->kept, key);
    if (kept && kept->height == row->height)
        return kept;
    kept = g_new(struct kept_lane, 1);
    kept->height = row->height;
    GtkSnapshot *snapshot = gtk_snapshot_new();
    weft_render_lane(weft_plot_render(WEFT_PLOT(canvas)), snapshot, scene, index);
    kept->node = gtk_snapshot_free_to_node(snapshot);
    g_hash_table_replace(canvas->kept, key, kept);
    return kept;
}

static gboolean refine(GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
    (void)clock, (void)data;
    WEFT_CANVAS(widget)->refining = 0;
    WeftSession *session = weft_plot_session(WEFT_PLOT(widget));
    if (session)
        weft_session_refine(session);
    return G_SOURCE_REMOVE;
}

static void draw_lanes(WeftCanvas *canvas, GtkSnapshot *into, struct weft_render *render,
                       const struct weft_scene *scene)
{
    weft_render_backdrop(render, into, scene);
    for (guint i = scene->first; i < scene->first + scene->n_visible; i++) {
        const struct kept_lane *kept = lane_node(canvas, scene, i);
        if (!kept->node)
            continue;
        gtk_snapshot_save(into);
        gtk_snapshot_translate(into, &GRAPHENE_POINT_INIT(0, (float)weft_scene_y(scene, i)));
        gtk_snapshot_append_node(into, kept->node);
        gtk_snapshot_restore(into);
    }
    weft_render_losses(render, into, scene);
}

/* All of it as pixels of the device. */
static void keep_still(WeftCanvas *canvas, struct weft_render *render,
                       const struct weft_scene *scene)
{
    GtkWidget *widget = GTK_WIDGET(canvas);
    GtkSnapshot *snapshot = gtk_snapshot_new();
    draw_lanes(canvas, snapshot, render, scene);
    g_autoptr(GskRenderNode) lanes = gtk_snapshot_free_to_node(snapshot);
    if (lanes)
        canvas->still = weft_raster_draw(canvas->raster, lanes, gtk_widget_get_width(widget),
                                         gtk_widget_get_height(widget),
                                         gtk_widget_get_scale_factor(widget));
}

static gboolean rested(gpointer data)
{
    WeftCanvas *canvas = data;
    WeftSession *session = weft_plot_session(WEFT_PLOT(canvas));
    struct weft_render *render = weft_plot_render(WEFT_PLOT(canvas));
    canvas->still_timer = 0;
    if (session && render && gtk_widget_get_width(GTK_WIDGET(canvas)) > 0) {
        const struct weft_scene *scene = weft_session_scene(session);
        weft_render_begin(render, scene);
        keep_still(canvas, render, scene);
    }
    gtk_widget_queue_draw(GTK_WIDGET(canvas));
    return G_SOURCE_REMOVE;
}

static void move_on(WeftCanvas *canvas)
{
    g_clear_handle_id(&canvas->still_timer, g_source_remove);
    g_clear_pointer(&canvas->still, gsk_render_node_unref);
}

static void draw(WeftPlot *plot, GtkSnapshot *into, struct weft_render *render,
                 const struct weft_scene *scene)
{
    WeftCanvas *canvas = WEFT_CANVAS(plot);
    if (scene->coarse && !scene->fetched && !canvas->refining)
        canvas->refining = gtk_widget_add_tick_callback(GTK_WIDGET(plot), refine, NULL, NULL);
    if (!canvas->still && software(canvas))
        keep_still(canvas, render, scene);
    if (canvas->still) {
        gtk_snapshot_append_node(into, canvas->still);
        return;
    }
    draw_lanes(canvas, into, render, scene);
    if (!scene->coarse && !canvas->still_timer)
        canvas->still_timer = g_timeout_add(STILL_MS, rested, canvas);
}

static void forget(WeftPlot *plot)
{
    g_hash_table_remove_all(WEFT_CANVAS(plot)->kept);
    move_on(WEFT_CANVAS(plot));
}

static void changed(WeftPlot *plot, guint what)
{
    if (what &
        (WEFT_CHANGE_MODEL | WEFT_CHANGE_VISIBLE | WEFT_CHANGE_SELECTION | WEFT_CHANGE_EXACT))
        forget(plot);
    if (what & WEFT_PLOT_GET_CLASS(plot)->redraw_on)
        move_on(WEFT_CANVAS(plot));
}

static void dispose(GObject *object)
{
    move_on(WEFT_CANVAS(object));
    G_OBJECT_CLASS(weft_canvas_parent_class)->dispose(object);
}

static void finalize(GObject *object)
{
    g_hash_table_unref(WEFT_CANVAS(object)->kept);
    weft_raster_free(WEFT_CANVAS(object)->raster);
    G_OBJECT_CLASS(weft_canvas_parent_class)->finalize(object);
}

static void weft_canvas_class_init(WeftCanvasClass *class)
{
    G_OBJECT_CLASS(class)->dispose = dispose;
    G_OBJECT_CLASS(class)->finalize = finalize;
    gtk_widget_class_set_css_name(GTK_WIDGET_CLASS(class), "canvas");
    gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(class), GTK_ACCESSIBLE_ROLE_PRESENTATION);
    WEFT_PLOT_CLASS(class)->draw = draw;
    WEFT_PLOT_CLASS(class)->changed = changed;
    WEFT_PLOT_CLASS(class)->forget = forget;
    WEFT_PLOT_CLASS(class)->redraw_on = WEFT_CHANGE_MODEL | WEFT_CHANGE_VISIBLE | WEFT_CHANGE_ROWS |
                                        WEFT_CHANGE_SELECTION | WEFT_CHANGE_STATUS |
                                        WEFT_CHANGE_EXACT;
}

static void weft_canvas_init(WeftCanvas *canvas)
{
    canvas->kept = g_hash_table_new_full(NULL, NULL, NULL, kept_lane_free);
    canvas->raster = weft_raster_new();
}
