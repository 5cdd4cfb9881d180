/* await asyncio.gather(asyncio.to_thread(blocking_io, 1), asyncio.sleep(1)) */
#include "weft.h"
#include <unistd.h>

WEFT_ASYNC(int, blocking_io, unsigned, seconds) /* no await in it: any plain function will do */
{
    sleep(seconds);
    *result = 7;
    return 0;
}

WEFT_ASYNC(void, nap, double, seconds)
{
    return weft_await(weft_sleep(seconds));
}

WEFT_ASYNC(void, threads)
{
    weft_own weft_future *job = weft_to_thread(blocking_io(1));
    weft_own weft_task *other = weft_create_task(nap(1));
    weft_own weft_future *both = weft_gather_all(((weft_future *[]){ job, other }), 2);
    WEFT_TRY(both);
    printf("%d\n", weft_result(job, int));
    return 0;
}

int main(void)
{
    return weft_main(threads());
}
