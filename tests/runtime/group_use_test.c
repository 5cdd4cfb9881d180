/* group_use_test.c: who adds tasks to a group, and when; how its block is left; bad use. */
#include "group_works.h"
#include <stdlib.h>
#include <string.h>

/* ---- Adding ---- */

WEFT_ASYNC(void, adds, weft_task_group *, group, int, depth)
{
    note("add%d", depth);
    WEFT_TRY(weft_sleep(0));
    if (depth > 0)
        weft_group_create_task(group, adds(group, depth - 1));
    return 0;
}

WEFT_ASYNC(void, children_add)
{
    int rc = 0;
    WEFT_TASK_GROUP(tg, rc)
        weft_group_create_task(&tg, adds(&tg, 2));
    note("behind");
    return rc;
}

static void test_children_add(void)
{
    g_assert_cmpint(weft_run(children_add()), ==, 0);
    expect("add2 add1 add0 behind");
}

WEFT_ASYNC(void, adds_late, weft_task_group *, group)
{
    int rc = weft_await(weft_sleep(3600));
    weft_task *refused = weft_group_create_task(group, nothing());
    note("%s", weft_err_name(weft_status(refused)));
    return rc;
}

WEFT_ASYNC(void, adds_while_aborting)
{
    int rc = 0;
    WEFT_TASK_GROUP(tg, rc) {
        weft_group_create_task(&tg, adds_late(&tg));
        weft_group_create_task(&tg, works("b", 1, UV_EIO, 0));
    }
    note_error(rc);
    return 0;
}

static void test_adds_while_aborting(void)
{
    g_assert_cmpint(weft_run(adds_while_aborting()), ==, 0);
    expect("b ECLOSED EGROUP[EIO]");
}

/* An eager child that adds others, and fails, before its own creation has returned. */
WEFT_ASYNC(void, adds_eagerly, weft_task_group *, group)
{
    weft_group_create_task(group, works("deep", 0, UV_EIO, 0), .eager = true);
    return UV_EPERM;
}

WEFT_ASYNC(void, eager_adders)
{
    int rc = 0;
    WEFT_TASK_GROUP(tg, rc) {
        weft_group_create_task(&tg, cleans_up("a", 0, 0));
        weft_group_create_task(&tg, adds_eagerly(&tg), .eager = true);
        note("%d", cancelling());
        WEFT_BREAK(rc, weft_sleep(3600));
        note("not reached");
    }
    note_error(rc);
    return 0;
}

static void test_eager_adders(void)
{
    g_assert_cmpint(weft_run(eager_adders()), ==, 0);
    expect("deep 1 EGROUP[EIO EPERM]"); /* a was cancelled before it began */
}

static int freed;
static void count_free(void *value)
{
    freed++;
    free(value);
}
WEFT_ASYNC(char *, has_a_result, int, i)
{
    if (i % 2)
        WEFT_TRY(weft_sleep(0));
    *result = strdup("result");
    return 0;
}

/* Tasks that nobody looks at are gone when they are done; a failure stays until the group ends. */
WEFT_ASYNC(void, creates_detached)
{
    int rc = 0;
    WEFT_TASK_GROUP(tg, rc) {
        weft_group_create_task(&tg, has_a_result(0), .free_result = count_free);
        for (int i = 0; i < 100; i++) {
            rc = weft_group_create_detached(&tg, has_a_result(i), .free_result = count_free,
                                            .eager = i % 3 == 0);
            g_assert_cmpint(rc, ==, 0);
        }
        for (int i = 0; i < 4; i++)
            WEFT_TRY(weft_sleep(0));
        g_assert_cmpint(freed, ==, 100);
        rc = weft_group_create_detached(&tg, works("x", 0, UV_EIO, 0));
        g_assert_cmpint(rc, ==, 0);
        rc = weft_await(weft_sleep(3600));
        note("%s", weft_err_name(rc));
        note("%s", weft_err_name(weft_group_create_detached(&tg, nothing())));
    }
    g_assert_cmpint(freed, ==, 101);
    note_error(rc);
    note("%s", weft_err_name(weft_group_create_detached(NULL, nothing())));
    return 0;
}

static void test_detached(void)
{
    g_assert_cmpint(weft_run(creates_detached()), ==, 0);
    expect("x ECANCELED ECLOSED EGROUP[EIO] EINVAL");
}
/* ---- Left by a return, in loops, when it is too late ---- */

static void on_report(weft_loop *loop, const char *message, const weft_error *error,
                      weft_future *future, void *arg)
{
    (void)loop, (void)arg;
    note("[%s: %s: %s]", message, weft_get_name(future), error ? weft_error_message(error) : "-");
}

WEFT_ASYNC(int, returns, int, error)
{
    int rc = 0;
    WEFT_TASK_GROUP(tg, rc) {
        weft_group_create_task(&tg, works("a", 2, error, 0));
        *result = 7;
        return 0;
    }
    note("not reached");
    return rc;
}

