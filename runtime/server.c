/* server.c: start_server: a task for every connection, until the server is closed and the last one
 * has ended. What asyncio's Server is in Lib/asyncio/base_events.py. See server.h. */
#include "runtime/server.h"
#include "runtime/error.h"
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Life ---- */

static void free_server(weft_server *server)
{
    weft__loop_unref(server->loop);
    free(server->client_name);
    free(server);
}

static void destroy(void *object)
{
    weft_server *server = object;
    weft_server_close(server);
    if (server->connections == 0) {
        free_server(server);
        return;
    }
    server->object.refs = 1; /* its connections', until the last is lost */
    server->orphan = true;
}

weft_server *weft__server_new(weft_loop *loop, weft_client_fn *fn, void *arg,
                              const char *client_name, weft_server_options options, weft_site *site)
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
    weft__list_init(&server->clients);
    server->fn = fn;
    server->arg = arg;
    server->site = site;
    server->limit = options.limit;
    server->backlog = options.backlog > 0 ? options.backlog : WEFT__BACKLOG;
    return server;
}

static void wake_closers_at_the_end(weft_server *server)
{
    if (server->closed && server->connections == 0)
        weft__wake_waiters(&server->closers, server->id);
}

/* ---- Connections ---- */

static weft_stream *stream_of(struct weft__links *links)
{
    return weft__container(links, weft_stream, client);
}

static void connection_lost(weft_stream *stream)
{
    weft_server *server = stream->server;
    stream->server = NULL;
    stream->client.next->prev = stream->client.prev;
    stream->client.prev->next = stream->client.next;
    server->connections--;
    wake_closers_at_the_end(server);
    if (server->orphan && server->connections == 0)
        free_server(server);
}

