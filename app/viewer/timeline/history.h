/* history.h: where one has been: visible ranges, and what was selected where one jumped away, to go
 * back and forward through.
 *
 *     back: [oldest … newest]   now   forward: [next … last]
 *
 * Pure data; any thread. */
#ifndef WEFT_VIEWER_HISTORY_H
#define WEFT_VIEWER_HISTORY_H

#include <glib.h>

struct weft_place { /* ns since the trace's start */
    gint64 from_ns, to_ns;
    gboolean jumped;             /* the rest is known: else whatever is selected stays */
    guint lane;                  /* the selected one, or track's; WEFT_NO_LANE: none was */
    gint64 lane_ns, playhead_ns; /* WEFT_NO_TIME: there was none */
};

struct weft_history {
    GArray *back, *forward; /* of struct weft_place */
    gboolean drifting;      /* the last move was a step of a pan or zoom */
};

void weft_history_init(struct weft_history *history);
void weft_history_finish(struct weft_history *history);

/* A move away from `here` is about to happen. A drift right after a drift adds nothing: the place
 * it all began at is there already. */
void weft_history_leave(struct weft_history *history, struct weft_place here, gboolean drift);

/* Steps back (-1) or forward (+1): FALSE when there is nothing there. */
gboolean weft_history_step(struct weft_history *history, int direction, struct weft_place here,
                           struct weft_place *there);

#endif
