/* file_test.c: open files: reading ahead, positions, turns, and what a cancellation leaves behind.
 * Pipes make operations wait: nothing depends on time. */
#include "journal.h"
#include "runtime/weft.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *path; /* of a file, in a directory of its own */

static void holds(const char *wanted)
{
    g_autofree char *data = NULL;
    gsize size;
    g_assert_true(g_file_get_contents(path, &data, &size, NULL));
    g_assert_cmpmem(data, size, wanted, strlen(wanted));
}

static void fill(const char *data)
{
    g_assert_true(g_file_set_contents(path, data, -1, NULL));
}

static int64_t position(weft_file *file)
{
    int64_t at = -1;
    g_assert_cmpint(weft_await(weft_file_tell(file, &at)), ==, 0);
    return at;
}

#define READS(file, max, text)                                                                     \
    do {                                                                                           \
        weft_bytes got;                                                                            \
        WEFT_TRY(weft_file_read(file, max, &got));                                                 \
        g_assert_cmpmem(got.data, got.len, text, strlen(text));                                    \
        g_assert_cmpint(got.data[got.len], ==, 0);                                                 \
    } while (0)
#define READS_LINE(file, text)                                                                     \
    do {                                                                                           \
        weft_bytes got;                                                                            \
        WEFT_TRY(weft_file_readline(file, &got));                                                  \
        g_assert_cmpmem(got.data, got.len, text, strlen(text));                                    \
    } while (0)

/* ---- Reading, writing, positions ---- */

WEFT_ASYNC(void, reads)
{
    fill("one\ntwo\n\nlast");
    weft_own weft_file *file = NULL;
    WEFT_TRY(weft_file_open(path, "r", &file));
    g_assert_cmpstr(weft_file_path(file), ==, path);
    g_assert_cmpint(weft_file_fd(file), >, 2);
    READS_LINE(file, "one\n");
    g_assert_cmpint(position(file), ==, 4);
    READS(file, 2, "tw");
    READS_LINE(file, "o\n");
    READS_LINE(file, "\n");
    READS(file, 0, "");
    READS_LINE(file, "last");
    READS_LINE(file, "");
    READS(file, 10, "");
    int64_t at;
    WEFT_TRY(weft_file_seek(file, 4, SEEK_SET, &at));
    g_assert_cmpint(at, ==, 4);
    READS(file, 1, "t");
    WEFT_TRY(weft_file_seek(file, 1, SEEK_CUR, &at)); /* from where the program is */
    g_assert_cmpint(at, ==, 6);
    READS(file, -1, "o\n\nlast");
    WEFT_TRY(weft_file_seek(file, -4, SEEK_END, NULL));
    READS(file, 100, "last");
    WEFT_TRY(weft_file_close(file));
    WEFT_TRY(weft_file_close(file));
    g_assert_cmpint(weft_file_fd(file), ==, -1);
    weft_bytes bytes;
    g_assert_cmpint(weft_await(weft_file_read(file, 1, &bytes)), ==, WEFT_ECLOSED);
    return 0;
}

static void test_read(void)
{
    g_assert_cmpint(weft_run(reads()), ==, 0);
}

/* Larger than what is read at once; lines that end where a chunk does. */
WEFT_ASYNC(void, reads_large)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (int i = 0; text->len < 300000; i++) {
        g_string_append_printf(text, "%d ", i);
        for (int n = 0; n < i % 5000; n++)
            g_string_append_c(text, 'x');
        g_string_append_c(text, '\n');
    }
    fill(text->str);
    weft_own weft_file *file = NULL;
    WEFT_TRY(weft_file_open(path, "rb", &file));
    g_autoptr(GString) lines = g_string_new(NULL);
    weft_bytes line;
    do {
        WEFT_TRY(weft_file_readline(file, &line));
        g_string_append_len(lines, line.data, (gssize)line.len);
    } while (line.len > 0);
    g_assert_cmpstr(lines->str, ==, text->str);
    WEFT_TRY(weft_file_seek(file, 0, SEEK_SET, NULL));
    READS(file, 1, "0");
    READS(file, -1, text->str + 1);
    WEFT_TRY(weft_file_seek(file, 0, SEEK_SET, NULL));
    weft_bytes half;
    WEFT_TRY(weft_file_read(file, 150000, &half));
    g_assert_cmpmem(half.data, half.len, text->str, 150000);
    return 0;
}

static void test_read_large(void)
{
    g_assert_cmpint(weft_run(reads_large()), ==, 0);
}

