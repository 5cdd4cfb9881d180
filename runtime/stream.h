/* stream.h: a stream's inside: over a TCP or unix socket, a pipe, a terminal or a file.
 *
 *      stream.c   its life, and its callback in the batch      reader.c   reading
 *      address.c  what addresses are called                    writer.c   writing
 *      connect.c, server.c, listen.c, unix.c: sockets          pipe.c, plain.c: open descriptors
 *
 *      buffer:  | read already | borrowed NUL | unread | arrived in this poll | free |
 *               0              start          ^        end                    filled room
 *
 * libuv fills the buffer while it polls; readers see it (end = filled) when the stream's callback
 * runs in the batch, as in asyncio. Bytes handed out stay where they are until the next read: a
 * buffer that must grow meanwhile is kept as `retired`, and the byte that the NUL behind them
 * covers is put back.
 *
 * Life: libuv keeps a stream until its close callback; a program's last unref only begins to close.
 */
#ifndef WEFT_STREAM_H
#define WEFT_STREAM_H

#include "runtime/task.h"
#include <sys/socket.h>

enum weft__stream_event { /* what libuv said since the callback last ran */
                          WEFT__STREAM_DATA = 1,
                          WEFT__STREAM_SENT = 2,
                          WEFT__STREAM_CONNECTED = 4,
                          WEFT__STREAM_CLOSED = 8,
};

struct weft__stream_waiter { /* on the waiting task's stack */
    struct weft__stream_waiter *next;
    struct weft__task *task;
};

struct weft_stream {
    struct weft__object object;
    struct weft__io io;
    struct weft__plain *plain; /* a descriptor that epoll refuses */
    uint8_t events;            /* enum weft__stream_event */
    bool readable, writable, socket;
    bool unblocked; /* O_NONBLOCK was set on a description that others share: see pipe.c */

    char *buffer, *retired;
    size_t start, end, filled, room;
    size_t limit;
    char *nul;      /* the byte that a NUL covers; NULL: none does */
    char covered;   /* what it was */
    bool borrowed;  /* bytes are handed out */
    bool listening; /* libuv reads */
    bool eof;       /* readers may see the end */
    bool ended;     /* it has arrived */
    struct weft__task *reader;

    size_t unsent;                /* bytes that libuv has queued */
    size_t high_water, low_water; /* of unsent bytes: where drain begins and ends to wait */
    bool write_paused;            /* drain waits */
    bool eof_written;
    struct weft__stream_waiter *drainers, *closers;

    bool closing;             /* no more reads or writes */
    bool close_begun;         /* uv_close was called */
    bool lost;                /* and has come back */
    bool orphan;              /* nobody refers to it any more */
    int arrived_error, error; /* what broke it: as libuv said, as readers and writers may see */

    union { /* what libuv watches, unless `plain` is set */
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe; /* every other descriptor that epoll takes */
    } uv;
    uv_connect_t connect;
    uv_shutdown_t shutdown;
    int connect_status;
    char *peer, *sockname;
    void (*on_lost)(struct weft_stream *stream); /* its server's */
    weft_server *server;
    struct weft__links client; /* in its list */
};

enum weft__stream_kind { WEFT__STREAM_TCP, WEFT__STREAM_PIPE, WEFT__STREAM_PLAIN };
/* Not connected, and over no descriptor yet; NULL: out of memory. limit 0: 64 KiB. */
weft_stream *weft__stream_new(weft_loop *loop, enum weft__stream_kind kind, size_t limit);
/* Says in the trace which stream this is: its peer's address, or what it was called. */
void weft__stream_named(weft_stream *stream, const char *peer, const char *name, weft_site *site);
/* A connected socket: begins to read. */
int weft__stream_connected(weft_stream *stream);
/* What broke the connection, or UV_ENOMEM: readers and writers see it in the next batch. */
void weft__stream_broke(weft_stream *stream, int code);
/* Its descriptor is closed, and nothing of it is under way. */
void weft__stream_closed(weft_stream *stream);
/* -1: none any more. */
int weft__stream_fd(const weft_stream *stream);
/* Closes at once, unsent bytes and all. */
void weft__stream_abort(weft_stream *stream);
/* Waits in the list until somebody wakes the whole list; `what` is the awaited entity. The caller
 * keeps the list's owner alive. */
int weft__stream_wait(struct weft__stream_waiter **list, uint64_t what, enum weft_await_kind kind,
                      weft_site *site);
void weft__wake_waiters(struct weft__stream_waiter **list, uint64_t by);
/* WEFT_ENOTASK, WEFT_ELOOP, WEFT_ECLOSED, UV_EINVAL or 0: may the current task use it? */
int weft__stream_check(const weft_stream *stream);

/* reader.c */
int weft__reader_start(weft_stream *stream);
/* Shows readers what has arrived. */
void weft__reader_arrived(weft_stream *stream);
void weft__reader_finish(weft_stream *stream);
/* n bytes, the end (UV_EOF) or an error has arrived. */
void weft__reader_feed(weft_stream *stream, const char *data, ssize_t n);
void weft__reader_stop(weft_stream *stream);

/* writer.c */
enum { WEFT__HIGH_WATER = 64 * 1024, WEFT__LOW_WATER = 16 * 1024 };
/* libuv has sent something: drains that need wait no longer are woken. */
void weft__writer_sent(weft_stream *stream);

/* plain.c */
struct weft__plain *weft__plain_new(void);
/* The descriptor is the stream's from now on. */
void weft__plain_open(weft_stream *stream, int fd);
int weft__plain_read_start(weft_stream *stream);
void weft__plain_write(weft_stream *stream, const char *data, size_t size);
/* WEFT__STREAM_CLOSED comes when nothing is under way any more. */
void weft__plain_close(weft_stream *stream);
int weft__plain_fd(const weft_stream *stream);
void weft__plain_free(struct weft__plain *plain);

/* pipe.c: gives a shared description its flags back. */
void weft__pipe_block_again(weft_stream *stream);

/* OP_START and OP_END around a wait. */
uint64_t weft__op_start(weft_loop *loop, enum weft_op_kind kind, weft_site *site, uint64_t on,
                        int fd, size_t size);
void weft__op_end(weft_loop *loop, enum weft_op_kind kind, uint64_t op, int64_t status);

/* address.c: "10.0.0.1:80", "[fe80::1]:80", "/run/app.sock", "@abstract", "" for a unix socket
 * without a name; `brief`: ":80" for the loopback's addresses. */
enum { WEFT__ADDRESS_TEXT = 128 };
void weft__address_name(const struct sockaddr *address, socklen_t length, bool brief,
                        char name[WEFT__ADDRESS_TEXT]);
socklen_t weft__address_length(const struct sockaddr *address);
/* 0 for what has no port. */
int weft__address_port(const struct sockaddr *address);

/* dns.c: the addresses of a host, up to `room`; how many, or a negative code. NULL: any interface.
 */
int weft__resolve(weft_loop *loop, const char *host, int port, bool passive, weft_site *site,
                  struct sockaddr_storage *addresses, int room);

#endif
