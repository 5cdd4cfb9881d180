/* timers.h: the loop's timers: a heap ordered by deadline, then by when they were set.
 *
 *      heap[1]: { when | timer -> }      its children: heap[2 … 5], heap[i]'s: heap[4i - 2 … 4i +
 * 1]
 *
 * Four children and not two, and the deadlines beside the pointers: with many timers each look at
 * one would miss the cache, and each step down be two. A timer is embedded in what it is for (a
 * call_later handle, a sleeper's stack frame, a timeout). When it is due its entry joins the ready
 * queue, and run() is called in that batch. */
#ifndef WEFT_TIMERS_H
#define WEFT_TIMERS_H

#include "runtime/ready.h"
#include "tracer/probe/site.h"

#define WEFT__NEVER INT64_MAX /* a deadline: for ever; also the trace's word for it */

struct weft_loop;

struct weft__timer {
    struct weft__entry entry; /* run is the owner's to set */
    uint64_t when;            /* CLOCK_MONOTONIC ns */
    uint64_t order;           /* breaks ties: first set, first run */
    size_t index;             /* in the heap, from 1; 0: not in it */
    uint64_t id;              /* in the trace */
    weft_site *site;
};

struct weft__timers {
    struct weft__timers_slot {
        uint64_t when; /* the timer's */
        struct weft__timer *timer;
    } * heap; /* [1 … count] */
    size_t count, room;
    uint64_t order;
};

/* Seconds from now as a deadline; WEFT__NEVER when it lies past what 63 bits hold. */
uint64_t weft__deadline_in(double seconds);
/* weft_time's seconds as a deadline. */
uint64_t weft__deadline_at(double when);

/* 0 or UV_ENOMEM. Emits TIMER_SET. */
int weft__timer_set(struct weft_loop *loop, struct weft__timer *timer, uint64_t when);
/* Takes it out of the heap, or of the ready queue; nothing when it is in neither. */
void weft__timer_cancel(struct weft_loop *loop, struct weft__timer *timer);
/* Moves what is due to the ready queue. */
void weft__timers_run(struct weft_loop *loop);
void weft__timers_finish(struct weft__timers *timers);

#endif
