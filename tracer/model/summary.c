/* summary.c: see summary.h.
 *
 * One function per struct writes and reads it: code(c, x) puts x when it saves, and returns what it
 * gets when it restores. What comes from a file is checked where it is read; what depends on lanes
 * that come later, in summary_check(). */
#include "tracer/model/summary.h"
#include "tracer/model/beginning.h"
#include "tracer/model/plan.h"
#include "tracer/trace/varint.h"
#include <string.h>

enum {
    PIECE_SIZE = 1 << 20,
    LEAF_BYTES = 11, /* the least a leaf, a lane take */
    LANE_BYTES = 17,
};
#define TIME_MAX (G_GINT64_CONSTANT(1) << 61) /* differences and sums of a few do not overflow */

struct coder {
    GByteArray *out;        /* saving; NULL: restoring */
    struct weft_varints in; /* restoring */
    gboolean bad;
};

static void check(struct coder *c, gboolean ok)
{
    c->bad |= !ok;
}

static inline guint64 code(struct coder *c, guint64 value)
{
    if (!c->out)
        return weft_get_varint(&c->in);
    weft_put_varint(c->out, value);
    return value;
}

static inline guint64 code_max(struct coder *c, guint64 value, guint64 max)
{
    value = code(c, value);
    c->bad |= value > max;
    return value;
}

static inline guint64 code_change(struct coder *c, guint64 value, guint64 from)
{
    return from + (guint64)weft_unzigzag(code(c, weft_zigzag((gint64)(value - from))));
}

/* A time not before `from`. */
static inline gint64 code_time(struct coder *c, gint64 value, gint64 from)
{
    guint64 span = code_max(c, (guint64)value - (guint64)from, 2 * TIME_MAX);
    value = c->bad ? from : from + (gint64)span;
    c->bad |= value > TIME_MAX;
    return value;
}

static gint64 code_moment(struct coder *c, gint64 value)
{
    value = (gint64)code_change(c, (guint64)value, 0);
    check(c, value >= -TIME_MAX && value <= TIME_MAX);
    return value;
}

/* G_MININT64 is "never". */
static gint64 code_moment_or_never(struct coder *c, gint64 value)
{
    return code_max(c, value != G_MININT64, 1) ? code_moment(c, value) : G_MININT64;
}

/* How many things of at least `size` bytes follow. */
static guint code_count(struct coder *c, guint n, guint size)
{
    if (c->out)
        return (guint)code(c, n);
    guint64 count = weft_get_count(&c->in, size);
    check(c, count <= G_MAXINT32);
    return c->bad ? 0 : (guint)count;
}

/* ---- Segments and leaves ---- */

/* What the last segment of each state had: those of one lane are alike. */
struct habits {
    uint64_t other[WEFT_SEGMENT_STATES];
    uint32_t site[WEFT_SEGMENT_STATES];
    gint64 from_ns;
};

static void code_segment(struct coder *c, struct segment *s, struct habits *last, gboolean first)
{
    s->from_ns = first ? code_moment(c, s->from_ns) : code_time(c, s->from_ns, last->from_ns);
    check(c, first || s->from_ns > last->from_ns);
    s->state = (uint8_t)code_max(c, s->state, WEFT_SEGMENT_STATES - 1);
    if (c->bad)
        return;
    s->other = code_change(c, s->other, last->other[s->state]);
    s->site = (uint32_t)code_change(c, s->site, last->site[s->state]);
    s->detail = (uint8_t)code_max(c, s->detail, G_MAXUINT8);
    s->note = (uint16_t)code_max(c, s->note, G_MAXUINT16);
    check(c, (s->note & NOTE_PLAN) <= 900 * PLAN_MAGNITUDES);
    last->from_ns = s->from_ns;
    last->other[s->state] = s->other;
    last->site[s->state] = s->site;
}

