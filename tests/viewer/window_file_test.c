/* window_file_test.c: what a window says of files that are not what they should be, and of those
 * that become so while they are open. */
#include "tests/viewer/sample_window.h"
#include "tracer/trace/format.h"
#include "tracer/trace/writer.h"
#include <glib/gstdio.h>
#include <unistd.h>

static const char *const views[] = { "tasks", "findings", "timeline" };

static void look_at_views(WeftWindow *window)
{
    for (guint i = 0; i < G_N_ELEMENTS(views); i++) {
        weft_trace_page_set_view(weft_window_page(window), views[i]);
        while (g_main_context_iteration(NULL, FALSE))
            continue;
    }
}

static void test_what_is_no_trace(void)
{
    WeftWindow *window = window_open();
    g_autoptr(GFile) file = file_with("notes.txt", "buy milk\n", -1);
    weft_window_open(window, file);
    wait_for_text(window, "Cannot Open");
    wait_for_text(window, "notes.txt");
    g_assert_null(weft_trace_page_session(weft_window_page(window)));
    window_close(window);
}

static void test_what_is_not_there(void)
{
    WeftWindow *window = window_open();
    g_autofree char *path = g_build_filename(window_tests_directory(), "gone.weft", NULL);
    g_autoptr(GFile) file = g_file_new_for_path(path);
    weft_window_open(window, file);
    wait_for_text(window, "Cannot Open");
    wait_for_text(window, "See that the file is there");
    window_close(window);
}

/* What was cut opens as far as it is whole, and says where it was cut. */
static void test_cut_file(void)
{
    g_autoptr(GFile) whole = sample_file();
    g_autofree char *content = NULL;
    gsize size;
    g_assert_true(g_file_load_contents(whole, NULL, &content, &size, NULL, NULL));
    g_autoptr(GFile) file = file_with("cut.weft", content, (gssize)size - 40);
    WeftWindow *window = window_open();
    weft_window_open(window, file);
    wait_for_text(window, "cut.weft: it is cut at byte");
    g_assert_nonnull(weft_trace_page_session(weft_window_page(window)));
    window_close(window);
}

/* Where the cut has left nothing, it is not the program that is said to have done nothing. */
static void test_cut_to_nothing(void)
{
    g_autoptr(GFile) whole = sample_file();
    g_autofree char *content = NULL;
    g_assert_true(g_file_load_contents(whole, NULL, &content, NULL, NULL, NULL));
    g_autoptr(GFile) file = file_with("stump.weft", content, 100);
    WeftWindow *window = window_open();
    weft_window_open(window, file);
    wait_for_text(window, "Nothing is left of it: it is cut at byte 100");
    window_close(window);
}

/* Its middle is not what was written: that is said, and the rest is shown. */
static void test_damaged(void)
{
    g_autofree char *content = NULL;
    gsize size;
    g_autofree char *path = g_build_filename(g_getenv("WEFT_TEST_LESSONS"), "03-gather-or-not",
                                             "gather.weft", NULL);
    g_assert_true(g_file_get_contents(path, &content, &size, NULL));
    for (gsize i = size / 2; i < size / 2 + 64; i++)
        content[i] ^= 0x5a;
    g_autoptr(GFile) file = file_with("damaged.weft", content, (gssize)size);
    WeftWindow *window = window_open();
    weft_window_open(window, file);
    wait_for_text(window, "are damaged");
    look_at_views(window);
    window_close(window);
}

/* A file system says that it has 256 GiB, of which nearly all is a hole. */
static void test_gigantic(void)
{
    g_autoptr(GFile) whole = sample_file();
    g_autofree char *content = NULL, *path = NULL;
    gsize size;
    g_assert_true(g_file_load_contents(whole, NULL, &content, &size, NULL, NULL));
    g_autoptr(GFile) file = file_with("gigantic.weft", content, (gssize)size);
    path = g_file_get_path(file);
    if (truncate(path, (off_t)1 << 38) != 0) {
        g_test_skip("the file system has no files of that size");
        return;
    }
    WeftWindow *window = window_open();
    weft_window_open(window, file);
    wait_for_text(window, "are damaged");
    g_assert_nonnull(weft_trace_page_session(weft_window_page(window)));
    window_close(window);
    g_assert_cmpint(truncate(path, 0), ==, 0);
}

