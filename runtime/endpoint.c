/* endpoint.c: opening and closing datagram sockets: asyncio's create_datagram_endpoint
 * (Lib/asyncio/base_events.py). See datagram.h. */
#include "runtime/datagram.h"
#include <errno.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ADDRESSES = 16, ROOM = 1024 * 1024 };

static int last_error(void)
{
    return uv_translate_sys_error(errno);
}

/* ---- Life ---- */

static void free_at_last(weft_datagram *datagram)
{
    weft__datagram_drop_packets(datagram);
    weft__loop_unref(datagram->io.loop);
    free(datagram->lent);
    free(datagram);
}

static void destroy(void *object)
{
    weft_datagram *datagram = object;
    weft_datagram_close(datagram);
    datagram->orphan = true;
    if (datagram->handle_closed)
        free_at_last(datagram);
}

static void on_closed(uv_handle_t *handle)
{
    weft_datagram *datagram = handle->data;
    weft__io_closed(&datagram->io);
    datagram->handle_closed = true;
    if (datagram->orphan)
        free_at_last(datagram);
}

static uint32_t count_dropped(int fd)
{
    uint32_t counts[SK_MEMINFO_VARS] = { 0 };
    socklen_t size = sizeof counts;
    getsockopt(fd, SOL_SOCKET, SO_MEMINFO, counts, &size);
    return counts[SK_MEMINFO_DROPS];
}

void weft_datagram_close(weft_datagram *datagram)
{
    if (!datagram || datagram->closed)
        return;
    weft_loop *loop = datagram->io.loop;
    datagram->closed = true;
    datagram->dropped = count_dropped(datagram->fd);
    weft__datagram_drop_packets(datagram);
    weft__trace(loop, WEFT_RECORD_OBJECT_FREE, 0, NULL, datagram->io.id, 0);
    uv_close((uv_handle_t *)&datagram->poll, on_closed);
    close(datagram->fd);
    datagram->fd = -1;
    if (datagram->receiver)
        weft__wake(datagram->receiver, WEFT_WAKE_IO, datagram->io.id);
    weft__wake_waiters(&datagram->senders, datagram->io.id);
}

static void close_io(struct weft__io *io)
{
    weft_datagram_close(weft__container(io, weft_datagram, io));
}

/* ---- Opening ---- */

static void announce(weft_datagram *datagram, weft_site *site)
{
    weft_loop *loop = datagram->io.loop;
    char here[WEFT__ADDRESS_TEXT], there[WEFT__ADDRESS_TEXT] = "",
                                   name[2 * WEFT__ADDRESS_TEXT + 16];
    weft__address_name((struct sockaddr *)&datagram->local.sockaddr, datagram->local.length, true,
                       here);
    if (datagram->remote.length > 0)
        weft__address_name((struct sockaddr *)&datagram->remote.sockaddr, datagram->remote.length,
                           true, there);
    snprintf(name, sizeof name, "%s %s%s%s",
             datagram->local.sockaddr.ss_family == AF_UNIX ? "datagrams" : "udp", here,
             there[0] ? " > " : "", there);
    weft__trace(loop, WEFT_RECORD_OBJECT_NEW, 0, site, datagram->io.id, 0);
    weft__trace_name(loop, WEFT_RECORD_OBJECT_NAME, datagram->io.id, name);
}

/* Takes the descriptor over if it returns 0. */
static int adopt(weft_loop *loop, int fd, const weft_address *remote, weft_datagram_options options,
                 weft_site *site, weft_datagram **out)
{
    weft_datagram *datagram = calloc(1, sizeof *datagram);
    if (!datagram)
        return UV_ENOMEM;
    int rc = uv_poll_init(loop->uv, &datagram->poll, fd);
    if (rc < 0) {
        free(datagram);
        return rc;
    }
    weft__object_init(&datagram->object, WEFT__DATAGRAM, destroy);
    datagram->poll.data = datagram;
    datagram->fd = fd;
    datagram->end = &datagram->first;
    datagram->room = options.queue_size > 0 ? options.queue_size : ROOM;
    datagram->io.entry.run = weft__datagram_run;
    datagram->io.close = close_io;
    weft__io_open(loop, &datagram->io, WEFT_ENTITY_STREAM);
    weft_address *local = &datagram->local, *peer = &datagram->remote;
    local->length = sizeof local->sockaddr;
    getsockname(fd, (struct sockaddr *)&local->sockaddr, &local->length);
    weft__address_say(local);
    peer->length = sizeof peer->sockaddr;
    datagram->connected = getpeername(fd, (struct sockaddr *)&peer->sockaddr, &peer->length) == 0;
    if (datagram->connected)
        weft__address_say(peer);
    else
        *peer = remote ? *remote : (weft_address){ .length = 0 };
    announce(datagram, site);
    weft__datagram_watch(datagram);
    *out = datagram;
    return 0;
}

struct ends {
    const weft_address *local, *remote; /* NULL: not given */
};

static int open_socket(int family, struct ends ends, weft_datagram_options options, int *out)
{
    const int on = 1;
    int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return last_error();
    if ((options.reuse_port && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0) ||
        (options.broadcast && setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) < 0) ||
        (ends.local &&
         bind(fd, (const struct sockaddr *)&ends.local->sockaddr, ends.local->length) < 0) ||
        (ends.remote && !options.broadcast &&
         connect(fd, (const struct sockaddr *)&ends.remote->sockaddr, ends.remote->length) < 0)) {
        int rc = last_error();
        close(fd);
        return rc;
    }
    *out = fd;
    return 0;
}

