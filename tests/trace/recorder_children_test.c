/* recorder_children_test.c: all processes of a session in one trace: each one's events, names and
 * end are its own, every slot is there or counted as lost, and nothing is left behind. */
#include "tests/trace/emitter.h"
#include "tracer/trace/recorder.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESSES = 3 };

struct fixture {
    struct emitter emitters[PROCESSES];
    char *path;
    weft_recorder *recorder;
};

static void set_up(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    for (guint i = 0; i < PROCESSES; i++)
        emitter_set_up(&f->emitters[i]);
    g_setenv("XDG_RUNTIME_DIR", f->emitters[0].directory, TRUE); /* one for all */
    f->path = g_build_filename(f->emitters[0].directory, "out.weft", NULL);
    struct weft_recorder_options options = { .path = f->path,
                                             .session = "test-session",
                                             .children = TRUE };
    GError *error = NULL;
    f->recorder = weft_recorder_new(&options, &error);
    g_assert_no_error(error);
}

static void tear_down(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    weft_recorder_free(f->recorder);
    g_unlink(f->path);
    g_free(f->path);
    for (guint i = 0; i < PROCESSES; i++)
        emitter_tear_down(&f->emitters[i]);
}

static void start(struct fixture *f, guint i, unsigned events, const char *how)
{
    emitter_start(&f->emitters[i], "stream", "test-session", events, how, NULL);
}

static void drain(struct fixture *f)
{
    GError *error = NULL;
    guint drained;
    weft_recorder_drain(f->recorder, &drained, &error);
    g_assert_no_error(error);
    if (drained == 0)
        g_usleep(1000); /* a recorder looks no more often than every millisecond */
}

static void drain_until(struct fixture *f, guint i)
{
    int status;
    while (!emitter_ended(&f->emitters[i], &status))
        drain(f);
}

