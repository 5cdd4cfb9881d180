/* lane-words.c: the words of a task's lane. See lane.h.
 *
 * A segment's words come as a ladder of rungs; the longest that fits what is visible of it is
 * drawn: the rung changes on zoom, and on pan only while the segment leaves the window, so that no
 * word is ever cut. Words give way to tags, and never cross a loss. */
#include "app/viewer/render/lane.h"
#include <math.h>

struct words { /* what fits into a box */
    struct weft_label *first, *second;
    double glyph; /* px that the glyph takes, 0: none */
};

static gboolean is_small(const struct lane *lane)
{
    return lane->row->height / lane->scene->view.text_scale < WEFT_LANE_HEIGHT_SMALL;
}

/* The longest rung that fits; before the shortest goes, the glyph does. FALSE: nothing fits. */
static gboolean choose(const struct lane *lane, char *const *ladder, enum weft_style style,
                       double room, gboolean glyph, struct words *words)
{
    double sign = glyph ? lane->render->glyph + 4 : 0;
    *words = (struct words){ 0 };
    for (guint i = 0; ladder[i]; i++) {
        if (!*ladder[i])
            continue;
        struct weft_label *label = weft_text(lane->render, style, ladder[i]);
        gboolean with_sign = label->width + sign <= room;
        if (!with_sign && (ladder[i + 1] || label->width > room))
            continue;
        words->first = label;
        words->glyph = with_sign ? sign : 0;
        return TRUE;
    }
    gboolean alone = glyph && !is_small(lane) && lane->render->glyph <= room;
    words->glyph = alone ? lane->render->glyph : 0;
    return words->glyph > 0;
}

static gint64 since(const struct lane *lane, const struct weft_segment_view *segment)
{
    return weft_model_since(lane->scene->model, lane->row->lane, segment);
}

static void choose_second(const struct lane *lane, const struct weft_segment_view *segment,
                          double room, struct words *words)
{
    if (!words->first || (lane->shape.lines < 2 && !lane->shape.inline_second))
        return;
    g_autofree char *lasts = weft_format_duration(segment->to_ns - since(lane, segment));
    g_autofree char *still = g_strconcat(lasts, ", still", NULL);
    const char *rungs[] = { still, lasts };
    double before = words->glyph;
    if (lane->shape.inline_second)
        before += words->first->width + WEFT_METRIC_PAD;
    for (guint i = segment->flags & WEFT_SEGMENT_OPEN ? 0 : 1; i < G_N_ELEMENTS(rungs); i++) {
        struct weft_label *label = weft_text(lane->render, WEFT_STYLE_SECONDARY, rungs[i]);
        if (before + label->width > room)
            continue;
        words->second = label;
        return;
    }
}

static double words_width(const struct lane *lane, const struct words *words)
{
    double first = words->first ? words->first->width : 0;
    double second = words->second ? words->second->width : 0;
    if (!words->first)
        return words->glyph;
    return words->glyph + (lane->shape.inline_second && second > 0
                               ? first + WEFT_METRIC_PAD + second
                               : MAX(first, second));
}

/* A glyph alone stands where one beside words does. */
static double first_line(const struct lane *lane, const struct words *words)
{
    return words->first ? words->first->height : lane->render->glyph + 4;
}

static double words_height(const struct lane *lane, const struct words *words)
{
    double line = first_line(lane, words);
    if (words->second && !lane->shape.inline_second)
        line += words->second->height - 2;
    return line;
}

/* Where words of this size go in x0 … x1, y from the lane's top; FALSE: there is no room, or tags
 * leave none. */
static gboolean find_place(const struct lane *lane, double x0, double x1, double y, double width,
                           double height, double *x)
{
    *x = x0 + WEFT_METRIC_PAD;
    return *x + width <= x1 - 2 &&
           weft_render_find_place(lane->render, lane->y + y, height, width, x1 - 2, x);
}

/* At (x, y), the glyph too. */
static void draw(const struct lane *lane, const struct words *words, int glyph, double x, double y,
                 enum weft_role first, enum weft_role second)
{
    double line = first_line(lane, words);
    if (words->glyph > 0)
        weft_glyph(lane->render, lane->snapshot, (enum weft_wait_class)glyph, x,
                   y + floor((line - lane->render->glyph) / 2));
    x += words->glyph;
    if (words->first)
        weft_text_draw(lane->render, lane->snapshot, words->first, first, x, y);
    if (words->second && lane->shape.inline_second)
        weft_text_draw(lane->render, lane->snapshot, words->second, second,
                       x + words->first->width + WEFT_METRIC_PAD,
                       y + words->first->height - words->second->height);
    else if (words->second)
        weft_text_draw(lane->render, lane->snapshot, words->second, second, x, y + line - 2);
}

/* y of a block of words in a lane with room for them from top to bottom: in its middle; words of
 * one line stand where the first of two does. */
static double block_y(const struct lane *lane, double height, double top, double bottom)
{
    double two_lines = WEFT_LANE_WORDS * lane->render->scale;
    return lane->shape.lines == 2 ? top + MAX(floor((bottom - top - two_lines) / 2), 0)
                                  : top + floor((bottom - top - height) / 2);
}

