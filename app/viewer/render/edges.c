/* edges.c: the selection's edges as elbow connectors. See render.h.
 *
 *        fetch-1  ======[]        source: a dot on the lane's edge
 *                        |
 *                        +----+   an elbow just outside the target's lane
 *        fetch-2  ............v   target: a head on its box
 *
 * An end outside the window becomes a named chevron at the border, on the elbow's way there; one
 * that has no row of its own, a chevron at the row that hides it: its folded parent's, its crowd's.
 */
#include "app/viewer/render/edges.h"

#include "app/viewer/render/rows.h"
#include <math.h>

enum { HEAD = 8, DOT = 7, ELBOW = 5, MARGIN = 6, STUB = 14 };
enum { INTO = 3 }; /* between a box's edge and its words */

static const char *wake_subject(guint cause)
{
    static const char *const subjects[] = {
        [WEFT_WAKE_TIMER] = "timer",     [WEFT_WAKE_IO] = "I/O",
        [WEFT_WAKE_THREAD] = "thread",   [WEFT_WAKE_CANCEL] = "cancel",
        [WEFT_WAKE_TIMEOUT] = "timeout", [WEFT_WAKE_SIGNAL] = "signal",
    };
    return cause < G_N_ELEMENTS(subjects) ? subjects[cause] : NULL;
}

/* "fetch-1", "lock "cache"". */
static char *name_of(const struct weft_scene *scene, guint lane, uint64_t id)
{
    struct weft_track track;
    return lane != G_MAXUINT32 && weft_is_track_lane(lane) &&
                   weft_tracks_get(scene->view.tracks, lane - WEFT_TRACK_LANE, &track)
               ? weft_scene_track_name(scene->model, &track)
               : weft_model_name(scene->model, id);
}

