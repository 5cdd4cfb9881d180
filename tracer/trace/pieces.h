/* pieces.h: traces that hold parts of the same processes: files of one recording, dumps, windows.
 *
 *      a.weft    ring 0: 0 ------------- 500              ordinals, which are the process's own
 *      b.weft            ring 0: 300 --------- 800
 *      together          0 -----a------- 500 -b- 800      each slot once, in order
 *      c.weft                                       1000 ---- 1200    800 to 999 are in none
 *
 * A process is known by its boot, pid, start time and program. Traces that share one must number
 * its rings alike, as those of one recording do. Thread: one. */
#ifndef WEFT_TRACE_PIECES_H
#define WEFT_TRACE_PIECES_H

#include "tracer/trace/trace.h"

G_BEGIN_DECLS

#define WEFT_NO_PIECE G_MAXUINT

struct weft_piece_ring {
    guint64 begin,
        end;        /* ordinals that it holds, or knows to be lost; alike: it began, and no more */
    guint64 from;   /* slots from this one on are taken from here ... */
    gboolean taken; /* ... if any are: else others hold them all */
    gboolean until; /* another one goes on behind `end` */
    gboolean begun; /* something was taken */
    guint before; /* of the piece that goes before, or WEFT_NO_PIECE; if none are taken, of the last
                     piece of which some are */
    guint chunks; /* that are still to come */
};

struct weft_piece {
    weft_trace *trace;
    guint first;                   /* of those that share processes with it, the earliest; */
    guint most;                    /* and the one that knows of the most processes */
    struct weft_piece_ring *rings; /* by ring of the trace, WEFT_TRACE_RINGS */
};

/* The ordinal behind the chunk, whatever a file may claim. */
static inline guint64 weft_chunk_end(const struct weft_trace_chunk *chunk)
{
    return chunk->first_ordinal + MIN(chunk->slots, G_MAXUINT64 - chunk->first_ordinal);
}

/* Slots that are missing before it. */
static inline guint64 weft_chunk_missing(const struct weft_trace_chunk *chunk)
{
    return chunk->lost_before + chunk->exts_before;
}

/* Fills in all but `trace` of n pieces. FALSE and a CONFLICT: which cannot be together, and
 * why. weft_pieces_clear() either way. */
gboolean weft_pieces_order(struct weft_piece *pieces, guint n, GError **error);
void weft_pieces_clear(struct weft_piece *pieces, guint n);

G_END_DECLS

#endif
