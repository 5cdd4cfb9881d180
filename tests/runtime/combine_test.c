/* combine_test.c: gather, wait and shield, against asyncio's orders and rules. */
#include "journal.h"
#include "runtime/weft.h"

WEFT_ASYNC(int, works, const char *, name, int, yields, int, value)
{
    for (int i = 0; i < yields; i++) {
        int rc = weft_await(weft_sleep(0));
        if (rc < 0) {
            note("%s-%s", name, weft_err_name(rc));
            return rc;
        }
    }
    note("%s", name);
    if (value < 0)
        return weft_raise(value, "%s failed", name);
    *result = value;
    return 0;
}

WEFT_ASYNC(int, swallows, const char *, name)
{
    int rc = weft_await(weft_sleep(3600));
    note("%s-swallows-%s", name, weft_err_name(rc));
    *result = 1;
    return 0;
}

/* ---- gather ---- */

WEFT_ASYNC(void, gather_values)
{
    weft_own weft_future *all = weft_gather((works("a", 3, 1), works("b", 1, 2), works("c", 2, 3)));
    WEFT_TRY(all);
    for (size_t i = 0; i < weft_gather_count(all); i++)
        note("%d", weft_result(weft_gather_child(all, i), int));
    g_assert_null(weft_gather_child(all, 3));
    return 0;
}

static void test_gather_values(void)
{
    g_assert_cmpint(weft_run(gather_values()), ==, 0);
    expect("b c a 1 2 3");
}

/* The first failure propagates, siblings go on. */
WEFT_ASYNC(void, gather_failure)
{
    weft_own weft_future *all = weft_gather(
        (works("a", 4, 1), works("b", 1, UV_EIO), works("c", 3, UV_EPERM)));
    int rc = weft_await(all);
    note("%s:%s", weft_err_name(rc), weft_error_message(weft_current_error()));
    g_assert_false(weft_done(weft_gather_child(all, 0)));
    WEFT_TRY(weft_sleep(0.05));
    return 0;
}

static void test_gather_failure(void)
{
    g_assert_cmpint(weft_run(gather_failure()), ==, 0);
    expect("b EIO:b failed c a");
}

WEFT_ASYNC(void, gather_return_errors)
{
    weft_own weft_future *all = weft_gather((works("a", 2, 1), works("b", 1, UV_EIO)),
                                            .return_errors = true);
    WEFT_TRY(all);
    note("%s", weft_err_name(weft_status(weft_gather_child(all, 0))));
    note("%s", weft_err_name(weft_status(weft_gather_child(all, 1))));
    return 0;
}

static void test_gather_return_errors(void)
{
    g_assert_cmpint(weft_run(gather_return_errors()), ==, 0);
    expect("b a OK EIO");
}

/* A cancelled child is a failure; the gather was not asked to cancel. */
WEFT_ASYNC(void, gather_cancelled_child)
{
    weft_own weft_task *a = weft_create_task(works("a", 5, 1));
    weft_own weft_task *b = weft_create_task(works("b", 5, 2));
    weft_own weft_future *all = weft_gather_all(((weft_future *[]){ a, b }), 2);
    WEFT_TRY(weft_sleep(0));
    weft_cancel(b);
    note("%s", weft_err_name(weft_await(all)));
    g_assert_cmpint(weft_cancelling(weft_current_task()), ==, 0);
    WEFT_TRY(a);
    return 0;
}

static void test_gather_cancelled_child(void)
{
    g_assert_cmpint(weft_run(gather_cancelled_child()), ==, 0);
    expect("b-ECANCELED ECANCELED a");
}

/* Cancelling the outer cancels all children; it is cancelled even if every child swallows it. */
WEFT_ASYNC(void, gather_cancelled, bool, return_errors)
{
    weft_own weft_future *all = weft_gather((swallows("a"), swallows("b")),
                                            .return_errors = return_errors);
    WEFT_TRY(weft_sleep(0));
    g_assert_true(weft_cancel(all));
    g_assert_false(weft_done(all));
    note("%s", weft_err_name(weft_await(all)));
    return 0;
}

static void test_gather_cancelled(void)
{
    g_assert_cmpint(weft_run(gather_cancelled(true)), ==, 0);
    expect("a-swallows-ECANCELED b-swallows-ECANCELED ECANCELED");
    g_assert_cmpint(weft_run(gather_cancelled(false)), ==, 0);
    expect("a-swallows-ECANCELED b-swallows-ECANCELED ECANCELED");
}

