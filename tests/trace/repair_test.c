/* repair_test.c: a file spoiled anywhere is repaired: what was whole is all there, in a trace that
 * opens without complaint, and what is not counts as lost: written = read + lost. */
#include "tests/valgrind.h"
#include "tracer/trace/extend.h"
#include "tracer/trace/repair.h"
#include "tracer/trace/state.h"
#include "tracer/trace/writer.h"
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

enum { CHUNKS = 12, SLOTS = 25, RINGS = 2, LOST = 7 };

struct fixture {
    char *directory, *path, *bad, *whole;
    guint8 *bytes;
    gsize size;
    struct weft_record *records;
};

static struct weft_record record_of(guint c, guint i)
{
    return (
        struct weft_record){ .time = 100 + c * 1000 + i * 7,
                             .kind = (uint8_t)(i % 2 ? WEFT_RECORD_RESUME : WEFT_RECORD_SUSPEND),
                             .detail = i % 2 ? 0 : WEFT_AWAIT_TIMER,
                             .subject = weft_id(WEFT_ENTITY_TASK, c % RINGS, 1 + c),
                             .object = c * SLOTS + i };
}

static void write_file(struct fixture *f)
{
    weft_filewriter *writer = weft_filewriter_new(f->path, NULL);
    struct weft_file_process process = {
        .clock_kind = WEFT_CLOCK_MONOTONIC, .start = { 100, 100, 100 }, .program = "p", .host = "h"
    };
    weft_filewriter_process(writer, &process, NULL);
    weft_filewriter_string(writer, 1, "text", 4);
    weft_filewriter_site(writer, 1, 2, 1, 1);
    for (guint c = 0; c < CHUNKS; c++) {
        for (guint i = 0; i < SLOTS; i++)
            f->records[i] = record_of(c, i);
        weft_filewriter_events(writer, c % RINGS, f->records, SLOTS, 0, NULL);
        if (c == 5)
            weft_filewriter_loss(writer, 1, LOST, 0, NULL);
    }
    g_assert_true(weft_filewriter_finish(writer, NULL));
    weft_filewriter_free(writer);
}

