/* hostile_test.c: records that no program would emit: nothing crashes, lanes stay without gaps, and
 * every question has an answer. And several rings at once. */
#include "tests/model/garbage.h"
#include "tests/model/script.h"
#include "tests/valgrind.h"
#include "tracer/export/export.h"

/* What is decoded again is what the pass saw. */
static void check_decoding(weft_model *model, guint lane)
{
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
    weft_model_segments(model, lane, G_MININT64, G_MAXINT64, 1, NULL, out);
    struct weft_totals totals;
    weft_model_totals(model, lane, &totals);
    gint64 running = 0, ready = 0, unknown = 0, longest = 0;
    for (guint i = 0; i < out->len; i++) {
        const struct weft_segment_view *v = &g_array_index(out, struct weft_segment_view, i);
        g_assert_false(v->flags & WEFT_SEGMENT_MERGED);
        running += v->running_ns;
        ready += v->ready_ns;
        unknown += v->unknown_ns;
        if (v->state == WEFT_SEGMENT_RUNNING)
            longest = MAX(longest, v->longest_ns);
    }
    g_assert_cmpint(running, ==, totals.running_ns + totals.callback_ns);
    g_assert_cmpint(ready, ==, totals.ready_ns);
    g_assert_cmpint(unknown, ==, totals.unknown_ns);
    g_assert_cmpint(longest, ==, totals.longest_slice_ns);
}

static gboolean count(const struct weft_event_view *event, gpointer data)
{
    (void)event;
    ++*(guint64 *)data;
    return TRUE;
}

static void test_garbage(gconstpointer data)
{
    GRand *rand = g_rand_new_with_seed(GPOINTER_TO_UINT(data));
    gint64 now;
    g_autoptr(weft_trace) trace = garbage_trace(rand, &now);
    weft_model *model = weft_model_new(trace);
    while (weft_model_advance(model, 7))
        ;
    for (guint lane = 0; lane < weft_model_n_lanes(model); lane++) {
        check_decoding(model, lane);
        ask_about_lane(model, lane, rand);
    }
    for (guint i = 0; i < 20; i++)
        weft_state_free(weft_model_state_at(model, (gint64)(g_rand_double(rand) * (double)now)));
    guint64 events = 0;
    weft_model_visit(model, G_MININT64, G_MAXINT64, count, &events);
    g_assert_cmpuint(events, ==, weft_model_events(model));
    float busy[50];
    gboolean lost[50];
    weft_model_density(model, 0, weft_model_end_ns(model), 50, busy, lost);
    g_free(weft_export_text(model, 0, weft_model_end_ns(model), 100));
    weft_model_free(model);
    g_rand_free(rand);
}

/* ---- Two loops, and a thread without one ---- */

static void append_loop(weft_trace *trace, uint32_t ring, gint64 at)
{
    uint64_t loop = weft_id(WEFT_ENTITY_LOOP, ring, 1), task = weft_id(WEFT_ENTITY_TASK, ring, 1);
    const struct weft_record records[] = {
        { .time = (uint64_t)at, .kind = WEFT_RECORD_LOOP_OPEN, .subject = loop },
        { .time = (uint64_t)at + 10, .kind = WEFT_RECORD_TASK_NEW, .subject = task },
        { .time = (uint64_t)at + 10,
          .kind = WEFT_RECORD_WAKE,
          .detail = WEFT_WAKE_CREATED,
          .subject = task },
        { .time = (uint64_t)at + 20, .kind = WEFT_RECORD_RESUME, .subject = task },
        { .time = (uint64_t)at + 50,
          .kind = WEFT_RECORD_SUSPEND,
          .detail = WEFT_AWAIT_READ,
          .subject = task },
    };
    weft_trace_append(trace, ring, records, G_N_ELEMENTS(records));
}

static gboolean in_order(const struct weft_event_view *event, gpointer data)
{
    struct weft_event_view *last = data;
    g_assert_cmpuint(event->record.time, >=, last->record.time);
    g_assert_true(event->record.time > last->record.time || event->ring >= last->ring);
    *last = *event;
    return TRUE;
}

static void test_rings(void)
{
    g_autoptr(weft_trace) trace = weft_trace_new();
    append_loop(trace, 0, 0);
    append_loop(trace, 1, 5);
    const struct weft_record post[] = { { .time = 33,
                                          .kind = WEFT_RECORD_POST,
                                          .subject = weft_id(WEFT_ENTITY_CALLBACK, 2, 1),
                                          .object = weft_id(WEFT_ENTITY_LOOP, 0, 1) } };
    weft_trace_append(trace, 2, post, 1);
    weft_trace_append_loss(trace, 0, 9);
    const struct weft_record later[] = {
        { .time = 100, .kind = WEFT_RECORD_MARK, .subject = weft_id(WEFT_ENTITY_TASK, 0, 1) }
    };
    weft_trace_append(trace, 0, later, 1);
    weft_model *model = weft_model_new(trace);
    weft_model_advance(model, 0);
    g_assert_cmpuint(weft_model_n_lanes(model), ==, 8);
    assert_lane(model, weft_id(WEFT_ENTITY_TASK, 0, 1),
                "10-20 ready created; 20-50 running; 50-100 unknown");
    assert_lane(model, weft_id(WEFT_ENTITY_TASK, 1, 1),
                "15-25 ready created; 25-55 running; 55-100 waiting read");
    g_autofree char *second = weft_model_name(model, weft_id(WEFT_ENTITY_LOOP, 1, 1));
    g_assert_cmpstr(second, ==, "loop 2");
    struct weft_event_view last = { 0 };
    weft_model_visit(model, 0, G_MAXINT64, in_order, &last);
    weft_state *state = weft_model_state_at(model, 30);
    g_assert_cmpuint(weft_state_running(state, 0), ==, weft_id(WEFT_ENTITY_TASK, 0, 1));
    g_assert_cmpuint(weft_state_running(state, 1), ==, weft_id(WEFT_ENTITY_TASK, 1, 1));
    weft_state_free(state);
    weft_model_free(model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint seed = 1; seed <= (SLOW ? 4 : 12); seed++) {
        g_autofree char *path = g_strdup_printf("/hostile/garbage/%u", seed);
        g_test_add_data_func(path, GUINT_TO_POINTER(seed), test_garbage);
    }
    g_test_add_func("/hostile/rings", test_rings);
    return g_test_run();
}
