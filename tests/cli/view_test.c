/* view_test.c: what `weft view` opens, and what it refuses before a window comes up. */
#include "command.h"
#include "fixture.h"

#include <unistd.h>

static void start(struct command *weft)
{
    command_start(weft);
    char *path = command_path(weft, "t.weft");
    fixture_write_gather(path);
    g_free(path);
    command_copy_weft(weft);
}

/* The fake viewer was given this file, by its whole path, and nothing else. */
static void assert_told(const struct command *weft, const char *name)
{
    char *path = command_path(weft, name);
    char *line = g_strconcat(path, "\n", NULL);
    g_assert_cmpstr(weft->out, ==, line);
    g_assert_cmpint(weft->code, ==, 9);
    g_free(line);
    g_free(path);
}

static void test_no_viewer(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "PATH=/nowhere; exec $WEFT_COPY view t.weft");
    command_assert_fails(&weft, 4, "weft-viewer is not installed");
    command_finish(&weft);
}

static void test_viewer_is_told(void)
{
    struct command weft;
    start(&weft);
    command_fake_viewer(&weft);
    command_shell(&weft, "exec $WEFT_COPY view t.weft");
    assert_told(&weft, "t.weft");
    command_shell(&weft, "exec $WEFT_COPY view");
    g_assert_cmpstr(weft.out, ==, "\n");
    command_shell(&weft, "cp t.weft 123; exec $WEFT_COPY view 123"); /* a file before a pid */
    assert_told(&weft, "123");
    command_shell(&weft, "cp t.weft ./-x:y; exec $WEFT_COPY view -- -x:y");
    assert_told(&weft, "-x:y");
    command_finish(&weft);
}

static void test_viewer_in_path(void)
{
    struct command weft;
    start(&weft);
    command_fake_viewer(&weft);
    command_shell(&weft, "mkdir other; mv bin/weft-viewer other; PATH=$PWD/other:$PATH;"
                         "exec $WEFT_COPY view t.weft");
    assert_told(&weft, "t.weft");
    command_finish(&weft);
}

/* The emitter waits for a signal, so it is there as long as it is needed. */
static void test_running_program(void)
{
    struct command weft;
    start(&weft);
    command_fake_viewer(&weft);
    weft.environment = g_environ_setenv(weft.environment, "EMITTER", g_getenv("WEFT_EMITTER"),
                                        TRUE);
    command_shell(
        &weft,
        "mkfifo says; $EMITTER wait >says & read word <says;"
        "$WEFT_COPY view $! >out; test \"$(cat out)\" = \"--pid $!\" && echo told; kill $!; wait");
    g_assert_cmpstr(weft.err, ==, "");
    g_assert_cmpstr(weft.out, ==, "told\n");
    command_finish(&weft);
}

/* As in `PROGRAM & weft view $!`: it has no ring yet when it is looked for. */
static void test_starting_program(void)
{
    struct command weft;
    start(&weft);
    command_fake_viewer(&weft);
    weft.environment = g_environ_setenv(weft.environment, "EMITTER", g_getenv("WEFT_EMITTER"),
                                        TRUE);
    command_shell(&weft, "mkfifo go;"
                         "sh -c 'read word <go; exec $EMITTER wait >says' & program=$!;"
                         "$WEFT_COPY view $program >out & viewer=$!; echo >go; wait $viewer;"
                         "test \"$(cat out)\" = \"--pid $program\" && echo told;"
                         "kill $program; wait");
    g_assert_cmpstr(weft.err, ==, "");
    g_assert_cmpstr(weft.out, ==, "told\n");
    command_finish(&weft);
}

static void test_pid(void)
{
    struct command weft;
    start(&weft);
    command_fake_viewer(&weft);
    command_shell(&weft, "exec $WEFT_COPY view 4194305"); /* beyond the greatest pid there can be */
    command_assert_fails(&weft, 4, "4194305");
    command_run(&weft, "view 0");
    command_assert_fails(&weft, 2, "'0' is no process");
    char *line = g_strdup_printf("exec $WEFT_COPY view %d", (int)getpid());
    command_shell(&weft, line);
    command_assert_fails(&weft, 4, "not linked with libweft");
    g_free(line);
    command_finish(&weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/view/no-viewer", test_no_viewer);
    g_test_add_func("/cli/view/viewer-is-told", test_viewer_is_told);
    g_test_add_func("/cli/view/viewer-in-path", test_viewer_in_path);
    g_test_add_func("/cli/view/running-program", test_running_program);
    g_test_add_func("/cli/view/starting-program", test_starting_program);
    g_test_add_func("/cli/view/pid", test_pid);
    return g_test_run();
}
