/* ownring.h: a ring of this process, into which a benchmark puts records of its own making. Apart
 * from the model's benchmarks because the probe's names and the model's do not mix. */
#ifndef WEFT_BENCH_OWNRING_H
#define WEFT_BENCH_OWNRING_H

#include "tracer/probe/event.h"

struct weft_writer; /* tracer/probe/ring.h */

/* Starts the probe: WEFT_TRACE says what it does with events. */
struct weft_writer *weft_ownring_open(void);
void weft_ownring_emit(struct weft_writer *ring, const struct weft_record *records, unsigned n);
void weft_ownring_close(struct weft_writer *ring);

/* Ticks of the events' clock. */
uint64_t weft_ownring_now(void);

#endif
