/* publish.h: what session.c, strings.c and site.c owe each other; nobody else includes it. */
#ifndef WEFT_PROBE_PUBLISH_H
#define WEFT_PROBE_PUBLISH_H

#include "tracer/probe/strings.h"

/* The heap of this process's segment; NULL while the probe is off. */
struct weft_heap *weft_probe_heap(void);

/* Puts every site registered so far into a new segment's heap, with the numbers they have. */
void weft_site_publish_all(struct weft_heap *heap);

#endif
