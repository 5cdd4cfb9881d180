/* listen.c: a server's sockets: bound, listening, accepting.
 *
 * asyncio's _accept_connection (Lib/asyncio/selector_events.py): as many connections as wait, at
 * most the backlog, in each iteration that finds the socket ready. Out of descriptors, it tells so
 * and looks away for a second: who wants to connect waits in the kernel's queue. */
#include "runtime/error.h"
#include "runtime/server.h"
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ACCEPT_RETRY_DELAY 1.0 /* seconds */

static int last_error(void)
{
    return uv_translate_sys_error(errno);
}

/* ---- Accepting ---- */

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct weft__listener *listener = poll->data;
    (void)status, (void)events; /* accept says what is wrong */
    weft__io_ready(&listener->io);
}

static void watch(void *arg)
{
    struct weft__listener *listener = arg;
    listener->retry = NULL;
    uv_poll_start(&listener->poll, UV_READABLE, on_poll);
}

static bool out_of_resources(int code)
{
    return code == UV_EMFILE || code == UV_ENFILE || code == UV_ENOBUFS || code == UV_ENOMEM;
}

static void accept_failed(struct weft__listener *listener, int code)
{
    weft_server *server = listener->server;
    char message[WEFT__ADDRESS_TEXT + 128];
    bool pause = out_of_resources(code);
    snprintf(message, sizeof message, "%s: %s%s", listener->name, weft_strerror(code),
             pause ? "; accepting again in a second" : "");
    if (pause) {
        uv_poll_stop(&listener->poll);
        listener->retry = weft_call_later_at(server->site, ACCEPT_RETRY_DELAY, watch, listener);
        if (!listener->retry)
            watch(listener);
    }
    weft_error *error = weft__error_new(code, message, server->site, NULL);
    weft__report(server->loop, "a connection could not be accepted", error, NULL);
    weft_unref(error);
}

/* False: there is none, or not now. */
static bool accept_one(struct weft__listener *listener)
{
    struct sockaddr_storage peer = { .ss_family = AF_UNSPEC };
    socklen_t length = sizeof peer;
    int fd = accept4(listener->fd, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        weft__server_accepted(listener->server, fd, listener, (struct sockaddr *)&peer, length);
        return true;
    }
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
        accept_failed(listener, last_error());
    return false;
}

static void run(struct weft__entry *entry)
{
    struct weft__listener *listener = weft__container(entry, struct weft__listener, io.entry);
    weft_loop *loop = listener->io.loop;
    weft_server *server = listener->server;
    uint64_t id = listener->io.id;
    weft__callback_begin(loop, WEFT_HANDLE_IO, server->site, id, 0);
    int most = server->backlog;
    weft_ref(server);
    while (most-- > 0 && !server->closed && accept_one(listener))
        ;
    weft_unref(server);
    weft__callback_end(loop, WEFT_HANDLE_IO, id);
}

/* ---- Opening ---- */

static void announce(struct weft__listener *listener, const struct sockaddr *address,
                     socklen_t length, weft_site *site)
{
    weft_loop *loop = listener->io.loop;
    char brief[WEFT__ADDRESS_TEXT], name[WEFT__ADDRESS_TEXT + 16];
    weft__address_name(address, length, false, listener->name);
    weft__address_name(address, length, true, brief);
    snprintf(name, sizeof name, "listen %s", brief);
    weft__trace(loop, WEFT_RECORD_OBJECT_NEW, 0, site, listener->io.id, 0);
    weft__trace_name(loop, WEFT_RECORD_OBJECT_NAME, listener->io.id, name);
}

/* As asyncio binds: the port of a server that has gone can be taken at once, and an IPv6 socket is
 * for IPv6 alone. */
static int bound_socket(const struct sockaddr *address, socklen_t length, bool reuse_port, int *out)
{
    const int on = 1;
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return last_error();
    bool internet = address->sa_family != AF_UNIX;
    if ((internet && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0) ||
        (internet && reuse_port && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0) ||
        (address->sa_family == AF_INET6 &&
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0) ||
        bind(fd, address, length) < 0) {
        int rc = last_error();
        close(fd);
        return rc;
    }
    *out = fd;
    return 0;
}

static void close_io(struct weft__io *io)
{
    struct weft__listener *listener = weft__container(io, struct weft__listener, io);
    if (!uv_is_closing((uv_handle_t *)&listener->poll))
        weft_server_close(listener->server);
}

static int listener_new(weft_server *server, int fd, struct weft__listener **out)
{
    struct weft__listener *listener = calloc(1, sizeof *listener);
    if (!listener)
        return UV_ENOMEM;
    int rc = uv_poll_init(server->loop->uv, &listener->poll, fd);
    if (rc < 0) {
        free(listener);
        return rc;
    }
    listener->poll.data = listener;
    listener->fd = fd;
    listener->server = server;
    listener->io.entry.run = run;
    listener->io.close = close_io;
    weft__io_open(server->loop, &listener->io, WEFT_ENTITY_STREAM);
    if (server->n == 0)
        server->id = listener->io.id;
    server->listeners[server->n++] = listener;
    *out = listener;
    return 0;
}

static int cannot_listen(int rc, const char *name, weft_site *site)
{
    return weft_raise_at(site, rc, "cannot listen on %s: %s", name, weft_strerror(rc));
}

int weft__listener_open(weft_server *server, const struct sockaddr *address, socklen_t length,
                        bool reuse_port, weft_site *site)
{
    int fd = -1;
    struct weft__listener *listener = NULL;
    int rc = bound_socket(address, length, reuse_port, &fd);
    if (rc == 0)
        rc = listener_new(server, fd, &listener);
    if (rc < 0) {
        char name[WEFT__ADDRESS_TEXT];
        weft__address_name(address, length, false, name);
        if (fd >= 0)
            close(fd);
        return cannot_listen(rc, name, site);
    }
    struct sockaddr_storage bound;
    socklen_t size = sizeof bound;
    getsockname(fd, (struct sockaddr *)&bound, &size);
    if (server->port == 0)
        server->port = weft__address_port((struct sockaddr *)&bound);
    announce(listener, (struct sockaddr *)&bound, size, site);
    return 0;
}

int weft__listener_start(struct weft__listener *listener, weft_site *site)
{
    if (listen(listener->fd, listener->server->backlog) < 0)
        return cannot_listen(last_error(), listener->name, site);
    watch(listener);
    return 0;
}

/* ---- Closing ---- */

static void on_closed(uv_handle_t *handle)
{
    struct weft__listener *listener = handle->data;
    weft_loop *loop = listener->io.loop;
    weft__io_closed(&listener->io);
    free(listener->path);
    free(listener);
    weft__loop_unref(loop);
}

void weft__listener_close(struct weft__listener *listener)
{
    weft_loop *loop = listener->io.loop;
    if (listener->retry)
        weft_handle_cancel(listener->retry);
    weft__unready(loop, &listener->io.entry);
    weft__trace(loop, WEFT_RECORD_OBJECT_FREE, 0, NULL, listener->io.id, 0);
    uv_close((uv_handle_t *)&listener->poll, on_closed);
    close(listener->fd);
    if (listener->path)
        weft__unix_remove(listener);
}
