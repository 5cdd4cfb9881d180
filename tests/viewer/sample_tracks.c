/* sample_tracks.c: see sample_tracks.h. */
#include "tests/viewer/sample_tracks.h"

enum { A = 1, B, DB, SLOTS, ORDERS, OPEN, DEPTH, POOL_1, POOL_2, STRINGS };
enum { SITE_HASH = 1 };

struct tape {
    weft_trace *trace;
    GArray *records;
};

static const guint64 loop = (guint64)WEFT_ENTITY_LOOP << 56 | 1;

static guint64 id(enum weft_entity kind, guint64 n)
{
    return weft_id(kind, 0, n);
}

static void put(struct tape *tape, double ms, guint kind, guint detail, guint64 subject,
                guint64 object)
{
    struct weft_record record = { .time = (guint64)(ms * 1e6),
                                  .kind = (guint8)kind,
                                  .detail = (guint8)detail,
                                  .subject = subject,
                                  .object = object };
    if (kind == WEFT_RECORD_WORK_SUBMIT)
        record.site = SITE_HASH;
    g_array_append_val(tape->records, record);
}

static void flush(struct tape *tape, guint32 ring)
{
    weft_trace_append(tape->trace, ring, (const struct weft_record *)(void *)tape->records->data,
                      tape->records->len);
    g_array_set_size(tape->records, 0);
}

static void object(struct tape *tape, double ms, guint64 what, guint64 capacity, guint name)
{
    put(tape, ms, WEFT_RECORD_OBJECT_NEW, 0, what, capacity);
    put(tape, ms, WEFT_RECORD_OBJECT_NAME, 0, what, name);
}

static void use(struct tape *tape, double ms, enum weft_resource_op op, guint64 what, gint64 value)
{
    put(tape, ms, WEFT_RECORD_RESOURCE, op, what, (guint64)value);
}

static void begin(struct tape *tape)
{
    put(tape, 0, WEFT_RECORD_LOOP_OPEN, 0, loop, 1);
    object(tape, 0, id(WEFT_ENTITY_LOCK, 1), 1, DB);
    object(tape, 0, id(WEFT_ENTITY_QUEUE, 1), 4, ORDERS);
    object(tape, 0, id(WEFT_ENTITY_EVENT, 1), 0, OPEN);
    put(tape, 0, WEFT_RECORD_OBJECT_NAME, 0, id(WEFT_ENTITY_COUNTER, 1), DEPTH);
    for (guint i = A; i <= B; i++) {
        put(tape, 1, WEFT_RECORD_TASK_NEW, 0, id(WEFT_ENTITY_TASK, i), loop);
        put(tape, 1, WEFT_RECORD_TASK_NAME, 0, id(WEFT_ENTITY_TASK, i), i);
        put(tape, 1, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, id(WEFT_ENTITY_TASK, i), loop);
    }
}

