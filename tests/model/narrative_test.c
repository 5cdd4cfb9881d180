/* narrative_test.c: sentences whose clauses come from the state just before and just after: places
 * in the ready queue and in line, who is next, who awaited; and what a loss hides. */
#include "tests/model/script.h"
#include "tracer/model/replay.h"

#define LOCK weft_id(WEFT_ENTITY_LOCK, 0, 1)

/* Two tasks want the lock that main has, which awaits a third. */
static void write_crowd(struct script *s, gboolean lost)
{
    script_name(s, 21, LOCK, "cache");
    script_add(s, 22, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_ACQUIRE, 0, LOCK, 0);
    for (unsigned task = 2; task <= 4; task++) {
        script_add(s, 24, WEFT_RECORD_TASK_NEW, 0, 0, TASK(task), TASK(1));
        script_add(s, 24, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, 0, TASK(task), TASK(1));
    }
    script_add(s, 26, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TASK, 0, TASK(1), TASK(4));
    for (unsigned task = 2; task <= 3; task++) {
        script_add(s, 30 * task, WEFT_RECORD_RESUME, 0, 0, TASK(task), 0);
        if (lost && task == 3)
            script_lose(s, 5);
        script_add(s, 30 * task + 10, WEFT_RECORD_SUSPEND, WEFT_AWAIT_LOCK, 0, TASK(task), LOCK);
    }
    script_add(s, 120, WEFT_RECORD_RESUME, 0, 0, TASK(4), 0);
    script_add(s, 130, WEFT_RECORD_CANCEL_REQUEST, 0, 0, TASK(2), TASK(4));
    script_add(s, 130, WEFT_RECORD_WAKE, WEFT_WAKE_CANCEL, 0, TASK(2), TASK(4));
    script_add(s, 140, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, TASK(4), 0);
    script_add(s, 140, WEFT_RECORD_WAKE, WEFT_WAKE_TASK, 0, TASK(1), TASK(4));
    script_add(s, 150, WEFT_RECORD_POLL_BEGIN, 0, 0, LOOP, 0);
}

static void assert_headline(weft_model *model, gint64 t, int after, const char *expected)
{
    g_autoptr(weft_replay) replay = weft_replay_new(model, weft_model_lane_of(model, LOOP));
    struct weft_replay_place place = { t, after };
    struct weft_replay_telling *telling = weft_replay_tell(replay, place, 0);
    g_autofree char *told = weft_sentence_text(telling->headline);
    g_assert_cmpstr(told, ==, expected);
    weft_replay_telling_free(telling);
}

/* Places in the queue and in line, and who waited. */
static void test_places(void)
{
    struct script s = script_with_main();
    write_crowd(&s, FALSE);
    weft_model *model = script_model(&s);
    assert_headline(model, 26, WEFT_WHOLE_MOMENT, "main awaits Task-4: Task-2 is next.");
    assert_headline(model, 70, WEFT_WHOLE_MOMENT,
                    "Task-2 awaits lock cache: main holds it; Task-2 is 1st in line.");
    assert_headline(model, 100, WEFT_WHOLE_MOMENT,
                    "Task-3 awaits lock cache: main holds it; Task-3 is 2nd in line.");
    assert_headline(model, 120, WEFT_WHOLE_MOMENT,
                    "Task-4 runs: it was first in the ready queue, where it spent 96 ns, behind "
                    "Task-2 and Task-3.");
    assert_headline(model, 130, WEFT_WHOLE_MOMENT,
                    "It is to be cancelled: Task-2 goes to the ready queue (1st).");
    assert_headline(model, 140, 1, "Task-4 is done: main, which awaited it, becomes ready.");
    assert_headline(model, 150, WEFT_WHOLE_MOMENT,
                    "2 are ready: the loop only looks for I/O (timeout 0).");
    weft_model_free(model);
}

/* When a sleep is over, whether a poll lasted until then, what nobody awaits, what took how long.
 */