WEFT_ASYNC(void, awaits_gather)
{
    weft_own weft_future *all = weft_gather((works("x", 100, 1), works("y", 100, 2)));
    int rc = weft_await(all);
    note("%s", weft_err_name(rc));
    return rc;
}

/* Without return_errors it returns when the first child has ended. */
WEFT_ASYNC(void, cancel_awaiter_of_gather)
{
    weft_own weft_task *task = weft_create_task(awaits_gather());
    WEFT_TRY(weft_sleep(0));
    WEFT_TRY(weft_sleep(0));
    weft_cancel(task);
    weft_await(task);
    g_assert_true(weft_cancelled(task));
    return 0;
}

static void test_cancel_awaiter_of_gather(void)
{
    g_assert_cmpint(weft_run(cancel_awaiter_of_gather()), ==, 0);
    expect("x-ECANCELED y-ECANCELED ECANCELED");
}

WEFT_ASYNC(void, gather_duplicates)
{
    weft_own weft_task *a = weft_create_task(works("a", 1, 1));
    weft_own weft_task *b = weft_create_task(works("b", 0, 2));
    weft_own weft_future *all = weft_gather_all(((weft_future *[]){ a, b, a, b }), 4);
    WEFT_TRY(all);
    for (size_t i = 0; i < 4; i++)
        note("%d", weft_result(weft_gather_child(all, i), int));
    /* Of futures all done: done at once. */
    weft_own weft_future *again = weft_gather_all(((weft_future *[]){ a, b }), 2);
    g_assert_true(weft_done(again));
    return 0;
}

static void test_gather_duplicates(void)
{
    g_assert_cmpint(weft_run(gather_duplicates()), ==, 0);
    expect("b a 1 2 1 2");
}

/* A gather that nobody holds goes on, and its children's failures are not reported. */
WEFT_ASYNC(void, gather_dropped)
{
    weft_unref(weft_gather((works("a", 1, 1), works("b", 2, 2))));
    WEFT_TRY(weft_sleep(0.05));
    note("end");
    weft_own weft_future *bad = weft_gather_all(((weft_future *[]){ NULL }), 1);
    note("%s", weft_err_name(weft_status(bad)));
    return 0;
}

static void test_gather_dropped(void)
{
    g_assert_cmpint(weft_run(gather_dropped()), ==, 0);
    expect("a b end EINVAL");
}

/* ---- wait ---- */

WEFT_ASYNC(void, wait_all)
{
    weft_task *tasks[] = { weft_create_task(works("a", 3, 1)), weft_create_task(works("b", 1, 2)) };
    g_assert_cmpint(weft_wait(tasks, 2), ==, 2);
    note("%d%d", weft_result(tasks[0], int), weft_result(tasks[1], int));
    weft_unref(tasks[0]);
    weft_unref(tasks[1]);
    return 0;
}

static void test_wait_all(void)
{
    g_assert_cmpint(weft_run(wait_all()), ==, 0);
    expect("b a 12");
}

WEFT_ASYNC(void, wait_first)
{
    weft_task *a = weft_create_task(works("a", 50, 1)), *b = weft_create_task(works("b", 1, 2));
    weft_task *c = weft_create_task(works("c", 50, 3));
    weft_task *tasks[] = { a, b, c };
    g_assert_cmpint(weft_wait(tasks, 3, .return_when = WEFT_FIRST_COMPLETED), ==, 1);
    g_assert_true(tasks[0] == b && tasks[1] == a && tasks[2] == c);
    note("first");
    /* Cancelled tasks are no exception. */
    weft_cancel(a);
    weft_task *rest[] = { a, c };
    g_assert_cmpint(weft_wait(rest, 2, .return_when = WEFT_FIRST_EXCEPTION), ==, 2);
    weft_task *fails = weft_create_task(works("f", 1, UV_EIO));
    weft_task *slow = weft_create_task(works("s", 5, 0));
    weft_task *both[] = { slow, fails };
    g_assert_cmpint(weft_wait(both, 2, .return_when = WEFT_FIRST_EXCEPTION), ==, 1);
    g_assert_true(both[0] == fails);
    WEFT_TRY(slow);
    weft_task *all[] = { a, b, c, fails, slow };
    for (int i = 0; i < 5; i++)
        weft_unref(all[i]);
    return 0;
}

