/* files_test.c: a disk that fails while one of several files is written: of segments, those before
 * stay whole, and the one it failed in opens up to its last whole chunk; a picture of a window is
 * there whole or not at all. And a disk that takes a few bytes at a time, or fails to sync. */
#include "tests/fault/failing_write.h"
#include "tests/trace/steady.h"
#include "tracer/trace/extend.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

enum { MAX_SIZE = 32 << 10, STEP = 211 };

static char *directory, *path, *second;

static guint count_files(void)
{
    guint n = 0;
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    while (g_dir_read_name(dir))
        n++;
    return n;
}

static gsize size_of(const char *name)
{
    GStatBuf st;
    return g_stat(name, &st) == 0 ? (gsize)st.st_size : 0;
}

static guint64 slots_in(const weft_trace *trace)
{
    guint64 slots = 0;
    for (guint i = 0; i < weft_trace_n_chunks(trace); i++)
        slots += weft_trace_chunk(trace, i)->slots;
    return slots;
}

/* ---- Segments ---- */

/* Two of them, nearly; returns how many slots the writer said were written. */
static guint64 write_segments(gint64 sync_ns, GError **error)
{
    static struct weft_record records[600];
    weft_filewriter *writer = weft_filewriter_new_segments(path, MAX_SIZE, 0, error);
    if (!writer)
        return 0;
    weft_filewriter_set_sync(writer, sync_ns);
    struct weft_file_process process = { .pid = 42,
                                         .clock_kind = WEFT_CLOCK_MONOTONIC,
                                         .start = { 1, 1, 1 },
                                         .program = "p",
                                         .host = "h" };
    gboolean ok = weft_filewriter_process(writer, &process, error);
    guint64 slots = 0;
    for (guint i = 0; i < 20 && ok; i++) {
        for (guint k = 0; k < G_N_ELEMENTS(records); k++)
            records[k] = (struct weft_record){ .time = 1000 + (i * 600 + k) * 77 % 1000 +
                                                       (i * 600 + k) * 1000,
                                               .kind = WEFT_RECORD_COUNTER,
                                               .subject = weft_id(WEFT_ENTITY_COUNTER, 0, 1),
                                               .object = (i * 600 + k) * 2654435761u };
        ok = weft_filewriter_events(writer, 0, records, G_N_ELEMENTS(records), 0, error);
        slots += ok ? G_N_ELEMENTS(records) : 0;
    }
    ok = ok && weft_filewriter_finish(writer, error);
    weft_filewriter_free(writer);
    return slots;
}

static void test_segments(gconstpointer code)
{
    g_autoptr(GError) error = NULL;
    guint64 all = write_segments(WEFT_SYNC_END, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(all, ==, 12000);
    gsize whole = size_of(path), size = size_of(second);
    g_assert_cmpuint(size, >, 4 * STEP);
    for (gsize after = 0; after <= size; after += after == size ? 1 : MIN(STEP, size - after)) {
        failing_write = (struct failing_write){ .path = "t.2.weft",
                                                .after = after,
                                                .error = GPOINTER_TO_INT(code) };
        guint64 slots = write_segments(WEFT_SYNC_END, &error);
        failing_write.path = NULL;
        g_assert_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO);
        g_assert_nonnull(strstr(error->message, second));
        g_assert_nonnull(strstr(error->message, g_strerror(GPOINTER_TO_INT(code))));
        g_clear_error(&error);
        g_assert_cmpuint(size_of(path), ==, whole);
        g_autoptr(weft_trace) first = weft_trace_open(path, NULL);
        g_assert_cmpstr(weft_trace_damage(first), ==, NULL);
        g_autoptr(weft_trace) trace = weft_trace_open(second, NULL);
        g_assert_cmpint(g_file_test(second, G_FILE_TEST_EXISTS), ==, trace != NULL);
        guint64 found = slots_in(first) + (trace ? slots_in(trace) : 0);
        g_assert_cmpuint(found, >=, slots);
        g_assert_cmpuint(found, <=, slots + 600);
    }
}

static void test_pieces(void)
{
    g_autoptr(GError) error = NULL;
    for (guint interrupt = 0; interrupt < 2; interrupt++) {
        failing_write = (struct failing_write){ .path = "weft",
                                                .piece = 100,
                                                .interrupt = (int)interrupt };
        g_assert_cmpuint(write_segments(1, &error), ==, 12000);
        failing_write.path = NULL;
        g_assert_no_error(error);
        g_autoptr(weft_trace) first = weft_trace_open(path, NULL);
        g_autoptr(weft_trace) last = weft_trace_open(second, NULL);
        g_assert_cmpuint(slots_in(first) + slots_in(last), ==, 12000);
        g_assert_cmpstr(weft_trace_damage(last), ==, NULL);
    }
}

/* ---- Pictures ---- */

