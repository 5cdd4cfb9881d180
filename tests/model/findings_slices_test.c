/* findings_slices_test.c: what holds the loop, and who suffers: blocking-call, starved, late-timer.
 */
#include "tests/model/trouble.h"

/* ---- blocking-call ---- */

static void block(struct script *s, double ms)
{
    make_task(s, 1, 2, "parse");
    make_task(s, 1, 3, "beat");
    script_add(s, MS(2), WEFT_RECORD_TIMER_SET, 0, 0, TIMER(1), (uint64_t)MS(30));
    suspend(s, 2, 1, WEFT_AWAIT_TIMER, TIMER(1), 10);
    resume(s, 3, 2);
    suspend(s, 3.5, 2, WEFT_AWAIT_YIELD, 0, 20);
    resume(s, 4, 2);
    suspend(s, 4 + ms, 2, WEFT_AWAIT_YIELD, 0, 30);
}

static void block_for_100ms(struct script *s)
{
    block(s, 100);
}

static void block_for_10ms(struct script *s)
{
    block(s, 10);
}

static void block_for_less(struct script *s)
{
    block(s, 9.999999);
}

/* More wait than are named, and than a finding remembers. */
static void block_a_crowd(struct script *s)
{
    for (unsigned task = 2; task < 102; task++)
        make_task(s, 1, task, "beat");
    suspend(s, 2, 1, WEFT_AWAIT_YIELD, 0, 10);
    resume(s, 2, 1);
    suspend(s, 22, 1, WEFT_AWAIT_YIELD, 0, 20);
}

/* A controller had the loop stand still amid the slice. */
static void block_while_paused(struct script *s)
{
    suspend(s, 1, 1, WEFT_AWAIT_YIELD, 0, 10);
    resume(s, 2, 1);
    script_add(s, MS(5), WEFT_RECORD_CONTROL, WEFT_CONTROL_PAUSED, 0, LOOP, 0);
    script_add(s, MS(500), WEFT_RECORD_CONTROL, WEFT_CONTROL_RESUMED, 0, LOOP, 0);
    suspend(s, 504, 1, WEFT_AWAIT_YIELD, 0, 10);
    resume(s, 510, 1);
    suspend(s, 511, 1, WEFT_AWAIT_YIELD, 0, 10);
}

/* It may have suspended meanwhile: that is lost. */
static void block_across_a_loss(struct script *s)
{
    suspend(s, 1, 1, WEFT_AWAIT_YIELD, 0, 10);
    resume(s, 2, 1);
    script_cut(s);
    weft_trace_append_gap(s->trace, 0);
    suspend(s, 504, 1, WEFT_AWAIT_YIELD, 0, 10);
    resume(s, 505, 1);
    suspend(s, 506, 1, WEFT_AWAIT_YIELD, 0, 10);
}

/* parse is started eagerly, inside main's slice: it is told of, main is not. */
static void block_inside(struct script *s)
{
    script_add(s, MS(1), WEFT_RECORD_TASK_NEW, 0, 1, TASK(2), TASK(1));
    script_name(s, MS(1), TASK(2), "parse");
    resume(s, 2, 2);
    suspend(s, 152, 2, WEFT_AWAIT_EVENT, 0, 20);
    suspend(s, 155, 1, WEFT_AWAIT_EVENT, 0, 10);
}

static void block_in_callback(struct script *s)
{
    weft_trace_define_site(s->trace, 40, "src/app.c", "setup", 40);
    suspend(s, 1, 1, WEFT_AWAIT_EVENT, 0, 10);
    uint64_t handle = weft_id(WEFT_ENTITY_HANDLE, 0, 7);
    script_name(s, MS(1), handle, "SIGHUP");
    script_add(s, MS(2), WEFT_RECORD_CALLBACK_BEGIN, WEFT_HANDLE_SIGNAL, 40, handle, 0);
    script_add(s, MS(202), WEFT_RECORD_CALLBACK_END, WEFT_HANDLE_SIGNAL, 0, handle, 0);
}

