/* stream_test.c: TCP streams over the loopback: connecting, water marks, ends and resets. */
#include "served.h"
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- Writing ---- */

struct volume {
    size_t bytes;
    bool hold;
};

static int counts(weft_stream *stream, void *arg)
{
    struct volume *volume = arg;
    while (volume->hold)
        WEFT_TRY(weft_sleep(0.001));
    for (;;) {
        weft_bytes bytes;
        WEFT_TRY(weft_read(stream, 1 << 20, &bytes));
        volume->bytes += bytes.len;
        if (bytes.len == 0)
            break;
    }
    weft_printf(stream, "%zu", volume->bytes); /* the half that is still open */
    return 0;
}

WEFT_ASYNC(void, drains, weft_stream *, stream)
{
    int rc = weft_await(weft_drain(stream));
    note("drained-%s", weft_err_name(rc));
    return rc;
}

enum { VOLUME = 16 * 1024 * 1024 };

/* Over the high-water mark drain waits, until the peer has read; and a half-close. */
WEFT_ASYNC(void, backpressure)
{
    struct volume volume = { .hold = true };
    struct served served = { 0 };
    WEFT_TRY(serve(&served, counts, &volume));
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_open_connection("127.0.0.1", served.port, &stream));
    WEFT_TRY(weft_drain(stream)); /* nothing to wait for */
    char *data = g_malloc0(VOLUME);
    weft_write(stream, data, VOLUME);
    g_free(data);
    weft_own weft_task *drainer = weft_create_task(drains(stream));
    WEFT_TRY(weft_sleep(0.002));
    g_assert_false(weft_done(drainer));
    note("held");
    volume.hold = false;
    WEFT_TRY(drainer);
    g_assert_cmpint(weft_write_eof(stream), ==, 0);
    g_assert_cmpint(weft_write_eof(stream), ==, 0);
    weft_write(stream, "dropped", 7);
    weft_bytes bytes;
    WEFT_TRY(weft_read(stream, -1, &bytes));
    g_assert_cmpstr(bytes.data, ==, "16777216");
    return finish(&served);
}

static void test_backpressure(void)
{
    g_assert_cmpint(weft_run(backpressure()), ==, 0);
    expect("held drained-OK");
}

WEFT_ASYNC(void, write_limits)
{
    struct served served = { 0 };
    WEFT_TRY(serve(&served, echo, NULL));
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(connect_to(&served, &stream));
    enum { SIZE = 8 << 20 };
    char *data = g_malloc0(SIZE);
    weft_bytes lines[100];
    for (int i = 0; i < 100; i++)
        lines[i] = (weft_bytes){ data + i, SIZE / 100 };
    g_assert_cmpint(weft_set_write_buffer_limits(stream, SIZE, SIZE), ==, 0);
    weft_writelines(stream, lines, 100);
    g_free(data);
    size_t unsent = weft_write_buffer_size(stream);
    g_assert_cmpint(unsent, >, 64 * 1024);
    WEFT_TRY(weft_drain(stream)); /* not over its mark: does not wait */
    g_assert_cmpint(weft_write_buffer_size(stream), ==, unsent);
    g_assert_cmpint(weft_set_write_buffer_limits(stream, 0, 0), ==, 0);
    weft_own weft_task *drainer = weft_create_task(drains(stream));
    weft_own weft_task *second = weft_create_task(drains(stream));
    weft_bytes bytes;
    WEFT_TRY(weft_readexactly(stream, SIZE / 100 * 100, &bytes));
    WEFT_TRY(drainer);
    WEFT_TRY(second);
    g_assert_cmpint(weft_write_buffer_size(stream), ==, 0);
    weft_close(stream);
    return finish(&served);
}

static void test_write_limits(void)
{
    g_assert_cmpint(weft_run(write_limits()), ==, 0);
    expect("drained-OK drained-OK");
}

