/* uv_echo.c: the echo server that libweft's is measured against: bare libuv, callbacks, one buffer
 * a connection, bytes sent back at once where the socket takes them. Prints its port, then serves
 * until it is killed. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum { BACKLOG = 1024, ROOM = 4096 };

struct connection {
    uv_tcp_t tcp;
    char buffer[ROOM];
};

struct rest { /* what the socket did not take */
    uv_write_t request;
    char data[];
};

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void on_written(uv_write_t *request, int status)
{
    (void)status;
    free(request->data);
}

static void allocate(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
    struct connection *connection = handle->data;
    (void)size;
    *buffer = uv_buf_init(connection->buffer, ROOM);
}

static void send_rest(uv_stream_t *stream, const char *data, size_t size)
{
    struct rest *rest = malloc(sizeof *rest + size);
    if (!rest)
        abort();
    memcpy(rest->data, data, size);
    rest->request.data = rest;
    uv_buf_t buffer = uv_buf_init(rest->data, (unsigned)size);
    if (uv_write(&rest->request, stream, &buffer, 1, on_written) < 0)
        free(rest);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *read)
{
    if (n < 0) {
        uv_close((uv_handle_t *)stream, on_closed);
        return;
    }
    uv_buf_t buffer = uv_buf_init(read->base, (unsigned)n);
    int sent = uv_try_write(stream, &buffer, 1);
    if (sent < 0)
        sent = 0;
    if (sent < n)
        send_rest(stream, read->base + sent, (size_t)(n - sent));
}

static void on_connection(uv_stream_t *server, int status)
{
    struct connection *connection = status == 0 ? calloc(1, sizeof *connection) : NULL;
    if (!connection)
        return;
    uv_tcp_init(server->loop, &connection->tcp);
    connection->tcp.data = connection;
    if (uv_accept(server, (uv_stream_t *)&connection->tcp) < 0) {
        uv_close((uv_handle_t *)&connection->tcp, on_closed);
        return;
    }
    uv_tcp_nodelay(&connection->tcp, 1);
    uv_read_start((uv_stream_t *)&connection->tcp, allocate, on_read);
}

int main(void)
{
    uv_loop_t *loop = uv_default_loop();
    uv_tcp_t server;
    struct sockaddr_in address;
    int size = sizeof address;
    uv_tcp_init(loop, &server);
    uv_ip4_addr("127.0.0.1", 0, &address);
    if (uv_tcp_bind(&server, (struct sockaddr *)&address, 0) < 0 ||
        uv_listen((uv_stream_t *)&server, BACKLOG, on_connection) < 0 ||
        uv_tcp_getsockname(&server, (struct sockaddr *)&address, &size) < 0)
        return 1;
    printf("port %d\n", ntohs(address.sin_port));
    fflush(stdout);
    return uv_run(loop, UV_RUN_DEFAULT);
}
