/* livebegin.h: what is known of a program when somebody begins to look at it: the events that are
 * still in its rings, and, from its live tables, the state that they begin in (tableat.h). */
#ifndef WEFT_TRACE_LIVEBEGIN_H
#define WEFT_TRACE_LIVEBEGIN_H

#include "tracer/trace/attach.h"

struct weft_livepiece { /* what one read of a ring gave */
    guint32 ring;
    guint64 ordinal; /* of its first slot */
    struct weft_ring_read read;
    struct weft_record *records; /* times in ticks */
};

struct weft_livebegin {
    struct weft_tableread tables; /* state: when the events begin, times in ticks */
    gboolean amid;     /* the trace has to begin with that state: the events do not tell it all */
    guint64 begin;     /* ticks: the first event; or, without any, the first that is known */
    GPtrArray *pieces; /* of struct weft_livepiece *, in each ring's order */
};

/* Puts the rings' readers behind all that is there: what was recorded before has an end, and what
 * was done since is in no event. Each ring's chunk then, of guint64: g_array_unref it. */
GArray *weft_livebegin_pass(struct weft_attachment *attachment);
/* Whether every loop that is seen to be alive has opened a chunk since. */
gboolean weft_livebegin_all_record(const struct weft_attachment *attachment, const GArray *passed);

/* Reads it; the rings' readers go on behind. `now` in the program's ticks. */
struct weft_livebegin weft_livebegin_read(struct weft_attachment *attachment,
                                          struct weft_tablenames *names, guint64 now);
void weft_livebegin_clear(struct weft_livebegin *begin);

#endif
