/* window_test.c: what can be put into a window, how it is closed, and what it keeps. */
#include "app/viewer/preferences.h"
#include "app/viewer/settings.h"
#include "tests/viewer/sample_window.h"
#include "tests/viewer/widgets.h"
#include <glib/gstdio.h>

static void drop(WeftWindow *window, GFile *file)
{
    g_autoptr(GListModel) controllers = gtk_widget_observe_controllers(GTK_WIDGET(window));
    for (guint i = 0; i < g_list_model_get_n_items(controllers); i++) {
        g_autoptr(GtkEventController) controller = g_list_model_get_item(controllers, i);
        if (!GTK_IS_DROP_TARGET(controller))
            continue;
        GSList files = { file, NULL };
        GValue value = G_VALUE_INIT;
        gboolean taken = FALSE;
        g_value_init(&value, GDK_TYPE_FILE_LIST);
        g_value_set_boxed(&value, &files);
        g_signal_emit_by_name(controller, "drop", &value, 10.0, 10.0, &taken);
        g_value_unset(&value);
        g_assert_true(taken);
        return;
    }
    g_assert_not_reached();
}

static void test_start_page(void)
{
    WeftWindow *window = window_open();
    wait_for_text(window, "Running Programs");
    g_assert_null(weft_window_page(window));
    window_close(window);
}

/* Of traces with the same name the start page says which directory they are in. */
static void test_recent_names(void)
{
    GtkRecentManager *manager = gtk_recent_manager_get_default();
    static const char *const folders[] = { "a&c", "b" };
    for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *folder = g_build_filename(window_tests_directory(), folders[i], NULL);
        g_autofree char *path = g_build_filename(folder, "trace.weft", NULL);
        g_autofree char *uri = g_filename_to_uri(path, NULL, NULL);
        GtkRecentData data = { .mime_type = (char *)"application/vnd.weft.trace",
                               .app_name = (char *)"Weft",
                               .app_exec = (char *)"weft-viewer %u" };
        g_mkdir(folder, 0700);
        g_assert_true(g_file_set_contents(path, "", 0, NULL));
        g_assert_true(gtk_recent_manager_add_full(manager, uri, &data));
        while (!gtk_recent_manager_has_item(manager, uri))
            g_main_context_iteration(NULL, TRUE);
    }
    WeftWindow *window = window_open();
    g_autofree char *where = g_build_filename(window_tests_directory(), "a&c", NULL);
    wait_for_text(window, "a&c/trace.weft");
    wait_for_text(window, where);
    wait_for_text(window, "b/trace.weft");
    window_close(window);
}

static void test_open(void)
{
    WeftWindow *window = window_open();
    g_autoptr(GFile) file = sample_file();
    weft_window_open(window, file);
    while (!weft_window_page(window))
        g_main_context_iteration(NULL, TRUE);
    g_assert_nonnull(weft_trace_page_session(weft_window_page(window)));
    wait_for_text(window, "1,081 events");
    window_close(window);
}

static void test_gone_process(void)
{
    WeftWindow *window = window_open();
    weft_window_attach(window, G_MAXINT32);
    g_assert_null(weft_window_page(window)); /* who asks does not wait for the program */
    wait_for_text(window, "Cannot Attach");
    wait_for_text(window, "linked with libweft");
    window_close(window);
}

static void test_drop(void)
{
    WeftWindow *window = window_open();
    g_autoptr(GFile) notes = file_with("notes.txt", "buy milk\n", -1);
    g_autoptr(GFile) trace = sample_file();
    drop(window, notes);
    wait_for_text(window, "is no trace");
    g_assert_null(weft_window_page(window));
    drop(window, trace);
    while (!weft_window_page(window))
        g_main_context_iteration(NULL, TRUE);
    window_close(window);
}

