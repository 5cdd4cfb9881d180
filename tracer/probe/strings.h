/* strings.h: the segment's definitions: an append-only heap of strings and sites, many writers.
 *
 *      heap:  | used | entry | entry | entry | ............ free ............ |
 *      entry: | state:u32 | size:u32 | payload, padded to 8 |
 *
 * A writer reserves room with one compare-and-swap on `used`, fills the payload, then stores
 * `state` with release: WEFT_HEAP_STRING or WEFT_HEAP_SITE. A state of 0 is reserved but not (yet)
 * written: its writer may have died there, so a reader stops at it and looks again later; at
 * recovery it skips it by size, which is stored before the payload is. One that has no size yet is
 * zeros to its end, since the heap is only ever appended to: the next entry begins at the first
 * word that is not 0. A string's id is its entry's offset in the heap / 8: never 0, since the heap
 * begins with its header, and never more than WEFT_STRING_LAST, however large the heap is. */
#ifndef WEFT_PROBE_STRINGS_H
#define WEFT_PROBE_STRINGS_H

#include <stddef.h>
#include <stdint.h>

enum {
    WEFT_HEAP_RESERVED = 0,
    WEFT_HEAP_STRING = 1,
    WEFT_HEAP_SITE = 2,
};
enum {
    WEFT_STRING_MAX = 4096, /* longer strings are cut at a UTF-8 boundary */
    WEFT_STRING_NONE = 0,
    WEFT_STRING_LAST = INT32_MAX, /* above it: names in slots (table.h), and what is no id */
};
#define WEFT_STRING_FULL UINT32_MAX /* the heap was full: "a string was here, and is lost" */

struct weft_heap {
    uint64_t used;    /* atomic: bytes reserved, this header included */
    uint64_t size;    /* of the heap, this header included            */
    uint64_t refused; /* atomic: entries that did not fit             */
    uint64_t reserved;
};
struct weft_heap_entry {
    uint32_t state; /* atomic: WEFT_HEAP_… */
    uint32_t size;  /* atomic: payload bytes, without padding; 0 while just reserved */
};
struct weft_heap_site { /* payload of WEFT_HEAP_SITE */
    uint32_t id, line;
    uint32_t file, func; /* string ids */
};

/* Puts a string (len bytes, or up to its NUL when len is SIZE_MAX) into the segment's heap and
 * returns its id; WEFT_STRING_NONE for NULL or when the probe
 * is off; WEFT_STRING_FULL when the heap is full. Invalid UTF-8 is stored as it is: readers decide.
 * Any thread; never from a signal handler. */
uint32_t weft_string_add(const char *text, size_t len);

/* The same, into a heap given (the session's own, a test's). */
uint32_t weft_heap_add(struct weft_heap *heap, unsigned state, const void *payload, size_t size);

#endif
