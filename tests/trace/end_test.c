/* end_test.c: from when until when a trace tells of its processes, in a file and in what is made of
 * one. */
#include "tracer/trace/cut.h"
#include "tracer/trace/merge.h"
#include "tracer/trace/repair.h"
#include "tracer/trace/window.h"
#include "tracer/trace/writer.h"
#include <glib/gstdio.h>

enum { START = 5000 };

struct fixture {
    char *directory, *path, *other, *out;
};

static void set_up(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    f->directory = g_dir_make_tmp("weft-end-XXXXXX", NULL);
    f->path = g_build_filename(f->directory, "a.weft", NULL);
    f->other = g_build_filename(f->directory, "b.weft", NULL);
    f->out = g_build_filename(f->directory, "c.weft", NULL);
}

static void tear_down(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_unlink(f->path);
    g_unlink(f->other);
    g_unlink(f->out);
    g_assert_cmpint(g_rmdir(f->directory), ==, 0);
    g_free(f->directory);
    g_free(f->path);
    g_free(f->other);
    g_free(f->out);
}

/* A process that starts at START; times since then. */
static struct weft_file_process process(guint64 pid, guint32 ring, gint64 until, gboolean ended)
{
    return (struct weft_file_process){
        .first_ring = ring,
        .pid = pid,
        .boot_id = "one boot",
        .clock_kind = WEFT_CLOCK_MONOTONIC,
        .start = { START, START, 100000 },
        .until = until ? (uint64_t)(START + until) : 0,
        .program = "p",
        .host = "h",
        .ended = ended,
        .exit_code = 3,
    };
}

static void put_process(weft_filewriter *writer, struct weft_file_process process)
{
    g_assert_true(weft_filewriter_process(writer, &process, NULL));
}

static void put(weft_filewriter *writer, guint32 ring, gint64 time, unsigned kind)
{
    struct weft_record record = { .time = (uint64_t)(START + time),
                                  .kind = (uint8_t)kind,
                                  .subject = weft_id(WEFT_ENTITY_TASK, ring, 1) };
    g_assert_true(weft_filewriter_events(writer, ring, &record, 1, 0, NULL));
}

static void finish(weft_filewriter *writer)
{
    g_assert_true(weft_filewriter_finish(writer, NULL));
    weft_filewriter_free(writer);
}

static weft_trace *open_trace(const char *path)
{
    weft_trace *trace = weft_trace_open(path, NULL);
    g_assert_nonnull(trace);
    g_assert_cmpstr(weft_trace_damage(trace), ==, NULL);
    return trace;
}

static void assert_source(const weft_trace *trace, guint i, gint64 begin, gint64 end)
{
    const struct weft_trace_source *source = weft_trace_source_at(trace, i);
    g_assert_cmpint(source->begin_ns, ==, begin);
    g_assert_cmpint(source->end_ns, ==, end);
}

/* A task runs since 100; the process has been seen until `until`. */
static void write_hung(const char *path, guint64 pid, gint64 until, gboolean ended)
{
    weft_filewriter *writer = weft_filewriter_new(path, NULL);
    put_process(writer, process(pid, 0, 0, FALSE));
    put(writer, 0, 100, WEFT_RECORD_RESUME);
    put_process(writer, process(pid, 0, until, ended));
    finish(writer);
}

static void test_said(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    write_hung(f->path, 1, 900, TRUE);
    g_autoptr(weft_trace) trace = open_trace(f->path);
    assert_source(trace, 0, 0, 900);
    g_assert_true(weft_trace_source(trace)->ended);
    g_assert_false(weft_trace_source(trace)->ended_unseen);
    g_assert_cmpint(weft_trace_begin_ns(trace), ==, 0);
    g_assert_cmpint(weft_trace_end_ns(trace), ==, 900);
}

/* Its last event is known, the moment of its end is not. */
static void test_unseen(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    weft_filewriter *writer = weft_filewriter_new(f->path, NULL);
    struct weft_file_process dead = process(1, 0, 40, TRUE);
    dead.ended_unseen = TRUE;
    put(writer, 0, 100, WEFT_RECORD_RESUME);
    put_process(writer, dead);
    finish(writer);
    g_autoptr(weft_trace) trace = open_trace(f->path);
    assert_source(trace, 0, 0, 100);
    g_assert_true(weft_trace_source(trace)->ended);
    g_assert_true(weft_trace_source(trace)->ended_unseen);
}

/* A file that does not say it: a process that has ended goes up to its last event, another to the
 * trace's end. */
static void test_not_said(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    weft_filewriter *writer = weft_filewriter_new(f->path, NULL);
    put_process(writer, process(1, 0, 0, TRUE));
    put_process(writer, process(2, 1, 0, FALSE));
    put(writer, 0, 100, WEFT_RECORD_RESUME);
    put(writer, 1, 70, WEFT_RECORD_RESUME);
    finish(writer);
    g_autoptr(weft_trace) trace = open_trace(f->path);
    assert_source(trace, 0, 0, 100);
    assert_source(trace, 1, 0, G_MAXINT64);
    g_assert_cmpint(weft_trace_end_ns(trace), ==, 100);
}

