/* taskline_test.c: tasks in words, from states put together by hand; and chains to their ends. */
#include "tracer/model/taskline.h"

#define SECOND G_GINT64_CONSTANT(1000000000)

struct fixture {
    weft_trace *trace;
    weft_state *state;
    struct weft_moment moment;
    guint32 strings;
};

static uint64_t task(unsigned n)
{
    return weft_id(WEFT_ENTITY_TASK, 0, n);
}

static uint64_t thing(enum weft_entity kind, unsigned n)
{
    return weft_id(kind, 0, n);
}

static void set_up(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    f->trace = weft_trace_new();
    f->state = weft_state_new();
    weft_trace_define_site(f->trace, 1, "app.c", "main", 12);
    f->strings = 0;
}

static void tear_down(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    weft_moment_clear(&f->moment);
    weft_state_free(f->state);
    weft_trace_unref(f->trace);
}

static guint32 string(struct fixture *f, const char *text)
{
    weft_trace_define_string(f->trace, ++f->strings, text);
    return f->strings;
}

static struct weft_task_at put(struct fixture *f, unsigned n, const char *name,
                               enum weft_task_state is, unsigned detail, uint64_t other)
{
    struct weft_task_at at = { .id = task(n),
                               .state = (uint8_t)is,
                               .detail = (uint8_t)detail,
                               .other = other,
                               .site = 1,
                               .name = name ? string(f, name) : 0 };
    weft_state_put_task(f->state, &at);
    return at;
}

static uint64_t put_object(struct fixture *f, struct weft_object_at at, const char *name)
{
    at.name = name ? string(f, name) : 0;
    weft_state_put_object(f->state, &at);
    return at.id;
}

static uint64_t put_lock(struct fixture *f, unsigned n, const char *name, uint64_t owner)
{
    return put_object(f,
                      (struct weft_object_at){
                          .id = thing(WEFT_ENTITY_LOCK, n), .owner = owner, .value = owner != 0 },
                      name);
}

static void assert_awaits(struct fixture *f, unsigned n, const char *expected)
{
    g_clear_pointer(&f->moment.timeouts, g_hash_table_unref);
    f->moment = weft_moment_new(f->trace, f->state, 10 * SECOND);
    g_autofree char *text = weft_moment_awaited(&f->moment, weft_state_task(f->state, task(n)));
    g_assert_cmpstr(text, ==, expected);
}

static void test_locks(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    put(f, 1, "reader", WEFT_STATE_WAITING, WEFT_AWAIT_LOCK, put_lock(f, 1, "db", task(2)));
    put(f, 2, NULL, WEFT_STATE_RUNNING, 0, 0);
    assert_awaits(f, 1, "lock \"db\", held by Task-2");
    assert_awaits(f, 2, "");
    put(f, 2, NULL, WEFT_STATE_DONE, WEFT_OUTCOME_CANCELLED, 0);
    assert_awaits(f, 1, "lock \"db\", held by Task-2, which has ended");
    assert_awaits(f, 2, "cancelled");
    put(f, 3, NULL, WEFT_STATE_WAITING, WEFT_AWAIT_LOCK, put_lock(f, 7, NULL, 0));
    assert_awaits(f, 3, "lock 7");
}

