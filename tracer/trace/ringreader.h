/* ringreader.h: reads one ring of another process (or thread) while it is written. The protocol is
 * ring.h's; everything in the ring is treated as hostile: a ring that breaks its rules is given up,
 * never followed.
 *
 *      cursor: chunk k, offset in it, ordinal of the next slot expected
 *      chunk:  | header | read | ... | committed, not read yet | free |
 *                              ^offset
 *
 * When the ring has got another area of chunks, what is left in the one before is read first.
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
    const char *area, *next_area;  /* of chunks; NULL: none yet; none to go on with */
    guint64 n_chunks, next_chunks; /* checked; what the ring says later is not looked at */
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

/* FALSE when it is no ring of this index. There is nothing to read before it has an area. */
gboolean weft_ringreader_init(struct weft_ringreader *reader, const struct weft_ring *ring,
                              guint32 index, struct weft_ring *consumer);

/* The ring's chunks lie in this area of n >= 2, mapped until the reader is gone; a later one takes
 * the place of an earlier one as soon as that is read. */
void weft_ringreader_set_area(struct weft_ringreader *reader, const void *area, guint64 n);

/* Reads what is new of at most one chunk, into `records` (room for WEFT_CHUNK_SLOTS). FALSE when
 * there is nothing new, or the ring is corrupt. */
gboolean weft_ringreader_read(struct weft_ringreader *reader, struct weft_record *records,
                              struct weft_ring_read *read);

/* Slots dropped since the last chunk opened: once the writer has ended and all is read. */
guint64 weft_ringreader_dropped_at_end(struct weft_ringreader *reader);

/* ---- What holds of any chunk, read live or from what a dead program left ---- */

static inline gboolean weft_chunk_committed_makes_sense(guint64 committed)
{
    return committed >= WEFT_CHUNK_HEADER && committed <= WEFT_CHUNK_SIZE &&
           committed % WEFT_SLOT_SIZE == 0;
}

/* How many of the slots hold whole events, and how many events these are. An EXT is committed
 * together with its record: what is missing was never written by a probe. */
guint weft_whole_events(const struct weft_record *records, guint slots, guint *events);

/* Whether a chunk's header says who the actor was before its first record. Opened for a RESUME, it
 * already names the task that is resumed. */
static inline gboolean weft_chunk_names_actor(const struct weft_record *first, guint64 current_task)
{
    return first->kind != WEFT_RECORD_RESUME || first->subject != current_task;
}

#endif
