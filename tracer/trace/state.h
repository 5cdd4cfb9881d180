/* state.h: the state of everything at one moment, moved on by one event at a time: the small
 * replayer behind STATE chunks, state-at(t), stepping backward, and `what hangs?`.
 *
 *      tasks: id -> {state, why, since, parent ...}     ready: ids in queue order, per ring
 *      timers: id -> {deadline, owner}                  timeouts: per task, innermost last
 *      objects: id -> {name, value, owner}              parties: holders of semaphores, members of
 * groups
 *
 * replay.c is the one place that says what an event does to the state. */
#ifndef WEFT_TRACE_STATE_H
#define WEFT_TRACE_STATE_H

#include "tracer/probe/event.h"
#include <glib.h>

G_BEGIN_DECLS

enum weft_task_state {
    WEFT_STATE_UNKNOWN = 0, /* events are missing; until next seen */
    WEFT_STATE_RUNNING,
    WEFT_STATE_READY,
    WEFT_STATE_WAITING,
    WEFT_STATE_CANCELLING, /* running or waiting, but with a cancellation delivered and not yet
                              ended */
    WEFT_STATE_DONE,
    WEFT_STATE_NEW, /* created, not yet in the ready queue */
    WEFT_STATES
};

struct weft_task_at { /* one task at the state's moment */
    uint64_t id, parent;
    uint64_t other;  /* waiting: what it awaits; ready: who woke it */
    gint64 since_ns; /* in this state since */
    gint64 created_ns;
    uint32_t name; /* string id; 0: default name */
    uint32_t created_site;
    uint32_t site;      /* where it last suspended */
    uint8_t state;      /* enum weft_task_state */
    uint8_t detail;     /* waiting: await kind; ready: wake cause; done: outcome */
    uint8_t cancelling; /* requests to cancel, not taken back */
    uint8_t delivered;  /* a cancellation was delivered: its cleanup runs */
};

struct weft_object_at { /* what a task may wait for: timer, timeout, future, stream, lock, group
                           ... Gone once it has fired, is done, left or freed */
    uint64_t id;
    uint64_t owner;          /* timer, timeout, op, job: its task; lock: its holder; 0 = none */
    gint64 value;            /* RESOURCE's value */
    gint64 deadline_mono_ns; /* timer, timeout */
    gint64 since_ns;         /* lock: its holder has it since; 0: not known: no STATE holds it */
    guint64 capacity;        /* group: members */
    uint32_t name, site;
    gboolean done;  /* timeout: has expired */
    gboolean stale; /* its value is of before a loss: what it is since is not known */
};

struct weft_party { /* of a semaphore: a task that holds units of it. Of a group: a member */
    uint64_t id;
    guint32 units; /* 0: a group's */
};

typedef struct weft_state weft_state;

weft_state *weft_state_new(void);
weft_state *weft_state_copy(const weft_state *state);
void weft_state_free(weft_state *state);          /* NULL is fine */
gsize weft_state_memory(const weft_state *state); /* bytes held */

/* Applies one record of `ring` (`ext` its EXT, or NULL). Records of one ring in order; rings in any
 * order among each other, since a task's state changes only by its own ring's events. */
void weft_state_apply(weft_state *state, uint32_t ring, const struct weft_record *record,
                      const struct weft_record *ext);

/* Applies n slots, EXTs among them: the same as one by one, and faster. */
void weft_state_apply_all(weft_state *state, uint32_t ring, const struct weft_record *records,
                          guint n);

/* Events of this ring were lost here: its tasks become unknown (those that are so already have been
 * since an earlier loss), its queues are forgotten. Each is known again by its next event; or,
 * where the ring had not been recorded, by what is told behind its SNAPSHOT (probe/snapshot.h): of
 * whom nothing is told then has ended, and is gone. Where a ring overflowed nothing is told anew.
 */
void weft_state_apply_loss(weft_state *state, uint32_t ring, gint64 time_ns);

/* What the state says of the time after this becomes unknown. A trace of a program that recorded
 * nothing begins with such a state: of each task from when it is as it is. */
void weft_state_forget_later(weft_state *state, gint64 time_ns);

