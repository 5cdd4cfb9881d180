/* window.c: the widget: its tabs, its title, which of start page and tabs is seen. Actions are in
 * window-actions.c, opening in window-open.c, closing in window-close.c.
 *
 * Thread: main. */
#include "app/viewer/accessible.h"
#include "app/viewer/count.h"
#include "app/viewer/finding-item.h"
#include "app/viewer/lessons/browser.h"
#include "app/viewer/settings.h"
#include "app/viewer/window-private.h"

enum { TITLE_MS = 250 };

G_DEFINE_FINAL_TYPE(WeftWindow, weft_window, ADW_TYPE_APPLICATION_WINDOW)

WeftTracePage *weft_window_page(WeftWindow *window)
{
    AdwTabPage *tab = adw_tab_view_get_selected_page(window->tabs);
    gboolean shown = gtk_widget_get_visible(window->traces);
    return tab && shown ? WEFT_TRACE_PAGE(adw_tab_page_get_child(tab)) : NULL;
}

void weft_window_show_start(WeftWindow *window, gboolean start)
{
    gtk_widget_set_visible(window->start, start);
    gtk_widget_set_visible(window->traces, !start);
    gtk_widget_set_visible(window->lessons, FALSE);
}

void weft_window_show_lessons(WeftWindow *window)
{
    gtk_widget_set_visible(window->start, FALSE);
    gtk_widget_set_visible(window->traces, FALSE);
    gtk_widget_set_visible(window->lessons, TRUE);
    weft_window_tell_title(window);
}

void weft_window_toast(WeftWindow *window, const char *text)
{
    g_autofree char *escaped = g_markup_escape_text(text, -1);
    adw_toast_overlay_add_toast(window->toasts, adw_toast_new(escaped));
}

/* ---- Title and buttons of the tab shown ---- */

void weft_window_tell_title(WeftWindow *window)
{
    WeftTracePage *page = weft_window_page(window);
    AdwTabPage *tab = page ? adw_tab_view_get_page(window->tabs, GTK_WIDGET(page)) : NULL;
    const char *title = tab                                       ? adw_tab_page_get_title(tab)
                        : gtk_widget_get_visible(window->lessons) ? "Lessons"
                                                                  : "Weft";
    g_autofree char *subtitle = page ? weft_trace_page_subtitle(page) : g_strdup("");
    g_clear_handle_id(&window->title_timer, g_source_remove);
    gtk_label_set_text(window->title, title);
    gtk_label_set_text(window->subtitle, subtitle);
    gtk_window_set_title(GTK_WINDOW(window), title);
    weft_window_update_actions(window);
}

static gboolean title_due(gpointer window)
{
    WEFT_WINDOW(window)->title_timer = 0;
    weft_window_tell_title(window);
    return G_SOURCE_REMOVE;
}

/* How many there are, in the colour of the gravest. */
static void show_findings_count(WeftWindow *window)
{
    static const char *const classes[WEFT_SEVERITIES] = {
        [WEFT_SEVERITY_HINT] = "accent",
        [WEFT_SEVERITY_WARNING] = "warning",
        [WEFT_SEVERITY_ERROR] = "error",
    };
    GtkWidget *badge = GTK_WIDGET(window->findings_count);
    GListModel *findings = window->followed ? weft_session_findings(window->followed) : NULL;
    guint n = findings ? g_list_model_get_n_items(findings) : 0;
    g_autofree char *count = weft_count(n);
    g_autofree char *name = n ? g_strdup_printf("Findings, %s", count) : g_strdup("Findings");
    gtk_widget_set_visible(badge, n > 0);
    weft_accessible_name(window->findings_button, name);
    if (n == 0)
        return;
    g_autoptr(WeftFindingItem) gravest = g_list_model_get_item(findings, 0);
    gtk_label_set_text(window->findings_count, count);
    for (guint i = WEFT_SEVERITY_HINT; i < WEFT_SEVERITIES; i++)
        gtk_widget_remove_css_class(badge, classes[i]);
    gtk_widget_add_css_class(badge, classes[weft_finding_item_get(gravest)->severity]);
}

