/* loop_test.c: callbacks, timers, threads, watched descriptors, and the loop's life. */
#include "journal.h"
#include "runtime/weft.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void say(void *arg)
{
    note("%s", (const char *)arg);
}

/* ---- Callbacks ---- */

static void nested(void *arg)
{
    note("%s", (const char *)arg);
    weft_call_soon(say, "next-iteration");
}

WEFT_ASYNC(void, soon)
{
    weft_call_soon(nested, "first");
    weft_handle *second = weft_call_soon(say, "never");
    weft_call_soon(say, "third");
    weft_handle_cancel(second);
    WEFT_TRY(weft_sleep(0));
    note("task");
    WEFT_TRY(weft_sleep(0));
    return 0;
}

static void test_soon(void)
{
    g_assert_cmpint(weft_run(soon()), ==, 0);
    expect("first third task next-iteration");
}

/* Deadlines order timers; ties run in the order they were set; cancelled ones do not run. */
WEFT_ASYNC(void, later)
{
    double now = weft_time();
    weft_own weft_future *done = weft_future_new();
    weft_call_at(now + 0.003, say, "3");
    weft_call_at(now + 0.001, say, "1a");
    weft_call_at(now + 0.001, say, "1b");
    weft_call_at(now + 0.001, say, "1c");
    weft_own weft_handle *cancelled = weft_ref(weft_call_at(now + 0.002, say, "never"));
    weft_call_at(now + 0.002, say, "2");
    weft_handle_cancel(cancelled);
    weft_handle_cancel(cancelled);
    WEFT_TRY(weft_sleep(0.005));
    weft_call_later(0.001, say, "later");
    WEFT_TRY(weft_sleep(0.003));
    weft_call_later(3600, say, "too late");
    g_assert_null(weft_call_later(__builtin_nan(""), say, "x"));
    g_assert_null(weft_call_soon(NULL, NULL));
    return 0;
}

static void test_later(void)
{
    g_assert_cmpint(weft_run(later()), ==, 0);
    expect("1a 1b 1c 2 3 later");
}

/* Many timers in random order come out sorted. */
enum { TIMERS = 2000 };
static double fired[TIMERS];
static int n_fired;
static void fire(void *arg)
{
    fired[n_fired++] = *(double *)arg;
}

WEFT_ASYNC(void, many_timers)
{
    static double when[TIMERS];
    weft_handle *handles[TIMERS];
    double now = weft_time();
    unsigned seed = 1;
    for (int i = 0; i < TIMERS; i++) {
        seed = seed * 1103515245 + 12345;
        when[i] = now + 0.002 + (seed >> 8) % 1000 * 1e-6;
        handles[i] = weft_call_at(when[i], fire, &when[i]);
    }
    for (int i = 0; i < TIMERS; i += 3)
        weft_handle_cancel(handles[i]);
    WEFT_TRY(weft_sleep(0.006));
    return 0;
}

static void test_many_timers(void)
{
    g_assert_cmpint(weft_run(many_timers()), ==, 0);
    g_assert_cmpint(n_fired, ==, TIMERS - (TIMERS + 2) / 3);
    for (int i = 1; i < n_fired; i++)
        g_assert_cmpfloat(fired[i - 1], <=, fired[i]);
}

/* ---- Threads ---- */

struct post {
    weft_loop *loop;
    weft_future *done;
    int calls;
};
enum { POSTS = 1000 };

static void posted(void *arg)
{
    struct post *post = arg;
    if (++post->calls == 2 * POSTS)
        weft_set_result(post->done, 1);
}

static void *poster(void *arg)
{
    struct post *post = arg;
    for (int i = 0; i < POSTS; i++)
        g_assert_cmpint(weft_call_soon_threadsafe(post->loop, posted, post), ==, 0);
    return NULL;
}

