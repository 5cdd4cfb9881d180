/* freshfile_test.c: a file is there whole or not at all, and what was there before stays until
 * then. */
#include "tracer/trace/freshfile.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *directory, *path;

static void assert_holds(const char *name, const char *expected)
{
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(name, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, expected);
}

/* How many files are in the directory. */
static guint count_files(void)
{
    guint n = 0;
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    while (g_dir_read_name(dir))
        n++;
    return n;
}

static void test_written(void)
{
    GError *error = NULL;
    g_assert_true(weft_freshfile_write(path, "one", 3, &error));
    assert_holds(path, "one");
    g_assert_true(weft_freshfile_write(path, "", 0, &error));
    assert_holds(path, "");
    g_assert_no_error(error);
    g_assert_cmpuint(count_files(), ==, 1);
}

/* Until it is committed, the old one is there; given up, it stays. */
static void test_until_committed(void)
{
    g_assert_true(weft_freshfile_write(path, "old", 3, NULL));
    for (guint commit = 0; commit < 2; commit++) {
        struct weft_freshfile file;
        int fd = weft_freshfile_open(&file, path);
        g_assert_cmpint(write(fd, "new", 3), ==, 3);
        close(fd);
        assert_holds(path, "old");
        g_assert_cmpuint(count_files(), ==, 2);
        if (commit)
            g_assert_cmpint(weft_freshfile_commit(&file), ==, 0);
        weft_freshfile_clear(&file);
        assert_holds(path, commit ? "new" : "old");
        g_assert_cmpuint(count_files(), ==, 1);
    }
}

static void test_link(void)
{
    g_autofree char *link = g_build_filename(directory, "link", NULL);
    g_assert_true(weft_freshfile_write(path, "old", 3, NULL));
    g_assert_cmpint(symlink("file", link), ==, 0);
    g_assert_true(weft_freshfile_write(link, "new", 3, NULL));
    assert_holds(path, "new");
    struct stat st;
    g_assert_cmpint(lstat(link, &st), ==, 0);
    g_assert_true(S_ISLNK(st.st_mode));
    g_unlink(link);
}

static void test_device(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_true(weft_freshfile_write("/dev/null", "x", 1, &error));
    g_assert_false(weft_freshfile_write("/dev/full", "x", 1, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC);
    g_assert_cmpstr(error->message, ==, "cannot write '/dev/full': No space left on device");
}

static void test_nowhere(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *nowhere = g_build_filename(directory, "nowhere", "file", NULL);
    g_assert_false(weft_freshfile_write(nowhere, "x", 1, &error));
    g_assert_nonnull(strstr(error->message, nowhere));
    g_assert_nonnull(strstr(error->message, g_strerror(ENOENT)));
}

/* In a child, which may write no file of more than 10 bytes. */
static void test_no_room(void)
{
    g_assert_true(weft_freshfile_write(path, "old", 3, NULL));
    pid_t pid = fork();
    g_assert_cmpint(pid, >=, 0);
    if (pid == 0) {
        struct rlimit limit = { 10, 10 };
        signal(SIGXFSZ, SIG_IGN);
        GError *error = NULL;
        gboolean refused = setrlimit(RLIMIT_FSIZE, &limit) == 0 &&
                           !weft_freshfile_write(path, "more than ten bytes", 19, &error) &&
                           strstr(error->message, g_strerror(EFBIG)) != NULL;
        _exit(refused ? 0 : 1);
    }
    int status;
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_holds(path, "old");
    g_assert_cmpuint(count_files(), ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    directory = g_dir_make_tmp("weft-fresh-XXXXXX", NULL);
    g_assert_nonnull(directory);
    path = g_build_filename(directory, "file", NULL);
    g_test_add_func("/freshfile/written", test_written);
    g_test_add_func("/freshfile/until-committed", test_until_committed);
    g_test_add_func("/freshfile/link", test_link);
    g_test_add_func("/freshfile/device", test_device);
    g_test_add_func("/freshfile/nowhere", test_nowhere);
    g_test_add_func("/freshfile/no-room", test_no_room);
    int failed = g_test_run();
    g_unlink(path);
    g_assert_cmpint(g_rmdir(directory), ==, 0);
    g_free(path);
    g_free(directory);
    return failed;
}
