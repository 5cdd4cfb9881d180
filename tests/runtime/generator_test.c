/* generator_test.c: async generators: what their consumer sees, and what they see of it. */
#include "journal.h"
#include "runtime/weft.h"
#include <string.h>

/* Counts; says how its yield ended, and that it cleaned up, which takes an await. */
WEFT_GENERATOR(int, counts, int, to)
{
    int rc = 0;
    for (int i = 0; i < to && rc == 0; i++) {
        WEFT_TRY(weft_sleep(0));
        rc = weft_await(weft_yield(i));
    }
    if (rc < 0)
        note("%s", weft_err_name(rc));
    weft_await(weft_sleep(0));
    note("end");
    return rc;
}

/* ---- async for ---- */

WEFT_ASYNC(void, loops_over)
{
    int rc = -1;
    WEFT_FOR(int, i, counts(3), rc)
    note("%d", i);
    g_assert_cmpint(rc, ==, 0);
    WEFT_FOR(int, i, counts(0), rc)
    g_assert_not_reached();
    return rc;
}

static void test_for(void)
{
    g_assert_cmpint(weft_run(loops_over()), ==, 0);
    expect("0 1 2 end end");
}

WEFT_ASYNC(void, breaks)
{
    int rc;
    WEFT_FOR(int, i, counts(9), rc)
    {
        if (i == 0)
            continue;
        note("%d", i);
        break;
    }
    note("behind");
    return rc;
}

static void test_break(void)
{
    g_assert_cmpint(weft_run(breaks()), ==, 0);
    expect("1 ECLOSED end behind");
}

WEFT_ASYNC(void, fails_in_body)
{
    int rc;
    WEFT_FOR(int, i, counts(9), rc)
    {
        note("%d", i);
        WEFT_TRY(weft_raise(UV_EIO, "in the body"));
    }
    g_assert_not_reached();
}

WEFT_ASYNC(int, returns_from_body)
{
    int rc;
    WEFT_FOR(int, i, counts(9), rc)
    {
        *result = i + 7;
        return 0;
    }
    return UV_EIO;
}

WEFT_ASYNC(void, breaks_with_code)
{
    int rc = 0;
    WEFT_FOR(int, i, counts(9), rc)
    {
        note("%d", i);
        WEFT_BREAK(rc, weft_raise(UV_EIO, "in the body"));
    }
    note("%s", weft_err_name(rc));
    return 0;
}

WEFT_ASYNC(void, leaves_early)
{
    g_assert_cmpint(weft_await(fails_in_body()), ==, UV_EIO);
    int value = 0;
    WEFT_TRY(returns_from_body(&value));
    g_assert_cmpint(value, ==, 7);
    return weft_await(breaks_with_code());
}

static void test_leaving(void)
{
    g_assert_cmpint(weft_run(leaves_early()), ==, 0);
    expect("0 ECLOSED end ECLOSED end 0 ECLOSED end EIO");
}

WEFT_GENERATOR(const char *, says_then_fails)
{
    WEFT_TRY(weft_yield("word"));
    return weft_raise(UV_EPIPE, "no more words");
}

WEFT_ASYNC(void, sees_failure)
{
    int rc;
    WEFT_FOR(const char *, word, says_then_fails(), rc)
    note("%s", word);
    note("%s (%s)", weft_err_name(rc), weft_error_message(weft_current_error()));
    return 0;
}

static void test_failure(void)
{
    g_assert_cmpint(weft_run(sees_failure()), ==, 0);
    expect("word EPIPE (no more words)");
}

/* ---- By hand ---- */

WEFT_ASYNC(void, by_hand)
{
    weft_own weft_generator *generator = weft_generator_new(counts(1));
    int value = -1;
    WEFT_TRY(weft_next(generator, &value));
    g_assert_cmpint(value, ==, 0);
    g_assert_cmpint(weft_await(weft_next(generator, &value)), ==, WEFT_ESTOPITER);
    g_assert_cmpint(weft_await(weft_next(generator, &value)), ==, WEFT_ESTOPITER);
    g_assert_cmpint(weft_await(weft_generator_close(generator)), ==, 0);
    weft_own weft_generator *fresh = weft_generator_new(counts(1));
    WEFT_TRY(weft_generator_close(fresh));
    g_assert_cmpint(weft_await(weft_next(fresh, &value)), ==, WEFT_ESTOPITER);
    weft_own weft_generator *again = weft_generator_new(counts(5));
    WEFT_TRY(weft_next(again, &value));
    WEFT_TRY(weft_generator_close(again));
    WEFT_TRY(weft_generator_close(again));
    return 0;
}

