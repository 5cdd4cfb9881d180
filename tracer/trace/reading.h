/* reading.h: a trace file while it is read: what open.c (begins, and goes on when the file has
 * grown) and reader.c (reads chunks) share.
 *
 *      | chunk | chunk | chunk | half a ch         a file that is being written
 *                              ^ offset: the next time, it goes on from here
 *
 * Kept with the trace as long as the file may grow. */
#ifndef WEFT_TRACE_READING_H
#define WEFT_TRACE_READING_H

#include "tracer/trace/store.h"

struct weft_reading_span { /* ticks: when a process was seen, as its PROCESS says */
    guint64 from, until;
};

struct weft_reading {
    weft_trace *trace;
    struct weft_tracefile *file;
    guint64 offset;     /* of the first byte that is no whole chunk yet */
    gboolean ended;     /* what was read last is an INDEX, or cannot be read at all */
    gboolean added;     /* behind a trailer, there is nothing but additions (extend.h) */
    gsize damage;       /* how long the trace's text was, before what is said of its end */
    GArray *anchors;    /* of struct weft_clock_anchor */
    GArray *sites;      /* their strings may come later */
    GArray *spans;      /* of struct weft_reading_span, by source */
    guint anchored;     /* anchors that the clock has */
    guint resolved;     /* sites that have their texts */
    guint converted;    /* chunks whose times are nanoseconds */
    uint64_t published; /* the last tick in them */
    gboolean has_process, start_anchored;
    enum weft_clock_kind clock_kind;
    struct weft_clock_anchor start;
};

/* One more thing that is wrong with the file. */
void weft_reading_damage(struct weft_reading *o, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Reads all there is; and what came since. FALSE: time does not begin where it did, and the trace
 * must be opened anew. */
void weft_reading_all(struct weft_reading *o);
gboolean weft_reading_more(struct weft_reading *o);

void weft_reading_free(struct weft_reading *o); /* NULL is fine; leaves the trace */

#endif
