/* cpython_ends_test.c: cases of CPython's tests about what is let go of, and when: each under its
 * own name. */
#include "journal.h"
#include "runtime/weft.h"
#include <stdatomic.h>

/* ---- A group lets go of its tasks as they end: their results with them ---- */

static void note_freed(void *result)
{
    note("freed");
    g_free(result);
}

WEFT_ASYNC(char *, makes_string)
{
    *result = g_strdup("mine");
    return 0;
}

WEFT_ASYNC(void, outlives_its_tasks)
{
    int rc = 0;
    WEFT_TASK_GROUP(group, rc) {
        for (int i = 0; i < 3; i++)
            weft_group_create_detached(&group, makes_string(), .free_result = note_freed);
        WEFT_TRY(weft_sleep(0.001));
        note("body");
    }
    return rc;
}

static void test_taskgroup_23(void)
{
    g_assert_cmpint(weft_run(outlives_its_tasks()), ==, 0);
    expect("freed freed freed body");
}

/* ---- A job that has ended, cancelled before its loop heard of it ---- */

static _Atomic bool returned;
static _Atomic int results_freed;

static void count_freed(void *result)
{
    atomic_fetch_add(&results_freed, 1);
    g_free(result);
}

WEFT_ASYNC(char *, ends_job)
{
    *result = g_strdup("mine");
    atomic_store(&returned, true);
    return 0;
}

WEFT_ASYNC(void, cancels_late)
{
    weft_own weft_future *future = weft_to_thread(ends_job(), .free_result = count_freed);
    while (!atomic_load(&returned)) /* this loop does not poll, and hears nothing */
        g_thread_yield();
    g_assert_false(weft_done(future));
    weft_cancel(future);
    int rc = weft_await(future);
    g_assert_cmpint(rc, ==, WEFT_ECANCELED);
    return 0;
}

static void test_wrap_future_cancel2(void)
{
    g_assert_cmpint(weft_run(cancels_late()), ==, 0);
    g_assert_cmpint(atomic_load(&results_freed), ==, 1); /* the job had one, and nobody took it */
}

/* ---- A generator whose task fails while the loop shuts down is closed all the same ---- */

WEFT_GENERATOR(int, fidgets)
{
    int rc = 0;
    while (rc == 0) {
        rc = weft_await(weft_yield(1));
        if (rc == 0)
            rc = weft_await(weft_sleep(1));
    }
    note("generator ends: %s", weft_err_name(rc));
    return rc;
}

WEFT_ASYNC(void, spins)
{
    int rc = 0;
    WEFT_FOR(int, i, fidgets(), rc)
    note("%d", i);
    g_assert_cmpint(rc, ==, WEFT_ECANCELED);
    return UV_EIO; /* in Python 1 / 0 */
}

static void note_report(weft_loop *loop, const char *message, const weft_error *error,
                        weft_future *future, void *arg)
{
    (void)loop, (void)message, (void)error, (void)arg;
    note("reported %s", weft_err_name(weft_status(future)));
}

WEFT_ASYNC(void, exits_fancily)
{
    weft_loop_set_exception_handler(weft_running_loop(), note_report, NULL);
    weft_own weft_task *lazy = weft_create_task(spins());
    WEFT_TRY(weft_sleep(0));
    return UV_EPERM;
}

static void test_run_closes_generators(void)
{
    g_assert_cmpint(weft_run(exits_fancily()), ==, UV_EPERM);
    expect("1 generator ends: ECANCELED reported EIO");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/test_taskgroups/TestTaskGroup/test_taskgroup_23", test_taskgroup_23);
    g_test_add_func("/test_futures/BaseFutureTests/test_wrap_future_cancel2",
                    test_wrap_future_cancel2);
    g_test_add_func("/test_runners/RunTests/"
                    "test_asyncio_run_closes_gens_after_hanging_tasks_errors",
                    test_run_closes_generators);
    return g_test_run();
}
