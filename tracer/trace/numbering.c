/* numbering.c: see numbering.h. */
#include "tracer/trace/numbering.h"
#include "tracer/trace/format.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct weft_numbering {
    char *path;
    guint keep, last, removed;
    guint64 size;
    GPtrArray *paths; /* that stay; and NULL */
};

struct weft_numbering *weft_numbering_new(const char *path, guint keep)
{
    struct weft_numbering *numbering = g_new0(struct weft_numbering, 1);
    numbering->path = g_strdup(path);
    numbering->keep = keep;
    numbering->paths = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(numbering->paths, NULL);
    return numbering;
}

void weft_numbering_free(struct weft_numbering *numbering)
{
    if (!numbering)
        return;
    g_ptr_array_unref(numbering->paths);
    g_free(numbering->path);
    g_free(numbering);
}

char *weft_numbered_path(const char *path, guint n)
{
    gsize stem = strlen(path);
    if (n == 1)
        return g_strdup(path);
    if (g_str_has_suffix(path, ".weft"))
        stem -= strlen(".weft");
    return g_strdup_printf("%.*s.%u%s", (int)stem, path, n, path + stem);
}

gboolean weft_may_replace(const char *path)
{
    struct stat st;
    char magic[sizeof WEFT_FILE_MAGIC - 1];
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return FALSE;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return TRUE; /* nothing, or what writing to it will say */
    ssize_t n = read(fd, magic, sizeof magic);
    close(fd);
    return n >= 0 && memcmp(magic, WEFT_FILE_MAGIC, (gsize)n) == 0;
}

const char *weft_numbering_next(struct weft_numbering *numbering)
{
    char *path = weft_numbered_path(numbering->path, ++numbering->last);
    while (numbering->last > 1 && !weft_may_replace(path)) {
        g_free(path);
        path = weft_numbered_path(numbering->path, ++numbering->last);
    }
    g_ptr_array_insert(numbering->paths, (gint)numbering->paths->len - 1, path);
    return path;
}

void weft_numbering_take_back(struct weft_numbering *numbering)
{
    g_ptr_array_remove_index(numbering->paths, numbering->paths->len - 2);
    numbering->last--;
}

void weft_numbering_trim(struct weft_numbering *numbering, guint more)
{
    while (numbering->keep && numbering->paths->len > 1 &&
           numbering->paths->len - 1 + more > numbering->keep) {
        unlink(numbering->paths->pdata[0]);
        g_ptr_array_remove_index(numbering->paths, 0);
        numbering->removed++;
    }
}

void weft_numbering_add_size(struct weft_numbering *numbering, guint64 size)
{
    numbering->size += size;
}

guint64 weft_numbering_size(const struct weft_numbering *numbering)
{
    return numbering->size;
}

const char *const *weft_numbering_paths(const struct weft_numbering *numbering, guint *n)
{
    *n = numbering->paths->len - 1;
    return (const char *const *)(void *)numbering->paths->pdata;
}

guint weft_numbering_removed(const struct weft_numbering *numbering)
{
    return numbering->removed;
}
