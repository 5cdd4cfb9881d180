/* lane-task.c: one task's lane. See render.h.
 *
 *      top  +--------+
 *           | box    | glyph words                         boxes: running, ready, cancelling
 *           |        |       how long                      words: what it waits for
 *      bar  |        +-----------------------------        bar: waiting, by kind
 *      base +--------+-----------------------------
 *
 * Shapes first, in the order in which the eye may lose them (waiting, merged, running, ready,
 * unknown, cancelling); then words. A lane draws at most one rectangle per 2 px and state. */
#include "app/viewer/render/draw.h"
#include <math.h>

struct shape { /* of a lane of this height */
    double top, base, bar;
    guint lines; /* of words */
    gboolean inline_second;
};

struct lane {
    struct weft_render *render;
    GtkSnapshot *snapshot;
    const struct weft_scene *scene;
    const struct weft_row *row;
    const struct weft_visible_row *visible;
    struct shape shape;
    double y; /* of the lane in the window: for reserved places */
    double phase, width;
    enum weft_zoom zoom;
};

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
        *top = row->kind == WEFT_ROW_LOOP ? WEFT_LOOP_BOX_TOP : WEFT_READY_BOX_TOP;
        *base = row->height - WEFT_LOOP_BOX_DROP;
    }
}

/* ---- Shapes ---- */

