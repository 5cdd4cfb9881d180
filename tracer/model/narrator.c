/* narrator.c: see narrator.h. */
#include "tracer/model/narrator.h"
#include "tracer/model/model_private.h"

enum {
    NEAR = 2,                               /* chunks: as far it rather walks than begins anew */
    BACK_MAX = 32 * WEFT_TRACE_CHUNK_SLOTS, /* events that are walked over again */
    POLLS = 2,                              /* that it knows from the beginning */
    TIMERS_MAX = 512, /* objects that are looked at for the one that is due next */
};

struct fired {
    uint64_t id, owner;
    gint64 due_ns; /* G_MININT64: unknown */
};

struct narrator *narrator_new(weft_replay *walk)
{
    struct narrator *n = g_new0(struct narrator, 1);
    n->model = walk->model;
    n->walk = walk;
    n->ring = walk->ring;
    n->chunk = G_MAXUINT32;
    weft_idtable_init(&n->fired, sizeof(struct fired));
    turns_init(&n->turns);
    waiters_init(&n->waiters);
    n->jobs = jobs_new(walk->model);
    return n;
}

void narrator_free(struct narrator *n)
{
    if (!n)
        return;
    weft_state_free(n->state);
    turns_finish(&n->turns);
    waiters_finish(&n->waiters);
    jobs_free(n->jobs);
    weft_idtable_finish(&n->fired);
    g_free(n);
}

/* ---- Asked ---- */

gboolean narrator_queue_known(const struct narrator *n)
{
    return weft_state_queue_known(n->state, n->ring);
}

const char *narrator_missing(const struct narrator *n)
{
    return model_missing_words(model_lost_any(n->model, n->ring, G_MININT64, n->now_ns));
}

static gboolean to_trace_time(const struct narrator *n, const struct weft_object_at *timer,
                              gint64 *due_ns)
{
    if (!timer || timer->deadline_mono_ns <= 0 || timer->deadline_mono_ns == G_MAXINT64)
        return FALSE;
    *due_ns = weft_trace_from_monotonic(n->model->trace, (uint64_t)timer->deadline_mono_ns);
    return TRUE;
}

gboolean narrator_due(const struct narrator *n, uint64_t timer, gint64 *due_ns)
{
    if (!timer)
        return FALSE;
    if (timer == n->object.id)
        return to_trace_time(n, &n->object, due_ns);
    const struct fired *fired = weft_idtable_find(&n->fired, timer);
    if (fired) {
        *due_ns = fired->due_ns;
        return fired->due_ns != G_MININT64;
    }
    return to_trace_time(n, weft_state_object(n->state, timer), due_ns);
}

uint64_t narrator_timer_owner(const struct narrator *n, uint64_t timer)
{
    const struct fired *fired = weft_idtable_find(&n->fired, timer);
    const struct weft_object_at *at = weft_state_object(n->state, timer);
    return fired ? fired->owner : at ? at->owner : 0;
}

gboolean narrator_next_due(const struct narrator *n, gint64 *due_ns)
{
    const struct weft_object_at *object;
    guint at = 0, seen = 0;
    gint64 due;
    *due_ns = G_MAXINT64;
    while ((object = weft_state_next_object(n->state, &at))) {
        unsigned kind = weft_id_kind(object->id);
        if (++seen > TIMERS_MAX || n->lossy)
            return FALSE;
        if ((kind == WEFT_ENTITY_TIMER || kind == WEFT_ENTITY_TIMEOUT) && !object->done &&
            weft_id_ring(object->id) == n->ring && to_trace_time(n, object, &due))
            *due_ns = MIN(*due_ns, due);
    }
    return *due_ns != G_MAXINT64;
}

uint64_t narrator_awaited(const struct narrator *n, unsigned await_kind, uint64_t object)
{
    if (await_kind == WEFT_AWAIT_TIMER && !object)
        return n->timer;
    return object && object == n->op ? n->op_on : object;
}

/* ---- Over one event ---- */

static void forget(struct narrator *n)
{
    if (n->fired.live) {
        weft_idtable_finish(&n->fired);
        weft_idtable_init(&n->fired, sizeof(struct fired));
    }
    n->group = n->group_by = n->ended = n->timer = n->op = n->op_on = 0;
    n->used = n->used_by = 0;
    n->gift = (struct gift){ 0 };
}

