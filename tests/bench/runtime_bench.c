/* runtime_bench.c: what the runtime costs, as NAME VALUE UNIT lines; medians of several rounds.
 *
 *      weft-bench-runtime [untraced | traced] [NAME]
 *
 * measures untraced, then runs itself again with WEFT_TRACE=flight in a private runtime directory
 * for the `.traced` rows; or only one of these; and only rows whose names begin with NAME. */
#include "runtime/weft.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 9 };

static const char *suffix = "";
static const char *only = ""; /* rows that begin with this */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* `name` may have a part behind a slash: task.switch/1000 is task.switch.1000 or, traced,
 * task.switch.traced.1000. */
static void report(const char *name, double *samples, const char *unit)
{
    const char *slash = strchr(name, '/');
    int stem = slash ? (int)(slash - name) : (int)strlen(name);
    qsort(samples, ROUNDS, sizeof *samples, by_value);
    printf("%.*s%s%s%s %.1f %s\n", stem, name, suffix, slash ? "." : "", slash ? slash + 1 : "",
           samples[ROUNDS / 2], unit);
    fflush(stdout);
}

/* Seconds that this thread had the processor: what else runs on the machine is not counted. Rows
 * that wait for the kernel use weft_time. */
static double cpu_time(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- Switching ---- */

WEFT_ASYNC(void, yields, long, n)
{
    for (long i = 0; i < n; i++)
        WEFT_TRY(weft_sleep(0));
    return 0;
}

WEFT_ASYNC(double, switching, int, tasks, long, each)
{
    weft_task **all = calloc((size_t)tasks, sizeof *all);
    for (int i = 0; i < tasks; i++)
        all[i] = weft_create_task(yields(each));
    WEFT_TRY(weft_sleep(0)); /* they all have begun */
    double begin = cpu_time();
    for (int i = 0; i < tasks; i++)
        WEFT_TRY(all[i]);
    *result = (cpu_time() - begin) * 1e9 / ((double)tasks * (double)each);
    for (int i = 0; i < tasks; i++)
        weft_unref(all[i]);
    free(all);
    return 0;
}

WEFT_ASYNC(double, yielding_alone, long, n)
{
    double begin = cpu_time();
    WEFT_TRY(yields(n));
    *result = (cpu_time() - begin) * 1e9 / (double)n;
    return 0;
}

/* ---- Tasks and futures ---- */

WEFT_ASYNC(void, nothing)
{
    return 0;
}

WEFT_ASYNC(double, creating, long, n)
{
    double begin = cpu_time();
    for (long i = 0; i < n; i++) {
        weft_own weft_task *task = weft_create_task(nothing());
        WEFT_TRY(task);
    }
    *result = (cpu_time() - begin) * 1e9 / (double)n;
    return 0;
}

/* Two tasks that take turns: each awaits its future, makes its next one, and sets the other's. */
WEFT_ASYNC(void, takes_turns, weft_future **, futures, int, me, long, n)
{
    for (long i = 0; i < n; i++) {
        WEFT_TRY(futures[me]);
        weft_unref(futures[me]);
        futures[me] = weft_future_new();
        weft_set_result(futures[!me], 1);
    }
    return 0;
}

WEFT_ASYNC(double, waking, long, n)
{
    weft_future *futures[] = { weft_future_new(), weft_future_new() };
    weft_own weft_task *a = weft_create_task(takes_turns(futures, 0, n / 2));
    weft_own weft_task *b = weft_create_task(takes_turns(futures, 1, n / 2));
    WEFT_TRY(weft_sleep(0));
    double begin = cpu_time();
    weft_set_result(futures[0], 1);
    WEFT_TRY(a);
    WEFT_TRY(b);
    *result = (cpu_time() - begin) * 1e9 / (double)n;
    weft_unref(futures[0]);
    weft_unref(futures[1]);
    return 0;
}

WEFT_ASYNC(double, gathering, size_t, n)
{
    weft_task **tasks = calloc(n, sizeof *tasks);
    double begin = cpu_time();
    for (size_t i = 0; i < n; i++)
        tasks[i] = weft_create_task(nothing());
    weft_own weft_future *all = weft_gather_all(tasks, n);
    for (size_t i = 0; i < n; i++)
        weft_unref(tasks[i]);
    free(tasks);
    WEFT_TRY(all);
    *result = (cpu_time() - begin) * 1e9 / (double)n;
    return 0;
}

WEFT_ASYNC(double, waiting_for, long, n)
{
    double begin = cpu_time();
    for (long i = 0; i < n; i++) {
        int rc = weft_wait_for(nothing(), 10);
        if (rc < 0)
            return rc;
    }
    *result = (cpu_time() - begin) * 1e9 / (double)n;
    return 0;
}

WEFT_ASYNC(void, sleeps, double, seconds)
{
    return weft_await(weft_sleep(seconds));
}

WEFT_ASYNC(double, sleeping, size_t, n)
{
    weft_task **tasks = calloc(n, sizeof *tasks);
    double begin = weft_time();
    for (size_t i = 0; i < n; i++)
        tasks[i] = weft_create_task(sleeps(0.001 + 0.000001 * (double)(i % 1000)));
    for (size_t i = 0; i < n; i++) {
        WEFT_TRY(tasks[i]);
        weft_unref(tasks[i]);
    }
    *result = (weft_time() - begin) * 1e9 / (double)n;
    free(tasks);
    return 0;
}

/* ---- Echo: streams over the loopback, client and server in one loop ---- */

enum { ECHO_CLIENTS = 20 };

static int echo(weft_stream *stream, void *arg)
{
    (void)arg;
    for (;;) {
        weft_bytes line;
        WEFT_TRY(weft_readline(stream, &line));
        if (line.len == 0)
            return 0;
        weft_write(stream, line.data, line.len);
        WEFT_TRY(weft_drain(stream));
    }
}

WEFT_ASYNC(void, asks, int, port, long, requests)
{
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_open_connection("127.0.0.1", port, &stream));
    for (long i = 0; i < requests; i++) {
        weft_bytes line;
        weft_write(stream, "hello\n", 6);
        WEFT_TRY(weft_readline(stream, &line));
    }
    return 0;
}

