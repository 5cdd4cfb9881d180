/* segment.c: the segment's file in the runtime directory. On tmpfs, so that it outlives SIGKILL and
 * an emit never waits for a disk; allocated beforehand, so that a full tmpfs is an error and not a
 * SIGBUS. */
#include "tracer/probe/segment.h"
#include "tracer/probe/session.h"
#include "tracer/probe/stale.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    DIRECTORY_SIZE = WEFT_RINGS_MAX * sizeof(struct weft_directory_entry),
    STRINGS_SIZE = 1 << 20,
    TABLES_SIZE = sizeof(struct weft_table_directory),
    FIXED_SIZE = WEFT_PAGE + DIRECTORY_SIZE + STRINGS_SIZE + TABLES_SIZE,
};
_Static_assert(DIRECTORY_SIZE % WEFT_PAGE == 0 && TABLES_SIZE % WEFT_PAGE == 0,
               "every part begins with a page");

int weft_probe_directory(char *path, size_t size)
{
    const char *runtime = secure_getenv("XDG_RUNTIME_DIR");
    int n = runtime && runtime[0] == '/'
                ? snprintf(path, size, "%s/weft", runtime)
                : snprintf(path, size, "/dev/shm/weft-%u", (unsigned)geteuid());
    if (n < 0 || (size_t)n >= size)
        return -ENAMETOOLONG;
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return -errno;
    return 0;
}

/* The directory, opened, and really ours: others could plant files in it otherwise. */
int weft_probe_open_directory(char *path, size_t size)
{
    int rc = weft_probe_directory(path, size);
    if (rc < 0)
        return rc;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    struct stat st;
    if (fstat(fd, &st) < 0 || st.st_uid != geteuid() || (st.st_mode & 077) != 0) {
        close(fd);
        return -EPERM;
    }
    return fd;
}

/* Creates the file under a name that nobody can guess: <pid>-<start time>-<random>.ring */
static int create_file(struct weft_segment_file *file)
{
    char directory[256];
    int dirfd = weft_probe_open_directory(directory, sizeof directory);
    if (dirfd < 0)
        return dirfd;
    uint64_t pid = (uint64_t)getpid(), random = 0;
    int rc = getrandom(&random, sizeof random, GRND_NONBLOCK) < 0 ? -errno : 0;
    (void)rc; /* a poor name still is exclusive: O_EXCL */
    char name[96];
    snprintf(name, sizeof name, "%llu-%llu-%016llx.ring", (unsigned long long)pid,
             (unsigned long long)weft_process_start_time(pid), (unsigned long long)random);
    snprintf(file->path, sizeof file->path, "%s/%s", directory, name);
    file->fd = openat(dirfd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    rc = file->fd < 0 ? -errno : 0;
    close(dirfd);
    if (rc == 0)
        weft_segment_hold(file->fd);
    return rc;
}

/* posix_fallocate, but a limit of the program's files (RLIMIT_FSIZE) is no room rather than the
 * program's death by SIGXFSZ. */
static int allocate(int fd, uint64_t from, uint64_t size)
{
    sigset_t limit, before;
    sigemptyset(&limit);
    sigaddset(&limit, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &limit, &before);
    int error = posix_fallocate(fd, (off_t)from, (off_t)size);
    if (error == EFBIG && !sigismember(&before, SIGXFSZ))
        sigtimedwait(&limit, NULL, &(struct timespec){ 0 });
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error == EFBIG ? ENOSPC : error;
}

static bool remember_mapping(struct weft_segment_file *file, void *at, uint64_t size)
{
    if (file->n_mappings == file->room) {
        size_t room = file->room ? 2 * file->room : 16;
        void *mappings = realloc(file->mappings, room * sizeof *file->mappings);
        if (!mappings)
            return false;
        file->mappings = mappings;
        file->room = room;
    }
    file->mappings[file->n_mappings++] = (struct weft_mapping){ at, size };
    return true;
}

/* Maps a part of the file; MAP_FAILED and errno. */
static void *map(struct weft_segment_file *file, uint64_t offset, uint64_t size, int populate)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | populate, file->fd,
                    (off_t)offset);
    if (at != MAP_FAILED && !remember_mapping(file, at, size)) {
        munmap(at, size);
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return at;
}

