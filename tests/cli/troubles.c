/* troubles.c MODE: a program with one fault, or one that only looks like it: what findings_test.c
 * records. Each mode is the smallest that shows it. */
#include "weft.h"
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Holds its thread, whatever runs in it. */
static void hold(double seconds)
{
    uint64_t until = uv_hrtime() + (uint64_t)(seconds * 1e9);
    while (uv_hrtime() < until)
        ;
}

/* ---- deadlock ---- */

static weft_lock fork_, knife;

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

WEFT_ASYNC(void, dinner, bool, in_order)
{
    weft_lock_init(&fork_, "fork");
    weft_lock_init(&knife, "knife");
    weft_own weft_task *ada = weft_create_task(dine(&fork_, &knife), .name = "Ada");
    weft_lock *first = in_order ? &fork_ : &knife, *second = in_order ? &knife : &fork_;
    weft_own weft_task *bob = weft_create_task(dine(first, second), .name = "Bob");
    WEFT_TRY(weft_sleep(0.1));
    weft_cancel(ada);
    weft_cancel(bob);
    return 0;
}

/* ---- stuck ---- */

static weft_event ready;

WEFT_ASYNC(void, wait_for_ready)
{
    return weft_event_wait(&ready);
}

WEFT_ASYNC(void, nap)
{
    return weft_sleep(600);
}

/* Nobody will ever set it, but perhaps who sleeps: whoever records this ends it. */
WEFT_ASYNC(void, hang, bool, sleeper)
{
    weft_event_init(&ready, "ready");
    weft_own weft_task *waiter = weft_create_task(wait_for_ready(), .name = "waiter");
    weft_own weft_task *sleeps = sleeper ? weft_create_task(nap(), .name = "nap") : NULL;
    return weft_await(waiter);
}

/* A libuv handle of the program's own may set it; one that is not active can't. */
WEFT_ASYNC(void, hang_with_handle, bool, active)
{
    uv_async_t async;
    uv_timer_t timer;
    uv_timer_init(weft_loop_uv(weft_running_loop()), &timer);
    if (active)
        uv_async_init(weft_loop_uv(weft_running_loop()), &async, NULL);
    return weft_await(hang(false));
}

/* ---- ends ---- */

WEFT_ASYNC(void, fetch, bool, fails)
{
    WEFT_TRY(weft_sleep(0));
    return fails ? weft_raise(UV_ECONNREFUSED, "no answer from %s", "loom") : 0;
}

WEFT_ASYNC(void, fail, bool, look)
{
    weft_task *task = weft_create_task(fetch(true), .name = "fetch");
    WEFT_TRY(weft_sleep(0.01));
    if (look)
        weft_status(task);
    weft_unref(task);
    return 0;
}

/* What a task creates in the loop's last iteration does not begin any more. */
WEFT_ASYNC(void, start, bool, wait)
{
    weft_own weft_task *task = weft_create_task(fetch(false), .name = "fetch");
    return wait ? weft_await(task) : 0;
}

WEFT_ASYNC(void, forget, bool, wait)
{
    weft_own weft_task *task = weft_create_task(start(wait), .name = "start");
    return wait ? weft_await(task) : 0;
}

/* A loop of one's own, closed while a task of it waits. */
static int close_early(bool cancel)
{
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    weft_event_init(&ready, "ready");
    weft_task *task = weft_create_task(wait_for_ready(), .name = "waiter");
    weft_task *quick = weft_create_task(fetch(false), .name = "quick");
    weft_loop_run_until_complete(loop, quick);
    if (cancel)
        weft_loop_shutdown(loop);
    weft_unref(task);
    weft_unref(quick);
    return weft_loop_close(loop);
}

/* ---- held loops ---- */

WEFT_ASYNC(void, hold_thread, double, seconds)
{
    hold(seconds);
    return 0;
}

WEFT_ASYNC(void, parse, double, seconds, bool, in_thread)
{
    if (in_thread) {
        weft_own weft_future *job = weft_to_thread(hold_thread(seconds));
        return weft_await(job);
    }
    hold(seconds);
    return 0;
}

/* While parse runs, next is ready and main's timer is due. */
WEFT_ASYNC(void, hold_loop, bool, in_thread)
{
    weft_own weft_task *parser = weft_create_task(parse(0.3, in_thread), .name = "parse");
    weft_own weft_task *next = weft_create_task(fetch(false), .name = "next");
    WEFT_TRY(weft_sleep(0.02));
    return weft_await(parser);
}

/* ---- cancellation ---- */

enum { OBEY, SWALLOW, LINGER };

WEFT_ASYNC(void, serve, int, how)
{
    int rc = weft_sleep(600);
    if (how == LINGER)
        WEFT_TRY(weft_sleep(1.1));
    return how == SWALLOW ? 0 : rc;
}

