/* syncer.h: brings what was written to the disk (fdatasync) without holding up who writes: in a
 * thread of its own, one file at a time. */
#ifndef WEFT_TRACE_SYNCER_H
#define WEFT_TRACE_SYNCER_H

#include <glib.h>
#include <pthread.h>

struct weft_syncer {
    pthread_t thread;
    gboolean started;
    int fd;    /* a duplicate */
    int error; /* of the last one that ended */
    gint done; /* atomic */
};

/* Begins to sync the file behind `fd`, which may be written and closed meanwhile. One that is still
 * going on is waited for when `wait`, else nothing is begun. Returns 0, or the errno of the one
 * before. */
int weft_syncer_start(struct weft_syncer *syncer, int fd, gboolean wait);

/* Waits for the one that goes on. Returns 0 or its errno. */
int weft_syncer_finish(struct weft_syncer *syncer);

/* fdatasync; a file system that knows none (a pipe, /dev/full) has nothing to sync. */
int weft_sync(int fd);

#endif
