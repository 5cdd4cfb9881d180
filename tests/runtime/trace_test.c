/* trace_test.c: what the runtime tells the probe: exact sequences of small programs, read back from
 * the ring. */
#include "ring.h"
#include "runtime/loop.h"
#include "runtime/weft.h"

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
    WEFT_TIMEOUT(deadline, 0.1, rc)
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

int main(int argc, char **argv)
{
    char *directory = begin_recording(&argc, &argv);
    g_test_add_func("/runtime/trace/task", test_task);
    g_test_add_func("/runtime/trace/cancel", test_cancel);
    g_test_add_func("/runtime/trace/group", test_group);
    g_test_add_func("/runtime/trace/task-group", test_task_group);
    g_test_add_func("/runtime/trace/timeout", test_timeout);
    g_test_add_func("/runtime/trace/lock", test_lock);
    g_test_add_func("/runtime/trace/queue", test_queue);
    g_test_add_func("/runtime/trace/barrier", test_barrier);
    g_test_add_func("/runtime/trace/callbacks", test_callbacks);
    return end_recording(directory, g_test_run());
}
