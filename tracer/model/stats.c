/* stats.c: see stats.h. */
#include "tracer/model/stats.h"
#include "tracer/model/cursor.h"
#include "tracer/model/filter.h"
#include "tracer/model/level0.h"

/* Lanes with more leaves than this are read in one pass. */
enum { LEAVES_FEW = 256 };

static gboolean view_runs(const struct weft_segment_view *v)
{
    return v->state == WEFT_SEGMENT_RUNNING || v->state == WEFT_SEGMENT_CALLBACK ||
           (v->state == WEFT_SEGMENT_CANCELLING && !v->detail);
}

/* ---- Shares ---- */

struct range {
    gint64 from_ns, to_ns;
};

/* Adds what of a segment is in the range. */
static void add_segment(struct weft_shares *shares, const struct range *range,
                        const struct segment *s, gint64 end_ns)
{
    gint64 ns = MIN(end_ns, range->to_ns) - MAX(s->from_ns, range->from_ns);
    if (ns <= 0)
        return;
    shares->segments++;
    switch (s->state) {
    case WEFT_SEGMENT_RUNNING:
    case WEFT_SEGMENT_CALLBACK:
        shares->running_ns += ns;
        shares->longest_ns = MAX(shares->longest_ns, end_ns - s->from_ns);
        break;
    case WEFT_SEGMENT_READY:
        shares->ready_ns += ns;
        break;
    case WEFT_SEGMENT_UNKNOWN:
        shares->unknown_ns += ns;
        break;
    default:
        shares->rest_ns += ns;
    }
}

static void add_node(struct weft_shares *shares, const struct node *node, gint64 ns, guint level)
{
    shares->running_ns += node->running_ns;
    shares->ready_ns += node->ready_ns;
    shares->unknown_ns += node->unknown_ns;
    shares->rest_ns += ns - node->running_ns - node->ready_ns - node->unknown_ns;
    shares->longest_ns = MAX(shares->longest_ns, node->slice_ns);
    shares->segments += (guint64)LEAF_SEGMENTS << 4 * level;
}

/* The end of the node of `level` that begins with leaf `leaf`; G_MAXINT64: there is none. */
static gint64 node_end(weft_model *model, guint lane, guint level, guint leaf)
{
    const struct pyramid *p = model->lanes[lane].pyramid;
    if (level >= LEVELS_MAX || leaf & ((1u << 4 * level) - 1) ||
        leaf >> 4 * level >= pyramid_n(p, level))
        return G_MAXINT64;
    return lane_leaf_end(model, lane, leaf + (1u << 4 * level) - 1);
}

/* Adds leaf `leaf`, and those after it that one node sums up. Returns how many; 0: unreadable. */
static guint add_leaves(weft_model *model, guint lane, guint leaf, const struct range *range,
                        struct weft_shares *shares)
{
    gint64 from = lane_leaf_from(model, lane, leaf), end = lane_leaf_end(model, lane, leaf);
    if (from >= range->from_ns && end <= range->to_ns) {
        guint level = 0;
        while (node_end(model, lane, level + 1, leaf) <= range->to_ns &&
               node_end(model, lane, level + 1, leaf) != G_MAXINT64)
            level++;
        add_node(shares, lane_node(model, lane, level, leaf >> 4 * level),
                 node_end(model, lane, level, leaf) - from, level);
        return 1u << 4 * level;
    }
    guint budget = G_MAXUINT;
    const struct segment *s = level0_leaf(model->level0, lane, leaf, &budget);
    for (guint i = 0; s && i < LEAF_SEGMENTS; i++)
        add_segment(shares, range, &s[i], i + 1 < LEAF_SEGMENTS ? s[i + 1].from_ns : end);
    return s != NULL;
}

