/* many_bench.c: what many tasks, timers and waiters cost, and how that grows. See rounds.h. */
#include "tests/bench/rounds.h"
#include "tests/bench/switching.h"
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

enum { FEW = 1000, SOME = 10000, MANY = 100000, MILLION = 1000000 };

static double resident_bytes(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file || fscanf(file, "%*s %ld", &pages) != 1)
        pages = 0;
    if (file)
        fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

/* ---- Sleepers: created, asleep, awake again ---- */

WEFT_ASYNC(void, sleeps, double, seconds)
{
    return weft_await(weft_sleep(seconds));
}

struct sleepers {
    double begun, all; /* ns each: until all sleep; until all are awaited */
    double bytes;      /* each, while they sleep                          */
};

/* They sleep for longer than it takes to make them; that the machine is idle costs nothing. */
WEFT_ASYNC(void, sleeping, size_t, n, struct sleepers *, figures)
{
    weft_task **tasks = calloc(n, sizeof *tasks);
    double memory = resident_bytes(), begin = bench_cpu_time();
    for (size_t i = 0; i < n; i++)
        tasks[i] = weft_create_task(sleeps(1.5 + 0.000001 * (double)(i % 1000)));
    WEFT_TRY(weft_sleep(0)); /* they all have begun */
    figures->begun = (bench_cpu_time() - begin) * 1e9 / (double)n;
    figures->bytes = (resident_bytes() - memory) / (double)n;
    for (size_t i = 0; i < n; i++) {
        WEFT_TRY(tasks[i]);
        weft_unref(tasks[i]);
    }
    figures->all = (bench_cpu_time() - begin) * 1e9 / (double)n;
    free(tasks);
    return 0;
}

static void measure_sleepers(void)
{
    struct sleepers best = { INFINITY, INFINITY, 0 };
    if (!bench_wants("sleep.100k"))
        return;
    for (int i = 0; i < 3; i++) {
        struct sleepers figures;
        if (weft_run(sleeping(MANY, &figures)) < 0)
            exit(1);
        best.begun = fmin(best.begun, figures.begun);
        best.all = fmin(best.all, figures.all);
        best.bytes = fmax(best.bytes, figures.bytes);
    }
    bench_report("sleep.100k", best.begun, "ns");
    bench_report("sleep.100k.all", best.all, "ns");
    bench_report("sleep.100k.bytes", best.bytes, "B");
}

/* ---- Live tasks, each on a guarded stack of its own ---- */

WEFT_ASYNC(void, waits, weft_future *, future)
{
    return weft_await(future);
}

WEFT_ASYNC(double, living, size_t, n, double *, bytes)
{
    weft_own weft_future *end = weft_future_new();
    weft_task **tasks = calloc(n, sizeof *tasks);
    double memory = resident_bytes();
    for (size_t i = 0; i < n; i++)
        tasks[i] = weft_create_task(waits(end));
    WEFT_TRY(weft_sleep(0));
    *bytes = (resident_bytes() - memory) / (double)n;
    weft_set_result(end, 1);
    for (size_t i = 0; i < n; i++) {
        if (weft_await(tasks[i]) == 0)
            *result += 1;
        weft_unref(tasks[i]);
    }
    free(tasks);
    return 0;
}

static void measure_live(void)
{
    double bytes = 0, ended = 0;
    if (!bench_wants("many.live_1M") || weft_run_coro(WEFT_HERE, weft_coro(living(MILLION, &bytes)),
                                                      &ended, (weft_run_options){ 0 }) < 0)
        return;
    bench_report("many.live_1M", ended, "tasks");
    bench_report("many.live_1M.bytes", bytes, "B");
}

/* ---- Growth: nothing may grow faster than n log n ---- */

static void nothing(void *arg)
{
    (void)arg;
}