/* A chunk of this ring begins, whose header names the ring's actor: after a loss that is how the
 * running task is known again. Does nothing when it is known already, or when `task` is 0. Call it
 * after weft_state_apply_loss and before the chunk's records. */
void weft_state_apply_chunk(weft_state *state, uint32_t ring, uint64_t current_task,
                            gint64 time_ns);

/* ---- Seeding: what is known from elsewhere, without any event ---- */

/* A task as it is. One that is READY joins the ready queue of its ring (its id says which): put
 * them in the queue's order. Running ones are said by weft_state_put_running. Puts it anew when it
 * is there. */
void weft_state_put_task(weft_state *state, const struct weft_task_at *task);
/* An object as it is. */
void weft_state_put_object(weft_state *state, const struct weft_object_at *object);
/* One more that holds units of a semaphore, or has joined a group, which was put before. */
void weft_state_put_party(weft_state *state, uint64_t object, const struct weft_party *party);
/* This task runs on the ring; when others do, inside the last of them. */
void weft_state_put_running(weft_state *state, uint32_t ring, uint64_t task, gint64 since_ns);
/* The ring's loop polls. */
void weft_state_put_polling(weft_state *state, uint32_t ring, gint64 since_ns);

/* ---- Looking ---- */

const struct weft_task_at *weft_state_task(const weft_state *state,
                                           uint64_t id); /* NULL: not seen */
const struct weft_object_at *weft_state_object(const weft_state *state, uint64_t id);
/* All tasks not freed, by id. *n entries, borrowed until the next apply. */
const struct weft_task_at **weft_state_tasks(const weft_state *state, guint *n);
/* All objects, by id: as weft_state_tasks. */
const struct weft_object_at **weft_state_objects(const weft_state *state, guint *n);
/* Who holds units of a semaphore, or who has joined a group; of those that have ended some may be
 * left out. *n of them, NULL: none. *all: nobody else does; FALSE after a loss, and for a semaphore
 * whose units are given back by others than those that took them. Borrowed until the next apply. */
const struct weft_party *weft_state_parties(const weft_state *state, uint64_t object, guint *n,
                                            gboolean *all);
/* One after the other, in no order, without listing them: *at begins as 0; NULL after the last.
 * Until the next apply. */
const struct weft_task_at *weft_state_next_task(const weft_state *state, guint *at);
const struct weft_object_at *weft_state_next_object(const weft_state *state, guint *at);
/* One more than the greatest index of a ring that anything is known of. */
uint32_t weft_state_n_rings(const weft_state *state);
/* The running task of a ring, 0 = none. */
uint64_t weft_state_running(const weft_state *state, uint32_t ring);
/* The same, and those around it whose slices it runs in: outermost first. Borrowed until the next
 * apply. */
const uint64_t *weft_state_all_running(const weft_state *state, uint32_t ring, guint *n);
/* The ready queue of a ring, next first: ids of tasks and callbacks. Borrowed until the next apply.
 */
const uint64_t *weft_state_ready(const weft_state *state, uint32_t ring, guint *n);
/* How many there are in it, and which is first (0: none), without listing them. */
guint weft_state_n_ready(const weft_state *state, uint32_t ring);
uint64_t weft_state_first_ready(const weft_state *state, uint32_t ring);
/* Whether all that is in it is known: after a loss, from when nothing is ready, or as many as are
 * known. */
gboolean weft_state_queue_known(const weft_state *state, uint32_t ring);
/* TRUE between POLL_BEGIN and POLL_END; *since when. */
gboolean weft_state_polling(const weft_state *state, uint32_t ring, gint64 *since_ns);

/* The time of the latest change that it shows, and of the earliest that is later than 0; 0 when it
 * shows none. */
gint64 weft_state_latest(const weft_state *state);
gint64 weft_state_earliest(const weft_state *state);

/* ---- Storing ---- */

/* As bytes, for a STATE chunk; and back: NULL when the bytes make no sense. Ids, counts and lengths
 * in them are checked, not trusted. */
GBytes *weft_state_serialize(const weft_state *state);
weft_state *weft_state_deserialize(const void *data, gsize size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(weft_state, weft_state_free)

G_END_DECLS

#endif
