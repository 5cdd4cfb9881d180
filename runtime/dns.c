/* dns.c: addresses of hosts. Numeric ones need no lookup; names go to libuv's getaddrinfo, in its
 * thread pool. A lookup that nobody waits for any more lives on until libuv is done with it. */
#include "runtime/stream.h"
#include <stdlib.h>
#include <string.h>

struct lookup {
    uv_getaddrinfo_t request;
    struct weft__io io;
    struct weft__task *task; /* NULL: gave up waiting */
    int status;
    struct addrinfo *found;
};

static void lookup_free(struct lookup *lookup)
{
    weft_loop *loop = lookup->io.loop;
    weft__io_closed(&lookup->io);
    uv_freeaddrinfo(lookup->found);
    free(lookup);
    weft__loop_unref(loop);
}

static void run(struct weft__entry *entry)
{
    struct lookup *lookup = weft__container(entry, struct lookup, io.entry);
    weft_loop *loop = lookup->io.loop;
    uint64_t id = lookup->io.id;
    weft__callback_begin(loop, WEFT_HANDLE_IO, NULL, id, 0);
    if (lookup->task)
        weft__wake(lookup->task, WEFT_WAKE_IO, id);
    else
        lookup_free(lookup);
    weft__callback_end(loop, WEFT_HANDLE_IO, id);
}

static void on_found(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
    struct lookup *lookup = request->data;
    lookup->status = status;
    lookup->found = found;
    request->data = NULL;
    if (lookup->io.loop->closing)
        lookup_free(lookup);
    else
        weft__io_ready(&lookup->io);
}

static void close_io(struct weft__io *io)
{
    struct lookup *lookup = weft__container(io, struct lookup, io);
    if (lookup->request.data)
        uv_cancel((uv_req_t *)&lookup->request); /* on_found comes either way */
    else
        lookup_free(lookup);
}

static int look_up(weft_loop *loop, const char *host, int port, bool passive, weft_site *site,
                   struct lookup **out)
{
    struct weft__task *task = weft__current();
    struct lookup *lookup = calloc(1, sizeof *lookup);
    if (!lookup)
        return UV_ENOMEM;
    struct addrinfo hints = { .ai_family = AF_UNSPEC,
                              .ai_socktype = SOCK_STREAM,
                              .ai_flags = passive ? AI_PASSIVE : 0 };
    char service[16];
    snprintf(service, sizeof service, "%d", port);
    lookup->request.data = lookup;
    int rc = uv_getaddrinfo(loop->uv, &lookup->request, on_found, host, service, &hints);
    if (rc < 0) {
        free(lookup);
        return rc;
    }
    lookup->io.entry.run = run;
    lookup->io.close = close_io;
    lookup->task = task;
    weft__io_open(loop, &lookup->io, WEFT_ENTITY_OP);
    uint64_t op = lookup->io.id;
    if (weft_probe_on()) {
        struct weft_ext_op ext = { .fd = -1 };
        weft_emit_ext(loop->writer, WEFT_RECORD_OP_START, WEFT_OP_GETADDRINFO, weft_site_id(site),
                      op, 0, &ext);
        weft__trace_name(loop, WEFT_RECORD_OBJECT_NAME, op, host);
    }
    rc = weft__wait(task, WEFT_AWAIT_DNS, op, site);
    weft__op_end(loop, WEFT_OP_GETADDRINFO, op, rc < 0 ? rc : lookup->status);
    if (rc == 0 && lookup->status == 0) {
        *out = lookup;
        return 0;
    }
    rc = rc < 0 ? rc : lookup->status;
    lookup->task = NULL;
    if (!lookup->request.data && !weft__linked(&lookup->io.entry))
        lookup_free(lookup);
    return rc;
}

int weft__resolve(weft_loop *loop, const char *host, int port, bool passive, weft_site *site,
                  struct sockaddr_storage *addresses, int room)
{
    if (port < 0 || port > 65535)
        return UV_EINVAL;
    if (!host && passive) {
        uv_ip6_addr("::", port, (struct sockaddr_in6 *)&addresses[0]);
        return 1;
    }
    if (!host)
        return UV_EINVAL;
    if (uv_ip4_addr(host, port, (struct sockaddr_in *)&addresses[0]) == 0 ||
        uv_ip6_addr(host, port, (struct sockaddr_in6 *)&addresses[0]) == 0)
        return 1;
    struct lookup *lookup = NULL;
    int rc = look_up(loop, host, port, passive, site, &lookup);
    if (!lookup)
        return rc;
    int n = 0;
    for (struct addrinfo *at = lookup->found; at && n < room; at = at->ai_next)
        memcpy(&addresses[n++], at->ai_addr, at->ai_addrlen);
    lookup_free(lookup);
    return n > 0 ? n : UV_EAI_NODATA;
}
