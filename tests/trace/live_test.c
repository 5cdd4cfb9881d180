/* live_test.c: following a running program, and saying how it ended. */
#include "tests/trace/emitter.h"
#include "tests/trace/slots.h"
#include "tracer/probe/stale.h"
#include "tracer/trace/live.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static void set_up(struct emitter *e, gconstpointer data G_GNUC_UNUSED)
{
    emitter_set_up(e);
}

static void tear_down(struct emitter *e, gconstpointer data G_GNUC_UNUSED)
{
    emitter_tear_down(e);
}

/* Waits for the program to have emitted all, then attaches. */
static weft_live *attach(struct emitter *e)
{
    while (!e->counters->done)
        g_usleep(1000);
    GError *error = NULL;
    weft_live *live = weft_live_attach((guint64)e->pid, &error);
    g_assert_no_error(error);
    return live;
}

static void poll_until_it_ends(weft_live *live)
{
    while (!weft_live_ended(live)) {
        weft_live_poll(live);
        g_usleep(1000);
    }
}

static void assert_same_events(const weft_trace *a, const weft_trace *b)
{
    g_autofree struct weft_record *x = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    g_autofree struct weft_record *y = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    g_assert_cmpuint(weft_trace_n_chunks(a), ==, weft_trace_n_chunks(b));
    g_assert_cmpuint(weft_trace_lost(a), ==, weft_trace_lost(b));
    for (guint i = 0; i < weft_trace_n_chunks(a); i++) {
        guint n = weft_trace_decode(a, i, x, NULL), m = weft_trace_decode(b, i, y, NULL);
        g_assert_cmpmem(x, n * sizeof *x, y, m * sizeof *y);
        g_assert_cmpuint(weft_trace_chunk(a, i)->current_task, ==,
                         weft_trace_chunk(b, i)->current_task);
    }
}

static void test_exit(struct emitter *e, gconstpointer data G_GNUC_UNUSED)
{
    emitter_start(e, "flight", "", 20000, "wait", NULL);
    weft_live *live = attach(e);
    weft_trace *trace = weft_live_trace(live);
    g_assert_cmpstr(weft_live_status(live), ==, "running");
    while (slots_of(trace) < e->counters->completed)
        weft_live_poll(live);
    g_assert_cmpuint(slots_of(trace), ==, e->counters->completed);
    g_assert_cmpuint(weft_trace_lost(trace), ==, 0);
    g_assert_cmpint(weft_live_now_ns(live), >=, weft_trace_end_ns(trace));
    g_assert_false(weft_trace_source(trace)->ended);
    g_assert_nonnull(strstr(weft_trace_source(trace)->program, "emitter"));
    close(e->input);
    e->input = -1;
    poll_until_it_ends(live);
    g_assert_cmpstr(weft_live_status(live), ==, "ended with 3");
    emitter_wait(e);
    g_assert_cmpuint(slots_of(trace), ==, e->counters->completed);
    g_assert_true(weft_trace_source(trace)->ended);
    g_assert_cmpuint(weft_live_poll(live), ==, 0);

    g_autofree char *path = g_build_filename(e->directory, "saved.weft", NULL);
    g_autoptr(GError) error = NULL;
    g_assert_true(weft_live_save(live, path, &error));
    g_assert_no_error(error);
    g_autoptr(weft_trace) saved = weft_trace_open(path, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(weft_trace_damage(saved), ==, NULL);
    assert_same_events(trace, saved);
    g_assert_cmpint(weft_trace_source(saved)->exit_code, ==, 3);
    g_assert_nonnull(weft_trace_site(saved, 1));
    g_assert_cmpstr(weft_trace_site(saved, 1)->func, ==, weft_trace_site(trace, 1)->func);
    g_unlink(path);
    weft_live_free(live);
}

/* Saved chunk by chunk while it goes on: the file has what was seen before, and is there when it is
 * finished. */
static void test_save_in_steps(struct emitter *e, gconstpointer data G_GNUC_UNUSED)
{
    emitter_start(e, "flight", "", 50000, "wait", NULL);
    weft_live *live = attach(e);
    const weft_trace *trace = weft_live_trace(live);
    while (slots_of(trace) < e->counters->completed)
        weft_live_poll(live);
    guint64 seen = weft_trace_events(trace);
    g_autofree char *path = g_build_filename(e->directory, "saved.weft", NULL);
    g_autoptr(GError) error = NULL;
    weft_livesaver *given_up = weft_livesaver_new(live, path);
    g_assert_true(weft_livesaver_advance(given_up, 1, &error));
    weft_livesaver_free(given_up);
    g_autoptr(weft_livesaver) saver = weft_livesaver_new(live, path);
    close(e->input);
    e->input = -1;
    double progress = 0;
    while (weft_livesaver_advance(saver, 1, &error)) {
        g_assert_cmpfloat(weft_livesaver_progress(saver), >, progress);
        progress = weft_livesaver_progress(saver);
        weft_live_poll(live);
    }
    g_assert_no_error(error);
    poll_until_it_ends(live);
    emitter_wait(e);
    g_assert_cmpuint(weft_trace_events(trace), >, seen);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    g_assert_true(weft_livesaver_finish(saver, &error));
    g_autoptr(weft_trace) saved = weft_trace_open(path, &error);
    g_assert_no_error(error);
    g_assert_null(weft_trace_damage(saved));
    g_assert_cmpuint(weft_livesaver_events(saver), ==, seen);
    g_assert_cmpuint(weft_trace_events(saved), ==, seen);
    g_assert_false(weft_trace_source(saved)->ended);
    g_unlink(path);
    weft_live_free(live);
}

/* A program that runs on: what it overwrites is a loss; after SIGKILL the rest is read. */
static void test_kill(struct emitter *e, gconstpointer data G_GNUC_UNUSED)
{
    emitter_start(e, "flight", "", 0, "flood", "256K");
    while (e->counters->completed < 50000)
        g_usleep(1000);
    g_autoptr(GError) error = NULL;
    weft_live *live = weft_live_attach((guint64)e->pid, &error);
    g_assert_no_error(error);
    weft_trace *trace = weft_live_trace(live);
    while (slots_of(trace) < 200000)
        weft_live_poll(live);
    kill(e->pid, SIGKILL);
    poll_until_it_ends(live);
    emitter_wait(e);
    g_assert_cmpstr(weft_live_status(live), ==, "killed by a signal, or ended by _exit()");
    g_assert_cmpuint(weft_trace_chunk(trace, 0)->first_ordinal, >, 0); /* it came too late */
    guint64 emitted = slots_of(trace) + weft_trace_lost(trace) +
                      weft_trace_chunk(trace, 0)->first_ordinal;
    g_assert_cmpuint(emitted, >=, e->counters->completed);
    g_assert_cmpuint(emitted, <=, e->counters->started);

    /* The black box is still there, and says that its program is dead. */
    g_autoptr(GArray) processes = weft_live_processes();
    g_assert_cmpuint(processes->len, ==, 1);
    const struct weft_live_process *process = &g_array_index(processes, struct weft_live_process,
                                                             0);
    g_assert_cmpuint(process->pid, ==, (guint64)e->pid);
    g_assert_false(process->alive);
    g_autofree char *rings = g_build_filename(e->directory, "weft", NULL);
    g_autoptr(GDir) dir = g_dir_open(rings, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(rings, name, NULL);
        g_unlink(path);
    }
    weft_live_free(live);
}

static char *only_ring(struct emitter *e)
{
    g_autofree char *rings = g_build_filename(e->directory, "weft", NULL);
    g_autoptr(GDir) dir = g_dir_open(rings, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));)
        if (g_str_has_suffix(name, ".ring"))
            return g_build_filename(rings, name, NULL);
    g_assert_not_reached();
}