/* n timers set, in no order, half of them cancelled, the other half run. */
WEFT_ASYNC(double, timing, size_t, n)
{
    weft_handle **handles = calloc(n, sizeof *handles);
    double begin = bench_cpu_time();
    for (size_t i = 0; i < n; i++)
        handles[i] = weft_call_later(0.000001 * (double)(i * 7919 % n), nothing, NULL);
    for (size_t i = 0; i < n; i += 2)
        weft_handle_cancel(handles[i]);
    WEFT_TRY(weft_sleep(0.000001 * (double)n));
    *result = (bench_cpu_time() - begin) * 1e9;
    free(handles);
    return 0;
}

/* n futures gathered, then set, then awaited. */
WEFT_ASYNC(double, gathering, size_t, n)
{
    weft_future **futures = calloc(n, sizeof *futures);
    double begin = bench_cpu_time();
    for (size_t i = 0; i < n; i++)
        futures[i] = weft_future_new();
    weft_own weft_future *all = weft_gather_all(futures, n);
    for (size_t i = 0; i < n; i++)
        weft_set_result(futures[i], 1);
    WEFT_TRY(all);
    *result = (bench_cpu_time() - begin) * 1e9;
    for (size_t i = 0; i < n; i++)
        weft_unref(futures[i]);
    free(futures);
    return 0;
}

WEFT_ASYNC(void, takes, weft_queue *, queue)
{
    int item;
    return weft_await(weft_queue_get(queue, &item));
}

/* n tasks wait in line at a queue: every other one is cancelled, the rest are given an item. */
WEFT_ASYNC(double, lining_up, size_t, n)
{
    weft_queue queue;
    weft_queue_init(&queue, int);
    weft_task **tasks = calloc(n, sizeof *tasks);
    for (size_t i = 0; i < n; i++)
        tasks[i] = weft_create_task(takes(&queue));
    WEFT_TRY(weft_sleep(0)); /* they all wait */
    double begin = bench_cpu_time();
    for (size_t i = 0; i < n; i += 2)
        weft_cancel(tasks[i]);
    for (int i = 0; (size_t)i < n / 2; i++)
        weft_queue_put_nowait(&queue, &i);
    for (size_t i = 0; i < n; i++)
        (void)weft_await(tasks[i]);
    *result = (bench_cpu_time() - begin) * 1e9;
    for (size_t i = 0; i < n; i++)
        weft_unref(tasks[i]);
    free(tasks);
    weft_queue_finish(&queue);
    return 0;
}

/* Time at n against time at FEW, in units of what n log n would make of it. Each size is measured
 * in its own rounds, the best counts. */
static void measure_growth(const char *name, weft_coro few, weft_coro some, weft_coro many)
{
    char row[64];
    snprintf(row, sizeof row, "growth.%s", name);
    if (!bench_wants(row))
        return;
    double least = bench_best(row, few, 15) / (FEW * log(FEW));
    double sizes[] = { SOME, MANY };
    weft_coro coros[] = { some, many };
    const char *names[] = { "10k", "100k" };
    for (int i = 0; i < 2; i++) {
        double ns = bench_best(row, coros[i], 5);
        snprintf(row, sizeof row, "growth.%s.%s", name, names[i]);
        bench_report(row, ns / (sizes[i] * log(sizes[i])) / least, "n·log(n)");
        snprintf(row, sizeof row, "each.%s.%s", name, names[i]);
        bench_report(row, ns / sizes[i], "ns");
    }
}

/* ---- All of it ---- */

int main(int argc, char **argv)
{
    bench_arguments(argc, argv);
    measure_sleepers();
    if (bench_wants("many.switch_100k"))
        bench_report("many.switch_100k",
                     bench_best("many.switch_100k", weft_coro(switching(MANY, 100)), 2), "ns");
    measure_live();
    if (!bench_untraced())
        return 0;
    measure_growth("timers", weft_coro(timing(FEW)), weft_coro(timing(SOME)),
                   weft_coro(timing(MANY)));
    measure_growth("waiters", weft_coro(lining_up(FEW)), weft_coro(lining_up(SOME)),
                   weft_coro(lining_up(MANY)));
    measure_growth("gather", weft_coro(gathering(FEW)), weft_coro(gathering(SOME)),
                   weft_coro(gathering(MANY)));
    return 0;
}
