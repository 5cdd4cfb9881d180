/* repair.h: a damaged trace file -> a whole one that holds all that can be read of it.
 *
 *      INDEX, or hops --> chunks, each read and checked --> whole: copied as it is
 *                                                       --> not: EVENTS become a LOSS; told where
 *
 * The damaged file is only read. Thread: one. */
#ifndef WEFT_TRACE_REPAIR_H
#define WEFT_TRACE_REPAIR_H

#include "tracer/trace/format.h"
#include "tracer/trace/trace.h"

G_BEGIN_DECLS

enum weft_repair_cause {
    WEFT_REPAIR_DAMAGED, /* these bytes are not those that were written */
    WEFT_REPAIR_CUT,     /* the file ends before what begins here */
    WEFT_REPAIR_OTHER,   /* another trace begins here */
};

struct weft_repair_range { /* what was not saved */
    guint64 from, to;      /* bytes of the damaged file */
    enum weft_repair_cause cause;
    guint kind; /* enum weft_chunk_kind; 0: what it held is not known */
    guint32 ring;
    guint32 n; /* events, or entries; 0: not known */
};

struct weft_repair_report {
    guint64 size;        /* of the damaged file */
    guint chunks;        /* saved */
    guint64 events;      /* saved */
    guint64 lost;        /* slots that were not lost before; of damaged chunks, events */
    guint restored;      /* chunks whose headers were damaged, and known from the INDEX */
    gboolean bad_header; /* of the file */
    gboolean bad_index;  /* missing, or damaged */
    gboolean no_process; /* nothing says what was traced, or when its time began */
    GArray *ranges;      /* of struct weft_repair_range, by place */
};

/* Writes what can be read of `path` to `output`, another file. Fills in the report, to be cleared.
 * Returns FALSE and an error, and leaves no output, when nothing of it can be read, or the system
 * refuses. */
gboolean weft_repair(const char *path, const char *output, struct weft_repair_report *report,
                     GError **error);
void weft_repair_report_clear(struct weft_repair_report *report);

/* Whether all that was in the file is in the repaired one. */
gboolean weft_repair_is_complete(const struct weft_repair_report *report);

G_END_DECLS

#endif
