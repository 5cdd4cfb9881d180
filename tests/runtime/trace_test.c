/* trace_test.c: what the runtime tells the probe: exact sequences of small programs, read back from
 * the ring, and the laws that every sequence keeps. */
#include "ring.h"
#include "runtime/loop.h"
#include "runtime/weft.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Sequences ---- */

WEFT_ASYNC(void, sleeps, double, seconds)
{
    return weft_await(weft_sleep(seconds));
}

WEFT_ASYNC(void, child, struct mark *, mark)
{
    WEFT_TRY(weft_sleep(0));
    WEFT_TRY(weft_sleep(0.001));
    (void)mark;
    return 0;
}

WEFT_ASYNC(void, parent)
{
    struct mark mark = mark_now();
    weft_own weft_task *task = weft_create_task(child(&mark), .name = "child");
    WEFT_TRY(task);
    weft_unref(task);
    task = NULL;
    expect_events(mark, "TASK_NEW task1>task2\n"
                        "TASK_NAME task1\n"
                        "WAKE(created) task1\n"
                        "SUSPEND(task) task2>task1\n"
                        "ITERATION loop1:1\n"
                        "RESUME task1\n"
                        "SUSPEND(yield) task1\n"
                        "ITERATION loop1:1\n"
                        "RESUME task1\n"
                        "TIMER_SET timer1\n"
                        "SUSPEND(timer) task1>timer1\n"
                        "TIMER_FIRE timer1\n"
                        "READY(timer) timer1\n"
                        "ITERATION loop1:1\n"
                        "CALLBACK_BEGIN(timer) timer1\n"
                        "WAKE(timer) task1>timer1\n"
                        "CALLBACK_END(timer) timer1\n"
                        "ITERATION loop1:1\n"
                        "RESUME task1\n"
                        "TASK_DONE(result) task1\n"
                        "WAKE(task) task2>task1\n"
                        "ITERATION loop1:1\n"
                        "RESUME task2\n"
                        "TASK_FREE task1\n");
    return 0;
}

static void test_task(void)
{
    g_assert_cmpint(weft_run(parent()), ==, 0);
}

WEFT_ASYNC(void, cancels)
{
    struct mark mark = mark_now();
    weft_own weft_task *task = weft_create_task(sleeps(3600));
    WEFT_TRY(weft_sleep(0));
    weft_cancel(task, "enough");
    weft_await(task);
    expect_events(mark, "TASK_NEW task1>task2\n"
                        "WAKE(created) task1\n"
                        "SUSPEND(yield) task2\n"
                        "ITERATION loop1:2\n"
                        "RESUME task1\n"
                        "TIMER_SET timer1\n"
                        "SUSPEND(timer) task1>timer1\n"
                        "RESUME task2\n"
                        "CANCEL_REQUEST task1>task2\n"
                        "WAKE(cancel) task1>task2\n"
                        "SUSPEND(task) task2>task1\n"
                        "ITERATION loop1:1\n"
                        "RESUME task1\n"
                        "CANCEL_DELIVER task1\n"
                        "TIMER_CANCEL timer1\n"
                        "TASK_DONE(cancelled) task1\n"
                        "WAKE(task) task2>task1\n"
                        "ITERATION loop1:1\n"
                        "RESUME task2\n");
    return 0;
}

static void test_cancel(void)
{
    g_assert_cmpint(weft_run(cancels()), ==, 0);
}

WEFT_ASYNC(void, fails)
{
    return weft_raise(UV_EIO, "broken");
}