static void test_close_and_reopen(void)
{
    WeftWindow *window = window_open();
    g_autoptr(GFile) file = sample_file();
    weft_window_open(window, file);
    while (!weft_window_page(window))
        g_main_context_iteration(NULL, TRUE);
    /* It fits a small screen. */
    int least;
    gtk_widget_measure(GTK_WIDGET(window), GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL,
                       NULL);
    g_assert_cmpint(least, <=, 800);
    /* A banner, and the bar of a live program, have room in the lowest window: else it would be
     * laid out wider than it is. */
    int lowest, height;
    gtk_widget_measure(GTK_WIDGET(window), GTK_ORIENTATION_VERTICAL, -1, &lowest, NULL, NULL, NULL);
    gtk_widget_measure(GTK_WIDGET(weft_window_page(window)), GTK_ORIENTATION_VERTICAL, 800, &height,
                       NULL, NULL, NULL);
    g_assert_cmpint(height, <=, lowest - 200);
    gtk_widget_activate_action(GTK_WIDGET(window), "win.close-tab", NULL);
    /* A key that is pressed before the next frame has somewhere to go. */
    GtkWidget *focus = gtk_window_get_focus(GTK_WINDOW(window));
    g_assert_nonnull(focus);
    g_assert_true(gtk_widget_get_root(focus) == GTK_ROOT(window));
    wait_for_text(window, "Closed fetch-three");
    g_assert_null(weft_window_page(window));
    gtk_widget_activate_action(GTK_WIDGET(window), "win.reopen-tab", NULL);
    while (!weft_window_page(window))
        g_main_context_iteration(NULL, TRUE);
    window_close(window);
}

static void toggle_inspector(WeftWindow *window)
{
    gtk_widget_activate_action(GTK_WIDGET(window), "win.inspector", NULL);
}

/* Whether its button is pressed. */
static gboolean inspector_state(WeftWindow *window)
{
    g_autoptr(GVariant)
        state = g_action_group_get_action_state(G_ACTION_GROUP(window), "inspector");
    return g_variant_get_boolean(state);
}

static void wait_for_inspector(WeftWindow *window, gboolean seen)
{
    while (weft_trace_page_inspector(weft_window_page(window)) != seen)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpint(inspector_state(window), ==, seen);
}

static void freed(gpointer is_freed, GObject *popover)
{
    *(gboolean *)is_freed = TRUE;
    (void)popover;
}

/* With it goes what was open over it: else its tooltip's timer would go on. */
static void test_close_with_a_popover(void)
{
    WeftWindow *window = window_with_sample();
    gboolean is_freed = FALSE;
    GtkWidget *focus = NULL, *popover = NULL;
    gtk_widget_activate_action(GTK_WIDGET(window), "win.note", NULL);
    while (!popover) {
        g_main_context_iteration(NULL, TRUE);
        focus = gtk_window_get_focus(GTK_WINDOW(window));
        popover = focus ? gtk_widget_get_ancestor(focus, GTK_TYPE_POPOVER) : NULL;
    }
    g_object_weak_ref(G_OBJECT(popover), freed, &is_freed);
    gtk_window_close(GTK_WINDOW(window));
    while (!is_freed)
        g_main_context_iteration(NULL, TRUE);
}

/* What has the focus within the window's popover; NULL: it is elsewhere. */
static GtkWidget *focus_in_popover(WeftWindow *window)
{
    GtkWidget *focus = gtk_window_get_focus(GTK_WINDOW(window));
    return focus && gtk_widget_get_ancestor(focus, GTK_TYPE_POPOVER) ? focus : NULL;
}

/* Each note is typed into the entry, wherever the focus was meanwhile; then keys are the view's. */
static void test_two_notes(void)
{
    WeftWindow *window = window_with_sample();
    WeftTracePage *page = weft_window_page(window);
    GListModel *notes = weft_session_notes(weft_trace_page_session(page));
    for (guint i = 0; i < 2; i++) {
        GtkWidget *focus;
        gtk_widget_activate_action(GTK_WIDGET(window), "win.note", NULL);
        while (!(focus = focus_in_popover(window)))
            g_main_context_iteration(NULL, TRUE);
        g_assert_true(GTK_IS_TEXT(focus));
        gtk_editable_set_text(GTK_EDITABLE(focus), "a note");
        g_signal_emit_by_name(focus, "activate");
        while (g_list_model_get_n_items(notes) <= i || focus_in_popover(window))
            g_main_context_iteration(NULL, TRUE);
        focus = gtk_window_get_focus(GTK_WINDOW(window));
        g_assert_true(focus && gtk_widget_is_ancestor(focus, GTK_WIDGET(page)));
        gtk_window_set_focus(GTK_WINDOW(window), NULL); /* as after a click */
        while (g_main_context_iteration(NULL, FALSE))
            continue;
    }
    window_close(window);
}

