/* task_test.c: tasks and their order. Every order here was also taken from CPython 3.13. */
#include "iterations.h"
#include "journal.h"
#include "runtime/weft.h"
#include "tests/valgrind.h"
#include <stdlib.h>
#include <string.h>

/* ---- Order ---- */

WEFT_ASYNC(void, step_twice, const char *, name)
{
    note("%s1", name);
    WEFT_TRY(weft_sleep(0));
    note("%s2", name);
    return 0;
}

WEFT_ASYNC(void, two_tasks)
{
    weft_own weft_task *a = weft_create_task(step_twice("a"));
    weft_own weft_task *b = weft_create_task(step_twice("b"));
    note("created");
    WEFT_TRY(a);
    note("a-awaited");
    WEFT_TRY(b);
    note("b-awaited");
    return 0;
}

static void test_order(void)
{
    g_assert_cmpint(weft_run(two_tasks()), ==, 0);
    expect("created a1 b1 a2 b2 a-awaited b-awaited");
}

WEFT_ASYNC(void, nothing)
{
    return 0;
}

WEFT_ASYNC(void, set_soon, weft_future *, future)
{
    iterations = 0;
    return weft_set_result(future, 1);
}

WEFT_ASYNC(void, hops)
{
    bool going = true;
    weft_call_soon(count, &going);
    WEFT_TRY(weft_sleep(0));

    int before = iterations;
    WEFT_TRY(weft_sleep(0));
    g_assert_cmpint(iterations - before, ==, 1);

    before = iterations;
    weft_own weft_task *task = weft_create_task(nothing());
    WEFT_TRY(task);
    g_assert_cmpint(iterations - before, ==, 2);

    before = iterations;
    WEFT_TRY(task); /* done: no suspension */
    WEFT_TRY(nothing());
    g_assert_cmpint(iterations - before, ==, 0);

    before = iterations;
    weft_own weft_task *other = weft_create_task(nothing());
    g_assert_cmpint(weft_wait_for(other, 10), ==, 0);
    g_assert_cmpint(iterations - before, ==, 2);

    before = iterations;
    g_assert_cmpint(weft_wait_for(nothing(), 10), ==, 0);
    g_assert_cmpint(iterations - before, ==, 0);

    before = iterations;
    weft_own weft_future *gather = weft_gather((nothing(), nothing()));
    WEFT_TRY(gather);
    g_assert_cmpint(iterations - before, ==, 3);

    before = iterations;
    weft_own weft_future *none = weft_gather_all(NULL, 0);
    WEFT_TRY(none);
    g_assert_cmpint(iterations - before, ==, 0);

    before = iterations;
    weft_future *waited = weft_create_task(nothing());
    g_assert_cmpint(weft_wait(&waited, 1), ==, 1);
    g_assert_cmpint(iterations - before, ==, 3);
    weft_unref(waited);

    before = iterations;
    weft_own weft_task *inner = weft_create_task(nothing());
    weft_own weft_future *shield = weft_shield(inner);
    WEFT_TRY(shield);
    g_assert_cmpint(iterations - before, ==, 3);

    weft_own weft_future *future = weft_future_new();
    weft_own weft_task *setter = weft_create_task(set_soon(future));
    WEFT_TRY(future);
    g_assert_cmpint(iterations, ==, 1);

    before = iterations;
    weft_own weft_task *eager = weft_create_task(nothing(), .eager = true);
    g_assert_true(weft_done(eager));
    WEFT_TRY(eager);
    g_assert_cmpint(iterations - before, ==, 0);

    going = false;
    WEFT_TRY(weft_sleep(0));
    return 0;
}

static void test_hops(void)
{
    g_assert_cmpint(weft_run(hops()), ==, 0);
}

/* ---- Values ---- */

struct large {
    int numbers[100];
};
WEFT_ASYNC(struct large, make_large, int, base)
{
    for (int i = 0; i < 100; i++)
        result->numbers[i] = base + i;
    return 0;
}

