/* tracks_pass.c: what each event does to tracks and operations. See tracks.h.
 *
 * Nothing in a record is trusted: what is told of something never seen makes it known; what cannot
 * be changes nothing. */
#include "tracer/model/tracks_private.h"
#include <string.h>

enum { NESTED_MAX = 64 };

/* ---- Rings ---- */

static struct tracks_ring *ring_of(weft_tracks *t, guint32 index)
{
    if (index >= t->rings->len)
        g_ptr_array_set_size(t->rings, (gint)index + 1);
    if (!t->rings->pdata[index]) {
        struct tracks_ring *ring = g_new0(struct tracks_ring, 1);
        *ring = (struct tracks_ring){ .index = index,
                                      .whole = TRUE,
                                      .last_ns = G_MININT64,
                                      .running = g_array_new(FALSE, FALSE, sizeof(uint64_t)),
                                      .live = g_array_new(FALSE, FALSE, sizeof(guint)),
                                      .losses = g_array_new(FALSE, FALSE,
                                                            sizeof(struct tracks_loss)),
                                      .thread = G_MAXUINT32 };
        t->rings->pdata[index] = ring;
    }
    return t->rings->pdata[index];
}

void tracks_ring_free(gpointer data)
{
    struct tracks_ring *ring = data;
    if (!ring)
        return;
    g_array_unref(ring->running);
    g_array_unref(ring->live);
    g_array_unref(ring->losses);
    g_free(ring);
}

static uint64_t actor(const struct tracks_ring *ring)
{
    return ring->running->len ? g_array_index(ring->running, uint64_t, ring->running->len - 1) : 0;
}

static void push_running(struct tracks_ring *ring, uint64_t task)
{
    if (actor(ring) == task)
        return;
    if (ring->running->len == NESTED_MAX) /* no eager start: the ends of the slices were lost */
        g_array_set_size(ring->running, 0);
    g_array_append_val(ring->running, task);
}

/* The task's slice ends, and with it those that it had started inside. */
static void pop_running(struct tracks_ring *ring, uint64_t task)
{
    for (guint i = ring->running->len; i > 0; i--)
        if (g_array_index(ring->running, uint64_t, i - 1) == task)
            g_array_set_size(ring->running, i - 1);
}

/* ---- Tracks ---- */

static gboolean is_resource(uint64_t id)
{
    switch (weft_id_kind(id)) {
    case WEFT_ENTITY_LOCK:
    case WEFT_ENTITY_EVENT:
    case WEFT_ENTITY_CONDITION:
    case WEFT_ENTITY_SEMAPHORE:
    case WEFT_ENTITY_BARRIER:
    case WEFT_ENTITY_QUEUE:
    case WEFT_ENTITY_GROUP:
        return TRUE;
    default:
        return FALSE;
    }
}

/* What a track cannot know of itself once events are lost. */
static guint8 may_be_unknown(const struct track *track)
{
    if (track->kind == WEFT_TRACK_COUNTER)
        return WEFT_TRACK_VALUE_UNKNOWN;
    if (track->kind == WEFT_TRACK_THREAD)
        return WEFT_TRACK_VALUE_UNKNOWN | WEFT_TRACK_OWNER_UNKNOWN;
    return weft_id_kind(track->id) == WEFT_ENTITY_LOCK
               ? WEFT_TRACK_UNKNOWN
               : WEFT_TRACK_VALUE_UNKNOWN | WEFT_TRACK_WAITERS_UNKNOWN;
}

/* The track of the id, made when it is missing. */
static guint find_track(weft_tracks *t, struct tracks_ring *ring, enum weft_track_kind kind,
                        uint64_t id)
{
    uint32_t index = idmap_get(&t->track_of, id);
    if (index)
        return index - 1;
    struct track track = { .id = id,
                           .ring = ring->index,
                           .kind = (guint8)kind,
                           .since_ns = kind == WEFT_TRACK_RESOURCE ? G_MININT64 : G_MAXINT64 };
    track.series.keeps_all = kind == WEFT_TRACK_COUNTER;
    guint number = t->tracks->len;
    g_array_append_val(t->tracks, track);
    idmap_set(&t->track_of, id, t->tracks->len);
    g_array_append_val(kind == WEFT_TRACK_COUNTER ? t->counters : ring->live, number);
    return number;
}

