/* crowd_test.c: rows of many tasks against what each task did, by brute force; their grouping; what
 * is drawn between preparations; cancelled; and while others ask. */
#include "tests/model/random_trace.h"
#include "tests/model/script.h"
#include "tests/valgrind.h"
#include "tracer/model/crowd.h"

static const struct random_options runs[] = {
    { .seed = 20, .tasks = 30, .steps = 300, .chunk_slots = 50, .losses = 2 },
    { .seed = 21, .tasks = 7, .steps = 4000, .chunk_slots = 3000 },
    { .seed = 22, .tasks = 40, .steps = 40000, .chunk_slots = 6000, .losses = 9 },
};

struct fixture {
    struct random_trace *random;
    weft_model *model;
    GRand *rand;
    gboolean raw; /* no lane has leaves */
};

static void setup(struct fixture *f, gconstpointer options)
{
    struct random_options run = *(const struct random_options *)options;
    if (SLOW)
        run.steps /= 4;
    f->random = random_trace_new(run);
    f->model = weft_model_new(f->random->trace);
    f->rand = g_rand_new_with_seed(5);
    while (weft_model_advance(f->model, 0))
        ;
    f->raw = TRUE;
    for (guint i = 0; i < weft_model_n_lanes(f->model); i++)
        f->raw = f->raw && (weft_model_lane(f->model, i)->kind != WEFT_LANE_TASK ||
                            weft_model_lane_segments(f->model, i) <= 64);
    g_assert_cmpint(f->raw, ==, ((const struct random_options *)options)->steps < 1000);
}

static void teardown(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    g_rand_free(f->rand);
    weft_model_free(f->model);
    random_trace_free(f->random);
}

/* ---- Brute force ---- */

static guint state_of(const struct true_segment *s)
{
    switch (s->state) {
    case WEFT_SEGMENT_RUNNING:
        return WEFT_CROWD_RUNNING;
    case WEFT_SEGMENT_READY:
        return WEFT_CROWD_READY;
    case WEFT_SEGMENT_WAITING:
        return WEFT_CROWD_WAITING + weft_wait_class(s->detail);
    case WEFT_SEGMENT_CANCELLING:
        return WEFT_CROWD_CANCELLING;
    default:
        return WEFT_CROWD_UNKNOWN;
    }
}

/* Where segments are not added up one by one, all that wait or clean up count as the longest of
 * them does: it is known how long that is in all. */
static guint told_as(const struct fixture *f, guint state)
{
    gboolean rests = state >= WEFT_CROWD_WAITING && state <= WEFT_CROWD_CANCELLING;
    return rests && !f->raw ? WEFT_CROWD_WAITING : state;
}

/* How long the row's tasks were in each state between the two times. */
static void true_times(const struct fixture *f, const weft_crowd *crowd, guint row, double from,
                       double to, double ns[WEFT_CROWD_STATES])
{
    for (guint k = 0; k < WEFT_CROWD_STATES; k++)
        ns[k] = 0;
    for (guint task = 0; task < f->random->n_tasks; task++) {
        guint lane = weft_model_lane_of(f->model, TASK(task + 1));
        if (weft_crowd_row_of(crowd, lane) != row)
            continue;
        for (guint i = 0; i < f->random->tasks[task]->len; i++) {
            const struct true_segment *s = &g_array_index(f->random->tasks[task],
                                                          struct true_segment, i);
            double of = MIN((double)s->to_ns, to) - MAX((double)s->from_ns, from);
            ns[told_as(f, state_of(s))] += MAX(of, 0.0);
        }
    }
}

/* Exactly, where tasks are raw segments; where leaves shorter than a column are spread evenly, what
 * comes before a column is less than a column's worth off. */
