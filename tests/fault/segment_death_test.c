/* segment_death_test.c: the program dies before every single store to its live tables, and to the
 * areas of its ring. Whoever looks at what it left behind sees each slot as it was before an event
 * or behind it, or as one that was just being written, which is counted; and it is recovered.
 *
 * The writer's sources are built into this test with every store passing a hook (see
 * hooked_atomics.h). A child process makes a segment and runs a scenario, once to its end, keeping
 * what the slots hold behind each step; then again and again, killing itself before its n-th store,
 * for n = 0, 1, 2 ... until it survives. */
#include "tests/child.h"
#include "tests/probe/tables.h"
#include "tests/valgrind.h"
#include "tracer/probe/segment.h"
#include "tracer/trace/blackbox.h"
#include "tracer/trace/recover.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

enum { STEPS = 160, BLOCKS = 3, SLOTS = 32, WORDS = WEFT_TABLE_SLOT / 8 };

struct view { /* what the slots hold */
    uint64_t words[BLOCKS][SLOTS][WORDS];
};

static struct shared {
    char path[512];
    guint step;                   /* that is being done, from 1 */
    uint64_t committed;           /* events, by the stores that happened */
    struct view views[STEPS + 1]; /* behind each step; nothing before the first */
} * shared;

/* ---- The hooks ---- */

static struct weft_segment_file file;
static struct weft_writer writer;
static uint64_t stores, fatal; /* counted from when the scenario begins; dies before this one */
static gboolean armed;

void hook_before_load(const volatile void *address)
{
    (void)address;
}

void hook_before_store(const volatile void *address)
{
    (void)address;
    if (armed && stores++ == fatal)
        kill(getpid(), SIGKILL);
}

void hook_after_store(const volatile void *address, uint64_t value)
{
    gsize offset = writer.area ? (gsize)((const volatile char *)address - writer.area) : SIZE_MAX;
    if (offset < writer.n * WEFT_CHUNK_SIZE &&
        offset % WEFT_CHUNK_SIZE == offsetof(struct weft_chunk, committed) &&
        value > WEFT_CHUNK_HEADER)
        shared->committed++;
}

/* ---- The program ---- */

static void begin(uint64_t mask)
{
    g_assert_cmpint(weft_segment_create(&file), ==, 0);
    g_strlcpy(shared->path, file.path, sizeof shared->path);
    struct weft_segment *page = file.segment;
    page->abi = WEFT_ABI_VERSION;
    page->clock_kind = WEFT_CLOCK_MONOTONIC;
    page->pid = (uint64_t)getpid();
    page->first_ticks = page->first_mono_ns = page->first_real_ns = 1;
    uint64_t offset;
    struct weft_ring *ring = weft_segment_grow(&file, WEFT_PAGE, &offset);
    weft_ring_format(ring, 0, WEFT_RING_LOOP, weft_id(WEFT_ENTITY_LOOP, 0, 1));
    weft_writer_init(&writer, page, ring);
    writer.slots.file = &file;
    atomic_store(&file.directory[0].offset, offset);
    atomic_store(&page->rings, 1);
    weft_segment_publish(&file);
    weft_probe_page.mask = mask;
}

/* ---- Scenario: the live tables ---- */

struct step {
    enum weft_record_kind kind;
    unsigned detail;
    uint64_t subject, object;
    const char *name;  /* of the subject: no event */
    gboolean switches; /* `object` is the current task from now on: no event */
};

#define EVENT(kind, detail, subject, object)                                                       \
    {                                                                                              \
        WEFT_RECORD_##kind, detail, subject, object, 0, 0                                          \
    }
#define NAME(of, text)                                                                             \
    {                                                                                              \
        WEFT_RECORD_TASK_NAME, 0, of, 0, text, 0                                                   \
    }
#define CURRENT(task)                                                                              \
    {                                                                                              \
        0, 0, 0, task, 0, TRUE                                                                     \
    }
#define ID(entity, n) weft_id(WEFT_ENTITY_##entity, 0, n)

