/* unix.c: what unix sockets do otherwise: paths, stale files, abstract names.
 *
 * A path that begins with @ is an abstract name, which no file stands for; its other way of
 * writing, with a NUL in front, is none that a C string can have. */
#include "runtime/server.h"
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

static int last_error(void)
{
    return uv_translate_sys_error(errno);
}

static bool is_abstract(const char *path)
{
    return path[0] == '@';
}

static int unix_address(const char *path, struct sockaddr_un *address, socklen_t *length)
{
    *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    size_t size = path ? strlen(path) : 0;
    if (size == 0)
        return UV_EINVAL;
    if (size >= sizeof address->sun_path)
        return UV_ENAMETOOLONG;
    memcpy(address->sun_path, path, size);
    if (is_abstract(path))
        address->sun_path[0] = 0;
    *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size + !is_abstract(path));
    return 0;
}

/* ---- Connecting ---- */

/* A server whose queue is full says EAGAIN, and nothing tells when it has room: it is asked again.
 */
static int connect_when_there_is_room(int fd, const struct sockaddr_un *address, socklen_t length,
                                      weft_site *site)
{
    double delay = 0.001;
    while (connect(fd, (const struct sockaddr *)address, length) < 0) {
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN)
            return last_error();
        int rc = weft_sleep_at(site, delay);
        if (rc < 0)
            return rc;
        delay = delay < 0.05 ? 2 * delay : 0.1;
    }
    return 0;
}

static int connect_stream(weft_stream *stream, const struct sockaddr_un *address, socklen_t length,
                          weft_site *site)
{
    weft_loop *loop = stream->io.loop;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return last_error();
    uint64_t op = weft__op_start(loop, WEFT_OP_CONNECT, site, stream->io.id, fd, 0);
    int rc = connect_when_there_is_room(fd, address, length, site);
    if (rc == 0) /* as in asyncio, it takes an iteration at least */
        rc = weft__yield(weft__current(), site);
    weft__op_end(loop, WEFT_OP_CONNECT, op, rc);
    if (rc == 0)
        rc = uv_pipe_open(&stream->uv.pipe, fd);
    if (rc < 0) {
        close(fd);
        return rc;
    }
    return weft__stream_connected(stream);
}

int weft_open_unix_connection_at(weft_site *site, const char *path, weft_stream **out,
                                 weft_stream_options options)
{
    struct weft__task *task = weft__current();
    struct sockaddr_un address;
    socklen_t length;
    if (!out)
        return UV_EINVAL;
    *out = NULL;
    if (!task)
        return WEFT_ENOTASK;
    int rc = unix_address(path, &address, &length);
    if (rc == 0) {
        weft_stream *stream = weft__stream_new(task->future.loop, WEFT__STREAM_PIPE, options.limit);
        if (!stream)
            return UV_ENOMEM;
        weft__stream_named(stream, path, path, site);
        rc = connect_stream(stream, &address, length, site);
        if (rc == 0) {
            *out = stream;
            return 0;
        }
        weft__stream_abort(stream);
        weft_unref(stream);
    }
    if (rc == WEFT_ECANCELED || rc == WEFT_ECLOSED)
        return rc;
    return weft_raise_at(site, rc, "cannot connect to %s: %s", path ? path : "NULL",
                         weft_strerror(rc));
}

/* ---- Serving ---- */

/* What a server that has gone left behind, and also a socket that somebody still listens on: as
 * asyncio has it, the new one wins. */
static void remove_stale(const char *path)
{
    struct stat found;
    int rc = stat(path, &found);
    if (rc == 0 && S_ISSOCK(found.st_mode))
        rc = unlink(path);
    if (rc < 0 && errno != ENOENT)
        weft_log("cannot look at or remove the stale socket %s: %s", path,
                 weft_strerror(last_error()));
}

void weft__unix_remove(struct weft__listener *listener)
{
    struct stat found;
    int rc = stat(listener->path, &found);
    if (rc == 0 && found.st_dev == listener->device && found.st_ino == listener->inode)
        rc = unlink(listener->path);
    if (rc < 0 && errno != ENOENT)
        weft_log("cannot remove the socket %s: %s", listener->path, weft_strerror(last_error()));
}

/* So that closing can tell whether it is still the same. */
static void remember_file(struct weft__listener *listener, const char *path)
{
    struct stat found;
    if (stat(path, &found) < 0)
        return;
    listener->path = strdup(path);
    listener->device = found.st_dev;
    listener->inode = found.st_ino;
}

int weft_start_unix_server_at(weft_site *site, const char *path, weft_client_fn *fn,
                              const char *fn_name, void *arg, weft_server **out,
                              weft_server_options options)
{
    struct weft__task *task = weft__current();
    struct sockaddr_un address;
    socklen_t length;
    if (!out || !fn || !fn_name)
        return UV_EINVAL;
    *out = NULL;
    if (!task)
        return WEFT_ENOTASK;
    int rc = unix_address(path, &address, &length);
    if (rc < 0)
        return weft_raise_at(site, rc, "cannot listen on %s: %s", path ? path : "NULL",
                             weft_strerror(rc));
    weft_server *server = weft__server_new(task->future.loop, fn, arg, fn_name, options, site);
    if (!server)
        return UV_ENOMEM;
    if (!is_abstract(path))
        remove_stale(path);
    rc = weft__listener_open(server, (struct sockaddr *)&address, length, false, site);
    if (rc < 0) {
        weft_unref(server);
        return rc;
    }
    if (!is_abstract(path) && !options.keep_socket)
        remember_file(server->listeners[0], path);
    return weft__server_ready(server, options, site, out);
}