gboolean weft_model_shares(weft_model *model, guint lane, gint64 from_ns, gint64 to_ns,
                           struct weft_shares *shares)
{
    *shares = (struct weft_shares){ 0 };
    if (lane >= model->n_lanes)
        return FALSE;
    struct range range = { from_ns, to_ns };
    cursor_fetch_at(model, lane, from_ns);
    cursor_fetch_at(model, lane, to_ns);
    turn_lock_take(&model->lock);
    const struct lane *l = &model->lanes[lane];
    guint leaf = lane_find_leaf(model, lane, from_ns), leaves = lane_leaves(l), step = 1;
    while (step && leaf < leaves && lane_leaf_from(model, lane, leaf) < to_ns) {
        step = lane_leaf_end(model, lane, leaf) <= from_ns
                   ? 1
                   : add_leaves(model, lane, leaf, &range, shares);
        leaf += step;
    }
    struct segment raw[LEAF_SEGMENTS];
    guint n = lane_raw(l, raw);
    for (guint i = 0; i < n; i++)
        add_segment(shares, &range, &raw[i], lane_raw_end(l, raw, i));
    turn_lock_give(&model->lock);
    return step > 0;
}

/* ---- Stats ---- */

struct lengths {
    GArray *ns; /* of gint64 */
    struct weft_spread *spread;
};

struct gathering {
    struct range range;
    const struct weft_filter *filter; /* of segments; NULL: all */
    GCancellable *cancellable;
    GHashTable *lanes; /* of GUINT_TO_POINTER(lane): those asked about */
    struct weft_stats *stats;
    struct lengths slices, ready, waits;
    gboolean whole;
};

static void add_length(struct lengths *lengths, guint lane, const struct weft_segment_view *v)
{
    gint64 ns = v->to_ns - v->from_ns;
    struct weft_spread *s = lengths->spread;
    g_array_append_val(lengths->ns, ns);
    if (ns < s->longest_ns || (ns == s->longest_ns && v->from_ns >= s->longest_at_ns))
        return;
    s->longest_ns = ns;
    s->longest_at_ns = v->from_ns;
    s->longest_lane = lane;
}

static gboolean lets_through(const struct weft_filter *f, const struct weft_segment_view *v)
{
    gint64 ns = v->to_ns - v->from_ns;
    return !f || ((!f->states || f->states & 1u << v->state) && ns >= f->least_ns &&
                  (!f->most_ns || ns <= f->most_ns));
}

static void gather(struct gathering *g, guint lane, const struct weft_segment_view *v)
{
    gint64 from = MAX(v->from_ns, g->range.from_ns), to = MIN(v->to_ns, g->range.to_ns);
    if (from >= to || !lets_through(g->filter, v))
        return;
    struct segment in_range = { .from_ns = from, .state = v->state, .detail = v->detail };
    totals_add(&g->stats->totals, &in_range, to);
    if (view_runs(v))
        add_length(&g->slices, lane, v);
    else if (v->state == WEFT_SEGMENT_READY)
        add_length(&g->ready, lane, v);
    else if (v->state == WEFT_SEGMENT_WAITING || v->state == WEFT_SEGMENT_CANCELLING)
        add_length(&g->waits, lane, v);
}

/* One lane's segments from number on, to the end of a leaf. FALSE: no more. */
static gboolean gather_some(weft_model *model, guint lane, struct gathering *g, guint64 *number)
{
    struct weft_segment_view view;
    gboolean more = TRUE;
    cursor_fetch(model, lane, *number);
    turn_lock_take(&model->lock);
    do {
        if (!cursor_get(model, lane, *number, &view)) {
            g->whole = g->whole && *number >= weft_model_lane_segments(model, lane);
            more = FALSE;
        } else {
            gather(g, lane, &view);
            more = view.to_ns < g->range.to_ns;
        }
    } while (more && ++*number % LEAF_SEGMENTS);
    turn_lock_give(&model->lock);
    return more;
}

static void gather_lane(weft_model *model, guint lane, struct gathering *g)
{
    guint64 number = 0;
    cursor_fetch_at(model, lane, g->range.from_ns);
    turn_lock_take(&model->lock);
    if (!cursor_find(model, lane, g->range.from_ns, &number))
        number = 0; /* it begins later */
    turn_lock_give(&model->lock);
    while (!g_cancellable_is_cancelled(g->cancellable) && gather_some(model, lane, g, &number))
        ;
}

static gboolean see(guint lane, const struct weft_segment_view *view, gpointer data)
{
    struct gathering *g = data;
    if (g_hash_table_contains(g->lanes, GUINT_TO_POINTER(lane)))
        gather(g, lane, view);
    return !g_cancellable_is_cancelled(g->cancellable);
}

