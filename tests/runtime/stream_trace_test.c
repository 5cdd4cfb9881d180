/* stream_trace_test.c: what streams, servers and datagram sockets tell the probe: who they are, and
 * what is awaited of them. */
#include "ring.h"
#include "runtime/weft.h"
#include <string.h>
#include <unistd.h>

/* ---- Waiting ---- */

static int says_hello(weft_stream *stream, void *arg)
{
    (void)arg;
    WEFT_TRY(weft_sleep(0.001));
    weft_printf(stream, "hello\n");
    return 0;
}

WEFT_ASYNC(void, reads)
{
    weft_own weft_server *server = NULL;
    WEFT_TRY(weft_start_server("127.0.0.1", 0, says_hello, NULL, &server));
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_open_connection("127.0.0.1", weft_server_port(server), &stream));
    struct mark mark = mark_now();
    weft_bytes line;
    WEFT_TRY(weft_readline(stream, &line));
    g_autofree char *events = events_since(mark);
    g_assert_true(g_str_has_prefix(events, "OP_START(read) op1>stream1\n"
                                           "SUSPEND(read) task1>stream1\n"));
    g_assert_true(g_str_has_suffix(events, "RESUME task1\nOP_END(read) op1\n"));
    const char *ready = strstr(events, "READY(io) stream1\n");
    g_assert_nonnull(ready);
    g_assert_nonnull(strstr(ready, "CALLBACK_BEGIN(io) stream1\n"
                                   "WAKE(io) task1>stream1\n"
                                   "CALLBACK_END(io) stream1\n"));
    return 0;
}

static void test_read(void)
{
    g_assert_cmpint(weft_run(reads()), ==, 0);
}

static int echo(weft_stream *stream, void *arg)
{
    weft_bytes bytes;
    (void)arg;
    WEFT_TRY(weft_read(stream, 100, &bytes));
    weft_write(stream, bytes.data, bytes.len);
    return 0;
}

WEFT_ASYNC(void, closes_soon, weft_server *, server)
{
    weft_server_close(server);
    return weft_await(weft_sleep(0));
}

WEFT_ASYNC(void, serves)
{
    weft_own weft_server *server = NULL;
    WEFT_TRY(weft_start_server("127.0.0.1", 0, echo, NULL, &server));
    weft_detach(weft_create_task(closes_soon(server)));
    struct mark mark = mark_now();
    int rc = weft_await(weft_serve_forever(server));
    g_assert_cmpint(rc, ==, WEFT_ECANCELED);
    g_autofree char *events = events_since(mark);
    g_assert_true(g_str_has_prefix(events, "OP_START(accept) op1>stream1\n"
                                           "SUSPEND(accept) task1>stream1\n"));
    const char *end = strstr(events, "OBJECT_FREE stream1=");
    g_assert_nonnull(end);
    g_assert_nonnull(strstr(end, "OP_END(accept) op1\n"));
    return 0;
}

static void test_accept(void)
{
    g_assert_cmpint(weft_run(serves()), ==, 0);
}

WEFT_ASYNC(void, sends_soon, weft_datagram *, to)
{
    weft_own weft_datagram *from = NULL;
    WEFT_TRY(weft_open_datagram(&from, .family = AF_INET));
    return weft_await(weft_sendto(from, "hello", 5, weft_datagram_sockname(to)));
}

WEFT_ASYNC(void, receives)
{
    weft_own weft_datagram *datagram = NULL;
    weft_bytes bytes;
    WEFT_TRY(weft_open_datagram(&datagram, .local_host = "127.0.0.1"));
    weft_detach(weft_create_task(sends_soon(datagram)));
    struct mark mark = mark_now();
    WEFT_TRY(weft_recvfrom(datagram, &bytes, NULL));
    g_autofree char *events = events_since(mark);
    g_assert_true(g_str_has_prefix(events, "OP_START(recv) op1>stream1\n"
                                           "SUSPEND(read) task1>stream1\n"));
    g_assert_nonnull(strstr(events, "WAKE(io) task1>stream1\nCALLBACK_END(io) stream1\n"));
    g_assert_true(g_str_has_suffix(events, "OP_END(recv) op1\n"));
    return 0;
}

static void test_receive(void)
{
    g_assert_cmpint(weft_run(receives()), ==, 0);
}

