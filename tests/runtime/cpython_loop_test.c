/* cpython_loop_test.c: cases of CPython's tests that run a loop by hand, or let it be late: each
 * under its own name. */
#include "journal.h"
#include "runtime/weft.h"
#include <math.h>
#include <signal.h>
#include <unistd.h>

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

/* What one run sets, outside of any task, the next begins with. */
static weft_local local = WEFT_LOCAL("local", NULL);

WEFT_ASYNC(void, says_local)
{
    note("%s", (const char *)weft_local_get(&local));
    WEFT_TRY(weft_sleep(0));
    return weft_local_set(&local, (void *)(uintptr_t) "a task's", NULL);
}

static void test_run_keeps_context(void)
{
    weft_local_set(&local, (void *)(uintptr_t) "before", NULL);
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    for (int i = 0; i < 2; i++) {
        weft_own weft_task *task = weft_create_task(says_local());
        g_assert_cmpint(weft_loop_run_until_complete(loop, task), ==, 0);
        weft_local_set(&local, (void *)(uintptr_t) "kept", NULL);
    }
    weft_loop_close(loop);
    weft_local_set(&local, NULL, NULL);
    expect("before kept");
}

static void test_gather_without_loop(void)
{
    weft_own weft_future *none = weft_gather_futures(WEFT_HERE, 0, NULL,
                                                     (weft_gather_options){ 0 });
    g_assert_cmpint(weft_status(none), ==, WEFT_ENOLOOP);
}

static void test_set_debug(void)
{
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    weft_loop_set_debug(loop, true);
    g_assert_true(weft_loop_get_debug(loop));
    weft_loop_set_debug(loop, false);
    g_assert_false(weft_loop_get_debug(loop));
    weft_loop_close(loop);
}

/* An iteration that is left, and resumed: each future once. */
WEFT_ASYNC(int, is_value, int, value)
{
    *result = value;
    return 0;
}

WEFT_ASYNC(void, resumes)
{
    enum { N = 4 };
    weft_future *tasks[N], *next;
    for (int i = 0; i < N; i++)
        tasks[i] = weft_create_task(is_value(i));
    weft_as_completed completed;
    WEFT_TRY(weft_as_completed_init(&completed, tasks, N));
    for (int i = 0; i < 2; i++) {
        WEFT_TRY(weft_as_completed_next(&completed, &next));
        note("%d", weft_result(next, int));
    }
    note("left");
    while (weft_await(weft_as_completed_next(&completed, &next)) == 0)
        note("%d", weft_result(next, int));
    weft_as_completed_finish(&completed);
    for (int i = 0; i < N; i++)
        weft_unref(tasks[i]);
    return 0;
}

static void test_as_completed_resume_iterator(void)
{
    g_assert_cmpint(weft_run(resumes()), ==, 0);
    expect("0 1 left 2 3");
}

/* SIGINT while main never waits for anything. */
static void interrupts(void *arg)
{
    (void)arg;
    g_assert_cmpint(kill(getpid(), SIGINT), ==, 0);
}

WEFT_ASYNC(void, only_yields)
{
    int rc = 0;
    weft_call_later(0.001, interrupts, NULL);
    while (rc == 0)
        rc = weft_await(weft_sleep(0));
    note("%s", weft_err_name(rc));
    return rc;
}

static void test_interrupt_call_soon(void)
{
    g_assert_cmpint(weft_run(only_yields()), ==, WEFT_EINTERRUPTED);
    expect("ECANCELED");
}

/* The task that a thread asked for cancels itself. */
WEFT_ASYNC(void, cancels_itself)
{
    weft_cancel(weft_current_task());
    return weft_await(weft_sleep(0));
}

WEFT_ASYNC(int, asks, weft_loop *, loop)
{
    weft_own weft_concurrent_future *future = weft_run_coroutine_threadsafe(loop, cancels_itself());
    *result = weft_concurrent_result(future, NULL, 0, INFINITY);
    return 0;
}

WEFT_ASYNC(void, has_a_thread_ask)
{
    weft_own weft_future *job = weft_to_thread(asks(weft_running_loop()));
    WEFT_TRY(job);
    note("%s", weft_err_name(weft_result(job, int)));
    return 0;
}

static void test_threadsafe_cancelled(void)
{
    g_assert_cmpint(weft_run(has_a_thread_ask()), ==, 0);
    expect("ECANCELED");
}

/* Many tasks at once, each with values of its own. */
WEFT_ASYNC(void, sets_often, int, number)
{
    for (int i = 0; i < 10; i++) {
        void *value = (void *)(intptr_t)(number * 100 + i);
        WEFT_TRY(weft_local_set(&local, value, NULL));
        WEFT_TRY(weft_sleep(number % 3 * 1e-5));
        g_assert_true(weft_local_get(&local) == value);
    }
    return 0;
}

WEFT_ASYNC(void, many_set)
{
    weft_task *tasks[100];
    for (int i = 0; i < 100; i++)
        tasks[i] = weft_create_task(sets_often(i + 1));
    weft_own weft_future *all = weft_gather_all(tasks, 100);
    for (int i = 0; i < 100; i++)
        weft_unref(tasks[i]);
    WEFT_TRY(all);
    g_assert_cmpstr(weft_local_get(&local), ==, "main's");
    return 0;
}

static void test_context_3(void)
{
    weft_local_set(&local, (void *)(uintptr_t) "main's", NULL);
    g_assert_cmpint(weft_run(many_set()), ==, 0);
    weft_local_set(&local, NULL, NULL);
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
    g_test_add_func("/test_runners/RunnerTests/test_run_keeps_context", test_run_keeps_context);
    g_test_add_func("/test_tasks/FutureGatherTests/test_constructor_empty_sequence_without_loop",
                    test_gather_without_loop);
    g_test_add_func("/test_base_events/BaseEventLoopTests/test_set_debug", test_set_debug);
    g_test_add_func("/test_tasks/BaseTaskTests/test_as_completed_resume_iterator",
                    test_as_completed_resume_iterator);
    g_test_add_func("/test_runners/RunnerTests/test_interrupt_call_soon", test_interrupt_call_soon);
    g_test_add_func(
        "/test_tasks/RunCoroutineThreadsafeTests/test_run_coroutine_threadsafe_task_cancelled",
        test_threadsafe_cancelled);
    g_test_add_func("/test_tasks/BaseTaskTests/test_context_3", test_context_3);
    return g_test_run();
}