/* Leaves the tab this much of the window's width: without a window manager nothing resizes that. */
static void squeeze(WeftWindow *window, int width)
{
    GtkWidget *page = GTK_WIDGET(weft_window_page(window));
    while (gtk_widget_get_width(page) == 0)
        g_main_context_iteration(NULL, TRUE);
    gtk_widget_set_margin_end(page, gtk_widget_get_width(GTK_WIDGET(window)) - width);
    while (gtk_widget_get_width(page) != width)
        g_main_context_iteration(NULL, TRUE);
}

static void test_inspector_toggle(void)
{
    WeftWindow *window = window_with_sample();
    wait_for_inspector(window, TRUE);
    toggle_inspector(window);
    wait_for_inspector(window, FALSE);
    toggle_inspector(window);
    wait_for_inspector(window, TRUE);
    window_close(window);
}

/* Where there is no room for it the inspector goes, and its button says so; it comes over the
 * timeline when it is asked for, and back when there is room: unless it is not wanted. */
static void test_inspector_room(void)
{
    WeftWindow *window = window_with_sample();
    squeeze(window, 1200);
    wait_for_inspector(window, TRUE);
    squeeze(window, 700);
    wait_for_inspector(window, FALSE);
    squeeze(window, 1200);
    wait_for_inspector(window, TRUE);
    squeeze(window, 700);
    wait_for_inspector(window, FALSE);
    toggle_inspector(window);
    wait_for_inspector(window, TRUE);
    toggle_inspector(window);
    squeeze(window, 1200);
    wait_for_inspector(window, FALSE);
    window_close(window);
}

static void test_preferences(void)
{
    WeftWindow *window = window_open();
    weft_preferences_show(GTK_WINDOW(window));
    GListModel *windows = gtk_window_get_toplevels();
    g_assert_cmpuint(g_list_model_get_n_items(windows), ==, 2);
    for (guint i = 0; i < 2; i++) {
        g_autoptr(GtkWidget) shown = g_list_model_get_item(windows, i);
        if (!ADW_IS_PREFERENCES_WINDOW(shown))
            continue;
        adw_combo_row_set_selected(ADW_COMBO_ROW(widget_of(shown, ADW_TYPE_COMBO_ROW, FALSE)), 2);
        g_assert_cmpint(g_settings_get_enum(weft_settings(), "colors"), ==, 2);
        gtk_switch_set_active(GTK_SWITCH(widget_of(shown, GTK_TYPE_SWITCH, FALSE)), FALSE);
        g_assert_false(g_settings_get_boolean(weft_settings(), "restore"));
        gtk_window_destroy(GTK_WINDOW(shown));
        break;
    }
    window_close(window);
}

int main(int argc, char **argv)
{
    window_tests_init(&argc, &argv);
    g_test_add_func("/window/start-page", test_start_page);
    g_test_add_func("/window/recent-names", test_recent_names);
    g_test_add_func("/window/open", test_open);
    g_test_add_func("/window/gone-process", test_gone_process);
    g_test_add_func("/window/drop", test_drop);
    g_test_add_func("/window/close-and-reopen", test_close_and_reopen);
    g_test_add_func("/window/close-with-a-popover", test_close_with_a_popover);
    g_test_add_func("/window/two-notes", test_two_notes);
    g_test_add_func("/window/inspector-toggle", test_inspector_toggle);
    g_test_add_func("/window/inspector-room", test_inspector_room);
    g_test_add_func("/window/preferences", test_preferences);
    return window_tests_run();
}
