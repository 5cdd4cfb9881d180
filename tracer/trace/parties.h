/* parties.h: who holds units of a semaphore, and who has joined a group: what a state knows of an
 * object beside its one owner.
 *
 *      semaphore -> | task, units | task, units | ...      group -> | member | member | ...
 *
 * A group's members that have ended go when room is made: a group that lives for days keeps no list
 * of all that it ever had. Not public: state.h asks. */
#ifndef WEFT_TRACE_PARTIES_H
#define WEFT_TRACE_PARTIES_H

#include "tracer/trace/replayer.h"

struct weft_parties {
    uint64_t id; /* of the object */
    struct weft_party *at;
    guint n, capacity;
    uint64_t units; /* all of them */
    uint64_t ended; /* of a group: members that are no longer listed; or WEFT_PARTIES_HIDDEN */
};

/* Events were lost: others may have come and gone. Of a group for good, of a semaphore until its
 * value is told, which says how many units are out; but when its beginning was lost it is not known
 * how many it has. */
#define WEFT_PARTIES_HIDDEN G_MAXUINT32
#define WEFT_PARTIES_AMID   (G_MAXUINT32 - 1)

static inline gboolean weft_has_parties(uint64_t id)
{
    return weft_id_kind(id) == WEFT_ENTITY_SEMAPHORE || weft_id_kind(id) == WEFT_ENTITY_GROUP;
}

/* What RESOURCE and GROUP_ADD do; `semaphore` as it was before. */
void weft_parties_acquire(weft_state *state, const struct weft_object_at *semaphore, uint64_t task);
void weft_parties_release(weft_state *state, const struct weft_object_at *semaphore, uint64_t task);
void weft_parties_join(weft_state *state, uint64_t group, uint64_t member);

/* The object's, made when they are missing; and one more of them. Valid until the next. */
struct weft_parties *weft_parties_of(weft_state *state, uint64_t object);
void weft_parties_add(struct weft_parties *parties, uint64_t id, guint32 units);
void weft_parties_forget(weft_state *state, uint64_t object); /* the object is gone */
void weft_parties_hide(weft_state *state, uint64_t object);
void weft_parties_begin_amid(weft_state *state, uint64_t object); /* its beginning was not seen */
void weft_parties_show(weft_state *state, uint64_t semaphore);
gboolean weft_parties_hidden(const weft_state *state, uint64_t object); /* some may be */

void weft_parties_copy(struct weft_idtable *to, const struct weft_idtable *from);
void weft_parties_finish(struct weft_idtable *table);

#endif
