/* uv_peer.c: bare libuv doing what libweft's benchmarks do: prints NAME VALUE UNIT, as they do. */
#include <stdio.h>
#include <uv.h>

enum { ROUNDS = 9, JOBS = 2000 };

static void work(uv_work_t *job)
{
    (void)job;
}

/* Queues itself again until it has run JOBS times. */
static void after_work(uv_work_t *job, int status)
{
    long *left = job->data;
    if (status == 0 && --*left > 0)
        uv_queue_work(job->loop, job, work, after_work);
}

static double to_thread(void)
{
    uv_work_t job;
    long left = JOBS;
    job.data = &left;
    uint64_t begin = uv_hrtime();
    uv_queue_work(uv_default_loop(), &job, work, after_work);
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    return (double)(uv_hrtime() - begin) / JOBS;
}

int main(void)
{
    double best = to_thread(); /* and warm */
    for (int i = 0; i < ROUNDS; i++) {
        double ns = to_thread();
        best = ns < best ? ns : best;
    }
    printf("to_thread.round_trip %.1f ns\n", best);
    return 0;
}