WEFT_ASYNC(void, threads)
{
    weft_own weft_future *done = weft_future_new();
    struct post post = { weft_running_loop(), done, 0 };
    pthread_t a, b;
    g_assert_cmpint(pthread_create(&a, NULL, poster, &post), ==, 0);
    g_assert_cmpint(pthread_create(&b, NULL, poster, &post), ==, 0);
    WEFT_TRY(done); /* the loop sleeps, and is woken */
    g_assert_cmpint(post.calls, ==, 2 * POSTS);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    return 0;
}

static void test_threadsafe(void)
{
    g_assert_cmpint(weft_run(threads()), ==, 0);
    g_assert_cmpint(weft_call_soon_threadsafe(NULL, posted, NULL), ==, UV_EINVAL);
}

WEFT_ASYNC(int, answer)
{
    WEFT_TRY(weft_sleep(0.001));
    *result = 42;
    return 0;
}

static void *own_loop(void *arg)
{
    *(int *)arg = 0;
    g_assert_cmpint(weft_run_coro(WEFT_HERE, weft_coro(answer()), arg, (weft_run_options){ 0 }), ==,
                    0);
    return NULL;
}

static void test_loop_per_thread(void)
{
    pthread_t threads_[4];
    int results[4];
    for (int i = 0; i < 4; i++)
        g_assert_cmpint(pthread_create(&threads_[i], NULL, own_loop, &results[i]), ==, 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads_[i], NULL);
        g_assert_cmpint(results[i], ==, 42);
    }
}

/* ---- Watched descriptors ---- */

struct pipe_reader {
    int fd;
    weft_future *done;
};

static void can_read(void *arg)
{
    struct pipe_reader *reader = arg;
    char c;
    if (read(reader->fd, &c, 1) == 1)
        note("%c", c);
    if (c == '.')
        weft_set_result(reader->done, 1);
}

static void can_write(void *arg)
{
    int *fd = arg;
    note("writable");
    weft_remove_writer(*fd);
}

WEFT_ASYNC(void, watching)
{
    int fds[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), ==, 0);
    weft_own weft_future *done = weft_future_new(.name = "the dot");
    struct pipe_reader reader = { fds[0], done };
    g_assert_cmpint(weft_add_reader(fds[0], say, "replaced"), ==, 0);
    g_assert_cmpint(weft_add_reader(fds[0], can_read, &reader, .name = ":7"), ==, 0);
    g_assert_cmpint(weft_add_writer(fds[1], can_write, &fds[1]), ==, 0);
    WEFT_TRY(weft_sleep(0.001));
    g_assert_false(weft_remove_writer(fds[1]));
    g_assert_cmpint(write(fds[1], "ab.", 3), ==, 3);
    WEFT_TRY(done);
    g_assert_true(weft_remove_reader(fds[0]));
    g_assert_false(weft_remove_reader(fds[0]));
    /* The descriptor can be watched again at once, and closed after that. */
    g_assert_cmpint(weft_add_reader(fds[0], can_read, &reader), ==, 0);
    g_assert_true(weft_remove_reader(fds[0]));
    close(fds[0]);
    close(fds[1]);
    g_assert_cmpint(weft_add_reader(-1, say, ""), ==, UV_EINVAL);
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    g_assert_cmpint(weft_add_reader(file, say, ""), ==, UV_EPERM);
    close(file);
    return 0;
}

static void test_watching(void)
{
    g_assert_cmpint(weft_run(watching()), ==, 0);
    expect("writable a b .");
}

/* ---- Life ---- */

static void stop(void *arg)
{
    note("stop");
    weft_call_soon(say, "not in this run");
    weft_loop_stop(arg);
}

/* stop() finishes the batch. */
static void test_stop(void)
{
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    weft_call_soon(stop, loop);
    weft_call_soon(say, "same batch");
    g_assert_cmpint(weft_loop_run_forever(loop), ==, 0);
    expect("stop same batch");
    weft_loop_stop(loop);
    g_assert_cmpint(weft_loop_run_forever(loop), ==, 0);
    expect("not in this run");
    g_assert_cmpint(weft_loop_close(loop), ==, 0);
}

