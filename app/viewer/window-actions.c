/* window-actions.c: the window's actions: what menus, header bar and application keys do. */
#include "app/viewer/record-dialog.h"
#include "app/viewer/settings.h"
#include "app/viewer/window-private.h"

static WeftSession *session_of(WeftWindow *window)
{
    WeftTracePage *page = weft_window_page(window);
    return page ? weft_trace_page_session(page) : NULL;
}

static void open_activated(GSimpleAction *action, GVariant *parameter, gpointer window)
{
    weft_window_choose(window);
    (void)action, (void)parameter;
}

static void open_path_activated(GSimpleAction *action, GVariant *path, gpointer window)
{
    g_autoptr(GFile) file = g_file_new_for_path(g_variant_get_bytestring(path));
    weft_window_open(window, file);
    (void)action;
}

static void record_activated(GSimpleAction *action, GVariant *parameter, gpointer window)
{
    weft_record_dialog_show(window);
    (void)action, (void)parameter;
}

static void close_activated(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    WeftWindow *window = data;
    AdwTabPage *tab = adw_tab_view_get_selected_page(window->tabs);
    if (tab && weft_window_page(window))
        adw_tab_view_close_page(window->tabs, tab);
    else
        gtk_window_close(GTK_WINDOW(window));
    (void)action, (void)parameter;
}

static void reopen_activated(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    WeftWindow *window = data;
    if (window->closed->len > 0) {
        g_autoptr(GFile) file = g_ptr_array_steal_index(window->closed, window->closed->len - 1);
        weft_window_open(window, file);
    }
    (void)action, (void)parameter;
}

/* The start page, with tabs kept behind it: choosing there adds another. */
static void start_activated(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    WeftWindow *window = data;
    gboolean shown = weft_window_page(window) == NULL;
    gboolean any = adw_tab_view_get_n_pages(window->tabs) > 0;
    weft_window_show_start(window, !(shown && any));
    weft_window_tell_title(window);
    (void)action, (void)parameter;
}

static void lessons_activated(GSimpleAction *action, GVariant *parameter, gpointer window)
{
    weft_window_present(window, FALSE);
    weft_window_show_lessons(window);
    (void)action, (void)parameter;
}

static void go_activated(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    WeftWindow *window = data;
    weft_goto_open(window->go, session_of(window), GTK_WIDGET(weft_window_page(window)));
    (void)action, (void)parameter;
}

static void note_activated(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    gtk_menu_button_popup(WEFT_WINDOW(data)->notes);
    (void)action, (void)parameter;
}

static void bookmark_activated(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    weft_notes_panel_bookmark(WEFT_WINDOW(data)->notes_panel);
    (void)action, (void)parameter;
}

/* What the window shows, as it is. */
static void copy_picture_activated(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    WeftWindow *window = data;
    g_autoptr(GdkTexture) picture = weft_trace_page_picture(weft_window_page(window));
    gdk_clipboard_set_texture(gtk_widget_get_clipboard(GTK_WIDGET(window)), picture);
    weft_window_toast(window, "Picture copied");
    (void)action, (void)parameter;
}

static void find_activated(GSimpleAction *action, GVariant *parameter, gpointer window)
{
    weft_trace_page_find(weft_window_page(window));
    (void)action, (void)parameter;
}

static void menu_activated(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    gtk_menu_button_popup(WEFT_WINDOW(data)->menu);
    (void)action, (void)parameter;
}

static void save_activated(GSimpleAction *action, GVariant *parameter, gpointer window)
{
    weft_window_save(window, session_of(window), NULL, NULL);
    (void)action, (void)parameter;
}

static void export_activated(GSimpleAction *action, GVariant *parameter, gpointer window)
{
    weft_window_export(window);
    (void)action, (void)parameter;
}

static void inspector_changed(GSimpleAction *action, GVariant *state, gpointer data)
{
    WeftWindow *window = data;
    WeftTracePage *page = weft_window_page(window);
    window->prefers_inspector = g_variant_get_boolean(state);
    if (weft_settings())
        g_settings_set_boolean(weft_settings(), "inspector", window->prefers_inspector);
    if (page)
        weft_trace_page_show_inspector(page, window->prefers_inspector);
    weft_window_update_actions(window);
    (void)action;
}

static void follow_changed(GSimpleAction *action, GVariant *state, gpointer data)
{
    WeftSession *session = session_of(data);
    if (session)
        weft_session_follow(session, g_variant_get_boolean(state));
    weft_window_update_actions(data);
    (void)action;
}

static void present_changed(GSimpleAction *action, GVariant *state, gpointer window)
{
    weft_window_present(window, g_variant_get_boolean(state));
    (void)action;
}

static void view_changed(GSimpleAction *action, GVariant *state, gpointer data)
{
    WeftTracePage *page = weft_window_page(data);
    if (page)
        weft_trace_page_set_view(page, g_variant_get_string(state, NULL));
    weft_window_update_actions(data);
    (void)action;
}

static void say_activated(GSimpleAction *action, GVariant *text, gpointer window)
{
    weft_window_toast(window, g_variant_get_string(text, NULL));
    (void)action;
}