/* What it is now, to be changed; of one never seen: what can be said of it. */
static struct change current(const struct track *track, gboolean whole, gint64 now)
{
    const struct change *last = series_last(&track->series);
    struct change fresh = { .unknown = whole ? 0 : may_be_unknown(track) };
    struct change change = last ? *last : fresh;
    change.time_ns = now;
    return change;
}

static struct change lost(const struct track *track, gint64 t_ns)
{
    return (struct change){ .time_ns = t_ns, .unknown = may_be_unknown(track) };
}

static void use_resource(weft_tracks *t, struct tracks_ring *ring, const struct weft_record *r,
                         gint64 now)
{
    if (!WEFT_RESOURCE_TELLS_VALUE(r->detail))
        return;
    struct track *track = track_at(t, find_track(t, ring, WEFT_TRACK_RESOURCE, r->subject));
    struct change c = current(track, ring->whole, now);
    c.value = (gint64)r->object;
    c.unknown &= (guint8)~WEFT_TRACK_VALUE_UNKNOWN;
    gboolean take = r->detail == WEFT_RESOURCE_ACQUIRE, give = r->detail == WEFT_RESOURCE_RELEASE;
    if (weft_id_kind(r->subject) == WEFT_ENTITY_LOCK && (take || give)) {
        c.owner = take ? actor(ring) : 0;
        c.unknown &= (guint8)~WEFT_TRACK_OWNER_UNKNOWN;
        if (take && !c.owner) /* somebody did */
            c.unknown |= WEFT_TRACK_OWNER_UNKNOWN;
    }
    series_add(&track->series, c);
}

static void create(weft_tracks *t, struct tracks_ring *ring, const struct weft_record *r,
                   gint64 now)
{
    struct track *track = track_at(t, find_track(t, ring, WEFT_TRACK_RESOURCE, r->subject));
    struct change c = current(track, TRUE, now); /* nothing of it was lost yet */
    track->site = r->site;
    if (!series_last(&track->series))
        track->since_ns = G_MAXINT64;
    if (weft_id_kind(r->subject) != WEFT_ENTITY_GROUP)
        track->capacity = r->object;
    if (weft_id_kind(r->subject) == WEFT_ENTITY_SEMAPHORE)
        c.value = (gint64)r->object; /* all units are free */
    series_add(&track->series, c);
}

static void join_group(weft_tracks *t, struct tracks_ring *ring, uint64_t group, gint64 now)
{
    struct track *track = track_at(t, find_track(t, ring, WEFT_TRACK_RESOURCE, group));
    struct change c = current(track, ring->whole, now);
    c.value = (gint64)((guint64)c.value + 1);
    series_add(&track->series, c);
}

static void end_track(weft_tracks *t, uint64_t id, gint64 now)
{
    uint32_t index = idmap_get(&t->track_of, id);
    if (!index)
        return;
    struct track *track = track_at(t, index - 1);
    const struct change *last = series_last(&track->series);
    track->ended = TRUE;
    track->end_ns = last ? MAX(now, last->time_ns) : now;
}

/* ---- Who waits ---- */

static void end_wait(weft_tracks *t, uint64_t task, gint64 now)
{
    const struct wait *wait = weft_idtable_find(&t->waits, task);
    if (!wait)
        return;
    struct track *track = track_at(t, wait->track);
    struct change c = current(track, TRUE, now);
    if (c.waiters > 0) {
        c.waiters--;
        series_add(&track->series, c);
    }
    weft_idtable_remove(&t->waits, task);
}

static void begin_wait(weft_tracks *t, struct tracks_ring *ring, uint64_t task, uint64_t on,
                       gint64 now)
{
    if (!is_resource(on) || weft_id_kind(task) != WEFT_ENTITY_TASK)
        return;
    guint index = find_track(t, ring, WEFT_TRACK_RESOURCE, on);
    struct track *track = track_at(t, index);
    if (track->ended) /* nothing is known of it any more, were events lost */
        return;
    struct change c = current(track, ring->whole, now);
    c.waiters++;
    series_add(&track->series, c);
    ((struct wait *)weft_idtable_add(&t->waits, task))->track = index;
}

