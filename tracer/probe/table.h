/* table.h: the live tables: what every task and object does just now, without any event.
 *
 *   directory: | blocks | unlisted tasks, objects | offset of block 0 | of block 1 | ...
 *   block:     | 64-byte header | slot 1 | slot 2 | ... | slot 1,023 |        64 KiB
 *
 * A block belongs to one ring, so a slot has one writer: the ring's thread. A slot is 64 bytes
 * under a seqlock: `seq` is odd while it is being written; whoever reads copies it, and looks
 * again. A slot whose id is 0 is free. Blocks are made when they are needed and never given back;
 * what finds no slot is counted as unlisted, and that is all that happens to it.
 *
 * RESUME writes no slot: the ring's `running` says who runs. So a task whose slot says READY or NEW
 * and which is its ring's `running` runs, since `running_since`; one whose slot says RUNNING is the
 * outer one of a task that it started eagerly, which runs inside its slice.
 *
 * `since`: ticks. With events on it is exact; else it is what the loop's clock said when it last
 * looked: true to the iteration, and never later than the truth. */
#ifndef WEFT_PROBE_TABLE_H
#define WEFT_PROBE_TABLE_H

#include "tracer/probe/event.h"
#include <stdatomic.h>
#include <stdbool.h>

enum weft_table_kind {
    WEFT_TABLE_TASKS = 1,
    WEFT_TABLE_OBJECTS = 2,
    WEFT_TABLE_NAMES = 3,
};

enum {
    WEFT_TABLE_BLOCK = 65536,
    WEFT_TABLE_SLOT = 64,
    WEFT_TABLE_SLOTS = WEFT_TABLE_BLOCK / WEFT_TABLE_SLOT, /* numbered from 1: 0 is the header */
    WEFT_TABLE_BLOCKS_MAX = 2045, /* 128 MiB, two million tasks: the limit of a process */
};

struct weft_table_directory {
    _Atomic uint64_t blocks; /* in use; an entry is stored before it is counted, with release */
    _Atomic uint64_t unlisted_tasks, unlisted_objects; /* live, but found no slot */
    _Atomic uint64_t offsets[WEFT_TABLE_BLOCKS_MAX];   /* in the file */
};

struct weft_table_block {  /* the header, then slots */
    uint32_t kind, ring;   /* enum weft_table_kind */
    _Atomic uint64_t used; /* slots from 1 to this one have been used, ever */
    uint64_t reserved[6];
};
_Static_assert(sizeof(struct weft_table_block) == WEFT_TABLE_SLOT, "the header is a slot's size");

enum weft_live_state { /* numbers are stored in files: trace/state.h's, see trace/tablereader.c */
                       WEFT_LIVE_UNKNOWN = 0,
                       WEFT_LIVE_RUNNING,
                       WEFT_LIVE_READY,
                       WEFT_LIVE_WAITING,
                       WEFT_LIVE_CANCELLING,
                       WEFT_LIVE_DONE,
                       WEFT_LIVE_NEW,
};

enum {                          /* flags of slots */
       WEFT_LIVE_DELIVERED = 1, /* task: a cancellation was delivered, and its cleanup runs       */
       WEFT_LIVE_HOLDER = 2,    /* object: no object, but one more holder of the one of this id:
                                   `owner`, with `value` units; or one more member of that group  */
       WEFT_LIVE_EXPIRED = 4,   /* timeout: it is over, not left yet */
};

struct weft_task_slot {
    _Atomic uint64_t seq;
    _Atomic uint64_t id; /* 0: free */
    _Atomic uint64_t parent;
    _Atomic uint64_t since;      /* ticks: in this state since */
    _Atomic uint64_t other;      /* waiting: what it awaits; ready: who woke it */
    _Atomic uint64_t group;      /* the first that it became a member of, 0 = none */
    _Atomic uint64_t name_made;  /* name:32 | site of its creation:32 */
    _Atomic uint64_t site_state; /* site:32 | state:8 | detail:8 | cancels:8 | flags:8 */
};

/* Of timers, timeouts, locks, events, conditions, semaphores, barriers, queues and groups. Who
 * waits for one is in the tasks' `other`. */
