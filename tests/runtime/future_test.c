/* future_test.c: futures, their callbacks, and failures that nobody looks at. */
#include "journal.h"
#include "runtime/weft.h"
#include <stdlib.h>
#include <string.h>

static void done(weft_future *future, void *arg)
{
    (void)future;
    note("%s", (const char *)arg);
}

static void soon(void *arg)
{
    note("%s", (const char *)arg);
}

/* Callbacks run through call_soon, in the order they were added; one that is scheduled runs. */
WEFT_ASYNC(void, callbacks)
{
    weft_own weft_future *future = weft_future_new();
    weft_add_done_callback(future, done, "a");
    weft_add_done_callback(future, done, "b");
    weft_add_done_callback(future, done, "a");
    g_assert_cmpint(weft_remove_done_callback(future, done, "b"), ==, 1);
    weft_add_done_callback(future, done, "c");
    weft_call_soon(soon, "before");
    weft_set_result(future, 1);
    weft_call_soon(soon, "after");
    g_assert_cmpint(weft_remove_done_callback(future, done, "c"), ==, 0);
    weft_add_done_callback(future, done, "late");
    note("set");
    WEFT_TRY(weft_sleep(0));
    return 0;
}

static void test_callbacks(void)
{
    g_assert_cmpint(weft_run(callbacks()), ==, 0);
    expect("set before a a c after late");
}

/* ---- Failures ---- */

static void on_report(weft_loop *loop, const char *message, const weft_error *error,
                      weft_future *future, void *arg)
{
    (void)loop, (void)arg;
    note("[%s: %s: %s]", message, future ? weft_get_name(future) : "-",
         error ? weft_error_message(error) : "-");
}

WEFT_ASYNC(void, fails)
{
    return weft_raise(UV_EINVAL, "no such thing as %s", "luck");
}

WEFT_ASYNC(void, fails_bare)
{
    return UV_EIO;
}

WEFT_ASYNC(void, unretrieved)
{
    weft_loop_set_exception_handler(weft_running_loop(), on_report, NULL);
    weft_task *seen = weft_create_task(fails());
    int rc = weft_await(seen);
    note("%s", weft_err_name(rc));
    weft_unref(seen);

    weft_task *unseen = weft_create_task(fails(), .name = "unseen");
    WEFT_TRY(weft_sleep(0));
    note("unref");
    weft_unref(unseen);

    weft_task *detached = weft_create_task(fails_bare(), .name = "detached");
    weft_detach(detached);
    WEFT_TRY(weft_sleep(0));

    weft_future *future = weft_future_new(.name = "f");
    weft_set_error(future, UV_EPERM);
    weft_unref(future);

    weft_future *cancelled = weft_future_new();
    weft_cancel(cancelled);
    weft_unref(cancelled);
    return 0;
}

static void test_unretrieved(void)
{
    g_assert_cmpint(weft_run(unretrieved()), ==, 0);
    expect("EINVAL unref [a failure was never retrieved: unseen: no such thing as luck] "
           "[a failure was never retrieved: detached: i/o error] "
           "[a failure was never retrieved: f: operation not permitted]");
}

WEFT_ASYNC(void, inner_failure)
{
    return weft_raise(UV_ENOENT, "no file");
}

WEFT_ASYNC(void, outer_failure)
{
    int rc = weft_await(inner_failure());
    if (rc < 0)
        return weft_raise(UV_EINVAL, "no config");
    return rc;
}

WEFT_ASYNC(void, errors)
{
    weft_own weft_task *task = weft_create_task(outer_failure());
    int rc = weft_await(task);
    g_assert_cmpint(rc, ==, UV_EINVAL);
    const weft_error *error = weft_current_error();
    g_assert_true(error == weft_future_error(task));
    note("%s <- %s", weft_error_message(error), weft_error_message(weft_error_cause(error)));
    WEFT_TRY(weft_sleep(0));
    g_assert_null(weft_current_error()); /* borrowed until the next await */

    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    weft_error_print(weft_future_error(task), memory);
    fclose(memory);
    g_assert_nonnull(strstr(text, "ENOENT: no file ("));
    g_assert_nonnull(strstr(text, "EINVAL: no config ("));
    free(text);

    weft_own weft_task *bare = weft_create_task(fails_bare());
    rc = weft_await(bare);
    g_assert_cmpint(rc, ==, UV_EIO);
    g_assert_cmpstr(weft_error_message(weft_future_error(bare)), ==, "i/o error");
    return 0;
}

