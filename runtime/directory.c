/* directory.c: what is read or written whole: the names in a directory, the bytes of a file. */
#include "runtime/path.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct whole {
    struct weft__path_job path;
    char *data; /* read: what there is so far; write: a copy */
    size_t size, room;
    size_t names; /* listdir's: in `data`, each with its NUL */
};

static void free_whole(struct weft__job *job)
{
    free(((struct whole *)job)->data);
    weft__path_free(job);
}

/* Room for `more` bytes and a NUL. */
static bool make_room(struct whole *whole, size_t more)
{
    if (more >= SIZE_MAX / 2 - whole->size)
        return false;
    size_t needed = whole->size + more + 1;
    if (needed <= whole->room)
        return true;
    size_t room = whole->room + whole->room / 2;
    room = room < needed ? needed : room;
    char *data = realloc(whole->data, room);
    if (!data)
        return false;
    whole->data = data;
    whole->room = room;
    return true;
}

static int whole_new(weft_site *site, const char *path, void (*work)(struct weft__job *),
                     struct whole **out)
{
    if (!path)
        return UV_EINVAL;
    if (!weft__current())
        return WEFT_ENOTASK;
    *out = weft__path_job_new(sizeof **out, site, path, NULL, work, free_whole);
    return *out ? 0 : UV_ENOMEM;
}

/* ---- Directories ---- */

static int add_name(struct whole *whole, const char *name)
{
    size_t size = strlen(name) + 1;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return 0;
    if (!make_room(whole, size))
        return UV_ENOMEM;
    memcpy(whole->data + whole->size, name, size);
    whole->size += size;
    whole->names++;
    return 0;
}

/* An array of pointers, a NULL, and behind it in the same block the names. */
static int make_array(struct whole *whole)
{
    size_t head = (whole->names + 1) * sizeof(char *);
    char **array = malloc(head + whole->size);
    if (!array)
        return UV_ENOMEM;
    char *name = (char *)array + head;
    if (whole->size > 0)
        memcpy(name, whole->data, whole->size);
    for (size_t i = 0; i < whole->names; i++, name += strlen(name) + 1)
        array[i] = name;
    array[whole->names] = NULL;
    free(whole->data);
    whole->data = (char *)array;
    return 0;
}

static void work_listdir(struct weft__job *job)
{
    struct whole *whole = (struct whole *)job;
    DIR *directory = opendir(whole->path.path);
    if (!directory) {
        weft__job_errno(job, errno);
        return;
    }
    struct dirent *entry;
    while (job->rc == 0 && (errno = 0, entry = readdir(directory)))
        job->rc = add_name(whole, entry->d_name);
    if (job->rc == 0 && errno)
        weft__job_errno(job, errno);
    closedir(directory);
    if (job->rc == 0)
        job->rc = make_array(whole);
}

int weft_listdir_at(weft_site *site, const char *path, char ***names, size_t *n)
{
    struct whole *whole;
    if (names)
        *names = NULL;
    int rc = names ? whole_new(site, path, work_listdir, &whole) : UV_EINVAL;
    if (rc == 0)
        rc = weft__path_await(&whole->path, WEFT_OP_SCANDIR, "list", site);
    if (rc < 0)
        return rc;
    *names = (char **)(void *)whole->data;
    whole->data = NULL;
    if (n)
        *n = whole->names;
    weft__unref(whole);
    return 0;
}

/* ---- Files ---- */

static int read_all(struct whole *whole, int fd)
{
    struct stat status;
    enum { CHUNK = 64 * 1024 };
    if (fstat(fd, &status) < 0)
        return errno;
    if (status.st_size > 0 && !make_room(whole, (size_t)status.st_size + 1))
        return ENOMEM; /* one more: so that the end is found without growing */
    for (;;) {
        if (whole->room < whole->size + 2 && !make_room(whole, CHUNK))
            return ENOMEM;
        ssize_t n = read(fd, whole->data + whole->size, whole->room - whole->size - 1);
        if (n == 0)
            return 0;
        if (n < 0 && errno != EINTR)
            return errno;
        whole->size += n > 0 ? (size_t)n : 0;
    }
}

static void work_read(struct weft__job *job)
{
    struct whole *whole = (struct whole *)job;
    int fd = open(whole->path.path, O_RDONLY | O_CLOEXEC);
    int error = fd < 0 ? errno : read_all(whole, fd);
    if (fd >= 0)
        close(fd);
    if (error)
        weft__job_errno(job, error);
    else
        whole->data[whole->size] = 0;
}

int weft_read_file_at(weft_site *site, const char *path, char **data, size_t *size)
{
    struct whole *whole;
    if (data)
        *data = NULL;
    int rc = data ? whole_new(site, path, work_read, &whole) : UV_EINVAL;
    if (rc == 0)
        rc = weft__path_await(&whole->path, WEFT_OP_READ, "read", site);
    if (rc < 0)
        return rc;
    *data = whole->data;
    whole->data = NULL;
    if (size)
        *size = whole->size;
    weft__unref(whole);
    return 0;
}

static int write_all(int fd, const char *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = write(fd, data + done, size - done);
        if (n < 0 && errno != EINTR)
            return errno;
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static void work_write(struct weft__job *job)
{
    struct whole *whole = (struct whole *)job;
    int fd = open(whole->path.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    int error = fd < 0 ? errno : write_all(fd, whole->data, whole->size);
    if (fd >= 0 && close(fd) < 0 && !error)
        error = errno;
    if (error)
        weft__job_errno(job, error);
}

int weft_write_file_at(weft_site *site, const char *path, const void *data, size_t size)
{
    struct whole *whole;
    int rc = data || size == 0 ? whole_new(site, path, work_write, &whole) : UV_EINVAL;
    if (rc < 0)
        return rc;
    if (!make_room(whole, size)) {
        weft__unref(whole);
        return UV_ENOMEM;
    }
    if (size > 0)
        memcpy(whole->data, data, size);
    whole->size = size;
    rc = weft__path_await(&whole->path, WEFT_OP_WRITE, "write", site);
    if (rc == 0)
        weft__unref(whole);
    return rc;
}
