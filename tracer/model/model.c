/* model.c: the pass over a trace's chunks, and what it leaves: lanes, totals, losses. See model.h.
 *
 *   for each new chunk:  note the ring's machine -> [loss] -> each record: machine -> fold -> lanes
 *                                                              \-> facts
 */
#include "tracer/model/model.h"
#include "tracer/model/beginning.h"
#include "tracer/model/cursor.h"
#include "tracer/model/follow_cache.h"
#include "tracer/model/level0.h"
#include "tracer/model/model_private.h"
#include "tracer/model/record_cache.h"
#include "tracer/model/restore.h"
#include "tracer/model/state_cache.h"
#include <string.h>

enum {
    PIECE = 256,          /* slots whose lanes are fetched together */
    FEW_LANES = 500,      /* all of them stay in the near cache */
    LANES_A_STEP = 10000, /* trimmed in some milliseconds */
};

weft_model *weft_model_new(weft_trace *trace)
{
    weft_model *model = g_new0(weft_model, 1);
    model->trace = weft_trace_ref(trace);
    turn_lock_init(&model->lock);
    model->rings = g_ptr_array_new_with_free_func(g_free);
    model->loops = g_array_new(FALSE, FALSE, sizeof(guint32));
    model->losses = g_array_new(FALSE, FALSE, sizeof(struct weft_loss));
    facts_init(&model->facts);
    model->decoded = record_cache_new(trace);
    model->level0 = level0_new(model);
    model->leaf_blocks = g_new0(struct leaf_block, LEAF_BLOCKS);
    model->states = state_cache_new();
    return model;
}

void weft_model_free(weft_model *model)
{
    if (!model)
        return;
    restoring_free(model->restoring);
    level0_free(model->level0);
    g_free(model->leaf_blocks);
    record_cache_free(model->decoded);
    state_cache_free(model->states);
    follow_cache_free(model->follow);
    weft_state_free(model->beginning);
    for (guint i = 0; i < model->n_lanes; i++)
        lane_finish(&model->lanes[i]);
    g_free(model->lanes);
    idmap_finish(&model->lane_of);
    g_ptr_array_unref(model->rings);
    g_free(model->chunks);
    g_array_unref(model->loops);
    g_array_unref(model->losses);
    facts_finish(&model->facts);
    g_free(model->records);
    turn_lock_clear(&model->lock);
    weft_trace_unref(model->trace);
    g_free(model);
}

weft_trace *weft_model_trace(const weft_model *model)
{
    return model->trace;
}

/* ---- The pass ---- */

struct ring *model_ring(weft_model *model, uint32_t index)
{
    if (index >= model->rings->len)
        g_ptr_array_set_size(model->rings, (gint)index + 1);
    if (!model->rings->pdata[index]) {
        struct ring *ring = g_new0(struct ring, 1);
        machine_init(&ring->machine, index);
        ring->first_chunk = ring->last_chunk = G_MAXUINT32;
        model->rings->pdata[index] = ring;
    }
    return model->rings->pdata[index];
}

static struct weft_record *records_of(weft_model *model)
{
    if (!model->records)
        model->records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    return model->records;
}

struct operation loss_operation(const struct chunk_entry *chunk, uint32_t lane)
{
    return (struct operation){ .time_ns = chunk->lost_ns, .lane = lane, .what = OPERATION_LOSS };
}

/* What a ring's lanes were doing is unknown from `entry`'s loss on. */
static void apply_loss(weft_model *model, const struct chunk_entry *entry, guint index)
{
    for (guint lane = 0; lane < model->n_lanes; lane++) {
        if (model->lanes[lane].pub.ring != entry->machine.ring || model->lanes[lane].tail->done)
            continue;
        struct operation op = loss_operation(entry, lane);
        lane_apply(model, index, &op);
    }
}

static void add_loss(weft_model *model, uint32_t ring, guint64 slots, gint64 from_ns, gint64 to_ns)
{
    struct weft_loss loss = { .ring = ring, .slots = slots, .from_ns = from_ns, .to_ns = to_ns };
    guint at = model->losses->len;
    while (at > 0 && g_array_index(model->losses, struct weft_loss, at - 1).from_ns > from_ns)
        at--;
    g_array_insert_val(model->losses, at, loss);
    model->lost += slots;
}

gboolean model_lost_any(const weft_model *model, uint32_t ring, gint64 from_ns, gint64 to_ns)
{
    for (guint i = 0; i < model->losses->len; i++) {
        const struct weft_loss *loss = &g_array_index(model->losses, struct weft_loss, i);
        if (loss->from_ns > to_ns)
            break; /* they are in order */
        if (loss->ring == ring && loss->to_ns >= from_ns)
            return TRUE;
    }
    return FALSE;
}

