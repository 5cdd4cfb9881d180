/* findings_pool_test.c: pool-saturated: jobs that wait for a thread, which another ring tells. */
#include "tests/model/trouble.h"

#define JOB(n) weft_id(WEFT_ENTITY_JOB, 0, n)

static void submit(struct script *s, double ms, unsigned job, guint before)
{
    weft_trace_define_site(s->trace, 30, "src/app.c", "work", 30);
    script_add(s, MS(ms), WEFT_RECORD_WORK_SUBMIT, 0, 30, JOB(job), before);
}

/* In the worker's ring; it is read before what follows in the loop's. */
static void work(struct script *s, double from, double to, unsigned job)
{
    struct weft_record records[] = {
        { .time = (uint64_t)MS(from), .kind = WEFT_RECORD_WORK_BEGIN, .subject = JOB(job) },
        { .time = (uint64_t)MS(to),
          .kind = WEFT_RECORD_WORK_END,
          .detail = WEFT_OUTCOME_RESULT,
          .subject = JOB(job) },
    };
    weft_trace_append(s->trace, 1, records, 2);
}

static void wait_for_it(struct script *s, double from, double to)
{
    suspend(s, from, 1, WEFT_AWAIT_JOB, JOB(1), 20);
    poll(s, from, to);
    wake(s, to, 1, WEFT_WAKE_THREAD, JOB(1));
    resume(s, to, 1);
}

static void begin_late(struct script *s)
{
    submit(s, 1, 1, 3);
    submit(s, 1, 2, 4);
    script_cut(s);
    work(s, 101, 110, 1);
    work(s, 121, 130, 2);
    wait_for_it(s, 2, 131);
}

/* The worker's ring is read before the loop's. */
static void begin_late_backwards(struct script *s)
{
    work(s, 101, 110, 1);
    submit(s, 1, 1, 0);
    wait_for_it(s, 2, 131);
}

static void begin_just_in_time(struct script *s)
{
    submit(s, 1, 1, 3);
    script_cut(s);
    work(s, 100, 110, 1);
    wait_for_it(s, 2, 131);
}

/* It works for long; and the loop hears of it late. */
static void work_for_long(struct script *s)
{
    submit(s, 1, 1, 0);
    script_cut(s);
    work(s, 2, 1000, 1);
    wait_for_it(s, 2, 1500);
}

/* Who awaited it was cancelled: it never began. */
static void withdraw(struct script *s)
{
    submit(s, 1, 1, 0);
    suspend(s, 2, 1, WEFT_AWAIT_JOB, JOB(1), 20);
    poll(s, 2, 500);
    script_add(s, MS(500), WEFT_RECORD_WORK_END, WEFT_OUTCOME_CANCELLED, 0, JOB(1), 0);
    wake(s, 500, 1, WEFT_WAKE_CANCEL, 0);
    resume(s, 500, 1);
}

static void wait_on(struct script *s)
{
    submit(s, 1, 1, 1);
    suspend(s, 2, 1, WEFT_AWAIT_JOB, JOB(1), 20);
    poll_for_ever(s, 2);
}

static void begin_late_across_a_loss(struct script *s)
{
    submit(s, 1, 1, 3);
    script_lose(s, 2);
    script_cut(s);
    suspend(s, 90, 1, WEFT_AWAIT_JOB, JOB(1), 20);
    script_cut(s);
    work(s, 101, 110, 1);
}

static void test_saturated(void)
{
    assert_findings(begin_late, "pool-saturated warning: A job of main at app.c:30 waited 120 ms "
                                "for a thread of the pool, behind 4 others; 2 such jobs, 220 ms in "
                                "all.\n");
    assert_findings(begin_late_backwards, "pool-saturated warning: A job of main at app.c:30 "
                                          "waited 100 ms for a thread of the pool.\n");
    assert_findings(begin_just_in_time, "");
    assert_findings(work_for_long, "");
    assert_findings(withdraw, "");
    assert_findings_at(wait_on, 201, TRUE,
                       "pool-saturated warning, lasts: A job of main at app.c:30 has waited 200 ms "
                       "for a thread of the pool, behind 1 other.\n");
    assert_findings_at(wait_on, 201, FALSE, ""); /* it may have begun, and not been read */
    assert_findings(begin_late_across_a_loss,
                    "events-lost warning: 2 events were lost between 1.0 ms and 90.0 ms: what "
                    "happened there is not known.\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/findings/pool-saturated", test_saturated);
    return g_test_run();
}
