/* state_cache.h: states of moments asked about lately, to go on from. Thread: any. */
#ifndef WEFT_MODEL_STATE_CACHE_H
#define WEFT_MODEL_STATE_CACHE_H

#include <glib.h>

struct state_cache;

struct state_cache *state_cache_new(void);
void state_cache_free(struct state_cache *cache);
gsize state_cache_memory(struct state_cache *cache); /* bytes held */
/* What happened at t or later is not all that was known when it was asked about: a chunk came whose
 * events, or the loss before it, begin there. */
void state_cache_forget(struct state_cache *cache, gint64 t_ns);

#endif
