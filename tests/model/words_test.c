/* words_test.c: names, numbers, and the ladders of words. */
#include "tests/model/script.h"
#include "tracer/model/plan.h"

static void assert_duration(gint64 ns, const char *text)
{
    g_autofree char *got = weft_format_duration(ns);
    g_assert_cmpstr(got, ==, text);
}

static void test_durations(void)
{
    assert_duration(0, "0 ns");
    assert_duration(840, "840 ns");
    assert_duration(999, "999 ns");
    assert_duration(1000, "1.00 µs");
    assert_duration(25249999, "25.2 ms");
    assert_duration(548000000, "548 ms");
    assert_duration(999499999, "999 ms");
    assert_duration(999500000, "1.00 s");
    assert_duration(1250000000, "1.25 s");
    assert_duration(99949000000, "99.9 s");
    assert_duration(99960000000, "100 s");
    assert_duration(INT64_C(3540) * 1000000000, "59 min");
    assert_duration(INT64_C(9960) * 1000000000, "2 h 46 min");
    assert_duration(-5, "0 ns");
}

static void assert_time(gint64 ns, const char *text)
{
    g_autofree char *got = weft_format_time(ns);
    g_assert_cmpstr(got, ==, text);
}

static void test_times(void)
{
    assert_time(0, "0 ns");
    assert_time(315000000, "315.0 ms");
    assert_time(12300, "12.3 µs");
    assert_time(1250000000, "1.2500 s");
    assert_time(-12300, "-12.3 µs");
    assert_time(G_MAXINT64, "9223372036.8548 s");
    assert_time(G_MININT64, "-9223372036.8548 s");
}

static void test_plans(void)
{
    g_assert_cmpuint(plan_encode(1000000000), <=, 0x3fff);
    g_assert_cmpuint(plan_encode(G_MAXINT64), <=, 0x3fff);
    for (gint64 ns = 100; ns < INT64_C(1000000000000); ns *= 10) {
        g_assert_cmpint(plan_decode(plan_encode(ns)), ==, ns);
        g_assert_cmpint(plan_decode(plan_encode(ns * 5 / 4)), ==, ns * 5 / 4);
    }
    g_assert_cmpint(plan_decode(plan_encode(999999971)), ==, 1000000000);
    g_assert_cmpint(plan_decode(plan_encode(-3)), ==, 100);
    g_assert_cmpint(plan_decode(0), ==, 0);
}

/* Adds a wait of main from t to t + 10, within a slice that begins at t - 10 and one that follows.
 */