static void apply_all(weft_model *model, guint chunk, const struct operation *ops, guint n)
{
    for (guint i = 0; i < n; i++)
        lane_apply(model, chunk, &ops[i]);
}

/* With many tasks a lane is in no near cache when it is woken; what comes next of it comes soon. */
static void fetch_lanes(const weft_model *model, const struct weft_record *records, guint n)
{
    uint32_t lanes[PIECE];
    guint n_lanes = 0;
    for (guint i = 0; i < n; i++) {
        if (records[i].kind != WEFT_RECORD_WAKE)
            continue;
        lanes[n_lanes] = idmap_get(&model->lane_of, records[i].subject) - 1;
        if (lanes[n_lanes] != NO_LANE)
            __builtin_prefetch(&model->lanes[lanes[n_lanes++]]);
    }
    lanes_fetch(model, lanes, n_lanes);
}

static void pass_records(weft_model *model, struct machine *m, guint chunk, guint n)
{
    struct operation ops[OPERATIONS_MAX];
    const struct weft_record *records = model->records;
    guint64 events = 0;
    guint fetched = model->n_lanes > FEW_LANES ? 0 : n;
    for (guint i = 0; i < n; i++, events++) {
        const struct weft_record *r = &records[i];
        if (i >= fetched) {
            fetch_lanes(model, r, MIN(PIECE, n - i));
            fetched = i + PIECE;
        }
        const struct weft_record *ext = r->flags & WEFT_RECORD_EXT && i + 1 < n ? &records[i + 1]
                                                                                : NULL;
        guint n_ops = machine_apply(model, m, TRUE, r, ext, (uint16_t)(INDEX_RECORDS + i), ops);
        apply_all(model, chunk, ops, n_ops);
        if (facts_wants(r->kind))
            facts_note(model, machine_actor(model, m), r, ext);
        i += ext != NULL;
    }
    apply_all(model, chunk, ops, machine_end_chunk(m, (uint16_t)(INDEX_RECORDS + n), ops));
    model->events += events;
}

/* What was lost after a ring's last chunk lies before the one that comes now. */
static void place_end(weft_model *model, struct ring *ring, guint index)
{
    if (!ring->unknown_at_end)
        return;
    ring->unknown_at_end = FALSE;
    for (guint i = 0; i < model->n_lanes; i++) {
        struct lane *lane = &model->lanes[i];
        if (lane->pub.ring == ring->machine.ring && lane->tail->place.chunk == ring->end_chunk)
            lane->tail->place.chunk = index;
    }
}

/* Notes the chunk and, when something is lost before it, the loss. */
static struct chunk_entry *begin_chunk(weft_model *model, struct ring *ring,
                                       const struct weft_trace_chunk *chunk)
{
    if (model->n_chunks == model->chunks_capacity) {
        model->chunks_capacity = MAX(64, model->chunks_capacity * 2);
        model->chunks = g_renew(struct chunk_entry, model->chunks, model->chunks_capacity);
    }
    guint index = model->n_chunks++;
    struct chunk_entry *entry = &model->chunks[index];
    *entry = (struct chunk_entry){ .machine = ring->machine, .next = G_MAXUINT32 };
    if (ring->last_chunk != G_MAXUINT32)
        model->chunks[ring->last_chunk].next = index;
    else
        ring->first_chunk = index;
    ring->last_chunk = index;
    place_end(model, ring, index);
    entry->lost_before = chunk->lost_before > 0 || chunk->gap || ring->damaged;
    entry->lost_ns = ring->machine.last_ns == G_MININT64 ? MIN(0, chunk->first_ns)
                                                         : ring->machine.last_ns;
    state_cache_forget(model->states, entry->lost_before ? entry->lost_ns : chunk->first_ns);
    if (chunk->lost_before > 0)
        add_loss(model, chunk->ring, chunk->lost_before, entry->lost_ns, chunk->first_ns);
    if (entry->lost_before)
        apply_loss(model, entry, index);
    return entry;
}

static void pass_chunk(weft_model *model, const struct weft_trace_chunk *chunk)
{
    struct ring *ring = model_ring(model, chunk->ring);
    guint index = model->n_chunks;
    gboolean lost = begin_chunk(model, ring, chunk)->lost_before;
    guint n = weft_trace_decode(model->trace, index, records_of(model), NULL);
    ring->damaged = n == 0 && chunk->slots > 0;
    if (ring->damaged) {
        add_loss(model, chunk->ring, weft_trace_chunk_events(model->trace, index), chunk->first_ns,
                 chunk->last_ns);
    } else {
        struct operation ops[OPERATIONS_MAX];
        guint n_ops = machine_begin_chunk(model, &ring->machine, TRUE, lost, chunk->first_ns,
                                          chunk->current_task, ops);
        apply_all(model, index, ops, n_ops);
        pass_records(model, &ring->machine, index, n);
    }
    model->last_ns = MAX(model->last_ns, MAX(chunk->last_ns, ring->machine.last_ns));
}

