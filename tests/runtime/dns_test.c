/* dns_test.c: names and addresses. Nothing is asked of the network: getaddrinfo is this file's,
 * knows some names of its own, and waits at a gate for one of them. */
#include "gate.h"
#include "runtime/weft.h"
#include <arpa/inet.h>
#include <dlfcn.h>
#include <glib.h>
#include <string.h>

static struct gate gate;

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
    static int (*libc)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    *(void **)&libc = dlsym(RTLD_NEXT, "getaddrinfo");
    if (host && strcmp(host, "none.test") == 0)
        return EAI_NONAME;
    if (host && strcmp(host, "slow.test") == 0)
        gate_pass(&gate);
    if (host && (strcmp(host, "slow.test") == 0 || strcmp(host, "known.test") == 0 ||
                 strcmp(host, "xn--mnchen-3ya.test") == 0))
        host = "127.0.0.7";
    return libc(host, service, hints, found);
}

static const char *text_of(const struct addrinfo *at)
{
    static char text[64];
    const struct sockaddr_in *in = (const void *)at->ai_addr;
    g_assert_cmpint(at->ai_family, ==, AF_INET);
    g_snprintf(text, sizeof text, "%s:%d", inet_ntoa(in->sin_addr), ntohs(in->sin_port));
    return text;
}

WEFT_ASYNC(void, finds)
{
    static const char *const names[] = { "known.test", "münchen.test", "127.0.0.7" };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        struct addrinfo *found;
        WEFT_TRY(weft_getaddrinfo(names[i], "80", &found, .type = SOCK_STREAM));
        g_assert_cmpstr(text_of(found), ==, "127.0.0.7:80");
        g_assert_cmpint(found->ai_socktype, ==, SOCK_STREAM);
        g_assert_null(found->ai_next);
        freeaddrinfo(found);
    }
    struct addrinfo *found;
    WEFT_TRY(weft_getaddrinfo(NULL, "8080", &found, .type = SOCK_DGRAM, .family = AF_INET,
                              .flags = AI_PASSIVE));
    g_assert_cmpstr(text_of(found), ==, "0.0.0.0:8080");
    freeaddrinfo(found);
    return 0;
}

static void test_finds(void)
{
    g_assert_cmpint(weft_run(finds()), ==, 0);
}

WEFT_ASYNC(void, fails)
{
    struct addrinfo *found = (void *)1;
    g_assert_cmpint(weft_await(weft_getaddrinfo("none.test", "80", &found)), ==, UV_EAI_NONAME);
    g_assert_null(found);
    g_assert_nonnull(strstr(weft_error_message(weft_current_error()), "none.test"));
    g_assert_cmpint(weft_getaddrinfo(NULL, NULL, &found), ==, UV_EINVAL);
    g_assert_cmpint(weft_getaddrinfo("known.test", "80", NULL), ==, UV_EINVAL);
    struct sockaddr nowhere = { .sa_family = AF_UNIX };
    weft_name name;
    g_assert_cmpint(weft_getnameinfo(&nowhere, &name), ==, UV_EINVAL);
    g_assert_cmpint(weft_getnameinfo(NULL, &name), ==, UV_EINVAL);
    weft_stream *stream;
    int rc = weft_await(weft_open_connection("none.test", 80, &stream));
    g_assert_cmpint(rc, ==, UV_EAI_NONAME);
    return 0;
}

static void test_fails(void)
{
    g_assert_cmpint(weft_run(fails()), ==, 0);
    struct addrinfo *found;
    weft_name name;
    struct sockaddr_in address = { .sin_family = AF_INET };
    g_assert_cmpint(weft_getaddrinfo("known.test", "80", &found), ==, WEFT_ENOTASK);
    g_assert_cmpint(weft_getnameinfo((void *)&address, &name), ==, WEFT_ENOTASK);
}

