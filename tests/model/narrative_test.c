/* narrative_test.c: sentences whose clauses come from the state just before and just after: places
 * in the ready queue and in line, who is next, who awaited, whose timeout it is; what is told by
 * another sentence; and what a loss hides. */
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
    struct weft_replay_telling *telling = weft_replay_tell(replay, place, WEFT_REPLAY_WHOLE, 0);
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
                    "Task-2 is to be cancelled, and goes to the ready queue (1st).");
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

/* Two tasks of a gather, a lock between them; the time of who awaits it is over. */
static weft_model *deadlock(void)
{
    const uint64_t group = weft_id(WEFT_ENTITY_GROUP, 0, 1),
                   knife = weft_id(WEFT_ENTITY_LOCK, 0, 2),
                   timeout = weft_id(WEFT_ENTITY_TIMEOUT, 0, 1);
    const uint64_t first[] = { LOCK, knife }, then[] = { knife, LOCK };
    struct script s = script_with_main();
    for (unsigned i = 0; i < 2; i++) {
        script_add(&s, 22, WEFT_RECORD_TASK_NEW, 0, 0, TASK(2 + i), TASK(1));
        script_name(&s, 22, TASK(2 + i), i ? "Max" : "Eve");
        script_add(&s, 22, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, 0, TASK(2 + i), TASK(1));
        script_add(&s, 23, WEFT_RECORD_GROUP_ADD, 0, 0, group, TASK(2 + i));
        script_name(&s, 23, first[i], i ? "knife" : "fork");
    }
    script_add(&s, 24, WEFT_RECORD_TIMEOUT_ENTER, 0, 0, timeout, 200);
    script_add(&s, 30, WEFT_RECORD_SUSPEND, WEFT_AWAIT_GROUP, 0, TASK(1), group);
    for (unsigned i = 0; i < 2; i++) {
        gint64 t = 40 + 10 * i;
        script_add(&s, t, WEFT_RECORD_RESUME, 0, 0, TASK(2 + i), 0);
        script_add(&s, t, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_ACQUIRE, 0, first[i], 1);
        script_add(&s, t + 5, WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, 0, TASK(2 + i), 0);
    }
    for (unsigned i = 0; i < 2; i++) {
        script_add(&s, 60 + 10 * i, WEFT_RECORD_RESUME, 0, 0, TASK(2 + i), 0);
        script_add(&s, 65 + 10 * i, WEFT_RECORD_SUSPEND, WEFT_AWAIT_LOCK, 0, TASK(2 + i), then[i]);
    }
    script_add(&s, 80, WEFT_RECORD_POLL_BEGIN, 0, 0, LOOP, 120);
    script_add(&s, 200, WEFT_RECORD_POLL_END, 0, 0, LOOP, 0);
    script_add(&s, 201, WEFT_RECORD_READY, WEFT_HANDLE_TIMER, 0, timeout, 0);
    script_add(&s, 202, WEFT_RECORD_CALLBACK_BEGIN, WEFT_HANDLE_TIMER, 0, timeout, 0);
    script_add(&s, 203, WEFT_RECORD_TIMEOUT_EXPIRE, 0, 0, timeout, TASK(1));
    script_add(&s, 204, WEFT_RECORD_CANCEL_REQUEST, 0, 0, TASK(2), timeout);
    script_add(&s, 205, WEFT_RECORD_WAKE, WEFT_WAKE_TIMEOUT, 0, TASK(2), timeout);
    script_add(&s, 206, WEFT_RECORD_CALLBACK_END, WEFT_HANDLE_TIMER, 0, timeout, 0);
    script_add(&s, 210, WEFT_RECORD_RESUME, 0, 0, TASK(2), 0);
    script_add(&s, 211, WEFT_RECORD_CANCEL_DELIVER, 0, 0, TASK(2), 0);
    script_add(&s, 212, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_RELEASE, 0, LOCK, 0);
    script_add(&s, 213, WEFT_RECORD_WAKE, WEFT_WAKE_RESOURCE, 0, TASK(3), TASK(2));
    script_add(&s, 214, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_CANCELLED, 0, TASK(2), 0);
    script_add(&s, 220, WEFT_RECORD_RESUME, 0, 0, TASK(3), 0);
    script_add(&s, 221, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_ACQUIRE, 0, LOCK, 1);
    script_add(&s, 230, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, TASK(3), 0);
    return script_model(&s);
}

