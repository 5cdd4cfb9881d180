/* cpython_loop_test.c: cases of CPython's tests that run a loop by hand, or let it be late: each
 * under its own name. */
#include "journal.h"
#include "runtime/weft.h"

static int steps;

WEFT_ASYNC(void, steps_and_stops)
{
    while (steps < 10) {
        WEFT_TRY(weft_sleep(0.001));
        if (++steps == 2)
            weft_loop_stop(weft_running_loop());
    }
    return 0;
}

/* The loop is stopped before what it runs for is done; it can go on, or be cancelled. */
static void test_stop_while_run_in_complete(void)
{
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    weft_own weft_task *task = weft_create_task(steps_and_stops());
    g_assert_cmpint(weft_loop_run_until_complete(loop, task), ==, WEFT_EINVALSTATE);
    g_assert_false(weft_done(task));
    g_assert_cmpint(steps, ==, 2);
    weft_cancel(task);
    g_assert_cmpint(weft_loop_run_until_complete(loop, task), ==, WEFT_ECANCELED);
    g_assert_true(weft_cancelled(task));
    weft_loop_close(loop);
}

static gpointer runs_another_loops(gpointer future)
{
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    g_assert_cmpint(weft_loop_run_until_complete(loop, future), ==, WEFT_ELOOP);
    weft_loop_close(loop);
    return NULL;
}

static void test_run_until_complete_loop(void)
{
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    weft_own weft_future *future = weft_future_new();
    g_thread_join(g_thread_new("other", runs_another_loops, future));
    weft_loop_close(loop);
}

/* ---- Another loop's future ---- */

WEFT_ASYNC(void, awaits_foreign, weft_future *, foreign)
{
    weft_own weft_future *own = weft_future_new();
    int rc = weft_await(foreign);
    note("%s", weft_err_name(rc));
    weft_own weft_future *mixed = weft_gather_all(((weft_future *[]){ own, foreign }), 2);
    note("%s", weft_err_name(weft_await(mixed)));
    return 0;
}

static gpointer runs_with_foreign(gpointer future)
{
    g_assert_cmpint(weft_run(awaits_foreign(future)), ==, 0);
    return NULL;
}

static void test_other_loop_future(void)
{
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    weft_own weft_future *future = weft_future_new();
    g_thread_join(g_thread_new("other", runs_with_foreign, future));
    weft_loop_close(loop);
    expect("ELOOP ELOOP");
}

/* ---- The current task ---- */

WEFT_ASYNC(void, looks_at_itself, weft_task **, self, weft_future *, mine, weft_future *, others)
{
    g_assert_true(weft_current_task() == *self);
    if (others)
        weft_set_result(others, 0);
    WEFT_TRY(mine);
    g_assert_true(weft_current_task() == *self);
    return 0;
}

WEFT_ASYNC(void, looks_interleaved)
{
    weft_own weft_future *first = weft_future_new();
    weft_own weft_future *second = weft_future_new();
    weft_task *a = NULL, *b = NULL;
    a = weft_create_task(looks_at_itself(&a, first, NULL));
    b = weft_create_task(looks_at_itself(&b, second, first));
    WEFT_TRY(a);
    weft_set_result(second, 0);
    WEFT_TRY(b);
    weft_unref(a);
    weft_unref(b);
    return 0;
}

static void test_current_task_with_interleaving_tasks(void)
{
    g_assert_null(weft_current_task());
    g_assert_cmpint(weft_run(looks_interleaved()), ==, 0);
    g_assert_null(weft_current_task());
}

/* ---- Closing ---- */

static void closes_nothing(void *arg)
{
    note("%s", (const char *)arg);
}

/* No more of anything once it is closed; a future of it stays, and says so. */
static void test_close(void)
{
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    weft_own weft_future *future = weft_future_new();
    weft_loop *closed = weft_get_loop(future);
    g_assert_false(weft_loop_is_closed(closed));
    g_assert_cmpint(weft_loop_close(loop), ==, 0);
    g_assert_true(weft_loop_is_closed(closed));
    g_assert_cmpint(weft_loop_run_forever(closed), ==, WEFT_ECLOSED);
    g_assert_cmpint(weft_loop_run_until_complete(closed, future), ==, WEFT_ECLOSED);
    g_assert_null(weft_call_soon(closes_nothing, "never"));
    expect("");
}

