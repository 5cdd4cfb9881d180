/* pace.h: a loop that a controller pauses, steps, slows, or asks to cancel a task: what
 * tracer/probe/pace.h says it is to do, it does.
 *
 * Off, it costs a load and a branch a poll, and none that was not there in between. */
#ifndef WEFT_PACE_H
#define WEFT_PACE_H

#include "runtime/loop.h"
#include "tracer/probe/pace.h"

/* Behind a poll, outside any task: obeys; returns when the loop may go on. */
void weft__pace_obey(weft_loop *loop);
static inline void weft__pace_look(weft_loop *loop)
{
    if (__builtin_expect(loop->paced || weft_pace_asked(loop->writer), 0))
        weft__pace_obey(loop);
}

/* Before a poll of a loop that is `paced`. */
void weft__pace_hold(weft_loop *loop);
/* That poll waits: a step ends here. */
void weft__pace_waits(weft_loop *loop);

/* Runs the batch of a loop that is `paced`, or in debug mode: holds before each entry, and takes
 * its time behind it. */
void weft__pace_run_batch(weft_loop *loop);

/* Ends whatever wait the loop is in here. From any thread. */
void weft__pace_wake(weft_loop *loop);

/* The loop is being closed. */
void weft__pace_finish(weft_loop *loop);

#endif
