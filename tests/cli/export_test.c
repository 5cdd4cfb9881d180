/* export_test.c: text and tables made by weft; pictures handed to weft-viewer, with the right
 * arguments. */
#include "command.h"
#include "fixture.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

static void start(struct command *weft)
{
    command_start(weft);
    char *path = command_path(weft, "t.weft");
    fixture_write_gather(path);
    g_free(path);
}

static void test_text(void)
{
    struct command weft;
    start(&weft);
    command_run(&weft, "export t.weft --to text --width 100");
    g_assert_cmpstr(weft.err, ==, "");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_nonnull(strstr(weft.out, "fetch-1"));
    g_assert_null(strchr(weft.out, '\033'));
    char *text = g_strdup(weft.out);
    command_run(&weft, "export t.weft --to text --width 100 -o -");
    g_assert_cmpstr(weft.out, ==, text);
    command_run(&weft, "export t.weft --to text --width 100 -o out.txt");
    g_assert_cmpstr(weft.out, ==, "");
    g_assert_cmpint(weft.code, ==, 0);
    char *path = command_path(&weft, "out.txt");
    char *written;
    g_assert_true(g_file_get_contents(path, &written, NULL, NULL));
    g_assert_cmpstr(written, ==, text);
    g_free(written);
    g_free(path);
    g_free(text);
    command_finish(&weft);
}

static void test_text_has_its_width(void)
{
    struct command weft;
    start(&weft);
    for (guint width = 40; width <= 200; width += 40) {
        char *line = g_strdup_printf("export t.weft --to text --width %u", width);
        command_run(&weft, line);
        char **lines = g_strsplit(weft.out, "\n", -1);
        for (char **l = lines; *l; l++)
            g_assert_cmpint(g_utf8_strlen(*l, -1), <=, width);
        g_strfreev(lines);
        g_free(line);
    }
    command_finish(&weft);
}

/* The task that ends with the trace says how, and what is behind the end is blank. */
static void test_ends_are_told(void)
{
    struct command weft;
    start(&weft);
    for (guint width = 60; width <= 200; width += 20) {
        char *line = g_strdup_printf("export t.weft --to text --width %u", width);
        command_run(&weft, line);
        g_assert_nonnull(strstr(weft.out, "┤ ETIMEDOUT"));
        g_assert_true(g_regex_match_simple("^main .*┤ done$", weft.out, G_REGEX_MULTILINE, 0));
        g_free(line);
    }
    command_run(&weft, "export t.weft --to text --width 80 --until 20ms");
    g_assert_false(g_regex_match_simple("^main .*┤ done$", weft.out, G_REGEX_MULTILINE, 0));
    command_finish(&weft);
}

static void test_losses_are_told(void)
{
    struct command weft;
    command_start(&weft);
    char *path = command_path(&weft, "t.weft");
    fixture_write_lossy(path);
    g_free(path);
    command_run(&weft, "export t.weft --to text --width 80");
    g_assert_cmpint(weft.code, ==, 0);
    const char *const lanes[] = { "loop", "ready", "main" };
    for (guint i = 0; i < G_N_ELEMENTS(lanes); i++) {
        char *pattern = g_strdup_printf("^%s .*\\?{50}", lanes[i]);
        g_assert_true(g_regex_match_simple(pattern, weft.out, G_REGEX_MULTILINE, 0));
        g_free(pattern);
    }
    g_assert_nonnull(strstr(weft.out, "1,000 events are lost"));
    command_finish(&weft);
}

static void test_what_cannot_be_written(void)
{
    struct command weft;
    start(&weft);
    command_run(&weft, "export t.weft --to text -o nowhere/out.txt");
    command_assert_fails(&weft, 4, "cannot write 'nowhere/out.txt': No such file or directory");
    command_run(&weft, "export t.weft --to text -o /dev/full");
    command_assert_fails(&weft, 4, "cannot write '/dev/full': No space left on device");
    command_run(&weft, "export t.weft --to text -o t.weft");
    command_assert_fails(&weft, 2, "is the trace itself");
    command_run(&weft, "export t.weft --to text --from 1h");
    command_assert_fails(&weft, 2,
                         "--from 3600.000000000s is outside the trace, which goes from "
                         "0.000000000s to 0.041000000s");
    command_finish(&weft);
}

/* ---- Tables ---- */