static void test_errors(void)
{
    g_assert_cmpint(weft_run(errors()), ==, 0);
    expect("no config <- no file");
    g_assert_cmpstr(weft_err_name(WEFT_ECANCELED), ==, "ECANCELED");
    g_assert_cmpstr(weft_err_name(UV_ECONNREFUSED), ==, "ECONNREFUSED");
    g_assert_cmpstr(weft_err_name(-77777), ==, "UNKNOWN");
    g_assert_cmpstr(weft_error_message(NULL), ==, "");
    g_assert_cmpint(weft_error_code(NULL), ==, 0);
}

/* ---- Results ---- */

static int freed;
static void count_free(void *p)
{
    freed++;
    free(p);
}

WEFT_ASYNC(void, owned_results)
{
    char *text = strdup("x");
    weft_future *future = weft_future_new();
    weft_set_result_at(WEFT_HERE, future, &text, sizeof text, count_free);
    weft_unref(future);
    g_assert_cmpint(freed, ==, 1);

    weft_own weft_future *pair = weft_future_new();
    struct {
        double x, y, z, a, b, c;
    } six = { 1, 2, 3, 4, 5, 6 };
    weft_set_result(pair, six);
    g_assert_cmpfloat(weft_result(pair, __typeof__(six)).c, ==, 6);
    g_assert_cmpint(weft_set_error(pair, UV_EIO), ==, WEFT_EINVALSTATE);
    g_assert_false(weft_cancel(pair));

    weft_own weft_future *error = weft_future_new();
    g_assert_cmpint(weft_set_error(error, 0), ==, UV_EINVAL);
    g_assert_cmpint(weft_set_error(error, weft_raise(UV_EIO, "disk %d", 3)), ==, 0);
    int rc = weft_await(error);
    g_assert_cmpint(rc, ==, UV_EIO);
    g_assert_cmpstr(weft_error_message(weft_current_error()), ==, "disk 3");
    return 0;
}

static void test_owned_results(void)
{
    freed = 0;
    g_assert_cmpint(weft_run(owned_results()), ==, 0);
}

static char *logged;
static void log_to(const char *message)
{
    g_free(logged);
    logged = g_strdup(message);
}

void weft_set_log_function(void (*function)(const char *message));

WEFT_ASYNC(void, misused_results)
{
    weft_own weft_future *future = weft_future_new(.name = "f");
    g_assert_cmpint(weft_result(future, int), ==, 0);
    g_assert_cmpstr(logged, ==, "weft_result: f has no result of 4 bytes (not done)");
    weft_set_result(future, 7);
    g_assert_cmpint(weft_result(future, char), ==, 0);
    g_assert_cmpstr(logged, ==, "weft_result: f has no result of 1 bytes (OK)");
    return 0;
}

static void test_misused_results(void)
{
    weft_set_log_function(log_to);
    g_assert_cmpint(weft_run(misused_results()), ==, 0);
    weft_set_log_function(NULL);
    g_clear_pointer(&logged, g_free);
}

/* A future outlives its loop. */
WEFT_ASYNC(void, keeps, weft_future **, out, weft_future **, pending, weft_task **, self)
{
    *out = weft_future_new();
    *pending = weft_future_new();
    *self = weft_ref(weft_current_task());
    weft_add_done_callback(*pending, done, "never");
    weft_set_result(*out, 5);
    return 0;
}

static void test_outlives_loop(void)
{
    weft_future *future = NULL, *pending = NULL;
    weft_task *task = NULL;
    g_assert_cmpint(weft_run(keeps(&future, &pending, &task)), ==, 0);
    g_assert_cmpint(weft_set_result(pending, 1), ==, WEFT_ECLOSED);
    g_assert_cmpint(weft_set_error(pending, UV_EIO), ==, WEFT_ECLOSED);
    g_assert_cmpint(weft_add_done_callback(pending, done, "never"), ==, WEFT_ECLOSED);
    g_assert_cmpint(weft_uncancel(task), ==, 0);
    weft_set_name(pending, "pending");
    g_assert_cmpstr(weft_get_name(pending), ==, "pending");
    weft_unref(pending);
    weft_unref(task);
    g_assert_cmpint(weft_result(future, int), ==, 5);
    g_assert_cmpint(weft_status(future), ==, 0);
    g_assert_false(weft_cancel(future));
    weft_unref(future);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/future/callbacks", test_callbacks);
    g_test_add_func("/runtime/future/unretrieved", test_unretrieved);
    g_test_add_func("/runtime/future/errors", test_errors);
    g_test_add_func("/runtime/future/owned-results", test_owned_results);
    g_test_add_func("/runtime/future/misused-results", test_misused_results);
    g_test_add_func("/runtime/future/outlives-loop", test_outlives_loop);
    return g_test_run();
}
