/* minimap.c: the whole trace in one strip: how busy the loops were, what was lost, where findings
 * are, and the handle of the visible window. See render.h. */
#include "app/viewer/render/draw.h"
#include <math.h>

enum {
    COLUMN = 3,
    COLUMN_INK = 2,
    BUSY_LEAST = 4, /* however short: it is seen that something ran */
    TOP = 16,
    DROP = 5,
    GRIP_HEIGHT = 18,
    STRIPE = 4,
    MARK = 8,
    MARK_TOP = 7
};

/* A loop that ran a ten-thousandth of the time is the rule, and where it ran is asked: columns are
 * as high as the root of their share of the busiest one's. */
static double column_height(float busy, float busiest, double room)
{
    return busy > 0 ? MAX(round(room * sqrt((double)(busy / busiest))), BUSY_LEAST) : 1;
}

/* The columns change only with the model and the strip's size: one node, kept. */
static void make_density(struct weft_render *render, const struct weft_scene *scene, double width,
                         double height)
{
    double left = weft_minimap_x(scene, width, scene->begin_ns);
    gint64 end = MAX(scene->end_ns, scene->begin_ns + 1);
    double right = weft_minimap_x(scene, width, end);
    guint n = (guint)MAX((right - left) / COLUMN, 1);
    g_autofree float *busy = g_new0(float, n);
    g_autofree gboolean *lost = g_new0(gboolean, n);
    g_autofree graphene_rect_t *columns = g_new(graphene_rect_t, n);
    guint n_columns = 0;
    GtkSnapshot *snapshot = gtk_snapshot_new();
    double base = height - DROP, room = base - TOP;
    float busiest = 0;
    weft_model_density(scene->model, scene->begin_ns, end, n, busy, lost);
    for (guint i = 0; i < n; i++)
        busiest = MAX(busiest, busy[i]);
    for (guint i = 0; i < n; i++) {
        double x = round(left + i * (double)COLUMN), tall = column_height(busy[i], busiest, room);
        if (!lost[i])
            columns[n_columns++] = GRAPHENE_RECT_INIT((float)x, (float)(base - tall), COLUMN_INK,
                                                      (float)tall);
    }
    weft_fill_many(render, snapshot, WEFT_ROLE_RUNNING, 0.75f, columns, n_columns, width, height);
    for (guint i = 0; i < n; i++) {
        guint from = i;
        while (i < n && lost[i])
            i++;
        if (i > from)
            weft_pattern(render, snapshot, WEFT_TILE_UNKNOWN, round(left + from * (double)COLUMN),
                         TOP, MAX((i - from) * COLUMN, 6), room, 0);
    }
    g_clear_pointer(&render->density, gsk_render_node_unref);
    render->density = gtk_snapshot_free_to_node(snapshot);
    render->density_events = weft_model_events(scene->model);
    render->density_end_ns = scene->end_ns;
    render->density_whole_ns = scene->whole_ns;
    render->density_width = width;
    render->density_height = height;
}

/* What has not been read yet. */
static void draw_unread(struct weft_render *render, GtkSnapshot *snapshot,
                        const struct weft_scene *scene, double width, double height)
{
    double from = round(weft_minimap_x(scene, width, scene->end_ns));
    double to = round(weft_minimap_x(scene, width, scene->whole_ns));
    for (double x = from; x < to; x += 2 * STRIPE)
        weft_fill(render, snapshot, WEFT_ROLE_LINE, 1, x, TOP, MIN(STRIPE, to - x),
                  height - DROP - TOP);
}

static void draw_circle(struct weft_render *render, GtkSnapshot *snapshot, enum weft_role role,
                        double x, double y)
{
    weft_round(render, snapshot, role, 1, x - MARK / 2, y, MARK, MARK, MARK / 2.0f);
}

/* Findings, each in its severity's shape; the gravest last, so that it is seen where they crowd. */
static void draw_marks(struct weft_render *render, GtkSnapshot *snapshot,
                       const struct weft_scene *scene, double width)
{
    const struct weft_view *view = &scene->view;
    for (guint severity = WEFT_SEVERITY_HINT; severity <= WEFT_SEVERITY_ERROR; severity++) {
        GHashTable *taken = g_hash_table_new(NULL, NULL); /* a px is drawn once */
        for (guint i = 0; i < view->n_marks; i++) {
            double x = round(weft_minimap_x(scene, width, view->marks[i].ns));
            if (view->marks[i].severity != severity ||
                !g_hash_table_add(taken, GINT_TO_POINTER((int)x)))
                continue;
            if (severity == WEFT_SEVERITY_ERROR)
                weft_fill(render, snapshot, WEFT_ROLE_ERROR, 1, x - MARK / 2, MARK_TOP, MARK, MARK);
            else if (severity == WEFT_SEVERITY_WARNING)
                weft_triangle(render, snapshot, WEFT_ROLE_WARNING, x, MARK_TOP, MARK, '^');
            else
                draw_circle(render, snapshot, WEFT_ROLE_HINT, x, MARK_TOP);
        }
        g_hash_table_unref(taken);
    }
}

static void draw_handle(struct weft_render *render, GtkSnapshot *snapshot, double from, double to,
                        double height)
{
    weft_frame(render, snapshot, WEFT_ROLE_ACCENT, 1, from, 3, to - from, height - 6, 2, 5);
    for (int side = 0; side < 2; side++) {
        double x = round((side ? to : from) - WEFT_MINIMAP_GRIP / 2.0 + (side ? -1 : 1));
        double y = floor((height - GRIP_HEIGHT) / 2);
        weft_round(render, snapshot, WEFT_ROLE_ACCENT, 1, x, y, WEFT_MINIMAP_GRIP, GRIP_HEIGHT, 3);
        weft_fill(render, snapshot, WEFT_ROLE_ON_ACCENT, 0.85f, x + WEFT_MINIMAP_GRIP / 2.0 - 1,
                  y + 5, 2, GRIP_HEIGHT - 10);
    }
}

void weft_render_minimap(struct weft_render *render, GtkSnapshot *snapshot,
                         const struct weft_scene *scene, double width, double height)
{
    double from, to;
    weft_minimap_window(scene, width, &from, &to);
    weft_fill(render, snapshot, WEFT_ROLE_SIDEBAR, 1, 0, 0, width, height);
    if (!render->density || render->density_events != weft_model_events(scene->model) ||
        render->density_end_ns != scene->end_ns || render->density_whole_ns != scene->whole_ns ||
        render->density_width != width || render->density_height != height || render->log)
        make_density(render, scene, width, height);
    if (render->density)
        gtk_snapshot_append_node(snapshot, render->density);
    draw_unread(render, snapshot, scene, width, height);
    weft_fill(render, snapshot, WEFT_ROLE_SIDEBAR, 0.62f, 0, 0, from, height - 1);
    weft_fill(render, snapshot, WEFT_ROLE_SIDEBAR, 0.62f, to, 0, width - to, height - 1);
    if (scene->view.playhead_ns != WEFT_NO_TIME) {
        double x = round(weft_minimap_x(scene, width, scene->view.playhead_ns));
        weft_fill(render, snapshot, WEFT_ROLE_TEXT, 1, x, 5, 1, height - 10);
    }
    draw_handle(render, snapshot, from, to, height);
    draw_marks(render, snapshot, scene, width);
    weft_fill(render, snapshot, WEFT_ROLE_LINE, 1, 0, height - 1, width, 1);
}
