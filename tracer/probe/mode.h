/* mode.h: switching what is recorded in the middle of a run.
 *
 *      controller --> weft_probe_want_mode: mode, mask, turn + 1, wakes every loop
 *      each writer, at its loop's next poll --> weft_probe_turn: adopts it: gets its chunks, emits
 *                                               SNAPSHOT and what lives (snapshot.h); or closes
 *                                               its chunk and rests
 *
 * Each connection to the control socket may want a mode, until it says otherwise or ends; the
 * process is in the highest that somebody wants, or that it was started in. So it goes on recording
 * for as long as anybody reads, and no longer: a reader that is killed ends its connection too.
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

/* What connection `client`, of process `pid`, wants from now on: flight or stream, or standby,
 * which is nothing. `ring_bytes`: of each ring, 0 for the default; a ring that has more keeps it. A
 * stream is refused (-EBUSY) while somebody else holds the lease on it. -ENODEV: nothing is traced.
 * -EINVAL. Any thread. */
int weft_probe_want_mode(enum weft_mode mode, uint64_t ring_bytes, uint64_t client, pid_t pid);

#endif
