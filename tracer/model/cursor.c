/* cursor.c: see cursor.h. */
#include "tracer/model/cursor.h"
#include "tracer/model/level0.h"

guint lane_leaves(const struct lane *lane)
{
    return lane->pyramid ? lane->pyramid->n : 0;
}

gint64 lane_raw_from(const struct lane *lane)
{
    return lane->tail->n ? lane->tail->from_ns : lane->pub.last_ns;
}

const struct leaf *lane_leaf(weft_model *model, guint lane, guint leaf)
{
    const struct lane *l = &model->lanes[lane];
    guint block = leaf / NODE_CHILDREN;
    struct leaf_block *b = &model->leaf_blocks[(lane * 7 + block) % LEAF_BLOCKS];
    if (b->lane != lane || b->block != block || b->bytes != l->pyramid->bytes ||
        leaf % NODE_CHILDREN >= b->n) {
        b->lane = lane;
        b->block = block;
        b->bytes = l->pyramid->bytes;
        b->n = pyramid_block(l->pyramid, block, lane_packing(l), b->leaves);
    }
    return &b->leaves[leaf % NODE_CHILDREN];
}

const struct node *lane_node(weft_model *model, guint lane, guint level, guint index)
{
    return level == 0 ? &lane_leaf(model, lane, index)->sum
                      : pyramid_node(model->lanes[lane].pyramid, level, index);
}

gint64 lane_leaf_from(weft_model *model, guint lane, guint leaf)
{
    return leaf % NODE_CHILDREN == 0
               ? pyramid_block_ns(model->lanes[lane].pyramid, leaf / NODE_CHILDREN)
               : lane_leaf(model, lane, leaf)->sum.from_ns;
}

gint64 lane_leaf_end(weft_model *model, guint lane, guint leaf)
{
    const struct lane *l = &model->lanes[lane];
    return leaf + 1 < lane_leaves(l) ? lane_leaf_from(model, lane, leaf + 1) : lane_raw_from(l);
}

guint lane_find_leaf(weft_model *model, guint lane, gint64 t_ns)
{
    const struct lane *l = &model->lanes[lane];
    guint low = 0, high = (lane_leaves(l) + NODE_CHILDREN - 1) / NODE_CHILDREN;
    while (low < high) { /* the block */
        guint middle = low + (high - low) / 2;
        if (pyramid_block_ns(l->pyramid, middle) <= t_ns)
            low = middle + 1;
        else
            high = middle;
    }
    guint leaf = low ? (low - 1) * NODE_CHILDREN : 0,
          end = MIN(low * NODE_CHILDREN, lane_leaves(l));
    while (leaf + 1 < end && lane_leaf_from(model, lane, leaf + 1) <= t_ns)
        leaf++;
    return leaf;
}

guint16 lane_raw_flags(const struct lane *lane, guint i)
{
    return i + 1u < lane->tail->n ? 0 : lane->tail->done ? WEFT_SEGMENT_LAST : WEFT_SEGMENT_OPEN;
}

struct weft_segment_view segment_view(const struct segment *s, gint64 to_ns, guint16 flags)
{
    gint64 ns = to_ns - s->from_ns;
    gboolean runs = s->state == WEFT_SEGMENT_RUNNING || s->state == WEFT_SEGMENT_CALLBACK;
    return (struct weft_segment_view){
        .from_ns = s->from_ns,
        .to_ns = to_ns,
        .state = s->state,
        .detail = s->detail,
        .flags = flags,
        .site = s->site,
        .other = s->other,
        .count = 1,
        .value_max = s->state == WEFT_SEGMENT_COUNT ? (guint32)MIN(s->other, G_MAXUINT32) : 0,
        .running_ns = runs ? ns : 0,
        .ready_ns = s->state == WEFT_SEGMENT_READY ? ns : 0,
        .unknown_ns = s->state == WEFT_SEGMENT_UNKNOWN ? ns : 0,
        .longest_ns = runs ? ns : 0,
        .note = s->note,
    };
}

static const struct segment *leaf_segments(weft_model *model, guint lane, guint leaf)
{
    guint budget = G_MAXUINT;
    return level0_leaf(model->level0, lane, leaf, &budget);
}

void cursor_fetch(weft_model *model, guint lane, guint64 number)
{
    if (number / LEAF_SEGMENTS >= lane_leaves(&model->lanes[lane]))
        return;
    turn_lock_take(&model->lock);
    leaf_segments(model, lane, (guint)(number / LEAF_SEGMENTS));
    turn_lock_give(&model->lock);
}