/* The bar's dash, where grey must tell the kinds apart: dotted, solid, double, long, dash-dot. */
static void draw_bar(const struct lane *lane, enum weft_wait_class wait, double x0, double x1)
{
    struct weft_render *render = lane->render;
    enum weft_role role = weft_role_of_wait(wait);
    double y = lane->shape.base - lane->shape.bar, height = lane->shape.bar;
    if (!render->palette->dashes || wait == WEFT_WAIT_IO || x1 - x0 < 8 || height < 3) {
        weft_fill(render, lane->snapshot, role, 1, x0, y, x1 - x0, height);
        return;
    }
    if (wait == WEFT_WAIT_SYNC) {
        weft_fill(render, lane->snapshot, role, 1, x0, y, x1 - x0, floor(height / 3));
        weft_fill(render, lane->snapshot, role, 1, x0, y + height - floor(height / 3), x1 - x0,
                  floor(height / 3));
        return;
    }
    static const double dashes[WEFT_WAIT_CLASSES][4] = {
        [WEFT_WAIT_TIMER] = { 3, 3, 3, 3 },
        [WEFT_WAIT_TASK] = { 18, 6, 18, 6 },
        [WEFT_WAIT_THREAD] = { 12, 3, 3, 3 },
    };
    const double *dash = dashes[wait];
    double from = MAX(x0, 0), to = MIN(x1, lane->width),
           period = dash[0] + dash[1] + dash[2] + dash[3];
    for (double at = from - fmod(fmod(from - lane->phase, period) + period, period); at < to;
         at += period) {
        double first = MAX(at, from), second = MAX(at + dash[0] + dash[1], from);
        weft_fill(render, lane->snapshot, role, 1, first, y, MIN(at + dash[0], to) - first, height);
        weft_fill(render, lane->snapshot, role, 1, second, y,
                  MIN(at + dash[0] + dash[1] + dash[2], to) - second, height);
    }
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

void weft_render_merged(struct weft_render *render, GtkSnapshot *snapshot,
                        const struct weft_segment_view *segment, double x0, double x1, double top,
                        double base)
{
    gint64 lasts = MAX(segment->to_ns - segment->from_ns, 1);
    double share = CLAMP((double)segment->running_ns / (double)lasts, 0, 1);
    double height = MAX(round((base - top) * share), 2);
    weft_fill(render, snapshot, WEFT_ROLE_RUNNING, 0.28f, x0, base - height, x1 - x0, height);
    weft_fill(render, snapshot, WEFT_ROLE_RUNNING, 1, x0, base - height, x1 - x0, 1.5);
}

static void draw_merged(const struct lane *lane, const struct weft_segment_view *segment, double x0,
                        double x1)
{
    const struct shape *shape = &lane->shape;
    if (segment->running_ns == 0)
        return;
    if (x1 - x0 < WEFT_MERGED_MIN) { /* a single wake-up, seen from far: a slice */
        weft_fill(lane->render, lane->snapshot, WEFT_ROLE_RUNNING, 1, x0, shape->top,
                  MAX(x1 - x0, WEFT_METRIC_SLICE_MIN), shape->base - shape->top);
        return;
    }
    double base = segment->state == WEFT_SEGMENT_WAITING ? shape->base - shape->bar : shape->base;
    weft_render_merged(lane->render, lane->snapshot, segment, x0, x1, shape->top, base);
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

static void draw_boxes(const struct lane *lane, enum weft_segment_state state, gboolean merged)
{
    const GArray *segments = lane->visible->segments;
    double last = -INFINITY;
    for (guint i = 0; i < segments->len; i++) {
        const struct weft_segment_view *segment = &g_array_index(segments, struct weft_segment_view,
                                                                 i);
        double x0, x1;
        gboolean is_merged = segment->flags & WEFT_SEGMENT_MERGED;
        if (is_merged != merged || (!merged && segment->state != state))
            continue;
        weft_span(lane->scene, segment->from_ns, segment->to_ns, &x0, &x1);
        if (x1 <= last) /* wholly under the one before */
            continue;
        last = MAX(x1, x0 + WEFT_METRIC_SLICE_MIN);
        if (merged)
            draw_merged(lane, segment, x0, x1);
        else
            draw_box(lane, segment, x0, x1);
    }
}

/* ---- Words ---- */

/* Where words of this width begin in x0 … x1: as far left as is visible, and they leave the window
 * with what they name. */
static double clamp_words(double x0, double x1, double width)
{
    double x = MAX(x0, 0) + WEFT_METRIC_PAD;
    return MIN(x, x1 - 2 - width);
}

struct words { /* what fits into a box */
    struct weft_label *first, *second;
    double glyph; /* px that the glyph takes, 0: none */
};

/* The longest rung that fits; the glyph goes first. Depends on the whole width, not on what the
 * window shows of it: so the rung changes on zoom, not on pan. */
static gboolean choose(const struct lane *lane, char *const *ladder, enum weft_style style,
                       double room, gboolean glyph, struct words *words)
{
    double sign = glyph ? WEFT_METRIC_GLYPH + 4 : 0;
    for (guint i = 0; ladder[i]; i++) {
        gboolean last = !ladder[i + 1];
        if (!*ladder[i])
            continue;
        words->first = weft_text(lane->render, style, ladder[i]);
        words->glyph = sign;
        if (words->first->width + sign <= room)
            return TRUE;
        words->glyph = 0;
        if (last && words->first->width <= room)
            return TRUE;
    }
    words->first = NULL;
    words->glyph = sign;
    return glyph && WEFT_METRIC_GLYPH <= room;
}

static void choose_second(const struct lane *lane, const struct weft_segment_view *segment,
                          double room, struct words *words)
{
    if (!words->first || (lane->shape.lines < 2 && !lane->shape.inline_second))
        return;
    g_autofree char *lasts = weft_format_duration(segment->to_ns - segment->from_ns);
    struct weft_label *label = weft_text(lane->render, WEFT_STYLE_SECONDARY, lasts);
    double width = label->width + words->glyph;
    if (lane->shape.inline_second)
        width += words->first->width + WEFT_METRIC_PAD;
    if (width <= room)
        words->second = label;
}

static void draw_words(const struct lane *lane, const struct words *words, double x, double y,
                       double height, enum weft_role first, enum weft_role second)
{
    struct weft_render *render = lane->render;
    double line = words->first ? words->first->height : WEFT_METRIC_GLYPH;
    double block = line;
    if (words->second && !lane->shape.inline_second)
        block += words->second->height - 2;
    double at = lane->shape.lines == 2 ? y : y + floor((height - block) / 2);
    if (words->first)
        weft_text_draw(render, lane->snapshot, words->first, first, x + words->glyph, at);
    if (!words->second)
        return;
    if (lane->shape.inline_second)
        weft_text_draw(render, lane->snapshot, words->second, second,
                       x + words->glyph + words->first->width + WEFT_METRIC_PAD,
                       at + words->first->height - words->second->height);
    else
        weft_text_draw(render, lane->snapshot, words->second, second, x + words->glyph,
                       at + line - 2);
}

static gboolean free_place(const struct lane *lane, double x, double width)
{
    return !weft_render_is_reserved(lane->render, x, lane->y + lane->shape.top, width,
                                    lane->shape.base - lane->shape.top);
}

static double words_width(const struct lane *lane, const struct words *words)
{
    double first = words->first ? words->first->width : 0;
    double second = words->second ? words->second->width : 0;
    return words->glyph + (lane->shape.inline_second && second > 0
                               ? first + WEFT_METRIC_PAD + second
                               : MAX(first, second));
}

static void waiting_words(const struct lane *lane, const struct weft_segment_view *segment,
                          double x0, double x1)
{
    double room = x1 - x0 - WEFT_METRIC_PAD - 2;
    struct words words = { 0 };
    enum weft_style style = lane->row->height / lane->scene->view.text_scale <
                                    WEFT_LANE_HEIGHT_SMALL
                                ? WEFT_STYLE_SMALL
                                : WEFT_STYLE_WORDS;
    char *const *ladder = weft_scene_ladder(lane->scene, lane->row->lane, segment);
    if (lane->zoom == WEFT_ZOOM_OVERVIEW && x1 - x0 < WEFT_WORDS_MIN_FAR)
        return;
    if (!choose(lane, ladder, style, room, TRUE, &words))
        return;
    choose_second(lane, segment, room, &words);
    double width = words_width(lane, &words), x = clamp_words(x0, x1, width);
    if (!free_place(lane, x, width))
        return;
    double height = lane->shape.base - lane->shape.bar - lane->shape.top;
    if (words.glyph > 0) {
        double line = words.first ? words.first->height : WEFT_METRIC_GLYPH;
        double at = lane->shape.lines == 2 ? floor((line - WEFT_METRIC_GLYPH) / 2)
                                           : floor((height - WEFT_METRIC_GLYPH) / 2);
        weft_render_glyph(lane->render, lane->snapshot, weft_wait_class(segment->detail), x,
                          lane->shape.top + at);
    }
    draw_words(lane, &words, x, lane->shape.top, height, WEFT_ROLE_TEXT, WEFT_ROLE_DIM);
}

static void running_words(const struct lane *lane, const struct weft_segment_view *segment,
                          double x0, double x1)
{
    double room = x1 - x0 - WEFT_METRIC_PAD - 2;
    struct words words = { 0 };
    enum weft_style style = lane->row->height / lane->scene->view.text_scale <
                                    WEFT_LANE_HEIGHT_SMALL
                                ? WEFT_STYLE_SMALL_STRONG
                                : WEFT_STYLE_STRONG;
    char *const *ladder = weft_scene_ladder(lane->scene, lane->row->lane, segment);
    if (!choose(lane, ladder, style, room, FALSE, &words))
        return;
    choose_second(lane, segment, room, &words);
    double width = words_width(lane, &words), x = clamp_words(x0, x1, width);
    if (free_place(lane, x, width))
        draw_words(lane, &words, x, lane->shape.top + (lane->shape.lines == 2 ? 2 : 0),
                   lane->shape.base - lane->shape.top, WEFT_ROLE_ON_RUNNING, WEFT_ROLE_ON_RUNNING);
}

/* Words over a hatch stand on a plate of the canvas. */
static void plate_words(const struct lane *lane, struct weft_label *label, double x0, double x1)
{
    double x = clamp_words(x0, x1, label->width + 3);
    double y = lane->shape.lines == 2 ? lane->shape.top + 4
                                      : floor((lane->row->height - label->height) / 2);
    if (!free_place(lane, x, label->width))
        return;
    weft_round(lane->render, lane->snapshot, WEFT_ROLE_CANVAS, 0.88f, x - 3, y, label->width + 6,
               label->height, 3);
    weft_text_draw(lane->render, lane->snapshot, label, WEFT_ROLE_TEXT, x, y);
}

static void hatched_words(const struct lane *lane, const struct weft_segment_view *segment,
                          double x0, double x1)
{
    double room = x1 - x0 - 10;
    g_autofree char *lasts = weft_format_duration(segment->to_ns - segment->from_ns);
    char *only[] = { lasts, NULL };
    struct words words = { 0 };
    char *const *ladder = segment->state == WEFT_SEGMENT_CANCELLING
                              ? weft_scene_ladder(lane->scene, lane->row->lane, segment)
                              : only;
    if (choose(lane, ladder, WEFT_STYLE_SMALL_STRONG, room, FALSE, &words))
        plate_words(lane, words.first, x0, x1);
}

static void merged_words(const struct lane *lane, const struct weft_segment_view *segment,
                         double x0, double x1)
{
    g_autofree char *count = g_strdup_printf("%u×", segment->count);
    struct weft_label *label = weft_text(lane->render, WEFT_STYLE_STRONG, count);
    double x = clamp_words(x0, x1, label->width);
    if (label->width + WEFT_METRIC_PAD + 2 > x1 - x0 || !free_place(lane, x, label->width))
        return;
    weft_text_draw(lane->render, lane->snapshot, label, WEFT_ROLE_TEXT, x,
                   lane->shape.lines == 2 ? lane->shape.top
                                          : floor((lane->row->height - label->height) / 2));
}

static void draw_labels(const struct lane *lane)
{
    const GArray *segments = lane->visible->segments;
    for (guint i = 0; i < segments->len && weft_text_budget(lane->render); i++) {
        const struct weft_segment_view *segment = &g_array_index(segments, struct weft_segment_view,
                                                                 i);
        double x0, x1;
        weft_span(lane->scene, segment->from_ns, segment->to_ns, &x0, &x1);
        if (x1 - x0 < WEFT_METRIC_BOX_MIN || x1 <= 0 || x0 >= lane->width)
            continue;
        if (segment->flags & WEFT_SEGMENT_MERGED)
            merged_words(lane, segment, x0, x1);
        else if (segment->state == WEFT_SEGMENT_WAITING)
            waiting_words(lane, segment, x0, x1);
        else if (segment->state == WEFT_SEGMENT_RUNNING)
            running_words(lane, segment, x0, x1);
        else if (segment->state == WEFT_SEGMENT_READY || segment->state == WEFT_SEGMENT_CANCELLING)
            hatched_words(lane, segment, x0, x1);
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
    if (x < -WEFT_DONE_REACH || x > lane->width)
        return;
    gboolean failed = task->outcome == WEFT_OUTCOME_ERROR;
    enum weft_role cap = failed                                    ? WEFT_ROLE_ERROR
                         : task->outcome == WEFT_OUTCOME_CANCELLED ? WEFT_ROLE_CANCELLING
                                                                   : WEFT_ROLE_TEXT;
    weft_fill(render, lane->snapshot, cap, 1, x, lane->shape.top, WEFT_METRIC_CAP,
              lane->shape.base - lane->shape.top);
    if (lane->shape.lines == 0 || !weft_text_budget(render))
        return;
    struct weft_label *label = weft_text_cut(render, failed ? WEFT_STYLE_STRONG : WEFT_STYLE_WORDS,
                                             weft_scene_outcome(lane->scene, lane->row->lane),
                                             WEFT_DONE_REACH - 12);
    x += WEFT_METRIC_CAP + WEFT_METRIC_PAD;
    if (free_place(lane, x, label->width))
        weft_text_draw(render, lane->snapshot, label, failed ? WEFT_ROLE_ERROR : WEFT_ROLE_DIM, x,
                       lane->shape.lines == 2 ? lane->shape.top + 2
                                              : floor((lane->row->height - label->height) / 2));
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
    draw_boxes(&lane, WEFT_SEGMENT_RUNNING, TRUE);
    draw_boxes(&lane, WEFT_SEGMENT_RUNNING, FALSE);
    draw_boxes(&lane, WEFT_SEGMENT_READY, FALSE);
    draw_boxes(&lane, WEFT_SEGMENT_UNKNOWN, FALSE);
    draw_boxes(&lane, WEFT_SEGMENT_CANCELLING, FALSE);
    if (lane.shape.lines > 0)
        draw_labels(&lane);
    draw_end(&lane);
}
