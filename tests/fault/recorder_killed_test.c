/* recorder_killed_test.c: the recorder itself dies at any moment: its file opens up to its last
 * whole chunk, and the program that it recorded goes on. */
#include "tests/child.h"
#include "tests/trace/emitter.h"
#include "tracer/trace/recorder.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void record_for_ever(const char *path)
{
    struct weft_recorder_options options = { .path = path, .session = "killed" };
    weft_recorder *recorder = weft_recorder_new(&options, NULL);
    guint drained;
    while (recorder && weft_recorder_drain(recorder, &drained, NULL))
        if (drained == 0)
            g_usleep(1000);
    _exit(1);
}

static guint64 size_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (guint64)st.st_size : 0;
}

static void assert_readable(const char *path)
{
    GError *error = NULL;
    weft_trace *trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    g_assert_nonnull(strstr(weft_trace_damage(trace), "cut"));
    g_assert_cmpuint(weft_trace_events(trace), >, 0);
    g_assert_cmpstr(weft_trace_source(trace)->program, !=, "");
    struct weft_record *records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    for (guint i = 0; i < weft_trace_n_chunks(trace); i++) {
        g_assert_cmpuint(weft_trace_decode(trace, i, records, &error), >, 0);
        g_assert_no_error(error);
    }
    g_free(records);
    weft_trace_unref(trace);
}

/* What the next recorder of this session would do: unlink what is left. */
static void remove_rings(const struct emitter *emitter)
{
    g_autofree char *rings = g_build_filename(emitter->directory, "weft", NULL);
    g_autoptr(GDir) dir = g_dir_open(rings, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(rings, name, NULL);
        g_unlink(path);
    }
}

static void test_killed(void)
{
    for (guint round = 0; round < 5; round++) {
        struct emitter emitter;
        emitter_set_up(&emitter);
        g_autofree char *path = g_build_filename(emitter.directory, "out.weft", NULL);
        pid_t recorder = child_fork();
        if (recorder == 0)
            record_for_ever(path);
        emitter_start(&emitter, "stream", "killed", 0, "flood", NULL);
        guint64 enough = (guint64)g_test_rand_int_range(20000, 200000);
        while (size_of(path) < enough)
            g_usleep(1000);
        kill(recorder, SIGKILL);
        g_assert_cmpint(waitpid(recorder, NULL, 0), ==, recorder);
        assert_readable(path);
        uint64_t then = emitter.counters->completed;
        while (emitter.counters->completed < then + 100000)
            g_usleep(1000);
        kill(emitter.pid, SIGKILL);
        emitter_wait(&emitter);
        g_unlink(path);
        remove_rings(&emitter);
        emitter_tear_down(&emitter);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/recorder-killed/at-any-moment", test_killed);
    return g_test_run();
}
