/* table_test.c: columns line up whatever is in them; nothing raw reaches the terminal. */
#include "app/cli/table.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

static char *print(table *t, gboolean colour)
{
    char *text = NULL;
    size_t size;
    FILE *memory = open_memstream(&text, &size);
    table_print(t, memory, colour);
    fclose(memory);
    return text;
}

static void add_row(table *t, const char *name, const char *number, const char *last)
{
    table_add(t, g_strdup(name));
    table_add(t, g_strdup(number));
    table_add(t, g_strdup(last));
}

static void assert_prints(table *t, gboolean colour, const char *expected)
{
    char *text = print(t, colour);
    g_assert_cmpstr(text, ==, expected);
    free(text);
}

static void test_alignment(void)
{
    table *t = table_new("NAME|>N|SITE");
    add_row(t, "a", "1", "x.c:1");
    add_row(t, "longer", "1,000", "y");
    assert_prints(t, FALSE,
                  "  NAME        N  SITE\n"
                  "  a           1  x.c:1\n"
                  "  longer  1,000  y\n");
    table_free(t);
}

static void test_width_is_what_is_seen(void)
{
    table *t = table_new("NAME|>N|SITE");
    add_row(t, "日本", "1", "a");
    add_row(t, "é", "2", "b"); /* e and a combining accent */
    assert_prints(t, FALSE,
                  "  NAME  N  SITE\n"
                  "  日本  1  a\n"
                  "  é     2  b\n");
    table_free(t);
}

/* Of a row of a name, numbers and a text, or a place, what is printed in so many columns. */
static void assert_fits(const char *last, guint width, gboolean one_line, const char *expected)
{
    char *titles = g_strconcat("NAME|>N?1|>M?2|", last, NULL);
    table *t = table_new(titles);
    table_add(t, g_strdup("日本日本日本日本日本"));
    table_add(t, g_strdup("12,345"));
    table_add(t, g_strdup("678,900"));
    table_add(t, g_strdup(*last == '<' ? "src/of/something/main.c:12 (main)"
                                       : "a text of some length, and more"));
    table_set_width(t, width);
    if (one_line)
        table_set_one_line(t);
    assert_prints(t, FALSE, expected);
    table_free(t);
    g_free(titles);
}

/* What may be left out goes first, then names are cut, then the last column stands below, and names
 * have its room. */
static void test_width_of_a_terminal(void)
{
    assert_fits("TEXT", 72, FALSE,
                "  NAME                       N        M  TEXT\n"
                "  日本日本日本日本日本  12,345  678,900  a text of some length, and more\n");
    assert_fits("TEXT", 66, FALSE,
                "  NAME                       N        M  TEXT\n"
                "  日本日本日本日本日本  12,345  678,900  a text of some length,\n"
                "                                         and more\n");
    assert_fits("TEXT", 54, FALSE,
                "  NAME                     M  TEXT\n"
                "  日本日本日本日本…  678,900  a text of some length,\n"
                "                              and more\n"
                "  (too narrow for N)\n");
    assert_fits("TEXT", 40, FALSE,
                "  NAME          TEXT\n"
                "  日本日本日…   a text of some length,\n"
                "                and more\n"
                "  (too narrow for N, M)\n");
    assert_fits("TEXT", 24, FALSE,
                "  NAME\n"
                "      TEXT\n"
                "  日本日本日本日本日本\n"
                "      a text of some\n"
                "      length, and more\n"
                "  (too narrow for N, M)\n");
    assert_fits("TEXT", 66, TRUE,
                "  NAME                       N        M  TEXT\n"
                "  日本日本日本日本日本  12,345  678,900  a text of some length, a…\n");
    assert_fits("<PLACE", 66, FALSE,
                "  NAME                       N        M  PLACE\n"
                "  日本日本日本日本日本  12,345  678,900  …mething/main.c:12 (main)\n");
}

static void test_nothing_raw(void)
{
    table *t = table_new("NAME|>N|SITE");
    add_row(t, "\033[31mred\n", "1", "\xff");
    assert_prints(t, FALSE,
                  "  NAME           N  SITE\n"
                  "  \\x1b[31mred\\n  1  \\xff\n");
    table_free(t);
}

static void test_long_cells_are_cut(void)
{
    table *t = table_new("NAME|SITE");
    char *name = g_strnfill(100, 'n');
    char *site = g_strnfill(100, 's');
    table_add(t, g_strdup(name));
    table_add(t, g_strdup(site));
    char *text = print(t, FALSE);
    g_assert_nonnull(strstr(text, "nnn…  sss"));
    g_assert_nonnull(strstr(text, site));
    g_assert_null(strstr(text, name));
    free(text);
    g_free(name);
    g_free(site);
    table_free(t);
}

static void test_colour(void)
{
    table *t = table_new("A|B");
    table_add(t, g_strdup("1"));
    table_add(t, g_strdup("2"));
    assert_prints(t, TRUE, "\033[2m  A  B\033[0m\n  1  2\n");
    table_free(t);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/table/alignment", test_alignment);
    g_test_add_func("/cli/table/width-of-a-terminal", test_width_of_a_terminal);
    g_test_add_func("/cli/table/width-is-what-is-seen", test_width_is_what_is_seen);
    g_test_add_func("/cli/table/nothing-raw", test_nothing_raw);
    g_test_add_func("/cli/table/long-cells-are-cut", test_long_cells_are_cut);
    g_test_add_func("/cli/table/colour", test_colour);
    return g_test_run();
}