/* The outer deadline passes while the loop cannot look; the inner one is far. */
WEFT_ASYNC(void, is_busy)
{
    int outer = 0, inner = 0;
    WEFT_TIMEOUT(near, 0.002, outer) {
        WEFT_TIMEOUT(far, 3600, inner) {
            while (weft_time() <= weft_timeout_when(&near))
                ;
            WEFT_BREAK(inner, weft_sleep(3600));
        }
        note("inner-%s", weft_err_name(inner));
        outer = inner;
    }
    note("outer-%s", weft_err_name(outer));
    return 0;
}

static void test_nested_timeouts_concurrent(void)
{
    g_assert_cmpint(weft_run(is_busy()), ==, 0);
    expect("inner-ECANCELED outer-ETIMEDOUT");
}

/* Both have passed: the inner one too, and then there is nothing more to do outside. */
WEFT_ASYNC(void, is_busy_for_both)
{
    int outer = 0, inner = 0;
    WEFT_TIMEOUT(later, 0.004, outer) {
        WEFT_TIMEOUT(sooner, 0.002, inner) {
            while (weft_time() <= weft_timeout_when(&later))
                ;
            WEFT_BREAK(inner, weft_sleep(3600));
        }
        note("inner-%s", weft_err_name(inner));
        outer = inner;
        if (outer == 0)
            WEFT_BREAK(outer, weft_sleep(3600));
    }
    note("outer-%s", weft_err_name(outer));
    return 0;
}

static void test_nested_timeouts_loop_busy(void)
{
    g_assert_cmpint(weft_run(is_busy_for_both()), ==, 0);
    expect("inner-ECANCELED outer-ETIMEDOUT");
}

static void test_timeout_without_task(void)
{
    int rc = 0;
    WEFT_TIMEOUT(outside, 1, rc)
        note("not reached");
    g_assert_cmpint(rc, ==, WEFT_ENOTASK);
    expect("");
}

/* A runner runs several, one after the other; what one leaves the next finds. */
WEFT_ASYNC(void, counts, int *, count)
{
    WEFT_TRY(weft_sleep(0));
    note("%d", ++*count);
    return 0;
}

static void test_run(void)
{
    int count = 0;
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    for (int i = 0; i < 2; i++) {
        weft_own weft_task *task = weft_create_task(counts(&count));
        g_assert_cmpint(weft_loop_run_until_complete(loop, task), ==, 0);
    }
    weft_own weft_task *kept = weft_create_task(counts(&count));
    g_assert_cmpint(weft_loop_run_until_complete(loop, kept), ==, 0);
    weft_loop_shutdown(loop);
    weft_loop_close(loop);
    g_assert_true(weft_loop_is_closed(weft_get_loop(kept)));
    expect("1 2 3");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/test_tasks/BaseTaskTests/test_stop_while_run_in_complete",
                    test_stop_while_run_in_complete);
    g_test_add_func("/test_base_events/BaseEventLoopTests/test_run_until_complete_loop",
                    test_run_until_complete_loop);
    g_test_add_func("/test_tasks/BaseTaskTests/test_other_loop_future", test_other_loop_future);
    g_test_add_func("/test_tasks/BaseTaskTests/test_current_task_with_interleaving_tasks",
                    test_current_task_with_interleaving_tasks);
    g_test_add_func("/test_timeouts/TimeoutTests/test_timeout_without_task",
                    test_timeout_without_task);
    g_test_add_func("/test_base_events/BaseEventLoopTests/test_close", test_close);
    g_test_add_func("/test_timeouts/TimeoutTests/test_nested_timeouts_concurrent",
                    test_nested_timeouts_concurrent);
    g_test_add_func("/test_timeouts/TimeoutTests/test_nested_timeouts_loop_busy",
                    test_nested_timeouts_loop_busy);
    g_test_add_func("/test_runners/RunnerTests/test_run", test_run);
    return g_test_run();
}
