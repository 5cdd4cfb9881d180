/* lane.c: lanes while they are built. See lane.h. */
#include "tracer/model/lane.h"
#include "tracer/model/model_private.h"
#include <string.h>

/* ---- Finding and making ---- */

uint32_t lanes_add(weft_model *model, guint8 kind, uint32_t ring, uint64_t id)
{
    if (model->n_lanes == model->lanes_capacity) {
        model->lanes_capacity = MAX(64, model->lanes_capacity + model->lanes_capacity / 2);
        model->lanes = g_renew(struct lane, model->lanes, model->lanes_capacity);
    }
    struct lane *lane = &model->lanes[model->n_lanes];
    memset(lane, 0, sizeof *lane);
    lane->pub = (struct weft_lane){ .id = id, .ring = ring, .parent = NO_LANE, .kind = kind };
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

uint32_t lanes_of_task(weft_model *model, gboolean create, uint32_t ring, uint64_t id)
{
    uint32_t lane = idmap_get(&model->lane_of, id);
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

void lanes_created(weft_model *model, uint32_t lane, uint64_t parent, uint32_t site)
{
    uint32_t parent_lane = weft_id_kind(parent) == WEFT_ENTITY_TASK
                               ? weft_model_lane_of(model, parent)
                               : NO_LANE;
    if (parent_lane != lane)
        model->lanes[lane].pub.parent = parent_lane;
    model->lanes[lane].pub.site = site;
}

/* ---- Adding ---- */

enum { KEEP_CHUNKS = 32, KEEP_CHUNKS_SURELY = 128 };

/* Whether a leaf's segments are kept: those that span very many chunks, within half a byte per
 * event, and the most scattered ones within one byte per event. */
static gboolean worth_keeping(weft_model *model, const struct lane *lane, uint32_t chunk)
{
    gsize size = LEAF_SEGMENTS * sizeof(struct segment);
    guint span = chunk - MIN(chunk, lane->place.chunk);
    gsize budget = span >= KEEP_CHUNKS_SURELY ? model->events / 2
                   : span >= KEEP_CHUNKS      ? model->events / 4
                                              : 0;
    if (model->kept_bytes + size > budget)
        return FALSE;
    model->kept_bytes += size;
    return TRUE;
}

static void close_leaf(weft_model *model, struct lane *lane, uint32_t chunk, gint64 to_ns)
{
    if (!lane->pyramid)
        lane->pyramid = g_new0(struct pyramid, 1);
    pyramid_add(lane->pyramid, lane->raw, to_ns, lane->place, worth_keeping(model, lane, chunk),
                lane_counts(lane));
    lane->n = 0;
}

static void set_capacity(struct lane *lane, guint capacity)
{
    if (capacity == lane->capacity)
        return;
    struct segment *raw = capacity ? g_slice_alloc(capacity * sizeof *raw) : NULL;
    if (lane->n && lane->raw)
        memcpy(raw, lane->raw, lane->n * sizeof *raw);
    if (lane->raw)
        g_slice_free1(lane->capacity * sizeof *raw, lane->raw);
    lane->raw = raw;
    lane->capacity = (guint8)capacity;
}

void lane_reserve(struct lane *lane, guint n)
{
    set_capacity(lane, MAX(n, lane->capacity));
}

void lanes_trim(weft_model *model)
{
    if (model->lanes_capacity > model->n_lanes) {
        model->lanes_capacity = model->n_lanes;
        model->lanes = g_renew(struct lane, model->lanes, model->n_lanes);
    }
    for (guint i = 0; i < model->n_lanes; i++) {
        set_capacity(&model->lanes[i], model->lanes[i].n);
        if (model->lanes[i].pyramid)
            pyramid_trim(model->lanes[i].pyramid);
    }
}

/* A segment has its end. */
static void ended(const weft_model *model, uint32_t lane, const struct segment *s, gint64 to_ns,
                  guint16 flags)
{
    if (model->watch.segment)
        model->watch.segment(&model->watch, lane, s, to_ns, flags);
}

static void begin_segment(weft_model *model, struct lane *lane, uint32_t chunk, struct fold before,
                          const struct operation *op, const struct segment *next)
{
    struct segment *open = lane->n ? &lane->raw[lane->n - 1] : NULL;
    if (open && open->from_ns != op->time_ns)
        ended(model, op->lane, open, op->time_ns, 0);
    if (open && open->from_ns == op->time_ns) { /* it lasted for nothing */
        *open = *next;
        if (lane->n == 1)
            lane->place = (struct place){ chunk, op->index, before };
        return;
    }
    if (lane->n == LEAF_SEGMENTS)
        close_leaf(model, lane, chunk, op->time_ns);
    if (lane->n == lane->capacity)
        set_capacity(lane, MIN(LEAF_SEGMENTS, MAX(4, lane->capacity * 2)));
    if (lane->n == 0) {
        lane->place = (struct place){ chunk, op->index, before };
        if (!lane->pyramid)
            lane->pub.first_ns = op->time_ns;
    }
    lane->raw[lane->n++] = *next;
}

static void count_slice(struct lane *lane, const struct operation *op)
{
    if (lane->pub.resumes == 0 && op->note & NOTE_NESTED)
        lane->pub.flags |= WEFT_LANE_EAGER;
    lane->pub.resumes += lane->pub.resumes < G_MAXUINT32;
}

void lane_apply(weft_model *model, uint32_t chunk, const struct operation *op)
{
    struct lane *lane = &model->lanes[op->lane];
    if (lane->done)
        return;
    struct fold before = lane->fold;
    struct segment next;
    const struct segment *open = lane->n ? &lane->raw[lane->n - 1] : NULL;
    switch (fold(&lane->fold, open, op, &next)) {
    case FOLD_NOTHING:
        break;
    case FOLD_BEGIN:
        if (op->what == WEFT_SEGMENT_RUNNING)
            count_slice(lane, op);
        begin_segment(model, lane, chunk, before, op, &next);
        break;
    case FOLD_END:
        lane->done = TRUE;
        lane->pub.outcome = op->detail;
        lane->pub.last_ns = op->time_ns;
        if (open && open->from_ns == op->time_ns)
            lane->n--; /* it lasted for nothing */
        else if (open)
            ended(model, op->lane, open, op->time_ns, WEFT_SEGMENT_LAST);
        if (!open && !lane->pyramid)
            lane->pub.first_ns = op->time_ns;
        break;
    }
}

gint64 lane_raw_end(const struct lane *lane, guint i)
{
    if (i + 1 < lane->n)
        return lane->raw[i + 1].from_ns;
    return lane->pub.last_ns;
}

void lane_finish(struct lane *lane)
{
    if (lane->raw)
        g_slice_free1(lane->capacity * sizeof *lane->raw, lane->raw);
    pyramid_free(lane->pyramid);
}
