/* record_flight_test.c: `weft record --flight`: when it writes what, under which names, and what it
 * says of it. */
#include "command.h"
#include "tracer/trace/format.h"
#include "tracer/trace/trace.h"

#include <glib/gstdio.h>
#include <string.h>

static void start(struct command *weft)
{
    command_start(weft);
    weft->environment = g_environ_setenv(weft->environment, "EMITTER", g_getenv("WEFT_EMITTER"),
                                         TRUE);
}

static void assert_said(const struct command *weft, const char *part)
{
    if (!strstr(weft->err, part))
        g_error("'%s' is not in: %s", part, weft->err);
}

static void assert_files(struct command *weft, const char *names)
{
    command_shell(weft, "echo $(ls -A | grep -v -e '^weft$' -e '^said$' -e '^ready$')");
    g_assert_cmpstr(g_strchomp(weft->out), ==, names);
}

/* Events in the trace. */
static gint64 events_in(struct command *weft, const char *name)
{
    char *script = g_strdup_printf("exec $WEFT report --json %s", name);
    command_shell(weft, script);
    g_free(script);
    g_assert_cmpint(weft->code, ==, 0);
    const char *events = strstr(weft->out, "\"events\"");
    g_assert_nonnull(events);
    return g_ascii_strtoll(events + strlen("\"events\" : "), NULL, 10);
}

/* Runs weft record ARGUMENTS -o t.weft $EMITTER MODE in the background: $weft; does `script` once
 * the program is ready; lets it end. `said 'TEXT'` waits until weft has said so. */
static void run_with(struct command *weft, const char *arguments, const char *mode,
                     const char *script)
{
    char *all = g_strdup_printf(
        "said() { until grep -q \"$1\" said; do sleep 0.01; done; };"
        ": >ready; : >said; $WEFT record %s -o t.weft $EMITTER %s >ready 2>said & weft=$!;"
        "until grep -q ready ready; do sleep 0.01; done; %s;"
        "kill -TERM $weft; wait $weft; code=$?; cat said >&2; exit $code",
        arguments, mode, script);
    command_shell(weft, all);
    g_free(all);
}

/* ---- The end of the program ---- */

static void test_exit(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "exec $WEFT record --flight -o t.weft $EMITTER exit 7");
    g_assert_cmpint(weft.code, ==, 7);
    assert_said(&weft, "9 events in ");
    assert_said(&weft, ", none lost: 't.weft', ");
    assert_said(&weft, "ended with code 7)\n");
    assert_files(&weft, "t.weft");
    g_assert_cmpint(events_in(&weft, "t.weft"), ==, 9);
    command_finish(&weft);
}

static void test_crash(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "exec $WEFT record --flight -qo t.weft $EMITTER kill 9");
    g_assert_cmpint(weft.code, ==, 137);
    assert_files(&weft, "t.weft");
    g_assert_cmpint(events_in(&weft, "t.weft"), ==, 6);
    g_assert_nonnull(strstr(weft.out, "\"exit_signal\" : 9"));
    command_finish(&weft);
}

/* "1,234" is 1234. */
static gint64 number_in(const GMatchInfo *match, gint group)
{
    g_autofree char *text = g_match_info_fetch(match, group);
    gint64 number = 0;
    for (const char *c = text; *c; c++)
        number = *c == ',' ? number : number * 10 + (*c - '0');
    return number;
}

/* A window of bytes: what was let go is no loss, and the trace begins where it begins. */
static void test_window(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft,
                  "exec $WEFT record --flight --window 256K -o t.weft $EMITTER noise 500000");
    g_assert_cmpint(weft.code, ==, 0);
    /* "N events in ..., N lost (...), N let go: ": what is in the trace was read and not let go. */
    g_autoptr(GMatchInfo) match = NULL;
    g_autoptr(GRegex)
        counts = g_regex_new("([0-9,]+) events in .*, ([0-9,]+) let go: ", 0, 0, NULL);
    g_assert_true(g_regex_match(counts, weft.err, 0, &match));
    gint64 read = number_in(match, 1), let_go = number_in(match, 2);
    gint64 events = events_in(&weft, "t.weft");
    g_assert_cmpint(events, >, 10000);
    g_assert_cmpint(events, ==, read - let_go);
    char *path = command_path(&weft, "t.weft");
    GStatBuf status;
    g_assert_cmpint(g_stat(path, &status), ==, 0);
    g_assert_cmpint(status.st_size, <, 600 << 10);
    g_free(path);
    command_finish(&weft);
}

