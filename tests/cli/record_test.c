/* record_test.c: real programs recorded: what ends up in the trace, whose exit code comes out, what
 * is said, and what is left behind when something is wrong. */
#include "command.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void start(struct command *weft)
{
    command_start(weft);
    weft->environment = g_environ_setenv(weft->environment, "EMITTER", g_getenv("WEFT_EMITTER"),
                                         TRUE);
}

static gboolean exists(const struct command *weft, const char *name)
{
    char *path = command_path(weft, name);
    gboolean found = g_file_test(path, G_FILE_TEST_EXISTS);
    g_free(path);
    return found;
}

/* A number of the report's first object. */
static gint64 reported(struct command *weft, const char *key)
{
    command_run(weft, "report --json t.weft");
    JsonNode *root = json_from_string(weft->out, NULL);
    g_assert_nonnull(root);
    JsonObject *report = json_node_get_object(root);
    JsonObject *source = json_array_get_object_element(
        json_object_get_array_member(report, "sources"), 0);
    gint64 value = json_object_get_int_member(json_object_has_member(report, key) ? report : source,
                                              key);
    json_node_unref(root);
    return value;
}

/* PROCESS LOOP_OPEN TASK_NEW WAKE, two a slice, TASK_DONE LOOP_CLOSE PROCESS_EXIT */
static gint64 events_of(gint64 slices)
{
    return 4 + 2 * slices + 3;
}

/* A limit that the program inherits; the program itself, and weft, live on. */
static void test_file_limit(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "ulimit -f 20; exec $WEFT record -o t.weft -- $EMITTER events 10");
    g_assert_cmpint(weft.code, ==, 4);
    g_assert_nonnull(strstr(weft.err, "no file may be larger than"));
    g_assert_null(strstr(weft.err, "signal"));
    command_finish(&weft);
}

/* ---- It works ---- */

static void test_everything_is_there(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "exec $WEFT record -o t.weft -- $EMITTER events 100000");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_cmpstr(weft.out, ==, "");
    g_assert_nonnull(strstr(weft.err, "weft: 200,007 events in "));
    const char *file = strstr(weft.err, "none lost: 't.weft', ");
    g_assert_nonnull(file);
    char *size = g_strdup(file + strlen("none lost: 't.weft', "));
    g_assert_cmpint(reported(&weft, "events"), ==, events_of(100000));
    g_assert_cmpint(reported(&weft, "lost"), ==, 0);
    g_assert_cmpint(reported(&weft, "exit_code"), ==, 0);
    command_run(&weft, "report t.weft"); /* the file is as large as was said */
    char *line = g_strconcat("t.weft, ", g_strchomp(size), ", ", NULL);
    g_assert_nonnull(strstr(weft.out, line));
    g_free(line);
    g_free(size);
    command_finish(&weft);
}

static void test_hello_world(void)
{
    struct command weft;
    start(&weft);
    weft.environment = g_environ_setenv(weft.environment, "HELLO", g_getenv("WEFT_HELLO"), TRUE);
    command_shell(&weft, "exec $WEFT record -qo t.weft $HELLO");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_cmpstr(weft.out, ==, "Hello ...\n... World!\n");
    g_assert_cmpint(reported(&weft, "events"), >, 10);
    command_run(&weft, "dump t.weft");
    g_assert_nonnull(strstr(weft.out, "(hello)"));
    g_assert_nonnull(strstr(weft.out, "timer → timer:0:1"));
    command_finish(&weft);
}

static void test_default_name(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "exec $WEFT record $EMITTER exit 0");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_true(exists(&weft, "cli-emitter.weft"));
    command_finish(&weft);
}

static void test_nothing_stays_in_the_runtime_directory(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "$WEFT record -qo t.weft $EMITTER exit 0; ls weft | wc -l");
    g_assert_cmpstr(g_strstrip(weft.out), ==, "0");
    command_shell(&weft, "$WEFT record -qo t.weft $EMITTER kill 9 2>/dev/null; ls weft | wc -l");
    g_assert_cmpstr(g_strstrip(weft.out), ==, "0");
    command_finish(&weft);
}

static void test_exit_code(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "exec $WEFT record -o t.weft $EMITTER exit 7");
    g_assert_cmpint(weft.code, ==, 7);
    g_assert_cmpint(reported(&weft, "exit_code"), ==, 7);
    command_finish(&weft);
}

