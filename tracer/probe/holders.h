/* holders.h: who holds the units of a semaphore: its slot names the first, and slots of their own,
 * flagged WEFT_LIVE_HOLDER, the others.
 *
 * A unit that somebody gives back who has none is taken from the one who came last; no more units
 * are held than the semaphore began with: one that began with 0 only signals. Thread: the writer's.
 */
#ifndef WEFT_PROBE_HOLDERS_H
#define WEFT_PROBE_HOLDERS_H

#include "tracer/probe/slots.h"

void weft_holders_acquire(struct weft_slots *slots, struct weft_object_slot *semaphore, uint64_t id,
                          uint64_t task);
void weft_holders_release(struct weft_slots *slots, struct weft_object_slot *semaphore, uint64_t id,
                          uint64_t task);
/* The semaphore with this id goes: so do its holders' slots. */
void weft_holders_free(struct weft_slots *slots, uint64_t id);

#endif
