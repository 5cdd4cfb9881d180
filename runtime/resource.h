/* resource.h: what every synchronisation object begins with: who it is, for the trace and for
 * reports, and which loop it belongs to.
 *
 * Locks, events, conditions, semaphores, barriers and queues are plain structs of the program's,
 * which may exist before there is a loop. As in asyncio one is bound to a loop when somebody first
 * waits for it there; from then on only that loop's thread may use it. The trace hears of it when
 * it is first used while recording.
 *
 * A part of another object (a barrier's condition, its lock) has that one's face: its waits are
 * told as waits for the whole, and its uses are not told. */
#ifndef WEFT_RESOURCE_H
#define WEFT_RESOURCE_H

#include "runtime/task.h"

struct weft__resource {
    struct weft__resource *face; /* as whom it is told: itself, or what it is a part of */
    const char *name;            /* static; NULL: none */
    weft_site *site;             /* of init */
    uint64_t capacity;
    uint64_t id;                /* in the trace; 0: not told of yet */
    uint64_t loop_id;           /* bound to; 0: not yet */
    const void *thread;         /* the same: where its weft__loop is */
    struct weft__links holders; /* the WEFT_WITH scopes in which it is held: with.c */
    uint8_t kind;               /* enum weft_entity; 0: not initialised, or finished */
};

void weft__resource_init(struct weft__resource *resource, enum weft_entity kind, const char *name,
                         uint64_t capacity, weft_site *site);
/* The end, with so many tasks still waiting: that is reported. */
void weft__resource_finish(struct weft__resource *resource, size_t waiting);
int weft__resource_bind_now(struct weft__resource *resource);

/* Before a wait: it belongs to this loop now. 0 or WEFT_ELOOP. */
static inline int weft__resource_bind(struct weft__resource *resource)
{
    return resource->loop_id == weft__loop->id ? 0 : weft__resource_bind_now(resource);
}

/* 0; UV_EINVAL for NULL and what is not initialised, WEFT_ELOOP for another thread's. */
static inline int weft__resource_check(const struct weft__resource *resource, enum weft_entity kind)
{
    if (!resource || resource->kind != kind)
        return UV_EINVAL;
    return resource->thread && resource->thread != &weft__loop ? WEFT_ELOOP : 0;
}

/* The id of its face; only when recording, and there is a loop. */
uint64_t weft__resource_announce(struct weft__resource *resource);
void weft__resource_emit(struct weft__resource *resource, enum weft_resource_op op, weft_site *site,
                         int64_t value);

/* RESOURCE: it was used, and has this value now. */
static inline void weft__resource_trace(struct weft__resource *resource, enum weft_resource_op op,
                                        weft_site *site, int64_t value)
{
    if (weft_probe_on())
        weft__resource_emit(resource, op, site, value);
}

#endif
