/* session.c: the one probe session of this process: its mode, its segment, its writers.
 *
 * Writers are kept for ever: a closed one is parked and taken over by the next loop or thread of
 * its kind, oldest first, so its ring's ordinals and its ids' counters go on and nothing is ever
 * used twice. Everything here is under one mutex; emitting takes none. */
#include "tracer/probe/session.h"
#include "tracer/probe/command.h"
#include "tracer/probe/control.h"
#include "tracer/probe/publish.h"
#include "tracer/probe/segment.h"
#include "tracer/probe/stale.h"
#include "tracer/probe/user.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LEASE_AT_START_NS UINT64_C(10000000000) /* how long a stream waits for its recorder */

static struct {
    pthread_mutex_t lock;
    bool started;
    bool begun; /* the first ring is there, and the segment published */
    bool asked; /* the mode was asked for, and is not the default */
    enum weft_mode mode;
    pid_t pid;
    struct weft_segment_file file; /* file.segment: NULL when nothing is mapped */
    uint64_t loop_chunks;          /* size of a loop's ring */
    struct weft_writer *writers;   /* all, newest first */
    uint32_t n_writers;
    uint64_t process_id;
    _Atomic uint64_t next_anchor; /* ticks */
} session = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* ---- Starting ---- */

/* *asked: somebody wants it to be so, and is to be told when it cannot be. */
static enum weft_mode mode_from_environment(bool *asked)
{
    const char *text = secure_getenv("WEFT_TRACE");
    *asked = text && *text;
    if (!*asked || strcmp(text, "standby") == 0)
        return WEFT_MODE_STANDBY;
    if (strcmp(text, "off") == 0)
        return WEFT_MODE_OFF;
    if (strcmp(text, "flight") == 0)
        return WEFT_MODE_FLIGHT;
    if (strcmp(text, "stream") == 0)
        return WEFT_MODE_STREAM;
    weft_log("WEFT_TRACE=%s is not off, standby, flight or stream: not tracing", text);
    return WEFT_MODE_OFF;
}

/* Bytes with an optional K, M or G; 0 when absent or senseless. */
static uint64_t ring_size_from_environment(void)
{
    const char *text = secure_getenv("WEFT_RING_SIZE");
    if (!text || !*text)
        return 0;
    char *end;
    errno = 0;
    uint64_t size = strtoull(text, &end, 10);
    unsigned shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
    if (shift)
        end++;
    if (errno || *end || end == text || text[0] == '-' || size > UINT64_MAX >> shift >> 1) {
        weft_log("WEFT_RING_SIZE=%s is not a size like 4M: using the default", text);
        return 0;
    }
    return size << shift;
}

/* What the emits look at, and what the programs' macros do. */
static void set_mask(uint64_t mask)
{
    atomic_store_explicit(&weft_probe_mask, mask, memory_order_relaxed);
    __atomic_store_n(&weft__recording, mask & WEFT_PROBE_EVENTS ? WEFT_RECORDING : 0,
                     __ATOMIC_RELAXED);
}

static void before_fork(void)
{
    weft_control_before_fork();
}

static void in_fork_parent(void)
{
    weft_control_after_fork(false);
}

static void in_fork_child(void)
{
    set_mask(0);
    weft_control_after_fork(true);
}

static void at_exit(int status, void *arg)
{
    (void)arg;
    weft_probe_stop(status);
}

static void set_anchor(struct weft_segment *segment)
{
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
    atomic_store_explicit(&session.next_anchor, a.ticks + (uint64_t)(rate * 1e9),
                          memory_order_relaxed);
}

