/* weft-command.c: see weft-command.h. */
#include "app/viewer/weft-command.h"

#include <glib.h>

char *weft_command_path(void)
{
    g_autofree char *own = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *directory = own ? g_path_get_dirname(own) : NULL;
    g_autofree char *beside = directory ? g_build_filename(directory, "weft", NULL) : NULL;
    return beside && g_file_test(beside, G_FILE_TEST_IS_EXECUTABLE)
               ? g_steal_pointer(&beside)
               : g_find_program_in_path("weft");
}
