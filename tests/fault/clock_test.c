/* clock_test.c: clocks that go wrong: a counter that is some nanoseconds behind on another CPU, a
 * machine that sleeps, one that is moved to another host. What a trace says of it keeps its order,
 * and says the same wherever one begins to read. */
#include "tracer/trace/clockmap.h"
#include "tracer/trace/state.h"
#include "tracer/trace/writer.h"
#include <glib/gstdio.h>

#define MS     UINT64_C(1000000)
#define SECOND (1000 * MS)

enum { RINGS = 2, CHUNKS = 120, EVENTS = 400, TASKS = 3, STEP = 100 };

struct fixture {
    char *directory, *path;
    struct weft_record *records, *read; /* of a chunk */
    uint64_t now;                       /* the true time */
};

static void set_up(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    f->directory = g_dir_make_tmp("weft-clock-XXXXXX", NULL);
    f->path = g_build_filename(f->directory, "out.weft", NULL);
    f->records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    f->read = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    f->now = SECOND;
}

static void tear_down(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_unlink(f->path);
    g_assert_cmpint(g_rmdir(f->directory), ==, 0);
    g_free(f->directory);
    g_free(f->path);
    g_free(f->records);
    g_free(f->read);
}

/* ---- Steps back of at most 100 ns ---- */

/* Tasks that take turns; each event's clock is up to 100 ns behind, the object says the truth. */
static void fill(struct fixture *f, guint ring)
{
    static const guint8 kinds[] = { WEFT_RECORD_WAKE, WEFT_RECORD_RESUME, WEFT_RECORD_SUSPEND };
    for (guint i = 0; i < EVENTS; i++) {
        f->now += (uint64_t)g_test_rand_int_range(1, 60);
        f->records[i] = (struct weft_record){
            .time = f->now - (uint64_t)g_test_rand_int_range(0, STEP + 1),
            .kind = kinds[i % 3],
            .detail = i % 3 == 2 ? WEFT_AWAIT_FUTURE : 0,
            .flags = i % 90 == 0 && i + 1 < EVENTS ? WEFT_RECORD_EXT : 0,
            .subject = weft_id(WEFT_ENTITY_TASK, ring, 1 + i / 3 % TASKS),
            .object = f->now,
        };
        if (f->records[i].flags)
            f->records[++i] = (struct weft_record){ 0 };
    }
}

static void replay(weft_state *state, const struct weft_trace_chunk *chunk,
                   const struct weft_record *records, guint n)
{
    weft_state_apply_chunk(state, chunk->ring, chunk->current_task, chunk->first_ns);
    for (guint i = 0; i < n; i++) {
        gboolean ext = records[i].flags & WEFT_RECORD_EXT;
        weft_state_apply(state, chunk->ring, &records[i], ext ? &records[i + 1] : NULL);
        i += ext;
    }
}

static void assert_same(const weft_state *a, const weft_state *b)
{
    g_autoptr(GBytes) x = weft_state_serialize(a), y = weft_state_serialize(b);
    g_assert_true(g_bytes_equal(x, y));
}

/* No time goes back in a ring, or is further off than the clock was; and every STATE says what the
 * events before it do. */
static void check(struct fixture *f, weft_trace *trace, uint64_t start)
{
    g_autoptr(weft_state) state = weft_state_new();
    guint64 last[RINGS] = { 0 };
    guint states = 0, from, n = weft_trace_n_chunks(trace);
    g_assert_cmpuint(n, ==, CHUNKS);
    for (guint c = 0; c < n; c++) {
        const struct weft_trace_chunk *chunk = weft_trace_chunk(trace, c);
        g_autoptr(weft_state) stored = weft_trace_state_before(trace, c, &from);
        if (from == c && c > 0) {
            assert_same(stored, state);
            states++;
        }
        g_assert_cmpuint(weft_trace_decode(trace, c, f->read, NULL), ==, EVENTS);
        for (guint i = 0; i < EVENTS; i++) {
            const struct weft_record *r = &f->read[i];
            g_assert_cmpuint(r->time, >=, last[chunk->ring]);
            g_assert_cmpuint(r->time + start, <=, r->object);
            g_assert_cmpuint(r->time + start + STEP, >=, r->object);
            last[chunk->ring] = r->time;
            i += r->flags & WEFT_RECORD_EXT;
        }
        replay(state, chunk, f->read, EVENTS);
    }
    g_assert_cmpuint(states, >=, 2);
}

