/* findings_leaks_test.c: task-leak: ever more tasks, and many that are as they should be. */
#include "tests/model/trouble.h"

enum { STEPS = 48 };

struct making {
    struct script *s;
    unsigned next, oldest; /* tasks */
    double ms;
};

/* One step: main makes so many tasks, and so many of the oldest end; then the loop polls. */
static void step(struct making *m, guint made, guint ended, double ms)
{
    weft_trace_define_site(m->s->trace, 60, "src/app.c", "work", 60);
    for (guint i = 0; i < made; i++)
        script_add(m->s, MS(m->ms), WEFT_RECORD_TASK_NEW, 0, 60, TASK(m->next++), TASK(1));
    suspend(m->s, m->ms, 1, WEFT_AWAIT_TIMER, TIMER(1), 10);
    for (unsigned task = m->next - made; task < m->next; task++) {
        resume(m->s, m->ms, task);
        suspend(m->s, m->ms, task, WEFT_AWAIT_FUTURE, weft_id(WEFT_ENTITY_FUTURE, 0, 1), 61);
    }
    for (guint i = 0; i < ended; i++)
        done(m->s, m->ms, m->oldest++, WEFT_OUTCOME_RESULT);
    poll(m->s, m->ms, m->ms + ms);
    m->ms += ms;
    wake(m->s, m->ms, 1, WEFT_WAKE_TIMER, TIMER(1));
    resume(m->s, m->ms, 1);
}

static struct making begin(struct script *s)
{
    return (struct making){ s, 2, 2, 1 };
}

/* Steps of 25 ms, with so many more tasks after each. */
static struct making grow(struct script *s, guint more)
{
    struct making m = begin(s);
    for (guint i = 0; i < STEPS; i++)
        step(&m, more + 5, 5, 25);
    return m;
}

static void leak(struct script *s)
{
    grow(s, 45);
}

static void leak_little(struct script *s)
{
    grow(s, 40);
}

/* The loop ends, and cancels those that are left. */
static void leak_and_end(struct script *s)
{
    struct making m = grow(s, 45);
    done(s, m.ms, 1, WEFT_OUTCOME_RESULT);
    for (; m.oldest < m.next; m.oldest++) {
        script_add(s, MS(m.ms), WEFT_RECORD_CANCEL_REQUEST, 0, 0, TASK(m.oldest), 0);
        done(s, m.ms, m.oldest, WEFT_OUTCOME_CANCELLED);
    }
    poll(s, m.ms, m.ms + 500);
}

/* In one step of eight nothing is made. */
static void leak_with_rests(struct script *s)
{
    struct making m = begin(s);
    for (guint i = 0; i < STEPS; i++)
        step(&m, i % 8 == 3 ? 0 : 55, 0, 25);
}

/* All at once, late; they stay. */
static void burst(struct script *s)
{
    struct making m = begin(s);
    for (guint i = 0; i < STEPS; i++)
        step(&m, i >= 36 && i < 40 ? 500 : 20, i >= 36 && i < 40 ? 0 : 20 * (i > 0), 25);
}

/* Too short to say. */
static void grow_fast(struct script *s)
{
    struct making m = begin(s);
    for (guint i = 0; i < STEPS; i++)
        step(&m, 50, 0, 20);
}

/* Many at first; then as many end as are made. */
static void level_out(struct script *s)
{
    struct making m = begin(s);
    for (guint i = 0; i < STEPS; i++)
        step(&m, i < 12 ? 200 : 10, i < 12 ? 0 : 10, 25);
}

/* They grow, but go back once. */
static void waver(struct script *s)
{
    struct making m = begin(s);
    for (guint i = 0; i < STEPS; i++)
        step(&m, 60, i == 40 ? 70 : 0, 25);
}

static void leak_across_a_loss(struct script *s)
{
    struct making m = begin(s);
    for (guint i = 0; i < STEPS; i++) {
        if (i == 30)
            script_lose(s, 1);
        step(&m, 50, 0, 25);
    }
}

static void test_leak(void)
{
    assert_findings_at(leak, 1201, FALSE,
                       "task-leak warning, lasts: Ever more tasks made at app.c:60 live: 2160, "
                       "which is 1035 more than at half of the run, and never fewer in between.\n");
    assert_findings(leak_and_end, "task-leak warning: Ever more tasks made at app.c:60 live: 2160, "
                                  "which is 1035 more than at half of the run, and never fewer in "
                                  "between.\n");
    assert_findings_at(leak_with_rests, 1201, FALSE,
                       "task-leak warning, lasts: Ever more tasks made at app.c:60 live: 2310, "
                       "which is 1100 more than at half of the run, and never fewer in between.\n");
    assert_findings_at(burst, 1201, TRUE, "");
    assert_findings_at(leak_little, 1201, TRUE, "");
    assert_findings_at(grow_fast, 961, TRUE, "");
    assert_findings_at(level_out, 1201, TRUE, "");
    assert_findings_at(waver, 1201, TRUE, "");
    assert_findings_at(leak_across_a_loss, 1201, TRUE,
                       "events-lost warning: 1 event was lost between 751.0 ms and 751.0 ms: what "
                       "happened there is not known.\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/findings/task-leak", test_leak);
    return g_test_run();
}