static void check_cells(const struct fixture *f, const weft_crowd *crowd, gint64 from, gint64 to,
                        guint columns, const struct weft_crowd_cell *cells)
{
    double width = (double)(to - from) / columns, lumped = 0;
    for (guint row = 0; row < weft_crowd_n_rows(crowd); row++) {
        double sum[WEFT_CROWD_STATES] = { 0 }, n = weft_crowd_row(crowd, row)->n_lanes;
        for (guint i = 0; i < columns; i++) {
            double ns[WEFT_CROWD_STATES], until = (double)from + (i + 1) * width;
            double share[WEFT_CROWD_STATES] = { 0 };
            for (guint k = 0; k < WEFT_CROWD_STATES; k++)
                share[told_as(f, k)] += (double)cells[row * columns + i].share[k];
            lumped += (double)cells[row * columns + i].share[WEFT_CROWD_BY_LONGEST] +
                      (double)cells[row * columns + i].share[WEFT_CROWD_OF_NO_KIND];
            for (guint k = 0; k < WEFT_CROWD_STATES; k++)
                sum[k] += share[k];
            if (i % (1 + columns / 40))
                continue;
            true_times(f, crowd, row, (double)from, until, ns);
            for (guint k = 0; k < WEFT_CROWD_STATES; k++)
                g_assert_cmpfloat_with_epsilon(sum[k], ns[k] / (width * n), 1);
            true_times(f, crowd, row, until - width, until, ns);
            for (guint k = 0; k < WEFT_CROWD_STATES; k++)
                g_assert_cmpfloat_with_epsilon(share[k], ns[k] / (width * n), f->raw ? 1e-4 : 0.7);
        }
    }
    if (f->raw) /* every wait is of its kind */
        g_assert_cmpfloat(lumped, ==, 0);
    else if (columns == 3 && from < 0) /* all of it */
        g_assert_cmpfloat(lumped, >, 0);
}

static struct weft_crowd_cell *cells_of(weft_crowd *crowd, gint64 from, gint64 to, guint columns,
                                        gboolean exact)
{
    struct weft_crowd_cell *cells = g_new(struct weft_crowd_cell,
                                          weft_crowd_n_rows(crowd) * columns);
    for (guint row = 0; row < weft_crowd_n_rows(crowd); row++)
        g_assert_cmpint(weft_crowd_cells(crowd, row, from, to, columns, cells + row * columns), ==,
                        exact);
    return cells;
}

/* ---- Tests ---- */

static void test_cells(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    g_autoptr(weft_crowd) crowd = weft_crowd_new(f->model, WEFT_CROWD_BY_ORDER, 5, NULL, 0);
    g_assert_cmpuint(weft_crowd_n_rows(crowd), <=, 5);
    for (guint i = 0; i < 24; i++) {
        gint64 from = i ? g_rand_int_range(f->rand, 0, (gint32)(f->random->end_ns / 2)) : -50;
        gint64 to = i ? from + f->random->end_ns / (1 << i % 6) / 2 : f->random->end_ns + 50;
        guint columns = i % 3 ? 1 + 97 * i : 3;
        g_assert_true(weft_crowd_prepare(crowd, from, to, columns, NULL));
        g_autofree struct weft_crowd_cell *cells = cells_of(crowd, from, to, columns, TRUE);
        check_cells(f, crowd, from, to, columns, cells);
    }
}

/* What was prepared serves as long as its columns are between those asked for. */
static void test_moved(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    enum { COLUMNS = 300 };
    g_autoptr(weft_crowd) crowd = weft_crowd_new(f->model, WEFT_CROWD_BY_ORDER, 3, NULL, 0);
    gint64 width = f->random->end_ns / 1000, from = 300 * width, to = 600 * width;
    g_assert_true(weft_crowd_prepare(crowd, from, to, COLUMNS, NULL));
    g_autofree struct weft_crowd_cell *panned = cells_of(crowd, from + 17 * width, to + 17 * width,
                                                         COLUMNS, TRUE);
    check_cells(f, crowd, from + 17 * width, to + 17 * width, COLUMNS, panned);
    g_autofree struct weft_crowd_cell *out = cells_of(crowd, from - 300 * width, to + 300 * width,
                                                      COLUMNS, TRUE);
    check_cells(f, crowd, from - 300 * width, to + 300 * width, COLUMNS, out);
    g_free(cells_of(crowd, from, to, 2 * COLUMNS, FALSE)); /* coarser than it is asked for */
    g_autofree struct weft_crowd_cell *beyond = cells_of(crowd, to + 400 * width, to + 700 * width,
                                                         COLUMNS, FALSE);
    for (guint k = 0; k < WEFT_CROWD_STATES; k++)
        g_assert_cmpfloat(beyond[0].share[k], ==, 0);
}