/* What is known from events alone: also where the state is not known yet. */
static void note(struct narrator *n, const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    if (e->chunk != n->chunk && n->model->chunks[e->chunk].lost_before) {
        turns_forget(&n->turns);
        forget(n);
        n->lossy = TRUE;
    }
    turns_note(&n->turns, r);
    switch (r->kind) {
    case WEFT_RECORD_POLL_BEGIN:
        forget(n);
        n->poll_timeout_ns = (gint64)MIN(r->object, G_MAXINT64);
        break;
    case WEFT_RECORD_GROUP_DONE:
        n->group = r->subject;
        n->outcome = r->detail;
        n->group_by = n->ended;
        break;
    case WEFT_RECORD_CALLBACK_BEGIN:
        n->ended = r->detail == WEFT_HANDLE_DONE ? r->object : 0;
        break;
    case WEFT_RECORD_CALLBACK_END:
        n->ended = 0;
        break;
    case WEFT_RECORD_RESOURCE:
        n->used = r->subject;
        n->used_by = e->actor;
        n->used_how = r->detail;
        break;
    case WEFT_RECORD_RESUME:
        if (n->gift.by == r->subject)
            n->gift = (struct gift){ 0 };
        break;
    case WEFT_RECORD_TIMER_SET:
        n->timer = r->subject;
        n->timer_set_ns = (gint64)r->time;
        break;
    case WEFT_RECORD_TASK_IS:
        n->told_ns = (gint64)r->time;
        break;
    case WEFT_RECORD_OP_START:
        n->op = r->subject;
        n->op_on = r->object ? r->object : r->subject;
        break;
    }
}

/* Its part of the state may have changed. */
static void update_task(struct narrator *n, uint64_t id)
{
    if (weft_id_ring(id) == n->ring)
        waiters_update(&n->waiters, id, weft_state_task(n->state, id));
}

static void begin_chunk(struct narrator *n, guint chunk)
{
    const struct chunk_entry *entry = &n->model->chunks[chunk];
    const struct weft_trace_chunk *info = weft_trace_chunk(n->model->trace, chunk);
    if (entry->lost_before) {
        weft_state_apply_loss(n->state, n->ring, entry->lost_ns);
        waiters_take(&n->waiters, n->state, n->ring);
    }
    if (weft_id_kind(info->current_task) != WEFT_ENTITY_TASK)
        return;
    weft_state_apply_chunk(n->state, n->ring, info->current_task, info->first_ns);
    update_task(n, info->current_task);
}

/* A task lets another go on. */
static void note_gift(struct narrator *n, const struct weft_record *r, uint64_t awaited)
{
    gboolean given = r->detail == WEFT_WAKE_RESOURCE || r->detail == WEFT_WAKE_FUTURE;
    uint64_t by = weft_state_running(n->state, n->ring);
    if (!given || !by || !awaited)
        return;
    if (n->gift.by != by || n->gift.what != awaited)
        n->gift = (struct gift){ .by = by,
                                 .what = awaited,
                                 .first = r->subject,
                                 .await_kind = n->task.detail,
                                 .used_how = n->used == awaited && n->used_by == by ? n->used_how
                                                                                    : 0 };
    n->gift.n++;
}

static void look_at_line(struct narrator *n, const struct weft_record *r)
{
    uint64_t awaited = n->task.id ? waiters_awaited(&n->task) : 0, first = 0;
    waiters_first(&n->waiters, awaited, &first, 1);
    n->was_first_in_line = awaited && first == r->subject && !n->lossy;
    note_gift(n, r, awaited);
}

static void look_before(struct narrator *n, const struct weft_record *r)
{
    gboolean is_task = weft_id_kind(r->subject) == WEFT_ENTITY_TASK;
    const struct weft_task_at *task = is_task ? weft_state_task(n->state, r->subject) : NULL;
    const struct weft_object_at *object = is_task || !r->subject
                                              ? NULL
                                              : weft_state_object(n->state, r->subject);
    n->task = task ? *task : (struct weft_task_at){ 0 };
    n->object = object ? *object : (struct weft_object_at){ 0 };
    n->was_first = task && weft_state_first_ready(n->state, n->ring) == r->subject;
    uint64_t running = weft_state_running(n->state, n->ring);
    n->was_inside = running && running != r->subject;
    if (r->kind == WEFT_RECORD_WAKE)
        look_at_line(n, r);
    if (!weft_state_polling(n->state, n->ring, &n->polled_since_ns))
        n->polled_since_ns = G_MININT64;
    if (!turns_began(&n->turns, &n->called_since_ns))
        n->called_since_ns = G_MININT64;
}

/* Over one event. */
static void go(struct narrator *n, const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    if (e->chunk != n->chunk)
        begin_chunk(n, e->chunk);
    look_before(n, r);
    note(n, e);
    weft_state_apply(n->state, n->ring, r, r->flags & WEFT_RECORD_EXT ? &e->ext : NULL);
    if (weft_id_kind(r->subject) == WEFT_ENTITY_TASK)
        update_task(n, r->subject);
    if (r->kind == WEFT_RECORD_TIMER_FIRE && r->subject) {
        struct fired *fired = weft_idtable_add(&n->fired, r->subject);
        fired->owner = n->object.owner;
        if (!to_trace_time(n, &n->object, &fired->due_ns))
            fired->due_ns = G_MININT64;
    }
    n->chunk = e->chunk;
    n->index = e->index;
    n->now_ns = (gint64)r->time;
}

