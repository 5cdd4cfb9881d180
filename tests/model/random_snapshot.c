/* random_snapshot.c: see random_snapshot.h. What is told is what the oracle knows who sees all. */
#include "tests/model/random_snapshot.h"
#include "tests/model/oracle.h"
#include "tracer/probe/table.h"
#include <string.h>

struct telling {
    const struct oracle *truth;
    GArray *to;
    const struct program_event *at; /* which the snapshot comes before */
};

static void append(const struct telling *t, struct weft_record record, const void *ext)
{
    struct program_event event = { .ring = t->at->ring, .record = record };
    event.record.time = t->at->record.time;
    if (ext) {
        memcpy(&event.ext, ext, sizeof event.ext);
        event.record.flags = WEFT_RECORD_EXT;
    }
    g_array_append_val(t->to, event);
}

static uint64_t group_of(const struct oracle *truth, uint64_t task)
{
    for (guint i = 0; i < truth->parties->len; i++) {
        const struct oracle_parties *of = &g_array_index(truth->parties, struct oracle_parties, i);
        for (guint k = 0; k < of->at->len && weft_id_kind(of->object) == WEFT_ENTITY_GROUP; k++)
            if (g_array_index(of->at, struct weft_party, k).id == task)
                return of->object;
    }
    return 0;
}

/* A task says itself which group it is in, the first, and nobody of one that is freed. */
static void tell_party(const struct telling *t, uint64_t object, const struct weft_party *party)
{
    struct weft_ext_object ext = { .units = party->units };
    gboolean group = weft_id_kind(object) == WEFT_ENTITY_GROUP;
    if (group && (!oracle_task(t->truth, party->id) || group_of(t->truth, party->id) == object))
        return;
    append(t,
           (struct weft_record){ .kind = WEFT_RECORD_OBJECT_IS,
                                 .detail = WEFT_TOLD_OBJECT_HOLDER,
                                 .subject = object,
                                 .object = party->id },
           &ext);
}

static void tell_object(const struct telling *t, const struct weft_object_at *object)
{
    const struct oracle_parties *parties = oracle_parties(t->truth, object->id);
    struct weft_ext_object ext = { .value = object->value,
                                   .capacity = object->capacity,
                                   .deadline_mono_ns = (uint64_t)object->deadline_mono_ns,
                                   .name = object->name };
    append(t,
           (struct weft_record){ .kind = WEFT_RECORD_OBJECT_IS,
                                 .detail = object->done ? WEFT_TOLD_OBJECT_EXPIRED : 0,
                                 .site = object->site,
                                 .subject = object->id,
                                 .object = object->owner },
           &ext);
    for (guint i = 0; parties && i < parties->at->len; i++)
        tell_party(t, object->id, &g_array_index(parties->at, struct weft_party, i));
}

static void tell_task(const struct telling *t, const struct weft_task_at *task)
{
    struct weft_ext_task ext = { .parent = task->parent,
                                 .group = group_of(t->truth, task->id),
                                 .name = task->name,
                                 .made = task->created_site,
                                 .why = task->detail,
                                 .cancels = task->cancelling,
                                 .delivered = task->delivered };
    weft_age_set(&ext, t->at->record.time - (uint64_t)task->since_ns);
    append(t,
           (struct weft_record){ .kind = WEFT_RECORD_TASK_IS,
                                 .detail = task->state,
                                 .site = task->site,
                                 .subject = task->id,
                                 .object = task->other },
           &ext);
}

static guint tasks_of(const struct oracle *truth, guint32 ring)
{
    guint n = 0;
    for (guint i = 0; i < truth->tasks->len; i++)
        n += weft_id_ring(g_array_index(truth->tasks, struct weft_task_at, i).id) == ring;
    return n;
}

static void tell_all(const struct telling *t)
{
    guint32 ring = t->at->ring;
    const GArray *ready = t->truth->rings[ring].ready;
    append(t,
           (struct weft_record){ .kind = WEFT_RECORD_SNAPSHOT,
                                 .subject = weft_id(WEFT_ENTITY_LOOP, ring, 1),
                                 .object = tasks_of(t->truth, ring) },
           NULL);
    for (guint i = 0; i < t->truth->objects->len; i++) {
        const struct weft_object_at *object = &g_array_index(t->truth->objects,
                                                             struct weft_object_at, i);
        if (weft_id_ring(object->id) == ring && weft_table_has(weft_id_kind(object->id)))
            tell_object(t, object);
    }
    for (guint i = 0; i < t->truth->tasks->len; i++) {
        const struct weft_task_at *task = &g_array_index(t->truth->tasks, struct weft_task_at, i);
        if (weft_id_ring(task->id) == ring && task->state != WEFT_STATE_READY)
            tell_task(t, task);
    }
    for (guint i = 0; i < ready->len; i++) {
        const struct weft_task_at *task = oracle_task(t->truth, g_array_index(ready, uint64_t, i));
        if (task)
            tell_task(t, task);
    }
}

GArray *random_snapshots(GArray *events, guint32 seed)
{
    enum { SELDOM = 200, OFTEN = 2 };
    GRand *rand = g_rand_new_with_seed(seed + 2);
    struct oracle *truth = oracle_new_truth(events);
    GArray *all = g_array_new(FALSE, TRUE, sizeof(struct program_event));
    gboolean lost[PROGRAM_RINGS] = { FALSE };
    for (guint i = 0; i < events->len; i++) {
        struct program_event *event = &g_array_index(events, struct program_event, i);
        gint one_in = lost[event->ring] ? OFTEN : SELDOM;
        lost[event->ring] |= event->lost;
        if (event->record.kind == WEFT_RECORD_POLL_END && !event->lost &&
            g_rand_int_range(rand, 0, one_in) == 0) {
            struct telling telling = { truth, all, event };
            tell_all(&telling);
            lost[event->ring] = FALSE;
        }
        oracle_go_on_events(truth, i + 1);
        g_array_append_val(all, *event);
    }
    oracle_free(truth);
    g_rand_free(rand);
    g_array_unref(events);
    return all;
}
