/* ticks.h: a dot in the journal for every iteration of the loop, so that hops count too. */
#ifndef WEFT_TEST_TICKS_H
#define WEFT_TEST_TICKS_H

#include "journal.h"
#include "runtime/weft.h"

WEFT_ASYNC(void, ticks, int, n)
{
    for (int i = 0; i < n; i++) {
        note(".");
        WEFT_TRY(weft_sleep(0));
    }
    return 0;
}

/* Awaits and gives back n tasks, whatever comes of them; NULLs are left out. */
static inline void wait_all(weft_task **tasks, int n)
{
    for (int i = 0; i < n; i++) {
        if (tasks[i])
            weft_await(tasks[i]);
        weft_unref(tasks[i]);
    }
}

#endif
