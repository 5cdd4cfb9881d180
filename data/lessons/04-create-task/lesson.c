#include "weft.h"

WEFT_ASYNC(int, boil, const char *, what, double, seconds)
{
    printf("%s: on\n", what);
    int rc = weft_await(weft_sleep(seconds));
    printf("%s: %s\n", what, rc == WEFT_ECANCELED ? "taken off" : "ready");
    *result = (int)(seconds * 10);
    return rc;
}

WEFT_ASYNC(void, cook)
{
    weft_own weft_task *egg = weft_create_task(boil("egg", 0.6), .name = "egg");
    weft_own weft_task *tea = weft_create_task(boil("tea", 0.3), .name = "tea");
    weft_own weft_task *ham = weft_create_task(boil("ham", 3600), .name = "ham");
    puts("three pots, and none is on");
    WEFT_TRY(weft_sleep(0));
    puts("now they are");
    WEFT_TRY(egg);
    printf("egg: took %d\n", weft_result(egg, int));
    WEFT_TRY(tea);
    printf("tea: took %d\n", weft_result(tea, int));
    puts("breakfast, without the ham");
    return 0;
}

int main(void)
{
    return weft_main(cook());
}
