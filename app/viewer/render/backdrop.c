/* backdrop.c: what lies under the lanes, and the losses over them. See render.h. */
#include "app/viewer/render/draw.h"
#include <math.h>

double weft_phase(const struct weft_scene *scene)
{
    const struct weft_viewport *viewport = &scene->view.viewport;
    return round(fmod(-(double)viewport->from_ns / viewport->ns_per_px, 12 * 36));
}

void weft_span(const struct weft_scene *scene, gint64 from_ns, gint64 to_ns, double *x0, double *x1)
{
    const struct weft_viewport *viewport = &scene->view.viewport;
    double far = 20000;
    *x0 = CLAMP(round(weft_viewport_x(viewport, from_ns)), -far, far);
    *x1 = CLAMP(round(weft_viewport_x(viewport, to_ns)), -far, far);
}

/* From the top of a loop's first row to the bottom of its last, in the window. */
static gboolean loop_extent(const struct weft_scene *scene, guint loop_row, double *top,
                            double *bottom)
{
    gboolean any = FALSE;
    for (guint i = 0; i < scene->n_visible; i++) {
        guint row = scene->first + i;
        const struct weft_row *what = weft_scene_row(scene, row);
        if (what->loop != loop_row || (loop_row == WEFT_NO_LANE && weft_is_track_lane(what->lane)))
            continue;
        if (!any)
            *top = weft_scene_y(scene, row);
        *bottom = weft_scene_y(scene, row) + weft_scene_row(scene, row)->height;
        any = TRUE;
    }
    return any;
}

static void draw_grid(struct weft_render *render, GtkSnapshot *snapshot,
                      const struct weft_scene *scene, double bottom)
{
    gint64 tick, step = weft_ruler_step(scene, &tick);
    const struct weft_viewport *viewport = &scene->view.viewport;
    for (; tick <= weft_viewport_to_ns(viewport); tick += step)
        weft_fill(render, snapshot, WEFT_ROLE_GRID, 1, round(weft_viewport_x(viewport, tick)), 0, 1,
                  bottom);
}

/* Seen closer than that, time has no more to show: a line for each nanosecond, which is the clock's
 * resolution. */
static void draw_clock(struct weft_render *render, GtkSnapshot *snapshot,
                       const struct weft_scene *scene, double bottom)
{
    const struct weft_viewport *viewport = &scene->view.viewport;
    if (viewport->ns_per_px * WEFT_CLOCK_MIN > 1)
        return;
    for (gint64 ns = viewport->from_ns; ns <= weft_viewport_to_ns(viewport); ns++)
        weft_fill(render, snapshot, WEFT_ROLE_GRID, 0.6f, round(weft_viewport_x(viewport, ns)), 0,
                  1, bottom);
}

static void draw_rows(struct weft_render *render, GtkSnapshot *snapshot,
                      const struct weft_scene *scene)
{
    double width = scene->view.viewport.width;
    for (guint i = 0; i < scene->n_visible; i++) {
        const struct weft_row *row = weft_scene_row(scene, scene->first + i);
        double y = weft_scene_y(scene, scene->first + i);
        if (row->lane == scene->view.selected_lane || row->lane == scene->view.selected_track)
            weft_fill(render, snapshot, WEFT_ROLE_ACCENT, 0.08f, 0, y, width, row->height);
        if (row->height >= WEFT_LANE_HEIGHT_LINE)
            weft_fill(render, snapshot, WEFT_ROLE_LINE, 1, 0, y + row->height - 1, width, 1);
    }
}

static void draw_veils(struct weft_render *render, GtkSnapshot *snapshot,
                       const struct weft_scene *scene)
{
    for (guint i = 0; i < scene->blocked->len; i++) {
        const struct weft_blocked *blocked = &g_array_index(scene->blocked, struct weft_blocked, i);
        double x0, x1, top, bottom;
        weft_span(scene, blocked->from_ns, blocked->to_ns, &x0, &x1);
        if (!loop_extent(scene, blocked->row, &top, &bottom))
            continue;
        const struct weft_row *loop = weft_scene_row(scene, blocked->row);
        if (weft_scene_visible(scene, blocked->row)) /* not over the slice itself */
            top += loop->height;
        weft_fill(render, snapshot, WEFT_ROLE_ERROR, 0.05f, x0, top, x1 - x0, bottom - top);
    }
}

/* What to say where there is little to see; NULL: there is enough. */
static char *emptiness(const struct weft_scene *scene)
{
    const struct weft_view *view = &scene->view;
    gboolean tasks = FALSE, handles = FALSE;
    for (guint i = 0; i < scene->rows->len && !tasks; i++) {
        const struct weft_row *row = weft_scene_row(scene, i);
        tasks |= row->kind == WEFT_ROW_TASK || row->kind == WEFT_ROW_CROWD ||
                 (row->kind == WEFT_ROW_LOOP && row->folded);
        handles |= row->kind == WEFT_ROW_HANDLE;
    }
    if (weft_viewport_to_ns(&view->viewport) < 0 || view->viewport.from_ns > scene->end_ns)
        return g_strdup("Nothing happened in this range");
    if (weft_scene_idle(scene)) /* handles, and callbacks of the loop, may be busy */
        return g_strdup(view->filter && *view->filter ? "No task that was found lives in this range"
                                                      : "No task lives in this range");
    if (tasks || scene->rows_late)
        return NULL;
    if (view->filter && *view->filter)
        return g_strdup_printf("No task here is named like “%s”", view->filter);
    return g_strdup(handles ? "No tasks in this trace: handles are shown"
                            : "No tasks in this trace");
}

