/* random_program.h: what a random but possible program does, event by event: several loops whose
 * slices overlap, eager starts, every kind of wait, cancellation, timeouts, locks, semaphores,
 * queues, groups, timers, operations, jobs of a worker thread, callbacks, names. Some of it is lost
 * to who traces it. */
#ifndef TESTS_MODEL_RANDOM_PROGRAM_H
#define TESTS_MODEL_RANDOM_PROGRAM_H

#include "tracer/trace/trace.h"

enum { PROGRAM_LOOPS_MAX = 3, PROGRAM_RINGS = PROGRAM_LOOPS_MAX + 1, PROGRAM_SITES = 9 };

struct program_event {
    struct weft_record record, ext; /* ext: when the record's flags have WEFT_RECORD_EXT */
    uint64_t actor;                 /* the ring's running task just before; 0: its loop */
    uint32_t ring;
    gboolean lost;
    gboolean begins; /* a chunk, if it is not lost: which names the actor */
};

struct program_options {
    guint32 seed;
    guint loops, tasks; /* tasks: of a loop, at a time */
    guint steps;
    guint losses; /* about how many */
};

/* Of struct program_event, in order of time. g_array_unref it. */
GArray *random_program(struct program_options options);

/* Appends events [from, to) to a trace, behind those before. */
void program_append(weft_trace *trace, const GArray *program, guint from, guint to);

#endif
