/* disk_test.c: a disk that takes a few bytes at a time, is interrupted, or fails from any byte on:
 * the file is whole, or it is cut behind its last whole chunk and says so. */
#include "tests/fault/failing_write.h"
#include "tests/trace/emitter.h"
#include "tracer/trace/recorder.h"
#include "tracer/trace/writer.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

enum { PARTS = 5, SLOTS = 300 };

static char *directory, *path;

/* ---- A trace that is always the same ---- */

static const struct weft_record *records_of(guint part)
{
    static struct weft_record records[SLOTS];
    for (guint i = 0; i < SLOTS; i++)
        records[i] = (struct weft_record){ .time = 1000 + (guint64)(part * SLOTS + i) * 100,
                                           .kind = i % 2 ? WEFT_RECORD_SUSPEND : WEFT_RECORD_RESUME,
                                           .detail = i % 2 ? WEFT_AWAIT_YIELD : 0,
                                           .subject = weft_id(WEFT_ENTITY_TASK, 0, 1 + i % 7),
                                           .object = 0 };
    return records;
}

/* How many EVENTS chunks the writer said were written; FALSE and an error unless all. */
static gboolean write_trace(guint *written, GError **error)
{
    *written = 0;
    g_autoptr(weft_filewriter) writer = weft_filewriter_new(path, error);
    if (!writer)
        return FALSE;
    struct weft_file_process process = { .pid = 42,
                                         .clock_kind = WEFT_CLOCK_COUNTER,
                                         .start = { 1000, 1000, 1000 },
                                         .program = "p",
                                         .host = "h" };
    if (!weft_filewriter_process(writer, &process, error))
        return FALSE;
    for (guint part = 0; part < PARTS; part++) {
        g_autofree char *text = g_strdup_printf("string %u", part);
        weft_filewriter_string(writer, 8 + part, text, strlen(text));
        weft_filewriter_anchor(writer, &(struct weft_clock_anchor){ 1000 + part, 1000 + part, 0 });
        if (!weft_filewriter_events(writer, 0, records_of(part), SLOTS,
                                    weft_filewriter_running(writer, 0), error))
            return FALSE;
        ++*written;
    }
    return weft_filewriter_finish(writer, error);
}

static gsize size_of(void)
{
    GStatBuf st;
    return g_stat(path, &st) == 0 ? (gsize)st.st_size : 0;
}

/* The first `parts` of the trace are in the file, each whole, and nothing that was not written. */
static void check_trace(guint parts, guint at_most)
{
    static struct weft_record back[WEFT_TRACE_CHUNK_SLOTS];
    g_autoptr(GError) error = NULL;
    g_autoptr(weft_trace) trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    guint n = weft_trace_n_chunks(trace);
    g_assert_cmpuint(n, >=, parts);
    g_assert_cmpuint(n, <=, at_most);
    g_assert_cmpuint(weft_trace_lost(trace), ==, 0);
    for (guint part = 0; part < n; part++) {
        g_assert_cmpuint(weft_trace_decode(trace, part, back, &error), ==, SLOTS);
        g_assert_no_error(error);
        const struct weft_record *records = records_of(part);
        for (guint i = 0; i < SLOTS; i++) {
            g_assert_cmpuint(back[i].kind, ==, records[i].kind);
            g_assert_cmpuint(back[i].subject, ==, records[i].subject);
        }
    }
}

/* ---- The writer ---- */

static void test_pieces(void)
{
    const size_t pieces[] = { 1, 7, 64, 1000 };
    for (guint i = 0; i < 2 * G_N_ELEMENTS(pieces); i++) {
        failing_write = (struct failing_write){ .path = path,
                                                .piece = pieces[i / 2],
                                                .interrupt = i % 2 };
        g_autoptr(GError) error = NULL;
        guint written;
        write_trace(&written, &error);
        g_assert_no_error(error);
        failing_write.path = NULL;
        check_trace(PARTS, PARTS);
    }
}

static void test_failure(gconstpointer code)
{
    g_autoptr(GError) error = NULL;
    guint written;
    g_assert_true(write_trace(&written, &error));
    gsize size = size_of();
    g_assert_cmpuint(written, ==, PARTS);
    guint seen = 0;
    for (gsize after = 0; after < size; after += 11) {
        failing_write = (struct failing_write){ .path = path,
                                                .after = after,
                                                .error = GPOINTER_TO_INT(code),
                                                .piece = after % 3 ? 50 : 0 };
        g_assert_false(write_trace(&written, &error));
        g_assert_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO);
        g_assert_nonnull(strstr(error->message, g_strerror(GPOINTER_TO_INT(code))));
        g_clear_error(&error);
        failing_write.path = NULL;
        if (written == 0)
            continue; /* not even its beginning is there */
        check_trace(written, PARTS);
        seen |= 1u << written;
    }
    g_assert_cmpuint(seen, ==, ((1u << (PARTS + 1)) - 1) & ~1u); /* it failed behind each part */
}

/* ---- The recorder: the program does not notice ---- */

static void test_recorder(void)
{
    struct emitter e;
    emitter_set_up(&e);
    g_autofree char *out = g_build_filename(e.directory, "out.weft", NULL);
    failing_write = (struct failing_write){ .path = out, .after = 100000, .error = EIO };
    struct weft_recorder_options options = { .path = out, .session = "disk" };
    g_autoptr(GError) error = NULL;
    weft_recorder *recorder = weft_recorder_new(&options, &error);
    g_assert_no_error(error);
    emitter_start(&e, "stream", "disk", 0, "flood", NULL);
    guint drained;
    while (weft_recorder_drain(recorder, &drained, &error))
        continue;
    g_assert_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO);
    g_assert_nonnull(strstr(error->message, g_strerror(EIO)));
    g_clear_error(&error);
    guint64 then = e.counters->completed;
    while (e.counters->completed < then + 200000)
        g_usleep(1000);
    kill(e.pid, SIGKILL);
    emitter_wait(&e);
    g_assert_false(weft_recorder_finish(recorder, 0, SIGKILL, &error));
    weft_recorder_free(recorder);
    failing_write.path = NULL;
    g_autoptr(weft_trace) trace = weft_trace_open(out, NULL);
    g_assert_nonnull(trace);
    g_assert_cmpuint(weft_trace_events(trace), >, 0);
    g_unlink(out);
    emitter_tear_down(&e); /* no ring file is left */
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    directory = g_dir_make_tmp("weft-disk-XXXXXX", NULL);
    g_assert_nonnull(directory);
    path = g_build_filename(directory, "failing.weft", NULL);
    g_test_add_func("/disk/pieces", test_pieces);
    g_test_add_data_func("/disk/eio", GINT_TO_POINTER(EIO), test_failure);
    g_test_add_data_func("/disk/full", GINT_TO_POINTER(ENOSPC), test_failure);
    g_test_add_func("/disk/recorder", test_recorder);
    int failed = g_test_run();
    g_unlink(path);
    g_assert_cmpint(g_rmdir(directory), ==, 0);
    g_free(path);
    g_free(directory);
    return failed;
}
