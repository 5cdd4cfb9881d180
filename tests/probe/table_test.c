/* table_test.c: what every event does to the live tables. */
#include "tests/probe/fed.h"

/* ---- Tasks ---- */

static void a_task_lives(struct fixture *f, gconstpointer data)
{
    (void)data;
    uint64_t id = new_task(f, 77), future = weft_id(WEFT_ENTITY_FUTURE, 4, 9), slot[8];
    task_is(f, id, "new", 1, 0);
    g_assert_true(look(f, id, 0, slot));
    g_assert_cmpuint(TASK(slot)->parent, ==, 77);
    g_assert_cmpuint((uint32_t)TASK(slot)->name_made, ==, 1001);
    tell(f, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, id, 0);
    task_is(f, id, "ready(created)", 2, 0);
    resume(f, id);
    task_is(f, id, "ready(created)", 2, 0); /* the ring says who runs */
    g_assert_cmpuint(f->w.ring->running, ==, id);
    g_assert_cmpuint(f->w.ring->running_since, ==, 3);
    suspend(f, id, WEFT_AWAIT_FUTURE, future);
    task_is(f, id, "waiting(future)", 4, future);
    g_assert_cmpuint(f->w.ring->running, ==, 0);
    g_assert_true(look(f, id, 0, slot));
    g_assert_cmpuint(TASK(slot)->site_state >> 32, ==, 1004);
    tell(f, WEFT_RECORD_WAKE, WEFT_WAKE_FUTURE, id, future);
    task_is(f, id, "ready(future)", 5, future);
    resume(f, id);
    tell(f, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_ERROR, id, 0);
    weft_set_current_task(&f->w, 0);
    task_is(f, id, "done(error)", 7, 0);
    tell(f, WEFT_RECORD_TASK_FREE, 0, id, 0);
    g_assert_false(look(f, id, 0, slot));
}

static void a_yield_is_ready(struct fixture *f, gconstpointer data)
{
    (void)data;
    uint64_t id = new_task(f, 0), before[8], after[8];
    resume(f, id);
    weft_emit_shared(&f->w, 10, WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, 5, id, 0);
    weft_set_current_task(&f->w, 0);
    task_is(f, id, "ready(task)", 10, id);
    g_assert_true(look(f, id, 0, before));
    resume(f, id);
    weft_emit_shared(&f->w, 20, WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, 5, id, 0);
    weft_set_current_task(&f->w, 0);
    task_is(f, id, "ready(task)", 20, id);
    g_assert_true(look(f, id, 0, after));
    g_assert_cmpuint(TASK(after)->seq, ==, TASK(before)->seq); /* one word tells it */
    weft_emit_suspend(&f->w, weft_table_task(&f->w, id), 30, WEFT_AWAIT_TIMER, 6, id, 8);
    task_is(f, id, "waiting(timer)", 30, 8);
}

static void wakes_that_cannot_be_change_nothing(struct fixture *f, gconstpointer data)
{
    (void)data;
    uint64_t id = new_task(f, 0);
    resume(f, id); /* eagerly: it is new, and runs */
    tell(f, WEFT_RECORD_WAKE, WEFT_WAKE_IO, id, 5);
    task_is(f, id, "new", 1, 0);
    suspend(f, id, WEFT_AWAIT_YIELD, 0);
    tell(f, WEFT_RECORD_WAKE, WEFT_WAKE_IO, id, 5);
    task_is(f, id, "ready(task)", 4, id);
    resume(f, id);
    tell(f, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, id, 0);
    weft_set_current_task(&f->w, 0);
    tell(f, WEFT_RECORD_WAKE, WEFT_WAKE_IO, id, 5);
    task_is(f, id, "done(result)", 7, 0);
    tell(f, WEFT_RECORD_WAKE, WEFT_WAKE_IO, weft_id(WEFT_ENTITY_TASK, 4, 99), 5);
    tell(f, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, weft_id(WEFT_ENTITY_TASK, 4, 99), 5);
    tell(f, WEFT_RECORD_TASK_FREE, 0, weft_id(WEFT_ENTITY_TASK, 4, 99), 0);
    g_assert_cmpuint(f->file.tables->unlisted_tasks, ==, 0);
}

