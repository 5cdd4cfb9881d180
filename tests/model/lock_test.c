/* lock_test.c: who asks the model waits for nobody long: no question, however much it has to
 * decode, decodes under the model's lock, or, where it tells a story, more than a chunk under one
 * hold of it; the lock goes to who waits; and what is near something known costs little. Linked
 * with --wrap: every lock and every decoding pass here. */
#include "tests/model/random_trace.h"
#include "tests/model/script.h"
#include "tests/valgrind.h"
#include "tracer/model/crowd.h"
#include "tracer/model/cursor.h"
#include "tracer/model/filter.h"
#include "tracer/model/follow.h"
#include "tracer/model/narrative.h"
#include "tracer/model/turnlock.h"

void __real_turn_lock_take(struct turn_lock *lock);
void __real_turn_lock_give(struct turn_lock *lock);
guint __real_weft_trace_decode(const weft_trace *trace, guint index, struct weft_record *records,
                               GError **error);
void __wrap_turn_lock_take(struct turn_lock *lock);
void __wrap_turn_lock_give(struct turn_lock *lock);
guint __wrap_weft_trace_decode(const weft_trace *trace, guint index, struct weft_record *records,
                               GError **error);

static guint depth, decoded, most, all;
static gboolean came; /* the other had the lock */

void __wrap_turn_lock_take(struct turn_lock *lock)
{
    __real_turn_lock_take(lock);
    if (depth++ == 0)
        decoded = 0;
}

void __wrap_turn_lock_give(struct turn_lock *lock)
{
    depth--;
    __real_turn_lock_give(lock);
}

guint __wrap_weft_trace_decode(const weft_trace *trace, guint index, struct weft_record *records,
                               GError **error)
{
    all++;
    decoded += depth > 0;
    most = MAX(most, decoded);
    return __real_weft_trace_decode(trace, index, records, error);
}

/* ---- Questions ---- */

static struct random_trace *holding; /* what test_holds asks of */

struct asked {
    weft_model *model;
    guint lane;
    gint64 t_ns, end_ns;
    struct weft_segment_view view;
};

static void ask_segments(struct asked *a)
{
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
    weft_model_segments(a->model, a->lane, 0, a->end_ns, 1, NULL, out);
}

static void ask_segment_at(struct asked *a)
{
    weft_model_segment_at(a->model, a->lane, a->t_ns, &a->view);
}

static void ask_step(struct asked *a)
{
    weft_model_segment_step(a->model, a->lane, a->t_ns, a->t_ns % 2 ? 1 : -1, TRUE, &a->view);
}

static void ask_edges(struct asked *a)
{
    struct weft_edge edges[4];
    weft_model_edges(a->model, a->lane, a->t_ns, edges);
}

static void ask_story(struct asked *a)
{
    guint current;
    gboolean whole;
    uint64_t id = weft_model_lane(a->model, a->lane)->id;
    g_ptr_array_unref(weft_model_story(a->model, id, a->t_ns, 60, &current, &whole));
}

/* At each of many moments: where it runs there is nothing to answer. */
static void ask_why(struct asked *a)
{
    uint64_t id = weft_model_lane(a->model, a->lane)->id;
    for (gint64 t = 0; t < a->end_ns; t += MAX(a->end_ns / 50, 1)) {
        struct weft_sentence *why = weft_model_why(a->model, id, t);
        if (why)
            weft_sentence_free(why);
    }
}

static void ask_words(struct asked *a)
{
    a->view = (struct weft_segment_view){ .from_ns = a->t_ns, .state = WEFT_SEGMENT_RUNNING };
    g_strfreev(weft_model_segment_words(a->model, a->lane, &a->view));
}

static void ask_shares(struct asked *a)
{
    struct weft_shares shares;
    weft_model_shares(a->model, a->lane, a->t_ns, a->t_ns + a->end_ns / 3, &shares);
}

static void ask_stats(struct asked *a)
{
    struct weft_stats stats;
    weft_model_stats(a->model, &a->lane, 1, a->t_ns, a->end_ns, NULL, &stats);
}

