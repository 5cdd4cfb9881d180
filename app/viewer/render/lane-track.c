/* lane-track.c: the lanes of what is no task: locks and queues, threads of the pool, counters. See
 * render.h.
 *
 *     lock       +---------------+ +-----------+    a box while it has an owner
 *                | held by fetch | | held by … |
 *                +---------------+ +-----------+
 *                     #########                     below: how many wait
 *     queue      __--====----__________             as high as it is full; below: how many wait
 *     pool 1     |store · fetch-1 |                 its jobs
 *     counter    __--^^--_____                      its value, between its least and greatest
 *
 * A merged step is as high as the share of time that it was held for; of values, the least is
 * filled, and the greatest a line. */
#include "app/viewer/render/draw.h"
#include <math.h>

struct track_lane {
    struct weft_render *render;
    GtkSnapshot *snapshot;
    const struct weft_scene *scene;
    const struct weft_visible_row *visible;
    guint row;
    double y, width, top, base, phase;
    enum weft_role role;
};

/* A step's box in the lane. */
struct box {
    double x0, x1;
};

static gboolean is_merged(const struct weft_track_step *step)
{
    return step->flags & WEFT_TRACK_MERGED;
}

static gboolean has_value(const struct weft_track_step *step)
{
    return step->value_min <= step->value_max &&
           !(!is_merged(step) && step->flags & WEFT_TRACK_VALUE_UNKNOWN);
}

static void draw_unknown(const struct track_lane *lane, struct box box)
{
    weft_pattern(lane->render, lane->snapshot, WEFT_TILE_UNKNOWN, box.x0, lane->top,
                 box.x1 - box.x0, lane->base - lane->top, lane->phase);
}

/* How high a value stands, of `room`. */
static double level(const struct track_lane *lane, gint64 value, double room)
{
    const struct weft_track *track = &lane->visible->track;
    gint64 capacity = (gint64)MIN(track->capacity, (guint64)G_MAXINT64);
    if (track->kind == WEFT_TRACK_COUNTER) {
        gint64 span = MAX(lane->visible->most - lane->visible->least, 1);
        return round(room * (double)(value - lane->visible->least) / (double)span);
    }
    if (weft_id_kind(track->id) == WEFT_ENTITY_SEMAPHORE && capacity >= value)
        value = capacity - value; /* what is taken is what is seen */
    if (value <= 0)
        return 0;
    if (capacity > 0 && capacity >= value)
        return MAX(round(room * (double)value / (double)capacity), 3);
    return weft_value_height((guint64)value, room);
}

static void draw_level(const struct track_lane *lane, const struct weft_track_step *step,
                       struct box box)
{
    double room = lane->base - lane->top, a = level(lane, step->value_min, room);
    double b = level(lane, step->value_max, room), low = MIN(a, b), high = MAX(a, b);
    weft_fill(lane->render, lane->snapshot, lane->role, 0.35f, box.x0, lane->base - low,
              box.x1 - box.x0, low);
    if (high > low)
        weft_fill(lane->render, lane->snapshot, lane->role, 0.15f, box.x0, lane->base - high,
                  box.x1 - box.x0, high - low);
    if (high > 0)
        weft_fill(lane->render, lane->snapshot, lane->role, 1, box.x0, lane->base - high,
                  box.x1 - box.x0, 1.5);
}

/* Held, set, or at work. */
static void draw_held(const struct track_lane *lane, const struct weft_track_step *step,
                      struct box box)
{
    struct weft_render *render = lane->render;
    double room = lane->base - lane->top, width = box.x1 - box.x0;
    if (is_merged(step)) {
        double share = (double)step->held_ns / (double)MAX(step->to_ns - step->from_ns, 1);
        double height = step->held_ns > 0 ? MAX(round(room * MIN(share, 1)), 2) : 0;
        weft_fill(render, lane->snapshot, lane->role, 0.28f, box.x0, lane->base - height, width,
                  height);
        weft_fill(render, lane->snapshot, lane->role, 1, box.x0, lane->base - height, width,
                  MIN(height, 1.5));
    } else if (step->owner || (has_value(step) && step->value_max > 0)) {
        gboolean thread = lane->visible->track.kind == WEFT_TRACK_THREAD;
        weft_fill(render, lane->snapshot, lane->role, thread ? 0.35f : 0.12f, box.x0, lane->top,
                  width, room);
        if (thread || width < WEFT_METRIC_PAD)
            weft_fill(render, lane->snapshot, lane->role, 1, box.x0, lane->top,
                      MIN(width, WEFT_METRIC_SLICE_MIN), room);
        else
            weft_frame(render, lane->snapshot, lane->role, 1, box.x0, lane->top, width, room,
                       render->palette->frame, 3);
    }
}

