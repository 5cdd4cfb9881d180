/* standby_test.c: any program of the library's, unprepared, can be asked what its tasks do: what
 * the live tables say, read from its segment while it runs and while it hangs in a slice. */
#include "runtime/loop.h"
#include "tests/probe/tables.h"
#include "tracer/probe/session.h"
#include "tracer/probe/strings.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *runtime; /* a private runtime directory */

/* This program's own segment; -1: there is none. */
static int open_segment(void)
{
    g_autofree char *weft = g_build_filename(runtime, "weft", NULL);
    g_autoptr(GDir) dir = g_dir_open(weft, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(weft, name, NULL);
        if (g_str_has_suffix(name, ".ring"))
            return open(path, O_RDONLY | O_CLOEXEC);
    }
    return -1;
}

/* Everything that lives, a line each, in the order of ids: names instead of numbers. */
struct account {
    const struct tables *t;
    GPtrArray *lines;
};

static char *entity_name(const struct tables *t, uint64_t id)
{
    uint64_t slot[8];
    unsigned kind = weft_id_kind(id);
    char *name = NULL;
    if (!id)
        return g_strdup("nobody");
    if (weft_table_has(kind) && find_slot(t, id, 0, slot))
        name = name_in(t, slot[6]);
    return name ? name : g_strdup(weft_entity_name(kind));
}

static void tell_task(void *data, const uint64_t words[8])
{
    struct account *account = data;
    const struct weft_task_slot *slot = (const void *)words;
    g_autofree char *name = entity_name(account->t, slot->id);
    g_autofree char *state = describe_task(account->t, slot->id);
    g_autofree char *other = entity_name(account->t, slot->other);
    g_autofree char *group = entity_name(account->t, slot->group);
    g_assert_cmpuint(slot->since, >, 0);
    g_assert_cmpuint(slot->since, <=, weft_clock_now());
    g_assert_cmpuint((uint32_t)slot->name_made, >, 0);
    g_ptr_array_add(account->lines,
                    g_strdup_printf("%s: %s %s%s%s", name, state, other, slot->group ? " in " : "",
                                    slot->group ? group : ""));
}

static void tell_object(void *data, const uint64_t words[8])
{
    struct account *account = data;
    const struct weft_object_slot *slot = (const void *)words;
    g_autofree char *name = entity_name(account->t, slot->id);
    g_autofree char *owner = entity_name(account->t, slot->owner);
    if (slot->flags & WEFT_LIVE_HOLDER)
        g_ptr_array_add(account->lines, g_strdup_printf("%s: held by %s too", name, owner));
    else if (weft_id_kind(slot->id) == WEFT_ENTITY_LOCK)
        g_ptr_array_add(
            account->lines,
            g_strdup_printf("%s: %d of %d, %s%s", name, (int)slot->value, (int)slot->capacity,
                            owner,
                            slot->deadline_mono_ns > 0 && slot->deadline_mono_ns <= weft_clock_now()
                                ? ", before"
                                : ""));
    else
        g_ptr_array_add(account->lines,
                        g_strdup_printf("%s: %d of %d, %s%s", name, (int)slot->value,
                                        (int)slot->capacity, owner,
                                        slot->deadline_mono_ns > uv_hrtime() ? ", later" : ""));
}

