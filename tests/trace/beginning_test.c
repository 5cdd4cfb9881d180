/* beginning_test.c: traces that begin with a STATE, amid their program's run. */
#include "tracer/trace/state.h"
#include "tracer/trace/writer.h"
#include <glib/gstdio.h>
#include <unistd.h>

#define TASK(n) weft_id(WEFT_ENTITY_TASK, 0, n)
#define LOCK(n) weft_id(WEFT_ENTITY_LOCK, 0, n)
#define MONO    UINT64_C(5000000)

static struct weft_record record(gint64 time, unsigned kind, unsigned detail, uint64_t subject,
                                 uint64_t object)
{
    return (struct weft_record){ .time = (uint64_t)time,
                                 .kind = (uint8_t)kind,
                                 .detail = (uint8_t)detail,
                                 .subject = subject,
                                 .object = object };
}

static void apply(weft_state *state, struct weft_record r)
{
    weft_state_apply(state, 0, &r, NULL);
}

/* Task 1 waits for a lock since `base` + 10 that task 2 holds, which runs since 20. */
static weft_state *two_tasks(gint64 base)
{
    weft_state *state = weft_state_new();
    apply(state, record(base + 5, WEFT_RECORD_RESUME, 0, TASK(2), 0));
    apply(state, record(base + 6, WEFT_RECORD_RESOURCE, WEFT_RESOURCE_ACQUIRE, LOCK(1), 1));
    apply(state, record(base + 7, WEFT_RECORD_OBJECT_NAME, 0, LOCK(1), 3));
    apply(state, record(base + 8, WEFT_RECORD_SUSPEND, WEFT_AWAIT_YIELD, TASK(2), 0));
    apply(state, record(base + 10, WEFT_RECORD_SUSPEND, WEFT_AWAIT_LOCK, TASK(1), LOCK(1)));
    apply(state, record(base + 20, WEFT_RECORD_RESUME, 0, TASK(2), 0));
    return state;
}

static void assert_two_tasks(const weft_state *state, gint64 waiting_since, gint64 running_since)
{
    const struct weft_task_at *waits = weft_state_task(state, TASK(1));
    const struct weft_task_at *runs = weft_state_task(state, TASK(2));
    g_assert_cmpuint(waits->state, ==, WEFT_STATE_WAITING);
    g_assert_cmpuint(waits->detail, ==, WEFT_AWAIT_LOCK);
    g_assert_cmpuint(waits->other, ==, LOCK(1));
    g_assert_cmpint(waits->since_ns, ==, waiting_since);
    g_assert_cmpuint(runs->state, ==, WEFT_STATE_RUNNING);
    g_assert_cmpint(runs->since_ns, ==, running_since);
    g_assert_cmpuint(weft_state_running(state, 0), ==, TASK(2));
    guint n;
    const struct weft_object_at **objects = weft_state_objects(state, &n);
    g_assert_cmpuint(n, ==, 1);
    g_assert_cmpuint(objects[0]->id, ==, LOCK(1));
    g_assert_cmpuint(objects[0]->owner, ==, TASK(2));
}

static char *temporary_path(void)
{
    char *path = NULL;
    g_close(g_file_open_tmp("weft-beginning-XXXXXX", &path, NULL), NULL);
    return path;
}

/* A file of nanosecond ticks that began at MONO. */
static weft_filewriter *begin_file(const char *path)
{
    weft_filewriter *writer = weft_filewriter_new(path, NULL);
    g_assert_nonnull(writer);
    struct weft_file_process process = { .pid = 1,
                                         .clock_kind = WEFT_CLOCK_MONOTONIC,
                                         .start = { MONO, MONO, 1 },
                                         .program = "p",
                                         .host = "h" };
    g_assert_true(weft_filewriter_process(writer, &process, NULL));
    return writer;
}

static void write_state(weft_filewriter *writer, weft_state *state)
{
    g_assert_true(weft_filewriter_state(writer, state, NULL));
    weft_state_free(state);
}

static weft_trace *finish_and_open(weft_filewriter *writer, const char *path)
{
    g_assert_true(weft_filewriter_finish(writer, NULL));
    weft_filewriter_free(writer);
    weft_trace *trace = weft_trace_open(path, NULL);
    g_assert_nonnull(trace);
    g_assert_cmpstr(weft_trace_damage(trace), ==, NULL);
    return trace;
}

/* ---- In memory ---- */

static void test_memory(void)
{
    g_autoptr(weft_trace) trace = weft_trace_new();
    g_assert_false(weft_trace_begins_with_state(trace));
    weft_state *state = two_tasks(-100);
    weft_trace_append_state(trace, state);
    weft_state_free(state);
    g_assert_true(weft_trace_begins_with_state(trace));
    struct weft_record done = record(30, WEFT_RECORD_TASK_DONE, 0, TASK(2), 0);
    weft_trace_append(trace, 0, &done, 1);
    g_assert_cmpuint(weft_trace_chunk(trace, 0)->current_task, ==, TASK(2));
    g_assert_cmpuint(weft_trace_lost(trace), ==, 0);
    guint from = 9;
    g_autoptr(weft_state) back = weft_trace_state_before(trace, 0, &from);
    g_assert_cmpuint(from, ==, 0);
    assert_two_tasks(back, -90, -80);
}

