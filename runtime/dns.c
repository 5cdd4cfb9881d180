/* dns.c: addresses of hosts, and names of addresses: jobs of the loop's pool. Numeric addresses
 * need no lookup. Who is cancelled leaves his lookup behind: its memory is the job's. */
#include "runtime/error.h"
#include "runtime/pool.h"
#include "runtime/stream.h"
#include <stdlib.h>
#include <string.h>

/* ---- In the thread: libuv's functions, at once. They know international names, and its codes;
 * ----
 * ---- the loop that they are called with has nothing to do. ---- */

struct lookup {
    struct weft__job job;
    char *host, *service; /* NULL: not asked for */
    struct addrinfo hints, *found;
};

static void work_lookup(struct weft__job *job)
{
    struct lookup *lookup = (struct lookup *)job;
    uv_loop_t loop;
    uv_getaddrinfo_t request;
    job->rc = uv_loop_init(&loop);
    if (job->rc < 0)
        return;
    job->rc = uv_getaddrinfo(&loop, &request, NULL, lookup->host, lookup->service, &lookup->hints);
    if (job->rc == 0)
        lookup->found = request.addrinfo;
    uv_loop_close(&loop);
}

static void free_lookup(struct weft__job *job)
{
    struct lookup *lookup = (struct lookup *)job;
    uv_freeaddrinfo(lookup->found);
    free(lookup->host);
    free(lookup->service);
    free(lookup);
}

struct naming {
    struct weft__job job;
    struct sockaddr_storage address;
    int flags;
    weft_name name;
};

static void work_naming(struct weft__job *job)
{
    struct naming *naming = (struct naming *)job;
    uv_loop_t loop;
    uv_getnameinfo_t request;
    job->rc = uv_loop_init(&loop);
    if (job->rc < 0)
        return;
    job->rc = uv_getnameinfo(&loop, &request, NULL, (struct sockaddr *)&naming->address,
                             naming->flags);
    if (job->rc == 0) {
        snprintf(naming->name.host, sizeof naming->name.host, "%s", request.host);
        snprintf(naming->name.service, sizeof naming->name.service, "%s", request.service);
    }
    uv_loop_close(&loop);
}

static void free_naming(struct weft__job *job)
{
    free(job);
}

/* ---- In the task ---- */

/* Waits for the job; `what` is whose name or address it looks for. 0: it is done, and the caller's.
 * Negative: it failed, or is gone. */
static int ask(weft_loop *loop, struct weft__job *job, enum weft_op_kind kind, const char *what,
               weft_site *site)
{
    uint64_t op = weft__op_start(loop, kind, site, 0, -1, 0);
    weft__trace_name(loop, WEFT_RECORD_OBJECT_NAME, op, what);
    int rc = weft__job_await(job, kind == WEFT_OP_GETADDRINFO ? "getaddrinfo" : "getnameinfo",
                             WEFT_AWAIT_DNS, op, site);
    if (rc == 0 && job->rc < 0) {
        rc = job->rc;
        weft__unref(job);
    }
    weft__op_end(loop, kind, op, rc);
    return rc;
}

static struct lookup *lookup_new(weft_site *site, const char *host, const char *service,
                                 const struct addrinfo *hints)
{
    struct lookup *lookup = weft__job_new(sizeof *lookup, site, work_lookup, free_lookup);
    if (!lookup)
        return NULL;
    lookup->hints = *hints;
    lookup->host = host ? strdup(host) : NULL;
    lookup->service = service ? strdup(service) : NULL;
    if ((host && !lookup->host) || (service && !lookup->service)) {
        weft__unref(lookup);
        return NULL;
    }
    return lookup;
}

static int look_up(weft_loop *loop, weft_site *site, const char *host, const char *service,
                   const struct addrinfo *hints, struct addrinfo **found)
{
    struct lookup *lookup = lookup_new(site, host, service, hints);
    if (!lookup)
        return UV_ENOMEM;
    const char *what = host ? host : service;
    int rc = ask(loop, &lookup->job, WEFT_OP_GETADDRINFO, what, site);
    if (rc == 0) {
        *found = lookup->found;
        lookup->found = NULL;
        weft__unref(lookup);
    } else if (rc != WEFT_ECANCELED && rc != WEFT_ECLOSED) {
        weft_raise_at(site, rc, "no address of %s: %s", what, weft_strerror(rc));
    }
    return rc;
}

int weft_getaddrinfo_at(weft_site *site, const char *host, const char *service,
                        struct addrinfo **found, weft_getaddrinfo_options options)
{
    struct weft__task *task = weft__current();
    if (!found || (!host && !service))
        return UV_EINVAL;
    *found = NULL;
    if (!task)
        return WEFT_ENOTASK;
    struct addrinfo hints = { .ai_family = options.family,
                              .ai_socktype = options.type,
                              .ai_protocol = options.protocol,
                              .ai_flags = options.flags };
    return look_up(task->future.loop, site, host, service, &hints, found);
}

int weft_getnameinfo_at(weft_site *site, const struct sockaddr *address, weft_name *name,
                        weft_getnameinfo_options options)
{
    struct weft__task *task = weft__current();
    if (!address || !name)
        return UV_EINVAL;
    if (!task)
        return WEFT_ENOTASK;
    size_t size = address->sa_family == AF_INET    ? sizeof(struct sockaddr_in)
                  : address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                                   : 0;
    if (size == 0)
        return UV_EINVAL;
    struct naming *naming = weft__job_new(sizeof *naming, site, work_naming, free_naming);
    if (!naming)
        return UV_ENOMEM;
    memcpy(&naming->address, address, size);
    naming->flags = options.flags;
    char text[WEFT__ADDRESS_TEXT];
    weft__address_name(address, (socklen_t)size, false, text);
    int rc = ask(task->future.loop, &naming->job, WEFT_OP_GETNAMEINFO, text, site);
    if (rc == 0) {
        *name = naming->name;
        weft__unref(naming);
    } else if (rc != WEFT_ECANCELED && rc != WEFT_ECLOSED) {
        weft_raise_at(site, rc, "no name of %s: %s", text, weft_strerror(rc));
    }
    return rc;
}

/* ---- For connections and servers ---- */

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
    char service[16];
    snprintf(service, sizeof service, "%d", port);
    struct addrinfo *found, hints = { .ai_family = AF_UNSPEC,
                                      .ai_socktype = SOCK_STREAM,
                                      .ai_flags = passive ? AI_PASSIVE : 0 };
    int rc = look_up(loop, site, host, service, &hints, &found);
    if (rc < 0)
        return rc;
    int n = 0;
    for (struct addrinfo *at = found; at && n < room; at = at->ai_next)
        memcpy(&addresses[n++], at->ai_addr, at->ai_addrlen);
    uv_freeaddrinfo(found);
    return n > 0 ? n : UV_EAI_NODATA;
}