static void test_parties(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    uint64_t pair = put_object(
        f, (struct weft_object_at){ .id = thing(WEFT_ENTITY_SEMAPHORE, 1), .capacity = 5 }, "pair");
    uint64_t group = put_object(
        f, (struct weft_object_at){ .id = thing(WEFT_ENTITY_GROUP, 1), .capacity = 3 }, NULL);
    for (unsigned i = 1; i <= 5; i++) {
        put(f, i, NULL, WEFT_STATE_READY, WEFT_WAKE_IO, 0);
        weft_state_put_party(f->state, pair, &(struct weft_party){ task(i), 1 });
        if (i <= 3)
            weft_state_put_party(f->state, group, &(struct weft_party){ task(i), 0 });
    }
    put(f, 8, NULL, WEFT_STATE_WAITING, WEFT_AWAIT_SEMAPHORE, pair);
    put(f, 9, NULL, WEFT_STATE_WAITING, WEFT_AWAIT_GROUP, group);
    assert_awaits(f, 8, "semaphore \"pair\", held by Task-1, Task-2, Task-3 and 2 more");
    assert_awaits(f, 9, "gather of 3: waits for Task-1, Task-2 and Task-3");
    put(f, 2, NULL, WEFT_STATE_DONE, WEFT_OUTCOME_RESULT, 0);
    assert_awaits(f, 9, "gather of 3: waits for Task-1 and Task-3");
    static const char *const names[][2] = { { "shield", "shield of 1" },
                                            { "task group family", "task group \"family\" of 1" },
                                            { "requests", "gather \"requests\" of 1" } };
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        uint64_t named = put_object(
            f, (struct weft_object_at){ .id = thing(WEFT_ENTITY_GROUP, 2 + i), .capacity = 1 },
            names[i][0]);
        put(f, 9, NULL, WEFT_STATE_WAITING, WEFT_AWAIT_GROUP, named);
        assert_awaits(f, 9, names[i][1]);
    }
}

static void test_times(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    uint64_t timer = put_object(f,
                                (struct weft_object_at){ .id = thing(WEFT_ENTITY_TIMER, 1),
                                                         .owner = task(1),
                                                         .deadline_mono_ns = 12 * SECOND },
                                NULL);
    uint64_t late = put_object(f,
                               (struct weft_object_at){ .id = thing(WEFT_ENTITY_TIMER, 2),
                                                        .owner = task(2),
                                                        .deadline_mono_ns = 7 * SECOND },
                               NULL);
    put(f, 1, NULL, WEFT_STATE_WAITING, WEFT_AWAIT_TIMER, timer);
    put(f, 2, NULL, WEFT_STATE_WAITING, WEFT_AWAIT_TIMER, late);
    put(f, 3, NULL, WEFT_STATE_WAITING, WEFT_AWAIT_TIMER, 0);
    for (unsigned i = 1; i <= 2; i++)
        put_object(f,
                   (struct weft_object_at){ .id = thing(WEFT_ENTITY_TIMEOUT, i),
                                            .owner = task(1),
                                            .deadline_mono_ns = (20 + i) * SECOND },
                   NULL);
    assert_awaits(f, 1, "sleep, due in 2.00 s");
    assert_awaits(f, 2, "sleep, due 3.00 s ago");
    assert_awaits(f, 3, "sleep");
    gint64 over;
    g_assert_true(weft_moment_timeout(&f->moment, task(1), &over));
    g_assert_cmpint(over, ==, 21 * SECOND);
    g_assert_false(weft_moment_timeout(&f->moment, task(2), &over));
}