static void about_activated(GSimpleAction *action, GVariant *parameter, gpointer window)
{
    adw_show_about_window(GTK_WINDOW(window), "application-name", "Weft", "application-icon",
                          "org.weft.Weft", "version", WEFT_VERSION, "comments",
                          "What an event loop does: its tasks, on a timeline.", "license-type",
                          GTK_LICENSE_MIT_X11, NULL);
    (void)action, (void)parameter;
}

static void enable(WeftWindow *window, const char *name, gboolean enabled)
{
    GAction *action = g_action_map_lookup_action(G_ACTION_MAP(window), name);
    g_simple_action_set_enabled(G_SIMPLE_ACTION(action), enabled);
}

static void set_state(WeftWindow *window, const char *name, GVariant *state)
{
    GAction *action = g_action_map_lookup_action(G_ACTION_MAP(window), name);
    g_simple_action_set_state(G_SIMPLE_ACTION(action), state);
}

static void set_on(WeftWindow *window, const char *name, gboolean on)
{
    set_state(window, name, g_variant_new_boolean(on));
}

/* The shortcuts window opens at the keys of what is seen. */
static void help_shown(GtkWidget *help, WeftWindow *window)
{
    WeftTracePage *page = weft_window_page(window);
    g_object_set(help, "section-name",
                 page && weft_trace_page_session(page)     ? weft_trace_page_view(page)
                 : gtk_widget_get_visible(window->lessons) ? "lessons"
                                                           : "window",
                 NULL);
}

/* Left to GTK, it would be made with every window: a tenth of the time until that is seen. */
static void help_activated(GSimpleAction *action, GVariant *parameter, gpointer data)
{
    GtkApplicationWindow *window = data;
    if (!gtk_application_window_get_help_overlay(window)) {
        g_autoptr(GtkBuilder) made = gtk_builder_new_from_resource("/org/weft/Weft/shortcuts.ui");
        GObject *help = gtk_builder_get_object(made, "help_overlay");
        g_signal_connect_object(help, "show", G_CALLBACK(help_shown), window, 0);
        gtk_application_window_set_help_overlay(window, GTK_SHORTCUTS_WINDOW(help));
    }
    gtk_window_present(GTK_WINDOW(gtk_application_window_get_help_overlay(window)));
    (void)action, (void)parameter;
}

void weft_window_update_actions(WeftWindow *window)
{
    WeftSession *session = session_of(window);
    weft_live *live = session ? weft_session_live(session) : NULL;
    enable(window, "find", session != NULL);
    enable(window, "export", session != NULL);
    enable(window, "note", session != NULL);
    enable(window, "bookmark", session != NULL);
    enable(window, "copy-picture", session != NULL);
    gtk_widget_set_visible(GTK_WIDGET(window->notes), session != NULL);
    enable(window, "inspector", session != NULL);
    gboolean saves = live && !weft_live_is_file(live);
    enable(window, "save", saves);
    enable(window, "follow", live && !weft_live_ended(live));
    enable(window, "reopen-tab", window->closed->len > 0);
    gboolean lessons = gtk_widget_get_visible(window->lessons);
    gtk_widget_set_visible(window->back,
                           !weft_window_page(window) &&
                               (lessons || adw_tab_view_get_n_pages(window->tabs) > 0));
    gtk_widget_set_visible(window->find, session != NULL);
    gtk_widget_set_visible(window->inspector, session != NULL);
    gtk_widget_set_visible(window->save, saves);
    gtk_widget_set_visible(window->follow, live != NULL);
    gtk_widget_set_visible(window->views, session != NULL);
    enable(window, "view", session != NULL);
    if (session)
        set_state(window, "view",
                  g_variant_new_string(weft_trace_page_view(weft_window_page(window))));
    enable(window, "present", session != NULL);
    set_on(window, "present", window->presenting);
    set_on(window, "follow", session && weft_session_following(session));
    set_on(window, "inspector", session && weft_trace_page_inspector(weft_window_page(window)));
}

void weft_window_install_actions(WeftWindow *window)
{
    static const GActionEntry entries[] = {
        { .name = "open", .activate = open_activated },
        { .name = "open-path", .activate = open_path_activated, .parameter_type = "ay" },
        { .name = "record", .activate = record_activated },
        { .name = "close-tab", .activate = close_activated },
        { .name = "reopen-tab", .activate = reopen_activated },
        { .name = "start", .activate = start_activated },
        { .name = "lessons", .activate = lessons_activated },
        { .name = "go", .activate = go_activated },
        { .name = "note", .activate = note_activated },
        { .name = "bookmark", .activate = bookmark_activated },
        { .name = "copy-picture", .activate = copy_picture_activated },
        { .name = "find", .activate = find_activated },
        { .name = "menu", .activate = menu_activated },
        { .name = "save", .activate = save_activated },
        { .name = "export", .activate = export_activated },
        { .name = "inspector", .state = "true", .change_state = inspector_changed },
        { .name = "follow", .state = "false", .change_state = follow_changed },
        { .name = "present", .state = "false", .change_state = present_changed },
        { .name = "view",
          .parameter_type = "s",
          .state = "'timeline'",
          .change_state = view_changed },
        { .name = "say", .activate = say_activated, .parameter_type = "s" },
        { .name = "about", .activate = about_activated },
        { .name = "show-help-overlay", .activate = help_activated },
    };
    g_action_map_add_action_entries(G_ACTION_MAP(window), entries, G_N_ELEMENTS(entries), window);
}
