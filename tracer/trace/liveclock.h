/* liveclock.h: the clock of a running program, as a live view shows it.
 *
 * A time once shown never moves: the map is told what was published (clockmap.h). Thread: one. */
#ifndef WEFT_TRACE_LIVECLOCK_H
#define WEFT_TRACE_LIVECLOCK_H

#include "tracer/trace/attach.h"
#include "tracer/trace/clockmap.h"

struct weft_liveclock {
    struct weft_clockmap map;
    guint64 last_anchor; /* CLOCK_MONOTONIC */
    uint64_t published;  /* the last tick that was converted */
    enum weft_clock_kind kind;
    gint64 shift; /* the trace's time 0, in ns since the program's start */
};

/* Of a program that has just begun it takes a tenth of a second. */
void weft_liveclock_start(struct weft_liveclock *clock, const struct weft_attachment *attachment);
void weft_liveclock_finish(struct weft_liveclock *clock);
/* Looks at both clocks, once a second. */
void weft_liveclock_keep(struct weft_liveclock *clock, const struct weft_attachment *attachment);

/* The trace begins at these ticks: returns how long after the program's start that is, in ns. */
gint64 weft_liveclock_begin_at(struct weft_liveclock *clock, uint64_t ticks);
/* Ticks become the trace's times; of records, never less than 0. */
gint64 weft_liveclock_ns(const struct weft_liveclock *clock, uint64_t ticks);
void weft_liveclock_convert(struct weft_liveclock *clock, struct weft_record *records, guint slots);

#endif
