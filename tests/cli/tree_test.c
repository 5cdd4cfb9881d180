/* tree_test.c: what `weft tree` shows: of programs, of a trace, and of states put together by hand.
 */
#include "app/cli/tree.h"
#include "command.h"
#include "fixture.h"

#include <string.h>

/* ---- By hand ---- */

static uint64_t task(unsigned n)
{
    return weft_id(WEFT_ENTITY_TASK, 0, n);
}

static void put_task(weft_state *state, unsigned n, unsigned parent, unsigned kind, uint64_t other)
{
    struct weft_task_at at = { .id = task(n),
                               .parent = parent ? task(parent) : 0,
                               .state = kind ? WEFT_STATE_WAITING : WEFT_STATE_READY,
                               .detail = (uint8_t)kind,
                               .other = other };
    weft_state_put_task(state, &at);
}

static uint64_t put_with_parties(weft_state *state, enum weft_entity kind, unsigned n,
                                 guint parties, const uint64_t *ids)
{
    struct weft_object_at at = { .id = weft_id(kind, 0, n), .capacity = parties };
    weft_state_put_object(state, &at);
    for (guint i = 0; i < parties; i++)
        weft_state_put_party(state, at.id, &(struct weft_party){ ids[i], 1 });
    return at.id;
}

static void enter(gpointer text, uint64_t id, gboolean above, const GArray *rails G_GNUC_UNUSED)
{
    g_string_append_printf(text, "%s%u%s(", weft_id_kind(id) == WEFT_ENTITY_TASK ? "" : "g",
                           (unsigned)weft_id_counter(id), above ? "^" : "");
}

static void leave(gpointer text, guint64 hidden, const GArray *rails G_GNUC_UNUSED)
{
    g_string_append(text, hidden ? "…)" : ")");
}

static void hide(gpointer text, guint64 n, const GArray *rails G_GNUC_UNUSED)
{
    g_string_append_printf(text, "+%u", (unsigned)n);
}

/* "1(2()3())": 1, and below it 2 and 3; "2^": shown above; "+4": so many more. */
static void assert_tree(const weft_state *state, gboolean by_parent, guint64 depth, guint64 top,
                        const char *expected)
{
    g_autoptr(weft_trace) trace = weft_trace_new();
    struct weft_moment moment = weft_moment_new(trace, state, 0);
    struct tree tree = tree_new(&moment, by_parent, (struct tree_limits){ depth, top });
    g_autoptr(GString) text = g_string_new(NULL);
    struct tree_visitor visitor = { enter, leave, hide, text };
    tree_walk(&tree, tree.roots, FALSE, &visitor);
    g_assert_cmpstr(text->str, ==, expected);
    tree_clear(&tree);
    weft_moment_clear(&moment);
}

/* A gather in a gather is a node; its members are below it. */
static void test_gathers(void)
{
    g_autoptr(weft_state) state = weft_state_new();
    uint64_t inner = put_with_parties(state, WEFT_ENTITY_GROUP, 2, 2,
                                      (uint64_t[]){ task(3), task(4) });
    uint64_t outer = put_with_parties(state, WEFT_ENTITY_GROUP, 1, 2,
                                      (uint64_t[]){ task(2), inner });
    put_task(state, 1, 0, WEFT_AWAIT_GROUP, outer);
    for (unsigned i = 2; i <= 4; i++)
        put_task(state, i, 1, WEFT_AWAIT_TIMER, 0);
    assert_tree(state, FALSE, 0, 0, "1(2()g2(3()4()))");
    assert_tree(state, TRUE, 0, 0, "1(2()3()4())");
    assert_tree(state, FALSE, 1, 0, "1(…)");
    assert_tree(state, FALSE, 0, 1, "1(2()+1)");
}

/* A circle that a third one can end is none, but nobody in it is a root either. */
static void test_circle_that_may_end(void)
{
    g_autoptr(weft_state) state = weft_state_new();
    uint64_t pair = put_with_parties(state, WEFT_ENTITY_SEMAPHORE, 1, 2,
                                     (uint64_t[]){ task(1), task(3) });
    put_task(state, 1, 0, WEFT_AWAIT_TASK, task(2));
    put_task(state, 2, 0, WEFT_AWAIT_SEMAPHORE, pair);
    put_task(state, 3, 0, 0, 0);
    assert_tree(state, FALSE, 0, 0, "1(2(1^()3()))");
}

