/* lane.c: lanes while they are built. See lane.h. */
#include "tracer/model/lane.h"
#include "tracer/model/model_private.h"
#include <string.h>

/* ---- Tails ---- */

enum {
    ROOM_MIN = PACKED_SEGMENT_MAX + PACKED_SLACK, /* what one more needs */
    ROOM_FIRST = 48,
};

static gsize tail_size(const struct tail *tail, guint capacity)
{
    guint segments = tail->raw ? LEAF_SEGMENTS : !tail->done;
    return sizeof *tail + segments * sizeof *tail->segments + capacity;
}

static guint8 *packed(const struct tail *tail)
{
    return (guint8 *)(void *)&tail->segments[tail->done ? 0 : 1];
}

static void make_tail(struct lane *lane, gboolean raw)
{
    struct tail tail = { .raw = (guint8)raw, .capacity = raw ? 0 : ROOM_FIRST };
    lane->tail = g_malloc(tail_size(&tail, tail.capacity));
    *lane->tail = tail;
}

/* done: the bytes move to where the open segment was. */
static void resize_tail(struct lane *lane, guint capacity, gboolean done)
{
    struct tail *old = lane->tail, head = *old;
    if (old->raw || (capacity == old->capacity && done == old->done)) {
        old->done = (guint8)done;
        return;
    }
    head.capacity = (guint16)capacity;
    head.done = (guint8)done;
    struct tail *tail = g_malloc(tail_size(&head, capacity));
    *tail = head;
    if (!done)
        *tail->segments = *old->segments;
    memcpy(packed(tail), packed(old), old->used);
    g_free(old);
    lane->tail = tail;
}

/* Packs the open segment, which ends. */
static void pack_open(struct lane *lane, gint64 to_ns)
{
    struct tail *tail = lane->tail;
    if (tail->used + ROOM_MIN > tail->capacity) {
        resize_tail(lane, tail->capacity + tail->capacity / 2 + ROOM_FIRST, FALSE);
        tail = lane->tail;
    }
    guint8 *bytes = packed(tail);
    gint64 ns = (gint64)((uint64_t)to_ns - (uint64_t)tail->segments->from_ns);
    const guint8 *end = pack_segment(bytes + tail->used, tail->segments, ns, lane_packing(lane),
                                     &tail->other);
    tail->used = (guint16)(end - bytes);
}

guint lane_raw(const struct lane *lane, struct segment raw[LEAF_SEGMENTS])
{
    const struct tail *tail = lane->tail;
    guint n = tail->n - (lane_open(lane) != NULL);
    gint64 to_ns;
    if (tail->raw) {
        memcpy(raw, tail->segments, tail->n * sizeof *raw);
        return tail->n;
    }
    unpack_segments(packed(tail), packed(tail) + tail->used, lane_packing(lane), tail->from_ns, raw,
                    n, &to_ns);
    if (n < tail->n)
        raw[n] = *tail->segments;
    return tail->n;
}

/* Packs all of a raw tail that has an end; to_ns: that of the last of them. */
static guint pack_raw(const struct lane *lane, gint64 to_ns, guint n, guint8 *bytes)
{
    const struct segment *s = lane->tail->segments;
    uint64_t last = 0;
    guint8 *at = bytes;
    for (guint i = 0; i < n; i++) {
        gint64 end = i + 1 < lane->tail->n ? s[i + 1].from_ns : to_ns;
        gint64 ns = (gint64)((uint64_t)end - (uint64_t)s[i].from_ns);
        at = pack_segment(at, &s[i], ns, lane_packing(lane), &last);
    }
    return (guint)(at - bytes);
}

guint lane_packed(const struct lane *lane, guint8 bytes[TAIL_MAX + PACKED_SLACK])
{
    const struct tail *tail = lane->tail;
    if (tail->raw)
        return pack_raw(lane, lane->pub.last_ns, tail->n - (lane_open(lane) != NULL), bytes);
    memcpy(bytes, packed(tail), tail->used);
    return tail->used;
}

gint64 lane_raw_end(const struct lane *lane, const struct segment *raw, guint i)
{
    return i + 1u < lane->tail->n ? raw[i + 1].from_ns : lane->pub.last_ns;
}

