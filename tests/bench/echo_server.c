/* echo_server.c: an echo server on libweft's streams, to be measured from outside: prints its port,
 * then serves until it is killed. */
#include "runtime/weft.h"

enum { BACKLOG = 1024 };

static int echo(weft_stream *stream, void *arg)
{
    (void)arg;
    for (;;) {
        weft_bytes line;
        WEFT_TRY(weft_readline(stream, &line));
        if (line.len == 0)
            return 0;
        weft_write(stream, line.data, line.len);
        WEFT_TRY(weft_drain(stream));
    }
}

WEFT_ASYNC(void, serves)
{
    weft_own weft_server *server = NULL;
    WEFT_TRY(weft_start_server("127.0.0.1", 0, echo, NULL, &server, .backlog = BACKLOG));
    printf("port %d\n", weft_server_port(server));
    fflush(stdout);
    return weft_await(weft_server_wait_closed(server));
}

int main(void)
{
    return weft_run(serves()) < 0;
}
