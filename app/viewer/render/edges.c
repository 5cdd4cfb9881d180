/* edges.c: the selection's edges as elbow connectors. See render.h.
 *
 *        fetch-1  ======[]        source: a dot on the lane's edge
 *                        |
 *                        +----+   an elbow just outside the target's lane
 *        fetch-2  ............v   target: a head on its box
 *
 * An end outside the window becomes a named chevron at the border, on the elbow's way there. */
#include "app/viewer/render/edges.h"
#include <math.h>

enum { HEAD = 8, DOT = 7, ELBOW = 5, MARGIN = 6 };

static const char *wake_subject(guint cause)
{
    static const char *const subjects[] = {
        [WEFT_WAKE_TIMER] = "timer",     [WEFT_WAKE_IO] = "I/O",
        [WEFT_WAKE_THREAD] = "thread",   [WEFT_WAKE_CANCEL] = "cancel",
        [WEFT_WAKE_TIMEOUT] = "timeout", [WEFT_WAKE_SIGNAL] = "signal",
    };
    return cause < G_N_ELEMENTS(subjects) ? subjects[cause] : NULL;
}

static char *words(weft_model *model, const struct weft_edge *edge)
{
    g_autofree char *from = weft_model_name(model, edge->from);
    g_autofree char *to = weft_model_name(model, edge->to);
    const char *subject;
    switch (edge->kind) {
    case WEFT_EDGE_WAKE:
        subject = wake_subject(edge->detail);
        return g_strdup_printf("%s wakes %s", subject ? subject : from, to);
    case WEFT_EDGE_AWAIT:
        return g_strdup_printf("%s awaits %s", from, to);
    case WEFT_EDGE_CANCEL:
        return g_strdup_printf("%s cancels %s", from, to);
    default:
        return g_strdup_printf("%s creates %s", from, to);
    }
}

char *weft_edge_words(weft_model *model, const struct weft_edge *edge,
                      const struct weft_edge_path *path)
{
    char *text = words(model, edge);
    if (!path->outside)
        return text;
    char *named = path->chevron == '<' ? g_strdup_printf("‹ %s", text)
                                       : g_strdup_printf("%s ›", text);
    g_free(text);
    return named;
}

/* A lane's place in the window: TRUE when it is seen; else y is the border it lies beyond. */
static gboolean lane_place(const struct weft_scene *scene, guint lane, double *top, double *bottom)
{
    guint row = lane == G_MAXUINT32 ? WEFT_NO_LANE : weft_scene_row_of(scene, lane);
    double height = scene->view.viewport.height;
    if (row == WEFT_NO_LANE) {
        *top = *bottom = 0;
        return FALSE;
    }
    double y = weft_scene_y(scene, row), box_top, box_base;
    weft_row_box(weft_scene_row(scene, row), scene->view.text_scale, &box_top, &box_base);
    *top = CLAMP(y + box_top, 0, height);
    *bottom = CLAMP(y + box_base, 0, height);
    return y + box_base > 0 && y + box_top < height;
}

gboolean weft_edge_path(const struct weft_scene *scene, const struct weft_edge *edge,
                        struct weft_edge_path *path)
{
    const struct weft_viewport *viewport = &scene->view.viewport;
    double from_top, from_bottom, to_top, to_bottom;
    if (edge->from_lane == G_MAXUINT32 || edge->to_lane == G_MAXUINT32 ||
        edge->from_lane == edge->to_lane)
        return FALSE;
    guint from_row = weft_scene_row_of(scene, edge->from_lane);
    guint to_row = weft_scene_row_of(scene, edge->to_lane);
    if (from_row == WEFT_NO_LANE || to_row == WEFT_NO_LANE)
        return FALSE;
    gboolean from_seen = lane_place(scene, edge->from_lane, &from_top, &from_bottom);
    gboolean to_seen = lane_place(scene, edge->to_lane, &to_top, &to_bottom);
    if (!from_seen && !to_seen)
        return FALSE;
    double x0 = round(weft_viewport_x(viewport, edge->from_ns));
    double x1 = round(weft_viewport_x(viewport, edge->to_ns));
    *path = (struct weft_edge_path){
        .down = to_row > from_row,
        .x0 = CLAMP(x0, MARGIN, viewport->width - MARGIN),
        .x1 = CLAMP(x1, MARGIN, viewport->width - MARGIN),
    };
    path->y0 = path->down ? from_bottom : from_top;
    path->y1 = path->down ? to_top : to_bottom;
    if (!from_seen || x0 < 0 || x0 > viewport->width)
        path->chevron = x0 < 0 ? '<' : x0 > viewport->width ? '>' : path->down ? '^' : 'v';
    path->chevron_at_source = path->chevron != 0;
    path->outside = (x0 < 0 && x1 < 0) || (x0 > viewport->width && x1 > viewport->width);
    if (!path->chevron && (!to_seen || x1 < 0 || x1 > viewport->width))
        path->chevron = x1 < 0 ? '<' : x1 > viewport->width ? '>' : path->down ? 'v' : '^';
    return TRUE;
}

static void line(struct weft_render *render, GtkSnapshot *snapshot, enum weft_role role,
                 gboolean dashed, double thick, double x, double y, double length,
                 gboolean vertical)
{
    if (length < 0) {
        *(vertical ? &y : &x) += length;
        length = -length;
    }
    double half = floor(thick / 2);
    if (dashed)
        weft_dashes(render, snapshot, role, vertical ? x - half : x, vertical ? y : y - half,
                    length, vertical, thick, 6, 4);
    else if (vertical)
        weft_fill(render, snapshot, role, 1, x - half, y, thick, length);
    else
        weft_fill(render, snapshot, role, 1, x - half, y - half, length + thick, thick);
}

void weft_edge_draw(struct weft_render *render, GtkSnapshot *snapshot, const struct weft_edge *edge,
                    const struct weft_edge_path *path)
{
    gboolean dashed = edge->kind == WEFT_EDGE_AWAIT, parent = edge->kind == WEFT_EDGE_PARENT;
    enum weft_role role = parent                           ? WEFT_ROLE_DIM
                          : edge->kind == WEFT_EDGE_CANCEL ? WEFT_ROLE_ERROR
                                                           : WEFT_ROLE_ACCENT;
    double thick = parent ? 1 : 2, into = path->down ? 1 : -1;
    double head = path->chevron && !path->chevron_at_source ? 0 : HEAD;
    if (path->outside)
        return;
    if (fabs(path->x1 - path->x0) < 1.5) {
        line(render, snapshot, role, dashed, thick, path->x1, path->y0,
             path->y1 - into * (head - 1) - path->y0, TRUE);
    } else {
        double elbow = path->y1 - into * (HEAD + ELBOW);
        line(render, snapshot, role, dashed, thick, path->x0, path->y0, elbow - path->y0, TRUE);
        line(render, snapshot, role, dashed, thick, path->x0, elbow, path->x1 - path->x0, FALSE);
        line(render, snapshot, role, dashed, thick, path->x1, elbow,
             path->y1 - into * (head - 1) - elbow, TRUE);
    }
    if (!parent && !path->chevron_at_source)
        weft_round(render, snapshot, role, 1, path->x0 - DOT / 2, path->y0 - DOT / 2, DOT, DOT,
                   DOT / 2.0f);
    if (head > 0)
        weft_triangle(render, snapshot, role, path->x1, path->y1, HEAD, path->down ? 'v' : '^');
    if (path->chevron)
        weft_triangle(render, snapshot, role, path->chevron_at_source ? path->x0 : path->x1,
                      path->chevron_at_source ? path->y0 : path->y1, HEAD, path->chevron);
}
