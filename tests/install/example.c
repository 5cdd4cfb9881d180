/* A program outside the tree: all it knows of Weft is pkg-config and weft.h. */
#include <weft.h>

WEFT_ASYNC(int, twice, int, n)
{
    WEFT_TRY(weft_sleep(0));
    *result = 2 * n;
    return 0;
}

WEFT_ASYNC(void, example)
{
    int four;
    WEFT_TRY(twice(2, &four));
    weft_own weft_task *task = weft_create_task(twice(four), .name = "again");
    WEFT_TRY(task);
    printf("%d %d\n", four, weft_result(task, int));
    return 0;
}

int main(void)
{
    return weft_main(example());
}
