/* stream.c: a stream's life: made, named, broken, closed, lost. See stream.h. */
#include "runtime/stream.h"
#include <stdlib.h>
#include <string.h>

enum { LIMIT = 64 * 1024 };

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
    if (weft_probe_recording()) {
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
    weft__plain_free(stream->plain);
    free(stream->peer);
    free(stream->sockname);
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

void weft__stream_closed(weft_stream *stream)
{
    stream->events |= WEFT__STREAM_CLOSED;
    if (stream->io.loop->closing)
        lose(stream);
    else
        weft__io_ready(&stream->io);
}

static void on_closed(uv_handle_t *handle)
{
    weft__stream_closed(handle->data);
}

static void close_handle(weft_stream *stream)
{
    if (stream->close_begun)
        return;
    if (stream->unblocked)
        weft__pipe_block_again(stream);
    stream->close_begun = true;
    if (stream->plain)
        weft__plain_close(stream);
    else
        uv_close(&stream->uv.handle, on_closed);
}

void weft__stream_abort(weft_stream *stream)
{
    stream->closing = true;
    close_handle(stream);
}

void weft__stream_broke(weft_stream *stream, int code)
{
    if (stream->arrived_error || stream->close_begun)
        return;
    stream->arrived_error = code == UV_ECANCELED ? UV_ECONNABORTED : code;
    stream->ended = true;
    stream->events |= WEFT__STREAM_DATA;
    weft__io_ready(&stream->io);
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
        weft__writer_sent(stream);
        if (stream->closing && stream->unsent == 0)
            close_handle(stream);
    }
    if (events & WEFT__STREAM_CLOSED)
        lose(stream);
    weft__callback_end(loop, WEFT_HANDLE_IO, id);
    weft_unref(stream);
}

static int init_handle(weft_loop *loop, weft_stream *stream, enum weft__stream_kind kind)
{
    if (kind == WEFT__STREAM_TCP)
        return uv_tcp_init(loop->uv, &stream->uv.tcp);
    if (kind == WEFT__STREAM_PIPE)
        return uv_pipe_init(loop->uv, &stream->uv.pipe, 0);
    stream->plain = weft__plain_new();
    return stream->plain ? 0 : UV_ENOMEM;
}

weft_stream *weft__stream_new(weft_loop *loop, enum weft__stream_kind kind, size_t limit)
{
    weft_stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return NULL;
    if (init_handle(loop, stream, kind) < 0) {
        free(stream);
        return NULL;
    }
    weft__object_init(&stream->object, WEFT__STREAM, destroy);
    stream->uv.handle.data = stream;
    stream->limit = limit ? limit : LIMIT;
    stream->high_water = WEFT__HIGH_WATER;
    stream->low_water = WEFT__LOW_WATER;
    stream->io.entry.run = run;
    stream->io.close = close_io;
    weft__io_open(loop, &stream->io, WEFT_ENTITY_STREAM);
    return stream;
}

void weft__stream_named(weft_stream *stream, const char *peer, const char *name, weft_site *site)
{
    weft_loop *loop = stream->io.loop;
    stream->peer = strdup(peer);
    weft__trace(loop, WEFT_RECORD_OBJECT_NEW, 0, site, stream->io.id, 0);
    weft__trace_name(loop, WEFT_RECORD_OBJECT_NAME, stream->io.id, name);
}

int weft__stream_connected(weft_stream *stream)
{
    stream->readable = stream->writable = stream->socket = true;
    if (stream->uv.handle.type == UV_TCP)
        uv_tcp_nodelay(&stream->uv.tcp, 1);
    return weft__reader_start(stream);
}

/* ---- What it is ---- */

const char *weft_stream_peer(weft_stream *stream)
{
    return stream && stream->peer ? stream->peer : "";
}

const char *weft_stream_sockname(weft_stream *stream)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    if (!stream)
        return "";
    if (!stream->sockname && stream->socket && !stream->close_begun &&
        getsockname(weft__stream_fd(stream), (struct sockaddr *)&address, &length) == 0) {
        char name[WEFT__ADDRESS_TEXT];
        weft__address_name((struct sockaddr *)&address, length, false, name);
        stream->sockname = strdup(name);
    }
    return stream->sockname ? stream->sockname : "";
}

int weft__stream_fd(const weft_stream *stream)
{
    uv_os_fd_t fd;
    if (stream->close_begun)
        return -1;
    if (stream->plain)
        return weft__plain_fd(stream);
    return uv_fileno(&stream->uv.handle, &fd) == 0 ? fd : -1;
}

int weft_stream_fd(weft_stream *stream)
{
    return stream ? weft__stream_fd(stream) : UV_EINVAL;
}

/* ---- Closing ---- */

void weft_close(weft_stream *stream)
{
    if (!stream || stream->closing || stream->io.loop->closed)
        return;
    stream->closing = true;
    weft__reader_stop(stream);
    if (stream->unsent == 0)
        close_handle(stream);
}

void weft_stream_abort(weft_stream *stream)
{
    if (!stream || stream->io.loop->closed)
        return;
    weft__reader_stop(stream);
    weft__stream_abort(stream);
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
                                     weft__stream_fd(stream), 0);
        rc = weft__stream_wait(&stream->closers, stream->io.id, WEFT_AWAIT_WRITE, site);
        weft__op_end(stream->io.loop, WEFT_OP_CLOSE, op, rc);
    }
    rc = rc < 0 ? rc : stream->error;
    weft_unref(stream);
    return rc;
}
