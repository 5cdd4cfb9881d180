/* replay.c: what an event does to the state of everything. See state.h.
 *
 * Nothing in a record is trusted: an event about an entity never seen makes it known, an event that
 * cannot be (a WAKE of a task that is done) changes nothing. */
#include "tracer/trace/parties.h"
#include "tracer/trace/replayer.h"

enum {
    NESTED_MAX = 1024, /* deeper is no eager start: the ends of the slices were lost */
    PIECE = 256,       /* slots whose entries are fetched together */
};

/* ---- Rings ---- */

static uint64_t running(const struct weft_ring_state *ring)
{
    return ring->n_running ? ring->running[ring->n_running - 1] : 0;
}

void weft_ring_state_push_running(struct weft_ring_state *ring, uint64_t task)
{
    if (ring->n_running == NESTED_MAX)
        ring->n_running = 0;
    if (ring->n_running == ring->running_capacity) {
        ring->running_capacity = MAX(8, ring->running_capacity * 2);
        ring->running = g_renew(uint64_t, ring->running, ring->running_capacity);
    }
    ring->running[ring->n_running++] = task;
}

/* The task's slice ends, and with it those that it had started inside: their ends were lost. */
static void pop_running(struct weft_ring_state *ring, uint64_t task)
{
    for (guint i = ring->n_running; i > 0; i--) {
        if (ring->running[i - 1] == task) {
            ring->n_running = i - 1;
            return;
        }
    }
}

/* ---- Tasks ---- */

static void set_state(struct weft_task_entry *task, enum weft_task_state to, gint64 time)
{
    task->at.state = (uint8_t)to;
    task->at.since_ns = time;
    task->at.other = 0;
    task->at.detail = 0;
}

static inline void leave_ready(weft_state *state, struct weft_task_entry *task)
{
    if (task->at.state == WEFT_STATE_READY)
        weft_readyqueue_remove(&weft_state_ring(state, (uint32_t)task->ring)->ready, task->position,
                               task->at.id);
}

static inline struct weft_task_entry *known_task(weft_state *state,
                                                 const struct weft_record *record)
{
    struct weft_task_entry *task = weft_idtable_find(&state->tasks, record->subject);
    if (G_LIKELY(task) || weft_id_kind(record->subject) != WEFT_ENTITY_TASK)
        return task;
    task = weft_idtable_add(&state->tasks, record->subject);
    task->at.since_ns = task->at.created_ns = (gint64)record->time;
    return task;
}

static void become_ready(struct weft_ring_state *ring, struct weft_task_entry *task, gint64 time,
                         unsigned cause, uint64_t by)
{
    set_state(task, WEFT_STATE_READY, time);
    task->at.detail = (uint8_t)cause;
    task->at.other = by;
    /* Both at once: to write a part of the word and then read the whole of it again is slow. */
    guint64 position = weft_readyqueue_push(&ring->ready, task->at.id);
    task->position = position;
    task->ring = ring->index;
}

static void resume(weft_state *state, struct weft_ring_state *ring, struct weft_task_entry *task,
                   gint64 time)
{
    if (running(ring) == task->at.id)
        return; /* the chunk's header said so already */
    leave_ready(state, task);
    set_state(task, task->at.delivered ? WEFT_STATE_CANCELLING : WEFT_STATE_RUNNING, time);
    weft_ring_state_push_running(ring, task->at.id);
}

/* What SUSPEND begins. */
static void begin_wait(struct weft_ring_state *ring, struct weft_task_entry *task,
                       const struct weft_record *record)
{
    gint64 time = (gint64)record->time;
    task->at.site = record->site;
    if (record->detail == WEFT_AWAIT_YIELD) {
        become_ready(ring, task, time, WEFT_WAKE_TASK, task->at.id);
        return;
    }
    set_state(task, task->at.delivered ? WEFT_STATE_CANCELLING : WEFT_STATE_WAITING, time);
    task->at.detail = record->detail;
    task->at.other = record->object;
}

static void suspend(weft_state *state, struct weft_ring_state *ring, struct weft_task_entry *task,
                    const struct weft_record *record)
{
    pop_running(ring, task->at.id);
    leave_ready(state, task);
    begin_wait(ring, task, record);
}

static gboolean is_running(const struct weft_ring_state *ring, uint64_t task)
{
    for (guint i = ring->n_running; i > 0; i--)
        if (ring->running[i - 1] == task)
            return TRUE;
    return FALSE;
}

