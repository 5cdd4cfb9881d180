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

static void level_add(struct level *level, const struct node *node)
{
    if (level->n == level->capacity) {
        level->capacity = level->capacity < 16 ? level->capacity * 2 + 2 : level->capacity / 4 * 5;
        level->nodes = g_renew(struct node, level->nodes, level->capacity);
    }
    level->nodes[level->n++] = *node;
}

struct segment *pyramid_keep(struct pyramid *p, guint leaf)
{
    if (leaf >= p->kept_capacity) {
        guint capacity = MAX(leaf + 1, p->kept_capacity * 2);
        p->kept = g_renew(struct segment *, p->kept, capacity);
        memset(p->kept + p->kept_capacity, 0, (capacity - p->kept_capacity) * sizeof *p->kept);
        p->kept_capacity = capacity;
    }
    if (!p->kept[leaf])
        p->kept[leaf] = g_new0(struct segment, LEAF_SEGMENTS);
    return p->kept[leaf];
}

/* The node of level + 1 whose last child is node `last` of `level`. */
static void add_parent(struct pyramid *p, guint level, guint last, gboolean counts)
{
    const struct node *children = &p->levels[level].nodes[last + 1 - NODE_CHILDREN];
    struct node node = { .from_ns = children->from_ns };
    for (guint i = 0; i < NODE_CHILDREN; i++)
        node_join(&node, &children[i], counts);
    level_add(&p->levels[level + 1], &node);
}

static void count_levels(struct pyramid *p)
{
    while (p->n_levels < LEVELS_MAX && p->levels[p->n_levels].n)
        p->n_levels++;
}

void pyramid_add(struct pyramid *p, const struct segment segments[LEAF_SEGMENTS], gint64 to_ns,
                 struct place place, gboolean keep, gboolean counts)
{
    struct node leaf = { .from_ns = segments[0].from_ns,
                         .chunk = place.chunk,
                         .index = place.index,
                         .fold = place.fold };
    for (guint i = 0; i < LEAF_SEGMENTS; i++) {
        gint64 end = i + 1 < LEAF_SEGMENTS ? segments[i + 1].from_ns : to_ns;
        node_add(&leaf, &segments[i], end);
        totals_add(&p->totals, &segments[i], end);
    }
    if (keep)
        memcpy(pyramid_keep(p, p->levels[0].n), segments, LEAF_SEGMENTS * sizeof *segments);
    level_add(&p->levels[0], &leaf);
    for (guint l = 0; l + 1 < LEVELS_MAX && p->levels[l].n % NODE_CHILDREN == 0; l++)
        add_parent(p, l, p->levels[l].n - 1, counts);
    count_levels(p);
}

/* ---- From a summary ---- */

struct pyramid *pyramid_new(guint n)
{
    struct pyramid *p = g_new0(struct pyramid, 1);
    p->levels[0].nodes = g_new(struct node, n);
    p->levels[0].capacity = n;
    return p;
}

void pyramid_sum_up(struct pyramid *p, gboolean counts)
{
    for (guint l = 0; l + 1 < LEVELS_MAX && p->levels[l].n >= NODE_CHILDREN; l++) {
        guint n = p->levels[l].n / NODE_CHILDREN;
        p->levels[l + 1].nodes = g_new(struct node, n);
        p->levels[l + 1].capacity = n;
        for (guint i = 0; i < n; i++)
            add_parent(p, l, (i + 1) * NODE_CHILDREN - 1, counts);
    }
    count_levels(p);
}

gsize pyramid_memory(const struct pyramid *p)
{
    gsize bytes = sizeof *p + p->kept_capacity * sizeof *p->kept;
    for (guint l = 0; l < LEVELS_MAX; l++)
        bytes += p->levels[l].capacity * sizeof *p->levels[l].nodes;
    for (guint i = 0; i < p->kept_capacity; i++)
        bytes += p->kept[i] ? LEAF_SEGMENTS * sizeof **p->kept : 0;
    return bytes;
}

void pyramid_trim(struct pyramid *p)
{
    for (guint l = 0; l < LEVELS_MAX; l++) {
        struct level *level = &p->levels[l];
        if (level->capacity == level->n)
            continue;
        level->capacity = level->n;
        level->nodes = g_renew(struct node, level->nodes, level->n);
    }
}

void pyramid_free(struct pyramid *p)
{
    if (!p)
        return;
    for (guint l = 0; l < LEVELS_MAX; l++)
        g_free(p->levels[l].nodes);
    for (guint i = 0; i < p->kept_capacity; i++)
        g_free(p->kept[i]);
    g_free(p->kept);
    g_free(p);
}
