/* path.h: jobs that do something to what a path names. */
#ifndef WEFT_PATH_H
#define WEFT_PATH_H

#include "runtime/pool.h"

struct weft__path_job {
    struct weft__job job;
    char *path, *to; /* copies; to: rename's, else NULL */
};

/* A zeroed block of `size` bytes that begins with a path job; free_job ends with path_free. NULL:
 * out of memory. */
void *weft__path_job_new(size_t size, weft_site *site, const char *path, const char *to,
                         void (*work)(struct weft__job *), void (*free_job)(struct weft__job *));
void weft__path_free(struct weft__job *job);
/* Runs it, and waits. 0: it is done, and the reference the caller's. Negative: it failed, for which
 * there is an error object that names the path, or is gone; nothing is the caller's. verb: static,
 * "open". */
int weft__path_await(struct weft__path_job *job, enum weft_op_kind kind, const char *verb,
                     weft_site *site);
/* The work failed. */
static inline void weft__job_errno(struct weft__job *job, int error)
{
    job->rc = uv_translate_sys_error(error);
}

#endif
