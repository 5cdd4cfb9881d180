/* random_program.c: see random_program.h. Each loop is a small machine that is moved on one event
 * or two at a time, so that the loops' slices overlap. */
#include "tests/model/random_snapshot.h"

enum {
    QUEUE_MAX = 512,
    DEPTH_MAX = 4,
    TASKS_MAX = 64,
    OBJECTS_MAX = 14,
    WAITS = 8,
    NESTED = 3, /* timeouts of a task */
    UNITS = 3,  /* of a semaphore */
};

struct task {
    uint64_t id; /* 0: a free place */
    enum { READY, RUNNING, WAITING, DONE } state;
    uint64_t awaited; /* a timer or an operation that ends before the task goes on; 0: none */
    uint64_t timeouts[NESTED]; /* innermost last */
    guint n_timeouts;
    guint requests;
    gboolean undelivered;
};

struct object {
    uint64_t id; /* 0: a free place */
    gint64 value;
    guint64 capacity;        /* of a queue: 0: no limit */
    uint64_t holders[UNITS]; /* of a lock; of a semaphore's units */
};

struct loop {
    uint64_t queue[QUEUE_MAX]; /* ready: tasks and callbacks */
    guint n_queue;
    uint64_t callback; /* that runs; 0: none */
    guint running[DEPTH_MAX], depth;
    gboolean open, polling, losing;
    struct task tasks[TASKS_MAX];
    struct object objects[OBJECTS_MAX];
    guint64 iteration;
};

struct play {
    struct program_options options;
    struct loop loops[PROGRAM_RINGS];
    GRand *rand;
    GArray *events;
    gint64 now;
    guint64 counter;
    uint64_t job; /* the worker's; 0: it has none */
    gboolean job_begun;
};

static guint below(struct play *p, guint n)
{
    return (guint)g_rand_int_range(p->rand, 0, (gint)n);
}

static uint64_t new_id(struct play *p, enum weft_entity kind, guint ring)
{
    return weft_id(kind, ring, ++p->counter);
}

static uint64_t actor(const struct loop *loop)
{
    return loop->depth ? loop->tasks[loop->running[loop->depth - 1]].id : 0;
}

static struct program_event *emit(struct play *p, guint ring, unsigned kind, unsigned detail,
                                  uint64_t subject, uint64_t object)
{
    struct loop *loop = &p->loops[ring];
    if (loop->losing)
        loop->losing = below(p, 12) != 0;
    else if (p->options.losses && kind != WEFT_RECORD_LOOP_OPEN && kind != WEFT_RECORD_THREAD)
        loop->losing = below(p, 2 * p->options.steps / p->options.losses) == 0;
    struct program_event event = { .actor = actor(loop), .ring = ring, .lost = loop->losing };
    event.record = (struct weft_record){ .time = (uint64_t)p->now,
                                         .kind = (uint8_t)kind,
                                         .detail = (uint8_t)detail,
                                         .site = below(p, PROGRAM_SITES),
                                         .subject = subject,
                                         .object = object };
    g_array_append_val(p->events, event);
    return &g_array_index(p->events, struct program_event, p->events->len - 1);
}

/* ---- The ready queue ---- */

static void join_queue(struct loop *loop, uint64_t id)
{
    g_assert_cmpuint(loop->n_queue, <, QUEUE_MAX);
    loop->queue[loop->n_queue++] = id;
}

static void leave_queue(struct loop *loop, guint place)
{
    loop->n_queue--;
    for (guint i = place; i < loop->n_queue; i++)
        loop->queue[i] = loop->queue[i + 1];
}

/* ---- Tasks ---- */

static guint task_in_state(struct play *p, struct loop *loop, guint state)
{
    guint first = below(p, TASKS_MAX);
    for (guint i = 0; i < TASKS_MAX; i++) {
        guint place = (first + i) % TASKS_MAX;
        if (loop->tasks[place].id && loop->tasks[place].state == state)
            return place;
    }
    return TASKS_MAX;
}