static void test_others(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    uint64_t jobs = put_object(
        f, (struct weft_object_at){ .id = thing(WEFT_ENTITY_QUEUE, 1), .capacity = 2, .value = 2 },
        "jobs");
    uint64_t endless = put_object(f, (struct weft_object_at){ .id = thing(WEFT_ENTITY_QUEUE, 2) },
                                  NULL);
    uint64_t stream = put_object(f, (struct weft_object_at){ .id = thing(WEFT_ENTITY_STREAM, 1) },
                                 ":9082");
    put(f, 1, "main", WEFT_STATE_WAITING, WEFT_AWAIT_QUEUE_PUT, jobs);
    assert_awaits(f, 1, "put into queue \"jobs\" (2 of 2)");
    put(f, 2, NULL, WEFT_STATE_WAITING, WEFT_AWAIT_QUEUE_GET, endless);
    assert_awaits(f, 2, "get from queue 2 (empty)");
    put(f, 2, NULL, WEFT_STATE_WAITING, WEFT_AWAIT_READ, stream);
    assert_awaits(f, 2, "recv :9082");
    put(f, 2, NULL, WEFT_STATE_WAITING, WEFT_AWAIT_JOB, thing(WEFT_ENTITY_JOB, 1));
    assert_awaits(f, 2, "thread");
    put(f, 2, NULL, WEFT_STATE_WAITING, WEFT_AWAIT_TASK, task(1));
    assert_awaits(f, 2, "task main");
    put(f, 2, NULL, WEFT_STATE_CANCELLING, WEFT_AWAIT_EVENT, thing(WEFT_ENTITY_EVENT, 4));
    assert_awaits(f, 2, "cleanup: event 4");
    put(f, 2, NULL, WEFT_STATE_READY, WEFT_WAKE_CREATED, task(1));
    assert_awaits(f, 2, "created by main");
    put(f, 2, NULL, WEFT_STATE_READY, WEFT_WAKE_TASK, task(2));
    assert_awaits(f, 2, "sleep(0)");
    put(f, 2, NULL, WEFT_STATE_READY, WEFT_WAKE_TIMER, thing(WEFT_ENTITY_TIMER, 3));
    assert_awaits(f, 2, "woken: timer");
    put(f, 2, NULL, WEFT_STATE_UNKNOWN, 0, 0);
    assert_awaits(f, 2, "");
    put(f, 2, NULL, WEFT_STATE_WAITING, 200, thing(WEFT_ENTITY_END, 1));
    assert_awaits(f, 2, "something"); /* of a later version */
}

static void assert_circle(struct fixture *f, const char *expected)
{
    g_clear_pointer(&f->moment.timeouts, g_hash_table_unref);
    f->moment = weft_moment_new(f->trace, f->state, 10 * SECOND);
    g_autoptr(GPtrArray) circles = weft_waits_circles(f->state, 0);
    g_assert_cmpuint(circles->len, ==, 1);
    g_autofree char *circle = weft_moment_circle(&f->moment, circles->pdata[0]);
    g_assert_cmpstr(circle, ==, expected);
}

/* Two hold a unit each and want one more: it is not one that waits for itself. */
static void test_circle_of_a_semaphore(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    uint64_t slots = put_object(
        f, (struct weft_object_at){ .id = thing(WEFT_ENTITY_SEMAPHORE, 1), .capacity = 2 },
        "slots");
    put(f, 1, "Ada", WEFT_STATE_WAITING, WEFT_AWAIT_SEMAPHORE, slots);
    put(f, 2, "Bob", WEFT_STATE_WAITING, WEFT_AWAIT_LOCK, put_lock(f, 1, "db", task(1)));
    for (unsigned i = 1; i <= 2; i++)
        weft_state_put_party(f->state, slots, &(struct weft_party){ task(i), 1 });
    assert_circle(f, "Ada waits for semaphore \"slots\", held by Ada and Bob, which all wait");
}

/* The same, but the circle goes on behind the semaphore. */
static void test_circle_through_a_semaphore(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    uint64_t slots = put_object(
        f, (struct weft_object_at){ .id = thing(WEFT_ENTITY_SEMAPHORE, 1), .capacity = 2 },
        "slots");
    put(f, 1, "Ada", WEFT_STATE_WAITING, WEFT_AWAIT_SEMAPHORE, slots);
    for (unsigned i = 2; i <= 3; i++) {
        put(f, i, i == 2 ? "Bob" : "Eve", WEFT_STATE_WAITING, WEFT_AWAIT_LOCK,
            put_lock(f, 1, "db", task(1)));
        weft_state_put_party(f->state, slots, &(struct weft_party){ task(i), 1 });
    }
    assert_circle(f, "Ada waits for semaphore \"slots\", held by Bob and Eve; Bob waits for lock "
                     "\"db\", held by Ada");
}

