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

struct weft__items {
    char *slots;   /* and behind a heap's, one to put an item aside in */
    size_t room;   /* of slots: 0, or a power of two */
    size_t size;   /* bytes of an item */
    size_t stride; /* bytes from slot to slot */
    size_t first;  /* ring: which slot is taken from next */
    size_t count;
    uint64_t number;                            /* heap: of the next item */
    int (*compare)(const void *, const void *); /* NULL: no heap */
    bool lifo;
};

void weft__items_init(struct weft__items *items, size_t size,
                      int (*compare)(const void *, const void *), bool lifo);
/* Frees the memory, not what the items own. */
void weft__items_finish(struct weft__items *items);
/* Copies it in. 0 or UV_ENOMEM. */
int weft__items_put(struct weft__items *items, const void *item);
/* Copies the next one out; there must be one. */
void weft__items_get(struct weft__items *items, void *item);

#endif
