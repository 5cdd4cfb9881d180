/* cpython_subprocess_test.c: cases of CPython's test_subprocess.py, each under its own name: those
 * that process_test.c does not have. */
#include "runtime/weft.h"
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const weft_bytes nothing;

static void runs(int rc)
{
    g_assert_cmpint(rc, ==, 0);
    g_assert_cmpint(waitpid(-1, NULL, 0), ==, -1);
    g_assert_cmpint(errno, ==, ECHILD);
}

/* A shell that waits for a child of its own dies of SIGKILL although the child has its pipe. */
WEFT_ASYNC(void, kill_issue43884)
{
    weft_own weft_process *process = NULL;
    WEFT_TRY(weft_create_subprocess_shell(&process, "cat; cat", .in = WEFT_PIPE, .out = WEFT_PIPE));
    weft_write(weft_process_stdin(process), "x", 1);
    weft_bytes echoed;
    WEFT_TRY(weft_readexactly(weft_process_stdout(process), 1, &echoed)); /* the child runs */
    WEFT_TRY(weft_process_kill(process));
    int code = 0;
    WEFT_TRY(weft_process_wait(process, &code));
    g_assert_cmpint(code, ==, -SIGKILL);
    return 0;
}

static void test_kill_issue43884(void)
{
    runs(weft_run(kill_issue43884()));
}

/* The child ends before its stdin could be fed; drain says so. */
WEFT_ASYNC(void, stdin_broken_pipe, const char *, directory)
{
    g_autofree char *fifo = g_build_filename(directory, "fifo", NULL);
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    int go = open(fifo, O_RDWR | O_CLOEXEC);
    g_assert_cmpint(go, >=, 0);
    gsize size = 8 << 20; /* more than a pipe holds */
    g_autofree char *data = g_malloc0(size);
    weft_own weft_process *process = NULL;
    WEFT_TRY(weft_create_subprocess_exec(&process, ("sh", "-c", "read word < fifo"),
                                         .in = WEFT_PIPE, .cwd = directory));
    weft_write(weft_process_stdin(process), data, size);
    g_assert_cmpint(write(go, "go\n", 3), ==, 3);
    int rc = weft_await(weft_drain(weft_process_stdin(process)));
    g_assert_true(rc == UV_EPIPE || rc == UV_ECONNRESET);
    close(go);
    g_unlink(fifo);
    return weft_await(weft_process_wait(process, NULL));
}

static void test_stdin_broken_pipe(void)
{
    g_autofree char *directory = g_dir_make_tmp("weft-subprocess-XXXXXX", NULL);
    runs(weft_run(stdin_broken_pipe(directory)));
    g_rmdir(directory);
}

/* communicate takes all of what a child says, whatever the limit of its stream is. */
WEFT_ASYNC(void, pause_reading)
{
    weft_own weft_process *process = NULL;
    weft_bytes out;
    WEFT_TRY(weft_create_subprocess_exec(&process, ("printf", "%021d", "0"), .in = WEFT_PIPE,
                                         .out = WEFT_PIPE, .limit = 10));
    WEFT_TRY(weft_communicate(process, nothing, &out, NULL));
    g_assert_cmpstr(out.data, ==, "000000000000000000000");
    return 0;
}

static void test_pause_reading(void)
{
    runs(weft_run(pause_reading()));
}

/* A child may open /dev/stdin anew: its stdin is a pipe, and no socket. */
WEFT_ASYNC(void, devstdin_input)
{
    weft_own weft_process *process = NULL;
    weft_bytes out;
    WEFT_TRY(weft_create_subprocess_exec(&process, ("wc", "-c", "/dev/stdin"), .in = WEFT_PIPE,
                                         .out = WEFT_PIPE));
    WEFT_TRY(weft_communicate(process, ((weft_bytes){ "abc", 3 }), &out, NULL));
    g_assert_cmpstr(out.data, ==, "3 /dev/stdin\n");
    g_assert_cmpint(weft_process_returncode(process), ==, 0);
    return 0;
}

static void test_devstdin_input(void)
{
    runs(weft_run(devstdin_input()));
}

/* Many children are read from at once, each by its own task. */
WEFT_ASYNC(void, says_word, long, number)
{
    g_autofree char *command = g_strdup_printf("echo foo%ld", number);
    weft_own weft_process *process = NULL;
    weft_bytes out;
    WEFT_TRY(weft_create_subprocess_shell(&process, command, .out = WEFT_PIPE));
    WEFT_TRY(weft_communicate(process, nothing, &out, NULL));
    g_assert_cmpstr(g_strchomp((char *)out.data), ==, command + strlen("echo "));
    return 0;
}

WEFT_ASYNC(void, communicate_stdout)
{
    weft_future *all[10];
    for (long i = 0; i < 10; i++)
        all[i] = weft_create_task(says_word(i));
    weft_own weft_future *gather = weft_gather_all(all, 10);
    for (long i = 0; i < 10; i++)
        weft_unref(all[i]);
    return weft_await(gather);
}

static void test_communicate_stdout(void)
{
    runs(weft_run(communicate_stdout()));
}

/* A signal to a child that is about to end reaches it or is too late, and never another process. */
WEFT_ASYNC(void, send_signal_race)
{
    for (int i = 0; i < 10; i++) {
        weft_own weft_process *process = NULL;
        WEFT_TRY(weft_create_subprocess_exec(&process, ("sleep", "0.01")));
        WEFT_TRY(weft_sleep(0.01));
        int rc = weft_process_send_signal(process, SIGUSR1), code = 255;
        g_assert_true(rc == 0 || rc == UV_ESRCH);
        WEFT_TRY(weft_process_wait(process, &code));
        g_assert_true(code == 0 || code == -SIGUSR1);
    }
    return 0;
}

static void test_send_signal_race(void)
{
    runs(weft_run(send_signal_race()));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/test_subprocess/SubprocessMixin/test_kill_issue43884", test_kill_issue43884);
    g_test_add_func("/test_subprocess/SubprocessMixin/test_stdin_broken_pipe",
                    test_stdin_broken_pipe);
    g_test_add_func("/test_subprocess/SubprocessMixin/test_pause_reading", test_pause_reading);
    g_test_add_func("/test_subprocess/SubprocessMixin/test_devstdin_input", test_devstdin_input);
    g_test_add_func("/test_subprocess/SubprocessMixin/test_subprocess_communicate_stdout",
                    test_communicate_stdout);
    g_test_add_func("/test_subprocess/SubprocessMixin/test_subprocess_send_signal_race",
                    test_send_signal_race);
    return g_test_run();
}
