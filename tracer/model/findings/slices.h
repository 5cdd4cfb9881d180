/* slices.h: what the rules about held loops share: each ring's dispatch, and who is judged when.
 *
 *   slices.c   follows every loop's slices; blocking-call
 *   starved.c  starved: told of each task that resumes after long
 *   late.c     late-timer: told of each timer that fires */
#ifndef WEFT_MODEL_FINDINGS_SLICES_H
#define WEFT_MODEL_FINDINGS_SLICES_H

#include "tracer/model/findings/dispatch.h"
#include "tracer/model/findings/found.h"
#include "tracer/trace/idtable.h"

struct slices {
    weft_findings *f;
    gint64 began_ns;              /* up to here the trace's beginning tells */
    GPtrArray *loops;             /* by ring; of struct dispatch *, NULL where nothing ran */
    struct weft_idtable past_due; /* timers that were set when their deadline was over */
};

/* The ring's; made when it is missing. */
struct dispatch *slices_of(struct slices *slices, uint32_t ring);

struct blame {        /* who kept others waiting for some time */
    struct slice one; /* the slice that took half of it or more; id 0: there is none */
    gint64 busy_ns;
    guint64 slices; /* that ended meanwhile */
};
/* FALSE: the loop did not run for half of that time: nobody is to blame. */
gboolean slices_blame(struct slices *slices, const struct watched_ring *ring, gint64 from_ns,
                      gint64 to_ns, struct blame *blame);
/* Alike: those that the same place in the program is to blame for. */
struct alike blamed_alike(enum rule rule, const struct watched_ring *ring,
                          const struct blame *blame);
/* Keeps in `found` who is to blame, for say_holder_of_loop; others[0] is 0 when it is no one. */
void found_blame(struct found *found, const struct blame *blame);
/* "parse held the loop from a.c:3 to b.c:7". */
void say_holder_of_loop(struct weft_sentence *s, const weft_findings *f, const struct found *found);

/* starved.c: a task resumes; a task is ready still. */
void starved_resumed(struct slices *slices, const struct dispatch *d, const struct happening *h);
void starved_now(struct slices *slices, const struct watched_ring *ring);

/* late.c: of each record about timers and timeouts, before the state is told. */
void late_look(struct slices *slices, const struct happening *h);

#endif
