/* datagram.c: receiving and sending packets. See datagram.h.
 *
 * asyncio's _SelectorDatagramTransport (Lib/asyncio/selector_events.py) with a protocol that queues
 * what it is told: datagram_received and error_received both end in recvfrom. */
#include "runtime/datagram.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    LARGEST = 64 * 1024, /* bytes that a packet can have: UDP's length has 16 bits */
    AT_ONCE = 64,        /* packets in an iteration: others have their turn too    */
};

/* ---- The queue ---- */

static size_t weight(const struct weft__packet *packet)
{
    return sizeof *packet + packet->size + 1;
}

static void append(weft_datagram *datagram, struct weft__packet *packet)
{
    *datagram->end = packet;
    datagram->end = &packet->next;
    datagram->queued += weight(packet);
    if (datagram->receiver)
        weft__wake(datagram->receiver, WEFT_WAKE_IO, datagram->io.id);
}

static struct weft__packet *pop(weft_datagram *datagram)
{
    struct weft__packet *packet = datagram->first;
    if (!packet)
        return NULL;
    datagram->first = packet->next;
    if (!datagram->first)
        datagram->end = &datagram->first;
    datagram->queued -= weight(packet);
    return packet;
}

void weft__datagram_drop_packets(weft_datagram *datagram)
{
    for (struct weft__packet *packet; (packet = pop(datagram));)
        free(packet);
}

/* Out of memory, it is lost as packets may be. */
static void append_copy(weft_datagram *datagram, const char *data, size_t size,
                        const struct sockaddr_storage *from, socklen_t from_length)
{
    struct weft__packet *packet = malloc(sizeof *packet + size + 1);
    if (!packet)
        return;
    packet->next = NULL;
    packet->error = 0;
    packet->size = size;
    packet->from_length = from_length;
    if (from_length > 0)
        memcpy(&packet->from, from, from_length);
    memcpy(packet->data, data, size);
    packet->data[size] = 0;
    append(datagram, packet);
}

static void append_error(weft_datagram *datagram, int error)
{
    struct weft__packet *packet = calloc(1, sizeof *packet + 1);
    if (!packet)
        return;
    packet->error = error;
    append(datagram, packet);
}

/* ---- In the batch ---- */

static void on_poll(uv_poll_t *poll, int status, int events)
{
    weft_datagram *datagram = poll->data;
    if (status < 0) { /* libuv has stopped to look: reading says what is wrong */
        datagram->events = 0;
        events = UV_READABLE | UV_WRITABLE;
    }
    datagram->arrived |= events;
    weft__io_ready(&datagram->io);
}

void weft__datagram_watch(weft_datagram *datagram)
{
    int events = (datagram->queued < datagram->room ? UV_READABLE : 0) |
                 (datagram->senders ? UV_WRITABLE : 0);
    if (datagram->closed || events == datagram->events)
        return;
    datagram->events = events;
    if (events != 0)
        uv_poll_start(&datagram->poll, events, on_poll);
    else
        uv_poll_stop(&datagram->poll);
}

static void receive(weft_datagram *datagram)
{
    char data[LARGEST];
    for (int i = 0; i < AT_ONCE && datagram->queued < datagram->room; i++) {
        struct sockaddr_storage from;
        socklen_t length = sizeof from;
        ssize_t n = recvfrom(datagram->fd, data, sizeof data, MSG_DONTWAIT,
                             (struct sockaddr *)&from, &length);
        if (n >= 0)
            append_copy(datagram, data, (size_t)n, &from, length);
        else if (errno == EAGAIN)
            return;
        else if (errno != EINTR)
            append_error(datagram, uv_translate_sys_error(errno));
    }
}

void weft__datagram_run(struct weft__entry *entry)
{
    weft_datagram *datagram = weft__container(entry, weft_datagram, io.entry);
    weft_loop *loop = datagram->io.loop;
    uint64_t id = datagram->io.id;
    int arrived = datagram->arrived;
    datagram->arrived = 0;
    weft__callback_begin(loop, WEFT_HANDLE_IO, NULL, id, 0);
    if ((arrived & UV_READABLE) && !datagram->closed)
        receive(datagram);
    if (arrived & UV_WRITABLE)
        weft__wake_waiters(&datagram->senders, id);
    weft__datagram_watch(datagram);
    weft__callback_end(loop, WEFT_HANDLE_IO, id);
}

/* ---- Receiving ---- */

static int check(const weft_datagram *datagram)
{
    if (!datagram)
        return UV_EINVAL;
    if (datagram->closed || datagram->io.loop->closed)
        return WEFT_ECLOSED;
    if (!weft__current())
        return WEFT_ENOTASK;
    return weft__current()->future.loop == datagram->io.loop ? 0 : WEFT_ELOOP;
}