static void test_killed(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "exec $WEFT record -o t.weft $EMITTER kill 9");
    g_assert_cmpint(weft.code, ==, 128 + SIGKILL);
    g_assert_nonnull(strstr(weft.err, "was killed by signal 9 (Killed)"));
    g_assert_cmpint(reported(&weft, "exit_signal"), ==, 9);
    g_assert_cmpint(reported(&weft, "events"), ==, events_of(1) - 3);
    g_assert_cmpint(reported(&weft, "lost"), ==, 0);
    command_finish(&weft);
}

static void test_very_short_lives(void)
{
    struct command weft;
    start(&weft);
    for (int i = 0; i < 10; i++) {
        command_shell(&weft, "exec $WEFT record -qo t.weft $EMITTER exit 0");
        g_assert_cmpint(weft.code, ==, 0);
        g_assert_cmpstr(weft.err, ==, "");
        g_assert_cmpint(reported(&weft, "events"), ==, events_of(1));
    }
    command_finish(&weft);
}

static void test_program_is_left_alone(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft,
                  "echo in | $WEFT record -qo t.weft --ring-size 1M -- sh -c "
                  "'cat; echo $WEFT_TRACE $WEFT_RING_SIZE; echo \"$@\"; exit 5' sh -o --json");
    g_assert_cmpstr(weft.out, ==, "in\nstream 1048576\n-o --json\n");
    g_assert_cmpint(weft.code, ==, 5);
    command_finish(&weft);
}

static void test_not_linked_with_libweft(void)
{
    struct command weft;
    start(&weft);
    command_run(&weft, "record -o t.weft /bin/true");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_nonnull(strstr(weft.err, "/bin/true wrote no events: is it linked with libweft?"));
    g_assert_cmpint(reported(&weft, "events"), ==, 0);
    command_finish(&weft);
}

/* ---- Signals ---- */

/* Reads until `word` has come. */
static void read_until(int fd, const char *word)
{
    GString *seen = g_string_new(NULL);
    while (!strstr(seen->str, word)) {
        char byte;
        g_assert_cmpint(read(fd, &byte, 1), ==, 1);
        g_string_append_c(seen, byte);
    }
    g_string_free(seen, TRUE);
}

static int exit_code_of(pid_t pid)
{
    int status;
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void test_signals_are_passed_on(void)
{
    struct command weft;
    start(&weft);
    const char *argv[] = { g_getenv("WEFT"),         "record", "-qo", "t.weft",
                           g_getenv("WEFT_EMITTER"), "wait",   NULL };
    GError *error = NULL;
    GPid pid;
    int out;
    g_spawn_async_with_pipes(weft.directory, (char **)argv, weft.environment,
                             G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, NULL, &out, NULL, &error);
    g_assert_no_error(error);
    read_until(out, "ready\n");
    kill(pid, SIGTERM);
    g_assert_cmpint(exit_code_of(pid), ==, 1);
    close(out);
    g_assert_cmpint(reported(&weft, "events"), ==, events_of(2));
    g_assert_cmpint(reported(&weft, "exit_code"), ==, 1);
    command_finish(&weft);
}

/* Ctrl+C reaches the whole process group: the program must see one SIGINT, not weft's too. */
static void test_ctrl_c(void)
{
    struct command weft;
    start(&weft);
    int terminal;
    pid_t pid = forkpty(&terminal, NULL, NULL, NULL);
    g_assert_cmpint(pid, >=, 0);
    if (pid == 0) {
        if (chdir(weft.directory) == 0)
            execle(g_getenv("WEFT"), "weft", "record", "-qo", "t.weft", g_getenv("WEFT_EMITTER"),
                   "wait", NULL, weft.environment);
        _exit(99);
    }
    read_until(terminal, "ready");
    g_assert_cmpint(write(terminal, "\003", 1), ==, 1);
    g_assert_cmpint(exit_code_of(pid), ==, 1);
    close(terminal);
    g_assert_cmpint(reported(&weft, "events"), ==, events_of(2));
    command_finish(&weft);
}

static void test_duration(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "exec $WEFT record -o t.weft --duration 1 $EMITTER wait");
    g_assert_cmpint(weft.code, ==, 1); /* one signal came, and it ended by itself */
    g_assert_cmpint(reported(&weft, "events"), ==, events_of(2));
    command_finish(&weft);
}

static void test_progress(void)
{
    char *script = g_find_program_in_path("script");
    if (!script) {
        g_test_skip("script(1) is not installed: no terminal to try");
        return;
    }
    g_free(script);
    struct command weft;
    start(&weft);
    weft.environment = g_environ_setenv(weft.environment, "TERM", "xterm", TRUE);
    command_shell(&weft, "script -qec '$WEFT record -o t.weft -d 1 $EMITTER wait' /dev/null"
                         " </dev/null");
    g_assert_nonnull(strstr(weft.out, "\rweft: 1 s, 6 events, "));
    g_assert_nonnull(strstr(weft.out, "\r\033[Kweft: 11 events in "));
    command_shell(&weft, "script -qec '$WEFT record -qo t.weft -d 1 $EMITTER wait' /dev/null"
                         " </dev/null");
    g_assert_null(strstr(weft.out, "weft:"));
    command_finish(&weft);
}

