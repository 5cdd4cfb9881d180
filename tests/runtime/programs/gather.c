/* results = await asyncio.gather(fetch("a", 1), fetch("b", 2), fetch("bad", 1),
 * return_exceptions=True) */
#include "weft.h"
#include <stdlib.h>
#include <string.h>

WEFT_ASYNC(char *, fetch, const char *, name, double, delay)
{
    WEFT_TRY(weft_sleep(delay));
    if (strcmp(name, "bad") == 0)
        return weft_raise(UV_EINVAL, "cannot fetch %s", name);
    *result = strdup(name);
    return 0;
}

WEFT_ASYNC(void, gather_three)
{
    weft_own weft_future *results = weft_gather((fetch("a", 1), fetch("b", 2), fetch("bad", 1)),
                                                .return_errors = true, .free_result = free);
    WEFT_TRY(results);
    for (size_t i = 0; i < weft_gather_count(results); i++) {
        weft_task *task = weft_gather_child(results, i);
        if (weft_status(task) < 0)
            printf("failed: %s\n", weft_error_message(weft_future_error(task)));
        else
            printf("got %s\n", weft_result(task, char *));
    }
    /* and one awaited in place, without a task */
    weft_free_at_exit char *data = NULL;
    WEFT_TRY(fetch("c", 0.5, &data));
    puts(data);
    return 0;
}

int main(void)
{
    return weft_main(gather_three());
}
