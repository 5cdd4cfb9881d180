/* What an event costs: back to back, sharing a timestamp, disabled; beside the counter alone.
 * Prints NAME VALUE UNIT, each the median of several rounds. Run with WEFT_TRACE=flight. */
#include "tracer/probe/session.h"
#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 9, EVENTS = 5000000 };

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double (*measure)(struct weft_writer *), struct weft_writer *w)
{
    double rounds[ROUNDS];
    measure(w); /* warm */
    for (int i = 0; i < ROUNDS; i++)
        rounds[i] = measure(w);
    qsort(rounds, ROUNDS, sizeof rounds[0], by_value);
    return rounds[ROUNDS / 2];
}

/* Calls are compared with an empty call, as a tracepoint sits in a function that does something
 * else. */
#define MEASURE(name, statement)                                                                   \
    __attribute__((noinline)) static void name##_call(struct weft_writer *w, uint64_t i)           \
    {                                                                                              \
        __asm__ volatile("" ::"r"(w), "r"(i) : "memory");                                          \
        statement;                                                                                 \
    }                                                                                              \
    static double name(struct weft_writer *w)                                                      \
    {                                                                                              \
        uint64_t begin = weft_clock_monotonic_ns();                                                \
        for (uint64_t i = 0; i < EVENTS; i++)                                                      \
            name##_call(w, i);                                                                     \
        return (double)(weft_clock_monotonic_ns() - begin) / EVENTS;                               \
    }

MEASURE(empty_call, (void)0)
MEASURE(one_event, weft_emit(w, WEFT_RECORD_RESUME, 0, 1, w->owner, i))
MEASURE(counter_alone, {
    uint64_t now = weft_clock_now();
    __asm__ volatile("" ::"r"(now));
})
MEASURE(three_events, {
    uint64_t t = weft_clock_now();
    t = weft_emit_shared(w, t, WEFT_RECORD_SUSPEND, 0, 1, i, 0);
    t = weft_emit_shared(w, t, WEFT_RECORD_ITERATION, 0, 1, i, 0);
    weft_emit_shared(w, t, WEFT_RECORD_RESUME, 0, 1, i, 0);
})

int main(void)
{
    if (weft_probe_start() != WEFT_MODE_FLIGHT) {
        fprintf(stderr, "run this with WEFT_TRACE=flight\n");
        return 2;
    }
    struct weft_writer *w = weft_probe_open_ring(WEFT_RING_LOOP);
    double empty = median(empty_call, w);
    double counter = median(counter_alone, w);
    double enabled = median(one_event, w);
    double three = median(three_events, w);
    weft_probe_mask = 0;
    double disabled = median(one_event, w);
    weft_probe_mask = UINT64_MAX;
    printf("event.enabled %.2f ns\n", enabled - empty);
    printf("event.clock_alone %.2f ns\n", counter - empty);
    printf("event.shared %.2f ns\n", (three - enabled) / 2);
    printf("event.disabled %.2f ns\n", disabled > empty ? disabled - empty : 0.0);
    weft_probe_close_ring(w, 0);
    return 0;
}