/* A timeout is its owner's, whomever it cancels; who is let go on, by what, and in which order. */
static void test_parties(void)
{
    weft_model *model = deadlock();
    assert_headline(model, 40, WEFT_WHOLE_MOMENT, "Eve takes lock fork: it was free.");
    assert_headline(model, 75, WEFT_WHOLE_MOMENT,
                    "Max awaits lock fork: Eve holds it; Max is 1st in line.");
    assert_headline(model, 201, WEFT_WHOLE_MOMENT,
                    "The loop puts the timeout callback of main in the ready queue (1st).");
    assert_headline(model, 202, WEFT_WHOLE_MOMENT, "The loop calls the timeout callback of main.");
    assert_headline(model, 204, WEFT_WHOLE_MOMENT,
                    "The timeout of main asks to cancel Eve: it gets that when it next runs.");
    assert_headline(model, 205, WEFT_WHOLE_MOMENT,
                    "The time of main is over: Eve is to be cancelled, and goes to the ready queue "
                    "(1st).");
    assert_headline(model, 213, WEFT_WHOLE_MOMENT,
                    "Eve released lock fork; Max was first in line: it goes to the ready queue "
                    "(1st).");
    assert_headline(model, 214, WEFT_WHOLE_MOMENT,
                    "Eve ends, cancelled; it released lock fork, which Max awaited: Max is next.");
    assert_headline(model, 221, WEFT_WHOLE_MOMENT, "Max gets lock fork from Eve.");
    struct weft_sentence *why = weft_model_why(model, TASK(1), 100);
    g_autofree char *answer = weft_sentence_text(why);
    g_assert_cmpstr(answer, ==,
                    "It waits for gather of 2, of which 2 are not done; Eve waits for lock knife, "
                    "which Max holds; Max waits for lock fork, which Eve holds: Eve and Max wait "
                    "for each other.");
    weft_sentence_free(why);
    why = weft_model_why(model, TASK(2), 100);
    g_autofree char *own = weft_sentence_text(why);
    g_assert_cmpstr(own, ==,
                    "It waits for lock knife, which Max holds; Max waits for lock fork, which Eve "
                    "holds: a circle.");
    weft_sentence_free(why);
    weft_model_free(model);
}

/* A task that runs at once, one that is ready already, one that others overtook; a callback that
 * held the loop; a future that is awaited. */
