/* state_test.c: the replayer against lists of events written by hand. */
#include "tests/valgrind.h"
#include "tracer/trace/state.h"

static uint64_t task(unsigned n)
{
    return weft_id(WEFT_ENTITY_TASK, 0, n);
}

static uint64_t thing(enum weft_entity kind, unsigned n)
{
    return weft_id(kind, 0, n);
}

static void apply(weft_state *state, gint64 time, enum weft_record_kind kind, unsigned detail,
                  uint64_t subject, uint64_t object)
{
    struct weft_record record = { .time = (uint64_t)time,
                                  .kind = (uint8_t)kind,
                                  .detail = (uint8_t)detail,
                                  .site = (uint32_t)time,
                                  .subject = subject,
                                  .object = object };
    weft_state_apply(state, 0, &record, NULL);
}

static void assert_task(const weft_state *state, uint64_t id, enum weft_task_state is,
                        unsigned detail, uint64_t other, gint64 since)
{
    const struct weft_task_at *at = weft_state_task(state, id);
    g_assert_nonnull(at);
    g_assert_cmpuint(at->state, ==, is);
    g_assert_cmpuint(at->detail, ==, detail);
    g_assert_cmpuint(at->other, ==, other);
    g_assert_cmpint(at->since_ns, ==, since);
}

static void assert_ready(const weft_state *state, guint n, const uint64_t *ids)
{
    guint got;
    const uint64_t *ready = weft_state_ready(state, 0, &got);
    g_assert_cmpuint(got, ==, n);
    for (guint i = 0; i < n; i++)
        g_assert_cmpuint(ready[i], ==, ids[i]);
}

/* What is checked must hold of the state itself, of its copy and of its bytes read back. */
typedef void check_function(const weft_state *state);

