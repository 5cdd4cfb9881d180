/* pipe_test.c: streams over open descriptors: pipes, files, devices; and the standard streams,
 * which are those of this program run again as a child ("echo"). */
#include "journal.h"
#include "runtime/weft.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- Pipes ---- */

struct ends {
    weft_stream *in, *out;
};

static void open_ends(struct ends *ends)
{
    int fds[2];
    g_assert_cmpint(pipe2(fds, O_CLOEXEC), ==, 0);
    g_assert_cmpint(weft_open_pipe(fds[0], &ends->in, .limit = 100), ==, 0);
    g_assert_cmpint(weft_open_pipe(fds[1], &ends->out, .name = "the writer"), ==, 0);
}

static void drop_ends(struct ends *ends)
{
    weft_unref(ends->in);
    weft_unref(ends->out);
}

WEFT_ASYNC(void, lines)
{
    struct ends ends;
    open_ends(&ends);
    weft_printf(ends.out, "one\ntw");
    weft_bytes line;
    WEFT_TRY(weft_readline(ends.in, &line));
    note("%.3s", line.data);
    weft_printf(ends.out, "o\nthree");
    WEFT_TRY(weft_readline(ends.in, &line));
    g_assert_cmpstr(line.data, ==, "two\n");
    g_assert_cmpstr(weft_stream_peer(ends.out), ==, "the writer");
    g_assert_true(g_str_has_prefix(weft_stream_peer(ends.in), "fd "));
    g_assert_cmpstr(weft_stream_sockname(ends.in), ==, "");
    g_assert_cmpint(weft_stream_fd(ends.in), >, 2);
    /* One can only read, the other only write. */
    note("%s", weft_err_name(weft_await(weft_read(ends.out, 1, &line))));
    note("%s", weft_err_name(weft_await(weft_drain(ends.in))));
    note("%s", weft_err_name(weft_write_eof(ends.in)));
    weft_write(ends.in, "dropped", 7);
    g_assert_false(weft_can_write_eof(ends.in));
    g_assert_true(weft_can_write_eof(ends.out));
    /* The end of what is written closes a pipe. */
    g_assert_cmpint(weft_write_eof(ends.out), ==, 0);
    g_assert_true(weft_is_closing(ends.out));
    WEFT_TRY(weft_wait_closed(ends.out));
    g_assert_cmpint(weft_stream_fd(ends.out), ==, -1);
    WEFT_TRY(weft_readline(ends.in, &line));
    g_assert_cmpstr(line.data, ==, "three");
    g_assert_true(weft_at_eof(ends.in));
    drop_ends(&ends);
    return 0;
}

static void test_lines(void)
{
    g_assert_cmpint(weft_run(lines()), ==, 0);
    expect("one EBADF EBADF EBADF");
}

WEFT_ASYNC(void, writes, weft_stream *, out, size_t, size)
{
    g_autofree char *data = g_malloc0(size);
    weft_write(out, data, size);
    int rc = weft_await(weft_drain(out));
    note("%s", weft_err_name(rc));
    weft_close(out);
    return 0;
}

/* Over a pipe's capacity drain waits for who reads; who reads waits with it past its limit. */
WEFT_ASYNC(void, backpressure)
{
    enum { SIZE = 1 << 20 };
    struct ends ends;
    open_ends(&ends);
    weft_own weft_task *writer = weft_create_task(writes(ends.out, SIZE));
    WEFT_TRY(weft_sleep(0.001));
    g_assert_false(weft_done(writer));
    g_assert_cmpint(weft_write_buffer_size(ends.out), >, SIZE / 2);
    note("waits");
    size_t got = 0;
    for (weft_bytes bytes; got < SIZE; got += bytes.len) {
        WEFT_TRY(weft_read(ends.in, 10000, &bytes));
        g_assert_cmpint(bytes.len, >, 0);
    }
    WEFT_TRY(writer);
    drop_ends(&ends);
    return 0;
}

static void test_backpressure(void)
{
    g_assert_cmpint(weft_run(backpressure()), ==, 0);
    expect("waits OK");
}

