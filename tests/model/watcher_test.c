/* watcher_test.c: findings in what is being recorded: what is fed is looked at, what was left out
 * hides what it may, and a trace that is begun anew tells nothing twice. */
#include "tests/model/trouble.h"
#include "tracer/model/watcher.h"
#include <string.h>

enum { START_NS = 1000000000 }; /* of the program, CLOCK_MONOTONIC: the clock of the feed here */

struct watching {
    weft_feed *feed;
    weft_condition *condition;
    weft_watcher *watcher;
    struct script script;
    guint fed; /* of its records */
};

static struct watching watching_new(const char *condition, gsize capacity, guint64 slots)
{
    GError *error = NULL;
    struct watching w = { .feed = weft_feed_new(capacity) };
    struct weft_clock_anchor start = { START_NS, START_NS, 0 };
    w.condition = weft_condition_parse(condition, strlen(condition), weft_watcher_rules(), &error);
    g_assert_no_error(error);
    w.watcher = weft_watcher_new(w.feed, w.condition, slots, &error);
    g_assert_no_error(error);
    g_assert_nonnull(w.watcher);
    weft_feed_process(w.feed, 0, WEFT_CLOCK_MONOTONIC, &start);
    w.script = script_with_main();
    return w;
}

static void watching_free(struct watching *w)
{
    weft_watcher_free(w->watcher);
    weft_condition_free(w->condition);
    weft_feed_free(w->feed);
    g_array_unref(w->script.records);
    weft_trace_unref(w->script.trace);
}

/* What the script has by now, each name as it has it. */
static void feed(struct watching *w)
{
    struct script *s = &w->script;
    for (guint id = 1; id < s->next_string; id++) {
        const char *text = weft_trace_string(s->trace, id);
        if (text && *text)
            weft_feed_string(w->feed, 0, id, text, strlen(text));
    }
    guint n = s->records->len - w->fed;
    struct weft_record *records = g_memdup2(&g_array_index(s->records, struct weft_record, w->fed),
                                            n * sizeof *records);
    for (guint i = 0; i < n; i++)
        records[i].time += START_NS;
    weft_feed_events(w->feed, 0, 0, NULL, records, n);
    g_free(records);
    w->fed = s->records->len;
}

static void now(struct watching *w, double ms)
{
    weft_feed_now(w->feed, (uint64_t)(START_NS + MS(ms)));
}

/* All was looked at: it held so often, first for this reason. */
static void assert_held(struct watching *w, guint times, const char *why)
{
    g_autofree char *first = NULL;
    weft_watcher_finish(w->watcher);
    g_assert_cmpuint(weft_watcher_hits(w->watcher, &first), ==, times);
    g_assert_cmpstr(first, ==, why);
}

static void test_deadlock(void)
{
    struct watching w = watching_new("error or deadlock", 1 << 20, 0);
    lay_table(&w.script);
    want_both(&w.script);
    feed(&w);
    for (guint i = 0; i < 5; i++) /* again and again: it holds once */
        now(&w, 10 + i);
    assert_held(&w, 1, "deadlock: " LOCKED_UP);
    watching_free(&w);
}

/* The names of findings are not those of other terms. */
static void test_no_finding_meant(void)
{
    g_autoptr(weft_feed) none = weft_feed_new(1000);
    g_autoptr(weft_condition)
        condition = weft_condition_parse("error", 5, weft_watcher_rules(), NULL);
    g_assert_null(weft_watcher_new(none, condition, 0, NULL));
    struct watching w = watching_new("stuck or finding=error", 1 << 20, 0);
    lay_table(&w.script);
    feed(&w);
    now(&w, 2000); /* Ada and Bob are ready, and were for long: a warning */
    assert_held(&w, 0, NULL);
    watching_free(&w);
}

