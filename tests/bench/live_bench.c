/* live_bench.c: following a running program: what is read from its ring into a trace in memory, and
 * the model kept up with it, as a viewer does it at every frame. How many events a second one
 * processor can follow; the worse of a thousand and of ten thousand tasks. And what `weft record
 * --when deadlock` costs an event: the recorder, which hands it on, and the thread that looks for
 * findings in it. NAME VALUE UNIT. */
#include "tests/bench/ownring.h"
#include "tests/bench/workload.h"
#include "tracer/model/model.h"
#include "tracer/model/watcher.h"
#include "tracer/trace/live.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    FRAMES = 240,
    FRAME = 16384, /* slots: a sixtieth of a second of a million a second */
    PIECE = 2000,  /* what a recorder reads at once, of that */
    PIECES_A_NOW = 50,
};

static double cpu_seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
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
        double begin = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
        follow(live, model);
        spent += cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - begin;
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

/* Nanoseconds an event of the thread that feeds, and of the one that watches. */
static void watch(unsigned tasks, double *feeds, double *watches)
{
    static const char when[] = "deadlock";
    const gsize n = (gsize)FRAMES * FRAME;
    struct weft_record *records = g_new(struct weft_record, n);
    struct weft_workload *workload = weft_workload_new(tasks, (uint64_t)tasks * 12000, 1000, 1);
    weft_workload_next(workload, records, n);
    uint64_t ticks = WEFT_WORKLOAD_GHZ_TENTHS * UINT64_C(100000000); /* a second */
    struct weft_clock_anchor start = { 1000, 1, 0 }, later = { 1000 + ticks, 1000000001, 0 };
    weft_condition *condition = weft_condition_parse(when, strlen(when), weft_watcher_rules(),
                                                     NULL);
    weft_feed *feed = weft_feed_new(G_MAXSIZE);
    weft_watcher *watcher = weft_watcher_new(feed, condition, 0, NULL);
    double all = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID), own = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
    weft_feed_anchor(feed, &start);
    weft_feed_process(feed, 0, WEFT_CLOCK_COUNTER, &start);
    weft_feed_anchor(feed, &later);
    for (gsize i = 0; i < n; i += PIECE) {
        gsize piece = MIN(PIECE, n - i);
        weft_feed_events(feed, 0, 0, NULL, records + i, (guint)piece);
        if (i / PIECE % PIECES_A_NOW == 0)
            weft_feed_now(feed, records[i].time);
    }
    own = cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - own;
    weft_watcher_finish(watcher);
    *feeds = own / (double)n * 1e9;
    *watches = (cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - all - own) / (double)n * 1e9;
    weft_watcher_free(watcher);
    weft_feed_free(feed);
    weft_condition_free(condition);
    weft_workload_free(workload);
    g_free(records);
}

int main(void)
{
    double feeds[2], watches[2];
    setenv("WEFT_TRACE", "flight", 1);
    double few = measure(1000), many = measure(10000);
    printf("model.live %.1f Mevents/s\n", MIN(few, many));
    watch(1000, &feeds[0], &watches[0]);
    watch(10000, &feeds[1], &watches[1]);
    printf("model.live.feed %.1f ns\n", MAX(feeds[0], feeds[1]));
    printf("model.live.watch %.1f ns\n", MAX(watches[0], watches[1]));
    return 0;
}
