#include "weft.h"

static int handle_echo(weft_stream *stream, void *arg)
{
    (void)arg;
    for (;;) {
        weft_bytes line;
        WEFT_TRY(weft_readline(stream, &line));
        if (line.len == 0)
            break;
        weft_write(stream, line.data, line.len);
        WEFT_TRY(weft_drain(stream));
    }
    weft_close(stream);
    return weft_await(weft_wait_closed(stream));
}

WEFT_ASYNC(void, echo_client, int, port, const char *, message, double, delay)
{
    weft_set_name(weft_current_task(), message);
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_open_connection("127.0.0.1", port, &stream));
    for (int i = 1; i <= 3; i++) {
        WEFT_TRY(weft_sleep(delay));
        weft_printf(stream, "%s %d\n", message, i);
        weft_bytes line;
        WEFT_TRY(weft_readline(stream, &line));
        printf("%s", line.data);
    }
    weft_close(stream);
    return weft_await(weft_wait_closed(stream));
}

WEFT_ASYNC(void, echo)
{
    weft_own weft_server *server = NULL;
    WEFT_TRY(weft_start_server("127.0.0.1", 0, handle_echo, NULL, &server));
    int port = weft_server_port(server);
    weft_own weft_future *clients = weft_gather(
        (echo_client(port, "warp", 0.2), echo_client(port, "weft", 0.5)));
    WEFT_TRY(clients);
    weft_server_close(server);
    return weft_await(weft_server_wait_closed(server));
}

int main(void)
{
    return weft_main(echo());
}
