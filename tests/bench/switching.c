/* switching.c: see switching.h. */
#include "tests/bench/switching.h"
#include "tests/bench/rounds.h"
#include <stdlib.h>

WEFT_ASYNC_DEFINE(void, yields, long, n)
{
    for (long i = 0; i < n; i++)
        WEFT_TRY(weft_sleep(0));
    return 0;
}

WEFT_ASYNC_DEFINE(double, switching, int, tasks, long, each)
{
    weft_task **all = calloc((size_t)tasks, sizeof *all);
    for (int i = 0; i < tasks; i++)
        all[i] = weft_create_task(yields(each));
    WEFT_TRY(weft_sleep(0)); /* they all have begun */
    double begin = bench_cpu_time();
    for (int i = 0; i < tasks; i++)
        WEFT_TRY(all[i]);
    *result = (bench_cpu_time() - begin) * 1e9 / ((double)tasks * (double)each);
    for (int i = 0; i < tasks; i++)
        weft_unref(all[i]);
    free(all);
    return 0;
}
