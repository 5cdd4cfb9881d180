/* ctl_test.c: `weft ctl PID dump`: of a recorder, of the program that it records, and of a program
 * that keeps its last events itself. What is told to a program's loops is in ctl_pace_test.c. */
#include "command.h"

#include <string.h>

static void start(struct command *weft)
{
    command_start(weft);
    weft->environment = g_environ_setenv(weft->environment, "EMITTER", g_getenv("WEFT_EMITTER"),
                                         TRUE);
}

/* Does `script` while weft ($weft) records a program ($program); then lets that end. */
static void run_with(struct command *weft, const char *arguments, const char *script)
{
    char *all = g_strdup_printf(
        "rm -f pid; : >ready; $WEFT record %s -qo t.weft -- sh -c 'echo $$ >pid; exec $EMITTER "
        "wait' "
        ">ready & weft=$!;"
        "until grep -q ready ready; do sleep 0.01; done; program=$(cat pid); rm pid; %s; code=$?;"
        "kill -TERM $weft; wait $weft; exit $code",
        arguments, script);
    command_shell(weft, all);
    g_free(all);
}

static void assert_trace(struct command *weft, const char *name)
{
    char *script = g_strdup_printf("exec $WEFT report --json %s", name);
    command_shell(weft, script);
    g_free(script);
    g_assert_cmpint(weft->code, ==, 0);
    g_assert_nonnull(strstr(weft->out, "\"events\" : 6,"));
}

static char *absolute(const struct command *weft, const char *name)
{
    return g_strdup_printf("%s/%s\n", weft->directory, name);
}

static void test_program(void)
{
    struct command weft;
    start(&weft);
    run_with(&weft, "--flight", "$WEFT ctl $program dump");
    char *path = absolute(&weft, "t.weft");
    g_assert_cmpstr(weft.out, ==, path);
    g_assert_cmpstr(weft.err, ==, "");
    g_assert_cmpint(weft.code, ==, 0);
    g_free(path);
    assert_trace(&weft, "t.weft");
    command_finish(&weft);
}

static void test_recorder(void)
{
    struct command weft;
    start(&weft);
    run_with(&weft, "--flight", "$WEFT ctl $weft dump -o mine.weft && $WEFT ctl $weft dump");
    char *mine = absolute(&weft, "mine.weft"), *first = absolute(&weft, "t.weft");
    char *both = g_strconcat(mine, first, NULL);
    g_assert_cmpstr(weft.out, ==, both);
    g_assert_cmpint(weft.code, ==, 0);
    g_free(both);
    g_free(first);
    g_free(mine);
    assert_trace(&weft, "mine.weft");
    assert_trace(&weft, "t.weft");
    command_shell(&weft, "ls -A weft"); /* the socket is gone */
    g_assert_cmpstr(weft.out, ==, "");
    command_finish(&weft);
}

static void test_refused(void)
{
    struct command weft;
    start(&weft);
    run_with(&weft, "--flight", "$WEFT ctl $weft dump -o nowhere/t.weft");
    command_assert_fails(&weft, 4, "nowhere/t.weft: No such file or directory");
    run_with(&weft, "--flight", "echo precious >mine; $WEFT ctl $weft dump -o mine");
    command_assert_fails(&weft, 2, "mine' exists and is no trace");
    run_with(&weft, "", "$WEFT ctl $program dump");
    command_assert_fails(&weft, 4, "it is no --flight recording: all of it is in '");
    command_finish(&weft);
}

/* Nobody records it: its own rings are read, and it does not notice. */
static void test_rings(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft,
                  ": >ready; WEFT_TRACE=flight $EMITTER wait >ready & program=$!;"
                  "until grep -q ready ready; do sleep 0.01; done;"
                  "$WEFT ctl $program dump && $WEFT ctl $program dump &&"
                  "$WEFT ctl $program dump -o mine.weft; code=$?;"
                  "kill -TERM $program; wait $program; [ $? = 1 ] || exit 99;"
                  "mv cli-emitter.$program.weft 1.weft; mv cli-emitter.$program.2.weft 2.weft;"
                  "exit $code");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_cmpstr(weft.err, ==, "");
    assert_trace(&weft, "1.weft");
    assert_trace(&weft, "2.weft");
    assert_trace(&weft, "mine.weft");
    command_finish(&weft);
}

/* Whose rings have gone round: what was overwritten is before the trace begins, and no loss of it.
 */
static void test_rings_gone_round(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft,
                  ": >ready; export WEFT_TRACE=flight WEFT_RING_SIZE=256K;"
                  "$EMITTER laps 100000 >ready & program=$!;"
                  "until grep -q ready ready; do sleep 0.01; done;"
                  "$WEFT ctl $program dump -o t.weft; code=$?;"
                  "kill -TERM $program; wait $program; [ $code = 0 ] && $WEFT report t.weft");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_nonnull(strstr(weft.out, ", none lost\n"));
    command_finish(&weft);
}

/* A program that is faster than its reader: the dump ends all the same. */
static void test_rings_in_a_flood(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, ": >ready; export WEFT_TRACE=flight WEFT_RING_SIZE=128K;"
                         "$EMITTER flood >ready & program=$!;"
                         "until grep -q ready ready; do sleep 0.01; done;"
                         "for i in 1 2 3 4 5; do $WEFT ctl $program dump -o t.weft || break; done;"
                         "code=$?; kill -KILL $program; [ $code = 0 ] && $WEFT report t.weft");
    g_assert_cmpint(weft.code, ==, 0);
    command_finish(&weft);
}

/* It has a segment, but no events. */
static void test_standby(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, ": >ready; $EMITTER wait >ready & program=$!;"
                         "until grep -q ready ready; do sleep 0.01; done;"
                         "$WEFT ctl $program dump; code=$?; kill -TERM $program; wait; exit $code");
    command_assert_fails(&weft, 4, " is in standby, it keeps no events: start it with ");
    command_finish(&weft);
}

static void test_usage(void)
{
    struct command weft;
    start(&weft);
    command_run(&weft, "ctl 1");
    command_assert_fails(&weft, 2, "whom to tell what?");
    command_run(&weft, "ctl it dump");
    command_assert_fails(&weft, 2, "'it' is no process");
    command_run(&weft, "ctl 1 stop");
    command_assert_fails(&weft, 2, "there is no command 'stop': dump, pause, resume, ");
    command_shell(&weft, "sleep 0 & pid=$!; wait; exec $WEFT ctl $pid dump");
    command_assert_fails(&weft, 4, "there is no process ");
    command_finish(&weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/ctl/program", test_program);
    g_test_add_func("/cli/ctl/recorder", test_recorder);
    g_test_add_func("/cli/ctl/refused", test_refused);
    g_test_add_func("/cli/ctl/rings", test_rings);
    g_test_add_func("/cli/ctl/rings-gone-round", test_rings_gone_round);
    g_test_add_func("/cli/ctl/rings-in-a-flood", test_rings_in_a_flood);
    g_test_add_func("/cli/ctl/standby", test_standby);
    g_test_add_func("/cli/ctl/usage", test_usage);
    return g_test_run();
}
