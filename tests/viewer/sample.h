/* sample.h: hand-written traces in memory, for tests of what is drawn. */
#ifndef WEFT_TESTS_VIEWER_SAMPLE_H
#define WEFT_TESTS_VIEWER_SAMPLE_H

#include "tracer/model/model.h"

/* Half a second of a loop with main, fetch-1, fetch-2, fetch-3 and heartbeat: every state, every
 * kind of waiting, a slice that blocks the loop for 110 ms, 148 short reads, a cancellation, a
 * failure, and, with `lossy`, 1,204 lost events. The caller owns it. */
weft_trace *weft_sample_fetch_three(gboolean lossy);

/* A loop whose task "hog" runs from 2 ms on and does not end, while "patient" is ready. */
weft_trace *weft_sample_held(void);

/* n tasks "job-1" ..., created one after the other, a microsecond each, which all wait for good. */
weft_trace *weft_sample_many(guint n);

/* The lane of the task of this name, which there is. */
guint weft_sample_lane(const weft_model *model, const char *name);

#endif