static const struct weft_trace_source *source_of(const weft_model *model, uint32_t ring)
{
    return weft_trace_source_at(model->trace, weft_trace_source_of(model->trace, ring));
}

/* Where the lanes of a ring end that go on: with their process. */
static gint64 ring_end(const weft_model *model, uint32_t ring)
{
    return MIN(model->end_ns, source_of(model, ring)->end_ns);
}

/* What was lost after a ring's last chunk hides at once what its lanes do; how much it is is known
 * once its process's end is, or the trace's. */
static void lose_end(weft_model *model, struct ring *ring, uint32_t index)
{
    struct chunk_entry end = { .machine = ring->machine, .lost_ns = ring->machine.last_ns };
    guint64 slots = weft_trace_lost_at_end(model->trace, index);
    if (!ring->unknown_at_end) {
        ring->unknown_at_end = TRUE;
        ring->end_chunk = model->n_chunks;
        state_cache_forget(model->states, end.lost_ns);
        apply_loss(model, &end, ring->end_chunk);
    }
    if (slots == 0 || ring->lost_at_end ||
        !(source_of(model, index)->ended || weft_trace_whole(model->trace)))
        return;
    ring->lost_at_end = TRUE;
    gint64 from_ns = MAX(end.lost_ns, source_of(model, index)->begin_ns); /* it may have no chunk */
    add_loss(model, index, slots, from_ns, MAX(ring_end(model, index), from_ns));
}

static void lose_ends(weft_model *model)
{
    for (uint32_t i = 0; i < weft_trace_n_rings(model->trace); i++)
        if (weft_trace_unknown_at_end(model->trace, i))
            lose_end(model, model_ring(model, i), i);
}

/* Lanes that go on end where their process does, or the model. */
static void set_end(weft_model *model)
{
    for (guint i = 0; i < model->n_lanes; i++) {
        struct lane *lane = &model->lanes[i];
        if (lane->tail->done)
            continue;
        const struct segment *open = lane_open(lane);
        lane->pub.last_ns = ring_end(model, lane->pub.ring);
        if (open)
            lane->pub.last_ns = MAX(lane->pub.last_ns, open->from_ns);
        else if (!lane->pyramid)
            lane->pub.first_ns = lane->pub.last_ns;
    }
}

/* From the trace's summary, if it has one; a piece of it counts as a step. TRUE: there is more. */
static gboolean restore(weft_model *model, gboolean all)
{
    if (!model->begun)
        model->restoring = restoring_new(model);
    model->begun = TRUE;
    gboolean more = model->restoring != NULL;
    if (more)
        state_cache_forget(model->states, G_MININT64);
    do
        more = more && restoring_step(model->restoring);
    while (more && all);
    if (!more)
        g_clear_pointer(&model->restoring, restoring_free);
    return more;
}

gboolean weft_model_advance(weft_model *model, guint max_chunks)
{
    if (restore(model, max_chunks == 0))
        return TRUE;
    guint trimmed_most = max_chunks ? LANES_A_STEP : G_MAXUINT;
    if (model->trimmed > 0 && model->trimmed < model->n_lanes)
        return lanes_trim(model, trimmed_most);
    begin_lanes(model);
    guint n = weft_trace_n_chunks(model->trace);
    guint end = max_chunks && n - model->n_chunks > max_chunks ? model->n_chunks + max_chunks : n;
    while (model->n_chunks < end)
        pass_chunk(model, weft_trace_chunk(model->trace, model->n_chunks));
    model->end_ns = MAX(model->end_ns, model->last_ns);
    if (model->n_chunks == n) {
        model->end_ns = MAX(model->end_ns, weft_trace_end_ns(model->trace));
        lose_ends(model);
    }
    gboolean more = model->n_chunks < n;
    if (!more && weft_trace_whole(model->trace)) {
        more = lanes_trim(model, trimmed_most);
        g_clear_pointer(&model->records, g_free);
    }
    set_end(model);
    return more;
}

double weft_model_progress(const weft_model *model)
{
    guint n = weft_trace_n_chunks(model->trace);
    if (model->restoring)
        return restoring_progress(model->restoring);
    return n ? (double)model->n_chunks / n : 1.0;
}

void weft_model_set_now(weft_model *model, gint64 now_ns)
{
    model->end_ns = MAX(model->last_ns, now_ns);
    set_end(model);
}

