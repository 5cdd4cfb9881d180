/* clockmap.h: ticks of a trace to nanoseconds since its start: a line through the clock's anchors,
 * bent at each.
 *
 *      ns |            . '        knots: {ticks, ns, rate}: from here on, until the next
 *         |       . '  knot
 *         |   . ' knot
 *         | '___________ ticks
 *
 * A counter that jumps against CLOCK_MONOTONIC (a virtual machine paused or moved, a suspend) bends
 * the line between the two anchors around the jump, and nowhere else: what comes behind goes on at
 * the rate of before. One that jumps back gives no line: times are held until it has caught up.
 * CLOCK_MONOTONIC stands still while a machine sleeps, and so does a trace's time; a counter that
 * stands still too is as if nothing had been.
 *
 * Fitted only through anchors at least 100 ms apart: an anchor is off by some tens of nanoseconds.
 * A map that is read while it grows (live) never changes what it said: a new knot begins where the
 * published times end, and slews. Monotone. Thread: read by any number while nobody adds. */
#ifndef WEFT_TRACE_CLOCKMAP_H
#define WEFT_TRACE_CLOCKMAP_H

#include "tracer/probe/clock.h"
#include <glib.h>

struct weft_clockknot {
    uint64_t ticks;
    gint64 ns;     /* since the start; less than 0 before it */
    uint64_t rate; /* nanoseconds per tick, 32 bits behind the point */
};

struct weft_clockmap {
    GArray *knots;                        /* of struct weft_clockknot, at least one, by ticks */
    struct weft_clock_anchor first, last; /* of those fitted */
    guint64 start_mono_ns;                /* CLOCK_MONOTONIC at 0 */
    gboolean fitted;                      /* through two anchors at least */
    uint64_t rate;                        /* the last one that was no jump's; 0: none yet */
    gboolean jumped;                      /* before the last anchor */
};

/* The map of a trace in memory, whose ticks already are ns since its start. */
void weft_clockmap_init_identity(struct weft_clockmap *map, guint64 start_mono_ns);
/* An empty map of a clock of this kind; `start` is where nanoseconds count from. */
void weft_clockmap_init(struct weft_clockmap *map, enum weft_clock_kind kind,
                        const struct weft_clock_anchor *start);
void weft_clockmap_finish(struct weft_clockmap *map);

/* One more anchor, in order; one that makes no sense, or comes less than 100 ms after the last, is
 * left out. Ticks up to `published` have been converted already: they keep their times. */
void weft_clockmap_add(struct weft_clockmap *map, const struct weft_clock_anchor *anchor,
                       uint64_t published);

/* The knot that holds at `ticks` (before the first: the first), and where the next begins:
 * UINT64_MAX after the last. */
const struct weft_clockknot *weft_clockmap_at(const struct weft_clockmap *map, uint64_t ticks,
                                              uint64_t *end);

/* Nanoseconds since the start; 0 for all that lies before it. */
static inline uint64_t weft_clockknot_ns(const struct weft_clockknot *knot, uint64_t ticks)
{
    __int128 span = (__int128)(gint64)(ticks - knot->ticks) * (gint64)knot->rate;
    gint64 ns = (gint64)((uint64_t)knot->ns + (uint64_t)(span >> 32));
    return ns < 0 ? 0 : (uint64_t)ns;
}

uint64_t weft_clockmap_ns(const struct weft_clockmap *map, uint64_t ticks);
/* The same, less than 0 for what lies before it. */
gint64 weft_clockmap_signed_ns(const struct weft_clockmap *map, uint64_t ticks);

/* The tick of this moment, the other way round: of ns since the start. */
uint64_t weft_clockmap_ticks(const struct weft_clockmap *map, gint64 ns);

#endif
