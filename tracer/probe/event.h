/* event.h: the event table and the 32-byte record: the only ABI between what emits and what reads.
 *
 *        0        8    9     10      12     16         24        32
 *        +--------+----+-----+-------+------+----------+---------+
 *        |  time  |kind|detail| flags| site | subject  | object  |
 *        +--------+----+-----+-------+------+----------+---------+
 *
 * A record says: at `time` (ticks of this ring's clock) `kind` happened to `subject`, the other
 * party being `object`, at source location `site`. Who did it is implicit: the ring's current task,
 * or, when no task runs, its loop. With WEFT_RECORD_EXT set, the next 32 bytes belong to this event
 * too; their layout is the struct that the table names.
 *
 * Everything that reads or prints events is generated from the tables here: kinds, details, entity
 * kinds. Add at the end of a table only: numbers are stored in files.
 */
#ifndef WEFT_PROBE_EVENT_H
#define WEFT_PROBE_EVENT_H

#include <stdint.h>

/* ---- The record ----
 */

struct weft_record {
    uint64_t time;  /* ticks of the ring's clock                                                 */
    uint8_t kind;   /* enum weft_record_kind; 0 = never written                                  */
    uint8_t detail; /* the kind's own enum: await kind, wake cause, outcome ...                  */
    uint16_t flags; /* WEFT_RECORD_EXT                                                           */
    uint32_t site;  /* source location id, 0 = unknown; a plain count where the table says so    */
    uint64_t subject; /* whom it is about: an entity id */
    uint64_t object; /* the other party, or a value: the table says which                         */
};
_Static_assert(sizeof(struct weft_record) == 32, "the record is the ABI");

enum {
    WEFT_RECORD_EXT = 1, /* flags: the next 32 bytes belong to this event */
    WEFT_SLOT_SIZE = 32, /* a record, or an EXT: what rings and files count */
};

/* ---- Entities and their ids ----
 * An id is  kind:8 | ring:12 | counter:44 : unique in its process, never reused, and it says what
 * it names even if its birth was lost. 0 is nobody. Counters start at 1, one per (ring, kind), so
 * the counter of a task on ring 0 is the N of asyncio's default name Task-N. */

#define WEFT_ENTITIES(X) /* name, text: as in "task:0:17" */                                       \
    X(PROCESS, "process")                                                                          \
    X(THREAD, "thread")                                                                            \
    X(LOOP, "loop")                                                                                \
    X(TASK, "task")                                                                                \
    X(FUTURE, "future")                                                                            \
    X(TIMER, "timer")                                                                              \
    X(TIMEOUT, "timeout")                                                                          \
    X(HANDLE, "handle")                                                                            \
    X(OP, "op")                                                                                    \
    X(LOCK, "lock")                                                                                \
    X(EVENT, "event")                                                                              \
    X(CONDITION, "condition")                                                                      \
    X(SEMAPHORE, "semaphore")                                                                      \
    X(BARRIER, "barrier")                                                                          \
    X(QUEUE, "queue")                                                                              \
    X(GROUP, "group")                                                                              \
    X(JOB, "job")                                                                                  \
    X(GENERATOR, "generator")                                                                      \
    X(STREAM, "stream")                                                                            \
    X(CHILD, "child")                                                                              \
    X(CALLBACK, "callback")                                                                        \
    X(SPAN, "span")                                                                                \
    X(COUNTER, "counter")

#define X(name, text) WEFT_ENTITY_##name,
enum weft_entity { WEFT_ENTITY_NONE = 0, WEFT_ENTITIES(X) WEFT_ENTITY_END };
#undef X

#define WEFT_ID_COUNTER_BITS 44
#define WEFT_ID_RING_BITS    12

