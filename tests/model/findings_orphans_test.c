/* findings_orphans_test.c: orphaned-work: what a gather left behind, and who may still look at it.
 */
#include "tests/model/trouble.h"

#define GROUP     weft_id(WEFT_ENTITY_GROUP, 0, 1)
#define FUTURE(n) weft_id(WEFT_ENTITY_FUTURE, 0, n)

static void add_to_group(struct script *s, double ms, uint64_t group, unsigned task)
{
    script_add(s, MS(ms), WEFT_RECORD_GROUP_ADD, 0, 30, group, TASK(task));
}

/* main awaits good and bad together; bad fails at 5 ms, and main goes on at 6. */
static void gather(struct script *s)
{
    weft_trace_define_site(s->trace, 30, "src/app.c", "work", 30);
    make_task(s, 1, 2, "good");
    make_task(s, 1, 3, "bad");
    script_add(s, MS(1), WEFT_RECORD_OBJECT_NEW, 0, 30, GROUP, 2);
    add_to_group(s, 1, GROUP, 2);
    add_to_group(s, 1, GROUP, 3);
    suspend(s, 2, 1, WEFT_AWAIT_GROUP, GROUP, 30);
    resume(s, 2, 2);
    suspend(s, 3, 2, WEFT_AWAIT_FUTURE, FUTURE(1), 20);
    resume(s, 3, 3);
    done(s, 5, 3, WEFT_OUTCOME_ERROR);
    script_add(s, MS(5), WEFT_RECORD_GROUP_DONE, WEFT_OUTCOME_ERROR, 0, GROUP, 1);
    wake(s, 5, 1, WEFT_WAKE_GROUP, GROUP);
}

static void return_to_main(struct script *s)
{
    gather(s);
    resume(s, 6, 1);
}

static void end_good(struct script *s, double ms)
{
    wake(s, ms, 2, WEFT_WAKE_FUTURE, FUTURE(1));
    resume(s, ms, 2);
    done(s, ms, 2, WEFT_OUTCOME_RESULT);
}

static void free_good(struct script *s, double ms)
{
    script_add(s, MS(ms), WEFT_RECORD_TASK_FREE, 0, 0, TASK(2), 0);
}

/* Its gather calls back, then nobody has it any more. */
static void leave(struct script *s)
{
    return_to_main(s);
    suspend(s, 7, 1, WEFT_AWAIT_FUTURE, FUTURE(2), 31);
    end_good(s, 50);
    script_add(s, MS(50), WEFT_RECORD_CALLBACK_BEGIN, WEFT_HANDLE_DONE, 0, GROUP, TASK(2));
    script_add(s, MS(50), WEFT_RECORD_CALLBACK_END, WEFT_HANDLE_DONE, 0, GROUP, 0);
    free_good(s, 50);
}

static void end_before_main(struct script *s)
{
    gather(s);
    end_good(s, 5.5);
    resume(s, 6, 1);
    free_good(s, 7);
}

static void await_later(struct script *s)
{
    return_to_main(s);
    suspend(s, 7, 1, WEFT_AWAIT_TASK, TASK(2), 31);
    end_good(s, 50);
    free_good(s, 50);
}

/* It is done when main looks: that leaves no trace. */
static void look_later(struct script *s)
{
    return_to_main(s);
    suspend(s, 7, 1, WEFT_AWAIT_FUTURE, FUTURE(2), 31);
    end_good(s, 50);
    wake(s, 51, 1, WEFT_WAKE_FUTURE, FUTURE(2));
    resume(s, 51, 1);
    free_good(s, 52);
}

static void gather_again(struct script *s)
{
    return_to_main(s);
    add_to_group(s, 6, GROUP + 1, 2);
    suspend(s, 7, 1, WEFT_AWAIT_GROUP, GROUP + 1, 31);
    end_good(s, 50);
    free_good(s, 50);
}

static void cancel_it(struct script *s)
{
    return_to_main(s);
    script_add(s, MS(6), WEFT_RECORD_CANCEL_REQUEST, 0, 30, TASK(2), TASK(1));
    suspend(s, 7, 1, WEFT_AWAIT_FUTURE, FUTURE(2), 31);
    end_good(s, 50);
    free_good(s, 50);
}

