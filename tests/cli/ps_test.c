/* ps_test.c: what `weft ps` says of programs that wait, hold their loop, and are dead. */
#include "command.h"

#include <string.h>
#include <unistd.h>

/* `$PS ARG…` with numbers that are another at each run made the same; start MODE sets $p. */
static const char prelude[] =
    "start() { mkfifo says; $WAITS \"$@\" >says & p=$!; read word <says;"
    "[ $1 = held ] || until $WEFT ps $p --json | grep -q '\"does\":\"polls\"'; do :; done; };"
    "plain() { sed -E \"s/\\b$p\\b/PID/g;"
    "s/[0-9.]+ (ns|µs|ms|min|s|h)\\b( [0-9]+ min\\b)?/T/g; s/ +/ /g\"; };"
    "weft_ps() { $WEFT ps \"$@\" | plain; };";

static void start(struct command *weft)
{
    command_start(weft);
    weft->environment = g_environ_setenv(weft->environment, "WAITS", g_getenv("WEFT_WAITS"), TRUE);
}

static void run(struct command *weft, const char *script)
{
    char *whole = g_strconcat(prelude, script, NULL);
    command_shell(weft, whole);
    g_free(whole);
}

static void test_tasks(struct command *weft, const char *mode)
{
    char *script = g_strdup_printf("start %s; weft_ps $p --sort created; kill -9 $p; wait", mode);
    char *golden = g_strdup_printf("%s.ps.txt", mode);
    run(weft, script);
    g_assert_cmpstr(weft->err, ==, "");
    command_assert_golden(weft->out, golden);
    g_free(golden);
    g_free(script);
}

static void test_deadlock(void)
{
    struct command weft;
    start(&weft);
    test_tasks(&weft, "abba");
    command_finish(&weft);
}

/* Through a shield, through a task group, and through a shield in a gather. But where a future may
 * end the wait nothing is claimed. */
static void test_deadlock_behind_a_group(void)
{
    struct command weft;
    start(&weft);
    test_tasks(&weft, "shielded");
    command_finish(&weft);
    start(&weft);
    test_tasks(&weft, "grouped");
    command_finish(&weft);
    start(&weft);
    test_tasks(&weft, "woven");
    command_finish(&weft);
    start(&weft);
    test_tasks(&weft, "hoping");
    command_finish(&weft);
}

/* Whom it is connected with. */
static void test_stuck_client(void)
{
    struct command weft;
    start(&weft);
    run(&weft, "start client; weft_ps $p; kill -9 $p; wait");
    g_assert_true(
        g_regex_match_simple("Task-1 task:0:1 waiting .* recv :[0-9]+\n", weft.out, 0, 0));
    command_finish(&weft);
}

/* Who holds the lock that many wait for, for how long, and how many wait. */
static void test_crowd(void)
{
    struct command weft;
    start(&weft);
    run(&weft, "start many 5; weft_ps $p; kill -9 $p; wait");
    g_assert_nonnull(strstr(weft.out,
                            "\nlock \"a\", held by Task-1 for T: 5 tasks wait for it, the "
                            "first for T\n"));
    run(&weft, "rm says; start convoy 4; weft_ps $p; kill -9 $p; wait");
    g_assert_null(strstr(weft.out, "wait for it")); /* one has it: three are no crowd */
    run(&weft,
        "rm says; start convoy 6;"
        "until $WEFT ps $p --json | grep -q '\"waiting\":5,'; do :; done;"
        "until weft_ps $p >out; grep 'held by Task-. for T: 5 tasks wait for it' out; do :; done;"
        "kill -9 $p; wait");
    g_assert_nonnull(strstr(weft.out, "lock \"a\", held by Task-"));
    command_finish(&weft);
}

static void test_circle_with_a_timeout(void)
{
    struct command weft;
    start(&weft);
    test_tasks(&weft, "rescued");
    command_finish(&weft);
}

static void test_held_loop(void)
{
    struct command weft;
    start(&weft);
    test_tasks(&weft, "held");
    command_finish(&weft);
}