static void session_changed(WeftSession *session, guint what, WeftWindow *window)
{
    if (what & WEFT_CHANGE_FINDINGS)
        show_findings_count(window);
    if (what & WEFT_CHANGE_STATUS) {
        weft_window_tell_title(window);
    } else if ((what & WEFT_CHANGE_MODEL) && !window->title_timer) {
        window->title_timer = g_timeout_add(TITLE_MS, title_due, window);
    }
    (void)session;
}

static void follow_session(WeftWindow *window, WeftSession *session)
{
    if (window->followed)
        g_signal_handlers_disconnect_by_func(window->followed, session_changed, window);
    g_set_object(&window->followed, session);
    if (session)
        g_signal_connect(session, "changed", G_CALLBACK(session_changed), window);
    weft_notes_panel_set(window->notes_panel, session);
    show_findings_count(window);
}

static void page_selected(WeftWindow *window)
{
    WeftTracePage *page = weft_window_page(window);
    follow_session(window, page ? weft_trace_page_session(page) : NULL);
    if (page)
        weft_trace_page_prefer_inspector(page, window->prefers_inspector);
    if (window->presenting)
        weft_window_present(window, page != NULL);
    weft_window_tell_title(window);
}

static void count_changed(WeftWindow *window)
{
    gboolean any = adw_tab_view_get_n_pages(window->tabs) > 0;
    weft_window_show_start(window, !any);
    page_selected(window);
    weft_window_keep_session(window);
}

void weft_window_opens(WeftWindow *window)
{
    if (!gtk_widget_get_mapped(GTK_WIDGET(window)))
        weft_window_show_start(window, FALSE);
}

void weft_window_opened(WeftWindow *window)
{
    if (adw_tab_view_get_n_pages(window->tabs) == 0 && gtk_widget_get_visible(window->traces))
        weft_window_show_start(window, TRUE);
}

WeftWorkRow *weft_window_show_work(WeftWindow *window, const char *what, GCancellable *cancellable)
{
    WeftWorkRow *row = weft_work_row_new(what);
    g_signal_connect_object(row, "cancelled", G_CALLBACK(g_cancellable_cancel), cancellable,
                            G_CONNECT_SWAPPED);
    gtk_box_append(window->works, GTK_WIDGET(row));
    return row;
}

void weft_window_add_page(WeftWindow *window, WeftTracePage *page, const char *title,
                          const char *tooltip)
{
    AdwTabPage *tab = adw_tab_view_append(window->tabs, GTK_WIDGET(page));
    g_autofree char *escaped = g_markup_escape_text(tooltip, -1);
    g_signal_connect_object(page, "inspector-changed", G_CALLBACK(weft_window_update_actions),
                            window, G_CONNECT_SWAPPED);
    g_signal_connect_object(page, "view-changed", G_CALLBACK(weft_window_update_actions), window,
                            G_CONNECT_SWAPPED);
    adw_tab_page_set_title(tab, title);
    adw_tab_page_set_tooltip(tab, escaped);
    weft_window_show_start(window, FALSE);
    adw_tab_view_set_selected_page(window->tabs, tab);
    page_selected(window);
    gtk_widget_grab_focus(GTK_WIDGET(page));
}

/* Keys are for the view again, not for the button that its popover hangs from. */
static void notes_closed(WeftWindow *window)
{
    WeftTracePage *page = weft_window_page(window);
    if (page)
        weft_trace_page_set_view(page, weft_trace_page_view(page));
}

/* A popover that is open when its window is destroyed is never freed (GTK 4.8), and its tooltip's
 * timer, still to fire, asks for the surface that it has no more. */
static void close_popover(GtkWindow *window)
{
    GtkWidget *focus = gtk_window_get_focus(window);
    GtkWidget *popover = focus ? gtk_widget_get_ancestor(focus, GTK_TYPE_POPOVER) : NULL;
    if (popover)
        gtk_popover_popdown(GTK_POPOVER(popover));
}

static gboolean close_request(GtkWindow *window)
{
    weft_window_keep_session(WEFT_WINDOW(window));
    if (!weft_window_may_close(WEFT_WINDOW(window)))
        return GDK_EVENT_STOP;
    close_popover(window);
    return GTK_WINDOW_CLASS(weft_window_parent_class)->close_request(window);
}

