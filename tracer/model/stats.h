/* stats.h: what lanes did within a range of time, in numbers.
 *
 *      from |                                                     | to
 *      -----[leaf]=[leaf][leaf]====[ node: 16 leaves ]====[leaf]==[leaf]-----
 *           decoded      summed up already                        decoded
 *
 * weft_model_shares() reads the pyramid: a few nodes and at most two leaves, however long the
 * range. weft_model_stats() tells more, of each single segment: it reads all of them, lane by lane,
 * or, of many, in one pass over the events.
 *
 * Time is what lies in the range; lengths (percentiles, the longest) are whole, also of what began
 * before it or goes on after it. Time hidden by losses is unknown_ns.
 *
 * Thread: any, while nobody advances the model; its lock is not held for long. */
#ifndef WEFT_MODEL_STATS_H
#define WEFT_MODEL_STATS_H

#include "tracer/model/model.h"
#include <gio/gio.h>

G_BEGIN_DECLS

struct weft_shares {
    gint64 running_ns; /* tasks and callbacks; cleanup of a cancelled task is in rest_ns */
    gint64 ready_ns, unknown_ns, rest_ns;
    gint64 longest_ns; /* the longest running */
    guint64 segments;
};

/* One lane from from_ns to just before to_ns. FALSE: the trace cannot be read again, or there is no
 * such lane. */
gboolean weft_model_shares(weft_model *model, guint lane, gint64 from_ns, gint64 to_ns,
                           struct weft_shares *shares);

struct weft_spread { /* of lengths: nearest rank, so each is one that occurs; 0 when n is */
    guint64 n;
    gint64 p50_ns, p95_ns, p99_ns, longest_ns;
    gint64 longest_at_ns; /* when the first of the longest began, and on which lane */
    guint longest_lane;
};

struct weft_stats {
    struct weft_totals totals; /* but longest_slice: of whole lengths, as in slices */
    struct weft_spread slices; /* what runs: slices, those of cleanup too; loop lanes: callbacks */
    struct weft_spread ready, waits;
};

/* All of n lanes from from_ns to just before to_ns; numbers that are no lane's count for nothing.
 * Takes 8 bytes a segment meanwhile. FALSE: it was cancelled, or the trace cannot be read again. */
gboolean weft_model_stats(weft_model *model, const guint *lanes, guint n, gint64 from_ns,
                          gint64 to_ns, GCancellable *cancellable, struct weft_stats *stats);

G_END_DECLS

#endif
