/* debug_test.c: debug mode: what it says, and where it says that it happened. */
#include "journal.h"
#include "runtime/weft.h"
#include <math.h>
#include <pthread.h>

static GString *said;

static void hear(const char *message)
{
    g_string_append(said, message);
    g_string_append_c(said, '\n');
}

static void listen_anew(void)
{
    if (said)
        g_string_free(said, TRUE);
    said = g_string_new(NULL);
    weft_set_log_function(hear);
}

static gboolean heard(const char *pattern)
{
    return g_regex_match_simple(pattern, said->str, G_REGEX_MULTILINE, 0);
}

/* ---- Slow callbacks ---- */

static void calls_back(void *arg)
{
    (void)arg;
}

WEFT_ASYNC(void, works)
{
    WEFT_TRY(weft_sleep(0));
    WEFT_TRY(weft_sleep(0));
    return 0;
}

WEFT_ASYNC(void, is_slow, double, limit)
{
    weft_loop *loop = weft_running_loop();
    g_assert_true(weft_loop_get_debug(loop));
    g_assert_cmpint(weft_loop_set_slow_callback_duration(loop, -1), ==, UV_EINVAL);
    g_assert_cmpint(weft_loop_set_slow_callback_duration(loop, limit), ==, 0);
    weft_own weft_task *task = weft_create_task(works(), .name = "worker");
    weft_call_soon(calls_back, NULL);
    return weft_await(task);
}

static void test_slow(void)
{
    listen_anew(); /* anything takes 0 s or longer */
    g_assert_cmpint(weft_run(is_slow(0), .debug = true), ==, 0);
    g_assert_true(heard("^task worker ran [0-9.]+ s without letting the loop go on, from "
                        "tests/runtime/debug_test.c:[0-9]+, in works, to "
                        "tests/runtime/debug_test.c:[0-9]+$"));
    g_assert_true(heard("^a callback ran [0-9.]+ s .*, from tests/runtime/debug_test.c:[0-9]+, "
                        "in is_slow$"));
    listen_anew();
    g_assert_cmpint(weft_run(is_slow(INFINITY), .debug = true), ==, 0);
    g_assert_cmpstr(said->str, ==, "");
}

/* ---- Foreign threads ---- */

struct stray {
    weft_loop *loop;
    weft_future *future;
    weft_task *task;
    weft_handle *handle;
};

static void done(weft_future *future, void *arg)
{
    (void)future, (void)arg;
    note("done");
}

static void *strays(void *arg)
{
    struct stray *stray = arg;
    g_assert_cmpint(weft_set_result(stray->future, 1), ==, WEFT_ELOOP);
    g_assert_cmpint(weft_set_error(stray->future, UV_EIO), ==, WEFT_ELOOP);
    g_assert_cmpint(weft_add_done_callback(stray->future, done, NULL), ==, WEFT_ELOOP);
    g_assert_false(weft_cancel(stray->task));
    weft_handle_cancel(stray->handle);
    weft_loop_stop(stray->loop);
    return NULL;
}

static void is_called(void *arg)
{
    (void)arg;
    note("called");
}

WEFT_ASYNC(void, lends)
{
    weft_own weft_future *future = weft_future_new();
    weft_own weft_task *task = weft_create_task(works());
    struct stray stray = { weft_running_loop(), future, task, weft_call_soon(is_called, NULL) };
    pthread_t thread;
    g_assert_cmpint(pthread_create(&thread, NULL, strays, &stray), ==, 0);
    pthread_join(thread, NULL);
    g_assert_false(weft_done(future));
    return weft_await(task);
}

