#include "weft.h"

WEFT_ASYNC(void, brew, const char *, what)
{
    printf("%s: on\n", what);
    WEFT_TRY(weft_sleep(0.3));
    printf("%s: ready\n", what);
    return 0;
}

WEFT_ASYNC(void, breakfast)
{
    weft_own weft_future *all = weft_gather((brew("coffee"), brew("tea"), brew("cocoa")));
    return weft_await(all);
}

int main(void)
{
    return weft_main(breakfast());
}
