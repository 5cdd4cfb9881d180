/* concurrent_test.c: coroutines that other threads hand to a loop, and what they get back. */
#include "runtime/weft.h"
#include <glib.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A loop that runs in a thread of its own until it is told to stop. */
struct server {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    weft_loop *loop; /* NULL: not there yet */
    bool close;      /* without shutting down */
};

static void *serve(void *arg)
{
    struct server *server = arg;
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    pthread_mutex_lock(&server->lock);
    server->loop = loop;
    pthread_cond_signal(&server->changed);
    pthread_mutex_unlock(&server->lock);
    weft_loop_run_forever(loop);
    if (!server->close)
        weft_loop_shutdown(loop);
    weft_loop_close(loop);
    return NULL;
}

static void server_start(struct server *server)
{
    *server = (struct server){ .loop = NULL };
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->changed, NULL);
    g_assert_cmpint(pthread_create(&server->thread, NULL, serve, server), ==, 0);
    pthread_mutex_lock(&server->lock);
    while (!server->loop)
        pthread_cond_wait(&server->changed, &server->lock);
    pthread_mutex_unlock(&server->lock);
}

static void stop(void *loop)
{
    weft_loop_stop(loop);
}

static void server_stop(struct server *server)
{
    g_assert_cmpint(weft_call_soon_threadsafe(server->loop, stop, server->loop), ==, 0);
    pthread_join(server->thread, NULL);
    pthread_mutex_destroy(&server->lock);
    pthread_cond_destroy(&server->changed);
}

static int freed; /* atomic */

static void count_free(void *memory)
{
    free(memory);
    __atomic_fetch_add(&freed, 1, __ATOMIC_SEQ_CST);
}

static void expect_freed(int wanted)
{
    g_assert_cmpint(__atomic_exchange_n(&freed, 0, __ATOMIC_SEQ_CST), ==, wanted);
}

/* ---- Results ---- */

WEFT_ASYNC(int, adds, int, a, int, b)
{
    WEFT_TRY(weft_sleep(0));
    *result = a + b;
    return 0;
}

WEFT_ASYNC(char *, copies, const char *, text)
{
    *result = strdup(text);
    return 0;
}

struct large {
    int words[100];
};

WEFT_ASYNC(struct large, counts)
{
    for (int i = 0; i < 100; i++)
        result->words[i] = i;
    return 0;
}

WEFT_ASYNC(void, fails)
{
    return weft_raise(UV_EIO, "broken");
}

WEFT_ASYNC(void, sleeps_on)
{
    return weft_await(weft_sleep(INFINITY));
}

static void test_result(void)
{
    struct server server;
    server_start(&server);
    weft_own weft_concurrent_future *sum = weft_run_coroutine_threadsafe(server.loop, adds(1, 2),
                                                                         .name = "sum");
    int value = 0;
    g_assert_cmpint(weft_concurrent_result(sum, &value, sizeof value, INFINITY), ==, 0);
    g_assert_cmpint(value, ==, 3);
    g_assert_true(weft_concurrent_done(sum));
    g_assert_false(weft_concurrent_cancel(sum));
    g_assert_cmpint(weft_concurrent_result(sum, NULL, 0, 0), ==, 0);
    g_assert_cmpint(weft_concurrent_result(sum, &value, 1, 0), ==, UV_EINVAL);
    weft_own weft_concurrent_future *many = weft_run_coroutine_threadsafe(server.loop, counts());
    struct large large;
    g_assert_cmpint(weft_concurrent_result(many, &large, sizeof large, 100), ==, 0);
    g_assert_cmpint(large.words[99], ==, 99);
    server_stop(&server);
}

static void test_failure(void)
{
    struct server server;
    server_start(&server);
    weft_own weft_concurrent_future *future = weft_run_coroutine_threadsafe(server.loop, fails());
    g_assert_cmpint(weft_concurrent_result(future, NULL, 0, INFINITY), ==, UV_EIO);
    g_assert_cmpstr(weft_error_message(weft_concurrent_error(future)), ==, "broken");
    server_stop(&server); /* the future outlives its loop */
    g_assert_cmpint(weft_concurrent_result(future, NULL, 0, 0), ==, UV_EIO);
}

