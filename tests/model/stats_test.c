/* stats_test.c: numbers of a range against brute force, on random runs: with the pyramid and
 * segment by segment, of few lanes and of all; cancelled; and from threads while others ask. */
#include "tests/model/random_trace.h"
#include "tests/model/script.h"
#include "tests/valgrind.h"
#include "tracer/model/stats.h"
#include <stdlib.h>

static const struct random_options runs[] = {
    { .seed = 11, .tasks = 3, .steps = 300, .chunk_slots = 40 },
    { .seed = 12, .tasks = 5, .steps = 8000, .chunk_slots = 200, .losses = 6 },
    { .seed = 13, .tasks = 1, .steps = 40000, .chunk_slots = 3000 },
    { .seed = 14, .tasks = 40, .steps = 60000, .chunk_slots = 900, .losses = 9 },
};

/* ---- Brute force ---- */

struct truth {
    gint64 from_ns, to_ns;
    gint64 ns[WEFT_SEGMENT_STATES], waiting_ns[WEFT_WAIT_CLASSES];
    guint64 segments;
    GArray *slices, *ready, *waits; /* of gint64 */
};

static struct truth truth_new(gint64 from_ns, gint64 to_ns)
{
    return (struct truth){ .from_ns = from_ns,
                           .to_ns = to_ns,
                           .slices = g_array_new(FALSE, FALSE, sizeof(gint64)),
                           .ready = g_array_new(FALSE, FALSE, sizeof(gint64)),
                           .waits = g_array_new(FALSE, FALSE, sizeof(gint64)) };
}

static void truth_clear(struct truth *truth)
{
    g_array_unref(truth->slices);
    g_array_unref(truth->ready);
    g_array_unref(truth->waits);
}

static void truth_add(struct truth *truth, const GArray *lane)
{
    for (guint i = 0; i < lane->len; i++) {
        const struct true_segment *s = &g_array_index(lane, struct true_segment, i);
        gint64 whole = s->to_ns - s->from_ns;
        gint64 ns = MIN(s->to_ns, truth->to_ns) - MAX(s->from_ns, truth->from_ns);
        if (ns <= 0)
            continue;
        truth->segments++;
        truth->ns[s->state] += ns;
        if (s->state == WEFT_SEGMENT_WAITING)
            truth->waiting_ns[weft_wait_class(s->detail)] += ns;
        GArray *of = s->state == WEFT_SEGMENT_RUNNING   ? truth->slices
                     : s->state == WEFT_SEGMENT_READY   ? truth->ready
                     : s->state == WEFT_SEGMENT_WAITING ? truth->waits
                                                        : NULL;
        if (of)
            g_array_append_val(of, whole);
    }
}

static gint by_length(gconstpointer a, gconstpointer b)
{
    gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
    return x < y ? -1 : x > y;
}

/* The least length that at least so many per cent do not exceed. */
static gint64 true_percentile(const GArray *sorted, guint percent)
{
    for (guint i = 0; i < sorted->len; i++)
        if ((guint64)(i + 1) * 100 >= (guint64)sorted->len * percent)
            return g_array_index(sorted, gint64, i);
    return 0;
}

static void check_spread(const struct weft_spread *spread, GArray *lengths)
{
    g_array_sort(lengths, by_length);
    g_assert_cmpuint(spread->n, ==, lengths->len);
    g_assert_cmpint(spread->p50_ns, ==, true_percentile(lengths, 50));
    g_assert_cmpint(spread->p95_ns, ==, true_percentile(lengths, 95));
    g_assert_cmpint(spread->p99_ns, ==, true_percentile(lengths, 99));
    g_assert_cmpint(spread->longest_ns, ==, true_percentile(lengths, 100));
}

static void check_stats(const struct weft_stats *stats, struct truth *truth)
{
    g_assert_cmpint(stats->totals.running_ns, ==, truth->ns[WEFT_SEGMENT_RUNNING]);
    g_assert_cmpint(stats->totals.ready_ns, ==, truth->ns[WEFT_SEGMENT_READY]);
    g_assert_cmpint(stats->totals.unknown_ns, ==, truth->ns[WEFT_SEGMENT_UNKNOWN]);
    g_assert_cmpint(stats->totals.poll_ns, ==, truth->ns[WEFT_SEGMENT_POLL]);
    g_assert_cmpint(stats->totals.loop_ns, ==, truth->ns[WEFT_SEGMENT_LOOP]);
    for (guint i = 0; i < WEFT_WAIT_CLASSES; i++)
        g_assert_cmpint(stats->totals.waiting_ns[i], ==, truth->waiting_ns[i]);
    g_assert_cmpuint(stats->totals.count, ==, truth->segments);
    g_assert_cmpint(stats->totals.longest_slice_ns, ==, stats->slices.longest_ns);
    check_spread(&stats->slices, truth->slices);
    check_spread(&stats->ready, truth->ready);
    check_spread(&stats->waits, truth->waits);
}

/* ---- Tests ---- */

/* Lane i of the run: its tasks, and then the loop. G_MAXUINT32: it never appeared. */
static guint lane_of(const struct random_model *f, guint i, const GArray **truth)
{
    *truth = i < f->random->n_tasks ? f->random->tasks[i] : f->random->loop;
    return weft_model_lane_of(f->model, i < f->random->n_tasks ? TASK(i + 1) : LOOP);
}

