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

enum weft_live_state { /* numbers are stored in files: trace/state.h has the same */
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
                                   `owner`, with `value` units                                    */
       WEFT_LIVE_EXPIRED = 4,   /* timeout: it is over, not left yet */
};

struct weft_task_slot {
    _Atomic uint64_t seq;
    _Atomic uint64_t id; /* 0: free */
    _Atomic uint64_t parent;
    _Atomic uint64_t since;      /* ticks: in this state since */
    _Atomic uint64_t other;      /* waiting: what it awaits; ready: who woke it */
    _Atomic uint64_t group;      /* it is a member of, 0 = none */
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
    _Atomic uint64_t deadline_mono_ns;
    _Atomic uint64_t name_site; /* name:32 | site:32 */
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

#endif