/* An eager child nests in its parent's slice; a gather is a group. */
WEFT_ASYNC(void, groups)
{
    struct mark mark = mark_now();
    weft_own weft_task *eager = weft_create_task(sleeps(0), .eager = true);
    weft_own weft_task *second = weft_create_task(fails());
    weft_own weft_future *all = weft_gather_all(((weft_future *[]){ eager, second }), 2,
                                                .return_errors = true);
    WEFT_TRY(all);
    expect_events(mark, "TASK_NEW task1>task2\n"
                        "RESUME task1\n"
                        "SUSPEND(yield) task1\n"
                        "TASK_NEW task3>task2\n"
                        "WAKE(created) task3\n"
                        "OBJECT_NEW group1=2\n"
                        "GROUP_ADD group1>task1\n"
                        "GROUP_ADD group1>task3\n"
                        "SUSPEND(group) task2>group1\n"
                        "ITERATION loop1:2\n"
                        "RESUME task1\n"
                        "TASK_DONE(result) task1\n"
                        "READY(done-callback) group1>task1\n"
                        "RESUME task3\n"
                        "TASK_DONE(error) task3\n"
                        "READY(done-callback) group1>task3\n"
                        "ITERATION loop1:2\n"
                        "CALLBACK_BEGIN(done-callback) group1>task1\n"
                        "CALLBACK_END(done-callback) group1\n"
                        "CALLBACK_BEGIN(done-callback) group1>task3\n"
                        "GROUP_DONE(result) group1=2\n"
                        "WAKE(group) task2>group1\n"
                        "CALLBACK_END(done-callback) group1\n"
                        "ITERATION loop1:1\n"
                        "RESUME task2\n");
    return 0;
}

static void test_group(void)
{
    g_assert_cmpint(weft_run(groups()), ==, 0);
}

/* The first failure: who cancels whom is the group. */
WEFT_ASYNC(void, task_group)
{
    struct mark mark = mark_now();
    int rc = 0;
    WEFT_TASK_GROUP(tg, rc) {
        weft_group_create_task(&tg, fails());
        weft_group_create_task(&tg, sleeps(0), .eager = true);
    }
    g_assert_cmpint(rc, ==, WEFT_EGROUP);
    expect_events(mark, "OBJECT_NEW group1=0\n"
                        "OBJECT_NAME group1\n"
                        "TASK_NEW task1>task2\n"
                        "WAKE(created) task1\n"
                        "GROUP_ADD group1>task1\n"
                        "TASK_NEW task3>task2\n"
                        "RESUME task3\n"
                        "SUSPEND(yield) task3\n"
                        "GROUP_ADD group1>task3\n"
                        "SUSPEND(group) task2>group1\n"
                        "ITERATION loop1:2\n"
                        "RESUME task1\n"
                        "TASK_DONE(error) task1\n"
                        "READY(done-callback) group1>task1\n"
                        "RESUME task3\n"
                        "TASK_DONE(result) task3\n"
                        "READY(done-callback) group1>task3\n"
                        "ITERATION loop1:2\n"
                        "CALLBACK_BEGIN(done-callback) group1>task1\n"
                        "CANCEL_REQUEST task2>group1\n"
                        "WAKE(cancel) task2>group1\n"
                        "CALLBACK_END(done-callback) group1\n"
                        "CALLBACK_BEGIN(done-callback) group1>task3\n"
                        "CALLBACK_END(done-callback) group1\n"
                        "ITERATION loop1:1\n"
                        "RESUME task2\n"
                        "CANCEL_DELIVER task2\n"
                        "UNCANCEL task2=0\n"
                        "GROUP_DONE(error) group1=2\n"
                        "TASK_FREE task1\n"
                        "TASK_FREE task3\n");
    return 0;
}

static void test_task_group(void)
{
    g_assert_cmpint(weft_run(task_group()), ==, 0);
}

WEFT_ASYNC(void, times_out)
{
    struct mark mark = mark_now();
    int rc = 0;
    WEFT_TIMEOUT(deadline, 0.001, rc)
        WEFT_BREAK(rc, weft_sleep(3600));
    g_assert_cmpint(rc, ==, WEFT_ETIMEDOUT);
    expect_events(mark, "TIMEOUT_ENTER timeout1\n"
                        "TIMER_SET timer1\n"
                        "SUSPEND(timer) task1>timer1\n"
                        "READY(timer) timeout1\n"
                        "ITERATION loop1:1\n"
                        "CALLBACK_BEGIN(timer) timeout1\n"
                        "TIMEOUT_EXPIRE timeout1>task1\n"
                        "CANCEL_REQUEST task1>timeout1\n"
                        "WAKE(timeout) task1>timeout1\n"
                        "CALLBACK_END(timer) timeout1\n"
                        "ITERATION loop1:1\n"
                        "RESUME task1\n"
                        "CANCEL_DELIVER task1\n"
                        "TIMER_CANCEL timer1\n"
                        "UNCANCEL task1=0\n"
                        "TIMEOUT_EXIT(error) timeout1>task1\n");
    return 0;
}

static void test_timeout(void)
{
    g_assert_cmpint(weft_run(times_out()), ==, 0);
}

