/* trace-page-watch.c: says so when the trace's file is deleted, cut short, or another one has taken
 * its name while it is shown. What was opened is still read from the file that was opened.
 *
 * A file that grows, by notes or because it is being recorded, is still the same one. */
#include "app/viewer/trace-page-private.h"

#include <glib/gstdio.h>

enum { LOOK_AFTER_MS = 200 }; /* whoever replaces a file does it in steps */

static gboolean look(gpointer data)
{
    WeftTracePage *page = data;
    GStatBuf now;
    const char *path = weft_trace_path(weft_session_trace(page->session));
    page->watch_timer = 0;
    if (g_stat(path, &now) != 0)
        weft_trace_page_notice(page,
                               "The file was deleted, or moved elsewhere: what is shown is "
                               "what was opened, until it is closed.",
                               FALSE);
    else if (now.st_dev != page->file_device || now.st_ino != page->file_inode)
        weft_trace_page_notice(page,
                               "Another file has taken this one's name: what is shown is "
                               "what was opened.",
                               TRUE);
    else if (now.st_size < page->file_size)
        weft_trace_page_notice(page,
                               "The file was written over or cut short: what was not read "
                               "yet cannot be shown any more.",
                               TRUE);
    else
        page->file_size = now.st_size;
    return G_SOURCE_REMOVE;
}

static void file_changed(WeftTracePage *page)
{
    if (!page->watch_timer)
        page->watch_timer = g_timeout_add(LOOK_AFTER_MS, look, page);
}

void weft_trace_page_watch(WeftTracePage *page)
{
    GStatBuf now;
    const char *path = weft_trace_path(weft_session_trace(page->session));
    if (!path || g_stat(path, &now) != 0)
        return;
    page->file_device = now.st_dev;
    page->file_inode = now.st_ino;
    page->file_size = now.st_size;
    g_autoptr(GFile) file = g_file_new_for_path(path);
    page->watch = g_file_monitor_file(file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
    if (page->watch)
        g_signal_connect_swapped(page->watch, "changed", G_CALLBACK(file_changed), page);
}

void weft_trace_page_unwatch(WeftTracePage *page)
{
    if (page->watch)
        g_signal_handlers_disconnect_by_data(page->watch, page);
    g_clear_object(&page->watch);
    g_clear_handle_id(&page->watch_timer, g_source_remove);
}
