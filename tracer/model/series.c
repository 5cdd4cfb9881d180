/* series.c: see series.h. */
#include "tracer/model/series.h"
#include "tracer/trace/varint.h"

enum { BLOCK = 64, CHILDREN = 16, LEVELS = 6 };
enum { UNKNOWN_BITS = 3, HAS_VALUE = 8, HAS_OWNER = 16, HAS_WAITERS = 32 };

struct packed {
    guint8 *bytes;
    guint n_bytes, room;
    GArray *levels[LEVELS]; /* of struct series_node; [0]: the blocks. NULL: none yet */
};

/* ---- Nodes ---- */

static struct series_node empty_node(gint64 from_ns)
{
    return (struct series_node){ .from_ns = from_ns,
                                 .value_min = G_MAXINT64,
                                 .value_max = G_MININT64,
                                 .waiters_min = G_MAXUINT32 };
}

static void node_add(struct series_node *node, const struct change *c, gint64 to_ns)
{
    gint64 ns = to_ns - c->time_ns;
    if (!(c->unknown & WEFT_TRACK_VALUE_UNKNOWN)) {
        node->value_min = MIN(node->value_min, c->value);
        node->value_max = MAX(node->value_max, c->value);
    }
    node->waiters_min = MIN(node->waiters_min, c->waiters);
    node->waiters_max = MAX(node->waiters_max, c->waiters);
    node->unknown |= c->unknown;
    node->held_ns += c->owner || c->value ? ns : 0;
    node->unknown_ns += c->unknown ? ns : 0;
}

static void node_join(struct series_node *node, const struct series_node *child)
{
    node->value_min = MIN(node->value_min, child->value_min);
    node->value_max = MAX(node->value_max, child->value_max);
    node->waiters_min = MIN(node->waiters_min, child->waiters_min);
    node->waiters_max = MAX(node->waiters_max, child->waiters_max);
    node->unknown |= child->unknown;
    node->held_ns += child->held_ns;
    node->unknown_ns += child->unknown_ns;
}

static guint n_nodes(const struct series *s, guint level)
{
    return s->packed && s->packed->levels[level] ? s->packed->levels[level]->len : 0;
}

static const struct series_node *node_at(const struct series *s, guint level, guint i)
{
    return &g_array_index(s->packed->levels[level], struct series_node, i);
}

/* ---- Blocks ---- */

static void put(struct packed *p, uint64_t value)
{
    guint8 *end = weft_write_varint(p->bytes + p->n_bytes, value);
    p->n_bytes = (guint)(end - p->bytes);
}

static void put_change(struct packed *p, const struct change *c, const struct change *before)
{
    enum { MOST = 1 + 4 * WEFT_VARINT_MAX };
    if (p->n_bytes + MOST > p->room) {
        p->room = MAX(4 * MOST, p->room + p->room / 2);
        p->bytes = g_realloc(p->bytes, p->room);
    }
    p->bytes[p->n_bytes++] = (guint8)(c->unknown | (c->value != before->value ? HAS_VALUE : 0) |
                                      (c->owner != before->owner ? HAS_OWNER : 0) |
                                      (c->waiters != before->waiters ? HAS_WAITERS : 0));
    put(p, (uint64_t)c->time_ns - (uint64_t)before->time_ns);
    if (c->value != before->value)
        put(p, weft_zigzag((int64_t)((uint64_t)c->value - (uint64_t)before->value)));
    if (c->owner != before->owner)
        put(p, weft_zigzag((int64_t)(c->owner - before->owner)));
    if (c->waiters != before->waiters)
        put(p, weft_zigzag((int64_t)c->waiters - before->waiters));
}

static void get_block(const struct series *s, guint block, struct change out[BLOCK])
{
    const struct packed *p = s->packed;
    const struct series_node *node = node_at(s, 0, block);
    struct weft_varints in = { p->bytes + node->at, p->bytes + p->n_bytes, FALSE };
    struct change c = { .time_ns = node->from_ns };
    for (guint i = 0; i < BLOCK; i++) {
        guint8 what = *in.at++;
        c.unknown = what & WEFT_TRACK_UNKNOWN;
        c.time_ns = (gint64)((uint64_t)c.time_ns + weft_get_varint(&in));
        if (what & HAS_VALUE)
            c.value = (gint64)((uint64_t)c.value + (uint64_t)weft_unzigzag(weft_get_varint(&in)));
        if (what & HAS_OWNER)
            c.owner += (uint64_t)weft_unzigzag(weft_get_varint(&in));
        if (what & HAS_WAITERS)
            c.waiters = (guint32)(c.waiters + weft_unzigzag(weft_get_varint(&in)));
        out[i] = c;
    }
}

/* The nodes above a block that is the last of their children. */
static void sum_up(struct series *s)
{
    for (guint level = 1; level < LEVELS && n_nodes(s, level - 1) % CHILDREN == 0; level++) {
        guint first = n_nodes(s, level - 1) - CHILDREN;
        struct series_node node = empty_node(node_at(s, level - 1, first)->from_ns);
        for (guint i = 0; i < CHILDREN; i++)
            node_join(&node, node_at(s, level - 1, first + i));
        if (!s->packed->levels[level])
            s->packed->levels[level] = g_array_new(FALSE, FALSE, sizeof node);
        g_array_append_val(s->packed->levels[level], node);
    }
}