static void test_cancelled(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    g_autoptr(weft_crowd) crowd = weft_crowd_new(f->model, WEFT_CROWD_BY_ORDER, 2, NULL, 0);
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_free(cells_of(crowd, 0, 1000, 10, FALSE));
    g_assert_false(weft_crowd_prepared(crowd));
    g_assert_true(weft_crowd_prepare(crowd, 0, 1000, 10, NULL));
    g_assert_true(weft_crowd_prepared(crowd));
    g_cancellable_cancel(cancellable);
    g_assert_false(weft_crowd_prepare(crowd, 0, f->random->end_ns, 10, cancellable));
    g_free(cells_of(crowd, 0, 1000, 10, TRUE)); /* what was prepared before stays */
}

static gpointer prepare(gpointer data)
{
    for (guint i = 1; i < 20; i++)
        g_assert_true(weft_crowd_prepare(data, 0, 100000 * i, 500, NULL));
    return NULL;
}

static void test_threads(struct fixture *f, gconstpointer options G_GNUC_UNUSED)
{
    g_autoptr(weft_crowd) crowd = weft_crowd_new(f->model, WEFT_CROWD_BY_ORDER, 9, NULL, 0);
    GThread *worker = g_thread_new("crowd", prepare, crowd);
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
    g_autofree struct weft_crowd_cell *cells = g_new(struct weft_crowd_cell, 500);
    for (guint i = 0; i < 50; i++) {
        g_array_set_size(out, 0);
        guint chunks = 4;
        weft_model_segments(f->model, i % weft_model_n_lanes(f->model), 0, G_MAXINT64, 1000,
                            &chunks, out);
        weft_crowd_cells(crowd, i % weft_crowd_n_rows(crowd), 0, 100000 * i, 500, cells);
    }
    g_thread_join(worker);
}

/* A task that cleans up for long, in many slices, is told as cleaning up also where they are not
 * added up one by one. */