/* A lock: announced when it is first used, with who has it and who is woken by whom. */
WEFT_ASYNC(void, takes, weft_lock *, lock)
{
    WEFT_TRY(weft_lock_acquire(lock));
    weft_lock_release(lock);
    return 0;
}

WEFT_ASYNC(void, locks)
{
    struct mark mark = mark_now();
    weft_lock lock;
    weft_lock_init(&lock, "db");
    WEFT_TRY(weft_lock_acquire(&lock));
    weft_own weft_task *task = weft_create_task(takes(&lock), .eager = true);
    weft_lock_release(&lock);
    WEFT_TRY(weft_sleep(0));
    weft_lock_finish(&lock);
    expect_events(mark, "OBJECT_NEW lock1=1\n"
                        "OBJECT_NAME lock1\n"
                        "RESOURCE(acquire) lock1=1\n"
                        "TASK_NEW task1>task2\n"
                        "RESUME task1\n"
                        "SUSPEND(lock) task1>lock1\n"
                        "RESOURCE(release) lock1=0\n"
                        "WAKE(resource) task1>task2\n"
                        "SUSPEND(yield) task2\n"
                        "ITERATION loop1:2\n"
                        "RESUME task1\n"
                        "RESOURCE(acquire) lock1=1\n"
                        "RESOURCE(release) lock1=0\n"
                        "TASK_DONE(result) task1\n"
                        "RESUME task2\n"
                        "OBJECT_FREE lock1=0\n");
    return 0;
}

static void test_lock(void)
{
    g_assert_cmpint(weft_run(locks()), ==, 0);
}

/* A queue has the number of its items; a join that of those to be done. */
WEFT_ASYNC(void, works, weft_queue *, queue)
{
    int item;
    WEFT_TRY(weft_queue_get(queue, &item));
    weft_queue_task_done(queue);
    return 0;
}

WEFT_ASYNC(void, queues)
{
    struct mark mark = mark_now();
    weft_queue queue;
    weft_queue_init(&queue, int, .maxsize = 5);
    weft_own weft_task *task = weft_create_task(works(&queue), .eager = true);
    WEFT_TRY(weft_queue_put(&queue, &(int){ 1 }));
    WEFT_TRY(weft_queue_join(&queue));
    weft_queue_shutdown(&queue, true);
    weft_queue_finish(&queue);
    expect_events(mark, "TASK_NEW task1>task2\n"
                        "RESUME task1\n"
                        "OBJECT_NEW queue1=5\n"
                        "SUSPEND(queue-get) task1>queue1\n"
                        "RESOURCE(put) queue1=1\n"
                        "WAKE(resource) task1>task2\n"
                        "SUSPEND(queue-join) task2>queue1\n"
                        "ITERATION loop1:1\n"
                        "RESUME task1\n"
                        "RESOURCE(get) queue1=0\n"
                        "RESOURCE(task-done) queue1=0\n"
                        "WAKE(resource) task2>task1\n"
                        "TASK_DONE(result) task1\n"
                        "ITERATION loop1:1\n"
                        "RESUME task2\n"
                        "RESOURCE(shutdown) queue1=0\n"
                        "OBJECT_FREE queue1=0\n");
    return 0;
}

static void test_queue(void)
{
    g_assert_cmpint(weft_run(queues()), ==, 0);
}

/* A barrier's condition and lock are its own affair. */
WEFT_ASYNC(void, comes, weft_barrier *, barrier)
{
    return weft_await(weft_barrier_wait(barrier, NULL));
}

WEFT_ASYNC(void, meets)
{
    struct mark mark = mark_now();
    weft_barrier barrier;
    weft_barrier_init(&barrier, 2, "start");
    weft_own weft_task *task = weft_create_task(comes(&barrier), .eager = true);
    WEFT_TRY(weft_barrier_wait(&barrier, NULL));
    WEFT_TRY(weft_sleep(0));
    weft_barrier_finish(&barrier);
    expect_events(mark, "TASK_NEW task1>task2\n"
                        "RESUME task1\n"
                        "OBJECT_NEW barrier1=2\n"
                        "OBJECT_NAME barrier1\n"
                        "RESOURCE(acquire) barrier1=1\n"
                        "SUSPEND(barrier) task1>barrier1\n"
                        "RESOURCE(acquire) barrier1=2\n"
                        "WAKE(resource) task1>task2\n"
                        "RESOURCE(release) barrier1=1\n"
                        "SUSPEND(yield) task2\n"
                        "ITERATION loop1:2\n"
                        "RESUME task1\n"
                        "RESOURCE(release) barrier1=0\n"
                        "TASK_DONE(result) task1\n"
                        "RESUME task2\n"
                        "OBJECT_FREE barrier1=0\n");
    return 0;
}

