/* record_cache.h: the last few chunks, decoded to records: what words, stories and stepping
 * read, again and again around one place.
 *
 * Thread: under the model's lock. */
#ifndef WEFT_MODEL_RECORD_CACHE_H
#define WEFT_MODEL_RECORD_CACHE_H

#include "tracer/trace/trace.h"

struct record_cache;

struct record_cache *record_cache_new(const weft_trace *trace); /* borrows the trace */
void record_cache_free(struct record_cache *cache);
gsize record_cache_memory(const struct record_cache *cache);

/* The chunk's records, *n of them; 0 when it is damaged. Valid until RECORD_CACHE_CHUNKS - 1 other
 * chunks have been asked for. */
enum { RECORD_CACHE_CHUNKS = 8 };
const struct weft_record *record_cache_get(struct record_cache *cache, guint chunk, guint *n);

#endif
