/* live_bench.c: following a running program: what is read from its ring into a trace in memory, and
 * the model kept up with it, as a viewer does it at every frame. How many events a second one
 * processor can follow; the worse of a thousand and of ten thousand tasks. NAME VALUE UNIT. */
#include "tests/bench/ownring.h"
#include "tests/bench/workload.h"
#include "tracer/model/model.h"
#include "tracer/trace/live.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
    FRAMES = 240,
    FRAME = 16384, /* slots: a sixtieth of a second of a million a second */
};

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void follow(weft_live *live, weft_model *model)
{
    weft_live_poll(live);
    weft_model_advance(model, 0);
    weft_model_set_now(model, weft_live_now_ns(live));
}

/* Mevents/s of one processor. */
static double measure(unsigned tasks)
{
    GError *error = NULL;
    struct weft_writer *ring = weft_ownring_open();
    weft_live *live = weft_live_attach((guint64)getpid(), &error);
    if (!live) {
        fprintf(stderr, "live_bench: %s\n", error->message);
        exit(1);
    }
    weft_model *model = weft_model_new(weft_live_trace(live));
    struct weft_workload *workload = weft_workload_new(tasks, (uint64_t)tasks * 12000,
                                                       weft_ownring_now(), 1);
    struct weft_record *records = g_new(struct weft_record, FRAME);
    follow(live, model);
    guint64 before = weft_model_events(model), lost = weft_model_lost(model);
    double spent = 0;
    for (guint i = 0; i < FRAMES; i++) {
        weft_workload_next(workload, records, FRAME);
        weft_ownring_emit(ring, records, FRAME);
        double begin = cpu_seconds();
        follow(live, model);
        spent += cpu_seconds() - begin;
    }
    guint64 events = weft_model_events(model) - before;
    if (events != (guint64)FRAMES * FRAME || weft_model_lost(model) != lost) {
        fprintf(stderr, "live_bench: %" G_GUINT64_FORMAT " events seen, of %u\n", events,
                FRAMES * FRAME);
        exit(1);
    }
    weft_ownring_close(ring);
    weft_workload_free(workload);
    g_free(records);
    weft_model_free(model);
    weft_live_free(live);
    return (double)events / spent / 1e6;
}

int main(void)
{
    setenv("WEFT_TRACE", "flight", 1);
    double few = measure(1000), many = measure(10000);
    printf("model.live %.1f Mevents/s\n", MIN(few, many));
    return 0;
}
