/* pool.h: threads that run blocking jobs, first in, first out.
 *
 *      loop's thread                 worker                          loop's thread
 *      submit -> queue: job, job ->  work(job)  -> loop's mailbox -> ended(job)  -> free(job)
 *
 * Threads start when a job finds none free, up to a limit, and stay until the pool is shut down; an
 * idle one sleeps. A job is one reference that travels that way; whoever waits for it has one of
 * his own. What it works with is in its own memory: its waiter may be gone by then.
 *
 * Thread: the queue is guarded by the pool's lock. A job's `ended`, `late` and `let_go` are called
 * by its loop's thread; `work` by a worker; `free` by whoever held it last. */
#ifndef WEFT_POOL_H
#define WEFT_POOL_H

#include "runtime/mailbox.h"
#include "runtime/task.h"

struct weft__pool;

struct weft__job {
    weft_handle handle;        /* first: what the worker posts; its reference count is the job's */
    struct weft__entry queued; /* in the pool's queue */
    struct weft__links all;    /* in its loop's list until `ended`, or withdrawn */
    struct weft__pool *pool;
    struct weft__mailbox *mailbox;
    uint64_t id;               /* 0: submit gives it one */
    struct weft__task *waiter; /* weft__job_await's */
    bool over;                 /* it ended, or never will: nobody else touches it any more */
    int rc;                    /* what came of it: work's to set */

    void (*work)(struct weft__job *job);
    void (*ended)(struct weft__job *job);  /* NULL: wakes the waiter */
    void (*late)(struct weft__job *job);   /* it is over, and nobody waits for it; or NULL */
    void (*let_go)(struct weft__job *job); /* its loop is closed before it ended; or NULL */
    void (*free)(struct weft__job *job);   /* all but the runtime's part, and its memory */
};

/* ---- Pools ---- */

/* threads: at most, 0: as many as asyncio has. name: of its threads, before their number, copied.
 * NULL: out of memory. One reference is the caller's. */
struct weft__pool *weft__pool_new(unsigned threads, const char *name);
void weft__pool_unref(struct weft__pool *pool);
/* Waits until all its jobs have ended, then for its threads. From now on it takes none. 0, or
 * WEFT_EDEADLOCK from one of its own threads. Any thread; blocks it. */
int weft__pool_shutdown(struct weft__pool *pool);
/* The loop's own, made at first use. NULL: out of memory, or it is closing. */
struct weft__pool *weft__pool_of(weft_loop *loop);
/* The same wait, but the loop runs on meanwhile: at the end of run(). */
void weft__pool_shutdown_running(weft_loop *loop);
/* The loop is being closed: jobs that have not begun never do, its own pool's that have are waited
 * for, those in other pools are left alone. */
void weft__jobs_close(weft_loop *loop);

/* ---- Jobs ---- */

/* A zeroed block of `size` bytes that begins with a job; NULL: out of memory. */
void *weft__job_new(size_t size, weft_site *site, void (*work)(struct weft__job *),
                    void (*free_job)(struct weft__job *));
/* Queues it, and hands over the reference. `name`: in the trace, copied. 0, or what
 * was wrong, and the reference is still the caller's: UV_ENOMEM, WEFT_ECLOSED when the pool is shut
 * down, UV_EAGAIN when there is no thread and none can be made. */
int weft__job_submit(struct weft__job *job, weft_loop *loop, struct weft__pool *pool,
                     const char *name);
/* Takes a job that has not begun out of the queue: the reference is the caller's again. */
bool weft__job_withdraw(struct weft__job *job, weft_loop *loop);
/* Runs it in the loop's own pool while the current task waits. 0: it has ended, and the reference
 * is the caller's. Negative: it was not to be submitted, or the task is not to wait any more; then
 * it is gone, or goes by itself once it has ended, and `late` is called either way. */
int weft__job_await(struct weft__job *job, const char *name, enum weft_await_kind kind,
                    uint64_t what, weft_site *site);

#endif
