#include "weft.h"

WEFT_ASYNC(void, run_the_race, const char *, who, double, seconds, weft_event *, go)
{
    printf("%s: ready\n", who);
    WEFT_TRY(weft_event_wait(go));
    printf("%s: off\n", who);
    WEFT_TRY(weft_sleep(seconds));
    printf("%s: there\n", who);
    return 0;
}

WEFT_ASYNC(void, race)
{
    __attribute__((cleanup(weft_event_finish))) weft_event go;
    weft_event_init(&go, "go");
    weft_own weft_task *ada = weft_create_task(run_the_race("Ada", 0.6, &go), .name = "Ada");
    weft_own weft_task *bob = weft_create_task(run_the_race("Bob", 0.4, &go), .name = "Bob");
    weft_own weft_task *eve = weft_create_task(run_the_race("Eve", 0.2, &go), .name = "Eve");
    WEFT_TRY(weft_sleep(0.4));
    puts("go!");
    weft_event_set(&go);
    puts("nobody is off yet");
    WEFT_TRY(weft_sleep(0.3));

    weft_own weft_task *max = weft_create_task(run_the_race("Max", 0.5, &go), .name = "Max");
    weft_own weft_future *all = weft_gather_all(((weft_future *[]){ ada, bob, eve, max }), 4);
    return weft_await(all);
}

int main(void)
{
    return weft_main(race());
}
