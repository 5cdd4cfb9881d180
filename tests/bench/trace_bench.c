/* trace_bench.c: bytes per event of a trace file, events decoded per second (checksum, zstd,
 * columns and clock included), and what recording costs the recorder per event. One line each:
 * NAME VALUE UNIT. */
#include "tests/bench/workload.h"
#include "tracer/probe/session.h"
#include "tracer/trace/recorder.h"
#include "tracer/trace/writer.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SESSION "trace-bench"

enum {
    CHUNKS = 128,
    ROUNDS = 7,
    PIECE = WEFT_TRACE_CHUNK_SLOTS * 8, /* slots: a quarter of the ring */
};

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(gboolean ok, GError *error)
{
    if (ok)
        return;
    fprintf(stderr, "trace_bench: %s\n", error->message);
    exit(1);
}

/* Writes the records through the real writer; the recorder's cost is measured apart. */
static void write_file(const char *path, const struct weft_record *records)
{
    GError *error = NULL;
    g_autoptr(weft_filewriter) writer = weft_filewriter_new(path, &error);
    must(writer != NULL, error);
    struct weft_file_process process = {
        .clock_kind = WEFT_CLOCK_COUNTER, .start = { 1, 1, 1 }, .program = "", .host = ""
    };
    must(weft_filewriter_process(writer, &process, &error), error);
    for (guint64 ms = 1; ms < 60000; ms += 1000) {
        struct weft_clock_anchor anchor = { 1 + ms * 2500000, 1 + ms * 1000000, 0 };
        weft_filewriter_anchor(writer, &anchor);
    }
    for (guint i = 0; i < CHUNKS; i++)
        must(weft_filewriter_events(writer, 0, records + i * WEFT_TRACE_CHUNK_SLOTS,
                                    WEFT_TRACE_CHUNK_SLOTS, weft_filewriter_running(writer, 0),
                                    &error),
             error);
    must(weft_filewriter_finish(writer, &error), error);
}

/* Emits the records into this process's own ring, in pieces that fit, and drains each with the
 * recorder: the CPU time of draining, in all. */
static double record(const char *path, struct weft_writer *ring, const struct weft_record *records)
{
    GError *error = NULL;
    struct weft_recorder_options options = { .path = path, .session = SESSION };
    weft_recorder *recorder = weft_recorder_new(&options, &error);
    must(recorder != NULL, error);
    guint drained;
    do /* what the round before left in the ring */
        must(weft_recorder_drain(recorder, &drained, &error), error);
    while (drained);
    guint64 lost = weft_recorder_stats(recorder).lost;
    double spent = 0;
    for (guint64 i = 0; i < (guint64)CHUNKS * WEFT_TRACE_CHUNK_SLOTS; i += PIECE) {
        for (guint j = 0; j < PIECE; j++) {
            const struct weft_record *r = &records[i + j];
            ring->current_task = r->kind == WEFT_RECORD_RESUME ? r->subject : ring->current_task;
            weft_ring_emit(ring, r->time, r->kind, r->detail, r->site, r->subject, r->object, NULL);
        }
        double begin = cpu_seconds();
        must(weft_recorder_drain(recorder, &drained, &error), error);
        spent += cpu_seconds() - begin;
    }
    if (weft_recorder_stats(recorder).lost != lost)
        must(FALSE, g_error_new_literal(WEFT_TRACE_ERROR, 0, "the recorder lost events"));
    weft_recorder_free(recorder); /* without its end: the segment serves the next round */
    return spent;
}

static double decode(const weft_trace *trace, struct weft_record *records)
{
    double begin = cpu_seconds();
    for (guint i = 0; i < weft_trace_n_chunks(trace); i++) {
        GError *error = NULL;
        must(weft_trace_decode(trace, i, records, &error) > 0, error);
    }
    return cpu_seconds() - begin;
}

struct result {
    double bytes, record, decode; /* per event; the best of the rounds, in seconds */
};

static struct result measure(unsigned tasks, const char *path, struct weft_writer *ring,
                             struct weft_record *records)
{
    struct weft_workload *workload = weft_workload_new(tasks, (uint64_t)tasks * 12000, 1, 1);
    weft_workload_next(workload, records, CHUNKS * WEFT_TRACE_CHUNK_SLOTS);
    weft_workload_free(workload);
    struct result best = { 0, 1e9, 1e9 };
    for (guint i = 0; i < ROUNDS; i++)
        best.record = MIN(best.record, record(path, ring, records));
    write_file(path, records);
    GError *error = NULL;
    g_autoptr(weft_trace) trace = weft_trace_open(path, &error);
    must(trace != NULL, error);
    for (guint i = 0; i < ROUNDS; i++)
        best.decode = MIN(best.decode, decode(trace, records));
    double events = (double)weft_trace_events(trace);
    best.bytes = (double)weft_trace_file_size(trace) / events;
    best.record /= events;
    best.decode /= events;
    return best;
}

/* Unlinks the segment, as the end of a recording does. */
static void end_session(struct weft_writer *ring)
{
    weft_probe_close_ring(ring, 0);
    struct weft_recorder_options options = { .path = "/dev/null", .session = SESSION };
    GError *error = NULL;
    weft_recorder *recorder = weft_recorder_new(&options, &error);
    must(recorder != NULL, error);
    must(weft_recorder_finish(recorder, 0, 0, &error), error);
    weft_recorder_free(recorder);
}

int main(void)
{
    char path[] = "/tmp/weft-bench-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0) {
        perror("trace_bench: mkstemp");
        return 1;
    }
    close(fd);
    setenv("WEFT_TRACE", "stream", 1);
    setenv("WEFT_SESSION", SESSION, 1);
    weft_probe_start();
    struct weft_writer *ring = weft_probe_open_ring(WEFT_RING_LOOP);
    struct weft_record *records = g_new(struct weft_record, (gsize)CHUNKS * WEFT_TRACE_CHUNK_SLOTS);
    struct result few = measure(10, path, ring, records);
    struct result many = measure(10000, path, ring, records);
    unlink(path);
    g_free(records);
    /* The worse of both: a target holds for ten tasks and for ten thousand. */
    printf("tracer.bytes %.2f B\n", MAX(few.bytes, many.bytes));
    printf("tracer.decode %.1f Mevents/s\n", 1e-6 / MAX(few.decode, many.decode));
    printf("tracer.recorder %.1f ns\n", 1e9 * MAX(few.record, many.record));
    printf("tracer.recorder.few %.1f ns\n", 1e9 * few.record);
    end_session(ring);
    return 0;
}
