/* follow_cache.h: the filters of chunks that were searched for edges (follow.h): sets of edges'
 * ends that may say yes to one that is not in them, and never no to one that is. Under the model's
 * lock. */
#ifndef WEFT_MODEL_FOLLOW_CACHE_H
#define WEFT_MODEL_FOLLOW_CACHE_H

#include <glib.h>

struct follow_cache;

void follow_cache_free(struct follow_cache *cache); /* NULL is fine */
gsize follow_cache_memory(const struct follow_cache *cache);

#endif
