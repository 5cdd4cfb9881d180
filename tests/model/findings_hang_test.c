/* findings_hang_test.c: tasks that never go on: deadlock, stuck. */
#include "tests/model/trouble.h"

#define SEMAPHORE(n) weft_id(WEFT_ENTITY_SEMAPHORE, 0, n)
#define GROUP(n)     weft_id(WEFT_ENTITY_GROUP, 0, n)
#define EVENT(n)     weft_id(WEFT_ENTITY_EVENT, 0, n)
#define TIMEOUT(n)   weft_id(WEFT_ENTITY_TIMEOUT, 0, n)

/* ---- deadlock ---- */

static void lock_up(struct script *s)
{
    lay_table(s);
    want_both(s);
}

/* Bob gives the knife back first. */
static void almost_lock_up(struct script *s)
{
    lay_table(s);
    resume(s, 5, 2);
    suspend(s, 6, 2, WEFT_AWAIT_LOCK, LOCK(2), 21);
    resume(s, 6, 3);
    use(s, 6.5, LOCK(2), WEFT_RESOURCE_RELEASE, 0);
    suspend(s, 7, 3, WEFT_AWAIT_LOCK, LOCK(1), 31);
}

/* Ada only tries for a while: a way to do it, not a deadlock. */
static void lock_up_with_timeout(struct script *s)
{
    lay_table(s);
    resume(s, 5, 2);
    script_add(s, MS(5), WEFT_RECORD_TIMEOUT_ENTER, 0, 0, TIMEOUT(1), (uint64_t)MS(100));
    suspend(s, 6, 2, WEFT_AWAIT_LOCK, LOCK(2), 21);
    resume(s, 6, 3);
    suspend(s, 7, 3, WEFT_AWAIT_LOCK, LOCK(1), 31);
}

/* Who has the knife now was lost. */
static void lock_up_after_a_loss(struct script *s)
{
    lay_table(s);
    script_cut(s);
    weft_trace_append_gap(s->trace, 0);
    resume(s, 5, 2);
    suspend(s, 6, 2, WEFT_AWAIT_LOCK, LOCK(2), 21);
    resume(s, 6, 3);
    suspend(s, 7, 3, WEFT_AWAIT_LOCK, LOCK(1), 31);
}

static void lock_up_and_be_cancelled(struct script *s)
{
    lock_up(s);
    script_add(s, MS(507), WEFT_RECORD_CANCEL_REQUEST, 0, 0, TASK(3), TASK(1));
    wake(s, 507, 3, WEFT_WAKE_CANCEL, TASK(1));
    resume(s, 508, 3);
    use(s, 508, LOCK(2), WEFT_RESOURCE_RELEASE, 0);
}

static void lock_up_then_lose(struct script *s)
{
    lock_up(s);
    script_cut(s);
    weft_trace_append_gap(s->trace, 0);
    poll(s, 600, 601);
}

/* Eve and Max come later, and wait for what will never be given back. */
static void lock_up_others(struct script *s)
{
    lock_up(s);
    make_task(s, 8, 4, "Eve");
    make_task(s, 8, 5, "Max");
    resume(s, 8, 4);
    suspend(s, 9, 4, WEFT_AWAIT_LOCK, LOCK(1), 31);
    resume(s, 9, 5);
    suspend(s, 10, 5, WEFT_AWAIT_TASK, TASK(4), 32);
}

static void join_each_other(struct script *s)
{
    make_task(s, 1, 2, "Ada");
    make_task(s, 1, 3, "Bob");
    suspend(s, 1, 1, WEFT_AWAIT_EVENT, EVENT(1), 10);
    resume(s, 5, 2);
    suspend(s, 6, 2, WEFT_AWAIT_TASK, TASK(3), 21);
    resume(s, 6, 3);
    suspend(s, 7, 3, WEFT_AWAIT_TASK, TASK(2), 31);
}

