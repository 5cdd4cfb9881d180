/* recover_test.c: `weft recover` on what programs left behind, by number and by file. */
#include "command.h"

#include <string.h>

/* Runs a program that kills itself after 100 slices; its number is in `pid`. */
static const char killed[] = "WEFT_TRACE=flight sh -c 'echo $$ >pid; exec $WEFT_EMITTER %s' || :;";

static void run_killed(struct command *weft, const char *how, const char *then)
{
    char *run = g_strdup_printf(killed, how);
    char *script = g_strconcat(run, then, NULL);
    command_shell(weft, script);
    g_free(script);
    g_free(run);
}

static void test_pid(void)
{
    struct command weft;
    command_start(&weft);
    run_killed(&weft, "kill 9", "exec $WEFT recover $(cat pid) -o t.weft");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_cmpstr(weft.out, ==, "");
    g_assert_nonnull(strstr(weft.err, "weft: 6 events, none lost: 't.weft', "));
    command_run(&weft, "dump t.weft");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_nonnull(strstr(weft.out, "SUSPEND"));
    command_run(&weft, "report t.weft");
    g_assert_nonnull(strstr(weft.out, "; ended, some time after that, and nobody saw how\n"));
    /* It is still there, until it is to go. */
    command_shell(&weft, "exec $WEFT recover -q --remove $(cat pid) -o t.weft");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_cmpstr(weft.err, ==, "");
    command_shell(&weft, "exec $WEFT recover $(cat pid) -o t.weft");
    command_assert_fails(&weft, 4, ": one that ends by itself, or is not traced, leaves none");
    command_shell(&weft, "exec $WEFT recover $$ -o t.weft");
    command_assert_fails(&weft, 4, "runs, and has no ring file in");
    command_finish(&weft);
}

static void test_ring(void)
{
    struct command weft;
    command_start(&weft);
    run_killed(&weft, "kill 9",
               "mv $XDG_RUNTIME_DIR/weft/*.ring a.ring;"
               "exec $WEFT recover a.ring -o t.weft");
    g_assert_cmpint(weft.code, ==, 0);
    /* A file before a number. */
    command_shell(&weft, "cp a.ring 123; exec $WEFT recover 123 -o t.weft");
    g_assert_cmpint(weft.code, ==, 0);
    command_finish(&weft);
}

static void test_damaged(void)
{
    struct command weft;
    command_start(&weft);
    run_killed(&weft, "kill 9",
               "mv $XDG_RUNTIME_DIR/weft/*.ring a.ring;"
               "truncate -s 1200000 a.ring;"
               "exec $WEFT recover --remove a.ring -o t.weft");
    g_assert_cmpint(weft.code, ==, 3);
    g_assert_nonnull(strstr(weft.err, "weft: a.ring: "));
    g_assert_nonnull(strstr(weft.err, "at byte "));
    g_assert_nonnull(strstr(weft.err, "not removed"));
    command_shell(&weft, "test -e a.ring -a -e t.weft");
    g_assert_cmpint(weft.code, ==, 0);
    command_shell(&weft, "truncate -s 100 a.ring; exec $WEFT recover a.ring -o t.weft");
    command_assert_fails(&weft, 3, "a.ring is no ring file");
    command_run(&weft, "recover missing.ring -o t.weft");
    command_assert_fails(&weft, 4, "missing.ring");
    command_shell(&weft, "echo precious >b.c; exec $WEFT recover a.ring -o b.c");
    command_assert_fails(&weft, 2, "'b.c' exists and is no trace");
    command_finish(&weft);
}

static void test_running(void)
{
    struct command weft;
    command_start(&weft);
    command_shell(&weft, "WEFT_TRACE=flight $WEFT_EMITTER wait >said & pid=$!;"
                         "until grep -q ready said; do :; done;"
                         "$WEFT recover $pid -o t.weft; code=$?; kill -9 $pid;"
                         "wait $pid; exit $code");
    g_assert_cmpint(weft.code, ==, 4);
    g_assert_nonnull(strstr(weft.err, "still runs: `weft view "));
    g_assert_nonnull(strstr(weft.err, "` shows it; one just killed needs a moment to end\n"));
    command_finish(&weft);
}

/* It was recorded, and stood by again when it was killed. The mode is a word of its ring file. */
static void test_recorded_before(void)
{
    struct command weft;
    command_start(&weft);
    command_shell(&weft,
                  "mkfifo input; exec 4<>input; $WEFT_STANDBY tick <input >said 4<&- & p=$!;"
                  "until grep -q ready said; do :; done; $WEFT record --pid $p -qd 20ms -o a.weft;"
                  "until [ $(od -An -tu8 -j 880 -N 8 $XDG_RUNTIME_DIR/weft/$p-*.ring) = 1 ]; do :;"
                  "done; kill -9 $p; wait $p; echo $p >pid; exec $WEFT recover $p -o t.weft");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_nonnull(strstr(weft.err, "weft: it stood by when it died: how its tasks were is in "
                                      "'t.weft', "));
    g_assert_nonnull(strstr(weft.err, " events, is not: --recorded writes that\n"));
    command_run(&weft, "tree t.weft");
    g_assert_nonnull(strstr(weft.out, "keeper"));
    g_assert_null(strstr(weft.out, "unknown"));
    command_shell(&weft, "exec $WEFT recover --recorded $(cat pid) -o t.weft");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_nonnull(strstr(weft.err, ", none lost"));
    command_run(&weft, "report t.weft");
    g_assert_nonnull(strstr(weft.out, "; its end is not in the trace\n"));
    command_finish(&weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/recover/pid", test_pid);
    g_test_add_func("/cli/recover/ring", test_ring);
    g_test_add_func("/cli/recover/damaged", test_damaged);
    g_test_add_func("/cli/recover/running", test_running);
    g_test_add_func("/cli/recover/recorded-before", test_recorded_before);
    return g_test_run();
}