static void wake(struct play *p, guint ring, guint cause)
{
    struct loop *loop = &p->loops[ring];
    guint place = task_in_state(p, loop, WAITING);
    if (place == TASKS_MAX)
        return;
    struct task *task = &loop->tasks[place];
    gboolean timer = weft_id_kind(task->awaited) == WEFT_ENTITY_TIMER;
    if (task->awaited)
        emit(p, ring, timer ? WEFT_RECORD_TIMER_FIRE : WEFT_RECORD_OP_END, 0, task->awaited, 0);
    task->awaited = 0;
    emit(p, ring, WEFT_RECORD_WAKE, cause, task->id, actor(loop));
    task->state = READY;
    join_queue(loop, task->id);
}

static void begin_slice(struct play *p, guint ring, guint place)
{
    struct loop *loop = &p->loops[ring];
    struct task *task = &loop->tasks[place];
    emit(p, ring, WEFT_RECORD_RESUME, 0, task->id, 0);
    task->state = RUNNING;
    loop->running[loop->depth++] = place;
    if (task->undelivered)
        emit(p, ring, WEFT_RECORD_CANCEL_DELIVER, 0, task->id, 0);
    task->undelivered = FALSE;
}

static void create_task(struct play *p, guint ring)
{
    struct loop *loop = &p->loops[ring];
    guint place = 0;
    while (place < MIN(p->options.tasks, TASKS_MAX) && loop->tasks[place].id)
        place++;
    if (place == MIN(p->options.tasks, TASKS_MAX))
        return;
    struct task *task = &loop->tasks[place];
    *task = (struct task){ .id = new_id(p, WEFT_ENTITY_TASK, ring), .state = READY };
    emit(p, ring, WEFT_RECORD_TASK_NEW, 0, task->id, actor(loop));
    if (below(p, 2))
        emit(p, ring, WEFT_RECORD_TASK_NAME, 0, task->id, 1 + below(p, 50));
    if (loop->depth && loop->depth < DEPTH_MAX && below(p, 3) == 0) {
        begin_slice(p, ring, place); /* eagerly: inside its creator's slice */
        return;
    }
    emit(p, ring, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, task->id, actor(loop));
    join_queue(loop, task->id);
}

static void finish_task(struct play *p, guint ring, struct task *task)
{
    struct loop *loop = &p->loops[ring];
    struct program_event *done = emit(p, ring, WEFT_RECORD_TASK_DONE,
                                      1 + below(p, WEFT_OUTCOME_END - 1), task->id, 0);
    if (done->record.detail == WEFT_OUTCOME_ERROR) {
        done->record.flags = WEFT_RECORD_EXT;
        done->ext.time = below(p, 1000);
    }
    loop->depth--;
    task->state = DONE;
}

static void end_slice(struct play *p, guint ring)
{
    struct loop *loop = &p->loops[ring];
    struct task *task = &loop->tasks[loop->running[loop->depth - 1]];
    if (task->n_timeouts == 0 && below(p, 7) == 0) {
        finish_task(p, ring, task);
        return;
    }
    guint await = 1 + below(p, WEFT_AWAIT_END - 1);
    uint64_t object = 0;
    if (await == WEFT_AWAIT_TIMER) {
        task->awaited = object = new_id(p, WEFT_ENTITY_TIMER, ring);
        emit(p, ring, WEFT_RECORD_TIMER_SET, 0, object, (uint64_t)p->now + below(p, 90000));
    } else if (await == WEFT_AWAIT_READ) {
        task->awaited = object = new_id(p, WEFT_ENTITY_OP, ring);
        struct program_event *start = emit(p, ring, WEFT_RECORD_OP_START, WEFT_OP_READ, object,
                                           weft_id(WEFT_ENTITY_STREAM, ring, 1 + below(p, 3)));
        start->record.flags = WEFT_RECORD_EXT;
        start->ext.site = below(p, 4096);
    } else if (await != WEFT_AWAIT_YIELD) {
        object = loop->objects[below(p, OBJECTS_MAX)].id;
    }
    emit(p, ring, WEFT_RECORD_SUSPEND, await, task->id, object);
    loop->depth--;
    task->state = await == WEFT_AWAIT_YIELD ? READY : WAITING;
    if (await == WEFT_AWAIT_YIELD)
        join_queue(loop, task->id);
}

