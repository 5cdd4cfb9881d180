/* writers.c: the writers of this process, one for each loop and each thread that emits.
 *
 * Writers are kept for ever: a closed one is parked and taken over by the next loop or thread of
 * its kind, oldest first, so its ring's ordinals and its ids' counters go on and nothing is ever
 * used twice. A process has 4,095 rings. Whoever comes when all are taken has none, and ids from
 * the last number's, of which each such writer has its own stretch.
 *
 * The list is under the session's mutex; a writer is its thread's. */
#include "tracer/probe/inside.h"
#include "tracer/probe/mode.h"
#include "tracer/probe/pace.h"
#include "tracer/probe/snapshot.h"
#include "tracer/probe/strings.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RINGLESS = WEFT_RINGS_MAX - 1 }; /* the number in the ids of those without a ring */

static struct weft_session *const session = &weft__session;

/* ---- Room ---- */

static void no_room(const struct weft_writer *w)
{
    if (!session->asked)
        return;
    weft_log("no room for a ring in %s: %s: this %s is not traced", session->file.path,
             strerror(errno), w->kind == WEFT_RING_LOOP ? "loop" : "thread");
}

static void give_ring(struct weft_writer *w)
{
    uint64_t offset;
    struct weft_ring *ring = weft_segment_grow(&session->file, WEFT_PAGE, &offset);
    if (!ring) {
        no_room(w);
        return;
    }
    weft_ring_format(ring, w->index, (enum weft_ring_kind)w->kind, w->owner);
    weft_writer_init(w, session->file.segment, ring);
    w->slots.file = &session->file;
    w->slots.ring = w->index;
    atomic_store_explicit(&session->file.directory[w->index].offset, offset, memory_order_release);
    atomic_store_explicit(&session->file.segment->rings, w->index + 1, memory_order_release);
}

/* Chunks, its first or more of them: from now on its events are recorded. */
static void give_area(struct weft_writer *w)
{
    uint64_t n = w->kind == WEFT_RING_LOOP ? session->loop_chunks : session->thread_chunks;
    uint64_t offset;
    if (w->area && w->n >= n)
        return;
    void *area = weft_segment_add_area(&session->file, &n, &offset);
    if (area && n > w->n)
        weft_writer_set_area(w, area, n, offset);
    else if (!w->area)
        no_room(w);
}

/* One more than there are rings: it is counted, and said once. */
static void refuse_ring(void)
{
    static bool said;
    atomic_fetch_add_explicit(&session->file.segment->rings_refused, 1, memory_order_relaxed);
    if (!said)
        weft_log("more than %d loops and threads at a time: those beyond are not traced", RINGLESS);
    said = true;
}

/* ---- The list ---- */

/* The writer of this kind that was parked longest. */
static struct weft_writer *take_parked(enum weft_ring_kind kind)
{
    struct weft_writer *oldest = NULL;
    for (struct weft_writer *w = session->writers; w; w = w->next)
        if (w->parked && w->kind == kind && (!oldest || w->parked_at < oldest->parked_at))
            oldest = w;
    return oldest;
}

/* Ids that no other writer gives out: 2^32 of each kind. */
static void give_stretch(struct weft_writer *w)
{
    static _Atomic uint64_t last;
    uint64_t stretch = atomic_fetch_add_explicit(&last, 1, memory_order_relaxed);
    w->index = RINGLESS;
    for (int kind = 0; kind < WEFT_ENTITY_END; kind++)
        w->counters[kind] = stretch << 32;
}

static struct weft_writer *new_writer(enum weft_ring_kind kind)
{
    struct weft_writer *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->kind = kind;
    if (session->n_writers < RINGLESS)
        w->index = session->n_writers++;
    else
        give_stretch(w);
    w->next = session->writers;
    session->writers = w;
    return w;
}

/* ---- Opening and closing ---- */

/* With the lock held: what the mode asks of a writer that begins. */
static void prepare(struct weft_writer *w, bool *first_of_process)
{
    if (!weft_probe_on() || session->pid != getpid())
        return;
    if (w->index == RINGLESS)
        refuse_ring();
    else if (!w->ring)
        give_ring(w);
    if (!w->ring)
        return;
    w->turn = atomic_load_explicit(&session->turn, memory_order_relaxed);
    if (weft_probe_recording()) {
        give_area(w);
        weft_writer_resume(w);
    } else {
        weft_writer_rest(w);
    }
    *first_of_process = !session->begun;
    if (!session->begun)
        weft_session_begin(w);
    atomic_store_explicit(&w->ring->owner, w->owner, memory_order_relaxed);
    atomic_store_explicit(&w->ring->tid, w->tid, memory_order_relaxed);
}

static void emit_opening(struct weft_writer *w, bool first_of_process)
{
    if (!weft_probe_recording())
        return;
    if (first_of_process)
        weft_emit(w, WEFT_RECORD_PROCESS, 0, 0, session->process_id,
                  weft_string_add(session->file.segment->program, SIZE_MAX));
    weft_emit(w, w->kind == WEFT_RING_LOOP ? WEFT_RECORD_LOOP_OPEN : WEFT_RECORD_THREAD, 0, 0,
              w->owner, w->tid);
}

