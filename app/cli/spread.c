/* spread.c: percentiles by log-linear buckets (HdrHistogram's idea), a histogram by 1, 2, 5. */
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

gint64 spread_step_from(guint step)
{
    if (step >= SPREAD_STEPS)
        return G_MAXINT64;
    gint64 power = 1;
    for (guint i = 3; i < step; i += 3)
        power *= 10;
    return step == 0 ? 0 : power * (step % 3 == 1 ? 1 : step % 3 == 2 ? 2 : 5);
}

/* By the first digit, and how many there are. */
static guint step_of(gint64 value)
{
    guint digits = 0;
    for (; value >= 10; digits++)
        value /= 10;
    return value == 0 ? 0 : 3 * digits + 1 + (value >= 2) + (value >= 5);
}

void spread_add(struct spread *spread, gint64 value)
{
    if (!spread->buckets)
        spread->buckets = g_new0(guint32, BUCKETS);
    value = MAX(value, 0);
    spread->buckets[bucket_of((guint64)value)]++;
    spread->steps[step_of(value)]++;
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