static void draw_emptiness(struct weft_render *render, GtkSnapshot *snapshot,
                           const struct weft_scene *scene, double bottom)
{
    const struct weft_viewport *viewport = &scene->view.viewport;
    g_autofree char *text = emptiness(scene);
    if (!text)
        return;
    struct weft_label *label = weft_text_cut(render, WEFT_STYLE_HEADER, text,
                                             MAX(viewport->width - 24, 24));
    double y = MIN(bottom + 36, viewport->height - label->height - 12);
    weft_text_draw(render, snapshot, label, WEFT_ROLE_DIM,
                   floor((viewport->width - label->width) / 2), MAX(y, 12));
}

void weft_render_backdrop(struct weft_render *render, GtkSnapshot *snapshot,
                          const struct weft_scene *scene)
{
    const struct weft_viewport *viewport = &scene->view.viewport;
    double bottom = MIN(scene->content_height - viewport->scroll_y, viewport->height);
    weft_fill(render, snapshot, WEFT_ROLE_CANVAS, 1, 0, 0, viewport->width, viewport->height);
    draw_clock(render, snapshot, scene, bottom);
    draw_grid(render, snapshot, scene, bottom);
    draw_rows(render, snapshot, scene);
    draw_veils(render, snapshot, scene);
    draw_emptiness(render, snapshot, scene, bottom);
    if (scene->view.end_signal) {
        double x = round(weft_viewport_x(viewport, scene->end_ns));
        if (x >= 0 && x <= viewport->width)
            weft_fill(render, snapshot, WEFT_ROLE_ERROR, 1, x, 0, 3, bottom);
    }
}

/* ---- Losses ---- */

static guint loop_of_ring(const struct weft_scene *scene, guint32 ring)
{
    for (guint i = 0; i < scene->rows->len; i++) {
        const struct weft_row *row = weft_scene_row(scene, i);
        if (row->kind == WEFT_ROW_LOOP && weft_model_lane(scene->model, row->lane)->ring == ring)
            return i;
    }
    return WEFT_NO_LANE;
}

/* Moves words that run upward from *foot up (way < 0) or down until they lie on no tag; FALSE: not
 * between top and bottom. */
static gboolean clear_of_tags(const struct weft_render *render, double x, double width,
                              double length, double top, double bottom, int way, double *foot)
{
    while (*foot - length >= top && *foot <= bottom) {
        graphene_rect_t box = GRAPHENE_RECT_INIT((float)x, (float)(*foot - length), (float)width,
                                                 (float)length);
        const graphene_rect_t *tag = weft_render_tag_at(render, &box);
        if (!tag)
            return TRUE;
        double above = (double)tag->origin.y, below = above + (double)tag->size.height;
        *foot = way < 0 ? above - WEFT_METRIC_PAD : below + WEFT_METRIC_PAD + length;
    }
    return FALSE;
}

/* How many are lost, in words that run upward: in the middle, or as near to it as tags allow. */
static void loss_words(struct weft_render *render, GtkSnapshot *snapshot, gint64 slots, double x0,
                       double x1, double top, double bottom)
{
    g_autofree char *number = weft_text_count((guint64)slots);
    g_autofree char *text = g_strdup_printf("%s events lost", number);
    struct weft_label *label = weft_text(render, WEFT_STYLE_SMALL_STRONG, text);
    double height = label->height + 2, width = label->width + 8;
    if (x1 - x0 < height || bottom - top < width + 8)
        return;
    double x = floor((x0 + x1 - height) / 2), y = floor(bottom - (bottom - top - width) / 2);
    y = MAX(MIN(y, bottom - 24), top + width);
    double up = y, down = y;
    gboolean goes_up = clear_of_tags(render, x, height, width, top, bottom, -1, &up);
    gboolean goes_down = clear_of_tags(render, x, height, width, top, bottom, 1, &down);
    if (!goes_up && !goes_down)
        return;
    y = !goes_down || (goes_up && y - up <= down - y) ? up : down;
    weft_round(render, snapshot, WEFT_ROLE_CANVAS, 0.88f, x, y - width, height, width, 4);
    gtk_snapshot_save(snapshot);
    gtk_snapshot_translate(snapshot, &GRAPHENE_POINT_INIT((float)x, (float)y));
    gtk_snapshot_rotate(snapshot, -90);
    weft_text_draw(render, snapshot, label, WEFT_ROLE_TEXT, 4, 1);
    gtk_snapshot_restore(snapshot);
}

void weft_render_losses(struct weft_render *render, GtkSnapshot *snapshot,
                        const struct weft_scene *scene)
{
    const struct weft_viewport *viewport = &scene->view.viewport;
    guint n;
    const struct weft_loss *losses = weft_model_losses(scene->model, &n);
    double last = -1;
    for (guint i = 0; i < n; i++) {
        double x0, x1, top, bottom;
        weft_span(scene, losses[i].from_ns, losses[i].to_ns, &x0, &x1);
        x1 = MAX(x1, x0 + 3); /* never too narrow to be seen */
        if (x1 < 0 || x0 > viewport->width || x1 <= last)
            continue;
        guint loop = loop_of_ring(scene, losses[i].ring);
        if (!loop_extent(scene, loop, &top, &bottom))
            continue;
        last = x1;
        weft_pattern(render, snapshot, WEFT_TILE_UNKNOWN, x0, top, x1 - x0, bottom - top,
                     weft_phase(scene));
        loss_words(render, snapshot, losses[i].slots, MAX(x0, 0), MIN(x1, viewport->width),
                   MAX(top, 0), MIN(bottom, viewport->height));
    }
}
