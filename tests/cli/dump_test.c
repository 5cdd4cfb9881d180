/* dump_test.c: golden text and JSON of hand-made traces, and what the filters leave. */
#include "command.h"
#include "fixture.h"
#include "tracer/trace/notes.h"

#include <json-glib/json-glib.h>
#include <string.h>

static void start(struct command *weft, void (*write)(const char *path))
{
    command_start(weft);
    char *path = command_path(weft, "t.weft");
    write(path);
    g_free(path);
}

static void dump(struct command *weft, const char *line)
{
    command_run(weft, line);
    g_assert_cmpstr(weft->err, ==, "");
    g_assert_cmpint(weft->code, ==, 0);
}

static void test_text(void)
{
    struct command weft;
    start(&weft, fixture_write_gather);
    dump(&weft, "dump t.weft");
    command_assert_golden(weft.out, "gather.dump.txt");
    command_finish(&weft);
}

static void test_json(void)
{
    struct command weft;
    start(&weft, fixture_write_gather);
    dump(&weft, "dump t.weft --json");
    command_assert_golden(weft.out, "gather.dump.json");
    command_finish(&weft);
}

static void test_losses(void)
{
    struct command weft;
    start(&weft, fixture_write_lossy);
    dump(&weft, "dump t.weft");
    command_assert_golden(weft.out, "lossy.dump.txt");
    dump(&weft, "dump t.weft --json");
    command_assert_golden(weft.out, "lossy.dump.json");
    command_finish(&weft);
}

/* The words of each line's second column, in order, separated by spaces. */
static char *kinds_of(const char *out)
{
    GString *kinds = g_string_new(NULL);
    char **lines = g_strsplit(out, "\n", -1);
    for (char **line = lines; *line && **line; line++) {
        char **words = g_strsplit(g_strchug(*line), "  ", 3);
        g_string_append_printf(kinds, "%s%s", kinds->len ? " " : "", words[1]);
        g_strfreev(words);
    }
    g_strfreev(lines);
    return g_string_free(kinds, FALSE);
}

static void assert_kinds(struct command *weft, const char *line, const char *expected)
{
    dump(weft, line);
    char *kinds = kinds_of(weft->out);
    g_assert_cmpstr(kinds, ==, expected);
    g_free(kinds);
}

static void test_notes(void)
{
    struct command weft;
    start(&weft, fixture_write_gather);
    char *path = command_path(&weft, "t.weft");
    weft_trace *trace = weft_trace_open(path, NULL);
    struct weft_note note = { .time_ns = 1000,
                              .entity = weft_id(WEFT_ENTITY_TASK, 0, 1),
                              .ring = WEFT_NOTE_NO_RING,
                              .text = (char *)"why \"here\"?" };
    g_assert_true(weft_notes_append(trace, &note, NULL));
    weft_trace_unref(trace);
    g_free(path);
    dump(&weft, "dump t.weft");
    g_assert_nonnull(strstr(weft.out, "  (note)             task:0:1"));
    g_assert_nonnull(strstr(weft.out, " \"why \\\"here\\\"?\"\n"));
    dump(&weft, "dump t.weft --json --to 1000");
    g_assert_nonnull(
        strstr(weft.out, "\"kind\":\"NOTE\",\"detail\":null,\"subject\":\"task:0:1\""));
    g_assert_nonnull(strstr(weft.out, "\"text\":\"why \\\"here\\\"?\"}\n"));
    assert_kinds(&weft, "dump t.weft --kind note", "(note)");
    assert_kinds(&weft, "dump t.weft --kind mark", "MARK");
    dump(&weft, "dump t.weft --from 1001");
    g_assert_null(strstr(weft.out, "(note)"));
    command_finish(&weft);
}

