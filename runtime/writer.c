/* writer.c: a stream's writing side: asyncio's StreamWriter over libuv's queue of writes.
 *
 *      weft_write -> sent at once, as far as the descriptor takes it
 *                 -> the rest is copied, and queued by libuv: `unsent` bytes
 *
 * Over the high-water mark drain waits, until no more than the low-water mark is unsent. */
#include "runtime/stream.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1 << 30 }; /* bytes in one call: libuv counts in 32 bits */

struct write_request {
    uv_write_t request;
    weft_stream *stream;
    size_t size;
    char data[];
};

static void on_written(uv_write_t *request, int status)
{
    struct write_request *write = request->data;
    weft_stream *stream = write->stream;
    stream->unsent -= write->size;
    free(write);
    if (stream->close_begun)
        return;
    if (status < 0)
        weft__stream_broke(stream, status);
    stream->events |= WEFT__STREAM_SENT;
    weft__io_ready(&stream->io);
}

static bool may_write(const weft_stream *stream)
{
    return stream && stream->writable && !stream->io.loop->closed && !stream->closing &&
           !stream->eof_written && !stream->arrived_error;
}

static void pause_over_high_water(weft_stream *stream)
{
    if (stream->unsent > stream->high_water)
        stream->write_paused = true;
}

void weft__writer_sent(weft_stream *stream)
{
    if (!stream->write_paused || stream->unsent > stream->low_water)
        return;
    stream->write_paused = false;
    weft__wake_waiters(&stream->drainers, stream->io.id);
}

/* What libuv could not send at once. */
static void queue(weft_stream *stream, const char *data, size_t size)
{
    struct write_request *write = malloc(sizeof *write + size);
    if (!write) {
        weft__stream_broke(stream, UV_ENOMEM);
        return;
    }
    memcpy(write->data, data, size);
    write->stream = stream;
    write->size = size;
    write->request.data = write;
    uv_buf_t buffer = uv_buf_init(write->data, (unsigned)size);
    int rc = uv_write(&write->request, &stream->uv.stream, &buffer, 1, on_written);
    if (rc < 0) {
        free(write);
        weft__stream_broke(stream, rc);
        return;
    }
    stream->unsent += size;
    pause_over_high_water(stream);
}

/* What the descriptor takes now; 0 also when it is broken. */
static size_t send_at_once(weft_stream *stream, uv_buf_t *buffers, unsigned n)
{
    if (stream->unsent > 0)
        return 0;
    int sent = uv_try_write(&stream->uv.stream, buffers, n);
    if (sent < 0 && sent != UV_EAGAIN)
        weft__stream_broke(stream, sent);
    return sent > 0 ? (size_t)sent : 0;
}

void weft_write(weft_stream *stream, const void *data, size_t size)
{
    const char *at = data;
    if (stream && stream->plain && may_write(stream)) {
        weft__plain_write(stream, data, size);
        return;
    }
    while (may_write(stream) && size > 0) {
        size_t piece = size < MOST ? size : MOST;
        uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)at, (unsigned)piece);
        size_t sent = send_at_once(stream, &buffer, 1);
        if (sent < piece && may_write(stream))
            queue(stream, at + sent, piece - sent);
        at += piece;
        size -= piece;
    }
}

/* In one call, as many as the descriptor takes; how many were dealt with. */
static size_t write_several(weft_stream *stream, const weft_bytes *lines, size_t n)
{
    uv_buf_t buffers[64];
    unsigned count = 0;
    for (size_t size = 0; count < n && count < 64; count++) {
        size += lines[count].len;
        if (size > MOST)
            break;
        buffers[count] = uv_buf_init((char *)(uintptr_t)lines[count].data,
                                     (unsigned)lines[count].len);
    }
    if (count == 0)
        return 0;
    size_t sent = send_at_once(stream, buffers, count), done = 0;
    while (done < count && sent >= lines[done].len)
        sent -= lines[done++].len;
    if (done < count && sent > 0) {
        weft_write(stream, lines[done].data + sent, lines[done].len - sent);
        done++;
    }
    return done;
}

void weft_writelines(weft_stream *stream, const weft_bytes *lines, size_t n)
{
    size_t done = 0;
    while (done < n && may_write(stream) && !stream->plain && stream->unsent == 0) {
        size_t taken = write_several(stream, lines + done, n - done);
        if (taken == 0)
            break;
        done += taken;
    }
    for (; done < n; done++)
        weft_write(stream, lines[done].data, lines[done].len);
}

void weft_printf(weft_stream *stream, const char *format, ...)
{
    char small[512], *text = small;
    va_list args;
    va_start(args, format);
    int size = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (size >= (int)sizeof small) {
        text = malloc((size_t)size + 1);
        if (!text) {
            if (may_write(stream))
                weft__stream_broke(stream, UV_ENOMEM);
            return;
        }
        va_start(args, format);
        vsnprintf(text, (size_t)size + 1, format, args);
        va_end(args);
    }
    if (size > 0)
        weft_write(stream, text, (size_t)size);
    if (text != small)
        free(text);
}

int weft_set_write_buffer_limits(weft_stream *stream, size_t high, size_t low)
{
    if (!stream || low > high)
        return UV_EINVAL;
    stream->high_water = high;
    stream->low_water = low;
    pause_over_high_water(stream);
    return 0;
}

size_t weft_write_buffer_size(weft_stream *stream)
{
    return stream ? stream->unsent : 0;
}

/* asyncio's StreamWriter.drain and _drain_helper. */
int weft_drain_at(weft_site *site, weft_stream *stream)
{
    int rc = weft__stream_check(stream);
    if (rc < 0)
        return rc;
    if (stream->error)
        return stream->error;
    if (!stream->writable)
        return UV_EBADF;
    if (stream->closing || stream->arrived_error) /* who writes in a loop must get to know it */
        rc = weft__yield(weft__current(), site);
    if (rc == 0)
        rc = stream->error;
    if (rc == 0 && stream->lost)
        rc = UV_ECONNRESET;
    if (rc < 0 || !stream->write_paused)
        return rc;
    uint64_t op = weft__op_start(stream->io.loop, WEFT_OP_WRITE, site, stream->io.id,
                                 weft__stream_fd(stream), stream->unsent);
    weft_ref(stream);
    rc = weft__stream_wait(&stream->drainers, stream->io.id, WEFT_AWAIT_WRITE, site);
    if (rc == 0)
        rc = stream->error;
    weft__op_end(stream->io.loop, WEFT_OP_WRITE, op, rc);
    weft_unref(stream);
    return rc;
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
    (void)request, (void)status; /* a failure is found by who reads */
}

bool weft_can_write_eof(weft_stream *stream)
{
    return stream && stream->writable && (stream->socket || !stream->readable);
}

int weft_write_eof(weft_stream *stream)
{
    if (!stream)
        return UV_EINVAL;
    if (stream->eof_written)
        return 0;
    if (!may_write(stream))
        return stream->writable ? WEFT_ECLOSED : UV_EBADF;
    if (!weft_can_write_eof(stream))
        return UV_ENOTSUP;
    stream->eof_written = true;
    if (stream->socket)
        return uv_shutdown(&stream->shutdown, &stream->uv.stream, on_shutdown);
    weft_close(stream); /* a pipe that one only writes to has no other half */
    return 0;
}
