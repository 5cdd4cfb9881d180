/* semaphore_test.c: Semaphore and BoundedSemaphore: who gets in, and in which iteration. The orders
 * are those that CPython 3.13 prints for the same steps; a dot is an iteration. */
#include "tests/valgrind.h"
#include "ticks.h"

WEFT_ASYNC(void, uses, weft_semaphore *, semaphore, char, name)
{
    int rc = weft_await(weft_semaphore_acquire(semaphore));
    if (rc == WEFT_ECANCELED)
        note("%c!", name);
    if (rc < 0)
        return rc;
    note("%c+", name);
    if (g_ascii_isupper(name))
        rc = weft_await(weft_sleep(0));
    weft_semaphore_release(semaphore);
    note("%c-", name);
    return rc;
}

/* The main task has all `value` units, and B, C and D wait. Then, a letter a step: r releases and
 * says whether it is locked and its value, a acquires, a dot is an iteration, a capital cancels
 * that waiter, d is a new one. */
struct scenario {
    const char *steps;
    int value;
    const char *wanted;
};
static const struct scenario scenarios[] = {
    { "r", 1, ". r10 . B+ . B- . C+ . C- . D+ . D-" },
    { "rB", 1, ". r10 xB . B! . C+ . C- . D+ . D- ." },
    { "Br", 1, ". xB r10 . B! C+ . C- . D+ . D- . ." },
    { "rBr", 1, ". r10 xB r10 . B! C+ . D+ C- . D- . . ." },
    { "rr", 2, ". r10 r10 . B+ C+ . B- C- . D+ . D- . ." },
    { "rrB", 2, ". r10 r10 xB . B! C+ . D+ C- . D- . . ." },
    { "rrBC", 2, ". r10 r10 xB xC . B! C! . D+ . D- . . ." },
    { "rrBCr", 2, ". r10 r10 xB xC r10 . B! C! D+ . D- . . . ." },
    { "rd", 1, ". r10 . B+ . B- . C+ . C- . D+ . D- d+ d-" },
    { "rrBd", 2, ". r10 r10 xB . B! C+ . D+ C- . D- d+ d- . . ." },
    { "ra.r", 1, ". r10 . B+ . B- . C+ . C- . D+ . D- a r01" },
    { "BCDrar", 1, ". xB xC xD r01 a r01 . B! C! D! . . . . ." },
    { "BCDr.r", 1, ". xB xC xD r01 . B! C! D! r02 . . . . ." },
    { "rrrBCD.a", 3, ". r10 r10 r10 xB xC xD . B! C! D! a . . . . ." },
    { "rrrrB", 3, ". r10 r10 r10 r11 xB . B! C+ D+ . C- D- . . . ." },
    { "rBr.C", 2, ". r10 xB r10 . B! C+ xC . D+ C- . D- . . ." },
    { "rrrrBCD", 1, ". r10 r10 r10 r11 xB xC xD . B! C! D! . . . . ." },
    { "r.rC", 2, ". r10 . B+ r10 xC . B- C! . D+ . D- . ." },
};

WEFT_ASYNC(void, plays, const struct scenario *, s)
{
    weft_semaphore semaphore;
    weft_semaphore_init(&semaphore, s->value, "db");
    for (int i = 0; i < s->value; i++)
        WEFT_TRY(weft_semaphore_acquire(&semaphore));
    weft_task *tasks['z'] = { [0] = weft_create_task(ticks(7)) };
    for (char name = 'B'; name <= 'D'; name++)
        tasks[(int)name] = weft_create_task(uses(&semaphore, name));
    WEFT_TRY(weft_sleep(0));
    for (const char *step = s->steps; *step; step++) {
        if (*step == 'r') {
            g_assert_cmpint(weft_semaphore_release(&semaphore), ==, 0);
            note("r%d%ld", weft_semaphore_locked(&semaphore), weft_semaphore_value(&semaphore));
        } else if (*step == 'a') {
            WEFT_TRY(weft_semaphore_acquire(&semaphore));
            note("a");
        } else if (*step == '.') {
            WEFT_TRY(weft_sleep(0));
        } else if (*step == 'd') {
            tasks['d'] = weft_create_task(uses(&semaphore, 'd'));
        } else {
            weft_cancel(tasks[(int)*step]);
            note("x%c", *step);
        }
    }
    wait_all(tasks, 'z');
    weft_semaphore_finish(&semaphore);
    return 0;
}

static void test_scenario(gconstpointer data)
{
    const struct scenario *s = data;
    g_assert_cmpint(weft_run(plays(s)), ==, 0);
    expect(s->wanted);
}

/* Never more than five at once. */
WEFT_ASYNC(void, one_of_many, weft_semaphore *, semaphore, int *, inside)
{
    int rc = 0;
    WEFT_WITH_SEMAPHORE(semaphore, rc) {
        g_assert_cmpint(++*inside, <=, 5);
        rc = weft_await(weft_sleep(0.001));
        --*inside;
    }
    return rc;
}

WEFT_ASYNC(void, five)
{
    int inside = 0;
    weft_semaphore semaphore;
    weft_semaphore_init(&semaphore, 5, NULL);
    weft_task *tasks[20];
    for (int i = 0; i < 20; i++)
        tasks[i] = weft_create_task(one_of_many(&semaphore, &inside));
    WEFT_TRY(weft_sleep(0));
    g_assert_cmpint(inside, ==, 5);
    weft_cancel(tasks[0]);
    weft_cancel(tasks[7]);
    wait_all(tasks, 20);
    g_assert_cmpint(inside, ==, 0);
    g_assert_cmpint(weft_semaphore_value(&semaphore), ==, 5);
    weft_semaphore_finish(&semaphore);
    return 0;
}

