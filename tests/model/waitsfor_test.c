/* waitsfor_test.c: who waits for whom, and circles: states put together by hand. */
#include "tracer/model/waitsfor.h"

enum { RING = 0 };

static uint64_t task(unsigned n)
{
    return weft_id(WEFT_ENTITY_TASK, RING, n);
}

static uint64_t thing(enum weft_entity kind, unsigned n)
{
    return weft_id(kind, RING, n);
}

static void put_task(weft_state *state, unsigned n, enum weft_task_state is, unsigned detail,
                     uint64_t other)
{
    struct weft_task_at at = {
        .id = task(n), .state = (uint8_t)is, .detail = (uint8_t)detail, .other = other
    };
    weft_state_put_task(state, &at);
}

static void put_waiting(weft_state *state, unsigned n, enum weft_await_kind kind, uint64_t other)
{
    put_task(state, n, WEFT_STATE_WAITING, kind, other);
}

static uint64_t put_lock(weft_state *state, unsigned n, uint64_t owner)
{
    struct weft_object_at at = { .id = thing(WEFT_ENTITY_LOCK, n),
                                 .owner = owner,
                                 .value = owner != 0 };
    weft_state_put_object(state, &at);
    return at.id;
}

static uint64_t put_semaphore(weft_state *state, unsigned n, guint capacity, guint holders,
                              const uint64_t *ids)
{
    struct weft_object_at at = { .id = thing(WEFT_ENTITY_SEMAPHORE, n), .capacity = capacity };
    weft_state_put_object(state, &at);
    for (guint i = 0; i < holders; i++)
        weft_state_put_party(state, at.id, &(struct weft_party){ ids[i], 1 });
    return at.id;
}

static uint64_t put_group(weft_state *state, unsigned n, guint members, const uint64_t *ids)
{
    struct weft_object_at at = { .id = thing(WEFT_ENTITY_GROUP, n), .capacity = members };
    weft_state_put_object(state, &at);
    for (guint i = 0; i < members; i++)
        weft_state_put_party(state, at.id, &(struct weft_party){ ids[i], 0 });
    return at.id;
}

/* The circles as text: "task:1 lock:2 task:2 lock:1; …". */
static void assert_circles(const weft_state *state, uint64_t from, const char *expected)
{
    g_autoptr(GPtrArray) circles = weft_waits_circles(state, from);
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint c = 0; c < circles->len; c++) {
        const struct weft_waits_circle *circle = circles->pdata[c];
        if (c > 0)
            g_string_append(text, "; ");
        for (guint i = 0; i < circle->ids->len; i++) {
            uint64_t id = g_array_index(circle->ids, uint64_t, i);
            g_string_append_printf(text, "%s%s:%u", i ? " " : "",
                                   weft_entity_name(weft_id_kind(id)),
                                   (unsigned)weft_id_counter(id));
        }
        if (circle->until_mono_ns)
            g_string_append_printf(text, " until %d", (int)circle->until_mono_ns);
    }
    g_assert_cmpstr(text->str, ==, expected);
}

static void assert_how(const weft_state *state, uint64_t id, enum weft_waits how)
{
    g_assert_cmpuint(weft_waits_for(state, id).how, ==, how);
}

static void test_relation(void)
{
    g_autoptr(weft_state) state = weft_state_new();
    put_task(state, 1, WEFT_STATE_RUNNING, 0, 0);
    put_waiting(state, 2, WEFT_AWAIT_TIMER, thing(WEFT_ENTITY_TIMER, 1));
    put_waiting(state, 3, WEFT_AWAIT_EVENT, thing(WEFT_ENTITY_EVENT, 1));
    put_waiting(state, 4, WEFT_AWAIT_LOCK, put_lock(state, 1, task(1)));
    put_task(state, 5, WEFT_STATE_DONE, WEFT_OUTCOME_RESULT, 0);
    put_task(state, 6, WEFT_STATE_UNKNOWN, 0, 0);
    put_task(state, 7, WEFT_STATE_CANCELLING, WEFT_AWAIT_TASK, task(4));
    put_task(state, 8, WEFT_STATE_CANCELLING, 0, 0);
    assert_how(state, task(1), WEFT_WAITS_NOT);
    assert_how(state, task(2), WEFT_WAITS_OUTSIDE);
    assert_how(state, task(3), WEFT_WAITS_FOR);
    assert_how(state, thing(WEFT_ENTITY_EVENT, 1), WEFT_WAITS_ANYBODY);
    assert_how(state, task(5), WEFT_WAITS_NOT);
    assert_how(state, task(6), WEFT_WAITS_UNKNOWN);
    assert_how(state, task(99), WEFT_WAITS_UNKNOWN);
    assert_how(state, task(8), WEFT_WAITS_NOT);
    struct weft_waits_for waits = weft_waits_for(state, task(7));
    g_assert_cmpuint(waits.how, ==, WEFT_WAITS_FOR);
    g_assert_cmpuint(weft_waits_on(&waits, 0), ==, task(4));
    waits = weft_waits_for(state, thing(WEFT_ENTITY_LOCK, 1));
    g_assert_cmpuint(weft_waits_on(&waits, 0), ==, task(1));
    assert_how(state, put_lock(state, 2, 0), WEFT_WAITS_NOT);
    assert_how(state, put_lock(state, 3, task(5)), WEFT_WAITS_ANYBODY);
    assert_how(state, put_semaphore(state, 1, 1, 0, NULL), WEFT_WAITS_UNKNOWN);
    assert_how(state, put_semaphore(state, 2, 0, 0, NULL), WEFT_WAITS_ANYBODY);
    waits = weft_waits_for(state, put_semaphore(state, 3, 2, 2, (uint64_t[]){ task(1), task(2) }));
    g_assert_cmpuint(waits.n, ==, 2);
    g_assert_cmpuint(weft_waits_on(&waits, 1), ==, task(2));
    assert_circles(state, 0, "");
}

