/* idmap.c: see idmap.h. */
#include "tracer/model/idmap.h"
#include <string.h>

enum {
    WINDOW_MIN = 256,
    WINDOW_BELOW = 4096, /* room below the first counter seen: a trace may begin amid a run */
    WINDOW_JUMP = 65536, /* how far ahead of its end a window still grows */
};

static struct idmap_window *find_window(const struct idmap *map, uint32_t prefix)
{
    for (guint i = 0; i < map->n_windows; i++)
        if (map->windows[i].prefix == prefix)
            return &map->windows[i];
    return NULL;
}

static struct idmap_window *add_window(struct idmap *map, uint32_t prefix, uint64_t counter)
{
    guint i = map->n_windows++;
    map->windows = g_renew(struct idmap_window, map->windows, map->n_windows);
    map->windows[i] = (struct idmap_window){ .prefix = prefix,
                                             .base = counter > WINDOW_BELOW ? counter - WINDOW_BELOW
                                                                            : 0 };
    if (i < G_MAXUINT8)
        map->hints[idmap_hint(prefix)] = (guint8)(i + 1);
    return &map->windows[i];
}

static gboolean grow_window(struct idmap_window *w, uint64_t offset)
{
    if (offset >= (uint64_t)w->n * 2 + WINDOW_JUMP || offset >= G_MAXUINT32 / 2)
        return FALSE;
    uint32_t n = MAX(w->n ? w->n * 2 : WINDOW_MIN, (uint32_t)offset + 1);
    w->values = g_renew(uint32_t, w->values, n);
    memset(w->values + w->n, 0, (n - w->n) * sizeof *w->values);
    w->n = n;
    return TRUE;
}

void idmap_set(struct idmap *map, uint64_t id, uint32_t value)
{
    uint32_t prefix = (uint32_t)(id >> WEFT_ID_COUNTER_BITS);
    uint64_t counter = weft_id_counter(id);
    struct idmap_window *w = find_window(map, prefix);
    if (!w)
        w = add_window(map, prefix, counter);
    uint64_t offset = counter - w->base;
    if (counter >= w->base && (offset < w->n || grow_window(w, offset))) {
        w->values[offset] = value;
        return;
    }
    if (!map->sparse)
        map->sparse = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    g_hash_table_insert(map->sparse, g_memdup2(&id, sizeof id), GUINT_TO_POINTER(value));
}

uint32_t idmap_get_slow(const struct idmap *map, uint64_t id)
{
    const struct idmap_window *w = find_window(map, (uint32_t)(id >> WEFT_ID_COUNTER_BITS));
    if (!w)
        return 0;
    uint64_t offset = weft_id_counter(id) - w->base;
    if (offset < w->n && w->values[offset])
        return w->values[offset];
    return map->sparse ? GPOINTER_TO_UINT(g_hash_table_lookup(map->sparse, &id)) : 0;
}

static gint by_id(gconstpointer a, gconstpointer b)
{
    uint64_t x = ((const struct idmap_pair *)a)->id, y = ((const struct idmap_pair *)b)->id;
    return (x > y) - (x < y);
}

GArray *idmap_pairs(const struct idmap *map)
{
    GArray *pairs = g_array_new(FALSE, FALSE, sizeof(struct idmap_pair));
    for (guint i = 0; i < map->n_windows; i++) {
        const struct idmap_window *w = &map->windows[i];
        for (uint32_t k = 0; k < w->n; k++) {
            struct idmap_pair pair = { ((uint64_t)w->prefix << WEFT_ID_COUNTER_BITS) + w->base + k,
                                       w->values[k] };
            if (pair.value)
                g_array_append_val(pairs, pair);
        }
    }
    GHashTableIter iter;
    gpointer id, value;
    if (map->sparse) {
        g_hash_table_iter_init(&iter, map->sparse);
        while (g_hash_table_iter_next(&iter, &id, &value)) {
            struct idmap_pair pair = { *(uint64_t *)id, GPOINTER_TO_UINT(value) };
            if (idmap_get(map, pair.id) == pair.value) /* else the window has a newer one */
                g_array_append_val(pairs, pair);
        }
    }
    g_array_sort(pairs, by_id);
    return pairs;
}

gsize idmap_memory(const struct idmap *map)
{
    gsize bytes = map->sparse ? g_hash_table_size(map->sparse) * 40 : 0;
    for (guint i = 0; i < map->n_windows; i++)
        bytes += map->windows[i].n * sizeof *map->windows[i].values;
    return bytes;
}

void idmap_finish(struct idmap *map)
{
    for (guint i = 0; i < map->n_windows; i++)
        g_free(map->windows[i].values);
    g_free(map->windows);
    g_clear_pointer(&map->sparse, g_hash_table_unref);
}
