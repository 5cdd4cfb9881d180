/* workload.h: a synthetic program: one loop, a main task that gathers many others, which yield,
 * sleep, read from sockets named ":9082", hand items through a queue and now and then hold the loop
 * for long. What the benchmarks of the file, the model and the viewer are measured on.
 *
 * It simulates a loop (a FIFO ready queue, a heap of due times), so its events obey the rules of
 * real ones: every RESUME was woken, every WAKE has its cause. Same seed, same events. */
#ifndef WEFT_BENCH_WORKLOAD_H
#define WEFT_BENCH_WORKLOAD_H

#include "tracer/probe/event.h"
#include <stdbool.h>
#include <stddef.h>

struct weft_workload;

enum { WEFT_WORKLOAD_GHZ_TENTHS = 25 }; /* ticks of its clock: 2.5 a nanosecond */

/* `period_ns`: how long a task sleeps, on average. Ticks and deadlines begin at ticks, mono_ns. */
struct weft_workload *weft_workload_new(unsigned tasks, uint64_t period_ns, uint64_t ticks,
                                        uint64_t mono_ns);
void weft_workload_free(struct weft_workload *workload);

/* The next n slots (all of ring 0). */
void weft_workload_next(struct weft_workload *workload, struct weft_record *records, size_t n);

/* Ends main and the loop: at most 8 slots; returns how many. */
size_t weft_workload_end(struct weft_workload *workload, struct weft_record *records);

/* Ticks of the last event. */
uint64_t weft_workload_now(const struct weft_workload *workload);

/* Its strings and sites: calls back for each. Ids as in the records. */
void weft_workload_names(const struct weft_workload *workload,
                         void (*string)(void *data, uint32_t id, const char *text),
                         void (*site)(void *data, uint32_t id, const char *file, const char *func,
                                      unsigned line),
                         void *data);

#endif
