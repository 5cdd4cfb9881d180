/* Many loops and threads: rings taken over oldest first, ids that are never given out twice, more
 * writers than there are rings, a writer in the wrong thread, and signal handlers that emit. */
#include "tests/probe/session.h"
#include "tests/valgrind.h"
#include "tracer/probe/segment.h"
#include <signal.h>
#include <sys/time.h>

/* ---- Many ---- */

static GHashTable *seen;

static void is_new(uint64_t id)
{
    g_assert_true(g_hash_table_add(seen, (gpointer)(gsize)id));
}

static void open_and_close(guint n)
{
    g_autofree struct weft_writer **writers = g_new(struct weft_writer *, n);
    for (guint i = 0; i < n; i++) {
        writers[i] = weft_probe_open_ring(WEFT_RING_LOOP);
        g_assert_nonnull(writers[i]->ring);
        is_new(writers[i]->owner);
        is_new(weft_new_id(writers[i], WEFT_ENTITY_TASK));
        weft_emit(writers[i], WEFT_RECORD_COUNTER, 0, 0, 1, i);
    }
    for (guint i = 0; i < n; i++)
        weft_probe_close_ring(writers[i], 0);
}

static void body_many(void)
{
    seen = g_hash_table_new(NULL, NULL);
    weft_probe_start();
    open_and_close(1);
    open_and_close(64);
    struct weft_writer *first = weft_probe_open_ring(WEFT_RING_LOOP);
    g_assert_cmpuint(first->index, ==, 0); /* it was closed first */
    weft_probe_close_ring(first, 0);
    for (guint i = 1; i < 64; i++) {
        struct weft_writer *w = weft_probe_open_ring(WEFT_RING_LOOP);
        g_assert_cmpuint(w->index, ==, i);
        weft_probe_close_ring(w, 0);
    }
    open_and_close(1000);
    open_and_close(1000);
    first = weft_probe_open_ring(WEFT_RING_LOOP);
    g_assert_cmpuint(first->segment->rings, ==, 1000);
    g_assert_cmpuint(first->segment->rings_refused, ==, 0);
    g_hash_table_unref(seen);
}

/* Ordinals go on from one owner of a ring to the next. */
static void body_ordinals(void)
{
    weft_probe_start();
    uint64_t written = 0;
    for (guint i = 0; i < 100; i++) {
        struct weft_writer *w = weft_probe_open_ring(WEFT_RING_LOOP);
        written += i == 0 ? 2 : 1; /* PROCESS, LOOP_OPEN */
        for (guint j = 0; j < 100; j++, written++)
            weft_emit(w, WEFT_RECORD_COUNTER, 0, 0, 1, j);
        weft_probe_close_ring(w, 0);
        written++;
        uint64_t open = (uint64_t)(w->position - (char *)w->chunk - WEFT_CHUNK_HEADER) /
                        WEFT_SLOT_SIZE;
        g_assert_cmpuint(w->ordinal + open, ==, written);
        g_assert_cmpuint(w->generation, ==, i + 1);
    }
}

/* In standby a ring is a page: there is room for all, and then for no more. */
static void body_too_many(void)
{
    seen = g_hash_table_new(NULL, NULL);
    weft_probe_start();
    enum { MORE = 4200 };
    g_autofree struct weft_writer **writers = g_new(struct weft_writer *, MORE);
    for (guint i = 0; i < MORE; i++) {
        writers[i] = weft_probe_open_ring(i % 3 ? WEFT_RING_LOOP : WEFT_RING_THREAD);
        g_assert_true((writers[i]->ring != NULL) == (i < WEFT_RINGS_MAX - 1));
        is_new(writers[i]->owner);
        for (guint j = 0; j < 3; j++)
            is_new(weft_new_id(writers[i], WEFT_ENTITY_TASK));
        weft_emit(writers[i], WEFT_RECORD_COUNTER, 0, 0, 1, i); /* harmless */
    }
    g_assert_cmpuint(writers[0]->segment->rings, ==, WEFT_RINGS_MAX - 1);
    g_assert_cmpuint(writers[0]->segment->rings_refused, ==, MORE - (WEFT_RINGS_MAX - 1));
    const char *said = strstr(logged->str, "more than 4095 loops and threads");
    g_assert_nonnull(said);
    g_assert_null(strstr(said + 1, "more than")); /* once */
    for (guint i = 0; i < MORE; i++)
        weft_probe_close_ring(writers[i], 0);
    g_hash_table_unref(seen);
}

/* ---- The wrong thread ---- */

enum { STRAY = 3 };

static gpointer emits_elsewhere(gpointer data)
{
    struct weft_writer *w = data;
    for (guint i = 0; i < STRAY; i++)
        weft_emit(w, WEFT_RECORD_COUNTER, 0, 0, 1, i);
    g_assert_false(weft_probe_turn(w, UINT64_MAX));
    return NULL;
}