/* Tasks 1 to 3 live through all that a task can; the second time in slots that were used before. */
static void do_steps(guint *n, uint64_t from, void (*do_step)(guint, const struct step *))
{
    uint64_t one = ID(TASK, from + 1), two = ID(TASK, from + 2), three = ID(TASK, from + 3);
    uint64_t timer = ID(TIMER, from + 1), timeout = ID(TIMEOUT, from + 1);
    uint64_t lock = ID(LOCK, from + 1), semaphore = ID(SEMAPHORE, from + 1);
    uint64_t queue = ID(QUEUE, from + 1), group = ID(GROUP, from + 1);
    const struct step steps[] = {
        EVENT(ITERATION, 0, ID(LOOP, 1), from),
        EVENT(TASK_NEW, 0, one, 0),
        NAME(one, "one"),
        NAME(one, "another name, that is too long to be kept as it is"),
        EVENT(WAKE, WEFT_WAKE_CREATED, one, 0),
        EVENT(RESUME, 0, one, 0),
        CURRENT(one),
        EVENT(OBJECT_NEW, 0, group, 0),
        EVENT(TASK_NEW, 0, two, one),
        EVENT(GROUP_ADD, 0, group, two),
        EVENT(RESUME, 0, two, 0), /* eagerly: in one's slice */
        CURRENT(two),
        EVENT(OBJECT_NEW, 0, semaphore, 2),
        EVENT(RESOURCE, WEFT_RESOURCE_ACQUIRE, semaphore, 1),
        EVENT(TIMER_SET, 0, timer, 77),
        EVENT(SUSPEND, WEFT_AWAIT_TIMER, two, timer),
        CURRENT(one),
        EVENT(TASK_NEW, 0, three, one),
        EVENT(WAKE, WEFT_WAKE_CREATED, three, one),
        EVENT(OBJECT_NEW, 0, lock, 0),
        NAME(lock, "lock"),
        EVENT(RESOURCE, WEFT_RESOURCE_ACQUIRE, lock, 1),
        EVENT(RESOURCE, WEFT_RESOURCE_ACQUIRE, semaphore, 0),
        EVENT(RESOURCE, WEFT_RESOURCE_PUT, queue, 3), /* first seen in use */
        EVENT(TIMEOUT_ENTER, 0, timeout, 99),
        EVENT(TIMEOUT_RESCHEDULE, 0, timeout, 100),
        EVENT(SUSPEND, WEFT_AWAIT_YIELD, one, 0),
        CURRENT(0),
        EVENT(RESUME, 0, one, 0),
        CURRENT(one),
        EVENT(SUSPEND, WEFT_AWAIT_YIELD, one, 0), /* and again */
        CURRENT(0),
        EVENT(POLL_BEGIN, 0, ID(LOOP, 1), 0),
        EVENT(POLL_END, 0, ID(LOOP, 1), 1),
        EVENT(TIMER_FIRE, 0, timer, 0),
        EVENT(WAKE, WEFT_WAKE_TIMER, two, timer),
        EVENT(RESUME, 0, two, 0),
        CURRENT(two),
        EVENT(SUSPEND, WEFT_AWAIT_LOCK, two, lock),
        CURRENT(0),
        EVENT(CANCEL_REQUEST, 0, two, one),
        EVENT(CANCEL_DELIVER, 0, two, 0),
        EVENT(UNCANCEL, 0, two, 0),
        EVENT(RESUME, 0, one, 0),
        CURRENT(one),
        EVENT(RESOURCE, WEFT_RESOURCE_RELEASE, lock, 0),
        EVENT(RESOURCE, WEFT_RESOURCE_RELEASE, semaphore, 1),
        EVENT(TIMEOUT_EXPIRE, 0, timeout, one),
        EVENT(TIMEOUT_EXIT, WEFT_OUTCOME_CANCELLED, timeout, one),
        EVENT(TASK_DONE, WEFT_OUTCOME_RESULT, one, 0),
        CURRENT(0),
        EVENT(TASK_FREE, 0, one, 0),
        EVENT(RESUME, 0, two, 0),
        CURRENT(two),
        EVENT(RESOURCE, WEFT_RESOURCE_RELEASE, semaphore, 2),
        EVENT(RESOURCE, WEFT_RESOURCE_ACQUIRE, semaphore, 1),
        EVENT(TASK_DONE, WEFT_OUTCOME_ERROR, two, 0),
        CURRENT(three), /* which holds, too, what nobody gives back */
        EVENT(RESOURCE, WEFT_RESOURCE_ACQUIRE, semaphore, 0),
        CURRENT(0),
        EVENT(TASK_FREE, 0, two, 0),
        EVENT(GROUP_DONE, WEFT_OUTCOME_RESULT, group, 1),
        EVENT(OBJECT_FREE, 0, semaphore, 0),
        EVENT(OBJECT_FREE, 0, lock, 0),
        EVENT(OBJECT_FREE, 0, queue, 0),
    };
    for (guint i = 0; i < G_N_ELEMENTS(steps); i++)
        do_step(++*n, &steps[i]);
}

