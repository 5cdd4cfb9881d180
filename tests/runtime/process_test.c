/* process_test.c: real children: what they are given, how they end, and that nothing of them stays.
 */
#include "journal.h"
#include "runtime/weft.h"
#include "tests/valgrind.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const weft_bytes nothing;

static void no_children_left(void)
{
    g_assert_cmpint(waitpid(-1, NULL, 0), ==, -1);
    g_assert_cmpint(errno, ==, ECHILD);
}

static void runs(int rc)
{
    g_assert_cmpint(rc, ==, 0);
    no_children_left();
}

/* ---- Talking ---- */

WEFT_ASYNC(void, says)
{
    weft_own weft_process *process = NULL;
    weft_bytes out, err;
    WEFT_TRY(weft_create_subprocess_shell(&process, "echo out; echo err >&2; exit 3",
                                          .out = WEFT_PIPE, .err = WEFT_PIPE));
    g_assert_cmpint(weft_process_returncode(process), ==, WEFT_EINVALSTATE);
    g_assert_cmpint(weft_process_pid(process), >, 0);
    g_assert_null(weft_process_stdin(process));
    WEFT_TRY(weft_communicate(process, nothing, &out, &err));
    g_assert_cmpstr(out.data, ==, "out\n");
    g_assert_cmpint(out.len, ==, 4);
    g_assert_cmpstr(err.data, ==, "err\n");
    g_assert_cmpint(weft_process_returncode(process), ==, 3);
    /* Once more: there is nothing more to say. */
    WEFT_TRY(weft_communicate(process, nothing, &out, &err));
    g_assert_cmpint(out.len + err.len, ==, 0);
    int code = 0;
    WEFT_TRY(weft_process_wait(process, &code));
    g_assert_cmpint(code, ==, 3);
    return 0;
}

static void test_says(void)
{
    runs(weft_run(says()));
}

/* More than pipes hold, both ways at once. */
WEFT_ASYNC(void, echoes)
{
    gsize size = 3 << 20;
    g_autofree char *data = g_malloc(size);
    for (gsize i = 0; i < size; i++)
        data[i] = (char)(i * 7 + i / 251);
    weft_own weft_process *process = NULL;
    weft_bytes out, err;
    WEFT_TRY(weft_create_subprocess_exec(&process, ("cat"), .in = WEFT_PIPE, .out = WEFT_PIPE));
    WEFT_TRY(weft_communicate(process, ((weft_bytes){ data, size }), &out, &err));
    g_assert_cmpint(out.len, ==, size);
    g_assert_cmpint(memcmp(out.data, data, size), ==, 0);
    g_assert_cmpint(err.len, ==, 0);
    g_assert_cmpint(weft_process_returncode(process), ==, 0);
    return 0;
}

static void test_echoes(void)
{
    runs(weft_run(echoes()));
}

/* A child that does not want its input is no failure; input without a pipe is not given. */
WEFT_ASYNC(void, ignores_input)
{
    g_autofree char *data = g_malloc0(1 << 20);
    weft_bytes input = { data, 1 << 20 };
    weft_own weft_process *process = NULL, *other = NULL;
    WEFT_TRY(weft_create_subprocess_exec(&process, ("true"), .in = WEFT_PIPE));
    WEFT_TRY(weft_communicate(process, input, NULL, NULL));
    g_assert_cmpint(weft_process_returncode(process), ==, 0);
    WEFT_TRY(weft_create_subprocess_exec(&other, ("false")));
    WEFT_TRY(weft_communicate(other, input, NULL, NULL));
    g_assert_cmpint(weft_process_returncode(other), ==, 1);
    return 0;
}

static void test_ignores_input(void)
{
    runs(weft_run(ignores_input()));
}

/* A conversation over its streams. */
WEFT_ASYNC(void, talks)
{
    weft_own weft_process *process = NULL;
    weft_bytes line;
    WEFT_TRY(
        weft_create_subprocess_exec(&process, ("/bin/cat"), .in = WEFT_PIPE, .out = WEFT_PIPE));
    for (int i = 0; i < 3; i++) {
        weft_printf(weft_process_stdin(process), "line %d\n", i);
        WEFT_TRY(weft_drain(weft_process_stdin(process)));
        WEFT_TRY(weft_readline(weft_process_stdout(process), &line));
        note("%s", g_strchomp((char *)line.data));
    }
    weft_close(weft_process_stdin(process));
    WEFT_TRY(weft_readline(weft_process_stdout(process), &line));
    g_assert_cmpint(line.len, ==, 0);
    int code = -1;
    WEFT_TRY(weft_process_wait(process, &code));
    g_assert_cmpint(code, ==, 0);
    return 0;
}

