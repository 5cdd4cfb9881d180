#include "weft.h"

WEFT_ASYNC(void, hello)
{
    puts("Hello ...");
    WEFT_TRY(weft_sleep(1));
    puts("... World!");
    return 0;
}

int main(void)
{
    return weft_main(hello());
}
