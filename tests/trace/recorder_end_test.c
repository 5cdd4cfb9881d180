/* recorder_end_test.c: a recording tells until when it saw its programs, which may do nothing for
 * long before they end. */
#include "tests/trace/emitter.h"
#include "tracer/probe/clock.h"
#include "tracer/trace/recorder.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define MS G_GINT64_CONSTANT(1000000)

enum { PROCESSES = 2 };

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
}

static void tear_down(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    weft_recorder_free(f->recorder);
    g_unlink(f->path);
    g_free(f->path);
    for (guint i = 0; i < PROCESSES; i++)
        emitter_tear_down(&f->emitters[i]);
}

static void record(struct fixture *f, gboolean children, guint64 window)
{
    struct weft_recorder_options options = { .path = f->path,
                                             .session = "test-session",
                                             .children = children,
                                             .window = { .bytes = window } };
    GError *error = NULL;
    f->recorder = weft_recorder_new(&options, &error);
    g_assert_no_error(error);
}

static void start(struct fixture *f, guint i, const char *how)
{
    emitter_start(&f->emitters[i], "stream", "test-session", 100, how, NULL);
}

static guint drain(struct fixture *f)
{
    GError *error = NULL;
    guint drained;
    weft_recorder_drain(f->recorder, &drained, &error);
    g_assert_no_error(error);
    return drained;
}

/* All that it emits is read, and then nothing comes for 20 ms. Returns the time before the last
 * look at it. */
static guint64 drain_silence(struct fixture *f, guint i)
{
    guint processes = i + 1;
    while (!f->emitters[i].counters->done || weft_recorder_stats(f->recorder).processes < processes)
        drain(f);
    while (drain(f) > 0)
        continue;
    guint64 until = weft_clock_monotonic_ns() + 20 * MS;
    while (weft_clock_monotonic_ns() < until)
        drain(f);
    guint64 now = weft_clock_monotonic_ns();
    drain(f);
    return now;
}

static weft_trace *open_trace(struct fixture *f)
{
    weft_trace *trace = weft_trace_open(f->path, NULL);
    g_assert_nonnull(trace);
    g_assert_cmpstr(weft_trace_damage(trace), ==, NULL);
    return trace;
}

static weft_trace *finish_and_open(struct fixture *f, int exit_code, int exit_signal)
{
    GError *error = NULL;
    weft_recorder_finish(f->recorder, exit_code, exit_signal, &error);
    g_assert_no_error(error);
    return open_trace(f);
}

static const struct weft_trace_source *source_of(const weft_trace *trace, const struct emitter *e)
{
    for (guint i = 0; i < weft_trace_n_sources(trace); i++)
        if (weft_trace_source_at(trace, i)->pid == (guint64)e->pid)
            return weft_trace_source_at(trace, i);
    g_assert_not_reached();
}

static gint64 last_event(const weft_trace *trace, const struct weft_trace_source *source)
{
    gint64 last = -1;
    for (guint i = 0; i < weft_trace_n_chunks(trace); i++) {
        const struct weft_trace_chunk *chunk = weft_trace_chunk(trace, i);
        guint of = weft_trace_source_of(trace, chunk->ring);
        if (weft_trace_source_at(trace, of) == source)
            last = MAX(last, chunk->last_ns);
    }
    return last;
}

/* It was seen until between these moments, long after its last event; whoever looked only after a
 * tenth of a second, since the machine did other things, cannot tell. */
static void assert_seen(const weft_trace *trace, const struct weft_trace_source *source,
                        guint64 from, guint64 to)
{
    g_assert_cmpint(source->end_ns, >=, weft_trace_from_monotonic(trace, from) - MS);
    g_assert_cmpint(source->end_ns, <=, weft_trace_from_monotonic(trace, to) + MS);
    g_assert_cmpint(source->end_ns, >, last_event(trace, source) + 10 * MS);
    g_assert_true(!source->ended_unseen || to - from > 100 * MS);
}

static void kill_it(struct emitter *e)
{
    g_assert_cmpint(kill(e->pid, SIGKILL), ==, 0);
    emitter_wait(e);
}

/* Returns the time after the look at it. */
static guint64 kill_and_look(struct fixture *f, guint i)
{
    kill_it(&f->emitters[i]);
    drain(f);
    return weft_clock_monotonic_ns();
}

