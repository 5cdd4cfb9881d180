/* datagram_test.c: packets over the loopback: who sent them, what becomes of too many, of errors.
 */
#include "journal.h"
#include "runtime/weft.h"
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- Two ends ---- */

struct ends {
    weft_datagram *server, *client; /* the client is connected to the server */
};

static int open_ends(struct ends *ends, const char *host)
{
    WEFT_TRY(weft_open_datagram(&ends->server, .local_host = host));
    return weft_await(weft_open_datagram(&ends->client, .remote_host = host,
                                         .remote_port = weft_datagram_port(ends->server)));
}

static void drop_ends(struct ends *ends)
{
    weft_unref(ends->server);
    weft_unref(ends->client);
}

WEFT_ASYNC(void, exchange, const char *, host)
{
    struct ends ends;
    weft_address from;
    weft_bytes bytes;
    WEFT_TRY(open_ends(&ends, host));
    WEFT_TRY(weft_sendto(ends.client, "ping", 4, NULL));
    WEFT_TRY(weft_sendto(ends.client, NULL, 0, NULL));
    WEFT_TRY(weft_recvfrom(ends.server, &bytes, &from));
    note("%s/%zu", bytes.data, bytes.len);
    g_assert_cmpstr(from.text, ==, weft_datagram_sockname(ends.client)->text);
    WEFT_TRY(weft_recvfrom(ends.server, &bytes, NULL)); /* an empty packet is one */
    note("%s/%zu", bytes.data, bytes.len);
    WEFT_TRY(weft_sendto(ends.server, "pong", 4, &from));
    WEFT_TRY(weft_recvfrom(ends.client, &bytes, &from));
    note("%s/%zu", bytes.data, bytes.len);
    g_assert_cmpstr(from.text, ==, weft_datagram_sockname(ends.server)->text);
    /* The client's only peer may be named, another may not. */
    WEFT_TRY(weft_sendto(ends.client, "again", 5, &from));
    note("%s", weft_err_name(weft_await(
                   weft_sendto(ends.client, "x", 1, weft_datagram_sockname(ends.client)))));
    /* The largest there is. */
    g_autofree char *large = g_strnfill(65507, 'l');
    WEFT_TRY(weft_sendto(ends.client, large, 65507, NULL));
    WEFT_TRY(weft_recvfrom(ends.server, &bytes, NULL));
    WEFT_TRY(weft_recvfrom(ends.server, &bytes, NULL));
    g_assert_cmpstr(bytes.data, ==, large);
    drop_ends(&ends);
    return 0;
}

static void test_exchange(void)
{
    g_assert_cmpint(weft_run(exchange("127.0.0.1")), ==, 0);
    expect("ping/4 /0 pong/4 EINVAL");
}

static bool have_ipv6(void)
{
    struct sockaddr_in6 address;
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    uv_ip6_addr("::1", 0, &address);
    bool have = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0)
        close(fd);
    return have;
}

static void test_ipv6(void)
{
    if (!have_ipv6()) {
        g_test_skip("this machine has no IPv6");
        return;
    }
    g_assert_cmpint(weft_run(exchange("::1")), ==, 0);
    expect("ping/4 /0 pong/4 EINVAL");
}

/* ---- Many ---- */

/* What arrives while nobody receives is kept, in order. */
WEFT_ASYNC(void, many)
{
    enum { PACKETS = 2000 };
    struct ends ends;
    weft_bytes bytes;
    WEFT_TRY(open_ends(&ends, "127.0.0.1"));
    for (int i = 0; i < PACKETS; i++) {
        WEFT_TRY(weft_sendto(ends.client, &i, sizeof i, NULL));
        if (i % 50 == 0)
            WEFT_TRY(weft_sleep(0.0001)); /* the loop takes them in */
    }
    for (int i = 0; i < PACKETS; i++) {
        WEFT_TRY(weft_recvfrom(ends.server, &bytes, NULL));
        g_assert_cmpmem(bytes.data, bytes.len, &i, sizeof i);
    }
    g_assert_cmpint(weft_datagram_dropped(ends.server), ==, 0);
    drop_ends(&ends);
    return 0;
}

static void test_many(void)
{
    g_assert_cmpint(weft_run(many()), ==, 0);
}

