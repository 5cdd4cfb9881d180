/* record_pid_test.c: `weft record --pid`: a program that runs already (tests/trace/standby.c),
 * which goes on when its recording ends; and what is said when it cannot be recorded. */
#include "command.h"

#include <string.h>

static void assert_said(const struct command *weft, const char *part)
{
    if (!strstr(weft->err, part))
        g_error("'%s' is not in: %s", part, weft->err);
}

/* Runs the program, $program, as `how`, until it is ready, then `script`; in the end it must still
 * run. said FILE TEXT waits until FILE says so. */
static void run_beside(struct command *weft, const char *how, const char *script)
{
    command_start(weft);
    char *all = g_strdup_printf(
        "said() { until grep -q \"$2\" $1; do sleep 0.01; done; };"
        "mkfifo input; exec 4<>input; : >ready;"
        "$WEFT_STANDBY %s <input >ready 4<&- & program=$!; said ready ready;"
        "%s; code=$?; kill -9 $program || code=99; exit $code",
        how, script);
    command_shell(weft, all);
    g_free(all);
}

static void test_duration(void)
{
    struct command weft;
    run_beside(&weft, "tick", "$WEFT record --pid $program -d 200ms -o t.weft");
    g_assert_cmpint(weft.code, ==, 0);
    assert_said(&weft, ", none lost: 't.weft', ");
    command_run(&weft, "report t.weft");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_nonnull(strstr(weft.out, "keeper"));
    g_assert_nonnull(strstr(weft.out, "hog"));
    command_finish(&weft);
}

static void test_default_name(void)
{
    struct command weft;
    run_beside(&weft, "tick", "$WEFT record --pid $program -qd 50ms && ls");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_cmpstr(weft.err, ==, "");
    g_assert_nonnull(strstr(weft.out, "trace-standby.weft\n"));
    command_finish(&weft);
}

/* Ctrl+C, or a SIGTERM, ends the recording, not the program. */
static void test_interrupted(void)
{
    struct command weft;
    run_beside(&weft, "tick",
               "$WEFT record --pid $program --flight --when 'slice>0ns' -o t.weft 2>said & weft=$!;"
               "said said 'the first of'; kill -TERM $weft; wait $weft; c=$?; cat said >&2;"
               "(exit $c)");
    g_assert_cmpint(weft.code, ==, 0);
    assert_said(&weft, ": slice>0ns: task:0:");
    assert_said(&weft, "; then the recording of process ");
    command_finish(&weft);
}

/* All its tasks wait, and nothing happens: how long they did is known all the same. */
static void test_waits_before(void)
{
    struct command weft;
    run_beside(&weft, "idle",
               "$WEFT record --pid $program --flight --when 'wait>1ms' --after 0 -o t.weft 2>said &"
               "weft=$!; said said 'has been waiting for'; kill -TERM $weft; wait $weft;"
               "cat said >&2; $WEFT report t.weft");
    g_assert_cmpint(weft.code, ==, 0);
    assert_said(&weft, "'t.weft' holds all of it, ");
    assert_said(&weft, ": wait>1ms: task:0:1 has been waiting for ");
    g_assert_nonnull(strstr(weft.out, "sleeper"));
    command_finish(&weft);
}

/* A program that holds its loop for ever: what it is in is known, and for how long. */
static void test_stuck(void)
{
    struct command weft;
    run_beside(&weft, "stuck",
               "$WEFT record --pid $program -o t.weft 2>said & weft=$!;"
               "said said 'does not answer: hog holds its loop'; kill -TERM $weft; wait $weft;"
               "c=$?; cat said >&2; (exit $c) && $WEFT report t.weft");
    g_assert_cmpint(weft.code, ==, 0);
    assert_said(&weft, "did not begin to record: the state that it was in is in 't.weft'\n");
    g_assert_nonnull(strstr(weft.out, "hog"));
    command_finish(&weft);

    run_beside(&weft, "stuck",
               "$WEFT record --pid $program --flight --when 'slice>10ms' -o t.weft 2>said &"
               "weft=$!; said said 'holds its loop'; kill -TERM $weft; wait $weft;"
               "cat said >&2; $WEFT report t.weft");
    g_assert_cmpint(weft.code, ==, 0);
    assert_said(&weft, "(slice>10ms: task:0:7 has been running for ");
    g_assert_nonnull(strstr(weft.out, "hog"));
    command_finish(&weft);
}

/* Stopped, as by Ctrl+Z: that is said, and no loop is blamed. */
static void test_stopped(void)
{
    struct command weft;
    run_beside(&weft, "tick",
               "kill -STOP $program;"
               "$WEFT record --pid $program -o t.weft 2>said & weft=$!;"
               "said said 'is stopped: it is recorded once it goes on'; kill -TERM $weft;"
               "wait $weft; c=$?; cat said >&2; kill -CONT $program; (exit $c)");
    g_assert_cmpint(weft.code, ==, 0);
    assert_said(&weft, " is stopped, and did not begin to record: the state that it was in is in "
                       "'t.weft'\n");
    command_finish(&weft);
}

/* It goes on when it can, and is recorded from then on. */
static void test_unstuck(void)
{
    struct command weft;
    run_beside(&weft, "unstick",
               "$WEFT record --pid $program --flight --when 'slice>0ns' -o t.weft 2>said 4<&- &"
               "weft=$!; said said 'holds its loop'; exec 4<&-; said said 'the first of';"
               "kill -TERM $weft; wait $weft; cat said >&2");
    g_assert_cmpint(weft.code, ==, 0);
    assert_said(&weft, ", none lost: 't.weft', ");
    command_finish(&weft);
}