/* ---- Counters: of all rings, in the order of time ---- */

/* Puts back what is later, up to t. */
static void put_later(struct track *track, gint64 t_ns)
{
    guint n = 0;
    while (track->later && n < track->later->len &&
           g_array_index(track->later, struct change, n).time_ns <= t_ns)
        series_add(&track->series, g_array_index(track->later, struct change, n++));
    if (n)
        g_array_remove_range(track->later, 0, n);
}

static void change_counter(struct track *track, struct change change)
{
    const struct change *last = series_last(&track->series);
    if (last && change.time_ns < last->time_ns) {
        put_later(track, G_MAXINT64);
        if (!track->later)
            track->later = g_array_new(FALSE, FALSE, sizeof change);
        series_rewind(&track->series, change.time_ns, track->later);
    }
    put_later(track, change.time_ns);
    series_add(&track->series, change);
}

static void count(weft_tracks *t, struct tracks_ring *ring, const struct weft_record *r, gint64 now)
{
    guint index = find_track(t, ring, WEFT_TRACK_COUNTER, r->subject);
    change_counter(track_at(t, index),
                   (struct change){ .time_ns = now, .value = (gint64)r->object });
}

/* ---- Operations, jobs and spans ---- */

static void submit(weft_tracks *t, const struct tracks_ring *ring, const struct weft_record *r,
                   gint64 now)
{
    struct open_operation *op = operations_open(&t->operations, r->subject, now);
    gboolean begun = op->at.known & WEFT_OPERATION_STARTED;
    op->at.task = actor(ring);
    op->at.site = r->site;
    op->at.begin_ns = now;
    op->at.started_ns = begun ? MAX(op->at.started_ns, now) : now;
    op->at.known |= WEFT_OPERATION_SUBMITTED;
    op->seen_ns = MAX(op->seen_ns, now);
    switch (r->kind) {
    case WEFT_RECORD_OP_START:
        op->at.detail = r->detail;
        op->at.on = r->object;
        break;
    case WEFT_RECORD_SPAN_BEGIN:
        op->at.text = (guint32)r->object;
        break;
    }
    if (op->at.known & WEFT_OPERATION_ENDED) { /* another ring said so already */
        op->at.ended_ns = MAX(op->at.ended_ns, op->at.started_ns);
        operations_end(&t->operations, op);
    }
}

static void finish(weft_tracks *t, const struct weft_record *r, gint64 now)
{
    struct open_operation *op = operations_open(&t->operations, r->subject, now);
    op->at.known |= WEFT_OPERATION_ENDED;
    op->at.ended_ns = MAX(now, op->at.started_ns);
    op->seen_ns = now;
    if (r->kind == WEFT_RECORD_OP_END) {
        op->at.detail = op->at.detail ? op->at.detail : r->detail;
        op->at.result = (gint64)r->object;
    } else if (r->kind == WEFT_RECORD_SPAN_END) {
        op->at.text = (guint32)r->object;
    } else {
        op->at.result = r->detail;
        if (!(op->at.known & WEFT_OPERATION_SUBMITTED))
            return; /* its loop's ring may yet say so */
    }
    operations_end(&t->operations, op);
}

static void begin_job(weft_tracks *t, struct tracks_ring *ring, const struct weft_record *r,
                      gint64 now)
{
    struct open_operation *op = operations_open(&t->operations, r->subject, now);
    op->at.known |= WEFT_OPERATION_STARTED;
    op->at.started_ns = MAX(now, op->at.begin_ns);
    if (op->at.known & WEFT_OPERATION_ENDED)
        op->at.ended_ns = MAX(op->at.ended_ns, op->at.started_ns);
    op->at.on = r->object;
    op->seen_ns = now;
    op->ring = ring->index;
    if (!r->object)
        return;
    ring->thread = find_track(t, ring, WEFT_TRACK_THREAD, r->object);
    series_add(&track_at(t, ring->thread)->series,
               (struct change){ .time_ns = now, .value = 1, .owner = r->subject });
}

