/* oracle.c: see oracle.h. */
#include "tests/model/oracle.h"
#include "tracer/probe/table.h"
#include <string.h>

/* ---- Arrays whose elements begin with an id ---- */

static guint find(const GArray *array, gsize size, uint64_t id)
{
    for (guint i = 0; i < array->len; i++) {
        uint64_t at;
        memcpy(&at, array->data + i * size, sizeof at);
        if (at == id)
            return i;
    }
    return array->len;
}

static void drop(GArray *array, gsize size, uint64_t id)
{
    guint i = find(array, size, id);
    if (i < array->len)
        g_array_remove_index(array, i);
}

static struct weft_task_at *find_task(const struct oracle *o, uint64_t id)
{
    guint i = find(o->tasks, sizeof(struct weft_task_at), id);
    return i < o->tasks->len ? &g_array_index(o->tasks, struct weft_task_at, i) : NULL;
}

static struct weft_object_at *find_object(const struct oracle *o, uint64_t id)
{
    guint i = find(o->objects, sizeof(struct weft_object_at), id);
    return i < o->objects->len ? &g_array_index(o->objects, struct weft_object_at, i) : NULL;
}

static struct oracle_parties *find_parties(const struct oracle *o, uint64_t object)
{
    guint i = find(o->parties, sizeof(struct oracle_parties), object);
    return i < o->parties->len ? &g_array_index(o->parties, struct oracle_parties, i) : NULL;
}

const struct weft_task_at *oracle_task(const struct oracle *o, uint64_t id)
{
    return find_task(o, id);
}

const struct weft_object_at *oracle_object(const struct oracle *o, uint64_t id)
{
    return find_object(o, id);
}

const struct oracle_parties *oracle_parties(const struct oracle *o, uint64_t object)
{
    return find_parties(o, object);
}

static struct weft_task_at *some_task(struct oracle *o, uint64_t id, gint64 now)
{
    if (!find_task(o, id)) {
        struct weft_task_at task = { .id = id, .since_ns = now, .created_ns = now };
        g_array_append_val(o->tasks, task);
    }
    return find_task(o, id);
}

static struct weft_object_at *some_object(struct oracle *o, uint64_t id)
{
    if (!find_object(o, id)) {
        struct weft_object_at object = { .id = id };
        g_array_append_val(o->objects, object);
    }
    return find_object(o, id);
}

static struct oracle_parties *some_parties(struct oracle *o, uint64_t object)
{
    if (!find_parties(o, object)) {
        struct oracle_parties parties = {
            .object = object, .at = g_array_new(FALSE, FALSE, sizeof(struct weft_party))
        };
        g_array_append_val(o->parties, parties);
    }
    return find_parties(o, object);
}

/* Of an object that is used or named: it has begun already, seen or not. */
static struct weft_object_at *begun_object(struct oracle *o, uint64_t id)
{
    unsigned kind = weft_id_kind(id);
    if (!find_object(o, id) && (kind == WEFT_ENTITY_GROUP || kind == WEFT_ENTITY_SEMAPHORE))
        some_parties(o, id)->amid = TRUE;
    return some_object(o, id);
}

/* ---- Tasks ---- */

static void becomes(struct weft_task_at *task, enum weft_task_state state, gint64 now,
                    unsigned detail, uint64_t other)
{
    task->state = (uint8_t)state;
    task->since_ns = now;
    task->detail = (uint8_t)detail;
    task->other = other;
}

static uint64_t actor(const struct oracle_ring *ring)
{
    return ring->running->len ? g_array_index(ring->running, uint64_t, ring->running->len - 1) : 0;
}

static void runs(struct oracle_ring *ring, struct weft_task_at *task, gint64 now)
{
    if (actor(ring) == task->id)
        return; /* known from what the trace says between its events */
    drop(ring->ready, sizeof(uint64_t), task->id);
    g_array_append_val(ring->running, task->id);
    becomes(task, task->delivered ? WEFT_STATE_CANCELLING : WEFT_STATE_RUNNING, now, 0, 0);
}

/* It leaves the loop's hands; with it all that it had started inside its slice. */
static void stops(struct oracle_ring *ring, uint64_t task)
{
    drop(ring->ready, sizeof(uint64_t), task);
    guint i = find(ring->running, sizeof(uint64_t), task);
    g_array_set_size(ring->running, i);
}