static void dispose(GObject *object)
{
    WeftWindow *window = WEFT_WINDOW(object);
    if (window->followed)
        follow_session(window, NULL);
    g_clear_handle_id(&window->title_timer, g_source_remove);
    g_clear_pointer(&window->closed, g_ptr_array_unref);
    g_clear_pointer(&window->restoring, g_variant_unref);
    G_OBJECT_CLASS(weft_window_parent_class)->dispose(object);
}

static void weft_window_class_init(WeftWindowClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    G_OBJECT_CLASS(class)->dispose = dispose;
    GTK_WINDOW_CLASS(class)->close_request = close_request;
    g_type_ensure(WEFT_TYPE_GOTO);
    g_type_ensure(WEFT_TYPE_NOTES_PANEL);
    g_type_ensure(WEFT_TYPE_LESSONS);
    g_type_ensure(WEFT_TYPE_START_PAGE);
    gtk_widget_class_set_template_from_resource(widget, "/org/weft/Weft/window.ui");
    gtk_widget_class_bind_template_child(widget, WeftWindow, header);
    gtk_widget_class_bind_template_child(widget, WeftWindow, tab_bar);
    gtk_widget_class_bind_template_child(widget, WeftWindow, works);
    gtk_widget_class_bind_template_child(widget, WeftWindow, toasts);
    gtk_widget_class_bind_template_child(widget, WeftWindow, traces);
    gtk_widget_class_bind_template_child(widget, WeftWindow, tabs);
    gtk_widget_class_bind_template_child(widget, WeftWindow, title);
    gtk_widget_class_bind_template_child(widget, WeftWindow, subtitle);
    gtk_widget_class_bind_template_child(widget, WeftWindow, findings_button);
    gtk_widget_class_bind_template_child(widget, WeftWindow, findings_count);
    gtk_widget_class_bind_template_child(widget, WeftWindow, go);
    gtk_widget_class_bind_template_child(widget, WeftWindow, notes);
    gtk_widget_class_bind_template_child(widget, WeftWindow, notes_panel);
    gtk_widget_class_bind_template_callback(widget, notes_closed);
    gtk_widget_class_bind_template_child(widget, WeftWindow, views);
    gtk_widget_class_bind_template_child(widget, WeftWindow, back);
    gtk_widget_class_bind_template_child(widget, WeftWindow, follow);
    gtk_widget_class_bind_template_child(widget, WeftWindow, save);
    gtk_widget_class_bind_template_child(widget, WeftWindow, find);
    gtk_widget_class_bind_template_child(widget, WeftWindow, inspector);
    gtk_widget_class_bind_template_child(widget, WeftWindow, menu);
    gtk_widget_class_bind_template_child(widget, WeftWindow, start);
    gtk_widget_class_bind_template_child(widget, WeftWindow, lessons);
    gtk_widget_class_bind_template_callback_full(widget, "close_page",
                                                 G_CALLBACK(weft_window_close_tab));
    gtk_widget_class_bind_template_callback(widget, page_selected);
    gtk_widget_class_bind_template_callback(widget, count_changed);
}

/* Size and panels are as they were left. */
static void remember(WeftWindow *window)
{
    GSettings *settings = weft_settings();
    window->prefers_inspector = !settings || g_settings_get_boolean(settings, "inspector");
    if (!settings)
        return;
    g_settings_bind(settings, "window-width", window, "default-width", G_SETTINGS_BIND_DEFAULT);
    g_settings_bind(settings, "window-height", window, "default-height", G_SETTINGS_BIND_DEFAULT);
    g_settings_bind(settings, "window-maximized", window, "maximized", G_SETTINGS_BIND_DEFAULT);
}

static void weft_window_init(WeftWindow *window)
{
    window->closed = g_ptr_array_new_with_free_func(g_object_unref);
    gtk_widget_init_template(GTK_WIDGET(window));
    remember(window);
    weft_window_install_actions(window);
    weft_window_accept_drops(window);
    weft_window_update_actions(window);
}

WeftWindow *weft_window_new(GtkApplication *application)
{
    return g_object_new(WEFT_TYPE_WINDOW, "application", application, NULL);
}