static void test_wait_first(void)
{
    g_assert_cmpint(weft_run(wait_first()), ==, 0);
    expect("b first a-ECANCELED c f s");
}

WEFT_ASYNC(void, wait_timeout)
{
    weft_own weft_future *never = weft_future_new();
    weft_future *futures[] = { never };
    g_assert_cmpint(weft_wait(futures, 1, .has_timeout = true, .timeout = 0.02), ==, 0);
    g_assert_false(weft_done(never)); /* wait cancels nothing */
    g_assert_cmpint(weft_wait(futures, 0), ==, UV_EINVAL);
    g_assert_cmpint(weft_wait(((weft_future *[]){ NULL }), 1), ==, UV_EINVAL);
    return 0;
}

static void test_wait_timeout(void)
{
    g_assert_cmpint(weft_run(wait_timeout()), ==, 0);
}

/* ---- shield ---- */

WEFT_ASYNC(void, awaits_shielded, weft_task *, inner)
{
    weft_own weft_future *outer = weft_shield(inner);
    int rc = weft_await(outer);
    note("outer-%s", weft_err_name(rc));
    return rc;
}

WEFT_ASYNC(void, shielded)
{
    weft_own weft_task *inner = weft_create_task(works("inner", 3, 7));
    weft_own weft_task *task = weft_create_task(awaits_shielded(inner));
    WEFT_TRY(weft_sleep(0));
    weft_cancel(task);
    weft_await(task);
    WEFT_TRY(inner);
    note("%d", weft_result(inner, int));

    weft_own weft_task *value = weft_create_task(works("value", 1, 9));
    weft_own weft_future *shield = weft_shield(value);
    WEFT_TRY(shield);
    note("%d", weft_result(shield, int));
    weft_own weft_future *same = weft_shield(value);
    g_assert_true(same == value);
    return 0;
}

static void test_shield(void)
{
    g_assert_cmpint(weft_run(shielded()), ==, 0);
    expect("outer-ECANCELED inner 7 value 9");
}

static void on_report(weft_loop *loop, const char *message, const weft_error *error,
                      weft_future *future, void *arg)
{
    (void)loop, (void)arg, (void)future;
    note("[%s: %s]", message, error ? weft_error_message(error) : "-");
}

/* An inner failure after a cancelled shield is reported; cancelling inner cancels outer. */
WEFT_ASYNC(void, shield_failure)
{
    weft_loop_set_exception_handler(weft_running_loop(), on_report, NULL);
    weft_task *inner = weft_create_task(works("inner", 3, UV_EIO));
    weft_future *outer = weft_shield(inner);
    weft_cancel(outer);
    weft_unref(outer);
    weft_unref(inner);
    WEFT_TRY(weft_sleep(0.05));

    weft_own weft_task *other = weft_create_task(works("other", 30, 1));
    weft_own weft_future *shield = weft_shield(other);
    WEFT_TRY(weft_sleep(0));
    weft_cancel(other);
    note("%s", weft_err_name(weft_await(shield)));
    return 0;
}

static void test_shield_failure(void)
{
    g_assert_cmpint(weft_run(shield_failure()), ==, 0);
    expect("inner [a failure was never retrieved: inner failed] other-ECANCELED ECANCELED");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/gather/values", test_gather_values);
    g_test_add_func("/runtime/gather/failure", test_gather_failure);
    g_test_add_func("/runtime/gather/return-errors", test_gather_return_errors);
    g_test_add_func("/runtime/gather/cancelled-child", test_gather_cancelled_child);
    g_test_add_func("/runtime/gather/cancelled", test_gather_cancelled);
    g_test_add_func("/runtime/gather/cancel-awaiter", test_cancel_awaiter_of_gather);
    g_test_add_func("/runtime/gather/duplicates", test_gather_duplicates);
    g_test_add_func("/runtime/gather/dropped", test_gather_dropped);
    g_test_add_func("/runtime/wait/all", test_wait_all);
    g_test_add_func("/runtime/wait/first", test_wait_first);
    g_test_add_func("/runtime/wait/timeout", test_wait_timeout);
    g_test_add_func("/runtime/shield/cancelled", test_shield);
    g_test_add_func("/runtime/shield/failure", test_shield_failure);
    return g_test_run();
}