static int resets_unread(weft_stream *stream, void *arg)
{
    (void)arg;
    weft_bytes bytes;
    WEFT_TRY(weft_readexactly(stream, 10, &bytes));
    struct linger linger = { 1, 0 };
    setsockopt(weft_stream_fd(stream), SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    weft_stream_abort(stream);
    g_assert_cmpint(weft_stream_fd(stream), ==, -1);
    return weft_await(weft_wait_closed(stream));
}

/* A peer that resets in the middle, while several writes are queued and the stream is closing. */
WEFT_ASYNC(void, reset_while_closing)
{
    struct served served = { 0 };
    WEFT_TRY(serve(&served, resets_unread, NULL));
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(connect_to(&served, &stream));
    g_autofree char *data = g_malloc0(4 << 20);
    for (int i = 0; i < 3; i++)
        weft_write(stream, data, 4 << 20);
    weft_close(stream);
    int rc = weft_await(weft_wait_closed(stream));
    note("%s", rc == UV_EPIPE ? "ECONNRESET" : weft_err_name(rc)); /* whichever comes first */
    return finish(&served);
}

static void test_reset_while_closing(void)
{
    g_assert_cmpint(weft_run(reset_while_closing()), ==, 0);
    expect("ECONNRESET");
}

/* ---- Ends ---- */

WEFT_ASYNC(void, reads_one, weft_stream *, stream)
{
    weft_bytes bytes;
    int rc = weft_await(weft_read(stream, 10, &bytes));
    note("read-%s-%zu", weft_err_name(rc), bytes.len);
    return rc;
}

/* Closing ends whoever reads; a second reader is refused; cancelling a reader leaves the stream. */
WEFT_ASYNC(void, closing)
{
    struct served served = { 0 };
    WEFT_TRY(serve(&served, echo, NULL));
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_open_connection("127.0.0.1", served.port, &stream));
    weft_own weft_task *cancelled = weft_create_task(reads_one(stream));
    WEFT_TRY(weft_sleep(0));
    weft_bytes bytes;
    int rc = weft_await(weft_read(stream, 1, &bytes));
    g_assert_cmpint(rc, ==, UV_EBUSY);
    weft_cancel(cancelled);
    rc = weft_await(cancelled);
    weft_write(stream, "ping", 4);
    WEFT_TRY(weft_readexactly(stream, 4, &bytes));
    g_assert_cmpstr(bytes.data, ==, "ping");
    weft_own weft_task *reader = weft_create_task(reads_one(stream));
    WEFT_TRY(weft_sleep(0));
    weft_close(stream);
    g_assert_true(weft_is_closing(stream));
    weft_close(stream);
    WEFT_TRY(reader);
    WEFT_TRY(weft_wait_closed(stream));
    rc = weft_await(weft_drain(stream));
    g_assert_cmpint(rc, ==, UV_ECONNRESET);
    g_assert_cmpint(weft_write_eof(stream), ==, WEFT_ECLOSED);
    weft_write(stream, "dropped", 7);
    WEFT_TRY(weft_read(stream, 1, &bytes));
    g_assert_cmpint(bytes.len, ==, 0);
    return finish(&served);
}

static void test_closing(void)
{
    g_assert_cmpint(weft_run(closing()), ==, 0);
    expect("read-ECANCELED-0 read-OK-0");
}

/* A raw socket that resets: SO_LINGER 0, then close. arg: it was let in. */
static int reset_after_hello(weft_stream *stream, void *arg)
{
    weft_bytes bytes;
    *(bool *)arg = true;
    WEFT_TRY(weft_readline(stream, &bytes));
    note("%.*s", (int)bytes.len - 1, bytes.data);
    int rc = weft_await(weft_readline(stream, &bytes));
    note("%s", weft_err_name(rc));
    rc = weft_await(weft_drain(stream));
    note("%s", weft_err_name(rc));
    rc = weft_await(weft_wait_closed(stream));
    note("%s", weft_err_name(rc));
    return 0;
}

