/* intern.h: a string that comes again and again, once in the segment's heap.
 *
 * Names of spans and texts of marks. A table of what was added last, one place for each hash:
 *
 *      places[hash % N]:  | string id:32 | length:16 | more of the hash:16 |      0: free
 *
 * A place is one atomic word, so threads need no lock: who loses a race adds the string a second
 * time. What is found is compared with the heap's bytes, at an offset and length that come from
 * here and not from the segment. Thread: any. */
#ifndef WEFT_PROBE_INTERN_H
#define WEFT_PROBE_INTERN_H

#include "tracer/probe/strings.h"

/* weft_string_add, unless the string is among those added last. Never from a signal handler. */
uint32_t weft_string_intern(const char *text);

/* The same, into a heap given: always the same one between two calls of weft_intern_forget. */
uint32_t weft_heap_intern(struct weft_heap *heap, const char *text);

/* Another heap begins: no id of the old one is given out any more. Nobody else may be interning. */
void weft_intern_forget(void);
/* How often that happened: whether an id kept elsewhere still means something. Any thread. */
uint32_t weft_intern_generation(void);

#endif
