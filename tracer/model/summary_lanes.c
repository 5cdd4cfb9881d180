/* summary_lanes.c: the lanes of a summary: their records, their tails, their pyramids. See
 * summary.h.
 *
 * Segments and leaves are packed there as they are in memory (packed.h); what is read is unpacked
 * and looked at, each. */
#include "tracer/model/beginning.h"
#include "tracer/model/coder.h"
#include "tracer/model/plan.h"

/* ---- Segments ---- */

static gboolean segments_fit(const struct segment *segments, guint n, gint64 to_ns)
{
    for (guint i = 0; i < n; i++) {
        const struct segment *s = &segments[i];
        gint64 end = i + 1 < n ? segments[i + 1].from_ns : to_ns;
        if (s->from_ns < -TIME_MAX || end > TIME_MAX || end <= s->from_ns ||
            s->state >= WEFT_SEGMENT_STATES || (s->note & NOTE_PLAN) > 900 * PLAN_MAGNITUDES)
            return FALSE;
    }
    return TRUE;
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

/* The open segment, without its beginning: that is where the one before it ends. */
static void code_open(struct coder *c, struct segment *s)
{
    s->state = (uint8_t)code_max(c, s->state, WEFT_SEGMENT_STATES - 1);
    s->other = code(c, s->other);
    s->site = (uint32_t)code_max(c, s->site, G_MAXUINT32);
    s->detail = (uint8_t)code_max(c, s->detail, G_MAXUINT8);
    s->note = (uint16_t)code_max(c, s->note, G_MAXUINT16);
}

static void code_place(struct coder *c, const weft_model *model, struct place *place)
{
    place->chunk = (guint32)code(c, place->chunk + 1u) - 1;
    check(c, is_place(model, place->chunk));
    place->index = (uint16_t)code_max(c, place->index, G_MAXUINT16);
    code_fold(c, &place->fold);
}

static void code_tail(struct coder *c, const weft_model *model, struct lane *lane)
{
    struct tail tail = *lane->tail;
    struct segment open = { 0 }, raw[LEAF_SEGMENTS];
    tail.done = (guint8)code_max(c, tail.done, 1);
    code_fold(c, &tail.fold);
    tail.n = (guint8)code_max(c, tail.n, LEAF_SEGMENTS);
    code_place(c, model, &tail.place);
    tail.from_ns = code_moment(c, tail.from_ns);
    guint8 packed[TAIL_MAX + PACKED_SLACK];
    guint size = (guint)code_max(c, c->out ? lane_packed(lane, packed) : 0, TAIL_MAX);
    if (c->bad)
        return;
    const guint8 *bytes = code_bytes(c, packed, size);
    if (tail.n && !tail.done) {
        open = c->out ? *lane_open(lane) : open;
        code_open(c, &open);
    }
    if (c->out || c->bad)
        return;
    if (lane_restore(lane, &tail, bytes, size, &open))
        check(c, segments_fit(raw, lane_raw(lane, raw), tail.done ? lane->pub.last_ns : TIME_MAX));
    else
        c->bad = TRUE;
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

/* Whether all that a leaf says it sums up has room between its beginning and its end. */
static gboolean leaf_fits(const struct node *leaf, gint64 end_ns)
{
    guint64 span = (guint64)end_ns - (guint64)leaf->from_ns;
    guint64 sum = (guint64)leaf->running_ns + (guint64)leaf->ready_ns + (guint64)leaf->unknown_ns;
    return end_ns > leaf->from_ns && sum <= span && (guint64)leaf->idle_ns <= span;
}

struct looking { /* at a pyramid's leaves */
    const weft_model *model;
    uint32_t ring;
    gint64 kept_ns; /* where the last segment kept begins */
};

static gboolean kept_fits(struct looking *looking, const struct leaf *leaf)
{
    struct segment segments[LEAF_SEGMENTS];
    const guint8 *end = leaf->kept + leaf->kept_size;
    gint64 to_ns;
    if (unpack_segments(leaf->kept, end, looking->ring, leaf->sum.from_ns, segments, LEAF_SEGMENTS,
                        &to_ns) != end ||
        !segments_fit(segments, LEAF_SEGMENTS, TIME_MAX))
        return FALSE;
    looking->kept_ns = segments[LEAF_SEGMENTS - 1].from_ns;
    return TRUE;
}

static gboolean in_span(gint64 ns)
{
    return ns >= 0 && ns <= 2 * TIME_MAX;
}

static gboolean leaf_is_true(const struct leaf *leaf, const struct leaf *before, gpointer data)
{
    struct looking *looking = data;
    const struct node *n = &leaf->sum;
    return n->from_ns >= -TIME_MAX && n->from_ns <= TIME_MAX && in_span(n->running_ns) &&
           in_span(n->ready_ns) && in_span(n->unknown_ns) && in_span(n->idle_ns) &&
           n->slice_ns >= 0 && n->slice_ns <= n->running_ns &&
           is_place(looking->model, leaf->place.chunk) &&
           (!before || (leaf_fits(&before->sum, n->from_ns) && looking->kept_ns < n->from_ns)) &&
           (!leaf->kept || kept_fits(looking, leaf));
}

static void code_pyramid(struct coder *c, const weft_model *model, struct lane *lane)
{
    guint n = code_count(c, lane->pyramid ? lane->pyramid->n : 0, PACKED_LEAF_MIN);
    if (n == 0)
        return;
    if (!c->out)
        lane->pyramid = pyramid_new();
    struct pyramid *p = lane->pyramid;
    guint used = (guint)code_max(c, p->used, G_MAXINT32);
    const guint8 *bytes = code_bytes(c, p->bytes, used);
    struct weft_totals totals = p->totals;
    code_totals(c, &totals);
    if (c->out || c->bad)
        return;
    struct looking looking = { model, lane_packing(lane), G_MININT64 };
    struct leaf last;
    gint64 end = lane->tail->n ? lane->tail->from_ns
                               : (lane->tail->done ? lane->pub.last_ns : model->last_ns);
    check(c, pyramid_restore(p, bytes, used, n, looking.ring, lane_counts(lane), leaf_is_true,
                             &looking, &last) &&
                 leaf_fits(&last.sum, end) && looking.kept_ns < end &&
                 pyramid_block_ns(p, 0) == lane->pub.first_ns &&
                 totals_fit(&totals, n, (guint64)end - (guint64)lane->pub.first_ns));
    p->totals = totals;
}

/* ---- Lanes ---- */

static void code_record(struct coder *c, struct weft_lane *pub, const struct weft_lane *last)
{
    pub->id = code_change(c, pub->id, last->id);
    pub->ring = (guint16)code_max(c, pub->ring, (1 << WEFT_ID_RING_BITS) - 1);
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

/* Whether its tail is where it must be, up to the last event. */
static gboolean tail_fits(const struct lane *lane, gint64 last_ns)
{
    const struct segment *open = lane_open(lane);
    return (!open || open->from_ns <= last_ns) &&
           (!lane->tail->n || lane->pyramid || lane->tail->from_ns == lane->pub.first_ns);
}

void summary_code_lane(struct coder *c, const weft_model *model, struct lane *lane,
                       const struct weft_lane *last)
{
    code_record(c, &lane->pub, last);
    if (!c->bad)
        code_tail(c, model, lane);
    if (!c->bad)
        code_pyramid(c, model, lane);
    check(c, !c->bad && tail_fits(lane, model->last_ns));
}
