/* pool.c: see pool.h. */
#include "runtime/pool.h"
#include "runtime/context.h"
#include "tracer/probe/strings.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS_MAX = 1024, NAME_SIZE = 64 };

struct weft__pool {
    _Atomic uint32_t refs;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a job was queued, or it is to stop */
    struct weft__links queue;
    unsigned queued, threads, busy, limit; /* free threads: threads - busy */
    unsigned alive;                        /* threads that have not left */
    bool stopping;
    weft_handle *farewell; /* posted to `loop` by the thread that leaves last */
    struct weft__mailbox *loop;
    pthread_t *ids; /* of `threads` of them: to be joined */
    pid_t pid;      /* the child of a fork has none of the threads */
    char name[NAME_SIZE];
};

static bool forked(const struct weft__pool *pool)
{
    return pool->pid != getpid();
}

/* ---- Workers ---- */

static void trace_begin(struct weft__job *job)
{
    if (!weft_probe_recording())
        return;
    struct weft_writer *writer = weft_probe_thread_writer();
    weft_emit(writer, WEFT_RECORD_WORK_BEGIN, 0, 0, job->id, writer->owner);
}

static enum weft_outcome outcome(int rc)
{
    return rc == WEFT_ECANCELED ? WEFT_OUTCOME_CANCELLED
           : rc < 0             ? WEFT_OUTCOME_ERROR
                                : WEFT_OUTCOME_RESULT;
}

static void trace_end(struct weft__job *job)
{
    if (weft_probe_recording())
        weft_emit(weft_probe_thread_writer(), WEFT_RECORD_WORK_END, outcome(job->rc), 0, job->id,
                  0);
}

/* Hands it back; a loop that is closed does not want it. */
static void post(struct weft__job *job)
{
    if (weft__mailbox_post(job->mailbox, &job->handle, job->id) < 0)
        weft__unref(job);
}

/* The next job; NULL: leave. Counts this thread as busy until it asks again. */
static struct weft__job *next_job(struct weft__pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    while (weft__list_empty(&pool->queue) && !pool->stopping)
        pthread_cond_wait(&pool->changed, &pool->lock);
    struct weft__entry *entry = weft__list_pop(&pool->queue);
    if (entry) {
        pool->queued--;
        pool->busy++;
    }
    pthread_mutex_unlock(&pool->lock);
    return entry ? weft__container(entry, struct weft__job, queued) : NULL;
}

static void run_jobs(struct weft__pool *pool)
{
    for (struct weft__job *job; (job = next_job(pool));) {
        trace_begin(job);
        struct weft__context **outer = weft__context_enter(&job->handle.context);
        job->work(job);
        weft__context_leave(outer);
        trace_end(job);
        /* Free again before its loop can know: what that submits next finds this thread. */
        pthread_mutex_lock(&pool->lock);
        pool->busy--;
        pthread_mutex_unlock(&pool->lock);
        post(job);
    }
}

static void leave(struct weft__pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    weft_handle *farewell = --pool->alive == 0 ? pool->farewell : NULL;
    if (farewell)
        pool->farewell = NULL;
    pthread_mutex_unlock(&pool->lock);
    if (farewell && weft__mailbox_post(pool->loop, farewell, 0) < 0)
        weft__unref(farewell);
    weft__pool_unref(pool);
}

struct start {
    struct weft__pool *pool;
    unsigned number;
};

static void *worker(void *arg)
{
    struct start start = *(struct start *)arg;
    free(arg);
    struct weft__pool *pool = start.pool;
    char name[NAME_SIZE + 16];
    snprintf(name, sizeof name, "%s_%u", pool->name, start.number);
    if (weft_probe_recording()) {
        struct weft_writer *writer = weft_probe_thread_writer();
        weft_emit_name(writer, WEFT_RECORD_OBJECT_NAME, writer->owner, name);
    }
    name[15] = 0; /* as long as Linux allows */
    pthread_setname_np(pthread_self(), name);
    run_jobs(pool);
    leave(pool);
    return NULL;
}

/* The loops' threads take the program's signals; what a worker does itself hits the worker. */
static void block_signals(sigset_t *before)
{
    static const int own[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF };
    sigset_t blocked;
    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        sigdelset(&blocked, own[i]);
    pthread_sigmask(SIG_SETMASK, &blocked, before);
}

/* Under the lock. */
static int start_thread(struct weft__pool *pool)
{
    struct start *start = malloc(sizeof *start);
    if (!start)
        return UV_ENOMEM;
    *start = (struct start){ pool, pool->threads };
    sigset_t before;
    block_signals(&before);
    int error = pthread_create(&pool->ids[pool->threads], NULL, worker, start);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error) {
        free(start);
        return uv_translate_sys_error(error);
    }
    pool->threads++;
    pool->alive++;
    atomic_fetch_add_explicit(&pool->refs, 1, memory_order_relaxed); /* the thread's */
    return 0;
}

