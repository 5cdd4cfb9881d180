/* spread.h: how a quantity is spread: count, greatest, percentiles, histogram; in constant memory.
 *
 *      buckets: 1,024 of 1 ns, then per power of two 1,024 equal ones: wrong by less than 0.1 %
 *      steps:   0 | 1 | 2 … 4 | 5 … 9 | 10 … 19 | 20 … 49 | … : exact */
#ifndef WEFT_CLI_SPREAD_H
#define WEFT_CLI_SPREAD_H

#include <glib.h>

enum { SPREAD_STEPS = 58 };

struct spread {
    guint64 count;
    gint64 greatest;
    guint64 steps[SPREAD_STEPS]; /* how many are in each */
    guint32 *buckets;            /* NULL until something is added */
};

void spread_add(struct spread *spread, gint64 value);

/* The value that `percent` % of all are not above; 0 when there are none. */
gint64 spread_percentile(const struct spread *spread, double percent);

/* The least value of a step: 0, 1, 2, 5, 10, 20 … For SPREAD_STEPS the greatest there is. */
gint64 spread_step_from(guint step);

void spread_finish(struct spread *spread);

#endif