static void check_all_ways(const weft_state *state, check_function *check)
{
    check(state);
    g_autoptr(weft_state) copy = weft_state_copy(state);
    check(copy);
    g_autoptr(GBytes) bytes = weft_state_serialize(state);
    g_autoptr(weft_state)
        back = weft_state_deserialize(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    g_assert_nonnull(back);
    check(back);
    g_autoptr(GBytes) again = weft_state_serialize(back);
    g_assert_true(g_bytes_equal(bytes, again));
}

static void check_slices(const weft_state *state)
{
    assert_task(state, task(1), WEFT_STATE_WAITING, WEFT_AWAIT_TASK, task(2), 60);
    assert_task(state, task(2), WEFT_STATE_RUNNING, 0, 0, 70);
    assert_task(state, task(3), WEFT_STATE_READY, WEFT_WAKE_CREATED, task(1), 55);
    g_assert_cmpuint(weft_state_running(state, 0), ==, task(2));
    g_assert_cmpuint(weft_state_running(state, 7), ==, 0);
    assert_ready(state, 1, (uint64_t[]){ task(3) });
    const struct weft_task_at *two = weft_state_task(state, task(2));
    g_assert_cmpuint(two->parent, ==, task(1));
    g_assert_cmpint(two->created_ns, ==, 30);
    g_assert_cmpuint(two->created_site, ==, 30);
    g_assert_cmpuint(two->name, ==, 99);
    g_assert_cmpuint(weft_state_task(state, task(1))->site, ==, 60);
    guint n;
    const struct weft_task_at **all = weft_state_tasks(state, &n);
    g_assert_cmpuint(n, ==, 3);
    for (guint i = 0; i < n; i++)
        g_assert_cmpuint(all[i]->id, ==, task(i + 1));
}

static void test_slices(void)
{
    g_autoptr(weft_state) state = weft_state_new();
    apply(state, 10, WEFT_RECORD_TASK_NEW, 0, task(1), 0);
    assert_task(state, task(1), WEFT_STATE_NEW, 0, 0, 10);
    apply(state, 11, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, task(1), 0);
    assert_task(state, task(1), WEFT_STATE_READY, WEFT_WAKE_CREATED, 0, 11);
    apply(state, 20, WEFT_RECORD_RESUME, 0, task(1), 0);
    apply(state, 30, WEFT_RECORD_TASK_NEW, 0, task(2), task(1));
    apply(state, 31, WEFT_RECORD_TASK_NAME, 0, task(2), 99);
    apply(state, 35, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, task(2), task(1));
    apply(state, 50, WEFT_RECORD_TASK_NEW, 0, task(3), task(1));
    apply(state, 55, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, task(3), task(1));
    assert_ready(state, 2, (uint64_t[]){ task(2), task(3) });
    apply(state, 60, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TASK, task(1), task(2));
    apply(state, 70, WEFT_RECORD_RESUME, 0, task(2), 0);
    check_all_ways(state, check_slices);
    apply(state, 80, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_ERROR, task(2), 0);
    assert_task(state, task(2), WEFT_STATE_DONE, WEFT_OUTCOME_ERROR, 0, 80);
    apply(state, 85, WEFT_RECORD_WAKE, WEFT_WAKE_TASK, task(2), task(3));
    assert_task(state, task(2), WEFT_STATE_DONE, WEFT_OUTCOME_ERROR, 0, 80);
    apply(state, 90, WEFT_RECORD_TASK_FREE, 0, task(2), 0);
    g_assert_null(weft_state_task(state, task(2)));
}

static void test_eager(void)
{
    g_autoptr(weft_state) state = weft_state_new();
    apply(state, 1, WEFT_RECORD_RESUME, 0, task(1), 0);
    apply(state, 2, WEFT_RECORD_TASK_NEW, 0, task(2), task(1));
    apply(state, 3, WEFT_RECORD_RESUME, 0, task(2), 0);
    g_assert_cmpuint(weft_state_running(state, 0), ==, task(2));
    assert_task(state, task(1), WEFT_STATE_RUNNING, 0, 0, 1);
    apply(state, 4, WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, task(2), 0);
    assert_task(state, task(2), WEFT_STATE_READY, WEFT_WAKE_TASK, task(2), 4);
    g_assert_cmpuint(weft_state_running(state, 0), ==, task(1));
    assert_ready(state, 1, (uint64_t[]){ task(2) });
}

static void test_ready_queue(void)
{
    g_autoptr(weft_state) state = weft_state_new();
    uint64_t callback = thing(WEFT_ENTITY_CALLBACK, 1), other = thing(WEFT_ENTITY_CALLBACK, 2);
    for (unsigned i = 1; i <= 200; i++)
        apply(state, i, WEFT_RECORD_WAKE, WEFT_WAKE_IO, task(i), 0);
    apply(state, 300, WEFT_RECORD_READY, WEFT_HANDLE_CALL_SOON, callback, 0);
    apply(state, 301, WEFT_RECORD_READY, WEFT_HANDLE_CALL_SOON, other, 0);
    for (unsigned i = 1; i <= 198; i++)
        apply(state, 400 + i, WEFT_RECORD_RESUME, 0, task(i), 0);
    assert_ready(state, 4, (uint64_t[]){ task(199), task(200), callback, other });
    apply(state, 600, WEFT_RECORD_RESUME, 0, task(200), 0); /* out of its turn */
    apply(state, 601, WEFT_RECORD_READY_CANCEL, WEFT_HANDLE_CALL_SOON, callback, 0);
    assert_ready(state, 2, (uint64_t[]){ task(199), other });
    apply(state, 602, WEFT_RECORD_WAKE, WEFT_WAKE_IO, task(199), 0); /* is ready already */
    assert_ready(state, 2, (uint64_t[]){ task(199), other });
    apply(state, 603, WEFT_RECORD_CALLBACK_BEGIN, WEFT_HANDLE_CALL_SOON, other, 0);
    assert_ready(state, 1, (uint64_t[]){ task(199) });
    for (unsigned i = 0; i < 1000; i++) {
        apply(state, 700 + i, WEFT_RECORD_WAKE, WEFT_WAKE_IO, task(1000 + i), 0);
        apply(state, 700 + i, WEFT_RECORD_RESUME, 0, i ? task(999 + i) : task(199), 0);
    }
    assert_ready(state, 1, (uint64_t[]){ task(1999) });
}

static void check_cancelled(const weft_state *state)
{
    const struct weft_task_at *one = weft_state_task(state, task(1));
    assert_task(state, task(1), WEFT_STATE_CANCELLING, WEFT_AWAIT_LOCK, thing(WEFT_ENTITY_LOCK, 1),
                50);
    g_assert_cmpuint(one->cancelling, ==, 2);
    g_assert_cmpuint(one->delivered, ==, 1);
}

static void test_cancel(void)
{
    g_autoptr(weft_state) state = weft_state_new();
    apply(state, 10, WEFT_RECORD_RESUME, 0, task(1), 0);
    apply(state, 20, WEFT_RECORD_SUSPEND, WEFT_AWAIT_TIMER, task(1), thing(WEFT_ENTITY_TIMER, 1));
    apply(state, 25, WEFT_RECORD_CANCEL_REQUEST, 0, task(1), task(2));
    apply(state, 26, WEFT_RECORD_CANCEL_REQUEST, 0, task(1), task(2));
    assert_task(state, task(1), WEFT_STATE_WAITING, WEFT_AWAIT_TIMER, thing(WEFT_ENTITY_TIMER, 1),
                20);
    apply(state, 30, WEFT_RECORD_WAKE, WEFT_WAKE_CANCEL, task(1), task(2));
    apply(state, 40, WEFT_RECORD_RESUME, 0, task(1), 0);
    apply(state, 41, WEFT_RECORD_CANCEL_DELIVER, 0, task(1), 0);
    assert_task(state, task(1), WEFT_STATE_CANCELLING, 0, 0, 41);
    apply(state, 50, WEFT_RECORD_SUSPEND, WEFT_AWAIT_LOCK, task(1), thing(WEFT_ENTITY_LOCK, 1));
    check_all_ways(state, check_cancelled);
    apply(state, 60, WEFT_RECORD_UNCANCEL, 0, task(1), 1);
    g_assert_cmpuint(weft_state_task(state, task(1))->cancelling, ==, 1);
    apply(state, 70, WEFT_RECORD_UNCANCEL, 0, task(1), 0);
    assert_task(state, task(1), WEFT_STATE_WAITING, WEFT_AWAIT_LOCK, thing(WEFT_ENTITY_LOCK, 1),
                70);
}

static void check_objects(const weft_state *state)
{
    const struct weft_object_at *timer = weft_state_object(state, thing(WEFT_ENTITY_TIMER, 1));
    g_assert_nonnull(timer);
    g_assert_cmpuint(timer->owner, ==, task(1));
    g_assert_cmpint(timer->deadline_mono_ns, ==, 5000);
    const struct weft_object_at *timeout = weft_state_object(state, thing(WEFT_ENTITY_TIMEOUT, 1));
    g_assert_nonnull(timeout);
    g_assert_cmpint(timeout->deadline_mono_ns, ==, 7000);
    g_assert_cmpuint(timeout->owner, ==, task(1));
    const struct weft_object_at *lock = weft_state_object(state, thing(WEFT_ENTITY_LOCK, 1));
    g_assert_nonnull(lock);
    g_assert_cmpuint(lock->owner, ==, task(1));
    g_assert_cmpint(lock->value, ==, -1);
    g_assert_cmpuint(lock->name, ==, 12);
    const struct weft_object_at *group = weft_state_object(state, thing(WEFT_ENTITY_GROUP, 1));
    g_assert_nonnull(group);
    g_assert_cmpuint(group->capacity, ==, 2);
    g_assert_false(group->done);
    const struct weft_object_at *queue = weft_state_object(state, thing(WEFT_ENTITY_QUEUE, 1));
    g_assert_nonnull(queue);
    g_assert_cmpuint(queue->capacity, ==, 8);
    g_assert_nonnull(weft_state_object(state, thing(WEFT_ENTITY_OP, 1)));
}

static void test_objects(void)
{
    g_autoptr(weft_state) state = weft_state_new();
    uint64_t timer = thing(WEFT_ENTITY_TIMER, 1), timeout = thing(WEFT_ENTITY_TIMEOUT, 1);
    uint64_t lock = thing(WEFT_ENTITY_LOCK, 1), group = thing(WEFT_ENTITY_GROUP, 1);
    uint64_t op = thing(WEFT_ENTITY_OP, 1), future = thing(WEFT_ENTITY_FUTURE, 1);
    apply(state, 1, WEFT_RECORD_RESUME, 0, task(1), 0);
    apply(state, 2, WEFT_RECORD_TIMER_SET, 0, timer, 5000);
    apply(state, 3, WEFT_RECORD_TIMEOUT_ENTER, 0, timeout, 6000);
    apply(state, 4, WEFT_RECORD_TIMEOUT_RESCHEDULE, 0, timeout, 7000);
    apply(state, 5, WEFT_RECORD_OBJECT_NEW, 0, lock, 0);
    apply(state, 6, WEFT_RECORD_OBJECT_NAME, 0, lock, 12);
    apply(state, 7, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_ACQUIRE, lock, (uint64_t)-1);
    apply(state, 8, WEFT_RECORD_OBJECT_NEW, 0, group, 0);
    apply(state, 9, WEFT_RECORD_GROUP_ADD, 0, group, task(2));
    apply(state, 10, WEFT_RECORD_GROUP_ADD, 0, group, task(3));
    apply(state, 11, WEFT_RECORD_OBJECT_NEW, 0, thing(WEFT_ENTITY_QUEUE, 1), 8);
    apply(state, 12, WEFT_RECORD_OP_START, WEFT_OP_READ, op, 0);
    apply(state, 13, WEFT_RECORD_FUTURE_DONE, WEFT_OUTCOME_RESULT, future, 0);
    g_assert_null(weft_state_object(state, future));
    check_all_ways(state, check_objects);
    apply(state, 20, WEFT_RECORD_TIMER_FIRE, 0, timer, 0);
    apply(state, 21, WEFT_RECORD_TIMEOUT_EXPIRE, 0, timeout, task(1));
    apply(state, 22, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_RELEASE, lock, 0);
    apply(state, 23, WEFT_RECORD_GROUP_DONE, WEFT_OUTCOME_RESULT, group, 2);
    apply(state, 24, WEFT_RECORD_OP_END, WEFT_OP_READ, op, 0);
    g_assert_null(weft_state_object(state, timer));
    g_assert_null(weft_state_object(state, op));
    g_assert_true(weft_state_object(state, timeout)->done);
    g_assert_cmpuint(weft_state_object(state, lock)->owner, ==, 0);
    g_assert_null(weft_state_object(state, group));
    apply(state, 25, WEFT_RECORD_TIMEOUT_EXIT, WEFT_OUTCOME_ERROR, timeout, task(1));
    g_assert_null(weft_state_object(state, timeout));
}

static void assert_parties(const weft_state *state, uint64_t object, gboolean all, guint n,
                           const struct weft_party *parties)
{
    guint got;
    gboolean got_all;
    const struct weft_party *at = weft_state_parties(state, object, &got, &got_all);
    g_assert_cmpuint(got, ==, n);
    g_assert_cmpint(got_all, ==, all);
    for (guint i = 0; i < n; i++) {
        g_assert_cmpuint(at[i].id, ==, parties[i].id);
        g_assert_cmpuint(at[i].units, ==, parties[i].units);
    }
}

static void use_semaphore(weft_state *state, unsigned by, enum weft_resource_op op, gint64 value)
{
    apply(state, 1, WEFT_RECORD_RESUME, 0, task(by), 0);
    apply(state, 1, WEFT_RECORD_RESOURCE, op, thing(WEFT_ENTITY_SEMAPHORE, 1), (uint64_t)value);
    apply(state, 1, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, task(by), 0);
}

static void check_holders(const weft_state *state)
{
    assert_parties(state, thing(WEFT_ENTITY_SEMAPHORE, 1), TRUE, 2,
                   (struct weft_party[]){ { task(1), 2 }, { task(2), 1 } });
}

static void test_holders(void)
{
    g_autoptr(weft_state) state = weft_state_new();
    uint64_t semaphore = thing(WEFT_ENTITY_SEMAPHORE, 1);
    assert_parties(state, semaphore, FALSE, 0, NULL);
    apply(state, 1, WEFT_RECORD_OBJECT_NEW, 0, semaphore, 3);
    use_semaphore(state, 1, WEFT_RESOURCE_ACQUIRE, 2);
    use_semaphore(state, 2, WEFT_RESOURCE_ACQUIRE, 1);
    use_semaphore(state, 1, WEFT_RESOURCE_ACQUIRE, 0);
    check_all_ways(state, check_holders);
    use_semaphore(state, 1, WEFT_RESOURCE_RELEASE, 0); /* 3 is in line: it will get it */
    assert_parties(state, semaphore, FALSE, 2,
                   (struct weft_party[]){ { task(1), 1 }, { task(2), 1 } });
    use_semaphore(state, 3, WEFT_RESOURCE_ACQUIRE, 0);
    use_semaphore(state, 9, WEFT_RESOURCE_RELEASE, 1); /* it held none: the last one's goes */
    assert_parties(state, semaphore, TRUE, 2,
                   (struct weft_party[]){ { task(1), 1 }, { task(2), 1 } });
    weft_state_apply_loss(state, 0, 10);
    assert_parties(state, semaphore, FALSE, 0, NULL);
    use_semaphore(state, 3, WEFT_RESOURCE_ACQUIRE, 0);
    use_semaphore(state, 9, WEFT_RESOURCE_RELEASE, 1); /* one of those that are not known */
    assert_parties(state, semaphore, FALSE, 1, (struct weft_party[]){ { task(3), 1 } });
    use_semaphore(state, 9, WEFT_RESOURCE_RELEASE, 2); /* now there are no others */
    assert_parties(state, semaphore, TRUE, 1, (struct weft_party[]){ { task(3), 1 } });
    apply(state, 20, WEFT_RECORD_OBJECT_FREE, 0, semaphore, 0);
    assert_parties(state, semaphore, FALSE, 0, NULL);
}

static void check_members(const weft_state *state)
{
    assert_parties(state, thing(WEFT_ENTITY_GROUP, 1), TRUE, 2,
                   (struct weft_party[]){ { task(2), 0 }, { thing(WEFT_ENTITY_GROUP, 2), 0 } });
}

static void test_members(void)
{
    g_autoptr(weft_state) state = weft_state_new();
    uint64_t group = thing(WEFT_ENTITY_GROUP, 1);
    apply(state, 1, WEFT_RECORD_OBJECT_NEW, 0, group, 2);
    apply(state, 2, WEFT_RECORD_GROUP_ADD, 0, group, task(2));
    apply(state, 2, WEFT_RECORD_GROUP_ADD, 0, group, thing(WEFT_ENTITY_GROUP, 2));
    check_all_ways(state, check_members);
    apply(state, 3, WEFT_RECORD_GROUP_DONE, WEFT_OUTCOME_RESULT, group, 2);
    assert_parties(state, group, FALSE, 0, NULL);
}

/* A group that lives long: those that ended are not kept. */
static void test_many_members(void)
{
    enum { ALL = 100000, ALIVE = 50 };
    g_autoptr(weft_state) state = weft_state_new();
    uint64_t group = thing(WEFT_ENTITY_GROUP, 1);
    guint n;
    gboolean all;
    apply(state, 1, WEFT_RECORD_OBJECT_NEW, 0, group, 0);
    for (unsigned i = 1; i <= ALL; i++) {
        apply(state, i, WEFT_RECORD_TASK_NEW, 0, task(i), 0);
        apply(state, i, WEFT_RECORD_GROUP_ADD, 0, group, task(i));
        if (i > ALIVE)
            apply(state, i, WEFT_RECORD_TASK_FREE, 0, task(i - ALIVE), 0);
    }
    weft_state_parties(state, group, &n, &all);
    g_assert_cmpuint(n, >=, ALIVE);
    g_assert_cmpuint(n, <, 10 * ALIVE);
    g_assert_true(all);
}

static void check_amid(const weft_state *state)
{
    assert_parties(state, thing(WEFT_ENTITY_GROUP, 1), FALSE, 1,
                   (struct weft_party[]){ { task(2), 0 } });
    assert_parties(state, thing(WEFT_ENTITY_SEMAPHORE, 1), FALSE, 0, NULL);
}

/* Their beginnings were not seen: how many have joined, how many units there are, is not known. */
static void test_parties_amid(void)
{
    g_autoptr(weft_state) state = weft_state_new();
    apply(state, 2, WEFT_RECORD_GROUP_ADD, 0, thing(WEFT_ENTITY_GROUP, 1), task(2));
    apply(state, 2, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_SET, thing(WEFT_ENTITY_SEMAPHORE, 1), 0);
    check_all_ways(state, check_amid);
    weft_state_apply_loss(state, 0, 3);
    apply(state, 4, WEFT_RECORD_GROUP_ADD, 0, thing(WEFT_ENTITY_GROUP, 1), task(2));
    apply(state, 4, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_SET, thing(WEFT_ENTITY_SEMAPHORE, 1), 0);
    check_all_ways(state, check_amid);
}

/* A job's end may be replayed before its beginning: they lie in different rings. */
static void test_job_out_of_order(void)
{
    g_autoptr(weft_state) state = weft_state_new();
    uint64_t job = thing(WEFT_ENTITY_JOB, 1);
    apply(state, 1, WEFT_RECORD_WORK_SUBMIT, 0, job, 0);
    g_assert_nonnull(weft_state_object(state, job));
    apply(state, 2, WEFT_RECORD_WORK_END, WEFT_OUTCOME_RESULT, job, 0);
    g_assert_null(weft_state_object(state, job));
    job = thing(WEFT_ENTITY_JOB, 2);
    apply(state, 4, WEFT_RECORD_WORK_END, WEFT_OUTCOME_RESULT, job, 0);
    apply(state, 3, WEFT_RECORD_WORK_SUBMIT, 0, job, 0);
    g_assert_null(weft_state_object(state, job));
    job = thing(WEFT_ENTITY_JOB, 3); /* the loss was before both */
    apply(state, 9, WEFT_RECORD_WORK_END, WEFT_OUTCOME_RESULT, job, 0);
    weft_state_apply_loss(state, 0, 5);
    apply(state, 8, WEFT_RECORD_WORK_SUBMIT, 0, job, 0);
    g_assert_null(weft_state_object(state, job));
}

static void check_polling(const weft_state *state)
{
    gint64 since;
    g_assert_true(weft_state_polling(state, 0, &since));
    g_assert_cmpint(since, ==, 5);
}

static void test_poll(void)
{
    g_autoptr(weft_state) state = weft_state_new();
    g_assert_false(weft_state_polling(state, 0, NULL));
    apply(state, 5, WEFT_RECORD_POLL_BEGIN, 0, thing(WEFT_ENTITY_LOOP, 1), 100);
    check_all_ways(state, check_polling);
    apply(state, 6, WEFT_RECORD_POLL_END, 0, thing(WEFT_ENTITY_LOOP, 1), 1);
    g_assert_false(weft_state_polling(state, 0, NULL));
}

static void test_loss(void)
{
    g_autoptr(weft_state) state = weft_state_new();
    uint64_t foreign = weft_id(WEFT_ENTITY_TASK, 1, 1);
    struct weft_record resume = { .time = 1, .kind = WEFT_RECORD_RESUME, .subject = foreign };
    weft_state_apply(state, 1, &resume, NULL);
    apply(state, 1, WEFT_RECORD_RESUME, 0, task(1), 0);
    apply(state, 2, WEFT_RECORD_TIMER_SET, 0, thing(WEFT_ENTITY_TIMER, 1), 50);
    apply(state, 3, WEFT_RECORD_WAKE, WEFT_WAKE_IO, task(2), 0);
    apply(state, 4, WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_RESULT, task(3), 0);
    weft_state_apply_loss(state, 0, 10);
    weft_state_apply_loss(state, 0, 12); /* unknown since the first */
    assert_task(state, task(1), WEFT_STATE_UNKNOWN, 0, 0, 10);
    assert_task(state, task(2), WEFT_STATE_UNKNOWN, 0, 0, 10);
    assert_task(state, task(3), WEFT_STATE_DONE, WEFT_OUTCOME_RESULT, 0, 4);
    assert_task(state, foreign, WEFT_STATE_RUNNING, 0, 0, 1);
    assert_ready(state, 0, NULL);
    g_assert_cmpuint(weft_state_running(state, 0), ==, 0);
    g_assert_null(weft_state_object(state, thing(WEFT_ENTITY_TIMER, 1)));

    /* The next chunk's header names the actor again. */
    weft_state_apply_chunk(state, 0, task(2), 20);
    g_assert_cmpuint(weft_state_running(state, 0), ==, task(2));
    assert_task(state, task(2), WEFT_STATE_RUNNING, 0, 0, 20);
    weft_state_apply_chunk(state, 0, task(1), 21);
    g_assert_cmpuint(weft_state_running(state, 0), ==, task(2));
    apply(state, 30, WEFT_RECORD_RESUME, 0, task(2), 0);
    assert_task(state, task(2), WEFT_STATE_RUNNING, 0, 0, 20);
    apply(state, 31, WEFT_RECORD_SUSPEND, WEFT_AWAIT_READ, task(2), 0);
    g_assert_cmpuint(weft_state_running(state, 0), ==, 0);
}

/* Every event at random, about everything: the replayer keeps its own rules, and its bytes give the
 * same state back. */
static void test_random(void)
{
    g_autoptr(weft_state) state = weft_state_new();
    for (guint i = 0; i < 30000; i++) {
        struct weft_record record = {
            .time = i,
            .kind = (uint8_t)g_test_rand_int_range(0, WEFT_RECORD_KIND_END + 2),
            .detail = (uint8_t)g_test_rand_int_range(0, 24),
            .site = (uint32_t)g_test_rand_int(),
            .subject = thing((enum weft_entity)g_test_rand_int_range(0, WEFT_ENTITY_END + 1),
                             (unsigned)g_test_rand_int_range(0, 40)),
            .object = thing((enum weft_entity)g_test_rand_int_range(0, WEFT_ENTITY_END + 1),
                            (unsigned)g_test_rand_int_range(0, 40)),
        };
        if (g_test_rand_int_range(0, 2))
            record.subject = task((unsigned)g_test_rand_int_range(1, 40));
        weft_state_apply(state, (uint32_t)g_test_rand_int_range(0, 2), &record, NULL);
        if (i % 5000 == 4999)
            weft_state_apply_loss(state, 1, i);
    }
    g_autoptr(GBytes) bytes = weft_state_serialize(state);
    gsize size;
    const guint8 *data = g_bytes_get_data(bytes, &size);
    g_autoptr(weft_state) back = weft_state_deserialize(data, size);
    g_assert_nonnull(back);
    g_autoptr(GBytes) again = weft_state_serialize(back);
    g_assert_true(g_bytes_equal(bytes, again));

    /* Cut or changed anywhere: refused, or another state; never a crash. */
    guint whole = 0;
    for (gsize n = 0; n < size; n += (gsize)g_test_rand_int_range(1, SLOW ? 64 : 8)) {
        g_autoptr(weft_state) cut = weft_state_deserialize(data, n);
        whole += cut != NULL;
        g_autofree guint8 *changed = g_memdup2(data, size);
        changed[n] ^= (guint8)(1 << g_test_rand_int_range(0, 8));
        g_autoptr(weft_state) other = weft_state_deserialize(changed, size);
        if (other)
            weft_state_apply_loss(other, 0, 1);
    }
    g_assert_cmpuint(whole, <=, 1); /* cut just before the parties, where files of before end */
}

/* Slices in which nothing happens, and everything else between them. */
static void fill_random(struct weft_record *records, guint n, gint64 time, gint tasks)
{
    for (guint i = 0; i < n; i++) {
        records[i] = (struct weft_record){
            .time = (uint64_t)time + i,
            .kind = (uint8_t)g_test_rand_int_range(0, WEFT_RECORD_KIND_END + 2),
            .detail = (uint8_t)g_test_rand_int_range(0, 24),
            .flags = g_test_rand_int_range(0, 8) ? 0 : WEFT_RECORD_EXT,
            .site = (uint32_t)g_test_rand_int(),
            .subject = task((unsigned)g_test_rand_int_range(1, tasks)),
            .object = thing(WEFT_ENTITY_FUTURE, (unsigned)g_test_rand_int_range(1, 40)),
        };
        int choice = g_test_rand_int_range(0, 4);
        if (choice == 0)
            records[i].kind = WEFT_RECORD_RESUME;
        if (choice > 1 && i > 0 && records[i - 1].kind == WEFT_RECORD_RESUME) {
            records[i].kind = WEFT_RECORD_SUSPEND;
            records[i].subject = records[i - 1].subject;
        }
    }
}

/* Few tasks, and so many that they are fetched ahead. */
static void test_all(gconstpointer tasks)
{
    g_autoptr(weft_state) together = weft_state_new(), alone = weft_state_new();
    struct weft_record records[1000];
    for (guint round = 0; round < (SLOW ? 30 : 300); round++) {
        guint n = (guint)g_test_rand_int_range(1, G_N_ELEMENTS(records) + 1);
        fill_random(records, n, (gint64)round * 1000, GPOINTER_TO_INT(tasks));
        weft_state_apply_all(together, 0, records, n);
        for (guint i = 0; i < n; i++) {
            gboolean ext = records[i].flags & WEFT_RECORD_EXT && i + 1 < n;
            weft_state_apply(alone, 0, &records[i], ext ? &records[i + 1] : NULL);
            i += ext;
        }
        g_autoptr(GBytes) a = weft_state_serialize(together), b = weft_state_serialize(alone);
        g_assert_true(g_bytes_equal(a, b));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/state/slices", test_slices);
    g_test_add_func("/state/eager", test_eager);
    g_test_add_func("/state/ready-queue", test_ready_queue);
    g_test_add_func("/state/cancel", test_cancel);
    g_test_add_func("/state/objects", test_objects);
    g_test_add_func("/state/holders", test_holders);
    g_test_add_func("/state/members", test_members);
    g_test_add_func("/state/many-members", test_many_members);
    g_test_add_func("/state/parties-amid", test_parties_amid);
    g_test_add_func("/state/job-out-of-order", test_job_out_of_order);
    g_test_add_func("/state/poll", test_poll);
    g_test_add_func("/state/loss", test_loss);
    g_test_add_func("/state/random", test_random);
    g_test_add_data_func("/state/all/few", GINT_TO_POINTER(40), test_all);
    g_test_add_data_func("/state/all/many", GINT_TO_POINTER(6000), test_all);
    return g_test_run();
}
