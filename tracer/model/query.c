/* query.c: a lane's segments for a viewport.
 *
 * Walks the leaves of the range. What a pixel would swallow is merged, whole nodes of the pyramid
 * at once; what is longer is decoded. A node may be merged when it is no longer than a pixel, or,
 * since all in it is shorter than one, when it is not much longer: 64 slices in a few pixels look
 * the same, and cost nothing.
 *
 * Runs of merged segments break where a grid of min_ns cells does, so that panning does not make
 * them flicker. */
#include "tracer/model/cursor.h"
#include "tracer/model/level0.h"

enum { MERGE_PIXELS = 8, BATCH = 64, HOLD_LEAVES = 256 };

struct query {
    weft_model *model;
    guint number; /* the lane's */
    const struct lane *lane;
    gint64 min_ns;
    GArray *out;
    struct node run; /* being merged */
    gint64 run_to, cell_end;
    guint64 run_count;
    struct segment single; /* the run's one segment, as long as it is alone */
    guint16 single_flags;
    guint n_batch; /* views not yet in out */
    struct weft_segment_view batch[BATCH];
};

static gboolean counts(const struct query *q)
{
    return q->lane->pub.kind == WEFT_LANE_READY || q->lane->pub.kind == WEFT_LANE_ITERATIONS;
}

/* The next view to fill in. */
static struct weft_segment_view *next_view(struct query *q)
{
    if (q->n_batch == BATCH) {
        g_array_append_vals(q->out, q->batch, BATCH);
        q->n_batch = 0;
    }
    return &q->batch[q->n_batch++];
}

/* The state that takes most of a merged span's time. */
static void dominant_state(const struct node *node, gint64 ns, struct weft_segment_view *view)
{
    gint64 rest = ns - node->running_ns - node->ready_ns - node->unknown_ns;
    gint64 most = MAX(MAX(node->running_ns, node->ready_ns), MAX(node->unknown_ns, rest));
    view->state = node_idle_state(node);
    view->detail = node_idle_detail(node);
    gboolean rests = view->state != WEFT_SEGMENT_READY && view->state != WEFT_SEGMENT_UNKNOWN;
    if (most == rest && rest > 0) {
        if (!rests) { /* the longest pause was another one */
            view->state = WEFT_SEGMENT_WAITING;
            view->detail = 0;
        }
        return;
    }
    if (most == node->running_ns)
        view->state = WEFT_SEGMENT_RUNNING;
    else
        view->state = most == node->ready_ns ? WEFT_SEGMENT_READY : WEFT_SEGMENT_UNKNOWN;
    view->detail = 0;
}

static void flush(struct query *q)
{
    if (q->run_count == 0)
        return;
    struct weft_segment_view *view = next_view(q);
    if (q->run_count == 1) {
        *view = segment_view(&q->single, q->run_to, q->single_flags);
    } else {
        *view = (struct weft_segment_view){
            .from_ns = q->run.from_ns,
            .to_ns = q->run_to,
            .flags = WEFT_SEGMENT_MERGED | q->single_flags,
            .other = q->run.other,
            .count = (guint32)MIN(q->run_count, G_MAXUINT32),
            .running_ns = q->run.running_ns,
            .ready_ns = q->run.ready_ns,
            .unknown_ns = q->run.unknown_ns,
            .longest_ns = q->run.slice_ns,
        };
        if (counts(q)) {
            view->state = WEFT_SEGMENT_COUNT;
            view->value_max = (guint32)MIN(q->run.other, G_MAXUINT32);
        } else {
            dominant_state(&q->run, view->to_ns - view->from_ns, view);
        }
    }
    q->run_count = 0;
}

