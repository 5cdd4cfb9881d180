/* model_bench.c: weft-bench-model TRACE SIZE: opening a trace of SIZE ("10M") events: the whole
 * pass, and once more with what that kept; what it holds against what the file has, the worse of
 * both; a viewport's query (2,000 pixels, 50 lanes, the worst of several sizes: once its chunks are
 * decoded, while they are, some a frame, and how long that takes in all); and the state at a moment
 * (of many, none near the one before, the median and the worst). Of 10M all findings, too, as what
 * an event costs. One line each: NAME VALUE UNIT. */
#include "tracer/model/findings.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    OPENINGS = 3,
    PIXELS = 2000,
    LANES = 50,
    QUERIES = 9,
    MOMENTS = 101,
    CHUNKS_A_FRAME = 16,
    ROUNDS_MAX = 2000
};

/* CPU time: all of it is this one thread's, and nothing in it waits. */
static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, guint n)
{
    qsort(values, n, sizeof *values, compare);
    return values[n / 2];
}

static weft_model *open_model(const char *path)
{
    GError *error = NULL;
    g_autoptr(weft_trace) trace = weft_trace_open(path, &error);
    if (!trace) {
        fprintf(stderr, "model_bench: %s\n", error->message);
        exit(1);
    }
    weft_model *model = weft_model_new(trace);
    while (weft_model_advance(model, 0))
        ;
    return model;
}

/* The median of several. Returns the last. */
static weft_model *open_often(const char *path, double *opening)
{
    double times[OPENINGS];
    weft_model *model = NULL;
    for (guint i = 0; i < OPENINGS; i++) {
        weft_model_free(model);
        double begin = seconds();
        model = open_model(path);
        times[i] = seconds() - begin;
    }
    *opening = median(times, OPENINGS);
    return model;
}

/* Keeps what was found in the file itself. */
static void keep(const char *path)
{
    weft_model *model = open_model(path);
    GError *error = NULL;
    if (!weft_model_keep(model, &error)) {
        fprintf(stderr, "model_bench: %s\n", error->message);
        exit(1);
    }
    weft_model_free(model);
}

/* One viewport; the loop's lanes are the first of the fifty. *exact: all of it was decoded. */
static double query(weft_model *model, gint64 from_ns, gint64 span_ns, GArray *out, gboolean *exact)
{
    double begin = seconds();
    guint n = MIN(LANES, weft_model_n_lanes(model)), chunks = CHUNKS_A_FRAME;
    *exact = TRUE;
    for (guint lane = 0; lane < n; lane++) {
        g_array_set_size(out, 0);
        *exact = weft_model_segments(model, lane, from_ns, from_ns + span_ns, span_ns / PIXELS,
                                     &chunks, out) &&
                 *exact;
    }
    return seconds() - begin;
}

struct queried {
    double warm, cold, whole; /* once it is exact; the longest until then; all of those */
};

/* Asked until it is exact, and then again. */
static struct queried query_often(weft_model *model, gint64 from_ns, gint64 span_ns,
                                  gboolean verbose)
{
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
    gboolean exact = FALSE;
    double times[QUERIES];
    struct queried queried = { 0 };
    guint rounds = 0;
    for (; rounds < ROUNDS_MAX && !exact; rounds++) {
        double took = query(model, from_ns, span_ns, out, &exact);
        queried.whole += took;
        queried.cold = MAX(queried.cold, took);
    }
    for (guint i = 0; i < QUERIES; i++)
        times[i] = query(model, from_ns, span_ns, out, &exact);
    queried.warm = median(times, QUERIES);
    if (verbose)
        fprintf(stderr, "%12.6f s: %4u times, %8.2f ms, at most %7.2f ms, warm %7.2f ms%s\n",
                (double)span_ns / 1e9, rounds, queried.whole * 1e3, queried.cold * 1e3,
                queried.warm * 1e3, exact ? "" : ", not exact");
    return queried;
}

/* A model that was asked nothing yet, each round: what disturbs one only ever adds. */
static void ask_for_states(const char *path, const char *size)
{
    double times[MOMENTS];
    for (guint round = 0; round < OPENINGS; round++) {
        weft_model *model = open_model(path);
        for (guint i = 0; i < MOMENTS; i++) { /* jumps of about 0.6 of the trace */
            double share = (double)(i * 61 % MOMENTS) / MOMENTS;
            double begin = seconds();
            weft_state_free(
                weft_model_state_at(model, (gint64)(share * (double)weft_model_end_ns(model))));
            double took = seconds() - begin;
            times[i] = round ? MIN(times[i], took) : took;
        }
        weft_model_free(model);
    }
    printf("model.state_at_%s %.2f ms\n", size, median(times, MOMENTS) * 1e3);
    printf("model.state_at.worst_%s %.2f ms\n", size, times[MOMENTS - 1] * 1e3);
}

static void ask_for_lanes(weft_model *model, const char *size, gboolean verbose)
{
    gint64 end_ns = weft_model_end_ns(model);
    struct queried worst = { 0 };
    for (gint64 span = end_ns; span > 100000; span /= 4) {
        struct queried queried = query_often(model, (end_ns - span) / 2, span, verbose);
        worst.warm = MAX(worst.warm, queried.warm);
        worst.cold = MAX(worst.cold, queried.cold);
        worst.whole = MAX(worst.whole, queried.whole);
    }
    printf("model.query_%s %.2f ms\n", size, worst.warm * 1e3);
    printf("model.query.cold_%s %.2f ms\n", size, worst.cold * 1e3);
    printf("model.query.exact_%s %.3f s\n", size, worst.whole);
}

/* What all rules together cost beside the model's pass, decoding included. */
static void look_for_findings(weft_model *model, double events)
{
    double times[OPENINGS];
    for (guint i = 0; i < OPENINGS; i++) {
        double begin = seconds();
        weft_findings *findings = weft_findings_new(model, NULL);
        while (weft_findings_advance(findings, 0))
            ;
        weft_findings_now(findings, weft_model_end_ns(model), TRUE);
        times[i] = seconds() - begin;
        weft_findings_free(findings);
    }
    printf("model.findings %.1f ns\n", median(times, OPENINGS) / events * 1e9);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: weft-bench-model TRACE SIZE [-v]\n");
        return 2;
    }
    const char *size = argv[2];
    double first, again;
    weft_model *passed = open_often(argv[1], &first);
    gsize held = weft_model_memory(passed);
    weft_model_free(passed);
    printf("model.open_%s %.3f s\n", size, first);
    keep(argv[1]);
    weft_model *model = open_often(argv[1], &again);
    printf("tracer.reopen_%s %.1f ms\n", size, again * 1e3);
    double events = (double)weft_model_events(model);
    double bytes = (double)weft_trace_file_size(weft_model_trace(model));
    double memory = (double)MAX(held, weft_model_memory(model));
    printf("tracer.bytes_%s %.2f B\n", size, bytes / events);
    printf("model.memory_%s %.2f B\n", size, memory / events);
    printf("tracer.memory_%s %.2f x\n", size, memory / bytes);
    ask_for_lanes(model, size, argc > 3);
    if (strcmp(size, "10M") == 0)
        look_for_findings(model, events);
    weft_model_free(model);
    ask_for_states(argv[1], size);
    return 0;
}
