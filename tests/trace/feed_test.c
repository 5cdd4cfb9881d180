/* feed_test.c: what a recorder reads, handed to another thread: in order, bounded, never waited
 * for; and as traces, once the clock is known. */
#include "tracer/trace/fed.h"
#include <pthread.h>
#include <string.h>

enum { MANY = 100000, AT_ONCE = 50 };

static void put(weft_feed *feed, uint64_t time, guint n)
{
    struct weft_record records[AT_ONCE];
    for (guint i = 0; i < n; i++)
        records[i] = (struct weft_record){ .time = time + i, .kind = WEFT_RECORD_MARK };
    weft_feed_events(feed, 0, 0, NULL, records, n);
}

static void start(weft_feed *feed, enum weft_clock_kind kind, uint64_t ticks, uint64_t mono_ns)
{
    struct weft_clock_anchor anchor = { ticks, mono_ns, 0 };
    weft_feed_process(feed, 0, kind, &anchor);
}

static enum weft_feed_kind kind_of_next(weft_fed *fed)
{
    const struct weft_feed_item *item = weft_fed_next(fed);
    g_assert_nonnull(item);
    return item->kind;
}

/* The taker counts; what was left out is counted by the feed. */
static void *count(void *data)
{
    guint64 *slots = g_new0(guint64, 1);
    uint64_t last = 0;
    for (struct weft_feed_item *item; (item = weft_feed_take(data));) {
        if (item->kind == WEFT_FEED_EVENTS) {
            const struct weft_record *records = item->payload;
            g_assert_cmpuint(records[0].time, >, last);
            last = records[item->n - 1].time;
            *slots += item->n;
        }
        weft_feed_done(data, item);
    }
    return slots;
}

static void test_bounded(void)
{
    g_autoptr(weft_feed) feed = weft_feed_new(10 * AT_ONCE * sizeof(struct weft_record));
    pthread_t thread;
    void *taken;
    pthread_create(&thread, NULL, count, feed);
    for (guint i = 0; i < MANY / AT_ONCE; i++) {
        put(feed, 1 + (uint64_t)i * AT_ONCE, AT_ONCE);
        if (i % 7 == 0)
            weft_feed_now(feed, i);
    }
    weft_feed_close(feed);
    pthread_join(thread, &taken);
    g_assert_cmpuint(*(guint64 *)taken + weft_feed_left_out(feed), ==, MANY);
    g_free(taken);
}

/* A GAP stands where something is missing, before what follows. */
static void test_gap(void)
{
    g_autoptr(weft_feed) feed = weft_feed_new(8 * sizeof(struct weft_record));
    put(feed, 1, 8);
    put(feed, 9, 1);
    weft_feed_close(feed);
    struct weft_feed_item *item = weft_feed_take(feed);
    g_assert_cmpuint(item->n, ==, 8);
    weft_feed_done(feed, item);
    put(feed, 10, 2);
    g_assert_cmpuint(weft_feed_left_out(feed), ==, 1);
    item = weft_feed_take(feed);
    g_assert_cmpint(item->kind, ==, WEFT_FEED_GAP);
    weft_feed_done(feed, item);
    item = weft_feed_take(feed);
    g_assert_cmpuint(item->n, ==, 2);
    weft_feed_done(feed, item);
    g_assert_null(weft_feed_take(feed));
    weft_feed_string(NULL, 0, 1, "nobody listens", 14);
}

/* Events wait until two anchors say how fast the clock is; names do not. */
static void test_clock(void)
{
    g_autoptr(weft_feed) feed = weft_feed_new(1 << 20);
    struct weft_clock_anchor first = { 1000, 1000000000, 0 },
                             second = { 1000 + 400000000, 1200000000, 0 };
    weft_feed_anchor(feed, &first);
    start(feed, WEFT_CLOCK_COUNTER, 1000 + 20000000, 1010000000);
    put(feed, 1000 + 60000000, 3);
    weft_feed_string(feed, 0, 9, "name", 4);
    weft_feed_anchor(feed, &second);
    weft_feed_now(feed, 1000 + 80000000);
    weft_feed_close(feed);
    weft_fed *fed = weft_fed_new(feed);
    g_assert_cmpint(kind_of_next(fed), ==, WEFT_FEED_ANCHOR);
    g_assert_cmpint(kind_of_next(fed), ==, WEFT_FEED_PROCESS);
    g_assert_cmpint(kind_of_next(fed), ==, WEFT_FEED_STRING);
    g_assert_cmpint(kind_of_next(fed), ==, WEFT_FEED_ANCHOR);
    g_assert_cmpint(kind_of_next(fed), ==, WEFT_FEED_EVENTS);
    g_assert_cmpint(kind_of_next(fed), ==, WEFT_FEED_NOW);
    g_assert_null(weft_fed_next(fed));
    struct weft_fed_process *process = weft_fed_process(fed, 0);
    weft_fed_flush(process);
    g_assert_cmpuint(process->slots, ==, 3);
    g_assert_cmpint((weft_trace_chunk(process->trace, 0)->first_ns + 500) / 1000, ==, 20000);
    g_assert_cmpstr(weft_trace_string(process->trace, 9), ==, "name");
    weft_fed_free(fed);
}

