/* report_test.c: golden text and JSON of hand-made traces; colour; and that times add up. */
#include "command.h"
#include "fixture.h"

#include <json-glib/json-glib.h>
#include <string.h>

static void start(struct command *weft, void (*write)(const char *path))
{
    command_start(weft);
    char *path = command_path(weft, "t.weft");
    write(path);
    g_free(path);
}

static void report(struct command *weft, const char *line)
{
    command_run(weft, line);
    g_assert_cmpstr(weft->err, ==, "");
    g_assert_cmpint(weft->code, ==, 0);
}

/* The report without what changes when others do: the file's size, with the format's compression;
 * how much is found, with the rules. */
static void assert_report(struct command *weft, const char *golden)
{
    report(weft, "report t.weft");
    GRegex *regex = g_regex_new("(?<=t.weft), .*|  findings .*\n", 0, 0, NULL);
    char *plain = g_regex_replace_literal(regex, weft->out, -1, 0, "", 0, NULL);
    command_assert_golden(plain, golden);
    g_regex_unref(regex);
    g_free(plain);
}

static void assert_json(struct command *weft, const char *golden)
{
    report(weft, "report --json t.weft");
    GRegex *regex = g_regex_new("(\"(error|warning|hint)\") : [0-9]+", 0, 0, NULL);
    char *plain = g_regex_replace(regex, weft->out, -1, 0, "\\1 : 0", 0, NULL);
    command_assert_golden(plain, golden);
    g_regex_unref(regex);
    g_free(plain);
}

static void test_text(void)
{
    struct command weft;
    start(&weft, fixture_write_gather);
    assert_report(&weft, "gather.report.txt");
    command_finish(&weft);
}

static void test_json(void)
{
    struct command weft;
    start(&weft, fixture_write_gather);
    assert_json(&weft, "gather.report.json");
    command_finish(&weft);
}

static void test_losses(void)
{
    struct command weft;
    start(&weft, fixture_write_lossy);
    assert_report(&weft, "lossy.report.txt");
    assert_json(&weft, "lossy.report.json");
    command_finish(&weft);
}

/* What was lost is no slice, no wait and no iteration, also where the writer refused it. */
static void test_dropped(void)
{
    struct command weft;
    start(&weft, fixture_write_dropped);
    assert_report(&weft, "lossy.report.txt");
    assert_json(&weft, "lossy.report.json");
    command_finish(&weft);
}

static void test_nothing(void)
{
    struct command weft;
    start(&weft, fixture_write_empty);
    assert_report(&weft, "empty.report.txt");
    assert_json(&weft, "empty.report.json");
    command_finish(&weft);
}

/* A program that nobody had record: how often it did anything is not known, and not 0; how long it
 * is in the state that it is in, is. */
static void test_only_stood_by(void)
{
    struct command weft;
    command_start(&weft);
    command_shell(&weft, "mkfifo says; $WEFT_WAITS abba >says & p=$!; read word <says;"
                         "until $WEFT ps $p --json | grep -q '\"does\":\"polls\"'; do :; done;"
                         "kill -9 $p; wait; exec $WEFT recover -q $p -o t.weft");
    g_assert_cmpint(weft.code, ==, 0);
    report(&weft, "report t.weft");
    g_assert_nonnull(strstr(weft.out, "  events    none was recorded: only how its tasks are is "
                                      "known\n"));
    g_assert_true(g_regex_match_simple("^  loop +–( +–){4}$", weft.out, G_REGEX_MULTILINE, 0));
    g_assert_true(g_regex_match_simple("^  reader +task:0:2 +waiting( +–){2} +[0-9.]+ .?s( +–){3} ",
                                       weft.out, G_REGEX_MULTILINE, 0));
    report(&weft, "report t.weft --json");
    JsonNode *root = json_from_string(weft.out, NULL);
    JsonObject *object = json_node_get_object(root);
    static const char *const lists[] = { "loops", "tasks", "sites" };
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
        JsonArray *list = json_object_get_array_member(object, lists[i]);
        JsonObject *first = json_array_get_object_element(list, 0);
        g_assert_true(json_object_get_null_member(first, i == 0 ? "iterations" : "resumes"));
        g_assert_true(i == 0 ? json_object_get_null_member(first, "busy_ns")
                             : json_object_get_int_member(first, "waiting_ns") > 0);
    }
    JsonArray *tasks = json_object_get_array_member(object, "tasks");
    JsonObject *main_task = json_array_get_object_element(tasks, 0);
    gint64 waiting_ns = json_object_get_int_member(main_task, "waiting_ns");
    json_node_unref(root);
    report(&weft, "export t.weft --to csv --what tasks"); /* says the same */
    g_autofree char *row = g_strdup_printf("\r\ntask:0:1,.*,,0,0,%" G_GINT64_FORMAT
                                           ",0,0,0,%" G_GINT64_FORMAT ",0,0,0,,0\r\n",
                                           waiting_ns, waiting_ns);
    g_assert_true(g_regex_match_simple(row, weft.out, 0, 0));
    command_finish(&weft);
}

