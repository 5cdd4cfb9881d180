/* conformance_test.c: every scenario on libweft, its log compared with asyncio's line for line:
 * with what CPython 3.13 did when it was recorded, and with what the Python here does now. */
#include "interpreter.h"
#include "tests/valgrind.h"
#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>

enum { RULES = 27, SHOWN = 3 };

static GPtrArray *files;  /* paths */
static GPtrArray *loaded; /* of each file its scenarios */

/* Its log on libweft; made once. */
static const char *log_of(struct scenario *scenario)
{
    if (!scenario->own_log)
        scenario->own_log = run_scenario(scenario);
    return scenario->own_log;
}

/* ---- What a failure shows ---- */

static char *line_at(const char *text, int number)
{
    char *line = next_line(&text);
    while (line && number-- > 0) {
        g_free(line);
        line = next_line(&text);
    }
    return line ? line : g_strdup("(nothing)");
}

static int first_difference(const char *a, const char *b)
{
    int line = 0;
    for (; *a && *a == *b; a++, b++)
        line += *a == '\n';
    return line;
}

static void show(const char *title, const char *text)
{
    g_test_message("%s", title);
    for (char *line; (line = next_line(&text)); g_free(line))
        g_test_message("    %s", line);
}

static void show_difference(struct scenario *scenario, const char *whose, const char *wanted)
{
    const char *own = log_of(scenario);
    int line = first_difference(own, wanted);
    char *own_line = line_at(own, line), *wanted_line = line_at(wanted, line);
    char *head = g_strdup_printf("scenario %s", scenario->name);
    show(head, scenario->text->str);
    show(whose, wanted);
    show("libweft:", own);
    g_test_message("scenario %s: they differ first in line %d", scenario->name, line + 1);
    g_test_message("    %s %s", whose, wanted_line);
    g_test_message("    libweft: %s", own_line);
    g_free(head);
    g_free(own_line);
    g_free(wanted_line);
}

/* How many of the compared differ; a few of them are shown. */
struct tally {
    int compared, different;
};

static void compare(struct tally *tally, struct scenario *scenario, const char *whose,
                    const char *wanted)
{
    tally->compared++;
    if (strcmp(log_of(scenario), wanted) == 0)
        return;
    if (tally->different++ < SHOWN)
        show_difference(scenario, whose, wanted);
}

static void conclude_tally(const struct tally *tally)
{
    g_test_message("%d scenarios", tally->compared);
    if (tally->different > 0)
        g_test_fail_printf("%d of %d scenarios differ", tally->different, tally->compared);
}

/* ---- Against the recorded logs ---- */

static void test_recorded(const void *scenarios)
{
    const GPtrArray *of_file = scenarios;
    struct tally tally = { 0 };
    for (guint i = 0; i < of_file->len; i += SLOW ? 4 : 1) {
        struct scenario *scenario = of_file->pdata[i];
        if (!scenario->since)
            g_test_fail_printf("scenario %s has no log: record it", scenario->name);
        else
            compare(&tally, scenario, "recorded:", scenario->log->str);
    }
    conclude_tally(&tally);
}

/* ---- Against asyncio itself ---- */

static struct scenario *find_scenario(const char *name)
{
    for (guint i = 0; i < loaded->len; i++) {
        GPtrArray *scenarios = loaded->pdata[i];
        for (guint k = 0; k < scenarios->len; k++) {
            struct scenario *scenario = scenarios->pdata[k];
            if (strcmp(scenario->name, name) == 0)
                return scenario;
        }
    }
    return NULL;
}

