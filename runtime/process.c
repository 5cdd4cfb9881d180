/* process.c: child processes: asyncio's Process and its transport (Lib/asyncio/subprocess.py,
 * base_subprocess.py). See process.h.
 *
 *      started -> SIGCHLD: reaped, in the poll -> exited, in the batch: waiters wake -> closed
 *
 * asyncio 3.13's wait() waits for the pipes' ends too, which a grandchild can hold open for ever
 * (gh-119710); here, as in later versions, it waits for the exit alone. */
#include "runtime/process.h"
#include "runtime/error.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOST = 255 }; /* the return code of one that somebody else waited for: asyncio's */

/* ---- SIGCHLD ---- */

struct weft__children {
    uv_signal_t sigchld;
#ifdef WEFT__TSAN
    uv_timer_t look_again;
#endif
    weft_loop *loop;
    weft_process *first;
};

static void close_streams(weft_process *process)
{
    for (int i = 0; i < 3; i++) {
        weft_unref(process->streams[i]);
        process->streams[i] = NULL;
    }
}

static void destroy(void *object)
{
    weft_process *process = object;
    close_streams(process);
    if (!process->exited && process->pid > 0) {
        process->object.refs = 1; /* the loop's, until it has exited */
        process->orphan = true;
        return;
    }
    if (process->io.open.next)
        weft__io_closed(&process->io);
    weft__loop_unref(process->io.loop);
    free(process);
}

static void on_watch_closed(uv_handle_t *handle)
{
    struct weft__children *children = handle->data;
    weft_loop *loop = children->loop;
    loop->uv_handles--;
    free(children);
    weft__loop_unref(loop);
}

/* ThreadSanitizer puts a signal off to a later moment, and now and then that never comes: there the
 * children are also asked about all the time. */
#ifdef WEFT__TSAN
static void on_sigchld(uv_signal_t *handle, int number);

static void on_look_again(uv_timer_t *timer)
{
    struct weft__children *children = timer->data;
    on_sigchld(&children->sigchld, SIGCHLD);
}

static void on_look_closed(uv_handle_t *handle)
{
    struct weft__children *children = handle->data;
    uv_close((uv_handle_t *)&children->sigchld, on_watch_closed);
}

static void open_look_again(struct weft__children *children)
{
    enum { MILLISECONDS = 20 };
    children->look_again.data = children;
    uv_timer_init(children->loop->uv, &children->look_again);
    uv_timer_start(&children->look_again, on_look_again, MILLISECONDS, MILLISECONDS);
}

static void close_watch(struct weft__children *children)
{
    uv_close((uv_handle_t *)&children->look_again, on_look_closed);
}
#else
static void open_look_again(struct weft__children *children)
{
    (void)children;
}

static void close_watch(struct weft__children *children)
{
    uv_close((uv_handle_t *)&children->sigchld, on_watch_closed);
}
#endif

/* There is a watch while there are children. */
static int watch(weft_loop *loop)
{
    if (loop->children)
        return 0;
    struct weft__children *children = calloc(1, sizeof *children);
    if (!children)
        return UV_ENOMEM;
    int rc = uv_signal_init(loop->uv, &children->sigchld);
    if (rc < 0) {
        free(children);
        return rc;
    }
    children->sigchld.data = children;
    children->loop = loop;
    weft__loop_ref(loop);
    loop->uv_handles++;
    loop->children = children;
    open_look_again(children);
    return 0;
}

static void unwatch_if_none(weft_loop *loop)
{
    struct weft__children *children = loop->children;
    if (!children || children->first)
        return;
    loop->children = NULL;
    close_watch(children);
}

/* The program is told: its exit is in the batch, or its loop is closing. */
static void tell(weft_process *process)
{
    weft_loop *loop = process->io.loop;
    process->exited = true;
    process->returncode = process->status < 0            ? LOST
                          : WIFSIGNALED(process->status) ? -WTERMSIG(process->status)
                                                         : WEXITSTATUS(process->status);
    weft__wake_waiters(&process->waiters, process->io.id);
    weft__trace(loop, WEFT_RECORD_OBJECT_FREE, 0, NULL, process->io.id, 0);
    weft__io_closed(&process->io);
    if (process->orphan)
        weft_unref(process);
}