static inline uint64_t weft_id(enum weft_entity kind, uint32_t ring, uint64_t counter)
{
    return (uint64_t)kind << 56 | (uint64_t)(ring & 0xfff) << WEFT_ID_COUNTER_BITS |
           (counter & ((UINT64_C(1) << WEFT_ID_COUNTER_BITS) - 1));
}
static inline unsigned weft_id_kind(uint64_t id)
{
    return (unsigned)(id >> 56);
}
static inline uint32_t weft_id_ring(uint64_t id)
{
    return (uint32_t)(id >> WEFT_ID_COUNTER_BITS) & 0xfff;
}
static inline uint64_t weft_id_counter(uint64_t id)
{
    return id & ((UINT64_C(1) << WEFT_ID_COUNTER_BITS) - 1);
}

/* ---- Details: the small enums ---- */

#define WEFT_AWAITS(X) /* what a SUSPEND waits for */                                              \
    X(YIELD, "yield")                                                                              \
    X(TIMER, "timer")                                                                              \
    X(FUTURE, "future")                                                                            \
    X(TASK, "task")                                                                                \
    X(GROUP, "group")                                                                              \
    X(LOCK, "lock")                                                                                \
    X(EVENT, "event")                                                                              \
    X(CONDITION, "condition")                                                                      \
    X(SEMAPHORE, "semaphore")                                                                      \
    X(BARRIER, "barrier")                                                                          \
    X(QUEUE_GET, "queue-get")                                                                      \
    X(QUEUE_PUT, "queue-put")                                                                      \
    X(QUEUE_JOIN, "queue-join")                                                                    \
    X(READ, "read")                                                                                \
    X(WRITE, "write")                                                                              \
    X(CONNECT, "connect")                                                                          \
    X(ACCEPT, "accept")                                                                            \
    X(DNS, "dns")                                                                                  \
    X(FILE, "file")                                                                                \
    X(CHILD, "child")                                                                              \
    X(JOB, "job")                                                                                  \
    X(SIGNAL, "signal")                                                                            \
    X(OTHER, "other")

#define WEFT_WAKES(X) /* why a task became ready */                                                \
    X(CREATED, "created")                                                                          \
    X(TIMER, "timer")                                                                              \
    X(IO, "io")                                                                                    \
    X(FUTURE, "future")                                                                            \
    X(TASK, "task")                                                                                \
    X(GROUP, "group")                                                                              \
    X(RESOURCE, "resource")                                                                        \
    X(THREAD, "thread")                                                                            \
    X(CANCEL, "cancel")                                                                            \
    X(TIMEOUT, "timeout")                                                                          \
    X(SIGNAL, "signal")                                                                            \
    X(UNKNOWN, "unknown")

#define WEFT_OUTCOMES(X) /* how a task, future, group or job ended */                              \
    X(RESULT, "result")                                                                            \
    X(ERROR, "error")                                                                              \
    X(CANCELLED, "cancelled")

#define WEFT_HANDLES(X) /* whose callback the loop runs */                                         \
    X(CALL_SOON, "call_soon")                                                                      \
    X(TIMER, "timer")                                                                              \
    X(IO, "io")                                                                                    \
    X(DONE, "done-callback")                                                                       \
    X(ASYNC, "async")                                                                              \
    X(SIGNAL, "signal")                                                                            \
    X(CHILD, "child")                                                                              \
    X(OTHER, "other")

#define WEFT_RESOURCE_OPS(X)                                                                       \
    X(ACQUIRE, "acquire")                                                                          \
    X(RELEASE, "release")                                                                          \
    X(SET, "set")                                                                                  \
    X(CLEAR, "clear")                                                                              \
    X(PUT, "put")                                                                                  \
    X(GET, "get")                                                                                  \
    X(NOTIFY, "notify")                                                                            \
    X(RESET, "reset")                                                                              \
    X(BREAK, "break")                                                                              \
    X(TASK_DONE, "task-done")                                                                      \
    X(SHUTDOWN, "shutdown")

/* Whether a RESOURCE's value is what the resource has now: of TASK_DONE it is what is still to be
 * done, which a queue is not as full as. */
#define WEFT_RESOURCE_TELLS_VALUE(op) ((op) != WEFT_RESOURCE_TASK_DONE)