static void test_barrier(void)
{
    g_assert_cmpint(weft_run(meets()), ==, 0);
}

static void set(void *arg)
{
    weft_set_result((weft_future *)arg, 1);
}

WEFT_ASYNC(void, callbacks)
{
    struct mark mark = mark_now();
    weft_own weft_future *future = weft_future_new(.name = "GET :9082/slow");
    weft_call_soon(set, future);
    weft_handle_cancel(weft_call_soon(set, NULL));
    WEFT_TRY(future);
    expect_events(mark, "READY(call_soon) handle1>task1\n"
                        "READY(call_soon) handle2>task1\n"
                        "READY_CANCEL(call_soon) handle2\n"
                        "OBJECT_NEW future1=0\n"
                        "OBJECT_NAME future1\n"
                        "SUSPEND(future) task1>future1\n"
                        "ITERATION loop1:1\n"
                        "CALLBACK_BEGIN(call_soon) handle1\n"
                        "FUTURE_DONE(result) future1\n"
                        "WAKE(future) task1>future1\n"
                        "CALLBACK_END(call_soon) handle1\n"
                        "ITERATION loop1:1\n"
                        "RESUME task1\n");
    return 0;
}

static void test_callbacks(void)
{
    g_assert_cmpint(weft_run(callbacks()), ==, 0);
}

/* ---- Children and signals ---- */

static void fulfil_at_second(void *arg)
{
    static int times;
    if (++times == 2)
        g_assert_cmpint(weft_set_result(arg, 0), ==, 0);
}

/* A signal that is caught twice before the loop looks is one callback. */
WEFT_ASYNC(void, watches)
{
    struct mark mark = mark_now();
    weft_own weft_process *process = NULL;
    WEFT_TRY(weft_create_subprocess_exec(&process, ("true")));
    WEFT_TRY(weft_process_wait(process, NULL));
    expect_events(mark, "OBJECT_NEW child1=0\n"
                        "OP_START(spawn) op1>child1\n"
                        "OP_END(spawn) op1\n"
                        "OBJECT_NAME child1\n"
                        "SUSPEND(child) task1>child1\n"
                        "READY(child) child1\n"
                        "ITERATION loop1:1\n"
                        "CALLBACK_BEGIN(child) child1\n"
                        "WAKE(io) task1>child1\n"
                        "OBJECT_FREE child1=0\n"
                        "CALLBACK_END(child) child1\n"
                        "ITERATION loop1:1\n"
                        "RESUME task1\n");

    mark = mark_now();
    weft_own weft_future *caught = weft_future_new();
    g_assert_cmpint(weft_add_signal_handler(SIGUSR1, fulfil_at_second, caught), ==, 0);
    kill(getpid(), SIGUSR1);
    kill(getpid(), SIGUSR1);
    WEFT_TRY(caught);
    g_assert_true(weft_remove_signal_handler(SIGUSR1));
    expect_events(mark, "OBJECT_NEW handle1=0\n"
                        "OBJECT_NAME handle1\n"
                        "OBJECT_NEW future1=0\n"
                        "SUSPEND(future) task1>future1\n"
                        "READY(signal) handle1\n"
                        "ITERATION loop1:1\n"
                        "CALLBACK_BEGIN(signal) handle1\n"
                        "FUTURE_DONE(result) future1\n"
                        "WAKE(future) task1>future1\n"
                        "CALLBACK_END(signal) handle1\n"
                        "ITERATION loop1:1\n"
                        "RESUME task1\n"
                        "OBJECT_FREE handle1=0\n");
    return 0;
}

static void test_watches(void)
{
    g_assert_cmpint(weft_run(watches()), ==, 0);
}

/* A job: its loop's events, and its thread's, which name the same job. */
static struct mark in_thread;

WEFT_ASYNC(void, fails_there)
{
    struct weft_writer *w = weft_probe_thread_writer();
    in_thread = (struct mark){ w, w->chunk, w->position };
    return UV_EIO;
}

