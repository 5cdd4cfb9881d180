/* replayer.h: what state.c (what an event does) and statestore.c (its bytes) share. */
#ifndef WEFT_TRACE_REPLAYER_H
#define WEFT_TRACE_REPLAYER_H

#include "tracer/trace/idtable.h"
#include "tracer/trace/readyqueue.h"
#include "tracer/trace/state.h"

enum { WEFT_STATE_RINGS = 1 << WEFT_ID_RING_BITS };

struct weft_task_entry {
    struct weft_task_at at;
    guint64 position; /* in the ready queue of `ring`, when it is READY */
    uint32_t ring;    /* its own ring's always, unless the trace is wrong */
};

struct weft_ring_state {
    uint32_t index;
    struct weft_readyqueue ready;
    uint64_t *running; /* the running tasks, outermost first: an eager start nests */
    guint n_running, running_capacity;
    gboolean polling;
    gint64 poll_since;
};

struct weft_state {
    struct weft_idtable tasks;   /* of struct weft_task_entry */
    struct weft_idtable objects; /* of struct weft_object_at  */
    struct weft_ring_state **rings;
    guint n_rings;
    GPtrArray *listed; /* weft_state_tasks' answer */
    GArray *queued;    /* weft_state_ready's, when the queue has holes */
};

/* The ring's state, made when it is missing; ring < WEFT_STATE_RINGS. */
struct weft_ring_state *weft_state_ring(weft_state *state, uint32_t ring);
void weft_ring_state_push_running(struct weft_ring_state *ring, uint64_t task);

/* Turns every time of the state into another clock's. Deadlines stay: they are CLOCK_MONOTONIC. */
void weft_state_convert_times(weft_state *state, gint64 (*convert)(gint64 time, const void *data),
                              const void *data);

#endif
