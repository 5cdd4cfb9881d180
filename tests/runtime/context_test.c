/* context_test.c: task-local values: who sees which. The orders were also taken from CPython 3.13.
 */
#include "journal.h"
#include "runtime/weft.h"
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static weft_local var = WEFT_LOCAL("var", "-");
static weft_local other = WEFT_LOCAL("other", NULL);

static void set(const char *value)
{
    g_assert_cmpint(weft_local_set(&var, (void *)(uintptr_t)value, NULL), ==, 0);
}

static const char *get(void)
{
    return weft_local_get(&var);
}

WEFT_ASYNC(void, child, const char *, name)
{
    note("%s:%s", name, get());
    set(name);
    WEFT_TRY(weft_sleep(0));
    note("%s:%s", name, get());
    return 0;
}

static void callback(void *arg)
{
    note("%s:%s", (const char *)arg, get());
    set(arg);
}

static void done(weft_future *future, void *arg)
{
    (void)future;
    callback(arg);
}

WEFT_ASYNC(void, sets)
{
    set("same");
    return 0;
}

WEFT_GENERATOR(int, generates)
{
    set("gen");
    WEFT_TRY(weft_yield(1));
    note("gen:%s", get());
    WEFT_TRY(weft_yield(2));
    return 0;
}

WEFT_ASYNC(void, copies)
{
    note("%s", get());
    set("main");
    weft_own weft_task *a = weft_create_task(child("a"));
    set("later");
    weft_own weft_task *b = weft_create_task(child("b"));
    weft_call_soon(callback, "soon");
    weft_own weft_future *future = weft_future_new();
    weft_add_done_callback(future, done, "done");
    weft_add_done_callback(future, done, "done2");
    set("last");
    weft_set_result(future, 1);
    WEFT_TRY(a);
    WEFT_TRY(b);
    note("%s", get());
    /* What is called in place has the caller's. */
    WEFT_TRY(sets());
    note("%s", get());
    WEFT_TRY(weft_wait_for(child("w"), 3600));
    note("%s", get());

    weft_local_token first, second;
    weft_local_save(&var, &first);
    set("x");
    weft_local_save(&var, &second);
    set("y");
    g_assert_cmpint(weft_local_reset(&second), ==, 0);
    note("%s", get());
    g_assert_cmpint(weft_local_reset(&first), ==, 0);
    note("%s", get());

    int rc = 0;
    WEFT_FOR(int, i, generates(), rc)
    {
        note("%s", get());
        set("body");
    }
    WEFT_TRY(rc);
    weft_own weft_future *both = weft_gather((child("g"), child("h")));
    WEFT_TRY(both);
    note("%s", get());
    return 0;
}

static void test_copies(void)
{
    set("base");
    g_assert_cmpint(weft_run(copies()), ==, 0);
    note("%s", get());
    expect("base a:main b:later soon:later done:later done2:later a:a b:b last same w:same w:w w "
           "x w gen gen:body body g:body h:body g:g h:h body base");
}

/* ---- Whose the values are ---- */

static int alive;
static void free_value(void *value)
{
    alive--;
    free(value);
}

static void set_counted(const weft_local *local, const char *text)
{
    alive++;
    g_assert_cmpint(weft_local_set(local, strdup(text), free_value), ==, 0);
}

WEFT_ASYNC(void, has_one, int, wanted)
{
    g_assert_cmpint(alive, ==, wanted);
    g_assert_cmpstr(weft_local_get(&other), ==, "shared");
    WEFT_TRY(weft_sleep(0));
    set_counted(&other, "own");
    g_assert_cmpint(alive, ==, wanted + 1);
    set_counted(&other, "own again");
    g_assert_cmpint(alive, ==, wanted + 1); /* the first went at once: nobody else had it */
    return 0;
}

WEFT_ASYNC(void, owns)
{
    g_assert_null(weft_local_get(&other));
    set_counted(&other, "shared");
    set_counted(&var, "second");
    weft_task *task = weft_create_task(has_one(2));
    WEFT_TRY(task);
    g_assert_cmpint(alive, ==, 3);
    weft_unref(task);
    g_assert_cmpint(alive, ==, 2);
    /* A token keeps the value that it will bring back. */
    weft_local_token token;
    weft_local_save(&other, &token);
    set_counted(&other, "for a while");
    g_assert_cmpint(alive, ==, 3);
    weft_local_reset(&token);
    g_assert_cmpint(alive, ==, 2);
    g_assert_cmpstr(weft_local_get(&other), ==, "shared");
    /* One that is not reset is forgotten: what it remembers goes, what is set stays. */
    weft_local_save(&other, &token);
    set_counted(&other, "for good");
    g_assert_cmpint(alive, ==, 3);
    weft_local_forget(&token);
    weft_local_forget(&token);
    weft_local_forget(NULL);
    g_assert_cmpint(alive, ==, 2);
    g_assert_cmpstr(weft_local_get(&other), ==, "for good");
    /* Those that never run let go too. */
    weft_handle *handle = weft_call_later(3600, callback, "never");
    weft_own weft_future *future = weft_future_new();
    weft_add_done_callback(future, done, "never");
    weft_add_done_callback(future, done, "removed");
    g_assert_cmpint(weft_remove_done_callback(future, done, "removed"), ==, 1);
    weft_handle_cancel(handle);
    weft_call_later(3600, callback, "never");
    return 0;
}

