/* What controllers do to a running loop: it is paused and runs nothing, is stepped, slowed, and let
 * go on when the controller has gone; tasks are cancelled, on the thread of their loop. */
#include "runtime/task.h"
#include "runtime/weft.h"
#include "tests/runtime/controller.h"
#include "tracer/probe/pace.h"
#include <pthread.h>
#include <time.h>

enum { TASKS = 3 };

static _Atomic uint64_t turns[TASKS]; /* of each task */
static _Atomic bool over;

static uint64_t all_turns(void)
{
    uint64_t sum = 0;
    for (guint i = 0; i < TASKS; i++)
        sum += atomic_load(&turns[i]);
    return sum;
}

WEFT_ASYNC(void, turn, int, which)
{
    while (!atomic_load(&over)) {
        atomic_fetch_add(&turns[which], 1);
        WEFT_TRY(weft_sleep(0));
    }
    return 0;
}

WEFT_ASYNC(void, turn_all)
{
    weft_task *tasks[TASKS];
    for (int i = 0; i < TASKS; i++)
        tasks[i] = weft_create_task(turn(i));
    for (int i = 0; i < TASKS; i++) {
        WEFT_TRY(tasks[i]);
        weft_unref(tasks[i]);
    }
    return 0;
}

/* Runs `coro` in this thread, and `control` in another. */
static void run(weft_coro coro, GThreadFunc control)
{
    atomic_store(&over, false);
    for (guint i = 0; i < TASKS; i++)
        atomic_store(&turns[i], 0);
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    weft_task *task = weft_create_task_at(WEFT_HERE, coro, (weft_task_options){ 0 });
    GThread *thread = g_thread_new("control", control, loop);
    g_assert_cmpint(weft_loop_run_until_complete(loop, task), ==, 0);
    g_thread_join(thread);
    weft_unref(task);
    weft_loop_close(loop);
}

static void pause_it(int fd)
{
    controller_ask(fd, "pause", "ok");
    controller_await(fd, "pace", "ok paused");
}

static void wait_for_turns(uint64_t since)
{
    while (all_turns() == since)
        g_thread_yield();
}

/* ---- Paused ---- */

