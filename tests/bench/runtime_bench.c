/* runtime_bench.c: what switching, tasks and futures cost, each alone and warm. See rounds.h. */
#include "tests/bench/rounds.h"
#include "tests/bench/switching.h"
#include <stdlib.h>

/* ---- Switching ---- */

WEFT_ASYNC(double, yielding_alone, long, n)
{
    double begin = bench_cpu_time();
    WEFT_TRY(yields(n));
    *result = (bench_cpu_time() - begin) * 1e9 / (double)n;
    return 0;
}

/* ---- Tasks and futures ---- */

WEFT_ASYNC(void, nothing)
{
    return 0;
}

WEFT_ASYNC(double, creating, long, n)
{
    double begin = bench_cpu_time();
    for (long i = 0; i < n; i++) {
        weft_own weft_task *task = weft_create_task(nothing());
        WEFT_TRY(task);
    }
    *result = (bench_cpu_time() - begin) * 1e9 / (double)n;
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
    double begin = bench_cpu_time();
    weft_set_result(futures[0], 1);
    WEFT_TRY(a);
    WEFT_TRY(b);
    *result = (bench_cpu_time() - begin) * 1e9 / (double)n;
    weft_unref(futures[0]);
    weft_unref(futures[1]);
    return 0;
}

/* There and back: two puts, two gets, two switches. */
WEFT_ASYNC(void, answers, weft_queue *, questions, weft_queue *, replies, long, n)
{
    for (long i = 0; i < n; i++) {
        int item;
        WEFT_TRY(weft_queue_get(questions, &item));
        weft_queue_put_nowait(replies, &item);
    }
    return 0;
}

WEFT_ASYNC(double, asking, long, n)
{
    weft_queue questions, replies;
    weft_queue_init(&questions, int, .maxsize = 1);
    weft_queue_init(&replies, int, .maxsize = 1);
    weft_own weft_task *other = weft_create_task(answers(&questions, &replies, n));
    double begin = bench_cpu_time();
    for (int i = 0; i < n; i++) {
        int item = i;
        weft_queue_put_nowait(&questions, &item);
        WEFT_TRY(weft_queue_get(&replies, &item));
    }
    *result = (bench_cpu_time() - begin) * 1e9 / (double)n;
    WEFT_TRY(other);
    weft_queue_finish(&questions);
    weft_queue_finish(&replies);
    return 0;
}

/* ---- Threads: by the clock on the wall, since two of them share the work ---- */

WEFT_ASYNC(double, to_threads, long, n)
{
    weft_own weft_future *first = weft_to_thread(nothing()); /* makes the thread */
    WEFT_TRY(first);
    double begin = weft_time();
    for (long i = 0; i < n; i++) {
        weft_own weft_future *job = weft_to_thread(nothing());
        WEFT_TRY(job);
    }
    *result = (weft_time() - begin) * 1e9 / (double)n;
    return 0;
}

/* ---- Several ---- */

WEFT_ASYNC(double, gathering, size_t, n)
{
    weft_task **tasks = calloc(n, sizeof *tasks);
    double begin = bench_cpu_time();
    for (size_t i = 0; i < n; i++)
        tasks[i] = weft_create_task(nothing());
    weft_own weft_future *all = weft_gather_all(tasks, n);
    for (size_t i = 0; i < n; i++)
        weft_unref(tasks[i]);
    free(tasks);
    WEFT_TRY(all);
    *result = (bench_cpu_time() - begin) * 1e9 / (double)n;
    return 0;
}

WEFT_ASYNC(double, waiting_for, long, n)
{
    double begin = bench_cpu_time();
    for (long i = 0; i < n; i++) {
        int rc = weft_wait_for(nothing(), 10);
        if (rc < 0)
            return rc;
    }
    *result = (bench_cpu_time() - begin) * 1e9 / (double)n;
    return 0;
}

/* ---- All of it ---- */

int main(int argc, char **argv)
{
    bench_arguments(argc, argv);
    bench_measure("task.switch", weft_coro(switching(2, 500000)), "ns");
    bench_measure("task.switch.1000", weft_coro(switching(1000, 1000)), "ns");
    bench_measure("task.yield_alone", weft_coro(yielding_alone(1000000)), "ns");
    bench_measure("task.create_await", weft_coro(creating(200000)), "ns");
    bench_measure("future.wake", weft_coro(waking(300000)), "ns");
    bench_measure("queue.round_trip", weft_coro(asking(200000)), "ns");
    bench_measure("gather.10k", weft_coro(gathering(10000)), "ns");
    bench_measure("wait_for.nop", weft_coro(waiting_for(200000)), "ns");
    bench_measure("to_thread.round_trip", weft_coro(to_threads(2000)), "ns");
    return 0;
}
