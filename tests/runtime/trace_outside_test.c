/* trace_outside_test.c: what the runtime tells the probe of what goes on outside of the loop's
 * tasks: child processes, signals and threads; and what a program says itself. */
#include "ring.h"
#include "runtime/weft.h"
#include <signal.h>
#include <string.h>
#include <unistd.h>

static void fulfil_at_second(void *arg)
{
    static int times;
    if (++times == 2)
        g_assert_cmpint(weft_set_result(arg, 0), ==, 0);
}

/* A signal that is caught twice before the loop looks is one callback. */
WEFT_ASYNC(void, watches)
{
    struct mark mark = mark_now();
    weft_own weft_process *process = NULL;
    WEFT_TRY(weft_create_subprocess_exec(&process, ("true")));
    WEFT_TRY(weft_process_wait(process, NULL));
    expect_events(mark, "OBJECT_NEW child1=0\n"
                        "OP_START(spawn) op1>child1\n"
                        "OP_END(spawn) op1\n"
                        "OBJECT_NAME child1\n"
                        "SUSPEND(child) task1>child1\n"
                        "READY(child) child1\n"
                        "ITERATION loop1:1\n"
                        "CALLBACK_BEGIN(child) child1\n"
                        "WAKE(io) task1>child1\n"
                        "OBJECT_FREE child1=0\n"
                        "CALLBACK_END(child) child1\n"
                        "ITERATION loop1:1\n"
                        "RESUME task1\n");

    mark = mark_now();
    weft_own weft_future *caught = weft_future_new();
    g_assert_cmpint(weft_add_signal_handler(SIGUSR1, fulfil_at_second, caught), ==, 0);
    kill(getpid(), SIGUSR1);
    kill(getpid(), SIGUSR1);
    WEFT_TRY(caught);
    g_assert_true(weft_remove_signal_handler(SIGUSR1));
    expect_events(mark, "OBJECT_NEW handle1=0\n"
                        "OBJECT_NAME handle1\n"
                        "OBJECT_NEW future1=0\n"
                        "SUSPEND(future) task1>future1\n"
                        "READY(signal) handle1\n"
                        "ITERATION loop1:1\n"
                        "CALLBACK_BEGIN(signal) handle1\n"
                        "FUTURE_DONE(result) future1\n"
                        "WAKE(future) task1>future1\n"
                        "CALLBACK_END(signal) handle1\n"
                        "ITERATION loop1:1\n"
                        "RESUME task1\n"
                        "OBJECT_FREE handle1=0\n");
    return 0;
}

static void test_watches(void)
{
    g_assert_cmpint(weft_run(watches()), ==, 0);
}

/* A job: its loop's events, and its thread's, which name the same job. */
static struct mark in_thread;

WEFT_ASYNC(void, fails_there)
{
    struct weft_writer *w = weft_probe_thread_writer();
    in_thread = (struct mark){ w, w->chunk, w->position };
    return UV_EIO;
}

WEFT_ASYNC(void, awaits_job)
{
    weft_own weft_future *first = weft_to_thread(fails_there());
    weft_await(first); /* the thread is there */
    struct mark mark = mark_now();
    weft_own weft_future *job = weft_to_thread(fails_there());
    g_assert_cmpint(weft_await(job), ==, UV_EIO);
    expect_events(mark, "WORK_SUBMIT job1=0\n"
                        "OBJECT_NAME job1\n"
                        "SUSPEND(job) task1>job1\n"
                        "READY(async) job1>thread1\n"
                        "ITERATION loop1:1\n"
                        "CALLBACK_BEGIN(async) job1>thread1\n"
                        "WAKE(thread) task1>job1\n"
                        "CALLBACK_END(async) job1\n"
                        "ITERATION loop1:1\n"
                        "RESUME task1\n");
    expect_events(in_thread, "WORK_END(error) job1\n"
                             "POST job1>loop1\n");
    mark = mark_now();
    weft_own weft_file *file = NULL;
    g_assert_cmpint(weft_await(weft_file_open("/none/such", "r", &file)), ==, UV_ENOENT);
    expect_events(mark, "OP_START(open) op1\n"
                        "OBJECT_NAME op1\n"
                        "WORK_SUBMIT job1=0\n"
                        "OBJECT_NAME job1\n"
                        "SUSPEND(file) task1>op1\n"
                        "READY(async) job1>thread1\n"
                        "ITERATION loop1:1\n"
                        "CALLBACK_BEGIN(async) job1>thread1\n"
                        "WAKE(thread) task1>job1\n"
                        "CALLBACK_END(async) job1\n"
                        "ITERATION loop1:1\n"
                        "RESUME task1\n"
                        "OP_END(open) op1\n");
    return 0;
}

static void test_job(void)
{
    g_assert_cmpint(weft_run(awaits_job()), ==, 0);
}

/* What a program says is its running task's doing; in a callback, the loop's; elsewhere, the
 * thread's, in a ring of its own. */
static void say_so(void *arg)
{
    weft_mark(arg);
}

WEFT_ASYNC(void, say_elsewhere)
{
    weft_mark("elsewhere");
    return 0;
}

WEFT_ASYNC(void, says)
{
    struct mark mark = mark_now();
    weft_counter *n = weft_counter_new("n");
    {
        WEFT_SPAN("block");
        weft_counter_add(n, 1);
        WEFT_TRY(weft_sleep(0));
    }
    weft_call_soon(say_so, (char[]){ "called" });
    WEFT_TRY(weft_sleep(0));
    weft_counter_free(n);
    expect_events(mark, "SPAN_BEGIN span1\n"
                        "OBJECT_NAME counter1\n"
                        "COUNTER counter1\n"
                        "SUSPEND(yield) task1\n"
                        "ITERATION loop1:1\n"
                        "RESUME task1\n"
                        "SPAN_END span1\n"
                        "READY(call_soon) handle1>task1\n"
                        "SUSPEND(yield) task1\n"
                        "ITERATION loop1:2\n"
                        "CALLBACK_BEGIN(call_soon) handle1\n"
                        "MARK loop1\n"
                        "CALLBACK_END(call_soon) handle1\n"
                        "RESUME task1\n");
    mark = mark_now();
    weft_mark("here");
    expect_events(mark, "MARK task1\n");
    weft_own weft_future *job = weft_to_thread(say_elsewhere());
    WEFT_TRY(job);
    g_autofree char *events = events_since(mark);
    g_assert_null(strstr(events + strlen("MARK task1\n"), "MARK"));
    return 0;
}

static void test_said(void)
{
    g_assert_cmpint(weft_run(says()), ==, 0);
}

int main(int argc, char **argv)
{
    char *directory = begin_recording(&argc, &argv);
    g_test_add_func("/runtime/trace_outside/watches", test_watches);
    g_test_add_func("/runtime/trace_outside/job", test_job);
    g_test_add_func("/runtime/trace_outside/said", test_said);
    return end_recording(directory, g_test_run());
}
