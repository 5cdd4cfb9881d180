/* workload.c: see workload.h.
 *
 *      due: heap of {time, task}     ready: FIFO of tasks     buffer: events not yet handed out
 *
 * One call of iterate() is one iteration of the loop. Thread: one. */
#include "tests/bench/workload.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum role { SLEEPER, YIELDER, CLIENT, PRODUCER, CONSUMER };

enum { /* string ids */
       STRING_PROGRAM = 8,
       STRING_MAIN,
       STRING_PEER,
       STRING_QUEUE,
       STRING_FIRST_TASK = 100,
};
enum { /* sites */
       SITE_MAIN = 1,
       SITE_CREATE,
       SITE_GATHER,
       SITE_SLEEP,
       SITE_YIELD,
       SITE_READ,
       SITE_PUT,
       SITE_GET,
       SITES,
};

struct due {
    uint64_t at;
    unsigned task;
};

struct sim_task {
    enum role role;
    unsigned left;   /* yields before the next sleep */
    uint64_t awaits; /* timer, op: what wakes it */
    uint64_t stream;
    uint64_t period;
};

struct weft_workload {
    unsigned n_tasks; /* main is task 1; tasks[i] is task i + 1 */
    struct sim_task *tasks;
    struct due *due;
    unsigned n_due;
    unsigned *ready; /* circular */
    unsigned ready_head, n_ready;
    unsigned *getters, n_getters; /* tasks that wait for the queue */
    uint64_t queued;              /* items in it */
    uint64_t now, start, mono_start;
    uint64_t iteration, timers, ops;
    uint64_t random;
    bool begun;
    enum weft_record_kind last;
    struct weft_record *buffer;
    size_t used, taken, room;
};

static uint64_t id(enum weft_entity kind, uint64_t counter)
{
    return weft_id(kind, 0, counter);
}

#define LOOP    weft_id(WEFT_ENTITY_LOOP, 0, 1)
#define PROCESS weft_id(WEFT_ENTITY_PROCESS, 0, 1)
#define GROUP   weft_id(WEFT_ENTITY_GROUP, 0, 1)
#define QUEUE   weft_id(WEFT_ENTITY_QUEUE, 0, 1)

static uint64_t task_id(unsigned task)
{
    return id(WEFT_ENTITY_TASK, task + 1);
}

/* ---- Chance ---- */

static uint64_t chance(struct weft_workload *w)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return w->random;
}

/* About `mean`, most often less, now and then several times as much. */
static uint64_t about(struct weft_workload *w, uint64_t mean)
{
    uint64_t r = chance(w);
    uint64_t value = mean / 2 + mean * (r & 0xff) / 512;
    while ((r >>= 8) & 1 && value < mean * 64)
        value += value / 2;
    return value;
}

/* ---- Emitting ---- */

/* The end of one slice is the beginning of the next: one clock read, as the runtime does. */
static bool shares_time(enum weft_record_kind last, enum weft_record_kind kind)
{
    return (kind == WEFT_RECORD_RESUME || kind == WEFT_RECORD_ITERATION) &&
           (last == WEFT_RECORD_SUSPEND || last == WEFT_RECORD_ITERATION);
}

static void emit(struct weft_workload *w, enum weft_record_kind kind, unsigned detail,
                 uint32_t site, uint64_t subject, uint64_t object)
{
    if (w->used == w->room) {
        w->room = w->room ? 2 * w->room : 4096;
        w->buffer = realloc(w->buffer, w->room * sizeof *w->buffer);
        if (!w->buffer)
            abort();
    }
    if (!shares_time(w->last, kind))
        w->now += 24 + chance(w) % 16; /* what an emit costs */
    w->last = kind;
    w->buffer[w->used++] = (struct weft_record){ .time = w->now,
                                                 .kind = (uint8_t)kind,
                                                 .detail = (uint8_t)detail,
                                                 .site = site,
                                                 .subject = subject,
                                                 .object = object };
}

static void pass(struct weft_workload *w, uint64_t ns)
{
    w->now += about(w, ns * WEFT_WORKLOAD_GHZ_TENTHS / 10);
}

