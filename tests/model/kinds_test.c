/* kinds_test.c: what is told of each kind of event, one after the other. */
#include "tests/model/script.h"
#include "tracer/model/replay.h"

/* weft_id() as a constant. */
#define ID(kind, n) ((uint64_t)WEFT_ENTITY_##kind << 56 | (n))

/* One event of every kind that a loop's ring may have, and what is told of it. */
static const struct {
    unsigned kind, detail;
    uint64_t subject, object;
    const char *told; /* "=": nothing; that of the event before stays */
} kinds[] = {
    { WEFT_RECORD_ITERATION, 0, ID(LOOP, 1), 9, "Iteration 9: 0 are ready." },
    { WEFT_RECORD_CONTROL, WEFT_CONTROL_PAUSED, ID(LOOP, 1), 0, "The loop is paused." },
    { WEFT_RECORD_CONTROL, WEFT_CONTROL_SLOWED, ID(LOOP, 1), 4, "The loop is slowed ×4." },
    { WEFT_RECORD_CONTROL, WEFT_CONTROL_RESUMED, ID(LOOP, 1), 0, "The loop goes on." },
    { WEFT_RECORD_FORK, 0, ID(PROCESS, 1), 77, "It starts process 77." },
    { WEFT_RECORD_THREAD, 0, ID(THREAD, 2), 78, "thread 2 starts." },
    { WEFT_RECORD_THREAD_EXIT, 0, ID(THREAD, 2), 0, "thread 2 ends." },
    { WEFT_RECORD_POST, 0, ID(CALLBACK, 1), 0, "A thread hands callback 1 to the loop." },
    { WEFT_RECORD_READY, WEFT_HANDLE_CALL_SOON, ID(CALLBACK, 1), 0,
      "The loop puts callback 1 (call_soon) in the ready queue (1st)." },
    { WEFT_RECORD_READY_CANCEL, WEFT_HANDLE_CALL_SOON, ID(CALLBACK, 1), 0,
      "callback 1 is withdrawn from the ready queue." },
    { WEFT_RECORD_CALLBACK_BEGIN, WEFT_HANDLE_CALL_SOON, ID(CALLBACK, 2), 0,
      "The loop calls callback 2 (call_soon)." },
    { WEFT_RECORD_CALLBACK_END, WEFT_HANDLE_CALL_SOON, ID(CALLBACK, 2), 0,
      "The callback returns after 10 ns." },
    { WEFT_RECORD_RESUME, 0, ID(TASK, 1), 0, "main runs." },
    { WEFT_RECORD_TASK_NEW, 0, ID(TASK, 2), ID(TASK, 1),
      "main creates Task-2: it goes to the end of the ready queue; main goes on." },
    { WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, ID(TASK, 2), ID(TASK, 1), "=" },
    { WEFT_RECORD_OBJECT_NEW, 0, ID(LOCK, 1), 0, "main creates lock 1." },
    { WEFT_RECORD_RESOURCE, WEFT_RESOURCE_ACQUIRE, ID(LOCK, 1), 0, "main takes lock 1." },
    { WEFT_RECORD_RESOURCE, WEFT_RESOURCE_RELEASE, ID(LOCK, 1), 0, "main releases lock 1." },
    { WEFT_RECORD_OBJECT_FREE, 0, ID(LOCK, 1), 1, "lock 1 is freed: 1 still waits for it." },
    { WEFT_RECORD_GROUP_ADD, 0, ID(GROUP, 1), ID(TASK, 2), "Task-2 joins gather of 1 (1 of 1)." },
    { WEFT_RECORD_GROUP_DONE, WEFT_OUTCOME_RESULT, ID(GROUP, 1), 1, "The gather of 1 is done." },
    { WEFT_RECORD_TIMER_SET, 0, ID(TIMER, 1), 500, "main sets a timer for 190 ns." },
    { WEFT_RECORD_TIMER_CANCEL, 0, ID(TIMER, 1), 0,
      "The timer is cancelled, 180 ns before it was due." },
    { WEFT_RECORD_TIMEOUT_ENTER, 0, ID(TIMEOUT, 1), 400,
      "main gives itself 70 ns (until 400 ns)." },
    { WEFT_RECORD_TIMEOUT_RESCHEDULE, 0, ID(TIMEOUT, 1), 450,
      "main moves its deadline to 450 ns, 110 ns from now." },
    { WEFT_RECORD_TIMEOUT_EXIT, WEFT_OUTCOME_RESULT, ID(TIMEOUT, 1), ID(TASK, 1),
      "main is done in time, 100 ns to spare." },
    { WEFT_RECORD_OP_START, WEFT_OP_WRITE, ID(OP, 1), ID(STREAM, 1),
      "main starts write on stream 1." },
    { WEFT_RECORD_OP_END, WEFT_OP_WRITE, ID(OP, 1), 12, "The write ends after 10 ns: 12." },
    { WEFT_RECORD_WORK_SUBMIT, 0, ID(JOB, 1), 1,
      "main hands job 1 to the thread pool, behind 1 other." },
    { WEFT_RECORD_WORK_BEGIN, 0, ID(JOB, 1), ID(THREAD, 2), "thread 2 starts job 1." },
    { WEFT_RECORD_FUTURE_DONE, WEFT_OUTCOME_RESULT, ID(FUTURE, 1), 0,
      "main sets the result of future 1." },
    { WEFT_RECORD_ERROR_UNRETRIEVED, 0, ID(FUTURE, 1), 0,
      "future 1 failed, and nobody ever looked." },
    { WEFT_RECORD_COUNTER, 0, ID(COUNTER, 1), 5, "counter 1 = 5." },
    { WEFT_RECORD_COUNTER, 0, ID(COUNTER, 1), 7, "counter 1 = 7 (was 5)." },
    { WEFT_RECORD_CANCEL_REQUEST, 0, ID(TASK, 2), ID(TASK, 1),
      "main asks to cancel Task-2: it gets that when it next runs." },
    { WEFT_RECORD_UNCANCEL, 0, ID(TASK, 2), 0, "Task-2 takes back the request to cancel it." },
    { WEFT_RECORD_TASK_FREE, 0, ID(TASK, 2), 0, "Task-2 is destroyed before it was done." },
    { WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, ID(TASK, 1), 0,
      "main steps back to the end of the ready queue: it is next again." },
    { WEFT_RECORD_POLL_BEGIN, 0, ID(LOOP, 1), 1000,
      "The loop sleeps until I/O, or the next timer in 1.00 µs." },
    { WEFT_RECORD_POLL_END, 0, ID(LOOP, 1), 2, "The loop wakes after 10 ns: 2 events." },
    { WEFT_RECORD_TIMER_FIRE, 0, ID(TIMER, 2), 0, "The timer fires." },
    { WEFT_RECORD_SNAPSHOT, 0, ID(LOOP, 1), 2,
      "Recording begins here, in the middle of the run: 2 tasks were already alive." },
    { WEFT_RECORD_RESUME, 0, ID(TASK, 1), 0,
      "main runs: it was first in the ready queue, where it spent 50 ns." },
    { WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, ID(TASK, 1), 0,
      "main is done: who is next is unknown (not recorded)." },
    { WEFT_RECORD_TASK_FREE, 0, ID(TASK, 1), 0, "" },
    { WEFT_RECORD_OBJECT_IS, 0, ID(LOCK, 2), ID(TASK, 1),
      "main holds lock 2 as recording begins." },
    { WEFT_RECORD_TASK_IS, WEFT_TOLD_WAITING, ID(TASK, 1), ID(LOCK, 3), "=" },
    { WEFT_RECORD_LOOP_CLOSE, 0, ID(LOOP, 1), 1, "The loop closes: 1 task was never done." },
};

static void test_every_kind(void)
{
    struct script s = script_with_main();
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        script_add(&s, 100 + 10 * i, kinds[i].kind, kinds[i].detail, 0, kinds[i].subject,
                   kinds[i].object);
    weft_model *model = script_model(&s);
    g_autoptr(weft_replay) replay = weft_replay_new(model, weft_model_lane_of(model, LOOP));
    const char *expected = NULL;
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        struct weft_replay_place place = { 100 + 10 * i, WEFT_WHOLE_MOMENT };
        struct weft_replay_telling *telling = weft_replay_tell(replay, place, 4);
        g_autofree char *told = telling->headline ? weft_sentence_text(telling->headline)
                                                  : g_strdup("");
        expected = g_str_equal(kinds[i].told, "=") ? expected : kinds[i].told;
        g_assert_cmpstr(told, ==, expected);
        weft_replay_telling_free(telling);
    }
    weft_model_free(model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kinds/every", test_every_kind);
    return g_test_run();
}
