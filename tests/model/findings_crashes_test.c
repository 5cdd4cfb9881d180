/* findings_crashes_test.c: crashed: programs that a signal ended, or that failed; and those that
 * were asked to end. */
#include "tests/model/trouble.h"
#include <signal.h>

static void end(struct script *s, double ms, unsigned how, int number)
{
    script_add(s, MS(ms), WEFT_RECORD_PROCESS_EXIT, how, 0, weft_id(WEFT_ENTITY_PROCESS, 0, 1),
               (uint64_t)number);
}

/* parse runs, from line 7 on. */
static void run(struct script *s)
{
    make_task(s, 1, 2, "parse");
    suspend(s, 1, 1, WEFT_AWAIT_TASK, TASK(2), 3);
    resume(s, 1, 2);
    suspend(s, 2, 2, WEFT_AWAIT_TIMER, TIMER(1), 7);
    poll(s, 2, 4);
    wake(s, 4, 2, WEFT_WAKE_TIMER, TIMER(1));
    resume(s, 4, 2);
}

static void crash(struct script *s)
{
    run(s);
    end(s, 5, WEFT_EXIT_SIGNAL, SIGSEGV);
}

static void crash_in_poll(struct script *s)
{
    suspend(s, 1, 1, WEFT_AWAIT_EVENT, weft_id(WEFT_ENTITY_EVENT, 0, 1), 3);
    poll_for_ever(s, 1);
    end(s, 5, WEFT_EXIT_SIGNAL, SIGKILL);
}

/* Who ran then is not known. */
static void crash_unseen(struct script *s)
{
    run(s);
    end(s, 5, WEFT_EXIT_SIGNAL, SIGSEGV);
    script_lose(s, 3);
}

static void leave(struct script *s)
{
    run(s);
    end(s, 5, WEFT_EXIT_CODE, 3);
}

static void end_well(struct script *s)
{
    run(s);
    end(s, 5, WEFT_EXIT_CODE, 0);
}

static void be_asked(struct script *s)
{
    run(s);
    end(s, 5, WEFT_EXIT_SIGNAL, SIGTERM);
}

/* It caught that, and says so as a shell would. */
static void obey(struct script *s)
{
    run(s);
    end(s, 5, WEFT_EXIT_CODE, 128 + SIGINT);
}

/* Who recorded it had it end; how it did is this. */
static void be_stopped(struct script *s, int number)
{
    run(s);
    end(s, 5, WEFT_EXIT_SIGNAL, number);
    ((struct weft_trace_source *)weft_trace_source(s->trace))->stopped = TRUE;
}

static void obey_by_force(struct script *s)
{
    be_stopped(s, SIGKILL);
}

static void crash_when_stopped(struct script *s)
{
    be_stopped(s, SIGSEGV);
}

static void test_crashes(void)
{
    assert_findings(crash, "crashed error: The program was killed by signal 11 (Segmentation "
                           "fault) while parse ran from app.c:7.\n");
    assert_findings(crash_when_stopped, "crashed error: The program was killed by signal 11 "
                                        "(Segmentation fault) while parse ran from app.c:7.\n");
    assert_findings(crash_in_poll, "crashed error: The program was killed by signal 9 (Killed).\n");
    assert_findings_at(crash_unseen, -1, TRUE,
                       "crashed error: The program was killed by signal 11 (Segmentation fault)."
                       "\nevents-lost warning: 3 events were lost between 5.0 ms and 5.0 ms: what "
                       "happened there is not known.\n");
    assert_findings(leave, "crashed warning: The program ended with 3 while parse ran from "
                           "app.c:7.\n");
}

static void test_ends(void)
{
    assert_findings(run, "");
    assert_findings(end_well, "");
    assert_findings(be_asked, "");
    assert_findings(obey, "");
    assert_findings(obey_by_force, "");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/findings/crashes", test_crashes);
    g_test_add_func("/findings/ends", test_ends);
    return g_test_run();
}