/* Nobody reads any more: at once, and while much is unsent. */
WEFT_ASYNC(void, broken)
{
    struct ends ends;
    open_ends(&ends);
    weft_close(ends.in);
    WEFT_TRY(weft_wait_closed(ends.in));
    weft_write(ends.out, "x", 1);
    WEFT_TRY(weft_sleep(0));
    note("%s", weft_err_name(weft_await(weft_drain(ends.out))));
    note("%s", weft_err_name(weft_await(weft_wait_closed(ends.out))));
    drop_ends(&ends);

    open_ends(&ends);
    weft_own weft_task *writer = weft_create_task(writes(ends.out, 1 << 20));
    WEFT_TRY(weft_sleep(0.001));
    weft_stream_abort(ends.in);
    weft_stream_abort(ends.in);
    WEFT_TRY(writer);
    note("%s", weft_err_name(weft_await(weft_wait_closed(ends.out))));
    drop_ends(&ends);

    /* Several queued writes, and a stream that is closing already. */
    open_ends(&ends);
    g_autofree char *data = g_malloc0(1 << 20);
    for (int i = 0; i < 3; i++)
        weft_write(ends.out, data, 1 << 20);
    weft_close(ends.out);
    weft_stream_abort(ends.in);
    note("%s", weft_err_name(weft_await(weft_wait_closed(ends.out))));
    drop_ends(&ends);
    return 0;
}

static void test_broken(void)
{
    g_assert_cmpint(weft_run(broken()), ==, 0);
    expect("EPIPE EPIPE EPIPE EPIPE EPIPE");
}

/* ---- Files and devices ---- */

static int open_path(const char *path, int flags, weft_stream **out)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);
    g_assert_cmpint(fd, >=, 0);
    return weft_open_pipe(fd, out);
}

WEFT_ASYNC(void, files, const char *, path)
{
    weft_stream *file;
    g_assert_cmpint(open_path(path, O_WRONLY | O_CREAT, &file), ==, 0);
    for (int i = 0; i < 50000; i++)
        weft_printf(file, "line %d\n", i);
    WEFT_TRY(weft_drain(file));
    weft_close(file);
    WEFT_TRY(weft_wait_closed(file));
    weft_unref(file);
    g_assert_cmpint(open_path(path, O_RDONLY, &file), ==, 0);
    weft_bytes line = { .len = 1 };
    int n = 0;
    for (; line.len > 0; n++) {
        WEFT_TRY(weft_readline(file, &line));
        g_autofree char *wanted = n < 50000 ? g_strdup_printf("line %d\n", n) : g_strdup("");
        g_assert_cmpstr(line.data, ==, wanted);
    }
    g_assert_cmpint(n, ==, 50001);
    g_assert_true(weft_at_eof(file));
    weft_unref(file);
    /* Let go of while it is being read. */
    g_assert_cmpint(open_path(path, O_RDONLY, &file), ==, 0);
    weft_unref(file);
    g_assert_cmpint(open_path(path, O_RDWR, &file), ==, 0);
    note("%s", weft_err_name(weft_write_eof(file)));
    weft_close(file);
    WEFT_TRY(weft_wait_closed(file));
    weft_unref(file);
    return 0;
}

static weft_stream *left_file;
WEFT_ASYNC(void, leaves_open, const char *, path)
{
    g_assert_cmpint(open_path(path, O_RDONLY, &left_file), ==, 0);
    return 0;
}