static gboolean write_picture(weft_tracepicture *picture, GError **error)
{
    guint64 size;
    return weft_tracepicture_write(picture, path, WEFT_SYNC_END, &size, error);
}

static void test_pictures(gconstpointer code)
{
    g_unlink(second);
    struct steady steady;
    struct weft_tracewindow_limits limits = { .bytes = 1 << 20 };
    steady_begin(&steady, weft_filewriter_new_window(&limits));
    steady_write(&steady, 300);
    g_autoptr(weft_tracepicture) before = weft_filewriter_picture(steady.writer);
    for (guint i = 0; i < 10; i++)
        steady_write(&steady, 600);
    g_autoptr(weft_tracepicture) picture = weft_filewriter_picture(steady.writer);
    GError *error = NULL;
    g_assert_true(write_picture(picture, &error));
    gsize size = size_of(path);
    g_assert_true(write_picture(before, &error));
    for (gsize after = 0; after <= size; after += after == size ? 1 : MIN(STEP, size - after)) {
        failing_write = (struct failing_write){ .path = "/.t.weft.",
                                                .after = after,
                                                .piece = after % 2 ? 90 : 0,
                                                .error = GPOINTER_TO_INT(code) };
        g_assert_false(write_picture(picture, &error));
        failing_write.path = NULL;
        g_assert_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO);
        g_assert_nonnull(strstr(error->message, path));
        g_assert_nonnull(strstr(error->message, g_strerror(GPOINTER_TO_INT(code))));
        g_clear_error(&error);
        g_autoptr(weft_trace) trace = weft_trace_open(path, NULL);
        g_assert_cmpuint(weft_trace_events(trace), ==, 300);
        g_assert_cmpuint(count_files(), ==, 1); /* nothing half-written is left */
    }
    g_assert_true(write_picture(picture, &error));
    g_autoptr(weft_trace) trace = weft_trace_open(path, NULL);
    steady_check(&steady, trace);
    weft_filewriter_free(steady.writer);
    steady_finish(&steady);
}

/* ---- Notes, and caches ---- */

static void test_additions(void)
{
    const guint8 bytes[300] = { 1, 2, 3 };
    const struct weft_addition additions[] = {
        { .kind = WEFT_CHUNK_NOTES, .n = 1, .bytes = bytes, .size = sizeof bytes },
        { .kind = WEFT_CHUNK_SUMMARY, .n = 1, .bytes = bytes, .size = 10 },
    };
    g_autoptr(GError) error = NULL;
    g_unlink(path);
    g_unlink(second);
    g_assert_true(weft_file_create(path, additions, 2, &error));
    gsize size = size_of(path);
    for (gsize after = 0; after < size; after += 31) {
        g_unlink(path);
        failing_write = (struct failing_write){ .path = "t.weft", .after = after, .error = ENOSPC };
        g_assert_false(weft_file_create(path, additions, 2, &error));
        failing_write.path = NULL;
        g_autofree char *expected = g_strdup_printf("cannot write %s: %s; nothing was written",
                                                    path, g_strerror(ENOSPC));
        g_assert_cmpstr(error->message, ==, expected);
        g_clear_error(&error);
        g_assert_cmpuint(count_files(), ==, 0);
    }
    g_assert_true(weft_file_create(path, additions, 2, &error));
    g_autoptr(weft_trace) trace = weft_trace_open(path, &error);
    g_autoptr(GBytes) note = weft_trace_addition(trace, 0, WEFT_CHUNK_NOTES);
    g_autoptr(GBytes) summary = weft_trace_addition(trace, 1, WEFT_CHUNK_SUMMARY);
    g_assert_cmpmem(g_bytes_get_data(note, NULL), g_bytes_get_size(note), bytes, sizeof bytes);
    g_assert_cmpmem(g_bytes_get_data(summary, NULL), g_bytes_get_size(summary), bytes, 10);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    directory = g_dir_make_tmp("weft-files-XXXXXX", NULL);
    g_assert_nonnull(directory);
    path = g_build_filename(directory, "t.weft", NULL);
    second = g_build_filename(directory, "t.2.weft", NULL);
    g_test_add_data_func("/files/segments/eio", GINT_TO_POINTER(EIO), test_segments);
    g_test_add_data_func("/files/segments/full", GINT_TO_POINTER(ENOSPC), test_segments);
    g_test_add_func("/files/pieces", test_pieces);
    g_test_add_data_func("/files/pictures/eio", GINT_TO_POINTER(EIO), test_pictures);
    g_test_add_data_func("/files/pictures/full", GINT_TO_POINTER(ENOSPC), test_pictures);
    g_test_add_func("/files/additions", test_additions);
    int failed = g_test_run();
    g_unlink(path);
    g_unlink(second);
    g_assert_cmpint(g_rmdir(directory), ==, 0);
    g_free(path);
    g_free(second);
    g_free(directory);
    return failed;
}