WEFT_ASYNC(double, six, char, a, short, b, int, c, long, d, float, e, double, f)
{
    *result = a + b + c + (double)d + (double)e + f;
    return 0;
}

static int freed;
static void count_free(void *p)
{
    freed++;
    free(p);
}

WEFT_ASYNC(char *, make_string)
{
    *result = strdup("hello");
    return 0;
}

WEFT_ASYNC(void, values)
{
    weft_own weft_task *large = weft_create_task(make_large(7));
    WEFT_TRY(large);
    g_assert_cmpint(weft_result(large, struct large).numbers[99], ==, 106);

    weft_own weft_task *sum = weft_create_task(six(1, 2, 3, 4, 5, 6));
    WEFT_TRY(sum);
    g_assert_cmpfloat(weft_result(sum, double), ==, 21);

    freed = 0;
    weft_task *kept = weft_create_task(make_string(), .free_result = count_free);
    WEFT_TRY(kept);
    g_assert_cmpstr(weft_result(kept, char *), ==, "hello");
    weft_unref(kept);
    g_assert_cmpint(freed, ==, 1);

    weft_task *moved = weft_create_task(make_string(), .free_result = count_free);
    WEFT_TRY(moved);
    weft_free_at_exit char *text = weft_take(moved, char *);
    weft_unref(moved);
    g_assert_cmpint(freed, ==, 1);
    g_assert_cmpstr(text, ==, "hello");
    return 0;
}

static void test_values(void)
{
    g_assert_cmpint(weft_run(values()), ==, 0);
    struct large large;
    g_assert_cmpint(
        weft_run_coro(WEFT_HERE, weft_coro(make_large(1)), &large, (weft_run_options){ 0 }), ==, 0);
    g_assert_cmpint(large.numbers[0], ==, 1);
}

/* ---- Cancellation ---- */

WEFT_ASYNC(void, sleeper, const char *, name)
{
    note("%s-sleeps", name);
    int rc = weft_await(weft_sleep(3600));
    note("%s-%s", name, weft_err_name(rc));
    return rc;
}

WEFT_ASYNC(void, cancel_sleeper)
{
    weft_own weft_task *task = weft_create_task(sleeper("s"));
    WEFT_TRY(weft_sleep(0));
    g_assert_true(weft_cancel(task, "enough"));
    g_assert_cmpint(weft_cancelling(task), ==, 1);
    g_assert_false(weft_done(task));
    int rc = weft_await(task);
    g_assert_cmpint(rc, ==, WEFT_ECANCELED);
    g_assert_cmpstr(weft_error_message(weft_current_error()), ==, "enough");
    g_assert_true(weft_cancelled(task));
    g_assert_false(weft_cancel(task));
    g_assert_cmpint(weft_cancelling(weft_current_task()), ==, 0);
    return 0;
}

static void test_cancel(void)
{
    g_assert_cmpint(weft_run(cancel_sleeper()), ==, 0);
    expect("s-sleeps s-ECANCELED");
}

static void on_free(void *arg)
{
    (void)arg;
    note("freed");
}

WEFT_ASYNC(void, cancel_before_start)
{
    weft_own weft_task *task = weft_create_task(sleeper("never"), .on_free = on_free);
    g_assert_true(weft_cancel(task));
    int rc = weft_await(task);
    note("%s", weft_err_name(rc));
    return 0;
}

static void test_cancel_before_start(void)
{
    g_assert_cmpint(weft_run(cancel_before_start()), ==, 0);
    expect("freed ECANCELED");
}

WEFT_ASYNC(void, twice)
{
    note("%s", weft_err_name(weft_await(weft_sleep(3600))));
    note("%s", weft_err_name(weft_await(weft_sleep(0))));
    return 0;
}

