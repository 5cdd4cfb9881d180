/* stream.c: a TCP stream's life and its writing side; reading is in reader.c, see stream.h. */
#include "runtime/stream.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
    HIGH_WATER = 64 * 1024, /* unsent bytes at which drain begins to wait */
    LOW_WATER = 16 * 1024,  /* and at which it stops                      */
    LIMIT = 64 * 1024,
};

/* ---- Waiting ---- */

int weft__stream_check(const weft_stream *stream)
{
    if (!stream)
        return UV_EINVAL;
    if (stream->io.loop->closed)
        return WEFT_ECLOSED;
    if (!weft__current())
        return WEFT_ENOTASK;
    return weft__current()->future.loop == stream->io.loop ? 0 : WEFT_ELOOP;
}

int weft__stream_wait(struct weft__stream_waiter **list, uint64_t what, enum weft_await_kind kind,
                      weft_site *site)
{
    struct weft__stream_waiter waiter = { .task = weft__current() }, **at = list;
    while (*at)
        at = &(*at)->next;
    *at = &waiter;
    int rc = weft__wait(waiter.task, kind, what, site);
    for (at = list; *at != &waiter; at = &(*at)->next)
        ;
    *at = waiter.next;
    return rc;
}

void weft__wake_waiters(struct weft__stream_waiter **list, uint64_t by)
{
    for (struct weft__stream_waiter *waiter = *list; waiter; waiter = waiter->next)
        weft__wake(waiter->task, WEFT_WAKE_IO, by);
}

uint64_t weft__op_start(weft_loop *loop, enum weft_op_kind kind, weft_site *site, uint64_t on,
                        int fd, size_t size)
{
    uint64_t op = weft_new_id(loop->writer, WEFT_ENTITY_OP);
    if (weft_probe_on()) {
        struct weft_ext_op ext = { .handle = on, .fd = fd, .size = size };
        weft_emit_ext(loop->writer, WEFT_RECORD_OP_START, kind, weft_site_id(site), op, on, &ext);
    }
    return op;
}

void weft__op_end(weft_loop *loop, enum weft_op_kind kind, uint64_t op, int64_t status)
{
    weft__trace(loop, WEFT_RECORD_OP_END, kind, NULL, op, (uint64_t)status);
}

/* ---- Life ---- */

static void destroy(void *object)
{
    weft_stream *stream = object;
    if (!stream->lost && !stream->io.loop->closed) {
        stream->object.refs = 1; /* libuv's, until it has closed */
        stream->orphan = true;
        weft_close(stream);
        return;
    }
    weft__reader_finish(stream);
    weft__loop_unref(stream->io.loop);
    free(stream);
}

/* asyncio's connection_lost. */
static void lose(weft_stream *stream)
{
    weft_loop *loop = stream->io.loop;
    stream->lost = true;
    stream->closing = true;
    stream->error = stream->arrived_error;
    stream->ended = true;
    weft__reader_arrived(stream);
    weft__wake_waiters(&stream->drainers, stream->io.id);
    weft__wake_waiters(&stream->closers, stream->io.id);
    weft__trace(loop, WEFT_RECORD_OBJECT_FREE, 0, NULL, stream->io.id, 0);
    weft__io_closed(&stream->io);
    if (stream->on_lost)
        stream->on_lost(stream);
    if (stream->orphan)
        weft_unref(stream);
}

static void on_closed(uv_handle_t *handle)
{
    weft_stream *stream = handle->data;
    stream->events |= WEFT__STREAM_CLOSED;
    if (stream->io.loop->closing)
        lose(stream);
    else
        weft__io_ready(&stream->io);
}

static void close_handle(weft_stream *stream)
{
    if (stream->close_begun)
        return;
    stream->close_begun = true;
    uv_close((uv_handle_t *)&stream->tcp, on_closed);
}

void weft__stream_abort(weft_stream *stream)
{
    stream->closing = true;
    close_handle(stream);
}

static void close_io(struct weft__io *io)
{
    weft__stream_abort(weft__container(io, weft_stream, io));
}

