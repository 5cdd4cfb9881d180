/* recorder_pid_test.c: recording a program that runs already, from the state it is in, and leaving
 * it as it was: also when it holds its loop, ends, or the recorder is killed. */
#include "tests/child.h"
#include "tests/trace/standby.h"
#include "tracer/trace/attach.h"
#include "tracer/trace/live.h"
#include "tracer/trace/recorder.h"
#include "tracer/trace/state.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- Recording ---- */

static weft_recorder *new_recorder(struct standby *f, guint64 ring_size, GError **error)
{
    g_autofree char *path = g_build_filename(f->directory, "out.weft", NULL);
    struct weft_recorder_options options = { .path = path,
                                             .pid = (guint64)f->pid,
                                             .ring_size = ring_size };
    return weft_recorder_new(&options, error);
}

static weft_recorder *join(struct standby *f, guint64 ring_size)
{
    g_autoptr(GError) error = NULL;
    weft_recorder *recorder = new_recorder(f, ring_size, &error);
    g_assert_no_error(error);
    return recorder;
}

static void drain(weft_recorder *recorder)
{
    g_autoptr(GError) error = NULL;
    guint drained;
    weft_recorder_drain(recorder, &drained, &error);
    g_assert_no_error(error);
    g_usleep(1000);
}

static void drain_until(weft_recorder *recorder, guint64 events)
{
    while (weft_recorder_stats(recorder).events < events)
        drain(recorder);
}

static weft_trace *finish(struct standby *f, weft_recorder *recorder)
{
    g_autoptr(GError) error = NULL;
    weft_recorder_finish(recorder, 0, 0, &error);
    g_assert_no_error(error);
    weft_recorder_free(recorder);
    g_autofree char *path = g_build_filename(f->directory, "out.weft", NULL);
    weft_trace *trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(weft_trace_damage(trace), ==, NULL);
    g_unlink(path);
    return trace;
}

/* ---- What is in it ---- */

/* The state that the task of this name was in when the trace began. */
static enum weft_task_state began(weft_trace *trace, const char *name)
{
    guint from, n;
    g_autoptr(weft_state) state = weft_trace_state_before(trace, 0, &from);
    const struct weft_task_at **tasks = weft_state_tasks(state, &n);
    for (guint i = 0; i < n; i++)
        if (g_strcmp0(weft_trace_string(trace, tasks[i]->name), name) == 0)
            return tasks[i]->state;
    g_error("there is no task %s", name);
}

static void assert_beginning(weft_trace *trace)
{
    static const char *const waiting[] = { "keeper", "waiter", "putter", "sleeper",
                                           "family", "older",  "younger" };
    g_assert_true(weft_trace_begins_with_state(trace));
    for (guint i = 0; i < G_N_ELEMENTS(waiting); i++)
        g_assert_cmpuint(began(trace, waiting[i]), ==, WEFT_STATE_WAITING);
}

static guint64 slots_of(const weft_trace *trace)
{
    guint64 slots = 0;
    for (guint i = 0; i < weft_trace_n_chunks(trace); i++)
        slots += weft_trace_chunk(trace, i)->slots;
    return slots;
}

/* All that the program's one ring ever got, what it refused counted in. */
static guint64 emitted(struct standby *f)
{
    g_autoptr(GError) error = NULL;
    struct weft_attachment *a = weft_attach_pid((guint64)f->pid, &error);
    g_assert_no_error(error);
    g_assert_true(weft_attachment_update(a));
    struct weft_attached_ring *ring = a->rings->pdata[0];
    g_autofree struct weft_record *records = g_new(struct weft_record, WEFT_CHUNK_SLOTS);
    struct weft_ring_read read;
    while (weft_ringreader_read(&ring->reader, records, &read))
        continue;
    weft_ringreader_dropped_at_end(&ring->reader);
    guint64 all = ring->reader.next + ring->reader.dropped;
    weft_attachment_free(a);
    return all;
}

