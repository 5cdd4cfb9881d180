/* clockwork.c: a program that goes on until it is killed: three tasks that sleep and work. */
#include "weft.h"

WEFT_ASYNC(void, tick, double, seconds)
{
    for (;;) {
        WEFT_TRY(weft_sleep(seconds));
        for (volatile int i = 0; i < 2000000; i++)
            continue;
    }
}

WEFT_ASYNC(void, clockwork)
{
    weft_own weft_task *second = weft_create_task(tick(0.05), .name = "second");
    weft_own weft_task *minute = weft_create_task(tick(0.2), .name = "minute");
    weft_own weft_task *hour = weft_create_task(tick(1), .name = "hour");
    return weft_await(hour);
}

int main(void)
{
    return weft_main(clockwork());
}