/* All of them in one process of Python's. */
static char *run_asyncio(void)
{
    char *program = g_test_build_filename(G_TEST_DIST, "conformance", "asyncio_run.py", NULL);
    GPtrArray *argv = g_ptr_array_new();
    g_ptr_array_add(argv, (char *)g_getenv("WEFT_PYTHON"));
    g_ptr_array_add(argv, program);
    g_ptr_array_add(argv, "--holding");
    for (guint i = 0; i < files->len; i++)
        g_ptr_array_add(argv, files->pdata[i]);
    g_ptr_array_add(argv, NULL);
    GError *error = NULL;
    GSubprocess *python = g_subprocess_newv((const char *const *)argv->pdata,
                                            G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
    g_assert_no_error(error);
    char *output = NULL;
    g_subprocess_communicate_utf8(python, NULL, NULL, &output, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(g_subprocess_get_successful(python));
    g_object_unref(python);
    g_ptr_array_free(argv, TRUE);
    g_free(program);
    return output;
}

static void compare_asyncio(struct tally *tally, struct scenario *scenario, GString *wanted)
{
    if (scenario)
        compare(tally, scenario, "asyncio:", wanted->str);
    g_string_truncate(wanted, 0);
}

static void test_asyncio(void)
{
    if (!g_getenv("WEFT_PYTHON")) {
        g_test_skip("WEFT_PYTHON names no Python 3.11 or later");
        return;
    }
    if (SLOW) {
        g_test_skip("libweft's logs are the same in a quick build, which compares them");
        return;
    }
    char *output = run_asyncio();
    const char *text = output;
    struct tally tally = { 0 };
    struct scenario *scenario = NULL;
    GString *wanted = g_string_new(NULL);
    /* "log NAME", then its lines, indented. */
    for (char *line; (line = next_line(&text)); g_free(line)) {
        if (g_str_has_prefix(line, "log ")) {
            compare_asyncio(&tally, scenario, wanted);
            scenario = find_scenario(line + strlen("log "));
            g_assert_nonnull(scenario);
        } else {
            g_string_append_printf(wanted, "%s\n", line + strspn(line, " "));
        }
    }
    compare_asyncio(&tally, scenario, wanted);
    g_string_free(wanted, TRUE);
    g_free(output);
    g_assert_cmpint(tally.compared, >, 0);
    conclude_tally(&tally);
}

/* ---- Every rule is shown ---- */

/* Over processes, which process_test.c has. */
static bool is_shown_elsewhere(int rule)
{
    return rule == 24;
}

static void test_rules(void)
{
    int count[RULES + 1] = { 0 };
    for (guint i = 0; i < loaded->len; i++) {
        GPtrArray *scenarios = loaded->pdata[i];
        for (guint k = 0; k < scenarios->len; k++) {
            long rule = strtol(((struct scenario *)scenarios->pdata[k])->name, NULL, 10);
            if (rule >= 1 && rule <= RULES)
                count[rule]++;
        }
    }
    for (int rule = 1; rule <= RULES; rule++)
        if (count[rule] == 0 && !is_shown_elsewhere(rule))
            g_test_fail_printf("no scenario shows rule %d", rule);
}

/* ---- Files ---- */

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void load(void)
{
    files = g_ptr_array_new_with_free_func(g_free);
    loaded = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    char *directory = g_test_build_filename(G_TEST_DIST, "conformance", "scenarios", NULL);
    GDir *listing = g_dir_open(directory, 0, NULL);
    g_assert_nonnull(listing);
    for (const char *name; (name = g_dir_read_name(listing));)
        g_ptr_array_add(files, g_build_filename(directory, name, NULL));
    g_dir_close(listing);
    g_free(directory);
    g_ptr_array_sort(files, compare_paths);
    for (guint i = 0; i < files->len; i++)
        g_ptr_array_add(loaded, scenarios_load(files->pdata[i]));
}

/* With a scenario file as its argument it prints the logs instead: for recording and looking. */
static int print_logs(const char *path)
{
    GPtrArray *scenarios = scenarios_load(path);
    for (guint i = 0; i < scenarios->len; i++) {
        struct scenario *scenario = scenarios->pdata[i];
        g_print("log %s\n", scenario->name);
        const char *log = log_of(scenario);
        for (char *line; (line = next_line(&log)); g_free(line))
            g_print("  %s\n", line);
    }
    g_ptr_array_unref(scenarios);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && argv[1][0] != '-')
        return print_logs(argv[1]);
    g_test_init(&argc, &argv, NULL);
    load();
    for (guint i = 0; i < files->len; i++) {
        char *name = g_path_get_basename(files->pdata[i]);
        char *path = g_strdup_printf("/conformance/recorded/%.*s", (int)strcspn(name, "."), name);
        g_test_add_data_func(path, loaded->pdata[i], test_recorded);
        g_free(path);
        g_free(name);
    }
    g_test_add_func("/conformance/asyncio", test_asyncio);
    g_test_add_func("/conformance/rules", test_rules);
    int failed = g_test_run();
    g_ptr_array_unref(loaded);
    g_ptr_array_unref(files);
    return failed;
}
