/* stream_test.c: TCP streams over the loopback: reading, limits, water marks, ends and resets. */
#include "served.h"
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- Reading ---- */

static int says_lines(weft_stream *stream, void *arg)
{
    (void)arg;
    weft_bytes lines[] = { { "on", 2 }, { "e\ntwo\n", 6 }, { "thr", 3 } };
    weft_writelines(stream, lines, 3);
    return 0; /* the stream is closed when its task ends */
}

WEFT_ASYNC(void, reads_lines)
{
    struct served served = { 0 };
    WEFT_TRY(serve(&served, says_lines, NULL));
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_open_connection("localhost", served.port, &stream));
    for (;;) {
        weft_bytes line;
        WEFT_TRY(weft_readline(stream, &line));
        g_assert_cmpint(line.data[line.len], ==, 0);
        if (line.len == 0)
            break;
        note("%.*s", (int)(line.len - (line.data[line.len - 1] == '\n')), line.data);
    }
    g_assert_true(weft_at_eof(stream));
    weft_close(stream);
    WEFT_TRY(weft_wait_closed(stream));
    return finish(&served);
}

static void test_lines(void)
{
    g_assert_cmpint(weft_run(reads_lines()), ==, 0);
    expect("one two thr");
}

static int says_much(weft_stream *stream, void *arg)
{
    (void)arg;
    weft_printf(stream, "head\r\n\r\n%0*d", 100000, 7);
    weft_printf(stream, "tail");
    return weft_write_eof(stream) < 0 ? UV_EIO : weft_await(weft_sleep(0.001));
}

WEFT_ASYNC(void, reads_all_ways)
{
    struct served served = { 0 };
    WEFT_TRY(serve(&served, says_much, NULL));
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_open_connection("127.0.0.1", served.port, &stream));
    weft_bytes bytes;
    WEFT_TRY(weft_readuntil(stream, ((weft_bytes){ "\r\n\r\n", 4 }), &bytes));
    g_assert_cmpstr(bytes.data, ==, "head\r\n\r\n");
    WEFT_TRY(weft_readexactly(stream, 3, &bytes));
    g_assert_cmpstr(bytes.data, ==, "000");
    WEFT_TRY(weft_read(stream, 2, &bytes));
    g_assert_cmpstr(bytes.data, ==, "00");
    WEFT_TRY(weft_read(stream, 0, &bytes));
    g_assert_cmpint(bytes.len, ==, 0);
    /* What was handed out stays until the next read, whatever arrives meanwhile. */
    WEFT_TRY(weft_readexactly(stream, 5000, &bytes));
    WEFT_TRY(weft_sleep(0.002));
    g_assert_cmpint(strlen(bytes.data), ==, 5000);
    g_assert_cmpint(strspn(bytes.data, "0"), ==, 5000);
    WEFT_TRY(weft_readexactly(stream, 100000 - 5005, &bytes));
    g_assert_cmpint(bytes.data[bytes.len - 1], ==, '7');
    int rc = weft_await(weft_readexactly(stream, 100, &bytes));
    g_assert_cmpint(rc, ==, WEFT_EINCOMPLETE);
    g_assert_cmpstr(bytes.data, ==, "tail");
    WEFT_TRY(weft_read(stream, -1, &bytes));
    g_assert_cmpint(bytes.len, ==, 0);
    g_assert_true(weft_at_eof(stream));
    rc = weft_await(weft_readuntil(stream, ((weft_bytes){ "x", 1 }), &bytes));
    g_assert_cmpint(rc, ==, WEFT_EINCOMPLETE);
    rc = weft_await(weft_readuntil(stream, ((weft_bytes){ "", 0 }), &bytes));
    g_assert_cmpint(rc, ==, UV_EINVAL);
    return finish(&served);
}

static void test_all_ways(void)
{
    g_assert_cmpint(weft_run(reads_all_ways()), ==, 0);
}

static int says_long_lines(weft_stream *stream, void *arg)
{
    (void)arg;
    weft_printf(stream, "%0*d\nshort\n%0*d", 300, 1, 5000, 2);
    return 0;
}

/* readline drops a line over the limit, readuntil leaves it to be read. */
WEFT_ASYNC(void, limits)
{
    struct served served = { 0 };
    WEFT_TRY(serve(&served, says_long_lines, NULL));
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_open_connection("127.0.0.1", served.port, &stream, .limit = 100));
    weft_bytes bytes;
    int rc = weft_await(weft_readuntil(stream, ((weft_bytes){ "\n", 1 }), &bytes));
    g_assert_cmpint(rc, ==, WEFT_ELIMIT);
    rc = weft_await(weft_readline(stream, &bytes));
    g_assert_cmpint(rc, ==, WEFT_ELIMIT);
    WEFT_TRY(weft_readline(stream, &bytes));
    g_assert_cmpstr(bytes.data, ==, "short\n");
    /* Without a newline what is there is dropped, until the end. */
    do
        rc = weft_await(weft_readline(stream, &bytes));
    while (rc == WEFT_ELIMIT);
    g_assert_cmpint(rc, ==, 0);
    return finish(&served);
}

static void test_limits(void)
{
    g_assert_cmpint(weft_run(limits()), ==, 0);
}

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

/* A raw socket that resets: SO_LINGER 0, then close. */
static int reset_after_hello(weft_stream *stream, void *arg)
{
    (void)arg;
    weft_bytes bytes;
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

WEFT_ASYNC(void, resets)
{
    struct served served = { 0 };
    WEFT_TRY(serve(&served, reset_after_hello, NULL));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address;
    uv_ip4_addr("127.0.0.1", served.port, &address);
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(write(fd, "hello\n", 6), ==, 6);
    WEFT_TRY(weft_sleep(0.002));
    struct linger linger = { 1, 0 };
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(fd);
    return finish(&served);
}

static void test_reset(void)
{
    g_assert_cmpint(weft_run(resets()), ==, 0);
    expect("hello ECONNRESET ECONNRESET ECONNRESET");
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

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/stream/lines", test_lines);
    g_test_add_func("/runtime/stream/all-ways", test_all_ways);
    g_test_add_func("/runtime/stream/limits", test_limits);
    g_test_add_func("/runtime/stream/backpressure", test_backpressure);
    g_test_add_func("/runtime/stream/closing", test_closing);
    g_test_add_func("/runtime/stream/reset", test_reset);
    g_test_add_func("/runtime/stream/refused", test_refused);
    g_test_add_func("/runtime/stream/dropping", test_dropping);
    return g_test_run();
}