static void code_segments(struct coder *c, struct segment *segments, guint n, uint64_t id)
{
    struct habits last = { .from_ns = 0 };
    for (guint i = 0; i < WEFT_SEGMENT_STATES; i++)
        last.other[i] = id;
    for (guint i = 0; i < n && !c->bad; i++) {
        struct segment s = { 0 };
        if (c->out)
            s = segments[i];
        code_segment(c, &s, &last, i == 0);
        if (!c->out)
            segments[i] = s;
    }
}

static void code_fold(struct coder *c, struct fold *fold)
{
    guint bits = (guint)code_max(c, (guint)fold->armed << 1 | fold->delivered, G_MAXUINT8);
    fold->armed = bits >> 1 & 0x7f;
    fold->delivered = bits & 1;
}

/* Whether a segment may begin there: in a chunk; behind the last, when its ring's end is a loss; or
 * before the first. */
static gboolean is_place(const weft_model *model, guint32 chunk)
{
    return chunk <= model->n_chunks ||
           (chunk == CHUNK_BEGINNING && weft_trace_begins_with_state(model->trace));
}

static void code_leaf(struct coder *c, const weft_model *model, struct node *node,
                      const struct node *last)
{
    node->from_ns = last->chunk == G_MAXUINT32 ? code_moment(c, node->from_ns)
                                               : code_time(c, node->from_ns, last->from_ns);
    node->running_ns = code_time(c, node->running_ns, 0);
    node->ready_ns = code_time(c, node->ready_ns, 0);
    node->unknown_ns = code_time(c, node->unknown_ns, 0);
    node->slice_ns = code_time(c, node->slice_ns, 0);
    node->idle_ns = code_time(c, node->idle_ns, 0);
    node->other = code_change(c, node->other, last->other);
    node->chunk = (guint32)code_change(c, node->chunk, last->chunk);
    node->index = (uint16_t)code_max(c, node->index, G_MAXUINT16);
    code_fold(c, &node->fold);
    node->idle = (uint8_t)code_max(c, node->idle, G_MAXUINT8);
    check(c, is_place(model, node->chunk) && node->slice_ns <= node->running_ns);
}

/* Whether all that a leaf says it sums up has room between its beginning and its end. */
static gboolean leaf_fits(const struct node *leaf, gint64 end_ns)
{
    guint64 span = (guint64)end_ns - (guint64)leaf->from_ns;
    guint64 sum = (guint64)leaf->running_ns + (guint64)leaf->ready_ns + (guint64)leaf->unknown_ns;
    return end_ns > leaf->from_ns && sum <= span && (guint64)leaf->idle_ns <= span;
}

/* ---- Pyramids ---- */

static void code_totals(struct coder *c, struct weft_totals *t)
{
    gint64 *const times[] = { &t->running_ns, &t->ready_ns,        &t->cancelling_ns,
                              &t->unknown_ns, &t->poll_ns,         &t->callback_ns,
                              &t->loop_ns,    &t->longest_slice_ns };
    for (guint i = 0; i < G_N_ELEMENTS(times); i++)
        *times[i] = code_time(c, *times[i], 0);
    for (guint i = 0; i < WEFT_WAIT_CLASSES; i++)
        t->waiting_ns[i] = code_time(c, t->waiting_ns[i], 0);
    t->longest_slice_at_ns = code_moment(c, t->longest_slice_at_ns);
    t->count = code(c, t->count);
}

/* The sum of a lane's times cannot be longer than the lane. */
static gboolean totals_fit(const struct weft_totals *t, guint leaves, guint64 span)
{
    guint64 parts[] = { (guint64)t->running_ns, (guint64)t->ready_ns, (guint64)t->cancelling_ns,
                        (guint64)t->unknown_ns, (guint64)t->poll_ns,  (guint64)t->callback_ns,
                        (guint64)t->loop_ns };
    guint64 sum = 0;
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
        sum += MIN(parts[i], G_MAXUINT64 / 16);
    for (guint i = 0; i < WEFT_WAIT_CLASSES; i++)
        sum += MIN((guint64)t->waiting_ns[i], G_MAXUINT64 / 16);
    return sum <= span && t->longest_slice_ns <= t->running_ns &&
           t->count == (guint64)leaves * LEAF_SEGMENTS;
}