void lane_trim(struct lane *lane)
{
    resize_tail(lane, lane->tail->used ? lane->tail->used + PACKED_SLACK : 0, lane->tail->done);
    if (lane->pyramid)
        pyramid_trim(lane->pyramid);
}

gboolean lanes_trim(weft_model *model, guint most)
{
    if (model->lanes_capacity > model->n_lanes) {
        model->lanes_capacity = model->n_lanes;
        model->lanes = g_renew(struct lane, model->lanes, model->n_lanes);
    }
    guint end = MIN(model->n_lanes - model->trimmed, most) + model->trimmed;
    while (model->trimmed < end)
        lane_trim(&model->lanes[model->trimmed++]);
    return end < model->n_lanes;
}

gsize lane_memory(const struct lane *lane)
{
    return tail_size(lane->tail, lane->tail->capacity) +
           (lane->pyramid ? pyramid_memory(lane->pyramid) : 0);
}

gboolean lane_restore(struct lane *lane, const struct tail *from, const guint8 *bytes, guint size,
                      const struct segment *open)
{
    guint8 copy[TAIL_MAX + PACKED_SLACK] = { 0 };
    struct segment raw[LEAF_SEGMENTS];
    guint n = from->n - (from->n && !from->done);
    gint64 end_ns = from->from_ns;
    memcpy(copy, bytes, size);
    if (unpack_segments(copy, copy + size, lane_packing(lane), from->from_ns, raw, n, &end_ns) !=
        copy + size)
        return FALSE;
    g_free(lane->tail);
    make_tail(lane, lane->pub.kind < WEFT_LANE_TASK);
    lane->tail->used = 0;
    resize_tail(lane, size ? size + PACKED_SLACK : 0, from->done);
    struct tail *tail = lane->tail;
    tail->place = from->place;
    tail->from_ns = from->from_ns;
    tail->fold = from->fold;
    tail->n = from->n;
    for (guint i = 0; i < n; i++)
        tail->other = raw[i].other ? raw[i].other : tail->other;
    if (tail->raw) {
        memcpy(tail->segments, raw, n * sizeof *raw);
    } else {
        tail->used = (guint16)size;
        memcpy(packed(tail), bytes, size);
    }
    if (n < tail->n) {
        *lane_open(lane) = *open;
        lane_open(lane)->from_ns = end_ns;
    }
    return TRUE;
}

void lane_finish(struct lane *lane)
{
    g_free(lane->tail);
    pyramid_free(lane->pyramid);
}

void lanes_fetch(const weft_model *model, const uint32_t *lanes, guint n)
{
    for (guint i = 0; i < n; i++) {
        const char *tail = (const char *)model->lanes[lanes[i]].tail;
        __builtin_prefetch(tail, 1);
        __builtin_prefetch(tail + 64, 1);
    }
    for (guint i = 0; i < n; i++) {
        const struct tail *tail = model->lanes[lanes[i]].tail;
        __builtin_prefetch(packed(tail) + tail->used, 1);
    }
}

/* ---- Finding and making ---- */

uint32_t lanes_add(weft_model *model, guint8 kind, uint32_t ring, uint64_t id)
{
    if (model->n_lanes == model->lanes_capacity) {
        model->lanes_capacity = MAX(64, model->lanes_capacity + model->lanes_capacity / 2);
        model->lanes = g_renew(struct lane, model->lanes, model->lanes_capacity);
    }
    struct lane *lane = &model->lanes[model->n_lanes];
    memset(lane, 0, sizeof *lane);
    lane->pub = (struct weft_lane){
        .id = id, .ring = (guint16)ring, .parent = NO_LANE, .kind = kind
    };
    make_tail(lane, kind < WEFT_LANE_TASK);
    return model->n_lanes++;
}

uint32_t lanes_of_loop(weft_model *model, gboolean create, uint32_t ring, uint64_t id)
{
    uint32_t lane = idmap_get(&model->lane_of, id);
    if (lane)
        return model->lanes[lane - 1].pub.ring == ring ? lane - 1 : NO_LANE;
    if (!create)
        return NO_LANE;
    lane = lanes_add(model, WEFT_LANE_LOOP, ring, id);
    g_array_append_val(model->loops, lane);
    lanes_add(model, WEFT_LANE_ITERATIONS, ring, id);
    lanes_add(model, WEFT_LANE_READY, ring, id);
    idmap_set(&model->lane_of, id, lane + 1);
    return lane;
}

