/* steady.h: a program's events without end, for tests of what is kept of them: tasks of two rings
 * wake, run and wait in turn, each at a time of its own. */
#ifndef WEFT_TESTS_TRACE_STEADY_H
#define WEFT_TESTS_TRACE_STEADY_H

#include "tracer/trace/state.h"
#include "tracer/trace/writer.h"

enum { STEADY_TASKS = 40, STEADY_STRING = 7, STEADY_SITE = 3, STEADY_FIRST = 3919 /* ns */ };

struct steady {
    weft_filewriter *writer;
    weft_state *state; /* after all that was written */
    uint64_t time;     /* ns: CLOCK_MONOTONIC from 1 s on */
    guint64 step, slots, lost;
};

/* Describes the process and defines a string and a site. The writer stays the caller's. */
void steady_begin(struct steady *steady, weft_filewriter *writer);
void steady_finish(struct steady *steady);

/* One EVENTS chunk of ring 0 or 1, in turn. */
void steady_write(struct steady *steady, guint slots);
/* Slots lost by ring 0. */
void steady_lose(struct steady *steady, guint64 unread, guint64 dropped);

/* What is in an opened trace: checks its order, and that what is behind it all is the state. */
struct steady_found {
    guint64 slots, lost;
    guint64 first[2], next[2]; /* ordinals of its first slot, and behind its last; 0, 0: none */
};
struct steady_found steady_check(const struct steady *steady, const weft_trace *trace);
/* The same of one that does not hold the end. */
struct steady_found steady_check_part(const weft_trace *trace);

#endif