/* After so long, 0: before what it wrote is read. */
WEFT_ASYNC(void, resets, double, seconds)
{
    struct served served = { 0 };
    bool let_in = false;
    WEFT_TRY(serve(&served, reset_after_hello, &let_in));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address;
    uv_ip4_addr("127.0.0.1", served.port, &address);
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(write(fd, "hello\n", 6), ==, 6);
    if (seconds > 0)
        WEFT_TRY(weft_sleep(seconds));
    struct linger linger = { 1, 0 };
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(fd);
    while (!let_in)
        WEFT_TRY(weft_sleep(0));
    return finish(&served);
}

static void test_reset(void)
{
    static const double after[] = { 0.002, 0 };
    for (guint i = 0; i < G_N_ELEMENTS(after); i++) {
        g_assert_cmpint(weft_run(resets(after[i])), ==, 0);
        expect("hello ECONNRESET ECONNRESET ECONNRESET");
    }
}

/* A write that fails at once: who writes in a loop learns it from drain. */
WEFT_ASYNC(void, fails_at_once)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    struct linger linger = { 1, 0 };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    uv_ip4_addr("127.0.0.1", 0, &address);
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(listen(fd, 1), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&address, &size), ==, 0);
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_open_connection("127.0.0.1", g_ntohs(address.sin_port), &stream));
    int peer = accept(fd, NULL, NULL);
    setsockopt(peer, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(peer);
    close(fd);
    int rc = 0;
    while (rc == 0) {
        weft_write(stream, "x", 1);
        rc = weft_await(weft_drain(stream));
    }
    return rc;
}

static void test_fails_at_once(void)
{
    g_assert_cmpint(weft_run(fails_at_once()), ==, UV_ECONNRESET);
}

WEFT_ASYNC(void, refused)
{
    struct served served = { 0 };
    WEFT_TRY(serve(&served, echo, NULL));
    int port = served.port;
    weft_server *taken = NULL;
    int rc = weft_await(weft_start_server("127.0.0.1", port, echo, NULL, &taken));
    note("%s", weft_err_name(rc));
    WEFT_TRY(finish(&served));
    weft_own weft_stream *stream = NULL;
    rc = weft_await(weft_open_connection("127.0.0.1", port, &stream));
    note("%s", weft_err_name(rc));
    g_assert_null(stream);
    g_autofree char *message = g_strdup_printf("cannot connect to 127.0.0.1:%d: connection refused",
                                               port);
    g_assert_cmpstr(weft_error_message(weft_current_error()), ==, message);
    rc = weft_await(weft_open_connection("127.0.0.1", 70000, &stream));
    note("%s", weft_err_name(rc));
    rc = weft_await(weft_open_connection("127.0.0.1", port, NULL));
    note("%s", weft_err_name(rc));
    rc = weft_await(weft_open_connection("no such host", 80, &stream));
    g_assert_cmpint(rc, <, 0);
    rc = weft_await(weft_read(NULL, 1, NULL));
    note("%s", weft_err_name(rc));
    return 0;
}

static void test_refused(void)
{
    g_assert_cmpint(weft_run(refused()), ==, 0);
    expect("EADDRINUSE ECONNREFUSED EINVAL EINVAL EINVAL");
    weft_bytes bytes;
    g_assert_cmpint(weft_read(NULL, 1, &bytes), ==, UV_EINVAL);
    weft_close(NULL);
    weft_write(NULL, "", 1);
    weft_server_close(NULL);
}

/* A cancelled connect leaves nothing behind; so does a stream that nobody closed. */
WEFT_ASYNC(void, connects, int, port)
{
    weft_own weft_stream *stream = NULL;
    int rc = weft_await(weft_open_connection("127.0.0.1", port, &stream));
    note("%s", weft_err_name(rc));
    return rc;
}

WEFT_ASYNC(void, looks_up)
{
    weft_own weft_stream *stream = NULL;
    int rc = weft_await(weft_open_connection("localhost", 1, &stream));
    note("%s", weft_err_name(rc));
    return rc;
}

