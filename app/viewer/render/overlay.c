/* overlay.c: what lies over the lanes: range, edges, rings, playhead, tags. See render.h.
 *
 * Tags and edges are placed before anything is drawn (weft_render_begin), so that the lanes' words
 * give way to them; a tag that would lie on another moves down, then up. */
#include "app/viewer/render/edges.h"
#include <math.h>

enum { TAG_PAD = 8, TAG_MORE = 6, RING = 3, TOUCH = 2 };

/* ---- Places ---- */

static gboolean meet(const graphene_rect_t *a, const graphene_rect_t *b)
{
    return graphene_rect_get_width(a) > 0 && graphene_rect_get_width(b) > 0 &&
           graphene_rect_intersection(a, b, NULL);
}

const graphene_rect_t *weft_render_tag_at(const struct weft_render *render,
                                          const graphene_rect_t *box)
{
    if (render->has_selection_tag && meet(&render->selection_tag.box, box))
        return &render->selection_tag.box;
    for (guint i = 0; i < G_N_ELEMENTS(render->edge_tags); i++)
        if (render->edge_tags[i].label && meet(&render->edge_tags[i].box, box))
            return &render->edge_tags[i].box;
    return NULL;
}

/* What words give way to there: a tag, or an edge that runs through; NULL: nothing. */
static const graphene_rect_t *obstacle_at(const struct weft_render *render,
                                          const graphene_rect_t *box)
{
    const graphene_rect_t *tag = weft_render_tag_at(render, box);
    for (guint i = 0; !tag && i < render->n_uprights; i++)
        if (meet(&render->uprights[i], box))
            return &render->uprights[i];
    return tag;
}

gboolean weft_render_find_place(const struct weft_render *render, double y, double height,
                                double width, double limit, double *x)
{
    for (;;) {
        graphene_rect_t box = GRAPHENE_RECT_INIT((float)*x - 2, (float)y, (float)width + 4,
                                                 (float)height);
        for (guint i = 0; i < render->losses->len; i++)
            if (meet(&g_array_index(render->losses, graphene_rect_t, i), &box))
                return FALSE;
        const graphene_rect_t *there = obstacle_at(render, &box);
        if (!there)
            return TRUE;
        *x = ceil((double)there->origin.x + there->size.width) + WEFT_METRIC_PAD;
        if (*x + width > limit)
            return FALSE;
    }
}

/* Where a lane's time is drawn: FALSE when its row is not in the window, or that time. */
static gboolean box_of(const struct weft_scene *scene, guint lane, gint64 from_ns, gint64 to_ns,
                       graphene_rect_t *box)
{
    guint row = weft_scene_row_of(scene, lane);
    double x0, x1, top, base;
    if (row == WEFT_NO_LANE || !weft_scene_visible(scene, row))
        return FALSE;
    weft_span(scene, from_ns, to_ns, &x0, &x1);
    weft_row_box(weft_scene_row(scene, row), scene->view.text_scale, &top, &base);
    x1 = MAX(x1, x0 + WEFT_METRIC_SLICE_MIN);
    x0 = MAX(x0, -2 * RING);
    x1 = MIN(x1, scene->view.viewport.width + 2 * RING);
    if (x1 <= -RING || x0 >= scene->view.viewport.width + RING)
        return FALSE;
    *box = GRAPHENE_RECT_INIT((float)x0, (float)(weft_scene_y(scene, row) + top), (float)(x1 - x0),
                              (float)(base - top));
    return TRUE;
}

/* Where the selected segment, or a track's selected step, is drawn. */
static gboolean selected_box(const struct weft_scene *scene, graphene_rect_t *box)
{
    if (scene->selected_step_known)
        return box_of(scene, scene->view.selected_track, scene->selected_step.from_ns,
                      scene->selected_step.to_ns, box);
    return scene->selected_known && box_of(scene, scene->view.selected_lane,
                                           scene->selected.from_ns, scene->selected.to_ns, box);
}

static char *step_text(const struct weft_scene *scene, guint lane,
                       const struct weft_track_step *step)
{
    return weft_scene_step_text(scene->model, scene->view.tracks, lane - WEFT_TRACK_LANE, step);
}

static char *selected_text(const struct weft_scene *scene)
{
    return scene->selected_step_known
               ? step_text(scene, scene->view.selected_track, &scene->selected_step)
               : weft_scene_segment_text(scene->model, scene->view.selected_lane, &scene->selected);
}

