/* generate.c: weft-generate N TASKS OUT.weft [SECONDS]: writes a synthetic trace (workload.h) of N
 * events, of a program with TASKS tasks that runs about SECONDS (default: N / 500,000), through the
 * real writer. For the benchmarks of the model and the viewer. Says what the writing cost: NAME
 * VALUE UNIT. */
#include "tests/bench/workload.h"
#include "tracer/trace/writer.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define START_TICKS UINT64_C(1000000000000)
#define START_MONO  UINT64_C(5000000000)
#define START_REAL  UINT64_C(1790000000000000000)

static void add_string(void *writer, uint32_t id, const char *text)
{
    weft_filewriter_string(writer, id, text, strlen(text));
}

static void add_site(void *writer, uint32_t id, const char *file, const char *func, unsigned line)
{
    /* A site's texts are strings too: their ids lie beyond those of the workload. */
    uint32_t first = 3000000000u + 2 * id;
    add_string(writer, first, file);
    add_string(writer, first + 1, func);
    weft_filewriter_site(writer, id, line, first, first + 1);
}

static struct weft_clock_anchor anchor_at(uint64_t ticks)
{
    uint64_t ns = (ticks - START_TICKS) * 10 / WEFT_WORKLOAD_GHZ_TENTHS;
    return (struct weft_clock_anchor){ ticks, START_MONO + ns, START_REAL + ns };
}

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static gboolean write_trace(weft_filewriter *writer, struct weft_workload *workload, guint64 events,
                            GError **error)
{
    struct weft_record *records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    struct weft_file_process process = { .pid = 4711,
                                         .clock_kind = WEFT_CLOCK_COUNTER,
                                         .start = anchor_at(START_TICKS),
                                         .program = "./workload",
                                         .host = "bench",
                                         .ended = TRUE };
    gboolean ok = weft_filewriter_process(writer, &process, error);
    guint64 all = events;
    double spent = 0;
    weft_workload_names(workload, add_string, add_site, writer);
    while (ok && events > 0) {
        guint n = (guint)MIN(events, WEFT_TRACE_CHUNK_SLOTS);
        weft_workload_next(workload, records, n);
        struct weft_clock_anchor anchor = anchor_at(records[n - 1].time);
        double begin = cpu_seconds();
        weft_filewriter_anchor(writer, &anchor);
        ok = weft_filewriter_events(writer, 0, records, n, weft_filewriter_running(writer, 0),
                                    error);
        spent += cpu_seconds() - begin;
        events -= n;
    }
    printf("write.cpu_per_event %.1f ns\n", spent / (double)all * 1e9);
    guint n = (guint)weft_workload_end(workload, records);
    ok = ok && weft_filewriter_events(writer, 0, records, n, 0, error) &&
         weft_filewriter_finish(writer, error);
    g_free(records);
    return ok;
}

int main(int argc, char **argv)
{
    guint64 events = argc > 3 ? g_ascii_strtoull(argv[1], NULL, 10) : 0;
    guint tasks = argc > 3 ? (guint)g_ascii_strtoull(argv[2], NULL, 10) : 0;
    double seconds = argc > 4 ? g_ascii_strtod(argv[4], NULL) : (double)events / 500000;
    if (events < 16 || tasks < 2 || seconds <= 0) {
        fprintf(stderr,
                "usage: weft-generate N TASKS OUT.weft [SECONDS]   (N >= 16, TASKS >= 2)\n");
        return 2;
    }
    /* Most tasks emit about six events in a period of sleep. */
    double period = seconds * 1e9 * tasks * 6 / (double)events;
    struct weft_workload *workload = weft_workload_new(tasks, (uint64_t)MAX(period, 1000),
                                                       START_TICKS, START_MONO);
    g_autoptr(GError) error = NULL;
    g_autoptr(weft_filewriter) writer = weft_filewriter_new(argv[3], &error);
    gboolean ok = writer && write_trace(writer, workload, events - 3, &error);
    weft_workload_free(workload);
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        printf("write.memory %.1f MB\n", (double)usage.ru_maxrss / 1024);
    if (!ok) {
        fprintf(stderr, "weft-generate: %s\n", error->message);
        return 4;
    }
    return 0;
}
