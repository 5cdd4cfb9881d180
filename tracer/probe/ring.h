/* ring.h: the ring of chunks in shared memory, its one writer, and the emit that everybody inlines.
 *
 *   segment (one file per process): fixed parts, then what was needed, in that order
 *   +--------+-----------+---------+--------+-- -
 *   | page 0 | directory | strings | tables | headers of rings, chunk areas, blocks of tables ...
 *   +--------+-----------+---------+--------+-- -
 *   area:   | chunk slot 0 | slot 1 | ... | slot N-1 |                       N >= 2
 *   chunk:  | 64-byte header | 2,046 slots of 32 bytes |                     64 KiB
 *
 * A ring is a page that says where its chunks are: nowhere until events are first on. A larger area
 * may take the place of one; the old one is not written again.
 *
 * Chunks are numbered 1, 2, 3 ...: `seq`, never reused in a ring's life; chunk k lives in slot
 * (k-1) mod N of the area. Counts are of slots (an EXT event is two). A slot's ordinal is its index
 * in all that the ring ever held.
 *
 * Publication. Opening chunk k: seq=0 relaxed, release fence, the other header words relaxed,
 * committed=64, seq=k release, current=k release. An event: its words relaxed, then committed
 * release. The writer's position is private memory: nothing used as an address is ever loaded from
 * the segment. A reader copies, then looks at seq again: unchanged means untorn (trace/ringreader).
 *
 * The law:  emitted = written + dropped,  and  emitted = read + lost,  exactly.
 *
 * Thread: a weft_writer belongs to one thread at a time (weft_writer_bind). In a signal handler
 * only events that are about no task and no object with a slot in the live tables may be emitted:
 * MARK, SPAN_BEGIN, SPAN_END, COUNTER. One that interrupts an emit is counted in `nested`, as
 * dropped; one that comes just before an emit has stored its time may stand before an event that is
 * some nanoseconds older: readers take the later time for both. */
#ifndef WEFT_PROBE_RING_H
#define WEFT_PROBE_RING_H

#include "tracer/probe/clock.h"
#include "tracer/probe/event.h"
#include "tracer/probe/site.h"
#include "tracer/probe/slots.h"
#include "tracer/probe/table.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    WEFT_PAGE = 4096,
    WEFT_CHUNK_SIZE = 65536,
    WEFT_CHUNK_HEADER = 64,
    WEFT_CHUNK_SLOTS = (WEFT_CHUNK_SIZE - WEFT_CHUNK_HEADER) / WEFT_SLOT_SIZE, /* 2,046 */
    WEFT_RINGS_MAX = 4096,
    WEFT_ABI_VERSION = 3,
};
#define WEFT_SEGMENT_MAGIC UINT64_C(0x474e495254464557) /* "WEFTRING", little-endian */

enum weft_mode {
    WEFT_MODE_OFF = 0,
    WEFT_MODE_STANDBY = 1,
    WEFT_MODE_FLIGHT = 2, /* the newest events overwrite the oldest            */
    WEFT_MODE_STREAM =
        3, /* a reader drains; what it has not read is not overwritten: new events are dropped */
};

enum weft_segment_end { /* how a process left its segment, as far as somebody has noticed */
                        WEFT_SEGMENT_OPEN = 0,     /* it is alive, or was killed unseen      */
                        WEFT_SEGMENT_CLOSED = 1,   /* it exited, and said so                 */
                        WEFT_SEGMENT_REPLACED = 2, /* it became another program (exec)       */
                        WEFT_SEGMENT_KILLED = 3,   /* it was found dead (stale.h)            */
};

/* ---- What lies in the segment. Every word that two processes touch is atomic ---- */

struct weft_lease { /* who drains a stream; the writer believes it until expiry     */
    _Atomic uint64_t pid,
        start_time; /* start_time: field 22 of /proc/PID/stat, against pid reuse    */
    _Atomic uint64_t expires_mono_ns; /* past it, a stream writes on as flight */
};

