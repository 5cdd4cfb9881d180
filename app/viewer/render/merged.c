/* merged.c: runs of segments too short to be seen alone. See draw.h.
 *
 *        148×
 *      ________----______      the line: how much of the time something ran
 *      ::::::::::::::::::      its tint
 *      ==================      the bar of what was mostly waited for stays (the lane draws it)
 *
 * Where it was ready for longer than it ran, the share of that stands on top. What must not vanish
 * (cancelling, unknown) is drawn as it is. A run narrower than a few px is one wake-up seen from
 * far, and looks like one slice. */
#include "app/viewer/render/draw.h"
#include <math.h>

guint weft_merged_end(const GArray *segments, guint first)
{
    guint last = first;
    while (
        last + 1 < segments->len &&
        (g_array_index(segments, struct weft_segment_view, last + 1).flags & WEFT_SEGMENT_MERGED))
        last++;
    return last;
}

struct block { /* neighbours that look the same are one */
    double x0, x1, base, running, ready;
};

static void draw_block(struct weft_render *render, GtkSnapshot *snapshot, const struct block *b)
{
    double width = b->x1 - b->x0, top = b->base - b->running;
    if (width <= 0)
        return;
    if (b->running > 0) {
        weft_fill(render, snapshot, WEFT_ROLE_RUNNING, 0.28f, b->x0, top, width, b->running);
        weft_fill(render, snapshot, WEFT_ROLE_RUNNING, 1, b->x0, top, width, 1.5);
    }
    if (b->ready > 0) {
        weft_fill(render, snapshot, WEFT_ROLE_READY, 0.35f, b->x0, top - b->ready, width, b->ready);
        weft_fill(render, snapshot, WEFT_ROLE_READY, 1, b->x0, top - b->ready, width, 1.5);
    }
}

static double share_height(const struct weft_segment_view *piece, gint64 ns, double room)
{
    gint64 lasts = MAX(piece->to_ns - piece->from_ns, 1);
    double share = CLAMP((double)ns / (double)lasts, 0, 1);
    return ns > 0 ? MAX(round(room * share), 2) : 0;
}

/* TRUE: pieces of this state are drawn as they are, and this is one. */
static gboolean draw_whole(struct weft_render *render, GtkSnapshot *snapshot,
                           const struct weft_scene *scene, guint state, double x0, double x1,
                           double top, double base)
{
    if (state != WEFT_SEGMENT_CANCELLING && state != WEFT_SEGMENT_UNKNOWN)
        return FALSE;
    weft_pattern(render, snapshot,
                 state == WEFT_SEGMENT_CANCELLING ? WEFT_TILE_CANCELLING : WEFT_TILE_UNKNOWN, x0,
                 top, MAX(x1 - x0, WEFT_METRIC_SLICE_MIN), base - top, weft_phase(scene));
    return TRUE;
}

/* A run of hardly any px: the most important state that is in it. */
static void draw_narrow(struct weft_render *render, GtkSnapshot *snapshot,
                        const struct weft_scene *scene, const struct weft_segment_view *pieces,
                        guint n, double x, double top, double base)
{
    double x1 = x + WEFT_METRIC_SLICE_MIN;
    gint64 runs = 0, ready = 0;
    guint state = WEFT_SEGMENT_RUNNING;
    for (guint i = 0; i < n; i++) {
        runs += pieces[i].running_ns;
        ready += pieces[i].ready_ns;
        if (pieces[i].state == WEFT_SEGMENT_CANCELLING ||
            (pieces[i].state == WEFT_SEGMENT_UNKNOWN && state != WEFT_SEGMENT_CANCELLING))
            state = pieces[i].state;
    }
    if (draw_whole(render, snapshot, scene, state, x, x1, top, base))
        return;
    if (ready > runs)
        weft_pattern(render, snapshot, WEFT_TILE_READY, x, top, x1 - x, base - top, 0);
    else if (runs > 0)
        weft_fill(render, snapshot, WEFT_ROLE_RUNNING, 1, x, top, x1 - x, base - top);
}

static void draw_run(struct weft_render *render, GtkSnapshot *snapshot,
                     const struct weft_scene *scene, const struct weft_segment_view *pieces,
                     guint n, double top, double bar, double base)
{
    double from, to, x0, x1;
    weft_span(scene, pieces[0].from_ns, pieces[n - 1].to_ns, &from, &to);
    if (to - from < WEFT_MERGED_MIN) {
        draw_narrow(render, snapshot, scene, pieces, n, from, top, base);
        return;
    }
    struct block block = { 0 };
    for (guint i = 0; i < n; i++) {
        weft_span(scene, pieces[i].from_ns, pieces[i].to_ns, &x0, &x1);
        double foot = pieces[i].state == WEFT_SEGMENT_WAITING ? base - bar : base;
        struct block next = { x0, x1, foot,
                              share_height(&pieces[i], pieces[i].running_ns, foot - top), 0 };
        if (pieces[i].ready_ns > pieces[i].running_ns)
            next.ready = MIN(share_height(&pieces[i], pieces[i].ready_ns, foot - top),
                             foot - top - next.running);
        if (draw_whole(render, snapshot, scene, pieces[i].state, x0, x1, top, base))
            next = (struct block){ 0 };
        if (next.x1 > next.x0 && block.x1 == x0 && block.base == foot &&
            block.running == next.running && block.ready == next.ready) {
            block.x1 = x1;
            continue;
        }
        draw_block(render, snapshot, &block);
        block = next;
    }
    draw_block(render, snapshot, &block);
}

void weft_render_merged(struct weft_render *render, GtkSnapshot *snapshot,
                        const struct weft_scene *scene, const GArray *segments, double top,
                        double bar, double base)
{
    for (guint i = 0; i < segments->len; i++) {
        const struct weft_segment_view *first = &g_array_index(segments, struct weft_segment_view,
                                                               i);
        if (!(first->flags & WEFT_SEGMENT_MERGED))
            continue;
        guint last = weft_merged_end(segments, i);
        draw_run(render, snapshot, scene, first, last - i + 1, top, bar, base);
        i = last;
    }
}

struct weft_label *weft_merged_label(struct weft_render *render, enum weft_style style,
                                     const GArray *segments, guint first, guint last)
{
    guint64 count = 0;
    for (guint i = first; i <= last; i++)
        count += g_array_index(segments, struct weft_segment_view, i).count;
    g_autofree char *number = weft_text_count(count);
    g_autofree char *text = g_strdup_printf("%s×", number);
    return weft_text(render, style, text);
}