#define WEFT_OPS(X) /* an I/O operation */                                                         \
    X(READ, "read")                                                                                \
    X(WRITE, "write")                                                                              \
    X(CONNECT, "connect")                                                                          \
    X(ACCEPT, "accept")                                                                            \
    X(LISTEN, "listen")                                                                            \
    X(SEND, "send")                                                                                \
    X(RECV, "recv")                                                                                \
    X(OPEN, "open")                                                                                \
    X(CLOSE, "close")                                                                              \
    X(STAT, "stat")                                                                                \
    X(SCANDIR, "scandir")                                                                          \
    X(GETADDRINFO, "getaddrinfo")                                                                  \
    X(GETNAMEINFO, "getnameinfo")                                                                  \
    X(SPAWN, "spawn")                                                                              \
    X(WATCH, "watch")                                                                              \
    X(OTHER, "other")

#define WEFT_CONTROLS(X)                                                                           \
    X(PAUSED, "paused")                                                                            \
    X(SLOWED, "slowed")                                                                            \
    X(RESUMED, "resumed")

#define WEFT_EXITS(X) /* how a process ended */                                                    \
    X(CODE, "code")                                                                                \
    X(SIGNAL, "signal")

#define WEFT_TASK_STATES(X) /* numbers are those of the live tables and of stored states */        \
    X(RUNNING, "running")                                                                          \
    X(READY, "ready")                                                                              \
    X(WAITING, "waiting")                                                                          \
    X(CANCELLING, "cancelling")                                                                    \
    X(DONE, "done")                                                                                \
    X(NEW, "new")

#define WEFT_OBJECT_STATES(X) /* what else is to be said of an object */                           \
    X(HOLDER, "holder")       /* who holds units of a semaphore, or is a group's member, too */    \
    X(EXPIRED, "expired")     /* a timeout that is over, not left yet */

/* Details count from 1: 0 means "none, or not known". */
#define X(name, text) WEFT_AWAIT_##name,
enum weft_await_kind { WEFT_AWAIT_NONE, WEFT_AWAITS(X) WEFT_AWAIT_END };
#undef X
#define X(name, text) WEFT_WAKE_##name,
enum weft_wake_cause { WEFT_WAKE_NONE, WEFT_WAKES(X) WEFT_WAKE_END };
#undef X
#define X(name, text) WEFT_OUTCOME_##name,
enum weft_outcome { WEFT_OUTCOME_NONE, WEFT_OUTCOMES(X) WEFT_OUTCOME_END };
#undef X
#define X(name, text) WEFT_HANDLE_##name,
enum weft_handle_kind { WEFT_HANDLE_NONE, WEFT_HANDLES(X) WEFT_HANDLE_END };
#undef X
#define X(name, text) WEFT_RESOURCE_##name,
enum weft_resource_op { WEFT_RESOURCE_NONE, WEFT_RESOURCE_OPS(X) WEFT_RESOURCE_END };
#undef X
#define X(name, text) WEFT_OP_##name,
enum weft_op_kind { WEFT_OP_NONE, WEFT_OPS(X) WEFT_OP_END };
#undef X
#define X(name, text) WEFT_CONTROL_##name,
enum weft_control_kind { WEFT_CONTROL_NONE, WEFT_CONTROLS(X) WEFT_CONTROL_END };
#undef X
#define X(name, text) WEFT_EXIT_##name,
enum weft_exit_kind { WEFT_EXIT_NONE, WEFT_EXITS(X) WEFT_EXIT_END };
#undef X
#define X(name, text) WEFT_TOLD_##name,
enum weft_told_task { WEFT_TOLD_NONE, WEFT_TASK_STATES(X) WEFT_TOLD_END };
#undef X
#define X(name, text) WEFT_TOLD_OBJECT_##name,
enum weft_told_object { WEFT_TOLD_OBJECT_NONE, WEFT_OBJECT_STATES(X) WEFT_TOLD_OBJECT_END };
#undef X

/* ---- EXT layouts: the 32 bytes behind a record with WEFT_RECORD_EXT ---- */

