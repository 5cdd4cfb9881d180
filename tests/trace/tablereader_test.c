/* tablereader_test.c: live tables made by hand, whole, torn and hostile. Real programs' are read in
 * tests/trace/standby_test.c. */
#include "tests/valgrind.h"
#include "tracer/trace/tablereader.h"
#include <string.h>

struct fixture {
    struct weft_tables tables;
    struct weft_ring *ring;
    struct weft_table_block *tasks, *objects, *names;
    struct weft_tablenames ids;
    GHashTable *strings; /* id -> text */
    struct weft_heap_definitions to;
    struct weft_tableread read;
};

static void add_string(void *strings, guint32 id, const char *text, gsize size)
{
    g_assert_true(g_hash_table_insert(strings, GUINT_TO_POINTER(id), g_strndup(text, size)));
}

static struct weft_table_block *add_block(struct fixture *f, enum weft_table_kind kind,
                                          uint32_t ring)
{
    struct weft_table_block *block = g_malloc0(WEFT_TABLE_BLOCK);
    block->kind = kind;
    block->ring = ring;
    g_ptr_array_add(f->tables.blocks, block);
    return block;
}

static void set_up(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    f->tables.blocks = g_ptr_array_new_with_free_func(g_free);
    f->tables.rings = g_ptr_array_new_with_free_func(g_free);
    f->ring = g_malloc0(sizeof *f->ring);
    g_ptr_array_add(f->tables.rings, NULL);
    g_ptr_array_add(f->tables.rings, f->ring); /* ring 1 */
    f->tasks = add_block(f, WEFT_TABLE_TASKS, 1);
    f->objects = add_block(f, WEFT_TABLE_OBJECTS, 1);
    f->names = add_block(f, WEFT_TABLE_NAMES, 1);
    f->strings = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    f->to = (struct weft_heap_definitions){ add_string, NULL, f->strings };
    weft_tablenames_init(&f->ids, &f->to);
}

static void tear_down(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    if (f->read.state)
        weft_tableread_clear(&f->read);
    weft_tablenames_finish(&f->ids);
    g_hash_table_unref(f->strings);
    g_ptr_array_unref(f->tables.blocks);
    g_ptr_array_unref(f->tables.rings);
}

static void read_tables(struct fixture *f)
{
    if (f->read.state)
        weft_tableread_clear(&f->read);
    f->read = weft_tables_read(&f->tables, &f->ids);
}

static uint64_t task(unsigned n)
{
    return weft_id(WEFT_ENTITY_TASK, 1, n);
}

static uint64_t thing(enum weft_entity kind, unsigned n)
{
    return weft_id(kind, 1, n);
}

static struct weft_task_slot *add_task(struct fixture *f, unsigned n, enum weft_live_state state,
                                       unsigned detail, uint64_t other, uint64_t since)
{
    struct weft_task_slot *slot = (struct weft_task_slot *)f->tasks + ++f->tasks->used;
    slot->seq = 2;
    slot->id = task(n);
    slot->since = since;
    slot->other = other;
    slot->name_made = UINT64_C(77) << 32 | 5;
    slot->site_state = UINT64_C(9) << 32 | (uint64_t)state << 24 | (uint64_t)detail << 16;
    return slot;
}

static struct weft_object_slot *add_object(struct fixture *f, uint64_t id)
{
    struct weft_object_slot *slot = (struct weft_object_slot *)f->objects + ++f->objects->used;
    slot->seq = 4;
    slot->id = id;
    return slot;
}

static const struct weft_task_at *assert_task(const struct fixture *f, unsigned n,
                                              enum weft_task_state state, unsigned detail,
                                              uint64_t other, gint64 since)
{
    const struct weft_task_at *at = weft_state_task(f->read.state, task(n));
    g_assert_nonnull(at);
    g_assert_cmpuint(at->state, ==, state);
    g_assert_cmpuint(at->detail, ==, detail);
    g_assert_cmpuint(at->other, ==, other);
    g_assert_cmpint(at->since_ns, ==, since);
    return at;
}

