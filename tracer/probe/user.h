/* user.h: what the probe's session and the runtime owe to the events of programs (weft-probe.c). */
#ifndef WEFT_PROBE_USER_H
#define WEFT_PROBE_USER_H

#include "tracer/probe/ring.h"
#include "tracer/probe/weft-probe.h"

/* Values of weft__recording, but for 0. */
enum {
    WEFT_RECORDING_UNKNOWN = 1, /* nobody has looked at the environment yet: the next event does */
    WEFT_RECORDING = 2,
};

/* How to find the writer of the loop that belongs to the calling thread: NULL when it has none.
 * Async-signal-safe. The runtime says it once. */
void weft_probe_find_loop_by(struct weft_writer *(*find)(void));

/* The writer for what the calling thread says now: its loop's or its own; NULL: nothing is
 * recorded. */
struct weft_writer *weft_probe_writer_here(void);

#endif
