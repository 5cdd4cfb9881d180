/* crowd.c: see crowd.h.
 *
 * A segment is added in a few steps, however many columns it covers: what it covers of its first
 * and last column, and +1 where whole columns begin, -1 behind their last. The columns' sums are
 * made at the end of the row. */
#include "tracer/model/crowd.h"
#include "tracer/model/cursor.h"
#include "tracer/model/level0.h"
#include <string.h>

enum {
    COLUMNS_MAX = 8192,
    AROUND = 3,         /* as many times the range are prepared */
    CHUNKS = 64,        /* decoded for all */
    CANCEL_LANES = 256, /* looked at before asking whether it was cancelled */
};

/* What is prepared: `columns` cells a row, each of width_ns. */
struct tile {
    double from_ns, width_ns;
    guint columns;
    gint64 end_ns;                 /* of the model, then */
    struct weft_crowd_cell *cells; /* NULL: nothing yet */
};

struct weft_crowd {
    gatomicrefcount references;
    weft_model *model;
    GArray *rows;    /* of struct weft_crowd_row */
    GArray **lanes;  /* by row; of guint */
    guint32 *row_of; /* by lane: row + 1 */
    guint n_lanes;   /* that row_of knows */
    GRecMutex lock;  /* of the tile */
    struct tile tile;
};

/* ---- Rows ---- */

/* What lanes of one row have in common. */
static gint64 group_of(const struct weft_lane *lane, enum weft_crowd_by by)
{
    return by == WEFT_CROWD_BY_SITE ? (gint64)lane->ring << 32 | lane->site : lane->parent;
}

static guint add_row(weft_crowd *c, guint lane)
{
    const struct weft_lane *l = weft_model_lane(c->model, lane);
    struct weft_crowd_row row = { .first_lane = lane, .site = l->site, .parent = l->parent };
    g_array_append_val(c->rows, row);
    c->lanes = g_renew(GArray *, c->lanes, c->rows->len);
    c->lanes[c->rows->len - 1] = g_array_new(FALSE, FALSE, sizeof(guint));
    return c->rows->len - 1;
}

/* There is no row left for another group: the last one, by site that of its ring, takes it in;
 * G_MAXUINT: its ring has none. */
static guint row_of_others(const weft_crowd *c, enum weft_crowd_by by, guint lane)
{
    guint32 ring = weft_model_lane(c->model, lane)->ring;
    for (guint row = c->rows->len; row-- > 0;)
        if (by != WEFT_CROWD_BY_SITE ||
            weft_model_lane(c->model, weft_crowd_row(c, row)->first_lane)->ring == ring)
            return row;
    return G_MAXUINT;
}

/* The row for the i-th lane of n. */
static guint choose_row(weft_crowd *c, enum weft_crowd_by by, guint max_rows, guint lane, guint i,
                        guint n, GHashTable *groups)
{
    guint rows = c->rows->len;
    if (by == WEFT_CROWD_BY_ORDER) {
        guint each = (n - 1) / max_rows + 1;
        return i / each < rows ? i / each : add_row(c, lane);
    }
    gint64 group = group_of(weft_model_lane(c->model, lane), by);
    gpointer known;
    if (g_hash_table_lookup_extended(groups, &group, NULL, &known))
        return GPOINTER_TO_UINT(known);
    guint row = rows < max_rows ? G_MAXUINT : row_of_others(c, by, lane);
    if (row == G_MAXUINT)
        row = add_row(c, lane);
    else
        g_array_index(c->rows, struct weft_crowd_row, row).others = TRUE;
    g_hash_table_insert(groups, g_memdup2(&group, sizeof group), GUINT_TO_POINTER(row));
    return row;
}

static GArray *task_lanes(const weft_model *model, const guint *lanes, guint n)
{
    GArray *tasks = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 0; i < (lanes ? n : model->n_lanes); i++) {
        guint lane = lanes ? lanes[i] : i;
        if (lane < model->n_lanes && model->lanes[lane].pub.kind == WEFT_LANE_TASK)
            g_array_append_val(tasks, lane);
    }
    return tasks;
}