static char *words(const struct weft_scene *scene, const struct weft_edge *edge)
{
    g_autofree char *from = name_of(scene, edge->from_lane, edge->from);
    g_autofree char *to = name_of(scene, edge->to_lane, edge->to);
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

char *weft_edge_words(const struct weft_scene *scene, const struct weft_edge *edge,
                      const struct weft_edge_path *path)
{
    char *text = words(scene, edge);
    if (!path->outside)
        return text;
    char *named = path->chevron == '<' ? g_strdup_printf("‹ %s", text)
                                       : g_strdup_printf("%s ›", text);
    g_free(text);
    return named;
}

/* ---- Places ---- */

struct place {
    guint row;          /* its own, or that which hides it; WEFT_NO_LANE: the filter does */
    gboolean own;       /* it is its own */
    gboolean seen;      /* it is in the window; else top and bottom are the border it lies beyond */
    double top, bottom; /* of what is drawn in it */
};

/* The row of a lane that has none: its crowd's, or that of the nearest ancestor who has one. */
static guint hiding_row(const struct weft_scene *scene, guint lane)
{
    const weft_crowd *crowd = scene->made->crowd;
    guint row = WEFT_NO_LANE, n;
    if (!weft_is_model_lane(lane))
        return row;
    guint in = crowd ? weft_crowd_row_of(crowd, lane) : G_MAXUINT32;
    if (in != G_MAXUINT32)
        return weft_scene_row_of(scene, WEFT_CROWD_LANE + weft_crowd_lanes(crowd, in, &n)[0]);
    while (row == WEFT_NO_LANE && lane != G_MAXUINT32) {
        lane = weft_model_lane(scene->model, lane)->parent;
        row = lane == G_MAXUINT32 ? row : weft_scene_row_of(scene, lane);
    }
    return row;
}

static struct place place_of(const struct weft_scene *scene, guint lane, gboolean below)
{
    double height = scene->view.viewport.height, top, base;
    struct place place = { .row = weft_scene_row_of(scene, lane) };
    place.own = place.row != WEFT_NO_LANE;
    if (!place.own)
        place.row = hiding_row(scene, lane);
    if (place.row == WEFT_NO_LANE) {
        place.top = place.bottom = below ? height : 0;
        return place;
    }
    double y = weft_scene_y(scene, place.row);
    weft_row_box(weft_scene_row(scene, place.row), scene->view.text_scale, &top, &base);
    place.top = CLAMP(y + top, 0, height);
    place.bottom = CLAMP(y + base, 0, height);
    place.seen = y + base > 0 && y + top < height;
    return place;
}

/* Whether `to` is drawn below `from`; what is hidden in the other's row is, too. */
static gboolean lies_below(const struct place *from, const struct place *to,
                           const struct weft_edge *edge)
{
    if (from->row == WEFT_NO_LANE || to->row == WEFT_NO_LANE)
        return edge->to_lane > edge->from_lane;
    return to->row > from->row || (to->row == from->row && from->own);
}

/* A wait lasts: what is awaited is shown a little after its beginning, beside the slice before it;
 * where that is out of the window, at the border. */
static double place_in_time(const struct weft_scene *scene, const struct weft_edge *edge, gint64 ns)
{
    double x = weft_viewport_x(&scene->view.viewport, ns);
    if (edge->kind == WEFT_EDGE_AWAIT && scene->selected_known) {
        double end = weft_viewport_x(&scene->view.viewport, scene->selected.to_ns);
        x = end > 0 ? MAX(x, 0) : x;
        x += CLAMP((end - x) / 2, 0, INTO);
    }
    return round(x);
}

/* Which of its ends is not in its place, and where it is instead. */
static void find_chevron(const struct weft_scene *scene, const struct place *from,
                         const struct place *to, double x0, double x1, struct weft_edge_path *path)
{
    double width = scene->view.viewport.width;
    path->chevron_at_source = !from->seen || !from->own || x0 < 0 || x0 > width;
    if (path->chevron_at_source)
        path->chevron = x0 < 0 ? '<' : x0 > width ? '>' : path->down ? '^' : 'v';
    else if (!to->seen || !to->own || x1 < 0 || x1 > width)
        path->chevron = x1 < 0 ? '<' : x1 > width ? '>' : path->down ? 'v' : '^';
    path->outside = (x0 < 0 && x1 < 0) || (x0 > width && x1 > width);
}

gboolean weft_edge_path(const struct weft_scene *scene, const struct weft_edge *edge,
                        struct weft_edge_path *path)
{
    const struct weft_viewport *viewport = &scene->view.viewport;
    if (edge->from_lane == G_MAXUINT32 || edge->to_lane == G_MAXUINT32 ||
        edge->from_lane == edge->to_lane)
        return FALSE;
    struct place from = place_of(scene, edge->from_lane, edge->from_lane > edge->to_lane);
    struct place to = place_of(scene, edge->to_lane, edge->to_lane > edge->from_lane);
    if ((!from.own && !to.own) || (!from.seen && !to.seen))
        return FALSE;
    double x0 = place_in_time(scene, edge, edge->from_ns);
    double x1 = place_in_time(scene, edge, edge->to_ns);
    *path = (struct weft_edge_path){
        .down = lies_below(&from, &to, edge),
        .x0 = CLAMP(x0, MARGIN, viewport->width - MARGIN),
        .x1 = CLAMP(x1, MARGIN, viewport->width - MARGIN),
    };
    path->y0 = path->down ? from.bottom : from.top;
    path->y1 = path->down ? to.top : to.bottom;
    if (from.row == to.row) /* out of the row that hides it, or into it */
        *(from.own ? &path->y1 : &path->y0) = from.bottom + STUB;
    find_chevron(scene, &from, &to, x0, x1, path);
    return TRUE;
}

/* ---- Drawing ---- */

static gboolean is_straight(const struct weft_edge_path *path)
{
    return fabs(path->x1 - path->x0) < 1.5;
}

static double elbow_of(const struct weft_edge_path *path)
{
    return path->y1 - (path->down ? 1 : -1) * (HEAD + ELBOW);
}

void weft_edge_uprights(const struct weft_edge_path *path, graphene_rect_t uprights[2])
{
    double bend = is_straight(path) ? path->y1 : elbow_of(path);
    double x = is_straight(path) ? path->x1 : path->x0;
    uprights[0] = GRAPHENE_RECT_INIT((float)x - 1, (float)MIN(path->y0, bend), 2,
                                     (float)fabs(bend - path->y0));
    uprights[1] = GRAPHENE_RECT_INIT((float)path->x1 - 1, (float)MIN(path->y1, bend), 2,
                                     (float)fabs(path->y1 - bend));
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
    if (is_straight(path)) {
        line(render, snapshot, role, dashed, thick, path->x1, path->y0,
             path->y1 - into * (head - 1) - path->y0, TRUE);
    } else {
        double elbow = elbow_of(path);
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