static void test_cleanup(void)
{
    struct script s = script_with_main();
    script_add(&s, 30, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    script_add(&s, 31, WEFT_RECORD_CANCEL_DELIVER, 0, 0, TASK(1), 0);
    for (gint64 i = 1; i <= 1000; i++) {
        script_add(&s, 1000 * i, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, 0, TASK(1), 0);
        script_add(&s, 1000 * i + 990, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    }
    weft_model *model = script_model(&s);
    g_autoptr(weft_crowd) crowd = weft_crowd_new(model, WEFT_CROWD_BY_ORDER, 1, NULL, 0);
    struct weft_crowd_cell cells[4];
    g_assert_true(weft_crowd_prepare(crowd, 0, 1000000, 4, NULL));
    g_assert_true(weft_crowd_cells(crowd, 0, 0, 1000000, 4, cells));
    for (guint k = 0; k < WEFT_WAIT_CLASSES; k++)
        g_assert_cmpfloat(cells[2].share[WEFT_CROWD_WAITING + k], ==, 0);
    g_assert_cmpfloat(cells[2].share[WEFT_CROWD_CANCELLING], >, 0.9f);
    weft_model_free(model);
}

/* ---- Groups ---- */

static weft_model *family(void)
{
    struct script s = script_with_main();
    for (guint i = 2; i <= 9; i++)
        script_add(&s, 20 + i, WEFT_RECORD_TASK_NEW, 0, 100 + i % 4, TASK(i),
                   i < 4 ? TASK(1) : TASK(i / 2));
    return script_model(&s);
}

static char *rows_text(const weft_crowd *crowd, const weft_model *model)
{
    GString *text = g_string_new(NULL);
    for (guint row = 0; row < weft_crowd_n_rows(crowd); row++) {
        g_string_append(text, row ? " |" : "");
        for (guint lane = 0; lane < weft_model_n_lanes(model); lane++)
            if (weft_crowd_row_of(crowd, lane) == row)
                g_string_append_printf(text, " %u",
                                       (guint)weft_id_counter(weft_model_lane(model, lane)->id));
        g_string_append(text, weft_crowd_row(crowd, row)->others ? " others" : "");
    }
    return g_string_free(text, FALSE);
}

static void test_groups(void)
{
    static const struct {
        enum weft_crowd_by by;
        guint max_rows;
        const char *rows;
    } expected[] = {
        { WEFT_CROWD_BY_ORDER, 4, " 1 2 3 | 4 5 6 | 7 8 9" },
        { WEFT_CROWD_BY_ORDER, 100, " 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9" },
        { WEFT_CROWD_BY_ORDER, 0, " 1 2 3 4 5 6 7 8 9" },
        { WEFT_CROWD_BY_SITE, 9, " 1 | 2 6 | 3 7 | 4 8 | 5 9" },
        { WEFT_CROWD_BY_SITE, 3, " 1 | 2 6 | 3 4 5 7 8 9 others" },
        { WEFT_CROWD_BY_PARENT, 9, " 1 | 2 3 | 4 5 | 6 7 | 8 9" },
    };
    weft_model *model = family();
    for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_autoptr(weft_crowd)
            crowd = weft_crowd_new(model, expected[i].by, expected[i].max_rows, NULL, 0);
        g_autofree char *text = rows_text(crowd, model);
        g_assert_cmpstr(text, ==, expected[i].rows);
        g_assert_null(weft_crowd_row(crowd, weft_crowd_n_rows(crowd)));
        guint n, last = weft_crowd_n_rows(crowd) - 1;
        const guint *lanes = weft_crowd_lanes(crowd, last, &n);
        g_assert_cmpuint(n, ==, weft_crowd_row(crowd, last)->n_lanes);
        g_assert_cmpuint(lanes[0], ==, weft_crowd_row(crowd, last)->first_lane);
        g_assert_cmpuint(weft_crowd_row_of(crowd, lanes[n - 1]), ==, last);
    }
    const guint some[] = { weft_model_lane_of(model, TASK(3)), weft_model_lane_of(model, LOOP),
                           weft_model_lane_of(model, TASK(7)), 99,
                           weft_model_lane_of(model, TASK(7)) };
    g_autoptr(weft_crowd)
        crowd = weft_crowd_new(model, WEFT_CROWD_BY_SITE, 9, some, G_N_ELEMENTS(some));
    g_autofree char *text = rows_text(crowd, model);
    g_assert_cmpstr(text, ==, " 3 7");
    g_assert_cmpuint(weft_crowd_row(crowd, 0)->n_lanes, ==, 2);
    g_assert_cmpuint(weft_crowd_row(crowd, 0)->site, ==, 103);
    g_assert_cmpuint(weft_crowd_row_of(crowd, 0), ==, G_MAXUINT32);
    weft_model_free(model);
}

/* What is prepared is not what the model says once that has grown; before that it is. */
static void test_grown(void)
{
    struct script s = script_with_main();
    script_add(&s, 20, WEFT_RECORD_TASK_NEW, 0, 100, TASK(2), TASK(1));
    weft_model *model = script_model(&s);
    g_autoptr(weft_crowd) crowd = weft_crowd_new(model, WEFT_CROWD_BY_SITE, 9, NULL, 0);
    gint64 end = weft_model_end_ns(model);
    g_assert_true(weft_crowd_prepare(crowd, 0, 2 * end, 10, NULL));
    struct weft_crowd_cell cells[10];
    g_assert_true(weft_crowd_cells(crowd, 0, 0, 2 * end, 10, cells));
    weft_model_set_now(model, 2 * end);
    g_assert_false(weft_crowd_cells(crowd, 0, 0, 2 * end, 10, cells));
    g_assert_true(weft_crowd_cells(crowd, 0, 0 - end, end, 10, cells));
    weft_model_free(model);
}

static void test_nobody(void)
{
    g_autoptr(weft_trace) trace = weft_trace_new();
    weft_model *model = weft_model_new(trace);
    g_autoptr(weft_crowd) crowd = weft_crowd_new(model, WEFT_CROWD_BY_SITE, 9, NULL, 0);
    g_assert_cmpuint(weft_crowd_n_rows(crowd), ==, 0);
    g_assert_true(weft_crowd_prepare(crowd, 5, 5, 0, NULL));
    weft_model_free(model);
}

/* The same line, on two loops: two rows. */
static void test_rings(void)
{
    g_autoptr(weft_trace) trace = weft_trace_new();
    for (uint32_t ring = 0; ring < 2; ring++) {
        const struct weft_record records[] = {
            { .time = 1,
              .kind = WEFT_RECORD_LOOP_OPEN,
              .subject = weft_id(WEFT_ENTITY_LOOP, ring, 1) },
            { .time = 2,
              .kind = WEFT_RECORD_TASK_NEW,
              .subject = weft_id(WEFT_ENTITY_TASK, ring, 1) },
            { .time = 3,
              .kind = WEFT_RECORD_TASK_NEW,
              .subject = weft_id(WEFT_ENTITY_TASK, ring, 2) },
        };
        weft_trace_append(trace, ring, records, G_N_ELEMENTS(records));
    }
    weft_model *model = weft_model_new(trace);
    while (weft_model_advance(model, 0))
        ;
    g_autoptr(weft_crowd) crowd = weft_crowd_new(model, WEFT_CROWD_BY_SITE, 9, NULL, 0);
    g_assert_cmpuint(weft_crowd_n_rows(crowd), ==, 2);
    for (guint row = 0; row < 2; row++)
        g_assert_cmpuint(weft_crowd_row(crowd, row)->n_lanes, ==, 2);
    weft_model_free(model);
}

/* Where there are more groups than rows, each loop has a row of its own for the others. */
static void test_others_of_rings(void)
{
    g_autoptr(weft_trace) trace = weft_trace_new();
    for (uint32_t ring = 0; ring < 3; ring++) {
        struct weft_record records[] = {
            { .time = 1,
              .kind = WEFT_RECORD_LOOP_OPEN,
              .subject = weft_id(WEFT_ENTITY_LOOP, ring, 1) },
            { .time = 2, .kind = WEFT_RECORD_TASK_NEW, .site = 100 },
            { .time = 3, .kind = WEFT_RECORD_TASK_NEW, .site = 101 },
            { .time = 4, .kind = WEFT_RECORD_TASK_NEW, .site = 102 },
        };
        for (guint i = 1; i < G_N_ELEMENTS(records); i++)
            records[i].subject = weft_id(WEFT_ENTITY_TASK, ring, 10 * (ring + 1) + i);
        weft_trace_append(trace, ring, records, G_N_ELEMENTS(records));
    }
    weft_model *model = weft_model_new(trace);
    while (weft_model_advance(model, 0))
        ;
    g_autoptr(weft_crowd) crowd = weft_crowd_new(model, WEFT_CROWD_BY_SITE, 4, NULL, 0);
    g_autofree char *text = rows_text(crowd, model);
    g_assert_cmpstr(text, ==, " 11 | 12 | 13 | 21 22 23 others | 31 32 33 others");
    weft_model_free(model);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(struct fixture *f, gconstpointer options);
    } tests[] = { { "cells", test_cells },
                  { "moved", test_moved },
                  { "cancelled", test_cancelled },
                  { "threads", test_threads } };
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(runs); i++)
        for (guint k = 0; k < G_N_ELEMENTS(tests); k++) {
            g_autofree char *path = g_strdup_printf("/crowd/%s/%u", tests[k].name, runs[i].seed);
            g_test_add(path, struct fixture, &runs[i], setup, tests[k].test, teardown);
        }
    g_test_add_func("/crowd/cleanup", test_cleanup);
    g_test_add_func("/crowd/groups", test_groups);
    g_test_add_func("/crowd/nobody", test_nobody);
    g_test_add_func("/crowd/rings", test_rings);
    g_test_add_func("/crowd/others-of-rings", test_others_of_rings);
    g_test_add_func("/crowd/grown", test_grown);
    return g_test_run();
}
