/* heap.c: the heap of strings and sites of a program that lies, read while it changes and after its
 * end. */
#include "tests/fuzz/fuzz.h"
#include "tracer/trace/heapreader.h"
#include <stdlib.h>

enum { HEAP_SIZE = 1024 };

static void on_string(void *data, guint32 id, const char *text, gsize size)
{
    (void)id;
    *(guint *)data += (guint)(strlen(text) <= size);
}

static void on_site(void *data, guint32 id, guint32 line, guint32 file, guint32 func)
{
    *(guint *)data += id + line + file + func;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weft_heap *heap = calloc(1, HEAP_SIZE);
    struct weft_heapreader reader;
    guint found = 0;
    struct weft_heap_definitions to = { on_string, on_site, &found };
    heap->size = HEAP_SIZE;
    memcpy(heap, data, MIN(size, HEAP_SIZE));
    weft_heapreader_init(&reader, heap, HEAP_SIZE);
    weft_heapreader_read(&reader, FALSE, &to);
    for (gsize at = HEAP_SIZE; at + 4 <= size; at += 4) { /* it changes meanwhile */
        guint where = (guint)(data[at] | data[at + 1] << 8) % HEAP_SIZE;
        ((uint8_t *)heap)[where] = data[at + 2];
        weft_heapreader_read(&reader, data[at + 3] & 1, &to);
    }
    weft_heapreader_read(&reader, TRUE, &to);
    if (reader.at > HEAP_SIZE)
        abort();
    free(heap);
    return 0;
}

void fuzz_seeds(fuzz_seed *seed)
{
    uint8_t bytes[HEAP_SIZE + 64] = { 0 };
    struct weft_heap *heap = (void *)bytes;
    heap->size = HEAP_SIZE;
    heap->used = sizeof *heap;
    seed("empty", bytes, sizeof *heap);
    weft_heap_add(heap, WEFT_HEAP_STRING, "main.c", 6);
    weft_heap_add(heap, WEFT_HEAP_STRING, "", 0);
    struct weft_heap_site site = { 1, 2, 4, 6 };
    weft_heap_add(heap, WEFT_HEAP_SITE, &site, sizeof site);
    seed("some", bytes, (gsize)heap->used);
    heap->used += 24; /* reserved, and no more */
    weft_heap_add(heap, WEFT_HEAP_STRING, "behind", 6);
    seed("hole", bytes, (gsize)heap->used);
    while (weft_heap_add(heap, WEFT_HEAP_STRING, "a longer string, again and again", 32) !=
           WEFT_STRING_FULL)
        continue;
    seed("full", bytes, sizeof bytes);
}
