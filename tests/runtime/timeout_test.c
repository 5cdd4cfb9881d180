/* timeout_test.c: timeout scopes and wait_for: rules 17 and 18 of the semantics. */
#include "journal.h"
#include "runtime/weft.h"
#include <math.h>

WEFT_ASYNC(int, sleeps, double, seconds)
{
    WEFT_TRY(weft_sleep(seconds));
    *result = 7;
    return 0;
}

WEFT_ASYNC(void, simple)
{
    int rc = 0, value = 0;
    WEFT_TIMEOUT(deadline, 0.02, rc) {
        WEFT_BREAK(rc, weft_sleep(3600));
        note("not reached");
    }
    note("%s", weft_err_name(rc));
    g_assert_cmpint(weft_cancelling(weft_current_task()), ==, 0);
    g_assert_cmpint(weft_error_code(weft_error_cause(weft_current_error())), ==, WEFT_ECANCELED);

    WEFT_TIMEOUT(enough, 3600, rc) {
        WEFT_BREAK(rc, sleeps(0, &value));
        g_assert_false(weft_timeout_expired(&enough));
    }
    note("%s %d", weft_err_name(rc), value);

    WEFT_TIMEOUT(never, INFINITY, rc) {
        g_assert_true(isinf(weft_timeout_when(&never)));
        WEFT_BREAK(rc, weft_sleep(0));
    }
    note("%s", weft_err_name(rc));
    return 0;
}

static void test_simple(void)
{
    g_assert_cmpint(weft_run(simple()), ==, 0);
    expect("ETIMEDOUT OK 7 OK");
}

/* An expired deadline still lets the body run to its first suspension. */
WEFT_ASYNC(void, expired_already)
{
    int rc = 0;
    WEFT_TIMEOUT(deadline, -1, rc) {
        note("body");
        WEFT_BREAK(rc, weft_sleep(0));
        note("on");
        WEFT_BREAK(rc, weft_sleep(0));
        note("not reached");
    }
    note("%s", weft_err_name(rc));
    WEFT_TIMEOUT(unawaited, 0, rc) {
        note("body");
    }
    note("%s", weft_err_name(rc));
    return 0;
}

static void test_expired_already(void)
{
    g_assert_cmpint(weft_run(expired_already()), ==, 0);
    expect("body ETIMEDOUT body OK");
}

/* A swallowed expiry gives no error, yet expired() is true. */
WEFT_ASYNC(void, swallowed)
{
    int rc = 0;
    WEFT_TIMEOUT(deadline, 0.02, rc) {
        int inner = weft_await(weft_sleep(3600));
        note("%s %d", weft_err_name(inner), weft_timeout_expired(&deadline));
        WEFT_BREAK(rc, weft_sleep(0));
    }
    note("%s %d", weft_err_name(rc), weft_cancelling(weft_current_task()));
    return 0;
}

static void test_swallowed(void)
{
    g_assert_cmpint(weft_run(swallowed()), ==, 0);
    expect("ECANCELED 1 OK 0");
}

/* Another error passes through, with the timeout as its cause. */
WEFT_ASYNC(void, fails_on_cancel)
{
    int rc = weft_await(weft_sleep(3600));
    (void)rc;
    return UV_EIO;
}

WEFT_ASYNC(void, other_error)
{
    int rc = 0;
    WEFT_TIMEOUT(deadline, 0.02, rc)
        WEFT_BREAK(rc, fails_on_cancel());
    note("%s", weft_err_name(rc));
    g_assert_cmpint(weft_error_code(weft_error_cause(weft_current_error())), ==, WEFT_ETIMEDOUT);
    return 0;
}

static void test_other_error(void)
{
    g_assert_cmpint(weft_run(other_error()), ==, 0);
    expect("EIO");
}

/* Both of two nested expired: the outer reports, inside it the inner's cancellation. */
WEFT_ASYNC(void, nested)
{
    int outer_rc = 0, inner_rc = 0;
    bool inner_expired = false;
    double when = weft_time() + 0.02;
    WEFT_TIMEOUT_AT(outer, when, outer_rc) {
        WEFT_TIMEOUT_AT(inner, when, inner_rc) {
            inner_rc = weft_await(weft_sleep(3600));
            inner_expired = weft_timeout_expired(&inner);
        }
        note("inner %s %d", weft_err_name(inner_rc), inner_expired);
        outer_rc = inner_rc;
    }
    note("outer %s", weft_err_name(outer_rc));

    /* Only the inner one: the outer goes on. */
    WEFT_TIMEOUT(patient, 3600, outer_rc) {
        WEFT_TIMEOUT(quick, 0.02, inner_rc)
            WEFT_BREAK(inner_rc, weft_sleep(3600));
        note("inner %s", weft_err_name(inner_rc));
        WEFT_BREAK(outer_rc, weft_sleep(0));
    }
    note("outer %s", weft_err_name(outer_rc));
    return 0;
}

