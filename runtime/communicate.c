/* communicate.c: feeds a child and reads what it says until it ends: asyncio's Process.communicate
 * (Lib/asyncio/subprocess.py). A task for each pipe, for the child may write before it has read;
 * then the exit, which can be before the pipes' ends or behind them. */
#include "runtime/process.h"
#include <unistd.h>

/* A child that does not want its input is no failure. */
WEFT_ASYNC(void, feed, weft_process *, process, weft_bytes, input)
{
    weft_stream *stream = process->streams[STDIN_FILENO];
    weft_write(stream, input.data, input.len);
    int rc = weft_await(weft_drain(stream));
    if (rc < 0 && rc != UV_EPIPE && rc != UV_ECONNRESET)
        return rc;
    weft_close(stream);
    return 0;
}

WEFT_ASYNC(weft_bytes, read_all, weft_process *, process, int, fd)
{
    WEFT_TRY(weft_read(process->streams[fd], -1, result));
    weft_close(process->streams[fd]);
    return 0;
}

/* It keeps the process: it goes on when another of them has failed. NULL: there is no such pipe. */
static weft_task *task_of(weft_site *site, weft_process *process, int fd, weft_coro coro,
                          const char *name)
{
    if (!process->streams[fd])
        return NULL;
    weft_task *task = weft_create_task_at(site, coro,
                                          (weft_task_options){ .name = name,
                                                               .on_free = weft_unref,
                                                               .on_free_arg = weft_ref(process) });
    if (weft_done(task))
        weft_unref(process); /* it could not be made: nobody will call on_free */
    return task;
}

/* Borrowed from the stream. */
static void tell(weft_task *reader, weft_bytes *out)
{
    if (out)
        *out = reader ? weft_result(reader, weft_bytes) : (weft_bytes){ "", 0 };
}

static int communicate(weft_site *site, weft_process *process, weft_task *const tasks[3],
                       weft_bytes *out, weft_bytes *err)
{
    weft_task *pipes[3];
    size_t n = 0;
    for (int fd = 0; fd < 3; fd++)
        if (tasks[fd])
            pipes[n++] = tasks[fd];
    weft_own weft_future *all = weft_gather_futures(site, n, pipes, (weft_gather_options){ 0 });
    int rc = weft__await_future(all);
    if (rc == 0)
        rc = weft_process_wait_at(site, process, NULL);
    if (rc < 0)
        return rc;
    tell(tasks[STDOUT_FILENO], out);
    tell(tasks[STDERR_FILENO], err);
    return 0;
}

int weft_communicate_at(weft_site *site, weft_process *process, weft_bytes input, weft_bytes *out,
                        weft_bytes *err)
{
    int rc = weft__process_check(process);
    if (rc < 0)
        return rc;
    weft_task *tasks[3] = {
        task_of(site, process, STDIN_FILENO, weft_coro(feed(process, input)), "feed stdin"),
        task_of(site, process, STDOUT_FILENO, weft_coro(read_all(process, STDOUT_FILENO)),
                "read stdout"),
        task_of(site, process, STDERR_FILENO, weft_coro(read_all(process, STDERR_FILENO)),
                "read stderr"),
    };
    weft_ref(process);
    rc = communicate(site, process, tasks, out, err);
    for (int fd = 0; fd < 3; fd++)
        weft_unref(tasks[fd]);
    weft_unref(process);
    return rc;
}
