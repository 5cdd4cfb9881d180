/* idmap.h: entity id → a 32-bit value (a lane, a name), about as cheap as an array.
 *
 *   kind:8|ring:12 --> window: base | v v v v v v ...  |    counters are dense: index = counter -
 * base (20 bits)                                               a counter far off the window: a hash
 * table
 *
 * Ids count up from 1 per (kind, ring), so a window per (kind, ring) is an array that only grows. A
 * trace that lies about its counters costs a hash lookup, never memory. Value 0 means none.
 *
 * Thread: one writer; readers while nobody writes. */
#ifndef WEFT_MODEL_IDMAP_H
#define WEFT_MODEL_IDMAP_H

#include "tracer/probe/event.h"
#include <glib.h>

struct idmap_window {
    uint32_t prefix; /* id >> 44 */
    uint32_t n;
    uint64_t base;
    uint32_t *values;
};

enum { IDMAP_HINTS = 64 };

struct idmap {
    struct idmap_window *windows;
    guint n_windows;
    guint8 hints[IDMAP_HINTS]; /* window + 1, by hash of the prefix; 0: look for it */
    GHashTable *sparse;        /* of uint64_t * → value; NULL until it is needed */
};

void idmap_finish(struct idmap *map);
void idmap_set(struct idmap *map, uint64_t id, uint32_t value);
uint32_t idmap_get_slow(const struct idmap *map, uint64_t id);

struct idmap_pair {
    uint64_t id;
    uint32_t value;
};
/* All of it, by id: of struct idmap_pair. */
GArray *idmap_pairs(const struct idmap *map);

/* Bytes it holds. */
gsize idmap_memory(const struct idmap *map);

static inline guint idmap_hint(uint32_t prefix)
{
    return (prefix ^ prefix >> 12) % IDMAP_HINTS;
}

static inline uint32_t idmap_get(const struct idmap *map, uint64_t id)
{
    uint32_t prefix = (uint32_t)(id >> WEFT_ID_COUNTER_BITS);
    guint8 hint = map->hints[idmap_hint(prefix)];
    if (hint) {
        const struct idmap_window *w = &map->windows[hint - 1];
        uint64_t offset = weft_id_counter(id) - w->base;
        if (w->prefix == prefix && offset < w->n && w->values[offset])
            return w->values[offset];
    }
    return idmap_get_slow(map, id);
}

#endif