static void test_csv(void)
{
    static const char *const tables[] = { "tasks", "segments", "events" };
    struct command weft;
    start(&weft);
    for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
        char *line = g_strdup_printf("export t.weft --to csv --what %s", tables[i]);
        char *golden = g_strdup_printf("gather.%s.csv", tables[i]);
        command_run(&weft, line);
        g_assert_cmpstr(weft.err, ==, "");
        g_assert_cmpint(weft.code, ==, 0);
        command_assert_golden(weft.out, golden);
        g_free(golden);
        g_free(line);
    }
    char *events = g_strdup(weft.out);
    command_run(&weft, "export t.weft --to csv --what events -o out.csv");
    g_assert_cmpstr(weft.out, ==, "");
    command_shell(&weft, "cat out.csv; ls -A");
    g_assert_true(g_str_has_prefix(weft.out, events));
    g_assert_cmpstr(weft.out + strlen(events), ==, "out.csv\nt.weft\n");
    g_free(events);
    command_finish(&weft);
}

/* What other programs make of it: names with quotes, commas and control characters in them. */
static void test_csv_is_read_back(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft,
                  "$WEFT export t.weft --to csv --what events | python3 -c '\n"
                  "import csv, sys\n"
                  "rows = list(csv.DictReader(open(0, encoding=\"utf-8\", newline=\"\")))\n"
                  "print(len(rows), {r[\"text\"] for r in rows if \"slow\" in r[\"text\"]})\n"
                  "print({r[\"subject_name\"] for r in rows if \"evil\" in r[\"subject_name\"]})'");
    g_assert_cmpstr(weft.err, ==, "");
    g_assert_cmpstr(weft.out, ==,
                    "45 {'too \"slow\"'}\n{'evil\357\277\275[31m\357\277\275\357\277\275name'}\n");
    command_finish(&weft);
}

static void test_csv_of_a_range(void)
{
    struct command weft;
    start(&weft);
    command_run(&weft, "export t.weft --to csv --what events --from 12100us --until 12.11ms");
    char **lines = g_strsplit(weft.out, "\r\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, 1 + 4 + 1);
    g_strfreev(lines);
    command_run(&weft, "export t.weft --to csv --from 1ms --until 2ms"); /* as a whole */
    g_assert_nonnull(strstr(weft.out, "\ntask:0:2,fetch-1,70000,10080000,waiting,timer,"));
    g_assert_null(strstr(weft.out, "running"));
    command_finish(&weft);
}

static void test_csv_that_cannot_be_written(void)
{
    struct command weft;
    start(&weft);
    command_run(&weft, "export t.weft --to csv -o nowhere/out.csv");
    command_assert_fails(&weft, 4, "cannot write 'nowhere/out.csv': No such file or directory");
    command_run(&weft, "export t.weft --to csv -o /dev/full");
    command_assert_fails(&weft, 4, "cannot write '/dev/full': No space left on device");
    command_shell(&weft, "exec $WEFT export t.weft --to csv >/dev/full");
    command_assert_fails(&weft, 4, "cannot write the output: No space left on device");
    command_shell(&weft, "{ $WEFT export t.weft --to csv; echo $? >code; } | true; cat code");
    g_assert_cmpstr(weft.err, ==, "");
    g_assert_cmpstr(weft.out, ==, "0\n");
    command_finish(&weft);
}

/* The rows of a query, columns and rows separated by '|' and '\n'. */
static char *query(struct command *weft, const char *sql)
{
    char *path = command_path(weft, "out.db");
    sqlite3 *db;
    sqlite3_stmt *statement;
    GString *rows = g_string_new(NULL);
    g_assert_cmpint(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), ==, SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const char *text = (const char *)sqlite3_column_text(statement, i);
            g_string_append_printf(rows, "%s%s", text ? text : "NULL",
                                   i + 1 < sqlite3_column_count(statement) ? "|" : "\n");
        }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    g_free(path);
    return g_string_free(rows, FALSE);
}

static void assert_query(struct command *weft, const char *sql, const char *expected)
{
    char *rows = query(weft, sql);
    g_assert_cmpstr(rows, ==, expected);
    g_free(rows);
}

