/* lock_test.c: Lock: who gets it, and in which iteration. The orders are those that CPython 3.13
 * prints for the same steps; a dot is an iteration. */
#include "tests/valgrind.h"
#include "ticks.h"
#include <string.h>

WEFT_ASYNC(void, uses, weft_lock *, lock, const char *, name, int, holds)
{
    int rc = weft_await(weft_lock_acquire(lock));
    if (rc == WEFT_ECANCELED)
        note("%s!", name);
    if (rc < 0)
        return rc;
    note("%s+", name);
    for (int i = 0; rc == 0 && i < holds; i++)
        rc = weft_await(weft_sleep(0));
    weft_lock_release(lock);
    note("%s-", name);
    return rc;
}

WEFT_ASYNC(void, fifo)
{
    weft_lock lock;
    weft_lock_init(&lock, "db");
    weft_task *tasks[] = { weft_create_task(ticks(8)), weft_create_task(uses(&lock, "A", 1)),
                           weft_create_task(uses(&lock, "B", 0)),
                           weft_create_task(uses(&lock, "C", 2)) };
    wait_all(tasks, 4);
    weft_lock_finish(&lock);
    return 0;
}

static void test_fifo(void)
{
    g_assert_cmpint(weft_run(fifo()), ==, 0);
    expect(". A+ . A- . B+ B- . C+ . . C- . .");
}

/* Just after a release it is not locked, yet acquiring it again queues behind those that wait. */
WEFT_ASYNC(void, greedy, weft_lock *, lock)
{
    WEFT_TRY(weft_lock_acquire(lock));
    note("A+");
    WEFT_TRY(weft_sleep(0));
    weft_lock_release(lock);
    note("A-%d", weft_lock_locked(lock));
    WEFT_TRY(weft_lock_acquire(lock));
    note("A++");
    weft_lock_release(lock);
    return 0;
}

WEFT_ASYNC(void, again)
{
    weft_lock lock;
    weft_lock_init(&lock, NULL);
    weft_task *tasks[] = { weft_create_task(ticks(6)), weft_create_task(greedy(&lock)),
                           weft_create_task(uses(&lock, "B", 1)),
                           weft_create_task(uses(&lock, "C", 0)) };
    wait_all(tasks, 4);
    weft_lock_finish(&lock);
    return 0;
}

static void test_again(void)
{
    g_assert_cmpint(weft_run(again()), ==, 0);
    expect(". A+ . A-0 . B+ . B- . C+ C- . A++");
}

/* The main task holds the lock and `waiters` wait for it. Then, a letter a step: r releases, a
 * acquires, a dot is an iteration, a capital cancels that waiter, a small letter is a new one. */
struct scenario {
    const char *steps, *waiters;
    int ticks;
    const char *wanted;
};
static const struct scenario scenarios[] = {
    { "rB", "BC", 6, ". r0 xB . B! . C+ . C- . ." },
    { "Br", "BC", 6, ". xB r0 . B! . C+ . C- . ." },
    { "rBC", "BC", 6, ". r0 xB xC . B! C! . . . ." },
    { "BCrar", "BC", 6, ". xB xC r0 a r0 . B! C! . . . ." },
    { "Bra", "BC", 6, ". xB r0 . B! . C+ . C- . a ." },
    { "rd", "BC", 6, ". r0 . B+ . B- . C+ . C- . d+ d-" },
    { "Brd", "BC", 6, ". xB r0 . B! . C+ . C- . d+ d- ." },
    { "BCr", "BC", 6, ". xB xC r0 . B! C! . . . ." },
    { "B.r", "BC", 6, ". xB . B! r0 . C+ . C- . ." },
    { "rBar", "BC", 6, ". r0 xB . B! . C+ . C- . a r0 ." },
    { "CBr", "BC", 6, ". xC xB r0 . C! B! . . . ." },
    { "BrCa", "BC", 6, ". xB r0 xC a . B! C! . . . ." },
    { "r.B", "BC", 6, ". r0 . B+ xB . B- . C+ . C- ." },
    { "Brar", "BC", 6, ". xB r0 . B! . C+ . C- . a r0 ." },
    { "BC.rar", "BC", 6, ". xB xC . B! C! r0 a r0 . . . ." },
    { "BCrd", "BCD", 8, ". xB xC r0 . B! C! . D+ . D- . d+ d- . . ." },
    { "CrB", "BCD", 8, ". xC r0 xB . C! B! . D+ . D- . . . ." },
    { "BrD", "BCD", 8, ". xB r0 xD . B! D! . C+ . C- . . . ." },
    { "CrBd", "BCD", 8, ". xC r0 xB . C! B! . D+ . D- . d+ d- . . ." },
    { "BCDrar", "BCD", 8, ". xB xC xD r0 a r0 . B! C! D! . . . . . ." },
    { "Brar.C", "BCD", 8, ". xB r0 . B! . C+ . C- . D+ . D- . a r0 . xC" },
};

