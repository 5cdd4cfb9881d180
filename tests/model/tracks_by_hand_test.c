/* tracks_by_hand_test.c: tracks and operations of traces written by hand: counters that
 * several rings count, spans, and records that no program would emit. */
#include "tests/model/garbage.h"
#include "tests/model/script.h"
#include "tests/valgrind.h"
#include "tracer/model/tracks.h"

/* ---- Counters, spans ---- */

#define COUNTER weft_id(WEFT_ENTITY_COUNTER, 0, 1)

/* Two rings count one thing, in chunks that overlap; one of them loses some. */
static void test_counters(void)
{
    enum { EVENTS = 4000 };
    GRand *rand = g_rand_new_with_seed(7);
    g_autoptr(weft_trace) trace = weft_trace_new();
    g_autoptr(GArray) truth = g_array_new(FALSE, FALSE, sizeof(struct weft_record));
    GArray *rings[2] = { g_array_new(FALSE, FALSE, sizeof(struct weft_record)),
                         g_array_new(FALSE, FALSE, sizeof(struct weft_record)) };
    for (guint i = 0; i < EVENTS; i++) {
        struct weft_record r = { .time = 10 * i + 10,
                                 .kind = WEFT_RECORD_COUNTER,
                                 .subject = COUNTER,
                                 .object = (uint64_t)(gint64)g_rand_int_range(rand, -5, 100) };
        guint ring = (guint)g_rand_int_range(rand, 0, 2);
        g_array_append_val(truth, r);
        g_array_append_val(rings[ring], r);
        if (rings[ring]->len == (ring ? 150u : 400u)) {
            weft_trace_append(trace, ring, (void *)rings[ring]->data, rings[ring]->len);
            g_array_set_size(rings[ring], 0);
        }
    }
    for (guint i = 0; i < 2; i++) {
        weft_trace_append(trace, i, (void *)rings[i]->data, rings[i]->len);
        g_array_unref(rings[i]);
    }
    weft_model *model = open_model(trace);
    g_autoptr(weft_tracks) tracks = weft_tracks_new(model);
    g_assert_false(weft_tracks_advance(tracks, 0));
    guint track = weft_tracks_of(tracks, COUNTER);
    for (guint i = 0; i < EVENTS; i++) {
        const struct weft_record *r = &g_array_index(truth, struct weft_record, i);
        struct weft_track_step step;
        g_assert_true(weft_tracks_at(tracks, track, (gint64)r->time, &step));
        g_assert_cmpint(step.value_max, ==, (gint64)r->object);
        g_assert_cmpuint(step.flags & WEFT_TRACK_UNKNOWN, ==, 0);
    }
    g_rand_free(rand);
    g_clear_pointer(&tracks, weft_tracks_free);
    weft_model_free(model);
}

/* A counter is unknown from any loss of its process on until it is told again. */
static void test_counter_loss(void)
{
    struct script s = script_with_main();
    script_add(&s, 30, WEFT_RECORD_COUNTER, 0, 0, COUNTER, 3);
    script_add(&s, 50, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    script_cut(&s);
    script_lose(&s, 5);
    script_add(&s, 60, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, 0, TASK(1), TIMER(1));
    script_add(&s, 80, WEFT_RECORD_COUNTER, 0, 0, COUNTER, 4);
    weft_model *model = script_model(&s);
    g_autoptr(weft_tracks) tracks = weft_tracks_new(model);
    g_assert_false(weft_tracks_advance(tracks, 0));
    static const struct {
        gint64 t_ns, value;
        gboolean unknown;
    } expected[] = {
        { 30, 3, FALSE }, { 49, 3, FALSE }, { 50, 0, TRUE }, { 79, 0, TRUE }, { 80, 4, FALSE }
    };
    for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
        struct weft_track_step step;
        g_assert_true(
            weft_tracks_at(tracks, weft_tracks_of(tracks, COUNTER), expected[i].t_ns, &step));
        g_assert_cmpuint((step.flags & WEFT_TRACK_VALUE_UNKNOWN) != 0, ==, expected[i].unknown);
        if (!expected[i].unknown)
            g_assert_cmpint(step.value_min, ==, expected[i].value);
    }
    g_clear_pointer(&tracks, weft_tracks_free);
    weft_model_free(model);
}

static void test_spans(void)
{
    struct script s = script_with_main();
    uint32_t parse = script_string(&s, "parse");
    uint64_t outer = weft_id(WEFT_ENTITY_SPAN, 0, 1), inner = weft_id(WEFT_ENTITY_SPAN, 0, 2);
    script_add(&s, 10, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    script_add(&s, 20, WEFT_RECORD_SPAN_BEGIN, 0, 7, outer, parse);
    script_add(&s, 30, WEFT_RECORD_SPAN_BEGIN, 0, 8, inner, parse);
    script_add(&s, 40, WEFT_RECORD_SPAN_END, 0, 8, inner, parse);
    script_add(&s, 90, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, 0, TASK(1), TIMER(1));
    weft_model *model = script_model(&s);
    g_autoptr(weft_tracks) tracks = weft_tracks_new(model);
    g_assert_false(weft_tracks_advance(tracks, 0));
    struct weft_operation_filter spans = { .kind = WEFT_ENTITY_SPAN };
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(struct weft_operation));
    g_assert_true(weft_tracks_operations(tracks, 0, 100, &spans, 0, NULL, found));
    g_assert_cmpuint(found->len, ==, 2);
    const struct weft_operation *first = &g_array_index(found, struct weft_operation, 0);
    g_assert_cmpuint(first->id, ==, outer);
    g_assert_cmpuint(first->task, ==, TASK(1));
    g_assert_cmpuint(first->text, ==, parse);
    g_assert_cmpuint(first->known, ==, WEFT_OPERATION_SUBMITTED);
    g_assert_cmpint(first->ended_ns, ==, 90); /* as far as is known */
    g_assert_cmpint(first[1].begin_ns, ==, 30);
    g_assert_cmpint(first[1].ended_ns, ==, 40);
    g_clear_pointer(&tracks, weft_tracks_free);
    weft_model_free(model);
}

