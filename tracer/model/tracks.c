/* tracks.c: see tracks.h: the life of the pass, and its answers. */
#include "tracer/model/tracks.h"
#include "tracer/model/tracks_private.h"

weft_tracks *weft_tracks_new(weft_model *model)
{
    weft_tracks *t = g_new0(weft_tracks, 1);
    t->model = model;
    turn_lock_init(&t->lock);
    t->rings = g_ptr_array_new_with_free_func(tracks_ring_free);
    t->tracks = g_array_new(FALSE, FALSE, sizeof(struct track));
    t->counters = g_array_new(FALSE, FALSE, sizeof(guint));
    weft_idtable_init(&t->waits, sizeof(struct wait));
    operations_init(&t->operations);
    t->records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    return t;
}

void weft_tracks_free(weft_tracks *t)
{
    if (!t)
        return;
    for (guint i = 0; i < t->tracks->len; i++) {
        series_finish(&track_at(t, i)->series);
        g_clear_pointer(&track_at(t, i)->later, g_array_unref);
    }
    g_array_unref(t->tracks);
    g_array_unref(t->counters);
    g_ptr_array_unref(t->rings);
    idmap_finish(&t->track_of);
    weft_idtable_finish(&t->waits);
    operations_finish(&t->operations);
    g_free(t->records);
    turn_lock_clear(&t->lock);
    g_free(t);
}

gboolean weft_tracks_advance(weft_tracks *t, guint max_chunks)
{
    const weft_trace *trace = t->model->trace;
    guint n = t->model->n_chunks;
    guint end = max_chunks && n - t->n_chunks > max_chunks ? t->n_chunks + max_chunks : n;
    if (!t->begun && t->n_chunks == 0 && weft_trace_begins_with_state(trace)) {
        guint from;
        g_autoptr(weft_state) state = weft_trace_state_before(trace, 0, &from);
        turn_lock_take(&t->lock);
        tracks_begin(t, state);
        turn_lock_give(&t->lock);
    }
    for (; t->n_chunks < end; t->n_chunks++) {
        guint slots = weft_trace_decode(trace, t->n_chunks, t->records, NULL);
        turn_lock_take(&t->lock);
        tracks_pass_chunk(t, weft_trace_chunk(trace, t->n_chunks), t->records, slots);
        turn_lock_give(&t->lock);
    }
    if (t->n_chunks == n) {
        turn_lock_take(&t->lock);
        tracks_lose_ends(t);
        turn_lock_give(&t->lock);
    }
    return t->n_chunks < n;
}

gsize weft_tracks_memory(weft_tracks *t)
{
    turn_lock_take(&t->lock);
    gsize bytes = sizeof *t + WEFT_TRACE_CHUNK_SLOTS * sizeof *t->records +
                  t->tracks->len * sizeof(struct track) + idmap_memory(&t->track_of) +
                  weft_idtable_n(&t->waits) * sizeof(struct wait) +
                  operations_memory(&t->operations);
    for (guint i = 0; i < t->tracks->len; i++)
        bytes += series_memory(&track_at(t, i)->series);
    turn_lock_give(&t->lock);
    return bytes;
}

/* ---- Tracks ---- */

/* Until when is known what a ring does: its process's end, or the model's. */
static gint64 ring_end(const weft_tracks *t, guint32 ring)
{
    const weft_trace *trace = t->model->trace;
    guint source = weft_trace_source_of(trace, ring);
    return tracks_time(MIN(t->model->end_ns, weft_trace_source_at(trace, source)->end_ns));
}

static gint64 track_end(const weft_tracks *t, const struct track *track)
{
    const struct change *last = series_last(&track->series);
    gint64 end_ns = track->ended ? track->end_ns : ring_end(t, track->ring);
    return last ? MAX(end_ns, last->time_ns) : end_ns;
}

guint weft_tracks_n(weft_tracks *t)
{
    turn_lock_take(&t->lock);
    guint n = t->tracks->len;
    turn_lock_give(&t->lock);
    return n;
}

guint weft_tracks_of(weft_tracks *t, uint64_t id)
{
    turn_lock_take(&t->lock);
    guint track = idmap_get(&t->track_of, id) - 1; /* 0, nothing, becomes G_MAXUINT32 */
    turn_lock_give(&t->lock);
    return track;
}