/* Who waits, below the box: the more, the deeper. */
static void draw_waiters(const struct track_lane *lane, const struct weft_track_step *step,
                         struct box box)
{
    double top = lane->base + WEFT_RESOURCE_GAP;
    double room = round(WEFT_RESOURCE_WAITERS * lane->render->scale), width = box.x1 - box.x0;
    double least = step->waiters_min <= step->waiters_max
                       ? weft_value_height(step->waiters_min, room)
                       : 0;
    double most = weft_value_height(step->waiters_max, room);
    weft_fill(lane->render, lane->snapshot, lane->role, 1, box.x0, top, width, least);
    weft_fill(lane->render, lane->snapshot, lane->role, 0.55f, box.x0, top + least, width,
              most - least);
}

static gboolean is_unknown(const struct track_lane *lane, const struct weft_track_step *step)
{
    if (is_merged(step))
        return 2 * step->unknown_ns > step->to_ns - step->from_ns;
    if (weft_track_is_held(&lane->visible->track) && step->owner)
        return FALSE;
    return step->flags & (WEFT_TRACK_VALUE_UNKNOWN | WEFT_TRACK_OWNER_UNKNOWN);
}

static void draw_step(const struct track_lane *lane, const struct weft_track_step *step,
                      struct box box)
{
    gboolean boxes = weft_track_is_held(&lane->visible->track);
    if (is_unknown(lane, step))
        draw_unknown(lane, box);
    else if (boxes)
        draw_held(lane, step, box);
    else if (has_value(step))
        draw_level(lane, step, box);
    if (lane->visible->track.kind == WEFT_TRACK_RESOURCE)
        draw_waiters(lane, step, box);
}

/* Whether the value's line runs through words there. */
static gboolean crosses(const struct track_lane *lane, const struct weft_track_step *step, double y,
                        double height)
{
    double room = lane->base - lane->top;
    if (weft_track_is_held(&lane->visible->track) || !has_value(step))
        return FALSE;
    double least = lane->base - level(lane, step->value_min, room);
    double most = lane->base - level(lane, step->value_max, room);
    return MIN(least, most) < y + height && MAX(least, most) > y;
}

/* Words at the left of what is visible of a box: the longest rung that has a place. */
static void words(const struct track_lane *lane, char *const *ladder, enum weft_style style,
                  struct box box, const struct weft_track_step *step)
{
    double from = MAX(box.x0, 0), limit = MIN(box.x1, lane->width) - 2;
    if (limit - from < WEFT_METRIC_BOX_MIN)
        return;
    for (guint i = 0; ladder[i] && weft_text_budget(lane->render); i++) {
        struct weft_label *label = weft_text(lane->render, style, ladder[i]);
        double x = from + WEFT_METRIC_PAD;
        double y = lane->top + floor((lane->base - lane->top - label->height) / 2);
        if (x + label->width > limit ||
            !weft_render_find_place(lane->render, lane->y + y, label->height, label->width, limit,
                                    &x))
            continue;
        if (crosses(lane, step, y, label->height))
            weft_round(lane->render, lane->snapshot, WEFT_ROLE_CANVAS, 0.8f, x - 3, y,
                       label->width + 6, label->height, 3);
        weft_text_draw(lane->render, lane->snapshot, label, WEFT_ROLE_TEXT, x, y);
        return;
    }
}

static const struct weft_track_step *step_at(const struct track_lane *lane, guint i)
{
    return &g_array_index(lane->visible->steps, struct weft_track_step, i);
}

/* The last step that the words of step i, a value's, hold for, too: what is between is too short to
 * be seen. */
