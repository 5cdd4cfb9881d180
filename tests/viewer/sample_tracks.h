/* sample_tracks.h: a hand-written trace of what is no task, for tests of how that is drawn. */
#ifndef WEFT_TESTS_VIEWER_SAMPLE_TRACKS_H
#define WEFT_TESTS_VIEWER_SAMPLE_TRACKS_H

#include "tracer/trace/trace.h"

/* 100 ms of two tasks, "a" and "b": a lock "db" that a holds and b waits for, and that is then
 * taken and released 200 times; a semaphore of 3 and a queue of 4, an event that is set, two
 * threads of the pool with a job each, a counter that falls below 0; with `lossy`, 70 lost events
 * from 90 ms on. The caller owns it. */
weft_trace *weft_sample_tracks(gboolean lossy);

#endif