/* The leaves that keep their segments: their numbers, as differences, and the segments. */
static void code_kept(struct coder *c, struct pyramid *p, uint64_t id)
{
    guint n = 0, at = 0, leaves = p->levels[0].n;
    for (guint i = 0; c->out && i < p->kept_capacity; i++)
        n += p->kept[i] != NULL;
    n = code_count(c, n, LEAF_SEGMENTS);
    for (; n > 0 && !c->bad; n--, at++) {
        guint next = at;
        while (c->out && !p->kept[next])
            next++;
        guint64 to = at + code(c, next - at);
        check(c, to < leaves && !c->in.bad);
        if (c->bad)
            return;
        at = (guint)to;
        struct segment *segments = c->out ? p->kept[at] : pyramid_keep(p, at);
        code_segments(c, segments, LEAF_SEGMENTS, id);
        check(c, segments[0].from_ns == p->levels[0].nodes[at].from_ns);
    }
}

static void code_leaves(struct coder *c, const weft_model *model, struct pyramid *p, guint n)
{
    struct node last = { .chunk = G_MAXUINT32 };
    for (guint i = 0; i < n && !c->bad; i++) {
        struct node leaf = { 0 };
        if (c->out)
            leaf = p->levels[0].nodes[i];
        code_leaf(c, model, &leaf, &last);
        check(c, i == 0 || leaf_fits(&last, leaf.from_ns));
        last = leaf;
        if (!c->out && !c->bad)
            p->levels[0].nodes[p->levels[0].n++] = leaf;
    }
}

static void code_pyramid(struct coder *c, const weft_model *model, struct lane *lane)
{
    guint n = code_count(c, lane->pyramid ? lane->pyramid->levels[0].n : 0, LEAF_BYTES);
    if (n == 0)
        return;
    if (!c->out)
        lane->pyramid = pyramid_new(n);
    struct pyramid *p = lane->pyramid;
    code_leaves(c, model, p, n);
    struct weft_totals totals = p->totals;
    code_totals(c, &totals);
    if (!c->out)
        p->totals = totals;
    if (!c->bad)
        code_kept(c, p, lane->pub.id);
}

/* ---- Lanes ---- */

static void code_record(struct coder *c, struct weft_lane *pub, const struct weft_lane *last)
{
    pub->id = code_change(c, pub->id, last->id);
    pub->ring = (guint32)code_max(c, pub->ring, (1 << WEFT_ID_RING_BITS) - 1);
    pub->parent = (guint32)code(c, pub->parent + 1u) - 1;
    pub->kind = (guint8)code_max(c, pub->kind, WEFT_LANE_HANDLE);
    pub->outcome = (guint8)code_max(c, pub->outcome, G_MAXUINT8);
    pub->flags = (guint16)code_max(c, pub->flags, G_MAXUINT16);
    pub->name = (guint32)code_max(c, pub->name, G_MAXUINT32);
    pub->site = (guint32)code_max(c, pub->site, G_MAXUINT32);
    pub->resumes = (guint32)code_max(c, pub->resumes, G_MAXUINT32);
    pub->first_ns = code_moment(c, pub->first_ns);
    pub->last_ns = code_moment(c, pub->last_ns);
}