weft_crowd *weft_crowd_new(weft_model *model, enum weft_crowd_by by, guint max_rows,
                           const guint *lanes, guint n)
{
    weft_crowd *c = g_new0(weft_crowd, 1);
    g_autoptr(GArray) tasks = task_lanes(model, lanes, n);
    g_autoptr(GHashTable) groups = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    g_atomic_ref_count_init(&c->references);
    c->model = model;
    g_rec_mutex_init(&c->lock);
    c->rows = g_array_new(FALSE, FALSE, sizeof(struct weft_crowd_row));
    c->n_lanes = model->n_lanes;
    c->row_of = g_new0(guint32, MAX(c->n_lanes, 1));
    for (guint i = 0; i < tasks->len; i++) {
        guint lane = g_array_index(tasks, guint, i);
        if (c->row_of[lane])
            continue;
        guint row = choose_row(c, by, MAX(max_rows, 1), lane, i, tasks->len, groups);
        g_array_append_val(c->lanes[row], lane);
        g_array_index(c->rows, struct weft_crowd_row, row).n_lanes++;
        c->row_of[lane] = row + 1;
    }
    return c;
}

weft_crowd *weft_crowd_ref(weft_crowd *c)
{
    g_atomic_ref_count_inc(&c->references);
    return c;
}

void weft_crowd_unref(weft_crowd *c)
{
    if (!c || !g_atomic_ref_count_dec(&c->references))
        return;
    for (guint i = 0; i < c->rows->len; i++)
        g_array_unref(c->lanes[i]);
    g_free(c->lanes);
    g_array_unref(c->rows);
    g_free(c->row_of);
    g_free(c->tile.cells);
    g_rec_mutex_clear(&c->lock);
    g_free(c);
}

guint weft_crowd_n_rows(const weft_crowd *c)
{
    return c->rows->len;
}

const struct weft_crowd_row *weft_crowd_row(const weft_crowd *c, guint row)
{
    return row < c->rows->len ? &g_array_index(c->rows, struct weft_crowd_row, row) : NULL;
}

const guint *weft_crowd_lanes(const weft_crowd *c, guint row, guint *n)
{
    *n = c->lanes[row]->len;
    return (const guint *)(const void *)c->lanes[row]->data;
}

guint weft_crowd_row_of(const weft_crowd *c, guint lane)
{
    return lane < c->n_lanes ? c->row_of[lane] - 1 : G_MAXUINT32;
}

/* ---- Adding up ---- */

struct adding {
    double from_ns, per_ns; /* columns a nanosecond */
    guint columns;
    struct weft_crowd_cell *part; /* columns + 1: what is covered of single columns */
    struct weft_crowd_cell *step; /* columns + 1: + and - of whole ones */
    guint chunks;                 /* that may still be decoded */
};

/* Between x and y, in columns, `weight` lanes were in the state. */
static void add_columns(struct adding *a, guint state, double x, double y, float weight)
{
    x = MAX(x, 0.0);
    y = MIN(y, (double)a->columns);
    if (y <= x)
        return;
    guint first = (guint)x, last = (guint)y;
    if (first == last) {
        a->part[first].share[state] += (float)(y - x) * weight;
        return;
    }
    a->part[first].share[state] += (float)(first + 1 - x) * weight;
    a->part[last].share[state] += (float)(y - last) * weight;
    a->step[first + 1].share[state] += weight;
    a->step[last].share[state] -= weight;
}

static guint state_of(guint8 state, guint8 detail)
{
    switch (state) {
    case WEFT_SEGMENT_RUNNING:
        return WEFT_CROWD_RUNNING;
    case WEFT_SEGMENT_READY:
        return WEFT_CROWD_READY;
    case WEFT_SEGMENT_WAITING:
        return WEFT_CROWD_WAITING + weft_wait_class(detail);
    case WEFT_SEGMENT_CANCELLING:
        return WEFT_CROWD_CANCELLING;
    default:
        return WEFT_CROWD_UNKNOWN;
    }
}

/* n segments, the last of which ends at end_ns. */
static void add_segments(struct adding *a, const struct segment *s, guint n, gint64 end_ns)
{
    double x = ((double)s[0].from_ns - a->from_ns) * a->per_ns;
    for (guint i = 0; i < n && x < a->columns; i++) {
        gint64 to_ns = i + 1 < n ? s[i + 1].from_ns : end_ns;
        double y = ((double)to_ns - a->from_ns) * a->per_ns;
        add_columns(a, state_of(s[i].state, s[i].detail), x, y, 1.0f);
        x = y;
    }
}

