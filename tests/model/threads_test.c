/* threads_test.c: every query of the model is asked by workers, several at once, while the main
 * thread draws, of a model that grows: nobody asks while it advances, as in the viewer. What they
 * are to find is checked elsewhere; this is for ThreadSanitizer. Those that can be cancelled are.
 * But chunks that several decode at once come to what one finds who is alone.
 */
#include "tests/model/random_program.h"
#include "tests/model/random_trace.h"
#include "tests/model/script.h"
#include "tests/valgrind.h"
#include "tracer/model/awaitchain.h"
#include "tracer/model/crowd.h"
#include "tracer/model/dispatch.h"
#include "tracer/model/filter.h"
#include "tracer/model/find.h"
#include "tracer/model/follow.h"
#include "tracer/model/narrative.h"
#include "tracer/model/predict.h"
#include "tracer/model/tracks.h"
#include "tracer/model/waitsfor.h"

enum { WORKERS = 2, FEEDS = 4 };

struct fed {
    weft_trace *trace;
    weft_model *model;
    weft_tracks *tracks;
};

/* One question, at a random place. `cancelled` is, before it is asked; NULL: answer it. */
struct question {
    struct fed *fed;
    weft_model *model;
    guint lane;
    uint64_t id; /* the lane's */
    gint64 t_ns, end_ns;
    GCancellable *cancelled;
};

/* ---- Lanes ---- */

static void segments(const struct question *q)
{
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
    guint chunks = 2;
    weft_model_segments(q->model, q->lane, 0, q->t_ns, 1 + q->t_ns / 100, &chunks, out);
    for (guint i = 0; i < MIN(3, out->len); i++)
        g_strfreev(weft_model_segment_words(q->model, q->lane,
                                            &g_array_index(out, struct weft_segment_view, i)));
}

static void segment_at(const struct question *q)
{
    struct weft_segment_view view;
    struct weft_edge edges[4];
    weft_model_segment_at(q->model, q->lane, q->t_ns, &view);
    weft_model_segment_step(q->model, q->lane, q->t_ns, 1, TRUE, &view);
    weft_model_segment_step(q->model, q->lane, q->t_ns, -1, FALSE, &view);
    weft_model_edges(q->model, q->lane, q->t_ns, edges);
}

static void about_lane(const struct question *q)
{
    struct weft_totals totals;
    struct weft_shares shares;
    weft_model_totals(q->model, q->lane, &totals);
    weft_model_shares(q->model, q->lane, 0, q->t_ns, &shares);
    weft_model_lane_segments(q->model, q->lane);
    g_assert_cmpuint(weft_model_lane_of(q->model, q->id), <=, q->lane);
    g_free(weft_model_name(q->model, q->id));
    g_free(weft_model_outcome_words(q->model, q->lane));
    struct weft_segment_view segment;
    if (weft_model_segment_at(q->model, q->lane, q->t_ns, &segment))
        g_assert_cmpint(weft_model_since(q->model, q->lane, &segment), <=, segment.from_ns);
}

static void about_all(const struct question *q)
{
    guint n;
    float busy[16];
    gboolean lost[16];
    weft_model_density(q->model, 0, q->t_ns + 1, G_N_ELEMENTS(busy), busy, lost);
    weft_model_losses(q->model, &n);
    weft_model_memory(q->model);
    weft_model_progress(q->model);
    g_free(weft_model_recorded(q->model));
    g_assert_cmpuint(weft_model_events(q->model) + weft_model_lost(q->model), >, 0);
    weft_model_worth_keeping(q->model);
}

static gboolean visit_segment(guint lane G_GNUC_UNUSED,
                              const struct weft_segment_view *segment G_GNUC_UNUSED, gpointer left)
{
    return --*(guint *)left > 0;
}

static gboolean visit_event(const struct weft_event_view *event G_GNUC_UNUSED, gpointer left)
{
    return --*(guint *)left > 0;
}

static void visit(const struct question *q)
{
    guint n_segments = 1000, n_events = 1000;
    weft_model_visit_segments(q->model, q->t_ns / 2, q->t_ns, visit_segment, &n_segments);
    weft_model_visit(q->model, q->t_ns / 2, q->t_ns, visit_event, &n_events);
}