static void an_eager_start_is_nested(struct fixture *f, gconstpointer data)
{
    (void)data;
    uint64_t outer = new_task(f, 0);
    tell(f, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, outer, 0);
    resume(f, outer);
    uint64_t inner = new_task(f, outer);
    resume(f, inner);
    task_is(f, outer, "running", 3, 0);
    g_assert_cmpuint(f->w.ring->running, ==, inner);
    tell(f, WEFT_RECORD_WAKE, WEFT_WAKE_TASK, outer, inner); /* it runs: nothing to wake */
    task_is(f, outer, "running", 3, 0);
    tell(f, WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, inner, 0);
    weft_set_current_task(&f->w, outer);
    g_assert_cmpuint(f->w.ring->running, ==, outer);
    suspend(f, outer, WEFT_AWAIT_TASK, inner);
    task_is(f, outer, "waiting(task)", 8, inner);
}

static void a_task_is_cancelled(struct fixture *f, gconstpointer data)
{
    (void)data;
    uint64_t id = new_task(f, 0);
    resume(f, id);
    suspend(f, id, WEFT_AWAIT_TIMER, 6);
    tell(f, WEFT_RECORD_CANCEL_REQUEST, 0, id, 1);
    task_is(f, id, "waiting(timer) asked 1", 3, 6);
    tell(f, WEFT_RECORD_WAKE, WEFT_WAKE_CANCEL, id, 1);
    resume(f, id);
    tell(f, WEFT_RECORD_CANCEL_DELIVER, 0, id, 0);
    task_is(f, id, "ready(cancel) asked 1 delivered", 5, 1);
    suspend(f, id, WEFT_AWAIT_LOCK, 8);
    task_is(f, id, "cancelling(lock) asked 1 delivered", 8, 8);
    tell(f, WEFT_RECORD_CANCEL_REQUEST, 0, id, 1);
    tell(f, WEFT_RECORD_UNCANCEL, 0, id, 1);
    task_is(f, id, "cancelling(lock) asked 1 delivered", 8, 8);
    tell(f, WEFT_RECORD_UNCANCEL, 0, id, 0);
    task_is(f, id, "waiting(lock)", 11, 8);
    for (int i = 0; i < 300; i++)
        tell(f, WEFT_RECORD_CANCEL_REQUEST, 0, id, 1);
    task_is(f, id, "waiting(lock) asked 255", 11, 8);
}

/* ---- Names ---- */

static void names_lie_in_slots(struct fixture *f, gconstpointer data)
{
    (void)data;
    uint64_t used = f->file.heap->used;
    uint64_t task = new_task(f, 0), lock = weft_new_id(&f->w, WEFT_ENTITY_LOCK);
    uint64_t stream = weft_new_id(&f->w, WEFT_ENTITY_STREAM);
    tell(f, WEFT_RECORD_OBJECT_NEW, 0, lock, 1);
    name_is(f, task, NULL);
    weft_emit_name(&f->w, WEFT_RECORD_TASK_NAME, task, "first");
    weft_emit_name(&f->w, WEFT_RECORD_OBJECT_NAME, lock, "a lock");
    weft_emit_name(&f->w, WEFT_RECORD_OBJECT_NAME, stream, "a stream"); /* it has no slot */
    name_is(f, task, "first");
    name_is(f, lock, "a lock");
    g_assert_cmpuint(count(f, WEFT_TABLE_NAMES), ==, 2);
    weft_emit_name(&f->w, WEFT_RECORD_TASK_NAME, task, "2");
    name_is(f, task, "2");
    /* 48 bytes, and no half of a character. */
    weft_emit_name(&f->w, WEFT_RECORD_TASK_NAME, task,
                   "0123456789012345678901234567890123456789012345\xe2\x82\xac!");
    name_is(f, task, "0123456789012345678901234567890123456789012345");
    weft_emit_name(&f->w, WEFT_RECORD_TASK_NAME, task,
                   "012345678901234567890123456789012345678901234\xe2\x82\xac!");
    name_is(f, task, "012345678901234567890123456789012345678901234\xe2\x82\xac");
    tell(f, WEFT_RECORD_TASK_FREE, 0, task, 0);
    tell(f, WEFT_RECORD_OBJECT_FREE, 0, lock, 0);
    g_assert_cmpuint(count(f, WEFT_TABLE_NAMES), ==, 0);
    g_assert_cmpuint(f->file.heap->used, ==, used);
    for (int i = 0; i < 10000; i++) { /* however many come and go */
        uint64_t id = new_task(f, 0);
        weft_emit_name(&f->w, WEFT_RECORD_TASK_NAME, id, "again");
        tell(f, WEFT_RECORD_TASK_FREE, 0, id, 0);
    }
    g_assert_cmpuint(f->file.tables->blocks, ==, 3);
}