static void test_turns(void)
{
    const uint64_t future = weft_id(WEFT_ENTITY_FUTURE, 0, 1);
    struct script s = script_with_main();
    script_add(&s, 30, WEFT_RECORD_TASK_NEW, 0, 0, TASK(2), TASK(1));
    script_add(&s, 31, WEFT_RECORD_RESUME, 0, 0, TASK(2), 0);
    script_add(&s, 40, WEFT_RECORD_OBJECT_NEW, 0, 0, future, 0);
    script_add(&s, 41, WEFT_RECORD_SUSPEND, WEFT_AWAIT_FUTURE, 0, TASK(2), future);
    for (unsigned task = 3; task <= 4; task++) {
        script_add(&s, 50, WEFT_RECORD_TASK_NEW, 0, 0, TASK(task), TASK(1));
        script_add(&s, 50, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, 0, TASK(task), TASK(1));
    }
    script_add(&s, 60, WEFT_RECORD_CANCEL_REQUEST, 0, 0, TASK(3), TASK(1));
    script_add(&s, 61, WEFT_RECORD_WAKE, WEFT_WAKE_CANCEL, 0, TASK(3), TASK(1));
    script_add(&s, 70, WEFT_RECORD_FUTURE_DONE, WEFT_OUTCOME_ERROR, 0, future, TASK(1));
    script_add(&s, 71, WEFT_RECORD_WAKE, WEFT_WAKE_FUTURE, 0, TASK(2), future);
    script_add(&s, 80, WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, 0, TASK(1), 0);
    script_add(&s, 90, WEFT_RECORD_RESUME, 0, 0, TASK(4), 0);
    script_add(&s, 95, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, TASK(4), 0);
    script_add(&s, 100, WEFT_RECORD_CALLBACK_BEGIN, WEFT_HANDLE_CALL_SOON, 0,
               weft_id(WEFT_ENTITY_CALLBACK, 0, 1), 0);
    script_add(&s, 20000100, WEFT_RECORD_CALLBACK_END, WEFT_HANDLE_CALL_SOON, 0,
               weft_id(WEFT_ENTITY_CALLBACK, 0, 1), 0);
    weft_model *model = script_model(&s);
    assert_headline(model, 31, WEFT_WHOLE_MOMENT,
                    "Task-2 runs at once: main goes on when it first waits, or ends.");
    assert_headline(model, 41, WEFT_WHOLE_MOMENT, "Task-2 awaits future 1: main goes on.");
    assert_headline(model, 61, WEFT_WHOLE_MOMENT,
                    "Task-3 is to be cancelled, and is in the ready queue already.");
    assert_headline(model, 70, WEFT_WHOLE_MOMENT,
                    "main sets the error of future 1, which Task-2 awaits.");
    assert_headline(model, 90, WEFT_WHOLE_MOMENT,
                    "Task-4 runs: it was in the ready queue for 40 ns.");
    assert_headline(model, 20000100, WEFT_WHOLE_MOMENT,
                    "The callback returns after 20.0 ms: it held the loop.");
    weft_model_free(model);
}

/* What a thread did is in its own ring. */
static void test_threads(void)
{
    const uint64_t job = weft_id(WEFT_ENTITY_JOB, 0, 1), thread = weft_id(WEFT_ENTITY_THREAD, 1, 1);
    struct script s = script_with_main();
    struct weft_record work[] = {
        { .time = 0, .kind = WEFT_RECORD_THREAD, .subject = thread, .object = 7 },
        { .time = 40000100, .kind = WEFT_RECORD_WORK_BEGIN, .subject = job, .object = thread },
        { .time = 70000100,
          .kind = WEFT_RECORD_WORK_END,
          .detail = WEFT_OUTCOME_RESULT,
          .subject = job },
    };
    script_add(&s, 100, WEFT_RECORD_WORK_SUBMIT, 0, 0, job, 2);
    script_name(&s, 100, job, "resize");
    script_add(&s, 200, WEFT_RECORD_SUSPEND, WEFT_AWAIT_JOB, 0, TASK(1), job);
    script_add(&s, 80000000, WEFT_RECORD_WAKE, WEFT_WAKE_THREAD, 0, TASK(1), job);
    script_cut(&s);
    weft_trace_append(s.trace, 1, work, G_N_ELEMENTS(work));
    weft_model *model = script_model(&s);
    assert_headline(model, 80000000, WEFT_WHOLE_MOMENT,
                    "resize waited 40.0 ms for a thread, ran in thread 1 for 30.0 ms and returned: "
                    "main goes to the ready queue (1st).");
    weft_model_free(model);
}

/* How many lines a step has beside its headline, and the last of them. */
static void assert_lines(weft_model *model, gint64 t, enum weft_replay_detail detail, guint n,
                         const char *last)
{
    g_autoptr(weft_replay) replay = weft_replay_new(model, weft_model_lane_of(model, LOOP));
    struct weft_replay_place place = { t, WEFT_WHOLE_MOMENT };
    struct weft_replay_telling *telling = weft_replay_tell(replay, place, detail, 100);
    g_assert_cmpuint(telling->lines->len, ==, n);
    g_autofree char *told = weft_sentence_text(telling->lines->pdata[n - 1]);
    g_assert_cmpstr(told, ==, last);
    weft_replay_telling_free(telling);
}