WEFT_ASYNC(void, ends_on_cancel, const char *, name)
{
    int rc = weft_await(weft_sleep(3600));
    note("%s-%s", name, weft_err_name(rc));
    return strcmp(name, "b") == 0 ? UV_EIO : rc;
}

static void on_report(weft_loop *loop, const char *message, const weft_error *error,
                      weft_future *future, void *arg)
{
    (void)loop, (void)arg;
    note("[%s: %s%s%s]", message, future ? weft_get_name(future) : "-", error ? ": " : "",
         error ? weft_error_message(error) : "");
}

WEFT_ASYNC(void, leaves_tasks)
{
    weft_loop_set_exception_handler(weft_running_loop(), on_report, NULL);
    weft_detach(weft_create_task(ends_on_cancel("a")));
    weft_detach(weft_create_task(ends_on_cancel("b"), .name = "b"));
    WEFT_TRY(weft_sleep(0));
    note("main-ends");
    return 0;
}

/* run() at the end cancels all, waits for them, and reports failures. */
static void test_shutdown(void)
{
    g_assert_cmpint(weft_run(leaves_tasks()), ==, 0);
    expect("main-ends a-ECANCELED b-ECANCELED [unhandled failure during shutdown: b: i/o error]");
}

WEFT_ASYNC(void, is_closed, const char *, name)
{
    weft_own weft_future *future = weft_future_new();
    int rc = weft_await(future);
    note("%s-%s", name, weft_err_name(rc));
    note("%s", weft_err_name(weft_await(weft_sleep(1))));
    return rc;
}

WEFT_ASYNC(void, never_stops)
{
    for (;;) {
        int rc = weft_await(weft_sleep(1));
        (void)rc;
    }
    return 0;
}

static void on_free(void *arg)
{
    note("%s", (const char *)arg);
}

/* Closing with live tasks: each is reported once, and gets to clean up. */
static void test_close_with_tasks(void)
{
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    weft_loop_set_exception_handler(loop, on_report, NULL);
    weft_task *waits = weft_create_task(is_closed("waits"), .name = "waits");
    weft_detach(weft_create_task(never_stops(), .name = "stubborn"));
    weft_loop_stop(loop);
    weft_loop_run_forever(loop);
    weft_detach(weft_create_task(is_closed("new"), .name = "new", .on_free = on_free,
                                 .on_free_arg = "freed"));
    g_assert_cmpint(weft_loop_close(loop), ==, 0);
    expect("[a task was destroyed while pending: waits] waits-ECLOSED ECLOSED "
           "[a task was destroyed while pending: stubborn] "
           "[a task was destroyed before it ever ran: new] freed");
    weft_unref(waits);
    expect("");
}

static void test_existing_uv_loop(void)
{
    uv_loop_t uv;
    uv_loop_init(&uv);
    int result = 0;
    g_assert_cmpint(
        weft_run_coro(WEFT_HERE, weft_coro(answer()), &result, (weft_run_options){ .uv = &uv }), ==,
        0);
    g_assert_cmpint(result, ==, 42);
    g_assert_cmpint(uv_loop_close(&uv), ==, 0); /* nothing of ours is left on it */
}

static void on_uv_timer(uv_timer_t *timer)
{
    weft_set_result((weft_future *)timer->data, 1);
    uv_close((uv_handle_t *)timer, NULL);
}

/* A program's own libuv handle wakes a task. */
WEFT_ASYNC(void, own_handle)
{
    weft_own weft_future *future = weft_future_new();
    uv_timer_t timer = { .data = future };
    uv_timer_init(weft_loop_uv(weft_running_loop()), &timer);
    uv_timer_start(&timer, on_uv_timer, 1, 0);
    WEFT_TRY(future);
    WEFT_TRY(weft_sleep(0.001)); /* until libuv has closed it */
    return 0;
}

