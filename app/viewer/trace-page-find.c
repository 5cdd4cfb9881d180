/* trace-page-find.c: the search bar: as one types the tasks whose names hold the text are left; on
 * demand one goes from event to event in which it occurs. */
#include "app/viewer/count.h"
#include "app/viewer/trace-page-private.h"

void weft_trace_page_count_found(WeftTracePage *page)
{
    if (!gtk_search_bar_get_search_mode(page->search))
        return;
    const struct weft_scene *scene = weft_session_scene(page->session);
    guint tasks = 0;
    for (guint i = 0; i < scene->rows->len; i++)
        tasks += weft_scene_row(scene, i)->kind == WEFT_ROW_TASK;
    g_autofree char *text = g_strdup_printf(tasks == 1 ? "%u task shown" : "%u tasks shown", tasks);
    gtk_label_set_text(page->search_count, text);
}

void weft_trace_page_search_changed(GtkSearchEntry *entry, WeftTracePage *page)
{
    if (!page->session)
        return;
    weft_session_filter(page->session, gtk_editable_get_text(GTK_EDITABLE(entry)));
}

void weft_trace_page_search_activated(GtkSearchEntry *entry, WeftTracePage *page)
{
    weft_trace_page_search_changed(entry, page); /* which the entry tells only when one pauses */
    if (page->session && !weft_session_find(page->session))
        gtk_widget_error_bell(GTK_WIDGET(entry));
    gtk_widget_grab_focus(GTK_WIDGET(page->lanes));
}

void weft_trace_page_find(WeftTracePage *page)
{
    if (!page->session)
        return;
    gtk_search_bar_set_search_mode(page->search, TRUE);
    gtk_widget_grab_focus(GTK_WIDGET(page->search_entry));
    weft_trace_page_count_found(page);
}

/* "fetch-1 at 1.3 ms", "cache is warm at 12.0 ms". */
static char *match_text(WeftTracePage *page, const struct weft_match *match)
{
    weft_trace *trace = weft_session_trace(page->session);
    g_autofree char *when = weft_view_time(weft_session_view(page->session), match->time_ns);
    const char *said = match->in == WEFT_MATCH_TEXT ? weft_trace_string(trace, match->text) : NULL;
    const struct weft_trace_site *site = match->in == WEFT_MATCH_SITE
                                             ? weft_trace_site(trace, match->site)
                                             : NULL;
    g_autofree char *name = weft_model_name(weft_session_model(page->session), match->id);
    return site ? g_strdup_printf("%s:%u at %s", site->file, site->line, when)
                : g_strdup_printf("%s at %s", said ? said : name, when);
}

static void counted(GObject *session, GAsyncResult *result, gpointer data)
{
    WeftTracePage *page = data;
    guint64 total, place;
    if (weft_session_count_finish(WEFT_SESSION(session), result, &total, &place) && page->session) {
        g_autofree char *all = weft_count(total), *at = weft_count(place);
        g_autofree char *text = g_strdup_printf("%s · %s of %s",
                                                gtk_label_get_text(page->search_count), at, all);
        gtk_label_set_text(page->search_count, text);
    }
    g_object_unref(page);
}

static void match_found(GObject *session, GAsyncResult *result, gpointer data)
{
    WeftTracePage *page = data;
    struct weft_match match;
    g_autoptr(GError) error = NULL;
    gboolean found = weft_session_find_finish(WEFT_SESSION(session), result, &match, &error);
    if (page->session && !g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
        g_autofree char *text = found   ? match_text(page, &match)
                                : error ? g_strdup(error->message)
                                        : g_strdup("no more matches");
        gtk_label_set_text(page->search_count, text);
        if (found)
            weft_session_count_matches(page->session,
                                       gtk_editable_get_text(GTK_EDITABLE(page->search_entry)),
                                       counted, g_object_ref(page));
    }
    g_object_unref(page);
}

static void find_next(WeftTracePage *page, int direction)
{
    const char *text = gtk_editable_get_text(GTK_EDITABLE(page->search_entry));
    if (!text[0])
        weft_trace_page_find(page);
    else
        weft_session_find_next(page->session, text, direction, match_found, g_object_ref(page));
}

void weft_trace_page_next_match(WeftTracePage *page)
{
    find_next(page, 1);
}

void weft_trace_page_previous_match(WeftTracePage *page)
{
    find_next(page, -1);
}
