/* intern.c: see intern.h. */
#include "tracer/probe/intern.h"
#include "tracer/probe/publish.h"
#include <string.h>

enum { PLACES = 1024 };

static uint64_t places[PLACES]; /* atomic */
static uint32_t generation;     /* atomic */

/* FNV-1a. It stops where a string is cut, so that a long one is found again too. */
static uint64_t hash_of(const char *text, size_t *len)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    size_t i = 0;
    for (; text[i] && i < WEFT_STRING_MAX; i++)
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    *len = i;
    return hash;
}

static int is_there(const struct weft_heap *heap, uint64_t place, uint64_t wanted, const char *text,
                    size_t len)
{
    if (place == 0 || (uint32_t)place != (uint32_t)wanted)
        return 0;
    const char *entry = (const char *)heap + (place >> 32) * 8;
    return memcmp(entry + sizeof(struct weft_heap_entry), text, len) == 0;
}

uint32_t weft_heap_intern(struct weft_heap *heap, const char *text)
{
    size_t len;
    uint64_t hash = hash_of(text, &len);
    uint64_t *place = &places[hash % PLACES];
    uint64_t wanted = (uint64_t)len | (hash >> 48) << 16;
    uint64_t found = __atomic_load_n(place, __ATOMIC_ACQUIRE);
    if (is_there(heap, found, wanted, text, len))
        return (uint32_t)(found >> 32);
    uint32_t id = weft_heap_add(heap, WEFT_HEAP_STRING, text, strlen(text));
    if (id != WEFT_STRING_FULL && len < WEFT_STRING_MAX)
        __atomic_store_n(place, (uint64_t)id << 32 | wanted, __ATOMIC_RELEASE);
    return id;
}

uint32_t weft_string_intern(const char *text)
{
    struct weft_heap *heap = weft_probe_heap();
    return heap && text ? weft_heap_intern(heap, text) : WEFT_STRING_NONE;
}

void weft_intern_forget(void)
{
    for (int i = 0; i < PLACES; i++)
        __atomic_store_n(&places[i], 0, __ATOMIC_RELAXED);
    __atomic_add_fetch(&generation, 1, __ATOMIC_RELAXED);
}

uint32_t weft_intern_generation(void)
{
    return __atomic_load_n(&generation, __ATOMIC_RELAXED);
}
