/* thread_test.c: calls in threads: their results, and what cancelling does to them. Jobs wait at
 * gates, which the tests open: nothing depends on time. */
#include "jobs.h"
#include "tracer/probe/session.h"
#include <errno.h>
#include <glib.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- Results ---- */

struct large {
    int words[100];
};

WEFT_ASYNC(struct large, counts, int, from)
{
    for (int i = 0; i < 100; i++)
        result->words[i] = from + i;
    return 0;
}

WEFT_ASYNC(void, says, bool, more)
{
    return more ? weft_raise(UV_EIO, "the disk is %s", "on fire") : UV_ENOENT;
}

WEFT_ASYNC(void, ends_cancelled)
{
    return WEFT_ECANCELED;
}

WEFT_ASYNC(pthread_t, who)
{
    *result = pthread_self();
    return 0;
}

WEFT_ASYNC(void, results)
{
    weft_own weft_future *sum = weft_to_thread(adds(1, 2), .name = "sum");
    g_assert_false(weft_done(sum));
    WEFT_TRY(sum);
    g_assert_cmpint(weft_result(sum, int), ==, 3);
    g_assert_cmpstr(weft_get_name(sum), ==, "sum");
    weft_own weft_future *many = weft_to_thread(counts(7));
    WEFT_TRY(many);
    g_assert_cmpint(weft_result(many, struct large).words[99], ==, 106);
    g_assert_cmpstr(weft_get_name(many), ==, "counts");
    weft_own weft_future *where = weft_to_thread(who());
    WEFT_TRY(where);
    g_assert_false(pthread_equal(weft_result(where, pthread_t), pthread_self()));
    return 0;
}

static void test_results(void)
{
    g_assert_cmpint(weft_run(results()), ==, 0);
}

WEFT_ASYNC(void, failures)
{
    weft_own weft_future *bare = weft_to_thread(says(false));
    g_assert_cmpint(weft_await(bare), ==, UV_ENOENT);
    g_assert_null(weft_current_error());
    weft_own weft_future *more = weft_to_thread(says(true));
    g_assert_cmpint(weft_await(more), ==, UV_EIO);
    g_assert_cmpstr(weft_error_message(weft_current_error()), ==, "the disk is on fire");
    weft_own weft_future *cancelled = weft_to_thread(ends_cancelled());
    g_assert_cmpint(weft_await(cancelled), ==, WEFT_ECANCELED);
    g_assert_true(weft_cancelled(cancelled));
    g_assert_cmpint(weft_cancelling(weft_current_task()), ==, 0);
    int one = 1;
    g_assert_cmpint(weft_set_result_at(NULL, bare, &one, sizeof one, NULL), ==, UV_EINVAL);
    return 0;
}

static void test_failures(void)
{
    g_assert_cmpint(weft_run(failures()), ==, 0);
}

WEFT_ASYNC(void, naps)
{
    return weft_await(weft_sleep(0));
}

WEFT_ASYNC(int, runs_a_loop)
{
    g_assert_null(weft_current_task());
    g_assert_null(weft_running_loop());
    g_assert_cmpint(weft_await(weft_sleep(0)), ==, WEFT_ENOTASK);
    weft_own weft_future *none = weft_to_thread(adds(1, 1));
    g_assert_cmpint(weft_status(none), ==, WEFT_ENOLOOP);
    *result = weft_run(naps());
    return 0;
}

/* A thread has no loop, but may make one of its own. */
WEFT_ASYNC(void, inside)
{
    weft_own weft_future *job = weft_to_thread(runs_a_loop());
    WEFT_TRY(job);
    g_assert_cmpint(weft_result(job, int), ==, 0);
    return 0;
}

static void test_inside(void)
{
    g_assert_cmpint(weft_run(inside()), ==, 0);
}

/* The caller's task-local values; what the call sets is its own. */
static weft_local request = WEFT_LOCAL("request", NULL);

WEFT_ASYNC(const char *, handles)
{
    *result = weft_local_get(&request);
    weft_local_set(&request, "inside", NULL);
    return 0;
}

WEFT_ASYNC(void, passes_values)
{
    weft_local_set(&request, "outside", NULL);
    weft_own weft_future *job = weft_to_thread(handles());
    weft_own weft_future *other = weft_to_thread(handles());
    WEFT_TRY(job);
    WEFT_TRY(other);
    g_assert_cmpstr(weft_result(job, const char *), ==, "outside");
    g_assert_cmpstr(weft_result(other, const char *), ==, "outside");
    g_assert_cmpstr(weft_local_get(&request), ==, "outside");
    return 0;
}

