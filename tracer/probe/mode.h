/* mode.h: switching what is recorded in the middle of a run.
 *
 *      controller --> weft_probe_set_mode: mode, mask, turn + 1, wakes every loop
 *      each writer, at its loop's next poll --> weft_probe_turn: adopts it: gets its chunks, emits
 *                                               SNAPSHOT; or closes its chunk and rests
 *
 * Switching off takes effect at once for everybody; switching on with each writer's own turn: from
 * its SNAPSHOT on, what it does is recorded. */
#ifndef WEFT_PROBE_MODE_H
#define WEFT_PROBE_MODE_H

#include "tracer/probe/ring.h"
#include <sys/types.h>

/* "off", "standby", "flight", "stream". */
const char *weft_mode_name(enum weft_mode mode);
/* A mode by its name; false: there is none. */
bool weft_mode_parse(const char *text, enum weft_mode *mode);
/* Bytes, with K, M or G or without; false: that is no size. */
bool weft_size_parse(const char *text, uint64_t *size);

enum weft_mode weft_probe_mode(void);

/* Switches to standby, flight or stream. `ring_bytes`: of each loop's ring, 0 for the default; a
 * ring that has more keeps it. `asker` is the connection that asks, `pid` whose it is: while
 * somebody else holds the lease on the stream, it is refused (-EBUSY). A stream goes back to what
 * was before it when the asker has gone and the lease has run out. -ENODEV: nothing is traced.
 * -EINVAL. Any thread. */
int weft_probe_set_mode(enum weft_mode mode, uint64_t ring_bytes, uint64_t asker, pid_t pid);

/* The connection has ended. */
void weft_probe_forget_asker(uint64_t asker);

#endif