static void some_range(struct random_model *f, guint i, gint64 *from_ns, gint64 *to_ns)
{
    double end = (double)f->random->end_ns;
    *from_ns = i == 0 ? G_MININT64 / 2 : (gint64)(g_rand_double(f->rand) * end);
    *to_ns = i < 2 ? G_MAXINT64 : *from_ns + (gint64)(g_rand_double(f->rand) * end / (i % 5 + 1));
}

static void test_shares(struct random_model *f, gconstpointer options G_GNUC_UNUSED)
{
    for (guint i = 0; i < (SLOW ? 12 : 200); i++) {
        gint64 from, to;
        const GArray *lane_truth;
        some_range(f, i, &from, &to);
        guint lane = lane_of(f, i % (f->random->n_tasks + 1), &lane_truth);
        if (lane == G_MAXUINT32)
            continue;
        struct truth truth = truth_new(from, to);
        truth_add(&truth, lane_truth);
        struct weft_shares shares;
        g_assert_true(weft_model_shares(f->model, lane, from, to, &shares));
        g_array_sort(truth.slices, by_length);
        g_assert_cmpint(shares.running_ns, ==, truth.ns[WEFT_SEGMENT_RUNNING]);
        g_assert_cmpint(shares.ready_ns, ==, truth.ns[WEFT_SEGMENT_READY]);
        g_assert_cmpint(shares.unknown_ns, ==, truth.ns[WEFT_SEGMENT_UNKNOWN]);
        g_assert_cmpint(shares.rest_ns, ==,
                        truth.ns[WEFT_SEGMENT_WAITING] + truth.ns[WEFT_SEGMENT_POLL] +
                            truth.ns[WEFT_SEGMENT_LOOP]);
        g_assert_cmpint(shares.longest_ns, ==, true_percentile(truth.slices, 100));
        g_assert_cmpuint(shares.segments, ==, truth.segments);
        truth_clear(&truth);
    }
    struct weft_shares none;
    g_assert_false(weft_model_shares(f->model, 1000000, 0, 10, &none));
    g_assert_cmpuint(none.segments, ==, 0);
}

static void test_stats(struct random_model *f, gconstpointer options G_GNUC_UNUSED)
{
    for (guint i = 0; i < (SLOW ? 10 : 30); i++) {
        gint64 from, to;
        some_range(f, i, &from, &to);
        struct truth truth = truth_new(from, to);
        g_autoptr(GArray) lanes = g_array_new(FALSE, FALSE, sizeof(guint));
        for (guint k = 0; k <= f->random->n_tasks; k++) {
            const GArray *lane_truth;
            guint lane = lane_of(f, k, &lane_truth);
            if (i % 3 && g_rand_int_range(f->rand, 0, 3))
                continue; /* all of them every third time */
            g_array_append_val(lanes, lane);
            truth_add(&truth, lane_truth);
        }
        struct weft_stats stats;
        g_assert_true(weft_model_stats(f->model, (const guint *)(void *)lanes->data, lanes->len,
                                       from, to, NULL, &stats));
        check_stats(&stats, &truth);
        truth_clear(&truth);
    }
}

static void test_cancelled(struct random_model *f, gconstpointer options G_GNUC_UNUSED)
{
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_cancellable_cancel(cancellable);
    const guint lanes[] = { 0 };
    struct weft_stats stats;
    g_assert_false(weft_model_stats(f->model, lanes, 1, 0, G_MAXINT64, cancellable, &stats));
}

static gpointer ask_for_stats(gpointer data)
{
    const struct random_model *f = data;
    guint n = weft_model_n_lanes(f->model);
    g_autofree guint *lanes = g_new(guint, n);
    for (guint i = 0; i < n; i++)
        lanes[i] = i;
    for (guint i = 1; i <= n; i += 1 + n / 4) {
        struct weft_stats stats;
        g_assert_true(weft_model_stats(f->model, lanes, i, 0, G_MAXINT64, NULL, &stats));
    }
    return NULL;
}

/* While a worker asks, the main thread goes on to draw. */
static void test_threads(struct random_model *f, gconstpointer options G_GNUC_UNUSED)
{
    GThread *worker = g_thread_new("stats", ask_for_stats, f);
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
    for (guint i = 0; i < 200; i++) {
        guint lane = i % weft_model_n_lanes(f->model);
        g_array_set_size(out, 0);
        guint chunks = 4;
        weft_model_segments(f->model, lane, 0, G_MAXINT64, f->random->end_ns / 1000, &chunks, out);
        struct weft_shares shares;
        g_assert_true(weft_model_shares(f->model, lane, i, f->random->end_ns - i, &shares));
    }
    g_thread_join(worker);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(struct random_model *f, gconstpointer options);
    } tests[] = { { "shares", test_shares },
                  { "stats", test_stats },
                  { "cancelled", test_cancelled },
                  { "threads", test_threads } };
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(runs); i++)
        for (guint k = 0; k < G_N_ELEMENTS(tests); k++) {
            g_autofree char *path = g_strdup_printf("/stats/%s/%u", tests[k].name, runs[i].seed);
            g_test_add(path, struct random_model, &runs[i], random_model_set_up, tests[k].test,
                       random_model_tear_down);
        }
    return g_test_run();
}
