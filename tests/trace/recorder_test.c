/* recorder_test.c: recording a real program through the probe, until it exits, is killed, or is too
 * fast: every slot that it emitted is in the file or counted as lost. */
#include "tests/trace/emitter.h"
#include "tests/trace/slots.h"
#include "tests/valgrind.h"
#include "tracer/trace/chunkfile.h"
#include "tracer/trace/recorder.h"
#include "tracer/trace/state.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct fixture {
    struct emitter emitter;
    char *path;
    weft_recorder *recorder;
};

static void set_up(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    emitter_set_up(&f->emitter);
    f->path = g_build_filename(f->emitter.directory, "out.weft", NULL);
    struct weft_recorder_options options = { .path = f->path, .session = "test-session" };
    GError *error = NULL;
    f->recorder = weft_recorder_new(&options, &error);
    g_assert_no_error(error);
}

static void tear_down(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    weft_recorder_free(f->recorder);
    g_unlink(f->path);
    g_free(f->path);
    emitter_tear_down(&f->emitter);
}

static guint drain(struct fixture *f)
{
    GError *error = NULL;
    guint drained;
    weft_recorder_drain(f->recorder, &drained, &error);
    g_assert_no_error(error);
    return drained;
}

/* A recorder looks no more often than every millisecond: design.md, Reader. */
static void rest(void)
{
    g_usleep(1000);
}

static int drain_until_it_ends(struct fixture *f)
{
    int status;
    while (!emitter_ended(&f->emitter, &status))
        if (drain(f) == 0)
            rest();
    return status;
}

