/* signals_test.c: signal handlers of a loop: when they run, how often, and what is left behind. */
#include "journal.h"
#include "runtime/weft.h"
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void send_self(int number)
{
    g_assert_cmpint(kill(getpid(), number), ==, 0);
}

static bool has_default_action(int number)
{
    struct sigaction action;
    g_assert_cmpint(sigaction(number, NULL, &action), ==, 0);
    return action.sa_handler == SIG_DFL;
}

static void say(void *arg)
{
    g_assert_null(weft_current_task());
    note("%s", (const char *)arg);
}

static void finish(void *arg)
{
    g_assert_cmpint(weft_set_result(arg, 0), ==, 0);
}

/* Once for each time; the signal is no interruption of what runs. */
WEFT_ASYNC(void, counts)
{
    weft_own weft_future *done = weft_future_new();
    g_assert_cmpint(weft_add_signal_handler(SIGUSR1, say, "usr1"), ==, 0);
    g_assert_cmpint(weft_add_signal_handler(SIGUSR2, finish, done), ==, 0);
    send_self(SIGUSR1);
    send_self(SIGUSR1);
    note("sent");
    send_self(SIGUSR2);
    WEFT_TRY(done);
    note("done");
    return 0;
}

static void test_counts(void)
{
    g_assert_cmpint(weft_run(counts()), ==, 0);
    expect("sent usr1 usr1 done");
    /* The loop is closed: nothing of it is left. */
    g_assert_true(has_default_action(SIGUSR1));
    g_assert_true(has_default_action(SIGUSR2));
}

WEFT_ASYNC(void, replaces)
{
    weft_own weft_future *done = weft_future_new();
    g_assert_false(weft_remove_signal_handler(SIGUSR1));
    g_assert_cmpint(weft_add_signal_handler(SIGUSR1, say, "never"), ==, 0);
    g_assert_cmpint(weft_add_signal_handler(SIGUSR1, finish, done), ==, 0);
    send_self(SIGUSR1);
    WEFT_TRY(done);
    g_assert_true(weft_remove_signal_handler(SIGUSR1));
    g_assert_false(weft_remove_signal_handler(SIGUSR1));
    g_assert_true(has_default_action(SIGUSR1));
    return 0;
}

static void test_replaces(void)
{
    g_assert_cmpint(weft_run(replaces()), ==, 0);
    expect("");
}

/* Removed by the callback of one that was caught in the same poll, whichever of the two is first,
 * and by itself. */
static void remove_both(void *arg)
{
    note("removes");
    g_assert_true(weft_remove_signal_handler(SIGUSR1));
    g_assert_true(weft_remove_signal_handler(SIGUSR2));
    finish(arg);
}

WEFT_ASYNC(void, removes)
{
    weft_own weft_future *done = weft_future_new();
    g_assert_cmpint(weft_add_signal_handler(SIGUSR1, remove_both, done), ==, 0);
    g_assert_cmpint(weft_add_signal_handler(SIGUSR2, remove_both, done), ==, 0);
    send_self(SIGUSR1);
    send_self(SIGUSR1);
    send_self(SIGUSR2);
    WEFT_TRY(done);
    return weft_await(weft_sleep(0));
}

static void test_removes(void)
{
    g_assert_cmpint(weft_run(removes()), ==, 0);
    expect("removes");
}

WEFT_ASYNC(void, refuses)
{
    static const int impossible[] = { 0, -1, NSIG, 4096, SIGKILL, SIGSTOP, SIGSEGV, SIGILL };
    for (size_t i = 0; i < G_N_ELEMENTS(impossible); i++) {
        g_assert_cmpint(weft_add_signal_handler(impossible[i], say, "never"), ==, UV_EINVAL);
        g_assert_false(weft_remove_signal_handler(impossible[i]));
    }
    g_assert_cmpint(weft_add_signal_handler(SIGUSR1, NULL, NULL), ==, UV_EINVAL);
    return 0;
}

static void test_refuses(void)
{
    g_assert_cmpint(weft_add_signal_handler(SIGUSR1, say, "never"), ==, WEFT_ENOLOOP);
    g_assert_false(weft_remove_signal_handler(SIGUSR1));
    g_assert_cmpint(weft_run(refuses()), ==, 0);
    g_assert_true(has_default_action(SIGUSR1));
}

/* ---- Several loops ---- */

struct other {
    pthread_barrier_t watching;
    bool caught;
};

static void catch (void *arg)
{
    ((struct other *)arg)->caught = true;
    weft_loop_stop(weft_running_loop());
}

static void *run_other(void *arg)
{
    struct other *other = arg;
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    g_assert_cmpint(weft_add_signal_handler(SIGUSR1, catch, other), ==, 0);
    pthread_barrier_wait(&other->watching);
    g_assert_cmpint(weft_loop_run_forever(loop), ==, 0);
    weft_loop_close(loop);
    return NULL;
}

WEFT_ASYNC(void, with_another, struct other *, other)
{
    weft_own weft_future *done = weft_future_new();
    g_assert_cmpint(weft_add_signal_handler(SIGUSR1, finish, done), ==, 0);
    pthread_barrier_wait(&other->watching);
    send_self(SIGUSR1);
    return weft_await(done);
}

static void test_several_loops(void)
{
    struct other other = { .caught = false };
    pthread_t thread;
    pthread_barrier_init(&other.watching, NULL, 2);
    g_assert_cmpint(pthread_create(&thread, NULL, run_other, &other), ==, 0);
    g_assert_cmpint(weft_run(with_another(&other)), ==, 0);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&other.watching);
    g_assert_true(other.caught);
    g_assert_true(has_default_action(SIGUSR1));
}

/* A fork has the default action: its parent's loop is not its own. */
WEFT_ASYNC(void, forks)
{
    g_assert_cmpint(weft_add_signal_handler(SIGUSR1, say, "never"), ==, 0);
    pid_t pid = fork();
    if (pid == 0) {
        kill(getpid(), SIGUSR1);
        _exit(0);
    }
    int status;
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(WIFSIGNALED(status));
    g_assert_cmpint(WTERMSIG(status), ==, SIGUSR1);
    return weft_await(weft_sleep(0));
}

static void test_forks(void)
{
    g_assert_cmpint(weft_run(forks()), ==, 0);
    expect("");
}

/* Writes to a closed peer are errors, whoever watched the signal meanwhile. */
WEFT_ASYNC(void, minds_pipes)
{
    g_assert_cmpint(weft_add_signal_handler(SIGPIPE, say, "never"), ==, 0);
    g_assert_true(weft_remove_signal_handler(SIGPIPE));
    send_self(SIGPIPE);
    return 0;
}

static void test_minds_pipes(void)
{
    g_assert_cmpint(weft_run(minds_pipes()), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/signals/counts", test_counts);
    g_test_add_func("/runtime/signals/replaces", test_replaces);
    g_test_add_func("/runtime/signals/removes", test_removes);
    g_test_add_func("/runtime/signals/refuses", test_refuses);
    g_test_add_func("/runtime/signals/several-loops", test_several_loops);
    g_test_add_func("/runtime/signals/forks", test_forks);
    g_test_add_func("/runtime/signals/minds-pipes", test_minds_pipes);
    return g_test_run();
}
