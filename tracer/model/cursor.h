/* cursor.h: a lane's segments by number, wherever they are: in a leaf (kept or decoded), or raw.
 *
 * Thread: under the model's lock, but where it says otherwise. */
#ifndef WEFT_MODEL_CURSOR_H
#define WEFT_MODEL_CURSOR_H

#include "tracer/model/model_private.h"

/* How many leaves a lane has, and when its raw segments (or, without any, it) begin. */
guint lane_leaves(const struct lane *lane);
gint64 lane_raw_from(const struct lane *lane);
/* The leaf's sum and place, unpacked: valid until LEAF_BLOCKS - 1 other blocks have been asked for.
 */
const struct leaf *lane_leaf(weft_model *model, guint lane, guint leaf);
/* A node of level `level`, leaves included; as lane_leaf(). */
const struct node *lane_node(weft_model *model, guint lane, guint level, guint index);
/* Where leaf `leaf` begins and ends. */
gint64 lane_leaf_from(weft_model *model, guint lane, guint leaf);
gint64 lane_leaf_end(weft_model *model, guint lane, guint leaf);
/* The last leaf that begins at or before t; 0 when none does. */
guint lane_find_leaf(weft_model *model, guint lane, gint64 t_ns);

/* Blocks of leaves unpacked lately, each in a place of its own. */
enum { LEAF_BLOCKS = 64 };
struct leaf_block {
    const guint8 *bytes; /* of the pyramid; NULL: none. They only ever grow behind what is there */
    guint lane, block, n;
    struct leaf leaves[NODE_CHILDREN];
};

/* Has the leaf of segment `number`, or of the one at t, decoded, so that what is asked about it
 * next decodes nothing. Not under the lock: others have it while a chunk is decoded. */
void cursor_fetch(weft_model *model, guint lane, guint64 number);
void cursor_fetch_at(weft_model *model, guint lane, gint64 t_ns);
/* Decodes one chunk at most, under the lock. FALSE: that did not suffice. */
gboolean cursor_fetch_soon(weft_model *model, guint lane, gint64 t_ns);

/* Segment `number` of the lane; FALSE when there is none, or the trace cannot be read again. */
gboolean cursor_get(weft_model *model, guint lane, guint64 number, struct weft_segment_view *out);
/* The number of the segment at t: the last that begins at or before t. FALSE: none does. */
gboolean cursor_find(weft_model *model, guint lane, gint64 t_ns, guint64 *number);

/* As cursor_get() and cursor_find(), by who does not have the lock: it is held for moments only. */
gboolean cursor_read(weft_model *model, guint lane, guint64 number, struct weft_segment_view *out);
gboolean cursor_seek(weft_model *model, guint lane, gint64 t_ns, guint64 *number);

/* Where a slice, segment `number`, goes on from: the site of the suspension before it; 0: it is the
 * task's first, or not known. */
guint32 cursor_resumed_site(weft_model *model, guint lane, guint64 number);

/* One segment as it is shown. */
struct weft_segment_view segment_view(const struct segment *s, gint64 to_ns, guint16 flags);
/* Flags of raw segment i. */
guint16 lane_raw_flags(const struct lane *lane, guint i);

#endif
