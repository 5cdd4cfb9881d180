/* served.h: a server on a free port of the loopback, for tests: serve, connect, finish. */
#ifndef WEFT_TEST_SERVED_H
#define WEFT_TEST_SERVED_H

#include "journal.h"
#include "runtime/weft.h"

struct served {
    weft_server *server;
    int port;
};

static inline int serve(struct served *served, weft_client_fn *handler, void *arg)
{
    WEFT_TRY(weft_start_server("127.0.0.1", 0, handler, arg, &served->server));
    served->port = weft_server_port(served->server);
    g_assert_cmpint(served->port, >, 0);
    return 0;
}

static inline int connect_to(struct served *served, weft_stream **stream)
{
    return weft_await(weft_open_connection("127.0.0.1", served->port, stream));
}

/* Closes and waits for the connections. */
static inline int finish(struct served *served)
{
    weft_server_close(served->server);
    int rc = weft_await(weft_server_wait_closed(served->server));
    weft_unref(served->server);
    return rc;
}

/* A client function: sends back what it is sent. */
static inline int echo(weft_stream *stream, void *arg)
{
    (void)arg;
    for (;;) {
        weft_bytes bytes;
        WEFT_TRY(weft_read(stream, 65536, &bytes));
        if (bytes.len == 0)
            return 0;
        weft_write(stream, bytes.data, bytes.len);
        WEFT_TRY(weft_drain(stream));
    }
}

static inline int expect_echo(weft_stream *stream)
{
    weft_bytes bytes;
    weft_write(stream, "ping", 4);
    WEFT_TRY(weft_readexactly(stream, 4, &bytes));
    g_assert_cmpstr(bytes.data, ==, "ping");
    return 0;
}

#endif