static gboolean is_used(const weft_tracks *t, const struct track *track)
{
    struct weft_track_step only = { 0 };
    return series_n(&track->series) > 1 ||
           (series_at(&track->series, series_first_ns(&track->series), track_end(t, track),
                      &only) &&
            (only.owner || only.waiters_max > 0));
}

gboolean weft_tracks_get(weft_tracks *t, guint number, struct weft_track *out)
{
    turn_lock_take(&t->lock);
    gboolean found = number < t->tracks->len;
    if (found) {
        const struct track *track = track_at(t, number);
        *out = (struct weft_track){ .id = track->id,
                                    .kind = track->kind,
                                    .ended = track->ended,
                                    .site = track->site,
                                    .capacity = track->capacity,
                                    .used = is_used(t, track),
                                    .first_ns = series_first_ns(&track->series),
                                    .since_ns = MIN(track->since_ns,
                                                    series_first_ns(&track->series)),
                                    .last_ns = track_end(t, track) };
    }
    turn_lock_give(&t->lock);
    return found;
}

gboolean weft_tracks_at(weft_tracks *t, guint number, gint64 t_ns, struct weft_track_step *out)
{
    turn_lock_take(&t->lock);
    const struct track *track = number < t->tracks->len ? track_at(t, number) : NULL;
    gint64 end_ns = track ? track_end(t, track) : 0;
    gboolean found = track && series_at(&track->series, t_ns, end_ns, out);
    gboolean open = found && out->to_ns == end_ns && !track->ended;
    if (open)
        out->flags |= WEFT_TRACK_OPEN;
    found = found && (t_ns < out->to_ns || (open && t_ns == end_ns));
    turn_lock_give(&t->lock);
    return found;
}

void weft_tracks_view(weft_tracks *t, guint number, gint64 from_ns, gint64 to_ns, gint64 min_ns,
                      GArray *out)
{
    turn_lock_take(&t->lock);
    if (number < t->tracks->len) {
        const struct track *track = track_at(t, number);
        gint64 end_ns = track_end(t, track);
        guint before = out->len;
        series_view(&track->series, from_ns, to_ns, end_ns, min_ns, out);
        struct weft_track_step *last = out->len > before
                                           ? &g_array_index(out, struct weft_track_step,
                                                            out->len - 1)
                                           : NULL;
        if (last && last->to_ns == end_ns && !track->ended)
            last->flags |= WEFT_TRACK_OPEN;
    }
    turn_lock_give(&t->lock);
}

/* ---- Who they are ---- */

static void append_holders(const weft_state *state, uint64_t id, GArray *holders)
{
    guint n;
    gboolean all;
    const struct weft_party *parties = weft_state_parties(state, id, &n, &all);
    const struct weft_object_at *object = weft_state_object(state, id);
    struct weft_party owner = { object ? object->owner : 0, 1 };
    if (parties)
        g_array_append_vals(holders, parties, n);
    else if (owner.id)
        g_array_append_val(holders, owner);
}

void weft_model_parties(weft_model *model, uint64_t id, gint64 t_ns, GArray *holders,
                        GArray *waiters)
{
    g_autoptr(weft_state) state = weft_model_state_at(model, t_ns);
    if (holders)
        append_holders(state, id, holders);
    guint at = 0;
    const struct weft_task_at *task;
    while (waiters && (task = weft_state_next_task(state, &at)))
        if (task->other == id && (task->state == WEFT_STATE_WAITING ||
                                  (task->state == WEFT_STATE_CANCELLING && task->detail)))
            g_array_append_val(waiters, task->id);
}

/* ---- Operations ---- */

struct wanted {
    gint64 from_ns, to_ns;
    const struct weft_operation_filter *filter;
    GArray *out;
};

static void offer(const struct wanted *w, const struct weft_operation *op)
{
    const struct weft_operation_filter *f = w->filter;
    if (op->begin_ns >= w->to_ns || op->ended_ns < w->from_ns ||
        (op->ended_ns == w->from_ns && op->begin_ns < w->from_ns) ||
        (f && ((f->kind && f->kind != weft_id_kind(op->id)) || (f->task && f->task != op->task) ||
               (f->on && f->on != op->on))))
        return;
    g_array_append_val(w->out, *op);
}

