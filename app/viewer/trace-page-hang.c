/* trace-page-hang.c: the banner that says unasked what hangs, and who holds it. */
#include "app/viewer/trace-page-private.h"

/* What hangs is said unasked, as long as it does; once closed it is not said again. */
static void show_answer(WeftTracePage *page)
{
    const struct weft_finding *hang = weft_session_hang(page->session);
    gboolean news = hang && g_strcmp0(hang->key, page->answered) != 0;
    if (!hang)
        gtk_info_bar_set_revealed(page->answer, FALSE);
    if (!hang || (!news && !gtk_info_bar_get_revealed(page->answer)))
        return;
    g_free(page->answered);
    page->answered = g_strdup(hang->key);
    gtk_info_bar_set_message_type(page->answer, hang->severity == WEFT_SEVERITY_ERROR
                                                    ? GTK_MESSAGE_ERROR
                                                    : GTK_MESSAGE_WARNING);
    gtk_image_set_from_icon_name(page->answer_icon, weft_severity_icon(hang->severity));
    gtk_label_set_text(page->answer_text, hang->message);
    gtk_label_set_text(page->answer_fix, hang->fix);
    gtk_info_bar_set_revealed(page->answer, TRUE);
}

void weft_trace_page_answer_response(GtkInfoBar *bar, int response, WeftTracePage *page)
{
    const struct weft_finding *hang = weft_session_hang(page->session);
    if (response != GTK_RESPONSE_ACCEPT)
        gtk_info_bar_set_revealed(bar, FALSE);
    else if (hang)
        weft_session_show_finding(page->session, hang);
}

void weft_trace_page_show_findings(WeftTracePage *page)
{
    show_answer(page);
    if (!weft_session_looked(page->session) && !page->look_source) /* or it is due */
        weft_session_look(page->session);
}
