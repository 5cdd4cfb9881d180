/* series_test.c: packed changes against a plain array of them: at a moment, in views of every size,
 * and taken back. */
#include "tracer/model/series.h"

enum { CHANGES = 20000, ASKED = 2000 };

static struct change change_at(const GArray *changes, guint i)
{
    return g_array_index(changes, struct change, i);
}

/* Values of every size, and times close by and far off. */
static struct change random_change(GRand *rand, gint64 time_ns)
{
    gboolean large = g_rand_int_range(rand, 0, 50) == 0;
    return (struct change){ .time_ns = time_ns,
                            .value = large ? (gint64)((guint64)g_rand_int(rand) << 32)
                                           : g_rand_int_range(rand, -9, 9),
                            .owner = g_rand_boolean(rand) ? 0 : weft_id(WEFT_ENTITY_TASK, 1, 3),
                            .waiters = (guint32)g_rand_int_range(rand, 0, 5),
                            .unknown = (guint8)(g_rand_int_range(rand, 0, 9) == 0) };
}

static gboolean alike(const struct change *a, const struct change *b)
{
    return a->value == b->value && a->owner == b->owner && a->waiters == b->waiters &&
           a->unknown == b->unknown;
}

static GArray *random_changes(GRand *rand, struct series *series, guint n)
{
    GArray *changes = g_array_new(FALSE, FALSE, sizeof(struct change));
    gint64 now = -1000;
    for (guint i = 0; i < n; i++) {
        now += g_rand_int_range(rand, 0, 40) ? g_rand_int_range(rand, 1, 100) : 1000000;
        struct change change = random_change(rand, now);
        series_add(series, change);
        if (!changes->len ||
            !alike(&g_array_index(changes, struct change, changes->len - 1), &change))
            g_array_append_val(changes, change);
    }
    return changes;
}

/* What of the changes is in force from from_ns to to_ns, by brute force. */
static void assert_step(const GArray *changes, const struct weft_track_step *step, gint64 end_ns)
{
    gint64 least = G_MAXINT64, most = G_MININT64, held = 0, unknown = 0;
    guint32 fewest = G_MAXUINT32, many = 0;
    guint n = 0, flags = 0;
    for (guint i = 0; i < changes->len; i++) {
        struct change c = change_at(changes, i);
        gint64 to = i + 1 < changes->len ? change_at(changes, i + 1).time_ns : end_ns;
        if (to <= step->from_ns || c.time_ns >= step->to_ns)
            continue;
        g_assert_cmpint(c.time_ns, >=, step->from_ns);
        g_assert_cmpint(to, <=, step->to_ns);
        n++;
        least = c.unknown ? least : MIN(least, c.value);
        most = c.unknown ? most : MAX(most, c.value);
        fewest = MIN(fewest, c.waiters);
        many = MAX(many, c.waiters);
        flags |= c.unknown;
        held += c.owner || c.value ? to - c.time_ns : 0;
        unknown += c.unknown ? to - c.time_ns : 0;
        if (step->count == 1)
            g_assert_cmpuint(step->owner, ==, c.owner);
    }
    g_assert_cmpuint(step->count, ==, n);
    g_assert_cmpint(step->value_min, ==, least);
    g_assert_cmpint(step->value_max, ==, most);
    g_assert_cmpuint(step->waiters_min, ==, fewest);
    g_assert_cmpuint(step->waiters_max, ==, many);
    g_assert_cmpint(step->held_ns, ==, held);
    g_assert_cmpint(step->unknown_ns, ==, unknown);
    g_assert_cmpuint(step->flags & WEFT_TRACK_UNKNOWN, ==, flags);
    g_assert_cmpuint((step->flags & WEFT_TRACK_MERGED) != 0, ==, n > 1);
}

static void test_at(void)
{
    struct series series = { 0 };
    GRand *rand = g_rand_new_with_seed(1);
    g_autoptr(GArray) changes = random_changes(rand, &series, CHANGES);
    g_assert_cmpuint(series_n(&series), ==, changes->len);
    gint64 first = change_at(changes, 0).time_ns, end = series_last(&series)->time_ns + 77;
    g_assert_cmpint(series_first_ns(&series), ==, first);
    struct weft_track_step step;
    g_assert_false(series_at(&series, first - 1, end, &step));
    for (guint i = 0; i < ASKED; i++) {
        guint k = (guint)g_rand_int_range(rand, 0, (gint32)changes->len);
        gint64 to = k + 1 < changes->len ? change_at(changes, k + 1).time_ns : end;
        g_assert_true(
            series_at(&series, i % 2 ? to - 1 : change_at(changes, k).time_ns, end, &step));
        g_assert_cmpint(step.from_ns, ==, change_at(changes, k).time_ns);
        g_assert_cmpint(step.to_ns, ==, to);
        g_assert_cmpuint(step.owner, ==, change_at(changes, k).owner);
        g_assert_cmpuint(step.waiters_max, ==, change_at(changes, k).waiters);
    }
    g_rand_free(rand);
    series_finish(&series);
}

