/* window_test.c: what a window keeps, what it lets go and how that is counted, and that a picture
 * of it is a trace that opens alone. */
#include "tests/trace/steady.h"
#include "tracer/trace/window.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct fixture {
    char *directory, *path;
    struct steady steady;
};

static void set_up(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    f->directory = g_dir_make_tmp("weft-window-XXXXXX", NULL);
    g_assert_nonnull(f->directory);
    f->path = g_build_filename(f->directory, "t.weft", NULL);
}

static void tear_down(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    weft_filewriter_free(f->steady.writer);
    steady_finish(&f->steady);
    g_unlink(f->path);
    g_assert_cmpint(g_rmdir(f->directory), ==, 0); /* nothing else was left: no temporary file */
    g_free(f->path);
    g_free(f->directory);
}

static void begin(struct fixture *f, guint64 bytes)
{
    struct weft_tracewindow_limits limits = { .bytes = bytes };
    steady_begin(&f->steady, weft_filewriter_new_window(&limits));
}

static weft_trace *take(struct fixture *f)
{
    GError *error = NULL;
    guint64 size;
    g_autoptr(weft_tracepicture) picture = weft_filewriter_picture(f->steady.writer);
    g_assert_true(weft_tracepicture_write(picture, f->path, WEFT_SYNC_END, &size, &error));
    g_assert_no_error(error);
    weft_trace *trace = weft_trace_open(f->path, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(weft_trace_file_size(trace), ==, size);
    g_assert_cmpuint(weft_trace_events(trace), ==, weft_tracepicture_events(picture));
    return trace;
}

/* emitted = in the trace + lost + evicted, exactly. */
static void assert_law(const struct fixture *f, const struct steady_found *found)
{
    struct weft_tracewindow_stats stats = weft_filewriter_window_stats(f->steady.writer);
    g_assert_cmpuint(f->steady.slots, ==, found->slots + stats.evicted_slots);
    g_assert_cmpuint(f->steady.lost, ==, found->lost + stats.evicted_lost);
}

static void test_everything(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    begin(f, 64 << 20);
    for (guint i = 0; i < 50; i++)
        steady_write(&f->steady, 600);
    g_autoptr(weft_trace) trace = take(f);
    g_assert_false(weft_trace_begins_with_state(trace));
    struct steady_found found = steady_check(&f->steady, trace);
    assert_law(f, &found);
    g_assert_cmpuint(found.slots, ==, f->steady.slots);
    g_assert_cmpuint(found.first[0] + found.first[1], ==, 0);
}

static void test_the_last_bytes(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    const guint64 limit = 64 << 10;
    begin(f, limit);
    for (guint i = 0; i < 1000; i++) {
        steady_write(&f->steady, 300 + i % 100);
        if (i % 97 == 50)
            steady_lose(&f->steady, 10 + i, i % 3);
        struct weft_tracewindow_stats stats = weft_filewriter_window_stats(f->steady.writer);
        g_assert_cmpuint(stats.bytes, <, limit + limit / 4);
    }
    g_autoptr(weft_trace) trace = take(f);
    g_assert_true(weft_trace_begins_with_state(trace));
    struct steady_found found = steady_check(&f->steady, trace);
    assert_law(f, &found);
    g_assert_cmpuint(found.slots, <, f->steady.slots);
    g_assert_cmpuint(weft_trace_file_size(trace), >, limit / 2);
}

/* At any moment, whatever is in it just then. */
static void test_at_any_moment(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    begin(f, 8 << 10);
    for (guint i = 0; i < 150; i++) {
        steady_write(&f->steady, (guint)g_test_rand_int_range(3, 500));
        if (g_test_rand_int_range(0, 20) == 0)
            steady_lose(&f->steady, (guint64)g_test_rand_int_range(0, 100), 1);
        g_autoptr(weft_trace) trace = take(f);
        struct steady_found found = steady_check(&f->steady, trace);
        assert_law(f, &found);
    }
}

/* By time: what is asked for is there, and one group more at most. */
static void test_the_last_seconds(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    begin(f, 0);
    const guint64 second = 1000000000;
    struct weft_tracewindow_limits limits = { .ns = 8 * second };
    weft_tracewindow *window = weft_tracewindow_new(&limits);
    guint8 payload[16] = { 0 };
    guint32 slots = 1;
    memcpy(payload + 8, &slots, sizeof slots);
    struct weft_chunk_header events = { .kind = WEFT_CHUNK_EVENTS, .n = 1, .stored = 16 },
                             state = { .kind = WEFT_CHUNK_STATE, .n = 1, .stored = 16 };
    for (guint64 now = 0; now < 100; now++) {
        events.first_time = now + 1;
        if (weft_tracewindow_wants_state(window, now * second))
            weft_tracewindow_add(window, &state, payload, now * second);
        weft_tracewindow_add(window, &events, payload, now * second);
        uint64_t first = weft_tracewindow_begin(window);
        if (now <= 8)
            g_assert_cmpuint(first, ==, 0);
        else /* events of seconds 1, 2 ... : the last eight, and this one */
            g_assert_cmpuint(first, ==, now + 1 - 8);
        g_assert_cmpuint(weft_tracewindow_stats(window, now * second).ns, ==, MIN(now, 8) * second);
    }
    g_assert_cmpuint(weft_tracewindow_stats(window, 0).evicted_slots, ==, 91);
    weft_tracewindow_free(window);
}

/* A picture is of its moment: the recording goes on, and ends, without it. */
static void test_picture_stays(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    begin(f, 16 << 10);
    for (guint i = 0; i < 100; i++)
        steady_write(&f->steady, 300);
    g_autoptr(weft_tracepicture) picture = weft_filewriter_picture(f->steady.writer);
    guint64 events = weft_tracepicture_events(picture), size;
    for (guint i = 0; i < 100; i++)
        steady_write(&f->steady, 300);
    g_clear_pointer(&f->steady.writer, weft_filewriter_free);
    g_assert_true(weft_tracepicture_write(picture, f->path, WEFT_SYNC_NEVER, &size, NULL));
    g_autoptr(weft_trace) trace = weft_trace_open(f->path, NULL);
    g_assert_cmpuint(weft_trace_events(trace), ==, events);
    g_assert_cmpuint(steady_check_part(trace).slots, ==, events);
    /* Once more, as it was. */
    g_assert_true(weft_tracepicture_write(picture, f->path, WEFT_SYNC_NEVER, &size, NULL));
}

static void test_empty(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    begin(f, 1 << 20);
    g_autoptr(weft_trace) trace = take(f);
    g_assert_cmpuint(weft_trace_events(trace), ==, 0);
    g_assert_cmpuint(weft_trace_lost(trace), ==, 0);
}

/* ---- When it cannot be written ---- */

static void test_no_directory(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    begin(f, 1 << 20);
    steady_write(&f->steady, 300);
    g_autofree char *path = g_build_filename(f->directory, "nowhere", "t.weft", NULL);
    g_autoptr(weft_tracepicture) picture = weft_filewriter_picture(f->steady.writer);
    g_autoptr(GError) error = NULL;
    guint64 size;
    g_assert_false(weft_tracepicture_write(picture, path, WEFT_SYNC_END, &size, &error));
    g_assert_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO);
    g_assert_nonnull(strstr(error->message, path));
}

