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

static void draw_piece(struct weft_render *render, GtkSnapshot *snapshot,
                       const struct weft_segment_view *piece, double x0, double x1, double top,
                       double base)
{
    gint64 lasts = MAX(piece->to_ns - piece->from_ns, 1);
    double share = CLAMP((double)piece->running_ns / (double)lasts, 0, 1);
    double height = MAX(round((base - top) * share), 2);
    weft_fill(render, snapshot, WEFT_ROLE_RUNNING, 0.28f, x0, base - height, x1 - x0, height);
    weft_fill(render, snapshot, WEFT_ROLE_RUNNING, 1, x0, base - height, x1 - x0, 1.5);
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
    for (guint i = 0; i < n; i++) {
        weft_span(scene, pieces[i].from_ns, pieces[i].to_ns, &x0, &x1);
        if (pieces[i].state == WEFT_SEGMENT_UNKNOWN)
            weft_pattern(render, snapshot, WEFT_TILE_UNKNOWN, x0, top, x1 - x0, base - top,
                         weft_phase(scene));
        else if (pieces[i].running_ns > 0)
            draw_piece(render, snapshot, &pieces[i], x0, x1, top,
                       pieces[i].state == WEFT_SEGMENT_WAITING ? base - bar : base);
    }
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
