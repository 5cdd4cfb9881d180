/* items.c: see items.h. */
#include "runtime/items.h"
#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum { FIRST_ROOM = 8 };

static char *slot(const struct weft__items *items, size_t i)
{
    return items->slots + i * items->stride;
}

void weft__items_init(struct weft__items *items, size_t size,
                      int (*compare)(const void *, const void *), bool lifo)
{
    *items = (struct weft__items){ .size = size, .stride = size, .compare = compare, .lifo = lifo };
    if (!compare)
        return;
    /* The number behind the item, and the next item as well aligned as its size lets it be. */
    size_t alignment = size & -size;
    alignment = alignment > 16 ? 16 : alignment < 8 ? 8 : alignment;
    items->stride = (size + 7) / 8 * 8 + sizeof items->number;
    items->stride = (items->stride + alignment - 1) / alignment * alignment;
}

void weft__items_finish(struct weft__items *items)
{
    free(items->slots);
    items->slots = NULL;
    items->room = items->count = 0;
}

/* The ring's two parts, to its end and from its beginning, become one. */
static void unroll(const struct weft__items *items, char *into)
{
    if (items->count == 0)
        return;
    size_t first = items->first & (items->room - 1), to_end = items->room - first;
    size_t head = items->count < to_end ? items->count : to_end;
    memcpy(into, slot(items, first), head * items->stride);
    memcpy(into + head * items->stride, items->slots, (items->count - head) * items->stride);
}

static int grow(struct weft__items *items)
{
    size_t room = items->room ? items->room * 2 : FIRST_ROOM;
    if (room > SIZE_MAX / 2 / items->stride)
        return UV_ENOMEM;
    char *slots = malloc((room + 1) * items->stride);
    if (!slots)
        return UV_ENOMEM;
    unroll(items, slots);
    free(items->slots);
    items->slots = slots;
    items->room = room;
    items->first = 0;
    return 0;
}

/* ---- The heap ---- */

static uint64_t *number_of(const struct weft__items *items, char *at)
{
    return (uint64_t *)(void *)(at + (items->size + 7) / 8 * 8);
}

static bool before(const struct weft__items *items, char *a, char *b)
{
    int order = items->compare(a, b);
    return order < 0 || (order == 0 && *number_of(items, a) < *number_of(items, b));
}

/* From slot i towards the root, past those that come later than `item`. */
static void sift_up(struct weft__items *items, size_t i, char *item)
{
    while (i > 0 && before(items, item, slot(items, (i - 1) / 2))) {
        memcpy(slot(items, i), slot(items, (i - 1) / 2), items->stride);
        i = (i - 1) / 2;
    }
    memcpy(slot(items, i), item, items->stride);
}

/* From the root, whose slot is free, towards the leaves, past those that come before `item`. */
static void sift_down(struct weft__items *items, char *item)
{
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < items->count; i = child) {
        if (child + 1 < items->count && before(items, slot(items, child + 1), slot(items, child)))
            child++;
        if (before(items, item, slot(items, child)))
            break;
        memcpy(slot(items, i), slot(items, child), items->stride);
    }
    memcpy(slot(items, i), item, items->stride);
}

/* ---- In and out ---- */

int weft__items_put_slowly(struct weft__items *items, const void *item)
{
    if (items->count == items->room && grow(items) < 0)
        return UV_ENOMEM;
    if (!items->compare)
        return weft__items_put(items, item);
    char *aside = slot(items, items->room);
    memcpy(aside, item, items->size);
    *number_of(items, aside) = items->number++;
    sift_up(items, items->count++, aside);
    return 0;
}

void weft__items_get_least(struct weft__items *items, void *item)
{
    memcpy(item, items->slots, items->size);
    if (--items->count > 0)
        sift_down(items, slot(items, items->count));
}
