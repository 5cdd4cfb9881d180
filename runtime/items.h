/* items.h: what a queue holds: values of one size, in the order in which they are to be taken.
 *
 *      FIFO, LIFO   a ring that doubles:    [ ][c][d][e][ ][ ][ ][ ]     first = 1, count = 3
 *      priority     a binary heap; every slot ends in a number, that equals come first in, first
 *                   out:                    [ item | 17 ] [ item | 4 ] ...
 */
#ifndef WEFT_ITEMS_H
#define WEFT_ITEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct weft__items {
    char *slots;   /* and behind a heap's, one to put an item aside in */
    size_t room;   /* of slots: 0, or a power of two */
    size_t size;   /* bytes of an item */
    size_t stride; /* bytes from slot to slot */
    size_t first;  /* ring: which slot is next, modulo room */
    size_t count;
    uint64_t number;                            /* heap: of the next item */
    int (*compare)(const void *, const void *); /* NULL: no heap */
    bool lifo;
};

void weft__items_init(struct weft__items *items, size_t size,
                      int (*compare)(const void *, const void *), bool lifo);
/* Frees the memory, not what the items own. */
void weft__items_finish(struct weft__items *items);
/* The two below, for a heap, and a ring that is full. */
int weft__items_put_slowly(struct weft__items *items, const void *item);
void weft__items_get_least(struct weft__items *items, void *item);

static inline char *weft__items_slot(const struct weft__items *items, size_t i)
{
    return items->slots + (i & (items->room - 1)) * items->stride;
}

/* Most items are a number or a pointer: not worth a call. */
static inline void weft__items_copy(const struct weft__items *items, void *to, const void *from)
{
    if (items->size == 8)
        memcpy(to, from, 8);
    else if (items->size == 4)
        memcpy(to, from, 4);
    else
        memcpy(to, from, items->size);
}

/* Copies it in. 0 or UV_ENOMEM. */
static inline int weft__items_put(struct weft__items *items, const void *item)
{
    if (items->compare || items->count == items->room)
        return weft__items_put_slowly(items, item);
    weft__items_copy(items, weft__items_slot(items, items->first + items->count++), item);
    return 0;
}

/* Copies the next one out; there must be one. */
static inline void weft__items_get(struct weft__items *items, void *item)
{
    if (items->compare) {
        weft__items_get_least(items, item);
        return;
    }
    items->count--;
    weft__items_copy(items, item,
                     weft__items_slot(items, items->first + (items->lifo ? items->count : 0)));
    items->first += !items->lifo;
}

#endif
