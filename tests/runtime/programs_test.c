/* programs_test.c: the programs of asyncio's tutorials, ported: they compile, and say what they say
 * in Python. They run as they are, seconds included, at the same time. */
#include <gio/gio.h>
#include <stdbool.h>
#include <string.h>

struct program {
    const char *name;
    int status; /* what its main returns */
    const char *output;
    bool any_order; /* of its lines; and "worker-N " is left out */
};
static const struct program programs[] = {
    { "hello", 0, "started\nhello\nworld\nfinished\n" },
    { "gather", 0, "got a\ngot b\nfailed: cannot fetch bad\nc\n" },
    { "generator", 0, "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n" },
    { "subprocess", 0,
      "['ls /zzz' exited with 2]\n"
      "[stderr]\nls: cannot access '/zzz': No such file or directory\n\n" },
    { "wait-for", 1, "timeout!\n" },
    { "task-group", 0, "ok: cancelled, cleaning up\ncaught: that did not work\n" },
    { "cancel", 0, "before sleep\ncancel sleep\nafter sleep\nmain: cancel_me is cancelled now\n" },
    { "threads", 0, "7\n" },
    { "event", 0, "waiting for it ...\n... got it!\n" },
    { "semaphore", 0, "20 done, at most 5 at a time\n" },
    /* Which worker it was is the machine's affair, and when it is late the order too. */
    { "queue", 0,
      "done\nhas slept for 0.05 seconds\nhas slept for 0.10 seconds\nhas slept for 0.15 seconds\n"
      "has slept for 0.20 seconds\nhas slept for 0.25 seconds\nhas slept for 0.30 seconds\n"
      "has slept for 0.35 seconds\nhas slept for 0.40 seconds\nhas slept for 0.45 seconds\n"
      "has slept for 0.50 seconds\nhas slept for 0.55 seconds\nhas slept for 0.60 seconds\n"
      "has slept for 0.65 seconds\nhas slept for 0.70 seconds\nhas slept for 0.75 seconds\n"
      "has slept for 0.80 seconds\nhas slept for 0.85 seconds\nhas slept for 0.90 seconds\n"
      "has slept for 0.95 seconds\nhas slept for 1.00 seconds\n",
      .any_order = true },
};

static const char *directory;
static GSubprocess *running[G_N_ELEMENTS(programs)];

static void start_all(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(programs); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *path = g_strdup_printf("%s/program-%s", directory, programs[i].name);
        running[i] = g_subprocess_new(
            G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error, path, NULL);
        g_assert_no_error(error);
    }
}

/* "started at 12.3" -> "started" */
static char *without_times(const char *text)
{
    g_autoptr(GRegex) times = g_regex_new(" at [0-9.]+", 0, 0, NULL);
    return g_regex_replace_literal(times, text, -1, 0, "", 0, NULL);
}

static char *without_workers(const char *text)
{
    g_autoptr(GRegex) names = g_regex_new("worker-[0-9] ", 0, 0, NULL);
    return g_regex_replace_literal(names, text, -1, 0, "", 0, NULL);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Every line ends in a newline, also the last. */
static char *in_order(const char *text)
{
    g_autofree char *anonymous = without_workers(text);
    g_auto(GStrv) lines = g_strsplit(anonymous, "\n", -1);
    guint n = g_strv_length(lines);
    if (n > 1)
        qsort(lines, n - 1, sizeof *lines, by_text);
    return g_strjoinv("\n", lines);
}

static void says(gconstpointer data)
{
    const struct program *program = data;
    GSubprocess *process = running[program - programs];
    g_autofree char *output = NULL;
    g_autoptr(GError) error = NULL;
    g_subprocess_communicate_utf8(process, NULL, NULL, &output, NULL, &error);
    g_assert_no_error(error);
    g_autofree char *text = program->any_order ? in_order(output) : without_times(output);
    g_assert_cmpstr(text, ==, program->output);
    g_assert_true(g_subprocess_get_if_exited(process));
    g_assert_cmpint(g_subprocess_get_exit_status(process), ==, program->status);
    g_object_unref(process);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_setenv("LC_ALL", "C", TRUE);
    g_autofree char *own = g_path_get_dirname(argv[0]);
    directory = own;
    start_all();
    for (gsize i = 0; i < G_N_ELEMENTS(programs); i++) {
        /* Not "/%s": GLib leaves out what has "/subprocess" in its path. */
        g_autofree char *path = g_strdup_printf("/runtime/programs/says-%s", programs[i].name);
        g_test_add_data_func(path, &programs[i], says);
    }
    return g_test_run();
}