static void add_wait(struct script *s, gint64 t, unsigned kind, uint64_t object)
{
    script_add(s, t, WEFT_RECORD_SUSPEND, kind, 1, TASK(1), object);
    script_add(s, t + 8, WEFT_RECORD_WAKE, WEFT_WAKE_IO, 0, TASK(1), object);
    script_add(s, t + 9, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
}

static void assert_words(weft_model *model, gint64 t, const char *ladder)
{
    struct weft_segment_view v;
    guint lane = weft_model_lane_of(model, TASK(1));
    g_assert_true(weft_model_segment_at(model, lane, t, &v));
    g_auto(GStrv) words = weft_model_segment_words(model, lane, &v);
    g_autofree char *joined = g_strjoinv(" > ", words);
    g_assert_cmpstr(joined, ==, ladder);
}

static void test_ladders(void)
{
    struct script s = script_with_main();
    uint64_t stream = weft_id(WEFT_ENTITY_STREAM, 0, 1), lock = weft_id(WEFT_ENTITY_LOCK, 0, 1),
             group = weft_id(WEFT_ENTITY_GROUP, 0, 1), big = weft_id(WEFT_ENTITY_GROUP, 0, 2),
             queue = weft_id(WEFT_ENTITY_QUEUE, 0, 1), op = weft_id(WEFT_ENTITY_OP, 0, 1),
             timeout = weft_id(WEFT_ENTITY_TIMEOUT, 0, 1);
    weft_trace_define_site(s.trace, 1, "fetch.c", "fetch", 58);
    script_name(&s, 21, stream, ":9083");
    script_name(&s, 21, lock, "db");
    script_name(&s, 21, TASK(2), "fetch-2");
    script_name(&s, 21, big, "wait");
    script_add(&s, 22, WEFT_RECORD_GROUP_ADD, 0, 0, group, TASK(2));
    script_add(&s, 22, WEFT_RECORD_GROUP_ADD, 0, 0, group, TASK(3));
    for (unsigned i = 0; i < 9; i++)
        script_add(&s, 23, WEFT_RECORD_GROUP_ADD, 0, 0, big, TASK(10 + i));
    script_add(&s, 29, WEFT_RECORD_TIMER_SET, 0, 0, TIMER(1), 1000000010);
    add_wait(&s, 30, WEFT_AWAIT_TIMER, TIMER(1));
    add_wait(&s, 40, WEFT_AWAIT_READ, stream);
    add_wait(&s, 50, WEFT_AWAIT_LOCK, lock);
    add_wait(&s, 60, WEFT_AWAIT_TASK, TASK(2));
    add_wait(&s, 70, WEFT_AWAIT_GROUP, group);
    add_wait(&s, 80, WEFT_AWAIT_GROUP, big);
    add_wait(&s, 90, WEFT_AWAIT_QUEUE_GET, queue);
    script_add(&s, 99, WEFT_RECORD_OP_START, WEFT_OP_CONNECT, 0, op, stream);
    script_add(&s, 99, WEFT_RECORD_TIMEOUT_ENTER, 0, 0, timeout, 5000);
    add_wait(&s, 100, WEFT_AWAIT_CONNECT, op);
    script_add(&s, 109, WEFT_RECORD_TIMEOUT_EXIT, WEFT_OUTCOME_RESULT, 0, timeout, TASK(1));
    add_wait(&s, 110, WEFT_AWAIT_CONNECT, stream);
    add_wait(&s, 120, WEFT_AWAIT_FUTURE, weft_id(WEFT_ENTITY_FUTURE, 0, 1));
    weft_model *model = script_model(&s);
    assert_words(model, 25, "runs");
    assert_words(model, 39, "goes on in fetch > runs");
    assert_words(model, 32, "sleep 1.0 s > sleep");
    assert_words(model, 42, "recv :9083 > recv");
    assert_words(model, 48, "ready · woken by :9083 > ready");
    assert_words(model, 52, "lock \"db\" > lock");
    assert_words(model, 62, "await fetch-2 > await");
    assert_words(model, 72, "gather(fetch-2, Task-3) > gather of 2 > gather");
    assert_words(model, 82, "wait of 9 > wait");
    assert_words(model, 92, "get from");
    assert_words(model, 102, "connect :9083 · timeout armed > connect :9083 > connect");
    assert_words(model, 112, "connect :9083 > connect");
    assert_words(model, 122, "await");
    weft_model_free(model);
}

static void test_names(void)
{
    struct script s = script_with_main();
    struct weft_ext_op op = { .fd = 8 };
    script_add_ext(&s, 30, WEFT_RECORD_OP_START, WEFT_OP_READ, 0, weft_id(WEFT_ENTITY_OP, 0, 1),
                   weft_id(WEFT_ENTITY_HANDLE, 0, 4), &op);
    weft_model *model = script_model(&s);
    const struct {
        uint64_t id;
        const char *name;
    } cases[] = { { 0, "nobody" },
                  { LOOP, "loop" },
                  { TASK(1), "main" },
                  { TASK(7), "Task-7" },
                  { TIMER(12), "timer 12" },
                  { weft_id(WEFT_ENTITY_HANDLE, 0, 4), "fd 8" },
                  { weft_id(77, 0, 4), "entity 4" } };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = weft_model_name(model, cases[i].id);
        g_assert_cmpstr(name, ==, cases[i].name);
    }
    weft_model_free(model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/words/durations", test_durations);
    g_test_add_func("/words/times", test_times);
    g_test_add_func("/words/plans", test_plans);
    g_test_add_func("/words/ladders", test_ladders);
    g_test_add_func("/words/names", test_names);
    return g_test_run();
}