WEFT_ASYNC(void, dropping)
{
    struct served served = { 0 };
    WEFT_TRY(serve(&served, echo, NULL));
    weft_own weft_task *task = weft_create_task(connects(served.port));
    WEFT_TRY(weft_sleep(0));
    weft_cancel(task);
    weft_await(task);
    weft_own weft_task *lookup = weft_create_task(looks_up());
    WEFT_TRY(weft_sleep(0));
    weft_cancel(lookup);
    weft_await(lookup);
    weft_stream *stream = NULL;
    WEFT_TRY(weft_open_connection("127.0.0.1", served.port, &stream));
    g_assert_true(g_str_has_prefix(weft_stream_peer(stream), "127.0.0.1:"));
    weft_write(stream, "x", 1);
    weft_unref(stream); /* sends, and closes */
    return finish(&served);
}

static void test_dropping(void)
{
    g_assert_cmpint(weft_run(dropping()), ==, 0);
    expect("ECANCELED ECANCELED");
}

/* ---- Addresses ---- */

static int says_peer(weft_stream *stream, void *arg)
{
    (void)arg;
    weft_printf(stream, "%s", weft_stream_peer(stream));
    return 0;
}

/* A port that was free a moment ago. */
static int free_port(void)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    uv_ip4_addr("127.0.0.1", 0, &address);
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&address, &size), ==, 0);
    close(fd);
    return g_ntohs(address.sin_port);
}

WEFT_ASYNC(void, local_address)
{
    struct served served = { 0 };
    WEFT_TRY(serve(&served, says_peer, NULL));
    weft_own weft_stream *stream = NULL, *other = NULL;
    weft_bytes bytes;
    int port = free_port();
    WEFT_TRY(weft_open_connection("127.0.0.1", served.port, &stream, .local_host = "127.0.0.1",
                                  .local_port = port));
    WEFT_TRY(weft_read(stream, -1, &bytes));
    g_autofree char *own = g_strdup_printf("127.0.0.1:%d", port);
    g_assert_cmpstr(bytes.data, ==, own);
    g_assert_cmpstr(weft_stream_sockname(stream), ==, own);
    note("%s", weft_err_name(weft_await(weft_open_connection("127.0.0.1", served.port, &other,
                                                             .local_port = served.port))));
    g_autofree char *message = g_strdup_printf(
        "cannot connect to 127.0.0.1:%d from :%d: address already in use", served.port,
        served.port);
    g_assert_cmpstr(weft_error_message(weft_current_error()), ==, message);
    note("%s", weft_err_name(weft_await(
                   weft_open_connection("127.0.0.1", served.port, &other, .local_host = "::1"))));
    note("%s", weft_err_name(weft_await(
                   weft_open_connection("127.0.0.1", served.port, &other, .local_port = 65536))));
    WEFT_TRY(weft_open_connection("127.0.0.1", served.port, &other, .local_host = "127.0.0.2"));
    WEFT_TRY(weft_read(other, -1, &bytes));
    g_assert_true(g_str_has_prefix(bytes.data, "127.0.0.2:"));
    return finish(&served);
}

static void test_local_address(void)
{
    g_assert_cmpint(weft_run(local_address()), ==, 0);
    expect("EADDRINUSE EADDRNOTAVAIL EINVAL");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/stream/backpressure", test_backpressure);
    g_test_add_func("/runtime/stream/write-limits", test_write_limits);
    g_test_add_func("/runtime/stream/reset-while-closing", test_reset_while_closing);
    g_test_add_func("/runtime/stream/local-address", test_local_address);
    g_test_add_func("/runtime/stream/closing", test_closing);
    g_test_add_func("/runtime/stream/reset", test_reset);
    g_test_add_func("/runtime/stream/fails-at-once", test_fails_at_once);
    g_test_add_func("/runtime/stream/refused", test_refused);
    g_test_add_func("/runtime/stream/dropping", test_dropping);
    return g_test_run();
}
