/* notes_test.c: bookmarks and notes: in the file, beside it, changed, deleted, damaged. */
#include "tracer/trace/notes.h"
#include "tracer/trace/writer.h"
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static char *directory;

static char *path_of(const char *name)
{
    return g_build_filename(directory, name, NULL);
}

static void write_file(const char *path, gboolean whole)
{
    g_autoptr(weft_filewriter) writer = weft_filewriter_new(path, NULL);
    struct weft_file_process process = { .clock_kind = WEFT_CLOCK_MONOTONIC,
                                         .program = "p",
                                         .host = "" };
    struct weft_record record = { .time = 50, .kind = WEFT_RECORD_MARK };
    g_assert_true(weft_filewriter_process(writer, &process, NULL));
    g_assert_true(weft_filewriter_events(writer, 0, &record, 1, 0, NULL));
    if (whole)
        g_assert_true(weft_filewriter_finish(writer, NULL));
}

static weft_trace *open_file(const char *path)
{
    weft_trace *trace = weft_trace_open(path, NULL);
    g_assert_nonnull(trace);
    return trace;
}

static guint64 add(const weft_trace *trace, guint64 id, gint64 time_ns, const char *text)
{
    struct weft_note note = { .id = id,
                              .time_ns = time_ns,
                              .entity = weft_id(WEFT_ENTITY_TASK, 3, 9),
                              .ring = 3,
                              .text = (char *)text };
    g_autoptr(GError) error = NULL;
    weft_notes_append(trace, &note, &error);
    g_assert_no_error(error);
    return note.id;
}

/* "5 five|9 nine" */
static char *notes_text(const weft_trace *trace)
{
    g_autoptr(GPtrArray) notes = weft_notes_read(trace);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < notes->len; i++) {
        const struct weft_note *note = notes->pdata[i];
        g_string_append_printf(text, "%s%" G_GINT64_FORMAT " %s", i ? "|" : "", note->time_ns,
                               note->text);
    }
    return g_string_free(text, FALSE);
}

#define assert_notes(trace, expected)                                                              \
    do {                                                                                           \
        g_autofree char *text__ = notes_text(trace);                                               \
        g_assert_cmpstr(text__, ==, expected);                                                     \
    } while (0)

static void change_and_delete(const weft_trace *trace)
{
    assert_notes(trace, "");
    guint64 nine = add(trace, 0, 9, "nine"), five = add(trace, 0, 5, "five");
    g_assert_cmpuint(nine, !=, five);
    add(trace, 0, -2, ""); /* before the first event; a bookmark without a word */
    assert_notes(trace, "-2 |5 five|9 nine");
    add(trace, nine, 3, "three");
    assert_notes(trace, "-2 |3 three|5 five");
    add(trace, five, 0, NULL);
    assert_notes(trace, "-2 |3 three");
    g_autoptr(GPtrArray) notes = weft_notes_read(trace);
    const struct weft_note *note = notes->pdata[1];
    g_assert_cmpuint(note->entity, ==, weft_id(WEFT_ENTITY_TASK, 3, 9));
    g_assert_cmpuint(note->ring, ==, 3);
    g_assert_cmpuint(note->id, ==, nine);
}

static void test_in_file(void)
{
    g_autofree char *path = path_of("in.weft");
    g_autofree char *beside = g_strconcat(path, ".notes", NULL);
    write_file(path, TRUE);
    g_autoptr(weft_trace) trace = open_file(path);
    change_and_delete(trace);
    g_assert_false(g_file_test(beside, G_FILE_TEST_EXISTS));
    g_autoptr(weft_trace) again = open_file(path);
    g_assert_true(weft_trace_whole(again));
    g_assert_null(weft_trace_damage(again));
    g_assert_cmpuint(weft_trace_events(again), ==, 1);
}

/* A file that is not whole is not touched. */
static void test_beside(void)
{
    g_autofree char *path = path_of("cut.weft");
    g_autofree char *beside = g_strconcat(path, ".notes", NULL);
    write_file(path, FALSE);
    g_autoptr(weft_trace) trace = open_file(path);
    guint64 size = weft_trace_file_size(trace);
    change_and_delete(trace);
    g_assert_true(g_file_test(beside, G_FILE_TEST_EXISTS));
    g_autoptr(weft_trace) again = open_file(path);
    g_assert_cmpuint(weft_trace_file_size(again), ==, size);
}

/* Notes of a trace that was here before, under the same name. */
static void test_of_another(void)
{
    g_autofree char *path = path_of("other.weft");
    write_file(path, FALSE);
    g_autoptr(weft_trace) before = open_file(path);
    add(before, 0, 1, "old");
    write_file(path, FALSE);
    g_autoptr(weft_trace) trace = open_file(path);
    assert_notes(trace, "");
    add(trace, 0, 2, "new");
    assert_notes(trace, "2 new");
    struct weft_note late = { .time_ns = 3, .text = (char *)"to the one before" };
    g_autoptr(GError) error = NULL;
    g_assert_false(weft_notes_append(before, &late, &error));
    g_assert_nonnull(strstr(error->message, "other.weft is another trace by now"));
    assert_notes(trace, "2 new");
    g_assert_cmpint(g_unlink(path), ==, 0);
    g_clear_error(&error);
    g_assert_false(weft_notes_append(trace, &late, &error));
    g_assert_nonnull(strstr(error->message, "other.weft is gone"));
}

/* One bit flipped, anywhere: a note less, or none, never a wrong one. */
static void test_damaged(void)
{
    g_autofree char *path = path_of("damaged.weft"), *bytes = NULL;
    gsize size;
    write_file(path, TRUE);
    g_autoptr(weft_trace) trace = open_file(path);
    add(trace, 0, 1, "one");
    add(trace, 0, 2, "two");
    g_assert_true(g_file_get_contents(path, &bytes, &size, NULL));
    for (gsize at = 64; at < size; at++) {
        bytes[at] ^= 16;
        FILE *file = g_fopen(path, "w");
        g_assert_cmpuint(fwrite(bytes, 1, size, file), ==, size);
        fclose(file);
        bytes[at] ^= 16;
        g_autofree char *text = notes_text(trace);
        g_assert_true(strstr("1 one|2 two", text) != NULL);
    }
}

static void test_in_memory(void)
{
    g_autoptr(weft_trace) trace = weft_trace_new();
    g_autoptr(GError) error = NULL;
    struct weft_note note = { .text = (char *)"x" };
    assert_notes(trace, "");
    g_assert_false(weft_notes_append(trace, &note, &error));
    g_assert_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_FAILED);
}

static void remove_directory(void)
{
    GDir *dir = g_dir_open(directory, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = path_of(name);
        g_unlink(path);
    }
    g_dir_close(dir);
    g_rmdir(directory);
    g_free(directory);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    directory = g_dir_make_tmp("weft-notes-XXXXXX", NULL);
    g_test_add_func("/notes/in-file", test_in_file);
    g_test_add_func("/notes/beside", test_beside);
    g_test_add_func("/notes/of-another", test_of_another);
    g_test_add_func("/notes/damaged", test_damaged);
    g_test_add_func("/notes/in-memory", test_in_memory);
    int failed = g_test_run();
    remove_directory();
    return failed;
}
