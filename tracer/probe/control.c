/* control.c: see control.h.
 *
 *      epoll ---- listener
 *         \------ connection 0 .. 31, those that are there
 *
 * What epoll reports is the connection's number, not its place, so that an event of one that has
 * gone is nobody's. The listener is edge-triggered: when the process has no descriptor left, the
 * connection that waits must not keep every loop spinning.
 *
 * Thread: any, under one mutex; it is tried, not waited for, where a loop serves. */
#include "tracer/probe/control.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    BACKLOG = 64,
    ACCEPTS_A_TURN = 64,  /* then the loop goes on with its own work first */
    MESSAGES_A_TURN = 16, /* of one connection                             */
    LISTENER = 0,         /* its number in epoll; connections count from 1 */
};

struct client {
    uint64_t number; /* 1, 2, 3 ... in the order of connecting; 0: nobody */
    int fd;
    pid_t pid; /* who connected */
};

static struct {
    pthread_mutex_t lock;
    int epoll, listener; /* -1: none; the epoll stays once it is there */
    char path[512];      /* of the socket */
    weft_control_handler *handler;
    struct client clients[WEFT_CONTROL_CLIENTS];
    uint64_t connected; /* so far */
} control = { .lock = PTHREAD_MUTEX_INITIALIZER, .epoll = -1, .listener = -1 };

/* ---- Addresses ---- */

/* The socket's path, from the segment's. */
static bool socket_path(const char *segment_path, char *path, size_t size)
{
    const char *dot = strrchr(segment_path, '.');
    size_t stem = dot && strcmp(dot, ".ring") == 0 ? (size_t)(dot - segment_path) : 0;
    return stem > 0 && (size_t)snprintf(path, size, "%.*s.sock", (int)stem, segment_path) < size;
}

/* An address holds 107 bytes of path, and a runtime directory may lie deeper: then the directory is
 * opened and the name is reached through it, until `*directory` is closed. */
static int make_address(const char *path, struct sockaddr_un *address, int *directory)
{
    *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    *directory = -1;
    if (strlen(path) < sizeof address->sun_path) {
        memcpy(address->sun_path, path, strlen(path) + 1);
        return 0;
    }
    const char *name = strrchr(path, '/') + 1;
    char parent[sizeof control.path];
    snprintf(parent, sizeof parent, "%.*s", (int)(name - path), path);
    *directory = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (*directory < 0)
        return -errno;
    int n = snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%s", *directory,
                     name);
    return n > 0 && (size_t)n < sizeof address->sun_path ? 0 : -ENAMETOOLONG;
}

typedef int path_operation(int fd, const struct sockaddr *address, socklen_t size);

/* bind or connect. */
static int at_path(path_operation *operation, int fd, const char *path)
{
    struct sockaddr_un address;
    int directory;
    int rc = make_address(path, &address, &directory);
    if (rc == 0 && operation(fd, (const struct sockaddr *)&address, sizeof address) < 0)
        rc = -errno;
    if (directory >= 0)
        close(directory);
    return rc;
}

int weft_control_connect(const char *segment_path)
{
    char path[sizeof control.path];
    if (!socket_path(segment_path, path, sizeof path))
        return -EINVAL;
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    int rc = at_path(connect, fd, path);
    if (rc < 0) {
        close(fd);
        return rc;
    }
    return fd;
}

/* ---- Opening and closing ---- */

static int watch(int fd, uint64_t number, uint32_t events, int operation)
{
    struct epoll_event event = { .events = events, .data.u64 = number };
    return epoll_ctl(control.epoll, operation, fd, &event) < 0 ? -errno : 0;
}

static void close_listener(void)
{
    if (control.listener >= 0)
        close(control.listener);
    control.listener = -1;
}

/* Binds and listens. What bind makes has the descriptor's own mode, less the umask. */
static int open_listener(void)
{
    control.listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (control.listener < 0)
        return -errno;
    if (fchmod(control.listener, 0600) < 0)
        return -errno;
    int rc = at_path(bind, control.listener, control.path);
    if (rc < 0)
        return rc;
    rc = listen(control.listener, BACKLOG) < 0
             ? -errno
             : watch(control.listener, LISTENER, EPOLLIN | EPOLLET, EPOLL_CTL_ADD);
    if (rc < 0)
        unlink(control.path);
    return rc;
}

int weft_control_open(const char *segment_path, weft_control_handler *handler)
{
    pthread_mutex_lock(&control.lock);
    int rc = socket_path(segment_path, control.path, sizeof control.path) ? 0 : -EINVAL;
    control.handler = handler;
    if (rc == 0 && control.epoll < 0) {
        int epoll = epoll_create1(EPOLL_CLOEXEC);
        rc = epoll < 0 ? -errno : 0;
        __atomic_store_n(&control.epoll, epoll, __ATOMIC_RELEASE);
    }
    if (rc == 0)
        rc = open_listener();
    if (rc < 0)
        close_listener();
    pthread_mutex_unlock(&control.lock);
    return rc;
}