/* Over the queue's size the kernel's buffer fills, and then it drops, and counts. */
WEFT_ASYNC(void, too_many)
{
    enum { PACKETS = 5000 };
    weft_own weft_datagram *server = NULL, *client = NULL;
    weft_bytes bytes;
    WEFT_TRY(weft_open_datagram(&server, .local_host = "127.0.0.1", .queue_size = 4096));
    WEFT_TRY(weft_open_datagram(&client, .remote_host = "127.0.0.1",
                                .remote_port = weft_datagram_port(server)));
    for (int i = 0; i < PACKETS; i++) {
        WEFT_TRY(weft_sendto(client, &i, sizeof i, NULL));
        if (i % 50 == 0)
            WEFT_TRY(weft_sleep(0));
    }
    int dropped = (int)weft_datagram_dropped(server), got = 0, last = -1;
    g_assert_cmpint(dropped, >, 0);
    for (; got < PACKETS - dropped; got++) {
        WEFT_TRY(weft_recvfrom(server, &bytes, NULL));
        int number;
        memcpy(&number, bytes.data, sizeof number);
        g_assert_cmpint(number, >, last);
        last = number;
    }
    g_assert_cmpint(weft_datagram_dropped(server), ==, dropped);
    weft_datagram_close(server);
    g_assert_cmpint(weft_datagram_dropped(server), ==, dropped);
    return 0;
}

static void test_too_many(void)
{
    g_assert_cmpint(weft_run(too_many()), ==, 0);
}

/* A kernel that has no room: sendto waits, or is cancelled, or ends with the socket. */
WEFT_ASYNC(void, sends, weft_datagram *, datagram, int, n)
{
    int rc = 0;
    for (int i = 0; rc == 0 && i < n; i++)
        rc = weft_await(weft_sendto(datagram, "12345678", 8, NULL));
    note("sent-%s", weft_err_name(rc));
    return rc;
}

WEFT_ASYNC(void, full_socket)
{
    enum { PACKETS = 3000 };
    int fds[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    weft_own weft_datagram *one = NULL, *two = NULL;
    WEFT_TRY(weft_open_datagram(&one, .sock = fds[0]));
    weft_own weft_task *cancelled = weft_create_task(sends(one, PACKETS));
    WEFT_TRY(weft_sleep(0));
    g_assert_false(weft_done(cancelled));
    weft_cancel(cancelled);
    weft_await(cancelled);
    weft_own weft_task *patient = weft_create_task(sends(one, PACKETS));
    WEFT_TRY(weft_sleep(0));
    WEFT_TRY(weft_open_datagram(&two, .sock = fds[1]));
    weft_bytes bytes;
    for (int i = 0; i < PACKETS; i++) {
        WEFT_TRY(weft_recvfrom(two, &bytes, NULL));
        g_assert_cmpstr(bytes.data, ==, "12345678");
    }
    WEFT_TRY(patient);
    weft_own weft_task *closed = weft_create_task(sends(two, PACKETS * 10));
    while (!weft_done(closed)) {
        WEFT_TRY(weft_sleep(0));
        weft_datagram_close(two);
    }
    g_assert_cmpint(weft_await(closed), ==, WEFT_ECLOSED);
    return 0;
}

static void test_full_socket(void)
{
    g_assert_cmpint(weft_run(full_socket()), ==, 0);
    expect("sent-ECANCELED sent-OK sent-ECLOSED");
}

/* ---- Errors ---- */

static int refused_port(void)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    uv_ip4_addr("127.0.0.1", 0, &address);
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&address, &size), ==, 0);
    close(fd);
    return g_ntohs(address.sin_port);
}

/* Nobody listens: sending does not know, receiving is told, once for each that came back. */
WEFT_ASYNC(void, refused)
{
    weft_own weft_datagram *client = NULL, *server = NULL;
    weft_bytes bytes;
    int port = refused_port();
    WEFT_TRY(weft_open_datagram(&client, .remote_host = "127.0.0.1", .remote_port = port));
    for (int i = 0; i < 2; i++)
        WEFT_TRY(weft_sendto(client, "x", 1, NULL));
    for (int i = 0; i < 2; i++)
        note("%s", weft_err_name(weft_await(weft_recvfrom(client, &bytes, NULL))));
    g_autofree char *message = g_strdup_printf(
        "an earlier packet to 127.0.0.1:%d: connection refused", port);
    g_assert_cmpstr(weft_error_message(weft_current_error()), ==, message);
    /* The socket goes on. */
    WEFT_TRY(weft_open_datagram(&server, .local_host = "127.0.0.1", .local_port = port));
    WEFT_TRY(weft_sendto(client, "there", 5, NULL));
    WEFT_TRY(weft_recvfrom(server, &bytes, NULL));
    note("%s", bytes.data);
    return 0;
}

