/* guard_test.c: mapped files that are cut under their reader. */
#include "tests/valgrind.h"
#include "tracer/trace/guard.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 16 };

static int temporary_file(gsize size)
{
    g_autofree char *path = NULL;
    int fd = g_file_open_tmp("weft-guard-XXXXXX", &path, NULL);
    g_assert_cmpint(fd, >=, 0);
    g_unlink(path);
    g_autofree char *ones = g_malloc(size);
    memset(ones, 1, size);
    g_assert_cmpint(write(fd, ones, size), ==, (gssize)size);
    return fd;
}

static guint count(const char *at, gsize size)
{
    const volatile char *bytes = at;
    guint n = 0;
    for (gsize i = 0; i < size; i++)
        n += (guint)bytes[i];
    return n;
}

static void test_cut(gconstpointer writable)
{
    gsize size = PAGES * PAGE;
    int fd = temporary_file(size);
    char *at = weft_guard_map(fd, 0, size, writable != NULL);
    char *half = weft_guard_map(fd, size / 2, size / 2, FALSE);
    g_assert_cmpuint(count(at, size), ==, size);
    g_assert_cmpuint(count(half, size / 2), ==, size / 2);
    g_assert_cmpint(ftruncate(fd, PAGE + 100), ==, 0);
    g_assert_cmpuint(count(at, size), ==, PAGE + 100);
    g_assert_cmpuint(count(half, size / 2), ==, 0);
    if (writable)
        memset(at + 2 * PAGE, 3, PAGE); /* goes nowhere, and harms nobody */
    weft_guard_unmap(at, size);
    weft_guard_unmap(half, size / 2);
    weft_guard_unmap(NULL, 1);
    close(fd);
}

static gpointer cutter(gpointer data)
{
    int fd = GPOINTER_TO_INT(data);
    for (guint i = 0; i < 2000; i++)
        g_assert_cmpint(ftruncate(fd, i % 2 ? PAGES * PAGE : 0), ==, 0);
    return NULL;
}

static void test_cut_while_reading(void)
{
    for (guint round = 0; round < 5; round++) {
        int fd = temporary_file(PAGES * PAGE);
        char *at = weft_guard_map(fd, 0, PAGES * PAGE, FALSE);
        GThread *thread = g_thread_new("cutter", cutter, GINT_TO_POINTER(fd));
        for (guint i = 0; i < 100; i++)
            count(at, PAGES * PAGE);
        g_thread_join(thread);
        weft_guard_unmap(at, PAGES * PAGE);
        close(fd);
    }
}

/* Any other SIGBUS is what it was: death, or another handler's. */
static void test_others(void)
{
    int fd = temporary_file(PAGE);
    if (g_test_subprocess()) {
        weft_guard_unmap(weft_guard_map(fd, 0, PAGE, FALSE), PAGE);
        char *at = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
        g_assert_true(at != MAP_FAILED);
        g_assert_cmpint(ftruncate(fd, 0), ==, 0);
        count(at, PAGE);
        _exit(0);
    }
    close(fd);
    g_test_trap_subprocess(NULL, 0, 0);
    g_assert_false(g_test_trap_has_passed());
}

static void on_bus_error(int number G_GNUC_UNUSED)
{
    _exit(7);
}

static void test_other_handler(void)
{
    if (g_test_subprocess()) {
        signal(SIGBUS, on_bus_error);
        int fd = temporary_file(PAGE);
        weft_guard_map(fd, 0, PAGE, FALSE);
        raise(SIGBUS);
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_assert_false(g_test_trap_has_passed());
    g_test_trap_assert_stderr_unmatched("*Bus error*");
}

static void test_no_file(void)
{
    g_assert_null(weft_guard_map(-1, 0, PAGE, FALSE));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    if (RUNNING_ON_VALGRIND) {
        puts("1..0 # SKIP valgrind's registers are not those of the load that faults");
        return 0;
    }
    g_test_add_data_func("/guard/cut/read", NULL, test_cut);
    g_test_add_data_func("/guard/cut/write", "write", test_cut);
    g_test_add_func("/guard/cut/while-reading", test_cut_while_reading);
    g_test_add_func("/guard/others", test_others);
    g_test_add_func("/guard/other-handler", test_other_handler);
    g_test_add_func("/guard/no-file", test_no_file);
    return g_test_run();
}
