/* heapreader.h: reads the heap of strings and sites of another process, as it grows. strings.h says
 * what it looks like. Nothing in it is trusted. Thread: one. */
#ifndef WEFT_TRACE_HEAPREADER_H
#define WEFT_TRACE_HEAPREADER_H

#include "tracer/probe/strings.h"
#include <glib.h>

struct weft_heapreader {
    const struct weft_heap *heap;
    guint64 size; /* bytes mapped */
    guint64 at;   /* of the next entry */
    gboolean corrupt;
};

struct weft_heap_definitions { /* called back for each */
    void (*string)(void *data, guint32 id, const char *text, gsize size);
    void (*site)(void *data, guint32 id, guint32 line, guint32 file, guint32 func);
    void *data;
};

void weft_heapreader_init(struct weft_heapreader *reader, const struct weft_heap *heap,
                          guint64 size);

/* Reads the entries that are new. An entry that is reserved but not written stops it until the next
 * call; when the writer has ended it is left out. */
void weft_heapreader_read(struct weft_heapreader *reader, gboolean writer_ended,
                          const struct weft_heap_definitions *to);

#endif