static void test_five(void)
{
    g_assert_cmpint(weft_run(five()), ==, 0);
}

static void count(weft_loop *loop, const char *message, const weft_error *error,
                  weft_future *future, void *arg)
{
    (void)loop, (void)error, (void)future, (void)arg;
    note("<%s>", message);
}

/* It is gone while some are in it: they leave without touching it. */
WEFT_ASYNC(void, gone)
{
    int inside = 0;
    weft_loop_set_exception_handler(weft_running_loop(), count, NULL);
    weft_semaphore *semaphore = g_new(weft_semaphore, 1);
    weft_bounded_semaphore_init(semaphore, 2, "db");
    weft_task *tasks[5];
    for (int i = 0; i < 5; i++)
        tasks[i] = weft_create_task(one_of_many(semaphore, &inside));
    WEFT_TRY(weft_sleep(0));
    weft_semaphore_finish(semaphore);
    g_free(semaphore);
    for (int i = 0; i < 5; i++) {
        note("%s", weft_err_name(weft_await(tasks[i])));
        weft_unref(tasks[i]);
    }
    return 0;
}

static void test_finish(void)
{
    g_assert_cmpint(weft_run(gone()), ==, 0);
    expect(
        "<a semaphore db was finished while 3 tasks waited for it> OK OK ECLOSED ECLOSED ECLOSED");
}

WEFT_ASYNC(void, misuses)
{
    int rc = 0;
    weft_semaphore semaphore = { { 0 } };
    g_assert_cmpint(weft_semaphore_init(NULL, 1, NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_semaphore_init(&semaphore, -1, NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_semaphore_acquire(&semaphore), ==, UV_EINVAL);
    g_assert_cmpint(weft_semaphore_release(&semaphore), ==, UV_EINVAL);
    g_assert_false(weft_semaphore_locked(NULL));
    g_assert_cmpint(weft_semaphore_value(NULL), ==, 0);
    WEFT_WITH_SEMAPHORE(&semaphore, rc)
        g_assert_not_reached();
    g_assert_cmpint(rc, ==, UV_EINVAL);
    /* Only a bounded one can be released too often. */
    weft_semaphore_init(&semaphore, 0, NULL);
    g_assert_true(weft_semaphore_locked(&semaphore));
    g_assert_cmpint(weft_semaphore_release(&semaphore), ==, 0);
    g_assert_cmpint(weft_semaphore_value(&semaphore), ==, 1);
    weft_semaphore_finish(&semaphore);
    weft_bounded_semaphore_init(&semaphore, 1, NULL);
    g_assert_cmpint(weft_semaphore_release(&semaphore), ==, WEFT_ENOTHELD);
    WEFT_TRY(weft_semaphore_acquire(&semaphore));
    g_assert_cmpint(weft_semaphore_release(&semaphore), ==, 0);
    g_assert_cmpint(weft_semaphore_release(&semaphore), ==, WEFT_ENOTHELD);
    weft_semaphore_finish(&semaphore);
    weft_semaphore_finish(&semaphore);
    return 0;
}

static void test_misuse(void)
{
    weft_semaphore semaphore;
    g_assert_cmpint(weft_run(misuses()), ==, 0);
    weft_semaphore_init(&semaphore, 1, NULL);
    g_assert_cmpint(weft_semaphore_acquire(&semaphore), ==, WEFT_ENOTASK);
    weft_semaphore_finish(&semaphore);
}

/* However many wait, a release looks at one. */
WEFT_ASYNC(void, passes, weft_semaphore *, semaphore)
{
    return weft_await(weft_semaphore_acquire(semaphore));
}

WEFT_ASYNC(void, crowd, int, n)
{
    weft_semaphore semaphore;
    weft_semaphore_init(&semaphore, 0, NULL);
    weft_task **tasks = g_new(weft_task *, n);
    for (int i = 0; i < n; i++)
        tasks[i] = weft_create_task(passes(&semaphore), .stack_size = 16384);
    WEFT_TRY(weft_sleep(0));
    for (int i = 0; i < n; i++) {
        weft_semaphore_release(&semaphore);
        g_assert_true(weft_semaphore_locked(&semaphore));
        g_assert_cmpint(weft_semaphore_value(&semaphore), ==, 0);
    }
    wait_all(tasks, n);
    g_free(tasks);
    weft_semaphore_finish(&semaphore);
    return 0;
}

static void test_crowd(void)
{
    g_assert_cmpint(weft_run(crowd(SLOW ? 500 : 5000)), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(scenarios); i++) {
        g_autofree char *path = g_strdup_printf("/runtime/semaphore/%d-%s", scenarios[i].value,
                                                scenarios[i].steps);
        g_test_add_data_func(path, &scenarios[i], test_scenario);
    }
    g_test_add_func("/runtime/semaphore/five", test_five);
    g_test_add_func("/runtime/semaphore/finish", test_finish);
    g_test_add_func("/runtime/semaphore/misuse", test_misuse);
    g_test_add_func("/runtime/semaphore/crowd", test_crowd);
    return g_test_run();
}