/* What a node sums up, evenly over its length. */
static void add_node(struct adding *a, const struct node *node, gint64 end_ns)
{
    double ns = (double)(end_ns - node->from_ns), x = ((double)node->from_ns - a->from_ns);
    gint64 rest = end_ns - node->from_ns - node->running_ns - node->ready_ns - node->unknown_ns;
    guint rests = state_of(node_idle_state(node), node_idle_detail(node));
    gboolean longest = rests >= WEFT_CROWD_WAITING && rests != WEFT_CROWD_UNKNOWN;
    if (!longest)
        rests = WEFT_CROWD_WAITING + WEFT_WAIT_TASK;
    gint64 of[WEFT_CROWD_SHARES] = { [WEFT_CROWD_RUNNING] = node->running_ns,
                                     [WEFT_CROWD_READY] = node->ready_ns,
                                     [WEFT_CROWD_UNKNOWN] = node->unknown_ns };
    of[rests] += rest;
    if (!longest || rest != node->idle_ns) /* there are others */
        of[longest ? WEFT_CROWD_BY_LONGEST : WEFT_CROWD_OF_NO_KIND] = rest;
    for (guint i = 0; i < WEFT_CROWD_SHARES; i++)
        if (of[i] > 0)
            add_columns(a, i, x * a->per_ns, (x + ns) * a->per_ns, (float)((double)of[i] / ns));
}

/* The greatest node that begins with this leaf and is no longer than a column. */
static guint level_at(weft_model *model, guint lane, guint leaf, const struct adding *a)
{
    const struct pyramid *p = model->lanes[lane].pyramid;
    gint64 from_ns = lane_leaf_from(model, lane, leaf);
    for (guint level = 0;; level++) {
        guint width = 1u << 4 * (level + 1);
        if (leaf % width || leaf / width >= pyramid_n(p, level + 1) ||
            (double)(lane_leaf_end(model, lane, leaf + width - 1) - from_ns) * a->per_ns > 1.0)
            return level;
    }
}

/* Its segments, decoding LEAF_CHUNKS at most; NULL: that did not suffice. Under the model's lock.
 */
static const struct segment *leaf_segments(weft_model *model, guint lane, guint leaf, guint *chunks)
{
    enum { LEAF_CHUNKS = 4 };
    guint allowed = MIN(LEAF_CHUNKS, *chunks), left = allowed;
    const struct segment *s = level0_leaf(model->level0, lane, leaf, &left);
    *chunks -= allowed - left;
    return s;
}

/* One leaf, or what one node sums up, under the model's lock. Returns how many leaves; 0: it begins
 * behind the columns. */
static guint add_leaf(weft_model *model, guint lane, guint leaf, struct adding *a)
{
    double to_ns = a->from_ns + a->columns / a->per_ns;
    gint64 from_ns = lane_leaf_from(model, lane, leaf);
    guint level = level_at(model, lane, leaf, a), width = 1u << 4 * level;
    gint64 end_ns = lane_leaf_end(model, lane, leaf + width - 1);
    const struct segment *s = NULL;
    if ((double)from_ns >= to_ns)
        return 0;
    if ((double)(end_ns - from_ns) * a->per_ns > 1.0)
        s = leaf_segments(model, lane, leaf, &a->chunks);
    if (s)
        add_segments(a, s, LEAF_SEGMENTS, end_ns);
    else
        add_node(a, lane_node(model, lane, level, leaf / width), end_ns);
    return width;
}

static void add_leaves(weft_model *model, guint lane, struct adding *a)
{
    guint leaves = lane_leaves(&model->lanes[lane]), step = leaves;
    turn_lock_take(&model->lock);
    guint leaf = lane_find_leaf(model, lane, (gint64)a->from_ns);
    for (; step && leaf < leaves; leaf += step) {
        step = add_leaf(model, lane, leaf, a);
        turn_lock_pass(&model->lock); /* whoever draws comes in between */
    }
    turn_lock_give(&model->lock);
}

static void add_lane(weft_model *model, guint lane, struct adding *a)
{
    const struct lane *l = &model->lanes[lane];
    double to_ns = a->from_ns + a->columns / a->per_ns;
    if ((double)l->pub.last_ns <= a->from_ns || (double)l->pub.first_ns >= to_ns)
        return;
    if (l->pyramid)
        add_leaves(model, lane, a);
    struct segment raw[LEAF_SEGMENTS];
    guint n = lane_raw(l, raw);
    if (n)
        add_segments(a, raw, n, lane_raw_end(l, raw, n - 1));
}

/* The row's cells: shares of its lanes. */
static void finish_row(const struct adding *a, guint n_lanes, struct weft_crowd_cell *cells)
{
    struct weft_crowd_cell whole = { 0 };
    float each = 1.0f / (float)n_lanes;
    for (guint i = 0; i < a->columns; i++)
        for (guint k = 0; k < WEFT_CROWD_SHARES; k++) {
            whole.share[k] += a->step[i].share[k];
            cells[i].share[k] = CLAMP((whole.share[k] + a->part[i].share[k]) * each, 0.0f, 1.0f);
        }
}

