/* blocks.h: the memory of futures and tasks that are gone, kept for the next ones of their loop.
 *
 *      blocks -> block -> block -> NULL         last in, first out: the warmest
 *
 * malloc and free together cost as much as waking a task does. Where somebody looks for uses of
 * what is gone, a sanitizer or valgrind, none is kept.
 *
 * Thread: the loop's own. */
#ifndef WEFT_BLOCKS_H
#define WEFT_BLOCKS_H

#include "runtime/object.h"

enum { WEFT__BLOCKS_KEPT = 1024 };

struct weft__blocks {
    struct weft__block {
        struct weft__block *next;
    } * first;
    uint32_t count, room; /* kept, and how many may be */
};

void weft__blocks_init(struct weft__blocks *blocks);
/* From now on none is kept. */
void weft__blocks_finish(struct weft__blocks *blocks);

/* Zeroed; NULL: out of memory. Always the same size. */
static inline void *weft__block_new(struct weft__blocks *blocks, size_t size)
{
    struct weft__block *block = blocks->first;
    if (!block)
        return weft__object_new(size);
    blocks->first = block->next;
    blocks->count--;
    return weft__zeroed(block, size);
}

static inline void weft__block_free(struct weft__blocks *blocks, void *memory)
{
    struct weft__block *block = memory;
    if (blocks->count >= blocks->room) {
        free(block);
        return;
    }
    block->next = blocks->first;
    blocks->first = block;
    blocks->count++;
}

#endif