static void test_sqlite(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "echo before >out.db; $WEFT export t.weft --to sqlite -o out.db && ls -A");
    g_assert_cmpstr(weft.err, ==, "");
    g_assert_cmpstr(weft.out, ==, "out.db\nt.weft\n");
    assert_query(&weft, "PRAGMA integrity_check", "ok\n");
    assert_query(&weft, "PRAGMA foreign_key_check", "");
    assert_query(&weft, "SELECT pid, program, host, exit_code, exit_signal FROM process",
                 "1234|./app --fast|loom|0|NULL\n");
    assert_query(&weft,
                 "SELECT name, outcome, file, line, function FROM task JOIN site"
                 " ON site.id = site WHERE name = 'fetch-1'",
                 "fetch-1|result|app.c|42|main\n");
    assert_query(&weft, "SELECT count(*), min(t_ns), max(t_ns) FROM event", "45|0|41000000\n");
    assert_query(&weft, "SELECT text FROM event WHERE kind = 'CANCEL_REQUEST'", "too \"slow\"\n");
    assert_query(&weft,
                 "SELECT e.label, t.label, cause FROM wake JOIN entity e ON e.id = waker"
                 " JOIN entity t ON t.id = wake.task WHERE cause = 'timer'",
                 "timer:0:1|task:0:2|timer\n");
    /* Each task's segments are all of its life, in each state as much as the totals say. */
    assert_query(&weft,
                 "SELECT count(*) FROM task WHERE end_ns - created_ns <>"
                 " (SELECT sum(to_ns - from_ns) FROM segment WHERE lane = id) OR running_ns <>"
                 " (SELECT coalesce(sum(to_ns - from_ns), 0) FROM segment WHERE lane = id"
                 "  AND state = 'running')",
                 "0\n");
    command_finish(&weft);
}

static void test_sqlite_of_losses(void)
{
    struct command weft;
    command_start(&weft);
    char *path = command_path(&weft, "t.weft");
    fixture_write_lossy(path);
    g_free(path);
    command_run(&weft, "export t.weft --to sqlite -o out.db");
    assert_query(&weft, "SELECT * FROM loss", "0|1000|30000|5000000\n");
    assert_query(&weft, "SELECT exit_code, exit_signal FROM process", "NULL|9\n");
    assert_query(&weft,
                 "SELECT from_ns, to_ns FROM segment WHERE state = 'unknown' AND lane ="
                 " (SELECT id FROM task)",
                 "30000|5000000\n");
    command_finish(&weft);
}

static void test_sqlite_of_findings(void)
{
    struct command weft;
    command_start(&weft);
    char *path = command_path(&weft, "t.weft");
    fixture_write_blocked(path);
    g_free(path);
    command_run(&weft, "export t.weft --to sqlite -o out.db");
    assert_query(&weft,
                 "SELECT rule, severity, entity.name, file, line, from_ns, to_ns FROM finding"
                 " JOIN entity ON entity.id = subject JOIN site ON site.id = site",
                 "blocking-call|warning|parse|app.c|41|30000|150000000\n"
                 "late-timer|warning|heartbeat|app.c|21|50000000|150001000\n");
    command_run(&weft, "export t.weft --to sqlite -o out.db --until 10ms");
    assert_query(&weft, "SELECT rule FROM finding", "blocking-call\n");
    command_finish(&weft);
}

static void test_sqlite_that_cannot_be_written(void)
{
    struct command weft;
    start(&weft);
    command_run(&weft, "export t.weft --to sqlite");
    command_assert_fails(&weft, 2, "A database needs -o FILE");
    command_run(&weft, "export t.weft --to sqlite --what tasks -o out.db");
    command_assert_fails(&weft, 2, "--what is for csv");
    command_run(&weft, "export t.weft --to sqlite -o nowhere/out.db");
    command_assert_fails(&weft, 4, "cannot write 'nowhere/out.db': No such file or directory");
    command_run(&weft, "export t.weft --to sqlite -o /dev/full");
    command_assert_fails(&weft, 4, "cannot write '/dev/full': Illegal seek");
    command_finish(&weft);
}

/* ---- Pictures ---- */

static void test_no_viewer(void)
{
    struct command weft;
    start(&weft);
    command_copy_weft(&weft);
    command_shell(&weft, "PATH=/nowhere; exec $WEFT_COPY export t.weft --to png -o out.png");
    command_assert_fails(&weft, 4, "weft-viewer is not installed");
    command_finish(&weft);
}

