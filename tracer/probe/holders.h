/* holders.h: who holds the units of a semaphore: its slot names the first, and slots of their own,
 * flagged WEFT_LIVE_HOLDER, the others. And the members of a group whose own slots do not say so:
 * futures, other groups (a shield in a gather), tasks that were members of another one before.
 *
 * A unit that somebody gives back who has none is taken from the one who came last; no more units
 * are held than the semaphore began with: one that began with 0 only signals. Thread: the writer's.
 */
#ifndef WEFT_PROBE_HOLDERS_H
#define WEFT_PROBE_HOLDERS_H

#include "tracer/probe/slots.h"

/* A unit is taken, or given back. Returns the holder that the semaphore's own slot is to name now,
 * 0 = none: the caller stores it, together with the value. */
uint64_t weft_holders_acquire(struct weft_slots *slots, const struct weft_object_slot *semaphore,
                              uint64_t id, uint64_t task);
uint64_t weft_holders_release(struct weft_slots *slots, const struct weft_object_slot *semaphore,
                              uint64_t id, uint64_t task);
/* One more member of this group; without memory or a slot it is not listed. */
void weft_holders_join(struct weft_slots *slots, uint64_t group, uint64_t member);
/* Who holds units of it, or is a member, the i-th, from 0; false: no more do. */
struct weft_holding {
    uint64_t party, units; /* units: 0, of a group */
};
bool weft_holders_get(const struct weft_slots *slots, uint64_t id, uint32_t i,
                      struct weft_holding *holding);
/* The semaphore or group with this id goes: so do its holders' slots. */
void weft_holders_free(struct weft_slots *slots, uint64_t id);

#endif