static void test_tasks(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    uint64_t lock = thing(WEFT_ENTITY_LOCK, 1), group = thing(WEFT_ENTITY_GROUP, 1);
    add_task(f, 1, WEFT_LIVE_WAITING, WEFT_AWAIT_LOCK, lock, 100)->parent = task(9);
    add_task(f, 2, WEFT_LIVE_READY, WEFT_WAKE_TIMER, 0, 300);
    add_task(f, 3, WEFT_LIVE_READY, WEFT_WAKE_TASK, task(1), 200)->group = group;
    add_task(f, 4, WEFT_LIVE_DONE, WEFT_OUTCOME_ERROR, 0, 50);
    add_task(f, 5, WEFT_LIVE_NEW, 0, 0, 60);
    struct weft_task_slot *cancelled = add_task(f, 6, WEFT_LIVE_CANCELLING, WEFT_AWAIT_TIMER, 0,
                                                70);
    cancelled->site_state |= 2 << 8 | WEFT_LIVE_DELIVERED;
    add_task(f, 7, WEFT_LIVE_READY, 0, 0, 0)->id = 0; /* free */
    add_object(f, group)->capacity = 1;
    f->ring->polling_since = 400;
    read_tables(f);
    const struct weft_task_at *one = assert_task(f, 1, WEFT_STATE_WAITING, WEFT_AWAIT_LOCK, lock,
                                                 100);
    g_assert_cmpuint(one->parent, ==, task(9));
    g_assert_cmpuint(one->name, ==, 77);
    g_assert_cmpuint(one->created_site, ==, 5);
    g_assert_cmpuint(one->site, ==, 9);
    assert_task(f, 2, WEFT_STATE_READY, WEFT_WAKE_TIMER, 0, 300);
    assert_task(f, 4, WEFT_STATE_DONE, WEFT_OUTCOME_ERROR, 0, 50);
    assert_task(f, 5, WEFT_STATE_NEW, 0, 0, 60);
    const struct weft_task_at *six = assert_task(f, 6, WEFT_STATE_CANCELLING, WEFT_AWAIT_TIMER, 0,
                                                 70);
    g_assert_cmpuint(six->cancelling, ==, 2);
    g_assert_true(six->delivered);
    guint n;
    weft_state_tasks(f->read.state, &n);
    g_assert_cmpuint(n, ==, 6);
    const uint64_t *ready = weft_state_ready(f->read.state, 1, &n);
    g_assert_cmpuint(n, ==, 2);
    g_assert_cmpuint(ready[0], ==, task(3)); /* it was ready first */
    g_assert_cmpuint(ready[1], ==, task(2));
    gint64 since;
    g_assert_true(weft_state_polling(f->read.state, 1, &since));
    g_assert_cmpint(since, ==, 400);
    g_assert_cmpuint(weft_state_running(f->read.state, 1), ==, 0);
    gboolean all;
    const struct weft_party *members = weft_state_parties(f->read.state,
                                                          thing(WEFT_ENTITY_GROUP, 1), &n, &all);
    g_assert_cmpuint(n, ==, 1);
    g_assert_cmpuint(members[0].id, ==, task(3));
    g_assert_true(all);
    g_assert_cmpuint(f->read.torn + f->read.wrong, ==, 0);
}

static void test_running(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    add_task(f, 1, WEFT_LIVE_RUNNING, 0, 0, 10);
    add_task(f, 2, WEFT_LIVE_RUNNING, 0, 0, 20);
    add_task(f, 3, WEFT_LIVE_NEW, 0, 0, 25);
    f->ring->running = task(3);
    f->ring->running_since = 30;
    read_tables(f);
    assert_task(f, 1, WEFT_STATE_RUNNING, 0, 0, 10);
    assert_task(f, 3, WEFT_STATE_RUNNING, 0, 0, 30);
    g_assert_cmpuint(weft_state_running(f->read.state, 1), ==, task(3));
    /* Its slice ends: the one around it goes on. */
    struct weft_record suspend = {
        .time = 40, .kind = WEFT_RECORD_SUSPEND, .detail = WEFT_AWAIT_TIMER, .subject = task(3)
    };
    weft_state_apply(f->read.state, 1, &suspend, NULL);
    g_assert_cmpuint(weft_state_running(f->read.state, 1), ==, task(2));
    /* The same without it. */
    ((struct weft_task_slot *)f->tasks)[3].site_state = UINT64_C(3) << 24;
    f->ring->running = task(2);
    read_tables(f);
    g_assert_cmpuint(weft_state_running(f->read.state, 1), ==, task(2));
    assert_task(f, 2, WEFT_STATE_RUNNING, 0, 0, 20);
    /* It has just suspended: its slot knows better. */
    f->ring->running = task(3);
    read_tables(f);
    g_assert_cmpuint(weft_state_running(f->read.state, 1), ==, 0);
    /* One that found no slot holds the loop all the same. */
    f->ring->running = task(4);
    read_tables(f);
    g_assert_cmpuint(weft_state_running(f->read.state, 1), ==, task(4));
    assert_task(f, 4, WEFT_STATE_RUNNING, 0, 0, 30);
}

