/* cpython_connect_test.c: cases of CPython's test_base_events.py and test_streams.py that connect
 * and bind, each under its own name: those that the tests of streams, servers and datagrams do not
 * have. What CPython's do with a mock is done with a system that refuses. */
#include "served.h"
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A port that was free just now, for IPv4 and IPv6. */
static int free_port(void)
{
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
    socklen_t size = sizeof any;
    g_assert_cmpint(bind(fd, (struct sockaddr *)&any, size), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&any, &size), ==, 0);
    close(fd);
    return ntohs(any.sin6_port);
}

/* localhost has two addresses, and nobody listens at either: the error of the last, by name. */
WEFT_ASYNC(void, connects_to_nobody, const char *, local_host)
{
    weft_stream *stream = NULL;
    int port = free_port();
    int rc = weft_await(weft_open_connection("localhost", port, &stream, .local_host = local_host));
    g_assert_cmpint(rc, ==, UV_ECONNREFUSED);
    g_assert_null(stream);
    g_autofree char *where = g_strdup_printf(":%d", port);
    g_assert_nonnull(strstr(weft_error_message(weft_current_error()), where));
    return 0;
}

static void test_connect_multiple_errors(void)
{
    g_assert_cmpint(weft_run(connects_to_nobody(NULL)), ==, 0);
}

static void test_connect_multiple_errors_local_addr(void)
{
    g_assert_cmpint(weft_run(connects_to_nobody("127.0.0.1")), ==, 0);
}

/* ---- IPv6 ---- */

static bool skipped_without_ipv6(void)
{
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in6 loopback = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    bool has = fd >= 0 && bind(fd, (struct sockaddr *)&loopback, sizeof loopback) == 0;
    if (fd >= 0)
        close(fd);
    if (!has)
        g_test_skip("this system has no ::1");
    return !has;
}

WEFT_ASYNC(void, serves_ipv6)
{
    struct served served = { 0 };
    WEFT_TRY(weft_start_server("::1", 0, echo, NULL, &served.server));
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_open_connection("::1", weft_server_port(served.server), &stream));
    g_autofree char *peer = g_strdup_printf("[::1]:%d", weft_server_port(served.server));
    g_assert_cmpstr(weft_stream_peer(stream), ==, peer);
    expect_echo(stream);
    weft_close(stream);
    return finish(&served);
}

static void test_create_server_ipv6(void)
{
    if (!skipped_without_ipv6())
        g_assert_cmpint(weft_run(serves_ipv6()), ==, 0);
}

/* "%lo" is the interface that a link-local address belongs to. */
static void test_create_connection_ipv6_scope(void)
{
    weft_address address;
    g_assert_cmpint(weft_address_init(&address, "fe80::1%lo", 1), ==, 0);
    const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)&address.sockaddr;
    g_assert_cmpuint(ipv6->sin6_scope_id, ==, if_nametoindex("lo"));
    g_assert_cmpint(ntohs(ipv6->sin6_port), ==, 1);
}

/* ---- Unix ---- */

/* A peer that goes without having read what it was sent breaks the connection. */
static int leaves(weft_stream *stream, void *arg)
{
    weft_bytes first;
    (void)arg;
    WEFT_TRY(weft_readexactly(stream, 1, &first));
    weft_stream_abort(stream);
    return 0;
}

WEFT_ASYNC(void, unix_connection_error, const char *, path)
{
    weft_server *server = NULL;
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_start_unix_server(path, leaves, NULL, &server));
    WEFT_TRY(weft_open_unix_connection(path, &stream));
    gsize size = 2 << 20; /* more than the peer's stream and both sockets take */
    g_autofree char *much = g_malloc0(size);
    weft_write(stream, much, size);
    weft_bytes bytes;
    int rc = weft_await(weft_read(stream, -1, &bytes));
    g_assert_true(rc == UV_ECONNRESET || rc == UV_EPIPE); /* whether reading or writing met it */
    weft_server_close(server);
    rc = weft_await(weft_server_wait_closed(server));
    weft_unref(server);
    return rc;
}

static void test_open_unix_connection_error(void)
{
    g_autofree char *path = g_strdup_printf("@weft-test-%d", getpid());
    g_assert_cmpint(weft_run(unix_connection_error(path)), ==, 0);
}

/* ---- Datagrams ---- */

