/* lane-loop.c: the lanes of a loop: dispatch, ready queue, handles. See render.h.
 *
 *     dispatch   | 16 | 17 |      21        |   iteration bands
 *                   +--+  +----------+
 *                   |  |  | fetch-1  |  poll 40 ms      slices, callbacks; a poll is empty space
 *                ---+--+--+----------+---
 *                         ============                  held 10 ms or longer
 *     ready      __|3 |____|1|________________          the queue's length */
#include "app/viewer/render/draw.h"
#include <math.h>

enum {
    BAND_TOP = 6,
    NUMBER_AIR = 2, /* of an iteration's number in its band */
};

struct loop_lane {
    struct weft_render *render;
    GtkSnapshot *snapshot;
    const struct weft_scene *scene;
    const struct weft_row *row;
    const struct weft_visible_row *visible;
    double y, width, top, base;
};

static gboolean begin(struct loop_lane *lane, struct weft_render *render, GtkSnapshot *snapshot,
                      const struct weft_scene *scene, guint row)
{
    *lane = (struct loop_lane){
        .render = render,
        .snapshot = snapshot,
        .scene = scene,
        .row = weft_scene_row(scene, row),
        .visible = weft_scene_visible(scene, row),
        .y = weft_scene_y(scene, row),
        .width = scene->view.viewport.width,
    };
    return lane->visible != NULL;
}

/* The part of the lane in which its loop lives, and the window sees it. */
static void base_line(const struct loop_lane *lane)
{
    const struct weft_lane *what = weft_model_lane(lane->scene->model, lane->row->lane);
    double x0, x1;
    weft_span(lane->scene, what->first_ns, what->last_ns, &x0, &x1);
    x0 = MAX(x0, 0);
    x1 = MIN(x1, lane->width);
    weft_fill(lane->render, lane->snapshot, WEFT_ROLE_TICK, 0.8f, x0, lane->base, x1 - x0, 1);
}

/* Words in the middle of what is visible of x0 … x1, when they fit, with so much air on both sides,
 * and nothing lies there. */
static gboolean middle_words(const struct loop_lane *lane, struct weft_label *label,
                             enum weft_role role, double air, double x0, double x1, double y)
{
    double from = MAX(x0, 0), to = MIN(x1, lane->width);
    double x = from + floor((to - from - label->width) / 2);
    if (!weft_text_budget(lane->render) || label->width + 2 * air > to - from ||
        !weft_render_find_place(lane->render, lane->y + y, label->height, label->width, to - 2, &x))
        return FALSE;
    weft_text_draw(lane->render, lane->snapshot, label, role, x, y);
    return TRUE;
}

/* Words at the left of what is visible of x0 … x1. */
static gboolean left_words(const struct loop_lane *lane, struct weft_label *label,
                           enum weft_role role, double x0, double x1, double y)
{
    double x = MAX(x0, 0) + WEFT_METRIC_PAD, limit = MIN(x1, lane->width) - 2;
    if (!weft_text_budget(lane->render) || x + label->width > limit ||
        !weft_render_find_place(lane->render, lane->y + y, label->height, label->width, limit, &x))
        return FALSE;
    weft_text_draw(lane->render, lane->snapshot, label, role, x, y);
    return TRUE;
}

/* ---- Dispatch ---- */

static void draw_bands(const struct loop_lane *lane)
{
    const GArray *bands = lane->visible->iterations;
    double height = round(WEFT_METRIC_BAND * lane->render->scale);
    double top = round(BAND_TOP * lane->render->scale);
    if (!bands || weft_zoom_class(lane->scene->view.viewport.ns_per_px) == WEFT_ZOOM_OVERVIEW)
        return;
    for (guint i = 0; i < bands->len; i++) {
        const struct weft_segment_view *band = &g_array_index(bands, struct weft_segment_view, i);
        double x0, x1;
        weft_span(lane->scene, band->from_ns, band->to_ns, &x0, &x1);
        gboolean merged = band->flags & WEFT_SEGMENT_MERGED;
        if (band->state != WEFT_SEGMENT_COUNT)
            continue;
        float alpha = merged ? 0.35f : band->other % 2 ? 0.6f : 1.0f;
        weft_fill(lane->render, lane->snapshot, WEFT_ROLE_BAND, alpha, x0, top, MAX(x1 - x0 - 1, 1),
                  height);
        if (merged || x1 - x0 < WEFT_BAND_MIN)
            continue;
        char number[24];
        g_snprintf(number, sizeof number, "%" G_GUINT64_FORMAT, band->other);
        struct weft_label *label = weft_text(lane->render, WEFT_STYLE_SMALL, number);
        middle_words(lane, label, WEFT_ROLE_DIM, NUMBER_AIR, x0, x1,
                     top + floor((height - label->height) / 2));
    }
}

