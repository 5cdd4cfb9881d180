/* ask_bench.c: weft-bench-ask TRACE: what the model's questions cost that are asked while the
 * viewer draws: the longest that any of them holds the model's lock; the tracks, and a viewport of
 * them; the next edge, in chunks that were searched before; rows of very many tasks; why a task did
 * not run, its story, and who holds a thing. One line each: NAME VALUE UNIT. */
#include "tracer/model/crowd.h"
#include "tracer/model/filter.h"
#include "tracer/model/follow.h"
#include "tracer/model/narrative.h"
#include "tracer/model/tracks.h"
#include "tracer/model/turnlock.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { PIXELS = 2000, ROWS = 100, MOMENTS = 60 };

/* CPU time: all of it is this one thread's, and nothing in it waits. */
static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- Every lock that is taken passes here: linked with --wrap ---- */

void __real_turn_lock_take(struct turn_lock *lock);
void __real_turn_lock_give(struct turn_lock *lock);
void __wrap_turn_lock_take(struct turn_lock *lock);
void __wrap_turn_lock_give(struct turn_lock *lock);

static guint depth;
static double locked_at, longest;

void __wrap_turn_lock_take(struct turn_lock *lock)
{
    __real_turn_lock_take(lock);
    if (depth++ == 0)
        locked_at = seconds();
}

void __wrap_turn_lock_give(struct turn_lock *lock)
{
    if (--depth == 0)
        longest = MAX(longest, seconds() - locked_at);
    __real_turn_lock_give(lock);
}

/* Says, on stderr, how long what was asked since the last call held it at most. */
static void tell_lock(const char *what, double *worst)
{
    fprintf(stderr, "%-12s %8.2f ms\n", what, longest * 1e3);
    *worst = MAX(*worst, longest);
    longest = 0;
}

/* ---- Questions ---- */

static guint some_task(weft_model *model, guint i)
{
    guint n = weft_model_n_lanes(model);
    for (guint lane = (guint)((guint64)i * 7919 % n);; lane = (lane + 1) % n)
        if (weft_model_lane(model, lane)->kind == WEFT_LANE_TASK)
            return lane;
}

static gint64 some_moment(weft_model *model, guint i)
{
    return (gint64)((double)(i * 61 % MOMENTS) / MOMENTS * (double)weft_model_end_ns(model));
}

static void draw(weft_model *model)
{
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
    gint64 end_ns = weft_model_end_ns(model);
    float busy[PIXELS];
    gboolean lost[PIXELS];
    weft_model_density(model, 0, end_ns, PIXELS, busy, lost);
    for (gint64 span = end_ns; span > 100000; span /= 4) {
        guint chunks = 64;
        for (guint lane = 0; lane < MIN(50, weft_model_n_lanes(model)); lane++) {
            g_array_set_size(out, 0);
            weft_model_segments(model, lane, end_ns / 2, end_ns / 2 + span, span / PIXELS, &chunks,
                                out);
        }
    }
}

static void read_lanes(weft_model *model)
{
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
    for (guint i = 0; i < MOMENTS; i++) {
        g_array_set_size(out, 0);
        weft_model_segments(model, i ? some_task(model, i) : 0, 0, G_MAXINT64, 1, NULL, out);
    }
}

