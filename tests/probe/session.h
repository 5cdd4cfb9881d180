/* session.h: sessions of the probe in child processes, each with a private runtime directory, for
 * the tests that include it: a process has one session in its life. */
#ifndef TESTS_PROBE_SESSION_H
#define TESTS_PROBE_SESSION_H

#include "tracer/probe/session.h"
#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *runtime;   /* the runtime directory */
static GString *logged; /* in a child: what the probe said, a line each */

static void remember(const char *message)
{
    g_string_append_printf(logged, "%s\n", message);
}

static int exit_code_of(pid_t pid)
{
    int status;
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Runs `body` in a child with this environment; fails unless it exits with 0. */
static void in_child(void (*body)(void), const char *trace, const char *session)
{
    pid_t pid = fork();
    g_assert_cmpint(pid, >=, 0);
    if (pid == 0) {
        g_setenv("XDG_RUNTIME_DIR", runtime, TRUE);
        if (trace)
            g_setenv("WEFT_TRACE", trace, TRUE);
        else
            g_unsetenv("WEFT_TRACE");
        if (session)
            g_setenv("WEFT_SESSION", session, TRUE);
        logged = g_string_new(NULL);
        weft_set_log_function(remember);
        body();
        exit(0);
    }
    g_assert_cmpint(exit_code_of(pid), ==, 0);
}

/* How many files of the runtime directory end like this, and one of them. */
static guint count_files(const char *ending, char **one)
{
    g_autofree char *directory = g_build_filename(runtime, "weft", NULL);
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    guint n = 0;
    for (const char *name; dir && (name = g_dir_read_name(dir));)
        if (g_str_has_suffix(name, ending) && n++ == 0 && one)
            *one = g_build_filename(directory, name, NULL);
    return n;
}

G_GNUC_UNUSED static char *file_path(const char *ending)
{
    char *path = NULL;
    count_files(ending, &path);
    return path;
}

static void begin_tests(int *argc, char ***argv)
{
    g_test_init(argc, argv, NULL);
    runtime = g_dir_make_tmp("weft-session-XXXXXX", NULL);
    g_assert_nonnull(runtime);
}

/* Fails when a test left something behind. */
static int run_tests(void)
{
    int rc = g_test_run();
    g_autofree char *directory = g_build_filename(runtime, "weft", NULL);
    g_rmdir(directory);
    g_assert_cmpint(g_rmdir(runtime), ==, 0);
    g_free(runtime);
    return rc;
}

/* A test that is a child process, and leaves nothing in the runtime directory. */
#define CASE(name, trace, session)                                                                 \
    static void case_##name(void)                                                                  \
    {                                                                                              \
        in_child(body_##name, trace, session);                                                     \
        g_assert_cmpuint(count_files("", NULL), ==, 0);                                            \
    }

#endif
