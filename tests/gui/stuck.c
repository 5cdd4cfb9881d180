/* stuck.c: programs that hang until they are killed: `stuck deadlock`, two tasks that wait for each
 * other's lock; `stuck hold`, a task that never gives the loop back; `stuck wait`, one that waits
 * with a lock in its hand for what never comes, while others go on. */
#include "weft.h"

#include <string.h>
#include <unistd.h>

static weft_lock spoon, knife;

WEFT_ASYNC(void, dine, weft_lock *, first, weft_lock *, second)
{
    int rc = 0;
    WEFT_WITH_LOCK(first, rc) {
        WEFT_BREAK(rc, weft_sleep(0.01));
        WEFT_WITH_LOCK(second, rc) {
            WEFT_BREAK(rc, weft_sleep(0.01));
        }
    }
    return rc;
}

WEFT_ASYNC(void, dinner)
{
    weft_lock_init(&spoon, "spoon");
    weft_lock_init(&knife, "knife");
    weft_own weft_task *ada = weft_create_task(dine(&spoon, &knife), .name = "Ada");
    weft_own weft_task *bob = weft_create_task(dine(&knife, &spoon), .name = "Bob");
    WEFT_TRY(ada);
    return weft_await(bob);
}

WEFT_ASYNC(void, beat)
{
    for (;;)
        WEFT_TRY(weft_sleep(0.02));
}

WEFT_ASYNC(void, hold)
{
    weft_own weft_task *heart = weft_create_task(beat(), .name = "heart");
    WEFT_TRY(weft_sleep(0.1));
    for (;;)
        pause();
}

WEFT_ASYNC(void, holder)
{
    weft_own weft_task *hog = weft_create_task(hold(), .name = "hog");
    return weft_await(hog);
}

static weft_event news;

WEFT_ASYNC(void, write_news)
{
    int rc = 0;
    WEFT_WITH_LOCK(&knife, rc) {
        WEFT_BREAK(rc, weft_event_wait(&news));
    }
    return rc;
}

WEFT_ASYNC(void, wait)
{
    weft_lock_init(&knife, "knife");
    weft_event_init(&news, "news");
    weft_own weft_task *heart = weft_create_task(beat(), .name = "heart");
    weft_own weft_task *writer = weft_create_task(write_news(), .name = "writer");
    weft_own weft_task *reader = weft_create_task(write_news(), .name = "reader");
    WEFT_TRY(reader);
    return weft_await(writer);
}

int main(int argc, char **argv)
{
    const char *how = argc == 2 ? argv[1] : "";
    return strcmp(how, "deadlock") == 0 ? weft_main(dinner())
           : strcmp(how, "hold") == 0   ? weft_main(holder())
           : strcmp(how, "wait") == 0   ? weft_main(wait())
                                        : 2;
}