static void end_job(weft_tracks *t, struct tracks_ring *ring, const struct weft_record *r,
                    gint64 now)
{
    finish(t, r, now);
    if (ring->thread != G_MAXUINT32)
        series_add(&track_at(t, ring->thread)->series, (struct change){ .time_ns = now });
}

/* ---- What is told where recording begins amid the run ---- */

/* For how long its owner has had a lock: of who was seen to have it from the first on, too. */
static void note_holding(struct track *track, uint64_t owner, gint64 now, uint64_t held_ns)
{
    const struct change *last = series_last(&track->series);
    gint64 since_ns = now - (gint64)MIN(held_ns, G_MAXINT64 / 4);
    gint64 first_ns = last ? series_first_ns(&track->series) : now;
    if (weft_id_kind(track->id) == WEFT_ENTITY_LOCK && owner && held_ns && since_ns < first_ns &&
        track->since_ns == G_MININT64)
        track->since_ns = since_ns;
}

static void object_is(weft_tracks *t, struct tracks_ring *ring, const struct weft_record *r,
                      const struct weft_record *told, gint64 now)
{
    struct weft_ext_object ext;
    unsigned kind = weft_id_kind(r->subject);
    if (!is_resource(r->subject) || r->detail == WEFT_TOLD_OBJECT_HOLDER)
        return;
    memcpy(&ext, told, sizeof ext);
    struct track *track = track_at(t, find_track(t, ring, WEFT_TRACK_RESOURCE, r->subject));
    struct change c = current(track, ring->whole, now);
    track->site = r->site;
    note_holding(track, r->object, now, ext.deadline_mono_ns);
    if (kind != WEFT_ENTITY_GROUP)
        track->capacity = ext.capacity;
    c.value = kind == WEFT_ENTITY_GROUP ? (gint64)ext.capacity : ext.value;
    c.owner = kind == WEFT_ENTITY_LOCK ? r->object : 0;
    c.unknown = kind == WEFT_ENTITY_LOCK && c.value && !c.owner ? WEFT_TRACK_OWNER_UNKNOWN : 0;
    series_add(&track->series, c); /* who waits for it is told next */
}

static void task_is(weft_tracks *t, struct tracks_ring *ring, const struct weft_record *r,
                    gint64 now)
{
    if ((r->detail == WEFT_TOLD_WAITING || r->detail == WEFT_TOLD_CANCELLING) &&
        !weft_idtable_find(&t->waits, r->subject))
        begin_wait(t, ring, r->subject, r->object, now);
}

/* ---- All ---- */

static void pass_task(weft_tracks *t, struct tracks_ring *ring, const struct weft_record *r,
                      gint64 now)
{
    end_wait(t, r->subject, now);
    if (r->kind == WEFT_RECORD_RESUME)
        push_running(ring, r->subject);
    else if (r->kind != WEFT_RECORD_WAKE)
        pop_running(ring, r->subject);
    if (r->kind == WEFT_RECORD_SUSPEND)
        begin_wait(t, ring, r->subject, r->object, now);
}

static void pass_object(weft_tracks *t, struct tracks_ring *ring, const struct weft_record *r,
                        gint64 now)
{
    if (!is_resource(r->subject))
        return;
    switch (r->kind) {
    case WEFT_RECORD_OBJECT_NEW:
        create(t, ring, r, now);
        break;
    case WEFT_RECORD_OBJECT_FREE:
    case WEFT_RECORD_GROUP_DONE:
        end_track(t, r->subject, now);
        break;
    case WEFT_RECORD_RESOURCE:
        use_resource(t, ring, r, now);
        break;
    case WEFT_RECORD_GROUP_ADD:
        join_group(t, ring, r->subject, now);
        break;
    }
}