static void test_ready_runs(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    add_task(f, 1, WEFT_LIVE_READY, WEFT_WAKE_IO, 0, 10);
    add_task(f, 2, WEFT_LIVE_READY, WEFT_WAKE_IO, 0, 20)->site_state |= WEFT_LIVE_DELIVERED;
    f->ring->running = task(2);
    f->ring->running_since = 30;
    read_tables(f);
    assert_task(f, 2, WEFT_STATE_CANCELLING, 0, 0, 30); /* running, with a cancellation delivered */
    guint n;
    const uint64_t *ready = weft_state_ready(f->read.state, 1, &n);
    g_assert_cmpuint(n, ==, 1);
    g_assert_cmpuint(ready[0], ==, task(1));
}

static void test_objects(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    struct weft_object_slot *semaphore = add_object(f, thing(WEFT_ENTITY_SEMAPHORE, 1));
    semaphore->owner = task(1);
    semaphore->value = (uint64_t)-2;
    semaphore->capacity = 3;
    semaphore->name_site = UINT64_C(4) << 32 | 8;
    struct weft_object_slot *holder = add_object(f, thing(WEFT_ENTITY_SEMAPHORE, 1));
    holder->owner = task(2);
    holder->value = 2;
    holder->flags = WEFT_LIVE_HOLDER;
    struct weft_object_slot *timeout = add_object(f, thing(WEFT_ENTITY_TIMEOUT, 1));
    timeout->deadline_mono_ns = 12345;
    timeout->flags = WEFT_LIVE_EXPIRED;
    read_tables(f);
    const struct weft_object_at *at = weft_state_object(f->read.state,
                                                        thing(WEFT_ENTITY_SEMAPHORE, 1));
    g_assert_cmpuint(at->owner, ==, task(1));
    g_assert_cmpint(at->value, ==, -2);
    g_assert_cmpuint(at->capacity, ==, 3);
    g_assert_cmpuint(at->name, ==, 4);
    g_assert_cmpuint(at->site, ==, 8);
    guint n;
    gboolean all;
    const struct weft_party *held = weft_state_parties(f->read.state, at->id, &n, &all);
    g_assert_cmpuint(n, ==, 2);
    g_assert_cmpuint(held[0].id, ==, task(2));
    g_assert_cmpuint(held[0].units, ==, 2);
    g_assert_cmpuint(held[1].id, ==, task(1));
    g_assert_cmpuint(held[1].units, ==, 3); /* the rest */
    g_assert_true(all);
    at = weft_state_object(f->read.state, thing(WEFT_ENTITY_TIMEOUT, 1));
    g_assert_cmpint(at->deadline_mono_ns, ==, 12345);
    g_assert_true(at->done);
}

static const char *name_of(const struct fixture *f, unsigned n)
{
    guint32 id = weft_state_task(f->read.state, task(n))->name;
    return id ? g_hash_table_lookup(f->strings, GUINT_TO_POINTER(id)) : NULL;
}

