/* window.h: one window: start page or tabs, header bar, what opens and closes tabs. */
#ifndef WEFT_VIEWER_WINDOW_H
#define WEFT_VIEWER_WINDOW_H

#include "app/viewer/trace-page.h"

G_BEGIN_DECLS

#define WEFT_TYPE_WINDOW weft_window_get_type()
G_DECLARE_FINAL_TYPE(WeftWindow, weft_window, WEFT, WINDOW, AdwApplicationWindow)

WeftWindow *weft_window_new(GtkApplication *application);

/* Opens a trace in a new tab. Reads in a thread; what cannot be opened gets a page that says why.
 */
void weft_window_open(WeftWindow *window, GFile *file);
/* Follows a running process in a new tab. */
void weft_window_attach(WeftWindow *window, guint64 pid);

/* Opens what was open when the viewer was last closed, unless the user does not want that. */
void weft_window_restore_session(WeftWindow *window);

/* Closes it without a question: there is nobody to answer. */
void weft_window_end(WeftWindow *window);

/* The page of the tab shown; NULL: the start page. */
WeftTracePage *weft_window_page(WeftWindow *window);

G_END_DECLS

#endif
