/* event_test.c: Event: who is woken, and in which iteration. The orders are those that CPython 3.13
 * prints for the same steps; a dot is an iteration. */
#include "ticks.h"

WEFT_ASYNC(void, waits, weft_event *, event, char, name)
{
    int rc = weft_await(weft_event_wait(event));
    note(rc == 0 ? "%c+" : "%c!", name);
    return rc;
}

/* A, B and C wait. Then, a letter a step: s sets, c clears, w waits, a dot is an iteration, a
 * capital cancels that waiter, another small letter is a new one. */
struct scenario {
    const char *steps, *wanted;
};
static const struct scenario scenarios[] = {
    { "s", ". s . A+ B+ C+ . . ." },
    { "sc", ". s c . A+ B+ C+ . . ." },
    { "sB", ". s xB . A+ B! C+ . . ." },
    { "Bs", ". xB s . B! A+ C+ . . ." },
    { "scs", ". s c s . A+ B+ C+ . . ." },
    { "scd.s", ". s c . A+ B+ C+ s . d+ . ." },
    { "sd", ". s . A+ B+ C+ d+ . . ." },
    { "dsc", ". s c . A+ B+ C+ . . d! ." },
    { "sw", ". s w . A+ B+ C+ . . ." },
    { "scd", ". s c . A+ B+ C+ . . d! ." },
    { "BscB", ". xB s c xB . B! A+ C+ . . ." },
    { "s.c.ds", ". s . A+ B+ C+ c . s . d+ ." },
};

WEFT_ASYNC(void, plays, const char *, steps)
{
    weft_event event;
    weft_event_init(&event, "go");
    weft_task *tasks['z'] = { [0] = weft_create_task(ticks(5)) };
    for (char name = 'A'; name <= 'C'; name++)
        tasks[(int)name] = weft_create_task(waits(&event, name));
    WEFT_TRY(weft_sleep(0));
    for (; *steps; steps++) {
        if (*steps == '.') {
            WEFT_TRY(weft_sleep(0));
            continue;
        }
        if (*steps != 'd')
            note(g_ascii_isupper(*steps) ? "x%c" : "%c", *steps);
        if (*steps == 's')
            weft_event_set(&event);
        else if (*steps == 'c')
            weft_event_clear(&event);
        else if (*steps == 'w')
            WEFT_TRY(weft_event_wait(&event));
        else if (*steps == 'd')
            tasks['d'] = weft_create_task(waits(&event, 'd'));
        else
            weft_cancel(tasks[(int)*steps]);
    }
    WEFT_TRY(weft_sleep(0));
    WEFT_TRY(weft_sleep(0));
    for (char name = 'A'; name <= 'd'; name++)
        weft_cancel(tasks[(int)name]);
    wait_all(tasks, 'z');
    weft_event_finish(&event);
    return 0;
}

static void test_scenario(gconstpointer data)
{
    const struct scenario *s = data;
    g_assert_cmpint(weft_run(plays(s->steps)), ==, 0);
    expect(s->wanted);
}

static void set(void *event)
{
    weft_event_set((weft_event *)event);
}

WEFT_ASYNC(void, set_by_a_callback)
{
    weft_event event;
    weft_event_init(&event, NULL);
    weft_call_later(0.001, set, &event);
    WEFT_TRY(weft_event_wait(&event));
    g_assert_true(weft_event_is_set(&event));
    weft_event_finish(&event);
    return 0;
}

static void test_callback(void)
{
    g_assert_cmpint(weft_run(set_by_a_callback()), ==, 0);
}

/* Set and gone: who was woken is not asked to look at it again. Who was not is told. */
static void ignore(weft_loop *loop, const char *message, const weft_error *error,
                   weft_future *future, void *arg)
{
    (void)loop, (void)error, (void)future, (void)arg;
    note("<%s>", message);
}

WEFT_ASYNC(void, tells, weft_event *, event)
{
    note("%s", weft_err_name(weft_await(weft_event_wait(event))));
    return 0;
}

WEFT_ASYNC(void, gone, bool, first_set)
{
    weft_loop_set_exception_handler(weft_running_loop(), ignore, NULL);
    weft_event *event = g_new(weft_event, 1);
    weft_event_init(event, first_set ? NULL : "go");
    weft_task *tasks[] = { weft_create_task(tells(event)), weft_create_task(tells(event)) };
    WEFT_TRY(weft_sleep(0));
    if (first_set)
        weft_event_set(event);
    weft_event_finish(event);
    g_free(event);
    wait_all(tasks, 2);
    return 0;
}

static void test_finish(void)
{
    g_assert_cmpint(weft_run(gone(true)), ==, 0);
    expect("OK OK");
    g_assert_cmpint(weft_run(gone(false)), ==, 0);
    expect("<an event go was finished while 2 tasks waited for it> ECLOSED ECLOSED");
}

static void test_misuse(void)
{
    weft_event event = { { 0 } };
    g_assert_cmpint(weft_event_init(NULL, NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_event_set(NULL), ==, UV_EINVAL);
    g_assert_cmpint(weft_event_set(&event), ==, UV_EINVAL);
    g_assert_cmpint(weft_event_clear(&event), ==, UV_EINVAL);
    g_assert_cmpint(weft_event_wait(&event), ==, UV_EINVAL);
    g_assert_false(weft_event_is_set(NULL));
    weft_event_finish(&event);
    weft_event_finish(NULL);
    /* Before there is a loop it can be set, not waited for. */
    g_assert_cmpint(weft_event_init(&event, "early"), ==, 0);
    g_assert_cmpint(weft_event_wait(&event), ==, WEFT_ENOTASK);
    g_assert_cmpint(weft_event_set(&event), ==, 0);
    g_assert_cmpint(weft_run(tells(&event)), ==, 0);
    expect("OK");
    weft_event_finish(&event);
    g_assert_cmpint(weft_event_set(&event), ==, UV_EINVAL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(scenarios); i++) {
        g_autofree char *path = g_strdup_printf("/runtime/event/%s", scenarios[i].steps);
        g_test_add_data_func(path, &scenarios[i], test_scenario);
    }
    g_test_add_func("/runtime/event/callback", test_callback);
    g_test_add_func("/runtime/event/finish", test_finish);
    g_test_add_func("/runtime/event/misuse", test_misuse);
    return g_test_run();
}
