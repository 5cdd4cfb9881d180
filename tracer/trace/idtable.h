/* idtable.h: entries found by entity id: what the state replayer keeps its tasks and objects in.
 *
 *      slots:    | . | 2 | . | . | 1 | . | ...         hash of id / 16; block number + 1, 0 = empty
 *      blocks:   | key, used, entry of each of 16 ids | ...
 *      entries:  | entry 0 | entry 1 | (free) | ...    by value; each begins with its uint64_t id
 *
 * Ids are counters, so those that live together are neighbours: a block is found with one probe
 * nearly always, and its 16 ids share two cache lines. A removed entry has id 0 and is used again.
 * Entries move only when one is added. Thread: one. */
#ifndef WEFT_TRACE_IDTABLE_H
#define WEFT_TRACE_IDTABLE_H

#include <glib.h>
#include <stdint.h>

enum {
    WEFT_IDBLOCK_BITS = 4,
    WEFT_IDBLOCK_SIZE = 1 << WEFT_IDBLOCK_BITS,
    WEFT_IDENTRY_MIN = 16, /* bytes: what a free one needs */
};

struct weft_idblock {
    uint64_t key;                       /* of its ids: id / 16 */
    guint used;                         /* 0: free */
    guint32 numbers[WEFT_IDBLOCK_SIZE]; /* entry number + 1, 0 = none */
};

struct weft_idpool { /* an array of things of one size; those that are free form a list */
    char *items;
    gsize size; /* of one */
    guint n, capacity;
    guint n_free;
    guint32 first_free; /* number + 1, 0 = none */
};

struct weft_idtable {
    struct weft_idpool entries, blocks;
    guint32 *slots;
    guint mask; /* slots - 1, a power of two minus one; 0 while there are none */
    guint live; /* entries */
    guint last; /* number + 1 of the block added to last; 0: none yet */
};

/* entry_size is WEFT_IDENTRY_MIN at least. */
void weft_idtable_init(struct weft_idtable *table, gsize entry_size);
void weft_idtable_copy(struct weft_idtable *to, const struct weft_idtable *from);
void weft_idtable_finish(struct weft_idtable *table);

/* Bytes held. */
static inline gsize weft_idtable_memory(const struct weft_idtable *table)
{
    return table->entries.capacity * table->entries.size +
           table->blocks.capacity * table->blocks.size +
           (table->mask ? (table->mask + (gsize)1) * sizeof *table->slots : 0);
}

/* Makes room for n entries at once, in an empty table. */
void weft_idtable_reserve(struct weft_idtable *table, guint n);

static inline guint weft_idtable_slot(const struct weft_idtable *table, uint64_t key)
{
    return (guint)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & table->mask;
}

static inline struct weft_idblock *weft_idtable_block(const struct weft_idtable *table,
                                                      guint number)
{
    return (struct weft_idblock *)(void *)table->blocks.items + number;
}

/* NULL when there is none. Valid until the next add. */
static inline void *weft_idtable_find(const struct weft_idtable *table, uint64_t id)
{
    if (G_UNLIKELY(!table->mask))
        return NULL;
    uint64_t key = id >> WEFT_IDBLOCK_BITS;
    for (guint s = weft_idtable_slot(table, key); table->slots[s]; s = (s + 1) & table->mask) {
        const struct weft_idblock *block = weft_idtable_block(table, table->slots[s] - 1);
        if (block->key != key)
            continue;
        guint number = block->numbers[id % WEFT_IDBLOCK_SIZE];
        return number ? table->entries.items + (number - 1) * table->entries.size : NULL;
    }
    return NULL;
}

/* Whether its entries are too many for the near cache. */
static inline gboolean weft_idtable_is_large(const struct weft_idtable *table)
{
    return table->entries.n * table->entries.size > 128 * 1024;
}

/* Fetches the entries of ids that will soon be looked for, all together: each step has its lines in
 * the cache when it reads them. */
void weft_idtable_fetch(const struct weft_idtable *table, const uint64_t *ids, guint n);

/* The entry of this id, zeroed but for its id when it is new. id is not 0. */
void *weft_idtable_add(struct weft_idtable *table, uint64_t id);
void weft_idtable_remove(struct weft_idtable *table, uint64_t id); /* absent is fine */

/* How many entries there are or were: for weft_idtable_at. */
static inline guint weft_idtable_n(const struct weft_idtable *table)
{
    return table->entries.n;
}

/* Entry i < weft_idtable_n(); NULL when it is free. */
static inline void *weft_idtable_at(const struct weft_idtable *table, guint i)
{
    void *entry = table->entries.items + i * table->entries.size;
    return *(uint64_t *)entry ? entry : NULL;
}

#endif