/* ---- Objects ---- */

static void object_is(struct fixture *f, uint64_t id, uint64_t owner, int64_t value,
                      uint64_t capacity)
{
    uint64_t slot[8];
    g_assert_true(look(f, id, 0, slot));
    g_assert_cmpuint(OBJECT(slot)->owner, ==, owner);
    g_assert_cmpint((int64_t)OBJECT(slot)->value, ==, value);
    g_assert_cmpuint(OBJECT(slot)->capacity, ==, capacity);
}

static void resources_are_used(struct fixture *f, gconstpointer data)
{
    (void)data;
    uint64_t a = new_task(f, 0), slot[8];
    uint64_t lock = new_object(f, WEFT_ENTITY_LOCK, 1);
    use(f, a, WEFT_RESOURCE_ACQUIRE, lock, 1);
    object_is(f, lock, a, 1, 1);
    use(f, a, WEFT_RESOURCE_RELEASE, lock, 0);
    object_is(f, lock, 0, 0, 1);
    uint64_t queue = new_object(f, WEFT_ENTITY_QUEUE, 10);
    use(f, a, WEFT_RESOURCE_PUT, queue, 1);
    use(f, a, WEFT_RESOURCE_PUT, queue, 2);
    use(f, a, WEFT_RESOURCE_TASK_DONE, queue, 7); /* so many are to be done, not in it */
    object_is(f, queue, 0, 2, 10);
    /* One of a loop that is closed, first seen when it is used here. */
    uint64_t event = weft_id(WEFT_ENTITY_EVENT, 2, 5);
    use(f, a, WEFT_RESOURCE_SET, event, 1);
    object_is(f, event, 0, 1, 0);
    tell(f, WEFT_RECORD_OBJECT_FREE, 0, event, 0);
    g_assert_false(look(f, event, 0, slot));
    /* These have no slots. */
    uint64_t future = new_object(f, WEFT_ENTITY_FUTURE, 0);
    g_assert_false(look(f, future, 0, slot));
    tell(f, WEFT_RECORD_OBJECT_FREE, 0, future, 0);
    g_assert_cmpuint(count(f, WEFT_TABLE_OBJECTS), ==, 2);
}

static void times_are_set(struct fixture *f, gconstpointer data)
{
    (void)data;
    uint64_t a = new_task(f, 0), slot[8];
    uint64_t timer = weft_new_id(&f->w, WEFT_ENTITY_TIMER);
    weft_set_current_task(&f->w, a);
    tell(f, WEFT_RECORD_TIMER_SET, 0, timer, 5000);
    object_is(f, timer, a, 0, 0);
    g_assert_true(look(f, timer, 0, slot));
    g_assert_cmpuint(OBJECT(slot)->deadline_mono_ns, ==, 5000);
    tell(f, WEFT_RECORD_TIMER_FIRE, 0, timer, 0);
    g_assert_false(look(f, timer, 0, slot));
    tell(f, WEFT_RECORD_TIMER_SET, 0, timer, 6000);
    tell(f, WEFT_RECORD_TIMER_CANCEL, 0, timer, 0);
    g_assert_false(look(f, timer, 0, slot));
    uint64_t lock = new_object(f, WEFT_ENTITY_LOCK, 1);
    tell(f, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_ACQUIRE, lock, 1);
    g_assert_true(look(f, lock, 0, slot));
    g_assert_cmpuint(OBJECT(slot)->deadline_mono_ns, >, 0); /* held since */
    tell(f, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_RELEASE, lock, 0);
    g_assert_true(look(f, lock, 0, slot));
    g_assert_cmpuint(OBJECT(slot)->deadline_mono_ns, ==, 0);
    uint64_t timeout = weft_new_id(&f->w, WEFT_ENTITY_TIMEOUT);
    tell(f, WEFT_RECORD_TIMEOUT_ENTER, 0, timeout, 7000);
    tell(f, WEFT_RECORD_TIMEOUT_RESCHEDULE, 0, timeout, 8000);
    object_is(f, timeout, a, 0, 0);
    weft_set_current_task(&f->w, 0);
    tell(f, WEFT_RECORD_TIMEOUT_EXPIRE, 0, timeout, a);
    g_assert_true(look(f, timeout, 0, slot));
    g_assert_cmpuint(OBJECT(slot)->deadline_mono_ns, ==, 8000);
    g_assert_cmpuint(OBJECT(slot)->flags, ==, WEFT_LIVE_EXPIRED);
    tell(f, WEFT_RECORD_TIMEOUT_EXIT, WEFT_OUTCOME_CANCELLED, timeout, a);
    g_assert_false(look(f, timeout, 0, slot));
}

