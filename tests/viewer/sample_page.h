/* sample_page.h: one tab, whole, in a window under a real X server. */
#ifndef WEFT_TESTS_VIEWER_SAMPLE_PAGE_H
#define WEFT_TESTS_VIEWER_SAMPLE_PAGE_H

#include "app/viewer/trace-page.h"

#define MS INT64_C(1000000)

struct page {
    GtkWidget *window;
    WeftTracePage *page;
    WeftSession *session;
};

/* As g_test_init(), in a zone two hours east of UTC, without animations. */
void page_tests_init(int *argc, char ***argv);

/* Opens a tab and waits until it is read, looked for findings, of which one may be selected then,
 * and drawn: of three fetches, or of a trace, which it owns
 * from then on. */
void page_open(struct page *page, gboolean lossy);
void page_open_trace(struct page *page, weft_trace *trace);
void page_close(struct page *page);

/* Runs the main loop until two whole frames have been drawn: all that is due now is in the second.
 */
void settle(GtkWidget *window);

/* Does what a key or a menu does; the action must be there. */
void act(struct page *page, const char *action);

/* What a key does that nothing within the tab takes; FALSE: nothing, it is passed on. */
gboolean press(struct page *page, guint key, GdkModifierType modifiers);

const struct weft_view *view_of(struct page *page);

/* How long the stretch is that is seen, ns. */
gint64 span_of(struct page *page);

/* The task's lane; there must be one. */
guint page_lane(struct page *page, const char *name);

/* The row of a lock, once it is read. */
guint page_lock_lane(struct page *page);

#endif
