/* spread_test.c: percentiles against a sorted array. */
#include "app/cli/spread.h"

#include <glib.h>

static void test_empty(void)
{
    struct spread spread = { 0 };
    g_assert_cmpint(spread_percentile(&spread, 50), ==, 0);
    spread_finish(&spread);
}

static void test_small_values_are_exact(void)
{
    struct spread spread = { 0 };
    for (gint64 i = 1; i <= 100; i++)
        spread_add(&spread, i);
    g_assert_cmpuint(spread.count, ==, 100);
    g_assert_cmpint(spread.greatest, ==, 100);
    g_assert_cmpint(spread_percentile(&spread, 0), ==, 1);
    g_assert_cmpint(spread_percentile(&spread, 50), ==, 50);
    g_assert_cmpint(spread_percentile(&spread, 99), ==, 99);
    g_assert_cmpint(spread_percentile(&spread, 100), ==, 100);
    spread_finish(&spread);
}

static void test_one_value(void)
{
    struct spread spread = { 0 };
    spread_add(&spread, G_GINT64_CONSTANT(123456789012345));
    g_assert_cmpint(spread_percentile(&spread, 1), ==, G_GINT64_CONSTANT(123456789012345));
    g_assert_cmpint(spread_percentile(&spread, 99), ==, G_GINT64_CONSTANT(123456789012345));
    spread_finish(&spread);
}

static gint ascending(gconstpointer a, gconstpointer b)
{
    gint64 x = *(const gint64 *)a;
    gint64 y = *(const gint64 *)b;
    return x < y ? -1 : x > y;
}

static void test_within_a_thousandth(void)
{
    enum { N = 10000 };
    struct spread spread = { 0 };
    GRand *random = g_rand_new_with_seed(7);
    GArray *values = g_array_new(FALSE, FALSE, sizeof(gint64));
    for (int i = 0; i < N; i++) {
        /* Every magnitude alike. */
        gint64 value = (gint64)1 << g_rand_int_range(random, 0, 62);
        value += g_rand_int_range(random, 0, G_MAXINT32) % value;
        g_array_append_val(values, value);
        spread_add(&spread, value);
    }
    g_array_sort(values, ascending);
    for (int percent = 1; percent <= 100; percent++) {
        gint64 exact = g_array_index(values, gint64, N * percent / 100 - 1);
        gint64 got = spread_percentile(&spread, percent);
        g_assert_cmpint(got, >=, exact);
        g_assert_cmpint(got - exact, <=, exact / 1000);
    }
    g_array_unref(values);
    g_rand_free(random);
    spread_finish(&spread);
}

static void test_extremes(void)
{
    struct spread spread = { 0 };
    spread_add(&spread, G_MAXINT64);
    spread_add(&spread, -5);
    g_assert_cmpint(spread_percentile(&spread, 50), ==, 0);
    g_assert_cmpint(spread_percentile(&spread, 100), ==, G_MAXINT64);
    spread_finish(&spread);
}

/* Each value is in the step that reaches from at most it to more than it. */
static void test_steps(void)
{
    static const gint64 values[] = { 0,         1,         2,
                                     4,         5,         9,
                                     10,        19,        20,
                                     49,        50,        99,
                                     100,       123456789, G_GINT64_CONSTANT(4999999999999999999),
                                     G_MAXINT64 };
    static const gint64 froms[] = { 0,
                                    1,
                                    2,
                                    2,
                                    5,
                                    5,
                                    10,
                                    10,
                                    20,
                                    20,
                                    50,
                                    50,
                                    100,
                                    100000000,
                                    G_GINT64_CONSTANT(2000000000000000000),
                                    G_GINT64_CONSTANT(5000000000000000000) };
    for (guint i = 0; i < G_N_ELEMENTS(values); i++) {
        struct spread spread = { 0 };
        spread_add(&spread, values[i]);
        guint step = 0;
        while (spread.steps[step] == 0)
            step++;
        g_assert_cmpint(spread_step_from(step), ==, froms[i]);
        g_assert_cmpint(spread_step_from(step + 1), >, froms[i]);
        spread_finish(&spread);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/spread/empty", test_empty);
    g_test_add_func("/cli/spread/small-values-are-exact", test_small_values_are_exact);
    g_test_add_func("/cli/spread/one-value", test_one_value);
    g_test_add_func("/cli/spread/within-a-thousandth", test_within_a_thousandth);
    g_test_add_func("/cli/spread/extremes", test_extremes);
    g_test_add_func("/cli/spread/steps", test_steps);
    return g_test_run();
}
