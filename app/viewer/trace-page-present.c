/* trace-page-present.c: a tab before a class: the view alone, its colours and sizes those of a
 * projector. Sizes are for 900 px of height, and grow with the window. */
#include "app/viewer/trace-page-private.h"

#define TEXT_PX 14.667 /* of 11 pt */

static double height_of(WeftTracePage *page)
{
    GtkRoot *root = gtk_widget_get_root(GTK_WIDGET(page));
    int height = root ? gtk_widget_get_height(GTK_WIDGET(root)) : 0;
    return height > 0 ? height : 900;
}

double weft_trace_page_presenter_scale(WeftTracePage *page)
{
    return MAX(WEFT_PROJECTOR_SCALE * CLAMP(height_of(page) / 900, 0.6, 3),
               weft_trace_page_text_scale(page)); /* no smaller than elsewhere */
}

void weft_trace_page_style_presenter(WeftTracePage *page)
{
    static GtkCssProvider *provider; /* of the display: the last that presents decides */
    g_autofree char *css = g_strdup_printf(".presenter { font-size: %dpx; }",
                                           (int)(TEXT_PX * weft_trace_page_presenter_scale(page)));
    if (!provider) {
        provider = gtk_css_provider_new();
        gtk_style_context_add_provider_for_display(gtk_widget_get_display(GTK_WIDGET(page)),
                                                   GTK_STYLE_PROVIDER(provider),
                                                   GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
    }
    gtk_css_provider_load_from_data(provider, css, -1);
}

static void size_changed(WeftTracePage *page)
{
    if (page->presenting && page->session)
        weft_trace_page_restyle(page);
}

void weft_trace_page_present(WeftTracePage *page, gboolean present)
{
    if (present == page->presenting || !page->session)
        return;
    GtkNative *native = gtk_widget_get_native(GTK_WIDGET(page));
    page->presenting = present;
    gtk_widget_set_visible(GTK_WIDGET(page->minimap), !present);
    gtk_widget_set_cursor_from_name(GTK_WIDGET(page), present ? "none" : NULL);
    weft_dispatch_page_present(page->dispatch, present);
    weft_trace_page_update_inspector(page);
    if (present) {
        gtk_widget_add_css_class(GTK_WIDGET(page), "presenter");
        g_signal_connect_object(gtk_native_get_surface(native), "notify::height",
                                G_CALLBACK(size_changed), page, G_CONNECT_SWAPPED);
    } else {
        gtk_widget_remove_css_class(GTK_WIDGET(page), "presenter");
        g_signal_handlers_disconnect_by_func(gtk_native_get_surface(native), size_changed, page);
    }
    weft_trace_page_restyle(page);
}
