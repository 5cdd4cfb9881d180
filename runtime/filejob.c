/* filejob.c: what the pool's threads do to open files: all that may block. See file.h. */
#include "runtime/file.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024 };

bool weft__file_enough(const weft_file *file, size_t want, bool line, size_t *scanned)
{
    size_t have = weft__file_unread(file), from = *scanned;
    *scanned = have;
    if (!line)
        return have >= want;
    return have > from && memchr(file->buffer + file->start + from, '\n', have - from);
}

/* How much there is in the file, and one more, for its end; or CHUNK, if it does not say. */
static size_t left_to_read(const struct weft__file_job *job, size_t have)
{
    struct stat status;
    if (fstat(job->fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size == 0)
        return CHUNK;
    int64_t left = status.st_size - lseek(job->fd, 0, SEEK_CUR) + 1;
    if (left <= 0)
        return CHUNK;
    return (size_t)left < job->want - have ? (size_t)left : job->want - have;
}

/* Makes room for more in the buffer, for all that is wanted if it is known how much there is. */
static int make_room(weft_file *file, const struct weft__file_job *job)
{
    size_t have = weft__file_unread(file), more = CHUNK;
    if (job->want > CHUNK && !job->line)
        more = left_to_read(job, have);
    /* Of the unknown, that may come in small pieces, not a whole chunk each time. */
    size_t least = more > CHUNK || more < CHUNK / 8 ? more : CHUNK / 8;
    if (file->room - file->end > least)
        return 0;
    if (file->start > 0) {
        memmove(file->buffer, file->buffer + file->start, have);
        file->start = 0;
        file->end = have;
    }
    size_t needed = have + more + 1, room = have + have / 2;
    if (file->room >= needed)
        return 0;
    room = room < needed ? needed : room;
    char *buffer = realloc(file->buffer, room);
    if (!buffer)
        return ENOMEM;
    file->buffer = buffer;
    file->room = room;
    return 0;
}

void weft__file_read(struct weft__job *base)
{
    struct weft__file_job *job = (struct weft__file_job *)base;
    weft_file *file = job->file;
    size_t scanned = 0;
    while (!weft__file_enough(file, job->want, job->line, &scanned)) {
        int error = make_room(file, job);
        ssize_t n = error ? -1
                          : read(job->fd, file->buffer + file->end, file->room - file->end - 1);
        if (n == 0)
            return; /* the end */
        if (n < 0 && (error || errno != EINTR)) {
            weft__job_errno(base, error ? error : errno);
            return;
        }
        file->end += n > 0 ? (size_t)n : 0;
    }
}

/* Back to where the program thinks it is; what has no position (a pipe) keeps what was read. */
static void settle(struct weft__file_job *job)
{
    weft_file *file = job->file;
    if (weft__file_unread(file) > 0 &&
        lseek(job->fd, -(off_t)weft__file_unread(file), SEEK_CUR) < 0)
        return;
    file->start = file->end = 0;
}

void weft__file_write(struct weft__job *base)
{
    struct weft__file_job *job = (struct weft__file_job *)base;
    settle(job);
    for (size_t done = 0; done < job->size;) {
        ssize_t n = write(job->fd, job->data + done, job->size - done);
        if (n < 0 && errno != EINTR) {
            weft__job_errno(base, errno);
            return;
        }
        done += n > 0 ? (size_t)n : 0;
    }
}

void weft__file_seek(struct weft__job *base)
{
    struct weft__file_job *job = (struct weft__file_job *)base;
    if (job->whence == SEEK_CUR)
        job->offset -= (int64_t)weft__file_unread(job->file);
    job->result = lseek(job->fd, job->offset, job->whence);
    if (job->result < 0)
        weft__job_errno(base, errno);
    else
        job->file->start = job->file->end = 0;
}

void weft__file_tell(struct weft__job *base)
{
    struct weft__file_job *job = (struct weft__file_job *)base;
    job->result = lseek(job->fd, 0, SEEK_CUR);
    if (job->result < 0)
        weft__job_errno(base, errno);
    else
        job->result -= (int64_t)weft__file_unread(job->file);
}

void weft__file_truncate(struct weft__job *base)
{
    struct weft__file_job *job = (struct weft__file_job *)base;
    settle(job);
    if (job->offset < 0)
        job->offset = lseek(job->fd, 0, SEEK_CUR);
    if (job->offset < 0 || ftruncate(job->fd, job->offset) < 0)
        weft__job_errno(base, errno);
}

void weft__file_flush(struct weft__job *base)
{
    if (fsync(((struct weft__file_job *)base)->fd) < 0 && errno != EINVAL && errno != EROFS)
        weft__job_errno(base, errno); /* those two: it has no disk */
}

void weft__file_close(struct weft__job *base)
{
    struct weft__file_job *job = (struct weft__file_job *)base;
    if (close(job->fd) < 0 && errno != EINTR)
        weft__job_errno(base, errno);
    job->fd = -1;
}
