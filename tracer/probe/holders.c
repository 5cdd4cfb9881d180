/* holders.c: see holders.h. */
#include "tracer/probe/holders.h"
#include <stdlib.h>

struct holder {
    uint64_t task, units;
    uint32_t number; /* of its slot; 0: the semaphore's own */
};

struct holders { /* as a number in the index, under the id with WEFT_KEY_HOLDERS */
    uint64_t units;
    uint32_t n, room;
    struct holder at[];
};

static struct weft_slots_entry *entry_of(const struct weft_slots *slots, uint64_t id)
{
    return weft_slots_find(slots, id | WEFT_KEY_HOLDERS);
}

static struct holders *list_of(const struct weft_slots_entry *entry)
{
    return entry ? (struct holders *)(uintptr_t)entry->number : NULL;
}

/* The list with room for one more; NULL: no memory. */
static struct holders *with_room(struct weft_slots *slots, uint64_t id)
{
    struct weft_slots_entry *entry = entry_of(slots, id);
    struct holders *list = list_of(entry);
    if (list && list->n < list->room)
        return list;
    uint32_t room = list ? list->room * 2 : 4;
    struct holders *larger = realloc(list, sizeof *larger + room * sizeof larger->at[0]);
    if (!larger)
        return NULL;
    larger->room = room;
    if (entry) {
        entry->number = (uintptr_t)larger;
        return larger;
    }
    larger->n = 0;
    larger->units = 0;
    if (weft_slots_put(slots, id | WEFT_KEY_HOLDERS, (uintptr_t)larger))
        return larger;
    free(larger);
    return NULL;
}

static struct holder *find(struct holders *list, uint64_t task)
{
    for (uint32_t i = list->n; i > 0; i--)
        if (list->at[i - 1].task == task)
            return &list->at[i - 1];
    return NULL;
}

static void fill_slot(struct weft_object_slot *slot, uint64_t id, const struct holder *holder)
{
    uint64_t seq = weft_slot_begin(&slot->seq);
    atomic_store_explicit(&slot->id, id, memory_order_relaxed);
    atomic_store_explicit(&slot->owner, holder->task, memory_order_relaxed);
    atomic_store_explicit(&slot->value, holder->units, memory_order_relaxed);
    atomic_store_explicit(&slot->capacity, 0, memory_order_relaxed);
    atomic_store_explicit(&slot->deadline_mono_ns, 0, memory_order_relaxed);
    atomic_store_explicit(&slot->name_site, 0, memory_order_relaxed);
    atomic_store_explicit(&slot->flags, WEFT_LIVE_HOLDER, memory_order_relaxed);
    weft_slot_end(&slot->seq, seq);
}

/* In its own slot; the semaphore's, when it is the one there. */
static uint64_t show(struct weft_slots *slots, uint64_t owner, uint64_t id,
                     const struct holder *holder)
{
    if (!holder->number)
        return holder->task;
    fill_slot(weft_slots_at(slots, holder->number), id, holder);
    return owner;
}

uint64_t weft_holders_acquire(struct weft_slots *slots, const struct weft_object_slot *semaphore,
                              uint64_t id, uint64_t task)
{
    uint64_t capacity = atomic_load_explicit(&semaphore->capacity, memory_order_relaxed);
    uint64_t owner = atomic_load_explicit(&semaphore->owner, memory_order_relaxed);
    struct holders *list = with_room(slots, id);
    if (!list || !task || list->units >= capacity)
        return owner;
    struct holder *holder = find(list, task);
    if (!holder) {
        uint32_t number = 0;
        if (owner != 0 && !weft_slots_take(slots, WEFT_TABLE_OBJECTS, &number))
            return owner;
        holder = &list->at[list->n++];
        *holder = (struct holder){ task, 0, number };
    }
    list->units++;
    holder->units++;
    return show(slots, owner, id, holder);
}

uint64_t weft_holders_release(struct weft_slots *slots, const struct weft_object_slot *semaphore,
                              uint64_t id, uint64_t task)
{
    uint64_t owner = atomic_load_explicit(&semaphore->owner, memory_order_relaxed);
    struct holders *list = list_of(entry_of(slots, id));
    if (!list || list->n == 0)
        return owner;
    struct holder *holder = find(list, task);
    if (!holder)
        holder = &list->at[list->n - 1];
    list->units--;
    if (--holder->units > 0)
        return show(slots, owner, id, holder);
    if (holder->number)
        weft_slots_give(slots, WEFT_TABLE_OBJECTS, holder->number);
    else
        owner = 0;
    *holder = list->at[--list->n];
    return owner;
}

void weft_holders_join(struct weft_slots *slots, uint64_t group, uint64_t member)
{
    struct holders *list = with_room(slots, group);
    struct holder holder = { .task = member };
    if (!list || !weft_slots_take(slots, WEFT_TABLE_OBJECTS, &holder.number))
        return;
    list->at[list->n++] = holder;
    fill_slot(weft_slots_at(slots, holder.number), group, &holder);
}

bool weft_holders_get(const struct weft_slots *slots, uint64_t id, uint32_t i,
                      struct weft_holding *holding)
{
    const struct holders *list = list_of(entry_of(slots, id));
    if (!list || i >= list->n)
        return false;
    *holding = (struct weft_holding){ list->at[i].task, list->at[i].units };
    return true;
}

void weft_holders_free(struct weft_slots *slots, uint64_t id)
{
    struct weft_slots_entry *entry = entry_of(slots, id);
    if (!entry)
        return;
    struct holders *list = list_of(entry);
    for (uint32_t i = 0; i < list->n; i++)
        if (list->at[i].number)
            weft_slots_give(slots, WEFT_TABLE_OBJECTS, list->at[i].number);
    free(list);
    weft_slots_take_out(slots, entry);
}