static void waits(struct oracle_ring *ring, struct weft_task_at *task, const struct weft_record *r)
{
    gint64 now = (gint64)r->time;
    stops(ring, task->id);
    task->site = r->site;
    if (r->detail == WEFT_AWAIT_YIELD) {
        g_array_append_val(ring->ready, task->id);
        becomes(task, WEFT_STATE_READY, now, WEFT_WAKE_TASK, task->id);
    } else {
        becomes(task, task->delivered ? WEFT_STATE_CANCELLING : WEFT_STATE_WAITING, now, r->detail,
                r->object);
    }
}

static void about_task(struct oracle *o, struct oracle_ring *ring, const struct weft_record *r)
{
    gint64 now = (gint64)r->time;
    struct weft_task_at *task = some_task(o, r->subject, now);
    switch (r->kind) {
    case WEFT_RECORD_TASK_NEW:
        becomes(task, WEFT_STATE_NEW, now, 0, 0);
        task->created_ns = now;
        task->parent = r->object;
        task->created_site = r->site;
        break;
    case WEFT_RECORD_TASK_NAME:
        task->name = (uint32_t)r->object;
        break;
    case WEFT_RECORD_WAKE:
        g_array_append_val(ring->ready, task->id);
        becomes(task, WEFT_STATE_READY, now, r->detail, r->object);
        break;
    case WEFT_RECORD_RESUME:
        runs(ring, task, now);
        break;
    case WEFT_RECORD_SUSPEND:
        waits(ring, task, r);
        break;
    case WEFT_RECORD_TASK_DONE:
        stops(ring, task->id);
        becomes(task, WEFT_STATE_DONE, now, r->detail, 0);
        task->delivered = 0;
        break;
    case WEFT_RECORD_TASK_FREE:
        drop(o->tasks, sizeof *task, r->subject);
        break;
    case WEFT_RECORD_CANCEL_REQUEST:
        task->cancelling++;
        break;
    case WEFT_RECORD_CANCEL_DELIVER: /* to a task that runs */
        task->delivered = 1;
        if (task->state == WEFT_STATE_RUNNING)
            becomes(task, WEFT_STATE_CANCELLING, now, 0, 0);
        break;
    case WEFT_RECORD_UNCANCEL: /* by itself */
        task->cancelling = (uint8_t)r->object;
        if (task->cancelling == 0 && task->delivered) {
            task->delivered = 0;
            if (task->state == WEFT_STATE_CANCELLING)
                becomes(task, WEFT_STATE_RUNNING, now, 0, 0);
        }
        break;
    }
}

/* ---- Objects ---- */

static void gone(struct oracle *o, uint64_t id)
{
    struct oracle_parties *parties = find_parties(o, id);
    if (parties)
        g_array_unref(parties->at);
    drop(o->parties, sizeof *parties, id);
    drop(o->objects, sizeof(struct weft_object_at), id);
}

static void takes_unit(struct oracle *o, uint64_t semaphore, uint64_t task)
{
    struct weft_party party = { task, 1 };
    GArray *at = some_parties(o, semaphore)->at;
    guint i = find(at, sizeof party, task);
    if (i < at->len)
        g_array_index(at, struct weft_party, i).units++;
    else
        g_array_append_val(at, party);
}

static void gives_unit(GArray *at, uint64_t task)
{
    guint i = find(at, sizeof(struct weft_party), task);
    if (i < at->len && --g_array_index(at, struct weft_party, i).units == 0)
        g_array_remove_index(at, i);
}

static void used(struct oracle *o, const struct weft_record *r, uint64_t by)
{
    struct weft_object_at *object = begun_object(o, r->subject);
    gboolean take = r->detail == WEFT_RESOURCE_ACQUIRE, give = r->detail == WEFT_RESOURCE_RELEASE;
    if (r->detail == WEFT_RESOURCE_TASK_DONE) /* says how much is left to do, not what is in it */
        return;
    object->value = (gint64)r->object;
    object->stale = FALSE;
    if (weft_id_kind(r->subject) == WEFT_ENTITY_LOCK && (take || give))
        object->owner = take ? by : 0;
    if (weft_id_kind(r->subject) != WEFT_ENTITY_SEMAPHORE)
        return;
    struct oracle_parties *parties = some_parties(o, r->subject);
    parties->hidden = FALSE; /* the value says how many units are out */
    if (take && by)
        takes_unit(o, r->subject, by);
    else if (give)
        gives_unit(parties->at, by);
}

