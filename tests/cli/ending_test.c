/* ending_test.c: a program, or a recorder, that is killed while a verb looks at it: a message, a
 * right exit code, never a crash or a hang. Each is killed at a known place: behind the first
 * answer, or stopped before, so that the verb waits for it. */
#include "command.h"

#include <string.h>

/* start MODE sets $p, a program that waits. */
static const char prelude[] =
    "start() { mkfifo says; $WAITS \"$@\" >says & p=$!; read word <says; rm says; };"
    "end() { { kill -9 $p; wait $p; } 2>errors; };";

static void run(struct command *weft, const char *script)
{
    command_start(weft);
    weft->environment = g_environ_setenv(weft->environment, "WAITS", g_getenv("WEFT_WAITS"), TRUE);
    char *whole = g_strconcat(prelude, script, NULL);
    command_shell(weft, whole);
    g_free(whole);
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        g_error("no “%s” in:\n%s", part, text);
}

/* Killed behind its first line: the last answer says so. */
static void test_watched(void)
{
    struct command weft;
    run(&weft, "start abba; mkfifo seen; $WEFT ps $p --watch=0.01 >seen & w=$!;"
               "{ read one; end; cat; } <seen; wait $w");
    g_assert_cmpint(weft.code, ==, 0);
    assert_has(weft.out, "killed by a signal");
    command_finish(&weft);
}

/* One that is stopped cannot answer; its tables do, stopped, killed, and gone. */
static void test_stopped(void)
{
    static const char *const verbs[] = { "ps", "tree", "top --json --count 1" };
    for (guint i = 0; i < G_N_ELEMENTS(verbs); i++) {
        struct command weft;
        char *script = g_strdup_printf("start abba; kill -STOP $p; $WEFT %s $p || exit 90;"
                                       "end; $WEFT %s $p || exit 91",
                                       verbs[i], verbs[i]);
        run(&weft, script);
        g_assert_cmpint(weft.code, ==, 0);
        g_assert_cmpstr(weft.err, ==, "");
        assert_has(weft.out, "reader");
        assert_has(weft.out, "killed by a signal");
        command_finish(&weft);
        g_free(script);
    }
}

/* Nothing is left of one that ended by itself. */
static void test_ended_well(void)
{
    struct command weft;
    command_start(&weft);
    weft.environment = g_environ_setenv(weft.environment, "HELLO", g_getenv("WEFT_HELLO"), TRUE);
    command_shell(&weft,
                  "$HELLO >said & p=$!; wait $p; for verb in ps 'ps --watch' tree 'top --json'"
                  " 'record -o t.weft --pid'; do $WEFT $verb $p; echo $?; done;"
                  "$WEFT ctl $p dump; echo $?");
    g_assert_cmpstr(weft.out, ==, "4\n4\n4\n4\n4\n4\n");
    g_auto(GStrv) said = g_strsplit(weft.err, "\n", -1);
    g_assert_cmpuint(g_strv_length(said), ==, 7);
    for (guint i = 0; i < 6; i++)
        assert_has(said[i], "there is no process ");
    command_finish(&weft);
}

/* It is to be recorded as soon as its loop polls, which it never does again. */
static void test_recorded(void)
{
    struct command weft;
    run(&weft, "start abba; kill -STOP $p; mkfifo said; $WEFT record --pid $p -o t.weft 2>said &"
               "w=$!; { read one; end; cat >&2; } <said; wait $w; c=$?;"
               "$WEFT check t.weft --fail-on deadlock; [ $? = 1 ] && exit $c");
    g_assert_cmpint(weft.code, ==, 0);
    assert_has(weft.err, "did not begin to record: the state that it was in is in 't.weft'");
    assert_has(weft.out, "reader and writer");
    command_finish(&weft);
}

/* A recorder that is stopped is asked for its window, and dies. */
static void test_asked(void)
{
    struct command weft;
    run(&weft,
        "start abba; $WEFT record -q --flight --pid $p -o t.weft & w=$!;"
        "until ls weft/*.sock >socks && $WEFT ctl $p dump -o first.weft; do :; done 2>errors;"
        "kill -STOP $w; $WEFT ctl $w dump 2>said & c=$!; kill -9 $w; wait $w;"
        "wait $c; code=$?; cat said >&2; end; exit $code");
    g_assert_cmpint(weft.code, ==, 4);
    g_assert_cmpstr(weft.err, !=, "");
    command_finish(&weft);
}

/* What it was doing is found, also when its recording is looked at meanwhile. */
static void test_checked(void)
{
    struct command weft;
    run(&weft, "start abba; $WEFT record -q --pid $p -o t.weft & w=$!;"
               "until $WEFT check t.weft --fail-on deadlock; [ $? = 1 ]; do :; done >out 2>&1;"
               "kill -STOP $w; end; $WEFT check t.weft --fail-on deadlock >out; a=$?;"
               "kill -CONT $w; wait $w; [ $? = 0 ] || exit 92;"
               "$WEFT check t.weft --fail-on deadlock; [ $a$? = 11 ]");
    g_assert_cmpint(weft.code, ==, 0);
    assert_has(weft.out, "reader and writer");
    command_finish(&weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/ending/watched", test_watched);
    g_test_add_func("/cli/ending/stopped", test_stopped);
    g_test_add_func("/cli/ending/ended-well", test_ended_well);
    g_test_add_func("/cli/ending/recorded", test_recorded);
    g_test_add_func("/cli/ending/asked", test_asked);
    g_test_add_func("/cli/ending/checked", test_checked);
    return g_test_run();
}
