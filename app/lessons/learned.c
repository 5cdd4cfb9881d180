/* learned.c: see learned.h. A group a lesson: its name, with what a group's name cannot have as
 * %XX.
 */
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

static guint count(GKeyFile *file, const char *group, const char *key)
{
    return (guint)CLAMP(g_key_file_get_integer(file, group, key, NULL), 0, 1000000);
}

static char *group_of(const char *lesson)
{
    return g_uri_escape_string(lesson, NULL, FALSE);
}

struct learned learned_load(const char *lesson)
{
    g_autoptr(GKeyFile) file = load();
    g_autofree char *group = group_of(lesson);
    struct learned learned = { .ran = g_key_file_get_boolean(file, group, "ran", NULL),
                               .told = g_key_file_get_boolean(file, group, "told", NULL),
                               .asked = count(file, group, "asked") };
    learned.right = MIN(count(file, group, "right"), learned.asked);
    return learned;
}

char *learned_text(const struct learned *learned)
{
    const char *seen = learned->ran ? "run" : learned->told ? "seen" : "";
    if (!learned->asked)
        return g_strdup(seen);
    return g_strdup_printf("%s%s%u of %u right", seen, *seen ? " · " : "", learned->right,
                           learned->asked);
}

gboolean learned_store(const char *lesson, const struct learned *learned, GError **error)
{
    g_autoptr(GKeyFile) file = load();
    g_autofree char *group = group_of(lesson);
    g_autofree char *path = file_path();
    g_autofree char *directory = g_path_get_dirname(path);
    g_key_file_set_boolean(file, group, "ran", learned->ran);
    g_key_file_set_boolean(file, group, "told", learned->told);
    g_key_file_set_integer(file, group, "right", (gint)learned->right);
    g_key_file_set_integer(file, group, "asked", (gint)learned->asked);
    if (g_mkdir_with_parents(directory, 0700) < 0) {
        int number = errno;
        g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(number),
                    "cannot make '%s': %s", directory, g_strerror(number));
        return FALSE;
    }
    return g_key_file_save_to_file(file, path, error);
}
