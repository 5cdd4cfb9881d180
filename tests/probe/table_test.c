/* table_test.c: what every event does to the live tables, as a reader of the file sees it: alive,
 * while it is being written, when there is no room, and after SIGKILL. */
#include "tests/child.h"
#include "tests/probe/tables.h"
#include "tracer/probe/segment.h"
#include "tracer/probe/session.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct fixture {
    char *runtime;
    struct weft_segment_file file;
    struct weft_writer w;
    int fd;
    uint64_t time;
};

static void set_up(struct fixture *f, gconstpointer data)
{
    (void)data;
    memset(f, 0, sizeof *f);
    f->runtime = g_dir_make_tmp("weft-table-XXXXXX", NULL);
    g_setenv("XDG_RUNTIME_DIR", f->runtime, TRUE);
    g_assert_cmpint(weft_segment_create(&f->file), ==, 0);
    uint64_t offset;
    struct weft_ring *ring = weft_segment_grow(&f->file, WEFT_PAGE, &offset);
    weft_ring_format(ring, 4, WEFT_RING_LOOP, weft_id(WEFT_ENTITY_LOOP, 4, 1));
    atomic_store(&f->file.directory[4].offset, offset);
    weft_writer_init(&f->w, f->file.segment, ring);
    f->w.slots.file = &f->file;
    f->w.slots.ring = 4;
    f->fd = open(f->file.path, O_RDONLY | O_CLOEXEC);
    weft_probe_page.mask = WEFT_PROBE_TABLES;
}

static void remove_directory(char *runtime)
{
    g_autofree char *weft = g_build_filename(runtime, "weft", NULL);
    g_rmdir(weft);
    g_assert_cmpint(g_rmdir(runtime), ==, 0);
    g_free(runtime);
}

static void tear_down(struct fixture *f, gconstpointer data)
{
    (void)data;
    weft_probe_page.mask = 0;
    weft_table_clear(&f->w);
    free(f->w.slots.index);
    free(f->w.slots.blocks);
    for (int i = 0; i < WEFT_TABLE_NAMES; i++)
        free(f->w.slots.pools[i].free);
    g_unlink(f->file.path);
    weft_segment_close(&f->file);
    free(f->file.mappings); /* a session keeps them for the next one */
    close(f->fd);
    remove_directory(f->runtime);
}

/* ---- Feeding and looking ---- */

static void tell(struct fixture *f, enum weft_record_kind kind, unsigned detail, uint64_t subject,
                 uint64_t object)
{
    f->time++;
    weft_emit_shared(&f->w, f->time, kind, detail, (uint32_t)(1000 + f->time), subject, object);
}

static void resume(struct fixture *f, uint64_t task)
{
    tell(f, WEFT_RECORD_RESUME, 0, task, 0);
    weft_set_current_task(&f->w, task);
}

static void suspend(struct fixture *f, uint64_t task, enum weft_await_kind kind, uint64_t what)
{
    tell(f, WEFT_RECORD_SUSPEND, kind, task, what);
    weft_set_current_task(&f->w, 0);
}

static uint64_t new_task(struct fixture *f, uint64_t parent)
{
    uint64_t id = weft_new_id(&f->w, WEFT_ENTITY_TASK);
    tell(f, WEFT_RECORD_TASK_NEW, 0, id, parent);
    return id;
}

static gboolean look(struct fixture *f, uint64_t id, uint64_t owner, uint64_t slot[8])
{
    struct tables t = map_tables(f->fd);
    gboolean found = find_slot(&t, id, owner, slot);
    unmap_tables(&t);
    return found;
}

#define TASK(slot)   ((const struct weft_task_slot *)(const void *)(slot))
#define OBJECT(slot) ((const struct weft_object_slot *)(const void *)(slot))

static void task_is(struct fixture *f, uint64_t id, const char *wanted, uint64_t since,
                    uint64_t other)
{
    struct tables t = map_tables(f->fd);
    g_autofree char *said = describe_task(&t, id);
    uint64_t slot[8];
    g_assert_cmpstr(said, ==, wanted);
    g_assert_true(find_slot(&t, id, 0, slot));
    g_assert_cmpuint(TASK(slot)->since, ==, since);
    g_assert_cmpuint(TASK(slot)->other, ==, other);
    unmap_tables(&t);
}

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

static char *name_of(struct fixture *f, uint64_t id)
{
    struct tables t = map_tables(f->fd);
    uint64_t slot[8];
    g_assert_true(find_slot(&t, id, 0, slot));
    char *name = name_in(&t, slot[6]);
    unmap_tables(&t);
    return name;
}

static guint count(struct fixture *f, enum weft_table_kind kind)
{
    struct tables t = map_tables(f->fd);
    guint n = count_slots(&t, kind);
    unmap_tables(&t);
    return n;
}

static void name_is(struct fixture *f, uint64_t id, const char *wanted)
{
    g_autofree char *name = name_of(f, id);
    g_assert_cmpstr(name, ==, wanted);
}

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

