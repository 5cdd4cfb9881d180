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

/* ---- Jumps ---- */

/* The same clocks, the counter `jump_ns` ahead of where it would be. */
static struct weft_clock_anchor jumped_at(uint64_t ns, uint64_t jump_ns)
{
    struct weft_clock_anchor anchor = anchor_at(ns, 0);
    anchor.ticks += jump_ns * 24 / 10;
    return anchor;
}

/* A virtual machine is paused for a minute at 2.5 s: the counter ran on, CLOCK_MONOTONIC did not.
 * Right but for the second around it, monotone, and right at once behind it. */
static void test_jump(void)
{
    const uint64_t pause = 60000 * MS;
    struct weft_clockmap map = map_from_start();
    for (uint64_t ms = 1000; ms <= 2000; ms += 1000) {
        struct weft_clock_anchor anchor = anchor_at(ms * MS, 0);
        weft_clockmap_add(&map, &anchor, 0);
    }
    struct weft_clock_anchor behind = jumped_at(3000 * MS, pause);
    weft_clockmap_add(&map, &behind, 0);
    g_assert_cmpint(ABS(error_at(&map, 1999 * MS)), <=, 1);
    for (uint64_t ms = 3000; ms <= 4000; ms += 100) { /* before the next anchor */
        uint64_t ns = weft_clockmap_ns(&map, jumped_at(ms * MS, pause).ticks);
        g_assert_cmpint(ABS((gint64)(ns - ms * MS)), <=, 100);
    }
    uint64_t last = 0;
    for (uint64_t ms = 0; ms < 64000; ms += 10) {
        uint64_t ns = weft_clockmap_ns(&map, anchor_at(ms * MS, 0).ticks);
        g_assert_cmpuint(ns, >=, last);
        last = ns;
    }
    weft_clockmap_finish(&map);
}

/* The other way: CLOCK_MONOTONIC is a minute ahead, and the counter is not. */
static void test_jump_of_monotonic(void)
{
    struct weft_clockmap map = map_from_start();
    struct weft_clock_anchor anchor = anchor_at(1000 * MS, 0);
    weft_clockmap_add(&map, &anchor, 0);
    anchor = anchor_at(2000 * MS, 60000 * (gint64)MS);
    weft_clockmap_add(&map, &anchor, 0);
    g_assert_cmpint(ABS(error_at(&map, 999 * MS)), <=, 1);
    g_assert_cmpint(ABS(error_at(&map, 2500 * MS) - 60000 * (gint64)MS), <=, 100);
    weft_clockmap_finish(&map);
}

/* What was published before the jump was known stays; the times go on from there and get right. */
static void test_jump_after_publishing(void)
{
    const uint64_t pause = 10000 * MS;
    struct weft_clockmap map = map_from_start();
    for (uint64_t ms = 200; ms <= 1000; ms += 200) {
        struct weft_clock_anchor anchor = anchor_at(ms * MS, 0);
        weft_clockmap_add(&map, &anchor, anchor.ticks);
    }
    uint64_t published = jumped_at(1100 * MS, pause).ticks; /* 10 s too late: nobody knew */
    uint64_t said = weft_clockmap_ns(&map, published);
    uint64_t last = said, ticks = published;
    for (uint64_t ms = 1200; ms <= 60000; ms += 200) {
        struct weft_clock_anchor anchor = jumped_at(ms * MS, pause);
        weft_clockmap_add(&map, &anchor, ticks);
        g_assert_cmpuint(weft_clockmap_ns(&map, published), ==, said);
        for (guint step = 0; step < 10; step++) {
            ticks = jumped_at(ms * MS + step * 10 * MS, pause).ticks;
            uint64_t ns = weft_clockmap_ns(&map, ticks);
            g_assert_cmpuint(ns, >=, last);
            last = ns;
        }
    }
    uint64_t end = weft_clockmap_ns(&map, jumped_at(60000 * MS, pause).ticks);
    g_assert_cmpint(ABS((gint64)(end - 60000 * MS)), <, 1000);
    weft_clockmap_finish(&map);
}

/* What a machine that sleeps or moves does to its counter, at 10.5 s of CLOCK_MONOTONIC, which
 * stands still meanwhile. Anchors come every second. */