int weft_segment_create(struct weft_segment_file *file)
{
    int rc = create_file(file);
    if (rc < 0)
        return rc;
    pthread_mutex_init(&file->lock, NULL);
    file->size = FIXED_SIZE;
    rc = -allocate(file->fd, 0, file->size);
    char *base = MAP_FAILED;
    if (rc == 0) {
        base = map(file, 0, file->size, 0);
        if (base == MAP_FAILED)
            rc = -errno;
    }
    if (rc < 0) {
        unlink(file->path);
        close(file->fd);
        return rc;
    }
    file->segment = (void *)base;
    file->segment->directory_offset = WEFT_PAGE;
    file->segment->strings_offset = WEFT_PAGE + DIRECTORY_SIZE;
    file->segment->strings_size = STRINGS_SIZE;
    file->segment->tables_offset = WEFT_PAGE + DIRECTORY_SIZE + STRINGS_SIZE;
    file->directory = (void *)(base + file->segment->directory_offset);
    file->heap = (void *)(base + file->segment->strings_offset);
    file->tables = (void *)(base + file->segment->tables_offset);
    file->heap->size = STRINGS_SIZE;
    file->heap->used = sizeof *file->heap;
    return 0;
}

void weft_segment_publish(struct weft_segment_file *file)
{
    atomic_store_explicit(&file->segment->magic, WEFT_SEGMENT_MAGIC, memory_order_release);
}

static void *grow(struct weft_segment_file *file, uint64_t size, uint64_t *offset, int populate)
{
    if (file->fd < 0) {
        errno = EBADF;
        return NULL;
    }
    int error = allocate(file->fd, file->size, size);
    void *at = MAP_FAILED;
    if (error == 0) {
        at = map(file, file->size, size, populate);
        error = errno;
    }
    if (at == MAP_FAILED) {
        /* Give back what was allocated before it was full. */
        int rc = ftruncate(file->fd, (off_t)file->size);
        (void)rc; /* then it stays behind the end, and is used by whoever fits into it */
        errno = error;
        return NULL;
    }
    *offset = file->size;
    file->size += size;
    return at;
}

void *weft_segment_grow(struct weft_segment_file *file, uint64_t size, uint64_t *offset)
{
    pthread_mutex_lock(&file->lock);
    void *at = grow(file, size, offset, MAP_POPULATE);
    pthread_mutex_unlock(&file->lock);
    return at;
}

/* Its pages come as slots are used: most loops have a few tasks. */
struct weft_table_block *weft_segment_add_block(struct weft_segment_file *file,
                                                enum weft_table_kind kind, uint32_t ring,
                                                uint32_t *number)
{
    struct weft_table_directory *tables = file->tables;
    struct weft_table_block *block = NULL;
    uint64_t offset;
    pthread_mutex_lock(&file->lock);
    if (file->n_blocks == WEFT_TABLE_BLOCKS_MAX)
        errno = ENOSPC;
    else
        block = grow(file, WEFT_TABLE_BLOCK, &offset, 0);
    if (block) {
        block->kind = kind;
        block->ring = ring;
        *number = file->n_blocks++;
        atomic_store_explicit(&tables->offsets[*number], offset, memory_order_relaxed);
        atomic_store_explicit(&tables->blocks, file->n_blocks, memory_order_release);
    }
    pthread_mutex_unlock(&file->lock);
    return block;
}

void *weft_segment_add_area(struct weft_segment_file *file, uint64_t *n, uint64_t *offset)
{
    uint64_t wanted = *n;
    for (; *n >= 2; *n /= 2) {
        void *area = weft_segment_grow(file, *n * WEFT_CHUNK_SIZE, offset);
        if (area && *n < wanted)
            weft_log("no room in %s: this ring has %llu KiB instead of %llu", file->path,
                     (unsigned long long)*n * (WEFT_CHUNK_SIZE / 1024),
                     (unsigned long long)wanted * (WEFT_CHUNK_SIZE / 1024));
        if (area || errno != ENOSPC)
            return area;
    }
    return NULL;
}

void weft_segment_close(struct weft_segment_file *file)
{
    pthread_mutex_lock(&file->lock);
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
    pthread_mutex_unlock(&file->lock);
}

void weft_segment_forget(struct weft_segment_file *file)
{
    for (size_t i = 0; i < file->n_mappings; i++)
        mmap(file->mappings[i].at, file->mappings[i].size, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    if (file->segment && file->fd >= 0)
        close(file->fd);
    *file = (struct weft_segment_file){ .mappings = file->mappings, .room = file->room };
}
