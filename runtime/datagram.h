/* datagram.h: a datagram socket's inside: endpoint.c opens and closes it, datagram.c receives and
 * sends.
 *
 *      kernel -> [ packet | packet | what became of an earlier send ] -> recvfrom
 *
 * Packets are taken from the kernel as they arrive, up to `room` bytes of them. Then its own buffer
 * fills, and what it drops it counts. */
#ifndef WEFT_DATAGRAM_H
#define WEFT_DATAGRAM_H

#include "runtime/stream.h"

struct weft__packet {
    struct weft__packet *next;
    int error; /* of an earlier send, instead of a packet */
    socklen_t from_length;
    size_t size;
    struct sockaddr_storage from;
    char data[];
};

struct weft_datagram {
    struct weft__object object;
    struct weft__io io;
    uv_poll_t poll;
    int fd, events; /* what poll looks for */
    int arrived;    /* and has found       */
    bool closed;    /* by the program, or with its loop */
    bool orphan;    /* nobody refers to it any more */
    bool handle_closed;

    struct weft__packet *first, **end;
    struct weft__packet *lent; /* its bytes are handed out */
    size_t queued, room;       /* bytes in the queue, and at most */
    struct weft__task *receiver;
    struct weft__stream_waiter *senders;

    weft_address local, remote; /* remote: where sendto sends without an address; length 0: none */
    bool connected;
    uint32_t dropped; /* as it was closed */
};

/* datagram.c */
void weft__datagram_run(struct weft__entry *entry);
/* Looks for packets if there is room, and for room to send if somebody waits for it. */
void weft__datagram_watch(weft_datagram *datagram);
void weft__datagram_drop_packets(weft_datagram *datagram);

/* address.c: makes its text. */
void weft__address_say(weft_address *address);

#endif
