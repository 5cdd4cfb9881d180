/* ready.h: the ready queue: a circular, doubly linked list through its entries, so that joining it
 * never allocates and leaving it early costs nothing.
 *
 *      list <-> entry <-> entry <-> entry <-> (list)
 *
 * An iteration takes the whole queue as its batch; what becomes ready meanwhile is in the next. The
 * same links chain those who wait for a future: when it is done they move over, in order. */
#ifndef WEFT_READY_H
#define WEFT_READY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct weft__links {
    struct weft__links *next, *prev; /* NULL: in no list */
};

struct weft__entry {
    struct weft__links links;          /* first: an entry is its links */
    void (*run)(struct weft__entry *); /* NULL: a task, to be resumed  */
    uint32_t batch;                    /* of which iteration it is     */
};

static inline void weft__list_init(struct weft__links *list)
{
    list->next = list->prev = list;
}

static inline bool weft__list_empty(const struct weft__links *list)
{
    return list->next == list;
}

static inline bool weft__linked(const struct weft__entry *entry)
{
    return entry->links.next != NULL;
}

static inline void weft__list_append(struct weft__links *list, struct weft__entry *entry)
{
    struct weft__links *last = list->prev;
    entry->links.next = list;
    entry->links.prev = last;
    last->next = &entry->links;
    list->prev = &entry->links;
}

static inline void weft__unlink(struct weft__entry *entry)
{
    entry->links.next->prev = entry->links.prev;
    entry->links.prev->next = entry->links.next;
    entry->links.next = entry->links.prev = NULL;
}

static inline struct weft__entry *weft__list_pop(struct weft__links *list)
{
    struct weft__entry *entry = (struct weft__entry *)list->next;
    if (&entry->links == list)
        return NULL;
    weft__unlink(entry);
    return entry;
}

/* Moves everything to the end of `to`. */
static inline void weft__list_move(struct weft__links *from, struct weft__links *to)
{
    if (weft__list_empty(from))
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    weft__list_init(from);
}

#define weft__container(pointer, type, member)                                                     \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
