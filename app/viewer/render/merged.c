/* merged.c: runs of segments too short to be seen alone. See draw.h.
 *
 *        148×
 *      ________----______      the line: how much of the time something ran
 *      ::::::::::::::::::      its tint
 *      ==================      the bar of what was mostly waited for stays (the lane draws it)
 *
 * A run narrower than a few px is one wake-up seen from far, and looks like one slice. */
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
    double x0, x1, base, height;
};

static void draw_block(struct weft_render *render, GtkSnapshot *snapshot, const struct block *b)
{
    if (b->x1 <= b->x0)
        return;
    weft_fill(render, snapshot, WEFT_ROLE_RUNNING, 0.28f, b->x0, b->base - b->height, b->x1 - b->x0,
              b->height);
    weft_fill(render, snapshot, WEFT_ROLE_RUNNING, 1, b->x0, b->base - b->height, b->x1 - b->x0,
              1.5);
}

static double share_height(const struct weft_segment_view *piece, double room)
{
    gint64 lasts = MAX(piece->to_ns - piece->from_ns, 1);
    double share = CLAMP((double)piece->running_ns / (double)lasts, 0, 1);
    return MAX(round(room * share), 2);
}

static void draw_run(struct weft_render *render, GtkSnapshot *snapshot,
                     const struct weft_scene *scene, const struct weft_segment_view *pieces,
                     guint n, double top, double bar, double base)
{
    double from, to, x0, x1;
    gboolean runs = FALSE;
    weft_span(scene, pieces[0].from_ns, pieces[n - 1].to_ns, &from, &to);
    for (guint i = 0; i < n; i++)
        runs |= pieces[i].running_ns > 0;
    if (to - from < WEFT_MERGED_MIN) {
        if (runs)
            weft_fill(render, snapshot, WEFT_ROLE_RUNNING, 1, from, top, WEFT_METRIC_SLICE_MIN,
                      base - top);
        return;
    }
    struct block block = { 0 };
    for (guint i = 0; i < n; i++) {
        weft_span(scene, pieces[i].from_ns, pieces[i].to_ns, &x0, &x1);
        double foot = pieces[i].state == WEFT_SEGMENT_WAITING ? base - bar : base;
        double height = share_height(&pieces[i], foot - top);
        gboolean runs_here = pieces[i].running_ns > 0 && pieces[i].state != WEFT_SEGMENT_UNKNOWN;
        if (pieces[i].state == WEFT_SEGMENT_UNKNOWN)
            weft_pattern(render, snapshot, WEFT_TILE_UNKNOWN, x0, top, x1 - x0, base - top,
                         weft_phase(scene));
        if (runs_here && block.x1 == x0 && block.base == foot && block.height == height) {
            block.x1 = x1;
            continue;
        }
        draw_block(render, snapshot, &block);
        block = runs_here ? (struct block){ x0, x1, foot, height } : (struct block){ 0 };
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