static void pass_record(weft_tracks *t, struct tracks_ring *ring, const struct weft_record *r,
                        const struct weft_record *ext)
{
    gint64 now = ring->last_ns;
    switch (r->kind) {
    case WEFT_RECORD_RESUME:
    case WEFT_RECORD_SUSPEND:
    case WEFT_RECORD_WAKE:
    case WEFT_RECORD_TASK_DONE:
    case WEFT_RECORD_TASK_FREE:
        pass_task(t, ring, r, now);
        break;
    case WEFT_RECORD_OBJECT_NEW:
    case WEFT_RECORD_OBJECT_FREE:
    case WEFT_RECORD_GROUP_DONE:
    case WEFT_RECORD_RESOURCE:
    case WEFT_RECORD_GROUP_ADD:
        pass_object(t, ring, r, now);
        break;
    case WEFT_RECORD_COUNTER:
        if (r->subject)
            count(t, ring, r, now);
        break;
    case WEFT_RECORD_OP_START:
    case WEFT_RECORD_WORK_SUBMIT:
    case WEFT_RECORD_SPAN_BEGIN:
        if (r->subject)
            submit(t, ring, r, now);
        break;
    case WEFT_RECORD_OP_END:
    case WEFT_RECORD_SPAN_END:
        if (r->subject)
            finish(t, r, now);
        break;
    case WEFT_RECORD_WORK_BEGIN:
        if (r->subject)
            begin_job(t, ring, r, now);
        break;
    case WEFT_RECORD_WORK_END:
        if (r->subject)
            end_job(t, ring, r, now);
        break;
    case WEFT_RECORD_OBJECT_IS:
        if (ext)
            object_is(t, ring, r, ext, now);
        break;
    case WEFT_RECORD_TASK_IS:
        if (ext)
            task_is(t, ring, r, now);
        break;
    }
}

/* ---- Losses ---- */

static void lose_tracks(weft_tracks *t, struct tracks_ring *ring, gint64 from_ns)
{
    guint kept = 0;
    for (guint i = 0; i < ring->live->len; i++) {
        guint number = g_array_index(ring->live, guint, i);
        struct track *track = track_at(t, number);
        if (track->ended)
            continue;
        g_array_index(ring->live, guint, kept++) = number;
        series_add(&track->series, lost(track, from_ns));
    }
    g_array_set_size(ring->live, kept);
    guint source = weft_trace_source_of(t->model->trace, ring->index);
    for (guint i = 0; i < t->counters->len; i++) {
        struct track *track = track_at(t, g_array_index(t->counters, guint, i));
        if (weft_trace_source_of(t->model->trace, track->ring) == source)
            change_counter(track, lost(track, from_ns));
    }
}

static void lose(weft_tracks *t, struct tracks_ring *ring, gint64 to_ns)
{
    struct tracks_loss loss = { MIN(ring->last_ns == G_MININT64 ? 0 : ring->last_ns, to_ns),
                                to_ns };
    g_array_append_val(ring->losses, loss);
    ring->whole = FALSE;
    g_array_set_size(ring->running, 0);
    for (guint i = 0; i < weft_idtable_n(&t->waits); i++) {
        const struct wait *wait = weft_idtable_at(&t->waits, i);
        if (wait && weft_id_ring(wait->task) == ring->index)
            weft_idtable_remove(&t->waits, wait->task);
    }
    lose_tracks(t, ring, loss.from_ns);
}

static void put_all_later(weft_tracks *t)
{
    for (guint i = 0; i < t->counters->len; i++)
        put_later(track_at(t, g_array_index(t->counters, guint, i)), G_MAXINT64);
}

void tracks_pass_chunk(weft_tracks *t, const struct weft_trace_chunk *chunk,
                       const struct weft_record *records, guint n)
{
    struct tracks_ring *ring = ring_of(t, chunk->ring);
    gboolean first = ring->last_ns == G_MININT64;
    gboolean late = first && chunk->first_ordinal > 0 && !t->begun;
    if (chunk->lost_before > 0 || chunk->gap || late)
        lose(t, ring, tracks_time(chunk->first_ns));
    if ((first || ring->losses->len) && ring->running->len == 0 &&
        weft_id_kind(chunk->current_task) == WEFT_ENTITY_TASK)
        push_running(ring, chunk->current_task);
    if (n == 0 && chunk->slots > 0)
        lose(t, ring, tracks_time(chunk->last_ns));
    for (guint i = 0; i < n; i++) {
        ring->last_ns = MAX(ring->last_ns, tracks_time((gint64)records[i].time));
        gboolean ext = records[i].flags & WEFT_RECORD_EXT && i + 1 < n;
        pass_record(t, ring, &records[i], ext ? &records[i + 1] : NULL);
        i += ext;
    }
    put_all_later(t);
}