/* ---- What goes wrong ---- */

static void test_cannot_be_executed(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "echo data >plain; mkdir directory; printf '\\177ELF' >broken;"
                         "chmod +x broken; cp broken here");
    command_run(&weft, "record -o t.weft -- nowhere");
    command_assert_fails(&weft, 4, "cannot execute 'nowhere': no such program in PATH");
    command_run(&weft, "record -o t.weft -- ./nowhere");
    command_assert_fails(&weft, 4, "cannot execute './nowhere': No such file or directory");
    command_run(&weft, "record -o t.weft -- ./plain");
    command_assert_fails(&weft, 4, "cannot execute './plain': Permission denied");
    command_run(&weft, "record -o t.weft -- ./directory");
    command_assert_fails(&weft, 4, "cannot execute './directory': Is a directory");
    command_run(&weft, "record -o t.weft -- ./broken");
    command_assert_fails(&weft, 4, "cannot execute './broken': Exec format error");
    command_run(&weft, "record -o t.weft -- here");
    command_assert_fails(&weft, 4, "it is not in PATH; the one here is './here'");
    g_assert_false(exists(&weft, "t.weft"));
    command_finish(&weft);
}

static void test_file_cannot_be_made(void)
{
    struct command weft;
    start(&weft);
    command_run(&weft, "record -o nowhere/t.weft -- touch started");
    command_assert_fails(&weft, 4, "nowhere/t.weft: No such file or directory");
    g_assert_false(exists(&weft, "started"));
    command_finish(&weft);
}

static void test_only_traces_are_overwritten(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "echo precious >t.weft; exec $WEFT record -o t.weft $EMITTER exit 0");
    command_assert_fails(&weft, 2, "'t.weft' exists and is no trace");
    command_shell(&weft, "cat t.weft");
    g_assert_cmpstr(weft.out, ==, "precious\n");
    command_shell(&weft, "rm t.weft; $WEFT record -qo t.weft $EMITTER exit 0 &&"
                         "exec $WEFT record -qo t.weft $EMITTER exit 0");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_cmpint(reported(&weft, "events"), ==, events_of(1));
    command_finish(&weft);
}

static void test_runtime_directory(void)
{
    struct command weft;
    start(&weft);
    weft.environment = g_environ_setenv(weft.environment, "XDG_RUNTIME_DIR", "/proc", TRUE);
    command_shell(&weft, "exec $WEFT record -o t.weft $EMITTER exit 0");
    command_assert_fails(&weft, 4, "/proc");
    g_assert_false(exists(&weft, "t.weft"));
    command_finish(&weft);
}

static void test_open_runtime_directory(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "mkdir -m 777 weft; exec $WEFT record -o t.weft -- touch started");
    command_assert_fails(&weft, 4, "/weft, must be this user's alone: `chmod 700` it");
    command_shell(&weft, "WEFT_TRACE=flight exec $EMITTER exit 0");
    command_assert_fails(&weft, 0, "not tracing: no segment in ");
    command_assert_fails(&weft, 0, "it is not this user's alone (chmod 700)");
    g_assert_false(exists(&weft, "started"));
    g_assert_false(exists(&weft, "t.weft"));
    command_finish(&weft);
}

static void test_relative_runtime_directory(void)
{
    struct command weft;
    start(&weft);
    weft.environment = g_environ_setenv(weft.environment, "XDG_RUNTIME_DIR", "here", TRUE);
    command_shell(&weft, "mkdir here; exec $WEFT record -qo t.weft -- $EMITTER exit 0");
    command_assert_fails(&weft, 0, "XDG_RUNTIME_DIR 'here' is no absolute path: rings are in /");
    g_assert_cmpint(reported(&weft, "events"), ==, events_of(1));
    weft.environment = g_environ_setenv(weft.environment, "XDG_RUNTIME_DIR", "", TRUE);
    command_shell(&weft, "exec $WEFT record -qo t.weft -- $EMITTER exit 0");
    g_assert_cmpstr(weft.err, ==, "");
    command_finish(&weft);
}