/* Where there is no clock nothing is known, and nothing is kept. */
static void test_no_clock(void)
{
    g_autoptr(weft_feed) feed = weft_feed_new(1 << 20);
    start(feed, WEFT_CLOCK_COUNTER, 1000, 1000);
    put(feed, 2000, 3);
    weft_feed_end(feed, 0, TRUE, 3000);
    weft_feed_close(feed);
    weft_fed *fed = weft_fed_new(feed);
    g_assert_cmpint(kind_of_next(fed), ==, WEFT_FEED_PROCESS);
    g_assert_null(weft_fed_next(fed));
    weft_fed_free(fed);
}

/* A trace that goes on: names, states and times are the same. */
static void test_continue(void)
{
    g_autoptr(weft_feed) feed = weft_feed_new(1 << 20);
    uint64_t task = weft_id(WEFT_ENTITY_TASK, 0, 1);
    struct weft_record records[] = {
        { .time = 500, .kind = WEFT_RECORD_TASK_NEW, .site = 3, .subject = task },
        { .time = 600, .kind = WEFT_RECORD_TASK_NAME, .subject = task, .object = 9 },
        { .time = 700, .kind = WEFT_RECORD_WAKE, .detail = WEFT_WAKE_CREATED, .subject = task },
        { .time = 800, .kind = WEFT_RECORD_RESUME, .subject = task },
    };
    start(feed, WEFT_CLOCK_MONOTONIC, 100, 100);
    weft_feed_string(feed, 0, 7, "a.c", 3);
    weft_feed_string(feed, 0, 8, "work", 4);
    weft_feed_string(feed, 0, 9, "name", 4);
    weft_feed_site(feed, 0, 3, 42, 7, 8);
    weft_feed_events(feed, 0, 0, NULL, records, 3);
    weft_feed_events(feed, 0, 0, NULL, records + 3, 1);
    weft_feed_end(feed, 0, TRUE, 900);
    weft_feed_close(feed);
    weft_fed *fed = weft_fed_new(feed);
    struct weft_fed_process *process;
    for (guint i = 0; i < 6; i++)
        weft_fed_next(fed);
    process = weft_fed_process(fed, 0);
    weft_fed_continue(process);
    while (weft_fed_next(fed))
        ;
    const weft_trace *trace = process->trace;
    g_assert_true(weft_trace_begins_with_state(trace));
    g_assert_cmpint(weft_trace_begin_ns(trace), ==, 600);
    g_assert_cmpuint(weft_trace_n_chunks(trace), ==, 1);
    g_assert_cmpint(weft_trace_chunk(trace, 0)->first_ns, ==, 700);
    g_assert_cmpuint(weft_trace_chunk(trace, 0)->first_ordinal, ==, 3);
    g_assert_cmpstr(weft_trace_string(trace, 9), ==, "name");
    g_assert_cmpuint(weft_trace_site(trace, 3)->line, ==, 42);
    g_assert_cmpint(weft_trace_source(trace)->end_ns, ==, 800); /* until when it was seen */
    guint from;
    g_autoptr(weft_state) state = weft_trace_state_before(trace, 0, &from);
    g_assert_cmpint(weft_state_task(state, task)->since_ns, ==, 600);
    g_assert_cmpint(weft_state_task(state, task)->state, ==, WEFT_STATE_READY);
    weft_fed_free(fed);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/feed/bounded", test_bounded);
    g_test_add_func("/feed/gap", test_gap);
    g_test_add_func("/feed/clock", test_clock);
    g_test_add_func("/feed/no-clock", test_no_clock);
    g_test_add_func("/feed/continue", test_continue);
    return g_test_run();
}
