/* lessons_test.c: every lesson runs for real, says what its Python twin says, and has its parts.
 * Lessons mostly wait, so some run at once: the first test that asks starts them, in their order.
 */
#include <gio/gio.h>

enum { AT_ONCE = 8 }; /* more would keep each other from being in time */

struct run {
    GSubprocess *process;
    char *said; /* once it has ended */
};

struct lesson {
    const char *directory;
    struct run program, twin;
};
static struct lesson lessons[] = {
    { .directory = "01-hello-world" },   { .directory = "02-two-tasks" },
    { .directory = "03-gather-or-not" }, { .directory = "04-create-task" },
    { .directory = "05-blocking" },      { .directory = "06-timeout" },
    { .directory = "07-cancel" },        { .directory = "08-first-completed" },
    { .directory = "09-lock" },          { .directory = "10-semaphore" },
    { .directory = "11-queue" },         { .directory = "12-event" },
    { .directory = "13-tcp-echo" },      { .directory = "14-fetch-three" },
    { .directory = "15-wget" },          { .directory = "16-subprocess" },
    { .directory = "17-generator" },     { .directory = "18-file" },
    { .directory = "19-starvation" },    { .directory = "20-debug-mode" },
};

static const char *name_of(const struct lesson *lesson)
{
    return lesson->directory + strlen("NN-");
}

static void ended(GObject *process, GAsyncResult *result, gpointer data);

static void start(struct run *run, const char *program, const char *argument)
{
    g_autoptr(GSubprocessLauncher)
        launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE);
    g_subprocess_launcher_setenv(launcher, "WEFT_TRACE", "off", TRUE);
    g_autoptr(GError) error = NULL;
    run->process = g_subprocess_launcher_spawn(launcher, &error, program, argument, NULL);
    g_assert_no_error(error);
    g_subprocess_communicate_utf8_async(run->process, NULL, NULL, ended, run);
}

static void start_next(void)
{
    static gsize next;
    gsize i = next++;
    if (i / 2 >= G_N_ELEMENTS(lessons))
        return;
    struct lesson *lesson = &lessons[i / 2];
    g_autofree char *program = g_build_filename(LESSONS_BUILD, name_of(lesson), NULL);
    g_autofree char *twin = g_build_filename(LESSONS_SOURCE, lesson->directory, "lesson.py", NULL);
    if (i % 2 == 0)
        start(&lesson->program, program, NULL);
    else
        start(&lesson->twin, "/usr/bin/python3", twin);
}

static void ended(GObject *process, GAsyncResult *result, gpointer data)
{
    struct run *run = data;
    g_autoptr(GError) error = NULL;
    g_subprocess_communicate_utf8_finish(G_SUBPROCESS(process), result, &run->said, NULL, &error);
    g_assert_no_error(error);
    start_next();
}

/* What it printed; fails unless it ended with 0. */
static const char *output_of(struct run *run)
{
    while (!run->said)
        g_main_context_iteration(NULL, TRUE);
    g_autoptr(GError) error = NULL;
    g_spawn_check_wait_status(g_subprocess_get_status(run->process), &error);
    g_assert_no_error(error);
    g_clear_object(&run->process);
    return run->said;
}

static void forget(struct run *run)
{
    if (run->process) {
        g_subprocess_force_exit(run->process);
        g_subprocess_wait(run->process, NULL, NULL);
        g_clear_object(&run->process);
    }
}

static void says_what_its_twin_says(gconstpointer data)
{
    static gboolean started;
    for (int i = 0; i < AT_ONCE && !started; i++)
        start_next();
    started = TRUE;
    struct lesson *lesson = (struct lesson *)data;
    g_assert_cmpstr(output_of(&lesson->program), ==, output_of(&lesson->twin));
    g_assert_cmpstr(lesson->program.said, !=, "");
    g_clear_pointer(&lesson->program.said, g_free);
    g_clear_pointer(&lesson->twin.said, g_free);
}

/* Recorded from this program, whole, and nothing in it tells where. */
static void has_a_trace(const struct lesson *lesson)
{
    g_autofree char *path = g_build_filename(LESSONS_SOURCE, lesson->directory, "trace.weft", NULL);
    g_autofree char *program = g_strconcat(name_of(lesson), "\n", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GSubprocess) report = g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error,
                                                     WEFT_EXE, "report", path, NULL);
    g_assert_no_error(error);
    g_autofree char *said = NULL;
    g_subprocess_communicate_utf8(report, NULL, NULL, &said, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(g_str_has_prefix(said, program));
    g_assert_nonnull(strstr(said, " on classroom, "));
    g_assert_nonnull(strstr(said, " none lost\n"));
    g_autofree char *site = g_strconcat("data/lessons/", lesson->directory, "/lesson.c:", NULL);
    g_assert_nonnull(strstr(said, site));
}

static void has_its_parts(gconstpointer data)
{
    const struct lesson *lesson = data;
    static const char *const parts[] = { "lesson.c", "lesson.py", "lesson.md" };
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        g_autofree char *path = g_build_filename(LESSONS_SOURCE, lesson->directory, parts[i], NULL);
        g_assert_true(g_file_test(path, G_FILE_TEST_IS_REGULAR));
    }
    has_a_trace(lesson);
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
        g_autofree char *runs = g_strdup_printf("/lessons/%s/runs", lessons[i].directory);
        g_autofree char *parts = g_strdup_printf("/lessons/%s/parts", lessons[i].directory);
        g_test_add_data_func(runs, &lessons[i], says_what_its_twin_says);
        g_test_add_data_func(parts, &lessons[i], has_its_parts);
    }
    int rc = g_test_run();
    for (gsize i = 0; i < G_N_ELEMENTS(lessons); i++) { /* of tests that were not asked for */
        forget(&lessons[i].program);
        forget(&lessons[i].twin);
    }
    return rc;
}