static void test_refused(void)
{
    g_assert_cmpint(weft_run(refused()), ==, 0);
    expect("ECONNREFUSED ECONNREFUSED there");
}

WEFT_ASYNC(void, receives, weft_datagram *, datagram)
{
    weft_bytes bytes;
    int rc = weft_await(weft_recvfrom(datagram, &bytes, NULL));
    note("received-%s", weft_err_name(rc));
    return rc;
}

WEFT_ASYNC(void, closing)
{
    struct ends ends;
    weft_bytes bytes;
    WEFT_TRY(open_ends(&ends, "127.0.0.1"));
    weft_own weft_task *cancelled = weft_create_task(receives(ends.server));
    WEFT_TRY(weft_sleep(0));
    note("%s", weft_err_name(weft_await(weft_recvfrom(ends.server, &bytes, NULL))));
    weft_cancel(cancelled);
    weft_await(cancelled);
    weft_own weft_task *closed = weft_create_task(receives(ends.server));
    WEFT_TRY(weft_sleep(0));
    weft_datagram_close(ends.server);
    weft_datagram_close(ends.server);
    weft_await(closed);
    note("%s", weft_err_name(weft_await(weft_recvfrom(ends.server, &bytes, NULL))));
    note("%s", weft_err_name(weft_await(weft_sendto(ends.server, "x", 1, NULL))));
    g_assert_cmpint(weft_datagram_fd(ends.server), ==, -1);
    drop_ends(&ends);
    return 0;
}

static void test_closing(void)
{
    g_assert_cmpint(weft_run(closing()), ==, 0);
    expect("EBUSY received-ECANCELED received-ECLOSED ECLOSED ECLOSED");
}