static void joins_group(struct oracle *o, const struct weft_record *r)
{
    struct weft_party member = { r->object, 0 };
    begun_object(o, r->subject)->capacity++;
    struct oracle_parties *parties = some_parties(o, r->subject);
    parties->joined++;
    if (r->object)
        g_array_append_val(parties->at, member);
}

static void about_object(struct oracle *o, const struct weft_record *r, uint64_t by)
{
    struct weft_object_at *object;
    switch (r->kind) {
    case WEFT_RECORD_TIMER_FIRE:
    case WEFT_RECORD_TIMER_CANCEL:
    case WEFT_RECORD_TIMEOUT_EXIT:
    case WEFT_RECORD_OP_END:
    case WEFT_RECORD_FUTURE_DONE:
    case WEFT_RECORD_GROUP_DONE:
    case WEFT_RECORD_OBJECT_FREE:
    case WEFT_RECORD_WORK_END:
        gone(o, r->subject);
        break;
    case WEFT_RECORD_TIMER_SET:
    case WEFT_RECORD_TIMEOUT_ENTER:
        object = some_object(o, r->subject);
        object->deadline_mono_ns = (gint64)r->object;
        object->owner = by;
        object->site = r->site;
        break;
    case WEFT_RECORD_TIMEOUT_RESCHEDULE:
        some_object(o, r->subject)->deadline_mono_ns = (gint64)r->object;
        break;
    case WEFT_RECORD_TIMEOUT_EXPIRE:
        object = some_object(o, r->subject);
        object->done = TRUE;
        object->owner = r->object;
        break;
    case WEFT_RECORD_OP_START:
    case WEFT_RECORD_WORK_SUBMIT:
        object = some_object(o, r->subject);
        object->owner = by;
        object->site = r->site;
        break;
    case WEFT_RECORD_OBJECT_NEW:
        object = some_object(o, r->subject);
        object->site = r->site;
        if (weft_id_kind(r->subject) != WEFT_ENTITY_GROUP)
            object->capacity = r->object;
        if (weft_id_kind(r->subject) == WEFT_ENTITY_SEMAPHORE)
            object->value = (gint64)r->object;
        break;
    case WEFT_RECORD_OBJECT_NAME:
        begun_object(o, r->subject)->name = (uint32_t)r->object;
        break;
    case WEFT_RECORD_RESOURCE:
        used(o, r, by);
        break;
    case WEFT_RECORD_GROUP_ADD:
        joins_group(o, r);
        break;
    }
}

/* ---- What is told of what was there before ---- */

static void told_of_party(struct oracle *o, uint64_t object, uint64_t id, guint units)
{
    struct weft_party party = { id, units };
    struct oracle_parties *parties = find_object(o, object) ? find_parties(o, object) : NULL;
    if (!parties || parties->hidden || parties->amid)
        return;
    g_array_append_val(parties->at, party);
    parties->untold -= parties->untold > 0;
}

/* All that live were told of: the others do not. */
static void the_others_ended(struct oracle *o, guint32 ring)
{
    for (guint i = o->tasks->len; i > 0; i--) {
        const struct weft_task_at *task = &g_array_index(o->tasks, struct weft_task_at, i - 1);
        if (weft_id_ring(task->id) == ring && task->state == WEFT_STATE_UNKNOWN)
            g_array_remove_index(o->tasks, i - 1);
    }
    for (guint i = o->objects->len; i > 0 && o->rings[ring].snapshot; i--) {
        const struct weft_object_at *at = &g_array_index(o->objects, struct weft_object_at, i - 1);
        if (at->stale && weft_id_ring(at->id) == ring && weft_table_has(weft_id_kind(at->id)))
            gone(o, at->id);
    }
}

static void snapshot(struct oracle *o, const struct program_event *e)
{
    struct oracle_ring *ring = &o->rings[e->ring];
    ring->snapshot = e->record.object;
    ring->told = 0;
    ring->queue_hidden = TRUE;
    if (ring->snapshot == 0)
        the_others_ended(o, e->ring);
}

