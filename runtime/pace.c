/* pace.c: see pace.h.
 *
 *      poll -> obey: cancel, hold -> [ hold -> entry -> end of step, slow ]… -> hold -> poll
 *
 * Held, a loop waits in a poll of its own for two descriptors alone: the control socket, which it
 * serves as in its own poll, and one that ends the wait when something else was asked of it, by a
 * command that another thread served. So it runs nothing and takes no time, and what the socket
 * says is done, whichever loop hears it. The clock goes on: timers that were due meanwhile are late
 * when it is let go on, as behind a callback that took so long. */
#include "runtime/pace.h"
#include "runtime/debug.h"
#include "tracer/probe/control.h"
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    OWED_NS = 100000,         /* slow motion waits when it owes so much: no wait is shorter */
    WITHOUT_FD_NS = 10000000, /* no descriptor is left: look that often */
};

static const uint64_t NS_PER_S = 1000000000;

/* ---- Being told ---- */

/* So that others know, once; whoever has begun to record since, again. A loop that nobody ever
 * paused goes on already. */
static void tell(weft_loop *loop, enum weft_control_kind what, uint32_t factor)
{
    struct weft__pace *pace = &loop->pace;
    bool goes_on = what == WEFT_CONTROL_RESUMED;
    if (pace->told == what && pace->told_factor == factor &&
        (goes_on || pace->told_mask == loop->writer->mask))
        return;
    pace->told = what;
    pace->told_factor = factor;
    pace->told_mask = loop->writer->mask;
    loop->writer->coarse_ticks = weft_clock_now();
    weft__trace(loop, WEFT_RECORD_CONTROL, what, NULL, loop->id, factor);
    loop->stamp = 0;
}

static void tell_goes_on(weft_loop *loop)
{
    uint32_t factor = atomic_load(&loop->writer->pace.factor);
    bool slow = factor > 1;
    tell(loop, slow ? WEFT_CONTROL_SLOWED : WEFT_CONTROL_RESUMED, slow ? factor : 0);
}

/* ---- Cancelling ---- */

static struct weft__task *find_task(weft_loop *loop, uint64_t id)
{
    for (struct weft__links *at = loop->tasks.next; at != &loop->tasks; at = at->next) {
        struct weft__task *task = weft__container(at, struct weft__task, all);
        if (task->future.id == id)
            return task;
    }
    return NULL;
}

static void cancel_asked(weft_loop *loop)
{
    uint64_t id;
    pid_t by;
    while (weft_pace_take_cancel(loop->writer, &id, &by)) {
        struct weft__task *task = find_task(loop, id);
        char message[64];
        snprintf(message, sizeof message, "asked for by a controller (process %ld)", (long)by);
        if (task)
            weft__task_cancel(&task->future, NULL, message, WEFT_WAKE_CANCEL, 0);
    }
}

/* ---- Waiting ---- */

void weft__pace_wake(weft_loop *loop)
{
    int fd = atomic_load(&loop->pace.wake_fd);
    if (fd >= 0 && eventfd_write(fd, 1) < 0)
        return; /* it is full: then it ends the wait as it is */
}

static void make_wake_fd(weft_loop *loop)
{
    if (atomic_load(&loop->pace.wake_fd) < 0)
        atomic_store(&loop->pace.wake_fd, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
}

/* Serves, adopts, cancels; for at most this long, UINT64_MAX: until there is something. */
static void wait_and_serve(weft_loop *loop, uint64_t ns)
{
    struct pollfd fds[] = { { .fd = loop->pace.wake_fd, .events = POLLIN },
                            { .fd = weft_control_fd(), .events = POLLIN } };
    ns = fds[0].fd < 0 && ns > WITHOUT_FD_NS ? WITHOUT_FD_NS : ns;
    struct timespec timeout = { (time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S) };
    ppoll(fds, 2, ns == UINT64_MAX ? NULL : &timeout, NULL);
    if (fds[0].revents) {
        eventfd_t n;
        eventfd_read(fds[0].fd, &n);
    }
    if (fds[1].revents)
        weft_control_serve();
    if (weft_probe_on())
        weft_probe_turn(loop->writer, weft_clock_now());
    cancel_asked(loop);
}

/* ---- Holding ---- */

static bool may_go_on(const struct weft_pace *pace)
{
    return !atomic_load(&pace->paused) || atomic_load(&pace->step);
}

void weft__pace_hold(weft_loop *loop)
{
    struct weft_pace *pace = &loop->writer->pace;
    make_wake_fd(loop); /* before the last look, so that whoever asks meanwhile ends the wait */
    if (may_go_on(pace)) {
        tell_goes_on(loop);
    } else {
        weft_set_current_task(loop->writer, 0);
        while (!may_go_on(pace)) {
            tell(loop, WEFT_CONTROL_PAUSED, 0);
            atomic_store(&pace->still, true);
            wait_and_serve(loop, UINT64_MAX);
        }
        tell_goes_on(loop);
    }
    atomic_store(&pace->still, false);
}

void weft__pace_obey(weft_loop *loop)
{
    cancel_asked(loop);
    weft__pace_hold(loop);
    loop->paced = weft_pace_asked(loop->writer);
    loop->pace.owed_ns = loop->paced ? loop->pace.owed_ns : 0;
}

void weft__pace_waits(weft_loop *loop)
{
    struct weft_pace *pace = &loop->writer->pace;
    if (atomic_exchange(&pace->step, false))
        atomic_store(&pace->still, true);
}

/* ---- Dispatches ---- */

/* Slow motion, behind a dispatch that began then. */
static void take_time(weft_loop *loop, uint64_t began)
{
    struct weft_pace *pace = &loop->writer->pace;
    uint64_t now = uv_hrtime();
    uint32_t factor = atomic_load(&pace->factor);
    if (factor <= 1)
        return;
    int64_t *owed = &loop->pace.owed_ns;
    *owed += (int64_t)(now - began) * (factor - 1);
    if (*owed < OWED_NS)
        return;
    weft_set_current_task(loop->writer, 0);
    make_wake_fd(loop);
    while (*owed > 0 && atomic_load(&pace->factor) == factor && !atomic_load(&pace->paused)) {
        wait_and_serve(loop, (uint64_t)*owed);
        uint64_t later = uv_hrtime();
        *owed -= (int64_t)(later - now);
        now = later;
    }
    /* Who ends the wait ends the debt; so much of waiting too long is paid back. */
    *owed = *owed > 0 ? 0 : *owed < -OWED_NS ? -OWED_NS : *owed;
    loop->stamp = 0;
    loop->writer->coarse_ticks = weft_clock_now();
}

void weft__pace_run_batch(weft_loop *loop)
{
    while (!weft__list_empty(&loop->batch)) {
        if (loop->paced)
            weft__pace_hold(loop);
        struct weft__entry *entry = weft__list_pop(&loop->batch);
        if (!entry)
            break; /* it was cancelled meanwhile */
        bool of_task = !entry->run;
        uint64_t began = uv_hrtime();
        if (loop->debug)
            weft__debug_run(loop, entry);
        else
            weft__run_entry(loop, entry);
        if (!loop->paced)
            continue;
        if (of_task) /* what a callback does belongs to the step of the task behind it */
            atomic_store(&loop->writer->pace.step, false);
        take_time(loop, began);
    }
    weft_set_current_task(loop->writer, 0);
}

void weft__pace_finish(weft_loop *loop)
{
    int fd = atomic_exchange(&loop->pace.wake_fd, -1);
    if (fd >= 0)
        close(fd);
}