struct fate {
    const char *name;
    uint64_t jump_ns;  /* the counter ran on for so long */
    guint khz;         /* of the counter behind it: 2,400,000 before */
    guint right_again; /* s of the anchor from which on times are right */
};

static const struct fate fates[] = {
    { "sleep, the counter stands still too", 0, 2400000, 10 },
    { "sleep of an hour, the counter runs on", 3600000 * MS, 2400000, 11 },
    { "moved to a faster host", 0, 3000000, 12 },
    { "moved to a slower host", 0, 2000000, 12 },
    { "paused for a minute and moved", 60000 * MS, 3000000, 12 },
};

static uint64_t ticks_of(const struct fate *fate, uint64_t ns)
{
    const uint64_t at = 10500 * MS;
    if (ns < at)
        return anchor_at(ns, 0).ticks;
    uint64_t behind = (ns - at) / 1000 * fate->khz / 1000;
    return anchor_at(at + fate->jump_ns, 0).ticks + behind;
}

static void test_fates(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(fates); i++) {
        const struct fate *fate = &fates[i];
        g_test_message("%s", fate->name);
        struct weft_clockmap map = map_from_start();
        for (guint s = 1; s <= 20; s++) {
            struct weft_clock_anchor anchor = anchor_at(s * 1000 * MS, 0);
            anchor.ticks = ticks_of(fate, s * 1000 * MS);
            anchor.real_ns = s > 10 ? 3600000 * MS : 0; /* the time of day does not matter */
            weft_clockmap_add(&map, &anchor, 0);
        }
        uint64_t last = 0;
        for (uint64_t ms = 0; ms < 25000; ms += 5) {
            uint64_t ns = weft_clockmap_ns(&map, ticks_of(fate, ms * MS));
            g_assert_cmpuint(ns, >=, last);
            last = ns;
            gboolean amid = ms > 10000 && ms < fate->right_again * 1000;
            g_assert_cmpint(ABS((gint64)(ns - ms * MS)), <=, amid ? (gint64)(1000 * MS) : 1000);
        }
        weft_clockmap_finish(&map);
    }
}

/* A counter that goes back gives no line: what there is stays as it is. */
static void test_counter_goes_back(void)
{
    struct weft_clockmap map = map_from_start();
    struct weft_clock_anchor anchor = anchor_at(1000 * MS, 0);
    weft_clockmap_add(&map, &anchor, 0);
    uint64_t before = weft_clockmap_ns(&map, anchor.ticks + 1000);
    anchor = anchor_at(2000 * MS, 0);
    anchor.ticks = 5;
    weft_clockmap_add(&map, &anchor, 0);
    g_assert_cmpuint(weft_clockmap_ns(&map, anchor_at(1000 * MS, 0).ticks + 1000), ==, before);
    g_assert_cmpuint(weft_clockmap_ns(&map, 5), ==, 0);
    weft_clockmap_finish(&map);
}

/* ---- The other way round ---- */

static void test_ticks(void)
{
    struct weft_clockmap map = map_from_start();
    for (uint64_t ms = 200; ms <= 2000; ms += 200) {
        struct weft_clock_anchor anchor = anchor_at(ms * MS, ms % 400 ? 30 : -30);
        weft_clockmap_add(&map, &anchor, 0);
    }
    uint64_t last = 0;
    for (uint64_t ns = 0; ns < 2500 * MS; ns += 1234567) {
        uint64_t ticks = weft_clockmap_ticks(&map, (gint64)ns);
        g_assert_cmpuint(ticks, >=, last);
        g_assert_cmpint(ABS((gint64)(weft_clockmap_ns(&map, ticks) - ns)), <=, 1);
        last = ticks;
    }
    g_assert_cmpuint(weft_clockmap_ticks(&map, G_MININT64 / 4), ==, 0);
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
    g_test_add_func("/clockmap/jump", test_jump);
    g_test_add_func("/clockmap/jump-of-monotonic", test_jump_of_monotonic);
    g_test_add_func("/clockmap/jump-after-publishing", test_jump_after_publishing);
    g_test_add_func("/clockmap/fates", test_fates);
    g_test_add_func("/clockmap/counter-goes-back", test_counter_goes_back);
    g_test_add_func("/clockmap/ticks", test_ticks);
    return g_test_run();
}
