/* picture_test.c: what a window shows, as a picture in a file: drawn by another process, which here
 * is this test itself (`--export`), as it is weft-viewer itself where that runs. */
#include "app/viewer/export.h"
#include "app/viewer/window-private.h"
#include "tests/viewer/sample_file.h"

#include <glib/gstdio.h>
#include <string.h>

static char *directory;

static gboolean find_text(GtkWidget *from, const char *text)
{
    gboolean found = GTK_IS_LABEL(from) && gtk_widget_get_mapped(from) &&
                     strstr(gtk_label_get_text(GTK_LABEL(from)), text);
    for (GtkWidget *child = gtk_widget_get_first_child(from); child && !found;
         child = gtk_widget_get_next_sibling(child))
        found = find_text(child, text);
    return found;
}

static void wait_for_text(WeftWindow *window, const char *text)
{
    while (!find_text(GTK_WIDGET(window), text))
        g_main_context_iteration(NULL, TRUE);
}

static WeftWindow *window_with_sample(void)
{
    g_autofree char *path = g_build_filename(directory, "sample.weft", NULL);
    g_autoptr(GError) error = NULL;
    weft_sample_write(path, FALSE, &error);
    g_assert_no_error(error);
    WeftWindow *window = weft_window_new(NULL);
    g_autoptr(GFile) file = g_file_new_for_path(path);
    gtk_window_present(GTK_WINDOW(window));
    weft_window_open(window, file);
    wait_for_text(window, "heartbeat");
    return window;
}

static void window_close(WeftWindow *window)
{
    gtk_window_destroy(GTK_WINDOW(window));
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

static char *exported(WeftWindow *window, const char *name, enum weft_palette_id palette)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    char *content = NULL;
    g_autoptr(GError) error = NULL;
    weft_window_export_to(window, path, weft_palette(palette), FALSE);
    while (!g_file_test(path, G_FILE_TEST_EXISTS))
        g_main_context_iteration(NULL, TRUE);
    wait_for_text(window, path);
    g_file_get_contents(path, &content, NULL, &error);
    g_assert_no_error(error);
    g_remove(path);
    return content;
}

/* The visible range, the selection and the playhead are those of the window. */
static void test_what_is_shown(void)
{
    WeftWindow *window = window_with_sample();
    WeftSession *session = weft_trace_page_session(weft_window_page(window));
    guint lane = weft_model_n_lanes(weft_session_model(session)) - 1;
    while (weft_model_lane(weft_session_model(session), lane)->kind != WEFT_LANE_TASK)
        lane--;
    weft_session_show(session, 300000000, 310000000, WEFT_MOVE_JUMP);
    weft_session_set_playhead(session, 305000000);
    weft_session_select(session, lane, 305000000);
    g_autofree char *svg = exported(window, "a.svg", WEFT_PALETTE_PRESENTER);
    g_assert_nonnull(strstr(svg, ">305.0"));
    g_assert_nonnull(strstr(svg, "fetch-three · 10.0 ms shown"));
    g_assert_nonnull(strstr(svg, ">sleep 49.8 ms<"));
    g_assert_nonnull(strstr(svg, "fill=\"#f6f5f4\"")); /* the presenter palette's words */
    window_close(window);
}

static void test_refused(void)
{
    WeftWindow *window = window_with_sample();
    weft_window_export_to(window, "/nonexistent/a.png", weft_palette(WEFT_PALETTE_LIGHT), FALSE);
    wait_for_text(window, "Not exported: cannot write '/nonexistent/a.png': No such file");
    window_close(window);
}

/* A name without its ending becomes another's: that is not replaced unasked. */
static void test_there_already(void)
{
    WeftWindow *window = window_with_sample();
    g_autofree char *name = g_build_filename(directory, "precious", NULL), *content = NULL;
    g_autofree char *there = g_strconcat(name, ".png", NULL);
    g_assert_true(g_file_set_contents(there, "precious", -1, NULL));
    weft_window_export_to(window, name, weft_palette(WEFT_PALETTE_LIGHT), FALSE);
    wait_for_text(window, "is there already");
    g_assert_true(g_file_get_contents(there, &content, NULL, NULL));
    g_assert_cmpstr(content, ==, "precious");
    g_remove(there);
    window_close(window);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--export") == 0)
        return weft_viewer_export_main(argc, argv);
    directory = g_dir_make_tmp("weft-picture-XXXXXX", NULL);
    g_autofree char *run = g_build_filename(directory, "run", NULL);
    g_autofree char *sample = g_build_filename(directory, "sample.weft", NULL);
    g_mkdir(run, 0700);
    g_setenv("XDG_DATA_HOME", run, TRUE);
    g_setenv("XDG_CACHE_HOME", run, TRUE);
    g_setenv("XDG_RUNTIME_DIR", run, TRUE);
    g_test_init(&argc, &argv, NULL);
    adw_init();
    g_object_set(gtk_settings_get_default(), "gtk-enable-animations", FALSE, NULL);
    g_test_add_func("/picture/what-is-shown", test_what_is_shown);
    g_test_add_func("/picture/refused", test_refused);
    g_test_add_func("/picture/there-already", test_there_already);
    int failed = g_test_run();
    g_remove(sample);
    g_autoptr(GFile) home = g_file_new_for_path(run);
    g_autoptr(GFileEnumerator)
        left = g_file_enumerate_children(home, "standard::name", 0, NULL, NULL);
    for (GFile *file; left && g_file_enumerator_iterate(left, NULL, &file, NULL, NULL) && file;)
        g_file_delete(file, NULL, NULL);
    g_rmdir(run);
    g_rmdir(directory);
    g_free(directory);
    return failed;
}
