/* trace-page.h: one tab: the timeline of one trace or live process with its inspector, or a page
 * that says why there is none. */
#ifndef WEFT_VIEWER_TRACE_PAGE_H
#define WEFT_VIEWER_TRACE_PAGE_H

#include "app/viewer/session.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define WEFT_TYPE_TRACE_PAGE weft_trace_page_get_type()
G_DECLARE_FINAL_TYPE(WeftTracePage, weft_trace_page, WEFT, TRACE_PAGE, AdwBin)

/* Loads and follows the session from here on. */
WeftTracePage *weft_trace_page_new(WeftSession *session);
/* What could not be opened, and why. */
WeftTracePage *weft_trace_page_new_failed(const char *what, const GError *error);

/* NULL: a failed page. */
WeftSession *weft_trace_page_session(WeftTracePage *page);
/* "0.64 s · 2,914 events"; g_free it. */
char *weft_trace_page_subtitle(WeftTracePage *page);
/* Where it is from: command, host, time; g_free it. */
char *weft_trace_page_origin(WeftTracePage *page);

/* Whether the inspector is seen. "inspector-changed" tells when that is another: it goes when there
 * is no more room beside the timeline. */
gboolean weft_trace_page_inspector(WeftTracePage *page);
/* Shows or hides it, over the timeline where there is no room beside it. */
void weft_trace_page_show_inspector(WeftTracePage *page, gboolean show);
/* The same where there is room beside the timeline; where there is none, for when there is. */
void weft_trace_page_prefer_inspector(WeftTracePage *page, gboolean show);

/* What is seen of the trace beside the inspector: "timeline", "tasks", "findings". "view-changed"
 * tells when that is another. */
const char *weft_trace_page_view(WeftTracePage *page);
void weft_trace_page_set_view(WeftTracePage *page, const char *view);

/* For a projector: the view alone, large, in the presenter's colours. */
void weft_trace_page_present(WeftTracePage *page, gboolean present);

/* What the page shows, as it is drawn now. */
GdkTexture *weft_trace_page_picture(WeftTracePage *page);

/* To where one types what is looked for in the view that is seen. */
void weft_trace_page_find(WeftTracePage *page);

G_END_DECLS

#endif