/* Whether its parts follow each other as they must, up to the last event. */
static gboolean lane_fits(const struct lane *lane, gint64 last_ns)
{
    const struct pyramid *p = lane->pyramid;
    const struct weft_lane *pub = &lane->pub;
    gint64 end = lane->done ? pub->last_ns : last_ns;
    if (lane->n && lane->raw[lane->n - 1].from_ns >= end + !lane->done)
        return FALSE;
    if (!p)
        return !lane->n || lane->raw[0].from_ns == pub->first_ns;
    gint64 raw_from = lane->n ? lane->raw[0].from_ns : end;
    const struct node *leaves = p->levels[0].nodes;
    for (guint i = 0; i < p->kept_capacity; i++) {
        gint64 to = i + 1 < p->levels[0].n ? leaves[i + 1].from_ns : raw_from;
        if (p->kept[i] && p->kept[i][LEAF_SEGMENTS - 1].from_ns >= to)
            return FALSE;
    }
    return leaves[0].from_ns == pub->first_ns && leaf_fits(&leaves[p->levels[0].n - 1], raw_from) &&
           totals_fit(&p->totals, p->levels[0].n, (guint64)raw_from - (guint64)leaves[0].from_ns);
}

static void code_lane(struct coder *c, const weft_model *model, struct lane *lane,
                      const struct weft_lane *last)
{
    code_record(c, &lane->pub, last);
    lane->done = (guint8)code_max(c, lane->done, 1);
    code_fold(c, &lane->fold);
    lane->n = (guint8)code_max(c, lane->n, LEAF_SEGMENTS);
    lane->place.chunk = (guint32)code(c, lane->place.chunk + 1u) - 1;
    check(c, is_place(model, lane->place.chunk));
    lane->place.index = (uint16_t)code_max(c, lane->place.index, G_MAXUINT16);
    code_fold(c, &lane->place.fold);
    if (c->bad)
        return;
    if (!c->out)
        lane_reserve(lane, lane->n);
    code_segments(c, lane->raw, lane->n, lane->pub.id);
    code_pyramid(c, model, lane);
    check(c, !c->bad && lane_fits(lane, model->last_ns));
}

static void load_lanes(struct coder *c, weft_model *model, guint n_lanes)
{
    guint64 first = code(c, 0);
    guint n = code_count(c, 0, LANE_BYTES);
    check(c, first == model->n_lanes && n <= n_lanes - model->n_lanes);
    struct weft_lane last = { 0 };
    for (guint i = 0; i < n && !c->bad; i++) {
        uint32_t number = lanes_add(model, WEFT_LANE_TASK, 0, 0);
        struct lane *lane = &model->lanes[number];
        code_lane(c, model, lane, &last);
        last = lane->pub;
        if (lane->pyramid && !c->bad)
            pyramid_sum_up(lane->pyramid, lane_counts(lane));
        if (lane->pub.kind == WEFT_LANE_LOOP) {
            guint32 loop = model->n_lanes - 1;
            g_array_append_val(model->loops, loop);
        }
    }
}

/* ---- Rings, chunks, losses ---- */

static void code_machine(struct coder *c, struct machine *m)
{
    m->last_ns = code_moment_or_never(c, m->last_ns);
    m->loop_lane = (guint32)code(c, m->loop_lane + 1u) - 1;
    m->ready = (guint32)code_max(c, m->ready, G_MAXUINT32);
    m->ready_shown = (guint32)code_max(c, m->ready_shown, G_MAXUINT32);
    m->timer = code(c, m->timer);
    m->op = code_change(c, m->op, 0);
    m->op_object = code(c, m->op_object);
    m->timer_plan = (uint16_t)code_max(c, m->timer_plan, 900 * PLAN_MAGNITUDES);
    m->has_tasks = (uint8_t)code_max(c, m->has_tasks, 1);
    m->depth = (uint8_t)code_max(c, m->depth, FRAMES_MAX);
    for (guint i = 0; i < m->depth && !c->bad; i++) {
        struct frame *frame = &m->frames[i];
        frame->id = code(c, frame->id);
        frame->site = (uint32_t)code_max(c, frame->site, G_MAXUINT32);
        frame->state = (uint8_t)code_max(c, frame->state, WEFT_SEGMENT_STATES - 1);
        frame->detail = (uint8_t)code_max(c, frame->detail, G_MAXUINT8);
    }
}

