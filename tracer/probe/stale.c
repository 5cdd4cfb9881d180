/* stale.c: see stale.h. A segment is marked when it is first found dead, and its file's time set:
 * its age counts from there, since a killed process could not say when it ended. Files are removed
 * by names that are never used twice, so two cleaners do each other no harm. */
#include "tracer/probe/stale.h"
#include "tracer/probe/process.h"
#include "tracer/probe/segment.h"
#include "tracer/probe/session.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BRIEF_AGE UINT64_C(600000000000)
enum {
    BLACK_BOXES = 32, /* kept at most */
    BRIEF = 8,
    NAME = 96,
};

/* The newest ones of a kind, to be kept. */
struct kept {
    uint64_t age;
    unsigned n, most;
    struct {
        uint64_t since; /* CLOCK_REALTIME, ns */
        char name[NAME];
    } files[BLACK_BOXES];
};

struct cleaning {
    int directory;
    uint64_t now; /* CLOCK_REALTIME, ns */
    unsigned char boot_id[16];
    struct kept black_boxes, brief;
    int removed;
};

/* ---- The lock ---- */

void weft_segment_hold(int fd)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1 };
    int rc = fcntl(fd, F_OFD_SETLK, &lock);
    (void)rc;
}

bool weft_segment_is_held(int fd)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1 };
    return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/* ---- Removing ---- */

/* The name of the socket beside a segment; false when that is not its name. */
static bool socket_name(const char *segment, char *name, size_t size)
{
    size_t stem = strlen(segment);
    if (stem <= 5 || strcmp(segment + stem - 5, ".ring") != 0)
        return false;
    return (size_t)snprintf(name, size, "%.*s.sock", (int)(stem - 5), segment) < size;
}

void weft_segment_remove(const char *path)
{
    char name[PATH_MAX];
    unlink(path);
    if (socket_name(path, name, sizeof name))
        unlink(name);
}

static void remove_here(struct cleaning *c, const char *name)
{
    char socket[NAME];
    if (unlinkat(c->directory, name, 0) == 0)
        c->removed++;
    if (socket_name(name, socket, sizeof socket))
        unlinkat(c->directory, socket, 0);
}

/* Keeps it, and removes the oldest of its kind if that is one too many. */
static void keep(struct cleaning *c, struct kept *kept, const char *name, uint64_t since)
{
    if (c->now >= since && c->now - since >= kept->age) {
        remove_here(c, name);
        return;
    }
    unsigned at = kept->n;
    if (kept->n == kept->most) {
        at = 0;
        for (unsigned i = 1; i < kept->n; i++)
            if (kept->files[i].since < kept->files[at].since)
                at = i;
        bool older = since <= kept->files[at].since;
        remove_here(c, older ? name : kept->files[at].name);
        if (older)
            return;
    } else {
        kept->n++;
    }
    kept->files[at].since = since;
    snprintf(kept->files[at].name, NAME, "%s", name);
}

/* ---- Judging ---- */

/* <pid>-<start time>-<random>.ring or .sock */
static bool parse_name(const char *name, uint64_t *pid, uint64_t *start_time, const char **ending)
{
    char *end;
    *pid = strtoull(name, &end, 10);
    if (end == name || *end != '-' || strlen(name) >= NAME)
        return false;
    const char *second = end + 1;
    *start_time = strtoull(second, &end, 10);
    *ending = strrchr(name, '.');
    return end != second && *end == '-' && *ending;
}

/* <pid>-<start time>.recorder: where `weft record` takes commands. */
static bool parse_recorder(const char *name, uint64_t *pid, uint64_t *start_time)
{
    int end = 0;
    unsigned long long number, start;
    if (sscanf(name, "%llu-%llu.recorder%n", &number, &start, &end) < 2 || !end || name[end])
        return false;
    *pid = number;
    *start_time = start;
    return true;
}

static bool has_ended(uint64_t pid, uint64_t start_time)
{
    uint64_t started = weft_process_start_time(pid); /* 0: there is no such process */
    return started == 0 || started != start_time;
}

static bool a_reader_holds_it(const struct cleaning *c, const struct weft_segment *page)
{
    return memcmp(page->boot_id, c->boot_id, sizeof page->boot_id) == 0 && page->lease.pid != 0 &&
           weft_clock_monotonic_ns() < page->lease.expires_mono_ns &&
           !has_ended(page->lease.pid, page->lease.start_time);
}

static uint64_t file_time(const struct stat *st)
{
    return (uint64_t)st->st_mtim.tv_sec * UINT64_C(1000000000) + (uint64_t)st->st_mtim.tv_nsec;
}

