/* syncer.c: see syncer.h. */
#include "tracer/trace/syncer.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int weft_sync(int fd)
{
    while (fdatasync(fd) < 0) {
        if (errno == EINVAL || errno == EROFS || errno == ENOTSUP)
            return 0;
        if (errno != EINTR)
            return errno;
    }
    return 0;
}

static void *run(void *data)
{
    struct weft_syncer *syncer = data;
    syncer->error = weft_sync(syncer->fd);
    g_atomic_int_set(&syncer->done, 1);
    return NULL;
}

int weft_syncer_finish(struct weft_syncer *syncer)
{
    if (!syncer->started)
        return 0;
    pthread_join(syncer->thread, NULL);
    close(syncer->fd);
    syncer->started = FALSE;
    return syncer->error;
}

int weft_syncer_start(struct weft_syncer *syncer, int fd, gboolean wait)
{
    if (syncer->started && !wait && !g_atomic_int_get(&syncer->done))
        return 0;
    int error = weft_syncer_finish(syncer);
    if (error)
        return error;
    syncer->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (syncer->fd < 0)
        return errno;
    syncer->error = 0;
    g_atomic_int_set(&syncer->done, 0);
    syncer->started = pthread_create(&syncer->thread, NULL, run, syncer) == 0;
    if (syncer->started)
        return 0;
    error = weft_sync(syncer->fd);
    close(syncer->fd);
    return error;
}