/* What only leads up to another is left out of the gist; who of a group failed is said once. */
static void test_gist(void)
{
    const uint64_t group = weft_id(WEFT_ENTITY_GROUP, 0, 1);
    struct script s = script_with_main();
    script_add(&s, 22, WEFT_RECORD_TASK_NEW, 0, 0, TASK(2), TASK(1));
    script_name(&s, 22, TASK(2), "Ada");
    script_add(&s, 22, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, 0, TASK(2), TASK(1));
    script_add(&s, 23, WEFT_RECORD_GROUP_ADD, 0, 0, group, TASK(2));
    script_add(&s, 25, WEFT_RECORD_SUSPEND, WEFT_AWAIT_GROUP, 0, TASK(1), group);
    script_add(&s, 30, WEFT_RECORD_RESUME, 0, 0, TASK(2), 0);
    script_add(&s, 31, WEFT_RECORD_TIMER_SET, 0, 0, TIMER(1), 231);
    script_add(&s, 32, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, 0, TASK(2), TIMER(1));
    script_add(&s, 40, WEFT_RECORD_POLL_BEGIN, 0, 0, LOOP, 191);
    script_add(&s, 300, WEFT_RECORD_POLL_END, 0, 0, LOOP, 0);
    script_add(&s, 301, WEFT_RECORD_TIMER_FIRE, 0, 0, TIMER(1), 0);
    script_add(&s, 302, WEFT_RECORD_READY, WEFT_HANDLE_TIMER, 0, TIMER(1), 0);
    script_add(&s, 303, WEFT_RECORD_CALLBACK_BEGIN, WEFT_HANDLE_TIMER, 0, TIMER(1), 0);
    script_add(&s, 304, WEFT_RECORD_WAKE, WEFT_WAKE_TIMER, 0, TASK(2), TIMER(1));
    script_add(&s, 305, WEFT_RECORD_CALLBACK_END, WEFT_HANDLE_TIMER, 0, TIMER(1), 0);
    script_add(&s, 310, WEFT_RECORD_RESUME, 0, 0, TASK(2), 0);
    script_add(&s, 320, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_ERROR, 0, TASK(2), 0);
    script_add(&s, 321, WEFT_RECORD_READY, WEFT_HANDLE_DONE, 0, group, TASK(2));
    script_add(&s, 322, WEFT_RECORD_CALLBACK_BEGIN, WEFT_HANDLE_DONE, 0, group, TASK(2));
    script_add(&s, 323, WEFT_RECORD_GROUP_DONE, WEFT_OUTCOME_ERROR, 0, group, 1);
    script_add(&s, 324, WEFT_RECORD_WAKE, WEFT_WAKE_GROUP, 0, TASK(1), group);
    script_add(&s, 325, WEFT_RECORD_CALLBACK_END, WEFT_HANDLE_DONE, 0, group, 0);
    script_add(&s, 330, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    script_add(&s, 340, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, 0, TASK(1), 0);
    weft_model *model = script_model(&s);
    assert_headline(model, 32, WEFT_WHOLE_MOMENT,
                    "Ada awaits sleep(200 ns): due at 231 ns; nothing is ready, the loop polls for "
                    "up to 199 ns.");
    assert_lines(model, 32, WEFT_REPLAY_WHOLE, 2, "Ada sets a timer for 200 ns.");
    assert_lines(model, 32, WEFT_REPLAY_GIST, 1,
                 "Ada runs: it was first in the ready queue, where it spent 8 ns.");
    assert_headline(model, 303, WEFT_WHOLE_MOMENT, "The loop calls the timer callback of Ada.");
    assert_lines(model, 320, WEFT_REPLAY_WHOLE, 7,
                 "Ada runs: it was first in the ready queue, where it spent 6 ns.");
    assert_lines(model, 320, WEFT_REPLAY_GIST, 3,
                 "Ada runs: it was first in the ready queue, where it spent 6 ns.");
    assert_headline(model, 323, WEFT_WHOLE_MOMENT, "The gather of 1 is over: Ada failed first.");
    assert_headline(model, 324, WEFT_WHOLE_MOMENT,
                    "Ada failed first: main goes to the ready queue (1st).");
    assert_lines(model, 340, WEFT_REPLAY_WHOLE, 5,
                 "main runs: it was first in the ready queue, where it spent 6 ns.");
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
        "Task-2 is to be cancelled, and goes to the ready queue (where is unknown: events lost).");
    weft_model_free(model);
}

