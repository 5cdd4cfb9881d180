/* session.c: the one probe session of this process: begun from the environment, and ended.
 * Everything here is under one mutex (inside.h); emitting takes none. */
#include "tracer/probe/session.h"
#include "tracer/probe/command.h"
#include "tracer/probe/control.h"
#include "tracer/probe/inside.h"
#include "tracer/probe/intern.h"
#include "tracer/probe/mode.h"
#include "tracer/probe/publish.h"
#include "tracer/probe/segment.h"
#include "tracer/probe/stale.h"
#include "tracer/probe/user.h"
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LEASE_AT_START_NS UINT64_C(10000000000) /* how long a stream waits for its recorder */

struct weft_session weft__session = { .starting = PTHREAD_MUTEX_INITIALIZER,
                                      .lock = PTHREAD_MUTEX_INITIALIZER };
static struct weft_session *const session = &weft__session;

/* ---- Starting ---- */

/* *asked: somebody wants it to be so, and is to be told when it cannot be. */
static enum weft_mode mode_from_environment(bool *asked)
{
    const char *text = secure_getenv("WEFT_TRACE");
    enum weft_mode mode = WEFT_MODE_STANDBY;
    *asked = text && *text;
    if (*asked && !weft_mode_parse(text, &mode)) {
        weft_log("WEFT_TRACE=%s is not off, standby, flight or stream: not tracing", text);
        return WEFT_MODE_OFF;
    }
    return mode;
}

/* 0: the default. */
static uint64_t ring_size_from_environment(void)
{
    const char *text = secure_getenv("WEFT_RING_SIZE");
    uint64_t size = 0, least = 2 * WEFT_CHUNK_SIZE;
    if (!text || !*text)
        return 0;
    if (!weft_size_parse(text, &size)) {
        weft_log("WEFT_RING_SIZE=%s is not a size like 4M: using the default", text);
        return 0;
    }
    if (size < least)
        weft_log("WEFT_RING_SIZE=%s is less than a ring needs: using %lluK", text,
                 (unsigned long long)least / 1024);
    return size < least ? least : size;
}

/* What the emits look at, and what the programs' macros do. Each time that events are on again is
 * another mask: a writer must have adopted it before it records. */
void weft_session_set_mask(enum weft_mode mode)
{
    uint64_t mask = mode == WEFT_MODE_OFF       ? 0
                    : mode == WEFT_MODE_STANDBY ? WEFT_PROBE_TABLES
                                                : WEFT_PROBE_ALL;
    if (weft_probe_recording() && !(mask & WEFT_PROBE_EVENTS))
        session->times_off++;
    if (mask & WEFT_PROBE_EVENTS)
        mask |= session->times_off << WEFT_PROBE_BITS;
    atomic_store_explicit(&weft_probe_page.mask, mask, memory_order_relaxed);
    __atomic_store_n(&weft__recording, mask & WEFT_PROBE_EVENTS ? WEFT_RECORDING : 0,
                     __ATOMIC_RELAXED);
}

static void at_exit(int status, void *arg)
{
    (void)arg;
    weft_probe_stop(status);
}

