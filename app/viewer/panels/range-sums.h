/* range-sums.h: a range in numbers: what the tasks did that the filter looks for, how busy the
 * loops were, who ran most. Summed up in a worker: there may be very many tasks. */
#ifndef WEFT_VIEWER_RANGE_SUMS_H
#define WEFT_VIEWER_RANGE_SUMS_H

#include "app/viewer/session.h"
#include "tracer/model/stats.h"

G_BEGIN_DECLS

enum { WEFT_RANGE_TOP = 4 };

struct weft_range_lane {
    guint lane;
    gint64 running_ns; /* tasks: slices; loops: tasks and callbacks */
};

typedef struct weft_range_sums weft_range_sums;
struct weft_range_sums {
    gint64 from_ns, to_ns;
    char *filter;           /* tasks with this in their name or site; NULL: all */
    guint tasks, ran;       /* how many live in it; of them, how many run */
    struct weft_shares sum; /* of these tasks */
    struct weft_range_lane top[WEFT_RANGE_TOP];
    GArray *loops;             /* of struct weft_range_lane, by lane */
    gboolean slices_known;     /* there are not too many of them to look at each */
    struct weft_spread slices; /* how long they are */
};

/* The session is loaded, and its range marked. */
void weft_range_sums_ask(WeftSession *session, GCancellable *cancellable, GAsyncReadyCallback done,
                         gpointer data);
/* In `done`. NULL: it was cancelled. */
weft_range_sums *weft_range_sums_finish(GAsyncResult *result);
void weft_range_sums_free(weft_range_sums *sums); /* NULL is fine */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(weft_range_sums, weft_range_sums_free)

G_END_DECLS

#endif
