/* pyramid_test.c: the model against brute force, on random runs: segments at every size, totals,
 * steps, state at a moment; and that advancing little by little comes to the same. */
#include "tests/model/random_trace.h"
#include "tests/model/script.h"
#include "tests/valgrind.h"
#include "tracer/model/model_private.h"
#include "tracer/model/narrative.h"

static const struct random_options runs[] = {
    { .seed = 1, .tasks = 3, .steps = 300, .chunk_slots = 40 },
    { .seed = 2, .tasks = 5, .steps = 4000, .chunk_slots = 200, .losses = 6 },
    { .seed = 3, .tasks = 1, .steps = 3000, .chunk_slots = 3000 },
    { .seed = 4, .tasks = 30, .steps = 10000, .chunk_slots = 120, .losses = 3 },
    { .seed = 5, .tasks = 150, .steps = 6000, .chunk_slots = 60, .losses = 20 },
    { .seed = 6, .tasks = 4, .steps = 20000, .chunk_slots = 2000 },
};

static weft_model *open_file(const struct random_trace *random)
{
    weft_model *model = weft_model_new(random->trace);
    while (weft_model_advance(model, 0))
        ;
    return model;
}

static const struct true_segment *true_at(const GArray *lane, guint i)
{
    return &g_array_index(lane, struct true_segment, i);
}

/* The lane's numbers and what truly happened on it. */
static guint lane_and_truth(weft_model *model, const struct random_trace *random, guint i,
                            const GArray **truth)
{
    *truth = i < random->n_tasks ? random->tasks[i] : random->loop;
    return weft_model_lane_of(model, i < random->n_tasks ? TASK(i + 1) : LOOP);
}

static void check_exact(const struct weft_segment_view *v, const struct true_segment *t)
{
    g_assert_cmpint(v->from_ns, ==, t->from_ns);
    g_assert_cmpint(v->to_ns, ==, t->to_ns);
    g_assert_cmpint(v->state, ==, t->state);
    g_assert_cmpint(v->detail, ==, t->detail);
    g_assert_cmpuint(v->other, ==, t->other);
}

static void check_merged(const struct weft_segment_view *v, const GArray *truth, guint *i)
{
    gint64 running = 0, ready = 0, unknown = 0, longest = 0;
    for (guint k = 0; k < v->count; k++, ++*i) {
        const struct true_segment *t = true_at(truth, *i);
        gint64 ns = t->to_ns - t->from_ns;
        running += t->state == WEFT_SEGMENT_RUNNING ? ns : 0;
        ready += t->state == WEFT_SEGMENT_READY ? ns : 0;
        unknown += t->state == WEFT_SEGMENT_UNKNOWN ? ns : 0;
        if (t->state == WEFT_SEGMENT_RUNNING)
            longest = MAX(longest, ns);
    }
    g_assert_cmpint(v->to_ns, ==, true_at(truth, *i - 1)->to_ns);
    g_assert_cmpint(v->running_ns, ==, running);
    g_assert_cmpint(v->ready_ns, ==, ready);
    g_assert_cmpint(v->unknown_ns, ==, unknown);
    g_assert_cmpint(v->longest_ns, ==, longest);
}

/* One query: what comes back covers the range without gaps and is true; what is long stands alone.
 */