WEFT_ASYNC(void, writes)
{
    weft_own weft_file *file = NULL;
    WEFT_TRY(weft_file_open(path, "w+", &file));
    WEFT_TRY(weft_file_write(file, "hello there", 11));
    holds("hello there"); /* nothing is kept back */
    g_assert_cmpint(position(file), ==, 11);
    WEFT_TRY(weft_file_seek(file, 0, SEEK_SET, NULL));
    READS(file, 6, "hello ");
    WEFT_TRY(weft_file_write(file, "THERE", 5)); /* where the program is, not where it read to */
    holds("hello THERE");
    WEFT_TRY(weft_file_truncate(file, 5));
    holds("hello");
    g_assert_cmpint(position(file), ==, 11);
    WEFT_TRY(weft_file_seek(file, 2, SEEK_SET, NULL));
    WEFT_TRY(weft_file_truncate(file, -1));
    holds("he");
    WEFT_TRY(weft_file_flush(file));
    WEFT_TRY(weft_file_write(file, NULL, 0));
    WEFT_TRY(weft_file_close(file));

    weft_own weft_file *more = NULL;
    WEFT_TRY(weft_file_open(path, "a", &more));
    g_assert_cmpint(position(more), ==, 2);
    WEFT_TRY(weft_file_write(more, "re", 2));
    g_assert_cmpint(position(more), ==, 4);
    holds("here"); /* the last reference closes it */
    return 0;
}

static void test_write(void)
{
    g_assert_cmpint(weft_run(writes()), ==, 0);
    holds("here");
}