/* Of words in a box: where two lines have room, beside those over a bar. */
static double box_bottom(const struct lane *lane)
{
    return lane->shape.lines == 2 ? lane->shape.base - lane->shape.bar : lane->shape.base;
}

/* The part of a span that the window shows; FALSE: too little for words. */
static gboolean clamp(const struct lane *lane, double *x0, double *x1)
{
    *x0 = MAX(*x0, 0);
    *x1 = MIN(*x1, lane->width);
    return *x1 - *x0 >= WEFT_METRIC_BOX_MIN;
}

/* ---- By state ---- */

/* The longest rung that has a place in x0 … x1, top … bottom: where a tag lies, a shorter one may
 * find room beside it. lasts: the segment whose length is the second line; NULL: there is none. */
static gboolean fit(const struct lane *lane, char *const *ladder, enum weft_style style,
                    gboolean glyph, const struct weft_segment_view *lasts, double x0, double x1,
                    double top, double bottom, struct words *words, double *x, double *y)
{
    double room = x1 - x0 - WEFT_METRIC_PAD - 2;
    for (guint rung = 0;; rung++) {
        if (!choose(lane, ladder + rung, style, room, glyph, words))
            return FALSE;
        if (lasts)
            choose_second(lane, lasts, room, words);
        double height = words_height(lane, words);
        *y = block_y(lane, height, top, bottom);
        if (find_place(lane, x0, x1, *y, words_width(lane, words), height, x))
            return TRUE;
        if (!ladder[rung])
            return FALSE;
    }
}

static void waiting_words(const struct lane *lane, const struct weft_segment_view *segment,
                          double x0, double x1)
{
    struct words words;
    double x, y;
    if (lane->zoom == WEFT_ZOOM_OVERVIEW && x1 - x0 < WEFT_WORDS_MIN_FAR)
        return;
    if (fit(lane, weft_scene_ladder(lane->scene, lane->row->lane, segment),
            is_small(lane) ? WEFT_STYLE_SMALL : WEFT_STYLE_WORDS, TRUE, segment, x0, x1,
            lane->shape.top, lane->shape.base - lane->shape.bar, &words, &x, &y))
        draw(lane, &words, (int)weft_wait_class(segment->detail), x, y, WEFT_ROLE_TEXT,
             WEFT_ROLE_DIM);
}

static void running_words(const struct lane *lane, const struct weft_segment_view *segment,
                          double x0, double x1)
{
    struct words words;
    double x, y;
    if (fit(lane, weft_scene_ladder(lane->scene, lane->row->lane, segment),
            is_small(lane) ? WEFT_STYLE_SMALL_STRONG : WEFT_STYLE_STRONG, FALSE, segment, x0, x1,
            lane->shape.top + (lane->shape.lines == 2 ? 2 : 0), box_bottom(lane), &words, &x, &y))
        draw(lane, &words, 0, x, y, WEFT_ROLE_ON_RUNNING, WEFT_ROLE_ON_RUNNING);
}

/* From wake to resume, measured as on a drawing: |<---- ---->|. */
static void draw_dimension(const struct lane *lane, double x0, double x1)
{
    double y = lane->shape.base - 8;
    if (x1 - x0 < 2 * WEFT_METRIC_BOX_MIN || lane->shape.lines < 2)
        return;
    weft_fill(lane->render, lane->snapshot, WEFT_ROLE_TEXT, 1, x0, y, x1 - x0, 1);
    weft_triangle(lane->render, lane->snapshot, WEFT_ROLE_TEXT, x0, y + 0.5, 6, '<');
    weft_triangle(lane->render, lane->snapshot, WEFT_ROLE_TEXT, x1, y + 0.5, 6, '>');
}

/* Words over a hatch stand on a plate of the canvas. */
static void hatched_words(const struct lane *lane, const struct weft_segment_view *segment,
                          double x0, double x1)
{
    g_autofree char *lasts = weft_format_duration(segment->to_ns - since(lane, segment));
    g_autofree char *gap = g_strdup_printf("wake → resume %s", lasts);
    gboolean near = lane->zoom >= WEFT_ZOOM_SLICES;
    char *only[] = { near ? gap : lasts, lasts, NULL };
    char *const *ladder = segment->state == WEFT_SEGMENT_CANCELLING
                              ? weft_scene_ladder(lane->scene, lane->row->lane, segment)
                              : only;
    struct words words;
    double x, y;
    if (lane->zoom >= WEFT_ZOOM_EVENTS && segment->state == WEFT_SEGMENT_READY)
        draw_dimension(lane, x0, x1);
    if (!fit(lane, ladder, WEFT_STYLE_SMALL_STRONG, FALSE, NULL, x0, x1 - 3,
             lane->shape.top + (lane->shape.lines == 2 ? 4 : 0), box_bottom(lane), &words, &x, &y))
        return;
    struct weft_label *label = words.first;
    weft_round(lane->render, lane->snapshot, WEFT_ROLE_CANVAS, 0.9f, x - 3, y, label->width + 6,
               label->height, 3);
    weft_text_draw(lane->render, lane->snapshot, label, WEFT_ROLE_TEXT, x, y);
}