/* Two cancels before delivery are one delivery with count 2; a swallowed cancel is a normal end. */
WEFT_ASYNC(void, cancel_twice)
{
    weft_own weft_task *task = weft_create_task(twice());
    WEFT_TRY(weft_sleep(0));
    weft_cancel(task);
    weft_cancel(task);
    note("%d", weft_cancelling(task));
    int rc = weft_await(task);
    note("%s %d", weft_err_name(rc), weft_cancelling(task));
    return 0;
}

static void test_cancel_twice(void)
{
    g_assert_cmpint(weft_run(cancel_twice()), ==, 0);
    /* The second request found the first one's wait already cancelled: must_cancel, which the same
     * resume delivers. */
    expect("2 ECANCELED OK OK 2");
}

WEFT_ASYNC(int, cancels_itself, bool, suspends)
{
    weft_cancel(weft_current_task());
    weft_own weft_future *done = weft_future_new();
    weft_set_result(done, 1);
    note("%s", weft_err_name(weft_await(done))); /* done: still succeeds */
    if (suspends) {
        int rc = weft_await(weft_sleep(0.001));
        note("%s", weft_err_name(rc));
        return rc;
    }
    *result = 1;
    return 0;
}

WEFT_ASYNC(void, fails_after_cancelling_itself)
{
    weft_cancel(weft_current_task());
    return UV_EINVAL;
}

WEFT_ASYNC(void, self_cancel)
{
    weft_own weft_task *suspends = weft_create_task(cancels_itself(true));
    note("%s", weft_err_name(weft_await(suspends)));
    weft_own weft_task *returns = weft_create_task(cancels_itself(false));
    note("%s", weft_err_name(weft_await(returns)));
    weft_own weft_task *fails = weft_create_task(fails_after_cancelling_itself());
    note("%s", weft_err_name(weft_await(fails)));
    return 0;
}

static void test_self_cancel(void)
{
    g_assert_cmpint(weft_run(self_cancel()), ==, 0);
    expect("OK ECANCELED ECANCELED OK ECANCELED EINVAL");
}

WEFT_ASYNC(void, awaits_future, weft_future *, future, const char *, name)
{
    int rc = weft_await(future);
    note("%s-%s", name, weft_err_name(rc));
    return rc;
}

/* Cancelling one awaiter cancels the shared future, for all of them. */
WEFT_ASYNC(void, shared_future)
{
    weft_own weft_future *future = weft_future_new();
    weft_own weft_task *a = weft_create_task(awaits_future(future, "a"));
    weft_own weft_task *b = weft_create_task(awaits_future(future, "b"));
    WEFT_TRY(weft_sleep(0));
    weft_cancel(b);
    note("%d", weft_cancelled(future));
    weft_own weft_future *all = weft_gather_all(((weft_future *[]){ a, b }), 2,
                                                .return_errors = true);
    WEFT_TRY(all);
    note("%d%d", weft_cancelling(a), weft_cancelling(b));
    return 0;
}

static void test_shared_future(void)
{
    g_assert_cmpint(weft_run(shared_future()), ==, 0);
    expect("1 a-ECANCELED b-ECANCELED 01");
}

/* The future was done, the waiter had not resumed: cancel wins and the result stays. */
WEFT_ASYNC(void, result_and_cancel)
{
    weft_own weft_future *future = weft_future_new();
    weft_own weft_task *a = weft_create_task(awaits_future(future, "a"));
    WEFT_TRY(weft_sleep(0));
    weft_set_result(future, 42);
    weft_cancel(a);
    weft_await(a);
    note("%d", weft_result(future, int));
    return 0;
}

static void test_result_and_cancel(void)
{
    g_assert_cmpint(weft_run(result_and_cancel()), ==, 0);
    expect("a-ECANCELED 42");
}

WEFT_ASYNC(void, returns_ecanceled)
{
    return WEFT_ECANCELED;
}