/* Whether a wait is so wide that its lane says all of it. */
static gboolean says_all(struct weft_render *render, const struct weft_scene *scene,
                         const graphene_rect_t *box, const char *text)
{
    guint row = weft_scene_row_of(scene, scene->view.selected_lane);
    double from = MAX((double)box->origin.x, 0);
    double to = MIN((double)(box->origin.x + box->size.width), scene->view.viewport.width);
    return !scene->selected_step_known && scene->selected.state == WEFT_SEGMENT_WAITING &&
           !(scene->selected.flags & WEFT_SEGMENT_MERGED) &&
           weft_scene_row(scene, row)->height / render->scale >= WEFT_LANE_HEIGHT_FULL &&
           weft_text(render, WEFT_STYLE_STRONG, text)->width + 2 * render->glyph <= to - from;
}

static void place_selection(struct weft_render *render, const struct weft_scene *scene)
{
    graphene_rect_t box;
    render->has_selection_tag = FALSE;
    if (!selected_box(scene, &box))
        return;
    const struct weft_viewport *viewport = &scene->view.viewport;
    g_autofree char *text = selected_text(scene);
    if (says_all(render, scene, &box, text))
        return;
    struct weft_label *label = weft_text_cut(render, WEFT_STYLE_STRONG, text,
                                             MAX(viewport->width - 40, 40));
    double width = label->width + 2 * TAG_PAD;
    double right = MIN(box.origin.x + box.size.width + 2, viewport->width - 6);
    double x = MAX(right - width, 6); /* at the right end: words stand at the left */
    double y = box.origin.y + box.size.height + 6, height = label->height + TAG_MORE;
    if (y + height > viewport->height - 2)
        y = box.origin.y - 6 - height;
    render->has_selection_tag = TRUE;
    render->selection_tag = (struct weft_tag){
        .label = label,
        .filled = TRUE,
        .box = GRAPHENE_RECT_INIT((float)floor(x), (float)y, (float)width, (float)height),
    };
}

/* Of three and more awaited at once the first is named: where the others lead, their lanes say. */
static gboolean is_in_fan(const struct weft_scene *scene, guint index)
{
    guint awaits = 0, before = 0;
    for (guint i = 0; i < scene->n_edges; i++) {
        gboolean await = scene->edges[i].kind == WEFT_EDGE_AWAIT;
        awaits += await;
        before += await && i < index;
    }
    return scene->edges[index].kind == WEFT_EDGE_AWAIT && awaits > 2 && before > 0;
}

/* Whether one like it ends there already: in the row of a crowd, or of a parent who hides both. */
static gboolean is_another_there(const struct weft_scene *scene, guint index,
                                 const struct weft_edge_path *path)
{
    for (guint i = 0; i < index; i++) {
        struct weft_edge_path other;
        if (scene->edges[i].kind == scene->edges[index].kind &&
            weft_edge_path(scene, &scene->edges[i], &other) && other.chevron == path->chevron &&
            other.x0 == path->x0 && other.x1 == path->x1 && other.y1 == path->y1)
            return TRUE;
    }
    return FALSE;
}

static void place_edge(struct weft_render *render, const struct weft_scene *scene, guint index)
{
    const struct weft_edge *edge = &scene->edges[index];
    const struct weft_viewport *viewport = &scene->view.viewport;
    struct weft_edge_path path;
    if (!weft_edge_path(scene, edge, &path))
        return;
    if (!path.outside) {
        weft_edge_uprights(&path, &render->uprights[render->n_uprights]);
        render->n_uprights += 2;
    }
    if (path.chevron ? is_another_there(scene, index, &path) : is_in_fan(scene, index))
        return;
    g_autofree char *text = weft_edge_words(scene, edge, &path);
    struct weft_label *label = weft_text(render, WEFT_STYLE_SMALL_STRONG, text);
    double width = label->width + 2 * TAG_PAD, height = label->height + TAG_MORE;
    double x = path.x1 + 10, middle = path.y1 - (path.down ? 11 : -11);
    if (path.outside) /* at the border, in the selected lane */
        x = path.chevron == '<' ? 6 : viewport->width - 6 - width;
    else if (x + width > viewport->width - 4)
        x = path.x1 - 10 - width;
    graphene_rect_t box = GRAPHENE_RECT_INIT((float)floor(MAX(x, 4)), 0, (float)width,
                                             (float)height);
    static const int moves[] = { 0, 1, -1, 2, -2, 3, -3 }; /* first where the edge is */
    int back = path.down ? -1 : 1;
    for (guint i = 0; i < G_N_ELEMENTS(moves); i++) {
        box.origin.y = (float)CLAMP(floor(middle - height / 2) + back * moves[i] * (height + 4), 2,
                                    MAX(viewport->height - height - 2, 2));
        if (!weft_render_tag_at(render, &box)) {
            render->edge_tags[index] = (struct weft_tag){ .label = label, .box = box };
            return;
        }
    }
}

