/* run_test.c: weft_run and weft_main: SIGINT as asyncio.Runner has it, and the order of the end.
 * What ends by a signal runs in a process of its own: this program, started with a scenario's name.
 */
#include "journal.h"
#include "runtime/weft.h"
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void interrupt(void)
{
    g_assert_cmpint(kill(getpid(), SIGINT), ==, 0);
}

/* Asks the kernel: ThreadSanitizer's sigaction has a table of its own, and does not notice
 * SA_RESETHAND. */
static bool has_default_action(void)
{
    struct {
        void (*handler)(int);
        unsigned long flags;
        void (*restorer)(void);
        uint64_t mask;
    } action;
    g_assert_cmpint(syscall(SYS_rt_sigaction, SIGINT, NULL, &action, sizeof action.mask), ==, 0);
    return action.handler == SIG_DFL;
}

/* ---- The first SIGINT ---- */

WEFT_ASYNC(int, is_interrupted)
{
    g_assert_false(has_default_action());
    interrupt();
    *result = 1;
    int rc = weft_await(weft_sleep(3600));
    g_assert_cmpint(rc, ==, WEFT_ECANCELED);
    g_assert_true(has_default_action()); /* a second would end the process */
    note("cleans");
    g_assert_cmpint(weft_await(weft_sleep(0)), ==, 0);
    note("up");
    return rc;
}

static void test_interrupted(void)
{
    for (int i = 0; i < 2; i++) {
        g_assert_cmpint(weft_run(is_interrupted()), ==, WEFT_EINTERRUPTED);
        expect("cleans up");
        g_assert_true(has_default_action());
    }
}

WEFT_ASYNC(void, child)
{
    int rc = weft_await(weft_sleep(3600));
    note("child:%s", weft_err_name(rc));
    return rc;
}

WEFT_ASYNC(void, swallows)
{
    weft_own weft_task *task = weft_create_task(child());
    interrupt();
    g_assert_cmpint(weft_await(task), ==, WEFT_ECANCELED);
    g_assert_cmpint(weft_cancelling(weft_current_task()), ==, 1);
    return 0;
}

static void test_swallowed(void)
{
    g_assert_cmpint(weft_run(swallows()), ==, 0);
    expect("child:ECANCELED");
    g_assert_true(has_default_action());
}

/* Somebody else asked too: the cancellation is not SIGINT's alone. */
WEFT_ASYNC(void, is_cancelled_twice)
{
    weft_cancel(weft_current_task());
    g_assert_cmpint(weft_await(weft_sleep(0)), ==, WEFT_ECANCELED);
    interrupt();
    return weft_await(weft_sleep(3600));
}

WEFT_ASYNC(void, cancels_itself)
{
    return WEFT_ECANCELED;
}

static void test_cancelled(void)
{
    g_assert_cmpint(weft_run(is_cancelled_twice()), ==, WEFT_ECANCELED);
    g_assert_cmpint(weft_run(cancels_itself()), ==, WEFT_ECANCELED);
    g_assert_true(has_default_action());
}

/* The loop never sees the signal: the coroutine ends without it. */
WEFT_ASYNC(int, ends, int, rc)
{
    interrupt();
    *result = 1;
    return rc;
}

static void test_never_seen(void)
{
    int value = 0;
    weft_coro coro = weft_coro(ends(0));
    g_assert_cmpint(weft_run_coro(WEFT_HERE, coro, &value, (weft_run_options){ 0 }), ==,
                    WEFT_EINTERRUPTED);
    g_assert_cmpint(value, ==, 0);
    g_assert_cmpint(weft_run(ends(UV_EIO)), ==, UV_EIO);
    g_assert_cmpint(weft_run(ends(WEFT_ECANCELED)), ==, WEFT_EINTERRUPTED);
    g_assert_true(has_default_action());
}

/* ---- Whose SIGINT it is ---- */

static void finish(void *arg)
{
    note("handler");
    g_assert_cmpint(weft_set_result(arg, 0), ==, 0);
}

WEFT_ASYNC(void, has_its_own)
{
    weft_own weft_future *done = weft_future_new();
    g_assert_false(weft_remove_signal_handler(SIGINT)); /* run's is not the program's */
    g_assert_cmpint(weft_add_signal_handler(SIGINT, finish, done), ==, 0);
    interrupt();
    WEFT_TRY(done);
    g_assert_cmpint(weft_cancelling(weft_current_task()), ==, 0);
    g_assert_true(weft_remove_signal_handler(SIGINT));
    g_assert_true(has_default_action());
    return 0;
}

static void test_own_handler(void)
{
    g_assert_cmpint(weft_run(has_its_own()), ==, 0);
    expect("handler");
}

WEFT_ASYNC(void, ignores)
{
    interrupt();
    return weft_await(weft_sleep(0));
}

static void test_ignored(void)
{
    signal(SIGINT, SIG_IGN);
    g_assert_cmpint(weft_run(ignores()), ==, 0);
    g_assert_true(signal(SIGINT, SIG_DFL) == SIG_IGN);
}