static void run(struct weft__entry *entry)
{
    weft_process *process = weft__container(entry, weft_process, io.entry);
    weft_loop *loop = process->io.loop;
    uint64_t id = process->io.id;
    weft__callback_begin(loop, WEFT_HANDLE_CHILD, NULL, id, 0);
    tell(process);
    weft__callback_end(loop, WEFT_HANDLE_CHILD, id);
}

static bool reap(weft_process *process)
{
    pid_t pid;
    do
        pid = waitpid(process->pid, &process->status, WNOHANG);
    while (pid < 0 && errno == EINTR);
    if (pid == 0)
        return false;
    process->reaped = true;
    if (pid < 0) {
        process->status = -1;
        weft_log("process %d was waited for by somebody else: its return code is not known",
                 (int)process->pid);
    }
    return true;
}

static void on_sigchld(uv_signal_t *sigchld, int number)
{
    struct weft__children *children = sigchld->data;
    weft_loop *loop = children->loop;
    (void)number;
    for (weft_process **at = &children->first, *process; (process = *at);) {
        if (!reap(process)) {
            at = &process->next;
            continue;
        }
        *at = process->next;
        if (loop->closing)
            tell(process);
        else
            weft__io_ready(&process->io);
    }
    unwatch_if_none(loop);
}

/* The loop is closing: asyncio's transport kills what still runs. One that may not be killed is
 * left to itself. */
static void close_io(struct weft__io *io)
{
    weft_process *process = weft__container(io, weft_process, io);
    weft_loop *loop = io->loop;
    if (process->reaped || kill(process->pid, SIGKILL) == 0)
        return;
    for (weft_process **at = &loop->children->first; *at; at = &(*at)->next) {
        if (*at == process) {
            *at = process->next;
            break;
        }
    }
    process->reaped = true;
    process->status = -1;
    tell(process);
    unwatch_if_none(loop);
}

void weft__children_forget(const weft_loop *loop)
{
    if (loop && loop->children)
        sigaction(SIGCHLD, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
}

/* ---- Making ---- */

/* What a child's first three descriptors are made of; each its own, above them, closed on exec. */
struct ends {
    int child[3];
};

static void close_ends(struct ends *ends)
{
    for (int i = 0; i < 3; i++)
        if (ends->child[i] >= 0)
            close(ends->child[i]);
}

static const char *basename_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

/* Where this process has none of the first three, a new descriptor would be one of them, and be in
 * the way of the child's. Takes fd over; -1 and errno. */
static int above_standard(int fd)
{
    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    int above = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int number = errno;
    close(fd);
    errno = number;
    return above;
}

/* A pipe, whose other end becomes the process's stream. */
static int make_pipe(weft_site *site, weft_process *process, int i, const char *program,
                     size_t limit, struct ends *ends)
{
    static const char *const names[] = { "stdin", "stdout", "stderr" };
    char name[128];
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) < 0)
        return uv_translate_sys_error(errno);
    ends->child[i] = above_standard(fds[i != STDIN_FILENO]);
    int ours = above_standard(fds[i == STDIN_FILENO]);
    if (ends->child[i] < 0 || ours < 0) {
        if (ours >= 0)
            close(ours);
        return UV_EMFILE;
    }
    snprintf(name, sizeof name, "%s of %s", names[i], program);
    int rc = weft_open_pipe_at(site, ours, &process->streams[i],
                               (weft_pipe_options){ .limit = limit, .name = name });
    if (rc < 0)
        close(ours);
    return rc;
}

