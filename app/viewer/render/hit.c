/* hit.c: from a point of the lanes area to what is drawn there. See scene.h. */
#include "app/viewer/render/scene.h"
#include <math.h>

/* How much the eye, and so the pointer, prefers one state to another in a contested pixel. */
static int rank(const struct weft_segment_view *segment)
{
    switch (segment->state) {
    case WEFT_SEGMENT_CANCELLING:
        return 5;
    case WEFT_SEGMENT_UNKNOWN:
        return 4;
    case WEFT_SEGMENT_READY:
        return 2;
    case WEFT_SEGMENT_RUNNING:
    case WEFT_SEGMENT_CALLBACK:
        return 3;
    default:
        return 1;
    }
}

/* Index of the first segment that ends after t. */
static guint first_after(const GArray *segments, gint64 t)
{
    guint low = 0, high = segments->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(segments, struct weft_segment_view, middle).to_ns <= t)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The segment at x; one drawn wider than it is (a slice of less than 2 px) is met where it is seen,
 * and the more important of two wins. */
static const struct weft_segment_view *segment_at(const struct weft_scene *scene,
                                                  const GArray *segments, double x)
{
    const struct weft_viewport *viewport = &scene->view.viewport;
    const struct weft_segment_view *best = NULL;
    gint64 from = weft_viewport_ns(viewport, x - WEFT_METRIC_SLICE_MIN);
    for (guint i = first_after(segments, from); i < segments->len; i++) {
        const struct weft_segment_view *segment = &g_array_index(segments, struct weft_segment_view,
                                                                 i);
        double x0 = floor(weft_viewport_x(viewport, segment->from_ns));
        double x1 = MAX(weft_viewport_x(viewport, segment->to_ns), x0 + WEFT_METRIC_SLICE_MIN);
        if (x0 > x)
            break;
        if (x < x1 && (!best || rank(segment) > rank(best)))
            best = segment;
    }
    return best;
}

gboolean weft_scene_hit(const struct weft_scene *scene, double x, double y, struct weft_hit *hit)
{
    for (guint i = 0; i < scene->n_visible; i++) {
        guint row = scene->first + i;
        double top = weft_scene_y(scene, row);
        if (y < top || y >= top + weft_scene_row(scene, row)->height)
            continue;
        guint lane = weft_scene_row(scene, row)->lane;
        const struct weft_segment_view *segment = segment_at(
            scene, weft_scene_visible(scene, row)->segments, x);
        *hit = (struct weft_hit){
            .row = row,
            .lane = weft_is_model_lane(lane) ? lane : WEFT_NO_LANE,
            .track = weft_is_track_lane(lane) ? lane : WEFT_NO_LANE,
            .crowd = weft_is_crowd_lane(lane) ? lane : WEFT_NO_LANE,
            .ns = weft_viewport_ns(&scene->view.viewport, x),
            .on_segment = segment != NULL,
        };
        if (segment)
            hit->segment = *segment;
        return TRUE;
    }
    return FALSE;
}

/* What is drawn of a track at t. */
static gboolean step_at(const GArray *steps, gint64 t, struct weft_track_step *step)
{
    for (guint i = 0; i < steps->len; i++) {
        *step = g_array_index(steps, struct weft_track_step, i);
        if (t >= step->from_ns && t < step->to_ns)
            return TRUE;
    }
    return FALSE;
}

void weft_scene_set_hover(struct weft_scene *scene, guint lane, gint64 ns, gboolean tip)
{
    scene->view.hover_lane = lane;
    scene->view.hover_ns = ns;
    scene->view.hover_tip = tip;
    scene->hover_known = scene->hover_step_known = FALSE;
    g_clear_pointer(&scene->hover_crowd, g_free);
    guint row = lane == WEFT_NO_LANE ? WEFT_NO_LANE : weft_scene_row_of(scene, lane);
    const struct weft_visible_row *visible = row == WEFT_NO_LANE ? NULL
                                                                 : weft_scene_visible(scene, row);
    if (!visible)
        return;
    if (weft_is_crowd_lane(lane))
        scene->hover_crowd = weft_scene_crowd_words(scene, visible, ns, FALSE);
    scene->hover_step_known = weft_is_track_lane(lane) &&
                              step_at(visible->steps, ns, &scene->hover_step);
    const struct weft_segment_view *segment = segment_at(
        scene, visible->segments, weft_viewport_x(&scene->view.viewport, ns));
    if (segment) {
        scene->hover = *segment;
        scene->hover_known = TRUE;
    }
}