static gint64 number(JsonObject *object, const char *key)
{
    g_assert_true(json_object_has_member(object, key));
    return json_object_get_int_member(object, key);
}

static void assert_adds_up(JsonObject *task)
{
    gint64 sum = number(task, "running_ns") + number(task, "ready_ns") +
                 number(task, "waiting_ns") + number(task, "cancelling_ns") +
                 number(task, "unknown_ns");
    gint64 life = number(task, "done_ns") - number(task, "created_ns");
    g_assert_cmpint(sum, ==, life);
    JsonObject *waits = json_object_get_object_member(task, "waiting_by_ns");
    gint64 waiting = number(waits, "timer") + number(waits, "io") + number(waits, "sync") +
                     number(waits, "task") + number(waits, "thread");
    g_assert_cmpint(waiting, ==, number(task, "waiting_ns"));
}

static void test_times_add_up(void)
{
    struct command weft;
    start(&weft, fixture_write_gather);
    report(&weft, "report --json t.weft");
    JsonNode *root = json_from_string(weft.out, NULL);
    JsonArray *tasks = json_object_get_array_member(json_node_get_object(root), "tasks");
    g_assert_cmpuint(json_array_get_length(tasks), ==, 3);
    for (guint i = 0; i < 3; i++)
        assert_adds_up(json_array_get_object_element(tasks, i));
    json_node_unref(root);
    command_finish(&weft);
}

static void test_colour(void)
{
    struct command weft;
    start(&weft, fixture_write_gather);
    report(&weft, "report t.weft");
    g_assert_null(strchr(weft.out, '\033')); /* not a terminal */
    char *plain = g_strdup(weft.out);
    report(&weft, "report --color=always t.weft");
    g_assert_nonnull(strstr(weft.out, "\033[1mTasks"));
    weft.environment = g_environ_setenv(weft.environment, "NO_COLOR", "1", TRUE);
    report(&weft, "report --color auto t.weft");
    g_assert_cmpstr(weft.out, ==, plain);
    g_free(plain);
    command_finish(&weft);
}

/* script(1) makes a terminal for it. */
static void test_terminal(void)
{
    char *script = g_find_program_in_path("script");
    if (!script) {
        g_test_skip("script(1) is not installed: no terminal to try");
        return;
    }
    g_free(script);
    struct command weft;
    start(&weft, fixture_write_gather);
    weft.environment = g_environ_setenv(weft.environment, "TERM", "xterm", TRUE);
    command_shell(&weft, "script -qec '$WEFT report t.weft' /dev/null </dev/null");
    g_assert_nonnull(strstr(weft.out, "\033[1mTasks"));
    command_shell(&weft, "NO_COLOR=1 script -qec '$WEFT report t.weft' /dev/null </dev/null");
    g_assert_null(strchr(weft.out, '\033'));
    command_shell(&weft, "TERM=dumb script -qec '$WEFT report t.weft' /dev/null </dev/null");
    g_assert_null(strchr(weft.out, '\033'));
    command_finish(&weft);
}

static void test_top(void)
{
    struct command weft;
    command_start(&weft);
    char *path = command_path(&weft, "t.weft");
    fixture_write_workers(path, 100);
    g_free(path);
    report(&weft, "report t.weft --top 3");
    g_assert_nonnull(strstr(weft.out, "Tasks (3 of 100; --top 0 shows all)\n"));
    g_assert_nonnull(strstr(weft.out, "task:0:49 ")); /* 49 µs, the longest of 1 … 50 */
    g_assert_null(strstr(weft.out, "task:0:50 "));
    report(&weft, "report t.weft --top 0");
    g_assert_nonnull(strstr(weft.out, "Tasks (100)\n"));
    g_assert_nonnull(strstr(weft.out, "task:0:50 "));
    command_finish(&weft);
}

/* The names of the tasks' table, in order. */
static char *names_in(const char *out)
{
    GString *names = g_string_new(NULL);
    char **lines = g_strsplit(strstr(out, "\n  TASK ") + 1, "\n", -1);
    for (char **line = lines + 1; **line; line++) {
        char **words = g_strsplit(*line + 2, " ", 2);
        g_string_append_printf(names, "%s%s", names->len ? " " : "", words[0]);
        g_strfreev(words);
    }
    g_strfreev(lines);
    return g_string_free(names, FALSE);
}

