/* clockmap_test.c: ticks to nanoseconds: exact at the anchors, monotone everywhere, and what was
 * published stays. */
#include "tracer/trace/clockmap.h"

#define MS UINT64_C(1000000)

/* A counter of 2.4 GHz that began at 1,000,000 when CLOCK_MONOTONIC was 5 s. */
static struct weft_clock_anchor anchor_at(uint64_t ns, int64_t error_ns)
{
    return (struct weft_clock_anchor){ 1000000 + ns * 24 / 10, 5000 * MS + ns + (uint64_t)error_ns,
                                       0 };
}

static struct weft_clockmap map_from_start(void)
{
    struct weft_clockmap map;
    struct weft_clock_anchor start = anchor_at(0, 0);
    weft_clockmap_init(&map, WEFT_CLOCK_COUNTER, &start);
    weft_clockmap_add(&map, &start, 0);
    return map;
}

static gint64 error_at(const struct weft_clockmap *map, uint64_t ns)
{
    return (gint64)(weft_clockmap_ns(map, anchor_at(ns, 0).ticks) - ns);
}

static void test_identity(void)
{
    struct weft_clockmap map;
    weft_clockmap_init_identity(&map, 77);
    g_assert_cmpuint(weft_clockmap_ns(&map, 0), ==, 0);
    g_assert_cmpuint(weft_clockmap_ns(&map, G_MAXINT64), ==, G_MAXINT64);
    weft_clockmap_finish(&map);
}

static void test_monotonic_clock(void)
{
    struct weft_clockmap map;
    struct weft_clock_anchor start = { 500, 500, 0 };
    weft_clockmap_init(&map, WEFT_CLOCK_MONOTONIC, &start);
    g_assert_cmpuint(weft_clockmap_ns(&map, 512), ==, 12);
    g_assert_cmpuint(weft_clockmap_ns(&map, 100), ==, 0); /* before the start */
    weft_clockmap_finish(&map);
}

/* Between and behind anchors 200 ms apart, each off by some tens of nanoseconds. */
static void test_fit(void)
{
    struct weft_clockmap map = map_from_start();
    for (uint64_t ms = 200; ms <= 2000; ms += 200) {
        struct weft_clock_anchor anchor = anchor_at(ms * MS, ms % 400 ? 30 : -30);
        weft_clockmap_add(&map, &anchor, 0);
    }
    for (uint64_t ns = 0; ns < 2200 * MS; ns += 7654321)
        g_assert_cmpint(ABS(error_at(&map, ns)), <, 100);
    weft_clockmap_finish(&map);
}

static void test_near_anchors_are_left_out(void)
{
    struct weft_clockmap map = map_from_start();
    struct weft_clock_anchor far = anchor_at(500 * MS, 0), near = anchor_at(510 * MS, 40000);
    weft_clockmap_add(&map, &far, 0);
    weft_clockmap_add(&map, &near, 0);
    g_assert_cmpint(ABS(error_at(&map, 2000 * MS)), <, 10);
    weft_clockmap_finish(&map);
}

static void test_nonsense_is_left_out(void)
{
    struct weft_clockmap map = map_from_start();
    struct weft_clock_anchor good = anchor_at(200 * MS, 0);
    weft_clockmap_add(&map, &good, 0);
    struct weft_clock_anchor back = { good.ticks - 5, good.mono_ns + 200 * MS, 0 };
    struct weft_clock_anchor stuck = { good.ticks + 1, good.mono_ns + 900 * MS, 0 };
    struct weft_clock_anchor wild = { G_MAXUINT64, good.mono_ns + 200 * MS, 0 };
    weft_clockmap_add(&map, &back, 0);
    weft_clockmap_add(&map, &stuck, 0);
    weft_clockmap_add(&map, &wild, 0);
    g_assert_cmpint(ABS(error_at(&map, 1000 * MS)), <, 10);
    weft_clockmap_finish(&map);
}

static void test_before_the_start_is_zero(void)
{
    struct weft_clockmap map;
    struct weft_clock_anchor early = anchor_at(0, 0), start = anchor_at(50 * MS, 0),
                             late = anchor_at(300 * MS, 0);
    weft_clockmap_init(&map, WEFT_CLOCK_COUNTER, &start);
    weft_clockmap_add(&map, &early, 0);
    weft_clockmap_add(&map, &start, 0);
    weft_clockmap_add(&map, &late, 0);
    g_assert_cmpuint(weft_clockmap_ns(&map, anchor_at(20 * MS, 0).ticks), ==, 0);
    g_assert_cmpint(ABS((gint64)weft_clockmap_ns(&map, start.ticks)), <, 10);
    g_assert_cmpint(
        ABS((gint64)weft_clockmap_ns(&map, anchor_at(150 * MS, 0).ticks) - (gint64)(100 * MS)), <,
        10);
    weft_clockmap_finish(&map);
}

/* Anchors that come late, and say that the guess was wrong: no time that was given moves or goes
 * back, and the map comes near again. */
static void test_published_times_stay(void)
{
    struct weft_clockmap map = map_from_start();
    struct weft_clock_anchor second = anchor_at(100 * MS, 9000);
    weft_clockmap_add(&map, &second, 0);
    GArray *given = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    uint64_t last = 0;
    for (uint64_t ns = 150 * MS; ns < 5000 * MS; ns += 5 * MS) {
        uint64_t ticks = anchor_at(ns, 0).ticks, time = weft_clockmap_ns(&map, ticks);
        g_assert_cmpuint(time, >=, last);
        last = time;
        g_array_append_val(given, time);
        if (ns % (500 * MS) == 0) {
            struct weft_clock_anchor anchor = anchor_at(ns, ns % (1000 * MS) ? 25 : -25);
            weft_clockmap_add(&map, &anchor, ticks);
        }
    }
    for (guint i = 0; i < given->len; i++) {
        uint64_t ticks = anchor_at((150 + 5 * i) * MS, 0).ticks;
        g_assert_cmpuint(weft_clockmap_ns(&map, ticks), ==, g_array_index(given, uint64_t, i));
    }
    g_assert_cmpint(ABS(error_at(&map, 5000 * MS)), <, 1000);
    g_array_unref(given);
    weft_clockmap_finish(&map);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/clockmap/identity", test_identity);
    g_test_add_func("/clockmap/monotonic-clock", test_monotonic_clock);
    g_test_add_func("/clockmap/fit", test_fit);
    g_test_add_func("/clockmap/near-anchors-are-left-out", test_near_anchors_are_left_out);
    g_test_add_func("/clockmap/nonsense-is-left-out", test_nonsense_is_left_out);
    g_test_add_func("/clockmap/before-the-start-is-zero", test_before_the_start_is_zero);
    g_test_add_func("/clockmap/published-times-stay", test_published_times_stay);
    return g_test_run();
}
