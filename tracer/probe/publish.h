/* publish.h: what the files of the probe owe each other; nobody else includes it. */
#ifndef WEFT_PROBE_PUBLISH_H
#define WEFT_PROBE_PUBLISH_H

#include "tracer/probe/strings.h"

/* The heap of this process's segment; NULL while the probe is off. */
struct weft_heap *weft_probe_heap(void);

/* How much of it fits into max bytes: it is cut at a UTF-8 boundary, never within a character. */
size_t weft_string_cut(const char *text, size_t len, size_t max);

/* Puts every site registered so far into a new segment's heap, with the numbers they have. */
void weft_site_publish_all(struct weft_heap *heap);

/* The sites' mutex, for fork.c. */
void weft_site_lock(void);
void weft_site_unlock(void);

#endif