/* What it had no room for, so far. */
static guint64 refused(struct standby *f)
{
    g_autoptr(GError) error = NULL;
    struct weft_attachment *a = weft_attach_pid((guint64)f->pid, &error);
    g_assert_no_error(error);
    g_assert_true(weft_attachment_update(a));
    const struct weft_attached_ring *ring = a->rings->pdata[0];
    guint64 dropped = atomic_load_explicit(&ring->page->dropped, memory_order_relaxed);
    weft_attachment_free(a);
    return dropped;
}

static void assert_mode(struct standby *f, const char *mode)
{
    g_autofree char *answer = standby_ask(f, "ping");
    g_assert_cmpstr(answer, ==, mode);
}

/* ---- Programs ---- */

static void test_twice(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    standby_start(f, "tick");
    guint64 before = 0;
    for (guint round = 0; round < 3; round++) {
        weft_recorder *recorder = join(f, 0);
        drain_until(recorder, 500);
        assert_mode(f, "stream");
        g_autoptr(weft_trace) trace = finish(f, recorder);
        assert_mode(f, "standby");
        assert_beginning(trace);
        g_assert_false(weft_trace_source(trace)->ended);
        g_assert_cmpuint(weft_trace_lost(trace), ==, 0);
        g_assert_cmpuint(before + slots_of(trace), ==, emitted(f));
        before = emitted(f);
    }
    standby_kill(f);
}

/* A ring that is too small for a recorder that sleeps: what was refused is counted. */
static void test_lossy(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    standby_start(f, "flood");
    guint64 before = 0;
    for (guint round = 0; round < 2; round++) {
        guint64 refused_before = refused(f);
        weft_recorder *recorder = join(f, 128 << 10);
        drain_until(recorder, 1);
        while (refused(f) == refused_before)
            g_usleep(1000);
        g_autoptr(weft_trace) trace = finish(f, recorder);
        assert_mode(f, "standby");
        assert_beginning(trace);
        g_assert_cmpuint(weft_trace_lost(trace), >, 0);
        g_assert_cmpuint(before + slots_of(trace) + weft_trace_lost(trace), ==, emitted(f));
        before = emitted(f);
    }
    standby_kill(f);
}

static weft_live *look_on(struct standby *f)
{
    g_autoptr(GError) error = NULL;
    weft_live *live = weft_live_attach((guint64)f->pid, &error);
    g_assert_no_error(error);
    return live;
}

/* Somebody looks already: the program goes on recording for as long as anybody reads. */
static void test_viewers(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    standby_start(f, "tick");
    weft_live *before = look_on(f);
    weft_recorder *recorder = join(f, 0);
    drain_until(recorder, 500);
    assert_mode(f, "stream");
    weft_live_free(look_on(f)); /* another comes and leaves */
    assert_mode(f, "stream");
    g_autoptr(weft_trace) trace = finish(f, recorder);
    assert_mode(f, "flight");
    assert_beginning(trace);
    recorder = join(f, 0);
    drain_until(recorder, 500);
    weft_live_free(before);
    assert_mode(f, "stream");
    g_autoptr(weft_trace) second = finish(f, recorder);
    assert_mode(f, "standby");
    assert_beginning(second);
    standby_kill(f);
}

static void test_refused(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GError) second = NULL, ended = NULL;
    standby_start(f, "tick");
    weft_recorder *recorder = join(f, 0);
    g_assert_null(new_recorder(f, 0, &second));
    g_assert_error(second, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_FAILED);
    g_autofree char *who = g_strdup_printf("is being recorded already, by process %d", getpid());
    g_assert_nonnull(strstr(second->message, who));
    /* The first one goes on. */
    drain_until(recorder, 100);
    standby_kill(f);
    while (!weft_recorder_program_ended(recorder))
        drain(recorder);
    g_autofree char *left = weft_find_segment((guint64)f->pid, NULL);
    g_autoptr(weft_trace) trace = finish(f, recorder);
    g_assert_true(weft_trace_source(trace)->ended);
    assert_beginning(trace);
    /* All of it is in the file: nothing is left to be recovered. */
    g_assert_false(g_file_test(left, G_FILE_TEST_EXISTS));
    g_assert_null(new_recorder(f, 0, &ended));
    g_assert_error(ended, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NO_PROCESS);
}