/* Runs record with a ring size, the runtime directory a tmpfs of `size`. */
static void record_in_tmpfs(struct command *weft, const char *size, const char *ring_size)
{
    char *script = g_strdup_printf(
        "exec unshare -rm sh -c 'mount -t tmpfs -o size=%s,mode=700 none small;"
        "XDG_RUNTIME_DIR=$PWD/small;"
        "exec $WEFT record -qo t.weft --ring-size %s -- $EMITTER exit 0'",
        size, ring_size);
    command_shell(weft, script);
    g_free(script);
}

static void test_ring_size(void)
{
    struct command weft;
    start(&weft);
    if (command_can_mount(&weft)) {
        record_in_tmpfs(&weft, "8m", "9M");
        command_assert_fails(&weft, 4, "--ring-size is 9.00 MiB for each loop, but ");
        command_assert_fails(&weft, 4, "small/weft has room for 8.00 MiB");
        g_assert_false(exists(&weft, "t.weft"));
        record_in_tmpfs(&weft, "8m", "4M");
        g_assert_cmpint(weft.code, ==, 0);
        g_assert_cmpstr(weft.err, ==, "");
        record_in_tmpfs(&weft, "1000g", "64G"); /* a tmpfs is no larger than the memory */
        if (strstr(weft.err, "small/weft has room for "))
            command_assert_fails(&weft, 4, ": that much memory is free");
        else
            g_test_message("64 GiB of memory are free: nothing to refuse");
    }
    command_finish(&weft);
}

/* A runtime directory of 256 KiB: the program runs on, and its recording has failed. */
static void test_full_runtime_directory(void)
{
    struct command weft;
    start(&weft);
    if (command_can_mount(&weft)) {
        command_shell(&weft,
                      "exec unshare -rm sh -c 'mount -t tmpfs -o size=256k,mode=700 none small;"
                      "XDG_RUNTIME_DIR=$PWD/small;"
                      "exec $WEFT record -o t.weft -- sh -c \"$EMITTER exit 0; touch went-on\"'");
        g_assert_nonnull(strstr(weft.err, "small/weft is full (256 KiB left); make room there"));
        g_assert_cmpint(weft.code, ==, 4);
        g_assert_true(exists(&weft, "went-on"));
        g_assert_false(exists(&weft, "t.weft"));
    }
    command_finish(&weft);
}

/* A file system of 1 MiB, in a mount namespace of our own. */
static void test_full_disk(void)
{
    struct command weft;
    start(&weft);
    if (!command_can_mount(&weft)) {
        command_finish(&weft);
        return;
    }
    /* The program ends when weft has said it: whatever weft had not read yet by then would fail
     * while it finishes, when there is no program any more that goes on. */
    command_shell(&weft, "exec unshare -rm sh -c 'mount -t tmpfs -o size=1m none small;"
                         "$WEFT record -o small/t.weft -- sh -c \"$EMITTER noise 1000000;"
                         "until grep -q ends.here said; do sleep 0.01; done; touch went-on\""
                         " 2>said; code=$?; cat said >&2; cp small/t.weft . && exit $code'");
    g_assert_cmpint(weft.code, ==, 4);
    g_assert_nonnull(strstr(weft.err, "No space left on device"));
    g_assert_nonnull(strstr(weft.err, "goes on"));
    g_assert_true(exists(&weft, "went-on"));
    g_assert_cmpint(reported(&weft, "events"), >, 1000);
    command_finish(&weft);
}

/* Each file is a trace of its own; the last line names them. */
static void test_max_size(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "exec $WEFT record -o t.weft --max-size 1M $EMITTER noise 400000");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_nonnull(strstr(weft.err, "none lost: 't.weft' to 't.4.weft', 3."));
    command_shell(&weft,
                  "n=0; for t in t.weft t.[2-4].weft; do"
                  "  [ $(stat -c %s $t) -le 1048576 ] || exit 1;"
                  "  n=$((n + $($WEFT report --json $t |"
                  "             sed -n 's/^.*\"events\" *: *\\([0-9]*\\).*/\\1/p' | head -n 1)));"
                  "done; echo $n");
    g_assert_cmpstr(weft.out, ==, "400009\n");
    command_run(&weft,
                "report t.4.weft"); /* what its beginning and its end say is of one process */
    g_assert_nonnull(strstr(weft.out, "ended with 0"));
    g_assert_null(strstr(weft.out, "its end is not in the trace"));
    command_finish(&weft);
}

static void test_keep(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft,
                  "exec $WEFT record -o t.weft --max-size 1M --keep 2 $EMITTER noise 400000");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_nonnull(strstr(weft.err, ": 't.3.weft' and 't.4.weft', 3."));
    g_assert_nonnull(strstr(weft.err, "were written; 2 older removed"));
    command_shell(&weft, "echo *.weft");
    g_assert_cmpstr(weft.out, ==, "t.3.weft t.4.weft\n");
    command_finish(&weft);
}

