/* lane-task.c: one task's lane: its shapes. See lane.h.
 *
 *      top  +--------+
 *           | box    | glyph words                         boxes: running, ready, cancelling
 *           |        |       how long                      words: what it waits for
 *      bar  |        +-----------------------------        bar: waiting, by kind
 *      base +--------+-----------------------------
 *
 * Shapes first, in the order in which the eye may lose them (waiting, merged, running, ready,
 * unknown, cancelling); then words (lane-words.c). A lane draws at most one rectangle per 2 px and
 * state. */
#include "app/viewer/render/lane.h"
#include <math.h>

static struct shape shape_of(double height, double scale)
{
    double h = height / scale;
    if (h >= WEFT_LANE_HEIGHT_FULL)
        return (struct shape){ 7, height - 7, WEFT_METRIC_BAR, 2, FALSE };
    if (h >= WEFT_LANE_HEIGHT_SMALL)
        return (struct shape){ 5, height - 5, 5, 1, TRUE };
    if (h >= 20)
        return (struct shape){ 3, height - 3, 3, 1, FALSE };
    if (h >= 10)
        return (struct shape){ 2, height - 2, 3, 0, FALSE };
    return (struct shape){ 1, height - 1, 2, 0, FALSE };
}

void weft_row_box(const struct weft_row *row, double scale, double *top, double *base)
{
    if (row->kind == WEFT_ROW_TASK) {
        struct shape shape = shape_of(row->height, scale);
        *top = shape.top;
        *base = shape.base;
    } else {
        *top = row->kind == WEFT_ROW_LOOP ? round(WEFT_LOOP_BOX_TOP * scale) : WEFT_READY_BOX_TOP;
        *base = row->kind == WEFT_ROW_RESOURCE
                    ? WEFT_TRACK_BOX_TOP + round(WEFT_RESOURCE_BOX * scale)
                    : row->height - WEFT_LOOP_BOX_DROP;
    }
}

/* ---- Shapes ---- */

static void draw_bar(const struct lane *lane, enum weft_wait_class wait, double x0, double x1)
{
    weft_bar(lane->render, lane->snapshot, wait, MAX(x0, -2), lane->shape.base - lane->shape.bar,
             MIN(x1, lane->width + 2) - MAX(x0, -2), lane->shape.bar, lane->phase);
}

/* Bars of one kind that follow each other, but for slices too short to see, are one rectangle. */
static void draw_waiting(const struct lane *lane)
{
    const GArray *segments = lane->visible->segments;
    double from = 0, to = -1;
    enum weft_wait_class wait = WEFT_WAIT_CLASSES;
    for (guint i = 0; i < segments->len; i++) {
        const struct weft_segment_view *segment = &g_array_index(segments, struct weft_segment_view,
                                                                 i);
        double x0, x1;
        if (segment->state != WEFT_SEGMENT_WAITING)
            continue;
        weft_span(lane->scene, segment->from_ns, segment->to_ns, &x0, &x1);
        enum weft_wait_class class = weft_wait_class(segment->detail);
        if (class == wait && x0 <= to + WEFT_METRIC_SLICE_MIN) {
            to = x1;
            continue;
        }
        if (to > from)
            draw_bar(lane, wait, from, to);
        wait = class;
        from = x0;
        to = x1;
    }
    if (to > from)
        draw_bar(lane, wait, from, to);
}

/* A timer that fired late: a line from its deadline to its firing, over the bar. */
static void draw_overdue(const struct lane *lane)
{
    const GArray *segments = lane->visible->segments;
    for (guint i = 0; i < segments->len; i++) {
        const struct weft_segment_view *segment = &g_array_index(segments, struct weft_segment_view,
                                                                 i);
        double x0, x1, deadline, bar = lane->shape.base - lane->shape.bar;
        if (segment->flags & WEFT_SEGMENT_MERGED || !weft_lane_overdue(lane, segment, &deadline))
            continue;
        weft_span(lane->scene, segment->from_ns, segment->to_ns, &x0, &x1);
        weft_fill(lane->render, lane->snapshot, WEFT_ROLE_READY, 1, deadline, bar - 3,
                  x1 - deadline, 3);
        if (lane->shape.lines == 2)
            weft_fill(lane->render, lane->snapshot, WEFT_ROLE_READY, 1, deadline, lane->shape.top,
                      1.5, bar - lane->shape.top);
    }
}

