/* file.h: an open file's inside.
 *
 *      buffer:  | handed out before | unread | free |        the kernel's position lies behind
 *               0                 start     end    room      the unread bytes
 *
 * One operation at a time has the file, its turn: all but the queue of turns is then its own, the
 * task's before and after its job, the worker's during it. */
#ifndef WEFT_FILE_H
#define WEFT_FILE_H

#include "runtime/path.h"

struct weft_file {
    struct weft__object object;
    weft_loop *loop;
    uint64_t id; /* in the trace */
    char *path;
    int fd; /* -1: closed */
    bool closing;
    bool busy; /* somebody has the turn */
    struct weft__links turns;
    char *buffer;
    size_t start, end, room;
    char *handed;
    size_t handed_room;
};

struct weft__file_job {
    struct weft__job job;
    weft_file *file; /* a reference */
    int fd;
    bool line;
    size_t want; /* bytes to read; SIZE_MAX: all */
    int64_t offset, result;
    int whence;
    char *data; /* to write: a copy */
    size_t size;
};

static inline size_t weft__file_unread(const weft_file *file)
{
    return file->end - file->start;
}

/* Whether what is unread will do: `want` bytes, or a line. scanned: how much of it is known to have
 * no newline. */
bool weft__file_enough(const weft_file *file, size_t want, bool line, size_t *scanned);

/* The works of jobs: filejob.c. */
void weft__file_read(struct weft__job *job);
void weft__file_write(struct weft__job *job);
void weft__file_seek(struct weft__job *job);
void weft__file_tell(struct weft__job *job);
void weft__file_truncate(struct weft__job *job);
void weft__file_flush(struct weft__job *job);
void weft__file_close(struct weft__job *job);

#endif
