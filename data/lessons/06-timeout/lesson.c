#include "weft.h"

WEFT_ASYNC(void, eternity)
{
    int rc = weft_await(weft_sleep(3600));
    if (rc == WEFT_ECANCELED)
        puts("eternity: cancelled");
    return rc;
}

WEFT_ASYNC(void, patience)
{
    int rc = weft_wait_for(eternity(), 0.5);
    if (rc == WEFT_ETIMEDOUT)
        puts("timeout!");
    else if (rc < 0)
        return rc;

    rc = 0;
    WEFT_TIMEOUT(deadline, 0.3, rc) {
        WEFT_BREAK(rc, weft_sleep(0.1));
        puts("more time, please");
        weft_timeout_reschedule(&deadline, weft_time() + 0.6);
        WEFT_BREAK(rc, weft_sleep(0.3));
        puts("in time");
    }
    return rc;
}

int main(void)
{
    return weft_main(patience());
}