static void call_back(struct script *s)
{
    return_to_main(s);
    suspend(s, 7, 1, WEFT_AWAIT_FUTURE, FUTURE(2), 31);
    end_good(s, 50);
    script_add(s, MS(50), WEFT_RECORD_CALLBACK_BEGIN, WEFT_HANDLE_DONE, 0,
               weft_id(WEFT_ENTITY_CALLBACK, 0, 1), TASK(2));
    script_add(s, MS(50), WEFT_RECORD_CALLBACK_END, WEFT_HANDLE_DONE, 0,
               weft_id(WEFT_ENTITY_CALLBACK, 0, 1), 0);
    free_good(s, 50);
}

/* main ends, and the ending loop cancels what is left. */
static void end_with_main(struct script *s)
{
    return_to_main(s);
    done(s, 7, 1, WEFT_OUTCOME_ERROR);
    script_add(s, MS(17), WEFT_RECORD_CANCEL_REQUEST, 0, 0, TASK(2), 0);
}

static void leave_across_a_loss(struct script *s)
{
    return_to_main(s);
    suspend(s, 7, 1, WEFT_AWAIT_FUTURE, FUTURE(2), 31);
    script_lose(s, 1);
    end_good(s, 50);
    free_good(s, 50);
}

static void shield(struct script *s)
{
    make_object(s, 1, GROUP + 2, "shield", 1);
    add_to_group(s, 1, GROUP + 2, 2);
}

/* good is let go on: main is cancelled while it awaits the shield. */
static void leave_shielded(struct script *s)
{
    make_task(s, 1, 2, "good");
    shield(s);
    suspend(s, 2, 1, WEFT_AWAIT_GROUP, GROUP + 2, 30);
    resume(s, 2, 2);
    suspend(s, 3, 2, WEFT_AWAIT_FUTURE, FUTURE(1), 20);
    script_add(s, MS(4), WEFT_RECORD_CANCEL_REQUEST, 0, 0, TASK(1), 0);
    script_add(s, MS(4), WEFT_RECORD_GROUP_DONE, WEFT_OUTCOME_CANCELLED, 0, GROUP + 2, 0);
    wake(s, 4, 1, WEFT_WAKE_CANCEL, 0);
    resume(s, 5, 1);
    script_add(s, MS(5), WEFT_RECORD_CANCEL_DELIVER, 0, 0, TASK(1), 0);
    done(s, 6, 1, WEFT_OUTCOME_CANCELLED);
    end_good(s, 50);
    free_good(s, 50);
}

/* The gather's member is the shield, which it leaves; good is in it. */
static void leave_shielded_in_gather(struct script *s)
{
    make_task(s, 1, 2, "good");
    make_task(s, 1, 3, "bad");
    shield(s);
    make_object(s, 1, GROUP, "gather", 2);
    script_add(s, MS(1), WEFT_RECORD_GROUP_ADD, 0, 30, GROUP, GROUP + 2);
    add_to_group(s, 1, GROUP, 3);
    suspend(s, 2, 1, WEFT_AWAIT_GROUP, GROUP, 30);
    resume(s, 2, 2);
    suspend(s, 3, 2, WEFT_AWAIT_FUTURE, FUTURE(1), 20);
    resume(s, 3, 3);
    done(s, 5, 3, WEFT_OUTCOME_ERROR);
    script_add(s, MS(5), WEFT_RECORD_GROUP_DONE, WEFT_OUTCOME_ERROR, 0, GROUP, 1);
    wake(s, 5, 1, WEFT_WAKE_GROUP, GROUP);
    resume(s, 6, 1);
    suspend(s, 7, 1, WEFT_AWAIT_FUTURE, FUTURE(2), 31);
    end_good(s, 50);
    script_add(s, MS(50), WEFT_RECORD_GROUP_DONE, WEFT_OUTCOME_RESULT, 0, GROUP + 2, 1);
    free_good(s, 50);
}

static void test_orphans(void)
{
    assert_findings(leave, "orphaned-work warning: good went on for 45.0 ms after gather of 2 at "
                           "app.c:30 had returned, and nobody awaited it any more.\n");
    assert_findings(end_with_main,
                    "orphaned-work warning: good went on for 12.0 ms after gather of 2 "
                    "at app.c:30 had returned, and nobody awaited it any more.\n");
    assert_findings(end_before_main, "");
    assert_findings(await_later, "");
    assert_findings(look_later, "");
    assert_findings(gather_again, "");
    assert_findings(cancel_it, "");
    assert_findings(call_back, "");
    assert_findings(leave_shielded, "");
    assert_findings(leave_shielded_in_gather, "");
    assert_findings(leave_across_a_loss,
                    "events-lost warning: 1 event was lost between 7.0 ms and 50.0 ms: what "
                    "happened there is not known.\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/findings/orphaned-work", test_orphans);
    return g_test_run();
}
