/* findings_herd_test.c: thundering-herd: who is woken for nothing, and who only seems to be. */
#include "tests/model/trouble.h"

#define CONDITION weft_id(WEFT_ENTITY_CONDITION, 0, 1)
#define GATE      weft_id(WEFT_ENTITY_LOCK, 0, 1)
#define SLOTS     weft_id(WEFT_ENTITY_SEMAPHORE, 0, 1)

/* `n` tasks wait for it, and main wakes them all at 5 ms. */
static void wake_all(struct script *s, guint n, uint64_t entity, unsigned await)
{
    for (unsigned task = 2; task < 2 + n; task++)
        make_task(s, 1, task, "buyer");
    suspend(s, 2, 1, WEFT_AWAIT_YIELD, 0, 10);
    for (unsigned task = 2; task < 2 + n; task++) {
        resume(s, 2, task);
        suspend(s, 2, task, await, entity, 20);
    }
    script_name(s, 2, entity, "bread");
    resume(s, 5, 1);
    use(s, 5, entity, WEFT_RESOURCE_NOTIFY, n);
    for (unsigned task = 2; task < 2 + n; task++)
        wake(s, 5, task, WEFT_WAKE_RESOURCE, TASK(1));
    suspend(s, 6, 1, WEFT_AWAIT_FUTURE, weft_id(WEFT_ENTITY_FUTURE, 0, 1), 11);
}

/* The first `lucky` of them go on, the others wait again; each takes the lock meanwhile. */
static void look(struct script *s, guint n, guint lucky, uint64_t entity, unsigned await)
{
    for (unsigned task = 2; task < 2 + n; task++) {
        resume(s, 7, task);
        use(s, 7, GATE, WEFT_RESOURCE_ACQUIRE, 1);
        use(s, 7, GATE, WEFT_RESOURCE_RELEASE, 0);
        if (task < 2 + lucky)
            suspend(s, 7, task, WEFT_AWAIT_TIMER, TIMER(task), 21);
        else
            suspend(s, 8, task, await, entity, 20);
    }
}

static void one_of_eight(struct script *s)
{
    wake_all(s, 8, CONDITION, WEFT_AWAIT_CONDITION);
    look(s, 8, 1, CONDITION, WEFT_AWAIT_CONDITION);
}

static void one_of_seven(struct script *s)
{
    wake_all(s, 7, CONDITION, WEFT_AWAIT_CONDITION);
    look(s, 7, 1, CONDITION, WEFT_AWAIT_CONDITION);
}

static void two_of_nine(struct script *s)
{
    wake_all(s, 9, CONDITION, WEFT_AWAIT_CONDITION);
    look(s, 9, 2, CONDITION, WEFT_AWAIT_CONDITION);
}

/* Who is told of each beat does its work in its slice, and waits for the next. */
static void beat(struct script *s)
{
    wake_all(s, 9, CONDITION, WEFT_AWAIT_CONDITION);
    look(s, 9, 0, CONDITION, WEFT_AWAIT_CONDITION);
}

/* A semaphore that they do not get: no doubt. */
static void none_of_eight(struct script *s)
{
    wake_all(s, 8, SLOTS, WEFT_AWAIT_SEMAPHORE);
    look(s, 8, 0, SLOTS, WEFT_AWAIT_SEMAPHORE);
}

/* Each puts something into a queue before it waits again. */
static void work_in_slice(struct script *s)
{
    wake_all(s, 9, CONDITION, WEFT_AWAIT_CONDITION);
    for (unsigned task = 2; task < 11; task++) {
        resume(s, 7, task);
        use(s, 7, weft_id(WEFT_ENTITY_QUEUE, 0, 1), WEFT_RESOURCE_PUT, 1);
        suspend(s, 8, task, WEFT_AWAIT_CONDITION, CONDITION, 20);
    }
}

/* The same by and by, each time one: that is no herd. */
static void one_at_a_time(struct script *s)
{
    wake_all(s, 1, CONDITION, WEFT_AWAIT_CONDITION);
    for (guint i = 0; i < 9; i++) {
        look(s, 1, 0, CONDITION, WEFT_AWAIT_CONDITION);
        resume(s, 9, 1);
        wake(s, 9, 2, WEFT_WAKE_RESOURCE, TASK(1));
        suspend(s, 9, 1, WEFT_AWAIT_FUTURE, weft_id(WEFT_ENTITY_FUTURE, 0, 1), 11);
    }
}

static void one_of_eight_across_a_loss(struct script *s)
{
    wake_all(s, 8, CONDITION, WEFT_AWAIT_CONDITION);
    script_lose(s, 3);
    look(s, 8, 1, CONDITION, WEFT_AWAIT_CONDITION);
}

static void test_herd(void)
{
    assert_findings(one_of_eight,
                    "thundering-herd warning, may: 8 tasks were woken at once by main for "
                    "condition bread; only buyer went on, and 7 waited for it again: they may "
                    "have been woken for nothing.\n");
    assert_findings(none_of_eight, "thundering-herd warning: 8 tasks were woken at once by main "
                                   "for semaphore bread, and 8 waited for it again.\n");
    assert_findings(one_of_seven, "");
    assert_findings(two_of_nine, "");
    assert_findings(beat, "");
    assert_findings(work_in_slice, "");
    assert_findings(one_at_a_time, "");
    assert_findings(one_of_eight_across_a_loss,
                    "events-lost warning: 3 events were lost between 6.0 ms and 7.0 ms: what "
                    "happened there is not known.\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/findings/thundering-herd", test_herd);
    return g_test_run();
}