/* The whole tail becomes a block: what comes next begins at to_ns. */
static void pack_tail(struct series *s, gint64 to_ns)
{
    if (!s->packed) {
        s->packed = g_new0(struct packed, 1);
        s->packed->levels[0] = g_array_new(FALSE, FALSE, sizeof(struct series_node));
    }
    struct series_node node = empty_node(s->tail[0].time_ns);
    node.at = s->packed->n_bytes;
    struct change before = { .time_ns = node.from_ns };
    for (guint i = 0; i < BLOCK; i++) {
        put_change(s->packed, &s->tail[i], &before);
        node_add(&node, &s->tail[i], i + 1 < BLOCK ? s->tail[i + 1].time_ns : to_ns);
        before = s->tail[i];
    }
    g_array_append_val(s->packed->levels[0], node);
    sum_up(s);
    s->n = 0;
}

/* The last block becomes the tail again. */
static void unpack_tail(struct series *s)
{
    guint last = n_nodes(s, 0) - 1, below = last;
    get_block(s, last, s->tail);
    s->n = BLOCK;
    s->packed->n_bytes = node_at(s, 0, last)->at;
    for (guint level = 0; level < LEVELS && s->packed->levels[level]; level++, below /= CHILDREN)
        g_array_set_size(s->packed->levels[level], below);
}

/* ---- Building ---- */

void series_finish(struct series *s)
{
    g_free(s->tail);
    if (!s->packed)
        return;
    for (guint level = 0; level < LEVELS && s->packed->levels[level]; level++)
        g_array_unref(s->packed->levels[level]);
    g_free(s->packed->bytes);
    g_free(s->packed);
}

gsize series_memory(const struct series *s)
{
    gsize bytes = s->capacity * sizeof *s->tail;
    if (s->packed)
        bytes += sizeof *s->packed + s->packed->room;
    for (guint level = 0; level < LEVELS; level++)
        bytes += n_nodes(s, level) * sizeof(struct series_node);
    return bytes;
}

guint64 series_n(const struct series *s)
{
    return (guint64)n_nodes(s, 0) * BLOCK + s->n;
}

/* There is never a block without a tail behind it. */
const struct change *series_last(const struct series *s)
{
    return s->n ? &s->tail[s->n - 1] : NULL;
}

/* Whether the second changes nothing. */
static gboolean idle(const struct series *s, const struct change *a, const struct change *b)
{
    return !s->keeps_all && a->value == b->value && a->owner == b->owner &&
           a->waiters == b->waiters && a->unknown == b->unknown;
}

void series_add(struct series *s, struct change change)
{
    const struct change *last = series_last(s);
    if (last && idle(s, last, &change))
        return;
    if (last && change.time_ns <= last->time_ns) {
        change.time_ns = last->time_ns;
        s->n--;
        if (s->n && idle(s, &s->tail[s->n - 1], &change))
            return;
    } else if (s->n == BLOCK) {
        pack_tail(s, change.time_ns);
    }
    if (s->n == s->capacity) {
        s->capacity = (guint8)MIN(BLOCK, MAX(2, s->capacity * 2));
        s->tail = g_renew(struct change, s->tail, s->capacity);
    }
    s->tail[s->n++] = change;
}

void series_rewind(struct series *s, gint64 t_ns, GArray *out)
{
    while (s->n && s->tail[s->n - 1].time_ns > t_ns) {
        guint first = s->n;
        while (first > 0 && s->tail[first - 1].time_ns > t_ns)
            first--;
        g_array_prepend_vals(out, s->tail + first, s->n - first);
        s->n = (guint8)first;
        if (first == 0 && n_nodes(s, 0))
            unpack_tail(s);
    }
}

/* ---- Looking ---- */

static gint64 block_end(const struct series *s, guint level, guint i)
{
    return i + 1 < n_nodes(s, level) ? node_at(s, level, i + 1)->from_ns
           : level == 0              ? s->tail[0].time_ns
                                     : block_end(s, level - 1, (i + 1) * CHILDREN - 1);
}

