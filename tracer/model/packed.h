/* packed.h: segments, and the leaves that sum them up, as bytes: a quarter of their size.
 *
 *   segment:  form:16 | other | length | detail | site | note
 *   leaf:     form:32 | from | running | ready | unknown | slice | idle | other | chunk | index |
 *             [fold | how many bytes its segments take | those bytes]
 *
 * The form says how many bytes each number takes, none when it is 0, and holds what takes a few
 * bits. A segment says how long it lasts: where it begins is where the one before it ends. What
 * awaits and wakes are mostly ids of the lane's own ring (`ring` below is a lane's, 0 of a lane of
 * values), which are turned into small numbers; or the same as in the segment before. In a leaf,
 * `from` and `chunk` are differences to the leaf before.
 *
 * What is unpacked may come from a file: nothing beyond `end` is used, but up to PACKED_SLACK bytes
 * behind it are read, and what is packed may write as many behind what it returns. */
#ifndef WEFT_MODEL_PACKED_H
#define WEFT_MODEL_PACKED_H

#include "tracer/model/segment.h"

enum {
    LEAF_SEGMENTS = 64,
    PACKED_SEGMENT_MIN = 3,
    PACKED_SEGMENT_MAX = 25,
    PACKED_LEAF_MIN = 6,
    PACKED_LEAF_MAX = 69, /* its segments apart */
    PACKED_SLACK = 8,
};

struct place { /* the operation that began a segment, and the fold before it */
    uint32_t chunk;
    uint16_t index;
    struct fold fold;
};

/* What any number of segments sums up to. */
struct node {
    gint64 from_ns;
    gint64 running_ns, ready_ns, unknown_ns; /* callbacks count as running */
    gint64 slice_ns, idle_ns;                /* the longest running, the longest of another state */
    uint64_t other;                          /* of the longest; READY lanes: the greatest value */
    uint32_t leaves_at;                      /* above leaves: where its 16 are packed, on level 1 */
    uint8_t idle; /* state and detail of the longest that is not running, packed */
};
_Static_assert(sizeof(struct node) == 64, "a node fits a cache line");

struct leaf {
    struct node sum;
    struct place place; /* of its first segment */
    const guint8 *kept; /* its segments, packed; NULL: they are decoded from the trace */
    guint16 kept_size;
};

/* Packs a segment that lasts for ns at `at`. *last: the last `other` that was not 0, 0 before the
 * first. Returns where the next one goes. */
guint8 *pack_segment(guint8 *at, const struct segment *segment, gint64 ns, uint32_t ring,
                     uint64_t *last);
/* Unpacks n segments, the first from from_ns on. Returns what is behind them, NULL: there are not
 * as many. *to_ns: where the last ends. */
const guint8 *unpack_segments(const guint8 *at, const guint8 *end, uint32_t ring, gint64 from_ns,
                              struct segment *segments, guint n, gint64 *to_ns);

/* The same for one leaf; `kept` too is copied. *before: the one before, all 0 before the first. */
guint8 *pack_leaf(guint8 *at, const struct leaf *leaf, const struct leaf *before, uint32_t ring);
const guint8 *unpack_leaf(const guint8 *at, const guint8 *end, const struct leaf *before,
                          uint32_t ring, struct leaf *leaf);

#endif
