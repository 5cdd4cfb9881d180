/* lessons_test.c: every lesson, and every variant of one, runs for real, says what its Python twin
 * says, and is told as it was; a lesson is whole, and its trace says what its answers say. Where
 * neither the kernel nor a race of timers decides who is next, asyncio's loop lets the same tasks
 * run in the same order as the recorded run (steps.py). Lessons mostly wait, so some run at once:
 * the first test that asks starts them, in their order.
 */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

enum { AT_ONCE = 8 }; /* more would keep each other from being in time */

struct run {
    GSubprocess *process;
    char *said; /* once it has ended */
    char *told; /* on stderr, likewise: whom the loop let run */
};

struct lesson {
    const char *directory, *variant; /* NULL: the lesson itself */
    gboolean raced;                  /* who is next depends on more than the loop */
    struct run program, twin;
};
static struct lesson lessons[] = {
    { .directory = "01-hello-world" },
    { .directory = "02-two-tasks" },
    { .directory = "03-gather-or-not" },
    { .directory = "04-create-task" },
    { .directory = "05-blocking", .raced = TRUE },
    { .directory = "06-timeout" },
    { .directory = "07-cancel" },
    { .directory = "08-first-completed" },
    { .directory = "09-lock" },
    { .directory = "10-semaphore" },
    { .directory = "11-queue" },
    { .directory = "12-event" },
    { .directory = "13-tcp-echo", .raced = TRUE },
    { .directory = "14-fetch-three", .raced = TRUE },
    { .directory = "15-wget", .raced = TRUE },
    { .directory = "16-subprocess", .raced = TRUE },
    { .directory = "17-generator" },
    { .directory = "18-file", .raced = TRUE },
    { .directory = "19-starvation", .raced = TRUE },
    { .directory = "20-debug-mode", .raced = TRUE },
    { "03-gather-or-not", "one-after-another" },
    { "03-gather-or-not", "gather" },
    { "05-blocking", "in-the-loop", .raced = TRUE },
    { "05-blocking", "in-a-thread", .raced = TRUE },
    { "09-lock", "same-order" },
    { "09-lock", "opposite-orders" },
};

static const char *name_of(const struct lesson *lesson)
{
    return lesson->directory + strlen("NN-");
}

/* NAME, or NAME.VARIANT. g_free it. */
static char *program_of(const struct lesson *lesson)
{
    return g_strjoin(lesson->variant ? "." : NULL, name_of(lesson), lesson->variant, NULL);
}

/* One of its files, as it lies in the source tree. g_free it. */
static char *file_of(const struct lesson *lesson, const char *otherwise, const char *ending)
{
    g_autofree char *base = g_strconcat(lesson->variant ? lesson->variant : otherwise, ending,
                                        NULL);
    return g_build_filename(LESSONS_SOURCE, lesson->directory, base, NULL);
}

static void ended(GObject *process, GAsyncResult *result, gpointer data);

/* script: NULL: it is a program. */
static void start(struct run *run, const char *program, const char *script)
{
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
        G_SUBPROCESS_FLAGS_STDOUT_PIPE | (script ? G_SUBPROCESS_FLAGS_STDERR_PIPE : 0));
    g_subprocess_launcher_setenv(launcher, "WEFT_TRACE", "off", TRUE);
    g_autoptr(GError) error = NULL;
    run->process = g_subprocess_launcher_spawn(launcher, &error, program, script ? STEPS : NULL,
                                               script, NULL);
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
    g_autofree char *name = program_of(lesson);
    g_autofree char *program = g_build_filename(LESSONS_BUILD, name, NULL);
    g_autofree char *twin = file_of(lesson, "lesson", ".py");
    if (i % 2 == 0)
        start(&lesson->program, program, NULL);
    else
        start(&lesson->twin, "/usr/bin/python3", twin);
}

static void ended(GObject *process, GAsyncResult *result, gpointer data)
{
    struct run *run = data;
    g_autoptr(GError) error = NULL;
    g_subprocess_communicate_utf8_finish(G_SUBPROCESS(process), result, &run->said, &run->told,
                                         &error);
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

/* What "weft WORDS" prints; it ends with 0. */
static char *ask_weft(const char *const *words)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GSubprocessLauncher)
        launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE);
    g_autofree char *state = g_dir_make_tmp("weft-lessons-XXXXXX", &error);
    g_assert_no_error(error);
    g_subprocess_launcher_setenv(launcher, "WEFT_LESSONS", LESSONS_SOURCE, TRUE);
    g_subprocess_launcher_setenv(launcher, "XDG_DATA_HOME", state, TRUE);
    g_subprocess_launcher_setenv(launcher, "XDG_STATE_HOME", state, TRUE);
    g_subprocess_launcher_setenv(launcher, "LC_ALL", "C.UTF-8", TRUE);
    g_subprocess_launcher_unsetenv(launcher, "COLUMNS");
    g_autoptr(GSubprocess) weft = g_subprocess_launcher_spawnv(launcher, words, &error);
    g_assert_no_error(error);
    char *said = NULL;
    g_subprocess_communicate_utf8(weft, NULL, NULL, &said, NULL, &error);
    g_assert_no_error(error);
    if (!g_subprocess_get_if_exited(weft) || g_subprocess_get_exit_status(weft) != 0)
        g_error("%s", said);
    g_autofree char *folder = g_build_filename(state, "weft", NULL);
    g_autofree char *kept = g_build_filename(folder, "lessons.ini", NULL);
    g_remove(kept);
    g_rmdir(folder);
    g_rmdir(state);
    return said;
}