struct weft_ext_text { /* CANCEL_REQUEST's message */
    uint32_t text;     /* string id */
    uint32_t reserved[7];
};
struct weft_ext_error { /* TASK_DONE, FUTURE_DONE, ERROR_UNRETRIEVED */
    int32_t code;       /* the negative code */
    uint32_t name;      /* string id of its name: "ETIMEDOUT" */
    uint32_t message;   /* string id */
    uint32_t site;      /* where it was raised */
    int32_t cause;      /* the code behind it, 0 = none */
    uint32_t cause_message;
    uint32_t reserved[2];
};
struct weft_ext_op { /* OP_START */
    uint64_t handle; /* entity id of the stream or handle it runs on, 0 = none */
    int32_t fd;      /* -1: not known */
    uint32_t reserved;
    uint64_t size;   /* bytes asked for */
    uint64_t offset; /* in a file */
};
struct weft_ext_task { /* TASK_IS */
    uint64_t parent;
    uint64_t group; /* it is a member of, 0 = none */
    uint32_t name;  /* string id, 0 = none */
    uint32_t made;  /* site of its creation */
    uint8_t why;    /* waiting: the await kind; ready: the cause; done: the outcome */
    uint8_t cancels;
    uint8_t delivered; /* a cancellation was, and its cleanup runs */
    uint8_t age_shift;
    uint32_t age; /* it has been so for age << age_shift ns; 0: not known. See weft_age */
};
struct weft_ext_object { /* OBJECT_IS */
    int64_t value;
    uint64_t capacity;         /* of a group: members so far */
    uint64_t deadline_mono_ns; /* of a lock: its owner has had it for so many ns; 0: not known */
    uint32_t name;             /* string id, 0 = none */
    uint32_t units;            /* that a HOLDER holds */
};
_Static_assert(sizeof(struct weft_ext_task) == WEFT_SLOT_SIZE, "one slot");
_Static_assert(sizeof(struct weft_ext_object) == WEFT_SLOT_SIZE, "one slot");
_Static_assert(sizeof(struct weft_ext_text) == WEFT_SLOT_SIZE, "one slot");
_Static_assert(sizeof(struct weft_ext_error) == WEFT_SLOT_SIZE, "one slot");
_Static_assert(sizeof(struct weft_ext_op) == WEFT_SLOT_SIZE, "one slot");

/* An age to the nearest of 2^-31 of it, however long; more than 2^61 ns is none. */
static inline void weft_age_set(struct weft_ext_task *task, uint64_t ns)
{
    for (task->age_shift = 0; ns > UINT32_MAX; ns >>= 1)
        task->age_shift++;
    task->age = (uint32_t)ns;
}
static inline int64_t weft_age(const struct weft_ext_task *task)
{
    return task->age_shift > 29 ? 0 : (int64_t)task->age << task->age_shift;
}

/* ---- The event table ----
 * X(name, group, detail, site, object, ext, meaning)
 *   detail  the enum above that `detail` belongs to
 *   site    SITE: a source location id; COUNT: a plain number
 *   object  what `object` is: ENTITY an id, STRING a string id, DEADLINE CLOCK_MONOTONIC ns,
 *           NS a span of time, COUNT unsigned, VALUE signed, or NONE
 *   ext     which struct may follow, or NONE
 * `subject` is always an entity id. NS and DEADLINE: INT64_MAX is "for ever". */

