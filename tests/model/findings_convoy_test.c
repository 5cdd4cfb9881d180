/* findings_convoy_test.c: lock-convoy: what many wait for, and for how long. */
#include "tests/model/trouble.h"

#define CACHE weft_id(WEFT_ENTITY_LOCK, 0, 1)

/* `n` tasks want the lock at `ms`; main has it. */
static void queue_up(struct script *s, double ms, guint n)
{
    script_add(s, MS(ms), WEFT_RECORD_OBJECT_NEW, 0, 40, CACHE, 0);
    script_name(s, MS(ms), CACHE, "cache");
    use(s, ms, CACHE, WEFT_RESOURCE_ACQUIRE, 1);
    for (unsigned task = 2; task < 2 + n; task++)
        make_task(s, ms, task, "worker");
    suspend(s, ms, 1, WEFT_AWAIT_YIELD, 0, 10);
    for (unsigned task = 2; task < 2 + n; task++) {
        resume(s, ms, task);
        suspend(s, ms, task, WEFT_AWAIT_LOCK, CACHE, 20);
    }
}

/* Each that waits has it for `hold` ms, one after the other. */
static double pass_on(struct script *s, double ms, double hold, guint n)
{
    for (unsigned task = 1; task < 2 + n; task++, ms += hold) {
        if (task > 1) {
            resume(s, ms, task);
            use(s, ms, CACHE, WEFT_RESOURCE_ACQUIRE, 1);
            suspend(s, ms, task, WEFT_AWAIT_YIELD, 0, 21);
        }
        resume(s, ms + hold, task);
        use(s, ms + hold, CACHE, WEFT_RESOURCE_RELEASE, 0);
        if (task < 1 + n)
            wake(s, ms + hold, task + 1, WEFT_WAKE_RESOURCE, TASK(task));
        suspend(s, ms + hold, task, WEFT_AWAIT_FUTURE, weft_id(WEFT_ENTITY_FUTURE, 0, 1), 22);
    }
    return ms;
}

static void crowd(struct script *s)
{
    queue_up(s, 1, 12);
    double ms = pass_on(s, 1, 12, 12);
    script_add(s, MS(ms), WEFT_RECORD_OBJECT_FREE, 0, 0, CACHE, 0);
}

static void crowd_of_three(struct script *s)
{
    queue_up(s, 1, 3);
    pass_on(s, 1, 100, 3);
}

/* As many, but it is over after 99 ms. */
static void crowd_for_short(struct script *s)
{
    queue_up(s, 1, 12);
    pass_on(s, 1, 11, 12);
}

/* Crowds of 30 ms, long apart: never half of the time. */
static void crowd_now_and_then(struct script *s)
{
    for (guint i = 0; i < 5; i++) {
        queue_up(s, 1 + 100 * i, 6);
        pass_on(s, 1 + 100 * i, 10, 6);
        resume(s, 100 * (i + 1), 1);
    }
}

/* Who holds it never gives it back: that is no convoy. */
static void hold_for_ever(struct script *s)
{
    queue_up(s, 1, 12);
    resume(s, 2, 1);
    suspend(s, 2, 1, WEFT_AWAIT_FUTURE, weft_id(WEFT_ENTITY_FUTURE, 0, 1), 23);
}

static void crowd_across_a_loss(struct script *s)
{
    queue_up(s, 1, 12);
    script_lose(s, 5);
    resume(s, 200, 1);
    use(s, 200, CACHE, WEFT_RESOURCE_RELEASE, 0);
}

static void test_convoy(void)
{
    assert_findings(crowd,
                    "lock-convoy warning: The lock cache had 4 and more waiters for 108 ms of "
                    "108 ms, up to 12; they waited 864 ms in all, while it was held 9 "
                    "times, 12.0 ms each on average.\n");
    assert_findings(crowd_of_three, "");
    assert_findings(crowd_for_short, "");
    assert_findings(crowd_now_and_then, "");
    assert_findings_at(hold_for_ever, 500, FALSE, "");
    assert_findings(crowd_across_a_loss,
                    "events-lost warning: 5 events were lost between 1.0 ms and 200.0 ms: what "
                    "happened there is not known.\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/findings/lock-convoy", test_convoy);
    return g_test_run();
}