/* Whom the loop of the recorded run let run, one name a line. g_free it. */
static char *recorded_steps(const struct lesson *lesson)
{
    g_autofree char *path = file_of(lesson, "trace", ".weft");
    const char *const words[] = { WEFT_EXE, "dump", "-k", "RESUME", path, NULL };
    g_autofree char *said = ask_weft(words);
    g_autoptr(GRegex) line = g_regex_new("^\\S+s +RESUME +task:\\d+:(\\d+)(?: (\\S.*))?$",
                                         G_REGEX_MULTILINE, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    GString *steps = g_string_new(NULL);
    for (g_regex_match(line, said, 0, &match); g_match_info_matches(match);
         g_match_info_next(match, NULL)) {
        g_autofree char *number = g_match_info_fetch(match, 1);
        g_autofree char *name = g_match_info_fetch(match, 2);
        if (name && *g_strstrip(name))
            g_string_append_printf(steps, "%s\n", name);
        else
            g_string_append_printf(steps, "Task-%s\n", number);
    }
    return g_string_free(steps, FALSE);
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
    if (!lesson->raced) {
        g_autofree char *steps = recorded_steps(lesson);
        g_assert_cmpstr(steps, !=, "");
        g_assert_cmpstr(steps, ==, lesson->twin.told);
    }
    g_clear_pointer(&lesson->twin.told, g_free);
    g_clear_pointer(&lesson->program.said, g_free);
    g_clear_pointer(&lesson->twin.said, g_free);
}

/* Recorded from this program, whole, and nothing in it tells where. */
static void has_a_trace(gconstpointer data)
{
    const struct lesson *lesson = data;
    g_autofree char *path = file_of(lesson, "trace", ".weft");
    g_autofree char *name = program_of(lesson);
    g_autofree char *program = g_strconcat(name, "\n", NULL);
    const char *const words[] = { WEFT_EXE, "report", path, NULL };
    g_autofree char *said = ask_weft(words);
    g_assert_true(g_str_has_prefix(said, program));
    g_assert_nonnull(strstr(said, " on classroom, "));
    g_assert_nonnull(strstr(said, " none lost\n"));
    g_autofree char *site = g_strconcat("data/lessons/", lesson->directory, "/",
                                        lesson->variant ? lesson->variant : "lesson", ".c:", NULL);
    g_assert_nonnull(strstr(said, site));
}

/* Whole, and its trace says what its answers say, or at least what its questions take for granted.
 */
static void has_its_parts(gconstpointer data)
{
    const struct lesson *lesson = data;
    g_autofree char *folder = g_build_filename(LESSONS_SOURCE, lesson->directory, NULL);
    const char *const words[] = { WEFT_EXE, "lessons", "check", folder, NULL };
    g_autofree char *said = ask_weft(words);
    g_autofree char *whole = g_strconcat(folder, ": whole; ", NULL);
    g_assert_true(g_str_has_prefix(said, whole));
    guint variants, questions, answered, given;
    g_assert_cmpint(
        sscanf(said + strlen(whole),
               "%u variants, %u questions, %u of them answered by the trace, %u resting", &variants,
               &questions, &answered, &given),
        ==, 4);
    g_assert_cmpuint(answered, >, 0);
    g_assert_cmpuint(answered + given, ==, questions);
}

/* The recorded run, told: golden/NAME.txt, written anew with WEFT_UPDATE_GOLDEN=1. */
static void tells(gconstpointer data)
{
    const struct lesson *lesson = data;
    const char *const words[] = {
        WEFT_EXE,        "lessons", "tell", name_of(lesson), lesson->variant ? "--variant" : NULL,
        lesson->variant, NULL
    };
    g_autofree char *said = ask_weft(words);
    g_autofree char *name = program_of(lesson);
    g_autofree char *file = g_strconcat(name, ".txt", NULL);
    g_autofree char *path = g_build_filename(LESSONS_GOLDEN, file, NULL);
    g_autofree char *golden = NULL;
    if (g_getenv("WEFT_UPDATE_GOLDEN"))
        g_assert_true(g_file_set_contents(path, said, -1, NULL));
    g_assert_true(g_file_get_contents(path, &golden, NULL, NULL));
    g_assert_cmpstr(said, ==, golden);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(lessons); i++) {
        static const struct {
            const char *what;
            GTestDataFunc test;
        } tests[] = { { "runs", says_what_its_twin_says },
                      { "trace", has_a_trace },
                      { "told", tells },
                      { "parts", has_its_parts } };
        g_autofree char *name = program_of(&lessons[i]);
        for (gsize j = 0; j < G_N_ELEMENTS(tests) - (lessons[i].variant != NULL); j++) {
            g_autofree char *path = g_strdup_printf("/lessons/%s/%s", name, tests[j].what);
            g_test_add_data_func(path, &lessons[i], tests[j].test);
        }
    }
    int rc = g_test_run();
    for (gsize i = 0; i < G_N_ELEMENTS(lessons); i++) { /* of tests that were not asked for */
        forget(&lessons[i].program);
        forget(&lessons[i].twin);
    }
    return rc;
}