static void gather_all(weft_model *model, struct gathering *g)
{
    GHashTableIter iter;
    gpointer key;
    guint64 leaves = 0;
    g_hash_table_iter_init(&iter, g->lanes);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        guint lane = GPOINTER_TO_UINT(key);
        turn_lock_take(&model->lock);
        if (lane_leaves(&model->lanes[lane]))
            leaves += 1 + lane_find_leaf(model, lane, g->range.to_ns) -
                      lane_find_leaf(model, lane, g->range.from_ns);
        turn_lock_give(&model->lock);
    }
    if (leaves > LEAVES_FEW) {
        weft_model_visit_segments(model, g->range.from_ns, g->range.to_ns, see, g);
        return;
    }
    g_hash_table_iter_init(&iter, g->lanes);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        gather_lane(model, GPOINTER_TO_UINT(key), g);
}

static gint by_length(gconstpointer a, gconstpointer b)
{
    gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
    return x < y ? -1 : x > y;
}

static void begin_lengths(struct lengths *lengths, struct weft_spread *spread)
{
    lengths->ns = g_array_new(FALSE, FALSE, sizeof(gint64));
    lengths->spread = spread;
    spread->longest_at_ns = G_MAXINT64;
}

static gint64 percentile(const GArray *sorted, guint percent)
{
    guint64 rank = ((guint64)sorted->len * percent + 99) / 100;
    return g_array_index(sorted, gint64, rank - 1);
}

static void end_lengths(struct lengths *lengths)
{
    struct weft_spread *s = lengths->spread;
    s->n = lengths->ns->len;
    if (s->n) {
        g_array_sort(lengths->ns, by_length);
        s->p50_ns = percentile(lengths->ns, 50);
        s->p95_ns = percentile(lengths->ns, 95);
        s->p99_ns = percentile(lengths->ns, 99);
    } else {
        s->longest_at_ns = 0;
    }
    g_array_unref(lengths->ns);
}

static gboolean gather_stats(weft_model *model, const guint *lanes, guint n, struct range range,
                             const struct weft_filter *filter, GCancellable *cancellable,
                             struct weft_stats *stats)
{
    *stats = (struct weft_stats){ 0 };
    struct gathering g = { .range = range,
                           .filter = filter,
                           .cancellable = cancellable,
                           .lanes = g_hash_table_new(NULL, NULL),
                           .stats = stats,
                           .whole = TRUE };
    for (guint i = 0; i < n; i++)
        if (lanes[i] < model->n_lanes)
            g_hash_table_add(g.lanes, GUINT_TO_POINTER(lanes[i]));
    begin_lengths(&g.slices, &stats->slices);
    begin_lengths(&g.ready, &stats->ready);
    begin_lengths(&g.waits, &stats->waits);
    gather_all(model, &g);
    end_lengths(&g.slices);
    end_lengths(&g.ready);
    end_lengths(&g.waits);
    stats->totals.longest_slice_ns = stats->slices.longest_ns;
    stats->totals.longest_slice_at_ns = stats->slices.longest_at_ns;
    g_hash_table_unref(g.lanes);
    return g.whole && !g_cancellable_is_cancelled(cancellable);
}

gboolean weft_model_stats(weft_model *model, const guint *lanes, guint n, gint64 from_ns,
                          gint64 to_ns, GCancellable *cancellable, struct weft_stats *stats)
{
    return gather_stats(model, lanes, n, (struct range){ from_ns, to_ns }, NULL, cancellable,
                        stats);
}

gboolean weft_model_stats_of(weft_model *model, const struct weft_filter *filter, gint64 from_ns,
                             gint64 to_ns, GCancellable *cancellable, struct weft_stats *stats)
{
    g_autoptr(GArray) lanes = g_array_new(FALSE, FALSE, sizeof(guint));
    *stats = (struct weft_stats){ 0 };
    return weft_model_filter(model, filter, from_ns, to_ns, cancellable, lanes) &&
           gather_stats(model, (const guint *)(void *)lanes->data, lanes->len,
                        (struct range){ from_ns, to_ns }, filter, cancellable, stats);
}