/* Both units are held by the two that want one more; in `give`, a third task has one. */
static void share_semaphore(struct script *s, gboolean third)
{
    make_task(s, 1, 2, "Ada");
    make_task(s, 1, 3, "Bob");
    make_object(s, 1, SEMAPHORE(1), "slots", third ? 3 : 2);
    use(s, 1, SEMAPHORE(1), WEFT_RESOURCE_ACQUIRE, third ? 2 : 1);
    if (!third)
        use(s, 1, SEMAPHORE(1), WEFT_RESOURCE_RELEASE, 2);
    suspend(s, 1, 1, WEFT_AWAIT_EVENT, EVENT(1), 10);
    resume(s, 2, 2);
    use(s, 2, SEMAPHORE(1), WEFT_RESOURCE_ACQUIRE, 1);
    suspend(s, 3, 2, WEFT_AWAIT_YIELD, 0, 20);
    resume(s, 3, 3);
    use(s, 3, SEMAPHORE(1), WEFT_RESOURCE_ACQUIRE, 0);
    suspend(s, 4, 3, WEFT_AWAIT_SEMAPHORE, SEMAPHORE(1), 30);
    resume(s, 4, 2);
    suspend(s, 5, 2, WEFT_AWAIT_SEMAPHORE, SEMAPHORE(1), 20);
}

static void exhaust_semaphore(struct script *s)
{
    share_semaphore(s, FALSE);
}

static void nearly_exhaust_semaphore(struct script *s)
{
    share_semaphore(s, TRUE);
}

/* main holds the fork while it awaits those that need it. `quick` is done already: whether the
 * gather still waits is known once the loop has nothing to do. */
static void gather_with_lock(struct script *s, gboolean quick)
{
    make_object(s, 1, LOCK(1), "fork", 1);
    use(s, 1, LOCK(1), WEFT_RESOURCE_ACQUIRE, 1);
    make_task(s, 1, 2, "Ada");
    make_task(s, 1, 3, "Bob");
    script_add(s, MS(1), WEFT_RECORD_OBJECT_NEW, 0, 1, GROUP(1), 2);
    script_add(s, MS(1), WEFT_RECORD_GROUP_ADD, 0, 1, GROUP(1), TASK(2));
    script_add(s, MS(1), WEFT_RECORD_GROUP_ADD, 0, 1, GROUP(1), TASK(3));
    suspend(s, 2, 1, WEFT_AWAIT_GROUP, GROUP(1), 10);
    resume(s, 3, 2);
    if (quick)
        done(s, 4, 2, WEFT_OUTCOME_RESULT);
    else
        suspend(s, 4, 2, WEFT_AWAIT_LOCK, LOCK(1), 20);
    resume(s, 4, 3);
    suspend(s, 5, 3, WEFT_AWAIT_LOCK, LOCK(1), 20);
}

static void gather_those_who_need_it(struct script *s)
{
    gather_with_lock(s, FALSE);
}

static void gather_one_who_is_done(struct script *s)
{
    gather_with_lock(s, TRUE);
}

static void gather_one_who_is_done_and_poll(struct script *s)
{
    gather_with_lock(s, TRUE);
    poll_for_ever(s, 6);
}

/* asyncio.wait() with a timeout: main will go on. */
static void wait_with_timeout(struct script *s)
{
    script_add(s, MS(1), WEFT_RECORD_TIMER_SET, 0, 0, TIMER(1), (uint64_t)MS(1000));
    gather_with_lock(s, FALSE);
}

static void test_deadlock(void)
{
    assert_findings(lock_up, "deadlock error, lasts: " LOCKED_UP ".\n");
    assert_findings(almost_lock_up, "");
    assert_findings(lock_up_with_timeout, "");
    assert_findings(lock_up_after_a_loss, "");
    assert_findings(lock_up_and_be_cancelled,
                    "deadlock error: Ada and Bob waited for each other for 500 ms, until they were "
                    "woken from outside: Ada for lock knife, which Bob held; Bob for lock fork, "
                    "which Ada held.\n");
    assert_findings(lock_up_then_lose,
                    "deadlock error: Ada and Bob waited for each other, until events were "
                    "lost: Ada for lock knife, which Bob held; Bob for lock fork, "
                    "which Ada held.\n");
    assert_findings(lock_up_others,
                    "deadlock error, lasts: " LOCKED_UP "; behind them wait Eve and Max.\n");
    assert_findings(join_each_other, "deadlock error, lasts: Ada and Bob wait for each other: Ada "
                                     "for Bob; Bob for Ada.\n");
    assert_findings(exhaust_semaphore,
                    "deadlock error, lasts: Ada and Bob wait for each other: Ada for semaphore "
                    "slots, which Ada and Bob hold.\n");
    assert_findings(nearly_exhaust_semaphore, "");
}