/* What comes next begins at from_ns: begins a new run where the grid says so. */
static void begin_item(struct query *q, gint64 from_ns)
{
    if (q->run_count && from_ns >= q->cell_end)
        flush(q);
    if (q->run_count == 0) {
        q->run = (struct node){ .from_ns = from_ns };
        q->single_flags = 0;
        if (__builtin_add_overflow(from_ns - from_ns % q->min_ns, q->min_ns, &q->cell_end))
            q->cell_end = G_MAXINT64;
    }
}

static void add_segment(struct query *q, const struct segment *s, gint64 to_ns, guint16 flags)
{
    if (to_ns - s->from_ns >= q->min_ns) {
        flush(q);
        *next_view(q) = segment_view(s, to_ns, flags);
        return;
    }
    begin_item(q, s->from_ns);
    node_add(&q->run, s, to_ns);
    q->single = *s;
    q->single_flags = flags;
    q->run_to = to_ns;
    q->run_count++;
}

static void add_node(struct query *q, const struct node *node, gint64 to_ns, guint64 count)
{
    begin_item(q, node->from_ns);
    node_join(&q->run, node, counts(q));
    q->run_to = to_ns;
    q->run_count += count;
}

/* ---- The walk ---- */

static gint64 node_end(const struct query *q, guint level, guint index)
{
    return lane_leaf_end(q->model, q->number, ((index + 1) << 4 * level) - 1);
}

static gboolean mergeable(const struct query *q, guint level, guint index)
{
    const struct node *node = lane_node(q->model, q->number, level, index);
    gint64 longest = node_longest(node), ns = node_end(q, level, index) - node->from_ns;
    return ns <= q->min_ns || (ns / MERGE_PIXELS <= q->min_ns && longest < q->min_ns);
}

/* Merges the leaf, and as many after it as one node of the pyramid takes. Returns how many. */
static guint merge_leaves(struct query *q, guint leaf, gboolean may_grow)
{
    const struct pyramid *p = q->lane->pyramid;
    guint level = 0;
    while (may_grow && leaf % (1u << 4 * (level + 1)) == 0 &&
           leaf >> 4 * (level + 1) < pyramid_n(p, level + 1) &&
           mergeable(q, level + 1, leaf >> 4 * (level + 1)))
        level++;
    guint index = leaf >> 4 * level;
    add_node(q, lane_node(q->model, q->number, level, index), node_end(q, level, index),
             (guint64)LEAF_SEGMENTS << 4 * level);
    return 1u << 4 * level;
}

static void add_raw(struct query *q, gint64 from_ns, gint64 to_ns)
{
    struct segment raw[LEAF_SEGMENTS];
    guint n = lane_raw(q->lane, raw);
    for (guint i = 0; i < n && raw[i].from_ns < to_ns; i++) {
        gint64 end = lane_raw_end(q->lane, raw, i);
        if (end > from_ns && end > raw[i].from_ns) /* the open one may just have begun */
            add_segment(q, &raw[i], end, lane_raw_flags(q->lane, i));
    }
}

gboolean weft_model_segments(weft_model *model, guint lane, gint64 from_ns, gint64 to_ns,
                             gint64 min_ns, guint *chunks, GArray *out)
{
    if (lane >= model->n_lanes)
        return TRUE;
    turn_lock_take(&model->lock);
    const struct lane *l = &model->lanes[lane];
    guint held = 0; /* leaves, since the lock was taken or passed on */
    struct query q;
    q.model = model;
    q.number = lane;
    q.lane = l;
    q.min_ns = MAX(min_ns, 1);
    q.out = out;
    q.run_count = q.n_batch = 0;
    guint any = G_MAXUINT, *budget = chunks ? chunks : &any, leaves = lane_leaves(l);
    gboolean exact = TRUE;
    guint leaf = lane_raw_from(l) <= from_ns && l->tail->n ? leaves
                                                           : lane_find_leaf(model, lane, from_ns);
    while (leaf < leaves && lane_leaf_from(model, lane, leaf) < to_ns) {
        gint64 end = lane_leaf_end(model, lane, leaf);
        gboolean merge = mergeable(&q, 0, leaf);
        if (held++ == HOLD_LEAVES) { /* whoever draws comes in between */
            turn_lock_pass(&model->lock);
            held = 0;
        }
        const struct segment *s = merge ? NULL : level0_leaf(model->level0, lane, leaf, budget);
        if (!s) {
            exact = exact && merge;
            leaf += merge_leaves(&q, leaf, merge);
            continue;
        }
        for (guint i = 0; i < LEAF_SEGMENTS; i++) {
            gint64 segment_end = i + 1 < LEAF_SEGMENTS ? s[i + 1].from_ns : end;
            if (segment_end > from_ns && s[i].from_ns < to_ns)
                add_segment(&q, &s[i], segment_end, 0);
        }
        leaf++;
    }
    if (lane_raw_from(l) < to_ns)
        add_raw(&q, from_ns, to_ns);
    flush(&q);
    g_array_append_vals(out, q.batch, q.n_batch);
    turn_lock_give(&model->lock);
    return exact;
}