static uint64_t mono(const struct weft_workload *w, uint64_t ticks)
{
    return w->mono_start + (ticks - w->start) * 10 / WEFT_WORKLOAD_GHZ_TENTHS;
}

/* ---- Queues ---- */

static void push_due(struct weft_workload *w, uint64_t at, unsigned task)
{
    unsigned i = w->n_due++;
    for (; i > 0 && w->due[(i - 1) / 2].at > at; i = (i - 1) / 2)
        w->due[i] = w->due[(i - 1) / 2];
    w->due[i] = (struct due){ at, task };
}

static unsigned pop_due(struct weft_workload *w)
{
    unsigned task = w->due[0].task;
    struct due last = w->due[--w->n_due];
    unsigned i = 0;
    for (;;) {
        unsigned child = 2 * i + 1;
        if (child >= w->n_due)
            break;
        if (child + 1 < w->n_due && w->due[child + 1].at < w->due[child].at)
            child++;
        if (w->due[child].at >= last.at)
            break;
        w->due[i] = w->due[child];
        i = child;
    }
    w->due[i] = last;
    return task;
}

static void push_ready(struct weft_workload *w, unsigned task)
{
    w->ready[(w->ready_head + w->n_ready++) % w->n_tasks] = task;
}

static void wake(struct weft_workload *w, unsigned task, enum weft_wake_cause cause, uint64_t by)
{
    emit(w, WEFT_RECORD_WAKE, cause, 0, task_id(task), by);
    push_ready(w, task);
}

/* ---- What tasks do ---- */

static void sleep_for(struct weft_workload *w, unsigned task, uint64_t ticks)
{
    uint64_t timer = id(WEFT_ENTITY_TIMER, ++w->timers);
    emit(w, WEFT_RECORD_TIMER_SET, 0, SITE_SLEEP, timer, mono(w, w->now + ticks));
    pass(w, 30);
    emit(w, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, SITE_SLEEP, task_id(task), timer);
    w->tasks[task].awaits = timer;
    push_due(w, w->now + ticks, task);
}

static void read_reply(struct weft_workload *w, unsigned task)
{
    uint64_t op = id(WEFT_ENTITY_OP, ++w->ops), stream = w->tasks[task].stream;
    emit(w, WEFT_RECORD_OP_START, WEFT_OP_READ, SITE_READ, op, stream);
    pass(w, 40);
    emit(w, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, SITE_READ, task_id(task), stream);
    w->tasks[task].awaits = op;
    push_due(w, w->now + about(w, w->tasks[task].period), task);
}

static void get_item(struct weft_workload *w, unsigned task)
{
    if (w->queued) {
        emit(w, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_GET, SITE_GET, QUEUE, --w->queued);
        pass(w, 400);
        sleep_for(w, task, about(w, w->tasks[task].period / 4));
        return;
    }
    emit(w, WEFT_RECORD_SUSPEND, WEFT_AWAIT_QUEUE_GET, SITE_GET, task_id(task), QUEUE);
    w->getters[w->n_getters++] = task;
}

static void put_item(struct weft_workload *w)
{
    emit(w, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_PUT, SITE_PUT, QUEUE, ++w->queued);
    if (!w->n_getters)
        return;
    unsigned getter = w->getters[0];
    memmove(w->getters, w->getters + 1, --w->n_getters * sizeof *w->getters);
    wake(w, getter, WEFT_WAKE_RESOURCE, QUEUE);
    pass(w, 100);
}

static void create_others(struct weft_workload *w)
{
    emit(w, WEFT_RECORD_OBJECT_NEW, 0, SITE_MAIN, QUEUE, 64);
    emit(w, WEFT_RECORD_OBJECT_NAME, 0, SITE_MAIN, QUEUE, STRING_QUEUE);
    emit(w, WEFT_RECORD_OBJECT_NEW, 0, SITE_GATHER, GROUP, 0);
    for (unsigned i = 1; i < w->n_tasks; i++) {
        pass(w, 60);
        emit(w, WEFT_RECORD_TASK_NEW, 0, SITE_CREATE, task_id(i), task_id(0));
        emit(w, WEFT_RECORD_TASK_NAME, 0, SITE_CREATE, task_id(i), STRING_FIRST_TASK + i);
        wake(w, i, WEFT_WAKE_CREATED, task_id(0));
        emit(w, WEFT_RECORD_GROUP_ADD, 0, SITE_GATHER, GROUP, task_id(i));
        if (w->tasks[i].role == CLIENT) {
            w->tasks[i].stream = id(WEFT_ENTITY_STREAM, i);
            emit(w, WEFT_RECORD_OBJECT_NEW, 0, SITE_READ, w->tasks[i].stream, 0);
            emit(w, WEFT_RECORD_OBJECT_NAME, 0, SITE_READ, w->tasks[i].stream, STRING_PEER);
        }
    }
    emit(w, WEFT_RECORD_SUSPEND, WEFT_AWAIT_GROUP, SITE_GATHER, task_id(0), GROUP);
}