struct weft_segment {         /* page 0 */
    _Atomic uint64_t magic;   /* stored last, with release: before it the file is not a segment */
    uint32_t abi, clock_kind; /* WEFT_ABI_VERSION, enum weft_clock_kind                       */
    uint64_t pid, start_time;
    unsigned char boot_id[16];
    char session[64];      /* WEFT_SESSION, "" = none; NUL-terminated                      */
    char program[256];     /* command line, cut                                            */
    char executable[512];  /* its file, absolute: sources are looked for around it         */
    _Atomic uint64_t mode; /* enum weft_mode; read by writers when they open a chunk       */
    _Atomic uint64_t mask; /* requested event groups; all ones                             */
    struct weft_lease lease;
    _Atomic uint64_t anchor_seq; /* seqlock: odd while being written                             */
    _Atomic uint64_t anchor_ticks, anchor_mono_ns, anchor_real_ns;
    uint64_t first_ticks, first_mono_ns, first_real_ns; /* the anchor at opening */
    uint64_t directory_offset; /* WEFT_RINGS_MAX × struct weft_directory_entry                 */
    uint64_t strings_offset, strings_size;
    uint64_t tables_offset;      /* struct weft_table_directory */
    _Atomic uint64_t rings;      /* entries of the directory in use                              */
    _Atomic uint64_t exit_state; /* enum weft_segment_end                                        */
    _Atomic uint64_t rings_refused; /* loops and threads that came when there were too many      */
};
_Static_assert(sizeof(struct weft_segment) <= WEFT_PAGE, "the process header is one page");

struct weft_directory_entry {
    _Atomic uint64_t offset; /* of the ring's page in the file; stored last, with release */
};

enum weft_ring_kind {
    WEFT_RING_LOOP = 1,
    WEFT_RING_THREAD = 2,
};

struct weft_ring { /* one page */
    uint32_t index, kind;
    _Atomic uint64_t owner; /* entity id of the loop or thread */
    _Atomic uint64_t tid;
    _Atomic uint64_t area; /* weft_area(): where the chunks are; 0: none yet */
    /* The writer's line. current: the chunk being written, 0 = none yet. retired: slots that were
     * written to areas before this one. running: the task whose slice it is, 0 = none, since
     * (ticks). polling_since: ticks, 0 = not polling. */
    _Alignas(64) _Atomic uint64_t current;
    _Atomic uint64_t dropped, nested, retired;
    _Atomic uint64_t running, running_since, polling_since, iteration;
    /* The reader's line. consumed: this chunk and all before it are read. */
    _Alignas(64) _Atomic uint64_t consumed;
    /* The writer's, but rarely: since when a controller pauses the loop (ticks), 0 = it runs. */
    _Atomic uint64_t paused_since;
};
_Static_assert(sizeof(struct weft_ring) <= WEFT_PAGE, "the ring's header is one page");

/* An area in one word, so that another takes its place at once: the page where it begins in the
 * file, and how many chunks it has. */
static inline uint64_t weft_area(uint64_t offset, uint64_t chunks)
{
    return offset / WEFT_PAGE << 32 | chunks;
}
static inline uint64_t weft_area_offset(uint64_t area)
{
    return (area >> 32) * WEFT_PAGE;
}
static inline uint64_t weft_area_chunks(uint64_t area)
{
    return area & UINT32_MAX;
}

struct weft_chunk {                  /* 64 bytes, then slots */
    _Atomic uint64_t seq, committed; /* committed: bytes, this header included */
    _Atomic uint64_t base_ticks, base_mono_ns;
    _Atomic uint64_t first_event;   /* ordinal of slot 0 */
    _Atomic uint64_t dropped_total; /* dropped + nested when it was opened */
    _Atomic uint64_t current_task;
    _Atomic uint64_t owner; /* tid:32 | generation:32 */
};
_Static_assert(sizeof(struct weft_chunk) == WEFT_CHUNK_HEADER, "the chunk header is the ABI");

/* ---- The writer: private memory of the emitting thread ---- */

struct weft_pace {                 /* how its loop is to run: see pace.h */
    uint64_t paused_by, slowed_by; /* connections, 0: nobody; under the session's mutex */
    _Atomic bool asked;            /* anything of what follows, or somebody to cancel   */
    _Atomic bool paused;
    _Atomic bool step;       /* one is granted, and has not ended                  */
    _Atomic bool still;      /* the loop obeys: it runs nothing                    */
    _Atomic uint32_t factor; /* how many times as long a dispatch lasts; 0: as it is */
};

