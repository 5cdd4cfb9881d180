/* pace.h: how controllers let this process's loops run: paused, a step at a time, slowly; and whom
 * they ask to be cancelled.
 *
 *      controller --> weft_pace_ask, weft_pace_cancel --> the writer's struct weft_pace; wakes it
 *      its loop, behind each poll: is anything asked? --> runtime/pace.c
 *
 * Whoever paused or slowed a loop last has it: when that connection ends, the loop goes on, so that
 * a controller that is killed leaves nothing behind. Stepping, and letting go on, may be asked by
 * anybody.
 *
 * A loop is called by its ring's number, which is the one in the middle of its tasks' ids. Only
 * loops that can be woken (weft_writer_set_wake) obey. */
#ifndef WEFT_PROBE_PACE_H
#define WEFT_PROBE_PACE_H

#include "tracer/probe/ring.h"
#include <sys/types.h>

enum {
    WEFT_PACE_ALL = -1,           /* loops of the process */
    WEFT_PACE_FACTOR_MAX = 10000, /* a dispatch lasts at most so many times as long */
};

enum weft_pace_what {
    WEFT_PACE_PAUSE,
    WEFT_PACE_RESUME,
    WEFT_PACE_STEP, /* one dispatch of a paused loop */
    WEFT_PACE_SLOW,
};

struct weft_pace_request {
    enum weft_pace_what what;
    int loop;        /* or WEFT_PACE_ALL */
    uint32_t factor; /* of SLOW; 1: as fast as it goes */
    uint64_t client; /* the connection that asks */
};

/* -ENOENT: there is no such loop, or none at all. -EAGAIN: a step of what is not paused. Any
 * thread. */
int weft_pace_ask(const struct weft_pace_request *request);

/* What a connection asked for ends with it. */
void weft_pace_release(uint64_t client);
/* In a fork's child, with the session's mutex: its parent's controllers are not its own. */
void weft_pace_forget_all(void);

/* "running", "slowed 10", "pausing" (a slice, or a step, still runs), "paused": of the loop, or of
 * all. False: there is none. Any thread. */
bool weft_pace_describe(int loop, char *text, size_t size);

/* Its loop is to cancel this task, as soon as it polls or is paused. -ENOENT: there is no such
 * loop. -EBUSY: too many are waiting for theirs. Any thread. */
int weft_pace_cancel(uint64_t task, pid_t by);

/* ---- For the loop, on its thread ---- */

/* With the session's mutex: a writer begins with what was asked of all loops. */
void weft_pace_begin(struct weft_writer *w);

/* Whether there is anything that its loop must do or leave. */
static inline bool weft_pace_asked(const struct weft_writer *w)
{
    return atomic_load_explicit(&w->pace.asked, memory_order_relaxed);
}

/* The next task to cancel, and the process that asks; false: no more. */
bool weft_pace_take_cancel(struct weft_writer *w, uint64_t *task, pid_t *by);

#endif
