/* server_test.c: servers: their addresses, how they begin and end, and what they survive. */
#include "served.h"
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- Clients ---- */

/* Streams and a server that outlive the loop are closed with it. */
static weft_stream *left_stream;
static weft_server *left_server;
WEFT_ASYNC(void, leaves_open)
{
    WEFT_TRY(weft_start_server(NULL, 0, echo, NULL, &left_server));
    WEFT_TRY(weft_open_connection("127.0.0.1", weft_server_port(left_server), &left_stream));
    return 0;
}

static void test_left_open(void)
{
    g_assert_cmpint(weft_run(leaves_open()), ==, 0);
    weft_bytes bytes;
    g_assert_cmpint(weft_read(left_stream, 1, &bytes), ==, WEFT_ECLOSED);
    weft_write(left_stream, "x", 1);
    weft_close(left_stream);
    weft_unref(left_stream);
    weft_unref(left_server);
}

static void on_report(weft_loop *loop, const char *message, const weft_error *error,
                      weft_future *future, void *arg)
{
    (void)loop, (void)arg;
    g_assert_true(g_str_has_prefix(weft_get_name(future), "fails :"));
    note("[%s: %s]", message, weft_error_message(error));
}

static int fails(weft_stream *stream, void *arg)
{
    (void)stream, (void)arg;
    return weft_raise(UV_EINVAL, "no idea");
}

WEFT_ASYNC(void, failing_client)
{
    weft_loop_set_exception_handler(weft_running_loop(), on_report, NULL);
    struct served served = { 0 };
    WEFT_TRY(weft_start_server("127.0.0.1", 0, fails, NULL, &served.server));
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_open_connection("127.0.0.1", weft_server_port(served.server), &stream));
    weft_bytes bytes;
    WEFT_TRY(weft_read(stream, 1, &bytes));
    g_assert_cmpint(bytes.len, ==, 0);
    return finish(&served);
}

static void test_failing_client(void)
{
    g_assert_cmpint(weft_run(failing_client()), ==, 0);
    expect("[a client's task failed: no idea]");
}

WEFT_ASYNC(void, many_requests, int, port, int, n)
{
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_open_connection("127.0.0.1", port, &stream));
    for (int i = 0; i < n; i++) {
        weft_printf(stream, "request %d\n", i);
        WEFT_TRY(weft_drain(stream));
        weft_bytes line;
        WEFT_TRY(weft_readline(stream, &line));
        g_autofree char *wanted = g_strdup_printf("request %d\n", i);
        g_assert_cmpstr(line.data, ==, wanted);
    }
    return 0;
}

WEFT_ASYNC(void, many_clients)
{
    enum { CLIENTS = 50 };
    struct served served = { 0 };
    WEFT_TRY(serve(&served, echo, NULL));
    weft_task *tasks[CLIENTS];
    for (int i = 0; i < CLIENTS; i++)
        tasks[i] = weft_create_task(many_requests(served.port, 20));
    weft_own weft_future *all = weft_gather_all(tasks, CLIENTS);
    for (int i = 0; i < CLIENTS; i++)
        weft_unref(tasks[i]);
    WEFT_TRY(all);
    return finish(&served);
}

static void test_many_clients(void)
{
    g_assert_cmpint(weft_run(many_clients()), ==, 0);
}

/* ---- Beginning and ending ---- */

WEFT_ASYNC(void, serves, weft_server *, server)
{
    int rc = weft_await(weft_serve_forever(server));
    note("served-%s", weft_err_name(rc));
    return rc;
}

/* Cancelling serve_forever closes the server, and waits for its connections. */
WEFT_ASYNC(void, forever)
{
    struct served served = { 0 };
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(serve(&served, echo, NULL));
    g_assert_true(weft_server_is_serving(served.server));
    weft_own weft_task *task = weft_create_task(serves(served.server));
    WEFT_TRY(connect_to(&served, &stream));
    WEFT_TRY(expect_echo(stream));
    note("%s", weft_err_name(weft_await(weft_serve_forever(served.server))));
    weft_cancel(task);
    WEFT_TRY(weft_sleep(0.001));
    g_assert_false(weft_server_is_serving(served.server));
    g_assert_false(weft_done(task)); /* there is a connection */
    WEFT_TRY(expect_echo(stream));
    note("closes");
    weft_close(stream);
    g_assert_cmpint(weft_await(task), ==, WEFT_ECANCELED);
    note("%s", weft_err_name(weft_await(weft_serve_forever(served.server))));
    note("%s", weft_err_name(weft_await(weft_server_start_serving(served.server))));
    return finish(&served);
}

static void test_forever(void)
{
    g_assert_cmpint(weft_run(forever()), ==, 0);
    expect("EBUSY closes served-ECANCELED ECLOSED ECLOSED");
}

