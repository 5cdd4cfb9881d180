/* eager_test.c: tasks that run to their first suspension inside create_task (rule 8), and
 * all_tasks. Every order here was also taken from CPython 3.13, with eager_task_factory. */
#include "iterations.h"
#include "journal.h"
#include "runtime/weft.h"

WEFT_ASYNC(void, child, const char *, name, int, yields)
{
    note("%s1", name);
    for (int i = 0; i < yields; i++)
        WEFT_TRY(weft_sleep(0));
    note("%s2", name);
    return 0;
}

WEFT_ASYNC(void, named)
{
    note("%s", weft_get_name(weft_current_task()));
    WEFT_TRY(weft_sleep(0));
    note("%s", weft_get_name(weft_current_task()));
    return 0;
}

WEFT_ASYNC(void, one)
{
    weft_set_name(weft_current_task(), "parent");
    weft_own weft_task *task = weft_create_task(named(), .eager = true, .name = "X");
    note("%s", weft_get_name(weft_current_task()));
    WEFT_TRY(task);
    note("%s", weft_get_name(weft_current_task()));
    return 0;
}

/* Inside create_task it is the current task. */
static void test_current(void)
{
    g_assert_cmpint(weft_run(one()), ==, 0);
    expect("X parent X parent");
}

WEFT_ASYNC(void, all_eager)
{
    weft_loop_set_eager_tasks(weft_running_loop(), true);
    weft_own weft_task *a = weft_create_task(child("a", 1));
    note("created");
    weft_own weft_task *b = weft_create_task(child("b", 1));
    note("%zu", weft_all_tasks(NULL, NULL, 0));
    WEFT_TRY(a);
    WEFT_TRY(b);
    note("%zu", weft_all_tasks(NULL, NULL, 0));

    bool going = true;
    weft_call_soon(count, &going);
    WEFT_TRY(weft_sleep(0));
    iterations = 0;
    weft_own weft_future *both = weft_gather((child("c", 0), child("d", 0)));
    WEFT_TRY(both);
    note("%d", iterations);
    weft_own weft_task *e = weft_create_task(child("e", 0));
    weft_task *tasks[] = { e };
    g_assert_cmpint(weft_wait(tasks, 1), ==, 1);
    note("%d", iterations);
    iterations = 0;
    weft_own weft_task *f = weft_create_task(child("f", 1));
    WEFT_TRY(f);
    note("%d", iterations);
    going = false;
    return weft_await(weft_sleep(0));
}

static void test_all(void)
{
    g_assert_cmpint(weft_run(all_eager()), ==, 0);
    expect("a1 created b1 3 a2 b2 1 c1 c2 d1 d2 0 e1 e2 2 f1 f2 2");
}

WEFT_ASYNC(void, fails)
{
    return UV_EIO;
}

WEFT_ASYNC(void, cancels_itself)
{
    weft_cancel(weft_current_task());
    note("asked");
    return weft_await(weft_sleep(0));
}

WEFT_ASYNC(int, cancels_itself_and_returns)
{
    weft_cancel(weft_current_task());
    *result = 5;
    return 0;
}

WEFT_ASYNC(void, ending)
{
    weft_loop_set_eager_tasks(weft_running_loop(), true);
    weft_own weft_task *failed = weft_create_task(fails());
    note("%s", weft_err_name(weft_status(failed)));
    weft_own weft_task *self = weft_create_task(cancels_itself());
    note("%s", weft_err_name(weft_status(self)));
    note("%s", weft_err_name(weft_await(self)));
    weft_own weft_task *returned = weft_create_task(cancels_itself_and_returns());
    note("%s", weft_err_name(weft_status(returned)));
    weft_own weft_task *z = weft_create_task(child("z", 5));
    weft_cancel(z);
    note("%s", weft_err_name(weft_await(z)));
    return 0;
}

static void test_ends(void)
{
    g_assert_cmpint(weft_run(ending()), ==, 0);
    expect("EIO asked EINVALSTATE ECANCELED ECANCELED z1 ECANCELED");
}

WEFT_ASYNC(void, goes_deep, int, depth)
{
    note("%d", depth);
    if (depth > 0) {
        weft_own weft_task *inner = weft_create_task(goes_deep(depth - 1), .eager = true);
        WEFT_TRY(inner);
    } else {
        WEFT_TRY(weft_sleep(0));
    }
    note("-%d", depth);
    return 0;
}

static void test_deep(void)
{
    g_assert_cmpint(weft_run(goes_deep(3)), ==, 0);
    expect("3 2 1 0 -0 -1 -2 -3");
}

/* Before its loop runs a task is only scheduled. */
static void test_before_the_loop_runs(void)
{
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    weft_loop_set_eager_tasks(loop, true);
    weft_own weft_task *q = weft_create_task(child("q", 1));
    note("made");
    g_assert_false(weft_done(q));
    g_assert_cmpint(weft_loop_run_until_complete(loop, q), ==, 0);
    weft_loop_close(loop);
    expect("made q1 q2");
    weft_loop_set_eager_tasks(NULL, true);
}

WEFT_ASYNC(void, lists)
{
    weft_own weft_task *a = weft_create_task(child("a", 3));
    weft_own weft_task *b = weft_create_task(child("b", 3));
    weft_task *tasks[4] = { NULL };
    g_assert_cmpuint(weft_all_tasks(weft_running_loop(), tasks, 2), ==, 3);
    g_assert_true(tasks[0] == weft_current_task() && tasks[1] == a && tasks[2] == NULL);
    weft_unref(tasks[0]);
    weft_unref(tasks[1]);
    g_assert_cmpuint(weft_all_tasks(NULL, NULL, 4), ==, 3);
    WEFT_TRY(a);
    WEFT_TRY(b);
    g_assert_cmpuint(weft_all_tasks(NULL, tasks, 4), ==, 1);
    weft_unref(tasks[0]);
    return 0;
}

static void test_all_tasks(void)
{
    g_assert_cmpint(weft_run(lists()), ==, 0);
    expect("a1 b1 a2 b2");
    g_assert_cmpuint(weft_all_tasks(NULL, NULL, 0), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/eager/current", test_current);
    g_test_add_func("/runtime/eager/all", test_all);
    g_test_add_func("/runtime/eager/ends", test_ends);
    g_test_add_func("/runtime/eager/deep", test_deep);
    g_test_add_func("/runtime/eager/before-the-loop-runs", test_before_the_loop_runs);
    g_test_add_func("/runtime/eager/all-tasks", test_all_tasks);
    return g_test_run();
}