static uint64_t cpu_time(pthread_t thread)
{
    clockid_t clock;
    struct timespec time;
    g_assert_cmpint(pthread_getcpuclockid(thread, &clock), ==, 0);
    g_assert_cmpint(clock_gettime(clock, &time), ==, 0);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* A thread that went on taking time would never come out of here. */
static void wait_for_rest(pthread_t thread)
{
    for (uint64_t before = 0, now; (now = cpu_time(thread)) != before; before = now)
        g_usleep(2000);
}

static gpointer pause_and_resume(gpointer data)
{
    weft_loop *loop = data;
    int fd = controller_connect(), other = controller_connect();
    for (guint round = 0; round < 5; round++) {
        wait_for_turns(all_turns());
        pause_it(fd);
        uint64_t then = all_turns();
        g_assert_cmpuint(atomic_load(&loop->writer->ring->paused_since), !=, 0);
        wait_for_rest(loop->thread);
        for (guint i = 0; i < 10; i++)
            controller_ask(other, "ping", "ok standby");
        g_assert_cmpuint(all_turns(), ==, then);
        controller_ask(round & 1 ? other : fd, "resume", "ok");
        controller_await(fd, "pace", "ok running");
        wait_for_turns(then);
    }
    while (atomic_load(&loop->writer->ring->paused_since) != 0)
        g_thread_yield();
    atomic_store(&over, true);
    close(fd);
    close(other);
    return NULL;
}

static void test_pause(void)
{
    run(weft_coro(turn_all()), pause_and_resume);
}

/* The same in debug mode, whose loop looks at each entry anyway. */
static void test_debug(void)
{
    g_setenv("WEFT_DEBUG", "1", TRUE);
    run(weft_coro(turn_all()), pause_and_resume);
    g_unsetenv("WEFT_DEBUG");
}

WEFT_ASYNC(void, sleep_and_turn)
{
    while (!atomic_load(&over)) {
        WEFT_TRY(weft_sleep(0.001));
        atomic_fetch_add(&turns[0], 1);
    }
    return 0;
}

/* Its timers are due all the time: none fires until it goes on. */
static void test_timers(void)
{
    run(weft_coro(sleep_and_turn()), pause_and_resume);
}

static gpointer pause_and_go(gpointer data)
{
    (void)data;
    int fd = controller_connect(), other = controller_connect();
    pause_it(fd);
    uint64_t then = all_turns();
    close(fd);
    wait_for_turns(then);
    controller_await(other, "pace", "ok running");
    controller_ask(other, "slow 50", "ok");
    controller_ask(other, "pace", "ok slowed 50");
    int third = controller_connect();
    close(other);
    controller_await(third, "pace", "ok running");
    /* Whoever paused it last has it: the one before may go. */
    fd = controller_connect();
    pause_it(fd);
    pause_it(third);
    then = all_turns();
    close(fd);
    fd = controller_connect();
    controller_ask(fd, "pace", "ok paused");
    g_assert_cmpuint(all_turns(), ==, then);
    close(third);
    wait_for_turns(then);
    atomic_store(&over, true);
    close(fd);
    return NULL;
}

static void test_controller_gone(void)
{
    run(weft_coro(turn_all()), pause_and_go);
}

/* Who begins to record a paused loop is not kept waiting. */
static gpointer pause_and_record(gpointer data)
{
    struct weft_ring *ring = ((weft_loop *)data)->writer->ring;
    int fd = controller_connect();
    pause_it(fd);
    uint64_t since = atomic_load(&ring->current);
    controller_ask(fd, "mode flight 256K", "ok");
    while (atomic_load(&ring->current) == since)
        g_thread_yield();
    controller_ask(fd, "mode standby", "ok");
    atomic_store(&over, true);
    close(fd);
    return NULL;
}

static void test_record(void)
{
    run(weft_coro(turn_all()), pause_and_record);
}

/* ---- Stepped ---- */

static gpointer step(gpointer data)
{
    (void)data;
    int fd = controller_connect(), other = controller_connect();
    controller_ask(fd, "step", "error it is not paused: pause it first, then step");
    while (all_turns() < TASKS)
        g_thread_yield();
    pause_it(fd);
    for (guint i = 0; i < 30; i++) {
        uint64_t then = all_turns();
        controller_ask(i & 1 ? other : fd, "step", "ok");
        controller_await(fd, "pace", "ok paused");
        g_assert_cmpuint(all_turns(), ==, then + 1);
    }
    atomic_store(&over, true);
    close(fd);
    close(other);
    return NULL;
}

static void test_step(void)
{
    run(weft_coro(turn_all()), step);
}

/* A step of a loop that waits ends when it polls; what ends the poll is the next one's. */
static gpointer step_timers(gpointer data)
{
    (void)data;
    int fd = controller_connect();
    pause_it(fd);
    for (uint64_t begun = all_turns(), last = begun; last < begun + 5;) {
        controller_ask(fd, "step", "ok");
        controller_await(fd, "pace", "ok paused");
        uint64_t now = all_turns();
        g_assert_cmpuint(now - last, <=, 1);
        last = now;
    }
    atomic_store(&over, true);
    close(fd);
    return NULL;
}

static void test_step_timers(void)
{
    run(weft_coro(sleep_and_turn()), step_timers);
}

/* ---- Slow motion ---- */

enum { SLICES = 5, FACTOR = 4 };

static void spin(gint64 us)
{
    for (gint64 until = g_get_monotonic_time() + us; g_get_monotonic_time() < until;)
        ;
}

static gint64 last_begin;

WEFT_ASYNC(void, spin_slowly, weft_event *, begin)
{
    WEFT_TRY(weft_event_wait(begin));
    for (int i = 0; i < SLICES; i++) {
        gint64 now = g_get_monotonic_time();
        if (i > 0) /* the slice before took 2 ms, and the loop three times that, to a tenth */
            g_assert_cmpint(now - last_begin, >=, 2000 * FACTOR - 200);
        last_begin = now;
        spin(2000);
        WEFT_TRY(weft_sleep(0));
    }
    return 0;
}

static weft_event *begin_slowly;

static void let_begin(void *arg)
{
    (void)arg;
    weft_event_set(begin_slowly);
}

static gpointer slow(gpointer data)
{
    int fd = controller_connect();
    controller_ask(fd, "slow 4", "ok");
    controller_ask(fd, "pace", "ok slowed 4");
    g_assert_cmpint(weft_call_soon_threadsafe(data, let_begin, NULL), ==, 0);
    char byte; /* until the loop is closed, nobody says anything more */
    while (!atomic_load(&over))
        g_thread_yield();
    g_assert_cmpint(recv(fd, &byte, 1, MSG_DONTWAIT), ==, -1);
    close(fd);
    return NULL;
}

WEFT_ASYNC(void, slowly)
{
    weft_event begin;
    weft_event_init(&begin, "begin");
    begin_slowly = &begin;
    WEFT_TRY(spin_slowly(&begin));
    weft_event_finish(&begin);
    atomic_store(&over, true);
    return 0;
}

static void test_slow(void)
{
    run(weft_coro(slowly()), slow);
}

/* What one factor still owes is none of the next one's. */
WEFT_ASYNC(void, spin_and_turn)
{
    while (!atomic_load(&over)) {
        atomic_fetch_add(&turns[0], 1);
        spin(20000);
        WEFT_TRY(weft_sleep(0));
    }
    return 0;
}

static gpointer slow_and_less(gpointer data)
{
    int fd = controller_connect();
    controller_ask(fd, "slow 10000", "ok");     /* of each turn three minutes */
    wait_for_rest(((weft_loop *)data)->thread); /* it owes them */
    controller_ask(fd, "slow 2", "ok");
    for (guint i = 0; i < 3; i++)
        wait_for_turns(all_turns());
    atomic_store(&over, true);
    close(fd);
    return NULL;
}

static void test_slow_and_less(void)
{
    run(weft_coro(spin_and_turn()), slow_and_less);
}

/* ---- Cancelled ---- */

static char *cancel_message;

WEFT_ASYNC(void, sleep_long)
{
    int rc = weft_sleep(1000000);
    if (rc == WEFT_ECANCELED)
        cancel_message = g_strdup(weft_error_message(weft_current_error()));
    return rc;
}

static _Atomic uint64_t sleeper;

WEFT_ASYNC(void, see_cancelled)
{
    weft_own weft_task *task = weft_create_task(sleep_long());
    WEFT_TRY(weft_sleep(0));
    atomic_store(&sleeper, task->id);
    g_assert_cmpint(weft_await(task), ==, WEFT_ECANCELED);
    atomic_store(&sleeper, 0);
    return 0;
}

static gpointer cancel(gpointer paused)
{
    while (atomic_load(&sleeper) == 0)
        g_thread_yield();
    uint64_t id = atomic_load(&sleeper);
    g_autofree char *command = g_strdup_printf("cancel task:%u:%" G_GUINT64_FORMAT,
                                               weft_id_ring(id), weft_id_counter(id));
    int fd = controller_connect();
    if (paused)
        pause_it(fd);
    controller_ask(fd, "cancel task:0:1000000", "ok"); /* is not there: perhaps no longer */
    controller_ask(fd, command, "ok");
    if (paused) {
        controller_ask(fd, "ping", "ok standby");
        g_assert_cmpuint(atomic_load(&sleeper), ==, id);
        controller_ask(fd, "resume", "ok");
    }
    while (atomic_load(&sleeper) != 0)
        g_thread_yield();
    close(fd);
    return NULL;
}

static gpointer cancel_at_once(gpointer loop)
{
    (void)loop;
    return cancel(NULL);
}

static void assert_cancelled(void)
{
    g_autofree char *expected = g_strdup_printf("asked for by a controller (process %d)", getpid());
    g_assert_cmpstr(cancel_message, ==, expected);
    g_clear_pointer(&cancel_message, g_free);
}

static void test_cancel(void)
{
    run(weft_coro(see_cancelled()), cancel_at_once);
    assert_cancelled();
    run(weft_coro(see_cancelled()), cancel);
    assert_cancelled();
}

/* ---- Several loops ---- */

static _Atomic(weft_loop *) second_loop;
static _Atomic uint64_t second_turns;

WEFT_ASYNC(void, turn_second)
{
    while (!atomic_load(&over)) {
        atomic_fetch_add(&second_turns, 1);
        WEFT_TRY(weft_sleep(0.0001));
    }
    return 0;
}

static gpointer run_second(gpointer data)
{
    (void)data;
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    weft_own weft_task *task = weft_create_task(turn_second());
    atomic_store(&second_loop, loop);
    g_assert_cmpint(weft_loop_run_until_complete(loop, task), ==, 0);
    g_clear_pointer(&task, weft_unref);
    weft_loop_close(loop);
    return NULL;
}

static void wait_for_second(uint64_t since)
{
    while (atomic_load(&second_turns) == since)
        g_thread_yield();
}

static gpointer control_two(gpointer data)
{
    weft_loop *first = data;
    GThread *thread = g_thread_new("second", run_second, NULL);
    while (!atomic_load(&second_loop))
        g_thread_yield();
    weft_loop *second = atomic_load(&second_loop);
    int fd = controller_connect();
    char pause[32], pace[32], resume[32];
    g_snprintf(pause, sizeof pause, "pause %u", first->writer->index);
    g_snprintf(pace, sizeof pace, "pace %u", second->writer->index);
    g_snprintf(resume, sizeof resume, "resume %u", second->writer->index);
    for (guint round = 0; round < 3; round++) {
        /* One: the other goes on, and both serve. */
        controller_ask(fd, pause, "ok");
        controller_await(fd, "pace", "ok paused");
        controller_ask(fd, pace, "ok running");
        uint64_t then = all_turns();
        wait_for_second(atomic_load(&second_turns));
        g_assert_cmpuint(all_turns(), ==, then);
        /* All, and the second goes on. */
        pause_it(fd);
        uint64_t seconds = atomic_load(&second_turns);
        for (guint i = 0; i < 5; i++)
            controller_ask(fd, "ping", "ok standby");
        g_assert_cmpuint(atomic_load(&second_turns), ==, seconds);
        controller_ask(fd, resume, "ok");
        wait_for_second(seconds);
        g_assert_cmpuint(all_turns(), ==, then);
        controller_ask(fd, "resume", "ok");
        wait_for_turns(then);
    }
    atomic_store(&over, true);
    close(fd);
    g_thread_join(thread);
    return NULL;
}

static void test_two(void)
{
    run(weft_coro(turn_all()), control_two);
}

/* ---- Nonsense ---- */

static gpointer talk_nonsense(gpointer data)
{
    static const char *const wrong[] = {
        "pause first",
        "pause 0 0",
        "pause 5000",
        "pause 77",
        "resume -1",
        "step 0x0",
        "slow",
        "slow 0",
        "slow fast",
        "slow 10001",
        "slow 2 first",
        "slow 1.5",
        "pace 77",
        "cancel",
        "cancel Task-1",
        "cancel task:0",
        "cancel lock:0:1",
        "cancel task:77:1",
        "cancel task:0:0",
        "cancel task:0:1 2",
        "slow 99999999999999999999",
        "cancel task:0:99999999999999",
    };
    (void)data;
    int fd = controller_connect();
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autofree char *answer = controller_answer(fd, wrong[i]);
        g_test_message("%s: %s", wrong[i], answer);
        g_assert_true(g_str_has_prefix(answer, "error "));
    }
    controller_ask(fd, "stop",
                   "error the commands are ping mode pause resume step slow pace cancel");
    controller_ask(fd, "pace", "ok running");
    controller_ask(fd, "slow 1", "ok");
    controller_ask(fd, "resume", "ok");
    wait_for_turns(all_turns());
    atomic_store(&over, true);
    close(fd);
    return NULL;
}

static void test_nonsense(void)
{
    run(weft_coro(turn_all()), talk_nonsense);
}

int main(int argc, char **argv)
{
    controller_begin();
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/pace/pause", test_pause);
    g_test_add_func("/runtime/pace/debug", test_debug);
    g_test_add_func("/runtime/pace/timers", test_timers);
    g_test_add_func("/runtime/pace/controller-gone", test_controller_gone);
    g_test_add_func("/runtime/pace/record", test_record);
    g_test_add_func("/runtime/pace/step", test_step);
    g_test_add_func("/runtime/pace/step-timers", test_step_timers);
    g_test_add_func("/runtime/pace/slow", test_slow);
    g_test_add_func("/runtime/pace/slow-and-less", test_slow_and_less);
    g_test_add_func("/runtime/pace/cancel", test_cancel);
    g_test_add_func("/runtime/pace/two", test_two);
    g_test_add_func("/runtime/pace/nonsense", test_nonsense);
    return controller_end(g_test_run());
}
