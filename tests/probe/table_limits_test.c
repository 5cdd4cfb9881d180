/* table_limits_test.c: the live tables when there are many tasks, when there is no room, while they
 * are being written, and after SIGKILL. */
#include "tests/child.h"
#include "tests/probe/fed.h"
#include <signal.h>
#include <sys/wait.h>

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
    g_test_add("/probe/table_limits/" path, struct fixture, data, set_up, function, tear_down)
    TEST("many", NULL, any_number_is_found_again);
    TEST("limit", NULL, what_does_not_fit_is_counted);
    TEST("full", "full", what_does_not_fit_is_counted);
    TEST("torn", NULL, nothing_torn_is_seen);
    g_test_add_func("/probe/table_limits/killed", the_dead_can_be_asked);
    return g_test_run();
}
