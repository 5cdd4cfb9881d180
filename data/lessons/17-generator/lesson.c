#include "weft.h"

WEFT_GENERATOR(int, ticker, double, delay, int, to)
{
    int rc = 0;
    for (int i = 0; i < to && rc == 0; i++) {
        rc = weft_await(weft_sleep(delay));
        if (rc == 0)
            rc = weft_yield(i);
    }
    puts(rc == 0 ? "ticker: ran down" : "ticker: stopped");
    return rc;
}

WEFT_ASYNC(void, consume)
{
    int rc = 0;
    WEFT_FOR(int, i, ticker(0.1, 3), rc)
    printf("tick %d\n", i);

    WEFT_FOR(int, i, ticker(0.2, 1000), rc)
    {
        printf("tock %d\n", i);
        WEFT_BREAK(rc, weft_sleep(0.1));
        if (i == 2)
            break;
    }
    puts("consumer: had enough");
    return rc;
}

int main(void)
{
    return weft_main(consume());
}