static void test_values(void)
{
    g_assert_cmpint(weft_run(passes_values()), ==, 0);
}

/* A gather of jobs and tasks; jobs that need each other run at once. */
WEFT_ASYNC(void, gathers, struct gate *, gate)
{
    weft_own weft_future *a = weft_to_thread(passes(gate, 1));
    weft_own weft_future *b = weft_to_thread(passes(gate, 2));
    weft_own weft_task *other = weft_create_task(naps());
    weft_own weft_future *all = weft_gather_all(((weft_future *[]){ a, b, other }), 3);
    gate_await(gate, 2);
    gate_open(gate, 2);
    WEFT_TRY(all);
    g_assert_cmpint(weft_result(a, int) + weft_result(b, int), ==, 3);
    return 0;
}

static void test_gather(void)
{
    struct gate gate;
    gate_init(&gate);
    g_assert_cmpint(weft_run(gathers(&gate)), ==, 0);
    gate_clear(&gate);
}

/* ---- Order and number ---- */

static int order[8], ordered;

WEFT_ASYNC(void, writes_down, int, number)
{
    order[ordered++] = number;
    return 0;
}

WEFT_ASYNC(void, queues, struct gate *, gate)
{
    weft_own weft_future *first = weft_to_thread(passes(gate, 0));
    weft_future *jobs[8];
    for (int i = 0; i < 8; i++)
        jobs[i] = weft_to_thread(writes_down(i));
    gate_await(gate, 1);
    gate_open(gate, 1);
    weft_own weft_future *all = weft_gather_all(jobs, 8);
    WEFT_TRY(all);
    for (int i = 0; i < 8; i++) {
        g_assert_cmpint(order[i], ==, i);
        weft_unref(jobs[i]);
    }
    return 0;
}

/* One thread: first in, first out. */
static void test_fifo(void)
{
    struct gate gate;
    gate_init(&gate);
    ordered = 0;
    g_assert_cmpint(weft_run(queues(&gate), .threads = 1), ==, 0);
    gate_clear(&gate);
}

WEFT_ASYNC(void, grows, struct gate *, gate)
{
    weft_own weft_future *first = weft_to_thread(who());
    WEFT_TRY(first);
    for (int i = 0; i < 20; i++) { /* the one that is free does it */
        weft_own weft_future *next = weft_to_thread(who());
        WEFT_TRY(next);
        g_assert_true(pthread_equal(weft_result(next, pthread_t), weft_result(first, pthread_t)));
    }
    weft_future *jobs[5];
    for (int i = 0; i < 5; i++)
        jobs[i] = weft_to_thread(passes(gate, i));
    gate_await(gate, 3); /* as many as may be, and the others wait for them */
    g_assert_cmpuint(gate_came(gate), ==, 3);
    gate_open(gate, 5);
    for (int i = 0; i < 5; i++) {
        WEFT_TRY(jobs[i]);
        weft_unref(jobs[i]);
    }
    return 0;
}

static void test_grows(void)
{
    struct gate gate;
    gate_init(&gate);
    g_assert_cmpint(weft_run(grows(&gate), .threads = 3), ==, 0);
    gate_clear(&gate);
}

/* ---- Cancelling ---- */

WEFT_ASYNC(void, awaits, weft_future *, job)
{
    return weft_await(job);
}

/* One that has begun runs on; its awaiter does not wait for it, and what it owns is freed. */
WEFT_ASYNC(void, cancels_running, struct gate *, gate)
{
    weft_future *job = start_owns(NULL, gate);
    weft_own weft_task *task = weft_create_task(awaits(job));
    WEFT_TRY(weft_sleep(0));
    gate_await(gate, 1);
    g_assert_true(weft_cancel(task));
    g_assert_cmpint(weft_await(task), ==, WEFT_ECANCELED);
    g_assert_true(weft_cancelled(job));
    g_assert_false(weft_cancel(job));
    weft_unref(job);
    expect_freed(0);
    gate_open(gate, 1);
    return 0; /* run() waits for it */
}

static void test_cancel_running(void)
{
    struct gate gate;
    gate_init(&gate);
    g_assert_cmpint(weft_run(cancels_running(&gate)), ==, 0);
    expect_freed(2);
    gate_clear(&gate);
}