static void drop(struct client *client)
{
    close(client->fd);
    control.handler(NULL, client->number, client->pid, NULL, 0);
    client->number = 0;
}

static void drop_all(void)
{
    for (int i = 0; i < WEFT_CONTROL_CLIENTS; i++)
        if (control.clients[i].number)
            drop(&control.clients[i]);
}

void weft_control_close(void)
{
    pthread_mutex_lock(&control.lock);
    if (control.listener >= 0) {
        close_listener();
        drop_all();
        unlink(control.path);
    }
    pthread_mutex_unlock(&control.lock);
}

int weft_control_fd(void)
{
    return __atomic_load_n(&control.epoll, __ATOMIC_ACQUIRE);
}

/* ---- Serving ---- */

/* False when it could not be sent: the other side has gone, or does not read. */
static bool answer(int fd, const char *text)
{
    size_t size = strlen(text);
    return send(fd, text, size, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)size;
}

static void refuse(int fd, const char *why)
{
    answer(fd, why);
    close(fd);
}

static void admit(int fd)
{
    struct ucred who = { 0 };
    socklen_t size = sizeof who;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) < 0 || who.uid != geteuid()) {
        refuse(fd, "error this process belongs to another user");
        return;
    }
    struct client *client = NULL;
    for (int i = 0; i < WEFT_CONTROL_CLIENTS && !client; i++)
        if (control.clients[i].number == 0)
            client = &control.clients[i];
    if (!client) {
        refuse(fd, "error too many controllers at a time");
        return;
    }
    *client = (struct client){ ++control.connected, fd, who.pid };
    if (watch(fd, client->number, EPOLLIN | EPOLLRDHUP, EPOLL_CTL_ADD) < 0) {
        refuse(fd, "error no memory for another controller");
        client->number = 0;
    }
}

static void accept_all(void)
{
    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        int fd = accept4(control.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0)
            admit(fd);
        else if (errno != ECONNABORTED && errno != EINTR)
            return; /* nobody else waits; or no descriptor is left: whoever comes next asks again */
    }
    watch(control.listener, LISTENER, EPOLLIN | EPOLLET, EPOLL_CTL_MOD); /* perhaps more wait */
}

/* A command is text: bytes that are not, or too many of them, are answered, and do nothing. */
static bool serve_message(struct client *client, char *message, size_t size)
{
    char reply[WEFT_CONTROL_MESSAGE] = "error no answer";
    if (size >= WEFT_CONTROL_MESSAGE) {
        snprintf(reply, sizeof reply, "error a command has at most %d bytes",
                 WEFT_CONTROL_MESSAGE - 1);
    } else if (memchr(message, 0, size)) {
        snprintf(reply, sizeof reply, "error a command is text");
    } else {
        message[size] = 0;
        message[strcspn(message, "\n")] = 0;
        control.handler(message, client->number, client->pid, reply, sizeof reply);
    }
    return answer(client->fd, reply);
}

static void serve_client(struct client *client)
{
    for (int i = 0; i < MESSAGES_A_TURN; i++) {
        char message[WEFT_CONTROL_MESSAGE];
        ssize_t size = recv(client->fd, message, sizeof message, MSG_DONTWAIT | MSG_TRUNC);
        if (size < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        /* Nothing is what a closed connection sends. */
        if (size <= 0 || !serve_message(client, message, (size_t)size)) {
            drop(client);
            return;
        }
    }
}

void weft_control_serve(void)
{
    if (pthread_mutex_trylock(&control.lock) != 0)
        return;
    struct epoll_event events[WEFT_CONTROL_CLIENTS + 1];
    int n = control.listener < 0 ? 0
                                 : epoll_wait(control.epoll, events, WEFT_CONTROL_CLIENTS + 1, 0);
    for (int i = 0; i < n; i++) {
        if (events[i].data.u64 == LISTENER) {
            accept_all();
            continue;
        }
        for (int j = 0; j < WEFT_CONTROL_CLIENTS; j++)
            if (control.clients[j].number == events[i].data.u64)
                serve_client(&control.clients[j]);
    }
    pthread_mutex_unlock(&control.lock);
}

/* ---- Fork ---- */

void weft_control_before_fork(void)
{
    pthread_mutex_lock(&control.lock);
}

void weft_control_after_fork(bool in_child)
{
    if (in_child) {
        /* Or the parent's controllers would not see it end. */
        close_listener();
        for (int i = 0; i < WEFT_CONTROL_CLIENTS; i++) {
            if (control.clients[i].number)
                close(control.clients[i].fd);
            control.clients[i].number = 0;
        }
        if (control.epoll >= 0)
            close(control.epoll);
        control.epoll = -1;
    }
    pthread_mutex_unlock(&control.lock);
}
