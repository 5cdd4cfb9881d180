/* rows.h: what tables of a trace have in their columns, whatever their format: for csv.c and
 * sqlite.c. */
#ifndef WEFT_EXPORT_ROWS_H
#define WEFT_EXPORT_ROWS_H

#include "tracer/model/model.h"

/* Whether a lane's segments are rows: those of tasks, loops and handles are; those that count are
 * not. */
gboolean rows_has_lane(const struct weft_lane *lane);
gint64 rows_waiting_ns(const struct weft_totals *totals);
/* How a task ended; NULL while it is not done. */
const char *rows_outcome(const struct weft_lane *lane);

/* "waiting"; and its detail, "timer", "" without one. */
const char *rows_state(const struct weft_segment_view *segment);
const char *rows_detail(const struct weft_segment_view *segment);

struct row_event {
    const char *kind, *detail; /* "" without one, or when only a newer Weft knows it */
    enum weft_field object_is;
    gint64 object;    /* an id, a number; of a text 0; a deadline in ns since the start */
    guint32 site;     /* 0: none */
    const char *text; /* of the object, or of what belongs to the event; NULL: none */
};
struct row_event rows_event(const weft_trace *trace, const struct weft_event_view *event);

#endif
