/* mode.c: see mode.h. A writer's own part is in writers.c. Under the session's mutex. */
#include "tracer/probe/mode.h"
#include "tracer/probe/inside.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define LEASE_AT_START_NS UINT64_C(10000000000) /* how long a stream waits for its recorder */

enum { /* of a ring, where nobody asks for another size */
       LOOP_FLIGHT_BYTES = 4 << 20,
       LOOP_STREAM_BYTES = 16 << 20,
       THREAD_BYTES = 256 << 10,
};

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

/* ---- What is wanted ---- */

static uint64_t chunks_of(uint64_t bytes)
{
    uint64_t chunks = bytes / WEFT_CHUNK_SIZE;
    return chunks < 2 ? 2 : chunks;
}

static void enlarge_rings(enum weft_mode mode, uint64_t bytes)
{
    if (mode < WEFT_MODE_FLIGHT)
        return;
    if (bytes == 0)
        bytes = session->ring_bytes;
    uint64_t loop = chunks_of(bytes                      ? bytes
                              : mode == WEFT_MODE_STREAM ? LOOP_STREAM_BYTES
                                                         : LOOP_FLIGHT_BYTES);
    uint64_t thread = chunks_of(bytes ? bytes : THREAD_BYTES);
    session->loop_chunks = loop > session->loop_chunks ? loop : session->loop_chunks;
    session->thread_chunks = thread > session->thread_chunks ? thread : session->thread_chunks;
}

enum weft_mode weft_mode_wanted(void)
{
    enum weft_mode mode = session->base_mode;
    session->loop_chunks = session->thread_chunks = 0;
    enlarge_rings(mode, 0);
    for (int i = 0; i < WEFT_CONTROL_CLIENTS; i++) {
        const struct weft_wish *wish = &session->wishes[i];
        mode = wish->mode > mode ? wish->mode : mode;
        enlarge_rings(wish->mode, wish->ring_bytes);
    }
    return mode;
}

/* ---- Switching ---- */

static void change(enum weft_mode mode)
{
    session->mode = mode;
    atomic_store_explicit(&session->file.segment->mode, mode, memory_order_relaxed);
    atomic_fetch_add_explicit(&session->turn, 1, memory_order_relaxed);
    weft_session_set_mask(mode);
    for (struct weft_writer *w = session->writers; w; w = w->next)
        if (w->wake)
            w->wake(w->wake_arg);
}

/* The client's, or a free one: there are as many as there can be connections. */
static struct weft_wish *wish_of(uint64_t client)
{
    struct weft_wish *place = NULL;
    for (int i = 0; i < WEFT_CONTROL_CLIENTS; i++) {
        struct weft_wish *wish = &session->wishes[i];
        if (wish->mode && wish->client == client)
            return wish;
        place = wish->mode ? place : wish;
    }
    return place;
}

static int want_mode(enum weft_mode mode, uint64_t ring_bytes, uint64_t client, pid_t pid)
{
    if (mode < WEFT_MODE_STANDBY || mode > WEFT_MODE_STREAM)
        return -EINVAL;
    if (!weft_probe_on() || !session->file.segment)
        return -ENODEV;
    uint64_t holder = mode == WEFT_MODE_STREAM ? weft_mode_lease_holder() : 0;
    if (holder != 0 && holder != (uint64_t)pid)
        return -EBUSY;
    struct weft_wish *wish = wish_of(client);
    if (!wish)
        return -EBUSY;
    if (mode == WEFT_MODE_STREAM && holder == 0)
        atomic_store_explicit(&session->file.segment->lease.expires_mono_ns,
                              weft_clock_monotonic_ns() + LEASE_AT_START_NS, memory_order_relaxed);
    *wish = mode == WEFT_MODE_STANDBY ? (struct weft_wish){ 0 }
                                      : (struct weft_wish){ client, mode, ring_bytes };
    uint64_t loop = session->loop_chunks, thread = session->thread_chunks;
    enum weft_mode wanted = weft_mode_wanted();
    if (wanted != session->mode || session->loop_chunks > loop || session->thread_chunks > thread)
        change(wanted);
    return 0;
}

int weft_probe_want_mode(enum weft_mode mode, uint64_t ring_bytes, uint64_t client, pid_t pid)
{
    pthread_mutex_lock(&session->lock);
    int rc = want_mode(mode, ring_bytes, client, pid);
    pthread_mutex_unlock(&session->lock);
    return rc;
}
