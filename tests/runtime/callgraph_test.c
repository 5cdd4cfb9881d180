/* callgraph_test.c: who awaits whom, printed and captured. */
#include "runtime/weft.h"
#include <glib.h>
#include <stdlib.h>
#include <string.h>

static weft_task *leaf_task;

/* "file:line, in" -> "", so that lines may move. */
static char *graph_of(weft_future *future)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    weft_print_call_graph(future, to);
    fclose(to);
    g_autoptr(GRegex) places = g_regex_new("[^ ]*callgraph_test\\.c:[0-9]+, in ", 0, 0, NULL);
    char *short_text = g_regex_replace_literal(places, text, -1, 0, "", 0, NULL);
    free(text);
    return short_text;
}

static void expect_graph(weft_future *future, const char *wanted)
{
    g_autofree char *text = graph_of(future);
    g_assert_cmpstr(text, ==, wanted);
}

WEFT_ASYNC(void, asleep)
{
    return weft_await(weft_sleep(3600));
}

WEFT_ASYNC(void, leaf)
{
    return weft_await(asleep());
}

WEFT_ASYNC(void, in_a_group)
{
    int rc = 0;
    WEFT_TASK_GROUP(tg, rc)
        leaf_task = weft_group_create_task(&tg, leaf(), .name = "leaf");
    return rc;
}

WEFT_ASYNC(void, awaits, weft_future *, future)
{
    return weft_await(future);
}

static void stop(weft_task **tasks, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        weft_cancel(tasks[i]);
        weft_await(tasks[i]);
    }
}

WEFT_ASYNC(void, groups)
{
    weft_own weft_task *parent = weft_create_task(in_a_group(), .name = "parent");
    weft_own weft_task *one = weft_create_task(awaits(parent), .name = "one");
    weft_own weft_future *all = weft_gather_all(&parent, 1, .name = "all");
    weft_own weft_future *outer = weft_shield(all);
    weft_set_name(outer, "shield");
    weft_own weft_task *two = weft_create_task(awaits(outer), .name = "two");
    WEFT_TRY(weft_sleep(0));
    WEFT_TRY(weft_sleep(0));
    expect_graph(leaf_task, "* leaf\n"
                            "  + Call stack:\n"
                            "  |   asleep\n"
                            "  |   leaf\n"
                            "  + Awaited by:\n"
                            "    * parent\n"
                            "      + Call stack:\n"
                            "      |   in_a_group\n"
                            "      + Awaited by:\n"
                            "        * all\n"
                            "          + Awaited by:\n"
                            "            * shield\n"
                            "              + Awaited by:\n"
                            "                * two\n"
                            "                  + Call stack:\n"
                            "                  |   awaits\n"
                            "        * one\n"
                            "          + Call stack:\n"
                            "          |   awaits\n");
    stop((weft_task *[]){ two, one, parent }, 3);
    expect_graph(parent, "* parent\n"); /* done */
    return 0;
}

static void test_groups(void)
{
    g_assert_cmpint(weft_run(groups()), ==, 0);
}

WEFT_ASYNC(void, waits, weft_future *, future)
{
    ssize_t n = weft_await((int)weft_wait(&future, 1));
    return n < 0 ? (int)n : 0;
}

WEFT_ASYNC(void, iterates, weft_future *, future)
{
    int rc = 0;
    WEFT_AS_COMPLETED(next, &future, 1, rc)
        WEFT_BREAK(rc, next);
    return rc;
}

static void on_done(weft_future *future, void *arg)
{
    (void)future, (void)arg;
}

WEFT_ASYNC(void, futures)
{
    weft_own weft_future *future = weft_future_new(.name = "future");
    weft_own weft_task *a = weft_create_task(waits(future), .name = "a");
    weft_own weft_task *b = weft_create_task(iterates(future), .name = "b");
    weft_add_done_callback(future, on_done, NULL);
    WEFT_TRY(weft_sleep(0));
    expect_graph(future, "* future\n"
                         "  + Awaited by:\n"
                         "    * a\n"
                         "      + Call stack:\n"
                         "      |   waits\n"
                         "    * b\n"
                         "      + Call stack:\n"
                         "      |   iterates\n");
    weft_call_graph *graph = weft_capture_call_graph(future);
    g_assert_true(graph->future == future);
    g_assert_cmpuint(graph->n_frames, ==, 0);
    g_assert_cmpuint(graph->n_awaited_by, ==, 2);
    g_assert_true(graph->awaited_by[1]->future == b);
    g_assert_cmpuint(graph->awaited_by[1]->n_frames, ==, 1);
    g_assert_cmpstr(graph->awaited_by[1]->frames[0]->func, ==, "iterates");
    weft_set_result(future, 1);
    WEFT_TRY(a);
    WEFT_TRY(b);
    weft_call_graph_free(graph); /* it kept what it names */
    return 0;
}

static void test_futures(void)
{
    g_assert_cmpint(weft_run(futures()), ==, 0);
}

static void current(void)
{
    expect_graph(NULL, "* main\n"
                       "  + Call stack:\n"
                       "  |   itself\n");
}

WEFT_ASYNC(int, looks)
{
    current();
    *result = 1;
    return 0;
}

WEFT_ASYNC(void, itself)
{
    int value = 0;
    weft_set_name(weft_current_task(), "main");
    WEFT_TRY(looks(&value));
    return 0;
}

static void test_current(void)
{
    g_assert_cmpint(weft_run(itself()), ==, 0);
    expect_graph(NULL, "");
    g_assert_null(weft_capture_call_graph(NULL));
    weft_print_call_graph(NULL, NULL);
    weft_call_graph_free(NULL);
}

WEFT_ASYNC(void, awaits_later, weft_future **, future)
{
    return weft_await(*future);
}

/* Two that await each other: each is shown once more where it would come again. */
WEFT_ASYNC(void, cycle)
{
    weft_task *tasks[2] = { NULL };
    weft_own weft_task *a = tasks[0] = weft_create_task(awaits_later(&tasks[1]), .name = "a");
    weft_own weft_task *b = tasks[1] = weft_create_task(awaits(a), .name = "b");
    WEFT_TRY(weft_sleep(0));
    expect_graph(a, "* a\n"
                    "  + Call stack:\n"
                    "  |   awaits_later\n"
                    "  + Awaited by:\n"
                    "    * b\n"
                    "      + Call stack:\n"
                    "      |   awaits\n"
                    "      + Awaited by:\n"
                    "        * a\n"
                    "          + Call stack:\n"
                    "          |   awaits_later\n");
    stop(tasks, 1);
    g_assert_true(weft_cancelled(b));
    return 0;
}

static void test_cycle(void)
{
    g_assert_cmpint(weft_run(cycle()), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/callgraph/groups", test_groups);
    g_test_add_func("/runtime/callgraph/futures", test_futures);
    g_test_add_func("/runtime/callgraph/current", test_current);
    g_test_add_func("/runtime/callgraph/cycle", test_cycle);
    return g_test_run();
}
