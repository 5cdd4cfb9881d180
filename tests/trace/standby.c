/* standby.c: a program that nobody prepared for being looked at, for standby_test.c.
 *
 *      standby idle|stuck|unstick|tick|flood|bear
 *
 * Its tasks wait for one of everything; then one of them, called hog, says "ready", and waits too,
 * or holds the loop for ever, or until its standard input ends, or sleeps a millisecond at a time,
 * or not at all, or has a child after the other do so.
 */
#include "weft.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static weft_lock lock;
static weft_event never;
static weft_semaphore pair;
static weft_queue queue;

WEFT_ASYNC(void, keep)
{
    WEFT_TRY(weft_lock_acquire(&lock));
    WEFT_TRY(weft_semaphore_acquire(&pair));
    return weft_await(weft_event_wait(&never));
}

WEFT_ASYNC(void, want)
{
    return weft_await(weft_lock_acquire(&lock));
}

WEFT_ASYNC(void, put)
{
    for (int i = 0; i < 3; i++)
        WEFT_TRY(weft_queue_put(&queue, &i));
    return 0;
}

WEFT_ASYNC(void, rest)
{
    int rc = 0;
    WEFT_TIMEOUT(deadline, 3600, rc) {
        WEFT_BREAK(rc, weft_sleep(1800));
    }
    return rc;
}

WEFT_ASYNC(void, belong)
{
    return weft_await(weft_event_wait(&never));
}

WEFT_ASYNC(void, gather_round)
{
    int rc = 0;
    WEFT_TASK_GROUP(family, rc) {
        weft_group_create_task(&family, belong(), .name = "older");
        weft_group_create_task(&family, belong(), .name = "younger");
    }
    return rc;
}

static void hold_the_loop(bool for_ever)
{
    char byte;
    while (for_ever)
        continue;
    while (read(STDIN_FILENO, &byte, 1) > 0)
        continue;
}

WEFT_ASYNC(void, live_shortly)
{
    return weft_await(weft_sleep(0.001));
}

WEFT_ASYNC(void, bear)
{
    weft_own weft_task *child = weft_create_task(live_shortly(), .name = "child");
    return weft_await(child);
}

WEFT_ASYNC(void, be_a_hog, const char *, how)
{
    for (int i = 0; i < 5; i++) /* until all others wait */
        WEFT_TRY(weft_sleep(0));
    WEFT_TRY(weft_sleep(0.001)); /* its slice begins later than their waits */
    puts("ready");
    fflush(stdout);
    if (strcmp(how, "stuck") == 0 || strcmp(how, "unstick") == 0)
        hold_the_loop(strcmp(how, "stuck") == 0);
    if (strcmp(how, "idle") == 0)
        return weft_await(weft_event_wait(&never));
    while (strcmp(how, "bear") == 0)
        WEFT_TRY(weft_await(bear()));
    for (;;)
        WEFT_TRY(weft_sleep(strcmp(how, "flood") == 0 ? 0 : 0.001));
}

WEFT_ASYNC(void, run, const char *, how)
{
    weft_lock_init(&lock, "the lock");
    weft_event_init(&never, "never");
    weft_semaphore_init(&pair, 2, "a pair");
    weft_queue_init(&queue, int, .maxsize = 2, .name = "two places");
    weft_own weft_task *keeping = weft_create_task(keep(), .name = "keeper");
    weft_own weft_task *wanting = weft_create_task(want(), .name = "waiter");
    weft_own weft_task *putting = weft_create_task(put(), .name = "putter");
    weft_own weft_task *resting = weft_create_task(rest(), .name = "sleeper");
    weft_own weft_task *meeting = weft_create_task(gather_round(), .name = "family");
    weft_own weft_task *hog = weft_create_task(be_a_hog(how), .name = "hog");
    return weft_await(hog);
}

int main(int argc, char **argv)
{
    return argc == 2 ? weft_main(run(argv[1])) : 2;
}