static void test_talks(void)
{
    runs(weft_run(talks()));
    expect("line 0 line 1 line 2");
}

/* Its exit comes before its pipe's end: a grandchild has that. */
#define LATE "exec 3<&0; (read word <&3; echo late $word) & exit 4"

WEFT_ASYNC(void, exits_early)
{
    weft_own weft_process *process = NULL, *other = NULL;
    weft_bytes out;
    int code = 0;
    WEFT_TRY(weft_create_subprocess_shell(&process, LATE, .in = WEFT_PIPE, .out = WEFT_PIPE));
    WEFT_TRY(weft_process_wait(process, &code));
    g_assert_cmpint(code, ==, 4);
    weft_printf(weft_process_stdin(process), "reader\n");
    WEFT_TRY(weft_read(weft_process_stdout(process), -1, &out));
    g_assert_cmpstr(out.data, ==, "late reader\n");

    WEFT_TRY(weft_create_subprocess_shell(&other, LATE, .in = WEFT_PIPE, .out = WEFT_PIPE));
    WEFT_TRY(weft_communicate(other, ((weft_bytes){ "again\n", 6 }), &out, NULL));
    g_assert_cmpstr(out.data, ==, "late again\n");
    g_assert_cmpint(weft_process_returncode(other), ==, 4);
    return 0;
}

static void test_exits_early(void)
{
    runs(weft_run(exits_early()));
}

/* ---- What it is given ---- */

static char *output_of(weft_process *process)
{
    weft_bytes out;
    int rc = weft_communicate(process, nothing, &out, NULL);
    g_assert_cmpint(rc, ==, 0);
    return g_strndup(out.data, out.len);
}

WEFT_ASYNC(void, is_given_descriptors)
{
    int a[2], b[2];
    g_assert_cmpint(pipe(a), ==, 0); /* not closed on exec */
    g_assert_cmpint(pipe(b), ==, 0);
    weft_own weft_process *both = NULL, *given = NULL, *null = NULL, *inside = NULL;
    WEFT_TRY(weft_create_subprocess_shell(&both, "echo out; echo err >&2", .out = WEFT_PIPE,
                                          .err = WEFT_STDOUT));
    g_autofree char *mixed = output_of(both);
    g_assert_cmpstr(mixed, ==, "out\nerr\n");

    WEFT_TRY(weft_create_subprocess_shell(&given, "cat; echo err >&2", .in = a[0], .out = b[1],
                                          .err = WEFT_PIPE));
    g_assert_cmpint(write(a[1], "in", 2), ==, 2);
    close(a[1]);
    weft_bytes err;
    WEFT_TRY(weft_communicate(given, nothing, NULL, &err));
    g_assert_cmpstr(err.data, ==, "err\n");
    char in[8] = "";
    g_assert_cmpint(read(b[0], in, sizeof in), ==, 2);
    g_assert_cmpstr(in, ==, "in");

    WEFT_TRY(weft_create_subprocess_shell(&null, "cat; echo out; echo err >&2", .in = WEFT_DEVNULL,
                                          .out = WEFT_DEVNULL, .err = WEFT_STDOUT));
    WEFT_TRY(weft_communicate(null, nothing, NULL, NULL));

    /* Of this process's others none: 3 is the directory that ls reads. */
    WEFT_TRY(weft_create_subprocess_exec(&inside, ("ls", "/proc/self/fd"), .in = WEFT_DEVNULL,
                                         .out = WEFT_PIPE));
    g_autofree char *descriptors = output_of(inside);
    g_assert_cmpstr(descriptors, ==, "0\n1\n2\n3\n");
    close(a[0]);
    close(b[0]);
    close(b[1]);
    return 0;
}

static void test_descriptors(void)
{
    runs(weft_run(is_given_descriptors()));
}

/* A process that has closed its standard streams has children with them. (libuv itself must have
 * made its own descriptors before: it refuses to have those.) */
WEFT_ASYNC(void, closes_standard)
{
    WEFT_TRY(echoes());
    int in = dup(STDIN_FILENO), out = dup(STDOUT_FILENO);
    close(STDIN_FILENO);
    close(STDOUT_FILENO);
    int rc = weft_await(echoes());
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    close(in);
    close(out);
    return rc;
}

static void test_without_standard(void)
{
    runs(weft_run(closes_standard()));
}

