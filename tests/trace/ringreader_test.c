/* ringreader_test.c: the ring under a reader in another thread, in another process, and under
 * SIGKILL at any moment: nothing torn, and emitted = read + lost, exactly. */
#include "tests/child.h"
#include "tracer/trace/ringreader.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared { /* between writer and reader, in shared memory */
    struct weft_segment segment;
    _Atomic uint64_t started, completed; /* slots of calls to emit */
    _Atomic uint64_t enough;
};

struct fixture {
    struct shared *shared;
    struct weft_ring *ring;
    char *area;
    guint n_chunks;
    struct weft_record records[WEFT_CHUNK_SLOTS];
};

static uint64_t mix(uint64_t i)
{
    return (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

static void *shared_memory(gsize size)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    g_assert_true(at != MAP_FAILED);
    return at;
}

static struct fixture *set_up(guint n_chunks, enum weft_mode mode)
{
    struct fixture *f = g_new0(struct fixture, 1);
    f->shared = shared_memory(sizeof *f->shared);
    f->ring = shared_memory(WEFT_PAGE);
    f->area = shared_memory((gsize)n_chunks * WEFT_CHUNK_SIZE);
    f->n_chunks = n_chunks;
    f->shared->segment.mode = mode;
    f->shared->segment.lease.expires_mono_ns = UINT64_MAX;
    weft_ring_format(f->ring, 3, WEFT_RING_LOOP, weft_id(WEFT_ENTITY_LOOP, 3, 1));
    atomic_store(&weft_probe_page.mask, WEFT_PROBE_ALL);
    return f;
}

static void tear_down(struct fixture *f)
{
    atomic_store(&weft_probe_page.mask, 0);
    munmap(f->shared, sizeof *f->shared);
    munmap(f->ring, WEFT_PAGE);
    munmap(f->area, (gsize)f->n_chunks * WEFT_CHUNK_SIZE);
    g_free(f);
}

static struct weft_writer writer_of(struct fixture *f)
{
    struct weft_writer w = { .index = 3 };
    weft_writer_init(&w, &f->shared->segment, f->ring);
    weft_writer_set_area(&w, f->area, f->n_chunks, WEFT_PAGE);
    return w;
}

/* ---- The writer: event i says so in every word ---- */

static void emit_number(struct fixture *f, struct weft_writer *w, uint64_t i)
{
    gboolean ext = i % 7 == 3;
    uint64_t words[4] = { mix(i), ~i, i, mix(i) };
    guint slots = ext ? 2 : 1;
    w->current_task = mix(i);
    atomic_fetch_add_explicit(&f->shared->started, slots, memory_order_relaxed);
    weft_ring_emit(w, i, WEFT_RECORD_COUNTER, i % 200, (uint32_t)i, i, mix(i), ext ? words : NULL);
    atomic_fetch_add_explicit(&f->shared->completed, slots, memory_order_relaxed);
}

static void write_until_enough(struct fixture *f)
{
    struct weft_writer w = writer_of(f);
    for (uint64_t i = 0; !atomic_load_explicit(&f->shared->enough, memory_order_relaxed); i++)
        emit_number(f, &w, i);
}

static gpointer writer_thread(gpointer data)
{
    write_until_enough(data);
    return NULL;
}

/* ---- The reader: checks every record ---- */

struct tally {
    uint64_t read, lost, last;
};

static void check_records(const struct fixture *f, const struct weft_ring_read *read,
                          struct tally *tally)
{
    for (guint i = 0; i < read->slots; i++) {
        const struct weft_record *r = &f->records[i];
        g_assert_cmpuint(r->kind, ==, WEFT_RECORD_COUNTER);
        g_assert_cmpuint(r->object, ==, mix(r->subject));
        g_assert_cmpuint(r->site, ==, (uint32_t)r->subject);
        g_assert_cmpuint(r->detail, ==, r->subject % 200);
        g_assert_true(tally->last == UINT64_MAX || r->subject > tally->last);
        if (i == 0 && read->actor_known)
            g_assert_cmpuint(read->actor, ==, mix(r->subject));
        tally->last = r->subject;
        if (!(r->flags & WEFT_RECORD_EXT))
            continue;
        uint64_t words[4];
        memcpy(words, ++i + f->records, sizeof words);
        g_assert_cmpuint(words[0], ==, mix(r->subject));
        g_assert_cmpuint(words[1], ==, ~r->subject);
        g_assert_cmpuint(words[3], ==, mix(r->subject));
    }
    tally->read += read->slots;
    tally->lost += read->unread + read->dropped;
}

static gboolean read_once(struct fixture *f, struct weft_ringreader *reader, struct tally *tally)
{
    struct weft_ring_read read;
    gboolean more = weft_ringreader_read(reader, f->records, &read);
    g_assert_false(reader->corrupt);
    check_records(f, &read, tally);
    return more;
}

static void read_rest(struct fixture *f, struct weft_ringreader *reader, struct tally *tally)
{
    while (read_once(f, reader, tally))
        continue;
    tally->lost += weft_ringreader_dropped_at_end(reader);
}

static struct weft_ringreader reader_of(struct fixture *f)
{
    struct weft_ringreader reader;
    gboolean drains = f->shared->segment.mode == WEFT_MODE_STREAM;
    g_assert_true(weft_ringreader_init(&reader, f->ring, 3, drains ? f->ring : NULL));
    weft_ringreader_set_area(&reader, f->area, f->n_chunks);
    return reader;
}

/* ---- Threads ---- */

static void test_thread(gconstpointer mode)
{
    struct fixture *f = set_up(4, (enum weft_mode)GPOINTER_TO_UINT(mode));
    struct weft_ringreader reader = reader_of(f);
    struct tally tally = { .last = UINT64_MAX };
    GThread *writer = g_thread_new("writer", writer_thread, f);
    while (tally.read < 400000)
        read_once(f, &reader, &tally);
    atomic_store(&f->shared->enough, 1);
    g_thread_join(writer);
    read_rest(f, &reader, &tally);
    g_assert_cmpuint(tally.read + tally.lost, ==, f->shared->completed);
    tear_down(f);
}

/* One that drains and one that only looks, which is slower: each counts all. */
static void test_two_readers(gconstpointer mode)
{
    struct fixture *f = set_up(4, (enum weft_mode)GPOINTER_TO_UINT(mode));
    struct weft_ringreader drains = reader_of(f), looks;
    g_assert_true(weft_ringreader_init(&looks, f->ring, 3, NULL));
    weft_ringreader_set_area(&looks, f->area, f->n_chunks);
    struct tally drained = { .last = UINT64_MAX }, seen = { .last = UINT64_MAX };
    GThread *writer = g_thread_new("writer", writer_thread, f);
    for (guint round = 0; drained.read < 400000 || seen.read < 1000; round++) {
        read_once(f, &drains, &drained);
        if (round % 50 == 49)
            read_once(f, &looks, &seen);
    }
    atomic_store(&f->shared->enough, 1);
    g_thread_join(writer);
    read_rest(f, &drains, &drained);
    read_rest(f, &looks, &seen);
    g_assert_cmpuint(drained.read + drained.lost, ==, f->shared->completed);
    g_assert_cmpuint(seen.read + seen.lost, ==, f->shared->completed);
    tear_down(f);
}

/* A reader that comes late to a ring that went round: what was overwritten is counted. */
static void test_late(gconstpointer mode)
{
    struct fixture *f = set_up(16, (enum weft_mode)GPOINTER_TO_UINT(mode));
    struct weft_writer w = writer_of(f);
    for (uint64_t i = 0; i < 100000; i++)
        emit_number(f, &w, i);
    struct weft_ringreader reader = reader_of(f);
    struct tally tally = { .last = UINT64_MAX };
    read_rest(f, &reader, &tally);
    g_assert_cmpuint(tally.lost, >, 0);
    g_assert_cmpuint(tally.read + tally.lost, ==, f->shared->completed);
    if (GPOINTER_TO_UINT(mode) == WEFT_MODE_FLIGHT)
        g_assert_cmpuint(tally.last, ==, 99999);
    tear_down(f);
}

/* ---- Processes ---- */

static void kill_once(struct fixture *f, uint64_t after)
{
    struct weft_ringreader reader = reader_of(f);
    struct tally tally = { .last = UINT64_MAX };
    pid_t pid = child_fork();
    if (pid == 0) {
        write_until_enough(f);
        _exit(0);
    }
    while (atomic_load_explicit(&f->shared->started, memory_order_relaxed) < after)
        read_once(f, &reader, &tally);
    g_assert_cmpint(kill(pid, SIGKILL), ==, 0);
    int status;
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    read_rest(f, &reader, &tally);
    g_assert_cmpuint(tally.read + tally.lost, >=, f->shared->completed);
    g_assert_cmpuint(tally.read + tally.lost, <=, f->shared->started);
}

static void test_kill(gconstpointer mode)
{
    for (guint i = 0; i < 40; i++) {
        struct fixture *f = set_up(2 + i % 5, (enum weft_mode)GPOINTER_TO_UINT(mode));
        kill_once(f, (uint64_t)g_test_rand_int_range(1, 60000));
        tear_down(f);
    }
}

/* ---- Rings that break the rules ---- */

static void test_not_a_ring(void)
{
    struct fixture *f = set_up(2, WEFT_MODE_FLIGHT);
    struct weft_ringreader reader;
    struct weft_ring_read read;
    g_assert_false(weft_ringreader_init(&reader, f->ring, 4, NULL));
    g_assert_true(weft_ringreader_init(&reader, f->ring, 3, NULL));
    f->ring->current = 7;
    g_assert_false(weft_ringreader_read(&reader, f->records, &read)); /* no area yet */
    tear_down(f);
}

/* A larger area takes the place of the first: what is left in that one is read, then the rest. */
static void test_larger_area(void)
{
    struct fixture *f = set_up(2, WEFT_MODE_STREAM);
    struct weft_ringreader reader = reader_of(f);
    struct tally tally = { .last = UINT64_MAX };
    struct weft_writer w = writer_of(f);
    char *larger = shared_memory(5 * WEFT_CHUNK_SIZE);
    for (uint64_t i = 0; i < 3000; i++)
        emit_number(f, &w, i);
    read_once(f, &reader, &tally);
    weft_writer_set_area(&w, larger, 5, 9 * WEFT_PAGE);
    for (uint64_t i = 3000; i < 10000; i++)
        emit_number(f, &w, i);
    weft_ringreader_set_area(&reader, larger, 5);
    read_rest(f, &reader, &tally);
    g_assert_cmpuint(tally.read + tally.lost, ==, f->shared->completed);
    g_assert_cmpuint(tally.lost, ==, 0);
    munmap(larger, 5 * WEFT_CHUNK_SIZE);
    tear_down(f);
}

static void test_hostile(void)
{
    for (guint round = 0; round < 2000; round++) {
        struct fixture *f = set_up(2, WEFT_MODE_FLIGHT);
        struct weft_writer w = writer_of(f);
        guint n = (guint)g_test_rand_int_range(0, 40);
        for (uint64_t i = 0; i < n; i++)
            emit_number(f, &w, i);
        for (gint lies = g_test_rand_int_range(1, 6); lies > 0; lies--) {
            gboolean header = g_test_rand_int_range(0, 2);
            uint64_t *words = header ? (void *)((char *)f->ring + 64) : (void *)f->area;
            uint64_t value = (uint64_t)(guint32)g_test_rand_int() << g_test_rand_int_range(0, 33);
            words[g_test_rand_int_range(0, header ? 16 : 64)] =
                g_test_rand_int_range(0, 2) ? value : (uint64_t)g_test_rand_int_range(0, 70000);
        }
        struct weft_ringreader reader = reader_of(f);
        struct weft_ring_read read;
        for (guint i = 0; i < 100 && weft_ringreader_read(&reader, f->records, &read); i++)
            g_assert_cmpuint(read.slots, <=, WEFT_CHUNK_SLOTS);
        weft_ringreader_dropped_at_end(&reader);
        tear_down(f);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    const gpointer flight = GUINT_TO_POINTER(WEFT_MODE_FLIGHT);
    const gpointer stream = GUINT_TO_POINTER(WEFT_MODE_STREAM);
    g_test_add_data_func("/ringreader/thread/flight", flight, test_thread);
    g_test_add_data_func("/ringreader/thread/stream", stream, test_thread);
    g_test_add_data_func("/ringreader/two-readers/flight", flight, test_two_readers);
    g_test_add_data_func("/ringreader/two-readers/stream", stream, test_two_readers);
    g_test_add_data_func("/ringreader/late/flight", flight, test_late);
    g_test_add_data_func("/ringreader/late/stream", stream, test_late);
    g_test_add_data_func("/ringreader/kill/flight", flight, test_kill);
    g_test_add_data_func("/ringreader/kill/stream", stream, test_kill);
    g_test_add_func("/ringreader/not-a-ring", test_not_a_ring);
    g_test_add_func("/ringreader/larger-area", test_larger_area);
    g_test_add_func("/ringreader/hostile", test_hostile);
    return g_test_run();
}
