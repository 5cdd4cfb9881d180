#include "weft.h"

static int beats;

WEFT_ASYNC(void, heartbeat)
{
    for (;;) {
        WEFT_TRY(weft_sleep(0.06));
        beats++;
    }
}

WEFT_ASYNC(void, digest_block) /* 2 ms of work, and nothing in it waits */
{
    double until = weft_time() + 0.002;
    while (weft_time() < until)
        ;
    return 0;
}

WEFT_ASYNC(void, digest, const char *, how, bool, polite)
{
    beats = 0;
    for (int block = 0; block < 150; block++) {
        WEFT_TRY(digest_block());
        if (polite)
            WEFT_TRY(weft_sleep(0));
    }
    printf("%s: %s\n", how, beats > 0 ? "the heart beats" : "the heart stands still");
    return 0;
}

WEFT_ASYNC(void, starve)
{
    weft_own weft_task *pulse = weft_create_task(heartbeat(), .name = "heartbeat");
    WEFT_TRY(weft_sleep(0.2));
    weft_own weft_task *greedy = weft_create_task(digest("greedy", false), .name = "greedy");
    WEFT_TRY(greedy);
    WEFT_TRY(weft_sleep(0.2));
    weft_own weft_task *polite = weft_create_task(digest("polite", true), .name = "polite");
    WEFT_TRY(polite);
    weft_cancel(pulse);
    return 0;
}

int main(void)
{
    return weft_main(starve());
}
