/* waiters.h: who waits for what, in the order in which they began to: beside a state that moves on.
 *
 *      lines:    object -> first, last, how many
 *      waiters:  task -> its object, the one before it, the one behind it
 *
 * Those that began in the same nanosecond are in the order of their ids. All in O(1). Thread: one.
 */
#ifndef WEFT_MODEL_WAITERS_H
#define WEFT_MODEL_WAITERS_H

#include "tracer/trace/idtable.h"
#include "tracer/trace/state.h"

struct waiter {
    uint64_t id, object;
    uint64_t before, behind; /* 0: none */
    gint64 since_ns;
};
struct line {
    uint64_t id; /* of the object */
    uint64_t first, last;
    guint n;
};
struct waiters {
    struct weft_idtable waiters, lines;
};

void waiters_init(struct waiters *waiters);
void waiters_finish(struct waiters *waiters);

/* What a task waits for; 0: nothing, or nothing that has an id. */
uint64_t waiters_awaited(const struct weft_task_at *task);

/* A ring's tasks as the state has them; others are forgotten. */
void waiters_take(struct waiters *waiters, const weft_state *state, uint32_t ring);
/* This task may have begun to wait, or go on: as the state has it now (NULL: it is gone). */
void waiters_update(struct waiters *waiters, uint64_t id, const struct weft_task_at *task);

/* NULL: nobody. Valid until the next update. */
const struct line *waiters_of(const struct waiters *waiters, uint64_t object);
/* The first of a line, at most max; returns how many there are in all. */
guint waiters_first(const struct waiters *waiters, uint64_t object, uint64_t *ids, guint max);

#endif