static gboolean add_row_up(weft_crowd *c, guint row, struct adding *a, GCancellable *cancellable,
                           struct weft_crowd_cell *cells)
{
    const GArray *lanes = c->lanes[row];
    memset(a->part, 0, (a->columns + 1) * sizeof *a->part);
    memset(a->step, 0, (a->columns + 1) * sizeof *a->step);
    for (guint i = 0; i < lanes->len; i++) {
        if (i % CANCEL_LANES == 0 && g_cancellable_is_cancelled(cancellable))
            return FALSE;
        add_lane(c->model, g_array_index(lanes, guint, i), a);
    }
    finish_row(a, lanes->len, cells);
    return TRUE;
}

gboolean weft_crowd_prepare(weft_crowd *c, gint64 from_ns, gint64 to_ns, guint columns,
                            GCancellable *cancellable)
{
    columns = CLAMP(columns, 1, COLUMNS_MAX);
    double width_ns = MAX(1.0, (double)to_ns - (double)from_ns) / columns;
    struct tile tile = { (double)from_ns - width_ns * columns, width_ns, columns * AROUND,
                         c->model->end_ns, NULL };
    struct adding a = { .from_ns = tile.from_ns,
                        .per_ns = 1.0 / width_ns,
                        .columns = tile.columns,
                        .chunks = CHUNKS,
                        .part = g_new(struct weft_crowd_cell, tile.columns + 1),
                        .step = g_new(struct weft_crowd_cell, tile.columns + 1) };
    gboolean whole = TRUE;
    tile.cells = g_new(struct weft_crowd_cell, MAX((gsize)c->rows->len * tile.columns, 1));
    for (guint row = 0; whole && row < c->rows->len; row++)
        whole = add_row_up(c, row, &a, cancellable, tile.cells + (gsize)row * tile.columns);
    g_free(a.part);
    g_free(a.step);
    if (whole) {
        g_rec_mutex_lock(&c->lock);
        struct tile before = c->tile;
        c->tile = tile;
        tile = before;
        g_rec_mutex_unlock(&c->lock);
    }
    g_free(tile.cells);
    return whole;
}

/* ---- Cells ---- */

gboolean weft_crowd_prepared(weft_crowd *c)
{
    g_rec_mutex_lock(&c->lock);
    gboolean any = c->tile.cells != NULL;
    g_rec_mutex_unlock(&c->lock);
    return any;
}

/* A column from x to y, in cells of the tile: their mean. */
static struct weft_crowd_cell mean(const struct weft_crowd_cell *cells, guint n, double x, double y)
{
    struct weft_crowd_cell sum = { 0 };
    double from = CLAMP(x, 0.0, (double)n), to = CLAMP(y, 0.0, (double)n);
    for (guint i = (guint)from; i < n && i < to; i++) {
        float part = (float)((MIN(to, i + 1.0) - MAX(from, (double)i)) / (y - x));
        for (guint k = 0; k < WEFT_CROWD_SHARES; k++)
            sum.share[k] += cells[i].share[k] * part;
    }
    return sum;
}

gboolean weft_crowd_cells(weft_crowd *c, guint row, gint64 from_ns, gint64 to_ns, guint columns,
                          struct weft_crowd_cell *cells)
{
    if (columns == 0)
        return TRUE;
    g_rec_mutex_lock(&c->lock);
    const struct tile *t = &c->tile;
    double width_ns = MAX(1.0, (double)to_ns - (double)from_ns) / columns, n = t->columns;
    double x = t->cells ? ((double)from_ns - t->from_ns) / t->width_ns : 0;
    double step = t->cells ? width_ns / t->width_ns : 1;
    /* The same columns, up to what a division leaves over. */
    if (step > 1 - 1e-9 && step < 1 + 1e-9 && x - (gint64)x < 1e-6)
        x = (double)(gint64)x;
    for (guint i = 0; i < columns; i++)
        cells[i] = t->cells ? mean(t->cells + (gsize)row * t->columns, t->columns, x + i * step,
                                   x + (i + 1) * step)
                            : (struct weft_crowd_cell){ 0 };
    gboolean grown = to_ns > t->end_ns && c->model->end_ns > t->end_ns;
    gboolean exact = t->cells && !grown && x > -1e-6 && x + columns * step < n + 1e-6 &&
                     step > 1 - 1e-9;
    g_rec_mutex_unlock(&c->lock);
    return exact;
}
