/* window-session.c: what was open, and where in it one was. Kept in the settings whenever a tab
 * comes or goes and when the window closes; opened again, one trace after another, so that the tabs
 * come in their order.
 *
 * Only traces in files: what was seen of a process is gone with it unless it was saved.
 *
 * Thread: main. */
#include "app/viewer/settings.h"
#include "app/viewer/window-private.h"

/* ---- Keeping ---- */

static GVariant *describe(WeftTracePage *page, const char *path)
{
    g_autofree char *uri = g_filename_to_uri(path, NULL, NULL);
    return g_variant_new("(ss@a{sv})", uri, weft_trace_page_view(page),
                         weft_session_place(weft_trace_page_session(page)));
}

void weft_window_keep_session(WeftWindow *window)
{
    GSettings *settings = weft_settings();
    GVariantBuilder tabs;
    int shown = 0, n = 0;
    if (!settings || window->restoring || gtk_widget_in_destruction(GTK_WIDGET(window)))
        return;
    g_variant_builder_init(&tabs, G_VARIANT_TYPE("a(ssa{sv})"));
    for (int i = 0; i < adw_tab_view_get_n_pages(window->tabs); i++) {
        AdwTabPage *tab = adw_tab_view_get_nth_page(window->tabs, i);
        WeftTracePage *page = WEFT_TRACE_PAGE(adw_tab_page_get_child(tab));
        WeftSession *session = weft_trace_page_session(page);
        const char *path = session ? weft_trace_path(weft_session_trace(session)) : NULL;
        if (!path)
            continue;
        if (tab == adw_tab_view_get_selected_page(window->tabs))
            shown = n;
        g_variant_builder_add_value(&tabs, describe(page, path));
        n++;
    }
    g_settings_set(settings, "session", "(ia(ssa{sv}))", shown, &tabs);
}

/* ---- Opening again ---- */

static void place_free(gpointer tab, GClosure *closure)
{
    g_variant_unref(tab);
    (void)closure;
}

/* A trace that is still being read has no lanes yet. */
static void return_once_loaded(WeftSession *session, guint what, GVariant *tab)
{
    if (!weft_session_loaded(session))
        return;
    g_autoptr(GVariant) place = g_variant_get_child_value(tab, 2);
    g_signal_handlers_disconnect_by_func(session, return_once_loaded, tab);
    weft_session_return_to(session, place);
    (void)what;
}

static void open_next(WeftWindow *window);

static void reopened(WeftWindow *window, WeftTracePage *page, gpointer tab)
{
    if (page) {
        WeftSession *session = weft_trace_page_session(page);
        const char *view;
        g_variant_get_child(tab, 1, "&s", &view);
        weft_trace_page_set_view(page, view);
        g_signal_connect_data(session, "changed", G_CALLBACK(return_once_loaded), tab, place_free,
                              0);
        return_once_loaded(session, 0, tab);
    } else {
        g_variant_unref(tab);
    }
    if (window && window->restoring)
        open_next(window);
}

static void open_next(WeftWindow *window)
{
    g_autoptr(GVariant) tabs = g_variant_get_child_value(window->restoring, 1);
    if (window->n_restored < g_variant_n_children(tabs)) {
        GVariant *tab = g_variant_get_child_value(tabs, window->n_restored++);
        const char *uri;
        g_variant_get_child(tab, 0, "&s", &uri);
        g_autoptr(GFile) file = g_file_new_for_uri(uri);
        weft_window_reopen(window, file, reopened, tab);
        return;
    }
    int shown;
    g_variant_get_child(window->restoring, 0, "i", &shown);
    g_clear_pointer(&window->restoring, g_variant_unref);
    if (shown >= 0 && shown < adw_tab_view_get_n_pages(window->tabs))
        adw_tab_view_set_selected_page(window->tabs,
                                       adw_tab_view_get_nth_page(window->tabs, shown));
    weft_window_keep_session(window);
}

void weft_window_restore_session(WeftWindow *window)
{
    GSettings *settings = weft_settings();
    if (!settings || window->restoring || !g_settings_get_boolean(settings, "restore"))
        return;
    window->restoring = g_settings_get_value(settings, "session");
    window->n_restored = 0;
    open_next(window);
}