/* ---- Numbers, and what is looked for ---- */

static void stats(const struct question *q)
{
    struct weft_stats answer;
    gboolean ok = weft_model_stats(q->model, &q->lane, 1, 0, q->t_ns + 1, q->cancelled, &answer);
    g_assert_true(ok == !q->cancelled);
}

static void filter(const struct question *q)
{
    g_autoptr(GArray) lanes = g_array_new(FALSE, FALSE, sizeof(guint));
    struct weft_filter all = { .states = 1 << WEFT_SEGMENT_WAITING };
    struct weft_stats answer;
    gint64 to_ns = q->end_ns + 1;
    g_assert_true(weft_model_filter(q->model, &all, 0, to_ns, q->cancelled, lanes) ==
                  !q->cancelled);
    g_assert_true(weft_model_stats_of(q->model, &all, q->t_ns, to_ns, q->cancelled, &answer) ==
                  !q->cancelled);
}

static void find(const struct question *q)
{
    struct weft_match from = { .time_ns = q->t_ns }, found;
    guint64 total, place;
    gboolean any = weft_model_find(q->model, "task", &from, 1, q->cancelled, &found);
    g_assert_false(any && q->cancelled);
    g_assert_true(weft_model_find_count(q->model, "task", &from, q->cancelled, &total, &place) ==
                  !q->cancelled);
}

static void follow(const struct question *q)
{
    struct weft_follow of = { .id = q->id };
    struct weft_followed from = { .time_ns = q->t_ns }, found;
    g_assert_false(weft_model_follow(q->model, &of, &from, -1, q->cancelled, &found) &&
                   q->cancelled);
}

/* ---- The state, words ---- */

static void state_at(const struct question *q)
{
    g_autoptr(weft_state) state = weft_model_state_at(q->model, q->t_ns);
    struct weft_await_chain chain = weft_await_chain(state, q->id, 8);
    weft_await_chain_clear(&chain);
    weft_waits_for(state, q->id);
    g_ptr_array_unref(weft_waits_circles(state, 0));
}

static void words(const struct question *q)
{
    guint current;
    gboolean whole;
    weft_sentence_free(weft_model_why(q->model, q->id, q->t_ns));
    g_ptr_array_unref(weft_model_story(q->model, q->id, q->t_ns, 5, &current, &whole));
}

static void parties(const struct question *q)
{
    g_autoptr(GArray) holders = g_array_new(FALSE, FALSE, sizeof(struct weft_party));
    g_autoptr(GArray) waiters = g_array_new(FALSE, FALSE, sizeof(struct weft_party));
    struct weft_track track;
    if (weft_tracks_get(q->fed->tracks, 0, &track))
        weft_model_parties(q->model, track.id, q->t_ns, holders, waiters);
}

/* ---- One that each has for itself: a replay, a crowd; tracks, which all share ---- */

static void replay(const struct question *q)
{
    guint loop = weft_model_lane_of(q->model, LOOP);
    g_autoptr(weft_replay) replay = weft_replay_new(q->model, loop);
    struct weft_replay_place place = { q->t_ns, WEFT_WHOLE_MOMENT }, next;
    struct weft_replay_wanted any = { 0 };
    struct weft_prediction *asked = NULL;
    if (!replay)
        return;
    weft_replay_telling_free(weft_replay_tell(replay, place, WEFT_REPLAY_WHOLE, 5));
    struct weft_dispatch *scene = weft_replay_scene(replay, place);
    if (scene && scene->woken.id)
        g_free(weft_dispatch_cause(q->model, scene));
    weft_dispatch_free(scene);
    weft_replay_step(replay, place, WEFT_REPLAY_STEP, -1, &next);
    g_assert_false(weft_replay_find(replay, place, &any, 1, q->cancelled, &next) && q->cancelled);
    weft_replay_step_to_question(replay, place, 0, &next, &asked);
    weft_prediction_free(asked);
}