/* The program does not notice: its loop never polls again. */
static void test_held_is_said_in_the_list(void)
{
    struct command weft;
    start(&weft);
    run(&weft, "start held; until $WEFT ps | grep -q ' held '; do :; done; weft_ps; kill -9 $p;"
               "wait; weft_ps; weft_ps $p");
    g_assert_nonnull(strstr(
        weft.out, " PID held T 4 cli-waits held hog holds its loop, which has not polled for T;"));
    g_assert_nonnull(strstr(weft.out, "; 2 tasks are ready behind it\n"));
    g_assert_nonnull(strstr(weft.out, " PID dead – 4 cli-waits held killed by a signal"));
    g_assert_nonnull(strstr(weft.out, "when it last did something it had 4 tasks: 1 running, 2 "
                                      "ready, 1 waiting\n"));
    g_assert_nonnull(strstr(weft.out, " hog task:0:2 running"));
    command_finish(&weft);
}

static void test_deadlock_is_said_in_the_list(void)
{
    struct command weft;
    start(&weft);
    run(&weft,
        "start abba; weft_ps; COLUMNS=60 $WEFT ps | plain | tr -d '\\n'; kill -STOP $p; weft_ps;"
        "kill -9 $p; wait");
    g_assert_nonnull(strstr(weft.out, " PID deadlock T 6 cli-waits abba reader waits for lock "
                                      "\"b\", held by writer, which waits for lock \"a\", held by "
                                      "reader\n"));
    g_assert_nonnull(strstr(weft.out, " PID stopped T 6 cli-waits abba reader waits for lock "
                                      "\"b\", held by writer, which waits for lock \"a\", held by "
                                      "reader\n"));
    /* Nothing of it is cut when the terminal is narrow. */
    g_assert_nonnull(strstr(weft.out,
                            " PID deadlock cli-waits abba reader waits for lock \"b\", held "
                            "by writer, which waits for lock \"a\", held by reader"));
    command_finish(&weft);
}

static void test_nobody(void)
{
    struct command weft;
    start(&weft);
    command_run(&weft, "ps");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_true(g_str_has_prefix(weft.out, "No process is traced"));
    command_run(&weft, "ps --json");
    g_assert_cmpstr(weft.out, ==, "{\"processes\":[]}\n");
    command_finish(&weft);
}

/* Every key of the manual, and what it is. */
static void test_json(void)
{
    struct command weft;
    start(&weft);
    run(&weft, "start rescued; $WEFT ps --json >all; $WEFT ps $p --json >one; kill -9 $p; wait;"
               "exec /usr/bin/python3 - <<'E'\n"
               "import json\n"
               "all, one = json.load(open('all')), json.load(open('one'))\n"
               "process, = all['processes']\n"
               "print(*process)\n"
               "print(process['state'], process['tasks']['waiting'], process['age_ns'] > 0)\n"
               "print(*one)\n"
               "print(one['pid'] == process['pid'], one['matching'], one['unlisted_tasks'])\n"
               "loop, = one['loops']\n"
               "print(*loop, loop['does'], loop['ready'])\n"
               "circle, = one['circles']\n"
               "print(*circle, circle['deadlock'], circle['ids'], circle['until_ns'] > 3e12)\n"
               "tasks = {task['name']: task for task in one['tasks']}\n"
               "writer, nap = tasks['writer'], tasks['Task-6']\n"
               "print(*writer)\n"
               "print(*writer['awaits'], writer['awaits']['kind'], writer['awaits']['id'])\n"
               "print(writer['awaits']['held_by'], writer['parent'], writer['timeout_ns'] > 3e12)\n"
               "print(nap['awaits']['due_ns'] > 3e12, nap['function'], nap['for_ns'] > 0)\n"
               "print(tasks['gatherer']['awaits']['held_by'])\n"
               "E");
    g_assert_cmpstr(weft.err, ==, "");
    command_assert_golden(weft.out, "rescued.ps.json.txt");
    command_finish(&weft);
}

static void test_choosing(void)
{
    struct command weft;
    start(&weft);
    run(&weft, "start held; names() { tail -n +4 | cut -d' ' -f2 | tr '\\n' ' '; echo; };"
               "weft_ps $p --sort name | names; weft_ps $p --state waiting,running | names;"
               "weft_ps $p --sort created | names; weft_ps $p --state done | names;"
               "weft_ps $p --sort since --top 1 | tail -n 1;"
               "$WEFT ps $p --state ready,odd; echo $?; kill -9 $p; wait");
    g_assert_cmpstr(weft.out, ==,
                    "hog one other Task-1 \n"
                    "hog Task-1 \n"
                    "Task-1 hog one other \n"
                    "\n"
                    " … and 3 more (--top 0 shows all)\n"
                    "2\n");
    g_assert_nonnull(strstr(weft.err, "there is no state 'odd': there are running, ready,"));
    command_finish(&weft);
}

