/* learned.c: see learned.h. A group a lesson. */
#include "app/lessons/learned.h"

#include <errno.h>
#include <glib/gstdio.h>

static char *file_path(void)
{
    return g_build_filename(g_get_user_state_dir(), "weft", "lessons.ini", NULL);
}

/* A file that is damaged counts as none. */
static GKeyFile *load(void)
{
    GKeyFile *file = g_key_file_new();
    g_autofree char *path = file_path();
    if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
        g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, NULL);
    return file;
}

static guint count(GKeyFile *file, const char *lesson, const char *key)
{
    return (guint)CLAMP(g_key_file_get_integer(file, lesson, key, NULL), 0, 1000000);
}

struct learned learned_load(const char *lesson)
{
    g_autoptr(GKeyFile) file = load();
    struct learned learned = { .ran = g_key_file_get_boolean(file, lesson, "ran", NULL),
                               .told = g_key_file_get_boolean(file, lesson, "told", NULL),
                               .asked = count(file, lesson, "asked") };
    learned.right = MIN(count(file, lesson, "right"), learned.asked);
    return learned;
}

gboolean learned_store(const char *lesson, const struct learned *learned, GError **error)
{
    g_autoptr(GKeyFile) file = load();
    g_autofree char *path = file_path();
    g_autofree char *directory = g_path_get_dirname(path);
    g_key_file_set_boolean(file, lesson, "ran", learned->ran);
    g_key_file_set_boolean(file, lesson, "told", learned->told);
    g_key_file_set_integer(file, lesson, "right", (gint)learned->right);
    g_key_file_set_integer(file, lesson, "asked", (gint)learned->asked);
    if (g_mkdir_with_parents(directory, 0700) < 0) {
        int number = errno;
        g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(number),
                    "cannot make '%s': %s", directory, g_strerror(number));
        return FALSE;
    }
    return g_key_file_save_to_file(file, path, error);
}
