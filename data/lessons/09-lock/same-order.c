#include "weft.h"

WEFT_ASYNC(void, dine, const char *, who, weft_lock *, first, weft_lock *, second)
{
    weft_set_name(weft_current_task(), who);
    int rc = 0;
    WEFT_WITH_LOCK(first, rc) {
        printf("%s has one of them\n", who);
        WEFT_BREAK(rc, weft_sleep(0.2));
        WEFT_WITH_LOCK(second, rc) {
            printf("%s eats\n", who);
            WEFT_BREAK(rc, weft_sleep(0.2));
        }
    }
    return rc;
}

WEFT_ASYNC(void, dinner)
{
    __attribute__((cleanup(weft_lock_finish))) weft_lock fork, knife;
    weft_lock_init(&fork, "fork");
    weft_lock_init(&knife, "knife");
    weft_own weft_future *meal = weft_gather(
        (dine("Ada", &fork, &knife), dine("Bob", &fork, &knife)));
    return weft_await(meal);
}

int main(void)
{
    return weft_main(dinner());
}