void lanes_loop_is(weft_model *model, uint32_t lane, uint64_t id)
{
    if (model->lanes[lane].pub.id == id || weft_id_kind(id) != WEFT_ENTITY_LOOP ||
        idmap_get(&model->lane_of, id))
        return;
    for (guint i = 0; i < LANES_OF_LOOP; i++)
        model->lanes[lane + i].pub.id = id;
    idmap_set(&model->lane_of, id, lane + 1);
}

uint32_t lanes_of_task(weft_model *model, gboolean create, const uint32_t *only, uint32_t ring,
                       uint64_t id)
{
    uint32_t lane = idmap_get(&model->lane_of, id);
    if (lane && only && !machine_wants(only, lane - 1))
        return NO_LANE; /* without a look at its record: most are not wanted */
    if (lane)
        return model->lanes[lane - 1].pub.ring == ring ? lane - 1 : NO_LANE;
    if (!create || weft_id_kind(id) != WEFT_ENTITY_TASK)
        return NO_LANE;
    lane = lanes_add(model, WEFT_LANE_TASK, ring, id);
    idmap_set(&model->lane_of, id, lane + 1);
    return lane;
}

uint32_t lanes_of_handle(weft_model *model, gboolean create, uint32_t ring, uint64_t id,
                         uint32_t site)
{
    unsigned kind = weft_id_kind(id);
    if (kind == WEFT_ENTITY_CALLBACK || kind == WEFT_ENTITY_TASK || kind == WEFT_ENTITY_LOOP)
        return NO_LANE;
    uint32_t lane = idmap_get(&model->lane_of, id);
    if (lane)
        return model->lanes[lane - 1].pub.ring == ring ? lane - 1 : NO_LANE;
    if (!create || id == 0)
        return NO_LANE;
    lane = lanes_add(model, WEFT_LANE_HANDLE, ring, id);
    model->lanes[lane].pub.site = site;
    idmap_set(&model->lane_of, id, lane + 1);
    return lane;
}

void lanes_created(weft_model *model, uint32_t lane, uint64_t parent, uint32_t site, gboolean seen)
{
    uint32_t parent_lane = weft_id_kind(parent) == WEFT_ENTITY_TASK
                               ? weft_model_lane_of(model, parent)
                               : NO_LANE;
    if (parent_lane != lane)
        model->lanes[lane].pub.parent = parent_lane;
    model->lanes[lane].pub.site = site;
    if (seen)
        model->lanes[lane].pub.flags |= WEFT_LANE_BORN;
}

/* ---- Adding ---- */

enum { KEEP_CHUNKS = 32, KEEP_CHUNKS_SURELY = 128 };

/* Whether a leaf's segments are kept: those that span very many chunks, within a sixteenth of a
 * byte per event, and the most scattered ones within an eighth. */
static gboolean worth_keeping(weft_model *model, const struct tail *tail, uint32_t chunk)
{
    guint span = chunk - MIN(chunk, tail->place.chunk);
    gsize budget = span >= KEEP_CHUNKS_SURELY ? model->events / 8
                   : span >= KEEP_CHUNKS      ? model->events / 16
                                              : 0;
    return model->kept_bytes < budget;
}

/* All 64 have an end. */
static void close_leaf(weft_model *model, struct lane *lane, uint32_t chunk, gint64 to_ns)
{
    struct segment unpacked[LEAF_SEGMENTS];
    guint8 bytes[TAIL_MAX + PACKED_SLACK];
    struct tail *tail = lane->tail;
    struct leaf leaf = { .place = tail->place };
    if (worth_keeping(model, tail, chunk)) {
        leaf.kept = tail->raw ? bytes : packed(tail);
        leaf.kept_size = (guint16)(tail->raw ? pack_raw(lane, to_ns, LEAF_SEGMENTS, bytes)
                                             : tail->used);
        model->kept_bytes += leaf.kept_size;
    }
    if (!lane->pyramid)
        lane->pyramid = pyramid_new();
    if (!tail->raw)
        unpack_segments(packed(tail), packed(tail) + tail->used, lane_packing(lane), tail->from_ns,
                        unpacked, LEAF_SEGMENTS, &to_ns);
    pyramid_add(lane->pyramid, &leaf, tail->raw ? tail->segments : unpacked, to_ns,
                lane_packing(lane), lane_counts(lane));
    tail->n = 0;
    tail->used = 0;
    tail->other = 0;
}

