/* recordsocket.c: see recordsocket.h. A path of the runtime directory may be too long for a
 * socket's address: it is reached through a descriptor of the directory. */
#include "app/cli/recordsocket.h"
#include "tracer/probe/session.h"
#include "tracer/probe/stale.h"
#include "tracer/trace/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { MESSAGE = 8192, CLIENTS = 16, ANSWER_MS = 60000 };

struct client {
    int fd;           /* -1: gone */
    gboolean waiting; /* for its dump */
};

struct recordsocket {
    int directory, fd;
    char name[64];
    struct client clients[CLIENTS];
};

/* ---- Names ---- */

static int open_directory(void)
{
    char path[512];
    if (weft_probe_directory(path, sizeof path) < 0)
        return -1;
    return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void socket_name(char *name, gsize size, guint64 pid)
{
    snprintf(name, size, "%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT ".recorder", pid,
             (guint64)weft_process_start_time(pid));
}

static struct sockaddr_un address_of(int directory, const char *name)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", directory, name);
    return address;
}

/* ---- The recorder's end ---- */

static gboolean cannot(GError **error, const char *what)
{
    g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO, "cannot %s: %s", what,
                g_strerror(errno));
    return FALSE;
}

struct recordsocket *recordsocket_new(GError **error)
{
    struct recordsocket *s = g_new0(struct recordsocket, 1);
    for (guint i = 0; i < CLIENTS; i++)
        s->clients[i].fd = -1;
    s->directory = open_directory();
    s->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->directory >= 0 && s->fd >= 0) {
        weft_probe_clean_stale(WEFT_STALE_AGE);
        socket_name(s->name, sizeof s->name, (guint64)getpid());
        struct sockaddr_un address = address_of(s->directory, s->name);
        if (bind(s->fd, (struct sockaddr *)&address, sizeof address) == 0 &&
            listen(s->fd, CLIENTS) == 0)
            return s;
    }
    cannot(error, "open a socket for weft ctl");
    recordsocket_free(s);
    return NULL;
}

void recordsocket_free(struct recordsocket *s)
{
    if (!s)
        return;
    for (guint i = 0; i < CLIENTS; i++)
        if (s->clients[i].fd >= 0)
            close(s->clients[i].fd);
    if (s->name[0])
        unlinkat(s->directory, s->name, 0);
    if (s->fd >= 0)
        close(s->fd);
    if (s->directory >= 0)
        close(s->directory);
    g_free(s);
}

static gboolean is_of_this_user(int fd)
{
    struct ucred who;
    socklen_t size = sizeof who;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && who.uid == geteuid();
}

static void accept_clients(struct recordsocket *s)
{
    for (guint i = 0; i < CLIENTS; i++) {
        if (s->clients[i].fd >= 0)
            continue;
        int fd = accept4(s->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        if (is_of_this_user(fd))
            s->clients[i] = (struct client){ .fd = fd };
        else
            close(fd);
    }
}

static void answer(void *data, gboolean written, const char *text)
{
    struct client *client = data;
    char *message = g_strdup_printf("%s %s", written ? "ok" : "error", text);
    send(client->fd, message, MIN(strlen(message), MESSAGE), MSG_NOSIGNAL | MSG_DONTWAIT);
    g_free(message);
    close(client->fd);
    *client = (struct client){ .fd = -1 };
}

static void take_command(struct client *client, const char *command, struct flight *flight,
                         const char *path)
{
    const char *to = g_str_has_prefix(command, "dump ") ? command + strlen("dump ") : NULL;
    if (!to && strcmp(command, "dump") != 0) {
        answer(client, FALSE, "this weft record knows dump only");
    } else if (!flight) {
        char *absolute = g_canonicalize_filename(path, NULL);
        char *why = g_strdup_printf("it is no --flight recording: all of it is in '%s'", absolute);
        answer(client, FALSE, why);
        g_free(why);
        g_free(absolute);
    } else {
        client->waiting = TRUE;
        flight_ask(flight, to, "weft ctl asked for it", answer, client);
    }
}

void recordsocket_round(struct recordsocket *s, struct flight *flight, const char *path)
{
    accept_clients(s);
    for (guint i = 0; i < CLIENTS; i++) {
        struct client *client = &s->clients[i];
        char message[MESSAGE + 1];
        if (client->fd < 0 || client->waiting)
            continue;
        ssize_t n = recv(client->fd, message, MESSAGE, MSG_DONTWAIT);
        if (n > 0) {
            message[n] = '\0';
            take_command(client, message, flight, path);
        } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            close(client->fd);
            client->fd = -1;
        }
    }
}

/* ---- weft ctl's end ---- */

gboolean recordsocket_exists(guint64 pid)
{
    char name[64];
    struct stat st;
    int directory = open_directory();
    socket_name(name, sizeof name, pid);
    gboolean found = directory >= 0 && fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
                     S_ISSOCK(st.st_mode);
    if (directory >= 0)
        close(directory);
    return found;
}

static int connect_to(guint64 pid)
{
    char name[64];
    int directory = open_directory();
    int fd = directory < 0 ? -1 : socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    socket_name(name, sizeof name, pid);
    struct sockaddr_un address = address_of(directory, name);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        int code = errno;
        close(fd);
        fd = -1;
        errno = code;
    }
    if (directory >= 0)
        close(directory);
    return fd;
}

/* The message that comes back; g_free it. NULL: none came. */
static char *receive(int fd)
{
    struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
    char message[MESSAGE + 1];
    int rc;
    do
        rc = poll(&poll_fd, 1, ANSWER_MS);
    while (rc < 0 && errno == EINTR);
    ssize_t n = rc > 0 ? recv(fd, message, MESSAGE, 0) : -1;
    if (rc == 0)
        errno = ETIMEDOUT;
    else if (n == 0)
        errno = ECONNRESET; /* it ended first */
    return n > 0 ? g_strndup(message, (gsize)n) : NULL;
}

gboolean recordsocket_ask(guint64 pid, const char *command, char **path, GError **error)
{
    char *what = g_strdup_printf("ask weft record, process %" G_GUINT64_FORMAT, pid);
    char *message = NULL;
    int fd = connect_to(pid);
    if (fd >= 0 && send(fd, command, strlen(command), MSG_NOSIGNAL) > 0)
        message = receive(fd);
    if (!message)
        cannot(error, what);
    else if (g_str_has_prefix(message, "ok "))
        *path = g_strdup(message + strlen("ok "));
    else
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_FAILED, "%s",
                    g_str_has_prefix(message, "error ") ? message + strlen("error ") : message);
    gboolean written = message && g_str_has_prefix(message, "ok ");
    if (fd >= 0)
        close(fd);
    g_free(message);
    g_free(what);
    return written;
}