void weft_render_place_tags(struct weft_render *render, const struct weft_scene *scene)
{
    for (guint i = 0; i < G_N_ELEMENTS(render->edge_tags); i++)
        render->edge_tags[i].label = NULL;
    render->n_uprights = 0;
    place_selection(render, scene);
    for (guint i = 0; i < scene->n_edges; i++)
        place_edge(render, scene, i);
}

gboolean weft_render_chevron_at(struct weft_render *render, const struct weft_scene *scene,
                                double x, double y, uint64_t *entity, gint64 *ns)
{
    for (guint i = 0; i < scene->n_edges; i++) {
        struct weft_edge_path path;
        if (!weft_edge_path(scene, &scene->edges[i], &path))
            continue;
        const struct weft_tag *tag = &render->edge_tags[i];
        double at_x = path.chevron_at_source ? path.x0 : path.x1;
        double at_y = path.chevron_at_source ? path.y0 : path.y1;
        gboolean on_tag = tag->label && graphene_rect_contains_point(
                                            &tag->box, &GRAPHENE_POINT_INIT((float)x, (float)y));
        if (!on_tag && !(path.chevron && hypot(x - at_x, y - at_y) < 14))
            continue;
        gboolean to_source = path.chevron ? path.chevron_at_source
                                          : scene->edges[i].to_lane == scene->view.selected_lane;
        *entity = to_source ? scene->edges[i].from : scene->edges[i].to;
        *ns = to_source ? scene->edges[i].from_ns : scene->edges[i].to_ns;
        return TRUE;
    }
    return FALSE;
}

/* ---- Drawing ---- */

static void draw_tag(struct weft_render *render, GtkSnapshot *snapshot, const struct weft_tag *tag,
                     enum weft_role role)
{
    double x = tag->box.origin.x, y = tag->box.origin.y;
    double width = tag->box.size.width, height = tag->box.size.height;
    weft_round(render, snapshot, tag->filled ? role : WEFT_ROLE_CANVAS, 1, x, y, width, height, 5);
    if (!tag->filled)
        weft_frame(render, snapshot, role, 1, x, y, width, height, render->palette->frame, 5);
    weft_text_draw(render, snapshot, tag->label, tag->filled ? WEFT_ROLE_ON_ACCENT : role,
                   x + TAG_PAD, y + floor((height - tag->label->height) / 2));
}

static void draw_range(struct weft_render *render, GtkSnapshot *snapshot,
                       const struct weft_scene *scene)
{
    const struct weft_view *view = &scene->view;
    double x0, x1, height = view->viewport.height;
    if (view->range_from == view->range_to)
        return;
    weft_span(scene, MIN(view->range_from, view->range_to), MAX(view->range_from, view->range_to),
              &x0, &x1);
    weft_fill(render, snapshot, WEFT_ROLE_ACCENT, 0.12f, x0, 0, x1 - x0, height);
    weft_fill(render, snapshot, WEFT_ROLE_ACCENT, 1, x0, 0, 1, height);
    weft_fill(render, snapshot, WEFT_ROLE_ACCENT, 1, x1 - 1, 0, 1, height);
    g_autofree char *lasts = weft_format_duration(ABS(view->range_to - view->range_from));
    struct weft_label *label = weft_text(render, WEFT_STYLE_STRONG, lasts);
    double from = MAX(x0, 0), to = MIN(x1, view->viewport.width),
           width = label->width + 2 * TAG_PAD;
    struct weft_tag tag = {
        .label = label,
        .filled = TRUE,
        .box = GRAPHENE_RECT_INIT((float)floor((from + to - width) / 2), 6, (float)width,
                                  (float)(label->height + TAG_MORE)),
    };
    if (to > from)
        draw_tag(render, snapshot, &tag, WEFT_ROLE_ACCENT);
}

char *weft_render_tip(const struct weft_scene *scene)
{
    guint lane = scene->view.hover_lane;
    if (!scene->view.hover_tip)
        return NULL;
    if (scene->hover_crowd)
        return scene->hover_crowd[0] ? g_strdup(scene->hover_crowd) : NULL;
    if (scene->hover_step_known)
        return step_text(scene, lane, &scene->hover_step);
    return scene->hover_known ? weft_scene_segment_text(scene->model, lane, &scene->hover) : NULL;
}

