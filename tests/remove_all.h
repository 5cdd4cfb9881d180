/* remove_all.h: what a test leaves behind goes. */
#ifndef WEFT_TESTS_REMOVE_ALL_H
#define WEFT_TESTS_REMOVE_ALL_H

#include <glib/gstdio.h>

/* A file, or a directory with all that is in it. */
static inline void remove_all(const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    for (const char *name; folder && (name = g_dir_read_name(folder));) {
        g_autofree char *inside = g_build_filename(path, name, NULL);
        remove_all(inside);
    }
    g_remove(path);
}

#endif
