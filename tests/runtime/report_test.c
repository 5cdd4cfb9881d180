/* report_test.c: who is told of failures that nobody waits for, and what is asked of a loop. */
#include "journal.h"
#include "runtime/weft.h"
#include <string.h>

static void on_report(weft_loop *loop, const char *message, const weft_error *error,
                      weft_future *future, void *arg)
{
    note("%s[%s: %s: %s]", (const char *)arg, message, weft_err_name(weft_error_code(error)),
         future ? weft_get_name(future) : "-");
    g_assert_nonnull(loop);
}

WEFT_ASYNC(void, fails)
{
    return UV_EIO;
}

WEFT_ASYNC(void, calls)
{
    weft_loop *loop = weft_running_loop();
    weft_loop_set_exception_handler(loop, on_report, "own");
    weft_own weft_task *task = weft_create_task(fails(), .name = "task");
    weft_await(task);
    weft_loop_call_exception_handler(loop, "look", weft_future_error(task), task);
    weft_loop_call_exception_handler(loop, "only words", NULL, NULL);
    weft_loop_call_exception_handler(loop, NULL, NULL, NULL);
    weft_loop_call_exception_handler(NULL, "nobody", NULL, NULL);
    return 0;
}

static void test_call(void)
{
    g_assert_cmpint(weft_run(calls()), ==, 0);
    expect("own[look: EIO: task] own[only words: OK: -] own[unhandled failure: OK: -]");
}

static void log_to(const char *message)
{
    note("log[%.30s]", message);
}
void weft_set_log_function(void (*function)(const char *message));

/* A handler that fails as much as it can: awaits, makes failures of its own and drops them. */
static void on_report_badly(weft_loop *loop, const char *message, const weft_error *error,
                            weft_future *future, void *arg)
{
    (void)loop, (void)error, (void)future, (void)arg;
    note("%s", message);
    g_assert_null(weft_current_task());
    note("%s", weft_err_name(weft_await(weft_sleep(0))));
    weft_own weft_future *dropped = weft_future_new();
    weft_set_error(dropped, UV_EPERM);
}

WEFT_ASYNC(void, reports)
{
    weft_loop_set_exception_handler(weft_running_loop(), on_report_badly, NULL);
    for (int i = 0; i < 2; i++)
        weft_loop_call_exception_handler(weft_running_loop(), "look", NULL, NULL);
    g_assert_nonnull(weft_current_task());
    return weft_await(weft_sleep(0));
}

static void test_bad_handler(void)
{
    weft_set_log_function(log_to);
    g_assert_cmpint(weft_run(reports()), ==, 0);
    weft_set_log_function(NULL);
    expect("look ENOTASK log[a failure was never retrieved:] "
           "look ENOTASK log[a failure was never retrieved:]");
}

WEFT_ASYNC(void, asks)
{
    weft_loop *loop = weft_running_loop();
    g_assert_true(weft_loop_is_running(loop));
    g_assert_false(weft_loop_is_closed(loop));
    g_assert_true(weft_get_loop(weft_current_task()) == loop);
    return 0;
}

static void test_state(void)
{
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    g_assert_false(weft_loop_is_running(loop));
    g_assert_false(weft_loop_is_closed(loop));
    weft_own weft_task *task = weft_create_task(asks());
    g_assert_cmpint(weft_loop_run_until_complete(loop, task), ==, 0);
    g_assert_false(weft_loop_is_running(loop));
    weft_loop_close(loop);
    g_assert_true(weft_loop_is_closed(weft_get_loop(task)));
    g_assert_false(weft_loop_is_running(weft_get_loop(task)));
    g_assert_cmpint(weft_loop_run_forever(weft_get_loop(task)), ==, WEFT_ECLOSED);
    g_assert_false(weft_loop_is_running(NULL));
    g_assert_false(weft_loop_is_closed(NULL));
    g_assert_null(weft_get_loop(NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/report/call", test_call);
    g_test_add_func("/runtime/report/bad-handler", test_bad_handler);
    g_test_add_func("/runtime/report/state", test_state);
    return g_test_run();
}