/* Who waits for itself takes nothing in a wrong order. */
static void test_fix_of_a_deadlock(void)
{
    struct script s = script_with_main();
    weft_trace_define_site(s.trace, 1, "src/app.c", "main", 1);
    exhaust_semaphore(&s);
    weft_model *model = script_model(&s);
    g_autoptr(weft_findings) findings = weft_findings_new(model, NULL);
    weft_findings_advance(findings, 0);
    weft_findings_now(findings, weft_model_end_ns(model), FALSE);
    g_assert_cmpuint(weft_findings_n(findings), ==, 1);
    g_assert_true(g_str_has_prefix(weft_findings_get(findings, 0)->fix,
                                   "Give it back before it is taken again"));
    g_clear_pointer(&findings, weft_findings_free);
    weft_model_free(model);
}

static void test_deadlock_over_group(void)
{
    assert_findings(gather_those_who_need_it,
                    "deadlock error, lasts: main and Ada wait for each other: main for gather of "
                    "2, of which Ada is one; Ada for lock fork, which main holds.\n");
    assert_findings_at(gather_one_who_is_done, 5, FALSE, "");
    assert_findings_at(gather_one_who_is_done_and_poll, 10, FALSE,
                       "deadlock error, lasts: main and Bob wait for each other: main for gather "
                       "of 2, of which Bob is one; Bob for lock fork, which main holds.\n");
    assert_findings(wait_with_timeout, "");
}

/* ---- stuck ---- */

static void await_nobody(struct script *s)
{
    make_object(s, 1, EVENT(1), "ready", 0);
    make_task(s, 1, 2, "Ada");
    suspend(s, 1, 1, WEFT_AWAIT_EVENT, EVENT(1), 10);
    resume(s, 2, 2);
    suspend(s, 3, 2, WEFT_AWAIT_TASK, TASK(1), 20);
    poll_for_ever(s, 4);
}

/* A listener is there: a connection may come, and whoever serves it may set the event. */
static void await_with_listener(struct script *s)
{
    make_object(s, 1, weft_id(WEFT_ENTITY_STREAM, 0, 1), ":8080", 0);
    await_nobody(s);
}

static void await_with_timer(struct script *s)
{
    script_add(s, MS(1), WEFT_RECORD_TIMER_SET, 0, 0, TIMER(1), (uint64_t)MS(90000));
    await_nobody(s);
}

/* Its timer is set for "never": that is no timer. run()'s handle for Ctrl-C brings nothing about.
 */
static void await_with_runner(struct script *s)
{
    make_object(s, 1, weft_id(WEFT_ENTITY_HANDLE, 0, 1), "SIGINT", 0);
    script_add(s, MS(1), WEFT_RECORD_TIMER_SET, 0, 0, TIMER(1), G_MAXINT64);
    await_nobody(s);
}

static void await_with_signal_handler(struct script *s)
{
    make_object(s, 1, weft_id(WEFT_ENTITY_HANDLE, 0, 2), "SIGTERM", 0);
    await_nobody(s);
}

static void await_a_thread(struct script *s)
{
    script_add(s, MS(1), WEFT_RECORD_POST, 0, 0, weft_id(WEFT_ENTITY_CALLBACK, 0, 1), LOOP);
    await_nobody(s);
}

static void await_after_a_loss(struct script *s)
{
    script_cut(s);
    weft_trace_append_gap(s->trace, 0);
    await_nobody(s);
}

/* Another thread may have handed something over, in what was lost of its ring. */
static void await_after_a_thread_s_loss(struct script *s)
{
    const struct weft_record mark = { .time = (uint64_t)MS(1), .kind = WEFT_RECORD_MARK };
    weft_trace_append(s->trace, 1, &mark, 1);
    weft_trace_append_loss(s->trace, 1, 3);
    weft_trace_append(s->trace, 1, &mark, 1);
    await_nobody(s);
}

static void await_yet(struct script *s)
{
    make_object(s, 1, EVENT(1), "ready", 0);
    suspend(s, 1, 1, WEFT_AWAIT_EVENT, EVENT(1), 10);
    poll(s, 2, 3);
    poll_for_ever(s, 4);
}

#define IN_VAIN                                                                                    \
    "main waits in vain for event ready at app.c:10: its loop has no ready task, timer, handle, "  \
    "operation or job left that could bring it about.\n"