/* Its loop is held: that is said, and it is recorded from when it polls again. */
static void test_stuck(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    standby_start(f, "unstick");
    weft_recorder *recorder = join(f, 0);
    char *note;
    while (!(note = weft_recorder_note(recorder)))
        drain(recorder);
    g_assert_nonnull(strstr(note, "does not answer: hog holds its loop"));
    g_free(note);
    close(f->input);
    f->input = -1;
    drain_until(recorder, 100);
    g_autoptr(weft_trace) trace = finish(f, recorder);
    assert_beginning(trace);
    g_assert_cmpuint(weft_trace_lost(trace), ==, 0);
    assert_mode(f, "standby");
    standby_kill(f);
}

/* It never polls: the trace has what its tables say. */
static void test_hopeless(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    standby_start(f, "stuck");
    weft_recorder *recorder = join(f, 0);
    drain(recorder);
    g_autoptr(weft_trace) trace = finish(f, recorder);
    g_assert_cmpuint(weft_trace_events(trace), ==, 0);
    assert_beginning(trace);
    g_assert_cmpuint(began(trace, "hog"), ==, WEFT_STATE_RUNNING);
    /* It holds the loop since the trace's beginning, until it was looked at. */
    g_assert_false(weft_trace_source(trace)->ended);
    g_assert_cmpint(weft_trace_begin_ns(trace), ==, 0);
    g_assert_cmpint(weft_trace_source(trace)->end_ns, >, 0);
    standby_kill(f);
}

/* A recorder in a process of its own; it is killed while it records. */
static void record_and_be_killed(struct standby *f)
{
    int said[2];
    char byte;
    g_assert_cmpint(pipe(said), ==, 0);
    pid_t child = child_fork();
    if (child == 0) {
        weft_recorder *recorder = join(f, 0);
        drain_until(recorder, 100);
        if (write(said[1], "r", 1) == 1)
            for (;;)
                pause();
        _exit(1);
    }
    g_assert_cmpint(child, >, 0);
    g_assert_cmpint(read(said[0], &byte, 1), ==, 1);
    assert_mode(f, "stream");
    kill(child, SIGKILL);
    g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
    close(said[0]);
    close(said[1]);
}

static void test_killed(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    standby_start(f, "tick");
    /* The next one need not wait for the lease. */
    record_and_be_killed(f);
    weft_recorder *recorder = join(f, 0);
    drain_until(recorder, 100);
    g_autoptr(weft_trace) trace = finish(f, recorder);
    assert_beginning(trace);
    assert_mode(f, "standby");
    /* Nobody comes: the program is as before. */
    record_and_be_killed(f);
    assert_mode(f, "standby");
    g_autofree char *path = g_build_filename(f->directory, "out.weft", NULL);
    g_unlink(path);
    standby_kill(f);
}

static void test_uncontrolled(struct standby *f, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;
    g_setenv("WEFT_CONTROL", "0", TRUE);
    standby_start(f, "idle");
    g_unsetenv("WEFT_CONTROL");
    g_assert_null(new_recorder(f, 0, &error));
    g_assert_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NO_PROCESS);
    g_assert_nonnull(strstr(error->message, "WEFT_CONTROL=0"));
    standby_kill(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
    g_test_add("/recorder-pid/" name, struct standby, NULL, standby_set_up, function,              \
               standby_tear_down)
    ADD("twice", test_twice);
    ADD("lossy", test_lossy);
    ADD("viewers", test_viewers);
    ADD("refused", test_refused);
    ADD("stuck", test_stuck);
    ADD("hopeless", test_hopeless);
    ADD("killed", test_killed);
    ADD("uncontrolled", test_uncontrolled);
    return g_test_run();
}