/* In a child: a limit on the size of files cannot be lifted again. */
static void write_with_limit(struct fixture *f)
{
    struct rlimit limit = { 4096, 4096 };
    signal(SIGXFSZ, SIG_IGN);
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
    g_autoptr(weft_tracepicture) picture = weft_filewriter_picture(f->steady.writer);
    g_autoptr(GError) error = NULL;
    guint64 size;
    g_assert_false(weft_tracepicture_write(picture, f->path, WEFT_SYNC_END, &size, &error));
    g_assert_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO);
    g_autofree char *expected = g_strdup_printf("cannot write %s: File too large; nothing was "
                                                "written",
                                                f->path);
    g_assert_cmpstr(error->message, ==, expected);
}

/* What was there under that name stays as it was. */
static void test_does_not_fit(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    begin(f, 1 << 20);
    steady_write(&f->steady, 300);
    weft_trace_unref(take(f));
    guint64 slots = f->steady.slots;
    for (guint i = 0; i < 30; i++)
        steady_write(&f->steady, 3000);
    pid_t pid = fork();
    g_assert_cmpint(pid, >=, 0);
    if (pid == 0) {
        write_with_limit(f);
        _exit(0);
    }
    int status;
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    g_autoptr(weft_trace) trace = weft_trace_open(f->path, NULL);
    g_assert_cmpuint(weft_trace_events(trace), ==, slots);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
    g_test_add("/window/" name, struct fixture, NULL, set_up, function, tear_down)
    ADD("everything", test_everything);
    ADD("the-last-bytes", test_the_last_bytes);
    ADD("at-any-moment", test_at_any_moment);
    ADD("the-last-seconds", test_the_last_seconds);
    ADD("picture-stays", test_picture_stays);
    ADD("empty", test_empty);
    ADD("no-directory", test_no_directory);
    ADD("does-not-fit", test_does_not_fit);
    return g_test_run();
}