/* So does closing it, though nobody cancelled the task. */
WEFT_ASYNC(void, forever_closed)
{
    struct served served = { 0 };
    WEFT_TRY(serve(&served, echo, NULL));
    weft_own weft_task *task = weft_create_task(serves(served.server));
    WEFT_TRY(weft_sleep(0));
    weft_server_close(served.server);
    g_assert_cmpint(weft_await(task), ==, WEFT_ECANCELED);
    g_assert_true(weft_cancelled(task));
    g_assert_cmpint(weft_cancelling(task), ==, 0);
    return finish(&served);
}

static void test_forever_closed(void)
{
    g_assert_cmpint(weft_run(forever_closed()), ==, 0);
    expect("served-ECANCELED");
}

WEFT_ASYNC(void, later)
{
    weft_own weft_server *server = NULL;
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_start_server("127.0.0.1", 0, echo, NULL, &server, .start_later = true));
    int port = weft_server_port(server);
    g_assert_false(weft_server_is_serving(server));
    note("%s", weft_err_name(weft_await(weft_open_connection("127.0.0.1", port, &stream))));
    WEFT_TRY(weft_server_start_serving(server));
    WEFT_TRY(weft_server_start_serving(server));
    g_assert_true(weft_server_is_serving(server));
    WEFT_TRY(weft_open_connection("127.0.0.1", port, &stream));
    WEFT_TRY(expect_echo(stream));
    weft_server_close(server);
    weft_server_close(server);
    g_assert_cmpint(weft_server_port(server), ==, 0);
    g_assert_cmpint(weft_server_sockets(server, NULL, 0), ==, 0);
    return 0;
}

static void test_later(void)
{
    g_assert_cmpint(weft_run(later()), ==, 0);
    expect("ECONNREFUSED");
}

WEFT_ASYNC(void, waits, weft_server *, server)
{
    int rc = weft_await(weft_server_wait_closed(server));
    note("waited-%s", weft_err_name(rc));
    return rc;
}

/* wait_closed: both closed and without connections, in either order (3.12.1 and later). */
WEFT_ASYNC(void, wait_closed)
{
    struct served served = { 0 };
    WEFT_TRY(serve(&served, echo, NULL));
    weft_own weft_task *open = weft_create_task(waits(served.server));
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(connect_to(&served, &stream));
    WEFT_TRY(expect_echo(stream));
    weft_server_close(served.server);
    weft_own weft_task *closed = weft_create_task(waits(served.server));
    weft_own weft_task *cancelled = weft_create_task(waits(served.server));
    WEFT_TRY(weft_sleep(0));
    weft_cancel(cancelled);
    WEFT_TRY(expect_echo(stream));
    g_assert_false(weft_done(open));
    note("open");
    weft_close(stream);
    WEFT_TRY(open);
    WEFT_TRY(closed);
    return finish(&served);
}

static void test_wait_closed(void)
{
    g_assert_cmpint(weft_run(wait_closed()), ==, 0);
    expect("waited-ECANCELED open waited-OK waited-OK");
}

static int says_and_waits(weft_stream *stream, void *arg)
{
    (void)arg;
    weft_bytes bytes;
    weft_printf(stream, "hello\n");
    int rc = weft_await(weft_read(stream, 1, &bytes));
    note("server-%s-%zu", weft_err_name(rc), bytes.len);
    return 0;
}

WEFT_ASYNC(void, ends_clients, bool, abort)
{
    struct served served = { 0 };
    WEFT_TRY(serve(&served, says_and_waits, NULL));
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(connect_to(&served, &stream));
    weft_bytes line;
    WEFT_TRY(weft_readline(stream, &line));
    if (abort)
        weft_server_abort_clients(served.server);
    else
        weft_server_close_clients(served.server);
    WEFT_TRY(weft_read(stream, 1, &line));
    g_assert_true(weft_at_eof(stream));
    g_assert_true(weft_server_is_serving(served.server)); /* the next is welcome */
    weft_own weft_stream *next = NULL;
    WEFT_TRY(connect_to(&served, &next));
    WEFT_TRY(weft_readline(next, &line));
    weft_close(next);
    return finish(&served);
}

static void test_ends_clients(void)
{
    g_assert_cmpint(weft_run(ends_clients(false)), ==, 0);
    expect("server-OK-0 server-OK-0");
    g_assert_cmpint(weft_run(ends_clients(true)), ==, 0);
    expect("server-OK-0 server-OK-0");
}