WEFT_ASYNC(void, looks)
{
    g_assert_true(has_default_action());
    return 0;
}

static void *run_in_thread(void *arg)
{
    (void)arg;
    g_assert_cmpint(weft_run(looks()), ==, 0);
    return NULL;
}

static void test_other_thread(void)
{
    pthread_t thread;
    g_assert_cmpint(pthread_create(&thread, NULL, run_in_thread, NULL), ==, 0);
    pthread_join(thread, NULL);
}

/* ---- Processes that end ---- */

struct run {
    pid_t pid;
    int out; /* what it says, stderr too */
};

static const char *own_path;

static struct run start(const char *scenario)
{
    int fds[2];
    g_assert_cmpint(pipe(fds), ==, 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fds[1], STDOUT_FILENO);
        dup2(fds[1], STDERR_FILENO);
        close(fds[0]);
        close(fds[1]);
        execl(own_path, own_path, scenario, NULL);
        _exit(127);
    }
    close(fds[1]);
    return (struct run){ pid, fds[0] };
}

static void reads_line(struct run *run, const char *wanted)
{
    GString *line = g_string_new(NULL);
    for (char c = 0; c != '\n' && read(run->out, &c, 1) == 1;)
        if (c != '\n')
            g_string_append_c(line, c);
    g_assert_cmpstr(line->str, ==, wanted);
    g_string_free(line, TRUE);
}

static void dies_of_sigint(struct run *run)
{
    int status;
    reads_line(run, "");
    g_assert_cmpint(waitpid(run->pid, &status, 0), ==, run->pid);
    g_assert_true(WIFSIGNALED(status));
    g_assert_cmpint(WTERMSIG(status), ==, SIGINT);
    close(run->out);
}

WEFT_ASYNC(void, sleeps)
{
    puts("sleeps");
    fflush(stdout);
    int rc = weft_await(weft_sleep(3600));
    printf("is cancelled: %s\n", weft_err_name(rc)); /* not flushed here */
    return rc;
}

/* A shell that runs the program must see that SIGINT ended it. */
static void test_main_dies(void)
{
    struct run run = start("sleeps");
    reads_line(&run, "sleeps");
    kill(run.pid, SIGINT);
    reads_line(&run, "EINTERRUPTED: interrupted by SIGINT");
    reads_line(&run, "is cancelled: ECANCELED");
    dies_of_sigint(&run);
}

WEFT_ASYNC(void, spins)
{
    puts("spins");
    fflush(stdout);
    while (!has_default_action())
        ;
    puts("spins on");
    fflush(stdout);
    for (volatile unsigned i = 0;; i++)
        ;
    return 0;
}

static void test_second(void)
{
    struct run run = start("spins");
    reads_line(&run, "spins");
    kill(run.pid, SIGINT);
    reads_line(&run, "spins on");
    kill(run.pid, SIGINT);
    dies_of_sigint(&run);
}

/* ---- The order of the end ---- */

WEFT_ASYNC(void, fails_late)
{
    weft_await(weft_sleep(3600));
    note("late");
    return weft_raise(UV_EIO, "too late");
}

static void tell(weft_loop *loop, const char *message, const weft_error *error, weft_future *future,
                 void *arg)
{
    (void)loop, (void)arg;
    note("%s:%s:%s", weft_get_name(future), message, weft_error_message(error));
}

WEFT_ASYNC(void, leaves_tasks)
{
    weft_loop_set_exception_handler(weft_running_loop(), tell, NULL);
    weft_detach(weft_create_task(child()));
    weft_detach(weft_create_task(fails_late(), .name = "f"));
    WEFT_TRY(weft_sleep(0));
    note("main");
    return 0;
}

static void test_shutdown(void)
{
    g_assert_cmpint(weft_run(leaves_tasks()), ==, 0);
    expect("main child:ECANCELED late f:unhandled failure during shutdown:too late");
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "sleeps") == 0)
        return weft_main(sleeps());
    if (argc == 2 && strcmp(argv[1], "spins") == 0) {
        g_setenv("WEFT_TRACE", "off", TRUE); /* it is killed, and would leave its segment */
        return weft_main(spins());
    }
    own_path = argv[0];
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/run/interrupted", test_interrupted);
    g_test_add_func("/runtime/run/swallowed", test_swallowed);
    g_test_add_func("/runtime/run/cancelled", test_cancelled);
    g_test_add_func("/runtime/run/never-seen", test_never_seen);
    g_test_add_func("/runtime/run/own-handler", test_own_handler);
    g_test_add_func("/runtime/run/ignored", test_ignored);
    g_test_add_func("/runtime/run/other-thread", test_other_thread);
    g_test_add_func("/runtime/run/main-dies", test_main_dies);
    g_test_add_func("/runtime/run/second", test_second);
    g_test_add_func("/runtime/run/shutdown", test_shutdown);
    return g_test_run();
}