static void crowd(const struct question *q)
{
    enum { COLUMNS = 8 };
    g_autoptr(weft_crowd) crowd = weft_crowd_new(q->model, WEFT_CROWD_BY_SITE, 4, NULL, 0);
    struct weft_crowd_cell cells[COLUMNS];
    gint64 to_ns = q->end_ns + 1;
    g_assert_true(weft_crowd_prepare(crowd, 0, to_ns, COLUMNS, q->cancelled) == !q->cancelled);
    for (guint row = 0; row < weft_crowd_n_rows(crowd); row++)
        weft_crowd_cells(crowd, row, 0, to_ns, COLUMNS, cells);
}

static void tracks(const struct question *q)
{
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct weft_track_step));
    g_autoptr(GArray) operations = g_array_new(FALSE, FALSE, sizeof(struct weft_operation));
    struct weft_operation_filter of = { .kind = WEFT_ENTITY_OP };
    struct weft_track_step step;
    guint n = weft_tracks_n(q->fed->tracks), track = n ? q->lane % n : 0;
    weft_tracks_at(q->fed->tracks, track, q->t_ns, &step);
    if (n)
        weft_tracks_view(q->fed->tracks, track, 0, q->t_ns, 1 + q->t_ns / 50, out);
    weft_tracks_operations(q->fed->tracks, 0, q->t_ns, &of, 10, q->cancelled, operations);
    weft_tracks_memory(q->fed->tracks);
}

static const struct {
    const char *name;
    void (*ask)(const struct question *q);
} queries[] = {
    { "segments", segments },     { "segment-at", segment_at },
    { "about-lane", about_lane }, { "about-all", about_all },
    { "visit", visit },           { "stats", stats },
    { "filter", filter },         { "find", find },
    { "follow", follow },         { "state-at", state_at },
    { "words", words },           { "parties", parties },
    { "replay", replay },         { "crowd", crowd },
    { "tracks", tracks },
};

/* ---- Who asks, draws and feeds ---- */

static struct question some_question(struct fed *fed, GRand *rand)
{
    struct question q = { .fed = fed, .model = fed->model };
    q.lane = (guint)g_rand_int_range(rand, 0, (gint)weft_model_n_lanes(fed->model));
    q.id = weft_model_lane(fed->model, q.lane)->id;
    q.end_ns = weft_model_end_ns(fed->model);
    q.t_ns = (gint64)(g_rand_double(rand) * (double)q.end_ns);
    return q;
}

static gpointer ask_all(gpointer data)
{
    struct fed *fed = data;
    GRand *rand = g_rand_new_with_seed(7);
    g_autoptr(GCancellable) cancelled = g_cancellable_new();
    g_cancellable_cancel(cancelled);
    for (guint i = 0; i < G_N_ELEMENTS(queries); i++) {
        struct question q = some_question(fed, rand);
        queries[i].ask(&q);
        q.cancelled = cancelled;
        queries[i].ask(&q);
    }
    g_rand_free(rand);
    return NULL;
}

static void feed(struct fed *fed, const GArray *program, guint n)
{
    program_append(fed->trace, program, program->len * n / FEEDS, program->len * (n + 1) / FEEDS);
    while (weft_model_advance(fed->model, 0))
        ;
    while (weft_tracks_advance(fed->tracks, 0))
        ;
}

static void draw(struct fed *fed, GRand *rand)
{
    for (guint i = 0; i < 20; i++) {
        struct question q = some_question(fed, rand);
        segments(&q);
        about_lane(&q);
    }
}

static void test_all_queries(void)
{
    struct program_options options = {
        .seed = 3, .loops = 2, .tasks = 12, .steps = SLOW ? 1000 : 4000, .losses = 4
    };
    GArray *program = random_program(options);
    struct fed fed = { .trace = weft_trace_new() };
    GRand *rand = g_rand_new_with_seed(9);
    fed.model = weft_model_new(fed.trace);
    fed.tracks = weft_tracks_new(fed.model);
    for (guint n = 0; n < FEEDS; n++) {
        GThread *workers[WORKERS];
        feed(&fed, program, n);
        for (guint i = 0; i < WORKERS; i++)
            workers[i] = g_thread_new("asks", ask_all, &fed);
        draw(&fed, rand);
        for (guint i = 0; i < WORKERS; i++)
            g_thread_join(workers[i]);
    }
    g_rand_free(rand);
    weft_tracks_free(fed.tracks);
    weft_model_free(fed.model);
    weft_trace_unref(fed.trace);
    g_array_unref(program);
}