static void cancel(struct play *p, guint ring)
{
    struct loop *loop = &p->loops[ring];
    guint place = task_in_state(p, loop, WAITING);
    if (place == TASKS_MAX)
        return;
    struct task *task = &loop->tasks[place];
    struct program_event *request = emit(p, ring, WEFT_RECORD_CANCEL_REQUEST, 0, task->id,
                                         actor(loop));
    if (below(p, 2)) {
        request->record.flags = WEFT_RECORD_EXT;
        request->ext.time = 1 + below(p, 50);
    }
    task->requests++;
    task->undelivered = TRUE;
    if (weft_id_kind(task->awaited) == WEFT_ENTITY_TIMER) {
        emit(p, ring, WEFT_RECORD_TIMER_CANCEL, 0, task->awaited, 0);
        task->awaited = 0;
    }
    emit(p, ring, WEFT_RECORD_WAKE, WEFT_WAKE_CANCEL, task->id, actor(loop));
    task->state = READY;
    join_queue(loop, task->id);
}

static void use_timeout(struct play *p, guint ring, struct task *task)
{
    uint64_t deadline = (uint64_t)p->now + below(p, 90000);
    if (task->n_timeouts == 0 || (task->n_timeouts < NESTED && below(p, 3) == 0)) {
        uint64_t timeout = new_id(p, WEFT_ENTITY_TIMEOUT, ring);
        task->timeouts[task->n_timeouts++] = timeout;
        emit(p, ring, WEFT_RECORD_TIMEOUT_ENTER, 0, timeout, deadline);
        return;
    }
    guint any = below(p, task->n_timeouts);
    if (below(p, 3) == 0) {
        emit(p, ring, WEFT_RECORD_TIMEOUT_RESCHEDULE, 0, task->timeouts[any], deadline);
        return;
    }
    if (below(p, 3) == 0) /* an outer one, too, before those within are left */
        emit(p, ring, WEFT_RECORD_TIMEOUT_EXPIRE, 0, task->timeouts[any], task->id);
    uint64_t innermost = task->timeouts[--task->n_timeouts];
    emit(p, ring, WEFT_RECORD_TIMEOUT_EXIT, WEFT_OUTCOME_RESULT, innermost, task->id);
}

/* ---- Objects ---- */

static void create_object(struct play *p, guint ring, struct object *object)
{
    static const enum weft_entity kinds[] = { WEFT_ENTITY_LOCK,      WEFT_ENTITY_SEMAPHORE,
                                              WEFT_ENTITY_SEMAPHORE, WEFT_ENTITY_QUEUE,
                                              WEFT_ENTITY_EVENT,     WEFT_ENTITY_GROUP,
                                              WEFT_ENTITY_GROUP,     WEFT_ENTITY_FUTURE,
                                              WEFT_ENTITY_CONDITION, WEFT_ENTITY_BARRIER };
    enum weft_entity kind = kinds[below(p, G_N_ELEMENTS(kinds))];
    gint64 value = kind == WEFT_ENTITY_SEMAPHORE ? 1 + below(p, UNITS) : 0;
    guint64 capacity = kind == WEFT_ENTITY_QUEUE ? below(p, 4) : (guint64)value;
    *object = (struct object){ .id = new_id(p, kind, ring), .value = value, .capacity = capacity };
    emit(p, ring, WEFT_RECORD_OBJECT_NEW, 0, object->id, capacity);
    if (below(p, 2))
        emit(p, ring, WEFT_RECORD_OBJECT_NAME, 0, object->id, 1 + below(p, 50));
    if (kind == WEFT_ENTITY_SEMAPHORE && below(p, 2))
        emit(p, ring, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_SET, object->id, (uint64_t)value);
}

static void end_object(struct play *p, guint ring, struct object *object)
{
    unsigned kind = weft_id_kind(object->id);
    unsigned end = kind == WEFT_ENTITY_GROUP    ? WEFT_RECORD_GROUP_DONE
                   : kind == WEFT_ENTITY_FUTURE ? WEFT_RECORD_FUTURE_DONE
                                                : WEFT_RECORD_OBJECT_FREE;
    emit(p, ring, end, 0, object->id, 0);
    object->id = 0;
}

