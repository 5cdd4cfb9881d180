/* findings_selfwake_test.c: self-wake: who asks instead of waiting, and who only looks like it. */
#include "tests/model/trouble.h"

#define FUTURE(n) weft_id(WEFT_ENTITY_FUTURE, 0, n)

/* poller yields `n` times after `slice` ms each; in between it is woken by others `others` times.
 */
static double ask(struct script *s, guint n, guint others, double slice)
{
    double ms = 2;
    make_task(s, 1, 2, "poller");
    suspend(s, ms, 1, WEFT_AWAIT_TASK, TASK(2), 10);
    for (guint i = 0; i < n; i++, ms += slice) {
        resume(s, ms, 2);
        suspend(s, ms + slice, 2, WEFT_AWAIT_YIELD, 0, 20);
    }
    for (guint i = 0; i < others; i++, ms += 1) {
        resume(s, ms, 2);
        suspend(s, ms + 0.1, 2, WEFT_AWAIT_FUTURE, FUTURE(i + 1), 21);
        wake(s, ms + 0.5, 2, WEFT_WAKE_FUTURE, FUTURE(i + 1));
    }
    resume(s, ms, 2);
    return ms;
}

static void ask_often(struct script *s)
{
    double ms = ask(s, 120, 10, 0.01);
    done(s, ms, 2, WEFT_OUTCOME_RESULT);
}

static void ask_on(struct script *s)
{
    ask(s, 120, 0, 0.01);
}

static void ask_99_times(struct script *s)
{
    double ms = ask(s, 99, 0, 0.01);
    done(s, ms, 2, WEFT_OUTCOME_RESULT);
}

/* Half of its wake-ups are not more than half. */
static void ask_half_the_time(struct script *s)
{
    double ms = ask(s, 60, 60, 0.01);
    done(s, ms, 2, WEFT_OUTCOME_RESULT);
}

/* It computes, and lets others run between its pieces. */
static void work_politely(struct script *s)
{
    double ms = ask(s, 200, 0, 2);
    done(s, ms, 2, WEFT_OUTCOME_RESULT);
}

static void ask_across_a_loss(struct script *s)
{
    ask(s, 60, 0, 0.01);
    script_lose(s, 2);
    for (guint i = 0; i < 60; i++) {
        resume(s, 10 + i * 0.01, 2);
        suspend(s, 10 + i * 0.01, 2, WEFT_AWAIT_YIELD, 0, 20);
    }
}

/* Two, whose loop has other work most of the time. */
static void ask_beside_others(struct script *s)
{
    make_task(s, 1, 2, "poller");
    make_task(s, 1.1, 3, "prober");
    suspend(s, 2, 1, WEFT_AWAIT_TASK, TASK(2), 10);
    for (guint i = 0; i < 120; i++)
        for (guint task = 2; task <= 3; task++) {
            resume(s, 10 * i + task, task);
            suspend(s, 10 * i + task + 0.01, task, WEFT_AWAIT_YIELD, 0, 20);
        }
}

/* It asks a few times, sleeps, asks again: the loop is free most of the time. */
static void ask_now_and_then(struct script *s)
{
    make_task(s, 1, 2, "poller");
    suspend(s, 2, 1, WEFT_AWAIT_TASK, TASK(2), 10);
    for (guint i = 0; i < 12; i++) {
        for (guint k = 0; k < 10; k++) {
            resume(s, 10 * i + 2 + 0.02 * k, 2);
            suspend(s, 10 * i + 2 + 0.02 * k + 0.01, 2, WEFT_AWAIT_YIELD, 0, 20);
        }
        resume(s, 10 * i + 3, 2);
        suspend(s, 10 * i + 3.1, 2, WEFT_AWAIT_TIMER, 0, 21);
        wake(s, 10 * i + 11, 2, WEFT_WAKE_TIMER, 0);
    }
}

static void test_self_wake(void)
{
    assert_findings(ask_often, "self-wake warning: poller woke itself 120 of 130 times at "
                               "app.c:20, after 10.0 µs each on average: it keeps the loop busy by "
                               "asking.\n");
    assert_findings(ask_on, "self-wake warning, lasts: poller has woken itself 120 of 120 times at "
                            "app.c:20, after 10.0 µs each on average: it keeps the loop busy by "
                            "asking.\n");
    assert_findings(ask_beside_others,
                    "self-wake warning, lasts: prober has woken itself 120 of 120 times at "
                    "app.c:20, after 10.0 µs each on average: it keeps the loop busy by asking; "
                    "2 such tasks, 2.40 ms in all.\n");
    assert_findings(ask_now_and_then,
                    "self-wake hint, lasts: poller has woken itself 120 of 132 times at app.c:20, "
                    "after 10.0 µs each on average: it asks instead of waiting.\n");
    assert_findings(ask_99_times, "");
    assert_findings(ask_half_the_time, "");
    assert_findings(work_politely, "");
    assert_findings(ask_across_a_loss, "events-lost warning: 2 events were lost between 2.6 ms "
                                       "and 10.0 ms: what happened there is not known.\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/findings/self-wake", test_self_wake);
    return g_test_run();
}