static guint last_alike(const struct track_lane *lane, guint i)
{
    const struct weft_track_step *step = step_at(lane, i);
    const char *words = weft_scene_step_ladder(lane->scene, lane->row, step)[0];
    guint last = i;
    for (guint next = i + 1; words && next < lane->visible->steps->len; next++) {
        const struct weft_track_step *other = step_at(lane, next);
        struct box box;
        weft_span(lane->scene, other->from_ns, other->to_ns, &box.x0, &box.x1);
        if (is_unknown(lane, other))
            break;
        if (box.x1 - box.x0 <= WEFT_METRIC_SLICE_MIN)
            continue;
        if (is_merged(other) ||
            g_strcmp0(weft_scene_step_ladder(lane->scene, lane->row, other)[0], words) != 0)
            break;
        last = next;
    }
    return last;
}

/* The words of step i, or of the run of merged or like ones that it begins; returns the last of
 * them. */
static guint step_words(const struct track_lane *lane, guint i)
{
    const GArray *steps = lane->visible->steps;
    const struct weft_track_step *step = step_at(lane, i);
    guint last = i;
    struct box box;
    while (is_merged(step) && last + 1 < steps->len && is_merged(step_at(lane, last + 1)))
        last++;
    if (!weft_track_is_held(&lane->visible->track) && !is_merged(step) && !is_unknown(lane, step))
        last = last_alike(lane, i);
    weft_span(lane->scene, step->from_ns, g_array_index(steps, struct weft_track_step, last).to_ns,
              &box.x0, &box.x1);
    if (is_merged(step)) {
        guint64 count = 0;
        for (guint j = i; j <= last; j++)
            count += g_array_index(steps, struct weft_track_step, j).count;
        g_autofree char *number = weft_text_count(count);
        g_autofree char *text = g_strdup_printf("%s×", number);
        if (weft_track_is_held(&lane->visible->track))
            words(lane, (char *const[]){ text, NULL }, WEFT_STYLE_SECONDARY, box, step);
    } else if (!is_unknown(lane, step)) {
        words(lane, weft_scene_step_ladder(lane->scene, lane->row, step),
              lane->visible->track.kind == WEFT_TRACK_COUNTER ? WEFT_STYLE_SMALL_STRONG
                                                              : WEFT_STYLE_SECONDARY,
              box, step);
    }
    return last;
}

static void draw_life(const struct track_lane *lane)
{
    double x0, x1;
    weft_span(lane->scene, lane->visible->track.first_ns, lane->visible->track.last_ns, &x0, &x1);
    x0 = MAX(x0, 0);
    x1 = MIN(x1, lane->width);
    weft_fill(lane->render, lane->snapshot, WEFT_ROLE_TICK, 0.8f, x0, lane->base, x1 - x0, 1);
}

static enum weft_role role_of(guint kind)
{
    return kind == WEFT_ROW_RESOURCE ? WEFT_ROLE_WAIT_SYNC
           : kind == WEFT_ROW_POOL   ? WEFT_ROLE_WAIT_THREAD
                                     : WEFT_ROLE_DIM;
}

void weft_render_track_lane(struct weft_render *render, GtkSnapshot *snapshot,
                            const struct weft_scene *scene, guint row)
{
    const struct weft_row *what = weft_scene_row(scene, row);
    struct track_lane lane = {
        .render = render,
        .snapshot = snapshot,
        .scene = scene,
        .visible = weft_scene_visible(scene, row),
        .row = row,
        .y = weft_scene_y(scene, row),
        .width = scene->view.viewport.width,
        .phase = weft_phase(scene),
        .role = role_of(what->kind),
    };
    const GArray *steps = lane.visible->steps;
    double last = -INFINITY;
    weft_row_box(what, scene->view.text_scale, &lane.top, &lane.base);
    draw_life(&lane);
    for (guint i = 0; i < steps->len; i++) {
        const struct weft_track_step *step = &g_array_index(steps, struct weft_track_step, i);
        struct box box;
        weft_span(scene, step->from_ns, step->to_ns, &box.x0, &box.x1);
        if (box.x1 <= last)
            continue;
        box.x1 = MAX(box.x1, box.x0 + WEFT_METRIC_SLICE_MIN);
        last = box.x1;
        draw_step(&lane, step, box);
    }
    for (guint i = 0; i < steps->len; i++)
        i = step_words(&lane, i);
}
