/* clock.h: the probe's clock, in ticks, and the anchors that tie it to the system's clocks.
 *
 * The time stamp counter is used only where the CPU says it is constant and does not stop, and the
 * kernel itself trusts it (its clocksource is `tsc`; on aarch64 cntvct always is). Elsewhere a tick
 * is a nanosecond of CLOCK_MONOTONIC. A reader turns ticks into nanoseconds through anchors
 * (trace/clockmap). */
#ifndef WEFT_PROBE_CLOCK_H
#define WEFT_PROBE_CLOCK_H

#include <stdint.h>
#include <time.h>

enum weft_clock_kind {
    WEFT_CLOCK_MONOTONIC = 1, /* ticks are ns of CLOCK_MONOTONIC       */
    WEFT_CLOCK_COUNTER = 2,   /* ticks of rdtsc, or of cntvct on arm64 */
};

struct weft_clock_anchor {
    uint64_t ticks;   /* of the ring's clock                               */
    uint64_t mono_ns; /* CLOCK_MONOTONIC at that tick (bracketed by two reads) */
    uint64_t real_ns; /* CLOCK_REALTIME then                               */
};

/* Chosen once by weft_clock_init; WEFT_CLOCK_MONOTONIC before. Read-only for everybody else. */
extern enum weft_clock_kind weft_clock_kind;

/* Chooses the clock (WEFT_CLOCK=monotonic forces the fallback). Idempotent; before other threads
 * emit. */
void weft_clock_init(void);

/* One anchor, now: the best of three bracketed reads. Any thread, async-signal-safe. */
struct weft_clock_anchor weft_clock_anchor_now(void);

static inline uint64_t weft_clock_monotonic_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

static inline uint64_t weft_clock_counter(void)
{
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t ticks;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
#else
    return weft_clock_monotonic_ns();
#endif
}

/* Now, in ticks. Any thread, async-signal-safe. */
static inline uint64_t weft_clock_now(void)
{
    if (__builtin_expect(weft_clock_kind == WEFT_CLOCK_COUNTER, 1))
        return weft_clock_counter();
    return weft_clock_monotonic_ns();
}

#endif
