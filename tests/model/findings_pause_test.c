/* findings_pause_test.c: what a controller did to a loop is no finding of the program: the same
 * minute, in which nothing runs, once as it comes and once as a pause. */
#include "tests/model/trouble.h"

#define TIMER(n) weft_id(WEFT_ENTITY_TIMER, 0, n)
#define EVENT(n) weft_id(WEFT_ENTITY_EVENT, 0, n)

static void control(struct script *s, double ms, enum weft_control_kind what)
{
    script_add(s, MS(ms), WEFT_RECORD_CONTROL, what, 0, LOOP, 0);
}

/* late sleeps, ready is ready, waits wants the lock that holds has, who waits for an event, which
 * runs sets. A loop is paused between two slices; that it is amid one here is so that each rule has
 * somebody to blame. */
static void begin(struct script *s)
{
    make_object(s, 0.1, LOCK(1), "cache", 0);
    make_object(s, 0.1, EVENT(1), "go", 0);
    make_task(s, 0.2, 2, "late");
    make_task(s, 0.3, 3, "holds");
    make_task(s, 0.4, 4, "waits");
    make_task(s, 0.5, 5, "runs");
    suspend(s, 1, 1, WEFT_AWAIT_TASK, TASK(2), 10);
    resume(s, 1.1, 2);
    script_add(s, MS(1.2), WEFT_RECORD_TIMER_SET, 0, 0, TIMER(1), (uint64_t)MS(20));
    suspend(s, 1.3, 2, WEFT_AWAIT_TIMER, TIMER(1), 20);
    resume(s, 1.4, 3);
    use(s, 1.5, LOCK(1), WEFT_RESOURCE_ACQUIRE, 0);
    suspend(s, 1.6, 3, WEFT_AWAIT_EVENT, EVENT(1), 30);
    resume(s, 1.7, 4);
    suspend(s, 1.8, 4, WEFT_AWAIT_LOCK, LOCK(1), 40);
    make_task(s, 1.8, 6, "ready");
    resume(s, 1.9, 5);
}

static void go_on(struct script *s)
{
    use(s, 60001.2, EVENT(1), WEFT_RESOURCE_SET, 1);
    wake(s, 60001.2, 3, WEFT_WAKE_RESOURCE, TASK(5));
    done(s, 60001.3, 5, WEFT_OUTCOME_RESULT);
    script_add(s, MS(60001.35), WEFT_RECORD_TIMER_FIRE, 0, 0, TIMER(1), 0);
    wake(s, 60001.4, 2, WEFT_WAKE_TIMER, TIMER(1));
    resume(s, 60001.5, 3);
    use(s, 60001.6, LOCK(1), WEFT_RESOURCE_RELEASE, 0);
    wake(s, 60001.6, 4, WEFT_WAKE_RESOURCE, TASK(3));
    done(s, 60001.7, 3, WEFT_OUTCOME_RESULT);
    resume(s, 60001.75, 6);
    done(s, 60001.78, 6, WEFT_OUTCOME_RESULT);
    resume(s, 60001.8, 2);
    done(s, 60001.9, 2, WEFT_OUTCOME_RESULT);
}

static void hang_for_a_minute(struct script *s)
{
    begin(s);
    go_on(s);
}

static void pause_for_a_minute(struct script *s)
{
    begin(s);
    control(s, 2, WEFT_CONTROL_PAUSED);
    control(s, 60000, WEFT_CONTROL_RESUMED);
    go_on(s);
}

/* A step amid it, and slow motion behind. */
static void step_for_a_minute(struct script *s)
{
    begin(s);
    control(s, 2, WEFT_CONTROL_PAUSED);
    control(s, 30000, WEFT_CONTROL_RESUMED);
    control(s, 30000.3, WEFT_CONTROL_PAUSED);
    control(s, 50000, WEFT_CONTROL_SLOWED);
    control(s, 60000, WEFT_CONTROL_RESUMED);
    go_on(s);
}

static void pause_and_wait(struct script *s)
{
    begin(s);
    control(s, 2, WEFT_CONTROL_PAUSED);
}

static void test_pause(void)
{
    assert_findings(pause_for_a_minute, "");
    assert_findings(step_for_a_minute, "");
    assert_findings_at(pause_and_wait, 60000, FALSE, "");
}

/* holds and waits alone, of an idle loop. */
static void wait_in_vain(struct script *s)
{
    make_object(s, 0.1, LOCK(1), "cache", 0);
    make_object(s, 0.1, EVENT(1), "go", 0);
    make_task(s, 0.3, 3, "holds");
    make_task(s, 0.4, 4, "waits");
    suspend(s, 1, 1, WEFT_AWAIT_TASK, TASK(4), 10);
    resume(s, 1.4, 3);
    use(s, 1.5, LOCK(1), WEFT_RESOURCE_ACQUIRE, 0);
    suspend(s, 1.6, 3, WEFT_AWAIT_EVENT, EVENT(1), 30);
    resume(s, 1.7, 4);
    suspend(s, 1.8, 4, WEFT_AWAIT_LOCK, LOCK(1), 40);
    poll_for_ever(s, 1.9);
}

static void wait_in_vain_paused(struct script *s)
{
    wait_in_vain(s);
    script_add(s, MS(2), WEFT_RECORD_POLL_END, 0, 0, LOOP, 0);
    control(s, 2, WEFT_CONTROL_PAUSED);
}

static void test_stuck(void)
{
    assert_findings_at(
        wait_in_vain, 60000, FALSE,
        "stuck error, lasts: holds waits in vain for event go at app.c:30: its loop "
        "has no ready task, timer, handle, operation or job left that could bring it "
        "about.\n");
    assert_findings_at(wait_in_vain_paused, 60000, FALSE, "");
}

/* Or it would prove nothing. */
static void test_hang(void)
{
    assert_findings(
        hang_for_a_minute,
        "starved warning: ready was ready for 60.0 s while runs held the loop from app.c:1.\n"
        "blocking-call warning: runs ran for 60.0 s without letting the loop go on from app.c:1; "
        "meanwhile ready and holds were ready and did not run, and a timer was late by 60.0 s.\n"
        "late-timer warning: A timer of late fired 60.0 s after its deadline, since runs held the "
        "loop from app.c:1.\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/model/findings-pause/pause", test_pause);
    g_test_add_func("/model/findings-pause/hang", test_hang);
    g_test_add_func("/model/findings-pause/stuck", test_stuck);
    return g_test_run();
}