static weft_trace *finish_and_open(struct fixture *f, int exit_code, int exit_signal)
{
    GError *error = NULL;
    weft_recorder_finish(f->recorder, exit_code, exit_signal, &error);
    g_assert_no_error(error);
    weft_trace *trace = weft_trace_open(f->path, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(weft_trace_damage(trace), ==, NULL);
    return trace;
}

struct counted {
    guint64 slots, of_kind[WEFT_RECORD_KIND_END];
};

/* Decodes everything; checks what holds of any trace. */
static struct counted count(const weft_trace *trace)
{
    struct counted counted = { 0 };
    struct weft_record *records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    uint64_t last = 0;
    g_autoptr(weft_state) state = weft_state_new();
    for (guint c = 0; c < weft_trace_n_chunks(trace); c++) {
        const struct weft_trace_chunk *chunk = weft_trace_chunk(trace, c);
        g_autoptr(GError) error = NULL;
        guint n = weft_trace_decode(trace, c, records, &error);
        g_assert_no_error(error);
        if (chunk->lost_before)
            weft_state_apply_loss(state, 0, chunk->first_ns);
        else
            g_assert_cmpuint(chunk->current_task, ==, weft_state_running(state, 0));
        weft_state_apply_chunk(state, 0, chunk->current_task, chunk->first_ns);
        for (guint i = 0; i < n; i++) {
            g_assert_cmpuint(records[i].time, >=, last);
            last = records[i].time;
            counted.of_kind[records[i].kind]++;
            if (records[i].kind == WEFT_RECORD_SUSPEND) /* the actor is known, loss or not */
                g_assert_cmpuint(weft_state_running(state, 0), ==, records[i].subject);
            weft_state_apply(state, 0, &records[i], NULL);
            i += records[i].flags & WEFT_RECORD_EXT;
        }
        counted.slots += n;
    }
    g_free(records);
    return counted;
}

static void assert_exact(struct fixture *f, const weft_trace *trace)
{
    struct counted counted = count(trace);
    guint64 emitted = counted.slots + weft_trace_lost(trace);
    g_assert_cmpuint(emitted, >=, f->emitter.counters->completed);
    g_assert_cmpuint(emitted, <=, f->emitter.counters->started);
    g_assert_cmpuint(weft_recorder_stats(f->recorder).lost, ==, weft_trace_lost(trace));
    g_assert_cmpuint(weft_recorder_stats(f->recorder).events, ==, weft_trace_events(trace));
}

/* ---- A program that ends by itself ---- */

static void test_exit(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    emitter_start(&f->emitter, "stream", "test-session", 100000, "exit", NULL);
    int status = drain_until_it_ends(f);
    g_assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
    g_autoptr(weft_trace) trace = finish_and_open(f, 3, 0);
    assert_exact(f, trace);
    g_assert_cmpuint(weft_trace_lost(trace), ==, 0);
    struct counted counted = count(trace);
    g_assert_cmpuint(counted.of_kind[WEFT_RECORD_PROCESS], ==, 1);
    g_assert_cmpuint(counted.of_kind[WEFT_RECORD_TASK_NEW], ==, 2);
    g_assert_cmpuint(counted.of_kind[WEFT_RECORD_PROCESS_EXIT], ==, 1);
    const struct weft_trace_source *source = weft_trace_source(trace);
    g_assert_cmpuint(source->pid, ==, (guint64)f->emitter.pid);
    g_assert_true(source->ended);
    g_assert_cmpint(source->exit_code, ==, 3);
    g_assert_nonnull(strstr(source->program, "emitter"));
    g_assert_true(weft_recorder_stats(f->recorder).attached);
}

/* Names, sites and times of the file are the program's. */
static void test_names_and_times(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    gint64 before = g_get_real_time() * 1000;
    emitter_start(&f->emitter, "stream", "test-session", 100, "exit", NULL);
    drain_until_it_ends(f);
    g_autoptr(weft_trace) trace = finish_and_open(f, 3, 0);
    gint64 after = g_get_real_time() * 1000;
    gint64 start = weft_trace_source(trace)->start_realtime_ns;
    g_assert_cmpint(start, >=, before - 1000000);
    g_assert_cmpint(start + weft_trace_end_ns(trace), <=, after + 1000000);
    struct weft_record *records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    guint n = weft_trace_decode(trace, 0, records, NULL), named = 0;
    for (guint i = 0; i < n; i++) {
        if (records[i].kind == WEFT_RECORD_TASK_NAME) {
            const char *name = weft_trace_string(trace, (uint32_t)records[i].object);
            g_assert_cmpstr(name, ==, named++ ? "pong" : "ping");
            const struct weft_trace_site *site = weft_trace_site(trace, records[i].site);
            g_assert_nonnull(site);
            g_assert_cmpstr(site->func, ==, "create_task");
            g_assert_true(g_str_has_suffix(site->file, "emitter.c"));
        }
        i += records[i].flags & WEFT_RECORD_EXT;
    }
    g_assert_cmpuint(named, ==, 2);
    g_free(records);
}

/* ---- One that is killed ---- */

static void test_kill(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    emitter_start(&f->emitter, "stream", "test-session", 0, "flood", NULL);
    guint64 enough = (guint64)g_test_rand_int_range(1, 100000);
    while (f->emitter.counters->completed < enough)
        drain(f);
    g_assert_cmpint(kill(f->emitter.pid, SIGKILL), ==, 0);
    int status = emitter_wait(&f->emitter);
    g_assert_true(WIFSIGNALED(status));
    g_autoptr(weft_trace) trace = finish_and_open(f, 0, WTERMSIG(status));
    assert_exact(f, trace);
    g_assert_true(weft_trace_source(trace)->ended);
    g_assert_cmpint(weft_trace_source(trace)->exit_signal, ==, SIGKILL);
}

/* ---- One that is faster than its recorder ---- */

static void test_overrun(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    emitter_start(&f->emitter, "stream", "test-session", 200000, "exit", "192K");
    int status;
    do {
        while (!weft_recorder_stats(f->recorder).attached)
            drain(f);
        for (guint i = 0; i < 20; i++)
            rest();
        drain(f);
    } while (!emitter_ended(&f->emitter, &status));
    g_autoptr(weft_trace) trace = finish_and_open(f, 3, 0);
    g_assert_cmpuint(weft_trace_lost(trace), >, 0);
    g_assert_cmpuint(weft_recorder_stats(f->recorder).dropped, >, 0);
    assert_exact(f, trace);
}

/* ---- Limits and failures ---- */

/* Segments of a size: together they hold it all. */
static void test_max_size(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    weft_recorder_free(f->recorder);
    struct weft_recorder_options options = { f->path, "test-session", 400000 };
    f->recorder = weft_recorder_new(&options, NULL);
    emitter_start(&f->emitter, "stream", "test-session", 0, "flood", NULL);
    guint n = 1;
    for (; n < 4; weft_recorder_paths(f->recorder, &n))
        if (drain(f) == 0)
            rest();
    kill(f->emitter.pid, SIGKILL);
    emitter_wait(&f->emitter);
    g_assert_true(weft_recorder_finish(f->recorder, 0, SIGKILL, NULL));
    const char *const *paths = weft_recorder_paths(f->recorder, &n);
    guint64 slots = 0, lost = 0;
    for (guint i = 0; i < n; i++) {
        g_autoptr(weft_trace) trace = weft_trace_open(paths[i], NULL);
        g_assert_cmpstr(weft_trace_damage(trace), ==, NULL);
        g_assert_cmpuint(weft_trace_file_size(trace), <=, 400000);
        g_assert_true(weft_trace_begins_with_state(trace) == (i > 0));
        for (guint c = 0; c < weft_trace_n_chunks(trace); c++)
            slots += weft_trace_chunk(trace, c)->slots;
        lost += weft_trace_lost(trace);
        if (i > 0)
            g_unlink(paths[i]);
    }
    g_assert_cmpuint(slots + lost, >=, f->emitter.counters->completed);
    g_assert_cmpuint(slots + lost, <=, f->emitter.counters->started);
}

/* ---- A window ---- */

static weft_trace *write_picture(struct fixture *f)
{
    GError *error = NULL;
    guint64 size;
    g_autoptr(weft_tracepicture) picture = weft_recorder_picture(f->recorder, &error);
    g_assert_no_error(error);
    g_assert_true(weft_tracepicture_write(picture, f->path, WEFT_SYNC_NEVER, &size, &error));
    weft_trace *trace = weft_trace_open(f->path, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(weft_trace_damage(trace), ==, NULL);
    return trace;
}

static void record_window(struct fixture *f, guint64 bytes, weft_condition *condition)
{
    weft_recorder_free(f->recorder);
    g_unlink(f->path);
    struct weft_recorder_options options = { .path = f->path,
                                             .session = "test-session",
                                             .window = { .bytes = bytes },
                                             .condition = condition };
    f->recorder = weft_recorder_new(&options, NULL);
    g_assert_false(g_file_test(f->path, G_FILE_TEST_EXISTS));
}

/* Killed at any moment: emitted = in the picture + lost + evicted. */
static void test_window(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    record_window(f, 100000, NULL);
    emitter_start(&f->emitter, "stream", "test-session", 0, "flood", NULL);
    guint64 enough = 100000 + (guint64)g_test_rand_int_range(0, 1000000);
    while (f->emitter.counters->completed < enough ||
           weft_recorder_stats(f->recorder).window.evicted_slots == 0)
        drain(f);
    weft_trace_unref(write_picture(f)); /* while it runs */
    drain(f);
    kill(f->emitter.pid, SIGKILL);
    emitter_wait(&f->emitter);
    g_assert_true(weft_recorder_finish(f->recorder, 0, SIGKILL, NULL));
    g_autoptr(weft_trace) trace = write_picture(f);
    struct weft_recorder_stats stats = weft_recorder_stats(f->recorder);
    g_assert_cmpuint(stats.window.evicted_slots, >, 0);
    g_assert_cmpuint(weft_trace_lost(trace) + stats.window.evicted_lost, ==, stats.lost);
    guint64 emitted = slots_of(trace) + stats.lost + stats.window.evicted_slots;
    g_assert_cmpuint(emitted, >=, f->emitter.counters->completed);
    g_assert_cmpuint(emitted, <=, f->emitter.counters->started);
    g_assert_cmpuint(weft_trace_events(trace) + stats.window.evicted_events, ==, stats.events);
    g_assert_cmpint(weft_trace_source(trace)->exit_signal, ==, SIGKILL);
    g_assert_true(weft_trace_begins_with_state(trace));
    g_assert_cmpint(weft_trace_chunk(trace, 0)->first_ns, <, 1000);
}

/* The condition is asked of what is read, when it is read. */
static void test_condition(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    weft_condition *condition = weft_condition_parse("tasks>1 or wait>1h", 18, NULL, NULL);
    record_window(f, 1 << 20, condition);
    emitter_start(&f->emitter, "stream", "test-session", 1000, "wait", NULL);
    struct weft_condition_hit hit;
    guint hits;
    while ((hits = weft_recorder_hits(f->recorder, &hit)) == 0)
        drain(f);
    g_assert_cmpuint(hits, ==, 1);
    g_assert_cmpstr(hit.term, ==, "tasks>1");
    g_assert_cmpint(hit.value, ==, 2);
    close(f->emitter.input);
    f->emitter.input = -1;
    drain_until_it_ends(f);
    g_assert_cmpuint(weft_recorder_hits(f->recorder, &hit), ==, 0);
    weft_recorder_finish(f->recorder, 3, 0, NULL);
    weft_condition_free(condition);
}

static void test_nobody_comes(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    /* Another session's program is none of ours. */
    emitter_start(&f->emitter, "stream", "another", 100, "wait", NULL);
    while (!f->emitter.counters->done)
        g_assert_cmpuint(drain(f), ==, 0);
    g_autoptr(weft_trace) trace = finish_and_open(f, 0, 0);
    g_assert_false(weft_recorder_stats(f->recorder).attached);
    g_assert_cmpuint(weft_trace_n_chunks(trace), ==, 0);
    /* Its own recorder takes it over. */
    weft_recorder_free(f->recorder);
    struct weft_recorder_options options = { .path = f->path, .session = "another" };
    f->recorder = weft_recorder_new(&options, NULL);
    close(f->emitter.input);
    f->emitter.input = -1;
    drain_until_it_ends(f);
    g_autoptr(weft_trace) theirs = finish_and_open(f, 3, 0);
    assert_exact(f, theirs);
    g_assert_cmpuint(weft_trace_lost(theirs), ==, 0);
}

/* Two recordings into one file would be none. */
static void test_one_file(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    struct weft_recorder_options options = { .path = f->path, .session = "another" };
    g_autoptr(GError) error = NULL;
    g_assert_null(weft_recorder_new(&options, &error));
    g_assert_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO);
    g_assert_nonnull(strstr(error->message, "out.weft: another recording is writing it"));
    g_assert_true(weft_recorder_finish(f->recorder, 0, 0, NULL));
    weft_recorder *next = weft_recorder_new(&options, NULL); /* the first has ended */
    g_assert_nonnull(next);
    weft_recorder_free(next);
}

static void test_unwritable(void)
{
    struct emitter emitter;
    emitter_set_up(&emitter);
    g_autofree char *path = g_build_filename(emitter.directory, "missing", "x.weft", NULL);
    struct weft_recorder_options options = { .path = path, .session = "s" };
    g_autoptr(GError) error = NULL;
    g_assert_null(weft_recorder_new(&options, &error));
    g_assert_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO);
    g_assert_nonnull(strstr(error->message, path));
    g_autofree char *nowhere = g_build_filename(emitter.directory, "nowhere", NULL);
    g_setenv("XDG_RUNTIME_DIR", nowhere, TRUE);
    g_autoptr(GError) runtime = NULL;
    g_assert_null(weft_recorder_new(&options, &runtime));
    g_assert_error(runtime, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO);
    g_assert_nonnull(strstr(runtime->message, nowhere));
    emitter_tear_down(&emitter);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
    g_test_add("/recorder/" name, struct fixture, NULL, set_up, function, tear_down)
    ADD("exit", test_exit);
    ADD("names-and-times", test_names_and_times);
    for (guint i = 0; i < (SLOW ? 2 : 10); i++) {
        g_autofree char *path = g_strdup_printf("/recorder/kill/%u", i);
        g_test_add(path, struct fixture, NULL, set_up, test_kill, tear_down);
    }
    ADD("overrun", test_overrun);
    ADD("max-size", test_max_size);
    ADD("window", test_window);
    ADD("condition", test_condition);
    ADD("nobody-comes", test_nobody_comes);
    ADD("one-file", test_one_file);
    g_test_add_func("/recorder/unwritable", test_unwritable);
    return g_test_run();
}