/* Borrowed, moved out, or never asked for: freed once. */
static void test_owned(void)
{
    struct server server;
    server_start(&server);
    char *text = NULL;
    weft_concurrent_future *future = weft_run_coroutine_threadsafe(server.loop, copies("a"),
                                                                   .free_result = count_free);
    g_assert_cmpint(weft_concurrent_result(future, &text, sizeof text, INFINITY), ==, 0);
    g_assert_cmpstr(text, ==, "a");
    weft_unref(future);
    future = weft_run_coroutine_threadsafe(server.loop, copies("b"), .free_result = count_free);
    g_assert_cmpint(weft_concurrent_take(future, &text, sizeof text, INFINITY), ==, 0);
    weft_unref(future);
    free(text);
    future = weft_run_coroutine_threadsafe(server.loop, copies("c"), .free_result = count_free);
    g_assert_cmpint(weft_concurrent_result(future, NULL, 0, INFINITY), ==, 0);
    weft_unref(future);
    server_stop(&server);
    expect_freed(2);
}

/* ---- Cancelling ---- */

static void test_timeout(void)
{
    struct server server;
    server_start(&server);
    weft_own weft_concurrent_future *future = weft_run_coroutine_threadsafe(server.loop,
                                                                            sleeps_on());
    g_assert_cmpint(weft_concurrent_result(future, NULL, 0, 0.001), ==, WEFT_ETIMEDOUT);
    g_assert_cmpint(weft_concurrent_result(future, NULL, 0, -1), ==, WEFT_ETIMEDOUT);
    g_assert_cmpint(weft_concurrent_result(future, NULL, 0, NAN), ==, UV_EINVAL);
    g_assert_false(weft_concurrent_done(future));
    g_assert_true(weft_concurrent_cancel(future));
    g_assert_true(weft_concurrent_cancel(future));
    g_assert_cmpint(weft_concurrent_result(future, NULL, 0, INFINITY), ==, WEFT_ECANCELED);
    server_stop(&server);
}

/* Cancelled before the loop knew of it, the body still begins, as in asyncio, and is cancelled at
 * its first suspension. */
static int began, cancelled;

WEFT_ASYNC(void, notes_cancel)
{
    began++;
    int rc = weft_await(weft_sleep(INFINITY));
    cancelled += rc == WEFT_ECANCELED;
    return rc;
}

static void test_cancel_early(void)
{
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    weft_own weft_concurrent_future *future = weft_run_coroutine_threadsafe(loop, notes_cancel());
    g_assert_true(weft_concurrent_cancel(future));
    began = cancelled = 0;
    for (int i = 0; i < 5; i++) {
        weft_loop_stop(loop);
        weft_loop_run_forever(loop);
    }
    g_assert_cmpint(began, ==, 1);
    g_assert_cmpint(cancelled, ==, 1);
    weft_loop_close(loop);
}

/* The loop's own thread may use it, but not wait. */
WEFT_ASYNC(void, inside)
{
    weft_own weft_concurrent_future *future = weft_run_coroutine_threadsafe(weft_running_loop(),
                                                                            adds(1, 2));
    int value;
    g_assert_cmpint(weft_concurrent_result(future, &value, sizeof value, 1), ==, WEFT_EDEADLOCK);
    while (!weft_concurrent_done(future))
        WEFT_TRY(weft_sleep(0));
    g_assert_cmpint(weft_concurrent_result(future, &value, sizeof value, 1), ==, 0);
    g_assert_cmpint(value, ==, 3);
    return 0;
}

static void test_inside(void)
{
    g_assert_cmpint(weft_run(inside()), ==, 0);
}

/* ---- The loop goes ---- */

static void silent(weft_loop *loop, const char *message, const weft_error *error,
                   weft_future *future, void *arg)
{
    (void)loop, (void)message, (void)error, (void)future, (void)arg;
}

