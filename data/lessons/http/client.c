/* client.c: see client.h. Everything runs on the loop's thread; curl calls back only from within
 * curl_multi_socket_action and its kin. */
#include "client.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* ---- From the loop to curl ---- */

static void finish_transfers(struct http_client *client)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(client->multi, &left))) {
        weft_future *done;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &done);
        weft_set_result(done, message->data.result);
    }
}

static void act(struct http_client *client, curl_socket_t fd, int events)
{
    int running;
    curl_multi_socket_action(client->multi, fd, events, &running);
    finish_transfers(client);
}

/* A watched socket: what the callbacks of weft_add_reader and weft_add_writer need to know. */
struct watch {
    struct http_client *client;
    curl_socket_t fd;
};

static void readable(void *arg)
{
    struct watch *watch = arg;
    act(watch->client, watch->fd, CURL_CSELECT_IN);
}

static void writable(void *arg)
{
    struct watch *watch = arg;
    act(watch->client, watch->fd, CURL_CSELECT_OUT);
}

static void timer_is_due(void *arg)
{
    struct http_client *client = arg;
    weft_unref(client->timer);
    client->timer = NULL;
    act(client, CURL_SOCKET_TIMEOUT, 0);
}

/* ---- From curl to the loop ---- */

/* ":9081", as the trace names a socket's peer. */
static void name_of_peer(CURL *easy, char *name, size_t size)
{
    long port = 0;
    curl_easy_getinfo(easy, CURLINFO_PRIMARY_PORT, &port);
    char *url = NULL;
    const char *colon = NULL;
    if (port == 0) { /* not connected yet */
        curl_easy_getinfo(easy, CURLINFO_EFFECTIVE_URL, &url);
        colon = url ? strrchr(url, ':') : NULL;
        port = colon ? strtol(colon + 1, NULL, 10) : 0;
    }
    snprintf(name, size, ":%ld", port ? port : 80);
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_data)
{
    struct http_client *client = arg;
    struct watch *watch = socket_data;
    if (what == CURL_POLL_REMOVE) {
        weft_remove_reader(fd);
        weft_remove_writer(fd);
        curl_multi_assign(client->multi, fd, NULL);
        free(watch);
        return 0;
    }
    if (!watch) {
        watch = malloc(sizeof *watch);
        if (!watch)
            return -1;
        *watch = (struct watch){ client, fd };
        curl_multi_assign(client->multi, fd, watch);
    }
    char name[32];
    name_of_peer(easy, name, sizeof name);
    if (what & CURL_POLL_IN)
        weft_add_reader(fd, readable, watch, .name = name);
    else
        weft_remove_reader(fd);
    if (what & CURL_POLL_OUT)
        weft_add_writer(fd, writable, watch, .name = name);
    else
        weft_remove_writer(fd);
    return 0;
}

static int set_timer(CURLM *multi, long milliseconds, void *arg)
{
    struct http_client *client = arg;
    (void)multi;
    if (client->timer) {
        weft_handle_cancel(client->timer);
        weft_unref(client->timer);
        client->timer = NULL;
    }
    if (milliseconds >= 0)
        client->timer = weft_ref(
            weft_call_later((double)milliseconds / 1000, timer_is_due, client));
    return 0;
}

/* ---- The client ---- */

int http_client_init(struct http_client *client)
{
    *client = (struct http_client){ .multi = curl_multi_init() };
    if (!client->multi)
        return UV_ENOMEM;
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
    return 0;
}

void http_client_finish(struct http_client *client)
{
    curl_multi_cleanup(client->multi);
    set_timer(NULL, -1, client);
}

void http_response_finish(struct http_response *response)
{
    free(response->body);
    *response = (struct http_response){ 0 };
}

static size_t append(char *data, size_t size, size_t n, void *arg)
{
    struct http_response *response = arg;
    char *body = realloc(response->body, response->size + size * n + 1);
    if (!body)
        return 0;
    memcpy(body + response->size, data, size * n);
    response->body = body;
    response->size += size * n;
    body[response->size] = 0;
    return size * n;
}

/* "GET :9081/": what the task awaits, in the trace. */
static void name_of_request(const char *url, char *name, size_t size)
{
    const char *host = strstr(url, "://");
    const char *from = host ? strchr(host + 3, ':') : NULL;
    snprintf(name, size, "GET %s", from ? from : url);
}

int http_get(struct http_client *client, const char *url, struct http_response *result)
{
    *result = (struct http_response){ 0 };
    char name[128];
    name_of_request(url, name, sizeof name);
    weft_own weft_future *done = weft_future_new(.name = name);
    CURL *easy = curl_easy_init();
    if (!done || !easy)
        return UV_ENOMEM;
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, result);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, done);
    curl_multi_add_handle(client->multi, easy);

    int rc = weft_await(done);

    curl_multi_remove_handle(client->multi, easy); /* closes the connection of a cancelled one */
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &result->status);
    curl_easy_cleanup(easy);
    if (rc == 0 && weft_result(done, CURLcode) != CURLE_OK)
        return weft_raise(UV_EIO, "%s: %s", url, curl_easy_strerror(weft_result(done, CURLcode)));
    return rc;
}
