/* canvas.c: draws the backdrop, each lane, the losses.
 *
 *     nodes: lane -> what it draws, kept while the visible range, the model and the selection stay:
 *     scrolling, folding and hovering draw no lane anew.
 */
#include "app/viewer/timeline/canvas.h"

struct kept_lane {
    GskRenderNode *node; /* NULL: it draws nothing */
    double height;
};

struct _WeftCanvas {
    WeftPlot parent_instance;
    GHashTable *kept; /* lane -> struct kept_lane */
    guint refining;   /* the scene is coarse: the next frame shows more; 0: it is not */
};
G_DEFINE_FINAL_TYPE(WeftCanvas, weft_canvas, WEFT_TYPE_PLOT)

static void kept_lane_free(gpointer data)
{
    struct kept_lane *kept = data;
    g_clear_pointer(&kept->node, gsk_render_node_unref);
    g_free(kept);
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

static void draw(WeftPlot *plot, GtkSnapshot *into, struct weft_render *render,
                 const struct weft_scene *scene)
{
    WeftCanvas *canvas = WEFT_CANVAS(plot);
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
    if (scene->coarse && !canvas->refining)
        canvas->refining = gtk_widget_add_tick_callback(GTK_WIDGET(plot), refine, NULL, NULL);
}

static void forget(WeftPlot *plot)
{
    g_hash_table_remove_all(WEFT_CANVAS(plot)->kept);
}

static void changed(WeftPlot *plot, guint what)
{
    if (what & (WEFT_CHANGE_MODEL | WEFT_CHANGE_VISIBLE | WEFT_CHANGE_SELECTION))
        forget(plot);
}

static void finalize(GObject *object)
{
    g_hash_table_unref(WEFT_CANVAS(object)->kept);
    G_OBJECT_CLASS(weft_canvas_parent_class)->finalize(object);
}

static void weft_canvas_class_init(WeftCanvasClass *class)
{
    G_OBJECT_CLASS(class)->finalize = finalize;
    gtk_widget_class_set_css_name(GTK_WIDGET_CLASS(class), "canvas");
    gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(class), GTK_ACCESSIBLE_ROLE_PRESENTATION);
    WEFT_PLOT_CLASS(class)->draw = draw;
    WEFT_PLOT_CLASS(class)->changed = changed;
    WEFT_PLOT_CLASS(class)->forget = forget;
    WEFT_PLOT_CLASS(class)->redraw_on = WEFT_CHANGE_MODEL | WEFT_CHANGE_VISIBLE | WEFT_CHANGE_ROWS |
                                        WEFT_CHANGE_SELECTION | WEFT_CHANGE_STATUS;
}

static void weft_canvas_init(WeftCanvas *canvas)
{
    canvas->kept = g_hash_table_new_full(NULL, NULL, NULL, kept_lane_free);
}
