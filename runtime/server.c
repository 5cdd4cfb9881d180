/* server.c: start_server: listening sockets, and a task for every connection.
 *
 *      server -> listeners: [ uv_tcp_t | accepted streams ] ...
 *
 * libuv accepts while it polls; the tasks are made when the listener's callback runs in the batch.
 */
#include "runtime/error.h"
#include "runtime/stream.h"
#include <stdlib.h>
#include <string.h>

enum { LISTENERS = 8, BACKLOG = 100 };

struct listener {
    struct weft__io io;
    uv_tcp_t tcp;
    weft_server *server;
    weft_stream *accepted, **accepted_end; /* until their tasks are made */
    bool open;
};

struct weft_server {
    struct weft__object object;
    weft_loop *loop;
    weft_client_fn *fn;
    void *arg;
    char *client_name;
    weft_site *site;
    uint64_t id; /* in the trace: of its first listener */
    size_t limit;
    struct listener *listeners[LISTENERS];
    int n, port;
    size_t connections; /* not lost yet */
    bool closed;
    struct weft__stream_waiter *closers;
};

static void destroy(void *object)
{
    weft_server *server = object;
    weft_server_close(server);
    weft__loop_unref(server->loop);
    free(server->client_name);
    free(server);
}

/* ---- Connections ---- */

static void wake_closers_at_the_end(weft_server *server)
{
    if (server->closed && server->connections == 0)
        weft__wake_waiters(&server->closers, server->id);
}

static void connection_lost(weft_stream *stream)
{
    weft_server *server = stream->server;
    stream->server = NULL;
    server->connections--;
    wake_closers_at_the_end(server);
    weft_unref(server);
}

struct client {
    weft_client_fn *fn;
    void *arg;
    weft_stream *stream;
};

static int client_body(void *args, void *result)
{
    struct client *client = args;
    (void)result;
    return client->fn(client->stream, client->arg);
}

static void client_ended(void *arg)
{
    weft_stream *stream = arg;
    weft_close(stream);
    weft_unref(stream);
}

static void report_failure(weft_future *task, void *arg)
{
    (void)arg;
    if (task->state == WEFT__FAILED)
        weft__report(task->loop, "a client's task failed", weft_future_error(task), task);
}

static void serve(weft_server *server, weft_stream *stream)
{
    stream->on_lost = connection_lost;
    stream->server = weft_ref(server);
    server->connections++;
    struct sockaddr_storage peer = { .ss_family = AF_UNSPEC };
    int size = sizeof peer;
    uv_tcp_getpeername(&stream->uv.tcp, (struct sockaddr *)&peer, &size);
    char address[WEFT__ADDRESS_TEXT], brief[WEFT__ADDRESS_TEXT];
    weft__address_name((struct sockaddr *)&peer, (socklen_t)size, false, address);
    weft__address_name((struct sockaddr *)&peer, (socklen_t)size, true, brief);
    weft__stream_named(stream, address, brief, server->site);
    int rc = weft__stream_connected(stream);
    if (rc < 0) {
        weft__stream_abort(stream);
        weft_unref(stream);
        return;
    }
    struct client client = { server->fn, server->arg, stream };
    weft_coro coro = { .entry = client_body, .name = server->client_name };
    coro.args_size = sizeof client;
    memcpy(coro.args, &client, sizeof client);
    char name[2 * WEFT__ADDRESS_TEXT];
    snprintf(name, sizeof name, "%s %s", server->client_name, brief);
    weft_own weft_task *task = weft__task_new(
        server->loop, server->site, coro,
        (weft_task_options){ .name = name, .on_free = client_ended, .on_free_arg = stream });
    if (weft__is_done(task)) /* no memory for it */
        client_ended(stream);
    else
        weft_add_done_callback_at(server->site, task, report_failure, NULL);
}

/* ---- Listening ---- */

