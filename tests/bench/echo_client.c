/* echo_client.c: drives an echo server over many connections, each with one line under way, and
 * prints what a request cost the server's process in processor time:
 *
 *      weft-bench-echo-client PORT PID CONNECTIONS REQUESTS        -> NANOSECONDS */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 256 };

static const char line[] = "hello\n";

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int connect_to(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        fail("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static void ask(int fd)
{
    if (write(fd, line, sizeof line - 1) != sizeof line - 1)
        fail("write");
}

/* A line is so short that it comes in one piece. */
static void take_answer(int fd)
{
    char answer[sizeof line];
    if (read(fd, answer, sizeof answer) != sizeof line - 1)
        fail("read");
}

static double cpu_time_of(pid_t pid)
{
    clockid_t clock;
    struct timespec t;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) < 0)
        fail("clock");
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Each connection asks again as soon as it is answered, until all have asked `requests` times. */
static void drive(int epoll, const int *fds, long connections, long requests)
{
    for (long i = 0; i < connections; i++)
        ask(fds[i]);
    long asked = connections, answered = 0;
    while (answered < requests) {
        struct epoll_event events[EVENTS];
        int n = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < n; i++) {
            take_answer(events[i].data.fd);
            answered++;
            if (asked < requests) {
                ask(events[i].data.fd);
                asked++;
            }
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    pid_t server = atoi(argv[2]);
    long connections = atol(argv[3]), requests = atol(argv[4]);
    int epoll = epoll_create1(0), *fds = calloc((size_t)connections, sizeof *fds);
    if (epoll < 0 || !fds || requests < connections)
        fail("start");
    for (long i = 0; i < connections; i++) {
        fds[i] = connect_to(atoi(argv[1]));
        struct epoll_event event = { .events = EPOLLIN, .data.fd = fds[i] };
        epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &event);
    }
    drive(epoll, fds, connections, 2 * connections); /* warm */
    double begin = cpu_time_of(server);
    drive(epoll, fds, connections, requests);
    printf("%.1f\n", (cpu_time_of(server) - begin) / (double)requests);
    return 0;
}