/* Any numbers may be in the file: events are not outside. */
static void test_lies(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    weft_filewriter *writer = weft_filewriter_new(f->path, NULL);
    struct weft_file_process liar = process(1, 0, 0, TRUE);
    liar.from = UINT64_MAX / 2;
    liar.until = 1;
    put_process(writer, liar);
    put(writer, 0, 100, WEFT_RECORD_RESUME);
    put(writer, 0, 200, WEFT_RECORD_SUSPEND);
    finish(writer);
    g_autoptr(weft_trace) trace = open_trace(f->path);
    assert_source(trace, 0, 100, 200);
}

static void test_cut(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    struct weft_cut_report report;
    write_hung(f->path, 1, 900, TRUE);
    g_autoptr(weft_trace) whole = open_trace(f->path);
    g_assert_true(weft_cut(whole, 300, 500, f->out, &report, NULL));
    g_autoptr(weft_trace) middle = open_trace(f->out);
    assert_source(middle, 0, 300, 500);
    g_assert_false(weft_trace_source(middle)->ended);
    g_assert_cmpint(weft_trace_begin_ns(middle), ==, 300);
    g_assert_cmpint(weft_trace_end_ns(middle), ==, 500);
    /* A window of a window is not larger than that. */
    g_assert_true(weft_cut(middle, 100, 700, f->other, &report, NULL));
    g_autoptr(weft_trace) again = open_trace(f->other);
    assert_source(again, 0, 300, 500);
    g_assert_true(weft_cut(whole, 300, 2000, f->other, &report, NULL));
    g_autoptr(weft_trace) last = open_trace(f->other);
    assert_source(last, 0, 300, 900);
    g_assert_true(weft_trace_source(last)->ended);
}

static void test_merge(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    struct weft_cut_report report;
    struct weft_merge_result result;
    write_hung(f->out, 1, 900, TRUE);
    g_autoptr(weft_trace) whole = open_trace(f->out);
    g_assert_true(weft_cut(whole, 300, 500, f->path, &report, NULL));
    write_hung(f->other, 2, 2000, FALSE);
    const char *const paths[] = { f->path, f->other };
    g_assert_true(weft_merge(paths, 2, f->out, &result, NULL));
    weft_merge_result_clear(&result);
    g_autoptr(weft_trace) merged = open_trace(f->out);
    assert_source(merged, 0, 300, 500);
    assert_source(merged, 1, 0, 2000);
    g_assert_cmpint(weft_trace_end_ns(merged), ==, 2000);
}

static void test_repair(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    struct weft_repair_report report;
    write_hung(f->path, 1, 900, TRUE);
    g_assert_true(weft_repair(f->path, f->out, &report, NULL));
    weft_repair_report_clear(&report);
    g_autoptr(weft_trace) trace = open_trace(f->out);
    assert_source(trace, 0, 0, 900);
}

/* A segment tells what was up to where the next one begins: nothing lies between. */
static void test_segments(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    enum { EVENTS = 12, APART = 1000 };
    weft_filewriter *writer = weft_filewriter_new_segments(f->path, 1, 0, NULL);
    put_process(writer, process(1, 0, 0, FALSE));
    for (gint i = 0; i < EVENTS; i++)
        put(writer, 0, i * APART, i % 2 ? WEFT_RECORD_SUSPEND : WEFT_RECORD_RESUME);
    put_process(writer, process(1, 0, EVENTS * APART, TRUE));
    g_assert_true(weft_filewriter_finish(writer, NULL));
    guint n;
    const char *const *paths = weft_numbering_paths(weft_filewriter_segments(writer), &n);
    g_assert_cmpuint(n, ==, EVENTS);
    for (guint i = 0; i < n; i++) {
        g_autoptr(weft_trace) trace = open_trace(paths[i]);
        assert_source(trace, 0, 0, APART);
        g_assert_cmpint(weft_trace_source(trace)->ended, ==, i + 1 == n);
        g_unlink(paths[i]);
    }
    weft_filewriter_free(writer);
}

static void test_picture(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    weft_filewriter *writer = weft_filewriter_new_window(
        &(struct weft_tracewindow_limits){ .bytes = 1 });
    put_process(writer, process(1, 0, 0, FALSE));
    for (gint i = 0; i < 10; i++) /* the first ones are let go */
        put(writer, 0, i * 100, i % 2 ? WEFT_RECORD_SUSPEND : WEFT_RECORD_RESUME);
    put_process(writer, process(1, 0, 5000, FALSE));
    g_autoptr(weft_tracepicture) picture = weft_filewriter_picture(writer);
    guint64 size;
    g_assert_true(weft_tracepicture_write(picture, f->out, WEFT_SYNC_NEVER, &size, NULL));
    weft_filewriter_free(writer);
    g_autoptr(weft_trace) trace = open_trace(f->out);
    g_assert_true(weft_trace_begins_with_state(trace));
    gint64 first = weft_trace_source(trace)->start_realtime_ns - 100000;
    g_assert_cmpint(first, >, 0);
    assert_source(trace, 0, 0, 5000 - first);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
    g_test_add("/end/" name, struct fixture, NULL, set_up, function, tear_down)
    ADD("said", test_said);
    ADD("unseen", test_unseen);
    ADD("not-said", test_not_said);
    ADD("lies", test_lies);
    ADD("cut", test_cut);
    ADD("merge", test_merge);
    ADD("repair", test_repair);
    ADD("segments", test_segments);
    ADD("picture", test_picture);
    return g_test_run();
}
