#include "../http/server.h"
#include "weft.h"

/* The hosts, each a real server: a process of its own. */
static struct http_server hosts[] = {
    { .port = 9091, .delay = 0.2, .words = 10 },
    { .port = 9092, .delay = 0.4, .words = 10 },
    { .port = 9093, .delay = 0.6, .words = 10 },
};

WEFT_ASYNC(void, wget, const char *, host, int, port)
{
    weft_set_name(weft_current_task(), host);
    printf("wget %s...\n", host);
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_open_connection("127.0.0.1", port, &stream));
    weft_printf(stream, "GET / HTTP/1.0\r\nHost: %s\r\n\r\n", host);
    WEFT_TRY(weft_drain(stream));
    for (;;) {
        weft_bytes line;
        WEFT_TRY(weft_readline(stream, &line));
        if (line.len == 0 || line.data[0] == '\r')
            break;
        printf("%s header > %.*s\n", host, (int)line.len - 2, line.data);
    }
    weft_close(stream);
    return weft_await(weft_wait_closed(stream));
}

WEFT_ASYNC(void, wget_three)
{
    weft_own weft_future *all = weft_gather((wget("warp.test", hosts[0].port),
                                             wget("weft.test", hosts[1].port),
                                             wget("loom.test", hosts[2].port)));
    return weft_await(all);
}

int main(void)
{
    for (int i = 0; i < 3; i++)
        if (http_server_start(&hosts[i]) < 0)
            return 1;
    int rc = weft_main(wget_three());
    for (int i = 0; i < 3; i++)
        http_server_stop(&hosts[i]);
    return rc;
}