static guint units_out(const struct object *object)
{
    guint n = 0;
    for (guint i = 0; i < UNITS; i++)
        n += object->holders[i] != 0;
    return n;
}

/* A lock, or one unit of a semaphore: who has some may take another one, while there is one. */
static void take_or_give(struct play *p, guint ring, struct object *object, uint64_t by)
{
    gboolean lock = weft_id_kind(object->id) == WEFT_ENTITY_LOCK;
    gboolean left = lock ? object->value == 0 : object->value > 0;
    guint free = UNITS, own = UNITS;
    for (guint i = 0; i < UNITS; i++) {
        free = object->holders[i] ? free : i;
        own = object->holders[i] == by ? i : own;
    }
    gboolean take = left && (own == UNITS || below(p, 3) == 0);
    if (!take && own == UNITS)
        return;
    object->holders[take ? free : own] = take ? by : 0;
    object->value += take == lock ? 1 : -1;
    emit(p, ring, WEFT_RECORD_RESOURCE, take ? WEFT_RESOURCE_ACQUIRE : WEFT_RESOURCE_RELEASE,
         object->id, (uint64_t)object->value);
}

static void put_or_get(struct play *p, guint ring, struct object *queue)
{
    gboolean full = queue->capacity && (guint64)queue->value == queue->capacity;
    gboolean get = full || (queue->value && below(p, 2));
    queue->value += get ? -1 : 1;
    emit(p, ring, WEFT_RECORD_RESOURCE, get ? WEFT_RESOURCE_GET : WEFT_RESOURCE_PUT, queue->id,
         (uint64_t)queue->value);
    if (get)
        emit(p, ring, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_TASK_DONE, queue->id,
             (uint64_t)queue->value + 3);
}

/* Who runs; or, as of a shield, another, or a future. */
static uint64_t member(struct play *p, struct loop *loop)
{
    uint64_t future = loop->objects[below(p, OBJECTS_MAX)].id;
    guint waiting = task_in_state(p, loop, WAITING);
    if (weft_id_kind(future) == WEFT_ENTITY_FUTURE)
        return future;
    return waiting < TASKS_MAX && below(p, 2) ? loop->tasks[waiting].id : actor(loop);
}

static void use_object(struct play *p, guint ring)
{
    struct loop *loop = &p->loops[ring];
    struct object *object = &loop->objects[below(p, OBJECTS_MAX)];
    if (!object->id) {
        create_object(p, ring, object);
        return;
    }
    switch (weft_id_kind(object->id)) {
    case WEFT_ENTITY_LOCK:
    case WEFT_ENTITY_SEMAPHORE:
        if (units_out(object) == 0 && below(p, 12) == 0)
            end_object(p, ring, object);
        else
            take_or_give(p, ring, object, actor(loop));
        break;
    case WEFT_ENTITY_QUEUE:
        put_or_get(p, ring, object);
        break;
    case WEFT_ENTITY_CONDITION:
        emit(p, ring, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_NOTIFY, object->id, below(p, 4));
        break;
    case WEFT_ENTITY_GROUP:
        if (below(p, 8) == 0)
            end_object(p, ring, object);
        else
            emit(p, ring, WEFT_RECORD_GROUP_ADD, 0, object->id, member(p, loop));
        break;
    default:
        if (below(p, 4) == 0)
            end_object(p, ring, object);
    }
}

/* ---- The worker thread: the ring behind the loops' ---- */

static void use_worker(struct play *p, guint ring)
{
    guint worker = p->options.loops;
    if (!p->job) {
        p->job = new_id(p, WEFT_ENTITY_JOB, ring);
        p->job_begun = FALSE;
        emit(p, ring, WEFT_RECORD_WORK_SUBMIT, 0, p->job, 0);
    } else if (!p->job_begun) {
        p->job_begun = TRUE;
        emit(p, worker, WEFT_RECORD_WORK_BEGIN, 0, p->job, weft_id(WEFT_ENTITY_THREAD, worker, 1));
    } else {
        emit(p, worker, WEFT_RECORD_WORK_END, WEFT_OUTCOME_RESULT, p->job, 0);
        p->job = 0;
    }
}

