/* pyramid.h: a lane's history beyond its last 64 segments: summaries of summaries, base 16.
 *
 *   level 2      |            node: 16 nodes            | ...
 *   level 1      | node: 16 leaves | node | node |  ...
 *   level 0      | leaf | leaf | leaf | leaf | leaf | ...       a leaf sums up 64 segments
 *
 * A node sums up exactly 64·16^level segments and begins where its first one does; it ends where
 * the next one of its level begins. A leaf also says where in the trace its first segment begins
 * and what the lane's fold was just before: from there level0.c has its segments again.
 *
 * Leaves of a slow lane, whose 64 segments are scattered over very many chunks, keep their
 * segments: decoding them again would take as many chunks. A budget bounds that. */
#ifndef WEFT_MODEL_PYRAMID_H
#define WEFT_MODEL_PYRAMID_H

#include "tracer/model/segment.h"

enum { LEAF_SEGMENTS = 64, NODE_CHILDREN = 16, LEVELS_MAX = 6 };

struct place { /* the operation that began a segment, and the fold before it */
    uint32_t chunk;
    uint16_t index;
    struct fold fold;
};

struct node {
    gint64 from_ns;
    gint64 running_ns, ready_ns, unknown_ns; /* callbacks count as running */
    gint64 slice_ns, idle_ns;                /* the longest running, the longest of another state */
    uint64_t other;                          /* of the longest; READY lanes: the greatest value */
    uint32_t chunk;                          /* leaves: struct place */
    uint16_t index;
    struct fold fold;
    uint8_t idle; /* state and detail of the longest that is not running, packed */
};
_Static_assert(sizeof(struct node) == 64, "about 1 byte a segment");

struct level {
    struct node *nodes;
    guint n, capacity;
};

/* What only lanes of more than 64 segments have. */
struct pyramid {
    struct level levels[LEVELS_MAX];
    guint n_levels;
    struct weft_totals totals; /* of all that is in leaves */
    struct segment **kept;     /* by leaf: its segments, NULL where they are decoded instead */
    guint kept_capacity;
};

/* Adds a leaf of 64 closed segments, the last ending at to_ns. `keep`: keep them too. counts: of a
 * lane of values. */
void pyramid_add(struct pyramid *p, const struct segment segments[LEAF_SEGMENTS], gint64 to_ns,
                 struct place place, gboolean keep, gboolean counts);

/* An empty one with room for n leaves; for the segments of one of its leaves; and the levels above
 * the leaves, once those are all there. */
struct pyramid *pyramid_new(guint n);
struct segment *pyramid_keep(struct pyramid *p, guint leaf);
void pyramid_sum_up(struct pyramid *p, gboolean counts);

/* Gives back the room that it does not need, when it will hardly grow any more. */
void pyramid_trim(struct pyramid *p);
void pyramid_free(struct pyramid *p);
gsize pyramid_memory(const struct pyramid *p);

static inline gint64 node_longest(const struct node *node)
{
    return MAX(node->slice_ns, node->idle_ns);
}
/* enum weft_segment_state of the longest segment that is not running, and its detail. */
uint8_t node_idle_state(const struct node *node);
uint8_t node_idle_detail(const struct node *node);

/* Adds one segment to totals. */
void totals_add(struct weft_totals *totals, const struct segment *s, gint64 to_ns);
/* Adds one segment to a node being summed up. */
void node_add(struct node *node, const struct segment *s, gint64 to_ns);
/* Adds what a node sums up to another one. counts: of a lane of values. */
void node_join(struct node *node, const struct node *child, gboolean counts);

#endif