static uint64_t new_object(struct fixture *f, enum weft_entity kind, uint64_t capacity)
{
    uint64_t id = weft_new_id(&f->w, kind);
    tell(f, WEFT_RECORD_OBJECT_NEW, 0, id, capacity);
    return id;
}

static void use(struct fixture *f, uint64_t by, enum weft_resource_op op, uint64_t id,
                int64_t value)
{
    weft_set_current_task(&f->w, by);
    tell(f, WEFT_RECORD_RESOURCE, op, id, (uint64_t)value);
    weft_set_current_task(&f->w, 0);
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
    tell(f, WEFT_RECORD_GROUP_DONE, WEFT_OUTCOME_RESULT, group, 2);
    g_assert_false(look(f, group, 0, slot));
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

/* ---- Many ---- */

static void any_number_is_found_again(struct fixture *f, gconstpointer data)
{
    (void)data;
    g_autoptr(GArray) live = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    for (int i = 0; i < 100000; i++) {
        if (live->len == 0 || g_test_rand_int_range(0, 1000) < 520) {
            uint64_t id = new_task(f, (uint64_t)i);
            g_array_append_val(live, id);
            continue;
        }
        guint k = (guint)g_test_rand_int_range(0, (gint32)live->len);
        uint64_t id = g_array_index(live, uint64_t, k);
        g_assert_cmpuint(weft_table_task(&f->w, id)->id, ==, id);
        tell(f, WEFT_RECORD_TASK_FREE, 0, id, 0);
        g_assert_null(weft_table_task(&f->w, id));
        g_array_remove_index_fast(live, k);
    }
    g_assert_cmpuint(count(f, WEFT_TABLE_TASKS), ==, live->len);
    g_assert_cmpuint(weft_table_live_tasks(&f->w), ==, live->len);
    for (guint k = 0; k < live->len; k++)
        g_assert_nonnull(weft_table_task(&f->w, g_array_index(live, uint64_t, k)));
}

static void what_does_not_fit_is_counted(struct fixture *f, gconstpointer data)
{
    (void)data;
    uint64_t first = new_task(f, 0), slot[8];
    if (data)
        weft_segment_close(&f->file); /* no room in the file system */
    else
        f->file.n_blocks = WEFT_TABLE_BLOCKS_MAX;
    const struct weft_table_directory *tables = f->file.tables;
    for (int i = 0; i < 5000; i++)
        new_task(f, 0);
    g_assert_cmpuint(count(f, WEFT_TABLE_TASKS), ==, WEFT_TABLE_SLOTS - 1);
    g_assert_cmpuint(tables->unlisted_tasks, ==, 5001 - (WEFT_TABLE_SLOTS - 1));
    g_assert_cmpuint(weft_table_live_tasks(&f->w), ==, 5001);
    uint64_t lock = new_object(f, WEFT_ENTITY_LOCK, 1);
    use(f, first, WEFT_RESOURCE_ACQUIRE, lock, 1);
    weft_emit_name(&f->w, WEFT_RECORD_TASK_NAME, first, "no room either");
    name_is(f, first, NULL);
    g_assert_cmpuint(tables->unlisted_objects, ==, 1);
    tell(f, WEFT_RECORD_OBJECT_FREE, 0, lock, 0);
    g_assert_cmpuint(tables->unlisted_objects, ==, 0);
    /* The last one has no slot; the first one's is taken by the next to come. */
    uint64_t last = weft_id(WEFT_ENTITY_TASK, 4, 5001);
    tell(f, WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, last, 0);
    tell(f, WEFT_RECORD_TASK_FREE, 0, last, 0);
    g_assert_cmpuint(tables->unlisted_tasks, ==, 5000 - (WEFT_TABLE_SLOTS - 1));
    tell(f, WEFT_RECORD_TASK_FREE, 0, first, 0);
    g_assert_false(look(f, first, 0, slot));
    uint64_t next = new_task(f, 0);
    g_assert_true(look(f, next, 0, slot));
    weft_table_clear(&f->w);
    g_assert_cmpuint(tables->unlisted_tasks, ==, 0);
}

/* ---- A reader at the same time ---- */

struct race {
    struct weft_task_slot *slot;
    _Atomic bool enough;
};

static uint64_t mix(uint64_t i)
{
    return (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

static gpointer look_all_the_time(gpointer data)
{
    struct race *race = data;
    for (int i = 0; i < 200000; i++) {
        uint64_t copy[8];
        copy_slot(race->slot, copy);
        g_assert_cmpuint(TASK(copy)->other, ==, mix(TASK(copy)->since));
        if (TASK(copy)->site_state >> 24 & 1) /* waiting, not ready */
            g_assert_cmpuint(TASK(copy)->site_state >> 32, ==, (uint32_t)TASK(copy)->since);
    }
    atomic_store(&race->enough, true);
    return NULL;
}

static void nothing_torn_is_seen(struct fixture *f, gconstpointer data)
{
    (void)data;
    uint64_t id = new_task(f, 0);
    struct race race = { .slot = weft_table_task(&f->w, id) };
    weft_emit_shared(&f->w, 7, WEFT_RECORD_SUSPEND, WEFT_AWAIT_FUTURE, 7, id, mix(7));
    GThread *reader = g_thread_new("reader", look_all_the_time, &race);
    for (uint64_t i = 8; !atomic_load(&race.enough); i += 2) {
        weft_emit_shared(&f->w, i, WEFT_RECORD_WAKE, WEFT_WAKE_FUTURE, 0, id, mix(i));
        weft_emit_shared(&f->w, i + 1, WEFT_RECORD_SUSPEND, WEFT_AWAIT_FUTURE, (uint32_t)i + 1, id,
                         mix(i + 1));
    }
    g_thread_join(reader);
}

/* ---- A whole process ---- */

/* Ready to be killed: two tasks, one of them in its slice, one waiting for the lock that it holds.
 */
static void hang(int ready)
{
    g_unsetenv("WEFT_TRACE");
    g_assert_cmpint(weft_probe_start(), ==, WEFT_MODE_STANDBY);
    struct weft_writer *w = weft_probe_open_ring(WEFT_RING_LOOP);
    uint64_t a = weft_new_id(w, WEFT_ENTITY_TASK), b = weft_new_id(w, WEFT_ENTITY_TASK);
    uint64_t lock = weft_new_id(w, WEFT_ENTITY_LOCK);
    weft_emit(w, WEFT_RECORD_TASK_NEW, 0, 0, a, 0);
    weft_emit(w, WEFT_RECORD_TASK_NEW, 0, 0, b, a);
    weft_emit_name(w, WEFT_RECORD_TASK_NAME, a, "holds it");
    weft_emit(w, WEFT_RECORD_OBJECT_NEW, 0, 0, lock, 1);
    weft_set_current_task(w, a);
    weft_emit(w, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_ACQUIRE, 0, lock, 1);
    weft_set_current_task(w, 0);
    weft_emit(w, WEFT_RECORD_SUSPEND, WEFT_AWAIT_LOCK, 0, b, lock);
    weft_emit(w, WEFT_RECORD_RESUME, 0, 0, a, 0);
    weft_set_current_task(w, a);
    g_assert_cmpint(write(ready, "", 1), ==, 1);
    pause();
}

static void the_dead_can_be_asked(void)
{
    char *runtime = g_dir_make_tmp("weft-table-XXXXXX", NULL);
    g_setenv("XDG_RUNTIME_DIR", runtime, TRUE);
    int ready[2];
    g_assert_cmpint(pipe(ready), ==, 0);
    pid_t pid = child_fork();
    if (pid == 0) {
        hang(ready[1]);
        _exit(1);
    }
    char byte;
    g_assert_cmpint(read(ready[0], &byte, 1), ==, 1);
    g_assert_cmpint(kill(pid, SIGKILL), ==, 0);
    g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
    g_autofree char *weft = g_build_filename(runtime, "weft", NULL);
    g_autoptr(GDir) dir = g_dir_open(weft, 0, NULL);
    const char *name;
    guint rings = 0;
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(weft, name, NULL);
        if (g_str_has_suffix(name, ".ring")) {
            int fd = open(path, O_RDONLY | O_CLOEXEC);
            struct tables t = map_tables(fd);
            uint64_t a = weft_id(WEFT_ENTITY_TASK, 0, 1), b = weft_id(WEFT_ENTITY_TASK, 0, 2);
            uint64_t lock = weft_id(WEFT_ENTITY_LOCK, 0, 1), slot[8];
            g_assert_cmpuint(ring_in(&t, 0)->running, ==, a);
            g_assert_cmpuint(ring_in(&t, 0)->running_since, >, 0);
            g_autofree char *said = describe_task(&t, b);
            g_assert_cmpstr(said, ==, "waiting(lock)");
            g_assert_true(find_slot(&t, a, 0, slot));
            g_autofree char *called = name_in(&t, slot[6]);
            g_assert_cmpstr(called, ==, "holds it");
            g_assert_true(find_slot(&t, lock, 0, slot));
            g_assert_cmpuint(OBJECT(slot)->owner, ==, a);
            unmap_tables(&t);
            close(fd);
            rings++;
        }
        g_unlink(path);
    }
    g_assert_cmpuint(rings, ==, 1);
    close(ready[0]);
    close(ready[1]);
    remove_directory(runtime);
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
    TEST("many", NULL, any_number_is_found_again);
    TEST("limit", NULL, what_does_not_fit_is_counted);
    TEST("full", "full", what_does_not_fit_is_counted);
    TEST("torn", NULL, nothing_torn_is_seen);
    g_test_add_func("/probe/table/killed", the_dead_can_be_asked);
    return g_test_run();
}
