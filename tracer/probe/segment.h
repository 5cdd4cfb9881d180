/* segment.h: making this process's segment file: directory, name, layout, room for rings. */
#ifndef WEFT_PROBE_SEGMENT_H
#define WEFT_PROBE_SEGMENT_H

#include "tracer/probe/ring.h"
#include "tracer/probe/strings.h"

struct weft_segment_file {
    int fd;
    struct weft_segment *segment; /* page 0, mapped with the directory and the heap */
    struct weft_directory_entry *directory;
    struct weft_heap *heap;
    uint64_t mapped, size; /* bytes: of that mapping, of the file */
    char path[512];
};

/* Makes and maps the segment, magic not yet stored: fill page 0 in, then weft_segment_publish().
 * 0, or a negative errno with nothing left behind. */
int weft_segment_create(struct weft_segment_file *file);
void weft_segment_publish(struct weft_segment_file *file);

/* Room for one more ring: at most n_chunks, at least 2: on a full file system it halves, and says
 * so. The ring is zeroed and mapped, not yet in the directory. NULL and errno when not even 2
 * chunks fit. */
struct weft_ring *weft_segment_add_ring(struct weft_segment_file *file, uint64_t *n_chunks,
                                        uint64_t *offset);

#endif
