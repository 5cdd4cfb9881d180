/* freshfile.c: see freshfile.h. */
#include "tracer/trace/freshfile.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ATTEMPTS = 100 };

/* A link that leads to nothing is the name itself. */
static char *follow(const char *path)
{
    char *real = realpath(path, NULL);
    char *copy = g_strdup(real ? real : path);
    free(real);
    return copy;
}

/* A hidden file in the same directory, whose name nobody has. */
static int open_temporary(struct weft_freshfile *file)
{
    g_autofree char *directory = g_path_get_dirname(file->path);
    g_autofree char *base = g_path_get_basename(file->path);
    for (guint i = 0; i < ATTEMPTS; i++) {
        g_autofree char *name = g_strdup_printf("%s/.%.200s.%08x", directory, base, g_random_int());
        int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0)
            file->temporary = g_steal_pointer(&name);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

int weft_freshfile_open(struct weft_freshfile *file, const char *path)
{
    struct stat st;
    *file = (struct weft_freshfile){ .path = follow(path) };
    if (stat(file->path, &st) == 0 && !S_ISREG(st.st_mode))
        return open(file->path, O_WRONLY | O_CLOEXEC);
    return open_temporary(file);
}

int weft_freshfile_commit(struct weft_freshfile *file)
{
    if (file->temporary && rename(file->temporary, file->path) < 0)
        return -1;
    g_clear_pointer(&file->temporary, g_free);
    return 0;
}

void weft_freshfile_clear(struct weft_freshfile *file)
{
    if (file->temporary)
        unlink(file->temporary);
    g_clear_pointer(&file->temporary, g_free);
    g_clear_pointer(&file->path, g_free);
}

static int write_all(int fd, const guint8 *bytes, gsize size)
{
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? errno : ENOSPC;
        bytes += n;
        size -= (gsize)n;
    }
    return 0;
}

gboolean weft_freshfile_write(const char *path, const void *bytes, gsize size, GError **error)
{
    struct weft_freshfile file;
    int fd = weft_freshfile_open(&file, path);
    int code = fd < 0 ? errno : write_all(fd, bytes, size);
    if (fd >= 0 && close(fd) < 0 && errno != EINTR && code == 0)
        code = errno;
    if (code == 0 && weft_freshfile_commit(&file) < 0)
        code = errno;
    weft_freshfile_clear(&file);
    if (code)
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(code), "cannot write '%s': %s",
                    path, g_strerror(code));
    return code == 0;
}