static void check_query(weft_model *model, guint lane, const GArray *truth, gint64 from, gint64 to,
                        gint64 min_ns, guint max_chunks)
{
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
    guint left = max_chunks;
    gboolean exact = weft_model_segments(model, lane, from, to, min_ns, max_chunks ? &left : NULL,
                                         out);
    g_assert_true(exact || max_chunks);
    g_assert_cmpuint(left, <=, max_chunks);
    if (out->len == 0) {
        for (guint i = 0; i < truth->len; i++)
            g_assert_false(true_at(truth, i)->to_ns > from && true_at(truth, i)->from_ns < to);
        return;
    }
    const struct weft_segment_view *views = (const void *)out->data;
    guint i = 0;
    while (i < truth->len && true_at(truth, i)->from_ns < views[0].from_ns)
        i++;
    g_assert_true(i == 0 || true_at(truth, i - 1)->to_ns <= from);
    for (guint k = 0; k < out->len; k++) {
        const struct weft_segment_view *v = &views[k];
        g_assert_cmpint(v->from_ns, ==, true_at(truth, i)->from_ns);
        g_assert_cmpint(v->count, >, 0);
        if (!(v->flags & WEFT_SEGMENT_MERGED)) {
            check_exact(v, true_at(truth, i++));
            continue;
        }
        for (guint j = i; exact && j < i + v->count; j++)
            g_assert_cmpint(true_at(truth, j)->to_ns - true_at(truth, j)->from_ns, <, min_ns);
        check_merged(v, truth, &i);
    }
    g_assert_true(i == truth->len || true_at(truth, i)->from_ns >= to);
}

static void check_totals(weft_model *model, guint lane, const GArray *truth)
{
    struct weft_totals totals;
    weft_model_totals(model, lane, &totals);
    gint64 running = 0, all = 0, waiting = 0;
    for (guint i = 0; i < truth->len; i++) {
        const struct true_segment *t = true_at(truth, i);
        running += t->state == WEFT_SEGMENT_RUNNING ? t->to_ns - t->from_ns : 0;
        all += t->to_ns - t->from_ns;
    }
    for (guint i = 0; i < WEFT_WAIT_CLASSES; i++)
        waiting += totals.waiting_ns[i];
    g_assert_cmpint(totals.running_ns, ==, running);
    g_assert_cmpint(totals.running_ns + totals.ready_ns + totals.unknown_ns + waiting +
                        totals.poll_ns + totals.loop_ns,
                    ==, all);
    const struct weft_lane *l = weft_model_lane(model, lane);
    g_assert_cmpint(l->last_ns - l->first_ns, ==, all);
}

static void test_queries(gconstpointer data)
{
    struct random_trace *random = random_trace_new(*(const struct random_options *)data);
    weft_model *model = open_file(random);
    GRand *rand = g_rand_new_with_seed(99);
    for (guint i = 0; i <= random->n_tasks; i++) {
        const GArray *truth;
        guint lane = lane_and_truth(model, random, i, &truth);
        if (lane == G_MAXUINT32) {
            g_assert_cmpuint(truth->len, ==, 0);
            continue;
        }
        check_totals(model, lane, truth);
        for (gint64 min_ns = 1; min_ns < random->end_ns * 4; min_ns *= 7)
            check_query(model, lane, truth, 0, random->end_ns, min_ns, 1);
        for (gint64 min_ns = 1; min_ns < random->end_ns * 4; min_ns *= 5)
            check_query(model, lane, truth, 0, G_MAXINT64, min_ns, 0);
        for (guint k = 0; k < 10; k++) {
            gint64 from = (gint64)(g_rand_double(rand) * (double)random->end_ns);
            gint64 to = from + (gint64)(g_rand_double(rand) * (double)random->end_ns / 10);
            check_query(model, lane, truth, from, to, 1 + (to - from) / 1000, 0);
        }
    }
    g_rand_free(rand);
    weft_model_free(model);
    random_trace_free(random);
}

/* segment_at and segment_step find what is there, in order. */
static void test_steps(gconstpointer data)
{
    struct random_trace *random = random_trace_new(*(const struct random_options *)data);
    weft_model *model = open_file(random);
    for (guint i = 0; i <= random->n_tasks; i += 1 + random->n_tasks / 9) {
        const GArray *truth;
        guint lane = lane_and_truth(model, random, i, &truth);
        struct weft_segment_view v;
        for (guint k = 0; k < truth->len; k += 1 + truth->len / 200) {
            const struct true_segment *t = true_at(truth, k);
            g_assert_true(weft_model_segment_at(model, lane, t->to_ns - 1, &v));
            check_exact(&v, t);
            if (k + 1 < truth->len) {
                g_assert_true(weft_model_segment_step(model, lane, t->from_ns, 1, FALSE, &v));
                check_exact(&v, true_at(truth, k + 1));
            }
            g_assert_cmpint(weft_model_segment_step(model, lane, t->from_ns, -1, FALSE, &v), ==,
                            k > 0);
            if (k > 0)
                check_exact(&v, true_at(truth, k - 1));
        }
    }
    weft_model_free(model);
    random_trace_free(random);
}

