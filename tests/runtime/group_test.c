/* group_test.c: task groups: rule 19 of the semantics. Every order here was also taken from CPython
 * 3.13, except that it cancels the tasks of a group in an order of its set's, Weft as created. */
#include "group_works.h"
#include "iterations.h"
#include <stdlib.h>

/* ---- Ends ---- */

WEFT_ASYNC(void, succeeds)
{
    int rc = 0;
    WEFT_TASK_GROUP(tg, rc) {
        weft_group_create_task(&tg, works("a", 3, 0, 0));
        weft_group_create_task(&tg, works("b", 1, 0, 0));
        note("body");
    }
    note("behind-%s", weft_err_name(rc));
    return rc;
}

static void test_succeeds(void)
{
    g_assert_cmpint(weft_run(succeeds()), ==, 0);
    expect("body b a behind-OK");
}

WEFT_ASYNC(void, hops)
{
    bool going = true;
    int rc = 0;
    weft_call_soon(count, &going);
    WEFT_TRY(weft_sleep(0));
    iterations = 0;
    WEFT_TASK_GROUP(one, rc)
        weft_group_create_task(&one, nothing());
    note("%d", iterations);

    iterations = 0;
    WEFT_TASK_GROUP(empty, rc) {
    }
    note("%d", iterations);

    WEFT_TASK_GROUP(failing, rc)
        weft_group_create_task(&failing, works("x", 0, UV_EIO, 0));
    note("%d", iterations);

    iterations = 0;
    WEFT_TASK_GROUP(interrupted, rc) {
        weft_group_create_task(&interrupted, works("x", 0, UV_EIO, 0));
        WEFT_BREAK(rc, weft_sleep(3600));
    }
    note("%d", iterations);

    iterations = 0;
    WEFT_TASK_GROUP(eager, rc) {
        weft_group_create_task(&eager, nothing(), .eager = true);
        weft_group_create_task(&eager, nothing(), .eager = true);
    }
    note("%d", iterations);

    WEFT_TASK_GROUP(eagerly_failing, rc) {
        weft_group_create_task(&eagerly_failing, works("e", 0, UV_EPERM, 0), .eager = true);
        note("%d", cancelling());
    }
    note_error(rc);
    note("%d %d", iterations, cancelling());
    going = false;
    return weft_await(weft_sleep(0));
}

static void test_hops(void)
{
    g_assert_cmpint(weft_run(hops()), ==, 0);
    expect("3 0 x 3 x 3 0 e 1 EGROUP[EPERM] 0 0");
}

/* The first failure cancels siblings and the body; one error is still a group. */
WEFT_ASYNC(void, fails_first)
{
    int rc = 0;
    WEFT_TASK_GROUP(tg, rc) {
        weft_group_create_task(&tg, works("a", 100, 0, 0));
        weft_group_create_task(&tg, works("b", 1, UV_EIO, 0));
        weft_group_create_task(&tg, works("c", 100, 0, 0));
        rc = weft_await(weft_sleep(3600));
        note("body-%s %d", weft_err_name(rc), cancelling());
    }
    note_error(rc);
    note("%d", cancelling());
    const weft_error *error = weft_current_error();
    g_assert_cmpstr(weft_error_message(error), ==, "EIO: i/o error");
    g_assert_null(weft_error_cause(error));
    return 0;
}

static void test_fails_first(void)
{
    g_assert_cmpint(weft_run(fails_first()), ==, 0);
    expect("b c-ECANCELED a-ECANCELED body-ECANCELED 1 EGROUP[EIO] 0");
}

/* In the order in which they ended, the body's last. */
WEFT_ASYNC(void, all_fail)
{
    int rc = 0;
    WEFT_TASK_GROUP(tg, rc) {
        weft_group_create_task(&tg, works("a", 100, 0, UV_EPERM));
        weft_group_create_task(&tg, works("b", 1, UV_EIO, 0));
        weft_group_create_task(&tg, works("c", 100, 0, UV_EAGAIN));
        rc = weft_await(weft_sleep(3600));
        rc = weft_raise(UV_EBUSY, "the body is busy");
    }
    note_error(rc);
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    weft_error_print(weft_current_error(), to);
    fclose(to);
    char **lines = g_strsplit(text, "\n", 0);
    g_assert_cmpuint(g_strv_length(lines), ==, 6);
    g_assert_true(g_str_has_prefix(lines[0], "EGROUP: EIO: i/o error; EAGAIN: "));
    g_assert_cmpstr(lines[1], ==, "  EIO: i/o error");
    g_assert_true(g_str_has_prefix(lines[4], "  EBUSY: the body is busy ("));
    g_strfreev(lines);
    free(text);
    return 0;
}

static void test_all_fail(void)
{
    g_assert_cmpint(weft_run(all_fail()), ==, 0);
    expect("b c-ECANCELED a-ECANCELED EGROUP[EIO EAGAIN EPERM EBUSY]");
}

