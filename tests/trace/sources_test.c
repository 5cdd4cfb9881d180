/* sources_test.c: a trace file of several processes: who they are, and whose ring is whose. */
#include "tracer/trace/writer.h"
#include <glib/gstdio.h>
#include <string.h>

#define MS UINT64_C(1000000)

struct fixture {
    char *directory, *path;
    weft_filewriter *writer;
};

static void set_up(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    f->directory = g_dir_make_tmp("weft-sources-XXXXXX", NULL);
    f->path = g_build_filename(f->directory, "test.weft", NULL);
    f->writer = weft_filewriter_new(f->path, NULL);
    g_assert_nonnull(f->writer);
}

static void tear_down(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    weft_filewriter_free(f->writer);
    g_unlink(f->path);
    g_assert_cmpint(g_rmdir(f->directory), ==, 0);
    g_free(f->directory);
    g_free(f->path);
}

static void put_process(struct fixture *f, guint32 ring, guint64 pid, guint64 start_ms,
                        gboolean ended)
{
    char program[32];
    g_snprintf(program, sizeof program, "program %u", (guint)pid);
    struct weft_file_process process = {
        .first_ring = ring,
        .pid = pid,
        .start_time = 7,
        .boot_id = "one boot",
        .clock_kind = WEFT_CLOCK_MONOTONIC,
        .start = { start_ms * MS, start_ms * MS, (1000 + start_ms) * MS },
        .program = program,
        .host = "loom",
        .ended = ended,
        .exit_code = (int)pid,
    };
    g_assert_true(weft_filewriter_process(f->writer, &process, NULL));
}

static void put_mark(struct fixture *f, guint32 ring, guint64 at_ms)
{
    struct weft_record mark = { .time = at_ms * MS, .kind = WEFT_RECORD_MARK };
    g_assert_true(weft_filewriter_events(f->writer, ring, &mark, 1, 0, NULL));
}

static weft_trace *open_whole(struct fixture *f)
{
    g_assert_true(weft_filewriter_finish(f->writer, NULL));
    weft_trace *trace = weft_trace_open(f->path, NULL);
    g_assert_nonnull(trace);
    g_assert_cmpstr(weft_trace_damage(trace), ==, NULL);
    return trace;
}

static void test_one(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    put_process(f, 0, 10, 100, FALSE);
    put_mark(f, 0, 101);
    put_mark(f, 5, 102);
    put_process(f, 0, 10, 100, TRUE);
    g_autoptr(weft_trace) trace = open_whole(f);
    g_assert_cmpuint(weft_trace_n_sources(trace), ==, 1);
    g_assert_true(weft_trace_source(trace) == weft_trace_source_at(trace, 0));
    g_assert_null(weft_trace_source_at(trace, 1));
    g_assert_cmpuint(weft_trace_source_of(trace, 0), ==, 0);
    g_assert_cmpuint(weft_trace_source_of(trace, 4095), ==, 0);
    g_assert_true(weft_trace_source(trace)->ended);
    g_assert_cmpuint(weft_trace_source(trace)->start_time, ==, 7);
    g_assert_cmpstr((const char *)weft_trace_source(trace)->boot_id, ==, "one boot");
}

/* The second began first; the first has a ring behind it. */
static void test_two(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    put_process(f, 0, 10, 100, FALSE);
    put_mark(f, 0, 101);
    put_process(f, 2, 20, 90, FALSE);
    put_mark(f, 2, 95);
    put_process(f, 4, 10, 100, FALSE);
    put_mark(f, 4, 102);
    put_process(f, 2, 20, 90, TRUE);
    put_process(f, 0, 10, 100, TRUE);
    g_autoptr(weft_trace) trace = open_whole(f);
    g_assert_cmpuint(weft_trace_n_sources(trace), ==, 2);
    const guint whose[] = { 0, 0, 1, 1, 0, 0 };
    for (guint ring = 0; ring < G_N_ELEMENTS(whose); ring++)
        g_assert_cmpuint(weft_trace_source_of(trace, ring), ==, whose[ring]);
    const struct weft_trace_source *first = weft_trace_source_at(trace, 0);
    const struct weft_trace_source *second = weft_trace_source_at(trace, 1);
    g_assert_cmpstr(first->program, ==, "program 10");
    g_assert_cmpstr(second->program, ==, "program 20");
    g_assert_cmpuint(first->first_ring, ==, 0);
    g_assert_cmpuint(second->first_ring, ==, 2);
    g_assert_cmpint(first->start_ns, ==, 10 * MS);
    g_assert_cmpint(second->start_ns, ==, 0);
    /* The wall clock at the trace's 0, whoever is asked. */
    g_assert_cmpint(first->start_realtime_ns, ==, 1090 * MS);
    g_assert_cmpint(second->start_realtime_ns, ==, 1090 * MS);
    g_assert_cmpint(first->exit_code, ==, 10);
    g_assert_cmpint(second->exit_code, ==, 20);
    g_assert_cmpint(weft_trace_chunk(trace, 0)->first_ns, ==, 11 * MS);
    g_assert_cmpint(weft_trace_chunk(trace, 1)->first_ns, ==, 5 * MS);
    g_assert_cmpint(weft_trace_chunk(trace, 2)->first_ns, ==, 12 * MS);
}

/* A process that becomes another program by exec() has the same pid and start time. */
static void test_exec(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    put_process(f, 0, 10, 100, FALSE);
    put_process(f, 1, 10, 200, TRUE);
    put_process(f, 0, 10, 100, TRUE);
    g_autoptr(weft_trace) trace = open_whole(f);
    g_assert_cmpuint(weft_trace_n_sources(trace), ==, 2);
    g_assert_cmpint(weft_trace_source_at(trace, 1)->start_ns, ==, 100 * MS);
}

/* More processes than there can be rings: no memory and no time is wasted on them. */
static void test_too_many(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    for (guint i = 0; i < 5000; i++)
        put_process(f, i % 4096, 1 + i, 100, TRUE);
    g_autoptr(weft_trace) trace = open_whole(f);
    g_assert_cmpuint(weft_trace_n_sources(trace), ==, 4096);
    for (guint ring = 0; ring < 4096; ring++)
        g_assert_cmpuint(weft_trace_source_of(trace, ring), <, 4096);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
    g_test_add("/sources/" name, struct fixture, NULL, set_up, function, tear_down)
    ADD("one", test_one);
    ADD("two", test_two);
    ADD("exec", test_exec);
    ADD("too-many", test_too_many);
    return g_test_run();
}
