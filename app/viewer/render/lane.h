/* lane.h: a task's lane while it is drawn: its shapes (lane-task.c), then its words (lane-words.c).
 * Inside render/ only. */
#ifndef WEFT_RENDER_LANE_H
#define WEFT_RENDER_LANE_H

#include "app/viewer/render/draw.h"

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

void weft_lane_words(const struct lane *lane);
void weft_lane_ticks(const struct lane *lane); /* ticks.c */
/* The task's last word, behind its end cap at x. */
void weft_lane_outcome(const struct lane *lane, double x);
/* Where a wait for a timer was overdue: px of its deadline; FALSE: it was not, to the eye. */
gboolean weft_lane_overdue(const struct lane *lane, const struct weft_segment_view *segment,
                           double *deadline);

#endif