static void look_at_moments(weft_model *model)
{
    for (guint i = 0; i < MOMENTS; i++) {
        struct weft_segment_view view;
        struct weft_edge edges[4];
        guint lane = some_task(model, i);
        gint64 t_ns = some_moment(model, i);
        if (weft_model_segment_at(model, lane, t_ns, &view))
            g_strfreev(weft_model_segment_words(model, lane, &view));
        weft_model_segment_step(model, lane, t_ns, i % 2 ? 1 : -1, TRUE, &view);
        weft_model_edges(model, lane, t_ns, edges);
    }
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_times(const char *name, double times[MOMENTS])
{
    qsort(times, MOMENTS, sizeof *times, compare);
    printf("model.%s %.2f ms\n", name, times[MOMENTS / 2] * 1e3);
    printf("model.%s.worst %.2f ms\n", name, times[MOMENTS - 1] * 1e3);
}

/* Of some task each, at moments none of which is near the one before. */
static void tell_of_tasks(weft_model *model)
{
    enum { SENTENCES = 24 };
    double why[MOMENTS], story[MOMENTS], parties[MOMENTS];
    for (guint i = 0; i < MOMENTS; i++) {
        uint64_t id = weft_model_lane(model, some_task(model, i))->id;
        gint64 t_ns = some_moment(model, i);
        guint current;
        gboolean whole;
        double begin = seconds();
        weft_sentence_free(weft_model_why(model, id, t_ns));
        why[i] = seconds() - begin;
        begin = seconds();
        g_ptr_array_unref(
            weft_model_story(model, id, some_moment(model, i + 7), SENTENCES, &current, &whole));
        story[i] = seconds() - begin;
    }
    for (guint i = 0; i < MOMENTS; i++) {
        g_autoptr(GArray) holders = g_array_new(FALSE, FALSE, sizeof(struct weft_party));
        g_autoptr(GArray) waiters = g_array_new(FALSE, FALSE, sizeof(uint64_t));
        double begin = seconds();
        weft_model_parties(model, weft_id(WEFT_ENTITY_GROUP, 0, 1), some_moment(model, i + 13),
                           holders, waiters);
        parties[i] = seconds() - begin;
    }
    print_times("why", why);
    print_times("story", story);
    print_times("parties", parties);
}

/* What replays: states, and the sentences that need one. */
static void look_at_states(weft_model *model)
{
    for (guint i = 0; i < MOMENTS; i++) {
        uint64_t id = weft_model_lane(model, some_task(model, i))->id;
        weft_state_free(weft_model_state_at(model, some_moment(model, i)));
        weft_sentence_free(weft_model_why(model, id, some_moment(model, i)));
    }
}

static void add_up(weft_model *model)
{
    struct weft_stats stats;
    struct weft_shares shares;
    struct weft_filter all = { 0 }, one = { .name = "Task-17" };
    gint64 end_ns = weft_model_end_ns(model);
    weft_model_stats_of(model, &all, end_ns / 3, end_ns / 2, NULL, &stats);
    weft_model_stats_of(model, &one, 0, end_ns, NULL, &stats);
    for (guint i = 0; i < MOMENTS; i++)
        weft_model_shares(model, some_task(model, i), end_ns / 3, end_ns / 2, &shares);
}

/* The longest of those that are asked again. */
static double follow(weft_model *model)
{
    double worst = 0;
    for (guint i = 0; i < 2 * MOMENTS; i++) {
        struct weft_follow wanted = {
            .id = weft_model_lane(model, some_task(model, i % MOMENTS))->id,
            .kinds = 1u << (i % 4),
            .ends = i % 2 ? WEFT_FOLLOW_FROM : WEFT_FOLLOW_TO
        };
        struct weft_followed from = { .time_ns = some_moment(model, i % MOMENTS) };
        double begin = seconds();
        weft_model_follow(model, &wanted, &from, i % 3 ? 1 : -1, NULL, &from);
        worst = i < MOMENTS ? 0 : MAX(worst, seconds() - begin);
    }
    return worst;
}

/* A viewport of the rows, moved on from where it was prepared. */
static double draw_rows(weft_model *model)
{
    g_autoptr(weft_crowd) crowd = weft_crowd_new(model, WEFT_CROWD_BY_ORDER, ROWS, NULL, 0);
    g_autofree struct weft_crowd_cell *cells = g_new(struct weft_crowd_cell, PIXELS);
    double worst = 0;
    gint64 end_ns = weft_model_end_ns(model);
    weft_crowd_prepare(crowd, end_ns / 4, end_ns / 2, PIXELS, NULL);
    for (guint i = 0; i < MOMENTS; i++) {
        gint64 moved = end_ns / 4 / MOMENTS * i;
        double begin = seconds();
        for (guint row = 0; row < weft_crowd_n_rows(crowd); row++)
            weft_crowd_cells(crowd, row, end_ns / 4 - moved, end_ns / 2 + moved, PIXELS, cells);
        worst = MAX(worst, seconds() - begin);
    }
    return worst;
}

static void ask_tracks(weft_model *model)
{
    g_autoptr(weft_tracks) tracks = weft_tracks_new(model);
    double begin = seconds(), worst = 0, events = (double)weft_model_events(model);
    while (weft_tracks_advance(tracks, 16))
        ;
    printf("model.tracks %.1f ns\n", (seconds() - begin) / events * 1e9);
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct weft_track_step));
    gint64 end_ns = weft_model_end_ns(model);
    for (gint64 span = end_ns; span > 100000; span /= 4)
        for (guint track = 0; track < MIN(50, weft_tracks_n(tracks)); track++) {
            g_array_set_size(out, 0);
            begin = seconds();
            weft_tracks_view(tracks, track, end_ns / 2, end_ns / 2 + span, span / PIXELS, out);
            worst = MAX(worst, seconds() - begin);
        }
    printf("model.tracks.view %.2f ms\n", worst * 1e3);
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(weft_trace) trace = argc == 2 ? weft_trace_open(argv[1], &error) : NULL;
    if (!trace) {
        fprintf(stderr, "ask_bench: %s\n", error ? error->message : "usage: weft-bench-ask TRACE");
        return 2;
    }
    weft_model *model = weft_model_new(trace);
    while (weft_model_advance(model, 0))
        ;
    double worst = 0, state = 0;
    tell_of_tasks(model);
    tell_lock("tell", &state);
    draw(model);
    tell_lock("draw", &worst);
    look_at_moments(model);
    tell_lock("moments", &worst);
    read_lanes(model);
    tell_lock("read", &worst);
    add_up(model);
    tell_lock("stats", &worst);
    double followed = follow(model);
    tell_lock("follow", &worst);
    double rows = draw_rows(model);
    tell_lock("rows", &worst);
    ask_tracks(model);
    tell_lock("tracks", &worst);
    look_at_states(model);
    tell_lock("state", &state);
    printf("model.follow %.2f ms\n", followed * 1e3);
    printf("model.rows %.2f ms\n", rows * 1e3);
    printf("model.lock %.2f ms\n", MAX(worst, state) * 1e3);
    printf("model.lock.no_state %.2f ms\n", worst * 1e3);
    weft_model_free(model);
    return 0;
}