WEFT_ASYNC(void, is_given_signals)
{
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    signal(SIGHUP, SIG_IGN);
    pthread_sigmask(SIG_BLOCK, &blocked, &before);
    weft_own weft_process *process = NULL;
    WEFT_TRY(weft_create_subprocess_exec(
        &process, ("grep", "-E", "Sig(Ign|Blk)", "/proc/self/status"), .out = WEFT_PIPE));
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    signal(SIGHUP, SIG_DFL);
    g_autofree char *text = output_of(process);
    guint64 blocked_there = 1, ignored = 1;
    g_assert_cmpint(sscanf(text, "SigBlk: %lx SigIgn: %lx", &blocked_there, &ignored), ==, 2);
    g_assert_cmpint(blocked_there, ==, 0);
    ignored &= ~(G_GUINT64_CONSTANT(3) << 31); /* 32 and 33 are the C library's own */
    g_assert_cmpint(ignored, ==, 0);
    return 0;
}

static void test_signals(void)
{
    runs(weft_run(is_given_signals()));
}

WEFT_ASYNC(void, is_given_surroundings)
{
    const char *env[] = { "WORD=thing", "PATH=/nowhere:/bin:/usr/bin", NULL };
    weft_own weft_process *process = NULL, *session = NULL;
    WEFT_TRY(weft_create_subprocess_exec(&process, ("sh", "-c", "pwd; echo $WORD $HOME"),
                                         .out = WEFT_PIPE, .cwd = "/", .env = env));
    g_autofree char *text = output_of(process);
    g_assert_cmpstr(text, ==, "/\nthing\n");
    WEFT_TRY(
        weft_create_subprocess_exec(&session, ("cat"), .in = WEFT_PIPE, .start_new_session = true));
    g_assert_cmpint(getsid(weft_process_pid(session)), ==, weft_process_pid(session));
    WEFT_TRY(weft_communicate(session, nothing, NULL, NULL));
    return 0;
}

static void test_surroundings(void)
{
    runs(weft_run(is_given_surroundings()));
}

/* ---- What cannot be started ---- */

static void fails(int rc, int wanted, const char *message)
{
    g_assert_cmpint(rc, ==, wanted);
    g_assert_cmpstr(weft_error_message(weft_current_error()), ==, message);
}

WEFT_ASYNC(void, cannot_start, const char *, directory)
{
    const char *nowhere[] = { "PATH=/nowhere", NULL };
    weft_process *process = NULL;
    g_autofree char *text = g_strdup_printf("%s/text", directory);
    g_assert_true(g_file_set_contents(text, "neither program nor script", -1, NULL));
    g_assert_cmpint(chmod(text, 0700), ==, 0);
    fails(weft_create_subprocess_exec(&process, ("/no/such")), UV_ENOENT,
          "cannot execute /no/such: no such file or directory");
    fails(weft_create_subprocess_exec(&process, ("no-such-program"), .out = WEFT_PIPE), UV_ENOENT,
          "cannot execute no-such-program: no such file or directory");
    fails(weft_create_subprocess_exec(&process, ("true"), .env = nowhere), UV_ENOENT,
          "cannot execute true: no such file or directory");
    fails(weft_create_subprocess_exec(&process, ("/etc/passwd"), .in = WEFT_PIPE), UV_EACCES,
          "cannot execute /etc/passwd: permission denied");
    fails(weft_create_subprocess_exec(&process, ("true"), .cwd = "/no/where"), UV_ENOENT,
          "cannot enter the directory /no/where: no such file or directory");
    fails(weft_create_subprocess_exec(&process, ("true"), .cwd = "/etc/passwd"), UV_ENOTDIR,
          "cannot enter the directory /etc/passwd: not a directory");
    if (RUNNING_ON_VALGRIND)
        g_test_message("a file that is no program: valgrind's vfork cannot tell of its failure");
    else
        g_assert_cmpint(weft_create_subprocess_exec(&process, (text)), ==, UV_EFTYPE);
    g_assert_cmpint(weft_create_subprocess_exec(&process, ("true"), .out = WEFT_STDOUT), ==,
                    UV_EINVAL);
    g_assert_cmpint(weft_create_subprocess_exec(&process, ("true"), .in = 12345), ==, UV_EBADF);
    g_assert_cmpint(weft_create_subprocess_exec(&process, ("")), ==, UV_EINVAL);
    g_assert_cmpint(weft_create_subprocess_exec(NULL, ("true")), ==, UV_EINVAL);
    g_assert_null(process);
    no_children_left();
    g_unlink(text);
    return 0;
}