WEFT_ASYNC(void, awaits_job)
{
    weft_own weft_future *first = weft_to_thread(fails_there());
    weft_await(first); /* the thread is there */
    struct mark mark = mark_now();
    weft_own weft_future *job = weft_to_thread(fails_there());
    g_assert_cmpint(weft_await(job), ==, UV_EIO);
    expect_events(mark, "WORK_SUBMIT job1=0\n"
                        "OBJECT_NAME job1\n"
                        "SUSPEND(job) task1>job1\n"
                        "READY(async) job1>thread1\n"
                        "ITERATION loop1:1\n"
                        "CALLBACK_BEGIN(async) job1>thread1\n"
                        "WAKE(thread) task1>job1\n"
                        "CALLBACK_END(async) job1\n"
                        "ITERATION loop1:1\n"
                        "RESUME task1\n");
    expect_events(in_thread, "WORK_END(error) job1\n"
                             "POST job1>loop1\n");
    mark = mark_now();
    weft_own weft_file *file = NULL;
    g_assert_cmpint(weft_await(weft_file_open("/none/such", "r", &file)), ==, UV_ENOENT);
    expect_events(mark, "OP_START(open) op1\n"
                        "OBJECT_NAME op1\n"
                        "WORK_SUBMIT job1=0\n"
                        "OBJECT_NAME job1\n"
                        "SUSPEND(file) task1>op1\n"
                        "READY(async) job1>thread1\n"
                        "ITERATION loop1:1\n"
                        "CALLBACK_BEGIN(async) job1>thread1\n"
                        "WAKE(thread) task1>job1\n"
                        "CALLBACK_END(async) job1\n"
                        "ITERATION loop1:1\n"
                        "RESUME task1\n"
                        "OP_END(open) op1\n");
    return 0;
}

static void test_job(void)
{
    g_assert_cmpint(weft_run(awaits_job()), ==, 0);
}

/* ---- Laws ---- */

/* What a reader may rely on, whatever ran: time does not go back; a RESUME is explained by a WAKE,
 * a yield or an eager start; a callback that runs was READY; each ITERATION says how many entries
 * its batch has, and they run in the order they became ready. */
struct replay {
    GArray *queue; /* ids, in order */
    guint batch;   /* of them, left in this batch */
    uint64_t time;
    uint64_t running[8];
    int depth;
    guint iterations;
};

static void take(struct replay *replay, uint64_t id, bool may_be_new)
{
    if (replay->batch == 0 || g_array_index(replay->queue, uint64_t, 0) != id) {
        g_assert_true(may_be_new);
        return;
    }
    g_array_remove_index(replay->queue, 0);
    replay->batch--;
}

static void withdraw(struct replay *replay, uint64_t id)
{
    for (guint i = 0; i < replay->queue->len; i++) {
        if (g_array_index(replay->queue, uint64_t, i) != id)
            continue;
        g_array_remove_index(replay->queue, i);
        if (i < replay->batch)
            replay->batch--;
        return;
    }
    g_assert_not_reached();
}

static void replay_event(struct replay *replay, const struct weft_record *r)
{
    g_assert_cmpuint(r->time, >=, replay->time);
    replay->time = r->time;
    switch (r->kind) {
    case WEFT_RECORD_WAKE:
    case WEFT_RECORD_READY:
        g_array_append_val(replay->queue, r->subject);
        break;
    case WEFT_RECORD_READY_CANCEL:
        withdraw(replay, r->subject);
        break;
    case WEFT_RECORD_ITERATION:
        g_assert_cmpuint(replay->batch, ==, 0);
        g_assert_cmpuint(r->site, ==, replay->queue->len);
        replay->batch = replay->queue->len;
        replay->iterations++;
        break;
    case WEFT_RECORD_RESUME:
        take(replay, r->subject, replay->depth > 0);
        replay->running[replay->depth++] = r->subject;
        break;
    case WEFT_RECORD_SUSPEND:
    case WEFT_RECORD_TASK_DONE:
        g_assert_cmpint(replay->depth, >, 0);
        g_assert_cmpuint(replay->running[--replay->depth], ==, r->subject);
        if (r->kind == WEFT_RECORD_SUSPEND && r->detail == WEFT_AWAIT_YIELD)
            g_array_append_val(replay->queue, r->subject);
        break;
    case WEFT_RECORD_CALLBACK_BEGIN:
        take(replay, r->subject, false);
        break;
    case WEFT_RECORD_POLL_BEGIN:
        g_assert_cmpuint(replay->batch, ==, 0);
        break;
    default:
        break;
    }
}

