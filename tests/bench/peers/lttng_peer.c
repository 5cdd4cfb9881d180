/* lttng_peer.c: what an LTTng-UST event costs, as tracer_bench.c measures Weft's.
 *
 *      lttng_peer NAME [EVENTS]     prints "NAME VALUE ns"; EVENTS: in one round only */
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "tests/bench/peers/lttng_tracepoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 7, EVENTS = 1000000 };

static double cpu_time(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

__attribute__((noinline)) static void empty_call(uint64_t i)
{
    __asm__ volatile("" ::"r"(i) : "memory");
}

__attribute__((noinline)) static void event_call(uint64_t i)
{
    __asm__ volatile("" ::"r"(i) : "memory");
    lttng_ust_tracepoint(weft_bench, event, i, i * 3, 7);
}

static double each(void (*call)(uint64_t), uint64_t n)
{
    double begin = cpu_time();
    for (uint64_t i = 0; i < n; i++)
        call(i);
    return (cpu_time() - begin) / (double)n;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    if (argc > 2) {
        each(event_call, strtoull(argv[2], NULL, 10));
        return 0;
    }
    double empty = 1e9, event = 1e9;
    for (int i = 0; i < ROUNDS; i++) {
        double a = each(empty_call, EVENTS), b = each(event_call, EVENTS);
        empty = a < empty ? a : empty;
        event = b < event ? b : event;
    }
    printf("%s %.2f ns\n", argv[1], event > empty ? event - empty : 0);
    return 0;
}
