/* plan.h: a planned duration in 14 bits: its three significant digits and its magnitude, so that a
 * segment can say "sleep 1.0 s" without looking its timer up.
 *
 *   0 = none;  1 + 900·magnitude + (digits - 100)  for  digits·10^magnitude ns, digits 100 … 999
 *
 * What is shorter than 100 ns counts as 100 ns; longer than about 100 days, as that. */
#ifndef WEFT_MODEL_PLAN_H
#define WEFT_MODEL_PLAN_H

#include <glib.h>

enum { PLAN_MAGNITUDES = 14 };

static inline guint16 plan_encode(gint64 ns)
{
    if (ns < 100)
        ns = 100;
    guint magnitude = 0;
    gint64 unit = 1;
    while (ns / unit >= 1000 && magnitude < PLAN_MAGNITUDES - 1) {
        unit *= 10;
        magnitude++;
    }
    gint64 digits = ns / unit + (ns % unit * 2 >= unit); /* may carry: 999.6 is 100 of the next */
    if (digits >= 1000) {
        digits = magnitude < PLAN_MAGNITUDES - 1 ? 100 : 999;
        magnitude += magnitude < PLAN_MAGNITUDES - 1;
    }
    return (guint16)(1 + 900 * magnitude + (guint)(digits - 100));
}

/* 0 when there is no plan. */
static inline gint64 plan_decode(guint plan)
{
    if (plan == 0)
        return 0;
    gint64 ns = 100 + (plan - 1) % 900;
    for (guint m = (plan - 1) / 900; m > 0; m--)
        ns *= 10;
    return ns;
}

#endif