/* ---- Pools ---- */

struct weft__pool *weft__pool_new(unsigned threads, const char *name)
{
    if (threads == 0) {
        threads = uv_available_parallelism() + 4;
        threads = threads < 32 ? threads : 32;
    }
    struct weft__pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return NULL;
    pool->limit = threads < THREADS_MAX ? threads : THREADS_MAX;
    pool->ids = calloc(pool->limit, sizeof *pool->ids);
    if (!pool->ids) {
        free(pool);
        return NULL;
    }
    pool->refs = 1;
    pool->pid = getpid();
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->changed, NULL);
    weft__list_init(&pool->queue);
    snprintf(pool->name, sizeof pool->name, "%s", name);
    return pool;
}

void weft__pool_unref(struct weft__pool *pool)
{
    if (!pool || atomic_fetch_sub_explicit(&pool->refs, 1, memory_order_acq_rel) > 1)
        return;
    if (!forked(pool)) { /* else they are as the parent's other threads left them */
        pthread_mutex_destroy(&pool->lock);
        pthread_cond_destroy(&pool->changed);
    }
    weft__mailbox_unref(pool->loop);
    free(pool->ids);
    free(pool);
}

static bool is_worker(struct weft__pool *pool)
{
    for (unsigned i = 0; i < pool->threads; i++)
        if (pthread_equal(pool->ids[i], pthread_self()))
            return true;
    return false;
}

int weft__pool_shutdown(struct weft__pool *pool)
{
    if (forked(pool)) {
        atomic_fetch_sub_explicit(&pool->refs, pool->alive, memory_order_relaxed);
        pool->alive = 0; /* the parent's: none of them is here to give its reference back */
        return 0;
    }
    pthread_mutex_lock(&pool->lock);
    bool own = is_worker(pool);
    unsigned threads = own ? 0 : pool->threads;
    pool->threads -= threads; /* whoever comes second has none to join */
    if (!own)
        pool->stopping = true;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < threads; i++)
        pthread_join(pool->ids[i], NULL);
    return own ? WEFT_EDEADLOCK : 0;
}

struct weft__pool *weft__pool_of(weft_loop *loop)
{
    if (!loop->pool && !loop->closing)
        loop->pool = weft__pool_new(loop->pool_threads, "weft");
    return loop->pool;
}

struct farewell {
    weft_handle handle;
    weft_future *left; /* a reference */
};

static void free_farewell(void *object)
{
    struct farewell *farewell = object;
    weft_unref(farewell->left);
    weft__handle_finish(&farewell->handle);
    free(farewell);
}

static void on_farewell(void *farewell)
{
    weft_set_result_at(NULL, ((struct farewell *)farewell)->left, NULL, 0, NULL);
}

/* Whether there are threads, the last of which will post it. */
static bool ask_to_leave(struct weft__pool *pool, struct weft__mailbox *mailbox,
                         weft_handle *farewell)
{
    pthread_mutex_lock(&pool->lock);
    bool any = pool->alive > 0;
    pool->stopping = true;
    if (any) {
        pool->loop = weft__mailbox_ref(mailbox);
        pool->farewell = farewell;
    }
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
    return any;
}

void weft__pool_shutdown_running(weft_loop *loop)
{
    if (!loop->pool)
        return;
    weft_future *left = weft_future_new();
    struct farewell *farewell = left ? weft__object_new(sizeof *farewell) : NULL;
    if (farewell) {
        weft__handle_init(&farewell->handle, WEFT_HERE, on_farewell, farewell, free_farewell);
        farewell->left = weft_ref(left);
        if (ask_to_leave(loop->pool, loop->mailbox, &farewell->handle))
            weft_loop_run_until_complete(loop, left);
        else
            weft__unref(farewell);
    }
    weft_unref(left);
    weft__pool_shutdown(loop->pool);
}

static void unlink_job(struct weft__job *job)
{
    job->all.next->prev = job->all.prev;
    job->all.prev->next = job->all.next;
    job->all = (struct weft__links){ NULL, NULL };
}

static void let_go(struct weft__job *job)
{
    if (job->let_go)
        job->let_go(job);
}

void weft__jobs_close(weft_loop *loop)
{
    struct weft__links *at, *next;
    for (at = loop->jobs.next; at != &loop->jobs; at = next) {
        next = at->next;
        struct weft__job *job = weft__container(at, struct weft__job, all);
        if (weft__job_withdraw(job, loop)) {
            let_go(job);
            weft__unref(job);
        }
    }
    if (loop->pool)
        weft__pool_shutdown(loop->pool);
    while (loop->jobs.next != &loop->jobs) {
        struct weft__job *job = weft__container(loop->jobs.next, struct weft__job, all);
        unlink_job(job);
        let_go(job);
    }
    weft__pool_unref(loop->pool);
    loop->pool = NULL;
}