static gint by_text(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char *account_of(void (*tell)(void *, const uint64_t[8]), enum weft_table_kind kind)
{
    int fd = open_segment();
    g_assert_cmpint(fd, >=, 0);
    struct tables t = map_tables(fd);
    struct account account = { &t, g_ptr_array_new_with_free_func(g_free) };
    each_slot(&t, kind, tell, &account);
    g_ptr_array_sort(account.lines, by_text);
    g_ptr_array_add(account.lines, NULL);
    char *text = g_strjoinv("\n", (char **)account.lines->pdata);
    g_ptr_array_unref(account.lines);
    unmap_tables(&t);
    close(fd);
    return text;
}

static void expect_tasks(const char *wanted)
{
    g_autofree char *said = account_of(tell_task, WEFT_TABLE_TASKS);
    g_assert_cmpstr(said, ==, wanted);
}

static void expect_objects(const char *wanted)
{
    g_autofree char *said = account_of(tell_object, WEFT_TABLE_OBJECTS);
    g_assert_cmpstr(said, ==, wanted);
}

/* ---- What waits for what ---- */

WEFT_ASYNC(void, holds, weft_lock *, lock, weft_future *, end)
{
    WEFT_TRY(weft_lock_acquire(lock));
    int rc = weft_await(end);
    weft_lock_release(lock);
    return rc;
}

WEFT_ASYNC(void, wants, weft_lock *, lock)
{
    WEFT_TRY(weft_lock_acquire(lock));
    weft_lock_release(lock);
    return 0;
}

WEFT_ASYNC(void, takes, weft_queue *, queue)
{
    int item;
    return weft_queue_get(queue, &item);
}

WEFT_ASYNC(void, parks, weft_semaphore *, semaphore, weft_future *, end)
{
    WEFT_TRY(weft_semaphore_acquire(semaphore));
    int rc = weft_await(end);
    weft_semaphore_release(semaphore);
    return rc;
}

WEFT_ASYNC(void, sleeps_long)
{
    return weft_sleep(1000);
}

#define begin(called, call) weft_create_task(call, .name = called)

WEFT_ASYNC(void, in_group)
{
    int rc = 0;
    WEFT_TASK_GROUP(tg, rc)
        weft_group_create_task(&tg, sleeps_long(), .name = "member");
    return rc;
}

WEFT_ASYNC(void, in_timeout)
{
    int rc = 0;
    WEFT_TIMEOUT(deadline, 500, rc) {
        WEFT_BREAK(rc, weft_sleep(1000));
    }
    return rc;
}

WEFT_ASYNC(void, looks_around)
{
    weft_lock lock;
    weft_queue queue;
    weft_semaphore semaphore;
    weft_lock_init(&lock, "the lock");
    weft_queue_init(&queue, int, .maxsize = 5, .name = "the queue");
    weft_semaphore_init(&semaphore, 2, "the semaphore");
    weft_own weft_future *end = weft_future_new();
    weft_task *tasks[] = {
        begin("holder", holds(&lock, end)),
        begin("wanter", wants(&lock)),
        begin("taker", takes(&queue)),
        begin("parker 1", parks(&semaphore, end)),
        begin("parker 2", parks(&semaphore, end)),
        begin("parker 3", parks(&semaphore, end)),
        begin("grouper", in_group()),
        begin("patient", in_timeout()),
    };
    WEFT_TRY(weft_sleep(0));
    WEFT_TRY(weft_sleep(0)); /* the member has begun too */
    expect_tasks("grouper: waiting(group) task group tg\n"
                 "holder: waiting(future) future\n"
                 "member: waiting(timer) timer in task group tg\n"
                 "parker 1: waiting(future) future\n"
                 "parker 2: waiting(future) future\n"
                 "parker 3: waiting(semaphore) the semaphore\n"
                 "patient: waiting(timer) timer\n"
                 "taker: waiting(queue-get) the queue\n"
                 "task: ready(task) task\n" /* and runs: this one */
                 "wanter: waiting(lock) the lock");
    expect_objects("task group tg: 0 of 1, nobody\n"
                   "the lock: 1 of 1, holder, before\n"
                   "the queue: 0 of 5, nobody\n"
                   "the semaphore: 0 of 2, parker 1\n"
                   "the semaphore: held by parker 2 too\n"
                   "timeout: 0 of 0, patient, later\n"
                   "timer: 0 of 0, member, later\n"
                   "timer: 0 of 0, patient, later");
    weft_set_result(end, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(tasks); i++) {
        if (i == 2 || i >= 6)
            weft_cancel(tasks[i]);
        (void)weft_await(tasks[i]);
        weft_unref(tasks[i]);
    }
    weft_lock_finish(&lock);
    weft_queue_finish(&queue);
    weft_semaphore_finish(&semaphore);
    expect_tasks("task: ready(task) task"); /* for the end of one that is gone by now */
    expect_objects("");
    return 0;
}

static void test_alive(void)
{
    g_assert_cmpint(weft_run(looks_around()), ==, 0);
    expect_tasks("");
}

WEFT_ASYNC(void, awaits, weft_future *, future)
{
    return weft_await(future);
}

/* A shield is a group of one, until it is done: here, cancelled. */
WEFT_ASYNC(void, shields)
{
    weft_own weft_future *end = weft_future_new();
    weft_own weft_task *inner = begin("inner", awaits(end));
    weft_own weft_future *outer = weft_shield(inner);
    weft_own weft_task *waiter = begin("waiter", awaits(outer));
    WEFT_TRY(weft_sleep(0));
    expect_tasks("inner: waiting(future) future in shield\n"
                 "task: ready(task) task\n"
                 "waiter: waiting(group) shield");
    expect_objects("shield: 0 of 1, nobody");
    weft_cancel(waiter);
    (void)weft_await(waiter);
    expect_objects("");
    weft_set_result(end, 1);
    return weft_await(inner);
}

static void test_shield(void)
{
    g_assert_cmpint(weft_run(shields()), ==, 0);
    expect_tasks("");
}

/* ---- Who holds the loop ---- */

struct hang {
    uint64_t task;
    _Atomic bool seen;
};

/* Looks from outside, while the loop is in a slice that does not end. */
static gpointer looks_at_hang(gpointer data)
{
    struct hang *hang = data;
    int fd = open_segment();
    struct tables t = map_tables(fd);
    const struct weft_ring *ring = ring_in(&t, 0);
    g_assert_cmpuint(ring->running, ==, hang->task);
    g_assert_cmpuint(ring->running_since, >, 0);
    g_assert_cmpuint(ring->running_since, <=, weft_clock_now());
    g_assert_cmpuint(ring->polling_since, ==, 0);
    g_assert_cmpuint(ring->iteration, >, 0);
    g_assert_cmpuint(ring->current, ==, 0);
    g_assert_cmpuint(ring->area, ==, 0); /* no event, nor room for any */
    g_autofree char *name = entity_name(&t, hang->task);
    g_assert_cmpstr(name, ==, "hangs");
    unmap_tables(&t);
    close(fd);
    atomic_store(&hang->seen, true);
    return NULL;
}

WEFT_ASYNC(void, hangs)
{
    struct hang hang = { .task = weft__loop->writer->current_task };
    WEFT_TRY(weft_sleep(0.001)); /* the loop has polled, and polls no more */
    GThread *other = g_thread_new("looks", looks_at_hang, &hang);
    while (!atomic_load(&hang.seen))
        continue;
    g_thread_join(other);
    return 0;
}

WEFT_ASYNC(void, lets_it_hang)
{
    weft_own weft_task *task = begin("hangs", hangs());
    return weft_await(task);
}

static void test_stuck(void)
{
    g_assert_cmpint(weft_run(lets_it_hang()), ==, 0);
}

/* A started task takes the loop inside another one's slice. */
WEFT_ASYNC(void, looks_from_inside)
{
    int fd = open_segment();
    struct tables t = map_tables(fd);
    uint64_t self = weft__loop->writer->current_task, outer = self - 1;
    uint64_t slot[8];
    g_assert_cmpuint(ring_in(&t, 0)->running, ==, self);
    g_autofree char *said = describe_task(&t, outer);
    g_assert_cmpstr(said, ==, "running");
    g_assert_true(find_slot(&t, self, 0, slot));
    g_assert_cmpuint(((const struct weft_task_slot *)(const void *)slot)->parent, ==, outer);
    unmap_tables(&t);
    close(fd);
    return weft_sleep(0);
}

WEFT_ASYNC(void, starts_eagerly)
{
    weft_own weft_task *task = weft_create_task(looks_from_inside(), .eager = true);
    return weft_await(task);
}

static void test_eager(void)
{
    g_assert_cmpint(weft_run(starts_eagerly()), ==, 0);
}

/* ---- What it costs ---- */

WEFT_ASYNC(void, nothing)
{
    return 0;
}

/* Names, failures and cancellations of tasks that come and go leave nothing in the segment. */
WEFT_ASYNC(void, goes_on_and_on)
{
    int fd = open_segment();
    struct tables t = map_tables(fd);
    const struct weft_heap *heap = (const void *)(t.base + t.segment->strings_offset);
    uint64_t used = 0, blocks = 0;
    for (int i = 0; i < 3000; i++) {
        g_autofree char *name = g_strdup_printf("connection %d", i);
        weft_own weft_task *task = begin(name, sleeps_long());
        WEFT_TRY(weft_sleep(0));
        weft_cancel_at(WEFT_HERE, task, name);
        (void)weft_await(task);
        weft_own weft_task *other = begin(name, nothing());
        WEFT_TRY(other);
        if (i == 0) { /* sites are put there once */
            used = heap->used;
            blocks = t.directory->blocks;
        }
    }
    g_assert_cmpuint(heap->used, ==, used);
    g_assert_cmpuint(t.directory->blocks, ==, blocks);
    unmap_tables(&t);
    close(fd);
    return 0;
}

static void test_goes_on(void)
{
    g_assert_cmpint(weft_run(goes_on_and_on()), ==, 0);
}

/* ---- No room ---- */

/* In a program of its own: nothing says a word, and it runs, where there is no place for a segment,
 * unless somebody asked for one. */
static void test_nowhere(void)
{
    const char *const traces[] = { "", "standby" };
    for (int i = 0; i < 2; i++) {
        g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
        char *argv[] = { self, (char[]){ "runs" }, NULL };
        g_auto(GStrv) environment = g_get_environ();
        environment = g_environ_setenv(environment, "XDG_RUNTIME_DIR", "/nonexistent/runtime",
                                       TRUE);
        environment = g_environ_setenv(environment, "WEFT_TRACE", traces[i], TRUE);
        g_autofree char *said = NULL;
        int status;
        g_assert_true(g_spawn_sync(NULL, argv, environment, G_SPAWN_DEFAULT, NULL, NULL, NULL,
                                   &said, &status, NULL));
        g_assert_cmpint(status, ==, 0);
        if (i == 0)
            g_assert_cmpstr(said, ==, "");
        else
            g_assert_nonnull(strstr(said, "no segment in /nonexistent/runtime"));
    }
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "runs") == 0)
        return weft_run(nothing());
    runtime = g_dir_make_tmp("weft-standby-XXXXXX", NULL);
    g_setenv("XDG_RUNTIME_DIR", runtime, TRUE);
    g_unsetenv("WEFT_TRACE");
    g_unsetenv("WEFT_SESSION");
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/standby/alive", test_alive);
    g_test_add_func("/runtime/standby/shield", test_shield);
    g_test_add_func("/runtime/standby/stuck", test_stuck);
    g_test_add_func("/runtime/standby/eager", test_eager);
    g_test_add_func("/runtime/standby/goes-on", test_goes_on);
    g_test_add_func("/runtime/standby/nowhere", test_nowhere);
    int failed = g_test_run();
    weft_probe_stop(failed);
    g_autofree char *weft = g_build_filename(runtime, "weft", NULL);
    g_rmdir(weft);
    g_assert_cmpint(g_rmdir(runtime), ==, 0); /* nothing is left */
    g_free(runtime);
    return failed;
}