static void test_sort(void)
{
    static const struct {
        const char *key, *names;
    } cases[] = {
        { "running", "main fetch-1 evil" }, { "ready", "evil fetch-1 main" },
        { "waiting", "main evil fetch-1" }, { "slice", "main fetch-1 evil" },
        { "resumes", "main fetch-1 evil" }, { "created", "main fetch-1 evil" },
        { "name", "evil fetch-1 main" },
    };
    struct command weft;
    start(&weft, fixture_write_gather);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *line = g_strconcat("report t.weft --sort ", cases[i].key, NULL);
        report(&weft, line);
        char *names = names_in(weft.out);
        for (char *evil; (evil = strstr(names, "evil")) && evil[4] == '\\';)
            memmove(evil + 4, evil + strcspn(evil, " "), strlen(evil + strcspn(evil, " ")) + 1);
        g_assert_cmpstr(names, ==, cases[i].names);
        g_free(names);
        g_free(line);
    }
    command_run(&weft, "report t.weft --sort age");
    command_assert_fails(&weft, 2, "--sort 'age': expected running|ready|");
    command_finish(&weft);
}

static void test_sites_are_sorted(void)
{
    struct command weft;
    start(&weft, fixture_write_gather);
    report(&weft, "report t.weft --sort waiting");
    const char *sites = strstr(weft.out, "Sites that create tasks");
    g_assert_true(strstr(sites, "app.c:42") < strstr(sites, "app.c:40")); /* 22 ms, 12 ms */
    report(&weft, "report t.weft --sort name");
    sites = strstr(weft.out, "Sites that create tasks");
    g_assert_true(strstr(sites, "app.c:40") < strstr(sites, "app.c:42"));
    command_finish(&weft);
}

static void test_task(void)
{
    struct command weft;
    start(&weft, fixture_write_gather);
    report(&weft, "report t.weft --json --task fetch-1");
    JsonNode *root = json_from_string(weft.out, NULL);
    JsonObject *object = json_node_get_object(root);
    JsonArray *tasks = json_object_get_array_member(object, "tasks");
    g_assert_cmpuint(json_array_get_length(tasks), ==, 1);
    JsonObject *times = json_object_get_object_member(object, "times");
    g_assert_cmpint(number(json_object_get_object_member(times, "slice"), "count"), ==, 2);
    g_assert_cmpint(number(json_object_get_object_member(times, "iteration"), "count"), ==, 5);
    json_node_unref(root);
    command_run(&weft, "report t.weft --task timer:0:1");
    command_assert_fails(&weft, 2, "--task 'timer:0:1' is no task's id, such as task:0:1");
    command_run(&weft, "report t.weft --task fetch-2");
    command_assert_fails(&weft, 2, "the trace has no such task; did you mean 'fetch-1'?");
    command_finish(&weft);
}

static void test_findings(void)
{
    struct command weft;
    start(&weft, fixture_write_blocked);
    report(&weft, "report t.weft");
    g_assert_nonnull(strstr(weft.out, "\n  findings  2 warnings: see weft check\n"));
    report(&weft, "report t.weft --json");
    JsonNode *root = json_from_string(weft.out, NULL);
    JsonObject *counts = json_object_get_object_member(json_node_get_object(root), "findings");
    g_assert_cmpint(number(counts, "error"), ==, 0);
    g_assert_cmpint(number(counts, "warning"), ==, 2);
    g_assert_cmpint(number(counts, "hint"), ==, 0);
    json_node_unref(root);
    command_finish(&weft);
}

static void test_histogram(void)
{
    struct command weft;
    start(&weft, fixture_write_gather);
    report(&weft, "report t.weft --histogram");
    const char *histograms = strstr(weft.out, "\nSlices of tasks\n");
    g_assert_nonnull(histograms);
    command_assert_golden(histograms, "gather.histogram.txt");
    command_finish(&weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/report/text", test_text);
    g_test_add_func("/cli/report/json", test_json);
    g_test_add_func("/cli/report/losses", test_losses);
    g_test_add_func("/cli/report/dropped", test_dropped);
    g_test_add_func("/cli/report/nothing", test_nothing);
    g_test_add_func("/cli/report/only-stood-by", test_only_stood_by);
    g_test_add_func("/cli/report/times-add-up", test_times_add_up);
    g_test_add_func("/cli/report/colour", test_colour);
    g_test_add_func("/cli/report/terminal", test_terminal);
    g_test_add_func("/cli/report/top", test_top);
    g_test_add_func("/cli/report/sort", test_sort);
    g_test_add_func("/cli/report/sites-are-sorted", test_sites_are_sorted);
    g_test_add_func("/cli/report/task", test_task);
    g_test_add_func("/cli/report/findings", test_findings);
    g_test_add_func("/cli/report/histogram", test_histogram);
    return g_test_run();
}