void weft_session_set_anchor(void)
{
    struct weft_segment *segment = session->file.segment;
    struct weft_clock_anchor a = weft_clock_anchor_now();
    uint64_t seq = atomic_load_explicit(&segment->anchor_seq, memory_order_relaxed);
    atomic_store_explicit(&segment->anchor_seq, seq + 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    atomic_store_explicit(&segment->anchor_ticks, a.ticks, memory_order_relaxed);
    atomic_store_explicit(&segment->anchor_mono_ns, a.mono_ns, memory_order_relaxed);
    atomic_store_explicit(&segment->anchor_real_ns, a.real_ns, memory_order_relaxed);
    atomic_store_explicit(&segment->anchor_seq, seq + 2, memory_order_release);
    /* The next one about a second later, by the rate seen so far. */
    uint64_t ticks = a.ticks - segment->first_ticks, ns = a.mono_ns - segment->first_mono_ns;
    double rate = ns > 1000000 ? (double)ticks / (double)ns : 0.02;
    atomic_store_explicit(&session->next_anchor, a.ticks + (uint64_t)(rate * 1e9),
                          memory_order_relaxed);
}

double weft_session_ns_a_tick(void)
{
    const struct weft_segment *segment = session->file.segment;
    uint64_t ticks = atomic_load_explicit(&segment->anchor_ticks, memory_order_relaxed),
             ns = atomic_load_explicit(&segment->anchor_mono_ns, memory_order_relaxed);
    ticks -= segment->first_ticks;
    return ticks ? (double)(ns - segment->first_mono_ns) / (double)ticks : 1;
}

static int map_segment(void)
{
    int rc = weft_segment_create(&session->file);
    if (rc < 0) {
        session->file.segment = NULL;
        return rc;
    }
    struct weft_segment *segment = session->file.segment;
    segment->abi = WEFT_ABI_VERSION;
    segment->clock_kind = weft_clock_kind;
    segment->pid = (uint64_t)session->pid;
    segment->start_time = weft_process_start_time(segment->pid);
    weft_boot_id(segment->boot_id);
    weft_command_line(segment->program, sizeof segment->program);
    const char *token = secure_getenv("WEFT_SESSION");
    snprintf(segment->session, sizeof segment->session, "%s", token ? token : "");
    atomic_store_explicit(&segment->mode, session->mode, memory_order_relaxed);
    atomic_store_explicit(&segment->mask, UINT64_MAX, memory_order_relaxed);
    ssize_t n = readlink("/proc/self/exe", segment->executable, sizeof segment->executable - 1);
    segment->executable[n > 0 ? n : 0] = 0;
    weft_intern_forget();
    weft_site_publish_all(session->file.heap);
    return 0;
}

static void open_control(void)
{
    const char *wanted = secure_getenv("WEFT_CONTROL");
    if (wanted && strcmp(wanted, "0") == 0)
        return;
    int rc = weft_control_open(session->file.path, weft_command);
    if (rc < 0 && session->asked)
        weft_log("nothing can control this process: no socket beside %s: %s", session->file.path,
                 strerror(-rc));
}

/* The trace begins here, when the first ring is ready to take events: making one takes milliseconds
 * that are not the program's. */
void weft_session_begin(struct weft_writer *w)
{
    session->begun = true;
    session->process_id = weft_new_id(w, WEFT_ENTITY_PROCESS);
    struct weft_segment *segment = session->file.segment;
    struct weft_clock_anchor first = weft_clock_anchor_now();
    segment->first_ticks = first.ticks;
    segment->first_mono_ns = first.mono_ns;
    segment->first_real_ns = first.real_ns;
    atomic_store_explicit(&segment->lease.expires_mono_ns, first.mono_ns + LEASE_AT_START_NS,
                          memory_order_relaxed);
    weft_session_set_anchor();
    weft_segment_publish(&session->file);
}

/* Only whoever asked for it is told that it cannot be: any program starts in standby, and goes on
 * where there is no room for that. */
static enum weft_mode start(enum weft_mode mode)
{
    weft_clock_init();
    weft_probe_clean_some();
    session->ring_bytes = ring_size_from_environment();
    session->base_mode = mode;
    session->mode = weft_mode_wanted();
    int rc = map_segment();
    if (rc < 0) {
        char path[256] = "the runtime directory";
        weft_probe_directory(path, sizeof path);
        if (session->asked)
            weft_log("not tracing: no segment in %s: %s", path,
                     rc == -EPERM ? "it is not this user's alone (chmod 700)" : strerror(-rc));
        return WEFT_MODE_OFF;
    }
    weft_session_at_fork();
    static bool at_exit_too;
    if (!at_exit_too)
        on_exit(at_exit, NULL); /* which a fork's child has from its parent */
    at_exit_too = true;
    return mode;
}

enum weft_mode weft_probe_start(void)
{
    pthread_mutex_lock(&session->starting);
    pthread_mutex_lock(&session->lock);
    bool begins = !session->started;
    if (begins) {
        session->started = true;
        session->pid = getpid();
        session->mode = mode_from_environment(&session->asked);
        if (session->mode != WEFT_MODE_OFF)
            session->mode = start(session->mode);
        atomic_fetch_add_explicit(&session->turn, 1, memory_order_relaxed);
        weft_session_set_mask(session->mode);
    }
    enum weft_mode mode = session->mode;
    pthread_mutex_unlock(&session->lock);
    if (begins && mode != WEFT_MODE_OFF)
        open_control();
    pthread_mutex_unlock(&session->starting);
    return mode;
}

struct weft_heap *weft_probe_heap(void)
{
    return weft_probe_on() ? session->file.heap : NULL;
}

uint32_t weft_string_add(const char *text, size_t len)
{
    struct weft_heap *heap = weft_probe_heap();
    if (!heap || !text)
        return WEFT_STRING_NONE;
    return weft_heap_add(heap, WEFT_HEAP_STRING, text, len == SIZE_MAX ? strlen(text) : len);
}

/* ---- Stopping ---- */

/* PROCESS_EXIT goes into a ring that nobody else can be writing: a parked one, or this thread's
 * own. */
static struct weft_writer *writer_for_exit(void)
{
    uint64_t tid = (uint64_t)syscall(SYS_gettid);
    struct weft_writer *found = NULL;
    for (struct weft_writer *w = session->writers; w; w = w->next)
        if (w->ring && w->mask && (w->parked || w->tid == tid))
            found = w;
    if (found)
        found->thread = pthread_self();
    return found;
}

/* Who gave it its session may not have found it yet; who had found it and is gone does not come
 * back. */
static bool a_reader_will_come(const struct weft_segment *segment)
{
    return segment->session[0] != 0 &&
           atomic_load_explicit(&segment->lease.pid, memory_order_relaxed) == 0;
}

static void stop(enum weft_exit_kind how, int number)
{
    if (!weft_probe_on() || session->pid != getpid())
        return;
    weft_control_close();
    pthread_mutex_lock(&session->lock);
    struct weft_segment *segment = session->file.segment;
    if (segment) {
        struct weft_writer *w = writer_for_exit();
        if (w)
            weft_emit(w, WEFT_RECORD_PROCESS_EXIT, how, 0, session->process_id,
                      (uint64_t)(int64_t)number);
        weft_session_set_mask(WEFT_MODE_OFF);
        weft_session_set_anchor();
        atomic_store_explicit(&segment->exit_state, WEFT_SEGMENT_CLOSED, memory_order_release);
        bool keep = weft_mode_lease_holder() != 0 || a_reader_will_come(segment);
        /* Page 0 stays mapped: a writer of another thread may be about to open a chunk. */
        if (keep)
            futimens(session->file.fd, NULL); /* it is as old as this, for stale.c */
        else
            unlink(session->file.path);
        weft_segment_close(&session->file);
    }
    pthread_mutex_unlock(&session->lock);
}

void weft_probe_stop(int exit_code)
{
    stop(WEFT_EXIT_CODE, exit_code);
}

void weft_probe_stop_by_signal(int number)
{
    stop(WEFT_EXIT_SIGNAL, number);
}