static int open_at(weft_loop *loop, int family, struct ends ends, weft_datagram_options options,
                   weft_site *site, weft_datagram **out)
{
    int fd = -1;
    int rc = open_socket(family, ends, options, &fd);
    if (rc == 0)
        rc = adopt(loop, fd, ends.remote, options, site, out);
    if (rc < 0 && fd >= 0)
        close(fd);
    return rc;
}

struct addresses {
    weft_address at[ADDRESSES];
    int n;
};

static int resolve(weft_loop *loop, const char *host, int port, bool passive, weft_site *site,
                   struct addresses *found)
{
    struct sockaddr_storage sockaddrs[ADDRESSES] = { 0 };
    int n = 2;
    if (host)
        n = weft__resolve(loop, host, port, passive, site, sockaddrs, ADDRESSES);
    else if (uv_ip4_addr("0.0.0.0", port, (struct sockaddr_in *)&sockaddrs[0]) < 0 || port < 0 ||
             port > 65535 || uv_ip6_addr("::", port, (struct sockaddr_in6 *)&sockaddrs[1]) < 0)
        n = UV_EINVAL;
    for (int i = 0; i < n; i++) {
        found->at[i].sockaddr = sockaddrs[i];
        found->at[i].length = weft__address_length((struct sockaddr *)&sockaddrs[i]);
        weft__address_say(&found->at[i]);
    }
    found->n = n > 0 ? n : 0;
    return n < 0 ? n : 0;
}

static const weft_address *of_family(const struct addresses *addresses, int family)
{
    for (int i = 0; i < addresses->n; i++)
        if (addresses->at[i].sockaddr.ss_family == family)
            return &addresses->at[i];
    return NULL;
}

/* One family after the other, in the order of the names' addresses; each needs an address for
 * whatever was given. */
static int open_pairs(weft_loop *loop, const struct addresses *locals,
                      const struct addresses *remotes, weft_datagram_options options,
                      weft_site *site, weft_datagram **out)
{
    const struct addresses *first = locals->n > 0 ? locals : remotes;
    int rc = UV_EADDRNOTAVAIL, tried = AF_UNSPEC;
    for (int i = 0; i < first->n; i++) {
        int family = first->at[i].sockaddr.ss_family;
        struct ends ends = { of_family(locals, family), of_family(remotes, family) };
        if (family == tried || (options.family && options.family != family) ||
            (locals->n > 0 && !ends.local) || (remotes->n > 0 && !ends.remote))
            continue;
        rc = open_at(loop, family, ends, options, site, out);
        if (rc == 0)
            break;
        tried = family;
    }
    return rc;
}

static int adopt_socket(weft_loop *loop, weft_datagram_options options, weft_site *site,
                        weft_datagram **out)
{
    int type = 0;
    socklen_t size = sizeof type;
    if (options.local_host || options.local_port != 0 || options.remote_host ||
        options.family != 0 || options.reuse_port || options.broadcast)
        return UV_EINVAL; /* what it is was decided already */
    if (getsockopt(options.sock, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
        return last_error();
    return type == SOCK_DGRAM ? adopt(loop, options.sock, NULL, options, site, out) : UV_EINVAL;
}

static int open_addresses(weft_loop *loop, weft_datagram_options options, weft_site *site,
                          weft_datagram **out)
{
    struct addresses locals = { .n = 0 }, remotes = { .n = 0 };
    bool local = options.local_host || options.local_port != 0;
    int rc = 0;
    if (!local && !options.remote_host)
        return options.family
                   ? open_at(loop, options.family, (struct ends){ 0 }, options, site, out)
                   : UV_EINVAL;
    if (local)
        rc = resolve(loop, options.local_host, options.local_port, true, site, &locals);
    if (rc == 0 && options.remote_host)
        rc = resolve(loop, options.remote_host, options.remote_port, false, site, &remotes);
    return rc < 0 ? rc : open_pairs(loop, &locals, &remotes, options, site, out);
}

int weft_open_datagram_at(weft_site *site, weft_datagram **out, weft_datagram_options options)
{
    struct weft__task *task = weft__current();
    if (!out)
        return UV_EINVAL;
    *out = NULL;
    if (!task)
        return WEFT_ENOTASK;
    weft_loop *loop = task->future.loop;
    int rc = options.sock > 0 ? adopt_socket(loop, options, site, out)
                              : open_addresses(loop, options, site, out);
    if (rc == 0 || rc == WEFT_ECANCELED || rc == WEFT_ECLOSED)
        return rc;
    return weft_raise_at(site, rc, "cannot open a datagram socket at %s:%d for %s:%d: %s",
                         options.local_host ? options.local_host : "", options.local_port,
                         options.remote_host ? options.remote_host : "", options.remote_port,
                         weft_strerror(rc));
}

/* ---- What it is ---- */

const weft_address *weft_datagram_sockname(weft_datagram *datagram)
{
    return datagram ? &datagram->local : NULL;
}

int weft_datagram_port(weft_datagram *datagram)
{
    return datagram ? weft__address_port((struct sockaddr *)&datagram->local.sockaddr) : 0;
}

int weft_datagram_fd(weft_datagram *datagram)
{
    return datagram ? datagram->fd : UV_EINVAL;
}

unsigned weft_datagram_dropped(weft_datagram *datagram)
{
    if (!datagram)
        return 0;
    return datagram->closed ? datagram->dropped : count_dropped(datagram->fd);
}
