/* async def cancel_me():
 *     print('before sleep')
 *     try: await asyncio.sleep(3600)
 *     except asyncio.CancelledError: print('cancel sleep'); raise
 *     finally: print('after sleep')
 * task = create_task(cancel_me()); await sleep(1); task.cancel()
 * try: await task
 * except CancelledError: print('main: cancel_me is cancelled now')                               */
#include "weft.h"

WEFT_ASYNC(void, cancel_me)
{
    puts("before sleep");
    int rc = weft_await(weft_sleep(3600));
    if (rc == WEFT_ECANCELED)
        puts("cancel sleep");
    weft_await(weft_sleep(0.1)); /* cleaning up may await */
    puts("after sleep");
    return rc;
}

WEFT_ASYNC(void, canceller)
{
    weft_own weft_task *task = weft_create_task(cancel_me());
    WEFT_TRY(weft_sleep(1));
    weft_cancel(task, "enough");
    int rc = weft_await(task);
    if (rc == WEFT_ECANCELED && weft_cancelling(weft_current_task()) == 0)
        puts("main: cancel_me is cancelled now");
    return 0;
}

int main(void)
{
    return weft_main(canceller());
}
