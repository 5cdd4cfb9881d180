/* heapreader.c: see heapreader.h. */
#include "tracer/trace/heapreader.h"
#include <string.h>

void weft_heapreader_init(struct weft_heapreader *reader, const struct weft_heap *heap,
                          guint64 size)
{
    *reader = (struct weft_heapreader){ heap, size, sizeof *heap, FALSE };
}

/* Hands over one entry; its payload was complete before its state was stored. The copy is checked,
 * not the original, which a hostile writer might still change. */
static void hand_over(guint32 id, guint32 state, const void *payload, guint32 size,
                      const struct weft_heap_definitions *to)
{
    if (state == WEFT_HEAP_STRING) {
        g_autofree char *text = g_strndup("", size);
        memcpy(text, payload, size);
        to->string(to->data, id, text, size);
    } else if (state == WEFT_HEAP_SITE && size == sizeof(struct weft_heap_site)) {
        struct weft_heap_site site;
        memcpy(&site, payload, sizeof site);
        to->site(to->data, site.id, site.line, site.file, site.func);
    }
}

/* An entry of a dead writer that had not come to say how long it is: where the next one begins. */
static guint64 end_of_zeros(const struct weft_heapreader *reader, guint64 at, guint64 used)
{
    const char *heap = (const char *)reader->heap;
    while (used - at >= 8 &&
           __atomic_load_n((const guint64 *)(const void *)(heap + at), __ATOMIC_RELAXED) == 0)
        at += 8;
    return at;
}

void weft_heapreader_read(struct weft_heapreader *reader, gboolean writer_ended,
                          const struct weft_heap_definitions *to)
{
    guint64 used = __atomic_load_n(&reader->heap->used, __ATOMIC_ACQUIRE);
    if (used > reader->size)
        reader->corrupt = TRUE;
    while (!reader->corrupt && used - reader->at >= sizeof(struct weft_heap_entry) &&
           reader->at < used) {
        const char *at = (const char *)reader->heap + reader->at;
        const struct weft_heap_entry *entry = (const void *)at;
        guint32 state = __atomic_load_n(&entry->state, __ATOMIC_ACQUIRE);
        guint32 size = __atomic_load_n(&entry->size, __ATOMIC_RELAXED);
        if (state == WEFT_HEAP_RESERVED && !writer_ended)
            return;
        if (state == WEFT_HEAP_RESERVED && size == 0) {
            reader->at = end_of_zeros(reader, reader->at + sizeof *entry, used);
            continue;
        }
        guint64 room = ((guint64)size + sizeof *entry + 7) & ~(guint64)7;
        if (size > WEFT_STRING_MAX || room > used - reader->at) {
            reader->corrupt = TRUE;
            return;
        }
        hand_over((guint32)(reader->at / 8), state, entry + 1, size, to);
        reader->at += room;
    }
}