static void test_foreign_thread(void)
{
    listen_anew();
    g_assert_cmpint(weft_run(lends(), .debug = true), ==, 0);
    expect("called");
    g_assert_true(heard("debug_test.c:[0-9]+, in strays: weft_set_result .* thread"));
    g_assert_true(heard("debug_test.c:[0-9]+, in strays: weft_add_done_callback in a thread"));
    g_assert_true(heard("debug_test.c:[0-9]+, in strays: weft_cancel in a thread"));
    g_assert_true(heard("debug_test.c:[0-9]+, in lends: weft_handle_cancel in a thread"));
    g_assert_true(heard("debug_test.c:[0-9]+, in strays: weft_loop_stop in a thread"));
}

/* ---- Cycles ---- */

static weft_task *ring[3];

WEFT_ASYNC(void, awaits_next, int, i)
{
    int rc = weft_await(ring[(i + 1) % 3]);
    note("%d-%s", i, weft_err_name(rc));
    return rc;
}

WEFT_ASYNC(void, awaits_gather, weft_future **, gather)
{
    WEFT_TRY(weft_sleep(0));
    return weft_await(*gather);
}

WEFT_ASYNC(void, goes_round)
{
    const char *names[] = { "first", "second", "third" };
    for (int i = 0; i < 3; i++)
        ring[i] = weft_create_task(awaits_next(i), .name = names[i]);
    int rc = weft_await(ring[0]);
    g_assert_cmpint(rc, ==, WEFT_EDEADLOCK);
    g_assert_cmpstr(weft_error_message(weft_current_error()), ==,
                    "third waits for first, which waits for second, which waits for third");
    for (int i = 0; i < 3; i++)
        weft_unref(ring[i]);
    weft_future *gather = NULL;
    weft_own weft_task *inner = weft_create_task(awaits_gather(&gather), .name = "inner");
    weft_own weft_task *other = weft_create_task(works());
    gather = weft_gather_all(((weft_future *[]){ other, inner, other }), 3, .name = "all");
    rc = weft_await(gather);
    weft_unref(gather);
    g_assert_cmpint(rc, ==, WEFT_EDEADLOCK);
    /* No circle, though two ways lead to the same task. */
    weft_own weft_task *slow = weft_create_task(works());
    weft_own weft_future *twice = weft_gather_all(((weft_future *[]){ slow, slow }), 2);
    return weft_await(twice);
}

static void test_cycle(void)
{
    listen_anew();
    g_assert_cmpint(weft_run(goes_round(), .debug = true), ==, 0);
    expect("2-EDEADLOCK 1-EDEADLOCK 0-EDEADLOCK");
    g_assert_true(heard("^third waits for first, which waits for second, which waits for third$"));
    g_assert_true(heard("^inner waits for all, which waits for inner$"));
}

/* ---- The switch ---- */

WEFT_ASYNC(bool, tells)
{
    *result = weft_loop_get_debug(weft_running_loop());
    return 0;
}

static bool debug_in_a_run(weft_run_options options)
{
    bool on = false;
    g_assert_cmpint(weft_run_coro(WEFT_HERE, weft_coro(tells()), &on, options), ==, 0);
    return on;
}

static void test_switch(void)
{
    g_assert_false(debug_in_a_run((weft_run_options){ 0 }));
    g_assert_true(debug_in_a_run((weft_run_options){ .debug = true }));
    g_setenv("WEFT_DEBUG", "1", TRUE);
    g_assert_true(debug_in_a_run((weft_run_options){ 0 }));
    g_setenv("WEFT_DEBUG", "0", TRUE);
    g_assert_false(debug_in_a_run((weft_run_options){ 0 }));
    g_unsetenv("WEFT_DEBUG");
    g_assert_false(weft_loop_get_debug(NULL));
    g_assert_cmpint(weft_loop_set_slow_callback_duration(NULL, 1), ==, UV_EINVAL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/debug/slow", test_slow);
    g_test_add_func("/runtime/debug/foreign-thread", test_foreign_thread);
    g_test_add_func("/runtime/debug/cycle", test_cycle);
    g_test_add_func("/runtime/debug/switch", test_switch);
    return g_test_run();
}