/* ---- Loops ---- */

static void schedule_callback(struct play *p, guint ring)
{
    struct loop *loop = &p->loops[ring];
    uint64_t id = new_id(p, WEFT_ENTITY_CALLBACK, ring);
    emit(p, ring, WEFT_RECORD_READY, WEFT_HANDLE_CALL_SOON, id, actor(loop));
    join_queue(loop, id);
}

static void drop_callback(struct play *p, guint ring)
{
    struct loop *loop = &p->loops[ring];
    for (guint i = 0; i < loop->n_queue; i++) {
        if (weft_id_kind(loop->queue[i]) != WEFT_ENTITY_CALLBACK)
            continue;
        emit(p, ring, WEFT_RECORD_READY_CANCEL, 0, loop->queue[i], 0);
        leave_queue(loop, i);
        return;
    }
}

static void free_done_task(struct play *p, guint ring)
{
    struct loop *loop = &p->loops[ring];
    guint place = task_in_state(p, loop, DONE);
    if (place == TASKS_MAX)
        return;
    emit(p, ring, WEFT_RECORD_TASK_FREE, 0, loop->tasks[place].id, 0);
    loop->tasks[place].id = 0;
}

/* What a task does, or a callback. */
static void act(struct play *p, guint ring)
{
    struct loop *loop = &p->loops[ring];
    struct task *task = loop->depth ? &loop->tasks[loop->running[loop->depth - 1]] : NULL;
    switch (below(p, 12)) {
    case 0:
    case 1:
        create_task(p, ring);
        break;
    case 2:
        cancel(p, ring);
        break;
    case 3:
        schedule_callback(p, ring);
        break;
    case 4:
        drop_callback(p, ring);
        break;
    case 5:
        use_worker(p, ring);
        break;
    case 6:
        free_done_task(p, ring);
        break;
    case 7:
        if (task && task->requests && !task->undelivered)
            emit(p, ring, WEFT_RECORD_UNCANCEL, 0, task->id, --task->requests);
        break;
    case 8:
        if (task)
            use_timeout(p, ring, task);
        break;
    case 9:
        wake(p, ring, WEFT_WAKE_TASK);
        break;
    default:
        if (task)
            use_object(p, ring);
    }
}

static void run_next(struct play *p, guint ring)
{
    struct loop *loop = &p->loops[ring];
    uint64_t id = loop->queue[0];
    leave_queue(loop, 0);
    if (weft_id_kind(id) == WEFT_ENTITY_CALLBACK) {
        loop->callback = id;
        emit(p, ring, WEFT_RECORD_CALLBACK_BEGIN, WEFT_HANDLE_CALL_SOON, id, 0);
        return;
    }
    for (guint i = 0; i < TASKS_MAX; i++)
        if (loop->tasks[i].id == id)
            begin_slice(p, ring, i);
}

static void poll(struct play *p, guint ring)
{
    struct loop *loop = &p->loops[ring];
    uint64_t id = weft_id(WEFT_ENTITY_LOOP, ring, 1);
    loop->polling = !loop->polling;
    emit(p, ring, loop->polling ? WEFT_RECORD_POLL_BEGIN : WEFT_RECORD_POLL_END, 0, id,
         loop->n_queue == 0);
    if (loop->polling)
        return;
    for (guint i = below(p, WAITS); i > 0; i--)
        wake(p, ring, WEFT_WAKE_IO);
    emit(p, ring, WEFT_RECORD_ITERATION, 0, id, ++loop->iteration)->record.site = loop->n_queue;
    if (below(p, 3) == 0)
        create_task(p, ring); /* by nobody: from outside */
}