static void test_files(void)
{
    g_autofree char *directory = g_dir_make_tmp("weft-pipe-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "file", NULL);
    g_assert_cmpint(weft_run(files(path)), ==, 0);
    expect("ENOTSUP");
    g_assert_cmpint(weft_run(leaves_open(path)), ==, 0);
    weft_unref(left_file);
    g_remove(path);
    g_rmdir(directory);
}

WEFT_ASYNC(void, devices)
{
    weft_stream *stream;
    weft_bytes bytes;
    g_assert_cmpint(open_path("/dev/null", O_RDWR, &stream), ==, 0);
    weft_write(stream, "gone", 4);
    WEFT_TRY(weft_drain(stream));
    WEFT_TRY(weft_read(stream, 10, &bytes));
    note("%zu", bytes.len);
    weft_unref(stream);
    g_assert_cmpint(open_path("/dev/zero", O_RDONLY, &stream), ==, 0);
    WEFT_TRY(weft_readexactly(stream, 300000, &bytes));
    note("%zu", bytes.len);
    weft_unref(stream);
    g_assert_cmpint(open_path("/dev/full", O_WRONLY, &stream), ==, 0);
    weft_write(stream, "x", 1);
    WEFT_TRY(weft_sleep(0));
    note("%s", weft_err_name(weft_await(weft_drain(stream))));
    note("%s", weft_err_name(weft_await(weft_wait_closed(stream))));
    weft_unref(stream);
    g_assert_cmpint(open_path("/", O_RDONLY, &stream), ==, 0);
    note("%s", weft_err_name(weft_await(weft_read(stream, 10, &bytes))));
    weft_unref(stream);
    return 0;
}

static void test_devices(void)
{
    g_assert_cmpint(weft_run(devices()), ==, 0);
    expect("0 300000 ENOSPC ENOSPC EISDIR");
}

/* ---- Bad use ---- */

WEFT_ASYNC(void, misused)
{
    weft_stream *stream = NULL;
    int fds[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), ==, 0);
    note("%s", weft_err_name(weft_open_pipe(fds[0], &stream)));
    g_assert_null(stream);
    note("%s", weft_err_name(weft_open_pipe(-1, &stream)));
    note("%s", weft_err_name(weft_open_pipe(9999, &stream)));
    g_assert_nonnull(strstr(weft_error_message(weft_current_error()), "9999"));
    note("%s", weft_err_name(weft_open_pipe(fds[1], NULL)));
    note("%s", weft_err_name(weft_stdin(NULL)));
    close(fds[0]); /* a failure left them ours */
    close(fds[1]);
    struct ends ends;
    open_ends(&ends);
    note("%s", weft_err_name(weft_set_write_buffer_limits(ends.out, 1, 2)));
    note("%s", weft_err_name(weft_set_write_buffer_limits(NULL, 0, 0)));
    drop_ends(&ends);
    return 0;
}

static void test_misused(void)
{
    g_assert_cmpint(weft_run(misused()), ==, 0);
    expect("EINVAL EBADF EBADF EINVAL EINVAL EINVAL EINVAL");
    weft_stream *stream;
    g_assert_cmpint(weft_stdin(&stream), ==, WEFT_ENOLOOP);
    g_assert_cmpint(weft_open_pipe(5, &stream), ==, WEFT_ENOLOOP);
    weft_stream_abort(NULL);
    g_assert_cmpstr(weft_stream_sockname(NULL), ==, "");
    g_assert_cmpint(weft_stream_fd(NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_write_buffer_size(NULL), ==, 0);
    g_assert_false(weft_can_write_eof(NULL));
}

/* ---- The standard streams ---- */

/* The child: every line of stdin in capitals to stdout, and at the end "bye" to stderr. */
WEFT_ASYNC(void, capitals)
{
    weft_own weft_stream *in = NULL, *out = NULL, *err = NULL;
    WEFT_TRY(weft_stdin(&in));
    WEFT_TRY(weft_stdout(&out));
    WEFT_TRY(weft_stderr(&err));
    for (;;) {
        weft_bytes line;
        WEFT_TRY(weft_readline(in, &line));
        if (line.len == 0)
            break;
        g_autofree char *upper = g_ascii_strup(line.data, (gssize)line.len);
        weft_write(out, upper, line.len);
        WEFT_TRY(weft_drain(out));
    }
    weft_printf(err, "bye");
    weft_close(out);
    WEFT_TRY(weft_wait_closed(out));
    WEFT_TRY(weft_drain(err));
    printf("[%d]\n", fcntl(STDOUT_FILENO, F_GETFL) & O_NONBLOCK); /* it is still open */
    return 0;
}

static const char *program;

static pid_t start_child(int in, int out, int err)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    execl(program, program, "echo", (char *)NULL);
    _exit(127);
}

static void child_ends_well(pid_t pid)
{
    int status;
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

static int memory_file(const char *text)
{
    int fd = memfd_create("weft-pipe", MFD_CLOEXEC);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, text, strlen(text)), ==, (ssize_t)strlen(text));
    g_assert_cmpint(lseek(fd, 0, SEEK_SET), ==, 0);
    return fd;
}

static char *contents(int fd)
{
    GString *all = g_string_new(NULL);
    char buffer[4096];
    ssize_t n;
    while ((n = read(fd, buffer, sizeof buffer)) > 0)
        g_string_append_len(all, buffer, n);
    close(fd);
    return g_string_free(all, FALSE);
}

static void assert_blocking(int fd)
{
    g_assert_cmpint(fcntl(fd, F_GETFL) & O_NONBLOCK, ==, 0);
}

