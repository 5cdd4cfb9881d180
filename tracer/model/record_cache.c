/* record_cache.c: see record_cache.h. */
#include "tracer/model/record_cache.h"

struct slot {
    struct weft_record *records; /* NULL: never used */
    guint chunk, n;
    guint64 used; /* when it was last asked for */
};

struct record_cache {
    const weft_trace *trace;
    guint64 clock;
    struct slot slots[RECORD_CACHE_CHUNKS];
};

struct record_cache *record_cache_new(const weft_trace *trace)
{
    struct record_cache *cache = g_new0(struct record_cache, 1);
    cache->trace = trace;
    return cache;
}

void record_cache_free(struct record_cache *cache)
{
    for (guint i = 0; i < RECORD_CACHE_CHUNKS; i++)
        g_free(cache->slots[i].records);
    g_free(cache);
}

gsize record_cache_memory(const struct record_cache *cache)
{
    gsize bytes = 0;
    for (guint i = 0; i < RECORD_CACHE_CHUNKS; i++)
        bytes += cache->slots[i].records ? WEFT_TRACE_CHUNK_SLOTS * sizeof(struct weft_record) : 0;
    return bytes;
}

const struct weft_record *record_cache_get(struct record_cache *cache, guint chunk, guint *n)
{
    struct slot *oldest = &cache->slots[0];
    for (guint i = 0; i < RECORD_CACHE_CHUNKS; i++) {
        struct slot *slot = &cache->slots[i];
        if (slot->records && slot->chunk == chunk) {
            slot->used = ++cache->clock;
            *n = slot->n;
            return slot->records;
        }
        if (slot->used < oldest->used)
            oldest = slot;
    }
    if (!oldest->records)
        oldest->records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    oldest->chunk = chunk;
    oldest->n = weft_trace_decode(cache->trace, chunk, oldest->records, NULL);
    oldest->used = ++cache->clock;
    *n = oldest->n;
    return oldest->records;
}