static void test_clauses(void)
{
    const uint64_t span = weft_id(WEFT_ENTITY_SPAN, 0, 1), group = weft_id(WEFT_ENTITY_GROUP, 0, 1);
    struct weft_ext_error failed = { .code = -110 };
    struct script s = script_with_main();
    uint32_t parse = script_string(&s, "parse");
    failed.name = script_string(&s, "ETIMEDOUT");
    for (unsigned task = 2; task <= 3; task++) {
        script_add(&s, 24, WEFT_RECORD_TASK_NEW, 0, 0, TASK(task), TASK(1));
        script_add(&s, 24, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, 0, TASK(task), TASK(1));
    }
    script_add(&s, 26, WEFT_RECORD_GROUP_ADD, 0, 0, group, TASK(3));
    script_add(&s, 30, WEFT_RECORD_SPAN_BEGIN, 0, 0, span, parse);
    script_add(&s, 35, WEFT_RECORD_SPAN_END, 0, 0, span, parse);
    script_add(&s, 40, WEFT_RECORD_TIMER_SET, 0, 0, TIMER(1), 240);
    script_add(&s, 50, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, 0, TASK(1), TIMER(1));
    script_add(&s, 60, WEFT_RECORD_RESUME, 0, 0, TASK(2), 0);
    script_add_ext(&s, 70, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_ERROR, 0, TASK(2), 0, &failed);
    script_add(&s, 80, WEFT_RECORD_RESUME, 0, 0, TASK(3), 0);
    script_add_ext(&s, 90, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_ERROR, 0, TASK(3), 0, &failed);
    script_add(&s, 100, WEFT_RECORD_POLL_BEGIN, 0, 0, LOOP, 140);
    script_add(&s, 240, WEFT_RECORD_POLL_END, 0, 0, LOOP, 0);
    script_add_ext(&s, 250, WEFT_RECORD_ERROR_UNRETRIEVED, 0, 0, TASK(2), 0, &failed);
    script_add(&s, 260, WEFT_RECORD_POLL_BEGIN, 0, 0, LOOP, 100);
    script_add(&s, 270, WEFT_RECORD_POLL_END, 0, 0, LOOP, 0);
    weft_model *model = script_model(&s);
    assert_headline(model, 26, WEFT_WHOLE_MOMENT, "Task-3 joins gather of 1 (1 of 1).");
    assert_headline(model, 35, WEFT_WHOLE_MOMENT, "main ends “parse”, which took 5 ns.");
    assert_headline(model, 50, WEFT_WHOLE_MOMENT,
                    "main awaits sleep(200 ns): due at 240 ns; Task-2 is next.");
    assert_headline(model, 70, WEFT_WHOLE_MOMENT,
                    "Task-2 fails with ETIMEDOUT: nobody awaits it; Task-3 is next.");
    assert_headline(model, 90, WEFT_WHOLE_MOMENT, "Task-3 fails with ETIMEDOUT.");
    assert_headline(model, 240, WEFT_WHOLE_MOMENT,
                    "The loop wakes after 140 ns: the timer is due.");
    assert_headline(model, 250, WEFT_WHOLE_MOMENT,
                    "Task-2 failed with ETIMEDOUT, and nobody ever looked.");
    assert_headline(model, 270, WEFT_WHOLE_MOMENT, "The loop wakes after 10 ns: no I/O.");
    weft_model_free(model);
}

/* Deadlines, and what becomes of a cancellation that a timeout asked for. */
static void test_timeout(void)
{
    const uint64_t timeout = weft_id(WEFT_ENTITY_TIMEOUT, 0, 1);
    struct script s = script_with_main();
    script_add(&s, 30, WEFT_RECORD_TIMEOUT_ENTER, 0, 0, timeout, 130);
    script_add(&s, 40, WEFT_RECORD_TIMEOUT_RESCHEDULE, 0, 0, timeout, 140);
    script_add(&s, 50, WEFT_RECORD_SUSPEND, WEFT_AWAIT_FUTURE, 0, TASK(1), 0);
    script_add(&s, 140, WEFT_RECORD_TIMEOUT_EXPIRE, 0, 0, timeout, TASK(1));
    script_add(&s, 140, WEFT_RECORD_WAKE, WEFT_WAKE_TIMEOUT, 0, TASK(1), timeout);
    script_add(&s, 150, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    script_add(&s, 160, WEFT_RECORD_TIMEOUT_EXIT, WEFT_OUTCOME_ERROR, 0, timeout, TASK(1));
    weft_model *model = script_model(&s);
    assert_headline(model, 30, WEFT_WHOLE_MOMENT, "main gives itself 100 ns (until 130 ns).");
    assert_headline(model, 40, WEFT_WHOLE_MOMENT,
                    "main moves its deadline to 140 ns, 100 ns from now.");
    assert_headline(model, 160, WEFT_WHOLE_MOMENT,
                    "main leaves its timeout: the cancellation becomes TimeoutError.");
    weft_model_free(model);
}

/* What a loss hides is said to be unknown. */
static void test_places_lost(void)
{
    struct script s = script_with_main();
    write_crowd(&s, TRUE);
    weft_model *model = script_model(&s);
    assert_headline(model, 100, WEFT_WHOLE_MOMENT,
                    "Task-3 awaits lock cache: who holds it is unknown (events lost).");
    assert_headline(model, 120, WEFT_WHOLE_MOMENT,
                    "Task-4 runs: since when it was ready is unknown (events lost).");
    assert_headline(
        model, 130, WEFT_WHOLE_MOMENT,
        "It is to be cancelled: Task-2 goes to the ready queue (where is unknown: events lost).");
    weft_model_free(model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/narrative/places", test_places);
    g_test_add_func("/narrative/clauses", test_clauses);
    g_test_add_func("/narrative/timeout", test_timeout);
    g_test_add_func("/narrative/places-lost", test_places_lost);
    return g_test_run();
}