static void step(struct weft_workload *w, unsigned task)
{
    struct sim_task *t = &w->tasks[task];
    emit(w, WEFT_RECORD_RESUME, 0, 0, task_id(task), 0);
    if (task == 0) {
        create_others(w);
        return;
    }
    bool hold = chance(w) % 50000 == 0; /* now and then somebody computes far too long */
    pass(w, hold ? 20000000 : t->role == YIELDER ? 200 : 600);
    if (t->role == YIELDER && t->left--) {
        emit(w, WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, SITE_YIELD, task_id(task), 0);
        push_ready(w, task);
        return;
    }
    t->left = 4 + chance(w) % 16;
    if (t->role == CLIENT)
        read_reply(w, task);
    else if (t->role == CONSUMER)
        get_item(w, task);
    else {
        if (t->role == PRODUCER && w->queued < 64)
            put_item(w);
        sleep_for(w, task, t->role == SLEEPER ? t->period : about(w, t->period));
    }
}

/* ---- The loop ---- */

static void come_due(struct weft_workload *w)
{
    unsigned task = pop_due(w);
    const struct sim_task *t = &w->tasks[task];
    if (weft_id_kind(t->awaits) == WEFT_ENTITY_TIMER) {
        emit(w, WEFT_RECORD_TIMER_FIRE, 0, 0, t->awaits, 0);
        wake(w, task, WEFT_WAKE_TIMER, t->awaits);
        return;
    }
    emit(w, WEFT_RECORD_OP_END, WEFT_OP_READ, 0, t->awaits, 100 + chance(w) % 1400);
    wake(w, task, WEFT_WAKE_IO, t->awaits);
}

static void iterate(struct weft_workload *w)
{
    if (w->n_ready == 0 && w->n_due > 0) {
        uint64_t until = w->due[0].at;
        uint64_t timeout = until > w->now ? (until - w->now) * 10 / WEFT_WORKLOAD_GHZ_TENTHS : 0;
        emit(w, WEFT_RECORD_POLL_BEGIN, 0, 0, LOOP, timeout);
        if (until > w->now)
            w->now = until;
        pass(w, 3000); /* the kernel's wake-up */
        emit(w, WEFT_RECORD_POLL_END, 0, 0, LOOP, 1);
        pass(w, 50);
    }
    while (w->n_due > 0 && w->due[0].at <= w->now) {
        come_due(w);
        pass(w, 25);
    }
    emit(w, WEFT_RECORD_ITERATION, 0, w->n_ready, LOOP, ++w->iteration);
    for (unsigned n = w->n_ready; n > 0; n--) {
        unsigned task = w->ready[w->ready_head];
        w->ready_head = (w->ready_head + 1) % w->n_tasks;
        w->n_ready--;
        step(w, task);
    }
}

static void begin(struct weft_workload *w)
{
    emit(w, WEFT_RECORD_PROCESS, 0, 0, PROCESS, STRING_PROGRAM);
    emit(w, WEFT_RECORD_LOOP_OPEN, 0, 0, LOOP, 4711);
    pass(w, 20000);
    emit(w, WEFT_RECORD_TASK_NEW, 0, SITE_MAIN, task_id(0), 0);
    emit(w, WEFT_RECORD_TASK_NAME, 0, SITE_MAIN, task_id(0), STRING_MAIN);
    wake(w, 0, WEFT_WAKE_CREATED, 0);
    w->begun = true;
}

/* ---- Outside ---- */