WEFT_ASYNC(double, echoing, long, requests)
{
    weft_own weft_server *server = NULL;
    WEFT_TRY(weft_start_server("127.0.0.1", 0, echo, NULL, &server));
    weft_task *clients[ECHO_CLIENTS];
    double begin = weft_time();
    for (int i = 0; i < ECHO_CLIENTS; i++)
        clients[i] = weft_create_task(asks(weft_server_port(server), requests));
    weft_own weft_future *all = weft_gather_all(clients, ECHO_CLIENTS);
    for (int i = 0; i < ECHO_CLIENTS; i++)
        weft_unref(clients[i]);
    WEFT_TRY(all);
    *result = (double)(ECHO_CLIENTS * requests) / (weft_time() - begin);
    return 0;
}

/* ---- All of it ---- */

static void measure(const char *name, weft_coro coro, const char *unit)
{
    double samples[ROUNDS];
    if (strncmp(name, only, strlen(only)) != 0)
        return;
    for (int i = -1; i < ROUNDS; i++) { /* one to warm up */
        double ns = 0;
        int rc = weft_run_coro(WEFT_HERE, coro, &ns, (weft_run_options){ 0 });
        if (rc < 0) {
            fprintf(stderr, "%s: %s\n", name, weft_strerror(rc));
            exit(1);
        }
        if (i >= 0)
            samples[i] = ns;
    }
    report(name, samples, unit);
}

static void measure_all(void)
{
    measure("task.switch", weft_coro(switching(2, 500000)), "ns");
    measure("task.switch/1000", weft_coro(switching(1000, 1000)), "ns");
    measure("task.yield_alone", weft_coro(yielding_alone(1000000)), "ns");
    measure("task.create_await", weft_coro(creating(200000)), "ns");
    measure("future.wake", weft_coro(waking(300000)), "ns");
    measure("gather.10k", weft_coro(gathering(10000)), "ns");
    measure("wait_for.nop", weft_coro(waiting_for(200000)), "ns");
    measure("sleep.100k", weft_coro(sleeping(100000)), "ns");
    measure("echo.requests", weft_coro(echoing(1000)), "requests/s");
}

static int run_traced(char **argv)
{
    char directory[] = "/dev/shm/weft-bench-XXXXXX";
    if (!mkdtemp(directory))
        return 1;
    pid_t child = fork();
    if (child == 0) {
        setenv("WEFT_TRACE", "flight", 1);
        setenv("XDG_RUNTIME_DIR", directory, 1);
        execl("/proc/self/exe", argv[0], "traced", only, (char *)NULL);
        _exit(127);
    }
    int status = 1;
    if (child < 0 || waitpid(child, &status, 0) < 0)
        status = 1;
    char inner[sizeof directory + 8];
    snprintf(inner, sizeof inner, "%s/weft", directory);
    rmdir(inner);
    rmdir(directory);
    return status == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    bool traced = argc > 1 && strcmp(argv[1], "traced") == 0;
    bool untraced = argc > 1 && strcmp(argv[1], "untraced") == 0;
    if (traced)
        suffix = ".traced";
    else
        unsetenv("WEFT_TRACE");
    if (argc > 1 + (traced || untraced))
        only = argv[argc - 1];
    measure_all();
    return traced || untraced ? 0 : run_traced(argv);
}
