#include "weft.h"

WEFT_ASYNC(void, say_after, double, delay, const char *, what)
{
    WEFT_TRY(weft_sleep(delay));
    puts(what);
    return 0;
}

WEFT_ASYNC(void, hello_world)
{
    weft_own weft_task *task1 = weft_create_task(say_after(0.5, "hello"), .name = "hello");
    weft_own weft_task *task2 = weft_create_task(say_after(1, "world"), .name = "world");
    puts("started");
    WEFT_TRY(task1);
    WEFT_TRY(task2);
    puts("finished");
    return 0;
}

int main(void)
{
    return weft_main(hello_world());
}
