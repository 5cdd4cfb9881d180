/* oracle.h: what a program's tasks and objects are at a moment, worked out as plainly as can be
 * from its events: arrays that are searched from end to end, no index, no decoding, nothing shared
 * with what it is to judge.
 *
 *      events --one by one, in order of time--> tasks[], objects[], queues, what runs
 *
 * The truth is told of the lost events, too. Otherwise it knows what one can who
 * has only seen the others: from the last event before a loss on the ring's tasks are unknown, each
 * until an event tells of it again. */
#ifndef TESTS_MODEL_ORACLE_H
#define TESTS_MODEL_ORACLE_H

#include "tests/model/random_program.h"
#include "tracer/trace/state.h"

struct oracle_parties {
    uint64_t object;
    GArray *at;      /* of struct weft_party */
    guint64 joined;  /* of a group: how many in all */
    guint64 untold;  /* of a group that was told of: members that were not: they have ended */
    gboolean hidden; /* some may have come or gone unseen */
    gboolean amid;   /* its beginning was not seen: nor how many it has */
};

struct oracle_ring {
    GArray *ready, *running; /* of ids: next first; outermost first */
    gboolean polling, hidden;
    gboolean queue_hidden; /* others may be in `ready` */
    guint64 snapshot;      /* tasks that it says live, and */
    guint64 told;          /* … how many were told of, with nothing lost since */
    gint64 poll_since_ns, last_ns;
};

struct oracle {
    const GArray *program;
    guint n, told; /* events */
    gboolean see_all;
    GArray *tasks;   /* of struct weft_task_at, in order of appearance */
    GArray *objects; /* of struct weft_object_at */
    GArray *parties; /* of struct oracle_parties */
    struct oracle_ring rings[PROGRAM_RINGS];
};

/* Of the program's first n events. Borrows it. */
struct oracle *oracle_new(const GArray *program, guint n);
/* The same, that is told of lost events, too. */
struct oracle *oracle_new_truth(const GArray *program);
void oracle_free(struct oracle *oracle);

/* Goes on, never back, until all events with time ≤ t_ns are told. */
void oracle_go_on(struct oracle *oracle, gint64 t_ns);
/* The same, until n events are told. */
void oracle_go_on_events(struct oracle *oracle, guint n);

/* NULL: none. */
const struct weft_task_at *oracle_task(const struct oracle *oracle, uint64_t id);
const struct weft_object_at *oracle_object(const struct oracle *oracle, uint64_t id);
const struct oracle_parties *oracle_parties(const struct oracle *oracle, uint64_t object);

#endif