static void block_again_and_again(struct script *s)
{
    suspend(s, 1, 1, WEFT_AWAIT_YIELD, 0, 10);
    for (guint i = 0; i < 100; i++) {
        resume(s, 1000 * i + 2, 1);
        suspend(s, 1000 * i + 122 + (i == 50), 1, WEFT_AWAIT_YIELD, 0, 10);
    }
}

static void block_still(struct script *s)
{
    suspend(s, 1, 1, WEFT_AWAIT_YIELD, 0, 10);
    resume(s, 2, 1);
}

static void test_blocking_call(void)
{
    assert_findings(block_for_100ms,
                    "blocking-call warning: parse ran for 100 ms without letting the loop go on "
                    "from app.c:20 to app.c:30; meanwhile beat was ready and did not run, and a "
                    "timer was late by 74.0 ms.\n");
    assert_findings(block_for_10ms,
                    "blocking-call hint: parse ran for 10.0 ms without letting the loop go on "
                    "from app.c:20 to app.c:30; meanwhile beat was ready and did not run.\n");
    assert_findings(block_for_less, "");
    assert_findings(block_a_crowd,
                    "blocking-call hint: main ran for 20.0 ms without letting the loop go on "
                    "from app.c:10 to app.c:20; meanwhile beat, beat and 98 more were ready and "
                    "did not run.\n");
    assert_findings(block_while_paused, "");
    assert_findings(block_across_a_loss, "");
    assert_findings(block_inside,
                    "blocking-call warning: parse ran for 150 ms without letting the loop go on "
                    "from app.c:1 to app.c:20.\n");
    assert_findings(block_in_callback,
                    "blocking-call warning: SIGHUP ran for 200 ms without letting the loop go on "
                    "from app.c:40.\n");
    assert_findings(block_again_and_again,
                    "blocking-call warning: main ran for 121 ms without letting the loop go on "
                    "from app.c:10; 100 such slices, 12.0 s in all.\n");
}

static void test_blocking_still(void)
{
    assert_findings_at(block_still, 101.9, FALSE,
                       "blocking-call hint, lasts: main has run for 99.9 ms without letting the "
                       "loop go on from app.c:10.\n");
    assert_findings_at(block_still, 102, FALSE,
                       "blocking-call warning, lasts: main has run for 100 ms without letting the "
                       "loop go on from app.c:10.\n");
    assert_findings_at(block_still, 9, FALSE, "");
}

/* What lasts is withdrawn when it does no more; what is found then has its key. */
static void test_key_of_what_lasted(void)
{
    struct script s = script_with_main();
    block_still(&s);
    script_cut(&s);
    weft_model *model = weft_model_new(s.trace);
    g_autoptr(weft_findings) findings = weft_findings_new(model, NULL);
    weft_model_advance(model, 0);
    g_assert_false(weft_findings_advance(findings, 0));
    g_assert_cmpuint(weft_findings_n(findings), ==, 0);
    weft_findings_now(findings, MS(500), FALSE);
    g_assert_cmpuint(weft_findings_n(findings), ==, 1);
    g_autofree char *key = g_strdup(weft_findings_get(findings, 0)->key);
    g_assert_cmpstr(key, ==, "blocking-call:task:0:1:2000000");
    g_assert_true(weft_findings_get(findings, 0)->lasts);
    suspend(&s, 600, 1, WEFT_AWAIT_EVENT, 0, 10);
    script_cut(&s);
    weft_model_advance(model, 0);
    weft_findings_advance(findings, 0);
    weft_findings_now(findings, MS(900), FALSE);
    g_assert_cmpuint(weft_findings_n(findings), ==, 1);
    g_assert_cmpstr(weft_findings_get(findings, 0)->key, ==, key);
    g_assert_false(weft_findings_get(findings, 0)->lasts);
    g_assert_cmpint(weft_findings_get(findings, 0)->to_ns, ==, MS(600));
    g_clear_pointer(&findings, weft_findings_free);
    weft_model_free(model);
    weft_trace_unref(s.trace);
    g_array_unref(s.records);
}