static void test_by_hand(void)
{
    g_assert_cmpint(weft_run(by_hand()), ==, 0);
    expect("end ECLOSED end");
}

WEFT_ASYNC(void, asks, weft_generator *, generator)
{
    int value;
    int rc = weft_await(weft_next(generator, &value));
    note("%s", weft_err_name(rc));
    return 0;
}

WEFT_ASYNC(void, misuses)
{
    int value;
    int64_t wide;
    g_assert_cmpint(weft_await(weft_next(NULL, &value)), ==, UV_EINVAL);
    g_assert_cmpint(weft_await(weft_generator_close(NULL)), ==, UV_EINVAL);
    g_assert_cmpint(weft_yield_at(WEFT_HERE), ==, UV_EINVAL);
    weft_own weft_generator *generator = weft_generator_new(counts(5));
    g_assert_cmpint(weft_await(weft_next(generator, &wide)), ==, UV_EINVAL);
    /* While one task waits inside it, another cannot have its next value. */
    weft_own weft_task *first = weft_create_task(asks(generator));
    weft_own weft_task *second = weft_create_task(asks(generator));
    weft_own weft_future *both = weft_gather_all(((weft_future *[]){ first, second }), 2);
    WEFT_TRY(both);
    /* Then it goes on in a third. */
    WEFT_TRY(weft_next(generator, &value));
    g_assert_cmpint(value, ==, 1);
    return weft_await(weft_generator_close(generator));
}

static void test_misuse(void)
{
    g_assert_cmpint(weft_run(misuses()), ==, 0);
    expect("EBUSY OK ECLOSED end");
    g_assert_cmpint(weft_yield_at(WEFT_HERE), ==, WEFT_ENOTASK);
    g_assert_null(weft_generator_new(counts(1)));
}

/* ---- Cancellation, scopes, nesting ---- */

WEFT_GENERATOR(int, sleeps_inside)
{
    WEFT_TRY(weft_yield(1));
    int rc = weft_await(weft_sleep(3600));
    note("inside-%s", weft_err_name(rc));
    return rc;
}

WEFT_ASYNC(void, is_cancelled)
{
    int rc;
    WEFT_FOR(int, i, sleeps_inside(), rc)
    note("%d", i);
    note("%s", weft_err_name(rc));
    return rc;
}

WEFT_ASYNC(void, cancels)
{
    weft_own weft_task *task = weft_create_task(is_cancelled(), .name = "consumer");
    WEFT_TRY(weft_sleep(0));
    char *text = NULL;
    size_t size;
    FILE *memory = open_memstream(&text, &size);
    weft_print_stack(task, memory);
    fclose(memory);
    g_assert_nonnull(strstr(text, "in is_cancelled"));
    g_assert_nonnull(strstr(strstr(text, "in is_cancelled"), "in sleeps_inside"));
    g_free(text);
    weft_cancel(task);
    g_assert_cmpint(weft_await(task), ==, WEFT_ECANCELED);
    return 0;
}

static void test_cancel(void)
{
    g_assert_cmpint(weft_run(cancels()), ==, 0);
    expect("1 inside-ECANCELED ECANCELED");
}

/* Its own timeouts are left by its own WEFT_TRY, whoever asked for the value meanwhile. */
WEFT_GENERATOR(int, times_out)
{
    int rc = 0;
    WEFT_TIMEOUT(deadline, 3600, rc) {
        WEFT_TRY(weft_yield(1));
        weft_timeout_reschedule(&deadline, weft_time());
        WEFT_TRY(weft_sleep(3600));
    }
    return rc;
}

static __attribute__((noinline)) int next_from_deeper(weft_generator *generator, int *value)
{
    char room[3000];
    memset(room, 1, sizeof room);
    int rc = weft_await(weft_next(generator, value));
    g_assert_cmpint(room[2999], ==, 1);
    return rc;
}

WEFT_ASYNC(void, asks_within_timeout)
{
    weft_own weft_generator *generator = weft_generator_new(times_out());
    int value = 0, rc = 0;
    WEFT_TRY(weft_next(generator, &value));
    WEFT_TIMEOUT(outer, 3600, rc) {
        rc = next_from_deeper(generator, &value);
        g_assert_cmpint(rc, ==, WEFT_ETIMEDOUT);
        rc = 0;
        g_assert_false(weft_timeout_expired(&outer));
    }
    return rc;
}

