/* golden_test.c: what every verb says, word for word: its --help, its results as text and JSON on
 * traces that never change, in terminals of several widths, and its refusals. golden/VERB.txt is
 * what a shell would show:
 *
 *      $ weft report t.weft          what `run` was given, and what weft said to it
 *      (exit 3)                      when that is not 0
 *
 * Numbers that are another in each run, on each machine, or with each version are written as N. */
#include "command.h"
#include "fixture.h"

#include <string.h>

static const char prelude[] =
    "run() { echo \"\\$ weft $*\"; $WEFT \"$@\" 2>&1; said $?; };"
    "wide() { w=$1; shift; echo \"\\$ COLUMNS=$w weft $*\"; COLUMNS=$w $WEFT \"$@\" 2>&1; said $?; "
    "};"
    "said() { [ $1 = 0 ] || echo \"(exit $1)\"; echo; };"
    /* A program of which it can be asked: $p. */
    "start() { rm -f says; mkfifo says; $WAITS \"$@\" >says & p=$!; read word <says;"
    "until $WEFT ps $p --json | grep -q '\"does\":\"polls\"'; do :; done; };"
    "end() { kill -9 $p; wait $p; } 2>/dev/null;"
    "live() { run \"$@\" | sed -E \"s/\\b$p\\b/PID/g; s/-?[0-9.]+ (ns|µs|ms|min|s|h)\\b( [0-9]+ "
    "min)?/T/g; s/(_ns\\\":)-?[0-9]+/\\1N/g; s/  +/  /g; s|$WAITS|WAITS|; "
    "s/waits.c:[0-9]+/waits.c:N/g\"; };"
    /* Compression is not the same everywhere. */
    "stored() { run \"$@\" | sed -E \"s/[0-9.]+ ([KMG]i)?B\\b/N B/g; s/at byte [0-9]+/at byte N/;"
    "s/bytes [0-9]+ to [0-9]+/bytes N to N/; s/(\\\"(size|from|to)\\\" : )[0-9]+/\\1N/;"
    "s/ in [0-9.]+ s,/ in T,/; s|$EMITTER|EMITTER|; s|$XDG_RUNTIME_DIR|DIR|\"; };";

static const struct {
    const char *verb, *script;
} cases[] = {
    { "record", "stored record -o t.weft -- true;"
                "stored record -o t.weft -- $EMITTER 'exit 3';"
                "stored record -o t.weft -- ./missing; run record;"
                "run record --flight --when 'slice>soon' true; run record -o notes.txt -- true" },
    { "recover", "start abba; end; stored recover $p -o t.weft | sed \"s/$p/PID/\";"
                 "stored recover 4194305 -o t.weft; run recover notes.txt -o t.weft;"
                 "run recover missing.ring -o t.weft; run recover 1" },
    { "repair", "stored repair cut.weft -o r.weft; stored repair cut.weft -o r.weft --json;"
                "stored repair gather.weft -o r.weft; stored repair gather.weft -o r.weft --json;"
                "run repair notes.txt -o r.weft; run repair gather.weft" },
    { "cut", "run cut gather.weft --from 10ms --to 13ms -o c.weft; run dump c.weft;"
             "run cut gather.weft --from 2s -o c.weft;"
             "run cut gather.weft --from 2ms --to 1ms -o c.weft;"
             "run cut gather.weft -o gather.weft; run cut gather.weft" },
    { "merge", "stored merge gather.weft blocked.weft -o m.weft; stored report m.weft;"
               "run merge gather.weft gather.weft -o m.weft; run merge gather.weft -o m.weft;"
               "run merge gather.weft notes.txt -o m.weft" },
    { "dump", "run dump gather.weft --task fetch-1 --kind RESUME,SUSPEND;"
              "run dump gather.weft --kind time --json; run dump lossy.weft --from 20us --head 3;"
              "run dump gather.weft --grep cleanup; run dump gather.weft --tail 2;"
              "run dump gather.weft --task nobody; run dump gather.weft --kind RESUMED;"
              "run dump gather.weft --from 1h; run dump two-loops.weft --loop loop:1:1;"
              "run dump two-loops.weft --ring 7; stored dump cut.weft; stored dump notes.txt" },
    { "tree", "run tree gather.weft --at 5ms; run tree gather.weft --at 12.1ms --by parent;"
              "run tree gather.weft --depth 1; run tree gather.weft --at 5ms --json;"
              "wide 40 tree gather.weft --at 5ms; run tree gather.weft --at 1s;"
              "start abba; live tree $p; end;"
              "run tree 4194305" },
    { "ps", "run ps; start abba; live ps; live ps $p; live ps $p --json --top 1; live ps --json;"
            "live ps $p --state running; run ps --state waiting; run ps --sort name; end;"
            "run ps 4194305; run ps -w 2 4194305; run ps me" },
    { "top", "run top; run top --json; run top --count 2; run top me" },
    { "report", "stored report lossy.weft; stored report blocked.weft --sort waiting;"
                "stored report gather.weft --task fetch-1; stored report workers.weft --top 3;"
                "stored report empty.weft; stored report two-loops.weft; stored report cut.weft;"
                "run report gather.weft --task nobody; run report missing.weft;"
                "run report notes.txt" },
    { "narrow", "for w in 40 60 80 200; do wide $w report gather.weft | grep -v '^  file ';"
                "wide $w check blocked.weft; wide $w diff a.weft b.weft; done" },
    { "colour", "for verb in 'report gather.weft' 'check blocked.weft' 'diff a.weft b.weft' "
                "'tree gather.weft --at 5ms'; do echo \"\\$ weft $verb --color always\";"
                "COLUMNS=60 $WEFT $verb --color always | grep -v '^  file ' |"
                "sed 's/\\x1b/\\\\e/g'; echo; done;"
                "start abba; echo '$ weft ps PID --color always';"
                "COLUMNS=60 $WEFT ps $p --color always | sed -n '2,4s/\\x1b/\\\\e/gp'; end" },
    { "check",
      "run check blocked.weft --fail-on blocking-call;"
      "run check lossy.weft --fail-on blocking-call:warning;"
      "run check blocked.weft --json; run check lossy.weft --format junit;"
      "run check blocked.weft --format sarif |"
      "sed -E 's/(\"semanticVersion\" : )\"[^\"]*/\\1\"N/'; stored check cut.weft;"
      "run check two-loops.weft; run check --rules; run check blocked.weft --fail-on odd" },
    { "diff", "run diff a.weft b.weft --top 2 --fail-on slower; run diff a.weft a.weft;"
              "run diff a.weft blocked.weft --fail-on findings; run diff a.weft" },
    { "export", "run export gather.weft --to text --width 80;"
                "run export gather.weft --to csv --what tasks;"
                "run export gather.weft --to sqlite -o t.db;"
                "run export gather.weft --to text --from 1s; run export gather.weft --to gif;"
                "run export gather.weft --to png" },
    { "ctl",
      "run ctl 4194305 dump; run ctl me dump; run ctl 1; run ctl 1 halt; run ctl 1 slow;"
      "run ctl 1 step twice; run ctl 1 slow 0; run ctl 1 pause -o t; run ctl 1 dump --loop 0;"
      "start abba; live ctl $p dump; live ctl $p step; live ctl $p pause --loop 7;"
      "live ctl $p cancel reade; live ctl $p cancel xyzzy; end" },
    { "lessons",
      "at() { run \"$@\" | sed \"s|$WEFT_LESSONS|LESSONS|g\"; };"
      "run lessons; run lessons show 3; wide 50 lessons show 1; run lessons tell hello-world; run "
      "lessons tell 9 --at 500ms;"
      "run lessons tell lock --variant opposite-orders --at 100ms;"
      "at lessons tell lock --at 500ms --json; printf '2\n2 s\n1\n' | run lessons quiz 1;"
      "cp -rL $WEFT_LESSONS/19-starvation own; sed -i 's/`count SUSPEND of p/given &/' "
      "own/lesson.md;"
      "printf '0\n\nn\nn\n1\n' | run lessons quiz ./own; run lessons check own;"
      "printf '1\n' | run lessons quiz two-tasks; at lessons check $WEFT_LESSONS/01-hello-world;"
      "run lessons | head -3; run lessons tell hello; run lessons tell nothing-like-it;"
      "run lessons tell ./none; run lessons check none; run lessons tell; run lessons tel 1;"
      "run lessons tell 1 --at 1h; run lessons tell 1 --variant other; run lessons quiz 1 --json;"
      "run lessons list --at 1s; run lessons tell 1 --terse; run lessons show 1 --terse" },
    { "view", "run view missing.weft; run view 4194305; run view a b" },
};