WEFT_ASYNC(void, cancel_server, int, how)
{
    weft_own weft_task *server = weft_create_task(serve(how), .name = "server");
    WEFT_TRY(weft_sleep(0.01));
    weft_cancel(server);
    int rc = weft_await(server);
    return rc == WEFT_ECANCELED ? 0 : rc;
}

WEFT_ASYNC(void, time_out, double, seconds)
{
    int rc = weft_wait_for(weft_sleep(0.05), seconds);
    return rc == WEFT_ETIMEDOUT ? 0 : rc;
}

/* Is killed while a task of it holds the loop. */
WEFT_ASYNC(void, die)
{
    raise(SIGKILL);
    return 0;
}

/* ---- several tasks ---- */

WEFT_ASYNC(void, ask_mirror, double, seconds, bool, fails)
{
    WEFT_TRY(weft_sleep(seconds));
    return fails ? weft_raise(UV_ECONNREFUSED, "no answer") : 0;
}

/* Its gather ends with the first failure; with `look`, it awaits the other one, too. */
WEFT_ASYNC(void, ask_two, bool, look)
{
    weft_own weft_task *slow = weft_create_task(ask_mirror(0.1, false), .name = "slow");
    weft_own weft_task *broken = weft_create_task(ask_mirror(0.01, true), .name = "broken");
    weft_own weft_future *both = weft_gather_all(((weft_future *[]){ slow, broken }), 2);
    int rc = weft_await(both);
    return look ? weft_await(slow) : rc;
}

WEFT_ASYNC(void, ask_and_go_on, bool, look)
{
    weft_own weft_task *asks = weft_create_task(ask_two(look), .name = "asks");
    weft_await(asks);
    return weft_sleep(0.15);
}

/* Makes its tasks one after the other, or all at first. */
WEFT_ASYNC(void, brew, bool, at_once)
{
    weft_task *tasks[4] = { NULL };
    int rc = 0;
    for (int i = 0; i < 4; i++) {
        tasks[i] = weft_create_task(ask_mirror(0.02, false));
        if (!at_once)
            rc = weft_await(tasks[i]);
    }
    for (int i = 0; i < 4; i++) {
        if (rc == 0)
            rc = weft_await(tasks[i]);
        weft_unref(tasks[i]);
    }
    return rc;
}

/* ---- contention ---- */

/* It works between its yields, or asks. */
WEFT_ASYNC(void, poll_often, double, work)
{
    for (int i = 0; i < 150; i++) {
        hold(work);
        WEFT_TRY(weft_sleep(0));
    }
    return 0;
}

WEFT_ASYNC(void, ask, double, work)
{
    weft_own weft_task *poller = weft_create_task(poll_often(work), .name = "poller");
    return weft_await(poller);
}

WEFT_ASYNC(void, crunch)
{
    weft_own weft_future *all = weft_gather(
        (parse(0.15, true), parse(0.15, true), parse(0.15, true)));
    return weft_await(all);
}

WEFT_ASYNC(void, look_up, bool, inside)
{
    int rc = 0;
    if (!inside)
        WEFT_TRY(weft_sleep(0.02));
    WEFT_WITH_LOCK(&knife, rc) {
        if (inside)
            WEFT_BREAK(rc, weft_sleep(0.02));
    }
    return rc;
}

enum { MANY = 12 };

WEFT_ASYNC(void, crowd, bool, inside)
{
    weft_task *tasks[MANY];
    weft_lock_init(&knife, "knife");
    for (int i = 0; i < MANY; i++)
        tasks[i] = weft_create_task(look_up(inside));
    ssize_t rc = weft_wait(tasks, MANY);
    for (int i = 0; i < MANY; i++)
        weft_unref(tasks[i]);
    return rc < 0 ? (int)rc : 0;
}

enum { ITEMS = 120 };

WEFT_ASYNC(void, produce, weft_queue *, queue, double, seconds)
{
    for (int i = 0; i < ITEMS; i++) {
        if (seconds > 0)
            WEFT_TRY(weft_sleep(seconds));
        WEFT_TRY(weft_queue_put(queue, &i));
    }
    return 0;
}

WEFT_ASYNC(void, hand_over, double, produces, double, consumes)
{
    __attribute__((cleanup(weft_queue_finish))) weft_queue queue;
    weft_queue_init(&queue, int, .maxsize = 2, .name = "orders");
    weft_own weft_task *producer = weft_create_task(produce(&queue, produces), .name = "producer");
    for (int i = 0; i < ITEMS; i++) {
        int item;
        WEFT_TRY(weft_queue_get(&queue, &item));
        if (consumes > 0)
            WEFT_TRY(weft_sleep(consumes));
    }
    return weft_await(producer);
}

static weft_condition baked;
static int loaves;