struct weft_writer *weft_probe_open_ring(enum weft_ring_kind kind)
{
    pthread_mutex_lock(&session->lock);
    struct weft_writer *w = take_parked(kind);
    bool first_of_process = false;
    if (!w)
        w = new_writer(kind);
    if (!w) {
        pthread_mutex_unlock(&session->lock);
        return NULL;
    }
    w->parked = false;
    w->current_task = 0;
    w->coarse_ticks = weft_clock_now();
    weft_writer_bind(w);
    w->generation++;
    w->owner = weft_new_id(w, kind == WEFT_RING_LOOP ? WEFT_ENTITY_LOOP : WEFT_ENTITY_THREAD);
    prepare(w, &first_of_process);
    pthread_mutex_unlock(&session->lock);
    emit_opening(w, first_of_process);
    return w;
}

void weft_probe_close_ring(struct weft_writer *w, uint64_t never_done)
{
    if (!w)
        return;
    if (!w->orphan && weft_probe_on()) {
        weft_writer_bind(w); /* a loop may be closed by another thread than ran it */
        weft_emit(w, w->kind == WEFT_RING_LOOP ? WEFT_RECORD_LOOP_CLOSE : WEFT_RECORD_THREAD_EXIT,
                  0, 0, w->owner, w->kind == WEFT_RING_LOOP ? never_done : 0);
        weft_table_clear(w);
    }
    pthread_mutex_lock(&session->lock);
    static uint64_t order;
    w->wake = NULL;
    w->parked = true;
    w->parked_at = ++order;
    pthread_mutex_unlock(&session->lock);
}

void weft_writer_set_wake(struct weft_writer *w, void (*wake)(void *), void *arg)
{
    pthread_mutex_lock(&session->lock);
    w->wake = wake;
    w->wake_arg = arg;
    if (wake)
        weft_pace_begin(w);
    pthread_mutex_unlock(&session->lock);
}

/* ---- Turns ---- */

static bool adopt(struct weft_writer *w, uint64_t *live)
{
    w->turn = atomic_load_explicit(&session->turn, memory_order_relaxed);
    if (!weft_probe_on() || session->pid != getpid())
        return false;
    if (!w->ring) { /* it was there before the session */
        bool first_of_process;
        prepare(w, &first_of_process);
        return w->ring != NULL;
    }
    if (!weft_probe_recording()) {
        weft_writer_rest(w);
        return false;
    }
    bool went_on = w->area && weft_writer_records(w);
    if (!went_on)
        weft_writer_rest(w); /* what it recorded before is another chunk's */
    give_area(w);
    weft_writer_resume(w);
    *live = weft_table_live_tasks(w);
    return !went_on;
}

static bool take_turn(struct weft_writer *w, uint64_t now)
{
    bool begins = false,
         changes = w->turn != atomic_load_explicit(&session->turn, memory_order_relaxed);
    uint64_t live = 0;
    if (!changes && pthread_mutex_trylock(&session->lock) != 0)
        return false;
    if (changes)
        pthread_mutex_lock(&session->lock);
    if (weft_probe_on() && session->begun &&
        (changes || now >= atomic_load_explicit(&session->next_anchor, memory_order_relaxed)))
        weft_session_set_anchor();
    if (changes)
        begins = adopt(w, &live);
    pthread_mutex_unlock(&session->lock);
    if (begins)
        weft_snapshot_emit(
            w, weft_emit_shared(w, weft_clock_now(), WEFT_RECORD_SNAPSHOT, 0, 0, w->owner, live));
    if (weft_ring_was_misused())
        weft_log("events were emitted by another thread than their loop's: they are not in the "
                 "trace, and are counted as lost");
    return true;
}

bool weft_probe_turn(struct weft_writer *w, uint64_t now)
{
    if (w->orphan)
        return false;
    if (__builtin_expect(w->turn == atomic_load_explicit(&session->turn, memory_order_relaxed) &&
                             now <
                                 atomic_load_explicit(&session->next_anchor, memory_order_relaxed),
                         1))
        return false;
    if (!pthread_equal(w->thread, pthread_self())) {
        static _Atomic bool said;
        if (!atomic_exchange_explicit(&said, true, memory_order_relaxed))
            weft_log("a loop is run by another thread than it was given to: it is not traced");
        return false;
    }
    return take_turn(w, now);
}

/* ---- Foreign threads ---- */

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

/* Out of memory: one that records nothing, but gives out ids of its own. */
static struct weft_writer *mute_writer(void)
{
    static __thread struct weft_writer mute;
    if (mute.index == 0)
        give_stretch(&mute);
    return &mute;
}

struct weft_writer *weft_probe_thread_writer(void)
{
    struct weft_writer *w = thread_writer;
    if (w && !w->orphan) {
        if (w->turn != atomic_load_explicit(&session->turn, memory_order_relaxed))
            weft_probe_turn(w, 0);
        return w;
    }
    pthread_once(&thread_once, make_thread_key);
    w = weft_probe_open_ring(WEFT_RING_THREAD);
    if (!w)
        return mute_writer();
    pthread_setspecific(thread_key, w);
    thread_writer = w;
    return w;
}

struct weft_writer *weft_probe_thread_writer_if_any(void)
{
    return thread_writer;
}