WEFT_ASYNC(void, misused)
{
    weft_own weft_datagram *one = NULL, *two = NULL;
    weft_bytes bytes;
    note("%s", weft_err_name(weft_await(weft_open_datagram(&one))));
    note("%s", weft_err_name(weft_await(weft_open_datagram(NULL, .family = AF_INET))));
    note("%s", weft_err_name(weft_await(weft_open_datagram(&one, .local_port = 65536))));
    note("%s", weft_err_name(weft_await(
                   weft_open_datagram(&one, .local_host = "127.0.0.1", .family = AF_INET6))));
    WEFT_TRY(weft_open_datagram(&one, .family = AF_INET));
    note("%s", weft_err_name(weft_await(weft_sendto(one, "x", 1, NULL))));
    weft_address address;
    g_assert_cmpint(weft_address_init(&address, "127.0.0.1", 9), ==, 0);
    g_autofree char *large = g_malloc0(65508);
    note("%s", weft_err_name(weft_await(weft_sendto(one, large, 65508, &address))));
    g_assert_cmpstr(weft_error_message(weft_current_error()), ==,
                    "cannot send 65508 bytes to 127.0.0.1:9: message too long");
    note("%s", weft_err_name(weft_await(weft_sendto(one, NULL, 1, &address))));
    note("%s", weft_err_name(weft_await(weft_sendto(NULL, "x", 1, &address))));
    note("%s", weft_err_name(weft_await(weft_recvfrom(one, NULL, NULL))));
    note("%s", weft_err_name(weft_await(weft_recvfrom(NULL, &bytes, NULL))));
    int pair[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
    note("%s", weft_err_name(weft_await(weft_open_datagram(&two, .sock = pair[0]))));
    close(pair[0]); /* it stayed ours */
    close(pair[1]);
    return 0;
}

static void test_misused(void)
{
    g_assert_cmpint(weft_run(misused()), ==, 0);
    expect("EINVAL EINVAL EINVAL EADDRNOTAVAIL EDESTADDRREQ EMSGSIZE EINVAL EINVAL EINVAL EINVAL "
           "EINVAL");
    weft_datagram *datagram;
    weft_address address;
    g_assert_cmpint(weft_open_datagram(&datagram, .family = AF_INET), ==, WEFT_ENOTASK);
    g_assert_cmpint(weft_address_init(&address, "a name", 1), ==, UV_EINVAL);
    g_assert_cmpint(weft_address_init(&address, "::1", -1), ==, UV_EINVAL);
    g_assert_cmpint(weft_address_init(&address, "::1", 1), ==, 0);
    g_assert_cmpstr(address.text, ==, "[::1]:1");
    weft_datagram_close(NULL);
    g_assert_null(weft_datagram_sockname(NULL));
    g_assert_cmpint(weft_datagram_port(NULL), ==, 0);
    g_assert_cmpint(weft_datagram_dropped(NULL), ==, 0);
}

/* ---- Options ---- */

WEFT_ASYNC(void, shares_port)
{
    weft_own weft_datagram *one = NULL, *two = NULL, *three = NULL;
    WEFT_TRY(weft_open_datagram(&one, .local_host = "127.0.0.1", .reuse_port = true));
    int port = weft_datagram_port(one);
    WEFT_TRY(weft_open_datagram(&two, .local_host = "127.0.0.1", .local_port = port,
                                .reuse_port = true));
    int rc = weft_await(weft_open_datagram(&three, .local_host = "127.0.0.1", .local_port = port));
    g_autofree char *address = g_strdup_printf("127.0.0.1:%d", port);
    g_assert_nonnull(strstr(weft_error_message(weft_current_error()), address));
    return rc;
}

static void test_shares_port(void)
{
    g_assert_cmpint(weft_run(shares_port()), ==, UV_EADDRINUSE);
}

/* The loopback's broadcast address reaches who listens on every interface; one must ask for it. */
WEFT_ASYNC(void, broadcasts)
{
    weft_own weft_datagram *receiver = NULL, *timid = NULL, *sender = NULL;
    weft_address all;
    weft_bytes bytes;
    WEFT_TRY(weft_open_datagram(&receiver, .local_host = "0.0.0.0"));
    WEFT_TRY(weft_open_datagram(&timid, .family = AF_INET));
    int port = weft_datagram_port(receiver);
    g_assert_cmpint(weft_address_init(&all, "127.255.255.255", port), ==, 0);
    note("%s", weft_err_name(weft_await(weft_sendto(timid, "x", 1, &all))));
    WEFT_TRY(weft_open_datagram(&sender, .remote_host = "127.255.255.255", .remote_port = port,
                                .broadcast = true));
    WEFT_TRY(weft_sendto(sender, "to all", 6, NULL));
    WEFT_TRY(weft_recvfrom(receiver, &bytes, NULL));
    note("%s", bytes.data);
    return 0;
}

static void test_broadcasts(void)
{
    g_assert_cmpint(weft_run(broadcasts()), ==, 0);
    expect("EACCES to all");
}

/* One that outlives its loop is closed with it. */
static weft_datagram *left;
WEFT_ASYNC(void, leaves_open)
{
    WEFT_TRY(weft_open_datagram(&left, .local_host = "localhost"));
    weft_detach(weft_create_task(receives(left)));
    return weft_await(weft_sleep(0));
}

static void test_left_open(void)
{
    g_assert_cmpint(weft_run(leaves_open()), ==, 0);
    expect("received-ECANCELED");
    weft_bytes bytes;
    g_assert_cmpint(weft_recvfrom(left, &bytes, NULL), ==, WEFT_ECLOSED);
    weft_unref(left);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/datagram/exchange", test_exchange);
    g_test_add_func("/runtime/datagram/ipv6", test_ipv6);
    g_test_add_func("/runtime/datagram/many", test_many);
    g_test_add_func("/runtime/datagram/too-many", test_too_many);
    g_test_add_func("/runtime/datagram/full-socket", test_full_socket);
    g_test_add_func("/runtime/datagram/refused", test_refused);
    g_test_add_func("/runtime/datagram/closing", test_closing);
    g_test_add_func("/runtime/datagram/misused", test_misused);
    g_test_add_func("/runtime/datagram/shares-port", test_shares_port);
    g_test_add_func("/runtime/datagram/broadcasts", test_broadcasts);
    g_test_add_func("/runtime/datagram/left-open", test_left_open);
    return g_test_run();
}
