/* dispatch.h: who holds a loop, now and before: what slices.c, starved.c and late.c judge by.
 *
 *   frames:  | task | eagerly started | ...      open slices of tasks and callbacks, outermost
 * first busy:    | time, ns busy until then | ...    at most 256 places, sparser the longer it goes
 * on held:    the last 64 slices of 1 ms and more
 *
 * Bounded, whatever the trace's length. Thread: one. */
#ifndef WEFT_MODEL_FINDINGS_DISPATCH_H
#define WEFT_MODEL_FINDINGS_DISPATCH_H

#include "tracer/model/findings/engine.h"

struct slice {
    uint64_t id;      /* the task, or whose callback */
    guint32 from, to; /* sites: where it went on from, where it suspended; 0: unknown */
    gint64 from_ns, to_ns;
    gboolean guess; /* it began before the trace did: when is not known exactly */
};

struct open_slice {
    uint64_t id;
    gint64 since_ns;
    gint64 nested_ns; /* the longest slice within it */
    gint64 nested_all_ns;
    guint32 site; /* a callback's */
    gboolean task, guess;
};

struct busy {
    gint64 until_ns, busy_ns;
    guint64 slices;
};

enum { FRAMES = 16, BUSY = 256, HELD = 64 };

struct dispatch {
    struct open_slice frames[FRAMES];
    guint depth, deeper; /* frames; slices nested too deep to have one */
    struct busy now;     /* up to the last slice that ended */
    struct busy busy[BUSY];
    guint n_busy;
    gint64 busy_step_ns; /* between two entries, at least */
    struct slice held[HELD];
    guint64 n_held;                         /* ever; the newest is at (n_held - 1) % HELD */
    gint64 known_ns;                        /* what was before is not known */
    gint64 iteration_ns, last_iteration_ns; /* beginnings; G_MININT64: none seen */
};

void dispatch_init(struct dispatch *d, gint64 known_ns);

void dispatch_push(struct dispatch *d, uint64_t id, gint64 time_ns, guint32 site, gboolean task);
/* The innermost slice of this id, or callback (id 0), ends and with it what is inside it. FALSE:
 * there is none. */
gboolean dispatch_pop(struct dispatch *d, uint64_t id, gint64 time_ns, struct open_slice *ended);
/* A slice without those around it ended: for dispatch_longest. */
void dispatch_held(struct dispatch *d, const struct slice *slice);

/* How long the loop ran tasks and callbacks in that time, by what is known; *slices how many of
 * them ended. */
gint64 dispatch_busy(const struct dispatch *d, gint64 from_ns, gint64 to_ns, guint64 *slices);
/* The slice that takes most of that time, one that still runs included. FALSE: none of 1 ms. */
gboolean dispatch_longest(const struct dispatch *d, gint64 from_ns, gint64 to_ns,
                          struct slice *longest);

#endif
