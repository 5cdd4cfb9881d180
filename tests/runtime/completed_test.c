/* completed_test.c: as_completed: rule 21. Every order here was also taken from CPython 3.13. */
#include "iterations.h"
#include "journal.h"
#include "runtime/weft.h"
#include <math.h>

WEFT_ASYNC(void, works, const char *, name, int, yields, int, error)
{
    for (int i = 0; i < yields; i++) {
        int rc = weft_await(weft_sleep(0));
        if (rc < 0) {
            note("%s-%s", name, weft_err_name(rc));
            return rc;
        }
    }
    note("%s", name);
    return error;
}

static weft_task *make(const char *name, int yields, int error)
{
    return weft_create_task(works(name, yields, error), .name = name);
}

static void drop(weft_future **futures, size_t n)
{
    for (size_t i = 0; i < n; i++)
        weft_unref(futures[i]);
}

WEFT_ASYNC(void, order)
{
    int rc = 0;
    weft_future *futures[] = { make("a", 3, 0), make("b", 1, 0), make("c", 2, 0) };
    WEFT_AS_COMPLETED(next, futures, 3, rc) {
        note("<%s", weft_get_name(next));
        g_assert_true(weft_done(next));
        WEFT_BREAK(rc, next);
    }
    drop(futures, 3);
    return rc;
}

static void test_order(void)
{
    g_assert_cmpint(weft_run(order()), ==, 0);
    expect("b c a <b <c <a");
}

WEFT_ASYNC(void, hops)
{
    bool going = true;
    int rc = 0;
    weft_call_soon(count, &going);
    WEFT_TRY(weft_sleep(0));
    iterations = 0;
    weft_own weft_task *task = make("a", 0, 0);
    WEFT_AS_COMPLETED(next, &task, 1, rc)
        note("%d", iterations);
    iterations = 0;
    WEFT_AS_COMPLETED(again, &task, 1, rc)
        note("%d", iterations);
    iterations = 0;
    WEFT_AS_COMPLETED(none, NULL, 0, rc)
        note("never");
    note("%d", iterations);
    weft_future *three[] = { make("p", 0, 0), make("q", 0, 0), make("r", 1, 0) };
    WEFT_AS_COMPLETED(next, three, 3, rc)
        note("%s%d", weft_get_name(next), iterations);
    note("%d", iterations);
    drop(three, 3);
    going = false;
    return weft_await(weft_sleep(0));
}

static void test_hops(void)
{
    g_assert_cmpint(weft_run(hops()), ==, 0);
    expect("a 3 2 0 p q r p3 q3 r4 4");
}

WEFT_ASYNC(void, failing)
{
    int rc = 0;
    weft_future *futures[] = { make("a", 1, UV_EIO), make("b", 2, 0) };
    WEFT_AS_COMPLETED(next, futures, 2, rc)
        note("%s", weft_err_name(weft_await(next)));
    note("%s", weft_err_name(rc));
    drop(futures, 2);
    return 0;
}

static void test_failing(void)
{
    g_assert_cmpint(weft_run(failing()), ==, 0);
    expect("a b EIO OK OK");
}

WEFT_ASYNC(void, sleeps)
{
    return weft_await(weft_sleep(3600));
}

WEFT_ASYNC(void, timing_out)
{
    int rc = 0;
    weft_future *futures[] = { make("a", 1, 0), weft_create_task(sleeps()),
                               weft_create_task(sleeps()) };
    WEFT_TRY(futures[0]); /* done in time, however slow this machine is */
    WEFT_AS_COMPLETED(next, futures, 3, rc, .timeout = 0.01)
        note("<%s", weft_get_name(next));
    note("%s %d", weft_err_name(rc), weft_done(futures[1]));

    weft_as_completed completed;
    g_assert_cmpint(weft_as_completed_init(&completed, futures + 1, 2, .timeout = -1), ==, 0);
    for (int i = 0; i < 3; i++) {
        weft_future *next = futures[0];
        note("%s", weft_err_name(weft_as_completed_next(&completed, &next)));
        g_assert_null(next);
    }
    weft_as_completed_finish(&completed);
    weft_as_completed_finish(&completed);
    drop(futures, 3);
    return 0;
}

static void test_timeout(void)
{
    g_assert_cmpint(weft_run(timing_out()), ==, 0);
    expect("a <a ETIMEDOUT 0 ETIMEDOUT ETIMEDOUT ESTOPITER");
}

WEFT_ASYNC(void, waits, weft_future **, futures)
{
    int rc = 0;
    WEFT_AS_COMPLETED(next, futures, 2, rc)
        note("<%s", weft_get_name(next));
    note("%s", weft_err_name(rc));
    return rc;
}

/* Whoever waits is cancelled; the futures go on. */
WEFT_ASYNC(void, cancels)
{
    weft_future *futures[] = { make("a", 20, 0), make("b", 30, 0) };
    weft_own weft_task *task = weft_create_task(waits(futures));
    WEFT_TRY(weft_sleep(0));
    WEFT_TRY(weft_sleep(0));
    weft_cancel(task);
    int rc = weft_await(task);
    note("%s %d", weft_err_name(rc), weft_done(futures[0]));
    weft_own weft_future *all = weft_gather_all(futures, 2);
    drop(futures, 2);
    return weft_await(all);
}

