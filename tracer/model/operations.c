/* operations.c: see operations.h. */
#include "tracer/model/operations.h"
#include "tracer/trace/varint.h"

enum { CHILDREN = 16 };

void operations_init(struct operations *o)
{
    *o = (struct operations){ 0 };
    weft_idtable_init(&o->open, sizeof(struct open_operation));
}

void operations_finish(struct operations *o)
{
    weft_idtable_finish(&o->open);
    for (guint level = 0; level < OPERATIONS_LEVELS && o->levels[level]; level++)
        g_array_unref(o->levels[level]);
    g_free(o->bytes);
}

gsize operations_memory(const struct operations *o)
{
    gsize bytes = o->room + weft_idtable_n(&o->open) * sizeof(struct open_operation);
    for (guint level = 0; level < OPERATIONS_LEVELS && o->levels[level]; level++)
        bytes += o->levels[level]->len * sizeof(struct operations_node);
    return bytes;
}

/* ---- Packing ---- */

/* All numbers of an operation, as differences to the one before or within it. */
enum { ID, TASK, ON, RESULT, SITE, TEXT, BEGIN, STARTED, ENDED, NUMBERS };

static void numbers_of(const struct weft_operation *op, const struct weft_operation *before,
                       uint64_t n[NUMBERS])
{
    n[ID] = op->id - before->id;
    n[TASK] = op->task - before->task;
    n[ON] = op->on - before->on;
    n[RESULT] = (uint64_t)op->result;
    n[SITE] = (uint64_t)op->site - before->site;
    n[TEXT] = (uint64_t)op->text - before->text;
    n[BEGIN] = (uint64_t)op->begin_ns - (uint64_t)before->begin_ns;
    n[STARTED] = (uint64_t)op->started_ns - (uint64_t)op->begin_ns;
    n[ENDED] = (uint64_t)op->ended_ns - (uint64_t)op->started_ns;
}

static void from_numbers(struct weft_operation *op, const uint64_t n[NUMBERS])
{
    op->id += n[ID];
    op->task += n[TASK];
    op->on += n[ON];
    op->result = (gint64)n[RESULT];
    op->site += (guint32)n[SITE];
    op->text += (guint32)n[TEXT];
    op->begin_ns = (gint64)((uint64_t)op->begin_ns + n[BEGIN]);
    op->started_ns = (gint64)((uint64_t)op->begin_ns + n[STARTED]);
    op->ended_ns = (gint64)((uint64_t)op->started_ns + n[ENDED]);
}

static void pack_one(struct operations *o, const struct weft_operation *op,
                     const struct weft_operation *before)
{
    enum { MOST = 2 + NUMBERS * WEFT_VARINT_MAX };
    uint64_t numbers[NUMBERS];
    if (o->n_bytes + MOST > o->room) {
        o->room = MAX(OPERATIONS_BLOCK * MOST, o->room + o->room / 2);
        o->bytes = g_realloc(o->bytes, o->room);
    }
    numbers_of(op, before, numbers);
    o->bytes[o->n_bytes++] = op->detail;
    o->bytes[o->n_bytes++] = op->known;
    guint8 *at = o->bytes + o->n_bytes;
    for (guint i = 0; i < NUMBERS; i++)
        at = weft_write_varint(at, weft_zigzag((int64_t)numbers[i]));
    o->n_bytes = (guint)(at - o->bytes);
}

void operations_get(const struct operations *o, guint block,
                    struct weft_operation out[OPERATIONS_BLOCK])
{
    const struct operations_node *node = &g_array_index(o->levels[0], struct operations_node,
                                                        block);
    struct weft_varints in = { o->bytes + node->at, o->bytes + o->n_bytes, FALSE };
    struct weft_operation op = { 0 };
    for (guint i = 0; i < OPERATIONS_BLOCK; i++) {
        uint64_t numbers[NUMBERS];
        op.detail = *in.at++;
        op.known = *in.at++;
        for (guint k = 0; k < NUMBERS; k++)
            numbers[k] = (uint64_t)weft_unzigzag(weft_get_varint(&in));
        from_numbers(&op, numbers);
        out[i] = op;
    }
}

static void node_join(struct operations_node *node, gint64 begin_ns, gint64 end_ns)
{
    node->begin_ns = MIN(node->begin_ns, begin_ns);
    node->end_ns = MAX(node->end_ns, end_ns);
}

static void add_node(struct operations *o, guint level, const struct operations_node *node)
{
    if (!o->levels[level])
        o->levels[level] = g_array_new(FALSE, FALSE, sizeof *node);
    g_array_append_val(o->levels[level], *node);
    guint n = o->levels[level]->len;
    if (n % CHILDREN || level + 1 == OPERATIONS_LEVELS)
        return;
    struct operations_node above = { G_MAXINT64, G_MININT64, 0 };
    for (guint i = n - CHILDREN; i < n; i++) {
        const struct operations_node *child = &g_array_index(o->levels[level],
                                                             struct operations_node, i);
        node_join(&above, child->begin_ns, child->end_ns);
    }
    add_node(o, level + 1, &above);
}

static void pack_block(struct operations *o)
{
    struct operations_node node = { G_MAXINT64, G_MININT64, o->n_bytes };
    struct weft_operation before = { 0 };
    for (guint i = 0; i < OPERATIONS_BLOCK; i++) {
        pack_one(o, &o->ended[i], &before);
        node_join(&node, o->ended[i].begin_ns, o->ended[i].ended_ns);
        before = o->ended[i];
    }
    add_node(o, 0, &node);
    o->n_ended = 0;
}

/* ---- Building ---- */

struct open_operation *operations_open(struct operations *o, uint64_t id, gint64 t_ns)
{
    struct open_operation *op = weft_idtable_find(&o->open, id);
    if (op)
        return op;
    op = weft_idtable_add(&o->open, id);
    op->at.begin_ns = op->at.started_ns = op->seen_ns = t_ns;
    return op;
}

void operations_end(struct operations *o, struct open_operation *op)
{
    if (o->n_ended == OPERATIONS_BLOCK)
        pack_block(o);
    o->ended[o->n_ended++] = op->at;
    weft_idtable_remove(&o->open, op->at.id);
}

/* ---- Looking ---- */

guint operations_next(const struct operations *o, guint block, gint64 from_ns, gint64 to_ns)
{
    guint blocks = operations_blocks(o);
    while (block < blocks) {
        guint level = 0, width = 1;
        while (level + 1 < OPERATIONS_LEVELS && block % (width * CHILDREN) == 0 &&
               o->levels[level + 1] && block / (width * CHILDREN) < o->levels[level + 1]->len) {
            level++;
            width *= CHILDREN;
        }
        for (;; level--, width /= CHILDREN) {
            const struct operations_node *node = &g_array_index(
                o->levels[level], struct operations_node, block / width);
            if (node->begin_ns >= to_ns || node->end_ns < from_ns)
                break;
            if (level == 0)
                return block;
        }
        block += width;
    }
    return blocks;
}
