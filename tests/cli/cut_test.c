/* cut_test.c: weft cut: windows, what it says, how it exits. */
#include "command.h"
#include "fixture.h"

#include <string.h>

static void start(struct command *weft, void (*write)(const char *path))
{
    command_start(weft);
    char *path = command_path(weft, "t.weft");
    write(path);
    g_free(path);
}

/* What the whole trace prints of the window is all that the window prints. */
static void test_window(void)
{
    struct command weft;
    start(&weft, fixture_write_gather);
    command_run(&weft, "dump t.weft --json --from 10ms --to 30ms");
    g_autofree char *expected = g_strdup(weft.out);
    command_run(&weft, "cut t.weft --from 10ms --to 30ms -o w.weft");
    g_assert_cmpstr(weft.err, ==, "");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_true(g_str_has_prefix(weft.out, "w.weft: "));
    g_assert_nonnull(strstr(weft.out, " from 0.010000000s to 0.030000000s\n"));
    command_run(&weft, "dump w.weft --json");
    g_assert_cmpstr(weft.err, ==, "");
    g_assert_cmpstr(weft.out, ==, expected);
    command_run(&weft, "report w.weft");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_nonnull(strstr(weft.out, "main"));
    command_run(&weft, "report w.weft --json"); /* of all of the window */
    g_assert_nonnull(strstr(weft.out, "\"duration_ns\" : 20000000,"));
    command_finish(&weft);
}

/* When it was created is not known of a task that was there when the trace began, and not made up.
 */
static void test_created_before(void)
{
    struct command weft;
    start(&weft, fixture_write_gather);
    command_run(&weft, "cut t.weft --from 10ms --to 30ms -o w.weft");
    command_run(&weft, "report w.weft --task fetch-1 --json");
    g_assert_nonnull(strstr(weft.out, "\"created_ns\" : null,"));
    command_run(&weft, "report t.weft --task fetch-1 --json");
    g_assert_nonnull(strstr(weft.out, "\"created_ns\" : 30000,"));
    command_shell(&weft, "$WEFT report w.weft --task fetch-1 | grep '^ *fetch-1 .* – *app.c:42'");
    g_assert_cmpint(weft.code, ==, 0);
    command_shell(&weft,
                  "$WEFT export w.weft --to csv --what tasks | cut -d, -f2,7 | grep fetch-1,");
    g_assert_cmpstr(weft.out, ==, "fetch-1,\n");
    command_shell(&weft, "$WEFT export w.weft --to sqlite -o w.db && python3 -c '\n"
                         "import sqlite3\n"
                         "print(sqlite3.connect(\"w.db\").execute(\"SELECT created_ns FROM task"
                         " WHERE name = ?\", [\"fetch-1\"]).fetchone())'");
    g_assert_cmpstr(weft.out, ==, "(None,)\n");
    command_finish(&weft);
}

static void test_losses(void)
{
    struct command weft;
    start(&weft, fixture_write_lossy);
    command_run(&weft, "cut t.weft -o w.weft");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_nonnull(strstr(weft.out, ", 1,000 lost\n"));
    command_run(&weft, "dump t.weft");
    g_autofree char *expected = g_strdup(weft.out);
    command_run(&weft, "dump w.weft");
    g_assert_cmpstr(weft.out, ==, expected);
    command_finish(&weft);
}

static void test_refusals(void)
{
    struct command weft;
    start(&weft, fixture_write_gather);
    command_run(&weft, "cut t.weft");
    command_assert_fails(&weft, 2, "-o FILE is missing");
    command_run(&weft, "cut t.weft -o t.weft");
    command_assert_fails(&weft, 2, "the same");
    command_run(&weft, "cut t.weft --from 2ms --to 1ms -o w.weft");
    command_assert_fails(&weft, 2, "--from is later than --to");
    command_run(&weft, "cut t.weft --from 2h -o w.weft");
    command_assert_fails(&weft, 2, "is outside the trace, which goes from 0.000000000s to 0.041");
    command_shell(&weft, "echo hello > x.c");
    command_run(&weft, "cut t.weft -o x.c");
    command_assert_fails(&weft, 2, "is no trace");
    command_run(&weft, "cut x.c -o w.weft");
    command_assert_fails(&weft, 3, "is not a Weft trace");
    command_finish(&weft);
}

static void test_damaged(void)
{
    struct command weft;
    start(&weft, fixture_write_gather);
    command_shell(&weft, "head -c -40 t.weft > bad.weft");
    command_run(&weft, "cut bad.weft -o w.weft");
    g_assert_cmpint(weft.code, ==, 3);
    g_assert_nonnull(strstr(weft.err, "it is cut at byte"));
    command_run(&weft, "dump w.weft");
    g_assert_cmpint(weft.code, ==, 0);
    command_finish(&weft);
}

/* A file system with room for a page, which is taken: what was there stays, and nothing else. */
static void test_full_disk(void)
{
    static const char *const lines[] = { "cut t.weft", "repair t.weft" };
    struct command weft;
    start(&weft, fixture_write_gather);
    g_autofree char *other = command_path(&weft, "u.weft");
    fixture_write_empty(other);
    gboolean can_mount = command_can_mount(&weft);
    for (guint i = 0; can_mount && i < G_N_ELEMENTS(lines); i++) {
        g_autofree char *script = g_strdup_printf(
            "exec unshare -rm sh -c 'mount -t tmpfs -o size=4k none small;"
            "cp u.weft small/w.weft; $WEFT %s -o small/w.weft; code=$?;"
            "cmp u.weft small/w.weft && [ $(ls -A small) = w.weft ] || exit 98; exit $code'",
            lines[i]);
        command_shell(&weft, script);
        command_assert_fails(&weft, 4,
                             "cannot write small/w.weft: No space left on device; "
                             "nothing was written");
    }
    command_finish(&weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/cut/window", test_window);
    g_test_add_func("/cli/cut/created-before", test_created_before);
    g_test_add_func("/cli/cut/losses", test_losses);
    g_test_add_func("/cli/cut/refusals", test_refusals);
    g_test_add_func("/cli/cut/damaged", test_damaged);
    g_test_add_func("/cli/cut/full-disk", test_full_disk);
    return g_test_run();
}
