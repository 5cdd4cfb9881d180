/* packed_test.c: what is packed comes out again, however long its numbers are, and what was cut off
 * is not believed; a trace's lanes take a few bytes a segment. */
#include "tests/model/script.h"
#include "tracer/model/packed.h"
#include <string.h>

enum { ROUNDS = 300, N = LEAF_SEGMENTS };

/* Of any length in bits, short ones as often as long ones. */
static uint64_t any(GRand *rand, guint bits)
{
    uint64_t value = (uint64_t)g_rand_int(rand) << 32 | g_rand_int(rand);
    guint n = (guint)g_rand_int_range(rand, 0, (gint)bits + 1);
    return n == 0 ? 0 : value >> (64 - n);
}

static uint64_t any_id(GRand *rand, uint32_t ring, uint64_t last)
{
    switch (g_rand_int_range(rand, 0, 4)) {
    case 0:
        return 0;
    case 1:
        return last;
    case 2:
        return weft_id((unsigned)any(rand, 8), ring, any(rand, 44));
    default:
        return any(rand, 64);
    }
}

static void test_segments(void)
{
    GRand *rand = g_rand_new_with_seed(1);
    for (guint round = 0; round < ROUNDS; round++) {
        struct segment in[N], out[N];
        guint8 bytes[N * PACKED_SEGMENT_MAX + PACKED_SLACK], *end = bytes;
        uint32_t ring = (uint32_t)any(rand, WEFT_ID_RING_BITS);
        uint64_t last = 0;
        gint64 from_ns = (gint64)any(rand, 64), to_ns = from_ns, back_ns;
        for (guint i = 0; i < N; i++) {
            gint64 ns = (gint64)any(rand, 64);
            memset(&in[i], 0, sizeof in[i]);
            in[i].from_ns = to_ns;
            in[i].other = any_id(rand, ring, last);
            in[i].site = (uint32_t)any(rand, 32);
            in[i].state = (uint8_t)any(rand, 4);
            in[i].detail = (uint8_t)any(rand, 8);
            in[i].note = (uint16_t)any(rand, 16);
            guint8 *at = end;
            end = pack_segment(at, &in[i], ns, ring, &last);
            g_assert_cmpint(end - at, <=, PACKED_SEGMENT_MAX);
            to_ns = (gint64)((uint64_t)to_ns + (uint64_t)ns);
        }
        g_assert_true(unpack_segments(bytes, end, ring, from_ns, out, N, &back_ns) == end);
        g_assert_cmpmem(in, sizeof in, out, sizeof out);
        g_assert_cmpint(back_ns, ==, to_ns);
        g_assert_null(unpack_segments(bytes, end - 1, ring, from_ns, out, N, &back_ns));
    }
    g_rand_free(rand);
}

static struct leaf any_leaf(GRand *rand, uint32_t ring, const guint8 *kept)
{
    struct leaf leaf = { .kept_size = (guint16)any(rand, 11) };
    leaf.sum.from_ns = (gint64)any(rand, 64);
    leaf.sum.running_ns = (gint64)any(rand, 63);
    leaf.sum.ready_ns = (gint64)any(rand, 63);
    leaf.sum.unknown_ns = (gint64)any(rand, 63);
    leaf.sum.slice_ns = (gint64)any(rand, 63);
    leaf.sum.idle_ns = (gint64)any(rand, 63);
    leaf.sum.other = any_id(rand, ring, 0);
    leaf.sum.idle = (uint8_t)any(rand, 8);
    leaf.place.chunk = (uint32_t)any(rand, 32);
    leaf.place.index = (uint16_t)any(rand, 16);
    leaf.place.fold.armed = any(rand, 7) & 0x7f;
    leaf.place.fold.delivered = any(rand, 1) & 1;
    leaf.kept = leaf.kept_size ? kept : NULL;
    return leaf;
}

static void assert_same_leaf(const struct leaf *a, const struct leaf *b)
{
    g_assert_cmpint(a->sum.from_ns, ==, b->sum.from_ns);
    g_assert_cmpint(a->sum.running_ns, ==, b->sum.running_ns);
    g_assert_cmpint(a->sum.ready_ns, ==, b->sum.ready_ns);
    g_assert_cmpint(a->sum.unknown_ns, ==, b->sum.unknown_ns);
    g_assert_cmpint(a->sum.slice_ns, ==, b->sum.slice_ns);
    g_assert_cmpint(a->sum.idle_ns, ==, b->sum.idle_ns);
    g_assert_cmpuint(a->sum.other, ==, b->sum.other);
    g_assert_cmpuint(a->sum.leaves_at, ==, b->sum.leaves_at);
    g_assert_cmpuint(a->sum.idle, ==, b->sum.idle);
    g_assert_cmpuint(a->place.chunk, ==, b->place.chunk);
    g_assert_cmpuint(a->place.index, ==, b->place.index);
    g_assert_cmpuint(a->place.fold.armed, ==, b->place.fold.armed);
    g_assert_cmpuint(a->place.fold.delivered, ==, b->place.fold.delivered);
    g_assert_cmpmem(a->kept, a->kept_size, b->kept, b->kept_size);
}