static void tell(guint n, const struct step *step)
{
    g_assert_cmpuint(n, <=, STEPS);
    shared->step = n;
    if (step->name)
        weft_emit_name(&writer, step->kind, step->subject, step->name);
    else if (step->switches)
        weft_set_current_task(&writer, step->object);
    else
        weft_emit_shared(&writer, 1000 + n, step->kind, step->detail, n, step->subject,
                         step->object);
}

static const _Atomic uint64_t *slot_at(guint block, guint slot)
{
    return (const _Atomic uint64_t *)(const void *)(writer.slots.blocks[block].base +
                                                    slot * WEFT_TABLE_SLOT);
}

static void tell_and_keep(guint n, const struct step *step)
{
    tell(n, step);
    g_assert_cmpuint(writer.slots.n_blocks, <=, BLOCKS);
    for (guint block = 0; block < writer.slots.n_blocks; block++)
        for (guint slot = 1; slot < SLOTS; slot++)
            for (guint word = 0; word < WORDS; word++)
                shared->views[n].words[block][slot][word] = slot_at(block, slot)[word];
}

static void run_tables(gboolean keep)
{
    guint n = 0;
    do_steps(&n, 0, keep ? tell_and_keep : tell);
    do_steps(&n, 100, keep ? tell_and_keep : tell);
    g_assert_cmpuint(writer.slots.pools[WEFT_TABLE_TASKS - 1].live, ==, 2); /* number three */
    shared->step = ++n; /* behind which there is nothing */
    weft_table_clear(&writer);
}

/* ---- Scenario: areas ---- */

static void emit_some(void)
{
    for (guint i = 0; i < 3; i++)
        weft_emit_shared(&writer, 1000 + i, WEFT_RECORD_COUNTER, 0, 1, ID(COUNTER, 1), i);
}

static void new_area(uint64_t n)
{
    uint64_t offset;
    void *area = weft_segment_add_area(&file, &n, &offset);
    g_assert_nonnull(area);
    weft_writer_set_area(&writer, area, n, offset);
}

static void run_areas(gboolean keep)
{
    (void)keep;
    for (guint n = 2; n <= 4; n++) {
        new_area(n);
        emit_some();
    }
}

/* ---- Dying ---- */

struct scenario {
    const char *name;
    uint64_t mask;
    void (*run)(gboolean keep);
};

static const struct scenario scenarios[] = {
    { "tables", WEFT_PROBE_TABLES, run_tables },
    { "areas", WEFT_PROBE_ALL, run_areas },
};

/* Runs it in a child that dies before its n-th store; FALSE when it survived. */
static gboolean dies(const struct scenario *s, uint64_t n, gboolean keep)
{
    pid_t pid = child_fork();
    if (pid == 0) {
        begin(s->mask);
        fatal = n;
        armed = TRUE;
        s->run(keep);
        _exit(0);
    }
    return child_was_killed(pid);
}

/* ---- What is found ---- */

static gboolean is(const uint64_t *slot, const uint64_t *other)
{
    if (slot[1] == 0 || other[1] == 0) /* free: what else it holds means nothing */
        return slot[1] == other[1];
    return memcmp(slot + 1, other + 1, (WORDS - 1) * 8) == 0;
}

