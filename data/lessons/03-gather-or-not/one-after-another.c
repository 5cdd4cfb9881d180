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
    WEFT_TRY(brew("coffee"));
    WEFT_TRY(brew("tea"));
    WEFT_TRY(brew("cocoa"));
    return 0;
}

int main(void)
{
    return weft_main(breakfast());
}
