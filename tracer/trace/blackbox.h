/* blackbox.h: the segment that a dead program left behind, read with pread and checked.
 *
 *      file: | page 0 | directory | heap | ... | ring | area of chunks | ring | area ...
 *      box:    page     rings[] -----------------^      ^ chunks[]: those to be believed, in order
 *
 * Everything in the file is hostile: areas must lie in it and not in each other, chunks must fit
 * their neighbours. `current` is not looked at: a chunk counts when its own header says so, and a
 * slot whose seq is 0 was being rewritten. What is wrong goes to `damage`, with its byte; the rest
 * is kept. Nothing is mapped: a file that is cut meanwhile is an error, not a SIGBUS. Thread: one.
 */
#ifndef WEFT_TRACE_BLACKBOX_H
#define WEFT_TRACE_BLACKBOX_H

#include "tracer/probe/ring.h"
#include "tracer/trace/heapreader.h"
#include "tracer/trace/tablereader.h"
#include "tracer/trace/trace.h"

struct weft_blackbox_chunk {
    guint64 offset; /* of its header in the file */
    guint64 seq, base_ticks, base_mono_ns;
    guint64 first_event; /* ordinal of its first slot */
    guint64 dropped;     /* by its ring, when it was opened */
    guint64 current_task;
    guint slots;
};

struct weft_blackbox_ring {
    guint32 index;
    guint64 dropped; /* by the program's end */
    guint64 retired; /* slots that were in areas before this one */
    GArray *chunks;  /* of struct weft_blackbox_chunk */
};

struct weft_blackbox {
    char *path;
    int fd;
    guint64 size;
    gboolean same_boot;       /* it was written since this machine started */
    gboolean closed;          /* the program closed it: it ended by itself */
    struct weft_segment page; /* a copy; its texts end with NUL */
    struct weft_heap *heap;   /* a copy; NULL when it is damaged */
    guint64 heap_size;
    GPtrArray *rings;        /* of struct weft_blackbox_ring *, by index, those there are */
    struct weft_tables live; /* copies of the live tables' blocks and of the rings' pages */
    GString *damage;         /* sentences about the first faults */
    guint n_damages;         /* all faults */
    GArray *areas;           /* of struct area: taken already */
};

/* The segment that process `pid` left in the runtime directory: its path, g_free it. NULL and an
 * error when there is none. Several: the newest. */
char *weft_blackbox_find(guint64 pid, GError **error);

/* Opens the segment at `path`, in the runtime directory or a copy elsewhere. Refuses one whose
 * program still runs. */
struct weft_blackbox *weft_blackbox_open(const char *path, GError **error);
void weft_blackbox_free(struct weft_blackbox *box); /* NULL is fine */

/* The events of one chunk into `records` (room for WEFT_CHUNK_SLOTS): how many slots; fewer than
 * chunk->slots when the rest of it was never written, which goes to `damage`. -1 and an error when
 * the file cannot be read any more. */
gint weft_blackbox_read(struct weft_blackbox *box, const struct weft_blackbox_chunk *chunk,
                        struct weft_record *records, guint *events, GError **error);

/* Adds a sentence to `damage`. */
void weft_blackbox_add_damage(struct weft_blackbox *box, const char *format, ...)
    G_GNUC_PRINTF(2, 3);
/* What is wrong with it: the first faults, and how many more there are; NULL: nothing. g_free it.
 */
char *weft_blackbox_damage(const struct weft_blackbox *box);

/* The anchor that the program published last; FALSE when it was killed while it wrote one. */
gboolean weft_blackbox_anchor(const struct weft_blackbox *box, struct weft_clock_anchor *anchor);

#endif
