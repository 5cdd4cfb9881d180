/* idtable.c: see idtable.h. Linear probing; removal shifts back, so there are no tombstones. */
#include "tracer/trace/idtable.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    HUGE = 2 * 1024 * 1024
}; /* a page of that size spares 512 faults, and as many translations */

/* ---- Pools ---- */

static void pool_init(struct weft_idpool *pool, gsize size)
{
    *pool = (struct weft_idpool){ .size = size };
}

/* In whole cache lines: an item of up to 64 bytes shall lie in one. */
static void pool_grow(struct weft_idpool *pool, guint capacity)
{
    gsize bytes = capacity * pool->size, unit = bytes < HUGE ? 64 : HUGE;
    bytes = (bytes + unit - 1) & ~(unit - 1); /* aligned_alloc takes whole ones */
    char *items = aligned_alloc(unit, bytes);
    if (!items)
        g_error("out of memory for %" G_GSIZE_FORMAT " bytes of state", bytes);
    if (bytes >= HUGE)
        madvise(items, bytes, MADV_HUGEPAGE); /* where there are none, it is slower */
    if (pool->n)
        memcpy(items, pool->items, pool->n * pool->size);
    free(pool->items);
    pool->items = items;
    pool->capacity = capacity;
}

static void pool_copy(struct weft_idpool *to, const struct weft_idpool *from)
{
    *to = (struct weft_idpool){ .size = from->size };
    if (!from->n)
        return;
    pool_grow(to, from->n);
    memcpy(to->items, from->items, from->n * from->size);
    to->n = from->n;
    to->n_free = from->n_free;
    to->first_free = from->first_free;
}

static void pool_finish(struct weft_idpool *pool)
{
    free(pool->items);
}

static void *pool_item(const struct weft_idpool *pool, guint number)
{
    return pool->items + number * pool->size;
}

/* Where a free item says which is the next: behind an entry's id and a block's `used`, which are 0.
 */
static guint32 *next_free(const struct weft_idpool *pool, guint number)
{
    return (guint32 *)pool_item(pool, number) + 3;
}

/* A zeroed item's number. */
static guint pool_take(struct weft_idpool *pool)
{
    guint number = pool->n;
    if (pool->first_free) {
        number = pool->first_free - 1;
        pool->first_free = *next_free(pool, number);
        pool->n_free--;
    } else {
        if (pool->n == pool->capacity)
            pool_grow(pool, MAX(32, pool->capacity * 2));
        pool->n++;
    }
    memset(pool_item(pool, number), 0, pool->size);
    return number;
}

static void pool_give(struct weft_idpool *pool, guint number)
{
    *next_free(pool, number) = pool->first_free;
    pool->first_free = number + 1;
    pool->n_free++;
}

/* ---- The table ---- */

void weft_idtable_init(struct weft_idtable *table, gsize entry_size)
{
    *table = (struct weft_idtable){ .live = 0 };
    pool_init(&table->entries, entry_size > 32 ? (entry_size + 63) & ~(gsize)63 : entry_size);
    pool_init(&table->blocks, sizeof(struct weft_idblock));
}

void weft_idtable_copy(struct weft_idtable *to, const struct weft_idtable *from)
{
    *to = *from;
    pool_copy(&to->entries, &from->entries);
    pool_copy(&to->blocks, &from->blocks);
    to->slots = g_memdup2(from->slots, from->mask ? (from->mask + 1) * sizeof *to->slots : 0);
}

void weft_idtable_finish(struct weft_idtable *table)
{
    pool_finish(&table->entries);
    pool_finish(&table->blocks);
    g_free(table->slots);
}

void weft_idtable_reserve(struct weft_idtable *table, guint n)
{
    if (n > table->entries.capacity)
        pool_grow(&table->entries, n);
}

/* The slot of this key, or the empty one where it belongs. */
static guint find_slot(const struct weft_idtable *table, uint64_t key)
{
    guint s = weft_idtable_slot(table, key);
    while (table->slots[s] && weft_idtable_block(table, table->slots[s] - 1)->key != key)
        s = (s + 1) & table->mask;
    return s;
}