static void draw_tip(struct weft_render *render, GtkSnapshot *snapshot,
                     const struct weft_scene *scene, const graphene_rect_t *box)
{
    const struct weft_viewport *viewport = &scene->view.viewport;
    g_autofree char *text = weft_render_tip(scene);
    if (!text)
        return;
    struct weft_label *label = weft_text(render, WEFT_STYLE_SECONDARY, text);
    double width = label->width + 2 * TAG_PAD, height = label->height + 8;
    double x = CLAMP(weft_viewport_x(viewport, scene->view.hover_ns) + 12, 4,
                     MAX(viewport->width - width - 4, 4));
    double y = box->origin.y + box->size.height + 8;
    if (y + height > viewport->height - 4)
        y = box->origin.y - 8 - height;
    x = floor(x);
    weft_round(render, snapshot, WEFT_ROLE_TEXT, 0.94f, x, y, width, height, 5);
    weft_text_draw(render, snapshot, label, WEFT_ROLE_CANVAS, x + TAG_PAD, y + 4);
}

static void draw_hover(struct weft_render *render, GtkSnapshot *snapshot,
                       const struct weft_scene *scene)
{
    gint64 from_ns = scene->hover_step_known ? scene->hover_step.from_ns : scene->hover.from_ns;
    gint64 to_ns = scene->hover_step_known ? scene->hover_step.to_ns : scene->hover.to_ns;
    graphene_rect_t box;
    if (scene->hover_crowd) {
        const struct weft_viewport *viewport = &scene->view.viewport;
        double x = floor(weft_viewport_x(viewport, scene->view.hover_ns) / WEFT_CROWD_COLUMN);
        from_ns = weft_viewport_ns(viewport, x * WEFT_CROWD_COLUMN);
        to_ns = weft_viewport_ns(viewport, (x + 1) * WEFT_CROWD_COLUMN);
    }
    if ((!scene->hover_known && !scene->hover_step_known &&
         !(scene->hover_crowd && scene->hover_crowd[0])) ||
        !box_of(scene, scene->view.hover_lane, from_ns, to_ns, &box))
        return;
    weft_frame(render, snapshot, WEFT_ROLE_TEXT, 0.7f, box.origin.x - 1, box.origin.y - 1,
               box.size.width + 2, box.size.height + 2, 1, 2);
    draw_tip(render, snapshot, scene, &box);
}

static void draw_selection(struct weft_render *render, GtkSnapshot *snapshot,
                           const struct weft_scene *scene)
{
    graphene_rect_t box;
    if (!selected_box(scene, &box))
        return;
    weft_frame(render, snapshot, WEFT_ROLE_ACCENT, 1, box.origin.x - RING, box.origin.y - RING,
               box.size.width + 2 * RING, box.size.height + 2 * RING, RING, 5);
}

void weft_render_overlay(struct weft_render *render, GtkSnapshot *snapshot,
                         const struct weft_scene *scene)
{
    const struct weft_view *view = &scene->view;
    struct weft_edge_path path;
    draw_range(render, snapshot, scene);
    draw_selection(render, snapshot, scene);
    for (guint i = 0; i < scene->n_edges; i++)
        if (weft_edge_path(scene, &scene->edges[i], &path))
            weft_edge_draw(render, snapshot, &scene->edges[i], &path);
    draw_hover(render, snapshot, scene);
    if (view->playhead_ns != WEFT_NO_TIME) {
        double x = round(weft_viewport_x(&view->viewport, view->playhead_ns));
        if (x >= 0 && x < view->viewport.width)
            weft_fill(render, snapshot, WEFT_ROLE_TEXT, 1, x, 0, 1, view->viewport.height);
    }
    for (guint i = 0; i < scene->n_edges; i++)
        if (render->edge_tags[i].label)
            draw_tag(render, snapshot, &render->edge_tags[i],
                     scene->edges[i].kind == WEFT_EDGE_CANCEL   ? WEFT_ROLE_ERROR
                     : scene->edges[i].kind == WEFT_EDGE_PARENT ? WEFT_ROLE_DIM
                                                                : WEFT_ROLE_ACCENT);
    if (render->has_selection_tag)
        draw_tag(render, snapshot, &render->selection_tag, WEFT_ROLE_ACCENT);
}
