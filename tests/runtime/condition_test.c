/* condition_test.c: Condition: who is notified, and when he has the lock again. The orders are
 * those that CPython 3.13 prints for the same steps; a dot is an iteration. */
#include "ticks.h"

WEFT_ASYNC(void, waits, weft_condition *, condition, char, name)
{
    int rc = 0;
    WEFT_WITH_CONDITION(condition, rc) {
        rc = weft_await(weft_condition_wait(condition));
        bool held = weft_condition_locked(condition);
        if (rc < 0)
            note("%c!%d%s", name, held, weft_error_message(weft_current_error()));
        else
            note("%c+%d", name, held);
        if (rc == 0)
            rc = weft_await(weft_sleep(0));
    }
    note("%c-", name);
    return rc;
}

/* B, C and D wait. Then, a letter a step: a acquires, r releases, n, m and N notify one, two and
 * all, a dot is an iteration, a capital cancels that waiter (with its number as the message), d is
 * a new one. */
struct scenario {
    const char *steps, *wanted;
};
static const struct scenario scenarios[] = {
    { "anr", ". a n r . B+1 . B- . . C+1 . C- . D+1 . D- ." },
    { "amr", ". a m r . B+1 . B- . C+1 . C- . . D+1 . D- ." },
    { "aNr", ". a N r . B+1 . B- . C+1 . C- . D+1 . D- . ." },
    { "anBr", ". a n xB r . B!11 B- . C+1 . C- . D+1 . D- . . ." },
    { "aBnr", ". a xB n r . B!11 B- C+1 . C- . D+1 . D- . . . ." },
    { "anr.B", ". a n r . B+1 xB . B- . . . C+1 . C- . D+1 . D-" },
    { "anrB", ". a n r xB . B!11 B- . C+1 . C- . D+1 . D- . . ." },
    { "aB.B.B.r", ". a xB . xB . xB . r . B!12 B- . C+1 . C- . D+1 . D-" },
    { "anB..B.r", ". a n xB . . xB . r . B!12 B- . C+1 . C- . D+1 . D-" },
    { "aB.nr", ". a xB . n r . B!11 B- . C+1 . C- . D+1 . D- . ." },
    { "aN.BC.r", ". a N . xB xC . r . D+1 . D- . B!11 B- . C!11 C- . ." },
    { "anBCDr", ". a n xB xC xD r . B!11 B- C!11 C- D!11 D- . . . . . . ." },
    { "anr.d", ". a n r . B+1 . B- . . . C+1 . C- . D+1 . D- d+1 d-" },
    { "aNrBC", ". a N r xB xC . B!11 B- C!11 C- D+1 . D- . . . . . ." },
    { "aBr", ". a xB r . B!11 B- . C+1 . C- . D+1 . D- . . ." },
    { "an.B.B.C.r", ". a n . xB . xB . xC . r . B!12 B- . C!11 C- . D+1 . D-" },
    { "aNr..B", ". a N r . B+1 . B- xB . C+1 . C- . D+1 . D- . ." },
    { "amB.r", ". a m xB . r . B!11 B- . C+1 . C- . D+1 . D- . ." },
};

WEFT_ASYNC(void, plays, const char *, steps)
{
    weft_condition condition;
    weft_condition_init(&condition, NULL, "jobs");
    weft_task *tasks['z'] = { [0] = weft_create_task(ticks(9)) };
    bool cancelled['z'] = { false };
    for (char name = 'B'; name <= 'D'; name++)
        tasks[(int)name] = weft_create_task(waits(&condition, name));
    WEFT_TRY(weft_sleep(0));
    for (; *steps; steps++) {
        int step = *steps;
        if (strchr("BCD", step)) {
            weft_cancel_at(WEFT_HERE, tasks[step], cancelled[step] ? "2" : "1");
            cancelled[step] = true;
            note("x%c", step);
            continue;
        }
        if (step == '.')
            WEFT_TRY(weft_sleep(0));
        else if (step == 'a')
            WEFT_TRY(weft_condition_acquire(&condition));
        else if (step == 'r')
            weft_condition_release(&condition);
        else if (step == 'N')
            weft_condition_notify_all(&condition);
        else if (step == 'd')
            tasks['d'] = weft_create_task(waits(&condition, 'd'));
        else
            weft_condition_notify(&condition, step == 'n' ? 1 : 2);
        if (!strchr(".d", step))
            note("%c", step);
    }
    for (int i = 0; i < 3; i++)
        WEFT_TRY(weft_sleep(0));
    int rc = 0;
    WEFT_WITH_CONDITION(&condition, rc)
        weft_condition_notify_all(&condition);
    wait_all(tasks, 'z');
    weft_condition_finish(&condition);
    return rc;
}

static void test_scenario(gconstpointer data)
{
    const struct scenario *s = data;
    g_assert_cmpint(weft_run(plays(s->steps)), ==, 0);
    expect(s->wanted);
}

/* ---- wait_for ---- */

struct level {
    int *value, wanted;
};

static bool is_reached(void *arg)
{
    struct level *level = arg;
    return *level->value >= level->wanted;
}

WEFT_ASYNC(void, waits_for, weft_condition *, condition, int *, value, int, wanted, char, name)
{
    int rc = 0;
    struct level level = { value, wanted };
    WEFT_WITH_CONDITION(condition, rc) {
        WEFT_BREAK(rc, weft_condition_wait_for(condition, is_reached, &level));
        note("%c+", name);
    }
    return rc;
}