/* ---- From a state on ---- */

static gboolean was_lossy(const struct narrator *n, const struct weft_event_view *e)
{
    for (guint i = 0; i < n->walk->chunks->len; i++) {
        guint c = g_array_index(n->walk->chunks, guint, i);
        if ((c < e->chunk || (c == e->chunk && e->index > 0)) && n->model->chunks[c].lost_before)
            return TRUE;
    }
    return FALSE;
}

/* Goes back to before the last POLL_BEGIN, and returns what comes there. */
static struct weft_event_view last_poll(struct narrator *n, const struct weft_event_view *event)
{
    struct weft_event_view first = *event;
    const struct weft_event_view *e;
    guint64 lost = 0;
    replay_stand_before(n->walk, event);
    for (guint i = 0; i < BACK_MAX && (e = replay_previous(n->walk, &lost)); i++) {
        first = *e;
        if (e->record.kind == WEFT_RECORD_POLL_BEGIN)
            break;
    }
    return first;
}

/* Since when it matters who ran: those who are ready became so, timers are due. */
static gint64 matters_since(const struct narrator *n, gint64 t_ns)
{
    guint n_ready;
    const uint64_t *ready = weft_state_ready(n->state, n->ring, &n_ready);
    const struct weft_object_at *object;
    guint at = 0;
    gint64 since = t_ns, due;
    for (guint i = 0; i < n_ready; i++) {
        const struct weft_task_at *task = weft_state_task(n->state, ready[i]);
        since = task ? MIN(since, task->since_ns) : since;
    }
    while ((object = weft_state_next_object(n->state, &at)))
        if (weft_id_kind(object->id) == WEFT_ENTITY_TIMER && weft_id_ring(object->id) == n->ring &&
            to_trace_time(n, object, &due))
            since = MIN(since, due);
    return since;
}

/* Walks back as far as it matters, to where nothing runs, and forwards again to `until`. */
static void note_past(struct narrator *n, const struct weft_event_view *until)
{
    gint64 since = matters_since(n, (gint64)until->record.time);
    const struct weft_event_view *e;
    guint polls = 0, walked = 0, back = 0;
    guint64 lost = 0;
    replay_stand_before(n->walk, until);
    while (back < BACK_MAX && (e = replay_previous(n->walk, &lost))) {
        back++;
        if (e->index == 0 && n->model->chunks[e->chunk].lost_before)
            break;
        if (e->record.kind != WEFT_RECORD_POLL_BEGIN)
            continue;
        if (++polls > POLLS && (gint64)e->record.time < since)
            break;
    }
    for (; walked < back && (e = replay_next(n->walk, &lost)); walked++) {
        n->chunk = walked || e->index == 0 ? n->chunk : e->chunk;
        note(n, e);
        n->chunk = e->chunk;
    }
}

static void begin(struct narrator *n, const struct weft_event_view *event)
{
    const struct weft_event_view *e;
    guint64 lost;
    struct weft_event_view first = last_poll(n, event);
    struct weft_replay_place before = { (gint64)first.record.time, 0 };
    replay_seek(n->walk, before);
    if ((e = replay_next(n->walk, &lost)))
        first = *e; /* of its moment */
    weft_state_free(n->state);
    n->state = weft_model_state_at(n->model, (gint64)first.record.time - 1);
    turns_forget(&n->turns);
    forget(n);
    n->told_ns = G_MININT64;
    n->poll_timeout_ns = 0;
    n->lossy = was_lossy(n, &first);
    n->chunk = G_MAXUINT32;
    note_past(n, &first);
    n->chunk = first.index ? first.chunk : G_MAXUINT32;
    n->index = 0;
    waiters_take(&n->waiters, n->state, n->ring);
    replay_stand_before(n->walk, &first);
}

static gboolean is_before(guint chunk, guint index, const struct weft_event_view *e)
{
    return chunk < e->chunk || (chunk == e->chunk && index < e->index);
}

void narrator_reach(struct narrator *n, const struct weft_event_view *event)
{
    struct weft_event_view target = *event;
    const struct weft_event_view *e;
    guint64 lost;
    gboolean ahead = n->chunk != G_MAXUINT32 && is_before(n->chunk, n->index, &target);
    int chunks = ahead ? replay_chunks_between(n->walk, n->chunk, &target) : -1;
    if (chunks >= 0 && chunks <= NEAR) {
        struct weft_event_view last = { .chunk = n->chunk, .index = n->index };
        replay_stand_before(n->walk, &last);
        replay_next(n->walk, &lost);
    } else {
        begin(n, &target);
    }
    while ((e = replay_next(n->walk, &lost))) {
        go(n, e);
        if (!is_before(e->chunk, e->index, &target))
            break;
    }
}
