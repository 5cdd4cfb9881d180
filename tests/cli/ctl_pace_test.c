/* ctl_pace_test.c: `weft ctl PID pause|resume|step|slow|cancel`, of a program whose tasks write a
 * dot each turn. */
#include "command.h"

#include <string.h>

/* Runs `script` while the program ($program) writes its dots into the file `out`. In it: size, of
 * that file; goes, which waits until it grows; hold COMMAND, which keeps weft ctl ($hold) going,
 * and waits until it holds. Exits 90 and above are a failed script's. */
static void run_with(struct command *weft, const char *script)
{
    command_start(weft);
    char *all = g_strdup_printf(
        ": >out; WEFT_TRACE=flight $WEFT_WAITS turns >out & program=$!;"
        "size() { wc -c <out; };"
        "goes() { from=$(size); until [ $(size) -gt $from ]; do sleep 0.01; done; };"
        "hold() { : >said; $WEFT ctl $program \"$@\" >said & hold=$!;"
        "         until grep -q Ctrl said; do sleep 0.01; done; };"
        "until grep -q ready out; do sleep 0.01; done; goes;"
        "(%s); code=$?; kill -KILL $program 2>/dev/null; wait; exit $code",
        script);
    weft->environment = g_environ_setenv(weft->environment, "WEFT_WAITS", g_getenv("WEFT_WAITS"),
                                         TRUE);
    command_shell(weft, all);
    g_free(all);
}

static void assert_runs(const char *script, const char *err)
{
    struct command weft;
    run_with(&weft, script);
    if (weft.code != 0)
        g_test_message("exit %d: %s%s", weft.code, weft.out, weft.err);
    g_assert_cmpint(weft.code, ==, 0);
    if (*err)
        g_assert_nonnull(strstr(weft.err, err));
    else
        g_assert_cmpstr(weft.err, ==, "");
    command_finish(&weft);
}

static void assert_fails(const char *arguments, int code, const char *part)
{
    struct command weft;
    char *script = g_strdup_printf("$WEFT ctl $program %s", arguments);
    run_with(&weft, script);
    command_assert_fails(&weft, code, part);
    command_finish(&weft);
    g_free(script);
}

static void test_pause(void)
{
    assert_runs("hold pause; grep -q \"process $program is paused until Ctrl+C\" said || exit 90;"
                "from=$(size); $WEFT ps >ps; $WEFT ps $program >one; grep -q paused ps || exit 91;"
                "[ $(size) = $from ] || exit 92; kill -TERM $hold; wait $hold || exit 93; goes;"
                "$WEFT ps >ps; ! grep -q paused ps",
                "");
}

static void test_killed(void)
{
    assert_runs("hold pause; kill -KILL $hold; goes", "");
}

static void test_resume(void)
{
    assert_runs("hold pause; $WEFT ctl $program resume || exit 90; wait $hold || exit 91; goes",
                " goes on: somebody else said so\n");
}

static void test_step(void)
{
    assert_runs("hold pause; from=$(size);"
                "while [ $(size) -lt $((from + 3)) ]; do"
                "  before=$(size); $WEFT ctl $program step --loop 0 || exit 90;"
                "  [ $(size) -le $((before + 1)) ] || exit 91;"
                "done; kill -TERM $hold; wait $hold; goes",
                "");
    assert_fails("step", 4, "the program refuses: it is not paused: pause it first, then step");
}

static void test_slow(void)
{
    assert_runs("hold slow 3; grep -q 'slowed 3 times' said || exit 90; goes;"
                "$WEFT ctl $program slow 1 || exit 91; wait $hold",
                " goes on: somebody else said so\n");
    assert_fails("slow 1.5", 2, "'1.5' is no factor: a number from 1 to 10000 is needed");
}

static void test_program_ends(void)
{
    assert_runs("hold pause; kill -KILL $program; wait $hold; [ $? = 4 ]", " has ended\n");
}

static void test_cancel(void)
{
    assert_runs("$WEFT ctl $program cancel red || exit 90;"
                "until grep -q 'red: asked for by a controller' out; do sleep 0.01; done",
                "");
    assert_runs("hold pause; $WEFT ctl $program cancel red || exit 90;"
                "grep -q red: out && exit 91; kill -TERM $hold;"
                "until grep -q 'red: asked for by a controller' out; do sleep 0.01; done",
                "");
    assert_fails("cancel black", 2, "task 'black' has ended already");
    assert_fails("cancel bleu", 2, "has no task 'bleu' just now; did you mean 'blue'?");
    assert_fails("cancel task:0:99", 2, "has no task 'task:0:99' just now");
}

/* Nobody paused it: nothing is said of that. */
static void test_cancel_alone(void)
{
    assert_runs("$WEFT ctl $program cancel blue || exit 90; : >requests;"
                "until grep -q blue requests; do"
                "  $WEFT ctl $program dump -o t.weft >path || exit 91;"
                "  $WEFT dump t.weft --kind cancel_request >requests || exit 92;"
                "done; $WEFT dump t.weft --kind control >events; ! grep -q resumed events",
                "");
}

/* The trace knows. */
static void test_recorded(void)
{
    assert_runs("$WEFT record -qo t.weft --pid $program & record=$!;"
                "until $WEFT ctl $program pause --loop 7 2>&1 | grep -q 'no such loop'; do :; done;"
                "until [ -s t.weft ]; do sleep 0.01; done; goes; hold pause; kill -TERM $hold;"
                "wait $hold; goes; hold slow 2; kill -TERM $hold; wait $hold; goes;"
                "kill -TERM $record; wait $record;"
                "$WEFT dump t.weft --kind control >events || exit 90;"
                "grep -q paused events && grep -q resumed events && grep -q slowed events",
                "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/ctl-pace/pause", test_pause);
    g_test_add_func("/cli/ctl-pace/killed", test_killed);
    g_test_add_func("/cli/ctl-pace/resume", test_resume);
    g_test_add_func("/cli/ctl-pace/step", test_step);
    g_test_add_func("/cli/ctl-pace/slow", test_slow);
    g_test_add_func("/cli/ctl-pace/program-ends", test_program_ends);
    g_test_add_func("/cli/ctl-pace/cancel", test_cancel);
    g_test_add_func("/cli/ctl-pace/cancel-alone", test_cancel_alone);
    g_test_add_func("/cli/ctl-pace/recorded", test_recorded);
    return g_test_run();
}
