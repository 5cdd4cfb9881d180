#include "../http/client.h"
#include "../http/server.h"

/* Three real servers: one quick, one slow, one that takes longer than anybody wants to wait. */
static struct http_server servers[] = {
    { .port = 9081, .delay = 0.03, .words = 400000, .pieces = 1 },
    { .port = 9082, .delay = 0.05, .words = 2000, .pieces = 8, .pause = 0.05 },
    { .port = 9083, .delay = 10, .words = 10 },
};

static int count_words(const char *text)
{
    int words = 0, inside = 0;
    for (; *text; text++) {
        int space = *text == ' ' || *text == '\n';
        words += !space && !inside;
        inside = !space;
    }
    return words;
}

WEFT_ASYNC(void, heartbeat, double, interval)
{
    for (;;)
        WEFT_TRY(weft_sleep(interval));
}

WEFT_ASYNC(void, fetch, struct http_client *, client, const char *, what, int, port)
{
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", port);
    __attribute__((cleanup(http_response_finish))) struct http_response page = { 0 };
    int rc = weft_wait_for(http_get(client, url, &page), 0.8);
    if (rc == WEFT_ETIMEDOUT)
        printf("%s: timeout\n", what);
    else if (rc == 0)
        printf("%s: %ld, %d words\n", what, page.status, count_words(page.body));
    return rc;
}

WEFT_ASYNC(void, fetch_three)
{
    weft_set_name(weft_current_task(), "main");
    struct http_client client;
    WEFT_TRY(http_client_init(&client));
    weft_own weft_task *pulse = weft_create_task(heartbeat(0.05), .name = "heartbeat");
    weft_own weft_task *one = weft_create_task(fetch(&client, "quick", servers[0].port),
                                               .name = "fetch-1");
    weft_own weft_task *two = weft_create_task(fetch(&client, "slow", servers[1].port),
                                               .name = "fetch-2");
    weft_own weft_task *three = weft_create_task(fetch(&client, "stuck", servers[2].port),
                                                 .name = "fetch-3");
    weft_own weft_future *all = weft_gather_all(((weft_future *[]){ one, two, three }), 3,
                                                .return_errors = true);
    int rc = weft_await(all);
    weft_cancel(pulse);
    http_client_finish(&client);
    return rc;
}

int main(void)
{
    for (int i = 0; i < 3; i++) {
        int rc = http_server_start(&servers[i]);
        if (rc < 0) {
            fprintf(stderr, "fetch-three: cannot listen: %s\n", uv_strerror(rc));
            return 1;
        }
    }
    int rc = weft_main(fetch_three());
    for (int i = 0; i < 3; i++)
        http_server_stop(&servers[i]);
    return rc;
}
