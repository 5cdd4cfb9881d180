/* executor_test.c: how calls in threads end with their loop, and executors that are the program's
 * own. Jobs wait at gates, which the tests open: nothing depends on time. */
#include "jobs.h"
#include <pthread.h>

/* ---- The end ---- */

/* Those that nobody awaits run too, before run() returns, also if they have not begun. */
WEFT_ASYNC(void, leaves_behind, struct gate *, gate)
{
    for (int i = 0; i < 4; i++)
        weft_unref(start_owns(NULL, gate));
    gate_open(gate, 4);
    return 0;
}

static void test_run_waits(void)
{
    struct gate gate;
    gate_init(&gate);
    g_assert_cmpint(weft_run(leaves_behind(&gate), .threads = 2), ==, 0);
    g_assert_cmpuint(gate_came(&gate), ==, 4);
    expect_freed(8);
    gate_clear(&gate);
}

static void open_one(void *gate)
{
    gate_open(gate, 1);
}

/* A loop that is closed drops those that have not begun, then waits for those that run: here the
 * first opens the gate for the second. */
static void test_close(void)
{
    struct gate gate, never;
    gate_init(&gate);
    gate_init(&never);
    weft_loop *loop = weft_loop_new((weft_run_options){ .threads = 1 });
    weft_future *running = start_owns(NULL, &gate);
    weft_future *queued = weft_to_thread(passes(&never, 1), .on_free = open_one,
                                         .on_free_arg = &gate);
    gate_await(&gate, 1);
    weft_loop_close(loop);
    g_assert_cmpuint(gate_came(&never), ==, 0);
    expect_freed(2); /* the arguments of the one that ran, and its result */
    g_assert_false(weft_done(running));
    g_assert_false(weft_cancel(queued));
    weft_unref(running);
    weft_unref(queued);
    gate_clear(&gate);
    gate_clear(&never);
}

static void test_shut_down(void)
{
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    weft_future *job = weft_to_thread(adds(1, 1));
    g_assert_cmpint(weft_loop_run_until_complete(loop, job), ==, 0);
    weft_unref(job);
    weft_loop_shutdown(loop);
    job = weft_to_thread(adds(1, 1));
    g_assert_cmpint(weft_status(job), ==, WEFT_ECLOSED);
    weft_unref(job);
    weft_loop_close(loop);
    job = weft_to_thread(adds(1, 1));
    g_assert_cmpint(weft_status(job), ==, WEFT_ENOLOOP);
    weft_unref(job);
}

/* Arguments go even if there is nobody to take the call. */
static void test_refused(void)
{
    weft_future *job = weft_to_thread(adds(1, 1), .on_free = count_free,
                                      .on_free_arg = strdup("x"));
    g_assert_cmpint(weft_status(job), ==, WEFT_ENOLOOP);
    weft_unref(job);
    expect_freed(1);
}

/* ---- Executors ---- */

WEFT_ASYNC(int, shuts_down, weft_executor *, executor)
{
    *result = weft_executor_shutdown(executor);
    return 0;
}

WEFT_ASYNC(void, uses_executor, struct gate *, gate)
{
    weft_own weft_executor *executor = weft_executor_new(.threads = 1, .name = "resize");
    weft_own weft_future *a = weft_run_in_executor(executor, passes(gate, 1));
    weft_own weft_future *b = weft_run_in_executor(executor, adds(1, 1), .name = "b");
    weft_own weft_future *own = weft_run_in_executor(executor, shuts_down(executor));
    weft_own weft_future *other = weft_to_thread(adds(2, 2));
    WEFT_TRY(other); /* not behind the gate */
    gate_open(gate, 1);
    WEFT_TRY(a);
    WEFT_TRY(b);
    WEFT_TRY(own);
    g_assert_cmpint(weft_result(own, int), ==, WEFT_EDEADLOCK);
    weft_own weft_future *last = start_owns(executor, gate);
    gate_open(gate, 1);
    g_assert_cmpint(weft_executor_shutdown(executor), ==, 0);
    g_assert_cmpint(weft_executor_shutdown(executor), ==, 0);
    weft_own weft_future *refused = weft_run_in_executor(executor, adds(1, 1));
    g_assert_cmpint(weft_await(refused), ==, WEFT_ECLOSED);
    WEFT_TRY(last);
    g_assert_cmpstr(weft_result(last, char *), ==, "text");
    return 0;
}

static void test_executor(void)
{
    struct gate gate;
    gate_init(&gate);
    g_assert_cmpint(weft_run(uses_executor(&gate)), ==, 0);
    expect_freed(2);
    g_assert_cmpint(weft_executor_shutdown(NULL), ==, UV_EINVAL);
    gate_clear(&gate);
}

/* An executor outlives its loops: what they began there runs on, and is freed there. */
static void test_executor_outlives(void)
{
    struct gate gate;
    gate_init(&gate);
    weft_executor *executor = weft_executor_new(.threads = 1);
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    weft_future *running = start_owns(executor, &gate);
    weft_future *queued = start_owns(executor, &gate);
    gate_await(&gate, 1);
    weft_loop_close(loop);
    expect_freed(1); /* the arguments of the one that did not begin */
    g_assert_false(weft_done(running));
    weft_unref(running);
    weft_unref(queued);
    gate_open(&gate, 1);
    weft_unref(executor);
    expect_freed(2);
    g_assert_cmpuint(gate_came(&gate), ==, 1);
    gate_clear(&gate);
}

/* Loops of several threads at once. */
WEFT_ASYNC(void, shares, weft_executor *, executor)
{
    for (int i = 0; i < 100; i++) {
        weft_own weft_future *a = weft_run_in_executor(executor, adds(i, 1));
        weft_own weft_future *b = weft_run_in_executor(executor, adds(i, 2));
        if (i % 3 == 0)
            weft_cancel(b);
        WEFT_TRY(a);
        g_assert_cmpint(weft_result(a, int), ==, i + 1);
        g_assert_cmpint(weft_await(b), ==, i % 3 == 0 ? WEFT_ECANCELED : 0);
    }
    return 0;
}

static void *share(void *executor)
{
    g_assert_cmpint(weft_run(shares(executor)), ==, 0);
    return NULL;
}

static void test_executor_shared(void)
{
    weft_executor *executor = weft_executor_new(.threads = 3);
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        g_assert_cmpint(pthread_create(&threads[i], NULL, share, executor), ==, 0);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    weft_unref(executor);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/executor/run-waits", test_run_waits);
    g_test_add_func("/runtime/executor/close", test_close);
    g_test_add_func("/runtime/executor/shut-down", test_shut_down);
    g_test_add_func("/runtime/executor/refused", test_refused);
    g_test_add_func("/runtime/executor/use", test_executor);
    g_test_add_func("/runtime/executor/outlives", test_executor_outlives);
    g_test_add_func("/runtime/executor/shared", test_executor_shared);
    return g_test_run();
}