static void wake(struct weft_ring_state *ring, struct weft_task_entry *task,
                 const struct weft_record *record)
{
    if (task->at.state == WEFT_STATE_READY || task->at.state == WEFT_STATE_DONE ||
        is_running(ring, task->at.id))
        return;
    become_ready(ring, task, (gint64)record->time, record->detail, record->object);
}

static void finish(weft_state *state, struct weft_ring_state *ring, struct weft_task_entry *task,
                   const struct weft_record *record)
{
    pop_running(ring, task->at.id);
    leave_ready(state, task);
    set_state(task, WEFT_STATE_DONE, (gint64)record->time);
    task->at.detail = record->detail;
    task->at.delivered = 0;
}

static void deliver_cancel(struct weft_task_entry *task, gint64 time)
{
    task->at.delivered = 1;
    if (task->at.state != WEFT_STATE_RUNNING && task->at.state != WEFT_STATE_WAITING)
        return;
    task->at.state = WEFT_STATE_CANCELLING;
    task->at.since_ns = time;
}

static void uncancel(struct weft_ring_state *ring, struct weft_task_entry *task,
                     const struct weft_record *record)
{
    task->at.cancelling = (uint8_t)MIN(record->object, UINT8_MAX);
    if (record->object || !task->at.delivered)
        return;
    task->at.delivered = 0;
    if (task->at.state != WEFT_STATE_CANCELLING)
        return;
    task->at.state = is_running(ring, task->at.id) ? WEFT_STATE_RUNNING : WEFT_STATE_WAITING;
    task->at.since_ns = (gint64)record->time;
}

static void create_task(weft_state *state, const struct weft_record *record)
{
    struct weft_task_entry *task = known_task(state, record);
    if (!task)
        return;
    leave_ready(state, task);
    set_state(task, WEFT_STATE_NEW, (gint64)record->time);
    task->at.created_ns = (gint64)record->time;
    task->at.parent = record->object;
    task->at.created_site = record->site;
}

void weft_state_remove_task(weft_state *state, uint32_t ring, uint64_t id)
{
    struct weft_task_entry *task = weft_idtable_find(&state->tasks, id);
    if (!task)
        return;
    pop_running(weft_state_ring(state, ring), id);
    leave_ready(state, task);
    weft_idtable_remove(&state->tasks, id);
}

static void apply_cancel(struct weft_ring_state *ring, struct weft_task_entry *task,
                         const struct weft_record *record)
{
    switch (record->kind) {
    case WEFT_RECORD_CANCEL_REQUEST:
        task->at.cancelling += task->at.cancelling < UINT8_MAX;
        break;
    case WEFT_RECORD_CANCEL_DELIVER:
        deliver_cancel(task, (gint64)record->time);
        break;
    case WEFT_RECORD_UNCANCEL:
        uncancel(ring, task, record);
        break;
    }
}

static inline void apply_task(weft_state *state, struct weft_ring_state *ring,
                              const struct weft_record *record)
{
    struct weft_task_entry *task = known_task(state, record);
    if (G_UNLIKELY(!task))
        return;
    switch (record->kind) {
    case WEFT_RECORD_RESUME:
        resume(state, ring, task, (gint64)record->time);
        break;
    case WEFT_RECORD_SUSPEND:
        suspend(state, ring, task, record);
        break;
    case WEFT_RECORD_WAKE:
        wake(ring, task, record);
        break;
    case WEFT_RECORD_TASK_DONE:
        finish(state, ring, task, record);
        break;
    case WEFT_RECORD_TASK_NAME:
        task->at.name = (uint32_t)record->object;
        break;
    default:
        apply_cancel(ring, task, record);
    }
}

/* ---- Objects ---- */

/* NULL for ids that name no object of the table: nobody, tasks. */
static struct weft_object_at *known_object(weft_state *state, uint64_t id)
{
    if (!id || weft_id_kind(id) == WEFT_ENTITY_TASK)
        return NULL;
    return weft_idtable_add(&state->objects, id);
}

static void set_deadline(weft_state *state, const struct weft_ring_state *ring,
                         const struct weft_record *record)
{
    struct weft_object_at *object = known_object(state, record->subject);
    if (!object)
        return;
    object->deadline_mono_ns = (gint64)record->object;
    if (record->kind == WEFT_RECORD_TIMEOUT_RESCHEDULE)
        return;
    object->owner = running(ring);
    object->site = record->site;
}