struct weft_writer {
    char *position, *end;     /* where the next slot goes; both NULL: no chunk is open */
    struct weft_chunk *chunk; /* the open chunk */
    _Atomic uint32_t busy;    /* an emit is under way: a signal handler's emit sees it */
    uint32_t index;           /* the ring's number, in every id; valid even when nothing is on */
    uint64_t current_task;    /* the implicit actor; 0: the loop itself */
    uint64_t coarse_ticks;    /* what the clock said when the loop last looked at it */
    struct weft_ring *ring;   /* NULL when the probe is off */
    char *area;               /* of chunks; NULL: this writer's events are not on */
    struct weft_segment *segment; /* where mode and lease are read */
    uint64_t k, n, ordinal;   /* chunk number, chunks in the area, slots written before the chunk */
    uint64_t first;           /* number of the area's first chunk */
    struct weft_slots slots;  /* its part of the live tables */
    uint64_t owner;           /* entity id of the loop or thread */
    uint64_t tid, generation; /* the owner's thread; how many owners the ring has had */
    uint64_t counters[WEFT_ENTITY_END]; /* of ids */
    struct weft_writer *next;           /* session.c's list of all writers */
    uint32_t kind;                      /* enum weft_ring_kind */
    uint64_t parked_at;                 /* order of parking */
    bool parked;                        /* closed, and free for the next owner */
    uint64_t mask;    /* that it has adopted: it records under no other; 0: rests */
    bool orphan;      /* a fork's child has it from its parent: it is mute */
    uint64_t turn;    /* the session's mode that it has adopted: writers.c */
    pthread_t thread; /* may emit, when `bound`; checked at chunk openings */
    bool bound;
    void (*wake)(void *); /* ends its loop's poll, from any thread; NULL: it has none */
    void *wake_arg;
    struct weft_pace pace;
};

/* What emitting does in this process: 0 when the probe is off. The only word that a disabled event
 * loads; private to the process, zeroed first in a fork's child: by fork.c's handler and, where the
 * kernel wipes a page for that (Linux 4.14, pages of 4 KiB), also in the child of a _Fork() or
 * clone() that calls no handler. Such a child is not traced until it execs. */
extern struct weft_probe_page {
    _Alignas(WEFT_PAGE) _Atomic uint64_t mask;
    char alone[WEFT_PAGE - 8];
} weft_probe_page;
enum {
    WEFT_PROBE_TABLES = 1, /* the live tables are kept up to date: standby, flight, stream */
    WEFT_PROBE_EVENTS = 2, /* events go into the rings: flight, stream                     */
    WEFT_PROBE_ALL = WEFT_PROBE_TABLES | WEFT_PROBE_EVENTS,
    WEFT_PROBE_BITS = 2, /* above them: how often events were switched off before */
};

static inline bool weft_probe_has(uint64_t bits)
{
    return __builtin_expect(
        (atomic_load_explicit(&weft_probe_page.mask, memory_order_relaxed) & bits) != 0, 0);
}

/* Somebody may look: at the live tables, at least. */
static inline bool weft_probe_on(void)
{
    return weft_probe_has(WEFT_PROBE_ALL);
}

/* Events are recorded. What only they need (a name of something without a slot, a measurement)
 * costs nothing otherwise. */
static inline bool weft_probe_recording(void)
{
    return weft_probe_has(WEFT_PROBE_EVENTS);
}

/* Whether this writer's events are recorded: since events are on it has had its turn. A loop that
 * is held in a slice while they are switched off and on again records nothing of what follows
 * either, until it says SNAPSHOT. */
static inline bool weft_writer_records(const struct weft_writer *w)
{
    return __builtin_expect(
        atomic_load_explicit(&weft_probe_page.mask, memory_order_relaxed) == w->mask, 0);
}

/* Whether an event of this kind is for anybody just now. */
static inline bool weft_probe_wants(unsigned kind)
{
    return weft_probe_has(weft_table_wants(kind) ? WEFT_PROBE_ALL : WEFT_PROBE_EVENTS);
}

/* The same of an event about this entity: what is no task and has no slot is only for recordings.
 */
static inline bool weft_probe_wants_of(unsigned kind, uint64_t subject)
{
    bool of_any = kind == WEFT_RECORD_OBJECT_NEW || kind == WEFT_RECORD_OBJECT_NAME ||
                  kind == WEFT_RECORD_OBJECT_FREE;
    return weft_probe_wants(kind) &&
           (!of_any || weft_table_has(weft_id_kind(subject)) || weft_probe_recording());
}