/* Whether what is asked about t needs a leaf. */
static gboolean in_a_leaf(const struct lane *l, gint64 t_ns)
{
    return lane_leaves(l) > 0 && !(l->tail->n && l->tail->from_ns <= t_ns);
}

gboolean cursor_fetch_soon(weft_model *model, guint lane, gint64 t_ns)
{
    guint budget = 1;
    return !in_a_leaf(&model->lanes[lane], t_ns) ||
           level0_leaf(model->level0, lane, lane_find_leaf(model, lane, t_ns), &budget) ||
           budget > 0; /* it cannot be read again */
}

void cursor_fetch_at(weft_model *model, guint lane, gint64 t_ns)
{
    if (!in_a_leaf(&model->lanes[lane], t_ns))
        return;
    turn_lock_take(&model->lock);
    guint64 leaf = lane_find_leaf(model, lane, t_ns);
    turn_lock_give(&model->lock);
    cursor_fetch(model, lane, leaf * LEAF_SEGMENTS);
}

gboolean cursor_get(weft_model *model, guint lane, guint64 number, struct weft_segment_view *out)
{
    const struct lane *l = &model->lanes[lane];
    guint leaves = lane_leaves(l);
    guint64 leaf = number / LEAF_SEGMENTS;
    guint i = number % LEAF_SEGMENTS;
    if (leaf >= leaves) {
        struct segment raw[LEAF_SEGMENTS];
        number -= (guint64)leaves * LEAF_SEGMENTS;
        if (number >= lane_raw(l, raw))
            return FALSE;
        i = (guint)number;
        *out = segment_view(&raw[i], lane_raw_end(l, raw, i), lane_raw_flags(l, i));
        return TRUE;
    }
    const struct segment *s = leaf_segments(model, lane, (guint)leaf);
    if (!s)
        return FALSE;
    gint64 end = i + 1 < LEAF_SEGMENTS ? s[i + 1].from_ns : lane_leaf_end(model, lane, (guint)leaf);
    gboolean last = i + 1 == LEAF_SEGMENTS && leaf + 1 == leaves && l->tail->n == 0;
    *out = segment_view(&s[i], end, last ? WEFT_SEGMENT_LAST : 0);
    return TRUE;
}

/* The last of n segments that begins at or before t; -1: none. */
static gint last_at_or_before(const struct segment *segments, guint n, gint64 t_ns)
{
    guint low = 0, high = n;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (segments[middle].from_ns <= t_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return (gint)low - 1;
}

gboolean cursor_find(weft_model *model, guint lane, gint64 t_ns, guint64 *number)
{
    const struct lane *l = &model->lanes[lane];
    guint leaves = lane_leaves(l);
    if (l->tail->n && l->tail->from_ns <= t_ns) {
        struct segment raw[LEAF_SEGMENTS];
        guint n = lane_raw(l, raw);
        *number = (guint64)leaves * LEAF_SEGMENTS + (guint)last_at_or_before(raw, n, t_ns);
        return TRUE;
    }
    if (leaves == 0)
        return FALSE;
    guint leaf = lane_find_leaf(model, lane, t_ns);
    const struct segment *s = leaf_segments(model, lane, leaf);
    gint i = s ? last_at_or_before(s, LEAF_SEGMENTS, t_ns) : -1;
    if (i < 0)
        return FALSE;
    *number = (guint64)leaf * LEAF_SEGMENTS + (guint)i;
    return TRUE;
}

gboolean cursor_read(weft_model *model, guint lane, guint64 number, struct weft_segment_view *out)
{
    cursor_fetch(model, lane, number);
    turn_lock_take(&model->lock);
    gboolean found = cursor_get(model, lane, number, out);
    turn_lock_give(&model->lock);
    return found;
}

gboolean cursor_seek(weft_model *model, guint lane, gint64 t_ns, guint64 *number)
{
    cursor_fetch_at(model, lane, t_ns);
    turn_lock_take(&model->lock);
    gboolean found = cursor_find(model, lane, t_ns, number);
    turn_lock_give(&model->lock);
    return found;
}

guint32 cursor_resumed_site(weft_model *model, guint lane, guint64 number)
{
    struct weft_segment_view v;
    for (guint back = 1; back <= 2 && back <= number; back++) {
        if (!cursor_get(model, lane, number - back, &v))
            return 0;
        if (v.state == WEFT_SEGMENT_WAITING || v.note & NOTE_YIELD)
            return v.site;
        if (v.state != WEFT_SEGMENT_READY || v.detail == WEFT_WAKE_CREATED)
            return 0;
    }
    return 0;
}