static void test_cancel(void)
{
    g_assert_cmpint(weft_run(cancels()), ==, 0);
    expect("ECANCELED ECANCELED 0 a b");
}

WEFT_ASYNC(void, duplicates)
{
    int rc = 0;
    weft_own weft_task *a = make("a", 1, 0);
    weft_own weft_task *b = make("b", 0, 0);
    weft_future *futures[] = { a, b, a };
    WEFT_AS_COMPLETED(next, futures, 3, rc)
        note("<%s", weft_get_name(next));
    return rc;
}

static void test_duplicates(void)
{
    g_assert_cmpint(weft_run(duplicates()), ==, 0);
    expect("b a <b <a");
}

/* Left in the middle, in every way, inside another scope. */
WEFT_ASYNC(void, leaves, int, how)
{
    int rc = 0, inner = 0;
    weft_own weft_task *a = make("a", 0, how < 2 ? UV_EIO : 0);
    weft_own weft_future *never = weft_future_new();
    weft_future *futures[] = { a, never };
    WEFT_TIMEOUT(deadline, 3600, rc) {
        WEFT_AS_COMPLETED(next, futures, 2, inner) {
            if (how == 0) {
                WEFT_TRY(next);
            } else if (how == 1) {
                WEFT_BREAK(inner, next);
            } else if (how == 2) {
                break;
            } else {
                return 0;
            }
        }
        note("behind-%s", weft_err_name(inner));
        WEFT_BREAK(rc, weft_sleep(0)); /* nothing is reported: the iteration was left */
    }
    return rc;
}

WEFT_ASYNC(void, leaving)
{
    for (int how = 0; how < 4; how++)
        note("%s", weft_err_name(weft_await(leaves(how))));
    return 0;
}

static void log_to(const char *message)
{
    note("log[%s]", message);
}
void weft_set_log_function(void (*function)(const char *message));

static void test_leaving(void)
{
    weft_set_log_function(log_to);
    g_assert_cmpint(weft_run(leaving()), ==, 0);
    weft_set_log_function(NULL);
    expect("a EIO a behind-EIO OK a behind-OK OK a OK");
}

/* ---- Bad use ---- */

WEFT_ASYNC(void, second, weft_as_completed *, completed)
{
    weft_future *next;
    note("%s", weft_err_name(weft_as_completed_next(completed, &next)));
    return 0;
}

static gpointer in_another_thread(gpointer completed)
{
    g_assert_cmpint(weft_run(second(completed)), ==, 0);
    return NULL;
}

WEFT_ASYNC(void, misuses)
{
    weft_as_completed completed = { 0 };
    weft_future *next, *null = NULL;
    g_assert_cmpint(weft_as_completed_next(&completed, &next), ==, UV_EINVAL);
    g_assert_cmpint(weft_as_completed_next(NULL, &next), ==, UV_EINVAL);
    g_assert_cmpint(weft_as_completed_init(NULL, &null, 0), ==, UV_EINVAL);
    g_assert_cmpint(weft_as_completed_init(&completed, NULL, 1), ==, UV_EINVAL);
    g_assert_cmpint(weft_as_completed_init(&completed, &null, 1), ==, UV_EINVAL);
    weft_own weft_task *task = make("a", 3, 0);
    g_assert_cmpint(weft_as_completed_init(&completed, &task, 1, .timeout = NAN), ==, UV_EINVAL);
    weft_as_completed_finish(&completed);
    weft_as_completed_finish(NULL);
    g_assert_cmpint(weft_as_completed_init(&completed, &task, 1), ==, 0);
    g_assert_cmpint(weft_as_completed_next(&completed, NULL), ==, UV_EINVAL);
    weft_own weft_task *other = weft_create_task(second(&completed));
    g_thread_join(g_thread_new("other", in_another_thread, &completed));
    int rc = weft_await(weft_as_completed_next(&completed, &next));
    note("%s", weft_err_name(rc));
    WEFT_TRY(other);
    weft_as_completed_finish(&completed);

    int null_rc = 0;
    WEFT_AS_COMPLETED(never, &null, 1, null_rc)
        note("never");
    note("%s", weft_err_name(null_rc));
    return 0;
}

static void test_misuse(void)
{
    g_assert_cmpint(weft_run(misuses()), ==, 0);
    expect("ELOOP EBUSY a OK EINVAL");
    int rc = 0;
    WEFT_AS_COMPLETED(never, NULL, 0, rc)
        note("never");
    g_assert_cmpint(rc, ==, WEFT_ENOTASK);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/completed/order", test_order);
    g_test_add_func("/runtime/completed/hops", test_hops);
    g_test_add_func("/runtime/completed/failing", test_failing);
    g_test_add_func("/runtime/completed/timeout", test_timeout);
    g_test_add_func("/runtime/completed/cancel", test_cancel);
    g_test_add_func("/runtime/completed/duplicates", test_duplicates);
    g_test_add_func("/runtime/completed/leaving", test_leaving);
    g_test_add_func("/runtime/completed/misuse", test_misuse);
    return g_test_run();
}