static void attach(weft_server *server, weft_stream *stream)
{
    struct weft__links *last = server->clients.prev;
    stream->server = server;
    stream->on_lost = connection_lost;
    stream->client = (struct weft__links){ &server->clients, last };
    last->next = server->clients.prev = &stream->client;
    server->connections++;
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

static void start_task(weft_server *server, weft_stream *stream, const char *client)
{
    struct client args = { server->fn, server->arg, stream };
    weft_coro coro = { .entry = client_body, .name = server->client_name };
    coro.args_size = sizeof args;
    memcpy(coro.args, &args, sizeof args);
    char name[2 * WEFT__ADDRESS_TEXT];
    snprintf(name, sizeof name, "%s %s", server->client_name, client);
    weft_own weft_task *task = weft__task_new(
        server->loop, server->site, coro,
        (weft_task_options){ .name = name, .on_free = client_ended, .on_free_arg = stream });
    if (weft__is_done(task)) /* no memory for it */
        client_ended(stream);
    else
        weft_add_done_callback_at(server->site, task, report_failure, NULL);
}

/* A unix socket's client has no address of its own: it is numbered. */
static void name_client(weft_server *server, weft_stream *stream,
                        const struct weft__listener *listener, const struct sockaddr *peer,
                        socklen_t length, char *brief, size_t size)
{
    char address[WEFT__ADDRESS_TEXT], name[WEFT__ADDRESS_TEXT];
    weft__address_name(peer, length, false, address);
    weft__address_name(peer, length, true, name);
    snprintf(brief, size, "%s", name);
    if (name[0] == 0)
        snprintf(brief, size, "%s#%u", listener->name, server->accepted);
    weft__stream_named(stream, address, brief, server->site);
}

void weft__server_accepted(weft_server *server, int fd, const struct weft__listener *listener,
                           const struct sockaddr *peer, socklen_t length)
{
    bool internet = peer->sa_family != AF_UNIX;
    char brief[WEFT__ADDRESS_TEXT + 16];
    weft_stream *stream = weft__stream_new(
        server->loop, internet ? WEFT__STREAM_TCP : WEFT__STREAM_PIPE, server->limit);
    if (!stream) {
        close(fd);
        return;
    }
    server->accepted++;
    name_client(server, stream, listener, peer, length, brief, sizeof brief);
    int rc = internet ? uv_tcp_open(&stream->uv.tcp, fd) : uv_pipe_open(&stream->uv.pipe, fd);
    if (rc < 0)
        close(fd);
    else
        rc = weft__stream_connected(stream);
    if (rc < 0) {
        weft__stream_abort(stream);
        weft_unref(stream);
        return;
    }
    attach(server, stream);
    start_task(server, stream, brief);
}

/* ---- Starting ---- */

static int start_serving(weft_server *server, weft_site *site)
{
    if (server->serving)
        return 0;
    for (int i = 0; i < server->n; i++) {
        int rc = weft__listener_start(server->listeners[i], site);
        if (rc < 0)
            return rc;
    }
    server->serving = true;
    return 0;
}

int weft__server_ready(weft_server *server, weft_server_options options, weft_site *site,
                       weft_server **out)
{
    int rc = 0;
    if (!options.start_later) {
        rc = start_serving(server, site);
        if (rc == 0) /* as in asyncio, listening takes one iteration */
            rc = weft__yield(weft__current(), site);
    }
    if (rc < 0) {
        weft_unref(server);
        return rc;
    }
    *out = server;
    return 0;
}

/* The addresses to listen on, each once. */
static int addresses_of(weft_loop *loop, const char *host, int port, weft_site *site,
                        struct sockaddr_storage *addresses)
{
    if ((!host || host[0] == 0) && port >= 0 && port <= 65535) { /* every interface */
        uv_ip4_addr("0.0.0.0", port, (struct sockaddr_in *)&addresses[0]);
        uv_ip6_addr("::", port, (struct sockaddr_in6 *)&addresses[1]);
        return 2;
    }
    memset(addresses, 0, WEFT__LISTENERS * sizeof *addresses);
    int found = weft__resolve(loop, host, port, true, site, addresses, WEFT__LISTENERS), n = 0;
    for (int i = 0; i < found; i++) {
        int same = 0;
        while (same < n && memcmp(&addresses[same], &addresses[i], sizeof *addresses) != 0)
            same++;
        if (same == n)
            addresses[n++] = addresses[i];
    }
    return found < 0 ? found : n;
}

static void close_listeners(weft_server *server)
{
    for (int i = 0; i < server->n; i++)
        weft__listener_close(server->listeners[i]);
    server->n = 0;
}

/* Port 0 of a second address becomes the port that the first was given. A family that this machine
 * has not is left out. */
static int bind_all(weft_server *server, struct sockaddr_storage *addresses, int n, bool reuse_port,
                    weft_site *site)
{
    int rc = UV_EADDRNOTAVAIL;
    for (int i = 0; i < n; i++) {
        struct sockaddr *address = (struct sockaddr *)&addresses[i];
        struct sockaddr_storage with_port = addresses[i];
        in_port_t *port = address->sa_family == AF_INET6
                              ? &((struct sockaddr_in6 *)&with_port)->sin6_port
                              : &((struct sockaddr_in *)&with_port)->sin_port;
        if (*port == 0)
            *port = htons((uint16_t)server->port);
        rc = weft__listener_open(server, (struct sockaddr *)&with_port,
                                 weft__address_length(address), reuse_port, site);
        if (rc < 0 && rc != UV_EADDRNOTAVAIL && rc != UV_EAFNOSUPPORT)
            return rc;
    }
    return server->n > 0 ? 0 : rc;
}

static int open_listeners(weft_server *server, struct sockaddr_storage *addresses, int n,
                          bool reuse_port, weft_site *site)
{
    enum { TRIES = 8 };
    int rc = UV_EADDRINUSE;
    bool any_port = weft__address_port((struct sockaddr *)&addresses[0]) == 0;
    for (int i = 0; i < (any_port ? TRIES : 1) && rc == UV_EADDRINUSE; i++) {
        close_listeners(server); /* the port that was free for one address was not for another */
        server->port = 0;
        rc = bind_all(server, addresses, n, reuse_port, site);
    }
    return rc;
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
    struct sockaddr_storage addresses[WEFT__LISTENERS];
    int n = addresses_of(loop, host, port, site, addresses);
    if (n == WEFT_ECANCELED || n == WEFT_ECLOSED)
        return n;
    if (n < 0)
        return weft_raise_at(site, n, "cannot listen on %s:%d: %s", host ? host : "", port,
                             weft_strerror(n));
    weft_server *server = weft__server_new(loop, fn, arg, fn_name, options, site);
    if (!server)
        return UV_ENOMEM;
    int rc = open_listeners(server, addresses, n, options.reuse_port, site);
    if (rc < 0) {
        weft_unref(server);
        return rc;
    }
    return weft__server_ready(server, options, site, out);
}

/* ---- Serving, and its end ---- */

static int check(const weft_server *server)
{
    struct weft__task *task = weft__current();
    if (!server)
        return UV_EINVAL;
    if (server->loop->closed)
        return WEFT_ECLOSED;
    if (!task)
        return WEFT_ENOTASK;
    return server->loop == task->future.loop ? 0 : WEFT_ELOOP;
}

int weft_server_start_serving_at(weft_site *site, weft_server *server)
{
    int rc = check(server);
    if (rc == 0 && server->closed)
        rc = WEFT_ECLOSED;
    if (rc == 0)
        rc = start_serving(server, site);
    return rc < 0 ? rc : weft__yield(weft__current(), site);
}

int weft_serve_forever_at(weft_site *site, weft_server *server)
{
    int rc = check(server);
    if (rc < 0)
        return rc;
    if (server->forever)
        return UV_EBUSY;
    rc = server->closed ? WEFT_ECLOSED : start_serving(server, site);
    if (rc < 0)
        return rc;
    weft_ref(server);
    server->forever = true;
    uint64_t op = weft__op_start(server->loop, WEFT_OP_ACCEPT, site, server->id,
                                 server->listeners[0]->fd, 0);
    rc = weft__stream_wait(&server->servers, server->id, WEFT_AWAIT_ACCEPT, site);
    if (rc == 0) /* the server was closed, which cancels this */
        rc = WEFT_ECANCELED;
    weft__op_end(server->loop, WEFT_OP_ACCEPT, op, rc);
    weft_server_close(server);
    int closed = weft_server_wait_closed_at(site, server);
    server->forever = false;
    weft_unref(server);
    return closed < 0 ? closed : rc;
}

bool weft_server_is_serving(weft_server *server)
{
    return server && server->serving && !server->closed;
}

int weft_server_port(weft_server *server)
{
    return server && !server->closed ? server->port : 0;
}

size_t weft_server_sockets(weft_server *server, int *fds, size_t room)
{
    size_t n = server ? (size_t)server->n : 0;
    for (size_t i = 0; i < n && i < room; i++)
        fds[i] = server->listeners[i]->fd;
    return n;
}

void weft_server_close(weft_server *server)
{
    if (!server || server->closed || server->loop->closed)
        return;
    server->closed = true;
    server->serving = false;
    close_listeners(server);
    weft__wake_waiters(&server->servers, server->id);
    wake_closers_at_the_end(server);
}

void weft_server_close_clients(weft_server *server)
{
    if (!server || server->loop->closed)
        return;
    for (struct weft__links *at = server->clients.next; at != &server->clients; at = at->next)
        weft_close(stream_of(at));
}

void weft_server_abort_clients(weft_server *server)
{
    if (!server || server->loop->closed)
        return;
    for (struct weft__links *at = server->clients.next; at != &server->clients; at = at->next)
        weft_stream_abort(stream_of(at));
}

int weft_server_wait_closed_at(weft_site *site, weft_server *server)
{
    int rc = check(server);
    if (rc < 0 || (server->closed && server->connections == 0))
        return rc;
    weft_ref(server);
    rc = weft__stream_wait(&server->closers, server->id, WEFT_AWAIT_OTHER, site);
    weft_unref(server);
    return rc;
}