/* Asked often enough, segment_soon finds what is there, though it decodes one chunk at a time. */
static void test_soon(gconstpointer data)
{
    struct random_trace *random = random_trace_new(*(const struct random_options *)data);
    weft_model *model = open_file(random);
    guint asked = 0, late_ones = 0;
    for (guint i = 0; i <= random->n_tasks; i += 1 + random->n_tasks / 9) {
        const GArray *truth;
        guint lane = lane_and_truth(model, random, i, &truth);
        struct weft_segment_view v;
        for (guint k = 0; k < truth->len; k += 1 + truth->len / 50) {
            const struct true_segment *t = true_at(truth, k);
            gboolean found, late;
            while (!(found = weft_model_segment_soon(model, lane, t->to_ns - 1, &late, &v)) && late)
                late_ones++;
            g_assert_true(found && !late);
            check_exact(&v, t);
            asked++;
        }
    }
    g_assert_cmpuint(asked, >, 0);
    if (weft_trace_n_chunks(random->trace) > 100)
        g_assert_cmpuint(late_ones, >, 0); /* leaves are of several chunks */
    gboolean late = TRUE;
    struct weft_segment_view v;
    g_assert_false(weft_model_segment_soon(model, weft_model_n_lanes(model), 0, &late, &v));
    g_assert_false(late);
    weft_model_free(model);
    random_trace_free(random);
}

static enum weft_segment_state expected_state(const struct weft_task_at *task)
{
    switch (task->state) {
    case WEFT_STATE_RUNNING:
        return WEFT_SEGMENT_RUNNING;
    case WEFT_STATE_READY:
    case WEFT_STATE_NEW:
        return WEFT_SEGMENT_READY;
    case WEFT_STATE_WAITING:
        return WEFT_SEGMENT_WAITING;
    default:
        return WEFT_SEGMENT_UNKNOWN;
    }
}

/* state_at against the lanes, at random moments, forth and back. */
static void test_state_at(gconstpointer data)
{
    struct random_trace *random = random_trace_new(*(const struct random_options *)data);
    weft_model *model = open_file(random);
    GRand *rand = g_rand_new_with_seed(7);
    for (guint k = 0; k < 60; k++) {
        gint64 t = k % 3 ? (gint64)(g_rand_double(rand) * (double)random->end_ns)
                         : random->end_ns - k * 1000;
        weft_state *state = weft_model_state_at(model, t);
        for (guint i = 0; i < random->n_tasks; i++) {
            struct weft_segment_view v;
            const struct weft_task_at *task = weft_state_task(state, TASK(i + 1));
            guint lane = weft_model_lane_of(model, TASK(i + 1));
            if (lane == G_MAXUINT32 || !weft_model_segment_at(model, lane, t, &v)) {
                g_assert_true(!task || task->since_ns == t);
                continue;
            }
            g_assert_nonnull(task);
            g_assert_cmpint(expected_state(task), ==, v.state);
            if (v.state != WEFT_SEGMENT_UNKNOWN) /* a second loss is no new segment */
                g_assert_cmpint(task->since_ns, ==, v.from_ns);
        }
        weft_state_free(state);
    }
    g_rand_free(rand);
    weft_model_free(model);
    random_trace_free(random);
}

struct asking {
    weft_model *model;
    gint64 end_ns;
    guint seed;
};

static GBytes *state_bytes(weft_model *model, gint64 t_ns)
{
    g_autoptr(weft_state) state = weft_model_state_at(model, t_ns);
    return weft_state_serialize(state);
}

