/* ownring.c: see ownring.h. */
#include "tests/bench/ownring.h"
#include "tracer/probe/session.h"

struct weft_writer *weft_ownring_open(void)
{
    weft_probe_start();
    return weft_probe_open_ring(WEFT_RING_LOOP);
}

void weft_ownring_emit(struct weft_writer *ring, const struct weft_record *records, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        const struct weft_record *r = &records[i];
        ring->current_task = r->kind == WEFT_RECORD_RESUME ? r->subject : ring->current_task;
        weft_ring_emit(ring, r->time, r->kind, r->detail, r->site, r->subject, r->object, NULL);
    }
}

void weft_ownring_close(struct weft_writer *ring)
{
    weft_probe_close_ring(ring, 0);
}

uint64_t weft_ownring_now(void)
{
    return weft_clock_now();
}
