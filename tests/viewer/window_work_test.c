/* window_work_test.c: what a window says of work that takes long, and how it is given up; what was
 * seen of a process is saved and drawn while that is followed, and not lost unasked. */
#include "app/viewer/application.h"
#include "app/viewer/export.h"
#include "app/viewer/session-save.h"
#include "app/viewer/window-private.h"
#include "tests/child.h"
#include "tests/remove_all.h"
#include "tests/viewer/sample.h"
#include "tests/viewer/widgets.h"

#include <glib/gstdio.h>
#include <string.h>

static char *directory;

static void iterate(void)
{
    g_main_context_iteration(NULL, TRUE);
}

static WeftWindow *window_open(void)
{
    WeftWindow *window = weft_window_new(NULL);
    gtk_window_present(GTK_WINDOW(window));
    return window;
}

static void window_end(WeftWindow *window)
{
    weft_window_end(window);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    g_assert_cmpuint(g_list_model_get_n_items(gtk_window_get_toplevels()), ==, 0);
}

/* The work that is said with this text and can be seen; NULL: none. */
static GtkWidget *row_of(GtkWidget *from, const char *text)
{
    if (WEFT_IS_WORK_ROW(from)) {
        GtkWidget *label = widget_of(from, GTK_TYPE_LABEL, TRUE);
        return label && strcmp(gtk_label_get_text(GTK_LABEL(label)), text) == 0 ? from : NULL;
    }
    GtkWidget *found = NULL;
    for (GtkWidget *child = gtk_widget_get_first_child(from); child && !found;
         child = gtk_widget_get_next_sibling(child))
        found = row_of(child, text);
    return found;
}

static void cancel_once_seen(WeftWindow *window, const char *text)
{
    GtkWidget *row;
    while (!(row = row_of(GTK_WIDGET(window), text)))
        iterate();
    g_signal_emit_by_name(widget_of(row, GTK_TYPE_BUTTON, TRUE), "clicked");
    while (row_of(GTK_WIDGET(window), text))
        iterate();
}

/* ---- Opening ---- */

/* The first picture does not wait for the libraries of a GPU that draws nothing. */
static void test_without_gpu(void)
{
    g_assert_cmpstr(g_getenv("GSK_RENDERER"), ==, "cairo");
    g_assert_false(gdk_display_prepare_gl(gdk_display_get_default(), NULL));
}

/* A window that opens something begins with that, or says that it is opened. */
static void test_begins_with_trace(void)
{
    WeftWindow *window = weft_window_new(NULL);
    g_autofree char *path = g_build_filename(g_getenv("WEFT_TEST_LESSONS"), "09-lock", "trace.weft",
                                             NULL);
    g_autoptr(GFile) file = g_file_new_for_path(path);
    g_autoptr(GFile) none = g_file_new_build_filename(directory, "none.weft", NULL);
    weft_window_open(window, file);
    gtk_window_present(GTK_WINDOW(window));
    g_assert_false(gtk_widget_get_visible(window->start));
    while (!weft_window_page(window))
        iterate();
    WeftSession *session = weft_trace_page_session(weft_window_page(window));
    while (!weft_session_loaded(session))
        iterate();
    gtk_widget_activate_action(GTK_WIDGET(window), "win.close-tab", NULL);
    g_assert_true(gtk_widget_get_visible(window->start));
    window_end(window);
    window = weft_window_new(NULL);
    weft_window_reopen(window, none, NULL, NULL);
    g_assert_false(gtk_widget_get_visible(window->start));
    while (!gtk_widget_get_visible(window->start))
        iterate();
    gtk_window_present(GTK_WINDOW(window));
    window_end(window);
}

/* A recorder that writes nothing would be waited for forever; it ends when nobody waits any more.
 */