/* One that has not begun never does. */
WEFT_ASYNC(void, times_out, struct gate *, gate, struct gate *, other)
{
    weft_own weft_future *first = weft_to_thread(passes(gate, 1));
    weft_own weft_future *job = weft_to_thread(passes(other, 1));
    g_assert_cmpint(weft_wait_for(job, 0.001), ==, WEFT_ETIMEDOUT);
    g_assert_true(weft_cancelled(job));
    gate_open(gate, 1);
    WEFT_TRY(first);
    return 0;
}

static void test_cancel_queued(void)
{
    struct gate gate, other;
    gate_init(&gate);
    gate_init(&other);
    g_assert_cmpint(weft_run(times_out(&gate, &other), .threads = 1), ==, 0);
    g_assert_cmpuint(gate_came(&other), ==, 0);
    gate_clear(&gate);
    gate_clear(&other);
}

WEFT_ASYNC(void, withdraws, struct gate *, gate, struct gate *, other)
{
    weft_own weft_future *first = weft_to_thread(passes(gate, 1));
    weft_future *job = start_owns(NULL, other);
    g_assert_true(weft_cancel(job, "not needed"));
    g_assert_cmpint(weft_await(job), ==, WEFT_ECANCELED);
    g_assert_cmpstr(weft_error_message(weft_current_error()), ==, "not needed");
    expect_freed(1); /* its arguments */
    weft_unref(job);
    gate_open(gate, 1);
    WEFT_TRY(first);
    return 0;
}

static void test_withdraw(void)
{
    struct gate gate, other;
    gate_init(&gate);
    gate_init(&other);
    g_assert_cmpint(weft_run(withdraws(&gate, &other), .threads = 1), ==, 0);
    g_assert_cmpuint(gate_came(&other), ==, 0);
    gate_clear(&gate);
    gate_clear(&other);
}

/* It was done, but its awaiter had not resumed when the cancellation came: that wins, and the
 * result stays in the future. */
static void cancel_it(weft_future *job, void *task)
{
    g_assert_true(weft_done(job));
    g_assert_true(weft_cancel(task));
}

WEFT_ASYNC(void, cancels_late, struct gate *, gate)
{
    weft_future *job = start_owns(NULL, gate);
    weft_own weft_task *task = weft_create_task(awaits(job));
    weft_add_done_callback(job, cancel_it, task); /* before the task's own */
    gate_open(gate, 1);
    g_assert_cmpint(weft_await(task), ==, WEFT_ECANCELED);
    g_assert_cmpstr(weft_result(job, char *), ==, "text");
    expect_freed(1);
    weft_unref(job);
    expect_freed(1);
    return 0;
}

static void test_cancel_late(void)
{
    struct gate gate;
    gate_init(&gate);
    g_assert_cmpint(weft_run(cancels_late(&gate)), ==, 0);
    gate_clear(&gate);
}

WEFT_ASYNC(void, takes, struct gate *, gate)
{
    weft_own weft_future *job = start_owns(NULL, gate);
    gate_open(gate, 1);
    WEFT_TRY(job);
    weft_free_at_exit char *text = weft_take(job, char *);
    g_assert_cmpstr(text, ==, "text");
    return 0;
}

static void test_take(void)
{
    struct gate gate;
    gate_init(&gate);
    g_assert_cmpint(weft_run(takes(&gate)), ==, 0);
    expect_freed(1); /* the arguments */
    gate_clear(&gate);
}

/* ---- The system ---- */

WEFT_ASYNC(sigset_t, mask)
{
    pthread_sigmask(SIG_SETMASK, NULL, result);
    return 0;
}

/* A program's signals are for its own threads; who breaks memory is told where. */
WEFT_ASYNC(void, masks)
{
    weft_own weft_future *job = weft_to_thread(mask());
    WEFT_TRY(job);
    sigset_t set = weft_result(job, sigset_t), own;
    g_assert_true(sigismember(&set, SIGINT) && sigismember(&set, SIGTERM));
    g_assert_true(sigismember(&set, SIGCHLD) && sigismember(&set, SIGALRM));
    g_assert_false(sigismember(&set, SIGSEGV));
    pthread_sigmask(SIG_SETMASK, NULL, &own);
    g_assert_false(sigismember(&own, SIGINT));
    return 0;
}

static void test_signals(void)
{
    g_assert_cmpint(weft_run(masks()), ==, 0);
}