static void groups_have_members(struct fixture *f, gconstpointer data)
{
    (void)data;
    uint64_t a = new_task(f, 0), slot[8];
    uint64_t group = new_object(f, WEFT_ENTITY_GROUP, 2); /* how many, for a gather: it counts */
    tell(f, WEFT_RECORD_GROUP_ADD, 0, group, a);
    tell(f, WEFT_RECORD_GROUP_ADD, 0, group, weft_id(WEFT_ENTITY_FUTURE, 4, 1));
    object_is(f, group, 0, 0, 2);
    g_assert_true(look(f, a, 0, slot));
    g_assert_cmpuint(TASK(slot)->group, ==, group);
    g_assert_true(look(f, group, weft_id(WEFT_ENTITY_FUTURE, 4, 1), slot));
    /* A task says which it joined first; it is found in another one, too. */
    uint64_t other = new_object(f, WEFT_ENTITY_GROUP, 1);
    tell(f, WEFT_RECORD_GROUP_ADD, 0, other, a);
    g_assert_true(look(f, a, 0, slot));
    g_assert_cmpuint(TASK(slot)->group, ==, group);
    g_assert_true(look(f, other, a, slot));
    tell(f, WEFT_RECORD_GROUP_DONE, WEFT_OUTCOME_RESULT, group, 2);
    g_assert_false(look(f, group, 0, slot));
    g_assert_false(look(f, group, weft_id(WEFT_ENTITY_FUTURE, 4, 1), slot));
    tell(f, WEFT_RECORD_GROUP_DONE, WEFT_OUTCOME_RESULT, other, 1);
    g_assert_false(look(f, other, a, slot));
}

/* Who holds it, as a sorted list of letters: the owner in upper case, how many units if not one. */
static void holders_are(struct fixture *f, uint64_t id, const uint64_t tasks[3], const char *wanted)
{
    GString *said = g_string_new(NULL);
    uint64_t slot[8];
    g_assert_true(look(f, id, 0, slot));
    uint64_t owner = OBJECT(slot)->owner;
    for (int i = 0; i < 3; i++) {
        if (owner == tasks[i])
            g_string_append_c(said, (char)('A' + i));
        if (look(f, id, tasks[i], slot))
            g_string_append_printf(said, "%c%d", 'a' + i, (int)OBJECT(slot)->value);
    }
    g_assert_cmpstr(said->str, ==, wanted);
    g_string_free(said, TRUE);
}

static void semaphores_have_holders(struct fixture *f, gconstpointer data)
{
    (void)data;
    const uint64_t t[3] = { new_task(f, 0), new_task(f, 0), new_task(f, 0) };
    uint64_t s = new_object(f, WEFT_ENTITY_SEMAPHORE, 4);
    use(f, t[0], WEFT_RESOURCE_ACQUIRE, s, 3);
    use(f, t[1], WEFT_RESOURCE_ACQUIRE, s, 2);
    use(f, t[1], WEFT_RESOURCE_ACQUIRE, s, 1);
    use(f, t[2], WEFT_RESOURCE_ACQUIRE, s, 0);
    holders_are(f, s, t, "Ab2c1");
    object_is(f, s, t[0], 0, 4);
    use(f, t[0], WEFT_RESOURCE_RELEASE, s, 1);
    holders_are(f, s, t, "b2c1");
    use(f, t[0], WEFT_RESOURCE_ACQUIRE, s, 0);
    holders_are(f, s, t, "Ab2c1");
    use(f, t[1], WEFT_RESOURCE_RELEASE, s, 1);
    holders_are(f, s, t, "Ab1c1");
    use(f, t[1], WEFT_RESOURCE_RELEASE, s, 2);
    use(f, 0, WEFT_RESOURCE_RELEASE, s, 3); /* a callback's: it had none */
    use(f, 0, WEFT_RESOURCE_RELEASE, s, 4);
    use(f, 0, WEFT_RESOURCE_RELEASE, s, 5); /* nobody has any */
    holders_are(f, s, t, "");
    /* One that only signals is held by nobody. */
    uint64_t signal = new_object(f, WEFT_ENTITY_SEMAPHORE, 0);
    use(f, t[0], WEFT_RESOURCE_RELEASE, signal, 1);
    use(f, t[1], WEFT_RESOURCE_ACQUIRE, signal, 0);
    holders_are(f, signal, t, "");
    for (int i = 0; i < 3; i++)
        use(f, t[i], WEFT_RESOURCE_ACQUIRE, s, 3 - i);
    tell(f, WEFT_RECORD_OBJECT_FREE, 0, s, 0);
    tell(f, WEFT_RECORD_OBJECT_FREE, 0, signal, 0);
    g_assert_cmpuint(count(f, WEFT_TABLE_OBJECTS), ==, 0);
}