static enum role role_of(unsigned task)
{
    static const enum role roles[] = { SLEEPER, CLIENT,  YIELDER, PRODUCER,
                                       CLIENT,  SLEEPER, YIELDER, CONSUMER };
    return roles[task % (sizeof roles / sizeof *roles)];
}

struct weft_workload *weft_workload_new(unsigned tasks, uint64_t period_ns, uint64_t ticks,
                                        uint64_t mono_ns)
{
    struct weft_workload *w = calloc(1, sizeof *w);
    if (!w || tasks < 2)
        abort();
    w->n_tasks = tasks;
    w->tasks = calloc(tasks, sizeof *w->tasks);
    w->due = calloc(tasks, sizeof *w->due);
    w->ready = calloc(tasks, sizeof *w->ready);
    w->getters = calloc(tasks, sizeof *w->getters);
    if (!w->tasks || !w->due || !w->ready || !w->getters)
        abort();
    w->now = w->start = ticks;
    w->mono_start = mono_ns;
    w->random = 88172645463325252;
    uint64_t period = period_ns * WEFT_WORKLOAD_GHZ_TENTHS / 10;
    for (unsigned i = 0; i < tasks; i++) {
        w->tasks[i].role = role_of(i);
        w->tasks[i].left = (unsigned)(chance(w) % 8);
        w->tasks[i].period = period / 2 + about(w, period) / 2;
    }
    return w;
}

void weft_workload_free(struct weft_workload *w)
{
    if (!w)
        return;
    free(w->tasks);
    free(w->due);
    free(w->ready);
    free(w->getters);
    free(w->buffer);
    free(w);
}

void weft_workload_next(struct weft_workload *w, struct weft_record *records, size_t n)
{
    if (!w->begun)
        begin(w);
    while (n > 0) {
        if (w->taken == w->used) {
            w->taken = w->used = 0;
            iterate(w);
        }
        size_t have = w->used - w->taken;
        size_t take = have < n ? have : n;
        memcpy(records, w->buffer + w->taken, take * sizeof *records);
        w->taken += take;
        records += take;
        n -= take;
    }
}

size_t weft_workload_end(struct weft_workload *w, struct weft_record *records)
{
    w->used = w->taken = 0;
    pass(w, 1000);
    emit(w, WEFT_RECORD_GROUP_DONE, WEFT_OUTCOME_RESULT, 0, GROUP, w->n_tasks - 1);
    emit(w, WEFT_RECORD_LOOP_CLOSE, 0, 0, LOOP, w->n_tasks);
    emit(w, WEFT_RECORD_PROCESS_EXIT, WEFT_EXIT_CODE, 0, PROCESS, 0);
    memcpy(records, w->buffer, w->used * sizeof *records);
    return w->used;
}

uint64_t weft_workload_now(const struct weft_workload *w)
{
    return w->now;
}

void weft_workload_names(const struct weft_workload *w,
                         void (*string)(void *data, uint32_t id, const char *text),
                         void (*site)(void *data, uint32_t id, const char *file, const char *func,
                                      unsigned line),
                         void *data)
{
    static const char *const role_names[] = { "ticker", "worker", "client", "producer",
                                              "consumer" };
    static const struct {
        const char *func;
        unsigned line;
    } sites[SITES] = {
        [SITE_MAIN] = { "main", 31 },   [SITE_CREATE] = { "main", 40 },
        [SITE_GATHER] = { "main", 44 }, [SITE_SLEEP] = { "tick", 12 },
        [SITE_YIELD] = { "work", 58 },  [SITE_READ] = { "fetch", 73 },
        [SITE_PUT] = { "produce", 92 }, [SITE_GET] = { "consume", 104 },
    };
    string(data, STRING_PROGRAM, "./workload");
    string(data, STRING_MAIN, "main");
    string(data, STRING_PEER, ":9082");
    string(data, STRING_QUEUE, "jobs");
    for (unsigned i = 1; i < w->n_tasks; i++) {
        char name[48];
        snprintf(name, sizeof name, "%s-%u", role_names[w->tasks[i].role], i);
        string(data, STRING_FIRST_TASK + i, name);
    }
    for (uint32_t i = 1; i < SITES; i++)
        site(data, i, "workload.c", sites[i].func, sites[i].line);
}
