/* async def ticker(delay, to):
 *     for i in range(to): yield i; await asyncio.sleep(delay)
 * async for i in ticker(0.2, 10): print(i) */
#include "weft.h"

WEFT_GENERATOR(int, ticker, double, delay, int, to)
{
    for (int i = 0; i < to; i++) {
        WEFT_TRY(weft_yield(i));
        WEFT_TRY(weft_sleep(delay));
    }
    return 0;
}

WEFT_ASYNC(void, consume)
{
    int rc = 0;
    WEFT_FOR(int, i, ticker(0.2, 10), rc)
    printf("%d\n", i);
    return rc;
}

int main(void)
{
    return weft_main(consume());
}
