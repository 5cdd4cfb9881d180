#include "weft.h"

WEFT_ASYNC(void, brew, const char *, what)
{
    printf("%s: on\n", what);
    WEFT_TRY(weft_sleep(0.3));
    printf("%s: ready\n", what);
    return 0;
}

WEFT_ASYNC(void, one_after_another)
{
    WEFT_TRY(brew("coffee"));
    WEFT_TRY(brew("tea"));
    WEFT_TRY(brew("cocoa"));
    return 0;
}

WEFT_ASYNC(void, all_at_once)
{
    weft_own weft_future *all = weft_gather((brew("coffee"), brew("tea"), brew("cocoa")));
    return weft_await(all);
}

WEFT_ASYNC(void, breakfast)
{
    puts("one after another");
    WEFT_TRY(one_after_another());
    puts("all at once");
    WEFT_TRY(all_at_once());
    return 0;
}

int main(void)
{
    return weft_main(breakfast());
}
