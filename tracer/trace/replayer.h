/* replayer.h: what state.c (what an event does) and statestore.c (its bytes) share. */
#ifndef WEFT_TRACE_REPLAYER_H
#define WEFT_TRACE_REPLAYER_H

#include "tracer/trace/idtable.h"
#include "tracer/trace/readyqueue.h"
#include "tracer/trace/state.h"

enum { WEFT_STATE_RINGS = 1 << WEFT_ID_RING_BITS };

struct weft_task_entry { /* one cache line */
    struct weft_task_at at;
    guint64 position : 64 - WEFT_ID_RING_BITS; /* in the ready queue of `ring`, when it is READY */
    guint64 ring : WEFT_ID_RING_BITS; /* its own ring's always, unless the trace is wrong */
};
G_STATIC_ASSERT(sizeof(struct weft_task_entry) == 64);
#define WEFT_NOT_QUEUED (G_MAXUINT64 >> WEFT_ID_RING_BITS) /* a position that no queue reaches */

struct weft_ring_state {
    uint32_t index;
    struct weft_readyqueue ready;
    uint64_t *running; /* the running tasks, outermost first: an eager start nests */
    guint n_running, running_capacity;
    gboolean polling;
    gint64 poll_since;
    gboolean queue_unknown; /* others may be in `ready` */
    guint64 untold;         /* behind a SNAPSHOT: tasks that are to be told of yet; 0: none, or some
                               of what was told is lost */
};

struct weft_state {
    struct weft_idtable tasks;   /* of struct weft_task_entry */
    struct weft_idtable objects; /* of struct weft_object_at  */
    struct weft_idtable parties; /* of struct weft_parties, by object: parties.h */
    struct weft_ring_state **rings;
    guint n_rings;
    GPtrArray *listed, *listed_objects; /* weft_state_tasks' answer; weft_state_objects' */
    GArray *queued;                     /* weft_state_ready's, when the queue has holes */
};

struct weft_ring_state *weft_state_add_ring(weft_state *state, uint32_t ring);

/* The ring's state, made when it is missing; ring < WEFT_STATE_RINGS. */
static inline struct weft_ring_state *weft_state_ring(weft_state *state, uint32_t ring)
{
    if (G_LIKELY(ring < state->n_rings && state->rings[ring]))
        return state->rings[ring];
    return weft_state_add_ring(state, ring);
}
void weft_ring_state_push_running(struct weft_ring_state *ring, uint64_t task);

/* SNAPSHOT, TASK_IS and OBJECT_IS. ext: NULL, when it has none. */
void weft_state_apply_snapshot(weft_state *state, uint32_t ring, const struct weft_record *record,
                               const struct weft_record *ext);

/* The task is freed; or it has ended and was freed unseen. */
void weft_state_remove_task(weft_state *state, uint32_t ring, uint64_t id);

/* Turns every time of the state into another clock's. Deadlines stay: they are CLOCK_MONOTONIC. */
void weft_state_convert_times(weft_state *state, gint64 (*convert)(gint64 time, const void *data),
                              const void *data);

#endif
