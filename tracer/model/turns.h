/* turns.h: what a loop did until now, event by event: who ran, who held it longest since when, when
 * it last polled.
 *
 *      queued:   | a | b | c | ...   slices of tasks that came out of the ready queue
 *      longest:  | a | c |           slices and callbacks after which none was longer
 *
 * Only what has ended is in them: nothing is known of what is to come. Of slices the last many are
 * kept. Asked in O(log n). Thread: one. */
#ifndef WEFT_MODEL_TURNS_H
#define WEFT_MODEL_TURNS_H

#include "tracer/model/model.h"

struct turn {
    uint64_t id; /* the task, or whose callback */
    gint64 from_ns, to_ns;
    gboolean task;   /* its slice; else a callback */
    gboolean queued; /* … which did not begin within another's */
};

struct turns {
    GArray *open; /* of struct turn: those that last, outermost first */
    GArray *queued, *longest;
    gint64 known_ns; /* what ran before is not in them; G_MAXINT64: a loop at rest comes first */
    gint64 poll_ns, polled_ns; /* the last poll began, ended; G_MININT64: none is known */
    gint64 unpolled_ns;        /* before the last poll for so long there was none; 0: unknown */
    struct turn held;          /* the longest in that time; id 0: none */
};

void turns_init(struct turns *turns);
void turns_finish(struct turns *turns);
/* Nothing is known any more. */
void turns_forget(struct turns *turns);
void turns_note(struct turns *turns, const struct weft_record *record);

/* The longest that ended after this moment; NULL: none, or that is not known. */
const struct turn *turns_longest(const struct turns *turns, gint64 since_ns);
/* When the innermost that lasts began; FALSE: that is not known. */
gboolean turns_began(const struct turns *turns, gint64 *from_ns);
/* Those out of the queue since a task joined it, which `by` had woken: the first of them, at most
 * max. Returns how many; 0 also when that is not known. */
guint turns_since(const struct turns *turns, gint64 since_ns, uint64_t task, uint64_t by,
                  uint64_t *ids, guint max);

#endif
