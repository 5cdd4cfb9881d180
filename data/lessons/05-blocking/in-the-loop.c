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
    WEFT_TRY(weft_sleep(0.2));
    beats = 0;
    int slept;
    WEFT_TRY(blocking_io(400, &slept));
    printf("in the loop: %d ms, %s\n", slept, beats > 0 ? "the heart beats" : "no heartbeat");
    weft_cancel(pulse);
    return 0;
}

int main(void)
{
    return weft_main(block());
}
