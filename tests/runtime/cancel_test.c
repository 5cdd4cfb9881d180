/* cancel_test.c: what a request to cancel passes through: long chains of awaits, and cycles, which
 * asyncio gives up on with a RecursionError. */
#include "journal.h"
#include "runtime/weft.h"
#include <string.h>

enum { LENGTH = 3000 };

WEFT_ASYNC(void, awaits, weft_future **, future)
{
    int rc = *future ? weft_await(*future) : weft_await(weft_sleep(3600));
    g_assert_cmpint(weft_cancelling(weft_current_task()), ==, 1);
    return rc;
}

WEFT_ASYNC(void, chain)
{
    g_autofree weft_task **tasks = g_new0(weft_task *, LENGTH + 1);
    for (int i = 0; i < LENGTH; i++)
        tasks[i + 1] = weft_create_task(awaits(&tasks[i]), .stack_size = 32 * 1024);
    WEFT_TRY(weft_sleep(0));
    g_assert_true(weft_cancel(tasks[LENGTH], "all of you"));
    int rc = weft_await(tasks[LENGTH]);
    g_assert_cmpint(rc, ==, WEFT_ECANCELED);
    for (int i = 1; i <= LENGTH; i++) {
        g_assert_true(weft_cancelled(tasks[i]));
        weft_unref(tasks[i]);
    }
    return 0;
}

static void test_chain(void)
{
    g_assert_cmpint(weft_run(chain()), ==, 0);
}

WEFT_ASYNC(void, waits_for, const char *, name, weft_future **, future)
{
    int rc = weft_await(*future);
    note("%s-%s", name, weft_err_name(rc));
    return rc;
}

enum shape { RING, TAIL, GATHER };

/* a -> b -> c -> a; start -> a -> b -> a; a -> gather(b, c), b -> a. */
WEFT_ASYNC(void, cycles, enum shape, shape)
{
    weft_future *futures[4] = { NULL };
    weft_own weft_task *a = futures[0] = weft_create_task(
        waits_for("a", &futures[shape == GATHER ? 3 : 1]));
    weft_own weft_task *b = futures[1] = weft_create_task(
        waits_for("b", &futures[shape == RING ? 2 : 0]));
    weft_own weft_task *c = futures[2] = weft_create_task(waits_for("c", &futures[0]));
    weft_own weft_future *both = futures[3] = weft_gather_all(&futures[1], 2);
    WEFT_TRY(weft_sleep(0));
    WEFT_TRY(weft_sleep(0));
    weft_cancel(shape == TAIL ? c : a);
    int rc = weft_await(weft_wait_for(shape == TAIL ? c : a, 3600));
    note("%s", weft_err_name(rc));
    WEFT_TRY(weft_sleep(0));
    WEFT_TRY(weft_sleep(0));
    WEFT_TRY(weft_sleep(0));
    g_assert_true(weft_done(a) && weft_done(b) && weft_done(c));
    return 0;
}

static void test_cycles(void)
{
    g_assert_cmpint(weft_run(cycles(RING)), ==, 0);
    expect("c-ECANCELED b-ECANCELED a-ECANCELED ECANCELED");
    g_assert_cmpint(weft_run(cycles(TAIL)), ==, 0);
    expect("b-ECANCELED a-ECANCELED c-ECANCELED ECANCELED");
    g_assert_cmpint(weft_run(cycles(GATHER)), ==, 0);
    journal = journal ? journal : g_string_new(NULL);
    g_assert_nonnull(strstr(journal->str, "a-ECANCELED"));
    g_assert_nonnull(strstr(journal->str, "b-ECANCELED"));
    g_assert_nonnull(strstr(journal->str, "c-ECANCELED"));
    g_string_free(g_steal_pointer(&journal), TRUE);
}

/* What run() does at its end to tasks that await each other. */
WEFT_ASYNC(void, leaves_a_cycle, weft_future **, futures)
{
    futures[0] = weft_create_task(waits_for("a", &futures[1]));
    futures[1] = weft_create_task(waits_for("b", &futures[0]));
    return weft_await(weft_sleep(0));
}

static void test_shutdown(void)
{
    weft_future *futures[2] = { NULL };
    g_assert_cmpint(weft_run(leaves_a_cycle(futures)), ==, 0);
    g_assert_true(weft_cancelled(futures[0]) && weft_cancelled(futures[1]));
    weft_unref(futures[0]);
    weft_unref(futures[1]);
    g_string_free(g_steal_pointer(&journal), TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/cancel/chain", test_chain);
    g_test_add_func("/runtime/cancel/cycles", test_cycles);
    g_test_add_func("/runtime/cancel/shutdown", test_shutdown);
    return g_test_run();
}
