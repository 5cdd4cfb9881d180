/* lesson_test.c: a lesson.md is read as it is written, and any other bytes to an end. */
#include "app/lessons/lesson.h"

#include <glib/gstdio.h>
#include <string.h>

struct folder {
    char *path, *text;
};

static void start(struct folder *folder)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *made = g_dir_make_tmp("weft-lesson-XXXXXX", &error);
    g_assert_no_error(error);
    folder->path = g_build_filename(made, "07-some-lesson", NULL);
    g_assert_cmpint(g_mkdir(folder->path, 0700), ==, 0);
    folder->text = g_build_filename(folder->path, "lesson.md", NULL);
}

static void finish(struct folder *folder)
{
    g_autofree char *above = g_path_get_dirname(folder->path);
    g_remove(folder->text);
    g_rmdir(folder->path);
    g_rmdir(above);
    g_free(folder->path);
    g_free(folder->text);
}

static struct lesson *read_text(const struct folder *folder, const char *text, gssize length)
{
    /* Not moved into place: nobody else looks, and it is done thousands of times. */
    g_assert_true(
        g_file_set_contents_full(folder->text, text, length, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    return lesson_read(folder->path);
}

static const char whole[] = "# A title\n\nOne,\ntwo.\n\nThree.\n\n## What to watch\n\n"
                            "- first\n  goes on\n- second\n\n## Variants\n\n- `one-more`: it\n"
                            "  differs\n\n## Questions\n\n1. What, and\n   why?\n   *This,\n"
                            "   and *that*.*\n   `count RESUME` = 2\n2. How?\n   *So.*\n"
                            "   given `duration` = 1 s\n";

static void test_parts(void)
{
    struct folder folder;
    start(&folder);
    struct lesson *lesson = read_text(&folder, whole, -1);
    g_assert_cmpstr(lesson->name, ==, "some-lesson");
    g_assert_cmpuint(lesson->number, ==, 7);
    g_assert_cmpstr(lesson->title, ==, "A title");
    g_assert_cmpstr(lesson->text, ==, "One,\ntwo.\n\nThree.");
    g_assert_cmpuint(lesson->watch->len, ==, 2);
    g_assert_cmpstr(lesson->watch->pdata[0], ==, "first goes on");
    g_assert_cmpstr(lesson->watch->pdata[1], ==, "second");
    g_assert_cmpuint(lesson->variants->len, ==, 1);
    const struct lesson_variant *variant = lesson->variants->pdata[0];
    g_assert_cmpstr(variant->name, ==, "one-more");
    g_assert_cmpstr(variant->text, ==, "it differs");
    g_assert_true(lesson_has_variant(lesson, "one-more"));
    g_assert_false(lesson_has_variant(lesson, "one"));
    g_assert_cmpuint(lesson->questions->len, ==, 2);
    const struct lesson_question *question = lesson->questions->pdata[0];
    g_assert_cmpstr(question->text, ==, "What, and why?");
    g_assert_cmpstr(question->answer, ==, "This, and *that*.");
    g_assert_cmpstr(question->said.query, ==, "count RESUME");
    g_assert_cmpstr(question->said.value, ==, "2");
    question = lesson->questions->pdata[1];
    g_assert_cmpstr(question->answer, ==, "So.");
    g_assert_null(question->said.query);
    g_assert_cmpstr(question->given.query, ==, "duration");
    g_assert_cmpstr(question->given.value, ==, "1 s");
    /* Only the files are missing: three of the lesson, three of its variant. */
    g_assert_cmpuint(lesson->problems->len, ==, 6);
    g_autofree char *trace = lesson_file(lesson, NULL, ".weft");
    g_autofree char *other = lesson_file(lesson, "one-more", ".weft");
    g_assert_true(g_str_has_suffix(trace, "/07-some-lesson/trace.weft"));
    g_assert_true(g_str_has_suffix(other, "/07-some-lesson/one-more.weft"));
    lesson_free(lesson);
    finish(&folder);
}

/* Marks with nothing between them. */
static void test_empty_marks(void)
{
    static const char *const texts[] = {
        "# t\n## Variants\n- `: x\n- ``: x\n",
        "# t\n## Questions\n1. q\n   *a*\n   ` = 2\n   `` = 2\n   `x` = \n   given `` = 2\n2. q\n  "
        " **\n3. q\n   "
        "*\n",
    };
    struct folder folder;
    start(&folder);
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        struct lesson *lesson = read_text(&folder, texts[i], -1);
        g_assert_cmpuint(lesson->variants->len, ==, 0);
        for (guint j = 0; j < lesson->questions->len; j++)
            g_assert_null(((struct lesson_question *)lesson->questions->pdata[j])->said.query);
        g_assert_cmpuint(lesson->problems->len, >=, 3 + 2);
        lesson_free(lesson);
    }
    finish(&folder);
}

/* Bytes changed, lines dropped, said twice, or moved: always a lesson, and whatever it is missing
 * is said. */
static void test_any_bytes(void)
{
    static const char bytes[] = "#-*`= 1.\n\n  \xc3\xa9\xff";
    struct folder folder;
    start(&folder);
    for (guint round = 0; round < 2000; round++) {
        g_autoptr(GString) text = g_string_new(whole);
        for (gint32 change = g_test_rand_int_range(1, 6); change > 0 && text->len > 40; change--) {
            gsize at = (gsize)g_test_rand_int_range(0, (gint32)text->len - 30);
            gsize n = (gsize)g_test_rand_int_range(1, 30);
            g_autofree char *part = g_strndup(text->str + at, n);
            switch (g_test_rand_int_range(0, 4)) {
            case 0:
                text->str[at] = bytes[g_test_rand_int_range(0, sizeof(bytes))];
                break;
            case 1:
                g_string_erase(text, (gssize)at, (gssize)n);
                break;
            case 2:
                g_string_insert(text, (gssize)at, part);
                break;
            default:
                g_string_append(text, part);
            }
        }
        struct lesson *lesson = read_text(&folder, text->str, (gssize)text->len);
        g_assert_cmpuint(lesson->problems->len, >=, 3);
        for (guint i = 0; i < lesson->questions->len; i++) {
            const struct lesson_question *question = lesson->questions->pdata[i];
            g_assert_nonnull(question->text);
            g_assert_true(!question->said.query == !question->said.value);
        }
        lesson_free(lesson);
    }
    finish(&folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lessons/lesson/parts", test_parts);
    g_test_add_func("/lessons/lesson/empty-marks", test_empty_marks);
    g_test_add_func("/lessons/lesson/any-bytes", test_any_bytes);
    return g_test_run();
}