/* ---- Records that no program would emit ---- */

static void test_garbage(void)
{
    for (guint32 seed = 1; seed <= (SLOW ? 4 : 20); seed++) {
        GRand *rand = g_rand_new_with_seed(seed);
        gint64 end_ns;
        g_autoptr(weft_trace) trace = garbage_trace(rand, &end_ns);
        struct weft_record extreme[] = {
            { .time = (uint64_t)end_ns, .kind = WEFT_RECORD_COUNTER, .subject = COUNTER },
            { .time = G_MAXINT64, .kind = WEFT_RECORD_COUNTER, .subject = COUNTER, .object = 1 },
        };
        weft_trace_append(trace, 1, extreme, G_N_ELEMENTS(extreme));
        weft_model *model = open_model(trace);
        g_autoptr(weft_tracks) tracks = weft_tracks_new(model);
        g_assert_false(weft_tracks_advance(tracks, 0));
        for (guint i = 0; i < weft_tracks_n(tracks); i++) {
            g_autoptr(GArray) steps = g_array_new(FALSE, FALSE, sizeof(struct weft_track_step));
            weft_tracks_view(tracks, i, G_MININT64, G_MAXINT64, 1 + end_ns / 100, steps);
            for (guint k = 1; k < steps->len; k++)
                g_assert_cmpint(g_array_index(steps, struct weft_track_step, k).from_ns, ==,
                                g_array_index(steps, struct weft_track_step, k - 1).to_ns);
        }
        g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(struct weft_operation));
        g_assert_true(weft_tracks_operations(tracks, G_MININT64, G_MAXINT64, NULL, 0, NULL, all));
        for (guint i = 0; i < all->len; i++) {
            const struct weft_operation *op = &g_array_index(all, struct weft_operation, i);
            g_assert_cmpint(op->begin_ns, <=, op->started_ns);
            g_assert_cmpint(op->started_ns, <=, op->ended_ns);
        }
        g_clear_pointer(&tracks, weft_tracks_free);
        weft_model_free(model);
        g_rand_free(rand);
    }
}

/* A semaphore that was made, and not yet taken, is free. */
static void test_new_semaphore(void)
{
    struct script s = script_with_main();
    uint64_t slots = weft_id(WEFT_ENTITY_SEMAPHORE, 0, 1);
    script_add(&s, 10, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    script_add(&s, 20, WEFT_RECORD_OBJECT_NEW, 0, 0, slots, 2);
    script_add(&s, 30, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_ACQUIRE, 0, slots, 1);
    script_add(&s, 90, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, 0, TASK(1), TIMER(1));
    weft_model *model = script_model(&s);
    g_autoptr(weft_tracks) tracks = weft_tracks_new(model);
    g_assert_false(weft_tracks_advance(tracks, 0));
    struct weft_track_step step;
    g_assert_true(weft_tracks_at(tracks, weft_tracks_of(tracks, slots), 25, &step));
    g_assert_cmpint(step.value_max, ==, 2);
    g_assert_true(weft_tracks_at(tracks, weft_tracks_of(tracks, slots), 35, &step));
    g_assert_cmpint(step.value_max, ==, 1);
    g_clear_pointer(&tracks, weft_tracks_free);
    weft_model_free(model);
}

/* What never changes is of use where somebody has it all the while. */
static void test_used(void)
{
    struct script s = script_with_main();
    uint64_t held = weft_id(WEFT_ENTITY_LOCK, 0, 1), left = weft_id(WEFT_ENTITY_LOCK, 0, 2);
    struct weft_ext_object taken = { .value = 1 };
    script_add_ext(&s, 10, WEFT_RECORD_OBJECT_IS, 0, 0, held, TASK(1), &taken);
    script_add(&s, 20, WEFT_RECORD_OBJECT_NEW, 0, 0, left, 0);
    weft_model *model = script_model(&s);
    g_autoptr(weft_tracks) tracks = weft_tracks_new(model);
    g_assert_false(weft_tracks_advance(tracks, 0));
    struct weft_track track;
    g_assert_true(weft_tracks_get(tracks, weft_tracks_of(tracks, held), &track));
    g_assert_true(track.used);
    g_assert_true(weft_tracks_get(tracks, weft_tracks_of(tracks, left), &track));
    g_assert_false(track.used);
    g_clear_pointer(&tracks, weft_tracks_free);
    weft_model_free(model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tracks-by-hand/garbage", test_garbage);
    g_test_add_func("/tracks-by-hand/counters", test_counters);
    g_test_add_func("/tracks-by-hand/counter-loss", test_counter_loss);
    g_test_add_func("/tracks-by-hand/spans", test_spans);
    g_test_add_func("/tracks-by-hand/new-semaphore", test_new_semaphore);
    g_test_add_func("/tracks-by-hand/used", test_used);
    return g_test_run();
}