WEFT_ASYNC(void, cancels_a_child)
{
    int rc = 0;
    WEFT_TASK_GROUP(tg, rc) {
        weft_task *a = weft_group_create_task(&tg, works("a", 100, 0, 0));
        weft_group_create_task(&tg, works("b", 4, 0, 0));
        WEFT_BREAK(rc, weft_sleep(0));
        weft_cancel(a);
    }
    note_error(rc);
    return 0;
}

/* A child that is cancelled alone is no error. */
static void test_child_cancelled(void)
{
    g_assert_cmpint(weft_run(cancels_a_child()), ==, 0);
    expect("a-ECANCELED b OK");
}

WEFT_ASYNC(void, body_swallows)
{
    int rc = 0;
    WEFT_TASK_GROUP(tg, rc) {
        weft_group_create_task(&tg, works("b", 1, UV_EIO, 0));
        int inner = weft_await(weft_sleep(3600));
        note("swallowed-%s", weft_err_name(inner));
        WEFT_BREAK(rc, weft_sleep(0));
        note("on");
    }
    note_error(rc);
    return 0;
}

static void test_body_swallows(void)
{
    g_assert_cmpint(weft_run(body_swallows()), ==, 0);
    expect("b swallowed-ECANCELED on EGROUP[EIO]");
}

WEFT_ASYNC(void, awaits_child)
{
    int rc = 0;
    WEFT_TASK_GROUP(tg, rc) {
        weft_task *child = weft_group_create_task(&tg, works("a", 1, UV_EIO, 0));
        rc = weft_await(child);
        note("got-%s", weft_err_name(rc));
    }
    note_error(rc);
    return 0;
}

/* Who awaits the failing child in the body is cancelled by the group first. */
static void test_awaits_child(void)
{
    g_assert_cmpint(weft_run(awaits_child()), ==, 0);
    expect("a got-ECANCELED EGROUP[EIO]");
}
/* ---- Cancelled from outside ---- */

enum children { WORKING, CLEANING, CLEANING_LONG, FAILING_IN_CLEANUP, SWALLOWING, FAILING };

WEFT_ASYNC(void, group_of, enum children, children)
{
    int rc = 0;
    WEFT_TASK_GROUP(tg, rc) {
        switch (children) {
        case WORKING:
            weft_group_create_task(&tg, works("a", 100, 0, 0));
            break;
        case CLEANING:
            weft_group_create_task(&tg, cleans_up("a", 1, UV_EIO));
            break;
        case CLEANING_LONG:
            weft_group_create_task(&tg, cleans_up("a", 3, 0));
            break;
        case FAILING_IN_CLEANUP:
            weft_group_create_task(&tg, cleans_up("a", 3, UV_EIO));
            break;
        case SWALLOWING:
            weft_group_create_task(&tg, swallows("a"));
            break;
        case FAILING:
            weft_group_create_task(&tg, works("a", 1, UV_EIO, 0));
            break;
        }
    }
    note_error(rc);
    note("%d", cancelling());
    if (rc == WEFT_ECANCELED)
        return rc;
    rc = weft_await(weft_sleep(0));
    note("%s", rc < 0 ? "redelivered" : "on");
    return rc;
}

/* Cancelled in the third iteration, and `again` in the fourth. */
WEFT_ASYNC(void, cancels, enum children, children, int, sleeps, bool, again)
{
    weft_own weft_task *task = weft_create_task(group_of(children));
    for (int i = 0; i < sleeps; i++)
        WEFT_TRY(weft_sleep(0));
    weft_cancel(task, "enough");
    if (again) {
        WEFT_TRY(weft_sleep(0));
        weft_cancel(task);
    }
    note("task-%s", weft_err_name(weft_await(task)));
    return 0;
}

static void test_outside(void)
{
    g_assert_cmpint(weft_run(cancels(WORKING, 2, false)), ==, 0);
    expect("a-ECANCELED ECANCELED 1 task-ECANCELED");
    g_assert_cmpint(weft_run(cancels(SWALLOWING, 2, false)), ==, 0);
    expect("a-swallows-ECANCELED ECANCELED 1 task-ECANCELED");
    g_assert_cmpint(weft_run(cancels(CLEANING_LONG, 2, true)), ==, 0);
    expect("a-cleaned ECANCELED 2 task-ECANCELED");
    /* With a failure it is the group, and the cancellation comes again. */
    g_assert_cmpint(weft_run(cancels(CLEANING, 2, false)), ==, 0);
    expect("a-cleaned EGROUP[EIO] 1 redelivered task-ECANCELED");
    g_assert_cmpint(weft_run(cancels(FAILING_IN_CLEANUP, 2, true)), ==, 0);
    expect("a-cleaned EGROUP[EIO] 2 redelivered task-ECANCELED");
    /* In the iteration in which the child fails. */
    g_assert_cmpint(weft_run(cancels(FAILING, 3, false)), ==, 0);
    expect("a EGROUP[EIO] 1 redelivered task-ECANCELED");
}