/* ---- The loop ---- */

static void the_ring_says_what_the_loop_does(struct fixture *f, gconstpointer data)
{
    (void)data;
    const struct weft_ring *ring = f->w.ring;
    tell(f, WEFT_RECORD_POLL_BEGIN, 0, f->w.owner, 100);
    g_assert_cmpuint(ring->polling_since, ==, 1);
    tell(f, WEFT_RECORD_POLL_END, 0, f->w.owner, 1);
    g_assert_cmpuint(ring->polling_since, ==, 0);
    tell(f, WEFT_RECORD_ITERATION, 0, f->w.owner, 42);
    g_assert_cmpuint(ring->iteration, ==, 42);
    g_assert_cmpuint(ring->current, ==, 0); /* and no event */
    f->w.coarse_ticks = 1234;
    g_assert_cmpuint(weft_event_time(&f->w), ==, 1234);
    weft_probe_page.mask = WEFT_PROBE_ALL;
    g_assert_cmpuint(weft_event_time(&f->w), !=, 1234);
}

static void a_closed_loop_leaves_nothing(struct fixture *f, gconstpointer data)
{
    (void)data;
    const uint64_t a = new_task(f, 0), b = new_task(f, 0);
    weft_emit_name(&f->w, WEFT_RECORD_TASK_NAME, a, "a");
    uint64_t s = new_object(f, WEFT_ENTITY_SEMAPHORE, 2);
    use(f, a, WEFT_RESOURCE_ACQUIRE, s, 1);
    use(f, b, WEFT_RESOURCE_ACQUIRE, s, 0);
    resume(f, a);
    g_assert_cmpuint(weft_table_live_tasks(&f->w), ==, 2);
    weft_table_clear(&f->w);
    for (enum weft_table_kind kind = WEFT_TABLE_TASKS; kind <= WEFT_TABLE_NAMES; kind++)
        g_assert_cmpuint(count(f, kind), ==, 0);
    g_assert_cmpuint(weft_table_live_tasks(&f->w), ==, 0);
    g_assert_cmpuint(f->w.ring->running, ==, 0);
    new_task(f, 0);
    g_assert_cmpuint(count(f, WEFT_TABLE_TASKS), ==, 1);
    g_assert_cmpuint(f->file.tables->blocks, ==, 3); /* the slots are used again */
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(path, data, function)                                                                 \
    g_test_add("/probe/table/" path, struct fixture, data, set_up, function, tear_down)
    TEST("task", NULL, a_task_lives);
    TEST("yield", NULL, a_yield_is_ready);
    TEST("wake", NULL, wakes_that_cannot_be_change_nothing);
    TEST("eager", NULL, an_eager_start_is_nested);
    TEST("cancel", NULL, a_task_is_cancelled);
    TEST("names", NULL, names_lie_in_slots);
    TEST("resources", NULL, resources_are_used);
    TEST("times", NULL, times_are_set);
    TEST("groups", NULL, groups_have_members);
    TEST("semaphores", NULL, semaphores_have_holders);
    TEST("loop", NULL, the_ring_says_what_the_loop_does);
    TEST("closed", NULL, a_closed_loop_leaves_nothing);
    return g_test_run();
}