static void write_traces(const struct command *weft)
{
    static const struct {
        const char *name;
        void (*write)(const char *path);
    } traces[] = {
        { "gather.weft", fixture_write_gather },       { "lossy.weft", fixture_write_lossy },
        { "blocked.weft", fixture_write_blocked },     { "empty.weft", fixture_write_empty },
        { "two-loops.weft", fixture_write_two_loops },
    };
    for (guint i = 0; i < G_N_ELEMENTS(traces); i++) {
        g_autofree char *path = command_path(weft, traces[i].name);
        traces[i].write(path);
    }
    g_autofree char *a = command_path(weft, "a.weft"), *b = command_path(weft, "b.weft");
    g_autofree char *workers = command_path(weft, "workers.weft");
    fixture_write_server(a, 40, 100, FALSE);
    fixture_write_server(b, 41, 130, TRUE);
    fixture_write_workers(workers, 100);
}

static void set(struct command *weft, const char *name, const char *value)
{
    weft->environment = g_environ_setenv(weft->environment, name, value, TRUE);
}

static void test_verb(gconstpointer data)
{
    guint i = GPOINTER_TO_UINT(data);
    struct command weft;
    command_start(&weft);
    write_traces(&weft);
    set(&weft, "WAITS", g_getenv("WEFT_WAITS"));
    set(&weft, "EMITTER", g_getenv("WEFT_EMITTER"));
    command_shell(&weft, "echo words >notes.txt; head -c 1000 workers.weft >cut.weft");
    g_autofree char *script = g_strconcat(prelude, cases[i].script, NULL);
    g_autofree char *golden = g_strconcat(cases[i].verb, ".txt", NULL);
    command_shell(&weft, script);
    command_assert_golden(weft.out, golden);
    g_assert_cmpstr(weft.err, ==, "");
    command_finish(&weft);
}

/* Of each verb, as weft --help lists them. */
static void test_help(void)
{
    struct command weft;
    command_start(&weft);
    command_shell(&weft,
                  "$WEFT --help; for verb in $($WEFT --help | sed -nE 's/^  ([a-z]+) .*/\\1/p');"
                  "do echo; echo \"\\$ weft $verb --help\"; $WEFT $verb --help; done");
    g_assert_cmpstr(weft.err, ==, "");
    command_assert_golden(weft.out, "help.txt");
    command_finish(&weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/golden/help", test_help);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/cli/golden/", cases[i].verb, NULL);
        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_verb);
    }
    return g_test_run();
}