static gpointer cut_later(gpointer path)
{
    g_usleep((gulong)g_test_rand_int_range(1, 3000));
    g_assert_cmpint(truncate(path, g_test_rand_int_range(0, 2) ? 0 : 70000), ==, 0);
    return NULL;
}

/* Somebody cuts the ring's file while it is read: its program dies of that, the reader does not. */
static void test_cut(struct emitter *e, gconstpointer data G_GNUC_UNUSED)
{
    for (guint round = 0; round < 10; round++) {
        emitter_start(e, "flight", "", 0, "flood", "256K");
        while (e->counters->completed < 10000)
            g_usleep(1000);
        g_autoptr(GError) error = NULL;
        weft_live *live = weft_live_attach((guint64)e->pid, &error);
        g_assert_no_error(error);
        g_autofree char *path = only_ring(e);
        GThread *thread = g_thread_new("cutter", cut_later, path);
        while (!weft_live_ended(live))
            weft_live_poll(live);
        g_thread_join(thread);
        emitter_wait(e);
        guint64 emitted = slots_of(weft_live_trace(live)) + weft_trace_lost(weft_live_trace(live));
        g_assert_cmpuint(emitted, <=, e->counters->started);
        weft_live_free(live);
        weft_segment_remove(path);
    }
}

static void test_refused(struct emitter *e, gconstpointer data G_GNUC_UNUSED)
{
    g_autoptr(GError) not_traced = NULL, gone = NULL, foreign = NULL;
    g_assert_null(weft_live_attach((guint64)getpid(), &not_traced));
    g_assert_error(not_traced, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NO_PROCESS);
    g_assert_nonnull(strstr(not_traced->message, "WEFT_TRACE=off"));
    g_assert_null(weft_live_attach(G_MAXINT32, &gone));
    g_assert_error(gone, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NO_PROCESS);
    g_assert_nonnull(strstr(gone->message, "no process"));
    if (geteuid() != 0) {
        g_assert_null(weft_live_attach(1, &foreign));
        g_assert_nonnull(strstr(foreign->message, "another user"));
    }
    g_autoptr(GArray) processes = weft_live_processes();
    g_assert_cmpuint(processes->len, ==, 0);
    (void)e;
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
    g_test_add("/live/" name, struct emitter, NULL, set_up, function, tear_down)
    ADD("exit", test_exit);
    ADD("save-in-steps", test_save_in_steps);
    ADD("kill", test_kill);
    ADD("cut", test_cut);
    ADD("refused", test_refused);
    return g_test_run();
}