static void step(struct play *p, guint ring)
{
    struct loop *loop = &p->loops[ring];
    if (!loop->open) {
        loop->open = TRUE;
        emit(p, ring, WEFT_RECORD_LOOP_OPEN, 0, weft_id(WEFT_ENTITY_LOOP, ring, 1), ring + 1);
        create_task(p, ring);
    } else if (loop->polling) {
        poll(p, ring);
    } else if (loop->depth || loop->callback) {
        if (below(p, 2) && loop->n_queue + WAITS < QUEUE_MAX) {
            act(p, ring);
        } else if (loop->depth) {
            end_slice(p, ring);
        } else {
            emit(p, ring, WEFT_RECORD_CALLBACK_END, WEFT_HANDLE_CALL_SOON, loop->callback, 0);
            loop->callback = 0;
        }
    } else if (loop->n_queue == 0 || below(p, 12) == 0) {
        poll(p, ring);
    } else {
        run_next(p, ring);
    }
}

static void divide_into_chunks(GArray *events, guint32 seed)
{
    GRand *rand = g_rand_new_with_seed(seed + 1);
    gint size = g_rand_int_range(rand, 2, 300);
    for (guint i = 0; i < events->len; i++)
        g_array_index(events, struct program_event, i).begins = g_rand_int_range(rand, 0, size) ==
                                                                0;
    g_rand_free(rand);
}

GArray *random_program(struct program_options options)
{
    g_assert_cmpuint(options.loops, <=, PROGRAM_LOOPS_MAX);
    struct play *p = g_new0(struct play, 1);
    p->options = options;
    p->rand = g_rand_new_with_seed(options.seed);
    p->events = g_array_new(FALSE, TRUE, sizeof(struct program_event));
    p->now = 1000;
    emit(p, options.loops, WEFT_RECORD_THREAD, 0, weft_id(WEFT_ENTITY_THREAD, options.loops, 1), 9);
    for (guint i = 0; i < options.steps; i++) {
        p->now += below(p, 20) == 0 ? below(p, 100000) : below(p, 300);
        step(p, below(p, options.loops));
    }
    GArray *events = random_snapshots(p->events, options.seed);
    divide_into_chunks(events, options.seed);
    g_rand_free(p->rand);
    g_free(p);
    return events;
}

/* ---- As a trace ---- */

struct pending {
    GArray *slots; /* not yet appended */
    uint64_t actor;
    gboolean actor_known; /* else it is who ran when the slots before ended */
    guint64 lost;         /* behind them */
};

static void flush(weft_trace *trace, guint32 ring, struct pending *pending)
{
    struct weft_record *records = (struct weft_record *)(void *)pending->slots->data;
    if (pending->actor_known)
        weft_trace_append_chunk(trace, ring, records, pending->slots->len, pending->actor);
    else
        weft_trace_append(trace, ring, records, pending->slots->len);
    g_array_set_size(pending->slots, 0);
    if (pending->lost)
        weft_trace_append_loss(trace, ring, pending->lost);
    pending->lost = 0;
}

void program_append(weft_trace *trace, const GArray *program, guint from, guint to)
{
    struct pending rings[PROGRAM_RINGS] = { 0 };
    for (guint i = 0; i < PROGRAM_RINGS; i++)
        rings[i].slots = g_array_new(FALSE, FALSE, sizeof(struct weft_record));
    for (guint i = from; i < to; i++) {
        const struct program_event *event = &g_array_index(program, struct program_event, i);
        struct pending *pending = &rings[event->ring];
        gboolean ext = event->record.flags & WEFT_RECORD_EXT;
        if (event->lost) {
            pending->lost += ext ? 2 : 1;
            continue;
        }
        gboolean behind_loss = pending->lost || weft_trace_lost_at_end(trace, event->ring);
        if (pending->lost || event->begins)
            flush(trace, event->ring, pending);
        if (pending->slots->len == 0) {
            pending->actor = event->actor;
            pending->actor_known = behind_loss || event->begins;
        }
        g_array_append_val(pending->slots, event->record);
        if (ext)
            g_array_append_val(pending->slots, event->ext);
    }
    for (guint i = 0; i < PROGRAM_RINGS; i++) {
        flush(trace, i, &rings[i]);
        g_array_unref(rings[i].slots);
    }
}