static void told_of_task(struct oracle *o, struct oracle_ring *ring, const struct program_event *e)
{
    struct weft_ext_task ext;
    memcpy(&ext, &e->ext, sizeof ext);
    gint64 since = (gint64)e->record.time - weft_age(&ext);
    struct weft_task_at *task = some_task(o, e->record.subject, since);
    told_of_party(o, ext.group, task->id, 0);
    if (task->state != WEFT_STATE_UNKNOWN)
        return;
    gboolean fresh = e->record.detail == WEFT_STATE_NEW;
    becomes(task, e->record.detail, since, fresh ? 0 : ext.why, fresh ? 0 : e->record.object);
    task->parent = ext.parent;
    task->name = ext.name;
    task->created_site = ext.made;
    task->site = e->record.site;
    task->cancelling = ext.cancels;
    task->delivered = ext.delivered;
    if (task->state == WEFT_STATE_READY)
        g_array_append_val(ring->ready, task->id);
}

static void told_of_object(struct oracle *o, const struct program_event *e)
{
    struct weft_ext_object ext;
    memcpy(&ext, &e->ext, sizeof ext);
    unsigned kind = weft_id_kind(e->record.subject);
    if (e->record.detail == WEFT_TOLD_OBJECT_HOLDER) {
        told_of_party(o, e->record.subject, e->record.object, ext.units);
        return;
    }
    struct weft_object_at *object = some_object(o, e->record.subject);
    *object = (struct weft_object_at){ .id = object->id,
                                       .owner = e->record.object,
                                       .value = ext.value,
                                       .deadline_mono_ns = (gint64)ext.deadline_mono_ns,
                                       .capacity = ext.capacity,
                                       .name = ext.name,
                                       .site = e->record.site,
                                       .done = e->record.detail == WEFT_TOLD_OBJECT_EXPIRED };
    if (kind != WEFT_ENTITY_SEMAPHORE && kind != WEFT_ENTITY_GROUP)
        return;
    struct oracle_parties *parties = some_parties(o, object->id);
    parties->hidden = parties->amid = FALSE;
    parties->joined = parties->untold = kind == WEFT_ENTITY_GROUP ? ext.capacity : 0;
    g_array_set_size(parties->at, 0);
}

/* ---- Losses ---- */

static gboolean outlives_loss(uint64_t id)
{
    unsigned kind = weft_id_kind(id);
    return kind != WEFT_ENTITY_TIMER && kind != WEFT_ENTITY_TIMEOUT && kind != WEFT_ENTITY_OP &&
           kind != WEFT_ENTITY_JOB;
}

static void hide_objects(struct oracle *o, guint32 ring)
{
    for (guint i = o->objects->len; i > 0; i--) {
        struct weft_object_at *object = &g_array_index(o->objects, struct weft_object_at, i - 1);
        if (weft_id_ring(object->id) != ring)
            continue;
        object->owner = 0;
        object->stale = TRUE;
        if (weft_id_kind(object->id) == WEFT_ENTITY_GROUP ||
            weft_id_kind(object->id) == WEFT_ENTITY_SEMAPHORE) {
            some_parties(o, object->id)->hidden = TRUE;
            some_parties(o, object->id)->untold = 0;
            g_array_set_size(some_parties(o, object->id)->at, 0);
        }
        if (!outlives_loss(object->id))
            gone(o, object->id);
    }
}

static void hide(struct oracle *o, guint32 index)
{
    struct oracle_ring *ring = &o->rings[index];
    g_array_set_size(ring->ready, 0);
    g_array_set_size(ring->running, 0);
    ring->hidden = ring->queue_hidden = TRUE;
    ring->snapshot = 0;
    ring->polling = FALSE;
    ring->poll_since_ns = ring->last_ns;
    for (guint i = 0; i < o->tasks->len; i++) {
        struct weft_task_at *task = &g_array_index(o->tasks, struct weft_task_at, i);
        if (weft_id_ring(task->id) != index || task->state == WEFT_STATE_DONE)
            continue;
        if (task->state != WEFT_STATE_UNKNOWN)
            becomes(task, WEFT_STATE_UNKNOWN, ring->last_ns, 0, 0);
        task->delivered = 0;
    }
    hide_objects(o, index);
}

/* The first event of a chunk: it is known who runs. After a loss that is all. */
static void show(struct oracle *o, const struct program_event *event)
{
    struct oracle_ring *ring = &o->rings[event->ring];
    ring->hidden = FALSE;
    if (!event->actor || ring->running->len > 0)
        return;
    gint64 now = (gint64)event->record.time;
    struct weft_task_at *task = some_task(o, event->actor, now);
    if (task->state == WEFT_STATE_UNKNOWN)
        runs(ring, task, now);
}

