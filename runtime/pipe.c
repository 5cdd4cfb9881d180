/* pipe.c: streams over open descriptors: open_pipe and the standard streams.
 *
 *      descriptor                       watched by    O_NONBLOCK
 *      given to open_pipe               epoll         set: it is the stream's now
 *      0-2: a pipe or a terminal        epoll         set on a description opened anew
 *      0-2: a socket, and others        epoll         set on the shared one until it is closed
 *      files, /dev/null: epoll refuses  nobody        left alone: plain.c
 *
 * O_NONBLOCK belongs to the open description, which a standard stream shares with the program that
 * started this one, a shell perhaps: left behind, it breaks what runs next. */
#include "runtime/stream.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Descriptors ---- */

static int last_error(void)
{
    return uv_translate_sys_error(errno);
}

/* 1, 0, or a negative code. */
static int epoll_takes(int fd)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0)
        return last_error();
    struct epoll_event event = { .events = EPOLLIN };
    int rc = epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0 ? 1 : last_error();
    close(epoll);
    return rc == UV_EPERM ? 0 : rc;
}

struct descriptor {
    int fd, flags; /* F_GETFL's */
    mode_t mode;
    bool pollable;
    bool shared; /* its description is, with other processes */
};

static int examine(int fd, struct descriptor *out)
{
    struct stat stat;
    *out = (struct descriptor){ .fd = fd, .flags = fcntl(fd, F_GETFL) };
    if (out->flags < 0 || fstat(fd, &stat) < 0)
        return last_error();
    out->mode = stat.st_mode;
    int type = SOCK_STREAM;
    socklen_t size = sizeof type;
    if (S_ISSOCK(stat.st_mode) && getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
        return last_error();
    if (type != SOCK_STREAM)
        return UV_EINVAL;
    int rc = epoll_takes(fd);
    out->pollable = rc > 0;
    return rc < 0 ? rc : 0;
}

/* Opening a pseudoterminal's master anew would make another terminal. */
static bool is_terminal(int fd)
{
    unsigned number;
    return isatty(fd) && ioctl(fd, TIOCGPTN, &number) < 0;
}

/* A fifo opened anew for reading, after its last writer has gone, would not tell of the end. */
static bool hung_up(int fd)
{
    struct pollfd poll_fd = { .fd = fd };
    return poll(&poll_fd, 1, 0) == 1 && (poll_fd.revents & POLLHUP);
}

static int open_anew(const struct descriptor *d)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", d->fd);
    int fd = open(path, (d->flags & (O_ACCMODE | O_APPEND)) | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd >= 0 && hung_up(d->fd)) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Another descriptor for a standard stream, which itself stays open and as it is. */
static int copy_standard(struct descriptor *d)
{
    int fd = -1;
    if (d->pollable && (S_ISFIFO(d->mode) || is_terminal(d->fd)))
        fd = open_anew(d);
    if (fd < 0) {
        fd = fcntl(d->fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        d->shared = true;
    }
    if (fd < 0)
        return last_error();
    d->fd = fd;
    return 0;
}

void weft__pipe_block_again(weft_stream *stream)
{
    int fd = weft__stream_fd(stream);
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0)
        fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    stream->unblocked = false;
}

/* ---- Opening ---- */

static int attach(weft_stream *stream, const struct descriptor *d)
{
    int access = d->flags & O_ACCMODE;
    stream->readable = access != O_WRONLY;
    stream->writable = access != O_RDONLY;
    stream->socket = S_ISSOCK(d->mode);
    if (!d->pollable) {
        weft__plain_open(stream, d->fd);
        return 0;
    }
    int rc = uv_pipe_open(&stream->uv.pipe, d->fd);
    stream->unblocked = rc == 0 && d->shared && !(d->flags & O_NONBLOCK);
    return rc;
}

static int open_stream(weft_site *site, const struct descriptor *d, const char *name, size_t limit,
                       weft_stream **out)
{
    enum weft__stream_kind kind = d->pollable ? WEFT__STREAM_PIPE : WEFT__STREAM_PLAIN;
    weft_stream *stream = weft__stream_new(weft__loop, kind, limit);
    if (!stream)
        return UV_ENOMEM;
    weft__stream_named(stream, name, name, site);
    int rc = attach(stream, d);
    if (rc < 0) {
        weft__stream_abort(stream);
        weft_unref(stream);
        return rc;
    }
    *out = stream;
    return 0;
}

/* Nothing is read from a standard stream before somebody asks: what this program leaves is the next
 * one's. */
static int open_standard(weft_site *site, int fd, const char *name, weft_stream **out,
                         weft_pipe_options options)
{
    if (!out)
        return UV_EINVAL;
    *out = NULL;
    if (!weft__loop || weft__loop->closing)
        return WEFT_ENOLOOP;
    struct descriptor d;
    int rc = examine(fd, &d);
    if (rc == 0)
        rc = copy_standard(&d);
    if (rc < 0)
        return weft_raise_at(site, rc, "cannot open %s: %s", name, weft_strerror(rc));
    rc = open_stream(site, &d, options.name ? options.name : name, options.limit, out);
    if (rc < 0)
        close(d.fd);
    return rc;
}

int weft_open_pipe_at(weft_site *site, int fd, weft_stream **out, weft_pipe_options options)
{
    char name[32];
    snprintf(name, sizeof name, "fd %d", fd);
    if (fd >= 0 && fd <= STDERR_FILENO)
        return open_standard(site, fd, name, out, options);
    if (!out)
        return UV_EINVAL;
    *out = NULL;
    if (!weft__loop || weft__loop->closing)
        return WEFT_ENOLOOP;
    struct descriptor d;
    int rc = examine(fd, &d);
    if (rc == 0)
        rc = open_stream(site, &d, options.name ? options.name : name, options.limit, out);
    if (rc < 0)
        return weft_raise_at(site, rc, "cannot open a stream over descriptor %d: %s", fd,
                             weft_strerror(rc));
    if ((*out)->readable)
        weft__reader_start(*out); /* a failure is found by who reads */
    return 0;
}

int weft_stdin_at(weft_site *site, weft_stream **out, weft_pipe_options options)
{
    return open_standard(site, STDIN_FILENO, "stdin", out, options);
}

int weft_stdout_at(weft_site *site, weft_stream **out, weft_pipe_options options)
{
    return open_standard(site, STDOUT_FILENO, "stdout", out, options);
}

int weft_stderr_at(weft_site *site, weft_stream **out, weft_pipe_options options)
{
    return open_standard(site, STDERR_FILENO, "stderr", out, options);
}