struct weft_object_slot {
    _Atomic uint64_t seq;
    _Atomic uint64_t id;       /* 0: free */
    _Atomic uint64_t owner;    /* a lock's holder, a timer's or timeout's task, a semaphore's first
                                  holder; 0 = none */
    _Atomic uint64_t value;    /* RESOURCE's, signed */
    _Atomic uint64_t capacity; /* of a group: members */
    _Atomic uint64_t deadline_mono_ns; /* of a lock: ticks since when its holder has it */
    _Atomic uint64_t name_site;        /* name:32 | site:32 */
    _Atomic uint64_t flags;
};

/* A name in a slot is a string's id, or WEFT_NAME_SLOT | (block << 10 | slot) of one of these:
 * without events strings are not put into the heap, which only grows. Longer names are cut at a
 * UTF-8 boundary; a NUL ends shorter ones. */
struct weft_name_slot {
    _Atomic uint64_t seq;
    _Atomic uint64_t id; /* whose it is; 0: free */
    _Atomic uint64_t text[6];
};
#define WEFT_NAME_SLOT UINT32_C(0x80000000) /* but WEFT_STRING_FULL is what it always is */

_Static_assert(sizeof(struct weft_task_slot) == WEFT_TABLE_SLOT, "the slot is the ABI");
_Static_assert(sizeof(struct weft_object_slot) == WEFT_TABLE_SLOT, "the slot is the ABI");
_Static_assert(sizeof(struct weft_name_slot) == WEFT_TABLE_SLOT, "the slot is the ABI");

/* The halves of a word, high one first. */
static inline uint64_t weft_halves(uint32_t high, uint32_t low)
{
    return (uint64_t)high << 32 | low;
}

/* ---- A slot's seqlock, on the writer's side ---- */