static void on_connection(uv_stream_t *handle, int status)
{
    struct listener *listener = handle->data;
    weft_server *server = listener->server;
    weft_stream *stream = status == 0
                              ? weft__stream_new(server->loop, WEFT__STREAM_TCP, server->limit)
                              : NULL;
    if (!stream) {
        weft_error *error = weft__error_new(status ? status : UV_ENOMEM, NULL, server->site, NULL);
        weft__report(server->loop, "a connection could not be accepted", error, NULL);
        weft_unref(error);
        return;
    }
    if (uv_accept(handle, &stream->uv.stream) < 0) {
        weft__stream_abort(stream);
        weft_unref(stream);
        return;
    }
    *listener->accepted_end = stream;
    listener->accepted_end = &stream->next;
    weft__io_ready(&listener->io);
}

static weft_stream *next_accepted(struct listener *listener)
{
    weft_stream *stream = listener->accepted;
    if (stream)
        listener->accepted = stream->next;
    if (!listener->accepted)
        listener->accepted_end = &listener->accepted;
    return stream;
}

static void run(struct weft__entry *entry)
{
    struct listener *listener = weft__container(entry, struct listener, io.entry);
    weft_loop *loop = listener->io.loop;
    uint64_t id = listener->io.id;
    weft__callback_begin(loop, WEFT_HANDLE_IO, listener->server->site, id, 0);
    for (weft_stream *stream; (stream = next_accepted(listener));)
        serve(listener->server, stream);
    weft__callback_end(loop, WEFT_HANDLE_IO, id);
}

static void on_listener_closed(uv_handle_t *handle)
{
    struct listener *listener = handle->data;
    weft_loop *loop = listener->io.loop;
    weft__io_closed(&listener->io);
    free(listener);
    weft__loop_unref(loop);
}

static void close_listener(struct listener *listener)
{
    weft_loop *loop = listener->io.loop;
    if (!listener->open)
        return;
    listener->open = false;
    for (weft_stream *stream; (stream = next_accepted(listener));) {
        weft__stream_abort(stream);
        weft_unref(stream);
    }
    weft__unready(loop, &listener->io.entry);
    weft__trace(loop, WEFT_RECORD_OBJECT_FREE, 0, NULL, listener->io.id, 0);
    uv_close((uv_handle_t *)&listener->tcp, on_listener_closed);
}

static void close_io(struct weft__io *io)
{
    struct listener *listener = weft__container(io, struct listener, io);
    if (listener->open)
        weft_server_close(listener->server);
}

static void announce(weft_loop *loop, struct listener *listener, const struct sockaddr *address,
                     weft_site *site)
{
    char at[WEFT__ADDRESS_TEXT], name[WEFT__ADDRESS_TEXT + 16];
    weft__address_name(address, weft__address_length(address), true, at);
    snprintf(name, sizeof name, "listen %s", at);
    weft__trace(loop, WEFT_RECORD_OBJECT_NEW, 0, site, listener->io.id, 0);
    weft__trace_name(loop, WEFT_RECORD_OBJECT_NAME, listener->io.id, name);
}

/* Port 0 of a second address becomes the port that the first was given. */
static int bind_and_listen(weft_server *server, struct listener *listener,
                           struct sockaddr_storage *address, int backlog)
{
    in_port_t *port = address->ss_family == AF_INET6 ? &((struct sockaddr_in6 *)address)->sin6_port
                                                     : &((struct sockaddr_in *)address)->sin_port;
    if (*port == 0)
        *port = htons((uint16_t)server->port);
    int rc = uv_tcp_bind(&listener->tcp, (struct sockaddr *)address, 0);
    if (rc == 0)
        rc = uv_listen((uv_stream_t *)&listener->tcp, backlog, on_connection);
    int size = sizeof *address;
    if (rc == 0)
        rc = uv_tcp_getsockname(&listener->tcp, (struct sockaddr *)address, &size);
    if (rc == 0 && server->port == 0)
        server->port = ntohs(*port);
    return rc;
}

