/* A program for gdb_test.py: it stops at checkpoint() while its tasks are in every state. */
#include "runtime/weft.h"

static __attribute__((noinline)) void checkpoint(void)
{
    __asm__ volatile("");
}

static __attribute__((noinline)) int waits_deep(int depth, weft_future *future)
{
    if (depth > 0)
        return weft_await(waits_deep(depth - 1, future));
    return weft_await(future);
}

WEFT_ASYNC(void, waits, weft_future *, future)
{
    int rc = weft_await(waits_deep(3, future));
    return rc;
}

WEFT_ASYNC(void, yields)
{
    for (;;)
        WEFT_TRY(weft_sleep(0));
}

WEFT_ASYNC(void, stops)
{
    weft_own weft_future *future = weft_future_new(.name = "answer");
    weft_own weft_task *waiter = weft_create_task(waits(future), .name = "waiter");
    weft_own weft_task *busy = weft_create_task(yields(), .name = "busy");
    WEFT_TRY(weft_sleep(0));
    weft_own weft_task *fresh = weft_create_task(yields(), .name = "fresh");
    checkpoint();
    weft_set_result(future, 1);
    weft_cancel(busy);
    weft_cancel(fresh);
    return weft_await(waiter);
}

int main(void)
{
    return weft_main(stops());
}
