/* window_test.c: what can be put into a window, and what it says of what cannot be opened. */
#include "app/viewer/preferences.h"
#include "app/viewer/settings.h"
#include "app/viewer/window.h"

#include "tests/remove_all.h"
#include "tests/viewer/sample_file.h"
#include "tracer/trace/format.h"
#include "tracer/trace/writer.h"
#include <glib/gstdio.h>
#include <unistd.h>

static char *directory;
static const char *const views[] = { "tasks", "findings", "timeline" };

static WeftWindow *window_open(void)
{
    WeftWindow *window = weft_window_new(NULL);
    gtk_window_present(GTK_WINDOW(window));
    return window;
}

static void window_close(WeftWindow *window)
{
    gtk_window_destroy(GTK_WINDOW(window));
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

static GFile *file_with(const char *name, const char *content, gssize size)
{
    g_autofree char *path = g_build_filename(directory, name, NULL);
    g_assert_true(g_file_set_contents(path, content, size, NULL));
    return g_file_new_for_path(path);
}

static GFile *sample_file(void)
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

static void wait_for_text(WeftWindow *window, const char *text)
{
    while (!find_text(GTK_WIDGET(window), text))
        g_main_context_iteration(NULL, TRUE);
}

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
    for (const char *in = "ab"; *in; in++) {
        g_autofree char *folder = g_strdup_printf("%s/%c", directory, *in);
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
    wait_for_text(window, "a/trace.weft");
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
    g_autofree char *path = g_build_filename(directory, "gone.weft", NULL);
    g_autoptr(GFile) file = g_file_new_for_path(path);
    weft_window_open(window, file);
    wait_for_text(window, "Cannot Open");
    wait_for_text(window, "See that the file is there");
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
    for (guint i = 0; i < G_N_ELEMENTS(views); i++) {
        weft_trace_page_set_view(weft_window_page(window), views[i]);
        while (g_main_context_iteration(NULL, FALSE))
            continue;
    }
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
    g_autofree char *path = g_build_filename(directory, name, NULL);
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
    for (guint i = 0; i < G_N_ELEMENTS(views); i++) {
        weft_trace_page_set_view(weft_window_page(window), views[i]);
        while (g_main_context_iteration(NULL, FALSE))
            continue;
    }
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
    g_autofree char *path = g_build_filename(directory, "caf\xe9-2.weft", NULL);
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

static WeftWindow *window_with_sample(void)
{
    WeftWindow *window = window_open();
    g_autoptr(GFile) file = sample_file();
    weft_window_open(window, file);
    while (!weft_window_page(window))
        g_main_context_iteration(NULL, TRUE);
    return window;
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

/* The first widget of a type below, in the windows there are. */
static GtkWidget *find_type(GtkWidget *from, GType type)
{
    if (G_TYPE_CHECK_INSTANCE_TYPE(from, type))
        return from;
    for (GtkWidget *child = gtk_widget_get_first_child(from); child;
         child = gtk_widget_get_next_sibling(child)) {
        GtkWidget *found = find_type(child, type);
        if (found)
            return found;
    }
    return NULL;
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
        adw_combo_row_set_selected(ADW_COMBO_ROW(find_type(shown, ADW_TYPE_COMBO_ROW)), 2);
        g_assert_cmpint(g_settings_get_enum(weft_settings(), "colors"), ==, 2);
        gtk_switch_set_active(GTK_SWITCH(find_type(shown, GTK_TYPE_SWITCH)), FALSE);
        g_assert_false(g_settings_get_boolean(weft_settings(), "restore"));
        gtk_window_destroy(GTK_WINDOW(shown));
        break;
    }
    window_close(window);
}

int main(int argc, char **argv)
{
    directory = g_dir_make_tmp("weft-window-XXXXXX", NULL);
    g_autofree char *run = g_build_filename(directory, "run", NULL);
    g_mkdir(run, 0700);
    g_setenv("XDG_DATA_HOME", directory, TRUE);
    g_setenv("XDG_RUNTIME_DIR", run, TRUE);
    g_test_init(&argc, &argv, NULL);
    adw_init();
    g_object_set(gtk_settings_get_default(), "gtk-enable-animations", FALSE, NULL);
    g_test_add_func("/window/start-page", test_start_page);
    g_test_add_func("/window/recent-names", test_recent_names);
    g_test_add_func("/window/open", test_open);
    g_test_add_func("/window/what-is-no-trace", test_what_is_no_trace);
    g_test_add_func("/window/what-is-not-there", test_what_is_not_there);
    g_test_add_func("/window/gone-process", test_gone_process);
    g_test_add_func("/window/cut-file", test_cut_file);
    g_test_add_func("/window/cut-to-nothing", test_cut_to_nothing);
    g_test_add_func("/window/damaged", test_damaged);
    g_test_add_func("/window/gigantic", test_gigantic);
    g_test_add_func("/window/no-event", test_no_event);
    g_test_add_func("/window/one-event", test_one_event);
    g_test_add_func("/window/one-damaged", test_one_damaged);
    g_test_add_func("/window/all-lost", test_all_lost);
    g_test_add_func("/window/deleted-while-open", test_deleted_while_open);
    g_test_add_func("/window/changed-while-open", test_changed_while_open);
    g_test_add_func("/window/name-in-no-encoding", test_name_in_no_encoding);
    g_test_add_func("/window/odd-name", test_odd_name);
    g_test_add_func("/window/drop", test_drop);
    g_test_add_func("/window/close-and-reopen", test_close_and_reopen);
    g_test_add_func("/window/close-with-a-popover", test_close_with_a_popover);
    g_test_add_func("/window/two-notes", test_two_notes);
    g_test_add_func("/window/inspector-toggle", test_inspector_toggle);
    g_test_add_func("/window/inspector-room", test_inspector_room);
    g_test_add_func("/window/preferences", test_preferences);
    int failed = g_test_run();
    remove_all(directory);
    g_free(directory);
    return failed;
}
