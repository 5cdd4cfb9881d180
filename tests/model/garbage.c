/* garbage.c: see garbage.h. */
#include "tests/model/garbage.h"
#include "tracer/model/narrative.h"

static uint64_t random_id(GRand *rand)
{
    switch (g_rand_int_range(rand, 0, 10)) {
    case 0:
        return 0;
    case 1:
        return (uint64_t)g_rand_int(rand) << 32 | g_rand_int(rand);
    default:
        return weft_id((enum weft_entity)g_rand_int_range(rand, 0, WEFT_ENTITY_END + 1),
                       (uint32_t)g_rand_int_range(rand, 0, 3),
                       (uint64_t)g_rand_int_range(rand, 0, 9));
    }
}

static void append_garbage(weft_trace *trace, GRand *rand, gint64 *now)
{
    struct weft_record records[400];
    for (guint i = 0; i < G_N_ELEMENTS(records); i++) {
        *now += g_rand_int_range(rand, 0, 100);
        records[i] = (struct weft_record){
            .time = g_rand_int_range(rand, 0, 3000) == 0 ? g_rand_int(rand) : (uint64_t)*now,
            .kind = (uint8_t)g_rand_int_range(rand, 0, WEFT_RECORD_KIND_END + 2),
            .detail = (uint8_t)g_rand_int_range(rand, 0, 40),
            .flags = g_rand_int_range(rand, 0, 8) == 0 ? WEFT_RECORD_EXT : 0,
            .site = g_rand_int_range(rand, 0, 9) == 0 ? g_rand_int(rand) : 1,
            .subject = random_id(rand),
            .object = random_id(rand),
        };
    }
    weft_trace_append(trace, (uint32_t)g_rand_int_range(rand, 0, 3), records,
                      G_N_ELEMENTS(records));
    if (g_rand_int_range(rand, 0, 6) == 0)
        weft_trace_append_loss(trace, (uint32_t)g_rand_int_range(rand, 0, 3), 5);
}

weft_trace *garbage_trace(GRand *rand, gint64 *end_ns)
{
    weft_trace *trace = weft_trace_new();
    *end_ns = 0;
    weft_trace_define_string(trace, 1, "name");
    for (guint i = 0; i < 60; i++)
        append_garbage(trace, rand, end_ns);
    return trace;
}

void ask_about_lane(weft_model *model, guint lane, GRand *rand)
{
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
    gint64 end = weft_model_end_ns(model);
    gint64 min_ns = 1 + g_rand_int_range(rand, 0, 1000);
    weft_model_segments(model, lane, G_MININT64, G_MAXINT64, min_ns, NULL, out);
    const struct weft_segment_view *views = (const void *)out->data;
    for (guint i = 0; i < out->len; i++) {
        g_assert_cmpint(views[i].from_ns, <, views[i].to_ns);
        g_assert_true(i == 0 || views[i].from_ns == views[i - 1].to_ns);
        if (i < 20)
            g_strfreev(weft_model_segment_words(model, lane, &views[i]));
    }
    gint64 t = (gint64)(g_rand_double(rand) * (double)end);
    struct weft_edge edges[4];
    g_assert_cmpuint(weft_model_edges(model, lane, t, edges), <=, 4);
    g_free(weft_model_outcome_words(model, lane));
    uint64_t id = weft_model_lane(model, lane)->id;
    g_free(weft_model_name(model, id));
    guint current;
    gboolean whole;
    GPtrArray *story = weft_model_story(model, id, t, 20, &current, &whole);
    g_assert_true(story->len == 0 || current < story->len);
    g_ptr_array_unref(story);
    weft_sentence_free(weft_model_why(model, id, t));
}