static void test_own_handle(void)
{
    g_assert_cmpint(weft_run(own_handle()), ==, 0);
}

/* libuv runs due timers before it polls. Here one of the program's makes a task ready there, where
 * a poll must not be begun that waits for something else. */
WEFT_ASYNC(void, ready_before_poll)
{
    weft_own weft_future *future = weft_future_new();
    uv_timer_t timer = { .data = future };
    uv_timer_init(weft_loop_uv(weft_running_loop()), &timer);
    uv_timer_start(&timer, on_uv_timer, 0, 0);
    WEFT_TRY(future);
    return weft_await(weft_sleep(0.001));
}

static void on_slow_uv_timer(uv_timer_t *timer)
{
    uint64_t until = uv_hrtime() + 5000000;
    while (uv_hrtime() < until)
        uv_update_time(timer->loop);
    uv_close((uv_handle_t *)timer, NULL);
}

/* And here one is so slow that our own deadline passes there. */
WEFT_ASYNC(void, due_before_poll)
{
    uv_timer_t timer;
    uv_timer_init(weft_loop_uv(weft_running_loop()), &timer);
    uv_timer_start(&timer, on_slow_uv_timer, 0, 0);
    return weft_await(weft_sleep(0.001));
}

static void test_before_poll(void)
{
    g_assert_cmpint(weft_run(ready_before_poll()), ==, 0);
    g_assert_cmpint(weft_run(due_before_poll()), ==, 0);
}

WEFT_ASYNC(void, shows_stack)
{
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    weft_print_stack(weft_current_task(), memory);
    fclose(memory);
    g_assert_nonnull(strstr(text, ", in prints_stack\n"));
    free(text);
    return 0;
}

WEFT_ASYNC(void, prints_stack)
{
    WEFT_TRY(shows_stack());
    weft_own weft_task *other = weft_create_task(answer(), .name = "other");
    WEFT_TRY(weft_sleep(0));
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    weft_print_stack(other, memory);
    fclose(memory);
    g_assert_true(g_str_has_prefix(text, "Stack for other (most recent await last):\n  "));
    g_assert_nonnull(strstr(text, ", in answer\n"));
    free(text);
    WEFT_TRY(other);
    return 0;
}

static void test_print_stack(void)
{
    g_assert_cmpint(weft_run(prints_stack()), ==, 0);
}

static void test_no_loop(void)
{
    g_assert_null(weft_running_loop());
    g_assert_null(weft_call_soon(say, "x"));
    g_assert_cmpint(weft_add_reader(0, say, "x"), ==, WEFT_ENOLOOP);
    g_assert_cmpint(weft_loop_close(NULL), ==, 0);
    g_assert_cmpint(weft_loop_run_forever(NULL), ==, UV_EINVAL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/loop/soon", test_soon);
    g_test_add_func("/runtime/loop/later", test_later);
    g_test_add_func("/runtime/loop/many-timers", test_many_timers);
    g_test_add_func("/runtime/loop/threadsafe", test_threadsafe);
    g_test_add_func("/runtime/loop/per-thread", test_loop_per_thread);
    g_test_add_func("/runtime/loop/watching", test_watching);
    g_test_add_func("/runtime/loop/stop", test_stop);
    g_test_add_func("/runtime/loop/shutdown", test_shutdown);
    g_test_add_func("/runtime/loop/close-with-tasks", test_close_with_tasks);
    g_test_add_func("/runtime/loop/existing-uv-loop", test_existing_uv_loop);
    g_test_add_func("/runtime/loop/own-handle", test_own_handle);
    g_test_add_func("/runtime/loop/before-poll", test_before_poll);
    g_test_add_func("/runtime/loop/print-stack", test_print_stack);
    g_test_add_func("/runtime/loop/none", test_no_loop);
    return g_test_run();
}
