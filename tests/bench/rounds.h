/* rounds.h: measuring coroutines in rounds, as NAME VALUE UNIT lines.
 *
 *      PROGRAM [NAME…]
 *
 * prints every row, or those whose names begin with a NAME: with WEFT_TRACE=off as they are, when
 * it is recorded (WEFT_TRACE=flight) the `.traced` ones, in standby the `.standby` ones. */
#ifndef WEFT_BENCH_ROUNDS_H
#define WEFT_BENCH_ROUNDS_H

#include "runtime/weft.h"

/* Seconds that this thread had the processor: what else runs on the machine is not counted. */
double bench_cpu_time(void);

/* What main was called with. */
void bench_arguments(int argc, char **argv);
/* Whether a row of this name is wanted, or one whose name begins so. */
bool bench_wants(const char *name);
/* Whether this program runs with WEFT_TRACE=off. */
bool bench_untraced(void);

/* Prints the row, with the mode's ending. */
void bench_report(const char *name, double value, const char *unit);

/* Runs the coroutine, whose result is a double, in several loops, and reports the least: what
 * disturbs a round only ever adds. Returns it; 0 when the row is not wanted. */
double bench_measure(const char *name, weft_coro coro, const char *unit);
/* The same, `rounds` times and once before them to warm up. Reports nothing. */
double bench_best(const char *name, weft_coro coro, int rounds);

#endif
