/* idtable.c: see idtable.h. Linear probing; removal shifts back, so there are no tombstones. */
#include "tracer/trace/idtable.h"
#include <string.h>

static guint slot_of(const struct weft_idtable *table, uint64_t id)
{
    uint64_t h = id * UINT64_C(0x9e3779b97f4a7c15);
    return (guint)(h >> 32) & table->mask;
}

static void *entry_at(const struct weft_idtable *table, guint number)
{
    return table->entries + number * table->entry_size;
}

static uint64_t id_at(const struct weft_idtable *table, guint number)
{
    return *(uint64_t *)entry_at(table, number);
}

void weft_idtable_init(struct weft_idtable *table, gsize entry_size)
{
    *table = (struct weft_idtable){ .entry_size = entry_size };
}

void weft_idtable_copy(struct weft_idtable *to, const struct weft_idtable *from)
{
    *to = *from;
    to->capacity = from->n;
    to->entries = g_memdup2(from->entries, from->n * from->entry_size);
    to->slots = g_memdup2(from->slots, from->mask ? (from->mask + 1) * sizeof *to->slots : 0);
}

void weft_idtable_finish(struct weft_idtable *table)
{
    g_free(table->entries);
    g_free(table->slots);
    weft_idtable_init(table, table->entry_size);
}

void *weft_idtable_find(const struct weft_idtable *table, uint64_t id)
{
    if (!table->mask)
        return NULL;
    for (guint s = slot_of(table, id); table->slots[s]; s = (s + 1) & table->mask)
        if (id_at(table, table->slots[s] - 1) == id)
            return entry_at(table, table->slots[s] - 1);
    return NULL;
}

static void insert(struct weft_idtable *table, uint64_t id, guint number)
{
    guint s = slot_of(table, id);
    while (table->slots[s])
        s = (s + 1) & table->mask;
    table->slots[s] = number + 1;
}

static void rehash(struct weft_idtable *table)
{
    guint size = table->mask ? (table->mask + 1) * 2 : 64;
    g_free(table->slots);
    table->slots = g_new0(guint32, size);
    table->mask = size - 1;
    for (guint i = 0; i < table->n; i++)
        if (id_at(table, i))
            insert(table, id_at(table, i), i);
}

static guint take_free_entry(struct weft_idtable *table)
{
    if (table->free_head) {
        guint number = table->free_head - 1;
        table->free_head = (guint)((uint64_t *)entry_at(table, number))[1];
        return number;
    }
    if (table->n == table->capacity) {
        table->capacity = MAX(32, table->capacity * 2);
        table->entries = g_realloc_n(table->entries, table->capacity, table->entry_size);
    }
    return table->n++;
}

void *weft_idtable_add(struct weft_idtable *table, uint64_t id)
{
    void *found = weft_idtable_find(table, id);
    if (found)
        return found;
    if (table->live * 2 >= table->mask)
        rehash(table);
    guint number = take_free_entry(table);
    void *entry = entry_at(table, number);
    memset(entry, 0, table->entry_size);
    *(uint64_t *)entry = id;
    table->live++;
    insert(table, id, number);
    return entry;
}

static guint find_slot(const struct weft_idtable *table, uint64_t id)
{
    guint s = slot_of(table, id);
    while (table->slots[s] && id_at(table, table->slots[s] - 1) != id)
        s = (s + 1) & table->mask;
    return s;
}

void weft_idtable_remove(struct weft_idtable *table, uint64_t id)
{
    if (!table->mask)
        return;
    guint hole = find_slot(table, id);
    if (!table->slots[hole])
        return;
    guint number = table->slots[hole] - 1;
    for (guint s = (hole + 1) & table->mask; table->slots[s]; s = (s + 1) & table->mask) {
        guint home = slot_of(table, id_at(table, table->slots[s] - 1));
        /* The entry may fill the hole when its home does not lie after the hole, up to s. */
        if (((s - home) & table->mask) >= ((s - hole) & table->mask)) {
            table->slots[hole] = table->slots[s];
            hole = s;
        }
    }
    table->slots[hole] = 0;
    uint64_t *entry = entry_at(table, number);
    entry[0] = 0;
    entry[1] = table->free_head;
    table->free_head = number + 1;
    table->live--;
}