/* ---- starved ---- */

/* beat is ready from 1 ms on; two other tasks run by turns, 1 ms a slice, until `ms`. */
static void starve(struct script *s, double ms)
{
    make_task(s, 1, 4, "beat");
    suspend(s, 2, 1, WEFT_AWAIT_EVENT, 0, 10);
    for (double at = 2; at < ms; at++) {
        unsigned task = (unsigned)at % 2 + 2;
        resume(s, at, task);
        suspend(s, at + 1, task, WEFT_AWAIT_YIELD, 0, 20);
    }
    resume(s, ms, 4);
    suspend(s, ms, 4, WEFT_AWAIT_EVENT, 0, 30);
}

static void starve_by_many(struct script *s)
{
    starve(s, 101);
}

static void starve_a_little(struct script *s)
{
    starve(s, 100);
}

static void starve_by_one(struct script *s)
{
    make_task(s, 1, 2, "parse");
    make_task(s, 1, 3, "beat");
    make_task(s, 2, 4, "tick");
    suspend(s, 2, 1, WEFT_AWAIT_EVENT, 0, 10);
    resume(s, 2, 2);
    suspend(s, 152, 2, WEFT_AWAIT_EVENT, 0, 20);
    resume(s, 152, 3);
    suspend(s, 152, 3, WEFT_AWAIT_EVENT, 0, 20);
    resume(s, 152, 4);
}

/* The program made a task, then did other things, and only then ran the loop. */
static void run_loop_late(struct script *s)
{
    make_task(s, 1, 2, "parse");
    suspend(s, 2, 1, WEFT_AWAIT_EVENT, 0, 10);
    resume(s, 900, 2);
    suspend(s, 901, 2, WEFT_AWAIT_EVENT, 0, 20);
}

static void starve_across_a_loss(struct script *s)
{
    make_task(s, 1, 4, "beat");
    script_cut(s);
    weft_trace_append_gap(s->trace, 0);
    for (guint i = 2; i < 300; i++) {
        resume(s, i, 2);
        suspend(s, i + 1, 2, WEFT_AWAIT_YIELD, 0, 20);
    }
    resume(s, 301, 4);
    suspend(s, 301, 4, WEFT_AWAIT_EVENT, 0, 30);
}

/* Iterations are told: who waits for one and a half of them may have waited for long. */
static void starve_over_iterations(struct script *s)
{
    suspend(s, 0.1, 1, WEFT_AWAIT_YIELD, 0, 10);
    iterate(s, 1, 2, 1);
    resume(s, 1, 1);
    make_task(s, 2, 2, "beat");
    suspend(s, 61, 1, WEFT_AWAIT_YIELD, 0, 10);
    iterate(s, 61, 3, 2);
    resume(s, 61, 1);
    suspend(s, 121, 1, WEFT_AWAIT_YIELD, 0, 11);
    resume(s, 121, 2);
    suspend(s, 121.1, 2, WEFT_AWAIT_EVENT, 0, 20);
}

static void test_starved(void)
{
    assert_findings(starve_by_many,
                    "starved warning: beat was ready for 100 ms while the loop ran 100 slices, "
                    "100 ms in all.\n");
    assert_findings(starve_a_little, "");
    assert_findings(starve_by_one,
                    "starved warning: beat was ready for 151 ms while parse held the loop from "
                    "app.c:1 to app.c:20; 2 such waits, 301 ms in all.\n"
                    "blocking-call warning: parse ran for 150 ms without letting the loop go on "
                    "from app.c:1 to app.c:20; meanwhile beat and tick were ready and did not "
                    "run.\n");
    assert_findings(run_loop_late, "");
    assert_findings(starve_across_a_loss, "");
    assert_findings(starve_over_iterations,
                    "blocking-call hint: main ran for 60.0 ms without letting the loop go on from "
                    "app.c:10; meanwhile beat was ready and did not run; 2 such slices, 120 ms in "
                    "all.\n"
                    "starved warning: beat was ready for 119 ms while main held the loop from "
                    "app.c:10 to app.c:11.\n");
}