static void test_nested(void)
{
    g_assert_cmpint(weft_run(nested()), ==, 0);
    expect("inner ECANCELED 1 outer ETIMEDOUT inner ETIMEDOUT outer OK");
}

/* WEFT_TRY leaves the scopes of its own call, and only those, converting as each would. */
WEFT_ASYNC(void, tries_inside)
{
    int rc = 0;
    WEFT_TIMEOUT(deadline, 0.02, rc) {
        WEFT_TRY(weft_sleep(3600));
        note("not reached");
    }
    return 0;
}

WEFT_ASYNC(void, recurses, int, depth)
{
    int rc = 0;
    WEFT_TIMEOUT(deadline, depth == 0 ? 0.02 : 3600, rc) {
        if (depth > 0) {
            rc = weft_await(recurses(depth - 1));
            note("%d:%s", depth, weft_err_name(rc));
            break;
        }
        WEFT_TRY(weft_sleep(3600));
    }
    return rc;
}

WEFT_ASYNC(void, unwinding)
{
    note("%s", weft_err_name(weft_await(tries_inside())));
    note("%s", weft_err_name(weft_await(recurses(2))));
    return 0;
}

static void test_unwinding(void)
{
    g_assert_cmpint(weft_run(unwinding()), ==, 0);
    expect("ETIMEDOUT 1:ETIMEDOUT 2:ETIMEDOUT ETIMEDOUT");
}

WEFT_ASYNC(void, cancelled_from_outside)
{
    int rc = 0;
    WEFT_TIMEOUT(deadline, 3600, rc)
        WEFT_BREAK(rc, weft_sleep(3600));
    note("%s", weft_err_name(rc));
    return rc;
}

/* A deadline and a cancel together: cancelled, for somebody else asked too. */
WEFT_ASYNC(void, both, weft_task **, self)
{
    int rc = 0;
    *self = weft_current_task();
    WEFT_TIMEOUT(deadline, 0.02, rc) {
        rc = weft_await(weft_sleep(3600));
        weft_cancel(weft_current_task());
        weft_uncancel(weft_current_task());
        weft_cancel(weft_current_task());
    }
    note("%s %d", weft_err_name(rc), weft_cancelling(weft_current_task()));
    return rc;
}

WEFT_ASYNC(void, outside)
{
    weft_own weft_task *task = weft_create_task(cancelled_from_outside());
    WEFT_TRY(weft_sleep(0));
    weft_cancel(task);
    int rc = weft_await(task);
    g_assert_cmpint(rc, ==, WEFT_ECANCELED);
    weft_task *self = NULL;
    weft_own weft_task *two = weft_create_task(both(&self));
    rc = weft_await(two);
    g_assert_cmpint(rc, ==, WEFT_ECANCELED);
    return 0;
}

static void test_outside(void)
{
    g_assert_cmpint(weft_run(outside()), ==, 0);
    expect("ECANCELED ECANCELED 1");
}

WEFT_ASYNC(void, rescheduling)
{
    int rc = 0;
    WEFT_TIMEOUT(deadline, 3600, rc) {
        WEFT_BREAK(rc, weft_sleep(0));
        g_assert_cmpint(weft_timeout_reschedule(&deadline, weft_time() - 1), ==, 0);
        WEFT_BREAK(rc, weft_sleep(3600));
    }
    note("%s", weft_err_name(rc));
    WEFT_TIMEOUT(later, 0.01, rc) {
        weft_timeout_reschedule(&later, INFINITY);
        WEFT_BREAK(rc, weft_sleep(0.04));
        weft_timeout_reschedule(&later, weft_time() + 0.02);
        int inner = weft_await(weft_sleep(3600));
        g_assert_cmpint(inner, ==, WEFT_ECANCELED);
        note("%s", weft_err_name(weft_timeout_reschedule(&later, INFINITY)));
        rc = inner;
    }
    note("%s", weft_err_name(rc));
    return 0;
}

