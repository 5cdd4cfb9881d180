/* catalogue.c: see catalogue.h. */
#include "app/lessons/catalogue.h"

#include <string.h>

/* The directory that this program lies in; NULL: unknown. */
static char *own_directory(void)
{
    g_autofree char *own = g_file_read_link("/proc/self/exe", NULL);
    return own ? g_path_get_dirname(own) : NULL;
}

/* In a build directory that lies in the source tree there are no lessons but their programs. */
static gboolean is_built_here(const char *directory)
{
    g_autofree char *programs = g_build_filename(directory, "..", "data", "lessons", NULL);
    return g_file_test(programs, G_FILE_TEST_IS_DIR);
}

/* Where it was installed to, or as far from this program as there, if all was moved. */
static char *installed(const char *moved, const char *path)
{
    g_autofree char *own = own_directory();
    g_autofree char *beside = g_canonicalize_filename(moved, own ? own : "/");
    return g_file_test(beside, G_FILE_TEST_IS_DIR) ? g_steal_pointer(&beside) : g_strdup(path);
}

static char *installed_folder(void)
{
    const char *said = g_getenv("WEFT_LESSONS");
    if (said && *said)
        return g_strdup(said);
    g_autofree char *own = own_directory();
    if (own && is_built_here(own))
        return g_canonicalize_filename("../../data/lessons", own);
    return installed("../share/weft/lessons", WEFT_LESSONS_FOLDER);
}

/* Folders without a lesson.md are something else. */
static void add_lessons(GPtrArray *lessons, const char *folder)
{
    g_autoptr(GDir) directory = g_dir_open(folder, 0, NULL);
    guint own = lessons->len;
    for (const char *name; directory && (name = g_dir_read_name(directory));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autofree char *text = g_build_filename(path, "lesson.md", NULL);
        if (!g_file_test(text, G_FILE_TEST_EXISTS))
            continue;
        struct lesson *lesson = lesson_read(path);
        gboolean hidden = FALSE;
        for (guint i = 0; i < own && !hidden; i++)
            hidden = strcmp(((struct lesson *)lessons->pdata[i])->name, lesson->name) == 0;
        if (hidden)
            lesson_free(lesson);
        else
            g_ptr_array_add(lessons, lesson);
    }
}

static gint by_folder(gconstpointer a, gconstpointer b)
{
    const struct lesson *const *one = a, *const *other = b;
    g_autofree char *x = g_path_get_basename((*one)->folder);
    g_autofree char *y = g_path_get_basename((*other)->folder);
    return strcmp(x, y);
}

GPtrArray *catalogue_lessons(void)
{
    GPtrArray *lessons = g_ptr_array_new_with_free_func((GDestroyNotify)lesson_free);
    g_autofree char *own = g_build_filename(g_get_user_data_dir(), "weft", "lessons", NULL);
    g_autofree char *installed = installed_folder();
    add_lessons(lessons, own);
    add_lessons(lessons, installed);
    g_ptr_array_sort(lessons, by_folder);
    return lessons;
}

GPtrArray *catalogue_in(const char *folder)
{
    GPtrArray *lessons = g_ptr_array_new_with_free_func((GDestroyNotify)lesson_free);
    g_autofree char *text = g_build_filename(folder, "lesson.md", NULL);
    if (!g_file_test(text, G_FILE_TEST_EXISTS))
        add_lessons(lessons, folder);
    if (lessons->len == 0)
        g_ptr_array_add(lessons, lesson_read(folder));
    g_ptr_array_sort(lessons, by_folder);
    return lessons;
}

static gboolean is_called(const struct lesson *lesson, const char *name)
{
    g_autofree char *base = g_path_get_basename(lesson->folder);
    gsize digits = strspn(name, "0123456789");
    if (strcmp(lesson->name, name) == 0 || strcmp(base, name) == 0)
        return TRUE;
    return digits > 0 && name[digits] == '\0' && lesson->number > 0 &&
           g_ascii_strtoull(name, NULL, 10) == lesson->number;
}

struct lesson *catalogue_find(const char *name)
{
    if (strchr(name, '/'))
        return g_file_test(name, G_FILE_TEST_IS_DIR) ? lesson_read(name) : NULL;
    g_autoptr(GPtrArray) lessons = catalogue_lessons();
    for (guint i = 0; i < lessons->len; i++)
        if (is_called(lessons->pdata[i], name))
            return g_ptr_array_steal_index(lessons, i);
    return NULL;
}

static char *if_program(char *path)
{
    if (g_file_test(path, G_FILE_TEST_IS_REGULAR) && g_file_test(path, G_FILE_TEST_IS_EXECUTABLE))
        return path;
    g_free(path);
    return NULL;
}

/* An own lesson may have the name of one that came with Weft: the program is another. */
static gboolean is_installed(const struct lesson *lesson)
{
    g_autofree char *folder = installed_folder();
    g_autofree char *one = g_canonicalize_filename(folder, NULL);
    g_autofree char *path = g_canonicalize_filename(lesson->folder, NULL);
    g_autofree char *other = g_path_get_dirname(path);
    return strcmp(one, other) == 0;
}

char *catalogue_program(const struct lesson *lesson, const char *variant)
{
    char *inside = if_program(g_build_filename(lesson->folder, variant ? variant : "lesson", NULL));
    g_autofree char *own = own_directory();
    if (inside || !own || !is_installed(lesson))
        return inside;
    g_autofree char *name = variant ? g_strconcat(lesson->name, ".", variant, NULL)
                                    : g_strdup(lesson->name);
    if (is_built_here(own))
        return if_program(g_build_filename(own, "..", "data", "lessons", name, NULL));
    g_autofree char *programs = installed("../libexec/weft/lessons", WEFT_LESSONS_PROGRAMS);
    return if_program(g_build_filename(programs, name, NULL));
}
