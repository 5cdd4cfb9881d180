/* findings_ends_test.c: how tasks come to a bad end: exception-never-retrieved, destroyed-pending,
 * never-started. */
#include "tests/model/trouble.h"

#define EVENT(n)  weft_id(WEFT_ENTITY_EVENT, 0, n)
#define FUTURE(n) weft_id(WEFT_ENTITY_FUTURE, 0, n)

static void close_loop(struct script *s, double ms)
{
    script_add(s, MS(ms), WEFT_RECORD_LOOP_CLOSE, 0, 0, LOOP, 0);
}

/* What the loop says of each task that is pending when it closes. */
static void close_task(struct script *s, double ms, unsigned task)
{
    wake(s, ms, task, WEFT_WAKE_CANCEL, LOOP);
    resume(s, ms, task);
    done(s, ms, task, WEFT_OUTCOME_CANCELLED);
}

/* ---- never-started ---- */

/* main makes parse and returns; the loop closes. */
static void forget_task(struct script *s)
{
    make_task(s, 1, 2, "parse");
    done(s, 2, 1, WEFT_OUTCOME_RESULT);
    close_task(s, 3, 2);
    close_loop(s, 3);
}

/* run() cancels what is left, from outside, before. */
static void forget_task_in_run(struct script *s)
{
    make_task(s, 1, 2, "parse");
    make_task(s, 1, 3, "print");
    done(s, 2, 1, WEFT_OUTCOME_RESULT);
    for (unsigned task = 2; task <= 3; task++)
        script_add(s, MS(3), WEFT_RECORD_CANCEL_REQUEST, 0, 0, TASK(task), 0);
    for (unsigned task = 2; task <= 3; task++) {
        resume(s, 4, task);
        script_add(s, MS(4), WEFT_RECORD_CANCEL_DELIVER, 0, 0, TASK(task), 0);
        done(s, 4, task, WEFT_OUTCOME_CANCELLED);
    }
    close_loop(s, 5);
}

/* Another emitter's loop closes without a word about its tasks. */
static void forget_task_silently(struct script *s)
{
    make_task(s, 1, 2, "parse");
    done(s, 2, 1, WEFT_OUTCOME_RESULT);
    close_loop(s, 3);
}

/* It ran, if only for an instant. */
static void forget_task_that_ran(struct script *s)
{
    make_task(s, 1, 2, "parse");
    done(s, 2, 1, WEFT_OUTCOME_RESULT);
    resume(s, 3, 2);
    done(s, 3, 2, WEFT_OUTCOME_RESULT);
    close_loop(s, 4);
}

/* main itself changed its mind: no fault. So did a callback. */
static void cancel_before_it_runs(struct script *s)
{
    make_task(s, 1, 2, "parse");
    make_task(s, 1, 3, "print");
    script_add(s, MS(2), WEFT_RECORD_CANCEL_REQUEST, 0, 0, TASK(2), TASK(1));
    suspend(s, 2, 1, WEFT_AWAIT_YIELD, 0, 10);
    uint64_t handle = weft_id(WEFT_ENTITY_HANDLE, 0, 2);
    script_add(s, MS(3), WEFT_RECORD_CALLBACK_BEGIN, WEFT_HANDLE_CALL_SOON, 1, handle, 0);
    script_add(s, MS(3), WEFT_RECORD_CANCEL_REQUEST, 0, 0, TASK(3), 0);
    script_add(s, MS(3), WEFT_RECORD_CALLBACK_END, WEFT_HANDLE_CALL_SOON, 0, handle, 0);
    for (unsigned task = 2; task <= 3; task++) {
        resume(s, 4, task);
        script_add(s, MS(4), WEFT_RECORD_CANCEL_DELIVER, 0, 0, TASK(task), 0);
        done(s, 4, task, WEFT_OUTCOME_CANCELLED);
    }
    resume(s, 5, 1);
    done(s, 5, 1, WEFT_OUTCOME_RESULT);
    close_loop(s, 6);
}