static const char *const letters[] = { "B", "C", "D", "d" };

static weft_task *waiter(weft_lock *lock, char letter)
{
    for (size_t i = 0; i < G_N_ELEMENTS(letters); i++)
        if (letters[i][0] == letter)
            return weft_create_task(uses(lock, letters[i], g_ascii_isupper(letter)));
    g_assert_not_reached();
}

WEFT_ASYNC(void, plays, const struct scenario *, s)
{
    weft_lock lock;
    weft_lock_init(&lock, NULL);
    WEFT_TRY(weft_lock_acquire(&lock));
    weft_task *tasks['z'] = { [0] = weft_create_task(ticks(s->ticks)) };
    for (const char *w = s->waiters; *w; w++)
        tasks[(int)*w] = waiter(&lock, *w);
    WEFT_TRY(weft_sleep(0));
    for (const char *step = s->steps; *step; step++) {
        if (*step == 'r') {
            g_assert_cmpint(weft_lock_release(&lock), ==, 0);
            note("r%d", weft_lock_locked(&lock));
        } else if (*step == 'a') {
            WEFT_TRY(weft_lock_acquire(&lock));
            note("a");
        } else if (*step == '.') {
            WEFT_TRY(weft_sleep(0));
        } else if (g_ascii_islower(*step)) {
            tasks[(int)*step] = waiter(&lock, *step);
        } else {
            weft_cancel(tasks[(int)*step]);
            note("x%c", *step);
        }
    }
    wait_all(tasks, 'z');
    weft_lock_finish(&lock);
    return 0;
}

static void test_scenario(gconstpointer data)
{
    const struct scenario *s = data;
    g_assert_cmpint(weft_run(plays(s)), ==, 0);
    expect(s->wanted);
}

/* WEFT_WITH_LOCK gives it back whichever way it is left. */
WEFT_ASYNC(int, holds, weft_lock *, lock, int, how)
{
    int rc = 0;
    WEFT_WITH_LOCK(lock, rc) {
        note("%d", weft_lock_locked(lock));
        if (how == 1)
            break;
        if (how == 2)
            return 0;
        if (how == 3)
            WEFT_TRY(weft_raise(UV_EIO, "broken"));
        if (how == 4)
            weft_lock_release(lock);
        WEFT_BREAK(rc, weft_sleep(how == 5 ? 3600 : 0));
    }
    *result = 1;
    return rc;
}

WEFT_ASYNC(void, with)
{
    weft_lock lock;
    weft_lock_init(&lock, "db");
    for (int how = 0; how < 5; how++) {
        int reached = 0;
        note("%s", weft_err_name(weft_await(holds(&lock, how, &reached))));
        note("%d%d", reached, weft_lock_locked(&lock));
    }
    weft_own weft_task *first = weft_create_task(holds(&lock, 5));
    weft_own weft_task *second = weft_create_task(holds(&lock, 5));
    WEFT_TRY(weft_sleep(0));
    weft_cancel(second); /* while it waits: the block is not entered */
    note("%s", weft_err_name(weft_await(second)));
    weft_cancel(first);
    note("%s", weft_err_name(weft_await(first)));
    g_assert_false(weft_lock_locked(&lock));
    weft_lock_finish(&lock);
    return 0;
}

