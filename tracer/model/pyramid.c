/* pyramid.c: see pyramid.h. */
#include "tracer/model/pyramid.h"
#include <string.h>

void totals_add(struct weft_totals *t, const struct segment *s, gint64 to_ns)
{
    gint64 ns = to_ns - s->from_ns;
    t->count++;
    switch (s->state) {
    case WEFT_SEGMENT_UNKNOWN:
        t->unknown_ns += ns;
        break;
    case WEFT_SEGMENT_RUNNING:
        t->running_ns += ns;
        if (ns > t->longest_slice_ns) {
            t->longest_slice_ns = ns;
            t->longest_slice_at_ns = s->from_ns;
        }
        break;
    case WEFT_SEGMENT_READY:
        t->ready_ns += ns;
        break;
    case WEFT_SEGMENT_WAITING:
        t->waiting_ns[weft_wait_class(s->detail)] += ns;
        break;
    case WEFT_SEGMENT_CANCELLING:
        t->cancelling_ns += ns;
        break;
    case WEFT_SEGMENT_POLL:
        t->poll_ns += ns;
        break;
    case WEFT_SEGMENT_CALLBACK:
        t->callback_ns += ns;
        break;
    case WEFT_SEGMENT_LOOP:
        t->loop_ns += ns;
        break;
    }
}

/* State and detail in a byte: running and callbacks are never packed, so seven states remain. */
static uint8_t pack_idle(const struct segment *s)
{
    uint8_t state = s->state == WEFT_SEGMENT_COUNT  ? 1
                    : s->state == WEFT_SEGMENT_LOOP ? 6
                                                    : s->state;
    return (uint8_t)(state << 5 | (s->detail & 31));
}
_Static_assert(WEFT_AWAIT_END <= 32 && WEFT_WAKE_END <= 32, "a detail fits 5 bits");

uint8_t node_idle_state(const struct node *node)
{
    uint8_t state = node->idle >> 5;
    return state == 1 ? WEFT_SEGMENT_COUNT : state == 6 ? WEFT_SEGMENT_LOOP : state;
}

uint8_t node_idle_detail(const struct node *node)
{
    return node->idle & 31;
}

void node_add(struct node *node, const struct segment *s, gint64 to_ns)
{
    gint64 ns = to_ns - s->from_ns;
    if (s->state == WEFT_SEGMENT_COUNT)
        node->other = MAX(node->other, s->other);
    else if (ns > node_longest(node))
        node->other = s->other;
    if (s->state == WEFT_SEGMENT_RUNNING || s->state == WEFT_SEGMENT_CALLBACK) {
        node->running_ns += ns;
        node->slice_ns = MAX(node->slice_ns, ns);
        return;
    }
    if (s->state == WEFT_SEGMENT_READY)
        node->ready_ns += ns;
    else if (s->state == WEFT_SEGMENT_UNKNOWN)
        node->unknown_ns += ns;
    if (ns > node->idle_ns) {
        node->idle_ns = ns;
        node->idle = pack_idle(s);
    }
}

void node_join(struct node *node, const struct node *child, gboolean counts)
{
    if (counts ? child->other > node->other : node_longest(child) > node_longest(node))
        node->other = child->other;
    node->running_ns += child->running_ns;
    node->ready_ns += child->ready_ns;
    node->unknown_ns += child->unknown_ns;
    node->slice_ns = MAX(node->slice_ns, child->slice_ns);
    if (child->idle_ns > node->idle_ns) {
        node->idle_ns = child->idle_ns;
        node->idle = child->idle;
    }
}

/* ---- Building ---- */

struct pyramid *pyramid_new(void)
{
    return g_new0(struct pyramid, 1);
}

guint pyramid_n(const struct pyramid *p, guint level)
{
    return level == 0 ? p->n : level <= p->n_levels ? p->levels[level - 1].n : 0;
}

static void add_node(struct pyramid *p, guint level, const struct node *node)
{
    if (level > p->n_levels) {
        p->levels = g_renew(struct level, p->levels, level);
        p->levels[p->n_levels++] = (struct level){ 0 };
    }
    struct level *l = &p->levels[level - 1];
    if (l->n == l->capacity) {
        l->capacity = l->capacity < 16 ? l->capacity * 2 + 2 : l->capacity / 4 * 5;
        l->nodes = g_renew(struct node, l->nodes, l->capacity);
    }
    l->nodes[l->n++] = *node;
}

/* The block's leaves are all there. */
static void close_block(struct pyramid *p, const struct leaf leaves[NODE_CHILDREN], gboolean counts)
{
    struct node node = { .from_ns = p->block_ns, .leaves_at = p->block_at };
    for (guint i = 0; i < NODE_CHILDREN; i++)
        node_join(&node, &leaves[i].sum, counts);
    add_node(p, 1, &node);
    for (guint l = 1; l + 1 < LEVELS_MAX && pyramid_n(p, l) % NODE_CHILDREN == 0; l++) {
        guint first = pyramid_n(p, l) - NODE_CHILDREN;
        node = (struct node){ .from_ns = pyramid_node(p, l, first)->from_ns };
        for (guint i = 0; i < NODE_CHILDREN; i++)
            node_join(&node, pyramid_node(p, l, first + i), counts);
        add_node(p, l + 1, &node);
    }
}