/* Whether it ran meanwhile is lost. */
static void forget_task_across_a_loss(struct script *s)
{
    make_task(s, 1, 2, "parse");
    done(s, 2, 1, WEFT_OUTCOME_RESULT);
    script_cut(s);
    weft_trace_append_gap(s->trace, 0);
    close_task(s, 3, 2);
    close_loop(s, 3);
}

static void still_to_run(struct script *s)
{
    make_task(s, 1, 2, "parse");
    suspend(s, 2, 1, WEFT_AWAIT_EVENT, 0, 10);
}

static void test_never_started(void)
{
    assert_findings(forget_task,
                    "never-started warning: parse was created at app.c:1 and never ran: its loop "
                    "ended before.\n");
    assert_findings(forget_task_in_run,
                    "never-started warning: parse was created at app.c:1 and never ran: its loop "
                    "ended before; 1 more likewise.\n");
    assert_findings(forget_task_silently,
                    "never-started warning: parse was created at app.c:1 and never ran: its loop "
                    "ended before.\n");
    assert_findings(forget_task_that_ran, "");
    assert_findings(cancel_before_it_runs, "");
    assert_findings(forget_task_across_a_loss, "");
    assert_findings_at(still_to_run, 3, TRUE, "");
}

/* ---- destroyed-pending ---- */

static void leave_waiting(struct script *s)
{
    make_task(s, 1, 2, "parse");
    script_name(s, MS(1), EVENT(1), "ready");
    suspend(s, 2, 1, WEFT_AWAIT_YIELD, 0, 10);
    resume(s, 3, 2);
    suspend(s, 4, 2, WEFT_AWAIT_EVENT, EVENT(1), 20);
    resume(s, 5, 1);
    done(s, 5, 1, WEFT_OUTCOME_RESULT);
}

static void close_while_waiting(struct script *s)
{
    leave_waiting(s);
    close_task(s, 6, 2);
    close_loop(s, 6);
}

static void free_while_waiting(struct script *s)
{
    leave_waiting(s);
    script_add(s, MS(6), WEFT_RECORD_TASK_FREE, 0, 0, TASK(2), 0);
    close_loop(s, 7);
}

static void free_when_done(struct script *s)
{
    leave_waiting(s);
    wake(s, 6, 2, WEFT_WAKE_RESOURCE, 0);
    resume(s, 6, 2);
    done(s, 6, 2, WEFT_OUTCOME_RESULT);
    script_add(s, MS(6), WEFT_RECORD_TASK_FREE, 0, 0, TASK(2), 0);
    close_loop(s, 7);
}

/* What run() does: cancelled, it ends in order. */
static void cancel_while_waiting(struct script *s)
{
    leave_waiting(s);
    script_add(s, MS(6), WEFT_RECORD_CANCEL_REQUEST, 0, 0, TASK(2), 0);
    wake(s, 6, 2, WEFT_WAKE_CANCEL, 0);
    resume(s, 6, 2);
    script_add(s, MS(6), WEFT_RECORD_CANCEL_DELIVER, 0, 0, TASK(2), 0);
    done(s, 6, 2, WEFT_OUTCOME_CANCELLED);
    close_loop(s, 7);
}

/* It may have ended among what was lost. */
static void free_after_a_loss(struct script *s)
{
    leave_waiting(s);
    script_cut(s);
    weft_trace_append_gap(s->trace, 0);
    script_add(s, MS(6), WEFT_RECORD_TASK_FREE, 0, 0, TASK(2), 0);
    close_loop(s, 7);
}

static void test_destroyed_pending(void)
{
    assert_findings(close_while_waiting,
                    "destroyed-pending error: parse was pending when its loop closed: it waited "
                    "for event ready at app.c:20.\n");
    assert_findings(free_while_waiting,
                    "destroyed-pending error: parse was freed before it was done: it waited for "
                    "event ready at app.c:20.\n");
    assert_findings(free_when_done, "");
    assert_findings(cancel_while_waiting, "");
    assert_findings(free_after_a_loss, "");
    assert_findings_at(leave_waiting, 9, TRUE, "");
}

