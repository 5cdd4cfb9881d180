#include "weft.h"

WEFT_ASYNC(int, ask, const char *, mirror, double, delay)
{
    int rc = weft_await(weft_sleep(delay));
    printf("%s: %s\n", mirror, rc == WEFT_ECANCELED ? "not needed" : "here it is");
    *result = (int)(delay * 1000);
    return rc;
}

WEFT_ASYNC(void, race)
{
    weft_task *tasks[] = {
        weft_create_task(ask("oslo", 0.7), .name = "oslo"),
        weft_create_task(ask("paris", 0.4), .name = "paris"),
        weft_create_task(ask("rome", 1.5), .name = "rome"),
    };
    ssize_t done = weft_wait(tasks, 3, .return_when = WEFT_FIRST_COMPLETED);
    printf("first: %s, after %d ms\n", weft_get_name(tasks[0]), weft_result(tasks[0], int));

    done += weft_wait(tasks + done, (size_t)(3 - done), .timeout = 0.8, .has_timeout = true);
    printf("%zd of 3 are done\n", done);
    for (ssize_t i = done; i < 3; i++)
        weft_cancel(tasks[i]);
    weft_wait(tasks + done, (size_t)(3 - done));
    for (int i = 0; i < 3; i++)
        weft_unref(tasks[i]);
    return 0;
}

int main(void)
{
    return weft_main(race());
}