gint64 weft_model_end_ns(const weft_model *model)
{
    return model->end_ns;
}

guint64 weft_model_events(const weft_model *model)
{
    return model->events;
}

guint64 weft_model_lost(const weft_model *model)
{
    return model->lost;
}

gboolean *weft_model_recorded(const weft_model *model)
{
    const weft_trace *trace = model->trace;
    gboolean *recorded = g_new0(gboolean, MAX(1, weft_trace_n_sources(trace)));
    for (guint i = 0; i < weft_trace_n_chunks(trace); i++)
        recorded[weft_trace_source_of(trace, weft_trace_chunk(trace, i)->ring)] = TRUE;
    for (guint i = 0; i < model->losses->len; i++) {
        const struct weft_loss *loss = &g_array_index(model->losses, struct weft_loss, i);
        recorded[weft_trace_source_of(trace, loss->ring)] = TRUE;
    }
    return recorded;
}

const struct weft_loss *weft_model_losses(const weft_model *model, guint *n)
{
    *n = model->losses->len;
    return (const struct weft_loss *)(void *)model->losses->data;
}

/* ---- Lanes ---- */

enum weft_wait_class weft_wait_class(unsigned await_kind)
{
    switch (await_kind) {
    case WEFT_AWAIT_TIMER:
    case WEFT_AWAIT_YIELD:
        return WEFT_WAIT_TIMER;
    case WEFT_AWAIT_READ:
    case WEFT_AWAIT_WRITE:
    case WEFT_AWAIT_CONNECT:
    case WEFT_AWAIT_ACCEPT:
    case WEFT_AWAIT_CHILD:
    case WEFT_AWAIT_SIGNAL:
        return WEFT_WAIT_IO;
    case WEFT_AWAIT_LOCK:
    case WEFT_AWAIT_EVENT:
    case WEFT_AWAIT_CONDITION:
    case WEFT_AWAIT_SEMAPHORE:
    case WEFT_AWAIT_BARRIER:
    case WEFT_AWAIT_QUEUE_GET:
    case WEFT_AWAIT_QUEUE_PUT:
    case WEFT_AWAIT_QUEUE_JOIN:
        return WEFT_WAIT_SYNC;
    case WEFT_AWAIT_DNS: /* the pool's threads do these */
    case WEFT_AWAIT_FILE:
    case WEFT_AWAIT_JOB:
        return WEFT_WAIT_THREAD;
    default:
        return WEFT_WAIT_TASK;
    }
}

guint weft_model_n_lanes(const weft_model *model)
{
    return model->n_lanes;
}

const struct weft_lane *weft_model_lane(const weft_model *model, guint lane)
{
    return lane < model->n_lanes ? &model->lanes[lane].pub : NULL;
}

guint weft_model_lane_of(const weft_model *model, uint64_t id)
{
    return idmap_get(&model->lane_of, id) - 1; /* 0, nothing, becomes NO_LANE */
}

guint64 weft_model_lane_segments(const weft_model *model, guint lane)
{
    const struct lane *l = &model->lanes[lane];
    return (l->pyramid ? (guint64)l->pyramid->n * LEAF_SEGMENTS : 0) + l->tail->n;
}

void weft_model_totals(const weft_model *model, guint lane, struct weft_totals *totals)
{
    const struct lane *l = &model->lanes[lane];
    *totals = l->pyramid ? l->pyramid->totals : (struct weft_totals){ 0 };
    struct segment raw[LEAF_SEGMENTS];
    guint n = lane_raw(l, raw);
    for (guint i = 0; i < n; i++)
        totals_add(totals, &raw[i], lane_raw_end(l, raw, i));
}

void weft_model_hold(weft_model *model)
{
    turn_lock_take(&model->lock);
}

void weft_model_release(weft_model *model)
{
    turn_lock_give(&model->lock);
}

gsize weft_model_memory(weft_model *model)
{
    turn_lock_take(&model->lock);
    gsize bytes = model->lanes_capacity * sizeof *model->lanes +
                  model->chunks_capacity * sizeof *model->chunks +
                  (model->records ? WEFT_TRACE_CHUNK_SLOTS * sizeof *model->records : 0) +
                  idmap_memory(&model->lane_of) + facts_memory(&model->facts) +
                  level0_memory(model->level0) + record_cache_memory(model->decoded) +
                  follow_cache_memory(model->follow) + state_cache_memory(model->states) +
                  LEAF_BLOCKS * sizeof *model->leaf_blocks;
    for (guint i = 0; i < model->n_lanes; i++)
        bytes += lane_memory(&model->lanes[i]);
    turn_lock_give(&model->lock);
    return bytes;
}
