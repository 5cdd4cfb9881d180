/* clock.c: choosing the clock, and anchors. */
#include "tracer/probe/clock.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

enum weft_clock_kind weft_clock_kind = WEFT_CLOCK_MONOTONIC;

#if defined(__x86_64__)
/* Does the kernel itself keep time by the counter? It stops doing so when it finds it unstable. */
static int kernel_trusts_counter(void)
{
    char name[32] = "";
    int fd = open("/sys/devices/system/clocksource/clocksource0/current_clocksource",
                  O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, name, sizeof name - 1);
    close(fd);
    return n > 0 && strcmp(name, "tsc\n") == 0;
}

static int counter_is_usable(void)
{
    unsigned a, b, c, d;
    /* Advanced power management, EDX bit 8: constant over frequencies and never stops. */
    return __get_cpuid(0x80000007, &a, &b, &c, &d) && (d & 1u << 8) && kernel_trusts_counter();
}
#elif defined(__aarch64__)
static int counter_is_usable(void)
{
    return 1;
}
#else
static int counter_is_usable(void)
{
    return 0;
}
#endif

void weft_clock_init(void)
{
    const char *forced = secure_getenv("WEFT_CLOCK");
    if (forced && strcmp(forced, "monotonic") == 0)
        return;
    if (counter_is_usable())
        weft_clock_kind = WEFT_CLOCK_COUNTER;
}

static uint64_t realtime_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

struct weft_clock_anchor weft_clock_anchor_now(void)
{
    struct weft_clock_anchor best = { 0 };
    uint64_t narrowest = UINT64_MAX;
    for (int i = 0; i < 3; i++) {
        uint64_t before = weft_clock_monotonic_ns();
        uint64_t ticks = weft_clock_now();
        uint64_t after = weft_clock_monotonic_ns();
        if (after - before < narrowest) {
            narrowest = after - before;
            best.ticks = ticks;
            best.mono_ns = weft_clock_kind == WEFT_CLOCK_MONOTONIC ? ticks
                                                                   : before + (after - before) / 2;
        }
    }
    best.real_ns = realtime_ns();
    return best;
}
