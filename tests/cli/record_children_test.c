/* record_children_test.c: `weft record --children`: a program and all that it starts, in one trace.
 */
#include "command.h"

#include <string.h>

static void start(struct command *weft)
{
    command_start(weft);
}

/* The numbers that `report --json` gives under a key, joined: "0 3"; null is "". */
static char *numbers(struct command *weft, const char *key)
{
    char *script = g_strdup_printf(
        "$WEFT report --json t.weft |"
        "sed -n 's/.*\"%s\" : \\([0-9]*\\).*/\\1/p' | sort | paste -sd' '",
        key);
    command_shell(weft, script);
    g_free(script);
    return g_strchomp(g_strdup(weft->out));
}

static void assert_numbers(struct command *weft, const char *key, const char *expected)
{
    char *found = numbers(weft, key);
    g_assert_cmpstr(found, ==, expected);
    g_free(found);
}

static void test_all(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "exec $WEFT record --children -o t.weft -- sh -c '"
                         "$WEFT_EMITTER events 10 & $WEFT_EMITTER exit 3; wait; exit 7'");
    g_assert_cmpint(weft.code, ==, 7);
    g_assert_nonnull(strstr(weft.err, " events of 2 processes in "));
    assert_numbers(&weft, "exit_code", "0 3");
    assert_numbers(&weft, "source", "0 1");
    command_run(&weft, "report t.weft");
    g_assert_nonnull(strstr(weft.out, "2 processes\n"));
    g_assert_nonnull(strstr(weft.out, "; ended with 3\n"));
    command_finish(&weft);
}

/* Each began when it began, the first one first, however their rings are called. */
static void test_order(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "exec $WEFT record --children -qo t.weft -- sh -c '"
                         "for i in 1 2 3 4 5; do $WEFT_EMITTER exit $i; done'");
    g_assert_cmpint(weft.code, ==, 5);
    command_shell(&weft, "$WEFT report --json t.weft | grep -o '\"exit_code\" : [0-9]*' |"
                         "grep -o '[0-9]*' | paste -sd' '");
    g_assert_cmpstr(weft.out, ==, "1 2 3 4 5\n");
    command_shell(&weft, "$WEFT report --json t.weft | grep -o '\"start_realtime_ns\" : [0-9]*' |"
                         "sort -u | wc -l");
    g_assert_cmpstr(weft.out, ==, "5\n");
    command_finish(&weft);
}

/* Without the option it is the first one alone. */
static void test_first(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "exec $WEFT record -o t.weft -- sh -c '"
                         "$WEFT_EMITTER events 10; $WEFT_EMITTER exit 3'");
    g_assert_cmpint(weft.code, ==, 3);
    assert_numbers(&weft, "source", "0");
    command_finish(&weft);
}

static void test_fork(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "exec $WEFT record --children -o t.weft -- $WEFT_EMITTER fork");
    g_assert_cmpint(weft.code, ==, 0);
    assert_numbers(&weft, "exit_code", "0 5");
    command_finish(&weft);
}

/* A program that ends while its child, whose number is in `pid`, still waits; weft's messages come
 * through a pipe. */
static const char outlived[] =
    "mkfifo ready err; $WEFT record --children -o t.weft -- sh -c '"
    "$WEFT_EMITTER wait >ready & echo $! >pid; read line <ready' 2>err & weft=$!; exec 3<err;"
    "while read -r line <&3; do case $line in *'goes on'*) break; esac; done;";

/* It is waited for, and its end is in the trace. */
static void test_outlives(void)
{
    struct command weft;
    start(&weft);
    char *script = g_strconcat(outlived, "kill -INT $(cat pid); wait $weft", NULL);
    command_shell(&weft, script);
    g_assert_cmpint(weft.code, ==, 0);
    assert_numbers(&weft, "exit_code", "1"); /* one signal came */
    command_shell(&weft, "ls $XDG_RUNTIME_DIR/weft");
    g_assert_cmpstr(weft.out, ==, "");
    g_free(script);
    command_finish(&weft);
}

/* The recording is ended before: the child goes on. */
static void test_interrupted(void)
{
    struct command weft;
    start(&weft);
    char *script = g_strconcat(outlived, "kill $weft; wait $weft; echo $?; kill -INT $(cat pid)",
                               NULL);
    command_shell(&weft, script);
    g_assert_cmpstr(weft.out, ==, "0\n");
    assert_numbers(&weft, "exit_code", "");
    assert_numbers(&weft, "source", "0");
    g_free(script);
    command_finish(&weft);
}

