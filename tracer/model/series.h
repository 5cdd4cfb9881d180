/* series.h: what a resource, a thread or a counter was over time: its changes, packed, under a
 * base-16 pyramid.
 *
 *   level 1   |     node: 16 blocks     | ...
 *   level 0   | block | block | block | ...  | tail: the last <= 64 changes, raw |
 *
 * A block has 64 changes as varints, differences to the one before: some 4 bytes each. A node says
 * least and greatest of what is below it. All of it is in memory: no answer decodes a chunk of the
 * trace.
 *
 * Invariants: changes are in order, at most one a nanosecond (the last counts), each unlike the one
 * before, but for series that keep all: something may yet come between the two. Thread: whoever
 * holds the lock of the tracks (tracks.c). */
#ifndef WEFT_MODEL_SERIES_H
#define WEFT_MODEL_SERIES_H

#include "tracer/model/tracks.h"

struct change { /* from its time on */
    gint64 time_ns, value;
    uint64_t owner;
    guint32 waiters;
    guint8 unknown; /* WEFT_TRACK_…_UNKNOWN */
};

struct series_node {
    gint64 from_ns;
    gint64 value_min, value_max; /* where it is known; min > max: nowhere */
    gint64 held_ns, unknown_ns;
    guint32 waiters_min, waiters_max;
    guint32 at; /* blocks: their first byte */
    guint8 unknown;
};

struct packed;

struct series {
    struct change *tail;
    struct packed *packed; /* NULL: the tail is all */
    guint8 n, capacity;    /* of the tail */
    gboolean keeps_all;
};

void series_finish(struct series *series);
gsize series_memory(const struct series *series);
guint64 series_n(const struct series *series);

/* The last change; NULL: there is none. */
const struct change *series_last(const struct series *series);
/* Appends one. One that is earlier than the last counts as at the last one's time. */
void series_add(struct series *series, struct change change);
/* Takes away the changes later than t, and appends them to `out`, of struct change, in order. */
void series_rewind(struct series *series, gint64 t_ns, GArray *out);

/* When the first one is; 0: there is none. */
gint64 series_first_ns(const struct series *series);

/* The step at t; FALSE: t is before the first. The last lasts to end_ns. */
gboolean series_at(const struct series *series, gint64 t_ns, gint64 end_ns,
                   struct weft_track_step *step);
/* As weft_tracks_view(): the last change lasts to end_ns. */
void series_view(const struct series *series, gint64 from_ns, gint64 to_ns, gint64 end_ns,
                 gint64 min_ns, GArray *out);

#endif
