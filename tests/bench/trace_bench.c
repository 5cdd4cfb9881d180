/* trace_bench.c: bytes per event of a trace file, events decoded per second (checksum, zstd,
 * columns and clock included), and what recording costs the recorder per event. One line each:
 * NAME VALUE UNIT. */
#include "tests/bench/workload.h"
#include "tracer/trace/writer.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CHUNKS = 128, ROUNDS = 7 };

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

/* What drain does with events that it has copied from a ring: encode, replay, write. */
static double record(const char *path, const struct weft_record *records)
{
    GError *error = NULL;
    double begin = cpu_seconds();
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
    return cpu_seconds() - begin;
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

static struct result measure(unsigned tasks, const char *path, struct weft_record *records)
{
    struct weft_workload *workload = weft_workload_new(tasks, (uint64_t)tasks * 12000, 1, 1);
    weft_workload_next(workload, records, CHUNKS * WEFT_TRACE_CHUNK_SLOTS);
    weft_workload_free(workload);
    struct result best = { 0, 1e9, 1e9 };
    for (guint i = 0; i < ROUNDS; i++)
        best.record = MIN(best.record, record(path, records));
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

int main(void)
{
    char path[] = "/tmp/weft-bench-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0) {
        perror("trace_bench: mkstemp");
        return 1;
    }
    close(fd);
    struct weft_record *records = g_new(struct weft_record, (gsize)CHUNKS * WEFT_TRACE_CHUNK_SLOTS);
    struct result few = measure(10, path, records), many = measure(10000, path, records);
    unlink(path);
    g_free(records);
    if (g_getenv("BENCH_DETAIL"))
        printf("few %.1f %.1f many %.1f %.1f\n", few.record*1e9, few.decode*1e9, many.record*1e9, many.decode*1e9);
    /* The worse of both: a target holds for ten tasks and for ten thousand. */
    printf("file.bytes_per_event %.2f B\n", MAX(few.bytes, many.bytes));
    printf("file.decode %.1f Mevents/s\n", 1e-6 / MAX(few.decode, many.decode));
    printf("record.cpu_per_event %.1f ns\n", 1e9 * MAX(few.record, many.record));
    return 0;
}