/* In order, without gaps, all of the range; what is longer than a pixel alone, merged ones two
 * pixels wide at most. */
static void check_view(const struct series *series, const GArray *changes, gint64 from, gint64 to,
                       gint64 end, gint64 pixel, gboolean each)
{
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct weft_track_step));
    series_view(series, from, to, end, pixel, out);
    gint64 at = G_MININT64;
    for (guint i = 0; i < out->len; i++) {
        const struct weft_track_step *s = &g_array_index(out, struct weft_track_step, i);
        g_assert_true(at == G_MININT64 || s->from_ns == at);
        at = s->to_ns;
        if (s->count > 1)
            g_assert_cmpint(s->to_ns - s->from_ns, <, 2 * pixel);
        if (each || i % 61 == 0)
            assert_step(changes, s, end);
    }
    gint64 first = change_at(changes, 0).time_ns;
    if (MIN(to, end) <= MAX(from, first)) {
        g_assert_cmpuint(out->len, ==, 0);
        return;
    }
    g_assert_cmpuint(out->len, <=, 2 * (to - from) / pixel + 4);
    g_assert_cmpint(g_array_index(out, struct weft_track_step, 0).from_ns, <=, MAX(from, first));
    g_assert_cmpint(at, >=, MIN(to, end));
}

static void test_view(void)
{
    static const guint sizes[] = { 1, 2, 64, 65, 66, 1000, CHANGES };
    GRand *rand = g_rand_new_with_seed(2);
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++) {
        struct series series = { 0 };
        g_autoptr(GArray) changes = random_changes(rand, &series, sizes[i]);
        gint64 first = change_at(changes, 0).time_ns, last = series_last(&series)->time_ns;
        check_view(&series, changes, first - 100, last + 100, last + 5, (last - first) / 1000 + 1,
                   sizes[i] < CHANGES);
        for (guint k = 0; k < 40; k++) {
            gint64 from = first - 50 + (gint64)(g_rand_double(rand) * (double)(last - first + 99));
            gint64 to = from + 1 + (gint64)(g_rand_double(rand) * (double)(last + 99 - from));
            check_view(&series, changes, from, to, last + 5, 1 + (to - from) / (1 << k % 14),
                       FALSE);
        }
        series_finish(&series);
    }
    g_rand_free(rand);
}

/* All changes, one by one. */
static void assert_same(const struct series *series, const GArray *changes)
{
    g_autoptr(GArray) out = g_array_new(FALSE, FALSE, sizeof(struct weft_track_step));
    gint64 end = series_last(series)->time_ns + 1;
    series_view(series, G_MININT64, G_MAXINT64, end, 1, out);
    g_assert_cmpuint(out->len, ==, changes->len);
    for (guint i = 0; i < out->len; i++) {
        const struct weft_track_step *s = &g_array_index(out, struct weft_track_step, i);
        struct change c = change_at(changes, i);
        g_assert_cmpint(s->from_ns, ==, c.time_ns);
        g_assert_cmpuint(s->owner, ==, c.owner);
        g_assert_cmpuint(s->flags & WEFT_TRACK_UNKNOWN, ==, c.unknown);
    }
}

static void test_rewind(void)
{
    GRand *rand = g_rand_new_with_seed(3);
    for (guint round = 0; round < 40; round++) {
        struct series series = { 0 };
        g_autoptr(GArray) changes = random_changes(rand, &series, 1 + round * 60);
        g_autoptr(GArray) taken = g_array_new(FALSE, FALSE, sizeof(struct change));
        guint keep = 1 + (guint)g_rand_int_range(rand, 0, (gint32)changes->len);
        series_rewind(&series, change_at(changes, keep - 1).time_ns, taken);
        g_assert_cmpuint(series_n(&series), ==, keep);
        g_assert_cmpuint(taken->len, ==, changes->len - keep);
        for (guint i = 0; i < taken->len; i++)
            series_add(&series, change_at(taken, i));
        assert_same(&series, changes);
        series_finish(&series);
    }
    g_rand_free(rand);
}

/* What ends in the nanosecond in which it began is none; what changes nothing neither. */
static void test_same_time(void)
{
    struct series series = { 0 };
    series_add(&series, (struct change){ .time_ns = 5, .value = 1 });
    series_add(&series, (struct change){ .time_ns = 7, .value = 2 });
    series_add(&series, (struct change){ .time_ns = 7, .value = 1 });
    series_add(&series, (struct change){ .time_ns = 9, .value = 1 });
    g_assert_cmpuint(series_n(&series), ==, 1);
    series_add(&series, (struct change){ .time_ns = 3, .value = 4 });
    g_assert_cmpuint(series_n(&series), ==, 1);
    g_assert_cmpint(series_last(&series)->time_ns, ==, 5);
    g_assert_cmpint(series_last(&series)->value, ==, 4);
    series_finish(&series);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/series/at", test_at);
    g_test_add_func("/series/view", test_view);
    g_test_add_func("/series/rewind", test_rewind);
    g_test_add_func("/series/same-time", test_same_time);
    return g_test_run();
}
