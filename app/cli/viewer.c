/* viewer.c: exec of weft-viewer. */
#include "app/cli/viewer.h"
#include "app/cli/output.h"
#include "app/cli/verb.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
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

int viewer_become(const char *const *arguments)
{
    char *path = find_viewer();
    if (!path) {
        output_message("weft-viewer is not installed: it draws; the other verbs work without it");
        return EXIT_SYSTEM;
    }
    GPtrArray *argv = g_ptr_array_new();
    g_ptr_array_add(argv, path);
    for (; *arguments; arguments++)
        g_ptr_array_add(argv, (gpointer)*arguments);
    g_ptr_array_add(argv, NULL);
    fflush(stdout);
    signal(SIGPIPE, SIG_DFL);
    execv(path, (char **)argv->pdata);
    output_message("cannot execute '%s': %s", path, g_strerror(errno));
    g_ptr_array_free(argv, TRUE);
    g_free(path);
    return EXIT_SYSTEM;
}