static int echoes(weft_stream *stream, void *arg)
{
    (void)arg;
    for (;;) {
        weft_bytes line;
        WEFT_TRY(weft_readline(stream, &line));
        if (line.len == 0)
            return 0;
        weft_write(stream, line.data, line.len);
    }
}

WEFT_ASYNC(void, does_all_kinds, int, port, unsigned, seed)
{
    for (int i = 0; i < 4; i++) {
        seed = seed * 1103515245 + 12345;
        unsigned what = seed >> 16;
        int rc = 0;
        if (what % 5 == 0) {
            rc = weft_await(weft_sleep(what % 3 * 0.0005));
        } else if (what % 5 == 1) {
            weft_own weft_stream *stream = NULL;
            WEFT_TRY(weft_open_connection("127.0.0.1", port, &stream));
            weft_printf(stream, "line\n");
            weft_bytes line;
            rc = weft_await(weft_readline(stream, &line));
        } else if (what % 5 == 2) {
            rc = weft_wait_for(sleeps(3600), what % 2 * 0.0005);
        } else if (what % 5 == 3) {
            weft_own weft_future *all = weft_gather((sleeps(0.0001), sleeps(0), fails()));
            rc = weft_await(all);
        } else {
            weft_own weft_task *task = weft_create_task(sleeps(3600), .eager = what % 2);
            weft_cancel(task);
            rc = weft_await(task);
        }
        if (rc == WEFT_ECANCELED && weft_cancelling(weft_current_task()))
            return rc;
    }
    return 0;
}

WEFT_ASYNC(void, all_kinds, struct mark *, mark)
{
    *mark = mark_now();
    weft_own weft_server *server = NULL;
    WEFT_TRY(weft_start_server("127.0.0.1", 0, echoes, NULL, &server));
    weft_task *tasks[10];
    for (unsigned i = 0; i < 10; i++)
        tasks[i] = weft_create_task(does_all_kinds(weft_server_port(server), i * 77 + 1));
    WEFT_TRY(weft_sleep(0.0005));
    weft_cancel(tasks[9]);
    weft_own weft_future *all = weft_gather_all(tasks, 10, .return_errors = true);
    for (int i = 0; i < 10; i++)
        weft_unref(tasks[i]);
    return weft_await(all);
}

static void test_laws(void)
{
    struct mark mark;
    g_assert_cmpint(weft_run(all_kinds(&mark)), ==, 0);
    struct replay replay = { .queue = g_array_new(FALSE, FALSE, sizeof(uint64_t)) };
    /* From RESUME on, the main task runs. */
    replay.running[replay.depth++] = weft_id(WEFT_ENTITY_TASK, 0, mark.writer->counters[0]);
    const struct weft_record *first = (const void *)mark.position;
    bool begun = false;
    for (const struct weft_record *r = first;
         (const char *)r < (const char *)mark.chunk + mark.chunk->committed;
         r += r->flags & WEFT_RECORD_EXT ? 2 : 1) {
        if (!begun && r->kind == WEFT_RECORD_SUSPEND)
            replay.running[0] = r->subject;
        begun |= r->kind == WEFT_RECORD_SUSPEND;
        replay_event(&replay, r);
    }
    g_assert_cmpuint(replay.iterations, >, 20);
    g_assert_cmpint(replay.depth, ==, 0);
    g_array_free(replay.queue, TRUE);
}

/* ---- How deep a stack went ---- */

static uint64_t stack_used_since(struct mark mark)
{
    uint64_t used = 0;
    for (char *at = mark.position; at < mark.writer->position; at += WEFT_SLOT_SIZE) {
        const struct weft_record *r = (const void *)at;
        if (r->kind == WEFT_RECORD_TASK_FREE)
            used = r->object;
        if (r->flags & WEFT_RECORD_EXT)
            at += WEFT_SLOT_SIZE;
    }
    return used;
}

static __attribute__((noinline)) int goes_down(size_t depth, bool suspends)
{
    volatile char room[1000];
    for (size_t i = 0; i < sizeof room; i++)
        room[i] = 1;
    if (depth > sizeof room)
        return goes_down(depth - sizeof room, suspends) + room[0] - room[999];
    return suspends ? weft_sleep(0) : 0;
}

