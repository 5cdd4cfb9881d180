/* failing_write.c: see failing_write.h. Thread: one at a time. */
#include "tests/fault/failing_write.h"
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

struct failing_write failing_write;

static unsigned calls;

__attribute__((constructor)) static void read_environment(void)
{
    const char *after = getenv("WEFT_TEST_FAIL_AFTER"), *error = getenv("WEFT_TEST_FAIL_ERRNO"),
               *piece = getenv("WEFT_TEST_FAIL_PIECE");
    failing_write.path = getenv("WEFT_TEST_FAIL_PATH");
    failing_write.after = after ? strtoull(after, NULL, 10) : 0;
    failing_write.error = error ? atoi(error) : 0;
    failing_write.piece = piece ? strtoull(piece, NULL, 10) : 0;
    failing_write.interrupt = getenv("WEFT_TEST_FAIL_INTERRUPT") != NULL;
}

static int is_it(int fd)
{
    char link[64], path[4096];
    if (!failing_write.path)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    return n > 0 && memmem(path, (size_t)n, failing_write.path, strlen(failing_write.path));
}

/* How many of `size` bytes may be written now; -1 and errno: none. */
static ssize_t allowed(int fd, size_t size)
{
    if (!is_it(fd))
        return (ssize_t)size;
    if (failing_write.interrupt && ++calls % 2) {
        errno = EINTR;
        return -1;
    }
    if (failing_write.error && failing_write.after == 0) {
        errno = failing_write.error;
        return -1;
    }
    if (failing_write.piece && size > failing_write.piece)
        size = failing_write.piece;
    if (failing_write.error && size > failing_write.after)
        size = failing_write.after;
    failing_write.after -= failing_write.error ? size : 0;
    return (ssize_t)size;
}

static void *next(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);
    if (!function)
        abort();
    return function;
}

ssize_t write(int fd, const void *data, size_t size)
{
    static ssize_t (*real)(int, const void *, size_t);
    if (!real)
        real = next("write");
    ssize_t n = allowed(fd, size);
    return n < 0 ? n : real(fd, data, (size_t)n);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
    static ssize_t (*real)(int, const void *, size_t, off_t);
    if (!real)
        real = next("pwrite");
    ssize_t n = allowed(fd, size);
    return n < 0 ? n : real(fd, data, (size_t)n, offset);
}

static size_t total_of(const struct iovec *parts, int n)
{
    size_t total = 0;
    for (int i = 0; i < n; i++)
        total += parts[i].iov_len;
    return total;
}

/* The first of the parts that have bytes, at most n of it: a short write. */
static struct iovec beginning(const struct iovec *parts, int count, size_t n)
{
    while (count > 1 && parts->iov_len == 0)
        parts++, count--;
    return (struct iovec){ parts->iov_base, parts->iov_len < n ? parts->iov_len : n };
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    static ssize_t (*real)(int, const struct iovec *, int);
    if (!real)
        real = next("writev");
    size_t total = total_of(parts, count);
    ssize_t n = allowed(fd, total);
    if (n < 0 || (size_t)n == total)
        return n < 0 ? n : real(fd, parts, count);
    struct iovec first = beginning(parts, count, (size_t)n);
    if (failing_write.error) /* what is not written now may be later */
        failing_write.after += (size_t)n - first.iov_len;
    return real(fd, &first, 1);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
    static ssize_t (*real)(int, const struct iovec *, int, off_t);
    if (!real)
        real = next("pwritev");
    size_t total = total_of(parts, count);
    ssize_t n = allowed(fd, total);
    if (n < 0 || (size_t)n == total)
        return n < 0 ? n : real(fd, parts, count, offset);
    struct iovec first = beginning(parts, count, (size_t)n);
    if (failing_write.error)
        failing_write.after += (size_t)n - first.iov_len;
    return real(fd, &first, 1, offset);
}

/* Only whole errors: a disk that is full is found out by the writes. */
static int sync_with(int (*real)(int), int fd)
{
    if (is_it(fd) && failing_write.error && failing_write.after == 0) {
        errno = failing_write.error;
        return -1;
    }
    return real(fd);
}

int fsync(int fd)
{
    static int (*real)(int);
    if (!real)
        real = next("fsync");
    return sync_with(real, fd);
}

int fdatasync(int fd)
{
    static int (*real)(int);
    if (!real)
        real = next("fdatasync");
    return sync_with(real, fd);
}