static void test_opening(void)
{
    WeftWindow *window = window_open();
    g_autoptr(GFile) file = g_file_new_build_filename(directory, "never.weft", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GSubprocess)
        recorder = g_subprocess_new(G_SUBPROCESS_FLAGS_NONE, &error, "sleep", "1000", NULL);
    g_assert_no_error(error);
    weft_window_open_recording(window, file, recorder);
    cancel_once_seen(window, "Opening never.weft");
    g_assert_true(g_subprocess_wait(recorder, NULL, &error));
    g_assert_null(weft_window_page(window));
    window_end(window);
}

static gboolean nothing(gpointer data)
{
    (void)data;
    return G_SOURCE_CONTINUE;
}

/* It is seen how far a trace was read, whichever view is shown. */
static void test_reading(void)
{
    WeftWindow *window = window_open();
    g_autoptr(weft_trace) trace = weft_sample_many(100000);
    g_autoptr(WeftSession) session = weft_session_new(trace);
    weft_window_add_page(window, weft_trace_page_new(session), "many", "many");
    guint busy = g_idle_add_full(G_PRIORITY_DEFAULT_IDLE - 1, nothing, NULL, NULL);
    weft_trace_page_set_view(weft_window_page(window), "dispatch");
    g_assert_false(weft_session_loaded(session));
    cancel_once_seen(window, "Reading the trace");
    g_source_remove(busy);
    g_assert_null(weft_window_page(window));
    window_end(window);
}

/* ---- What was seen of a process ---- */

static GPid start_program(const char *what)
{
    const char *argv[] = { g_getenv("WEFT_TEST_STANDBY"), what, NULL };
    g_autoptr(GError) error = NULL;
    GPid pid;
    int output;
    char said;
    g_spawn_async_with_pipes(NULL, (char **)(gsize)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD,
                             child_ends_with, CHILD_OF_THIS, &pid, NULL, &output, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpint(read(output, &said, 1), ==, 1);
    close(output);
    return pid;
}

static gboolean says(GtkWidget *from, const char *text)
{
    gboolean found = GTK_IS_LABEL(from) && gtk_widget_get_mapped(from) &&
                     strstr(gtk_label_get_text(GTK_LABEL(from)), text);
    for (GtkWidget *child = gtk_widget_get_first_child(from); child && !found;
         child = gtk_widget_get_next_sibling(child))
        found = says(child, text);
    return found;
}

/* The start page says which of the programs hangs, and why, while it is looked at. */
static void test_start_page(void)
{
    WeftWindow *window = window_open();
    while (!says(GTK_WIDGET(window), "None runs now"))
        iterate();
    GPid program = start_program("stuck");
    while (!says(GTK_WIDGET(window), "held: hog holds its loop"))
        iterate();
    g_assert_false(says(GTK_WIDGET(window), "None runs now"));
    kill(program, SIGKILL);
    g_assert_true(child_was_killed(program));
    while (!says(GTK_WIDGET(window), "None runs now"))
        iterate();
    window_end(window);
}

static WeftSession *attach(WeftWindow *window, GPid pid)
{
    weft_window_attach(window, (guint64)pid);
    while (!weft_window_page(window))
        iterate();
    WeftSession *session = weft_trace_page_session(weft_window_page(window));
    g_assert_nonnull(session);
    while (weft_trace_events(weft_session_trace(session)) < 100)
        iterate();
    return session;
}

static void saved(gboolean done, gpointer answer)
{
    *(int *)answer = done;
}

static guint64 events_in(GFile *file)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(weft_trace) trace = weft_trace_open(g_file_peek_path(file), &error);
    g_assert_no_error(error);
    g_assert_null(weft_trace_damage(trace));
    return weft_trace_events(trace);
}

