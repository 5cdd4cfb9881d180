/* summary.c: the pieces of a summary, written and read. See summary.h; what is in them: coder.h. */
#include "tracer/model/summary.h"
#include "tracer/model/coder.h"

enum { PIECE_SIZE = 1 << 20 };

static void code_head(struct coder *c, struct summary_head *head)
{
    check(c, code(c, SUMMARY_VERSION) == SUMMARY_VERSION);
    head->chunks = (guint32)code_max(c, head->chunks, G_MAXUINT32);
    head->digest = code(c, head->digest);
    head->lanes = (guint32)code_max(c, head->lanes, G_MAXINT32);
    head->piece = (guint32)code_max(c, head->piece, G_MAXUINT32);
    head->pieces = (guint32)code_max(c, head->pieces, G_MAXUINT32);
    check(c, head->piece < head->pieces && !c->in.bad);
}

/* Takes the bytes of `body`. */
static GBytes *make_piece(const weft_model *model, guint piece, guint pieces, GByteArray *body)
{
    struct summary_head head = { .chunks = model->n_chunks,
                                 .digest = weft_trace_digest(model->trace, model->n_chunks),
                                 .lanes = model->n_lanes,
                                 .piece = piece,
                                 .pieces = pieces };
    struct coder c = { .out = g_byte_array_new() };
    code_head(&c, &head);
    g_byte_array_append(c.out, body->data, body->len);
    g_byte_array_unref(body);
    return g_byte_array_free_to_bytes(c.out);
}

/* Lanes from `first` on until they are about a megabyte. *first: where the next piece begins. */
static GByteArray *save_lanes(const weft_model *model, guint *first, gboolean *bad)
{
    struct coder c = { .out = g_byte_array_new() };
    struct weft_lane last = { 0 };
    guint end = *first;
    for (; end < model->n_lanes && c.out->len < PIECE_SIZE; end++) {
        struct lane lane = model->lanes[end]; /* a copy: others may look at it */
        summary_code_lane(&c, model, &lane, &last);
        last = model->lanes[end].pub;
    }
    *bad |= c.bad;
    struct coder whole = { .out = g_byte_array_new() };
    code(&whole, *first);
    code(&whole, end - *first);
    g_byte_array_append(whole.out, c.out->data, c.out->len);
    g_byte_array_unref(c.out);
    *first = end;
    return whole.out;
}

GPtrArray *summary_save(const weft_model *model)
{
    g_autoptr(GPtrArray)
        bodies = g_ptr_array_new_with_free_func((GDestroyNotify)g_byte_array_unref);
    struct coder c = { .out = g_byte_array_new() };
    g_ptr_array_add(bodies, c.out);
    summary_code_whole(&c, (weft_model *)model, model->n_lanes); /* saving, it changes nothing */
    for (guint lane = 0; lane < model->n_lanes;)
        g_ptr_array_add(bodies, save_lanes(model, &lane, &c.bad));
    if (c.bad)
        return NULL;
    GPtrArray *pieces = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    for (guint i = 0; i < bodies->len; i++)
        g_ptr_array_add(pieces,
                        make_piece(model, i, bodies->len, g_byte_array_ref(bodies->pdata[i])));
    return pieces;
}

/* ---- Restoring ---- */

static void load_lanes(struct coder *c, weft_model *model, guint n_lanes)
{
    guint64 first = code(c, 0);
    guint n = code_count(c, 0, LANE_BYTES);
    check(c, first == model->n_lanes && n <= n_lanes - model->n_lanes);
    struct weft_lane last = { 0 };
    for (guint i = 0; i < n && !c->bad; i++) {
        uint32_t number = lanes_add(model, WEFT_LANE_TASK, 0, 0);
        struct lane *lane = &model->lanes[number];
        summary_code_lane(c, model, lane, &last);
        last = lane->pub;
        if (lane->pub.kind == WEFT_LANE_LOOP) {
            guint32 loop = model->n_lanes - 1;
            g_array_append_val(model->loops, loop);
        }
    }
}

static struct coder coder_of(GBytes *bytes)
{
    gsize size;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    return (struct coder){ .in = { data, data + size, FALSE } };
}

gboolean summary_head_of(GBytes *bytes, struct summary_head *head)
{
    struct coder c = coder_of(bytes);
    code_head(&c, head);
    return !c.bad;
}

gboolean summary_load(weft_model *model, GBytes *bytes, const struct summary_head *head)
{
    struct coder c = coder_of(bytes);
    struct summary_head again;
    code_head(&c, &again);
    if (head->piece == 0) {
        model->n_chunks = head->chunks;
        summary_code_whole(&c, model, head->lanes);
    } else {
        load_lanes(&c, model, head->lanes);
    }
    return !c.bad && !c.in.bad && c.in.at == c.in.end;
}

/* A loop's three lanes follow each other, on one ring. */
static gboolean is_loop(const weft_model *model, guint32 lane, guint32 ring)
{
    if (lane >= model->n_lanes || model->n_lanes - lane < LANES_OF_LOOP)
        return FALSE;
    const struct lane *lanes = &model->lanes[lane];
    for (guint i = 0; i < LANES_OF_LOOP; i++)
        if (lanes[i].pub.kind != WEFT_LANE_LOOP + i || lanes[i].pub.ring != ring)
            return FALSE;
    return TRUE;
}

static gboolean machine_fits(const weft_model *model, const struct machine *m)
{
    return m->loop_lane == NO_LANE || is_loop(model, m->loop_lane, m->ring);
}

gboolean summary_check(const weft_model *model, const struct summary_head *head)
{
    if (model->n_lanes != head->lanes)
        return FALSE;
    for (guint i = 0; i < model->n_lanes; i++) {
        const struct weft_lane *lane = &model->lanes[i].pub;
        if ((lane->parent != NO_LANE && (lane->parent >= model->n_lanes || lane->parent == i)) ||
            (lane->kind == WEFT_LANE_LOOP && !is_loop(model, i, lane->ring)))
            return FALSE;
    }
    for (guint i = 0; i < model->n_chunks; i++)
        if (!machine_fits(model, &model->chunks[i].machine))
            return FALSE;
    for (guint i = 0; i < model->rings->len; i++) {
        const struct ring *ring = model->rings->pdata[i];
        if (ring && !machine_fits(model, &ring->machine))
            return FALSE;
    }
    return TRUE;
}