#define WEFT_EVENTS(X)                                                                             \
    X(PROCESS, PROCESS, NONE, SITE, STRING, NONE,                                                  \
      "the process starts recording; its command line")                                            \
    X(PROCESS_EXIT, PROCESS, EXIT, SITE, VALUE, NONE, "the process ends: exit code or signal")     \
    X(FORK, PROCESS, NONE, SITE, COUNT, NONE, "the process forks: the child's pid")                \
    X(EXEC, PROCESS, NONE, SITE, STRING, NONE, "the process becomes another program")              \
    X(THREAD, PROCESS, NONE, SITE, COUNT, NONE, "a thread starts: its system id")                  \
    X(THREAD_EXIT, PROCESS, NONE, SITE, NONE, NONE, "a thread ends")                               \
    X(LOOP_OPEN, PROCESS, NONE, SITE, COUNT, NONE, "a loop opens on the thread of this system id") \
    X(LOOP_CLOSE, PROCESS, NONE, SITE, COUNT, NONE, "a loop closes: tasks that were never done")   \
    X(SNAPSHOT, PROCESS, NONE, SITE, COUNT, NONE, "recording begins amid the run: live tasks")     \
    X(CONTROL, PROCESS, CONTROL, SITE, VALUE, NONE,                                                \
      "a controller paused, slowed or resumed the loop")                                           \
    X(ITERATION, LOOP, NONE, COUNT, COUNT, NONE,                                                   \
      "an iteration's batch begins: number; ready count")                                          \
    X(POLL_BEGIN, LOOP, NONE, SITE, NS, NONE, "the loop polls, for at most this long")             \
    X(POLL_END, LOOP, NONE, SITE, COUNT, NONE, "the poll returns: number of events")               \
    X(CALLBACK_BEGIN, LOOP, HANDLE, SITE, ENTITY, NONE, "the loop calls back: whose handle")       \
    X(CALLBACK_END, LOOP, HANDLE, SITE, NONE, NONE, "the callback returns")                        \
    X(READY, LOOP, HANDLE, SITE, ENTITY, NONE, "a callback joins the ready queue; by whom")        \
    X(READY_CANCEL, LOOP, HANDLE, SITE, NONE, NONE, "a callback leaves the ready queue unrun")     \
    X(TASK_NEW, TASK, NONE, SITE, ENTITY, NONE, "a task is created; its parent")                   \
    X(TASK_NAME, TASK, NONE, SITE, STRING, NONE, "a task is named")                                \
    X(RESUME, TASK, NONE, SITE, NONE, NONE, "a task's slice begins")                               \
    X(SUSPEND, TASK, AWAIT, SITE, ENTITY, NONE, "a task's slice ends: it awaits this")             \
    X(WAKE, TASK, WAKE, SITE, ENTITY, NONE, "a task joins the ready queue; by whom")               \
    X(TASK_DONE, TASK, OUTCOME, SITE, NONE, ERROR, "a task ends, and its slice")                   \
    X(TASK_FREE, TASK, NONE, SITE, COUNT, NONE,                                                    \
      "a task's memory goes: bytes of stack that it is known to have used")                        \
    X(FUTURE_DONE, FUTURE, OUTCOME, SITE, ENTITY, ERROR, "a future gets its outcome; from whom")   \
    X(ERROR_UNRETRIEVED, FUTURE, NONE, SITE, NONE, ERROR,                                          \
      "a failure that nobody looked at is freed")                                                  \
    X(CANCEL_REQUEST, CANCEL, NONE, SITE, ENTITY, TEXT, "a task is asked to cancel; by whom")      \
    X(CANCEL_DELIVER, CANCEL, NONE, SITE, NONE, NONE, "a task receives its cancellation")          \
    X(UNCANCEL, CANCEL, NONE, SITE, COUNT, NONE,                                                   \
      "a request to cancel is taken back: requests left")                                          \
    X(TIMER_SET, TIME, NONE, SITE, DEADLINE, NONE, "a timer is set")                               \
    X(TIMER_FIRE, TIME, NONE, SITE, NONE, NONE, "a timer fires")                                   \
    X(TIMER_CANCEL, TIME, NONE, SITE, NONE, NONE, "a timer is cancelled before it is due")         \
    X(TIMEOUT_ENTER, TIME, NONE, SITE, DEADLINE, NONE, "the current task enters a timeout")        \
    X(TIMEOUT_RESCHEDULE, TIME, NONE, SITE, DEADLINE, NONE, "a timeout's deadline moves")          \
    X(TIMEOUT_EXPIRE, TIME, NONE, SITE, ENTITY, NONE, "a timeout is over; the task it cancels")    \
    X(TIMEOUT_EXIT, TIME, OUTCOME, SITE, ENTITY, NONE, "a timeout is left; its task")              \
    X(OBJECT_NEW, OBJECT, NONE, SITE, COUNT, NONE, "an object is created; its capacity")           \
    X(OBJECT_NAME, OBJECT, NONE, SITE, STRING, NONE, "an object is named")                         \
    X(OBJECT_FREE, OBJECT, NONE, SITE, COUNT, NONE, "an object goes; who still waits for it")      \
    X(RESOURCE, OBJECT, RESOURCE, SITE, VALUE, NONE, "a resource is used; its value afterwards")   \
    X(GROUP_ADD, OBJECT, NONE, SITE, ENTITY, NONE, "a member joins a group")                       \
    X(GROUP_DONE, OBJECT, OUTCOME, SITE, COUNT, NONE, "a group is done; members done")             \
    X(POST, THREAD, NONE, SITE, ENTITY, NONE, "a foreign thread hands a callback to a loop")       \
    X(WORK_SUBMIT, THREAD, NONE, SITE, COUNT, NONE,                                                \
      "a job goes to the thread pool; jobs before it")                                             \
    X(WORK_BEGIN, THREAD, NONE, SITE, ENTITY, NONE, "a worker starts a job; its thread")           \
    X(WORK_END, THREAD, OUTCOME, SITE, NONE, NONE, "a worker ends a job")                          \
    X(OP_START, IO, OP, SITE, ENTITY, OP, "an I/O operation starts; on what")                      \
    X(OP_END, IO, OP, SITE, VALUE, NONE, "an I/O operation ends: status or bytes")                 \
    X(MARK, USER, NONE, SITE, STRING, NONE, "the program says")                                    \
    X(SPAN_BEGIN, USER, NONE, SITE, STRING, NONE, "a span begins; its name")                       \
    X(SPAN_END, USER, NONE, SITE, STRING, NONE, "a span ends; its name")                           \
    X(COUNTER, USER, NONE, SITE, VALUE, NONE, "a counter's value")                                 \
    X(TASK_IS, TASK, STATE, SITE, ENTITY, TASK,                                                    \
      "recording begins amid the run: a task is so; what it awaits, or who woke it")               \
    X(OBJECT_IS, OBJECT, OBJECT, SITE, ENTITY, OBJECT,                                             \
      "recording begins amid the run: an object is so; whose it is")