/* ---- Decoding at once ---- */

static weft_model *model_of(struct random_trace *random)
{
    weft_model *model = weft_model_new(random->trace);
    while (weft_model_advance(model, 0))
        ;
    return model;
}

struct reading {
    weft_model *model;
    GStrv alone; /* each lane's text */
    guint from;  /* the first lane that is read */
};

static gpointer read_lanes(gpointer data)
{
    const struct reading *reading = data;
    guint n = weft_model_n_lanes(reading->model);
    for (guint i = 0; i < n; i++) {
        guint lane = (reading->from + i) % n;
        g_autofree char *text = lane_text(reading->model, lane);
        g_assert_cmpstr(text, ==, reading->alone[lane]);
    }
    return NULL;
}

/* Keeps the lock for a drawing, and decodes a chunk itself. */
static void draw_lanes(weft_model *model, GRand *rand)
{
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
    gint64 end_ns = weft_model_end_ns(model);
    weft_model_hold(model);
    guint chunks = 1;
    for (guint lane = 0; lane < weft_model_n_lanes(model); lane++)
        weft_model_segments(model, lane, (gint64)(g_rand_double(rand) * (double)end_ns), end_ns, 1,
                            &chunks, out);
    weft_model_release(model);
}

/* Who keeps the lock, and sets no bound, has his answer whatever others decode. */
static void ask_while_kept(weft_model *model, weft_model *alone, GRand *rand)
{
    guint lane = (guint)g_rand_int_range(rand, 0, (gint)weft_model_n_lanes(model));
    gint64 t = (gint64)(g_rand_double(rand) * (double)weft_model_end_ns(model));
    struct weft_segment_view view, should;
    gboolean late, there = weft_model_segment_at(alone, lane, t, &should);
    weft_model_hold(model);
    gboolean soon = weft_model_segment_soon(model, lane, t, &late, &view);
    g_assert_true(soon == there || late);
    g_assert_true(weft_model_segment_at(model, lane, t, &view) == there);
    weft_model_release(model);
    if (there)
        g_assert_cmpint(view.from_ns, ==, should.from_ns);
}

static void test_decode_at_once(void)
{
    struct random_trace *random = random_trace_new((struct random_options){
        .seed = 65, .tasks = 100, .steps = SLOW ? 12000 : 60000, .chunk_slots = 30 });
    weft_model *alone = model_of(random), *model = model_of(random);
    GRand *rand = g_rand_new_with_seed(9);
    g_autoptr(GStrvBuilder) texts = g_strv_builder_new();
    for (guint lane = 0; lane < weft_model_n_lanes(alone); lane++) {
        g_autofree char *text = lane_text(alone, lane);
        g_strv_builder_add(texts, text);
    }
    g_auto(GStrv) told = g_strv_builder_end(texts);
    GThread *workers[WORKERS];
    struct reading readings[WORKERS];
    for (guint i = 0; i < WORKERS; i++) {
        readings[i] = (struct reading){ model, told, i * weft_model_n_lanes(model) / WORKERS };
        workers[i] = g_thread_new("reads", read_lanes, &readings[i]);
    }
    for (guint i = 0; i < 100; i++) {
        draw_lanes(model, rand);
        ask_while_kept(model, alone, rand);
    }
    for (guint i = 0; i < WORKERS; i++)
        g_thread_join(workers[i]);
    g_rand_free(rand);
    weft_model_free(model);
    weft_model_free(alone);
    random_trace_free(random);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/threads/all-queries", test_all_queries);
    g_test_add_func("/threads/decode-at-once", test_decode_at_once);
    return g_test_run();
}