static void test_steps_in_file(struct fixture *f, gconstpointer segments)
{
    GError *error = NULL;
    weft_filewriter *writer = segments ? weft_filewriter_new_segments(f->path, 1 << 30, 0, &error)
                                       : weft_filewriter_new(f->path, &error);
    g_assert_no_error(error);
    struct weft_file_process process = { .clock_kind = WEFT_CLOCK_MONOTONIC,
                                         .start = { SECOND / 2, SECOND / 2, 7 },
                                         .program = "p",
                                         .host = "h" };
    g_assert_true(weft_filewriter_process(writer, &process, &error));
    for (guint c = 0; c < CHUNKS; c++) {
        fill(f, c % RINGS);
        g_assert_true(weft_filewriter_events(writer, c % RINGS, f->records, EVENTS, 0, &error));
    }
    g_assert_true(weft_filewriter_finish(writer, &error));
    weft_filewriter_free(writer);
    g_autoptr(weft_trace) trace = weft_trace_open(f->path, &error);
    g_assert_no_error(error);
    check(f, trace, SECOND / 2);
}

static void test_steps_in_memory(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(weft_trace) trace = weft_trace_new();
    for (guint c = 0; c < CHUNKS; c++) {
        fill(f, c % RINGS);
        weft_trace_append_chunk(trace, c % RINGS, f->records, EVENTS, 0);
    }
    check(f, trace, 0);
}

/* ---- A counter that begins again ---- */

/* A machine that sleeps so deeply that its counter begins at 0 again: what comes behind is held at
 * the last time before, in order and complete, until the counter has come that far. */
static void test_counter_begins_again(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    GError *error = NULL;
    weft_filewriter *writer = weft_filewriter_new(f->path, &error);
    const uint64_t start = 50 * SECOND; /* of the counter: a tick is a nanosecond */
    struct weft_file_process process = {
        .clock_kind = WEFT_CLOCK_COUNTER, .start = { start, SECOND, 7 }, .program = "p", .host = "h"
    };
    g_assert_true(weft_filewriter_process(writer, &process, &error));
    const uint64_t seconds[] = { 51, 52, 53, 1, 2, 52, 54, 55 };
    for (guint i = 0; i < G_N_ELEMENTS(seconds); i++) {
        struct weft_record record = { .time = seconds[i] * SECOND,
                                      .kind = WEFT_RECORD_COUNTER,
                                      .subject = weft_id(WEFT_ENTITY_COUNTER, 0, 1),
                                      .object = i };
        struct weft_clock_anchor anchor = { record.time, (2 + i) * SECOND, 7 };
        weft_filewriter_anchor(writer, &anchor);
        g_assert_true(weft_filewriter_events(writer, 0, &record, 1, 0, &error));
    }
    g_assert_true(weft_filewriter_finish(writer, &error));
    weft_filewriter_free(writer);
    g_autoptr(weft_trace) trace = weft_trace_open(f->path, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(weft_trace_damage(trace), ==, NULL);
    g_assert_cmpuint(weft_trace_n_chunks(trace), ==, G_N_ELEMENTS(seconds));
    guint64 last = 0;
    for (guint i = 0; i < G_N_ELEMENTS(seconds); i++) {
        g_assert_cmpuint(weft_trace_decode(trace, i, f->read, NULL), ==, 1);
        g_assert_cmpuint(f->read[0].object, ==, i);
        if (i < 3) /* what was before is right */
            g_assert_cmpint(ABS((gint64)f->read[0].time - (gint64)((1 + i) * SECOND)), <=, 1000);
        else if (i <= 5)
            g_assert_cmpuint(f->read[0].time, ==, last);
        else
            g_assert_cmpuint(f->read[0].time, >, last);
        last = f->read[0].time;
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, data, function)                                                                  \
    g_test_add("/clock/" path, struct fixture, data, set_up, function, tear_down)
    ADD("steps-in-file", NULL, test_steps_in_file);
    ADD("steps-in-segments", "segments", test_steps_in_file);
    ADD("steps-in-memory", NULL, test_steps_in_memory);
    ADD("counter-begins-again", NULL, test_counter_begins_again);
    return g_test_run();
}
