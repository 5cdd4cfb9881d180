/* connect.c: open_connection: one address after another until one answers. */
#include "runtime/error.h"
#include "runtime/stream.h"
#include <errno.h>
#include <unistd.h>

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

struct addresses {
    struct sockaddr_storage at[ADDRESSES];
    int n;
};

/* Binds to the first local address of the peer's family that can be had. */
static int bind_local(weft_stream *stream, const struct sockaddr *peer,
                      const struct addresses *locals)
{
    int fd = socket(peer->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int rc = fd < 0 ? uv_translate_sys_error(errno) : UV_EADDRNOTAVAIL;
    for (int i = 0; fd >= 0 && rc < 0 && i < locals->n; i++) {
        const struct sockaddr *local = (const struct sockaddr *)&locals->at[i];
        if (local->sa_family == peer->sa_family)
            rc = bind(fd, local, weft__address_length(local)) == 0 ? 0
                                                                   : uv_translate_sys_error(errno);
    }
    if (rc == 0)
        rc = uv_tcp_open(&stream->uv.tcp, fd);
    if (rc < 0 && fd >= 0)
        close(fd);
    return rc;
}

static int connect_to(weft_loop *loop, const struct sockaddr *address,
                      const struct addresses *locals, weft_stream_options options, weft_site *site,
                      weft_stream **out)
{
    weft_stream *stream = weft__stream_new(loop, WEFT__STREAM_TCP, options.limit);
    if (!stream)
        return UV_ENOMEM;
    char peer[WEFT__ADDRESS_TEXT], name[WEFT__ADDRESS_TEXT];
    weft__address_name(address, weft__address_length(address), false, peer);
    weft__address_name(address, weft__address_length(address), true, name);
    weft__stream_named(stream, peer, name, site);
    stream->connect.data = stream;
    int rc = locals->n > 0 ? bind_local(stream, address, locals) : 0;
    if (rc == 0)
        rc = uv_tcp_connect(&stream->connect, &stream->uv.tcp, address, on_connect);
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

static int resolve_locals(weft_loop *loop, weft_stream_options options, weft_site *site,
                          struct addresses *locals)
{
    locals->n = 0;
    if (!options.local_host && options.local_port == 0)
        return 0;
    if (!options.local_host && options.local_port > 0 && options.local_port <= 65535) {
        uv_ip4_addr("0.0.0.0", options.local_port, (struct sockaddr_in *)&locals->at[0]);
        uv_ip6_addr("::", options.local_port, (struct sockaddr_in6 *)&locals->at[1]);
        locals->n = 2;
        return 0;
    }
    int n = weft__resolve(loop, options.local_host, options.local_port, true, site, locals->at,
                          ADDRESSES);
    if (n < 0)
        return n;
    locals->n = n;
    return 0;
}

static bool gives_up(int rc)
{
    return rc == 0 || rc == WEFT_ECANCELED || rc == WEFT_ECLOSED;
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
    weft_loop *loop = task->future.loop;
    struct addresses peers = { .n = 0 }, locals;
    int rc = resolve_locals(loop, options, site, &locals);
    if (rc == 0)
        rc = peers.n = weft__resolve(loop, host, port, false, site, peers.at, ADDRESSES);
    for (int i = 0; i < peers.n; i++) {
        rc = connect_to(loop, (struct sockaddr *)&peers.at[i], &locals, options, site, out);
        if (gives_up(rc))
            break;
    }
    if (gives_up(rc))
        return rc;
    char from[WEFT__ADDRESS_TEXT] = "";
    if (locals.n > 0)
        snprintf(from, sizeof from, " from %s:%d", options.local_host ? options.local_host : "",
                 options.local_port);
    return weft_raise_at(site, rc, "cannot connect to %s:%d%s: %s", host ? host : "NULL", port,
                         from, weft_strerror(rc));
}
