/* Every lesson runs for real, says what its Python twin says, and has its parts. */
#include <gio/gio.h>
#include <glib/gstdio.h>

struct lesson {
    const char *directory, *program;
};
static const struct lesson lessons[] = {
    { "01-hello-world", "hello-world" }, { "03-gather-or-not", "gather-or-not" },
    { "06-timeout", "timeout" },         { "13-tcp-echo", "tcp-echo" },
    { "14-fetch-three", "fetch-three" },
};

static GSubprocess *start(const char *const *argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
        G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
    g_subprocess_launcher_setenv(launcher, "WEFT_TRACE", "off", TRUE);
    GSubprocess *process = g_subprocess_launcher_spawnv(launcher, argv, &error);
    g_assert_no_error(error);
    return process;
}

static char *finish(GSubprocess *process)
{
    g_autoptr(GError) error = NULL;
    char *output = NULL;
    g_subprocess_communicate_utf8(process, NULL, NULL, &output, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(g_subprocess_get_if_exited(process));
    if (g_subprocess_get_exit_status(process) != 0)
        g_error("it failed, and said: %s", output);
    g_object_unref(process);
    return output;
}

static void says_what_its_twin_says(gconstpointer data)
{
    const struct lesson *lesson = data;
    g_autofree char *program = g_build_filename(LESSONS_BUILD, lesson->program, NULL);
    g_autofree char *twin = g_build_filename(LESSONS_SOURCE, lesson->directory, "lesson.py", NULL);
    GSubprocess *c = start((const char *const[]){ program, NULL });
    GSubprocess *python = start((const char *const[]){ "/usr/bin/python3", twin, NULL });
    g_autofree char *said = finish(c), *twin_said = finish(python);
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