static void code_rings(struct coder *c, weft_model *model)
{
    guint n = code_count(c, model->rings->len, 1);
    check(c, n <= 1 << WEFT_ID_RING_BITS);
    for (guint i = 0; i < n && !c->bad; i++) {
        const struct ring *old = c->out ? model->rings->pdata[i] : NULL;
        struct ring ring = { 0 };
        if (old)
            ring = *old;
        if (code_max(c, old != NULL, 1) == 0 || c->bad)
            continue;
        ring.damaged = (gboolean)code_max(c, (guint64)ring.damaged, 1);
        ring.unknown_at_end = (gboolean)code_max(c, (guint64)ring.unknown_at_end, 1);
        ring.lost_at_end = ring.unknown_at_end; /* its file does not grow */
        code_machine(c, &ring.machine);
        if (!c->out) {
            ring.machine.ring = i;
            ring.first_chunk = ring.last_chunk = G_MAXUINT32;
            *model_ring(model, i) = ring;
        }
    }
}

/* Which chunk follows which in a ring is seen in the trace. */
static void code_chunks(struct coder *c, weft_model *model)
{
    if (!c->out) {
        model->chunks = g_new0(struct chunk_entry, MAX(model->n_chunks, 1));
        model->chunks_capacity = model->n_chunks;
    }
    for (guint i = 0; i < model->n_chunks && !c->bad; i++) {
        struct chunk_entry entry = { 0 };
        if (c->out)
            entry = model->chunks[i];
        entry.lost_before = (gboolean)code_max(c, (guint64)entry.lost_before, 1);
        entry.lost_ns = code_moment(c, entry.lost_ns);
        code_machine(c, &entry.machine);
        if (c->out)
            continue;
        guint32 ring = weft_trace_chunk(model->trace, i)->ring;
        check(c, ring < model->rings->len && model->rings->pdata[ring]);
        if (c->bad)
            return;
        entry.next = G_MAXUINT32;
        entry.machine.ring = ring;
        model->chunks[i] = entry;
        struct ring *of = model_ring(model, ring);
        if (of->last_chunk != G_MAXUINT32)
            model->chunks[of->last_chunk].next = i;
        else
            of->first_chunk = i;
        of->last_chunk = i;
    }
}

static void code_losses(struct coder *c, weft_model *model)
{
    guint n = code_count(c, model->losses->len, 5);
    guint64 lost = 0;
    for (guint i = 0; i < n && !c->bad; i++) {
        struct weft_loss loss = { 0 };
        if (c->out)
            loss = g_array_index(model->losses, struct weft_loss, i);
        loss.ring = (guint32)code_max(c, loss.ring, (1 << WEFT_ID_RING_BITS) - 1);
        loss.slots = code(c, loss.slots);
        loss.from_ns = code_moment(c, loss.from_ns);
        loss.to_ns = code_moment(c, loss.to_ns);
        lost += loss.slots;
        if (!c->out)
            g_array_append_val(model->losses, loss);
    }
    check(c, lost == model->lost);
}

/* ---- Facts ---- */

/* Values are 1 … max. */
static void code_idmap(struct coder *c, struct idmap *map, guint32 max)
{
    g_autoptr(GArray) pairs = c->out ? idmap_pairs(map) : NULL;
    guint n = code_count(c, pairs ? pairs->len : 0, 2);
    struct idmap_pair last = { 0 };
    for (guint i = 0; i < n && !c->bad; i++) {
        struct idmap_pair pair = pairs ? g_array_index(pairs, struct idmap_pair, i) : last;
        pair.id = last.id + code(c, pair.id - last.id);
        guint64 value = code_change(c, pair.value, last.value);
        check(c, value >= 1 && value <= max && !c->in.bad);
        pair.value = (uint32_t)value;
        if (!c->out && !c->bad)
            idmap_set(map, pair.id, pair.value);
        last = pair;
    }
}

