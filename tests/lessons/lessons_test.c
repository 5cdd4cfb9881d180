/* Every lesson runs for real, says what its Python twin says, and has its parts. */
#include <glib.h>

struct lesson {
    const char *directory, *program;
};
static const struct lesson lessons[] = {
    { "01-hello-world", "hello-world" }, { "03-gather-or-not", "gather-or-not" },
    { "06-timeout", "timeout" },         { "13-tcp-echo", "tcp-echo" },
    { "14-fetch-three", "fetch-three" },
};

/* What a program prints; fails unless it ends with 0. */
static char *output_of(const char *program, const char *argument)
{
    char *argv[] = { (char *)program, (char *)argument, NULL };
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) environment = g_environ_setenv(g_get_environ(), "WEFT_TRACE", "off", TRUE);
    char *said = NULL;
    int status;
    g_spawn_sync(NULL, argv, environment, G_SPAWN_SEARCH_PATH, NULL, NULL, &said, NULL, &status,
                 &error);
    g_assert_no_error(error);
    g_spawn_check_wait_status(status, &error);
    g_assert_no_error(error);
    return said;
}

static void says_what_its_twin_says(gconstpointer data)
{
    const struct lesson *lesson = data;
    g_autofree char *program = g_build_filename(LESSONS_BUILD, lesson->program, NULL);
    g_autofree char *twin = g_build_filename(LESSONS_SOURCE, lesson->directory, "lesson.py", NULL);
    g_autofree char *said = output_of(program, NULL);
    g_autofree char *twin_said = output_of("/usr/bin/python3", twin);
    g_assert_cmpstr(said, ==, twin_said);
    g_assert_cmpstr(said, !=, "");
}

static void has_its_parts(gconstpointer data)
{
    const struct lesson *lesson = data;
    static const char *const parts[] = { "lesson.c", "lesson.py", "lesson.md", "trace.weft" };
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *path = g_build_filename(LESSONS_SOURCE, lesson->directory, parts[i], NULL);
        g_assert_true(g_file_test(path, G_FILE_TEST_IS_REGULAR));
    }
    g_autofree char *text_path = g_build_filename(LESSONS_SOURCE, lesson->directory, "lesson.md",
                                                  NULL);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(text_path, &text, NULL, NULL));
    g_assert_true(g_str_has_prefix(text, "# "));
    g_assert_nonnull(strstr(text, "\n## What to watch\n"));
    const char *questions = strstr(text, "\n## Questions\n");
    g_assert_nonnull(questions);
    for (int number = 1; number <= 3; number++) {
        g_autofree char *line = g_strdup_printf("\n%d. ", number);
        const char *question = strstr(questions, line);
        g_assert_nonnull(question);
        g_assert_nonnull(strstr(question, "\n   *")); /* its answer */
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(lessons); i++) {
        g_autofree char *runs = g_strdup_printf("/lessons/%s/runs", lessons[i].program);
        g_autofree char *parts = g_strdup_printf("/lessons/%s/parts", lessons[i].program);
        g_test_add_data_func(runs, &lessons[i], says_what_its_twin_says);
        g_test_add_data_func(parts, &lessons[i], has_its_parts);
    }
    return g_test_run();
}