static void use_resource(weft_state *state, struct weft_object_at *object, uint64_t by,
                         const struct weft_record *record)
{
    if (weft_id_kind(object->id) == WEFT_ENTITY_SEMAPHORE) {
        if (record->detail == WEFT_RESOURCE_ACQUIRE)
            weft_parties_acquire(state, object, by);
        else if (record->detail == WEFT_RESOURCE_RELEASE)
            weft_parties_release(state, object, by);
        weft_parties_show(state, object->id);
    }
    if (!WEFT_RESOURCE_TELLS_VALUE(record->detail))
        return;
    object->value = (gint64)record->object;
    object->stale = FALSE;
    if (weft_id_kind(object->id) != WEFT_ENTITY_LOCK)
        return;
    if (record->detail == WEFT_RESOURCE_ACQUIRE) {
        object->owner = by;
        object->since_ns = (gint64)record->time;
    } else if (record->detail == WEFT_RESOURCE_RELEASE) {
        object->owner = 0;
        object->since_ns = 0;
    }
}

/* A job begins in one ring and may end in another, and rings come in any order: the second of the
 * two to be seen removes it. */
static void apply_job(weft_state *state, const struct weft_record *record, uint64_t by)
{
    struct weft_object_at *job = weft_idtable_find(&state->objects, record->subject);
    gboolean end = record->kind == WEFT_RECORD_WORK_END;
    if (job && (end || job->done)) {
        weft_idtable_remove(&state->objects, record->subject);
        return;
    }
    job = known_object(state, record->subject);
    if (!job)
        return;
    job->done = end;
    job->owner = by;
    job->site = record->site;
}

static void create_object(weft_state *state, const struct weft_record *record, uint64_t by)
{
    struct weft_object_at *object = known_object(state, record->subject);
    if (!object)
        return;
    object->site = record->site;
    if (record->kind == WEFT_RECORD_OP_START)
        object->owner = by;
    else if (weft_id_kind(object->id) != WEFT_ENTITY_GROUP)
        object->capacity = record->object;
    if (weft_id_kind(object->id) == WEFT_ENTITY_SEMAPHORE)
        object->value = (gint64)record->object; /* all units are free */
}

static void apply_object(weft_state *state, const struct weft_record *record, uint64_t by)
{
    gboolean known = weft_state_object(state, record->subject) != NULL;
    struct weft_object_at *object = known_object(state, record->subject);
    if (!object)
        return;
    if (!known && weft_has_parties(object->id))
        weft_parties_begin_amid(state, object->id);
    switch (record->kind) {
    case WEFT_RECORD_OBJECT_NAME:
        object->name = (uint32_t)record->object;
        break;
    case WEFT_RECORD_RESOURCE:
        use_resource(state, object, by, record);
        break;
    case WEFT_RECORD_GROUP_ADD:
        object->capacity++;
        if (weft_id_kind(object->id) == WEFT_ENTITY_GROUP && record->object)
            weft_parties_join(state, object->id, record->object);
        break;
    case WEFT_RECORD_TIMEOUT_EXPIRE:
        object->done = TRUE;
        if (record->object)
            object->owner = record->object;
        break;
    }
}

/* Futures and groups end when they are done: nobody can await them any more. */
static void apply_to_objects(weft_state *state, const struct weft_ring_state *ring,
                             const struct weft_record *record)
{
    switch (record->kind) {
    case WEFT_RECORD_TIMER_SET:
    case WEFT_RECORD_TIMEOUT_ENTER:
    case WEFT_RECORD_TIMEOUT_RESCHEDULE:
        set_deadline(state, ring, record);
        break;
    case WEFT_RECORD_TIMER_FIRE:
    case WEFT_RECORD_TIMER_CANCEL:
    case WEFT_RECORD_TIMEOUT_EXIT:
    case WEFT_RECORD_FUTURE_DONE:
    case WEFT_RECORD_GROUP_DONE:
    case WEFT_RECORD_OBJECT_FREE:
    case WEFT_RECORD_OP_END:
        weft_idtable_remove(&state->objects, record->subject);
        if (weft_has_parties(record->subject))
            weft_parties_forget(state, record->subject);
        break;
    case WEFT_RECORD_OBJECT_NEW:
    case WEFT_RECORD_OP_START:
        create_object(state, record, running(ring));
        break;
    case WEFT_RECORD_OBJECT_NAME:
    case WEFT_RECORD_RESOURCE:
    case WEFT_RECORD_GROUP_ADD:
    case WEFT_RECORD_TIMEOUT_EXPIRE:
        apply_object(state, record, running(ring));
        break;
    case WEFT_RECORD_WORK_SUBMIT:
    case WEFT_RECORD_WORK_END:
        apply_job(state, record, running(ring));
        break;
    }
}