static void test_cannot_start(void)
{
    g_autofree char *directory = g_dir_make_tmp("weft-process-XXXXXX", NULL);
    weft_process *process = NULL;
    g_assert_cmpint(weft_create_subprocess_exec(&process, ("true")), ==, WEFT_ENOLOOP);
    runs(weft_run(cannot_start(directory)));
    g_rmdir(directory);
    g_assert_cmpint(weft_process_wait(NULL, NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_communicate(NULL, nothing, NULL, NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_process_kill(NULL), ==, UV_EINVAL);
}

/* ---- Ends ---- */

WEFT_ASYNC(void, is_killed)
{
    weft_own weft_process *process = NULL, *other = NULL;
    int code = 0;
    WEFT_TRY(weft_create_subprocess_exec(&process, ("cat"), .in = WEFT_PIPE));
    g_assert_cmpint(weft_process_send_signal(process, 4096), ==, UV_EINVAL);
    g_assert_cmpint(weft_process_send_signal(process, 0), ==, 0);
    g_assert_cmpint(weft_process_kill(process), ==, 0);
    g_assert_cmpint(weft_process_kill(process), ==, 0); /* it has not been waited for */
    WEFT_TRY(weft_process_wait(process, &code));
    g_assert_cmpint(code, ==, -SIGKILL);
    g_assert_cmpint(weft_process_kill(process), ==, UV_ESRCH);
    g_assert_cmpint(weft_process_terminate(process), ==, UV_ESRCH);
    WEFT_TRY(weft_create_subprocess_exec(&other, ("cat"), .in = WEFT_PIPE));
    g_assert_cmpint(weft_process_terminate(other), ==, 0);
    WEFT_TRY(weft_communicate(other, nothing, NULL, NULL));
    g_assert_cmpint(weft_process_returncode(other), ==, -SIGTERM);
    return 0;
}

static void test_killed(void)
{
    runs(weft_run(is_killed()));
}

WEFT_ASYNC(int, exit_status, int, status)
{
    g_autofree char *command = g_strdup_printf("exit %d", status);
    weft_own weft_process *process = NULL;
    WEFT_TRY(weft_create_subprocess_shell(&process, command));
    return weft_await(weft_process_wait(process, result));
}

WEFT_ASYNC(int, waits, weft_process *, process)
{
    return weft_await(weft_process_wait(process, result));
}

/* Many at once, and several tasks that wait for one. */
WEFT_ASYNC(void, are_many)
{
    weft_future *tasks[24];
    for (int i = 0; i < 20; i++)
        tasks[i] = weft_create_task(exit_status(i));
    weft_own weft_process *process = NULL;
    WEFT_TRY(weft_create_subprocess_shell(&process, "read word; exit 33", .in = WEFT_PIPE));
    for (int i = 20; i < 24; i++)
        tasks[i] = weft_create_task(waits(process));
    WEFT_TRY(weft_sleep(0));
    weft_cancel(tasks[21]);
    weft_close(weft_process_stdin(process));
    weft_own weft_future *all = weft_gather_all(tasks, 24, .return_errors = true);
    WEFT_TRY(all);
    for (int i = 0; i < 24; i++) {
        if (i == 21)
            g_assert_true(weft_cancelled(tasks[i]));
        else
            g_assert_cmpint(weft_result(tasks[i], int), ==, i < 20 ? i : 33);
        weft_unref(tasks[i]);
    }
    return 0;
}

static void test_many(void)
{
    runs(weft_run(are_many()));
}

/* Who stops waiting, or talking, leaves the child as it is. */
WEFT_ASYNC(void, is_left)
{
    int hold[2];
    g_assert_cmpint(pipe2(hold, O_CLOEXEC), ==, 0);
    weft_own weft_process *process = NULL;
    weft_bytes out;
    WEFT_TRY(weft_create_subprocess_exec(&process, ("cat"), .in = hold[0], .out = WEFT_PIPE));
    close(hold[0]);
    int rc = weft_wait_for(weft_process_wait(process, NULL), 0.001);
    g_assert_cmpint(rc, ==, WEFT_ETIMEDOUT);
    rc = weft_wait_for(weft_communicate(process, nothing, &out, NULL), 0.001);
    g_assert_cmpint(rc, ==, WEFT_ETIMEDOUT);
    g_assert_cmpint(write(hold[1], "still there", 11), ==, 11);
    close(hold[1]);
    WEFT_TRY(weft_communicate(process, nothing, &out, NULL));
    g_assert_cmpstr(out.data, ==, "still there");
    g_assert_cmpint(weft_process_returncode(process), ==, 0);
    return 0;
}

static void test_left(void)
{
    runs(weft_run(is_left()));
}

/* Dropped: it finds its stdin at the end, and goes on. */
WEFT_ASYNC(void, is_dropped)
{
    int fds[2];
    g_assert_cmpint(pipe2(fds, O_CLOEXEC), ==, 0);
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_open_pipe(fds[0], &stream));
    weft_process *process = NULL;
    WEFT_TRY(
        weft_create_subprocess_shell(&process, "cat; echo over", .in = WEFT_PIPE, .out = fds[1]));
    close(fds[1]);
    weft_printf(weft_process_stdin(process), "to the end, ");
    weft_unref(process);
    weft_bytes out;
    WEFT_TRY(weft_read(stream, -1, &out));
    g_assert_cmpstr(out.data, ==, "to the end, over\n");
    return 0;
}

static void test_dropped(void)
{
    runs(weft_run(is_dropped()));
}

/* Killed with the loop: one that is held still, one that nobody knows any more, one that a
 * cancelled task talks to. */
static weft_process *kept;

WEFT_ASYNC(void, talks_for_ever, int, in)
{
    weft_own weft_process *process = NULL;
    weft_bytes out;
    WEFT_TRY(weft_create_subprocess_exec(&process, ("cat"), .in = in, .out = WEFT_PIPE));
    int rc = weft_await(weft_communicate(process, nothing, &out, NULL));
    note("%s", weft_err_name(rc));
    return rc;
}

WEFT_ASYNC(void, leaves_children, int, in)
{
    weft_process *dropped = NULL;
    WEFT_TRY(weft_create_subprocess_exec(&kept, ("cat"), .in = in, .out = WEFT_PIPE));
    WEFT_TRY(weft_create_subprocess_exec(&dropped, ("cat"), .in = in, .out = WEFT_DEVNULL));
    weft_unref(dropped);
    weft_detach(weft_create_task(talks_for_ever(in)));
    return weft_await(weft_sleep(0));
}

static void test_loop_closes(void)
{
    int hold[2];
    g_assert_cmpint(pipe2(hold, O_CLOEXEC), ==, 0);
    runs(weft_run(leaves_children(hold[0])));
    expect("ECANCELED");
    g_assert_cmpint(weft_process_returncode(kept), ==, -SIGKILL);
    g_assert_cmpint(weft_process_kill(kept), ==, UV_ESRCH);
    g_assert_cmpint(weft_process_wait(kept, NULL), ==, WEFT_ECLOSED);
    g_clear_pointer(&kept, weft_unref);
    close(hold[0]);
    close(hold[1]);
}

/* Loops of several threads, each with children of its own. */
static void *run_many(void *arg)
{
    (void)arg;
    for (int i = 0; i < 5; i++)
        g_assert_cmpint(weft_run(are_many()), ==, 0);
    return NULL;
}

static void test_several_loops(void)
{
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        g_assert_cmpint(pthread_create(&threads[i], NULL, run_many, NULL), ==, 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    no_children_left();
}

/* Somebody else waits for it: its return code is nobody's to know. */
WEFT_ASYNC(void, is_stolen)
{
    weft_own weft_process *process = NULL;
    WEFT_TRY(weft_create_subprocess_exec(&process, ("true")));
    int status, code = 0;
    g_assert_cmpint(waitpid(weft_process_pid(process), &status, 0), ==, weft_process_pid(process));
    WEFT_TRY(weft_process_wait(process, &code));
    g_assert_cmpint(code, ==, 255);
    return 0;
}

static void swallow(const char *message)
{
    (void)message;
    note("logged");
}

static void test_stolen(void)
{
    weft_set_log_function(swallow);
    runs(weft_run(is_stolen()));
    weft_set_log_function(NULL);
    expect("logged");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/process/says", test_says);
    g_test_add_func("/runtime/process/echoes", test_echoes);
    g_test_add_func("/runtime/process/ignores-input", test_ignores_input);
    g_test_add_func("/runtime/process/talks", test_talks);
    g_test_add_func("/runtime/process/exits-early", test_exits_early);
    g_test_add_func("/runtime/process/descriptors", test_descriptors);
    g_test_add_func("/runtime/process/without-standard", test_without_standard);
    g_test_add_func("/runtime/process/signals", test_signals);
    g_test_add_func("/runtime/process/surroundings", test_surroundings);
    g_test_add_func("/runtime/process/cannot-start", test_cannot_start);
    g_test_add_func("/runtime/process/killed", test_killed);
    g_test_add_func("/runtime/process/many", test_many);
    g_test_add_func("/runtime/process/left", test_left);
    g_test_add_func("/runtime/process/dropped", test_dropped);
    g_test_add_func("/runtime/process/loop-closes", test_loop_closes);
    g_test_add_func("/runtime/process/several-loops", test_several_loops);
    g_test_add_func("/runtime/process/stolen", test_stolen);
    return g_test_run();
}
