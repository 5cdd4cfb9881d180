/* path.c: see path.h; and what is no more than one system call: stat, unlink, mkdir, rmdir, rename.
 * Each job has copies of its paths: it may outlive whoever asked for it. */
#include "runtime/path.h"
#include "runtime/error.h"
#include "runtime/stream.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void weft__path_free(struct weft__job *job)
{
    struct weft__path_job *path_job = (struct weft__path_job *)job;
    free(path_job->path);
    free(path_job->to);
    free(path_job);
}

void *weft__path_job_new(size_t size, weft_site *site, const char *path, const char *to,
                         void (*work)(struct weft__job *), void (*free_job)(struct weft__job *))
{
    struct weft__path_job *job = weft__job_new(size, site, work, free_job);
    if (!job)
        return NULL;
    job->path = strdup(path);
    job->to = to ? strdup(to) : NULL;
    if (!job->path || (to && !job->to)) {
        weft__unref(job);
        return NULL;
    }
    return job;
}

int weft__path_await(struct weft__path_job *job, enum weft_op_kind kind, const char *verb,
                     weft_site *site)
{
    weft_loop *loop = weft__current()->future.loop;
    char path[512]; /* the job may be gone when it is named */
    snprintf(path, sizeof path, "%s", job->path);
    uint64_t op = weft__op_start(loop, kind, site, 0, -1, 0);
    weft__trace_name(loop, WEFT_RECORD_OBJECT_NAME, op, path);
    int rc = weft__job_await(&job->job, verb, WEFT_AWAIT_FILE, op, site);
    if (rc == 0 && job->job.rc < 0) {
        rc = job->job.rc;
        weft__unref(job);
    }
    weft__op_end(loop, kind, op, rc);
    if (rc < 0 && rc != WEFT_ECANCELED && rc != WEFT_ECLOSED)
        weft_raise_at(site, rc, "cannot %s %s: %s", verb, path, weft_strerror(rc));
    return rc;
}

/* ---- One call each ---- */

struct call {
    struct weft__path_job path;
    struct stat status;
    mode_t mode;
};

static void work_stat(struct weft__job *job)
{
    struct call *call = (struct call *)job;
    if (stat(call->path.path, &call->status) < 0)
        weft__job_errno(job, errno);
}

static void work_unlink(struct weft__job *job)
{
    if (unlink(((struct call *)job)->path.path) < 0)
        weft__job_errno(job, errno);
}

static void work_rmdir(struct weft__job *job)
{
    if (rmdir(((struct call *)job)->path.path) < 0)
        weft__job_errno(job, errno);
}

static void work_mkdir(struct weft__job *job)
{
    struct call *call = (struct call *)job;
    if (mkdir(call->path.path, call->mode) < 0)
        weft__job_errno(job, errno);
}

static void work_rename(struct weft__job *job)
{
    struct call *call = (struct call *)job;
    if (rename(call->path.path, call->path.to) < 0)
        weft__job_errno(job, errno);
}

static int call_new(weft_site *site, const char *path, const char *to,
                    void (*work)(struct weft__job *), struct call **out)
{
    if (!path)
        return UV_EINVAL;
    if (!weft__current())
        return WEFT_ENOTASK;
    *out = weft__path_job_new(sizeof **out, site, path, to, work, weft__path_free);
    return *out ? 0 : UV_ENOMEM;
}

int weft_stat_at(weft_site *site, const char *path, struct stat *status)
{
    struct call *call;
    int rc = status ? call_new(site, path, NULL, work_stat, &call) : UV_EINVAL;
    if (rc == 0)
        rc = weft__path_await(&call->path, WEFT_OP_STAT, "stat", site);
    if (rc < 0)
        return rc;
    *status = call->status;
    weft__unref(call);
    return 0;
}

static int do_to_path(weft_site *site, const char *path, const char *to, mode_t mode,
                      void (*work)(struct weft__job *), const char *verb)
{
    struct call *call;
    int rc = call_new(site, path, to, work, &call);
    if (rc < 0)
        return rc;
    call->mode = mode;
    rc = weft__path_await(&call->path, WEFT_OP_OTHER, verb, site);
    if (rc == 0)
        weft__unref(call);
    return rc;
}

int weft_unlink_at(weft_site *site, const char *path)
{
    return do_to_path(site, path, NULL, 0, work_unlink, "unlink");
}

int weft_rmdir_at(weft_site *site, const char *path)
{
    return do_to_path(site, path, NULL, 0, work_rmdir, "rmdir");
}

int weft_mkdir_at(weft_site *site, const char *path, weft_mkdir_options options)
{
    return do_to_path(site, path, NULL, options.mode ? options.mode : 0777, work_mkdir, "mkdir");
}

int weft_rename_at(weft_site *site, const char *from, const char *to)
{
    return to ? do_to_path(site, from, to, 0, work_rename, "rename") : UV_EINVAL;
}