static weft_trace *finish_and_open(struct fixture *f)
{
    GError *error = NULL;
    weft_recorder_finish(f->recorder, 3, 0, &error);
    g_assert_no_error(error);
    g_assert_null(weft_recorder_note(f->recorder));
    weft_trace *trace = weft_trace_open(f->path, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(weft_trace_damage(trace), ==, NULL);
    g_assert_cmpuint(weft_recorder_stats(f->recorder).lost, ==, weft_trace_lost(trace));
    g_assert_cmpuint(weft_recorder_stats(f->recorder).events, ==, weft_trace_events(trace));
    return trace;
}

static guint source_of(const weft_trace *trace, GPid pid)
{
    for (guint i = 0; i < weft_trace_n_sources(trace); i++)
        if (weft_trace_source_at(trace, i)->pid == (guint64)pid)
            return i;
    g_assert_not_reached();
}

struct seen {
    guint64 slots, names;
    gint64 first_ns, last_ns;
};

/* What is in the trace of one process, all of whose ids and names are told apart. */
static struct seen look_at(const weft_trace *trace, GPid pid)
{
    struct seen seen = { .first_ns = G_MAXINT64 };
    guint source = source_of(trace, pid);
    g_autofree struct weft_record *records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    gint64 last = 0;
    for (guint c = 0; c < weft_trace_n_chunks(trace); c++) {
        const struct weft_trace_chunk *chunk = weft_trace_chunk(trace, c);
        if (weft_trace_source_of(trace, chunk->ring) != source)
            continue;
        guint n = weft_trace_decode(trace, c, records, NULL);
        g_assert_cmpuint(n, ==, chunk->slots);
        seen.slots += n + chunk->lost_before;
        seen.first_ns = MIN(seen.first_ns, chunk->first_ns);
        seen.last_ns = MAX(seen.last_ns, chunk->last_ns);
        for (guint i = 0; i < n; i++) {
            g_assert_cmpint((gint64)records[i].time, >=, last);
            last = (gint64)records[i].time;
            g_assert_cmpuint(weft_id_ring(records[i].subject), ==, chunk->ring);
            if (records[i].kind == WEFT_RECORD_TASK_NAME) {
                const char *name = weft_trace_string(trace, (uint32_t)records[i].object);
                g_assert_cmpstr(name, ==, seen.names++ ? "pong" : "ping");
                g_assert_cmpstr(weft_trace_site(trace, records[i].site)->func, ==, "create_task");
            }
            i += records[i].flags & WEFT_RECORD_EXT;
        }
    }
    for (guint ring = 0; ring < 64; ring++)
        if (weft_trace_source_of(trace, ring) == source)
            seen.slots += weft_trace_lost_at_end(trace, ring);
    return seen;
}

static void assert_exact(struct fixture *f, const weft_trace *trace, guint i)
{
    struct seen seen = look_at(trace, f->emitters[i].pid);
    g_assert_cmpuint(seen.slots, >=, f->emitters[i].counters->completed);
    g_assert_cmpuint(seen.slots, <=, f->emitters[i].counters->started);
    g_assert_cmpuint(seen.names, ==, 2);
}

/* One begins while another runs; a third comes when the first has gone. */
static void test_come_and_go(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    start(f, 0, 30000, "exit");
    weft_recorder_set_program(f->recorder, (guint64)f->emitters[0].pid);
    while (!weft_recorder_stats(f->recorder).attached)
        drain(f);
    start(f, 1, 60000, "exit");
    drain_until(f, 0);
    start(f, 2, 100, "exit");
    drain_until(f, 1);
    drain_until(f, 2);
    g_autoptr(weft_trace) trace = finish_and_open(f);
    g_assert_cmpuint(weft_trace_n_sources(trace), ==, PROCESSES);
    g_assert_cmpuint(weft_trace_source(trace)->pid, ==, (guint64)f->emitters[0].pid);
    for (guint i = 0; i < PROCESSES; i++) {
        assert_exact(f, trace, i);
        const struct weft_trace_source *source = weft_trace_source_at(
            trace, source_of(trace, f->emitters[i].pid));
        g_assert_true(source->ended);
        g_assert_cmpint(source->exit_code, ==, 3);
        g_assert_cmpint(source->exit_signal, ==, 0);
    }
    g_assert_cmpuint(weft_recorder_stats(f->recorder).processes, ==, PROCESSES);
    g_assert_cmpuint(weft_recorder_others(f->recorder), ==, 0);
}

/* A child that is killed: its parent, this test, does not wait for it until the recorder has seen
 * how it ended. */
static void test_killed_child(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    start(f, 0, 1000, "wait");
    weft_recorder_set_program(f->recorder, (guint64)f->emitters[0].pid);
    start(f, 1, 0, "flood");
    while (f->emitters[1].counters->completed < 50000 ||
           weft_recorder_stats(f->recorder).processes < 2)
        drain(f);
    kill(f->emitters[1].pid, SIGKILL);
    /* Its segment goes when it is in the file to the end. */
    guint64 events;
    do {
        events = weft_recorder_stats(f->recorder).events;
        for (guint i = 0; i < 30; i++)
            drain(f);
    } while (weft_recorder_stats(f->recorder).events != events);
    emitter_wait(&f->emitters[1]);
    close(f->emitters[0].input);
    f->emitters[0].input = -1;
    drain_until(f, 0);
    g_autoptr(weft_trace) trace = finish_and_open(f);
    assert_exact(f, trace, 0);
    assert_exact(f, trace, 1);
    const struct weft_trace_source *child = weft_trace_source_at(
        trace, source_of(trace, f->emitters[1].pid));
    g_assert_true(child->ended);
    g_assert_cmpint(child->exit_signal, ==, SIGKILL);
}

/* The recording ends first: the child goes on, and leaves nothing behind when it ends. */
static void test_outlives(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    start(f, 0, 100, "exit");
    weft_recorder_set_program(f->recorder, (guint64)f->emitters[0].pid);
    start(f, 1, 100, "wait");
    drain_until(f, 0);
    while (!f->emitters[1].counters->done || weft_recorder_stats(f->recorder).processes < 2)
        drain(f);
    g_assert_cmpuint(weft_recorder_others(f->recorder), ==, 1);
    g_autoptr(weft_trace) trace = finish_and_open(f);
    assert_exact(f, trace, 0);
    assert_exact(f, trace, 1);
    g_assert_false(weft_trace_source_at(trace, source_of(trace, f->emitters[1].pid))->ended);
    g_assert_true(weft_trace_source_at(trace, source_of(trace, f->emitters[0].pid))->ended);
    close(f->emitters[1].input);
    f->emitters[1].input = -1;
    emitter_wait(&f->emitters[1]);
}

/* Programs with different clocks are on one axis, whichever comes first. */
static void test_clocks(struct fixture *f, gconstpointer first_has_counter)
{
    gboolean counter = GPOINTER_TO_INT(first_has_counter);
    g_setenv("WEFT_CLOCK", counter ? "" : "monotonic", TRUE);
    start(f, 0, 1000, "wait");
    while (!f->emitters[0].counters->done || weft_recorder_stats(f->recorder).processes < 1)
        drain(f);
    g_setenv("WEFT_CLOCK", counter ? "monotonic" : "", TRUE);
    start(f, 1, 1000, "exit");
    g_unsetenv("WEFT_CLOCK");
    drain_until(f, 1);
    close(f->emitters[0].input);
    f->emitters[0].input = -1;
    drain_until(f, 0);
    g_autoptr(weft_trace) trace = finish_and_open(f);
    assert_exact(f, trace, 0);
    assert_exact(f, trace, 1);
    /* The second began and ended within the first's life. */
    struct seen a = look_at(trace, f->emitters[0].pid), b = look_at(trace, f->emitters[1].pid);
    g_assert_cmpint(a.first_ns, <, b.first_ns);
    g_assert_cmpint(b.last_ns, <, a.last_ns);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, data, function)                                                                  \
    g_test_add("/recorder-children/" name, struct fixture, data, set_up, function, tear_down)
    ADD("come-and-go", NULL, test_come_and_go);
    ADD("killed-child", NULL, test_killed_child);
    ADD("outlives", NULL, test_outlives);
    ADD("clocks/counter-first", GINT_TO_POINTER(TRUE), test_clocks);
    ADD("clocks/fallback-first", GINT_TO_POINTER(FALSE), test_clocks);
    return g_test_run();
}