WEFT_ASYNC(void, cancelled_in_the_body)
{
    int rc = 0;
    WEFT_TASK_GROUP(tg, rc) {
        weft_group_create_task(&tg, cleans_up("a", 1, 0));
        WEFT_BREAK(rc, weft_sleep(3600));
    }
    note("%s:%s", weft_err_name(rc), weft_error_message(weft_current_error()));
    return rc;
}

WEFT_ASYNC(void, cancels_the_body)
{
    weft_own weft_task *task = weft_create_task(cancelled_in_the_body());
    WEFT_TRY(weft_sleep(0));
    WEFT_TRY(weft_sleep(0));
    weft_cancel(task, "that will do");
    note("%s", weft_err_name(weft_await(task)));
    return 0;
}

static void test_cancelled_in_the_body(void)
{
    g_assert_cmpint(weft_run(cancels_the_body()), ==, 0);
    expect("a-cleaned ECANCELED:that will do ECANCELED");
}

/* ---- Scopes in scopes ---- */

WEFT_ASYNC(void, inner_group)
{
    int rc = 0;
    WEFT_TASK_GROUP(tg, rc)
        weft_group_create_task(&tg, works("i", 2, UV_EIO, 0));
    return rc;
}

WEFT_ASYNC(void, nested)
{
    int outer_rc = 0;
    WEFT_TASK_GROUP(outer, outer_rc) {
        weft_group_create_task(&outer, inner_group());
        weft_group_create_task(&outer, works("o", 100, 0, 0));
        int rc = 0;
        WEFT_TASK_GROUP(inner, rc)
            weft_group_create_task(&inner, works("n", 100, 0, 0));
        outer_rc = rc;
    }
    note_error(outer_rc);
    note("%d", cancelling());
    return 0;
}

static void test_nested(void)
{
    g_assert_cmpint(weft_run(nested()), ==, 0);
    expect("i o-ECANCELED n-ECANCELED EGROUP[EGROUP[EIO]] 0");
}

/* WEFT_TRY leaves the inner group, then the timeout, then the outer group: each waits, each makes
 * its own of the code. */
WEFT_ASYNC(void, tries)
{
    int rc = 0;
    WEFT_TASK_GROUP(outer, rc) {
        weft_group_create_task(&outer, cleans_up("outer", 1, 0));
        WEFT_TIMEOUT(deadline, 3600, rc) {
            WEFT_TASK_GROUP(inner, rc) {
                weft_group_create_task(&inner, cleans_up("inner", 3, UV_EPERM));
                WEFT_TRY(weft_sleep(0));
                WEFT_TRY(weft_sleep(0));
                WEFT_TRY(UV_EINVAL);
                note("not reached");
            }
        }
    }
    note("not reached");
    return rc;
}

WEFT_ASYNC(void, trying)
{
    note_error(weft_await(tries()));
    return 0;
}

static void test_try(void)
{
    g_assert_cmpint(weft_run(trying()), ==, 0);
    expect("inner-cleaned outer-cleaned EGROUP[EGROUP[EPERM EINVAL]]");
}

WEFT_ASYNC(void, timeouts)
{
    int rc = 0;
    WEFT_TIMEOUT(around, 0.01, rc) {
        WEFT_TASK_GROUP(tg, rc)
            weft_group_create_task(&tg, cleans_up("a", 1, 0));
    }
    note_error(rc);
    WEFT_TIMEOUT(again, 0.01, rc) {
        WEFT_TASK_GROUP(tg, rc)
            weft_group_create_task(&tg, cleans_up("a", 1, UV_EIO));
    }
    note_error(rc);
    g_assert_cmpint(weft_error_code(weft_error_cause(weft_current_error())), ==, WEFT_ETIMEDOUT);
    note("%d", cancelling());
    WEFT_TASK_GROUP(tg, rc) {
        weft_group_create_task(&tg, works("s", 6, 0, 0));
        int inner = 0;
        WEFT_TIMEOUT(inside, 0, inner)
            WEFT_BREAK(inner, weft_sleep(3600));
        note("inner-%s", weft_err_name(inner));
    }
    note_error(rc);
    return 0;
}

static void test_timeouts(void)
{
    g_assert_cmpint(weft_run(timeouts()), ==, 0);
    expect("a-cleaned ETIMEDOUT a-cleaned EGROUP[EIO] 0 inner-ETIMEDOUT s OK");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/group/succeeds", test_succeeds);
    g_test_add_func("/runtime/group/hops", test_hops);
    g_test_add_func("/runtime/group/fails-first", test_fails_first);
    g_test_add_func("/runtime/group/all-fail", test_all_fail);
    g_test_add_func("/runtime/group/child-cancelled", test_child_cancelled);
    g_test_add_func("/runtime/group/body-swallows", test_body_swallows);
    g_test_add_func("/runtime/group/awaits-child", test_awaits_child);
    g_test_add_func("/runtime/group/outside", test_outside);
    g_test_add_func("/runtime/group/cancelled-in-the-body", test_cancelled_in_the_body);
    g_test_add_func("/runtime/group/nested", test_nested);
    g_test_add_func("/runtime/group/try", test_try);
    g_test_add_func("/runtime/group/timeouts", test_timeouts);
    return g_test_run();
}
