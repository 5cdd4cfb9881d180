/* trace-page-find.c: what is looked for. In the timeline and in Dispatch a bar is above the view:
 * in the timeline the tasks whose names hold the text are left as one types; on demand one goes
 * from event to event in which it occurs. Who goes to a task that the text hides is shown all of
 * them: the text stays in the box, and filters again once it is another, or on Enter. The lists
 * have a box of their own, and keep what they show. */
#include "app/viewer/count.h"
#include "app/viewer/trace-page-private.h"

static gboolean shows(WeftTracePage *page, const char *view)
{
    return g_str_equal(weft_trace_page_view(page), view);
}

void weft_trace_page_count_found(WeftTracePage *page)
{
    const struct weft_scene *scene = weft_session_scene(page->session);
    if (g_strcmp0(page->match_of, gtk_editable_get_text(GTK_EDITABLE(page->search_entry))) != 0)
        g_clear_pointer(&page->match_of, g_free);
    if (page->match_of || !gtk_search_bar_get_search_mode(page->search) ||
        !shows(page, "timeline") || scene->rows_late)
        return;
    guint found = weft_scene_found(scene);
    g_autofree char *count = weft_count(found);
    g_autofree char *text = page->bared ? g_strdup_printf(found == 1 ? "%s task, not filtered"
                                                                     : "%s tasks, not filtered",
                                                          count)
                            : !weft_session_view(page->session)->filter
                                ? g_strdup_printf(found == 1 ? "%s task" : "%s tasks", count)
                            : found == 0
                                ? g_strdup("no task found")
                                : g_strdup_printf(found == 1 ? "%s task found" : "%s tasks found",
                                                  count);
    gtk_label_set_text(page->search_count, text);
}

static void filter(WeftTracePage *page)
{
    const char *text = gtk_editable_get_text(GTK_EDITABLE(page->search_entry));
    if (g_strcmp0(page->filtered, text) != 0)
        page->bared = FALSE;
    if (!page->session || !shows(page, "timeline") || page->bared)
        return;
    g_free(page->filtered);
    page->filtered = g_strdup(text);
    weft_session_filter(page->session, text);
}

static void filter_again(WeftTracePage *page)
{
    page->bared = FALSE;
    filter(page);
}

/* The entry tells only when one pauses: by then the text may have filtered, and hidden what is gone
 * to. */
void weft_trace_page_search_changed(GtkSearchEntry *entry, WeftTracePage *page)
{
    const char *text = gtk_editable_get_text(GTK_EDITABLE(entry));
    if (g_strcmp0(page->filtered, text) != 0)
        filter_again(page);
}

void weft_trace_page_filter_given_up(WeftTracePage *page)
{
    g_autofree char *text = g_strdup_printf(
        "“%s” hid it: all tasks are shown",
        gtk_editable_get_text(GTK_EDITABLE(page->search_entry)));
    page->bared = TRUE;
    weft_trace_page_count_found(page);
    gtk_widget_activate_action(GTK_WIDGET(page), "win.say", "s", text);
}

void weft_trace_page_search_activated(GtkSearchEntry *entry, WeftTracePage *page)
{
    filter_again(page);
    if (!page->session)
        return;
    if (!shows(page, "timeline"))
        weft_trace_page_next_match(page);
    else if (!weft_session_find(page->session))
        gtk_widget_error_bell(GTK_WIDGET(entry));
    weft_trace_page_set_view(page, weft_trace_page_view(page)); /* the focus goes there */
}

/* Escape: the bar goes by itself, slowly; keys are not for it any more. */
void weft_trace_page_search_stopped(GtkSearchEntry *entry, WeftTracePage *page)
{
    if (page->session)
        weft_trace_page_set_view(page, weft_trace_page_view(page));
    (void)entry;
}

void weft_trace_page_find(WeftTracePage *page)
{
    if (!page->session)
        return;
    if (shows(page, "tasks")) {
        weft_task_table_find(page->tasks);
    } else if (shows(page, "findings")) {
        weft_findings_list_find(page->findings);
    } else {
        gtk_search_bar_set_search_mode(page->search, TRUE);
        gtk_widget_grab_focus(GTK_WIDGET(page->search_entry));
        weft_trace_page_count_found(page);
    }
}

void weft_trace_page_move_search(WeftTracePage *page)
{
    gtk_widget_set_visible(GTK_WIDGET(page->search),
                           shows(page, "timeline") || shows(page, "dispatch"));
    gtk_label_set_text(page->search_count, "");
    g_clear_pointer(&page->match_of, g_free);
    filter(page);
    if (page->session)
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
        g_free(page->match_of);
        page->match_of = g_strdup(gtk_editable_get_text(GTK_EDITABLE(page->search_entry)));
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
    filter(page); /* the entry tells late what is typed */
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