WEFT_ASYNC(void, levels)
{
    int value = 0, rc = 0;
    weft_lock lock;
    weft_condition condition;
    weft_lock_init(&lock, NULL);
    weft_condition_init(&condition, &lock, NULL);
    weft_task *tasks[] = { weft_create_task(ticks(9)),
                           weft_create_task(waits_for(&condition, &value, 1, 'A')),
                           weft_create_task(waits_for(&condition, &value, 2, 'B')),
                           weft_create_task(waits_for(&condition, &value, 0, 'Z')) };
    for (int i = 0; i < 3; i++) {
        WEFT_TRY(weft_sleep(0));
        WEFT_WITH_LOCK(&lock, rc) {
            value++;
            weft_condition_notify_all(&condition);
            note("n");
        }
    }
    wait_all(tasks, 4);
    weft_condition_finish(&condition);
    weft_lock_finish(&lock);
    return rc;
}

static void test_wait_for(void)
{
    g_assert_cmpint(weft_run(levels()), ==, 0);
    expect(". Z+ n . A+ n . B+ n . . . . . .");
}

/* ---- Bad use ---- */

static void tell(weft_loop *loop, const char *message, const weft_error *error, weft_future *future,
                 void *arg)
{
    (void)loop, (void)error, (void)future, (void)arg;
    note("<%s>", message);
}

WEFT_ASYNC(void, gone)
{
    weft_loop_set_exception_handler(weft_running_loop(), tell, NULL);
    weft_condition *condition = g_new(weft_condition, 1);
    weft_condition_init(condition, NULL, "jobs");
    weft_task *tasks[] = { weft_create_task(waits(condition, 'A')),
                           weft_create_task(waits(condition, 'B')),
                           weft_create_task(waits(condition, 'C')) };
    WEFT_TRY(weft_sleep(0));
    /* A is notified and waits for the lock, B still for the condition, C is cancelled. */
    WEFT_TRY(weft_condition_acquire(condition));
    weft_condition_notify(condition, 1);
    WEFT_TRY(weft_sleep(0));
    weft_cancel(tasks[2]);
    weft_condition_finish(condition);
    memset(condition, 0, sizeof *condition);
    for (int i = 0; i < 3; i++) {
        note("%s", weft_err_name(weft_await(tasks[i])));
        weft_unref(tasks[i]);
    }
    g_free(condition);
    return 0;
}

static void test_finish(void)
{
    g_assert_cmpint(weft_run(gone()), ==, 0);
    expect("<a lock jobs was finished while 1 task waited for it> "
           "<a condition jobs was finished while 1 task waited for it> "
           "C!0 C- B!0 B- A!0 A- ECLOSED ECLOSED ECANCELED");
}

WEFT_ASYNC(void, misuses)
{
    int rc = 0;
    weft_lock lock = { { 0 } };
    weft_condition condition = { { 0 } };
    g_assert_cmpint(weft_condition_init(NULL, NULL, NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_condition_init(&condition, &lock, NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_condition_acquire(&condition), ==, UV_EINVAL);
    g_assert_cmpint(weft_condition_release(NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_condition_wait(&condition), ==, UV_EINVAL);
    g_assert_cmpint(weft_condition_notify(&condition, 1), ==, UV_EINVAL);
    g_assert_false(weft_condition_locked(NULL));
    WEFT_WITH_CONDITION(&condition, rc)
        g_assert_not_reached();
    g_assert_cmpint(rc, ==, UV_EINVAL);
    weft_condition_finish(&condition);

    g_assert_cmpint(weft_condition_init(&condition, NULL, NULL), ==, 0);
    g_assert_cmpint(weft_condition_wait(&condition), ==, WEFT_ENOTHELD);
    g_assert_cmpint(weft_condition_notify(&condition, 1), ==, WEFT_ENOTHELD);
    g_assert_cmpint(weft_condition_notify_all(&condition), ==, WEFT_ENOTHELD);
    g_assert_cmpint(weft_condition_release(&condition), ==, WEFT_ENOTHELD);
    g_assert_cmpint(weft_condition_wait_for(&condition, NULL, NULL), ==, UV_EINVAL);
    WEFT_TRY(weft_condition_acquire(&condition));
    g_assert_true(weft_condition_locked(&condition));
    g_assert_cmpint(weft_condition_notify(&condition, 1), ==, 0); /* nobody waits */
    g_assert_cmpint(weft_condition_release(&condition), ==, 0);
    weft_condition_finish(&condition);
    return 0;
}

static void test_misuse(void)
{
    weft_condition condition;
    g_assert_cmpint(weft_run(misuses()), ==, 0);
    weft_condition_init(&condition, NULL, NULL);
    g_assert_cmpint(weft_condition_acquire(&condition), ==, WEFT_ENOTASK);
    g_assert_cmpint(weft_condition_wait(&condition), ==, WEFT_ENOTASK);
    weft_condition_finish(&condition);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(scenarios); i++) {
        g_autofree char *path = g_strdup_printf("/runtime/condition/%s", scenarios[i].steps);
        g_test_add_data_func(path, &scenarios[i], test_scenario);
    }
    g_test_add_func("/runtime/condition/wait-for", test_wait_for);
    g_test_add_func("/runtime/condition/finish", test_finish);
    g_test_add_func("/runtime/condition/misuse", test_misuse);
    return g_test_run();
}