WEFT_ASYNC(void, names)
{
    struct sockaddr_storage address;
    weft_name name;
    uv_ip4_addr("192.0.2.7", 80, (struct sockaddr_in *)&address);
    WEFT_TRY(weft_getnameinfo((struct sockaddr *)&address, &name,
                              .flags = NI_NUMERICHOST | NI_NUMERICSERV));
    g_assert_cmpstr(name.host, ==, "192.0.2.7");
    g_assert_cmpstr(name.service, ==, "80");
    uv_ip6_addr("2001:db8::7", 443, (struct sockaddr_in6 *)&address);
    WEFT_TRY(weft_getnameinfo((struct sockaddr *)&address, &name,
                              .flags = NI_NUMERICHOST | NI_NUMERICSERV));
    g_assert_cmpstr(name.host, ==, "2001:db8::7");
    return 0;
}

static void test_names(void)
{
    g_assert_cmpint(weft_run(names()), ==, 0);
}

/* ---- Cancelling ---- */

WEFT_ASYNC(void, looks_up, const char *, host)
{
    struct addrinfo *found;
    WEFT_TRY(weft_getaddrinfo(host, "80", &found));
    freeaddrinfo(found);
    return 0;
}

/* It returns at once; libc goes on, and what it finds is freed. Others do not wait behind it. */
WEFT_ASYNC(void, cancels)
{
    weft_own weft_task *slow = weft_create_task(looks_up("slow.test"));
    WEFT_TRY(weft_sleep(0));
    gate_await(&gate, 1);
    WEFT_TRY(looks_up("known.test"));
    weft_cancel(slow);
    g_assert_cmpint(weft_await(slow), ==, WEFT_ECANCELED);
    gate_open(&gate, 1);
    return 0;
}

static void test_cancel(void)
{
    gate_init(&gate);
    g_assert_cmpint(weft_run(cancels()), ==, 0);
    gate_clear(&gate);
}

WEFT_ASYNC(void, cancels_queued)
{
    weft_own weft_task *first = weft_create_task(looks_up("slow.test"));
    weft_own weft_task *second = weft_create_task(looks_up("slow.test"));
    WEFT_TRY(weft_sleep(0));
    gate_await(&gate, 1);
    weft_cancel(second);
    g_assert_cmpint(weft_await(second), ==, WEFT_ECANCELED);
    gate_open(&gate, 1);
    WEFT_TRY(first);
    return 0;
}

static void test_cancel_queued(void)
{
    gate_init(&gate);
    g_assert_cmpint(weft_run(cancels_queued(), .threads = 1), ==, 0);
    g_assert_cmpuint(gate_came(&gate), ==, 1);
    gate_clear(&gate);
}

static void open_gate(void *arg)
{
    (void)arg;
    gate_open(&gate, 1);
}

WEFT_ASYNC(void, waits)
{
    return 0;
}

static void silent(weft_loop *loop, const char *message, const weft_error *error,
                   weft_future *future, void *arg)
{
    (void)loop, (void)message, (void)error, (void)future, (void)arg;
}

/* A loop that is closed meanwhile waits for libc, and drops who is behind it. */
static void test_close(void)
{
    gate_init(&gate);
    weft_loop *loop = weft_loop_new((weft_run_options){ .threads = 1 });
    weft_loop_set_exception_handler(loop, silent, NULL);
    weft_own weft_task *slow = weft_create_task(looks_up("slow.test"));
    weft_loop_stop(loop);
    weft_loop_run_forever(loop);
    gate_await(&gate, 1);
    weft_own weft_future *behind = weft_to_thread(waits(), .on_free = open_gate);
    weft_loop_close(loop);
    g_assert_cmpint(weft_status(slow), ==, WEFT_ECLOSED);
    gate_clear(&gate);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/dns/finds", test_finds);
    g_test_add_func("/runtime/dns/fails", test_fails);
    g_test_add_func("/runtime/dns/names", test_names);
    g_test_add_func("/runtime/dns/cancel", test_cancel);
    g_test_add_func("/runtime/dns/cancel-queued", test_cancel_queued);
    g_test_add_func("/runtime/dns/close", test_close);
    return g_test_run();
}
