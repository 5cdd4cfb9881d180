/* memory_test.c: libweft without memory. Each scenario is run again and again, and each time
 * another of its allocations fails: the first, the second, and so on until none is left to fail.
 * Whatever fails, the run must end, with a code; sanitizers and valgrind see to it that nothing
 * leaks.
 *
 * The linker sends libweft's (and this file's) calls of malloc and its kin through here (--wrap);
 * libuv, which aborts without memory, and libc keep theirs. */
#include "runtime/weft.h"
#include <errno.h>
#include <glib.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* ---- What fails ---- */

static _Atomic long until_failure; /* 0: nothing is to fail */
static _Atomic bool failed;

static bool fails(void)
{
    if (until_failure == 0 || --until_failure > 0)
        return false;
    failed = true;
    errno = ENOMEM;
    return true;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

int __real_vasprintf(char **out, const char *format, va_list args);
int __wrap_vasprintf(char **out, const char *format, va_list args);
int __wrap_vasprintf(char **out, const char *format, va_list args)
{
    return fails() ? -1 : __real_vasprintf(out, format, args);
}

void *__real_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    return fails() ? MAP_FAILED : __real_mmap(at, size, protection, flags, fd, offset);
}

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *arg)
{
    return fails() ? EAGAIN : __real_pthread_create(thread, attributes, run, arg);
}

static void say_nothing(const char *message)
{
    (void)message; /* that memory is missing is no news here */
}

/* Runs it with ever later failures. Unhindered, it must succeed. */
static void with_every_failure(gconstpointer data)
{
    int (*scenario)(void) = (int (*)(void))data;
    weft_set_log_function(say_nothing);
    long n = 1;
    int rc;
    do {
        until_failure = n++;
        failed = false;
        rc = scenario();
        until_failure = 0;
        g_assert_cmpint(rc, <=, 0);
    } while (failed);
    g_assert_cmpint(rc, ==, 0);
    g_test_message("%ld allocations", n - 2);
    g_assert_cmpint(n, >, 2);
    weft_set_log_function(NULL);
}

/* ---- Tasks ---- */

WEFT_ASYNC(char *, makes, double, delay)
{
    WEFT_TRY(weft_sleep(delay));
    *result = malloc(8);
    return *result ? 0 : UV_ENOMEM;
}

struct large {
    char bytes[100];
};

WEFT_ASYNC(struct large, makes_much, int, n)
{
    WEFT_TRY(weft_sleep(0));
    memset(result, n, sizeof *result);
    return 0;
}

WEFT_ASYNC(void, fails_with_story)
{
    WEFT_TRY(weft_sleep(0));
    return weft_raise(UV_EIO, "the disk said %d", 7);
}

static void on_done(weft_future *future, void *arg)
{
    (void)future, (void)arg;
}

WEFT_ASYNC(void, many_tasks)
{
    weft_own weft_task *first = weft_create_task(makes(0), .name = "first", .free_result = free);
    weft_own weft_task *much = weft_create_task(makes_much(3), .name = "much");
    weft_own weft_task *bad = weft_create_task(fails_with_story());
    weft_own weft_task *eager = weft_create_task(makes(0), .eager = true, .free_result = free);
    weft_own weft_task *cancelled = weft_create_task(makes(3600), .free_result = free);
    weft_set_name(much, "much more");
    WEFT_TRY(weft_sleep(0));
    weft_cancel(cancelled, "enough");
    int rc = weft_add_done_callback(first, on_done, NULL);
    if (rc == 0)
        rc = weft_await(first);
    if (rc == 0)
        rc = weft_await(much);
    if (rc == 0)
        rc = weft_await(eager);
    int failure = weft_await(bad);
    const char *message = weft_error_message(weft_future_error(bad));
    int cancellation = weft_await(cancelled);
    if (rc < 0)
        return rc;
    if (failure != UV_EIO || cancellation != WEFT_ECANCELED)
        return UV_ENOMEM;
    return strcmp(message, "the disk said 7") == 0 ? 0 : UV_ENOMEM;
}

static int tasks(void)
{
    return weft_run(many_tasks());
}

/* ---- Together ---- */

WEFT_ASYNC(void, gathers)
{
    weft_own weft_future *both = weft_gather((makes(0), makes(0)), .free_result = free);
    WEFT_TRY(both);
    weft_own weft_task *one = weft_create_task(makes(0), .free_result = free);
    weft_own weft_task *two = weft_create_task(makes(3600), .free_result = free);
    weft_future *futures[] = { two, one };
    ssize_t done = weft_wait(futures, 2, .return_when = WEFT_FIRST_COMPLETED, .timeout = 10,
                             .has_timeout = true);
    weft_cancel(two);
    if (done < 0)
        return (int)done;
    weft_own weft_future *shielded = weft_shield(one);
    WEFT_TRY(shielded);
    weft_own weft_future *all = weft_gather_all(futures, 2, .return_errors = true, .name = "all");
    return weft_await(all);
}

static int combinators(void)
{
    return weft_run(gathers());
}

