/* file.c: an open file, what aiofiles is taken for: every operation is a job of the loop's pool.
 *
 * Who comes while another operation has the file waits for its turn, first come, first served. The
 * turn goes on when the operation's task has resumed, or when its job has ended, if nobody waits
 * for it any more.
 *
 * Bytes are read ahead into the file's buffer, and taken from it in the task: so a reader that is
 * cancelled takes nothing, and what its job reads is there for the next. What was taken lies in
 * `handed`. */
#include "runtime/file.h"
#include "runtime/error.h"
#include "runtime/stream.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct turn { /* on the waiting task's stack */
    struct weft__entry entry;
    struct weft__task *task;
    bool granted;
};

/* ---- Turns ---- */

static void give_turn(weft_file *file)
{
    struct weft__entry *entry = weft__list_pop(&file->turns);
    if (!entry) {
        file->busy = false;
        return;
    }
    struct turn *turn = weft__container(entry, struct turn, entry);
    turn->granted = true;
    weft__wake(turn->task, WEFT_WAKE_RESOURCE, file->id);
}

static int take_turn(weft_file *file, weft_site *site)
{
    if (!file->busy) {
        file->busy = true;
        return 0;
    }
    struct turn turn = { .task = weft__current() };
    weft__list_append(&file->turns, &turn.entry);
    int rc = weft__wait(turn.task, WEFT_AWAIT_FILE, file->id, site);
    if (rc < 0 && turn.granted)
        give_turn(file);
    else if (rc < 0)
        weft__unlink(&turn.entry);
    return rc;
}

/* ---- Operations ---- */

static int check(const weft_file *file)
{
    struct weft__task *task = weft__current();
    if (!file)
        return UV_EINVAL;
    if (!task)
        return WEFT_ENOTASK;
    if (file->loop != task->future.loop)
        return WEFT_ELOOP;
    return file->closing ? WEFT_ECLOSED : 0;
}

/* Takes the file's turn for the current task; 0: it has it, and a reference. */
static int begin(weft_file *file, weft_site *site)
{
    int rc = check(file);
    if (rc < 0)
        return rc;
    weft__ref(file);
    rc = take_turn(file, site);
    if (rc < 0)
        weft__unref(file);
    return rc;
}

static void end(weft_file *file)
{
    give_turn(file);
    weft__unref(file);
}

static void free_job(struct weft__job *base)
{
    struct weft__file_job *job = (struct weft__file_job *)base;
    if (job->job.work == weft__file_close && job->fd >= 0)
        close(job->fd); /* it was not to be called */
    weft__unref(job->file);
    free(job->data);
    free(job);
}

/* Nobody waits for it any more. */
static void late(struct weft__job *job)
{
    give_turn(((struct weft__file_job *)job)->file);
}

struct operation {
    enum weft_op_kind kind;
    const char *name;
    void (*work)(struct weft__job *job);
};

static struct weft__file_job *job_new(weft_file *file, weft_site *site,
                                      const struct operation *operation)
{
    struct weft__file_job *job = weft__job_new(sizeof *job, site, operation->work, free_job);
    if (!job)
        return NULL;
    job->job.late = late;
    job->file = weft__ref(file);
    job->fd = file->fd;
    return job;
}

/* Runs a job in the caller's turn, which is over if it fails, and with it the caller's reference.
 * job NULL: out of memory. 0: the job is the caller's. */
static int run(weft_file *file, struct weft__file_job *job, const struct operation *operation,
               weft_site *site)
{
    if (!job) {
        end(file);
        return UV_ENOMEM;
    }
    weft_loop *loop = file->loop;
    size_t size = job->data ? job->size : job->want;
    uint64_t op = weft__op_start(loop, operation->kind, site, file->id, job->fd,
                                 size == SIZE_MAX ? 0 : size);
    int rc = weft__job_await(&job->job, operation->name, WEFT_AWAIT_FILE, file->id, site);
    int64_t status = rc;
    if (rc == 0 && job->job.rc < 0) {
        status = rc = job->job.rc;
        weft__unref(job);
        give_turn(file);
    } else if (rc == 0) {
        status = job->job.work == weft__file_read ? (int64_t)weft__file_unread(file)
                                                  : (int64_t)job->size;
    }
    weft__op_end(loop, operation->kind, op, status);
    if (rc < 0 && rc != WEFT_ECANCELED && rc != WEFT_ECLOSED)
        weft_raise_at(site, rc, "cannot %s %s: %s", operation->name, file->path, weft_strerror(rc));
    if (rc < 0)
        weft__unref(file);
    return rc;
}