/* ---- exception-never-retrieved ---- */

static void add_failure(struct script *s, double ms, unsigned kind, uint64_t id)
{
    weft_trace_define_site(s->trace, 33, "src/app.c", "fetch", 33);
    struct weft_ext_error error = { .code = -111,
                                    .name = script_string(s, "ECONNREFUSED"),
                                    .message = script_string(s, "no answer"),
                                    .site = 33 };
    script_add_ext(s, MS(ms), kind, kind == WEFT_RECORD_TASK_DONE ? WEFT_OUTCOME_ERROR : 0, 0, id,
                   0, &error);
}

static void begin_failing(struct script *s)
{
    make_task(s, 1, 2, "fetch");
    done(s, 2, 1, WEFT_OUTCOME_RESULT);
    resume(s, 3, 2);
    add_failure(s, 4, WEFT_RECORD_TASK_DONE, TASK(2));
}

static void fail_unseen(struct script *s)
{
    begin_failing(s);
    script_add(s, MS(5), WEFT_RECORD_TASK_FREE, 0, 0, TASK(2), 0);
    add_failure(s, 5, WEFT_RECORD_ERROR_UNRETRIEVED, TASK(2));
    close_loop(s, 6);
}

static void fail_seen(struct script *s)
{
    begin_failing(s);
    script_add(s, MS(5), WEFT_RECORD_TASK_FREE, 0, 0, TASK(2), 0);
    close_loop(s, 6);
}

/* It is there still when the loop closes. */
static void fail_and_close(struct script *s)
{
    begin_failing(s);
    close_loop(s, 6);
}

/* … but somebody had awaited it; … somebody had a callback on it, as run() has on main. */
static void fail_awaited_and_close(struct script *s)
{
    begin_failing(s);
    wake(s, 4, 1, WEFT_WAKE_TASK, TASK(2));
    make_task(s, 5, 3, "fetch too");
    resume(s, 5, 3);
    add_failure(s, 5, WEFT_RECORD_TASK_DONE, TASK(3));
    script_add(s, MS(5), WEFT_RECORD_READY, WEFT_HANDLE_DONE, 0,
               weft_id(WEFT_ENTITY_CALLBACK, 0, 1), TASK(3));
    close_loop(s, 6);
}

static void fail_lose_and_close(struct script *s)
{
    begin_failing(s);
    script_cut(s);
    weft_trace_append_gap(s->trace, 0);
    close_loop(s, 6);
}

static void fail_many(struct script *s)
{
    suspend(s, 0.5, 1, WEFT_AWAIT_EVENT, 0, 10);
    for (unsigned i = 1; i <= 500; i++)
        add_failure(s, i, WEFT_RECORD_ERROR_UNRETRIEVED, FUTURE(i));
}

static void test_never_retrieved(void)
{
    assert_findings(fail_unseen,
                    "exception-never-retrieved error: fetch failed with ECONNREFUSED at app.c:33 "
                    "(no answer), and nobody ever looked at that.\n");
    assert_findings(fail_seen, "");
    assert_findings(fail_and_close,
                    "exception-never-retrieved warning, may: fetch failed with ECONNREFUSED at "
                    "app.c:33 (no answer), and its loop closed: it may be that nobody ever looked "
                    "at that.\n");
    assert_findings(fail_awaited_and_close, "");
    assert_findings(fail_lose_and_close, "");
    assert_findings(fail_many,
                    "exception-never-retrieved error: Future 1 failed with ECONNREFUSED at "
                    "app.c:33 (no answer), and nobody ever looked at that; 499 more likewise.\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/findings/never-started", test_never_started);
    g_test_add_func("/findings/destroyed-pending", test_destroyed_pending);
    g_test_add_func("/findings/exception-never-retrieved", test_never_retrieved);
    return g_test_run();
}
