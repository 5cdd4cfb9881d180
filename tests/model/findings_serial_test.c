/* findings_serial_test.c: accidental-serial: tasks in a row, and rows that are right. */
#include "tests/model/trouble.h"

#define FUTURE(n) weft_id(WEFT_ENTITY_FUTURE, 0, n)

/* main makes a task and awaits it; it takes `ms`, for `busy` of which it holds the loop. */
static void fetch(struct script *s, double ms, unsigned task, double busy)
{
    make_task(s, ms, task, "fetch");
    suspend(s, ms, 1, WEFT_AWAIT_TASK, TASK(task), 10);
    resume(s, ms, task);
    suspend(s, ms + busy, task, WEFT_AWAIT_FUTURE, FUTURE(task), 20);
    poll(s, ms + busy, ms + 9);
    wake(s, ms + 9, task, WEFT_WAKE_FUTURE, FUTURE(task));
    resume(s, ms + 9, task);
    done(s, ms + 9, task, WEFT_OUTCOME_RESULT);
    wake(s, ms + 9, 1, WEFT_WAKE_TASK, TASK(task));
    resume(s, ms + 9, 1);
}

static void go_on(struct script *s, double ms)
{
    suspend(s, ms, 1, WEFT_AWAIT_FUTURE, FUTURE(99), 11);
}

static void fetch_in_a_row(struct script *s)
{
    for (guint i = 0; i < 3; i++)
        fetch(s, 1 + 9 * i, 2 + i, 0.1);
    go_on(s, 28);
}

static void fetch_two(struct script *s)
{
    for (guint i = 0; i < 2; i++)
        fetch(s, 1 + 9 * i, 2 + i, 0.1);
    go_on(s, 28);
}

/* They do not wait, they work: together they would take as long. */
static void work_in_a_row(struct script *s)
{
    for (guint i = 0; i < 3; i++)
        fetch(s, 1 + 9 * i, 2 + i, 1.5);
    go_on(s, 28);
}

/* What it makes a task of comes one by one. */
static void serve(struct script *s)
{
    for (guint i = 0; i < 5; i++) {
        fetch(s, 1 + 10 * i, 2 + i, 0.1);
        suspend(s, 10 + 10 * i, 1, WEFT_AWAIT_QUEUE_GET, weft_id(WEFT_ENTITY_QUEUE, 0, 1), 12);
        wake(s, 11 + 10 * i, 1, WEFT_WAKE_RESOURCE, 0);
        resume(s, 11 + 10 * i, 1);
    }
}

/* All are made before the first is awaited. */
static void gather(struct script *s)
{
    for (guint i = 0; i < 4; i++)
        make_task(s, 1, 2 + i, "fetch");
    for (guint i = 0; i < 4; i++) {
        double ms = 1 + 9 * i;
        suspend(s, ms, 1, WEFT_AWAIT_TASK, TASK(2 + i), 10);
        resume(s, ms, 2 + i);
        suspend(s, ms, 2 + i, WEFT_AWAIT_FUTURE, FUTURE(2 + i), 20);
        poll(s, ms, ms + 9);
        wake(s, ms + 9, 2 + i, WEFT_WAKE_FUTURE, FUTURE(2 + i));
        resume(s, ms + 9, 2 + i);
        done(s, ms + 9, 2 + i, WEFT_OUTCOME_RESULT);
        wake(s, ms + 9, 1, WEFT_WAKE_TASK, TASK(2 + i));
        resume(s, ms + 9, 1);
    }
    go_on(s, 38);
}

static void fetch_across_a_loss(struct script *s)
{
    fetch(s, 1, 2, 0.1);
    fetch(s, 10, 3, 0.1);
    script_lose(s, 2);
    fetch(s, 19, 4, 0.1);
    go_on(s, 28);
}

static void test_serial(void)
{
    assert_findings(fetch_in_a_row,
                    "accidental-serial hint, may: main made 3 tasks at app.c:1, each once the one "
                    "before was done, while the loop was idle for 26.7 ms of 27.0 ms: they may as "
                    "well run at the same time.\n");
    assert_findings(fetch_two, "");
    assert_findings(work_in_a_row, "");
    assert_findings(serve, "");
    assert_findings(gather, "");
    assert_findings(fetch_across_a_loss,
                    "events-lost warning: 2 events were lost between 19.0 ms and 19.0 ms: what "
                    "happened there is not known.\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/findings/accidental-serial", test_serial);
    return g_test_run();
}