static int map_segment(void)
{
    int rc = weft_segment_create(&session.file);
    if (rc < 0) {
        session.file.segment = NULL;
        return rc;
    }
    struct weft_segment *segment = session.file.segment;
    segment->abi = WEFT_ABI_VERSION;
    segment->clock_kind = weft_clock_kind;
    segment->pid = (uint64_t)session.pid;
    segment->start_time = weft_process_start_time(segment->pid);
    weft_boot_id(segment->boot_id);
    weft_command_line(segment->program, sizeof segment->program);
    const char *token = secure_getenv("WEFT_SESSION");
    snprintf(segment->session, sizeof segment->session, "%s", token ? token : "");
    atomic_store_explicit(&segment->mode, session.mode, memory_order_relaxed);
    atomic_store_explicit(&segment->mask, UINT64_MAX, memory_order_relaxed);
    ssize_t n = readlink("/proc/self/exe", segment->executable, sizeof segment->executable - 1);
    segment->executable[n > 0 ? n : 0] = 0;
    weft_site_publish_all(session.file.heap);
    return 0;
}

static void open_control(void)
{
    const char *wanted = secure_getenv("WEFT_CONTROL");
    if (wanted && strcmp(wanted, "0") == 0)
        return;
    int rc = weft_control_open(session.file.path, weft_command);
    if (rc < 0 && session.asked)
        weft_log("nothing can control this process: no socket beside %s: %s", session.file.path,
                 strerror(-rc));
}

/* The trace begins here, when the first ring is ready to take events: making one takes milliseconds
 * that are not the program's. */
static void begin_trace(void)
{
    session.begun = true;
    struct weft_segment *segment = session.file.segment;
    struct weft_clock_anchor first = weft_clock_anchor_now();
    segment->first_ticks = first.ticks;
    segment->first_mono_ns = first.mono_ns;
    segment->first_real_ns = first.real_ns;
    atomic_store_explicit(&segment->lease.expires_mono_ns, first.mono_ns + LEASE_AT_START_NS,
                          memory_order_relaxed);
    set_anchor(segment);
    weft_segment_publish(&session.file);
}

static uint64_t loop_chunks(enum weft_mode mode)
{
    uint64_t size = ring_size_from_environment();
    if (size == 0)
        size = mode == WEFT_MODE_STREAM ? 16 << 20 : 4 << 20;
    return size / WEFT_CHUNK_SIZE < 2 ? 2 : size / WEFT_CHUNK_SIZE;
}

static uint64_t mask_of(enum weft_mode mode)
{
    return mode == WEFT_MODE_OFF       ? 0
           : mode == WEFT_MODE_STANDBY ? WEFT_PROBE_TABLES
                                       : WEFT_PROBE_ALL;
}

/* Only whoever asked for it is told that it cannot be: any program starts in standby, and goes on
 * where there is no room for that. */
static enum weft_mode start(enum weft_mode mode)
{
    weft_probe_clean_some();
    weft_clock_init();
    session.loop_chunks = loop_chunks(mode);
    session.mode = mode;
    int rc = map_segment();
    if (rc < 0) {
        char path[256] = "the runtime directory";
        weft_probe_directory(path, sizeof path);
        if (session.asked)
            weft_log("not tracing: no segment in %s: %s", path, strerror(-rc));
        return WEFT_MODE_OFF;
    }
    pthread_atfork(before_fork, in_fork_parent, in_fork_child);
    on_exit(at_exit, NULL);
    open_control();
    return mode;
}

enum weft_mode weft_probe_start(void)
{
    pthread_mutex_lock(&session.lock);
    if (!session.started) {
        session.started = true;
        session.pid = getpid();
        session.mode = mode_from_environment(&session.asked);
        if (session.mode != WEFT_MODE_OFF)
            session.mode = start(session.mode);
        set_mask(mask_of(session.mode));
    }
    enum weft_mode mode = session.mode;
    pthread_mutex_unlock(&session.lock);
    return mode;
}

struct weft_heap *weft_probe_heap(void)
{
    return weft_probe_on() ? session.file.heap : NULL;
}

uint32_t weft_string_add(const char *text, size_t len)
{
    struct weft_heap *heap = weft_probe_heap();
    if (!heap || !text)
        return WEFT_STRING_NONE;
    return weft_heap_add(heap, WEFT_HEAP_STRING, text, len == SIZE_MAX ? strlen(text) : len);
}

/* ---- Rings ---- */