static void test_names(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    struct weft_name_slot *names = (struct weft_name_slot *)f->names;
    f->names->used = 2;
    names[1].id = task(1);
    memcpy((char *)names[1].text, "ping", 4);
    names[2].id = task(2);
    memset((char *)names[2].text, 'x', 48); /* no room for a NUL */
    for (unsigned i = 1; i <= 4; i++)
        add_task(f, i, WEFT_LIVE_WAITING, WEFT_AWAIT_TIMER, 0, 1)->name_made =
            (uint64_t)(WEFT_NAME_SLOT | 2 << 10 | MIN(i, 2)) << 32;
    ((struct weft_task_slot *)f->tasks)[4].name_made = UINT64_MAX; /* the heap was full */
    read_tables(f);
    g_assert_cmpstr(name_of(f, 1), ==, "ping");
    g_assert_cmpuint(strlen(name_of(f, 2)), ==, 48);
    g_assert_cmpstr(name_of(f, 3), ==, NULL); /* that slot is another one's */
    g_assert_cmpuint(weft_state_task(f->read.state, task(4))->name, ==, WEFT_STRING_FULL);
    /* Read again it has the same id; with another text another one. */
    guint32 before = weft_state_task(f->read.state, task(1))->name;
    read_tables(f);
    g_assert_cmpuint(weft_state_task(f->read.state, task(1))->name, ==, before);
    memcpy((char *)names[1].text, "pong", 4);
    read_tables(f);
    g_assert_cmpstr(name_of(f, 1), ==, "pong");
    g_assert_cmpuint(weft_state_task(f->read.state, task(1))->name, !=, before);
}

/* The writer was killed, or stopped, amid a slot. */
static void test_torn(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    add_task(f, 1, WEFT_LIVE_WAITING, WEFT_AWAIT_TIMER, 0, 1)->seq = 3;
    add_object(f, thing(WEFT_ENTITY_LOCK, 1))->seq = 3;
    read_tables(f);
    g_assert_cmpuint(f->read.torn, ==, 2);
    assert_task(f, 1, WEFT_STATE_UNKNOWN, 0, 0, 1);
    g_assert_null(weft_state_object(f->read.state, thing(WEFT_ENTITY_LOCK, 1)));
}

static void test_wrong(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    add_task(f, 1, WEFT_LIVE_WAITING, 0, 0, 1)->id = weft_id(WEFT_ENTITY_TASK, 2, 1);
    add_task(f, 2, WEFT_LIVE_WAITING, 0, 0, 1)->id = thing(WEFT_ENTITY_LOCK, 1);
    add_task(f, 3, (enum weft_live_state)200, 0, 0, 1);
    add_object(f, task(4));
    f->ring->running = thing(WEFT_ENTITY_LOOP, 1);
    add_block(f, WEFT_TABLE_TASKS, 1)->used = 1024;
    add_block(f, (enum weft_table_kind)99, 1)->used = 1;
    g_ptr_array_add(f->tables.blocks, NULL);
    read_tables(f);
    g_assert_cmpuint(f->read.wrong, ==, 7);
    guint n;
    weft_state_tasks(f->read.state, &n);
    g_assert_cmpuint(n, ==, 0);
}