weft_trace *weft_sample_tracks(gboolean lossy)
{
    static const char *const strings[STRINGS] = {
        [A] = "a",         [B] = "b",           [DB] = "db",
        [SLOTS] = "slots", [ORDERS] = "orders", [OPEN] = "open",
        [DEPTH] = "depth", [POOL_1] = "pool 2", [POOL_2] = "pool 10",
    };
    struct tape tape = { weft_trace_new(), g_array_new(FALSE, TRUE, sizeof(struct weft_record)) };
    guint64 lock = id(WEFT_ENTITY_LOCK, 1), slots = id(WEFT_ENTITY_SEMAPHORE, 1);
    guint64 queue = id(WEFT_ENTITY_QUEUE, 1), open = id(WEFT_ENTITY_EVENT, 1);
    guint64 a = id(WEFT_ENTITY_TASK, A), b = id(WEFT_ENTITY_TASK, B);
    guint64 depth = id(WEFT_ENTITY_COUNTER, 1);
    for (guint i = 1; i < STRINGS; i++)
        weft_trace_define_string(tape.trace, i, strings[i]);
    weft_trace_define_site(tape.trace, SITE_HASH, "app.c", "hash_all", 7);
    begin(&tape);
    put(&tape, 2, WEFT_RECORD_RESUME, 0, a, 0);
    use(&tape, 2, WEFT_RESOURCE_ACQUIRE, lock, 1);
    object(&tape, 3, slots, 3, SLOTS);
    use(&tape, 3, WEFT_RESOURCE_ACQUIRE, slots, 2);
    use(&tape, 4, WEFT_RESOURCE_PUT, queue, 1);
    put(&tape, 5, WEFT_RECORD_COUNTER, 0, depth, 6);
    put(&tape, 6, WEFT_RECORD_WORK_SUBMIT, 0, id(WEFT_ENTITY_JOB, 1), 0);
    put(&tape, 7, WEFT_RECORD_SUSPEND, WEFT_AWAIT_JOB, a, id(WEFT_ENTITY_JOB, 1));
    put(&tape, 8, WEFT_RECORD_RESUME, 0, b, 0);
    use(&tape, 8.5, WEFT_RESOURCE_ACQUIRE, slots, 0);
    use(&tape, 9, WEFT_RESOURCE_PUT, queue, 4);
    put(&tape, 9.5, WEFT_RECORD_WORK_SUBMIT, 0, id(WEFT_ENTITY_JOB, 2), 1);
    put(&tape, 10, WEFT_RECORD_SUSPEND, WEFT_AWAIT_LOCK, b, lock);
    put(&tape, 30, WEFT_RECORD_WAKE, WEFT_WAKE_THREAD, a, 0);
    put(&tape, 30, WEFT_RECORD_RESUME, 0, a, 0);
    put(&tape, 31, WEFT_RECORD_COUNTER, 0, depth, (guint64)-2);
    use(&tape, 32, WEFT_RESOURCE_SET, open, 1);
    use(&tape, 33, WEFT_RESOURCE_RELEASE, lock, 0);
    put(&tape, 33, WEFT_RECORD_WAKE, WEFT_WAKE_RESOURCE, b, a);
    use(&tape, 50, WEFT_RESOURCE_RELEASE, slots, 2);
    use(&tape, 55, WEFT_RESOURCE_GET, queue, 2);
    use(&tape, 58, WEFT_RESOURCE_CLEAR, open, 0);
    put(&tape, 59.2, WEFT_RECORD_RESUME, 0, b, 0);
    put(&tape, 59.4, WEFT_RECORD_SUSPEND, WEFT_AWAIT_QUEUE_JOIN, b, queue);
    for (guint i = 0; i < 200; i++) { /* 20 ms of it, held for three quarters of the time */
        use(&tape, 60 + 0.1 * i, WEFT_RESOURCE_ACQUIRE, lock, 1);
        use(&tape, 60.075 + 0.1 * i, WEFT_RESOURCE_RELEASE, lock, 0);
    }
    use(&tape, 85, WEFT_RESOURCE_PUT, queue, 3); /* in and out at once: a blink */
    use(&tape, 85.001, WEFT_RESOURCE_GET, queue, 2);
    if (lossy) {
        put(&tape, 90, WEFT_RECORD_COUNTER, 0, depth, 3);
        flush(&tape, 0);
        weft_trace_append_loss(tape.trace, 0, 70);
    }
    put(&tape, 100, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, a, 0);
    flush(&tape, 0);
    for (guint i = 1; i <= 2; i++) {
        guint64 thread = weft_id(WEFT_ENTITY_THREAD, i, 1), job = id(WEFT_ENTITY_JOB, i);
        put(&tape, 0, WEFT_RECORD_OBJECT_NAME, 0, thread, i == 1 ? POOL_2 : POOL_1);
        put(&tape, 5 + 5 * i, WEFT_RECORD_WORK_BEGIN, 0, job, thread);
        put(&tape, 10 + 20 * i, WEFT_RECORD_WORK_END, WEFT_OUTCOME_RESULT, job, 0);
        flush(&tape, i);
    }
    g_array_unref(tape.records);
    return tape.trace;
}