static void starve_still(struct script *s)
{
    make_task(s, 1, 2, "parse");
    make_task(s, 1, 3, "beat");
    suspend(s, 2, 1, WEFT_AWAIT_EVENT, 0, 10);
    resume(s, 2, 2);
}

static void test_starved_still(void)
{
    assert_findings_at(starve_still, 99, FALSE,
                       "blocking-call hint, lasts: parse has run for 97.0 ms without letting the "
                       "loop go on from app.c:1; meanwhile beat was ready and did not run.\n");
    assert_findings_at(starve_still, 2002, FALSE,
                       "starved warning, lasts: beat has been ready for 2.00 s while parse held "
                       "the loop from app.c:1.\n"
                       "blocking-call warning, lasts: parse has run for 2.00 s without letting the "
                       "loop go on from app.c:1; meanwhile beat was ready and did not run.\n");
}

/* A trace that begins amid the run: since when is not known exactly, and so it is a guess. */
static void test_held_before_the_trace(void)
{
    g_autoptr(weft_trace) trace = weft_trace_new();
    g_autoptr(weft_state) state = weft_state_new();
    struct weft_task_at ready = {
        .id = TASK(2), .state = WEFT_STATE_READY, .detail = WEFT_WAKE_IO, .since_ns = MS(-900)
    };
    weft_state_put_task(state, &ready);
    weft_state_put_running(state, 0, TASK(1), MS(-800));
    weft_trace_append_state(trace, state);
    weft_model *model = weft_model_new(trace);
    g_autoptr(weft_findings) findings = weft_findings_new(model, NULL);
    weft_model_advance(model, 0);
    weft_findings_advance(findings, 0);
    weft_findings_now(findings, MS(400), FALSE);
    g_assert_cmpuint(weft_findings_n(findings), ==, 1);
    const struct weft_finding *finding = weft_findings_get(findings, 0);
    g_assert_false(finding->proved);
    g_assert_true(finding->lasts);
    g_assert_cmpstr(finding->message, ==,
                    "Task-1 may have run for 1.20 s without letting the loop go on; meanwhile "
                    "Task-2 was ready and did not run.");
    g_clear_pointer(&findings, weft_findings_free);
    weft_model_free(model);
}

/* ---- late-timer ---- */

static void sleep_until(struct script *s, double ms, double due)
{
    script_add(s, MS(ms), WEFT_RECORD_TIMER_SET, 0, 0, TIMER(1), (uint64_t)MS(due));
    suspend(s, ms, 1, WEFT_AWAIT_TIMER, TIMER(1), 10);
}

static void fire_after(struct script *s, double due, double fired)
{
    sleep_until(s, 1, due);
    resume(s, 1, 2);
    suspend(s, fired, 2, WEFT_AWAIT_EVENT, 0, 20);
    script_add(s, MS(fired), WEFT_RECORD_TIMER_FIRE, 0, 0, TIMER(1), 0);
}

static void fire_late(struct script *s)
{
    fire_after(s, 40, 90);
}

static void fire_less_late(struct script *s)
{
    fire_after(s, 40, 89.9);
}

/* The machine was busy, or asleep: the poll came back late. */
static void poll_late(struct script *s)
{
    sleep_until(s, 1, 40);
    poll(s, 2, 900);
    script_add(s, MS(900), WEFT_RECORD_TIMER_FIRE, 0, 0, TIMER(1), 0);
}

/* It was set when it was due long ago: as soon as possible, that means. */
static void set_in_the_past(struct script *s)
{
    script_add(s, MS(500), WEFT_RECORD_TIMER_SET, 0, 0, TIMER(1), (uint64_t)MS(3));
    suspend(s, 509, 1, WEFT_AWAIT_TIMER, TIMER(1), 10);
    script_add(s, MS(509), WEFT_RECORD_TIMER_FIRE, 0, 0, TIMER(1), 0);
}