static void assert_chain(struct fixture *f, unsigned n, guint max, const char *expected)
{
    g_clear_pointer(&f->moment.timeouts, g_hash_table_unref);
    f->moment = weft_moment_new(f->trace, f->state, 10 * SECOND);
    struct weft_await_chain chain = weft_await_chain(f->state, task(n), max);
    g_autofree char *text = weft_moment_chain(&f->moment, &chain);
    g_assert_cmpstr(text, ==, expected);
    weft_await_chain_clear(&chain);
}

static void test_chains(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    put(f, 1, "reader", WEFT_STATE_WAITING, WEFT_AWAIT_LOCK, put_lock(f, 1, "db", task(2)));
    put(f, 2, "writer", WEFT_STATE_WAITING, WEFT_AWAIT_TASK, task(3));
    put(f, 3, "fetch", WEFT_STATE_WAITING, WEFT_AWAIT_READ, 0);
    assert_chain(f, 1, 100,
                 "reader waits for lock \"db\", held by writer, which waits for task fetch, "
                 "which waits for recv");
    assert_chain(f, 1, 2, "reader waits for lock \"db\", and so on");
    put(f, 3, "fetch", WEFT_STATE_RUNNING, 0, 0);
    assert_chain(f, 2, 100, "writer waits for task fetch, which is running");
    put(f, 3, "fetch", WEFT_STATE_UNKNOWN, 0, 0);
    assert_chain(f, 2, 100, "writer waits for task fetch, of which nothing is known");
    put(f, 3, "fetch", WEFT_STATE_WAITING, WEFT_AWAIT_LOCK, thing(WEFT_ENTITY_LOCK, 1));
    assert_chain(
        f, 3, 100,
        "fetch waits for lock \"db\", held by writer, which waits for task fetch: a circle");
    assert_circle(f, "writer waits for task fetch, which waits for lock \"db\", held by writer");
}

static void test_loop(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    f->moment = weft_moment_new(f->trace, f->state, 10 * SECOND);
    g_assert_null(weft_moment_loop(&f->moment, 0));
    put(f, 1, "hog", WEFT_STATE_NEW, 0, 0);
    weft_state_put_running(f->state, 0, task(1), 2 * SECOND);
    g_autofree char *alone = weft_moment_loop(&f->moment, 0);
    g_assert_cmpstr(alone, ==,
                    "hog holds its loop, which has not polled for 8.00 s; it went on "
                    "from app.c:12 (main)");
    put(f, 2, NULL, WEFT_STATE_READY, 0, 0);
    put(f, 3, NULL, WEFT_STATE_READY, 0, 0);
    g_autofree char *behind = weft_moment_loop(&f->moment, 0);
    g_assert_true(g_str_has_suffix(behind, "(main); 2 tasks are ready behind it"));
}

static void assert_site(struct weft_trace_site site, const char *text, const char *brief)
{
    g_autofree char *whole = weft_site_text(&site), *cut = weft_site_short(&site);
    g_assert_cmpstr(whole, ==, text);
    g_assert_cmpstr(cut, ==, brief);
}

static void test_sites(struct fixture *f G_GNUC_UNUSED, gconstpointer data G_GNUC_UNUSED)
{
    assert_site((struct weft_trace_site){ "src/a/app.c", "main", 12 }, "src/a/app.c:12 (main)",
                "app.c:12 (main)");
    assert_site((struct weft_trace_site){ "app.c", NULL, 12 }, "app.c:12", "app.c:12");
    assert_site((struct weft_trace_site){ "app.c", "main", 0 }, "", "");
}

#define add(name, function)                                                                        \
    g_test_add("/taskline/" name, struct fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("locks", test_locks);
    add("parties", test_parties);
    add("times", test_times);
    add("others", test_others);
    add("circle-of-a-semaphore", test_circle_of_a_semaphore);
    add("circle-through-a-semaphore", test_circle_through_a_semaphore);
    add("chains", test_chains);
    add("loop", test_loop);
    add("sites", test_sites);
    return g_test_run();
}