/* A large one opens at once: what a reader finds in it is in it. */
static void test_summary(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft,
                  "exec $WEFT record --flight --window 64M -qo t.weft $EMITTER noise 400000");
    g_assert_cmpint(weft.code, ==, 0);
    g_autofree char *path = command_path(&weft, "t.weft");
    g_autoptr(weft_trace) trace = weft_trace_open(path, NULL);
    g_assert_cmpuint(weft_trace_events(trace), ==, 400009);
    g_assert_cmpuint(weft_trace_n_additions(trace), >, 0);
    g_autoptr(GBytes) summary = weft_trace_addition(trace, 0, WEFT_CHUNK_SUMMARY);
    g_assert_nonnull(summary);
    command_finish(&weft);
}

static void test_no_events(void)
{
    struct command weft;
    start(&weft);
    command_run(&weft, "record --flight -o t.weft /bin/true");
    g_assert_cmpint(weft.code, ==, 0);
    assert_said(&weft,
                "/bin/true wrote no events: is it linked with libweft? (nothing was written)");
    assert_files(&weft, "");
    command_finish(&weft);
}

/* ---- While it runs ---- */

static void test_signal(void)
{
    struct command weft;
    start(&weft);
    run_with(&weft, "--flight", "wait",
             "kill -USR2 $weft; said 't.weft. holds all of it, 6 events, .*: SIGUSR2 came';"
             "kill -USR2 $weft; said 't.2.weft. holds'");
    g_assert_cmpint(weft.code, ==, 1); /* the program saw no SIGUSR2 */
    assert_said(&weft, "(SIGUSR2 came); 't.2.weft', ");
    assert_said(&weft, "(SIGUSR2 came); 't.3.weft', ");
    assert_files(&weft, "t.2.weft t.3.weft t.weft");
    g_assert_cmpint(events_in(&weft, "t.weft"), ==, 6);
    g_assert_cmpint(events_in(&weft, "t.2.weft"), ==, 6);
    g_assert_cmpint(events_in(&weft, "t.3.weft"), ==, 11);
    command_finish(&weft);
}

static void test_keep(void)
{
    struct command weft;
    start(&weft);
    run_with(&weft, "--flight --keep 2", "wait",
             "for n in t t.2 t.3; do kill -USR2 $weft; said \"'$n.weft. holds\"; done");
    assert_files(&weft, "t.3.weft t.4.weft");
    command_finish(&weft);
}

/* What is no trace stays: its name is left out. */
static void test_other_files_stay(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "echo precious >t.2.weft; echo precious >t.weft");
    command_run(&weft, "record --flight -o t.weft true");
    command_assert_fails(&weft, 2, "'t.weft' exists and is no trace");
    command_shell(&weft, "rm t.weft");
    run_with(&weft, "--flight", "wait", "kill -USR2 $weft; said \"'t.weft. holds\"");
    assert_files(&weft, "t.2.weft t.3.weft t.weft");
    command_shell(&weft, "cat t.2.weft");
    g_assert_cmpstr(weft.out, ==, "precious\n");
    command_finish(&weft);
}

static void test_signal_without_flight(void)
{
    struct command weft;
    start(&weft);
    run_with(&weft, "", "wait", "kill -USR2 $weft; said 'SIGUSR2 is for --flight: .*t.weft'");
    g_assert_cmpint(weft.code, ==, 1);
    assert_files(&weft, "t.weft");
    g_assert_cmpint(events_in(&weft, "t.weft"), ==, 11);
    command_finish(&weft);
}

/* ---- Conditions ---- */

static void test_condition(void)
{
    struct command weft;
    start(&weft);
    run_with(&weft, "--flight --when 'tasks>0' --after 0", "wait",
             "said \"'t.weft. holds all of it, .*: tasks>0: 1\"");
    assert_said(&weft, "(tasks>0: 1); 't.2.weft', ");
    assert_files(&weft, "t.2.weft t.weft");
    command_finish(&weft);
}

/* The seconds after it are not over when the program ends: one dump, of both. */
static void test_condition_at_the_end(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "exec $WEFT record --flight --when 'slice>1h or tasks>0' -o t.weft"
                         " $EMITTER exit 0");
    assert_said(&weft, "(tasks>0: 1; then ");
    assert_said(&weft, "ended with code 0)");
    assert_files(&weft, "t.weft");
    command_finish(&weft);
}