WEFT_ASYNC(void, rescinds)
{
    weft_task *self = weft_current_task();
    weft_cancel(self);
    note("%d", weft_uncancel(self));
    note("%s", weft_err_name(weft_await(weft_sleep(0))));
    return 0;
}

WEFT_ASYNC(void, uncancelling)
{
    weft_own weft_task *unasked = weft_create_task(returns_ecanceled());
    int rc = weft_await(unasked);
    note("%s %d", weft_err_name(rc), weft_cancelling(unasked));
    weft_own weft_task *rescinded = weft_create_task(rescinds());
    WEFT_TRY(rescinded);
    /* But not once the awaited object is already cancelled. */
    weft_own weft_task *late = weft_create_task(sleeper("late"));
    WEFT_TRY(weft_sleep(0));
    weft_cancel(late);
    note("%d", weft_uncancel(late));
    weft_await(late);
    return 0;
}

static void test_uncancel(void)
{
    g_assert_cmpint(weft_run(uncancelling()), ==, 0);
    expect("ECANCELED 0 0 OK late-sleeps 0 late-ECANCELED");
}

WEFT_ASYNC(void, cleans_up)
{
    int rc = weft_await(weft_sleep(3600));
    note("1:%s", weft_err_name(rc));
    note("2:%s", weft_err_name(weft_await(weft_sleep(3600))));
    return rc;
}

/* A cancel during cleanup delivers again. */
WEFT_ASYNC(void, cancel_cleanup)
{
    weft_own weft_task *task = weft_create_task(cleans_up());
    WEFT_TRY(weft_sleep(0));
    weft_cancel(task);
    WEFT_TRY(weft_sleep(0));
    weft_cancel(task);
    note("%s", weft_err_name(weft_await(task)));
    return 0;
}

static void test_cancel_cleanup(void)
{
    g_assert_cmpint(weft_run(cancel_cleanup()), ==, 0);
    expect("1:ECANCELED 2:ECANCELED ECANCELED");
}

WEFT_ASYNC(void, awaits_task, weft_task *, inner, const char *, name)
{
    int rc = weft_await(inner);
    note("%s-%s", name, weft_err_name(rc));
    return rc;
}

/* Cancelling goes through to the innermost awaited task. */
WEFT_ASYNC(void, cancel_chain)
{
    weft_own weft_task *inner = weft_create_task(sleeper("inner"));
    weft_own weft_task *middle = weft_create_task(awaits_task(inner, "middle"));
    weft_own weft_task *outer = weft_create_task(awaits_task(middle, "outer"));
    WEFT_TRY(weft_sleep(0));
    weft_cancel(outer);
    weft_await(outer);
    note("%d%d%d", weft_cancelling(inner), weft_cancelling(middle), weft_cancelling(outer));
    return 0;
}

static void test_cancel_chain(void)
{
    g_assert_cmpint(weft_run(cancel_chain()), ==, 0);
    expect("inner-sleeps inner-ECANCELED middle-ECANCELED outer-ECANCELED 111");
}

/* ---- Bad use ---- */

WEFT_ASYNC(void, awaits_itself)
{
    int rc = weft_await(weft_current_task());
    note("%s", weft_err_name(rc));
    return 0;
}

WEFT_ASYNC(void, bad_use)
{
    note("%s", weft_err_name(weft_await((weft_future *)NULL)));
    weft_own weft_task *self = weft_create_task(awaits_itself());
    WEFT_TRY(self);
    weft_own weft_future *future = weft_future_new();
    note("%s", weft_err_name(weft_status(future)));
    g_assert_cmpint(weft_set_result(future, 1), ==, 0);
    note("%s", weft_err_name(weft_set_result(future, 2)));
    note("%s", weft_err_name(weft_uncancel(future)));
    note("%s", weft_err_name(weft_set_result(self, 2)));
    weft_own weft_task *small = weft_create_task(nothing(), .stack_size = 100);
    note("%s", weft_err_name(weft_await(small)));
    note("%s", weft_err_name(weft_sleep(__builtin_nan(""))));
    note("%s", weft_err_name(weft_run(nothing())));
    return 0;
}

