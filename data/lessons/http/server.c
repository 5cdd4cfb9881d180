/* server.c: one blocking connection after another. See server.h. */
#include "server.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void pause_for(double seconds)
{
    struct timespec t = { (time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9) };
    nanosleep(&t, NULL);
}

static int write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = send(fd, data, size, MSG_NOSIGNAL);
        if (n <= 0)
            return -1;
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

static int read_request(int fd)
{
    char request[4096];
    size_t length = 0;
    while (length < sizeof request - 1) {
        ssize_t n = read(fd, request + length, sizeof request - 1 - length);
        if (n <= 0)
            return -1;
        length += (size_t)n;
        request[length] = 0;
        if (strstr(request, "\r\n\r\n"))
            return 0;
    }
    return -1;
}

static char *make_page(size_t words, size_t *size)
{
    static const char *const vocabulary[] = { "weft ", "warp ", "loom ", "shuttle ", "thread\n" };
    char *page = malloc(words * 8 + 1), *at = page;
    if (!page)
        _exit(1);
    for (size_t i = 0; i < words; i++)
        at = stpcpy(at, vocabulary[i % 5]);
    *size = (size_t)(at - page);
    return page;
}

static void answer(const struct http_server *server, int fd, const char *page, size_t size)
{
    if (read_request(fd) < 0)
        return;
    pause_for(server->delay);
    char head[128];
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                     "Content-Length: %zu\r\nConnection: close\r\n\r\n",
                     size);
    if (write_all(fd, head, (size_t)n) < 0)
        return;
    unsigned pieces = server->pieces ? server->pieces : 1;
    for (unsigned i = 0; i < pieces; i++) {
        size_t from = size * i / pieces, to = size * (i + 1) / pieces;
        if (i > 0)
            pause_for(server->pause);
        if (write_all(fd, page + from, to - from) < 0)
            return;
    }
}

static void serve(const struct http_server *server, int listener, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* not to outlive the lesson, however it ends */
    if (getppid() != parent)
        _exit(0);
    size_t size;
    char *page = make_page(server->words, &size);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            _exit(1);
        answer(server, fd, page, size);
        close(fd);
    }
}

static int listen_on(int *port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)*port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    int rc = bind(fd, (struct sockaddr *)&address, length);
    if (rc < 0) { /* taken: any other will do */
        address.sin_port = 0;
        rc = bind(fd, (struct sockaddr *)&address, length);
    }
    if (rc < 0 || listen(fd, 16) < 0 || getsockname(fd, (struct sockaddr *)&address, &length) < 0) {
        rc = -errno;
        close(fd);
        return rc;
    }
    *port = ntohs(address.sin_port);
    return fd;
}

int http_server_start(struct http_server *server)
{
    int listener = listen_on(&server->port);
    if (listener < 0)
        return listener;
    pid_t parent = getpid();
    server->pid = fork();
    if (server->pid == 0)
        serve(server, listener, parent);
    int rc = server->pid < 0 ? -errno : 0;
    close(listener);
    return rc;
}

void http_server_stop(struct http_server *server)
{
    if (server->pid > 0) {
        kill(server->pid, SIGTERM);
        waitpid(server->pid, NULL, 0);
        server->pid = 0;
    }
}
