/* sample_window.c: see sample_window.h. */
#include "tests/viewer/sample_window.h"

#include "tests/remove_all.h"
#include "tests/viewer/sample_file.h"
#include <glib/gstdio.h>

static char *directory;

void window_tests_init(int *argc, char ***argv)
{
    directory = g_dir_make_tmp("weft-window-XXXXXX", NULL);
    g_autofree char *run = g_build_filename(directory, "run", NULL);
    g_mkdir(run, 0700);
    g_setenv("XDG_DATA_HOME", directory, TRUE);
    g_setenv("XDG_CACHE_HOME", directory, TRUE);
    g_setenv("XDG_RUNTIME_DIR", run, TRUE);
    g_test_init(argc, argv, NULL);
    adw_init();
    g_object_set(gtk_settings_get_default(), "gtk-enable-animations", FALSE, NULL);
}

int window_tests_run(void)
{
    int failed = g_test_run();
    remove_all(directory);
    g_free(directory);
    return failed;
}

const char *window_tests_directory(void)
{
    return directory;
}

WeftWindow *window_open(void)
{
    WeftWindow *window = weft_window_new(NULL);
    gtk_window_present(GTK_WINDOW(window));
    return window;
}

void window_close(WeftWindow *window)
{
    gtk_window_destroy(GTK_WINDOW(window));
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

GFile *file_with(const char *name, const char *content, gssize size)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    g_assert_true(g_file_set_contents(path, content, size, NULL));
    return g_file_new_for_path(path);
}

GFile *sample_file(void)
{
    g_autofree char *path = g_build_filename(directory, "sample.weft", NULL);
    g_autoptr(GError) error = NULL;
    weft_sample_write(path, FALSE, &error);
    g_assert_no_error(error);
    return g_file_new_for_path(path);
}

/* A mapped label that contains the text; NULL: none. */
static GtkWidget *find_text(GtkWidget *from, const char *text)
{
    if (GTK_IS_LABEL(from) && gtk_widget_get_mapped(from) &&
        strstr(gtk_label_get_text(GTK_LABEL(from)), text))
        return from;
    for (GtkWidget *child = gtk_widget_get_first_child(from); child;
         child = gtk_widget_get_next_sibling(child)) {
        GtkWidget *found = find_text(child, text);
        if (found)
            return found;
    }
    return NULL;
}

void wait_for_text(WeftWindow *window, const char *text)
{
    while (!find_text(GTK_WIDGET(window), text))
        g_main_context_iteration(NULL, TRUE);
}

WeftWindow *window_with_sample(void)
{
    WeftWindow *window = window_open();
    g_autoptr(GFile) file = sample_file();
    weft_window_open(window, file);
    while (!weft_window_page(window))
        g_main_context_iteration(NULL, TRUE);
    return window;
}