/* A task that hangs in its slice does not end it: it is found all the same. */
static void test_hang(void)
{
    struct command weft;
    start(&weft);
    run_with(&weft, "--flight --when 'slice>20ms' --after 0", "hang",
             "said \"slice>20ms: task:0:1 has been running for\"");
    assert_files(&weft, "t.2.weft t.weft");
    g_assert_cmpint(events_in(&weft, "t.weft"), ==, 7);
    command_finish(&weft);
}

/* ---- Findings as conditions ---- */

#define LOCKED_UP                                                                                  \
    "deadlock: reader and writer wait for each other: reader for lock b, which writer holds"
#define UNTIL_SAID "said() { until grep -q \"$1\" said; do sleep 0.01; done; }; : >said; : >ready;"

/* What proves it is in the dump. */
static void assert_deadlock_in(struct command *weft, const char *name)
{
    g_autofree char *script = g_strdup_printf("exec $WEFT check --fail-on deadlock %s", name);
    command_shell(weft, script);
    g_assert_cmpint(weft->code, ==, 1);
}

static void test_deadlock(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, UNTIL_SAID
                  "$WEFT record --flight --when 'slice>1h or deadlock' --after 0 -o t.weft"
                  " $WEFT_WAITS abba >ready 2>said & weft=$!;"
                  "said \"'t.weft. holds all of it, .*: " LOCKED_UP "\";"
                  "kill -TERM $weft; wait $weft; code=$?; cat said >&2; exit $code");
    g_assert_cmpint(weft.code, ==, 143);
    assert_said(&weft, "); 't.2.weft', "); /* it is said once, however long it lasts */
    assert_files(&weft, "t.2.weft t.weft");
    assert_deadlock_in(&weft, "t.weft");
    command_finish(&weft);
}

/* It was there before the recording. */
static void test_deadlock_of_pid(void)
{
    struct command weft;
    start(&weft);
    command_shell(
        &weft, UNTIL_SAID
        "$WEFT_WAITS abba >ready & pid=$!; until grep -q ready ready; do sleep 0.01; done;"
        "$WEFT record --flight --when finding=error --after 0 -o t.weft --pid $pid"
        " 2>said & weft=$!;"
        "said \"'t.weft. holds .*: finding=error: reader and writer wait for each other\";"
        "kill -INT $weft; wait $weft; code=$?; kill -KILL $pid; exit $code");
    g_assert_cmpint(weft.code, ==, 0);
    assert_deadlock_in(&weft, "t.weft");
    command_finish(&weft);
}

/* Of several processes, one that hangs and one that has ended long ago. */
static void test_deadlock_of_child(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, UNTIL_SAID
                  "$WEFT record --children --flight --when deadlock --after 0 -o t.weft"
                  " sh -c '$EMITTER exit 0; exec $WEFT_WAITS abba' >ready 2>said & weft=$!;"
                  "said \"'t.weft. holds .*: " LOCKED_UP "\";"
                  "kill -TERM $weft; wait $weft; exit 0");
    assert_deadlock_in(&weft, "t.weft");
    command_finish(&weft);
}

/* A loop that is held is found while it is; the end of a program tells what it left. */
static void test_other_findings(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft,
                  UNTIL_SAID "$WEFT record --flight --when 'blocking-call>20ms' --after 0 -o t.weft"
                             " $WEFT_WAITS held >ready 2>said & weft=$!;"
                             "said \"'t.weft. holds .*: blocking-call>20ms: hog has run for\";"
                             "kill -TERM $weft; wait $weft; exit 0");
    command_shell(&weft, "exec $WEFT record --flight --when 'finding=warning' -o u.weft"
                         " $WEFT_TROUBLES never-retrieved");
    assert_said(&weft, "(finding=warning: ");
    assert_said(&weft, "; then ");
    command_finish(&weft);
}

static void test_condition_in_words(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "exec $WEFT record --flight --when 'slice>' true");
    command_assert_fails(&weft, 2, "--when 'slice>': expected a duration like 100ms at column 7");
    command_shell(&weft, "exec $WEFT record --flight --when 'slice>1ms ready>2ms' true");
    command_assert_fails(&weft, 2, "expected 'or' or the end at column 11");
    command_run(&weft, "record --flight --when 'deadlocks' true");
    command_assert_fails(&weft, 2,
                         "counter, finding or a finding's rule at column 1 (weft check --rules");
    command_finish(&weft);
}

/* ---- What goes wrong ---- */