/* A new id on this writer's ring. Works whether or not anything is on. */
static inline uint64_t weft_new_id(struct weft_writer *w, enum weft_entity kind)
{
    return weft_id(kind, w->index, ++w->counters[kind]);
}

/* Opens the next chunk for an event of `size` bytes; false: refused, and counted as dropped. */
bool weft_ring_open_chunk(struct weft_writer *w, size_t size);
/* Counts what a signal handler wanted to emit in the middle of an emit. Async-signal-safe. */
void weft_ring_count_nested(struct weft_writer *w, size_t size);

/* Sets up a ring without chunks in a zeroed page, and its writer (session.c does; tests too).
 * `segment` is where mode and lease are read at every chunk opening. */
void weft_ring_format(struct weft_ring *ring, uint32_t index, enum weft_ring_kind kind,
                      uint64_t owner);
void weft_writer_init(struct weft_writer *w, struct weft_segment *segment, struct weft_ring *ring);
/* From now on the writer's chunks go to this zeroed area of n, which lies at `offset` in the file:
 * its first, or one larger than the one before. The writer's own thread. */
void weft_writer_set_area(struct weft_writer *w, void *area, uint64_t n, uint64_t offset);
/* No more events until it is resumed, in a chunk of their own then. The writer's own thread. */
void weft_writer_rest(struct weft_writer *w);
void weft_writer_resume(struct weft_writer *w);
/* From now on the calling thread emits, and no other: it has the writer from whoever did so before,
 * who has stopped. What another thread emits nevertheless is noticed when a chunk is to be opened:
 * refused then, and counted as dropped. Until then it may be there, or be there instead of another:
 * who emits is not asked at each event, which would cost every program something. */
void weft_writer_bind(struct weft_writer *w);
/* Has that happened, in this process, since it was last asked? */
bool weft_ring_was_misused(void);

static inline struct weft_chunk *weft_chunk_slot(void *area, uint64_t n_chunks, uint64_t k)
{
    return (struct weft_chunk *)(void *)((char *)area + (k - 1) % n_chunks * WEFT_CHUNK_SIZE);
}

static inline void weft_slot_store(char *slot, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    _Atomic uint64_t *words = (_Atomic uint64_t *)(void *)slot;
    atomic_store_explicit(&words[0], a, memory_order_relaxed);
    atomic_store_explicit(&words[1], b, memory_order_relaxed);
    atomic_store_explicit(&words[2], c, memory_order_relaxed);
    atomic_store_explicit(&words[3], d, memory_order_relaxed);
}

/* Emits one event at `time` and returns the time it was given: later, when a chunk had to be
 * opened. `ext` is NULL or 32 bytes. Call weft_emit and its kin below, not this. */