/* The stream's callback in the batch. */
static void run(struct weft__entry *entry)
{
    weft_stream *stream = weft__container(entry, weft_stream, io.entry);
    weft_loop *loop = stream->io.loop;
    uint64_t id = stream->io.id;
    unsigned events = stream->events;
    stream->events = 0;
    weft_ref(stream);
    weft__callback_begin(loop, WEFT_HANDLE_IO, NULL, id, 0);
    if (stream->arrived_error && !stream->error) {
        stream->error = stream->arrived_error;
        weft__wake_waiters(&stream->drainers, id);
        weft__stream_abort(stream);
    }
    if (events & WEFT__STREAM_DATA)
        weft__reader_arrived(stream);
    if ((events & WEFT__STREAM_CONNECTED) && stream->reader)
        weft__wake(stream->reader, WEFT_WAKE_IO, id);
    if (events & WEFT__STREAM_SENT) {
        if (stream->write_paused && stream->unsent <= LOW_WATER) {
            stream->write_paused = false;
            weft__wake_waiters(&stream->drainers, id);
        }
        if (stream->closing && stream->unsent == 0)
            close_handle(stream);
    }
    if (events & WEFT__STREAM_CLOSED)
        lose(stream);
    weft__callback_end(loop, WEFT_HANDLE_IO, id);
    weft_unref(stream);
}

weft_stream *weft__stream_new(weft_loop *loop, size_t limit)
{
    weft_stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return NULL;
    if (uv_tcp_init(loop->uv, &stream->tcp) < 0) {
        free(stream);
        return NULL;
    }
    weft__object_init(&stream->object, WEFT__STREAM, destroy);
    stream->tcp.data = stream;
    stream->limit = limit ? limit : LIMIT;
    stream->io.entry.run = run;
    stream->io.close = close_io;
    weft__io_open(loop, &stream->io, WEFT_ENTITY_STREAM);
    return stream;
}

void weft__stream_named(weft_stream *stream, const struct sockaddr *peer, weft_site *site)
{
    weft_loop *loop = stream->io.loop;
    weft__address_name(peer, false, stream->peer, sizeof stream->peer);
    weft__address_name(peer, true, stream->name, sizeof stream->name);
    weft__trace(loop, WEFT_RECORD_OBJECT_NEW, 0, site, stream->io.id, 0);
    weft__trace_name(loop, WEFT_RECORD_OBJECT_NAME, stream->io.id, stream->name);
}

int weft__stream_connected(weft_stream *stream)
{
    uv_tcp_nodelay(&stream->tcp, 1);
    return weft__reader_start(stream);
}

const char *weft_stream_peer(weft_stream *stream)
{
    return stream ? stream->peer : "";
}

/* ---- Writing ---- */

struct write_request {
    uv_write_t request;
    weft_stream *stream;
    size_t size;
    char data[];
};

static void broke(weft_stream *stream, int code)
{
    if (stream->arrived_error || stream->closing)
        return;
    stream->arrived_error = code == UV_ECANCELED ? UV_ECONNABORTED : code;
    stream->ended = true;
    stream->events |= WEFT__STREAM_DATA;
    weft__io_ready(&stream->io);
}

static void on_written(uv_write_t *request, int status)
{
    struct write_request *write = request->data;
    weft_stream *stream = write->stream;
    stream->unsent -= write->size;
    free(write);
    if (stream->close_begun)
        return;
    if (status < 0)
        broke(stream, status);
    stream->events |= WEFT__STREAM_SENT;
    weft__io_ready(&stream->io);
}

static bool may_write(const weft_stream *stream)
{
    return stream && !stream->io.loop->closed && !stream->closing && !stream->eof_written &&
           !stream->arrived_error;
}