static void test_with(void)
{
    g_assert_cmpint(weft_run(with()), ==, 0);
    expect("1 OK 10 1 OK 10 1 OK 00 1 EIO 00 1 ENOTHELD 10 1 ECANCELED ECANCELED");
}

/* ---- Bad use ---- */

static weft_lock kept;

WEFT_ASYNC(void, waits_for_kept)
{
    return weft_await(weft_lock_acquire(&kept));
}

WEFT_ASYNC(void, binds)
{
    WEFT_TRY(weft_lock_acquire(&kept));
    weft_own weft_task *task = weft_create_task(waits_for_kept());
    WEFT_TRY(weft_sleep(0));
    weft_lock_release(&kept);
    return weft_await(task);
}

WEFT_ASYNC(void, elsewhere)
{
    note("%s", weft_err_name(weft_await(weft_lock_acquire(&kept))));
    return 0;
}

static gpointer release_kept(gpointer data)
{
    (void)data;
    return GINT_TO_POINTER(weft_lock_release(&kept));
}

WEFT_ASYNC(void, misuses)
{
    weft_lock lock = { { 0 } };
    int rc = 0;
    g_assert_cmpint(weft_lock_init(NULL, NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_lock_acquire(NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_lock_release(NULL), ==, UV_EINVAL);
    g_assert_false(weft_lock_locked(NULL));
    weft_lock_finish(NULL);
    g_assert_cmpint(weft_lock_acquire(&lock), ==, UV_EINVAL);
    g_assert_cmpint(weft_lock_release(&lock), ==, UV_EINVAL);
    weft_lock_finish(&lock);
    WEFT_WITH_LOCK(NULL, rc)
        g_assert_not_reached();
    g_assert_cmpint(rc, ==, UV_EINVAL);
    weft_lock_init(&lock, NULL);
    g_assert_cmpint(weft_lock_release(&lock), ==, WEFT_ENOTHELD);
    weft_lock_finish(&lock);
    g_assert_cmpint(weft_lock_acquire(&lock), ==, UV_EINVAL);
    return 0;
}

static void test_misuse(void)
{
    g_assert_cmpint(weft_run(misuses()), ==, 0);
    weft_lock_init(&kept, NULL);
    g_assert_cmpint(weft_lock_acquire(&kept), ==, WEFT_ENOTASK);
    g_assert_cmpint(weft_run(binds()), ==, 0);
    /* Bound now: another thread may not touch it, and another loop may not wait for it. */
    g_assert_cmpint(GPOINTER_TO_INT(g_thread_join(g_thread_new("other", release_kept, NULL))), ==,
                    WEFT_ELOOP);
    g_assert_true(weft_lock_locked(&kept));
    g_assert_cmpint(weft_run(elsewhere()), ==, 0);
    expect("ELOOP");
    weft_lock_finish(&kept);
}

/* Anybody may release it; debug mode says who did not take it. */
static char *logged;

static void log_to(const char *message)
{
    g_free(logged);
    logged = g_strdup(message);
}

WEFT_ASYNC(void, takes, weft_lock *, lock)
{
    return weft_await(weft_lock_acquire(lock));
}

WEFT_ASYNC(void, releases, bool, debug)
{
    weft_lock lock;
    weft_lock_init(&lock, "db");
    weft_loop_set_debug(weft_running_loop(), debug);
    weft_set_name(weft_current_task(), "main");
    weft_set_log_function(log_to);
    WEFT_TRY(weft_lock_acquire(&lock));
    weft_lock_release(&lock);
    g_assert_null(logged);
    weft_own weft_task *task = weft_create_task(takes(&lock));
    WEFT_TRY(task);
    g_assert_cmpint(weft_lock_release(&lock), ==, 0);
    weft_set_log_function(NULL);
    weft_lock_finish(&lock);
    return 0;
}

static void test_another_holder(void)
{
    g_assert_cmpint(weft_run(releases(false)), ==, 0);
    g_assert_null(logged);
    g_assert_cmpint(weft_run(releases(true)), ==, 0);
    g_assert_true(
        g_str_has_suffix(logged, "lock db is released by main, which did not acquire it"));
    g_clear_pointer(&logged, g_free);
}

/* ---- Finished too early: reported, and nobody touches it any more ---- */

static char *reported;

static void on_report(weft_loop *loop, const char *message, const weft_error *error,
                      weft_future *future, void *arg)
{
    (void)loop, (void)error, (void)future, (void)arg;
    g_free(reported);
    reported = g_strdup(message);
}

WEFT_ASYNC(void, waits_with, weft_lock *, lock, const char *, name)
{
    int rc = 0;
    WEFT_WITH_LOCK(lock, rc)
        WEFT_BREAK(rc, weft_sleep(3600));
    note("%s:%s", name, weft_err_name(rc));
    return 0;
}

WEFT_ASYNC(void, abandons)
{
    weft_loop_set_exception_handler(weft_running_loop(), on_report, NULL);
    weft_lock *lock = g_new(weft_lock, 1);
    weft_lock_init(lock, "db");
    const char *names[] = { "holder", "waiter", "cancelled", "other" };
    weft_task *tasks[4];
    for (int i = 0; i < 4; i++)
        tasks[i] = weft_create_task(waits_with(lock, names[i]));
    WEFT_TRY(weft_sleep(0));
    weft_cancel(tasks[2]);
    weft_lock_finish(lock);
    g_free(lock);
    g_assert_cmpstr(reported, ==, "a lock db was finished while 2 tasks waited for it");
    WEFT_TRY(weft_sleep(0));
    WEFT_TRY(weft_sleep(0));
    weft_cancel(tasks[0]);
    wait_all(tasks, 4);
    return 0;
}

static void test_finish(void)
{
    g_assert_cmpint(weft_run(abandons()), ==, 0);
    expect("cancelled:ECANCELED waiter:ECLOSED other:ECLOSED holder:ECANCELED");
    g_clear_pointer(&reported, g_free);
}

/* Thousands that are cancelled at once and take the lock while they clean up: whoever looks at
 * the line must not look at all of it. */
WEFT_ASYNC(void, cleans_up, weft_lock *, lock, int *, count)
{
    int rc = weft_await(weft_lock_acquire(lock));
    g_assert_cmpint(rc, ==, WEFT_ECANCELED);
    int inner = 0;
    WEFT_WITH_LOCK(lock, inner)
        ++*count;
    return rc;
}

WEFT_ASYNC(void, crowd, int, n)
{
    int count = 0;
    weft_lock lock;
    weft_lock_init(&lock, NULL);
    WEFT_TRY(weft_lock_acquire(&lock));
    weft_task **tasks = g_new(weft_task *, n);
    for (int i = 0; i < n; i++)
        tasks[i] = weft_create_task(cleans_up(&lock, &count), .stack_size = 16384);
    WEFT_TRY(weft_sleep(0));
    for (int i = 0; i < n; i++)
        weft_cancel(tasks[i]);
    weft_lock_release(&lock);
    wait_all(tasks, n);
    g_free(tasks);
    g_assert_cmpint(count, ==, n);
    weft_lock_finish(&lock);
    return 0;
}

static void test_crowd(void)
{
    g_assert_cmpint(weft_run(crowd(SLOW ? 500 : 5000)), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/lock/fifo", test_fifo);
    g_test_add_func("/runtime/lock/again", test_again);
    for (size_t i = 0; i < G_N_ELEMENTS(scenarios); i++) {
        g_autofree char *path = g_strdup_printf("/runtime/lock/%s-%s", scenarios[i].waiters,
                                                scenarios[i].steps);
        g_test_add_data_func(path, &scenarios[i], test_scenario);
    }
    g_test_add_func("/runtime/lock/with", test_with);
    g_test_add_func("/runtime/lock/another-holder", test_another_holder);
    g_test_add_func("/runtime/lock/misuse", test_misuse);
    g_test_add_func("/runtime/lock/finish", test_finish);
    g_test_add_func("/runtime/lock/crowd", test_crowd);
    return g_test_run();
}