void tracks_lose_ends(weft_tracks *t)
{
    for (guint i = 0; i < t->rings->len && i < t->model->rings->len; i++) {
        struct tracks_ring *ring = t->rings->pdata[i];
        const struct ring *known = t->model->rings->pdata[i];
        if (!ring || !known || !known->lost_at_end || ring->lost_at_end)
            continue;
        ring->lost_at_end = TRUE;
        lose(t, ring, G_MAXINT64);
        put_all_later(t);
    }
}

/* ---- The state that a trace begins with ---- */

static gint64 beginning_of(const weft_tracks *t, guint32 ring)
{
    const weft_trace *trace = t->model->trace;
    return tracks_time(weft_trace_source_at(trace, weft_trace_source_of(trace, ring))->begin_ns);
}

static void begin_object(weft_tracks *t, const weft_state *state,
                         const struct weft_object_at *object)
{
    struct tracks_ring *ring = ring_of(t, weft_id_ring(object->id));
    unsigned kind = weft_id_kind(object->id);
    gint64 now = beginning_of(t, ring->index);
    if (kind == WEFT_ENTITY_OP || (kind == WEFT_ENTITY_JOB && !object->done)) {
        struct open_operation *op = operations_open(&t->operations, object->id, now);
        op->at.task = object->owner;
        op->at.site = object->site;
    }
    if (!is_resource(object->id))
        return;
    gboolean lock = kind == WEFT_ENTITY_LOCK, group = kind == WEFT_ENTITY_GROUP;
    struct track *track = track_at(t, find_track(t, ring, WEFT_TRACK_RESOURCE, object->id));
    struct change c = current(track, TRUE, now);
    track->site = object->site;
    if (lock && object->owner && object->since_ns)
        track->since_ns = object->since_ns;
    track->capacity = group ? 0 : object->capacity;
    c.value = group ? (gint64)object->capacity : object->value;
    c.owner = lock ? object->owner : 0;
    if (lock && object->value && !object->owner)
        c.unknown |= WEFT_TRACK_OWNER_UNKNOWN;
    gboolean all = !object->stale;
    if (group)
        weft_state_parties(state, object->id, &(guint){ 0 }, &all);
    if (!all)
        c.unknown |= WEFT_TRACK_VALUE_UNKNOWN;
    if (!ring->whole)
        c.unknown |= WEFT_TRACK_WAITERS_UNKNOWN;
    series_add(&track->series, c);
}

void tracks_begin(weft_tracks *t, const weft_state *state)
{
    guint n, n_tasks;
    const struct weft_task_at **tasks = weft_state_tasks(state, &n_tasks);
    for (guint i = 0; i < n_tasks; i++)
        if (tasks[i]->state == WEFT_STATE_UNKNOWN) /* who knows what it waits for */
            ring_of(t, weft_id_ring(tasks[i]->id))->whole = FALSE;
    const struct weft_object_at **objects = weft_state_objects(state, &n);
    for (guint i = 0; i < n; i++)
        begin_object(t, state, objects[i]);
    for (guint32 i = 0; i < weft_state_n_rings(state); i++) {
        const uint64_t *running = weft_state_all_running(state, i, &n);
        for (guint k = 0; k < n; k++)
            push_running(ring_of(t, i), running[k]);
    }
    for (guint i = 0; i < n_tasks; i++) {
        const struct weft_task_at *task = tasks[i];
        if (task->state == WEFT_STATE_WAITING ||
            (task->state == WEFT_STATE_CANCELLING && task->detail))
            begin_wait(t, ring_of(t, weft_id_ring(task->id)), task->id, task->other,
                       beginning_of(t, weft_id_ring(task->id)));
    }
    t->begun = TRUE;
}