static void no_room(const struct weft_writer *w)
{
    if (!session.asked)
        return;
    weft_log("no room for a ring in %s: %s: this %s is not traced", session.file.path,
             strerror(errno), w->kind == WEFT_RING_LOOP ? "loop" : "thread");
}

static void give_ring(struct weft_writer *w)
{
    uint64_t offset;
    struct weft_ring *ring = weft_segment_grow(&session.file, WEFT_PAGE, &offset);
    if (!ring) {
        no_room(w);
        return;
    }
    weft_ring_format(ring, w->index, (enum weft_ring_kind)w->kind, w->owner);
    weft_writer_init(w, session.file.segment, ring);
    w->slots.file = &session.file;
    w->slots.ring = w->index;
    atomic_store_explicit(&session.file.directory[w->index].offset, offset, memory_order_release);
    atomic_store_explicit(&session.file.segment->rings, w->index + 1, memory_order_release);
}

/* Its first chunks: from now on its events are recorded. */
static void give_area(struct weft_writer *w)
{
    uint64_t n = w->kind == WEFT_RING_LOOP ? session.loop_chunks : 4;
    uint64_t offset;
    void *area = weft_segment_add_area(&session.file, &n, &offset);
    if (area)
        weft_writer_set_area(w, area, n, offset);
    else
        no_room(w);
}

/* The writer of this kind that was parked longest. */
static struct weft_writer *take_parked(enum weft_ring_kind kind)
{
    struct weft_writer *oldest = NULL;
    for (struct weft_writer *w = session.writers; w; w = w->next)
        if (w->parked && w->kind == kind && (!oldest || w->parked_at < oldest->parked_at))
            oldest = w;
    return oldest;
}

static struct weft_writer *new_writer(enum weft_ring_kind kind)
{
    struct weft_writer *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->kind = kind;
    w->index = session.n_writers++;
    w->next = session.writers;
    session.writers = w;
    return w;
}

static void emit_opening(struct weft_writer *w, bool first_of_process)
{
    if (!weft_probe_recording())
        return;
    if (first_of_process) {
        session.process_id = weft_new_id(w, WEFT_ENTITY_PROCESS);
        weft_emit(w, WEFT_RECORD_PROCESS, 0, 0, session.process_id,
                  weft_string_add(session.file.segment->program, SIZE_MAX));
    }
    weft_emit(w, w->kind == WEFT_RING_LOOP ? WEFT_RECORD_LOOP_OPEN : WEFT_RECORD_THREAD, 0, 0,
              w->owner, w->tid);
}

struct weft_writer *weft_probe_open_ring(enum weft_ring_kind kind)
{
    pthread_mutex_lock(&session.lock);
    struct weft_writer *w = take_parked(kind);
    bool first_of_process = false;
    if (!w)
        w = new_writer(kind);
    if (!w) {
        pthread_mutex_unlock(&session.lock);
        return NULL;
    }
    w->parked = false;
    w->current_task = 0;
    w->coarse_ticks = weft_clock_now();
    w->tid = (uint64_t)syscall(SYS_gettid);
    w->generation++;
    w->owner = weft_new_id(w, kind == WEFT_RING_LOOP ? WEFT_ENTITY_LOOP : WEFT_ENTITY_THREAD);
    if (weft_probe_on() && session.pid == getpid()) {
        if (!w->ring && w->index < WEFT_RINGS_MAX)
            give_ring(w);
        if (w->ring && !w->area && weft_probe_recording())
            give_area(w);
        if (w->ring) {
            first_of_process = !session.begun;
            if (first_of_process)
                begin_trace();
            atomic_store_explicit(&w->ring->owner, w->owner, memory_order_relaxed);
            atomic_store_explicit(&w->ring->tid, w->tid, memory_order_relaxed);
        }
    }
    pthread_mutex_unlock(&session.lock);
    emit_opening(w, first_of_process);
    return w;
}

