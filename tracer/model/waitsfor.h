/* waitsfor.h: the waits-for relation: what each thing that is waited for waits for itself. The one
 * place that knows it: await chains, trees and deadlocks are all read from here.
 *
 *      task that waits --> lock, semaphore, group, task, … (its `other`)
 *      lock            --> its holder
 *      semaphore       --> its holders      |  one of them is enough: it may give back a unit
 *      group, gather,
 *      wait, shield    --> its members      |  one of them may be enough: it may fail
 *
 * So from every id there are edges to those of which one could let it go on. A thing without edges
 * is an end: somebody who runs, time, I/O, or whoever it may be that sets an event. What a loss
 * hides, and what has parties that are not all known, is an end too: nothing is guessed.
 *
 * Anybody may release an asyncio lock; what a circle proves is that none of those will who took
 * what is in it. */
#ifndef WEFT_MODEL_WAITSFOR_H
#define WEFT_MODEL_WAITSFOR_H

#include "tracer/trace/state.h"

G_BEGIN_DECLS

enum weft_waits {
    WEFT_WAITS_FOR,     /* one of `n` others: weft_waits_on() */
    WEFT_WAITS_NOT,     /* a task that runs, is ready or done; a lock that is free */
    WEFT_WAITS_OUTSIDE, /* a task: time, I/O, a thread, a process or a signal */
    WEFT_WAITS_ANYBODY, /* an event, a queue, a future …: whoever comes; held by one that is gone */
    WEFT_WAITS_UNKNOWN, /* events were lost, or not all parties are known */
};

struct weft_waits_for {
    enum weft_waits how;
    guint n;
    uint64_t one;                     /* when n is 1 and parties is NULL */
    const struct weft_party *parties; /* borrowed from the state */
};

/* Of a task, or an object that tasks wait for. O(1). */
struct weft_waits_for weft_waits_for(const weft_state *state, uint64_t id);

static inline uint64_t weft_waits_on(const struct weft_waits_for *waits, guint i)
{
    return waits->parties ? waits->parties[i].id : waits->one;
}

/* FALSE: the i-th of them is a group's member that has ended, and its loop, which polls with
 * nothing left to do, has seen to that: the group waits for the others. Until then it is an end:
 * the group may be done with it. */
gboolean weft_waits_counts(const weft_state *state, const struct weft_waits_for *waits, guint i);

struct weft_waits_circle {
    GArray *ids;          /* of uint64_t: each waits for the next, the last for the first. Begins
                             with its least task */
    gint64 until_mono_ns; /* a timeout ends it then (CLOCK_MONOTONIC): no deadlock. 0: none will */
};

/* The circles of those that can never go on: from none of them does an edge lead, however far, to
 * an end. Each once, by its first id. `from`: only those that this task or object waits for,
 * however indirectly; 0: all. Free with g_ptr_array_unref(). */
GPtrArray *weft_waits_circles(const weft_state *state, uint64_t from);

G_END_DECLS

#endif