static void set_up(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    f->directory = g_dir_make_tmp("weft-repair-XXXXXX", NULL);
    f->path = g_build_filename(f->directory, "good.weft", NULL);
    f->bad = g_build_filename(f->directory, "bad.weft", NULL);
    f->whole = g_build_filename(f->directory, "whole.weft", NULL);
    f->records = g_new0(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
    write_file(f);
    g_assert_true(g_file_get_contents(f->path, (char **)&f->bytes, &f->size, NULL));
}

static void tear_down(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    g_unlink(f->path);
    g_unlink(f->bad);
    g_unlink(f->whole);
    g_assert_cmpint(g_rmdir(f->directory), ==, 0);
    g_free(f->directory);
    g_free(f->path);
    g_free(f->bad);
    g_free(f->whole);
    g_free(f->bytes);
    g_free(f->records);
}

static void put(const char *path, const guint8 *bytes, gsize size)
{
    FILE *file = g_fopen(path, "wb");
    g_assert_true(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

/* Every event of the trace is one that was written, and what its ring lacks is lost. */
static void check_trace(struct fixture *f, const weft_trace *trace)
{
    g_assert_cmpstr(weft_trace_damage(trace), ==, NULL);
    guint64 next[RINGS] = { 0 }, last[RINGS];
    for (guint c = 0; c < weft_trace_n_chunks(trace); c++) {
        const struct weft_trace_chunk *chunk = weft_trace_chunk(trace, c);
        guint n = weft_trace_decode(trace, c, f->records, NULL);
        g_assert_cmpuint(n, ==, SLOTS);
        guint number = (guint)f->records[0].object / SLOTS;
        for (guint i = 0; i < n; i++)
            g_assert_cmpuint(f->records[i].object, ==, number * SLOTS + i);
        g_assert_cmpuint(chunk->ring, ==, number % RINGS);
        g_assert_cmpuint(chunk->first_ordinal, ==, next[chunk->ring] + chunk->lost_before);
        next[chunk->ring] = chunk->first_ordinal + n;
    }
    guint64 lost = 0;
    for (guint ring = 0; ring < RINGS; ring++) {
        last[ring] = next[ring] + weft_trace_lost_at_end(trace, ring);
        lost += last[ring];
    }
    g_assert_cmpuint(lost, ==, weft_trace_events(trace) + weft_trace_lost(trace));
    g_assert_cmpuint(lost, <=, 2 * CHUNKS * SLOTS + LOST); /* a damaged event: one slot or two */
}

/* Repairs bad.weft; NULL: nothing was to be saved. */
static weft_trace *repair(struct fixture *f, struct weft_repair_report *report)
{
    g_autoptr(GError) error = NULL;
    gboolean ok = weft_repair(f->bad, f->whole, report, &error);
    g_assert_true(ok == (error == NULL));
    if (!ok) {
        g_assert_cmpint(error->code, !=, WEFT_TRACE_ERROR_IO);
        g_assert_false(g_file_test(f->whole, G_FILE_TEST_EXISTS));
        return NULL;
    }
    weft_trace *trace = weft_trace_open(f->whole, NULL);
    g_assert_nonnull(trace);
    check_trace(f, trace);
    g_assert_cmpuint(weft_trace_events(trace), ==, report->events);
    g_unlink(f->whole);
    return trace;
}

static gboolean says(const struct weft_repair_report *report, gsize at)
{
    for (guint i = 0; i < report->ranges->len; i++) {
        const struct weft_repair_range *range = &g_array_index(report->ranges,
                                                               struct weft_repair_range, i);
        g_assert_cmpuint(range->from, <, range->to);
        g_assert_cmpuint(range->to, <=, report->size);
        if (range->from <= at && at < range->to)
            return TRUE;
    }
    return FALSE;
}

static void test_whole(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    struct weft_repair_report report;
    put(f->bad, f->bytes, f->size);
    g_autoptr(weft_trace) trace = repair(f, &report);
    g_assert_true(weft_repair_is_complete(&report));
    g_assert_false(report.bad_index || report.bad_header);
    g_assert_cmpuint(weft_trace_events(trace), ==, CHUNKS * SLOTS);
    g_assert_cmpuint(weft_trace_lost(trace), ==, LOST);
    g_assert_cmpstr(weft_trace_string(trace, 1), ==, "text");
    weft_repair_report_clear(&report);
}

/* One bit, anywhere: at most one chunk is gone, and it is said where. */
static void test_flip_anywhere(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    for (gsize at = 0; at < f->size; at += SLOW ? 7 : 1) {
        struct weft_repair_report report;
        f->bytes[at] ^= (guint8)(1 << at % 8);
        put(f->bad, f->bytes, f->size);
        f->bytes[at] ^= (guint8)(1 << at % 8);
        g_autoptr(weft_trace) trace = repair(f, &report);
        g_assert_nonnull(trace);
        g_assert_cmpuint(report.ranges->len, <=, 1);
        g_assert_cmpuint(weft_trace_events(trace), >=, (CHUNKS - 1) * SLOTS);
        if (!weft_repair_is_complete(&report))
            g_assert_true(says(&report, at));
        g_assert_cmpuint(weft_trace_events(trace) + weft_trace_lost(trace), ==,
                         CHUNKS * SLOTS + LOST);
        weft_repair_report_clear(&report);
    }
}

/* Cut anywhere: all whole chunks before the cut are saved. */
static void test_cut_anywhere(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    guint64 events = 0;
    for (gsize size = 0; size < f->size; size += SLOW ? 7 : 1) {
        struct weft_repair_report report;
        put(f->bad, f->bytes, size);
        g_autoptr(weft_trace) trace = repair(f, &report);
        g_assert_true(trace || events == 0);
        if (trace) {
            g_assert_true(report.bad_index);
            g_assert_cmpuint(weft_trace_events(trace), >=, events);
            events = weft_trace_events(trace);
        }
        weft_repair_report_clear(&report);
    }
    g_assert_cmpuint(events, ==, CHUNKS * SLOTS);
}

/* Holes of any size anywhere, the index spoiled or not. */
static void test_holes(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    for (guint round = 0; round < (SLOW ? 60 : 500); round++) {
        struct weft_repair_report report;
        g_autofree guint8 *bytes = g_memdup2(f->bytes, f->size);
        for (gint holes = g_test_rand_int_range(1, 4); holes > 0; holes--) {
            gsize at = (gsize)g_test_rand_int_range(64, (gint32)f->size);
            gsize n = (gsize)g_test_rand_int_range(1, 900);
            memset(bytes + at, g_test_rand_int_range(0, 256), MIN(f->size - at, n));
        }
        if (g_test_rand_bit())
            memset(bytes + f->size - 32, 0, 32);
        put(f->bad, bytes, f->size);
        weft_trace_unref(repair(f, &report));
        weft_repair_report_clear(&report);
    }
}

/* Something was added behind a whole file, and its new end is gone: nothing is lost. */
static void test_extended(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    struct weft_repair_report report;
    struct weft_addition notes = {
        .kind = WEFT_CHUNK_NOTES, .n = 1, .bytes = (const guint8 *)"notes", .size = 5
    };
    {
        g_autoptr(weft_trace) whole = weft_trace_open(f->path, NULL);
        g_assert_true(weft_file_extend(f->path, weft_trace_uuid(whole), &notes, 1, NULL));
    }
    g_autofree guint8 *bytes = NULL;
    gsize size;
    g_assert_true(g_file_get_contents(f->path, (char **)&bytes, &size, NULL));
    put(f->bad, bytes, size - 8);
    g_autoptr(weft_trace) trace = repair(f, &report);
    g_assert_cmpuint(weft_trace_events(trace), ==, CHUNKS * SLOTS);
    g_assert_true(report.bad_index);
    g_assert_true(weft_repair_is_complete(&report));
    weft_repair_report_clear(&report);
}

/* Two files, one behind the other: the first is saved, and the second's place is said. */
static void test_concatenated(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    struct weft_repair_report report;
    gsize padded = (f->size + 7) / 8 * 8;
    g_autofree guint8 *both = g_malloc0(padded + f->size);
    memcpy(both, f->bytes, f->size);
    memcpy(both + padded, f->bytes, f->size);
    memset(both + padded + f->size - 32, 0, 32);
    put(f->bad, both, padded + f->size);
    g_autoptr(weft_trace) trace = repair(f, &report);
    g_assert_cmpuint(weft_trace_events(trace), ==, CHUNKS * SLOTS);
    g_assert_true(says(&report, padded));
    weft_repair_report_clear(&report);
}

/* The trace begins with a state: what came before is no loss, even where a chunk is gone. */
static void test_beginning(struct fixture *f, gconstpointer data G_GNUC_UNUSED)
{
    weft_filewriter *writer = weft_filewriter_new(f->bad, NULL);
    g_autoptr(weft_state) state = weft_state_new();
    for (guint i = 0; i < SLOTS; i++) {
        f->records[i] = record_of(0, i);
        weft_state_apply(state, 0, &f->records[i], NULL);
    }
    weft_filewriter_begin_ring(writer, 0, 1000);
    g_assert_true(weft_filewriter_state(writer, state, NULL));
    g_assert_true(weft_filewriter_events(writer, 0, f->records, SLOTS, 0, NULL));
    g_assert_true(weft_filewriter_finish(writer, NULL));
    weft_filewriter_free(writer);
    struct weft_repair_report report;
    g_assert_true(weft_repair(f->bad, f->whole, &report, NULL));
    g_assert_true(report.no_process);
    g_autoptr(weft_trace) trace = weft_trace_open(f->whole, NULL);
    g_assert_true(weft_trace_begins_with_state(trace));
    g_assert_cmpuint(weft_trace_lost(trace), ==, 0);
    g_assert_cmpuint(weft_trace_chunk(trace, 0)->first_ordinal, ==, 1000);
    weft_repair_report_clear(&report);
}

#define ADD(name, function)                                                                        \
    g_test_add("/repair/" name, struct fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("whole", test_whole);
    ADD("flip-anywhere", test_flip_anywhere);
    ADD("cut-anywhere", test_cut_anywhere);
    ADD("holes", test_holes);
    ADD("extended", test_extended);
    ADD("concatenated", test_concatenated);
    ADD("beginning", test_beginning);
    return g_test_run();
}