WEFT_ASYNC(int, in_child, weft_executor *, executor)
{
    weft_own weft_future *job = weft_run_in_executor(executor, adds(1, 1));
    *result = weft_await(job);
    return 0;
}

/* The child of a fork has none of the threads. */
static void test_fork(void)
{
    weft_executor *executor = weft_executor_new(.threads = 1);
    g_assert_cmpint(weft_run(in_child(executor)), ==, 0);
    pid_t child = fork();
    if (child == 0) {
        int rc = 0;
        weft_run_coro(WEFT_HERE, weft_coro(in_child(executor)), &rc, (weft_run_options){ 0 });
        weft_unref(executor);
        weft_probe_stop(0); /* which exit would do */
        _exit(rc == WEFT_ECLOSED ? 0 : 1);
    }
    int status;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    weft_unref(executor);
}

/* The linker puts this in the runtime's way: threads that the system may start. */
int __real_pthread_create(pthread_t *id, const pthread_attr_t *attributes, void *(*fn)(void *),
                          void *arg);
int __wrap_pthread_create(pthread_t *id, const pthread_attr_t *attributes, void *(*fn)(void *),
                          void *arg);
static _Atomic int threads_left = INT_MAX;

int __wrap_pthread_create(pthread_t *id, const pthread_attr_t *attributes, void *(*fn)(void *),
                          void *arg)
{
    if (threads_left <= 0)
        return EAGAIN;
    threads_left--;
    return __real_pthread_create(id, attributes, fn, arg);
}

/* Out of threads: those that are there do it all; with none it is an error. */
WEFT_ASYNC(void, out_of_threads, struct gate *, gate)
{
    threads_left = 0;
    weft_own weft_future *none = weft_to_thread(adds(1, 1));
    g_assert_cmpint(weft_await(none), ==, UV_EAGAIN);
    threads_left = 1;
    weft_own weft_future *first = weft_to_thread(passes(gate, 1));
    weft_own weft_future *second = weft_to_thread(passes(gate, 2));
    gate_await(gate, 1);
    g_assert_cmpuint(gate_came(gate), ==, 1);
    gate_open(gate, 2);
    WEFT_TRY(first);
    WEFT_TRY(second);
    return 0;
}

static void test_out_of_threads(void)
{
    struct gate gate;
    gate_init(&gate);
    g_assert_cmpint(weft_run(out_of_threads(&gate)), ==, 0);
    threads_left = INT_MAX;
    gate_clear(&gate);
}

/* Many at once, some cancelled at any moment of their lives: for the sanitizers. */
WEFT_ASYNC(void, storm)
{
    enum { JOBS = 300 };
    weft_future *jobs[JOBS];
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = weft_to_thread(adds(i, 1));
        if (i % 7 == 0)
            WEFT_TRY(weft_sleep(0));
        if (i >= 10 && i % 3 == 0)
            weft_cancel(jobs[i - 10]);
    }
    for (int i = 0; i < JOBS; i++) {
        int rc = weft_await(jobs[i]);
        g_assert_true(rc == 0 || rc == WEFT_ECANCELED);
        if (rc == 0)
            g_assert_cmpint(weft_result(jobs[i], int), ==, i + 1);
        weft_unref(jobs[i]);
    }
    return 0;
}

static void test_storm(void)
{
    for (int i = 0; i < 5; i++)
        g_assert_cmpint(weft_run(storm(), .threads = 4), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/thread/fork", test_fork);
    g_test_add_func("/runtime/thread/results", test_results);
    g_test_add_func("/runtime/thread/failures", test_failures);
    g_test_add_func("/runtime/thread/inside", test_inside);
    g_test_add_func("/runtime/thread/values", test_values);
    g_test_add_func("/runtime/thread/gather", test_gather);
    g_test_add_func("/runtime/thread/fifo", test_fifo);
    g_test_add_func("/runtime/thread/grows", test_grows);
    g_test_add_func("/runtime/thread/cancel-running", test_cancel_running);
    g_test_add_func("/runtime/thread/cancel-queued", test_cancel_queued);
    g_test_add_func("/runtime/thread/withdraw", test_withdraw);
    g_test_add_func("/runtime/thread/cancel-late", test_cancel_late);
    g_test_add_func("/runtime/thread/take", test_take);
    g_test_add_func("/runtime/thread/signals", test_signals);
    g_test_add_func("/runtime/thread/out-of-threads", test_out_of_threads);
    g_test_add_func("/runtime/thread/storm", test_storm);
    return g_test_run();
}
