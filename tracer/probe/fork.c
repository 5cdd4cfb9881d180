/* fork.c: what a fork does to the session.
 *
 * Before it, every mutex of the probe is taken, so that none is held in the child by a thread that
 * does not exist there. The parent goes on, and says FORK with the child's pid. In the child
 * nothing is traced: the parent's writers that it finds in its memory are mute, and where the
 * segment was mapped there is memory of its own. It gets a session of its own when it opens a loop,
 * or marks something.
 *
 * _Fork and a bare clone run no such handlers: their child, too, finds nothing to be on (ring.h),
 * and stays mute until it execs. vfork and posix_spawn run none either, and need none: their
 * children touch nothing before they exec, and every descriptor of the probe is closed then. exec
 * itself cannot be seen before it happens: see stale.h. */
#include "tracer/probe/control.h"
#include "tracer/probe/inside.h"
#include "tracer/probe/mode.h"
#include "tracer/probe/pace.h"
#include "tracer/probe/publish.h"
#include "tracer/probe/user.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct weft_session *const session = &weft__session;
static uint64_t youngest_before; /* under the session's mutex, while a fork is under way */

/* The calling thread's child that was made last: 0: it has none; -1: the system does not tell. */
static int64_t youngest_child(void)
{
    char path[64], text[512];
    int64_t pid = 0, digits = 0;
    snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)syscall(SYS_gettid));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    for (ssize_t n; (n = read(fd, text, sizeof text)) > 0;) {
        for (ssize_t i = 0; i < n; i++) { /* numbers, a space behind each */
            if (text[i] >= '0' && text[i] <= '9') {
                digits = digits * 10 + (text[i] - '0');
            } else if (digits) {
                pid = digits;
                digits = 0;
            }
        }
    }
    close(fd);
    return digits ? digits : pid;
}

static void before(void)
{
    pthread_mutex_lock(&session->starting);
    weft_control_before_fork();
    pthread_mutex_lock(&session->lock);
    weft_site_lock();
    pthread_mutex_lock(&session->file.lock);
    if (weft_probe_recording())
        youngest_before = (uint64_t)youngest_child();
}

static void unlock(bool in_child)
{
    pthread_mutex_unlock(&session->file.lock);
    weft_site_unlock();
    pthread_mutex_unlock(&session->lock);
    weft_control_after_fork(in_child);
    pthread_mutex_unlock(&session->starting);
}

/* The ring of a loop of the calling thread; NULL: it has none. */
static struct weft_writer *loop_here(void)
{
    struct weft_writer *w = session->writers;
    while (w && (w->parked || w->kind != WEFT_RING_LOOP || !w->ring ||
                 !pthread_equal(w->thread, pthread_self())))
        w = w->next;
    return w;
}

/* A child that ended and was waited for already is not seen, as if the fork had failed. */
static void in_parent(void)
{
    int64_t before_it = (int64_t)youngest_before;
    bool recording = weft_probe_recording();
    int64_t child = recording ? youngest_child() : 0;
    struct weft_writer *w = loop_here();
    unlock(false);
    if (child == 0 || (child > 0 && child == before_it))
        return;
    if (!w)
        w = weft_probe_thread_writer();
    weft_emit(w, WEFT_RECORD_FORK, 0, 0, session->process_id, child > 0 ? (uint64_t)child : 0);
}

static void mute(struct weft_writer *w)
{
    w->ring = NULL;
    w->segment = NULL;
    w->area = w->position = w->end = NULL;
    w->chunk = NULL;
    w->wake = NULL;
    w->orphan = true;
}

static void in_child(void)
{
    weft_session_set_mask(WEFT_MODE_OFF);
    __atomic_store_n(&weft__recording, WEFT_RECORDING_UNKNOWN, __ATOMIC_RELAXED);
    struct weft_writer *last = NULL;
    for (struct weft_writer *w = session->writers; w; w = w->next) {
        mute(w);
        last = w;
    }
    if (last) { /* kept, since whoever has them still looks at them */
        last->next = session->orphans;
        session->orphans = session->writers;
    }
    session->writers = NULL;
    session->n_writers = 0;
    session->started = session->begun = false;
    memset(session->wishes, 0, sizeof session->wishes);
    weft_pace_forget_all();
    unlock(true);
    weft_segment_forget(&session->file);
}

static void install(void)
{
    pthread_atfork(before, in_parent, in_child);
    madvise(&weft_probe_page, sizeof weft_probe_page, MADV_WIPEONFORK);
}

void weft_session_at_fork(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install);
}
