/* progress_test.c: the line of a recording: what is in it, and what goes when it does not fit. */
#include "app/cli/progress.h"

#include <string.h>

enum { SECOND_US = 1000000 };

static void assert_line(const struct progress *progress, const struct weft_recorder_stats *stats,
                        guint columns, const char *expected)
{
    char *line = progress_line(progress, stats, 12 * SECOND_US, columns);
    g_assert_cmpstr(line, ==, expected);
    g_assert_cmpuint(strlen(line), <=, columns);
    g_free(line);
}

static void test_file(void)
{
    struct progress progress = { .last_us = 10 * SECOND_US, .last_events = 1000 };
    struct weft_recorder_stats stats = { .events = 21000, .lost = 7, .bytes = 1536 };
    assert_line(&progress, &stats, 79, "weft: 12 s, 21,000 events, 10,000/s, 7 lost, 1.50 KiB");
}

static void test_window(void)
{
    struct progress progress = { .last_us = 11 * SECOND_US,
                                 .window = { .ns = 30000000000, .bytes = 1 << 20 } };
    struct weft_recorder_stats stats = { .events = 500,
                                         .bytes = 2048,
                                         .window = { .ns = 12000000000 } };
    assert_line(&progress, &stats, 79,
                "weft: 12 s, 500 events, 500/s, 0 lost, window: 12 of 30 s, 2.00 KiB");
    progress.window.ns = 0;
    stats.bytes = 1 << 19;
    assert_line(&progress, &stats, 79,
                "weft: 12 s, 500 events, 500/s, 0 lost, window: 512 KiB, 50 % full");
    stats.bytes = (1 << 20) + 5; /* an eighth more may be there */
    assert_line(&progress, &stats, 79,
                "weft: 12 s, 500 events, 500/s, 0 lost, window: 1.00 MiB, 100 % full");
}

/* What comes last goes first, and nothing is cut in the middle. */
static void test_narrow(void)
{
    struct progress progress = { .last_us = 10 * SECOND_US };
    struct weft_recorder_stats stats = { .events = 20000, .bytes = 1536 };
    assert_line(&progress, &stats, 52, "weft: 12 s, 20,000 events, 10,000/s, 0 lost");
    assert_line(&progress, &stats, 36, "weft: 12 s, 20,000 events, 10,000/s");
    assert_line(&progress, &stats, 26, "weft: 12 s, 20,000 events");
    assert_line(&progress, &stats, 10, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/progress/file", test_file);
    g_test_add_func("/cli/progress/window", test_window);
    g_test_add_func("/cli/progress/narrow", test_narrow);
    return g_test_run();
}
