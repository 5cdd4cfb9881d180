/* Recording switched on and off a hundred times amid a run, from another thread, and the law: what
 * is emitted while it is on is read or counted as lost. */
#include "tests/probe/session.h"
#include "tracer/probe/mode.h"
#include "tracer/probe/segment.h"
#include "tracer/trace/ringreader.h"
#include <fcntl.h>
#include <sys/mman.h>

enum { ROUNDS = 100 };

static struct weft_writer *w;

static gint stopping;
static gint turns;
static uint64_t emitted;

static void emit(uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        weft_emit(w, WEFT_RECORD_COUNTER, 0, 0, 1, i);
}

static void wake(void *data)
{
    g_assert_true(data == w);
    g_atomic_int_inc(&turns);
}

/* A loop of its own thread: it counts what it emits while it is recorded. */
static gpointer run_loop(gpointer data)
{
    GAsyncQueue *ready = data;
    w = weft_probe_open_ring(WEFT_RING_LOOP);
    weft_writer_set_wake(w, wake, w);
    g_async_queue_push(ready, w);
    for (uint64_t i = 0; !g_atomic_int_get(&stopping); i++) {
        weft_probe_turn(w, weft_clock_now());
        emit(i % 100);
    }
    weft_writer_set_wake(w, NULL, NULL);
    weft_writer_rest(w);
    emitted = w->ordinal;
    emitted += w->ring->dropped + w->ring->nested;
    return NULL;
}

/* The ring's chunks, as a reader has them. */
static void map_area(struct weft_ringreader *reader)
{
    uint64_t where;
    while ((where = atomic_load_explicit(&w->ring->area, memory_order_acquire)) == 0)
        g_thread_yield();
    g_autofree char *path = file_path(".ring");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    g_assert_cmpint(fd, >=, 0);
    uint64_t n = weft_area_chunks(where);
    void *area = mmap(NULL, n * WEFT_CHUNK_SIZE, PROT_READ, MAP_SHARED, fd,
                      (off_t)weft_area_offset(where));
    g_assert_true(area != MAP_FAILED);
    close(fd);
    g_assert_true(weft_ringreader_init(reader, w->ring, 0, w->ring));
    weft_ringreader_set_area(reader, area, n);
}

struct tally {
    uint64_t read, lost, snapshots;
};

static void read_all(struct weft_ringreader *reader, struct weft_record *records,
                     struct tally *tally)
{
    struct weft_ring_read read;
    while (weft_ringreader_read(reader, records, &read)) {
        tally->read += read.slots;
        tally->lost += read.unread + read.dropped;
        for (guint i = 0; i < read.slots; i++)
            tally->snapshots += records[i].kind == WEFT_RECORD_SNAPSHOT;
    }
    g_assert_false(reader->corrupt);
}

static void switch_often(enum weft_mode on)
{
    weft_probe_start();
    GAsyncQueue *ready = g_async_queue_new();
    GThread *thread = g_thread_new("loop", run_loop, ready);
    g_async_queue_pop(ready);
    struct weft_record *records = g_new(struct weft_record, WEFT_CHUNK_SLOTS);
    struct weft_ringreader reader;
    struct tally tally = { 0 };
    for (guint round = 0; round < ROUNDS; round++) {
        g_assert_cmpint(weft_probe_want_mode(on, 256 << 10, 1, getpid()), ==, 0);
        w->segment->lease.expires_mono_ns = UINT64_MAX;
        if (round == 0)
            map_area(&reader);
        struct tally before = tally;
        while ((tally.snapshots == before.snapshots && tally.lost == before.lost) ||
               tally.read < before.read + 100)
            read_all(&reader, records, &tally);
        g_assert_cmpint(weft_probe_want_mode(WEFT_MODE_STANDBY, 0, 1, getpid()), ==, 0);
    }
    g_atomic_int_set(&stopping, 1);
    g_thread_join(thread);
    read_all(&reader, records, &tally);
    tally.lost += weft_ringreader_dropped_at_end(&reader);
    g_assert_cmpuint(tally.read + tally.lost, ==, emitted);
    g_assert_cmpuint(tally.read, >, ROUNDS * 100);
    g_assert_cmpint(g_atomic_int_get(&turns), ==, 2 * ROUNDS);
    g_assert_cmpuint(tally.snapshots, <=, ROUNDS);
    g_assert_cmpuint(tally.snapshots + tally.lost, >=, ROUNDS);
    g_free(records);
    g_async_queue_unref(ready);
}

static void body_often_stream(void)
{
    switch_often(WEFT_MODE_STREAM);
}

static void body_often_flight(void)
{
    switch_often(WEFT_MODE_FLIGHT);
}

CASE(often_stream, NULL, NULL)
CASE(often_flight, NULL, NULL)

int main(int argc, char **argv)
{
    begin_tests(&argc, &argv);
    g_test_add_func("/trace/switching/stream", case_often_stream);
    g_test_add_func("/trace/switching/flight", case_often_flight);
    return run_tests();
}
