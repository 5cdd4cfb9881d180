/* trace-page-about.c: what a page says of itself: how long its trace is, where it is from; and its
 * picture. */
#include "app/viewer/count.h"
#include "app/viewer/trace-page-private.h"

enum { ORIGINS_MAX = 8 }; /* processes described one by one */

GdkTexture *weft_trace_page_picture(WeftTracePage *page)
{
    GtkWidget *widget = GTK_WIDGET(page);
    g_autoptr(GdkPaintable) paintable = gtk_widget_paintable_new(widget);
    int width = gtk_widget_get_width(widget), height = gtk_widget_get_height(widget);
    GtkSnapshot *snapshot = gtk_snapshot_new();
    GdkRGBA background;
    gtk_style_context_lookup_color(gtk_widget_get_style_context(widget), "window_bg_color",
                                   &background);
    gtk_snapshot_append_color(snapshot, &background, &GRAPHENE_RECT_INIT(0, 0, width, height));
    gdk_paintable_snapshot(paintable, GDK_SNAPSHOT(snapshot), width, height);
    g_autoptr(GskRenderNode) node = gtk_snapshot_free_to_node(snapshot);
    return gsk_renderer_render_texture(gtk_native_get_renderer(gtk_widget_get_native(widget)), node,
                                       &GRAPHENE_RECT_INIT(0, 0, width, height));
}

char *weft_trace_page_subtitle(WeftTracePage *page)
{
    if (!page->session)
        return g_strdup("");
    weft_model *model = weft_session_model(page->session);
    weft_live *live = weft_session_live(page->session);
    /* Without an event its end is the least there is, and no length. */
    gboolean lasts = live || weft_model_events(model) > 0;
    g_autofree char *length = weft_format_duration(lasts ? weft_session_end_ns(page->session) : 0);
    g_autofree char *events = weft_count(weft_model_events(model));
    g_autofree char *lost_slots = weft_count(weft_model_lost(model));
    g_autofree char *lost = weft_model_lost(model) ? g_strdup_printf(" · %s lost", lost_slots)
                                                   : g_strdup("");
    return g_strdup_printf("%s · %s events%s%s%s", length, events, lost, live ? " · " : "",
                           live ? weft_live_status(live) : "");
}

static void describe_source(GString *text, const struct weft_trace_source *source)
{
    g_string_append_printf(text, "%s%s\npid %" G_GUINT64_FORMAT, text->len ? "\n" : "",
                           source->program, source->pid);
    if (source->host && source->host[0])
        g_string_append_printf(text, " on %s", source->host);
    if (source->start_realtime_ns) {
        g_autoptr(GDateTime) start = g_date_time_new_from_unix_local(
            (source->start_realtime_ns + source->start_ns) / 1000000000);
        g_autofree char *when = g_date_time_format(start, "%Y-%m-%d %H:%M:%S");
        g_string_append_printf(text, ", %s", when);
    }
}

char *weft_trace_page_origin(WeftTracePage *page)
{
    if (!page->session)
        return g_strdup("");
    const weft_trace *trace = weft_session_trace(page->session);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < MIN(weft_trace_n_sources(trace), ORIGINS_MAX); i++)
        describe_source(text, weft_trace_source_at(trace, i));
    if (weft_trace_n_sources(trace) > ORIGINS_MAX)
        g_string_append_printf(text, "\n%u processes in all", weft_trace_n_sources(trace));
    g_autofree char *path = weft_trace_path(trace) ? g_filename_display_name(weft_trace_path(trace))
                                                   : NULL;
    if (path)
        g_string_append_printf(text, "\n%s", path);
    return g_string_free(text, FALSE);
}