static int make_end(weft_site *site, weft_process *process, int i, int wanted, const char *program,
                    size_t limit, struct ends *ends)
{
    if (wanted == WEFT_PIPE)
        return make_pipe(site, process, i, program, limit, ends);
    if (wanted == WEFT_INHERIT || (wanted == WEFT_STDOUT && i == STDERR_FILENO))
        return 0;
    if (wanted == WEFT_DEVNULL)
        ends->child[i] = above_standard(open("/dev/null", O_RDWR | O_CLOEXEC));
    else if (wanted > 0)
        ends->child[i] = fcntl(wanted, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    else
        return UV_EINVAL;
    return ends->child[i] < 0 ? uv_translate_sys_error(errno) : 0;
}

static weft_process *process_new(weft_loop *loop, weft_site *site)
{
    weft_process *process = calloc(1, sizeof *process);
    if (!process)
        return NULL;
    weft__object_init(&process->object, WEFT__PROCESS, destroy);
    process->io.entry.run = run;
    process->io.close = close_io;
    process->io.kind = WEFT_HANDLE_CHILD;
    weft__io_open(loop, &process->io, WEFT_ENTITY_CHILD);
    weft__trace(loop, WEFT_RECORD_OBJECT_NEW, 0, site, process->io.id, 0);
    return process;
}

static int start(weft_site *site, weft_process *process, const char *const *argv,
                 const weft_process_options *options)
{
    weft_loop *loop = process->io.loop;
    const char *program = basename_of(argv[0]);
    const int wanted[] = { options->in, options->out, options->err };
    struct ends ends = { { -1, -1, -1 } };
    int rc = watch(loop);
    for (int i = 0; i < 3 && rc == 0; i++)
        rc = make_end(site, process, i, wanted[i], program, options->limit, &ends);
    if (rc == 0)
        rc = uv_signal_start(&loop->children->sigchld, on_sigchld, SIGCHLD);
    if (rc == 0) {
        uint64_t op = weft__op_start(loop, WEFT_OP_SPAWN, site, process->io.id, -1, 0);
        rc = weft__child_start(site, argv, options, ends.child, &process->pid);
        weft__op_end(loop, WEFT_OP_SPAWN, op, rc);
    }
    close_ends(&ends);
    if (weft_probe_recording()) {
        char name[128];
        snprintf(name, sizeof name, rc == 0 ? "%s (%d)" : "%s", program, (int)process->pid);
        weft__trace_name(loop, WEFT_RECORD_OBJECT_NAME, process->io.id, name);
    }
    return rc;
}

int weft_create_subprocess_exec_at(weft_site *site, weft_process **out, const char *const *argv,
                                   weft_process_options options)
{
    weft_loop *loop = weft__loop;
    if (!out || !argv || !argv[0] || !argv[0][0])
        return UV_EINVAL;
    *out = NULL;
    if (!loop || loop->closing)
        return WEFT_ENOLOOP;
    weft_process *process = process_new(loop, site);
    if (!process)
        return UV_ENOMEM;
    int rc = start(site, process, argv, &options);
    if (rc < 0) {
        process->pid = 0;
        weft__trace(loop, WEFT_RECORD_OBJECT_FREE, 0, NULL, process->io.id, 0);
        weft_unref(process);
        unwatch_if_none(loop);
        return rc;
    }
    process->next = loop->children->first;
    loop->children->first = process;
    *out = process;
    return 0;
}

/* ---- Using ---- */

int weft__process_check(const weft_process *process)
{
    if (!process)
        return UV_EINVAL;
    if (process->io.loop->closed)
        return WEFT_ECLOSED;
    if (!weft__current())
        return WEFT_ENOTASK;
    return weft__current()->future.loop == process->io.loop ? 0 : WEFT_ELOOP;
}

int weft_process_wait_at(weft_site *site, weft_process *process, int *returncode)
{
    int rc = weft__process_check(process);
    if (rc < 0)
        return rc;
    if (!process->exited) {
        weft_ref(process);
        rc = weft__stream_wait(&process->waiters, process->io.id, WEFT_AWAIT_CHILD, site);
        if (rc == 0 && returncode)
            *returncode = process->returncode;
        weft_unref(process);
    } else if (returncode) {
        *returncode = process->returncode;
    }
    return rc;
}

int weft_process_returncode(const weft_process *process)
{
    return !process ? UV_EINVAL : process->exited ? process->returncode : WEFT_EINVALSTATE;
}

pid_t weft_process_pid(const weft_process *process)
{
    return process ? process->pid : 0;
}

int weft_process_send_signal(weft_process *process, int number)
{
    if (!process)
        return UV_EINVAL;
    if (process->reaped)
        return UV_ESRCH; /* its pid may be another's by now */
    return kill(process->pid, number) == 0 ? 0 : uv_translate_sys_error(errno);
}

int weft_process_terminate(weft_process *process)
{
    return weft_process_send_signal(process, SIGTERM);
}

int weft_process_kill(weft_process *process)
{
    return weft_process_send_signal(process, SIGKILL);
}

weft_stream *weft_process_stdin(const weft_process *process)
{
    return process ? process->streams[STDIN_FILENO] : NULL;
}

weft_stream *weft_process_stdout(const weft_process *process)
{
    return process ? process->streams[STDOUT_FILENO] : NULL;
}

weft_stream *weft_process_stderr(const weft_process *process)
{
    return process ? process->streams[STDERR_FILENO] : NULL;
}
