/* goto.h: one box for tasks, lanes, moments and commands (Ctrl+P): type a part of what is meant,
 * press Enter. */
#ifndef WEFT_VIEWER_GOTO_H
#define WEFT_VIEWER_GOTO_H

#include "app/viewer/session.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define WEFT_TYPE_GOTO weft_goto_get_type()
G_DECLARE_FINAL_TYPE(WeftGoto, weft_goto, WEFT, GOTO, AdwBin)

/* Shows it, empty, with the keyboard's focus. session: whose lanes; NULL: commands alone. Commands
 * are activated as actions of `page`, or where that is NULL, of the box itself. It goes when
 * something was chosen, with Escape, and when the focus goes elsewhere. */
void weft_goto_open(WeftGoto *box, WeftSession *session, GtkWidget *page);

/* "315ms", "1.25 s": a moment, in ns; FALSE: it is none. */
gboolean weft_goto_moment(const char *text, gint64 *ns);

G_END_DECLS

#endif
