/* plain.c: a stream over what epoll refuses: regular files, /dev/null, block devices.
 *
 * Reads are jobs of the loop's threads, one at a time, into `chunk`, so that a slow disk stops
 * nobody else. Writes are made at once, as printf's are: such a descriptor takes everything, and
 * what was written is not lost when the program ends. */
#include "runtime/pool.h"
#include "runtime/stream.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct reading {
    struct weft__job job;
    weft_stream *stream;
    size_t n;
};

struct weft__plain {
    int fd;
    struct reading *reading; /* under way: its reference is the pool's */
    bool closing;            /* once that has ended */
    char chunk[64 * 1024];
};

struct weft__plain *weft__plain_new(void)
{
    struct weft__plain *plain = malloc(sizeof *plain);
    if (!plain)
        return NULL;
    plain->fd = -1;
    plain->reading = NULL;
    plain->closing = false;
    return plain;
}

void weft__plain_open(weft_stream *stream, int fd)
{
    stream->plain->fd = fd;
}

int weft__plain_fd(const weft_stream *stream)
{
    return stream->plain->fd;
}

void weft__plain_free(struct weft__plain *plain)
{
    free(plain);
}

/* ---- Closing ---- */

static void closed(weft_stream *stream)
{
    if (stream->plain->fd >= 0)
        close(stream->plain->fd);
    stream->plain->fd = -1;
    weft__stream_closed(stream);
}

void weft__plain_close(weft_stream *stream)
{
    struct weft__plain *plain = stream->plain;
    plain->closing = true;
    if (plain->reading && weft__job_withdraw(&plain->reading->job, stream->io.loop)) {
        weft_unref(plain->reading);
        plain->reading = NULL;
    }
    if (!plain->reading)
        closed(stream);
}

/* ---- Reading ---- */

/* In a thread of the pool. */
static void work(struct weft__job *job)
{
    struct reading *reading = weft__container(job, struct reading, job);
    struct weft__plain *plain = reading->stream->plain;
    ssize_t n;
    do
        n = read(plain->fd, plain->chunk, sizeof plain->chunk);
    while (n < 0 && errno == EINTR);
    job->rc = n < 0 ? uv_translate_sys_error(errno) : 0;
    reading->n = n > 0 ? (size_t)n : 0;
}

static void ended(struct weft__job *job)
{
    struct reading *reading = weft__container(job, struct reading, job);
    weft_stream *stream = reading->stream;
    struct weft__plain *plain = stream->plain;
    plain->reading = NULL;
    if (plain->closing) {
        closed(stream);
        return;
    }
    ssize_t end = job->rc < 0 ? job->rc : UV_EOF;
    weft__reader_feed(stream, plain->chunk, reading->n > 0 ? (ssize_t)reading->n : end);
    if (stream->listening) {
        int rc = weft__plain_read_start(stream);
        if (rc < 0)
            weft__reader_feed(stream, NULL, rc);
    }
}

/* The loop is being closed, and the job is over: nobody will read what it has read. */
static void let_go(struct weft__job *job)
{
    weft_stream *stream = weft__container(job, struct reading, job)->stream;
    stream->plain->reading = NULL;
    if (stream->plain->closing)
        closed(stream);
}

static void free_reading(struct weft__job *job)
{
    free(weft__container(job, struct reading, job));
}

int weft__plain_read_start(weft_stream *stream)
{
    weft_loop *loop = stream->io.loop;
    if (stream->plain->reading)
        return 0;
    struct reading *reading = weft__job_new(sizeof *reading, NULL, work, free_reading);
    if (!reading)
        return UV_ENOMEM;
    reading->stream = stream;
    reading->job.ended = ended;
    reading->job.let_go = let_go;
    int rc = weft__job_submit(&reading->job, loop, weft__pool_of(loop), "read");
    if (rc < 0) {
        weft_unref(reading);
        return rc;
    }
    stream->plain->reading = reading;
    return 0;
}

/* ---- Writing ---- */

void weft__plain_write(weft_stream *stream, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(stream->plain->fd, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            weft__stream_broke(stream, uv_translate_sys_error(errno));
            return;
        }
        data += n;
        size -= (size_t)n;
    }
}
