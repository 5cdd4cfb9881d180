/* strings_full_test.c: a program that says something new each time fills its table of strings: from
 * then on events are recorded without their texts; none is missing, and the program goes on. */
#include "tests/child.h"
#include "tracer/probe/session.h"
#include "tracer/probe/weft-probe.h"
#include "tracer/trace/recorder.h"
#include "tracer/trace/trace.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MARKS = 60000 };

static char *directory;

/* Until the recorder has come after: what is lost would be nothing new. */
static void wait_for_recorder(void)
{
    const struct weft_writer *w = weft_probe_thread_writer();
    while (w->k > atomic_load(&w->ring->consumed) + 2)
        g_usleep(100);
}

static pid_t start_program(void)
{
    pid_t pid = child_fork();
    if (pid > 0)
        return pid;
    g_setenv("WEFT_TRACE", "stream", TRUE);
    g_setenv("WEFT_SESSION", "strings", TRUE);
    for (guint i = 0; i < MARKS; i++) {
        weft_mark_format("this is number %u of many, all of them different", i);
        wait_for_recorder();
    }
    weft_probe_stop(0);
    _exit(0);
}

static void record_program(const char *path)
{
    struct weft_recorder_options options = { .path = path, .session = "strings" };
    g_autoptr(GError) error = NULL;
    weft_recorder *recorder = weft_recorder_new(&options, &error);
    g_assert_no_error(error);
    pid_t pid = start_program(), ended = 0;
    int status = 0;
    while (ended == 0) {
        guint drained;
        g_assert_true(weft_recorder_drain(recorder, &drained, &error));
        ended = waitpid(pid, &status, WNOHANG);
    }
    g_assert_cmpint(status, ==, 0);
    g_assert_true(weft_recorder_finish(recorder, 0, 0, &error));
    weft_recorder_free(recorder);
}

static void test_full(void)
{
    g_autofree char *path = g_build_filename(directory, "out.weft", NULL);
    record_program(path);
    g_autoptr(GError) error = NULL;
    g_autoptr(weft_trace) trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    g_autofree struct weft_record *records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    guint with = 0, without = 0, others = 0;
    for (guint c = 0; c < weft_trace_n_chunks(trace); c++) {
        guint n = weft_trace_decode(trace, c, records, &error);
        g_assert_no_error(error);
        for (guint i = 0; i < n; i++) {
            const char *text = weft_trace_string(trace, (guint32)records[i].object);
            if (records[i].kind != WEFT_RECORD_MARK)
                others++;
            else if (text && g_str_has_prefix(text, "this is number "))
                with++;
            else
                without++;
        }
    }
    g_assert_cmpuint(weft_trace_lost(trace), ==, 0);
    g_assert_cmpuint(with + without, ==, MARKS);
    g_assert_cmpuint(others, ==, 3); /* PROCESS, THREAD, PROCESS_EXIT */
    g_assert_cmpuint(with, >, 1000);
    g_assert_cmpuint(without, >, 1000);
    g_unlink(path);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    directory = g_dir_make_tmp("weft-strings-XXXXXX", NULL);
    g_assert_nonnull(directory);
    g_setenv("XDG_RUNTIME_DIR", directory, TRUE);
    g_test_add_func("/strings-full/marks", test_full);
    int failed = g_test_run();
    g_autofree char *rings = g_build_filename(directory, "weft", NULL);
    g_rmdir(rings);
    g_assert_cmpint(g_rmdir(directory), ==, 0);
    g_free(directory);
    return failed;
}