#define X(name, group, detail, site, object, ext, meaning) WEFT_RECORD_##name,
enum weft_record_kind { WEFT_RECORD_NEVER_WRITTEN = 0, WEFT_EVENTS(X) WEFT_RECORD_KIND_END };
#undef X

/* ---- The tables as data: for whoever prints or parses (event.c) ---- */

enum weft_field { /* what a field of a record holds */
                  WEFT_FIELD_NONE,
                  WEFT_FIELD_ENTITY,
                  WEFT_FIELD_STRING,
                  WEFT_FIELD_DEADLINE,
                  WEFT_FIELD_NS,
                  WEFT_FIELD_COUNT,
                  WEFT_FIELD_VALUE,
                  WEFT_FIELD_SITE,
};
enum weft_ext {
    WEFT_EXT_NONE,
    WEFT_EXT_TEXT,
    WEFT_EXT_ERROR,
    WEFT_EXT_OP,
    WEFT_EXT_TASK,
    WEFT_EXT_OBJECT
};

struct weft_event_info {
    const char *name;           /* "TASK_NEW" */
    const char *group;          /* "task" */
    const char *meaning;        /* one line */
    const char *const *details; /* texts by number, NULL-terminated from [1]; NULL: kind has none */
    enum weft_field site, object;
    enum weft_ext ext;
};

/* NULL for 0 and for kinds this build does not know. Static. Any thread. */
const struct weft_event_info *weft_event_info(unsigned kind);
/* "task" for WEFT_ENTITY_TASK; NULL when unknown. */
const char *weft_entity_name(unsigned entity);
/* The detail's text, "" when the kind has none or it is 0, NULL when this build does not know it.
 */
const char *weft_detail_name(unsigned kind, unsigned detail);

#endif
