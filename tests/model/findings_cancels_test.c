/* findings_cancels_test.c: how tasks take to being cancelled: cancel-swallowed, cancel-slow,
 * timeout-fired. */
#include "tests/model/trouble.h"

#define FUTURE(n)  weft_id(WEFT_ENTITY_FUTURE, 0, n)
#define TIMEOUT(n) weft_id(WEFT_ENTITY_TIMEOUT, 0, n)

static void request(struct script *s, double ms, unsigned task, uint64_t by)
{
    weft_trace_define_site(s->trace, 40, "src/app.c", "work", 40);
    script_add(s, MS(ms), WEFT_RECORD_CANCEL_REQUEST, 0, 40, TASK(task), by);
    wake(s, ms, task, WEFT_WAKE_CANCEL, by);
}

static void deliver(struct script *s, double ms, unsigned task)
{
    resume(s, ms, task);
    script_add(s, MS(ms), WEFT_RECORD_CANCEL_DELIVER, 0, 0, TASK(task), 0);
}

static void uncancel(struct script *s, double ms, unsigned task, guint left)
{
    script_add(s, MS(ms), WEFT_RECORD_UNCANCEL, 0, 0, TASK(task), left);
}

/* main makes parse, which waits, and cancels it; parse has it delivered at 4 ms. */
static void cancel_parse(struct script *s)
{
    make_task(s, 1, 2, "parse");
    suspend(s, 2, 1, WEFT_AWAIT_YIELD, 0, 10);
    resume(s, 2, 2);
    suspend(s, 3, 2, WEFT_AWAIT_FUTURE, FUTURE(1), 20);
    resume(s, 3, 1);
    request(s, 3, 2, TASK(1));
    suspend(s, 4, 1, WEFT_AWAIT_TASK, TASK(2), 11);
    deliver(s, 4, 2);
}

/* ---- cancel-swallowed ---- */

static void swallow(struct script *s)
{
    cancel_parse(s);
    done(s, 5, 2, WEFT_OUTCOME_RESULT);
}

static void obey(struct script *s)
{
    cancel_parse(s);
    done(s, 5, 2, WEFT_OUTCOME_CANCELLED);
}

static void fail_instead(struct script *s)
{
    cancel_parse(s);
    done(s, 5, 2, WEFT_OUTCOME_ERROR);
}

/* What a timeout does, and a group. */
static void take_back(struct script *s)
{
    cancel_parse(s);
    uncancel(s, 4.5, 2, 0);
    done(s, 5, 2, WEFT_OUTCOME_RESULT);
}

/* One of two requests is still there. */
static void take_one_back(struct script *s)
{
    cancel_parse(s);
    request(s, 4.2, 2, TASK(1));
    uncancel(s, 4.5, 2, 1);
    done(s, 5, 2, WEFT_OUTCOME_RESULT);
}

/* The request came when parse was about to end: it never heard of it. */
static void too_late(struct script *s)
{
    make_task(s, 1, 2, "parse");
    request(s, 1, 2, TASK(1));
    suspend(s, 2, 1, WEFT_AWAIT_YIELD, 0, 10);
    resume(s, 2, 2);
    done(s, 3, 2, WEFT_OUTCOME_RESULT);
}

static void swallow_across_a_loss(struct script *s)
{
    cancel_parse(s);
    script_lose(s, 3);
    done(s, 5, 2, WEFT_OUTCOME_RESULT);
}

static void test_swallowed(void)
{
    static const char said[] = "cancel-swallowed warning: parse was cancelled by main at app.c:40, "
                               "and ended as if it had not been.\n";
    assert_findings(swallow, said);
    assert_findings(take_one_back, said);
    assert_findings(obey, "");
    assert_findings(fail_instead, "");
    assert_findings(take_back, "");
    assert_findings(too_late, "");
    assert_findings(swallow_across_a_loss,
                    "events-lost warning: 3 events were lost between 4.0 ms and 5.0 ms: what "
                    "happened there is not known.\n");
}

/* ---- cancel-slow ---- */

/* parse's cleanup waits twice, and ends `took` ms after the request. */
static void clean_up(struct script *s, double took)
{
    cancel_parse(s);
    suspend(s, 5, 2, WEFT_AWAIT_FUTURE, FUTURE(2), 21);
    poll(s, 5, 9);
    wake(s, 9, 2, WEFT_WAKE_FUTURE, FUTURE(2));
    resume(s, 9, 2);
    suspend(s, 10, 2, WEFT_AWAIT_FUTURE, FUTURE(3), 22);
    poll(s, 10, 3 + took - 1);
    wake(s, 3 + took - 1, 2, WEFT_WAKE_FUTURE, FUTURE(3));
    resume(s, 3 + took - 1, 2);
    done(s, 3 + took, 2, WEFT_OUTCOME_CANCELLED);
}

static void end_slowly(struct script *s)
{
    clean_up(s, 1000);
}

static void end_just_in_time(struct script *s)
{
    clean_up(s, 999);
}

static void do_not_end(struct script *s)
{
    cancel_parse(s);
    suspend(s, 5, 2, WEFT_AWAIT_FUTURE, FUTURE(2), 21);
}

/* It went on: that is no end, and no slow one. */
static void go_on(struct script *s)
{
    cancel_parse(s);
    uncancel(s, 4.5, 2, 0);
    suspend(s, 5, 2, WEFT_AWAIT_FUTURE, FUTURE(2), 21);
    poll(s, 5, 3000);
    wake(s, 3000, 2, WEFT_WAKE_FUTURE, FUTURE(2));
    resume(s, 3000, 2);
    done(s, 3001, 2, WEFT_OUTCOME_RESULT);
}

