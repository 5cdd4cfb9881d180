/* merge_test.c: `weft merge`: several traces as one, and what it says. */
#include "command.h"
#include "fixture.h"

#include <stdio.h>
#include <string.h>

/* a.weft and b.weft, of two programs. */
static void start(struct command *weft)
{
    command_start(weft);
    command_shell(weft, "for name in a b; do $WEFT record -q -o $name.weft -- $WEFT_EMITTER exit;"
                        "done");
    g_assert_cmpint(weft->code, ==, 0);
}

static void test_two(void)
{
    struct command weft;
    start(&weft);
    command_run(&weft, "merge a.weft b.weft -o c.weft");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_cmpstr(weft.out, ==, "");
    g_assert_true(g_regex_match_simple(
        "^weft: [0-9]+ events of 2 processes, none lost: 'c\\.weft', .*\n$", weft.err, 0, 0));
    command_shell(&weft, "$WEFT report --json c.weft | grep -c '\"pid\"'");
    g_assert_cmpstr(weft.out, ==, "2\n");
    command_shell(&weft, "cat a.weft >before; for f in a b c; do $WEFT dump $f.weft | wc -l; done");
    guint a, b, c;
    g_assert_cmpint(sscanf(weft.out, "%u %u %u", &a, &b, &c), ==, 3);
    g_assert_cmpuint(a + b, ==, c);
    command_shell(&weft, "$WEFT merge -q b.weft a.weft -o c.weft && cmp a.weft before");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_cmpstr(weft.err, ==, "");
    command_finish(&weft);
}

/* Windows of one trace, in whatever order, are that trace. */
static void test_windows(void)
{
    struct command weft;
    command_start(&weft);
    command_shell(&weft,
                  "$WEFT record -qo t.weft -- $WEFT_HELLO >hello && $WEFT dump --json t.weft");
    g_assert_cmpint(weft.code, ==, 0);
    g_autofree char *expected = g_strdup(weft.out);
    command_shell(&weft, "$WEFT cut t.weft --to 900ms -o a.weft &&"
                         "$WEFT cut t.weft --from 500us -o b.weft >cut &&"
                         "$WEFT merge b.weft a.weft -o c.weft");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_nonnull(strstr(weft.err, " events of 1 process, none lost: 'c.weft'"));
    command_run(&weft, "dump --json c.weft");
    g_assert_cmpstr(weft.out, ==, expected);
    /* It sleeps for a second: its waking is in neither of these. */
    command_shell(&weft, "last=$($WEFT dump t.weft --tail 1 | cut -d ' ' -f 1);"
                         "$WEFT cut t.weft --to 900ms -o a.weft &&"
                         "$WEFT cut t.weft --from $last -o b.weft >cut &&"
                         "$WEFT merge a.weft b.weft -o c.weft && $WEFT check c.weft");
    g_assert_nonnull(strstr(weft.out, " are in none of the traces that were merged"));
    g_assert_null(strstr(weft.out, "--ring-size"));
    command_finish(&weft);
}

/* The files of a recording of two processes. */
static void test_files(void)
{
    struct command weft;
    command_start(&weft);
    command_shell(&weft, "$WEFT record -q --children --max-size 1M -o t.weft -- sh -c '"
                         "$WEFT_EMITTER noise 300000; $WEFT_EMITTER exit 2';"
                         "$WEFT merge t.3.weft t.weft t.2.weft -o c.weft && $WEFT report c.weft");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_nonnull(strstr(weft.err, "300,018 events of 2 processes, none lost"));
    g_assert_nonnull(strstr(weft.out, "; ended with 2\n"));
    command_shell(&weft, "$WEFT merge t.3.weft t.weft -o c.weft");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_nonnull(strstr(weft.err, " slots of events between pieces of a process are in none of"
                                      " the traces: they count as lost"));
    command_finish(&weft);
}

static void test_refused(void)
{
    struct command weft;
    start(&weft);
    command_run(&weft, "merge a.weft -o c.weft");
    command_assert_fails(&weft, 2, "Two FILEs at least");
    command_run(&weft, "merge a.weft b.weft");
    command_assert_fails(&weft, 2, "-o FILE is missing");
    command_run(&weft, "merge a.weft b.weft -o b.weft");
    command_assert_fails(&weft, 2, "-o 'b.weft' is one of the traces");
    command_shell(&weft, "ln a.weft link; exec $WEFT merge a.weft b.weft -o link");
    command_assert_fails(&weft, 2, "is one of the traces");
    command_shell(&weft, "cp a.weft copy.weft; exec $WEFT merge a.weft copy.weft -o c.weft");
    command_assert_fails(&weft, 3, "a.weft and copy.weft are the same trace");
    command_run(&weft, "merge a.weft missing.weft -o c.weft");
    command_assert_fails(&weft, 4, "missing.weft");
    command_shell(&weft, "echo no >no; exec $WEFT merge a.weft no -o c.weft");
    command_assert_fails(&weft, 3, "no is not a Weft trace");
    command_shell(&weft, "exec $WEFT merge a.weft b.weft -o no");
    command_assert_fails(&weft, 2, "'no' exists and is no trace");
    command_run(&weft, "merge a.weft b.weft -o missing/c.weft");
    command_assert_fails(&weft, 4, "missing/c.weft");
    command_shell(&weft, "test ! -e c.weft");
    g_assert_cmpint(weft.code, ==, 0);
    command_finish(&weft);
}

static void test_damaged(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "head -c $(($(wc -c <b.weft) - 40)) b.weft >cut.weft;"
                         "exec $WEFT merge a.weft cut.weft -o c.weft");
    g_assert_cmpint(weft.code, ==, 3);
    g_assert_nonnull(strstr(weft.err, "weft: cut.weft: "));
    g_assert_nonnull(strstr(weft.err, "events of 2 processes"));
    command_run(&weft, "report c.weft");
    g_assert_cmpint(weft.code, ==, 0);
    command_finish(&weft);
}

/* A trace of another machine: that its place is not exact is said, also with -q. */
static void test_other_machine(void)
{
    struct command weft;
    start(&weft);
    char *path = command_path(&weft, "old.weft");
    fixture_write_gather(path);
    g_free(path);
    command_run(&weft, "merge -q a.weft old.weft -o c.weft");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_nonnull(strstr(weft.err, "it is placed by the wall clock"));
    command_finish(&weft);
}

/* A file system with room for a page, which is taken: what was there stays, and nothing else. */
static void test_full_disk(void)
{
    struct command weft;
    start(&weft);
    if (command_can_mount(&weft)) {
        command_shell(&weft, "exec unshare -rm sh -c 'mount -t tmpfs -o size=4k none small;"
                             "cp a.weft small/c.weft; $WEFT merge a.weft b.weft -o small/c.weft;"
                             "code=$?; cmp a.weft small/c.weft && [ $(ls -A small) = c.weft ] ||"
                             "exit 98; exit $code'");
        command_assert_fails(&weft, 4,
                             "cannot write small/c.weft: No space left on device; "
                             "nothing was written");
    }
    command_finish(&weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/merge/two", test_two);
    g_test_add_func("/cli/merge/windows", test_windows);
    g_test_add_func("/cli/merge/files", test_files);
    g_test_add_func("/cli/merge/refused", test_refused);
    g_test_add_func("/cli/merge/damaged", test_damaged);
    g_test_add_func("/cli/merge/full-disk", test_full_disk);
    g_test_add_func("/cli/merge/other-machine", test_other_machine);
    return g_test_run();
}