static int wait_for_packet(weft_datagram *datagram, weft_site *site)
{
    weft_loop *loop = datagram->io.loop;
    uint64_t op = weft__op_start(loop, WEFT_OP_RECV, site, datagram->io.id, datagram->fd, 0);
    weft_ref(datagram);
    datagram->receiver = weft__current();
    int rc = weft__wait(datagram->receiver, WEFT_AWAIT_READ, datagram->io.id, site);
    datagram->receiver = NULL;
    if (rc == 0 && datagram->closed)
        rc = WEFT_ECLOSED;
    int64_t status = rc < 0 ? rc : datagram->first ? (int64_t)datagram->first->size : 0;
    weft__op_end(loop, WEFT_OP_RECV, op, status);
    weft_unref(datagram);
    return rc;
}

int weft_recvfrom_at(weft_site *site, weft_datagram *datagram, weft_bytes *out, weft_address *from)
{
    int rc = out ? check(datagram) : UV_EINVAL;
    if (rc < 0)
        return rc;
    *out = (weft_bytes){ "", 0 };
    if (datagram->receiver)
        return UV_EBUSY;
    while (rc == 0 && !datagram->first)
        rc = wait_for_packet(datagram, site);
    if (rc < 0)
        return rc;
    free(datagram->lent);
    struct weft__packet *packet = datagram->lent = pop(datagram);
    weft__datagram_watch(datagram);
    if (packet->error)
        return weft_raise_at(site, packet->error, "an earlier packet to %s: %s",
                             datagram->remote.text, weft_strerror(packet->error));
    *out = (weft_bytes){ packet->data, packet->size };
    if (from) {
        from->sockaddr = packet->from;
        from->length = packet->from_length;
        weft__address_say(from);
    }
    return 0;
}

/* ---- Sending ---- */

static int send_now(weft_datagram *datagram, const void *data, size_t size, const weft_address *to)
{
    ssize_t n;
    do
        n = sendto(datagram->fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL,
                   to ? (const struct sockaddr *)&to->sockaddr : NULL, to ? to->length : 0);
    while (n < 0 && errno == EINTR);
    return n < 0 ? uv_translate_sys_error(errno) : 0;
}

/* A connected socket says ECONNREFUSED of a packet sent earlier: that is for who receives. */
static int try_send(weft_datagram *datagram, const void *data, size_t size, const weft_address *to)
{
    int rc = send_now(datagram, data, size, to);
    if (rc != UV_ECONNREFUSED || !datagram->connected)
        return rc;
    append_error(datagram, rc);
    return send_now(datagram, data, size, to);
}

static int wait_for_room(weft_datagram *datagram, size_t size, weft_site *site)
{
    weft_loop *loop = datagram->io.loop;
    if (datagram->arrived & UV_WRITABLE)
        datagram->arrived &= ~UV_WRITABLE; /* found before the one that did not fit */
    uint64_t op = weft__op_start(loop, WEFT_OP_SEND, site, datagram->io.id, datagram->fd, size);
    datagram->events |= UV_WRITABLE;
    uv_poll_start(&datagram->poll, datagram->events, on_poll);
    int rc = weft__stream_wait(&datagram->senders, datagram->io.id, WEFT_AWAIT_WRITE, site);
    if (rc == 0 && datagram->closed)
        rc = WEFT_ECLOSED;
    weft__op_end(loop, WEFT_OP_SEND, op, rc);
    return rc;
}

static bool same_address(const weft_address *a, const weft_address *b)
{
    return a->length == b->length && memcmp(&a->sockaddr, &b->sockaddr, a->length) == 0;
}

int weft_sendto_at(weft_site *site, weft_datagram *datagram, const void *data, size_t size,
                   const weft_address *to)
{
    int rc = check(datagram);
    if (rc < 0)
        return rc;
    if ((!data && size > 0) ||
        (to && datagram->remote.length > 0 && !same_address(to, &datagram->remote)))
        return UV_EINVAL;
    if (datagram->connected)
        to = NULL;
    else if (!to && datagram->remote.length > 0)
        to = &datagram->remote;
    weft_ref(datagram);
    while ((rc = try_send(datagram, data, size, to)) == UV_EAGAIN || rc == UV_ENOBUFS) {
        rc = wait_for_room(datagram, size, site);
        if (rc < 0)
            break;
    }
    weft_unref(datagram);
    if (rc == 0 || rc == WEFT_ECANCELED || rc == WEFT_ECLOSED)
        return rc;
    return weft_raise_at(site, rc, "cannot send %zu bytes to %s: %s", size,
                         to ? to->text : datagram->remote.text, weft_strerror(rc));
}
