/* snapshot.c: what the events behind a SNAPSHOT do to the state. See state.h and probe/snapshot.h.
 *
 * A task that is known stays as it is: what is told of it is no news. Of an object everything is
 * told, but that the members of a group that are tasks say themselves that they are.
 *
 * Each says for how long it has been so: from before the snapshot on, seldom from its time.
 *
 * SNAPSHOT says how many tasks live. Once so many were told of, which come last, whatever is not
 * known has ended: neither its end was seen, nor does it live. */
#include "tracer/probe/table.h"
#include "tracer/trace/parties.h"
#include "tracer/trace/replayer.h"
#include <string.h>

/* ---- Tasks ---- */

/* Of a group that was told of just before. */
static void join_again(weft_state *state, uint64_t group, uint64_t task)
{
    struct weft_party member = { .id = task };
    if (weft_id_kind(group) == WEFT_ENTITY_GROUP && weft_state_object(state, group) &&
        !weft_parties_hidden(state, group))
        weft_state_put_party(state, group, &member);
}

static gboolean tells_of_task(uint32_t ring, const struct weft_record *record)
{
    return weft_id_kind(record->subject) == WEFT_ENTITY_TASK &&
           weft_id_ring(record->subject) == ring && record->detail != WEFT_TOLD_NONE &&
           record->detail != WEFT_TOLD_RUNNING && record->detail < WEFT_TOLD_END;
}

/* All were told of: tasks that are still unknown, and objects as they were before, are gone. */
static void remove_untold(weft_state *state, uint32_t ring, gboolean objects)
{
    for (guint i = 0; i < weft_idtable_n(&state->tasks); i++) {
        const struct weft_task_at *task = weft_idtable_at(&state->tasks, i);
        if (task && weft_id_ring(task->id) == ring && task->state == WEFT_STATE_UNKNOWN)
            weft_state_remove_task(state, ring, task->id);
    }
    for (guint i = 0; objects && i < weft_idtable_n(&state->objects); i++) {
        const struct weft_object_at *object = weft_idtable_at(&state->objects, i);
        if (!object || !object->stale || weft_id_ring(object->id) != ring ||
            !weft_table_has(weft_id_kind(object->id)))
            continue;
        if (weft_has_parties(object->id))
            weft_parties_forget(state, object->id);
        weft_idtable_remove(&state->objects, object->id);
    }
}

/* Its objects come behind it, also when there is no task. */
static void apply_begin(weft_state *state, uint32_t index, const struct weft_record *record)
{
    struct weft_ring_state *ring = weft_state_ring(state, index);
    ring->untold = record->object;
    ring->queue_unknown = TRUE; /* of callbacks nothing is told */
    if (ring->untold == 0)
        remove_untold(state, index, FALSE);
}

static void count_told(weft_state *state, uint32_t index)
{
    struct weft_ring_state *ring = weft_state_ring(state, index);
    if (ring->untold > 0 && --ring->untold == 0)
        remove_untold(state, index, TRUE);
}

static gint64 ago(const struct weft_record *record, gint64 ns)
{
    gint64 then;
    return __builtin_sub_overflow((gint64)record->time, ns, &then) ? (gint64)record->time : then;
}

static void apply_task(weft_state *state, const struct weft_record *record,
                       const struct weft_ext_task *ext)
{
    const struct weft_task_at *known = weft_state_task(state, record->subject);
    gint64 since_ns = ago(record, weft_age(ext));
    struct weft_task_at task = { .id = record->subject, .created_ns = since_ns };
    join_again(state, ext->group, task.id);
    if (known && known->state != WEFT_STATE_UNKNOWN)
        return;
    if (known)
        task = *known;
    task.state = record->detail;
    task.since_ns = since_ns;
    task.detail = task.state == WEFT_STATE_NEW ? 0 : ext->why;
    task.other = task.state == WEFT_STATE_NEW ? 0 : record->object;
    task.parent = ext->parent;
    task.name = ext->name;
    task.created_site = ext->made;
    task.site = record->site;
    task.cancelling = ext->cancels;
    task.delivered = ext->delivered != 0;
    weft_state_put_task(state, &task);
}

/* ---- Objects ---- */

static void apply_object(weft_state *state, const struct weft_record *record,
                         const struct weft_ext_object *ext)
{
    const struct weft_object_at *known = weft_state_object(state, record->subject);
    struct weft_object_at object = { .id = record->subject,
                                     .owner = record->object,
                                     .value = ext->value,
                                     .deadline_mono_ns = (gint64)ext->deadline_mono_ns,
                                     .capacity = ext->capacity,
                                     .name = ext->name,
                                     .site = record->site,
                                     .done = record->detail == WEFT_TOLD_OBJECT_EXPIRED };
    if (weft_id_kind(object.id) == WEFT_ENTITY_LOCK) {
        gint64 held_ns = (gint64)MIN(ext->deadline_mono_ns, G_MAXINT64);
        object.deadline_mono_ns = 0;
        object.since_ns = object.owner && held_ns ? ago(record, held_ns) : 0;
    }
    if (known && known->owner == object.owner && known->since_ns)
        object.since_ns = known->since_ns;
    weft_state_put_object(state, &object);
    if (weft_has_parties(object.id))
        weft_parties_forget(state, object.id); /* they follow */
    if (weft_id_kind(object.id) == WEFT_ENTITY_GROUP)
        weft_parties_of(state, object.id)->ended = object.capacity;
}

static void apply_holder(weft_state *state, const struct weft_record *record,
                         const struct weft_ext_object *ext)
{
    struct weft_party holder = { .id = record->object, .units = ext->units };
    if (weft_has_parties(record->subject) && weft_state_object(state, record->subject) &&
        !weft_parties_hidden(state, record->subject))
        weft_state_put_party(state, record->subject, &holder);
}

void weft_state_apply_snapshot(weft_state *state, uint32_t ring, const struct weft_record *record,
                               const struct weft_record *ext)
{
    unsigned kind = weft_id_kind(record->subject);
    if (record->kind == WEFT_RECORD_SNAPSHOT)
        apply_begin(state, ring, record);
    if (!ext)
        return;
    if (record->kind == WEFT_RECORD_TASK_IS) {
        struct weft_ext_task task;
        memcpy(&task, ext, sizeof task);
        if (tells_of_task(ring, record)) {
            apply_task(state, record, &task);
            count_told(state, ring);
        }
        return;
    }
    if (record->kind != WEFT_RECORD_OBJECT_IS)
        return;
    struct weft_ext_object object;
    memcpy(&object, ext, sizeof object);
    if (kind == WEFT_ENTITY_TASK || kind >= WEFT_ENTITY_END || !weft_table_has(kind))
        return;
    if (record->detail == WEFT_TOLD_OBJECT_HOLDER)
        apply_holder(state, record, &object);
    else
        apply_object(state, record, &object);
}
