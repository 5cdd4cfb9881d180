/* pyramid.h: a lane's history beyond its last 64 segments: summaries of summaries, base 16.
 *
 *   level 2      |            node: 16 nodes            | ...
 *   level 1      | node: 16 leaves | node | node |  ...
 *   level 0      | leaf, leaf, leaf ... | leaf, leaf ...        a leaf sums up 64 segments
 *
 * A node sums up exactly 64·16^level segments and begins where its first one does; it ends where
 * the next one of its level begins. A leaf also says where in the trace its first segment begins
 * and what the lane's fold was just before: from there level0.c has its segments again.
 *
 * Leaves are most of what a model holds: they are packed (packed.h), by blocks of 16, those that a
 * node of level 1 sums up. The last block may have fewer, and no node yet.
 *
 * Leaves of a slow lane, whose 64 segments are scattered over very many chunks, keep their
 * segments: decoding them again would take as many chunks. A budget bounds that. */
#ifndef WEFT_MODEL_PYRAMID_H
#define WEFT_MODEL_PYRAMID_H

#include "tracer/model/packed.h"

enum { NODE_CHILDREN = 16, LEVELS_MAX = 6 };

struct level {
    struct node *nodes;
    guint n, capacity;
};

/* What only lanes of more than 64 segments have. */
struct pyramid {
    guint8 *bytes;             /* the leaves, packed */
    guint32 used, capacity;    /* of the bytes; the slack counts as room */
    guint32 n;                 /* leaves */
    guint32 block_at;          /* where the last block's leaves are packed */
    gint64 block_ns, last_ns;  /* where the last block, the last leaf begins */
    guint32 last_chunk;        /* the last leaf's place */
    guint n_levels;            /* above the leaves */
    struct level *levels;      /* level 1 first */
    struct weft_totals totals; /* of all that is in leaves */
};

struct pyramid *pyramid_new(void);

/* Adds a leaf of these 64 segments, the last ending at to_ns: `leaf` says its place and what it
 * keeps. ring: packed.h. counts: of a lane of values. */
void pyramid_add(struct pyramid *p, struct leaf *leaf, const struct segment segments[LEAF_SEGMENTS],
                 gint64 to_ns, uint32_t ring, gboolean counts);
/* The n leaves that are packed in `bytes` into an empty one, unless they are not, or one is not as
 * `fits` (before: the one before, NULL of the first) wants it. *last: the last. */
typedef gboolean leaf_check(const struct leaf *leaf, const struct leaf *before, gpointer data);
gboolean pyramid_restore(struct pyramid *p, const guint8 *bytes, guint size, guint n, uint32_t ring,
                         gboolean counts, leaf_check *fits, gpointer data, struct leaf *last);

/* How many nodes a level has: leaves on level 0. */
guint pyramid_n(const struct pyramid *p, guint level);
/* A node above the leaves. */
static inline const struct node *pyramid_node(const struct pyramid *p, guint level, guint index)
{
    return &p->levels[level - 1].nodes[index];
}
/* Where a block begins. */
gint64 pyramid_block_ns(const struct pyramid *p, guint block);
/* The leaves of a block; what they keep is valid until the next add. Returns how many. */
guint pyramid_block(const struct pyramid *p, guint block, uint32_t ring,
                    struct leaf leaves[NODE_CHILDREN]);

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
