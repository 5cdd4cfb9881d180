/* cpython_streams_test.c: the cases of CPython's test_streams.py that read, each under its own
 * name.
 *
 * What they feed to a StreamReader is written to the other end of a pair of sockets here. Where
 * they look into its buffer, that end is closed and the rest is read. */
#include "served.h"
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DATA "line1\nline2\nline3\n"

enum way { NOTHING, FEED, FEED_LATER, READ, LINE, EXACTLY, UNTIL, CLOSE, AT_EOF };
struct step {
    enum way way;
    const char *data;    /* FEED; otherwise what is read      */
    long n;              /* of READ and EXACTLY; AT_EOF's     */
    const char *ends[3]; /* of UNTIL                          */
    int code;
};
static const struct situation {
    const char *path;
    size_t limit;
    struct step steps[20];
} situations[] = {
    { "/test_streams/StreamTests/test_read_zero",
      0,
      { { FEED, DATA }, { READ, "", 0 }, { CLOSE }, { READ, DATA, -1 } } },
    { "/test_streams/StreamTests/test_read",
      0,
      { { FEED_LATER, DATA }, { READ, DATA, 30 }, { CLOSE }, { READ, "", -1 } } },
    { "/test_streams/StreamTests/test_read_line_breaks",
      0,
      { { FEED, "line1" },
        { FEED, "line2" },
        { READ, "line1", 5 },
        { CLOSE },
        { READ, "line2", -1 } } },
    { "/test_streams/StreamTests/test_read_eof",
      0,
      { { CLOSE }, { READ, "", 1024 }, { READ, "", -1 } } },
    { "/test_streams/StreamTests/test_read_until_eof",
      0,
      { { FEED, "chunk1\n" },
        { FEED, "chunk2" },
        { CLOSE },
        { READ, "chunk1\nchunk2", -1 },
        { READ, "", -1 } } },
    { "/test_streams/StreamTests/test_read_limit",
      3,
      { { FEED, "chunk" }, { READ, "chunk", 5 }, { CLOSE }, { READ, "", -1 } } },
    { "/test_streams/StreamTests/test_readline",
      0,
      { { FEED, "chunk1 " },
        { FEED_LATER, "chunk2 chunk3 \n chunk4" },
        { LINE, "chunk1 chunk2 chunk3 \n" },
        { CLOSE },
        { READ, " chunk4", -1 } } },
    { "/test_streams/StreamTests/test_readline_limit_with_existing_data",
      3,
      { { FEED, "line1\nline2\n" },
        { LINE, .code = WEFT_ELIMIT },
        { CLOSE },
        { READ, "line2\n", -1 } } },
    { "/test_streams/StreamTests/test_at_eof",
      0,
      { { AT_EOF, .n = false },
        { FEED, "some data\n" },
        { AT_EOF, .n = false },
        { LINE, "some data\n" },
        { AT_EOF, .n = false },
        { FEED, "some data\n" },
        { CLOSE },
        { LINE, "some data\n" },
        { LINE, "" },
        { AT_EOF, .n = true } } },
    { "/test_streams/StreamTests/test_readline_limit",
      7,
      { { FEED, "chunk1chunk2\nchunk3\n" },
        { LINE, .code = WEFT_ELIMIT },
        { LINE, "chunk3\n" },
        { FEED, "1234567\n" },
        { LINE, "1234567\n" },
        { FEED, "12345678\n" },
        { LINE, .code = WEFT_ELIMIT },
        { FEED, "12345678" },
        { LINE, .code = WEFT_ELIMIT },
        { CLOSE },
        { READ, "", -1 } } },
    { "/test_streams/StreamTests/test_readline_nolimit_nowait",
      0,
      { { FEED, "line1\n" },
        { FEED, "line2\nline3\n" },
        { LINE, "line1\n" },
        { CLOSE },
        { READ, "line2\nline3\n", -1 } } },
    { "/test_streams/StreamTests/test_readline_eof",
      0,
      { { FEED, "some data" }, { CLOSE }, { LINE, "some data" } } },
    { "/test_streams/StreamTests/test_readline_empty_eof", 0, { { CLOSE }, { LINE, "" } } },
    { "/test_streams/StreamTests/test_readline_read_byte_count",
      0,
      { { FEED, DATA },
        { LINE, "line1\n" },
        { READ, "line2\nl", 7 },
        { CLOSE },
        { READ, "ine3\n", -1 } } },
    { "/test_streams/StreamTests/test_readuntil_separator",
      0,
      { { UNTIL, .ends = { "" }, .code = UV_EINVAL }, { UNTIL, .code = UV_EINVAL } } },
    { "/test_streams/StreamTests/test_readuntil_multi_chunks",
      0,
      { { FEED, "lineAAA" },
        { UNTIL, "lineAAA", .ends = { "AAA" } },
        { FEED, "lineAAA" },
        { UNTIL, "lineAAA", .ends = { "AAA" } },
        { FEED, "lineAAAxxx" },
        { UNTIL, "lineAAA", .ends = { "AAA" } },
        { CLOSE },
        { READ, "xxx", -1 } } },
    { "/test_streams/StreamTests/test_readuntil_multi_chunks_1",
      0,
      { { FEED, "QWEaa" },
        { FEED_LATER, "XYaa" },
        { FEED_LATER, "a" },
        { UNTIL, "QWEaaXYaaa", .ends = { "aaa" } },
        { FEED, "QWEaa" },
        { FEED_LATER, "XYa" },
        { FEED_LATER, "aa" },
        { UNTIL, "QWEaaXYaaa", .ends = { "aaa" } },
        { FEED, "aaaXaaaXXX" },
        { UNTIL, "aaa", .ends = { "aaa" } },
        { UNTIL, "Xaaa", .ends = { "aaa" } },
        { FEED_LATER, "a" },
        { FEED_LATER, "aa" },
        { UNTIL, "XXXaaa", .ends = { "aaa" } },
        { CLOSE },
        { READ, "", -1 } } },
    { "/test_streams/StreamTests/test_readuntil_eof",
      0,
      { { FEED, "some dataAA" },
        { CLOSE },
        { UNTIL, "some dataAA", .ends = { "AAA" }, .code = WEFT_EINCOMPLETE },
        { READ, "", -1 } } },
    { "/test_streams/StreamTests/test_readuntil_limit_found_sep",
      3,
      { { FEED, "some dataAA" },
        { UNTIL, .ends = { "AAA" }, .code = WEFT_ELIMIT },
        { FEED, "A" },
        { UNTIL, .ends = { "AAA" }, .code = WEFT_ELIMIT },
        { CLOSE },
        { READ, "some dataAAA", -1 } } },
    { "/test_streams/StreamTests/test_readuntil_multi_separator",
      0,
      { { FEED, "line 1\nline 2\r" },
        { UNTIL, "line 1\n", .ends = { "\r", "\n" } },
        { UNTIL, "line 2\r", .ends = { "\r", "\n" } },
        { FEED, "ABCDEFG" },
        { UNTIL, "ABCDE", .ends = { "DEF", "BCDE" } },
        { CLOSE },
        { READ, "FG", -1 } } },
    { "/test_streams/StreamTests/test_readuntil_multi_separator_limit",
      3,
      { { FEED, "some dataA" },
        { UNTIL, .ends = { "A", "ome dataA" }, .code = WEFT_ELIMIT },
        { CLOSE },
        { READ, "some dataA", -1 } } },
    { "/test_streams/StreamTests/test_readuntil_multi_separator_negative_offset",
      0,
      { { FEED, "data" },
        { FEED_LATER, "Z" },
        { FEED_LATER, "Aaaa" },
        { UNTIL, "dataZA", .ends = { "A", "long sep" } },
        { CLOSE },
        { READ, "aaa", -1 } } },
    { "/test_streams/StreamTests/test_readexactly_zero_or_less",
      0,
      { { FEED, DATA }, { EXACTLY, "", 0 }, { CLOSE }, { READ, DATA, -1 } } },
    { "/test_streams/StreamTests/test_readexactly",
      0,
      { { FEED_LATER, DATA },
        { FEED_LATER, DATA DATA },
        { EXACTLY, DATA DATA, 36 },
        { CLOSE },
        { READ, DATA, -1 } } },
    { "/test_streams/StreamTests/test_readexactly_limit",
      3,
      { { FEED, "chunk" }, { EXACTLY, "chunk", 5 }, { CLOSE }, { READ, "", -1 } } },
    { "/test_streams/StreamTests/test_readexactly_eof",
      0,
      { { FEED, DATA },
        { CLOSE },
        { EXACTLY, DATA, 36, .code = WEFT_EINCOMPLETE },
        { READ, "", -1 } } },
};

