/* visit_segments_test.c: one walk over all segments finds what each lane, asked alone, has. */
#include "tests/model/random_trace.h"
#include "tests/model/script.h"
#include "tests/valgrind.h"

#include <string.h>

static GArray *new_views(void)
{
    return g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
}

static gboolean collect(guint lane, const struct weft_segment_view *segment, gpointer data)
{
    g_array_append_vals(((GArray **)data)[lane], segment, 1);
    return TRUE;
}

static void assert_same(const GArray *walked, const GArray *asked)
{
    g_assert_cmpuint(walked->len, ==, asked->len);
    for (guint i = 0; i < walked->len; i++) {
        const struct weft_segment_view *x = &g_array_index(walked, struct weft_segment_view, i);
        const struct weft_segment_view *y = &g_array_index(asked, struct weft_segment_view, i);
        g_assert_cmpint(x->from_ns, ==, y->from_ns);
        g_assert_cmpint(x->to_ns, ==, y->to_ns);
        g_assert_cmpuint(x->state, ==, y->state);
        g_assert_cmpuint(x->detail, ==, y->detail);
        g_assert_cmpuint(x->other, ==, y->other);
        g_assert_cmpuint(x->site, ==, y->site);
        g_assert_cmpuint(x->flags & WEFT_SEGMENT_OPEN, ==, y->flags & WEFT_SEGMENT_OPEN);
    }
}

static void assert_range(weft_model *model, gint64 from_ns, gint64 to_ns)
{
    guint n = weft_model_n_lanes(model);
    GArray **walked = g_new(GArray *, n + 1);
    for (guint i = 0; i < n; i++)
        walked[i] = new_views();
    weft_model_visit_segments(model, from_ns, to_ns, collect, walked);
    for (guint i = 0; i < n; i++) {
        g_autoptr(GArray) asked = new_views();
        g_assert_true(weft_model_segments(model, i, from_ns, to_ns, 1, NULL, asked));
        assert_same(walked[i], asked);
        g_array_unref(walked[i]);
    }
    g_free(walked);
}

static void test_random(void)
{
    for (guint32 seed = 1; seed <= (SLOW ? 2 : 8); seed++) {
        struct random_trace *random = random_trace_new((struct random_options){
            .seed = seed, .tasks = 20, .steps = 4000, .chunk_slots = 300, .losses = seed % 3 });
        weft_model *model = weft_model_new(random->trace);
        weft_model_advance(model, 0);
        assert_range(model, 0, G_MAXINT64);
        assert_range(model, random->end_ns / 3, random->end_ns / 2);
        weft_model_free(model);
        random_trace_free(random);
    }
}

/* A lane that goes on reaches to now; what came after the model's last look is not there. */
static void test_live(void)
{
    struct script s = script_with_main();
    script_cut(&s);
    weft_model *model = weft_model_new(s.trace);
    weft_model_advance(model, 0);
    weft_model_set_now(model, 500);
    script_add(&s, 600, WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, 0, TASK(1), 0);
    script_cut(&s);
    assert_range(model, 0, G_MAXINT64);
    weft_model_free(model);
    g_array_unref(s.records);
    weft_trace_unref(s.trace);
}

static gboolean count_to_three(guint lane, const struct weft_segment_view *segment, gpointer data)
{
    (void)lane;
    (void)segment;
    return ++*(guint *)data < 3;
}

static void test_stops(void)
{
    struct random_trace *random = random_trace_new(
        (struct random_options){ .seed = 1, .tasks = 5, .steps = 500, .chunk_slots = 100 });
    weft_model *model = weft_model_new(random->trace);
    weft_model_advance(model, 0);
    guint n = 0;
    weft_model_visit_segments(model, 0, G_MAXINT64, count_to_three, &n);
    g_assert_cmpuint(n, ==, 3);
    weft_model_free(model);
    random_trace_free(random);
}

static void test_nothing(void)
{
    g_autoptr(weft_trace) trace = weft_trace_new();
    weft_model *model = weft_model_new(trace);
    weft_model_advance(model, 0);
    assert_range(model, 0, G_MAXINT64);
    weft_model_free(model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/visit-segments/random", test_random);
    g_test_add_func("/model/visit-segments/live", test_live);
    g_test_add_func("/model/visit-segments/stops", test_stops);
    g_test_add_func("/model/visit-segments/nothing", test_nothing);
    return g_test_run();
}
