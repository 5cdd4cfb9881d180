/* plain.c: a stream over what epoll refuses: regular files, /dev/null, block devices.
 *
 * Reads are made by libuv's threads, one at a time, into `chunk`, so that a slow disk stops nobody
 * else. Writes are made at once, as printf's are: such a descriptor takes everything, and what was
 * written is not lost when the program ends. */
#include "runtime/stream.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct weft__plain {
    uv_fs_t request;
    int fd;
    bool reading; /* the request is under way */
    bool closing;
    char chunk[64 * 1024];
};

struct weft__plain *weft__plain_new(void)
{
    struct weft__plain *plain = malloc(sizeof *plain);
    if (!plain)
        return NULL;
    plain->fd = -1;
    plain->reading = plain->closing = false;
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
    if (plain->reading)
        uv_cancel((uv_req_t *)&plain->request); /* on_read comes either way */
    else
        closed(stream);
}

/* ---- Reading ---- */

static void on_read(uv_fs_t *request)
{
    weft_stream *stream = request->data;
    struct weft__plain *plain = stream->plain;
    ssize_t n = request->result;
    uv_fs_req_cleanup(request);
    plain->reading = false;
    if (plain->closing) {
        closed(stream);
        return;
    }
    weft__reader_feed(stream, plain->chunk, n == 0 ? UV_EOF : n);
    if (stream->listening) {
        int rc = weft__plain_read_start(stream);
        if (rc < 0)
            weft__reader_feed(stream, NULL, rc);
    }
}

int weft__plain_read_start(weft_stream *stream)
{
    struct weft__plain *plain = stream->plain;
    if (plain->reading)
        return 0;
    uv_buf_t buffer = uv_buf_init(plain->chunk, sizeof plain->chunk);
    plain->request.data = stream;
    int rc = uv_fs_read(stream->io.loop->uv, &plain->request, plain->fd, &buffer, 1, -1, on_read);
    plain->reading = rc == 0;
    return rc;
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