/* ---- One of them ---- */

static void feed(int fd, const char *data)
{
    g_assert_cmpint(write(fd, data, strlen(data)), ==, (ssize_t)strlen(data));
}

WEFT_ASYNC(void, feeds_later, int, fd, const char *, data, int, turns)
{
    for (int i = 0; i < turns; i++)
        WEFT_TRY(weft_sleep(0));
    feed(fd, data);
    return 0;
}

static int until(weft_stream *stream, const struct step *step, weft_bytes *out)
{
    weft_bytes ends[3];
    size_t n = 0;
    for (; n < 3 && step->ends[n]; n++)
        ends[n] = (weft_bytes){ step->ends[n], strlen(step->ends[n]) };
    if (n == 1)
        return weft_await(weft_readuntil(stream, ends[0], out));
    return weft_await(weft_readuntil_any(stream, ends, n, out));
}

static int reads(weft_stream *stream, const struct step *step, weft_bytes *out)
{
    switch (step->way) {
    case READ:
        return weft_await(weft_read(stream, step->n, out));
    case LINE:
        return weft_await(weft_readline(stream, out));
    case EXACTLY:
        return weft_await(weft_readexactly(stream, step->n, out));
    default:
        return until(stream, step, out);
    }
}

static void expect_step(weft_stream *stream, const struct step *step)
{
    weft_bytes bytes = { 0 };
    int rc = reads(stream, step, &bytes);
    g_assert_cmpint(rc, ==, step->code);
    if (step->data)
        g_assert_cmpmem(bytes.data, bytes.len, step->data, strlen(step->data));
}