static void draw_slice(const struct loop_lane *lane, const struct weft_segment_view *segment,
                       guint64 selected_task, double x0, double x1)
{
    struct weft_render *render = lane->render;
    double height = lane->base - lane->top;
    x1 = MAX(x1, x0 + WEFT_METRIC_SLICE_MIN);
    if (segment->state == WEFT_SEGMENT_RUNNING) {
        gboolean faded = selected_task && segment->other != selected_task;
        weft_fill(render, lane->snapshot, WEFT_ROLE_RUNNING,
                  faded ? render->palette->running_fade : 1, x0, lane->top, x1 - x0, height);
    } else if (segment->state == WEFT_SEGMENT_CALLBACK) {
        double low = ceil(height * 0.6);
        weft_fill(render, lane->snapshot, WEFT_ROLE_TICK, selected_task ? 0.6f : 1, x0,
                  lane->base - low, x1 - x0, low);
    } else if (segment->state == WEFT_SEGMENT_LOOP && x1 - x0 > WEFT_METRIC_SLICE_MIN) {
        weft_fill(render, lane->snapshot, WEFT_ROLE_BAND, 1, x0, lane->base - 6, x1 - x0, 6);
    } else if (segment->state == WEFT_SEGMENT_UNKNOWN) {
        weft_pattern(render, lane->snapshot, WEFT_TILE_UNKNOWN, x0, lane->top, x1 - x0, height,
                     weft_phase(lane->scene));
    }
    if ((segment->state == WEFT_SEGMENT_RUNNING || segment->state == WEFT_SEGMENT_CALLBACK) &&
        segment->to_ns - segment->from_ns >= WEFT_BLOCKED_LINE_NS)
        weft_fill(render, lane->snapshot, WEFT_ROLE_ERROR, 1, x0, lane->base + 2, x1 - x0, 3);
}

static void slice_words(const struct loop_lane *lane, const struct weft_segment_view *segment,
                        guint64 selected_task, double x0, double x1)
{
    struct weft_render *render = lane->render;
    double height = lane->base - lane->top;
    g_autofree char *text = NULL;
    enum weft_role role = WEFT_ROLE_TEXT;
    enum weft_style style = WEFT_STYLE_WORDS;
    if (segment->state == WEFT_SEGMENT_RUNNING) {
        text = weft_model_name(lane->scene->model, segment->other);
        if (!selected_task || selected_task == segment->other)
            role = WEFT_ROLE_ON_RUNNING;
    } else if (segment->state == WEFT_SEGMENT_POLL && x1 - x0 >= WEFT_WORDS_MIN_FAR) {
        g_autofree char *lasts = weft_format_duration(segment->to_ns - segment->from_ns);
        text = g_strdup_printf("%s %s", weft_segment_is_pause(segment) ? "paused" : "poll", lasts);
        role = WEFT_ROLE_DIM;
    } else if (segment->state == WEFT_SEGMENT_CALLBACK) {
        g_auto(GStrv)
            ladder = weft_model_segment_words(lane->scene->model, lane->row->lane, segment);
        text = g_strdup(ladder[0] ? ladder[0] : "callback");
        style = WEFT_STYLE_SMALL;
    } else {
        return;
    }
    struct weft_label *label = weft_text(render, style, text);
    double y = lane->top + floor((height - label->height) / 2);
    if (segment->state == WEFT_SEGMENT_POLL)
        middle_words(lane, label, role, WEFT_METRIC_PAD, x0, x1, y);
    else
        left_words(lane, label, role, x0, x1, y);
}

static guint64 selected_task(const struct weft_scene *scene)
{
    if (scene->view.selected_lane >= weft_model_n_lanes(scene->model))
        return 0;
    const struct weft_lane *lane = weft_model_lane(scene->model, scene->view.selected_lane);
    return lane->kind == WEFT_LANE_TASK ? lane->id : 0;
}

static void loop_words(const struct loop_lane *lane, guint64 selected)
{
    const GArray *segments = lane->visible->segments;
    for (guint i = 0; i < segments->len; i++) {
        const struct weft_segment_view *segment = &g_array_index(segments, struct weft_segment_view,
                                                                 i);
        gboolean merged = segment->flags & WEFT_SEGMENT_MERGED;
        guint last = merged ? weft_merged_end(segments, i) : i;
        double x0, x1;
        weft_span(lane->scene, segment->from_ns,
                  g_array_index(segments, struct weft_segment_view, last).to_ns, &x0, &x1);
        if (x1 - x0 >= WEFT_METRIC_BOX_MIN && x1 > 0 && x0 < lane->width) {
            if (merged)
                left_words(lane,
                           weft_merged_label(lane->render, WEFT_STYLE_STRONG, segments, i, last),
                           WEFT_ROLE_TEXT, x0, x1, lane->top - 2);
            else
                slice_words(lane, segment, selected, x0, x1);
        }
        i = last;
    }
}

