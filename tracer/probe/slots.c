/* slots.c: see slots.h. */
#include "tracer/probe/slots.h"
#include "tracer/probe/segment.h"
#include <stdlib.h>
#include <string.h>

enum {
    INDEX_BITS = 7,   /* of the first index: 128 entries */
    TRY_AGAIN = 4096, /* slots that were refused, until room for a block is looked for again */
};

/* ---- Index ---- */

static void place(struct weft_slots *slots, uint64_t key, uint64_t number)
{
    uint32_t i = weft_slots_home(slots, key);
    while (slots->index[i].key)
        i = (i + 1) & slots->mask;
    slots->index[i] = (struct weft_slots_entry){ key, number };
}

static bool grow_index(struct weft_slots *slots)
{
    uint32_t bits = slots->index ? 64 - slots->shift + 1 : INDEX_BITS;
    struct weft_slots_entry *old = slots->index;
    uint32_t old_size = old ? slots->mask + 1 : 0;
    struct weft_slots_entry *index = bits < 32 ? calloc((size_t)1 << bits, sizeof *index) : NULL;
    if (!index)
        return false;
    slots->index = index;
    slots->shift = 64 - bits;
    slots->mask = ((uint32_t)1 << bits) - 1;
    for (uint32_t i = 0; i < old_size; i++)
        if (old[i].key)
            place(slots, old[i].key, old[i].number);
    free(old);
    return true;
}

bool weft_slots_put(struct weft_slots *slots, uint64_t key, uint64_t number)
{
    if ((!slots->index || slots->n >= slots->mask / 3 * 2) && !grow_index(slots))
        return false;
    place(slots, key, number);
    slots->n++;
    return true;
}

/* Moves up what lies behind the hole and would not be found over it. */
void weft_slots_take_out(struct weft_slots *slots, struct weft_slots_entry *entry)
{
    uint32_t hole = (uint32_t)(entry - slots->index);
    for (uint32_t i = (hole + 1) & slots->mask; slots->index[i].key; i = (i + 1) & slots->mask) {
        uint32_t home = weft_slots_home(slots, slots->index[i].key);
        if (((i - home) & slots->mask) < ((i - hole) & slots->mask))
            continue;
        slots->index[hole] = slots->index[i];
        hole = i;
    }
    slots->index[hole] = (struct weft_slots_entry){ 0, 0 };
    slots->n--;
}

/* ---- Blocks ---- */

static bool make_room(struct weft_slots *slots, struct weft_slots_pool *pool)
{
    if (slots->n_blocks == slots->room) {
        uint32_t room = slots->room ? slots->room * 2 : 4;
        void *blocks = realloc(slots->blocks, room * sizeof *slots->blocks);
        if (!blocks)
            return false;
        slots->blocks = blocks;
        slots->room = room;
    }
    uint32_t slots_then = pool->live + pool->n_free + WEFT_TABLE_SLOTS;
    if (pool->room >= slots_then)
        return true; /* it was made before, and then there was no block */
    void *free = realloc(pool->free, slots_then * sizeof *pool->free);
    if (!free)
        return false;
    pool->free = free;
    pool->room = slots_then;
    return true;
}

static bool add_block(struct weft_slots *slots, enum weft_table_kind kind)
{
    struct weft_slots_pool *pool = &slots->pools[kind - 1];
    if (pool->refusals > 0 && ++pool->refusals % TRY_AGAIN != 0)
        return false;
    uint32_t number;
    struct weft_table_block *block = NULL;
    if (slots->file && make_room(slots, pool))
        block = weft_segment_add_block(slots->file, kind, slots->ring, &number);
    if (!block) {
        pool->refusals += pool->refusals == 0;
        return false;
    }
    pool->refusals = 0;
    pool->fresh = (slots->n_blocks << 10) + 1;
    pool->end = (slots->n_blocks + 1) << 10;
    slots->blocks[slots->n_blocks++] = (struct weft_slots_block){ (char *)block, number };
    return true;
}

