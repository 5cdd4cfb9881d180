/* slots.h: one writer's slots in the live tables, found by id: private memory, beside the segment.
 *
 *   index:  key -> number        open addressing, linear probing, at most 2/3 full
 *   number: block:22 | slot:10   of this writer's blocks, which lie anywhere in the segment
 *   free:   a stack of numbers for each kind of slot, over those that were never used
 *
 * A key is an entity's id, or that with a bit above all kinds of entities: its name's slot, its
 * list of holders. Nothing here is read from the segment. Thread: the writer's. */
#ifndef WEFT_PROBE_SLOTS_H
#define WEFT_PROBE_SLOTS_H

#include "tracer/probe/table.h"
#include <stdbool.h>
#include <stddef.h>

struct weft_segment_file;

#define WEFT_KEY_NAME    (UINT64_C(1) << 63)
#define WEFT_KEY_HOLDERS (UINT64_C(1) << 62)

struct weft_slots_entry {
    uint64_t key;    /* 0: empty */
    uint64_t number; /* or, of holders, an address */
};

struct weft_slots_pool { /* of one kind */
    uint32_t *free;
    uint32_t n_free, room; /* room: as many as there are slots */
    uint32_t fresh, end;   /* numbers that were never used */
    uint32_t live;
    uint32_t unlisted; /* live, but without a slot */
    uint32_t refusals; /* since there was no room for a block */
};

struct weft_slots_block {
    char *base;
    uint32_t number; /* in the segment's directory of tables */
};

struct weft_slots {
    struct weft_slots_entry *index; /* NULL: nothing yet */
    uint32_t shift, mask, n;
    struct weft_slots_block *blocks;
    uint32_t n_blocks, room;
    struct weft_slots_pool pools[WEFT_TABLE_NAMES]; /* by kind - 1 */
    struct weft_segment_file *file;                 /* NULL: no tables */
    uint32_t ring;
};

/* Ids are counters, so those that are made together are looked for together: eight of them have
 * their homes side by side, in two cache lines or three. */
static inline uint32_t weft_slots_home(const struct weft_slots *slots, uint64_t key)
{
    uint32_t spread = (uint32_t)((key >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> slots->shift);
    return (spread & ~UINT32_C(7)) | (key & 7);
}

/* NULL: not there. */
static inline struct weft_slots_entry *weft_slots_find(const struct weft_slots *slots, uint64_t key)
{
    if (!slots->index)
        return NULL;
    for (uint32_t i = weft_slots_home(slots, key);; i = (i + 1) & slots->mask) {
        struct weft_slots_entry *entry = &slots->index[i];
        if (entry->key == key)
            return entry;
        if (!entry->key)
            return NULL;
    }
}

static inline void *weft_slots_at(const struct weft_slots *slots, uint64_t number)
{
    return slots->blocks[number >> 10].base + (number & 1023) * WEFT_TABLE_SLOT;
}

static inline void *weft_slots_get(const struct weft_slots *slots, uint64_t key)
{
    const struct weft_slots_entry *entry = weft_slots_find(slots, key);
    return entry ? weft_slots_at(slots, entry->number) : NULL;
}

/* Any free slot of this kind, its id 0. False: there is no room. */
bool weft_slots_take(struct weft_slots *slots, enum weft_table_kind kind, uint32_t *number);
/* Frees it, in the segment too. */
void weft_slots_give(struct weft_slots *slots, enum weft_table_kind kind, uint32_t number);

/* One for a key that is not there yet; NULL: there is no room, and it is counted as unlisted. */
void *weft_slots_add(struct weft_slots *slots, enum weft_table_kind kind, uint64_t key);
/* Its key is gone, and its slot is free. */
void weft_slots_remove(struct weft_slots *slots, enum weft_table_kind kind,
                       struct weft_slots_entry *entry);
/* Something that has no slot is gone. */
void weft_slots_remove_unlisted(struct weft_slots *slots, enum weft_table_kind kind);

/* Keys that name no slot: any number may go with them. */
bool weft_slots_put(struct weft_slots *slots, uint64_t key, uint64_t number);
void weft_slots_take_out(struct weft_slots *slots, struct weft_slots_entry *entry);

/* What a slot of names is called in other slots. */
uint32_t weft_slots_public_number(const struct weft_slots *slots, uint64_t number);

/* Frees them all, but for what keys that name no slot stand for: the ring's owner is gone. */
void weft_slots_clear(struct weft_slots *slots);

#endif