/* One of many is a task that all wait for; nobody's parent is younger. */
static void test_above(void)
{
    g_autoptr(weft_state) state = weft_state_new();
    put_task(state, 1, 0, 0, 0);
    put_task(state, 2, 1, WEFT_AWAIT_TASK, task(1));
    put_task(state, 3, 4, WEFT_AWAIT_TASK, task(1));
    put_task(state, 4, 99, 0, 0);
    assert_tree(state, FALSE, 0, 0, "2(1())3(1^())4()");
    assert_tree(state, TRUE, 0, 0, "1(2())3()4()");
}

static void test_deep(void)
{
    enum { N = 200000 };
    g_autoptr(weft_state) state = weft_state_new();
    for (unsigned i = 1; i < N; i++)
        put_task(state, i, i - 1, WEFT_AWAIT_TASK, task(i + 1));
    put_task(state, N, N - 1, 0, 0);
    assert_tree(state, FALSE, 2, 0, "1(2(…))");
    assert_tree(state, TRUE, 2, 0, "1(2(…))");
}

/* ---- Programs and traces ---- */

static void start(struct command *weft)
{
    command_start(weft);
    weft->environment = g_environ_setenv(weft->environment, "WAITS", g_getenv("WEFT_WAITS"), TRUE);
    char *path = command_path(weft, "t.weft");
    fixture_write_gather(path);
    g_free(path);
}

static void run(struct command *weft, const char *script)
{
    static const char prelude[] =
        "rm -f says; mkfifo says; start() { $WAITS \"$@\" >says & p=$!; read word <says;"
        "[ $1 = held ] || until $WEFT ps $p --json | grep -q '\"does\":\"polls\"'; do :; done; };"
        "plain() { sed -E \"s/^(cli-waits [a-z 0-9]+) .[0-9]+./\\1 (PID)/;"
        "s/[0-9.]+ (ns|µs|ms|min|s|h)\\b( [0-9]+ min\\b)?/T/g\"; };";
    char *whole = g_strconcat(prelude, script, NULL);
    command_shell(weft, whole);
    g_free(whole);
}

static void test_programs(void)
{
    struct command weft;
    start(&weft);
    run(&weft, "start abba; { $WEFT tree $p; $WEFT tree $p --by parent; $WEFT tree $p -d 1;"
               "kill -9 $p; wait; $WEFT tree $p; start rescued; $WEFT tree $p; kill -9 $p; wait;"
               "start many 100; $WEFT tree $p --top 3; kill -9 $p; wait; } | plain");
    g_assert_cmpstr(weft.err, ==, "");
    command_assert_golden(weft.out, "programs.tree.txt");
    command_finish(&weft);
}

static void test_trace(void)
{
    struct command weft;
    start(&weft);
    run(&weft, "for t in 5ms 13ms 35ms; do $WEFT tree t.weft --at $t; done; $WEFT tree t.weft");
    g_assert_cmpstr(weft.err, ==, "");
    command_assert_golden(weft.out, "gather.tree.txt");
    run(&weft, "$WEFT tree t.weft --at 5ms --json | /usr/bin/python3 -m json.tool");
    command_assert_golden(weft.out, "gather.tree.json");
    command_finish(&weft);
}

static void test_refused(void)
{
    struct command weft;
    start(&weft);
    command_run(&weft, "tree");
    command_assert_fails(&weft, 2, "PID or FILE is missing");
    command_run(&weft, "tree t.weft --at 10s");
    command_assert_fails(&weft, 2, "is outside the trace, which goes from 0.000000000s to ");
    command_run(&weft, "tree 1 --at 10s");
    command_assert_fails(&weft, 2, "--at is for a trace");
    command_run(&weft, "tree 4194305");
    command_assert_fails(&weft, 4, "there is no process 4194305");
    command_run(&weft, "tree 0");
    command_assert_fails(&weft, 2, "'0' is no process");
    command_shell(&weft, "echo text >x; $WEFT tree x");
    command_assert_fails(&weft, 3, "x");
    command_run(&weft, "tree none.weft");
    command_assert_fails(&weft, 4, "none.weft");
    command_finish(&weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/tree/gathers", test_gathers);
    g_test_add_func("/cli/tree/circle-that-may-end", test_circle_that_may_end);
    g_test_add_func("/cli/tree/above", test_above);
    g_test_add_func("/cli/tree/deep", test_deep);
    g_test_add_func("/cli/tree/programs", test_programs);
    g_test_add_func("/cli/tree/trace", test_trace);
    g_test_add_func("/cli/tree/refused", test_refused);
    return g_test_run();
}