static void test_leaves(void)
{
    GRand *rand = g_rand_new_with_seed(2);
    guint8 kept[1 << 11], bytes[2 * (PACKED_LEAF_MAX + sizeof kept) + PACKED_SLACK];
    for (guint i = 0; i < sizeof kept; i++)
        kept[i] = (guint8)g_rand_int(rand);
    for (guint round = 0; round < ROUNDS; round++) {
        uint32_t ring = (uint32_t)any(rand, WEFT_ID_RING_BITS);
        struct leaf in[2] = { any_leaf(rand, ring, kept), any_leaf(rand, ring, kept) };
        struct leaf out[2], nothing = { 0 };
        guint8 *middle = pack_leaf(bytes, &in[0], &nothing, ring);
        guint8 *end = pack_leaf(middle, &in[1], &in[0], ring);
        g_assert_cmpint(middle - bytes, <=, PACKED_LEAF_MAX + in[0].kept_size);
        g_assert_true(unpack_leaf(bytes, end, &nothing, ring, &out[0]) == middle);
        g_assert_true(unpack_leaf(middle, end, &out[0], ring, &out[1]) == end);
        assert_same_leaf(&in[0], &out[0]);
        assert_same_leaf(&in[1], &out[1]);
        g_assert_null(unpack_leaf(middle, end - 1, &out[0], ring, &out[1]));
    }
    g_rand_free(rand);
}

/* Bytes that mean nothing are unpacked or refused, and never read beyond. */
static void test_garbage(void)
{
    GRand *rand = g_rand_new_with_seed(3);
    for (guint round = 0; round < ROUNDS; round++) {
        guint size = (guint)g_rand_int_range(rand, 0, 200);
        guint8 *bytes = g_malloc(size + PACKED_SLACK);
        for (guint i = 0; i < size + PACKED_SLACK; i++)
            bytes[i] = (guint8)g_rand_int(rand);
        struct segment segments[N];
        struct leaf leaf, nothing = { 0 };
        gint64 to_ns;
        const guint8 *end = unpack_segments(bytes, bytes + size, 1, 0, segments,
                                            (guint)g_rand_int_range(rand, 0, N + 1), &to_ns);
        g_assert_true(!end || (end >= bytes && end <= bytes + size));
        end = unpack_leaf(bytes, bytes + size, &nothing, 1, &leaf);
        g_assert_true(!end || (end > bytes && end <= bytes + size));
        g_free(bytes);
    }
    g_rand_free(rand);
}

/* Many tasks that sleep a few times each, in turn: a segment takes a few bytes, as long as its task
 * lives and afterwards. */
static void test_small(gconstpointer done)
{
    enum { TASKS = 2000, SLEEPS = 18, LANE = 150, SEGMENT = 12 };
    struct script s = script_with_main();
    gint64 t = 1000;
    for (guint i = 0; i < TASKS; i++) {
        script_add(&s, t += 5000, WEFT_RECORD_TASK_NEW, 0, 1, TASK(10 + i), 0);
        script_add(&s, t, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, 0, TASK(10 + i), 0);
    }
    for (guint k = 0; k < SLEEPS; k++) {
        script_cut(&s);
        for (guint i = 0; i < TASKS; i++) {
            uint64_t task = TASK(10 + i), timer = TIMER(1 + k * TASKS + i);
            script_add(&s, t += 5000, WEFT_RECORD_RESUME, 0, 0, task, 0);
            script_add(&s, t += 700, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, 1, task, timer);
            script_add(&s, t += 300, WEFT_RECORD_WAKE, WEFT_WAKE_TIMER, 0, task, timer);
        }
    }
    for (guint i = 0; done && i < TASKS; i++)
        script_add(&s, t += 1000, WEFT_RECORD_TASK_DONE, 0, 0, TASK(10 + i), 0);
    weft_model *model = script_model(&s), *none = weft_model_new(weft_model_trace(model));
    guint64 segments = 0;
    for (guint lane = 0; lane < weft_model_n_lanes(model); lane++)
        segments += weft_model_lane_segments(model, lane);
    g_assert_cmpuint(segments, >, TASKS * SLEEPS * 3);
    g_assert_cmpuint(weft_model_memory(model) - weft_model_memory(none), <,
                     TASKS * LANE + segments * SEGMENT + 100000);
    weft_model_free(none);
    weft_model_free(model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/packed/segments", test_segments);
    g_test_add_func("/packed/leaves", test_leaves);
    g_test_add_func("/packed/garbage", test_garbage);
    g_test_add_data_func("/packed/small/alive", NULL, test_small);
    g_test_add_data_func("/packed/small/done", GINT_TO_POINTER(1), test_small);
    return g_test_run();
}