static void test_values_are_freed(void)
{
    g_assert_cmpint(weft_run(owns()), ==, 0);
    g_assert_cmpint(alive, ==, 0);
}

WEFT_ASYNC(void, resets, weft_local_token *, token)
{
    return weft_local_reset(token);
}

WEFT_ASYNC(void, misuses)
{
    weft_local_token token = { 0 };
    g_assert_cmpint(weft_local_reset(&token), ==, UV_EINVAL);
    g_assert_cmpint(weft_local_reset(NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_local_save(NULL, &token), ==, UV_EINVAL);
    g_assert_cmpint(weft_local_save(&var, NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_local_set(NULL, NULL, NULL), ==, UV_EINVAL);
    g_assert_null(weft_local_get(NULL));
    weft_local_save(&other, &token);
    set_counted(&other, "x");
    /* In another task than it was saved in; then in its own, but twice. */
    weft_own weft_task *task = weft_create_task(resets(&token));
    int rc = weft_await(task);
    g_assert_cmpint(rc, ==, WEFT_EINVALSTATE);
    g_assert_cmpint(weft_local_reset(&token), ==, 0);
    g_assert_null(weft_local_get(&other));
    g_assert_cmpint(weft_local_reset(&token), ==, UV_EINVAL);
    return 0;
}

static void test_misuse(void)
{
    g_assert_cmpint(weft_run(misuses()), ==, 0);
    g_assert_cmpint(alive, ==, 0);
}

/* ---- Threads, descriptors, reports ---- */

static weft_loop *loop_of_main;
static int pipe_end;

static void stop(void *arg)
{
    callback(arg);
    weft_loop_stop(loop_of_main);
}

static gpointer posts(gpointer data)
{
    note("%s", get());
    set("thread");
    set_counted(&other, "the thread's");
    g_assert_cmpint(weft_call_soon_threadsafe(loop_of_main, stop, data), ==, 0);
    return NULL;
}

static void test_threads(void)
{
    loop_of_main = weft_loop_new((weft_run_options){ 0 });
    set("here");
    g_thread_join(g_thread_new("posts", posts, "posted"));
    g_assert_cmpint(alive, ==, 1); /* what was posted has it */
    weft_loop_run_forever(loop_of_main);
    g_assert_cmpint(alive, ==, 0);
    note("%s", get());
    g_thread_join(g_thread_new("posts", posts, "never run"));
    weft_loop_close(loop_of_main);
    g_assert_cmpint(alive, ==, 0);
    expect("- posted:thread here -");
}

WEFT_ASYNC(void, blocks)
{
    g_assert_null(weft_current_task());
    callback((void *)(uintptr_t) "job");
    set_counted(&other, "the job's");
    return 0;
}

WEFT_ASYNC(void, hands_out)
{
    set("main");
    for (int i = 0; i < 2; i++) {
        weft_own weft_future *job = weft_to_thread(blocks());
        WEFT_TRY(job);
    }
    note("%s", get());
    return 0;
}

/* A job has its caller's, and keeps to itself what it sets. */
static void test_jobs(void)
{
    g_assert_cmpint(weft_run(hands_out()), ==, 0);
    g_assert_cmpint(alive, ==, 0);
    expect("job:main job:main main");
}

/* Each of its calls sees what the one before set. */
static void on_readable(void *arg)
{
    static int times;
    callback(arg);
    set_counted(&other, "the reader's");
    if (++times < 2)
        return;
    weft_remove_reader(pipe_end);
    weft_loop_stop(weft_running_loop());
}

static void test_reader(void)
{
    int ends[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
    g_assert_cmpint(write(ends[1], "x", 1), ==, 1);
    pipe_end = ends[0];
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    set("before");
    g_assert_cmpint(weft_add_reader(pipe_end, on_readable, "reader"), ==, 0);
    set("after");
    weft_loop_run_forever(loop);
    weft_loop_close(loop);
    close(ends[0]);
    close(ends[1]);
    g_assert_cmpint(alive, ==, 0);
    expect("reader:before reader:reader");
}

static void on_report(weft_loop *loop, const char *message, const weft_error *error,
                      weft_future *future, void *arg)
{
    (void)loop, (void)message, (void)error, (void)arg;
    note("%s of %s", get(), weft_get_name(future));
}

WEFT_ASYNC(void, fails)
{
    set("the failing one's");
    return UV_EIO;
}

WEFT_ASYNC(void, drops_a_failure)
{
    weft_loop_set_exception_handler(weft_running_loop(), on_report, NULL);
    weft_detach(weft_create_task(fails(), .name = "task"));
    set("the other's");
    return weft_await(weft_sleep(0));
}

/* The exception handler has the values of the task that it is about. */
static void test_report(void)
{
    g_assert_cmpint(weft_run(drops_a_failure()), ==, 0);
    expect("the failing one's of task");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/context/copies", test_copies);
    g_test_add_func("/runtime/context/values-are-freed", test_values_are_freed);
    g_test_add_func("/runtime/context/misuse", test_misuse);
    g_test_add_func("/runtime/context/threads", test_threads);
    g_test_add_func("/runtime/context/jobs", test_jobs);
    g_test_add_func("/runtime/context/reader", test_reader);
    g_test_add_func("/runtime/context/report", test_report);
    return g_test_run();
}