static void test_stuck(void)
{
    assert_findings_at(await_nobody, 1004, FALSE, "stuck error, lasts: " IN_VAIN);
    assert_findings_at(await_nobody, 1003, FALSE, "");
    assert_findings_at(await_yet, 1003.9, TRUE, "");
    assert_findings_at(await_with_listener, 9000, TRUE, "");
    assert_findings_at(await_with_timer, 9000, TRUE, "");
    assert_findings_at(await_with_runner, 9000, TRUE, "stuck error, lasts: " IN_VAIN);
    assert_findings_at(await_with_signal_handler, 9000, TRUE, "");
    assert_findings_at(await_a_thread, 9000, TRUE, "");
    assert_findings_at(await_after_a_loss, 9000, TRUE, "");
    assert_findings_at(await_after_a_thread_s_loss, 9000, FALSE,
                       "events-lost warning: 3 events were lost between 1.0 ms and 1.0 ms: what "
                       "happened there is not known.\n");
}

/* Ada ends with the fork in her hand. */
static void end_with_lock(struct script *s)
{
    lay_table(s);
    resume(s, 5, 2);
    done(s, 6, 2, WEFT_OUTCOME_ERROR);
    resume(s, 6, 3);
    suspend(s, 7, 3, WEFT_AWAIT_LOCK, LOCK(1), 31);
    script_add(s, MS(8), WEFT_RECORD_TASK_FREE, 0, 0, TASK(2), 0);
}

static void end_without_lock(struct script *s)
{
    lay_table(s);
    resume(s, 5, 2);
    use(s, 5, LOCK(1), WEFT_RESOURCE_RELEASE, 0);
    done(s, 6, 2, WEFT_OUTCOME_ERROR);
    resume(s, 6, 3);
    suspend(s, 7, 3, WEFT_AWAIT_LOCK, LOCK(1), 31);
}

static void end_with_unit(struct script *s)
{
    make_task(s, 1, 2, "Ada");
    make_task(s, 1, 3, "Bob");
    make_object(s, 1, SEMAPHORE(1), "slots", 1);
    suspend(s, 1, 1, WEFT_AWAIT_EVENT, EVENT(1), 10);
    resume(s, 2, 2);
    use(s, 2, SEMAPHORE(1), WEFT_RESOURCE_ACQUIRE, 0);
    done(s, 3, 2, WEFT_OUTCOME_RESULT);
    resume(s, 3, 3);
    suspend(s, 4, 3, WEFT_AWAIT_SEMAPHORE, SEMAPHORE(1), 30);
}

static void test_stuck_behind_the_gone(void)
{
    assert_findings_at(end_with_lock, 1007, FALSE,
                       "stuck warning, lasts, may: Bob may wait in vain for lock fork at app.c:31: "
                       "Ada, which holds it, has ended.\n");
    assert_findings_at(end_with_lock, 1006.9, FALSE, "");
    assert_findings_at(end_without_lock, 9000, FALSE, "");
    assert_findings_at(end_with_unit, 1004, FALSE,
                       "stuck warning, lasts, may: Bob may wait in vain for semaphore slots at "
                       "app.c:30: Ada, which holds it, has ended.\n");
}

/* Ada waits for an event with the fork in her hand, or for a timer. */
static void hold_and_wait(struct script *s, unsigned await, uint64_t what)
{
    lay_table(s);
    resume(s, 5, 2);
    suspend(s, 6, 2, await, what, 21);
    resume(s, 6, 3);
    suspend(s, 7, 3, WEFT_AWAIT_LOCK, LOCK(1), 31);
    make_task(s, 8, 4, "heart"); /* it goes on: the loop has not come to its end */
}

static void hold_for_an_event(struct script *s)
{
    hold_and_wait(s, WEFT_AWAIT_EVENT, EVENT(2));
}

static void hold_for_data(struct script *s)
{
    hold_and_wait(s, WEFT_AWAIT_READ, 0);
}

static void test_stuck_behind_one_that_waits(void)
{
    assert_findings_at(hold_for_an_event, 1007, FALSE,
                       "stuck warning, lasts, may: Ada holds lock fork while it waits for event 2 "
                       "at app.c:21, which may never come; Bob waits for the lock.\n");
    assert_findings_at(hold_for_an_event, 1006.9, FALSE, "");
    assert_findings_at(hold_for_data, 9000, FALSE, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/findings/deadlock", test_deadlock);
    g_test_add_func("/findings/deadlock/fix", test_fix_of_a_deadlock);
    g_test_add_func("/findings/deadlock/group", test_deadlock_over_group);
    g_test_add_func("/findings/stuck", test_stuck);
    g_test_add_func("/findings/stuck/behind-the-gone", test_stuck_behind_the_gone);
    g_test_add_func("/findings/stuck/behind-one-that-waits", test_stuck_behind_one_that_waits);
    return g_test_run();
}