WEFT_ASYNC(void, buy)
{
    WEFT_TRY(weft_condition_acquire(&baked));
    int rc = 0;
    while (rc == 0 && loaves == 0)
        rc = weft_condition_wait(&baked);
    loaves -= rc == 0;
    weft_condition_release(&baked);
    return rc < 0 ? rc : weft_sleep(0.01);
}

/* All that wait are told, of so many loaves. */
WEFT_ASYNC(void, bake, int, n)
{
    weft_task *tasks[MANY];
    weft_condition_init(&baked, NULL, "baked");
    for (int i = 0; i < MANY; i++)
        tasks[i] = weft_create_task(buy());
    WEFT_TRY(weft_sleep(0.01));
    WEFT_TRY(weft_condition_acquire(&baked));
    loaves = n;
    weft_condition_notify_all(&baked);
    weft_condition_release(&baked);
    WEFT_TRY(weft_sleep(0.05));
    for (int i = 0; i < MANY; i++)
        weft_cancel(tasks[i]);
    ssize_t rc = weft_wait(tasks, MANY);
    for (int i = 0; i < MANY; i++)
        weft_unref(tasks[i]);
    weft_condition_finish(&baked);
    return rc < 0 ? (int)rc : 0;
}

/* Tasks that never end, or end soon. */
WEFT_ASYNC(void, keep_making, double, seconds)
{
    for (int round = 0; round < 300; round++) {
        for (int i = 0; i < 4; i++)
            weft_unref(weft_create_task(ask_mirror(seconds, false)));
        WEFT_TRY(weft_sleep(0.002));
    }
    return 0;
}

/* More than fits into the ring, while whoever records stands still. */
WEFT_ASYNC(void, flood)
{
    kill(getppid(), SIGSTOP);
    int rc = 0;
    for (int i = 0; i < 50000 && rc == 0; i++)
        rc = weft_sleep(0);
    kill(getppid(), SIGCONT);
    return rc;
}

/* In a slice, as an assertion does; or as somebody asks it to. */
WEFT_ASYNC(void, die_by, int, number)
{
    WEFT_TRY(weft_sleep(0.001));
    return -raise(number);
}

WEFT_ASYNC(void, crash, int, number)
{
    weft_own weft_task *task = weft_create_task(die_by(number), .name = "parse");
    return weft_await(task);
}

static int leave(void)
{
    int rc = weft_main(brew(true));
    return rc ? rc : 3;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
#define MODE(name, run)                                                                            \
    if (strcmp(mode, name) == 0)                                                                   \
        return run;
    MODE("deadlock", weft_main(dinner(false)))
    MODE("no-deadlock", weft_main(dinner(true)))
    MODE("stuck", weft_main(hang(false)))
    MODE("not-stuck", weft_main(hang(true)))
    MODE("stuck-with-handle", weft_main(hang_with_handle(false)))
    MODE("not-stuck-with-handle", weft_main(hang_with_handle(true)))
    MODE("never-retrieved", weft_main(fail(false)))
    MODE("retrieved", weft_main(fail(true)))
    MODE("destroyed", close_early(false))
    MODE("not-destroyed", close_early(true))
    MODE("never-started", weft_main(forget(false)))
    MODE("started", weft_main(forget(true)))
    MODE("hold", weft_main(hold_loop(false)))
    MODE("hold-thread", weft_main(hold_loop(true)))
    MODE("obey", weft_main(cancel_server(OBEY)))
    MODE("swallow", weft_main(cancel_server(SWALLOW)))
    MODE("linger", weft_main(cancel_server(LINGER)))
    MODE("time-out", weft_main(time_out(0.01)))
    MODE("in-time", weft_main(time_out(60)))
    MODE("ask", weft_main(ask(0)))
    MODE("work", weft_main(ask(0.002)))
    MODE("one-thread", weft_main(crunch(), .threads = 1))
    MODE("three-threads", weft_main(crunch(), .threads = 3))
    MODE("convoy", weft_main(crowd(true)))
    MODE("no-convoy", weft_main(crowd(false)))
    MODE("full", weft_main(hand_over(0, 0.001)))
    MODE("empty", weft_main(hand_over(0.001, 0)))
    MODE("orphan", weft_main(ask_and_go_on(false)))
    MODE("no-orphan", weft_main(ask_and_go_on(true)))
    MODE("serial", weft_main(brew(false)))
    MODE("at-once", weft_main(brew(true)))
    MODE("herd", weft_main(bake(1)))
    MODE("no-herd", weft_main(bake(MANY)))
    MODE("leak", weft_main(keep_making(600)))
    MODE("no-leak", weft_main(keep_making(0.01)))
    MODE("flood", weft_main(flood()))
    MODE("die", weft_main(die()))
    MODE("crash", weft_main(crash(SIGABRT)))
    MODE("obey", weft_main(crash(SIGTERM)))
    MODE("leave", leave())
    return 2;
}