static void begin_block(struct pyramid *p, guint32 at, gint64 from_ns)
{
    p->block_at = at;
    p->block_ns = from_ns;
}

static void add_leaf(struct pyramid *p, const struct leaf *leaf, uint32_t ring, gboolean counts)
{
    guint32 room = PACKED_LEAF_MAX + leaf->kept_size + PACKED_SLACK;
    if (p->used + room > p->capacity) {
        p->capacity = p->used + MAX(room, p->used / 4);
        p->bytes = g_realloc(p->bytes, p->capacity);
    }
    struct leaf before = { .sum.from_ns = p->last_ns, .place.chunk = p->last_chunk };
    if (p->n % NODE_CHILDREN == 0) {
        before = (struct leaf){ 0 };
        begin_block(p, p->used, leaf->sum.from_ns);
    }
    p->used = (guint32)(pack_leaf(p->bytes + p->used, leaf, &before, ring) - p->bytes);
    p->last_ns = leaf->sum.from_ns;
    p->last_chunk = leaf->place.chunk;
    if (++p->n % NODE_CHILDREN == 0) {
        struct leaf leaves[NODE_CHILDREN];
        pyramid_block(p, p->n / NODE_CHILDREN - 1, ring, leaves);
        close_block(p, leaves, counts);
    }
}

void pyramid_add(struct pyramid *p, struct leaf *leaf, const struct segment segments[LEAF_SEGMENTS],
                 gint64 to_ns, uint32_t ring, gboolean counts)
{
    leaf->sum = (struct node){ .from_ns = segments[0].from_ns };
    for (guint i = 0; i < LEAF_SEGMENTS; i++) {
        gint64 end = i + 1 < LEAF_SEGMENTS ? segments[i + 1].from_ns : to_ns;
        node_add(&leaf->sum, &segments[i], end);
        totals_add(&p->totals, &segments[i], end);
    }
    add_leaf(p, leaf, ring, counts);
}

gboolean pyramid_restore(struct pyramid *p, const guint8 *bytes, guint size, guint n, uint32_t ring,
                         gboolean counts, leaf_check *fits, gpointer data, struct leaf *last)
{
    struct leaf leaves[NODE_CHILDREN], nothing = { 0 };
    p->used = size;
    p->capacity = size + PACKED_SLACK;
    p->bytes = g_malloc0(p->capacity);
    memcpy(p->bytes, bytes, size);
    const guint8 *at = p->bytes, *end = at + size;
    for (guint i = 0; i < n; i++) {
        guint k = i % NODE_CHILDREN;
        guint32 from = (guint32)(at - p->bytes);
        struct leaf *leaf = &leaves[k];
        at = unpack_leaf(at, end, k ? &leaves[k - 1] : &nothing, ring, leaf);
        if (!at || !fits(leaf, i ? last : NULL, data))
            return FALSE;
        *last = *leaf;
        if (k == 0)
            begin_block(p, from, leaf->sum.from_ns);
        p->n++;
        if (p->n % NODE_CHILDREN == 0)
            close_block(p, leaves, counts);
    }
    p->last_ns = last->sum.from_ns;
    p->last_chunk = last->place.chunk;
    return at == end;
}

/* ---- Reading ---- */

gint64 pyramid_block_ns(const struct pyramid *p, guint block)
{
    return block < pyramid_n(p, 1) ? pyramid_node(p, 1, block)->from_ns : p->block_ns;
}

guint pyramid_block(const struct pyramid *p, guint block, uint32_t ring,
                    struct leaf leaves[NODE_CHILDREN])
{
    gboolean whole = block < pyramid_n(p, 1);
    guint n = whole ? NODE_CHILDREN : p->n - block * NODE_CHILDREN;
    const guint8 *at = p->bytes + (whole ? pyramid_node(p, 1, block)->leaves_at : p->block_at);
    struct leaf before = { 0 };
    for (guint i = 0; i < n; i++)
        at = unpack_leaf(at, p->bytes + p->used, i ? &leaves[i - 1] : &before, ring, &leaves[i]);
    return n;
}

gsize pyramid_memory(const struct pyramid *p)
{
    gsize bytes = sizeof *p + p->capacity + p->n_levels * sizeof *p->levels;
    for (guint l = 0; l < p->n_levels; l++)
        bytes += p->levels[l].capacity * sizeof *p->levels[l].nodes;
    return bytes;
}

void pyramid_trim(struct pyramid *p)
{
    for (guint l = 0; l < p->n_levels; l++) {
        struct level *level = &p->levels[l];
        if (level->capacity == level->n)
            continue;
        level->capacity = level->n;
        level->nodes = g_renew(struct node, level->nodes, level->n);
    }
    p->capacity = p->used + PACKED_SLACK;
    p->bytes = g_realloc(p->bytes, p->capacity);
}

void pyramid_free(struct pyramid *p)
{
    if (!p)
        return;
    for (guint l = 0; l < p->n_levels; l++)
        g_free(p->levels[l].nodes);
    g_free(p->levels);
    g_free(p->bytes);
    g_free(p);
}
