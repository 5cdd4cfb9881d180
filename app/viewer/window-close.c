/* window-close.c: closing tabs and the window. A trace in a file can be had back; what was seen of
 * a process and is kept nowhere cannot: so it is asked first.
 *
 * The window asks for one tab after the other: when that one has gone, it closes anew. */
#include "app/viewer/session-save.h"
#include "app/viewer/window-private.h"

static WeftSession *session_of(AdwTabPage *tab)
{
    return weft_trace_page_session(WEFT_TRACE_PAGE(adw_tab_page_get_child(tab)));
}

/* ---- Tabs ---- */

static void undo_close(AdwToast *toast, WeftWindow *window)
{
    gtk_widget_activate_action(GTK_WIDGET(window), "win.reopen-tab", NULL);
    (void)toast;
}

static void offer_again(WeftWindow *window, AdwTabPage *tab, const char *path)
{
    g_autofree char *text = g_strdup_printf("Closed %s", adw_tab_page_get_title(tab));
    AdwToast *toast = adw_toast_new(text);
    adw_toast_set_button_label(toast, "_Undo");
    g_signal_connect_object(toast, "button-clicked", G_CALLBACK(undo_close), window, 0);
    adw_toast_overlay_add_toast(window->toasts, toast);
    g_ptr_array_add(window->closed, g_file_new_for_path(path));
}

/* Closes it, or not. What had the focus in it would have it until the next frame, in no window: a
 * key pressed before that would be lost. */
static void finish(WeftWindow *window, AdwTabPage *tab, gboolean close)
{
    if (close)
        gtk_window_set_focus(GTK_WINDOW(window), NULL);
    adw_tab_view_close_page_finish(window->tabs, tab, close);
    if (close && !gtk_window_get_focus(GTK_WINDOW(window))) {
        WeftTracePage *page = weft_window_page(window);
        if (page)
            gtk_widget_grab_focus(GTK_WIDGET(page));
        else
            gtk_widget_child_focus(window->start, GTK_DIR_TAB_FORWARD);
    }
}

struct closing {
    WeftWindow *window;
    AdwTabPage *tab;
};

static void close_finish(struct closing *closing, gboolean close)
{
    WeftWindow *window = closing->window;
    gboolean window_too = window->closing && close;
    window->closing = FALSE;
    if (window->tabs) /* else it was ended meanwhile */
        finish(window, closing->tab, close);
    if (window_too)
        gtk_window_close(GTK_WINDOW(window));
    g_object_unref(closing->tab);
    g_object_unref(window);
    g_free(closing);
}

static void saved(gboolean done, gpointer closing)
{
    close_finish(closing, done);
}

static void answered(AdwMessageDialog *dialog, const char *response, struct closing *closing)
{
    gtk_window_set_transient_for(GTK_WINDOW(dialog), NULL); /* it may outlive the window a little */
    if (g_str_equal(response, "save"))
        weft_window_save(closing->window, session_of(closing->tab), saved, closing);
    else
        close_finish(closing, g_str_equal(response, "close"));
}

/* What is being closed: one tab alone is not seen as one. */
static const char *what_closes(WeftWindow *window)
{
    return window->closing                              ? "window"
           : adw_tab_view_get_n_pages(window->tabs) > 1 ? "tab"
                                                        : "trace";
}

static void ask(WeftWindow *window, AdwTabPage *tab)
{
    struct closing *closing = g_new(struct closing, 1);
    *closing = (struct closing){ g_object_ref(window), g_object_ref(tab) };
    GtkWidget *widget = adw_message_dialog_new(GTK_WINDOW(window), "Save What Was Seen?", NULL);
    AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG(widget);
    adw_message_dialog_format_body(dialog,
                                   "What was seen of %s is in no file. It is gone for good when "
                                   "the %s is closed without saving.",
                                   adw_tab_page_get_title(tab), what_closes(window));
    adw_message_dialog_add_responses(dialog, "cancel", "_Cancel", "close", "_Close Without Saving",
                                     "save", "_Save…", NULL);
    adw_message_dialog_set_response_appearance(dialog, "close", ADW_RESPONSE_DESTRUCTIVE);
    adw_message_dialog_set_response_appearance(dialog, "save", ADW_RESPONSE_SUGGESTED);
    adw_message_dialog_set_default_response(dialog, "save");
    adw_message_dialog_set_close_response(dialog, "cancel");
    g_signal_connect(dialog, "response", G_CALLBACK(answered), closing);
    gtk_window_present(GTK_WINDOW(dialog));
}

gboolean weft_window_close_tab(AdwTabView *tabs, AdwTabPage *tab, WeftWindow *window)
{
    WeftSession *session = session_of(tab);
    const char *path = session ? weft_trace_path(weft_session_trace(session)) : NULL;
    if (session && weft_session_unsaved(session)) {
        ask(window, tab);
        return GDK_EVENT_STOP;
    }
    if (path)
        offer_again(window, tab, path);
    finish(window, tab, TRUE);
    (void)tabs;
    return GDK_EVENT_STOP;
}

/* ---- The window ---- */

static AdwTabPage *unsaved(WeftWindow *window)
{
    for (int i = 0; i < adw_tab_view_get_n_pages(window->tabs); i++) {
        AdwTabPage *tab = adw_tab_view_get_nth_page(window->tabs, i);
        if (session_of(tab) && weft_session_unsaved(session_of(tab)))
            return tab;
    }
    return NULL;
}

gboolean weft_window_may_close(WeftWindow *window)
{
    AdwTabPage *tab = window->ending ? NULL : unsaved(window);
    if (!tab)
        return TRUE;
    window->closing = TRUE;
    adw_tab_view_set_selected_page(window->tabs, tab);
    adw_tab_view_close_page(window->tabs, tab);
    return FALSE;
}

void weft_window_end(WeftWindow *window)
{
    window->ending = TRUE;
    gtk_window_close(GTK_WINDOW(window));
}