/* Writes a trace of these records into a file. */
static GFile *file_of(const char *name, const struct weft_record *records, guint n, guint64 lost)
{
    g_autofree char *path = g_build_filename(window_tests_directory(), name, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(weft_filewriter) writer = weft_filewriter_new(path, &error);
    g_assert_no_error(error);
    struct weft_file_process process = { .pid = 4711,
                                         .clock_kind = WEFT_CLOCK_MONOTONIC,
                                         .program = "small",
                                         .host = "sample",
                                         .ended = TRUE };
    g_assert_true(weft_filewriter_process(writer, &process, &error));
    if (lost)
        g_assert_true(weft_filewriter_loss(writer, 0, lost, 0, &error));
    if (n)
        g_assert_true(weft_filewriter_events(writer, 0, records, n, 0, &error));
    g_assert_true(weft_filewriter_finish(writer, &error));
    g_assert_no_error(error);
    return g_file_new_for_path(path);
}

static void test_no_event(void)
{
    WeftWindow *window = window_open();
    g_autoptr(GFile) file = file_of("none.weft", NULL, 0, 0);
    weft_window_open(window, file);
    wait_for_text(window, "Nothing in This Trace");
    wait_for_text(window, "no loop and no task was recorded");
    window_close(window);
}

/* Its only event is not what was written. */
static void test_one_damaged(void)
{
    const struct weft_record opens = { .time = 5,
                                       .kind = WEFT_RECORD_LOOP_OPEN,
                                       .subject = weft_id(WEFT_ENTITY_LOOP, 0, 1) };
    g_autoptr(GFile) whole = file_of("whole.weft", &opens, 1, 0);
    g_autofree char *content = NULL;
    gsize size, at = 0;
    g_assert_true(g_file_load_contents(whole, NULL, &content, &size, NULL, NULL));
    while (memcmp(content + at, "CHNK\1\0", 6) != 0) /* the events' chunk */
        at += 8;
    content[at + sizeof(struct weft_chunk_header)] ^= 0x55;
    g_autoptr(GFile) file = file_with("one-damaged.weft", content, (gssize)size);
    WeftWindow *window = window_open();
    weft_window_open(window, file);
    wait_for_text(window, "1 event is damaged: it counts as lost");
    window_close(window);
}

static void test_one_event(void)
{
    const struct weft_record opens = { .time = 5,
                                       .kind = WEFT_RECORD_LOOP_OPEN,
                                       .subject = weft_id(WEFT_ENTITY_LOOP, 0, 1) };
    WeftWindow *window = window_open();
    g_autoptr(GFile) file = file_of("one.weft", &opens, 1, 0);
    weft_window_open(window, file);
    wait_for_text(window, "1 event");
    look_at_views(window);
    window_close(window);
}

/* All was lost: that is said, not that nothing happened. */
static void test_all_lost(void)
{
    WeftWindow *window = window_open();
    g_autoptr(GFile) file = file_of("lost.weft", NULL, 0, 1204);
    weft_window_open(window, file);
    wait_for_text(window, "All 1,204 events were lost");
    window_close(window);
}

/* What was opened can be looked at to its end, whatever becomes of the file's name. */
static void test_deleted_while_open(void)
{
    WeftWindow *window = window_open();
    g_autoptr(GFile) file = sample_file();
    weft_window_open(window, file);
    while (!weft_window_page(window))
        g_main_context_iteration(NULL, TRUE);
    g_assert_true(g_file_delete(file, NULL, NULL));
    WeftSession *session = weft_trace_page_session(weft_window_page(window));
    while (!weft_session_looked(session))
        g_main_context_iteration(NULL, TRUE);
    for (guint i = 0; i < G_N_ELEMENTS(views); i++) {
        weft_trace_page_set_view(weft_window_page(window), views[i]);
        weft_session_select(session, i, 300000000);
        while (g_main_context_iteration(NULL, FALSE))
            continue;
    }
    wait_for_text(window, "1,081 events");
    gtk_widget_activate_action(GTK_WIDGET(window), "win.present", NULL); /* in large letters too */
    wait_for_text(window, "The file was deleted");
    GdkFrameClock *clock = gtk_widget_get_frame_clock(GTK_WIDGET(window));
    for (gint64 end = gdk_frame_clock_get_frame_counter(clock) + 3;
         gdk_frame_clock_get_frame_counter(clock) < end;) {
        gtk_widget_queue_resize(GTK_WIDGET(window));
        g_main_context_iteration(NULL, TRUE);
    }
    window_close(window);
}

/* What becomes of the file is said; of what was cut away, nothing can be shown, and nothing breaks.
 */
static void test_changed_while_open(void)
{
    WeftWindow *window = window_open();
    g_autoptr(GFile) file = sample_file();
    weft_window_open(window, file);
    while (!weft_window_page(window))
        g_main_context_iteration(NULL, TRUE);
    WeftSession *session = weft_trace_page_session(weft_window_page(window));
    const char *path = g_file_peek_path(file);
    g_autofree char *moved = g_strconcat(path, ".moved", NULL);
    g_assert_cmpint(g_rename(path, moved), ==, 0);
    wait_for_text(window, "The file was deleted, or moved");
    g_object_unref(sample_file());
    wait_for_text(window, "Another file has taken this one's name");
    wait_for_text(window, "Open Again");
    g_assert_cmpint(g_unlink(path), ==, 0);
    g_assert_cmpint(g_rename(moved, path), ==, 0);
    g_assert_cmpint(truncate(path, 200), ==, 0);
    wait_for_text(window, "cut short");
    for (guint i = 0; i < G_N_ELEMENTS(views); i++) {
        weft_trace_page_set_view(weft_window_page(window), views[i]);
        weft_session_zoom(session, 100, 300);
        weft_session_select(session, i, 300000000);
        while (g_main_context_iteration(NULL, FALSE))
            continue;
    }
    window_close(window);
}

/* A name that is no UTF-8 is shown as well as can be. */
static void test_name_in_no_encoding(void)
{
    WeftWindow *window = window_open();
    g_autoptr(GFile) broken = file_with("caf\xe9.weft", "no", -1);
    weft_window_open(window, broken);
    wait_for_text(window, "Cannot Open");
    g_autoptr(GFile) sample = sample_file();
    g_autofree char *path = g_build_filename(window_tests_directory(), "caf\xe9-2.weft", NULL);
    g_autoptr(GFile) good = g_file_new_for_path(path);
    g_assert_true(g_file_copy(sample, good, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, NULL));
    weft_window_open(window, good);
    wait_for_text(window, "1,081 events");
    gtk_widget_activate_action(GTK_WIDGET(window), "win.close-tab", NULL);
    gtk_widget_activate_action(GTK_WIDGET(window), "win.close-tab", NULL);
    wait_for_text(window, "Recent");
    window_close(window);
}

/* A name with markup in it is a name. */
static void test_odd_name(void)
{
    WeftWindow *window = window_open();
    g_autoptr(GFile) file = file_with("a<b>&c.weft", "no", -1);
    weft_window_open(window, file);
    wait_for_text(window, "a<b>&c.weft");
    window_close(window);
}

int main(int argc, char **argv)
{
    window_tests_init(&argc, &argv);
    g_test_add_func("/window-file/what-is-no-trace", test_what_is_no_trace);
    g_test_add_func("/window-file/what-is-not-there", test_what_is_not_there);
    g_test_add_func("/window-file/cut-file", test_cut_file);
    g_test_add_func("/window-file/cut-to-nothing", test_cut_to_nothing);
    g_test_add_func("/window-file/damaged", test_damaged);
    g_test_add_func("/window-file/gigantic", test_gigantic);
    g_test_add_func("/window-file/no-event", test_no_event);
    g_test_add_func("/window-file/one-event", test_one_event);
    g_test_add_func("/window-file/one-damaged", test_one_damaged);
    g_test_add_func("/window-file/all-lost", test_all_lost);
    g_test_add_func("/window-file/deleted-while-open", test_deleted_while_open);
    g_test_add_func("/window-file/changed-while-open", test_changed_while_open);
    g_test_add_func("/window-file/name-in-no-encoding", test_name_in_no_encoding);
    g_test_add_func("/window-file/odd-name", test_odd_name);
    return window_tests_run();
}