void weft_render_loop_lane(struct weft_render *render, GtkSnapshot *snapshot,
                           const struct weft_scene *scene, guint row)
{
    struct loop_lane lane;
    if (!begin(&lane, render, snapshot, scene, row))
        return;
    weft_row_box(lane.row, scene->view.text_scale, &lane.top, &lane.base);
    const GArray *segments = lane.visible->segments;
    guint64 selected = selected_task(scene);
    base_line(&lane);
    if (lane.row->kind == WEFT_ROW_LOOP)
        draw_bands(&lane);
    weft_render_merged(render, snapshot, scene, segments, lane.top, 0, lane.base);
    double last = -INFINITY;
    for (guint i = 0; i < segments->len; i++) {
        const struct weft_segment_view *segment = &g_array_index(segments, struct weft_segment_view,
                                                                 i);
        double x0, x1;
        if (segment->flags & WEFT_SEGMENT_MERGED || segment->state == WEFT_SEGMENT_POLL)
            continue;
        weft_span(scene, segment->from_ns, segment->to_ns, &x0, &x1);
        if (x1 <= last)
            continue;
        draw_slice(&lane, segment, selected, x0, x1);
        last = MAX(x1, x0 + WEFT_METRIC_SLICE_MIN);
    }
    loop_words(&lane, selected);
}

/* ---- The ready queue ---- */

double weft_value_height(guint64 value, double room)
{
    return value == 0 ? 0 : MAX(round(room * (1 - 1 / (1 + 0.5 * (double)value))), 3);
}

static void blocked_words(const struct loop_lane *lane)
{
    const struct weft_scene *scene = lane->scene;
    for (guint i = 0; i < scene->blocked->len; i++) {
        const struct weft_blocked *blocked = &g_array_index(scene->blocked, struct weft_blocked, i);
        double x0, x1;
        if (blocked->row != lane->row->loop)
            continue;
        weft_span(scene, blocked->from_ns, blocked->to_ns, &x0, &x1);
        g_autofree char *lasts = weft_format_duration(blocked->to_ns - blocked->from_ns);
        g_autofree char *text = g_strdup_printf("loop blocked %s", lasts);
        struct weft_label *label = weft_text(lane->render, WEFT_STYLE_STRONG, text);
        double y = floor((lane->row->height - label->height) / 2);
        if (!middle_words(lane, label, WEFT_ROLE_ERROR, WEFT_METRIC_PAD, x0, x1, y)) {
            label = weft_text(lane->render, WEFT_STYLE_STRONG, lasts);
            middle_words(lane, label, WEFT_ROLE_ERROR, WEFT_METRIC_PAD, x0, x1, y);
        }
    }
}

static gboolean is_blocked(const struct weft_scene *scene, const struct weft_segment_view *segment)
{
    for (guint i = 0; i < scene->blocked->len; i++) {
        const struct weft_blocked *blocked = &g_array_index(scene->blocked, struct weft_blocked, i);
        if (segment->from_ns < blocked->to_ns && segment->to_ns > blocked->from_ns)
            return TRUE;
    }
    return FALSE;
}

void weft_render_ready_lane(struct weft_render *render, GtkSnapshot *snapshot,
                            const struct weft_scene *scene, guint row)
{
    struct loop_lane lane;
    if (!begin(&lane, render, snapshot, scene, row))
        return;
    weft_row_box(lane.row, scene->view.text_scale, &lane.top, &lane.base);
    const GArray *segments = lane.visible->segments;
    double last = -INFINITY;
    for (guint i = 0; i < segments->len; i++) {
        const struct weft_segment_view *segment = &g_array_index(segments, struct weft_segment_view,
                                                                 i);
        double x0, x1;
        weft_span(scene, segment->from_ns, segment->to_ns, &x0, &x1);
        x1 = MAX(x1, x0 + WEFT_METRIC_SLICE_MIN);
        if (segment->state == WEFT_SEGMENT_UNKNOWN) {
            weft_pattern(render, snapshot, WEFT_TILE_UNKNOWN, x0, lane.top, x1 - x0,
                         lane.base - lane.top, weft_phase(scene));
            continue;
        }
        guint64 most = MAX(segment->other, segment->value_max);
        double room = lane.base - lane.top, low = weft_value_height(segment->other, room);
        double high = weft_value_height(most, room);
        if (most == 0 || x1 <= last)
            continue;
        x0 = MAX(x0, last);
        last = x1;
        weft_fill(render, snapshot, WEFT_ROLE_READY, 0.35f, x0, lane.base - MAX(low, 2), x1 - x0,
                  MAX(low, 2));
        weft_fill(render, snapshot, WEFT_ROLE_READY, 1, x0, lane.base - high, x1 - x0, 1.5);
        if (x1 - x0 < WEFT_METRIC_BOX_MIN || most < 2 || is_blocked(scene, segment))
            continue;
        char number[24];
        g_snprintf(number, sizeof number, "%" G_GUINT64_FORMAT, most);
        struct weft_label *label = weft_text(render, WEFT_STYLE_SMALL_STRONG, number);
        left_words(&lane, label, WEFT_ROLE_TEXT, x0, x1,
                   MIN(lane.base - high + 1, lane.base - label->height + 1));
    }
    base_line(&lane);
    blocked_words(&lane);
}