WEFT_ASYNC(void, goes_through, const struct situation *, situation)
{
    int fds[2], later = 0;
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_open_pipe(fds[0], &stream, .limit = situation->limit));
    for (const struct step *step = situation->steps; step->way != NOTHING; step++) {
        if (step->way == FEED)
            feed(fds[1], step->data);
        else if (step->way == FEED_LATER)
            weft_detach(weft_create_task(feeds_later(fds[1], step->data, ++later)));
        else if (step->way == CLOSE)
            shutdown(fds[1], SHUT_WR);
        else if (step->way == AT_EOF)
            g_assert_cmpint(weft_at_eof(stream), ==, step->n);
        else
            expect_step(stream, step);
    }
    close(fds[1]);
    return 0;
}

static void test_situation(const void *situation)
{
    g_assert_cmpint(weft_run(goes_through(situation)), ==, 0);
}

/* ---- Of servers ---- */

static int is_cancelled(weft_stream *stream, void *arg)
{
    (void)arg;
    weft_close(stream);
    weft_cancel(weft_current_task());
    return 0;
}

static int says_two_lines(weft_stream *stream, void *arg)
{
    (void)arg;
    weft_printf(stream, "one\n%0*d\n", 5000, 2);
    return 0;
}

static void on_report(weft_loop *loop, const char *message, const weft_error *error,
                      weft_future *future, void *arg)
{
    (void)loop, (void)error, (void)future, (void)arg;
    note("%s", message);
}

/* A client's task that ends cancelled is nothing to report. */
WEFT_ASYNC(void, meets_cancelled)
{
    struct served served = { 0 };
    weft_loop_set_exception_handler(weft_running_loop(), on_report, NULL);
    WEFT_TRY(serve(&served, is_cancelled, NULL));
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(connect_to(&served, &stream));
    weft_bytes bytes;
    WEFT_TRY(weft_read(stream, -1, &bytes));
    return finish(&served);
}

static void test_unhandled_cancel(void)
{
    g_assert_cmpint(weft_run(meets_cancelled()), ==, 0);
    expect("");
}

/* Closing while there is more to read. */
WEFT_ASYNC(void, closes_early)
{
    struct served served = { 0 };
    WEFT_TRY(serve(&served, says_two_lines, NULL));
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(connect_to(&served, &stream));
    weft_bytes bytes;
    WEFT_TRY(weft_readline(stream, &bytes));
    g_assert_cmpstr(bytes.data, ==, "one\n");
    weft_close(stream);
    WEFT_TRY(weft_wait_closed(stream));
    return finish(&served);
}

static void test_wait_closed_with_unread_data(void)
{
    g_assert_cmpint(weft_run(closes_early()), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(situations); i++)
        g_test_add_data_func(situations[i].path, &situations[i], test_situation);
    g_test_add_func("/test_streams/StreamTests/test_unhandled_cancel", test_unhandled_cancel);
    g_test_add_func("/test_streams/StreamTests/test_wait_closed_on_close_with_unread_data",
                    test_wait_closed_with_unread_data);
    return g_test_run();
}
