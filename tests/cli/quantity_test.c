/* quantity_test.c: times and sizes: what is read, what is refused, and that they come back. */
#include "app/cli/quantity.h"

#include <glib.h>

static void test_times(void)
{
    static const struct {
        const char *text;
        gint64 ns;
    } good[] = {
        { "0", 0 },
        { "1500", 1500 },
        { "1500ns", 1500 },
        { "10us", 10000 },
        { "10µs", 10000 },
        { "10ms", 10000000 },
        { "1.5s", 1500000000 },
        { "1.1s", 1100000000 },
        { "0.000000001s", 1 },
        { "1.002345678s", 1002345678 },
        { "2m", G_GINT64_CONSTANT(120000000000) },
        { "1h", G_GINT64_CONSTANT(3600000000000) },
        { "1S", 1000000000 },
        { "9223372036854775807", G_MAXINT64 },
    };
    for (guint i = 0; i < G_N_ELEMENTS(good); i++) {
        gint64 ns = -1;
        g_assert_true(quantity_parse_time(good[i].text, 1, &ns));
        g_assert_cmpint(ns, ==, good[i].ns);
    }
}

static void test_bad_times(void)
{
    static const char *const bad[] = {
        "",
        "s",
        "-1",
        "+1",
        "1.5",
        "0.5ns",
        "1.s",
        ".5s",
        "1..5s",
        "1 s",
        "1sx",
        "0x10",
        "1e3",
        "1.0.0ms",
        "infinity",
        "9223372036854775808",
        "99999999999h",
        "99999999999999999999",
        "1,5s",
    };
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        gint64 ns = -1;
        g_assert_false(quantity_parse_time(bad[i], 1, &ns));
        g_assert_cmpint(ns, ==, -1);
    }
}

static void test_plain_seconds(void)
{
    gint64 ns;
    g_assert_true(quantity_parse_time("10", 1000000000, &ns));
    g_assert_cmpint(ns, ==, G_GINT64_CONSTANT(10000000000));
    g_assert_true(quantity_parse_time("0.25", 1000000000, &ns));
    g_assert_cmpint(ns, ==, 250000000);
    g_assert_true(quantity_parse_time("500ms", 1000000000, &ns));
    g_assert_cmpint(ns, ==, 500000000);
}

static void test_sizes(void)
{
    guint64 bytes;
    g_assert_true(quantity_parse_size("4096", &bytes));
    g_assert_cmpuint(bytes, ==, 4096);
    g_assert_true(quantity_parse_size("64k", &bytes));
    g_assert_cmpuint(bytes, ==, 65536);
    g_assert_true(quantity_parse_size("1.5M", &bytes));
    g_assert_cmpuint(bytes, ==, 1572864);
    g_assert_true(quantity_parse_size("2GiB", &bytes));
    g_assert_cmpuint(bytes, ==, G_GUINT64_CONSTANT(2) << 30);
    g_assert_false(quantity_parse_size("-1", &bytes));
    g_assert_false(quantity_parse_size("1T", &bytes));
    g_assert_false(quantity_parse_size("99999999999G", &bytes));
    g_assert_false(quantity_parse_size("0.3", &bytes));
}

static void test_counts(void)
{
    guint64 count;
    g_assert_true(quantity_parse_count("18446744073709551615", &count));
    g_assert_cmpuint(count, ==, G_MAXUINT64);
    g_assert_false(quantity_parse_count("18446744073709551616", &count));
    g_assert_false(quantity_parse_count("1.0", &count));
    g_assert_false(quantity_parse_count("ten", &count));
}

static void assert_text(char *text, const char *expected)
{
    g_assert_cmpstr(text, ==, expected);
    g_free(text);
}

static void test_formats(void)
{
    assert_text(quantity_format_count(0), "0");
    assert_text(quantity_format_count(999), "999");
    assert_text(quantity_format_count(1000), "1,000");
    assert_text(quantity_format_count(1234567), "1,234,567");
    assert_text(quantity_format_size(0), "0 B");
    assert_text(quantity_format_size(1023), "1023 B");
    assert_text(quantity_format_size(1024), "1.00 KiB");
    assert_text(quantity_format_size(1023 * 1024), "1.00 MiB");
    assert_text(quantity_format_size(56 * 1024), "56.0 KiB");
    assert_text(quantity_format_size(G_MAXUINT64), "16.0 EiB");
    assert_text(quantity_format_moment(0), "0.000000000s");
    assert_text(quantity_format_moment(1002345678), "1.002345678s");
    assert_text(quantity_format_moment(-1), "-0.000000001s");
    assert_text(quantity_format_moment(G_MININT64), "-9223372036.854775808s");
}

static void test_moments_come_back(void)
{
    for (gint64 ns = 1; ns < G_MAXINT64 / 7; ns *= 7) {
        gint64 again;
        char *text = quantity_format_moment(ns);
        g_assert_true(quantity_parse_time(text, 1, &again));
        g_assert_cmpint(again, ==, ns);
        g_free(text);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/quantity/times", test_times);
    g_test_add_func("/cli/quantity/bad-times", test_bad_times);
    g_test_add_func("/cli/quantity/plain-seconds", test_plain_seconds);
    g_test_add_func("/cli/quantity/sizes", test_sizes);
    g_test_add_func("/cli/quantity/counts", test_counts);
    g_test_add_func("/cli/quantity/formats", test_formats);
    g_test_add_func("/cli/quantity/moments-come-back", test_moments_come_back);
    return g_test_run();
}