/* ---- In a file ---- */

/* Rings begin at the state's ordinals; only what is missing after that is lost. */
static void test_file(void)
{
    g_autofree char *path = temporary_path();
    weft_filewriter *writer = begin_file(path);
    weft_filewriter_begin_ring(writer, 0, 4711);
    weft_filewriter_begin_ring(writer, 3, 12);
    write_state(writer, two_tasks(MONO + 1000));
    struct weft_record done = record(MONO + 1030, WEFT_RECORD_TASK_DONE, 0, TASK(2), 0);
    g_assert_true(weft_filewriter_events(writer, 0, &done, 1, TASK(2), NULL));
    g_assert_true(weft_filewriter_loss(writer, 3, 8, 0, NULL));
    g_assert_true(weft_filewriter_events(writer, 3, &done, 1, 0, NULL));
    g_autoptr(weft_trace) trace = finish_and_open(writer, path);
    g_assert_true(weft_trace_begins_with_state(trace));
    g_assert_cmpuint(weft_trace_chunk(trace, 0)->first_ordinal, ==, 4711);
    g_assert_cmpuint(weft_trace_chunk(trace, 0)->lost_before, ==, 0);
    g_assert_cmpuint(weft_trace_chunk(trace, 1)->first_ordinal, ==, 20);
    g_assert_cmpuint(weft_trace_chunk(trace, 1)->lost_before, ==, 8);
    g_assert_cmpuint(weft_trace_lost(trace), ==, 8);
    guint from = 9;
    g_autoptr(weft_state) back = weft_trace_state_before(trace, 0, &from);
    g_assert_cmpuint(from, ==, 0);
    assert_two_tasks(back, 1010, 1020);
    g_unlink(path);
}

/* What lies before the trace's start keeps its moment: less than 0. */
static void test_before_the_start(void)
{
    g_autofree char *path = temporary_path();
    weft_filewriter *writer = begin_file(path);
    write_state(writer, two_tasks(MONO - 15));
    g_autoptr(weft_trace) trace = finish_and_open(writer, path);
    guint from;
    g_autoptr(weft_state) back = weft_trace_state_before(trace, 0, &from);
    assert_two_tasks(back, -5, 5);
    g_assert_cmpint(weft_trace_end_ns(trace), ==, 5);
    g_unlink(path);
}

/* A state amid the trace is not one that it begins with: the gap before it stays a loss. */
static void test_amid(void)
{
    g_autofree char *path = temporary_path();
    weft_filewriter *writer = begin_file(path);
    struct weft_record first = record(MONO + 10, WEFT_RECORD_ITERATION, 0, 0, 0);
    g_assert_true(weft_filewriter_events(writer, 0, &first, 1, 0, NULL));
    g_assert_true(weft_filewriter_loss(writer, 0, 5, 0, NULL));
    write_state(writer, two_tasks(MONO + 1000));
    struct weft_record done = record(MONO + 1030, WEFT_RECORD_TASK_DONE, 0, TASK(2), 0);
    g_assert_true(weft_filewriter_events(writer, 0, &done, 1, TASK(2), NULL));
    g_autoptr(weft_trace) trace = finish_and_open(writer, path);
    g_assert_false(weft_trace_begins_with_state(trace));
    g_assert_cmpuint(weft_trace_lost(trace), ==, 5);
    guint from;
    g_autoptr(weft_state) none = weft_trace_state_before(trace, 0, &from);
    g_assert_null(weft_state_task(none, TASK(1)));
    g_autoptr(weft_state) back = weft_trace_state_before(trace, 1, &from);
    g_assert_cmpuint(from, ==, 1);
    assert_two_tasks(back, 1010, 1020);
    g_unlink(path);
}

/* Later STATEs go on from the first. */
static void test_goes_on(void)
{
    g_autofree char *path = temporary_path();
    weft_filewriter *writer = begin_file(path);
    write_state(writer, two_tasks(MONO));
    struct weft_record events[2000];
    for (guint i = 0; i < G_N_ELEMENTS(events); i++)
        events[i] = record((gint64)(MONO + 100 + i), WEFT_RECORD_MARK, 0, 0, i);
    for (guint c = 0; c < 20; c++)
        g_assert_true(
            weft_filewriter_events(writer, 0, events, G_N_ELEMENTS(events), TASK(2), NULL));
    g_autoptr(weft_trace) trace = finish_and_open(writer, path);
    guint from;
    g_autoptr(weft_state) back = weft_trace_state_before(trace, 20, &from);
    g_assert_cmpuint(from, >=, 16);
    assert_two_tasks(back, 10, 20);
    g_unlink(path);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/beginning/memory", test_memory);
    g_test_add_func("/beginning/file", test_file);
    g_test_add_func("/beginning/before-the-start", test_before_the_start);
    g_test_add_func("/beginning/amid", test_amid);
    g_test_add_func("/beginning/goes-on", test_goes_on);
    return g_test_run();
}