/* Who waited for a lock since long ago does not find it free. */
static void test_waited_long(void)
{
    struct script s = script_with_main();
    script_name(&s, 21, LOCK, "fork");
    script_add(&s, 22, WEFT_RECORD_TASK_NEW, 0, 0, TASK(2), TASK(1));
    script_add(&s, 23, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_ACQUIRE, 0, LOCK, 1);
    script_add(&s, 24, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, 0, TASK(1), 0);
    script_add(&s, 30, WEFT_RECORD_RESUME, 0, 0, TASK(2), 0);
    script_add(&s, 31, WEFT_RECORD_SUSPEND, WEFT_AWAIT_LOCK, 0, TASK(2), LOCK);
    script_cut(&s);
    script_add(&s, 40, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    script_add(&s, 41, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, 0, TASK(1), 0);
    script_cut(&s);
    script_add(&s, 50, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    script_add(&s, 51, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_RELEASE, 0, LOCK, 0);
    script_add(&s, 52, WEFT_RECORD_WAKE, WEFT_WAKE_RESOURCE, 0, TASK(2), TASK(1));
    script_add(&s, 53, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, 0, TASK(1), 0);
    script_add(&s, 60, WEFT_RECORD_RESUME, 0, 0, TASK(2), 0);
    script_add(&s, 61, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_ACQUIRE, 0, LOCK, 1);
    script_add(&s, 62, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_RELEASE, 0, LOCK, 0);
    weft_model *model = script_model(&s);
    assert_headline(model, 23, WEFT_WHOLE_MOMENT, "main takes lock fork: it was free.");
    assert_headline(model, 61, WEFT_WHOLE_MOMENT, "Task-2 takes lock fork.");
    weft_model_free(model);
}

/* How long a sleep is that began before recording did is unknown; what is left of it is not that.
 */
static void test_told_amid_its_sleep(void)
{
    const struct weft_ext_task sleeps = { .why = WEFT_AWAIT_TIMER };
    const struct weft_ext_object timer = { .deadline_mono_ns = 500 };
    struct script s = script_new();
    script_add(&s, 0, WEFT_RECORD_LOOP_OPEN, 0, 0, LOOP, 1);
    script_add(&s, 10, WEFT_RECORD_SNAPSHOT, 0, 0, LOOP, 1);
    script_add_ext(&s, 10, WEFT_RECORD_OBJECT_IS, 0, 0, TIMER(1), TASK(2), &timer);
    script_add_ext(&s, 10, WEFT_RECORD_TASK_IS, WEFT_TOLD_WAITING, 0, TASK(2), TIMER(1), &sleeps);
    script_add(&s, 20, WEFT_RECORD_TASK_NEW, 0, 0, TASK(3), 0);
    script_add(&s, 30, WEFT_RECORD_RESUME, 0, 0, TASK(3), 0);
    script_add(&s, 40, WEFT_RECORD_TIMER_SET, 0, 0, TIMER(2), 600);
    script_add(&s, 50, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, 0, TASK(3), TIMER(2));
    script_add(&s, 60, WEFT_RECORD_TASK_NEW, 0, 0, TASK(4), 0);
    script_add(&s, 61, WEFT_RECORD_RESUME, 0, 0, TASK(4), 0);
    script_add(&s, 70, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TASK, 0, TASK(4), TASK(2));
    script_add(&s, 71, WEFT_RECORD_RESUME, 0, 0, TASK(4), 0);
    script_add(&s, 80, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TASK, 0, TASK(4), TASK(3));
    weft_model *model = script_model(&s);
    assert_headline(model, 70, WEFT_WHOLE_MOMENT,
                    "Task-4 awaits Task-2, which itself awaits a timer: who is next is unknown "
                    "(not recorded).");
    assert_headline(model, 80, WEFT_WHOLE_MOMENT,
                    "Task-4 awaits Task-3, which itself awaits sleep(550 ns): who is next is "
                    "unknown (not recorded).");
    weft_model_free(model);
}

/* What a loop's events say, a line each. */
static char *loop_told(weft_model *model, uint64_t loop)
{
    g_autoptr(weft_replay) replay = weft_replay_new(model, weft_model_lane_of(model, loop));
    struct weft_replay_place place = { -1, WEFT_WHOLE_MOMENT };
    GString *text = g_string_new(NULL);
    while (weft_replay_step(replay, place, WEFT_REPLAY_EVENT, 1, &place)) {
        struct weft_replay_telling *telling = weft_replay_tell(replay, place, WEFT_REPLAY_WHOLE, 0);
        g_autofree char *told = weft_sentence_text(telling->headline);
        g_string_append_printf(text, "%s\n", told);
        weft_replay_telling_free(telling);
    }
    return g_string_free(text, FALSE);
}

/* How the process begins and ends is told by its first loop and its last; what is between two, by
 * the second. */
static void test_process(void)
{
    const uint64_t process = weft_id(WEFT_ENTITY_PROCESS, 0, 1),
                   second = weft_id(WEFT_ENTITY_LOOP, 0, 2);
    struct script s = script_new();
    uint32_t hello = script_string(&s, "hello");
    script_add(&s, 5, WEFT_RECORD_PROCESS, 0, 0, process, hello);
    script_add(&s, 10, WEFT_RECORD_LOOP_OPEN, 0, 0, LOOP, 7);
    script_add(&s, 20, WEFT_RECORD_LOOP_CLOSE, 0, 0, LOOP, 0);
    script_add(&s, 25, WEFT_RECORD_COUNTER, 0, 0, weft_id(WEFT_ENTITY_COUNTER, 0, 1), 5);
    script_cut(&s);
    script_add(&s, 30, WEFT_RECORD_LOOP_OPEN, 0, 0, second, 7);
    script_add(&s, 40, WEFT_RECORD_LOOP_CLOSE, 0, 0, second, 0);
    script_add(&s, 50, WEFT_RECORD_PROCESS_EXIT, WEFT_EXIT_SIGNAL, 0, process, 9);
    weft_model *model = script_model(&s);
    g_autofree char *first = loop_told(model, LOOP), *last = loop_told(model, second);
    g_assert_cmpstr(first, ==,
                    "hello (pid 0) starts recording.\n"
                    "Loop 1 opens on thread 7.\n"
                    "Loop 1 closes.\n");
    g_assert_cmpstr(last, ==,
                    "Counter 1 = 5.\n"
                    "Loop 2 opens on thread 7.\n"
                    "Loop 2 closes.\n"
                    "The program is killed by SIGKILL.\n");
    weft_model_free(model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/narrative/places", test_places);
    g_test_add_func("/narrative/clauses", test_clauses);
    g_test_add_func("/narrative/timeout", test_timeout);
    g_test_add_func("/narrative/parties", test_parties);
    g_test_add_func("/narrative/turns", test_turns);
    g_test_add_func("/narrative/waited-long", test_waited_long);
    g_test_add_func("/narrative/told-of-amid-its-sleep", test_told_amid_its_sleep);
    g_test_add_func("/narrative/threads", test_threads);
    g_test_add_func("/narrative/process", test_process);
    g_test_add_func("/narrative/gist", test_gist);
    g_test_add_func("/narrative/places-lost", test_places_lost);
    return g_test_run();
}
