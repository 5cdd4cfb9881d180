/* viewer.c: finding and starting weft-viewer. */
#include "app/cli/viewer.h"
#include "app/cli/output.h"
#include "app/cli/verb.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* NULL: it is nowhere. */
static char *find_viewer(void)
{
    char *own = g_file_read_link("/proc/self/exe", NULL);
    char *directory = own ? g_path_get_dirname(own) : NULL;
    char *beside = directory ? g_build_filename(directory, "weft-viewer", NULL) : NULL;
    g_free(directory);
    g_free(own);
    if (beside && g_file_test(beside, G_FILE_TEST_IS_EXECUTABLE))
        return beside;
    g_free(beside);
    return g_find_program_in_path("weft-viewer");
}

/* Its whole argv, g_strfreev it; NULL when it is not installed, which is said. */
static char **viewer_argv(const char *const *arguments)
{
    char *path = find_viewer();
    if (!path) {
        output_message("weft-viewer is not installed: it draws; the other verbs work without it");
        return NULL;
    }
    GPtrArray *argv = g_ptr_array_new();
    g_ptr_array_add(argv, path);
    for (; *arguments; arguments++)
        g_ptr_array_add(argv, g_strdup(*arguments));
    g_ptr_array_add(argv, NULL);
    return (char **)g_ptr_array_free(argv, FALSE);
}

int viewer_run(const char *const *arguments)
{
    char **argv = viewer_argv(arguments);
    if (!argv)
        return EXIT_SYSTEM;
    GError *error = NULL;
    int status;
    int code = EXIT_SYSTEM;
    if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_CHILD_INHERITS_STDIN, NULL, NULL, NULL, NULL,
                      &status, &error))
        output_message("cannot execute '%s': %s", argv[0], error->message);
    else if (WIFSIGNALED(status))
        output_message("weft-viewer was killed by signal %d (%s)", WTERMSIG(status),
                       g_strsignal(WTERMSIG(status)));
    else
        code = WEXITSTATUS(status);
    g_clear_error(&error);
    g_strfreev(argv);
    return code;
}

int viewer_become(const char *const *arguments)
{
    char **argv = viewer_argv(arguments);
    if (!argv)
        return EXIT_SYSTEM;
    fflush(stdout);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    execv(argv[0], argv);
    output_message("cannot execute '%s': %s", argv[0], g_strerror(errno));
    g_strfreev(argv);
    return EXIT_SYSTEM;
}
