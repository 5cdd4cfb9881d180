/* server.h: a server's inside: server.c is the server, listen.c its sockets, unix.c what is
 * different about unix sockets.
 *
 *      server -> listeners: a bound socket each, accepting or not yet
 *             -> clients: streams of connections that are not lost
 */
#ifndef WEFT_SERVER_H
#define WEFT_SERVER_H

#include "runtime/stream.h"
#include <sys/stat.h>

enum { WEFT__LISTENERS = 16, WEFT__BACKLOG = 100 };

struct weft__listener {
    struct weft__io io;
    uv_poll_t poll;
    int fd;
    weft_server *server;
    weft_handle *retry; /* out of descriptors: when to accept again */
    char *path;         /* of a unix socket in the file system, to be removed; or NULL */
    dev_t device;       /* and of which file */
    ino_t inode;
    char name[WEFT__ADDRESS_TEXT];
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
    struct weft__listener *listeners[WEFT__LISTENERS];
    int n, port, backlog;
    bool serving, closed;
    bool orphan;                                   /* nobody refers to it but its connections */
    bool forever;                                  /* somebody is in serve_forever */
    struct weft__links clients;                    /* weft_stream */
    size_t connections;                            /* of them */
    unsigned accepted;                             /* so far */
    struct weft__stream_waiter *closers, *servers; /* wait_closed and serve_forever */
};

/* Without a socket. NULL: out of memory. */
weft_server *weft__server_new(weft_loop *loop, weft_client_fn *fn, void *arg,
                              const char *client_name, weft_server_options options,
                              weft_site *site);
/* Once its sockets are bound: serves unless it is to start later. Takes the server over: it goes to
 * *out, or is gone. */
int weft__server_ready(weft_server *server, weft_server_options options, weft_site *site,
                       weft_server **out);
/* A connection was accepted: the descriptor is the server's. */
void weft__server_accepted(weft_server *server, int fd, const struct weft__listener *listener,
                           const struct sockaddr *peer, socklen_t length);

/* listen.c: a bound socket more. A failure says which address. */
int weft__listener_open(weft_server *server, const struct sockaddr *address, socklen_t length,
                        bool reuse_port, weft_site *site);
/* Begins to accept. */
int weft__listener_start(struct weft__listener *listener, weft_site *site);
void weft__listener_close(struct weft__listener *listener);

/* unix.c: removes the file that it was bound to, if that is still the same. */
void weft__unix_remove(struct weft__listener *listener);

#endif