/* A controller had the loop stand still meanwhile. */
static void end_slowly_paused(struct script *s)
{
    cancel_parse(s);
    suspend(s, 5, 2, WEFT_AWAIT_FUTURE, FUTURE(2), 21);
    script_add(s, MS(6), WEFT_RECORD_CONTROL, WEFT_CONTROL_PAUSED, 0, LOOP, 0);
    script_add(s, MS(2000), WEFT_RECORD_CONTROL, WEFT_CONTROL_RESUMED, 0, LOOP, 0);
    wake(s, 2001, 2, WEFT_WAKE_FUTURE, FUTURE(2));
    resume(s, 2001, 2);
    done(s, 2002, 2, WEFT_OUTCOME_CANCELLED);
}

static void end_slowly_across_a_loss(struct script *s)
{
    cancel_parse(s);
    suspend(s, 5, 2, WEFT_AWAIT_FUTURE, FUTURE(2), 21);
    script_lose(s, 3);
    wake(s, 2001, 2, WEFT_WAKE_FUTURE, FUTURE(2));
    resume(s, 2001, 2);
    done(s, 2002, 2, WEFT_OUTCOME_CANCELLED);
}

static void test_slow(void)
{
    assert_findings(end_slowly,
                    "cancel-slow warning: parse was asked to cancel and took 1.00 s to end: its "
                    "cleanup waited for future 3 at app.c:22 for 992 ms.\n");
    assert_findings(end_just_in_time, "");
    assert_findings_at(do_not_end, 2003, FALSE,
                       "cancel-slow warning, lasts: parse has been asked to cancel for 2.00 s: its "
                       "cleanup has waited for future 2 at app.c:21 for 2.00 s.\n");
    assert_findings_at(do_not_end, 900, FALSE, "");
    assert_findings(go_on, "");
    assert_findings(end_slowly_paused, "");
    assert_findings(end_slowly_across_a_loss,
                    "events-lost warning: 3 events were lost between 5.0 ms and 2.0010 s: what "
                    "happened there is not known.\n");
}

/* ---- timeout-fired ---- */

/* A timeout of main over a wait that began at 2 ms. */
static void time_out(struct script *s, guint n)
{
    weft_trace_define_site(s->trace, 50, "src/app.c", "work", 50);
    for (guint i = 0; i < n; i++) {
        double ms = 1 + 55 * i;
        script_add(s, MS(ms), WEFT_RECORD_TIMEOUT_ENTER, 0, 50, TIMEOUT(i + 1),
                   (uint64_t)MS(ms + 50));
        suspend(s, ms + 1, 1, WEFT_AWAIT_FUTURE, FUTURE(i + 1), 20);
        poll(s, ms + 1, ms + 50);
        script_add(s, MS(ms + 50), WEFT_RECORD_TIMEOUT_EXPIRE, 0, 50, TIMEOUT(i + 1), TASK(1));
        script_add(s, MS(ms + 50), WEFT_RECORD_CANCEL_REQUEST, 0, 50, TASK(1), TIMEOUT(i + 1));
        wake(s, ms + 50, 1, WEFT_WAKE_TIMEOUT, TIMEOUT(i + 1));
        deliver(s, ms + 50, 1);
        uncancel(s, ms + 51, 1, 0);
        script_add(s, MS(ms + 51), WEFT_RECORD_TIMEOUT_EXIT, WEFT_OUTCOME_ERROR, 50, TIMEOUT(i + 1),
                   TASK(1));
    }
}

static void time_out_once(struct script *s)
{
    time_out(s, 1);
}

static void time_out_often(struct script *s)
{
    time_out(s, 3);
}

static void leave_in_time(struct script *s)
{
    script_add(s, MS(1), WEFT_RECORD_TIMEOUT_ENTER, 0, 50, TIMEOUT(1), (uint64_t)MS(50));
    suspend(s, 2, 1, WEFT_AWAIT_FUTURE, FUTURE(1), 20);
    poll(s, 2, 49);
    wake(s, 49, 1, WEFT_WAKE_FUTURE, FUTURE(1));
    resume(s, 49, 1);
    script_add(s, MS(50), WEFT_RECORD_TIMEOUT_EXIT, WEFT_OUTCOME_RESULT, 50, TIMEOUT(1), TASK(1));
}

/* It is left after its first deadline, which was put off. */
static void put_off(struct script *s)
{
    script_add(s, MS(1), WEFT_RECORD_TIMEOUT_ENTER, 0, 50, TIMEOUT(1), (uint64_t)MS(50));
    script_add(s, MS(1), WEFT_RECORD_TIMEOUT_RESCHEDULE, 0, 50, TIMEOUT(1), (uint64_t)MS(90));
    suspend(s, 2, 1, WEFT_AWAIT_FUTURE, FUTURE(1), 20);
    poll(s, 2, 70);
    wake(s, 70, 1, WEFT_WAKE_FUTURE, FUTURE(1));
    resume(s, 70, 1);
    script_add(s, MS(71), WEFT_RECORD_TIMEOUT_EXIT, WEFT_OUTCOME_RESULT, 50, TIMEOUT(1), TASK(1));
}

static void test_timeout(void)
{
    assert_findings(time_out_once, "timeout-fired hint: A timeout at app.c:50 was over while main "
                                   "waited for future 1 at app.c:20, for 49.0 ms by then.\n");
    assert_findings(time_out_often, "timeout-fired hint: A timeout at app.c:50 was over while main "
                                    "waited for future 1 at app.c:20, for 49.0 ms by then; 3 such "
                                    "timeouts, 147 ms in all.\n");
    assert_findings(leave_in_time, "");
    assert_findings(put_off, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/findings/cancel-swallowed", test_swallowed);
    g_test_add_func("/findings/cancel-slow", test_slow);
    g_test_add_func("/findings/timeout-fired", test_timeout);
    return g_test_run();
}