static void test_killed(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    record(f, FALSE, 0);
    start(f, 0, "wait");
    guint64 from = drain_silence(f, 0), to = kill_and_look(f, 0);
    g_autoptr(weft_trace) trace = finish_and_open(f, 0, SIGKILL);
    const struct weft_trace_source *source = weft_trace_source(trace);
    g_assert_true(source->ended);
    g_assert_cmpint(source->exit_signal, ==, SIGKILL);
    assert_seen(trace, source, from, to);
    g_assert_cmpint(weft_trace_end_ns(trace), ==, source->end_ns);
}

/* Nobody looked when it died: how is known, when is not. */
static void test_unseen(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    record(f, FALSE, 0);
    start(f, 0, "wait");
    drain_silence(f, 0);
    guint64 to = weft_clock_monotonic_ns();
    kill_it(&f->emitters[0]);
    g_usleep(120000);
    g_autoptr(weft_trace) trace = finish_and_open(f, 0, SIGKILL);
    const struct weft_trace_source *source = weft_trace_source(trace);
    g_assert_true(source->ended_unseen);
    g_assert_cmpint(source->exit_signal, ==, SIGKILL);
    g_assert_cmpint(source->end_ns, <=, weft_trace_from_monotonic(trace, to) + MS);
}

/* One that says goodbye tells when. */
static void test_exit(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    record(f, FALSE, 0);
    start(f, 0, "exit");
    while (!f->emitters[0].counters->done || !weft_recorder_stats(f->recorder).attached)
        drain(f);
    emitter_wait(&f->emitters[0]);
    g_autoptr(weft_trace) trace = finish_and_open(f, 3, 0);
    const struct weft_trace_source *source = weft_trace_source(trace);
    g_assert_true(source->ended);
    g_assert_false(source->ended_unseen);
    g_assert_cmpint(source->end_ns, ==, last_event(trace, source));
}

/* The recording ends, the program goes on. */
static void test_goes_on(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    record(f, FALSE, 0);
    start(f, 0, "wait");
    guint64 from = drain_silence(f, 0);
    g_autoptr(weft_trace) trace = finish_and_open(f, 0, 0);
    g_assert_false(weft_trace_source(trace)->ended);
    assert_seen(trace, weft_trace_source(trace), from, weft_clock_monotonic_ns());
    kill_it(&f->emitters[0]);
}

/* A picture of a window goes up to when it was taken. */
static void test_picture(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    record(f, FALSE, 1 << 20);
    start(f, 0, "wait");
    guint64 from = drain_silence(f, 0), size;
    g_autoptr(weft_tracepicture) picture = weft_recorder_picture(f->recorder, NULL);
    guint64 to = weft_clock_monotonic_ns();
    g_assert_true(weft_tracepicture_write(picture, f->path, WEFT_SYNC_NEVER, &size, NULL));
    g_autoptr(weft_trace) trace = open_trace(f);
    g_assert_false(weft_trace_source(trace)->ended);
    assert_seen(trace, weft_trace_source(trace), from, to);
    kill_it(&f->emitters[0]);
    g_assert_true(weft_recorder_finish(f->recorder, 0, SIGKILL, NULL));
}

/* Of two processes, one is killed before the other, which is the program itself or its child. */
static void test_children(struct fixture *f, gconstpointer program)
{
    record(f, TRUE, 0);
    start(f, 0, "wait");
    guint64 from = drain_silence(f, 0);
    if (program)
        weft_recorder_set_program(f->recorder, (guint64)f->emitters[0].pid);
    guint64 to = kill_and_look(f, 0);
    start(f, 1, "wait");
    guint64 later = drain_silence(f, 1), end = kill_and_look(f, 1);
    g_autoptr(weft_trace) trace = finish_and_open(f, 0, SIGKILL);
    const struct weft_trace_source *first = source_of(trace, &f->emitters[0]);
    g_assert_true(first->ended);
    assert_seen(trace, first, from, to);
    assert_seen(trace, source_of(trace, &f->emitters[1]), later, end);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, data, function)                                                                  \
    g_test_add("/recorder-end/" name, struct fixture, data, set_up, function, tear_down)
    weft_clock_init();
    ADD("killed", NULL, test_killed);
    ADD("unseen", NULL, test_unseen);
    ADD("exit", NULL, test_exit);
    ADD("goes-on", NULL, test_goes_on);
    ADD("picture", NULL, test_picture);
    ADD("children/child", NULL, test_children);
    ADD("children/program", "program", test_children);
    return g_test_run();
}