/* ABBA; a third task waits behind it; and a chain that ends is none. */
static void test_locks(void)
{
    g_autoptr(weft_state) state = weft_state_new();
    put_waiting(state, 1, WEFT_AWAIT_LOCK, put_lock(state, 2, task(2)));
    put_waiting(state, 2, WEFT_AWAIT_LOCK, put_lock(state, 1, task(1)));
    put_waiting(state, 3, WEFT_AWAIT_TASK, task(1));
    put_waiting(state, 4, WEFT_AWAIT_LOCK, put_lock(state, 3, task(5)));
    put_waiting(state, 5, WEFT_AWAIT_TIMER, 0);
    assert_circles(state, 0, "task:1 lock:2 task:2 lock:1");
    assert_circles(state, task(3), "task:1 lock:2 task:2 lock:1");
    assert_circles(state, task(4), "");
    put_waiting(state, 2, WEFT_AWAIT_READ, 0);
    assert_circles(state, 0, "");
}

static void test_self(void)
{
    g_autoptr(weft_state) state = weft_state_new();
    put_waiting(state, 1, WEFT_AWAIT_LOCK, put_lock(state, 1, task(1)));
    put_waiting(state, 7, WEFT_AWAIT_TASK, task(7));
    assert_circles(state, 0, "task:1 lock:1; task:7");
}

/* As long as one holder may go on there is no circle. */
static void test_semaphore(void)
{
    g_autoptr(weft_state) state = weft_state_new();
    uint64_t semaphore = put_semaphore(state, 1, 2, 2, (uint64_t[]){ task(1), task(2) });
    put_waiting(state, 1, WEFT_AWAIT_SEMAPHORE, semaphore);
    put_task(state, 2, WEFT_STATE_READY, WEFT_WAKE_IO, 0);
    assert_circles(state, 0, "");
    put_waiting(state, 2, WEFT_AWAIT_EVENT, thing(WEFT_ENTITY_EVENT, 1));
    assert_circles(state, 0, "");
    put_waiting(state, 2, WEFT_AWAIT_TASK, task(1));
    assert_circles(state, 0, "task:1 semaphore:1");
}

/* A member may fail, and end the gather: only when none can move it never will. */
static void test_group(void)
{
    g_autoptr(weft_state) state = weft_state_new();
    uint64_t lock = put_lock(state, 1, task(1));
    put_waiting(state, 1, WEFT_AWAIT_GROUP,
                put_group(state, 1, 3, (uint64_t[]){ task(2), task(3), task(4) }));
    put_waiting(state, 2, WEFT_AWAIT_LOCK, lock);
    put_waiting(state, 3, WEFT_AWAIT_TIMER, 0);
    put_waiting(state, 4, WEFT_AWAIT_LOCK, lock);
    assert_circles(state, 0, "");
    put_waiting(state, 3, WEFT_AWAIT_LOCK, lock);
    assert_circles(state, 0, "task:1 group:1 task:2 lock:1");
    struct weft_task_at gone = { .id = task(3), .state = WEFT_STATE_UNKNOWN };
    weft_state_put_task(state, &gone);
    assert_circles(state, 0, "");
}

/* A member that is no task may go on until it is seen to be done: the loop, which polls with
 * nothing left to do, has seen to that for tasks and groups alone. */
static void test_other_members(void)
{
    static const struct {
        enum weft_entity kind;
        gboolean known, ends;
    } members[] = {
        { WEFT_ENTITY_FUTURE, TRUE, TRUE },  { WEFT_ENTITY_FUTURE, FALSE, TRUE },
        { WEFT_ENTITY_JOB, TRUE, TRUE },     { WEFT_ENTITY_JOB, FALSE, TRUE },
        { WEFT_ENTITY_GROUP, FALSE, FALSE },
    };
    for (guint i = 0; i < G_N_ELEMENTS(members); i++) {
        g_autoptr(weft_state) state = weft_state_new();
        struct weft_object_at member = { .id = thing(members[i].kind, 7) };
        put_waiting(state, 1, WEFT_AWAIT_GROUP,
                    put_group(state, 1, 2, (uint64_t[]){ task(2), member.id }));
        put_waiting(state, 2, WEFT_AWAIT_TASK, task(1));
        if (members[i].known)
            weft_state_put_object(state, &member);
        weft_state_put_polling(state, RING, 1);
        assert_circles(state, 0, members[i].ends ? "" : "task:1 group:1 task:2");
    }
}