static void test_options_that_do_not_fit(void)
{
    struct command weft;
    start(&weft);
    command_run(&weft, "record --max-size 10K true");
    command_assert_fails(&weft, 2, "--max-size: expected at least 1M");
    command_run(&weft, "record --keep 2 true");
    command_assert_fails(&weft, 2, "--keep is for the files of --max-size");
    command_run(&weft, "record --fsync often true");
    command_assert_fails(&weft, 2, "--fsync 'often': expected never, end, or a time");
    command_finish(&weft);
}

static void test_fsync(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "for when in never end 1ms 5; do"
                         "  $WEFT record -qo t.weft --fsync $when $EMITTER noise 100000 || exit 1;"
                         "done");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_cmpint(reported(&weft, "events"), ==, 100009);
    command_finish(&weft);
}

static void test_stderr_that_is_closed(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "exec $WEFT record -o t.weft $EMITTER exit 6 2>&- >&- <&-");
    g_assert_cmpint(weft.code, ==, 6);
    g_assert_cmpint(reported(&weft, "events"), ==, events_of(1));
    command_finish(&weft);
}

static gint64 number_after(const char *text, const char *key)
{
    const char *at = strstr(text, key);
    g_assert_nonnull(at);
    return g_ascii_strtoll(at + strlen(key), NULL, 10);
}

/* What a program did last it did until it was killed. */
static void test_killed_amid(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "$WEFT record -q -o t.weft -- sh -c 'echo $$ >pid; exec $EMITTER wait "
                         ">ready' & weft=$!; until grep -q ready ready 2>/dev/null; do sleep 0.01;"
                         "done; sleep 0.2; kill -9 $(cat pid); wait $weft");
    g_assert_cmpint(weft.code, ==, 128 + 9);
    command_run(&weft, "report t.weft --json");
    gint64 begin_ns = number_after(weft.out, "\"begin_ns\" : ");
    gint64 end_ns = number_after(weft.out, "\"end_ns\" : ");
    g_assert_cmpint(end_ns, >=, 100000000);
    g_assert_cmpint(number_after(weft.out, "\"duration_ns\" : "), ==, end_ns - begin_ns);
    command_finish(&weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/record/file-limit", test_file_limit);
    g_test_add_func("/cli/record/everything-is-there", test_everything_is_there);
    g_test_add_func("/cli/record/hello-world", test_hello_world);
    g_test_add_func("/cli/record/default-name", test_default_name);
    g_test_add_func("/cli/record/nothing-stays-in-the-runtime-directory",
                    test_nothing_stays_in_the_runtime_directory);
    g_test_add_func("/cli/record/exit-code", test_exit_code);
    g_test_add_func("/cli/record/killed", test_killed);
    g_test_add_func("/cli/record/killed-amid", test_killed_amid);
    g_test_add_func("/cli/record/very-short-lives", test_very_short_lives);
    g_test_add_func("/cli/record/program-is-left-alone", test_program_is_left_alone);
    g_test_add_func("/cli/record/not-linked-with-libweft", test_not_linked_with_libweft);
    g_test_add_func("/cli/record/signals-are-passed-on", test_signals_are_passed_on);
    g_test_add_func("/cli/record/ctrl-c", test_ctrl_c);
    g_test_add_func("/cli/record/duration", test_duration);
    g_test_add_func("/cli/record/progress", test_progress);
    g_test_add_func("/cli/record/cannot-be-executed", test_cannot_be_executed);
    g_test_add_func("/cli/record/file-cannot-be-made", test_file_cannot_be_made);
    g_test_add_func("/cli/record/only-traces-are-overwritten", test_only_traces_are_overwritten);
    g_test_add_func("/cli/record/runtime-directory", test_runtime_directory);
    g_test_add_func("/cli/record/open-runtime-directory", test_open_runtime_directory);
    g_test_add_func("/cli/record/relative-runtime-directory", test_relative_runtime_directory);
    g_test_add_func("/cli/record/ring-size", test_ring_size);
    g_test_add_func("/cli/record/full-runtime-directory", test_full_runtime_directory);
    g_test_add_func("/cli/record/full-disk", test_full_disk);
    g_test_add_func("/cli/record/max-size", test_max_size);
    g_test_add_func("/cli/record/keep", test_keep);
    g_test_add_func("/cli/record/options-that-do-not-fit", test_options_that_do_not_fit);
    g_test_add_func("/cli/record/fsync", test_fsync);
    g_test_add_func("/cli/record/stderr-that-is-closed", test_stderr_that_is_closed);
    return g_test_run();
}