/* ---- All ---- */

static void tell(struct oracle *o, const struct program_event *event)
{
    struct oracle_ring *ring = &o->rings[event->ring];
    const struct weft_record *r = &event->record;
    if (ring->hidden || event->begins)
        show(o, event);
    ring->last_ns = (gint64)r->time;
    switch (r->kind) {
    case WEFT_RECORD_POLL_BEGIN:
    case WEFT_RECORD_POLL_END:
        ring->polling = r->kind == WEFT_RECORD_POLL_BEGIN;
        ring->poll_since_ns = (gint64)r->time;
        if (ring->polling && r->object > 0)
            ring->queue_hidden = FALSE;
        break;
    case WEFT_RECORD_READY:
        g_array_append_val(ring->ready, r->subject);
        break;
    case WEFT_RECORD_READY_CANCEL:
    case WEFT_RECORD_CALLBACK_BEGIN:
        drop(ring->ready, sizeof(uint64_t), r->subject);
        break;
    case WEFT_RECORD_ITERATION:
        if (r->site == ring->ready->len)
            ring->queue_hidden = FALSE;
        break;
    case WEFT_RECORD_SNAPSHOT:
        snapshot(o, event);
        break;
    case WEFT_RECORD_TASK_IS:
        told_of_task(o, ring, event);
        if (++ring->told == ring->snapshot)
            the_others_ended(o, event->ring);
        break;
    case WEFT_RECORD_OBJECT_IS:
        told_of_object(o, event);
        break;
    default:
        if (weft_id_kind(r->subject) == WEFT_ENTITY_TASK)
            about_task(o, ring, r);
        else
            about_object(o, r, actor(ring));
    }
}

/* Whether the ring's events are lost from here on. */
static gboolean loses_next(const struct oracle *o, guint32 ring)
{
    gboolean lost = FALSE;
    for (guint i = o->told; i < o->n; i++) {
        const struct program_event *event = &g_array_index(o->program, struct program_event, i);
        if (event->ring != ring)
            continue;
        if (!event->lost)
            return lost;
        lost = TRUE;
    }
    return lost;
}

struct oracle *oracle_new(const GArray *program, guint n)
{
    struct oracle *o = g_new0(struct oracle, 1);
    o->program = program;
    o->n = n;
    o->tasks = g_array_new(FALSE, TRUE, sizeof(struct weft_task_at));
    o->objects = g_array_new(FALSE, TRUE, sizeof(struct weft_object_at));
    o->parties = g_array_new(FALSE, TRUE, sizeof(struct oracle_parties));
    for (guint i = 0; i < PROGRAM_RINGS; i++) {
        o->rings[i].ready = g_array_new(FALSE, TRUE, sizeof(uint64_t));
        o->rings[i].running = g_array_new(FALSE, TRUE, sizeof(uint64_t));
    }
    return o;
}

struct oracle *oracle_new_truth(const GArray *program)
{
    struct oracle *o = oracle_new(program, program->len);
    o->see_all = TRUE;
    return o;
}

static const struct program_event *next_of(const struct oracle *o)
{
    return o->told < o->n ? &g_array_index(o->program, struct program_event, o->told) : NULL;
}

static void tell_next(struct oracle *o)
{
    const struct program_event *event = next_of(o);
    o->told++;
    if (event->lost && !o->see_all)
        return;
    tell(o, event);
    if (!o->see_all && loses_next(o, event->ring))
        hide(o, event->ring);
}

void oracle_go_on(struct oracle *o, gint64 t_ns)
{
    while (next_of(o) && (gint64)next_of(o)->record.time <= t_ns)
        tell_next(o);
}

void oracle_go_on_events(struct oracle *o, guint n)
{
    while (o->told < n)
        tell_next(o);
}

void oracle_free(struct oracle *o)
{
    for (guint i = 0; i < o->parties->len; i++)
        g_array_unref(g_array_index(o->parties, struct oracle_parties, i).at);
    for (guint i = 0; i < PROGRAM_RINGS; i++) {
        g_array_unref(o->rings[i].ready);
        g_array_unref(o->rings[i].running);
    }
    g_array_unref(o->parties);
    g_array_unref(o->objects);
    g_array_unref(o->tasks);
    g_free(o);
}