/* A gather in a gather: nothing is certain while a member of the inner one can move. */
static void test_groups_in_groups(void)
{
    g_autoptr(weft_state) state = weft_state_new();
    uint64_t inner = put_group(state, 2, 1, (uint64_t[]){ task(3) });
    put_waiting(state, 1, WEFT_AWAIT_GROUP, put_group(state, 1, 2, (uint64_t[]){ task(2), inner }));
    put_waiting(state, 2, WEFT_AWAIT_TASK, task(1));
    put_waiting(state, 3, WEFT_AWAIT_TIMER, 0);
    weft_state_put_polling(state, RING, 1);
    assert_circles(state, 0, "");
    put_waiting(state, 3, WEFT_AWAIT_TASK, task(2));
    assert_circles(state, 0, "task:1 group:1 task:2");
}

static void test_timeout(void)
{
    g_autoptr(weft_state) state = weft_state_new();
    put_waiting(state, 1, WEFT_AWAIT_LOCK, put_lock(state, 2, task(2)));
    put_waiting(state, 2, WEFT_AWAIT_LOCK, put_lock(state, 1, task(1)));
    struct weft_object_at timeout = { .id = thing(WEFT_ENTITY_TIMEOUT, 1),
                                      .owner = task(2),
                                      .deadline_mono_ns = 500 };
    weft_state_put_object(state, &timeout);
    assert_circles(state, 0, "task:1 lock:2 task:2 lock:1 until 500");
    timeout.done = TRUE;
    weft_state_put_object(state, &timeout);
    timeout = (struct weft_object_at){ .id = thing(WEFT_ENTITY_TIMEOUT, 2),
                                       .owner = task(9),
                                       .deadline_mono_ns = 400 };
    weft_state_put_object(state, &timeout);
    assert_circles(state, 0, "task:1 lock:2 task:2 lock:1");
}

/* A hundred thousand that wait for each other, and as many for a lock: no depth, no square. */
static void test_many(void)
{
    enum { N = 100000 };
    g_autoptr(weft_state) state = weft_state_new();
    uint64_t lock = put_lock(state, 1, task(1));
    for (unsigned i = 1; i <= N; i++) {
        put_waiting(state, i, WEFT_AWAIT_TASK, task(i % N + 1));
        put_waiting(state, N + i, WEFT_AWAIT_LOCK, lock);
    }
    g_autoptr(GPtrArray) circles = weft_waits_circles(state, 0);
    g_assert_cmpuint(circles->len, ==, 1);
    const struct weft_waits_circle *circle = circles->pdata[0];
    g_assert_cmpuint(circle->ids->len, ==, N);
}

/* Random relations against a definition: a task is lost when no end can be reached. */
static void test_random(void)
{
    enum { N = 12 };
    for (guint round = 0; round < 2000; round++) {
        g_autoptr(weft_state) state = weft_state_new();
        guint to[N];
        for (unsigned i = 0; i < N; i++) {
            to[i] = (guint)g_test_rand_int_range(0, N + 2);
            if (to[i] < N)
                put_waiting(state, i + 1, WEFT_AWAIT_TASK, task(to[i] + 1));
            else
                put_task(state, i + 1, WEFT_STATE_READY, 0, 0);
        }
        guint on_circle = 0, found = 0;
        for (unsigned i = 0; i < N; i++) {
            guint at = to[i];
            for (guint step = 0; step < N && at < N && at != i; step++)
                at = to[at];
            on_circle += at == i;
        }
        g_autoptr(GPtrArray) circles = weft_waits_circles(state, 0);
        for (guint i = 0; i < circles->len; i++)
            found += ((struct weft_waits_circle *)circles->pdata[i])->ids->len;
        g_assert_cmpuint(found, ==, on_circle);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/waitsfor/relation", test_relation);
    g_test_add_func("/waitsfor/locks", test_locks);
    g_test_add_func("/waitsfor/self", test_self);
    g_test_add_func("/waitsfor/semaphore", test_semaphore);
    g_test_add_func("/waitsfor/group", test_group);
    g_test_add_func("/waitsfor/other-members", test_other_members);
    g_test_add_func("/waitsfor/groups-in-groups", test_groups_in_groups);
    g_test_add_func("/waitsfor/timeout", test_timeout);
    g_test_add_func("/waitsfor/many", test_many);
    g_test_add_func("/waitsfor/random", test_random);
    return g_test_run();
}