/* Takes n unread bytes. */
static int hand_out(weft_file *file, size_t n, weft_bytes *out)
{
    if (n > 0 && file->start == 0 && n == file->end) { /* all: the memory goes over as it is */
        char *buffer = file->handed;
        size_t room = file->handed_room;
        file->handed = file->buffer;
        file->handed_room = file->room;
        file->buffer = buffer;
        file->room = room;
        file->end = 0;
    } else {
        if (file->handed_room < n + 1) {
            char *handed = realloc(file->handed, n + 1);
            if (!handed)
                return UV_ENOMEM;
            file->handed = handed;
            file->handed_room = n + 1;
        }
        if (n > 0)
            memcpy(file->handed, file->buffer + file->start, n);
        file->start += n;
    }
    file->handed[n] = 0;
    *out = (weft_bytes){ file->handed, n };
    return 0;
}

static size_t line_length(const weft_file *file)
{
    const char *from = file->buffer + file->start;
    const char *newline = weft__file_unread(file) > 0 ? memchr(from, '\n', weft__file_unread(file))
                                                      : NULL;
    return newline ? (size_t)(newline - from) + 1 : weft__file_unread(file);
}

static int read_some(weft_file *file, size_t want, bool line, weft_bytes *out, weft_site *site)
{
    static const struct operation reading = { WEFT_OP_READ, "read", weft__file_read };
    if (!out)
        return UV_EINVAL;
    *out = (weft_bytes){ "", 0 };
    int rc = begin(file, site);
    size_t scanned = 0;
    if (rc < 0)
        return rc;
    if (!weft__file_enough(file, want, line, &scanned)) {
        struct weft__file_job *job = job_new(file, site, &reading);
        if (job) {
            job->want = want;
            job->line = line;
        }
        rc = run(file, job, &reading, site);
        if (rc < 0)
            return rc;
        weft__unref(job);
    }
    size_t n = line ? line_length(file) : weft__file_unread(file);
    rc = hand_out(file, n < want ? n : want, out);
    end(file);
    return rc;
}

int weft_file_read_at(weft_site *site, weft_file *file, ssize_t max, weft_bytes *out)
{
    return read_some(file, max < 0 ? SIZE_MAX : (size_t)max, false, out, site);
}

int weft_file_readline_at(weft_site *site, weft_file *file, weft_bytes *out)
{
    return read_some(file, SIZE_MAX, true, out, site);
}

int weft_file_write_at(weft_site *site, weft_file *file, const void *data, size_t size)
{
    static const struct operation writing = { WEFT_OP_WRITE, "write", weft__file_write };
    if (!data && size > 0)
        return UV_EINVAL;
    int rc = begin(file, site);
    if (rc < 0)
        return rc;
    struct weft__file_job *job = job_new(file, site, &writing);
    if (job && !(job->data = malloc(size + 1))) {
        weft__unref(job);
        job = NULL;
    }
    if (job) {
        job->size = size;
        if (size > 0)
            memcpy(job->data, data, size);
    }
    rc = run(file, job, &writing, site);
    if (rc < 0)
        return rc;
    weft__unref(job);
    end(file);
    return 0;
}

/* One without data. */
static int operate(weft_file *file, const struct operation *operation, int64_t offset, int whence,
                   int64_t *result, weft_site *site)
{
    int rc = begin(file, site);
    if (rc < 0)
        return rc;
    struct weft__file_job *job = job_new(file, site, operation);
    if (job) {
        job->offset = offset;
        job->whence = whence;
    }
    rc = run(file, job, operation, site);
    if (rc < 0)
        return rc;
    if (result)
        *result = job->result;
    weft__unref(job);
    end(file);
    return 0;
}

int weft_file_seek_at(weft_site *site, weft_file *file, int64_t offset, int whence,
                      int64_t *position)
{
    static const struct operation seeking = { WEFT_OP_OTHER, "seek", weft__file_seek };
    if (whence != SEEK_SET && whence != SEEK_CUR && whence != SEEK_END)
        return UV_EINVAL;
    return operate(file, &seeking, offset, whence, position, site);
}

int weft_file_tell_at(weft_site *site, weft_file *file, int64_t *position)
{
    static const struct operation telling = { WEFT_OP_OTHER, "tell", weft__file_tell };
    return position ? operate(file, &telling, 0, 0, position, site) : UV_EINVAL;
}

int weft_file_truncate_at(weft_site *site, weft_file *file, int64_t size)
{
    static const struct operation truncating = { WEFT_OP_OTHER, "truncate", weft__file_truncate };
    return operate(file, &truncating, size, 0, NULL, site);
}

int weft_file_flush_at(weft_site *site, weft_file *file)
{
    static const struct operation flushing = { WEFT_OP_OTHER, "flush", weft__file_flush };
    return operate(file, &flushing, 0, 0, NULL, site);
}

/* ---- Life ---- */