/* After every look the trace is begun anew. */
static void test_begun_anew(void)
{
    struct watching w = watching_new("deadlock", 1 << 20, 1);
    lay_table(&w.script);
    for (guint i = 0; i < 3; i++) {
        feed(&w);
        now(&w, 4);
        weft_feed_hole(w.feed, 1, 9, 0); /* another process comes, and goes */
        weft_feed_end(w.feed, 1, TRUE, START_NS + 4000000);
        if (i == 0)
            want_both(&w.script);
    }
    assert_held(&w, 1, "deadlock: " LOCKED_UP);
    watching_free(&w);
}

/* Who took what is not known. */
static void test_loss(void)
{
    struct watching w = watching_new("deadlock", 1 << 20, 0);
    lay_table(&w.script);
    feed(&w);
    weft_feed_hole(w.feed, 0, 0, 100);
    want_both(&w.script);
    feed(&w);
    now(&w, 10);
    assert_held(&w, 0, NULL);
    watching_free(&w);
}

/* It could not keep up: the same, though nothing was lost. */
static void test_left_out(void)
{
    struct watching w = watching_new("deadlock or events-lost", 40 * sizeof(struct weft_record), 0);
    lay_table(&w.script);
    struct weft_record many[64] = { { .time = START_NS, .kind = WEFT_RECORD_MARK } };
    weft_feed_events(w.feed, 0, 0, NULL, many, G_N_ELEMENTS(many));
    g_assert_cmpuint(weft_feed_left_out(w.feed), ==, G_N_ELEMENTS(many));
    feed(&w);
    now(&w, 10);
    assert_held(&w, 0, NULL);
    watching_free(&w);
}

/* A slice that lasts; a limit that is longer; what stands for several. */
static void test_limits(void)
{
    struct watching w = watching_new("blocking-call>1s or blocking-call > 40ms", 1 << 20, 0);
    make_task(&w.script, 1, 2, "Ada");
    suspend(&w.script, 1, 1, WEFT_AWAIT_TASK, TASK(2), 10);
    resume(&w.script, 2, 2);
    suspend(&w.script, 42, 2, WEFT_AWAIT_YIELD, 0, 20); /* 40 ms are not more than that */
    resume(&w.script, 42, 2);
    feed(&w);
    now(&w, 82);
    now(&w, 83);
    now(&w, 200); /* it grows: the same one */
    suspend(&w.script, 210, 2, WEFT_AWAIT_YIELD, 0, 20);
    resume(&w.script, 210, 2);
    suspend(&w.script, 260, 2, WEFT_AWAIT_YIELD, 0, 20);
    feed(&w);
    now(&w, 261);
    assert_held(&w, 2,
                "blocking-call > 40ms: Ada has run for 41.0 ms without letting the loop go on");
    watching_free(&w);
}

/* What is found when a process ends; a severity, or worse. */
static void test_end(void)
{
    struct watching w = watching_new("finding=warning", 1 << 20, 0);
    make_task(&w.script, 1, 2, "Ada");
    script_add(&w.script, MS(2), WEFT_RECORD_TASK_FREE, 0, 0, TASK(2), 0);
    feed(&w);
    weft_feed_end(w.feed, 0, TRUE, START_NS + 3000000);
    weft_feed_hole(w.feed, 0, 0, 1); /* what comes too late is nobody's */
    g_autofree char *first = NULL;
    weft_watcher_finish(w.watcher);
    g_assert_cmpuint(weft_watcher_hits(w.watcher, &first), >=, 1);
    g_assert_true(g_str_has_prefix(first, "finding=warning: Ada "));
    watching_free(&w);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/watcher/deadlock", test_deadlock);
    g_test_add_func("/watcher/no-finding-meant", test_no_finding_meant);
    g_test_add_func("/watcher/begun-anew", test_begun_anew);
    g_test_add_func("/watcher/loss", test_loss);
    g_test_add_func("/watcher/left-out", test_left_out);
    g_test_add_func("/watcher/limits", test_limits);
    g_test_add_func("/watcher/end", test_end);
    return g_test_run();
}
