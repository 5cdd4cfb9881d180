/* output_test.c: what is escaped, and what is not. */
#include "app/cli/output.h"

#include <glib.h>

static void assert_escapes(const char *text, const char *expected)
{
    char *safe = output_escape(text);
    g_assert_cmpstr(safe, ==, expected);
    g_assert_true(g_utf8_validate(safe, -1, NULL));
    g_free(safe);
}

static void test_escape(void)
{
    assert_escapes("", "");
    assert_escapes("plain, with 'quotes' and \\", "plain, with 'quotes' and \\");
    assert_escapes("naïve 日本 🧵", "naïve 日本 🧵");
    assert_escapes("a\nb\tc\rd", "a\\nb\\tc\\rd");
    assert_escapes("\033]0;title\a", "\\x1b]0;title\\x07");
    assert_escapes("\x7f", "\\x7f");
    assert_escapes("\xc2\x9b"
                   "31m",
                   "\\x9b31m"); /* a one-character escape sequence */
    assert_escapes("a\u202eb", "a\\u202eb");
    assert_escapes("a\u2028b", "a\\u2028b");
}

static void test_bytes_that_are_not_utf8(void)
{
    assert_escapes("\xff", "\\xff");
    assert_escapes("caf\xe9", "caf\\xe9");
    assert_escapes("\xe6\x97", "\\xe6\\x97");          /* cut */
    assert_escapes("\xed\xa0\x80", "\\xed\\xa0\\x80"); /* a surrogate */
    assert_escapes("\xc0\x80", "\\xc0\\x80");          /* overlong */
}

static void test_width(void)
{
    g_assert_cmpuint(output_width(""), ==, 0);
    g_assert_cmpuint(output_width("abc"), ==, 3);
    g_assert_cmpuint(output_width("日本"), ==, 4);
    g_assert_cmpuint(output_width("e\u0301"), ==, 1);
}

static void test_colour_when_told(void)
{
    g_assert_true(output_has_colour("always"));
    g_assert_false(output_has_colour("never"));
}

static void assert_lines(const char *text, guint first, guint rest, const char *expected)
{
    char **lines = output_lines(text, first, rest);
    char *joined = g_strjoinv("|", lines);
    g_assert_cmpstr(joined, ==, expected);
    g_free(joined);
    g_strfreev(lines);
}

static void test_lines(void)
{
    assert_lines("", 10, 10, "");
    assert_lines("one two three", 0, 0, "one two three");
    assert_lines("one two three", 13, 13, "one two three");
    assert_lines("one two three", 12, 12, "one two|three");
    assert_lines("one two three", 7, 3, "one two|thr|ee");
    assert_lines("one two three", 3, 20, "one|two three");
    assert_lines("in src/of/main.c:12", 10, 10, "in src/of/|main.c:12");
    assert_lines("日本日本 日本", 5, 5, "日本|日本|日本"); /* two columns each */
    assert_lines("日本", 1, 1, "日|本");                   /* never none at all */
}

static void test_cut_places(void)
{
    char *place = g_strdup("src/本/main.c:12");
    output_cut_place(&place, 16);
    g_assert_cmpstr(place, ==, "src/本/main.c:12");
    output_cut_place(&place, 12);
    g_assert_cmpstr(place, ==, "…/main.c:12"); /* half of 本 does not fit */
    g_free(place);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/output/escape", test_escape);
    g_test_add_func("/cli/output/bytes-that-are-not-utf8", test_bytes_that_are_not_utf8);
    g_test_add_func("/cli/output/width", test_width);
    g_test_add_func("/cli/output/colour-when-told", test_colour_when_told);
    g_test_add_func("/cli/output/lines", test_lines);
    g_test_add_func("/cli/output/cut-places", test_cut_places);
    return g_test_run();
}