bool weft_slots_take(struct weft_slots *slots, enum weft_table_kind kind, uint32_t *number)
{
    struct weft_slots_pool *pool = &slots->pools[kind - 1];
    if (pool->n_free > 0) {
        *number = pool->free[--pool->n_free];
    } else {
        if (pool->fresh == pool->end && !add_block(slots, kind))
            return false;
        *number = pool->fresh++;
        struct weft_table_block *block = weft_slots_at(slots, *number & ~UINT64_C(1023));
        atomic_store_explicit(&block->used, *number & 1023, memory_order_release);
    }
    pool->live++;
    return true;
}

void weft_slots_give(struct weft_slots *slots, enum weft_table_kind kind, uint32_t number)
{
    struct weft_slots_pool *pool = &slots->pools[kind - 1];
    _Atomic uint64_t *words = weft_slots_at(slots, number);
    uint64_t seq = weft_slot_begin(&words[0]);
    atomic_store_explicit(&words[1], 0, memory_order_relaxed); /* every slot's id */
    weft_slot_end(&words[0], seq);
    pool->free[pool->n_free++] = number;
    pool->live--;
}

static _Atomic uint64_t *unlisted(const struct weft_slots *slots, enum weft_table_kind kind)
{
    return kind == WEFT_TABLE_TASKS ? &slots->file->tables->unlisted_tasks
                                    : &slots->file->tables->unlisted_objects;
}

void *weft_slots_add(struct weft_slots *slots, enum weft_table_kind kind, uint64_t key)
{
    uint32_t number;
    if (weft_slots_take(slots, kind, &number)) {
        if (weft_slots_put(slots, key, number))
            return weft_slots_at(slots, number);
        weft_slots_give(slots, kind, number);
    }
    if (slots->file && kind != WEFT_TABLE_NAMES) {
        slots->pools[kind - 1].unlisted++;
        atomic_fetch_add_explicit(unlisted(slots, kind), 1, memory_order_relaxed);
    }
    return NULL;
}

void weft_slots_remove(struct weft_slots *slots, enum weft_table_kind kind,
                       struct weft_slots_entry *entry)
{
    weft_slots_give(slots, kind, (uint32_t)entry->number);
    weft_slots_take_out(slots, entry);
}

static void forget_unlisted(struct weft_slots *slots, enum weft_table_kind kind, uint32_t n)
{
    slots->pools[kind - 1].unlisted -= n;
    if (n)
        atomic_fetch_sub_explicit(unlisted(slots, kind), n, memory_order_relaxed);
}

void weft_slots_remove_unlisted(struct weft_slots *slots, enum weft_table_kind kind)
{
    forget_unlisted(slots, kind, slots->pools[kind - 1].unlisted > 0);
}

uint32_t weft_slots_public_number(const struct weft_slots *slots, uint64_t number)
{
    return WEFT_NAME_SLOT | slots->blocks[number >> 10].number << 10 | (uint32_t)(number & 1023);
}

static enum weft_table_kind kind_of(uint64_t key)
{
    if (key & WEFT_KEY_NAME)
        return WEFT_TABLE_NAMES;
    return weft_id_kind(key) == WEFT_ENTITY_TASK ? WEFT_TABLE_TASKS : WEFT_TABLE_OBJECTS;
}

void weft_slots_clear(struct weft_slots *slots)
{
    for (uint32_t i = 0; slots->index && i <= slots->mask; i++) {
        struct weft_slots_entry *entry = &slots->index[i];
        if (entry->key && !(entry->key & WEFT_KEY_HOLDERS))
            weft_slots_give(slots, kind_of(entry->key), (uint32_t)entry->number);
        *entry = (struct weft_slots_entry){ 0, 0 };
    }
    slots->n = 0;
    for (enum weft_table_kind kind = WEFT_TABLE_TASKS; kind <= WEFT_TABLE_OBJECTS; kind++)
        forget_unlisted(slots, kind, slots->pools[kind - 1].unlisted);
}