static void test_bad_use(void)
{
    g_assert_cmpint(weft_run(bad_use()), ==, 0);
    expect("EINVAL EDEADLOCK EINVALSTATE EINVALSTATE EINVAL EINVAL EINVAL EINVAL EBUSY");
    g_assert_cmpint(weft_sleep(0), ==, WEFT_ENOTASK);
    weft_own weft_task *orphan = weft_create_task(nothing());
    g_assert_cmpint(weft_status(orphan), ==, WEFT_ENOLOOP);
    g_assert_cmpint(weft_await(orphan), ==, WEFT_ENOTASK);
    g_assert_null(weft_future_new());
    g_assert_null(weft_current_task());
}

WEFT_ASYNC(long, uses_much_stack, int, depth)
{
    volatile char room[4000];
    memset((char *)room, depth, sizeof room);
    if (depth > 0) {
        WEFT_TRY(uses_much_stack(depth - 1, result));
        *result += room[100];
    } else {
        WEFT_TRY(weft_sleep(0));
        *result = 0;
    }
    return 0;
}

WEFT_ASYNC(void, large_stacks)
{
    weft_own weft_task *task = weft_create_task(uses_much_stack(100), .stack_size = 1 << 20);
    WEFT_TRY(task);
    g_assert_cmpint(weft_result(task, long), ==, 5050);
    for (int i = 0; i < 3; i++) { /* deep, on pooled stacks */
        weft_own weft_task *deep = weft_create_task(uses_much_stack(20));
        WEFT_TRY(deep);
        g_assert_cmpint(weft_result(deep, long), ==, 210);
    }
    return 0;
}

static void test_large_stacks(void)
{
    g_assert_cmpint(weft_run(large_stacks()), ==, 0);
}

WEFT_ASYNC(void, yields, int, n, long *, total)
{
    for (int i = 0; i < n; i++) {
        WEFT_TRY(weft_sleep(0));
        ++*total;
    }
    return 0;
}

WEFT_ASYNC(void, many, int, n)
{
    long total = 0;
    weft_task **tasks = g_new(weft_task *, n);
    for (int i = 0; i < n; i++)
        tasks[i] = weft_create_task(yields(10, &total));
    weft_own weft_future *all = weft_gather_all(tasks, n);
    for (int i = 0; i < n; i++)
        weft_unref(tasks[i]);
    g_free(tasks);
    WEFT_TRY(all);
    g_assert_cmpint(total, ==, n * 10);
    return 0;
}

static void test_many(void)
{
    g_assert_cmpint(weft_run(many(SLOW ? 500 : 5000)), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/task/order", test_order);
    g_test_add_func("/runtime/task/hops", test_hops);
    g_test_add_func("/runtime/task/values", test_values);
    g_test_add_func("/runtime/task/cancel", test_cancel);
    g_test_add_func("/runtime/task/cancel-before-start", test_cancel_before_start);
    g_test_add_func("/runtime/task/cancel-twice", test_cancel_twice);
    g_test_add_func("/runtime/task/self-cancel", test_self_cancel);
    g_test_add_func("/runtime/task/shared-future", test_shared_future);
    g_test_add_func("/runtime/task/result-and-cancel", test_result_and_cancel);
    g_test_add_func("/runtime/task/uncancel", test_uncancel);
    g_test_add_func("/runtime/task/cancel-cleanup", test_cancel_cleanup);
    g_test_add_func("/runtime/task/cancel-chain", test_cancel_chain);
    g_test_add_func("/runtime/task/bad-use", test_bad_use);
    g_test_add_func("/runtime/task/large-stacks", test_large_stacks);
    g_test_add_func("/runtime/task/many", test_many);
    return g_test_run();
}