/* ---- Jobs ---- */

static void ended(void *arg)
{
    struct weft__job *job = arg;
    unlink_job(job);
    job->over = true;
    if (job->ended)
        job->ended(job);
    else if (job->waiter)
        weft__wake(job->waiter, WEFT_WAKE_THREAD, job->id);
    else if (job->late)
        job->late(job);
}

static void destroy(void *object)
{
    struct weft__job *job = object;
    weft__handle_finish(&job->handle);
    weft__pool_unref(job->pool);
    weft__mailbox_unref(job->mailbox);
    job->free(job);
}

void *weft__job_new(size_t size, weft_site *site, void (*work)(struct weft__job *),
                    void (*free_job)(struct weft__job *))
{
    struct weft__job *job = weft__object_new(size);
    if (!job)
        return NULL;
    weft__handle_init(&job->handle, site, ended, job, destroy);
    job->work = work;
    job->free = free_job;
    return job;
}

static int enqueue(struct weft__pool *pool, struct weft__job *job)
{
    if (forked(pool))
        return WEFT_ECLOSED;
    pthread_mutex_lock(&pool->lock);
    int rc = pool->stopping ? WEFT_ECLOSED : 0;
    if (rc == 0 && pool->queued >= pool->threads - pool->busy && pool->threads < pool->limit) {
        rc = start_thread(pool);
        if (pool->threads > 0)
            rc = 0; /* those there are will do */
    }
    if (rc == 0) {
        weft__list_append(&pool->queue, &job->queued);
        pool->queued++;
    }
    pthread_mutex_unlock(&pool->lock);
    if (rc == 0)
        pthread_cond_signal(&pool->changed);
    return rc;
}

static void trace_submit(weft_loop *loop, struct weft__job *job, const char *name)
{
    pthread_mutex_lock(&job->pool->lock);
    unsigned before = job->pool->queued;
    pthread_mutex_unlock(&job->pool->lock);
    weft__emit(loop, 0, WEFT_RECORD_WORK_SUBMIT, 0, job->handle.timer.site, job->id, before);
    weft__emit_name(loop, WEFT_RECORD_OBJECT_NAME, job->id, name);
}

int weft__job_submit(struct weft__job *job, weft_loop *loop, struct weft__pool *pool,
                     const char *name)
{
    if (!pool)
        return loop->closing ? WEFT_ECLOSED : UV_ENOMEM;
    atomic_fetch_add_explicit(&pool->refs, 1, memory_order_relaxed);
    job->pool = pool;
    job->mailbox = weft__mailbox_ref(loop->mailbox);
    if (job->id == 0)
        job->id = weft_new_id(loop->writer, WEFT_ENTITY_JOB);
    struct weft__links *last = loop->jobs.prev;
    job->all = (struct weft__links){ &loop->jobs, last };
    last->next = loop->jobs.prev = &job->all;
    if (weft_probe_recording())
        trace_submit(loop, job, name);
    int rc = enqueue(pool, job);
    if (rc < 0) {
        unlink_job(job);
        weft__trace(loop, WEFT_RECORD_WORK_END, outcome(rc), NULL, job->id, 0);
    }
    return rc;
}

bool weft__job_withdraw(struct weft__job *job, weft_loop *loop)
{
    struct weft__pool *pool = job->pool;
    if (job->over || forked(pool))
        return false;
    pthread_mutex_lock(&pool->lock);
    bool waits = weft__linked(&job->queued);
    if (waits) {
        weft__unlink(&job->queued);
        pool->queued--;
    }
    pthread_mutex_unlock(&pool->lock);
    if (!waits)
        return false;
    unlink_job(job);
    job->over = true;
    weft__trace(loop, WEFT_RECORD_WORK_END, WEFT_OUTCOME_CANCELLED, NULL, job->id, 0);
    return true;
}

/* The task stops waiting, and has a reference of its own. */
static void stop_waiting(struct weft__job *job, weft_loop *loop)
{
    job->waiter = NULL;
    if (weft__job_withdraw(job, loop))
        weft__unref(job); /* the queue's */
    if (job->over && job->late)
        job->late(job);
    weft__unref(job);
}

int weft__job_await(struct weft__job *job, const char *name, enum weft_await_kind kind,
                    uint64_t what, weft_site *site)
{
    struct weft__task *task = weft__current();
    weft_loop *loop = task->future.loop;
    int rc = weft__job_submit(job, loop, weft__pool_of(loop), name);
    if (rc < 0) {
        if (job->late)
            job->late(job);
        weft__unref(job);
        return rc;
    }
    weft__ref(job);
    job->waiter = task;
    rc = weft__wait(task, kind, what, site);
    if (rc < 0)
        stop_waiting(job, loop);
    return rc;
}