static inline uint64_t weft_ring_emit(struct weft_writer *w, uint64_t time, unsigned kind,
                                      unsigned detail, uint32_t site, uint64_t subject,
                                      uint64_t object, const uint64_t *ext)
{
    size_t size = ext ? 2 * WEFT_SLOT_SIZE : WEFT_SLOT_SIZE;
    if (__builtin_expect(atomic_load_explicit(&w->busy, memory_order_relaxed), 0)) {
        weft_ring_count_nested(w, size);
        return time;
    }
    atomic_store_explicit(&w->busy, 1, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
    if (__builtin_expect((size_t)(w->end - w->position) < size, 0)) {
        if (!weft_ring_open_chunk(w, size)) {
            atomic_signal_fence(memory_order_seq_cst);
            atomic_store_explicit(&w->busy, 0, memory_order_relaxed);
            return time;
        }
        time = weft_clock_now();
    }
    uint64_t flags = ext ? WEFT_RECORD_EXT : 0;
    weft_slot_store(w->position, time,
                    (uint64_t)kind | (uint64_t)detail << 8 | flags << 16 | (uint64_t)site << 32,
                    subject, object);
    if (ext)
        weft_slot_store(w->position + WEFT_SLOT_SIZE, ext[0], ext[1], ext[2], ext[3]);
    w->position += size;
    atomic_store_explicit(&w->chunk->committed, (uint64_t)(w->position - (char *)w->chunk),
                          memory_order_release);
    atomic_signal_fence(memory_order_seq_cst);
    atomic_store_explicit(&w->busy, 0, memory_order_relaxed);
    return time;
}

/* ---- Emitting. All of these: the writer's own thread only; nothing happens when the probe is off
 * ---- */

/* The time of an event that happens now: the clock's when events are recorded, else what the loop
 * last saw there. */
static inline uint64_t weft_event_time(const struct weft_writer *w)
{
    return weft_probe_recording() ? weft_clock_now() : w->coarse_ticks;
}

/* RESUME without events. */
static inline void weft_table_resume(struct weft_writer *w, uint64_t time, uint64_t task)
{
    if (!w->ring)
        return;
    if (__builtin_expect(w->current_task != 0, 0))
        weft_table_nest(w);
    atomic_store_explicit(&w->ring->running_since, time, memory_order_relaxed);
    atomic_store_explicit(&w->ring->running, task, memory_order_relaxed);
}

/* ITERATION without events. */
static inline void weft_table_iteration(struct weft_writer *w, uint64_t number)
{
    if (w->ring)
        atomic_store_explicit(&w->ring->iteration, number, memory_order_relaxed);
}

/* Hands one event to whom it may concern; returns its time, see weft_ring_emit. */
static inline uint64_t weft_tell(struct weft_writer *w, uint64_t time, unsigned kind,
                                 unsigned detail, uint32_t site, uint64_t subject, uint64_t object,
                                 const uint64_t *ext)
{
    if (weft_writer_records(w))
        time = weft_ring_emit(w, time, kind, detail, site, subject, object, ext);
    if (kind == WEFT_RECORD_RESUME) {
        weft_table_resume(w, time, subject);
    } else if (kind == WEFT_RECORD_ITERATION) {
        weft_table_iteration(w, object);
    } else if (kind == WEFT_RECORD_WAKE) {
        weft_table_wake(w, time, detail, subject, object);
    } else if (weft_table_wants(kind)) {
        weft_table_apply(w, time, kind, detail, site, subject, object);
    }
    return time;
}

/* One event, now. */
static inline void weft_emit(struct weft_writer *w, enum weft_record_kind kind, unsigned detail,
                             uint32_t site, uint64_t subject, uint64_t object)
{
    if (weft_probe_wants(kind) && w->ring)
        weft_tell(w, weft_event_time(w), kind, detail, site, subject, object, NULL);
}

/* One event at a time already read, for events that share a timestamp because no user code, poll or
 * other delay lies between. Returns the time to pass to the next one. */
static inline uint64_t weft_emit_shared(struct weft_writer *w, uint64_t time,
                                        enum weft_record_kind kind, unsigned detail, uint32_t site,
                                        uint64_t subject, uint64_t object)
{
    if (weft_probe_wants(kind) && w->ring)
        return weft_tell(w, time, kind, detail, site, subject, object, NULL);
    return time;
}

/* One event with its EXT: a pointer to one of event.h's ext structs, 8-byte aligned. */
static inline void weft_emit_ext(struct weft_writer *w, enum weft_record_kind kind, unsigned detail,
                                 uint32_t site, uint64_t subject, uint64_t object, const void *ext)
{
    if (weft_probe_wants(kind) && w->ring) {
        uint64_t words[4];
        __builtin_memcpy(words, ext, sizeof words);
        weft_tell(w, weft_event_time(w), kind, detail, site, subject, object, words);
    }
}

/* SUSPEND at this time, of a task whose slot is known: weft_table_task. */
static inline uint64_t weft_emit_suspend(struct weft_writer *w, struct weft_task_slot *slot,
                                         uint64_t time, enum weft_await_kind kind, uint32_t site,
                                         uint64_t task, uint64_t awaited)
{
    if (weft_writer_records(w) && w->ring)
        time = weft_ring_emit(w, time, WEFT_RECORD_SUSPEND, kind, site, task, awaited, NULL);
    weft_table_suspend(slot, time, kind, site, task, awaited);
    return time;
}

/* TASK_NAME or OBJECT_NAME, now. The text is copied; NULL is none. */
void weft_emit_name(struct weft_writer *w, enum weft_record_kind kind, uint64_t subject,
                    const char *text);

/* RESUME and SUSPEND/TASK_DONE change who the actor is, for chunk headers: call this right after
 * emitting RESUME, and with 0 (the outer task, for an eager start) after SUSPEND or TASK_DONE. */
static inline void weft_set_current_task(struct weft_writer *w, uint64_t task)
{
    w->current_task = task;
    if (weft_probe_on() && w->ring)
        atomic_store_explicit(&w->ring->running, task, memory_order_relaxed);
}

#endif
