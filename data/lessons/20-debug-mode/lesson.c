#include "weft.h"
#include <string.h>
#include <unistd.h>

static void hear(const char *message)
{
    fprintf(stderr, "%s\n", message);
    if (strncmp(message, "task slow ran", 13) == 0)
        puts("debug mode: slow holds the loop");
}

WEFT_ASYNC(void, slow)
{
    WEFT_TRY(weft_sleep(0.2));
    usleep(300000); /* the limit is 0.1 s */
    return weft_await(weft_sleep(0.2));
}

static void answer(void *future)
{
    weft_set_result((weft_future *)future, 42);
}

WEFT_ASYNC(void, answer_elsewhere, weft_loop *, loop, weft_future *, future)
{
    if (weft_set_result(future, 42) == WEFT_ELOOP) {
        puts("debug mode: this is not the loop's thread");
        return weft_call_soon_threadsafe(loop, answer, future);
    }
    return 0;
}

WEFT_ASYNC(void, mistakes)
{
    weft_own weft_task *task = weft_create_task(slow(), .name = "slow");
    WEFT_TRY(task);

    weft_own weft_future *future = weft_future_new(.name = "answer");
    weft_own weft_future *job = weft_to_thread(answer_elsewhere(weft_running_loop(), future));
    WEFT_TRY(future);
    printf("the answer is %d\n", weft_result(future, int));
    return weft_await(job);
}

int main(void)
{
    weft_set_log_function(hear);
    return weft_main(mistakes(), .debug = true);
}
