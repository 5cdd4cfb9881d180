/* twin_test.c: lines of the lessons' C and those of their Python that say the same. */
#include "app/lessons/twin.h"

static char *text_of(const char *lesson, const char *name)
{
    g_autofree char *path = g_build_filename(LESSONS_SOURCE, lesson, name, NULL);
    char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return text;
}

static void twins(const char *lesson, const guint pairs[][2], guint n)
{
    g_autofree char *c = text_of(lesson, "lesson.c"), *python = text_of(lesson, "lesson.py");
    g_autoptr(GArray) found = lesson_twins(c, python);
    for (guint i = 0; i < n; i++)
        if (lesson_twin_of(found, pairs[i][0]) != pairs[i][1])
            g_error("%s, line %u: line %u, not %u", lesson, pairs[i][0],
                    lesson_twin_of(found, pairs[i][0]), pairs[i][1]);
}

static void test_lessons(void)
{
    static const guint create[][2] = { { 3, 4 },   { 5, 5 },   { 6, 7 },   { 14, 16 },
                                       { 15, 17 }, { 16, 18 }, { 17, 19 }, { 18, 20 },
                                       { 20, 22 }, { 22, 24 }, { 30, 29 } };
    static const guint lock[][2] = { { 7, 6 },   { 8, 7 },   { 9, 8 },   { 10, 9 },
                                     { 11, 10 }, { 12, 11 }, { 24, 18 }, { 29, 22 } };
    twins("04-create-task", create, G_N_ELEMENTS(create));
    twins("09-lock", lock, G_N_ELEMENTS(lock));
}

static void test_nothing(void)
{
    g_autoptr(GArray) none = lesson_twins("", "x"), other = lesson_twins("a b\nc d", "e\nf\n");
    g_assert_cmpuint(lesson_twin_of(none, 1), ==, 0);
    g_assert_cmpuint(lesson_twin_of(other, 2), ==, 0);
    g_assert_cmpuint(lesson_twin_of(other, 0), ==, 0);
    g_assert_cmpuint(lesson_twin_of(other, 2000000), ==, 0);
    g_autofree char *lines = g_strnfill(2000, '\n');
    g_autoptr(GArray) large = lesson_twins(lines, "x");
    g_assert_cmpuint(large->len, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/twin/lessons", test_lessons);
    g_test_add_func("/twin/nothing", test_nothing);
    return g_test_run();
}