/* The states at random moments, of GBytes *. */
static gpointer ask_for_states(gpointer data)
{
    const struct asking *asking = data;
    GPtrArray *states = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    GRand *rand = g_rand_new_with_seed(asking->seed);
    for (guint i = 0; i < 40; i++)
        g_ptr_array_add(states, state_bytes(asking->model, (gint64)(g_rand_double(rand) *
                                                                    (double)asking->end_ns)));
    g_rand_free(rand);
    return states;
}

/* Others may ask for states meanwhile, and who draws does not wait for them: they get them while it
 * holds the model's lock. */
static void test_state_at_apart(gconstpointer data)
{
    enum { THREADS = 3 };
    struct random_trace *random = random_trace_new(*(const struct random_options *)data);
    weft_model *model = open_file(random);
    struct asking asking[THREADS];
    GThread *threads[THREADS];
    turn_lock_take(&model->lock);
    for (guint i = 0; i < THREADS; i++) {
        asking[i] = (struct asking){ model, random->end_ns, i / 2 };
        threads[i] = g_thread_new("states", ask_for_states, &asking[i]);
    }
    for (guint i = 0; i < THREADS; i++) {
        g_autoptr(GPtrArray) states = g_thread_join(threads[i]);
        weft_model *other = open_file(random);
        asking[i].model = other;
        g_autoptr(GPtrArray) alone = ask_for_states(&asking[i]);
        for (guint k = 0; k < states->len; k++)
            g_assert_true(g_bytes_equal(states->pdata[k], alone->pdata[k]));
        weft_model_free(other);
    }
    turn_lock_give(&model->lock);
    weft_model_free(model);
    random_trace_free(random);
}

/* Stories at random moments, and why who does not run does not: as text. */
static gpointer ask_for_stories(gpointer data)
{
    const struct asking *asking = data;
    GString *told = g_string_new(NULL);
    GRand *rand = g_rand_new_with_seed(asking->seed);
    for (guint i = 0; i < 12; i++) {
        guint lane = (guint)g_rand_int_range(rand, 0, (gint)weft_model_n_lanes(asking->model));
        gint64 t = (gint64)(g_rand_double(rand) * (double)asking->end_ns);
        uint64_t id = weft_model_lane(asking->model, lane)->id;
        guint current;
        gboolean whole;
        g_autoptr(GPtrArray) story = weft_model_story(asking->model, id, t, 10, &current, &whole);
        struct weft_sentence *why = weft_model_why(asking->model, id, t);
        if (why)
            g_ptr_array_add(story, why);
        for (guint k = 0; k < story->len; k++) {
            g_autofree char *text = weft_sentence_text(story->pdata[k]);
            g_string_append_printf(told, "%s\n", text);
        }
    }
    g_rand_free(rand);
    return g_string_free(told, FALSE);
}

static void test_stories_apart(gconstpointer data)
{
    enum { THREADS = 2 };
    struct random_trace *random = random_trace_new(*(const struct random_options *)data);
    weft_model *model = open_file(random), *other = open_file(random);
    struct asking asking[THREADS];
    GThread *threads[THREADS];
    for (guint i = 0; i < THREADS; i++) {
        asking[i] = (struct asking){ model, random->end_ns, i };
        threads[i] = g_thread_new("stories", ask_for_stories, &asking[i]);
    }
    for (guint i = 0; i < THREADS; i++) {
        g_autofree char *told = g_thread_join(threads[i]);
        g_autofree char *alone = ask_for_stories(&(struct asking){ other, random->end_ns, i });
        g_assert_cmpstr(told, ==, alone);
    }
    weft_model_free(model);
    weft_model_free(other);
    random_trace_free(random);
}

