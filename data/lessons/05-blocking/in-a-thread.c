#include "weft.h"
#include <unistd.h>

static int beats;

WEFT_ASYNC(void, heartbeat)
{
    for (;;) {
        WEFT_TRY(weft_sleep(0.06));
        beats++;
    }
}

WEFT_ASYNC(int, blocking_io, int, milliseconds) /* no await in it: any plain function will do */
{
    usleep((useconds_t)milliseconds * 1000);
    *result = milliseconds;
    return 0;
}

WEFT_ASYNC(void, block)
{
    weft_own weft_task *pulse = weft_create_task(heartbeat(), .name = "heartbeat");
    weft_own weft_future *one = weft_to_thread(blocking_io(400), .name = "one");
    weft_own weft_future *two = weft_to_thread(blocking_io(300), .name = "two");
    WEFT_TRY(one);
    WEFT_TRY(two);
    int slept = weft_result(one, int) + weft_result(two, int);
    printf("in threads: %d ms, %s\n", slept, beats > 0 ? "the heart beats" : "no heartbeat");
    weft_cancel(pulse);
    return 0;
}

int main(void)
{
    return weft_main(block());
}