static void test_viewer_is_told(void)
{
    struct command weft;
    start(&weft);
    command_copy_weft(&weft);
    command_fake_viewer(&weft);
    command_shell(&weft, "exec $WEFT_COPY export t.weft --to png -o out.png");
    g_assert_cmpstr(weft.out, ==, "--export png t.weft out.png\n");
    g_assert_cmpint(weft.code, ==, 9);
    command_shell(&weft, "exec $WEFT_COPY export t.weft --to svg -o out.svg --from 1ms "
                         "--until 2ms --width 800 --palette dark --all-lanes");
    g_assert_cmpstr(weft.out, ==,
                    "--export svg t.weft out.svg --from 1000000 --to 2000000 --width 800 "
                    "--palette dark --all-lanes\n");
    command_finish(&weft);
}

/* The real one, where it is built. */
static void test_picture(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "test -x ${WEFT%/*}/weft-viewer");
    if (weft.code != 0) {
        g_test_skip("weft-viewer is not built here");
        command_finish(&weft);
        return;
    }
    weft.environment = g_environ_unsetenv(weft.environment, "DISPLAY");
    weft.environment = g_environ_unsetenv(weft.environment, "WAYLAND_DISPLAY");
    command_run(&weft, "export t.weft --to png -o out.png");
    g_assert_cmpint(weft.code, ==, 0);
    command_run(&weft, "export t.weft --to svg -o out.svg --palette dark --width 800");
    g_assert_cmpint(weft.code, ==, 0);
    command_run(&weft, "export t.weft --to pdf -o out.pdf --all-lanes");
    g_assert_cmpint(weft.code, ==, 0);
    command_shell(&weft,
                  "head -c 4 out.png | tail -c 3; head -c 4 out.pdf; grep -o '<svg' out.svg");
    g_assert_cmpstr(weft.out, ==, "PNG%PDF<svg\n");
    command_shell(&weft, "head -c 1000 t.weft >cut.weft;"
                         "exec $WEFT export cut.weft --to png -o cut.png");
    g_assert_cmpint(weft.code, ==, 3);
    g_assert_nonnull(strstr(weft.err, "cut at byte 1000"));
    command_run(&weft, "export t.weft --to png -o nowhere/out.png");
    g_assert_cmpint(weft.code, ==, 4);
    command_finish(&weft);
}

static void assert_full_disk(struct command *weft, const char *format)
{
    char *script = g_strdup_printf("exec unshare -rm sh -c 'mount -t tmpfs -o size=8k none small;"
                                   "echo before >small/out; head -c 4096 /dev/zero >small/fill;"
                                   "$WEFT export t.weft --to %s -o small/out; code=$?;"
                                   "cat small/out; ls -A small; exit $code'",
                                   format);
    command_shell(weft, script);
    g_free(script);
    g_assert_cmpint(weft->code, ==, 4);
    g_assert_cmpstr(weft->err, ==, "weft: cannot write 'small/out': No space left on device\n");
    g_assert_cmpstr(weft->out, ==, "before\nfill\nout\n");
}

/* What was there before stays whole, and nothing else is left. */
static void test_full_disk(void)
{
    struct command weft;
    start(&weft);
    if (command_can_mount(&weft)) {
        assert_full_disk(&weft, "text");
        assert_full_disk(&weft, "csv");
        assert_full_disk(&weft, "sqlite");
    }
    command_finish(&weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/export/text", test_text);
    g_test_add_func("/cli/export/text-has-its-width", test_text_has_its_width);
    g_test_add_func("/cli/export/ends-are-told", test_ends_are_told);
    g_test_add_func("/cli/export/losses-are-told", test_losses_are_told);
    g_test_add_func("/cli/export/what-cannot-be-written", test_what_cannot_be_written);
    g_test_add_func("/cli/export/full-disk", test_full_disk);
    g_test_add_func("/cli/export/csv", test_csv);
    g_test_add_func("/cli/export/csv-is-read-back", test_csv_is_read_back);
    g_test_add_func("/cli/export/csv-of-a-range", test_csv_of_a_range);
    g_test_add_func("/cli/export/csv-that-cannot-be-written", test_csv_that_cannot_be_written);
    g_test_add_func("/cli/export/sqlite", test_sqlite);
    g_test_add_func("/cli/export/sqlite-of-losses", test_sqlite_of_losses);
    g_test_add_func("/cli/export/sqlite-of-findings", test_sqlite_of_findings);
    g_test_add_func("/cli/export/sqlite-that-cannot-be-written",
                    test_sqlite_that_cannot_be_written);
    g_test_add_func("/cli/export/no-viewer", test_no_viewer);
    g_test_add_func("/cli/export/viewer-is-told", test_viewer_is_told);
    g_test_add_func("/cli/export/picture", test_picture);
    return g_test_run();
}
