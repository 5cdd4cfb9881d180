/* snapshot.c: see snapshot.h. What it reads of a slot goes into events only. */
#include "tracer/probe/snapshot.h"
#include "tracer/probe/holders.h"
#include "tracer/probe/inside.h"
#include <stdlib.h>
#include <string.h>

enum { SHARE = 4 }; /* a quarter of the ring, at most: the rest is for what happens */

static uint64_t get(const _Atomic uint64_t *word)
{
    return atomic_load_explicit(word, memory_order_relaxed);
}

static uint64_t emit(struct weft_writer *w, uint64_t time, struct weft_record as, const void *ext)
{
    uint64_t words[4];
    memcpy(words, ext, sizeof words);
    return weft_ring_emit(w, time, as.kind, as.detail, as.site, as.subject, as.object, words);
}

/* How many ns ago that was. */
static uint64_t age(uint64_t since, uint64_t now)
{
    if (since == 0 || since >= now)
        return 0;
    return (uint64_t)((double)(now - since) * weft_session_ns_a_tick());
}

/* ---- Objects ---- */

static uint64_t tell_holders(struct weft_writer *w, uint64_t time, uint64_t object)
{
    struct weft_holding holding;
    for (uint32_t i = 0; weft_holders_get(&w->slots, object, i, &holding); i++) {
        struct weft_ext_object ext = { .units = (uint32_t)holding.units };
        struct weft_record holder = { .kind = WEFT_RECORD_OBJECT_IS,
                                      .detail = WEFT_TOLD_OBJECT_HOLDER,
                                      .subject = object,
                                      .object = holding.party };
        time = emit(w, time, holder, &ext);
    }
    return time;
}

static uint64_t tell_object(struct weft_writer *w, uint64_t time, uint64_t id,
                            const struct weft_object_slot *slot)
{
    bool lock = weft_id_kind(id) == WEFT_ENTITY_LOCK;
    uint64_t name_site = get(&slot->name_site);
    bool expired = get(&slot->flags) & WEFT_LIVE_EXPIRED;
    struct weft_record is = { .kind = WEFT_RECORD_OBJECT_IS,
                              .detail = expired ? WEFT_TOLD_OBJECT_EXPIRED : WEFT_TOLD_OBJECT_NONE,
                              .site = (uint32_t)name_site,
                              .subject = id,
                              .object = get(&slot->owner) };
    uint64_t deadline = get(&slot->deadline_mono_ns);
    struct weft_ext_object ext = { .value = (int64_t)get(&slot->value),
                                   .capacity = get(&slot->capacity),
                                   .deadline_mono_ns = lock ? age(deadline, time) : deadline,
                                   .name = (uint32_t)(name_site >> 32) };
    return tell_holders(w, emit(w, time, is, &ext), id);
}

static uint64_t tell_objects(struct weft_writer *w, uint64_t time)
{
    const struct weft_slots *slots = &w->slots;
    for (uint32_t i = 0; i <= slots->mask; i++) {
        uint64_t key = slots->index[i].key;
        if (key && !(key & (WEFT_KEY_NAME | WEFT_KEY_HOLDERS)) &&
            weft_id_kind(key) != WEFT_ENTITY_TASK)
            time = tell_object(w, time, key, weft_slots_at(slots, slots->index[i].number));
    }
    return time;
}

/* ---- Tasks ---- */

struct found {
    uint64_t id, since; /* since: of one that is ready */
    const struct weft_task_slot *slot;
};

static int by_since(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    if (x->since != y->since)
        return x->since < y->since ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static uint64_t tell_task(struct weft_writer *w, uint64_t time, const struct found *found)
{
    uint64_t made = get(&found->slot->name_made), state = get(&found->slot->site_state);
    struct weft_record is = { .kind = WEFT_RECORD_TASK_IS,
                              .detail = (uint8_t)(state >> 24),
                              .site = (uint32_t)(state >> 32),
                              .subject = found->id,
                              .object = get(&found->slot->other) };
    struct weft_ext_task ext = { .parent = get(&found->slot->parent),
                                 .group = get(&found->slot->group),
                                 .name = (uint32_t)(made >> 32),
                                 .made = (uint32_t)made,
                                 .why = (uint8_t)(state >> 16),
                                 .cancels = (uint8_t)(state >> 8),
                                 .delivered = state & WEFT_LIVE_DELIVERED };
    weft_age_set(&ext, age(get(&found->slot->since), time));
    return emit(w, time, is, &ext);
}

static void tell_tasks(struct weft_writer *w, uint64_t time, struct found *found, uint32_t room)
{
    const struct weft_slots *slots = &w->slots;
    uint32_t n = 0;
    for (uint32_t i = 0; i <= slots->mask && n < room; i++) {
        uint64_t key = slots->index[i].key;
        if (weft_id_kind(key) != WEFT_ENTITY_TASK)
            continue;
        const struct weft_task_slot *slot = weft_slots_at(slots, slots->index[i].number);
        bool ready = (get(&slot->site_state) >> 24 & 0xff) == WEFT_LIVE_READY;
        found[n++] = (struct found){ key, ready ? get(&slot->since) : 0, slot };
    }
    qsort(found, n, sizeof *found, by_since);
    for (uint32_t i = 0; i < n; i++)
        time = tell_task(w, time, &found[i]);
}

/* ---- All ---- */

void weft_snapshot_emit(struct weft_writer *w, uint64_t time)
{
    const struct weft_slots_pool *tasks = &w->slots.pools[WEFT_TABLE_TASKS - 1];
    const struct weft_slots_pool *objects = &w->slots.pools[WEFT_TABLE_OBJECTS - 1];
    uint64_t slots = UINT64_C(2) * (tasks->live + (uint64_t)objects->live);
    if (!w->slots.index || !weft_writer_records(w) || tasks->unlisted || objects->unlisted ||
        slots * SHARE > w->n * WEFT_CHUNK_SLOTS)
        return;
    weft_table_intern_names(w);
    struct found *found = malloc((tasks->live + 1) * sizeof *found);
    if (!found)
        return;
    time = tell_objects(w, time);
    tell_tasks(w, time, found, tasks->live);
    free(found);
}
