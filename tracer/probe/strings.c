/* strings.c: appending to the heap of strings and sites. See strings.h for its shape. */
#include "tracer/probe/strings.h"
#include "tracer/probe/publish.h"
#include <string.h>

size_t weft_string_cut(const char *text, size_t len, size_t max)
{
    if (len <= max)
        return len;
    size_t cut = max;
    while (cut > max - 4 && ((unsigned char)text[cut] & 0xc0) == 0x80)
        cut--;
    return cut;
}

uint32_t weft_heap_add(struct weft_heap *heap, unsigned state, const void *payload, size_t size)
{
    if (state == WEFT_HEAP_STRING)
        size = weft_string_cut(payload, size, WEFT_STRING_MAX);
    uint64_t room = (sizeof(struct weft_heap_entry) + size + 7) & ~UINT64_C(7);
    uint64_t at = __atomic_load_n(&heap->used, __ATOMIC_RELAXED);
    do {
        if (at + room > heap->size || at + room < at || at / 8 > WEFT_STRING_LAST) {
            __atomic_fetch_add(&heap->refused, 1, __ATOMIC_RELAXED);
            return WEFT_STRING_FULL;
        }
    } while (!__atomic_compare_exchange_n(&heap->used, &at, at + room, 1, __ATOMIC_RELAXED,
                                          __ATOMIC_RELAXED));
    struct weft_heap_entry *entry = (struct weft_heap_entry *)(void *)((char *)heap + at);
    __atomic_store_n(&entry->size, (uint32_t)size, __ATOMIC_RELAXED);
    __atomic_signal_fence(__ATOMIC_SEQ_CST); /* it can be killed here: the size comes first */
    memcpy(entry + 1, payload, size);
    __atomic_store_n(&entry->state, state, __ATOMIC_RELEASE);
    return (uint32_t)(at / 8);
}
