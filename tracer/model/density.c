/* density.c: how busy the loops were, for the minimap: one share per column, from the pyramid. */
#include "tracer/model/cursor.h"
#include "tracer/model/level0.h"

enum { DECODED_CHUNKS = 8 }; /* small traces exactly, large ones from the pyramid */

struct columns {
    gint64 from_ns, to_ns;
    guint n;
    double width; /* of one, in ns */
    float *busy;
};

/* Spreads busy_ns evenly over from … to. */
static void spread(const struct columns *c, gint64 from_ns, gint64 to_ns, gint64 busy_ns)
{
    gint64 from = MAX(from_ns, c->from_ns), to = MIN(to_ns, c->to_ns);
    if (busy_ns <= 0 || to <= from)
        return;
    double share = (double)busy_ns / (double)(to_ns - from_ns);
    double first = (double)(from - c->from_ns) / c->width;
    double last = (double)(to - c->from_ns) / c->width;
    for (guint i = (guint)first; i < c->n && i < last; i++) {
        double covered = MIN(last, i + 1.0) - MAX(first, (double)i);
        c->busy[i] = MIN(1.0f, c->busy[i] + (float)(covered * share));
    }
}

static void spread_segment(const struct columns *c, const struct segment *s, gint64 to_ns)
{
    if (s->state == WEFT_SEGMENT_RUNNING || s->state == WEFT_SEGMENT_CALLBACK)
        spread(c, s->from_ns, to_ns, to_ns - s->from_ns);
}

static void spread_lane(weft_model *model, guint lane, const struct columns *c)
{
    const struct lane *l = &model->lanes[lane];
    guint budget = DECODED_CHUNKS, leaves = lane_leaves(l);
    for (guint i = lane_find_leaf(model, lane, c->from_ns); i < leaves;) {
        const struct pyramid *p = l->pyramid;
        guint level = 0;
        gint64 from = lane_leaf_from(model, lane, i);
        while (i % (1u << 4 * (level + 1)) == 0 && i >> 4 * (level + 1) < pyramid_n(p, level + 1) &&
               lane_leaf_end(model, lane, i + (1u << 4 * (level + 1)) - 1) - from <= c->width)
            level++;
        gint64 end = lane_leaf_end(model, lane, i + (1u << 4 * level) - 1);
        if (from >= c->to_ns)
            return;
        const struct segment *s = (double)(end - from) > c->width
                                      ? level0_leaf(model->level0, lane, i, &budget)
                                      : NULL;
        for (guint k = 0; s && k < LEAF_SEGMENTS; k++)
            spread_segment(c, &s[k], k + 1 < LEAF_SEGMENTS ? s[k + 1].from_ns : end);
        if (!s)
            spread(c, from, end, lane_node(model, lane, level, i >> 4 * level)->running_ns);
        i += 1u << 4 * level;
    }
    struct segment raw[LEAF_SEGMENTS];
    guint n = lane_raw(l, raw);
    for (guint i = 0; i < n; i++)
        spread_segment(c, &raw[i], lane_raw_end(l, raw, i));
}

void weft_model_density(weft_model *model, gint64 from_ns, gint64 to_ns, guint n, float *busy,
                        gboolean *lost)
{
    for (guint i = 0; i < n; i++) {
        busy[i] = 0;
        lost[i] = FALSE;
    }
    if (n == 0 || to_ns <= from_ns)
        return;
    turn_lock_take(&model->lock);
    struct columns c = { from_ns, to_ns, n, (double)(to_ns - from_ns) / n, busy };
    for (guint lane = 0; lane < model->n_lanes; lane++)
        if (model->lanes[lane].pub.kind == WEFT_LANE_LOOP) {
            spread_lane(model, lane, &c);
            turn_lock_pass(&model->lock); /* whoever draws comes in between */
        }
    for (guint i = 0; i < model->losses->len; i++) {
        const struct weft_loss *loss = &g_array_index(model->losses, struct weft_loss, i);
        double first = (double)(loss->from_ns - from_ns) / c.width;
        double last = (double)(loss->to_ns - from_ns) / c.width;
        for (guint k = first > 0 ? (guint)MIN(first, n) : 0; k < n && k <= last; k++)
            lost[k] = TRUE;
    }
    turn_lock_give(&model->lock);
}
