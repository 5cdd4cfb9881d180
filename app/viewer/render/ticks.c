/* ticks.c: single events in a task's lane, where a pixel is so short that they can be told apart: a
 * tick over the box, and its kind where there is room. See lane.h. */
#include "app/viewer/render/lane.h"
#include <math.h>

enum { TICK_HEIGHT = 5, TICK_WIDTH = 2, KIND_HEIGHT = 13 };

/* What the box's own edges say already. */
static gboolean is_implied(guint kind)
{
    return kind == WEFT_RECORD_RESUME || kind == WEFT_RECORD_SUSPEND || kind == WEFT_RECORD_WAKE ||
           kind == WEFT_RECORD_TASK_DONE;
}

/* "TIMER_SET" reads "timer set". */
static char *kind_words(guint kind)
{
    const struct weft_event_info *info = weft_event_info(kind);
    char *words = g_ascii_strdown(info ? info->name : "event", -1);
    return g_strdelimit(words, "_", ' ');
}

/* Words in the box's lower half, from the event to the next one of the lane. */
static void draw_kind(const struct lane *lane, guint kind, double x, double next)
{
    g_autofree char *text = kind_words(kind);
    struct weft_label *label = weft_text(lane->render, WEFT_STYLE_SMALL, text);
    double y = lane->shape.base - lane->shape.bar - KIND_HEIGHT, at = x + 3;
    if (at + label->width > next - 2 || !weft_text_budget(lane->render) ||
        !weft_render_find_place(lane->render, lane->y + y, label->height, label->width, next - 2,
                                &at))
        return;
    weft_round(lane->render, lane->snapshot, WEFT_ROLE_CANVAS, 0.9f, at - 2, y, label->width + 4,
               label->height, 3);
    weft_text_draw(lane->render, lane->snapshot, label, WEFT_ROLE_DIM, at, y);
}

void weft_lane_ticks(const struct lane *lane)
{
    const GArray *ticks = lane->scene->ticks;
    const struct weft_viewport *viewport = &lane->scene->view.viewport;
    double last = -INFINITY, next = lane->width;
    if (lane->shape.lines < 2)
        return;
    for (guint i = 0; i < ticks->len; i++) {
        const struct weft_tick *tick = &g_array_index(ticks, struct weft_tick, i);
        double x = round(weft_viewport_x(viewport, tick->ns));
        if (tick->lane != lane->row->lane || x < last + TICK_WIDTH)
            continue;
        last = x;
        weft_fill(lane->render, lane->snapshot, WEFT_ROLE_TEXT, 0.7f, x, lane->shape.top - 6,
                  TICK_WIDTH, TICK_HEIGHT);
    }
    if (lane->row->height < WEFT_LANE_HEIGHT_GROWN)
        return;
    for (guint i = ticks->len; i > 0; i--) { /* backward: each knows where the next one begins */
        const struct weft_tick *tick = &g_array_index(ticks, struct weft_tick, i - 1);
        double x = round(weft_viewport_x(viewport, tick->ns));
        if (tick->lane != lane->row->lane)
            continue;
        if (!is_implied(tick->kind))
            draw_kind(lane, tick->kind, x, next);
        next = x;
    }
}