/* How many slots of tasks and objects were just being written; how many tasks there are. */
static void check_slots(const char *path, guint *torn, guint *tasks)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    g_assert_cmpint(fd, >=, 0);
    struct tables t = map_tables(fd);
    close(fd);
    *torn = *tasks = 0;
    guint step = shared->step;
    for (guint b = 0; b < t.directory->blocks; b++) {
        const struct weft_table_block *block = (const void *)(t.base + t.directory->offsets[b]);
        g_assert_cmpuint(block->used, <, SLOTS);
        for (guint i = 1; i <= block->used; i++) {
            const uint64_t *slot = (const void *)((const char *)block + i * WEFT_TABLE_SLOT);
            gboolean whole = slot[0] % 2 == 0;
            if (!whole)
                *torn += block->kind != WEFT_TABLE_NAMES;
            else if (!is(slot, shared->views[step].words[b][i]) &&
                     (step == 0 || !is(slot, shared->views[step - 1].words[b][i])))
                g_error("step %u: slot %u of block %u is neither as before nor as behind it", step,
                        i, b);
            *tasks += block->kind == WEFT_TABLE_TASKS && slot[1] != 0;
        }
    }
    unmap_tables(&t);
}

static void no_string(void *data, guint32 id, const char *text, gsize size)
{
    (void)data, (void)id, (void)text, (void)size;
}

static void check_tables(const char *path)
{
    guint torn, tasks;
    check_slots(path, &torn, &tasks);
    g_assert_cmpuint(torn, <=, 1);
    g_autoptr(GError) error = NULL;
    struct weft_blackbox *box = weft_blackbox_open(path, &error);
    g_assert_no_error(error);
    struct weft_heap_definitions to = { no_string, NULL, NULL };
    struct weft_tablenames names;
    weft_tablenames_init(&names, &to);
    struct weft_tableread read = weft_tables_read(&box->live, &names);
    g_assert_cmpuint(read.torn, ==, torn);
    g_assert_cmpuint(read.wrong, ==, 0);
    guint found;
    weft_state_tasks(read.state, &found);
    g_assert_cmpuint(found, ==, tasks);
    weft_tableread_clear(&read);
    weft_tablenames_finish(&names);
    weft_blackbox_free(box);
}

static void check_recovery(const char *path, const char *directory)
{
    g_autofree char *out = g_build_filename(directory, "out.weft", NULL);
    struct weft_recovered recovered;
    g_autoptr(GError) error = NULL;
    g_assert_true(weft_recover(path, out, &recovered, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(recovered.damage, ==, NULL);
    g_assert_cmpuint(recovered.slots + recovered.lost, ==, shared->committed);
    weft_recovered_clear(&recovered);
    g_autoptr(weft_trace) trace = weft_trace_open(out, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(weft_trace_damage(trace), ==, NULL);
    g_unlink(out);
}

static void test_scenario(gconstpointer data)
{
    const struct scenario *s = data;
    g_autofree char *directory = g_dir_make_tmp("weft-death-XXXXXX", NULL);
    g_autofree char *segments = g_build_filename(directory, "weft", NULL);
    g_setenv("XDG_RUNTIME_DIR", directory, TRUE);
    memset(shared, 0, sizeof *shared);
    g_assert_false(dies(s, UINT64_MAX, TRUE));
    g_unlink(shared->path);
    gboolean died = TRUE;
    for (uint64_t n = 0; died; n += SLOW ? 3 : 1) {
        shared->step = 0;
        shared->committed = 0;
        died = dies(s, n, FALSE);
        check_tables(shared->path);
        check_recovery(shared->path, directory);
        g_unlink(shared->path);
        if (!died)
            g_test_message("%s: %" G_GUINT64_FORMAT " stores", s->name, n);
    }
    g_rmdir(segments);
    g_assert_cmpint(g_rmdir(directory), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    g_assert_true(shared != MAP_FAILED);
    for (guint i = 0; i < G_N_ELEMENTS(scenarios); i++) {
        g_autofree char *path = g_strdup_printf("/segment-death/%s", scenarios[i].name);
        g_test_add_data_func(path, &scenarios[i], test_scenario);
    }
    return g_test_run();
}