WEFT_ASYNC(void, digs, int, depth, bool, suspends)
{
    return goes_down((size_t)depth, suspends);
}

static const size_t shallow = 6000, deep = 100000;

WEFT_ASYNC(void, dig)
{
    struct {
        size_t depth;
        bool suspends;
        size_t at_least, stack_size;
    } cases[] = {
        { shallow, true, shallow / 2, 0 }, { deep, true, deep / 2, 0 },
        { deep, false, deep / 2, 0 },      { deep, false, deep / 2, 1 << 20 },
        { shallow, false, 0, 0 },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct mark mark = mark_now();
        weft_task *task = weft_create_task(digs((int)cases[i].depth, cases[i].suspends),
                                           .stack_size = cases[i].stack_size);
        int rc = weft_await(task);
        weft_unref(task);
        g_assert_cmpint(rc, ==, 0);
        uint64_t used = stack_used_since(mark);
        g_assert_cmpuint(used, >=, cases[i].at_least);
        /* Sanitizers' frames are larger; the next task's stack tells nothing of this one's. */
        g_assert_cmpuint(used, <=, 2 * cases[i].depth + 16 * 1024);
    }
    return 0;
}

static void test_stack_used(void)
{
    g_assert_cmpint(weft_run(dig()), ==, 0);
}

/* What a program says is its running task's doing; in a callback, the loop's; elsewhere, the
 * thread's, in a ring of its own. */
static void say_so(void *arg)
{
    weft_mark(arg);
}

WEFT_ASYNC(void, say_elsewhere)
{
    weft_mark("elsewhere");
    return 0;
}

WEFT_ASYNC(void, says)
{
    struct mark mark = mark_now();
    weft_counter *n = weft_counter_new("n");
    {
        WEFT_SPAN("block");
        weft_counter_add(n, 1);
        WEFT_TRY(weft_sleep(0));
    }
    weft_call_soon(say_so, (char[]){ "called" });
    WEFT_TRY(weft_sleep(0));
    weft_counter_free(n);
    expect_events(mark, "SPAN_BEGIN span1\n"
                        "OBJECT_NAME counter1\n"
                        "COUNTER counter1\n"
                        "SUSPEND(yield) task1\n"
                        "ITERATION loop1:1\n"
                        "RESUME task1\n"
                        "SPAN_END span1\n"
                        "READY(call_soon) handle1>task1\n"
                        "SUSPEND(yield) task1\n"
                        "ITERATION loop1:2\n"
                        "CALLBACK_BEGIN(call_soon) handle1\n"
                        "MARK loop1\n"
                        "CALLBACK_END(call_soon) handle1\n"
                        "RESUME task1\n");
    mark = mark_now();
    weft_mark("here");
    expect_events(mark, "MARK task1\n");
    weft_own weft_future *job = weft_to_thread(say_elsewhere());
    WEFT_TRY(job);
    g_autofree char *events = events_since(mark);
    g_assert_null(strstr(events + strlen("MARK task1\n"), "MARK"));
    return 0;
}

static void test_said(void)
{
    g_assert_cmpint(weft_run(says()), ==, 0);
}

int main(int argc, char **argv)
{
    char *directory = begin_recording(&argc, &argv);
    g_test_add_func("/runtime/trace/laws", test_laws);
    g_test_add_func("/runtime/trace/task", test_task);
    g_test_add_func("/runtime/trace/cancel", test_cancel);
    g_test_add_func("/runtime/trace/group", test_group);
    g_test_add_func("/runtime/trace/task-group", test_task_group);
    g_test_add_func("/runtime/trace/timeout", test_timeout);
    g_test_add_func("/runtime/trace/lock", test_lock);
    g_test_add_func("/runtime/trace/queue", test_queue);
    g_test_add_func("/runtime/trace/barrier", test_barrier);
    g_test_add_func("/runtime/trace/callbacks", test_callbacks);
    g_test_add_func("/runtime/trace/watches", test_watches);
    g_test_add_func("/runtime/trace/job", test_job);
    g_test_add_func("/runtime/trace/stack-used", test_stack_used);
    g_test_add_func("/runtime/trace/said", test_said);
    return end_recording(directory, g_test_run());
}