/* A return waits for the tasks; a failure that it cannot return is reported. */
WEFT_ASYNC(void, returning)
{
    int value = 0;
    weft_loop_set_exception_handler(weft_running_loop(), on_report, NULL);
    weft_set_name(weft_current_task(), "main");
    int rc = weft_await(returns(0, &value));
    note("%s %d", weft_err_name(rc), value);
    rc = weft_await(returns(UV_EIO, &value));
    note("%s %d", weft_err_name(rc), cancelling());
    for (int i = 0; i < 3; i++) {
        WEFT_TASK_GROUP(tg, rc) {
            weft_group_create_task(&tg, works("loop", 0, i == 2 ? UV_EIO : 0, 0));
            if (i == 0)
                continue;
            if (i == 1)
                break;
        }
        note("%d-%s", i, weft_err_name(rc));
    }
    return 0;
}

static void test_return(void)
{
    g_assert_cmpint(weft_run(returning()), ==, 0);
    expect("a OK 7 a [a return from its block lost the failure of a task group: main: "
           "EIO: i/o error] OK 0 loop 0-OK loop 1-OK loop 2-EGROUP");
}

WEFT_ASYNC(void, waits_for_ever)
{
    int rc = 0;
    WEFT_TASK_GROUP(tg, rc) {
        weft_group_create_task(&tg, cleans_up("a", 0, 0), .name = "child");
        weft_group_create_task(&tg, works("b", 0, 0, 0));
    }
    note("%s", weft_err_name(rc));
    return rc;
}

/* The loop is closed while a group waits. */
static void test_closed(void)
{
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    weft_loop_set_exception_handler(loop, on_report, NULL);
    weft_task *task = weft_create_task(waits_for_ever(), .name = "parent");
    for (int i = 0; i < 3; i++) {
        weft_loop_stop(loop);
        weft_loop_run_forever(loop);
    }
    weft_loop_close(loop);
    weft_unref(task);
    expect("b [a task was destroyed while pending: parent: -] ECLOSED "
           "[a task was destroyed while pending: child: -] a-cleaned");
}

/* ---- Bad use ---- */

static weft_task_group *other_loops;

WEFT_ASYNC(void, misuses)
{
    weft_task_group never_entered = { 0 };
    weft_task *task = weft_group_create_task(NULL, nothing());
    note("%s", weft_err_name(weft_await(task)));
    task = weft_group_create_task(&never_entered, nothing());
    note("%s", weft_err_name(weft_await(task)));
    task = weft_group_create_task(other_loops, nothing());
    note("%s", weft_err_name(weft_await(task)));

    int rc = 0;
    WEFT_TASK_GROUP(tg, rc)
        weft_group_create_task(&tg, nothing(), .stack_size = 1);
    note_error(rc);

    /* Left already: without the macro, for behind it there is no such variable. */
    weft_task_group group = { 0 };
    g_assert_nonnull(weft_group_enter(&group, WEFT_HERE, __func__, "by hand", &rc, NULL));
    weft__scope_leave(&group);
    weft__scope_leave(&group);
    task = weft_group_create_task(&group, nothing());
    note("%s", weft_err_name(weft_status(task)));
    return 0;
}

static gpointer in_another_thread(gpointer data)
{
    (void)data;
    g_assert_cmpint(weft_run(misuses()), ==, 0);
    return NULL;
}

WEFT_ASYNC(void, has_a_group)
{
    int rc = 0;
    WEFT_TASK_GROUP(tg, rc) {
        other_loops = &tg;
        g_thread_join(g_thread_new("other", in_another_thread, NULL));
    }
    return rc;
}

static void test_misuse(void)
{
    g_assert_cmpint(weft_run(has_a_group()), ==, 0);
    expect("EINVAL EINVAL ELOOP EGROUP[EINVAL] ECLOSED");
    int rc = 0;
    WEFT_TASK_GROUP(outside, rc)
        note("not reached");
    g_assert_cmpint(rc, ==, WEFT_ENOTASK);
    expect("");
    const weft_error *const *children = NULL;
    g_assert_cmpuint(weft_error_children(NULL, &children), ==, 0);
    g_assert_null(children);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/group-use/children-add", test_children_add);
    g_test_add_func("/runtime/group-use/adds-while-aborting", test_adds_while_aborting);
    g_test_add_func("/runtime/group-use/eager-adders", test_eager_adders);
    g_test_add_func("/runtime/group-use/detached", test_detached);
    g_test_add_func("/runtime/group-use/return", test_return);
    g_test_add_func("/runtime/group-use/closed", test_closed);
    g_test_add_func("/runtime/group-use/misuse", test_misuse);
    return g_test_run();
}
