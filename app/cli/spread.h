/* spread.h: how a quantity is spread: count, greatest, percentiles; in constant memory.
 *
 *      buckets: 1,024 of 1 ns, then per power of two 1,024 equal ones: wrong by less than 0.1 % */
#ifndef WEFT_CLI_SPREAD_H
#define WEFT_CLI_SPREAD_H

#include <glib.h>

struct spread {
    guint64 count;
    gint64 greatest;
    guint32 *buckets; /* NULL until something is added */
};

void spread_add(struct spread *spread, gint64 value);

/* The value that `percent` % of all are not above; 0 when there are none. */
gint64 spread_percentile(const struct spread *spread, double percent);

void spread_finish(struct spread *spread);

#endif
