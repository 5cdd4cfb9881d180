/* idtable.h: entries found by entity id: what the state replayer keeps its tasks and objects in.
 *
 *      slots:    | 3 | . | . | 1 | . | 2 | ...      open addressing; entry number + 1, 0 = empty
 *      entries:  | entry 0 | entry 1 | (free) | ...  by value; each begins with its uint64_t id
 *
 * A removed entry has id 0 and is used again. Entries move only when one is added. Thread: one. */
#ifndef WEFT_TRACE_IDTABLE_H
#define WEFT_TRACE_IDTABLE_H

#include <glib.h>
#include <stdint.h>

struct weft_idtable {
    char *entries;
    gsize entry_size;  /* a multiple of 8 */
    guint n, capacity; /* entries in use or free to use again; room */
    guint live;
    guint free_head; /* entry number + 1 of the first free one; the next is in its second word */
    guint32 *slots;
    guint mask; /* slots - 1, a power of two minus one; 0 while there are none */
};

void weft_idtable_init(struct weft_idtable *table, gsize entry_size);
void weft_idtable_copy(struct weft_idtable *to, const struct weft_idtable *from);
void weft_idtable_finish(struct weft_idtable *table);

/* NULL when there is none. Valid until the next add. */
void *weft_idtable_find(const struct weft_idtable *table, uint64_t id);
/* The entry of this id, zeroed but for its id when it is new. id is not 0. */
void *weft_idtable_add(struct weft_idtable *table, uint64_t id);
void weft_idtable_remove(struct weft_idtable *table, uint64_t id); /* absent is fine */

/* Entry i of table->n; NULL when it is free. */
static inline void *weft_idtable_at(const struct weft_idtable *table, guint i)
{
    void *entry = table->entries + i * table->entry_size;
    return *(uint64_t *)entry ? entry : NULL;
}

#endif