static inline uint64_t weft_slot_begin(_Atomic uint64_t *seq)
{
    uint64_t even = atomic_load_explicit(seq, memory_order_relaxed);
    atomic_store_explicit(seq, even + 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    return even;
}
static inline void weft_slot_end(_Atomic uint64_t *seq, uint64_t even)
{
    atomic_store_explicit(seq, even + 2, memory_order_release);
}

/* ---- What feeds the tables: ring.h's emit calls ---- */

struct weft_writer;

/* The kinds of events that say something about a task or an object of the tables, or about the
 * loop: they are told whether or not events are recorded. */
#define WEFT_TABLE_EVENT(kind) (UINT64_C(1) << WEFT_RECORD_##kind)
#define WEFT_TABLE_EVENTS                                                                          \
    (WEFT_TABLE_EVENT(ITERATION) | WEFT_TABLE_EVENT(POLL_BEGIN) | WEFT_TABLE_EVENT(POLL_END) |     \
     WEFT_TABLE_EVENT(TASK_NEW) | WEFT_TABLE_EVENT(TASK_NAME) | WEFT_TABLE_EVENT(RESUME) |         \
     WEFT_TABLE_EVENT(SUSPEND) | WEFT_TABLE_EVENT(WAKE) | WEFT_TABLE_EVENT(TASK_DONE) |            \
     WEFT_TABLE_EVENT(TASK_FREE) | WEFT_TABLE_EVENT(CANCEL_REQUEST) |                              \
     WEFT_TABLE_EVENT(CANCEL_DELIVER) | WEFT_TABLE_EVENT(UNCANCEL) | WEFT_TABLE_EVENT(TIMER_SET) | \
     WEFT_TABLE_EVENT(TIMER_FIRE) | WEFT_TABLE_EVENT(TIMER_CANCEL) |                               \
     WEFT_TABLE_EVENT(TIMEOUT_ENTER) | WEFT_TABLE_EVENT(TIMEOUT_RESCHEDULE) |                      \
     WEFT_TABLE_EVENT(TIMEOUT_EXPIRE) | WEFT_TABLE_EVENT(TIMEOUT_EXIT) |                           \
     WEFT_TABLE_EVENT(OBJECT_NEW) | WEFT_TABLE_EVENT(OBJECT_NAME) |                                \
     WEFT_TABLE_EVENT(OBJECT_FREE) | WEFT_TABLE_EVENT(RESOURCE) | WEFT_TABLE_EVENT(GROUP_ADD) |    \
     WEFT_TABLE_EVENT(GROUP_DONE) | WEFT_TABLE_EVENT(CONTROL))
_Static_assert(WEFT_RECORD_KIND_END <= 64, "a bit for each kind");

static inline bool weft_table_wants(unsigned kind)
{
    return WEFT_TABLE_EVENTS >> kind & 1;
}

/* Whether objects of this entity have slots: of futures, operations and the like nothing needs to
 * be told while events are not recorded. */
static inline bool weft_table_has(unsigned entity)
{
    return (UINT32_C(1) << WEFT_ENTITY_TASK | UINT32_C(1) << WEFT_ENTITY_TIMER |
            UINT32_C(1) << WEFT_ENTITY_TIMEOUT | UINT32_C(1) << WEFT_ENTITY_LOCK |
            UINT32_C(1) << WEFT_ENTITY_EVENT | UINT32_C(1) << WEFT_ENTITY_CONDITION |
            UINT32_C(1) << WEFT_ENTITY_SEMAPHORE | UINT32_C(1) << WEFT_ENTITY_BARRIER |
            UINT32_C(1) << WEFT_ENTITY_QUEUE | UINT32_C(1) << WEFT_ENTITY_GROUP |
            UINT32_C(1) << WEFT_ENTITY_STREAM) >>
               (entity & 31) &
           1;
}

static inline uint64_t weft_site_state(uint32_t site, enum weft_live_state state, unsigned detail,
                                       uint64_t cancels_flags)
{
    return (uint64_t)site << 32 | (uint64_t)state << 24 | (uint64_t)detail << 16 | cancels_flags;
}

/* The slot of a task that was told of by TASK_NEW, until its TASK_FREE; NULL: it has none. For who
 * suspends tasks so often that looking for it each time would cost. */
struct weft_task_slot *weft_table_task(const struct weft_writer *w, uint64_t id);

/* SUSPEND without events, slot known. */
void weft_table_suspend_slot(struct weft_task_slot *slot, uint64_t time, unsigned detail,
                             uint32_t site, uint64_t task, uint64_t other);
static inline void weft_table_suspend(struct weft_task_slot *slot, uint64_t time, unsigned detail,
                                      uint32_t site, uint64_t task, uint64_t other)
{
    if (!slot)
        return;
    uint64_t lasts = atomic_load_explicit(&slot->site_state, memory_order_relaxed) & 0xffff;
    if (detail == WEFT_AWAIT_YIELD &&
        atomic_load_explicit(&slot->other, memory_order_relaxed) == task &&
        atomic_load_explicit(&slot->site_state, memory_order_relaxed) ==
            weft_site_state(site, WEFT_LIVE_READY, WEFT_WAKE_TASK, lasts))
        atomic_store_explicit(&slot->since, time, memory_order_relaxed); /* again: one word more */
    else
        weft_table_suspend_slot(slot, time, detail, site, task, other);
}

/* What an event does to the tables: the one place that says so. RESUME and ITERATION are told by
 * ring.h itself, the two below are for it too. Call weft_emit and its kin. */
void weft_table_wake(struct weft_writer *w, uint64_t time, unsigned cause, uint64_t task,
                     uint64_t by);
void weft_table_nest(struct weft_writer *w);
void weft_table_apply(struct weft_writer *w, uint64_t time, unsigned kind, unsigned detail,
                      uint32_t site, uint64_t subject, uint64_t object);

/* Without events: the task or object has this name. */
void weft_table_name(struct weft_writer *w, uint64_t id, const char *text);

/* Events are on from now: names of what lives go from slots into the heap. */
void weft_table_intern_names(struct weft_writer *w);

/* Tasks that live on this ring, listed or not: SNAPSHOT's count. */
uint64_t weft_table_live_tasks(const struct weft_writer *w);

/* The ring's owner is gone, and all that it had with it. */
void weft_table_clear(struct weft_writer *w);

#endif
