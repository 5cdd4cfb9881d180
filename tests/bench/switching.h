/* switching.h: tasks that do nothing but make room for each other. */
#ifndef WEFT_BENCH_SWITCHING_H
#define WEFT_BENCH_SWITCHING_H

#include "runtime/weft.h"

WEFT_ASYNC_DECLARE(void, yields, long, n)
/* Nanoseconds a switch among so many tasks, each of which yields `each` times. */
WEFT_ASYNC_DECLARE(double, switching, int, tasks, long, each)

#endif
