/* main.c: weft-viewer's entry: the window, or `--export`, which draws a picture without any. */
#include "app/viewer/application.h"
#include "app/viewer/export.h"

#include <string.h>

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--export") == 0)
        return weft_viewer_export_main(argc, argv);
    g_autoptr(WeftApplication) application = weft_application_new();
    return g_application_run(G_APPLICATION(application), argc, argv);
}