/* Little by little, with queries in between, comes to the same as all at once. */
static void test_incremental(gconstpointer data)
{
    struct random_trace *random = random_trace_new(*(const struct random_options *)data);
    weft_model *whole = open_file(random), *model = weft_model_new(random->trace);
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
    while (weft_model_advance(model, 3)) {
        g_array_set_size(out, 0);
        guint chunks = 2;
        weft_model_segments(model, 0, 0, G_MAXINT64, 1000, &chunks, out);
        g_assert_cmpfloat(weft_model_progress(model), <, 1);
    }
    g_assert_cmpuint(weft_model_n_lanes(model), ==, weft_model_n_lanes(whole));
    g_assert_cmpuint(weft_model_events(model), ==, weft_trace_events(random->trace));
    g_assert_cmpuint(weft_model_lost(model), ==, weft_trace_lost(random->trace));
    g_assert_cmpint(weft_model_end_ns(model), ==, weft_trace_end_ns(random->trace));
    for (guint lane = 0; lane < weft_model_n_lanes(model); lane++) {
        g_autofree char *a = lane_text(model, lane), *b = lane_text(whole, lane);
        g_assert_cmpstr(a, ==, b);
    }
    weft_model_free(model);
    weft_model_free(whole);
    random_trace_free(random);
}

/* The minimap's columns, summed up, are the loop's busy time. */
static void test_density(gconstpointer data)
{
    enum { COLUMNS = 97 };
    struct random_trace *random = random_trace_new(*(const struct random_options *)data);
    weft_model *model = open_file(random);
    struct weft_totals totals;
    weft_model_totals(model, weft_model_lane_of(model, LOOP), &totals);
    float busy[COLUMNS];
    gboolean lost[COLUMNS];
    weft_model_density(model, 0, random->end_ns, COLUMNS, busy, lost);
    double sum = 0;
    gboolean any_lost = FALSE;
    for (guint i = 0; i < COLUMNS; i++) {
        g_assert_cmpfloat(busy[i], >=, 0);
        g_assert_cmpfloat(busy[i], <=, 1);
        sum += (double)busy[i] * (double)random->end_ns / COLUMNS;
        any_lost = any_lost || lost[i];
    }
    double error = sum / (double)totals.running_ns - 1;
    g_assert_cmpfloat(ABS(error), <, 1e-3);
    g_assert_cmpint(any_lost, ==, weft_model_lost(model) > 0);
    weft_model_free(model);
    random_trace_free(random);
}

struct counted {
    guint n;
    gint64 last_ns;
};

static gboolean count_event(const struct weft_event_view *event, gpointer data)
{
    struct counted *counted = data;
    g_assert_cmpint((gint64)event->record.time, >=, counted->last_ns);
    counted->last_ns = (gint64)event->record.time;
    counted->n++;
    return TRUE;
}

static void test_visit(gconstpointer data)
{
    struct random_trace *random = random_trace_new(*(const struct random_options *)data);
    weft_model *model = open_file(random);
    struct counted all = { 0 }, first = { 0 }, second = { 0 };
    gint64 middle = random->end_ns / 2;
    weft_model_visit(model, 0, G_MAXINT64, count_event, &all);
    weft_model_visit(model, 0, middle, count_event, &first);
    weft_model_visit(model, middle + 1, G_MAXINT64, count_event, &second);
    g_assert_cmpuint(all.n, ==, weft_trace_events(random->trace));
    g_assert_cmpuint(first.n + second.n, ==, all.n);
    weft_model_free(model);
    random_trace_free(random);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        GTestDataFunc test;
    } tests[] = { { "queries", test_queries },
                  { "steps", test_steps },
                  { "soon", test_soon },
                  { "state-at", test_state_at },
                  { "state-at-apart", test_state_at_apart },
                  { "stories-apart", test_stories_apart },
                  { "incremental", test_incremental },
                  { "density", test_density },
                  { "visit", test_visit } };
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < (SLOW ? 2 : G_N_ELEMENTS(runs)); i++)
        for (guint k = 0; k < G_N_ELEMENTS(tests); k++) {
            g_autofree char *path = g_strdup_printf("/pyramid/%s/%u", tests[k].name, runs[i].seed);
            g_test_add_data_func(path, &runs[i], tests[k].test);
        }
    return g_test_run();
}