static uint64_t written(const struct weft_writer *w)
{
    return w->ordinal + (w->chunk ? (uint64_t)(w->position - (char *)w->chunk - WEFT_CHUNK_HEADER) /
                                        WEFT_SLOT_SIZE
                                  : 0);
}

static void body_wrong_thread(void)
{
    weft_probe_start();
    struct weft_writer *w = weft_probe_open_ring(WEFT_RING_LOOP);
    while (w->position < w->end)
        weft_emit(w, WEFT_RECORD_COUNTER, 0, 0, 1, 1);
    uint64_t before = written(w);
    g_thread_join(g_thread_new("stray", emits_elsewhere, w));
    g_assert_cmpuint(written(w), ==, before);
    g_assert_cmpuint(w->ring->nested, ==, STRAY); /* so it is counted as dropped */
    g_assert_nonnull(strstr(logged->str, "a loop is run by another thread"));
    weft_probe_turn(w, UINT64_MAX);
    g_assert_nonnull(strstr(logged->str, "events were emitted by another thread"));
    weft_emit(w, WEFT_RECORD_COUNTER, 0, 0, 1, 1);
    g_assert_cmpuint(written(w), ==, before + 1);
}

static gpointer takes_over(gpointer data)
{
    struct weft_writer *w = data;
    uint64_t before = written(w), chunk = w->k;
    weft_writer_bind(w);
    weft_emit(w, WEFT_RECORD_COUNTER, 0, 0, 1, 1);
    g_assert_cmpuint(written(w), ==, before + 1);
    g_assert_cmpuint(w->k, ==, chunk + 1); /* a chunk names its thread */
    g_assert_cmpuint(w->chunk->owner >> 32, ==, w->tid);
    g_assert_cmpuint(w->ring->tid, ==, w->tid);
    return NULL;
}

/* Given from thread to thread it goes on. */
static void body_given(void)
{
    weft_probe_start();
    struct weft_writer *w = weft_probe_open_ring(WEFT_RING_LOOP);
    uint64_t tid = w->tid;
    g_thread_join(g_thread_new("other", takes_over, w));
    g_assert_cmpuint(w->tid, !=, tid);
    weft_writer_bind(w);
    weft_emit(w, WEFT_RECORD_COUNTER, 0, 0, 1, 1);
    g_assert_cmpuint(w->ring->nested, ==, 0);
}

/* ---- Signal handlers ---- */

static struct weft_writer *interrupted;
static volatile sig_atomic_t handled;

static void on_alarm(int number)
{
    (void)number;
    handled++;
    weft_emit(interrupted, WEFT_RECORD_COUNTER, 0, 0, 2, (uint64_t)handled);
}

/* Every event of the handler's is in the ring or counted as dropped: exactly. */
static void body_storm(void)
{
    weft_probe_start();
    struct weft_writer *w = interrupted = weft_probe_open_ring(WEFT_RING_LOOP);
    uint64_t before = written(w), calls = 0;
    struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
    g_assert_cmpint(sigaction(SIGALRM, &action, NULL), ==, 0);
    struct itimerval often = { { 0, 50 }, { 0, 50 } }, never = { { 0, 0 }, { 0, 0 } };
    g_assert_cmpint(setitimer(ITIMER_REAL, &often, NULL), ==, 0);
    while (handled < (SLOW ? 100 : 5000) || w->ring->nested == 0) {
        for (guint i = 0; i < 1000; i++, calls++)
            weft_emit(w, WEFT_RECORD_COUNTER, 0, 0, 1, calls);
        if (calls > (SLOW ? 200000 : 400000000))
            break; /* it never hit an emit: then there is nothing nested to see */
    }
    g_assert_cmpint(setitimer(ITIMER_REAL, &never, NULL), ==, 0);
    signal(SIGALRM, SIG_IGN);
    g_assert_cmpuint(written(w) - before + w->ring->dropped + w->ring->nested, ==,
                     calls + (uint64_t)handled);
    g_test_message("%d signals, %u nested", (int)handled, (guint)w->ring->nested);
}

CASE(many, NULL, NULL)
CASE(ordinals, "flight", NULL)
CASE(too_many, NULL, NULL)
CASE(wrong_thread, "flight", NULL)
CASE(given, "flight", NULL)
CASE(storm, "flight", NULL)

int main(int argc, char **argv)
{
    begin_tests(&argc, &argv);
    g_test_add_func("/probe/writers/many", case_many);
    g_test_add_func("/probe/writers/ordinals", case_ordinals);
    g_test_add_func("/probe/writers/too-many", case_too_many);
    g_test_add_func("/probe/writers/wrong-thread", case_wrong_thread);
    g_test_add_func("/probe/writers/given", case_given);
    g_test_add_func("/probe/writers/storm", case_storm);
    return run_tests();
}
