/* rounds.h: measuring coroutines in rounds, as NAME VALUE UNIT lines.
 *
 *      PROGRAM [NAME…]
 *
 * prints every row, or those whose names begin with a NAME; when it is recorded (WEFT_TRACE=flight)
 * they are the `.traced` ones. */
#ifndef WEFT_BENCH_ROUNDS_H
#define WEFT_BENCH_ROUNDS_H

#include "runtime/weft.h"

/* Seconds that this thread had the processor: what else runs on the machine is not counted. */
double bench_cpu_time(void);

/* What main was called with. */
void bench_arguments(int argc, char **argv);
/* Whether a row of this name is wanted, or one whose name begins so. */
bool bench_wants(const char *name);
/* Whether this program is recorded. */
bool bench_traced(void);

/* Prints the row; its name ends in .traced if this program is recorded. */
void bench_report(const char *name, double value, const char *unit);

/* Runs the coroutine, whose result is a double, in several loops, and reports the least: what
 * disturbs a round only ever adds. Returns it; 0 when the row is not wanted. */
double bench_measure(const char *name, weft_coro coro, const char *unit);
/* The same, `rounds` times and once before them to warm up. Reports nothing. */
double bench_best(const char *name, weft_coro coro, int rounds);

#endif