WEFT_ASYNC(void, fails)
{
    weft_file *file = (weft_file *)1;
    g_assert_cmpint(weft_await(weft_file_open("/none/such", "r", &file)), ==, UV_ENOENT);
    g_assert_null(file);
    g_assert_cmpstr(weft_error_message(weft_current_error()), ==,
                    "cannot open /none/such: no such file or directory");
    g_assert_cmpint(weft_await(weft_file_open("/", "r", &file)), ==, UV_EISDIR);
    fill("");
    g_assert_cmpint(weft_await(weft_file_open(path, "x", &file)), ==, UV_EEXIST);
    static const char *const modes[] = { "", "b", "rw", "r++", "z", "+r", NULL };
    for (size_t i = 0; i < G_N_ELEMENTS(modes); i++)
        g_assert_cmpint(weft_file_open(path, modes[i], &file), ==, UV_EINVAL);
    g_assert_cmpint(weft_file_open(NULL, "r", &file), ==, UV_EINVAL);
    g_assert_cmpint(weft_file_open(path, "r", NULL), ==, UV_EINVAL);

    weft_bytes bytes;
    g_assert_cmpint(weft_file_read(NULL, 1, &bytes), ==, UV_EINVAL);
    g_assert_cmpint(weft_file_close(NULL), ==, UV_EINVAL);
    weft_own weft_file *full = NULL;
    WEFT_TRY(weft_file_open("/dev/full", "w", &full));
    g_assert_cmpint(weft_await(weft_file_write(full, "x", 1)), ==, UV_ENOSPC);
    g_assert_cmpstr(weft_error_message(weft_current_error()), ==,
                    "cannot write /dev/full: no space left on device");
    g_assert_cmpint(weft_await(weft_file_read(full, 1, &bytes)), ==, UV_EBADF);
    g_assert_cmpint(weft_file_write(full, NULL, 1), ==, UV_EINVAL);
    g_assert_cmpint(weft_file_read(full, 1, NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_file_seek(full, 0, 77, NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_file_tell(full, NULL), ==, UV_EINVAL);
    return 0;
}

static weft_file *left; /* by a loop that is gone */

WEFT_ASYNC(void, leaves)
{
    return weft_await(weft_file_open(path, "w", &left));
}

WEFT_ASYNC(int, writes_to, weft_file *, file)
{
    *result = weft_await(weft_file_write(file, "x", 1));
    return 0;
}

static void test_fail(void)
{
    g_assert_cmpint(weft_run(fails()), ==, 0);
    g_assert_cmpint(weft_run(leaves()), ==, 0);
    g_assert_cmpint(weft_file_write(left, "x", 1), ==, WEFT_ENOTASK);
    int rc = 0;
    weft_run_coro(WEFT_HERE, weft_coro(writes_to(left)), &rc, (weft_run_options){ 0 });
    g_assert_cmpint(rc, ==, WEFT_ELOOP);
    weft_unref(left);
}

/* ---- Turns ---- */

/* A pipe that one may open as a file: /dev/fd/N. */
static int pipe_open(char *name, gsize size)
{
    int fds[2];
    g_assert_cmpint(pipe(fds), ==, 0);
    g_snprintf(name, size, "/dev/fd/%d", fds[0]);
    return fds[1];
}

static void pipe_close(const char *name, int writer)
{
    close(atoi(strrchr(name, '/') + 1));
    close(writer);
}

WEFT_ASYNC(void, reads_lines, weft_file *, file, const char *, who, int, n)
{
    weft_bytes line;
    for (int i = 0; i < n; i++) {
        WEFT_TRY(weft_file_readline(file, &line));
        note("%s:%.*s", who, (int)line.len - 1, line.data);
    }
    return 0;
}

/* First come, first served; one that was read ahead waits its turn too. */
WEFT_ASYNC(void, takes_turns)
{
    char name[32];
    int writer = pipe_open(name, sizeof name);
    weft_own weft_file *file = NULL;
    WEFT_TRY(weft_file_open(name, "r", &file));
    weft_own weft_task *a = weft_create_task(reads_lines(file, "a", 2));
    weft_own weft_task *b = weft_create_task(reads_lines(file, "b", 2));
    weft_own weft_task *c = weft_create_task(reads_lines(file, "c", 1));
    WEFT_TRY(weft_sleep(0));
    g_assert_cmpint(write(writer, "1\n2\n3\n4\n5\n", 10), ==, 10);
    weft_own weft_future *all = weft_gather_all(((weft_future *[]){ a, b, c }), 3);
    WEFT_TRY(all);
    pipe_close(name, writer);
    return 0;
}

static void test_turns(void)
{
    g_assert_cmpint(weft_run(takes_turns()), ==, 0);
    expect("a:1 b:2 c:3 a:4 b:5");
}

/* Closing waits for who was there before, and refuses who comes later. */
WEFT_ASYNC(void, closes, weft_file *, file)
{
    WEFT_TRY(weft_file_close(file));
    note("closed");
    return 0;
}

WEFT_ASYNC(void, closes_behind)
{
    char name[32];
    int writer = pipe_open(name, sizeof name);
    weft_own weft_file *file = NULL;
    WEFT_TRY(weft_file_open(name, "r", &file));
    weft_own weft_task *a = weft_create_task(reads_lines(file, "a", 1));
    weft_own weft_task *b = weft_create_task(reads_lines(file, "b", 1));
    weft_own weft_task *close_it = weft_create_task(closes(file));
    weft_own weft_task *late = weft_create_task(reads_lines(file, "late", 1));
    g_assert_cmpint(weft_await(late), ==, WEFT_ECLOSED);
    g_assert_cmpint(write(writer, "1\n2\n", 4), ==, 4);
    weft_own weft_future *all = weft_gather_all(((weft_future *[]){ a, b, close_it }), 3);
    WEFT_TRY(all);
    g_assert_cmpint(weft_file_fd(file), ==, -1);
    pipe_close(name, writer);
    return 0;
}

static void test_close(void)
{
    g_assert_cmpint(weft_run(closes_behind()), ==, 0);
    expect("a:1 b:2 closed");
}

/* ---- Cancelling ---- */

/* A reader that is cancelled takes nothing; who waits behind it, or comes later, reads it. One that
 * waits for its turn just leaves. */
WEFT_ASYNC(void, cancels_readers)
{
    char name[32];
    int writer = pipe_open(name, sizeof name);
    weft_own weft_file *file = NULL;
    WEFT_TRY(weft_file_open(name, "r", &file));
    weft_own weft_task *a = weft_create_task(reads_lines(file, "a", 1));
    weft_own weft_task *b = weft_create_task(reads_lines(file, "b", 1));
    weft_own weft_task *c = weft_create_task(reads_lines(file, "c", 1));
    WEFT_TRY(weft_sleep(0));
    weft_cancel(a);
    weft_cancel(b);
    g_assert_cmpint(weft_await(a), ==, WEFT_ECANCELED);
    g_assert_cmpint(weft_await(b), ==, WEFT_ECANCELED);
    g_assert_cmpint(write(writer, "1\n2\n", 4), ==, 4);
    WEFT_TRY(c);
    READS_LINE(file, "2\n");
    pipe_close(name, writer);
    return 0;
}

static void test_cancel_read(void)
{
    g_assert_cmpint(weft_run(cancels_readers()), ==, 0);
    expect("c:1");
}

WEFT_ASYNC(void, reads_one, weft_file *, file)
{
    weft_bytes bytes;
    WEFT_TRY(weft_file_read(file, 1, &bytes));
    note("read");
    return 0;
}

/* Whatever moment it is cancelled at, a reader takes its byte or leaves it. */
WEFT_ASYNC(void, cancels_any_time)
{
    fill("0123456789");
    for (int wait = 0; wait < 60; wait++) {
        weft_own weft_file *file = NULL;
        WEFT_TRY(weft_file_open(path, "r", &file));
        weft_own weft_task *reader = weft_create_task(reads_one(file));
        for (int i = 0; i < wait; i++)
            WEFT_TRY(weft_sleep(0));
        weft_cancel(reader);
        int rc = weft_await(reader);
        g_assert_true(rc == 0 || rc == WEFT_ECANCELED);
        g_assert_cmpint(position(file), ==, rc == 0 ? 1 : 0);
        READS(file, -1, rc == 0 ? "123456789" : "0123456789");
    }
    return 0;
}

static void test_cancel_any_time(void)
{
    g_assert_cmpint(weft_run(cancels_any_time()), ==, 0);
    if (journal)
        g_string_free(journal, TRUE);
    journal = NULL;
}

WEFT_ASYNC(void, writes_much, weft_file *, file)
{
    g_autofree char *data = g_strnfill(1 << 20, 'x'); /* its own: gone when it is cancelled */
    return weft_await(weft_file_write(file, data, 1 << 20));
}

static void *drain_pipe(void *arg)
{
    int reader = *(int *)arg;
    size_t n = 0;
    char data[65536];
    for (ssize_t got; (got = read(reader, data, sizeof data)) > 0; n += (size_t)got)
        for (ssize_t i = 0; i < got; i++)
            g_assert_true(data[i] == (n + (size_t)i < (1 << 20) - 1 ? 'x' : 'y'));
    g_assert_cmpuint(n, ==, (1 << 20) + 1);
    return NULL;
}

/* A write that has begun goes on to its end, with its own copy, before the next one. */
WEFT_ASYNC(void, cancels_writer)
{
    int fds[2];
    g_assert_cmpint(pipe(fds), ==, 0);
    g_autofree char *name = g_strdup_printf("/dev/fd/%d", fds[1]);
    weft_own weft_file *file = NULL;
    WEFT_TRY(weft_file_open(name, "w", &file));
    weft_own weft_task *writer = weft_create_task(writes_much(file));
    WEFT_TRY(weft_sleep(0));
    char first;
    g_assert_cmpint(read(fds[0], &first, 1), ==, 1); /* it has begun */
    weft_cancel(writer);
    g_assert_cmpint(weft_await(writer), ==, WEFT_ECANCELED);
    close(fds[1]);
    pthread_t drain;
    g_assert_cmpint(pthread_create(&drain, NULL, drain_pipe, &fds[0]), ==, 0);
    WEFT_TRY(weft_file_write(file, "yy", 2)); /* 2: for the byte that was read */
    WEFT_TRY(weft_file_close(file));
    pthread_join(drain, NULL);
    close(fds[0]);
    return 0;
}

static void test_cancel_write(void)
{
    g_assert_cmpint(weft_run(cancels_writer()), ==, 0);
}

/* ---- The loop goes ---- */

static void silent(weft_loop *loop, const char *message, const weft_error *error,
                   weft_future *future, void *arg)
{
    (void)loop, (void)message, (void)error, (void)future, (void)arg;
}

static weft_file *opened;

WEFT_ASYNC(void, opens_and_reads, const char *, name)
{
    weft_bytes bytes;
    WEFT_TRY(weft_file_open(name, "r", &opened));
    weft_loop_stop(weft_running_loop());
    return weft_await(weft_file_read(opened, 1, &bytes));
}

static void *write_later(void *writer)
{
    g_assert_cmpint(write(*(int *)writer, "x", 1), ==, 1);
    return NULL;
}

/* A read under way is waited for; the file may outlive its loop. */
static void test_loop_close(void)
{
    char name[32];
    int writer = pipe_open(name, sizeof name);
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    weft_loop_set_exception_handler(loop, silent, NULL);
    weft_own weft_task *task = weft_create_task(opens_and_reads(name));
    weft_loop_run_forever(loop);
    pthread_t later;
    g_assert_cmpint(pthread_create(&later, NULL, write_later, &writer), ==, 0);
    weft_loop_close(loop);
    pthread_join(later, NULL);
    g_assert_cmpint(weft_status(task), ==, WEFT_ECLOSED);
    weft_unref(opened);
    pipe_close(name, writer);
}

static void in_a_directory(gconstpointer test)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *directory = g_dir_make_tmp("weft-test-XXXXXX", &error);
    g_assert_no_error(error);
    path = g_build_filename(directory, "file", NULL);
    ((void (*)(void))test)();
    g_unlink(path);
    g_free(path);
    g_assert_cmpint(g_rmdir(directory), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/runtime/file/read", test_read, in_a_directory);
    g_test_add_data_func("/runtime/file/read-large", test_read_large, in_a_directory);
    g_test_add_data_func("/runtime/file/write", test_write, in_a_directory);
    g_test_add_data_func("/runtime/file/fail", test_fail, in_a_directory);
    g_test_add_func("/runtime/file/turns", test_turns);
    g_test_add_func("/runtime/file/close", test_close);
    g_test_add_func("/runtime/file/cancel-read", test_cancel_read);
    g_test_add_data_func("/runtime/file/cancel-any-time", test_cancel_any_time, in_a_directory);
    g_test_add_func("/runtime/file/cancel-write", test_cancel_write);
    g_test_add_func("/runtime/file/loop-close", test_loop_close);
    return g_test_run();
}