static int listen_on(weft_server *server, struct sockaddr_storage *address, int backlog,
                     weft_site *site)
{
    weft_loop *loop = server->loop;
    struct listener *listener = calloc(1, sizeof *listener);
    if (!listener)
        return UV_ENOMEM;
    int rc = uv_tcp_init(loop->uv, &listener->tcp);
    if (rc < 0) {
        free(listener);
        return rc;
    }
    listener->tcp.data = listener;
    listener->server = server;
    listener->accepted_end = &listener->accepted;
    listener->open = true;
    listener->io.entry.run = run;
    listener->io.close = close_io;
    weft__io_open(loop, &listener->io, WEFT_ENTITY_STREAM);
    rc = bind_and_listen(server, listener, address, backlog);
    if (rc < 0) {
        close_listener(listener);
        return rc;
    }
    announce(loop, listener, (struct sockaddr *)address, site);
    if (server->n == 0)
        server->id = listener->io.id;
    server->listeners[server->n++] = listener;
    return 0;
}

static weft_server *server_new(weft_loop *loop, weft_client_fn *fn, void *arg,
                               const char *client_name, weft_server_options options,
                               weft_site *site)
{
    weft_server *server = calloc(1, sizeof *server);
    if (!server)
        return NULL;
    weft__object_init(&server->object, WEFT__SERVER, destroy);
    server->client_name = strdup(options.name ? options.name : client_name);
    if (!server->client_name) {
        free(server);
        return NULL;
    }
    server->loop = loop;
    weft__loop_ref(loop);
    server->fn = fn;
    server->arg = arg;
    server->site = site;
    server->limit = options.limit;
    return server;
}

int weft_start_server_at(weft_site *site, const char *host, int port, weft_client_fn *fn,
                         const char *fn_name, void *arg, weft_server **out,
                         weft_server_options options)
{
    struct weft__task *task = weft__current();
    if (!out || !fn || !fn_name)
        return UV_EINVAL;
    *out = NULL;
    if (!task)
        return WEFT_ENOTASK;
    weft_loop *loop = task->future.loop;
    struct sockaddr_storage addresses[LISTENERS];
    int n = weft__resolve(loop, host, port, true, site, addresses, LISTENERS);
    if (n < 0)
        return n;
    weft_server *server = server_new(loop, fn, arg, fn_name, options, site);
    if (!server)
        return UV_ENOMEM;
    int backlog = options.backlog > 0 ? options.backlog : BACKLOG, rc = 0;
    for (int i = 0; rc == 0 && i < n; i++)
        rc = listen_on(server, &addresses[i], backlog, site);
    if ((rc == UV_EAFNOSUPPORT || rc == UV_EADDRNOTAVAIL) &&
        !host) { /* no IPv6 here: any IPv4 interface then */
        uv_ip4_addr("0.0.0.0", port, (struct sockaddr_in *)&addresses[0]);
        rc = listen_on(server, &addresses[0], backlog, site);
    }
    if (rc == 0) /* as in asyncio, listening takes one iteration */
        rc = weft__yield(task, site);
    if (rc < 0) {
        weft_unref(server);
        return rc;
    }
    *out = server;
    return 0;
}

int weft_server_port(weft_server *server)
{
    return server && !server->closed ? server->port : 0;
}

void weft_server_close(weft_server *server)
{
    if (!server || server->closed || server->loop->closed)
        return;
    server->closed = true;
    for (int i = 0; i < server->n; i++)
        close_listener(server->listeners[i]);
    server->n = 0;
    wake_closers_at_the_end(server);
}

int weft_server_wait_closed_at(weft_site *site, weft_server *server)
{
    struct weft__task *task = weft__current();
    if (!server || !task)
        return server ? WEFT_ENOTASK : UV_EINVAL;
    if (server->loop != task->future.loop)
        return WEFT_ELOOP;
    if (server->closed && server->connections == 0)
        return 0;
    weft_ref(server);
    int rc = weft__stream_wait(&server->closers, server->id, WEFT_AWAIT_OTHER, site);
    weft_unref(server);
    return rc;
}