/* Since when it is known to be dead; now, if nobody had noticed. */
static uint64_t dead_since(const struct cleaning *c, int fd, const struct stat *st,
                           const struct weft_segment *page, enum weft_segment_end end)
{
    if (page->exit_state != WEFT_SEGMENT_OPEN)
        return file_time(st);
    uint64_t state = end;
    if (pwrite(fd, &state, sizeof state, offsetof(struct weft_segment, exit_state)) !=
            (ssize_t)sizeof state ||
        futimens(fd, NULL) < 0)
        return file_time(st);
    return c->now;
}

/* A segment whose process, by its name, may have ended: `replaced`, by becoming this program. */
static void judge(struct cleaning *c, const char *name, int fd, bool replaced)
{
    struct stat st;
    struct weft_segment page = { 0 };
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid())
        return;
    ssize_t n = pread(fd, &page, sizeof page, 0);
    if (n < (ssize_t)sizeof page || page.magic != WEFT_SEGMENT_MAGIC) {
        remove_here(c, name); /* it never began */
        return;
    }
    if (page.abi != WEFT_ABI_VERSION) {
        keep(c, &c->black_boxes, name, file_time(&st)); /* only its file's time can be read */
        return;
    }
    if (a_reader_holds_it(c, &page))
        return;
    if (replaced && page.exit_state == WEFT_SEGMENT_OPEN) {
        char program[sizeof page.program];
        weft_command_line(program, sizeof program);
        weft_segment_say_exec(fd, program);
    }
    uint64_t since = dead_since(c, fd, &st, &page,
                                replaced ? WEFT_SEGMENT_REPLACED : WEFT_SEGMENT_KILLED);
    bool recorded = page.mode >= WEFT_MODE_FLIGHT && page.exit_state != WEFT_SEGMENT_CLOSED;
    keep(c, recorded ? &c->black_boxes : &c->brief, name, since);
}

/* Read only where the pid and its start time are somebody's who does not hold the lock. */
static bool is_of_another_boot(const struct cleaning *c, int fd)
{
    unsigned char boot_id[16];
    return pread(fd, boot_id, sizeof boot_id, offsetof(struct weft_segment, boot_id)) ==
               (ssize_t)sizeof boot_id &&
           memcmp(boot_id, c->boot_id, sizeof boot_id) != 0;
}

static void look_at(struct cleaning *c, const char *name, uint64_t pid, uint64_t start_time)
{
    int fd = openat(c->directory, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return;
    if (!weft_segment_is_held(fd)) {
        bool ended = has_ended(pid, start_time) || is_of_another_boot(c, fd);
        if (ended || pid == (uint64_t)getpid())
            judge(c, name, fd, !ended);
    }
    close(fd);
}

/* A socket's segment is made before it, and removed before it. */
static void clean_socket(struct cleaning *c, const char *name, uint64_t pid, uint64_t start_time)
{
    char segment[NAME];
    snprintf(segment, sizeof segment, "%.*s.ring", (int)(strlen(name) - 5), name);
    if (faccessat(c->directory, segment, F_OK, 0) < 0 && errno == ENOENT &&
        has_ended(pid, start_time))
        unlinkat(c->directory, name, 0);
}

/* ---- The directory ---- */

static uint64_t realtime_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

static int clean(uint64_t age_ns, unsigned most)
{
    struct cleaning c = { .now = realtime_ns() };
    c.black_boxes.age = age_ns;
    c.black_boxes.most = BLACK_BOXES;
    c.brief.age = age_ns < BRIEF_AGE ? age_ns : BRIEF_AGE;
    c.brief.most = BRIEF;
    weft_boot_id(c.boot_id);
    char path[256];
    c.directory = weft_probe_open_directory(path, sizeof path);
    if (c.directory < 0)
        return c.directory;
    DIR *dir = fdopendir(c.directory);
    if (!dir) {
        close(c.directory);
        return -ENOMEM;
    }
    unsigned looked_at = 0;
    for (struct dirent *entry; looked_at < most && (entry = readdir(dir));) {
        uint64_t pid, start_time;
        const char *ending;
        if (parse_recorder(entry->d_name, &pid, &start_time) && has_ended(pid, start_time))
            unlinkat(c.directory, entry->d_name, 0);
        if (!parse_name(entry->d_name, &pid, &start_time, &ending))
            continue;
        looked_at++;
        if (strcmp(ending, ".ring") == 0)
            look_at(&c, entry->d_name, pid, start_time);
        else if (strcmp(ending, ".sock") == 0)
            clean_socket(&c, entry->d_name, pid, start_time);
    }
    closedir(dir);
    return c.removed;
}

int weft_probe_clean_stale(uint64_t age_ns)
{
    return clean(age_ns, UINT_MAX);
}

void weft_probe_clean_some(void)
{
    clean(WEFT_STALE_AGE, 128);
}