/* How many of the n changes begin at or before t. */
static guint n_until(const struct change *changes, guint n, gint64 t_ns)
{
    guint low = 0, high = n;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (changes[middle].time_ns <= t_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The last block that begins at or before t; 0 when none does. */
static guint find_block(const struct series *s, gint64 t_ns)
{
    guint low = 0, high = n_nodes(s, 0);
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (node_at(s, 0, middle)->from_ns <= t_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? low - 1 : 0;
}

static struct weft_track_step step_of(const struct series_node *node, gint64 to_ns, guint64 count,
                                      uint64_t owner)
{
    return (struct weft_track_step){
        .from_ns = node->from_ns,
        .to_ns = to_ns,
        .value_min = node->value_min,
        .value_max = node->value_max,
        .waiters_min = node->waiters_min,
        .waiters_max = node->waiters_max,
        .count = (guint32)MIN(count, G_MAXUINT32),
        .flags = node->unknown | (count > 1 ? WEFT_TRACK_MERGED : 0),
        .owner = count > 1 ? 0 : owner,
        .held_ns = node->held_ns,
        .unknown_ns = node->unknown_ns,
    };
}

gint64 series_first_ns(const struct series *s)
{
    return n_nodes(s, 0) ? node_at(s, 0, 0)->from_ns : s->n ? s->tail[0].time_ns : 0;
}

static struct weft_track_step one_step(const struct change *c, gint64 to_ns)
{
    struct series_node node = empty_node(c->time_ns);
    node_add(&node, c, to_ns);
    return step_of(&node, to_ns, 1, c->owner);
}

gboolean series_at(const struct series *s, gint64 t_ns, gint64 end_ns, struct weft_track_step *step)
{
    struct change block[BLOCK];
    const struct change *changes = s->tail;
    guint n = s->n;
    if (n == 0 || changes[0].time_ns > t_ns) {
        if (n_nodes(s, 0) == 0 || node_at(s, 0, 0)->from_ns > t_ns)
            return FALSE;
        guint number = find_block(s, t_ns);
        get_block(s, number, block);
        end_ns = block_end(s, 0, number);
        changes = block;
        n = BLOCK;
    }
    guint i = n_until(changes, n, t_ns) - 1;
    *step = one_step(&changes[i], i + 1 < n ? changes[i + 1].time_ns : end_ns);
    return TRUE;
}

/* ---- A view ---- */

struct viewing {
    gint64 from_ns, to_ns, min_ns;
    GArray *out;
    struct series_node run; /* being merged */
    struct change single;   /* the run's one change, as long as it is alone */
    gint64 run_to, cell_end;
    guint64 count;
};

static void flush(struct viewing *v)
{
    if (v->count == 0)
        return;
    struct weft_track_step step = step_of(&v->run, v->run_to, v->count, v->single.owner);
    g_array_append_val(v->out, step);
    v->count = 0;
}

/* What comes next begins at from_ns: begins a new run where a grid of min_ns says so, so that
 * panning does not make the runs flicker. */
static void begin_item(struct viewing *v, gint64 from_ns)
{
    if (v->count && from_ns >= v->cell_end)
        flush(v);
    if (v->count)
        return;
    v->run = empty_node(from_ns);
    if (__builtin_add_overflow(from_ns - from_ns % v->min_ns, v->min_ns, &v->cell_end))
        v->cell_end = G_MAXINT64;
}

static void view_changes(struct viewing *v, const struct change *changes, guint n, gint64 end_ns)
{
    for (guint i = 0; i < n && changes[i].time_ns < v->to_ns; i++) {
        gint64 to = i + 1 < n ? changes[i + 1].time_ns : end_ns;
        if (to <= v->from_ns || to <= changes[i].time_ns)
            continue;
        gboolean alone = to - changes[i].time_ns >= v->min_ns;
        if (alone)
            flush(v);
        begin_item(v, changes[i].time_ns);
        node_add(&v->run, &changes[i], to);
        v->single = changes[i];
        v->run_to = to;
        v->count++;
        if (alone)
            flush(v);
    }
}

/* Merges the block, and as many after it as one node of at most a pixel takes. Returns how many. */
static guint view_blocks(struct viewing *v, const struct series *s, guint block)
{
    guint level = 0, width = 1;
    while (level + 1 < LEVELS && block % (width * CHILDREN) == 0 &&
           block / (width * CHILDREN) < n_nodes(s, level + 1) &&
           block_end(s, level + 1, block / (width * CHILDREN)) - node_at(s, 0, block)->from_ns <=
               v->min_ns) {
        level++;
        width *= CHILDREN;
    }
    begin_item(v, node_at(s, 0, block)->from_ns);
    node_join(&v->run, node_at(s, level, block / width));
    v->run_to = block_end(s, level, block / width);
    v->count += (guint64)width * BLOCK;
    return width;
}

void series_view(const struct series *s, gint64 from_ns, gint64 to_ns, gint64 end_ns, gint64 min_ns,
                 GArray *out)
{
    struct viewing v = { .from_ns = from_ns, .to_ns = to_ns, .min_ns = MAX(min_ns, 1), .out = out };
    guint blocks = n_nodes(s, 0), block = find_block(s, from_ns);
    if (s->n && s->tail[0].time_ns <= from_ns)
        block = blocks;
    while (block < blocks && node_at(s, 0, block)->from_ns < to_ns) {
        gint64 end = block_end(s, 0, block), from = node_at(s, 0, block)->from_ns;
        if (end - from <= v.min_ns && from >= from_ns && end <= to_ns) {
            block += view_blocks(&v, s, block);
            continue;
        }
        struct change changes[BLOCK];
        get_block(s, block++, changes);
        view_changes(&v, changes, BLOCK, end);
    }
    if (block >= blocks)
        view_changes(&v, s->tail, s->n, MAX(end_ns, s->n ? s->tail[s->n - 1].time_ns : end_ns));
    flush(&v);
}
