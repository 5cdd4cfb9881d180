/* iterations.h: how many iterations something takes: counted by a callback that schedules itself.
 */
#ifndef WEFT_TEST_ITERATIONS_H
#define WEFT_TEST_ITERATIONS_H

#include "runtime/weft.h"

static int iterations;

/* weft_call_soon(count, &going): counts until `going` is false. */
static inline void count(void *arg)
{
    bool *going = arg;
    iterations++;
    if (*going)
        weft_call_soon(count, arg);
}

#endif
