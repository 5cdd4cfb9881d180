/* segment.h: making this process's segment file: directory, name, layout, room for more. */
#ifndef WEFT_PROBE_SEGMENT_H
#define WEFT_PROBE_SEGMENT_H

#include "tracer/probe/ring.h"
#include "tracer/probe/strings.h"
#include <pthread.h>

struct weft_segment_file {
    pthread_mutex_t lock; /* of what follows, once the file is published */
    int fd;               /* -1: it does not grow any more */
    uint64_t size;
    uint32_t n_blocks;            /* of the live tables */
    struct weft_segment *segment; /* page 0, mapped with the fixed parts behind it */
    struct weft_directory_entry *directory;
    struct weft_heap *heap;
    struct weft_table_directory *tables;
    char path[512];
    struct weft_mapping { /* everything that is mapped */
        void *at;
        uint64_t size;
    } * mappings;
    size_t n_mappings, room;
};

/* The directory that segments live in (see session.h), opened: its descriptor, and its path.
 * A negative errno, -EPERM when it is not this user's alone. */
int weft_probe_open_directory(char *path, size_t size);

/* Makes and maps the segment, magic not yet stored: fill page 0 in, then weft_segment_publish().
 * 0, or a negative errno with nothing left behind. */
int weft_segment_create(struct weft_segment_file *file);
void weft_segment_publish(struct weft_segment_file *file);

/* So much more room at the end of the file, zeroed, mapped and present, and where it lies. NULL and
 * errno when there is none. Any thread, not from a signal handler. */
void *weft_segment_grow(struct weft_segment_file *file, uint64_t size, uint64_t *offset);

/* Room for at most *n chunks, at least 2: on a full file system it halves, and says so. */
void *weft_segment_add_area(struct weft_segment_file *file, uint64_t *n, uint64_t *offset);

/* One more block of the live tables, listed in their directory as `number`. NULL and errno. */
struct weft_table_block *weft_segment_add_block(struct weft_segment_file *file,
                                                enum weft_table_kind kind, uint32_t ring,
                                                uint32_t *number);

/* The file grows no more; what is mapped stays mapped. */
void weft_segment_close(struct weft_segment_file *file);

/* In a fork's child: lets go of the parent's segment. Where it was mapped there is memory of the
 * child's own now: what still points there does no harm to anybody. `file` is as new. */
void weft_segment_forget(struct weft_segment_file *file);

#endif
