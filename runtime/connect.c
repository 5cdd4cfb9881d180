/* connect.c: open_connection: one address after another until one answers. */
#include "runtime/error.h"
#include "runtime/stream.h"

enum { ADDRESSES = 16 };

static void on_connect(uv_connect_t *request, int status)
{
    weft_stream *stream = request->data;
    stream->connect_status = status;
    if (stream->close_begun)
        return;
    stream->events |= WEFT__STREAM_CONNECTED;
    weft__io_ready(&stream->io);
}

static int wait_for_connect(weft_stream *stream, weft_site *site)
{
    weft_loop *loop = stream->io.loop;
    struct weft__task *task = weft__current();
    uint64_t op = weft__op_start(loop, WEFT_OP_CONNECT, site, stream->io.id, -1, 0);
    stream->reader = task;
    int rc = weft__wait(task, WEFT_AWAIT_CONNECT, stream->io.id, site);
    stream->reader = NULL;
    if (rc == 0)
        rc = stream->connect_status == UV_ECANCELED ? UV_ECONNABORTED : stream->connect_status;
    weft__op_end(loop, WEFT_OP_CONNECT, op, rc);
    return rc;
}

static int connect_to(weft_loop *loop, const struct sockaddr *address, weft_stream_options options,
                      weft_site *site, weft_stream **out)
{
    weft_stream *stream = weft__stream_new(loop, WEFT__STREAM_TCP, options.limit);
    if (!stream)
        return UV_ENOMEM;
    char peer[WEFT__ADDRESS_TEXT], name[WEFT__ADDRESS_TEXT];
    weft__address_name(address, weft__address_length(address), false, peer);
    weft__address_name(address, weft__address_length(address), true, name);
    weft__stream_named(stream, peer, name, site);
    stream->connect.data = stream;
    int rc = uv_tcp_connect(&stream->connect, &stream->uv.tcp, address, on_connect);
    if (rc == 0)
        rc = wait_for_connect(stream, site);
    if (rc == 0)
        rc = weft__stream_connected(stream);
    if (rc == 0) {
        *out = stream;
        return 0;
    }
    weft__stream_abort(stream);
    weft_unref(stream);
    return rc;
}

int weft_open_connection_at(weft_site *site, const char *host, int port, weft_stream **out,
                            weft_stream_options options)
{
    struct weft__task *task = weft__current();
    if (!out)
        return UV_EINVAL;
    *out = NULL;
    if (!task)
        return WEFT_ENOTASK;
    struct sockaddr_storage addresses[ADDRESSES];
    int n = weft__resolve(task->future.loop, host, port, false, site, addresses, ADDRESSES);
    int rc = n;
    if (rc == WEFT_ECANCELED || rc == WEFT_ECLOSED)
        return rc;
    for (int i = 0; i < n; i++) {
        rc = connect_to(task->future.loop, (struct sockaddr *)&addresses[i], options, site, out);
        if (rc == 0 || rc == WEFT_ECANCELED || rc == WEFT_ECLOSED)
            return rc;
    }
    return weft_raise_at(site, rc, "cannot connect to %s:%d: %s", host ? host : "NULL", port,
                         weft_strerror(rc));
}