/* Nobody is recorded any more when the program ends: a child that still runs may open a loop. */
static void test_late(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft,
                  "mkfifo go err; $WEFT record --children -o t.weft -- sh -c '"
                  "{ read line <go; exec $WEFT_EMITTER exit 5; } & exit 3' 2>err & weft=$!;"
                  "exec 3<err; while read -r line <&3; do case $line in *'goes on'*) break; esac;"
                  "done; echo >go; wait $weft");
    g_assert_cmpint(weft.code, ==, 3);
    assert_numbers(&weft, "exit_code", "5");
    command_finish(&weft);
}

/* A process that becomes another program is two; how it ended is the second one's. */
static void test_exec(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "exec $WEFT record --children -o t.weft -- $WEFT_EMITTER become exit");
    g_assert_cmpint(weft.code, ==, 3);
    g_assert_nonnull(strstr(weft.err, " events of 2 processes in "));
    assert_numbers(&weft, "exit_code", " 3");
    assert_numbers(&weft, "source", "0 1");
    command_shell(&weft, "exec $WEFT record --children -o t.weft -- sh -c '"
                         "$WEFT_EMITTER become exit & wait'");
    g_assert_cmpint(weft.code, ==, 0);
    assert_numbers(&weft, "exit_code", " 3");
    assert_numbers(&weft, "source", "0 1");
    command_finish(&weft);
}

/* All that is kept of all of them, in the end and when it is asked for. */
static void test_flight(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "exec $WEFT record --children --flight -o t.weft -- sh -c '"
                         "$WEFT_EMITTER events 10 & $WEFT_EMITTER exit 3; wait; exit 7'");
    g_assert_cmpint(weft.code, ==, 7);
    g_assert_nonnull(strstr(weft.err, "36 events of 2 processes in "));
    assert_numbers(&weft, "exit_code", "0 3");
    assert_numbers(&weft, "source", "0 1");
    command_shell(&weft,
                  "$WEFT record -q --children --flight -o t.weft -- sh -c '"
                  "$WEFT_EMITTER exit 3; $WEFT_EMITTER wait >ready & echo $! >pid; wait' &"
                  "weft=$!; until grep -q ready ready; do sleep 0.01; done;"
                  "until $WEFT ctl $weft dump -o now.weft &&"
                  "  [ $($WEFT report --json now.weft | grep -c pid) = 2 ]; do sleep 0.01; done;"
                  "$WEFT ctl $(cat pid) dump -o child.weft;"
                  "kill -TERM $(cat pid); wait $weft; mv t.weft end.weft; mv now.weft t.weft");
    assert_numbers(&weft, "exit_code", " 3");
    assert_numbers(&weft, "source", "0 1");
    command_shell(&weft, "mv child.weft t.weft");
    assert_numbers(&weft, "source", "0 1");
    command_shell(&weft, "mv end.weft t.weft");
    assert_numbers(&weft, "exit_code", "1 3");
    command_finish(&weft);
}

/* What is let go takes no process with it. */
static void test_window(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "exec $WEFT record --children --flight --window 256K -o t.weft -- sh -c '"
                         "$WEFT_EMITTER exit 3; $WEFT_EMITTER noise 300000;"
                         "$WEFT_EMITTER exit 5'");
    g_assert_cmpint(weft.code, ==, 5);
    g_assert_nonnull(strstr(weft.err, " let go: 't.weft'"));
    assert_numbers(&weft, "exit_code", "0 3 5");
    command_run(&weft, "report t.weft");
    g_assert_nonnull(strstr(weft.out, ", none lost\n"));
    command_finish(&weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/record-children/all", test_all);
    g_test_add_func("/cli/record-children/order", test_order);
    g_test_add_func("/cli/record-children/first", test_first);
    g_test_add_func("/cli/record-children/fork", test_fork);
    g_test_add_func("/cli/record-children/late", test_late);
    g_test_add_func("/cli/record-children/exec", test_exec);
    g_test_add_func("/cli/record-children/flight", test_flight);
    g_test_add_func("/cli/record-children/window", test_window);
    g_test_add_func("/cli/record-children/outlives", test_outlives);
    g_test_add_func("/cli/record-children/interrupted", test_interrupted);
    return g_test_run();
}
