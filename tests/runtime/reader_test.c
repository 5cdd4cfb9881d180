/* reader_test.c: reading from streams: lines, separators, limits, backpressure. */
#include "served.h"
#include <string.h>
#include <sys/ioctl.h>

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

static int says_lines_of_all_kinds(weft_stream *stream, void *arg)
{
    (void)arg;
    weft_printf(stream, "unix\nmac\rdos\r\nlong, long, long, long, long, long, long|end");
    return 0;
}

/* The separator that ends first; of two that end together the shorter counts for the limit. */
WEFT_ASYNC(void, several_separators)
{
    static const weft_bytes ends[] = { { "\r\n", 2 }, { "\n", 1 }, { "\r", 1 }, { "|", 1 } };
    struct served served = { 0 };
    WEFT_TRY(serve(&served, says_lines_of_all_kinds, NULL));
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_open_connection("127.0.0.1", served.port, &stream, .limit = 20));
    weft_bytes bytes;
    for (int i = 0; i < 4; i++) {
        WEFT_TRY(weft_readuntil_any(stream, ends, 4, &bytes));
        note("%.*s/%d", (int)bytes.len - 1, bytes.data, bytes.data[bytes.len - 1]);
    }
    note("%s", weft_err_name(weft_await(weft_readuntil_any(stream, ends, 4, &bytes))));
    return finish(&served);
}

static void test_several_separators(void)
{
    g_assert_cmpint(weft_run(several_separators()), ==, 0);
    expect("unix/10 mac/13 dos/13 /10 ELIMIT");
    weft_bytes bytes, none = { "", 0 };
    g_assert_cmpint(weft_readuntil_any(NULL, &none, 1, &bytes), ==, UV_EINVAL);
    g_assert_cmpint(weft_readuntil_any(NULL, NULL, 0, &bytes), ==, UV_EINVAL);
}

static int floods(weft_stream *stream, void *arg)
{
    (void)arg;
    g_autofree char *data = g_malloc0(1 << 20);
    int rc = 0;
    while (rc == 0) {
        weft_write(stream, data, 1 << 20);
        rc = weft_await(weft_drain(stream));
    }
    note("flood-%s", weft_err_name(rc));
    return 0;
}

/* Past twice the limit nothing more is read: what the peer sends stays in the kernel. */
WEFT_ASYNC(void, reading_pauses)
{
    struct served served = { 0 };
    WEFT_TRY(serve(&served, floods, NULL));
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_open_connection("127.0.0.1", served.port, &stream, .limit = 1000));
    weft_bytes bytes;
    int in_kernel = 0, later = 0;
    while (in_kernel < 10000) {
        WEFT_TRY(weft_sleep(0.001));
        g_assert_cmpint(ioctl(weft_stream_fd(stream), FIONREAD, &in_kernel), ==, 0);
    }
    WEFT_TRY(weft_sleep(0.001)); /* polls, and leaves it there */
    g_assert_cmpint(ioctl(weft_stream_fd(stream), FIONREAD, &later), ==, 0);
    g_assert_cmpint(later, >=, in_kernel);
    WEFT_TRY(weft_readexactly(stream, 3 << 20, &bytes)); /* and it goes on */
    g_assert_cmpint(bytes.len, ==, 3 << 20);
    weft_stream_abort(stream); /* the peer is still sending */
    return finish(&served);
}

static void test_reading_pauses(void)
{
    g_assert_cmpint(weft_run(reading_pauses()), ==, 0);
    expect("flood-ECONNRESET");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/reader/lines", test_lines);
    g_test_add_func("/runtime/reader/all-ways", test_all_ways);
    g_test_add_func("/runtime/reader/limits", test_limits);
    g_test_add_func("/runtime/reader/several-separators", test_several_separators);
    g_test_add_func("/runtime/reader/pauses", test_reading_pauses);
    return g_test_run();
}