static void draw_box(const struct lane *lane, const struct weft_segment_view *segment, double x0,
                     double x1)
{
    struct weft_render *render = lane->render;
    double y = lane->shape.top, height = lane->shape.base - lane->shape.top;
    switch (segment->state) {
    case WEFT_SEGMENT_RUNNING:
        weft_fill(render, lane->snapshot, WEFT_ROLE_RUNNING, 1, x0, y,
                  MAX(x1 - x0, WEFT_METRIC_SLICE_MIN), height);
        break;
    case WEFT_SEGMENT_READY:
        if (x1 - x0 >= 1)
            weft_pattern(render, lane->snapshot, WEFT_TILE_READY, x0, y, x1 - x0, height,
                         lane->phase);
        break;
    case WEFT_SEGMENT_UNKNOWN:
        weft_pattern(render, lane->snapshot, WEFT_TILE_UNKNOWN, x0, y,
                     MAX(x1 - x0, WEFT_METRIC_SLICE_MIN), height, lane->phase);
        break;
    case WEFT_SEGMENT_CANCELLING:
        x1 = MAX(x1, x0 + WEFT_METRIC_SLICE_MIN);
        weft_pattern(render, lane->snapshot, WEFT_TILE_CANCELLING, x0, y, x1 - x0, height,
                     lane->phase);
        if (x1 - x0 >= WEFT_PATTERN_MIN_WIDTH)
            weft_frame(render, lane->snapshot, WEFT_ROLE_CANCELLING, 1, x0, y, x1 - x0, height,
                       render->palette->frame, 0);
        break;
    default:
        break;
    }
}

static void draw_boxes(const struct lane *lane, enum weft_segment_state state)
{
    const GArray *segments = lane->visible->segments;
    double last = -INFINITY;
    for (guint i = 0; i < segments->len; i++) {
        const struct weft_segment_view *segment = &g_array_index(segments, struct weft_segment_view,
                                                                 i);
        double x0, x1;
        if (segment->flags & WEFT_SEGMENT_MERGED || segment->state != state)
            continue;
        weft_span(lane->scene, segment->from_ns, segment->to_ns, &x0, &x1);
        if (x1 <= last) /* wholly under the one before */
            continue;
        last = MAX(x1, x0 + WEFT_METRIC_SLICE_MIN);
        draw_box(lane, segment, x0, x1);
    }
}

/* ---- The end ---- */

static void draw_end(const struct lane *lane)
{
    const struct weft_lane *task = weft_model_lane(lane->scene->model, lane->row->lane);
    struct weft_render *render = lane->render;
    double x, unused;
    if (!task->outcome)
        return;
    weft_span(lane->scene, task->last_ns, task->last_ns, &x, &unused);
    if (x < -WEFT_DONE_REACH * render->scale || x > lane->width)
        return;
    gboolean failed = task->outcome == WEFT_OUTCOME_ERROR;
    enum weft_role cap = failed                                    ? WEFT_ROLE_ERROR
                         : task->outcome == WEFT_OUTCOME_CANCELLED ? WEFT_ROLE_CANCELLING
                                                                   : WEFT_ROLE_TEXT;
    weft_fill(render, lane->snapshot, cap, 1, x, lane->shape.top, WEFT_METRIC_CAP,
              lane->shape.base - lane->shape.top);
    if (lane->shape.lines > 0)
        weft_lane_outcome(lane, x + WEFT_METRIC_CAP);
}

void weft_render_task_lane(struct weft_render *render, GtkSnapshot *snapshot,
                           const struct weft_scene *scene, guint row)
{
    const struct weft_row *what = weft_scene_row(scene, row);
    struct lane lane = {
        .render = render,
        .snapshot = snapshot,
        .scene = scene,
        .row = what,
        .visible = weft_scene_visible(scene, row),
        .shape = shape_of(what->height, scene->view.text_scale),
        .y = weft_scene_y(scene, row),
        .phase = weft_phase(scene),
        .width = scene->view.viewport.width,
        .zoom = weft_zoom_class(scene->view.viewport.ns_per_px),
    };
    draw_waiting(&lane);
    draw_overdue(&lane);
    weft_render_merged(render, snapshot, scene, lane.visible->segments, lane.shape.top,
                       lane.shape.bar, lane.shape.base);
    draw_boxes(&lane, WEFT_SEGMENT_RUNNING);
    draw_boxes(&lane, WEFT_SEGMENT_READY);
    draw_boxes(&lane, WEFT_SEGMENT_UNKNOWN);
    draw_boxes(&lane, WEFT_SEGMENT_CANCELLING);
    if (lane.shape.lines > 0)
        weft_lane_words(&lane);
    weft_lane_ticks(&lane);
    draw_end(&lane);
}
