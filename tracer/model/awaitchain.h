/* awaitchain.h: what a task waits for, what that waits for, and so on to where it ends: the first
 * path along the waits-for relation (waitsfor.h).
 *
 *      reader --> lock "db" --> writer --> task fetch-1 --> (recv: outside)
 *
 * Of several that could let it go on the first that has not ended is followed. */
#ifndef WEFT_MODEL_AWAITCHAIN_H
#define WEFT_MODEL_AWAITCHAIN_H

#include "tracer/model/waitsfor.h"

G_BEGIN_DECLS

struct weft_await_chain {
    GArray *ids;         /* of uint64_t: the task itself, what it awaits, who holds that, … */
    enum weft_waits end; /* how the last one waits; WEFT_WAITS_FOR: a circle, or it was cut */
    guint circle;        /* the last leads back to this one of `ids`; G_MAXUINT: to none */
};

/* At most `max` ids. Clear it with weft_await_chain_clear(). */
struct weft_await_chain weft_await_chain(const weft_state *state, uint64_t task, guint max);
void weft_await_chain_clear(struct weft_await_chain *chain);

G_END_DECLS

#endif
