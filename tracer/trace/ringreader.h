/* ringreader.h: reads one ring of another process (or thread) while it is written. The protocol is
 * ring.h's; everything in the ring is treated as hostile: a ring that breaks its rules is given up,
 * never followed.
 *
 *      cursor: chunk k, offset in it, ordinal of the next slot expected
 *      chunk:  | header | read | ... | committed, not read yet | free |
 *                              ^offset
 *
 * Counting is exact:  emitted = read + lost,  lost = unread + dropped.  Thread: one. */
#ifndef WEFT_TRACE_RINGREADER_H
#define WEFT_TRACE_RINGREADER_H

#include "tracer/probe/ring.h"
#include <glib.h>

struct weft_ringreader {
    const struct weft_ring *ring;
    struct weft_ring *consumer; /* the same, writable: whoever drains a stream; else NULL */
    guint32 index;
    guint64 n_chunks; /* checked; what the ring says later is not looked at */
    guint64 k, next;
    gsize offset;
    guint64 dropped; /* counted so far */
    gboolean corrupt;
};

/* What one read gave. */
struct weft_ring_read {
    guint slots, events;     /* copied into `records`; whole events only */
    guint64 unread, dropped; /* lost just before them */
    gboolean actor_known;    /* the ring says who its actor was just before them: after a loss */
    guint64 actor;           /* a task, or 0 */
};

/* `ring` is mapped with `size` bytes. FALSE when it is no ring of this size. */
gboolean weft_ringreader_init(struct weft_ringreader *reader, const struct weft_ring *ring,
                              gsize size, guint32 index, struct weft_ring *consumer);

/* Reads what is new of at most one chunk, into `records` (room for WEFT_CHUNK_SLOTS). FALSE when
 * there is nothing new, or the ring is corrupt. */
gboolean weft_ringreader_read(struct weft_ringreader *reader, struct weft_record *records,
                              struct weft_ring_read *read);

/* Slots dropped since the last chunk opened: once the writer has ended and all is read. */
guint64 weft_ringreader_dropped_at_end(struct weft_ringreader *reader);

#endif