/* The program's end is the recording's. */
static void test_killed(void)
{
    struct command weft;
    run_beside(&weft, "tick",
               "$WEFT record --pid $program -o t.weft 2>said & weft=$!;"
               "until [ -s t.weft ]; do sleep 0.01; done;"
               "kill -9 $program; wait $weft; c=$?; cat said >&2;"
               "ls weft; $WEFT_STANDBY idle <input >ready 4<&- & program=$!; (exit $c)");
    g_assert_cmpint(weft.code, ==, 0);
    assert_said(&weft, "'t.weft'");
    g_assert_cmpstr(weft.out, ==, ""); /* nothing is left to be recovered */
    command_finish(&weft);
}

static void test_refused(void)
{
    struct command weft;
    run_beside(&weft, "tick",
               "sleep 1000 >ready & other=$!; $WEFT record --pid $other -o t.weft; c=$?;"
               "kill $other; [ ! -e t.weft ] && (exit $c)");
    command_assert_fails(&weft, 4, " has no ring file here: it is not linked with libweft");
    command_finish(&weft);
    run_beside(&weft, "tick", "$WEFT record --pid 2147483647 -o t.weft");
    command_assert_fails(&weft, 4, "there is no process 2147483647");
    command_finish(&weft);
    run_beside(&weft, "tick",
               "$WEFT record -q --pid $program -o first.weft 2>said & weft=$!;"
               "until [ -s first.weft ]; do sleep 0.01; done;"
               "$WEFT record --pid $program -o t.weft; c=$?; kill $weft; wait $weft;"
               "[ $c = 4 ] && [ ! -e t.weft ]");
    command_assert_fails(&weft, 0, " is being recorded already, by process ");
    command_finish(&weft);
}

static void test_usage(void)
{
    static const char *const cases[][2] = {
        { "record --pid 1 true", "--pid is instead of a PROGRAM" },
        { "record --pid 1 --children", "--children is for a PROGRAM, not for --pid" },
        { "record --pid me", "--pid 'me': expected a whole number" },
        { "record --pid 2147483648", "--pid: expected the number of a process" },
        { "record --pid 1 --ring-size 8G", "--ring-size: expected 128K to 4G, for --pid" },
    };
    struct command weft;
    command_start(&weft);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        command_run(&weft, cases[i][0]);
        command_assert_fails(&weft, 2, cases[i][1]);
    }
    command_finish(&weft);
}

/* A fault in a program that runs is proved while it does: looked at, and recorded for a moment. A
 * program that takes turns is met between two of them, or does not get the processor, now and then:
 * then once more. */
static void prove(const char *mode, const char *rule, const char *tree, const char *sentence)
{
    struct command weft;
    command_start(&weft);
    g_autofree char *script = g_strdup_printf(
        "mkfifo says; $WEFT_WAITS %s >says & p=$!; read word <says;"
        "for i in 1 2 3 4 5 6 7 8 9; do $WEFT tree $p >tree; grep -qE 'deadlock|held by' tree && "
        "break; done;"
        "for i in 1 2 3 4 5 6 7 8 9; do $WEFT record -qd 400ms -o t.weft --pid $p;"
        "$WEFT check --fail-on %s t.weft >found; code=$?; [ $code = 1 ] && break; done;"
        "cat found; cat tree >&2; kill -9 $p || code=99; exit $code",
        mode, rule);
    command_shell(&weft, script);
    g_assert_cmpint(weft.code, ==, 1);
    assert_said(&weft, tree);
    g_assert_false(g_regex_match_simple(", -[0-9]", weft.out, 0, 0)); /* not before the trace */
    if (!strstr(weft.out, sentence))
        g_error("'%s' is not in: %s", sentence, weft.out);
    command_finish(&weft);
}

static void test_proved(void)
{
    prove("abba", "deadlock",
          "deadlock: reader waits for lock \"b\", held by writer, which waits for lock \"a\", held "
          "by "
          "reader\n",
          "reader and writer wait for each other");
    prove("shielded", "deadlock", "deadlock: leader waits for shield",
          "leader and follower wait for each other: leader for shield of 1, of which follower is "
          "one; follower for lock a, which leader holds");
    prove("woven", "deadlock", "deadlock: leader waits for gather of 1, of which shield",
          "leader and follower wait for each other");
    prove("grouped", "deadlock", "deadlock: leader waits for task group",
          "of 2, of which follower is one; follower for lock a, which leader holds");
    prove("convoy 6", "lock-convoy", "lock \"a\", held by Task-",
          "lock a had 4 and more waiters for ");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/record-pid/duration", test_duration);
    g_test_add_func("/cli/record-pid/default-name", test_default_name);
    g_test_add_func("/cli/record-pid/interrupted", test_interrupted);
    g_test_add_func("/cli/record-pid/waits-before", test_waits_before);
    g_test_add_func("/cli/record-pid/stuck", test_stuck);
    g_test_add_func("/cli/record-pid/stopped", test_stopped);
    g_test_add_func("/cli/record-pid/unstuck", test_unstuck);
    g_test_add_func("/cli/record-pid/killed", test_killed);
    g_test_add_func("/cli/record-pid/refused", test_refused);
    g_test_add_func("/cli/record-pid/proved", test_proved);
    g_test_add_func("/cli/record-pid/usage", test_usage);
    return g_test_run();
}