static void merged_words(const struct lane *lane, guint first, guint last)
{
    const struct weft_segment_view *all = &g_array_index(lane->visible->segments,
                                                         struct weft_segment_view, 0);
    double x0, x1, x;
    weft_span(lane->scene, all[first].from_ns, all[last].to_ns, &x0, &x1);
    if (!clamp(lane, &x0, &x1))
        return;
    struct weft_label *label = weft_merged_label(
        lane->render, is_small(lane) ? WEFT_STYLE_SMALL : WEFT_STYLE_STRONG,
        lane->visible->segments, first, last);
    double y = block_y(lane, label->height, lane->shape.top, lane->shape.base - lane->shape.bar);
    if (find_place(lane, x0, x1, y, label->width, label->height, &x))
        weft_text_draw(lane->render, lane->snapshot, label,
                       is_small(lane) ? WEFT_ROLE_DIM : WEFT_ROLE_TEXT, x, y);
}

gboolean weft_lane_overdue(const struct lane *lane, const struct weft_segment_view *segment,
                           double *deadline)
{
    gint64 planned = weft_segment_planned_ns(segment);
    double x, x1;
    if (segment->state != WEFT_SEGMENT_WAITING || planned <= 0)
        return FALSE;
    gint64 due_ns = MAX(since(lane, segment) + planned, segment->from_ns);
    weft_span(lane->scene, due_ns, segment->to_ns, &x, &x1);
    *deadline = x;
    return x1 - x >= WEFT_OVERDUE_MIN && segment->to_ns - due_ns >= WEFT_OVERDUE_NS;
}

static void overdue_words(const struct lane *lane, const struct weft_segment_view *segment,
                          double deadline, double x1)
{
    gint64 late = segment->to_ns - since(lane, segment) - weft_segment_planned_ns(segment);
    g_autofree char *lasts = weft_format_duration(late);
    g_autofree char *text = g_strdup_printf("%s late", lasts);
    struct weft_label *label = weft_text(
        lane->render, is_small(lane) ? WEFT_STYLE_SMALL_STRONG : WEFT_STYLE_STRONG, text);
    double x, y = block_y(lane, label->height, lane->shape.top, lane->shape.base - lane->shape.bar);
    if (find_place(lane, deadline, x1, y, label->width, label->height, &x))
        weft_text_draw(lane->render, lane->snapshot, label, WEFT_ROLE_TEXT, x, y);
}

void weft_lane_words(const struct lane *lane)
{
    const GArray *segments = lane->visible->segments;
    for (guint i = 0; i < segments->len && weft_text_budget(lane->render); i++) {
        const struct weft_segment_view *segment = &g_array_index(segments, struct weft_segment_view,
                                                                 i);
        double x0, x1, deadline;
        if (segment->flags & WEFT_SEGMENT_MERGED) {
            guint last = weft_merged_end(segments, i);
            merged_words(lane, i, last);
            i = last;
            continue;
        }
        weft_span(lane->scene, segment->from_ns, segment->to_ns, &x0, &x1);
        if (!clamp(lane, &x0, &x1))
            continue;
        if (weft_lane_overdue(lane, segment, &deadline)) {
            overdue_words(lane, segment, MAX(deadline, 0), x1);
            x1 = MIN(deadline, x1);
        }
        if (segment->state == WEFT_SEGMENT_WAITING)
            waiting_words(lane, segment, x0, x1);
        else if (segment->state == WEFT_SEGMENT_RUNNING)
            running_words(lane, segment, x0, x1);
        else if (segment->state == WEFT_SEGMENT_READY || segment->state == WEFT_SEGMENT_CANCELLING)
            hatched_words(lane, segment, x0, x1);
    }
}

void weft_lane_outcome(const struct lane *lane, double x)
{
    struct weft_render *render = lane->render;
    gboolean failed = weft_model_lane(lane->scene->model, lane->row->lane)->outcome ==
                      WEFT_OUTCOME_ERROR;
    enum weft_style style = is_small(lane) ? WEFT_STYLE_SMALL
                            : failed       ? WEFT_STYLE_STRONG
                                           : WEFT_STYLE_WORDS;
    double at = x + WEFT_METRIC_PAD, limit = MIN(x + WEFT_DONE_REACH * render->scale, lane->width);
    if (limit - at < WEFT_METRIC_BOX_MIN)
        return;
    struct weft_label *label = weft_text_cut(
        render, style, weft_scene_outcome(lane->scene, lane->row->lane), limit - at - 2);
    double y = block_y(lane, label->height, lane->shape.top + (lane->shape.lines == 2 ? 2 : 0),
                       box_bottom(lane));
    double beside = at + WEFT_METRIC_BOX_MIN;
    if (weft_text_budget(render) &&
        weft_render_find_place(render, lane->y + y, label->height, label->width, limit, &at) &&
        at <= beside) /* far from its cap it would be nobody's */
        weft_text_draw(render, lane->snapshot, label, failed ? WEFT_ROLE_ERROR : WEFT_ROLE_DIM, at,
                       y);
}