/* A segment has its end. */
static void ended(const weft_model *model, uint32_t lane, const struct segment *s, gint64 to_ns,
                  guint16 flags)
{
    if (model->watch.segment)
        model->watch.segment(&model->watch, lane, s, to_ns, flags);
}

/* By its fields: most segments need none of it. */
static void set_place(struct tail *tail, uint32_t chunk, struct fold before,
                      const struct operation *op)
{
    tail->place.chunk = chunk;
    tail->place.index = op->index;
    tail->place.fold = before;
}

static void begin_segment(weft_model *model, struct lane *lane, uint32_t chunk, struct fold before,
                          const struct operation *op, struct segment *open,
                          const struct segment *next)
{
    if (open && open->from_ns == op->time_ns) { /* it lasted for nothing */
        *open = *next;
        if (lane->tail->n == 1)
            set_place(lane->tail, chunk, before, op);
        return;
    }
    if (open) {
        ended(model, op->lane, open, op->time_ns, 0);
        if (!lane->tail->raw)
            pack_open(lane, op->time_ns);
    }
    if (lane->tail->n == LEAF_SEGMENTS)
        close_leaf(model, lane, chunk, op->time_ns);
    struct tail *tail = lane->tail;
    if (tail->n == 0) {
        set_place(tail, chunk, before, op);
        tail->from_ns = op->time_ns;
        if (!lane->pyramid)
            lane->pub.first_ns = op->time_ns;
    }
    tail->segments[tail->raw ? tail->n : 0] = *next;
    tail->n++;
}

static void count_slice(struct lane *lane, const struct operation *op)
{
    if (lane->pub.resumes == 0 && op->note & NOTE_NESTED)
        lane->pub.flags |= WEFT_LANE_EAGER;
    lane->pub.resumes += lane->pub.resumes < G_MAXUINT32;
}

static void end_lane(weft_model *model, struct lane *lane, const struct operation *op)
{
    const struct segment *open = lane_open(lane);
    if (!open && !lane->pyramid)
        lane->pub.first_ns = op->time_ns;
    if (open && open->from_ns == op->time_ns) {
        lane->tail->n--; /* it lasted for nothing */
    } else if (open) {
        ended(model, op->lane, open, op->time_ns, WEFT_SEGMENT_LAST);
        if (!lane->tail->raw)
            pack_open(lane, op->time_ns);
    }
    lane->pub.outcome = op->detail;
    lane->pub.last_ns = op->time_ns;
    resize_tail(lane, lane->tail->used ? lane->tail->used + PACKED_SLACK : 0, TRUE);
}

void lane_apply(weft_model *model, uint32_t chunk, const struct operation *op)
{
    struct lane *lane = &model->lanes[op->lane];
    if (lane->tail->done)
        return;
    struct fold before = lane->tail->fold;
    struct segment next, *open = lane_open(lane);
    switch (fold(&lane->tail->fold, open, op, &next)) {
    case FOLD_NOTHING:
        break;
    case FOLD_BEGIN:
        if (op->what == WEFT_SEGMENT_RUNNING)
            count_slice(lane, op);
        begin_segment(model, lane, chunk, before, op, open, &next);
        break;
    case FOLD_END:
        end_lane(model, lane, op);
        break;
    }
}

void lanes_end_unknown(weft_model *model, uint32_t ring, gint64 time_ns, uint16_t index,
                       uint32_t except)
{
    for (guint i = 0; i < model->n_lanes; i++) {
        struct lane *lane = &model->lanes[i];
        const struct segment *open = lane_open(lane);
        struct operation done = {
            .time_ns = time_ns, .lane = i, .index = index, .what = OPERATION_DONE
        };
        if (lane->pub.ring == ring && lane->pub.kind == WEFT_LANE_TASK && i != except && open &&
            open->state == WEFT_SEGMENT_UNKNOWN)
            end_lane(model, lane, &done);
    }
}