/* The last reference closes a server, even while it has connections, which go on. */
WEFT_ASYNC(void, forgotten)
{
    struct served served = { 0 };
    WEFT_TRY(serve(&served, echo, NULL));
    weft_own weft_stream *stream = NULL, *refused = NULL;
    WEFT_TRY(connect_to(&served, &stream));
    WEFT_TRY(expect_echo(stream));
    weft_unref(served.server);
    note("%s", weft_err_name(connect_to(&served, &refused)));
    WEFT_TRY(expect_echo(stream));
    weft_close(stream);
    return weft_await(weft_wait_closed(stream));
}

static void test_forgotten(void)
{
    g_assert_cmpint(weft_run(forgotten()), ==, 0);
    expect("ECONNREFUSED");
}

/* ---- Addresses ---- */

static bool have_ipv6(void)
{
    struct sockaddr_in6 address;
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    uv_ip6_addr("::1", 0, &address);
    bool have = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0)
        close(fd);
    return have;
}

/* Every interface: one port, a socket for either family. */
WEFT_ASYNC(void, every_interface, const char *, host)
{
    weft_own weft_server *server = NULL;
    WEFT_TRY(weft_start_server(host, 0, echo, NULL, &server));
    int fds[8], port = weft_server_port(server);
    size_t n = weft_server_sockets(server, fds, 8);
    g_assert_cmpint(n, ==, have_ipv6() ? 2 : 1);
    const char *hosts[] = { "127.0.0.1", "::1" };
    for (size_t i = 0; i < n; i++) {
        weft_own weft_stream *stream = NULL;
        WEFT_TRY(weft_open_connection(hosts[i], port, &stream));
        WEFT_TRY(expect_echo(stream));
        g_autofree char *peer = g_strdup_printf(strchr(hosts[i], ':') ? "[%s]:%d" : "%s:%d",
                                                hosts[i], port);
        g_assert_cmpstr(weft_stream_peer(stream), ==, peer);
    }
    return 0;
}

static void test_every_interface(void)
{
    if (!have_ipv6())
        g_test_message("this machine has no IPv6: only IPv4 is looked at");
    g_assert_cmpint(weft_run(every_interface(NULL)), ==, 0);
    g_assert_cmpint(weft_run(every_interface("")), ==, 0);
}

WEFT_ASYNC(void, shares_port)
{
    weft_own weft_server *one = NULL, *two = NULL, *three = NULL;
    WEFT_TRY(weft_start_server("127.0.0.1", 0, echo, NULL, &one, .reuse_port = true));
    int port = weft_server_port(one);
    WEFT_TRY(weft_start_server("127.0.0.1", port, echo, NULL, &two, .reuse_port = true));
    g_assert_cmpint(weft_server_port(two), ==, port);
    int rc = weft_await(weft_start_server("127.0.0.1", port, echo, NULL, &three));
    g_assert_cmpint(rc, ==, UV_EADDRINUSE);
    g_assert_null(three);
    g_autofree char *message = g_strdup_printf(
        "cannot listen on 127.0.0.1:%d: address already in use", port);
    g_assert_cmpstr(weft_error_message(weft_current_error()), ==, message);
    /* Two that are only bound: the second learns it when it listens. */
    weft_own weft_server *four = NULL, *five = NULL;
    WEFT_TRY(weft_start_server("127.0.0.1", 0, echo, NULL, &four, .start_later = true));
    rc = weft_await(weft_start_server("127.0.0.1", weft_server_port(four), echo, NULL, &five,
                                      .start_later = true));
    if (rc == 0) {
        WEFT_TRY(weft_server_start_serving(four));
        rc = weft_await(weft_server_start_serving(five));
        g_assert_false(weft_server_is_serving(five));
    }
    g_assert_cmpint(rc, ==, UV_EADDRINUSE);
    return 0;
}

static void test_shares_port(void)
{
    g_assert_cmpint(weft_run(shares_port()), ==, 0);
}

WEFT_ASYNC(void, misused)
{
    weft_own weft_server *server = NULL;
    note("%s", weft_err_name(weft_await(weft_start_server("127.0.0.1", 65536, echo, 0, &server))));
    g_assert_cmpstr(weft_error_message(weft_current_error()), ==,
                    "cannot listen on 127.0.0.1:65536: invalid argument");
    note("%s", weft_err_name(weft_await(weft_start_server(NULL, -1, echo, NULL, &server))));
    note("%s", weft_err_name(weft_await(weft_start_server("192.0.2.1", 0, echo, 0, &server))));
    g_assert_nonnull(strstr(weft_error_message(weft_current_error()), "192.0.2.1:0"));
    note("%s", weft_err_name(weft_await(weft_start_server(NULL, 0, NULL, NULL, &server))));
    note("%s", weft_err_name(weft_await(weft_start_server(NULL, 0, echo, NULL, NULL))));
    note("%s", weft_err_name(weft_await(weft_serve_forever(NULL))));
    note("%s", weft_err_name(weft_await(weft_server_wait_closed(NULL))));
    g_assert_null(server);
    return 0;
}