/* The first loss of the ring that ends after t; NULL: none does. */
static const struct tracks_loss *loss_after(const weft_tracks *t, guint32 index, gint64 t_ns)
{
    const struct tracks_ring *ring = index < t->rings->len ? t->rings->pdata[index] : NULL;
    guint low = 0, high = ring ? ring->losses->len : 0, n = high;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(ring->losses, struct tracks_loss, middle).to_ns <= t_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n ? &g_array_index(ring->losses, struct tracks_loss, low) : NULL;
}

static void lost_in(const weft_tracks *t, guint32 ring, const struct open_operation *open,
                    struct weft_operation *op)
{
    const struct tracks_loss *loss = loss_after(t, ring, open->seen_ns);
    if (!loss)
        return;
    op->known |= WEFT_OPERATION_LOST;
    op->ended_ns = MIN(op->ended_ns, MAX(loss->from_ns, open->seen_ns));
}

/* One that goes on as far as is known: a job that no thread began with yet may have been begun, and
 * have ended, in any ring's loss. */
static struct weft_operation going_on(const weft_tracks *t, const struct open_operation *open)
{
    struct weft_operation op = open->at;
    if (op.known & WEFT_OPERATION_ENDED)
        return op;
    guint32 home = weft_id_ring(op.id);
    op.ended_ns = ring_end(t, home);
    lost_in(t, home, open, &op);
    if (op.known & WEFT_OPERATION_STARTED)
        lost_in(t, open->ring, open, &op);
    else if (weft_id_kind(op.id) == WEFT_ENTITY_JOB)
        for (guint i = 0; i < t->rings->len; i++)
            lost_in(t, i, open, &op);
    op.ended_ns = MAX(op.ended_ns, op.started_ns);
    return op;
}

static gint by_begin(gconstpointer a, gconstpointer b)
{
    const struct weft_operation *x = a, *y = b;
    if (x->begin_ns != y->begin_ns)
        return x->begin_ns < y->begin_ns ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* Those in memory that are not packed. */
static void offer_last(const weft_tracks *t, const struct wanted *w)
{
    for (guint i = 0; i < t->operations.n_ended; i++)
        offer(w, &t->operations.ended[i]);
    for (guint i = 0; i < weft_idtable_n(&t->operations.open); i++) {
        const struct open_operation *open = weft_idtable_at(&t->operations.open, i);
        struct weft_operation op;
        if (!open)
            continue;
        op = going_on(t, open);
        offer(w, &op);
    }
}

gboolean weft_tracks_operations(weft_tracks *t, gint64 from_ns, gint64 to_ns,
                                const struct weft_operation_filter *filter, guint max,
                                GCancellable *cancellable, GArray *out)
{
    enum { HOLD_BLOCKS = 1024 };
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(struct weft_operation));
    struct wanted w = { from_ns, to_ns, filter, found };
    gboolean more = TRUE;
    turn_lock_take(&t->lock);
    offer_last(t, &w); /* first: what is packed meanwhile is not missed */
    guint blocks = operations_blocks(&t->operations), block = 0;
    while (more && !g_cancellable_is_cancelled(cancellable) && (!max || found->len <= max)) {
        for (guint i = 0; more && i < HOLD_BLOCKS; i++) {
            block = operations_next(&t->operations, block, from_ns, to_ns);
            more = block < blocks;
            struct weft_operation ended[OPERATIONS_BLOCK];
            if (more)
                operations_get(&t->operations, block++, ended);
            for (guint k = 0; more && k < OPERATIONS_BLOCK; k++)
                offer(&w, &ended[k]);
        }
        turn_lock_pass(&t->lock);
    }
    turn_lock_give(&t->lock);
    g_array_sort(found, by_begin);
    guint n = max ? MIN(max, found->len) : found->len;
    g_array_append_vals(out, found->data, n);
    return !more && n == found->len && !g_cancellable_is_cancelled(cancellable);
}