/* ---- All ---- */

static inline void apply(weft_state *state, struct weft_ring_state *ring,
                         const struct weft_record *record, const struct weft_record *ext)
{
    switch (record->kind) {
    case WEFT_RECORD_ITERATION: /* says how many are in the queue */
        if (G_UNLIKELY(ring->queue_unknown) &&
            record->site == weft_state_n_ready(state, ring->index))
            ring->queue_unknown = FALSE;
        break;
    case WEFT_RECORD_RESUME:
    case WEFT_RECORD_SUSPEND:
    case WEFT_RECORD_WAKE:
    case WEFT_RECORD_TASK_DONE:
    case WEFT_RECORD_TASK_NAME:
    case WEFT_RECORD_CANCEL_REQUEST:
    case WEFT_RECORD_CANCEL_DELIVER:
    case WEFT_RECORD_UNCANCEL:
        apply_task(state, ring, record);
        break;
    case WEFT_RECORD_TASK_NEW:
        create_task(state, record);
        break;
    case WEFT_RECORD_TASK_FREE:
        weft_state_remove_task(state, ring->index, record->subject);
        break;
    case WEFT_RECORD_POLL_BEGIN:
    case WEFT_RECORD_POLL_END:
        ring->polling = record->kind == WEFT_RECORD_POLL_BEGIN;
        ring->poll_since = (gint64)record->time;
        if (ring->polling && record->object > 0) /* it may take long: nothing is ready */
            ring->queue_unknown = FALSE;
        break;
    case WEFT_RECORD_READY:
        if (weft_id_kind(record->subject) != WEFT_ENTITY_TASK)
            weft_readyqueue_push(&ring->ready, record->subject);
        break;
    case WEFT_RECORD_READY_CANCEL:
    case WEFT_RECORD_CALLBACK_BEGIN:
        weft_readyqueue_remove_callback(&ring->ready, record->subject);
        break;
    case WEFT_RECORD_SNAPSHOT:
    case WEFT_RECORD_TASK_IS:
    case WEFT_RECORD_OBJECT_IS:
        weft_state_apply_snapshot(state, ring->index, record, ext);
        break;
    default:
        apply_to_objects(state, ring, record);
    }
}

void weft_state_apply(weft_state *state, uint32_t ring_index, const struct weft_record *record,
                      const struct weft_record *ext)
{
    if (G_LIKELY(ring_index < WEFT_STATE_RINGS))
        apply(state, weft_state_ring(state, ring_index), record, ext);
}

/* Whether a task only resumes here and suspends: what is between is overwritten at once. */
static inline gboolean is_slice(const struct weft_record *records, guint n)
{
    return n >= 2 && records[0].kind == WEFT_RECORD_RESUME &&
           records[1].kind == WEFT_RECORD_SUSPEND && records[0].subject == records[1].subject &&
           !((records[0].flags | records[1].flags) & WEFT_RECORD_EXT);
}

/* Both of its events. FALSE: it is no usual one, and was not applied. */
static inline gboolean apply_slice(weft_state *state, struct weft_ring_state *ring,
                                   const struct weft_record *records)
{
    if (ring->n_running)
        return FALSE;
    struct weft_task_entry *task = known_task(state, &records[0]);
    if (G_LIKELY(task)) {
        leave_ready(state, task);
        begin_wait(ring, task, &records[1]);
    }
    return TRUE;
}

/* With many tasks what an event is about is in no near cache; the first that looks for it after a
 * while is one of these. */
static void fetch(const weft_state *state, const struct weft_record *records, guint n)
{
    uint64_t tasks[PIECE], objects[PIECE];
    guint n_tasks = 0, n_objects = 0;
    for (guint i = 0; i < n; i++) {
        tasks[n_tasks] = objects[n_objects] = records[i].subject;
        n_tasks += records[i].kind == WEFT_RECORD_WAKE;
        n_objects += records[i].kind == WEFT_RECORD_TIMER_FIRE ||
                     records[i].kind == WEFT_RECORD_OP_END;
    }
    weft_idtable_fetch(&state->tasks, tasks, n_tasks);
    weft_idtable_fetch(&state->objects, objects, n_objects);
}