static void test_options(void)
{
    struct command weft;
    start(&weft);
    command_run(&weft, "record --window 30s true");
    command_assert_fails(&weft, 2, "--window is for --flight");
    command_run(&weft, "record --when error true");
    command_assert_fails(&weft, 2, "--when is for --flight");
    command_run(&weft, "record --flight --max-size 1M true");
    command_assert_fails(&weft, 2, "--max-size is not for --flight");
    command_run(&weft, "record --flight --after 1 true");
    command_assert_fails(&weft, 2, "--after is for --when");
    command_run(&weft, "record --flight --window 1s --when error --after 2s true");
    command_assert_fails(&weft, 2, "--after is longer than the window");
    command_shell(&weft, "exec $WEFT record -q --flight --window 1s -o t.weft $EMITTER exit 0");
    g_assert_cmpint(weft.code, ==, 0); /* the default for --after is shorter then */
    static const char *const windows[] = { "30", "x", "1K", "1ms", "64X", "-1s", "30S" };
    for (guint i = 0; i < G_N_ELEMENTS(windows); i++) {
        char *line = g_strdup_printf("record --flight --window %s true", windows[i]);
        command_run(&weft, line);
        command_assert_fails(
            &weft, 2,
            "expected a time such as 30s, 100ms at least, or a size such as 64M, 64K at least");
        g_free(line);
    }
    command_finish(&weft);
}

static void test_cannot_be_made(void)
{
    struct command weft;
    start(&weft);
    command_run(&weft, "record --flight -o nowhere/t.weft -- touch started");
    command_assert_fails(&weft, 4, "cannot create nowhere/t.weft: No such file or directory");
    assert_files(&weft, "");
    command_finish(&weft);
}

/* The directory goes while the program runs: its code gives way to the failure. */
static void test_directory_goes(void)
{
    struct command weft;
    start(&weft);
    command_shell(&weft, "mkdir gone; exec $WEFT record --flight -o gone/t.weft --"
                         " sh -c '$EMITTER exit 0; rmdir gone'");
    g_assert_cmpint(weft.code, ==, 4);
    assert_said(&weft, "cannot create gone/t.weft: No such file or directory (");
    command_finish(&weft);
}

/* A full disk: nothing half-written, and what was there before stays. */
static void test_full_disk(void)
{
    struct command weft;
    start(&weft);
    if (command_can_mount(&weft)) {
        command_shell(&weft, "exec unshare -rm sh -c 'mount -t tmpfs -o size=64k none small;"
                             "$WEFT record --flight -qo small/t.weft $EMITTER exit 0;"
                             "$WEFT record --flight -qo small/t.weft $EMITTER noise 100000;"
                             "code=$?; ls -A small; $WEFT report small/t.weft | grep events;"
                             "exit $code'");
        g_assert_cmpint(weft.code, ==, 4);
        assert_said(&weft, "cannot write small/t.weft: No space left on device; nothing was "
                           "written");
        g_assert_true(g_str_has_prefix(weft.out, "t.weft\n"));
        g_assert_nonnull(strstr(weft.out, "events    9"));
    }
    command_finish(&weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/record-flight/exit", test_exit);
    g_test_add_func("/cli/record-flight/crash", test_crash);
    g_test_add_func("/cli/record-flight/window", test_window);
    g_test_add_func("/cli/record-flight/summary", test_summary);
    g_test_add_func("/cli/record-flight/no-events", test_no_events);
    g_test_add_func("/cli/record-flight/signal", test_signal);
    g_test_add_func("/cli/record-flight/keep", test_keep);
    g_test_add_func("/cli/record-flight/other-files-stay", test_other_files_stay);
    g_test_add_func("/cli/record-flight/signal-without-flight", test_signal_without_flight);
    g_test_add_func("/cli/record-flight/condition", test_condition);
    g_test_add_func("/cli/record-flight/condition-at-the-end", test_condition_at_the_end);
    g_test_add_func("/cli/record-flight/hang", test_hang);
    g_test_add_func("/cli/record-flight/deadlock", test_deadlock);
    g_test_add_func("/cli/record-flight/deadlock-of-pid", test_deadlock_of_pid);
    g_test_add_func("/cli/record-flight/deadlock-of-child", test_deadlock_of_child);
    g_test_add_func("/cli/record-flight/other-findings", test_other_findings);
    g_test_add_func("/cli/record-flight/condition-in-words", test_condition_in_words);
    g_test_add_func("/cli/record-flight/options", test_options);
    g_test_add_func("/cli/record-flight/cannot-be-made", test_cannot_be_made);
    g_test_add_func("/cli/record-flight/directory-goes", test_directory_goes);
    g_test_add_func("/cli/record-flight/full-disk", test_full_disk);
    return g_test_run();
}