/* What is seen meanwhile is not in the file, and counts as unsaved. */
static void save(WeftWindow *window, WeftSession *session)
{
    g_autoptr(GFile) file = g_file_new_build_filename(directory, "saved.weft", NULL);
    int answer = -1;
    guint64 seen = weft_trace_events(weft_session_trace(session));
    g_assert_true(weft_session_unsaved(session));
    weft_window_save_to(window, session, file, saved, &answer);
    while (answer < 0)
        iterate();
    g_assert_cmpint(answer, ==, TRUE);
    g_assert_cmpuint(events_in(file), ==, seen);
    g_assert_cmpint(weft_session_unsaved(session), ==,
                    weft_trace_events(weft_session_trace(session)) > seen);
    g_assert_true(g_file_delete(file, NULL, NULL));
}

/* Drawn by this program as another process, from a file that is gone afterwards. */
static void draw(WeftWindow *window)
{
    g_autofree char *path = g_build_filename(directory, "picture.png", NULL);
    weft_window_export_to(window, path, weft_palette_named("light"), FALSE);
    while (!g_file_test(path, G_FILE_TEST_EXISTS) ||
           gtk_widget_get_first_child(GTK_WIDGET(window->works)))
        iterate();
    g_autoptr(GdkTexture) picture = gdk_texture_new_from_filename(path, NULL);
    g_assert_nonnull(picture);
    g_assert_cmpint(g_unlink(path), ==, 0);
    g_autoptr(GDir) left = g_dir_open(directory, 0, NULL);
    for (const char *name; (name = g_dir_read_name(left));)
        g_assert_false(g_str_has_prefix(name, "weft-"));
}

/* Presses this button of the question that is asked, when the `what` is closed. */
static void answer(const char *label, const char *what)
{
    g_autofree char *when = g_strdup_printf("when the %s is closed without saving", what);
    answer_question(when, label);
}

static void test_live(void)
{
    GPid program = start_program("bear");
    WeftWindow *window = window_open();
    WeftSession *session = attach(window, program);
    save(window, session);
    draw(window);
    for (guint64 n = weft_trace_events(weft_session_trace(session));
         weft_trace_events(weft_session_trace(session)) == n;)
        iterate();
    gtk_widget_activate_action(GTK_WIDGET(window), "win.close-tab", NULL);
    answer("_Cancel", "trace");
    g_assert_nonnull(weft_window_page(window));
    gtk_window_close(GTK_WINDOW(window));
    answer("_Cancel", "window");
    g_assert_nonnull(weft_window_page(window));
    gtk_widget_activate_action(GTK_WIDGET(window), "win.close-tab", NULL);
    answer("_Close Without Saving", "trace");
    g_assert_null(weft_window_page(window));
    attach(window, program);
    gtk_window_close(GTK_WINDOW(window));
    answer("_Close Without Saving", "window");
    g_assert_cmpuint(g_list_model_get_n_items(gtk_window_get_toplevels()), ==, 0);
    window = window_open();
    attach(window, program);
    window_end(window); /* nobody is asked */
    kill(program, SIGKILL);
    g_assert_true(child_was_killed(program));
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--export") == 0)
        return weft_viewer_export_main(argc, argv);
    directory = g_dir_make_tmp("weft-window-XXXXXX", NULL);
    g_setenv("XDG_DATA_HOME", directory, TRUE);
    g_setenv("XDG_RUNTIME_DIR", directory, TRUE);
    g_setenv("TMPDIR", directory, TRUE);
    g_unsetenv("WEFT_TRACE");
    g_test_init(&argc, &argv, NULL);
    WeftApplication *application = weft_application_new();
    adw_init();
    g_object_set(gtk_settings_get_default(), "gtk-enable-animations", FALSE, NULL);
    g_test_add_func("/window-work/without-gpu", test_without_gpu);
    g_test_add_func("/window-work/begins-with-trace", test_begins_with_trace);
    g_test_add_func("/window-work/opening", test_opening);
    g_test_add_func("/window-work/reading", test_reading);
    g_test_add_func("/window-work/start-page", test_start_page);
    g_test_add_func("/window-work/live", test_live);
    int failed = g_test_run();
    g_object_unref(application);
    remove_all(directory);
    g_free(directory);
    return failed;
}
