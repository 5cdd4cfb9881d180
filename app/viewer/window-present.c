/* window-present.c: the window before a class (F11): the whole screen, dark, and nothing but the
 * view of the tab shown; keys do the rest. */
#include "app/viewer/window-private.h"

/* Left by other ways than F11. */
static void fullscreen_changed(WeftWindow *window)
{
    if (window->presenting && !gtk_window_is_fullscreen(GTK_WINDOW(window)))
        weft_window_present(window, FALSE);
}

static void begin(WeftWindow *window)
{
    AdwStyleManager *style = adw_style_manager_get_default();
    window->usual_colors = adw_style_manager_get_color_scheme(style);
    adw_style_manager_set_color_scheme(style, ADW_COLOR_SCHEME_FORCE_DARK);
    gtk_window_fullscreen(GTK_WINDOW(window));
    g_signal_connect(window, "notify::fullscreened", G_CALLBACK(fullscreen_changed), NULL);
}

static void end(WeftWindow *window)
{
    g_signal_handlers_disconnect_by_func(window, fullscreen_changed, NULL);
    gtk_window_unfullscreen(GTK_WINDOW(window));
    adw_style_manager_set_color_scheme(adw_style_manager_get_default(), window->usual_colors);
}

void weft_window_present(WeftWindow *window, gboolean present)
{
    WeftTracePage *shown = weft_window_page(window);
    gboolean changes = present != window->presenting;
    window->presenting = present;
    gtk_widget_set_visible(window->header, !present);
    gtk_widget_set_visible(window->tab_bar, !present);
    if (changes && present)
        begin(window);
    for (int i = 0; i < adw_tab_view_get_n_pages(window->tabs); i++) {
        AdwTabPage *tab = adw_tab_view_get_nth_page(window->tabs, i);
        WeftTracePage *page = WEFT_TRACE_PAGE(adw_tab_page_get_child(tab));
        weft_trace_page_present(page, present && page == shown);
    }
    if (changes && present && shown)
        weft_trace_page_set_view(shown, "dispatch");
    if (changes && !present)
        end(window);
    if (changes)
        weft_window_update_actions(window);
}
