/* filter_test.c: which lanes a filter is about, and the numbers of what it lets through, against
 * brute force over what random tasks did. */
#include "tests/model/random_trace.h"
#include "tests/model/script.h"
#include "tests/valgrind.h"
#include "tracer/model/filter.h"

static const struct random_options runs[] = {
    { .seed = 51, .tasks = 6, .steps = 3000, .chunk_slots = 200, .losses = 3 },
    { .seed = 52, .tasks = 40, .steps = 30000, .chunk_slots = 900, .losses = 5 },
};

/* ---- Segments ---- */

struct truth {
    gint64 ns[WEFT_SEGMENT_STATES];
    guint64 segments;
    gint64 longest_wait_ns;
};

static struct truth true_numbers(const struct random_model *f, const struct weft_filter *filter,
                                 gint64 from, gint64 to)
{
    struct truth truth = { .segments = 0 };
    for (guint task = 0; task < f->random->n_tasks; task++)
        for (guint i = 0; i < f->random->tasks[task]->len; i++) {
            const struct true_segment *s = &g_array_index(f->random->tasks[task],
                                                          struct true_segment, i);
            gint64 whole = s->to_ns - s->from_ns, ns = MIN(s->to_ns, to) - MAX(s->from_ns, from);
            if (ns <= 0 || (filter->states && !(filter->states & 1u << s->state)) ||
                whole < filter->least_ns || (filter->most_ns && whole > filter->most_ns))
                continue;
            truth.ns[s->state] += ns;
            truth.segments++;
            if (s->state == WEFT_SEGMENT_WAITING)
                truth.longest_wait_ns = MAX(truth.longest_wait_ns, whole);
        }
    return truth;
}

static void test_segments(struct random_model *f, gconstpointer options G_GNUC_UNUSED)
{
    for (guint i = 0; i < (SLOW ? 12 : 40); i++) {
        gint64 from = g_rand_int_range(f->rand, 0, (gint32)f->random->end_ns);
        gint64 to = from + g_rand_int_range(f->rand, 1, (gint32)f->random->end_ns);
        struct weft_filter filter = { .states = i % 2 ? (guint)g_rand_int_range(f->rand, 1, 32) : 0,
                                      .least_ns = i % 3 ? 0 : g_rand_int_range(f->rand, 0, 3000),
                                      .most_ns = i % 5 ? 0 : g_rand_int_range(f->rand, 1, 9000) };
        struct truth truth = true_numbers(f, &filter, from, to);
        struct weft_stats stats;
        g_assert_true(weft_model_stats_of(f->model, &filter, from, to, NULL, &stats));
        gint64 waiting = 0;
        for (guint k = 0; k < WEFT_WAIT_CLASSES; k++)
            waiting += stats.totals.waiting_ns[k];
        g_assert_cmpint(stats.totals.running_ns, ==, truth.ns[WEFT_SEGMENT_RUNNING]);
        g_assert_cmpint(stats.totals.ready_ns, ==, truth.ns[WEFT_SEGMENT_READY]);
        g_assert_cmpint(stats.totals.unknown_ns, ==, truth.ns[WEFT_SEGMENT_UNKNOWN]);
        g_assert_cmpint(waiting, ==, truth.ns[WEFT_SEGMENT_WAITING]);
        g_assert_cmpuint(stats.totals.count, ==, truth.segments);
        g_assert_cmpint(stats.waits.longest_ns, ==, truth.longest_wait_ns);
    }
}

static void test_cancelled(struct random_model *f, gconstpointer options G_GNUC_UNUSED)
{
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GArray) lanes = g_array_new(FALSE, FALSE, sizeof(guint));
    g_cancellable_cancel(cancellable);
    struct weft_filter all = { 0 };
    struct weft_stats stats;
    g_assert_false(weft_model_filter(f->model, &all, 0, G_MAXINT64, cancellable, lanes));
    g_assert_false(weft_model_stats_of(f->model, &all, 0, G_MAXINT64, cancellable, &stats));
    g_assert_cmpuint(stats.totals.count, ==, 0);
}

/* ---- Lanes ---- */

static weft_model *team(void)
{
    struct script s = script_with_main();
    weft_trace_define_site(s.trace, 100, "Serve.c", "accept_all", 12);
    weft_trace_define_site(s.trace, 101, "fetch.c", "fetch", 34);
    for (guint i = 2; i <= 5; i++) {
        script_add(&s, 100 * i, WEFT_RECORD_TASK_NEW, 0, 100 + i % 2, TASK(i), TASK(1));
        script_add(&s, 100 * i, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, 0, TASK(i), TASK(1));
    }
    script_name(&s, 501, TASK(2), "Ärger");
    script_name(&s, 502, TASK(3), "server");
    script_add(&s, 600, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, TASK(3), 0);
    script_add(&s, 900, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, 0, TASK(1), TIMER(1));
    return script_model(&s);
}

static void test_lanes(void)
{
    static const struct {
        struct weft_filter filter;
        gint64 from_ns, to_ns;
        const char *lanes;
    } expected[] = {
        { { 0 }, 0, 1000, " 1 2 3 4 5" },
        { { 0 }, 0, 300, " 1 2" },
        { { 0 }, 600, 1000, " 1 2 4 5" },
        { { .text = "" }, 600, 1000, " 1 2 4 5" },
        { { .text = "SERV" }, 0, 1000, " 2 3 4" }, /* in a name, and in a file's */
        { { .text = "serve.c:12" }, 0, 1000, " 2 4" },
        { { .text = "Fetch" }, 0, 1000, " 3 5" },
        { { .text = "äRG" }, 0, 1000, " 2" },
        { { .text = "Task-5" }, 0, 1000, " 5" },
        { { .text = "nothing" }, 0, 1000, "" },
        { { .name = "server" }, 0, 1000, " 3" },
        { { .name = "serve" }, 0, 1000, "" },
        { { .name = "Task-4" }, 0, 1000, " 4" },
        { { .name = "task:0:4" }, 0, 1000, " 4" },
        { { .site = 101 }, 0, 1000, " 3 5" },
        { { .site = 101, .text = "server" }, 0, 1000, " 3" },
        { { .kinds = 1u << WEFT_LANE_LOOP }, 0, 1000, " loop" },
    };
    weft_model *model = team();
    for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_autoptr(GArray) lanes = g_array_new(FALSE, FALSE, sizeof(guint));
        g_autoptr(GString) text = g_string_new(NULL);
        g_assert_true(weft_model_filter(model, &expected[i].filter, expected[i].from_ns,
                                        expected[i].to_ns, NULL, lanes));
        for (guint k = 0; k < lanes->len; k++) {
            const struct weft_lane *lane = weft_model_lane(model, g_array_index(lanes, guint, k));
            if (lane->kind == WEFT_LANE_TASK)
                g_string_append_printf(text, " %u", (guint)weft_id_counter(lane->id));
            else
                g_string_append(text, " loop");
        }
        g_assert_cmpstr(text->str, ==, expected[i].lanes);
    }
    weft_model_free(model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(runs); i++) {
        g_autofree char *segments = g_strdup_printf("/filter/segments/%u", runs[i].seed);
        g_autofree char *cancelled = g_strdup_printf("/filter/cancelled/%u", runs[i].seed);
        g_test_add(segments, struct random_model, &runs[i], random_model_set_up, test_segments,
                   random_model_tear_down);
        g_test_add(cancelled, struct random_model, &runs[i], random_model_set_up, test_cancelled,
                   random_model_tear_down);
    }
    g_test_add_func("/filter/lanes", test_lanes);
    return g_test_run();
}