WEFT_ASYNC(void, groups)
{
    int rc = 0;
    WEFT_TASK_GROUP(group, rc) {
        weft_task *task = weft_group_create_task(&group, makes(0), .free_result = free);
        weft_group_create_task(&group, makes_much(1));
        WEFT_BREAK(rc, task);
    }
    if (rc < 0)
        return rc;
    WEFT_TASK_GROUP(group, rc) {
        weft_task *bad = weft_group_create_task(&group, fails_with_story());
        weft_group_create_task(&group, makes(3600), .free_result = free);
        if (weft_done(bad)) /* there was no memory for it */
            WEFT_BREAK(rc, bad);
    }
    const weft_error *const *errors;
    if (rc == WEFT_EGROUP && weft_error_children(weft_current_error(), &errors) == 1)
        rc = 0;
    return rc;
}

static int task_groups(void)
{
    return weft_run(groups());
}

/* ---- Time ---- */

static void is_called(void *arg)
{
    (void)arg;
}

WEFT_ASYNC(void, times)
{
    if (!weft_call_soon(is_called, NULL) || !weft_call_later(0, is_called, NULL))
        return UV_ENOMEM;
    WEFT_TRY(weft_call_soon_threadsafe(weft_running_loop(), is_called, NULL));
    weft_handle *never = weft_call_later(3600, is_called, NULL);
    if (never)
        weft_handle_cancel(never);
    int rc = weft_wait_for(weft_sleep(3600), 0.0001);
    if (rc != WEFT_ETIMEDOUT)
        return rc;
    WEFT_TIMEOUT(deadline, 3600, rc) {
        weft_timeout_reschedule(&deadline, weft_time() + 1);
        WEFT_BREAK(rc, weft_sleep(0.0001));
    }
    return rc;
}

static int timers(void)
{
    return weft_run(times());
}

WEFT_GENERATOR(int, counts, int, to)
{
    for (int i = 0; i < to; i++) {
        WEFT_TRY(weft_yield(i));
        WEFT_TRY(weft_sleep(0));
    }
    return 0;
}

WEFT_ASYNC(void, iterates)
{
    int rc;
    WEFT_FOR(int, i, counts(3), rc)
    WEFT_TRY(weft_sleep(0));
    return rc;
}

static int generators(void)
{
    return weft_run(iterates());
}

/* ---- Threads ---- */

WEFT_ASYNC(int, computes, int, n)
{
    *result = 2 * n;
    return 0;
}

WEFT_ASYNC(char *, allocates)
{
    *result = malloc(8);
    return *result ? 0 : UV_ENOMEM;
}

static weft_local request = WEFT_LOCAL("request", NULL);

WEFT_ASYNC(void, uses_threads)
{
    WEFT_TRY(weft_local_set(&request, (char[]){ "GET /" }, NULL));
    weft_own weft_future *job = weft_to_thread(computes(21));
    weft_own weft_future *other = weft_to_thread(allocates(), .free_result = free);
    WEFT_TRY(weft_sleep(0));
    WEFT_TRY(job);
    WEFT_TRY(other);
    return weft_result(job, int) == 42 ? 0 : UV_EIO;
}

static int threads(void)
{
    return weft_run(uses_threads());
}

/* ---- Streams ---- */

static int echoes(weft_stream *stream, void *arg)
{
    (void)arg;
    weft_bytes line;
    WEFT_TRY(weft_readline(stream, &line));
    weft_write(stream, line.data, line.len);
    return weft_await(weft_drain(stream));
}

WEFT_ASYNC(void, talks, int, port)
{
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_open_connection("127.0.0.1", port, &stream));
    weft_printf(stream, "hello %d\n", 7);
    WEFT_TRY(weft_drain(stream));
    weft_bytes line;
    WEFT_TRY(weft_readline(stream, &line));
    weft_close(stream);
    WEFT_TRY(weft_wait_closed(stream));
    return line.len == 8 ? 0 : UV_EIO;
}

WEFT_ASYNC(void, serves)
{
    weft_own weft_server *server = NULL;
    WEFT_TRY(weft_start_server("127.0.0.1", 0, echoes, NULL, &server));
    int rc = weft_wait_for(talks(weft_server_port(server)), 10);
    weft_server_close(server);
    int closed = weft_await(weft_server_wait_closed(server));
    return rc < 0 ? rc : closed;
}

static int streams(void)
{
    return weft_run(serves());
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        int (*scenario)(void);
    } scenarios[] = {
        { "/runtime/memory/tasks", tasks },
        { "/runtime/memory/combinators", combinators },
        { "/runtime/memory/task-groups", task_groups },
        { "/runtime/memory/timers", timers },
        { "/runtime/memory/threads", threads },
        { "/runtime/memory/generators", generators },
        { "/runtime/memory/streams", streams },
    };
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(scenarios); i++)
        g_test_add_data_func(scenarios[i].path, (gconstpointer)scenarios[i].scenario,
                             with_every_failure);
    return g_test_run();
}