/* What libuv could not send at once. */
static void queue(weft_stream *stream, const char *data, size_t size)
{
    struct write_request *write = malloc(sizeof *write + size);
    if (!write) {
        broke(stream, UV_ENOMEM);
        return;
    }
    memcpy(write->data, data, size);
    write->stream = stream;
    write->size = size;
    write->request.data = write;
    uv_buf_t buffer = uv_buf_init(write->data, (unsigned)size);
    int rc = uv_write(&write->request, (uv_stream_t *)&stream->tcp, &buffer, 1, on_written);
    if (rc < 0) {
        free(write);
        broke(stream, rc);
        return;
    }
    stream->unsent += size;
    if (stream->unsent > HIGH_WATER)
        stream->write_paused = true;
}

void weft_write(weft_stream *stream, const void *data, size_t size)
{
    enum { MOST = 1 << 30 }; /* libuv counts in 32 bits */
    const char *at = data;
    while (may_write(stream) && size > 0) {
        size_t piece = size < MOST ? size : MOST;
        int sent = UV_EAGAIN;
        if (stream->unsent == 0) {
            uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)at, (unsigned)piece);
            sent = uv_try_write((uv_stream_t *)&stream->tcp, &buffer, 1);
        }
        if (sent < 0 && sent != UV_EAGAIN) {
            broke(stream, sent);
            return;
        }
        if (sent < 0)
            sent = 0;
        if ((size_t)sent < piece)
            queue(stream, at + sent, piece - (size_t)sent);
        at += piece;
        size -= piece;
    }
}

void weft_writelines(weft_stream *stream, const weft_bytes *lines, size_t n)
{
    for (size_t i = 0; i < n; i++)
        weft_write(stream, lines[i].data, lines[i].len);
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
                broke(stream, UV_ENOMEM);
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

static int file_descriptor(const weft_stream *stream)
{
    uv_os_fd_t fd;
    return uv_fileno((const uv_handle_t *)&stream->tcp, &fd) == 0 ? fd : -1;
}

/* asyncio's StreamWriter.drain and _drain_helper. */
int weft_drain_at(weft_site *site, weft_stream *stream)
{
    int rc = weft__stream_check(stream);
    if (rc < 0)
        return rc;
    if (stream->error)
        return stream->error;
    if (stream->closing)
        rc = weft__yield(weft__current(), site);
    if (rc == 0 && stream->lost)
        rc = stream->error ? stream->error : UV_ECONNRESET;
    if (rc < 0 || !stream->write_paused)
        return rc;
    uint64_t op = weft__op_start(stream->io.loop, WEFT_OP_WRITE, site, stream->io.id,
                                 file_descriptor(stream), stream->unsent);
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

int weft_write_eof(weft_stream *stream)
{
    if (!stream)
        return UV_EINVAL;
    if (stream->eof_written)
        return 0;
    if (!may_write(stream))
        return WEFT_ECLOSED;
    stream->eof_written = true;
    return uv_shutdown(&stream->shutdown, (uv_stream_t *)&stream->tcp, on_shutdown);
}

/* ---- Closing ---- */

void weft_close(weft_stream *stream)
{
    if (!stream || stream->closing || stream->io.loop->closed)
        return;
    stream->closing = true;
    if (stream->listening) {
        uv_read_stop((uv_stream_t *)&stream->tcp);
        stream->listening = false;
    }
    if (stream->unsent == 0)
        close_handle(stream);
}

bool weft_is_closing(weft_stream *stream)
{
    return !stream || stream->closing || stream->io.loop->closed;
}

int weft_wait_closed_at(weft_site *site, weft_stream *stream)
{
    int rc = weft__stream_check(stream);
    if (rc < 0)
        return rc;
    weft_ref(stream);
    if (!stream->lost) {
        uint64_t op = weft__op_start(stream->io.loop, WEFT_OP_CLOSE, site, stream->io.id,
                                     file_descriptor(stream), 0);
        rc = weft__stream_wait(&stream->closers, stream->io.id, WEFT_AWAIT_WRITE, site);
        weft__op_end(stream->io.loop, WEFT_OP_CLOSE, op, rc);
    }
    rc = rc < 0 ? rc : stream->error;
    weft_unref(stream);
    return rc;
}