int weft_file_close_at(weft_site *site, weft_file *file)
{
    static const struct operation closing = { WEFT_OP_CLOSE, "close", weft__file_close };
    int rc = check(file);
    if (rc < 0)
        return rc == WEFT_ECLOSED ? 0 : rc;
    file->closing = true; /* whatever comes of this: the last reference closes it too */
    weft__ref(file);
    rc = take_turn(file, site);
    if (rc < 0) {
        weft__unref(file);
        return rc;
    }
    struct weft__file_job *job = job_new(file, site, &closing);
    if (job)
        file->fd = -1; /* the job's now */
    rc = run(file, job, &closing, site);
    if (rc < 0)
        return rc;
    weft__unref(job);
    end(file);
    return 0;
}

static void destroy(void *object)
{
    weft_file *file = object;
    if (file->fd >= 0)
        close(file->fd);
    if (!file->loop->closed)
        weft__trace(file->loop, WEFT_RECORD_OBJECT_FREE, 0, NULL, file->id, 0);
    free(file->path);
    free(file->buffer);
    free(file->handed);
    weft__loop_unref(file->loop);
    free(file);
}

static weft_file *file_new(weft_loop *loop, weft_site *site, char *path, int fd)
{
    weft_file *file = weft__object_new(sizeof *file);
    if (!file)
        return NULL;
    weft__object_init(&file->object, WEFT__FILE, destroy);
    weft__list_init(&file->turns);
    file->loop = loop;
    weft__loop_ref(loop);
    file->path = path;
    file->fd = fd;
    file->id = weft_new_id(loop->writer, WEFT_ENTITY_STREAM);
    weft__trace(loop, WEFT_RECORD_OBJECT_NEW, 0, site, file->id, 0);
    weft__trace_name(loop, WEFT_RECORD_OBJECT_NAME, file->id, path);
    return file;
}

struct opening {
    struct weft__path_job path;
    int flags, fd;
    bool opened; /* and nobody has taken it */
};

static void work_open(struct weft__job *job)
{
    struct opening *opening = (struct opening *)job;
    struct stat status;
    opening->fd = open(opening->path.path, opening->flags, 0666);
    opening->opened = opening->fd >= 0;
    if (!opening->opened)
        weft__job_errno(job, errno);
    else if (fstat(opening->fd, &status) == 0 && S_ISDIR(status.st_mode))
        job->rc = UV_EISDIR;
    else if (opening->flags & O_APPEND)
        lseek(opening->fd, 0, SEEK_END); /* where it will write: so that tell says so */
}

static void free_opening(struct weft__job *job)
{
    struct opening *opening = (struct opening *)job;
    if (opening->opened)
        close(opening->fd);
    weft__path_free(job);
}

/* Python's: one of r, w, a, x, then + or nothing; a b changes nothing. -1: none of these. */
static int flags_of(const char *mode)
{
    static const struct {
        const char *mode;
        int flags;
    } modes[] = {
        { "r", O_RDONLY },
        { "w", O_WRONLY | O_CREAT | O_TRUNC },
        { "a", O_WRONLY | O_CREAT | O_APPEND },
        { "x", O_WRONLY | O_CREAT | O_EXCL },
        { "r+", O_RDWR },
        { "w+", O_RDWR | O_CREAT | O_TRUNC },
        { "a+", O_RDWR | O_CREAT | O_APPEND },
        { "x+", O_RDWR | O_CREAT | O_EXCL },
    };
    char plain[3] = "";
    for (size_t n = 0; mode && *mode; mode++) {
        if (*mode == 'b' && n > 0)
            continue;
        if (n + 1 >= sizeof plain)
            return -1;
        plain[n++] = *mode;
    }
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        if (strcmp(plain, modes[i].mode) == 0)
            return modes[i].flags | O_CLOEXEC;
    return -1;
}

int weft_file_open_at(weft_site *site, const char *path, const char *mode, weft_file **out)
{
    struct weft__task *task = weft__current();
    int flags = flags_of(mode);
    if (out)
        *out = NULL;
    if (!out || !path || flags < 0)
        return UV_EINVAL;
    if (!task)
        return WEFT_ENOTASK;
    struct opening *opening = weft__path_job_new(sizeof *opening, site, path, NULL, work_open,
                                                 free_opening);
    if (!opening)
        return UV_ENOMEM;
    opening->flags = flags;
    int rc = weft__path_await(&opening->path, WEFT_OP_OPEN, "open", site);
    if (rc < 0)
        return rc;
    *out = file_new(task->future.loop, site, opening->path.path, opening->fd);
    if (*out) { /* both are the file's now */
        opening->path.path = NULL;
        opening->opened = false;
    }
    weft__unref(opening);
    return *out ? 0 : UV_ENOMEM;
}

int weft_file_fd(weft_file *file)
{
    return file ? file->fd : -1;
}

const char *weft_file_path(weft_file *file)
{
    return file ? file->path : "";
}