static void fire_late_after_a_loss(struct script *s)
{
    sleep_until(s, 1, 40);
    script_cut(s);
    weft_trace_append_gap(s->trace, 0);
    resume(s, 1, 2);
    suspend(s, 900, 2, WEFT_AWAIT_EVENT, 0, 20);
    script_add(s, MS(900), WEFT_RECORD_TIMER_FIRE, 0, 0, TIMER(1), 0);
}

static void expire_late(struct script *s)
{
    uint64_t timeout = weft_id(WEFT_ENTITY_TIMEOUT, 0, 1);
    script_add(s, MS(1), WEFT_RECORD_TIMEOUT_ENTER, 0, 10, timeout, (uint64_t)MS(20));
    suspend(s, 1, 1, WEFT_AWAIT_EVENT, 0, 10);
    for (guint i = 1; i < 80; i++) {
        resume(s, i, 2);
        suspend(s, i + 1, 2, WEFT_AWAIT_YIELD, 0, 20);
    }
    script_add(s, MS(80), WEFT_RECORD_TIMEOUT_EXPIRE, 0, 0, timeout, TASK(1));
}

#define BLOCKED                                                                                    \
    "blocking-call hint: Task-2 ran for 89.0 ms without letting the loop go on until app.c:20; "   \
    "meanwhile a timer was late by 50.0 ms.\n"

static void test_late_timer(void)
{
    assert_findings(fire_late,
                    BLOCKED "late-timer warning: A timer of main fired 50.0 ms after its deadline, "
                            "since Task-2 held the loop until app.c:20.\n");
    assert_findings(
        fire_less_late,
        "blocking-call hint: Task-2 ran for 88.9 ms without letting the loop go on until "
        "app.c:20; meanwhile a timer was late by 49.9 ms.\n");
    assert_findings(poll_late, "");
    assert_findings(set_in_the_past,
                    "blocking-call warning: main ran for 509 ms without letting the loop go on "
                    "until app.c:10.\n");
    assert_findings(fire_late_after_a_loss,
                    "blocking-call warning: Task-2 ran for 899 ms without letting the loop go on "
                    "until app.c:20.\n");
    assert_findings(expire_late,
                    "timeout-fired hint: A timeout at app.c:10 was over while main waited for "
                    "something at app.c:10, for 79.0 ms by then.\n"
                    "late-timer warning: A timeout of main expired 60.0 ms after its deadline, "
                    "since the loop ran 60 slices meanwhile, 60.0 ms in all.\n");
}

/* ---- Thresholds ---- */

/* What is too little is found when it is asked for. */
static void test_threshold(void)
{
    struct weft_threshold_set set;
    weft_threshold_set_defaults(&set);
    struct script s = script_with_main();
    block_for_less(&s);
    weft_model *model = script_model(&s);
    set.values[WEFT_THRESHOLD_BLOCKING_HINT] = MS(5);
    g_autoptr(weft_findings) findings = weft_findings_new(model, &set);
    weft_findings_advance(findings, 0);
    g_assert_cmpuint(weft_findings_n(findings), ==, 1);
    g_clear_pointer(&findings, weft_findings_free);
    weft_model_free(model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/findings/blocking-call", test_blocking_call);
    g_test_add_func("/findings/blocking-call/still", test_blocking_still);
    g_test_add_func("/findings/starved", test_starved);
    g_test_add_func("/findings/starved/still", test_starved_still);
    g_test_add_func("/findings/held-before-the-trace", test_held_before_the_trace);
    g_test_add_func("/findings/late-timer", test_late_timer);
    g_test_add_func("/findings/key-of-what-lasted", test_key_of_what_lasted);
    g_test_add_func("/findings/blocking-call/threshold", test_threshold);
    return g_test_run();
}