static void ask_crowd(struct asked *a)
{
    g_autoptr(weft_crowd) crowd = weft_crowd_new(a->model, WEFT_CROWD_BY_ORDER, 9, NULL, 0);
    weft_crowd_prepare(crowd, 0, a->end_ns, 1000, NULL);
}

static void ask_follow(struct asked *a)
{
    struct weft_follow wanted = { .id = weft_model_lane(a->model, a->lane)->id };
    struct weft_followed from = { .time_ns = a->t_ns };
    weft_model_follow(a->model, &wanted, &from, 1, NULL, &from);
}

static gboolean see(const struct weft_event_view *event, gpointer data)
{
    return event->record.kind && data;
}

static void ask_events(struct asked *a)
{
    weft_model_visit(a->model, a->t_ns, a->end_ns, see, a);
}

struct question {
    const char *path;
    void (*ask)(struct asked *a);
    guint most; /* chunks decoded under one hold */
};

/* Of a model that has decoded nothing yet, each time. */
static void test_holds(gconstpointer data)
{
    const struct question *question = data;
    GRand *rand = g_rand_new_with_seed(3);
    all = most = 0;
    for (guint i = 0; i < (SLOW ? 1 : 3); i++) {
        weft_model *model = weft_model_new(holding->trace);
        while (weft_model_advance(model, 0))
            ;
        struct asked a = { .model = model, .end_ns = holding->end_ns };
        a.lane = weft_model_lane_of(model, TASK(1 + i * 8));
        a.t_ns = 1 + (gint64)(g_rand_double(rand) * (double)holding->end_ns * 0.7);
        guint before = all;
        most = 0;
        question->ask(&a);
        g_assert_cmpuint(all, >, before);
        g_assert_cmpuint(most, <=, question->most);
        weft_model_free(model);
    }
    g_rand_free(rand);
}

/* ---- Whose turn it is ---- */

static gpointer come_in_between(gpointer data)
{
    struct turn_lock *lock = data;
    turn_lock_take(lock);
    came = TRUE;
    turn_lock_give(lock);
    return NULL;
}

/* Who gives it up and takes it again at once, as a worker does between two pieces, comes after who
 * waited; and nobody comes in between where it was taken twice. */
static void test_turns(void)
{
    struct turn_lock lock;
    turn_lock_init(&lock);
    for (guint i = 0; i < (SLOW ? 20 : 500); i++) {
        came = FALSE;
        turn_lock_take(&lock);
        turn_lock_take(&lock);
        GThread *other = g_thread_new("other", come_in_between, &lock);
        while (pthread_mutex_trylock(&lock.turn) == 0) { /* until it is the other's */
            pthread_mutex_unlock(&lock.turn);
            g_thread_yield();
        }
        turn_lock_pass(&lock);
        g_assert_false(came);
        turn_lock_give(&lock);
        turn_lock_pass(&lock);
        g_assert_true(came);
        turn_lock_give(&lock);
        g_thread_join(other);
    }
    turn_lock_clear(&lock);
}

/* ---- How much is decoded ---- */

static weft_model *model_of(struct random_trace *random)
{
    weft_model *model = weft_model_new(random->trace);
    while (weft_model_advance(model, 0))
        ;
    return model;
}

/* Going back by less than a chunk each time: each answer begins near. */
static void test_states_backwards(void)
{
    enum { STEPS = 400 };
    struct random_trace *random = random_trace_new(
        (struct random_options){ .seed = 62, .tasks = 25, .steps = 15000, .chunk_slots = 30 });
    weft_model *model = model_of(random);
    gint64 chunk_ns = random->end_ns / weft_trace_n_chunks(random->trace);
    all = 0;
    for (gint64 i = 1; i <= STEPS; i++)
        weft_state_free(weft_model_state_at(model, random->end_ns - i * chunk_ns / 2));
    g_test_message("%.1f chunks a state", (double)all / STEPS);
    g_assert_cmpuint(all * 2, <, 5 * STEPS);
    weft_model_free(model);
    random_trace_free(random);
}

/* What waits for time or I/O is told of from its lane, without the state of everything; and where
 * that matters, nobody waits while it is replayed. */
