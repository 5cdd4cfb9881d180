/* jobs.h: when which thread did a job: looked up in the threads' own rings, where it is told.
 *
 *      a thread's ring:  | chunk | chunk | chunk |
 *                                    ^       ^ t
 *
 * Asked about t, it reads the chunk of t and the one before it; each is read once.
 *
 * Thread: one. */
#ifndef WEFT_MODEL_JOBS_H
#define WEFT_MODEL_JOBS_H

#include "tracer/model/model.h"
#include "tracer/trace/idtable.h"

struct jobs_run {
    uint64_t id, thread;
    gint64 begin_ns, end_ns; /* G_MAXINT64: not seen */
};

struct jobs;

struct jobs *jobs_new(weft_model *model); /* borrowed */
void jobs_free(struct jobs *jobs);        /* NULL is fine */

/* A job that was begun and ended until t; NULL: it was not, or that is not near in its thread's
 * ring. Until the next call. */
const struct jobs_run *jobs_ended(struct jobs *jobs, uint64_t job, gint64 t_ns);

#endif