static void test_scopes(void)
{
    g_assert_cmpint(weft_run(asks_within_timeout()), ==, 0);
}

WEFT_GENERATOR(int, doubles, int, to)
{
    int rc;
    WEFT_FOR(int, i, counts(to), rc)
    {
        int yielded = weft_await(weft_yield(2 * i));
        if (yielded < 0)
            return yielded;
    }
    return rc;
}

WEFT_ASYNC(void, consumes_nested)
{
    int rc;
    WEFT_FOR(int, i, doubles(3), rc)
    note("%d", i);
    WEFT_FOR(int, i, doubles(3), rc)
    {
        note("%d", i);
        break;
    }
    return rc;
}

static void test_nested(void)
{
    g_assert_cmpint(weft_run(consumes_nested()), ==, 0);
    expect("0 2 4 end 0 ECLOSED end");
}

/* ---- Ends ---- */

WEFT_ASYNC(void, drops)
{
    weft_generator *generator = weft_generator_new(counts(5));
    int value;
    WEFT_TRY(weft_next(generator, &value));
    weft_unref(generator);
    note("dropped");
    WEFT_TRY(weft_sleep(0));
    WEFT_TRY(weft_sleep(0));
    return 0;
}

static weft_generator *kept;

WEFT_ASYNC(void, keeps)
{
    int value;
    kept = weft_generator_new(counts(5));
    WEFT_TRY(weft_next(kept, &value));
    note("kept");
    return 0;
}

static void test_drop(void)
{
    g_assert_cmpint(weft_run(drops()), ==, 0);
    expect("dropped ECLOSED end");
    /* What is left is closed when the loop shuts down. */
    g_assert_cmpint(weft_run(keeps()), ==, 0);
    expect("kept ECLOSED end");
    weft_unref(kept);
}

WEFT_GENERATOR(int, never_stops)
{
    for (int i = 0; i < 1000; i++)
        (void)weft_await(weft_yield(i));
    return 0;
}

WEFT_ASYNC(void, closes_stubborn)
{
    weft_own weft_generator *generator = weft_generator_new(never_stops());
    int value;
    WEFT_TRY(weft_next(generator, &value));
    int rc = weft_await(weft_generator_close(generator));
    note("%s (%s)", weft_err_name(rc), weft_error_message(weft_current_error()));
    note("%s", weft_err_name(weft_await(weft_next(generator, &value))));
    return 0;
}

static void test_stubborn(void)
{
    g_assert_cmpint(weft_run(closes_stubborn()), ==, 0);
    expect("EINVALSTATE (generator never_stops yielded while it was being closed) ESTOPITER");
}

WEFT_ASYNC(void, stays_inside)
{
    int rc;
    WEFT_FOR(int, i, sleeps_inside(), rc)
    note("%d", i);
    return rc;
}

static void is_reported(weft_loop *loop, const char *message, const weft_error *error,
                        weft_future *future, void *arg)
{
    (void)loop, (void)error, (void)future, (void)arg;
    note("[%s]", message);
}

static void stop(void *arg)
{
    weft_loop_stop(arg);
}

/* A loop is closed while a task waits inside a generator: both are told. */
static void test_loop_closes(void)
{
    weft_loop *loop = weft_loop_new((weft_run_options){ 0 });
    weft_loop_set_exception_handler(loop, is_reported, NULL);
    weft_detach(weft_create_task(stays_inside()));
    weft_call_later(0.001, stop, loop);
    weft_loop_run_forever(loop);
    g_assert_cmpint(weft_loop_close(loop), ==, 0);
    expect("1 [a task was destroyed while pending] inside-ECLOSED");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/generator/for", test_for);
    g_test_add_func("/runtime/generator/break", test_break);
    g_test_add_func("/runtime/generator/leaving", test_leaving);
    g_test_add_func("/runtime/generator/failure", test_failure);
    g_test_add_func("/runtime/generator/by-hand", test_by_hand);
    g_test_add_func("/runtime/generator/misuse", test_misuse);
    g_test_add_func("/runtime/generator/cancel", test_cancel);
    g_test_add_func("/runtime/generator/scopes", test_scopes);
    g_test_add_func("/runtime/generator/nested", test_nested);
    g_test_add_func("/runtime/generator/drop", test_drop);
    g_test_add_func("/runtime/generator/stubborn", test_stubborn);
    g_test_add_func("/runtime/generator/loop-closes", test_loop_closes);
    return g_test_run();
}