/* What was not begun, and what was not finished: neither waits for ever. */
static void test_close(void)
{
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    weft_loop_set_exception_handler(loop, silent, NULL);
    weft_own weft_concurrent_future *pending = weft_run_coroutine_threadsafe(loop, sleeps_on());
    for (int i = 0; i < 3; i++) {
        weft_loop_stop(loop);
        weft_loop_run_forever(loop);
    }
    weft_own weft_concurrent_future *never = weft_run_coroutine_threadsafe(
        loop, copies("x"), .free_result = count_free, .on_free = count_free,
        .on_free_arg = strdup("x"));
    weft_own weft_concurrent_future *unwanted = weft_run_coroutine_threadsafe(loop, sleeps_on());
    weft_concurrent_cancel(unwanted);
    weft_loop_close(loop);
    g_assert_cmpint(weft_concurrent_result(pending, NULL, 0, INFINITY), ==, WEFT_ECLOSED);
    g_assert_cmpint(weft_concurrent_result(never, NULL, 0, INFINITY), ==, WEFT_ECLOSED);
    g_assert_cmpint(weft_concurrent_result(unwanted, NULL, 0, INFINITY), ==, WEFT_ECANCELED);
    expect_freed(1);
}

static void test_misuse(void)
{
    g_assert_null(weft_run_coroutine_threadsafe(NULL, fails()));
    g_assert_cmpint(weft_concurrent_result(NULL, NULL, 0, 1), ==, UV_EINVAL);
    g_assert_false(weft_concurrent_cancel(NULL));
    g_assert_false(weft_concurrent_done(NULL));
    g_assert_null(weft_concurrent_error(NULL));
}

/* ---- Many ---- */

static void *ask(void *loop)
{
    for (int i = 0; i < 200; i++) {
        weft_own weft_concurrent_future *sum = weft_run_coroutine_threadsafe(loop, adds(i, 1));
        weft_own weft_concurrent_future *text = weft_run_coroutine_threadsafe(loop, copies("text"),
                                                                              .free_result = free);
        if (i % 2)
            weft_concurrent_cancel(text);
        int value, rc = weft_concurrent_result(sum, &value, sizeof value, INFINITY);
        g_assert_cmpint(rc, ==, 0);
        g_assert_cmpint(value, ==, i + 1);
        if (i % 3)
            weft_concurrent_result(text, NULL, 0, INFINITY);
    }
    return NULL;
}

static void test_many(void)
{
    struct server server;
    server_start(&server);
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        g_assert_cmpint(pthread_create(&threads[i], NULL, ask, server.loop), ==, 0);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    server_stop(&server);
}

/* Threads that share one future. */
static void *wait_for_it(void *arg)
{
    weft_concurrent_future *future = arg;
    int rc = weft_concurrent_result(future, NULL, 0, INFINITY);
    g_assert_cmpint(rc, ==, WEFT_ECANCELED);
    weft_unref(future);
    return NULL;
}

static void test_shared(void)
{
    struct server server;
    server_start(&server);
    weft_concurrent_future *future = weft_run_coroutine_threadsafe(server.loop, sleeps_on());
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) {
        int error = pthread_create(&threads[i], NULL, wait_for_it, weft_ref(future));
        g_assert_cmpint(error, ==, 0);
    }
    weft_concurrent_cancel(future);
    weft_unref(future);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    server_stop(&server);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/concurrent/result", test_result);
    g_test_add_func("/runtime/concurrent/failure", test_failure);
    g_test_add_func("/runtime/concurrent/owned", test_owned);
    g_test_add_func("/runtime/concurrent/timeout", test_timeout);
    g_test_add_func("/runtime/concurrent/cancel-early", test_cancel_early);
    g_test_add_func("/runtime/concurrent/inside", test_inside);
    g_test_add_func("/runtime/concurrent/close", test_close);
    g_test_add_func("/runtime/concurrent/misuse", test_misuse);
    g_test_add_func("/runtime/concurrent/many", test_many);
    g_test_add_func("/runtime/concurrent/shared", test_shared);
    return g_test_run();
}
