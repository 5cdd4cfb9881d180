#include "weft.h"

WEFT_ASYNC(void, cancel_me)
{
    puts("cancel_me: before sleep");
    int rc = weft_await(weft_sleep(3600));
    if (rc == WEFT_ECANCELED)
        puts("cancel_me: cancelled");
    weft_await(weft_sleep(0.3)); /* cleaning up may await */
    puts("cancel_me: cleaned up");
    return rc;
}

WEFT_ASYNC(void, canceller)
{
    weft_own weft_task *task = weft_create_task(cancel_me(), .name = "cancel_me");
    WEFT_TRY(weft_sleep(0.5));
    weft_cancel(task, "enough");
    puts("main: asked for it");
    int rc = weft_await(task);
    if (rc == WEFT_ECANCELED)
        puts("main: cancel_me is cancelled now");
    return 0;
}

int main(void)
{
    return weft_main(canceller());
}