static guint count_lines(const char *text)
{
    guint n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

/* Every line parses, and has the keys of the contract. */
static void test_json_is_json(void)
{
    static const char *const keys[] = { "t_ns", "kind", "detail", "subject", "object", "site" };
    struct command weft;
    start(&weft, fixture_write_gather);
    dump(&weft, "dump t.weft --json");
    char **lines = g_strsplit(weft.out, "\n", -1);
    for (char **line = lines; **line; line++) {
        GError *error = NULL;
        JsonParser *parser = json_parser_new();
        json_parser_load_from_data(parser, *line, -1, &error);
        g_assert_no_error(error);
        JsonObject *object = json_node_get_object(json_parser_get_root(parser));
        for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
            g_assert_true(json_object_has_member(object, keys[i]));
        g_object_unref(parser);
    }
    g_strfreev(lines);
    command_finish(&weft);
}

static void test_task(void)
{
    struct command weft;
    start(&weft, fixture_write_gather);
    dump(&weft, "dump t.weft --task fetch-1");
    command_assert_golden(weft.out, "fetch-1.dump.txt");
    char *by_name = g_strdup(weft.out);
    dump(&weft, "dump t.weft -t task:0:2");
    g_assert_cmpstr(weft.out, ==, by_name);
    g_free(by_name);
    command_run(&weft, "dump t.weft --task fetch-2");
    command_assert_fails(&weft, 2, "the trace has no such task; did you mean 'fetch-1'?");
    assert_kinds(&weft, "dump t.weft --task timer:0:1", "TIMER_SET SUSPEND TIMER_FIRE WAKE");
    command_run(&weft, "dump t.weft --task timer:0:99");
    command_assert_fails(&weft, 2, "--task 'timer:0:99': the trace has nothing of this id");
    command_run(&weft, "dump t.weft --task task:0:99");
    g_assert_cmpint(weft.code, ==, 2);
    command_finish(&weft);
}

/* TASK_NEW TASK_NAME WAKE RESUME TASK_DONE of each */
static void test_tasks_of_one_name(void)
{
    struct command weft;
    command_start(&weft);
    char *path = command_path(&weft, "t.weft");
    fixture_write_workers(path, 50);
    g_free(path);
    dump(&weft, "dump t.weft --task worker");
    g_assert_cmpuint(count_lines(weft.out), ==, 5 * 50);
    command_finish(&weft);
}

static void test_range(void)
{
    struct command weft;
    start(&weft, fixture_write_gather);
    dump(&weft, "dump t.weft --from 12100us --to 12.11ms");
    g_assert_cmpuint(count_lines(weft.out), ==, 4);
    g_assert_nonnull(strstr(weft.out, "0.012110000s  MARK"));
    dump(&weft, "dump t.weft --from 12110000 --to 0.012110000s");
    g_assert_cmpuint(count_lines(weft.out), ==, 1);
    dump(&weft, "dump t.weft --from 41ms");
    g_assert_cmpuint(count_lines(weft.out), ==, 1);
    dump(&weft, "dump t.weft --to 1h");
    g_assert_cmpuint(count_lines(weft.out), ==, 45);
    command_run(&weft, "dump t.weft --from 1h");
    command_assert_fails(&weft, 2,
                         "--from 3600.000000000s is outside the trace, which goes from "
                         "0.000000000s to 0.041000000s");
    command_run(&weft, "cut t.weft --from 20ms -o cut.weft");
    command_run(&weft, "dump cut.weft --to 1ms");
    command_assert_fails(&weft, 2, "--to 0.001000000s is outside the trace");
    command_finish(&weft);
}

static void test_kinds(void)
{
    struct command weft;
    start(&weft, fixture_write_gather);
    assert_kinds(&weft, "dump t.weft --kind TIMER_SET,mark", "TIMER_SET MARK");
    assert_kinds(&weft, "dump t.weft -k cancel", "CANCEL_REQUEST CANCEL_DELIVER");
    assert_kinds(&weft, "dump t.weft --kind PROCESS", "PROCESS"); /* also a group's name: */
    assert_kinds(&weft, "dump t.weft --kind process", "PROCESS LOOP_OPEN LOOP_CLOSE PROCESS_EXIT");
    assert_kinds(&weft, "dump t.weft --kind time,task --task fetch-1 --from 1ms",
                 "WAKE RESUME WAKE TASK_DONE");
    command_run(&weft, "dump t.weft --kind RESUM");
    command_assert_fails(&weft, 2, "there is no kind 'RESUM'; did you mean 'RESUME'?");
    command_run(&weft, "dump t.weft --kind mark,resum");
    command_assert_fails(&weft, 2, "did you mean 'RESUME'?");
    command_run(&weft, "dump t.weft --kind nonsense");
    command_assert_fails(&weft, 2, "groups of kinds are process, loop, task, future, cancel, time");
    command_finish(&weft);
}

/* What is missing may have been of the kinds that are asked for; what somebody noted is not. */
static void test_kinds_and_what_is_missing(void)
{
    struct command weft;
    start(&weft, fixture_write_lossy);
    assert_kinds(&weft, "dump t.weft --kind TASK_NEW", "TASK_NEW (lost)");
    assert_kinds(&weft, "dump t.weft --kind lost", "(lost)");
    dump(&weft, "dump t.weft --kind lost --json");
    g_assert_nonnull(strstr(weft.out, "\"kind\":\"LOST\""));
    command_finish(&weft);
}

static void test_rings(void)
{
    struct command weft;
    start(&weft, fixture_write_two_loops);
    assert_kinds(&weft, "dump t.weft", "PROCESS LOOP_OPEN LOOP_OPEN ITERATION ITERATION");
    static const char *const lines[] = { "dump t.weft --ring 1", "dump t.weft --loop loop:1:1" };
    for (guint i = 0; i < G_N_ELEMENTS(lines); i++) {
        assert_kinds(&weft, lines[i], "LOOP_OPEN ITERATION");
        g_assert_null(strstr(weft.out, ":0:"));
    }
    command_run(&weft, "dump t.weft --ring 7");
    command_assert_fails(&weft, 2, "--ring 7: the trace has these: 0, 1");
    command_run(&weft, "dump t.weft --loop tool");
    command_assert_fails(&weft, 2, "--loop 'tool': the trace has these: loop:0:1 (");
    command_finish(&weft);
}

static void test_grep_head_and_tail(void)
{
    struct command weft;
    start(&weft, fixture_write_gather);
    assert_kinds(&weft, "dump t.weft --grep cleanup", "MARK");
    dump(&weft, "dump t.weft --grep nowhere");
    g_assert_cmpstr(weft.out, ==, "");
    dump(&weft, "dump t.weft --json --grep \"cleanup\"");
    g_assert_cmpuint(count_lines(weft.out), ==, 1);
    assert_kinds(&weft, "dump t.weft --kind RESUME --head 2", "RESUME RESUME");
    assert_kinds(&weft, "dump t.weft --tail 2", "LOOP_CLOSE PROCESS_EXIT");
    assert_kinds(&weft, "dump t.weft --kind TASK_DONE --tail 9", "TASK_DONE TASK_DONE TASK_DONE");
    dump(&weft, "dump t.weft --head 0");
    g_assert_cmpstr(weft.out, ==, "");
    dump(&weft, "dump t.weft --tail 0");
    g_assert_cmpstr(weft.out, ==, "");
    command_run(&weft, "dump t.weft --head 1 --tail 1");
    command_assert_fails(&weft, 2, "--head or --tail, not both");
    command_finish(&weft);
}

static void test_nothing(void)
{
    struct command weft;
    start(&weft, fixture_write_empty);
    dump(&weft, "dump t.weft");
    g_assert_cmpstr(weft.out, ==, "");
    dump(&weft, "dump t.weft --json");
    g_assert_cmpstr(weft.out, ==, "");
    command_finish(&weft);
}

static void test_reader_goes_away(void)
{
    struct command weft;
    command_start(&weft);
    char *path = command_path(&weft, "t.weft");
    fixture_write_workers(path, 20000);
    g_free(path);
    command_shell(&weft, "{ $WEFT dump t.weft; echo $? >code; } | head -n 1; cat code");
    g_assert_cmpstr(weft.err, ==, "");
    g_assert_true(g_str_has_suffix(weft.out, "\n0\n"));
    command_shell(&weft, "exec $WEFT dump t.weft >/dev/full");
    command_assert_fails(&weft, 4, "cannot write the output: No space left on device");
    command_finish(&weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/dump/text", test_text);
    g_test_add_func("/cli/dump/json", test_json);
    g_test_add_func("/cli/dump/losses", test_losses);
    g_test_add_func("/cli/dump/notes", test_notes);
    g_test_add_func("/cli/dump/json-is-json", test_json_is_json);
    g_test_add_func("/cli/dump/task", test_task);
    g_test_add_func("/cli/dump/tasks-of-one-name", test_tasks_of_one_name);
    g_test_add_func("/cli/dump/range", test_range);
    g_test_add_func("/cli/dump/kinds", test_kinds);
    g_test_add_func("/cli/dump/kinds-and-what-is-missing", test_kinds_and_what_is_missing);
    g_test_add_func("/cli/dump/rings", test_rings);
    g_test_add_func("/cli/dump/grep-head-and-tail", test_grep_head_and_tail);
    g_test_add_func("/cli/dump/nothing", test_nothing);
    g_test_add_func("/cli/dump/reader-goes-away", test_reader_goes_away);
    return g_test_run();
}