static void test_standard_pipes(void)
{
    int in[2], out[2], err[2];
    g_assert_cmpint(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC) | pipe2(err, O_CLOEXEC), ==, 0);
    pid_t pid = start_child(in[0], out[1], err[1]);
    g_assert_cmpint(write(in[1], "hello\nworld", 11), ==, 11);
    close(in[1]);
    child_ends_well(pid);
    assert_blocking(in[0]);
    assert_blocking(out[1]);
    assert_blocking(err[1]);
    close(in[0]);
    close(out[1]);
    close(err[1]);
    g_autofree char *said = contents(out[0]), *complained = contents(err[0]);
    g_assert_cmpstr(said, ==, "HELLO\nWORLD[0]\n");
    g_assert_cmpstr(complained, ==, "bye");
}

static void test_standard_files(void)
{
    int in = memory_file("from\na file\n"), out = memory_file(""), null = open("/dev/null", O_RDWR);
    child_ends_well(start_child(in, out, null));
    lseek(out, 0, SEEK_SET);
    g_autofree char *said = contents(out);
    g_assert_cmpstr(said, ==, "FROM\nA FILE\n[0]\n");
    out = memory_file("");
    child_ends_well(start_child(null, out, null));
    lseek(out, 0, SEEK_SET);
    g_autofree char *nothing = contents(out);
    g_assert_cmpstr(nothing, ==, "[0]\n");
    close(in);
    close(null);
}

/* A fifo whose writer has gone before the reader looks at it. */
static void test_standard_fifo(void)
{
    g_autofree char *directory = g_dir_make_tmp("weft-pipe-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "fifo", NULL);
    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    int in = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    int writer = open(path, O_WRONLY | O_CLOEXEC);
    fcntl(in, F_SETFL, 0);
    g_assert_cmpint(write(writer, "gone\n", 5), ==, 5);
    close(writer);
    int out = memory_file("");
    child_ends_well(start_child(in, out, out));
    assert_blocking(in);
    lseek(out, 0, SEEK_SET);
    g_autofree char *said = contents(out);
    g_assert_cmpstr(said, ==, "GONE\nbye[0]\n");
    close(in);
    g_unlink(path);
    g_rmdir(directory);
}

/* A socket cannot be opened anew: it is given its flags back. */
static void test_standard_sockets(void)
{
    int fds[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    pid_t pid = start_child(fds[0], fds[0], null);
    g_assert_cmpint(write(fds[1], "over\na socket", 13), ==, 13);
    shutdown(fds[1], SHUT_WR);
    child_ends_well(pid);
    assert_blocking(fds[0]);
    close(fds[0]);
    close(null);
    g_autofree char *said = contents(fds[1]);
    g_assert_true(g_str_has_prefix(said, "OVER\nA SOCKET["));
}

static void test_standard_terminal(void)
{
    int terminal, slave;
    g_assert_cmpint(openpty(&terminal, &slave, NULL, NULL, NULL), ==, 0);
    fcntl(terminal, F_SETFD, FD_CLOEXEC);
    fcntl(slave, F_SETFD, FD_CLOEXEC);
    int out = memory_file("");
    pid_t pid = start_child(slave, out, slave);
    g_assert_cmpint(write(terminal, "typed\n\4", 7), ==, 7); /* and control D */
    child_ends_well(pid);
    assert_blocking(slave);
    lseek(out, 0, SEEK_SET);
    g_autofree char *said = contents(out);
    g_assert_cmpstr(said, ==, "TYPED\n[0]\n");
    char echoed[64];
    ssize_t n = read(terminal, echoed, sizeof echoed);
    g_assert_cmpint(n, >, 0);
    close(terminal);
    close(slave);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "echo") == 0)
        return weft_main(capitals());
    program = argv[0];
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/pipe/lines", test_lines);
    g_test_add_func("/runtime/pipe/backpressure", test_backpressure);
    g_test_add_func("/runtime/pipe/broken", test_broken);
    g_test_add_func("/runtime/pipe/files", test_files);
    g_test_add_func("/runtime/pipe/devices", test_devices);
    g_test_add_func("/runtime/pipe/misused", test_misused);
    g_test_add_func("/runtime/pipe/standard/pipes", test_standard_pipes);
    g_test_add_func("/runtime/pipe/standard/files", test_standard_files);
    g_test_add_func("/runtime/pipe/standard/fifo", test_standard_fifo);
    g_test_add_func("/runtime/pipe/standard/sockets", test_standard_sockets);
    g_test_add_func("/runtime/pipe/standard/terminal", test_standard_terminal);
    return g_test_run();
}
