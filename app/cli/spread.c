/* spread.c: percentiles by log-linear buckets (HdrHistogram's idea). */
#include "app/cli/spread.h"

enum { FINE_BITS = 10, FINE = 1 << FINE_BITS, BUCKETS = (64 - FINE_BITS) * FINE };

static guint bucket_of(guint64 value)
{
    if (value < FINE)
        return (guint)value;
    guint shift = g_bit_storage(value) - 1 - FINE_BITS;
    return (shift + 1) * FINE + (guint)((value >> shift) - FINE);
}

/* The greatest value that goes into it. */
static guint64 bucket_top(guint bucket)
{
    if (bucket < FINE)
        return bucket;
    guint shift = bucket / FINE - 1;
    guint64 first = (guint64)(bucket % FINE + FINE) << shift;
    return first + ((G_GUINT64_CONSTANT(1) << shift) - 1);
}

void spread_add(struct spread *spread, gint64 value)
{
    if (!spread->buckets)
        spread->buckets = g_new0(guint32, BUCKETS);
    value = MAX(value, 0);
    spread->buckets[bucket_of((guint64)value)]++;
    spread->greatest = MAX(spread->greatest, value);
    spread->count++;
}

gint64 spread_percentile(const struct spread *spread, double percent)
{
    if (spread->count == 0)
        return 0;
    /* Rounded up, as in the nearest-rank method: the median of two is the lesser. */
    guint64 rank = (guint64)((double)spread->count * percent / 100);
    if ((double)rank * 100 < (double)spread->count * percent)
        rank++;
    guint64 seen = 0;
    guint bucket = 0;
    while ((seen += spread->buckets[bucket]) < MAX(rank, 1))
        bucket++;
    return MIN((gint64)bucket_top(bucket), spread->greatest);
}

void spread_finish(struct spread *spread)
{
    g_free(spread->buckets);
    spread->buckets = NULL;
}