void weft_state_apply_all(weft_state *state, uint32_t ring_index, const struct weft_record *records,
                          guint n)
{
    if (ring_index >= WEFT_STATE_RINGS)
        return;
    struct weft_ring_state *ring = weft_state_ring(state, ring_index);
    gboolean large = weft_idtable_is_large(&state->tasks) || weft_idtable_is_large(&state->objects);
    guint fetched = large ? 0 : n;
    for (guint i = 0; i < n; i++) {
        if (G_UNLIKELY(i >= fetched)) {
            fetch(state, records + i, MIN(PIECE, n - i));
            fetched = i + PIECE;
        }
        if (is_slice(records + i, n - i) && apply_slice(state, ring, records + i)) {
            i++;
            continue;
        }
        gboolean ext = (records[i].flags & WEFT_RECORD_EXT) && i + 1 < n;
        apply(state, ring, &records[i], ext ? &records[i + 1] : NULL);
        i += ext;
    }
}

static void forget_objects(weft_state *state, uint32_t ring_index)
{
    for (guint i = 0; i < weft_idtable_n(&state->objects); i++) {
        struct weft_object_at *object = weft_idtable_at(&state->objects, i);
        if (!object || weft_id_ring(object->id) != ring_index)
            continue;
        switch (weft_id_kind(object->id)) {
        case WEFT_ENTITY_TIMER:
        case WEFT_ENTITY_TIMEOUT:
        case WEFT_ENTITY_OP:
            weft_idtable_remove(&state->objects, object->id);
            break;
        case WEFT_ENTITY_JOB: /* done: its beginning may come yet, behind the loss */
            if (!object->done)
                weft_idtable_remove(&state->objects, object->id);
            break;
        default:
            object->owner = 0;
            object->stale = TRUE;
            if (weft_has_parties(object->id))
                weft_parties_hide(state, object->id);
        }
    }
}

void weft_state_apply_loss(weft_state *state, uint32_t ring_index, gint64 time_ns)
{
    if (ring_index >= WEFT_STATE_RINGS)
        return;
    struct weft_ring_state *ring = weft_state_ring(state, ring_index);
    weft_readyqueue_clear(&ring->ready);
    ring->n_running = 0;
    ring->polling = FALSE;
    ring->poll_since = time_ns;
    ring->queue_unknown = TRUE;
    ring->untold = 0;
    for (guint i = 0; i < weft_idtable_n(&state->tasks); i++) {
        struct weft_task_entry *task = weft_idtable_at(&state->tasks, i);
        if (!task || weft_id_ring(task->at.id) != ring_index || task->at.state == WEFT_STATE_DONE)
            continue;
        task->at.delivered = 0;                   /* what it was told to clean up may be over */
        if (task->at.state != WEFT_STATE_UNKNOWN) /* then it has been since an earlier loss */
            set_state(task, WEFT_STATE_UNKNOWN, time_ns);
    }
    forget_objects(state, ring_index);
}

void weft_state_forget_later(weft_state *state, gint64 time_ns)
{
    for (guint i = 0; i < weft_idtable_n(&state->tasks); i++) {
        struct weft_task_entry *task = weft_idtable_at(&state->tasks, i);
        if (!task || task->at.since_ns <= time_ns)
            continue;
        pop_running(weft_state_ring(state, weft_id_ring(task->at.id)), task->at.id);
        leave_ready(state, task);
        set_state(task, WEFT_STATE_UNKNOWN, MIN(0, time_ns));
    }
    for (guint i = 0; i < state->n_rings; i++)
        if (state->rings[i] && state->rings[i]->poll_since > time_ns)
            state->rings[i]->polling = FALSE;
}

void weft_state_apply_chunk(weft_state *state, uint32_t ring_index, uint64_t current_task,
                            gint64 time_ns)
{
    if (ring_index >= WEFT_STATE_RINGS || weft_id_kind(current_task) != WEFT_ENTITY_TASK)
        return;
    struct weft_ring_state *ring = weft_state_ring(state, ring_index);
    struct weft_task_entry *task = weft_idtable_find(&state->tasks, current_task);
    if (ring->n_running || (task && task->at.state != WEFT_STATE_UNKNOWN))
        return;
    struct weft_record begin = { .time = (uint64_t)time_ns, .subject = current_task };
    task = known_task(state, &begin);
    resume(state, ring, task, time_ns);
}