/* How long the poll may take that comes next after a task begins to wait so; -1: none came. */
static int64_t poll_after(struct mark mark, unsigned awaited)
{
    bool waits = false;
    for (char *at = mark.position; at < mark.writer->position; at += WEFT_SLOT_SIZE) {
        const struct weft_record *r = (const void *)at;
        if (waits && r->kind == WEFT_RECORD_POLL_BEGIN)
            return (int64_t)r->object;
        waits |= r->kind == WEFT_RECORD_SUSPEND && r->detail == awaited;
        if (r->flags & WEFT_RECORD_EXT)
            at += WEFT_SLOT_SIZE;
    }
    return -1;
}

WEFT_ASYNC(void, sleeps_for_an_hour)
{
    return weft_await(weft_sleep(3600));
}

/* libuv watches the connection only from this poll on, and does not know yet how long it takes. */
WEFT_ASYNC(void, connects)
{
    weft_own weft_server *server = NULL;
    WEFT_TRY(weft_start_server("127.0.0.1", 0, says_hello, NULL, &server));
    weft_detach(weft_create_task(sleeps_for_an_hour()));
    WEFT_TRY(weft_sleep(0));
    struct mark mark = mark_now();
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_open_connection("127.0.0.1", weft_server_port(server), &stream));
    g_assert_cmpint(poll_after(mark, WEFT_AWAIT_CONNECT), >, INT64_C(3000) * 1000000000);
    return 0;
}

static void test_poll(void)
{
    g_assert_cmpint(weft_run(connects()), ==, 0);
}

/* ---- Names ---- */

WEFT_ASYNC(void, names_tcp)
{
    struct mark mark = mark_now();
    weft_own weft_server *server = NULL;
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_start_server("127.0.0.1", 0, echo, NULL, &server));
    int port = weft_server_port(server);
    WEFT_TRY(weft_open_connection("127.0.0.1", port, &stream));
    weft_bytes bytes;
    weft_write(stream, "x", 1);
    WEFT_TRY(weft_readexactly(stream, 1, &bytes));
    g_autofree char *names = names_since(mark);
    const char *client = strrchr(weft_stream_sockname(stream), ':');
    g_autofree char *wanted = g_strdup_printf("listen :%d\n:%d\n%s\n", port, port, client);
    g_assert_cmpstr(names, ==, wanted);
    return 0;
}

WEFT_ASYNC(void, names_others, const char *, path)
{
    struct mark mark = mark_now();
    weft_own weft_server *server = NULL;
    weft_own weft_stream *stream = NULL, *in = NULL, *out = NULL;
    weft_own weft_datagram *one = NULL, *two = NULL;
    weft_bytes bytes;
    int fds[2];
    WEFT_TRY(weft_start_unix_server(path, echo, NULL, &server));
    WEFT_TRY(weft_open_unix_connection(path, &stream));
    weft_write(stream, "x", 1);
    WEFT_TRY(weft_readexactly(stream, 1, &bytes));
    g_assert_cmpint(pipe(fds), ==, 0);
    g_assert_cmpint(weft_open_pipe(fds[0], &in), ==, 0);
    g_assert_cmpint(weft_open_pipe(fds[1], &out, .name = "to the child"), ==, 0);
    WEFT_TRY(weft_open_datagram(&one, .local_host = "127.0.0.1"));
    int port = weft_datagram_port(one);
    WEFT_TRY(weft_open_datagram(&two, .remote_host = "127.0.0.1", .remote_port = port));
    g_autofree char *names = names_since(mark);
    g_autofree char *wanted = g_strdup_printf(
        "listen %s\n%s\n%s#1\nfd %d\nto the child\nudp :%d\nudp :%d > :%d\n", path, path, path,
        fds[0], port, weft_datagram_port(two), port);
    g_assert_cmpstr(names, ==, wanted);
    return 0;
}

static void test_names(void)
{
    g_assert_cmpint(weft_run(names_tcp()), ==, 0);
    g_autofree char *directory = g_dir_make_tmp("weft-names-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(directory, "socket", NULL);
    g_assert_cmpint(weft_run(names_others(path)), ==, 0);
    g_assert_cmpint(g_rmdir(directory), ==, 0);
}

int main(int argc, char **argv)
{
    char *directory = begin_recording(&argc, &argv);
    g_test_add_func("/runtime/stream-trace/read", test_read);
    g_test_add_func("/runtime/stream-trace/accept", test_accept);
    g_test_add_func("/runtime/stream-trace/receive", test_receive);
    g_test_add_func("/runtime/stream-trace/poll", test_poll);
    g_test_add_func("/runtime/stream-trace/names", test_names);
    return end_recording(directory, g_test_run());
}