static void test_random(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    for (guint round = 0; round < 200; round++) {
        for (guint b = 0; b < f->tables.blocks->len; b++) {
            uint64_t *words = f->tables.blocks->pdata[b];
            words[1] = (uint64_t)g_test_rand_int_range(0, 200);
            for (guint i = 8; i < 200 * 8; i++)
                words[i] = (uint64_t)(guint32)g_test_rand_int() << g_test_rand_int_range(0, 33);
            for (guint i = 1; i < 200; i++) { /* some that nearly make sense */
                words[i * 8] &= ~(uint64_t)1;
                if (i % 2)
                    words[i * 8 + 1] = weft_id((enum weft_entity)(words[i * 8 + 1] % 24), 1, i);
            }
        }
        f->ring->running = task((unsigned)g_test_rand_int_range(0, 300));
        read_tables(f);
        g_autoptr(GBytes) bytes = weft_state_serialize(f->read.state);
        g_autoptr(weft_state)
            back = weft_state_deserialize(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
        g_assert_nonnull(back);
    }
}

struct race {
    struct weft_task_slot *slot;
    _Atomic gboolean enough;
};

static gpointer write_slot(gpointer data)
{
    struct race *race = data;
    for (uint64_t i = 0; !atomic_load(&race->enough); i++) {
        uint64_t seq = atomic_load_explicit(&race->slot->seq, memory_order_relaxed);
        atomic_store_explicit(&race->slot->seq, seq + 1, memory_order_relaxed);
        atomic_thread_fence(memory_order_release);
        atomic_store_explicit(&race->slot->since, i, memory_order_relaxed);
        atomic_store_explicit(&race->slot->other, i, memory_order_relaxed);
        atomic_store_explicit(&race->slot->parent, i, memory_order_relaxed);
        atomic_store_explicit(&race->slot->seq, seq + 2, memory_order_release);
        g_thread_yield();
    }
    return NULL;
}

/* A writer that loses the processor amid a slot is waited for. */
static gpointer finish_slot(gpointer data)
{
    struct weft_task_slot *slot = data;
    g_usleep(5000);
    atomic_store_explicit(&slot->since, 8, memory_order_relaxed);
    atomic_store_explicit(&slot->seq, 4, memory_order_release);
    return NULL;
}

static void test_late(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    struct weft_task_slot *slot = add_task(f, 1, WEFT_LIVE_WAITING, WEFT_AWAIT_TIMER, 0, 1);
    slot->seq = 3;
    f->tables.lives = TRUE;
    GThread *thread = g_thread_new("writer", finish_slot, slot);
    read_tables(f);
    g_thread_join(thread);
    g_assert_cmpuint(f->read.torn, ==, 0);
    assert_task(f, 1, WEFT_STATE_WAITING, WEFT_AWAIT_TIMER, 0, 8);
}

static void write_word(_Atomic uint64_t *slot, guint word, uint64_t to)
{
    uint64_t seq = weft_slot_begin(slot);
    atomic_store_explicit(&slot[word], to, memory_order_relaxed);
    weft_slot_end(slot, seq);
}

struct moving {
    struct weft_task_slot *task;
    struct weft_name_slot *name;
    _Atomic gboolean enough;
};

/* As probe/table.c does when events are on, and off again. */
static gpointer move_name(gpointer data)
{
    struct moving *m = data;
    while (!atomic_load(&m->enough)) {
        write_word(&m->task->seq, 6, UINT64_C(77) << 32);
        write_word(&m->name->seq, 1, 0);
        write_word(&m->name->seq, 1, task(1));
        write_word(&m->task->seq, 6, (uint64_t)(WEFT_NAME_SLOT | 2 << 10 | 1) << 32);
    }
    return NULL;
}

/* A name is in its slot, or in the heap; never nowhere. */
static void test_moving(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    struct moving m = { add_task(f, 1, WEFT_LIVE_WAITING, 0, 0, 1),
                        (struct weft_name_slot *)f->names + 1, FALSE };
    f->tables.lives = TRUE;
    f->names->used = 1;
    m.name->id = task(1);
    memcpy((char *)m.name->text, "ping", 4);
    GThread *thread = g_thread_new("writer", move_name, &m);
    for (guint i = 0; i < (SLOW ? 20000 : 200000); i++) {
        read_tables(f);
        const struct weft_task_at *at = weft_state_task(f->read.state, task(1));
        if (at->state != WEFT_STATE_UNKNOWN && at->name != 77)
            g_assert_cmpstr(name_of(f, 1), ==, "ping");
    }
    atomic_store(&m.enough, TRUE);
    g_thread_join(thread);
}

/* A slot that is written all the time is never seen half. */
static void test_race(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    struct race race = { .slot = add_task(f, 1, WEFT_LIVE_WAITING, WEFT_AWAIT_OTHER, 0, 0) };
    GThread *thread = g_thread_new("writer", write_slot, &race);
    guint whole = 0;
    for (guint i = 0; i < 100000 || whole == 0; i++) {
        read_tables(f);
        const struct weft_task_at *at = weft_state_task(f->read.state, task(1));
        if (at->state == WEFT_STATE_UNKNOWN)
            continue;
        whole++;
        g_assert_cmpuint(at->other, ==, (uint64_t)at->since_ns);
        g_assert_cmpuint(at->parent, ==, at->other);
    }
    atomic_store(&race.enough, TRUE);
    g_thread_join(thread);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
    g_test_add("/tablereader/" name, struct fixture, NULL, set_up, function, tear_down)
    ADD("tasks", test_tasks);
    ADD("running", test_running);
    ADD("ready-runs", test_ready_runs);
    ADD("objects", test_objects);
    ADD("names", test_names);
    ADD("torn", test_torn);
    ADD("wrong", test_wrong);
    ADD("random", test_random);
    ADD("race", test_race);
    ADD("late", test_late);
    ADD("moving", test_moving);
    return g_test_run();
}