static void test_many(void)
{
    struct command weft;
    start(&weft);
    run(&weft, "start many 2000; $WEFT ps $p | tail -n 1; $WEFT ps $p --top 0 | wc -l;"
               "$WEFT ps $p --json | grep -o '\"created_site\"' | wc -l;"
               "COLUMNS=60 $WEFT ps $p --top 9 | tail -n +2 | /usr/bin/python3 -c "
               "'import sys; print(all(len(line) <= 61 for line in sys.stdin))'; kill -9 $p; wait");
    g_assert_cmpstr(weft.out, ==, "  … and 1,961 more (--top 0 shows all)\n2004\n2001\nTrue\n");
    command_finish(&weft);
}

/* Again and again, until the program has ended. */
static void test_watch(void)
{
    struct command weft;
    start(&weft);
    run(&weft, "start abba; mkfifo seen; $WEFT ps $p --watch=0.01 --json >seen & w=$!;"
               "{ read one; read two; kill -9 $p; last=$two; while read line; do last=$line; done;"
               "echo \"$last\" | grep -o '\"state\":\"dead\"'; } <seen; wait $w; echo $?");
    g_assert_cmpstr(weft.out, ==, "\"state\":\"dead\"\n0\n");
    run(&weft, "rm says; start abba; $WEFT ps --watch=0.01 --json | head -n 3 | wc -l; kill -9 $p;"
               "wait");
    g_assert_cmpstr(weft.out, ==, "3\n");
    command_finish(&weft);
}

static void test_refused(void)
{
    struct command weft;
    start(&weft);
    command_run(&weft, "ps me");
    command_assert_fails(&weft, 2, "'me' is no process");
    command_run(&weft, "ps 0");
    command_assert_fails(&weft, 2, "'0' is no process");
    command_run(&weft, "ps --state waiting");
    command_assert_fails(&weft, 2, "--state is for the tasks of a process: PID is missing");
    command_run(&weft, "ps --top 3");
    command_assert_fails(&weft, 2, "--top is for the tasks of a process: PID is missing");
    command_run(&weft, "ps --sort name");
    command_assert_fails(&weft, 2, "--sort is for the tasks of a process: PID is missing");
    command_run(&weft, "ps -w 1 4194305");
    command_assert_fails(&weft, 2,
                         "'4194305' is one too many; a value of --watch is attached: "
                         "--watch[=SECONDS]");
    command_run(&weft, "ps -w1 4194305");
    command_assert_fails(&weft, 4, "there is no process 4194305");
    command_run(&weft, "ps -wx");
    command_assert_fails(&weft, 2, "-w 'x': expected a time");
    command_run(&weft, "ps 1 2");
    command_assert_fails(&weft, 2, "one too many");
    command_run(&weft, "ps --watch=0");
    command_assert_fails(&weft, 2, "expected more than 0");
    command_run(&weft, "ps --watch=often");
    command_assert_fails(&weft, 2, "expected a time");
    command_run(&weft, "ps 4194305"); /* beyond the greatest pid there can be */
    command_assert_fails(&weft, 4, "there is no process 4194305");
    char *line = g_strdup_printf("ps %d", (int)getpid());
    command_run(&weft, line);
    command_assert_fails(&weft, 4, "not linked with libweft");
    g_free(line);
    command_finish(&weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/ps/deadlock", test_deadlock);
    g_test_add_func("/cli/ps/deadlock-behind-a-group", test_deadlock_behind_a_group);
    g_test_add_func("/cli/ps/stuck-client", test_stuck_client);
    g_test_add_func("/cli/ps/crowd", test_crowd);
    g_test_add_func("/cli/ps/circle-with-a-timeout", test_circle_with_a_timeout);
    g_test_add_func("/cli/ps/held-loop", test_held_loop);
    g_test_add_func("/cli/ps/held-is-said-in-the-list", test_held_is_said_in_the_list);
    g_test_add_func("/cli/ps/deadlock-is-said-in-the-list", test_deadlock_is_said_in_the_list);
    g_test_add_func("/cli/ps/nobody", test_nobody);
    g_test_add_func("/cli/ps/json", test_json);
    g_test_add_func("/cli/ps/choosing", test_choosing);
    g_test_add_func("/cli/ps/many", test_many);
    g_test_add_func("/cli/ps/watch", test_watch);
    g_test_add_func("/cli/ps/refused", test_refused);
    return g_test_run();
}
