/* mode.c: see mode.h. A writer's own part is in writers.c. Under the session's mutex. */
#include "tracer/probe/mode.h"
#include "tracer/probe/inside.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define LEASE_AT_START_NS UINT64_C(10000000000) /* how long a stream waits for its recorder */

static struct weft_session *const session = &weft__session;
static const char *const names[] = { "off", "standby", "flight", "stream" };

const char *weft_mode_name(enum weft_mode mode)
{
    return names[mode];
}

bool weft_mode_parse(const char *text, enum weft_mode *mode)
{
    for (enum weft_mode m = WEFT_MODE_OFF; m <= WEFT_MODE_STREAM; m++) {
        if (strcmp(text, names[m]) == 0) {
            *mode = m;
            return true;
        }
    }
    return false;
}

bool weft_size_parse(const char *text, uint64_t *size)
{
    char *end;
    errno = 0;
    *size = strtoull(text, &end, 10);
    unsigned shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
    if (shift)
        end++;
    if (errno || *end || text[0] < '0' || text[0] > '9' || *size > UINT64_MAX >> shift >> 1)
        return false;
    *size <<= shift;
    return true;
}

uint64_t weft_mode_loop_chunks(enum weft_mode mode, uint64_t ring_bytes)
{
    if (ring_bytes == 0)
        ring_bytes = mode == WEFT_MODE_STREAM ? 16 << 20 : 4 << 20;
    uint64_t chunks = ring_bytes / WEFT_CHUNK_SIZE;
    return chunks < 2 ? 2 : chunks;
}

enum weft_mode weft_probe_mode(void)
{
    pthread_mutex_lock(&session->lock);
    enum weft_mode mode = session->mode;
    pthread_mutex_unlock(&session->lock);
    return mode;
}

/* ---- Who reads ---- */

uint64_t weft_mode_lease_holder(void)
{
    const struct weft_lease *lease = &session->file.segment->lease;
    uint64_t pid = atomic_load_explicit(&lease->pid, memory_order_relaxed);
    if (pid == 0 || weft_clock_monotonic_ns() >=
                        atomic_load_explicit(&lease->expires_mono_ns, memory_order_relaxed))
        return 0;
    uint64_t started = weft_process_start_time(pid); /* 0: there is no such process */
    return started != 0 && started == atomic_load_explicit(&lease->start_time, memory_order_relaxed)
               ? pid
               : 0;
}

/* ---- Switching ---- */

static void change(enum weft_mode mode)
{
    uint64_t turn = atomic_load_explicit(&session->turn, memory_order_relaxed) + 1;
    if (mode == WEFT_MODE_STANDBY)
        session->off_turn = turn;
    session->mode = mode;
    atomic_store_explicit(&session->file.segment->mode, mode, memory_order_relaxed);
    atomic_store_explicit(&session->turn, turn, memory_order_relaxed);
    weft_session_set_mask(mode);
    for (struct weft_writer *w = session->writers; w; w = w->next)
        if (w->wake)
            w->wake(w->wake_arg);
}

static int set_mode(enum weft_mode mode, uint64_t ring_bytes, uint64_t asker, pid_t pid)
{
    if (mode < WEFT_MODE_STANDBY || mode > WEFT_MODE_STREAM)
        return -EINVAL;
    if (!weft_probe_on() || !session->file.segment)
        return -ENODEV;
    uint64_t holder = weft_mode_lease_holder();
    if (holder != 0 && holder != (uint64_t)pid)
        return -EBUSY;
    if (mode >= WEFT_MODE_FLIGHT)
        session->loop_chunks = weft_mode_loop_chunks(mode,
                                                     ring_bytes ? ring_bytes : session->ring_bytes);
    if (mode != WEFT_MODE_STREAM)
        session->base_mode = mode;
    else if (holder == 0)
        atomic_store_explicit(&session->file.segment->lease.expires_mono_ns,
                              weft_clock_monotonic_ns() + LEASE_AT_START_NS, memory_order_relaxed);
    session->asker = mode == WEFT_MODE_STREAM ? asker : 0;
    session->asker_gone = false;
    change(mode);
    return 0;
}

int weft_probe_set_mode(enum weft_mode mode, uint64_t ring_bytes, uint64_t asker, pid_t pid)
{
    pthread_mutex_lock(&session->lock);
    int rc = set_mode(mode, ring_bytes, asker, pid);
    pthread_mutex_unlock(&session->lock);
    return rc;
}

void weft_mode_look_after_stream(void)
{
    if (session->mode != WEFT_MODE_STREAM || session->asker == 0 || !session->asker_gone)
        return;
    if (weft_clock_monotonic_ns() <
        atomic_load_explicit(&session->file.segment->lease.expires_mono_ns, memory_order_relaxed))
        return; /* somebody reads, or may still come to */
    session->asker = 0;
    change(session->base_mode);
}

void weft_probe_forget_asker(uint64_t asker)
{
    pthread_mutex_lock(&session->lock);
    if (session->asker == asker) {
        session->asker_gone = true;
        if (weft_probe_on() && session->file.segment)
            weft_mode_look_after_stream();
    }
    pthread_mutex_unlock(&session->lock);
}