static void rehash(struct weft_idtable *table)
{
    guint size = table->mask ? (table->mask + 1) * 2 : 64;
    g_free(table->slots);
    table->slots = g_new0(guint32, size);
    table->mask = size - 1;
    for (guint i = 0; i < table->blocks.n; i++) {
        const struct weft_idblock *block = weft_idtable_block(table, i);
        guint slot = weft_idtable_slot(table, block->key);
        while (block->used && table->slots[slot]) /* no other one has its key */
            slot = (slot + 1) & table->mask;
        if (block->used)
            table->slots[slot] = i + 1;
    }
}

static struct weft_idblock *find_or_add_block(struct weft_idtable *table, uint64_t key)
{
    struct weft_idblock *last = table->last ? weft_idtable_block(table, table->last - 1) : NULL;
    if (last && last->used && last->key == key) /* ids are counters */
        return last;
    if ((table->blocks.n - table->blocks.n_free + 1) * 4 > table->mask)
        rehash(table);
    guint slot = find_slot(table, key);
    if (!table->slots[slot]) {
        guint number = pool_take(&table->blocks);
        weft_idtable_block(table, number)->key = key;
        table->slots[slot] = number + 1;
    }
    table->last = table->slots[slot];
    return weft_idtable_block(table, table->last - 1);
}

void *weft_idtable_add(struct weft_idtable *table, uint64_t id)
{
    struct weft_idblock *block = find_or_add_block(table, id >> WEFT_IDBLOCK_BITS);
    guint32 *number = &block->numbers[id % WEFT_IDBLOCK_SIZE];
    if (*number)
        return pool_item(&table->entries, *number - 1);
    *number = pool_take(&table->entries) + 1;
    block->used++;
    table->live++;
    uint64_t *entry = pool_item(&table->entries, *number - 1);
    *entry = id;
    return entry;
}

static void remove_block(struct weft_idtable *table, guint hole)
{
    pool_give(&table->blocks, table->slots[hole] - 1);
    for (guint s = (hole + 1) & table->mask; table->slots[s]; s = (s + 1) & table->mask) {
        guint home = weft_idtable_slot(table, weft_idtable_block(table, table->slots[s] - 1)->key);
        /* The block may fill the hole when its home does not lie after the hole, up to s. */
        if (((s - home) & table->mask) >= ((s - hole) & table->mask)) {
            table->slots[hole] = table->slots[s];
            hole = s;
        }
    }
    table->slots[hole] = 0;
}

void weft_idtable_remove(struct weft_idtable *table, uint64_t id)
{
    if (!table->mask)
        return;
    guint slot = find_slot(table, id >> WEFT_IDBLOCK_BITS);
    if (!table->slots[slot])
        return;
    struct weft_idblock *block = weft_idtable_block(table, table->slots[slot] - 1);
    guint32 *number = &block->numbers[id % WEFT_IDBLOCK_SIZE];
    if (!*number)
        return;
    *(uint64_t *)pool_item(&table->entries, *number - 1) = 0;
    pool_give(&table->entries, *number - 1);
    *number = 0;
    table->live--;
    if (--block->used == 0)
        remove_block(table, slot);
}

void weft_idtable_fetch(const struct weft_idtable *table, const uint64_t *ids, guint n)
{
    if (!table->mask)
        return;
    for (guint i = 0; i < n; i++)
        __builtin_prefetch(&table->slots[weft_idtable_slot(table, ids[i] >> WEFT_IDBLOCK_BITS)]);
    for (guint i = 0; i < n; i++) {
        guint block = table->slots[weft_idtable_slot(table, ids[i] >> WEFT_IDBLOCK_BITS)];
        const struct weft_idblock *at = weft_idtable_block(table, block ? block - 1 : 0);
        __builtin_prefetch(&at->key);
        __builtin_prefetch(&at->numbers[ids[i] % WEFT_IDBLOCK_SIZE], 1);
    }
    for (guint i = 0; i < n; i++) {
        guint block = table->slots[weft_idtable_slot(table, ids[i] >> WEFT_IDBLOCK_BITS)];
        const struct weft_idblock *at = weft_idtable_block(table, block ? block - 1 : 0);
        guint number = at->numbers[ids[i] % WEFT_IDBLOCK_SIZE];
        __builtin_prefetch(table->entries.items + (number ? number - 1 : 0) * table->entries.size,
                           1);
    }
}