/* An array of structs without pointers, as their bytes: those of the ABI, 32 bytes each. */
static void code_failures(struct coder *c, GArray *failures)
{
    const guint size = sizeof(struct weft_ext_error);
    guint n = code_count(c, failures->len, size);
    if (c->out) {
        g_byte_array_append(c->out, (const guint8 *)failures->data, n * size);
        return;
    }
    const guint8 *bytes = weft_get_bytes(&c->in, (guint64)n * size);
    for (guint i = 0; bytes && i < n; i++) {
        struct weft_ext_error error;
        memcpy(&error, bytes + i * size, size);
        g_array_append_val(failures, error);
    }
}

static void code_cancels(struct coder *c, GArray *cancels)
{
    guint n = code_count(c, cancels->len, 4);
    for (guint i = 0; i < n && !c->bad; i++) {
        struct cancel_fact cancel = { 0 };
        if (c->out)
            cancel = g_array_index(cancels, struct cancel_fact, i);
        cancel.time_ns = code_moment(c, cancel.time_ns);
        cancel.by = code(c, cancel.by);
        cancel.message = (guint32)code_max(c, cancel.message, G_MAXUINT32);
        cancel.previous = (guint32)code_max(c, cancel.previous, i); /* an earlier one: no circle */
        if (!c->out)
            g_array_append_val(cancels, cancel);
    }
}

static void code_groups(struct coder *c, struct facts *f)
{
    guint n = code_count(c, f->members->len, 1);
    uint64_t last = 0;
    for (guint i = 0; i < n && !c->bad; i++) {
        uint64_t member = c->out ? g_array_index(f->members, uint64_t, i) : 0;
        last = member = code_change(c, member, last);
        if (!c->out)
            g_array_append_val(f->members, member);
    }
    n = code_count(c, f->groups->len, 3);
    for (guint i = 0; i < n && !c->bad; i++) {
        struct group_fact group = { 0 };
        if (c->out)
            group = g_array_index(f->groups, struct group_fact, i);
        group.first = (guint)code_max(c, group.first, f->members->len);
        group.n = (guint)code_max(c, group.n, f->members->len);
        group.total = (guint)code_max(c, group.total, G_MAXUINT);
        check(c, group.n <= f->members->len - MIN(group.first, f->members->len) &&
                     group.n <= group.total);
        if (!c->out)
            g_array_append_val(f->groups, group);
    }
}

static void code_facts(struct coder *c, struct facts *f)
{
    code_failures(c, f->failures);
    code_cancels(c, f->cancels);
    code_groups(c, f);
    code_idmap(c, &f->names, G_MAXUINT32);
    code_idmap(c, &f->numbers, G_MAXUINT32);
    code_idmap(c, &f->group_of, f->groups->len);
    code_idmap(c, &f->failure_of, f->failures->len);
    code_idmap(c, &f->cancel_of, f->cancels->len);
}

/* ---- Pieces ---- */

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

static void code_whole(struct coder *c, weft_model *model, guint n_lanes)
{
    guint64 lost = code(c, model->lost), events = code(c, model->events);
    gsize kept_bytes = code(c, model->kept_bytes);
    gint64 last_ns = code_moment(c, model->last_ns);
    if (!c->out) {
        model->lost = lost;
        model->events = events;
        model->kept_bytes = kept_bytes;
        model->last_ns = last_ns;
    }
    code_rings(c, model);
    code_chunks(c, model);
    code_losses(c, model);
    code_facts(c, &model->facts);
    code_idmap(c, &model->lane_of, n_lanes);
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
        code_lane(&c, model, &lane, &last);
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
    code_whole(&c, (weft_model *)model, model->n_lanes); /* saving, it changes nothing */
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
        code_whole(&c, model, head->lanes);
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