static void test_misused(void)
{
    g_assert_cmpint(weft_run(misused()), ==, 0);
    expect("EINVAL EINVAL EADDRNOTAVAIL EINVAL EINVAL EINVAL EINVAL");
    weft_server *server;
    g_assert_cmpint(weft_start_server(NULL, 0, echo, NULL, &server), ==, WEFT_ENOTASK);
    weft_server_close_clients(NULL);
    weft_server_abort_clients(NULL);
    weft_server_close(NULL);
    g_assert_false(weft_server_is_serving(NULL));
    g_assert_cmpint(weft_server_sockets(NULL, NULL, 0), ==, 0);
}

/* ---- Out of descriptors ---- */

static void on_refusal(weft_loop *loop, const char *message, const weft_error *error,
                       weft_future *future, void *arg)
{
    int *refusals = arg;
    (void)loop, (void)message, (void)future;
    g_assert_cmpint(weft_error_code(error), ==, UV_EMFILE);
    ++*refusals;
}

/* The server tells it once, and accepts the connection when there are descriptors again. */
WEFT_ASYNC(void, survives)
{
    int refusals = 0, fillers[256], n = 0;
    struct served served = { 0 };
    weft_own weft_stream *stream = NULL;
    weft_loop_set_exception_handler(weft_running_loop(), on_refusal, &refusals);
    WEFT_TRY(serve(&served, echo, NULL));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    while (n < 256 && (fillers[n] = dup(fd)) >= 0)
        n++;
    g_assert_cmpint(n, <, 256);
    struct sockaddr_in address;
    uv_ip4_addr("127.0.0.1", served.port, &address);
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(write(fd, "ping", 4), ==, 4);
    note("%s", weft_err_name(connect_to(&served, &stream)));
    while (refusals == 0)
        WEFT_TRY(weft_sleep(0.001));
    while (n > 0)
        close(fillers[--n]);
    g_assert_cmpint(weft_open_pipe(fd, &stream), ==, 0);
    weft_bytes bytes;
    int rc = weft_await(weft_readexactly(stream, 4, &bytes));
    if (rc == UV_ECONNRESET) { /* valgrind's accept closes a descriptor that it has no room for */
        weft_unref(stream);
        WEFT_TRY(connect_to(&served, &stream));
        WEFT_TRY(expect_echo(stream));
    } else {
        g_assert_cmpstr(bytes.data, ==, "ping");
    }
    note("%d", refusals);
    weft_close(stream);
    return finish(&served);
}

WEFT_ASYNC(void, closed_while_it_waits)
{
    int refusals = 0, fillers[256], n = 0;
    struct served served = { 0 };
    weft_loop_set_exception_handler(weft_running_loop(), on_refusal, &refusals);
    WEFT_TRY(serve(&served, echo, NULL));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    while (n < 256 && (fillers[n] = dup(fd)) >= 0)
        n++;
    struct sockaddr_in address;
    uv_ip4_addr("127.0.0.1", served.port, &address);
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    while (refusals == 0)
        WEFT_TRY(weft_sleep(0.001));
    while (n > 0)
        close(fillers[--n]);
    close(fd);
    return finish(&served);
}

static void test_out_of_descriptors(void)
{
    struct rlimit was, low;
    getrlimit(RLIMIT_NOFILE, &was);
    low = was;
    low.rlim_cur = 128;
    setrlimit(RLIMIT_NOFILE, &low);
    g_assert_cmpint(weft_run(survives()), ==, 0);
    expect("EMFILE 1");
    g_assert_cmpint(weft_run(closed_while_it_waits()), ==, 0);
    setrlimit(RLIMIT_NOFILE, &was);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/server/left-open", test_left_open);
    g_test_add_func("/runtime/server/failing-client", test_failing_client);
    g_test_add_func("/runtime/server/many-clients", test_many_clients);
    g_test_add_func("/runtime/server/forever", test_forever);
    g_test_add_func("/runtime/server/forever-closed", test_forever_closed);
    g_test_add_func("/runtime/server/later", test_later);
    g_test_add_func("/runtime/server/wait-closed", test_wait_closed);
    g_test_add_func("/runtime/server/ends-clients", test_ends_clients);
    g_test_add_func("/runtime/server/forgotten", test_forgotten);
    g_test_add_func("/runtime/server/every-interface", test_every_interface);
    g_test_add_func("/runtime/server/shares-port", test_shares_port);
    g_test_add_func("/runtime/server/misused", test_misused);
    g_test_add_func("/runtime/server/out-of-descriptors", test_out_of_descriptors);
    return g_test_run();
}