/* ---- One segment ---- */

/* Under the lock. */
static gboolean find_segment(weft_model *model, guint lane, gint64 t_ns, guint64 *number,
                             struct weft_segment_view *out)
{
    return cursor_find(model, lane, t_ns, number) && cursor_get(model, lane, *number, out) &&
           (t_ns < out->to_ns || (out->flags & WEFT_SEGMENT_OPEN && t_ns == out->to_ns));
}

gboolean weft_model_segment_soon(weft_model *model, guint lane, gint64 t_ns, gboolean *late,
                                 struct weft_segment_view *out)
{
    *late = FALSE;
    if (lane >= model->n_lanes)
        return FALSE;
    guint64 number = 0;
    turn_lock_take(&model->lock);
    *late = !cursor_fetch_soon(model, lane, t_ns);
    gboolean found = !*late && find_segment(model, lane, t_ns, &number, out);
    turn_lock_give(&model->lock);
    return found;
}

gboolean weft_model_segment_at(weft_model *model, guint lane, gint64 t_ns,
                               struct weft_segment_view *out)
{
    if (lane >= model->n_lanes)
        return FALSE;
    guint64 number = 0;
    cursor_fetch_at(model, lane, t_ns);
    turn_lock_take(&model->lock);
    gboolean found = find_segment(model, lane, t_ns, &number, out);
    if (found && out->state == WEFT_SEGMENT_RUNNING && out->site == 0 &&
        model->lanes[lane].pub.kind == WEFT_LANE_TASK)
        out->site = cursor_resumed_site(model, lane, number);
    turn_lock_give(&model->lock);
    return found;
}

static gboolean view_runs(const struct weft_segment_view *view)
{
    return view->state == WEFT_SEGMENT_RUNNING ||
           (view->state == WEFT_SEGMENT_CANCELLING && !view->detail);
}

gboolean weft_model_segment_step(weft_model *model, guint lane, gint64 t_ns, int direction,
                                 gboolean only_running, struct weft_segment_view *out)
{
    if (lane >= model->n_lanes || direction == 0)
        return FALSE;
    guint64 number = 0;
    cursor_fetch_at(model, lane, direction > 0 ? t_ns : t_ns - 1);
    turn_lock_take(&model->lock);
    gboolean found = cursor_find(model, lane, direction > 0 ? t_ns : t_ns - 1, &number);
    turn_lock_give(&model->lock);
    if (direction > 0 && found)
        number++;
    gboolean in_range = direction > 0 || found;
    found = FALSE;
    while (in_range && !found) {
        cursor_fetch(model, lane, number);
        turn_lock_take(&model->lock);
        in_range = cursor_get(model, lane, number, out);
        turn_lock_give(&model->lock);
        found = in_range && (!only_running || view_runs(out));
        in_range = in_range && (direction > 0 || number > 0);
        number += direction > 0 ? 1 : -1;
    }
    return found;
}
