/* snapshot.h: what lives on a ring, told as events, behind the SNAPSHOT with which recording begins
 * amid the run: so that whoever reads the events knows at once what each task and object is, also
 * when the ring's loop was held until then, and the live tables that he has read are of before.
 * Once so many tasks are told of as SNAPSHOT says live, whoever was not has ended.
 *
 * What a ring loses while it records is told by nobody: in flight mode the program does not know
 * what its reader will miss, and a stream that overflows has no room. There each is known again by
 * its next event, and what ended meanwhile stays unknown. */
#ifndef WEFT_PROBE_SNAPSHOT_H
#define WEFT_PROBE_SNAPSHOT_H

#include "tracer/probe/ring.h"

/* An OBJECT_IS for each object of the ring, then a TASK_IS for each task, at one time: those that
 * are ready in the order in which they became so. Nothing where that would fill much of the ring,
 * or where not all are listed: then each is known by its next event. The writer's own thread. */
void weft_snapshot_emit(struct weft_writer *w, uint64_t time);

#endif