static void test_why_alone(void)
{
    enum { FEW = 8 };
    struct random_trace *random = random_trace_new(
        (struct random_options){ .seed = 63, .tasks = 25, .steps = 15000, .chunk_slots = 30 });
    weft_model *model = model_of(random);
    guint alone = 0, replayed = 0;
    for (guint i = 1; i < 200; i++) {
        struct weft_segment_view view;
        uint64_t id = TASK(1 + i % 25);
        gint64 t = random->end_ns / 200 * i;
        if (!weft_model_segment_at(model, weft_model_lane_of(model, id), t, &view) ||
            view.state != WEFT_SEGMENT_WAITING)
            continue;
        guint before = all;
        most = 0;
        weft_sentence_free(weft_model_why(model, id, t));
        if (view.detail == WEFT_AWAIT_READ || view.detail == WEFT_AWAIT_TIMER) {
            g_assert_cmpuint(all - before, <=, FEW);
            alone++;
        } else if (view.detail == WEFT_AWAIT_LOCK && all - before > FEW / 2) {
            g_assert_cmpuint(most, <=, 1);
            replayed++;
        }
    }
    g_assert_cmpuint(alone, >, 0);
    g_assert_cmpuint(replayed, >, 0);
    weft_model_free(model);
    random_trace_free(random);
}

/* Lanes drawn together, from amid the run on, a few chunks each time, until all is exact: every
 * chunk is decoded about once, though their leaves lie across each other, and comes to what a lane
 * says alone. */
static void test_viewport(void)
{
    enum { CHUNKS = 16 };
    struct random_trace *random = random_trace_new(
        (struct random_options){ .seed = 64, .tasks = 25, .steps = 15000, .chunk_slots = 30 });
    weft_model *model = model_of(random), *other = model_of(random);
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
    guint n = weft_model_n_lanes(model), n_chunks = weft_trace_n_chunks(random->trace), rounds = 0;
    gboolean exact = FALSE;
    all = 0;
    while (!exact) {
        guint chunks = CHUNKS, before = all;
        exact = TRUE;
        for (guint lane = n; lane-- > 0; g_array_set_size(out, 0))
            if (!weft_model_segments(model, lane, random->end_ns / 2, G_MAXINT64, 1, &chunks, out))
                exact = FALSE;
        g_assert_cmpuint(all - before, ==, CHUNKS - chunks);
        g_assert_cmpuint(++rounds, <=, n_chunks);
    }
    g_test_message("%u of %u chunks in %u rounds", all, n_chunks, rounds);
    g_assert_cmpuint(all, <=, n_chunks * 5 / 8);
    for (guint lane = 0; lane < n; lane++) {
        g_autofree char *text = lane_text(model, lane), *alone = lane_text(other, lane);
        g_assert_cmpstr(text, ==, alone);
    }
    weft_model_free(model);
    weft_model_free(other);
    random_trace_free(random);
}

int main(int argc, char **argv)
{
    static const struct question questions[] = {
        { "/lock/segments", ask_segments, 0 }, { "/lock/segment-at", ask_segment_at, 0 },
        { "/lock/step", ask_step, 0 },         { "/lock/edges", ask_edges, 0 },
        { "/lock/words", ask_words, 0 },       { "/lock/shares", ask_shares, 0 },
        { "/lock/stats", ask_stats, 0 },       { "/lock/crowd", ask_crowd, 0 },
        { "/lock/follow", ask_follow, 0 },     { "/lock/events", ask_events, 0 },
        { "/lock/story", ask_story, 1 },       { "/lock/why", ask_why, 1 },
    };
    g_test_init(&argc, &argv, NULL);
    holding = random_trace_new(
        (struct random_options){ .seed = 61, .tasks = 25, .steps = 15000, .chunk_slots = 30 });
    for (guint i = 0; i < G_N_ELEMENTS(questions); i++)
        g_test_add_data_func(questions[i].path, &questions[i], test_holds);
    g_test_add_func("/lock/turns", test_turns);
    g_test_add_func("/lock/states-backwards", test_states_backwards);
    g_test_add_func("/lock/why-alone", test_why_alone);
    g_test_add_func("/lock/viewport", test_viewport);
    int failed = g_test_run();
    random_trace_free(holding);
    return failed;
}