static void test_rescheduling(void)
{
    g_assert_cmpint(weft_run(rescheduling()), ==, 0);
    expect("ETIMEDOUT EINVALSTATE ETIMEDOUT");
}

/* ---- wait_for ---- */

WEFT_ASYNC(void, entered)
{
    note("entered");
    return 0;
}

WEFT_ASYNC(int, answers_late)
{
    int rc = weft_await(weft_sleep(3600));
    note("asked-%s", weft_err_name(rc));
    *result = 42;
    return 0;
}

WEFT_ASYNC(void, waiting_for)
{
    int value = 0;
    note("%s", weft_err_name(weft_wait_for(sleeps(0.02, &value), 3600)));
    note("%d", value);
    note("%s", weft_err_name(weft_wait_for(sleeps(3600, &value), 0.02)));
    /* A deadline that is over: a call is not entered. */
    note("%s", weft_err_name(weft_wait_for(entered(), 0)));
    /* A future that is done has its result; one that is not is cancelled. */
    weft_own weft_future *done = weft_future_new();
    weft_set_result(done, 1);
    note("%s", weft_err_name(weft_wait_for(done, 0)));
    weft_own weft_future *pending = weft_future_new();
    note("%s", weft_err_name(weft_wait_for(pending, -1)));
    g_assert_true(weft_cancelled(pending));
    /* A late value wins. */
    weft_own weft_task *late = weft_create_task(answers_late());
    WEFT_TRY(weft_sleep(0));
    note("%s", weft_err_name(weft_wait_for(late, 0)));
    weft_own weft_task *later = weft_create_task(answers_late());
    note("%s", weft_err_name(weft_wait_for(later, 0.02)));
    note("%d", weft_result(later, int));
    /* Nested macros. */
    note("%s", weft_err_name(weft_wait_for(weft_wait_for(sleeps(3600, &value), 0.02), 3600)));
    WEFT_TRY(weft_wait_for(weft_wait_for(sleeps(0, &value), 3600), 3600));
    return 0;
}

static void test_wait_for(void)
{
    g_assert_cmpint(weft_run(waiting_for()), ==, 0);
    expect("OK 7 ETIMEDOUT ETIMEDOUT OK ETIMEDOUT asked-ECANCELED OK asked-ECANCELED OK 42 "
           "ETIMEDOUT");
    g_assert_cmpint(weft_wait_for(entered(), 1), ==, WEFT_ENOTASK);
}

/* ---- WEFT_BREAK in a loop in a scope ---- */

static char *logged;
static void log_to(const char *message)
{
    g_free(logged);
    logged = g_strdup(message);
}
void weft_set_log_function(void (*function)(const char *message));

WEFT_ASYNC(void, breaks_a_loop)
{
    int rc = 0;
    WEFT_TIMEOUT(deadline, 0.02, rc) {
        for (int i = 0; i < 3; i++)
            WEFT_BREAK(rc, weft_sleep(3600));
        g_assert_null(logged);
        int inner = weft_await(weft_sleep(0));
        (void)inner;
    }
    return 0;
}

static void test_break_in_a_loop(void)
{
    weft_set_log_function(log_to);
    g_assert_cmpint(weft_run(breaks_a_loop()), ==, 0);
    weft_set_log_function(NULL);
    g_assert_nonnull(logged);
    g_assert_true(
        g_str_has_suffix(logged, "WEFT_BREAK left only the loop inside its scope, not the scope"));
    g_clear_pointer(&logged, g_free);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/timeout/simple", test_simple);
    g_test_add_func("/runtime/timeout/expired-already", test_expired_already);
    g_test_add_func("/runtime/timeout/swallowed", test_swallowed);
    g_test_add_func("/runtime/timeout/other-error", test_other_error);
    g_test_add_func("/runtime/timeout/nested", test_nested);
    g_test_add_func("/runtime/timeout/unwinding", test_unwinding);
    g_test_add_func("/runtime/timeout/outside", test_outside);
    g_test_add_func("/runtime/timeout/rescheduling", test_rescheduling);
    g_test_add_func("/runtime/timeout/wait-for", test_wait_for);
    g_test_add_func("/runtime/timeout/break-in-a-loop", test_break_in_a_loop);
    return g_test_run();
}
