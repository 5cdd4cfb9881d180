/* directory_test.c: paths: what is read, written, listed, made and unmade without blocking. */
#include "gate.h"
#include "runtime/weft.h"
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *directory; /* private to a test, and empty */

static char *in(const char *name)
{
    return g_build_filename(directory, name, NULL);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

WEFT_ASYNC(void, everything)
{
    g_autofree char *a = in("a"), *b = in("b"), *sub = in("sub");
    weft_free_at_exit char **none = NULL;
    size_t n = 1;
    WEFT_TRY(weft_listdir(directory, &none, &n));
    g_assert_cmpuint(n, ==, 0);
    g_assert_null(none[0]);

    WEFT_TRY(weft_write_file(a, "hello\0there", 11));
    WEFT_TRY(weft_write_file(a, "hello\0you", 9)); /* and what was there is gone */
    weft_free_at_exit char *data = NULL;
    size_t size;
    WEFT_TRY(weft_read_file(a, &data, &size));
    g_assert_cmpmem(data, size, "hello\0you", 9);
    g_assert_cmpint(data[size], ==, 0);

    WEFT_TRY(weft_mkdir(sub, .mode = 0700));
    struct stat status;
    WEFT_TRY(weft_stat(sub, &status));
    g_assert_true(S_ISDIR(status.st_mode) && (status.st_mode & 0777) == 0700);
    WEFT_TRY(weft_rename(a, b));
    weft_free_at_exit char **names = NULL;
    WEFT_TRY(weft_listdir(directory, &names, &n));
    g_assert_cmpuint(n, ==, 2);
    qsort(names, n, sizeof *names, by_name);
    g_assert_cmpstr(names[0], ==, "b");
    g_assert_cmpstr(names[1], ==, "sub");
    g_assert_null(names[2]);

    WEFT_TRY(weft_rmdir(sub));
    WEFT_TRY(weft_unlink(b));
    g_assert_cmpint(weft_await(weft_stat(b, &status)), ==, UV_ENOENT);
    return 0;
}

static void test_everything(void)
{
    g_assert_cmpint(weft_run(everything()), ==, 0);
}

/* Large, empty, and without a size that the system knows. */
WEFT_ASYNC(void, sizes)
{
    g_autofree char *path = in("large");
    size_t size = 1000003;
    g_autofree char *data = g_malloc(size);
    for (size_t i = 0; i < size; i++)
        data[i] = (char)(i * 7);
    WEFT_TRY(weft_write_file(path, data, size));
    weft_free_at_exit char *read = NULL;
    size_t got;
    WEFT_TRY(weft_read_file(path, &read, &got));
    g_assert_cmpmem(read, got, data, size);
    WEFT_TRY(weft_write_file(path, NULL, 0));
    weft_free_at_exit char *empty = NULL;
    WEFT_TRY(weft_read_file(path, &empty, &got));
    g_assert_cmpuint(got, ==, 0);
    g_assert_cmpstr(empty, ==, "");
    WEFT_TRY(weft_unlink(path));
    weft_free_at_exit char *status = NULL;
    WEFT_TRY(weft_read_file("/proc/self/status", &status, NULL));
    g_assert_nonnull(strstr(status, "Name:"));
    return 0;
}

static void test_sizes(void)
{
    g_assert_cmpint(weft_run(sizes()), ==, 0);
}

/* Errors name what they are about. */
WEFT_ASYNC(void, fails)
{
    g_autofree char *none = in("none"), *below = in("none/below");
    char *data = (char *)1, **names = (char **)1;
    struct stat status;
    g_assert_cmpint(weft_await(weft_read_file(none, &data, NULL)), ==, UV_ENOENT);
    g_assert_null(data);
    g_autofree char *message = g_strdup_printf("cannot read %s: no such file or directory", none);
    g_assert_cmpstr(weft_error_message(weft_current_error()), ==, message);
    g_assert_cmpint(weft_await(weft_read_file(directory, &data, NULL)), ==, UV_EISDIR);
    g_assert_cmpint(weft_await(weft_write_file(below, "x", 1)), ==, UV_ENOENT);
    g_assert_cmpint(weft_await(weft_write_file("/dev/full", "x", 1)), ==, UV_ENOSPC);
    g_assert_nonnull(strstr(weft_error_message(weft_current_error()), "/dev/full"));
    g_assert_cmpint(weft_await(weft_listdir(none, &names, NULL)), ==, UV_ENOENT);
    g_assert_null(names);
    g_assert_cmpint(weft_await(weft_mkdir(directory)), ==, UV_EEXIST);
    g_assert_cmpint(weft_await(weft_rmdir(none)), ==, UV_ENOENT);
    g_assert_cmpint(weft_await(weft_unlink(none)), ==, UV_ENOENT);
    g_assert_cmpint(weft_await(weft_rename(none, below)), ==, UV_ENOENT);
    g_assert_cmpint(weft_stat(NULL, &status), ==, UV_EINVAL);
    g_assert_cmpint(weft_stat(none, NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_read_file(none, NULL, NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_write_file(none, NULL, 1), ==, UV_EINVAL);
    g_assert_cmpint(weft_listdir(none, NULL, NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_rename(none, NULL), ==, UV_EINVAL);
    return 0;
}

static void test_fails(void)
{
    struct stat status;
    g_assert_cmpint(weft_run(fails()), ==, 0);
    g_assert_cmpint(weft_stat("/", &status), ==, WEFT_ENOTASK);
}

/* Cancelled before it began, it is not done; and returns at once, however long it takes. */
WEFT_ASYNC(void, reads, const char *, path)
{
    weft_free_at_exit char *data = NULL;
    return weft_await(weft_read_file(path, &data, NULL));
}

WEFT_ASYNC(void, writes, const char *, path)
{
    return weft_await(weft_write_file(path, "x", 1));
}

WEFT_ASYNC(void, passes, struct gate *, gate)
{
    gate_pass(gate);
    return 0;
}

WEFT_ASYNC(void, cancels_queued, struct gate *, gate, const char *, path)
{
    weft_own weft_future *first = weft_to_thread(passes(gate));
    weft_own weft_task *behind = weft_create_task(writes(path));
    WEFT_TRY(weft_sleep(0));
    weft_cancel(behind);
    g_assert_cmpint(weft_await(behind), ==, WEFT_ECANCELED);
    gate_open(gate, 1);
    WEFT_TRY(first);
    return 0;
}

static void test_cancel_queued(void)
{
    g_autofree char *path = in("path");
    struct gate gate;
    gate_init(&gate);
    g_assert_cmpint(weft_run(cancels_queued(&gate, path), .threads = 1), ==, 0);
    gate_clear(&gate);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
}

WEFT_ASYNC(void, cancels_running, const char *, fifo)
{
    weft_own weft_task *blocked = weft_create_task(reads(fifo));
    WEFT_TRY(weft_sleep(0));
    int writer = g_open(fifo, O_WRONLY | O_CLOEXEC, 0); /* as soon as there is a reader */
    g_assert_cmpint(writer, >=, 0);
    weft_cancel(blocked);
    g_assert_cmpint(weft_await(blocked), ==, WEFT_ECANCELED);
    g_assert_cmpint(write(writer, "late", 4), ==, 4);
    close(writer);
    return 0;
}

static void test_cancel_running(void)
{
    g_autofree char *fifo = in("fifo");
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    g_assert_cmpint(weft_run(cancels_running(fifo)), ==, 0);
    g_unlink(fifo);
}

static void in_a_directory(gconstpointer test)
{
    g_autoptr(GError) error = NULL;
    directory = g_dir_make_tmp("weft-test-XXXXXX", &error);
    g_assert_no_error(error);
    ((void (*)(void))test)();
    g_assert_cmpint(g_rmdir(directory), ==, 0);
    g_free(directory);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/runtime/directory/everything", test_everything, in_a_directory);
    g_test_add_data_func("/runtime/directory/sizes", test_sizes, in_a_directory);
    g_test_add_data_func("/runtime/directory/fails", test_fails, in_a_directory);
    g_test_add_data_func("/runtime/directory/cancel-queued", test_cancel_queued, in_a_directory);
    g_test_add_data_func("/runtime/directory/cancel-running", test_cancel_running, in_a_directory);
    return g_test_run();
}