void weft_probe_close_ring(struct weft_writer *w, uint64_t never_done)
{
    if (!w)
        return;
    weft_emit(w, w->kind == WEFT_RING_LOOP ? WEFT_RECORD_LOOP_CLOSE : WEFT_RECORD_THREAD_EXIT, 0, 0,
              w->owner, w->kind == WEFT_RING_LOOP ? never_done : 0);
    weft_table_clear(w);
    pthread_mutex_lock(&session.lock);
    static uint64_t order;
    w->parked = true;
    w->parked_at = ++order;
    pthread_mutex_unlock(&session.lock);
}

static pthread_key_t thread_key; /* for its destructor only */
static pthread_once_t thread_once = PTHREAD_ONCE_INIT;
static __thread struct weft_writer *thread_writer __attribute__((tls_model("initial-exec")));

static void close_thread_writer(void *writer)
{
    thread_writer = NULL;
    weft_probe_close_ring(writer, 0);
}

static void make_thread_key(void)
{
    if (pthread_key_create(&thread_key, close_thread_writer) != 0)
        abort();
}

struct weft_writer *weft_probe_thread_writer(void)
{
    if (thread_writer)
        return thread_writer;
    static __thread struct weft_writer mute = { .index = WEFT_RINGS_MAX - 1 };
    pthread_once(&thread_once, make_thread_key);
    struct weft_writer *w = weft_probe_open_ring(WEFT_RING_THREAD);
    if (!w)
        return &mute;
    pthread_setspecific(thread_key, w);
    thread_writer = w;
    return w;
}

struct weft_writer *weft_probe_thread_writer_if_any(void)
{
    return thread_writer;
}

void weft_probe_tick(struct weft_writer *w, uint64_t now_ticks)
{
    if (!w->ring || now_ticks < atomic_load_explicit(&session.next_anchor, memory_order_relaxed))
        return;
    if (pthread_mutex_trylock(&session.lock) != 0)
        return;
    if (weft_probe_on() && session.file.segment)
        set_anchor(session.file.segment);
    pthread_mutex_unlock(&session.lock);
}

/* ---- Stopping ---- */

/* PROCESS_EXIT goes into a ring that nobody else can be writing: a parked one, or this thread's
 * own. */
static struct weft_writer *writer_for_exit(void)
{
    uint64_t tid = (uint64_t)syscall(SYS_gettid);
    struct weft_writer *found = NULL;
    for (struct weft_writer *w = session.writers; w; w = w->next)
        if (w->ring && (w->parked || w->tid == tid))
            found = w;
    return found;
}

static bool a_reader_holds_it(const struct weft_segment *segment)
{
    uint64_t pid = atomic_load_explicit(&segment->lease.pid, memory_order_relaxed);
    return pid != 0 && (kill((pid_t)pid, 0) == 0 || errno != ESRCH) &&
           weft_clock_monotonic_ns() <
               atomic_load_explicit(&segment->lease.expires_mono_ns, memory_order_relaxed);
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
    if (!weft_probe_on() || session.pid != getpid())
        return;
    weft_control_close();
    pthread_mutex_lock(&session.lock);
    struct weft_segment *segment = session.file.segment;
    if (segment) {
        struct weft_writer *w = writer_for_exit();
        if (w)
            weft_emit(w, WEFT_RECORD_PROCESS_EXIT, how, 0, session.process_id,
                      (uint64_t)(int64_t)number);
        set_mask(0);
        set_anchor(segment);
        atomic_store_explicit(&segment->exit_state, WEFT_SEGMENT_CLOSED, memory_order_release);
        bool keep = a_reader_holds_it(segment) || a_reader_will_come(segment);
        /* Page 0 stays mapped: a writer of another thread may be about to open a chunk. */
        if (keep)
            futimens(session.file.fd, NULL); /* it is as old as this, for stale.c */
        else
            unlink(session.file.path);
        weft_segment_close(&session.file);
    }
    pthread_mutex_unlock(&session.lock);
}

void weft_probe_stop(int exit_code)
{
    stop(WEFT_EXIT_CODE, exit_code);
}

void weft_probe_stop_by_signal(int number)
{
    stop(WEFT_EXIT_SIGNAL, number);
}
