/* barrier_test.c: Barrier: filling, draining, resetting, broken. The orders are those that CPython
 * 3.13 prints for the same steps; a dot is an iteration. */
#include "ticks.h"

WEFT_ASYNC(void, party, weft_barrier *, barrier, char, name)
{
    int position = -1;
    int rc = weft_await(weft_barrier_wait(barrier, &position));
    if (rc == 0)
        note("%c%d", name, position);
    else
        note("%c%c", name, rc == WEFT_EBROKEN ? '#' : rc == WEFT_ECANCELED ? '!' : '?');
    return rc == WEFT_EBROKEN ? 0 : rc;
}

/* A letter a step: r resets, k breaks, a dot is an iteration and says how many wait, a small letter
 * is a new party, a capital cancels it. */
struct scenario {
    const char *steps;
    int parties;
    const char *wanted;
};
static const struct scenario scenarios[] = {
    { "abc..", 3, ". c2 (0) . a0 b1 (0) . . . . . ." },
    { "abcdef...", 3, ". c2 (0) . a0 b1 (0) . f2 (0) . d0 e1 . . . ." },
    { "ab.B.cd..", 3, ". (2) xB . b! (1) . d2 (0) . a0 c1 (0) . . . ." },
    { "ab.k.c..", 3, ". (2) k1 . a# b# (0) . c# (0) . (0) . . . ." },
    { "ab.kr.abc..", 3, ". (2) k1 r0 . a# b# (0) . c2 (0) . a0 b1 (0) . . . ." },
    { "ab.r.cde..", 3, ". (2) r0 . a# b# (0) . e2 (0) . c0 d1 (0) . . . ." },
    { "abc.A...", 3, ". c2 (0) xA . a! b1 (0) . (0) . (0) . . . ." },
    { "abc.k..", 3, ". c2 (0) k1 . a# b# (0) . (0) . . . . ." },
    { "abc.ABC.def..", 3, ". c2 (0) xA xB xC . a! b! (0) . f2 (0) . d0 e1 (0) . . . ." },
    { "ab.rc..", 3, ". (2) r0 . a# b# (1) . (1) . . . . c# ." },
    { "ab.rABcde...", 3, ". (2) r0 xA xB . a! b! e2 (0) . c0 d1 (0) . (0) . . . ." },
    { "ab.Bcd..", 3, ". (2) xB . b! d2 (0) . a0 c1 (0) . . . . ." },
    { "abcd..D.ef..", 3, ". c2 (0) . a0 b1 (0) xD . d! (0) . (2) . (2) . . . e# f#" },
    { "ab.A.r.cd..", 3, ". (2) xA . a! (1) r0 . b# (0) . (2) . (2) . . . c# d#" },
    { "abc.r..def..", 3, ". c2 (0) r0 . a# b# (0) . (0) . f2 (0) . d0 e1 (0) . . ." },
    { "ab.kr.cde..", 3, ". (2) k1 r0 . a# b# (0) . e2 (0) . c0 d1 (0) . . . ." },
    { "a.b..", 1, ". a0 (0) . b0 (0) . (0) . . . . ." },
};

WEFT_ASYNC(void, plays, const struct scenario *, s)
{
    weft_barrier barrier;
    weft_barrier_init(&barrier, s->parties, "start");
    g_assert_cmpint(weft_barrier_parties(&barrier), ==, s->parties);
    weft_task *tasks['z'] = { [0] = weft_create_task(ticks(8)) };
    for (const char *step = s->steps; *step; step++) {
        if (*step == 'r') {
            WEFT_TRY(weft_barrier_reset(&barrier));
            note("r%d", weft_barrier_n_waiting(&barrier));
        } else if (*step == 'k') {
            WEFT_TRY(weft_barrier_abort(&barrier));
            note("k%d", weft_barrier_broken(&barrier));
        } else if (*step == '.') {
            WEFT_TRY(weft_sleep(0));
            note("(%d)", weft_barrier_n_waiting(&barrier));
        } else if (g_ascii_islower(*step)) {
            weft_unref(tasks[(int)*step]);
            tasks[(int)*step] = weft_create_task(party(&barrier, *step));
        } else {
            weft_cancel(tasks[(int)g_ascii_tolower(*step)]);
            note("x%c", *step);
        }
    }
    for (int i = 0; i < 3; i++)
        WEFT_TRY(weft_sleep(0));
    WEFT_TRY(weft_barrier_abort(&barrier));
    wait_all(tasks, 'z');
    weft_barrier_finish(&barrier);
    return 0;
}

static void test_scenario(gconstpointer data)
{
    const struct scenario *s = data;
    g_assert_cmpint(weft_run(plays(s)), ==, 0);
    expect(s->wanted);
}

static void tell(weft_loop *loop, const char *message, const weft_error *error, weft_future *future,
                 void *arg)
{
    (void)loop, (void)error, (void)future, (void)arg;
    note("<%s>", message);
}

WEFT_ASYNC(void, gone)
{
    weft_loop_set_exception_handler(weft_running_loop(), tell, NULL);
    weft_barrier *barrier = g_new(weft_barrier, 1);
    weft_barrier_init(barrier, 3, "start");
    weft_task *tasks[] = { weft_create_task(party(barrier, 'a')),
                           weft_create_task(party(barrier, 'b')) };
    WEFT_TRY(weft_sleep(0));
    weft_cancel(tasks[1]);
    weft_barrier_finish(barrier);
    g_free(barrier);
    for (int i = 0; i < 2; i++) {
        note("%s", weft_err_name(weft_await(tasks[i])));
        weft_unref(tasks[i]);
    }
    return 0;
}

static void test_finish(void)
{
    g_assert_cmpint(weft_run(gone()), ==, 0);
    expect("<a barrier start was finished while 1 task waited for it> b! a? ECLOSED ECANCELED");
}

static void test_misuse(void)
{
    weft_barrier barrier = { { 0 } };
    g_assert_cmpint(weft_barrier_init(NULL, 1, NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_barrier_init(&barrier, 0, NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_barrier_init(&barrier, -1, NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_barrier_wait(&barrier, NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_barrier_reset(NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_barrier_abort(&barrier), ==, UV_EINVAL);
    g_assert_cmpint(weft_barrier_parties(NULL), ==, 0);
    g_assert_cmpint(weft_barrier_n_waiting(NULL), ==, 0);
    g_assert_false(weft_barrier_broken(NULL));
    weft_barrier_finish(&barrier);
    weft_barrier_init(&barrier, 2, NULL);
    g_assert_cmpint(weft_barrier_wait(&barrier, NULL), ==, WEFT_ENOTASK);
    g_assert_cmpint(weft_barrier_reset(&barrier), ==, WEFT_ENOTASK);
    weft_barrier_finish(&barrier);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(scenarios); i++) {
        g_autofree char *path = g_strdup_printf("/runtime/barrier/%s", scenarios[i].steps);
        g_test_add_data_func(path, &scenarios[i], test_scenario);
    }
    g_test_add_func("/runtime/barrier/finish", test_finish);
    g_test_add_func("/runtime/barrier/misuse", test_misuse);
    return g_test_run();
}
