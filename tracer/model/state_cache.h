/* state_cache.h: states of moments asked about lately, to go on from. Under the model's lock. */
#ifndef WEFT_MODEL_STATE_CACHE_H
#define WEFT_MODEL_STATE_CACHE_H

struct state_cache;

struct state_cache *state_cache_new(void);
void state_cache_free(struct state_cache *cache);

#endif