WEFT_ASYNC(void, datagram_sock_unix)
{
    int fds[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    weft_own weft_datagram *one = NULL, *other = NULL;
    WEFT_TRY(weft_open_datagram(&one, .sock = fds[0]));
    WEFT_TRY(weft_open_datagram(&other, .sock = fds[1]));
    WEFT_TRY(weft_sendto(one, "ping", 4, NULL));
    weft_bytes packet;
    weft_address from;
    WEFT_TRY(weft_recvfrom(other, &packet, &from));
    g_assert_cmpstr(packet.data, ==, "ping");
    return 0;
}

static void test_datagram_sock_unix(void)
{
    g_assert_cmpint(weft_run(datagram_sock_unix()), ==, 0);
}

/* One that is bound to a path already; its file is whose it was. */
WEFT_ASYNC(void, datagram_existing_sock_unix)
{
    g_autofree char *directory = g_dir_make_tmp("weft-datagram-XXXXXX", NULL);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    g_snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", directory);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    int sender = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    weft_datagram *datagram = NULL;
    WEFT_TRY(weft_open_datagram(&datagram, .sock = fd));
    g_assert_cmpstr(weft_datagram_sockname(datagram)->text, ==, address.sun_path);
    ssize_t sent = sendto(sender, "ping", 4, 0, (struct sockaddr *)&address, sizeof address);
    g_assert_cmpint(sent, ==, 4);
    weft_bytes packet;
    WEFT_TRY(weft_recvfrom(datagram, &packet, NULL));
    g_assert_cmpstr(packet.data, ==, "ping");
    weft_unref(datagram);
    close(sender);
    g_assert_cmpint(unlink(address.sun_path), ==, 0);
    rmdir(directory);
    return 0;
}

static void test_datagram_existing_sock_unix(void)
{
    g_assert_cmpint(weft_run(datagram_existing_sock_unix()), ==, 0);
}

/* A socket of one's own has its options already. */
WEFT_ASYNC(void, datagram_sock_sockopts)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const weft_datagram_options options[] = {
        { .sock = fd, .local_host = "127.0.0.1" },
        { .sock = fd, .remote_host = "127.0.0.1", .remote_port = 1 },
        { .sock = fd, .family = AF_INET },
        { .sock = fd, .reuse_port = true },
        { .sock = fd, .broadcast = true },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        weft_datagram *datagram = NULL;
        int rc = weft_await(weft_open_datagram_at(WEFT_HERE, &datagram, options[i]));
        g_assert_cmpint(rc, ==, UV_EINVAL);
        g_assert_null(datagram);
    }
    g_assert_cmpint(close(fd), ==, 0); /* it stayed ours */
    return 0;
}

static void test_datagram_sock_sockopts(void)
{
    g_assert_cmpint(weft_run(datagram_sock_sockopts()), ==, 0);
}

/* The broadcast address, for a socket that may not broadcast: connect(2) is refused. */
WEFT_ASYNC(void, datagram_connect_err)
{
    weft_datagram *datagram = NULL;
    int rc = weft_await(
        weft_open_datagram(&datagram, .remote_host = "255.255.255.255", .remote_port = 9));
    g_assert_cmpint(rc, ==, UV_EACCES);
    g_assert_null(datagram);
    return 0;
}

static void test_datagram_connect_err(void)
{
    g_assert_cmpint(weft_run(datagram_connect_err()), ==, 0);
}

/* No descriptor is left: socket(2) fails. */
WEFT_ASYNC(void, datagram_socket_err)
{
    struct rlimit before, none;
    getrlimit(RLIMIT_NOFILE, &before);
    none = before;
    none.rlim_cur = 0;
    weft_datagram *datagram = NULL;
    setrlimit(RLIMIT_NOFILE, &none);
    int rc = weft_await(weft_open_datagram(&datagram, .family = AF_INET));
    setrlimit(RLIMIT_NOFILE, &before);
    g_assert_cmpint(rc, ==, UV_EMFILE);
    g_assert_null(datagram);
    return 0;
}

static void test_datagram_socket_err(void)
{
    g_assert_cmpint(weft_run(datagram_socket_err()), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func(
        "/test_base_events/BaseEventLoopWithSelectorTests/test_create_connection_multiple_errors",
        test_connect_multiple_errors);
    g_test_add_func("/test_base_events/BaseEventLoopWithSelectorTests/"
                    "test_create_connection_multiple_errors_local_addr",
                    test_connect_multiple_errors_local_addr);
    g_test_add_func("/test_base_events/BaseEventLoopWithSelectorTests/test_create_server_ipv6",
                    test_create_server_ipv6);
    g_test_add_func(
        "/test_base_events/BaseEventLoopWithSelectorTests/test_create_connection_ipv6_scope",
        test_create_connection_ipv6_scope);
    g_test_add_func("/test_streams/StreamTests/test_open_unix_connection_error",
                    test_open_unix_connection_error);
    g_test_add_func(
        "/test_base_events/BaseEventLoopWithSelectorTests/test_create_datagram_endpoint_sock_unix",
        test_datagram_sock_unix);
    g_test_add_func("/test_base_events/BaseEventLoopWithSelectorTests/"
                    "test_create_datagram_endpoint_existing_sock_unix",
                    test_datagram_existing_sock_unix);
    g_test_add_func("/test_base_events/BaseEventLoopWithSelectorTests/"
                    "test_create_datagram_endpoint_sock_sockopts",
                    test_datagram_sock_sockopts);
    g_test_add_func("/test_base_events/BaseEventLoopWithSelectorTests/"
                    "test_create_datagram_endpoint_connect_err",
                    test_datagram_connect_err);
    g_test_add_func(
        "/test_base_events/BaseEventLoopWithSelectorTests/test_create_datagram_endpoint_socket_err",
        test_datagram_socket_err);
    return g_test_run();
}
